//! The JSON documents: their common head, and how they are written. Two-space indent, one final newline, non-ASCII as
//! it is, members in the order of their structures; what has no value is left out.

mod head;

pub use head::{DiagnosticJson, Head, InputJson, RecordsJson, ToolJson, sort_diagnostics};

use serde::Serialize;

/// A document as text.
#[must_use]
pub fn to_text(document: &impl Serialize) -> String {
    // Structures of texts, numbers and lists cannot fail to be written.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
