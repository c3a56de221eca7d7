//! Ways in: for the map, the previous thing on each path and the gate between; for the inspector, every acceptance.

use super::fact::{Fact, Held, RelationIx, common, name};
use super::radius::thing_of;
use super::{CheckState, Checks, Radius, Rule};
use crate::graph::{Thing, TrustGraph, World};
use crate::model::Check;
use std::collections::BTreeMap;

/// The last leg of a thing's path: from the previous thing, through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The previous thing on the path; `None` for a seed.
    pub from: Option<Thing>,
    /// The rule that gives the thing.
    pub rule: Rule,
    /// Whether a wall is crossed: the thing is a system, reached by one hop more than where it is reached from.
    pub crosses: bool,
    /// What was checked, where the last leg passes an acceptance.
    pub checks: Option<Checks>,
    /// On a trust: whether an exchange is performed.
    pub exchange: Option<bool>,
    /// False where a record of the leg says so.
    pub intended: bool,
    /// True where a record of the leg is assumed.
    pub assumed: bool,
    /// Names of the relations of the leg.
    pub records: Vec<String>,
}

/// One way in which a credential that is held is accepted at a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Index of the credential.
    pub credential: u32,
    /// In which way it is held.
    pub held: Held,
    /// Index of the system.
    pub system: u32,
    /// Hops of the acceptance.
    pub hops: u32,
    /// What is checked there.
    pub checks: Checks,
    /// False where a grant or membership that is used says so.
    pub intended: bool,
    /// True where a grant or membership that is used is assumed.
    pub assumed: bool,
}

impl Radius {
    /// For every thing of which there is a fact, seeds among them, the last leg of its path. Cheap: no path is written.
    #[must_use]
    pub fn parents(&self, graph: &TrustGraph) -> BTreeMap<Thing, Parent> {
        let world = World::new(graph, &self.overlay, self.settings);
        let mut out = BTreeMap::new();
        for (&thing, &f) in &self.best {
            let why = &self.closure.why[f as usize];
            let mut records: Vec<RelationIx> = why.records.clone();
            let mut parent = Parent {
                from: None,
                rule: why.rule,
                crosses: false,
                checks: None,
                exchange: None,
                intended: true,
                assumed: false,
                records: Vec::new(),
            };
            if let Some(&p) = why.premises.first() {
                parent.crosses = self.closure.hops[f as usize] > self.closure.hops[p as usize];
                parent.from = match self.closure.facts[p as usize] {
                    Fact::Accepted(c, v, s) => {
                        parent.checks = Some(checks(world, c, v, s));
                        for &r in &self.closure.why[p as usize].records {
                            if !records.contains(&r) {
                                records.push(r);
                            }
                        }
                        Some(Thing::Credential(c))
                    }
                    fact => thing_of(fact),
                };
            }
            if let Some(RelationIx::Trust(t)) = why.records.first() {
                parent.exchange = Some(world.exchange(*t).is_some());
            }
            parent.intended = records.iter().all(|&r| common(world, r).is_intended());
            parent.assumed = records.iter().any(|&r| common(world, r).is_assumed());
            parent.records = records.iter().map(|&r| name(world, r).to_string()).collect();
            out.insert(thing, parent);
        }
        out
    }

    /// Every acceptance at a system, by hops, then by credential id and way of holding.
    #[must_use]
    pub fn acceptances_at(&self, graph: &TrustGraph, system: u32) -> Vec<Acceptance> {
        self.acceptances(graph, |_, s| s == system)
    }

    /// Every acceptance of a credential, by hops, then by system.
    #[must_use]
    pub fn acceptances_of(&self, graph: &TrustGraph, credential: u32) -> Vec<Acceptance> {
        self.acceptances(graph, |c, _| c == credential)
    }

    /// Every acceptance, by hops, then by credential and system.
    #[must_use]
    pub fn acceptances_everywhere(&self, graph: &TrustGraph) -> Vec<Acceptance> {
        self.acceptances(graph, |_, _| true)
    }

    fn acceptances(&self, graph: &TrustGraph, wanted: impl Fn(u32, u32) -> bool) -> Vec<Acceptance> {
        let world = World::new(graph, &self.overlay, self.settings);
        let mut out: Vec<Acceptance> = self
            .closure
            .facts
            .iter()
            .zip(&self.closure.hops)
            .zip(&self.closure.why)
            .filter_map(|((&fact, &hops), why)| match fact {
                Fact::Accepted(c, v, s) if wanted(c, s) => Some(Acceptance {
                    credential: c,
                    held: v,
                    system: s,
                    hops,
                    checks: checks(world, c, v, s),
                    intended: why.records.iter().all(|&r| common(world, r).is_intended()),
                    assumed: why.records.iter().any(|&r| common(world, r).is_assumed()),
                }),
                _ => None,
            })
            .collect();
        // Indices follow ids, so sorting by them sorts by id.
        out.sort_by_key(|a| (a.hops, a.credential, a.system, a.held));
        out
    }
}

/// What a system does about each check when a credential is presented, alike in every regime.
pub(crate) fn checks(world: World<'_>, c: u32, v: Held, s: u32) -> Checks {
    let records = &world.graph.inventory().records;
    let forged = v == Held::Forged;
    let state = |check: Check| {
        let something = match check {
            Check::Audience => !forged && world.audience(c).is_some(),
            Check::Issuer => {
                records.credentials[c as usize].issuer.is_some()
                    && records.systems[s as usize].accepts_issuers.is_some()
            }
            Check::Scope => !forged && world.scopes(c).is_some(),
            Check::Context => !forged && world.contexts(c).is_some(),
            Check::Revocation => world.dead(c) && world.self_contained(c) && !matches!(v, Held::Fresh | Held::Forged),
        };
        match world.stated(s, check) {
            _ if !something => CheckState::NotApplicable,
            Some(true) => CheckState::Made,
            Some(false) => CheckState::NotMade,
            None => CheckState::Unknown,
        }
    };
    [
        Check::Audience,
        Check::Issuer,
        Check::Scope,
        Check::Context,
        Check::Revocation,
    ]
    .map(state)
}
