//! Trust in identity providers: subjects, patterns, audiences.

use crate::loading::load;
use crate::support::{becoming, export, id, role};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trustmap::import::Loaded;
use trustmap::model::InheritHow;

const GITHUB: &str = "oidc:https://token.actions.githubusercontent.com";

fn federated(provider: &str, act: &str, condition: Value) -> Value {
    json!([{"Effect": "Allow", "Principal": {"Federated": provider}, "Action": act, "Condition": condition}])
}

fn github(condition: Value) -> Value {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    federated(provider, "sts:AssumeRoleWithWebIdentity", condition)
}

/// Claims of GitHub's tokens under an operator.
fn claims(operator: &str, claims: Value) -> Value {
    let claims: serde_json::Map<String, Value> = claims
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (format!("token.actions.githubusercontent.com:{k}"), v.clone()))
        .collect();
    json!({operator: claims})
}

fn roles(trusts: Vec<(&str, Value)>) -> Loaded {
    let roles = trusts
        .into_iter()
        .map(|(name, trust)| role(name, trust, json!([]), json!({})))
        .collect();
    load(&[&export(vec![], vec![], roles, vec![])])
}

/// Who may become a role with this trust policy.
#[track_caller]
fn check(trust: Value, expected: &[&str]) -> Loaded {
    let loaded = roles(vec![("r", trust)]);
    let found: Vec<String> = becoming(&loaded, &id("role/r"))
        .iter()
        .map(|l| l.replace(GITHUB, "github"))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(loaded.diagnostics, []);
    loaded
}

#[test]
fn exact_subjects_and_patterns_are_identities() {
    let main = "repo:Acme/shop:ref:refs/heads/main";
    check(
        github(claims("StringEquals", json!({"sub": main, "aud": "sts.amazonaws.com"}))),
        &["github#repo:Acme/shop:ref:refs/heads/main for sts.amazonaws.com"],
    );
    check(
        github(claims("StringLike", json!({"sub": ["repo:Acme/*", main]}))),
        &["github#repo:Acme/shop:ref:refs/heads/main", "github~repo:Acme/*"],
    );
    check(
        github(claims("ForAnyValue:StringLike", json!({"sub": "repo:Acme/?"}))),
        &["github~repo:Acme/?"],
    );
}

#[test]
fn without_a_condition_on_the_subject_any_subject_is_accepted() {
    let loaded = check(github(json!({})), &["github~*"]);
    let any = loaded
        .inventory
        .records
        .identities
        .iter()
        .find(|i| i.id == format!("{GITHUB}~*"))
        .unwrap();
    assert_eq!(any.third_party, Some(true));
    assert!(any.attributes["finding"].as_str().unwrap().contains("everybody"));
    check(
        github(claims("StringEquals", json!({"aud": ["a", "b"]}))),
        &["github~* for a, b"],
    );
    check(github(claims("StringLike", json!({"sub": "*"}))), &["github~*"]);
    check(github(claims("Null", json!({"sub": "false"}))), &["github~*"]);
}

#[test]
fn a_star_under_an_exact_operator_is_nobody_and_said() {
    for subject in ["*", "repo:*"] {
        let loaded = check(
            github(claims("StringEquals", json!({"sub": subject}))),
            &[&format!("github#{subject}")],
        );
        let one = loaded
            .inventory
            .records
            .identities
            .iter()
            .find(|i| i.id.ends_with(&format!("#{subject}")))
            .unwrap();
        assert_eq!(one.status.map(|s| s.as_str()), Some("disabled"));
        assert!(one.attributes["finding"].as_str().unwrap().contains("StringLike"));
        // Whoever controls the issuer cannot use such a rule either.
        assert_eq!(loaded.inventory.records.exposures, []);
    }
}

#[test]
fn several_conditions_on_the_subject_must_all_hold() {
    let both = |a: Value, b: Value| {
        let mut both = a.as_object().unwrap().clone();
        both.extend(b.as_object().unwrap().clone());
        github(Value::Object(both))
    };
    let like = |p: &str| claims("StringLike", json!({"sub": p}));
    let any_like = |p: &str| claims("ForAnyValue:StringLike", json!({"sub": p}));
    let equals = |v: Value| claims("StringEquals", json!({"sub": v}));
    check(
        both(like("repo:a/*"), equals(json!(["repo:a/x", "repo:b/x"]))),
        &["github#repo:a/x"],
    );
    check(both(like("repo:a/*"), any_like("repo:a/x:*")), &["github~repo:a/x:*"]);
    check(both(like("repo:a/*"), any_like("*:main")), &["assumed github~repo:a/*"]);
    check(
        both(
            equals(json!(["repo:a/x", "repo:a/y"])),
            claims("StringNotLike", json!({"sub": "*y"})),
        ),
        &["github#repo:a/x"],
    );
    check(
        both(like("repo:a/*"), claims("StringNotEquals", json!({"sub": "repo:a/x"}))),
        &["assumed github~repo:a/*"],
    );
    check(
        both(equals(json!("repo:a/x")), like("repo:b/*")),
        &["github~nobody of aws:role/r"],
    );
}

#[test]
fn audiences() {
    let of = |operator: &str, aud: Value| github(claims(operator, json!({"aud": aud, "sub": "repo:a/x"})));
    check(
        of("StringLike", json!("sts.amazonaws.com")),
        &["github#repo:a/x for sts.amazonaws.com"],
    );
    // Patterns of audiences cannot be said, so the rule is not certain.
    check(of("StringLike", json!("sts.*")), &["assumed github#repo:a/x"]);
    check(of("StringEquals", json!([])), &["github~nobody of aws:role/r"]);
}

