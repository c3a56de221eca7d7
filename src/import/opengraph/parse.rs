//! Nodes and edges as a file states them. The text is walked, not parsed as a whole: an element that is broken costs
//! itself, and a file that is cut off keeps what stood before the cut.

use super::super::tree::Value;
use super::super::{Input, documents, json, secrets};
use super::FAMILY;
use super::form::{end_of, text_of};
use super::own::{OWN_SOURCE, Own};
use super::stated::{Content, Edge, Ids, Node, Parsed, Spot};
use crate::import::pile::Pile;
use crate::import::share::first_met;
use crate::model::{Diagnostic, Fragment, List, Piece, Place, Text};
use foldhash::fast::RandomState;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

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
    /// Lists of kinds that were met: few differ.
    kinds: HashMap<Vec<Text>, List, RandomState>,
    /// What edges that were met say, whatever their ends.
    contents: HashSet<Arc<Content>, RandomState>,
}

/// A node or an edge that is to be read. There may be millions of them.
struct Element {
    offset: usize,
    line: u32,
    /// Position in its list; not known where it is the largest number.
    index: u32,
}

impl Element {
    fn new(at: &json::At, index: Option<u32>) -> Self {
        Self {
            offset: at.offset,
            line: at.line,
            index: index.unwrap_or(u32::MAX),
        }
    }

    fn spot(&self) -> Spot {
        Spot {
            index: Some(self.index).filter(|index| *index < u32::MAX),
            line: self.line,
        }
    }
}

/// Reads a payload.
pub fn read(input: &Input) -> Fragment {
    let mut reader = Reader::new(input);
    let (mut broken, mut nodes, mut edges) = (None, Vec::new(), Vec::new());
    rayon::in_place_scope(|scope| {
        let broken = &mut broken;
        scope.spawn(move |_| *broken = break_of(input.text));
        (nodes, edges) = reader.elements();
    });
    let (break_at, error) = broken.unzip();
    let behind: BTreeSet<usize> = match break_at {
        None => BTreeSet::new(),
        Some(at) => {
            let offsets = nodes.iter().chain(&edges).map(|element| element.offset);
            offsets.filter(|offset| *offset >= at).collect()
        }
    };
    reader.each(
        &nodes,
        |parsed, some| parsed.nodes.all = Pile::with_room(some),
        Reader::node,
    );
    drop(nodes);
    let ids: Ids = reader.parsed.nodes.all.iter().map(|node| node.id.clone()).collect();
    let edge = |reader: &mut Reader, text: &str, at| reader.edge(text, at, &ids);
    reader.each(&edges, |parsed, some| parsed.edges = Pile::with_room(some), edge);
    drop((edges, ids));
    if let Some(at) = break_at {
        reader.behind_the_break(at, &behind);
    }
    reader.finish(error)
}

