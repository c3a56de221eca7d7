//! Answers of GitHub's REST interface as facts, each with its place.

use super::facts::{
    Account, BranchPolicy, Fact, ListedFor, PeopleOf, Permissions, Selection, Stated, Team, TeamsOf, Whereabouts, Who,
};
use super::protection;
use super::shape::{self, Shape};
use super::whereabouts::{self, number_after};
use super::workflow;
use crate::import::documents::{self, broken};
use crate::import::json::pointer_step;
use crate::import::lenient::Log;
use crate::import::pile::Pile;
use crate::import::tree::Value;
use crate::import::{Input, secrets};
use crate::model::{Fragment, Piece};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// What some of a file's answers say.
pub struct Reader<'i, 'a> {
    pub log: Log<'i, 'a>,
    pub facts: Vec<Stated>,
    /// Where what was stated last belongs: so does most of what comes.
    last: Option<Arc<Whereabouts>>,
    /// Whether a list says it has more than is here.
    pub partial: bool,
    file: &'i Whereabouts,
    /// Permissions that were met: few differ.
    met: HashSet<Permissions>,
}

impl Reader<'_, '_> {
    /// Permissions by name.
    pub fn permissions(&mut self, value: Option<&Value>) -> Permissions {
        let members = value.and_then(Value::as_object).into_iter().flatten();
        let named = levels(members.map(|(key, level)| (key, level.as_str())));
        let one: Permissions = named
            .into_iter()
            .map(|(name, level)| (name.into(), level.into()))
            .collect();
        match self.met.get(&one) {
            Some(met) => met.clone(),
            None => {
                self.met.insert(one.clone());
                one
            }
        }
    }
}

/// Reads a file of answers.
pub fn read(input: &Input) -> Fragment {
    let file = whereabouts::of_name(input.name);
    let (found, units) = documents::units(input);
    let goes = documents::in_goes(
        input,
        &units,
        |unit| unit.offset,
        |_, units| {
            let mut reader = Reader {
                log: Log::new(input),
                facts: Vec::new(),
                last: None,
                partial: false,
                file: &file,
                met: HashSet::new(),
            };
            for unit in units {
                let value = documents::borrowed(&input.text[unit.offset..]);
                let pointer = unit.pointer();
                reader.log.near(pointer.clone(), unit.offset, unit.line);
                match unit.index {
                    (None, _) => reader.value(&value, ""),
                    // How deep the list lies that it is in.
                    (Some(_), None) => reader.listed(&value, &pointer, 0),
                    (Some(_), Some(_)) => reader.listed(&value, &pointer, 1),
                }
            }
            let (said, more) = reader.log.parts();
            (said, more, reader.facts, reader.partial)
        },
    );
    let mut log = Log::new(input);
    let mut facts = Pile::default();
    let mut partial = false;
    for (said, more, of_go, partial_go) in goes {
        log.absorb(said, more);
        facts.append(of_go);
        partial |= partial_go;
    }
    input.report(input.text.len());
    log.said.extend(broken(&found, input.whole()));
    Fragment {
        complete: found.whole && !partial,
        diagnostics: log.finish(),
        pieces: vec![Piece::new(super::FAMILY, facts)],
        ..Fragment::default()
    }
}

impl Reader<'_, '_> {
    /// A document, a page, or a list.
    fn value(&mut self, value: &Value, pointer: &str) {
        match value {
            Value::Array(items) => {
                // A list of pages, or of items.
                for (i, item) in items.iter().enumerate() {
                    self.listed(item, &format!("{pointer}/{i}"), pointer.matches('/').count());
                }
            }
            Value::Object(_) => self.object(value, pointer),
            _ => self.not_understood(pointer),
        }
    }

    /// An item of a list that lies so deep.
    fn listed(&mut self, item: &Value, at: &str, list: usize) {
        match (item, shape::of_item(item)) {
            (Value::Null, _) => {}
            (_, Some(shape)) => self.item(shape, item, at, None),
            (Value::Array(_), _) if list < 4 => self.value(item, at),
            (Value::Object(_), None) => self.object(item, at),
            _ => self.not_understood(at),
        }
    }

    fn not_understood(&mut self, pointer: &str) {
        self.log.warning(
            "not-understood",
            pointer,
            "This is none of the answers of GitHub that are read; it was left out",
        );
    }

