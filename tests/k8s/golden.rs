//! Fixtures in the shapes real exports have, against files under tests/golden/k8s. `UPDATE_GOLDEN=1 cargo test --test
//! k8s` writes them anew; then look at the difference.

use crate::loading::{canonical, file, problems};
use std::path::Path;
use trustmap::import::{LoadOptions, Unheard, load_sources};

#[track_caller]
fn check_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/k8s")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(&path, text).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("there is no tests/golden/k8s/{name}; make it with UPDATE_GOLDEN=1"));
    for (i, (a, b)) in golden.lines().zip(text.lines()).enumerate() {
        assert_eq!(
            a,
            b,
            "tests/golden/k8s/{name}, line {}; UPDATE_GOLDEN=1 writes it anew",
            i + 1
        );
    }
    assert_eq!(golden.lines().count(), text.lines().count(), "tests/golden/k8s/{name}");
}

#[test]
fn the_fixtures_alone_and_together() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/k8s");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 2);
    let sources: Vec<_> = paths
        .iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (
                name.clone(),
                file(&name, std::fs::read(path).expect("a fixture can be read")),
            )
        })
        .collect();
    let load = |sources: &[_]| load_sources(sources, &LoadOptions::default(), &Unheard).expect("it can be loaded");
    for (name, source) in &sources {
        let loaded = load(std::slice::from_ref(source));
        check_golden(&format!("{name}.problems.txt"), &(problems(&loaded).join("\n") + "\n"));
        check_golden(&format!("{name}.converted.json"), &canonical(&loaded));
        // A file beside itself, and its conversion, say nothing new.
        let text = canonical(&loaded);
        assert_eq!(
            canonical(&load(&[source.clone(), source.clone()])),
            text,
            "{name} twice"
        );
        assert_eq!(
            canonical(&load(&[file("c.json", &text)])),
            text,
            "the conversion of {name}"
        );
        let beside = canonical(&load(&[source.clone(), file("c.json", &text)]));
        assert_eq!(beside, text, "{name} beside its conversion");
    }
    let mut all: Vec<_> = sources.iter().map(|(_, s)| s.clone()).collect();
    let together = load(&all);
    check_golden("together.problems.txt", &(problems(&together).join("\n") + "\n"));
    check_golden("together.converted.json", &canonical(&together));
    all.reverse();
    assert_eq!(canonical(&load(&all)), canonical(&together));
}
