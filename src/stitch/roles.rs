//! AWS roles under other names: without their path, and as the sessions they become.

use super::{Confidence, Makes, Proposals, Said};
use crate::model::{Identity, InheritHow, Inventory};
use std::collections::BTreeMap;

/// A role's account and name. Within an account a name is unique, whatever its path.
fn role(id: &str) -> Option<(&str, &str, bool)> {
    let rest = id.strip_prefix("aws:arn:")?;
    let (_, rest) = rest.split_once(":iam::")?;
    let (account, rest) = rest.split_once(':')?;
    let path = rest.strip_prefix("role/")?;
    let name = path.rsplit('/').next()?;
    (!name.is_empty()).then_some((account, name, path != name))
}

fn by_account_and_name(inventory: &Inventory) -> BTreeMap<(&str, &str), Vec<(&Identity, bool)>> {
    let mut roles: BTreeMap<(&str, &str), Vec<(&Identity, bool)>> = BTreeMap::new();
    for identity in &inventory.records.identities {
        if let Some((account, name, has_path)) = role(&identity.id) {
            roles.entry((account, name)).or_default().push((identity, has_path));
        }
    }
    roles
}

/// Access entries and many tools write a role without its path; it is that role.
pub(super) fn paths(said: &Said, proposals: &mut Proposals) {
    for ((_, name), roles) in by_account_and_name(said.inventory) {
        let mut with_path = roles.iter().filter(|(_, has_path)| *has_path);
        let (Some((whole, _)), None) = (with_path.next(), with_path.next()) else {
            continue;
        };
        for (short, _) in roles.iter().filter(|(_, has_path)| !has_path) {
            for (from, to) in [(whole, short), (short, whole)] {
                if !said.surely(&from.id, &to.id) {
                    proposals.join(
                        &from.id,
                        &to.id,
                        Makes::Inherit(InheritHow::Membership),
                        Confidence::ExactId,
                        format!("one role {name}, named with and without its path"),
                        &[&from.places, &to.places],
                    );
                }
            }
        }
    }
}

/// `assumed-role/<role>/<session>` is what the role becomes; who assumes it chooses the session's name.
pub(super) fn sessions(said: &Said, proposals: &mut Proposals) {
    let roles = by_account_and_name(said.inventory);
    for session in &said.inventory.records.identities {
        let Some((_, rest)) = session.id.strip_prefix("aws:arn:").and_then(|r| r.split_once(":sts::")) else {
            continue;
        };
        let Some((account, rest)) = rest.split_once(':') else {
            continue;
        };
        let Some((name, _)) = rest.strip_prefix("assumed-role/").and_then(|r| r.split_once('/')) else {
            continue;
        };
        for (role, _) in roles.get(&(account, name)).into_iter().flatten() {
            // A file that says so, if only as possible, says it better.
            if said.inherit(&role.id, &session.id).is_some() {
                continue;
            }
            proposals.join(
                &role.id,
                &session.id,
                Makes::Inherit(InheritHow::AssumeRole),
                Confidence::OneSided,
                format!("a session of {name}; whoever assumes the role may choose its name"),
                &[&role.places, &session.places],
            );
        }
    }
}
