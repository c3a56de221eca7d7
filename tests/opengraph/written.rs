//! What is written is what BloodHound CE accepts, and says the same when it is read again.

use crate::loading::{canonical, load};
use crate::support::fixtures;
use serde_json::{Value, json};
use std::path::Path;
use trustmap::export::opengraph::opengraph;

/// The rules of a payload as BloodHound's documentation states them.
fn schema() -> Value {
    let scalar = json!({"type": ["string", "number", "boolean"]});
    let list = |of: &str| json!({"type": "array", "items": {"type": of}});
    let value = json!({"anyOf": [scalar, list("string"), list("number"), list("boolean")]});
    let properties = |not: Value| json!({"type": ["object", "null"], "additionalProperties": value, "not": not});
    let matchers = json!({"type": "array", "minItems": 1, "items": {
        "type": "object", "required": ["key", "operator", "value"], "additionalProperties": false,
        "properties": {"key": {"type": "string"}, "operator": {"const": "equals"}, "value": scalar}}});
    let end = json!({"oneOf": [
        {"type": "object", "required": ["value"], "additionalProperties": false, "properties": {
            "match_by": {"enum": ["id", "name"]}, "value": {"type": "string"}, "kind": {"type": "string"}}},
        {"type": "object", "required": ["match_by", "property_matchers"], "additionalProperties": false, "properties": {
            "match_by": {"const": "property"}, "property_matchers": matchers, "kind": {"type": "string"}}}]});
    json!({
        "type": "object", "required": ["graph"], "additionalProperties": false,
        "properties": {
            "$schema": {"type": "string"},
            "metadata": {"type": "object", "additionalProperties": false,
                         "properties": {"source_kind": {"type": ["string", "null"]}}},
            "graph": {"type": "object", "required": ["nodes", "edges"], "additionalProperties": false, "properties": {
                "nodes": {"type": "array", "items": {
                    "type": "object", "required": ["id", "kinds"], "additionalProperties": false, "properties": {
                        "id": {"type": "string", "minLength": 1},
                        "kinds": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
                        "properties": properties(json!({"type": "object", "required": ["objectid"]}))}}},
                "edges": {"type": "array", "items": {
                    "type": "object", "required": ["kind", "start", "end"], "additionalProperties": false, "properties": {
                        "kind": {"type": "string", "pattern": "^[A-Za-z0-9_]+$"},
                        "start": end, "end": end, "properties": properties(json!(false))}}}}}
        }
    })
}

#[track_caller]
fn check(name: &str, texts: &[&str]) -> Value {
    let loaded = load(texts);
    let native = canonical(&loaded);
    let written = opengraph(&loaded.inventory);
    let value: Value = serde_json::from_str(&written).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .take(5)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
    let again = load(&[&written]);
    assert_eq!(again.inputs[0].importer, Some("bloodhound-opengraph"));
    assert_eq!(canonical(&again), native, "{name}");
    assert_eq!(opengraph(&again.inventory), written, "{name}");
    value
}

#[test]
fn every_sample_comes_back_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-inventories");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).expect("the samples are there") {
        let path = entry.expect("a sample").path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        if text.contains("\"trustmap-inventory\"") {
            tried += 1;
            let value = check(&path.display().to_string(), &[&text]);
            for node in value["graph"]["nodes"].as_array().expect("a list") {
                assert!(!node["id"].as_str().expect("a text").contains(':'), "{node}");
            }
        }
    }
    assert!(tried >= 5);
}

#[test]
fn a_graph_goes_back_with_its_own_ids_kinds_and_ends() {
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        // Objects in properties become texts, and one node is written for two.
        if [
            "own-kinds.json",
            "own-kinds.extension.json",
            "okta.json",
            "azure-nodes-only.json",
        ]
        .contains(&name.as_str())
        {
            continue;
        }
        let value = check(&name, &[&text]);
        let original: Value = serde_json::from_str(&text).expect("it is JSON");
        let sorted = |value: &Value, list: &str| {
            let mut all: Vec<String> = value["graph"][list]
                .as_array()
                .into_iter()
                .flatten()
                .map(Value::to_string)
                .collect();
            all.sort();
            all
        };
        for list in ["nodes", "edges"] {
            assert_eq!(sorted(&value, list), sorted(&original, list), "{name}");
        }
        assert_eq!(
            value["metadata"]["source_kind"], original["metadata"]["source_kind"],
            "{name}"
        );
    }
}

#[test]
fn what_bloodhound_does_not_take_is_written_so_that_it_does() {
    let texts: Vec<String> = ["own-kinds.json", "own-kinds.extension.json", "okta.json"]
        .iter()
        .map(|name| crate::support::text(name))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let written = opengraph(&load(&texts).inventory);
    let value: Value = serde_json::from_str(&written).expect("it is JSON");
    assert!(jsonschema::is_valid(&schema(), &value));
    let robot = value["graph"]["nodes"].as_array().expect("a list");
    let robot = robot.iter().find(|n| n["id"] == "robot:7").expect("it is there");
    assert_eq!(robot["properties"]["mixed"], json!("[1,\"two\"]"));
    // The schema notices what it should.
    for (pointer, bad) in [
        ("/graph/edges/0/kind", json!("a-b")),
        ("/graph/nodes/0/kinds", json!(["a", "b", "c", "d"])),
        ("/graph/nodes/0/properties", json!({"objectid": "x"})),
        ("/graph/nodes/0/properties", json!({"x": {"y": 1}})),
        ("/graph/edges/0/start", json!({"match_by": "property", "value": "x"})),
    ] {
        let mut broken = value.clone();
        *broken.pointer_mut(pointer).expect("it is there") = bad;
        assert!(!jsonschema::is_valid(&schema(), &broken), "{pointer}");
    }
}

#[test]
fn a_graph_beside_an_inventory_keeps_both() {
    let native = crate::loading::inventory(
        r#""name": "Acme", "as_of": "2026-05-01T00:00:00Z",
           "systems": [{"id": "aws:1", "validates": {"audience": true}}],
           "identities": [{"id": "robot"}],
           "credentials": [{"id": "c:1", "kind": "jwt", "identity": "robot", "contexts": ["vpn"]}],
           "grants": [{"holder": "og:SP-6F2B", "system": "aws:1", "scopes": ["s3:*@*"]}],
           "inherits": [{"to": "robot", "requires_all": [{"system": "aws:1", "scope": "s3:GetObject@*"}], "how": "escalation"}],
           "exposures": [{"system": "og:KV-SHOP", "yields": {"context": "vpn"}}],
           "trusts": [{"from": "aws:1", "to": "og:KV-SHOP", "scopes": ["x"], "exchange": {"scopes": ["y"]}}]"#,
    );
    let texts = ["azure-nodes-only.json", "azure-edges-only.json"].map(crate::support::text);
    let value = check("both", &[&texts[0], &texts[1], &native]);
    let sources = &value["metadata"]["source_kind"];
    assert_eq!(sources, "TrustMap");
}
