//! Each rule on inventories of a handful of records.

use super::oracle::{self, random::AS_OF};
use super::{base, check, check_after, seeds, with};
use serde_json::{Value, json};

const HELD: &str = "Holds(c, copy)@0";
const TAKEN: &str = "Accepted(c, copy, s)@0";
const READ: &str = "Access(s, read)@1";

#[test]
fn rule_1_seeds() {
    check(
        &base(),
        &["d", "j", "t", "context:z"],
        "worst-case",
        &["Access(t, *)@0", "ActsAs(j)@0", "Holds(d, copy)@0", "InContext(z)@0"],
    );
    assert_eq!(
        oracle::unknown_seeds(&base(), &seeds(&["c", "nobody", "context:anything"])),
        ["nobody"]
    );
}

#[test]
fn rule_2_audience_issuer_and_context() {
    for regime in ["worst-case", "best-case", "intended"] {
        check(&base(), &["c"], regime, &[READ, TAKEN, HELD]);
    }
    // The audience is another system's: only a system that looks refuses, and who knows whether it looks.
    let inv = with(base(), &[("/credentials/0/audience", json!(["t"]))]);
    check(&inv, &["c"], "worst-case", &[READ, TAKEN, HELD]);
    check(&inv, &["c"], "best-case", &[HELD]);
    let says_no = with(inv.clone(), &[("/systems/0/validates", json!({"audience": false}))]);
    check(&says_no, &["c"], "best-case", &[READ, TAKEN, HELD]);
    check(&says_no, &["c"], "intended", &[HELD]);
    let says_yes = with(inv.clone(), &[("/systems/0/validates", json!({"audience": true}))]);
    check(&says_yes, &["c"], "worst-case", &[HELD]);
    let known = with(says_yes, &[("/systems/0/accepts_audiences", json!(["x", "t"]))]);
    check(&known, &["c"], "intended", &[READ, TAKEN, HELD]);
    // An empty list is stated and matches nothing.
    let nobody = with(base(), &[("/credentials/0/audience", json!([]))]);
    check(&nobody, &["c"], "best-case", &[HELD]);
    let issued = with(base(), &[("/credentials/0/issuer", json!("t"))]);
    check(&issued, &["c"], "intended", &[READ, TAKEN, HELD]);
    check(
        &with(issued, &[("/systems/0/accepts_issuers", json!(["s"]))]),
        &["c"],
        "best-case",
        &[HELD],
    );
    let bound = with(base(), &[("/credentials/0/contexts", json!(["z", "y"]))]);
    check(&bound, &["c"], "best-case", &[HELD]);
    check(
        &bound,
        &["c", "context:y"],
        "best-case",
        &[READ, TAKEN, HELD, "InContext(y)@0"],
    );
}

#[test]
fn rule_2_life_and_death() {
    let dead = with(base(), &[("/credentials/0/status", json!("revoked"))]);
    check(&dead, &["c"], "worst-case", &[HELD]);
    // A self-contained credential is taken by whoever does not ask.
    let jwt = with(dead, &[("/credentials/0/kind", json!("jwt"))]);
    check(&jwt, &["c"], "worst-case", &[READ, TAKEN, HELD]);
    check(&jwt, &["c"], "best-case", &[HELD]);
    check(
        &with(jwt.clone(), &[("/credentials/0/expires_at", json!(AS_OF))]),
        &["c"],
        "worst-case",
        &[HELD],
    );
    check(
        &with(jwt, &[("/credentials/0/self_contained", json!(false))]),
        &["c"],
        "worst-case",
        &[HELD],
    );
    let nobody = with(base(), &[("/identities/0/status", json!("disabled"))]);
    check(&nobody, &["c"], "worst-case", &[HELD]);
    // Its groups are still its groups.
    let of_group = with(
        nobody,
        &[
            (
                "/inherits/-",
                json!({"id": "m", "from": "i", "to": "j", "how": "membership"}),
            ),
            ("/credentials/0/self_contained", json!(true)),
            ("/grants/0/holder", json!("j")),
        ],
    );
    check(&of_group, &["c"], "worst-case", &[READ, TAKEN, HELD]);
}

