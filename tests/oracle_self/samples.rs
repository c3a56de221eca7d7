//! The sample inventories by the oracle alone: the numbers their index promises, and the published incidents with what
//! each control leaves of them.

use super::oracle;
use serde_json::Value;
use std::collections::BTreeSet;

fn read(path: &str) -> Value {
    let whole = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&whole).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn radius(file: &str, seeds: &Value, scenario: &str) -> Value {
    let (inv, scenario) = (read(file), read(scenario));
    let as_of = inv["as_of"].as_str().expect("samples speak of a time").to_owned();
    oracle::radius(&inv, &texts(seeds), Some(&scenario), "worst-case", &as_of)
        .unwrap_or_else(|errors| panic!("{file}: {errors:?}"))
}

fn ids(list: &Value) -> BTreeSet<String> {
    let entries = list.as_array().into_iter().flatten();
    entries.filter_map(|e| e["id"].as_str()).map(str::to_owned).collect()
}

fn set(list: &Value) -> BTreeSet<String> {
    texts(list).into_iter().collect()
}

#[test]
fn the_index_of_the_samples_is_true() {
    let index = read("sample-inventories/index.json");
    let samples = index["samples"].as_array().expect("a list");
    assert!(!samples.is_empty());
    for sample in samples {
        let path = |field: &str| format!("sample-inventories/{}", sample[field].as_str().expect("a file"));
        let said = radius(&path("file"), &sample["compromise"], &path("scenario"));
        for side in ["before", "after"] {
            for (what, promised) in sample[side].as_object().expect("numbers") {
                assert_eq!(
                    &said[side]["summary"][what],
                    promised,
                    "{}: {what} {side}",
                    path("file")
                );
            }
        }
    }
}

#[test]
fn incidents_come_out_as_published() {
    let truth = read("tests/fixtures/incidents-truth.json");
    for incident in truth["incidents"].as_array().expect("a list") {
        let (file, seeds) = (incident["file"].as_str().expect("a file"), &incident["seed"]);
        for control in incident["controls"].as_array().expect("a list") {
            let scenario = control["scenario"].as_str().expect("a file");
            let said = radius(file, seeds, scenario);
            let systems = ids(&said["before"]["systems"]);
            assert!(set(&incident["reached"]).is_subset(&systems), "{file}");
            assert!(set(&incident["not_reached"]).is_disjoint(&systems), "{file}");
            assert_eq!(systems, set(&incident["systems"]), "{file}");
            assert_eq!(
                ids(&said["before"]["credentials"]),
                set(&incident["credentials"]),
                "{file}"
            );
            assert_eq!(
                ids(&said["after"]["systems"]),
                set(&control["systems"]),
                "{file}: {scenario}"
            );
        }
    }
}
