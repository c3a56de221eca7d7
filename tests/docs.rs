//! What the documentation says is so: its example loads, its commands are understood, what it links is there.

mod loading;

use std::fs;
use std::path::{Path, PathBuf};
use trustmap::analysis::{Never, radius};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::IMPORTERS;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The README and the pages under docs/.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    for entry in fs::read_dir(root().join("docs")).expect("docs") {
        let path = entry.expect("a page").path();
        if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

/// The text of the first block of a language.
fn block(text: &str, language: &str) -> String {
    let opening = format!("```{language}\n");
    let (_, rest) = text.split_once(&opening).expect("the block is there");
    let (inside, _) = rest.split_once("```").expect("it ends");
    inside.to_owned()
}

#[test]
fn the_example_is_an_inventory_and_means_what_is_said() {
    let text = block(&read(&root().join("docs/formats.md")), "json");
    let loaded = loading::load(&[&text]);
    assert_eq!(loading::problems(&loaded), [""; 0]);
    let settings = |regime| Settings {
        as_of: loaded.inventory.as_of.expect("it states its time"),
        regime,
    };
    let graph = TrustGraph::build(loaded.inventory.clone());
    let seed = graph.find("ci-token").expect("the token");
    let reached = |regime| -> Vec<String> {
        let found = radius(&graph, &Overlay::default(), &[seed], settings(regime), &Never).expect("nobody cancels");
        found.systems.iter().map(|s| s.reach.id.clone()).collect()
    };
    assert_eq!(reached(Regime::WorstCase), ["payments-db", "registry", "vault"]);
    assert_eq!(reached(Regime::BestCase), ["registry"]);
    assert_eq!(reached(Regime::Intended), ["registry"]);
}

#[test]
fn every_format_is_told_of() {
    for page in ["README.md", "docs/formats.md"] {
        let text = read(&root().join(page));
        for importer in IMPORTERS {
            let name = format!("`{}`", importer.name());
            assert!(text.contains(&name), "{page} does not tell of {name}");
        }
    }
}

#[test]
fn what_is_linked_is_there() {
    let mut links = 0;
    for page in pages() {
        let text = read(&page);
        let folder = page.parent().expect("it is in a folder");
        for piece in text.split("](").skip(1) {
            let target = piece.split(')').next().unwrap_or_default();
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            links += 1;
            assert!(
                folder.join(target).exists(),
                "{} links {target}, which is not there",
                page.display()
            );
        }
    }
    assert!(links >= 2, "only {links} links were found");
}