/// Reads the definition of an extension.
pub fn read_extension(input: &Input) -> Fragment {
    let mut parsed = Parsed::default();
    let mut odd = 0u64;
    json::walk(input.text, 2, |at| {
        if at.depth == 2 && at.pointer.starts_with("/relationship_kinds/") {
            let row = Value::try_at_start(&input.text[at.offset..], &[]).ok();
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

impl<'i, 'a> Reader<'i, 'a> {
    fn new(input: &'i Input<'a>) -> Self {
        Self {
            input,
            parsed: Parsed::default(),
            said: Vec::new(),
            counts: BTreeMap::new(),
            left_out: 0,
            dropped: 0,
            own: Own::default(),
            kinds: HashMap::default(),
            contents: HashSet::default(),
        }
    }

    /// Reads elements on all threads and adds what they say. `room` makes just as much as some of them need, for of each
    /// list in the making some room stays empty.
    fn each(
        &mut self,
        elements: &[Element],
        room: impl Fn(&mut Parsed, usize) + Sync,
        read: impl Fn(&mut Reader<'i, 'a>, &'i str, Spot) + Sync,
    ) {
        let input = self.input;
        let goes = documents::in_goes(
            input,
            elements,
            |element| element.offset,
            |_, elements| {
                let mut reader = Reader::new(input);
                room(&mut reader.parsed, elements.len());
                for element in elements {
                    read(&mut reader, &input.text[element.offset..], element.spot());
                }
                reader
            },
        );
        goes.into_iter().for_each(|go| self.absorb(go));
    }

    /// Finds the nodes and edges of the text.
    fn elements(&mut self) -> (Vec<Element>, Vec<Element>) {
        let input = self.input;
        let (mut nodes, mut edges): (Vec<Element>, Vec<Element>) = Default::default();
        json::walk(input.text, 3, |at| {
            let value = &input.text[at.offset..];
            match (at.depth, at.pointer) {
                (1, "/metadata") => self.metadata(value),
                (2, list @ ("/graph/nodes" | "/graph/edges")) if !value.starts_with(['[', 'n']) => {
                    self.say(
                        "wrong-type",
                        list,
                        at.line,
                        "Expected a list here; an object is taken for its only item",
                    );
                    if value.starts_with('{') {
                        let list = if list == "/graph/nodes" { &mut nodes } else { &mut edges };
                        list.push(Element::new(at, None));
                    }
                }
                (3, pointer) => {
                    let list = |list: &str| pointer.strip_prefix(list)?.parse().ok();
                    let (node, edge) = (list("/graph/nodes/"), list("/graph/edges/"));
                    match (node, edge) {
                        (Some(_), _) => nodes.push(Element::new(at, node)),
                        (None, Some(_)) => edges.push(Element::new(at, edge)),
                        (None, None) => {}
                    }
                    if (nodes.len() + edges.len()).is_multiple_of(1024) && input.cancelled() {
                        return ControlFlow::Break(());
                    }
                }
                _ => {}
            }
            ControlFlow::Continue(())
        });
        (nodes, edges)
    }

    /// Adds what was read elsewhere in the file.
    fn absorb(&mut self, other: Reader) {
        self.parsed.nodes.all.absorb(other.parsed.nodes.all);
        self.parsed.edges.absorb(other.parsed.edges);
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for said in other.said {
            *counts.entry(said.code).or_default() += 1;
            let so_far = self.counts.get(said.code).copied().unwrap_or_default();
            if so_far + counts[said.code] <= SAID_EACH {
                self.said.push(said);
            }
        }
        for (code, count) in other.counts {
            *self.counts.entry(code).or_default() += count;
        }
        self.left_out += other.left_out;
        self.dropped += other.dropped;
        self.own.absorb(other.own);
    }

    /// Behind a break the text's own structure is lost: what looks like a node or an edge is taken for one, but for
    /// what was read there already.
    fn behind_the_break(&mut self, mut at: usize, read: &BTreeSet<usize>) {
        let text = self.input.text;
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
            let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<serde_json::Value>();
            let Some(Ok(serde_json::Value::Object(found))) = values.next() else {
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
            if !read.contains(&at) {
                if has(&["id", "kinds"]) {
                    self.node(&text[at..end], spot);
                } else if has(&["kind", "start", "end"]) {
                    self.edge(&text[at..end], spot, &Ids::default());
                }
            }
            at = end;
        }
    }

    fn metadata(&mut self, text: &str) {
        let metadata = Value::at_start(text, &[]);
        if let Some(Value::String(kind)) = metadata.get("source_kind")
            && !secrets::is_secret(kind)
            && !kind.is_empty()
            && *kind != OWN_SOURCE
        {
            self.parsed.nodes.source_kind = Some(kind.to_string());
        }
    }

    fn node(&mut self, text: &str, at: Spot) {
        let pointer = || at.pointer("nodes");
        let node = match value_at(text) {
            Ok(node @ Value::Object(_)) => node,
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
        let kinds = match node.get("kinds").or_else(|| node.get("kind")) {
            Some(Value::Array(items)) => {
                let texts = items.iter().filter_map(Value::as_str).filter(|kind| !kind.is_empty());
                let kinds: Vec<Text> = texts.map(Text::from).collect();
                if kinds.len() < items.len() {
                    self.say(
                        "wrong-type",
                        &pointer(),
                        at.line,
                        "A kind is a text; another value was left out",
                    );
                }
                kinds
            }
            Some(Value::String(kind)) => vec![Text::from(&**kind)],
            None | Some(Value::Null) => Vec::new(),
            Some(_) => {
                self.say("wrong-type", &pointer(), at.line, "kinds is no list; it was left out");
                Vec::new()
            }
        };
        // Ours are read as the native format is, and what looks like a secret is dropped there.
        if self.own.take(&kinds, node.get("properties"), "nodes", at) {
            return;
        }
        let properties = self.properties(&node, true, &pointer, at.line);
        let own = ["id", "properties", "kinds", "kind"];
        let mut keys = node.as_object().into_iter().flat_map(|members| members.keys());
        if keys.any(|key| !own.contains(&key)) {
            self.say(
                "unknown-key",
                &pointer(),
                at.line,
                "A node has id, kinds and properties; more was left out",
            );
        }
        let kinds = match self.kinds.get(&kinds) {
            Some(kinds) => kinds.clone(),
            None => self.kinds.entry(kinds.clone()).or_insert(kinds.into()).clone(),
        };
        self.parsed.nodes.all.push(Node {
            id,
            kinds,
            properties,
            at,
        });
    }

    fn edge(&mut self, text: &str, at: Spot, ids: &Ids) {
        let pointer = || at.pointer("edges");
        let edge = match value_at(text) {
            Ok(edge @ Value::Object(_)) => edge,
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
        let guarded = secrets::may_hold(&edge);
        let dropped = &mut self.dropped;
        let mut end_at = |key: &str| edge.get(key).map(|form| end_of(form, guarded, dropped, ids));
        let (start, end) = match (end_at("start"), end_at("end")) {
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
        let stated = edge.get("properties");
        if self.own.take(&[kind], stated, "edges", at) {
            return;
        }
        let walked = stated.and_then(|p| p.get("traversable")).and_then(Value::as_bool);
        let content = Content {
            kind: kind.into(),
            properties: self.properties(&edge, guarded, &pointer, at.line),
            walked,
            guarded,
        };
        let content = first_met(&mut self.contents, content);
        self.parsed.edges.push(Edge {
            content,
            start,
            end,
            at,
        });
    }

    /// The properties of a node or an edge, as JSON, without those that look like secrets, which only one that is
    /// `guarded` may have.
    fn properties(
        &mut self,
        of: &Value,
        guarded: bool,
        pointer: &dyn Fn() -> String,
        line: u32,
    ) -> Option<Option<Text>> {
        match of.get("properties")? {
            Value::Null => Some(None),
            properties @ Value::Object(_) if !guarded || !secrets::may_hold(properties) => {
                Some(Some(properties.to_string().into()))
            }
            properties @ Value::Object(_) => {
                let serde_json::Value::Object(mut members) = properties.to_owned_value() else {
                    return Some(None);
                };
                secrets::clean(&mut members, &mut |_| self.dropped += 1);
                Some(Some(serde_json::Value::Object(members).to_string().into()))
            }
            _ => {
                self.say(
                    "wrong-type",
                    &pointer(),
                    line,
                    "properties is no object; it was left out",
                );
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

    fn finish(mut self, broken: Option<serde_json::Error>) -> Fragment {
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
                self.parsed.nodes.all.len(),
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
        cut_off(self.input, broken, &mut fragment);
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
fn value_at(text: &str) -> Result<Value<'_>, String> {
    Value::try_at_start(text, &[]).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "The file ends in the middle of this".to_owned(),
        _ => "This is not JSON, holds a number out of range or is nested too deep".to_owned(),
    })
}
