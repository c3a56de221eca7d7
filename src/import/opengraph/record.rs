//! Nodes as records.

use super::ends::{Joined, Outside};
use super::tables::{Kind, NodeKind, Tables};
use crate::import::pile::Making;
use crate::import::secrets;
use crate::import::tree::Value;
use crate::model::{
    Credential, CredentialKind, CredentialStatus, Criticality, Extra, Identity, IdentityKind, IdentityStatus, Packed,
    Places, System, Text, Time,
};
use lean_string::ToLeanStr;
use serde_json::json;

/// The attribute that holds a node's native id.
pub const ID: &str = "og:id";
/// The attribute that holds a node's kinds.
pub const KINDS: &str = "og:kinds";
/// The attribute that holds a node's properties.
pub const PROPERTIES: &str = "og:properties";
/// The attribute that holds, of a node, the edges that are no relations, and of a relation, the edges it is made of.
pub const EDGES: &str = "og:edges";
/// The attribute of what edges name and no file has.
pub const PLACEHOLDER: &str = "og:placeholder";
/// The attribute that holds the kind that all nodes of a node's file have.
pub const SOURCE_KIND: &str = "og:source_kind";

/// The id of the record of a node.
#[must_use]
pub fn id(native: &str) -> Text {
    format_args!("og:{native}").to_lean_str()
}

/// The native id a record was read with, where it was a node; a placeholder has none of its own.
#[must_use]
pub fn native_id(attributes: &Extra) -> Option<&str> {
    attributes.get(ID)?.as_str()
}

/// Adds the record of a node.
pub fn node(out: &mut Making, node: &Joined, context: &[String]) {
    let mut attributes = Extra::new();
    attributes.insert(ID.to_owned(), json!(node.id));
    many(out, &mut attributes, KINDS, json!(node.kinds));
    let properties = match &node.properties {
        None => Value::Null,
        Some(None) => {
            // A member that is null would be as if left out.
            attributes.insert(PROPERTIES.to_owned(), json!("null"));
            Value::Null
        }
        Some(Some(json)) => {
            attributes.insert_packed(PROPERTIES, Packed::new(json.clone()));
            Value::at_start(json, &[])
        }
    };
    let properties = &properties;
    match node.source_kinds.as_slice() {
        [] => {}
        [one] => many(out, &mut attributes, SOURCE_KIND, json!(one)),
        several => many(out, &mut attributes, SOURCE_KIND, json!(several)),
    }
    if !context.is_empty() {
        attributes.insert_packed(EDGES, Packed::new(edges(context, true)));
    }
    let text = |key: &str| {
        properties
            .get(key)
            .and_then(Value::as_str)
            .filter(|t| !t.trim().is_empty())
    };
    let name = text("name").or_else(|| text("displayname"));
    let known = Tables::get().node(&node.kinds);
    put(
        out,
        node.record,
        known,
        Made {
            id: node.record_id.clone(),
            name: name.map(Into::into),
            attributes,
            places: node.places.clone(),
            properties,
            tier_zero: is_tier_zero(&node.kinds, properties),
            primary: node.kinds.first().map(Text::as_str),
        },
    );
}

/// Adds a member that many nodes have alike.
fn many(out: &mut Making, attributes: &mut Extra, key: &'static str, value: serde_json::Value) {
    let json = value.to_string();
    // Packed members are not looked into later.
    if secrets::may_hold(&Value::at_start(&json, &[])) {
        attributes.insert(key, value);
    } else {
        attributes.insert_packed(key, out.packed(json.into()));
    }
}

/// Edges as JSON, of each of them; `guarded` where a secret may be in one.
pub fn edges(told: &[String], guarded: bool) -> Text {
    let text = match told {
        [one] => format_args!("[{one}]").to_lean_str(),
        _ => format_args!("[{}]", told.join(",")).to_lean_str(),
    };
    // Packed members are not looked into later, and a secret may stand in a kind or an id as well.
    if !guarded || !secrets::may_hold(&Value::at_start(&text, &[])) {
        return text;
    }
    let mut edges: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&text).unwrap_or_default();
    for edge in &mut edges {
        secrets::clean(edge, &mut |_| ());
    }
    serde_json::to_string(&edges).unwrap_or_else(|_| "[]".to_owned()).into()
}

