//! The working map around one record: what it has to do with, step by step in any direction, with the states that the
//! radius gives. It is opened from the estate, where a record is one of too many.

use super::map::{Cut, Gate, MapPicture, Node, State, cluster_name, describe, request_node, unreached};
use crate::analysis::Radius;
use crate::graph::{Holder, Settings, Thing, TrustGraph};
use crate::layout::{Request, rings};
use crate::scenario::Comparison;
use std::collections::{HashMap, HashSet};

/// The most records of a working map around one.
pub const MOST: usize = 260;
/// The most neighbours of one record that are followed.
const MOST_OF_ONE: usize = 60;
/// So many steps from the middle.
const STEPS: u32 = 3;

/// A thing, how many steps it is away, and the position of what it is told from.
pub type FoundStep = (Thing, u32, Option<u32>);

/// Which relations are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Those that lead there.
    In,
    /// Those that lead on.
    Out,
    /// Both.
    Both,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::In, Self::Out, Self::Both];

    /// As shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::In => "In",
            Self::Out => "Out",
            Self::Both => "Both",
        }
    }
}

/// What lies within some steps of a thing, nearest first; of many neighbours those come first that sort first.
#[must_use]
pub fn near<K: Ord>(
    graph: &TrustGraph,
    middle: Thing,
    direction: Direction,
    most_steps: u32,
    first: &dyn Fn(Thing) -> K,
) -> Vec<FoundStep> {
    let mut found: Vec<FoundStep> = vec![(middle, 0, None)];
    let mut met: HashSet<Thing> = HashSet::from([middle]);
    let mut at = 0;
    while at < found.len() && found.len() < MOST {
        let (thing, steps, _) = found[at];
        if steps < most_steps {
            let mut next = neighbours(graph, thing, direction);
            next.retain(|t| !met.contains(t));
            // What is reached is told first, crown jewels before the rest.
            next.sort_by_cached_key(|&t| (first(t), t));
            next.dedup();
            for t in next.into_iter().take(MOST_OF_ONE) {
                if found.len() < MOST {
                    met.insert(t);
                    found.push((t, steps + 1, Some(at as u32)));
                }
            }
        }
        at += 1;
    }
    found
}

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
        let first = |t: Thing| (!was.contains_key(&t), !describe(graph, t, settings.as_of).2);
        let found = near(graph, middle, Direction::Both, STEPS, &first);
        Self::of_steps(graph, before, comparison, &found, settings, size)
    }

    /// The map of things step by step, each with how many steps it is away and from which other it is told, by position
    /// in the list; the first one stands in the middle.
    #[must_use]
    pub fn of_steps(
        graph: &TrustGraph,
        before: &Radius,
        comparison: Option<&Comparison>,
        found: &[FoundStep],
        settings: Settings,
        size: (f32, f32),
    ) -> Self {
        let was = states(before);
        let after = comparison.map(|c| &*c.after);
        let is = after.map(states);
        let index: HashMap<Thing, u32> = found.iter().map(|f| f.0).zip(0..).collect();
        let mut nodes: Vec<Node> = Vec::with_capacity(found.len());
        for &(thing, steps, parent) in found {
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
            dims: Vec::new(),
            counted: Some([by_state(&was), by_state(is.as_ref().unwrap_or(&was))]),
            index,
            nodes,
        }
    }
}

/// Systems by state: intended, inherited, assumed.
fn by_state(states: &HashMap<Thing, State>) -> [u64; 3] {
    let count = |wanted: State| {
        let is = |s: &(&Thing, &State)| matches!(s.0, Thing::System(_)) && *s.1 == wanted;
        states.iter().filter(is).count() as u64
    };
    [State::Intended, State::Inherited, State::Assumed].map(count)
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

/// What a relation joins a thing with; contexts are left out.
fn neighbours(graph: &TrustGraph, thing: Thing, direction: Direction) -> Vec<Thing> {
    let holder = |g: u32| match graph.grant_holder[g as usize] {
        Holder::Credential(c) => Thing::Credential(c),
        Holder::Identity(i) => Thing::Identity(i),
    };
    let granted = |g: u32| Thing::System(graph.grant_system[g as usize]);
    let yielded = |x: u32| graph.exposure_yields[x as usize];
    let (mut into, mut on): (Vec<Thing>, Vec<Thing>) = (Vec::new(), Vec::new());
    match thing {
        Thing::System(s) => {
            into.extend(graph.grants_on_system.of(s).iter().map(|&g| holder(g)));
            let trusts = graph.trusts_into_system.of(s).iter();
            into.extend(trusts.map(|&t| Thing::System(graph.trust_from[t as usize])));
            on.extend(graph.exposures_of_system.of(s).iter().map(|&x| yielded(x)));
            let trusts = graph.trusts_from_system.of(s).iter();
            on.extend(trusts.map(|&t| Thing::System(graph.trust_to[t as usize])));
        }
        Thing::Credential(c) => {
            let exposures = graph.exposures_yielding_credential.of(c).iter();
            into.extend(exposures.map(|&x| graph.exposure_from[x as usize]));
            on.extend(graph.grants_of_credential.of(c).iter().map(|&g| granted(g)));
            let identity = graph.identity_of.get(c as usize).copied().flatten();
            on.extend(identity.map(Thing::Identity));
            on.extend(graph.exposures_of_credential.of(c).iter().map(|&x| yielded(x)));
        }
        Thing::Identity(i) => {
            let credentials = graph.credentials_of_identity.of(i).iter();
            into.extend(credentials.map(|&c| Thing::Credential(c)));
            let inherits = graph.inherits_into_identity.of(i).iter();
            into.extend(
                inherits
                    .filter_map(|&n| graph.inherit_from[n as usize])
                    .map(Thing::Identity),
            );
            on.extend(graph.grants_of_identity.of(i).iter().map(|&g| granted(g)));
            on.extend(graph.exposures_of_identity.of(i).iter().map(|&x| yielded(x)));
            let inherits = graph.inherits_of_identity.of(i).iter();
            on.extend(inherits.map(|&n| Thing::Identity(graph.inherit_to[n as usize])));
        }
        Thing::Context(_) => {}
    }
    let mut out = match direction {
        Direction::In => into,
        Direction::Out => on,
        Direction::Both => {
            into.extend(on);
            into
        }
    };
    let r = &graph.inventory().records;
    out.retain(|t| match *t {
        Thing::System(i) => (i as usize) < r.systems.len(),
        Thing::Identity(i) => (i as usize) < r.identities.len(),
        Thing::Credential(i) => (i as usize) < r.credentials.len(),
        Thing::Context(_) => false,
    });
    out
}
