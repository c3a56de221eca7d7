//! An incident in order: what to revoke or rotate first, what only helps when it is done together, where a revocation
//! has no effect and for how long, and which third party would reach how much.

use super::{Progress, Stopped};
use crate::analysis::{Summary, radius, reached};
use crate::graph::{Overlay, Settings, Thing, TrustGraph, World};
use crate::model::Time;
use crate::scenario::{Action, Flow, Missing, UseCounts, apply, changed, changed_flows, compare};
use std::collections::{BTreeMap, BTreeSet};

/// How many candidates are tried for each step; those nearest to the compromise come first.
const MOST_CANDIDATES: usize = 120;

/// How many credentials are asked whether they give each other back.
const MOST_TOGETHER: usize = 300;

/// One step of a containment.
#[derive(Clone, Debug)]
pub struct ContainmentStep {
    /// What is done.
    pub action: Action,
    /// The radius before it.
    pub before: Summary,
    /// The radius after it.
    pub after: Summary,
    /// What it breaks of what the steps before it left.
    pub broken_flows: Vec<Flow>,
    /// How many of them are used.
    pub broken: UseCounts,
}

/// Where a step has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEffective {
    /// The step's place, from 0.
    pub step: usize,
    /// A system, or the exposure by which the credential is minted again.
    pub at: String,
    /// What is missing there.
    pub missing: Missing,
    /// Until when an acceptor that does not ask the issuer lets the credential in; `None` where it never expires or where
    /// something else is missing.
    pub until: Option<Time>,
    /// How long that is from the as-of time, in seconds.
    pub secs_left: Option<i64>,
}

/// What to do, in order.
#[derive(Clone, Debug, Default)]
pub struct Containment {
    /// In order: each takes most weight off for what it breaks.
    pub steps: Vec<ContainmentStep>,
    /// Credentials by id of which each gives back the others, so that they must be rotated in one go.
    pub together: Vec<Vec<String>>,
    /// Where the steps have no effect.
    pub not_effective: Vec<NotEffective>,
    /// What is reached after all steps, by id.
    pub residue: Vec<String>,
}

/// The rotations of a pasted list of credentials that were rotated already, for the base of a containment.
///
/// # Errors
/// The ids that name no credential.
pub fn rotated_already(graph: &TrustGraph, ids: &[String]) -> Result<Vec<Action>, Vec<String>> {
    let mut unknown = Vec::new();
    let mut actions = Vec::new();
    for id in ids.iter().collect::<BTreeSet<_>>() {
        match graph.find(id) {
            Some(Thing::Credential(_)) => actions.push(Action::Rotate { credential: id.clone() }),
            _ => unknown.push(id.clone()),
        }
    }
    if unknown.is_empty() { Ok(actions) } else { Err(unknown) }
}

