//! The seven rules, run forward from the seeds. Facts leave the queue in the order of their derivations' hops and
//! steps, so that the first derivation that counts is the best one and every premise is settled before what it gives.

use super::Rule;
use super::{Cancel, Cancelled};
use crate::graph::{Thing, World};
use crate::model::scope::{Allowed, Scope, blocks};
use crate::model::{Check, CredentialKind, ExposureHow};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// In which way a credential is held; the order is that of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// A copy from before a rotation.
    Old,
    /// A copy.
    Copy,
    /// Minted at will.
    Fresh,
    /// Written at will with its signing key.
    Forged,
}

impl Held {
    /// As written in JSON and in fact texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::Copy => "copy",
            Self::Fresh => "fresh",
            Self::Forged => "forged",
        }
    }
}

/// A fact. The number of an `Access` is that of what it allows in its closure's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fact {
    Holds(u32, Held),
    ActsAs(u32),
    Accepted(u32, Held, u32),
    Access(u32, u32),
    InContext(u32),
}

/// A relation by kind and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RelationIx {
    Grant(u32),
    Exposure(u32),
    Inherit(u32),
    Trust(u32),
}

/// How a fact is derived.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub rule: Rule,
    /// Positions of its premises among the closure's facts.
    pub premises: Vec<u32>,
    pub records: Vec<RelationIx>,
}

/// All that follows from the seeds.
#[derive(Debug, Default)]
pub(crate) struct Closure {
    pub facts: Vec<Fact>,
    pub hops: Vec<u32>,
    steps: Vec<u64>,
    pub why: Vec<Application>,
    pub allowed: Vec<Allowed>,
    pub index: HashMap<Fact, u32>,
}

/// Members of a chain of memberships, and where it leads.
type Groups = Arc<Vec<(u32, Vec<u32>)>>;

/// The grants that serve a credential or an identity: (system, grant, position in its groups or `OWN`), by system.
type Served = Arc<(Groups, Vec<(u32, u32, u32)>)>;

/// A grant of the credential itself, not by any identity.
const OWN: u32 = u32::MAX;

pub(crate) struct Run<'a, const EXPLAIN: bool> {
    world: World<'a>,
    out: Closure,
    settled: Vec<bool>,
    heap: BinaryHeap<Reverse<(u32, u64, u32)>>,
    stack: Vec<u32>,
    allowed_ix: HashMap<Allowed, u32>,
    groups: HashMap<u32, Groups>,
    served_identity: HashMap<u32, Served>,
    served_credential: HashMap<u32, Served>,
    /// What a grant gives to an identity, as numbers of allowed scopes.
    given: HashMap<u32, Arc<Vec<u32>>>,
}

/// Runs the rules. With `EXPLAIN`, hops and the best derivation of every fact are found too.
pub(crate) fn close<const EXPLAIN: bool>(
    world: World<'_>,
    seeds: &[Thing],
    cancel: &dyn Cancel,
) -> Result<Closure, Cancelled> {
    let mut run = Run::<EXPLAIN>::new(world);
    run.seed(seeds);
    let mut count = 0u32;
    while let Some(f) = run.pop() {
        run.fire(f);
        count = count.wrapping_add(1);
        if count.is_multiple_of(1024) && cancel.is_cancelled() {
            return Err(Cancelled);
        }
    }
    Ok(run.out)
}

impl<'a, const EXPLAIN: bool> Run<'a, EXPLAIN> {
    fn new(world: World<'a>) -> Self {
        Self {
            world,
            out: Closure::default(),
            settled: Vec::new(),
            heap: BinaryHeap::new(),
            stack: Vec::new(),
            allowed_ix: HashMap::new(),
            groups: HashMap::new(),
            served_identity: HashMap::new(),
            served_credential: HashMap::new(),
            given: HashMap::new(),
        }
    }

