//! Conditions: decided where the export decides them, else assumed.

use crate::loading::load;
use crate::support::{attributes, export, grants, id, role, user};
use serde_json::{Value, json};

/// What becomes of an Allow, then of a Deny, under a condition: `true`, `false` or `undecided`.
#[track_caller]
fn check(operator: &str, key: &str, values: Value, expected: &str) {
    check_of(
        json!({"Tags": [{"Key": "Team", "Value": "red"}]}),
        operator,
        key,
        values,
        expected,
    );
}

#[track_caller]
fn check_of(more: Value, operator: &str, key: &str, values: Value, expected: &str) {
    let condition = json!({operator: {key: values}});
    let statement =
        |effect: &str| json!({"Effect": effect, "Action": "s3:*", "Resource": "*", "Condition": condition.clone()});
    let of = |statements: Value| {
        let loaded = load(&[&export(
            vec![user("ann", statements, more.clone())],
            vec![],
            vec![],
            vec![],
        )]);
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        grants(&loaded, &id("user/ann"))
    };
    let allowed = of(json!([statement("Allow")]));
    let denied = of(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, statement("Deny")]));
    let (allow, deny): (&[&str], &[&str]) = match expected {
        "true" => (&["s3:*@*"], &["*@* less s3:*@*"]),
        "false" => (&[], &["*@*"]),
        _ => (&["assumed s3:*@*"], &["*@* less s3:*@*", "assumed *@*"]),
    };
    assert_eq!(allowed, allow, "Allow if {operator} {key}");
    assert_eq!(denied, deny, "Deny if {operator} {key}");
}

#[test]
fn texts() {
    for (operator, value, expected) in [
        ("StringEquals", "ann", "true"),
        ("StringEquals", "Ann", "false"),
        ("StringEquals", "*", "false"),
        ("StringNotEquals", "ann", "false"),
        ("StringNotEquals", "bob", "true"),
        ("StringEqualsIgnoreCase", "ANN", "true"),
        ("StringNotEqualsIgnoreCase", "ANN", "false"),
        ("StringLike", "a*", "true"),
        ("StringLike", "a?", "false"),
        ("StringLike", "A*", "false"),
        ("StringNotLike", "a*", "false"),
        ("ForAnyValue:StringEquals", "ann", "true"),
        ("ForAllValues:StringLike", "b*", "false"),
    ] {
        check(operator, "aws:username", json!(value), expected);
    }
    // Values are alternatives, and keys are spelt as anyone likes.
    check("StringEquals", "AWS:UserName", json!(["bob", "ann"]), "true");
    check("StringNotEquals", "aws:username", json!(["bob", "ann"]), "false");
    check("StringEquals", "aws:username", json!([]), "false");
}

#[test]
fn what_the_export_says_of_the_caller() {
    check("StringEquals", "aws:PrincipalAccount", json!("111122223333"), "true");
    check("StringEquals", "aws:PrincipalAccount", json!(111122223333_u64), "true");
    check("StringEquals", "aws:PrincipalType", json!("User"), "true");
    check("StringEquals", "aws:userid", json!("AIDAANN"), "true");
    check("StringEquals", "aws:PrincipalTag/team", json!("red"), "true");
    check("StringEquals", "aws:PrincipalTag/team", json!("blue"), "false");
    check("StringEquals", "aws:PrincipalTag/other", json!("red"), "false");
    check("StringEqualsIfExists", "aws:PrincipalTag/other", json!("red"), "true");
    check(
        "StringEquals",
        "aws:username",
        json!("${aws:PrincipalTag/team}"),
        "false",
    );
    check(
        "StringEquals",
        "aws:PrincipalTag/team",
        json!("${aws:PrincipalTag/Team}"),
        "true",
    );
    // An export without tags says nothing of them.
    check_of(
        json!({"Tags": null}),
        "StringEquals",
        "aws:PrincipalTag/team",
        json!("red"),
        "undecided",
    );
    check("Bool", "aws:SecureTransport", json!("true"), "true");
    check("Bool", "aws:SecureTransport", json!(false), "false");
    check("Bool", "aws:PrincipalIsAWSService", json!("false"), "true");
}

#[test]
fn arns() {
    let me = "arn:aws:iam::111122223333:user/ann";
    check("ArnEquals", "aws:PrincipalArn", json!(me), "true");
    check("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam::*:user/a*"), "true");
    check("ArnLike", "aws:PrincipalArn", json!("arn:aws:*:user/ann"), "false");
    check("ArnNotLike", "aws:PrincipalArn", json!("arn:aws:iam::*:role/*"), "true");
    check("ArnNotEquals", "aws:PrincipalArn", json!(me), "false");
}

#[test]
fn keys_that_are_absent() {
    // A request a user makes itself comes from no service.
    let key = "aws:SourceAccount";
    check("StringEquals", key, json!("1"), "false");
    check("StringEqualsIfExists", key, json!("1"), "true");
    check("StringNotEquals", key, json!("1"), "true");
    check("ForAllValues:StringEquals", key, json!("1"), "true");
    check("ForAnyValue:StringEquals", key, json!("1"), "false");
    check("ForAnyValue:StringNotEquals", key, json!("1"), "false");
    check("Null", key, json!("true"), "true");
    check("Null", key, json!("false"), "false");
    check("Null", "aws:username", json!(true), "false");
    check("Null", "aws:username", json!(["false"]), "true");
    check("Null", "aws:SourceVpc", json!("true"), "undecided");
}

