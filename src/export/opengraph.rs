//! An inventory as a BloodHound OpenGraph payload. What came from such a graph goes back as it came, with its own ids,
//! kinds and ends; everything else becomes nodes and edges of kinds `TM_…` that hold their record in the native format
//! as a property, so that it can be read again. Node ids are escaped: BloodHound takes no `:`. Properties are scalars or
//! lists of scalars of one type.

use super::native::on_one_line;
use super::rows::{Row, rows};
use crate::import::opengraph as format;
use crate::model::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The node that stands for any identity.
const ANY: &str = "trustmap-any-identity";
/// The node that is about the inventory itself.
const INVENTORY: &str = "trustmap-inventory";

/// The payload as text.
#[must_use]
pub fn opengraph(inventory: &Inventory) -> String {
    let mut writer = Writer::default();
    writer.inventory(inventory);
    super::json::to_text(&writer.document())
}

#[derive(Default)]
struct Writer {
    nodes: Vec<Value>,
    edges: Vec<Value>,
    /// Native ids of what came from a graph, by record id.
    native: BTreeMap<String, String>,
    /// Kinds the files of nodes gave all of them; nothing where a node's gave none.
    source_kinds: BTreeSet<Option<String>>,
    own_nodes: bool,
}

impl Writer {
    fn inventory(&mut self, inventory: &Inventory) {
        let records = &inventory.records;
        let entities = |visit: &mut dyn FnMut(&str, &Extra)| {
            records.systems.iter().for_each(|r| visit(&r.id, &r.attributes));
            records.identities.iter().for_each(|r| visit(&r.id, &r.attributes));
            records.credentials.iter().for_each(|r| visit(&r.id, &r.attributes));
        };
        entities(&mut |id, attributes| {
            if let Some(native) = format::stated_native_id(attributes) {
                self.native.insert(id.to_owned(), native.to_owned());
            }
        });
        // A placeholder is written where something that is no edge of a graph needs it.
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        for row in rows(records) {
            if edges_of(&row.common.attributes).is_none() {
                needed.insert(row.from);
                if let Some((id, _)) = records_end(inventory, &row.to) {
                    needed.insert(id);
                }
            }
        }
        self.header(inventory);
        for r in &records.systems {
            if self.is_own(&r.id, &r.attributes, &needed) {
                let texts = [
                    ("platform", &r.platform),
                    ("environment", &r.environment),
                    ("owner", &r.owner),
                ];
                let mut more = members(&texts);
                more.insert(
                    "criticality".to_owned(),
                    json!(r.criticality.unwrap_or(Criticality::Medium).as_str()),
                );
                for check in Check::ALL {
                    if let Some(stated) = r.validates.get(*check) {
                        more.insert(format!("validates_{}", check.as_str()), json!(stated));
                    }
                }
                let kind = r.kind.as_deref().map(|k| sub_kind("System", k));
                self.own(&r.id, format::SYSTEM, kind, &r.name, on_one_line(r), more);
            }
        }
        for r in &records.identities {
            if self.is_own(&r.id, &r.attributes, &needed) {
                let texts = [
                    ("platform", &r.platform),
                    ("environment", &r.environment),
                    ("owner", &r.owner),
                ];
                let mut more = members(&texts);
                more.insert("enabled".to_owned(), json!(r.status != Some(IdentityStatus::Disabled)));
                let kind = r.kind.map(|k| sub_kind("Identity", k.as_str()));
                self.own(&r.id, format::IDENTITY, kind, &r.name, on_one_line(r), more);
            }
        }
        let mut contexts: BTreeSet<&str> = BTreeSet::new();
        for r in &records.credentials {
            contexts.extend(r.contexts.iter().flatten().map(Text::as_str));
            if self.is_own(&r.id, &r.attributes, &needed) {
                let texts = [
                    ("identity", &r.identity),
                    ("issuer", &r.issuer),
                    ("owner", &r.owner),
                    ("public_id", &r.public_id),
                ];
                let mut more = members(&texts);
                more.insert(
                    "status".to_owned(),
                    json!(r.status.unwrap_or(CredentialStatus::Active).as_str()),
                );
                if let Some(time) = r.expires_at {
                    more.insert("expires_at".to_owned(), json!(time.to_string()));
                }
                let kind = r.kind.map(|k| sub_kind("Credential", k.as_str()));
                self.own(&r.id, format::CREDENTIAL, kind, &r.name, on_one_line(r), more);
            }
        }
        contexts.extend(records.exposures.iter().filter_map(|e| match &e.yields {
            Yields::Context(name) => Some(name.as_str()),
            _ => None,
        }));
        for name in contexts {
            let id = format!("context:{name}");
            self.own(
                &id,
                format::CONTEXT,
                None,
                &Some(name.to_owned().into()),
                "{}".to_owned(),
                Extra::new(),
            );
        }
        if records.inherits.iter().any(|i| i.from.is_none()) {
            let name = Some(Text::from("any identity"));
            self.own(ANY, format::CONTEXT, None, &name, "{}".to_owned(), Extra::new());
        }
        entities(&mut |id, attributes| self.context_edges(id, attributes));
        self.relations(records);
    }

