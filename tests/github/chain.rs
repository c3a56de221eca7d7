//! From a workflow to a role of a cloud, with both sides loaded.

use crate::support::{fixtures, given, load, reached};
use serde_json::{Value, json};
use trustmap::graph::Regime::{BestCase, WorstCase};
use trustmap::model::Named;

/// An account whose role `deploy` takes tokens of this subject.
fn account(subject: &str) -> String {
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": subject}}}]});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]});
    json!({"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [{
        "RoleName": "deploy", "RoleId": "AROAX", "Arn": "arn:aws:iam::111122223333:role/deploy", "Path": "/",
        "CreateDate": "2025-01-01T00:00:00Z", "AssumeRolePolicyDocument": document, "Tags": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": policy}]}]})
    .to_string()
}

const ROLE: &str = "aws:arn:aws:iam::111122223333:role/deploy";
const JOB: &str = "github:acme/shop/.github/workflows/deploy.yml#release";

#[test]
fn a_workflow_becomes_a_role_where_the_role_says_so() {
    let with = |subject: &str| {
        let mut files = fixtures();
        files.push(("iam.json".to_owned(), account(subject)));
        load(&files)
    };
    let loaded = with("repo:Acme/Shop:environment:production");
    assert!(reached(&loaded, JOB, BestCase).contains(ROLE));
    assert!(reached(&loaded, JOB, BestCase).contains("aws:111122223333"));
    assert!(!reached(&loaded, "github:user:hopper", BestCase).contains(ROLE));
    let loaded = with("repo:Acme/Shop:environment:staging");
    assert!(
        reached(&loaded, "github:user:hopper", BestCase).contains(ROLE),
        "nobody must agree to staging"
    );
    // Cases are told apart, and what the workflow says counts for nothing when the role is there to be asked.
    let loaded = with("repo:acme/shop:environment:production");
    assert!(!reached(&loaded, JOB, WorstCase).contains(ROLE));
}

#[test]
fn a_workflow_is_taken_at_its_word_where_the_account_is_not_loaded() {
    let loaded = load(&fixtures());
    assert!(reached(&loaded, JOB, WorstCase).contains(ROLE));
    assert!(!reached(&loaded, JOB, BestCase).contains(ROLE));
}

#[test]
fn a_variable_may_name_the_role() {
    let workflow = "on: push\npermissions:\n  id-token: write\njobs:\n  a:\n    steps:\n      - uses: \
                    aws-actions/configure-aws-credentials@v4\n        with:\n          role-to-assume: ${{ vars.ROLE }}\n";
    let variables = r#"{"total_count": 1, "variables": [
        {"name": "ROLE", "value": "arn:aws:iam::111122223333:role/deploy", "created_at": "2024-01-01T00:00:00Z"},
        {"name": "OTHER", "value": "nothing to keep", "created_at": "2024-01-01T00:00:00Z"}]}"#;
    let loaded = given(&[
        ("repos/o/r/.github/workflows/a.yml", workflow),
        ("repos/o/r/variables.json", variables),
    ]);
    assert!(reached(&loaded, "github:o/r/.github/workflows/a.yml#a", WorstCase).contains(ROLE));
    assert!(!trustmap::export::native::native(&loaded.inventory).contains("nothing to keep"));
}

/// What the chain beyond the role is made of: a secret in the account's store, what is in it, and where that opens.
fn beyond() -> Vec<(String, String)> {
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/orders-db-AbCdEf";
    let secrets = json!({"SecretList": [{"ARN": secret, "Name": "prod/orders-db"}]});
    let database = json!({"format": "trustmap-inventory", "version": 1,
        "systems": [{"id": "orders-db", "criticality": "crown-jewel", "validates": {"context": false}}],
        "identities": [{"id": "orders-app"}],
        "credentials": [{"id": format!("aws:{secret}")},
            {"id": "orders-password", "kind": "password", "identity": "orders-app", "contexts": ["orders-subnet"]}],
        "grants": [{"holder": "orders-app", "system": "orders-db", "scopes": ["sql:*"]}],
        "exposures": [{"credential": format!("aws:{secret}"), "yields": {"credential": "orders-password"}, "how": "copied"}]});
    vec![
        ("secrets.json".to_owned(), secrets.to_string()),
        ("database.json".to_owned(), database.to_string()),
    ]
}

/// As [`account`], with a role that may do this.
fn account_that_may(subject: &str, act: &str) -> String {
    account(subject).replace("s3:GetObject", act)
}

