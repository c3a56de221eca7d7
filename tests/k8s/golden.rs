//! Fixtures in the shapes real exports have, against the files under tests/golden/k8s.

use crate::loading::golden::check_fixtures;

#[test]
fn the_fixtures_alone_and_together() {
    check_fixtures("k8s", 2);
}
