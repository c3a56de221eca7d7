//! From a workflow to a role of a cloud, with both sides loaded.

use crate::support::{fixtures, given, load, reached};
use serde_json::json;
use trustmap::graph::Regime::{BestCase, WorstCase};

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
