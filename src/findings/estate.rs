//! What several rules ask of a world, looked up once.

use super::Severity;
use crate::analysis::{Cancel, Cancelled, Closure, Fact, Held, acceptance, close, live};
use crate::graph::{Thing, World};
use crate::model::{Check, Credential, Criticality, Grant, Identity, System, Text, Time};
use crate::scenario::Flows;
use rayon::prelude::*;

/// A system that takes a copy of a credential as it is, apart from where it is used, and the grants that let it in.
pub(super) struct Door {
    pub system: u32,
    pub grants: Vec<u32>,
}

/// A world with what several rules ask of it.
pub(super) struct Estate<'a> {
    pub world: World<'a>,
    pub cancel: &'a dyn Cancel,
    /// From when on a use counts as recent: 90 days before the as-of time.
    pub recent: Time,
    /// Of each credential, where a copy of it is taken, by system.
    doors: Vec<Vec<Door>>,
    flows: Flows,
}

impl<'a> Estate<'a> {
    pub fn of(world: World<'a>, cancel: &'a dyn Cancel) -> Result<Self, Cancelled> {
        let all = world.graph.inventory().records.credentials.len() as u32;
        let doors = (0..all)
            .into_par_iter()
            .map(|c| {
                if cancel.is_cancelled() {
                    Err(Cancelled)
                } else {
                    Ok(doors(world, c))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            world,
            cancel,
            recent: world.settings.as_of.plus_days(-90),
            doors,
            flows: Flows::of(world),
        })
    }

    pub fn doors(&self, c: u32) -> &[Door] {
        &self.doors[c as usize]
    }

    /// The flows of the world.
    pub fn flows(&self) -> &Flows {
        &self.flows
    }

    pub fn id(&self, thing: Thing) -> String {
        self.world.graph.id(thing).into_owned()
    }

    pub fn name(&self, thing: Thing) -> &'a str {
        self.world.graph.display_name(thing)
    }

    pub fn system(&self, s: u32) -> &'a System {
        &self.world.graph.inventory().records.systems[s as usize]
    }

    pub fn identity(&self, i: u32) -> &'a Identity {
        &self.world.graph.inventory().records.identities[i as usize]
    }

    pub fn credential(&self, c: u32) -> &'a Credential {
        &self.world.graph.inventory().records.credentials[c as usize]
    }

    pub fn grant(&self, g: u32) -> &'a Grant {
        &self.world.graph.inventory().records.grants[g as usize]
    }

    pub fn credentials(&self) -> std::ops::Range<u32> {
        0..self.world.graph.inventory().records.credentials.len() as u32
    }

    pub fn identities(&self) -> std::ops::Range<u32> {
        0..self.world.graph.inventory().records.identities.len() as u32
    }

    /// Whether a credential, or its identity, is kept for emergencies: that nobody uses it says nothing.
    pub fn is_break_glass(&self, c: u32) -> bool {
        let kept = |tags: &[Text]| tags.iter().any(|t| t == "break-glass");
        kept(&self.credential(c).tags)
            || self.world.graph.identity_of[c as usize].is_some_and(|i| kept(&self.identity(i).tags))
    }

    /// Whether a copy works now.
    pub fn live(&self, c: u32) -> bool {
        live(self.world, c, Held::Copy)
    }

    pub fn criticality(&self, s: u32) -> Criticality {
        self.system(s).criticality.unwrap_or(Criticality::Medium)
    }

    pub fn is_crown_jewel(&self, s: u32) -> bool {
        self.criticality(s) == Criticality::CrownJewel
    }

    /// High where a crown jewel is among them, else medium.
    pub fn by_criticality(&self, systems: impl IntoIterator<Item = u32>) -> Severity {
        if systems.into_iter().any(|s| self.is_crown_jewel(s)) {
            Severity::High
        } else {
            Severity::Medium
        }
    }

    /// What follows from one thing alone, with hops.
    pub fn close(&self, seed: Thing) -> Result<Closure, Cancelled> {
        close::<true>(self.world, &[seed], self.cancel)
    }

    /// The systems of a closure but for its seed, sorted.
    pub fn systems_of(&self, closure: &Closure, seed: Thing) -> Vec<u32> {
        let mut found: Vec<u32> = closure
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Access(s, _) if Thing::System(*s) != seed => Some(*s),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The text of the fact that a copy of a credential is accepted.
    pub fn accepted(&self, c: u32, s: u32) -> String {
        format!("Accepted({}, copy, {})", self.credential(c).id, self.system(s).id)
    }

    /// Checks at a system that are stated not to be made, or not stated, in words.
    pub fn unmade(&self, s: u32, check: Check) -> &'static str {
        let stated = self.world.stated(s, check) == Some(false);
        match (check, stated) {
            (Check::Audience, true) => "does not check the audience",
            (Check::Issuer, true) => "does not check the issuer",
            (Check::Scope, true) => "does not hold a credential to its scopes",
            (Check::Context, true) => "does not look at where a credential is used",
            (Check::Revocation, true) => "does not ask whether a credential was revoked",
            (Check::Audience, false) => "does not say whether it checks the audience",
            (Check::Issuer, false) => "does not say whether it checks the issuer",
            (Check::Scope, false) => "does not say whether it holds a credential to its scopes",
            (Check::Context, false) => "does not say whether it looks at where a credential is used",
            (Check::Revocation, false) => "does not say whether it asks if a credential was revoked",
        }
    }
}

fn doors(world: World<'_>, c: u32) -> Vec<Door> {
    let graph = world.graph;
    let mut grants: Vec<(u32, u32)> = Vec::new();
    let mut add = |list: &[u32]| {
        let there = list.iter().filter(|&&g| world.has_grant(g));
        grants.extend(there.map(|&g| (graph.grant_system[g as usize], g)));
    };
    add(graph.grants_of_credential.of(c));
    if let Some(i) = graph.identity_of[c as usize] {
        for (group, _) in world.groups(i) {
            add(graph.grants_of_identity.of(group));
        }
    }
    grants.sort_unstable();
    let mut out: Vec<Door> = Vec::new();
    for (s, g) in grants {
        match out.last_mut() {
            Some(door) if door.system == s => door.grants.push(g),
            _ => out.push(Door {
                system: s,
                grants: vec![g],
            }),
        }
    }
    out.retain(|door| acceptance(world, c, Held::Copy, door.system, None));
    out
}
