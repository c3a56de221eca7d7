//! Answers of AWS beside the account's authorization details, alone and with them.

use crate::loading::{canonical, codes, file, load};
use crate::support::{becoming, document, export, grants, id, reached, role, user};
use serde_json::{Value, json};
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Loaded, Unheard, load_sources};

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:resize";

fn all(files: &[(&str, String)]) -> Loaded {
    let read = |files: Vec<&(&str, String)>| {
        let sources: Vec<_> = files.iter().map(|(name, text)| file(name, text.as_bytes())).collect();
        load_sources(&sources, &LoadOptions::default(), &Unheard).unwrap_or_else(|e| panic!("{e}"))
    };
    let there = read(files.iter().collect());
    let back = read(files.iter().rev().collect());
    assert_eq!(canonical(&there), canonical(&back), "the order of the files matters");
    there
}

fn says(loaded: &Loaded, code: &str) -> bool {
    loaded.diagnostics.iter().any(|d| d.code == code)
}

fn secrets(more: Value) -> String {
    let mut one = json!({"ARN": SECRET, "Name": "prod/db", "LastChangedDate": "2025-02-01T00:00:00Z",
                         "Tags": [{"Key": "team", "Value": "payments"}]});
    for (key, value) in more.as_object().expect("an object") {
        one[key] = value.clone();
    }
    json!({"SecretList": [one]}).to_string()
}

fn policy_of_secret(statements: Value) -> String {
    json!({"ARN": SECRET, "Name": "prod/db", "ResourcePolicy": document(statements).to_string()}).to_string()
}

