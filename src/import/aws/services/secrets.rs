//! Secrets Manager: a secret is a credential whose contents are not known, read from its account's store.

use super::super::arn::{self, Arn};
use super::super::builder::{account_system, joined};
use super::super::document;
use super::super::lenient::shown;
use super::resource::{Admissions, admitted};
use super::{FAMILY, Reader};
use crate::model::{
    Credential, CredentialKind, Criticality, Exposure, ExposureFrom, ExposureHow, Grant, Identity, IdentityKind,
    Inherit, InheritHow, Piece, Place, RelationCommon, Requirement, System, Yields,
};
use serde_json::{Value, json};

/// What reads a secret.
pub const READ: &str = "secretsmanager:GetSecretValue";

pub(super) fn read(reader: &mut Reader, value: &Value, pointer: &str) {
    for (i, item) in reader.log.list(value, "SecretList", pointer).iter().enumerate() {
        secret(reader, item, &format!("{pointer}/SecretList/{i}"));
    }
    if value.get("SecretList").is_none() {
        policy(reader, value, pointer);
    }
}

fn secret(reader: &mut Reader, item: &Value, at: &str) {
    let Some(text) = reader.log.text(item, "ARN", at).map(str::to_owned) else {
        reader
            .log
            .error("missing-field", at, "A secret without an ARN was left out");
        return;
    };
    let Some(account) = account_of(reader, &text, at) else {
        return;
    };
    let place = reader.log.input.at(at);
    let (id, system) = (arn::id(&text), arn::id(&account));
    let tags: Vec<(String, String)> = reader
        .log
        .list(item, "Tags", at)
        .iter()
        .filter_map(|t| Some((t.get("Key")?.as_str()?.to_owned(), t.get("Value")?.as_str()?.to_owned())))
        .collect();
    let tag = |keys: &[&str]| {
        tags.iter()
            .find(|(k, v)| keys.iter().any(|key| k.eq_ignore_ascii_case(key)) && !v.is_empty())
            .map(|(_, v)| v.clone())
    };
    let mut credential = Credential {
        id: id.clone().into(),
        name: reader.log.text(item, "Name", at).map(str::to_owned).map(Into::into),
        kind: Some(CredentialKind::Other),
        issuer: None,
        rotated_at: reader
            .log
            .time(item, "LastRotatedDate", at)
            .or_else(|| reader.log.time(item, "LastChangedDate", at)),
        last_used_at: reader.log.time(item, "LastAccessedDate", at),
        owner: tag(&["owner", "team"]).map(Into::into),
        tags: tags.iter().map(|(k, v)| format!("{k}={v}")).collect(),
        places: place.clone().into(),
        ..Credential::default()
    };
    if let Some(rotates) = item.get("RotationEnabled").and_then(Value::as_bool) {
        credential
            .attributes
            .insert("rotation_enabled".to_owned(), json!(rotates));
    }
    if let Some(environment) = tag(&["env", "environment"]) {
        credential
            .attributes
            .insert("environment".to_owned(), json!(environment));
    }
    if let Some(deleted) = reader.log.time(item, "DeletedDate", at) {
        credential.attributes.insert("deleted_at".to_owned(), json!(deleted));
    }
    reader.records.credentials.push(credential);
    reader.records.systems.push(account_system(&account, place.clone()));
    let key = reader.log.text(item, "KmsKeyId", at).map(str::to_owned);
    let own_key = key.filter(|k| !k.is_empty() && !k.ends_with("alias/aws/secretsmanager"));
    match own_key {
        None => reader
            .records
            .exposures
            .push(stored(&system, &format!("{READ}@{text}"), &id, &place)),
        Some(key) => {
            // Two permissions are needed; a reader is whoever has both.
            let name = format!("Readers of {}", text.rsplit(':').next().unwrap_or(&text));
            readers(reader, &text, name, &place);
            let common = RelationCommon {
                evidence: joined([format!("the secret is encrypted with {key}")]).map(Into::into),
                places: place.clone().into(),
                ..RelationCommon::default()
            };
            let needs = |scope: String| Requirement {
                system: system.clone().into(),
                scope: scope.into(),
            };
            reader.records.inherits.push(Inherit {
                common,
                from: None,
                to: format!("{id}#reader").into(),
                requires_all: [
                    needs(format!("{READ}@{text}")),
                    needs(format!("kms:Decrypt@{}", key_arn(&key))),
                ]
                .into(),
                audiences: None,
                how: Some(InheritHow::Impersonation),
            });
        }
    }
}

