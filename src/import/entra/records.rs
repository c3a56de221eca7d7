//! The facts of Entra ID as records: applications with their credentials, who federates to them, and what they may do.

use super::directory::{AT_ONCE, Directory, UNKNOWN_TENANT, id, list, text};
use super::{Fact, azure};
use crate::import::Progress;
use crate::import::github::out::{Out, Says, inherit};
use crate::import::lenient::parse_time;
use crate::import::tree::Value;
use crate::model::glob;
use crate::model::{
    Credential, CredentialKind, Criticality, Extra, FileId, Fragment, Identity, IdentityKind, IdentityStatus, Inherit,
    InheritHow, Place, System, Text,
};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

/// The kinds of objects that are read here.
pub const KINDS: &[&str] = &[
    "AZApp",
    "AZServicePrincipal",
    "AZAppOwner",
    "AZServicePrincipalOwner",
    "AZAppRoleAssignment",
    "AZFederatedIdentityCredential",
    "AZRoleAssignment",
    "AZTenant",
    "AZGroup",
    "AZGroupMember",
    "AZGroupOwner",
    "AZRoleEligibilityScheduleInstance",
    "AZOAuth2PermissionGrant",
    "OAuth2PermissionGrant",
    "FederatedIdentityCredential",
];

/// What grants stand for: rows of the table under assets/.
struct Row {
    scope: String,
    /// `administrator`, `application` or `group`: whom one becomes.
    becomes: String,
    source: String,
}

impl Row {
    /// Whom one becomes; nothing where that is the administrator.
    fn targets<'t>(&self, apps: &'t Targets, groups: &'t Targets) -> Option<&'t Targets> {
        match self.becomes.as_str() {
            "administrator" => None,
            "group" => Some(groups),
            _ => Some(apps),
        }
    }
}

/// The table: which permission or role yields which identity.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let table = Value::at_start(include_str!("../../../assets/import/entra-escalations.json"), &[]);
    let rows = table.get("rows").and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| {
        let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Row {
            scope: text("scope")?,
            becomes: text("becomes")?,
            source: text("source")?,
        })
    })
    .collect()
});

/// Permissions of Microsoft Graph that assignments name by number.
const GRAPH_ROLES: &[(&str, &str)] = &[
    (
        "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        "RoleManagement.ReadWrite.Directory",
    ),
    (
        "06b708a9-e830-4db3-a914-8e69da51d44f",
        "AppRoleAssignment.ReadWrite.All",
    ),
    ("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All"),
    ("19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Directory.ReadWrite.All"),
    ("62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All"),
    ("dbaae8cf-10b5-4b86-a4a1-f871c94c6695", "GroupMember.ReadWrite.All"),
    (
        "89c8469c-83ad-45f7-8ff2-6e3d4285709e",
        "ServicePrincipalEndpoint.ReadWrite.All",
    ),
];

