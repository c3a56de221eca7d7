//! The working map around one record: what it has to do with, step by step in any direction, with the states that the
//! radius gives. It is opened from the estate, where a record is one of too many.

use super::map::{Cut, Gate, MapPicture, Node, State, cluster_name, describe, request_node, unreached};
use crate::analysis::Radius;
use crate::graph::{Holder, Settings, Thing, TrustGraph};
use crate::layout::{Request, rings};
use crate::scenario::Comparison;
use std::collections::HashMap;

/// The most records of a working map around one.
const MOST: usize = 260;
/// The most neighbours of one record that are followed.
const MOST_OF_ONE: usize = 60;
/// So many steps from the middle.
const STEPS: u32 = 3;

impl MapPicture {
    /// The map of what surrounds a record, for a place of this size in points.
    #[must_use]
    pub fn around(
        graph: &TrustGraph,
        before: &Radius,
        comparison: Option<&Comparison>,
        middle: Thing,
        settings: Settings,
        size: (f32, f32),
    ) -> Self {
        let was = states(before);
        let after = comparison.map(|c| &*c.after);
        let is = after.map(states);
        let mut found: Vec<(Thing, u32, Option<u32>)> = vec![(middle, 0, None)];
        let mut index: HashMap<Thing, u32> = HashMap::from([(middle, 0)]);
        let mut at = 0;
        while at < found.len() && found.len() < MOST {
            let (thing, steps, _) = found[at];
            if steps < STEPS {
                let mut near = neighbours(graph, thing);
                near.retain(|t| !index.contains_key(t));
                // What is reached is told first, crown jewels before the rest.
                near.sort_by_key(|&t| (!was.contains_key(&t), !describe(graph, t, settings.as_of).2, t));
                near.dedup();
                for t in near.into_iter().take(MOST_OF_ONE) {
                    if found.len() < MOST {
                        index.insert(t, found.len() as u32);
                        found.push((t, steps + 1, Some(at as u32)));
                    }
                }
            }
            at += 1;
        }
        let mut nodes: Vec<Node> = Vec::with_capacity(found.len());
        for (thing, steps, parent) in found {
            let (class, icon, crown, disabled, expired, platform) = describe(graph, thing, settings.as_of);
            let before = was.get(&thing).copied().unwrap_or(State::Untouched);
            let after = match &is {
                None => before,
                Some(is) => match (is.get(&thing), before) {
                    (Some(&state), _) => state,
                    (None, State::Untouched) => State::Untouched,
                    (None, _) => State::Ghost,
                },
            };
            let cluster = platform
                .map(cluster_name)
                .or_else(|| parent.map(|p| nodes[p as usize].cluster.clone()))
                .unwrap_or_else(|| "Elsewhere".into());
            let cut = match (after, parent) {
                (State::Ghost, Some(p)) if nodes[p as usize].after == State::Ghost => Cut::Beyond,
                (State::Ghost, _) => Cut::Sealed,
                _ => Cut::Open,
            };
            nodes.push(Node {
                thing,
                id: graph.id(thing).into_owned(),
                name: graph.display_name(thing).to_owned(),
                class,
                icon,
                crown,
                hops: steps,
                before,
                after,
                disabled,
                expired,
                parent,
                parent_after: parent,
                gate: Gate::None,
                gate_after: Gate::None,
                cut,
                cluster,
            });
        }
        let request = Request {
            nodes: nodes
                .iter()
                .map(|n| {
                    let mut asked = request_node(graph, n);
                    // All stand between the walls of their step, the one in the middle apart.
                    asked.system = n.parent.is_some();
                    asked
                })
                .collect(),
            width: size.0,
            height: size.1 - super::SHELF,
        };
        let most = nodes.iter().map(|n| n.hops).max().unwrap_or(0) as usize;
        let mut by_step = vec![0; most];
        for n in nodes.iter().filter(|n| n.hops > 0) {
            by_step[n.hops as usize - 1] += 1;
        }
        Self {
            layout: rings(&request),
            hops_after: by_step.clone(),
            hops_before: by_step,
            before: before.summary,
            after: after.map(|r| r.summary),
            interval: before.interval,
            settings,
            unreached: unreached(graph, before),
            size,
            around: true,
            index,
            nodes,
        }
    }
}

