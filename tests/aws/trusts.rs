//! Who may become a role.

use crate::loading::{codes, load};
use crate::support::{ACCOUNT, arn, attributes, becoming, export, grants, id, role, user};
use serde_json::{Value, json};
use trustmap::import::Loaded;

const OTHER: &str = "999988887777";

fn trusting(principal: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
}

/// An account with the users ann (a policy of her own) and bob (none) and a role with this trust policy.
fn account(trust: Value) -> Loaded {
    let assume = json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]);
    load(&[&export(
        vec![user("ann", assume, json!({})), user("bob", json!([]), json!({}))],
        vec![],
        vec![role("r", trust, json!([]), json!({}))],
        vec![],
    )])
}

/// Who may become the role, in an account with this trust policy, and the codes of what was odd.
#[track_caller]
fn check(trust: Value, expected: &[&str], odd: &[&str]) -> Loaded {
    let loaded = account(trust);
    assert_eq!(becoming(&loaded, &id("role/r")), expected);
    let codes: Vec<_> = loaded.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, odd);
    loaded
}

const NEEDS: &str = "needs sts:AssumeRole@role/r at aws:111122223333";

#[test]
fn the_own_account_leaves_it_to_permissions() {
    for principal in [json!({"AWS": arn("root")}), json!({"AWS": "111122223333"})] {
        check(json!([trusting(principal, json!({}))]), &[&format!("* {NEEDS}")], &[]);
    }
}

#[test]
fn whoever_is_named_needs_no_policy() {
    let loaded = check(
        json!([trusting(json!({"AWS": [arn("user/bob"), arn("user/ann")]}), json!({}))]),
        &[&format!("aws:user/ann {NEEDS}"), &format!("aws:user/bob {NEEDS}")],
        &[],
    );
    // Named is granted, so that a denial of the principal's own can take it away.
    assert_eq!(
        grants(&loaded, &id("user/bob")),
        [format!("sts:AssumeRole@{}", arn("role/r"))]
    );
    assert_eq!(grants(&loaded, &id("user/ann")).len(), 2);
}

#[test]
fn a_denial_takes_away_what_a_trust_policy_gives_and_a_boundary_does_for_roles() {
    let named = |who: &str| json!([trusting(json!({"AWS": arn(who)}), json!({}))]);
    let act = format!("sts:AssumeRole@{}", arn("role/r"));
    let deny = json!([{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}]);
    let denied = load(&[&export(
        vec![user("bob", deny, json!({}))],
        vec![],
        vec![role("r", named("user/bob"), json!([]), json!({}))],
        vec![],
    )]);
    assert_eq!(grants(&denied, &id("user/bob")), [format!("{act} less sts:*@*")]);
    let limit = crate::support::policy("limit", json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]));
    let bounded = json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/limit")}});
    let of_user = load(&[&export(
        vec![user("bob", json!([]), bounded.clone())],
        vec![],
        vec![role("r", named("user/bob"), json!([]), json!({}))],
        vec![limit.clone()],
    )]);
    assert_eq!(grants(&of_user, &id("user/bob")).join("; "), act);
    let of_role = load(&[&export(
        vec![],
        vec![],
        vec![
            role("s", json!([]), json!([]), bounded),
            role("r", named("role/s"), json!([]), json!({})),
        ],
        vec![limit],
    )]);
    assert_eq!(grants(&of_role, &id("role/s")), [format!("{act} within s3:*@*")]);
}

#[test]
fn the_role_s_own_denials() {
    let allow = |principal: Value| trusting(principal, json!({}));
    let deny = |principal: Value, condition: Value| json!({"Effect": "Deny", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition});
    // Of somebody named: not let in by name, and denied where let in by the account.
    let loaded = check(
        json!([
            allow(json!({"AWS": [arn("user/ann"), arn("root")]})),
            deny(json!({"AWS": arn("user/ann")}), json!({}))
        ]),
        &[&format!("* {NEEDS}")],
        &[],
    );
    assert_eq!(
        grants(&loaded, &id("user/ann")),
        [format!("sts:AssumeRole@* less sts:AssumeRole@{}", arn("role/r"))]
    );
    // Of everybody.
    check(
        json!([allow(json!({"AWS": arn("root")})), deny(json!("*"), json!({}))]),
        &[],
        &[],
    );
    // Perhaps of everybody.
    check(
        json!([
            allow(json!({"AWS": arn("user/bob")})),
            deny(json!("*"), json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}))
        ]),
        &[&format!("assumed aws:user/bob {NEEDS}")],
        &[],
    );
    // Of everybody but one.
    check(
        json!([allow(json!({"AWS": [arn("user/ann"), arn("user/bob")]})),
               {"Effect": "Deny", "NotPrincipal": {"AWS": arn("user/bob")}, "Action": "sts:*"}]),
        &[&format!("aws:user/bob {NEEDS}")],
        &[],
    );
}

