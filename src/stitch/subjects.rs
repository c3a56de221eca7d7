//! Subjects of tokens, exact in one file and patterns in another.

use super::{Confidence, Makes, Proposals, Said};
use crate::model::glob::ByPrefix;
use crate::model::{Identity, IdentityStatus, InheritHow, Inventory};
use std::collections::BTreeMap;

/// An issuer's identities: `oidc:<issuer>#<subject>` and `oidc:<issuer>~<pattern>`.
#[derive(Default)]
pub(super) struct Issuer<'a> {
    /// Exact subjects.
    pub exact: Vec<(&'a str, &'a Identity)>,
    /// Patterns.
    pub patterns: Vec<(&'a str, &'a Identity)>,
}

/// Every issuer that has subjects, by its system's id. A subject that nobody can be (a star meant literally) is none.
pub(super) fn issuers(inventory: &Inventory) -> BTreeMap<&str, Issuer<'_>> {
    let mut issuers: BTreeMap<&str, Issuer> = BTreeMap::new();
    for identity in &inventory.records.identities {
        if !identity.id.starts_with("oidc:") || identity.status == Some(IdentityStatus::Disabled) {
            continue;
        }
        // An issuer's URL has neither sign, a subject may have both.
        let Some(at) = identity.id.find(['#', '~']) else {
            continue;
        };
        let (issuer, rest) = identity.id.split_at(at);
        let known = issuers.entry(issuer).or_default();
        let list = if rest.starts_with('#') {
            &mut known.exact
        } else {
            &mut known.patterns
        };
        list.push((&rest[1..], identity));
    }
    issuers
}

/// Every subject of one file that matches a pattern of another belongs to it.
pub(super) fn propose(said: &Said, proposals: &mut Proposals) {
    for issuer in issuers(said.inventory).into_values() {
        let by_text: BTreeMap<&str, &Identity> = issuer.patterns.iter().map(|(p, i)| (*p, *i)).collect();
        let patterns = ByPrefix::new(by_text.keys().copied());
        for (subject, identity) in &issuer.exact {
            for pattern in patterns.matching(subject) {
                let to = by_text[pattern];
                if !said.surely(&identity.id, &to.id) {
                    proposals.join(
                        &identity.id,
                        &to.id,
                        Makes::Inherit(InheritHow::Membership),
                        Confidence::Evaluated,
                        format!("the subject {subject} matches {pattern}"),
                        &[&identity.places, &to.places],
                    );
                }
            }
        }
    }
}
