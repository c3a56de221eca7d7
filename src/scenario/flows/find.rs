//! Finds the flows of a world: all of them, or those that start from some things.

use super::touched::Touched;
use super::{FlowKind, FlowSet, Key, Said, ScopeText, Use};
use crate::analysis::{Held, audience_fits, given, issuer_fits, live};
use crate::graph::{FastMap, Holder, Regime, Thing, World};
use crate::model::scope::{Allowed, Scope, blocks, covers};
use crate::model::{Check, ExposureHow, RelationCommon, Text, Time};
use std::rc::Rc;

/// What a grant gives, by number where the graph has it.
enum Gives {
    Known(u32),
    Own(Allowed),
}

impl Gives {
    fn of(world: World<'_>, allowed: Allowed) -> Self {
        match world.graph.allowances().find(&allowed) {
            Some(a) => Self::Known(a),
            None => Self::Own(allowed),
        }
    }

    fn scope<'a>(&'a self, world: World<'a>) -> &'a Scope {
        match self {
            Self::Known(a) => &world.graph.allowances().get(*a).expect("its own number").scope,
            Self::Own(allowed) => &allowed.scope,
        }
    }

    fn text(&self, world: World<'_>) -> ScopeText {
        match self {
            Self::Known(a) => ScopeText::Known(world.graph.allowances().text_of(*a)),
            Self::Own(allowed) => ScopeText::of(world, &allowed.scope.to_string()),
        }
    }
}

struct Finder<'a> {
    /// Checks as under worst-case.
    worst: World<'a>,
    /// Relations as they stand without what is assumed.
    stated: World<'a>,
    groups: FastMap<u32, Rc<[u32]>>,
    intended_groups: FastMap<u32, Rc<[u32]>>,
    /// What alone is looked at, where that is not everything.
    only: Option<&'a Touched>,
    /// From when on a use counts as recent.
    recent: Time,
    out: FlowSet,
    /// What a holder may do at a system that an inherit requires something of.
    accesses: FastMap<(Thing, u32), Rc<[Allowed]>>,
}

/// The flows of a world that start from what is touched, or all.
pub(super) fn find<'a>(world: World<'a>, only: Option<&'a Touched>) -> FlowSet {
    let mut f = Finder {
        worst: world.under(Regime::WorstCase),
        stated: world.under(Regime::BestCase),
        groups: FastMap::default(),
        intended_groups: FastMap::default(),
        only,
        recent: world.settings.as_of.plus_days(-90),
        out: FlowSet::default(),
        accesses: FastMap::default(),
    };
    let r = &world.graph.inventory().records;
    match only {
        None => {
            f.out
                .all
                .reserve(r.grants.len() + r.exposures.len() + r.inherits.len() + r.trusts.len());
            (0..r.credentials.len() as u32).for_each(|c| f.of_credential(c));
            (0..r.identities.len() as u32).for_each(|i| f.of_identity(i));
            (0..r.systems.len() as u32).for_each(|s| f.of_system(s));
        }
        Some(touched) => {
            touched.credentials.iter().for_each(|&c| f.of_credential(c));
            touched.identities.iter().for_each(|&i| f.of_identity(i));
            touched.systems.iter().for_each(|&s| f.of_system(s));
        }
    }
    f.out
}

