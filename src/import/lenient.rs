//! Exports as they are, not as they should be: members of the wrong type, times in several spellings. What is odd
//! becomes a diagnostic, and the rest stays.

use super::tree::Node;
use super::{Input, Spot, secrets};
use crate::model::{Diagnostic, Level, Place, Time};
use std::collections::BTreeMap;

/// What was odd in a file, in the making.
pub struct Log<'i, 'a> {
    /// The file.
    pub input: &'i Input<'a>,
    /// What was odd so far.
    pub said: Vec<Diagnostic>,
    /// Oddities of one kind beyond the first hundred, which are only counted.
    more: BTreeMap<&'static str, (Level, u64)>,
    /// How often each kind was said.
    counts: BTreeMap<&'static str, usize>,
    /// The value that is being read, where its position is known.
    near: Spot,
}

/// Of one kind of oddity this many are said one by one; a broken export has thousands alike.
const SAID_EACH: usize = 100;

impl<'i, 'a> Log<'i, 'a> {
    /// Nothing odd yet.
    pub fn new(input: &'i Input<'a>) -> Self {
        Self {
            input,
            said: Vec::new(),
            more: BTreeMap::new(),
            counts: BTreeMap::new(),
            near: Spot::default(),
        }
    }

    /// The same log with another input.
    pub fn with<'j, 'b>(self, input: &'j Input<'b>) -> Log<'j, 'b> {
        Log {
            input,
            said: self.said,
            more: self.more,
            counts: self.counts,
            near: Spot::default(),
        }
    }

    /// Says that the value at a pointer is read next, which begins at an offset in a line: places in it are found from
    /// there.
    pub fn near(&mut self, pointer: String, offset: usize, line: u32) {
        self.near = Spot { pointer, offset, line };
    }

    /// Says that what is read next may stand anywhere.
    pub fn far(&mut self) {
        self.near = Spot::default();
    }

    /// The place at a pointer.
    pub fn at(&self, pointer: &str) -> Place {
        match self.near.line {
            0 => self.input.at(pointer),
            _ => self.input.at_below(&self.near, pointer),
        }
    }

    /// How many oddities there were.
    pub fn count(&self) -> usize {
        self.counts.values().sum()
    }

    /// Takes over what was odd elsewhere in the same file.
    pub fn absorb(&mut self, said: Vec<Diagnostic>, more: BTreeMap<&'static str, (Level, u64)>) {
        for one in said {
            if self.is_new(one.code, one.level) {
                self.said.push(one);
            }
        }
        for (code, (level, count)) in more {
            self.more.entry(code).or_insert((level, 0)).1 += count;
        }
    }

    /// What was odd so far, and how often beyond that.
    pub fn parts(self) -> (Vec<Diagnostic>, BTreeMap<&'static str, (Level, u64)>) {
        (self.said, self.more)
    }

    /// Whether an oddity is one of the first of its kind; else it is counted.
    fn is_new(&mut self, code: &'static str, level: Level) -> bool {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        let new = *count <= SAID_EACH;
        if !new {
            self.more.entry(code).or_insert((level, 0)).1 += 1;
        }
        new
    }

    /// Something was left out.
    pub fn error(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.say(Level::Error, code, pointer, message.into());
    }

    /// Something was understood with a doubt.
    pub fn warning(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.say(Level::Warning, code, pointer, message.into());
    }

    /// As [`Log::warning`], of a place that was found before.
    pub fn warning_at(&mut self, code: &'static str, place: Place, message: String) {
        if self.is_new(code, Level::Warning) {
            self.said.push(Diagnostic::warning(code, place, message));
        }
    }

    fn say(&mut self, level: Level, code: &'static str, pointer: &str, message: String) {
        if !self.is_new(code, level) {
            return;
        }
        let place = self.at(pointer);
        self.said.push(match level {
            Level::Error => Diagnostic::error(code, place, message),
            _ => Diagnostic::warning(code, place, message),
        });
    }