#[test]
fn from_a_workflow_to_a_second_system_is_one_path_that_falls_apart_at_every_joint() {
    let subject = "repo:Acme/Shop:environment:production";
    let read = "secretsmanager:GetSecretValue";
    let with = |subject: &str, act: &str| {
        let mut files = fixtures();
        files.push(("iam.json".to_owned(), account_that_may(subject, act)));
        files.extend(beyond());
        load(&files)
    };
    let whole = with(subject, read);
    let reaches = |loaded: &trustmap::import::Loaded| reached(loaded, JOB, BestCase).contains("orders-db");
    assert!(reaches(&whole));
    // The trust's subject is narrowed; the permission is taken away.
    assert!(!reaches(&with("repo:Acme/Shop:environment:nowhere", read)));
    assert!(!reaches(&with(subject, "secretsmanager:ListSecrets")));

    // Each step of the path names its records, and each record the file and place it is read from.
    let folder = tempfile::tempdir().expect("a folder");
    let mut all = fixtures();
    all.push(("iam.json".to_owned(), account_that_may(subject, read)));
    all.extend(beyond());
    for (name, text) in &all {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    let here = folder.path().to_string_lossy().into_owned();
    let radius = |more: &[&str]| -> Value {
        let mut args = vec![
            "trustmap",
            "radius",
            &here,
            "--compromise",
            JOB,
            "--regime",
            "best-case",
            "--json",
            "--quiet",
        ];
        args.extend(more);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let then = trustmap::cli::run(
            args.into_iter().map(std::ffi::OsString::from),
            &mut trustmap::cli::Io {
                out: &mut out,
                err: &mut err,
                progress: &trustmap::import::Unheard,
                now: "2026-06-01T00:00:00Z".parse().expect("a time"),
            },
        );
        assert_eq!(then, trustmap::cli::Then::Exit(0), "{}", String::from_utf8_lossy(&err));
        serde_json::from_slice(&out).expect("JSON")
    };
    let reached_systems = |document: &Value, when: &str| -> Vec<String> {
        let systems = document[when]["systems"].as_array().expect("systems");
        systems
            .iter()
            .filter_map(|s| s["id"].as_str().map(str::to_owned))
            .collect()
    };
    let document = radius(&[]);
    let systems = document["before"]["systems"].as_array().expect("systems");
    let database = systems.iter().find(|s| s["id"] == "orders-db").expect("it is reached");
    let path = database["path"].as_array().expect("a path");
    let facts: Vec<&str> = path.iter().filter_map(|s| s["fact"].as_str()).collect();
    for on_the_way in [
        JOB,
        ROLE,
        "aws:111122223333",
        "orders-db-AbCdEf",
        "orders-password",
        "orders-db",
    ] {
        assert!(
            facts.iter().any(|f| f.contains(on_the_way)),
            "{on_the_way} is not in {facts:#?}"
        );
    }
    let records = &whole.inventory.records;
    let places_of = |record: &str| -> usize {
        fn all<R: Named>(list: &[R]) -> impl Iterator<Item = &dyn Named> {
            list.iter().map(|r| r as &dyn Named)
        }
        let relations = all(&records.grants)
            .chain(all(&records.exposures))
            .chain(all(&records.inherits))
            .chain(all(&records.trusts));
        let called = relations.filter(|r| r.name() == *record);
        called.map(|r| r.common().places.len()).sum()
    };
    let named: Vec<&str> = path
        .iter()
        .flat_map(|s| s["records"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .filter(|r| {
            ["grant:", "exposure:", "inherit:", "trust:"]
                .iter()
                .any(|k| r.starts_with(k))
        })
        .collect();
    assert!(named.len() >= 5, "{named:?}");
    for record in named {
        assert!(places_of(record) > 0, "{record} has no place");
    }

    // The last system checks from where it is used: what was an environment's password is worth nothing elsewhere.
    let scenario = folder.path().join("enforce.scenario.json");
    let actions = json!({"format": "trustmap-scenario", "version": 1,
        "actions": [{"action": "enforce", "system": "orders-db", "checks": ["context"]}]});
    std::fs::write(&scenario, actions.to_string()).expect("a file can be written");
    let then = radius(&["--scenario", &scenario.to_string_lossy()]);
    assert!(reached_systems(&then, "before").contains(&"orders-db".to_owned()));
    assert!(!reached_systems(&then, "after").contains(&"orders-db".to_owned()));
    assert!(reached_systems(&then, "after").contains(&"aws:111122223333".to_owned()));
}
