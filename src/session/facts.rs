//! What the inventory says of a thing, for the inspector: subtitle, facts, whether it is dead.

use super::{Estate, words};
use crate::graph::Thing;
use crate::model::{Credential, CredentialStatus, Criticality, IdentityStatus, Inventory, Place, Text, Time};

/// Kind, platform, environment, criticality: `Database · AWS · prod · crown jewel`.
#[must_use]
pub fn subtitle(inventory: &Inventory, thing: Thing) -> String {
    let r = &inventory.records;
    let mut parts: Vec<String> = Vec::new();
    match thing {
        Thing::System(i) => {
            let Some(s) = r.systems.get(i as usize) else {
                return String::new();
            };
            parts.push(s.kind.as_deref().map_or_else(|| "System".to_owned(), words::sentence));
            parts.extend(s.platform.as_deref().map(str::to_owned));
            parts.extend(s.environment.as_deref().map(str::to_owned));
            match s.criticality {
                Some(Criticality::CrownJewel) => parts.push("crown jewel".to_owned()),
                Some(Criticality::High) => parts.push("high".to_owned()),
                Some(Criticality::Low) => parts.push("low".to_owned()),
                _ => {}
            }
            if s.third_party == Some(true) {
                parts.push("third party".to_owned());
            }
        }
        Thing::Identity(i) => {
            let Some(s) = r.identities.get(i as usize) else {
                return String::new();
            };
            parts.push(words::identity_kind(s.kind).to_owned());
            parts.extend(s.platform.as_deref().map(str::to_owned));
            parts.extend(s.environment.as_deref().map(str::to_owned));
            if s.third_party == Some(true) {
                parts.push("third party".to_owned());
            }
        }
        Thing::Credential(i) => {
            let Some(c) = r.credentials.get(i as usize) else {
                return String::new();
            };
            parts.push(words::credential_kind(c.kind).to_owned());
            let owner = c
                .identity
                .as_deref()
                .and_then(|id| r.identities.iter().find(|x| x.id == id));
            parts.extend(owner.and_then(|o| o.platform.as_deref()).map(str::to_owned));
            parts.extend(owner.and_then(|o| o.environment.as_deref()).map(str::to_owned));
        }
        Thing::Context(_) => parts.push("Context".to_owned()),
    }
    parts.join(" · ")
}

/// Label and value, ending with the record's file and line.
#[must_use]
pub fn facts(estate: &Estate, thing: Thing, now: Time) -> Vec<(String, String)> {
    let inventory = estate.inventory();
    let r = &inventory.records;
    let mut out: Vec<(&str, String)> = Vec::new();
    let name = |id: &str| words::name_of(inventory, id).to_owned();
    let names = |list: &[Text]| {
        let list: Vec<String> = list.iter().map(|id| name(id)).collect();
        if list.is_empty() {
            "none at all".to_owned()
        } else {
            words::names(&list, 2)
        }
    };
    let places: &[Place] = match thing {
        Thing::System(i) => {
            let Some(s) = r.systems.get(i as usize) else {
                return Vec::new();
            };
            out.extend(s.owner.as_deref().map(|o| ("Owner", o.to_owned())));
            match &s.accepts_issuers {
                Some(list) => out.push(("Accepts from", names(list))),
                None => out.push(("Accepts from", "any issuer".to_owned())),
            }
            out.extend(s.accepts_audiences.as_ref().map(|list| ("Audience", names(list))));
            out.extend(tags(&s.tags));
            &s.places
        }
        Thing::Identity(i) => {
            let Some(s) = r.identities.get(i as usize) else {
                return Vec::new();
            };
            out.extend(s.owner.as_deref().map(|o| ("Owner", o.to_owned())));
            out.extend(s.status.map(|st| ("Status", words::sentence(st.as_str()))));
            let held = r
                .credentials
                .iter()
                .filter(|c| c.identity.as_deref() == Some(&s.id))
                .count() as u64;
            out.push(("Credentials", words::number(held)));
            out.extend(tags(&s.tags));
            &s.places
        }
        Thing::Credential(i) => {
            let Some(c) = r.credentials.get(i as usize) else {
                return Vec::new();
            };
            credential_facts(c, now, &name, &mut out);
            &c.places
        }
        Thing::Context(_) => &[],
    };
    let mut facts: Vec<(String, String)> = out.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    if let Some(place) = places.first() {
        facts.push(("Record".to_owned(), record(estate, place, places.len())));
    }
    facts
}

