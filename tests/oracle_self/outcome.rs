//! What is told of a compromise and of a scenario: errors, names, paths, flows, what had no effect; and the merge.

use super::oracle::{self, random::AS_OF};
use super::{base, seeds, with};
use serde_json::{Value, json};

/// The error places of a scenario.
fn places(inv: &Value, actions: Value) -> Vec<usize> {
    let scenario = json!({"actions": actions});
    match oracle::radius(inv, &seeds(&["c"]), Some(&scenario), "worst-case", AS_OF) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|e| e.0).collect(),
    }
}

#[test]
fn actions_that_are_errors() {
    let inv = with(
        base(),
        &[
            (
                "/inherits/-",
                json!({"id": "m", "from": "i", "to": "j", "how": "membership"}),
            ),
            (
                "/inherits/-",
                json!({"id": "e", "from": "i", "to": "j", "how": "escalation"}),
            ),
        ],
    );
    let grant = |name: &str| json!({"action": "remove-grant", "grant": name});
    assert_eq!(places(&inv, json!([grant("g"), grant("g"), grant("h")])), [1, 2]);
    let narrow = |scope: &str| json!({"action": "narrow-grant", "grant": "g", "scopes": [scope]});
    assert_eq!(places(&inv, json!([narrow("READ"), narrow("r*"), narrow("read")])), [1]);
    let escalation = json!({"action": "narrow-inherit", "inherit": "e", "requires_all": []});
    let removed = |name: &str| json!({"action": "remove-inherit", "inherit": name});
    let member = json!({"action": "narrow-inherit", "inherit": "m", "requires_all": []});
    assert_eq!(
        places(&inv, json!([escalation, removed("e"), member, removed("m")])),
        [0, 1, 2]
    );
    // Two grants that share a name which neither states: only their long names are theirs.
    let twin = json!({"holder": "i", "system": "s", "scopes": ["x"]});
    let twins = with(
        inv,
        &[
            ("/grants/-", twin.clone()),
            ("/grants/-", with(twin, &[("/scopes", json!(["y"]))])),
        ],
    );
    assert_eq!(places(&twins, json!([grant("grant:i->s")])), [0]);
    let names = oracle::names::names(&twins);
    assert_eq!(
        places(&twins, json!([grant(&names["grants"][1]), grant(&names["grants"][2])])),
        [0usize; 0]
    );
    assert_eq!(oracle::names::shared_names(&twins), ["grant:i->s"]);
}

/// `printf '%s' '{"holder":"i","scopes":["x","y"],"system":"s"}' | sha256sum` begins with these digits.
#[test]
fn names_of_relations() {
    let one = json!({"holder": "i", "system": "s", "scopes": ["y", "x", "y"], "intended": true, "except": []});
    assert_eq!(
        oracle::names::compared(&one).to_string(),
        r#"{"holder":"i","scopes":["x","y"],"system":"s"}"#
    );
    assert_eq!(oracle::names::hash(&one), "5c820421");
    let inv = json!({"grants": [one, {"id": "grant:i->s", "holder": "i", "system": "s", "scopes": ["z"]}]});
    assert_eq!(
        oracle::names::names(&inv)["grants"],
        ["grant:i->s#5c820421", "grant:i->s"]
    );
}

fn result(inv: &Value, from: &[&str], actions: Value) -> Value {
    let scenario = json!({"actions": actions});
    oracle::radius(inv, &seeds(from), Some(&scenario), "worst-case", AS_OF).expect("the scenario applies")
}

