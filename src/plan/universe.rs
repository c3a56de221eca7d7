//! What a planner may do, in the smallest parts: a part is an action, or one step of an action that narrows. Parts of
//! one action on one record are one action of the plan; any set of parts is a scenario, and more parts reach no more.
//!
//! The actions that narrow could narrow to anything, so a planner needs a finite choice:
//! - an audience or a list of scopes that is stated loses entries; a scope that goes leaves behind what logs show in use
//!   of it; where nothing is stated, what the credential's grants need is stated first;
//! - a grant loses scopes in the same way, and an exchange passes fewer of the scopes the trust passed;
//! - a credential is bound to one context that an exposure yields and, where it states contexts, that is among them;
//! - an inherit requires, besides, what the grants of its own `from` and of its groups give: who only presents a token
//!   must then be accepted there;
//! - a credential expires at the as-of time, and a system enforces any of the checks it does not state to make.

use super::Verb;
use crate::graph::{FastMap, Overlay, Premise, Regime, Settings, Thing, TrustGraph, World};
use crate::model::scope::covers;
use crate::model::{Check, CredentialStatus, InheritHow, Requirement, Text};
use crate::scenario::Action;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One part: a kind of action, its record by index, and which step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
    pub verb: Verb,
    pub record: u32,
    /// Which entry goes, which check is made, which context is bound to; `BASE` where the action itself is the step.
    pub step: u32,
}

/// The action itself, none of its entries.
pub(super) const BASE: u32 = u32::MAX;

impl Part {
    /// What makes parts one action.
    pub fn slot(self) -> (Verb, u32) {
        (self.verb, self.record)
    }
}

/// What an action narrows: what is stated now, and what of it is in use.
#[derive(Debug, Default)]
struct Entries {
    /// Stated, or what would be stated first.
    stated: Vec<Text>,
    /// In use and none of those stated, each with the positions of the stated ones that cover it.
    used: Vec<(Text, Vec<u32>)>,
}

impl Entries {
    fn of_scopes(stated: &[Text], used: impl Iterator<Item = Text>) -> Self {
        let stated = sorted(stated.to_vec());
        let used = used.filter(|u| stated.binary_search(u).is_err());
        let covered = sorted(used.collect()).into_iter().filter_map(|u| {
            let by = stated.iter().enumerate().filter(|(_, s)| covers(s, &u));
            let by: Vec<u32> = by.map(|(n, _)| n as u32).collect();
            (!by.is_empty()).then_some((u, by))
        });
        Self {
            used: covered.collect(),
            stated,
        }
    }

    fn len(&self) -> u32 {
        (self.stated.len() + self.used.len()) as u32
    }

    /// What is left when these entries go.
    fn without(&self, gone: &[u32]) -> Vec<Text> {
        // Both are in order.
        let mut going = gone.iter().copied().peekable();
        let mut kept = |n: usize| going.next_if(|&g| g as usize <= n).is_none_or(|g| g as usize != n);
        let mut left: Vec<Text> = Vec::new();
        for (n, text) in self.stated.iter().enumerate() {
            if kept(n) {
                left.push(text.clone());
            }
        }
        for (n, (text, by)) in self.used.iter().enumerate() {
            if kept(self.stated.len() + n) && by.iter().all(|n| gone.binary_search(n).is_ok()) {
                left.push(text.clone());
            }
        }
        // In order but for what is in use.
        if left.is_sorted() { left } else { sorted(left) }
    }
}

fn sorted(mut list: Vec<Text>) -> Vec<Text> {
    list.sort_unstable();
    list.dedup();
    list
}

/// All parts that are permitted, made as they are asked for.
pub(super) struct Universe<'a> {
    pub graph: &'a TrustGraph,
    /// What is done already; a plan comes after it.
    pub base: &'a Overlay,
    pub settings: Settings,
    permits: &'a BTreeSet<Verb>,
    entries: FastMap<(u8, u32), Arc<Entries>>,
    premises: FastMap<u32, Arc<Vec<Premise>>>,
    served: FastMap<u32, Arc<Vec<u32>>>,
}

impl<'a> Universe<'a> {
    pub fn new(graph: &'a TrustGraph, base: &'a Overlay, settings: Settings, permits: &'a BTreeSet<Verb>) -> Self {
        Self {
            graph,
            base,
            settings,
            permits,
            entries: FastMap::default(),
            premises: FastMap::default(),
            served: FastMap::default(),
        }
    }

