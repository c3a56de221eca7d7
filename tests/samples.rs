//! The sample inventories, through the command line: each loads without a remark, every number in the index is
//! true, and each incident reaches what the published chain says, before and after every control.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn json(path: &str) -> Value {
    let bytes = std::fs::read(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Runs the program in the package's folder and reads the JSON it prints.
fn run(args: &[&str]) -> Value {
    let out = Command::new(env!("CARGO_BIN_EXE_trustmap"))
        .current_dir(root())
        .args(args)
        .arg("--json")
        .output()
        .expect("the program starts");
    let err = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{args:?}: {err}");
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{err}"))
}

fn radius(file: &str, seeds: &[String], scenario: Option<&str>) -> Value {
    let mut args = vec!["radius", file];
    for seed in seeds {
        args.extend(["--compromise", seed.as_str()]);
    }
    if let Some(scenario) = scenario {
        args.extend(["--scenario", scenario]);
    }
    run(&args)
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|v| v.as_str().expect("text").to_owned()).collect()
}

fn set(value: &Value) -> BTreeSet<String> {
    texts(value).into_iter().collect()
}

/// The ids of one list of a radius.
fn ids(radius: &Value, kind: &str) -> BTreeSet<String> {
    let list = radius[kind].as_array().unwrap_or_else(|| panic!("{kind} is a list"));
    list.iter()
        .map(|v| v["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// The whole numbers written in a line, with commas or without.
fn numbers(line: &str) -> BTreeSet<u64> {
    line.replace(',', "")
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect()
}

fn samples() -> Vec<Value> {
    json("sample-inventories/index.json")["samples"]
        .as_array()
        .expect("samples")
        .clone()
}

#[test]
fn every_sample_loads_without_a_remark() {
    for sample in samples() {
        let file = format!("sample-inventories/{}", sample["file"].as_str().unwrap());
        let got = run(&["check", &file]);
        assert_eq!(got["diagnostics"].as_array().map(Vec::len), Some(0), "{file}");
        let input = &got["inputs"][0];
        assert_eq!(input["complete"], true, "{file}");
        let source = json(&file);
        for kind in [
            "systems",
            "identities",
            "credentials",
            "grants",
            "exposures",
            "inherits",
            "trusts",
        ] {
            let stated = source[kind].as_array().map_or(0, Vec::len);
            assert_eq!(input["records"][kind], stated, "{file}: {kind}");
        }
    }
}

#[test]
fn the_index_names_every_inventory() {
    let listed: BTreeSet<String> = samples()
        .iter()
        .map(|s| s["file"].as_str().unwrap().to_owned())
        .collect();
    let found: BTreeSet<String> = std::fs::read_dir(root().join("sample-inventories"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.ends_with(".json") && !n.ends_with(".scenario.json") && n != "index.json")
        .collect();
    assert_eq!(listed, found);
}

#[test]
fn every_number_in_the_index_is_true() {
    for sample in samples() {
        let file = format!("sample-inventories/{}", sample["file"].as_str().unwrap());
        let scenario = format!("sample-inventories/{}", sample["scenario"].as_str().unwrap());
        let got = radius(&file, &texts(&sample["compromise"]), Some(&scenario));
        assert_eq!(got["diagnostics"].as_array().map(Vec::len), Some(0), "{file}");
        for side in ["before", "after"] {
            for what in ["systems", "crown_jewels", "weight"] {
                let (said, is) = (&sample[side][what], &got[side]["summary"][what]);
                assert_eq!(said, is, "{file}: {what} {side}");
            }
        }
        // Each number in a line is one of the sample's own: systems before or after, records, or copies of a key.
        let source = json(&file);
        let records: usize = source
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_array)
            .map(Vec::len)
            .sum();
        let copies = source["exposures"]
            .as_array()
            .map_or(0, |list| list.iter().filter(|e| e["how"] == "copied").count());
        let before = got["before"]["summary"]["systems"].as_u64().unwrap();
        let after = got["after"]["summary"]["systems"].as_u64().unwrap();
        let story = sample["story"].as_str().unwrap();
        let hint = sample["hint"].as_str().unwrap();
        assert!(numbers(story).contains(&before), "{file}: {story}");
        assert_eq!(numbers(hint), BTreeSet::from([after]), "{file}: {hint}");
        for n in numbers(story) {
            let known = [before, records as u64, copies as u64];
            assert!(known.contains(&n), "{file}: {n} in {story}");
        }
    }
}

#[test]
fn the_deploy_token_is_the_picture() {
    let seeds = ["gha-deploy-prod".to_owned()];
    let scenario = "sample-inventories/deploy-token.scenario.json";
    let got = radius("sample-inventories/deploy-token.json", &seeds, Some(scenario));
    let before = &got["before"];
    assert_eq!(before["summary"]["systems"], 37);
    assert_eq!(before["summary"]["weight"], 455);
    assert_eq!(got["interval"]["intended"], 12);
    assert_eq!(got["interval"]["best_case"], 31);
    assert_eq!(got["interval"]["worst_case"], 37);
    let list = before["systems"].as_array().unwrap();
    let count = |f: &dyn Fn(&Value) -> bool| list.iter().filter(|s| f(s)).count();
    assert_eq!(count(&|s| s["inherited"] == true && s["assumed"] == false), 19);
    assert_eq!(count(&|s| s["assumed"] == true), 6);
    for (hop, systems) in [(1, 9), (2, 12), (3, 16)] {
        assert_eq!(count(&|s| s["hops"] == hop), systems, "{hop} hops");
    }
    for jewel in ["customer-lake", "payments-db", "signing-service"] {
        assert!(ids(before, "systems").contains(jewel), "{jewel}");
    }
    let left = ["artifact-registry", "build-cache", "deploy-api", "mirror-01"];
    assert_eq!(ids(&got["after"], "systems"), left.map(str::to_owned).into());
    let broken = got["broken_flows"].as_array().unwrap();
    let of = |q: &str| {
        let hit = broken.iter().filter(|f| f["use"] == q);
        hit.map(|f| f["to"].as_str().unwrap()).collect::<BTreeSet<_>>()
    };
    assert_eq!(of("in-use"), BTreeSet::from(["terraform-state"]));
    let idle = ["acme-org", "argocd", "staging-cluster", "vault-prod"];
    assert_eq!(of("idle"), BTreeSet::from(idle));
    assert_eq!(broken.len(), 5);
    let without = got["ineffective"].as_array().unwrap();
    assert_eq!(without.len(), 1);
    let at: Vec<_> = without[0]["at"].as_array().unwrap().iter().collect();
    assert_eq!(at.len(), 2);
    assert_eq!(
        (&at[0]["at"], &at[0]["missing"]),
        (&"build-cache".into(), &"audience".into())
    );
    assert_eq!(
        (&at[1]["at"], &at[1]["missing"]),
        (&"mirror-01".into(), &"audience".into())
    );
}

#[test]
fn the_deploy_token_s_rivals_rank_as_in_the_picture() {
    let got = run(&["rank", "sample-inventories/deploy-token.json"]);
    let list = got["credentials"].as_array().unwrap();
    let systems = |id: &str| {
        let hit = list.iter().find(|c| c["id"] == id);
        hit.unwrap_or_else(|| panic!("{id} is ranked"))["systems"].clone()
    };
    for (id, n) in [
        ("gha-deploy-prod", 37),
        ("vault-root-2023", 31),
        ("okta-sync", 29),
        ("backup-agent-key", 21),
        ("jenkins-legacy", 18),
        ("datadog-api", 12),
        ("tf-admin-key", 10),
        ("ops-bastion-ssh", 9),
        ("svc-payments", 4),
        ("npm-publish", 4),
        ("obs-token", 3),
    ] {
        assert_eq!(systems(id), n, "{id}");
    }
    assert_eq!(list[0]["id"], "gha-deploy-prod");
}

#[test]
fn incidents_reach_what_was_published_before_and_after_every_control() {
    let truth = json("tests/fixtures/incidents-truth.json");
    for incident in truth["incidents"].as_array().unwrap() {
        let name = incident["incident"].as_str().unwrap();
        let file = incident["file"].as_str().unwrap();
        let seeds = texts(&incident["seed"]);
        let before = radius(file, &seeds, None)["before"].clone();
        let systems = ids(&before, "systems");
        assert!(set(&incident["reached"]).is_subset(&systems), "{name}");
        assert!(set(&incident["not_reached"]).is_disjoint(&systems), "{name}");
        assert_eq!(systems, set(&incident["systems"]), "{name}");
        assert_eq!(ids(&before, "credentials"), set(&incident["credentials"]), "{name}");
        let mut least = usize::MAX;
        for control in incident["controls"].as_array().unwrap() {
            let scenario = control["scenario"].as_str().unwrap();
            let got = radius(file, &seeds, Some(scenario));
            let left = ids(&got["after"], "systems");
            assert_eq!(left, set(&control["systems"]), "{name}: {scenario}");
            least = least.min(left.len());
        }
        let mended = radius(file, &seeds, incident["mends"].as_str());
        assert_eq!(ids(&mended["after"], "systems").len(), least, "{name}");
    }
}
