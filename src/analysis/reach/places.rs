//! Which node stands for which fact. A system is one node, and so is each distinct requirement that an exposure or a
//! trust out of it makes: an access reaches the system's node and those of the requirements it satisfies, so that no
//! scope is left to compare once the graph is compiled.

use super::core::{NO_CLASS, NONE};
use crate::analysis::Held;
use crate::graph::{Thing, TrustGraph, World};
use crate::model::{CredentialKind, Criticality, ExposureHow, Text};
use std::collections::HashMap;

/// What an exposure or a trust requires: at which system, and one of which patterns.
type Need = (u32, Vec<Text>);

/// Numbers of facts before the core gives its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    systems: u32,
    /// The system and the patterns of each requirement.
    pub(super) needs: Vec<Need>,
    /// The requirements of each system, as a range of `needs`.
    pub(super) needs_of_system: Vec<(u32, u32)>,
    pub(super) need_of_exposure: Vec<u32>,
    pub(super) need_of_trust: Vec<u32>,
    identities: u32,
    first_identity: u32,
    first_grants: u32,
    first_context: u32,
    first_way: u32,
    /// By credential and way of holding.
    holds: Vec<u32>,
    within: Vec<u32>,
    /// The credential of each place from `first_held` on.
    held: Vec<u32>,
    first_held: u32,
    len: u32,
}

/// What a fact is about, for whoever asks what else it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    System(u32),
    Identity(u32),
    /// Grants to an identity.
    Grants(u32),
    Context,
    /// What one allowance opens of the inherits without `from`, by the number of its list.
    Way(u32),
    Credential(u32),
}

impl Places {
    pub(crate) fn of(world: World<'_>) -> Self {
        let graph = world.graph;
        let records = &graph.inventory().records;
        let mut out = Self {
            systems: records.systems.len() as u32,
            identities: records.identities.len() as u32,
            ..Self::default()
        };
        out.find_needs(graph);
        out.first_identity = out.systems + out.needs.len() as u32;
        out.first_grants = out.first_identity + out.identities;
        out.first_context = out.first_grants + out.identities;
        out.first_way = out.first_context + graph.contexts().len() as u32 + world.overlay.extra_contexts.len() as u32;
        out.len = out.first_way + graph.open_inherits().lists();
        let mut ways: Vec<u8> = (0..records.credentials.len() as u32)
            .map(|c| 1 << Held::Copy as u8 | u8::from(world.rotated(c)) << Held::Old as u8)
            .collect();
        for (x, exposure) in records.exposures.iter().enumerate() {
            if let (Thing::Credential(c), Some(ExposureHow::Minted)) = (graph.exposure_yields[x], exposure.how)
                && let Some(ways) = ways.get_mut(c as usize)
            {
                *ways |= 1 << minted_as(graph, x as u32) as u8;
            }
        }
        out.first_held = out.len;
        out.holds = vec![NONE; 4 * ways.len()];
        out.within = vec![NONE; 4 * ways.len()];
        for (c, &ways) in ways.iter().enumerate() {
            let states_contexts = world.contexts(c as u32).is_some_and(|zs| !zs.is_empty());
            for v in [Held::Old, Held::Copy, Held::Fresh, Held::Forged] {
                if ways & 1 << v as u8 == 0 {
                    continue;
                }
                let at = 4 * c + v as usize;
                out.holds[at] = out.len;
                out.held.push(c as u32);
                out.len += 1;
                if states_contexts && v != Held::Forged {
                    out.within[at] = out.len;
                    out.held.push(c as u32);
                    out.len += 1;
                }
            }
        }
        out
    }

    fn find_needs(&mut self, graph: &TrustGraph) {
        let records = &graph.inventory().records;
        // By system and patterns: whether a trust, and which relation, makes the requirement.
        let mut known: HashMap<Need, Vec<(bool, u32)>> = HashMap::new();
        let mut note = |system: u32, requires: &[Text], trust: bool, at: usize| {
            if !requires.is_empty() {
                let mut patterns = requires.to_vec();
                patterns.sort_unstable();
                patterns.dedup();
                known.entry((system, patterns)).or_default().push((trust, at as u32));
            }
        };
        for (x, exposure) in records.exposures.iter().enumerate() {
            if let Thing::System(s) = graph.exposure_from[x] {
                note(s, &exposure.requires, false, x);
            }
        }
        for (t, trust) in records.trusts.iter().enumerate() {
            note(graph.trust_from[t], &trust.requires, true, t);
        }
        let mut all: Vec<_> = known.into_iter().collect();
        all.sort_unstable();
        self.need_of_exposure = vec![NONE; records.exposures.len()];
        self.need_of_trust = vec![NONE; records.trusts.len()];
        self.needs_of_system = vec![(0, 0); records.systems.len()];
        for (need, (what, by)) in all.into_iter().enumerate() {
            let need = need as u32;
            for (trust, at) in by {
                let of = if trust {
                    &mut self.need_of_trust
                } else {
                    &mut self.need_of_exposure
                };
                of[at as usize] = need;
            }
            if let Some(range) = self.needs_of_system.get_mut(what.0 as usize) {
                if range.0 == range.1 {
                    range.0 = need;
                }
                range.1 = need + 1;
            }
            self.needs.push(what);
        }
    }

