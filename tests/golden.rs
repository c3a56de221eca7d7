//! What reading and converting give, file by file, against files under tests/golden. `UPDATE_GOLDEN=1 cargo test
//! --test golden` writes them anew; then look at the difference.

mod loading;

use loading::golden::check_loaded;
use loading::{canonical, file, load, problems};
use std::path::Path;
use trustmap::import::{LoadOptions, Unheard, load_sources};

#[test]
fn fixtures_of_the_native_format() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/native");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).expect("a fixture can be read");
        let read = |bytes: &[u8]| {
            let name = format!("{stem}.json");
            load_sources(&[file(&name, bytes)], &LoadOptions::default(), &Unheard).expect("a fixture can be loaded")
        };
        let loaded = read(&bytes);
        check_loaded(&format!("native/{stem}"), &loaded);
        let text = canonical(&loaded);
        // The conversion says the same, and says it in the same words.
        let again = read(text.as_bytes());
        assert_eq!(canonical(&again), text, "{stem}");
        for problem in problems(&again) {
            assert!(
                problem.contains(" unknown-key ") || problem.contains(" unknown-issuer "),
                "{stem}: a conversion has a new problem: {problem}"
            );
        }
    }
}

#[test]
fn a_sample_beside_itself_or_its_conversion_says_nothing_new() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-inventories");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the samples are there") {
        let text = std::fs::read_to_string(entry.expect("a sample").path()).expect("it can be read");
        if !text.contains("\"trustmap-inventory\"") || !text.starts_with('{') {
            continue;
        }
        let once = load(&[&text]);
        assert_eq!(problems(&once), [""; 0]);
        let written = canonical(&once);
        for files in [
            vec![&written],
            vec![&text, &text],
            vec![&text, &written],
            vec![&written, &text],
        ] {
            let files: Vec<&str> = files.into_iter().map(String::as_str).collect();
            let again = load(&files);
            assert_eq!(problems(&again), [""; 0]);
            assert_eq!(canonical(&again), written);
        }
        seen += 1;
    }
    assert!(seen >= 9, "only {seen} samples were found");
}
