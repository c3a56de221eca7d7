//! What an export's principals are in the inventory: identities, grants, and what belongs to their account as a whole.

use super::arn;
use super::authorization::{Raw, keys, tags};
use super::builder::{self, LISTED, POLICIES, TRUSTED};
use super::effect::Draft;
use super::lenient::parse_time;
use super::world::{Kind, World};
use crate::model::{Extra, Grant, Identity, IdentityKind, Inherit, InheritHow, Place, RelationCommon, Time, scope};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The identity a user, group or role is.
pub fn identity(world: &mut World, at: usize, raw: &Raw) {
    let only_named = world.only_named;
    let one = &world.principals[at];
    let (value, pointer) = (raw.value, raw.pointer.as_str());
    let log = &mut world.builder.log;
    let tags = tags(log, value, pointer).unwrap_or_default();
    let tag = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            tags.iter()
                .find(|(k, v)| k.eq_ignore_ascii_case(key) && !v.is_empty())
                .map(|(_, v)| v.clone())
        })
    };
    let mut attributes = Extra::new();
    let mut put = |key: &str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        // That somebody has no policies says something, unless the export tells nobody's.
        let told = if key == POLICIES { !only_named } else { !empty };
        if told {
            attributes.insert(key.to_owned(), value);
        }
    };
    put("arn", json!(one.arn));
    put("unique_id", json!(value.get(keys(raw.kind).2).and_then(Value::as_str)));
    put("created_at", json!(log.time(value, "CreateDate", pointer)));
    let attached = value.get("AttachedManagedPolicies").and_then(Value::as_array);
    let inline = ["UserPolicyList", "GroupPolicyList", "RolePolicyList"]
        .iter()
        .find_map(|l| value.get(l).and_then(Value::as_array));
    let names = |list: Option<&Vec<Value>>, key: &str, before: &str| -> Vec<String> {
        list.into_iter()
            .flatten()
            .filter_map(|p| p.get(key)?.as_str().map(|n| format!("{before}{n}")))
            .collect()
    };
    let mut policies = names(attached, "PolicyArn", "");
    policies.extend(names(inline, "PolicyName", "inline "));
    policies.sort();
    put(POLICIES, json!(policies));
    let boundary = value
        .get("PermissionsBoundary")
        .and_then(|b| b.get("PermissionsBoundaryArn"));
    put("permissions_boundary", json!(boundary.and_then(Value::as_str)));
    let groups: Vec<&str> = value
        .get("GroupList")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    put("groups", json!(groups));
    put("services", json!(one.services));
    let profiles = names(value.get("InstanceProfileList").and_then(Value::as_array), "Arn", "");
    put("instance_profiles", json!(profiles));
    put(
        "session_max_secs",
        json!(value.get("MaxSessionDuration").and_then(Value::as_u64)),
    );
    let used = value.get("RoleLastUsed").and_then(|u| u.get("LastUsedDate"));
    put("last_used_at", json!(used.and_then(Value::as_str).and_then(parse_time)));
    put("unmet_statements", json!(one.permissions.unmet));
    let mut labels: Vec<String> = tags
        .iter()
        .map(|(k, v)| if v.is_empty() { k.clone() } else { format!("{k}={v}") })
        .collect();
    if tags.iter().any(|(k, _)| k.eq_ignore_ascii_case("break-glass")) {
        labels.push("break-glass".to_owned());
    }
    labels.sort();
    labels.dedup();
    let identity = Identity {
        id: one.id.clone().into(),
        name: Some(one.name.clone().into()),
        kind: match raw.kind {
            Kind::Role => Some(IdentityKind::Role),
            Kind::Group => Some(IdentityKind::Group),
            _ => None,
        },
        platform: Some("aws".into()),
        environment: tag(&["env", "environment"]).map(Into::into),
        owner: tag(&["owner", "team"]).map(Into::into),
        tags: labels.into(),
        attributes,
        places: vec![log.input.at(pointer)].into(),
        ..Identity::default()
    };
    world.builder.identity(identity);
}

