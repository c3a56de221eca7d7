//! Fixtures in the shapes real exports have, against the files under tests/golden/opengraph.

use crate::loading::golden::check_fixtures;

#[test]
fn the_fixtures_alone_and_together() {
    check_fixtures("opengraph", 2);
}
