//! Several inventories load as one: section 1 of the trust model, case by case.

mod loading;

use loading::{canonical, codes, inventory, load, problems};
use serde_json::{Value, json};

/// Loads inventories of these members and compares one list of the merged one, and the codes with their places.
#[track_caller]
fn check(files: &[&str], list: &str, expected: Value, expected_codes: &[&str]) {
    let texts: Vec<String> = files.iter().map(|m| inventory(m)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let loaded = load(&texts);
    let merged: Value = serde_json::from_str(&canonical(&loaded)).expect("canonical text is JSON");
    let found = merged.get(list).cloned().unwrap_or_else(|| json!([]));
    assert_eq!(found, expected, "{:#?}", problems(&loaded));
    assert_eq!(codes(&loaded), expected_codes, "{:#?}", problems(&loaded));
}

/// The names of all relations of the merged inventory.
#[track_caller]
fn names(files: &[&str]) -> Vec<String> {
    let texts: Vec<String> = files.iter().map(|m| inventory(m)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let records = load(&texts).inventory.records.clone();
    let grants = records.grants.into_iter().map(|r| r.name().to_string());
    let exposures = records.exposures.into_iter().map(|r| r.name().to_string());
    let inherits = records.inherits.into_iter().map(|r| r.name().to_string());
    let trusts = records.trusts.into_iter().map(|r| r.name().to_string());
    grants.chain(exposures).chain(inherits).chain(trusts).collect()
}

const S: &str = r#""systems": [{"id": "s"}, {"id": "t"}], "identities": [{"id": "i"}, {"id": "j"}], "credentials": [{"id": "c"}, {"id": "d"}]"#;

fn with(members: &str) -> String {
    format!("{S}, {members}")
}

#[test]
fn entities_of_one_id_are_one() {
    check(
        &[
            r#""systems": [{"id": "s", "name": "Shop", "tags": ["b"], "accepts_issuers": []}]"#,
            r#""systems": [{"id": "s", "owner": "web", "tags": ["a", "b"], "criticality": "high"}]"#,
        ],
        "systems",
        json!([{"id": "s", "name": "Shop", "owner": "web", "criticality": "high", "accepts_issuers": [], "tags": ["a", "b"]}]),
        &[],
    );
    // Twice in one file is as in two.
    check(
        &[r#""identities": [{"id": "i", "kind": "role"}, {"id": "i", "status": "disabled"}]"#],
        "identities",
        json!([{"id": "i", "kind": "role", "status": "disabled"}]),
        &[],
    );
    check(
        &[r#""credentials": [{"id": "c", "scopes": ["b", "a", "b"]}, {"id": "c", "scopes": ["c"], "audience": []}]"#],
        "credentials",
        json!([{"id": "c", "audience": [], "scopes": ["a", "b", "c"]}]),
        &[],
    );
    // Ids are case-sensitive.
    check(
        &[r#""systems": [{"id": "S"}, {"id": "s"}]"#],
        "systems",
        json!([{"id": "S"}, {"id": "s"}]),
        &[],
    );
}

#[test]
fn members_of_validates_and_attributes_are_merged_one_by_one() {
    check(
        &[
            r#""systems": [{"id": "s", "validates": {"audience": true}, "attributes": {"a": 1, "b": [1]}}]"#,
            r#""systems": [{"id": "s", "validates": {"audience": false, "scope": false}, "attributes": {"b": [2], "c": {}}}]"#,
        ],
        "systems",
        json!([{"id": "s", "validates": {"audience": true, "scope": false}, "attributes": {"a": 1, "b": [1], "c": {}}}]),
        &["conflict b.json/systems/0", "conflict b.json/systems/0"],
    );
}

#[test]
fn two_values_for_one_field_are_a_conflict_that_names_both_places() {
    let texts = [
        inventory(r#""systems": [{"id": "x"}, {"id": "s"}]"#),
        inventory(r#""systems": [{"id": "s", "owner": "red"}]"#),
        inventory("\n\"systems\": [{\"id\": \"s\", \"owner\": \"blue\"}]"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let loaded = load(&texts);
    assert_eq!(
        problems(&loaded),
        [
            "conflict conflict at c.json, line 2, /systems/0: Two values for owner of system \"s\": \"red\" was kept, \
             \"blue\" was not; the first stays, make them agree (the other is in b.json, line 1, /systems/0)"
        ]
    );
    // The same value is none, nor is one that is left out or null.
    check(
        &[
            r#""identities": [{"id": "i", "third_party": true}]"#,
            r#""identities": [{"id": "i", "third_party": null}, {"id": "i", "third_party": true}]"#,
        ],
        "identities",
        json!([{"id": "i", "third_party": true}]),
        &[],
    );
    // Times compare as instants.
    check(
        &[
            r#""credentials": [{"id": "c", "issued_at": "2026-01-01T01:00:00+01:00"}]"#,
            r#""credentials": [{"id": "c", "issued_at": "2026-01-01T00:00:00Z"}]"#,
        ],
        "credentials",
        json!([{"id": "c", "issued_at": "2026-01-01T00:00:00Z"}]),
        &[],
    );
}

#[test]
fn an_id_of_two_kinds_stays_the_first() {
    check(
        &[
            r#""identities": [{"id": "x"}]"#,
            r#""systems": [{"id": "x"}, {"id": "y"}]"#,
        ],
        "systems",
        json!([{"id": "y"}]),
        &["id-of-two-kinds b.json/systems/0"],
    );
    // It says where the first stands, wherever that is.
    let texts = [
        inventory(r#""identities": [{"id": "w"}, {"id": "x"}]"#),
        inventory(r#""systems": [{"id": "y"}, {"id": "x"}]"#),
    ];
    let loaded = load(&[&texts[0], &texts[1]]);
    assert_eq!(
        problems(&loaded),
        [
            "error id-of-two-kinds at b.json, line 1, /systems/1: Left out the system \"x\": the id is already that of an \
             identity; give one of the two another id (the other is in a.json, line 1, /identities/1)"
        ]
    );
    // What names the loser's kind dangles.
    check(
        &[r#""systems": [{"id": "x"}], "identities": [{"id": "x"}], "credentials": [{"id": "c", "identity": "x"}]"#],
        "credentials",
        json!([{"id": "c"}]),
        &[
            "dangling-reference a.json/credentials/0",
            "id-of-two-kinds a.json/identities/0",
        ],
    );
    check(
        &[r#""systems": [{"id": "context:lan"}, {"id": "context"}]"#],
        "systems",
        json!([{"id": "context"}]),
        &["reserved-id a.json/systems/0"],
    );
}

#[test]
fn an_identity_or_issuer_nobody_defines_is_left_out_alone() {
    check(
        &[
            r#""systems": [{"id": "s"}], "credentials": [{"id": "c", "identity": "nobody", "issuer": "s", "kind": "jwt"}]"#,
        ],
        "credentials",
        json!([{"id": "c", "kind": "jwt", "issuer": "s"}]),
        &["dangling-reference a.json/credentials/0"],
    );
    // A file that knows better fills the gap, whichever comes first.
    for files in [
        [
            r#""credentials": [{"id": "c", "identity": "nobody"}]"#,
            r#""identities": [{"id": "i"}], "credentials": [{"id": "c", "identity": "i"}]"#,
        ],
        [
            r#""identities": [{"id": "i"}], "credentials": [{"id": "c", "identity": "i"}]"#,
            r#""credentials": [{"id": "c", "identity": "nobody"}]"#,
        ],
    ] {
        let at = if files[0].contains("nobody") { "a" } else { "b" };
        check(
            &files,
            "credentials",
            json!([{"id": "c", "identity": "i"}]),
            &[&format!("dangling-reference {at}.json/credentials/0")],
        );
    }
    check(
        &[r#""systems": [{"id": "s", "accepts_issuers": ["idp"]}]"#],
        "systems",
        json!([{"id": "s", "accepts_issuers": ["idp"]}]),
        &["unknown-issuer a.json/systems/0"],
    );
}

#[test]
fn a_relation_that_names_nobody_is_left_out() {
    for (list, record) in [
        ("grants", r#"{"holder": "nobody", "system": "s", "scopes": ["*"]}"#),
        ("grants", r#"{"holder": "s", "system": "s", "scopes": ["*"]}"#),
        ("grants", r#"{"holder": "c", "system": "i", "scopes": ["*"]}"#),
        ("exposures", r#"{"system": "c", "yields": {"credential": "c"}}"#),
        (
            "exposures",
            r#"{"credential": "nobody", "yields": {"credential": "c"}}"#,
        ),
        ("exposures", r#"{"identity": "i", "yields": {"identity": "c"}}"#),
        ("exposures", r#"{"system": "s", "yields": {"credential": "i"}}"#),
        ("inherits", r#"{"from": "c", "to": "i"}"#),
        ("inherits", r#"{"from": "i", "to": "nobody"}"#),
        (
            "inherits",
            r#"{"from": "i", "to": "j", "requires_all": [{"system": "i", "scope": "x"}]}"#,
        ),
        ("trusts", r#"{"from": "s", "to": "i", "scopes": ["*"]}"#),
        ("trusts", r#"{"from": "nobody", "to": "s", "scopes": ["*"]}"#),
    ] {
        check(
            &[&with(&format!("\"{list}\": [{record}]"))],
            list,
            json!([]),
            &[&format!("dangling-reference a.json/{list}/0")],
        );
    }
    // A context needs no definition.
    check(
        &[&with(
            r#""exposures": [{"identity": "i", "yields": {"context": "lan"}}]"#,
        )],
        "exposures",
        json!([{"identity": "i", "yields": {"context": "lan"}}]),
        &[],
    );
}

#[test]
fn relations_that_could_mean_anything_are_left_out() {
    for (list, record, code) in [
        (
            "inherits",
            r#"{"to": "j", "how": "membership", "requires_all": [{"system": "s", "scope": "x"}]}"#,
            "membership",
        ),
        (
            "inherits",
            r#"{"from": "i", "to": "j", "how": "membership", "requires_all": [{"system": "s", "scope": "x"}]}"#,
            "membership",
        ),
        ("inherits", r#"{"to": "j"}"#, "open-inherit"),
        ("inherits", r#"{"to": "j", "requires_all": []}"#, "open-inherit"),
        (
            "exposures",
            r#"{"credential": "c", "requires": ["x"], "yields": {"credential": "d"}}"#,
            "requires-without-system",
        ),
        (
            "exposures",
            r#"{"identity": "i", "requires": ["x"], "yields": {"credential": "d"}}"#,
            "requires-without-system",
        ),
    ] {
        check(
            &[&with(&format!("\"{list}\": [{record}]"))],
            list,
            json!([]),
            &[&format!("{code} a.json/{list}/0")],
        );
    }
    // An empty list requires nothing, so these are fine.
    check(
        &[&with(
            r#""exposures": [{"identity": "i", "requires": [], "yields": {"credential": "d"}}]"#,
        )],
        "exposures",
        json!([{"identity": "i", "yields": {"credential": "d"}}]),
        &[],
    );
    check(
        &[&with(
            r#""inherits": [{"from": "i", "to": "j", "how": "membership", "requires_all": []}]"#,
        )],
        "inherits",
        json!([{"from": "i", "to": "j", "how": "membership"}]),
        &[],
    );
}

#[test]
fn equal_relations_are_one() {
    // Defaults, order and repeats make no difference; the later time and the union of the rest stay.
    check(
        &[
            &with(
                r#""grants": [{"holder": "c", "system": "s", "scopes": ["b", "a"], "intended": true, "except": [], "last_used_at": "2026-01-01T00:00:00Z", "evidence": "y; x", "used_scopes": [], "attributes": {"a": 1}}]"#,
            ),
            &with(
                r#""grants": [{"id": "g", "holder": "c", "system": "s", "scopes": ["a", "b", "a"], "assumed": false, "last_used_at": "2026-02-01T00:00:00Z", "evidence": "z; x", "used_scopes": ["a"], "attributes": {"b": 2}}]"#,
            ),
        ],
        "grants",
        json!([{"id": "g", "holder": "c", "system": "s", "scopes": ["a", "b"], "used_scopes": ["a"], "last_used_at": "2026-02-01T00:00:00Z", "evidence": "x; y; z", "attributes": {"a": 1, "b": 2}}]),
        &[],
    );
    // Two ids that differ stay two; whoever has none joins the least, whatever the order.
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let files = [
            with(r#""trusts": [{"from": "s", "to": "t", "scopes": ["x"], "evidence": "from nobody"}]"#),
            with(r#""trusts": [{"id": "b", "from": "s", "to": "t", "scopes": ["x"]}]"#),
            with(r#""trusts": [{"id": "a", "from": "s", "to": "t", "scopes": ["x"]}]"#),
        ];
        let files: Vec<&str> = order.iter().map(|i| files[*i].as_str()).collect();
        check(
            &files,
            "trusts",
            json!([
                {"id": "a", "from": "s", "to": "t", "scopes": ["x"], "evidence": "from nobody"},
                {"id": "b", "from": "s", "to": "t", "scopes": ["x"]}
            ]),
            &[],
        );
    }
    check(
        &[&with(
            r#""inherits": [{"from": "i", "to": "j", "requires_all": [{"system": "s", "scope": "x"}, {"scope": "y", "system": "t"}]},
               {"from": "i", "to": "j", "requires_all": [{"system": "t", "scope": "y"}, {"system": "s", "scope": "x"}, {"system": "s", "scope": "x"}]}]"#,
        )],
        "inherits",
        json!([{"from": "i", "to": "j", "requires_all": [{"system": "s", "scope": "x"}, {"system": "t", "scope": "y"}]}]),
        &[],
    );
}

#[test]
fn relations_that_differ_in_what_counts_are_two() {
    for (list, a, b) in [
        (
            "grants",
            r#"{"holder": "c", "system": "s", "scopes": ["a"]}"#,
            r#"{"holder": "c", "system": "s", "scopes": ["A"]}"#,
        ),
        (
            "grants",
            r#"{"holder": "c", "system": "s", "scopes": []}"#,
            r#"{"holder": "c", "system": "s", "scopes": [""]}"#,
        ),
        (
            "grants",
            r#"{"holder": "c", "system": "s", "scopes": ["a"]}"#,
            r#"{"holder": "c", "system": "s", "scopes": ["a"], "within": []}"#,
        ),
        (
            "grants",
            r#"{"holder": "c", "system": "s", "scopes": ["a"]}"#,
            r#"{"holder": "c", "system": "s", "scopes": ["a"], "except": ["b"]}"#,
        ),
        (
            "grants",
            r#"{"holder": "c", "system": "s", "scopes": ["a"]}"#,
            r#"{"holder": "c", "system": "s", "scopes": ["a"], "assumed": true}"#,
        ),
        (
            "grants",
            r#"{"holder": "c", "system": "s", "scopes": ["a"]}"#,
            r#"{"holder": "c", "system": "s", "scopes": ["a"], "intended": false}"#,
        ),
        (
            "inherits",
            r#"{"from": "i", "to": "j"}"#,
            r#"{"from": "i", "to": "j", "audiences": []}"#,
        ),
        (
            "inherits",
            r#"{"from": "i", "to": "j"}"#,
            r#"{"from": "i", "to": "j", "how": "agent"}"#,
        ),
        (
            "exposures",
            r#"{"system": "s", "yields": {"context": "i"}}"#,
            r#"{"system": "s", "yields": {"identity": "i"}}"#,
        ),
        (
            "trusts",
            r#"{"from": "s", "to": "t", "scopes": ["a"]}"#,
            r#"{"from": "s", "to": "t", "scopes": ["a"], "exchange": {"scopes": []}}"#,
        ),
    ] {
        let one = with(&format!("\"{list}\": [{a}]"));
        let two = with(&format!("\"{list}\": [{a}, {b}]"));
        assert_eq!(names(&[&one, &one]).len(), 1, "{a}");
        assert_eq!(names(&[&two]).len(), 2, "{a} and {b}");
    }
}

#[test]
fn relations_have_names() {
    let exposures = r#""exposures": [{"system": "s", "yields": {"credential": "c"}}, {"identity": "i", "yields": {"context": "lan"}}, {"credential": "c", "yields": {"identity": "j"}}]"#;
    assert_eq!(
        names(&[&with(&format!(
            r#""grants": [{{"holder": "c", "system": "s", "scopes": []}}, {{"id": "mine", "holder": "c", "system": "s", "scopes": []}}],
               {exposures},
               "inherits": [{{"from": "i", "to": "j"}}, {{"to": "j", "requires_all": [{{"system": "s", "scope": ""}}]}}],
               "trusts": [{{"from": "s", "to": "t", "scopes": []}}]"#
        ))]),
        [
            "mine",
            "exposure:c->j",
            "exposure:i->context:lan",
            "exposure:s->c",
            "inherit:*->j",
            "inherit:i->j",
            "trust:s->t",
        ]
    );
}

#[test]
fn shared_names_get_a_hash_of_what_they_say() {
    // SHA-256 of {"holder":"c","scopes":["a"],"system":"s"} and so on, computed with sha256sum.
    let files = [
        with(r#""grants": [{"holder": "c", "system": "s", "scopes": ["a"]}]"#),
        with(r#""grants": [{"holder": "c", "system": "s", "scopes": ["b", "a"], "within": [], "assumed": true}]"#),
    ];
    let expected = ["grant:c->s#1e214494", "grant:c->s#c8f7f942"];
    assert_eq!(names(&[&files[0], &files[1]]), expected);
    assert_eq!(names(&[&files[1], &files[0]]), expected);
    // Lists sort by their JSON text, in which a quote comes after `!`; non-ASCII stands as it is.
    let odd = with(
        r#""grants": [{"holder": "c", "system": "s", "scopes": ["a", "a!"]}, {"holder": "c", "system": "s", "scopes": ["é\u0001\"\/"]}]"#,
    );
    let mut expected = ["grant:c->s#0680b5d4", "grant:c->s#8bb4100e"];
    expected.sort_unstable();
    assert_eq!(names(&[&odd]), expected);
    // Whoever states the name keeps it.
    let stated = with(r#""trusts": [{"id": "grant:c->s", "from": "s", "to": "t", "scopes": []}]"#);
    assert_eq!(names(&[&files[0], &stated]), ["grant:c->s#1e214494", "grant:c->s"]);
    // A name that is taken already is made longer.
    let taken = with(r#""trusts": [{"id": "grant:c->s#1e214494", "from": "s", "to": "t", "scopes": []}]"#);
    let expected = [
        "grant:c->s#1e214494c0713c7a",
        "grant:c->s#c8f7f942",
        "grant:c->s#1e214494",
    ];
    assert_eq!(names(&[&files[0], &files[1], &taken]), expected);
    assert_eq!(names(&[&taken, &files[1], &files[0]]), expected);
    // Of two that state it the first, and the other is a conflict.
    let two = with(
        r#""grants": [{"id": "g", "holder": "c", "system": "s", "scopes": ["a"]}, {"id": "g", "holder": "d", "system": "s", "scopes": ["a"]}]"#,
    );
    let found = names(&[&two]);
    assert_eq!(found[0], "g");
    assert!(found[1].starts_with("g#") && found[1].len() == 10, "{found:?}");
    check(
        &[&two],
        "grants",
        json!([{"id": "g", "holder": "c", "system": "s", "scopes": ["a"]}, {"id": "g", "holder": "d", "system": "s", "scopes": ["a"]}]),
        &["shared-id a.json/grants/1"],
    );
}

#[test]
fn the_documents_own_members_are_merged() {
    let loaded = load(&[
        &inventory(r#""as_of": "2026-01-01T00:00:00Z", "made_by": "x""#),
        &inventory(r#""name": "Acme", "as_of": "2026-03-01T02:00:00+02:00", "made_by": "y""#),
        &inventory(r#""name": "Other""#),
    ]);
    assert_eq!(
        canonical(&loaded),
        "{\n  \"format\": \"trustmap-inventory\",\n  \"version\": 1,\n  \"name\": \"Acme\",\n  \
         \"as_of\": \"2026-03-01T00:00:00Z\",\n  \"made_by\": \"x\"\n}\n"
    );
}