#[test]
fn times_are_decided_as_far_as_the_export_is_new() {
    // The export states 2025-01-01 as its newest time, so every request is later.
    for (operator, value, expected) in [
        ("DateGreaterThan", "2024-01-01T00:00:00Z", "true"),
        ("DateGreaterThanEquals", "2025-01-01T00:00:00Z", "true"),
        ("DateGreaterThan", "2030-01-01T00:00:00Z", "undecided"),
        ("DateLessThan", "2024-01-01", "false"),
        ("DateLessThanEquals", "2024-12-31T23:59:59Z", "false"),
        ("DateLessThan", "2030-01-01T00:00:00Z", "undecided"),
        ("DateEquals", "2024-01-01T00:00:00Z", "false"),
        ("DateNotEquals", "2024-01-01T00:00:00Z", "true"),
        ("DateLessThan", "soon", "undecided"),
    ] {
        check(operator, "aws:CurrentTime", json!(value), expected);
    }
    check("NumericGreaterThan", "aws:EpochTime", json!(1_500_000_000), "true");
    check("DateLessThan", "aws:EpochTime", json!("1500000000"), "false");
}

#[test]
fn what_no_export_says_is_undecided() {
    for (operator, key, value) in [
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("Bool", "aws:MultiFactorAuthPresent", "true"),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600"),
        ("StringEquals", "aws:PrincipalOrgID", "o-1"),
        ("StringEquals", "aws:RequestedRegion", "eu-west-1"),
        ("StringLike", "s3:prefix", "home/*"),
        ("StringSounds", "aws:username", "ann"),
        ("BinaryEquals", "some:key", "YQ=="),
    ] {
        check(operator, key, json!(value), "undecided");
    }
    check("StringLikeIfExists", "s3:prefix", json!("*"), "true");
}

#[test]
fn all_conditions_must_hold() {
    let of = |condition: Value| {
        let statement = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}]);
        let loaded = load(&[&export(vec![user("ann", statement, json!({}))], vec![], vec![], vec![])]);
        grants(&loaded, &id("user/ann"))
    };
    let ann = json!({"aws:username": "ann"});
    assert_eq!(
        of(json!({"StringEquals": ann, "Bool": {"aws:SecureTransport": "true"}})),
        ["s3:*@*"]
    );
    assert_eq!(
        of(json!({"StringEquals": ann, "IpAddress": {"aws:SourceIp": "::/0"}})),
        ["assumed s3:*@*"]
    );
    let never = json!({"StringEquals": {"aws:username": "bob"}, "IpAddress": {"aws:SourceIp": "::/0"}});
    assert_eq!(of(never), [""; 0]);
    assert_eq!(of(json!({})), ["s3:*@*"]);
}

#[test]
fn a_role_is_no_user() {
    let of = |condition: Value, trust: Value| {
        let statement = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}]);
        let tags = json!({"Tags": [{"Key": "team", "Value": "red"}]});
        let loaded = load(&[&export(vec![], vec![], vec![role("r", trust, statement, tags)], vec![])]);
        grants(&loaded, &id("role/r"))
    };
    let trust = |act: Value| json!([{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": act}]);
    let plain = trust(json!("sts:AssumeRole"));
    assert_eq!(of(json!({"StringLike": {"aws:username": "*"}}), plain.clone()), [""; 0]);
    let red = json!({"StringEquals": {"aws:PrincipalTag/team": "red"}});
    assert_eq!(of(red.clone(), plain.clone()), ["s3:*@*"]);
    // A session may carry another tag where the trust policy lets it.
    assert_eq!(
        of(red, trust(json!(["sts:AssumeRole", "sts:TagSession"]))),
        ["assumed s3:*@*"]
    );
    // Sessions begun before a moment are revoked; those to come are not.
    let old = json!({"DateLessThan": {"aws:TokenIssueTime": "2024-06-01T00:00:00Z"}});
    assert_eq!(of(old, plain), [""; 0]);
}

#[test]
fn a_statement_that_does_not_hold_stays_visible_and_keeps_its_secrets() {
    let loaded = load(&[&export(
        vec![user(
            "ann",
            json!([{"Sid": "Bobs", "Effect": "Allow", "Action": "s3:*", "Resource": "*",
                    "Condition": {"StringEquals": {"aws:username": "bob", "sts:ExternalId": "hunter2-hunter2"}}}]),
            json!({}),
        )],
        vec![],
        vec![],
        vec![],
    )]);
    let unmet = attributes(&loaded, &id("user/ann"))["unmet_statements"].clone();
    assert_eq!(
        unmet,
        json!([
            "inline policy own, Bobs: Allow s3:* on * if aws:username StringEquals bob and sts:ExternalId StringEquals (not shown)"
        ])
    );
}
