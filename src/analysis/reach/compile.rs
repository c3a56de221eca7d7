//! From a graph under an overlay and a regime to its core. Every rule of the trust model has one premise that carries
//! reach; all else it asks is either settled here, once, or is a context. So the core says exactly what the rules say.

use super::core::{Core, Draft};
use super::places::Places;
use crate::analysis::conditions::{acceptance, given, live, live_at, yielded};
use crate::analysis::fact::{Fact, Held};
use crate::analysis::served::{grants_at, served};
use crate::analysis::{Cancel, Cancelled};
use crate::graph::{FastMap, OpenInherits, Opened, Scratch, World};
use crate::model::Check;
use crate::model::scope::{Allowed, Scope};
use rayon::prelude::*;
use std::collections::HashMap;
use std::rc::Rc;

/// Edges and doors in the numbers of [`Places`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sink {
    pub edges: Vec<(u32, u32)>,
    /// Tail, head, and the credential whose contexts open it.
    pub doors: Vec<(u32, u32, u32)>,
}

/// What one thread has found once.
#[derive(Default)]
pub(crate) struct Found {
    /// Whether what a grant gives by itself, by its set, satisfies a requirement.
    satisfied: FastMap<(u32, u32), bool>,
    groups: FastMap<u32, Rc<Vec<u32>>>,
    scratch: Scratch,
}

/// A compiled graph with the places of its facts.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The compact graph.
    pub core: Core,
    pub(crate) places: Places,
}

/// Compiles a world.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn compile(world: World<'_>, cancel: &dyn Cancel) -> Result<Compiled, Cancelled> {
    const CHUNK: u32 = 4096;
    let records = &world.graph.inventory().records;
    let places = Places::of(world);
    let maker = Maker::new(world, &places);
    // All but credentials first: they are fewer, and cheap.
    let counts = [
        records.credentials.len() as u32,
        records.systems.len() as u32,
        records.identities.len() as u32,
        maker.open.lists(),
    ];
    let mut chunks: Vec<(usize, u32, u32)> = Vec::new();
    for (kind, &count) in counts.iter().enumerate() {
        chunks.extend(
            (0..count)
                .step_by(CHUNK as usize)
                .map(|at| (kind, at, (at + CHUNK).min(count))),
        );
    }
    let sinks: Vec<Sink> = chunks
        .into_par_iter()
        .map(|(kind, from, to)| {
            let (mut sink, mut found) = (Sink::default(), Found::default());
            for n in from..to {
                if n % 64 == 0 && cancel.is_cancelled() {
                    return Err(Cancelled);
                }
                match kind {
                    0 => maker.credential(n, &mut found, &mut sink),
                    1 => maker.system(n, &mut sink),
                    2 => {
                        maker.identity(n, &mut found, &mut sink);
                        maker.grants_of(n, &mut found, &mut sink);
                    }
                    _ => maker.way(n, &mut sink),
                }
            }
            Ok(sink)
        })
        .collect::<Result<_, _>>()?;
    let mut draft = Draft {
        class: places.classes(world.graph),
        edges: Vec::with_capacity(sinks.iter().map(|s| s.edges.len()).sum()),
        ..Draft::default()
    };
    let mut doors: Vec<(u32, u32, u32)> = Vec::new();
    for sink in sinks {
        draft.edges.extend(sink.edges);
        doors.extend(sink.doors);
    }
    let mut clause_of: HashMap<&[u32], u32> = HashMap::new();
    let mut key_of: FastMap<u32, u32> = FastMap::default();
    for (tail, head, c) in doors {
        let contexts = world.contexts(c).unwrap_or_default();
        let next = draft.clauses.len() as u32;
        let clause = *clause_of.entry(contexts).or_insert(next);
        if clause == next {
            let mut keys: Vec<u32> = Vec::with_capacity(contexts.len());
            for &z in contexts {
                keys.push(*key_of.entry(z).or_insert_with(|| {
                    draft.key_nodes.push(places.context(z));
                    draft.key_nodes.len() as u32 - 1
                }));
            }
            keys.sort_unstable();
            keys.dedup();
            draft.clauses.push(keys);
        }
        draft.doors.push((tail, head, clause));
    }
    if cancel.is_cancelled() {
        return Err(Cancelled);
    }
    Ok(Compiled {
        core: Core::build(draft),
        places,
    })
}

