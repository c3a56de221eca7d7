//! From which things the flows may differ between two overlays of one graph. Rather too many than too few.

use crate::graph::{Holder, Overlay, Thing, TrustGraph};
use crate::model::ExposureHow;
use std::collections::{BTreeMap, BTreeSet};

/// Things whose flows may differ.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub credentials: BTreeSet<u32>,
    pub identities: BTreeSet<u32>,
    pub systems: BTreeSet<u32>,
    /// Where stated, access flows may differ at these systems alone, but for the credentials of `whole`.
    pub sites: Option<BTreeSet<u32>>,
    /// Credentials all of whose access flows may differ.
    pub whole: BTreeSet<u32>,
}

impl Touched {
    /// One thing.
    pub fn one(thing: Thing) -> Self {
        let mut out = Self::default();
        out.add(thing);
        out
    }

    pub fn is_empty(&self) -> bool {
        self.credentials.is_empty() && self.identities.is_empty() && self.systems.is_empty()
    }

    pub fn contains(&self, thing: Thing) -> bool {
        match thing {
            Thing::Credential(c) => self.credentials.contains(&c),
            Thing::Identity(i) => self.identities.contains(&i),
            Thing::System(s) => self.systems.contains(&s),
            Thing::Context(_) => false,
        }
    }

    fn add(&mut self, thing: Thing) {
        match thing {
            Thing::Credential(c) => self.credentials.insert(c),
            Thing::Identity(i) => self.identities.insert(i),
            Thing::System(s) => self.systems.insert(s),
            Thing::Context(_) => false,
        };
    }
}

/// The keys at which two maps differ.
fn differing<V: PartialEq>(a: &BTreeMap<u32, V>, b: &BTreeMap<u32, V>) -> BTreeSet<u32> {
    let keys = a.keys().chain(b.keys()).copied();
    keys.filter(|k| a.get(k) != b.get(k)).collect()
}

/// The same, with the systems at which access flows may differ where only systems, grants, exposures and trusts do.
pub(super) fn touched_at(graph: &TrustGraph, a: &Overlay, b: &Overlay) -> Touched {
    let mut out = touched(graph, a, b);
    if a.credentials != b.credentials || a.disabled != b.disabled || a.inherits != b.inherits {
        return out;
    }
    let mut sites = differing(&a.systems, &b.systems);
    let mut exposures: BTreeSet<u32> = &a.exposures_removed ^ &b.exposures_removed;
    exposures.extend(sites.iter().flat_map(|&s| graph.exposures_of_system.of(s)));
    let grants = differing(&a.grants, &b.grants);
    sites.extend(grants.into_iter().map(|g| graph.grant_system[g as usize]));
    // Whoever is held by minting alone is held otherwise where that goes.
    let records = &graph.inventory().records;
    for x in exposures {
        if let (Thing::Credential(c), Some(ExposureHow::Minted)) =
            (graph.exposure_yields[x as usize], records.exposures[x as usize].how)
        {
            out.whole.insert(c);
        }
    }
    out.sites = Some(sites);
    out
}

fn touched(graph: &TrustGraph, a: &Overlay, b: &Overlay) -> Touched {
    let mut out = Touched {
        credentials: differing(&a.credentials, &b.credentials),
        identities: &a.disabled ^ &b.disabled,
        systems: differing(&a.systems, &b.systems),
        ..Touched::default()
    };
    let mut grants = differing(&a.grants, &b.grants);
    let mut exposures: BTreeSet<u32> = &a.exposures_removed ^ &b.exposures_removed;

    // Who holds a grant on a system that checks otherwise, or a grant that is other.
    for &s in &out.systems {
        grants.extend(graph.grants_on_system.of(s));
        exposures.extend(graph.exposures_of_system.of(s));
    }
    for g in grants {
        out.add(match graph.grant_holder[g as usize] {
            Holder::Credential(c) => Thing::Credential(c),
            Holder::Identity(i) => Thing::Identity(i),
        });
    }
    // Who would become an identity that is active or not, or by an inherit that is other.
    let mut inherits = differing(&a.inherits, &b.inherits);
    for &i in &out.identities {
        inherits.extend(graph.inherits_into_identity.of(i));
    }
    out.identities
        .extend(inherits.iter().filter_map(|&n| graph.inherit_from[n as usize]));
    // What an identity may, all may that belong to it.
    let mut waiting: Vec<u32> = out.identities.iter().copied().collect();
    while let Some(i) = waiting.pop() {
        for &n in graph.inherits_into_identity.of(i) {
            if let Some(member) =
                graph.inherit_from[n as usize].filter(|&m| graph.memberships_of_identity.of(m).contains(&n))
                && out.identities.insert(member)
            {
                waiting.push(member);
            }
        }
    }
    for &i in &out.identities {
        out.credentials.extend(graph.credentials_of_identity.of(i));
        exposures.extend(graph.exposures_of_identity.of(i));
    }
    // What is minted by something that is other is held otherwise.
    for &c in &out.credentials {
        exposures.extend(graph.exposures_of_credential.of(c));
    }
    for x in exposures {
        out.add(graph.exposure_from[x as usize]);
        if let Thing::Credential(c) = graph.exposure_yields[x as usize] {
            out.credentials.insert(c);
        }
    }
    for t in differing(&a.trusts, &b.trusts) {
        out.add(Thing::System(graph.trust_from[t as usize]));
    }
    let into: Vec<u32> = out
        .systems
        .iter()
        .flat_map(|&s| graph.trusts_into_system.of(s))
        .map(|&t| graph.trust_from[t as usize])
        .collect();
    out.systems.extend(into);
    out
}
