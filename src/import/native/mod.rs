//! trustmap's own inventories, version 1. Read as a stream: no tree of the whole file, one record at a time, each with
//! its JSON pointer and line. A record that is odd never hides the rest; a file that is cut off keeps what stood before
//! the cut.

mod fields;
mod record;

use super::{Answer, Importer, Input, Peek, Shares, json, secrets};
use crate::model::{Diagnostic, FileId, Fragment, Place, Records, Time};
use fields::{Met, Raw, kind_of, read_value, shown_step};
use lean_string::ToLeanStr;
use rayon::in_place_scope;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// What the importer is called.
pub(super) const NAME: &str = "native";

/// The value of `format` in every inventory.
pub const FORMAT: &str = "trustmap-inventory";
/// The only version there is.
pub const VERSION: u64 = 1;

/// Reads trustmap's own inventories.
pub struct Native;

impl Importer for Native {
    fn name(&self) -> &'static str {
        NAME
    }

    fn describe(&self) -> &'static str {
        "trustmap's own inventory, JSON: {\"format\": \"trustmap-inventory\", \"version\": 1, ...}, as convert writes it"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        match peek.member("format") {
            Some(member) if member.as_text().as_deref() == Some(FORMAT) => Answer::Certain,
            Some(_) => Answer::No,
            // The format may stand at the end of a very long file.
            None => {
                let lists = LISTS
                    .iter()
                    .filter(|list| peek.member(list).is_some_and(json::Member::is_array));
                if lists.count() >= 2 { Answer::Maybe } else { Answer::No }
            }
        }
    }

    fn shares(&self) -> Shares {
        Shares::All
    }

    fn read(&self, input: &Input) -> Fragment {
        let mut reader = Reader {
            input,
            out: Fragment {
                complete: true,
                ..Fragment::default()
            },
            seen: Vec::new(),
            format: None,
            version: None,
            lines: LineCounter { offset: 0, line: 1 },
            stopped: false,
        };
        reader.read();
        reader.out
    }
}

/// The lists of records, in the order of the format.
pub(super) const LISTS: [&str; 7] = [
    "systems",
    "identities",
    "credentials",
    "grants",
    "exposures",
    "inherits",
    "trusts",
];

struct Reader<'a, 'i> {
    input: &'i Input<'a>,
    out: Fragment,
    seen: Vec<String>,
    /// Whether the stated format is ours.
    format: Option<bool>,
    /// What the version states, and whether it is the one that can be read.
    version: Option<bool>,
    lines: LineCounter,
    /// Reading was cancelled.
    stopped: bool,
}

/// Lines of positions that only grow.
struct LineCounter {
    offset: usize,
    line: u32,
}

