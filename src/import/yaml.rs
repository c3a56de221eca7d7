//! YAML as importers need it: a stream of documents, each read into JSON values with a way from a pointer to its line.
//! A broken document keeps what was read before the break and costs no other document anything. Files come from
//! strangers: nesting is bounded, and so is what aliases may repeat.

use super::json::{PointerLines, pointer_step};
use crate::model::{FileId, Place};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// Deeper nesting than this ends a document: real ones stay below 30 levels.
const DEEPEST: usize = 100;

/// Pointers are given lines this deep; what lies deeper has the line of what is around it.
const LINES_DEEP: usize = 10;

/// Aliases may repeat this much in a file besides four times its own size. A stranger's nine lines can ask for gigabytes.
const ALIASES_FREE: usize = 1 << 20;

/// One document of a YAML text.
#[derive(Debug)]
pub struct Document {
    /// What it says; where it is broken, what it said before the break. Scalars follow YAML 1.2: only `true` and `false`
    /// are booleans, so that `on` and `no` stay texts. Keys are always texts.
    pub value: Value,
    /// The line it begins in, from 1.
    pub line: u32,
    /// What is wrong with it. The first one that ends it comes last.
    pub problems: Vec<Problem>,
    /// Where it stands among the text's documents, as the beginning of pointers into it: empty in a text of one
    /// document, `/0`, `/1` and so on in a text of several.
    pub root: String,
    lines: PointerLines,
}

/// Something wrong with a document, said without quoting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1.
    pub line: u32,
    /// One sentence.
    pub message: String,
    /// Whether the rest of the document is lost.
    pub ends_it: bool,
}

impl Document {
    /// The line of the value at `pointer` (in this document), else of the nearest value around it.
    #[must_use]
    pub fn line_of(&self, pointer: &str) -> u32 {
        self.lines.line(pointer).unwrap_or(self.line)
    }

    /// The place of the value at `pointer` (in this document).
    #[must_use]
    pub fn at(&self, file: FileId, pointer: &str) -> Place {
        Place::new(file, format!("{}{pointer}", self.root)).at_line(self.line_of(pointer))
    }

    /// The place of a problem.
    #[must_use]
    pub fn place_of(&self, file: FileId, problem: &Problem) -> Place {
        Place::new(file, self.root.clone()).at_line(problem.line)
    }
}

/// The documents of a text, in order. Empty ones (only comments between two `---`) are left out.
#[must_use]
pub fn read(text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut budget = ALIASES_FREE.saturating_add(text.len().saturating_mul(4));
    for (first_line, part) in parts(text) {
        let mut reader = Reader::new(first_line, &mut budget);
        reader.read(part);
        let document = reader.finish();
        if document.value.is_null() && document.problems.is_empty() {
            continue;
        }
        documents.push(document);
    }
    if documents.len() > 1 {
        for (i, document) in documents.iter_mut().enumerate() {
            document.root = format!("/{i}");
        }
    }
    documents
}

/// The keys that begin a line without indentation, in order and as written, of all documents in `head`: enough to
/// recognise a format by without reading the text. Nothing for a text that begins as JSON.
#[must_use]
pub fn top_level_keys(head: &str) -> Vec<&str> {
    if head.trim_start().starts_with(['{', '[']) {
        return Vec::new();
    }
    top_level_lines(head).map(|(key, _)| key).collect()
}

/// The value of a key that begins a line without indentation, where it is a plain or quoted text in the same line.
#[must_use]
pub fn top_level_text<'a>(head: &'a str, key: &str) -> Option<&'a str> {
    let (_, value) = top_level_lines(head).find(|(k, _)| *k == key)?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    let bare = value.trim_matches(['"', '\'']);
    (!bare.is_empty() && !bare.starts_with(['{', '[', '|', '>', '&', '*', '!'])).then_some(bare)
}

fn top_level_lines(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.lines().filter_map(|line| {
        let first = line.chars().next()?;
        if !(first.is_alphanumeric() || matches!(first, '"' | '\'' | '_')) {
            return None;
        }
        let (key, value) = line.split_once(':')?;
        if !(value.is_empty() || value.starts_with([' ', '\t', '\r'])) {
            return None;
        }
        Some((key.trim().trim_matches(['"', '\'']), value))
    })
}

/// The documents of a text with the lines they begin in. A marker at the beginning of a line ends a document whatever it
/// is in the middle of, so the text can be cut before anything is parsed. Directives say nothing that is used here.
fn parts(text: &str) -> Vec<(u32, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut start_line = 1;
    let mut offset = 0;
    let mut line = 0;
    let mut between = true;
    for full in text.split_inclusive('\n') {
        line += 1;
        let here = offset;
        offset += full.len();
        let bare = full.trim_end_matches(['\n', '\r']);
        let marker = |m: &str| {
            bare.strip_prefix(m)
                .is_some_and(|r| r.is_empty() || r.starts_with([' ', '\t']))
        };
        if marker("---") {
            if !between {
                parts.push((start_line, &text[start..here]));
            }
            // What follows the marker in its line belongs to the document.
            (start, start_line, between) = (here + 3, line, false);
        } else if marker("...") {
            if !between {
                parts.push((start_line, &text[start..here]));
            }
            between = true;
        } else if between && !(bare.trim().is_empty() || bare.starts_with(['#', '%'])) {
            (start, start_line, between) = (here, line, false);
        }
    }
    if !between {
        parts.push((start_line, &text[start..]));
    }
    parts
}

