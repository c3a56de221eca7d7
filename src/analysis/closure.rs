//! The seven rules, run forward from the seeds. Facts leave the queue in the order of their derivations' hops and
//! steps, so that the first derivation that counts is the best one and every premise is settled before what it gives.

mod inherits;

use super::conditions::{acceptance, given, live, yielded};
use super::fact::{Fact, Held, RelationIx};
use super::radius::thing_of;
use super::served::{Groups, Served, grants_at, served, with};
use super::{Cancel, Cancelled, Rule};
use crate::graph::{Allowances, FastMap, OpenInherits, Opened, Scratch, Thing, World};
use crate::model::scope::{Allowed, Scope};
use crate::model::{Aliases, Check, Text, Word};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::ops::Deref;
use std::rc::Rc;

/// How a fact is derived.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub rule: Rule,
    /// Positions of its premises among the closure's facts.
    pub premises: Vec<u32>,
    pub records: Vec<RelationIx>,
}

/// All that follows from the seeds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Closure {
    pub facts: Vec<Fact>,
    pub hops: Vec<u32>,
    /// Steps of each fact's best derivation, as a tree.
    pub(super) steps: Vec<u64>,
    /// When each fact was settled; its premises were before. `WAITING` until it is.
    pub(super) order: Vec<u32>,
    pub why: Vec<Application>,
    /// Allowances that are not the graph's own; the first has the number after the graph's last.
    own_allowed: Vec<Allowed>,
    pub index: FastMap<Fact, u32>,
}

/// Not settled yet.
const WAITING: u32 = u32::MAX;

impl Closure {
    /// The same facts under aliases.
    pub(super) fn aliased(&self, aliases: &Aliases) -> Self {
        let word = |p: &str| aliases.word(Word::Scope, p);
        Self {
            own_allowed: self.own_allowed.iter().map(|a| a.renamed(&word)).collect(),
            ..self.clone()
        }
    }

    /// The systems to which there is any access.
    pub(crate) fn systems(&self) -> BTreeSet<u32> {
        let access = |fact: &Fact| match fact {
            Fact::Access(s, _) => Some(*s),
            _ => None,
        };
        self.facts.iter().filter_map(access).collect()
    }

    /// What an `Access` of this closure allows.
    pub(crate) fn allowed<'a>(&'a self, world: World<'a>, a: u32) -> &'a Allowed {
        let known = world.graph.allowances();
        known
            .get(a)
            .unwrap_or_else(|| &self.own_allowed[a as usize - known.len()])
    }
}

/// Numbers of allowances: of the graph's table, or found in this run.
enum Numbers<'a> {
    Known(&'a [u32]),
    Found(Rc<[u32]>),
}

impl Deref for Numbers<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Self::Known(list) => list,
            Self::Found(list) => list,
        }
    }
}

/// What stands of the contexts of which one must be entered.
struct Entered {
    /// There is nothing to enter.
    free: bool,
    /// Facts of those that are entered; each is a way of its own.
    through: Vec<u32>,
}

impl Entered {
    fn is_refused(&self) -> bool {
        !self.free && self.through.is_empty()
    }

    /// The premise of each way, where it has one.
    fn ways(&self) -> impl Iterator<Item = Option<u32>> {
        let free = self.free.then_some(None);
        free.into_iter().chain(self.through.iter().copied().map(Some))
    }
}

pub(crate) struct Run<'a, const EXPLAIN: bool> {
    world: World<'a>,
    out: Closure,
    settled: u32,
    heap: BinaryHeap<Reverse<(u32, u64, u32)>>,
    stack: Vec<u32>,
    allowed_ix: HashMap<Allowed, u32>,
    groups: FastMap<u32, Groups>,
    served_identity: FastMap<u32, Served>,
    served_credential: FastMap<u32, Served>,
    /// What a changed grant gives by itself.
    given_changed: FastMap<u32, Rc<[u32]>>,
    /// What grants of one set give to a credential that is held to its scopes.
    given_held: FastMap<(u32, u32), Rc<[u32]>>,
    /// What a trust passes.
    passed: FastMap<u32, Rc<[u32]>>,
    open: &'a OpenInherits,
    /// Inherits of which the scenario requires more than the inventory does, and which of them have no `from`.
    narrowed: Vec<u32>,
    narrowed_open: Vec<u32>,
    /// What allowances at systems open that are not of the graph's table.
    opened: FastMap<(u32, u32), Rc<Opened>>,
    scratch: Scratch,
    /// The hops and steps of the first identity that went all that an allowance opens by itself.
    gone: FastMap<(u32, u32), (u32, u64)>,
    /// The same for what several allowances open together, by the systems and sets of allowances of all grants.
    gone_together: HashMap<Vec<(u32, u32)>, (u32, u64)>,
}

