//! Whether a branch can be pushed to by whoever may write. Required reviews, a list of who may push, and a lock keep a
//! writer out; required checks do not, since the writer writes what is checked.

use super::facts::{Protection, Who};
use super::read::account;
use crate::import::tree::Value;
use std::collections::BTreeSet;

/// What a list of branches says of one: only whether it is protected, and by which checks.
pub fn of_branch(item: &Value, protected: Option<bool>) -> Option<Protection> {
    match protected {
        None => None,
        Some(false) => Some(Protection {
            open: Some(true),
            ..Protection::default()
        }),
        // The details are in another answer, or nowhere.
        Some(true) => {
            let mut protection = Protection::default();
            if item.pointer("/protection/required_status_checks").is_some() {
                protection.words.push("status checks".to_owned());
            }
            Some(protection)
        }
    }
}

/// What the answer about one branch's protection says.
pub fn of_details(item: &Value) -> Protection {
    let mut found = Protection {
        open: Some(true),
        ..Protection::default()
    };
    let stated = |key: &str| item.get(key).filter(|v| !v.is_null());
    if let Some(reviews) = stated("required_pull_request_reviews") {
        let count = reviews.get("required_approving_review_count").and_then(Value::as_u64);
        // None approving still needs a pull request, which its author may merge.
        if count != Some(0) {
            found.closed("required reviews");
        }
        let passes = reviews.get("bypass_pull_request_allowances");
        found.passes.extend(passes.into_iter().flat_map(people));
    }
    if let Some(restrictions) = stated("restrictions") {
        found.closed("restricted pushes");
        // Whoever may push must still have the review.
        if stated("required_pull_request_reviews").is_none() {
            found.passes.extend(people(restrictions));
        }
    }
    if item.pointer("/lock_branch/enabled").and_then(Value::as_bool) == Some(true) {
        found.closed("a lock");
        found.passes.clear();
    }
    if stated("required_status_checks").is_some() {
        found.words.push("status checks".to_owned());
    }
    found
}

/// What a rule of the GraphQL interface says.
pub fn of_rule(item: &Value) -> Protection {
    let flag = |key: &str| item.get(key).and_then(Value::as_bool) == Some(true);
    let mut found = Protection {
        open: Some(true),
        ..Protection::default()
    };
    let reviews =
        flag("requiresApprovingReviews") && item.get("requiredApprovingReviewCount").and_then(Value::as_u64) != Some(0);
    if reviews {
        found.closed("required reviews");
        found.passes.extend(actors(item, "bypassPullRequestAllowances"));
    }
    if flag("restrictsPushes") {
        found.closed("restricted pushes");
        if !reviews {
            found.passes.extend(actors(item, "pushAllowances"));
        }
    }
    if flag("lockBranch") {
        found.closed("a lock");
        found.passes.clear();
    }
    if flag("requiresStatusChecks") {
        found.words.push("status checks".to_owned());
    }
    found
}

impl Protection {
    fn closed(&mut self, by: &str) {
        self.open = Some(false);
        self.words.push(by.to_owned());
    }
}

/// Users, teams and apps in an object of three lists.
fn people(lists: &Value) -> BTreeSet<Who> {
    let of = |key: &str| lists.get(key).and_then(Value::as_array).into_iter().flatten();
    let slug = |item: &Value| item.get("slug").and_then(Value::as_str).map(str::to_owned);
    let users = of("users").filter_map(|item| account(item).map(|a| Who::User(a.login)));
    let teams = of("teams").filter_map(|item| slug(item).map(Who::Team));
    let apps = of("apps").filter_map(|item| slug(item).map(Who::App));
    users.chain(teams).chain(apps).collect()
}

/// The actors of a rule's list: `nodes[].actor` with a login or a slug.
fn actors(item: &Value, key: &str) -> BTreeSet<Who> {
    let nodes = item
        .get(key)
        .and_then(|list| list.get("nodes"))
        .and_then(Value::as_array);
    nodes
        .into_iter()
        .flatten()
        .filter_map(|node| {
            let actor = node.get("actor").unwrap_or(node);
            let text = |key: &str| actor.get(key).and_then(Value::as_str).map(str::to_owned);
            match (text("__typename").as_deref(), text("login"), text("slug")) {
                (Some("App"), _, Some(slug)) => Some(Who::App(slug)),
                (_, Some(login), _) => Some(Who::User(login)),
                (_, None, Some(slug)) => Some(Who::Team(slug)),
                _ => None,
            }
        })
        .collect()
}
