//! Assertions: what they say of small estates, what is wrong with a file of them, and that `never … unless_via` is what
//! the oracle finds without what it must not use.

mod loading;
mod oracle;

use oracle::random::{self, AS_OF, Dice};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trustmap::analysis::Never;
use trustmap::findings::assertions::{AssertionError, Assertions, Verdicts, evaluate};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph, World};

/// Evaluates assertions, given as the members of their file, about an inventory.
fn evaluated(inventory: &str, regime: Regime, members: &Value) -> Result<Verdicts, Vec<AssertionError>> {
    let mut file = json!({"format": "trustmap-assertions", "version": 1});
    for (key, value) in members.as_object().expect("members") {
        file[key] = value.clone();
    }
    let assertions = Assertions::parse(&file.to_string())?;
    let loaded = loading::load(&[inventory]);
    let graph = TrustGraph::build(loaded.inventory.clone());
    let settings = Settings {
        as_of: AS_OF.parse().expect("a time"),
        regime,
    };
    let overlay = Overlay::default();
    evaluate(World::new(&graph, &overlay, settings), &assertions, &Never).expect("nobody cancels")
}

/// ci holds a token for the registry; from there a trust leads by way of a broker to the vault, and another straight to
/// the mirror. The person with the star in the id has a key of the vault.
const ESTATE: &str = r#"
    "systems": [{"id": "registry"}, {"id": "broker", "tags": ["approved"]}, {"id": "mirror", "environment": "prod"},
        {"id": "vault", "criticality": "crown-jewel", "tags": ["secret"]}],
    "identities": [{"id": "ci", "kind": "pipeline"}, {"id": "a*b", "kind": "human"}],
    "credentials": [{"id": "ci-token", "identity": "ci", "tags": ["ci"]}, {"id": "ci-spare", "identity": "ci"},
        {"id": "star-key", "identity": "a*b"}],
    "grants": [{"holder": "ci", "system": "registry", "scopes": ["push"]}, {"holder": "a*b", "system": "vault", "scopes": ["read"]}],
    "trusts": [{"from": "registry", "to": "broker", "scopes": ["ask"]}, {"from": "broker", "to": "vault", "scopes": ["read"]},
        {"from": "registry", "to": "mirror", "scopes": ["copy"]}]"#;

/// Whether one assertion holds, and between which ends it fails.
#[track_caller]
fn check_never(from: &str, to: &str, unless_via: &[&str], fails: Option<(&str, &str)>) {
    let members = json!({"never": [{"from": from, "to": to, "unless_via": unless_via}]});
    let found = evaluated(&loading::inventory(ESTATE), Regime::WorstCase, &members).expect("it can be evaluated");
    let verdict = &found.verdicts[0];
    let ends = verdict.ends.as_ref().map(|(a, b)| (a.as_str(), b.as_str()));
    assert_eq!(
        (verdict.holds, ends),
        (fails.is_none(), fails),
        "{from} to {to} unless {unless_via:?}"
    );
    assert_eq!(verdict.path.is_empty(), verdict.holds);
    // The way shown does not use what would excuse it.
    for step in &verdict.path {
        for via in unless_via {
            assert!(!step.fact.contains(via), "{} uses {via}", step.fact);
        }
    }
}

#[test]
fn never_from_here_to_there() {
    check_never("ci-token", "vault", &[], Some(("ci-token", "vault")));
    check_never("ci-token", "vault", &["broker"], None);
    check_never("ci-token", "vault", &["mirror"], Some(("ci-token", "vault")));
    check_never("ci-token", "vault", &["tag:approved"], None);
    check_never("ci-*", "criticality:crown-jewel", &[], Some(("ci-spare", "vault")));
    check_never("ci-*", "criticality:crown-jewel", &["br*"], None);
    check_never("ci-*", "environment:prod", &["broker"], Some(("ci-spare", "mirror")));
    check_never("tag:ci", "tag:secret", &[], Some(("ci-token", "vault")));
    check_never("ci-token", "tag:nothing-yet", &[], None);
    check_never("CI-*", "vault", &[], None);
    check_never("a\\*b", "vault", &[], Some(("a*b", "vault")));
    check_never("star-key", "registry", &[], None);
    // A start or an end that excuses, excuses.
    check_never("ci-token", "vault", &["ci-token"], None);
    check_never("ci-token", "vault", &["vault"], None);
    check_never("ci-token", "vault", &["ci"], None);
    // What is both start and end is not reached by itself, but by another.
    check_never("registry", "registry", &[], None);
    check_never("*", "registry", &[], Some(("ci", "registry")));
    check_never("*", "*", &["registry", "vault"], None);
}

