//! Identity providers of an account: who may vouch for callers, and for which audiences.

use super::super::arn::{self, Arn};
use super::super::lenient::shown;
use super::Reader;
use crate::model::{Criticality, System};
use serde_json::{Value, json};

pub(super) fn read(reader: &mut Reader, value: &Value, pointer: &str) {
    for (i, item) in reader.log.list(value, "SAMLProviderList", pointer).iter().enumerate() {
        let at = format!("{pointer}/SAMLProviderList/{i}");
        let Some(text) = reader.log.text(item, "Arn", &at).map(str::to_owned) else {
            continue;
        };
        let name = Arn::parse(&text).and_then(|a| a.resource.strip_prefix("saml-provider/"));
        let Some(name) = name else {
            let message = format!("{} is no SAML provider and was left out", shown(&text));
            reader.log.error("odd-arn", &at, message);
            continue;
        };
        let mut system = provider(arn::id(&text), name.to_owned(), "aws");
        for (key, attribute) in [("ValidUntil", "valid_until"), ("CreateDate", "created_at")] {
            if let Some(time) = reader.log.time(item, key, &at) {
                system.attributes.insert(attribute.to_owned(), json!(time));
            }
        }
        system.places.push(reader.log.input.at(&at));
        reader.records.systems.push(system);
    }
    for (i, item) in reader
        .log
        .list(value, "OpenIDConnectProviderList", pointer)
        .iter()
        .enumerate()
    {
        let at = format!("{pointer}/OpenIDConnectProviderList/{i}");
        let Some(text) = reader.log.text(item, "Arn", &at).map(str::to_owned) else {
            continue;
        };
        match Arn::parse(&text).and_then(|a| a.resource.strip_prefix("oidc-provider/")) {
            Some(host) => issuer(reader, host, None, &at),
            None => {
                let message = format!("{} is no OpenID Connect provider and was left out", shown(&text));
                reader.log.error("odd-arn", &at, message);
            }
        }
    }
    if let Some(url) = reader.log.text(value, "Url", pointer).map(str::to_owned) {
        let clients = value.get("ClientIDList");
        let clients = clients.and_then(|c| reader.log.texts(c, "ClientIDList", &format!("{pointer}/ClientIDList")));
        let host = url.strip_prefix("https://").unwrap_or(&url).to_owned();
        issuer(reader, &host, clients, pointer);
    }
}

/// An OpenID Connect provider is its issuer, which other accounts and clouds trust as well.
fn issuer(reader: &mut Reader, host: &str, clients: Option<Vec<String>>, pointer: &str) {
    let host = host.trim_end_matches('/');
    let mut system = provider(format!("oidc:https://{host}"), host.to_owned(), "oidc");
    if let Some(mut clients) = clients {
        clients.sort();
        system.attributes.insert("aws_audiences".to_owned(), json!(clients));
    }
    system.places.push(reader.log.input.at(pointer));
    reader.records.systems.push(system);
}

fn provider(id: String, name: String, platform: &str) -> System {
    System {
        id: id.into(),
        name: Some(name.into()),
        kind: Some("identity-provider".into()),
        platform: Some(platform.to_owned().into()),
        criticality: Some(Criticality::CrownJewel),
        ..System::default()
    }
}
