//! The fields of one record: each read alone, so that one that is odd leaves the others.

use crate::import::{json, secrets};
use crate::model::{Diagnostic, Extra, List, Place, Text, Time};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// A value as it stands in the text.
pub(super) type Raw<'a> = &'a RawValue;

/// The members of an object as they stand in the text.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, Raw<'a>)>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'a> Visitor<'a> for MembersVisitor {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let mut members = Vec::with_capacity(12);
                while let Some(super::Key(key)) = map.next_key()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// What sort of value a JSON text is, as messages name it.
pub(super) fn kind_of(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The text a JSON string is.
pub(super) fn text(raw: &str) -> Option<Text> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    // A text without escapes stands as it is.
    if !inner.contains('\\') {
        return Some(inner.into());
    }
    serde_json::from_str::<String>(raw).ok().map(Text::from)
}

/// The record being read: how messages name it, where it is, and what was odd about it.
pub(super) struct Record<'o> {
    /// `a system`, `a grant`
    pub(super) noun: &'static str,
    /// Its id as messages show it, or its number in its list.
    pub(super) called: String,
    pub(super) place: Place,
    /// Entities keep what can be understood; a relation is all or nothing.
    pub(super) entity: bool,
    /// Something that matters could not be understood.
    pub(super) failed: bool,
    /// Keys that were given twice and are taken out.
    pub(super) repeated: Vec<String>,
    /// The text of the record, for lines of its fields.
    pub(super) text: &'o str,
    /// What was read before and is shared where it comes again.
    pub(super) met: &'o mut Met,
    pub(super) diagnostics: &'o mut Vec<Diagnostic>,
}

/// Texts and lists met before, by how they are written: an estate names a system many times.
#[derive(Default)]
pub(super) struct Met {
    texts: HashMap<Box<str>, Text>,
    lists: HashMap<Box<str>, List>,
}

/// Only so many are remembered, and none that is longer.
const MOST_MET: usize = 4096;
const LONGEST_MET: usize = 256;

