//! The trust graph: an inventory with its ids resolved to indices and the relations sorted by what they start from.

use super::{Allowances, OpenInherits, Thing};
use crate::model::{Aliases, ExposureFrom, InheritHow, Inventory, Requirement, Text, Yields};
use petgraph::graph::DiGraph;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// Lists of indices, one for each key, in one array.
#[derive(Clone, Debug, Default)]
pub struct Csr {
    start: Vec<u32>,
    items: Vec<u32>,
}

impl Csr {
    /// From pairs of (key, item) with keys below `keys`; items keep the order given.
    #[must_use]
    pub fn from_pairs(keys: usize, pairs: &[(u32, u32)]) -> Self {
        let mut start = vec![0u32; keys + 1];
        for &(k, _) in pairs {
            start[k as usize + 1] += 1;
        }
        for i in 0..keys {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        let mut items = vec![0u32; pairs.len()];
        for &(k, item) in pairs {
            let at = &mut next[k as usize];
            items[*at as usize] = item;
            *at += 1;
        }
        Self { start, items }
    }

    /// The items of one key.
    #[must_use]
    pub fn of(&self, key: u32) -> &[u32] {
        match (self.start.get(key as usize), self.start.get(key as usize + 1)) {
            (Some(&a), Some(&b)) => &self.items[a as usize..b as usize],
            _ => &[],
        }
    }
}

/// An end of a relation that leads nowhere.
const NOBODY: u32 = u32::MAX;

/// The indices of a list by what stands there.
fn by_end(keys: usize, ends: &[u32]) -> Csr {
    let pairs: Vec<(u32, u32)> = ends
        .iter()
        .enumerate()
        .filter(|&(_, &end)| end != NOBODY)
        .map(|(at, &end)| (end, at as u32))
        .collect();
    Csr::from_pairs(keys, &pairs)
}

/// Who holds a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A credential.
    Credential(u32),
    /// An identity.
    Identity(u32),
}

/// A requirement with its system resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Premise {
    /// Index of the system.
    pub system: u32,
    /// The pattern.
    pub scope: Text,
}

/// An inventory with its ids resolved. Immutable; a scenario is an [`super::Overlay`] beside it.
#[derive(Debug)]
pub struct TrustGraph {
    inventory: Arc<Inventory>,
    contexts: Vec<String>,
    context_ix: HashMap<String, u32>,
    pub(crate) yielded_contexts: HashSet<u32>,

    pub(crate) identity_of: Vec<Option<u32>>,
    pub(crate) issuer_of: Vec<Option<u32>>,
    pub(crate) contexts_of: Vec<Option<Vec<u32>>>,
    pub(crate) credentials_in_context: Csr,

    pub(crate) grant_holder: Vec<Holder>,
    pub(crate) grant_system: Vec<u32>,
    pub(crate) grants_of_credential: Csr,
    pub(crate) grants_of_identity: Csr,
    pub(crate) grants_on_system: Csr,
    pub(crate) credentials_of_identity: Csr,

    pub(crate) exposure_from: Vec<Thing>,
    pub(crate) exposure_yields: Vec<Thing>,
    pub(crate) exposures_of_system: Csr,
    pub(crate) exposures_of_credential: Csr,
    pub(crate) exposures_of_identity: Csr,
    pub(crate) exposures_yielding_credential: Csr,

    pub(crate) inherit_from: Vec<Option<u32>>,
    pub(crate) inherit_to: Vec<u32>,
    pub(crate) inherit_requires: Vec<Vec<Premise>>,
    /// All inherits of an identity, memberships among them.
    pub(crate) inherits_of_identity: Csr,
    /// Memberships by member.
    pub(crate) memberships_of_identity: Csr,
    /// Inherits by the identity they lead to.
    pub(crate) inherits_into_identity: Csr,

    pub(crate) trust_from: Vec<u32>,
    pub(crate) trust_to: Vec<u32>,
    pub(crate) trusts_from_system: Csr,
    pub(crate) trusts_into_system: Csr,

    allowances: OnceLock<Allowances>,
    open_inherits: OnceLock<Arc<OpenInherits>>,
    petgraph: OnceLock<DiGraph<Thing, &'static str, u32>>,
}

