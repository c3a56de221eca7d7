//! Formats are recognised by content, whatever a file is called, and no two importers claim one file.

use std::fs;
use std::path::{Path, PathBuf};
use trustmap::import::{Answer, IMPORTERS, Peek, Recognised, recognise};

/// Who reads a text called this.
fn reader(name: &str, text: &str) -> Option<&'static str> {
    match recognise(name, text) {
        Recognised::By(importer) => Some(importer.name()),
        Recognised::OwnDocument(_) | Recognised::Nothing(_) => None,
    }
}

#[track_caller]
fn check(text: &str, expected: Option<&str>) {
    for name in ["a.json", "a.csv", "-", "aws/credential_report", ""] {
        assert_eq!(reader(name, text), expected, "{name}: {text}");
    }
}

#[test]
fn the_native_format_is_known_by_what_it_says_it_is() {
    check("{\"format\": \"trustmap-inventory\", \"version\": 1}", Some("native"));
    check(
        " \n{\"version\": 7, \"x\": [1, {\"format\": 2}], \"format\":\"trustmap-inventory\"",
        Some("native"),
    );
    check("{\"form\\u0061t\": \"trustmap\\u002dinventory\"}", Some("native"));
    // Two lists of records in a text that is cut off before its format.
    check("{\"systems\": [], \"grants\": [{\"holder\": ", Some("native"));
    for other in [
        "{\"format\": \"trustmap-scenario\", \"version\": 1}",
        "{\"format\": \"trustmap-inventory-2\"}",
        "{\"inner\": {\"format\": \"trustmap-inventory\"}}",
        "[{\"format\": \"trustmap-inventory\"}]",
        "format: trustmap-inventory",
        "{\"systems\": []}",
        "{\"systems\": 1, \"grants\": 2}",
        "",
        "{",
        "\"trustmap-inventory\"",
        "null",
    ] {
        check(other, None);
    }
}

#[test]
fn no_two_importers_are_certain_of_one_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("tests/fixtures"), &mut files);
    collect(&root.join("tests/golden"), &mut files);
    collect(&root.join("sample-inventories"), &mut files);
    let mut certain = 0;
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.display().to_string();
        let peek = Peek::new(&name, &text);
        let claims: Vec<&str> = IMPORTERS
            .iter()
            .filter(|i| i.recognise(&peek) == Answer::Certain)
            .map(|i| i.name())
            .collect();
        assert!(
            claims.len() <= 1,
            "{name} is claimed by {claims:?}; one of them must look closer"
        );
        certain += claims.len();
    }
    assert!(certain >= 10, "only {certain} files were recognised");
}

#[test]
fn importers_have_names_of_their_own() {
    let mut names: Vec<&str> = IMPORTERS.iter().map(|i| i.name()).collect();
    for name in &names {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), IMPORTERS.len());
    assert!(
        IMPORTERS
            .iter()
            .all(|i| !i.describe().is_empty() && !i.describe().contains('\n'))
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
