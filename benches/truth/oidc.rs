//! Tokens of GitHub Actions against trust policies.

use super::score::{Pairs, Score, json, reach_under};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::stitch::{Decisions, stitch};

const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The policies of `checkov_github_oidc_aws_data.json` against `expected_semantic_eval_aws.json`: which token becomes
/// the role that has the policy, each cell.
pub fn compare(folder: &Path, score: &mut Score) -> Result<(), String> {
    println!("Tokens of GitHub Actions against trust policies");
    let documents = json(folder, "checkov_github_oidc_aws_data.json")?;
    let truth = json(folder, "expected_semantic_eval_aws.json")?;
    let accepts = truth["accepts"].as_object().ok_or("the truth has no table")?;
    let tokens = truth["tokens"].as_object().ok_or("the truth has no tokens")?;
    let mut roles: Vec<Value> = Vec::new();
    for (i, name) in accepts.keys().enumerate() {
        let mut document = documents.get(name).cloned().unwrap_or(Value::Null);
        for statement in document["Statement"].as_array_mut().into_iter().flatten() {
            // The table leaves out the act where it is the only one there can be.
            if statement["Principal"]["Federated"].is_array() && statement.get("Action").is_none() {
                statement["Action"] = json!("sts:AssumeRoleWithWebIdentity");
            }
        }
        roles.push(
            json!({"RoleName": format!("r{i}"), "RoleId": format!("AROA{i:08}"), "Path": "/",
            "Arn": role(&document, i), "CreateDate": "2025-01-01T00:00:00Z", "AssumeRolePolicyDocument": document}),
        );
    }
    let mut loaded = load_sources(
        &[
            source("iam.json", &json!({"RoleDetailList": roles, "UserDetailList": []})),
            source("tokens.json", &inventory(tokens)),
        ],
        &LoadOptions::default(),
        &Unheard,
    )
    .map_err(|e| e.to_string())?;
    loaded.inventory = stitch(loaded.inventory, &Decisions::default()).inventory;
    let (mut found, mut expected) = (Pairs::new(), Pairs::new());
    for token in tokens.keys() {
        let radius = reach_under(&loaded, &format!("token {token}"), Regime::BestCase)?;
        for (i, (name, cells)) in accepts.iter().enumerate() {
            if radius.identities.iter().any(|x| x.id.ends_with(&format!(":role/r{i}"))) {
                found.insert((name.clone(), token.clone()));
            }
            if cells[token] == "yes" {
                expected.insert((name.clone(), token.clone()));
            }
        }
    }
    let cells = accepts.len() * tokens.len();
    score.compare(&format!("acceptance, of {cells} cells"), &found, &expected, true);
    Ok(())
}

/// A role in the account of the provider its policy names.
fn role(document: &Value, i: usize) -> String {
    let provider = document["Statement"][0]["Principal"]["Federated"][0].as_str();
    let account = provider.and_then(|p| p.split(':').nth(4)).unwrap_or("123456123456");
    format!("arn:aws:iam::{account}:role/r{i}")
}

/// The tokens as credentials of their subjects.
fn inventory(tokens: &serde_json::Map<String, Value>) -> Value {
    let issuer = format!("oidc:{ISSUER}");
    let subject = |token: &Value| format!("{issuer}#{}", token["sub"].as_str().unwrap_or_default());
    let credentials: Vec<Value> = tokens
        .iter()
        .map(|(name, token)| {
            json!({"id": format!("token {name}"), "kind": "federated-assertion", "identity": subject(token),
                "issuer": issuer, "audience": [token["aud"]]})
        })
        .collect();
    let identities: Vec<Value> = tokens.values().map(|token| json!({"id": subject(token)})).collect();
    json!({"format": "trustmap-inventory", "version": 1, "systems": [{"id": issuer}], "identities": identities,
        "credentials": credentials})
}

fn source(name: &str, value: &Value) -> Source {
    Source::Bytes {
        name: name.to_owned(),
        bytes: Arc::from(value.to_string().into_bytes()),
    }
}
