//! The check boxes of a credential: what it is meant for and what it allows, each with its last use and what would
//! break without it.

use super::derive::{Question, Reach};
use super::inspection::{Inspection, Tick};
use super::words;
use crate::analysis::Cancel;
use crate::graph::{Thing, World};
use crate::model::{Credential, Text, Time};
use crate::scenario::{self, Action, Flow, Use};

/// Adds the check boxes of a credential's audience and scopes. Nothing where it was cancelled.
pub fn add(q: &Question, reach: &Reach, thing: Thing, cancel: &dyn Cancel, view: &mut Inspection) -> Option<()> {
    let Thing::Credential(i) = thing else { return Some(()) };
    let credential = q.estate.inventory().records.credentials.get(i as usize)?;
    view.audience = audience(q, reach, credential, cancel)?;
    view.scopes = scopes(q, reach, credential, cancel)?;
    Some(())
}

fn audience(q: &Question, reach: &Reach, c: &Credential, cancel: &dyn Cancel) -> Option<Vec<Tick>> {
    let Some(stated) = &c.audience else {
        return Some(Vec::new());
    };
    let kept = q.proposal.steps.iter().filter(|s| s.on).find_map(|s| match &s.action {
        Action::NarrowAudience { credential, audience } if *credential == c.id => Some(audience.clone()),
        _ => None,
    });
    list(q, reach, c, stated, kept.as_deref(), cancel, |credential, audience| {
        Action::NarrowAudience { credential, audience }
    })
}

fn scopes(q: &Question, reach: &Reach, c: &Credential, cancel: &dyn Cancel) -> Option<Vec<Tick>> {
    let Some(stated) = &c.scopes else {
        return Some(Vec::new());
    };
    let kept = q.proposal.steps.iter().filter(|s| s.on).find_map(|s| match &s.action {
        Action::NarrowScopes { credential, scopes } if *credential == c.id => Some(scopes.clone()),
        _ => None,
    });
    list(q, reach, c, stated, kept.as_deref(), cancel, |credential, scopes| {
        Action::NarrowScopes { credential, scopes }
    })
}

fn list(
    q: &Question,
    reach: &Reach,
    c: &Credential,
    stated: &[Text],
    kept: Option<&[String]>,
    cancel: &dyn Cancel,
    action: impl Fn(String, Vec<String>) -> Action,
) -> Option<Vec<Tick>> {
    let mut ticks = Vec::with_capacity(stated.len());
    for value in stated {
        if cancel.is_cancelled() {
            return None;
        }
        // What stops when this one alone is taken away, as things stand without the scenario.
        let without: Vec<String> = stated.iter().filter(|v| *v != value).map(String::from).collect();
        let lost = lost(q, reach, action(c.id.to_string(), without));
        let (used, breaks) = use_words(&lost, q.settings.as_of);
        ticks.push(Tick {
            value: value.to_string(),
            name: words::name_of(q.estate.inventory(), value).to_owned(),
            on: kept.is_none_or(|k| k.iter().any(|k| k == value)),
            used,
            breaks,
        });
    }
    Some(ticks)
}

fn lost(q: &Question, reach: &Reach, action: Action) -> Vec<Flow> {
    let graph = &q.estate.graph;
    match scenario::apply(graph, &[action]) {
        Ok(overlay) => {
            let world = World::new(graph, &overlay, q.settings);
            reach.flows_before.broken_in(world)
        }
        // It cannot be taken away, so nothing is lost by it.
        Err(_) => Vec::new(),
    }
}

/// The latest use of what would stop, and whether its stopping hurts.
fn use_words(lost: &[Flow], now: Time) -> (String, bool) {
    let latest = lost.iter().filter_map(|f| f.last_used_at).max();
    let hurts = lost
        .iter()
        .any(|f| f.used == Use::InUse || (f.used == Use::Unknown && f.intended));
    match (lost.is_empty(), latest) {
        (true, _) => ("nothing uses it".to_owned(), false),
        (false, latest) => (words::last_use(latest, now), hurts),
    }
}
