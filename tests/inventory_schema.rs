//! The schema of the native format agrees with the reader: what is written keeps it, and it refuses what the reader
//! leaves out.

mod loading;

use jsonschema::Validator;
use loading::{canonical, inventory, load, problems};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn read(path: impl AsRef<Path>) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_json::from_str(&fs::read_to_string(&path).expect("it is there")).expect("it is JSON")
}

fn schema() -> Validator {
    jsonschema::validator_for(&read("assets/schema/inventory.schema.json")).expect("it is a schema")
}

#[track_caller]
fn check_valid(schema: &Validator, name: &str, document: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

#[test]
fn what_is_written_keeps_the_schema() {
    let schema = schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-inventories");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).expect("the samples are there") {
        let path = entry.expect("a sample").path();
        let text = fs::read_to_string(&path).expect("it can be read");
        if !text.contains("\"trustmap-inventory\"") || path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let name = path.display().to_string();
        check_valid(&schema, &name, &read(&path));
        let converted = serde_json::from_str(&canonical(&load(&[&text]))).expect("it is JSON");
        check_valid(&schema, &format!("{name}, converted"), &converted);
        seen += 1;
    }
    assert!(seen >= 9, "only {seen} samples were found");
    check_valid(
        &schema,
        "odd.converted.json",
        &read("tests/golden/native/odd.converted.json"),
    );
}

/// Loads an inventory with these members: the schema must like it just when the reader has no error.
#[track_caller]
fn check_agrees(schema: &Validator, members: &str) {
    let text = inventory(members);
    let loaded = load(&[&text]);
    let errors: Vec<String> = problems(&loaded)
        .into_iter()
        .filter(|p| p.starts_with("error "))
        .collect();
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(schema.is_valid(&document), errors.is_empty(), "{members}: {errors:#?}");
}

#[test]
fn the_schema_agrees_with_the_reader() {
    let schema = schema();
    let ground = r#""systems": [{"id": "s"}, {"id": "t"}], "identities": [{"id": "i"}, {"id": "j"}], "credentials": [{"id": "c"}]"#;
    for members in [
        "",
        r#""name": null, "as_of": "2026-05-01T00:00:00Z", "systems": null, "unknown": 1"#,
        r#""as_of": "2026-05-01""#,
        r#""name": 1"#,
        r#""systems": {}"#,
        r#""systems": [1]"#,
        r#""systems": [{}]"#,
        r#""systems": [{"id": null}]"#,
        r#""systems": [{"id": "context:x"}]"#,
        r#""systems": [{"id": "s", "criticality": "high", "third_party": false, "tags": [], "attributes": {}, "validates": {"scope": true, "other": 1}, "odd": []}]"#,
        r#""systems": [{"id": "s", "criticality": "highest"}]"#,
        r#""systems": [{"id": "s", "third_party": 1}]"#,
        r#""systems": [{"id": "s", "accepts_audiences": "s"}]"#,
        r#""systems": [{"id": "s", "validates": {"scope": "yes"}}]"#,
        r#""systems": [{"id": "s", "validates": true}]"#,
        r#""systems": [{"id": "s", "attributes": []}]"#,
        r#""identities": [{"id": "i", "kind": "device", "status": "disabled"}]"#,
        r#""identities": [{"id": "i", "kind": "service account"}]"#,
        r#""identities": [{"id": "i", "status": "revoked"}]"#,
        r#""credentials": [{"id": "c", "kind": "jwt", "status": "revoked", "expires_at": "2026-05-01t00:00:00.5+02:00", "leaked": true}]"#,
        r#""credentials": [{"id": "c", "expires_at": "2026-05-01T00:00Z"}]"#,
        r#""credentials": [{"id": "c", "scopes": [1]}]"#,
        r#""credentials": [{"id": "c", "contexts": null, "leaked": null}]"#,
        r#""grants": [{"holder": "c", "system": "s", "scopes": [], "within": [], "except": null, "used_scopes": ["x"]}]"#,
        r#""grants": [{"holder": "c", "system": "s"}]"#,
        r#""grants": [{"holder": "c", "system": "s", "scopes": null}]"#,
        r#""grants": [{"holder": "c", "scopes": []}]"#,
        r#""grants": [{"holder": "c", "system": "s", "scopes": [], "evidence": 1}]"#,
        r#""exposures": [{"system": "s", "yields": {"credential": "c"}, "requires": ["x"], "how": "minted"}]"#,
        r#""exposures": [{"system": "s", "credential": null, "yields": {"credential": "c", "identity": null}}]"#,
        r#""exposures": [{"system": "s", "credential": "c", "yields": {"credential": "c"}}]"#,
        r#""exposures": [{"yields": {"credential": "c"}}]"#,
        r#""exposures": [{"system": "s", "yields": {}}]"#,
        r#""exposures": [{"system": "s", "yields": {"credential": "c", "identity": "i"}}]"#,
        r#""exposures": [{"system": "s"}]"#,
        r#""exposures": [{"credential": "c", "requires": ["x"], "yields": {"credential": "c"}}]"#,
        r#""exposures": [{"credential": "c", "requires": [], "yields": {"credential": "c"}}]"#,
        r#""exposures": [{"system": "s", "how": "leaked", "yields": {"credential": "c"}}]"#,
        r#""inherits": [{"from": "i", "to": "j"}]"#,
        r#""inherits": [{"to": "j"}]"#,
        r#""inherits": [{"from": null, "to": "j", "requires_all": []}]"#,
        r#""inherits": [{"to": "j", "requires_all": [{"system": "s", "scope": "x"}]}]"#,
        r#""inherits": [{"from": "i", "to": "j", "requires_all": [{"system": "s"}]}]"#,
        r#""inherits": [{"from": "i", "to": "j", "how": "membership"}]"#,
        r#""inherits": [{"from": "i", "to": "j", "how": "membership", "requires_all": []}]"#,
        r#""inherits": [{"from": "i", "to": "j", "how": "membership", "requires_all": [{"system": "s", "scope": "x"}]}]"#,
        r#""inherits": [{"to": "j", "how": "membership", "requires_all": [{"system": "s", "scope": "x"}]}]"#,
        r#""inherits": [{"from": "i"}]"#,
        r#""trusts": [{"from": "s", "to": "t", "scopes": [], "exchange": {"scopes": []}, "intended": false, "assumed": true}]"#,
        r#""trusts": [{"from": "s", "to": "t", "scopes": [], "exchange": {}}]"#,
        r#""trusts": [{"from": "s", "to": "t", "scopes": [], "exchange": null}]"#,
        r#""trusts": [{"from": "s", "to": "t"}]"#,
        r#""trusts": [{"from": "s", "scopes": []}]"#,
    ] {
        // Relations need something to relate.
        let relation = ["\"grants", "\"exposures", "\"inherits", "\"trusts"];
        if relation.iter().any(|list| members.starts_with(list)) {
            check_agrees(&schema, &format!("{ground}, {members}"));
        } else {
            check_agrees(&schema, members);
        }
    }
}