#[test]
fn a_radius_of_at_most_so_many() {
    let check = |credential: &str, systems: u64, exceeded: &[(&str, u64)]| {
        let members = json!({"max_radius": [{"credential": credential, "systems": systems}]});
        let found = evaluated(&loading::inventory(ESTATE), Regime::WorstCase, &members).expect("it can be evaluated");
        let over: Vec<(&str, u64)> = found.verdicts[0]
            .exceeded
            .iter()
            .map(|(c, n)| (c.as_str(), *n))
            .collect();
        assert_eq!(over, exceeded, "{credential} {systems}");
        assert_eq!(found.verdicts[0].holds, exceeded.is_empty());
    };
    check("ci-token", 4, &[]);
    check("ci-token", 3, &[("ci-token", 4)]);
    check("*", 1, &[("ci-spare", 4), ("ci-token", 4)]);
    check("*", 0, &[("ci-spare", 4), ("ci-token", 4), ("star-key", 1)]);
}

#[test]
fn a_regime_decides_what_is_believed() {
    let members = json!({"never": [{"from": "ci-token", "to": "vault"}]});
    let holds = |regime| {
        evaluated(&loading::inventory(ESTATE), regime, &members)
            .expect("it can be evaluated")
            .verdicts[0]
            .holds
    };
    assert!(!holds(Regime::WorstCase));
    assert!(!holds(Regime::BestCase));
    // Without an exchange nothing is passed on as it was meant.
    assert!(holds(Regime::Intended));
}

/// Members that cannot be used, and what is said.
#[track_caller]
fn check_wrong(members: Value, said: &[&str]) {
    let errors = evaluated(&loading::inventory(ESTATE), Regime::WorstCase, &members).expect_err("it is wrong");
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), said.len(), "{errors:?}");
    for (error, part) in errors.iter().zip(said) {
        assert!(error.contains(part), "expected {part:?} in {error:?}");
    }
}

#[test]
fn what_is_wrong_with_assertions_is_said_with_its_place() {
    check_wrong(
        json!({}),
        &["Nothing is asserted: put at least one entry into \"never\" or \"max_radius\""],
    );
    check_wrong(json!({"never": [], "max_radius": []}), &["Nothing is asserted"]);
    check_wrong(json!({"never": {}}), &["/never: Expected a list, found an object"]);
    check_wrong(json!({"never": ["a"]}), &["/never/0: Expected an object, found text"]);
    check_wrong(
        json!({"never": [{"from": "ci"}]}),
        &["/never/0: Member \"to\" is missing"],
    );
    check_wrong(
        json!({"never": [{"from": 3, "to": ""}]}),
        &[
            "/never/0/from: Expected an id or a pattern, found a number",
            "/never/0/to: Expected an id or a pattern, found an empty text",
        ],
    );
    check_wrong(
        json!({"never": [{"from": "ci", "to": "vault", "unless_via": "broker"}]}),
        &["/never/0/unless_via: Expected a list, found text"],
    );
    check_wrong(
        json!({"never": [{"from": "ci", "to": "vault", "unless": ["broker"]}]}),
        &["/never/0: There is no member \"unless\"; there are from, to, unless_via"],
    );
    check_wrong(
        json!({"never": [{"from": "nobody", "to": "vault", "unless_via": ["broker", "noone"]}]}),
        &[
            "/never/0/from: No system, identity or credential has the id \"nobody\"",
            "/never/0/unless_via/1: No system, identity or credential has the id \"noone\"",
        ],
    );
    check_wrong(
        json!({"never": [{"from": "ci", "to": "criticality:crown"}]}),
        &["/never/0/to: There is no criticality \"crown\"; there are crown-jewel, high, medium, low"],
    );
    check_wrong(
        json!({"max_radius": [{"credential": "ci-token", "systems": -1}, {"credential": "ci-token"}]}),
        &[
            "/max_radius/0/systems: Expected how many systems, a number from 0 on; found a number",
            "/max_radius/1: Member \"systems\" is missing",
        ],
    );
    check_wrong(
        json!({"max_radius": [{"credential": "vault", "systems": 1}]}),
        &["/max_radius/0/credential: \"vault\" names no credential"],
    );
    for (text, said) in [
        ("[", "Not assertions: expected JSON, stopped at line 1, column 1"),
        ("[]", "Not assertions: expected \"format\": \"trustmap-assertions\""),
        (
            "{\"format\": \"trustmap-assertions\", \"version\": 2}",
            "/version: Expected \"version\": 1",
        ),
    ] {
        let errors = Assertions::parse(text).expect_err("it is wrong");
        assert!(errors[0].to_string().contains(said), "{text}: {errors:?}");
    }
}

