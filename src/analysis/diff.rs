//! Two inventories compared: what appeared, went and changed, and what that did to the radii.

use super::{Cancel, Cancelled, Held, close, fact::Fact, live};
use crate::graph::{Overlay, Settings, Thing, TrustGraph, World};
use crate::model::{Exposure, Grant, Inherit, Inventory, Named, Trust};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of record, in the order of the documents.
pub const KINDS: [&str; 7] = [
    "systems",
    "identities",
    "credentials",
    "grants",
    "exposures",
    "inherits",
    "trusts",
];

/// Ids of entities and names of relations, by kind in the order of [`KINDS`]; each list sorted.
pub type ByKind = [Vec<String>; 7];

/// What one credential alone opens in one inventory and in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RadiusChange {
    /// The credential.
    pub id: String,
    /// Systems before; `None` where it was not there or did not work.
    pub before: Option<u64>,
    /// Systems after; `None` where it is not there or does not work.
    pub after: Option<u64>,
    /// Ids of systems that it opens now and did not, sorted.
    pub gained: Vec<String>,
    /// Ids of systems that it opened and does not, sorted.
    pub lost: Vec<String>,
}

/// What differs between two inventories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// In the new one alone.
    pub added: ByKind,
    /// In the old one alone.
    pub removed: ByKind,
    /// In both, and something that a source states of it differs; relations by their name in the new one.
    pub changed: ByKind,
    /// Live credentials that open other systems than before, by id.
    pub radii: Vec<RadiusChange>,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two inventories, both under the same settings: what differs is theirs and not the clock's.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn diff(old: &TrustGraph, new: &TrustGraph, settings: Settings, cancel: &dyn Cancel) -> Result<Diff, Cancelled> {
    let mut out = records(old.inventory(), new.inventory());
    let (before, after) = (opened(old, settings, cancel)?, opened(new, settings, cancel)?);
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = BTreeSet::new();
    for id in ids {
        let (b, a) = (before.get(id), after.get(id));
        if b == a {
            continue;
        }
        let (had, has) = (b.unwrap_or(&none), a.unwrap_or(&none));
        out.radii.push(RadiusChange {
            id: id.clone(),
            before: b.map(|s| s.len() as u64),
            after: a.map(|s| s.len() as u64),
            gained: has.difference(had).map(|s| (*s).to_owned()).collect(),
            lost: had.difference(has).map(|s| (*s).to_owned()).collect(),
        });
    }
    Ok(out)
}

/// What every live credential alone opens, by ids.
fn opened<'g>(
    graph: &'g TrustGraph,
    settings: Settings,
    cancel: &dyn Cancel,
) -> Result<BTreeMap<String, BTreeSet<&'g str>>, Cancelled> {
    let nothing = Overlay::default();
    let world = World::new(graph, &nothing, settings);
    let r = &graph.inventory().records;
    let all = (0..r.credentials.len() as u32).into_par_iter();
    let found: Vec<Option<(String, BTreeSet<&'g str>)>> = all
        .map(|c| {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            if !live(world, c, Held::Copy) {
                return Ok(None);
            }
            let closure = close::<false>(world, &[Thing::Credential(c)], cancel)?;
            let systems = closure.facts.iter().filter_map(|f| match f {
                Fact::Access(s, _) => Some(&*r.systems[*s as usize].id),
                _ => None,
            });
            Ok(Some((r.credentials[c as usize].id.to_string(), systems.collect())))
        })
        .collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// What differs in the records, places apart.
fn records(old: &Inventory, new: &Inventory) -> Diff {
    let (o, n) = (&old.records, &new.records);
    let mut out = Diff::default();
    macro_rules! entities {
        ($at:literal, $list:ident) => {{
            let before: BTreeMap<&str, _> = o.$list.iter().map(|r| (&*r.id, r)).collect();
            let after: BTreeMap<&str, _> = n.$list.iter().map(|r| (&*r.id, r)).collect();
            for (id, record) in &after {
                match before.get(id) {
                    None => out.added[$at].push((*id).to_owned()),
                    Some(was) => {
                        let (mut a, mut b) = ((*was).clone(), (*record).clone());
                        a.places = Default::default();
                        b.places = Default::default();
                        if a != b {
                            out.changed[$at].push((*id).to_owned());
                        }
                    }
                }
            }
            let gone = before.keys().filter(|id| !after.contains_key(*id));
            out.removed[$at].extend(gone.map(|id| (*id).to_owned()));
        }};
    }
    entities!(0, systems);
    entities!(1, identities);
    entities!(2, credentials);
    relations(3, &o.grants, &n.grants, &mut out);
    relations(4, &o.exposures, &n.exposures, &mut out);
    relations(5, &o.inherits, &n.inherits, &mut out);
    relations(6, &o.trusts, &n.trusts, &mut out);
    out
}

/// A relation of any kind.
trait Relation: Clone + PartialEq + Named {
    /// What it is called by its ends, whether a source states an id or not.
    fn called(&self) -> String {
        let common = self.common();
        match &common.id {
            Some(id) => format!("id {id}"),
            // A name that several share ends with a hash of the fields: without it it is that of the ends.
            None => {
                let name = self.name().to_string();
                match name.rsplit_once('#') {
                    Some((stem, hash)) if hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
                        stem.to_owned()
                    }
                    _ => name,
                }
            }
        }
    }
    /// Itself without what is no statement about it.
    fn stated(&self) -> Self {
        let mut out = self.clone();
        let common = out.common_mut();
        common.places = Default::default();
        common.forget_name();
        out
    }
}

macro_rules! relation {
    ($($kind:ty),+) => {
        $(impl Relation for $kind {
        })+
    };
}

relation!(Grant, Exposure, Inherit, Trust);

/// Relations between the same ends are paired: first those that are alike, then one by one in the order of their names.
fn relations<R: Relation>(at: usize, old: &[R], new: &[R], out: &mut Diff) {
    let mut before: BTreeMap<String, Vec<&R>> = BTreeMap::new();
    for r in old {
        before.entry(r.called()).or_default().push(r);
    }
    let mut after: BTreeMap<String, Vec<&R>> = BTreeMap::new();
    for r in new {
        after.entry(r.called()).or_default().push(r);
    }
    let called: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for called in called {
        let mut was: Vec<&R> = before.get(called).cloned().unwrap_or_default();
        let mut left = Vec::new();
        for r in after.get(called).into_iter().flatten() {
            let stated = r.stated();
            match was.iter().position(|w| w.stated() == stated) {
                Some(same) => {
                    was.remove(same);
                }
                None => left.push(*r),
            }
        }
        let both = was.len().min(left.len());
        let name = |r: &R| r.name().to_string();
        out.changed[at].extend(left.iter().take(both).map(|r| name(r)));
        out.added[at].extend(left.iter().skip(both).map(|r| name(r)));
        out.removed[at].extend(was.iter().skip(both).map(|r| name(r)));
    }
    for list in [&mut out.added[at], &mut out.removed[at], &mut out.changed[at]] {
        list.sort();
    }
}