/// The key as a requirement's resource: as it is where it is an ARN of a key, else some key.
fn key_arn(key: &str) -> &str {
    if key.starts_with("arn:") && key.contains(":key/") {
        key
    } else {
        "*"
    }
}

/// The identity that may read a secret whatever the account's permissions say, the secret's own system, and what it has.
pub fn reader_records(text: &str, name: String, place: &Place) -> crate::model::Records {
    let id = arn::id(text);
    crate::model::Records {
        systems: vec![System {
            id: format!("{id}#store").into(),
            name: Some(text.rsplit(':').next().unwrap_or(text).to_owned().into()),
            kind: Some("secret".into()),
            platform: Some("aws".into()),
            criticality: Some(Criticality::High),
            attributes: [("derived".to_owned(), json!(true))].into_iter().collect(),
            places: place.clone().into(),
            ..System::default()
        }],
        identities: vec![Identity {
            id: format!("{id}#reader").into(),
            name: Some(name.into()),
            kind: Some(IdentityKind::Other),
            platform: Some("aws".into()),
            attributes: [("derived".to_owned(), json!(true))].into_iter().collect(),
            places: place.clone().into(),
            ..Identity::default()
        }],
        grants: vec![Grant {
            common: RelationCommon {
                places: place.clone().into(),
                ..RelationCommon::default()
            },
            holder: format!("{id}#reader").into(),
            system: format!("{id}#store").into(),
            scopes: vec![format!("{READ}@{text}")].into(),
            ..Grant::default()
        }],
        exposures: vec![stored(&format!("{id}#store"), &format!("{READ}@{text}"), &id, place)],
        ..crate::model::Records::default()
    }
}

fn readers(reader: &mut Reader, text: &str, name: String, place: &Place) {
    reader.records.append(reader_records(text, name, place));
}

fn stored(system: &str, scope: &str, credential: &str, place: &Place) -> Exposure {
    Exposure {
        common: RelationCommon {
            places: place.clone().into(),
            ..RelationCommon::default()
        },
        from: ExposureFrom::System(system.to_owned().into()),
        requires: vec![scope.to_owned()].into(),
        yields: Yields::Credential(credential.to_owned().into()),
        how: Some(ExposureHow::Stored),
    }
}

/// `get-resource-policy`; without a policy there is nothing to say.
fn policy(reader: &mut Reader, value: &Value, pointer: &str) {
    let Some(text) = reader.log.text(value, "ARN", pointer).map(str::to_owned) else {
        reader.log.error(
            "missing-field",
            pointer,
            "A resource policy without an ARN was left out",
        );
        return;
    };
    if account_of(reader, &text, pointer).is_none() {
        return;
    }
    let place = reader.log.input.at(pointer);
    let id = arn::id(&text);
    reader.records.credentials.push(Credential {
        id: id.into(),
        name: reader
            .log
            .text(value, "Name", pointer)
            .map(str::to_owned)
            .map(Into::into),
        kind: Some(CredentialKind::Other),
        places: vec![place].into(),
        ..Credential::default()
    });
    let Some(policy) = value.get("ResourcePolicy").filter(|p| !p.is_null()) else {
        return;
    };
    let what = format!("secret {}", shown(&text));
    let at = format!("{pointer}/ResourcePolicy");
    if let Ok(document) = document::read(&policy.clone().into(), &at, &what, &mut reader.log) {
        let document = document.at(&at);
        let named = admitted(reader, &document, READ, &text);
        reader.pieces.push(Piece::new(FAMILY, Admissions(named)));
    }
}

fn account_of(reader: &mut Reader, text: &str, at: &str) -> Option<String> {
    let account = Arn::parse(text)
        .filter(|a| a.service == "secretsmanager")
        .and_then(|a| a.account_number())
        .map(str::to_owned);
    if account.is_none() {
        let message = format!("{} is no secret's ARN and was left out", shown(text));
        reader.log.error("odd-arn", at, message);
    }
    account
}