/// Says what each fact gives by itself.
pub(crate) struct Maker<'a> {
    pub world: World<'a>,
    pub places: &'a Places,
    open: &'a OpenInherits,
    /// Inherits without `from` of which the scenario requires more than the inventory does: they are looked at one by
    /// one. Ascending.
    narrowed: Vec<u32>,
}

/// What of the needs of inherits without `from` a holder can prove, so far as it was asked.
type Proven = FastMap<u32, bool>;

/// Where what a credential opens hangs: behind the holding itself, or behind its door.
#[derive(Clone, Copy)]
struct Tails {
    free: u32,
    /// `None` where no context opens it.
    within: Option<u32>,
    states_contexts: bool,
}

impl Tails {
    fn of(self, context_enforced: bool) -> Option<u32> {
        if context_enforced && self.states_contexts {
            self.within
        } else {
            Some(self.free)
        }
    }
}

impl<'a> Maker<'a> {
    pub(crate) fn new(world: World<'a>, places: &'a Places) -> Self {
        let changed = world.overlay.inherits.iter();
        let open = |n: u32| world.graph.inherit_from[n as usize].is_none();
        let mut narrowed: Vec<u32> = changed
            .filter(|&(&n, change)| change.requires.is_some() && open(n))
            .map(|(&n, _)| n)
            .collect();
        narrowed.sort_unstable();
        Self {
            world,
            places,
            open: world.graph.open_inherits(),
            narrowed,
        }
    }

    /// A credential in each way in which it can be held.
    pub(crate) fn credential(&self, c: u32, found: &mut Found, sink: &mut Sink) {
        for v in [Held::Old, Held::Copy, Held::Fresh, Held::Forged] {
            let Some(free) = self.places.holds(c, v) else { continue };
            let within = self.places.within(c, v);
            let tails = Tails {
                free,
                within,
                states_contexts: v != Held::Forged && self.world.contexts(c).is_some(),
            };
            let before = sink.edges.len();
            self.holding(c, v, tails, found, sink);
            if let Some(within) = within
                && sink.edges[before..].iter().any(|e| e.0 == within)
            {
                sink.doors.push((free, within, c));
            }
        }
    }

    /// Rules 2, 3, 5 and 6 for a credential held in one way.
    fn holding(&self, c: u32, v: Held, tails: Tails, found: &mut Found, sink: &mut Sink) {
        let world = self.world;
        let graph = world.graph;
        let groups = graph.identity_of[c as usize].map(|i| self.groups(i, found));
        let of_groups: &[u32] = groups.as_ref().map_or(&[], |all| all);
        let forged = v == Held::Forged;
        let states_nothing =
            forged || (world.audience(c).is_none() && world.scopes(c).is_none() && world.contexts(c).is_none());
        let unchecked =
            live(world, c, v) && states_nothing && graph.inventory().records.credentials[c as usize].issuer.is_none();
        let mut served_here = None;
        if unchecked {
            for &g in graph.grants_of_credential.of(c) {
                if world.has_grant(g) && !world.isolated(graph.grant_system[g as usize]) {
                    self.give(tails.free, g, None, found, sink);
                }
            }
            for &i in of_groups {
                if !graph.grants_of_identity.of(i).is_empty() {
                    sink.edges.push((tails.free, self.places.grants(i)));
                }
            }
        } else if live_at(world, c, v, false) {
            let all = self.served(Some(c), of_groups);
            for grants in all.chunk_by(|a, b| a.0 == b.0) {
                let s = grants[0].0;
                if !acceptance(world, c, v, s, None) {
                    continue;
                }
                let Some(tail) = tails.of(world.enforced(s, Check::Context)) else {
                    continue;
                };
                let held_to = self.held_to_scopes(c, v, s);
                for &(_, g, _) in grants {
                    self.give(tail, g, held_to, found, sink);
                }
            }
            served_here = Some(all);
        }
        // Rule 5, second form.
        if live_at(world, c, v, world.issuer_enforces(c, Check::Revocation)) {
            for &i in of_groups {
                for &n in graph.inherits_of_identity.of(i) {
                    self.presents(n, false, c, v, of_groups, tails, &mut served_here, sink);
                }
            }
            if !self.open.is_empty() || !self.narrowed.is_empty() {
                let all = served_here.get_or_insert_with(|| self.served(Some(c), of_groups));
                for n in self.open_to_credential(c, v, all, tails, found, sink) {
                    let proven = self.narrowed.binary_search(&n).is_err();
                    self.presents(n, proven, c, v, of_groups, tails, &mut served_here, sink);
                }
            }
        }
        // Rule 6.
        if live(world, c, v)
            && let Some(tail) = tails.of(world.issuer_enforces(c, Check::Context))
        {
            self.expose(tail, graph.exposures_of_credential.of(c), sink);
        }
    }

