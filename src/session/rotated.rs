//! A list of credentials that were rotated already, as an incident leaves it: pasted text with an id, a name or a public
//! id in each line. What remains reachable after them is the residue.

use super::{Outcome, ProposedStep, Session, words};
use crate::model::Inventory;
use crate::scenario::Action;
use std::collections::{BTreeSet, HashMap};

/// What a list names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Ids of credentials, in the order of the list.
    pub known: Vec<String>,
    /// Entries that name no credential, or several.
    pub unknown: Vec<String>,
}

/// Reads a list: entries parted by lines, commas, semicolons or tabs; what follows `#` is a remark.
#[must_use]
pub fn listed(inventory: &Inventory, text: &str) -> Listed {
    let mut by: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for c in &inventory.records.credentials {
        for key in [Some(&*c.id), c.name.as_deref(), c.public_id.as_deref()]
            .into_iter()
            .flatten()
        {
            by.entry(key.to_lowercase()).or_default().insert(&c.id);
        }
    }
    let mut out = Listed::default();
    let lines = text.lines().map(|l| l.split_once(" #").map_or(l, |(before, _)| before));
    for entry in lines
        .filter(|l| !l.trim_start().starts_with('#'))
        .flat_map(|l| l.split([',', ';', '\t']))
    {
        let entry = entry.trim().trim_matches('"').trim();
        if entry.is_empty() {
            continue;
        }
        // An id says exactly which; a name only where it is the only one.
        let exact = inventory
            .records
            .credentials
            .iter()
            .find(|c| *c.id == *entry)
            .map(|c| &*c.id);
        let one = exact.or_else(|| {
            let found = by.get(&entry.to_lowercase())?;
            found.iter().next().copied().filter(|_| found.len() == 1)
        });
        match one {
            Some(id) if out.known.iter().any(|k| k == id) => {}
            Some(id) => out.known.push(id.to_owned()),
            None => out.unknown.push(entry.to_owned()),
        }
    }
    out
}

impl Session {
    /// What a pasted list names.
    #[must_use]
    pub fn listed(&self, text: &str) -> Listed {
        self.doc
            .estate
            .as_ref()
            .map(|e| listed(e.inventory(), text))
            .unwrap_or_default()
    }

    /// The text of a file that is a list of credentials: small, plain, and most of what it names is known here.
    pub(super) fn list_in(&self, path: &std::path::Path) -> Option<String> {
        const MOST_BYTES: u64 = 1 << 20;
        let plain = path.extension().is_none_or(|e| e == "txt" || e == "csv" || e == "list");
        let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        if !plain || about.len() > MOST_BYTES || self.doc.estate.is_none() {
            return None;
        }
        let text = crate::import::read_text_file(path).ok()?;
        let listed = self.listed(&text);
        (!listed.known.is_empty() && listed.known.len() >= listed.unknown.len()).then_some(text)
    }

    /// Adds a rotation to the scenario for every credential of a list, as one step.
    pub(super) fn rotate_listed(&mut self, text: &str) -> Outcome {
        let Listed { known, unknown } = self.listed(text);
        if known.is_empty() {
            return Outcome::Refused("The list names no credential of these files".into());
        }
        let new: Vec<ProposedStep> = known
            .into_iter()
            .map(|credential| ProposedStep {
                action: Action::Rotate { credential },
                on: true,
            })
            .filter(|step| !self.doc.proposal.steps.contains(step))
            .collect();
        let name = format!("Rotate {}", words::count(new.len() as u64, "credential", "credentials"));
        let outcome = self.propose(name, |p| p.steps.extend(new));
        if !unknown.is_empty() {
            let names = words::names(&unknown, 3);
            self.notify(super::NoticeLevel::Note, format!("Not known here: {names}"));
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Credential, Records};

    #[test]
    fn lists_name_credentials_by_id_name_and_public_id() {
        let credential = |id: &str, name: &str, public: Option<&str>| Credential {
            id: id.into(),
            name: Some(name.into()),
            public_id: public.map(Into::into),
            ..Credential::default()
        };
        let records = Records {
            credentials: vec![
                credential("a", "Deploy token", None),
                credential("b", "twin", Some("AKIDEXAMPLE")),
                credential("c", "twin", None),
            ],
            ..Records::default()
        };
        let inventory = Inventory::from_merged(None, None, records, crate::model::Extra::default());
        for (text, known, unknown) in [
            ("a", vec!["a"], vec![]),
            ("deploy TOKEN\n", vec!["a"], vec![]),
            ("AKIDEXAMPLE, a; a", vec!["b", "a"], vec![]),
            ("# ours\n\"c\" # the second\n\n", vec!["c"], vec![]),
            ("twin\nnobody", vec![], vec!["twin", "nobody"]),
            ("", vec![], vec![]),
        ] {
            let found = listed(&inventory, text);
            assert_eq!(
                (found.known, found.unknown),
                (
                    known.into_iter().map(String::from).collect(),
                    unknown.into_iter().map(String::from).collect()
                ),
                "{text:?}"
            );
        }
    }
}
