//! Golden files under tests/golden. `UPDATE_GOLDEN=1 cargo test` writes them anew; then look at the difference.

use super::{canonical, file, problems};
use std::path::Path;
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};

/// Compares a text with the golden file of this name.
#[track_caller]
pub fn check_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(&path, text).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("there is no tests/golden/{name}; make it with UPDATE_GOLDEN=1"));
    if golden != text {
        let line = golden.lines().zip(text.lines()).position(|(a, b)| a != b);
        let line = line.unwrap_or_else(|| golden.lines().count().min(text.lines().count()));
        panic!(
            "tests/golden/{name} differs from line {} on:\n  golden {:?}\n  now    {:?}\nUPDATE_GOLDEN=1 writes it anew",
            line + 1,
            golden.lines().nth(line),
            text.lines().nth(line)
        );
    }
}

/// Compares the problems and the conversion of what was loaded with the golden files of this name.
#[track_caller]
pub fn check_loaded(name: &str, loaded: &Loaded) {
    check_golden(&format!("{name}.problems.txt"), &(problems(loaded).join("\n") + "\n"));
    check_golden(&format!("{name}.converted.json"), &canonical(loaded));
}

/// Checks every fixture of a platform, alone and all together in any order: a file beside itself or its conversion says
/// nothing new.
#[track_caller]
pub fn check_fixtures(platform: &str, at_least: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(platform);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= at_least, "only {} fixtures", paths.len());
    let load = |sources: &[Source]| load_sources(sources, &LoadOptions::default(), &Unheard).expect("it can be loaded");
    let mut all = Vec::new();
    for path in &paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let source = file(&name, std::fs::read(path).expect("a fixture can be read"));
        let loaded = load(std::slice::from_ref(&source));
        check_loaded(&format!("{platform}/{name}"), &loaded);
        let text = canonical(&loaded);
        let converted = file("c.json", &text);
        for (again, what) in [
            (vec![source.clone(), source.clone()], "twice"),
            (vec![converted.clone()], "from its conversion"),
            (vec![source.clone(), converted], "beside its conversion"),
        ] {
            assert_eq!(canonical(&load(&again)), text, "{name} {what}");
        }
        all.push(source);
    }
    let together = load(&all);
    check_loaded(&format!("{platform}/together"), &together);
    let text = canonical(&together);
    for turn in 1..all.len() {
        all.rotate_left(turn);
        assert_eq!(canonical(&load(&all)), text, "in another order");
    }
    all.reverse();
    assert_eq!(canonical(&load(&all)), text, "the other way round");
}