#[test]
fn what_changes_nothing_is_said() {
    let inv = with(
        base(),
        &[
            ("/credentials/0/kind", json!("jwt")),
            ("/credentials/0/scopes", json!(["read"])),
            ("/grants/0/scopes", json!(["re*"])),
            (
                "/exposures/-",
                json!({"id": "x", "system": "s", "yields": {"credential": "c"}, "how": "minted"}),
            ),
            ("/trusts/-", json!({"id": "u", "from": "t", "to": "s", "scopes": ["*"]})),
        ],
    );
    let said = result(
        &inv,
        &["c"],
        json!([
            {"action": "revoke", "credential": "c"},
            {"action": "narrow-scopes", "credential": "c", "scopes": ["read"]},
            {"action": "narrow-audience", "credential": "c", "audience": ["t"]},
            {"action": "bind-context", "credential": "c", "contexts": ["z"]},
            {"action": "enforce", "system": "s", "checks": []},
        ]),
    );
    let at = |at: &str, missing: &str| json!({"at": at, "missing": missing});
    assert_eq!(
        said["ineffective"],
        json!([
            {"action": 0, "at": [at("s", "revocation"), at("x", "minting")]},
            {"action": 1, "at": [at("s", "scope")]},
            {"action": 2, "at": [at("s", "audience")]},
            {"action": 3, "at": [at("s", "context")]},
            {"action": 4, "at": [at("u", "exchange")]},
        ])
    );
    let mended = result(
        &inv,
        &["c"],
        json!([
            {"action": "revoke", "credential": "c"},
            {"action": "enforce", "system": "s", "checks": ["revocation"]},
            {"action": "require-exchange", "trust": "u", "scopes": ["x"]},
        ]),
    );
    assert_eq!(mended["ineffective"], json!([]));
    assert_eq!(
        mended["removed"],
        json!({"systems": ["s"], "credentials": [], "identities": [], "contexts": []})
    );
}

#[test]
fn a_rotated_seed_is_got_again() {
    let inv = with(
        base(),
        &[
            (
                "/exposures/-",
                json!({"id": "x", "system": "t", "yields": {"credential": "c"}, "how": "stored"}),
            ),
            (
                "/exposures/-",
                json!({"id": "y", "system": "t", "yields": {"credential": "d"}, "how": "logged"}),
            ),
        ],
    );
    let rotate = |c: &str| json!({"action": "rotate", "credential": c});
    let said = result(&inv, &["c", "d", "t"], json!([rotate("c"), rotate("d")]));
    assert_eq!(said["regained"], json!(["c"]));
    assert_eq!(said["before"]["credentials"], json!([]));
    assert_eq!(said["after"]["credentials"][0]["held"], json!(["old", "copy"]));
}

#[test]
fn the_path_and_its_checks() {
    let inv = with(
        base(),
        &[
            ("/systems/0/validates", json!({"audience": false, "scope": true})),
            ("/credentials/0/audience", json!(["t"])),
            ("/credentials/0/scopes", json!(["r*"])),
            (
                "/inherits/-",
                json!({"from": "i", "to": "j", "how": "membership", "intended": false}),
            ),
            ("/grants/0/holder", json!("j")),
        ],
    );
    let said = result(&inv, &["c"], json!([]));
    let records = json!(["inherit:i->j", "g"]);
    assert_eq!(said["before"]["systems"], json!([{
        "id": "s", "hops": 1, "scopes": ["read"], "access": [{"scope": "read", "except": []}],
        "inherited": true, "assumed": true,
        "path": [
            {"rule": "seed", "fact": "Holds(c, copy)", "premises": [], "records": [], "intended": true},
            {"rule": "accepted", "fact": "Accepted(c, copy, s)", "premises": [0], "records": records, "intended": false,
             "checks": {"audience": "not-made", "issuer": "not-applicable", "scope": "made",
                        "context": "not-applicable", "revocation": "not-applicable"}},
            {"rule": "access", "fact": "Access(s, read)", "premises": [1], "records": records, "intended": false},
        ],
    }]).as_array().map(|all| {
        let mut all = all.clone();
        // Nothing here is unknown: the audience is stated not to be checked.
        all[0]["assumed"] = json!(false);
        all
    }).map(Value::Array).expect("a list"));
    assert_eq!(
        said["interval"],
        json!({"intended": 0, "best_case": 1, "worst_case": 1})
    );
}

/// Broken flows as `kind from to scope use`, with `!` where tolerated.
fn broken(inv: &Value, actions: Value) -> Vec<String> {
    let said = result(inv, &["c"], actions);
    let text = |f: &Value, field: &str| f[field].as_str().map(|t| format!(" {t}")).unwrap_or_default();
    let flows = said["broken_flows"].as_array().expect("a list").iter();
    flows
        .map(|f| {
            let mark = if f["intended"] == true { "" } else { "!" };
            format!(
                "{mark}{}{}{}{}{}",
                f["kind"].as_str().expect("text"),
                text(f, "from"),
                text(f, "to"),
                text(f, "scope"),
                text(f, "use")
            )
        })
        .collect()
}

