//! Nodes and edges as a file states them. The text is walked, not parsed as a whole: an element that is broken costs
//! itself, and a file that is cut off keeps what stood before the cut.

use super::super::{Input, json, secrets};
use super::FAMILY;
use super::own::{OWN_SOURCE, Own};
use crate::model::{Diagnostic, FileId, Fragment, Piece, Place};
use serde::de::{Deserialize, IgnoredAny};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// The members of an object.
pub type Members = Map<String, Value>;

/// What one file hands on.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The kind every node of the file has besides its own.
    pub source_kind: Option<String>,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its edges.
    pub edges: Vec<Edge>,
    /// Kinds of edges it defines, and whether they are walked.
    pub defines: BTreeMap<String, bool>,
}

/// Where an element stands: its position in its list and its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Position in the list; not known of what was found behind a break.
    pub index: Option<u32>,
    /// Line, from 1.
    pub line: u32,
}

impl Spot {
    /// As a place.
    pub fn place(self, file: FileId, list: &str) -> Place {
        Place::new(file, self.pointer(list)).at_line(self.line)
    }

    fn pointer(self, list: &str) -> String {
        self.index
            .map_or_else(String::new, |index| format!("/graph/{list}/{index}"))
    }
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its kinds, the first the one it is shown as.
    pub kinds: Vec<String>,
    /// Its properties; `Some(None)` where the file says null.
    pub properties: Option<Option<Members>>,
    /// Where it stands.
    pub at: Spot,
}

/// An edge.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Its kind.
    pub kind: String,
    /// From where.
    pub start: End,
    /// To where.
    pub end: End,
    /// Its properties; `Some(None)` where the file says null.
    pub properties: Option<Option<Members>>,
    /// Where it stands.
    pub at: Spot,
}

/// How an edge names its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// By the node's id.
    Id(String),
    /// By the node's property `name`.
    Name(String),
    /// By some of the node's properties, sorted by key.
    Properties(Vec<(String, Value)>),
}

/// An end of an edge.
#[derive(Clone, Debug)]
pub struct End {
    /// How it is named.
    pub by: Match,
    /// The kind it must have.
    pub kind: Option<String>,
    /// The end as the file states it, where that is more than the value.
    pub form: Option<Members>,
}

/// Oddities of one kind beyond this many are only counted.
const SAID_EACH: u64 = 100;

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    parsed: Parsed,
    said: Vec<Diagnostic>,
    counts: BTreeMap<&'static str, u64>,
    left_out: u64,
    dropped: u64,
    own: Own,
    /// Where elements were read, by byte position, from the break of the text on.
    read_behind: BTreeSet<usize>,
    /// Where the text stops being JSON.
    break_at: usize,
    broken: Option<serde_json::Error>,
}