#[test]
fn anyone_is_an_identity_and_everybody_is_anyone() {
    for principal in [json!("*"), json!({"AWS": "*"})] {
        let loaded = check(json!([trusting(principal, json!({}))]), &["aws:anyone"], &[]);
        assert_eq!(
            becoming(&loaded, "aws:anyone"),
            ["aws:role/r", "aws:user/ann", "aws:user/bob"]
        );
    }
    // Where nobody trusts anyone, nobody speaks of it.
    let loaded = account(json!([trusting(json!({"AWS": arn("root")}), json!({}))]));
    assert_eq!(becoming(&loaded, "aws:anyone"), [""; 0]);
    check(
        json!([trusting(
            json!("*"),
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
        )]),
        &["assumed aws:anyone"],
        &[],
    );
    check(
        json!([{"Effect": "Allow", "NotPrincipal": {"AWS": arn("user/bob")}, "Action": "sts:AssumeRole"}]),
        &["assumed aws:anyone"],
        &["not-principal"],
    );
}

#[test]
fn certain_arns_among_everybody_are_those() {
    let only = |principal: Value, operator: &str, value: &str| {
        json!([trusting(principal, json!({operator: {"aws:PrincipalArn": value}}))])
    };
    // By the account one still needs a permission; by `*` one is as good as named.
    let by_account = check(
        only(json!({"AWS": arn("root")}), "StringEquals", &arn("user/bob")),
        &[&format!("aws:user/bob {NEEDS}")],
        &[],
    );
    assert_eq!(grants(&by_account, &id("user/bob")), [""; 0]);
    let by_star = check(
        only(json!("*"), "ArnEquals", &arn("user/bob")),
        &[&format!("aws:user/bob {NEEDS}")],
        &[],
    );
    assert_eq!(grants(&by_star, &id("user/bob")).len(), 1);
    check(
        only(json!({"AWS": arn("root")}), "ArnLike", &arn("user/*")),
        &[&format!("aws:user/ann {NEEDS}"), &format!("aws:user/bob {NEEDS}")],
        &[],
    );
    check(
        only(json!({"AWS": arn("root")}), "ArnLike", &arn("role/admin/*")),
        &[],
        &[],
    );
    // Of everybody everywhere a pattern is not written out.
    check(
        only(json!("*"), "ArnLike", "arn:aws:iam::*:role/x"),
        &["assumed aws:anyone"],
        &[],
    );
}

#[test]
fn many_that_match_a_pattern_are_not_written_out() {
    let users: Vec<Value> = (0..100).map(|i| user(&format!("u{i}"), json!([]), json!({}))).collect();
    let trust = json!([trusting(
        json!({"AWS": arn("root")}),
        json!({"ArnLike": {"aws:PrincipalArn": arn("user/u*")}})
    )]);
    let loaded = load(&[&export(
        users,
        vec![],
        vec![role("r", trust, json!([]), json!({}))],
        vec![],
    )]);
    assert_eq!(becoming(&loaded, &id("role/r")), [format!("assumed * {NEEDS}")]);
}

#[test]
fn services_are_an_attribute_of_the_role() {
    let services = json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]});
    let loaded = check(json!([trusting(services, json!({}))]), &[], &[]);
    assert_eq!(
        attributes(&loaded, &id("role/r"))["services"],
        json!(["ec2.amazonaws.com", "lambda.amazonaws.com"])
    );
}