    /// Everything that was odd.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        for (code, (level, count)) in std::mem::take(&mut self.more) {
            let message = format!("{count} more of the kind {code}; only the first {SAID_EACH} are listed");
            self.said.push(match level {
                Level::Error => Diagnostic::error(code, self.input.whole(), message),
                _ => Diagnostic::warning(code, self.input.whole(), message),
            });
        }
        self.said
    }

    /// A text member; absent and null give nothing, another type nothing and a word.
    pub fn text<'v, N: Node>(&mut self, object: &'v N, key: &str, pointer: &str) -> Option<&'v str> {
        let value = object.member(key).filter(|v| !v.nothing())?;
        if value.text().is_none() {
            self.wrong_type(&format!("{pointer}/{key}"), key, value, "a text");
        }
        value.text()
    }

    /// A list member; absent and null give an empty one, another type an empty one and a word.
    pub fn list<'v, N: Node>(&mut self, object: &'v N, key: &str, pointer: &str) -> &'v [N] {
        let Some(value) = object.member(key).filter(|v| !v.nothing()) else {
            return &[];
        };
        if value.items().is_none() {
            self.wrong_type(&format!("{pointer}/{key}"), key, value, "a list");
        }
        value.items().unwrap_or_default()
    }

    /// A list of texts, where a single text stands for a list of one. Nothing where any of it is something else.
    pub fn texts<N: Node>(&mut self, value: &N, key: &str, pointer: &str) -> Option<Vec<String>> {
        match (value.text(), value.items()) {
            (Some(text), _) => Some(vec![text.to_owned()]),
            (None, Some(items)) => {
                let mut texts: Vec<String> = Vec::with_capacity(items.len());
                texts.extend(items.iter().filter_map(Node::text).map(str::to_owned));
                if texts.len() < items.len() {
                    self.error(
                        "wrong-type",
                        pointer,
                        format!("Expected only texts in {key}; an item is something else and was left out"),
                    );
                    return None;
                }
                Some(texts)
            }
            (None, None) => {
                self.wrong_type(pointer, key, value, "a text or a list of texts");
                None
            }
        }
    }

    /// A time member in any of the spellings exports use.
    pub fn time<N: Node>(&mut self, object: &N, key: &str, pointer: &str) -> Option<Time> {
        let value = object.member(key).filter(|v| !v.nothing())?;
        let time = match (value.text(), value.number()) {
            (Some(text), _) => parse_time(text),
            (None, Some(secs)) => Time::from_unix_secs(secs as i64),
            (None, None) => None,
        };
        if time.is_none() {
            self.warning(
                "bad-time",
                &format!("{pointer}/{key}"),
                format!("{key} is no time such as 2026-05-01T00:00:00Z and was left out"),
            );
        }
        time
    }

    fn wrong_type<N: Node>(&mut self, pointer: &str, key: &str, found: &N, expected: &str) {
        self.error(
            "wrong-type",
            pointer,
            format!(
                "{key} is {} where {expected} was expected; it was left out",
                type_of(found)
            ),
        );
    }
}

/// What a value is, in words.
pub fn type_of(value: &impl Node) -> &'static str {
    value.type_of()
}

/// A name or an ARN as a message may show it.
pub fn shown(text: &str) -> String {
    secrets::shown(text)
}

/// A time as AWS and its tools write it: with or without a zone (then UTC), with a `T` or a blank.
pub fn parse_time(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let bytes = text.as_bytes();
    if bytes.len() == 10 {
        return format!("{text}T00:00:00Z").parse().ok();
    }
    if bytes.len() < 16 || !matches!(bytes[10], b'T' | b't' | b' ') || !text.is_ascii() {
        return None;
    }
    let (date, clock) = (&text[..10], &text[11..]);
    let split = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(split);
    let clock = if clock.len() == 5 {
        format!("{clock}:00")
    } else {
        clock.trim().to_owned()
    };
    let zone = match zone.len() {
        0 => "Z".to_owned(),
        // +0000
        5 => format!("{}:{}", &zone[..3], &zone[3..]),
        3 => format!("{zone}:00"),
        _ => zone.to_owned(),
    };
    format!("{date}T{clock}{zone}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_exports_spell_them() {
        for text in [
            "2019-12-18T19:10:08Z",
            "2019-12-18T19:10:08+00:00",
            "2019-12-18 19:10:08+00:00",
            "2019-12-18T19:10:08",
            "2019-12-18 20:10:08+0100",
            "2019-12-18T19:10:08.000Z",
            "2019-12-18T19:10:08+00",
        ] {
            assert_eq!(
                parse_time(text).map(|t| t.to_string()).as_deref(),
                Some("2019-12-18T19:10:08Z"),
                "{text}"
            );
        }
        assert_eq!(
            parse_time("2019-12-18").map(|t| t.to_string()).as_deref(),
            Some("2019-12-18T00:00:00Z")
        );
        for odd in [
            "",
            "N/A",
            "no_information",
            "2019",
            "2019-13-01T00:00:00Z",
            "yesterday, noon",
        ] {
            assert_eq!(parse_time(odd), None, "{odd}");
        }
    }
}
