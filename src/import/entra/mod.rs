//! Entra ID: what AzureHound collects and what Microsoft Graph lists. Assignments name principals by ids that another
//! file explains, so files are read into facts and the family puts the facts of all files together.

mod azure;
mod directory;
mod records;

use super::documents::{self, broken};
use super::lenient::Log;
use super::pile::Pile;
use super::tree::Value;
use super::{Answer, Family, Importer, Input, Peek, Progress};
use crate::model::{FileId, Fragment, Piece, Place};

/// The family's name.
const FAMILY: &str = "entra";

/// An object of a kind, as a file has it.
#[derive(Clone, Debug)]
pub(in crate::import) struct Fact {
    place: Place,
    /// As AzureHound calls it.
    kind: &'static str,
    /// What is kept of it, as JSON: a tree takes many times the memory, and each fact is looked at twice.
    text: Box<str>,
}

impl Fact {
    fn value(&self) -> Value<'_> {
        Value::at_start(&self.text, &[])
    }
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
        match graph_kind(&Value::at_start(rest, &[])) {
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
        let first = Value::at_start(list, &[]);
        let kind = first.get("kind").and_then(Value::as_str).unwrap_or_default();
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

/// Keys of members that say something, at any depth.
const KEYS: &[&str] = &[
    "accountEnabled",
    "appId",
    "appOwnerOrganizationId",
    "appRoleId",
    "appRoles",
    "assignee",
    "assignees",
    "audiences",
    "certificates",
    "claimsMatchingExpression",
    "clientId",
    "consentType",
    "customKeyIdentifier",
    "data",
    "directoryScopeId",
    "displayName",
    "endDateTime",
    "federatedIdentityCredentials",
    "fic",
    "fics",
    "groupId",
    "id",
    "identity",
    "isAssignableToRole",
    "issuer",
    "keyCredentials",
    "keyId",
    "keyVaultId",
    "keys",
    "kind",
    "member",
    "members",
    "name",
    "objectId",
    "owner",
    "owners",
    "parent",
    "passwordCredentials",
    "permissions",
    "principalId",
    "principalType",
    "properties",
    "resourceDisplayName",
    "resourceId",
    "roleAssignment",
    "roleAssignments",
    "roleDefinitionId",
    "scope",
    "secrets",
    "servicePrincipalId",
    "servicePrincipalType",
    "signInAudience",
    "startDateTime",
    "subject",
    "tenantId",
    "userAssignedIdentities",
    "value",
];

fn read(input: &Input) -> Fragment {
    let (found, pages) = documents::pages(input, &["data", "value"]);
    let mut log = Log::new(input);
    let mut facts: Pile<Fact> = Pile::default();
    let mut complete = found.whole;
    let mut left = 0;
    for page in &pages {
        if page.value.get("@odata.nextLink").is_some_and(|v| !v.is_null()) {
            complete = false;
            log.warning("more-pages", "", "The list is one page of more; export all of them");
        }
        for key in ["data", "value"] {
            // Says so where it is no list.
            log.list(&page.value, key, "");
            let Some(list) = page.lists.iter().find(|list| list.key == key) else {
                continue;
            };
            let goes = documents::in_goes(
                input,
                &list.items,
                |(offset, _)| *offset,
                |first, items| {
                    let items = items.iter().enumerate();
                    let facts = items.filter_map(|(i, (offset, line))| {
                        let place = Place::new(input.file, format!("/{key}/{}", first + i)).at_line(*line);
                        fact(key, &Value::only(&input.text[*offset..], KEYS), place)
                    });
                    facts.collect::<Vec<Fact>>()
                },
            );
            let read: usize = goes.iter().map(Vec::len).sum();
            left += list.items.len() - read;
            goes.into_iter().for_each(|of_go| facts.append(of_go));
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

/// An item of a list, where it is of a kind that is read.
fn fact(key: &str, item: &Value, place: Place) -> Option<Fact> {
    let stated = item.get("kind").and_then(Value::as_str);
    let (kind, value) = match (key, stated) {
        ("data", Some(kind)) => {
            let mut known = records::KINDS.iter().chain(azure::KINDS);
            let kind = known.find(|known| **known == kind)?;
            (*kind, item.get("data")?)
        }
        _ => {
            let kind = graph_kind(item)?;
            (*records::KINDS.iter().find(|known| **known == kind)?, item)
        }
    };
    value.is_object().then(|| Fact {
        place,
        kind,
        text: value.to_string().into(),
    })
}

/// What the files of Entra ID say together.
pub struct Entra;

impl Family for Entra {
    fn name(&self) -> &'static str {
        FAMILY
    }

    fn assemble(&self, pieces: Vec<(FileId, Piece)>, progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
        let mut facts: Vec<(FileId, &Fact)> = Vec::new();
        for (file, piece) in &pieces {
            let of_file = piece.of::<Pile<Fact>>().into_iter().flat_map(Pile::iter);
            facts.extend(of_file.map(|fact| (*file, fact)));
        }
        records::write(&facts, progress)
    }
}
