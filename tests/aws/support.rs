//! Exports made up for a case, and what came of them in few words.

pub use crate::loading::reach;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trustmap::graph::Regime;
use trustmap::import::Loaded;
use trustmap::model::{Grant, Inherit, InheritHow};

/// The account of every made-up export.
pub const ACCOUNT: &str = "aws:111122223333";

/// The ARN of something in the account.
pub fn arn(resource: &str) -> String {
    format!("arn:aws:iam::111122223333:{resource}")
}

/// The id of something in the account.
pub fn id(resource: &str) -> String {
    format!("aws:{}", arn(resource))
}

/// A document of the 2012 language.
pub fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A user with inline policies; `more` are further members.
pub fn user(name: &str, statements: Value, more: Value) -> Value {
    let list = match statements.as_array().is_some_and(Vec::is_empty) {
        true => json!([]),
        false => json!([{"PolicyName": "own", "PolicyDocument": document(statements)}]),
    };
    with(
        json!({"UserName": name, "UserId": format!("AIDA{}", name.to_uppercase()), "Arn": arn(&format!("user/{name}")),
               "Path": "/", "CreateDate": "2025-01-01T00:00:00Z", "UserPolicyList": list, "Tags": []}),
        more,
    )
}

/// A role with a trust policy and inline policies.
pub fn role(name: &str, trust: Value, statements: Value, more: Value) -> Value {
    let list = match statements.as_array().is_some_and(Vec::is_empty) {
        true => json!([]),
        false => json!([{"PolicyName": "own", "PolicyDocument": document(statements)}]),
    };
    with(
        json!({"RoleName": name, "RoleId": format!("AROA{}", name.to_uppercase()), "Arn": arn(&format!("role/{name}")),
               "Path": "/", "CreateDate": "2025-01-01T00:00:00Z", "AssumeRolePolicyDocument": document(trust),
               "RolePolicyList": list, "Tags": []}),
        more,
    )
}

/// A group with inline policies.
pub fn group(name: &str, statements: Value) -> Value {
    json!({"GroupName": name, "GroupId": format!("AGPA{}", name.to_uppercase()), "Arn": arn(&format!("group/{name}")),
           "Path": "/", "CreateDate": "2025-01-01T00:00:00Z",
           "GroupPolicyList": [{"PolicyName": "own", "PolicyDocument": document(statements)}]})
}

/// A customer's policy with these statements as its default version.
pub fn policy(name: &str, statements: Value) -> Value {
    json!({"PolicyName": name, "Arn": arn(&format!("policy/{name}")), "DefaultVersionId": "v1",
           "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document(statements)}]})
}

/// An export.
pub fn export(users: Vec<Value>, groups: Vec<Value>, roles: Vec<Value>, policies: Vec<Value>) -> String {
    json!({"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies})
        .to_string()
}

/// An object with further members.
pub fn with(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

/// A grant in one line: `assumed a, b within c less d`.
fn line(grant: &Grant) -> String {
    let mut out = String::new();
    if grant.common.assumed == Some(true) {
        out.push_str("assumed ");
    }
    out.push_str(&grant.scopes.join(", "));
    if let Some(within) = &grant.within {
        out.push_str(&format!(" within {}", within.join(", ")));
    }
    if !grant.except.is_empty() {
        out.push_str(&format!(" less {}", grant.except.join(", ")));
    }
    out
}

/// The grants of somebody, each in one line.
pub fn grants(loaded: &Loaded, holder: &str) -> Vec<String> {
    let mut lines: Vec<String> = loaded
        .inventory
        .records
        .grants
        .iter()
        .filter(|g| g.holder == holder)
        .map(line)
        .collect();
    lines.sort();
    lines
}

/// An inherit in one line: `assumed from needs scope @ system for audience (how)`.
pub fn inherit_line(inherit: &Inherit) -> String {
    let mut out = String::new();
    if inherit.common.assumed == Some(true) {
        out.push_str("assumed ");
    }
    out.push_str(inherit.from.as_deref().unwrap_or("*"));
    for needed in &inherit.requires_all {
        out.push_str(&format!(" needs {} at {}", needed.scope, needed.system));
    }
    if let Some(audiences) = &inherit.audiences {
        out.push_str(&format!(" for {}", audiences.join(", ")));
    }
    out.replace("arn:aws:iam::111122223333:", "")
}

/// Who may become somebody, privilege escalation aside, each in one line, ARNs of the account cut short.
pub fn becoming(loaded: &Loaded, to: &str) -> Vec<String> {
    lines(loaded, to, |inherit| !is_catalogued(inherit))
}

/// Who may become somebody by privilege escalation, each in one line.
pub fn escalations(loaded: &Loaded, to: &str) -> Vec<String> {
    lines(loaded, to, is_catalogued)
}

/// Whether it comes from the catalogues; the administrator probe does not.
fn is_catalogued(inherit: &Inherit) -> bool {
    inherit.how == Some(InheritHow::Escalation) && inherit.common.intended == Some(false)
}

fn lines(loaded: &Loaded, to: &str, wanted: impl Fn(&Inherit) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = loaded
        .inventory
        .records
        .inherits
        .iter()
        .filter(|i| i.to == to && wanted(i))
        .map(inherit_line)
        .collect();
    lines.sort();
    lines
}

/// The attributes of an identity.
pub fn attributes(loaded: &Loaded, id: &str) -> Value {
    let identity = loaded.inventory.records.identities.iter().find(|i| i.id == id);
    identity.map_or(Value::Null, |i| Value::Object(i.attributes.clone().into()))
}

/// Ids of the systems and identities reached.
pub fn reached(loaded: &Loaded, seed: &str, regime: Regime) -> BTreeSet<String> {
    let radius = reach(loaded, seed, regime);
    let systems = radius.systems.iter().map(|s| s.reach.id.clone());
    systems.chain(radius.identities.iter().map(|i| i.id.clone())).collect()
}

/// Whether, from a seed, an act at the account is allowed: by some access whose scopes take it in and whose exceptions
/// do not.
pub fn may(loaded: &Loaded, seed: &str, regime: Regime, act: &str) -> bool {
    use trustmap::model::scope::covers;
    let radius = reach(loaded, seed, regime);
    radius
        .systems
        .iter()
        .filter(|s| s.reach.id == ACCOUNT)
        .flat_map(|s| &s.access)
        .any(|a| a.scope.split(" & ").all(|p| covers(p, act)) && !a.except.iter().any(|e| covers(e, act)))
}
