//! AWS roles under other names: without their path, and as the sessions they become.

use super::{Confidence, Makes, Proposals, inherits};
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
pub(super) fn paths(inventory: &Inventory, proposals: &mut Proposals) {
    let stated = inherits(inventory);
    for ((_, name), roles) in by_account_and_name(inventory) {
        let mut with_path = roles.iter().filter(|(_, has_path)| *has_path);
        let (Some((whole, _)), None) = (with_path.next(), with_path.next()) else {
            continue;
        };
        for (short, _) in roles.iter().filter(|(_, has_path)| !has_path) {
            for (from, to) in [(whole, short), (short, whole)] {
                if !stated.contains(&(from.id.as_str(), to.id.as_str())) {
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
pub(super) fn sessions(inventory: &Inventory, proposals: &mut Proposals) {
    let stated = inherits(inventory);
    let roles = by_account_and_name(inventory);
    for session in &inventory.records.identities {
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
            if inventory_says(inventory, &role.id, &session.id)
                || stated.contains(&(role.id.as_str(), session.id.as_str()))
            {
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

/// Whether a file says it already, if only as possible.
fn inventory_says(inventory: &Inventory, from: &str, to: &str) -> bool {
    inventory
        .records
        .inherits
        .iter()
        .any(|r| r.from.as_deref() == Some(from) && r.to == to)
}