/// Directory roles that assignments name by number.
const DIRECTORY_ROLES: &[(&str, &str)] = &[
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
    ("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
    (
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "Cloud Application Administrator",
    ),
    (
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        "Privileged Authentication Administrator",
    ),
];

/// Microsoft Graph.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Whom a row of the table makes: each once, with the place that states it first.
#[derive(Default)]
struct Targets {
    known: HashSet<Text, RandomState>,
    list: Vec<(Text, Place)>,
}

impl Targets {
    fn add(&mut self, id: &Text, place: &Place) {
        if self.known.insert(id.clone()) {
            self.list.push((id.clone(), place.clone()));
        }
    }

    fn absorb(&mut self, other: Self) {
        let new = other.list.into_iter().filter(|(id, _)| !self.known.contains(id));
        self.list.extend(new);
        self.known.extend(other.known);
    }
}

/// What is written of some facts besides records.
#[derive(Default)]
struct Made {
    apps: Targets,
    groups: Targets,
}

/// Makes records of the facts.
///
/// After it was cancelled there are fewer.
pub fn write(facts: &[(FileId, &Fact)], progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
    let mut directory = Directory::of(facts);
    let mut out = Out::default();
    let parts = out.in_parts(facts, progress, |facts, out| {
        let mut made = Made::default();
        for (file, fact) in facts {
            let place = in_file(&fact.place, *file);
            one(&directory, (fact, &fact.value()), &place, &mut made, out);
        }
        made
    });
    let (mut apps, mut groups) = (Targets::default(), Targets::default());
    for made in parts {
        apps.absorb(made.apps);
        groups.absorb(made.groups);
    }
    azure::write(&directory, facts, &mut out);
    // What follows is long and asks for neither.
    directory.apps = HashMap::default();
    apps.known = HashSet::default();
    groups.known = HashSet::default();
    if let Some((file, fact)) = facts.first() {
        let place = in_file(&fact.place, *file);
        tenant(&directory, &place, &mut out);
        // One that is a little too small is as good as none.
        let mut room = BTreeMap::from([(*file, ROWS.len())]);
        for targets in ROWS.iter().filter_map(|row| row.targets(&apps, &groups)) {
            for (_, place) in &targets.list {
                *room.entry(place.file).or_default() += 1;
            }
        }
        room.into_iter()
            .for_each(|(file, more)| out.expect_inherits(file, more));
        for row in ROWS.iter() {
            let needs = [(directory.tenant.as_str(), row.scope.clone())];
            let says = || Says::sure(row.source.clone()).unintended();
            let Some(targets) = row.targets(&apps, &groups) else {
                let admin = format!("{}:admin", directory.tenant);
                out.becomes(&place, None, &admin, &needs, InheritHow::Escalation, says());
                continue;
            };
            if progress.cancelled() {
                break;
            }
            everybody(targets, &needs, says, &mut out);
        }
    }
    out.finish()
}

/// Whoever can do all of this becomes any of these, of whom there may be hundreds of thousands.
fn everybody(targets: &Targets, needs: &[(&str, String)], says: impl Fn() -> Says + Sync, out: &mut Out) {
    let Some((_, place)) = targets.list.first() else { return };
    let one = inherit(place, None, "", needs, InheritHow::Escalation, says());
    let of = |some: &[(Text, Place)]| {
        let mut made: BTreeMap<FileId, Vec<Inherit>> = BTreeMap::new();
        for (target, place) in some {
            // What they say alike is kept once.
            let mut one = one.clone();
            one.to = target.clone();
            one.common.places = place.clone().into();
            let made = made.entry(place.file).or_insert_with(|| Vec::with_capacity(some.len()));
            made.push(one);
        }
        made
    };
    // A go at a time: see [`Out::in_parts`].
    for go in targets.list.chunks(AT_ONCE * rayon::current_num_threads()) {
        let made: Vec<BTreeMap<FileId, Vec<Inherit>>> = go.par_chunks(AT_ONCE).map(of).collect();
        for (file, inherits) in made.into_iter().flatten() {
            out.written(file, inherits);
        }
    }
}

/// A place in the file as it is numbered in the end.
pub fn in_file(place: &Place, file: FileId) -> Place {
    let mut place = place.clone();
    place.file = file;
    place
}

fn tenant(directory: &Directory, place: &Place, out: &mut Out) {
    let id = &directory.tenant;
    let derived = Extra::from_iter([("derived".to_owned(), json!(true))]);
    out.system(
        place,
        System {
            id: id.clone().into(),
            name: Some("Entra tenant".into()),
            kind: Some("tenant".into()),
            platform: Some("entra".into()),
            ..System::default()
        },
    );
    let administration = format!("{id}/administration");
    out.system(
        place,
        System {
            id: administration.clone().into(),
            name: Some("Administration of the Entra tenant".into()),
            kind: Some("administration".into()),
            platform: Some("entra".into()),
            criticality: Some(Criticality::CrownJewel),
            attributes: derived.clone(),
            ..System::default()
        },
    );
    let admin = format!("{id}:admin");
    out.identity(
        place,
        Identity {
            id: admin.clone().into(),
            name: Some("Administrator of the Entra tenant".into()),
            kind: Some(IdentityKind::Other),
            platform: Some("entra".into()),
            attributes: derived,
            ..Identity::default()
        },
    );
    for system in [id, &administration] {
        let says = Says::sure("whoever administers a tenant may do everything in it");
        out.grant(place, &admin, system, vec!["*@*".to_owned()], says);
    }
}

/// What a directory role is called, or its number.
fn role_name(number: &str) -> &str {
    let known = DIRECTORY_ROLES.iter().find(|(known, _)| *known == number);
    known.map_or(number, |(_, name)| name)
}

/// The identity of an application.
fn app_identity(app: &str, place: &Place, made: &mut Made, out: &mut Out) -> String {
    let id = format!("entra:{app}");
    let one = identity(&id, IdentityKind::App);
    made.apps.add(&one.id, place);
    out.identity(place, one);
    id
}

fn identity(id: &str, kind: IdentityKind) -> Identity {
    Identity {
        id: id.to_owned().into(),
        kind: Some(kind),
        platform: Some("entra".into()),
        ..Identity::default()
    }
}

/// The identity of a principal named by its object's id.
pub fn principal(directory: &Directory, object: &str, kind: Option<&str>, place: &Place, out: &mut Out) -> String {
    if let Some(app) = directory.app_of(object) {
        return format!("entra:{app}");
    }
    let kind = match kind {
        Some("User") => IdentityKind::Human,
        Some("Group") => IdentityKind::Group,
        Some("ServicePrincipal") => IdentityKind::App,
        _ => IdentityKind::Other,
    };
    let id = format!("entra:{object}");
    out.identity(place, identity(&id, kind));
    id
}

fn one(directory: &Directory, (fact, value): (&Fact, &Value), place: &Place, made: &mut Made, out: &mut Out) {
    match fact.kind {
        "AZApp" | "AZServicePrincipal" => application(directory, fact.kind, value, place, made, out),
        "AZFederatedIdentityCredential" => {
            for one in list(value, "fics") {
                let app = id(one, "appId").or_else(|| id(value, "appId"));
                if let (Some(app), Some(rule)) = (app, one.get("fic")) {
                    let app = app_identity(&app, place, made, out);
                    federation(rule, &app, place, out);
                }
            }
        }
        "FederatedIdentityCredential" => match id(value, "appId") {
            Some(app) => {
                let app = app_identity(&app, place, made, out);
                federation(value, &app, place, out);
            }
            None => {
                let message = "The list does not say whose federated credentials these are; export the applications \
                               with $expand=federatedIdentityCredentials";
                out.warn_once(&Place::new(place.file, ""), "unplaced", message.to_owned());
            }
        },
        "AZAppOwner" | "AZServicePrincipalOwner" => {
            let app =
                id(value, "appId").or_else(|| id(value, "servicePrincipalId").and_then(|sp| directory.app_of(&sp)));
            let Some(app) = app else { return };
            let app = app_identity(&app, place, made, out);
            for one in list(value, "owners") {
                let Some(owner) = one.get("owner").and_then(|o| id(o, "id")) else {
                    continue;
                };
                let from = principal(directory, &owner, None, place, out);
                let says = Says::sure("an owner may add a secret to the application").unintended();
                out.becomes(place, Some(&from), &app, &[], InheritHow::Escalation, says);
            }
        }
        "AZAppRoleAssignment" => {
            let (Some(who), Some(resource), Some(role)) = (
                id(value, "principalId"),
                id(value, "resourceId"),
                id(value, "appRoleId"),
            ) else {
                return;
            };
            let holder = principal(directory, &who, text(value, "principalType").as_deref(), place, out);
            let named = text(value, "resourceDisplayName").is_some_and(|n| n.eq_ignore_ascii_case("Microsoft Graph"));
            let mut app = directory.app_of(&resource).unwrap_or(resource);
            let known = GRAPH_ROLES.iter().find(|(number, _)| *number == role);
            if named || (known.is_some() && directory.role_of(&app, &role).is_none()) {
                app = GRAPH.to_owned();
            }
            let name = directory.role_of(&app, &role).map(str::to_owned);
            let name = name
                .or_else(|| known.map(|(_, name)| (*name).to_owned()))
                .unwrap_or_else(|| match role.as_str() {
                    "00000000-0000-0000-0000-000000000000" => "default".to_owned(),
                    other => other.to_owned(),
                });
            let says = Says {
                id: text(value, "id"),
                ..Says::sure("an application permission is assigned")
            };
            out.grant(place, &holder, &directory.tenant, vec![format!("{name}@{app}")], says);
        }
        "AZGroup" => {
            let Some(group) = id(value, "id") else { return };
            let mut one = identity(&format!("entra:{group}"), IdentityKind::Group);
            // Who may change groups may not change those that can have directory roles.
            if value.get("isAssignableToRole").and_then(Value::as_bool) != Some(true) {
                made.groups.add(&one.id, place);
            }
            one.name = text(value, "displayName").map(Into::into);
            out.identity_part(place, one);
        }
        "AZGroupMember" | "AZGroupOwner" => {
            let (lists, key) = match fact.kind {
                "AZGroupMember" => ("members", "member"),
                _ => ("owners", "owner"),
            };
            let Some(group) = id(value, "groupId") else { return };
            let group = principal(directory, &group, Some("Group"), place, out);
            for one in list(value, lists) {
                let Some(who) = one.get(key).and_then(|o| id(o, "id")) else {
                    continue;
                };
                let from = principal(directory, &who, None, place, out);
                if key == "member" {
                    let says = Says::sure("a member of the group");
                    out.becomes(place, Some(&from), &group, &[], InheritHow::Membership, says);
                } else {
                    let says = Says::sure("an owner may add members to the group").unintended();
                    out.becomes(place, Some(&from), &group, &[], InheritHow::Escalation, says);
                }
            }
        }
        "AZRoleEligibilityScheduleInstance" => {
            let (Some(who), Some(role)) = (id(value, "principalId"), id(value, "roleDefinitionId")) else {
                return;
            };
            let holder = principal(directory, &who, None, place, out);
            let over = text(value, "directoryScopeId").unwrap_or_else(|| "/".to_owned());
            let says = Says::sure("may take the directory role on").assumed(true);
            let scope = format!("role:{}@{over}", role_name(&role));
            out.grant(place, &holder, &directory.tenant, vec![scope], says);
        }
        "AZOAuth2PermissionGrant" | "OAuth2PermissionGrant" => {
            let (Some(client), Some(resource)) = (id(value, "clientId"), id(value, "resourceId")) else {
                return;
            };
            let holder = principal(directory, &client, Some("ServicePrincipal"), place, out);
            let app = directory.app_of(&resource).unwrap_or(resource);
            let scope = text(value, "scope").unwrap_or_default();
            let scopes = scope
                .split_whitespace()
                .map(|s| format!("delegated:{s}@{app}"))
                .collect();
            let says = Says {
                id: text(value, "id"),
                ..Says::sure("a delegated permission is granted; it holds for users who sign in to the application")
            };
            out.grant(place, &holder, &directory.tenant, scopes, says);
        }
        "AZRoleAssignment" => {
            for one in list(value, "roleAssignments") {
                let role = id(one, "roleDefinitionId").or_else(|| id(value, "roleDefinitionId"));
                let (Some(who), Some(role)) = (id(one, "principalId"), role) else {
                    continue;
                };
                let holder = principal(directory, &who, None, place, out);
                let name = role_name(&role);
                let over = text(one, "directoryScopeId").unwrap_or_else(|| "/".to_owned());
                let says = Says::sure("a directory role is assigned");
                out.grant(
                    place,
                    &holder,
                    &directory.tenant,
                    vec![format!("role:{name}@{over}")],
                    says,
                );
            }
        }
        _ => {}
    }
}

fn application(directory: &Directory, kind: &str, value: &Value, place: &Place, made: &mut Made, out: &mut Out) {
    let Some(app) = id(value, "appId") else { return };
    let full = format!("entra:{app}");
    let principal = kind == "AZServicePrincipal";
    let mut one = identity(&full, IdentityKind::App);
    made.apps.add(&one.id, place);
    let object = if principal { "service_principal_id" } else { "object_id" };
    if let Some(number) = id(value, "id") {
        one.attributes.insert(object.to_owned(), json!(number));
    }
    if principal {
        one.status =
            (value.get("accountEnabled").and_then(Value::as_bool) == Some(false)).then_some(IdentityStatus::Disabled);
        // The registration is somebody else's: it stands in another tenant.
        let home = id(value, "appOwnerOrganizationId");
        let tenant = id(value, "tenantId").map(|tenant| format!("entra:{tenant}"));
        let tenant = tenant.unwrap_or_else(|| directory.tenant.clone());
        if let Some(home) = home.filter(|_| tenant != UNKNOWN_TENANT) {
            one.third_party = (format!("entra:{home}") != tenant).then_some(true);
        }
        if let Some(kind) = text(value, "servicePrincipalType") {
            one.attributes.insert("service_principal_type".to_owned(), json!(kind));
        }
    } else {
        one.name = text(value, "displayName").map(Into::into);
    }
    out.identity_part(place, one);
    for (key, kind) in [
        ("passwordCredentials", CredentialKind::Password),
        ("keyCredentials", CredentialKind::Certificate),
    ] {
        for entry in list(value, key) {
            let Some(number) = id(entry, "keyId") else { continue };
            let time = |key: &str| text(entry, key).as_deref().and_then(parse_time);
            out.credential(
                place,
                Credential {
                    id: format!("entra:{number}").into(),
                    name: text(entry, "displayName").map(Into::into),
                    kind: Some(kind),
                    identity: Some(full.clone().into()),
                    // The tenant looks at each use of it.
                    self_contained: Some(false),
                    issued_at: time("startDateTime"),
                    expires_at: time("endDateTime"),
                    public_id: Some(number.into()),
                    fingerprint: text(entry, "customKeyIdentifier")
                        .filter(|_| kind == CredentialKind::Certificate)
                        .map(Into::into),
                    ..Credential::default()
                },
            );
        }
    }
    for rule in list(value, "federatedIdentityCredentials") {
        federation(rule, &full, place, out);
    }
}

/// Who may become an application with a token of another issuer.
fn federation(rule: &Value, app: &str, place: &Place, out: &mut Out) {
    let Some(issuer) = text(rule, "issuer") else { return };
    let issuer = format!("oidc:{}", issuer.trim_end_matches('/'));
    let (subject, pattern, sure) = match text(rule, "subject") {
        Some(subject) => (subject, false, true),
        None => match rule
            .pointer("/claimsMatchingExpression/value")
            .and_then(Value::as_str)
            .and_then(expression)
        {
            Some((subject, sure)) => (subject, true, sure),
            None => {
                let message = "What a federated credential accepts is not understood; any subject is assumed";
                out.warn(place, "bad-expression", message.to_owned());
                ("*".to_owned(), true, false)
            }
        },
    };
    let host = issuer.trim_start_matches("oidc:https://");
    let known = host.starts_with("token.actions.githubusercontent.com");
    out.system(
        place,
        System {
            id: issuer.clone().into(),
            name: Some(host.to_owned().into()),
            kind: Some("identity-provider".into()),
            platform: Some("oidc".into()),
            criticality: Some(Criticality::CrownJewel),
            third_party: known.then_some(true),
            ..System::default()
        },
    );
    let id = format!("{issuer}{}{subject}", if pattern { '~' } else { '#' });
    let mut one = identity(
        &id,
        if known {
            IdentityKind::Pipeline
        } else {
            IdentityKind::Other
        },
    );
    one.platform = Some("oidc".into());
    one.name = Some(subject.clone().into());
    if !pattern && glob::is_pattern(&subject) {
        one.status = Some(IdentityStatus::Disabled);
        let finding = "a wildcard in an exact subject is meant literally, so nobody is accepted";
        one.attributes.insert("finding".to_owned(), json!(finding));
    }
    out.identity(place, one);
    let audiences = list(rule, "audiences")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let name = text(rule, "name").unwrap_or_default();
    let says = Says {
        id: text(rule, "id"),
        ..Says::sure(format!("federated credential {name}")).assumed(!sure)
    };
    out.federates(place, &id, app, audiences, says);
}

/// The pattern of the subject in an expression, and whether it is all of it.
fn expression(text: &str) -> Option<(String, bool)> {
    let (_, rest) = text.split_once("claims['sub']")?;
    let rest = rest.trim_start();
    let rest = rest
        .strip_prefix("matches")
        .or_else(|| rest.strip_prefix("eq"))?
        .trim_start();
    let (pattern, rest) = rest.strip_prefix('\'')?.split_once('\'')?;
    let whole = rest.trim().is_empty() && text.trim_start().starts_with("claims['sub']");
    Some((pattern.to_owned(), whole))
}