impl TrustGraph {
    /// Resolves every id. The inventory's own guarantee (every reference resolves) is relied on; a relation that
    /// breaks it all the same is a bug upstream and is attached to nothing.
    #[must_use]
    pub fn build(inventory: Arc<Inventory>) -> Self {
        let r = &inventory.records;
        let system = |id: &str| match inventory.find(id) {
            Some(crate::model::EntityIx::System(i)) => Some(i),
            _ => None,
        };
        let identity = |id: &str| match inventory.find(id) {
            Some(crate::model::EntityIx::Identity(i)) => Some(i),
            _ => None,
        };
        let credential = |id: &str| match inventory.find(id) {
            Some(crate::model::EntityIx::Credential(i)) => Some(i),
            _ => None,
        };
        let mut names: Vec<&str> = Vec::new();
        for c in &r.credentials {
            names.extend(c.contexts.iter().flatten().map(Text::as_str));
        }
        for x in &r.exposures {
            if let Yields::Context(z) = &x.yields {
                names.push(z);
            }
        }
        names.sort_unstable();
        names.dedup();
        let contexts: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let context_ix: HashMap<String, u32> = contexts
            .iter()
            .enumerate()
            .map(|(i, z)| (z.clone(), i as u32))
            .collect();

        let identity_of: Vec<Option<u32>> = r
            .credentials
            .iter()
            .map(|c| c.identity.as_deref().and_then(identity))
            .collect();
        let issuer_of = r
            .credentials
            .iter()
            .map(|c| c.issuer.as_deref().and_then(system))
            .collect();
        let contexts_of: Vec<Option<Vec<u32>>> = r
            .credentials
            .iter()
            .map(|c| {
                c.contexts.as_ref().map(|zs| {
                    let mut zs: Vec<u32> = zs.iter().filter_map(|z| context_ix.get(z.as_str()).copied()).collect();
                    zs.sort_unstable();
                    zs
                })
            })
            .collect();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (c, zs) in contexts_of.iter().enumerate() {
            pairs.extend(zs.iter().flatten().map(|&z| (z, c as u32)));
        }
        let credentials_in_context = Csr::from_pairs(contexts.len(), &pairs);

        let (mut by_cred, mut by_id) = (Vec::new(), Vec::new());
        let mut grant_holder = Vec::with_capacity(r.grants.len());
        let mut grant_system = Vec::with_capacity(r.grants.len());
        let ends: Vec<(Holder, u32)> = r
            .grants
            .par_iter()
            .map(|grant| {
                let holder = match inventory.find(&grant.holder) {
                    Some(crate::model::EntityIx::Credential(c)) => Holder::Credential(c),
                    Some(crate::model::EntityIx::Identity(i)) => Holder::Identity(i),
                    _ => Holder::Identity(NOBODY),
                };
                (holder, system(&grant.system).unwrap_or(NOBODY))
            })
            .collect();
        for (g, (holder, s)) in ends.into_iter().enumerate() {
            grant_holder.push(holder);
            grant_system.push(s);
            debug_assert!(
                s != NOBODY && holder != Holder::Identity(NOBODY),
                "a dangling grant got through the merge"
            );
            match holder {
                Holder::Credential(c) => by_cred.push((c, g as u32)),
                Holder::Identity(i) if i != NOBODY => by_id.push((i, g as u32)),
                Holder::Identity(_) => {}
            }
        }
        let grants_of_credential = Csr::from_pairs(r.credentials.len(), &by_cred);
        let grants_of_identity = Csr::from_pairs(r.identities.len(), &by_id);
        let grants_on_system = by_end(r.systems.len(), &grant_system);
        let owners: Vec<u32> = identity_of.iter().map(|i| i.unwrap_or(NOBODY)).collect();
        let credentials_of_identity = by_end(r.identities.len(), &owners);

        let (mut from_sys, mut from_cred, mut from_id, mut giving) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut exposure_from = Vec::with_capacity(r.exposures.len());
        let mut exposure_yields = Vec::with_capacity(r.exposures.len());
        let ends: Vec<(Thing, Thing)> = r
            .exposures
            .par_iter()
            .map(|exposure| {
                let from = match &exposure.from {
                    ExposureFrom::System(id) => Thing::System(system(id).unwrap_or(NOBODY)),
                    ExposureFrom::Credential(id) => Thing::Credential(credential(id).unwrap_or(NOBODY)),
                    ExposureFrom::Identity(id) => Thing::Identity(identity(id).unwrap_or(NOBODY)),
                };
                let yields = match &exposure.yields {
                    Yields::Credential(id) => Thing::Credential(credential(id).unwrap_or(NOBODY)),
                    Yields::Identity(id) => Thing::Identity(identity(id).unwrap_or(NOBODY)),
                    Yields::Context(z) => Thing::Context(context_ix.get(z.as_str()).copied().unwrap_or(NOBODY)),
                };
                (from, yields)
            })
            .collect();
        for (x, (from, yields)) in ends.into_iter().enumerate() {
            let x = x as u32;
            match from {
                Thing::System(i) if i != NOBODY => from_sys.push((i, x)),
                Thing::Credential(i) if i != NOBODY => from_cred.push((i, x)),
                Thing::Identity(i) if i != NOBODY => from_id.push((i, x)),
                _ => {}
            }
            if let Thing::Credential(c) = yields
                && c != NOBODY
            {
                giving.push((c, x));
            }
            exposure_from.push(from);
            exposure_yields.push(yields);
        }
        let yielded_contexts = exposure_yields
            .iter()
            .filter_map(|t| match t {
                Thing::Context(z) => Some(*z),
                _ => None,
            })
            .collect();

        let (mut by_from, mut members) = (Vec::new(), Vec::new());
        let mut inherit_from = Vec::with_capacity(r.inherits.len());
        let mut inherit_to = Vec::with_capacity(r.inherits.len());
        let mut inherit_requires = Vec::with_capacity(r.inherits.len());
        for (n, inherit) in r.inherits.iter().enumerate() {
            let n = n as u32;
            let from = inherit.from.as_deref().and_then(identity);
            let requires = resolve_requirements(&inherit.requires_all, system);
            if let Some(i) = from {
                by_from.push((i, n));
                if inherit.how == Some(InheritHow::Membership) {
                    members.push((i, n));
                }
            }
            inherit_from.push(from);
            inherit_to.push(identity(&inherit.to).unwrap_or(NOBODY));
            inherit_requires.push(requires);
        }

        let trust_from: Vec<u32> = r.trusts.iter().map(|t| system(&t.from).unwrap_or(NOBODY)).collect();
        let trust_to: Vec<u32> = r.trusts.iter().map(|t| system(&t.to).unwrap_or(NOBODY)).collect();
        let trusts_from_system = by_end(r.systems.len(), &trust_from);
        let trusts_into_system = by_end(r.systems.len(), &trust_to);
        let inherits_into_identity = by_end(r.identities.len(), &inherit_to);

        Self {
            identity_of,
            issuer_of,
            contexts_of,
            credentials_in_context,
            grant_holder,
            grant_system,
            grants_of_credential,
            grants_of_identity,
            grants_on_system,
            credentials_of_identity,
            exposure_from,
            exposure_yields,
            exposures_of_system: Csr::from_pairs(r.systems.len(), &from_sys),
            exposures_of_credential: Csr::from_pairs(r.credentials.len(), &from_cred),
            exposures_of_identity: Csr::from_pairs(r.identities.len(), &from_id),
            exposures_yielding_credential: Csr::from_pairs(r.credentials.len(), &giving),
            inherit_from,
            inherit_to,
            inherits_of_identity: Csr::from_pairs(r.identities.len(), &by_from),
            memberships_of_identity: Csr::from_pairs(r.identities.len(), &members),
            inherits_into_identity,
            inherit_requires,
            trust_from,
            trust_to,
            trusts_from_system,
            trusts_into_system,
            contexts,
            context_ix,
            yielded_contexts,
            allowances: OnceLock::new(),
            open_inherits: OnceLock::new(),
            petgraph: OnceLock::new(),
            inventory,
        }
    }

