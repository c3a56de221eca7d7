//! Loading texts in tests.
#![allow(dead_code, reason = "every test binary uses a part of it")]

pub mod golden;
pub mod mutation;

use std::sync::Arc;
use trustmap::analysis::{Never, Radius, radius, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{LoadError, LoadOptions, Loaded, Source, Unheard, load_sources};

/// A file of these bytes.
pub fn file(name: &str, bytes: impl AsRef<[u8]>) -> Source {
    Source::Bytes {
        name: name.to_owned(),
        bytes: Arc::from(bytes.as_ref()),
    }
}

/// Loads files called `a.json`, `b.json` and so on.
pub fn try_load(texts: &[&str]) -> Result<Loaded, LoadError> {
    let sources: Vec<Source> = texts
        .iter()
        .zip('a'..)
        .map(|(text, name)| file(&format!("{name}.json"), text))
        .collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard)
}

/// As [`try_load`], where it must go well.
pub fn load(texts: &[&str]) -> Loaded {
    try_load(texts).unwrap_or_else(|error| panic!("{error}"))
}

/// An inventory of these members (`"systems": [...], ...`).
pub fn inventory(members: &str) -> String {
    let comma = if members.trim().is_empty() { "" } else { ", " };
    format!("{{\"format\": \"trustmap-inventory\", \"version\": 1{comma}{members}}}")
}

/// The diagnostics, one a line: level, code, file and place, message.
pub fn problems(loaded: &Loaded) -> Vec<String> {
    loaded
        .diagnostics
        .iter()
        .map(|d| {
            let at = d.place.as_ref().map_or(String::new(), |p| loaded.say(p));
            format!("{} {} at {at}: {}", d.level.as_str(), d.code, d.message)
        })
        .collect()
}

/// The codes of the diagnostics with file and pointer: `dangling-reference a.json/grants/0`.
pub fn codes(loaded: &Loaded) -> Vec<String> {
    loaded
        .diagnostics
        .iter()
        .map(|d| {
            let at = d
                .place
                .as_ref()
                .map_or(String::new(), |p| format!("{}{}", loaded.file_name(p.file), p.pointer));
            format!("{} {at}", d.code)
        })
        .collect()
}

/// The merged inventory, canonical.
pub fn canonical(loaded: &Loaded) -> String {
    trustmap::export::native::native(&loaded.inventory)
}

/// What is reached from a seed under a regime.
pub fn reach(loaded: &Loaded, seed: &str, regime: Regime) -> Radius {
    let graph = TrustGraph::build(loaded.inventory.clone());
    let mut overlay = Overlay::default();
    let seeds = resolve_seeds(&graph, &mut overlay, &[seed.to_owned()]).expect("the seed is known");
    let settings = Settings {
        as_of: "2026-01-01T00:00:00Z".parse().expect("a time"),
        regime,
    };
    radius(&graph, &overlay, &seeds, settings, &Never).expect("not cancelled")
}
