//! What differs between two inventories, as members of the `trustmap-diff` document, in the documentation's order.

use crate::analysis::{ByKind, Diff, KINDS};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The members after the head.
#[derive(Serialize)]
pub struct DiffMembers<'a> {
    added: Kinds<'a>,
    removed: Kinds<'a>,
    changed: Kinds<'a>,
    radii: Vec<RadiusJson<'a>>,
}

struct Kinds<'a>(&'a ByKind);

impl Serialize for Kinds<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(KINDS.len()))?;
        for (kind, ids) in KINDS.iter().zip(self.0) {
            map.serialize_entry(kind, ids)?;
        }
        map.end()
    }
}

/// A credential with the number of systems it alone opens; left out where it is not there or does not work.
#[derive(Serialize)]
struct RadiusJson<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
}

/// The members after the head.
#[must_use]
pub fn diff_members(diff: &Diff) -> DiffMembers<'_> {
    let radii = diff.radii.iter().map(|r| RadiusJson {
        id: &r.id,
        before: r.before,
        after: r.after,
    });
    DiffMembers {
        added: Kinds(&diff.added),
        removed: Kinds(&diff.removed),
        changed: Kinds(&diff.changed),
        radii: radii.collect(),
    }
}
