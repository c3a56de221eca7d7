//! An inventory as a graph in the DOT language of Graphviz: the shapes of the map, dashed where a relation is assumed.

use super::rows::rows;
use crate::model::{Criticality, Inventory};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The graph as text.
#[must_use]
pub fn dot(inventory: &Inventory) -> String {
    let mut out = String::from("digraph trustmap {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    let records = &inventory.records;
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for s in &records.systems {
        let crown = s.criticality == Some(Criticality::CrownJewel);
        let more = if crown { ", peripheries=2" } else { "" };
        node(&mut out, &s.id, s.name.as_deref().unwrap_or(&s.id), "box", more);
        known.insert(&s.id);
    }
    for i in &records.identities {
        node(&mut out, &i.id, i.name.as_deref().unwrap_or(&i.id), "ellipse", "");
        known.insert(&i.id);
    }
    for c in &records.credentials {
        node(&mut out, &c.id, c.name.as_deref().unwrap_or(&c.id), "diamond", "");
        known.insert(&c.id);
    }
    let mut others: BTreeSet<String> = BTreeSet::new();
    let mut edges = String::new();
    for row in rows(records) {
        let from = if row.from.is_empty() { "*" } else { row.from };
        for end in [from, row.to.as_str()] {
            if !known.contains(end) {
                others.insert(end.to_owned());
            }
        }
        let style = match (row.common.is_assumed(), row.common.is_intended()) {
            (true, _) => ", style=dashed",
            (false, false) => ", color=orange",
            (false, true) => "",
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            edges,
            "  {} -> {} [label={}{style}];",
            quoted(from),
            quoted(&row.to),
            quoted(row.kind)
        );
    }
    // Contexts, and the node that stands for anyone.
    for end in &others {
        let name = end.strip_prefix("context:").unwrap_or(end);
        node(&mut out, end, if end == "*" { "anyone" } else { name }, "hexagon", "");
    }
    out.push_str(&edges);
    out.push_str("}\n");
    out
}

fn node(out: &mut String, id: &str, label: &str, shape: &str, more: &str) {
    let _ = writeln!(out, "  {} [label={}, shape={shape}{more}];", quoted(id), quoted(label));
}

/// A quoted string: quotes and backslashes escaped, so that no name can end it, and line breaks as blanks.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_its_quotes() {
        for (text, written) in [
            ("plain", r#""plain""#),
            (r#"a"];evil"#, r#""a\"];evil""#),
            (r"back\", r#""back\\""#),
            ("two\nlines", "\"two lines\""),
        ] {
            assert_eq!(quoted(text), written);
        }
    }
}
