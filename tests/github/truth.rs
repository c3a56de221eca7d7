//! What collectors of others find in the same answers, and who can obtain what.

use crate::support::{fixtures, given, load, reached};
use std::collections::BTreeSet;
use trustmap::graph::Regime::{BestCase, WorstCase};

const ISSUER: &str = "oidc:https://token.actions.githubusercontent.com";

#[test]
fn every_secret_is_where_it_belongs() {
    let loaded = load(&fixtures());
    let found: BTreeSet<&str> = loaded
        .inventory
        .records
        .credentials
        .iter()
        .map(|c| c.id.as_str())
        .filter(|id| id.contains("/secrets/"))
        .collect();
    let want = [
        "github:acme/actions/secrets/AWS_ACCESS_KEY_ID",
        "github:acme/actions/secrets/NPM_TOKEN",
        "github:acme/actions/secrets/SIGNING",
        "github:acme/shop/actions/secrets/DATABASE_URL",
        "github:acme/shop/actions/secrets/DEPLOY_KEY",
        "github:acme/shop/actions/secrets/NOBODY_LISTS",
        "github:acme/shop/environments/production/secrets/PROD_API_KEY",
        "github:acme/shop/environments/staging/secrets/STAGING_API_KEY",
    ];
    assert_eq!(found, BTreeSet::from(want));
}

#[test]
fn tokens_have_owners_and_repositories() {
    let loaded = load(&fixtures());
    let records = &loaded.inventory.records;
    let of = |id: &str| records.credentials.iter().find(|c| c.id == id).expect("the token");
    assert_eq!(of("github:pat:98716").identity.as_deref(), Some("github:user:hopper"));
    assert_eq!(of("github:pat:98717").status.map(|s| s.as_str()), Some("expired"));
    assert_eq!(
        of("github:credential:161195").identity.as_deref(),
        Some("github:user:hopper")
    );
    let grant = records
        .grants
        .iter()
        .find(|g| g.holder == "github:pat:98716")
        .expect("its grant");
    assert_eq!(
        grant.scopes[..],
        [
            "contents:read@acme/shop",
            "members:read@acme",
            "metadata:read@acme/shop"
        ]
    );
    assert_eq!(grant.common.assumed, None);
    let text = trustmap::export::native::native(&loaded.inventory);
    assert!(
        !text.contains("71c3fc11"),
        "a part of a token is no part of the inventory"
    );
}

