//! What a scenario changes, beside the graph: by record, only what differs.

use super::{Premise, TrustGraph};
use crate::model::{Aliases, CredentialStatus, Text, Time, Word};
use std::collections::{BTreeMap, BTreeSet};

/// What is changed about a credential; `None` is as the inventory says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialChange {
    /// Status.
    pub status: Option<CredentialStatus>,
    /// Audience.
    pub audience: Option<Vec<Text>>,
    /// Scopes.
    pub scopes: Option<Vec<Text>>,
    /// Contexts, as indices; those beyond the graph's table are the overlay's own.
    pub contexts: Option<Vec<u32>>,
    /// Expiry.
    pub expires_at: Option<Time>,
    /// Every copy in the wild is old.
    pub rotated: bool,
    /// The scenario bound it to contexts.
    pub bound: bool,
}

/// What is changed about a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantChange {
    /// It is gone.
    pub removed: bool,
    /// Its scopes.
    pub scopes: Option<Vec<Text>>,
}

/// What is changed about an inherit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InheritChange {
    /// It is gone.
    pub removed: bool,
    /// All it requires now, resolved.
    pub requires: Option<Vec<Premise>>,
}

/// What is changed about a trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustChange {
    /// It is gone.
    pub removed: bool,
    /// The scopes its exchange passes.
    pub exchange: Option<Vec<Text>>,
}

/// What is changed about a system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemChange {
    /// Checks that are made now, in the order A I S C R.
    pub enforce: [bool; 5],
    /// Nothing is accepted there, and there is no access to it.
    pub isolated: bool,
}

/// A scenario laid over a graph. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Credentials by index.
    pub credentials: BTreeMap<u32, CredentialChange>,
    /// Identities that are disabled now.
    pub disabled: BTreeSet<u32>,
    /// Grants by index.
    pub grants: BTreeMap<u32, GrantChange>,
    /// Exposures that are gone.
    pub exposures_removed: BTreeSet<u32>,
    /// Inherits by index.
    pub inherits: BTreeMap<u32, InheritChange>,
    /// Trusts by index.
    pub trusts: BTreeMap<u32, TrustChange>,
    /// Systems by index.
    pub systems: BTreeMap<u32, SystemChange>,
    /// Names of contexts that the inventory does not name; the first has the index after the graph's last.
    pub extra_contexts: Vec<String>,
    /// Credentials bound to each context by the scenario, for contexts of the graph and of this overlay alike.
    pub bound_in: BTreeMap<u32, Vec<u32>>,
}

impl Overlay {
    /// The index of a context: the graph's, or this overlay's own, made if need be.
    pub fn context(&mut self, graph: &TrustGraph, name: &str) -> u32 {
        if let Some(z) = graph.context(name) {
            return z;
        }
        let known = graph.contexts().len();
        let at = self.extra_contexts.iter().position(|z| z == name).unwrap_or_else(|| {
            self.extra_contexts.push(name.to_owned());
            self.extra_contexts.len() - 1
        });
        (known + at) as u32
    }

    /// The same change to a graph under aliases.
    #[must_use]
    pub fn aliased(&self, aliases: &Aliases) -> Self {
        let scopes = |list: &mut Vec<Text>| list.iter_mut().for_each(|p| *p = aliases.word(Word::Scope, p).into());
        let mut out = self.clone();
        for change in out.credentials.values_mut() {
            let audience = change.audience.iter_mut().flatten();
            audience.for_each(|text| *text = aliases.audience(text).into());
            change.scopes.iter_mut().for_each(scopes);
        }
        out.grants.values_mut().flat_map(|g| &mut g.scopes).for_each(scopes);
        let premises = out.inherits.values_mut().flat_map(|n| &mut n.requires).flatten();
        premises.for_each(|p| p.scope = aliases.word(Word::Scope, &p.scope).into());
        out.trusts.values_mut().flat_map(|t| &mut t.exchange).for_each(scopes);
        for name in &mut out.extra_contexts {
            *name = aliases.word(Word::Context, name);
        }
        out
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
