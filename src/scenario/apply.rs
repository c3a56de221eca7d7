//! Actions to an overlay. They apply in order; one that cannot be taken is passed over to find the others that cannot,
//! and then nothing is applied.

use super::action::{Action, ActionError, Scenario, draft};
use crate::graph::{Overlay, Premise, Regime, Settings, Thing, TrustGraph, World};
use crate::model::scope::covers;
use crate::model::{CredentialStatus, InheritHow, Named, Text, Time, position_of};
use std::collections::BTreeSet;

/// The overlay that actions make.
///
/// # Errors
/// Every action that names something the inventory lacks, would widen, or goes against how a platform works, by its
/// place from 0.
pub fn apply(graph: &TrustGraph, actions: &[Action]) -> Result<Overlay, Vec<ActionError>> {
    apply_each(graph, Overlay::default(), actions.iter().map(Ok))
}

/// The same where contexts that the inventory does not name have numbers already, in this order.
pub(super) fn apply_knowing(
    graph: &TrustGraph,
    contexts: &[String],
    actions: &[Action],
) -> Result<Overlay, Vec<ActionError>> {
    let known = Overlay {
        extra_contexts: contexts.to_vec(),
        ..Overlay::default()
    };
    apply_each(graph, known, actions.iter().map(Ok))
}

/// Reads a scenario file and applies it.
///
/// # Errors
/// All that is wrong with the file or with its actions, by place.
pub fn read(graph: &TrustGraph, text: &str) -> Result<(Scenario, Overlay), Vec<ActionError>> {
    let draft = draft(text).map_err(|e| vec![e])?;
    let actions = draft.actions.iter().map(|a| a.as_ref().map_err(String::as_str));
    let overlay = apply_each(graph, Overlay::default(), actions)?;
    Ok((
        Scenario {
            name: draft.name,
            actions: draft.actions.into_iter().flatten().collect(),
        },
        overlay,
    ))
}

fn apply_each<'a>(
    graph: &TrustGraph,
    mut overlay: Overlay,
    actions: impl Iterator<Item = Result<&'a Action, &'a str>>,
) -> Result<Overlay, Vec<ActionError>> {
    let mut errors = Vec::new();
    for (n, action) in actions.enumerate() {
        if let Err(message) = action
            .map_err(str::to_owned)
            .and_then(|a| lay_over(graph, &mut overlay, a))
        {
            errors.push(ActionError {
                action: Some(n),
                message,
            });
        }
    }
    if errors.is_empty() { Ok(overlay) } else { Err(errors) }
}

/// The contexts that a `bind-context` of the scenario or a seed names and that no exposure of the inventory yields,
/// sorted.
#[must_use]
pub fn unreachable_contexts(graph: &TrustGraph, actions: &[Action], seeds: &[String]) -> Vec<String> {
    let bound = actions.iter().flat_map(|a| match a {
        Action::BindContext { contexts, .. } => contexts.as_slice(),
        _ => &[],
    });
    let named: BTreeSet<&str> = bound
        .map(String::as_str)
        .chain(seeds.iter().filter_map(|s| s.strip_prefix("context:")))
        .collect();
    named
        .into_iter()
        .filter(|name| !graph.context(name).is_some_and(|z| graph.yielded_contexts.contains(&z)))
        .map(str::to_owned)
        .collect()
}

