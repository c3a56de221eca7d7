//! Fixtures in the shapes real exports have, against the files under tests/golden/aws.

use crate::loading::golden::check_fixtures;

#[test]
fn the_fixtures_alone_and_together() {
    check_fixtures("aws", 11);
}
