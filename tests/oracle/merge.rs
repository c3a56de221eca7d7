//! Several inventories as one: section 1 of the trust model, from "Several inventories load as one" to the scope
//! patterns.

use super::doc::{ENTITIES, RELATIONS, items, text};
use super::names::{compared, names, plain_name};
use super::world::time;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One inventory out of several.
#[derive(Clone, Debug)]
pub struct Merged {
    /// In a canonical form: entities by id, relations by name, lists sorted and without repeats, times in UTC, and
    /// what equals its default in a relation left out.
    pub document: Value,
    /// "reported as a conflict": the record's id or name and the field.
    pub conflicts: BTreeSet<(String, String)>,
    /// What was left out, likewise.
    pub errors: BTreeSet<(String, String)>,
}

/// Loads the files in the order given. Their names are for the reader of a failure only.
pub fn merge(files: &[(&str, Value)]) -> Merged {
    let mut merger = Merger::default();
    for (_, file) in files {
        for kind in ENTITIES {
            for record in items(file, kind) {
                merger.entity(kind, record);
            }
        }
    }
    merger.unite_entities();
    for (_, file) in files {
        for kind in RELATIONS {
            for record in items(file, kind) {
                merger.relation(kind, record);
            }
        }
    }
    merger.unite_relations();
    merger.same_ids();
    let mut document = json!({"format": "trustmap-inventory", "version": 1});
    // "the largest `as_of` of the loaded files"
    if let Some(as_of) = files
        .iter()
        .filter_map(|(_, file)| text(file, "as_of"))
        .map(|t| time(&t))
        .max()
    {
        document["as_of"] = json!(as_of.to_string());
    }
    for kind in ENTITIES {
        let mut list = merger.entities.remove(kind).unwrap_or_default();
        list.sort_by_key(|r| text(r, "id"));
        document[kind] = list.iter().map(canonical).collect();
    }
    for kind in RELATIONS {
        document[kind] = merger
            .relations
            .remove(kind)
            .unwrap_or_default()
            .iter()
            .map(canonical)
            .collect();
    }
    let names = names(&document);
    for kind in RELATIONS {
        let list = document[kind].as_array_mut().expect("it was just made");
        let mut named: Vec<(&String, Value)> = names[kind].iter().zip(std::mem::take(list)).collect();
        // A name comes before the same name with a hash, so the first with a stated id stays the first.
        named.sort_by_key(|(name, _)| *name);
        *list = named.into_iter().map(|(_, record)| record).collect();
    }
    Merged {
        document,
        conflicts: merger.conflicts,
        errors: merger.errors,
    }
}

#[derive(Default)]
struct Merger {
    entities: BTreeMap<&'static str, Vec<Value>>,
    relations: BTreeMap<&'static str, Vec<Value>>,
    kinds: BTreeMap<String, &'static str>,
    conflicts: BTreeSet<(String, String)>,
    errors: BTreeSet<(String, String)>,
}

impl Merger {
    fn error(&mut self, record: &str, field: &str) {
        self.errors.insert((record.to_owned(), field.to_owned()));
    }

    fn entity(&mut self, kind: &'static str, record: &Value) {
        let Some(id) = text(record, "id") else {
            self.error("", "id");
            return;
        };
        // "may not begin with `context:`"; "The same id for two kinds of entity is an error, and the first stays."
        if id.starts_with("context:") || *self.kinds.entry(id.clone()).or_insert(kind) != kind {
            self.error(&id, "id");
            return;
        }
        self.entities.entry(kind).or_default().push(without_nulls(record));
    }

    fn unite_entities(&mut self) {
        for (kind, records) in std::mem::take(&mut self.entities) {
            let mut list: Vec<Value> = Vec::new();
            for mut record in records {
                // Before anything is united, so that a file that names one that exists fills the gap.
                self.drop_unknown_fields(kind, &mut record);
                let id = text(&record, "id").unwrap_or_default();
                match list.iter_mut().find(|r| text(r, "id").as_ref() == Some(&id)) {
                    None => list.push(record),
                    // "the same id of the same kind, in two files or twice in one, is one entity"
                    Some(first) => {
                        let mut differing = BTreeSet::new();
                        fill(first, &record, "", &mut differing);
                        self.conflicts
                            .extend(differing.into_iter().map(|field| (id.clone(), field)));
                    }
                }
            }
            self.entities.insert(kind, list);
        }
    }