/// Grants, and what belongs to an account as a whole.
pub fn permissions(world: &mut World) {
    // Whoever could add somebody to a group makes the group worth having; else its members have it all.
    let mut groups_open: BTreeSet<String> = BTreeSet::new();
    for one in world.principals.iter().filter(|p| p.kind != Kind::Group) {
        one.permissions.resources_for("iam:AddUserToGroup", &mut groups_open);
    }
    let mut spared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut members: Vec<(String, String)> = Vec::new();
    for at in 0..world.principals.len() {
        let one = &world.principals[at];
        if one.kind == Kind::Group && !groups_open.iter().any(|r| scope::overlaps(r, &one.arn)) {
            continue;
        }
        let drafts = match one.limits_of {
            Some(role) => one
                .permissions
                .limited_by(&world.principals[role].permissions)
                .drafts(true),
            None => one.permissions.drafts(one.kind != Kind::User),
        };
        for draft in &drafts {
            let everything = draft.scopes.iter().any(|s| s == "*@*")
                && draft.within.as_ref().is_none_or(|w| w.iter().any(|p| p == "*@*"));
            if everything {
                let spared = spared.entry(one.account.clone()).or_default();
                // Not some of what is excepted must be allowed, but whatever it may be.
                spared.extend(draft.except.iter().map(|e| e.replace('*', "~any")));
            }
        }
        if let (Kind::Session, Some(role)) = (one.kind, one.limits_of) {
            members.push((world.principals[role].id.clone(), one.id.clone()));
        }
        let place = world.builder.log.input.at(&one.pointer);
        let (id, system, used) = (one.id.clone(), one.system.clone(), one.last_use_bound);
        for draft in drafts {
            world.builder.grant(grant(draft, &id, &system, used, &place));
        }
    }
    sessions(world, members);
    let whole = world.builder.log.input.whole();
    for account in world.accounts.clone() {
        let mut system = builder::account_system(&account, whole.clone());
        if world.only_named {
            world.builder.system(system);
            continue;
        }
        system.attributes.insert(LISTED.to_owned(), json!("listed"));
        world.builder.system(system);
        let spared = spared.remove(&account).unwrap_or_default();
        let records = builder::administration(&account, &spared, &whole);
        world.builder.append(records);
    }
    anyone(world);
}

/// A role hands out its sessions, and a session is the role.
fn sessions(world: &mut World, members: Vec<(String, String)>) {
    for (role, session) in members {
        for (from, to, how, assumed, evidence) in [
            (
                &role,
                &session,
                InheritHow::AssumeRole,
                true,
                "the caller chooses the session's name",
            ),
            (
                &session,
                &role,
                InheritHow::Membership,
                false,
                "a session acts with its role's permissions",
            ),
        ] {
            world.builder.becoming(builder::Becoming {
                from: Some(from.clone()),
                to: to.clone(),
                requires_all: Vec::new(),
                audiences: None,
                how,
                assumed,
                evidence: evidence.to_owned(),
                pointer: String::new(),
                last_used_at: None,
            });
        }
    }
}

/// Everybody with an account is anyone, where some file trusts anyone.
fn anyone(world: &mut World) {
    for at in 0..world.principals.len() {
        let one = &world.principals[at];
        if !matches!(one.kind, Kind::User | Kind::Role) {
            continue;
        }
        let becoming = builder::Becoming {
            from: Some(one.id.clone()),
            to: arn::ANYONE.to_owned(),
            requires_all: Vec::new(),
            audiences: None,
            how: InheritHow::Membership,
            assumed: false,
            evidence: IS_ANYONE.to_owned(),
            pointer: one.pointer.clone(),
            last_used_at: None,
        };
        world.builder.when(arn::ANYONE, TRUSTED, true, None, becoming);
    }
}

const IS_ANYONE: &str = "whoever has an AWS identity is anyone with an AWS account";

/// An identity is one of [`arn::ANYONE`].
pub fn is_anyone(id: &str, place: Place) -> Inherit {
    Inherit {
        common: RelationCommon {
            evidence: Some(IS_ANYONE.to_owned().into()),
            places: vec![place].into(),
            ..RelationCommon::default()
        },
        from: Some(id.to_owned().into()),
        to: arn::ANYONE.to_owned().into(),
        how: Some(InheritHow::Membership),
        ..Inherit::default()
    }
}

fn grant(draft: Draft, holder: &str, system: &str, used: Option<Time>, place: &Place) -> Grant {
    Grant {
        common: RelationCommon {
            assumed: draft.assumed.then_some(true),
            last_used_at: used,
            evidence: builder::joined(draft.evidence).map(Into::into),
            places: vec![place.clone()].into(),
            ..RelationCommon::default()
        },
        holder: holder.to_owned().into(),
        system: system.to_owned().into(),
        scopes: draft.scopes.into(),
        within: draft.within.map(Into::into),
        except: draft.except.into(),
        used_scopes: None,
    }
}
