//! Choke points: what the estate's exposure loses if one credential, identity or relation goes. A derivation that does
//! not use a thing stands without it, so the derivations bound what a thing can matter; what may matter most is then
//! taken away and looked at exactly, until nothing else can be among the first.

use super::fact::{Fact, Held, RelationIx, name};
use super::radius::thing_of;
use super::{Cancel, Cancelled, close, live};
use crate::graph::{FastMap, Overlay, Settings, Thing, TrustGraph, World};
use crate::model::{Criticality, position_of};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a choke point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChokeKind {
    /// A credential: nobody holds it any more.
    Credential,
    /// An identity: it is disabled.
    Identity,
    /// A grant is removed.
    Grant,
    /// An exposure is removed.
    Exposure,
    /// An inherit is removed.
    Inherit,
    /// A trust is removed.
    Trust,
}

impl ChokeKind {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Identity => "identity",
            Self::Grant => "grant",
            Self::Exposure => "exposure",
            Self::Inherit => "inherit",
            Self::Trust => "trust",
        }
    }
}

/// One thing or relation and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChokePoint {
    /// What it is.
    pub kind: ChokeKind,
    /// Its id, or the relation's name.
    pub id: String,
    /// What the estate's exposure loses without it.
    pub exposure_off: u64,
    /// How many live credentials reach something through it alone, itself left out.
    pub credentials: u64,
}

type Key = (ChokeKind, u32);

struct Estate<'a> {
    graph: &'a TrustGraph,
    overlay: &'a Overlay,
    settings: Settings,
    weights: Vec<u64>,
}