    /// "an entity's `identity` or `issuer` that nobody defines is an error and only that field is left out"
    fn drop_unknown_fields(&mut self, kind: &str, record: &mut Value) {
        for (field, wanted) in [("identity", "identities"), ("issuer", "systems")] {
            let named = text(record, field).filter(|_| kind == "credentials");
            if named.is_some_and(|id| self.kinds.get(&id) != Some(&wanted)) {
                self.error(&text(record, "id").unwrap_or_default(), field);
                record.as_object_mut().expect("a record is an object").remove(field);
            }
        }
    }

    fn relation(&mut self, kind: &'static str, record: &Value) {
        let record = without_nulls(record);
        if let Some(field) = incomplete(kind, &record).or_else(|| self.dangling(kind, &record)) {
            self.error(&plain_name(kind, &record), &field);
            return;
        }
        self.relations.entry(kind).or_default().push(record);
    }

    /// "equal ones, where not both have ids that differ, are one". Where several ids are stated of equal ones, those
    /// without an id are one with the least of them, so that the order of the files does not matter.
    fn unite_relations(&mut self) {
        for (kind, records) in std::mem::take(&mut self.relations) {
            let same = |r: &Value| compared(r).to_string();
            let id_of = |r: &Value| {
                let stated = || {
                    records
                        .iter()
                        .filter(|o| same(o) == same(r))
                        .filter_map(|o| text(o, "id"))
                        .min()
                };
                text(r, "id").or_else(stated)
            };
            let mut list: Vec<(usize, Value)> = Vec::new();
            for (n, record) in records.iter().enumerate() {
                let id = id_of(record);
                let old = list
                    .iter_mut()
                    .find(|(_, old)| same(old) == same(record) && id_of(old) == id);
                let Some((first, old)) = old else {
                    list.push((n, record.clone()));
                    continue;
                };
                let mut differing = BTreeSet::new();
                if text(old, "id").is_none() && text(record, "id").is_some() {
                    // "the first with that stated id" is the first that states it.
                    *first = n;
                }
                unite(old, record, &mut differing);
                let name = plain_name(kind, old);
                self.conflicts
                    .extend(differing.into_iter().map(|field| (name.clone(), field)));
            }
            list.sort_by_key(|(first, _)| *first);
            self.relations
                .insert(kind, list.into_iter().map(|(_, record)| record).collect());
        }
    }

    /// "A relation that names an id nobody defines is an error and left out": the field that does.
    fn dangling(&self, kind: &str, record: &Value) -> Option<String> {
        let is = |id: &Option<String>, kinds: &[&str]| {
            id.as_ref()
                .and_then(|id| self.kinds.get(id))
                .is_some_and(|k| kinds.contains(k))
        };
        let wrong = |field: &str, kinds: &[&str]| (!is(&text(record, field), kinds)).then(|| field.to_owned());
        match kind {
            "grants" => wrong("holder", &["credentials", "identities"]).or_else(|| wrong("system", &["systems"])),
            "exposures" => {
                let all = [
                    ("system", "systems"),
                    ("credential", "credentials"),
                    ("identity", "identities"),
                ];
                let from = all.iter().find(|(field, _)| text(record, field).is_some());
                let yields = record.get("yields").unwrap_or(&Value::Null);
                let target = all.iter().find(|(field, _)| text(yields, field).is_some());
                from.and_then(|(field, kind)| wrong(field, &[kind])).or_else(|| {
                    let (field, kind) = target?;
                    (!is(&text(yields, field), &[kind])).then(|| "yields".to_owned())
                })
            }
            "inherits" => {
                let from = text(record, "from").and_then(|_| wrong("from", &["identities"]));
                from.or_else(|| wrong("to", &["identities"])).or_else(|| {
                    let mut required = items(record, "requires_all").iter();
                    required
                        .any(|r| !is(&text(r, "system"), &["systems"]))
                        .then(|| "requires_all".to_owned())
                })
            }
            _ => wrong("from", &["systems"]).or_else(|| wrong("to", &["systems"])),
        }
    }

    /// "two with one stated id are reported as a conflict"
    fn same_ids(&mut self) {
        let mut stated: BTreeMap<String, usize> = BTreeMap::new();
        for id in self.relations.values().flatten().filter_map(|r| text(r, "id")) {
            *stated.entry(id).or_default() += 1;
        }
        let twice = stated.into_iter().filter(|(_, count)| *count > 1);
        self.conflicts.extend(twice.map(|(id, _)| (id, "id".to_owned())));
    }
}