/// The containment of a compromise, after what was done already.
///
/// # Errors
/// [`Stopped`], if nobody waits any more.
pub fn containment(
    graph: &TrustGraph,
    done: &[Action],
    seeds: &[Thing],
    settings: Settings,
    most_steps: usize,
    progress: &dyn Progress,
) -> Result<Containment, Stopped> {
    let lay = |actions: &[Action]| apply(graph, actions).unwrap_or_default();
    let mut actions = done.to_vec();
    let mut overlay = lay(&actions);
    let mut out = Containment::default();
    let first = radius(graph, &overlay, seeds, settings, progress)?;
    out.together = together(graph, &overlay, settings, &first.things(), seeds, progress)?;
    let mut now = first;
    while out.steps.len() < most_steps && now.summary.weight > 0 {
        let mut best: Option<(f64, Action, Overlay)> = None;
        for action in candidates(graph, &now, seeds, &actions) {
            if progress.is_cancelled() {
                return Err(Stopped::Cancelled);
            }
            let Ok(then) = apply(graph, &[actions.as_slice(), std::slice::from_ref(&action)].concat()) else {
                continue;
            };
            let weight = weight(World::new(graph, &then, settings), seeds, progress)?;
            let off = now.summary.weight.saturating_sub(weight);
            let (broken, _) = changed(
                World::new(graph, &overlay, settings),
                World::new(graph, &then, settings),
            );
            let cost: u64 = 1 + broken.iter().map(super::prices::price).sum::<u64>();
            let rate = off as f64 / cost as f64;
            if off > 0 && best.as_ref().is_none_or(|(most, ..)| rate > *most) {
                best = Some((rate, action, then));
            }
        }
        let Some((_, action, then)) = best else { break };
        let (broken_flows, _) = changed_flows(
            World::new(graph, &overlay, settings),
            World::new(graph, &then, settings),
        );
        let after = radius(graph, &then, seeds, settings, progress)?;
        out.steps.push(ContainmentStep {
            action: action.clone(),
            before: now.summary,
            after: after.summary,
            broken: UseCounts::of(&broken_flows),
            broken_flows,
        });
        actions.push(action);
        overlay = then;
        now = after;
    }
    let compared = compare(graph, &actions, &overlay, seeds, settings, progress)?;
    for x in &compared.ineffective {
        let Some(step) = x.action.checked_sub(done.len()) else {
            continue;
        };
        let world = World::new(graph, &overlay, settings);
        let expires = match graph.find(actions[x.action].target()) {
            Some(Thing::Credential(c)) => world.expires_at(c),
            _ => None,
        };
        for (at, missing) in &x.at {
            let until = expires.filter(|_| matches!(missing, Missing::Check(crate::model::Check::Revocation)));
            out.not_effective.push(NotEffective {
                step,
                at: at.clone(),
                missing: *missing,
                until,
                secs_left: until.map(|t| t.unix_secs() - settings.as_of.unix_secs()),
            });
        }
    }
    out.residue = now.systems.iter().map(|s| s.reach.id.clone()).collect();
    Ok(out)
}

/// The weight of what is reached.
fn weight(world: World<'_>, seeds: &[Thing], progress: &dyn Progress) -> Result<u64, Stopped> {
    let things = reached(world, seeds, progress)?.things;
    Ok(crate::analysis::weigh(world.graph, things.into_iter()))
}

/// What responders can do at once: rotate and revoke what is held, disable who is acted as; the nearest first.
fn candidates(graph: &TrustGraph, now: &crate::analysis::Radius, seeds: &[Thing], done: &[Action]) -> Vec<Action> {
    let mut things: Vec<(u32, Thing)> = seeds.iter().map(|&t| (0, t)).collect();
    things.extend(now.credentials.iter().map(|c| (c.reach.hops, c.reach.thing)));
    things.extend(now.identities.iter().map(|i| (i.hops, i.thing)));
    things.sort_unstable();
    things.dedup();
    let mut out = Vec::new();
    for (_, thing) in things {
        let id = || graph.id(thing).into_owned();
        match thing {
            Thing::Credential(_) => {
                out.push(Action::Rotate { credential: id() });
                out.push(Action::Revoke { credential: id() });
            }
            Thing::Identity(_) => out.push(Action::DisableIdentity { identity: id() }),
            _ => {}
        }
    }
    out.retain(|action| !done.contains(action));
    out.truncate(MOST_CANDIDATES);
    out
}