    /// The same graph under aliases: every thing and every relation keeps its index.
    #[must_use]
    pub fn aliased(&self, aliases: &Aliases) -> Self {
        let out = Self::build(Arc::new(self.inventory.aliased(aliases)));
        // What grants give follows from what their patterns match, which aliases do not say any more.
        let _ = out.allowances.set(self.allowances().aliased(aliases));
        let _ = out.open_inherits.set(self.shared_open_inherits().clone());
        out
    }

    /// The inventory it was built from.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// What every grant gives by itself. Made when first asked for.
    #[must_use]
    pub fn allowances(&self) -> &Allowances {
        self.allowances
            .get_or_init(|| Allowances::of(&self.inventory.records.grants))
    }

    /// Its inherits without `from`, by what proves their requirements. Found when first asked for.
    #[must_use]
    pub fn open_inherits(&self) -> &OpenInherits {
        self.shared_open_inherits()
    }

    fn shared_open_inherits(&self) -> &Arc<OpenInherits> {
        self.open_inherits.get_or_init(|| Arc::new(OpenInherits::of(self)))
    }

    /// The inventory it was built from, shared.
    #[must_use]
    pub fn shared_inventory(&self) -> &Arc<Inventory> {
        &self.inventory
    }

    /// Names of the contexts that a credential or an exposure names, sorted.
    #[must_use]
    pub fn contexts(&self) -> &[String] {
        &self.contexts
    }

