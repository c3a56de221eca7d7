//! Resource policies: whom a resource lets in by name. Whoever is named in the resource's own account needs nothing
//! else but must not be denied; whoever is elsewhere needs a permission there as well. Both are known in other files, so
//! what is read here is settled by the family.

use super::super::arn::{self, Arn};
use super::super::condition::{Truth, decide};
use super::super::context::Context;
use super::super::document::{Document, Principal, Principals, Statement};
use super::super::lenient::shown;
use super::super::trust::speaks_of;
use super::Reader;
use crate::model::Place;
use crate::model::glob;

/// Who is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Somebody, by ARN.
    Principal(String),
    /// Every principal of an account that has the permission itself.
    Account(String),
    /// Everybody, with an account or without.
    Anyone,
    /// A principal that no longer exists, by its unique id.
    Gone(String),
}

/// One principal let in.
#[derive(Clone, Debug)]
pub struct Named {
    /// Who.
    pub who: Who,
    /// The resource's ARN.
    pub resource: String,
    /// What it may do there.
    pub act: &'static str,
    /// Whether the file decides it.
    pub certain: bool,
    /// Where it is said.
    pub evidence: String,
    /// Where that stands.
    pub place: Place,
}

/// Everybody a file's resource policies let in.
pub struct Admissions(pub Vec<Named>);

/// Whom a policy lets do `act` on `resource`.
pub(super) fn admitted(reader: &mut Reader, document: &Document, act: &'static str, resource: &str) -> Vec<Named> {
    let mut named = Vec::new();
    let context = Context::default();
    let covers = |s: &Statement| speaks_of(s, act);
    let refuses = |who: &Who| {
        document
            .statements
            .iter()
            .filter(|s| !s.allow && covers(s))
            .filter(|s| match &s.principals {
                Some(Principals::Only(list)) => list.iter().any(|p| is(p, who)),
                Some(Principals::AllBut(list)) => !list.iter().any(|p| is(p, who)),
                None => false,
            })
            .map(|s| decide(&s.conditions, s.variables, false, &context))
            .max()
            .unwrap_or(Truth::False)
    };
    for statement in document.statements.iter().filter(|s| s.allow && covers(s)) {
        let (list, surely) = match &statement.principals {
            Some(Principals::Only(list)) => (list.clone(), true),
            Some(Principals::AllBut(_)) => (vec![Principal::Aws("*".to_owned())], false),
            None => continue,
        };
        let holds = decide(&statement.conditions, statement.variables, true, &context);
        if holds == Truth::False {
            continue;
        }
        for principal in &list {
            let Principal::Aws(text) = principal else { continue };
            let Some(who) = who(text) else {
                let message = format!(
                    "The policy of {} names {}, which is no account, user, role or session; nobody is let in by it",
                    shown(resource),
                    shown(text)
                );
                reader.log.warning("bad-principal", &statement.pointer, message);
                continue;
            };
            let refused = refuses(&who);
            if refused == Truth::True {
                continue;
            }
            named.push(Named {
                certain: surely && !statement.doubtful && holds == Truth::True && refused == Truth::False,
                who,
                resource: resource.to_owned(),
                act,
                evidence: format!("policy of {resource}, {}", statement.label),
                place: reader.log.input.at(&statement.pointer),
            });
        }
    }
    named
}

fn who(text: &str) -> Option<Who> {
    let text = text.trim();
    if text == "*" {
        return Some(Who::Anyone);
    }
    if arn::is_account(text) {
        return Some(Who::Account(text.to_owned()));
    }
    if arn::is_unique_id(text) {
        return Some(Who::Gone(text.to_owned()));
    }
    let parsed = Arn::parse(text).filter(|a| !glob::is_pattern(a.resource))?;
    let account = parsed.account_number()?;
    match (parsed.service, parsed.resource.split_once('/')) {
        ("iam", None) if parsed.resource == "root" => Some(Who::Account(account.to_owned())),
        ("iam", Some(("user" | "role", _))) | ("sts", Some(("assumed-role" | "federated-user", _))) => {
            Some(Who::Principal(text.to_owned()))
        }
        _ => None,
    }
}

/// Whether a principal's text means somebody.
fn is(principal: &Principal, somebody: &Who) -> bool {
    let Principal::Aws(text) = principal else { return false };
    match (who(text), somebody) {
        (Some(Who::Anyone), _) => true,
        (Some(Who::Account(account)), Who::Principal(arn)) => Arn::parse(arn).is_some_and(|a| a.account == account),
        (Some(one), other) => one == *other,
        (None, _) => false,
    }
}
