//! Flows: what works today for those who rightly hold things, so that a change shows what it breaks.

use crate::analysis::{Held, audience_fits, given, issuer_fits, live};
use crate::graph::{Holder, Regime, Thing, World};
use crate::model::scope::{Allowed, Scope, blocks, covers};
use crate::model::{Check, ExposureHow, RelationCommon, Time};
use std::collections::HashMap;

/// What sort of flow; the order is that of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A holder uses a system.
    Access,
    /// An exposure hands something out.
    Exposure,
    /// Somebody becomes another identity.
    Inherit,
    /// A system passes on to another.
    Trust,
}

impl FlowKind {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Exposure => "exposure",
            Self::Inherit => "inherit",
            Self::Trust => "trust",
        }
    }
}

/// Whether a flow is used. In use wins over unknown, unknown over idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Last used more than 90 days before the as-of time, or not among the scopes in use.
    Idle,
    /// Not known.
    Unknown,
    /// Used within 90 days before the as-of time, or kept for emergencies.
    InUse,
}

impl Use {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Unknown => "unknown",
            Self::InUse => "in-use",
        }
    }
}

/// One flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What sort.
    pub kind: FlowKind,
    /// Id of where it starts.
    pub from: String,
    /// Id of where it leads; a context as `context:NAME`.
    pub to: String,
    /// The scope, of accesses and trusts.
    pub scope: Option<String>,
    /// Meant to be so; else tolerated.
    pub intended: bool,
    /// When it was last used, where known.
    pub last_used_at: Option<Time>,
    /// Whether it is used.
    pub used: Use,
    /// Where it starts.
    pub from_thing: Thing,
    /// Where it leads.
    pub to_thing: Thing,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    kind: FlowKind,
    from: Thing,
    to: Thing,
    scope: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct Said {
    intended: bool,
    used: Use,
    time: Option<Time>,
}

/// All flows of one world.
#[derive(Clone, Debug, Default)]
pub struct FlowSet {
    all: HashMap<Key, Said>,
}

impl FlowSet {
    /// The flows of a world, as it is under worst-case; the world's own regime does not matter.
    #[must_use]
    pub fn of(world: World<'_>) -> Self {
        find(world)
    }

    /// Those of this set that the other lacks, by kind, from, to and scope.
    #[must_use]
    pub fn missing_in(&self, other: &Self, world: World<'_>) -> Vec<Flow> {
        self.pick(world, |key| !other.all.contains_key(key))
    }

    /// The access flows of these credentials at systems that enforce context under worst-case.
    pub(super) fn at_risk(&self, world: World<'_>, bound: &[u32]) -> Vec<Flow> {
        let worst = world.under(Regime::WorstCase);
        self.pick(world, |key| match (key.kind, key.from, key.to) {
            (FlowKind::Access, Thing::Credential(c), Thing::System(s)) => {
                bound.contains(&c) && worst.enforced(s, Check::Context)
            }
            _ => false,
        })
    }

    /// Of the flows from a thing: kind, where to, use, whether intended; in no order.
    pub(super) fn list_of(&self, from: Thing) -> Vec<(FlowKind, Thing, Use, bool)> {
        let mine = self.all.iter().filter(|(key, _)| key.from == from);
        mine.map(|(key, said)| (key.kind, key.to, said.used, said.intended))
            .collect()
    }