fn states(radius: &Radius) -> HashMap<Thing, State> {
    let systems = radius.systems.iter().map(|s| &s.reach);
    let reaches = systems
        .chain(radius.credentials.iter().map(|c| &c.reach))
        .chain(&radius.identities);
    let mut out: HashMap<Thing, State> = reaches
        .map(|r| {
            let state = match (r.assumed, r.inherited) {
                (true, _) => State::Assumed,
                (_, true) => State::Inherited,
                _ => State::Intended,
            };
            (r.thing, state)
        })
        .collect();
    out.extend(radius.seeds.iter().map(|&s| (s, State::Compromised)));
    out
}

/// What a relation joins a thing with, in either direction; contexts are left out.
fn neighbours(graph: &TrustGraph, thing: Thing) -> Vec<Thing> {
    let mut out = Vec::new();
    let holder = |g: u32| match graph.grant_holder[g as usize] {
        Holder::Credential(c) => Thing::Credential(c),
        Holder::Identity(i) => Thing::Identity(i),
    };
    let system = |g: u32| Thing::System(graph.grant_system[g as usize]);
    match thing {
        Thing::System(s) => {
            out.extend(graph.grants_on_system.of(s).iter().map(|&g| holder(g)));
            out.extend(
                graph
                    .exposures_of_system
                    .of(s)
                    .iter()
                    .map(|&x| graph.exposure_yields[x as usize]),
            );
            out.extend(
                graph
                    .trusts_from_system
                    .of(s)
                    .iter()
                    .map(|&t| Thing::System(graph.trust_to[t as usize])),
            );
            out.extend(
                graph
                    .trusts_into_system
                    .of(s)
                    .iter()
                    .map(|&t| Thing::System(graph.trust_from[t as usize])),
            );
        }
        Thing::Credential(c) => {
            out.extend(graph.grants_of_credential.of(c).iter().map(|&g| system(g)));
            out.extend(
                graph
                    .identity_of
                    .get(c as usize)
                    .copied()
                    .flatten()
                    .map(Thing::Identity),
            );
            out.extend(
                graph
                    .exposures_of_credential
                    .of(c)
                    .iter()
                    .map(|&x| graph.exposure_yields[x as usize]),
            );
            out.extend(
                graph
                    .exposures_yielding_credential
                    .of(c)
                    .iter()
                    .map(|&x| graph.exposure_from[x as usize]),
            );
        }
        Thing::Identity(i) => {
            out.extend(graph.grants_of_identity.of(i).iter().map(|&g| system(g)));
            out.extend(
                graph
                    .credentials_of_identity
                    .of(i)
                    .iter()
                    .map(|&c| Thing::Credential(c)),
            );
            out.extend(
                graph
                    .exposures_of_identity
                    .of(i)
                    .iter()
                    .map(|&x| graph.exposure_yields[x as usize]),
            );
            out.extend(
                graph
                    .inherits_of_identity
                    .of(i)
                    .iter()
                    .map(|&n| Thing::Identity(graph.inherit_to[n as usize])),
            );
            let into = graph.inherits_into_identity.of(i).iter();
            out.extend(
                into.filter_map(|&n| graph.inherit_from[n as usize])
                    .map(Thing::Identity),
            );
        }
        Thing::Context(_) => {}
    }
    let r = &graph.inventory().records;
    out.retain(|t| match *t {
        Thing::System(i) => (i as usize) < r.systems.len(),
        Thing::Identity(i) => (i as usize) < r.identities.len(),
        Thing::Credential(i) => (i as usize) < r.credentials.len(),
        Thing::Context(_) => false,
    });
    out
}
