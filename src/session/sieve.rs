//! What the filter lets through, and what of the map is shown: as it is, as a shadow, or not at all.

use super::TableKind;
use super::derive::{Question, Reach};
use super::judged::Concerned;
use super::table::{self, Rows};
use crate::graph::Thing;
use crate::scene::{Dim, MapPicture};
use std::collections::HashSet;
use std::sync::Arc;

/// The rows that are sifted. They are kept while only the filter changes: at a hundred thousand records they take longer
/// than the sifting.
#[derive(Default)]
pub struct Sifted {
    of: Option<(Question, Option<Arc<Concerned>>)>,
    rows: Vec<Rows>,
}

impl Sifted {
    fn rows(&mut self, q: &Question, reach: &Reach, concerned: Option<&Arc<Concerned>>) -> &[Rows] {
        let same = |(of, with): &(Question, Option<Arc<Concerned>>)| {
            of.same_reach(q) && with.as_ref().map(Arc::as_ptr) == concerned.map(Arc::as_ptr)
        };
        if !self.of.as_ref().is_some_and(same) {
            let kinds = [TableKind::Systems, TableKind::Credentials, TableKind::Identities];
            let rows = |kind| table::rows(q, reach, kind, None, concerned.map(Arc::as_ref));
            self.rows = kinds.map(rows).into();
            self.of = Some((q.clone(), concerned.cloned()));
        }
        &self.rows
    }
}

/// The things that pass the filter; nothing where it asks nothing.
pub fn passing(
    q: &Question,
    reach: &Reach,
    concerned: Option<&Arc<Concerned>>,
    sifted: &mut Sifted,
) -> Option<HashSet<Thing>> {
    let filter = &q.table.filter;
    if filter.is_empty() {
        return None;
    }
    let mut out = HashSet::new();
    for rows in sifted.rows(q, reach, concerned) {
        out.extend(
            rows.all
                .iter()
                .filter(|r| rows.passes(r, filter))
                .filter_map(|r| r.thing),
        );
    }
    Some(out)
}

/// How much of each node of a map is shown; nothing where all is.
pub fn dims(
    q: &Question,
    reach: &Reach,
    picture: &MapPicture,
    concerned: Option<&Arc<Concerned>>,
    sifted: &mut Sifted,
) -> Vec<Dim> {
    let passing = passing(q, reach, concerned, sifted);
    let alone = q
        .isolated
        .as_deref()
        .and_then(|id| q.estate.graph.find(id))
        .and_then(|t| picture.find(t));
    if passing.is_none() && q.hidden.is_empty() && alone.is_none() {
        return Vec::new();
    }
    let path: HashSet<u32> = alone.map(|i| picture.path(i)).into_iter().flatten().collect();
    let stands = |i: u32| match alone {
        None => true,
        Some(one) => path.contains(&i) || picture.path(i).contains(&one),
    };
    (0..picture.nodes.len() as u32)
        .map(|i| {
            let n = &picture.nodes[i as usize];
            if q.hidden.contains(&n.id) || !stands(i) {
                Dim::Hidden
            } else if passing.as_ref().is_some_and(|p| !p.contains(&n.thing)) {
                Dim::Faded
            } else {
                Dim::Shown
            }
        })
        .collect()
}