fn lay_over(graph: &TrustGraph, overlay: &mut Overlay, action: &Action) -> Result<(), String> {
    match action {
        Action::Revoke { credential } => {
            let c = find_credential(graph, credential)?;
            if world(graph, overlay).status(c) != CredentialStatus::Expired {
                overlay.credentials.entry(c).or_default().status = Some(CredentialStatus::Revoked);
            }
        }
        Action::Rotate { credential } => {
            let c = find_credential(graph, credential)?;
            overlay.credentials.entry(c).or_default().rotated = true;
        }
        Action::NarrowAudience { credential, audience } => {
            let c = find_credential(graph, credential)?;
            let kept = intersected(audience, world(graph, overlay).audience(c));
            overlay.credentials.entry(c).or_default().audience = Some(kept);
        }
        Action::NarrowScopes { credential, scopes } => {
            let c = find_credential(graph, credential)?;
            if let Some(stated) = world(graph, overlay).scopes(c) {
                no_wider(scopes, stated)?;
            }
            overlay.credentials.entry(c).or_default().scopes = Some(sorted(scopes));
        }
        Action::BindContext { credential, contexts } => {
            let c = find_credential(graph, credential)?;
            let wanted: BTreeSet<u32> = contexts.iter().map(|z| overlay.context(graph, z)).collect();
            let kept: Vec<u32> = match world(graph, overlay).contexts(c) {
                Some(stated) => wanted.into_iter().filter(|z| stated.contains(z)).collect(),
                None => wanted.into_iter().collect(),
            };
            for &z in &kept {
                overlay.bound_in.entry(z).or_default().push(c);
            }
            let change = overlay.credentials.entry(c).or_default();
            change.contexts = Some(kept);
            change.bound = true;
        }
        Action::Expire { credential, expires_at } => {
            let c = find_credential(graph, credential)?;
            let earlier = world(graph, overlay)
                .expires_at(c)
                .map_or(*expires_at, |t| t.min(*expires_at));
            overlay.credentials.entry(c).or_default().expires_at = Some(earlier);
        }
        Action::DisableIdentity { identity } => match graph.find(identity) {
            Some(Thing::Identity(i)) => {
                overlay.disabled.insert(i);
            }
            _ => return Err(lacks("identity", identity)),
        },
        Action::RemoveGrant { grant } => {
            let g = find_grant(graph, overlay, grant)?;
            overlay.grants.entry(g).or_default().removed = true;
        }
        Action::NarrowGrant { grant, scopes } => {
            let g = find_grant(graph, overlay, grant)?;
            no_wider(scopes, world(graph, overlay).grant_scopes(g))?;
            overlay.grants.entry(g).or_default().scopes = Some(sorted(scopes));
        }
        Action::RemoveExposure { exposure } => {
            let all = &graph.inventory().records.exposures;
            let x = find_relation("exposure", exposure, all, |x| overlay.exposures_removed.contains(&x))?;
            overlay.exposures_removed.insert(x);
        }
        Action::RemoveInherit { inherit } => {
            let n = find_inherit(graph, overlay, inherit)?;
            no_escalation(graph, n)?;
            overlay.inherits.entry(n).or_default().removed = true;
        }
        Action::NarrowInherit { inherit, requires_all } => {
            let n = find_inherit(graph, overlay, inherit)?;
            no_escalation(graph, n)?;
            if graph.inventory().records.inherits[n as usize].how == Some(InheritHow::Membership) {
                return Err(format!(
                    "\"{inherit}\" is a membership, and the platform asks nothing for one; take the membership away instead"
                ));
            }
            let mut all: Vec<Premise> = world(graph, overlay).requirements(n).to_vec();
            for requirement in requires_all {
                all.push(Premise {
                    system: find_system(graph, &requirement.system)?,
                    scope: requirement.scope.clone(),
                });
            }
            // Indices follow ids, so this is the order of ids.
            all.sort_unstable();
            all.dedup();
            overlay.inherits.entry(n).or_default().requires = Some(all);
        }
        Action::RemoveTrust { trust } => {
            let t = find_trust(graph, overlay, trust)?;
            overlay.trusts.entry(t).or_default().removed = true;
        }
        Action::RequireExchange { trust, scopes } => {
            let t = find_trust(graph, overlay, trust)?;
            no_wider(scopes, world(graph, overlay).passes(t))?;
            overlay.trusts.entry(t).or_default().exchange = Some(sorted(scopes));
        }
        Action::Enforce { system, checks } => {
            let s = find_system(graph, system)?;
            for &check in checks {
                overlay.systems.entry(s).or_default().enforce[check as usize] = true;
            }
        }
        Action::Isolate { system } => {
            let s = find_system(graph, system)?;
            overlay.systems.entry(s).or_default().isolated = true;
        }
    }
    Ok(())
}

/// A world in which to read what records say; neither regime nor time matters for that.
fn world<'a>(graph: &'a TrustGraph, overlay: &'a Overlay) -> World<'a> {
    World::new(
        graph,
        overlay,
        Settings {
            as_of: Time::EPOCH,
            regime: Regime::WorstCase,
        },
    )
}