    /// What is said of the inventory itself.
    fn header(&mut self, inventory: &Inventory) {
        let mut header = inventory.extra.clone();
        if let Some(name) = &inventory.name {
            header.insert("name".to_owned(), json!(name));
        }
        if let Some(time) = inventory.as_of {
            header.insert("as_of".to_owned(), json!(time.to_string()));
        }
        if !header.is_empty() {
            let text = Value::Object(header.into()).to_string();
            self.own(
                INVENTORY,
                format::CONTEXT,
                None,
                &inventory.name.as_deref().map(Text::from),
                text,
                Extra::new(),
            );
        }
    }

    /// Writes what came from a graph as it came; true where it did not.
    fn is_own(&mut self, id: &str, attributes: &Extra, needed: &BTreeSet<&str>) -> bool {
        if attributes.contains_key(format::PLACEHOLDER) {
            return needed.contains(id);
        }
        let (Some(native), Some(Value::Array(kinds))) = (self.native.get(id), attributes.get(format::KINDS)) else {
            return true;
        };
        let mut node = Map::new();
        node.insert("id".to_owned(), json!(native));
        let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).take(3).collect();
        node.insert("kinds".to_owned(), json!(kinds));
        if let Some(properties) = attributes.get(format::PROPERTIES) {
            node.insert("properties".to_owned(), accepted(properties, true));
        }
        self.nodes.push(Value::Object(node));
        let source_kind = attributes.get(format::SOURCE_KIND);
        self.source_kinds
            .insert(source_kind.and_then(Value::as_str).map(str::to_owned));
        false
    }

    fn own(&mut self, id: &str, kind: &str, sub: Option<String>, name: &Option<Text>, record: String, more: Extra) {
        let mut properties = more;
        let shown = name.as_deref().unwrap_or(id);
        properties.insert("name".to_owned(), json!(shown));
        properties.insert("displayname".to_owned(), json!(shown));
        properties.insert("trustmap_id".to_owned(), json!(id));
        properties.insert(format::PROPERTY.to_owned(), json!(record));
        let kinds: Vec<&str> = sub.as_deref().into_iter().chain([kind]).collect();
        self.nodes
            .push(json!({"id": self.node_id(id), "kinds": kinds, "properties": properties}));
        self.own_nodes = true;
    }

    /// The id of the node a record is.
    fn node_id(&self, id: &str) -> String {
        self.native.get(id).cloned().unwrap_or_else(|| format::escape_id(id))
    }

    /// Edges of a graph that are no relations.
    fn context_edges(&mut self, id: &str, attributes: &Extra) {
        for edge in edges_of(attributes).into_iter().flatten() {
            let start = self.node_id(id);
            self.edges.push(restored(edge, &start, ""));
        }
    }

    fn relations(&mut self, records: &Records) {
        let kinds = [
            ("grant", format::GRANT),
            ("exposure", format::EXPOSURE),
            ("inherit", format::INHERIT),
            ("trust", format::TRUST),
        ];
        let texts = records
            .grants
            .iter()
            .map(on_one_line)
            .chain(records.exposures.iter().map(on_one_line))
            .chain(records.inherits.iter().map(on_one_line))
            .chain(records.trusts.iter().map(on_one_line));
        for (row, text) in rows(records).zip(texts) {
            let start = self.node_id(if row.from.is_empty() { ANY } else { row.from });
            let end = self.node_id(&row.to);
            if let Some(edges) = edges_of(&row.common.attributes) {
                self.edges.extend(edges.map(|edge| restored(edge, &start, &end)));
                continue;
            }
            let Some((_, kind)) = kinds.iter().find(|(word, _)| *word == row.kind) else {
                continue;
            };
            let properties = properties_of(&row, text);
            self.edges.push(json!({
                "kind": kind,
                "start": {"match_by": "id", "value": start},
                "end": {"match_by": "id", "value": end},
                "properties": properties,
            }));
        }
    }

    fn document(self) -> Value {
        let source_kind = match self.source_kinds.iter().collect::<Vec<_>>().as_slice() {
            [Some(one)] if !self.own_nodes => Some(one.clone()),
            _ if self.own_nodes => Some(format::OWN_SOURCE.to_owned()),
            _ => None,
        };
        let mut document = Map::new();
        if let Some(kind) = source_kind {
            document.insert("metadata".to_owned(), json!({"source_kind": kind}));
        }
        document.insert("graph".to_owned(), json!({"nodes": self.nodes, "edges": self.edges}));
        Value::Object(document)
    }
}