    /// Rule 1.
    fn seed(&mut self, seeds: &[Thing]) {
        for &seed in seeds {
            let fact = match seed {
                Thing::Credential(c) if self.world.rotated(c) => Fact::Holds(c, Held::Old),
                Thing::Credential(c) => Fact::Holds(c, Held::Copy),
                Thing::Identity(i) => Fact::ActsAs(i),
                Thing::System(s) if self.world.isolated(s) => continue,
                Thing::System(s) => {
                    let all = self.intern(Allowed::everything());
                    Fact::Access(s, all)
                }
                Thing::Context(z) => Fact::InContext(z),
            };
            self.propose(fact, Rule::Seed, &[], Vec::new);
        }
    }

    fn pop(&mut self) -> Option<u32> {
        if EXPLAIN {
            while let Some(Reverse((_, _, f))) = self.heap.pop() {
                if !std::mem::replace(&mut self.settled[f as usize], true) {
                    return Some(f);
                }
            }
            None
        } else {
            let f = self.stack.pop()?;
            self.settled[f as usize] = true;
            Some(f)
        }
    }

    /// Whether a fact has left the queue, and where it is.
    fn settled(&self, fact: Fact) -> Option<u32> {
        self.out.index.get(&fact).copied().filter(|&f| self.settled[f as usize])
    }

    /// One rule application. `records` is asked only where it may matter.
    fn propose(&mut self, fact: Fact, rule: Rule, premises: &[u32], records: impl FnOnce() -> Vec<RelationIx>) {
        let known = self.out.index.get(&fact).copied();
        if !EXPLAIN {
            if known.is_none() {
                let f = self.out.facts.len() as u32;
                self.out.facts.push(fact);
                self.settled.push(false);
                self.out.index.insert(fact, f);
                self.stack.push(f);
            }
            return;
        }
        if known.is_some_and(|f| self.settled[f as usize]) {
            // Settled facts can only be proposed again with the same hops and steps by premises that settled later,
            // which is impossible: what a premise gives has more steps than the premise.
            return;
        }
        let hops = premises
            .iter()
            .map(|&p| self.out.hops[p as usize])
            .max()
            .map_or(0, |h| h + u32::from(matches!(fact, Fact::Access(..))));
        let steps = premises
            .iter()
            .fold(1u64, |n, &p| n.saturating_add(self.out.steps[p as usize]));
        match known {
            None => {
                let f = self.out.facts.len() as u32;
                self.out.facts.push(fact);
                self.settled.push(false);
                self.out.index.insert(fact, f);
                self.out.hops.push(hops);
                self.out.steps.push(steps);
                self.out.why.push(Application {
                    rule,
                    premises: premises.to_vec(),
                    records: records(),
                });
                self.heap.push(Reverse((hops, steps, f)));
            }
            Some(f) => {
                let at = f as usize;
                let new = || Application {
                    rule,
                    premises: premises.to_vec(),
                    records: records(),
                };
                match (hops, steps).cmp(&(self.out.hops[at], self.out.steps[at])) {
                    Ordering::Less => {
                        self.out.hops[at] = hops;
                        self.out.steps[at] = steps;
                        self.out.why[at] = new();
                        self.heap.push(Reverse((hops, steps, f)));
                    }
                    Ordering::Equal => {
                        let new = new();
                        if self.out.compare(self.world, fact, &new, fact, &self.out.why[at]) == Ordering::Less {
                            self.out.why[at] = new;
                        }
                    }
                    Ordering::Greater => {}
                }
            }
        }
    }

    fn intern(&mut self, allowed: Allowed) -> u32 {
        if let Some(&a) = self.allowed_ix.get(&allowed) {
            return a;
        }
        let a = self.out.allowed.len() as u32;
        self.out.allowed.push(allowed.clone());
        self.allowed_ix.insert(allowed, a);
        a
    }