    /// Leads a holder to what the allowances of its grants open by themselves, and says which inherits without `from`
    /// must be looked at because only several allowances together, or other conditions, may open them.
    fn open_to_credential(
        &self,
        c: u32,
        v: Held,
        served: &[(u32, u32, u32)],
        tails: Tails,
        found: &mut Found,
        sink: &mut Sink,
    ) -> Vec<u32> {
        let world = self.world;
        let mut looked_at = self.narrowed.clone();
        let mut proven = Proven::default();
        for grants in served.chunk_by(|a, b| a.0 == b.0) {
            let s = grants[0].0;
            if !acceptance(world, c, v, s, None) {
                continue;
            }
            let enforced = world.issuer_enforces(c, Check::Context) || world.enforced(s, Check::Context);
            let Some(tail) = tails.of(enforced) else { continue };
            let held_to = self.held_to_scopes(c, v, s);
            self.open_by(tail, grants, held_to, found, &mut looked_at, sink);
        }
        let mut can = |need: u32| {
            *proven.entry(need).or_insert_with(|| {
                let (t, text) = self.open.need(need);
                self.proves(grants_at(served, t), text, self.held_to_scopes(c, v, t))
            })
        };
        self.only_provable(looked_at, &mut can)
    }

    fn open_to_identity(&self, i: u32, served: &[(u32, u32, u32)], found: &mut Found, sink: &mut Sink) -> Vec<u32> {
        let mut looked_at = self.narrowed.clone();
        for grants in served.chunk_by(|a, b| a.0 == b.0) {
            if !self.world.isolated(grants[0].0) {
                let tail = self.places.identity(i);
                self.open_by(tail, grants, None, found, &mut looked_at, sink);
            }
        }
        let mut proven = Proven::default();
        let mut can = |need: u32| {
            *proven.entry(need).or_insert_with(|| {
                let (t, text) = self.open.need(need);
                self.proves(grants_at(served, t), text, None)
            })
        };
        self.only_provable(looked_at, &mut can)
    }

    /// The same for the grants at one system.
    fn open_by(
        &self,
        tail: u32,
        grants: &[(u32, u32, u32)],
        held_to: Option<u32>,
        found: &mut Found,
        looked_at: &mut Vec<u32>,
        sink: &mut Sink,
    ) {
        let world = self.world;
        let known = world.graph.allowances();
        let of_list = |list: u32, looked_at: &mut Vec<u32>, sink: &mut Sink| {
            if !self.open.proven(list).is_empty() {
                sink.edges.push((tail, self.places.way(list)));
            }
            looked_at.extend_from_slice(self.open.begun(list));
        };
        for &(s, g, _) in grants {
            if held_to.is_none() && !world.has_other_scopes(g) {
                let lists = known.given(g).iter().filter_map(|&a| self.open.find(s, a));
                lists.for_each(|list| of_list(list, looked_at, sink));
                continue;
            }
            for allowed in given(world, g, held_to.and_then(|c| world.scopes(c))) {
                if let Some(list) = known.find(&allowed).and_then(|a| self.open.find(s, a)) {
                    of_list(list, looked_at, sink);
                } else {
                    let Opened { proven, begun } = self.open.opened_by(world.graph, s, &allowed, &mut found.scratch);
                    looked_at.extend(proven);
                    looked_at.extend(begun);
                }
            }
        }
    }

    /// The inherits whose requirements, as the inventory states them, a holder can prove; sorted. A scenario only
    /// requires more. The last need of each is what it was begun by.
    fn only_provable(&self, mut looked_at: Vec<u32>, can: &mut dyn FnMut(u32) -> bool) -> Vec<u32> {
        looked_at.sort_unstable();
        looked_at.dedup();
        looked_at.retain(|&n| self.open.before_last(n).iter().all(|&need| can(need)));
        looked_at
    }