    fn object(&mut self, object: &Value, pointer: &str) {
        match shape::of_object(object) {
            Some((Shape::BranchRules, _)) => {
                if let Some((at, nodes)) = shape::rules(object) {
                    for (i, node) in nodes.iter().enumerate() {
                        self.item(Shape::BranchRules, node, &format!("{pointer}{at}/{i}"), None);
                    }
                }
            }
            Some((shape, None)) => self.item(shape, object, pointer, None),
            Some((shape, Some(key))) => {
                let items = self.log.list(object, key, pointer);
                for (i, item) in items.iter().enumerate() {
                    if !item.is_null() {
                        self.item(shape, item, &format!("{pointer}/{key}/{i}"), None);
                    }
                }
                let total = object.get("total_count").and_then(Value::as_u64).unwrap_or(0);
                self.count(total, items.len(), pointer, key);
            }
            None => self.bundle(object, pointer),
        }
    }

    /// Says that a list is a page of more. Pages that are read one after another add up, which is looked at elsewhere.
    fn count(&mut self, total: u64, here: usize, pointer: &str, key: &str) {
        // Documented examples count wrongly by one; a page holds at least thirty.
        if total > here as u64 && here >= 30 && pointer.is_empty() {
            self.partial = true;
            self.log.warning(
                "more-pages",
                &format!("{pointer}/{key}"),
                format!("The list has {total} entries and {here} are here; export it with --paginate"),
            );
        }
    }

    /// An object of lists, as collectors write them.
    fn bundle(&mut self, object: &Value, pointer: &str) {
        let mut any = false;
        for (key, list) in object.as_object().into_iter().flatten() {
            let at = format!("{pointer}/{}", pointer_step(key));
            let Some((shape, environment)) = shape::of_bundle_key(key) else {
                continue;
            };
            any = true;
            if let Value::Object(lists) = list {
                // Repositories by the token they are for.
                for (id, list) in lists {
                    let at = format!("{at}/{}", pointer_step(id));
                    for (i, item) in list.as_array().into_iter().flatten().enumerate() {
                        self.repository(item, &format!("{at}/{i}"), id.parse().ok().map(ListedFor::Token));
                    }
                }
                continue;
            }
            for (i, item) in list.as_array().into_iter().flatten().enumerate() {
                self.item(shape, item, &format!("{at}/{i}"), environment);
            }
        }
        if !any {
            self.not_understood(pointer);
        }
    }

    /// Where something belongs.
    fn whereabouts(&self, item: &Value) -> Whereabouts {
        whereabouts::of_links(item, self.file.clone())
    }

    pub fn state(&mut self, pointer: &str, whereabouts: Whereabouts, fact: Fact) {
        let before = self.last.take().filter(|last| **last == whereabouts);
        let whereabouts = before.unwrap_or_else(|| whereabouts.into());
        self.last = Some(whereabouts.clone());
        self.facts.push(Stated {
            place: self.log.at(pointer),
            whereabouts,
            fact,
        });
    }

    fn item(&mut self, shape: Shape, item: &Value, pointer: &str, environment: Option<&str>) {
        if !item.is_object() {
            return self.not_understood(pointer);
        }
        let mut at = self.whereabouts(item);
        if let Some(environment) = environment {
            at.environment = Some(environment.to_owned());
        }
        match shape {
            Shape::Repositories => self.repository(item, pointer, self.listed_for()),
            Shape::Organisation => {
                if let Some(account) = account(item) {
                    let base_permission = self.text(item, "default_repository_permission", pointer);
                    let account = Account {
                        organisation: true,
                        ..account
                    };
                    self.state(
                        pointer,
                        at,
                        Fact::Organisation {
                            account,
                            base_permission,
                        },
                    );
                }
            }
            Shape::Branches => {
                if let Some(name) = self.text(item, "name", pointer) {
                    let protected = item.get("protected").and_then(Value::as_bool);
                    let protection = protection::of_branch(item, protected);
                    self.state(pointer, at, Fact::Branch { name, protection });
                }
            }
            Shape::BranchProtection => {
                let name = item
                    .get("url")
                    .and_then(Value::as_str)
                    .and_then(|url| url.split_once("/branches/"))
                    .map(|(_, rest)| rest.trim_end_matches("/protection").to_owned());
                if let Some(name) = name {
                    let name = percent_encoding::percent_decode_str(&name)
                        .decode_utf8_lossy()
                        .into_owned();
                    let protection = Some(protection::of_details(item));
                    self.state(pointer, at, Fact::Branch { name, protection });
                }
            }
            Shape::BranchRules => {
                if let Some(pattern) = self.text(item, "pattern", pointer) {
                    let protection = protection::of_rule(item);
                    self.state(pointer, at, Fact::BranchRule { pattern, protection });
                }
            }
            Shape::Environments => self.environment(item, pointer, at),
            Shape::BranchPolicies => {
                if let Some(pattern) = self.text(item, "name", pointer) {
                    let tag = item.get("type").and_then(Value::as_str) == Some("tag");
                    self.state(pointer, at, Fact::BranchPolicyPattern { pattern, tag });
                }
            }
            Shape::Secrets => {
                if let Some(name) = self.text(item, "name", pointer) {
                    let fact = Fact::Secret {
                        name,
                        created_at: self.log.time(item, "created_at", pointer),
                        updated_at: self.log.time(item, "updated_at", pointer),
                        visibility: self.selection(item, "visibility", pointer),
                        store: self.store(),
                    };
                    self.state(pointer, at, fact);
                }
            }
            Shape::Variables => {
                if let Some(name) = self.text(item, "name", pointer) {
                    let value = item
                        .get("value")
                        .and_then(Value::as_str)
                        .filter(|v| workflow::names_another(v));
                    let value = value.map(str::to_owned);
                    self.state(pointer, at, Fact::Variable { name, value });
                }
            }
            Shape::Collaborators => {
                if let Some(account) = account(item) {
                    let role = self.text(item, "role_name", pointer).unwrap_or_else(|| strongest(item));
                    self.state(pointer, at, Fact::Collaborator { account, role });
                }
            }
            Shape::People => {
                if let Some(account) = account(item) {
                    let of = self.people_of();
                    self.state(pointer, at, Fact::Person { account, of });
                }
            }
            Shape::Teams => {
                if let Some(team) = team(item) {
                    let of = self.teams_of(item);
                    self.state(pointer, at, Fact::Team { team, of });
                }
            }
            _ => self.more(shape, item, pointer, at),
        }
    }