impl LineCounter {
    fn at(&mut self, text: &str, offset: usize) -> u32 {
        if offset > self.offset {
            let between = &text.as_bytes()[self.offset..offset.min(text.len())];
            self.line += between.iter().filter(|b| **b == b'\n').count() as u32;
            self.offset = offset;
        }
        self.line
    }
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) {
        let text = self.input.text;
        if !text.trim_start().starts_with('{') {
            self.out.refused = Some(format!(
                "expected a JSON object that begins with {{\"format\": \"{FORMAT}\"}}"
            ));
            return;
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut result = (&mut deserializer).deserialize_map(Document { reader: self });
        if result.is_ok() {
            result = deserializer.end();
        }
        if self.stopped {
            return;
        }
        if let Err(error) = result {
            self.broken(&error);
        }
        match (self.format, self.version) {
            (Some(true), Some(true)) => {}
            (Some(false), _) => {
                self.refuse(format!("its format is another one; expected \"format\": \"{FORMAT}\""));
            }
            // Cut off before they came: what was read is kept.
            (format, _) if !self.out.complete && !self.out.records.is_empty() && format != Some(false) => {}
            (None, _) => self.refuse(format!("it states no format; expected \"format\": \"{FORMAT}\"")),
            (_, None) => self.refuse(format!("it states no version; expected \"version\": {VERSION}")),
            (_, Some(false)) => self.refuse(format!(
                "its version is not one that can be read; expected \"version\": {VERSION}, a newer trustmap may have written it"
            )),
        }
        if self.version == Some(false) {
            self.out.records = Default::default();
        }
    }

    fn refuse(&mut self, why: String) {
        self.out.refused.get_or_insert(why);
    }

    /// The text is cut off or no JSON from somewhere on: what stood before it is kept.
    fn broken(&mut self, error: &serde_json::Error) {
        self.out.complete = false;
        let kept = self.out.records.len();
        let cut = error.is_eof();
        let message = format!(
            "Could not read on: {}; {kept} {} before it are kept, {}",
            json::problem(error),
            if kept == 1 { "record" } else { "records" },
            if cut {
                "get the whole file"
            } else {
                "mend the file there"
            }
        );
        let place = self
            .input
            .whole()
            .at_line(u32::try_from(error.line()).unwrap_or(u32::MAX));
        let code = if cut { "cut-off" } else { "not-json" };
        self.out.diagnostics.push(Diagnostic::error(code, place, message));
    }

    fn offset(&self, raw: &str) -> usize {
        // Raw values borrow from the text, so the distance of their starts is a position in it.
        (raw.as_ptr() as usize).saturating_sub(self.input.text.as_ptr() as usize)
    }

    fn place(&mut self, pointer: String, raw: &str) -> Place {
        let offset = self.offset(raw);
        let line = self.lines.at(self.input.text, offset);
        Place::new(self.input.file, pointer).at_line(line)
    }

    /// A member of the document besides its records.
    fn member(&mut self, key: &str, raw: Raw<'a>) {
        let place = self.place(format!("/{}", shown_step(key)), raw.get());
        let problem = |what: String| Diagnostic::error("wrong-type", place.clone(), what);
        match key {
            "format" => {
                let text = fields::text(raw.get());
                self.format = Some(text.as_deref() == Some(FORMAT));
            }
            "version" => self.version = Some(raw.get().parse::<u64>().ok() == Some(VERSION)),
            _ if raw.get() == "null" => {}
            "name" => match fields::text(raw.get()) {
                Some(name) => self.out.name = Some(name.into()),
                None => {
                    let found = kind_of(raw.get());
                    let message = format!("Left out the field name of the inventory: expected a text, found {found}");
                    self.out.diagnostics.push(problem(message));
                }
            },
            "as_of" => {
                let text = fields::text(raw.get()).unwrap_or_default();
                match text.parse::<Time>() {
                    Ok(time) => self.out.as_of = Some(time),
                    Err(_) => {
                        let message = format!(
                            "Left out the field as_of of the inventory: {}",
                            fields::not_a_time(&text)
                        );
                        self.out.diagnostics.push(Diagnostic::error("bad-time", place, message));
                    }
                }
            }
            _ => {
                let mut unknown = Vec::new();
                if let Some(value) = read_value(key, raw.get(), "the inventory", &place, &mut unknown) {
                    unknown.push(Diagnostic::warning(
                        "unknown-key",
                        place,
                        format!("{} is not a field of an inventory; it is kept", secrets::shown(key)),
                    ));
                    self.out.extra.insert(key.to_owned(), value);
                }
                self.out.diagnostics.append(&mut unknown);
            }
        }
    }

    /// The next elements of a list of records, to be read wherever there is time.
    fn batch(&mut self, list: usize, first: usize, raws: Vec<Raw<'a>>) -> Batch<'a> {
        let offset = raws.first().map_or(0, |raw| self.offset(raw.get()));
        self.input.report(offset);
        let line = self.lines.at(self.input.text, offset);
        if let (0, BATCH, Some(last)) = (first, raws.len(), raws.last()) {
            // The rest of the text holds so many like these at most. What is never written to costs nothing, where a
            // list that grows is copied again and again.
            let read = (self.offset(last.get()) + last.get().len())
                .saturating_sub(offset)
                .max(1);
            let left = self.input.text.len().saturating_sub(offset);
            reserve(&mut self.out.records, list, at_most(left, read));
        }
        Batch {
            input: (self.input.text, self.input.file),
            list,
            first,
            raws,
            lines: LineCounter { offset, line },
        }
    }

    /// Puts what was read of the batches of a list behind one another, as far as they follow on what was put there: the
    /// next batches are read into the memory that this gives back.
    fn take(&mut self, parts: &Parts) {
        while let Some(mut part) = parts.next() {
            self.out.records.append(part.records);
            self.out.diagnostics.append(&mut part.diagnostics);
        }
    }
}

/// How many records the rest of a text holds at most, where a whole batch took `read` bytes of it.
fn at_most(left: usize, read: usize) -> usize {
    /// No file is believed to have shorter records: a list of a million `{}` would ask for more room than there is.
    const SHORTEST: usize = 40;
    left / (read / BATCH).max(SHORTEST)
}

/// Makes room in a list of records, where there is any; without it the list grows as it is filled.
fn reserve(records: &mut Records, list: usize, more: usize) {
    let made = match list {
        0 => records.systems.try_reserve_exact(more),
        1 => records.identities.try_reserve_exact(more),
        2 => records.credentials.try_reserve_exact(more),
        3 => records.grants.try_reserve_exact(more),
        4 => records.exposures.try_reserve_exact(more),
        5 => records.inherits.try_reserve_exact(more),
        _ => records.trusts.try_reserve_exact(more),
    };
    drop(made);
}

/// How many records are read in one go: enough for what they share, and little enough that their memory is used again
/// for the next.
const BATCH: usize = 512;

/// So many batches wait to be read at most; whoever finds them reads, too, once there are more.
const AHEAD: usize = 16;

/// What was read of a list, by batch, until it is taken in their order.
#[derive(Default)]
struct Parts(Mutex<(usize, BTreeMap<usize, Fragment>)>);

impl Parts {
    fn put(&self, batch: usize, part: Fragment) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1.insert(batch, part);
    }

    /// How many were taken.
    fn taken(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// The next one, where it was read.
    fn next(&self) -> Option<Fragment> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, parts) = &mut *state;
        let next = parts.remove(taken)?;
        *taken += 1;
        Some(next)
    }
}

