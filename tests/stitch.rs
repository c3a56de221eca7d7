//! What two files say of one thing, joined: with what reason, in whatever order the files come, and gone where refused.

mod loading;

use serde_json::{Value, json};
use std::sync::Arc;
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};
use trustmap::model::Inventory;
use trustmap::stitch::{Confidence, Decisions, Join, Stitched, stitch};

/// Native files with the given records.
fn load(files: &[Value]) -> Arc<Inventory> {
    load_all(files).inventory
}

fn load_all(files: &[Value]) -> Loaded {
    let sources: Vec<Source> = files
        .iter()
        .enumerate()
        .map(|(i, records)| {
            let mut document = json!({"format": "trustmap-inventory", "version": 1});
            for (key, value) in records.as_object().expect("records are an object") {
                document[key] = value.clone();
            }
            Source::Bytes {
                name: format!("file-{i}.json"),
                bytes: document.to_string().into_bytes().into(),
            }
        })
        .collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).expect("the files can be read")
}

fn joined(files: &[Value]) -> Stitched {
    let there = stitch(load(files), &Decisions::default());
    let mut back: Vec<Value> = files.to_vec();
    back.reverse();
    let again = stitch(load(&back), &Decisions::default());
    assert_eq!(there.joins, again.joins, "the order of the files matters");
    there
}

#[track_caller]
fn check(files: &[Value], expected: &[(&str, &str, &str, Confidence)]) -> Vec<Join> {
    let Stitched { inventory, joins } = joined(files);
    let found: Vec<(&str, &str, &str, Confidence)> = joins
        .iter()
        .map(|j| (j.rule, j.from.as_str(), j.to.as_str(), j.confidence))
        .collect();
    assert_eq!(found, expected);
    for join in &joins {
        let records = &inventory.records;
        let inherit = records.inherits.iter().find(|r| r.name() == *join.id);
        let exposure = records.exposures.iter().find(|r| r.name() == *join.id);
        let common = inherit
            .map(|r| &r.common)
            .or(exposure.map(|r| &r.common))
            .expect("a join is a relation");
        // Said here once more, so that the program cannot change its mind alone.
        let open = matches!(join.confidence, Confidence::OneSided | Confidence::NameOnly);
        assert_eq!(common.is_assumed(), open, "{}", join.id);
        assert!(!common.places.is_empty(), "a join is explained by its places");
    }
    joins
}

const GITHUB: &str = "oidc:https://token.actions.githubusercontent.com";

fn id(text: &str) -> String {
    format!("{GITHUB}{text}")
}

fn workflow() -> Value {
    json!({"identities": [
        {"id": id("#repo:acme/shop:ref:refs/heads/main")},
        {"id": id("#repo:acme/shop-2:ref:refs/heads/main")},
        {"id": id("#repo:acme/*"), "status": "disabled"},
    ]})
}

fn trust() -> Value {
    json!({
        "identities": [
            {"id": id("~repo:acme/shop:*")},
            {"id": id("~repo:acme/sho?:ref:*")},
            {"id": id("~repo:Acme/shop:*")},
            {"id": "aws:arn:aws:iam::111122223333:role/deploy"},
        ],
        "inherits": [{"from": id("~repo:acme/shop:*"), "to": "aws:arn:aws:iam::111122223333:role/deploy"}],
    })
}

#[test]
fn a_subject_of_one_file_matches_the_pattern_of_another() {
    let subject = id("#repo:acme/shop:ref:refs/heads/main");
    let (a, b) = (id("~repo:acme/sho?:ref:*"), id("~repo:acme/shop:*"));
    check(
        &[workflow(), trust()],
        &[
            ("subject-pattern", &subject, &a, Confidence::Evaluated),
            ("subject-pattern", &subject, &b, Confidence::Evaluated),
        ],
    );
}

