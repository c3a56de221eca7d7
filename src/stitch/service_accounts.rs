//! Service accounts of a cluster and the subjects under which other platforms know them.

use super::subjects::issuers;
use super::{Confidence, Makes, Proposals, Said};
use crate::model::glob::ByPrefix;
use crate::model::{Identity, InheritHow};
use std::collections::{BTreeMap, BTreeSet};

const SUBJECT: &str = "system:serviceaccount:";

/// A service account is the subject `system:serviceaccount:<namespace>:<name>` at its cluster's issuer. Files of a
/// cluster rarely say what the issuer is; an annotation that names the very role which accepts the subject does.
pub(super) fn propose(said: &Said, proposals: &mut Proposals) {
    let inventory = said.inventory;
    let records = &inventory.records;
    // By subject: (cluster, account).
    let mut accounts: BTreeMap<&str, Vec<(&str, &Identity)>> = BTreeMap::new();
    for identity in &records.identities {
        let Some(rest) = identity.id.strip_prefix("k8s:") else {
            continue;
        };
        if let Some(at) = rest.find(":system:serviceaccount:") {
            let (cluster, subject) = (&rest[..at], &rest[at + 1..]);
            accounts.entry(subject).or_default().push((cluster, identity));
        }
    }
    if accounts.is_empty() {
        return;
    }
    let mut becomes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for inherit in &records.inherits {
        if let Some(from) = inherit.from.as_deref() {
            becomes.entry(from).or_default().insert(&inherit.to);
        }
    }
    let none = BTreeSet::new();
    let issuer_of = |cluster: &str| -> Option<String> {
        let system = records
            .systems
            .binary_search_by(|s| s.id.as_str().cmp(&format!("k8s:{cluster}")))
            .ok()?;
        let attributes = &records.systems[system].attributes;
        let url = ["issuer", "oidc_issuer"]
            .iter()
            .find_map(|k| attributes.get(k)?.as_str())?;
        Some(format!("oidc:{}", url.trim_end_matches('/')))
    };
    let known_issuers: BTreeMap<&str, Option<String>> = accounts
        .values()
        .flatten()
        .map(|(cluster, _)| *cluster)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|cluster| (cluster, issuer_of(cluster)))
        .collect();
    for (issuer_id, issuer) in issuers(inventory) {
        let of_clusters = |text: &str| text.starts_with(SUBJECT);
        let exact: BTreeMap<&str, &Identity> = issuer
            .exact
            .iter()
            .filter(|(s, _)| of_clusters(s))
            .map(|(s, i)| (*s, *i))
            .collect();
        let patterns: BTreeMap<&str, &Identity> = issuer.patterns.iter().map(|(p, i)| (*p, *i)).collect();
        let cluster_issuer = !exact.is_empty() || patterns.keys().any(|p| of_clusters(p));
        let by_prefix = ByPrefix::new(patterns.keys().copied());
        for (subject, accounts) in &accounts {
            for (cluster, account) in accounts {
                let same = known_issuers
                    .get(cluster)
                    .and_then(Option::as_deref)
                    .map(|own| own == issuer_id);
                // Another cluster's tokens, or an issuer that nobody says is a cluster's.
                if same == Some(false) || (same.is_none() && !cluster_issuer) {
                    continue;
                }
                let becomes_itself = becomes.get(account.id.as_str()).unwrap_or(&none);
                let matched = exact.get(subject).copied().into_iter();
                for to in matched.chain(by_prefix.matching(subject).map(|p| patterns[p])) {
                    if said.surely(&account.id, &to.id) {
                        continue;
                    }
                    let shared = becomes
                        .get(to.id.as_str())
                        .unwrap_or(&none)
                        .intersection(becomes_itself)
                        .next();
                    let (confidence, evidence) = match (same, shared) {
                        (Some(true), _) => (
                            Confidence::Evaluated,
                            format!("{subject} at the issuer of cluster {cluster}"),
                        ),
                        (_, Some(role)) => (
                            Confidence::Evaluated,
                            format!("the service account names {role}, which accepts {subject}"),
                        ),
                        _ => (
                            Confidence::NameOnly,
                            format!(
                                "{subject} by name; no file says that {issuer_id} is the issuer of cluster {cluster}"
                            ),
                        ),
                    };
                    proposals.join(
                        &account.id,
                        &to.id,
                        Makes::Inherit(InheritHow::Membership),
                        confidence,
                        evidence,
                        &[&account.places, &to.places],
                    );
                }
            }
        }
    }
}