impl Record<'_> {
    /// The place of a field (steps below the record joined by `/`) whose value stands at `raw`.
    pub(super) fn at(&self, field: &str, raw: &str) -> Place {
        let pointer = format!("{}/{field}", self.place.pointer);
        let place = Place::new(self.place.file, pointer);
        let offset = (raw.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let before = self.text.get(..offset).unwrap_or_default();
        match self.place.line() {
            Some(line) => place.at_line(line + before.bytes().filter(|b| *b == b'\n').count() as u32),
            None => place,
        }
    }

    /// A field that matters is odd: an entity loses the field, a relation is left out.
    pub(super) fn odd(&mut self, code: &'static str, field: &str, raw: &str, what: &str) {
        let place = self.at(field, raw);
        self.odd_at(code, field, place, what);
    }

    /// As [`Record::odd`], where the place is further in.
    fn odd_at(&mut self, code: &'static str, field: &str, place: Place, what: &str) {
        let shown = field.replace('/', ".");
        // Without its id there is no entity.
        let message = if self.entity && field != "id" {
            format!("Left out the field {shown} of {} {}: {what}", self.noun, self.called)
        } else {
            self.failed = true;
            format!("Left out the {} {}: {shown}: {what}", self.noun, self.called)
        };
        self.diagnostics.push(Diagnostic::error(code, place, message));
    }

    /// A field without which there is no record is missing.
    pub(super) fn missing(&mut self, field: &str) {
        self.failed = true;
        if self.repeated.iter().any(|repeated| repeated == field) {
            return;
        }
        let message = format!(
            "Left out the {} {}: it states no {field}; add it",
            self.noun, self.called
        );
        self.diagnostics
            .push(Diagnostic::error("missing-field", self.place.clone(), message));
    }

    fn wrong(&mut self, field: &str, raw: &str, expected: &str) {
        let found = kind_of(raw);
        let what = if found == "a text" && expected == "a text" {
            "expected a text, found one with broken escapes".to_owned()
        } else {
            format!("expected {expected}, found {found}")
        };
        self.odd("wrong-type", field, raw, &what);
    }

    pub(super) fn text(&mut self, field: &str, raw: Raw) -> Option<Text> {
        let raw = raw.get();
        // A short one lies in the record itself; an id or a name seldom comes again.
        let shared = (18..LONGEST_MET).contains(&raw.len()) && !matches!(field, "id" | "name");
        if shared && let Some(met) = self.met.texts.get(raw) {
            return Some(met.clone());
        }
        let read = text(raw);
        match &read {
            None if raw != "null" => self.wrong(field, raw, "a text"),
            Some(read) if shared && self.met.texts.len() < MOST_MET => {
                self.met.texts.insert(raw.into(), read.clone());
            }
            _ => {}
        }
        read
    }

    pub(super) fn flag(&mut self, field: &str, raw: Raw) -> Option<bool> {
        match raw.get() {
            "true" => Some(true),
            "false" => Some(false),
            "null" => None,
            other => {
                self.wrong(field, other, "true or false");
                None
            }
        }
    }

    pub(super) fn time(&mut self, field: &str, raw: Raw) -> Option<Time> {
        let text = self.text(field, raw)?;
        let read = text.parse().ok();
        if read.is_none() {
            let harmless = text.len() <= 35 && text.chars().all(|c| c.is_ascii_digit() || "TZtz:+-. ".contains(c));
            let found = if harmless {
                format!(", found {text:?}")
            } else {
                String::new()
            };
            let what = format!("expected a time such as 2026-05-01T00:00:00Z{found}");
            self.odd("bad-time", field, raw.get(), &what);
        }
        read
    }

    /// One of the words of a field.
    pub(super) fn word<T: Copy>(
        &mut self,
        field: &str,
        raw: Raw,
        all: &[T],
        parse: fn(&str) -> Option<T>,
        as_str: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(field, raw)?;
        let read = parse(&text);
        if read.is_none() {
            let found = secrets::harmless_word(&text).map_or(String::new(), |word| format!(", found {word:?}"));
            let words: Vec<&str> = all.iter().map(|v| as_str(*v)).collect();
            self.odd(
                "unknown-value",
                field,
                raw.get(),
                &format!("expected one of {}{found}", words.join(", ")),
            );
        }
        read
    }

    /// A list of texts; one that is none spoils the list.
    pub(super) fn list(&mut self, field: &str, raw: Raw) -> Option<List> {
        let raw = raw.get();
        if raw == "null" {
            return None;
        }
        if let Some(met) = self.met.lists.get(raw) {
            return Some(met.clone());
        }
        if let Ok(list) = serde_json::from_str::<Vec<Text>>(raw) {
            let list = List::from(list);
            if raw.len() < LONGEST_MET && self.met.lists.len() < MOST_MET {
                self.met.lists.insert(raw.into(), list.clone());
            }
            return Some(list);
        }
        match serde_json::from_str::<Vec<Raw>>(raw) {
            Ok(items) => {
                if let Some((i, item)) = items.iter().enumerate().find(|(_, item)| text(item.get()).is_none()) {
                    let what = format!("expected a list of texts, found {} in it", kind_of(item.get()));
                    let place = self.at(&format!("{field}/{i}"), item.get());
                    self.odd_at("wrong-type", field, place, &what);
                }
            }
            Err(_) => self.wrong(field, raw, "a list of texts"),
        }
        None
    }

    /// The members of an object inside the record; a key given twice spoils it.
    pub(super) fn members<'a>(&mut self, field: &str, raw: Raw<'a>) -> Option<Vec<(Cow<'a, str>, Raw<'a>)>> {
        let raw = raw.get();
        if raw == "null" {
            return None;
        }
        let Ok(Members(mut members)) = serde_json::from_str::<Members>(raw) else {
            self.wrong(field, raw, "an object");
            return None;
        };
        self.drop_repeated(&mut members, field);
        Some(members)
    }

    /// Takes every member whose key is given twice out, and says so.
    pub(super) fn drop_repeated(&mut self, members: &mut Vec<(Cow<str>, Raw)>, inside: &str) {
        let mut repeated: Vec<String> = Vec::new();
        for (i, (key, _)) in members.iter().enumerate() {
            if members[..i].iter().any(|(before, _)| before == key) && !repeated.iter().any(|r| r == key) {
                repeated.push(key.clone().into_owned());
            }
        }
        for key in repeated {
            if let Some((_, raw)) = members.iter().rev().find(|(k, _)| *k == key) {
                let step = json::pointer_step(&if secrets::is_secret(&key) {
                    "(a key)".into()
                } else {
                    key.clone()
                });
                let field = if inside.is_empty() {
                    step
                } else {
                    format!("{inside}/{step}")
                };
                self.odd(
                    "duplicate-key",
                    &field,
                    raw.get(),
                    "the key is given twice; give it once",
                );
            }
            members.retain(|(k, _)| *k != key);
            if inside.is_empty() {
                self.repeated.push(key);
            }
        }
    }

    /// Free members: `attributes`. What is odd in them is left out alone.
    pub(super) fn attributes(&mut self, raw: Raw) -> Extra {
        let mut out = Extra::new();
        let Ok(Members(members)) = serde_json::from_str::<Members>(raw.get()) else {
            if raw.get() != "null" {
                self.wrong("attributes", raw.get(), "an object");
            }
            return out;
        };
        for (key, raw) in members {
            let place = self.at(&format!("attributes/{}", shown_step(&key)), raw.get());
            if out.contains_key(&key) {
                let message = format!(
                    "{} is given twice in the attributes of {} {}; the first stays",
                    secrets::shown(&key),
                    self.noun,
                    self.called
                );
                self.diagnostics
                    .push(Diagnostic::error("duplicate-key", place, message));
                continue;
            }
            let of = format!("{} {}", self.noun, self.called);
            if let Some(value) = read_value(&key, raw.get(), &of, &place, self.diagnostics) {
                out.insert(key.into_owned(), value);
            }
        }
        out
    }

    /// A member the format does not know: kept, with a warning.
    pub(super) fn unknown(&mut self, inside: &str, key: &str, raw: Raw, into: &mut Extra) {
        if raw.get() == "null" {
            return;
        }
        let field = if inside.is_empty() {
            shown_step(key)
        } else {
            format!("{inside}/{}", shown_step(key))
        };
        let place = self.at(&field, raw.get());
        let of = format!("{} {}", self.noun, self.called);
        let Some(value) = read_value(key, raw.get(), &of, &place, self.diagnostics) else {
            return;
        };
        let noun = self.noun;
        let article = if noun.starts_with(['e', 'i']) { "an" } else { "a" };
        let of = if inside.is_empty() {
            format!("{article} {noun}")
        } else {
            format!("{inside} of {article} {noun}")
        };
        self.diagnostics.push(Diagnostic::warning(
            "unknown-key",
            place,
            format!("{} is not a field of {of}; it is kept", secrets::shown(key)),
        ));
        into.insert(key.to_owned(), value);
    }
}

