//! The fixtures against files under tests/golden/opengraph, alone and together. `UPDATE_GOLDEN=1 cargo test --test
//! opengraph` writes them anew; then look at the difference.

use crate::loading::{canonical, file, problems};
use crate::support::fixtures;
use std::path::Path;
use trustmap::import::{LoadOptions, Unheard, load_sources};

#[track_caller]
fn check_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/opengraph")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(&path, text).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("there is no tests/golden/opengraph/{name}; make it with UPDATE_GOLDEN=1"));
    for (i, (a, b)) in golden.lines().zip(text.lines()).enumerate() {
        assert_eq!(a, b, "tests/golden/opengraph/{name}, line {}", i + 1);
    }
    assert_eq!(
        golden.lines().count(),
        text.lines().count(),
        "tests/golden/opengraph/{name}"
    );
}

#[test]
fn the_fixtures_alone_and_together() {
    let sources: Vec<_> = fixtures()
        .iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = std::fs::read(path).expect("a fixture can be read");
            (name.clone(), file(&name, bytes))
        })
        .collect();
    let load = |sources: &[_]| load_sources(sources, &LoadOptions::default(), &Unheard).expect("it can be loaded");
    for (name, source) in &sources {
        let loaded = load(std::slice::from_ref(source));
        check_golden(&format!("{name}.problems.txt"), &(problems(&loaded).join("\n") + "\n"));
        check_golden(&format!("{name}.converted.json"), &canonical(&loaded));
        // A file beside itself, and its conversion, say nothing new.
        let text = canonical(&loaded);
        for sources in [
            vec![source.clone(), source.clone()],
            vec![file("c.json", &text)],
            vec![source.clone(), file("c.json", &text)],
        ] {
            assert_eq!(canonical(&load(&sources)), text, "{name}");
        }
    }
    let mut all: Vec<_> = sources.iter().map(|(_, s)| s.clone()).collect();
    let together = load(&all);
    check_golden("together.problems.txt", &(problems(&together).join("\n") + "\n"));
    check_golden("together.converted.json", &canonical(&together));
    // In any order.
    for turn in 1..all.len() {
        all.rotate_left(turn);
        assert_eq!(canonical(&load(&all)), canonical(&together));
    }
    all.reverse();
    assert_eq!(canonical(&load(&all)), canonical(&together));
}