    fn fire(&mut self, f: u32) {
        match self.out.facts[f as usize] {
            Fact::Holds(c, v) => self.holds(f, c, v),
            Fact::InContext(z) => {
                let graph = self.world.graph;
                let mut waiting: Vec<u32> = graph.credentials_in_context.of(z).to_vec();
                waiting.extend(self.world.overlay.bound_in.get(&z).into_iter().flatten());
                for c in waiting {
                    if !self.world.contexts(c).is_some_and(|zs| zs.contains(&z)) {
                        continue;
                    }
                    for v in [Held::Old, Held::Copy, Held::Fresh] {
                        if let Some(held) = self.settled(Fact::Holds(c, v)) {
                            self.holds(held, c, v);
                            self.rule_5_again(c, v);
                        }
                    }
                }
            }
            Fact::Accepted(c, v, s) => {
                self.rule_3(f, c, v, s);
                self.rule_5_at(c, v, s);
            }
            Fact::ActsAs(i) => self.acts_as(f, i),
            Fact::Access(s, a) => self.access(f, s, a),
        }
    }

    // What a credential opens.

    fn holds(&mut self, f: u32, c: u32, v: Held) {
        self.rule_2(f, c, v);
        self.rule_5_holding(c, v);
        // Rule 6, of a credential.
        if live(self.world, c, v)
            && let Some(context) = self.context_premise(c, v, self.world.issuer_enforces(c, Check::Context))
        {
            let premises: Vec<u32> = [f].into_iter().chain(context).collect();
            let graph = self.world.graph;
            for &x in graph.exposures_of_credential.of(c) {
                self.rule_6(x, &premises);
            }
        }
    }

    /// The context that must be entered: nothing to enter, one that is entered (the best explained), or `None` where
    /// the check refuses as yet.
    fn context_premise(&self, c: u32, v: Held, enforced: bool) -> Option<Option<u32>> {
        let Some(stated) = self.world.contexts(c).filter(|_| enforced && v != Held::Forged) else {
            return Some(None);
        };
        let mut best: Option<u32> = None;
        for &z in stated {
            if let Some(f) = self.settled(Fact::InContext(z)) {
                let better =
                    !EXPLAIN || best.is_none_or(|b| self.out.compare_facts(self.world, f, b) == Ordering::Less);
                if best.is_none() || better {
                    best = Some(f);
                }
            }
        }
        best.map(Some)
    }

    fn rule_2(&mut self, f: u32, c: u32, v: Held) {
        let served = self.served_by_credential(c);
        let mut at = 0;
        while at < served.1.len() {
            let s = served.1[at].0;
            let end = at + served.1[at..].iter().take_while(|x| x.0 == s).count();
            if let Some(context) = acceptance(self.world, c, v, s, None)
                .then(|| self.context_premise(c, v, self.world.enforced(s, Check::Context)))
                .flatten()
            {
                let premises = [f, context.unwrap_or(f)];
                let premises = if context.is_some() {
                    &premises[..]
                } else {
                    &premises[..1]
                };
                for &(_, g, group) in &served.1[at..end] {
                    self.propose(Fact::Accepted(c, v, s), Rule::Accepted, premises, || {
                        with(&served.0, group, g)
                    });
                    if !EXPLAIN {
                        break;
                    }
                }
            }
            at = end;
        }
    }

    fn rule_3(&mut self, f: u32, c: u32, v: Held, s: u32) {
        let served = self.served_by_credential(c);
        let scopes = self.scopes_in_force(c, v, s);
        for &(_, g, group) in grants_at(&served.1, s) {
            for a in self.given_to(g, scopes).iter().copied() {
                self.propose(Fact::Access(s, a), Rule::Access, &[f], || with(&served.0, group, g));
            }
        }
    }

