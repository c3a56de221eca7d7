//! What several answers of AWS say together.

use super::keys::{Key, Keys};
use super::lambda::{INVOKE, INVOKE_URL};
use super::resource::{Admissions, Named, Who};
use super::{FAMILY, eks};
use crate::import::aws::arn::{self, Arn};
use crate::import::aws::builder::{TRUSTED, account_system, gone};
use crate::import::{Family, Progress};
use crate::model::{
    Credential, CredentialKind, CredentialStatus, Diagnostic, FileId, Fragment, Grant, Identity, Inherit, InheritHow,
    List, Piece, Place, Records, RelationCommon, Requirement, Text,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an account's authorization details say of its principals that other files need.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Accounts whose principals are all known.
    pub accounts: BTreeSet<String>,
    /// Users and roles by id; what is alike of many is kept once.
    pub principals: BTreeMap<Text, Arc<Limit>>,
}

/// What is denied one principal, and which services may become it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Limit {
    /// Patterns.
    pub denied: List,
    /// Patterns whose conditions are not decided.
    pub perhaps_denied: List,
    /// Services a role trusts.
    pub services: List,
}

/// Access keys a credential report knows by their slot, as they are if nobody knows their ids.
pub struct Slots(pub Vec<Credential>);

/// The family of AWS.
pub struct Together;