/// A list or an object not yet closed.
enum Open {
    List(Vec<Value>),
    Object {
        members: Map<String, Value>,
        /// The key whose value comes next.
        key: Option<Key>,
        /// What `<<` gives where the object itself says nothing.
        merged: Vec<Value>,
    },
}

enum Key {
    Named(String),
    /// `<<`
    Merge,
    /// A key that is no text, or was there before; its value goes nowhere.
    Dropped,
}

struct Frame {
    open: Open,
    anchor: usize,
    /// How long the pointer is without this one's steps.
    base: usize,
    /// Whether it is itself the key of the object around it.
    is_key: bool,
}

struct Reader<'b> {
    first_line: u32,
    frames: Vec<Frame>,
    pointer: String,
    root: Value,
    lines: HashMap<Box<str>, u32>,
    anchors: HashMap<usize, (Value, usize)>,
    budget: &'b mut usize,
    problems: Vec<Problem>,
    began: Option<u32>,
}

impl<'b> Reader<'b> {
    fn new(first_line: u32, budget: &'b mut usize) -> Self {
        Self {
            first_line,
            frames: Vec::new(),
            pointer: String::new(),
            root: Value::Null,
            lines: HashMap::new(),
            anchors: HashMap::new(),
            budget,
            problems: Vec::new(),
            began: None,
        }
    }

