//! Actions, twice: as an overlay beside the records, and by editing the document. Both find the errors on their own.

use super::doc::{ENTITIES, RELATIONS, items, list, text};
use super::names;
use super::scope::covers;
use super::world::{CHECKS, Inherit, Overlay, World, requirements, time};
use serde_json::{Value, json};

/// The errors of a scenario: "all errors are listed by the action's place, from 0".
pub type Errors = Vec<(usize, String)>;

/// The actions of a scenario document.
pub fn actions(scenario: &Value) -> &[Value] {
    items(scenario, "actions")
}

fn target(action: &Value, field: &str) -> String {
    text(action, field).unwrap_or_default()
}

fn patterns(action: &Value, field: &str) -> Vec<String> {
    list(action, field).unwrap_or_default()
}

/// "each covered by one it stated"
fn widening(wanted: &[String], stated: &[String]) -> Option<String> {
    let wide = wanted.iter().find(|w| !stated.iter().any(|s| covers(s, w)))?;
    Some(format!("{wide} is covered by none of {stated:?}"))
}

/// "intersected with what it stated"
fn intersected(wanted: Vec<String>, stated: Option<&[String]>) -> Vec<String> {
    match stated {
        Some(stated) => wanted.into_iter().filter(|w| stated.contains(w)).collect(),
        None => wanted,
    }
}

/// "removes or narrows an `escalation` or narrows a `membership` (the platform works so; take a permission away
/// instead), is an error"
fn platform_works_so(action: &str, how: Option<&str>) -> Option<String> {
    match (action, how) {
        (_, Some("escalation")) => Some("an escalation stays as it is".to_owned()),
        ("narrow-inherit", Some("membership")) => Some("a membership requires nothing".to_owned()),
        _ => None,
    }
}

/// The scenario as an overlay; "Actions apply in order", and one that is an error is passed over to find the others.
pub fn overlay(world: &World, actions: &[Value]) -> Result<Overlay, Errors> {
    let mut world = World {
        overlay: Overlay::default(),
        ..world.clone()
    };
    let mut errors = Errors::new();
    for (place, action) in actions.iter().enumerate() {
        if let Err(why) = lay_over(&mut world, action) {
            errors.push((place, why));
        }
    }
    if errors.is_empty() {
        Ok(world.overlay)
    } else {
        Err(errors)
    }
}

