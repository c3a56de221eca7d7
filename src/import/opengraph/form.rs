//! How edges name their ends, read from JSON and written again.

use super::super::secrets;
use super::super::tree::Value;
use super::stated::{Edge, End, Ids, Match, Stated};
use crate::model::Text;
use lean_string::ToLeanStr;
use std::sync::Arc;

/// A text, or a whole number as one: ids are written either way.
pub fn text_of(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) => Some(text.as_ref().into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

/// Reads an end of an edge, which is `guarded` where something in it may be a secret; counts in `dropped` what was left
/// out of it because it looks like one.
pub fn end_of(form: &Value, guarded: bool, dropped: &mut u64, ids: &Ids) -> Result<End, &'static str> {
    let id_of = |text: &str| ids.get(text).cloned().unwrap_or_else(|| text.into());
    let members = match form {
        Value::Object(members) => members,
        // Written by hand: the id alone.
        Value::String(id) if !id.is_empty() => {
            return Ok(End::Plain(id_of(id)));
        }
        _ => return Err("An end of an edge is an object with a value; this is none"),
    };
    let kind = form.get("kind").and_then(Value::as_str).filter(|k| !k.is_empty());
    let matchers = form.get("property_matchers").and_then(Value::as_array);
    let word = match form.get("match_by") {
        None | Some(Value::Null) if matchers.is_some() && form.get("value").is_none() => "property",
        None | Some(Value::Null) => "id",
        Some(Value::String(word)) => word,
        Some(_) => return Err("match_by is id, name or property; this is none of them"),
    };
    let value = || {
        let value = form.get("value").and_then(text_of).filter(|v| !v.is_empty());
        value.ok_or("An end of an edge has a value, a text; this has none")
    };
    let by = match word.to_ascii_lowercase().as_str() {
        "id" | "objectid" => Match::Id(match form.get("value") {
            Some(Value::String(text)) if !text.is_empty() => id_of(text),
            _ => value()?,
        }),
        "name" => Match::Name(value()?),
        "property" | "properties" => Match::Properties(matchers_of(matchers.map_or(&[], Vec::as_slice))?.into()),
        _ => return Err("match_by is id, name or property; this is none of them"),
    };
    let text = form.get("value").is_some_and(|v| v.as_str().is_some());
    let id = form.get("match_by").is_some_and(|v| v.as_str() == Some("id"));
    Ok(match (members.iter().len(), by) {
        (1, Match::Id(named)) if text => End::Plain(named),
        (2, Match::Id(named)) if text && id && !(guarded && secrets::may_hold(form)) => End::ById(named),
        (_, by) => End::Stated(Box::new(Stated {
            by,
            kind: kind.map(Into::into),
            json: kept(form, guarded, dropped),
        })),
    })
}

/// An end as it is stated, as JSON, without what looks like a secret.
fn kept(form: &Value, guarded: bool, dropped: &mut u64) -> Text {
    if !guarded || !secrets::may_hold(form) {
        return form.to_string().into();
    }
    let serde_json::Value::Object(mut members) = form.to_owned_value() else {
        return "{}".into();
    };
    secrets::clean(&mut members, &mut |_| *dropped += 1);
    serde_json::Value::Object(members).to_string().into()
}

fn matchers_of(matchers: &[Value]) -> Result<Vec<(String, serde_json::Value)>, &'static str> {
    let mut out = Vec::with_capacity(matchers.len());
    for matcher in matchers {
        let key = matcher.get("key").and_then(Value::as_str).filter(|k| !k.is_empty());
        let equals = matcher
            .get("operator")
            .is_none_or(|o| o.as_str().is_some_and(|o| o.eq_ignore_ascii_case("equals")));
        let value = matcher
            .get("value")
            .filter(|v| matches!(v, Value::String(_) | Value::Number(_) | Value::Bool(_)));
        match (key, value) {
            (Some(key), Some(value)) if equals => out.push((key.to_owned(), value.to_owned_value())),
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

/// Whether two edges of one relation are stated alike, as far as that is quickly told.
pub fn is_alike(a: &Edge, b: &Edge) -> bool {
    (Arc::ptr_eq(&a.content, &b.content) || a.content == b.content) && a.start == b.start && a.end == b.end
}

/// An edge as it was stated, as JSON; its ends only where they say more than the native ids of what they name.
pub fn as_json(edge: &Edge, start: Option<Text>, end: Option<Text>) -> String {
    let mut told = String::from("{");
    let mut put = |key: &str, json: &str| {
        if told.len() > 1 {
            told.push(',');
        }
        told.push_str(key);
        told.push_str(json);
    };
    // Keys in order.
    if let Some(form) = end {
        put("\"end\":", &form);
    }
    put("\"kind\":", &quoted(&edge.content.kind));
    if let Some(properties) = &edge.content.properties {
        put("\"properties\":", properties.as_deref().unwrap_or("null"));
    }
    if let Some(form) = start {
        put("\"start\":", &form);
    }
    told.push('}');
    told
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An end that is stated by its id and says so.
const BY_ID: &str = r#"{"match_by":"id"}"#;

/// How an end was stated, as JSON, where that is more than this native id.
pub fn form_of(end: &End, native: Option<&str>) -> Option<Text> {
    let id = match end {
        End::Stated(stated) => return Some(stated.json.clone()),
        // Whoever writes it again adds the id.
        End::ById(id) if native == Some(id.as_str()) => return Some(BY_ID.into()),
        End::ById(id) => {
            return Some(format_args!("{{\"match_by\":\"id\",\"value\":{}}}", quoted(id)).to_lean_str());
        }
        End::Plain(id) => id,
    };
    if native == Some(id.as_str()) {
        return None;
    }
    Some(format_args!("{{\"value\":{}}}", quoted(id)).to_lean_str())
}