    /// All of them, by kind, from, to and scope.
    #[must_use]
    pub fn list(&self, world: World<'_>) -> Vec<Flow> {
        self.pick(world, |_| true)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn pick(&self, world: World<'_>, wanted: impl Fn(&Key) -> bool) -> Vec<Flow> {
        let id = |thing: Thing| match thing {
            Thing::Context(z) => format!("context:{}", world.context_name(z)),
            _ => world.graph.id(thing).into_owned(),
        };
        let mut out: Vec<Flow> = self
            .all
            .iter()
            .filter(|(key, _)| wanted(key))
            .map(|(key, said)| Flow {
                kind: key.kind,
                from: id(key.from),
                to: id(key.to),
                scope: key.scope.clone(),
                intended: said.intended,
                last_used_at: said.time,
                used: said.used,
                from_thing: key.from,
                to_thing: key.to,
            })
            .collect();
        out.sort_by(|a, b| (a.kind, &a.from, &a.to, &a.scope).cmp(&(b.kind, &b.from, &b.to, &b.scope)));
        out
    }

    /// Of several relations that give one flow, in use wins, then unknown; of equal uses the later time. It is intended
    /// where one of them is.
    fn add(&mut self, key: Key, said: Said) {
        match self.all.get_mut(&key) {
            None => {
                self.all.insert(key, said);
            }
            Some(old) => {
                old.intended |= said.intended;
                if (said.used, said.time) > (old.used, old.time) {
                    old.used = said.used;
                    old.time = said.time;
                }
            }
        }
    }
}

/// All flows of a world, by kind, from, to and scope.
#[must_use]
pub fn flows(world: World<'_>) -> Vec<Flow> {
    FlowSet::of(world).list(world)
}

/// What a holder may do where, for the requirements of inherits.
type Accesses = HashMap<(Thing, u32), Vec<Allowed>>;

struct Finder<'a> {
    /// Checks as under worst-case.
    worst: World<'a>,
    /// Relations as they stand without what is assumed.
    stated: World<'a>,
    groups: HashMap<u32, Vec<u32>>,
    intended_groups: HashMap<u32, Vec<u32>>,
    /// From when on a use counts as recent.
    recent: Time,
    out: FlowSet,
    accesses: Accesses,
}

fn find(world: World<'_>) -> FlowSet {
    let mut f = Finder {
        worst: world.under(Regime::WorstCase),
        stated: world.under(Regime::BestCase),
        groups: HashMap::new(),
        intended_groups: HashMap::new(),
        recent: world.settings.as_of.plus_days(-90),
        out: FlowSet::default(),
        accesses: HashMap::new(),
    };
    let records = &world.graph.inventory().records;
    let held: Vec<u32> = (0..records.credentials.len() as u32)
        .filter(|&c| f.rightly_held(c))
        .collect();
    for &c in &held {
        f.access_of_credential(c);
    }
    for i in 0..records.identities.len() as u32 {
        f.access_of_identity(i);
    }
    f.inherits(&held);
    f.trusts();
    f.exposures();
    f.out
}