/// What to say of a text that is no time; the text only where it cannot be a secret.
pub(super) fn not_a_time(text: &str) -> String {
    let harmless = text.len() <= 35 && text.chars().all(|c| c.is_ascii_digit() || "TZtz:+-. ".contains(c));
    let found = if harmless {
        format!(", found {text:?}")
    } else {
        String::new()
    };
    format!("expected a time such as 2026-05-01T00:00:00Z{found}")
}

/// A key as a step of a JSON pointer, unless it is a secret.
pub(super) fn shown_step(key: &str) -> String {
    if secrets::is_secret(key) {
        "(a key)".to_owned()
    } else {
        json::pointer_step(key)
    }
}

/// A value nobody knows, without secrets; `None` where nothing is left of it. Keys given twice inside are reported, the
/// first stays.
pub(super) fn read_value(
    key: &str,
    raw: &str,
    of: &str,
    place: &Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let mut repeated = Vec::new();
    let seed = Strict {
        repeated: &mut repeated,
    };
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    let value = match seed.deserialize(&mut deserializer) {
        Ok(value) => value,
        Err(error) => {
            let deep = error.to_string().starts_with("recursion limit exceeded");
            let (code, what) = if deep {
                ("too-deep", "it is nested deeper than 128 levels")
            } else {
                ("wrong-type", "it holds a number or an escape that is not valid")
            };
            let message = format!("Left out {} of {of}: {what}", secrets::shown(key));
            diagnostics.push(Diagnostic::error(code, place.clone(), message));
            return None;
        }
    };
    for inner in repeated {
        let message = format!(
            "{} is given twice in {} of {of}; the first stays",
            secrets::shown(&inner),
            secrets::shown(key)
        );
        diagnostics.push(Diagnostic::error("duplicate-key", place.clone(), message));
    }
    let mut alone = Extra::new();
    if !value.is_null() {
        alone.insert(key.to_owned(), value);
    }
    secrets::clean(&mut alone, &mut |path| {
        let message = format!(
            "Left out {path} of {of}: it looks like a secret's value; an inventory needs none, remove it from the file"
        );
        diagnostics.push(Diagnostic::warning("secret-dropped", place.clone(), message));
    });
    alone.remove(key)
}

/// A JSON value in which the first of two equal keys stays and the second is told.
struct Strict<'r> {
    repeated: &'r mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Strict {
            repeated: self.repeated,
        })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict {
                repeated: self.repeated,
            })?;
            if members.contains_key(&key) {
                self.repeated.push(key);
            } else {
                members.insert(key, value);
            }
        }
        Ok(Value::Object(members))
    }
}