    /// Rule 5 for all that an allowance opens by itself.
    pub(crate) fn way(&self, list: u32, sink: &mut Sink) {
        let world = self.world;
        for &n in self.open.proven(list) {
            let to = world.graph.inherit_to[n as usize];
            if world.has_inherit(n) && world.active(to) && self.narrowed.binary_search(&n).is_err() {
                sink.edges.push((self.places.way(list), self.places.identity(to)));
            }
        }
    }

    fn served(&self, c: Option<u32>, groups: &[u32]) -> Vec<(u32, u32, u32)> {
        let groups = Rc::new(groups.iter().map(|&i| (i, Vec::new())).collect());
        served(self.world, c, &groups)
    }

    fn held_to_scopes(&self, c: u32, v: Held, s: u32) -> Option<u32> {
        let held = v != Held::Forged && self.world.scopes(c).is_some() && self.world.enforced(s, Check::Scope);
        held.then_some(c)
    }

    /// Rule 5, second form, for one inherit, of which it may be known that the grants satisfy what it requires.
    #[allow(clippy::too_many_arguments)] // the premises of one rule
    fn presents(
        &self,
        n: u32,
        proven: bool,
        c: u32,
        v: Held,
        groups: &[u32],
        tails: Tails,
        served: &mut Option<Vec<(u32, u32, u32)>>,
        sink: &mut Sink,
    ) {
        let world = self.world;
        let graph = world.graph;
        let to = graph.inherit_to[n as usize];
        if !world.has_inherit(n) || world.is_membership(n) || !world.active(to) {
            return;
        }
        let wanted = &graph.inventory().records.inherits[n as usize].audiences;
        if let (Some(wanted), Some(stated)) = (wanted, world.audience(c).filter(|_| v != Held::Forged))
            && !stated.iter().any(|a| wanted.contains(a))
        {
            return;
        }
        let mut context_enforced = world.issuer_enforces(c, Check::Context);
        for premise in world.requirements(n) {
            let t = premise.system;
            let all = served.get_or_insert_with(|| self.served(Some(c), groups));
            if !acceptance(world, c, v, t, None)
                || !(proven || self.proves(grants_at(all, t), &premise.scope, self.held_to_scopes(c, v, t)))
            {
                return;
            }
            context_enforced |= world.enforced(t, Check::Context);
        }
        if let Some(tail) = tails.of(context_enforced) {
            sink.edges.push((tail, self.places.identity(to)));
        }
    }

    /// Rules 4, 5 and 6 for an identity.
    pub(crate) fn identity(&self, i: u32, found: &mut Found, sink: &mut Sink) {
        let world = self.world;
        let graph = world.graph;
        if !world.active(i) {
            return;
        }
        let tail = self.places.identity(i);
        if !graph.grants_of_identity.of(i).is_empty() {
            sink.edges.push((tail, self.places.grants(i)));
        }
        let mut all = None;
        for &n in graph.inherits_of_identity.of(i) {
            self.acts(i, n, false, &mut all, found, sink);
        }
        if !self.open.is_empty() || !self.narrowed.is_empty() {
            let served = all.get_or_insert_with(|| self.served(None, &self.groups(i, found)));
            for n in self.open_to_identity(i, served, found, sink) {
                let proven = self.narrowed.binary_search(&n).is_err();
                self.acts(i, n, proven, &mut all, found, sink);
            }
        }
        self.expose(tail, graph.exposures_of_identity.of(i), sink);
    }

    /// Rule 5, first form, for one inherit.
    fn acts(
        &self,
        i: u32,
        n: u32,
        proven: bool,
        served: &mut Option<Vec<(u32, u32, u32)>>,
        found: &mut Found,
        sink: &mut Sink,
    ) {
        let world = self.world;
        let to = world.graph.inherit_to[n as usize];
        if !world.has_inherit(n) || !world.active(to) {
            return;
        }
        for premise in world.requirements(n) {
            let all = served.get_or_insert_with(|| self.served(None, &self.groups(i, found)));
            let proves = || self.proves(grants_at(all, premise.system), &premise.scope, None);
            if world.isolated(premise.system) || !(proven || proves()) {
                return;
            }
        }
        sink.edges.push((self.places.identity(i), self.places.identity(to)));
    }

