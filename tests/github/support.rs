//! The fixtures, and what came of them in few words.

use crate::loading::{file, reach};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};

/// All fixtures with their paths below the folder, sorted.
pub fn fixtures() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/github");
    let mut paths: Vec<PathBuf> = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    assert!(paths.len() >= 15, "the fixtures are there");
    paths
        .iter()
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .expect("it is below")
                .to_string_lossy()
                .replace('\\', "/");
            (name, std::fs::read_to_string(path).expect("a fixture can be read"))
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// Loads texts by the names they go by.
pub fn load(files: &[(String, String)]) -> Loaded {
    let sources: Vec<Source> = files.iter().map(|(name, text)| file(name, text)).collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads texts given at hand.
pub fn given(files: &[(&str, &str)]) -> Loaded {
    let files: Vec<(String, String)> = files.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
    load(&files)
}

/// Ids of everything reached from a seed.
pub fn reached(loaded: &Loaded, seed: &str, regime: Regime) -> BTreeSet<String> {
    let radius = reach(loaded, seed, regime);
    let systems = radius.systems.iter().map(|s| s.reach.id.clone());
    let identities = radius.identities.iter().map(|i| i.id.clone());
    let credentials = radius.credentials.iter().map(|c| c.reach.id.clone());
    systems.chain(identities).chain(credentials).collect()
}
