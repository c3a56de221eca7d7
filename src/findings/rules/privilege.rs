//! Too much: wildcards, administrators, what nobody used for 90 days. One finding for each holder.

use super::super::least::{candidates, is_harmless, is_idle, narrower};
use super::super::{Estate, Found, Severity, by_relation};
use crate::analysis::Cancelled;
use crate::graph::{Holder, Thing};
use crate::model::Text;
use crate::model::scope::covers;
use crate::model::words::{counted, list};
use crate::scenario::Action;
use std::collections::{BTreeMap, BTreeSet};

/// How much a grant is too much, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Excess {
    /// Parts, or all, not used for 90 days or not among the scopes in use.
    Unused,
    /// Every action of a service on every resource.
    Wildcard,
    /// Everything, or a role of administrators.
    Administrator,
}

/// A grant that is too wide: which, how, what of it, and what would mend it.
type Wide = (u32, Excess, String, Option<Action>);

pub(super) fn overprivileged(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let mut by_holder: BTreeMap<Holder, Vec<Wide>> = BTreeMap::new();
    for g in candidates(graph) {
        if estate.cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let holder = world.holder(g);
        if !world.has_grant(g) || world.isolated(graph.grant_system[g as usize]) || !works(estate, holder) {
            continue;
        }
        let less = narrower(world, g);
        let Some((excess, says)) = excess(estate, g, less.as_ref()) else {
            continue;
        };
        let less = less.filter(|action| is_harmless(world, estate.flows(), action).is_some());
        by_holder.entry(holder).or_default().push((g, excess, says, less));
    }
    let found = by_holder.into_iter().map(|(holder, all)| {
        let thing = match holder {
            Holder::Credential(c) => Thing::Credential(c),
            Holder::Identity(i) => Thing::Identity(i),
        };
        let name = estate.name(thing);
        let worst = all.iter().map(|x| x.1).max().unwrap_or(Excess::Unused);
        let systems: BTreeSet<u32> = all.iter().map(|x| graph.grant_system[x.0 as usize]).collect();
        let of_worst: BTreeSet<u32> = all
            .iter()
            .filter(|x| x.1 == worst)
            .map(|x| graph.grant_system[x.0 as usize])
            .collect();
        let names: Vec<&str> = of_worst.iter().map(|&s| estate.name(Thing::System(s))).collect();
        let at = list(&names, 3);
        let crown = of_worst.iter().any(|&s| estate.is_crown_jewel(s));
        let (title, severity) = match worst {
            Excess::Administrator => (format!("{name} may do everything at {at}"), Severity::High),
            Excess::Wildcard => (
                format!("{name} has every permission of a service at {at}"),
                if crown { Severity::High } else { Severity::Medium },
            ),
            Excess::Unused => (
                format!("{name} has permissions at {at} that it does not use"),
                if crown { Severity::Medium } else { Severity::Low },
            ),
        };
        let mut on: Vec<String> = systems.iter().map(|&s| estate.system(s).id.to_string()).collect();
        on.sort();
        on.insert(0, estate.id(thing));
        Found {
            severity,
            on,
            title,
            why: format!(
                "Whatever {name} is allowed and does not need, whoever takes it over has as well: {}.",
                counted(
                    all.len() as u64,
                    "grant is wider than its use",
                    "grants are wider than their use"
                )
            ),
            evidence: all
                .iter()
                .map(|(g, _, says, _)| by_relation(estate.grant(*g), says.clone()))
                .collect(),
            fix: all.into_iter().filter_map(|x| x.3).collect(),
        }
    });
    Ok(found.collect())
}

