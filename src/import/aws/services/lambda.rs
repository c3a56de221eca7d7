//! Lambda: a function runs as its role, and its environment is in plain sight of whoever may look at its settings.

use super::super::super::secrets::is_secret_key;
use super::super::arn::{self, Arn};
use super::super::builder::account_system;
use super::super::document;
use super::super::lenient::shown;
use super::resource::{Admissions, admitted};
use super::{FAMILY, Reader};
use crate::model::{
    Credential, CredentialKind, Exposure, ExposureFrom, ExposureHow, Identity, IdentityKind, Inherit, InheritHow,
    Piece, Place, RelationCommon, Requirement, System, Yields,
};
use serde_json::{Value, json};

/// What calls a function.
pub const INVOKE: &str = "lambda:InvokeFunction";

/// What calls a function by its address.
pub const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";

pub(super) fn read(reader: &mut Reader, value: &Value, pointer: &str) {
    for (i, item) in reader.log.list(value, "Functions", pointer).iter().enumerate() {
        function(reader, item, &format!("{pointer}/Functions/{i}"));
    }
    if let Some(policy) = value.get("Policy").filter(|p| !p.is_null()) {
        resource_policy(reader, policy, &format!("{pointer}/Policy"));
    }
}

fn function(reader: &mut Reader, item: &Value, at: &str) {
    let text = reader.log.text(item, "FunctionArn", at).map(str::to_owned);
    let account = text
        .as_deref()
        .and_then(Arn::parse)
        .and_then(|a| a.account_number())
        .map(str::to_owned);
    let (Some(text), Some(account)) = (text, account) else {
        reader.log.error(
            "missing-field",
            at,
            "A function without an ARN that names its account was left out",
        );
        return;
    };
    let place = reader.log.input.at(at);
    let (id, account) = (arn::id(&text), arn::id(&account));
    let name = reader
        .log
        .text(item, "FunctionName", at)
        .unwrap_or(arn::last_step(&text))
        .to_owned();
    let number = account.strip_prefix("aws:").unwrap_or_default();
    reader.records.systems.push(account_system(number, place.clone()));
    reader.records.systems.push(function_system(&text, &name, &place));
    let role = reader.log.text(item, "Role", at).map(str::to_owned);
    if let Some(role) = role.filter(|r| Arn::parse(r).is_some_and(|a| a.resource.starts_with("role/"))) {
        let role_id = arn::id(&role);
        reader.records.identities.push(Identity {
            id: role_id.clone().into(),
            name: Some(arn::last_step(&role).to_owned().into()),
            kind: Some(IdentityKind::Role),
            platform: Some("aws".into()),
            places: place.clone().into(),
            ..Identity::default()
        });
        // Whoever writes the code of a running function acts as its role.
        reader.records.inherits.push(Inherit {
            common: RelationCommon {
                intended: Some(false),
                evidence: Some(format!("function {name} runs as the role; whoever writes its code does too").into()),
                places: place.clone().into(),
                ..RelationCommon::default()
            },
            from: None,
            to: role_id.into(),
            requires_all: [Requirement {
                system: account.clone().into(),
                scope: format!("lambda:UpdateFunctionCode@{text}").into(),
            }]
            .into(),
            audiences: None,
            how: Some(InheritHow::Escalation),
        });
    }
    environment(reader, item, at, &text, &account, &place);
    let _ = id;
}

/// Names of variables that hold secrets; their values are looked at for public ids alone.
fn environment(reader: &mut Reader, item: &Value, at: &str, text: &str, account: &str, place: &Place) {
    let Some(variables) = item.pointer("/Environment/Variables").and_then(Value::as_object) else {
        return;
    };
    for (key, value) in variables {
        let value = value.as_str().unwrap_or_default();
        let public = (value.len() == 20 && (value.starts_with("AKIA") || value.starts_with("ASIA")))
            .then_some(value)
            .filter(|v| v.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        if public.is_none() && !is_secret_key(key) {
            continue;
        }
        let credential = match public {
            Some(id) => Credential {
                id: arn::id(id).into(),
                kind: Some(CredentialKind::AccessKey),
                public_id: Some(id.to_owned().into()),
                places: place.clone().into(),
                ..Credential::default()
            },
            None => Credential {
                id: format!("{}#env/{key}", arn::id(text)).into(),
                name: Some(key.clone().into()),
                kind: Some(CredentialKind::Other),
                places: place.clone().into(),
                ..Credential::default()
            },
        };
        reader.records.exposures.push(Exposure {
            common: RelationCommon {
                evidence: Some(format!("environment variable {key} of {}", arn::last_step(text)).into()),
                places: vec![reader.log.input.at(&format!("{at}/Environment/Variables"))].into(),
                ..RelationCommon::default()
            },
            from: ExposureFrom::System(account.to_owned().into()),
            requires: vec![
                format!("lambda:GetFunctionConfiguration@{text}"),
                format!("lambda:GetFunction@{text}"),
                "lambda:ListFunctions@~any".to_owned(),
            ]
            .into(),
            yields: Yields::Credential(credential.id.clone()),
            how: Some(ExposureHow::Stored),
        });
        reader.records.credentials.push(credential);
    }
}

/// A function as a system that admits callers.
pub fn function_system(text: &str, name: &str, place: &Place) -> System {
    System {
        id: arn::id(text).into(),
        name: Some(name.to_owned().into()),
        kind: Some("function".into()),
        platform: Some("aws".into()),
        attributes: [("arn".to_owned(), json!(text))].into_iter().collect(),
        places: place.clone().into(),
        ..System::default()
    }
}

/// `get-policy` names the function only in its statements.
fn resource_policy(reader: &mut Reader, policy: &Value, at: &str) {
    let raw: Option<Value> = match policy {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    };
    let statements = raw.as_ref().and_then(|p| p.get("Statement"));
    let first = match statements {
        Some(Value::Array(items)) => items.first(),
        other => other,
    };
    let resource = first
        .and_then(|s| s.get("Resource"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    let Some(resource) = resource.filter(|r| Arn::parse(r).is_some_and(|a| a.service == "lambda")) else {
        reader
            .log
            .error("odd-arn", at, "A policy whose statements name no function was left out");
        return;
    };
    // Versions and aliases are the function.
    let whole: Vec<&str> = resource.split(':').take(7).collect();
    let resource = whole.join(":");
    let what = format!("function {}", shown(&resource));
    if let Ok(document) = document::read(&policy.clone().into(), at, &what, &mut reader.log) {
        let document = document.at(at);
        let place = reader.log.input.at(at);
        let name = resource.rsplit(':').next().unwrap_or(&resource).to_owned();
        reader.records.systems.push(function_system(&resource, &name, &place));
        let mut named = admitted(reader, &document, INVOKE, &resource);
        named.extend(admitted(reader, &document, INVOKE_URL, &resource));
        reader.pieces.push(Piece::new(FAMILY, Admissions(named)));
    }
}
