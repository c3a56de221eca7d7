//! Stored secrets whose contents no file shows, and credentials that could be them.

use super::{Confidence, Makes, Proposals, Said};
use crate::model::{Credential, CredentialKind, ExposureFrom, Yields};
use std::collections::{BTreeMap, BTreeSet};

/// A name shorter than this says nothing.
const SHORTEST: usize = 8;

/// A secret's entry named like exactly one credential elsewhere may be a copy of it; one whose name holds a public id
/// is.
pub(super) fn propose(said: &Said, proposals: &mut Proposals) {
    let inventory = said.inventory;
    let credentials = &inventory.records.credentials;
    let mut by_name: BTreeMap<String, Vec<&Credential>> = BTreeMap::new();
    let mut by_public_id: BTreeMap<String, Vec<&Credential>> = BTreeMap::new();
    for credential in credentials.iter().filter(|c| !is_entry(c)) {
        if let Some(name) = credential.name.as_deref().map(plain).filter(|n| n.len() >= SHORTEST) {
            by_name.entry(name).or_default().push(credential);
        }
        if let Some(public) = credential.public_id.as_deref().map(plain).filter(|p| p.len() >= 16) {
            by_public_id.entry(public).or_default().push(credential);
        }
    }
    let contents: BTreeSet<(&str, &str)> = inventory
        .records
        .exposures
        .iter()
        .filter_map(|e| match (&e.from, &e.yields) {
            (ExposureFrom::Credential(from), Yields::Credential(to)) => Some((from.as_str(), to.as_str())),
            _ => None,
        })
        .collect();
    for entry in credentials.iter().filter(|c| is_entry(c)) {
        let name = entry.name.as_deref().unwrap_or(&entry.id);
        let last = plain(name.rsplit(['/', ':']).next().unwrap_or(name));
        let mut join = |to: &Credential, confidence, evidence: String| {
            if to.id != entry.id && !contents.contains(&(entry.id.as_str(), to.id.as_str())) {
                proposals.join(
                    &entry.id,
                    &to.id,
                    Makes::Copy,
                    confidence,
                    evidence,
                    &[&entry.places, &to.places],
                );
            }
        };
        let ids = name.split(|c: char| !c.is_ascii_alphanumeric()).map(plain);
        let mut found = false;
        for id in ids.filter(|id| id.len() >= 16) {
            for to in by_public_id.get(&id).into_iter().flatten() {
                found = true;
                join(
                    to,
                    Confidence::ExactId,
                    format!("the secret's name holds the public id of {}", shown(to)),
                );
            }
        }
        if found {
            continue;
        }
        if let Some([only]) = by_name.get(&last).map(Vec::as_slice) {
            join(
                only,
                Confidence::NameOnly,
                format!(
                    "the secret has the name of {}; nothing else says that it holds it",
                    shown(only)
                ),
            );
        }
    }
}

/// Whether a credential is a place in a store whose contents are not known: nobody's, and no public id.
fn is_entry(credential: &Credential) -> bool {
    matches!(credential.kind, None | Some(CredentialKind::Other))
        && credential.public_id.is_none()
        && credential.identity.is_none()
}

fn shown(credential: &Credential) -> &str {
    credential.name.as_deref().unwrap_or(&credential.id)
}

/// Letters and digits alone, in lower case: `DEPLOY_KEY` and `deploy-key` are one name.
fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
