//! What a set of parts costs: one for each action, and for each flow it breaks or puts at risk by its use. Prices are
//! known part by part, so that a solver may add them up, and whole for a set that is to be believed.

use super::Verb;
use super::universe::{Part, Universe};
use crate::graph::{FastMap, Overlay, Regime, Thing, World};
use crate::model::{Check, ExposureHow};
use crate::scenario::{FlowKey, Priced, Use, changed};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// What an at-risk flow costs.
pub(super) const AT_RISK: u64 = 10;

/// Of how many parts that narrow every choice is tried.
const MOST_TURNING: usize = 4;
/// How many parts are tried to learn of one flow at risk.
const MOST_TRIED: usize = 400;

/// What a broken flow costs.
pub(super) fn price(flow: &Priced) -> u64 {
    by_use(flow.used, flow.intended)
}

/// What a broken flow of this use costs.
pub(super) fn by_use(used: Use, intended: bool) -> u64 {
    match (used, intended) {
        (Use::InUse, _) | (Use::Unknown, true) => 1000,
        (Use::Unknown, false) => 10,
        (Use::Idle, _) => 1,
    }
}

/// What one part does by itself.
#[derive(Debug, Default)]
pub(super) struct Alone {
    /// Flows it breaks, each unless one of these parts is taken too, which may give the same flow anew.
    pub breaks: Vec<(u32, Rc<[u32]>)>,
    /// For a binding: the access flows of the credential, each with the part that enforces context there; `None` where
    /// that is enforced already.
    pub risks: Vec<(u32, Option<u32>)>,
}

/// Numbers for parts and flows, and what is known of their prices.
pub(super) struct Prices<'a> {
    pub universe: Universe<'a>,
    pub parts: Vec<Part>,
    ids: FastMap<Part, u32>,
    /// What each flow costs when it breaks.
    pub flows: Vec<u64>,
    keys: Vec<FlowKey>,
    flow_ids: HashMap<FlowKey, u32>,
    alone: FastMap<u32, Rc<Alone>>,
    /// Sets of parts that only together break a flow, unless one of the last list is taken.
    pub together: Vec<(Vec<u32>, u32, Rc<[u32]>)>,
    /// For a cheap flow that a binding may put at risk, lists of parts: whatever breaks it instead has one of each.
    pub instead: FastMap<u32, Vec<Rc<[u32]>>>,
}

/// The true price of a set of parts.
pub(super) struct Bill {
    pub cost: u64,
    pub broken: Vec<Priced>,
}

impl<'a> Prices<'a> {
    pub fn new(universe: Universe<'a>) -> Self {
        Self {
            universe,
            parts: Vec::new(),
            ids: FastMap::default(),
            flows: Vec::new(),
            keys: Vec::new(),
            flow_ids: HashMap::new(),
            alone: FastMap::default(),
            together: Vec::new(),
            instead: FastMap::default(),
        }
    }

    pub fn part(&mut self, part: Part) -> u32 {
        if let Some(&p) = self.ids.get(&part) {
            return p;
        }
        let p = self.parts.len() as u32;
        self.parts.push(part);
        self.ids.insert(part, p);
        p
    }

    fn flow(&mut self, flow: &Priced) -> u32 {
        if let Some(&f) = self.flow_ids.get(&flow.key) {
            return f;
        }
        let f = self.flows.len() as u32;
        self.flows.push(price(flow));
        self.keys.push(flow.key.clone());
        self.flow_ids.insert(flow.key.clone(), f);
        f
    }

    pub fn overlay(&mut self, set: &BTreeSet<u32>) -> Overlay {
        let parts: Vec<Part> = set.iter().map(|&p| self.parts[p as usize]).collect();
        self.universe.overlay(parts)
    }

    fn changed(&mut self, overlay: &Overlay) -> (Vec<Priced>, Vec<Priced>) {
        let before = self.universe.before();
        changed(before, World::new(before.graph, overlay, before.settings))
    }

    pub fn slots(&self, set: &BTreeSet<u32>) -> u64 {
        let slots: BTreeSet<(Verb, u32)> = set.iter().map(|&p| self.parts[p as usize].slot()).collect();
        slots.len() as u64
    }

    /// What a set of parts costs in truth.
    pub fn bill(&mut self, set: &BTreeSet<u32>) -> Bill {
        let overlay = self.overlay(set);
        let (broken, at_risk) = self.changed(&overlay);
        Bill {
            cost: self.slots(set) + broken.iter().map(price).sum::<u64>() + AT_RISK * at_risk.len() as u64,
            broken,
        }
    }