    /// The scopes a system holds a credential to.
    fn scopes_in_force(&self, c: u32, v: Held, s: u32) -> Option<&'a [String]> {
        self.world
            .scopes(c)
            .filter(|_| v != Held::Forged && self.world.enforced(s, Check::Scope))
    }

    /// Rule 5, second form, for all inherits that name one of the credential's identities.
    fn rule_5_holding(&mut self, c: u32, v: Held) {
        let graph = self.world.graph;
        let Some(identity) = graph.identity_of[c as usize] else {
            return;
        };
        let groups = self.groups(identity);
        for (i, _) in groups.iter() {
            for &n in graph.inherits_of_identity.of(*i) {
                self.rule_5_presenting(n, c, v);
            }
        }
    }

    /// Rule 5, second form, for the inherits that an acceptance may have opened.
    fn rule_5_at(&mut self, c: u32, v: Held, s: u32) {
        let graph = self.world.graph;
        for &n in graph.inherits_requiring_system.of(s) {
            self.rule_5_presenting(n, c, v);
        }
        // What the scenario requires besides is not in the graph's lists.
        for &n in self.world.overlay.inherits.keys() {
            if self.world.requirements(n).iter().any(|p| p.system == s) {
                self.rule_5_presenting(n, c, v);
            }
        }
    }

    /// Rule 5, second form, at every system where the credential is accepted already: a context opened it.
    fn rule_5_again(&mut self, c: u32, v: Held) {
        let served = self.served_by_credential(c);
        let mut last = None;
        for &(s, ..) in &served.1 {
            if last.replace(s) != Some(s) && self.settled(Fact::Accepted(c, v, s)).is_some() {
                self.rule_5_at(c, v, s);
            }
        }
    }

    fn rule_5_presenting(&mut self, n: u32, c: u32, v: Held) {
        let world = self.world;
        let graph = world.graph;
        let to = graph.inherit_to[n as usize];
        let goal = Fact::ActsAs(to);
        if !world.has_inherit(n) || world.is_membership(n) || !world.active(to) {
            return;
        }
        if self.settled(goal).is_some() || (!EXPLAIN && self.out.index.contains_key(&goal)) {
            return;
        }
        let Some(held) = self.settled(Fact::Holds(c, v)) else {
            return;
        };
        let from = graph.inherit_from[n as usize];
        let groups = graph.identity_of[c as usize].map(|i| self.groups(i));
        let belongs = match (from, &groups) {
            (Some(from), Some(groups)) => groups.iter().any(|(i, _)| *i == from),
            (Some(_), None) => false,
            (None, _) => true,
        };
        if !belongs || !live_at(world, c, v, world.issuer_enforces(c, Check::Revocation)) {
            return;
        }
        let inherit = &graph.inventory().records.inherits[n as usize];
        if let (Some(wanted), Some(stated)) = (&inherit.audiences, world.audience(c).filter(|_| v != Held::Forged))
            && !stated.iter().any(|a| wanted.contains(a))
        {
            return;
        }
        let Some(context) = self.context_premise(c, v, world.issuer_enforces(c, Check::Context)) else {
            return;
        };
        let mut premises = vec![held];
        premises.extend(context);
        let mut proofs: Vec<RelationIx> = Vec::new();
        let served = self.served_by_credential(c);
        for premise in world.requirements(n) {
            let Some(accepted) = self.settled(Fact::Accepted(c, v, premise.system)) else {
                return;
            };
            let scopes = self.scopes_in_force(c, v, premise.system);
            let Some((g, group)) = self.proof(grants_at(&served.1, premise.system), &premise.scope, scopes) else {
                return;
            };
            proofs.extend(with(&served.0, group, g));
            if !premises[1..].contains(&accepted) {
                premises.push(accepted);
            }
        }
        // Every identity the inherit may start from is an application of its own; the premises are the same, so the
        // least list of records decides.
        let chains: Vec<&[u32]> = match (from, &groups) {
            (Some(from), Some(groups)) => groups.iter().filter(|x| x.0 == from).map(|x| x.1.as_slice()).collect(),
            (None, Some(groups)) => groups.iter().map(|x| x.1.as_slice()).collect(),
            _ => vec![&[]],
        };
        for chain in chains {
            self.propose(goal, Rule::Inherit, &premises, || {
                let own = chain
                    .iter()
                    .map(|&m| RelationIx::Inherit(m))
                    .chain([RelationIx::Inherit(n)]);
                first_of_each(own.chain(proofs.iter().copied()))
            });
        }
    }

    // What an identity opens.

    fn acts_as(&mut self, f: u32, i: u32) {
        let world = self.world;
        let graph = world.graph;
        if !world.active(i) {
            return;
        }
        for &g in graph.grants_of_identity.of(i) {
            let s = graph.grant_system[g as usize];
            if !world.has_grant(g) || world.isolated(s) {
                continue;
            }
            for a in self.given_to(g, None).iter().copied() {
                self.propose(Fact::Access(s, a), Rule::Access, &[f], || vec![RelationIx::Grant(g)]);
            }
        }
        for &n in graph.inherits_of_identity.of(i) {
            self.rule_5_acting(f, i, n);
        }
        let served = self.served_by_identity(i);
        let mut last = None;
        for &(s, ..) in &served.1 {
            if last.replace(s) != Some(s) {
                for &n in graph.open_inherits_by_system.of(s) {
                    self.rule_5_acting(f, i, n);
                }
            }
        }
        for &x in graph.exposures_of_identity.of(i) {
            self.rule_6(x, &[f]);
        }
    }

    /// Rule 5, first form.
    fn rule_5_acting(&mut self, f: u32, i: u32, n: u32) {
        let world = self.world;
        let to = world.graph.inherit_to[n as usize];
        if !world.has_inherit(n) || !world.active(to) || (!EXPLAIN && self.out.index.contains_key(&Fact::ActsAs(to))) {
            return;
        }
        let mut proofs: Vec<RelationIx> = Vec::new();
        let requirements = world.requirements(n);
        if !requirements.is_empty() {
            let served = self.served_by_identity(i);
            for premise in requirements {
                if world.isolated(premise.system) {
                    return;
                }
                let Some((g, group)) = self.proof(grants_at(&served.1, premise.system), &premise.scope, None) else {
                    return;
                };
                proofs.extend(with(&served.0, group, g));
            }
        }
        self.propose(Fact::ActsAs(to), Rule::Inherit, &[f], || {
            first_of_each([RelationIx::Inherit(n)].into_iter().chain(proofs))
        });
    }

    /// The grant, least by name, that satisfies a requirement.
    fn proof(&mut self, grants: &[(u32, u32, u32)], r: &str, scopes: Option<&[String]>) -> Option<(u32, u32)> {
        // Grants are sorted by name in the inventory, so the least index is the least name.
        for &(_, g, group) in grants {
            let given = self.given_to(g, scopes);
            if given.iter().any(|&a| self.out.allowed[a as usize].satisfies(r)) {
                return Some((g, group));
            }
        }
        None
    }

    // What access opens.

    fn access(&mut self, f: u32, s: u32, a: u32) {
        let world = self.world;
        let graph = world.graph;
        let records = &graph.inventory().records;
        for &x in graph.exposures_of_system.of(s) {
            if self.any_satisfied(&records.exposures[x as usize].requires, a) {
                self.rule_6(x, &[f]);
            }
        }
        for &t in graph.trusts_from_system.of(s) {
            let to = graph.trust_to[t as usize];
            if !world.has_trust(t) || world.isolated(to) || !self.any_satisfied(&records.trusts[t as usize].requires, a)
            {
                continue;
            }
            for q in world.passes(t) {
                let allowed = self.intern(Allowed {
                    scope: Scope::of(q),
                    except: Vec::new(),
                });
                self.propose(Fact::Access(to, allowed), Rule::Trust, &[f], || {
                    vec![RelationIx::Trust(t)]
                });
            }
        }
    }

    fn any_satisfied(&self, requires: &[String], a: u32) -> bool {
        requires.is_empty() || requires.iter().any(|r| self.out.allowed[a as usize].satisfies(r))
    }

    /// Rule 6, its condition given.
    fn rule_6(&mut self, x: u32, premises: &[u32]) {
        let world = self.world;
        if !world.has_exposure(x) {
            return;
        }
        if let Some(fact) = yielded(world, x) {
            self.propose(fact, Rule::Exposure, premises, || vec![RelationIx::Exposure(x)]);
        }
    }

    // Groups and grants, found once.

    fn groups(&mut self, i: u32) -> Groups {
        if let Some(found) = self.groups.get(&i) {
            return found.clone();
        }
        let found = Arc::new(self.world.groups(i));
        self.groups.insert(i, found.clone());
        found
    }

    fn served_by_identity(&mut self, i: u32) -> Served {
        if let Some(found) = self.served_identity.get(&i) {
            return found.clone();
        }
        let groups = self.groups(i);
        let found = Arc::new((groups.clone(), served(self.world, None, &groups)));
        self.served_identity.insert(i, found.clone());
        found
    }

    fn served_by_credential(&mut self, c: u32) -> Served {
        if let Some(found) = self.served_credential.get(&c) {
            return found.clone();
        }
        let groups = match self.world.graph.identity_of[c as usize] {
            Some(i) => self.groups(i),
            None => Arc::default(),
        };
        let found = Arc::new((groups.clone(), served(self.world, Some(c), &groups)));
        self.served_credential.insert(c, found.clone());
        found
    }

    /// What a grant gives, met with a credential's scopes where they count, as numbers of allowed scopes.
    fn given_to(&mut self, g: u32, scopes: Option<&[String]>) -> Arc<Vec<u32>> {
        if scopes.is_none()
            && let Some(found) = self.given.get(&g)
        {
            return found.clone();
        }
        let mut found: Vec<u32> = given(self.world, g, scopes)
            .into_iter()
            .map(|a| self.intern(a))
            .collect();
        found.sort_unstable();
        found.dedup();
        let found = Arc::new(found);
        if scopes.is_none() {
            self.given.insert(g, found.clone());
        }
        found
    }
}