    pub(crate) fn system(&self, s: u32) -> u32 {
        s
    }

    pub(super) fn need(&self, need: u32) -> u32 {
        self.systems + need
    }

    pub(super) fn needs_of(&self, s: u32) -> std::ops::Range<u32> {
        let (from, to) = self.needs_of_system[s as usize];
        from..to
    }

    pub(crate) fn identity(&self, i: u32) -> u32 {
        self.first_identity + i
    }

    /// All that grants to an identity give, whoever is served by them.
    pub(super) fn grants(&self, i: u32) -> u32 {
        self.first_grants + i
    }

    pub(crate) fn context(&self, z: u32) -> u32 {
        self.first_context + z
    }

    /// All that an allowance opens by itself of the inherits without `from`, whoever has it: everybody who does would
    /// else have an edge to each of the identities they lead to.
    pub(super) fn way(&self, list: u32) -> u32 {
        self.first_way + list
    }

    /// A credential held in this way; `None` where nothing ever yields it so.
    pub(crate) fn holds(&self, c: u32, v: Held) -> Option<u32> {
        let node = self.holds[4 * c as usize + v as usize];
        (node != NONE).then_some(node)
    }

    /// The same, one of its contexts entered.
    pub(super) fn within(&self, c: u32, v: Held) -> Option<u32> {
        let node = self.within[4 * c as usize + v as usize];
        (node != NONE).then_some(node)
    }

    pub(super) fn origin(&self, place: u32) -> Origin {
        if place < self.systems {
            Origin::System(place)
        } else if place < self.first_identity {
            Origin::System(self.needs[(place - self.systems) as usize].0)
        } else if place < self.first_grants {
            Origin::Identity(place - self.first_identity)
        } else if place < self.first_context {
            Origin::Grants(place - self.first_grants)
        } else if place < self.first_way {
            Origin::Context
        } else if place < self.first_held {
            Origin::Way(place - self.first_way)
        } else {
            Origin::Credential(self.held[(place - self.first_held) as usize])
        }
    }

    /// What a seed reaches by itself.
    pub(crate) fn start(&self, world: World<'_>, seed: Thing) -> Vec<u32> {
        match seed {
            Thing::Credential(c) => {
                let v = if world.rotated(c) { Held::Old } else { Held::Copy };
                self.holds(c, v).into_iter().collect()
            }
            Thing::Identity(i) => vec![self.identity(i)],
            Thing::System(s) if world.isolated(s) => Vec::new(),
            // The access of a seed allows everything and so satisfies every requirement.
            Thing::System(s) => [self.system(s)]
                .into_iter()
                .chain(self.needs_of(s).map(|need| self.need(need)))
                .collect(),
            Thing::Context(z) => vec![self.context(z)],
        }
    }

    /// What a place stands for: a requirement and a collection of grants are none of the things there are, and a
    /// credential with a context entered is held already.
    pub(super) fn thing(&self, place: u32) -> Option<Thing> {
        match self.origin(place) {
            Origin::System(s) => (place < self.systems).then_some(Thing::System(s)),
            Origin::Identity(i) => Some(Thing::Identity(i)),
            Origin::Grants(_) | Origin::Way(_) => None,
            Origin::Context => Some(Thing::Context(place - self.first_context)),
            Origin::Credential(c) => {
                let holds = &self.holds[4 * c as usize..4 * c as usize + 4];
                holds.contains(&place).then_some(Thing::Credential(c))
            }
        }
    }

    pub(super) fn of_thing(&self, thing: Thing) -> Vec<u32> {
        match thing {
            Thing::System(s) => vec![self.system(s)],
            Thing::Identity(i) => vec![self.identity(i)],
            Thing::Context(z) => vec![self.context(z)],
            Thing::Credential(c) => {
                let holds = &self.holds[4 * c as usize..4 * c as usize + 4];
                holds.iter().copied().filter(|&place| place != NONE).collect()
            }
        }
    }

    /// Whether a place is a system, or a requirement of one.
    pub(super) fn is_access(&self, place: u32) -> bool {
        place < self.first_identity
    }

    /// The class of each node.
    pub(super) fn classes(&self, graph: &TrustGraph) -> Vec<u8> {
        let mut out = vec![NO_CLASS; self.len as usize];
        for (s, system) in graph.inventory().records.systems.iter().enumerate() {
            out[s] = match system.criticality.unwrap_or(Criticality::Medium) {
                Criticality::CrownJewel => 0,
                Criticality::High => 1,
                Criticality::Medium => 2,
                Criticality::Low => 3,
            };
        }
        out
    }
}

/// How a credential is held that this exposure mints.
fn minted_as(graph: &TrustGraph, x: u32) -> Held {
    let by_signing_key = matches!(graph.exposure_from[x as usize], Thing::Credential(k)
        if graph.inventory().records.credentials[k as usize].kind == Some(CredentialKind::SigningKey));
    if by_signing_key { Held::Forged } else { Held::Fresh }
}