/// The entity at the far end of a row; contexts are none.
fn records_end<'a>(inventory: &'a Inventory, to: &str) -> Option<(&'a str, EntityIx)> {
    let ix = inventory.find(to)?;
    Some((inventory.entity(ix).id(), ix))
}

fn members(texts: &[(&str, &Option<Text>)]) -> Extra {
    texts
        .iter()
        .filter_map(|(key, text)| Some(((*key).to_owned(), json!(text.as_ref()?))))
        .collect()
}

/// `TM_SystemSecretsStore` of a system of kind `secrets-store`.
fn sub_kind(of: &str, kind: &str) -> String {
    let mut out = format!("TM_{of}");
    for word in kind.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

fn properties_of(row: &Row, text: String) -> Extra {
    let mut out = Extra::new();
    out.insert("name".to_owned(), json!(row.name.to_string()));
    if !row.scopes.is_empty() {
        out.insert("scopes".to_owned(), json!(row.scopes));
    }
    if let Some(how) = row.how {
        out.insert("how".to_owned(), json!(how));
    }
    if let Some(evidence) = &row.common.evidence {
        out.insert("evidence".to_owned(), json!(**evidence));
    }
    out.insert("intended".to_owned(), json!(row.common.is_intended()));
    out.insert("assumed".to_owned(), json!(row.common.is_assumed()));
    out.insert("traversable".to_owned(), json!(true));
    out.insert(format::PROPERTY.to_owned(), json!(text));
    out
}

/// The edges of a graph that a record holds; nothing where it holds none.
fn edges_of(attributes: &Extra) -> Option<impl Iterator<Item = &Map<String, Value>> + use<'_>> {
    let edges = attributes.get(format::EDGES)?.as_array()?;
    Some(edges.iter().filter_map(Value::as_object))
}

/// An edge as it came. Its ends are the ids given where it says nothing else.
fn restored(edge: &Map<String, Value>, start: &str, end: &str) -> Value {
    let mut out = Map::new();
    let kind = edge.get("kind").and_then(Value::as_str).unwrap_or("Unknown");
    let word = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    out.insert("kind".to_owned(), json!(kind.chars().map(word).collect::<String>()));
    for (key, id) in [("start", start), ("end", end)] {
        let mut form = edge.get(key).cloned().unwrap_or_else(|| json!({}));
        // What is not told is the id of what it names.
        if let Value::Object(members) = &mut form
            && !members.contains_key("value")
            && !members.contains_key("property_matchers")
        {
            members.insert("value".to_owned(), json!(id));
        }
        out.insert(key.to_owned(), form);
    }
    if let Some(properties) = edge.get("properties") {
        out.insert("properties".to_owned(), accepted(properties, false));
    }
    Value::Object(out)
}

/// Properties as BloodHound takes them: no objects, no mixed lists, nothing that is null, and in a node no `objectid`,
/// which is its id. What is no object was null.
fn accepted(properties: &Value, of_node: bool) -> Value {
    let Value::Object(members) = properties else {
        return Value::Null;
    };
    let taken = members
        .iter()
        .filter(|(key, value)| !(value.is_null() || of_node && key.as_str() == "objectid"))
        .map(|(key, value)| {
            let value = match value {
                Value::Object(_) => json!(value.to_string()),
                Value::Array(items) if !is_of_one_type(items) => json!(value.to_string()),
                other => other.clone(),
            };
            (key.clone(), value)
        });
    Value::Object(taken.collect())
}

fn is_of_one_type(items: &[Value]) -> bool {
    items.iter().all(Value::is_string) || items.iter().all(Value::is_number) || items.iter().all(Value::is_boolean)
}