    pub fn text(&mut self, item: &Value, key: &str, pointer: &str) -> Option<String> {
        self.log
            .text(item, key, pointer)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    }

    pub fn selection(&mut self, item: &Value, key: &str, pointer: &str) -> Option<Selection> {
        match self.log.text(item, key, pointer)? {
            "all" => Some(Selection::All),
            "private" => Some(Selection::Private),
            "selected" | "subset" => Some(Selection::Selected),
            _ => None,
        }
    }

    fn repository(&mut self, item: &Value, pointer: &str, listed_for: Option<ListedFor>) {
        let Some(full) = self.text(item, "full_name", pointer) else {
            return self
                .log
                .error("no-name", pointer, "A repository has no full_name; it was left out");
        };
        let Some((owner, name)) = full.split_once('/').filter(|(o, n)| !o.is_empty() && !n.is_empty()) else {
            return self.log.error(
                "bad-name",
                pointer,
                "full_name is not OWNER/NAME; the repository was left out",
            );
        };
        let mut account = item.get("owner").and_then(account).unwrap_or_default();
        if account.login.is_empty() {
            account.login = owner.to_owned();
        }
        let private = item.get("private").and_then(Value::as_bool);
        let fallback = private.map(|private| if private { "private" } else { "public" }.to_owned());
        let fact = Fact::Repository {
            id: item.get("id").and_then(Value::as_u64),
            owner: account,
            name: name.to_owned(),
            default_branch: self.text(item, "default_branch", pointer),
            visibility: self.text(item, "visibility", pointer).or(fallback),
            archived: item.get("archived").and_then(Value::as_bool) == Some(true),
            created_at: self.log.time(item, "created_at", pointer),
            listed_for,
        };
        let at = Whereabouts {
            owner: Some(owner.to_owned()),
            repo: Some(name.to_owned()),
            ..self.file.clone()
        };
        self.state(pointer, at, fact);
    }

    fn environment(&mut self, item: &Value, pointer: &str, at: Whereabouts) {
        let Some(name) = self.text(item, "name", pointer) else {
            return;
        };
        let mut reviewers: Option<BTreeSet<Who>> = None;
        let mut wait_minutes = None;
        let mut gates = Vec::new();
        for (i, rule) in self.log.list(item, "protection_rules", pointer).iter().enumerate() {
            match rule.get("type").and_then(Value::as_str) {
                Some("required_reviewers") => {
                    let list = reviewers.get_or_insert_with(BTreeSet::new);
                    let at = format!("{pointer}/protection_rules/{i}");
                    list.extend(self.log.list(rule, "reviewers", &at).iter().filter_map(reviewer));
                }
                Some("wait_timer") => wait_minutes = rule.get("wait_timer").and_then(Value::as_u64),
                Some("branch_policy") | None => {}
                Some(other) => gates.extend(secrets::harmless_word(other).map(str::to_owned)),
            }
        }
        let flag = |key: &str| {
            item.get("deployment_branch_policy")
                .and_then(|p| p.get(key))
                .and_then(Value::as_bool)
        };
        let branches = match (flag("protected_branches"), flag("custom_branch_policies")) {
            (Some(true), _) => BranchPolicy::Protected,
            (_, Some(true)) => BranchPolicy::Patterns,
            _ => BranchPolicy::All,
        };
        let fact = Fact::Environment {
            name,
            id: item.get("id").and_then(Value::as_u64),
            reviewers,
            branches,
            wait_minutes,
            gates,
        };
        self.state(pointer, at, fact);
    }

