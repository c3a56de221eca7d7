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

use crate::model::Extra;
use serde_json::Value;

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
pub fn clean(members: &mut Extra, dropped: &mut impl FnMut(&str)) {
    clean_object(members, "", dropped);
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

fn clean_object(members: &mut Extra, path: &str, dropped: &mut impl FnMut(&str)) {
    let named = members.iter().any(|(key, value)| {
        ["name", "key", "variable", "env", "field"].contains(&key.to_ascii_lowercase().as_str())
            && value.as_str().is_some_and(is_secret_key)
    });
    members.retain(|key, value| {
        let here = if is_secret(key) { "(a key)" } else { key.as_str() };
        let here = if path.is_empty() {
            here.to_owned()
        } else {
            format!("{path}.{here}")
        };
        // {"name": "DB_PASSWORD", "value": …}: the name says what the value is.
        let value_of_secret = named && key.eq_ignore_ascii_case("value") && !value.is_null() && !value.is_boolean();
        if value_of_secret || is_secret_member(key, value) {
            dropped(&here);
            return false;
        }
        clean_value(value, &here, dropped);
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
