//! What the documentation says is so: its example loads, its commands run, what it links is there.

mod loading;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use trustmap::analysis::{Never, radius};
use trustmap::cli::{self, Io, Then};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{IMPORTERS, Unheard};

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

#[test]
fn the_commands_of_the_readme_run() {
    let readme = read(&root().join("README.md")).replace("\\\n", " ");
    let folder = tempfile::tempdir().expect("a folder");
    let mut ran = 0;
    for line in readme.lines().filter(|line| line.starts_with("trustmap ")) {
        // The others are about files that only the reader has.
        let command = line.split(" #").next().unwrap_or_default();
        if !command.contains("sample-inventories/") {
            continue;
        }
        let args = command.split_whitespace().map(|word| {
            if word.starts_with("sample-inventories/") {
                root().join(word).into_os_string()
            } else if word == "report/" {
                folder.path().into()
            } else {
                OsString::from(word)
            }
        });
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let then = cli::run(
            args,
            &mut Io {
                out: &mut out,
                err: &mut err,
                progress: &Unheard,
                now: "2026-06-01T00:00:00Z".parse().expect("a time"),
            },
        );
        assert_eq!(then, Then::Exit(0), "{command}: {}", String::from_utf8_lossy(&err));
        assert!(!out.is_empty(), "{command} says nothing");
        ran += 1;
    }
    assert!(ran >= 4, "only {ran} commands of the README were run");
    assert!(folder.path().join("report.html").exists());
}
