//! Graph, overlay and settings together: what each record says once the scenario is applied, and which relations
//! exist under the regime. Every algorithm asks here and nowhere else.

use super::{Holder, Overlay, Premise, Regime, Settings, TrustGraph};
use crate::model::{Check, CredentialStatus, ExposureHow, IdentityStatus, InheritHow, RelationCommon, Text, Time};

/// One way to look at a graph.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The graph.
    pub graph: &'a TrustGraph,
    /// What the scenario changes.
    pub overlay: &'a Overlay,
    /// As-of time and regime.
    pub settings: Settings,
    /// Where stated, no other relation exists.
    only: Option<&'a Only>,
}

/// The relations to which a view is narrowed, each list sorted: an attack by itself, to ask what breaks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Grants by index.
    pub grants: Vec<u32>,
    /// Exposures by index.
    pub exposures: Vec<u32>,
    /// Inherits by index, memberships among them.
    pub inherits: Vec<u32>,
    /// Trusts by index.
    pub trusts: Vec<u32>,
}

impl<'a> World<'a> {
    /// A view of a graph under an overlay.
    #[must_use]
    pub fn new(graph: &'a TrustGraph, overlay: &'a Overlay, settings: Settings) -> Self {
        Self {
            graph,
            overlay,
            settings,
            only: None,
        }
    }

    /// The same with no relations but these.
    #[must_use]
    pub fn within(self, only: &'a Only) -> Self {
        Self {
            only: Some(only),
            ..self
        }
    }

    fn admits(&self, list: impl Fn(&'a Only) -> &'a [u32], relation: u32) -> bool {
        self.only.is_none_or(|only| list(only).binary_search(&relation).is_ok())
    }

    /// The grants that count at all, by index in order, where not all do.
    #[must_use]
    pub(crate) fn only_grants(&self) -> Option<&'a [u32]> {
        self.only.map(|only| only.grants.as_slice())
    }

    /// The same under another regime.
    #[must_use]
    pub fn under(self, regime: Regime) -> Self {
        Self {
            settings: Settings {
                regime,
                ..self.settings
            },
            ..self
        }
    }