#[test]
fn flows_that_break() {
    let isolate = json!([{"action": "isolate", "system": "s"}]);
    assert_eq!(
        broken(&base(), isolate.clone()),
        ["access c s read unknown", "access i s read unknown"]
    );
    // The grant's own scope is tolerated where nobody holds the credential to its scopes; what logs show is in use.
    let used = with(
        base(),
        &[
            ("/credentials/0/scopes", json!(["read"])),
            ("/credentials/0/last_used_at", json!("2026-04-01T00:00:00Z")),
            ("/grants/0/scopes", json!(["r*"])),
            ("/grants/0/used_scopes", json!(["read", "rest"])),
            ("/grants/0/last_used_at", json!("2026-04-30T00:00:00Z")),
        ],
    );
    assert_eq!(
        broken(
            &used,
            json!([{"action": "enforce", "system": "s", "checks": ["scope"]}])
        ),
        ["!access c s r* idle", "!access c s rest in-use",]
    );
    let refusing = with(base(), &[("/credentials/0/audience", json!(["t"]))]);
    assert_eq!(
        broken(
            &refusing,
            json!([{"action": "enforce", "system": "s", "checks": ["audience"]}])
        ),
        ["!access c s read unknown",]
    );
    let more = with(
        base(),
        &[
            (
                "/inherits/-",
                json!({"id": "n", "from": "i", "to": "j", "requires_all": [{"system": "s", "scope": "read"}]}),
            ),
            (
                "/exposures/-",
                json!({"id": "x", "system": "s", "yields": {"context": "z"}, "how": "mounted", "intended": false}),
            ),
            (
                "/trusts/-",
                json!({"id": "u", "from": "s", "to": "t", "scopes": ["p"], "last_used_at": "2026-01-30T23:59:59Z"}),
            ),
            ("/systems/0/tags", json!(["break-glass"])),
        ],
    );
    assert_eq!(
        broken(&more, isolate),
        [
            "access c s read unknown",
            "access i s read unknown",
            "!exposure s context:z in-use",
            "inherit c j unknown",
            "inherit i j unknown",
            "trust s t p in-use",
        ]
    );
    let bind = json!([{"action": "bind-context", "credential": "c", "contexts": ["z"]}, {"action": "enforce", "system": "s", "checks": ["context"]}]);
    assert_eq!(result(&base(), &["c"], bind)["at_risk"][0]["to"], "s");
}

#[test]
fn merging() {
    let first = json!({"as_of": "2026-01-01T00:00:00Z", "systems": [{"id": "s", "owner": "a", "tags": ["x"]}, {"id": "i"}],
        "credentials": [{"id": "c", "identity": "ghost"}], "grants": [{"id": "g", "holder": "c", "system": "s", "scopes": ["p"], "last_used_at": "2025-01-01T00:00:00Z"}]});
    let second = json!({"as_of": "2026-01-01T01:00:00+02:00", "systems": [{"id": "s", "owner": "b", "tags": ["y"], "validates": {"scope": true}}],
        "identities": [{"id": "i"}], "grants": [
            {"holder": "c", "system": "s", "scopes": ["p", "p"], "intended": true, "last_used_at": AS_OF, "used_scopes": []},
            {"holder": "i", "system": "s", "scopes": ["p"]}]});
    let merged = oracle::merge(&[("first", first), ("second", second)]);
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(merged.conflicts.into_iter().collect::<Vec<_>>(), [pair("s", "owner")]);
    assert_eq!(
        merged.errors.into_iter().collect::<Vec<_>>(),
        [pair("c", "identity"), pair("grant:i->s", "holder"), pair("i", "id")]
    );
    assert_eq!(
        merged.document,
        json!({
            "format": "trustmap-inventory", "version": 1, "as_of": "2026-01-01T00:00:00Z",
            "systems": [{"id": "i"}, {"id": "s", "owner": "a", "tags": ["x", "y"], "validates": {"scope": true}}],
            "identities": [], "credentials": [{"id": "c"}],
            "grants": [{"id": "g", "holder": "c", "system": "s", "scopes": ["p"], "last_used_at": AS_OF, "used_scopes": []}],
            "exposures": [], "inherits": [], "trusts": [],
        })
    );
}
