//! Fixtures, and what came of them in few words.

use crate::loading::{file, reach};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};
use trustmap::model::{ExposureFrom, Inventory, RelationCommon, Yields};

/// The fixtures' files, sorted.
pub fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/opengraph");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 7);
    paths
}

/// The text of a fixture.
pub fn text(name: &str) -> String {
    let path = fixtures().into_iter().find(|p| p.ends_with(name)).expect("it is there");
    std::fs::read_to_string(path).expect("it can be read")
}

/// Loads fixtures in this order.
pub fn load(names: &[&str]) -> Loaded {
    let sources: Vec<Source> = names.iter().map(|name| file(name, text(name))).collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).expect("it can be loaded")
}

fn marks(common: &RelationCommon) -> String {
    let mut out = String::new();
    if common.intended == Some(false) {
        out.push_str(" unintended");
    }
    if common.assumed == Some(true) {
        out.push_str(" assumed");
    }
    out
}

/// Every relation in a line: kind, ends, scopes, how, marks.
pub fn lines(inventory: &Inventory) -> Vec<String> {
    let records = &inventory.records;
    let mut out = Vec::new();
    for r in &records.grants {
        out.push(format!(
            "grant {} -> {} {}{}",
            r.holder,
            r.system,
            r.scopes.join(","),
            marks(&r.common)
        ));
    }
    for r in &records.exposures {
        let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) = &r.from;
        let (Yields::Credential(to) | Yields::Identity(to) | Yields::Context(to)) = &r.yields;
        out.push(format!(
            "exposure {from} -> {to} {}{}",
            r.requires.join(","),
            marks(&r.common)
        ));
    }
    for r in &records.inherits {
        let how = r.how.map_or("", |h| h.as_str());
        let from = r.from.as_deref().unwrap_or("*");
        out.push(format!("inherit {from} -> {} {how}{}", r.to, marks(&r.common)));
    }
    for r in &records.trusts {
        let exchange = r
            .exchange
            .as_ref()
            .map_or(String::new(), |e| format!(" exchange {}", e.scopes.join(",")));
        out.push(format!(
            "trust {} -> {} {}{exchange}{}",
            r.from,
            r.to,
            r.scopes.join(","),
            marks(&r.common)
        ));
    }
    out.sort();
    out
}

/// Ids of what is reached from a seed, of every kind.
pub fn reached(loaded: &Loaded, seed: &str, regime: Regime) -> BTreeSet<String> {
    let radius = reach(loaded, seed, regime);
    let systems = radius.systems.iter().map(|s| s.reach.id.clone());
    let credentials = radius.credentials.iter().map(|c| c.reach.id.clone());
    let others = radius.identities.iter().map(|i| i.id.clone()).chain(credentials);
    systems.chain(others).collect()
}
