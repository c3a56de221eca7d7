//! Comparisons and what they share.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use trustmap::analysis::{Never, Radius, radius, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{LoadOptions, Loaded, Unheard, load};

pub type Pairs = BTreeSet<(String, String)>;

/// How many comparisons were made, and how many did not come out as published.
#[derive(Default)]
pub struct Score {
    pub made: usize,
    pub wrong: usize,
}

impl Score {
    /// All that is expected must be there; where the truth is exact, nothing else.
    pub fn compare(&mut self, what: &str, found: &Pairs, expected: &Pairs, exact: bool) {
        self.made += 1;
        let missing: Vec<_> = expected.difference(found).collect();
        let more: Vec<_> = if exact {
            found.difference(expected).collect()
        } else {
            Vec::new()
        };
        if missing.is_empty() && more.is_empty() && !expected.is_empty() {
            println!("  as published: {what} ({} pairs)", expected.len());
            return;
        }
        self.wrong += 1;
        println!("  NOT as published: {what}: missing {missing:?}, too many {more:?}");
    }
}

/// A file of the folder as JSON.
pub fn json(folder: &Path, name: &str) -> Result<Value, String> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// A file of the folder as an inventory.
pub fn open(folder: &Path, name: &str) -> Result<Loaded, String> {
    load(&[folder.join(name)], &LoadOptions::default(), &Unheard).map_err(|e| e.to_string())
}

/// What is reached from a seed where no check is made that no file speaks of.
pub fn reach(loaded: &Loaded, seed: &str) -> Result<Radius, String> {
    reach_under(loaded, seed, Regime::WorstCase)
}

/// What is reached from a seed under a regime.
pub fn reach_under(loaded: &Loaded, seed: &str, regime: Regime) -> Result<Radius, String> {
    let graph = TrustGraph::build(loaded.inventory.clone());
    let mut overlay = Overlay::default();
    let seeds = resolve_seeds(&graph, &mut overlay, &[seed.to_owned()]).map_err(|e| format!("{e:?}"))?;
    let settings = Settings {
        as_of: "2026-01-01T00:00:00Z".parse().map_err(|_| "a time".to_owned())?,
        regime,
    };
    radius(&graph, &overlay, &seeds, settings, &Never).map_err(|_| "cancelled".to_owned())
}

/// The texts of a list.
pub fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(|v| v.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The last step of an id.
pub fn last(id: &str) -> String {
    id.rsplit(['/', ':']).next().unwrap_or(id).to_owned()
}

pub fn pairs_of(items: impl Iterator<Item = (String, String)>) -> Pairs {
    items.collect()
}

/// The expected rows of a test of a project, as pairs.
pub fn expected_pairs(tests: &Value, name: &str, relation: &str) -> Pairs {
    tests
        .as_array()
        .into_iter()
        .flatten()
        .filter(|test| test["test"] == name && texts(&test["args"]).iter().any(|arg| arg == relation))
        .flat_map(|test| test["expected"].as_array().into_iter().flatten())
        .filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned())))
        .collect()
}