impl Finder<'_> {
    fn groups_of(&mut self, i: u32) -> Vec<u32> {
        let stated = self.stated;
        self.groups
            .entry(i)
            .or_insert_with(|| stated.groups(i).into_iter().map(|x| x.0).collect())
            .clone()
    }

    fn intended_groups_of(&mut self, i: u32) -> Vec<u32> {
        let meant = self.stated.under(Regime::Intended);
        self.intended_groups
            .entry(i)
            .or_insert_with(|| meant.groups(i).into_iter().map(|x| x.0).collect())
            .clone()
    }

    /// Live as a copy, or live as fresh and minted by an exposure that is a flow.
    fn rightly_held(&self, c: u32) -> bool {
        live(self.worst, c, Held::Copy)
            || (live(self.worst, c, Held::Fresh)
                && self.worst.graph.exposures_yielding_credential.of(c).iter().any(|&x| {
                    self.worst.graph.inventory().records.exposures[x as usize].how == Some(ExposureHow::Minted)
                        && self.exposure_flows(x)
                }))
    }

    /// Whether an exposure gives a flow.
    fn exposure_flows(&self, x: u32) -> bool {
        let exposure = &self.stated.graph.inventory().records.exposures[x as usize];
        let right_how = matches!(
            exposure.how,
            Some(ExposureHow::Stored | ExposureHow::Mounted | ExposureHow::Minted)
        );
        right_how
            && self.stated.has_exposure(x)
            && match self.stated.graph.exposure_from[x as usize] {
                Thing::Credential(c) => live(self.worst, c, Held::Copy),
                Thing::Identity(i) => self.worst.active(i),
                Thing::System(s) => !self.worst.isolated(s),
                Thing::Context(_) => false,
            }
    }

    /// Whether a system, under worst-case, enforces a check that refuses the credential.
    fn refused(&self, c: u32, s: u32) -> bool {
        let enforces = |check| self.worst.enforced(s, check);
        (enforces(Check::Audience) && !audience_fits(self.worst, c, Held::Copy, s))
            || (enforces(Check::Issuer) && !issuer_fits(self.worst, c, s))
            || (enforces(Check::Context) && self.worst.contexts(c).is_some_and(<[u32]>::is_empty))
    }

    fn access_of_credential(&mut self, c: u32) {
        let graph = self.worst.graph;
        let from = Thing::Credential(c);
        let scopes = self.worst.scopes(c);
        let (groups, meant) = match graph.identity_of[c as usize] {
            Some(i) => (self.groups_of(i), self.intended_groups_of(i)),
            None => (Vec::new(), Vec::new()),
        };
        let own = graph.grants_of_credential.of(c).iter().map(|&g| (g, true));
        let theirs = groups
            .iter()
            .flat_map(|&i| graph.grants_of_identity.of(i).iter().map(move |&g| (g, i)));
        let all: Vec<(u32, bool)> = own.chain(theirs.map(|(g, i)| (g, meant.contains(&i)))).collect();
        for (g, meant) in all {
            let s = graph.grant_system[g as usize];
            if !self.stated.has_grant(g) || self.worst.isolated(s) || self.refused(c, s) {
                continue;
            }
            let intended = meant
                && graph.inventory().records.grants[g as usize].common.is_intended()
                && audience_fits(self.worst, c, Held::Copy, s)
                && issuer_fits(self.worst, c, s);
            for m in given(self.worst, g, scopes) {
                self.access_by(g, from, m, intended);
            }
            // Where the system does not hold it to its scopes, the grant's own scope is a tolerated flow too.
            if scopes.is_some() && !self.worst.enforced(s, Check::Scope) {
                for m in given(self.worst, g, None) {
                    self.access_by(g, from, m, false);
                }
            }
        }
    }

    fn access_of_identity(&mut self, i: u32) {
        let graph = self.worst.graph;
        if !self.worst.active(i) {
            return;
        }
        for &g in graph.grants_of_identity.of(i) {
            if !self.stated.has_grant(g) || self.worst.isolated(graph.grant_system[g as usize]) {
                continue;
            }
            let intended = graph.inventory().records.grants[g as usize].common.is_intended();
            for m in given(self.worst, g, None) {
                self.access_by(g, Thing::Identity(i), m, intended);
            }
        }
    }

    /// One flow of a grant, and what its `used_scopes` give besides.
    fn access_by(&mut self, g: u32, from: Thing, m: Allowed, intended: bool) {
        let graph = self.worst.graph;
        let grant = &graph.inventory().records.grants[g as usize];
        let s = graph.grant_system[g as usize];
        let holder = match graph.grant_holder[g as usize] {
            Holder::Credential(c) => Thing::Credential(c),
            Holder::Identity(i) => Thing::Identity(i),
        };
        let said = self.said(&grant.common, from, Some(holder), intended);
        let key = |scope: String| Key {
            kind: FlowKind::Access,
            from,
            to: Thing::System(s),
            scope: Some(scope),
        };
        match &grant.used_scopes {
            None => self.out.add(key(m.scope.to_string()), said),
            Some(used) => {
                for u in used {
                    let covered = m.scope.patterns().iter().all(|p| covers(p, u));
                    if covered && !blocks(&grant.except, &Scope::of(u)) {
                        self.out.add(key(u.clone()), said);
                    }
                }
                self.out.add(
                    key(m.scope.to_string()),
                    Said {
                        used: Use::Idle,
                        ..said
                    },
                );
            }
        }
        self.accesses.entry((from, s)).or_default().push(m);
    }

    fn satisfied(&self, n: u32, holders: &[Thing]) -> bool {
        self.worst.requirements(n).iter().all(|p| {
            holders.iter().any(|&h| {
                self.accesses
                    .get(&(h, p.system))
                    .is_some_and(|all| all.iter().any(|a| a.satisfies(&p.scope)))
            })
        })
    }

    fn inherits(&mut self, held: &[u32]) {
        let graph = self.worst.graph;
        let meant = self.stated.under(Regime::Intended);
        let records = &graph.inventory().records;
        let add = |f: &mut Self, n: u32, from: Thing| {
            let to = Thing::Identity(graph.inherit_to[n as usize]);
            let said = f.said(&records.inherits[n as usize].common, from, None, true);
            f.out.add(
                Key {
                    kind: FlowKind::Inherit,
                    from,
                    to,
                    scope: None,
                },
                said,
            );
        };
        let stands = |n: u32| meant.has_inherit(n) && meant.active(graph.inherit_to[n as usize]);
        for i in (0..records.identities.len() as u32).filter(|&i| meant.active(i)) {
            if graph.inherits_of_identity.of(i).is_empty() {
                continue;
            }
            let holders: Vec<Thing> = self.groups_of(i).into_iter().map(Thing::Identity).collect();
            for &n in graph.inherits_of_identity.of(i) {
                if stands(n) && self.satisfied(n, &holders) {
                    add(self, n, Thing::Identity(i));
                }
            }
        }
        for &c in held {
            let Some(identity) = graph.identity_of[c as usize] else {
                continue;
            };
            let from = Thing::Credential(c);
            for i in self.groups_of(identity) {
                for &n in graph.inherits_of_identity.of(i) {
                    let audience = match (&records.inherits[n as usize].audiences, self.worst.audience(c)) {
                        (Some(wanted), Some(stated)) => stated.iter().any(|a| wanted.contains(a)),
                        _ => true,
                    };
                    if stands(n) && !meant.is_membership(n) && audience && self.satisfied(n, &[from]) {
                        add(self, n, from);
                    }
                }
            }
        }
    }

    fn trusts(&mut self) {
        let graph = self.worst.graph;
        for (t, trust) in graph.inventory().records.trusts.iter().enumerate() {
            let t = t as u32;
            let (from, to) = (graph.trust_from[t as usize], graph.trust_to[t as usize]);
            if !self.stated.has_trust(t) || self.worst.isolated(from) || self.worst.isolated(to) {
                continue;
            }
            let (from, to) = (Thing::System(from), Thing::System(to));
            let said = self.said(&trust.common, from, None, trust.common.is_intended());
            for q in self.worst.passes(t) {
                self.out.add(
                    Key {
                        kind: FlowKind::Trust,
                        from,
                        to,
                        scope: Some(q.clone()),
                    },
                    said,
                );
            }
        }
    }

    fn exposures(&mut self) {
        let graph = self.worst.graph;
        for (x, exposure) in graph.inventory().records.exposures.iter().enumerate() {
            if !self.exposure_flows(x as u32) {
                continue;
            }
            let (from, to) = (graph.exposure_from[x], graph.exposure_yields[x]);
            let said = self.said(&exposure.common, from, None, exposure.common.is_intended());
            self.out.add(
                Key {
                    kind: FlowKind::Exposure,
                    from,
                    to,
                    scope: None,
                },
                said,
            );
        }
    }

    /// Use and time of a flow: the time is the earlier of those stated by the relation and by the credential.
    fn said(&self, common: &RelationCommon, from: Thing, holder: Option<Thing>, intended: bool) -> Said {
        let graph = self.worst.graph;
        let records = &graph.inventory().records;
        let kept = |thing: Thing| {
            let tags = match thing {
                Thing::System(s) => &records.systems[s as usize].tags,
                Thing::Identity(i) => &records.identities[i as usize].tags,
                Thing::Credential(c) => &records.credentials[c as usize].tags,
                Thing::Context(_) => return false,
            };
            tags.iter().any(|t| t == "break-glass")
        };
        let (mut times, mut kept_for_emergencies) = (common.last_used_at, kept(from) || holder.is_some_and(kept));
        if let Thing::Credential(c) = from {
            let own = records.credentials[c as usize].last_used_at;
            times = match (times, own) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            kept_for_emergencies |= graph.identity_of[c as usize].is_some_and(|i| kept(Thing::Identity(i)));
        }
        let used = match times {
            _ if kept_for_emergencies => Use::InUse,
            Some(t) if t >= self.recent => Use::InUse,
            Some(_) => Use::Idle,
            None => Use::Unknown,
        };
        Said {
            intended,
            used,
            time: times,
        }
    }
}