/// What was gathered from all files.
#[derive(Default)]
struct Known<'p> {
    limits: Limits,
    slots: Vec<(FileId, &'p Credential)>,
    keys: Vec<(FileId, &'p Key)>,
    named: Vec<(FileId, &'p Named)>,
    pods: Vec<(FileId, &'p eks::PodIdentity)>,
}

impl Family for Together {
    fn name(&self) -> &'static str {
        FAMILY
    }

    fn assemble(&self, pieces: Vec<(FileId, Piece)>, _: &dyn Progress) -> Vec<(FileId, Fragment)> {
        let mut known = Known::default();
        if pieces.iter().all(|(_, piece)| piece.of::<Limits>().is_some()) {
            // Nobody asks for what they tell.
            return Vec::new();
        }
        for (file, piece) in &pieces {
            if let Some(limits) = piece.of::<Limits>() {
                known.limits.accounts.extend(limits.accounts.iter().cloned());
                for (id, limit) in &limits.principals {
                    // Two exports of one account: what either denies is denied.
                    let all = known.limits.principals.entry(id.clone()).or_default();
                    let all = Arc::make_mut(all);
                    all.denied.extend(limit.denied.iter().cloned());
                    all.perhaps_denied.extend(limit.perhaps_denied.iter().cloned());
                    limit.services.iter().for_each(|service| all.services.add(service));
                }
            } else if let Some(Slots(slots)) = piece.of() {
                known.slots.extend(slots.iter().map(|s| (*file, s)));
            } else if let Some(Keys(keys)) = piece.of() {
                known.keys.extend(keys.iter().map(|k| (*file, k)));
            } else if let Some(Admissions(named)) = piece.of() {
                known.named.extend(named.iter().map(|n| (*file, n)));
            } else if let Some(eks::PodIdentities(pods)) = piece.of() {
                known.pods.extend(pods.iter().map(|p| (*file, p)));
            }
        }
        let mut out: BTreeMap<FileId, Fragment> = BTreeMap::new();
        keys(&known, &mut out);
        for (file, named) in &known.named {
            admit(&known.limits, named, *file, out.entry(*file).or_default());
        }
        for (file, pod) in &known.pods {
            pod_identity(&known.limits, pod, *file, out.entry(*file).or_default());
        }
        out.into_iter().collect()
    }
}

/// The place in the file it was read from, whose number is known only now.
fn at(place: &Place, file: FileId) -> Place {
    let mut place = place.clone();
    place.file = file;
    place
}

/// Keys by id, by slot, and both: made within a minute of each other, they are one.
fn keys(known: &Known, out: &mut BTreeMap<FileId, Fragment>) {
    let user_of = |identity: &str| -> Option<String> {
        let arn = Arn::parse(identity.strip_prefix("aws:")?)?;
        arn.resource
            .strip_prefix("user/")
            .map(|path| arn::last_step(path).to_owned())
    };
    // Users by name; a list of keys does not say which account it is of.
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let of_limits = known.limits.principals.keys().map(ToString::to_string);
    let of_slots = known
        .slots
        .iter()
        .filter_map(|(_, s)| s.identity.clone().map(Into::into));
    for id in of_limits.chain(of_slots) {
        if let Some(name) = user_of(&id) {
            users.entry(name).or_default().insert(id);
        }
    }
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for (file, key) in &known.keys {
        let fragment = out.entry(*file).or_default();
        let place = at(&key.place, *file);
        let owners = users.get(&key.user);
        let owner = owners.filter(|o| o.len() == 1).and_then(|o| o.first());
        let slot = known.slots.iter().enumerate().find(|(i, (_, slot))| {
            let same = slot.identity.as_deref().and_then(user_of).as_deref() == Some(&key.user);
            let near = match (slot.rotated_at, key.made_at) {
                (Some(a), Some(b)) => (a.unix_secs() - b.unix_secs()).abs() <= 60,
                _ => false,
            };
            same && near && !taken.contains(i)
        });
        let mut credential = match slot {
            Some((i, (_, slot))) => {
                taken.insert(i);
                let mut one = (*slot).clone();
                one.attributes.insert("slot".to_owned(), json!(*slot.id));
                one
            }
            None => Credential {
                kind: Some(CredentialKind::AccessKey),
                identity: owner.cloned().map(Into::into),
                rotated_at: key.made_at,
                ..Credential::default()
            },
        };
        credential.id = arn::id(&key.id).into();
        credential.public_id = Some(key.id.clone().into());
        credential.name = Some(format!("access key {} of {}", key.id, key.user).into());
        if let Some(active) = key.active {
            let status = if active {
                CredentialStatus::Active
            } else {
                CredentialStatus::Disabled
            };
            credential.status = Some(status);
        }
        if credential.identity.is_none() {
            credential.attributes.insert("user".to_owned(), json!(key.user));
            let why = match owners {
                Some(several) => format!("{} accounts have a user of that name", several.len()),
                None => "no file describes that user; load the account's authorization details".to_owned(),
            };
            let message = format!("Whose key {} is was left open: {why}", key.id);
            fragment
                .diagnostics
                .push(Diagnostic::warning("unknown-owner", place.clone(), message));
        }
        credential.places = vec![place].into();
        fragment.records.credentials.push(credential);
    }
    for (i, (file, slot)) in known.slots.iter().enumerate() {
        if !taken.contains(&i) {
            let mut credential = (*slot).clone();
            credential.places = credential.places.iter().map(|p| at(p, *file)).collect();
            out.entry(*file).or_default().records.credentials.push(credential);
        }
    }
}

/// Somebody a resource's policy names.
fn admit(limits: &Limits, named: &Named, file: FileId, fragment: &mut Fragment) {
    let Some(home) = Arn::parse(&named.resource).and_then(|a| a.account_number()) else {
        return;
    };
    let place = at(&named.place, file);
    let function = [INVOKE, INVOKE_URL].contains(&named.act);
    let scope = format!("{}@{}", named.act, named.resource);
    // A function's callers have it; a secret's readers read it from the account's store.
    let target = if function {
        arn::id(&named.resource)
    } else {
        arn::id(home)
    };
    let common = |assumed: bool| RelationCommon {
        assumed: assumed.then_some(true),
        evidence: Some(named.evidence.clone().into()),
        places: place.clone().into(),
        ..RelationCommon::default()
    };
    let somebody = |id: String, name: String, third_party: Option<bool>| Identity {
        id: id.into(),
        name: Some(name.into()),
        platform: Some("aws".into()),
        third_party,
        places: place.clone().into(),
        ..Identity::default()
    };
    fragment.records.systems.push(account_system(home, place.clone()));
    let grant = |records: &mut Records, holder: String, assumed: bool, except: List| {
        records.grants.push(Grant {
            common: common(assumed),
            holder: holder.into(),
            system: target.clone().into(),
            scopes: vec![scope.clone()].into(),
            except,
            ..Grant::default()
        });
    };
    let (holder, account) = match &named.who {
        Who::Anyone => {
            let mut one = somebody(
                arn::ANYONE.to_owned(),
                "Anyone with an AWS account".to_owned(),
                Some(true),
            );
            one.attributes.insert(TRUSTED.to_owned(), json!(true));
            fragment.records.identities.push(one);
            grant(
                &mut fragment.records,
                arn::ANYONE.to_owned(),
                !named.certain,
                List::new(),
            );
            return;
        }
        Who::Gone(unique_id) => {
            let one = gone(
                unique_id,
                "a resource's policy still names it, though it no longer exists",
                &place,
            );
            grant(&mut fragment.records, one.id.to_string(), !named.certain, List::new());
            fragment.records.identities.push(one);
            return;
        }
        // Within the account its own permissions decide, which are there already.
        Who::Account(account) if account == home => return,
        Who::Account(account) => {
            let id = arn::anyone_of(account);
            let name = format!("Any principal of AWS account {account}");
            let loaded = limits.accounts.contains(account);
            fragment
                .records
                .identities
                .push(somebody(id.clone(), name, (!loaded).then_some(true)));
            (id, account.clone())
        }
        Who::Principal(text) => {
            let Some(account) = Arn::parse(text).and_then(|a| a.account_number()) else {
                return;
            };
            fragment
                .records
                .identities
                .push(somebody(arn::id(text), arn::last_step(text).to_owned(), None));
            if account == home {
                let Some(limit) = limits.principals.get(arn::id(text).as_str()) else {
                    // What it is denied is not known.
                    grant(&mut fragment.records, arn::id(text), true, List::new());
                    return;
                };
                let mut except = limit.denied.clone();
                except.extend(limit.perhaps_denied.iter().cloned());
                grant(&mut fragment.records, arn::id(text), !named.certain, except);
                if !limit.perhaps_denied.is_empty() && named.certain {
                    grant(&mut fragment.records, arn::id(text), true, limit.denied.clone());
                }
                return;
            }
            (arn::id(text), account.to_owned())
        }
    };
    // From another account both sides must agree: the caller's own permission is a requirement, where it is loaded.
    let loaded = limits.accounts.contains(&account);
    let through = format!("{}#from/{account}", arn::id(&named.resource));
    let name = format!(
        "Callers of {} from AWS account {account}",
        arn::last_step(&named.resource)
    );
    let mut caller = somebody(through.clone(), name, None);
    caller.attributes.insert("derived".to_owned(), json!(true));
    fragment.records.identities.push(caller);
    grant(&mut fragment.records, through.clone(), !named.certain, List::new());
    let requires_all = if loaded {
        vec![Requirement {
            system: arn::id(&account).into(),
            scope: scope.into(),
        }]
    } else {
        Vec::new()
    };
    let any = matches!(named.who, Who::Account(_)) && loaded;
    fragment.records.inherits.push(Inherit {
        common: common(!loaded || !named.certain),
        // Everybody of a loaded account who has the permission.
        from: (!any).then_some(holder.into()),
        to: through.into(),
        requires_all: requires_all.into(),
        audiences: None,
        how: Some(InheritHow::Impersonation),
    });
}

/// A service account that EKS gives a role; the role must trust EKS's service for it.
fn pod_identity(limits: &Limits, pod: &eks::PodIdentity, file: FileId, fragment: &mut Fragment) {
    const SERVICE: &str = "pods.eks.amazonaws.com";
    let place = at(&pod.place, file);
    let known = limits.principals.get(arn::id(&pod.role).as_str());
    if known.is_some_and(|l| !l.services.has(SERVICE)) {
        let message = format!(
            "The pod identity association gives {} a role that does not trust {SERVICE}; it gives nothing",
            pod.account
        );
        fragment
            .diagnostics
            .push(Diagnostic::warning("broken-association", place, message));
        return;
    }
    fragment.records.inherits.push(Inherit {
        common: RelationCommon {
            assumed: known.is_none().then_some(true),
            evidence: Some("EKS pod identity association".into()),
            places: vec![place].into(),
            ..RelationCommon::default()
        },
        from: Some(pod.account.clone().into()),
        to: arn::id(&pod.role).into(),
        how: Some(InheritHow::Federation),
        ..Inherit::default()
    });
}
