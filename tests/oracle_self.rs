//! The oracle by itself: tiny inventories whose facts were worked out by hand, and the laws of the trust model on
//! random ones. What the program is compared with must first be right on its own.

mod oracle;

#[path = "oracle_self/outcome.rs"]
mod outcome;
#[path = "oracle_self/rules.rs"]
mod rules;
#[path = "oracle_self/samples.rs"]
mod samples;

use oracle::random::{self, AS_OF, Dice};
use oracle::{laws, scope};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One system `s`, one identity `i` and one credential `c` of it, with a grant to `i`; tests change what they are about.
fn base() -> Value {
    json!({
        "systems": [{"id": "s"}, {"id": "t"}],
        "identities": [{"id": "i"}, {"id": "j"}],
        "credentials": [{"id": "c", "identity": "i"}, {"id": "d"}],
        "grants": [{"id": "g", "holder": "i", "system": "s", "scopes": ["read"]}],
        "exposures": [], "inherits": [], "trusts": [],
    })
}

/// The inventory with the member at a JSON pointer set.
fn with(mut inv: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, member) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let parent = inv
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("nothing is at {parent}"));
        match parent {
            Value::Array(list) => list.push(value.clone()),
            other => other[member] = value.clone(),
        }
    }
    inv
}

fn seeds(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Compares all facts, as `text@hops`, in whatever order they are written here.
fn check(inv: &Value, from: &[&str], regime: &str, expected: &[&str]) {
    check_after(inv, from, regime, json!([]), expected);
}

fn check_after(inv: &Value, from: &[&str], regime: &str, actions: Value, expected: &[&str]) {
    let scenario = json!({"actions": actions});
    let facts = oracle::facts(inv, &seeds(from), Some(&scenario), regime, AS_OF).expect("the scenario applies");
    let found: Vec<String> = facts.into_iter().map(|(fact, hops)| format!("{fact}@{hops}")).collect();
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    assert_eq!(found, sorted, "{regime}, seeds {from:?}, actions {actions}");
}

#[test]
fn covering_overlapping_and_meeting() {
    let covers = |p, q, yes| assert_eq!(scope::covers(p, q), yes, "{p} covers {q}");
    covers("*", "", true);
    covers("", "", true);
    covers("", "*", false);
    covers("s3:*", "S3:Get*", true);
    covers("s3:Get*", "s3:*", false);
    covers("a*b", "ab", true);
    covers("a*b", "a*", false);
    covers("É", "é", false);
    covers("**", "*", true);
    let overlaps = |p, q, yes| {
        assert_eq!(scope::overlaps(p, q), yes, "{p} overlaps {q}");
        assert_eq!(scope::overlaps(q, p), yes, "{q} overlaps {p}");
    };
    overlaps("a*", "*b", true);
    overlaps("a*", "b*", false);
    overlaps("", "*", true);
    overlaps("", "a", false);
    overlaps("a*a", "a", false);
    overlaps("*ab*", "ba*b", true);
    let meet = |m: &[&str], k, expected: Option<&str>| {
        let m = m.iter().map(|p| (*p).to_owned()).collect();
        assert_eq!(
            scope::meet(&m, k).map(|m| scope::scope_text(&m)).as_deref(),
            expected,
            "{m:?} met with {k}"
        );
    };
    meet(&["a*"], "b*", None);
    meet(&["a*"], "*", Some("a*"));
    meet(&["A*"], "a*", Some("A*"));
    meet(&["a*"], "ab", Some("ab"));
    meet(&["a*"], "*b", Some("*b & a*"));
    meet(&["a*", "*b"], "ab", Some("ab"));
    meet(&["a*", "*b"], "a", None);
    meet(&["a*", "*b"], "*c*", Some("*b & *c* & a*"));
    let less = |m: &str, e: &str, r, yes| {
        assert_eq!(
            scope::satisfies(&scope::one(m), &scope::one(e), r),
            yes,
            "{m} less {e} satisfies {r}"
        );
    };
    less("a*", "ab", "a*", true);
    less("a*", "ab", "ab", false);
    less("a*", "a*", "ac", false);
    less("a*", "x", "b", false);
}

/// Short patterns over few letters against every short text.
#[test]
fn the_algebra_agrees_with_trying_every_text() {
    let words = |letters: &[&str], most: usize| {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..most {
            last = last
                .iter()
                .flat_map(|w| letters.iter().map(move |l| format!("{w}{l}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        all
    };
    // Two patterns of three characters that overlap share a text of at most six.
    let (patterns, texts) = (words(&["a", "b", "*"], 3), words(&["a", "b"], 6));
    let mut overlapping = 0;
    for p in &patterns {
        for q in &patterns {
            let both = texts.iter().any(|t| scope::covers(p, t) && scope::covers(q, t));
            assert_eq!(scope::overlaps(p, q), both, "{p} and {q}");
            // A star of `q` is an ordinary character; a letter that occurs nowhere else stands in for it.
            assert_eq!(
                scope::covers(p, q),
                scope::covers(p, &q.replace('*', "z")),
                "{p} and {q}"
            );
            overlapping += usize::from(both);
        }
    }
    assert!(overlapping > 100 && overlapping < patterns.len() * patterns.len());
}

/// Runs a law over random cases and prints the smallest counterexample.
fn law(cases: u64, holds_not: &dyn Fn(&random::Case) -> Option<String>) {
    for number in 0..cases {
        let case = random::case(number);
        if holds_not(&case).is_some() {
            let small = oracle::shrink::shrink(case, &|c| holds_not(c).is_some());
            let why = holds_not(&small).unwrap_or_default();
            panic!("case {number}: {why}\n{small:#?}\n{:#}", small.inventory);
        }
    }
}

#[test]
fn regimes_nest() {
    law(3000, &laws::regimes_nest);
}

#[test]
fn no_action_adds_a_fact() {
    law(3000, &laws::no_action_adds);
}

#[test]
fn a_scenario_over_the_records_is_the_edited_inventory() {
    law(1500, &laws::overlay_is_editing);
}

#[test]
fn loading_twice_changes_nothing() {
    law(2000, &laws::twice_is_once);
}

#[test]
fn files_load_in_any_order() {
    law(2000, &|case| laws::order_is_nothing(case, &mut Dice::new(7)));
    law(2000, &|case| laws::differences_are_named(case, &mut Dice::new(8)));
}

/// The random cases are worth something only if every rule, way and remark occurs in them.
#[test]
fn random_cases_reach_everything() {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for number in 0..1500 {
        let case = random::case(number);
        let scenario = case.scenario.as_ref();
        let Ok(said) = oracle::radius(&case.inventory, &case.seeds, scenario, case.regime, AS_OF) else {
            *seen.entry("refused".to_owned()).or_default() += 1;
            continue;
        };
        let facts = oracle::facts(&case.inventory, &case.seeds, None, "worst-case", AS_OF).expect("no scenario");
        let kinds = facts.keys().map(|f| f.split('(').next().unwrap_or_default().to_owned());
        let ways = ["old", "copy", "fresh", "forged"]
            .into_iter()
            .filter(|way| said.to_string().contains(&format!(", {way}")));
        let lists = ["regained", "broken_flows", "at_risk", "ineffective"]
            .into_iter()
            .filter(|l| said[l].as_array().is_some_and(|all| !all.is_empty()));
        for what in kinds.chain(ways.chain(lists).map(str::to_owned)) {
            *seen.entry(what).or_default() += 1;
        }
        for rule in [
            "accepted",
            "access",
            "exposure",
            "inherit",
            "trust",
            "minting",
            "revocation",
        ] {
            *seen.entry(rule.to_owned()).or_default() += u64::from(said.to_string().contains(&format!("\"{rule}\"")));
        }
    }
    let rare: Vec<_> = seen.iter().filter(|(_, times)| **times < 5).collect();
    assert!(rare.is_empty() && seen.len() >= 20, "{seen:?}");
}
