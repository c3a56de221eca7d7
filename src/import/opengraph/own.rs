//! What trustmap wrote itself: nodes and edges that hold their record in the native format as a property, so that a map
//! that went to BloodHound comes back as it was.

use super::super::native::{FORMAT, Native, VERSION};
use super::super::{Doing, Importer, Input, Progress};
use super::stated::Spot;
use crate::import::tree;
use crate::model::{Diagnostic, FileId, Fragment, Place};
use serde_json::{Map, Value};
use std::fmt::Write;

/// The property that holds a record.
pub const PROPERTY: &str = "trustmap";
/// The kind of a node that is a system.
pub const SYSTEM: &str = "TM_System";
/// The kind of a node that is an identity.
pub const IDENTITY: &str = "TM_Identity";
/// The kind of a node that is a credential.
pub const CREDENTIAL: &str = "TM_Credential";
/// The kind of a node that is a context, stands for any identity, or is about the inventory itself.
pub const CONTEXT: &str = "TM_Context";
/// The kind of an edge that is a grant.
pub const GRANT: &str = "TM_Grant";
/// The kind of an edge that is an exposure.
pub const EXPOSURE: &str = "TM_Exposure";
/// The kind of an edge that is an inherit.
pub const INHERIT: &str = "TM_Inherit";
/// The kind of an edge that is a trust.
pub const TRUST: &str = "TM_Trust";

/// The kind all nodes have that we write beside nodes of ours; it says nothing of those that were there before.
pub const OWN_SOURCE: &str = "TrustMap";

/// Kinds in the order of the native format's lists.
const KINDS: [(&str, &str); 7] = [
    (SYSTEM, "systems"),
    (IDENTITY, "identities"),
    (CREDENTIAL, "credentials"),
    (GRANT, "grants"),
    (EXPOSURE, "exposures"),
    (INHERIT, "inherits"),
    (TRUST, "trusts"),
];

/// An id without the `:` that BloodHound does not take; two ids stay two.
#[must_use]
pub fn escape(id: &str) -> String {
    id.replace('%', "%25").replace(':', "%3A")
}

/// The records a file holds, as text, and where they stand.
#[derive(Default)]
pub struct Own {
    lists: [Vec<(String, &'static str, Spot)>; 7],
    header: Option<Map<String, Value>>,
}

impl Own {
    /// Takes a node or an edge of ours; false where it is somebody else's.
    pub fn take(
        &mut self,
        kinds: &[impl AsRef<str>],
        properties: Option<&tree::Value>,
        list: &'static str,
        at: Spot,
    ) -> bool {
        let Some(tree::Value::String(text)) = properties.and_then(|p| p.get(PROPERTY)) else {
            return false;
        };
        let kinds = kinds.iter().map(AsRef::as_ref);
        let Ok(record) = serde_json::from_str::<Map<String, Value>>(text) else {
            return false;
        };
        if kinds.clone().any(|k: &str| k == CONTEXT) {
            // The record of the inventory itself; contexts and "any identity" hold an empty one.
            if !record.is_empty() {
                self.header = Some(record);
            }
            return true;
        }
        let Some(i) = KINDS.iter().position(|(kind, _)| kinds.clone().any(|k| k == *kind)) else {
            return false;
        };
        self.lists[i].push((text.to_string(), list, at));
        true
    }

    /// Adds those of another part of the file.
    pub fn absorb(&mut self, other: Self) {
        for (list, more) in self.lists.iter_mut().zip(other.lists) {
            list.extend(more);
        }
        self.header = other.header.or(self.header.take());
    }

    /// The records, read as the native format is, with the places where they stand in this file.
    pub fn read(self, input: &Input) -> Fragment {
        if self.header.is_none() && self.lists.iter().all(Vec::is_empty) {
            return Fragment::default();
        }
        let mut text = format!("{{\"format\": \"{FORMAT}\", \"version\": {VERSION}");
        for (key, value) in self.header.into_iter().flatten() {
            if key != "format" && key != "version" && KINDS.iter().all(|(_, list)| *list != key) {
                let _ = write!(text, ", {}: {value}", Value::String(key.to_string()));
            }
        }
        for ((_, list), records) in KINDS.iter().zip(&self.lists) {
            let records: Vec<&str> = records.iter().map(|(text, ..)| text.as_str()).collect();
            let _ = write!(text, ", \"{list}\": [{}]", records.join(", "));
        }
        text.push('}');
        let quiet = Quiet(input);
        let mut fragment = Native.read(&Input::new(input.name, input.file, &text, &quiet));
        let spots = self.lists.map(|list| {
            let spots: Vec<(&'static str, Spot)> = list.into_iter().map(|(_, list, at)| (list, at)).collect();
            spots
        });
        let moved = |place: &Place| moved(place, &spots, input.file);
        for diagnostic in &mut fragment.diagnostics {
            for place in diagnostic.place.iter_mut().chain(&mut diagnostic.also) {
                *place = moved(place);
            }
        }
        for place in fragment.records.places_mut() {
            *place = moved(place);
        }
        if let Some(why) = fragment.refused.take() {
            fragment
                .diagnostics
                .push(Diagnostic::error("own-record", input.whole(), why));
        }
        fragment
    }
}

/// Where something of the native text stands in the file.
fn moved(place: &Place, spots: &[Vec<(&'static str, Spot)>; 7], file: FileId) -> Place {
    let mut steps = place.pointer.split('/').skip(1);
    let list = steps.next().and_then(|l| KINDS.iter().position(|(_, name)| *name == l));
    let index: Option<usize> = steps.next().and_then(|i| i.parse().ok());
    match list.zip(index).and_then(|(list, i)| spots[list].get(i)) {
        Some((list, at)) => at.place(file, list),
        None => Place::new(file, ""),
    }
}

/// Reading the text again is not heard, but can be stopped.
struct Quiet<'q, 'a>(&'q Input<'a>);

impl Progress for Quiet<'_, '_> {
    fn report(&self, _: Doing<'_>, _: u64, _: u64) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ids_stay_two() {
        assert_eq!(escape("aws:a%3Ab"), "aws%3Aa%253Ab");
        assert_ne!(escape("a:b"), escape("a%3Ab"));
        assert!(!escape("context::x").contains(':'));
    }
}