/// The grants of a list that are on one system; the list is sorted by system.
fn grants_at(served: &[(u32, u32, u32)], s: u32) -> &[(u32, u32, u32)] {
    let start = served.partition_point(|x| x.0 < s);
    let end = start + served[start..].partition_point(|x| x.0 == s);
    &served[start..end]
}

fn served(world: World<'_>, c: Option<u32>, groups: &Groups) -> Vec<(u32, u32, u32)> {
    let graph = world.graph;
    let mut found = Vec::new();
    let mut add = |grants: &[u32], group: u32| {
        found.extend(
            grants
                .iter()
                .filter(|&&g| world.has_grant(g))
                .map(|&g| (graph.grant_system[g as usize], g, group)),
        );
    };
    if let Some(c) = c {
        add(graph.grants_of_credential.of(c), OWN);
    }
    for (at, (i, _)) in groups.iter().enumerate() {
        add(graph.grants_of_identity.of(*i), at as u32);
    }
    found.sort_unstable();
    found
}

/// The memberships that lead to a grant's holder, then the grant.
fn with(groups: &Groups, group: u32, g: u32) -> Vec<RelationIx> {
    let chain = if group == OWN {
        &[][..]
    } else {
        groups[group as usize].1.as_slice()
    };
    chain
        .iter()
        .map(|&n| RelationIx::Inherit(n))
        .chain([RelationIx::Grant(g)])
        .collect()
}