/// Credentials that are held and of which each, alone, gives back the others.
fn together(
    graph: &TrustGraph,
    overlay: &Overlay,
    settings: Settings,
    things: &BTreeSet<Thing>,
    seeds: &[Thing],
    progress: &dyn Progress,
) -> Result<Vec<Vec<String>>, Stopped> {
    let world = World::new(graph, overlay, settings);
    let held: Vec<Thing> = things
        .iter()
        .chain(seeds)
        .copied()
        .filter(|t| matches!(t, Thing::Credential(_)))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .take(MOST_TOGETHER)
        .collect();
    let mut gives: BTreeMap<Thing, BTreeSet<Thing>> = BTreeMap::new();
    for &c in &held {
        let reach = reached(world, &[c], progress)?.things;
        gives.insert(c, held.iter().copied().filter(|d| reach.contains(d)).collect());
    }
    // Reaching is transitive, so each other's givers are a group.
    let mut left: BTreeSet<Thing> = held.into_iter().collect();
    let mut out = Vec::new();
    while let Some(c) = left.pop_first() {
        let mut group = vec![c];
        group.extend(
            left.iter()
                .copied()
                .filter(|d| gives[&c].contains(d) && gives[d].contains(&c)),
        );
        for d in &group {
            left.remove(d);
        }
        if group.len() > 1 {
            out.push(group.into_iter().map(|d| graph.id(d).into_owned()).collect());
        }
    }
    Ok(out)
}

/// What follows when everything one third party holds is compromised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Its owner as stated, else the id of the system or identity.
    pub name: String,
    /// What it holds, by id.
    pub holds: Vec<String>,
    /// The same as seeds.
    pub seeds: Vec<Thing>,
    /// The radius of all of it together.
    pub reach: VendorReach,
}

/// How far a third party reaches, its own things left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VendorReach {
    /// Systems.
    pub systems: u64,
    /// Crown jewels among them.
    pub crown_jewels: u64,
    /// Sum of their weights.
    pub weight: u64,
}

/// Every third party by what it would reach: weight and systems falling, then name.
///
/// # Errors
/// [`Stopped`], if nobody waits any more.
pub fn vendors(
    graph: &TrustGraph,
    overlay: &Overlay,
    settings: Settings,
    progress: &dyn Progress,
) -> Result<Vec<Vendor>, Stopped> {
    let records = &graph.inventory().records;
    let mut by_name: BTreeMap<String, BTreeSet<Thing>> = BTreeMap::new();
    let mut of_identity: BTreeMap<u32, String> = BTreeMap::new();
    for (n, s) in records
        .systems
        .iter()
        .enumerate()
        .filter(|(_, s)| s.third_party == Some(true))
    {
        let name = s.owner.as_ref().unwrap_or(&s.id).to_string();
        by_name.entry(name).or_default().insert(Thing::System(n as u32));
    }
    for (n, i) in records
        .identities
        .iter()
        .enumerate()
        .filter(|(_, i)| i.third_party == Some(true))
    {
        let name = i.owner.as_ref().unwrap_or(&i.id).to_string();
        of_identity.insert(n as u32, name.clone());
        by_name.entry(name).or_default().insert(Thing::Identity(n as u32));
    }
    for c in 0..records.credentials.len() as u32 {
        if let Some(name) = graph.identity_of[c as usize].and_then(|i| of_identity.get(&i)) {
            by_name.entry(name.clone()).or_default().insert(Thing::Credential(c));
        }
    }
    let world = World::new(graph, overlay, settings);
    let mut out = Vec::new();
    for (name, things) in by_name {
        let seeds: Vec<Thing> = things.into_iter().collect();
        let reach = reached(world, &seeds, progress)?;
        let systems: Vec<Thing> = reach
            .things
            .iter()
            .copied()
            .filter(|t| matches!(t, Thing::System(_)))
            .collect();
        let crown = |t: &&Thing| {
            matches!(t, Thing::System(s) if records.systems[*s as usize].criticality
            == Some(crate::model::Criticality::CrownJewel))
        };
        out.push(Vendor {
            name,
            holds: seeds.iter().map(|&t| graph.id(t).into_owned()).collect(),
            reach: VendorReach {
                systems: systems.len() as u64,
                crown_jewels: systems.iter().filter(crown).count() as u64,
                weight: crate::analysis::weigh(graph, systems.iter().copied()),
            },
            seeds,
        });
    }
    out.sort_by(|a, b| {
        (b.reach.weight, b.reach.systems)
            .cmp(&(a.reach.weight, a.reach.systems))
            .then_with(|| a.name.cmp(&b.name))
    });
    Ok(out)
}