/// Some elements of a list of records as they stand in the text.
struct Batch<'a> {
    input: (&'a str, FileId),
    list: usize,
    /// Position of the first of them in the list.
    first: usize,
    raws: Vec<Raw<'a>>,
    lines: LineCounter,
}

impl Batch<'_> {
    fn read(mut self) -> Fragment {
        let (text, file) = self.input;
        let mut out = Fragment::default();
        reserve(&mut out.records, self.list, self.raws.len());
        let mut met = Met::default();
        for (i, raw) in self.raws.iter().enumerate() {
            let raw = raw.get();
            let index = self.first + i;
            let line = self
                .lines
                .at(text, (raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize));
            let place = Place::new(file, format_args!("/{}/{index}", LISTS[self.list]).to_lean_str()).at_line(line);
            record::read(self.list, index, raw, place, &mut met, &mut out);
        }
        out
    }
}

/// The document: format, version, lists of records, each handed on as it comes.
struct Document<'r, 'a, 'i> {
    reader: &'r mut Reader<'a, 'i>,
}

impl<'a> Visitor<'a> for Document<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an inventory")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key::<Key<'a>>()? {
            let list = LISTS.iter().position(|list| *list == key);
            if self.reader.seen.iter().any(|seen| *seen == key) {
                let raw = map.next_value::<Raw<'a>>()?;
                let place = self.reader.place(format!("/{}", shown_step(&key)), raw.get());
                let what = if list.is_some() {
                    "; the records of the second are left out, join the two lists"
                } else {
                    "; the first stays"
                };
                let message = format!("{} is given twice{what}", secrets::shown(&key));
                self.reader
                    .out
                    .diagnostics
                    .push(Diagnostic::error("duplicate-key", place, message));
                continue;
            }
            self.reader.seen.push(key.clone().into_owned());
            match list {
                Some(list) => map.next_value_seed(List {
                    reader: self.reader,
                    list,
                })?,
                None => {
                    let raw = map.next_value::<Raw<'a>>()?;
                    self.reader.member(&key, raw);
                }
            }
            if self.reader.stopped {
                return Err(serde::de::Error::custom("cancelled"));
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'a> serde::Deserialize<'a> for Key<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'a> Visitor<'a> for KeyVisitor {
            type Value = Key<'a>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'a str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A list of records.
struct List<'r, 'a, 'i> {
    reader: &'r mut Reader<'a, 'i>,
    list: usize,
}

impl List<'_, '_, '_> {
    fn wrong(self, found: &str) {
        let name = LISTS[self.list];
        let place = Place::new(self.reader.input.file, format!("/{name}"));
        let message = format!("Left out {name}: expected a list of records, found {found}");
        self.reader
            .out
            .diagnostics
            .push(Diagnostic::error("wrong-type", place, message));
    }
}

impl<'a> DeserializeSeed<'a> for List<'_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for List<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let (reader, list) = (self.reader, self.list);
        let parts = Parts::default();
        // One thread finds where records begin and end, whoever has time reads them.
        let end = in_place_scope(|scope| {
            let (mut first, mut number) = (0, 0);
            loop {
                reader.take(&parts);
                if reader.input.cancelled() {
                    reader.stopped = true;
                    return Err(serde::de::Error::custom("cancelled"));
                }
                let mut raws = Vec::with_capacity(BATCH);
                let end = loop {
                    match seq.next_element::<Raw<'a>>() {
                        Ok(Some(raw)) => raws.push(raw),
                        Ok(None) => break Some(Ok(())),
                        Err(error) => break Some(Err(error)),
                    }
                    if raws.len() == BATCH {
                        break None;
                    }
                };
                let batch = reader.batch(list, first, raws);
                let (parts, at) = (&parts, number);
                first += batch.raws.len();
                number += 1;
                let read = move || parts.put(at, batch.read());
                match end {
                    Some(end) => {
                        read();
                        return end;
                    }
                    None if number > parts.taken() + AHEAD => read(),
                    None => scope.spawn(move |_| read()),
                }
            }
        });
        reader.take(&parts);
        end
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.wrong("an object");
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        // `null` is as if left out.
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.wrong("true or false");
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.wrong("a text");
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.wrong("a number");
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.wrong("a number");
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.wrong("a number");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_for_records_and_not_for_commas() {
        assert_eq!(at_most(600_000, 60 * BATCH), 10_000);
        // 500 MB of `{},` are no 160 million records.
        assert!(at_most(500_000_000, 3 * BATCH) <= 12_500_000);
        assert!(at_most(500_000_000, 0) <= 12_500_000);
        let mut records = Records::default();
        reserve(&mut records, 2, usize::MAX / 512);
        assert!(records.credentials.is_empty());
    }
}
