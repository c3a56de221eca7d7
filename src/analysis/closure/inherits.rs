//! Rule 5: who may act as whom. Inherits with `from` are looked at one by one, those without by what is allowed.

use super::Run;
use crate::analysis::Rule;
use crate::analysis::conditions::live_at;
use crate::analysis::fact::{Fact, Held, RelationIx};
use crate::analysis::served::{first_of_each, grants_at, with};
use crate::graph::{FastMap, OpenInherits, Opened};
use crate::model::Check;
use std::rc::Rc;

/// What an allowance opens: of the graph's table, or found in this run.
enum OpenedHere<'a> {
    Known(&'a OpenInherits, Option<u32>),
    Found(Rc<Opened>),
}

impl OpenedHere<'_> {
    fn proven(&self) -> &[u32] {
        match self {
            Self::Known(open, list) => list.map_or(&[], |list| open.proven(list)),
            Self::Found(opened) => &opened.proven,
        }
    }

    fn begun(&self) -> &[u32] {
        match self {
            Self::Known(open, list) => list.map_or(&[], |list| open.begun(list)),
            Self::Found(opened) => &opened.begun,
        }
    }
}

impl<'a, const EXPLAIN: bool> Run<'a, EXPLAIN> {
    /// Rule 5, second form, for all inherits that name one of the credential's identities.
    pub(super) fn rule_5_holding(&mut self, c: u32, v: Held) {
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
    pub(super) fn rule_5_at(&mut self, c: u32, v: Held, s: u32) {
        let graph = self.world.graph;
        if let Some(identity) = graph.identity_of[c as usize] {
            let groups = self.groups(identity);
            for (i, _) in groups.iter() {
                for &n in graph.inherits_of_identity.of(*i) {
                    if graph.inherit_requires[n as usize].iter().any(|p| p.system == s) {
                        self.rule_5_presenting(n, c, v);
                    }
                }
            }
        }
        // What the scenario requires besides is not in the graph's lists.
        for at in 0..self.narrowed.len() {
            let n = self.narrowed[at];
            if self.world.requirements(n).iter().any(|p| p.system == s) {
                self.rule_5_presenting(n, c, v);
            }
        }
        if self.open.is_empty() {
            return;
        }
        let served = self.served_by_credential(c);
        for grants in served.1.chunk_by(|a, b| a.0 == b.0) {
            let t = grants[0].0;
            // What is required at several systems may have been begun at any of them.
            if t != s && (!self.open.across_systems() || self.settled(Fact::Accepted(c, v, t)).is_none()) {
                continue;
            }
            let held_to = self.held_to_scopes(c, v, t);
            for &(_, g, _) in grants {
                for &a in self.given_to(g, held_to).iter() {
                    let opened = self.opened(t, g, held_to, a);
                    let proven: &[u32] = if t == s { opened.proven() } else { &[] };
                    for &n in proven.iter().chain(opened.begun()) {
                        self.rule_5_presenting(n, c, v);
                    }
                }
            }
        }
    }

    /// What an allowance of a grant at a system opens of the inherits without `from`, as the inventory states them.
    fn opened(&mut self, s: u32, g: u32, held_to: Option<u32>, a: u32) -> OpenedHere<'a> {
        let list = self.open.find(s, a);
        // What grants give by themselves was looked up for all of them; what is left of it may be new at this system.
        if list.is_some() || (held_to.is_none() && !self.world.has_other_scopes(g)) {
            return OpenedHere::Known(self.open, list);
        }
        if let Some(found) = self.opened.get(&(s, a)) {
            return OpenedHere::Found(found.clone());
        }
        let allowed = self.out.allowed(self.world, a);
        let found = Rc::new(self.open.opened_by(self.world.graph, s, allowed, &mut self.scratch));
        self.opened.insert((s, a), found.clone());
        OpenedHere::Found(found)
    }