#[test]
fn who_may_write_obtains_the_repositorys_secrets_and_subjects() {
    let loaded = load(&fixtures());
    let writer = reached(&loaded, "github:user:hopper", BestCase);
    let has = |id: &str| writer.contains(id);
    assert!(has("github:acme/shop/actions/secrets/DEPLOY_KEY"));
    assert!(has("github:acme/actions/secrets/NPM_TOKEN"));
    assert!(has("github:acme/shop/environments/staging/secrets/STAGING_API_KEY"));
    assert!(has(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/dev")));
    assert!(has(&format!("{ISSUER}#repo:Acme/Shop:pull_request")));
    assert!(has(&format!("{ISSUER}#repo:Acme/Shop:environment:staging")));
    // Reviews keep a writer alone from these, a list of repositories from those.
    assert!(!has(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")));
    assert!(!has(&format!("{ISSUER}#repo:Acme/Shop:environment:production")));
    assert!(!has("github:acme/shop/environments/production/secrets/PROD_API_KEY"));
    assert!(!has("github:acme/actions/secrets/AWS_ACCESS_KEY_ID"));
    let reader = reached(&loaded, "github:user:reader", WorstCase);
    assert!(
        !reader.iter().any(|id| id.contains("/secrets/") || id.contains('#')),
        "{reader:?}"
    );
    let admin = reached(&loaded, "github:user:lovelace", BestCase);
    assert!(admin.contains(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")));
    assert!(admin.contains("github:acme/shop/environments/production/secrets/PROD_API_KEY"));
    // The bypass list names this app, whose grants are for all repositories.
    let app = reached(&loaded, "github:installation:501", BestCase);
    assert!(app.contains(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")));
    assert!(app.contains("github:acme/actions/secrets/AWS_ACCESS_KEY_ID"));
    let key = reached(&loaded, "github:key:771", BestCase);
    assert!(key.contains("github:acme/shop/actions/secrets/DEPLOY_KEY"));
    let mirror = reached(&loaded, "github:key:772", WorstCase);
    assert!(!mirror.contains("github:acme/shop/actions/secrets/DEPLOY_KEY"));
    assert!(mirror.contains("github:acme/shop"));
}

#[test]
fn subjects_come_in_both_forms() {
    let loaded = load(&fixtures());
    let certain = |to: &str| -> Vec<bool> {
        let inherits = loaded.inventory.records.inherits.iter().filter(|i| i.to == to);
        inherits.map(|i| i.common.assumed != Some(true)).collect()
    };
    // An old repository has the classic form, one made since July 2026 the one with ids.
    assert_eq!(certain(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/dev")), [true]);
    assert_eq!(
        certain(&format!("{ISSUER}#repo:Acme@7001/Shop@9001:ref:refs/heads/dev")),
        [false]
    );
    assert!(!certain(&format!("{ISSUER}#repo:Acme/infra:ref:refs/heads/trunk")).contains(&true));
    assert!(certain(&format!("{ISSUER}#repo:Acme@7001/infra@9002:ref:refs/heads/trunk")).contains(&true));
}

#[test]
fn a_template_makes_other_subjects() {
    let repo = r#"[{"id": 9, "node_id": "x", "full_name": "O/R", "owner": {"login": "O", "id": 7, "type": "User"},
                   "default_branch": "main", "private": true, "created_at": "2020-01-01T00:00:00Z"}]"#;
    let template = r#"{"use_default": false, "include_claim_keys": ["repository_owner", "context"]}"#;
    let loaded = given(&[("a.json", repo), ("repos/O/R/oidc.json", template)]);
    let ids: Vec<&str> = loaded
        .inventory
        .records
        .identities
        .iter()
        .map(|i| i.id.as_str())
        .filter(|id| id.starts_with("oidc:"))
        .collect();
    assert!(
        ids.contains(&format!("{ISSUER}#repository_owner:O:ref:refs/heads/main").as_str()),
        "{ids:?}"
    );
    assert!(ids.iter().all(|id| !id.contains("#repo:")), "{ids:?}");
}

#[test]
fn a_job_has_what_it_names_and_no_more() {
    let loaded = load(&fixtures());
    let job = |key: &str| {
        reached(
            &loaded,
            &format!("github:acme/shop/.github/workflows/deploy.yml#{key}"),
            BestCase,
        )
    };
    let build = job("build");
    assert!(build.contains("github:acme/actions/secrets/NPM_TOKEN"));
    assert!(!build.iter().any(|id| id.starts_with("oidc:")), "{build:?}");
    let release = job("release");
    assert!(release.contains("github:acme/shop/environments/production/secrets/PROD_API_KEY"));
    assert!(release.contains(&format!("{ISSUER}#repo:Acme/Shop:environment:production")));
    assert!(
        !release.contains(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")),
        "an environment hides the ref"
    );
    let nightly = job("nightly");
    assert!(nightly.contains("github:acme/shop/actions/secrets/DATABASE_URL"));
    assert!(nightly.contains(&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")));
    assert!(!nightly.contains("github:acme/shop/actions/secrets/NOBODY_LISTS"));
    // What is not pinned can be changed by its owner.
    let action = reached(&loaded, "github:some-org/setup", BestCase);
    assert!(action.contains("github:acme/actions/secrets/NPM_TOKEN"));
    assert!(
        !loaded
            .inventory
            .records
            .systems
            .iter()
            .any(|s| s.id == "github:actions/checkout"),
        "it is pinned"
    );
    // Whoever opens a pull request runs as this job.
    assert!(reached(&loaded, "anyone", BestCase).contains("github:acme/shop/.github/workflows/label.yml#label"));
}