/// What a relation must have and has not, or has and may not.
fn incomplete(kind: &str, record: &Value) -> Option<String> {
    let must: &[&str] = match kind {
        "grants" => &["holder", "system", "scopes"],
        "exposures" => &["yields"],
        "inherits" => &["to"],
        _ => &["from", "to", "scopes"],
    };
    if let Some(field) = must.iter().find(|f| record.get(**f).is_none()) {
        return Some((*field).to_owned());
    }
    // "`from` identity (absent: any identity, and then `requires_all` may not be empty ...)"; "A `membership` names its
    // `from` and requires nothing."
    let requires = !items(record, "requires_all").is_empty();
    let names_from = text(record, "from").is_some();
    let bad = match (kind, text(record, "how").as_deref()) {
        ("inherits", Some("membership")) if requires => Some("requires_all"),
        ("inherits", Some("membership")) if !names_from => Some("from"),
        ("inherits", _) if !names_from && !requires => Some("requires_all"),
        _ => None,
    };
    bad.map(str::to_owned)
}

/// "`null` is as if left out"
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(_, v)| !v.is_null())
                .map(|(k, v)| (k.clone(), without_nulls(v)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Times compare as instants, all else as it stands.
fn same_value(field: &str, a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) if field.ends_with("_at") => time(a) == time(b),
        _ => a == b,
    }
}

/// "fields one leaves out are filled from the other, list fields are united, `validates` and `attributes` are merged
/// member by member, and two different values for one field are reported as a conflict with both places named, the
/// first kept"
fn fill(first: &mut Value, second: &Value, inside: &str, differing: &mut BTreeSet<String>) {
    let members = first.as_object_mut().expect("a record is an object");
    for (field, value) in second.as_object().into_iter().flatten().filter(|(_, v)| !v.is_null()) {
        match members.get_mut(field) {
            None => {
                members.insert(field.clone(), without_nulls(value));
            }
            Some(old) if inside.is_empty() && ["validates", "attributes"].contains(&field.as_str()) => {
                fill(old, value, &format!("{field}."), differing);
            }
            Some(Value::Array(old)) if inside.is_empty() => {
                for element in value.as_array().into_iter().flatten() {
                    if !old.contains(element) {
                        old.push(element.clone());
                    }
                }
            }
            Some(old) if !same_value(field, old, value) => {
                differing.insert(format!("{inside}{field}"));
            }
            Some(_) => {}
        }
    }
}

/// "the stated id, the later time, the united rest"
fn unite(first: &mut Value, second: &Value, differing: &mut BTreeSet<String>) {
    if first.get("id").is_none()
        && let Some(id) = second.get("id")
    {
        first["id"] = id.clone();
    }
    let times = [text(first, "last_used_at"), text(second, "last_used_at")];
    if let Some(later) = times.iter().flatten().max_by_key(|t| time(t)) {
        first["last_used_at"] = json!(later);
    }
    // Texts of several sources are united with "; ".
    let evidence: BTreeSet<String> = [text(first, "evidence"), text(second, "evidence")]
        .into_iter()
        .flatten()
        .flat_map(|e| e.split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    if !evidence.is_empty() {
        first["evidence"] = json!(evidence.into_iter().collect::<Vec<_>>().join("; "));
    }
    let mut rest = Map::new();
    for field in ["used_scopes", "attributes"] {
        if let Some(value) = second.get(field) {
            rest.insert(field.to_owned(), value.clone());
        }
    }
    fill(first, &Value::Object(rest), "", differing);
}

/// Sorted lists, times in UTC, no member that says nothing.
fn canonical(record: &Value) -> Value {
    let mut out = Map::new();
    for (field, value) in record.as_object().into_iter().flatten() {
        let nothing = match field.as_str() {
            "tags" | "except" | "requires" | "requires_all" => value == &json!([]),
            "attributes" | "validates" => value == &json!({}),
            "intended" => value == &json!(true),
            "assumed" => value == &json!(false),
            _ => false,
        };
        if nothing {
            continue;
        }
        let value = match value {
            Value::Array(elements) => {
                let sorted: BTreeMap<String, &Value> = elements.iter().map(|e| (e.to_string(), e)).collect();
                sorted.into_values().cloned().collect()
            }
            Value::String(text) if field.ends_with("_at") => json!(time(text).to_string()),
            Value::Object(_) if field == "exchange" => canonical(value),
            other => other.clone(),
        };
        out.insert(field.clone(), value);
    }
    Value::Object(out)
}
