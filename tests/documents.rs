//! The JSON documents: every one that the samples give keeps its schema and its order of members, equal input gives
//! equal bytes, and one small one is compared whole. `UPDATE_GOLDEN=1 cargo test --test documents` writes that anew.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use trustmap::cli::{self, Io, Then};
use trustmap::import::Unheard;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn run(args: &[&str]) -> (Then, String, String) {
    let args = std::iter::once("trustmap")
        .chain(args.iter().copied())
        .map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let then = cli::run(
        args,
        &mut Io {
            out: &mut out,
            err: &mut err,
            progress: &Unheard,
            now: "2026-06-01T00:00:00Z".parse().expect("a time"),
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    (then, text(out), text(err))
}

#[track_caller]
fn done(args: &[&str]) -> String {
    let (then, out, err) = run(args);
    assert_eq!(then, Then::Exit(0), "{args:?}: {err}");
    out
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

fn schema(name: &str) -> Validator {
    let path = root().join(format!("assets/schema/{name}.schema.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    jsonschema::validator_for(&parse(&text)).expect("it is a schema")
}

#[track_caller]
fn check_valid(schema: &Validator, what: &str, document: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// Every sample: its file, its seeds, its scenario.
fn samples() -> Vec<(String, Vec<String>, String)> {
    let index = parse(&fs::read_to_string(root().join("sample-inventories/index.json")).expect("the index"));
    let path = |v: &Value| {
        let name = v.as_str().expect("a file");
        root().join("sample-inventories").join(name).display().to_string()
    };
    let list = index["samples"].as_array().expect("samples");
    assert!(list.len() >= 9, "only {} samples", list.len());
    list.iter()
        .map(|s| {
            let seeds = s["compromise"].as_array().expect("seeds");
            let seeds = seeds.iter().map(|id| id.as_str().expect("an id").to_owned()).collect();
            (path(&s["file"]), seeds, path(&s["scenario"]))
        })
        .collect()
}

fn radius_args(sample: &(String, Vec<String>, String), scenario: bool) -> Vec<&str> {
    let mut args = vec!["radius", &sample.0, "--json"];
    for seed in &sample.1 {
        args.extend(["--compromise", seed.as_str()]);
    }
    if scenario {
        args.extend(["--scenario", sample.2.as_str()]);
    }
    args
}

#[test]
fn a_radius_keeps_its_schema_and_its_bytes() {
    let schema = schema("radius");
    for sample in &samples() {
        for regime in ["worst-case", "best-case", "intended"] {
            for scenario in [false, true] {
                let mut args = radius_args(sample, scenario);
                args.extend(["--regime", regime]);
                let text = done(&args);
                let document = parse(&text);
                check_valid(&schema, &format!("{}, {regime}", sample.0), &document);
                assert_eq!(document.get("after").is_some(), scenario);
                assert_eq!(done(&args), text, "{}", sample.0);
            }
        }
    }
}

#[test]
fn a_ranking_keeps_its_schema_and_its_order() {
    let schema = schema("rank");
    for (file, ..) in &samples() {
        let document = parse(&done(&["rank", file, "--json"]));
        check_valid(&schema, file, &document);
        let rows = document["credentials"].as_array().expect("rows");
        let key = |row: &Value| {
            let falling = |member: &str| u64::MAX - row[member].as_u64().expect("a number");
            (
                falling("weight"),
                falling("systems"),
                row["id"].as_str().expect("an id").to_owned(),
            )
        };
        assert!(rows.is_sorted_by_key(key), "{file}");
        let exposure: u64 = rows.iter().map(|r| r["weight"].as_u64().expect("a number")).sum();
        assert_eq!(document["exposure"], exposure, "{file}");
    }
}

#[test]
fn findings_keep_their_schema_and_their_order() {
    let schema = schema("findings");
    let order = ["critical", "high", "medium", "low"];
    for (file, ..) in &samples() {
        for regime in ["worst-case", "best-case", "intended"] {
            let args = ["findings", file, "--json", "--regime", regime];
            let text = done(&args);
            let document = parse(&text);
            check_valid(&schema, file, &document);
            assert_eq!(done(&args), text, "{file}");
            let all = document["findings"].as_array().expect("findings");
            let place = |f: &Value| order.iter().position(|s| f["severity"] == *s).expect("a severity");
            assert!(all.is_sorted_by_key(place), "{file}");
        }
    }
    let (file, ..) = &samples()[0];
    let mut bad = parse(&done(&["findings", file, "--json"]));
    bad["findings"][0]["frameworks"]["attack"] = serde_json::json!(["T1134"]);
    assert!(!schema.is_valid(&bad), "a technique that no rule may name");
}

#[test]
fn differences_keep_their_schema() {
    let schema = schema("diff");
    let all = samples();
    for (old, new) in all.iter().zip(all.iter().skip(1)) {
        let document = parse(&done(&["diff", &old.0, "--to", &new.0, "--json"]));
        check_valid(&schema, &new.0, &document);
        assert_eq!(document["inputs"].as_array().map(Vec::len), Some(2));
        assert!(!document["added"]["systems"].as_array().expect("a list").is_empty());
        let same = parse(&done(&["diff", &old.0, "--to", &old.0, "--json"]));
        assert_eq!(same["radii"], serde_json::json!([]));
        for kind in ["added", "removed", "changed"] {
            let lists = same[kind].as_object().expect("kinds");
            assert!(
                lists.len() == 7 && lists.values().all(|l| l == &serde_json::json!([])),
                "{same}"
            );
        }
    }
}

#[test]
fn checks_and_assertions_keep_their_schemas() {
    let (check, asserted) = (schema("check"), schema("assertions"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("assertions.json");
    let file = path.display().to_string();
    for (sample, seeds, _) in &samples() {
        check_valid(&check, sample, &parse(&done(&["check", sample, "--json"])));
        let from = seeds[0].replace('*', "\\*");
        let text = serde_json::json!({
            "format": "trustmap-assertions", "version": 1,
            "never": [{"from": from, "to": "criticality:crown-jewel"}, {"from": "nothing-*", "to": "*", "unless_via": [from]}],
            "max_radius": [{"credential": "*", "systems": 0}, {"credential": "*", "systems": 1000}],
        });
        check_valid(&asserted, "assertions", &text);
        fs::write(&path, text.to_string()).expect("written");
        let (then, out, _) = run(&["check", sample, "--json", "--assert", &file]);
        assert_eq!(then, Then::Exit(1), "{sample}");
        let document = parse(&out);
        check_valid(&check, sample, &document);
        let holds: Vec<&Value> = document["assertions"]
            .as_array()
            .expect("verdicts")
            .iter()
            .map(|a| &a["holds"])
            .collect();
        assert_eq!(holds.len(), 4);
        assert_eq!(
            (holds[1], holds[2], holds[3]),
            (&true.into(), &false.into(), &true.into()),
            "{sample}"
        );
    }
}

/// The schema must like a file of assertions just when the reader does.
#[test]
fn the_assertions_schema_agrees_with_the_reader() {
    let schema = schema("assertions");
    for members in [
        r#""never": [{"from": "a", "to": "b"}]"#,
        r#""never": [{"from": "a", "to": "b", "unless_via": []}]"#,
        r#""max_radius": [{"credential": "a", "systems": 0}]"#,
        r#""never": []"#,
        r#""never": [], "max_radius": []"#,
        r#""never": [{"from": "a"}]"#,
        r#""never": [{"from": "", "to": "b"}]"#,
        r#""never": [{"from": "a", "to": "b", "via": []}]"#,
        r#""never": [{"from": "a", "to": "b", "unless_via": [""]}]"#,
        r#""max_radius": [{"credential": "a", "systems": -1}]"#,
        r#""max_radius": [{"credential": "a", "systems": "1"}]"#,
        r#""more": 1"#,
        "",
    ] {
        let comma = if members.is_empty() { "" } else { ", " };
        let text = format!(r#"{{"format": "trustmap-assertions", "version": 1{comma}{members}}}"#);
        let read = trustmap::findings::assertions::Assertions::parse(&text);
        assert_eq!(schema.is_valid(&parse(&text)), read.is_ok(), "{members}: {read:?}");
    }
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    let schema = schema("radius");
    let sample = &samples()[0];
    let good = parse(&done(&radius_args(sample, true)));
    let check_refused = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("it is there") = value;
        assert!(!schema.is_valid(&bad), "{pointer}");
    };
    check_refused("/version", json!(2));
    check_refused("/as_of", json!("yesterday"));
    check_refused("/before/summary/systems", json!(-1));
    check_refused("/before/systems/0/path", json!([]));
    check_refused("/before/systems/0/path/0", json!({}));
    check_refused("/removed", Value::Null);
    check_refused("/inputs/0/sha256", json!("abc"));
    let mut without = good.clone();
    without.as_object_mut().expect("an object").remove("interval");
    assert!(!schema.is_valid(&without), "after without interval");
}

#[test]
fn scenarios_keep_their_schema() {
    let schema = schema("scenario");
    let mut seen = 0;
    for entry in fs::read_dir(root().join("sample-inventories")).expect("the samples") {
        let path = entry.expect("a file").path();
        if !path.to_string_lossy().ends_with(".scenario.json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it can be read");
        check_valid(&schema, &path.display().to_string(), &parse(&text));
        let read = trustmap::scenario::Scenario::parse(&text).expect("it can be read");
        check_valid(&schema, "written", &parse(&read.to_json()));
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} scenarios");
}

/// The schema must like an action just when the reader does.
#[test]
fn the_scenario_schema_agrees_with_the_reader() {
    let schema = schema("scenario");
    for action in [
        r#"{"action": "revoke", "credential": "c"}"#,
        r#"{"action": "rotate", "credential": "c", "note": 1}"#,
        r#"{"action": "revoke", "identity": "c"}"#,
        r#"{"action": "revoke"}"#,
        r#"{"action": "narrow-audience", "credential": "c", "audience": []}"#,
        r#"{"action": "narrow-audience", "credential": "c"}"#,
        r#"{"action": "narrow-scopes", "credential": "c", "scopes": [1]}"#,
        r#"{"action": "narrow-scopes", "credential": "c", "scopes": ["s3:*"]}"#,
        r#"{"action": "bind-context", "credential": "c", "contexts": ["office"]}"#,
        r#"{"action": "expire", "credential": "c", "expires_at": "2026-05-01T00:00:00Z"}"#,
        r#"{"action": "expire", "credential": "c", "expires_at": "soon"}"#,
        r#"{"action": "disable-identity", "identity": "i"}"#,
        r#"{"action": "remove-grant", "grant": "g"}"#,
        r#"{"action": "narrow-grant", "grant": "g", "scopes": ["a"]}"#,
        r#"{"action": "remove-exposure", "exposure": "e"}"#,
        r#"{"action": "remove-inherit", "inherit": "h"}"#,
        r#"{"action": "narrow-inherit", "inherit": "h", "requires_all": [{"system": "s", "scope": "x"}]}"#,
        r#"{"action": "narrow-inherit", "inherit": "h", "requires_all": [{"system": "s"}]}"#,
        r#"{"action": "remove-trust", "trust": "t"}"#,
        r#"{"action": "require-exchange", "trust": "t", "scopes": []}"#,
        r#"{"action": "enforce", "system": "s", "checks": ["audience", "scope"]}"#,
        r#"{"action": "enforce", "system": "s", "checks": ["colour"]}"#,
        r#"{"action": "isolate", "system": "s"}"#,
        r#"{"action": "delete", "system": "s"}"#,
        r#"1"#,
    ] {
        let text = format!(r#"{{"format": "trustmap-scenario", "version": 1, "actions": [{action}]}}"#);
        let read = trustmap::scenario::Scenario::parse(&text);
        assert_eq!(schema.is_valid(&parse(&text)), read.is_ok(), "{action}: {read:?}");
    }
}

const SMALL: &str = r#"{"format": "trustmap-inventory", "version": 1, "as_of": "2026-05-01T00:00:00Z",
"systems": [{"id": "ci", "criticality": "low"}, {"id": "größe", "criticality": "crown-jewel", "validates": {"audience": true}, "accepts_audiences": ["größe"]}],
"identities": [{"id": "bot", "kind": "service-account"}],
"credentials": [{"id": "token", "identity": "bot", "audience": ["ci", "größe"], "scopes": ["read:*"]}],
"grants": [{"holder": "bot", "system": "ci", "scopes": ["read:*"], "last_used_at": "2026-04-30T00:00:00Z"}, {"holder": "token", "system": "größe", "scopes": ["*"], "intended": false}]}"#;

const NARROW: &str = r#"{"format": "trustmap-scenario", "version": 1, "name": "narrow", "actions": [
{"action": "narrow-audience", "credential": "token", "audience": []}, {"action": "bind-context", "credential": "token", "contexts": ["office"]}]}"#;

#[test]
fn a_small_radius_is_this() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (inventory, scenario) = (path("small.json", SMALL), path("narrow.json", NARROW));
    let text = done(&[
        "radius",
        &inventory,
        "--json",
        "--compromise",
        "token",
        "token",
        "--scenario",
        &scenario,
    ]);
    check_valid(&schema("radius"), "small", &parse(&text));
    let text = text
        .replace(&inventory, "small.json")
        .replace(env!("CARGO_PKG_VERSION"), "0.0.0");
    let golden: &Path = &root().join("tests/golden/documents/radius.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(golden.parent().expect("a folder")).expect("made");
        fs::write(golden, &text).expect("written");
    }
    let expected = fs::read_to_string(golden).expect("the golden file; UPDATE_GOLDEN=1 writes it");
    assert_eq!(text, expected);
}

fn plan_args<'a>(sample: &'a (String, Vec<String>, String), more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["plan", &sample.0, "--json"];
    for seed in &sample.1 {
        args.extend(["--compromise", seed.as_str()]);
    }
    args.extend(more);
    args
}

#[test]
fn a_plan_keeps_its_schema_and_its_bytes() {
    let schema = schema("plan");
    let narrow = ["--permit", "narrow-audience", "enforce"];
    for sample in &samples() {
        for more in [&[][..], &["--containment"], &narrow, &["--budget", "1"]] {
            let args = plan_args(sample, more);
            let text = done(&args);
            let document = parse(&text);
            check_valid(&schema, &format!("{}, {more:?}", sample.0), &document);
            assert_eq!(done(&args), text, "{}", sample.0);
            if let Some(cost) = document["cost"].as_u64() {
                assert_eq!(document["optimal"], true, "{}, {more:?}", sample.0);
                let actions = document["actions"].as_array().expect("actions").len() as u64;
                assert!(cost >= actions, "{}", sample.0);
            }
        }
    }
    // Two plans as they are written, to the byte.
    let written = |name: &str, more: &[&str]| {
        let text = done(&plan_args(&samples()[0], more));
        let from = text.find("\n  \"diagnostics\"").expect("the head");
        let golden = root().join("tests/golden/documents").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &text[from..]).expect("written");
        }
        let expected = fs::read_to_string(&golden).expect("the golden file; UPDATE_GOLDEN=1 writes it");
        assert_eq!(&text[from..], expected);
    };
    written("plan-cut.json", &[]);
    written("plan-budget.json", &["--budget", "1"]);
}

#[test]
fn a_plan_says_what_is_wrong_with_a_question() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("small.json");
    fs::write(&file, SMALL).expect("written");
    let file = file.display().to_string();
    let check_refused = |args: &[&str], expected: &[&str]| {
        let all: Vec<&str> = ["plan", &file, "--compromise"]
            .into_iter()
            .chain(args.iter().copied())
            .collect();
        let (then, out, err) = run(&all);
        assert_eq!((then, out.as_str()), (Then::Exit(2), ""), "{args:?}");
        for part in expected {
            assert!(err.contains(part), "{args:?}: {err}");
        }
    };
    check_refused(
        &["nobody", "--protect", "nothing"],
        &["--compromise: No system", "--protect: No system"],
    );
    check_refused(&["größe"], &["There is nothing to protect", "--protect"]);
    check_refused(&["token", "--protect", "token"], &["is compromised"]);
    check_refused(
        &["token", "--permit", "rotate", "destroy"],
        &["counts only with --containment", "no action \"destroy\""],
    );
    check_refused(&["token", "--budget", "0"], &["--budget"]);
    check_refused(
        &["token", "--budget", "1", "--protect", "ci"],
        &["leave --protect or --budget out"],
    );
}

#[test]
fn everything_wrong_is_said_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let inventory = path("small.json", SMALL);
    let scenario = path(
        "bad.json",
        r#"{"format": "trustmap-scenario", "version": 1, "actions": [{"action": "revoke", "credential": "gone"}, {"action": "remove-grant", "grant": "none"}]}"#,
    );
    let (then, out, err) = run(&[
        "radius",
        &inventory,
        "--compromise",
        "nobody",
        "Token",
        "--scenario",
        &scenario,
    ]);
    assert_eq!((then, out.as_str()), (Then::Exit(2), ""));
    for part in [
        "/actions/0: ",
        "\"gone\"",
        "/actions/1: ",
        "\"none\"",
        "\"nobody\"",
        "\"Token\"",
        "bad.json",
    ] {
        assert!(err.contains(part), "{part} in {err}");
    }
    let (then, out, err) = run(&[
        "radius",
        &inventory,
        "--compromise",
        "token",
        "--scenario",
        "no-such.json",
    ]);
    assert_eq!((then, out.as_str()), (Then::Exit(2), ""));
    assert!(err.contains("Could not read no-such.json"), "{err}");
    let not = path("not.json", "{");
    let (then, _, err) = run(&["radius", &inventory, "--compromise", "token", "--scenario", &not]);
    assert_eq!(then, Then::Exit(2));
    assert!(err.contains("not.json: Not a scenario"), "{err}");
}