    /// The world before the plan, in the regime asked for.
    pub fn before(&self) -> World<'a> {
        World::new(self.graph, self.base, self.settings)
    }

    /// The world before the plan with every relation in it.
    fn worst(&self) -> World<'a> {
        self.before().under(Regime::WorstCase)
    }

    fn permits(&self, verb: Verb) -> bool {
        self.permits.contains(&verb)
    }

    /// The parts that change an entity, not its relations.
    pub fn of_thing(&mut self, thing: Thing, out: &mut Vec<Part>) {
        let world = self.worst();
        match thing {
            Thing::Credential(c) => {
                let whole = |verb| Part {
                    verb,
                    record: c,
                    step: BASE,
                };
                let over = world.expired(c);
                let idle = matches!(world.status(c), CredentialStatus::Revoked | CredentialStatus::Disabled);
                if self.permits(Verb::Revoke) && !over && !idle {
                    out.push(whole(Verb::Revoke));
                }
                if self.permits(Verb::Rotate) && !world.rotated(c) {
                    out.push(whole(Verb::Rotate));
                }
                if self.permits(Verb::Expire) && !over {
                    out.push(whole(Verb::Expire));
                }
                for verb in [Verb::NarrowAudience, Verb::NarrowScopes] {
                    self.of_list(verb, c, out);
                }
                self.of_contexts(c, out);
            }
            Thing::Identity(i) => {
                if self.permits(Verb::DisableIdentity) && world.active(i) {
                    out.push(Part {
                        verb: Verb::DisableIdentity,
                        record: i,
                        step: BASE,
                    });
                }
            }
            Thing::System(s) => {
                if self.permits(Verb::Enforce) {
                    let open = Check::ALL.iter().filter(|&&k| world.stated(s, k) != Some(true));
                    out.extend(open.map(|&k| Part {
                        verb: Verb::Enforce,
                        record: s,
                        step: k as u32,
                    }));
                }
                if self.permits(Verb::Isolate) && !world.isolated(s) {
                    out.push(Part {
                        verb: Verb::Isolate,
                        record: s,
                        step: BASE,
                    });
                }
            }
            Thing::Context(_) => {}
        }
    }

    pub fn of_grant(&mut self, g: u32, out: &mut Vec<Part>) {
        self.of_list(Verb::NarrowGrant, g, out);
        self.whole(Verb::RemoveGrant, g, out);
    }

    pub fn of_exposure(&mut self, x: u32, out: &mut Vec<Part>) {
        self.whole(Verb::RemoveExposure, x, out);
    }

    pub fn of_trust(&mut self, t: u32, out: &mut Vec<Part>) {
        // Under `intended` a trust without an exchange passes nothing, and one would add to what is reached.
        if self.settings.regime != Regime::Intended || self.worst().exchange(t).is_some() {
            self.of_list(Verb::RequireExchange, t, out);
        }
        self.whole(Verb::RemoveTrust, t, out);
    }

    pub fn of_inherit(&mut self, n: u32, out: &mut Vec<Part>) {
        match self.graph.inventory().records.inherits[n as usize].how {
            // The platform works so.
            Some(InheritHow::Escalation) => return,
            Some(InheritHow::Membership) => {}
            _ if self.permits(Verb::NarrowInherit) => {
                let count = self.premises_for(n).len() as u32;
                out.extend((0..count).map(|step| Part {
                    verb: Verb::NarrowInherit,
                    record: n,
                    step,
                }));
            }
            _ => {}
        }
        self.whole(Verb::RemoveInherit, n, out);
    }

    fn whole(&self, verb: Verb, record: u32, out: &mut Vec<Part>) {
        if self.permits(verb) {
            out.push(Part {
                verb,
                record,
                step: BASE,
            });
        }
    }

    fn of_list(&mut self, verb: Verb, record: u32, out: &mut Vec<Part>) {
        if !self.permits(verb) {
            return;
        }
        let part = |step| Part { verb, record, step };
        let unstated = match verb {
            Verb::NarrowAudience => self.worst().audience(record).is_none(),
            Verb::NarrowScopes => self.worst().scopes(record).is_none(),
            _ => false,
        };
        if unstated {
            out.push(part(BASE));
        }
        let count = self.entries_of(verb, record).len();
        out.extend((0..count).map(part));
    }

    fn of_contexts(&mut self, c: u32, out: &mut Vec<Part>) {
        if !self.permits(Verb::BindContext) {
            return;
        }
        let stated = self.worst().contexts(c);
        let mut yielded: Vec<u32> = self.graph.yielded_contexts.iter().copied().collect();
        yielded.sort_unstable();
        let fits = |z: &u32| stated.is_none_or(|zs| zs.contains(z) && zs.len() > 1);
        out.extend(yielded.into_iter().filter(fits).map(|step| Part {
            verb: Verb::BindContext,
            record: c,
            step,
        }));
    }

    /// The grants that serve a credential before the plan, whatever the regime.
    pub fn served_by(&mut self, c: u32) -> Arc<Vec<u32>> {
        if let Some(found) = self.served.get(&c) {
            return found.clone();
        }
        let (world, graph) = (self.worst(), self.graph);
        let mut grants: Vec<u32> = graph.grants_of_credential.of(c).to_vec();
        if let Some(i) = graph.identity_of[c as usize] {
            let groups = world.groups(i);
            grants.extend(groups.iter().flat_map(|(i, _)| graph.grants_of_identity.of(*i)));
        }
        grants.retain(|&g| world.has_grant(g));
        let found = Arc::new(grants);
        self.served.insert(c, found.clone());
        found
    }

    fn entries_of(&mut self, verb: Verb, record: u32) -> Arc<Entries> {
        if let Some(found) = self.entries.get(&(verb as u8, record)) {
            return found.clone();
        }
        let found = Arc::new(self.find_entries(verb, record));
        self.entries.insert((verb as u8, record), found.clone());
        found
    }

    fn find_entries(&mut self, verb: Verb, record: u32) -> Entries {
        let (world, graph) = (self.worst(), self.graph);
        let records = &graph.inventory().records;
        let used = |g: u32| records.grants[g as usize].used_scopes.as_deref().map(<[Text]>::to_vec);
        match verb {
            Verb::NarrowAudience => {
                let stated = match world.audience(record) {
                    Some(stated) => stated.to_vec(),
                    None => self.needed_audience(record),
                };
                Entries {
                    stated: sorted(stated),
                    used: Vec::new(),
                }
            }
            Verb::NarrowScopes => {
                let served = self.served_by(record);
                match world.scopes(record) {
                    Some(stated) => Entries::of_scopes(stated, served.iter().filter_map(|&g| used(g)).flatten()),
                    None => {
                        let needed = |&g: &u32| used(g).unwrap_or_else(|| world.grant_scopes(g).to_vec());
                        Entries {
                            stated: sorted(served.iter().flat_map(needed).collect()),
                            used: Vec::new(),
                        }
                    }
                }
            }
            Verb::NarrowGrant => Entries::of_scopes(world.grant_scopes(record), used(record).into_iter().flatten()),
            Verb::RequireExchange => Entries {
                stated: sorted(world.passes(record).to_vec()),
                used: Vec::new(),
            },
            _ => Entries::default(),
        }
    }

    /// What the systems and inherits that a credential without an audience is presented to would have it say.
    fn needed_audience(&mut self, c: u32) -> Vec<Text> {
        let graph = self.graph;
        let records = &graph.inventory().records;
        let mut needed: Vec<Text> = Vec::new();
        for &g in self.served_by(c).iter() {
            let system = &records.systems[graph.grant_system[g as usize] as usize];
            match &system.accepts_audiences {
                Some(accepted) => needed.extend(accepted.iter().cloned()),
                None => needed.push(system.id.clone()),
            }
        }
        if let Some(i) = graph.identity_of[c as usize] {
            for (i, _) in self.worst().groups(i) {
                for &n in graph.inherits_of_identity.of(i) {
                    needed.extend(records.inherits[n as usize].audiences.iter().flatten().cloned());
                }
            }
        }
        needed
    }

    fn premises_for(&mut self, n: u32) -> Arc<Vec<Premise>> {
        if let Some(found) = self.premises.get(&n) {
            return found.clone();
        }
        let (world, graph) = (self.worst(), self.graph);
        let mut all: Vec<Premise> = Vec::new();
        if let Some(from) = graph.inherit_from[n as usize] {
            for (i, _) in world.groups(from) {
                for &g in graph.grants_of_identity.of(i).iter().filter(|&&g| world.has_grant(g)) {
                    all.extend(world.grant_scopes(g).iter().map(|scope| Premise {
                        system: graph.grant_system[g as usize],
                        scope: scope.clone(),
                    }));
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        all.retain(|p| !world.requirements(n).contains(p));
        let found = Arc::new(all);
        self.premises.insert(n, found.clone());
        found
    }

    /// Gives each action with its steps, sorted. Removals come after what narrows the same record, so that they apply.
    fn by_slot(parts: impl IntoIterator<Item = Part>, mut each: impl FnMut(Verb, u32, &[u32])) {
        let mut parts: Vec<Part> = parts.into_iter().collect();
        if !parts.is_sorted() {
            parts.sort_unstable();
        }
        parts.dedup();
        let mut steps: Vec<u32> = Vec::new();
        for slot in parts.chunk_by(|a, b| a.slot() == b.slot()) {
            steps.clear();
            steps.extend(slot.iter().map(|part| part.step));
            each(slot[0].verb, slot[0].record, &steps);
        }
    }

    /// The overlay of a set of parts, on top of what is done already.
    pub fn overlay(&mut self, parts: impl IntoIterator<Item = Part>) -> Overlay {
        let parts: Vec<Part> = parts.into_iter().collect();
        parts.iter().for_each(|part| self.know(*part));
        self.overlay_of_known(parts)
    }

    /// Finds what the overlay of a part asks for. Parts that were given out are known; others may come from elsewhere.
    fn know(&mut self, part: Part) {
        match part.verb {
            Verb::NarrowAudience | Verb::NarrowScopes | Verb::NarrowGrant | Verb::RequireExchange => {
                self.entries_of(part.verb, part.record);
            }
            Verb::NarrowInherit => {
                self.premises_for(part.record);
            }
            _ => {}
        }
    }

    fn left(&self, verb: Verb, record: u32, gone: &[u32]) -> Vec<Text> {
        let entries = self.entries.get(&(verb as u8, record));
        entries.expect("a part is known before it is laid over").without(gone)
    }

    /// The same of parts that were all given out by [`Universe::of_thing`] and the like, or laid over before.
    pub fn overlay_of_known(&self, parts: impl IntoIterator<Item = Part>) -> Overlay {
        let mut over = self.base.clone();
        let worst = self.worst();
        Self::by_slot(parts, |verb, at, steps| {
            match verb {
                Verb::Revoke => {
                    over.credentials.entry(at).or_default().status = Some(CredentialStatus::Revoked);
                }
                Verb::Rotate => over.credentials.entry(at).or_default().rotated = true,
                Verb::Expire => over.credentials.entry(at).or_default().expires_at = Some(self.settings.as_of),
                Verb::NarrowAudience => {
                    let left = self.left(verb, at, steps);
                    over.credentials.entry(at).or_default().audience = Some(left);
                }
                Verb::NarrowScopes => {
                    let left = self.left(verb, at, steps);
                    over.credentials.entry(at).or_default().scopes = Some(left);
                }
                Verb::BindContext => {
                    // Two contexts at once is none: whoever asks for both asks what is left at least.
                    let kept = if steps.len() == 1 { steps } else { &[] };
                    for &z in kept {
                        over.bound_in.entry(z).or_default().push(at);
                    }
                    let change = over.credentials.entry(at).or_default();
                    change.contexts = Some(kept.to_vec());
                    change.bound = true;
                }
                Verb::DisableIdentity => {
                    over.disabled.insert(at);
                }
                Verb::NarrowGrant => {
                    let left = self.left(verb, at, steps);
                    over.grants.entry(at).or_default().scopes = Some(left);
                }
                Verb::RemoveGrant => over.grants.entry(at).or_default().removed = true,
                Verb::RemoveExposure => {
                    over.exposures_removed.insert(at);
                }
                Verb::NarrowInherit => {
                    let added = self.premises.get(&at).expect("a part is known before it is laid over");
                    let mut all = worst.requirements(at).to_vec();
                    all.extend(steps.iter().filter_map(|&n| added.get(n as usize)).cloned());
                    all.sort_unstable();
                    all.dedup();
                    over.inherits.entry(at).or_default().requires = Some(all);
                }
                Verb::RemoveInherit => over.inherits.entry(at).or_default().removed = true,
                Verb::RequireExchange => {
                    let left = self.left(verb, at, steps);
                    over.trusts.entry(at).or_default().exchange = Some(left);
                }
                Verb::RemoveTrust => over.trusts.entry(at).or_default().removed = true,
                Verb::Enforce => {
                    let enforce = &mut over.systems.entry(at).or_default().enforce;
                    for check in Check::ALL.iter().filter(|&&k| steps.contains(&(k as u32))) {
                        enforce[*check as usize] = true;
                    }
                }
                Verb::Isolate => over.systems.entry(at).or_default().isolated = true,
            }
        });
        over
    }

    /// A set of parts as actions of a scenario, in the order in which they apply.
    pub fn actions(&mut self, parts: impl IntoIterator<Item = Part>) -> Vec<Action> {
        let mut out = Vec::new();
        Self::by_slot(parts, |verb, at, steps| out.push(self.action(verb, at, steps)));
        out
    }

    /// What is left of a record's entries, as an action says it.
    fn left_after(&mut self, verb: Verb, at: u32, steps: &[u32]) -> Vec<String> {
        let left = self.entries_of(verb, at).without(steps);
        left.into_iter().map(String::from).collect()
    }

    fn action(&mut self, verb: Verb, at: u32, steps: &[u32]) -> Action {
        let (graph, records) = (self.graph, &self.graph.inventory().records);
        let n = at as usize;
        let credential = || graph.id(Thing::Credential(at)).into_owned();
        let system = || graph.id(Thing::System(at)).into_owned();
        match verb {
            Verb::Revoke => Action::Revoke {
                credential: credential(),
            },
            Verb::Rotate => Action::Rotate {
                credential: credential(),
            },
            Verb::Expire => Action::Expire {
                credential: credential(),
                expires_at: self.settings.as_of,
            },
            Verb::NarrowAudience => Action::NarrowAudience {
                credential: credential(),
                audience: self.left_after(verb, at, steps),
            },
            Verb::NarrowScopes => Action::NarrowScopes {
                credential: credential(),
                scopes: self.left_after(verb, at, steps),
            },
            Verb::BindContext => Action::BindContext {
                credential: credential(),
                contexts: steps
                    .iter()
                    .map(|&z| self.before().context_name(z).to_owned())
                    .collect(),
            },
            Verb::DisableIdentity => Action::DisableIdentity {
                identity: graph.id(Thing::Identity(at)).into_owned(),
            },
            Verb::NarrowGrant => Action::NarrowGrant {
                grant: records.grants[n].name().to_string(),
                scopes: self.left_after(verb, at, steps),
            },
            Verb::RemoveGrant => Action::RemoveGrant {
                grant: records.grants[n].name().to_string(),
            },
            Verb::RemoveExposure => Action::RemoveExposure {
                exposure: records.exposures[n].name().to_string(),
            },
            Verb::NarrowInherit => {
                let added = self.premises_for(at);
                let chosen = steps.iter().filter_map(|&n| added.get(n as usize));
                Action::NarrowInherit {
                    inherit: records.inherits[n].name().to_string(),
                    requires_all: chosen
                        .map(|p| Requirement {
                            system: graph.id(Thing::System(p.system)).as_ref().into(),
                            scope: p.scope.clone(),
                        })
                        .collect(),
                }
            }
            Verb::RemoveInherit => Action::RemoveInherit {
                inherit: records.inherits[n].name().to_string(),
            },
            Verb::RequireExchange => Action::RequireExchange {
                trust: records.trusts[n].name().to_string(),
                scopes: self.left_after(verb, at, steps),
            },
            Verb::RemoveTrust => Action::RemoveTrust {
                trust: records.trusts[n].name().to_string(),
            },
            Verb::Enforce => Action::Enforce {
                system: system(),
                checks: Check::ALL
                    .iter()
                    .copied()
                    .filter(|&k| steps.contains(&(k as u32)))
                    .collect(),
            },
            Verb::Isolate => Action::Isolate { system: system() },
        }
    }
}
