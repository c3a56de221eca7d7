//! Exports as they are, not as they should be: members of the wrong type, times in several spellings. What is odd
//! becomes a diagnostic, and the rest stays.

use super::{Input, secrets};
use crate::model::{Diagnostic, Level, Time};
use serde_json::Value;
use std::collections::BTreeMap;

/// What was odd in a file, in the making.
pub struct Log<'i, 'a> {
    /// The file.
    pub input: &'i Input<'a>,
    /// What was odd so far.
    pub said: Vec<Diagnostic>,
    /// Oddities of one kind beyond the first hundred, which are only counted.
    more: BTreeMap<&'static str, (Level, u64)>,
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
        }
    }

    /// Something was left out.
    pub fn error(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.say(Level::Error, code, pointer, message.into());
    }

    /// Something was understood with a doubt.
    pub fn warning(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.say(Level::Warning, code, pointer, message.into());
    }

    fn say(&mut self, level: Level, code: &'static str, pointer: &str, message: String) {
        if self.said.iter().filter(|d| d.code == code).take(SAID_EACH).count() == SAID_EACH {
            self.more.entry(code).or_insert((level, 0)).1 += 1;
            return;
        }
        let place = self.input.at(pointer);
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
    pub fn text<'v>(&mut self, object: &'v Value, key: &str, pointer: &str) -> Option<&'v str> {
        match object.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                self.wrong_type(&format!("{pointer}/{key}"), key, other, "a text");
                None
            }
        }
    }

    /// A list member; absent and null give an empty one, another type an empty one and a word.
    pub fn list<'v>(&mut self, object: &'v Value, key: &str, pointer: &str) -> &'v [Value] {
        match object.get(key) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.wrong_type(&format!("{pointer}/{key}"), key, other, "a list");
                &[]
            }
        }
    }

    /// A list of texts, where a single text stands for a list of one. Nothing where any of it is something else.
    pub fn texts(&mut self, value: &Value, key: &str, pointer: &str) -> Option<Vec<String>> {
        match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(items) => {
                let texts: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
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
            other => {
                self.wrong_type(pointer, key, other, "a text or a list of texts");
                None
            }
        }
    }

    /// A time member in any of the spellings exports use.
    pub fn time(&mut self, object: &Value, key: &str, pointer: &str) -> Option<Time> {
        let value = object.get(key).filter(|v| !v.is_null())?;
        let time = match value {
            Value::String(text) => parse_time(text),
            Value::Number(secs) => secs.as_f64().and_then(|s| Time::from_unix_secs(s as i64)),
            _ => None,
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

    fn wrong_type(&mut self, pointer: &str, key: &str, found: &Value, expected: &str) {
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
pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
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
