//! What a principal may do: the union of its policies less all denials, within its boundary.

use crate::loading::load;
use crate::support::{attributes, export, grants, group, id, policy, role, user, with};
use serde_json::{Value, json};

/// Grants of a user with these statements of its own.
#[track_caller]
fn check(statements: Value, expected: &[&str]) {
    check_user(json!({}), statements, vec![], expected);
}

/// Grants of the user ann with further members, in an account with these policies.
#[track_caller]
fn check_user(more: Value, statements: Value, policies: Vec<Value>, expected: &[&str]) {
    let loaded = load(&[&export(vec![user("ann", statements, more)], vec![], vec![], policies)]);
    let errors: Vec<_> = loaded.diagnostics.iter().map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(grants(&loaded, &id("user/ann")), expected);
}

fn allow(actions: Value, resources: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn deny(actions: Value, resources: Value) -> Value {
    json!({"Effect": "Deny", "Action": actions, "Resource": resources})
}

fn boundary(name: &str) -> Value {
    json!({"PermissionsBoundary": {"PermissionsBoundaryType": "Policy",
           "PermissionsBoundaryArn": crate::support::arn(&format!("policy/{name}"))}})
}

#[test]
fn statements_become_one_grant_of_acts_on_resources() {
    check(
        json!([
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*")),
            allow(json!(["sqs:*"]), json!(["*"]))
        ]),
        &["s3:GetObject@arn:aws:s3:::b/*, sqs:*@*"],
    );
    check(
        json!(allow(json!(["a:X", "a:Y"]), json!(["r1", "r2"]))),
        &["a:X@r1, a:X@r2, a:Y@r1, a:Y@r2"],
    );
    check(json!([allow(json!("*:*"), json!("*"))]), &["*@*"]);
    check(
        json!([allow(json!("s3:Get?bject"), json!("name-??????"))]),
        &["s3:Get*bject@name-*"],
    );
    check(json!([]), &[]);
}

#[test]
fn a_denial_stands_in_every_grant() {
    check(
        json!([allow(json!("s3:*"), json!("*")), deny(json!("s3:Delete*"), json!("arn:aws:s3:::keep/*")),
               {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
        &[
            "*@* less iam:*@*, s3:Delete*@arn:aws:s3:::keep/*",
            "s3:*@* less s3:Delete*@arn:aws:s3:::keep/*",
        ],
    );
    check(
        json!([allow(json!("s3:*"), json!("*")), deny(json!("*"), json!("*"))]),
        &[],
    );
    check(json!([deny(json!("s3:*"), json!("*"))]), &[]);
}

#[test]
fn an_allow_of_all_but_some_has_them_as_exceptions() {
    check(
        json!([{"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "arn:aws:s3:::b"}]),
        &["*@arn:aws:s3:::b less iam:*@*, sts:*@*"],
    );
    check(
        json!([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b"}]),
        &["s3:*@* less *@arn:aws:s3:::b"],
    );
    check(
        json!([{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b"}]),
        &["*@* less *@arn:aws:s3:::b, iam:*@*"],
    );
    // What is excepted with a `?` is excepted from what is certain, and not from what is assumed.
    check(
        json!([{"Effect": "Allow", "NotAction": "iam:?", "Resource": "*"}]),
        &["*@* less iam:*@*", "assumed *@*"],
    );
}

#[test]
fn a_denial_of_all_but_some_bounds_what_is_allowed() {
    check(
        json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "NotAction": ["s3:*", "sqs:*"], "Resource": "*"}]),
        &["*@* within s3:*@*, sqs:*@*"],
    );
    // Spared are the acts everywhere, and everything elsewhere: two grants.
    check(
        json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "arn:x"}]),
        &["*@* less *@arn:x", "*@* within s3:*@*"],
    );
    check(
        json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:x"}]),
        &["*@* less s3:*@*", "*@* within *@arn:x"],
    );
    check(
        json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:x"}]),
        &["*@* within *@arn:x", "*@* within s3:*@*"],
    );
    // Both denials have to be passed.
    check(
        json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
               {"Effect": "Deny", "NotAction": ["s3:Get*", "iam:*"], "Resource": "*"}]),
        &["*@* within s3:Get*@*"],
    );
}

#[test]
fn a_denial_that_says_what_it_denies_with_a_question_mark_is_undecided() {
    check(
        json!([allow(json!("s3:*"), json!("*")), deny(json!("s3:*"), json!("bucket-?"))]),
        &["assumed s3:*@*", "s3:*@* less s3:*@bucket-*"],
    );
}

#[test]
fn a_boundary_bounds_every_grant() {
    let both = json!([allow(json!("*"), json!("*"))]);
    check_user(
        boundary("limit"),
        both.clone(),
        vec![policy("limit", json!([allow(json!(["s3:*", "sqs:*"]), json!("*"))]))],
        &["*@* within s3:*@*, sqs:*@*"],
    );
    // Its denials count, and what it leaves out is an exception.
    check_user(
        boundary("limit"),
        both.clone(),
        vec![policy(
            "limit",
            json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, deny(json!("s3:Delete*"), json!("*"))]),
        )],
        &["*@* within *@* less iam:*@*, s3:Delete*@*"],
    );
    // Of two lists neither of whose patterns covers the other's, what they share is assumed.
    check_user(
        boundary("limit"),
        json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "NotAction": "s3:*Object", "Resource": "*"}]),
        vec![policy(
            "limit",
            json!([allow(json!(["s3:Get*", "s3:PutObject"]), json!("*"))]),
        )],
        &[
            "*@* within s3:PutObject@*",
            "assumed *@* within s3:*Object@*, s3:PutObject@*",
        ],
    );
    // A boundary that allows nothing leaves nothing.
    check_user(boundary("limit"), both, vec![policy("limit", json!([]))], &[]);
}