fn first_of_each(records: impl Iterator<Item = RelationIx>) -> Vec<RelationIx> {
    let mut out: Vec<RelationIx> = Vec::new();
    for record in records {
        if !out.contains(&record) {
            out.push(record);
        }
    }
    out
}

/// `live(c, v)`.
pub(crate) fn live(world: World<'_>, c: u32, v: Held) -> bool {
    match v {
        Held::Copy => !world.expired(c) && !world.dead(c),
        Held::Fresh | Held::Forged => world.identity_active(c),
        Held::Old => false,
    }
}

/// `live_at(c, v, s)`, where it is known whether the system enforces revocation.
pub(crate) fn live_at(world: World<'_>, c: u32, v: Held, revocation_enforced: bool) -> bool {
    live(world, c, v)
        || (matches!(v, Held::Copy | Held::Old) && !revocation_enforced && world.self_contained(c) && !world.expired(c))
}

/// Whether a credential's audience, where it states one, is one the system accepts.
pub(crate) fn audience_fits(world: World<'_>, c: u32, v: Held, s: u32) -> bool {
    let Some(stated) = world.audience(c).filter(|_| v != Held::Forged) else {
        return true;
    };
    let system = &world.graph.inventory().records.systems[s as usize];
    match &system.accepts_audiences {
        Some(accepted) => stated.iter().any(|a| accepted.contains(a)),
        None => stated.contains(&system.id),
    }
}