fn lay_over(world: &mut World, action: &Value) -> Result<(), String> {
    let name = target(action, "action");
    let missing = |what: &str| Err(format!("there is no {what}"));
    match name.as_str() {
        "revoke" | "rotate" | "narrow-audience" | "narrow-scopes" | "bind-context" | "expire" => {
            let c = target(action, "credential");
            if !world.credentials.contains_key(&c) {
                return missing(&c);
            }
            match name.as_str() {
                "revoke" => {
                    world.overlay.revoked.insert(c);
                }
                "rotate" => {
                    world.overlay.rotated.insert(c);
                }
                "narrow-audience" => {
                    let both = intersected(patterns(action, "audience"), world.audience(&c));
                    world.overlay.audience.insert(c, both);
                }
                "narrow-scopes" => {
                    let wanted = patterns(action, "scopes");
                    if let Some(why) = world.scopes(&c).and_then(|stated| widening(&wanted, stated)) {
                        return Err(why);
                    }
                    world.overlay.scopes.insert(c, wanted);
                }
                "bind-context" => {
                    let both = intersected(patterns(action, "contexts"), world.contexts(&c));
                    world.overlay.contexts.insert(c, both);
                }
                _ => {
                    let wanted = time(&target(action, "expires_at"));
                    let earlier = world.expires_at(&c).map_or(wanted, |stated| stated.min(wanted));
                    world.overlay.expires.insert(c, earlier);
                }
            }
        }
        "disable-identity" => {
            let i = target(action, "identity");
            if !world.identities.contains_key(&i) {
                return missing(&i);
            }
            world.overlay.disabled.insert(i);
        }
        "remove-grant" | "narrow-grant" => {
            let g = target(action, "grant");
            let Some(grant) = world.grants().find(|x| x.common.name == g).cloned() else {
                return missing(&g);
            };
            if name == "remove-grant" {
                world.overlay.removed.insert(("grants", g));
            } else {
                let wanted = patterns(action, "scopes");
                if let Some(why) = widening(&wanted, world.grant_scopes(&grant)) {
                    return Err(why);
                }
                world.overlay.grant_scopes.insert(g, wanted);
            }
        }
        "remove-exposure" => {
            let x = target(action, "exposure");
            if !world.exposures().any(|e| e.common.name == x) {
                return missing(&x);
            }
            world.overlay.removed.insert(("exposures", x));
        }
        "remove-inherit" | "narrow-inherit" => {
            let x = target(action, "inherit");
            let Some(inherit) = world.inherits().find(|i| i.common.name == x) else {
                return missing(&x);
            };
            let inherit: Inherit = inherit.clone();
            if let Some(why) = platform_works_so(&name, inherit.how.as_deref()) {
                return Err(why);
            }
            if name == "remove-inherit" {
                world.overlay.removed.insert(("inherits", x));
            } else {
                let more = requirements(action);
                if let Some((system, _)) = more.iter().find(|(s, _)| !world.systems.contains_key(s)) {
                    return missing(system);
                }
                world.overlay.inherit_more.entry(x).or_default().extend(more);
            }
        }
        "remove-trust" | "require-exchange" => {
            let t = target(action, "trust");
            let Some(trust) = world.trusts().find(|x| x.common.name == t).cloned() else {
                return missing(&t);
            };
            if name == "remove-trust" {
                world.overlay.removed.insert(("trusts", t));
            } else {
                let wanted = patterns(action, "scopes");
                if let Some(why) = widening(&wanted, world.passes(&trust)) {
                    return Err(why);
                }
                world.overlay.exchange.insert(t, wanted);
            }
        }
        "enforce" | "isolate" => {
            let s = target(action, "system");
            if !world.systems.contains_key(&s) {
                return missing(&s);
            }
            if name == "isolate" {
                world.overlay.isolated.insert(s);
            } else {
                for check in patterns(action, "checks") {
                    if !CHECKS.contains(&check.as_str()) {
                        return Err(format!("there is no check {check}"));
                    }
                    world.overlay.enforced.insert((s.clone(), check));
                }
            }
        }
        other => return Err(format!("there is no action {other}")),
    }
    Ok(())
}

/// A document after a scenario, and the marks that no field can hold.
pub struct Edited {
    pub document: Value,
    pub marks: Overlay,
}

/// The scenario as edits of the document. Names are stamped first, so that no edit renames another relation. An action
/// that is an error changes nothing.
pub fn apply_scenario(inv: &Value, actions: &[Value], as_of: jiff::Timestamp) -> Result<Edited, Errors> {
    let mut edited = Edited {
        document: names::stamped(inv),
        marks: Overlay::default(),
    };
    let mut errors = Errors::new();
    for (place, action) in actions.iter().enumerate() {
        if let Err(why) = edit(&mut edited, action, as_of) {
            errors.push((place, why));
        }
    }
    if errors.is_empty() { Ok(edited) } else { Err(errors) }
}

/// The list and the position of the record of this kind and id.
fn find<'a>(document: &'a mut Value, kind: &str, id: &str) -> Result<(&'a mut Vec<Value>, usize), String> {
    let missing = || format!("there is no {id} among {kind}");
    let records = document
        .get_mut(kind)
        .and_then(Value::as_array_mut)
        .ok_or_else(missing)?;
    let position = records
        .iter()
        .position(|r| text(r, "id").as_deref() == Some(id))
        .ok_or_else(missing)?;
    Ok((records, position))
}