#[test]
fn a_boundary_the_export_lacks_leaves_everything_assumed() {
    let loaded = load(&[&export(
        vec![user("ann", json!([allow(json!("s3:*"), json!("*"))]), boundary("gone"))],
        vec![],
        vec![],
        vec![],
    )]);
    assert_eq!(grants(&loaded, &id("user/ann")), ["assumed s3:*@*"]);
    let codes: Vec<_> = loaded.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["missing-policy"]);
}

#[test]
fn the_passing_of_roles_names_the_service() {
    check(
        json!([allow(json!("iam:PassRole"), json!("arn:aws:iam::1:role/x"))]),
        &["iam:PassRole/*@arn:aws:iam::1:role/x"],
    );
    let passed = |operator: &str, actions: Value, services: Value| {
        json!([{"Effect": "Allow", "Action": actions, "Resource": "*",
                "Condition": {operator: {"iam:PassedToService": services}}}])
    };
    check(
        passed(
            "StringEquals",
            json!("iam:PassRole"),
            json!(["ec2.amazonaws.com", "lambda.amazonaws.com"]),
        ),
        &["iam:PassRole/ec2.amazonaws.com@*, iam:PassRole/lambda.amazonaws.com@*"],
    );
    check(
        passed("StringLike", json!("iam:PassRole"), json!("*.amazonaws.com")),
        &["iam:PassRole/*.amazonaws.com@*"],
    );
    // Any other act has no such key, so it is not allowed, or allowed where the key may be absent.
    check(
        passed(
            "StringEquals",
            json!(["iam:PassRole", "ec2:RunInstances"]),
            json!("ec2.amazonaws.com"),
        ),
        &["iam:PassRole/ec2.amazonaws.com@*"],
    );
    check(
        passed("StringEqualsIfExists", json!("iam:*"), json!("ec2.amazonaws.com")),
        &["iam:*@* less iam:PassRole/*@*", "iam:PassRole/ec2.amazonaws.com@*"],
    );
    check(
        passed("StringNotEquals", json!("iam:PassRole"), json!("ec2.amazonaws.com")),
        &["assumed iam:PassRole/*@*"],
    );
    check(
        json!([allow(json!("iam:*"), json!("*")),
               {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*",
                "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}]),
        &["iam:*@* less iam:PassRole/ec2.amazonaws.com@*"],
    );
    check(
        json!([allow(json!("iam:*Role"), json!("*"))]),
        &["iam:*Role@*, iam:PassRole/*@*"],
    );
}

#[test]
fn policy_variables_are_filled_in() {
    let own = |version: &str| {
        json!([{"PolicyName": "own", "PolicyDocument": {"Version": version, "Statement":
            [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"}]}}])
    };
    let ann = |version: &str| {
        with(
            user("ann", json!([]), json!({})),
            json!({"UserPolicyList": own(version)}),
        )
    };
    let of = |version: &str| {
        grants(
            &load(&[&export(vec![ann(version)], vec![], vec![], vec![])]),
            &id("user/ann"),
        )
    };
    assert_eq!(of("2012-10-17"), ["s3:*@arn:aws:s3:::home/ann/*"]);
    // The older language has none.
    assert_eq!(of("2008-10-17"), ["s3:*@arn:aws:s3:::home/${aws:username}/*"]);
    check(
        json!([allow(json!("s3:*"), json!("${aws:SourceVpc}/x"))]),
        &["assumed s3:*@*/x"],
    );
    check(json!([allow(json!("s3:*"), json!("${aws:PrincipalTag/team}/x"))]), &[]);
    // What is denied is not widened: it is excepted from what is certain alone.
    check(
        json!([
            allow(json!("s3:*"), json!("*")),
            deny(json!("s3:*"), json!("${aws:SourceVpc}/x"))
        ]),
        &["assumed s3:*@*", "s3:*@* less s3:*@*/x"],
    );
}

#[test]
fn groups_are_flattened_into_their_members() {
    let ann = user(
        "ann",
        json!([deny(json!("s3:Delete*"), json!("*"))]),
        json!({"GroupList": ["ops"]}),
    );
    let ops = group(
        "ops",
        json!([
            allow(json!("s3:*"), json!("*")),
            deny(json!("s3:PutBucket*"), json!("*"))
        ]),
    );
    let loaded = load(&[&export(vec![ann.clone()], vec![ops.clone()], vec![], vec![])]);
    assert_eq!(
        grants(&loaded, &id("user/ann")),
        ["s3:*@* less s3:Delete*@*, s3:PutBucket*@*"]
    );
    // Nobody can add members, so the group itself has nothing to give.
    assert_eq!(grants(&loaded, &id("group/ops")), [""; 0]);
    assert!(
        loaded
            .inventory
            .records
            .inherits
            .iter()
            .all(|i| i.to != id("group/ops"))
    );
    assert_eq!(attributes(&loaded, &id("user/ann"))["groups"], json!(["ops"]));
    // With somebody who can, the group has its own grants.
    let bob = user(
        "bob",
        json!([allow(
            json!("iam:AddUserToGroup"),
            json!(crate::support::arn("group/o*"))
        )]),
        json!({}),
    );
    let loaded = load(&[&export(vec![ann, bob], vec![ops], vec![], vec![])]);
    assert_eq!(grants(&loaded, &id("group/ops")), ["s3:*@* less s3:PutBucket*@*"]);
}

#[test]
fn the_default_version_counts() {
    let versions = json!([
        {"VersionId": "v2", "IsDefaultVersion": false, "Document": crate::support::document(json!([allow(json!("*"), json!("*"))]))},
        {"VersionId": "v1", "IsDefaultVersion": true, "Document": crate::support::document(json!([allow(json!("s3:*"), json!("*"))]))}]);
    let listed = with(policy("p", json!([])), json!({"PolicyVersionList": versions}));
    let attached =
        json!({"AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": crate::support::arn("policy/p")}]});
    check_user(attached.clone(), json!([]), vec![listed.clone()], &["s3:*@*"]);
    // By its name, where no version says that it is the default.
    let mut named = listed;
    for version in named["PolicyVersionList"].as_array_mut().unwrap() {
        version.as_object_mut().unwrap().remove("IsDefaultVersion");
    }
    check_user(attached, json!([]), vec![named], &["s3:*@*"]);
}

#[test]
fn documents_may_be_texts() {
    let plain = crate::support::document(json!([allow(json!("s3:*"), json!("arn:aws:s3:::a%20b/*"))])).to_string();
    let encoded: String = plain
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                (b as char).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    for text in [plain, encoded] {
        let ann = with(
            user("ann", json!([]), json!({})),
            json!({"UserPolicyList": [{"PolicyName": "own", "PolicyDocument": text}]}),
        );
        let loaded = load(&[&export(vec![ann], vec![], vec![], vec![])]);
        assert_eq!(grants(&loaded, &id("user/ann")), ["s3:*@arn:aws:s3:::a%20b/*"]);
        assert!(loaded.diagnostics.is_empty());
    }
}

#[test]
fn policies_of_aws_that_the_export_lacks_come_from_the_table() {
    let attached = |name: &str| {
        let policy_arn = format!("arn:aws:iam::aws:policy/{name}");
        json!({"AttachedManagedPolicies": [{"PolicyName": name, "PolicyArn": policy_arn}]})
    };
    check_user(attached("AdministratorAccess"), json!([]), vec![], &["*@*"]);
    check_user(
        attached("AWSDenyAll"),
        json!([allow(json!("*"), json!("*"))]),
        vec![],
        &[],
    );
    let power = load(&[&export(
        vec![user("ann", json!([]), attached("PowerUserAccess"))],
        vec![],
        vec![],
        vec![],
    )]);
    let power = grants(&power, &id("user/ann"));
    assert_eq!(power[0], "*@* less account:*@*, iam:*@*, organizations:*@*");
    let read = load(&[&export(
        vec![user("ann", json!([]), attached("ReadOnlyAccess"))],
        vec![],
        vec![],
        vec![],
    )]);
    let read = grants(&read, &id("user/ann")).join("\n");
    assert!(read.contains("s3:Get*@*") && !read.contains("secretsmanager:GetSecretValue"));
    // One that is in neither is unknown, and said so once for all who have it.
    let users = ["ann", "bob"]
        .map(|n| user(n, json!([]), attached("AmazonSQSFullAccess")))
        .to_vec();
    let loaded = load(&[&export(users, vec![], vec![], vec![])]);
    assert_eq!(grants(&loaded, &id("user/ann")), ["assumed *@*"]);
    let said: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|d| (d.code, d.message.as_str()))
        .collect();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, "missing-policy");
    assert!(
        said[0]
            .1
            .starts_with("2 principals have \"arn:aws:iam::aws:policy/AmazonSQSFullAccess\"")
    );
}

#[test]
fn a_role_unused_for_long_says_so_of_its_grants() {
    let used = |when: &str| {
        let r = role(
            "r",
            json!([]),
            json!([allow(json!("s3:*"), json!("*"))]),
            json!({"RoleLastUsed": {"LastUsedDate": when, "Region": "eu-west-1"}}),
        );
        // Something else in the export is newer.
        let fresh = user("ann", json!([]), json!({"CreateDate": "2025-06-01T00:00:00Z"}));
        let loaded = load(&[&export(vec![fresh], vec![], vec![r], vec![])]);
        let grant = loaded
            .inventory
            .records
            .grants
            .iter()
            .find(|g| g.holder == id("role/r"))
            .cloned();
        grant.unwrap().common.last_used_at.map(|t| t.to_string())
    };
    assert_eq!(
        used("2025-01-01 10:00:00+00:00").as_deref(),
        Some("2025-01-01T10:00:00Z")
    );
    assert_eq!(used("2025-05-01T00:00:00Z"), None);
}

#[test]
fn equal_statements_of_many_policies_are_one_grant_that_names_them_all() {
    let attached = json!({"AttachedManagedPolicies": [
        {"PolicyName": "p", "PolicyArn": crate::support::arn("policy/p")},
        {"PolicyName": "q", "PolicyArn": crate::support::arn("policy/q")}]});
    let s3 = json!([allow(json!("s3:*"), json!("*"))]);
    let loaded = load(&[&export(
        vec![user("ann", s3.clone(), attached)],
        vec![],
        vec![],
        vec![
            policy("p", s3.clone()),
            policy("q", json!([allow(json!("sqs:*"), json!("*"))])),
        ],
    )]);
    let grant = loaded
        .inventory
        .records
        .grants
        .iter()
        .find(|g| g.holder == id("user/ann"))
        .unwrap();
    assert_eq!(grant.scopes[..], ["s3:*@*", "sqs:*@*"]);
    assert_eq!(
        grant.common.evidence.as_deref(),
        Some("arn:aws:iam::111122223333:policy/p; arn:aws:iam::111122223333:policy/q; inline policy own")
    );
}
