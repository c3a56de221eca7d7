//! The fixtures against files under tests/golden/github. `UPDATE_GOLDEN=1 cargo test --test github` writes them anew;
//! then look at the difference.

use crate::loading::{canonical, problems};
use crate::support::{fixtures, load};
use std::path::Path;

#[track_caller]
fn check_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/github")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(&path, text).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("there is no tests/golden/github/{name}; make it with UPDATE_GOLDEN=1"));
    for (i, (a, b)) in golden.lines().zip(text.lines()).enumerate() {
        assert_eq!(
            a,
            b,
            "tests/golden/github/{name}, line {}; UPDATE_GOLDEN=1 writes it anew",
            i + 1
        );
    }
    assert_eq!(
        golden.lines().count(),
        text.lines().count(),
        "tests/golden/github/{name}"
    );
}

#[test]
fn the_fixtures_together_in_any_order() {
    let mut files = fixtures();
    let together = load(&files);
    let text = canonical(&together);
    check_golden("together.problems.txt", &(problems(&together).join("\n") + "\n"));
    check_golden("together.converted.json", &text);
    let twice: Vec<(String, String)> = files.iter().chain(&files).cloned().collect();
    assert_eq!(canonical(&load(&twice)), text, "every file twice");
    assert_eq!(
        canonical(&load(&[("c.json".to_owned(), text.clone())])),
        text,
        "the conversion"
    );
    files.reverse();
    assert_eq!(canonical(&load(&files)), text, "the other way round");
    let half = files.len() / 2;
    files.rotate_left(half);
    assert_eq!(canonical(&load(&files)), text, "from the middle on");
}

#[test]
fn records_grow_with_what_the_files_hold() {
    let size = |n: usize| {
        let mut files = Vec::new();
        for i in 0..n {
            for (name, text) in fixtures() {
                let renamed = |t: &str| t.replace("Shop", &format!("Shop{i}"));
                files.push((renamed(&name), renamed(&text)));
            }
        }
        load(&files).inventory.records.len()
    };
    let (one, two, four) = (size(1), size(2), size(4));
    assert!(two < one * 2 + 10, "{one}, {two}");
    assert!(
        four < one * 4 + 10 && four - two < (two - one) * 2 + 10,
        "{one}, {two}, {four}"
    );
}
