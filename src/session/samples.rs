//! The sample inventories, inside the one binary: each opens with something compromised and tells a story in a line.

use serde::Deserialize;

/// The samples' files by name, as they stand under `sample-inventories/`. A test holds this list to the index.
const FILES: &[(&str, &str)] = &[
    (
        "deploy-token.json",
        include_str!("../../sample-inventories/deploy-token.json"),
    ),
    (
        "deploy-token.scenario.json",
        include_str!("../../sample-inventories/deploy-token.scenario.json"),
    ),
    ("agent.json", include_str!("../../sample-inventories/agent.json")),
    (
        "agent.scenario.json",
        include_str!("../../sample-inventories/agent.scenario.json"),
    ),
    (
        "saas-assertion.json",
        include_str!("../../sample-inventories/saas-assertion.json"),
    ),
    (
        "saas-assertion.scenario.json",
        include_str!("../../sample-inventories/saas-assertion.scenario.json"),
    ),
    (
        "workload-identity.json",
        include_str!("../../sample-inventories/workload-identity.json"),
    ),
    (
        "workload-identity.scenario.json",
        include_str!("../../sample-inventories/workload-identity.scenario.json"),
    ),
    (
        "copied-key.json",
        include_str!("../../sample-inventories/copied-key.json"),
    ),
    (
        "copied-key.scenario.json",
        include_str!("../../sample-inventories/copied-key.scenario.json"),
    ),
    (
        "incident-cloudflare-2023.json",
        include_str!("../../sample-inventories/incident-cloudflare-2023.json"),
    ),
    (
        "incident-cloudflare-2023.scenario.json",
        include_str!("../../sample-inventories/incident-cloudflare-2023.scenario.json"),
    ),
    (
        "incident-tj-actions-2025.json",
        include_str!("../../sample-inventories/incident-tj-actions-2025.json"),
    ),
    (
        "incident-tj-actions-2025.scenario.json",
        include_str!("../../sample-inventories/incident-tj-actions-2025.scenario.json"),
    ),
    (
        "incident-salesloft-drift-2025.json",
        include_str!("../../sample-inventories/incident-salesloft-drift-2025.json"),
    ),
    (
        "incident-salesloft-drift-2025.scenario.json",
        include_str!("../../sample-inventories/incident-salesloft-drift-2025.scenario.json"),
    ),
    ("estate.json", include_str!("../../sample-inventories/estate.json")),
    (
        "estate.scenario.json",
        include_str!("../../sample-inventories/estate.scenario.json"),
    ),
];

const INDEX: &str = include_str!("../../sample-inventories/index.json");

/// What a sample reaches; a test of the samples holds these to what the program finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct SampleNumbers {
    /// Systems reached.
    pub systems: u64,
    /// Crown jewels among them.
    pub crown_jewels: u64,
    /// The sum of their weights.
    pub weight: u64,
}

/// One card of the welcome screen.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    /// Name of its inventory file.
    pub file: String,
    /// Its name on the card.
    pub title: String,
    /// Ids that are compromised when it opens.
    pub compromise: Vec<String>,
    /// Name of the scenario file that mends it.
    pub scenario: String,
    /// What it tells, in one line.
    pub story: String,
    /// What to do about it, in one line.
    pub hint: String,
    /// What is reached.
    pub before: SampleNumbers,
    /// What is left after its scenario.
    pub after: SampleNumbers,
}

impl Sample {
    /// The inventory, as text.
    #[must_use]
    pub fn inventory(&self) -> &'static str {
        file(&self.file).unwrap_or_default()
    }

    /// The scenario that mends it, as text.
    #[must_use]
    pub fn mending_scenario(&self) -> &'static str {
        file(&self.scenario).unwrap_or_default()
    }
}

/// The text of a sample's file by name.
#[must_use]
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// Every sample, in the order of the welcome screen.
#[must_use]
pub fn samples() -> Vec<Sample> {
    #[derive(Deserialize)]
    struct Index {
        samples: Vec<Sample>,
    }
    // The index is part of the program and a test reads it; a broken one would mean no samples, not no program.
    serde_json::from_str::<Index>(INDEX)
        .map(|i| i.samples)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_holds_every_file_that_the_index_names_and_no_other() {
        let mut named: Vec<String> = samples().into_iter().flat_map(|s| [s.file, s.scenario]).collect();
        let mut held: Vec<String> = FILES.iter().map(|(n, _)| (*n).to_owned()).collect();
        named.sort();
        held.sort();
        assert_eq!(named, held);
        assert!(samples().len() >= 9);
        assert_eq!(samples()[0].file, "deploy-token.json");
    }
}