#[test]
fn what_a_file_says_itself_is_not_joined_again() {
    let mut said = workflow();
    said["inherits"] = json!([]);
    let mut trust = trust();
    let inherits = trust["inherits"].as_array_mut().expect("a list");
    inherits.push(json!({
        "from": id("#repo:acme/shop:ref:refs/heads/main"), "to": id("~repo:acme/shop:*"), "how": "membership"
    }));
    let Stitched { joins, .. } = stitch(load(&[said, trust]), &Decisions::default());
    assert_eq!(joins.len(), 1, "{joins:?}");
}

#[test]
fn a_service_account_is_the_subject_when_both_sides_say_so() {
    let account = "k8s:prod:system:serviceaccount:shop:cart";
    let role = "aws:arn:aws:iam::111122223333:role/cart";
    let subject = "oidc:https://oidc.eks.eu-west-1.amazonaws.com/id/AB#system:serviceaccount:shop:cart";
    let cluster = json!({
        "systems": [{"id": "k8s:prod"}],
        "identities": [{"id": account}, {"id": role}],
        "inherits": [{"from": account, "to": role, "assumed": true, "how": "federation"}],
    });
    let bare = json!({"systems": [{"id": "k8s:prod"}], "identities": [{"id": account}]});
    let known = json!({
        "systems": [{"id": "k8s:prod", "attributes": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/AB/"}}],
        "identities": [{"id": account}],
    });
    let other = json!({
        "systems": [{"id": "k8s:prod", "attributes": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/CD"}}],
        "identities": [{"id": account}],
    });
    let trust = json!({
        "identities": [{"id": subject}, {"id": role}],
        "inherits": [{"from": subject, "to": role, "how": "federation", "audiences": ["sts.amazonaws.com"]}],
    });
    let by = |confidence| [("service-account-subject", account, subject, confidence)];
    check(&[cluster, trust.clone()], &by(Confidence::Evaluated));
    check(&[known, trust.clone()], &by(Confidence::Evaluated));
    check(&[bare, trust.clone()], &by(Confidence::NameOnly));
    check(&[other, trust], &[]);
}

#[test]
fn a_role_is_itself_without_its_path_and_becomes_its_sessions() {
    let whole = "aws:arn:aws:iam::111122223333:role/team/ops/admin";
    let short = "aws:arn:aws:iam::111122223333:role/admin";
    let elsewhere = "aws:arn:aws:iam::999999999999:role/admin";
    let session = "aws:arn:aws:sts::111122223333:assumed-role/admin/ci";
    check(
        &[
            json!({"identities": [{"id": whole}]}),
            json!({"identities": [{"id": short}, {"id": elsewhere}, {"id": session}]}),
        ],
        &[
            ("role-path", short, whole, Confidence::ExactId),
            ("role-path", whole, short, Confidence::ExactId),
            ("role-session", short, session, Confidence::OneSided),
            ("role-session", whole, session, Confidence::OneSided),
        ],
    );
}

#[test]
fn a_ref_that_nobody_lists_is_made_by_whoever_may_push() {
    let hotfix = id("#repo:Acme/Shop:ref:refs/heads/hotfix");
    let main = id("#repo:Acme/Shop:ref:refs/heads/main");
    let github = json!({
        "systems": [{"id": "github:acme"}, {"id": "github:acme/shop", "name": "Acme/Shop"}],
        "identities": [{"id": "github:user:dev"}, {"id": "github:user:reader"}, {"id": main}],
        "grants": [
            {"holder": "github:user:dev", "system": "github:acme", "scopes": ["push@acme/shop:*"]},
            {"holder": "github:user:reader", "system": "github:acme", "scopes": ["contents:read@acme/shop"]}],
        "inherits": [{"to": main, "requires_all": [{"system": "github:acme", "scope": "bypass@acme/shop:refs/heads/main"}]}],
    });
    let other = id("#repo:acme/shop:ref:refs/heads/hotfix");
    let trust = json!({
        "identities": [{"id": hotfix}, {"id": other}, {"id": id("#repo:Acme/Else:ref:refs/heads/x")}, {"id": "role"}],
        "inherits": [{"from": hotfix, "to": "role"}, {"from": other, "to": "role"}],
    });
    check(
        &[github.clone(), trust.clone()],
        &[("unlisted-ref", "github:acme/shop", &hotfix, Confidence::Evaluated)],
    );
    // Which form its subjects have is not told where no file gives one.
    let mut bare = github.clone();
    bare["inherits"] = json!([]);
    check(
        &[bare, trust.clone()],
        &[
            ("unlisted-ref", "github:acme/shop", &hotfix, Confidence::OneSided),
            ("unlisted-ref", "github:acme/shop", &main, Confidence::OneSided),
        ],
    );
    let mut loaded = load_all(&[github, trust]);
    loaded.inventory = stitch(loaded.inventory, &Decisions::default()).inventory;
    let becomes = |seed: &str| {
        let radius = loading::reach(&loaded, seed, trustmap::graph::Regime::BestCase);
        radius.identities.iter().any(|i| i.id == "role")
    };
    assert!(becomes("github:user:dev"));
    assert!(!becomes("github:user:reader"));
}

#[test]
fn a_secret_that_has_a_credentials_name_may_be_it() {
    let entries = json!({"credentials": [
        {"id": "github:acme/shop/secret/DEPLOY_ROBOT_KEY", "name": "DEPLOY_ROBOT_KEY"},
        {"id": "github:acme/shop/secret/KEY", "name": "KEY"},
        {"id": "k8s:prod:secret:shop/AKIAIOSFODNN7EXAMPLE", "name": "shop/AKIAIOSFODNN7EXAMPLE"},
    ]});
    let known = json!({"credentials": [
        {"id": "aws:AKIAIOSFODNN7EXAMPLE", "name": "deploy-robot-key", "kind": "access-key",
         "public_id": "AKIAIOSFODNN7EXAMPLE"},
        {"id": "okta:key", "name": "key", "kind": "api-key", "public_id": "0oa1"},
    ]});
    let key = "aws:AKIAIOSFODNN7EXAMPLE";
    check(
        &[entries, known],
        &[
            (
                "secret-name",
                "github:acme/shop/secret/DEPLOY_ROBOT_KEY",
                key,
                Confidence::NameOnly,
            ),
            (
                "secret-name",
                "k8s:prod:secret:shop/AKIAIOSFODNN7EXAMPLE",
                key,
                Confidence::ExactId,
            ),
        ],
    );
}

#[test]
fn a_refused_join_is_gone_and_a_confirmed_one_is_solid() {
    let files = [
        json!({"credentials": [{"id": "github:s", "name": "DEPLOY_ROBOT_KEY"}]}),
        json!({"credentials": [{"id": "aws:k", "name": "deploy-robot-key", "kind": "access-key"}]}),
    ];
    let inventory = load(&files);
    let first = stitch(Arc::clone(&inventory), &Decisions::default());
    let [join] = first.joins.as_slice() else {
        panic!("one join: {:?}", first.joins)
    };
    let said = |confirmed: bool| {
        let ids = [join.id.clone()].into_iter().collect();
        if confirmed {
            Decisions {
                confirmed: ids,
                ..Decisions::default()
            }
        } else {
            Decisions {
                refused: ids,
                ..Decisions::default()
            }
        }
    };
    let refused = stitch(Arc::clone(&inventory), &said(false));
    assert!(refused.inventory.records.exposures.is_empty());
    assert!(
        refused.joins[0].refused,
        "a refused join can still be seen and taken back"
    );
    let confirmed = stitch(inventory, &said(true));
    assert!(!confirmed.inventory.records.exposures[0].common.is_assumed());
}

#[test]
fn an_inventory_written_with_its_joins_is_joined_once() {
    let Stitched { inventory, .. } = joined(&[workflow(), trust()]);
    let again = stitch(Arc::clone(&inventory), &Decisions::default());
    assert_eq!(inventory.records, again.inventory.records);
}
