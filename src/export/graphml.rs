//! An inventory as a GraphML graph: systems, identities, credentials and contexts are nodes, relations are edges. An
//! inherit from any identity is an edge from the node `*`.

use super::rows::rows;
use crate::model::{Inventory, Yields};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Keys of nodes and edges; all are texts.
const NODE_KEYS: [&str; 5] = ["class", "name", "kind", "platform", "environment"];
const EDGE_KEYS: [&str; 6] = ["relation", "label", "scopes", "how", "intended", "assumed"];

/// The graph as text.
#[must_use]
pub fn graphml(inventory: &Inventory) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (element, keys) in [("node", &NODE_KEYS[..]), ("edge", &EDGE_KEYS[..])] {
        for key in keys {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(
                out,
                "  <key id=\"{key}\" for=\"{element}\" attr.name=\"{key}\" attr.type=\"string\"/>"
            );
        }
    }
    out.push_str("  <graph id=\"trustmap\" edgedefault=\"directed\">\n");
    let records = &inventory.records;
    for s in &records.systems {
        let texts = [
            Some("system"),
            s.name.as_deref(),
            s.kind.as_deref(),
            s.platform.as_deref(),
            s.environment.as_deref(),
        ];
        node(&mut out, &s.id, texts);
    }
    for i in &records.identities {
        let kind = i.kind.map(|k| k.as_str());
        node(
            &mut out,
            &i.id,
            [
                Some("identity"),
                i.name.as_deref(),
                kind,
                i.platform.as_deref(),
                i.environment.as_deref(),
            ],
        );
    }
    for c in &records.credentials {
        let kind = c.kind.map(|k| k.as_str());
        node(
            &mut out,
            &c.id,
            [Some("credential"), c.name.as_deref(), kind, None, None],
        );
    }
    let yielded = records.exposures.iter().filter_map(|e| match &e.yields {
        Yields::Context(name) => Some(name.as_str()),
        _ => None,
    });
    let contexts: BTreeSet<&str> = yielded.collect();
    for name in contexts {
        node(
            &mut out,
            &format!("context:{name}"),
            [Some("context"), Some(name), None, None, None],
        );
    }
    if records.inherits.iter().any(|i| i.from.is_none()) {
        node(
            &mut out,
            "*",
            [Some("identity"), Some("any identity"), None, None, None],
        );
    }
    for row in rows(records) {
        let from = if row.from.is_empty() && row.kind == "inherit" {
            "*"
        } else {
            row.from
        };
        let name = row.name.to_string();
        let _ = writeln!(
            out,
            "    <edge id=\"{}\" source=\"{}\" target=\"{}\">",
            escape(&name),
            escape(from),
            escape(&row.to)
        );
        let scopes = row.scopes.join(" | ");
        let texts = [
            Some(row.kind),
            Some(name.as_str()),
            Some(scopes.as_str()).filter(|s| !s.is_empty()),
            row.how,
            Some(if row.common.is_intended() { "true" } else { "false" }),
            Some(if row.common.is_assumed() { "true" } else { "false" }),
        ];
        data(&mut out, &EDGE_KEYS, &texts);
        out.push_str("    </edge>\n");
    }
    out.push_str("  </graph>\n</graphml>\n");
    out
}

fn node(out: &mut String, id: &str, texts: [Option<&str>; 5]) {
    let _ = writeln!(out, "    <node id=\"{}\">", escape(id));
    data(out, &NODE_KEYS, &texts);
    out.push_str("    </node>\n");
}

fn data(out: &mut String, keys: &[&str], texts: &[Option<&str>]) {
    for (key, text) in keys.iter().zip(texts) {
        if let Some(text) = text {
            let _ = writeln!(out, "      <data key=\"{key}\">{}</data>", escape(text));
        }
    }
}

/// A text in XML: markup escaped; characters XML cannot hold stand as U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