/// The first choke points: exposure taken off falling, then kind and id; those that take nothing off are left out. Once
/// `enough` says of the number found so far that no more are wanted, only those are given of which it is certain by then
/// that nothing stands before them; the second value says whether that is all of them.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn choke_points(
    graph: &TrustGraph,
    overlay: &Overlay,
    settings: Settings,
    enough: &dyn Fn(usize) -> bool,
    cancel: &dyn Cancel,
) -> Result<(Vec<ChokePoint>, bool), Cancelled> {
    let systems = &graph.inventory().records.systems;
    let estate = Estate {
        graph,
        overlay,
        settings,
        weights: systems
            .iter()
            .map(|s| s.criticality.unwrap_or(Criticality::Medium).weight())
            .collect(),
    };
    let world = World::new(graph, overlay, settings);
    let seeds: Vec<u32> = (0..graph.inventory().records.credentials.len() as u32)
        .filter(|&c| live(world, c, Held::Copy))
        .collect();
    let shares: Vec<(u64, BTreeMap<Key, u64>)> = seeds
        .par_iter()
        .map(|&c| estate.shares(c, cancel))
        .collect::<Result<_, _>>()?;
    // What each may take off at most, and from which credentials' radii.
    let mut at_most: BTreeMap<Key, u64> = BTreeMap::new();
    let mut through: FastMap<u64, Vec<u32>> = FastMap::default();
    for (n, (_, share)) in shares.iter().enumerate() {
        for (&key, &weight) in share {
            *at_most.entry(key).or_default() += weight;
            through.entry(packed(key)).or_default().push(n as u32);
        }
    }
    let mut order: Vec<(u64, Key)> = at_most.into_iter().map(|(key, weight)| (weight, key)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut found: Vec<ChokePoint> = Vec::new();
    for (bound, key) in order {
        // What comes now takes at most this much off, so what takes more has its place.
        let certain = found.partition_point(|p| p.exposure_off > bound);
        if enough(certain) {
            found.truncate(certain);
            return Ok((found, false));
        }
        let users = &through[&packed(key)];
        let without = gone(graph, overlay, key);
        let losses: Vec<u64> = users
            .par_iter()
            .map(|&n| {
                let c = seeds[n as usize];
                if key == (ChokeKind::Credential, c) {
                    return Ok(shares[n as usize].0);
                }
                let left = estate.weight(&without, c, cancel)?;
                Ok(shares[n as usize].0 - left)
            })
            .collect::<Result<_, Cancelled>>()?;
        let own = |n: &u32| key == (ChokeKind::Credential, seeds[*n as usize]);
        let exposure_off: u64 = losses.iter().sum();
        if exposure_off > 0 {
            found.push(ChokePoint {
                kind: key.0,
                id: estate.id(key),
                exposure_off,
                credentials: users
                    .iter()
                    .zip(&losses)
                    .filter(|(n, loss)| **loss > 0 && !own(n))
                    .count() as u64,
            });
            found.sort_by(|a, b| {
                b.exposure_off
                    .cmp(&a.exposure_off)
                    .then_with(|| (a.kind, &a.id).cmp(&(b.kind, &b.id)))
            });
        }
    }
    Ok((found, true))
}

fn packed((kind, at): Key) -> u64 {
    ((kind as u64) << 32) | u64::from(at)
}

/// The overlay in which one thing or relation is gone.
fn gone(graph: &TrustGraph, overlay: &Overlay, (kind, at): Key) -> Overlay {
    let mut overlay = overlay.clone();
    match kind {
        ChokeKind::Credential => {
            overlay
                .exposures_removed
                .extend(graph.exposures_yielding_credential.of(at));
        }
        ChokeKind::Identity => {
            overlay.disabled.insert(at);
        }
        ChokeKind::Grant => overlay.grants.entry(at).or_default().removed = true,
        ChokeKind::Exposure => {
            overlay.exposures_removed.insert(at);
        }
        ChokeKind::Inherit => overlay.inherits.entry(at).or_default().removed = true,
        ChokeKind::Trust => overlay.trusts.entry(at).or_default().removed = true,
    }
    overlay
}

/// The overlay in which the choke point of this kind and id, or name, is gone; nothing where the graph does not know it.
/// A credential that is gone is held by nobody any more, itself stolen least of all.
#[must_use]
pub fn without(graph: &TrustGraph, overlay: &Overlay, kind: ChokeKind, id: &str) -> Option<Overlay> {
    let records = &graph.inventory().records;
    let thing = graph.find(id);
    macro_rules! named {
        ($list:ident) => {
            position_of(&records.$list, id)? as u32
        };
    }
    let at = match (kind, thing) {
        (ChokeKind::Credential, Some(Thing::Credential(c))) => c,
        (ChokeKind::Identity, Some(Thing::Identity(i))) => i,
        (ChokeKind::Credential | ChokeKind::Identity, _) => return None,
        (ChokeKind::Grant, _) => named!(grants),
        (ChokeKind::Exposure, _) => named!(exposures),
        (ChokeKind::Inherit, _) => named!(inherits),
        (ChokeKind::Trust, _) => named!(trusts),
    };
    Some(gone(graph, overlay, (kind, at)))
}

impl Estate<'_> {
    /// What one credential alone reaches weighs, and for each thing and relation the weight of the systems whose
    /// derivations use it.
    fn shares(&self, c: u32, cancel: &dyn Cancel) -> Result<(u64, BTreeMap<Key, u64>), Cancelled> {
        let world = World::new(self.graph, self.overlay, self.settings);
        let closure = close::<true>(world, &[Thing::Credential(c)], cancel)?;
        let mut best: BTreeMap<u32, u32> = BTreeMap::new();
        for (f, fact) in closure.facts.iter().enumerate() {
            if let Fact::Access(s, _) = fact {
                let key = |f: u32| (closure.hops[f as usize], closure.steps[f as usize], f);
                let f = f as u32;
                let old = best.entry(*s).or_insert(f);
                if key(f) < key(*old) {
                    *old = f;
                }
            }
        }
        let mut whole = 0;
        let mut share: BTreeMap<Key, u64> = BTreeMap::new();
        for (&s, &f) in &best {
            let weight = self.weights[s as usize];
            whole += weight;
            let mut used: BTreeSet<Key> = BTreeSet::new();
            for f in closure.path(f) {
                match thing_of(closure.facts[f as usize]) {
                    Some(Thing::Credential(c)) => {
                        used.insert((ChokeKind::Credential, c));
                        // A disabled identity takes the life of its credentials.
                        used.extend(self.graph.identity_of[c as usize].map(|i| (ChokeKind::Identity, i)));
                    }
                    Some(Thing::Identity(i)) => {
                        used.insert((ChokeKind::Identity, i));
                    }
                    _ => {}
                }
                for &record in &closure.why[f as usize].records {
                    used.insert(match record {
                        RelationIx::Grant(g) => (ChokeKind::Grant, g),
                        RelationIx::Exposure(x) => (ChokeKind::Exposure, x),
                        RelationIx::Inherit(n) => (ChokeKind::Inherit, n),
                        RelationIx::Trust(t) => (ChokeKind::Trust, t),
                    });
                    if let RelationIx::Inherit(n) = record {
                        let graph = self.graph;
                        used.insert((ChokeKind::Identity, graph.inherit_to[n as usize]));
                        used.extend(graph.inherit_from[n as usize].map(|i| (ChokeKind::Identity, i)));
                    }
                }
            }
            for key in used {
                *share.entry(key).or_default() += weight;
            }
        }
        Ok((whole, share))
    }

    /// What one credential alone still reaches weighs; nothing where it is live no more.
    fn weight(&self, overlay: &Overlay, c: u32, cancel: &dyn Cancel) -> Result<u64, Cancelled> {
        let world = World::new(self.graph, overlay, self.settings);
        if !live(world, c, Held::Copy) {
            return Ok(0);
        }
        let closure = close::<false>(world, &[Thing::Credential(c)], cancel)?;
        Ok(closure.systems().into_iter().map(|s| self.weights[s as usize]).sum())
    }

    fn id(&self, (kind, at): Key) -> String {
        let world = World::new(self.graph, self.overlay, self.settings);
        let named = |record| name(world, record).to_string();
        match kind {
            ChokeKind::Credential => self.graph.id(Thing::Credential(at)).into_owned(),
            ChokeKind::Identity => self.graph.id(Thing::Identity(at)).into_owned(),
            ChokeKind::Grant => named(RelationIx::Grant(at)),
            ChokeKind::Exposure => named(RelationIx::Exposure(at)),
            ChokeKind::Inherit => named(RelationIx::Inherit(at)),
            ChokeKind::Trust => named(RelationIx::Trust(at)),
        }
    }
}