fn credential_facts(c: &Credential, now: Time, name: &dyn Fn(&str) -> String, out: &mut Vec<(&'static str, String)>) {
    out.extend(c.identity.as_deref().map(|i| ("Identity", name(i))));
    out.extend(c.issuer.as_deref().map(|i| ("Issued by", name(i))));
    match c.expires_at {
        Some(t) => out.push(("Expires", format!("{}, {}", words::day(t), words::when(t, now)))),
        None => out.push(("Expires", "not known".to_owned())),
    }
    if let Some(status) = c.status
        && status != CredentialStatus::Active
    {
        out.push(("Status", words::sentence(status.as_str())));
    }
    if c.leaked == Some(true) {
        out.push(("Leaked", "found where it should not be".to_owned()));
    }
    match c.last_used_at {
        Some(t) => out.push(("Last used", words::when(t, now))),
        None => out.push(("Last used", "not known".to_owned())),
    }
    out.extend(c.owner.as_deref().map(|o| ("Owner", o.to_owned())));
    out.extend(
        c.rotated_at
            .map(|t| ("Rotated", format!("{}, {}", words::day(t), words::when(t, now)))),
    );
    out.extend(c.issued_at.map(|t| ("Issued", words::day(t))));
    out.extend(c.contexts.as_ref().map(|list| {
        let list = if list.is_empty() {
            "none at all".to_owned()
        } else {
            words::names(list, 2)
        };
        ("Bound to", list)
    }));
    out.extend(c.public_id.as_deref().map(|id| ("Public id", id.to_owned())));
    out.extend(tags(&c.tags));
}

fn tags(tags: &[Text]) -> Option<(&'static str, String)> {
    (!tags.is_empty()).then(|| ("Tags", tags.join(", ")))
}

/// `aws-authz-details.json:1842`, and how many other places state it.
pub fn record(estate: &Estate, place: &Place, places: usize) -> String {
    let file = estate.loaded.file_name(place.file);
    let file = file.rsplit('/').next().unwrap_or(file);
    let at = match place.line() {
        Some(line) => format!("{file}:{line}"),
        None => format!("{file} {}", place.pointer),
    };
    match places {
        0 | 1 => at,
        n => format!("{at} and {} more", n - 1),
    }
}

/// Whether it is disabled, revoked or expired.
#[must_use]
pub fn is_dead(inventory: &Inventory, thing: Thing, now: Time) -> bool {
    !dead_words(inventory, thing, now).is_empty()
}

/// `Disabled`, `Revoked`, `Expired`; empty where it is none of these.
#[must_use]
pub fn dead_words(inventory: &Inventory, thing: Thing, now: Time) -> String {
    let r = &inventory.records;
    match thing {
        Thing::Identity(i) => match r.identities.get(i as usize).and_then(|i| i.status) {
            Some(IdentityStatus::Disabled) => "Disabled".to_owned(),
            _ => String::new(),
        },
        Thing::Credential(i) => {
            let Some(c) = r.credentials.get(i as usize) else {
                return String::new();
            };
            match c.status {
                Some(CredentialStatus::Disabled) => "Disabled".to_owned(),
                Some(CredentialStatus::Revoked) => "Revoked".to_owned(),
                Some(CredentialStatus::Expired) => "Expired".to_owned(),
                _ if c.expires_at.is_some_and(|t| t <= now) => "Expired".to_owned(),
                _ => String::new(),
            }
        }
        _ => String::new(),
    }
}