#[test]
fn a_context_that_nothing_yields_is_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.json");
    fs::write(&path, SMALL).expect("written");
    let path = path.display().to_string();
    let document = parse(&done(&[
        "radius",
        &path,
        "--json",
        "--compromise",
        "context:office",
        "token",
    ]));
    assert_eq!(document["compromise"], json!(["context:office", "token"]));
    let codes: Vec<&Value> = document["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| &d["code"])
        .collect();
    assert_eq!(codes, ["unreachable-context"]);
    let text = done(&["radius", &path, "--compromise", "context:office"]);
    assert!(
        text.contains("Warning: Nothing yields the context \"office\""),
        "{text}"
    );
}

#[test]
fn text_for_people_says_the_numbers() {
    let sample = &samples()[0];
    let mut args = radius_args(sample, true);
    args.retain(|a| *a != "--json");
    let text = done(&args);
    for part in [
        "gha-deploy-prod reaches 37 systems and 3 crown jewels",
        "31 in the best case",
        "systems 37 → 4, crown jewels 3 → 0, weight 455 → 24",
        "No effect: build-cache and mirror-01 do not check the audience",
        "Breaks 1 in use, 4 idle",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = done(&["rank", &sample.0]);
    assert!(text.contains("81 live credentials, exposure 2,731"), "{text}");
}