    fn read(&mut self, part: &str) {
        // To the parser a NUL is the end of everything.
        let part = if part.contains('\0') {
            Cow::Owned(part.replace('\0', " "))
        } else {
            Cow::Borrowed(part)
        };
        for event in Parser::new_from_str(&part) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    let line = self.line(error.marker().line());
                    self.problem(line, broken(&error, line), true);
                    return;
                }
            };
            let line = self.line(span.start.line());
            if !self.event(event, line) {
                return;
            }
        }
    }

    /// The line in the whole text of a line in the part, both from 1.
    fn line(&self, in_part: usize) -> u32 {
        self.first_line + u32::try_from(in_part.saturating_sub(1)).unwrap_or(u32::MAX / 2)
    }

    fn problem(&mut self, line: u32, message: impl Into<String>, ends_it: bool) {
        // A document with a thousand doubled keys is not worth a thousand words.
        if ends_it || self.problems.len() < 20 {
            self.problems.push(Problem {
                line,
                message: message.into(),
                ends_it,
            });
        }
    }

    /// Takes one event; false where the rest of the document is lost.
    fn event(&mut self, event: Event, line: u32) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.expects_key() {
                    let key = match &*text {
                        "<<" if style == ScalarStyle::Plain => Key::Merge,
                        _ => Key::Named(text.into_owned()),
                    };
                    self.name(key, line);
                } else {
                    let value = scalar(text, style, tag.as_deref());
                    self.enter(line);
                    self.anchor(anchor, &value, line);
                    self.put(value);
                }
            }
            Event::SequenceStart(anchor, _) => return self.open(Open::List(Vec::new()), anchor, line),
            Event::MappingStart(anchor, _) => {
                let open = Open::Object {
                    members: Map::new(),
                    key: None,
                    merged: Vec::new(),
                };
                return self.open(open, anchor, line);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(line),
            Event::Alias(id) => {
                let value = match self.anchors.get(&id) {
                    Some((value, weight)) if *weight <= *self.budget => {
                        *self.budget -= weight;
                        value.clone()
                    }
                    Some(_) => {
                        let message = "its aliases repeat far more than the file is long; the rest of it was left out";
                        self.problem(line, message, true);
                        return false;
                    }
                    // An alias inside what it stands for.
                    None => {
                        self.problem(line, "an alias stands for what it is part of; it was left out", false);
                        Value::Null
                    }
                };
                if self.expects_key() {
                    let key = match value {
                        Value::String(text) => Key::Named(text),
                        _ => Key::Dropped,
                    };
                    self.name(key, line);
                } else {
                    self.enter(line);
                    self.put(value);
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
        true
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                open: Open::Object { key: None, .. },
                ..
            })
        )
    }

    /// A value begins: its pointer, and the line of it.
    fn enter(&mut self, line: u32) {
        self.began.get_or_insert(line);
        if let Some(frame) = self.frames.last() {
            self.pointer.truncate(frame.base);
            self.pointer.push('/');
            match &frame.open {
                Open::List(items) => self.pointer.push_str(&items.len().to_string()),
                Open::Object { key, .. } => match key {
                    Some(Key::Named(key)) => self.pointer.push_str(&pointer_step(key)),
                    _ => self.pointer.push_str("<<"),
                },
            }
        }
        if self.frames.len() <= LINES_DEEP {
            self.lines.entry(self.pointer.as_str().into()).or_insert(line);
        }
    }

    /// The key of the value that comes next.
    fn name(&mut self, named: Key, line: u32) {
        let mut doubled = false;
        if let Some(Frame {
            open: Open::Object { members, key, .. },
            ..
        }) = self.frames.last_mut()
        {
            doubled = matches!(&named, Key::Named(name) if members.contains_key(name));
            *key = Some(if doubled { Key::Dropped } else { named });
        }
        if doubled {
            self.problem(line, "a key is given twice; the first one counts", false);
        }
    }

    fn open(&mut self, open: Open, anchor: usize, line: u32) -> bool {
        if self.frames.len() >= DEEPEST {
            let message = format!("it is nested deeper than {DEEPEST} levels; the rest of it was left out");
            self.problem(line, message, true);
            return false;
        }
        let is_key = self.expects_key();
        if is_key {
            self.problem(line, "a key is no text; it was left out with its value", false);
        } else {
            self.enter(line);
        }
        self.frames.push(Frame {
            open,
            anchor,
            base: self.pointer.len(),
            is_key,
        });
        true
    }

    fn close(&mut self, line: u32) {
        let Some(frame) = self.frames.pop() else { return };
        let value = match frame.open {
            Open::List(items) => Value::Array(items),
            Open::Object {
                mut members, merged, ..
            } => {
                for other in merged {
                    merge(&mut members, other);
                }
                Value::Object(members)
            }
        };
        self.pointer.truncate(frame.base);
        self.anchor(frame.anchor, &value, line);
        if frame.is_key {
            self.name(Key::Dropped, line);
        } else {
            self.put(value);
        }
    }

    /// Keeps a value that an alias may repeat.
    fn anchor(&mut self, id: usize, value: &Value, line: u32) {
        if id == 0 {
            return;
        }
        let weight = weight(value);
        if weight > *self.budget {
            self.problem(
                line,
                "its anchors hold far more than the file is long; one was left out",
                false,
            );
            return;
        }
        *self.budget -= weight;
        self.anchors.insert(id, (value.clone(), weight));
    }

    /// A value is complete.
    fn put(&mut self, value: Value) {
        match self.frames.last_mut() {
            None => self.root = value,
            Some(frame) => match &mut frame.open {
                Open::List(items) => items.push(value),
                Open::Object { members, key, merged } => match key.take() {
                    Some(Key::Named(key)) => {
                        members.insert(key, value);
                    }
                    Some(Key::Merge) => merged.push(value),
                    Some(Key::Dropped) | None => {}
                },
            },
        }
    }

    fn finish(mut self) -> Document {
        // What a broken document had opened is closed where it breaks.
        while !self.frames.is_empty() {
            self.close(self.first_line);
        }
        Document {
            value: self.root,
            line: self.began.unwrap_or(self.first_line),
            problems: self.problems,
            root: String::new(),
            lines: PointerLines::of(self.lines),
        }
    }
}

/// `<<`: members of others where the object itself has none, those of the first before those of the next.
fn merge(members: &mut Map<String, Value>, other: Value) {
    match other {
        Value::Object(other) => {
            for (key, value) in other {
                members.entry(key).or_insert(value);
            }
        }
        Value::Array(others) => {
            for other in others {
                if other.is_object() {
                    merge(members, other);
                }
            }
        }
        _ => {}
    }
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    const EACH: usize = 32;
    EACH + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members.iter().map(|(k, v)| EACH + k.len() + weight(v)).sum(),
    }
}

/// A scalar by YAML 1.2's core schema. A number that JSON cannot hold stays a text.
fn scalar(text: Cow<str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let tag = tag.map(|t| t.suffix.as_str());
    if style != ScalarStyle::Plain || matches!(tag, Some("str" | "binary")) {
        return Value::String(text.into_owned());
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    match number(&text) {
        Some(number) => Value::Number(number),
        None => Value::String(text.into_owned()),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.trim_start_matches(['+', '-']);
    if !(digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.len() - digits.len() <= 1) {
        return None;
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = plain.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = plain.parse::<u64>() {
        return Some(whole.into());
    }
    // A whole number no integer holds (an account's or a commit's digits) would lose some of them as a float.
    if !plain.contains(['.', 'e', 'E']) || !plain.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b)) {
        return None;
    }
    plain.parse::<f64>().ok().and_then(Number::from_f64)
}

fn broken(error: &ScanError, line: u32) -> String {
    if error.info().starts_with("recursion limit") {
        return format!("it is nested too deep at line {line}; the rest of it was left out");
    }
    format!(
        "it is not YAML from line {line}, column {} on",
        error.marker().col() + 1
    )
}
