//! From a file to a radius: what AWS would allow is reached, and what it would refuse is not.

use crate::loading::load;
use crate::support::{ACCOUNT, arn, export, group, id, may, policy, reached, role, user, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trustmap::graph::Regime::{self, BestCase, Intended, WorstCase};
use trustmap::import::Loaded;

fn allow(act: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": act, "Resource": resource})
}

fn trusting(principal: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

fn admin() -> Value {
    json!({"AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]})
}

/// A report with one active key of each user.
fn report(users: &[&str]) -> String {
    let mut text = "user,arn,user_creation_time,access_key_1_active,access_key_1_last_rotated\n".to_owned();
    for user in users {
        text.push_str(&format!(
            "{user},{},2025-01-01T00:00:00+00:00,true,2025-01-01T00:00:00+00:00\n",
            arn(&format!("user/{user}"))
        ));
    }
    text
}

fn account() -> Loaded {
    let users = vec![
        user(
            "reader",
            json!([
                allow("s3:Get*", "arn:aws:s3:::data/*"),
                allow("sts:AssumeRole", &arn("role/deploy"))
            ]),
            json!({}),
        ),
        user(
            "denied",
            json!([allow("*", "*"), {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*"}]),
            json!({}),
        ),
        user(
            "bounded",
            json!([allow("*", "*")]),
            json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/limit")}}),
        ),
        user(
            "mfa",
            json!([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]),
            json!({}),
        ),
        user("named", json!([]), json!({})),
        user("nobody", json!([]), json!({})),
        user("boss", json!([]), admin()),
        user("member", json!([]), json!({"GroupList": ["admins"]})),
        user(
            "held-back",
            json!([{"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]),
            json!({"GroupList": ["admins"]}),
        ),
    ];
    let roles = vec![
        role(
            "deploy",
            json!([trusting(json!({"AWS": arn("root")}))]),
            json!([allow("lambda:*", "*")]),
            json!({}),
        ),
        role(
            "named",
            json!([trusting(json!({"AWS": arn("user/named")}))]),
            json!([allow("sqs:*", "*")]),
            json!({}),
        ),
        role(
            "chained",
            json!([trusting(json!({"AWS": arn("role/deploy")}))]),
            json!([allow("sns:*", "*")]),
            json!({}),
        ),
        role(
            "service",
            json!([trusting(json!({"Service": "ec2.amazonaws.com"}))]),
            json!([allow("kms:*", "*")]),
            json!({}),
        ),
    ];
    let admins = with(group("admins", json!([])), admin());
    let details = export(
        users,
        vec![admins],
        roles,
        vec![policy("limit", json!([allow("s3:*", "*")]))],
    );
    let names = [
        "reader",
        "denied",
        "bounded",
        "mfa",
        "named",
        "nobody",
        "boss",
        "member",
        "held-back",
    ];
    let loaded = load(&[&details, &report(&names)]);
    assert_eq!(loaded.diagnostics, []);
    loaded
}

/// What the key of a user may do under a regime.
#[track_caller]
fn check_acts(user: &str, regime: Regime, yes: &[&str], no: &[&str]) {
    let loaded = account();
    let key = format!("{}#key-1", id(&format!("user/{user}")));
    for act in yes {
        assert!(may(&loaded, &key, regime, act), "{user} may {act}");
    }
    for act in no {
        assert!(!may(&loaded, &key, regime, act), "{user} may not {act}");
    }
}

/// Systems and identities the key of a user reaches under a regime.
#[track_caller]
fn check_reached(user: &str, regime: Regime, expected: &[&str]) {
    let key = format!("{}#key-1", id(&format!("user/{user}")));
    let expected: BTreeSet<String> = expected
        .iter()
        .map(|e| match e.starts_with("aws:") {
            true => (*e).to_owned(),
            false => id(e),
        })
        .collect();
    assert_eq!(reached(&account(), &key, regime), expected, "{user}");
}

const ADMIN: &str = "aws:111122223333:admin";
const ADMINISTRATION: &str = "aws:111122223333/administration";

#[test]
fn permissions_reach_what_they_name() {
    check_acts(
        "reader",
        WorstCase,
        &["s3:GetObject@arn:aws:s3:::data/x", "lambda:Invoke@f", "sns:Publish@t"],
        &[
            "s3:PutObject@arn:aws:s3:::data/x",
            "s3:GetObject@arn:aws:s3:::other/x",
            "kms:Decrypt@k",
            "sqs:SendMessage@q",
        ],
    );
    // By its own permission and the account's trust, and from there by name.
    check_reached("reader", WorstCase, &[ACCOUNT, "role/deploy", "role/chained"]);
    check_reached("reader", Intended, &[ACCOUNT, "role/deploy", "role/chained"]);
}

#[test]
fn a_denial_an_administrator_has_stays_a_denial() {
    check_acts(
        "denied",
        Intended,
        &["s3:GetObject@arn:aws:s3:::other/x", "iam:CreateUser@u"],
        &["s3:GetObject@arn:aws:s3:::data/x"],
    );
    check_reached("denied", Intended, &[ACCOUNT, "role/deploy", "role/chained"]);
    // What it may still do makes it somebody who is not denied.
    check_acts("denied", BestCase, &["s3:GetObject@arn:aws:s3:::data/x"], &[]);
    check_acts(
        "held-back",
        Intended,
        &["s3:GetObject@x"],
        &["s3:DeleteBucket@arn:aws:s3:::data"],
    );
    // Whoever is denied nothing is an administrator, by a group too.
    for user in ["boss", "member"] {
        check_reached(
            user,
            Intended,
            &[ACCOUNT, ADMINISTRATION, ADMIN, "role/deploy", "role/chained"],
        );
        check_acts(user, BestCase, &["s3:GetObject@arn:aws:s3:::data/x"], &[]);
    }
}

#[test]
fn who_may_do_nearly_everything_is_no_administrator() {
    let nearly = json!([{"Effect": "Allow", "NotAction": "organizations:*", "Resource": "*"},
                        allow("organizations:DescribeOrganization", "*")]);
    let everything = json!([{"Effect": "Allow", "NotAction": "organizations:*", "Resource": "*"},
                            allow("organizations:*", "*")]);
    let users = vec![
        user("nearly", nearly, json!({})),
        user("everything", everything, json!({})),
        user("boss", json!([]), admin()),
    ];
    let loaded = load(&[&export(users, vec![], vec![], vec![])]);
    let admins: Vec<&str> = ["nearly", "everything", "boss"]
        .into_iter()
        .filter(|u| reached(&loaded, &id(&format!("user/{u}")), Intended).contains(ADMIN))
        .collect();
    assert_eq!(admins, ["everything", "boss"]);
}

#[test]
fn a_boundary_bounds() {
    check_acts(
        "bounded",
        WorstCase,
        &["s3:GetObject@x"],
        &["iam:CreateUser@u", "sts:AssumeRole@r"],
    );
    check_reached("bounded", WorstCase, &[ACCOUNT]);
}

#[test]
fn what_is_undecided_is_reached_in_the_worst_case_alone() {
    check_acts("mfa", WorstCase, &["ec2:RunInstances@*"], &["s3:GetObject@x"]);
    check_reached("mfa", BestCase, &[]);
    // Who may run instances may run them with what runs on instances.
    check_reached("mfa", WorstCase, &[ACCOUNT, "role/service"]);
}

#[test]
fn who_is_named_needs_nothing_and_who_has_nothing_reaches_nothing() {
    check_reached("named", BestCase, &[ACCOUNT, "role/named"]);
    check_acts("named", BestCase, &["sqs:SendMessage@q"], &["s3:GetObject@x"]);
    check_reached("nobody", WorstCase, &[]);
}

#[test]
fn a_key_of_whose_owner_nothing_is_known_may_be_everything() {
    let loaded = load(&[&report(&["ann"])]);
    let key = format!("{}#key-1", id("user/ann"));
    let all: BTreeSet<String> = [ACCOUNT, ADMINISTRATION, ADMIN].map(str::to_owned).into();
    assert_eq!(reached(&loaded, &key, WorstCase), all);
    assert_eq!(reached(&loaded, &key, BestCase), BTreeSet::new());
}

#[test]
fn the_world_reaches_what_trusts_the_world() {
    let open = role(
        "open",
        json!([trusting(json!("*"))]),
        json!([allow("s3:*", "*")]),
        json!({}),
    );
    let loaded = load(&[
        &export(vec![user("ann", json!([]), json!({}))], vec![], vec![open], vec![]),
        &report(&["ann"]),
    ]);
    let expected: BTreeSet<String> = [ACCOUNT.to_owned(), id("role/open")].into();
    assert_eq!(reached(&loaded, "aws:anyone", Intended), expected);
    let mut by_key = expected;
    by_key.insert("aws:anyone".to_owned());
    let key = format!("{}#key-1", id("user/ann"));
    // Through a credential the group is passed through without being acted as.
    let found = reached(&loaded, &key, Intended);
    assert!(
        found.contains(&id("role/open")) && found.is_subset(&by_key),
        "{found:?}"
    );
}

#[test]
fn both_accounts_have_to_agree() {
    const OTHER: &str = "999988887777";
    let theirs = |statements: Value| {
        let text = export(vec![user("eve", statements, json!({}))], vec![], vec![], vec![]);
        text.replace("111122223333", OTHER)
    };
    let ours = export(
        vec![],
        vec![],
        vec![role(
            "shared",
            json!([trusting(json!({"AWS": OTHER}))]),
            json!([allow("s3:*", "*")]),
            json!({}),
        )],
        vec![],
    );
    let eve = format!("aws:arn:aws:iam::{OTHER}:user/eve");
    let may_not = load(&[&ours, &theirs(json!([allow("s3:*", "*")]))]);
    assert!(!reached(&may_not, &eve, WorstCase).contains(&id("role/shared")));
    // Said with our account's number, which the replacement above would change.
    let permission = json!([allow("sts:AssumeRole", "arn:aws:iam::1111*:role/sha*")]);
    let may = load(&[&ours, &theirs(permission)]);
    assert!(reached(&may, &eve, Intended).contains(&id("role/shared")));
    let denied = json!([allow("*", "*"), {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}]);
    let denied = load(&[&ours, &theirs(denied)]);
    assert!(!reached(&denied, &eve, Intended).contains(&id("role/shared")));
}

#[test]
fn a_token_for_another_audience_is_not_accepted() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let trust = |pattern: &str| {
        json!([{"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": pattern},
                              "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}])
    };
    let details = export(
        vec![],
        vec![],
        vec![
            role("org", trust("repo:acme/*"), json!([allow("s3:*", "*")]), json!({})),
            role(
                "main",
                trust("repo:acme/shop:ref:refs/heads/main"),
                json!([allow("sqs:*", "*")]),
                json!({}),
            ),
        ],
        vec![],
    );
    let issuer = "oidc:https://token.actions.githubusercontent.com";
    let token = |id: &str, audience: &str| {
        json!({"id": id, "kind": "federated-assertion", "issuer": issuer, "audience": [audience],
               "identity": format!("{issuer}#repo:acme/shop:ref:refs/heads/main")})
    };
    let tokens = json!({"format": "trustmap-inventory", "version": 1,
        "credentials": [token("for-us", "sts.amazonaws.com"), token("for-others", "vault")]});
    let loaded = load(&[&details, &tokens.to_string()]);
    let expected: BTreeSet<String> = [ACCOUNT.to_owned(), id("role/org"), id("role/main")].into();
    assert_eq!(reached(&loaded, "for-us", Intended), expected);
    assert_eq!(reached(&loaded, "for-others", WorstCase), BTreeSet::new());
}
