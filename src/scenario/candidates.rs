//! The actions an analyst could take at a thing: those on the things and relations of its path, and its own.

use super::Action;
use super::flows::{FlowKind, Flows, Use};
use crate::analysis::{CheckState, Radius, Rule};
use crate::graph::{Thing, TrustGraph, World};
use crate::model::{Check, CredentialStatus, InheritHow, position_of};

/// Candidates for a thing, in a stable order: its own first, then those on its path from the thing back to the seeds.
/// None is proposed that could not be taken, or that is taken already.
#[must_use]
pub fn candidates(graph: &TrustGraph, radius: &Radius, flows: &Flows, thing: Thing) -> Vec<Action> {
    let world = World::new(graph, &radius.overlay, radius.settings);
    let mut out: Vec<Action> = Vec::new();
    own(world, flows, thing, &mut out);
    let path = radius.path(graph, thing).unwrap_or_default();
    for step in path.iter().rev() {
        if let (Rule::Accepted, Thing::System(s), Some(checks)) = (step.rule, step.thing, &step.checks) {
            let missing: Vec<Check> = Check::ALL
                .iter()
                .copied()
                .filter(|&c| matches!(checks[c as usize], CheckState::NotMade | CheckState::Unknown))
                .collect();
            for check in missing {
                push(
                    &mut out,
                    Action::Enforce {
                        system: graph.id(Thing::System(s)).into_owned(),
                        checks: vec![check],
                    },
                );
            }
        }
        for name in &step.records {
            relation(world, name, step.rule, &mut out);
        }
        if let Thing::Credential(_) = step.thing {
            own(world, flows, step.thing, &mut out);
        }
    }
    out.truncate(24);
    out
}

fn push(out: &mut Vec<Action>, action: Action) {
    if !out.contains(&action) {
        out.push(action);
    }
}

fn own(world: World<'_>, flows: &Flows, thing: Thing, out: &mut Vec<Action>) {
    let graph = world.graph;
    let id = || graph.id(thing).into_owned();
    match thing {
        Thing::Credential(c) => {
            if let Some(audience) = used_audience(world, flows, c) {
                push(
                    out,
                    Action::NarrowAudience {
                        credential: id(),
                        audience,
                    },
                );
            }
            if !world.rotated(c) {
                push(out, Action::Rotate { credential: id() });
            }
            if !matches!(world.status(c), CredentialStatus::Revoked | CredentialStatus::Expired) {
                push(out, Action::Revoke { credential: id() });
            }
            if let Some(i) = graph.identity_of[c as usize]
                && world.active(i)
            {
                push(
                    out,
                    Action::DisableIdentity {
                        identity: graph.id(Thing::Identity(i)).into_owned(),
                    },
                );
            }
        }
        Thing::Identity(i) if world.active(i) => push(out, Action::DisableIdentity { identity: id() }),
        Thing::System(s) if !world.isolated(s) => push(out, Action::Isolate { system: id() }),
        _ => {}
    }
}

/// The part of a credential's audience that is in use or may be; `None` where that is all of it or nothing is stated.
fn used_audience(world: World<'_>, flows: &Flows, c: u32) -> Option<Vec<String>> {
    let stated = world.audience(c)?;
    let systems = &world.graph.inventory().records.systems;
    let used: Vec<u32> = flows
        .list_of(world.graph, Thing::Credential(c))
        .into_iter()
        .filter(|&(kind, _, used, intended)| kind == FlowKind::Access && used != Use::Idle && intended)
        .filter_map(|(_, to, ..)| match to {
            Thing::System(s) => Some(s),
            _ => None,
        })
        .collect();
    let kept: Vec<String> = stated
        .iter()
        .filter(|a| {
            used.iter().any(|&s| {
                let system = &systems[s as usize];
                system
                    .accepts_audiences
                    .as_ref()
                    .map_or(system.id == **a, |all| all.contains(a))
            })
        })
        .map(String::from)
        .collect();
    (kept.len() < stated.len()).then_some(kept)
}

fn relation(world: World<'_>, name: &str, rule: Rule, out: &mut Vec<Action>) {
    let records = &world.graph.inventory().records;
    match rule {
        Rule::Exposure => push(
            out,
            Action::RemoveExposure {
                exposure: name.to_owned(),
            },
        ),
        Rule::Trust => {
            if let Some(t) = position_of(&records.trusts, name)
                && world.exchange(t as u32).is_none()
            {
                push(
                    out,
                    Action::RequireExchange {
                        trust: name.to_owned(),
                        scopes: Vec::new(),
                    },
                );
            }
            push(out, Action::RemoveTrust { trust: name.to_owned() });
        }
        Rule::Inherit | Rule::Accepted | Rule::Access => {
            if let Some(n) = position_of(&records.inherits, name) {
                if records.inherits[n].how != Some(InheritHow::Escalation) {
                    push(
                        out,
                        Action::RemoveInherit {
                            inherit: name.to_owned(),
                        },
                    );
                }
            } else if position_of(&records.grants, name).is_some() {
                push(out, Action::RemoveGrant { grant: name.to_owned() });
            }
        }
        Rule::Seed => {}
    }
}