/// Adds the record of something that only edges name.
pub fn outside(out: &mut Making, outside: &Outside, context: &[String]) {
    let mut attributes = Extra::new();
    attributes.insert(PLACEHOLDER.to_owned(), json!(true));
    if let Some(native) = &outside.native {
        attributes.insert(ID.to_owned(), json!(native));
    }
    let kinds: Vec<String> = outside.kinds.iter().cloned().collect();
    if !kinds.is_empty() {
        attributes.insert(KINDS.to_owned(), json!(kinds));
    }
    if !context.is_empty() {
        attributes.insert_packed(EDGES, Packed::new(edges(context, true)));
    }
    let known = Tables::get().node(&kinds);
    put(
        out,
        outside.record(),
        known,
        Made {
            id: outside.id.clone(),
            name: outside.name.as_deref().map(Into::into),
            attributes,
            places: outside.places.clone().into(),
            properties: &Value::Null,
            tier_zero: false,
            primary: kinds.first().map(String::as_str),
        },
    );
}

/// What every record has.
struct Made<'a> {
    id: Text,
    name: Option<Text>,
    attributes: Extra,
    places: Places,
    properties: &'a Value<'a>,
    tier_zero: bool,
    primary: Option<&'a str>,
}

fn put(out: &mut Making, record: Kind, known: Option<&NodeKind>, made: Made) {
    let sort = known.and_then(|k| k.sort.as_deref());
    let platform = known.and_then(|k| k.platform.clone());
    match record {
        Kind::System => {
            let usual = known
                .and_then(|k| k.criticality.as_deref())
                .and_then(Criticality::parse);
            let mut system = System {
                id: made.id,
                name: made.name,
                kind: sort.or(made.primary).map(str::to_owned).map(Into::into),
                criticality: if made.tier_zero {
                    Some(Criticality::CrownJewel)
                } else {
                    usual
                },
                attributes: made.attributes,
                places: made.places,
                ..System::default()
            };
            if platform.as_deref() == Some("github") {
                // What a caller may do ends with its token's scopes, and a revoked token is refused.
                system.validates.scope = Some(true);
                system.validates.revocation = Some(true);
            }
            system.platform = platform.map(Into::into);
            out.system(system);
        }
        Kind::Identity => out.identity(Identity {
            id: made.id,
            name: made.name,
            kind: sort.and_then(IdentityKind::parse),
            platform: platform.map(Into::into),
            status: is_switched_off(made.properties).then_some(IdentityStatus::Disabled),
            attributes: made.attributes,
            places: made.places,
            ..Identity::default()
        }),
        Kind::Credential => {
            let time = |keys: &[&str]| keys.iter().find_map(|key| time(made.properties.get(key)?));
            let flag = |key: &str| made.properties.get(key).and_then(Value::as_bool) == Some(true);
            let status = if flag("token_expired") || flag("expired") {
                Some(CredentialStatus::Expired)
            } else if is_word(made.properties, &["status", "state", "resolution"], &["revoked"]) {
                Some(CredentialStatus::Revoked)
            } else {
                is_switched_off(made.properties).then_some(CredentialStatus::Disabled)
            };
            out.credential(Credential {
                id: made.id,
                name: made.name,
                kind: Some(sort.and_then(CredentialKind::parse).unwrap_or(CredentialKind::Other)),
                status,
                issued_at: time(&["created_at", "createdat", "created", "whencreated"]),
                expires_at: time(&["token_expires_at", "expires_at", "expiresat", "enddatetime"]),
                last_used_at: time(&["token_last_used_at", "last_used_at", "lastusedat", "last_used"]),
                attributes: made.attributes,
                places: made.places,
                ..Credential::default()
            });
        }
    }
}

/// What BloodHound calls the crown jewels.
fn is_tier_zero(kinds: &[Text], properties: &Value) -> bool {
    let tags = properties.get("system_tags");
    let tag = |text: &str| text.split([' ', ',']).any(|t| t.eq_ignore_ascii_case("admin_tier_0"));
    kinds.iter().any(|k| k == "Tag_Tier_Zero")
        || match tags {
            Some(Value::String(text)) => tag(text),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).any(tag),
            _ => false,
        }
}

fn is_switched_off(properties: &Value) -> bool {
    let flag = |key: &str| properties.get(key).and_then(Value::as_bool);
    flag("enabled") == Some(false)
        || flag("disabled") == Some(true)
        || flag("isDisabled") == Some(true)
        || is_word(
            properties,
            &["status", "state"],
            &["deprovisioned", "suspended", "disabled", "inactive"],
        )
}

fn is_word(properties: &Value, keys: &[&str], words: &[&str]) -> bool {
    keys.iter()
        .filter_map(|key| properties.get(key)?.as_str())
        .any(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// A time as collectors write it: RFC 3339, or seconds or milliseconds since 1970.
fn time(value: &Value) -> Option<Time> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => {
            let secs = number.as_f64().filter(|s| *s > 0.0)?;
            let secs = if secs > 1e11 { secs / 1000.0 } else { secs };
            (secs < 1e11).then(|| Time::from_unix_secs(secs as i64)).flatten()
        }
        _ => None,
    }
}
