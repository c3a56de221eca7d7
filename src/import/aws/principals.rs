//! What an export's principals are in the inventory: identities, grants, and what belongs to their account as a whole.

use super::arn;
use super::builder::{self, LISTED, POLICIES};
use super::context::Context;
use super::effect::{Draft, Scopes};
use super::raw::Raw;
use super::world::{Kind, Principal, World};
use crate::import::secrets::is_secret;
use crate::import::share::Met;
use crate::model::{
    Extra, Grant, Identity, IdentityKind, Inherit, InheritHow, Members, Place, Rare, RelationCommon, Text, scope,
};
use lean_string::ToLeanStr;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The identities that users, groups and roles are.
pub fn identities(world: &mut World, described: &[Raw]) {
    world.builder.make_room(described.len());
    // A go at a time, so that the threads make those of the next in the room of the last.
    for go in described.chunks(AT_ONCE) {
        let of = |raw: &Raw| identity(world, raw);
        let identities: Vec<Identity> = go.par_iter().map(of).collect();
        for identity in identities {
            world.builder.identity(identity);
        }
    }
}

fn identity(world: &World, raw: &Raw) -> Identity {
    let one = &world.principals[raw.at];
    let tags = raw.tags.as_deref().unwrap_or_default();
    let tag = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            tags.iter()
                .find(|(k, v)| k.eq_ignore_ascii_case(key) && !v.is_empty())
                .map(|(_, v)| v.clone())
        })
    };
    let mut attributes = Extra::new();
    let mut put = |key: &'static str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        // That somebody has no policies says something, unless the export tells nobody's.
        let told = if key == POLICIES { !world.only_named } else { !empty };
        if told {
            attributes.insert(key, value);
        }
    };
    let texts = |texts: &[Text]| json!(texts.iter().map(Text::as_str).collect::<Vec<_>>());
    put("arn", json!(one.arn));
    put("unique_id", json!(raw.unique_id.as_deref()));
    put("created_at", json!(raw.created_at));
    let attached = raw.attached.iter().flatten().map(ToString::to_string);
    let inline = raw
        .inline
        .iter()
        .flat_map(|p| &p.name)
        .map(|name| format!("inline {name}"));
    let mut policies: Vec<String> = attached.chain(inline).collect();
    policies.sort();
    put(POLICIES, json!(policies));
    put(
        "permissions_boundary",
        json!(raw.boundary.iter().flatten().next().map(Text::as_str)),
    );
    put(
        "groups",
        json!(raw.groups.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>()),
    );
    put("services", json!(one.services));
    put("instance_profiles", texts(&raw.profiles));
    put("session_max_secs", json!(raw.session_max_secs));
    put("last_used_at", json!(raw.last_used.1));
    put("unmet_statements", json!(one.permissions().unmet));
    let mut labels: Vec<String> = tags
        .iter()
        .map(|(k, v)| {
            if v.is_empty() {
                k.to_string()
            } else {
                format!("{k}={v}")
            }
        })
        .collect();
    if tags.iter().any(|(k, _)| k.eq_ignore_ascii_case("break-glass")) {
        labels.push("break-glass".to_owned());
    }
    labels.sort();
    labels.dedup();
    Identity {
        id: one.id.clone(),
        name: Some(one.name.clone()),
        kind: match raw.kind {
            Kind::Role => Some(IdentityKind::Role),
            Kind::Group => Some(IdentityKind::Group),
            _ => None,
        },
        platform: Some("aws".into()),
        environment: tag(&["env", "environment"]),
        owner: tag(&["owner", "team"]),
        tags: labels.into(),
        attributes,
        places: raw.place.clone().into(),
        ..Identity::default()
    }
}

/// So many principals get their grants at once.
const AT_ONCE: usize = 4096;

