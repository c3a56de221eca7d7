//! The fixtures against the files under tests/golden/github.

use crate::loading::canonical;
use crate::loading::golden::check_loaded;
use crate::support::{fixtures, load};

#[test]
fn the_fixtures_together_in_any_order() {
    let mut files = fixtures();
    let together = load(&files);
    let text = canonical(&together);
    check_loaded("github/together", &together);
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
