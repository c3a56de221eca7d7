//! A text to the objects in it: a List, a typed list, one object, an array, several documents, in JSON or YAML. Values
//! that may be secrets are dropped while they are read, before there is anything that could keep them.

use super::object::{self, Object};
use crate::import::{Input, json, yaml};
use crate::model::{Diagnostic, Level, Place};
use rayon::prelude::*;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

/// What a text holds.
#[derive(Default)]
pub struct Understood {
    /// The objects of kinds that are used.
    pub objects: Vec<Object>,
    /// How many there are of each other kind.
    pub others: BTreeMap<String, u64>,
    /// Whether it is all there is.
    pub complete: bool,
    /// What was odd.
    pub said: Vec<Diagnostic>,
}

/// Of one kind of oddity this many are said one by one in a file.
const SAID_EACH: usize = 100;

/// Lists may lie in lists, not for ever.
const LISTS_DEEP: usize = 8;

impl Understood {
    fn say(&mut self, diagnostic: Diagnostic) {
        self.said.push(diagnostic);
    }

    fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>) {
        self.say(Diagnostic::error(code, place, message.into()));
    }

    fn take(&mut self, other: Self) {
        self.objects.extend(other.objects);
        for (kind, count) in other.others {
            *self.others.entry(kind).or_default() += count;
        }
        self.complete &= other.complete;
        self.said.extend(other.said);
    }

    /// A broken export has thousands of oddities alike; the first of each kind are listed and the rest counted.
    fn cut(&mut self, whole: &Place) {
        let mut seen: BTreeMap<&'static str, (usize, Level)> = BTreeMap::new();
        self.said.retain(|d| {
            let (count, _) = seen.entry(d.code).or_insert((0, d.level));
            *count += 1;
            *count <= SAID_EACH
        });
        for (code, (count, level)) in seen {
            if count > SAID_EACH {
                let more = count - SAID_EACH;
                let message = format!("{more} more of the kind {code}; only the first {SAID_EACH} are listed");
                self.said.push(match level {
                    Level::Error => Diagnostic::error(code, whole.clone(), message),
                    _ => Diagnostic::warning(code, whole.clone(), message),
                });
            }
        }
    }
}

/// Reads a text.
pub fn read(input: &Input) -> Understood {
    let mut all = if input.text.trim_start().starts_with(['{', '[']) {
        read_json(input)
    } else {
        read_yaml(input)
    };
    all.cut(&input.whole());
    all
}

fn nothing() -> Understood {
    Understood {
        complete: true,
        ..Understood::default()
    }
}

/// One of the values a text is made of, and the objects in it where it is a list.
struct Root {
    offset: usize,
    line: u32,
    array: bool,
    kind: Option<String>,
    metadata: Option<usize>,
    items: Option<Vec<(usize, u32)>>,
}

