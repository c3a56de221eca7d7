//! Attacks: for each protected thing that is reached one derivation, with all it leans on, so that a planner may ask
//! what would break it without running the whole estate again.

use super::fact::{Fact, Held, RelationIx};
use super::radius::{steps, thing_of};
use super::{Cancel, Cancelled, Never, Rule, Step, close};
use crate::graph::{Holder, Only, Thing, World};
use std::collections::{BTreeMap, BTreeSet};

/// One derivation of a protected thing: a least one by hops and steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attack {
    /// What is reached.
    pub target: Thing,
    /// The seeds it starts from: others might use the same relations.
    pub seeds: Vec<Thing>,
    /// The relations it uses.
    pub only: Only,
    /// Every system, identity and credential on which one of its steps depends, sorted.
    pub things: Vec<Thing>,
}

/// Whether a fact counts as reaching a thing: a seed does not, but a rotated one that is got again does.
fn reaches(world: World<'_>, seeds: &[Thing], fact: Fact) -> Option<Thing> {
    let again = matches!(fact, Fact::Holds(c, v) if v != Held::Old && world.rotated(c));
    thing_of(fact).filter(|thing| again || !seeds.contains(thing))
}

/// The protected things that are reached, each with its attack, in the order of the things. `protected` is sorted.
pub(crate) fn attacks(
    world: World<'_>,
    seeds: &[Thing],
    protected: &[Thing],
    cancel: &dyn Cancel,
) -> Result<Vec<Attack>, Cancelled> {
    let closure = close::<true>(world, seeds, cancel)?;
    let mut best: BTreeMap<Thing, u32> = BTreeMap::new();
    for (f, &fact) in closure.facts.iter().enumerate() {
        let Some(thing) = reaches(world, seeds, fact).filter(|t| protected.binary_search(t).is_ok()) else {
            continue;
        };
        let key = |f: u32| (closure.hops[f as usize], closure.steps[f as usize], f);
        let f = f as u32;
        let old = best.entry(thing).or_insert(f);
        if key(f) < key(*old) {
            *old = f;
        }
    }
    let attack = |(&target, &fact): (&Thing, &u32)| {
        let mut only = Only::default();
        let mut things: BTreeSet<Thing> = BTreeSet::new();
        let mut from: BTreeSet<Thing> = BTreeSet::new();
        for f in closure.path(fact) {
            let fact = closure.facts[f as usize];
            if let Fact::Accepted(_, _, s) = fact {
                things.insert(Thing::System(s));
            }
            things.extend(thing_of(fact));
            if closure.why[f as usize].rule == Rule::Seed {
                from.extend(thing_of(fact));
            }
            for &record in &closure.why[f as usize].records {
                lean_on(world, record, &mut only, &mut things);
            }
        }
        for thing in things.clone() {
            if let Thing::Credential(c) = thing {
                things.extend(world.graph.identity_of[c as usize].map(Thing::Identity));
                things.extend(world.graph.issuer_of[c as usize].map(Thing::System));
            }
        }
        for list in [
            &mut only.grants,
            &mut only.exposures,
            &mut only.inherits,
            &mut only.trusts,
        ] {
            list.sort_unstable();
            list.dedup();
        }
        Attack {
            target,
            seeds: from.into_iter().collect(),
            only,
            things: things.into_iter().filter(|t| !matches!(t, Thing::Context(_))).collect(),
        }
    };
    Ok(best.iter().map(attack).collect())
}

fn lean_on(world: World<'_>, record: RelationIx, only: &mut Only, things: &mut BTreeSet<Thing>) {
    let graph = world.graph;
    match record {
        RelationIx::Grant(g) => {
            only.grants.push(g);
            things.insert(Thing::System(graph.grant_system[g as usize]));
            things.insert(match graph.grant_holder[g as usize] {
                Holder::Credential(c) => Thing::Credential(c),
                Holder::Identity(i) => Thing::Identity(i),
            });
        }
        RelationIx::Exposure(x) => {
            only.exposures.push(x);
            things.insert(graph.exposure_from[x as usize]);
            things.insert(graph.exposure_yields[x as usize]);
        }
        RelationIx::Inherit(n) => {
            only.inherits.push(n);
            things.extend(graph.inherit_from[n as usize].map(Thing::Identity));
            things.insert(Thing::Identity(graph.inherit_to[n as usize]));
            things.extend(world.requirements(n).iter().map(|p| Thing::System(p.system)));
        }
        RelationIx::Trust(t) => {
            only.trusts.push(t);
            things.insert(Thing::System(graph.trust_from[t as usize]));
            things.insert(Thing::System(graph.trust_to[t as usize]));
        }
    }
}

impl Attack {
    /// Whether the attack still reaches its target in another world of the same graph.
    pub(crate) fn stands(&self, world: World<'_>) -> bool {
        let world = world.within(&self.only);
        // Nobody waits long for a single derivation.
        let closure = close::<false>(world, &self.seeds, &Never).unwrap_or_default();
        closure
            .facts
            .iter()
            .any(|&fact| reaches(world, &self.seeds, fact) == Some(self.target))
    }

    /// The attack as an explanation.
    pub(crate) fn path(&self, world: World<'_>) -> Vec<Step> {
        let world = world.within(&self.only);
        let closure = close::<true>(world, &self.seeds, &Never).unwrap_or_default();
        let facts = (0..closure.facts.len() as u32)
            .filter(|&f| reaches(world, &self.seeds, closure.facts[f as usize]) == Some(self.target));
        let best = facts.min_by(|&a, &b| closure.compare_facts(world, a, b));
        best.map(|f| steps(world, &closure, f)).unwrap_or_default()
    }
}
