//! Entra ID: what AzureHound collects and what Microsoft Graph lists. Assignments name principals by ids that another
//! file explains, so files are read into facts and the family puts the facts of all files together.

mod records;

use super::documents::{broken, documents};
use super::lenient::Log;
use super::{Answer, Family, Importer, Input, Peek, Progress};
use crate::model::{FileId, Fragment, Piece, Place};
use serde_json::Value;

/// The family's name.
const FAMILY: &str = "entra";

/// An object of a kind, as a file has it.
#[derive(Clone, Debug)]
pub(in crate::import) struct Fact {
    place: Place,
    /// As AzureHound calls it.
    kind: String,
    value: Value,
}

/// Lists of Microsoft Graph.
pub struct Graph;

impl Importer for Graph {
    fn name(&self) -> &'static str {
        "entra-graph"
    }

    fn describe(&self) -> &'static str {
        "Entra ID applications, service principals, role assignments and federated credentials: lists of Microsoft Graph"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let Some(list) = peek.member("value").filter(|m| m.is_array()) else {
            return Answer::No;
        };
        let rest = &list.value[1..];
        let first = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next();
        match first.and_then(Result::ok).as_ref().and_then(graph_kind) {
            Some(_) => Answer::Certain,
            None => Answer::No,
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        read(input)
    }
}

/// What AzureHound collects.
pub struct AzureHound;

impl Importer for AzureHound {
    fn name(&self) -> &'static str {
        "azurehound"
    }

    fn describe(&self) -> &'static str {
        "AzureHound's collection of Entra ID: applications, owners, role assignments, federated credentials"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        if peek.member("data").is_none_or(|m| !m.is_array()) {
            return Answer::No;
        }
        let list = peek.member("data").map_or("", |m| &m.value[1..]);
        let first = serde_json::Deserializer::from_str(list).into_iter::<Value>().next();
        let kind = first.and_then(Result::ok);
        let kind = kind
            .as_ref()
            .and_then(|v| v.get("kind"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        if kind.starts_with("AZ") {
            Answer::Certain
        } else {
            Answer::No
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        read(input)
    }
}

/// The kind of an item of a list of Graph, by members that no other has.
fn graph_kind(item: &Value) -> Option<&'static str> {
    let has = |key: &str| item.get(key).is_some();
    if has("appRoleId") && has("principalId") && has("resourceId") {
        return Some("AZAppRoleAssignment");
    }
    if has("clientId") && has("consentType") && has("resourceId") {
        return Some("OAuth2PermissionGrant");
    }
    if has("issuer") && has("audiences") && (has("subject") || has("claimsMatchingExpression")) {
        return Some("FederatedIdentityCredential");
    }
    if has("appId") && has("servicePrincipalType") {
        return Some("AZServicePrincipal");
    }
    if has("appId") && has("signInAudience") {
        return Some("AZApp");
    }
    None
}

fn read(input: &Input) -> Fragment {
    let found = documents(input.text);
    let mut log = Log::new(input);
    let mut facts = Vec::new();
    let mut complete = found.whole;
    let mut left = 0u64;
    for document in &found.documents {
        if document.get("@odata.nextLink").is_some_and(|v| !v.is_null()) {
            complete = false;
            log.warning("more-pages", "", "The list is one page of more; export all of them");
        }
        for key in ["data", "value"] {
            for (i, item) in log.list(document, key, "").iter().enumerate() {
                let pointer = format!("/{key}/{i}");
                let (kind, value) = match (key, item.get("kind").and_then(Value::as_str)) {
                    ("data", Some(kind)) => (kind, item.get("data").unwrap_or(&Value::Null)),
                    _ => (graph_kind(item).unwrap_or_default(), item),
                };
                if records::KINDS.contains(&kind) && value.is_object() {
                    facts.push(Fact {
                        place: input.at(&pointer),
                        kind: kind.to_owned(),
                        value: value.clone(),
                    });
                } else {
                    left += 1;
                }
            }
        }
    }
    if left > 0 {
        let message = format!("{left} objects are of kinds that are not read yet; they were left out");
        log.warning("not-understood", "", message);
    }
    log.said.extend(broken(&found, input.whole()));
    input.report(input.text.len());
    Fragment {
        complete,
        diagnostics: log.finish(),
        pieces: vec![Piece::new(FAMILY, facts)],
        ..Fragment::default()
    }
}

/// What the files of Entra ID say together.
pub struct Entra;

impl Family for Entra {
    fn name(&self) -> &'static str {
        FAMILY
    }

    fn assemble(&self, pieces: &[(FileId, Piece)], _: &dyn Progress) -> Vec<(FileId, Fragment)> {
        let mut facts = Vec::new();
        for (file, piece) in pieces {
            for fact in piece.of::<Vec<Fact>>().into_iter().flatten() {
                let mut fact = fact.clone();
                fact.place.file = *file;
                facts.push(fact);
            }
        }
        records::write(&facts)
    }
}