#[test]
fn a_pattern_that_names_nothing_is_said() {
    let members = json!({"never": [{"from": "staging-*", "to": "vault"}, {"from": "ci", "to": "tag:none"}]});
    let found = evaluated(&loading::inventory(ESTATE), Regime::WorstCase, &members).expect("it can be evaluated");
    let places: Vec<&str> = found.empty.iter().map(|e| e.place.as_str()).collect();
    assert_eq!(places, ["/never/0/from", "/never/1/to"]);
    assert!(found.verdicts.iter().all(|v| v.holds));
}

/// The inventory without every relation that names one of these ids at an end.
fn without(inventory: &Value, ids: &BTreeSet<String>) -> Value {
    let mut out = inventory.clone();
    let named = |v: &Value| {
        let text = v.as_str();
        text.is_some_and(|t| ids.contains(t))
    };
    for (kind, ends) in [
        ("grants", &["holder", "system"][..]),
        ("exposures", &["system", "credential", "identity"]),
        ("inherits", &["from", "to"]),
        ("trusts", &["from", "to"]),
    ] {
        if let Some(all) = out[kind].as_array_mut() {
            all.retain(|r| {
                let yields = &r["yields"];
                let context = yields["context"]
                    .as_str()
                    .is_some_and(|z| ids.contains(&format!("context:{z}")));
                !ends.iter().any(|e| named(&r[*e]))
                    && !named(&yields["credential"])
                    && !named(&yields["identity"])
                    && !context
            });
        }
    }
    out
}

#[test]
fn never_unless_via_is_what_the_oracle_finds_without_it() {
    let cases: u64 = std::env::var("TRUSTMAP_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(3000);
    let (mut held, mut failed, mut excused) = (0, 0, 0);
    for n in 0..cases {
        let case = random::case(n);
        let mut dice = Dice::new(n ^ 0x5eed);
        let inventory = oracle::names::stamped(&oracle::merge(&[("", case.inventory.clone())]).document);
        let ids: Vec<String> = ["systems", "identities", "credentials"]
            .iter()
            .flat_map(|kind| inventory[*kind].as_array().cloned().unwrap_or_default())
            .filter_map(|r| r["id"].as_str().map(str::to_owned))
            .collect();
        let (from, to) = (dice.pick(&ids).clone(), dice.pick(&ids).clone());
        let via: BTreeSet<String> = (0..dice.below(3)).map(|_| dice.pick(&ids).clone()).collect();
        // A star in an id is written as such.
        let written = |id: &String| id.replace('*', "\\*");
        let members = json!({"never": [{"from": written(&from), "to": written(&to), "unless_via": via.iter().map(written).collect::<Vec<_>>()}]});
        let regime = Regime::parse(case.regime).expect("a regime");
        let found = evaluated(&inventory.to_string(), regime, &members).expect("it can be evaluated");
        let reached = |inventory: &Value| {
            let theirs =
                oracle::radius(inventory, std::slice::from_ref(&from), None, case.regime, AS_OF).expect("no scenario");
            ["systems", "credentials", "identities"]
                .iter()
                .flat_map(|kind| theirs["before"][*kind].as_array().cloned().unwrap_or_default())
                .any(|r| r["id"] == to.as_str() && to != from)
        };
        let fails = !via.contains(&from) && !via.contains(&to) && reached(&without(&inventory, &via));
        assert_eq!(
            found.verdicts[0].holds, !fails,
            "case {n}: {members} under {} in {inventory}",
            case.regime
        );
        (held, failed) = (held + u64::from(!fails), failed + u64::from(fails));
        excused += u64::from(!fails && reached(&inventory));
    }
    // All three happen, or nothing was tried.
    assert!(
        held > cases / 20 && failed > cases / 20 && excused > cases / 200,
        "{held} {failed} {excused}"
    );
}
