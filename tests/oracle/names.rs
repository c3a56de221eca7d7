//! How relations are called, and when two are the same.

use super::doc::{RELATIONS, items, text};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// "**Relations** are equal when they agree in all but `id`, `last_used_at`, `evidence`, `used_scopes` and `attributes`
/// (a field left out equals its default, an empty `except`, `requires` or `requires_all` one left out; lists compare
/// as sets)". What is left of a relation after that.
pub fn compared(record: &Value) -> Value {
    let mut left = Map::new();
    for (field, value) in record.as_object().into_iter().flatten() {
        let besides = ["id", "last_used_at", "evidence", "used_scopes", "attributes"].contains(&field.as_str());
        let default = match field.as_str() {
            "intended" => value == &Value::Bool(true),
            "assumed" => value == &Value::Bool(false),
            "except" | "requires" | "requires_all" => value.as_array().is_some_and(Vec::is_empty),
            _ => false,
        };
        if !besides && !default && !value.is_null() {
            left.insert(field.clone(), as_set(value));
        }
    }
    Value::Object(left)
}

/// "lists sorted by their JSON text without repeats"
fn as_set(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let sorted: BTreeMap<String, Value> = elements
                .iter()
                .map(|e| {
                    let e = as_set(e);
                    (e.to_string(), e)
                })
                .collect();
            Value::Array(sorted.into_values().collect())
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(_, v)| !v.is_null())
                .map(|(k, v)| (k.clone(), as_set(v)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// "the first 8 hex digits of the SHA-256 of its compared fields as RFC 8785 JSON". The members of a `Value` are
/// sorted, and it is written without blanks and with the escapes of RFC 8785; no numbers occur in compared fields.
pub fn hash(record: &Value) -> String {
    let digest = Sha256::digest(compared(record).to_string().as_bytes());
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// "A relation's name is its stated id, else `grant:HOLDER->SYSTEM`, `exposure:FROM->TARGET` (a context as
/// `context:NAME`), `inherit:FROM->TO` (`*` where it names none) or `trust:FROM->TO`."
pub fn plain_name(kind: &str, record: &Value) -> String {
    if let Some(id) = text(record, "id") {
        return id;
    }
    let field = |f: &str| text(record, f).unwrap_or_default();
    match kind {
        "grants" => format!("grant:{}->{}", field("holder"), field("system")),
        "exposures" => {
            let from = ["system", "credential", "identity"]
                .iter()
                .find_map(|f| text(record, f));
            let yields = record.get("yields").unwrap_or(&Value::Null);
            let target = text(yields, "credential")
                .or_else(|| text(yields, "identity"))
                .or_else(|| text(yields, "context").map(|name| format!("context:{name}")));
            format!("exposure:{}->{}", from.unwrap_or_default(), target.unwrap_or_default())
        }
        "inherits" => format!(
            "inherit:{}->{}",
            text(record, "from").unwrap_or_else(|| "*".to_owned()),
            field("to")
        ),
        _ => format!("trust:{}->{}", field("from"), field("to")),
    }
}

/// The final names of all relations of a document, by kind, in the order of its lists.
pub fn names(doc: &Value) -> BTreeMap<String, Vec<String>> {
    let all: Vec<(&str, &Value)> = RELATIONS
        .iter()
        .flat_map(|kind| items(doc, kind).iter().map(move |r| (*kind, r)))
        .collect();
    let mut sharing: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, (kind, record)) in all.iter().enumerate() {
        sharing.entry(plain_name(kind, record)).or_default().push(n);
    }
    let mut out: BTreeMap<String, Vec<String>> = RELATIONS.iter().map(|k| ((*k).to_owned(), Vec::new())).collect();
    for (n, (kind, record)) in all.iter().enumerate() {
        let plain = plain_name(kind, record);
        let same = &sharing[&plain];
        // "Where several share a name, each but the first with that stated id is called `NAME#hhhhhhhh`"
        let keeps = same
            .iter()
            .find(|m| text(all[**m].1, "id").as_deref() == Some(plain.as_str()));
        let name = if same.len() == 1 || keeps == Some(&n) {
            plain
        } else {
            format!("{plain}#{}", hash(record))
        };
        out.get_mut(*kind).expect("every kind has a list").push(name);
    }
    out
}

/// Names "that several share and none states": a reference to one of them is an error.
pub fn shared_names(doc: &Value) -> Vec<String> {
    let mut plain: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for kind in RELATIONS {
        for record in items(doc, kind) {
            let entry = plain.entry(plain_name(kind, record)).or_default();
            entry.0 += 1;
            entry.1 |= text(record, "id").is_some();
        }
    }
    plain
        .into_iter()
        .filter(|(_, (count, stated))| *count > 1 && !stated)
        .map(|(name, _)| name)
        .collect()
}

/// The document with every relation's name written down as its id, so that editing one record renames no other.
pub fn stamped(doc: &Value) -> Value {
    let names = names(doc);
    let mut out = doc.clone();
    for kind in RELATIONS {
        if let Some(list) = out.get_mut(kind).and_then(Value::as_array_mut) {
            for (record, name) in list.iter_mut().zip(&names[kind]) {
                record["id"] = Value::String(name.clone());
            }
        }
    }
    out
}
