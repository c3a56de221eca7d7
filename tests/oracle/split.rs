//! Spreads one inventory over several files, for tests of the merge.

use super::doc::{ENTITIES, RELATIONS, items};
use super::random::Dice;
use serde_json::{Map, Value, json};

/// The records of `inv` dealt to `count` files: every record to at least one of them, some to several, entities with
/// only some of their fields in each. With `conflicts` a copy now and then says something else, and some files hold
/// what cannot be loaded.
pub fn split(inv: &Value, count: usize, conflicts: bool, dice: &mut Dice) -> Vec<Value> {
    let mut files: Vec<Value> = (0..count)
        .map(|_| {
            let mut file = json!({"format": "trustmap-inventory", "version": 1});
            if let Some(as_of) = inv.get("as_of") {
                file["as_of"] = as_of.clone();
            }
            file
        })
        .collect();
    for kind in ENTITIES {
        for record in items(inv, kind) {
            let whole = dice.below(count);
            for (n, file) in files.iter_mut().enumerate() {
                if n == whole || dice.chance(30) {
                    let mut part = if dice.chance(50) {
                        record.clone()
                    } else {
                        some_fields(record, dice)
                    };
                    if n == whole && !conflicts {
                        part = record.clone();
                    }
                    if conflicts && dice.chance(10) {
                        part["owner"] = json!(format!("somebody in file {n}"));
                    }
                    push(file, kind, part);
                }
            }
        }
    }
    for kind in RELATIONS {
        for record in items(inv, kind) {
            let whole = dice.below(count);
            for (n, file) in files.iter_mut().enumerate() {
                if n == whole || dice.chance(25) {
                    let mut copy = record.clone();
                    if n != whole && dice.chance(40) {
                        forget_besides(&mut copy);
                    }
                    if dice.chance(30) {
                        in_other_words(&mut copy, dice);
                    }
                    push(file, kind, copy);
                }
            }
        }
    }
    if conflicts {
        for file in &mut files {
            unusable(inv, file, dice);
        }
    }
    files
}

/// Records that name what nobody defines, or have an id that is another kind's.
fn unusable(inv: &Value, file: &mut Value, dice: &mut Dice) {
    let first = |kind: &str| items(inv, kind).first().map_or(json!("nobody"), |r| r["id"].clone());
    let (system, credential) = (first("systems"), first("credentials"));
    let bad = [
        ("grants", json!({"holder": "nobody", "system": system, "scopes": ["a"]})),
        (
            "grants",
            json!({"holder": credential, "system": credential, "scopes": ["a"]}),
        ),
        (
            "exposures",
            json!({"credential": credential, "yields": {"identity": "nobody"}}),
        ),
        ("inherits", json!({"from": "nobody", "to": "nobody"})),
        ("trusts", json!({"from": system, "to": "nobody", "scopes": ["*"]})),
        ("credentials", json!({"id": credential, "identity": "nobody"})),
        ("credentials", json!({"id": credential, "issuer": credential})),
        ("identities", json!({"id": system, "kind": "role"})),
        ("systems", json!({"id": "context:z0"})),
    ];
    for (kind, record) in bad {
        if dice.chance(10) {
            push(file, kind, record);
        }
    }
}

fn push(file: &mut Value, kind: &str, record: Value) {
    if !file[kind].is_array() {
        file[kind] = json!([]);
    }
    file[kind].as_array_mut().expect("it is a list now").push(record);
}

/// The id and some of the other fields; lists lose elements too, since lists are united.
fn some_fields(record: &Value, dice: &mut Dice) -> Value {
    let mut part = Map::new();
    for (field, value) in record.as_object().into_iter().flatten() {
        if field != "id" && dice.chance(50) {
            continue;
        }
        let value = match value {
            Value::Array(all) => all.iter().filter(|_| dice.chance(70)).cloned().collect(),
            other => other.clone(),
        };
        part.insert(field.clone(), value);
    }
    Value::Object(part)
}

/// What relations are not compared by may be missing in a copy.
fn forget_besides(record: &mut Value) {
    let members = record.as_object_mut().expect("a record is an object");
    for field in ["id", "last_used_at", "evidence", "used_scopes", "attributes"] {
        members.remove(field);
    }
}

/// The same relation with its defaults written out or its lists turned round.
fn in_other_words(record: &mut Value, dice: &mut Dice) {
    let members = record.as_object_mut().expect("a record is an object");
    for (field, default) in [("intended", true), ("assumed", false)] {
        if members.get(field).is_none() && dice.chance(50) {
            members.insert(field.to_owned(), json!(default));
        }
    }
    for (_, value) in members.iter_mut() {
        if let Value::Array(elements) = value {
            elements.reverse();
            if let Some(first) = elements.first().cloned() {
                elements.push(first);
            }
        }
    }
}