    fn records(&self) -> &'a crate::model::Records {
        &self.graph.inventory().records
    }

    /// The name of a context, of the graph's or the overlay's own.
    #[must_use]
    pub fn context_name(&self, z: u32) -> &'a str {
        let known = self.graph.contexts();
        known.get(z as usize).map_or_else(
            || {
                self.overlay
                    .extra_contexts
                    .get(z as usize - known.len())
                    .map_or("", String::as_str)
            },
            String::as_str,
        )
    }

    /// Whether a relation exists under the regime.
    fn exists(&self, common: &RelationCommon) -> bool {
        match self.settings.regime {
            Regime::WorstCase => true,
            Regime::BestCase => !common.is_assumed(),
            Regime::Intended => !common.is_assumed() && common.is_intended(),
        }
    }

    // Systems.

    /// What the inventory and the scenario state of a check; `None` where neither does.
    #[must_use]
    pub fn stated(&self, s: u32, check: Check) -> Option<bool> {
        if self.overlay.systems.get(&s).is_some_and(|c| c.enforce[check as usize]) {
            return Some(true);
        }
        self.records().systems[s as usize].validates.get(check)
    }

    /// Whether the check is taken as made under the regime.
    #[must_use]
    pub fn enforced(&self, s: u32, check: Check) -> bool {
        match self.settings.regime {
            Regime::Intended => true,
            Regime::WorstCase => self.stated(s, check).unwrap_or(false),
            Regime::BestCase => self.stated(s, check).unwrap_or(true),
        }
    }

    /// Whether the issuer of a credential enforces a check; where none is stated, a system of which nothing is stated.
    #[must_use]
    pub fn issuer_enforces(&self, c: u32, check: Check) -> bool {
        match self.graph.issuer_of[c as usize] {
            Some(s) => self.enforced(s, check),
            None => self.settings.regime != Regime::WorstCase,
        }
    }

    /// Whether the scenario isolates the system.
    #[must_use]
    pub fn isolated(&self, s: u32) -> bool {
        self.overlay.systems.get(&s).is_some_and(|c| c.isolated)
    }

    // Identities.

    /// Whether an identity is active.
    #[must_use]
    pub fn active(&self, i: u32) -> bool {
        self.records().identities[i as usize].status != Some(IdentityStatus::Disabled)
            && !self.overlay.disabled.contains(&i)
    }

    // Credentials.

    fn change(&self, c: u32) -> Option<&'a super::CredentialChange> {
        if self.overlay.credentials.is_empty() {
            None
        } else {
            self.overlay.credentials.get(&c)
        }
    }

    /// Its status.
    #[must_use]
    pub fn status(&self, c: u32) -> CredentialStatus {
        self.change(c)
            .and_then(|x| x.status)
            .or(self.records().credentials[c as usize].status)
            .unwrap_or(CredentialStatus::Active)
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self, c: u32) -> Option<Time> {
        self.change(c)
            .and_then(|x| x.expires_at)
            .or(self.records().credentials[c as usize].expires_at)
    }

    /// Its audience, where stated.
    #[must_use]
    pub fn audience(&self, c: u32) -> Option<&'a [Text]> {
        self.change(c)
            .and_then(|x| x.audience.as_deref())
            .or(self.records().credentials[c as usize].audience.as_deref())
    }

    /// Its scopes, where stated.
    #[must_use]
    pub fn scopes(&self, c: u32) -> Option<&'a [Text]> {
        self.change(c)
            .and_then(|x| x.scopes.as_deref())
            .or(self.records().credentials[c as usize].scopes.as_deref())
    }

    /// Its contexts, where stated, as sorted indices.
    #[must_use]
    pub fn contexts(&self, c: u32) -> Option<&'a [u32]> {
        self.change(c)
            .and_then(|x| x.contexts.as_deref())
            .or(self.graph.contexts_of[c as usize].as_deref())
    }

    /// Whether every copy in the wild is old.
    #[must_use]
    pub fn rotated(&self, c: u32) -> bool {
        self.change(c).is_some_and(|x| x.rotated)
    }

    /// Past its time.
    #[must_use]
    pub fn expired(&self, c: u32) -> bool {
        self.status(c) == CredentialStatus::Expired || self.expires_at(c).is_some_and(|t| t <= self.settings.as_of)
    }

    /// Disabled or revoked, or its identity is disabled.
    #[must_use]
    pub fn dead(&self, c: u32) -> bool {
        matches!(self.status(c), CredentialStatus::Disabled | CredentialStatus::Revoked) || !self.identity_active(c)
    }

    /// Whether its identity, where it has one, is active.
    #[must_use]
    pub fn identity_active(&self, c: u32) -> bool {
        self.graph.identity_of[c as usize].is_none_or(|i| self.active(i))
    }

    /// Whether an acceptor can check it without asking the issuer.
    #[must_use]
    pub fn self_contained(&self, c: u32) -> bool {
        self.records().credentials[c as usize].is_self_contained()
    }

    // Relations.

    /// Whether a grant exists under regime and scenario.
    #[must_use]
    pub fn has_grant(&self, g: u32) -> bool {
        self.admits(|only| &only.grants, g)
            && self.exists(&self.records().grants[g as usize].common)
            && !self.overlay.grants.get(&g).is_some_and(|x| x.removed)
    }

    /// A grant's scopes.
    #[must_use]
    pub fn grant_scopes(&self, g: u32) -> &'a [Text] {
        self.overlay
            .grants
            .get(&g)
            .and_then(|x| x.scopes.as_deref())
            .unwrap_or(&self.records().grants[g as usize].scopes)
    }

    /// Whether the scenario gave a grant other scopes.
    #[must_use]
    pub fn has_other_scopes(&self, g: u32) -> bool {
        self.overlay.grants.get(&g).is_some_and(|x| x.scopes.is_some())
    }

    /// Whether an exposure exists under regime and scenario.
    #[must_use]
    pub fn has_exposure(&self, x: u32) -> bool {
        self.admits(|only| &only.exposures, x)
            && self.exists(&self.records().exposures[x as usize].common)
            && !self.overlay.exposures_removed.contains(&x)
    }

    /// Whether an exposure hands out, of a rotated credential, the old one.
    #[must_use]
    pub fn yields_old(&self, x: u32, c: u32) -> bool {
        self.rotated(c)
            && matches!(
                self.records().exposures[x as usize].how,
                Some(ExposureHow::Copied | ExposureHow::Logged)
            )
    }

    /// Whether an inherit exists under regime and scenario.
    #[must_use]
    pub fn has_inherit(&self, n: u32) -> bool {
        self.admits(|only| &only.inherits, n)
            && self.exists(&self.records().inherits[n as usize].common)
            && !self.overlay.inherits.get(&n).is_some_and(|x| x.removed)
    }

    /// Whether an inherit is a membership.
    #[must_use]
    pub fn is_membership(&self, n: u32) -> bool {
        self.records().inherits[n as usize].how == Some(InheritHow::Membership)
    }

    /// What an inherit requires, sorted.
    #[must_use]
    pub fn requirements(&self, n: u32) -> &'a [Premise] {
        self.overlay
            .inherits
            .get(&n)
            .and_then(|x| x.requires.as_deref())
            .unwrap_or(&self.graph.inherit_requires[n as usize])
    }

    /// Whether a trust exists under regime and scenario.
    #[must_use]
    pub fn has_trust(&self, t: u32) -> bool {
        self.admits(|only| &only.trusts, t)
            && self.exists(&self.records().trusts[t as usize].common)
            && !self.overlay.trusts.get(&t).is_some_and(|x| x.removed)
    }

    /// The scopes a trust's exchange passes; `None` where it performs none.
    #[must_use]
    pub fn exchange(&self, t: u32) -> Option<&'a [Text]> {
        self.overlay
            .trusts
            .get(&t)
            .and_then(|x| x.exchange.as_deref())
            .or(self.records().trusts[t as usize].exchange.as_ref().map(|e| &*e.scopes))
    }

    /// What a trust passes: its exchange's scopes, else its own, which under `intended` is nothing.
    #[must_use]
    pub fn passes(&self, t: u32) -> &'a [Text] {
        match self.exchange(t) {
            Some(scopes) => scopes,
            None if self.settings.regime == Regime::Intended => &[],
            None => &self.records().trusts[t as usize].scopes,
        }
    }

    /// The identity and all it belongs to, with the chain of memberships that leads there: shortest first, of equal
    /// ones the least list of names. Chains pass through active groups alone; the identity itself may be disabled.
    #[must_use]
    pub fn groups(&self, i: u32) -> Vec<(u32, Vec<u32>)> {
        let g = self.graph;
        let mut found: Vec<(u32, Vec<u32>)> = vec![(i, Vec::new())];
        if g.memberships_of_identity.of(i).is_empty() {
            return found;
        }
        let mut seen = std::collections::HashSet::from([i]);
        let name = |n: u32| self.records().inherits[n as usize].name();
        let mut layer = 0..1;
        while !layer.is_empty() {
            // All chains of one length are compared before the next length begins.
            let mut next: Vec<(u32, Vec<u32>)> = Vec::new();
            for at in layer.clone() {
                let (member, chain) = found[at].clone();
                for &n in g.memberships_of_identity.of(member) {
                    let to = g.inherit_to[n as usize];
                    if self.has_inherit(n) && self.active(to) && !seen.contains(&to) {
                        let mut longer = chain.clone();
                        longer.push(n);
                        next.push((to, longer));
                    }
                }
            }
            next.sort_by(|a, b| {
                a.0.cmp(&b.0)
                    .then_with(|| a.1.iter().map(|&n| name(n)).cmp(b.1.iter().map(|&n| name(n))))
            });
            next.dedup_by_key(|x| x.0);
            let start = found.len();
            for (to, chain) in next {
                seen.insert(to);
                found.push((to, chain));
            }
            layer = start..found.len();
        }
        found
    }

    /// Who holds a grant.
    #[must_use]
    pub fn holder(&self, g: u32) -> Holder {
        self.graph.grant_holder[g as usize]
    }
}
