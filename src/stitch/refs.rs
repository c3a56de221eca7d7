//! Branches and tags that a trust names and no list of a repository's branches shows: whoever may push can make them.

use super::subjects::issuers;
use super::{Confidence, Makes, Proposals, Said};
use crate::model::Requirement;
use std::collections::{BTreeMap, BTreeSet};

const ISSUER: &str = "oidc:https://token.actions.githubusercontent.com";

/// The repository of a subject `repo:<owner>/<name>:ref:<ref>`, as the subject spells it, and the ref. With ids beside
/// the names (`repo:<owner>@<id>/<name>@<id>:…`) they are left out.
fn repository_and_ref(subject: &str) -> Option<(String, &str)> {
    let (repository, rest) = subject.strip_prefix("repo:")?.split_once(':')?;
    let reference = rest.strip_prefix("ref:").filter(|r| r.starts_with("refs/"))?;
    let (owner, name) = repository.split_once('/')?;
    let plain = |part: &str| part.split('@').next().unwrap_or(part).to_owned();
    Some((format!("{}/{}", plain(owner), plain(name)), reference))
}

/// What a subject says before its context: tokens of one repository have one form.
fn form(subject: &str) -> &str {
    subject.split(":ref:").next().unwrap_or(subject)
}

pub(super) fn propose(said: &Said, proposals: &mut Proposals) {
    let issuers = issuers(said.inventory);
    let Some(github) = issuers.get(ISSUER) else { return };
    let records = &said.inventory.records;
    // By the name as GitHub spells it: subjects are compared to the letter.
    let repositories: BTreeMap<&str, &crate::model::System> = records
        .systems
        .iter()
        .filter(|s| s.id.starts_with("github:"))
        .filter_map(|s| Some((s.name.as_deref()?, s)))
        .collect();
    let mut obtained: BTreeSet<&str> = BTreeSet::new();
    let mut sure_forms: BTreeSet<&str> = BTreeSet::new();
    for inherit in &records.inherits {
        if let Some(subject) = inherit.to.strip_prefix(ISSUER).and_then(|rest| rest.strip_prefix('#')) {
            obtained.insert(subject);
            if !inherit.common.is_assumed() {
                sure_forms.insert(form(subject));
            }
        }
    }
    for (subject, identity) in &github.exact {
        if obtained.contains(subject) {
            continue;
        }
        let Some((name, reference)) = repository_and_ref(subject) else {
            continue;
        };
        let Some(repository) = repositories.get(name.as_str()) else {
            continue;
        };
        let Some((owner, _)) = repository.id.split_once('/') else {
            continue;
        };
        let needs = Requirement {
            system: owner.to_owned().into(),
            scope: format!("push@{}:{reference}", repository.id.trim_start_matches("github:")).into(),
        };
        let confidence = if sure_forms.contains(form(subject)) {
            Confidence::Evaluated
        } else {
            // Whether the repository's tokens have this form is not told.
            Confidence::OneSided
        };
        proposals.join(
            &repository.id,
            &identity.id,
            Makes::Permitted(needs),
            confidence,
            format!("whoever may push to {name} can make {reference} and run a workflow there"),
            &[&repository.places, &identity.places],
        );
    }
}
