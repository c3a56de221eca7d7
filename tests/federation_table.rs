//! Tokens against trust policies, every cell: six tokens of GitHub Actions and twelve policies, as AWS decides. A
//! condition is literal under `StringEquals`, whatever stars are in it; a missing condition on the subject lets in every
//! repository; a key of another provider's path is absent from the request.

mod loading;

use loading::{file, reach};
use serde_json::{Value, json};
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Unheard, load_sources};
use trustmap::stitch::{Decisions, stitch};

const HOST: &str = "token.actions.githubusercontent.com";

/// Subject and audience of each token.
const TOKENS: [(&str, &str); 6] = [
    ("repo:acme/shop:ref:refs/heads/trunk", "sts.amazonaws.com"),
    ("repo:acme/shop:pull_request", "sts.amazonaws.com"),
    ("repo:acme-evil/x:ref:refs/heads/main", "sts.amazonaws.com"),
    ("repo:org/depot:environment:prod", "sts.example.com"),
    ("repo:attacker/x:ref:refs/heads/main", "sts.amazonaws.com"),
    ("repo:acme@123456/shop@456789:ref:refs/heads/trunk", "sts.amazonaws.com"),
];

fn key(claim: &str) -> String {
    format!("{HOST}:{claim}")
}

/// Each policy's conditions, and which of the tokens it accepts; no conditions where it trusts nobody of GitHub.
fn policies() -> Vec<(&'static str, Option<Value>, &'static str)> {
    let equals = |sub: &str| Some(json!({"StringEquals": {key("sub"): [sub]}}));
    let audience = json!(["sts.amazonaws.com"]);
    vec![
        (
            "pattern and an audience of its own",
            Some(
                json!({"StringEquals": {key("aud"): ["sts.example.com"]}, "StringLike": {key("sub"): ["repo:org/depot:*"]}}),
            ),
            "...X..",
        ),
        ("no trust in GitHub", None, "......"),
        (
            "one repository",
            Some(json!({"StringLike": {key("sub"): ["repo:acme/shop:*"]}, "StringEquals": {key("aud"): audience}})),
            "XX....",
        ),
        (
            "one branch",
            Some(json!({"StringEquals": {key("sub"): ["repo:acme/shop:ref:refs/heads/trunk"], key("aud"): audience}})),
            "X.....",
        ),
        ("no condition", Some(json!({})), "XXXXXX"),
        ("nonsense", equals("invalid"), "......"),
        ("a star that is a star", equals("*"), "......"),
        (
            "another claim in front",
            equals("workflow:ci:repo:acme/shop:ref:refs/heads/trunk"),
            "......",
        ),
        ("every repository, literally", equals("repo:*"), "......"),
        ("a beginning, literally", equals("repo:acme*"), "......"),
        ("an organisation, literally", equals("repo:acme/*"), "......"),
        (
            "a key of another provider's path",
            Some(json!({"StringEquals": {
                format!("{HOST}/acme:sub"): ["repo:acme/shop:ref:refs/heads/trunk"], key("aud"): audience
            }})),
            "......",
        ),
    ]
}

#[test]
fn every_cell_is_as_aws_decides() {
    let policies = policies();
    let roles: Vec<Value> = policies
        .iter()
        .enumerate()
        .map(|(i, (_, conditions, _))| {
            let principal = match conditions {
                Some(_) => json!({"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{HOST}")}),
                None => json!({"Service": "lambda.amazonaws.com"}),
            };
            let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action":
                if conditions.is_some() { "sts:AssumeRoleWithWebIdentity" } else { "sts:AssumeRole" }});
            if let Some(conditions) = conditions.as_ref().filter(|c| **c != json!({})) {
                statement["Condition"] = conditions.clone();
            }
            json!({"RoleName": format!("r{i}"), "RoleId": format!("AROA{i:08}"), "Path": "/",
                   "Arn": format!("arn:aws:iam::111122223333:role/r{i}"), "CreateDate": "2025-01-01T00:00:00Z",
                   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
        })
        .collect();
    let tokens: Vec<Value> = TOKENS
        .iter()
        .enumerate()
        .map(|(i, (subject, audience))| {
            json!({"id": format!("t{i}"), "kind": "federated-assertion", "identity": format!("oidc:https://{HOST}#{subject}"),
                   "issuer": format!("oidc:https://{HOST}"), "audience": [audience]})
        })
        .collect();
    let subjects: Vec<Value> = TOKENS
        .iter()
        .map(|(subject, _)| json!({"id": format!("oidc:https://{HOST}#{subject}")}))
        .collect();
    let native = json!({"format": "trustmap-inventory", "version": 1, "credentials": tokens, "identities": subjects,
                        "systems": [{"id": format!("oidc:https://{HOST}")}]});
    let iam = json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []});
    let sources = [
        file("iam.json", iam.to_string()),
        file("tokens.json", native.to_string()),
    ];
    let mut loaded = load_sources(&sources, &LoadOptions::default(), &Unheard).expect("they can be read");
    loaded.inventory = stitch(loaded.inventory, &Decisions::default()).inventory;
    for regime in [Regime::BestCase, Regime::WorstCase] {
        let mut table = vec![String::new(); policies.len()];
        for t in 0..TOKENS.len() {
            let radius = reach(&loaded, &format!("t{t}"), regime);
            for (i, row) in table.iter_mut().enumerate() {
                let role = format!("aws:arn:aws:iam::111122223333:role/r{i}");
                row.push(if radius.identities.iter().any(|x| x.id == role) {
                    'X'
                } else {
                    '.'
                });
            }
        }
        for ((name, _, expected), row) in policies.iter().zip(&table) {
            assert_eq!(row, expected, "{name}, {}", regime.as_str());
        }
    }
}