/// Reads a payload.
pub fn read(input: &Input) -> Fragment {
    let broken = break_of(input.text);
    let mut reader = Reader {
        input,
        parsed: Parsed::default(),
        said: Vec::new(),
        counts: BTreeMap::new(),
        left_out: 0,
        dropped: 0,
        own: Own::default(),
        read_behind: BTreeSet::new(),
        break_at: broken.as_ref().map_or(usize::MAX, |(at, _)| *at),
        broken: broken.map(|(_, error)| error),
    };
    let mut met = 0u64;
    json::walk(input.text, 3, |at| {
        let value = &input.text[at.offset..];
        match (at.depth, at.pointer) {
            (1, "/metadata") => reader.metadata(value),
            (2, list @ ("/graph/nodes" | "/graph/edges")) if !value.starts_with(['[', 'n']) => {
                reader.say(
                    "wrong-type",
                    list,
                    at.line,
                    "Expected a list here; an object is taken for its only item",
                );
                let spot = Spot {
                    index: None,
                    line: at.line,
                };
                match (value.starts_with('{'), list) {
                    (true, "/graph/nodes") => reader.node(value, spot),
                    (true, _) => reader.edge(value, spot),
                    (false, _) => {}
                }
            }
            (3, pointer) => {
                let spot = |list: &str| {
                    let index = pointer.strip_prefix(list)?.parse().ok()?;
                    Some(Spot {
                        index: Some(index),
                        line: at.line,
                    })
                };
                if let Some(spot) = spot("/graph/nodes/") {
                    reader.node(value, spot);
                } else if let Some(spot) = spot("/graph/edges/") {
                    reader.edge(value, spot);
                }
                if at.offset >= reader.break_at {
                    reader.read_behind.insert(at.offset);
                }
                met += 1;
                if met.is_multiple_of(1024) {
                    input.report(at.offset);
                    if input.cancelled() {
                        return ControlFlow::Break(());
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    reader.behind_the_break();
    reader.finish()
}

/// Reads the definition of an extension.
pub fn read_extension(input: &Input) -> Fragment {
    let mut parsed = Parsed::default();
    let mut odd = 0u64;
    json::walk(input.text, 2, |at| {
        if at.depth == 2 && at.pointer.starts_with("/relationship_kinds/") {
            let row = value_at(&input.text[at.offset..]).ok();
            let name = row.as_ref().and_then(|r| r.get("name")).and_then(Value::as_str);
            let walked = row
                .as_ref()
                .and_then(|r| r.get("is_traversable"))
                .and_then(Value::as_bool);
            match (name, walked) {
                (Some(name), Some(walked)) => {
                    parsed.defines.insert(name.to_owned(), walked);
                }
                _ => odd += 1,
            }
        }
        ControlFlow::Continue(())
    });
    let mut fragment = Fragment {
        complete: true,
        ..Fragment::default()
    };
    if odd > 0 {
        fragment.diagnostics.push(Diagnostic::warning(
            "odd-definition",
            input.whole(),
            format!("Kinds of edges left out because they do not say both name and is_traversable: {odd}"),
        ));
    }
    cut_off(input, break_of(input.text).map(|(_, error)| error), &mut fragment);
    fragment.pieces.push(Piece::new(FAMILY, parsed));
    fragment
}

impl Reader<'_, '_> {
    /// Behind a break the text's own structure is lost: what looks like a node or an edge is taken for one.
    fn behind_the_break(&mut self) {
        let text = self.input.text;
        let mut at = self.break_at;
        let mut line = match text.get(..at) {
            Some(before) => 1 + before.bytes().filter(|b| *b == b'\n').count(),
            None => return,
        };
        let mut counted = at;
        while let Some(next) = text[at..].find('{') {
            at += next;
            if self.input.cancelled() {
                return;
            }
            let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
            let Some(Ok(Value::Object(found))) = values.next() else {
                at += 1;
                continue;
            };
            let end = at + values.byte_offset();
            line += text[counted..at].bytes().filter(|b| *b == b'\n').count();
            counted = at;
            let spot = Spot {
                index: None,
                line: u32::try_from(line).unwrap_or(u32::MAX),
            };
            let has = |keys: &[&str]| keys.iter().all(|key| found.contains_key(*key));
            if !self.read_behind.contains(&at) {
                if has(&["id", "kinds"]) {
                    self.node(&text[at..end], spot);
                } else if has(&["kind", "start", "end"]) {
                    self.edge(&text[at..end], spot);
                }
            }
            at = end;
        }
    }

    fn metadata(&mut self, text: &str) {
        let Ok(Value::Object(metadata)) = value_at(text) else {
            return;
        };
        if let Some(Value::String(kind)) = metadata.get("source_kind")
            && !secrets::is_secret(kind)
            && !kind.is_empty()
            && kind != OWN_SOURCE
        {
            self.parsed.source_kind = Some(kind.clone());
        }
    }

    fn node(&mut self, text: &str, at: Spot) {
        let pointer = || at.pointer("nodes");
        let mut node = match value_at(text) {
            Ok(Value::Object(node)) => node,
            Ok(_) => return self.lost("wrong-type", &pointer(), at.line, "A node is an object; this is none"),
            Err(why) => return self.lost("broken", &pointer(), at.line, &why),
        };
        let Some(id) = node.get("id").and_then(text_of).filter(|id| !id.is_empty()) else {
            return self.lost(
                "missing-id",
                &pointer(),
                at.line,
                "A node has an id, a text; this has none",
            );
        };
        let kinds = match node.remove("kinds").or_else(|| node.remove("kind")) {
            Some(Value::Array(items)) => {
                let given = items.len();
                let kinds: Vec<String> = items.into_iter().filter_map(into_text).collect();
                if kinds.len() < given {
                    self.say(
                        "wrong-type",
                        &pointer(),
                        at.line,
                        "A kind is a text; another value was left out",
                    );
                }
                kinds
            }
            Some(Value::String(kind)) => vec![kind],
            None | Some(Value::Null) => Vec::new(),
            Some(_) => {
                self.say("wrong-type", &pointer(), at.line, "kinds is no list; it was left out");
                Vec::new()
            }
        };
        // Ours are read as the native format is, and what looks like a secret is dropped there.
        let stated = node.get("properties").and_then(Value::as_object);
        if self.own.take(&kinds, stated, "nodes", at) {
            return;
        }
        let properties = self.properties(&mut node, &pointer(), at.line);
        let own = ["id", "properties", "kinds", "kind"];
        if node.keys().any(|key| !own.contains(&key.as_str())) {
            self.say(
                "unknown-key",
                &pointer(),
                at.line,
                "A node has id, kinds and properties; more was left out",
            );
        }
        self.parsed.nodes.push(Node {
            id,
            kinds,
            properties,
            at,
        });
    }

    fn edge(&mut self, text: &str, at: Spot) {
        let pointer = || at.pointer("edges");
        let mut edge = match value_at(text) {
            Ok(Value::Object(edge)) => edge,
            Ok(_) => return self.lost("wrong-type", &pointer(), at.line, "An edge is an object; this is none"),
            Err(why) => return self.lost("broken", &pointer(), at.line, &why),
        };
        let Some(kind) = edge.get("kind").and_then(Value::as_str).filter(|k| !k.is_empty()) else {
            return self.lost(
                "missing-kind",
                &pointer(),
                at.line,
                "An edge has a kind, a text; this has none",
            );
        };
        let kind = kind.to_owned();
        let (start, end) = (edge.remove("start").map(end_of), edge.remove("end").map(end_of));
        let (start, end) = match (start, end) {
            (Some(Ok(start)), Some(Ok(end))) => (start, end),
            (Some(Err(why)), _) | (_, Some(Err(why))) => return self.lost("bad-end", &pointer(), at.line, why),
            _ => {
                return self.lost(
                    "bad-end",
                    &pointer(),
                    at.line,
                    "An edge has a start and an end; one is missing",
                );
            }
        };
        let stated = edge.get("properties").and_then(Value::as_object);
        if self.own.take(std::slice::from_ref(&kind), stated, "edges", at) {
            return;
        }
        let properties = self.properties(&mut edge, &pointer(), at.line);
        self.parsed.edges.push(Edge {
            kind,
            start,
            end,
            properties,
            at,
        });
    }

    /// The properties of a node or an edge without those that look like secrets.
    fn properties(&mut self, of: &mut Members, pointer: &str, line: u32) -> Option<Option<Members>> {
        match of.remove("properties")? {
            Value::Null => Some(None),
            Value::Object(mut members) => {
                let mut dropped = 0;
                secrets::clean(&mut members, &mut |_| dropped += 1);
                self.dropped += dropped;
                Some(Some(members))
            }
            _ => {
                self.say("wrong-type", pointer, line, "properties is no object; it was left out");
                None
            }
        }
    }

    fn lost(&mut self, code: &'static str, pointer: &str, line: u32, why: &str) {
        self.left_out += 1;
        self.tell(true, code, pointer, line, why);
    }

    fn say(&mut self, code: &'static str, pointer: &str, line: u32, why: &str) {
        self.tell(false, code, pointer, line, why);
    }

    fn tell(&mut self, lost: bool, code: &'static str, pointer: &str, line: u32, why: &str) {
        let count = self.counts.entry(code).or_insert(0);
        *count += 1;
        if *count > SAID_EACH {
            return;
        }
        let place = Place::new(self.input.file, pointer).at_line(line);
        self.said.push(if lost {
            Diagnostic::error(code, place, why)
        } else {
            Diagnostic::warning(code, place, why)
        });
    }

    fn finish(mut self) -> Fragment {
        for (code, count) in std::mem::take(&mut self.counts) {
            if count > SAID_EACH {
                let more = count - SAID_EACH;
                let message = format!("{more} more of the kind {code}; only the first {SAID_EACH} are listed");
                self.said.push(Diagnostic::warning(code, self.input.whole(), message));
            }
        }
        if self.left_out > 0 {
            let message = format!(
                "Nodes and edges left out: {}; read: {} nodes and {} edges",
                self.left_out,
                self.parsed.nodes.len(),
                self.parsed.edges.len()
            );
            self.said
                .push(Diagnostic::error("left-out", self.input.whole(), message));
        }
        if self.dropped > 0 {
            let message = format!("Properties dropped because they look like secrets: {}", self.dropped);
            self.said
                .push(Diagnostic::warning("secret-dropped", self.input.whole(), message));
        }
        let mut fragment = self.own.read(self.input);
        fragment.complete = true;
        fragment.diagnostics.append(&mut self.said);
        cut_off(self.input, self.broken.take(), &mut fragment);
        fragment.pieces.push(Piece::new(FAMILY, self.parsed));
        fragment
    }
}

/// Says where a text stops being JSON.
fn cut_off(input: &Input, broken: Option<serde_json::Error>, fragment: &mut Fragment) {
    if let Some(error) = broken {
        fragment.complete = false;
        fragment.diagnostics.push(Diagnostic::error(
            "cut-off",
            input.whole().at_line(u32::try_from(error.line()).unwrap_or(u32::MAX)),
            format!(
                "Not all of the file could be read: {}; what could be made out of it is used",
                json::problem(&error)
            ),
        ));
    }
}

/// Where a text stops being JSON, in bytes, and why.
fn break_of(text: &str) -> Option<(usize, serde_json::Error)> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let error = documents.find_map(Result::err)?;
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    Some((text.floor_char_boundary(at), error))
}

/// The value a text begins with.
fn value_at(text: &str) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Value::deserialize(&mut reader).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "The file ends in the middle of this".to_owned(),
        _ => "This is not JSON, holds a number out of range or is nested too deep".to_owned(),
    })
}

/// A text, or a whole number as one: ids are written either way.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

fn into_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn end_of(value: Value) -> Result<End, &'static str> {
    let form = match value {
        Value::Object(form) => form,
        // Written by hand: the id alone.
        Value::String(id) if !id.is_empty() => {
            return Ok(End {
                by: Match::Id(id),
                kind: None,
                form: None,
            });
        }
        _ => return Err("An end of an edge is an object with a value; this is none"),
    };
    let kind = form.get("kind").and_then(Value::as_str).filter(|k| !k.is_empty());
    let kind = kind.map(str::to_owned);
    let matchers = form.get("property_matchers").and_then(Value::as_array);
    let word = match form.get("match_by") {
        None | Some(Value::Null) if matchers.is_some() && !form.contains_key("value") => "property",
        None | Some(Value::Null) => "id",
        Some(Value::String(word)) => word.as_str(),
        Some(_) => return Err("match_by is id, name or property; this is none of them"),
    };
    let value = || {
        let value = form.get("value").and_then(text_of).filter(|v| !v.is_empty());
        value.ok_or("An end of an edge has a value, a text; this has none")
    };
    let by = match word.to_ascii_lowercase().as_str() {
        "id" | "objectid" => Match::Id(value()?),
        "name" => Match::Name(value()?),
        "property" | "properties" => Match::Properties(matchers_of(matchers.map_or(&[], Vec::as_slice))?),
        _ => return Err("match_by is id, name or property; this is none of them"),
    };
    let plain = form.len() == 1 && form.get("value").is_some_and(Value::is_string);
    Ok(End {
        by,
        kind,
        form: (!plain).then_some(form),
    })
}

fn matchers_of(matchers: &[Value]) -> Result<Vec<(String, Value)>, &'static str> {
    let mut out = Vec::with_capacity(matchers.len());
    for matcher in matchers {
        let key = matcher.get("key").and_then(Value::as_str).filter(|k| !k.is_empty());
        let equals = matcher
            .get("operator")
            .is_none_or(|o| o.as_str().is_some_and(|o| o.eq_ignore_ascii_case("equals")));
        let value = matcher
            .get("value")
            .filter(|v| v.is_string() || v.is_number() || v.is_boolean());
        match (key, value) {
            (Some(key), Some(value)) if equals => out.push((key.to_owned(), value.clone())),
            _ => return Err("A property matcher has a key, the operator equals and a value; this has not"),
        }
    }
    if out.is_empty() {
        return Err("An end matched by property has property_matchers; this has none");
    }
    out.sort_by(|a, b| (&a.0, a.1.to_string()).cmp(&(&b.0, b.1.to_string())));
    out.dedup();
    Ok(out)
}
