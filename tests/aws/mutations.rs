//! Ten thousand broken files of each format of AWS.

use crate::loading::mutation::check_mutations;
use trustmap::import::{Recognised, recognise};

/// The fixtures that a format reads.
fn fixtures_of(format: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/aws");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| {
            let path = entry.expect("a fixture").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a fixture can be read"))
        })
        .filter(|(name, text)| matches!(recognise(name, text), Recognised::By(by) if by.name() == format))
        .collect();
    files.sort();
    files
}

#[test]
fn of_account_authorization() {
    // One document: a break costs what stands behind it.
    check_mutations(
        "aws-account-authorization",
        &fixtures_of("aws-account-authorization"),
        5,
    );
}

#[test]
fn of_credential_reports() {
    check_mutations("aws-credential-report", &fixtures_of("aws-credential-report"), 30);
}

#[test]
fn of_the_other_services() {
    for format in [
        "aws-access-keys",
        "aws-identity-providers",
        "aws-secrets",
        "aws-lambda",
        "aws-eks",
    ] {
        // The files are short, so most of a broken one is hit.
        check_mutations(format, &fixtures_of(format), 10);
    }
}