    /// What grants to an identity give, by rules 3 and 4 alike.
    pub(crate) fn grants_of(&self, i: u32, found: &mut Found, sink: &mut Sink) {
        for &g in self.world.graph.grants_of_identity.of(i) {
            if self.world.has_grant(g) && !self.world.isolated(self.world.graph.grant_system[g as usize]) {
                self.give(self.places.grants(i), g, None, found, sink);
            }
        }
    }

    /// Rules 6 and 7 for a system and each of its requirements.
    pub(crate) fn system(&self, s: u32, sink: &mut Sink) {
        let world = self.world;
        let graph = world.graph;
        let tail = |need: u32| {
            if need == super::core::NONE {
                self.places.system(s)
            } else {
                self.places.need(need)
            }
        };
        for &x in graph.exposures_of_system.of(s) {
            self.expose(tail(self.places.need_of_exposure[x as usize]), &[x], sink);
        }
        for &t in graph.trusts_from_system.of(s) {
            let to = graph.trust_to[t as usize];
            if !world.has_trust(t) || world.isolated(to) {
                continue;
            }
            let from = tail(self.places.need_of_trust[t as usize]);
            for pattern in world.passes(t) {
                let allowed = Allowed {
                    scope: Scope::of(pattern),
                    except: Vec::new(),
                };
                self.allow(from, to, std::slice::from_ref(&allowed), sink);
            }
        }
    }

    fn expose(&self, tail: u32, exposures: &[u32], sink: &mut Sink) {
        for &x in exposures {
            if !self.world.has_exposure(x) {
                continue;
            }
            let head = match yielded(self.world, x) {
                Some(Fact::Holds(c, v)) => self.places.holds(c, v),
                Some(Fact::ActsAs(i)) => Some(self.places.identity(i)),
                Some(Fact::InContext(z)) => Some(self.places.context(z)),
                _ => None,
            };
            if let Some(head) = head {
                sink.edges.push((tail, head));
            }
        }
    }

    /// The accesses a grant gives, met with the scopes of the credential that is held to them.
    fn give(&self, tail: u32, g: u32, held_to: Option<u32>, found: &mut Found, sink: &mut Sink) {
        let world = self.world;
        let s = world.graph.grant_system[g as usize];
        if held_to.is_some() || world.has_other_scopes(g) {
            self.allow(tail, s, &given(world, g, held_to.and_then(|c| world.scopes(c))), sink);
            return;
        }
        let known = world.graph.allowances();
        let numbers = known.given(g);
        if numbers.is_empty() {
            return;
        }
        sink.edges.push((tail, self.places.system(s)));
        for need in self.places.needs_of(s) {
            let satisfied = *found.satisfied.entry((known.set_of(g), need)).or_insert_with(|| {
                numbers
                    .iter()
                    .filter_map(|&a| known.get(a))
                    .any(|allowed| self.satisfies(allowed, need))
            });
            if satisfied {
                sink.edges.push((tail, self.places.need(need)));
            }
        }
    }

    fn allow(&self, tail: u32, s: u32, all: &[Allowed], sink: &mut Sink) {
        if all.is_empty() {
            return;
        }
        sink.edges.push((tail, self.places.system(s)));
        for need in self.places.needs_of(s) {
            if all.iter().any(|allowed| self.satisfies(allowed, need)) {
                sink.edges.push((tail, self.places.need(need)));
            }
        }
    }

    fn satisfies(&self, allowed: &Allowed, need: u32) -> bool {
        self.places.needs[need as usize].1.iter().any(|r| allowed.satisfies(r))
    }

    /// Whether one of the grants satisfies a requirement.
    fn proves(&self, grants: &[(u32, u32, u32)], r: &str, held_to: Option<u32>) -> bool {
        let world = self.world;
        grants.iter().any(|&(_, g, _)| {
            if held_to.is_some() || world.has_other_scopes(g) {
                let scopes = held_to.and_then(|c| world.scopes(c));
                given(world, g, scopes).iter().any(|allowed| allowed.satisfies(r))
            } else {
                let known = world.graph.allowances();
                let mut all = known.given(g).iter().filter_map(|&a| known.get(a));
                all.any(|allowed| allowed.satisfies(r))
            }
        })
    }

    /// An identity and all it belongs to.
    fn groups(&self, i: u32, found: &mut Found) -> Rc<Vec<u32>> {
        let all = found.groups.entry(i).or_insert_with(|| {
            let all = self.world.groups(i);
            Rc::new(all.into_iter().map(|(i, _)| i).collect())
        });
        all.clone()
    }
}