    /// Rule 5, second form, at every system where the credential is accepted already: a context opened it.
    pub(super) fn rule_5_again(&mut self, c: u32, v: Held) {
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
        if self.is_done(goal) {
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
        let entered = self.entered(c, v, world.issuer_enforces(c, Check::Context));
        if entered.is_refused() {
            return;
        }
        let mut accepted_at: Vec<u32> = Vec::new();
        let mut proofs: Vec<RelationIx> = Vec::new();
        let served = self.served_by_credential(c);
        for premise in world.requirements(n) {
            let Some(accepted) = self.settled(Fact::Accepted(c, v, premise.system)) else {
                return;
            };
            let held_to = self.held_to_scopes(c, v, premise.system);
            let Some((g, group)) = self.proof(grants_at(&served.1, premise.system), &premise.scope, held_to) else {
                return;
            };
            proofs.extend(with(&served.0, group, g));
            if !accepted_at.contains(&accepted) {
                accepted_at.push(accepted);
            }
        }
        // Every identity the inherit may start from is an application of its own; the premises are the same, so the
        // least list of records decides.
        let chains: Vec<&[u32]> = match (from, &groups) {
            (Some(from), Some(groups)) => groups.iter().filter(|x| x.0 == from).map(|x| x.1.as_slice()).collect(),
            (None, Some(groups)) => groups.iter().map(|x| x.1.as_slice()).collect(),
            _ => vec![&[]],
        };
        for context in entered.ways() {
            let premises: Vec<u32> = [held]
                .into_iter()
                .chain(context)
                .chain(accepted_at.iter().copied())
                .collect();
            for chain in &chains {
                self.propose(goal, Rule::Inherit, &premises, || {
                    let own = chain
                        .iter()
                        .map(|&m| RelationIx::Inherit(m))
                        .chain([RelationIx::Inherit(n)]);
                    first_of_each(own.chain(proofs.iter().copied()))
                });
            }
        }
    }

    /// Rule 5, first form, for the inherits without `from` that what an identity is allowed may open.
    pub(super) fn rule_5_open(&mut self, f: u32, i: u32) {
        let here = if EXPLAIN {
            (self.out.hops[f as usize], self.out.steps[f as usize])
        } else {
            Default::default()
        };
        let served = self.served_by_identity(i);
        let mut proven: FastMap<u32, bool> = FastMap::default();
        let known = self.world.graph.allowances();
        let mut together: Vec<(u32, u32)> = served.1.iter().map(|&(s, g, _)| (s, known.set_of(g))).collect();
        together.sort_unstable();
        together.dedup();
        // A changed grant gives less than its set says.
        let changed = served.1.iter().any(|&(_, g, _)| self.world.has_other_scopes(g));
        let first = self.gone_together.get(&together).copied();
        let look_together = first.is_none_or(|first| EXPLAIN && first == here);
        if first.is_none() && !changed {
            self.gone_together.insert(together, here);
        }
        for &(s, g, _) in &served.1 {
            if self.world.isolated(s) {
                continue;
            }
            for &a in self.given_to(g, None).iter() {
                let opened = self.opened(s, g, None, a);
                // Whoever was earlier, in hops or steps, led to all of them by derivations that are better than any
                // from here; of those at once the texts decide.
                let first = self.gone.get(&(s, a)).copied();
                if first.is_none_or(|first| EXPLAIN && first == here) {
                    if !opened.proven().is_empty() {
                        self.gone.insert((s, a), here);
                    }
                    for &n in opened.proven() {
                        self.rule_5_acting(f, i, n);
                    }
                }
                let begun: &[u32] = if look_together { opened.begun() } else { &[] };
                for &n in begun {
                    if self.is_known_better(self.world.graph.inherit_to[n as usize], f) {
                        continue;
                    }
                    // Most lack the same needs, so each need is looked at once.
                    let can = self.open.before_last(n).iter().all(|&need| {
                        *proven.entry(need).or_insert_with(|| {
                            let (t, text) = self.open.need(need);
                            self.proof(grants_at(&served.1, t), text, None).is_some()
                        })
                    });
                    if can {
                        self.rule_5_acting(f, i, n);
                    }
                }
            }
        }
        for at in 0..self.narrowed_open.len() {
            self.rule_5_acting(f, i, self.narrowed_open[at]);
        }
    }

    /// Rule 5, first form.
    pub(super) fn rule_5_acting(&mut self, f: u32, i: u32, n: u32) {
        let world = self.world;
        let to = world.graph.inherit_to[n as usize];
        if !world.has_inherit(n) || !world.active(to) || self.is_known_better(to, f) {
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
    fn proof(&mut self, grants: &[(u32, u32, u32)], r: &str, held_to: Option<u32>) -> Option<(u32, u32)> {
        // Grants are sorted by name in the inventory, so the least index is the least name.
        for &(_, g, group) in grants {
            let given = self.given_to(g, held_to);
            if given.iter().any(|&a| self.out.allowed(self.world, a).satisfies(r)) {
                return Some((g, group));
            }
        }
        None
    }
}