/// Runs the rules. With `EXPLAIN`, hops and the best derivation of every fact are found too.
pub(crate) fn close<const EXPLAIN: bool>(
    world: World<'_>,
    seeds: &[Thing],
    cancel: &dyn Cancel,
) -> Result<Closure, Cancelled> {
    run_until::<EXPLAIN>(world, seeds, |_, _| false, cancel)
}

/// Runs the rules until the best derivation of a thing is known; what lies further on is left out.
pub(crate) fn close_to(
    world: World<'_>,
    seeds: &[Thing],
    target: Thing,
    cancel: &dyn Cancel,
) -> Result<Closure, Cancelled> {
    let mut found: Option<(u32, u64)> = None;
    let passed = |out: &Closure, f: u32| {
        let at = f as usize;
        let here = (out.hops[at], out.steps[at]);
        if found.is_none() && thing_of(out.facts[at]) == Some(target) {
            found = Some(here);
        }
        // Of equally good derivations the texts decide, so all of them are looked at.
        found.is_some_and(|found| here > found)
    };
    run_until::<true>(world, seeds, passed, cancel)
}

/// Runs the rules until one of the facts, in the order in which they are settled, is the last.
fn run_until<const EXPLAIN: bool>(
    world: World<'_>,
    seeds: &[Thing],
    mut is_last: impl FnMut(&Closure, u32) -> bool,
    cancel: &dyn Cancel,
) -> Result<Closure, Cancelled> {
    let mut run = Run::<EXPLAIN>::new(world);
    run.seed(seeds);
    let mut count = 0u32;
    while let Some(f) = run.pop() {
        if is_last(&run.out, f) {
            break;
        }
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
        let changed = world
            .overlay
            .inherits
            .iter()
            .filter(|(_, change)| change.requires.is_some());
        let narrowed: Vec<u32> = changed.map(|(&n, _)| n).collect();
        let open = |n: &u32| world.graph.inherit_from[*n as usize].is_none();
        Self {
            world,
            open: world.graph.open_inherits(),
            narrowed_open: narrowed.iter().copied().filter(open).collect(),
            narrowed,
            opened: FastMap::default(),
            scratch: Scratch::default(),
            gone: FastMap::default(),
            gone_together: HashMap::new(),
            out: Closure::default(),
            settled: 0,
            heap: BinaryHeap::new(),
            stack: Vec::new(),
            allowed_ix: HashMap::new(),
            groups: FastMap::default(),
            served_identity: FastMap::default(),
            served_credential: FastMap::default(),
            given_changed: FastMap::default(),
            given_held: FastMap::default(),
            passed: FastMap::default(),
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
                Thing::System(s) => Fact::Access(s, Allowances::EVERYTHING),
                Thing::Context(z) => Fact::InContext(z),
            };
            self.propose(fact, Rule::Seed, &[], Vec::new);
        }
    }

    fn pop(&mut self) -> Option<u32> {
        if EXPLAIN {
            while let Some(Reverse((_, _, f))) = self.heap.pop() {
                if self.settle(f) {
                    return Some(f);
                }
            }
            None
        } else {
            let f = self.stack.pop()?;
            self.settle(f);
            Some(f)
        }
    }

    /// Whether it was not settled before.
    fn settle(&mut self, f: u32) -> bool {
        let order = &mut self.out.order[f as usize];
        let first = *order == WAITING;
        if first {
            *order = self.settled;
            self.settled += 1;
        }
        first
    }

    fn is_settled(&self, f: u32) -> bool {
        self.out.order[f as usize] != WAITING
    }

    /// Whether a fact has left the queue, and where it is.
    fn settled(&self, fact: Fact) -> Option<u32> {
        self.out.index.get(&fact).copied().filter(|&f| self.is_settled(f))
    }

    /// Whether proposing a fact again changes nothing.
    fn is_done(&self, fact: Fact) -> bool {
        self.out
            .index
            .get(&fact)
            .is_some_and(|&f| !EXPLAIN || self.is_settled(f))
    }

    /// Whether acting as an identity is known, by a derivation that none from `f` alone can be better than or equal to.
    fn is_known_better(&self, to: u32, f: u32) -> bool {
        let Some(&known) = self.out.index.get(&Fact::ActsAs(to)) else {
            return false;
        };
        let (known, f) = (known as usize, f as usize);
        !EXPLAIN
            || self.is_settled(known as u32)
            || (self.out.hops[known], self.out.steps[known]) < (self.out.hops[f], self.out.steps[f].saturating_add(1))
    }

    /// One rule application. `records` is asked only where it may matter.
    fn propose(&mut self, fact: Fact, rule: Rule, premises: &[u32], records: impl FnOnce() -> Vec<RelationIx>) {
        let known = self.out.index.get(&fact).copied();
        if !EXPLAIN {
            if known.is_none() {
                let f = self.new_fact(fact);
                self.stack.push(f);
            }
            return;
        }
        if known.is_some_and(|f| self.is_settled(f)) {
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
                let f = self.new_fact(fact);
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

    fn new_fact(&mut self, fact: Fact) -> u32 {
        let f = self.out.facts.len() as u32;
        self.out.facts.push(fact);
        self.out.order.push(WAITING);
        self.out.index.insert(fact, f);
        f
    }

    fn intern(&mut self, allowed: Allowed) -> u32 {
        let known = self.world.graph.allowances();
        if let Some(a) = known.find(&allowed).or_else(|| self.allowed_ix.get(&allowed).copied()) {
            return a;
        }
        let a = (known.len() + self.out.own_allowed.len()) as u32;
        self.out.own_allowed.push(allowed.clone());
        self.allowed_ix.insert(allowed, a);
        a
    }

    /// Numbers, sorted and without repeats.
    fn intern_all(&mut self, all: Vec<Allowed>) -> Rc<[u32]> {
        let mut found: Vec<u32> = all.into_iter().map(|a| self.intern(a)).collect();
        found.sort_unstable();
        found.dedup();
        found.into()
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
        if live(self.world, c, v) {
            let graph = self.world.graph;
            for context in self.entered(c, v, self.world.issuer_enforces(c, Check::Context)).ways() {
                let premises = [f, context.unwrap_or(f)];
                for &x in graph.exposures_of_credential.of(c) {
                    self.rule_6(x, &premises[..=usize::from(context.is_some())]);
                }
            }
        }
    }

    /// The contexts of a credential that are entered, where `enforced` says that one must be.
    fn entered(&self, c: u32, v: Held, enforced: bool) -> Entered {
        let Some(stated) = self.world.contexts(c).filter(|_| enforced && v != Held::Forged) else {
            return Entered {
                free: true,
                through: Vec::new(),
            };
        };
        let facts = stated.iter().filter_map(|&z| self.settled(Fact::InContext(z)));
        Entered {
            free: false,
            // Without explanations one way is as good as another.
            through: if EXPLAIN {
                facts.collect()
            } else {
                facts.take(1).collect()
            },
        }
    }

    fn rule_2(&mut self, f: u32, c: u32, v: Held) {
        let served = self.served_by_credential(c);
        for grants in served.1.chunk_by(|a, b| a.0 == b.0) {
            let s = grants[0].0;
            if !acceptance(self.world, c, v, s, None) {
                continue;
            }
            let grants = if EXPLAIN { grants } else { &grants[..1] };
            for context in self.entered(c, v, self.world.enforced(s, Check::Context)).ways() {
                let premises = [f, context.unwrap_or(f)];
                let premises = &premises[..=usize::from(context.is_some())];
                for &(_, g, group) in grants {
                    self.propose(Fact::Accepted(c, v, s), Rule::Accepted, premises, || {
                        with(&served.0, group, g)
                    });
                }
            }
        }
    }

    fn rule_3(&mut self, f: u32, c: u32, v: Held, s: u32) {
        let served = self.served_by_credential(c);
        let held_to = self.held_to_scopes(c, v, s);
        for &(_, g, group) in grants_at(&served.1, s) {
            for &a in self.given_to(g, held_to).iter() {
                self.propose(Fact::Access(s, a), Rule::Access, &[f], || with(&served.0, group, g));
            }
        }
    }

    /// The credential, where the system holds it to its scopes.
    fn held_to_scopes(&self, c: u32, v: Held, s: u32) -> Option<u32> {
        let held = v != Held::Forged && self.world.scopes(c).is_some() && self.world.enforced(s, Check::Scope);
        held.then_some(c)
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
            for &a in self.given_to(g, None).iter() {
                self.propose(Fact::Access(s, a), Rule::Access, &[f], || vec![RelationIx::Grant(g)]);
            }
        }
        for &n in graph.inherits_of_identity.of(i) {
            self.rule_5_acting(f, i, n);
        }
        if !self.open.is_empty() {
            self.rule_5_open(f, i);
        }
        for &x in graph.exposures_of_identity.of(i) {
            self.rule_6(x, &[f]);
        }
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
            for &a in self.passed_by(t).iter() {
                self.propose(Fact::Access(to, a), Rule::Trust, &[f], || vec![RelationIx::Trust(t)]);
            }
        }
    }

    fn any_satisfied(&self, requires: &[Text], a: u32) -> bool {
        requires.is_empty() || requires.iter().any(|r| self.out.allowed(self.world, a).satisfies(r))
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
        let found = Rc::new(self.world.groups(i));
        self.groups.insert(i, found.clone());
        found
    }

    fn served_by_identity(&mut self, i: u32) -> Served {
        if let Some(found) = self.served_identity.get(&i) {
            return found.clone();
        }
        let groups = self.groups(i);
        let found = Rc::new((groups.clone(), served(self.world, None, &groups)));
        self.served_identity.insert(i, found.clone());
        found
    }

    fn served_by_credential(&mut self, c: u32) -> Served {
        if let Some(found) = self.served_credential.get(&c) {
            return found.clone();
        }
        let groups = match self.world.graph.identity_of[c as usize] {
            Some(i) => self.groups(i),
            None => Rc::default(),
        };
        let found = Rc::new((groups.clone(), served(self.world, Some(c), &groups)));
        self.served_credential.insert(c, found.clone());
        found
    }

    /// What a grant gives, met with the scopes of the credential that is held to them, as numbers of allowances.
    fn given_to(&mut self, g: u32, held_to: Option<u32>) -> Numbers<'a> {
        let (world, known) = (self.world, self.world.graph.allowances());
        let changed = world.has_other_scopes(g);
        // Grants of one set give one credential the same; a changed grant is a set of its own.
        let set = if changed { u32::MAX - g } else { known.set_of(g) };
        let found = match held_to {
            None if !changed => return Numbers::Known(known.given(g)),
            None => self.given_changed.get(&g),
            Some(c) => self.given_held.get(&(set, c)),
        };
        if let Some(found) = found {
            return Numbers::Found(found.clone());
        }
        let scopes = held_to.and_then(|c| world.scopes(c));
        let found = self.intern_all(given(world, g, scopes));
        match held_to {
            None => self.given_changed.insert(g, found.clone()),
            Some(c) => self.given_held.insert((set, c), found.clone()),
        };
        Numbers::Found(found)
    }

    fn passed_by(&mut self, t: u32) -> Rc<[u32]> {
        if let Some(found) = self.passed.get(&t) {
            return found.clone();
        }
        let all = self.world.passes(t).iter().map(|q| Allowed {
            scope: Scope::of(q),
            except: Vec::new(),
        });
        let found = self.intern_all(all.collect());
        self.passed.insert(t, found.clone());
        found
    }
}
