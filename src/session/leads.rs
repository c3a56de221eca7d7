//! Two things more that the inspector says: who could reach a system, each by its last hop, and what a holder is granted
//! beyond what is used. Worked out last, since they ask the whole estate.

use super::derive::{Question, Reach};
use super::words;
use crate::analysis::{Cancel, exposed_to};
use crate::export::words as said;
use crate::findings::least_privilege;
use crate::graph::{Thing, World};
use crate::scenario::{Action, Flows};

/// How many of those who could reach a system are listed.
const MOST: usize = 12;

/// A live credential that alone reaches a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Hops to the system.
    pub hops: u32,
    /// The name of the last thing before it.
    pub by: String,
    /// The relations of the last hop, by name.
    pub records: Vec<String>,
}

/// Who alone reaches a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leads {
    /// The nearest.
    pub first: Vec<Lead>,
    /// How many there are.
    pub all: u64,
}

/// What can be taken off a grant without breaking anything that is in use or may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Excess {
    /// What would be done.
    pub action: Action,
    /// In words.
    pub title: String,
    /// The scopes that go.
    pub unused: Vec<String>,
    /// Systems that its holder alone reaches, before and after.
    pub systems: (u64, u64),
    /// Idle flows that stop.
    pub idle: u64,
}

/// Who alone reaches a system, with the scenario; nothing for other things. Nothing at all where it was cancelled.
pub fn leads(q: &Question, reach: &Reach, thing: Thing, cancel: &dyn Cancel) -> Option<Option<Leads>> {
    if !matches!(thing, Thing::System(_)) {
        return Some(None);
    }
    let (first, all) = exposed_to(&q.estate.graph, &reach.overlay, q.settings, thing, MOST, cancel).ok()?;
    let inventory = q.estate.inventory();
    let name = |id: &str| words::name_of(inventory, id).to_owned();
    Some(Some(Leads {
        all,
        first: first
            .into_iter()
            .map(|x| Lead {
                name: name(&x.credential),
                by: name(&x.from),
                id: x.credential,
                hops: x.hops,
                records: x.records,
            })
            .collect(),
    }))
}

/// What a credential or an identity is granted beyond what is used, its groups' grants left out: they serve others too.
/// `flows` are those with the scenario. Nothing where it was cancelled.
pub fn excess(q: &Question, reach: &Reach, flows: &Flows, thing: Thing, cancel: &dyn Cancel) -> Option<Vec<Excess>> {
    let graph = &q.estate.graph;
    let mut grants: Vec<u32> = match thing {
        Thing::Credential(c) => {
            let identity = graph.identity_of[c as usize];
            let own = graph.grants_of_credential.of(c).iter();
            own.chain(identity.iter().flat_map(|&i| graph.grants_of_identity.of(i)))
                .copied()
                .collect()
        }
        Thing::Identity(i) => graph.grants_of_identity.of(i).to_vec(),
        Thing::System(_) | Thing::Context(_) => Vec::new(),
    };
    grants.sort_unstable();
    let world = World::new(graph, &reach.overlay, q.settings);
    let mut out = Vec::new();
    for g in grants {
        if let Some(least) = least_privilege(world, flows, g, cancel).ok()? {
            out.push(Excess {
                title: said::action(graph, &least.action),
                action: least.action,
                unused: least.unused,
                systems: least.systems,
                idle: least.broken.len() as u64,
            });
        }
    }
    Some(out)
}