fn edit(edited: &mut Edited, action: &Value, as_of: jiff::Timestamp) -> Result<(), String> {
    let name = target(action, "action");
    let (kind, field) = match name.as_str() {
        "revoke" | "rotate" | "narrow-audience" | "narrow-scopes" | "bind-context" | "expire" => {
            (ENTITIES[2], "credential")
        }
        "disable-identity" => (ENTITIES[1], "identity"),
        "enforce" | "isolate" => (ENTITIES[0], "system"),
        "remove-grant" | "narrow-grant" => (RELATIONS[0], "grant"),
        "remove-exposure" => (RELATIONS[1], "exposure"),
        "remove-inherit" | "narrow-inherit" => (RELATIONS[2], "inherit"),
        "remove-trust" | "require-exchange" => (RELATIONS[3], "trust"),
        other => return Err(format!("there is no action {other}")),
    };
    let id = target(action, field);
    let systems: Vec<String> = items(&edited.document, "systems")
        .iter()
        .filter_map(|s| text(s, "id"))
        .collect();
    let (records, position) = find(&mut edited.document, kind, &id)?;
    let record = &mut records[position];
    let stated = |f: &str| list(record, f);
    match name.as_str() {
        "revoke" => {
            let past = text(record, "expires_at").is_some_and(|t| time(&t) <= as_of);
            if !past && text(record, "status").as_deref() != Some("expired") {
                record["status"] = json!("revoked");
            }
        }
        "rotate" => {
            edited.marks.rotated.insert(id);
        }
        "isolate" => {
            edited.marks.isolated.insert(id);
        }
        "disable-identity" => record["status"] = json!("disabled"),
        "narrow-audience" => {
            record["audience"] = json!(intersected(patterns(action, "audience"), stated("audience").as_deref()));
        }
        "bind-context" => {
            record["contexts"] = json!(intersected(patterns(action, "contexts"), stated("contexts").as_deref()));
        }
        "narrow-scopes" | "narrow-grant" => {
            let wanted = patterns(action, "scopes");
            if let Some(why) = stated("scopes").and_then(|old| widening(&wanted, &old)) {
                return Err(why);
            }
            record["scopes"] = json!(wanted);
        }
        "expire" => {
            let wanted = target(action, "expires_at");
            let keeps = text(record, "expires_at").is_some_and(|old| time(&old) <= time(&wanted));
            if !keeps {
                record["expires_at"] = json!(wanted);
            }
        }
        "enforce" => {
            let checks = patterns(action, "checks");
            if let Some(unknown) = checks.iter().find(|c| !CHECKS.contains(&c.as_str())) {
                return Err(format!("there is no check {unknown}"));
            }
            for check in checks {
                if !record["validates"].is_object() {
                    record["validates"] = json!({});
                }
                record["validates"][check] = json!(true);
            }
        }
        "require-exchange" => {
            let wanted = patterns(action, "scopes");
            let exchange = record.get("exchange").filter(|x| !x.is_null());
            let passed = exchange.map_or_else(|| stated("scopes"), |x| list(x, "scopes"));
            if let Some(why) = widening(&wanted, &passed.unwrap_or_default()) {
                return Err(why);
            }
            record["exchange"] = json!({"scopes": wanted});
        }
        _ => {
            if let Some(why) = (kind == "inherits").then(|| platform_works_so(&name, text(record, "how").as_deref())) {
                why.map_or(Ok(()), Err)?;
            }
            if name == "narrow-inherit" {
                let more = items(action, "requires_all");
                if let Some(unknown) = more.iter().find(|r| !systems.contains(&target(r, "system"))) {
                    return Err(format!("there is no {}", target(unknown, "system")));
                }
                let mut all = items(record, "requires_all").to_vec();
                all.extend(more.iter().cloned());
                record["requires_all"] = json!(all);
            } else {
                records.remove(position);
            }
        }
    }
    Ok(())
}