    /// What the file's name says a list of repositories is for: `…/personal-access-tokens/25381/repositories.json`.
    fn listed_for(&self) -> Option<ListedFor> {
        let folders = &self.file.folders;
        folders.iter().enumerate().find_map(|(i, part)| {
            let next = folders.get(i + 1)?;
            match part.as_str() {
                "personal-access-tokens" | "personal-access-token-requests" => next.parse().ok().map(ListedFor::Token),
                "installations" => next.parse().ok().map(ListedFor::Installation),
                "secrets" => folders.get(i + 2).map(|_| ListedFor::Secret(next.clone())),
                _ => None,
            }
        })
    }

    /// The part of the file's path that follows a word.
    fn after(&self, word: &str) -> Option<&String> {
        let folders = &self.file.folders;
        folders
            .iter()
            .position(|part| part == word)
            .and_then(|i| folders.get(i + 1))
    }

    fn store(&self) -> &'static str {
        let named = |word: &str| self.file.folders.iter().any(|part| part.contains(word));
        if named("dependabot") {
            "dependabot"
        } else if named("codespaces") {
            "codespaces"
        } else {
            "actions"
        }
    }

    fn people_of(&self) -> PeopleOf {
        if let Some(role) = self.after("organization-roles").and_then(|r| r.parse().ok()) {
            return PeopleOf::Role(role);
        }
        if let Some(team) = self.after("teams").filter(|t| t.as_str() != "members") {
            return PeopleOf::Team(team.clone());
        }
        let stem = &*self.file.stem;
        if stem.ends_with("owners") || stem.ends_with("admins") {
            PeopleOf::Owners
        } else if stem.ends_with("members") {
            PeopleOf::Organisation
        } else {
            PeopleOf::Nothing
        }
    }

    fn teams_of(&self, item: &Value) -> TeamsOf {
        if let Some(role) = self.after("organization-roles").and_then(|r| r.parse().ok()) {
            return TeamsOf::Role(role);
        }
        let listed = item.get("permissions").is_some_and(|p| p.get("push").is_some());
        if listed || self.file.repo.is_some() || self.file.stem.ends_with("repo-teams") {
            TeamsOf::Repository
        } else {
            TeamsOf::Organisation
        }
    }
}

/// A user, an organisation or a bot.
pub fn account(item: &Value) -> Option<Account> {
    let login = item.get("login").and_then(Value::as_str).filter(|l| !l.is_empty())?;
    let kind = item.get("type").and_then(Value::as_str);
    Some(Account {
        login: login.to_owned(),
        id: item.get("id").and_then(Value::as_u64),
        organisation: kind == Some("Organization"),
        bot: kind == Some("Bot"),
    })
}

fn team(item: &Value) -> Option<Team> {
    let slug = item.get("slug").and_then(Value::as_str).filter(|s| !s.is_empty())?;
    let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Team {
        slug: slug.to_owned(),
        owner: text("html_url").as_deref().and_then(whereabouts::organisation),
        name: text("name"),
        parent: item
            .get("parent")
            .and_then(|p| p.get("slug"))
            .and_then(Value::as_str)
            .map(str::to_owned),
        permission: text("role_name").or_else(|| match item.get("permissions") {
            Some(Value::Object(_)) => Some(strongest(item)),
            _ => text("permission"),
        }),
    })
}

fn reviewer(item: &Value) -> Option<Who> {
    let who = item.get("reviewer")?;
    match item.get("type").and_then(Value::as_str)? {
        "User" => account(who).map(|a| Who::User(a.login)),
        "Team" => team(who).map(|t| Who::Team(t.slug)),
        _ => None,
    }
}

/// The strongest of the rights in `permissions`.
fn strongest(item: &Value) -> String {
    let right = ["admin", "maintain", "push", "triage", "pull"].into_iter().find(|key| {
        item.get("permissions")
            .and_then(|p| p.get(key))
            .and_then(Value::as_bool)
            == Some(true)
    });
    right.unwrap_or("none").to_owned()
}

/// Permissions of members, without those that are none.
pub fn levels<'m>(members: impl Iterator<Item = (&'m str, Option<&'m str>)>) -> BTreeMap<&'m str, &'m str> {
    members
        .filter_map(|(key, level)| Some((key, level?)))
        .filter(|(_, level)| matches!(*level, "read" | "write" | "admin"))
        .collect()
}

/// The number of a token's grant in its link.
pub fn is_request(item: &Value) -> bool {
    let link = item.get("repositories_url").and_then(Value::as_str).unwrap_or_default();
    number_after(link, "personal-access-token-requests").is_some()
}
