//! Several fragments to one inventory: entities united, equal relations one, references checked, relations named.

use super::*;

/// Puts fragments together in the order given. Lists come out sorted; the diagnostics are those of the merge alone.
#[must_use]
pub fn merge(fragments: Vec<(FileId, Fragment)>) -> (Inventory, Vec<Diagnostic>) {
    let _ = fragments;
    (
        Inventory::from_merged(None, None, Records::default(), Extra::new()),
        Vec::new(),
    )
}
