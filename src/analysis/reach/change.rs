//! What a scenario takes from a core: the facts whose consequences it may change are compiled again, before and after.

use super::compile::{Compiled, Found, Maker, Sink};
use super::core::NONE;
use super::places::Origin;
use super::standing::{Backward, Cut};
use crate::graph::{Holder, InheritChange, Thing, World};
use std::collections::{BTreeSet, HashSet};

/// Records whose consequences may differ.
#[derive(Default)]
struct Touched {
    credentials: BTreeSet<u32>,
    /// With their grants.
    identities: BTreeSet<u32>,
    systems: BTreeSet<u32>,
    ways: BTreeSet<u32>,
}

/// What `after` lacks of what `before` gives, as a cut of the core that was compiled from `before`. `None` where that
/// cannot be said by taking away alone: a credential is bound to contexts or a system made to check them, a seed, a
/// credential that works offline or one of which copies lie about is rotated, an inherit without `from` asks for more,
/// or something new is passed on. Whoever asks then compiles anew.
#[must_use]
pub fn cut_between(
    compiled: &Compiled,
    back: &Backward,
    before: World<'_>,
    after: World<'_>,
    seeds: &[Thing],
) -> Option<Cut> {
    for (&c, change) in &after.overlay.credentials {
        let newly = change.rotated && !before.rotated(c);
        // The old copies that are lying about are held all the same.
        let lies_about = || {
            let exposures = after.graph.exposures_yielding_credential.of(c);
            exposures.iter().any(|&x| after.yields_old(x, c))
        };
        if newly && (after.self_contained(c) || seeds.contains(&Thing::Credential(c)) || lies_about()) {
            return None;
        }
        if change.contexts.is_some() && before.contexts(c) != after.contexts(c) {
            return None;
        }
    }
    if seeds
        .iter()
        .any(|seed| matches!(seed, Thing::System(s) if after.isolated(*s) && !before.isolated(*s)))
    {
        return None;
    }
    // Whoever may go an inherit without `from` is looked at anew once it asks for more.
    let asks_for_more = |(n, change): (&u32, &InheritChange)| {
        let known = before.overlay.inherits.get(n).and_then(|x| x.requires.as_ref());
        after.graph.inherit_from[*n as usize].is_none()
            && change.requires.is_some()
            && known != change.requires.as_ref()
    };
    if after.overlay.inherits.iter().any(asks_for_more) {
        return None;
    }
    let touched = touched(compiled, back, before, after);
    let edges = |world: World<'_>| {
        let maker = Maker::new(world, &compiled.places);
        let (mut sink, mut found) = (Sink::default(), Found::default());
        for &c in &touched.credentials {
            maker.credential(c, &mut found, &mut sink);
        }
        for &i in &touched.identities {
            maker.identity(i, &mut found, &mut sink);
            maker.grants_of(i, &mut found, &mut sink);
        }
        for &s in &touched.systems {
            maker.system(s, &mut sink);
        }
        for &list in &touched.ways {
            maker.way(list, &mut sink);
        }
        sink
    };
    let (old, new) = (edges(before), edges(after));
    let had: HashSet<(u32, u32)> = old.edges.iter().copied().collect();
    let has: HashSet<(u32, u32)> = new.edges.iter().copied().collect();
    if has.iter().any(|edge| !had.contains(edge)) {
        return None;
    }
    let map = |&(from, to): &(u32, u32)| (compiled.core.node(from), compiled.core.node(to));
    let mut gone: Vec<(u32, u32)> = had.difference(&has).map(map).collect();
    gone.sort_unstable();
    let ends = |sink: &Sink| -> BTreeSet<(u32, u32)> { sink.doors.iter().map(|d| map(&(d.0, d.1))).collect() };
    let (old_doors, new_doors) = (ends(&old), ends(&new));
    if new_doors.difference(&old_doors).next().is_some() {
        return None;
    }
    Some(Cut {
        nodes: Vec::new(),
        edges: gone,
        doors: old_doors.difference(&new_doors).copied().collect(),
    })
}

fn touched(compiled: &Compiled, back: &Backward, before: World<'_>, after: World<'_>) -> Touched {
    let graph = after.graph;
    let (old, new) = (before.overlay, after.overlay);
    let mut out = Touched::default();
    let into = |out: &mut Touched, place: u32| {
        for &from in back.into.of(compiled.core.node(place)) {
            match compiled.places.origin(compiled.core.maker_of(from)) {
                Origin::Credential(c) => {
                    out.credentials.insert(c);
                }
                Origin::Identity(i) => {
                    out.identities.insert(i);
                }
                // Whoever is served by these grants may prove a requirement by them.
                Origin::Grants(i) => out.add_members(before, i),
                Origin::System(s) => {
                    out.systems.insert(s);
                }
                Origin::Way(list) => {
                    out.ways.insert(list);
                }
                Origin::Context => {}
            }
        }
    };
    for (&c, change) in &new.credentials {
        if old.credentials.get(&c) == Some(change) {
            continue;
        }
        out.credentials.insert(c);
        for &x in graph.exposures_yielding_credential.of(c) {
            out.add_origin(graph.exposure_from[x as usize]);
        }
    }
    for &i in new.disabled.difference(&old.disabled) {
        out.add_members(before, i);
        into(&mut out, compiled.places.identity(i));
    }
    for (&g, change) in &new.grants {
        if old.grants.get(&g) != Some(change) {
            match graph.grant_holder[g as usize] {
                Holder::Credential(c) => {
                    out.credentials.insert(c);
                }
                Holder::Identity(i) => out.add_members(before, i),
            }
        }
    }
    for &x in new.exposures_removed.difference(&old.exposures_removed) {
        out.add_origin(graph.exposure_from[x as usize]);
    }
    for (&n, change) in &new.inherits {
        if old.inherits.get(&n) != Some(change) {
            into(&mut out, compiled.places.identity(graph.inherit_to[n as usize]));
            if before.is_membership(n)
                && let Some(from) = graph.inherit_from[n as usize]
            {
                out.add_members(before, from);
            }
        }
    }
    for (&t, change) in &new.trusts {
        if old.trusts.get(&t) != Some(change) {
            out.systems.insert(graph.trust_from[t as usize]);
        }
    }
    for (&s, change) in &new.systems {
        if old.systems.get(&s) != Some(change) {
            into(&mut out, compiled.places.system(s));
            let issued = graph
                .issuer_of
                .iter()
                .zip(0..)
                .filter(|(issuer, _)| **issuer == Some(s));
            out.credentials.extend(issued.map(|(_, c)| c));
        }
    }
    out
}

impl Touched {
    fn add_origin(&mut self, from: Thing) {
        match from {
            Thing::System(NONE) | Thing::Identity(NONE) | Thing::Credential(NONE) | Thing::Context(_) => {}
            Thing::System(s) => {
                self.systems.insert(s);
            }
            Thing::Identity(i) => {
                self.identities.insert(i);
            }
            Thing::Credential(c) => {
                self.credentials.insert(c);
            }
        }
    }

    /// An identity, all that belong to it, and the credentials of them all: whom its grants serve.
    fn add_members(&mut self, world: World<'_>, i: u32) {
        let graph = world.graph;
        let mut seen = BTreeSet::from([i]);
        let mut next = vec![i];
        while let Some(i) = next.pop() {
            self.identities.insert(i);
            self.credentials.extend(graph.credentials_of_identity.of(i));
            for &n in graph.inherits_into_identity.of(i) {
                if let (true, Some(from)) = (world.is_membership(n), graph.inherit_from[n as usize])
                    && seen.insert(from)
                {
                    next.push(from);
                }
            }
        }
    }
}