fn reads(resource: &str) -> Value {
    json!([{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": resource}])
}

fn holds_secret(loaded: &Loaded, seed: &str, regime: Regime) -> bool {
    let radius = crate::support::reach(loaded, seed, regime);
    radius.credentials.iter().any(|c| c.reach.id == format!("aws:{SECRET}"))
}

#[test]
fn a_secret_is_held_by_whoever_may_read_it_and_by_nobody_else() {
    let users = vec![
        user("reader", reads("arn:aws:secretsmanager:*:*:secret:prod/*"), json!({})),
        user("other", reads("arn:aws:secretsmanager:*:*:secret:test/*"), json!({})),
        user(
            "denied",
            json!([
                {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"},
                {"Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": "*"}
            ]),
            json!({}),
        ),
    ];
    let loaded = all(&[
        ("iam.json", export(users, vec![], vec![], vec![])),
        ("secrets.json", secrets(json!({}))),
    ]);
    assert!(holds_secret(&loaded, &id("user/reader"), Regime::BestCase));
    assert!(!holds_secret(&loaded, &id("user/other"), Regime::WorstCase));
    assert!(!holds_secret(&loaded, &id("user/denied"), Regime::WorstCase));
    let credential = &loaded.inventory.records.credentials[0];
    assert_eq!(credential.owner.as_deref(), Some("payments"));
}

#[test]
fn a_secret_under_a_key_of_ones_own_needs_the_key_as_well() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/0a1b";
    let decrypts = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key});
    let mut both = reads("*");
    both.as_array_mut().expect("a list").push(decrypts.clone());
    let users = vec![
        user("both", both, json!({})),
        user("half", reads("*"), json!({})),
        user("key", json!([decrypts]), json!({})),
    ];
    let loaded = all(&[
        ("iam.json", export(users, vec![], vec![], vec![])),
        ("secrets.json", secrets(json!({"KmsKeyId": key}))),
    ]);
    assert!(holds_secret(&loaded, &id("user/both"), Regime::BestCase));
    assert!(!holds_secret(&loaded, &id("user/half"), Regime::WorstCase));
    assert!(!holds_secret(&loaded, &id("user/key"), Regime::WorstCase));
    let amazons = all(&[("secrets.json", secrets(json!({"KmsKeyId": "alias/aws/secretsmanager"})))]);
    assert!(amazons.inventory.records.identities.is_empty());
}

#[test]
fn a_secrets_policy_lets_in_whom_it_names_unless_it_is_denied() {
    let named = |name: &str| json!({"AWS": crate::support::arn(&format!("user/{name}"))});
    let users = vec![
        user("named", json!([]), json!({})),
        user(
            "denied",
            json!([{"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"}]),
            json!({}),
        ),
        user("stranger", json!([]), json!({})),
    ];
    let act = "secretsmanager:GetSecretValue";
    let policy = policy_of_secret(json!([
        {"Effect": "Allow", "Principal": named("named"), "Action": act, "Resource": "*"},
        {"Effect": "Allow", "Principal": named("denied"), "Action": act, "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*", "Resource": "*"},
    ]));
    let iam = export(users, vec![], vec![], vec![]);
    let loaded = all(&[
        ("iam.json", iam),
        ("secrets.json", secrets(json!({}))),
        ("policy.json", policy.clone()),
    ]);
    assert!(holds_secret(&loaded, &id("user/named"), Regime::BestCase));
    assert!(!holds_secret(&loaded, &id("user/denied"), Regime::WorstCase));
    assert!(!holds_secret(&loaded, &id("user/stranger"), Regime::WorstCase));

    // Without the authorization details nobody knows what is denied.
    let alone = all(&[("secrets.json", secrets(json!({}))), ("policy.json", policy)]);
    assert!(holds_secret(&alone, &id("user/named"), Regime::WorstCase));
    assert!(!holds_secret(&alone, &id("user/named"), Regime::BestCase));
}

#[test]
fn from_another_account_both_sides_must_agree() {
    let foreign = "arn:aws:iam::444455556666:role/app";
    let policy = policy_of_secret(json!([
        {"Effect": "Allow", "Principal": {"AWS": foreign}, "Action": "secretsmanager:*", "Resource": "*"}
    ]));
    let files = |statements: Value| {
        let trust =
            json!([{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
        let app = role("app", trust, statements, json!({"Arn": foreign}));
        [
            ("secrets.json", secrets(json!({}))),
            ("policy.json", policy.clone()),
            ("theirs.json", export(vec![], vec![], vec![app], vec![])),
        ]
    };
    let seed = format!("aws:{foreign}");
    assert!(holds_secret(&all(&files(reads("*"))), &seed, Regime::BestCase));
    assert!(!holds_secret(&all(&files(json!([]))), &seed, Regime::WorstCase));
    let unknown = all(&files(reads("*"))[..2]);
    assert!(holds_secret(&unknown, &seed, Regime::WorstCase));
    assert!(!holds_secret(&unknown, &seed, Regime::BestCase));
}

#[test]
fn a_secrets_policy_that_denies_the_named_lets_nobody_in() {
    let policy = policy_of_secret(json!([
        {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"},
    ]));
    let loaded = all(&[("policy.json", policy)]);
    assert!(loaded.inventory.records.grants.is_empty());
    let none = json!({"ARN": SECRET, "Name": "prod/db"}).to_string();
    assert!(load(&[&none]).inventory.records.grants.is_empty());
}

fn functions() -> String {
    json!({"Functions": [{
        "FunctionArn": FUNCTION, "FunctionName": "resize", "Role": "arn:aws:iam::111122223333:role/lambda/resize",
        "Environment": {"Variables": {
            "STAGE": "prod", "DB_PASSWORD": "correct horse battery", "KEY_ID": "AKIAIOSFODNN7EXAMPLE"
        }}
    }]})
    .to_string()
}

#[test]
fn whoever_writes_a_functions_code_is_its_role_and_whoever_sees_its_settings_has_its_secrets() {
    let acts = |action: &str| json!([{"Effect": "Allow", "Action": action, "Resource": FUNCTION}]);
    let trust =
        json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
    let runs_as = role("lambda/resize", trust, json!([]), json!({"RoleName": "resize"}));
    let users = vec![
        user("writer", acts("lambda:UpdateFunctionCode"), json!({})),
        user("viewer", acts("lambda:GetFunctionConfiguration"), json!({})),
        user("caller", acts("lambda:InvokeFunction"), json!({})),
    ];
    let iam = export(users, vec![], vec![runs_as], vec![]);
    let loaded = all(&[("iam.json", iam), ("lambda.json", functions())]);
    let target = id("role/lambda/resize");
    assert!(reached(&loaded, &id("user/writer"), Regime::BestCase).contains(&target));
    assert!(!reached(&loaded, &id("user/viewer"), Regime::WorstCase).contains(&target));
    assert!(!reached(&loaded, &id("user/caller"), Regime::WorstCase).contains(&target));
    let held = |seed: &str| -> Vec<String> {
        let radius = crate::support::reach(&loaded, &id(seed), Regime::BestCase);
        radius.credentials.iter().map(|c| c.reach.id.clone()).collect()
    };
    assert_eq!(
        held("user/viewer"),
        [
            "aws:AKIAIOSFODNN7EXAMPLE".to_owned(),
            format!("aws:{FUNCTION}#env/DB_PASSWORD")
        ]
    );
    assert!(held("user/caller").is_empty());
    assert!(!canonical(&loaded).contains("horse"), "the value of a secret was kept");
}

#[test]
fn a_functions_policy_says_who_may_call_it() {
    let policy = document(json!([
        {"Sid": "api", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
         "Action": "lambda:InvokeFunction", "Resource": FUNCTION},
        {"Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
         "Resource": FUNCTION, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
        {"Sid": "them", "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "lambda:*", "Resource": FUNCTION},
    ]));
    let text = json!({"Policy": policy.to_string(), "RevisionId": "r"}).to_string();
    let loaded = load(&[&text]);
    let scope = format!("lambda:InvokeFunction@{FUNCTION}");
    assert_eq!(grants(&loaded, "aws:anyone"), [format!("assumed {scope}")]);
    let through = format!("aws:{FUNCTION}#from/444455556666");
    let by_address = scope.replace("InvokeFunction", "InvokeFunctionUrl");
    assert_eq!(grants(&loaded, &through), [scope, by_address]);
    assert_eq!(becoming(&loaded, &through), ["assumed aws:444455556666:anyone"]);
}

fn report() -> String {
    "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_2_active,\
     access_key_2_last_rotated\n\
     ci,arn:aws:iam::111122223333:user/bots/ci,2022-01-01T00:00:00+00:00,false,true,2022-01-01T00:00:10+00:00,true,\
     2023-01-01T00:00:00+00:00\n"
        .to_owned()
}

fn keys() -> String {
    json!({"AccessKeyMetadata": [
        {"UserName": "ci", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive", "CreateDate": "2022-01-01T00:00:08Z"},
        {"UserName": "who", "AccessKeyId": "AKIAI44QH8DHBEXAMPLE", "Status": "Active", "CreateDate": "2020-01-01T00:00:00Z"},
        {"UserName": "ci"},
    ], "IsTruncated": true})
    .to_string()
}

#[test]
fn a_key_known_by_its_slot_gets_its_id_where_both_are_known() {
    let ids = |loaded: &Loaded| -> Vec<String> {
        let credentials = &loaded.inventory.records.credentials;
        credentials.iter().map(|c| c.id.to_string()).collect()
    };
    let slot = |n: u8| format!("{}#key-{n}", id("user/bots/ci"));
    assert_eq!(ids(&all(&[("report.csv", report())])), [slot(1), slot(2)]);
    let both = all(&[("report.csv", report()), ("keys.json", keys())]);
    assert_eq!(
        ids(&both),
        [
            "aws:AKIAI44QH8DHBEXAMPLE".to_owned(),
            "aws:AKIAIOSFODNN7EXAMPLE".to_owned(),
            slot(2)
        ]
    );
    let known = &both.inventory.records.credentials[1];
    assert_eq!(known.identity, Some(id("user/bots/ci").into()));
    assert_eq!(known.status.map(|s| s.as_str()), Some("disabled"));
    assert_eq!(known.attributes["slot"], json!(slot(1)));
    assert!(says(&both, "incomplete-export"));
    assert!(says(&both, "unknown-owner"));
    assert!(says(&both, "missing-field"));
    let file = both
        .inputs
        .iter()
        .find(|i| i.name.contains("keys"))
        .expect("it was read");
    assert!(!file.complete);
}

#[test]
fn providers_are_systems_that_are_worth_guarding() {
    let saml = json!({"SAMLProviderList": [{"Arn": "arn:aws:iam::111122223333:saml-provider/okta",
                      "ValidUntil": "2030-01-01T00:00:00Z"}, {"Arn": "nonsense"}]});
    let oidc = json!({"Url": "token.actions.githubusercontent.com", "ClientIDList": ["sts.amazonaws.com"]});
    let loaded = all(&[("saml.json", saml.to_string()), ("oidc.json", oidc.to_string())]);
    let ids: Vec<&str> = loaded.inventory.records.systems.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "aws:arn:aws:iam::111122223333:saml-provider/okta",
            "oidc:https://token.actions.githubusercontent.com"
        ]
    );
    assert!(says(&loaded, "odd-arn"));
}

#[test]
fn a_pod_identity_gives_a_role_that_trusts_it() {
    let association = |role: &str| {
        json!({"association": {"clusterName": "prod", "namespace": "shop", "serviceAccount": "cart",
            "roleArn": crate::support::arn(role),
            "associationArn": "arn:aws:eks:eu-west-1:111122223333:podidentityassociation/prod/a-1"}})
        .to_string()
    };
    let trusts =
        |service: &str| json!([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]);
    let roles = vec![
        role("cart", trusts("pods.eks.amazonaws.com"), json!([]), json!({})),
        role("vm", trusts("ec2.amazonaws.com"), json!([]), json!({})),
    ];
    let iam = || ("iam.json", export(vec![], vec![], roles.clone(), vec![]));
    let account = "k8s:prod:system:serviceaccount:shop:cart";
    assert_eq!(
        becoming(&all(&[iam(), ("a.json", association("role/cart"))]), &id("role/cart")),
        [account]
    );
    let broken = all(&[iam(), ("a.json", association("role/vm"))]);
    assert!(becoming(&broken, &id("role/vm")).is_empty());
    assert!(says(&broken, "broken-association"));
    let alone = all(&[("a.json", association("role/cart"))]);
    assert_eq!(becoming(&alone, &id("role/cart")), [format!("assumed {account}")]);
}

#[test]
fn access_entries_make_principals_users_of_a_cluster() {
    let who = crate::support::arn("role/ops");
    let entry = json!({"accessEntry": {"clusterName": "prod", "principalArn": who, "kubernetesGroups": ["viewers"],
        "username": "ops", "accessEntryArn": "arn:aws:eks:eu-west-1:111122223333:access-entry/prod/role/1/ops/x"}});
    let policies = json!({"clusterName": "prod", "principalArn": who, "associatedAccessPolicies": [
        {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
         "accessScope": {"type": "cluster"}},
        {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
         "accessScope": {"type": "namespace", "namespaces": ["shop"]}}]});
    let cluster = json!({"cluster": {"name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
        "identity": {"oidc": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/AB"}}}});
    let loaded = all(&[
        ("entry.json", entry.to_string()),
        ("policies.json", policies.to_string()),
        ("cluster.json", cluster.to_string()),
    ]);
    assert_eq!(
        becoming(&loaded, "k8s:prod:user:ops"),
        [id("role/ops").replace("arn:aws:iam::111122223333:", "")]
    );
    assert_eq!(becoming(&loaded, "k8s:prod:group:viewers").len(), 1);
    assert_eq!(
        grants(&loaded, &id("role/ops")),
        [
            "*@*",
            "get@shop/*, list@shop/*, watch@shop/* less *@shop/core/secrets:*, *@shop/rbac.authorization.k8s.io/*"
        ]
    );
    let system = &loaded.inventory.records.systems[0];
    assert_eq!(
        system.attributes["issuer"],
        json!("https://oidc.eks.eu-west-1.amazonaws.com/id/AB")
    );
}

#[test]
fn odd_answers_are_said_and_lose_nothing_else() {
    let text = format!(
        "{}\n{}",
        json!([{"SecretList": [{"ARN": 7}, {"ARN": "arn:aws:s3:::x"}]}, {"SecretList": {}}]),
        "{\"SecretList\": [{"
    );
    let whole = secrets(json!({"Tags": "none", "LastRotatedDate": [], "KmsKeyId": {}}));
    let loaded = load(&[&format!("{whole}\n{text}")]);
    assert_eq!(loaded.inventory.records.credentials.len(), 1);
    assert!(says(&loaded, "broken-json"), "{:?}", codes(&loaded));
    assert!(says(&loaded, "odd-arn"));
}