#[test]
fn other_accounts_need_both_sides_where_they_are_loaded() {
    let theirs = format!("arn:aws:iam::{OTHER}:role/t");
    let trust = json!([trusting(json!({"AWS": [theirs, OTHER]}), json!({}))]);
    let ours = export(vec![], vec![], vec![role("r", trust, json!([]), json!({}))], vec![]);
    let alone = load(&[&ours]);
    assert_eq!(
        becoming(&alone, &id("role/r")),
        [
            format!("assumed aws:{OTHER}:anyone"),
            format!("assumed aws:arn:aws:iam::{OTHER}:role/t"),
        ]
    );
    let third_party: Vec<_> = alone
        .inventory
        .records
        .identities
        .iter()
        .filter(|i| i.third_party == Some(true))
        .map(|i| i.id.as_str())
        .collect();
    assert_eq!(third_party, [format!("aws:{OTHER}:anyone"), format!("aws:{theirs}")]);
    let their_export =
        export(vec![], vec![], vec![role("t", json!([]), json!([]), json!({}))], vec![]).replace("111122223333", OTHER);
    for files in [[&*ours, &their_export], [&their_export, &ours]] {
        let both = load(&files);
        assert_eq!(both.diagnostics, []);
        assert_eq!(
            becoming(&both, &id("role/r")),
            [
                format!("* needs sts:AssumeRole@role/r at aws:{OTHER}"),
                format!("aws:arn:aws:iam::{OTHER}:role/t needs sts:AssumeRole@role/r at aws:{OTHER}"),
            ]
        );
        assert!(
            both.inventory
                .records
                .identities
                .iter()
                .all(|i| i.third_party.is_none())
        );
    }
}

#[test]
fn somebody_of_another_account_in_the_same_file_still_needs_a_permission() {
    let eve = format!("arn:aws:iam::{OTHER}:user/eve");
    let trust = json!([trusting(json!({"AWS": eve}), json!({}))]);
    let mut stranger = user("eve", json!([]), json!({}));
    stranger["Arn"] = json!(eve);
    let us = [user("ann", json!([]), json!({})), stranger].to_vec();
    let loaded = load(&[&export(
        us,
        vec![],
        vec![role("r", trust, json!([]), json!({}))],
        vec![],
    )]);
    assert_eq!(
        becoming(&loaded, &id("role/r")),
        [format!("aws:{eve} needs sts:AssumeRole@role/r at aws:{OTHER}")]
    );
    // Being named is no permission of her own account.
    assert_eq!(grants(&loaded, &format!("aws:{eve}")), [""; 0]);
}

#[test]
fn deleted_principals_dangle() {
    let loaded = check(
        json!([trusting(
            json!({"AWS": ["AIDAGONEGONEGONE", "AROAGONEGONEGONE"]}),
            json!({})
        )]),
        &["aws:AIDAGONEGONEGONE", "aws:AROAGONEGONEGONE"],
        &[],
    );
    let gone = loaded
        .inventory
        .records
        .identities
        .iter()
        .find(|i| i.id == "aws:AIDAGONEGONEGONE")
        .unwrap();
    assert_eq!(gone.status.map(|s| s.as_str()), Some("disabled"));
    assert!(gone.attributes.contains_key("finding"));
    // The unique id of somebody who exists is that principal.
    let lives = json!([trusting(json!({"AWS": "AIDABOBBOBBOBBOBB"}), json!({}))]);
    let bob = user("bob", json!([]), json!({"UserId": "AIDABOBBOBBOBBOBB"}));
    let loaded = load(&[&export(
        vec![bob],
        vec![],
        vec![role("r", lives, json!([]), json!({}))],
        vec![],
    )]);
    assert_eq!(becoming(&loaded, &id("role/r")), [format!("aws:user/bob {NEEDS}")]);
}

#[test]
fn sessions_are_identities_of_their_own() {
    let session = "arn:aws:sts::111122223333:assumed-role/s/build";
    let trust = json!([trusting(json!({"AWS": session}), json!({}))]);
    let deny = json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]);
    let mut s = role("s", json!([]), deny, json!({}));
    s["Arn"] = json!(arn("role/path/s"));
    let loaded = load(&[&export(
        vec![],
        vec![],
        vec![s, role("r", trust, json!([]), json!({}))],
        vec![],
    )]);
    assert_eq!(becoming(&loaded, &id("role/r")), [format!("aws:{session} {NEEDS}")]);
    assert_eq!(
        becoming(&loaded, &format!("aws:{session}")),
        ["assumed aws:role/path/s"]
    );
    assert_eq!(becoming(&loaded, &id("role/path/s")), [format!("aws:{session}")]);
    // With the denials of the role.
    assert_eq!(
        grants(&loaded, &format!("aws:{session}")),
        [format!("sts:AssumeRole@{} less iam:*@*", arn("role/r"))]
    );
}