    /// What a part does by itself, found once.
    pub fn alone(&mut self, p: u32) -> Rc<Alone> {
        if let Some(found) = self.alone.get(&p) {
            return found.clone();
        }
        let part = self.parts[p as usize];
        let found = Rc::new(if part.verb == Verb::BindContext {
            self.binding(part)
        } else {
            let overlay = self.universe.overlay([part]);
            let (broken, _) = self.changed(&overlay);
            let mut anew: HashMap<(Thing, u32), Rc<[u32]>> = HashMap::new();
            let breaks = broken.iter().map(|flow| {
                let restored = self.restored_by(flow, &[p], &overlay, &mut anew);
                (self.flow(flow), restored)
            });
            Alone {
                breaks: breaks.collect(),
                risks: Vec::new(),
            }
        });
        self.alone.insert(p, found.clone());
        found
    }

    /// The parts that might give a broken flow anew, because they narrow another scope to the same text; none where
    /// nothing of the kind is left of the holder's access to the system.
    fn restored_by(
        &mut self,
        flow: &Priced,
        broken_by: &[u32],
        overlay: &Overlay,
        known: &mut HashMap<(Thing, u32), Rc<[u32]>>,
    ) -> Rc<[u32]> {
        let Some(access) = flow.key.access() else {
            return Rc::new([]);
        };
        if let Some(found) = known.get(&access) {
            return found.clone();
        }
        let mut parts = Vec::new();
        if flow.key.is_served(self.universe.before(), overlay) {
            self.narrowing(access, &mut parts);
        }
        let ids = parts.into_iter().map(|part| self.part(part));
        let ids: Rc<[u32]> = ids.filter(|p| !broken_by.contains(p)).collect();
        known.insert(access, ids.clone());
        ids
    }

    /// The parts that change the texts of a holder's scopes at a system.
    fn narrowing(&mut self, (holder, s): (Thing, u32), out: &mut Vec<Part>) {
        let mut all = Vec::new();
        for g in self.grants_of(holder, s) {
            self.universe.of_grant(g, &mut all);
        }
        if let Thing::Credential(_) = holder {
            self.universe.of_thing(holder, &mut all);
        }
        all.retain(|part| matches!(part.verb, Verb::NarrowGrant | Verb::NarrowScopes));
        out.append(&mut all);
    }

    fn grants_of(&mut self, holder: Thing, s: u32) -> Vec<u32> {
        let graph = self.universe.graph;
        let all = match holder {
            Thing::Credential(c) => self.universe.served_by(c).to_vec(),
            Thing::Identity(i) => graph.grants_of_identity.of(i).to_vec(),
            _ => Vec::new(),
        };
        all.into_iter()
            .filter(|&g| graph.grant_system[g as usize] == s)
            .collect()
    }

    /// What a binding puts at risk: every access flow of the credential where context is enforced or would be.
    fn binding(&mut self, part: Part) -> Alone {
        let graph = self.universe.graph;
        let c = part.record;
        let mut systems: Vec<u32> = self
            .universe
            .served_by(c)
            .iter()
            .map(|&g| graph.grant_system[g as usize])
            .collect();
        systems.sort_unstable();
        systems.dedup();
        let worst = self.universe.before().under(Regime::WorstCase);
        let enforcing = |&s: &u32| Part {
            verb: Verb::Enforce,
            record: s,
            step: Check::Context as u32,
        };
        let everywhere = systems.iter().map(enforcing).chain([part]);
        let overlay = self.universe.overlay(everywhere);
        let (_, at_risk) = self.changed(&overlay);
        let mut possible = Vec::new();
        for &s in systems.iter().filter(|&&s| !worst.enforced(s, Check::Context)) {
            self.universe.of_thing(Thing::System(s), &mut possible);
        }
        let mut risks = Vec::new();
        for flow in at_risk {
            let Some((_, s)) = flow.key.access() else { continue };
            let enforced = worst.enforced(s, Check::Context);
            let then = enforcing(&s);
            if !enforced && !possible.contains(&then) {
                continue;
            }
            let f = self.flow(&flow);
            risks.push((f, (!enforced).then(|| self.part(then))));
            if price(&flow) < AT_RISK && !self.instead.contains_key(&f) {
                let mut parts = Vec::new();
                self.breaking(c, s, &mut parts);
                let ids: Rc<[u32]> = parts.into_iter().map(|part| self.part(part)).collect();
                self.instead.insert(f, vec![ids]);
            }
        }
        Alone {
            breaks: Vec::new(),
            risks,
        }
    }