impl Finder<'_> {
    fn of_credential(&mut self, c: u32) {
        if self.rightly_held(c) {
            self.access_of_credential(c);
            self.inherits_of_credential(c);
        }
        self.exposures(self.worst.graph.exposures_of_credential.of(c));
    }

    fn of_identity(&mut self, i: u32) {
        self.access_of_identity(i);
        self.inherits_of_identity(i);
        self.exposures(self.worst.graph.exposures_of_identity.of(i));
    }

    fn of_system(&mut self, s: u32) {
        self.trusts(s);
        self.exposures(self.worst.graph.exposures_of_system.of(s));
    }

    fn groups_of(&mut self, i: u32) -> Rc<[u32]> {
        let stated = self.stated;
        let found = self.groups.entry(i);
        found
            .or_insert_with(|| stated.groups(i).into_iter().map(|x| x.0).collect())
            .clone()
    }

    fn intended_groups_of(&mut self, i: u32) -> Rc<[u32]> {
        let meant = self.stated.under(Regime::Intended);
        let found = self.intended_groups.entry(i);
        found
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

    /// The grants that serve a credential, each with whether the memberships used are intended.
    fn grants_serving(&mut self, c: u32) -> Vec<(u32, bool)> {
        let graph = self.worst.graph;
        let mut all: Vec<(u32, bool)> = graph.grants_of_credential.of(c).iter().map(|&g| (g, true)).collect();
        if let Some(identity) = graph.identity_of[c as usize] {
            let (groups, meant) = (self.groups_of(identity), self.intended_groups_of(identity));
            for i in groups.iter() {
                let meant = meant.contains(i);
                all.extend(graph.grants_of_identity.of(*i).iter().map(|&g| (g, meant)));
            }
        }
        all
    }

    /// Whether a grant gives a credential a flow.
    fn serves(&self, g: u32, c: u32) -> bool {
        let s = self.worst.graph.grant_system[g as usize];
        self.stated.has_grant(g) && !self.worst.isolated(s) && !self.refused(c, s)
    }

    /// What a grant gives by itself.
    fn gives(&self, g: u32) -> Vec<Gives> {
        if self.worst.has_other_scopes(g) {
            self.gives_held_to(g, None)
        } else {
            let known = self.worst.graph.allowances().given(g);
            known.iter().map(|&a| Gives::Known(a)).collect()
        }
    }

    /// What a grant gives, met with scopes.
    fn gives_held_to(&self, g: u32, scopes: Option<&[Text]>) -> Vec<Gives> {
        let all = given(self.worst, g, scopes);
        all.into_iter().map(|a| Gives::of(self.worst, a)).collect()
    }

    /// Whether the access flows of a holder at a grant's system are looked at.
    fn is_asked(&self, holder: Thing, g: u32) -> bool {
        let Some(Touched {
            sites: Some(sites),
            whole,
            ..
        }) = self.only
        else {
            return true;
        };
        sites.contains(&self.worst.graph.grant_system[g as usize])
            || matches!(holder, Thing::Credential(c) if whole.contains(&c))
    }

    fn access_of_credential(&mut self, c: u32) {
        let (worst, graph) = (self.worst, self.worst.graph);
        let from = Thing::Credential(c);
        // Grants of one set give the credential the same.
        let mut met: FastMap<u32, Rc<[Gives]>> = FastMap::default();
        for (g, meant) in self.grants_serving(c) {
            if !self.is_asked(from, g) || !self.serves(g, c) {
                continue;
            }
            let s = graph.grant_system[g as usize];
            let intended = meant
                && graph.inventory().records.grants[g as usize].common.is_intended()
                && audience_fits(worst, c, Held::Copy, s)
                && issuer_fits(worst, c, s);
            let Some(scopes) = worst.scopes(c) else {
                for m in self.gives(g) {
                    self.access_by(g, from, &m, intended);
                }
                continue;
            };
            let set = if worst.has_other_scopes(g) {
                u32::MAX - g
            } else {
                graph.allowances().set_of(g)
            };
            let held_to = met
                .entry(set)
                .or_insert_with(|| self.gives_held_to(g, Some(scopes)).into())
                .clone();
            for m in held_to.iter() {
                self.access_by(g, from, m, intended);
            }
            // Where the system does not hold it to its scopes, the grant's own scope is a tolerated flow too.
            if !worst.enforced(s, Check::Scope) {
                for m in self.gives(g) {
                    self.access_by(g, from, &m, false);
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
            let is_asked = self.is_asked(Thing::Identity(i), g);
            if !is_asked || !self.stated.has_grant(g) || self.worst.isolated(graph.grant_system[g as usize]) {
                continue;
            }
            let intended = graph.inventory().records.grants[g as usize].common.is_intended();
            for m in self.gives(g) {
                self.access_by(g, Thing::Identity(i), &m, intended);
            }
        }
    }

    /// One flow of a grant, and what its `used_scopes` give besides.
    fn access_by(&mut self, g: u32, from: Thing, m: &Gives, intended: bool) {
        let (worst, graph) = (self.worst, self.worst.graph);
        let grant = &graph.inventory().records.grants[g as usize];
        let holder = match graph.grant_holder[g as usize] {
            Holder::Credential(c) => Thing::Credential(c),
            Holder::Identity(i) => Thing::Identity(i),
        };
        let said = self.said(&grant.common, from, Some(holder), intended);
        let to = Thing::System(graph.grant_system[g as usize]);
        let key = |scope| Key {
            kind: FlowKind::Access,
            from,
            to,
            scope,
        };
        let mut used = said.used;
        if let Some(stated) = &grant.used_scopes {
            for u in stated {
                let covered = m.scope(worst).patterns().iter().all(|p| covers(p, u));
                if covered && !blocks(&grant.except, &Scope::of(u)) {
                    self.out.add(key(ScopeText::of(worst, u)), said);
                }
            }
            used = Use::Idle;
        }
        self.out.add(key(m.text(worst)), Said { used, ..said });
    }

    /// What the access flows of a holder allow at a system.
    fn accesses_at(&mut self, holder: Thing, s: u32) -> Rc<[Allowed]> {
        if let Some(found) = self.accesses.get(&(holder, s)) {
            return found.clone();
        }
        let (worst, graph) = (self.worst, self.worst.graph);
        let here = |g: &u32| graph.grant_system[*g as usize] == s;
        let mut all: Vec<Allowed> = Vec::new();
        match holder {
            Thing::Identity(i) if worst.active(i) && !worst.isolated(s) => {
                let grants = graph.grants_of_identity.of(i).iter().copied();
                for g in grants.filter(here).filter(|&g| self.stated.has_grant(g)) {
                    all.extend(given(worst, g, None));
                }
            }
            Thing::Credential(c) => {
                let scopes = worst.scopes(c);
                let grants = self.grants_serving(c).into_iter().map(|x| x.0).filter(here);
                for g in grants.filter(|&g| self.serves(g, c)) {
                    all.extend(given(worst, g, scopes));
                    if scopes.is_some() && !worst.enforced(s, Check::Scope) {
                        all.extend(given(worst, g, None));
                    }
                }
            }
            _ => {}
        }
        let all: Rc<[Allowed]> = all.into();
        self.accesses.insert((holder, s), all.clone());
        all
    }

    fn satisfied(&mut self, n: u32, holders: &[Thing]) -> bool {
        self.worst.requirements(n).iter().all(|p| {
            holders.iter().any(|&h| {
                let all = self.accesses_at(h, p.system);
                all.iter().any(|a| a.satisfies(&p.scope))
            })
        })
    }

    /// Whether an intended inherit exists and leads to an active identity.
    fn stands(&self, n: u32) -> bool {
        let meant = self.stated.under(Regime::Intended);
        meant.has_inherit(n) && meant.active(meant.graph.inherit_to[n as usize])
    }

    fn inherit(&mut self, n: u32, from: Thing) {
        let graph = self.worst.graph;
        let common = &graph.inventory().records.inherits[n as usize].common;
        let said = self.said(common, from, None, true);
        let key = Key {
            kind: FlowKind::Inherit,
            from,
            to: Thing::Identity(graph.inherit_to[n as usize]),
            scope: ScopeText::None,
        };
        self.out.add(key, said);
    }

    fn inherits_of_identity(&mut self, i: u32) {
        let inherits = self.worst.graph.inherits_of_identity.of(i);
        if inherits.is_empty() || !self.worst.active(i) {
            return;
        }
        let holders: Vec<Thing> = self.groups_of(i).iter().map(|&i| Thing::Identity(i)).collect();
        for &n in inherits {
            if self.stands(n) && self.satisfied(n, &holders) {
                self.inherit(n, Thing::Identity(i));
            }
        }
    }

    fn inherits_of_credential(&mut self, c: u32) {
        let (worst, graph) = (self.worst, self.worst.graph);
        let Some(identity) = graph.identity_of[c as usize] else {
            return;
        };
        let from = Thing::Credential(c);
        for &i in self.groups_of(identity).iter() {
            for &n in graph.inherits_of_identity.of(i) {
                let inherit = &graph.inventory().records.inherits[n as usize];
                let audience = match (&inherit.audiences, worst.audience(c)) {
                    (Some(wanted), Some(stated)) => stated.iter().any(|a| wanted.contains(a)),
                    _ => true,
                };
                if audience && self.stands(n) && !worst.is_membership(n) && self.satisfied(n, &[from]) {
                    self.inherit(n, from);
                }
            }
        }
    }

    fn trusts(&mut self, s: u32) {
        let (worst, graph) = (self.worst, self.worst.graph);
        if worst.isolated(s) {
            return;
        }
        for &t in graph.trusts_from_system.of(s) {
            let to = graph.trust_to[t as usize];
            if !self.stated.has_trust(t) || worst.isolated(to) {
                continue;
            }
            let common = &graph.inventory().records.trusts[t as usize].common;
            let said = self.said(common, Thing::System(s), None, common.is_intended());
            for q in worst.passes(t) {
                let key = Key {
                    kind: FlowKind::Trust,
                    from: Thing::System(s),
                    to: Thing::System(to),
                    scope: ScopeText::of(worst, q),
                };
                self.out.add(key, said);
            }
        }
    }

    fn exposures(&mut self, list: &[u32]) {
        let graph = self.worst.graph;
        for &x in list {
            if !self.exposure_flows(x) {
                continue;
            }
            let from = graph.exposure_from[x as usize];
            let common = &graph.inventory().records.exposures[x as usize].common;
            let said = self.said(common, from, None, common.is_intended());
            let key = Key {
                kind: FlowKind::Exposure,
                from,
                to: graph.exposure_yields[x as usize],
                scope: ScopeText::None,
            };
            self.out.add(key, said);
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
