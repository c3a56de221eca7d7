//! Subjects of tokens, exact in one file and patterns in another.

use super::{Confidence, Makes, Proposals, inherits};
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

/// Patterns by what they start with, so that a subject meets only those it may match.
pub(super) struct ByPrefix<'p> {
    by_prefix: BTreeMap<&'p str, Vec<&'p str>>,
    longest: usize,
}

impl<'p> ByPrefix<'p> {
    /// Of these patterns.
    pub fn new(patterns: impl Iterator<Item = &'p str>) -> Self {
        let mut by_prefix: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for pattern in patterns {
            let literal = &pattern[..pattern.find(['*', '?']).unwrap_or(pattern.len())];
            by_prefix.entry(literal).or_default().push(pattern);
        }
        let longest = by_prefix.keys().map(|p| p.len()).max().unwrap_or(0);
        Self { by_prefix, longest }
    }

    /// The patterns an exact text matches.
    pub fn matching<'s>(&'s self, text: &'s str) -> impl Iterator<Item = &'p str> + 's {
        (0..=text.len().min(self.longest))
            .filter(|n| text.is_char_boundary(*n))
            .filter_map(|n| self.by_prefix.get(&text[..n]))
            .flatten()
            .copied()
            .filter(move |pattern| matches(pattern, text))
    }
}

/// Whether a pattern with `*` (any run of characters) and `?` (one) matches a text; case counts.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < t.len() {
        if i < p.len() && p[i] == '*' {
            back = Some((i, j));
            i += 1;
        } else if i < p.len() && (p[i] == '?' || p[i] == t[j]) {
            i += 1;
            j += 1;
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            i = star + 1;
            j = from + 1;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|c| *c == '*')
}

/// Every subject of one file that matches a pattern of another belongs to it.
pub(super) fn propose(inventory: &Inventory, proposals: &mut Proposals) {
    let stated = inherits(inventory);
    for issuer in issuers(inventory).into_values() {
        let by_text: BTreeMap<&str, &Identity> = issuer.patterns.iter().map(|(p, i)| (*p, *i)).collect();
        let patterns = ByPrefix::new(by_text.keys().copied());
        for (subject, identity) in &issuer.exact {
            for pattern in patterns.matching(subject) {
                let to = by_text[pattern];
                if !stated.contains(&(identity.id.as_str(), to.id.as_str())) {
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