    /// Every part that might break an access flow of a credential at a system.
    fn breaking(&mut self, c: u32, s: u32, out: &mut Vec<Part>) {
        let graph = self.universe.graph;
        let mut things = vec![Thing::Credential(c), Thing::System(s)];
        let mut inherits = Vec::new();
        if let Some(i) = graph.identity_of[c as usize] {
            for (i, chain) in self.universe.before().under(Regime::WorstCase).groups(i) {
                things.push(Thing::Identity(i));
                inherits.extend(chain);
                inherits.extend(graph.memberships_of_identity.of(i));
            }
        }
        let records = &graph.inventory().records;
        for &x in graph.exposures_yielding_credential.of(c) {
            if records.exposures[x as usize].how == Some(ExposureHow::Minted) {
                self.universe.of_exposure(x, out);
                let from = graph.exposure_from[x as usize];
                things.push(from);
                if let Thing::Credential(k) = from {
                    things.extend(graph.identity_of[k as usize].map(Thing::Identity));
                }
            }
        }
        things.sort_unstable();
        things.dedup();
        inherits.sort_unstable();
        inherits.dedup();
        for n in inherits {
            self.universe.of_inherit(n, out);
        }
        for thing in things {
            self.universe.of_thing(thing, out);
        }
        for g in self.grants_of(Thing::Credential(c), s) {
            self.universe.of_grant(g, out);
        }
        out.retain(|part| part.verb != Verb::BindContext);
        out.sort_unstable();
        out.dedup();
    }

    /// What the prices known so far say of a set: never more than the truth.
    pub fn estimate(&mut self, set: &BTreeSet<u32>) -> u64 {
        let mut broken: BTreeSet<u32> = BTreeSet::new();
        let free = |restored: &[u32]| !restored.iter().any(|r| set.contains(r));
        for &p in set {
            let alone = self.alone(p);
            broken.extend(alone.breaks.iter().filter(|(_, r)| free(r)).map(|x| x.0));
        }
        for (all, f, restored) in &self.together {
            if all.iter().all(|p| set.contains(p)) && free(restored) {
                broken.insert(*f);
            }
        }
        let mut risked: BTreeSet<u32> = BTreeSet::new();
        for &p in set {
            for &(f, enforced) in &self.alone(p).risks {
                if enforced.is_none_or(|e| set.contains(&e)) && !broken.contains(&f) {
                    risked.insert(f);
                }
            }
        }
        let mut cost = self.slots(set) + broken.iter().map(|&f| self.flows[f as usize]).sum::<u64>();
        for f in risked {
            let cheaper = self.may_break_instead(f, set);
            cost += if cheaper {
                AT_RISK.min(self.flows[f as usize])
            } else {
                AT_RISK
            };
        }
        cost
    }

    /// Whether, as far as is known, a set may break a flow that would otherwise be at risk.
    fn may_break_instead(&self, f: u32, set: &BTreeSet<u32>) -> bool {
        let lists = self.instead.get(&f).map_or(&[][..], Vec::as_slice);
        !lists.is_empty() && lists.iter().all(|parts| parts.iter().any(|p| set.contains(p)))
    }

    /// Learns why a set costs more than was known: of each flow it breaks and no part alone does, a smallest set that
    /// breaks it; of each flow at risk that it was thought to break instead, a largest set that does not. Whether anything
    /// was learned.
    pub fn learn(&mut self, set: &BTreeSet<u32>) -> bool {
        let broken = self.learn_broken(set);
        self.learn_at_risk(set) || broken
    }

    fn learn_at_risk(&mut self, set: &BTreeSet<u32>) -> bool {
        let overlay = self.overlay(set);
        let (_, at_risk) = self.changed(&overlay);
        let mut learned = false;
        for flow in at_risk {
            let Some(&f) = self.flow_ids.get(&flow.key) else {
                continue;
            };
            if price(&flow) >= AT_RISK || !self.may_break_instead(f, set) {
                continue;
            }
            let Some(access) = flow.key.access() else { continue };
            let all = self.instead[&f][0].clone();
            let mut narrowing = Vec::new();
            self.narrowing(access, &mut narrowing);
            let turns = |p: &u32| narrowing.contains(&self.parts[*p as usize]);
            // What narrows may give the flow anew, so that less of it may break what more does not: each choice of it is
            // tried. The rest breaks the more the more there is of it.
            let turning: Vec<u32> = set.iter().copied().filter(turns).collect();
            if turning.len() > MOST_TURNING || all.len() > MOST_TRIED {
                continue;
            }
            let others: Vec<u32> = all.iter().copied().filter(|p| !turns(p) && !set.contains(p)).collect();
            let mut kept = set.clone();
            if self.any_breaks(&flow.key, &kept, &turning) {
                continue;
            }
            for p in others {
                kept.insert(p);
                if self.any_breaks(&flow.key, &kept, &turning) {
                    kept.remove(&p);
                }
            }
            let rest: Rc<[u32]> = all.iter().copied().filter(|p| !kept.contains(p)).collect();
            self.instead.entry(f).or_default().push(rest);
            learned = true;
        }
        learned
    }

