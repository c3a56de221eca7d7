//! Why a thing is reached: an explanation as rows that people read.

use super::Estate;
use super::derive::Question;
use super::help::EdgeKind;
use super::inspect::{look_of, reach_of};
use super::inspection::{ThingState, WhyRow};
use super::words;
use crate::analysis::{CheckState, Radius, Rule, Step};
use crate::graph::Thing;
use crate::model::{Check, ExposureHow, InheritHow, Inventory, position_of};

/// The path as rows: one for each thing, in the order in which it is reached, with the reason.
///
/// `radius` is what the path is of, `now` what is still reached.
pub fn why(q: &Question, now: &Radius, radius: &Radius, path: &[Step]) -> Vec<WhyRow> {
    rows(&q.estate, path, &|thing, id| {
        if q.proposal.is_seed(id) || radius.seeds.contains(&thing) {
            ThingState::Compromised
        } else if reach_of(now, thing).is_none() {
            ThingState::Ghost
        } else {
            state_in(radius, thing)
        }
    })
}

/// The same of a way that a plan speaks of; `radius` is that of its seeds.
pub fn planned(estate: &Estate, radius: &Radius, path: &[Step]) -> Vec<WhyRow> {
    rows(estate, path, &|thing, _| {
        if radius.seeds.contains(&thing) {
            ThingState::Compromised
        } else {
            state_in(radius, thing)
        }
    })
}

fn state_in(radius: &Radius, thing: Thing) -> ThingState {
    match reach_of(radius, thing) {
        Some(r) if r.assumed => ThingState::Assumed,
        Some(r) if r.inherited => ThingState::Inherited,
        _ => ThingState::Intended,
    }
}

fn rows(estate: &Estate, path: &[Step], state: &dyn Fn(Thing, &str) -> ThingState) -> Vec<WhyRow> {
    let graph = &estate.graph;
    let inventory = estate.inventory();
    let mut rows: Vec<WhyRow> = Vec::new();
    let mut accepted: Option<&Step> = None;
    for step in path {
        if step.rule == Rule::Accepted {
            accepted = Some(step);
            continue;
        }
        let id = graph.id(step.thing).into_owned();
        // A second access to the same system on the way is no news.
        if rows.iter().any(|r| r.id == id) {
            continue;
        }
        let through = accepted.filter(|a| a.thing == step.thing);
        let look = look_of(inventory, step.thing, &id);
        let mut records = through.map(|a| a.records.clone()).unwrap_or_default();
        records.extend(
            step.records
                .iter()
                .filter(|r| !records.contains(r))
                .cloned()
                .collect::<Vec<_>>(),
        );
        let is_system = matches!(step.thing, Thing::System(_));
        rows.push(WhyRow {
            disc: (is_system || step.rule == Rule::Seed).then_some(step.hops),
            reason: reason(inventory, path, step, through),
            edge: edge(inventory, step),
            checks: through.and_then(|a| a.checks),
            name: look.name,
            class: look.class,
            icon: look.icon,
            state: state(step.thing, &id),
            records,
            id,
        });
    }
    rows
}

/// Why this step could be taken, in a few words.
fn reason(inventory: &Inventory, path: &[Step], step: &Step, through: Option<&Step>) -> String {
    match step.rule {
        Rule::Seed => "compromised".to_owned(),
        Rule::Accepted => format!("accepts the {}", presented(inventory, path, step)),
        Rule::Access => {
            let Some(checks) = through.and_then(|a| a.checks) else {
                return "grants it access".to_owned();
            };
            let missing = Check::ALL.iter().find(|c| checks[**c as usize] == CheckState::NotMade);
            let unknown = Check::ALL.iter().find(|c| checks[**c as usize] == CheckState::Unknown);
            match (missing, unknown) {
                (Some(Check::Audience), _) => "accepts any audience".to_owned(),
                (Some(Check::Issuer), _) => "accepts any issuer".to_owned(),
                (Some(Check::Scope), _) => "accepts any scope".to_owned(),
                (Some(Check::Context), _) => "accepts from anywhere".to_owned(),
                (Some(Check::Revocation), _) => "accepts what was revoked".to_owned(),
                (None, Some(check)) => format!("{} check not known", check.as_str()),
                (None, None) => format!(
                    "accepts the {}",
                    through.map_or("credential", |a| presented(inventory, path, a))
                ),
            }
        }
        Rule::Exposure => exposure_words(inventory, step),
        Rule::Inherit => inherit_words(inventory, step),
        Rule::Trust => match step.exchange {
            Some(true) => "trusts it, with an exchange".to_owned(),
            _ => "trusts it, no exchange".to_owned(),
        },
    }
}

/// What was presented at an acceptance, as a word: `token`, `key`.
fn presented(inventory: &Inventory, path: &[Step], accepted: &Step) -> &'static str {
    let held = accepted
        .premises
        .iter()
        .filter_map(|p| path.get(*p))
        .find_map(|s| match s.thing {
            Thing::Credential(c) => inventory.records.credentials.get(c as usize),
            _ => None,
        });
    words::credential_noun(held.and_then(|c| c.kind))
}

/// Which kind of edge a step takes.
fn edge(inventory: &Inventory, step: &Step) -> Option<EdgeKind> {
    Some(match step.rule {
        Rule::Seed => return None,
        Rule::Accepted | Rule::Access => EdgeKind::Grant,
        Rule::Exposure => EdgeKind::Exposure(exposed(inventory, step)),
        Rule::Inherit => EdgeKind::Inherit(inherited(inventory, step)),
        Rule::Trust if step.exchange == Some(true) => EdgeKind::Exchange,
        Rule::Trust => EdgeKind::Trust,
    })
}

fn exposed(inventory: &Inventory, step: &Step) -> Option<ExposureHow> {
    let exposures = &inventory.records.exposures;
    let used = step.records.iter().filter_map(|r| position_of(exposures, r)).min();
    used.and_then(|x| exposures[x].how)
}

fn exposure_words(inventory: &Inventory, step: &Step) -> String {
    match exposed(inventory, step) {
        Some(how) => format!("{} there", how.as_str()),
        None => match step.thing {
            Thing::Identity(_) => "acts as it there".to_owned(),
            Thing::Context(_) => "entered from there".to_owned(),
            _ => "found there".to_owned(),
        },
    }
}

fn inherited(inventory: &Inventory, step: &Step) -> Option<InheritHow> {
    // A membership on the way may stand before the inherit that was used; the last one leads to the thing.
    let inherits = &inventory.records.inherits;
    let mut used: Vec<usize> = step.records.iter().filter_map(|r| position_of(inherits, r)).collect();
    used.sort_unstable();
    used.into_iter().filter_map(|n| inherits[n].how).next_back()
}

fn inherit_words(inventory: &Inventory, step: &Step) -> String {
    match inherited(inventory, step) {
        Some(InheritHow::AssumeRole) => "role assumed",
        Some(InheritHow::Impersonation) => "impersonated",
        Some(InheritHow::Membership) => "member of it",
        Some(InheritHow::Agent) => "acts on its behalf",
        Some(InheritHow::Federation) => "federated",
        Some(InheritHow::Escalation) => "privileges escalated",
        None => "permissions inherited",
    }
    .to_owned()
}