/// Whether a credential's issuer, where both state one, is one the system accepts.
pub(crate) fn issuer_fits(world: World<'_>, c: u32, s: u32) -> bool {
    let records = &world.graph.inventory().records;
    match (
        &records.systems[s as usize].accepts_issuers,
        &records.credentials[c as usize].issuer,
    ) {
        (Some(accepted), Some(issuer)) => accepted.contains(issuer),
        _ => true,
    }
}

/// Rule 2 but for the grant and the context; `also` is a check to take as enforced.
pub(crate) fn acceptance(world: World<'_>, c: u32, v: Held, s: u32, also: Option<Check>) -> bool {
    let enforced = |check| also == Some(check) || world.enforced(s, check);
    !world.isolated(s)
        && live_at(world, c, v, enforced(Check::Revocation))
        && (!enforced(Check::Audience) || audience_fits(world, c, v, s))
        && (!enforced(Check::Issuer) || issuer_fits(world, c, s))
}

/// What a grant gives: each of its scopes, met with one of its `within` and of `scopes` where they are stated, not
/// blocked by its exceptions.
pub(crate) fn given(world: World<'_>, g: u32, scopes: Option<&[String]>) -> Vec<Allowed> {
    let grant = &world.graph.inventory().records.grants[g as usize];
    let mut all = Vec::new();
    for p in world.grant_scopes(g) {
        for bounded in met_with_one(Scope::of(p), grant.within.as_deref()) {
            for m in met_with_one(bounded, scopes) {
                if !blocks(&grant.except, &m) {
                    all.push(Allowed {
                        scope: m,
                        except: grant.except.clone(),
                    });
                }
            }
        }
    }
    all
}

fn met_with_one(m: Scope, list: Option<&[String]>) -> Vec<Scope> {
    match list {
        None => vec![m],
        Some(patterns) => patterns.iter().filter_map(|k| m.meet(k)).collect(),
    }
}

/// What an exposure yields, as a fact; `None` where that is a disabled identity.
pub(crate) fn yielded(world: World<'_>, x: u32) -> Option<Fact> {
    let graph = world.graph;
    let records = &graph.inventory().records;
    match graph.exposure_yields[x as usize] {
        Thing::Identity(i) => world.active(i).then_some(Fact::ActsAs(i)),
        Thing::Context(z) => Some(Fact::InContext(z)),
        Thing::Credential(c) => {
            let by_signing_key = matches!(graph.exposure_from[x as usize], Thing::Credential(k)
                if records.credentials[k as usize].kind == Some(CredentialKind::SigningKey));
            let v = match records.exposures[x as usize].how {
                Some(ExposureHow::Minted) if by_signing_key => Held::Forged,
                Some(ExposureHow::Minted) => Held::Fresh,
                _ if world.yields_old(x, c) => Held::Old,
                _ => Held::Copy,
            };
            Some(Fact::Holds(c, v))
        }
        Thing::System(_) => None,
    }
}

// Explanations.

/// A place in a list of steps that is not written out: a fact to explain, or the own step of an application.
enum Pending<'l> {
    Fact(u32),
    Own(Fact, &'l Application),
}

/// Writes an application out: its premises' lists, then its own step.
fn expand<'l>(stack: &mut Vec<Pending<'l>>, fact: Fact, why: &'l Application) {
    stack.push(Pending::Own(fact, why));
    stack.extend(why.premises.iter().rev().map(|&p| Pending::Fact(p)));
}

