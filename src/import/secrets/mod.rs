//! The guard: no secret's value enters an inventory. It goes by the names of keys (`client_secret`, `password`) and by
//! the known forms of secrets (`ghp_…`, the first line of a private key, a token's three parts). What it drops is said
//! in a diagnostic `secret-dropped` that names the key and the place, never the value.
//!
//! Ids, ARNs, patterns, public ids (`AKIA…`), fingerprints and public certificates are no secrets and pass.

mod forms;
mod keys;
mod scrub;

pub use forms::is_secret;
pub use keys::is_secret_key;
pub use scrub::scrub;

use super::{json, tree};
use crate::model::Extra;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Whether a member is a secret as a whole: by its key, its text, or both together.
#[must_use]
pub fn is_secret_member(key: &str, value: &Value) -> bool {
    if is_secret(key) {
        return true;
    }
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::String(text) => {
            !text.is_empty() && (is_secret_key(key) || is_secret(text) || forms::is_aws_secret(key, text))
        }
        Value::Number(_) => is_secret_key(key),
        Value::Array(items) => !items.is_empty() && is_secret_key(key),
        Value::Object(members) => !members.is_empty() && is_secret_key(key),
    }
}

/// Removes secrets from members, also those further in; `dropped` hears the path of each, keys joined by `.`.
pub fn clean(members: &mut impl Members, dropped: &mut impl FnMut(&str)) {
    clean_object(members, "", dropped);
}

/// Whether [`clean`] may remove anything of a value: where it says no, nothing is removed.
#[must_use]
pub(in crate::import) fn may_hold(value: &tree::Value) -> bool {
    match value {
        tree::Value::String(text) => is_secret(text),
        tree::Value::Array(items) => items.iter().any(may_hold),
        tree::Value::Object(members) => members.iter().any(|(key, value)| {
            is_secret(key)
                || is_secret_key(key)
                || may_hold(value)
                || value
                    .as_str()
                    .is_some_and(|text| (names(key) && is_secret_key(text)) || forms::is_aws_secret(key, text))
        }),
        tree::Value::Raw(_) => true,
        tree::Value::Null | tree::Value::Bool(_) | tree::Value::Number(_) => false,
    }
}

/// Where a JSON text holds a secret first, as a JSON pointer; empty where it is no JSON or a key is the secret.
#[must_use]
pub fn find_in_json(text: &str) -> Option<String> {
    let mut found = None;
    json::walk(text, 64, |at| {
        let value = json::Member {
            key: Cow::Borrowed(""),
            value: &text[at.offset..],
        };
        let key = at.pointer.rsplit('/').next().unwrap_or_default();
        let secret = value
            .as_text()
            .is_some_and(|value| is_secret_member(key, &Value::String(value)));
        if secret {
            found = Some(if is_secret(at.pointer) {
                String::new()
            } else {
                at.pointer.to_owned()
            });
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    found.or_else(|| is_secret(text).then(String::new))
}

/// A message without the words in it that look like secrets.
#[must_use]
pub fn masked(message: &str) -> String {
    if !is_secret(message) {
        return message.to_owned();
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';');
    let words: Vec<String> = message
        .split_inclusive(ends)
        .map(|word| {
            let bare = word.trim_end_matches(ends);
            if is_secret(bare) {
                word.replace(bare, "(what looks like a secret)")
            } else {
                word.to_owned()
            }
        })
        .collect();
    let masked = words.concat();
    // One that has blanks in it.
    if is_secret(&masked) {
        "it holds what looks like a secret's value; remove it".to_owned()
    } else {
        masked
    }
}

/// A key or an id as a message may show it: itself, unless it is a secret.
#[must_use]
pub fn shown(key: &str) -> String {
    if is_secret(key) {
        return "(a text that looks like a secret)".to_owned();
    }
    let mut cut: String = key.chars().take(120).collect();
    if cut.len() < key.len() {
        cut.push('…');
    }
    format!("{cut:?}")
}

/// A word a message may quote from what was not understood: few letters, `-` and `_` only. Anything else might be a
/// secret in the wrong place.
#[must_use]
pub fn harmless_word(text: &str) -> Option<&str> {
    let letters = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    (!text.is_empty() && text.len() <= 24 && text.chars().all(letters)).then_some(text)
}

/// The members of an object, in either form they are kept in.
pub trait Members {
    /// Whether any of them is so.
    fn any(&self, is: impl Fn(&str, &Value) -> bool) -> bool;

    /// Keeps those that a test keeps.
    fn keep(&mut self, keep: impl FnMut(&str, &mut Value) -> bool);
}

impl Members for Extra {
    fn any(&self, is: impl Fn(&str, &Value) -> bool) -> bool {
        self.iter_plain().any(|(key, value)| is(key, value))
    }

    fn keep(&mut self, keep: impl FnMut(&str, &mut Value) -> bool) {
        self.retain(keep);
    }
}

impl Members for Map<String, Value> {
    fn any(&self, is: impl Fn(&str, &Value) -> bool) -> bool {
        self.iter().any(|(key, value)| is(key, value))
    }

    fn keep(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.retain(|key, value| keep(key, value));
    }
}

/// Whether a member of this key says what another one is.
fn names(key: &str) -> bool {
    let keys = ["name", "key", "variable", "env", "field"];
    keys.iter().any(|name| key.eq_ignore_ascii_case(name))
}

fn clean_object(members: &mut impl Members, path: &str, dropped: &mut impl FnMut(&str)) {
    let named = members.any(|key, value| names(key) && value.as_str().is_some_and(is_secret_key));
    members.keep(|key, value| {
        let here = || {
            let here = if is_secret(key) { "(a key)" } else { key };
            if path.is_empty() {
                here.to_owned()
            } else {
                format!("{path}.{here}")
            }
        };
        // {"name": "DB_PASSWORD", "value": …}: the name says what the value is.
        let value_of_secret = named && key.eq_ignore_ascii_case("value") && !value.is_null() && !value.is_boolean();
        if value_of_secret || is_secret_member(key, value) {
            dropped(&here());
            return false;
        }
        if value.is_object() || value.is_array() {
            clean_value(value, &here(), dropped);
        }
        true
    });
}

fn clean_value(value: &mut Value, path: &str, dropped: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => clean_object(members, path, dropped),
        Value::Array(items) => items.retain_mut(|item| {
            if item.as_str().is_some_and(is_secret) {
                dropped(path);
                return false;
            }
            clean_value(item, path, dropped);
            true
        }),
        _ => {}
    }
}