/// Whether somebody can use what the holder is granted, and it is not kept for emergencies.
fn works(estate: &Estate<'_>, holder: Holder) -> bool {
    let identity = match holder {
        Holder::Credential(c) if !estate.live(c) => return false,
        Holder::Credential(c) => estate.world.graph.identity_of[c as usize],
        Holder::Identity(i) if !estate.world.active(i) => return false,
        Holder::Identity(i) => Some(i),
    };
    let kept = |tags: &[Text]| tags.iter().any(|t| t == "break-glass");
    // What an importer derives to stand for a platform's administration is a way to say who gets there, and no holder.
    let derived = |i: u32| {
        estate
            .identity(i)
            .attributes
            .get("derived")
            .and_then(serde_json::Value::as_bool)
            == Some(true)
    };
    !identity.is_some_and(|i| kept(&estate.identity(i).tags) || derived(i))
        && !matches!(holder, Holder::Credential(c) if kept(&estate.credential(c).tags))
}

/// How a grant is too much; where use is known, by that, else by what it says.
fn excess(estate: &Estate<'_>, g: u32, less: Option<&Action>) -> Option<(Excess, String)> {
    let (world, grant) = (estate.world, estate.grant(g));
    let scopes = world.grant_scopes(g);
    let widest = if bounded(estate, g) { None } else { widest(scopes) };
    let texts = |texts: &[Text]| {
        let all: Vec<&str> = texts.iter().map(Text::as_str).collect();
        list(&all, 4)
    };
    // A wildcard that is used as such is no excess; one that is known to be used in part is worse than unused parts.
    if less.is_some() {
        let says = match &grant.used_scopes {
            Some(used) if used.is_empty() => format!("allows {}, nothing of it in use", texts(scopes)),
            Some(used) => format!("allows {}, in use are {}", texts(scopes), texts(used)),
            None if is_idle(world, g) => {
                let last = grant.common.last_used_at.map_or(String::new(), |t| format!(": {t}"));
                format!("allows {}, last used more than 90 days ago{last}", texts(scopes))
            }
            None => format!("allows {}, more than its credential ever lets through", texts(scopes)),
        };
        return Some((widest.unwrap_or(Excess::Unused), says));
    }
    let known = grant.used_scopes.is_some();
    match widest {
        Some(excess) if !known => Some((excess, format!("allows {}", texts(scopes)))),
        _ => None,
    }
}

/// Whether something narrower stands around the grant: a boundary, or exceptions.
fn bounded(estate: &Estate<'_>, g: u32) -> bool {
    estate
        .grant(g)
        .within
        .as_ref()
        .is_some_and(|within| widest(within).is_none())
}

/// The worst that a list of scopes says.
fn widest(scopes: &[Text]) -> Option<Excess> {
    scopes.iter().filter_map(|s| width(s)).max()
}

fn width(scope: &str) -> Option<Excess> {
    let (action, resource) = scope.split_once('@').unwrap_or((scope, "*"));
    let everywhere = resource.chars().all(|c| c == '*');
    if covers(scope, "*@*") || (covers(action, "*") && everywhere) || action == "*:*" && everywhere {
        return Some(Excess::Administrator);
    }
    let word = action.rsplit([':', '/', '.']).next().unwrap_or(action).to_lowercase();
    if everywhere
        && matches!(
            word.as_str(),
            "admin" | "administrator" | "owner" | "cluster-admin" | "superuser"
        )
    {
        return Some(Excess::Administrator);
    }
    (everywhere && word == "*").then_some(Excess::Wildcard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_by_their_width() {
        for (scope, wide) in [
            ("*", Some(Excess::Administrator)),
            ("*@*", Some(Excess::Administrator)),
            ("*:*@*", Some(Excess::Administrator)),
            ("admin", Some(Excess::Administrator)),
            ("org:admin@*", Some(Excess::Administrator)),
            ("s3:*@*", Some(Excess::Wildcard)),
            ("s3:*", Some(Excess::Wildcard)),
            ("s3:*@bucket/*", None),
            ("s3:Get*@*", None),
            ("use@*", None),
            ("*@records", None),
            ("repo:read", None),
        ] {
            assert_eq!(width(scope), wide, "{scope}");
        }
    }
}