impl Closure {
    /// Which of two facts is better explained.
    pub(crate) fn compare_facts(&self, world: World<'_>, a: u32, b: u32) -> Ordering {
        let (x, y) = (a as usize, b as usize);
        (self.hops[x], self.steps[x])
            .cmp(&(self.hops[y], self.steps[y]))
            .then_with(|| {
                if a == b {
                    return Ordering::Equal;
                }
                self.compare(world, self.facts[x], &self.why[x], self.facts[y], &self.why[y])
            })
    }

    /// Compares the lists of steps of two derivations with equal hops and steps.
    fn compare(&self, world: World<'_>, fa: Fact, a: &Application, fb: Fact, b: &Application) -> Ordering {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        expand(&mut left, fa, a);
        expand(&mut right, fb, b);
        loop {
            match (left.pop(), right.pop()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                // The same fact on both sides is explained alike.
                (Some(Pending::Fact(p)), Some(Pending::Fact(q))) if p == q => {}
                (Some(Pending::Own(fa, a)), Some(Pending::Own(fb, b))) => {
                    let order = a
                        .rule
                        .as_str()
                        .cmp(b.rule.as_str())
                        .then_with(|| {
                            if fa == fb {
                                Ordering::Equal
                            } else {
                                self.text(world, fa).cmp(&self.text(world, fb))
                            }
                        })
                        .then_with(|| {
                            let names = |x: &Application| x.records.iter().map(|&r| name(world, r)).collect::<Vec<_>>();
                            names(a).cmp(&names(b))
                        });
                    if order != Ordering::Equal {
                        return order;
                    }
                }
                (l, r) => {
                    for (stack, item) in [(&mut left, l), (&mut right, r)] {
                        match item {
                            Some(Pending::Fact(p)) => {
                                expand(stack, self.facts[p as usize], &self.why[p as usize]);
                            }
                            Some(own) => stack.push(own),
                            None => {}
                        }
                    }
                }
            }
        }
    }

    /// A fact as text.
    pub(crate) fn text(&self, world: World<'_>, fact: Fact) -> String {
        let records = &world.graph.inventory().records;
        let credential = |c: u32| records.credentials[c as usize].id.as_str();
        let system = |s: u32| records.systems[s as usize].id.as_str();
        match fact {
            Fact::Holds(c, v) => format!("Holds({}, {})", credential(c), v.as_str()),
            Fact::ActsAs(i) => format!("ActsAs({})", records.identities[i as usize].id),
            Fact::Accepted(c, v, s) => format!("Accepted({}, {}, {})", credential(c), v.as_str(), system(s)),
            Fact::Access(s, a) => format!("Access({}, {})", system(s), self.allowed[a as usize]),
            Fact::InContext(z) => format!("InContext({})", world.context_name(z)),
        }
    }

    /// The facts of a fact's explanation, premises before what they give, depth first, each once.
    pub(crate) fn path(&self, fact: u32) -> Vec<u32> {
        let mut order: Vec<u32> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        // (fact, premises already looked at)
        let mut stack: Vec<(u32, usize)> = vec![(fact, 0)];
        while let Some((f, next)) = stack.pop() {
            if next == 0 && seen.contains(&f) {
                continue;
            }
            match self.why[f as usize].premises.get(next) {
                Some(&p) => {
                    stack.push((f, next + 1));
                    stack.push((p, 0));
                }
                None => {
                    if seen.insert(f) {
                        order.push(f);
                    }
                }
            }
        }
        order
    }
}

/// A relation's name.
pub(crate) fn name(world: World<'_>, relation: RelationIx) -> &str {
    &common(world, relation).name
}

/// What a relation has in common with all others.
pub(crate) fn common(world: World<'_>, relation: RelationIx) -> &crate::model::RelationCommon {
    let records = &world.graph.inventory().records;
    match relation {
        RelationIx::Grant(g) => &records.grants[g as usize].common,
        RelationIx::Exposure(x) => &records.exposures[x as usize].common,
        RelationIx::Inherit(n) => &records.inherits[n as usize].common,
        RelationIx::Trust(t) => &records.trusts[t as usize].common,
    }
}