    /// Whether a set breaks a flow with all or some of those of its parts that narrow.
    fn any_breaks(&mut self, key: &FlowKey, set: &BTreeSet<u32>, turning: &[u32]) -> bool {
        (0..1_u32 << turning.len()).any(|without| {
            let mut some = set.clone();
            for (n, p) in turning.iter().enumerate() {
                if without & (1 << n) != 0 {
                    some.remove(p);
                }
            }
            let overlay = self.overlay(&some);
            self.changed(&overlay).0.iter().any(|flow| flow.key == *key)
        })
    }

    fn learn_broken(&mut self, set: &BTreeSet<u32>) -> bool {
        let bill = self.bill(set);
        let known = self.together.len();
        for flow in &bill.broken {
            let f = self.flow(flow);
            let alone = set.iter().any(|&p| {
                let alone = self.alone(p);
                alone
                    .breaks
                    .iter()
                    .any(|(g, r)| *g == f && !r.iter().any(|r| set.contains(r)))
            });
            let said = alone
                || self.together.iter().any(|(all, g, r)| {
                    *g == f && all.iter().all(|p| set.contains(p)) && !r.iter().any(|r| set.contains(r))
                });
            if said {
                continue;
            }
            // What might restore it, is taken and does not stays among what breaks it; without that another may seem to
            // restore it, so this goes on until none does. What is learned then speaks of this set, and was not known.
            let mut kept = BTreeSet::new();
            let (by, restored) = loop {
                let (by, restored) = self.smallest(flow, set, &kept);
                let before = kept.len();
                kept.extend(restored.iter().copied().filter(|r| set.contains(r)));
                if kept.len() == before {
                    break (by, restored);
                }
            };
            self.together.push((by, f, restored));
        }
        self.together.len() > known
    }

    /// A smallest part of a set that still breaks a flow, `kept` among it, and what might restore the flow.
    fn smallest(&mut self, flow: &Priced, set: &BTreeSet<u32>, kept: &BTreeSet<u32>) -> (Vec<u32>, Rc<[u32]>) {
        let mut smallest = set.clone();
        // Most parts of a plan have nothing to do with one flow, so they are left out many at a time: halves of what
        // cannot go as a whole, until single parts must stay.
        let free: Vec<u32> = set.difference(kept).copied().collect();
        let mut runs: Vec<&[u32]> = vec![&free];
        while let Some(run) = runs.pop() {
            smallest.retain(|p| !run.contains(p));
            let overlay = self.overlay(&smallest);
            if run.is_empty() || self.changed(&overlay).0.iter().any(|other| other.key == flow.key) {
                continue;
            }
            smallest.extend(run);
            if run.len() > 1 {
                let (first, second) = run.split_at(run.len() / 2);
                runs.push(second);
                runs.push(first);
            }
        }
        let overlay = self.overlay(&smallest);
        let by: Vec<u32> = smallest.into_iter().collect();
        let restored = self.restored_by(flow, &by, &overlay, &mut HashMap::new());
        (by, restored)
    }

    /// Whether a part is a step of the same exclusive choice as another of the set.
    pub fn excluded(&self, p: u32, set: &BTreeSet<u32>) -> bool {
        let part = self.parts[p as usize];
        part.verb == Verb::BindContext
            && set
                .iter()
                .any(|&q| q != p && self.parts[q as usize].slot() == part.slot())
    }

    /// Every part that could make this set cheaper becomes known: what gives a broken flow anew, and what breaks a flow
    /// that is at risk.
    pub fn know_what_saves(&mut self, set: &BTreeSet<u32>) {
        let overlay = self.overlay(set);
        let (broken, at_risk) = self.changed(&overlay);
        let mut parts = Vec::new();
        for flow in broken {
            if let Some(access) = flow.key.access() {
                self.narrowing(access, &mut parts);
            }
        }
        for flow in at_risk {
            if let Some((Thing::Credential(c), s)) = flow.key.access() {
                let mut more = Vec::new();
                self.breaking(c, s, &mut more);
                parts.append(&mut more);
            }
        }
        for part in parts {
            self.part(part);
        }
    }
}