#[test]
fn somebody_named_whom_the_export_does_not_describe_is_there_nevertheless() {
    let loaded = check(
        json!([trusting(json!({"AWS": arn("user/eve")}), json!({}))]),
        &[&format!("aws:user/eve {NEEDS}")],
        &[],
    );
    assert_eq!(attributes(&loaded, &id("user/eve")), json!({"only_named": true}));
    assert_eq!(grants(&loaded, &id("user/eve")).len(), 1);
}

#[test]
fn conditions_of_a_trust_policy() {
    let bob = |condition: Value| json!([trusting(json!({"AWS": arn("user/bob")}), condition)]);
    let in_by = |prefix: &str| vec![format!("{prefix}aws:user/bob {NEEDS}")];
    for (condition, expected) in [
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            in_by("assumed "),
        ),
        (json!({"StringEquals": {"sts:ExternalId": "7"}}), in_by("assumed ")),
        // What the caller chooses, it chooses well.
        (
            json!({"StringLike": {"sts:RoleSessionName": "${aws:username}"}}),
            in_by(""),
        ),
        (json!({"StringEquals": {"aws:RequestTag/team": "red"}}), in_by("")),
        (
            json!({"StringEquals": {"aws:PrincipalArn": arn("user/bob")}}),
            in_by(""),
        ),
        (json!({"StringEquals": {"aws:username": "ann"}}), vec![]),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(bob(condition), &expected, &[]);
    }
    let loaded = account(bob(json!({"StringEquals": {"aws:username": "ann"}})));
    let unmet = attributes(&loaded, &id("role/r"))["unmet_statements"].to_string();
    assert!(
        unmet.contains("trust policy, statement 1: Allow sts:AssumeRole"),
        "{unmet}"
    );
    assert_eq!(grants(&loaded, &id("user/bob")), [""; 0]);
}

#[test]
fn other_acts_and_odd_principals_let_nobody_in() {
    for act in ["sts:TagSession", "sts:AssumeRoleWithSAML", "s3:*"] {
        let statement = json!([{"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": act}]);
        check(statement, &[], &[]);
    }
    check(
        json!([{"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": ["STS:assumerole", "sts:TagSession"]}]),
        &[&format!("* {NEEDS}")],
        &[],
    );
    for principal in [
        json!({"AWS": arn("group/ops")}),
        json!({"AWS": arn("user/*")}),
        json!({"AWS": "ann"}),
        json!({"CanonicalUser": "abc"}),
        json!({"Federated": "not-a-provider"}),
    ] {
        check(json!([trusting(principal, json!({}))]), &[], &["bad-principal"]);
    }
    check(
        json!([{"Effect": "Allow", "Action": "sts:AssumeRole"}]),
        &[],
        &["bad-statement", "bad-statement"],
    );
}

#[test]
fn a_statement_is_said_once_and_certain_wins() {
    let named = json!({"AWS": arn("user/bob")});
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let loaded = check(
        json!([
            trusting(named.clone(), mfa),
            trusting(named.clone(), json!({})),
            trusting(named, json!({}))
        ]),
        &[&format!("aws:user/bob {NEEDS}")],
        &[],
    );
    let inherit = loaded
        .inventory
        .records
        .inherits
        .iter()
        .find(|i| i.to == id("role/r") && i.from.is_some())
        .unwrap();
    assert_eq!(
        inherit.common.evidence.as_deref(),
        Some("trust policy of r, statement 2; trust policy of r, statement 3")
    );
    let places: Vec<_> = inherit.common.places.iter().map(|p| &*p.pointer).collect();
    assert_eq!(
        places,
        [
            "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/1",
            "/RoleDetailList/0/AssumeRolePolicyDocument/Statement/2"
        ]
    );
    assert_eq!(codes(&loaded), [""; 0]);
    assert_eq!(ACCOUNT, "aws:111122223333");
}