    /// Index of a context that a credential or an exposure names.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<u32> {
        self.context_ix.get(name).copied()
    }

    /// What an id names: an entity's id, or `context:NAME`.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Thing> {
        if let Some(name) = id.strip_prefix("context:") {
            return self.context(name).map(Thing::Context);
        }
        Some(match self.inventory.find(id)? {
            crate::model::EntityIx::System(i) => Thing::System(i),
            crate::model::EntityIx::Identity(i) => Thing::Identity(i),
            crate::model::EntityIx::Credential(i) => Thing::Credential(i),
        })
    }

    /// The id of a thing of this graph; of a context, `context:NAME`.
    #[must_use]
    pub fn id(&self, thing: Thing) -> Cow<'_, str> {
        let r = &self.inventory.records;
        match thing {
            Thing::System(i) => Cow::Borrowed(&r.systems[i as usize].id),
            Thing::Identity(i) => Cow::Borrowed(&r.identities[i as usize].id),
            Thing::Credential(i) => Cow::Borrowed(&r.credentials[i as usize].id),
            Thing::Context(i) => Cow::Owned(format!("context:{}", self.contexts[i as usize])),
        }
    }

    /// The name of a thing for people.
    #[must_use]
    pub fn display_name(&self, thing: Thing) -> &str {
        let r = &self.inventory.records;
        match thing {
            Thing::System(i) => crate::model::Entity::System(&r.systems[i as usize]).display_name(),
            Thing::Identity(i) => crate::model::Entity::Identity(&r.identities[i as usize]).display_name(),
            Thing::Credential(i) => crate::model::Entity::Credential(&r.credentials[i as usize]).display_name(),
            Thing::Context(i) => &self.contexts[i as usize],
        }
    }

    /// Entities and contexts as nodes and relations as edges, in petgraph's terms; an edge's weight says its kind.
    /// Made when first asked for. Inherits without `from` have no start and are left out.
    #[must_use]
    pub fn as_petgraph(&self) -> &DiGraph<Thing, &'static str, u32> {
        self.petgraph.get_or_init(|| {
            let r = &self.inventory.records;
            let mut graph = DiGraph::with_capacity(
                r.systems.len() + r.identities.len() + r.credentials.len() + self.contexts.len(),
                r.len(),
            );
            let mut at = HashMap::new();
            let things = (0..r.systems.len() as u32)
                .map(Thing::System)
                .chain((0..r.identities.len() as u32).map(Thing::Identity))
                .chain((0..r.credentials.len() as u32).map(Thing::Credential))
                .chain((0..self.contexts.len() as u32).map(Thing::Context));
            for thing in things {
                at.insert(thing, graph.add_node(thing));
            }
            let mut edge = |a: Thing, b: Thing, kind| {
                if let (Some(&a), Some(&b)) = (at.get(&a), at.get(&b)) {
                    graph.add_edge(a, b, kind);
                }
            };
            for (c, i) in self.identity_of.iter().enumerate() {
                if let Some(i) = i {
                    edge(Thing::Credential(c as u32), Thing::Identity(*i), "authenticates");
                }
            }
            for (g, holder) in self.grant_holder.iter().enumerate() {
                let from = match holder {
                    Holder::Credential(c) => Thing::Credential(*c),
                    Holder::Identity(i) => Thing::Identity(*i),
                };
                edge(from, Thing::System(self.grant_system[g]), "grant");
            }
            for (x, &from) in self.exposure_from.iter().enumerate() {
                edge(from, self.exposure_yields[x], "exposure");
            }
            for (n, from) in self.inherit_from.iter().enumerate() {
                if let Some(from) = from {
                    edge(Thing::Identity(*from), Thing::Identity(self.inherit_to[n]), "inherit");
                }
            }
            for (t, &from) in self.trust_from.iter().enumerate() {
                edge(Thing::System(from), Thing::System(self.trust_to[t]), "trust");
            }
            graph
        })
    }
}

/// Requirements with their systems resolved, sorted by system id and scope and without repeats.
pub(crate) fn resolve_requirements(requires: &[Requirement], system: impl Fn(&str) -> Option<u32>) -> Vec<Premise> {
    let mut sorted: Vec<&Requirement> = requires.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
        .into_iter()
        .filter_map(|q| {
            system(&q.system).map(|s| Premise {
                system: s,
                scope: q.scope.clone(),
            })
        })
        .collect()
}