fn lacks(kind: &str, id: &str) -> String {
    format!(
        "The inventory has no {kind} \"{}\"; ids are case-sensitive",
        id.escape_debug()
    )
}

fn find_credential(graph: &TrustGraph, id: &str) -> Result<u32, String> {
    match graph.find(id) {
        Some(Thing::Credential(c)) => Ok(c),
        _ => Err(lacks("credential", id)),
    }
}

fn find_system(graph: &TrustGraph, id: &str) -> Result<u32, String> {
    match graph.find(id) {
        Some(Thing::System(s)) => Ok(s),
        _ => Err(lacks("system", id)),
    }
}

fn find_grant(graph: &TrustGraph, overlay: &Overlay, name: &str) -> Result<u32, String> {
    let all = &graph.inventory().records.grants;
    find_relation("grant", name, all, |g| {
        overlay.grants.get(&g).is_some_and(|x| x.removed)
    })
}

fn find_inherit(graph: &TrustGraph, overlay: &Overlay, name: &str) -> Result<u32, String> {
    let all = &graph.inventory().records.inherits;
    find_relation("inherit", name, all, |n| {
        overlay.inherits.get(&n).is_some_and(|x| x.removed)
    })
}

fn find_trust(graph: &TrustGraph, overlay: &Overlay, name: &str) -> Result<u32, String> {
    let all = &graph.inventory().records.trusts;
    find_relation("trust", name, all, |t| {
        overlay.trusts.get(&t).is_some_and(|x| x.removed)
    })
}

/// The relation of a name. Relations are sorted by name.
fn find_relation<R: Named>(kind: &str, name: &str, all: &[R], removed: impl Fn(u32) -> bool) -> Result<u32, String> {
    if let Some(at) = position_of(all, name) {
        if removed(at as u32) {
            return Err(format!(
                "An earlier action of this scenario removed the {kind} \"{}\"",
                name.escape_debug()
            ));
        }
        return Ok(at as u32);
    }
    // Those that share it begin with it and stand together.
    let from = all.partition_point(|x| x.name() < name.into());
    let alike = all[from..].iter().map(|x| x.name().to_string());
    let sharing: Vec<String> = alike
        .take_while(|other| other.starts_with(name))
        .filter(|other| {
            other
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('#'))
                .is_some_and(|hash| hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
        })
        .collect();
    if sharing.is_empty() {
        Err(lacks(kind, name))
    } else {
        Err(format!(
            "Several relations are called \"{}\"; name one of them: {}",
            name.escape_debug(),
            sharing.join(", ")
        ))
    }
}

fn no_escalation(graph: &TrustGraph, n: u32) -> Result<(), String> {
    let inherit = &graph.inventory().records.inherits[n as usize];
    if inherit.how == Some(InheritHow::Escalation) {
        return Err(format!(
            "\"{}\" is an escalation: the platform works so; take away one of the permissions it requires instead",
            inherit.name()
        ));
    }
    Ok(())
}

fn no_wider(wanted: &[String], stated: &[Text]) -> Result<(), String> {
    match wanted.iter().find(|w| !stated.iter().any(|s| covers(s, w))) {
        None => Ok(()),
        Some(wide) if stated.is_empty() => Err(format!(
            "\"{}\" would widen: there is no scope now",
            wide.escape_debug()
        )),
        Some(wide) => Err(format!(
            "\"{}\" would widen: it is covered by none of {}",
            wide.escape_debug(),
            stated.join(", ").escape_debug()
        )),
    }
}

fn intersected(wanted: &[String], stated: Option<&[Text]>) -> Vec<Text> {
    let mut kept: Vec<Text> = wanted
        .iter()
        .filter(|w| stated.is_none_or(|s| s.iter().any(|t| t == *w)))
        .map(Text::from)
        .collect();
    kept.sort();
    kept.dedup();
    kept
}

fn sorted(list: &[String]) -> Vec<Text> {
    let mut list: Vec<Text> = list.iter().map(Text::from).collect();
    list.sort();
    list.dedup();
    list
}