fn roots(text: &str) -> Vec<Root> {
    let mut roots: Vec<Root> = Vec::new();
    json::walk(text, 2, |at| {
        let here = &text[at.offset..];
        match (at.depth, roots.last_mut()) {
            (0, _) => roots.push(Root {
                offset: at.offset,
                line: at.line,
                array: here.starts_with('['),
                kind: None,
                metadata: None,
                items: here.starts_with('[').then(Vec::new),
            }),
            (1, Some(root)) if root.array => root.items.get_or_insert_default().push((at.offset, at.line)),
            (1, Some(root)) => match at.pointer {
                "/kind" => root.kind = value_at(here).and_then(|v| v.as_str().map(str::to_owned)),
                "/metadata" => root.metadata = Some(at.offset),
                "/items" if here.starts_with('[') => root.items = Some(Vec::new()),
                _ => {}
            },
            (_, Some(root)) if !root.array && !at.in_object && at.pointer.starts_with("/items/") => {
                root.items.get_or_insert_default().push((at.offset, at.line));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    roots
}

fn value_at(text: &str) -> Option<Value> {
    skim_at(text).ok()
}

fn skim_at(text: &str) -> Result<Value, serde_json::Error> {
    Skim(Keep::All).deserialize(&mut serde_json::Deserializer::from_str(text))
}

fn read_json(input: &Input) -> Understood {
    let text = input.text;
    let roots = roots(text);
    let several = roots.len() > 1;
    let mut all = nothing();
    for (r, root) in roots.iter().enumerate() {
        if input.cancelled() {
            break;
        }
        let base = if several { format!("/{r}") } else { String::new() };
        let at = |pointer: String, line: u32| Place::new(input.file, pointer).at_line(line);
        let Some(items) = &root.items else {
            all.take(read_one(text, root.offset, at(base, root.line), None, input.name));
            continue;
        };
        let metadata = root.metadata.and_then(|m| value_at(&text[m..]));
        if let Some(metadata) = metadata {
            paginated(&metadata, &at(format!("{base}/metadata"), root.line), &mut all);
        }
        let hint = root
            .kind
            .as_deref()
            .and_then(|k| k.strip_suffix("List"))
            .filter(|k| !k.is_empty());
        let middle = if root.array { "" } else { "/items" };
        let parts: Vec<Understood> = items
            .par_iter()
            .enumerate()
            .map(|(i, (offset, line))| {
                if i % 1024 == 0 {
                    input.report(*offset);
                }
                if input.cancelled() {
                    return nothing();
                }
                read_one(
                    text,
                    *offset,
                    at(format!("{base}{middle}/{i}"), *line),
                    hint,
                    input.name,
                )
            })
            .collect();
        for part in parts {
            all.take(part);
        }
        if all.complete && !closed(text, items.last().map(|i| i.0)) {
            all.complete = false;
            all.error(
                "cut-off",
                at(base, root.line),
                "the list is not closed: the file was cut off; what is there was read",
            );
        }
    }
    all
}

/// Whether a list is closed after its last item: a file cut off between two has nothing wrong but its end.
fn closed(text: &str, last_item: Option<usize>) -> bool {
    if let Some(last) = last_item {
        let rest = &text[last..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        // A broken one in the middle of the list has been said.
        if let Some(Ok(_)) = values.next() {
            return rest[values.byte_offset()..].trim_start().starts_with(']');
        }
    }
    text.trim_end().ends_with(['}', ']'])
}

fn read_one(text: &str, offset: usize, place: Place, hint: Option<&str>, name: &str) -> Understood {
    let mut all = nothing();
    match skim_at(&text[offset..]) {
        Ok(value) => objects(&value, place, "", hint, name, 0, &mut all),
        Err(error) if error.is_eof() => {
            all.complete = false;
            all.error(
                "cut-off",
                place,
                "the file ends in the middle of this object; it was left out",
            );
        }
        Err(error) => {
            let message = if error.to_string().starts_with("recursion limit") {
                "the object is nested too deep; it was left out"
            } else {
                "the object is not JSON; it was left out"
            };
            all.error("bad-object", place, message);
        }
    }
    all
}

fn read_yaml(input: &Input) -> Understood {
    let mut all = nothing();
    for (i, document) in yaml::read(input.text).into_iter().enumerate() {
        if i % 64 == 0 && input.cancelled() {
            break;
        }
        for problem in &document.problems {
            let place = document.place_of(input.file, problem);
            if problem.ends_it {
                all.complete = false;
                all.error("bad-yaml", place, problem.message.clone());
            } else {
                all.say(Diagnostic::warning("odd-yaml", place, problem.message.clone()));
            }
        }
        let Ok(value) = Skim(Keep::All).deserialize(&document.value) else {
            continue;
        };
        let mut found = nothing();
        objects(&value, document.at(input.file, ""), "", None, input.name, 0, &mut found);
        // Each object of a list has its own line.
        for object in &mut found.objects {
            let inside = object
                .place
                .pointer
                .strip_prefix(&*document.root)
                .unwrap_or_default()
                .to_owned();
            object.place = document.at(input.file, &inside);
        }
        for said in &mut found.said {
            if let Some(place) = &mut said.place {
                let inside = place
                    .pointer
                    .strip_prefix(&*document.root)
                    .unwrap_or_default()
                    .to_owned();
                *place = document.at(input.file, &inside);
            }
        }
        all.take(found);
    }
    all
}

/// Whether a list says that it is one page of several.
fn paginated(metadata: &Value, place: &Place, all: &mut Understood) {
    let more = metadata
        .get("continue")
        .and_then(Value::as_str)
        .is_some_and(|c| !c.is_empty());
    let left = metadata
        .get("remainingItemCount")
        .and_then(Value::as_u64)
        .filter(|n| *n > 0);
    if more || left.is_some() {
        all.complete = false;
        let how_many = left.map_or_else(String::new, |n| format!(" ({n} objects are missing)"));
        all.say(Diagnostic::warning(
            "incomplete",
            place.clone(),
            format!(
                "The list is one page of several{how_many}; get it without --chunk-size, or load the other pages too"
            ),
        ));
    }
}

/// The objects in a value: itself, or those of the list it is. `inside` is the pointer from `place` on.
fn objects(
    value: &Value,
    place: Place,
    inside: &str,
    hint: Option<&str>,
    name: &str,
    deep: usize,
    all: &mut Understood,
) {
    let place_here = || place.inside(inside);
    let list = match value {
        Value::Array(items) => Some((items, "")),
        Value::Object(members) => match members.get("items") {
            Some(Value::Array(items)) => Some((items, "/items")),
            _ => None,
        },
        _ => {
            all.error(
                "bad-object",
                place_here(),
                "expected an object of the cluster; it was left out",
            );
            return;
        }
    };
    let Some((items, middle)) = list else {
        match object::parse(value, place_here(), hint, name) {
            object::Parsed::Used(object, said) => {
                all.objects.push(*object);
                all.said.extend(said);
            }
            object::Parsed::Other(kind) => *all.others.entry(kind).or_default() += 1,
            object::Parsed::Odd(said) => all.said.push(said),
        }
        return;
    };
    if deep >= LISTS_DEEP {
        all.error(
            "bad-object",
            place_here(),
            "lists lie in lists too deep; this one was left out",
        );
        return;
    }
    if let Some(metadata) = value.get("metadata") {
        paginated(metadata, &place_here(), all);
    }
    let own = value
        .get("kind")
        .and_then(Value::as_str)
        .and_then(|k| k.strip_suffix("List"));
    let hint = own.filter(|k| !k.is_empty()).or(hint);
    for (i, item) in items.iter().enumerate() {
        objects(
            item,
            place.clone(),
            &format!("{inside}{middle}/{i}"),
            hint,
            name,
            deep + 1,
            all,
        );
    }
}

/// What of a value is kept.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    All,
    /// The names in a secret or a config map; the values of the few that name the cluster or map its users.
    Names,
    /// Annotations that link to something.
    Annotations,
    /// Arguments of the API server that say who it is.
    Arguments,
}

/// Annotations that are read. The one with the last applied configuration holds a secret's values a second time.
pub const ANNOTATIONS: &[&str] = &[
    "kubernetes.io/service-account.name",
    "kubernetes.io/service-account.uid",
    "eks.amazonaws.com/role-arn",
    "eks.amazonaws.com/audience",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
    "azure.workload.identity/tenant-id",
];

/// Entries of config maps whose values are read: who is mapped to whom, and what the cluster is called.
const ENTRIES: &[&str] = &["mapRoles", "mapUsers", "mapAccounts", "ClusterConfiguration"];

/// Arguments that are read.
const ARGUMENTS: &[&str] = &["--service-account-issuer=", "--api-audiences=", "--cluster-name="];

/// Builds a value, leaving out on the way what may be secret or is only bulk.
struct Skim(Keep);

impl<'de> DeserializeSeed<'de> for Skim {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skim {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        let keep = match self.0 {
            Keep::All => true,
            Keep::Names | Keep::Annotations => false,
            Keep::Arguments => ARGUMENTS.iter().any(|a| v.starts_with(a)),
        };
        Ok(if keep { Value::String(v.to_owned()) } else { Value::Null })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let keep = if self.0 == Keep::Arguments {
            Keep::Arguments
        } else {
            Keep::All
        };
        while let Some(item) = seq.next_element_seed(Skim(keep))? {
            if !(keep == Keep::Arguments && item.is_null()) {
                items.push(item);
            }
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let kept = match (self.0, key.as_str()) {
                (Keep::Names, key) => {
                    if ENTRIES.contains(&key) {
                        Some(Keep::All)
                    } else {
                        // The name stays, the value never gets anywhere.
                        map.next_value::<IgnoredAny>()?;
                        members.insert(key.to_owned(), Value::Null);
                        continue;
                    }
                }
                (Keep::Annotations, key) => ANNOTATIONS.contains(&key).then_some(Keep::All),
                (_, "managedFields" | "status" | "value" | "conditions") => None,
                (_, "data" | "stringData" | "binaryData") => Some(Keep::Names),
                (_, "annotations") => Some(Keep::Annotations),
                (_, "args" | "command") => Some(Keep::Arguments),
                _ => Some(Keep::All),
            };
            match kept {
                Some(keep) => {
                    let value = map.next_value_seed(Skim(keep))?;
                    members.insert(key, value);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(members))
    }
}