#[test]
fn keys_of_another_provider_are_absent() {
    let other = json!({"StringEquals": {"token.actions.githubusercontent.com/acme:sub": "repo:a/x"}});
    let loaded = check(github(other), &["github~nobody of aws:role/r"]);
    let nobody = loaded
        .inventory
        .records
        .identities
        .iter()
        .find(|i| i.id.contains("~nobody"))
        .unwrap();
    assert_eq!(nobody.status.map(|s| s.as_str()), Some("disabled"));
    let perhaps = json!({"StringEqualsIfExists": {"gitlab.com:sub": "x"}});
    check(github(perhaps), &["github~*"]);
    check(
        github(json!({"StringNotEquals": {"gitlab.com:sub": "x"}})),
        &["github~*"],
    );
}

#[test]
fn other_claims_and_undecided_keys_are_assumed() {
    check(
        github(claims("StringEquals", json!({"actor": "ann", "sub": "repo:a/x"}))),
        &["assumed github#repo:a/x"],
    );
    check(
        github(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})),
        &["assumed github~*"],
    );
    check(
        github(json!({"StringLike": {"sts:RoleSessionName": "ci-*"}})),
        &["github~*"],
    );
    check(
        github(claims("StringEqualsIgnoreCase", json!({"sub": "repo:A/x"}))),
        &["assumed github~repo:A/x"],
    );
}

#[test]
fn the_act_must_fit_the_provider() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    for act in ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:TagSession"] {
        check(federated(provider, act, json!({})), &[]);
    }
    check(federated(provider, "sts:*", json!({})), &["github~*"]);
    let denied = json!([
        {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity"}]);
    check(denied, &[]);
}

#[test]
fn other_issuers() {
    let saml = "arn:aws:iam::111122223333:saml-provider/Okta";
    let aud = json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}});
    let loaded = check(
        federated(saml, "sts:AssumeRoleWithSAML", aud),
        &["aws:saml-provider/Okta~* for https://signin.aws.amazon.com/saml"],
    );
    let system = loaded
        .inventory
        .records
        .systems
        .iter()
        .find(|s| s.id == format!("aws:{saml}"))
        .unwrap();
    assert_eq!(system.kind.as_deref(), Some("identity-provider"));
    let eks = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    check(
        federated(
            &format!("arn:aws:iam::111122223333:oidc-provider/{eks}"),
            "sts:AssumeRoleWithWebIdentity",
            json!({"StringEquals": {format!("{eks}:sub"): "system:serviceaccount:shop:api",
                                    format!("{}:aud", eks.to_lowercase()): "sts.amazonaws.com"}}),
        ),
        &[&format!(
            "oidc:https://{eks}#system:serviceaccount:shop:api for sts.amazonaws.com"
        )],
    );
    check(
        federated(
            "cognito-identity.amazonaws.com",
            "sts:AssumeRoleWithWebIdentity",
            json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"},
                   "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}}),
        ),
        &["assumed oidc:https://cognito-identity.amazonaws.com~* for eu-west-1:pool"],
    );
}

#[test]
fn subjects_belong_to_the_patterns_they_match() {
    let loaded = roles(vec![
        (
            "main",
            github(claims("StringEquals", json!({"sub": "repo:a/x:ref:refs/heads/main"}))),
        ),
        (
            "other",
            github(claims("StringEquals", json!({"sub": "repo:b/x:ref:refs/heads/main"}))),
        ),
        ("repo", github(claims("StringLike", json!({"sub": "repo:a/x:*"})))),
        ("org", github(claims("StringLike", json!({"sub": "repo:a/*"})))),
        (
            "heads",
            github(claims("StringLike", json!({"sub": "*:ref:refs/heads/main"}))),
        ),
        ("all", github(json!({}))),
    ]);
    let links: BTreeSet<String> = loaded
        .inventory
        .records
        .inherits
        .iter()
        .filter(|i| i.how == Some(InheritHow::Membership))
        .filter_map(|i| Some(format!("{} -> {}", i.from.as_deref()?, i.to).replace(GITHUB, "")))
        .filter(|l| !l.contains("anyone"))
        .collect();
    let expected = [
        "#repo:a/x:ref:refs/heads/main -> ~*",
        "#repo:a/x:ref:refs/heads/main -> ~*:ref:refs/heads/main",
        "#repo:a/x:ref:refs/heads/main -> ~repo:a/*",
        "#repo:a/x:ref:refs/heads/main -> ~repo:a/x:*",
        "#repo:b/x:ref:refs/heads/main -> ~*",
        "#repo:b/x:ref:refs/heads/main -> ~*:ref:refs/heads/main",
        "~*:ref:refs/heads/main -> ~*",
        "~repo:a/* -> ~*",
        "~repo:a/x:* -> ~*",
        "~repo:a/x:* -> ~repo:a/*",
    ];
    assert_eq!(links, expected.map(str::to_owned).into());
}

#[test]
fn control_of_a_provider_gives_its_roles() {
    let loaded = roles(vec![
        ("r", github(json!({}))),
        ("s", github(json!({"Bool": {"a:b": "true"}}))),
    ]);
    let exposures: Vec<_> = loaded
        .inventory
        .records
        .exposures
        .iter()
        .map(|x| (x.name().to_string(), x.common.assumed, x.requires.join(",")))
        .collect();
    let name = |role: &str| format!("exposure:{GITHUB}->{}", id(role));
    let (r, s) = (name("role/r"), name("role/s"));
    assert_eq!(
        exposures,
        [
            (r, None, "control@*".to_owned()),
            (s, Some(true), "control@*".to_owned())
        ]
    );
}