/// Grants, and what belongs to an account as a whole. Whoever could add somebody to a group makes the group worth
/// having, which is then one of the `groups_open`; else its members have it all. What principals may do is let go, and
/// what is known of their requests.
pub fn permissions(world: &mut World, groups_open: &BTreeSet<String>) {
    let mut spared: BTreeMap<Text, BTreeSet<String>> = BTreeMap::new();
    let mut members: Vec<(Text, Text)> = Vec::new();
    let of = |principals: &[Principal], met: &mut Met, one: &Principal| -> Vec<(bool, bool, Grant)> {
        if one.kind == Kind::Group && !groups_open.iter().any(|r| scope::overlaps(r, &one.arn)) {
            return Vec::new();
        }
        let drafts = match one.limits_of {
            Some(role) => {
                let limited = one.permissions().limited_by(principals[role].permissions());
                limited.drafts(true)
            }
            None => one.permissions().drafts(one.kind != Kind::User),
        };
        let grants = drafts.into_iter().map(|draft| {
            let everything =
                draft.scopes.everything() && draft.within.as_ref().is_none_or(|w| w.iter().any(|p| p == "*@*"));
            let mut grant = grant(draft, one);
            // While it is at hand.
            let free = met.grant(&mut grant);
            (everything, free, grant)
        });
        grants.collect()
    };
    // Sessions stand behind the roles whose limits are theirs.
    let mut end = world.principals.len();
    while end > 0 {
        let begin = end.saturating_sub(AT_ONCE);
        if world.builder.log.input.cancelled() {
            // All of it is thrown away.
            return;
        }
        let principals = &world.principals;
        let some = &principals[begin..end];
        let nothing = Met::default();
        // As few parts as there are threads: what two of them say is kept twice.
        let parts = some.par_chunks(AT_ONCE.div_ceil(rayon::current_num_threads()));
        let grants: Vec<Vec<(bool, bool, Grant)>> = parts
            .flat_map_iter(|part| {
                let mut met = Met::guarding(&nothing);
                let of_part = part.iter().map(|one| of(principals, &mut met, one));
                of_part.collect::<Vec<_>>()
            })
            .collect();
        for (one, grants) in some.iter().zip(grants) {
            if let (Kind::Session, Some(role)) = (one.kind, one.limits_of) {
                members.push((principals[role].id.clone(), one.id.clone()));
            }
            for (everything, free, grant) in grants {
                if everything {
                    let spared = spared.entry(one.account.clone()).or_default();
                    // Not some of what is excepted must be allowed, but whatever it may be.
                    spared.extend(grant.except.iter().map(|e| e.replace('*', "~any")));
                }
                world.builder.grant(grant, free);
            }
        }
        for one in &mut world.principals[begin..end] {
            one.permissions = Rare::default();
            one.context = Context::default();
        }
        end = begin;
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
        let spared = spared.remove(account.as_str()).unwrap_or_default();
        let records = builder::administration(&account, &spared, &whole);
        world.builder.append(records);
    }
    anyone(world);
}

/// A role hands out its sessions, and a session is the role.
fn sessions(world: &mut World, members: Vec<(Text, Text)>) {
    let whole = world.builder.log.input.whole();
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
                from: Some(from.to_string()),
                to: to.to_string(),
                requires_all: Vec::new(),
                audiences: None,
                how,
                assumed,
                evidence: evidence.to_owned(),
                place: whole.clone(),
                last_used_at: None,
            });
        }
    }
}

/// Everybody with an account is anyone, where some file trusts anyone.
fn anyone(world: &mut World) {
    let everybody = world.principals.iter();
    let everybody = everybody.filter(|one| matches!(one.kind, Kind::User | Kind::Role));
    let all: Vec<(Text, Place)> = everybody.map(|one| (one.id.clone(), one.place.clone())).collect();
    world.builder.where_trusted(Members {
        group: arn::ANYONE.into(),
        evidence: IS_ANYONE.into(),
        all,
    });
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

fn grant(draft: Draft, one: &Principal) -> Grant {
    let (id, scopes) = match draft.scopes {
        Scopes::These(scopes) => (None, scopes.into()),
        Scopes::Bulk(bulk) => {
            // Beside another grant it would be called after a digest of all its scopes, which takes as long as they are
            // many; and this says more.
            let policy = draft.evidence.first().map(Text::as_str).unwrap_or_default();
            let mark = bulk.mark(draft.within.as_ref(), &draft.except, draft.assumed);
            let named = || format_args!("grant:{}->{} by {policy}, {mark}", one.id, one.system).to_lean_str();
            // A relation with a secret in its id is left out, and what it allows with it.
            let id = (!is_secret(policy)).then(named);
            (id, bulk.scopes().clone())
        }
    };
    Grant {
        common: RelationCommon {
            id,
            assumed: draft.assumed.then_some(true),
            last_used_at: one.last_use_bound,
            evidence: builder::joined(draft.evidence.into_iter().map(String::from)).map(Into::into),
            places: one.place.clone().into(),
            ..RelationCommon::default()
        },
        holder: one.id.clone(),
        system: one.system.clone(),
        scopes,
        within: draft.within,
        except: draft.except,
        used_scopes: None,
    }
}