#[test]
fn rules_3_and_4_meet_and_block() {
    let inv = with(
        base(),
        &[
            ("/grants/0/scopes", json!(["a*", "b*"])),
            ("/grants/0/within", json!(["*x", "b1"])),
            ("/grants/0/except", json!(["b*", "zz"])),
            ("/credentials/0/scopes", json!(["*y*"])),
        ],
    );
    let taken = [TAKEN, "ActsAs(i)@0", HELD];
    let all = |access: &[&'static str]| access.iter().chain(&taken).copied().collect::<Vec<_>>();
    check(
        &inv,
        &["c", "i"],
        "worst-case",
        &all(&["Access(s, *x & a* less b*, zz)@1"]),
    );
    let strict = with(inv, &[("/systems/0/validates", json!({"scope": true}))]);
    check(
        &strict,
        &["c", "i"],
        "worst-case",
        &all(&[
            "Access(s, *x & *y* & a* less b*, zz)@1",
            "Access(s, *x & a* less b*, zz)@1",
        ]),
    );
    check(
        &strict,
        &["c"],
        "worst-case",
        &["Access(s, *x & *y* & a* less b*, zz)@1", TAKEN, HELD],
    );
    check(
        &with(base(), &[("/grants/0/within", json!([]))]),
        &["i"],
        "worst-case",
        &["ActsAs(i)@0"],
    );
    check(
        &with(base(), &[("/identities/0/status", json!("disabled"))]),
        &["i"],
        "worst-case",
        &["ActsAs(i)@0"],
    );
}

#[test]
fn rule_5_acting() {
    let inherit = |members: Value| {
        let mut record = json!({"id": "n", "to": "j"});
        for (field, value) in members.as_object().into_iter().flatten() {
            record[field] = value.clone();
        }
        with(base(), &[("/inherits/-", record)])
    };
    let acts = ["Access(s, read)@1", "ActsAs(i)@0", "ActsAs(j)@0"];
    let only = ["Access(s, read)@1", "ActsAs(i)@0"];
    check(&inherit(json!({"from": "i"})), &["i"], "intended", &acts);
    check(
        &inherit(json!({"from": "i", "intended": false})),
        &["i"],
        "best-case",
        &acts,
    );
    check(
        &inherit(json!({"from": "i", "intended": false})),
        &["i"],
        "intended",
        &only,
    );
    check(
        &inherit(json!({"from": "i", "assumed": true})),
        &["i"],
        "worst-case",
        &acts,
    );
    check(
        &inherit(json!({"from": "i", "assumed": true})),
        &["i"],
        "best-case",
        &only,
    );
    let needs = |r: &str| inherit(json!({"requires_all": [{"system": "s", "scope": r}]}));
    check(&needs("re*"), &["i"], "worst-case", &acts);
    check(&needs("write"), &["i"], "worst-case", &only);
    check(&needs("re*"), &["j"], "worst-case", &["ActsAs(j)@0"]);
    let isolated = json!([{"action": "isolate", "system": "s"}]);
    check_after(&needs("re*"), &["i"], "worst-case", isolated, &["ActsAs(i)@0"]);
}

#[test]
fn rule_5_holding() {
    let inv = with(
        base(),
        &[(
            "/inherits/-",
            json!({"id": "n", "from": "i", "to": "j", "audiences": ["s"], "requires_all": [{"system": "s", "scope": "read"}]}),
        )],
    );
    let all = [READ, TAKEN, "ActsAs(j)@0", HELD];
    let none = [READ, TAKEN, HELD];
    check(&inv, &["c"], "worst-case", &all);
    check(
        &with(inv.clone(), &[("/credentials/0/audience", json!(["t"]))]),
        &["c"],
        "worst-case",
        &none,
    );
    check(
        &with(
            inv.clone(),
            &[
                ("/inherits/0/how", json!("membership")),
                ("/inherits/0/requires_all", json!([])),
            ],
        ),
        &["c"],
        "worst-case",
        &none,
    );
    check(
        &with(inv.clone(), &[("/grants/0/scopes", json!(["write"]))]),
        &["c"],
        "worst-case",
        &["Access(s, write)@1", TAKEN, HELD],
    );
    // One that names no `from` is from a credential without an identity too.
    let anyone = with(
        inv.clone(),
        &[("/inherits/0/from", Value::Null), ("/grants/0/holder", json!("d"))],
    );
    check(
        &anyone,
        &["d"],
        "worst-case",
        &[READ, "Accepted(d, copy, s)@0", "ActsAs(j)@0", "Holds(d, copy)@0"],
    );
    // The issuer decides about revocation; none stated: a system of which nothing is stated.
    let jwt = with(
        inv,
        &[
            ("/credentials/0/kind", json!("jwt")),
            ("/credentials/0/status", json!("revoked")),
        ],
    );
    check(&jwt, &["c"], "worst-case", &all);
    let asked = with(
        jwt,
        &[
            ("/credentials/0/issuer", json!("t")),
            ("/systems/1/validates", json!({"revocation": true})),
        ],
    );
    check(&asked, &["c"], "worst-case", &none);
}

#[test]
fn rule_6_ways_of_holding() {
    let exposure = |from: &str, how: &str| {
        let kind = if from == "c" { "credential" } else { "system" };
        json!({"id": format!("x-{from}"), kind: from, "yields": {"credential": "d"}, "how": how})
    };
    let inv = |how: &str| with(base(), &[("/exposures/-", exposure("c", how))]);
    check(
        &inv("stored"),
        &["c"],
        "worst-case",
        &[READ, TAKEN, HELD, "Holds(d, copy)@0"],
    );
    check(
        &inv("minted"),
        &["c"],
        "worst-case",
        &[READ, TAKEN, HELD, "Holds(d, fresh)@0"],
    );
    let key = with(inv("minted"), &[("/credentials/0/kind", json!("signing-key"))]);
    check(&key, &["c"], "worst-case", &[READ, TAKEN, HELD, "Holds(d, forged)@0"]);
    check(
        &with(key.clone(), &[("/credentials/0/status", json!("disabled"))]),
        &["c"],
        "worst-case",
        &[HELD],
    );
    let from_system = with(
        base(),
        &[
            ("/exposures/-", exposure("s", "copied")),
            ("/exposures/0/requires", json!(["r*"])),
        ],
    );
    check(
        &from_system,
        &["c"],
        "worst-case",
        &[READ, TAKEN, HELD, "Holds(d, copy)@1"],
    );
    let elsewhere = with(from_system.clone(), &[("/exposures/0/requires", json!(["w*"]))]);
    check(&elsewhere, &["c"], "worst-case", &[READ, TAKEN, HELD]);
    let rotated = json!([{"action": "rotate", "credential": "d"}]);
    check_after(
        &from_system,
        &["c"],
        "worst-case",
        rotated,
        &[READ, TAKEN, HELD, "Holds(d, old)@1"],
    );
    // A forged credential states no audience, scopes or contexts.
    let forged = with(
        key,
        &[
            ("/credentials/1/audience", json!(["t"])),
            ("/credentials/1/scopes", json!([])),
            ("/credentials/1/contexts", json!(["z"])),
            (
                "/grants/-",
                json!({"id": "h", "holder": "d", "system": "t", "scopes": ["x"]}),
            ),
        ],
    );
    check(
        &forged,
        &["c"],
        "intended",
        &[
            READ,
            "Access(t, x)@1",
            TAKEN,
            "Accepted(d, forged, t)@0",
            HELD,
            "Holds(d, forged)@0",
        ],
    );
}

#[test]
fn rule_7_trusts() {
    let trust = json!({"id": "u", "from": "s", "to": "t", "scopes": ["p", "q"], "requires": ["read", "other"]});
    let inv = with(base(), &[("/trusts/-", trust)]);
    check(
        &inv,
        &["c"],
        "best-case",
        &[READ, "Access(t, p)@2", "Access(t, q)@2", TAKEN, HELD],
    );
    check(&inv, &["c"], "intended", &[READ, TAKEN, HELD]);
    let exchanged = json!([{"action": "require-exchange", "trust": "u", "scopes": ["q"]}]);
    check_after(
        &inv,
        &["c"],
        "intended",
        exchanged,
        &[READ, "Access(t, q)@2", TAKEN, HELD],
    );
    let isolated = json!([{"action": "isolate", "system": "t"}]);
    check_after(&inv, &["c", "t"], "worst-case", isolated, &[READ, TAKEN, HELD]);
}
