//! Which grants serve whom: a credential's own, and those of its identity and of all groups that one belongs to.

use super::fact::RelationIx;
use crate::graph::World;
use std::rc::Rc;

/// Identities with the chain of memberships that leads to each.
pub(super) type Groups = Rc<Vec<(u32, Vec<u32>)>>;

/// The grants that serve a credential or an identity: (system, grant, position in its groups or `OWN`), by system.
pub(super) type Served = Rc<(Groups, Vec<(u32, u32, u32)>)>;

/// A grant of the credential itself, not by any identity.
const OWN: u32 = u32::MAX;

/// The grants of a list that are on one system; the list is sorted by system.
pub(super) fn grants_at(served: &[(u32, u32, u32)], s: u32) -> &[(u32, u32, u32)] {
    let start = served.partition_point(|x| x.0 < s);
    let end = start + served[start..].partition_point(|x| x.0 == s);
    &served[start..end]
}

pub(super) fn served(world: World<'_>, c: Option<u32>, groups: &Groups) -> Vec<(u32, u32, u32)> {
    let graph = world.graph;
    let mut found = Vec::new();
    let mut add = |grants: &[u32], group: u32| {
        // Where few grants count at all, those are looked for among the holder's and not the other way round: both are
        // in order.
        let few = world.only_grants().filter(|few| few.len() < grants.len());
        let (list, among) = few.map_or((grants, None), |few| (few, Some(grants)));
        let mine = |g: &u32| among.is_none_or(|grants| grants.binary_search(g).is_ok());
        found.extend(
            list.iter()
                .filter(|&g| mine(g) && world.has_grant(*g))
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
pub(super) fn with(groups: &Groups, group: u32, g: u32) -> Vec<RelationIx> {
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

pub(super) fn first_of_each(records: impl Iterator<Item = RelationIx>) -> Vec<RelationIx> {
    let mut out: Vec<RelationIx> = Vec::new();
    for record in records {
        if !out.contains(&record) {
            out.push(record);
        }
    }
    out
}
