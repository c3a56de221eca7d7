//! What Entra ID says, from end to end.

mod loading;

use loading::mutation::check_mutations;
use loading::{canonical, codes, file, reach};
use std::collections::BTreeSet;
use std::path::Path;
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};

fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/entra");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a fixture can be read"))
        })
        .collect();
    found.sort();
    found
}

fn load(files: &[(String, String)]) -> Loaded {
    let sources: Vec<Source> = files.iter().map(|(name, text)| file(name, text)).collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).unwrap_or_else(|error| panic!("{error}"))
}

fn identities(loaded: &Loaded, seed: &str) -> BTreeSet<String> {
    let radius = reach(loaded, seed, Regime::BestCase);
    radius.identities.iter().map(|i| i.id.clone()).collect()
}

const ISSUER: &str = "oidc:https://token.actions.githubusercontent.com";
const APP: &str = "entra:0d29ecac-0000-41be-a19b-000000000001";

#[test]
fn each_federated_credential_leads_to_its_application() {
    let loaded = load(&fixtures());
    let found: BTreeSet<(String, String)> = loaded
        .inventory
        .records
        .inherits
        .iter()
        .filter(|i| i.audiences.is_some())
        .map(|i| (i.from.as_deref().unwrap_or_default().to_owned(), i.to.to_string()))
        .collect();
    let want = [
        (
            "oidc:https://badURL.bad#BADSUBJECT",
            "entra:0d29ecac-0000-41be-a19b-000000000002",
        ),
        (&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/*"), APP),
        (&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main"), APP),
        (&format!("{ISSUER}~repo:Acme/Shop:ref:refs/heads/*"), APP),
    ];
    assert_eq!(found, want.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    // A star in an exact subject is a star.
    assert!(identities(&loaded, &format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")).contains(APP));
    assert!(!identities(&loaded, &format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/*")).contains(APP));
}

#[test]
fn a_permission_that_adds_secrets_leads_to_every_application() {
    let loaded = load(&fixtures());
    let reached = identities(&loaded, "entra:cccccccc-0000-0000-0000-000000000001");
    assert!(
        reached.contains("entra:0d29ecac-0000-41be-a19b-000000000003"),
        "{reached:?}"
    );
    assert!(!reached.iter().any(|id| id.ends_with(":admin")), "{reached:?}");
    let other = identities(&loaded, "entra:0d29ecac-0000-41be-a19b-000000000003");
    assert!(other.is_empty(), "{other:?}");
    let owner = identities(&loaded, "entra:aaaaaaaa-0000-0000-0000-000000000009");
    assert!(owner.contains("entra:0d29ecac-0000-41be-a19b-000000000002"));
}

#[test]
fn the_order_of_files_does_not_matter_and_nothing_is_left_out_silently() {
    let mut files = fixtures();
    let loaded = load(&files);
    let text = canonical(&loaded);
    assert_eq!(codes(&loaded), ["not-understood azurehound.json"]);
    assert!(!text.contains("\"hint\""));
    files.reverse();
    assert_eq!(canonical(&load(&files)), text);
    assert_eq!(
        canonical(&load(&[("c.json".to_owned(), text.clone())])),
        text,
        "the conversion"
    );
}

#[test]
fn ten_thousand_broken_files_of_each_format() {
    for format in ["azurehound", "entra-graph"] {
        let own = |name: &str| name.starts_with("azurehound") == (format == "azurehound");
        let files: Vec<(String, String)> = fixtures().into_iter().filter(|(n, _)| own(n)).collect();
        check_mutations(format, &files, 30);
    }
}
