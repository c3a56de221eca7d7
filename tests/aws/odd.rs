//! Exports that are cut off, go on elsewhere, or are not what they should be: every oddity is said with its place, and
//! the rest stays.

use crate::loading::{codes, load, problems, try_load};
use crate::support::{arn, attributes, becoming, export, grants, group, id, role, user, with};
use serde_json::{Value, json};

fn s3() -> Value {
    json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
}

#[test]
fn an_export_that_goes_on_says_so() {
    for more in [
        json!({"IsTruncated": true, "Marker": "x"}),
        json!({"Marker": "x"}),
        json!({"NextToken": "x"}),
    ] {
        let mut page: Value =
            serde_json::from_str(&export(vec![user("ann", s3(), json!({}))], vec![], vec![], vec![])).unwrap();
        page = with(page, more);
        let loaded = load(&[&page.to_string()]);
        assert!(!loaded.inputs[0].complete);
        assert_eq!(codes(&loaded), ["incomplete-export a.json"]);
        assert_eq!(grants(&loaded, &id("user/ann")), ["s3:*@*"]);
    }
    let whole = load(&[&export(vec![user("ann", s3(), json!({}))], vec![], vec![], vec![])]);
    assert!(whole.inputs[0].complete);
}

#[test]
fn pages_of_one_file_are_read_together() {
    let first = json!({"UserDetailList": [user("ann", json!([]), json!({"GroupList": ["ops"]}))], "IsTruncated": true, "Marker": "x"});
    let second = json!({"GroupDetailList": [group("ops", s3())], "IsTruncated": false});
    for text in [
        format!("{first}\n{second}"),
        format!("[{first}, {second}]"),
        format!("[{first}][{second}]"),
    ] {
        let loaded = load(&[&text]);
        assert_eq!(codes(&loaded), [""; 0], "{text}");
        assert!(loaded.inputs[0].complete);
        assert_eq!(grants(&loaded, &id("user/ann")), ["s3:*@*"]);
    }
    // In files of their own, the user's group is missing where the user stands.
    let apart = load(&[&first.to_string(), &second.to_string()]);
    assert_eq!(
        codes(&apart),
        [
            "incomplete-export a.json",
            "missing-policy a.json/UserDetailList/0/GroupList/0"
        ]
    );
    assert_eq!(grants(&apart, &id("user/ann")), ["assumed *@*"]);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_stays() {
    let more = json!({"UserPolicyList": [
        {"PolicyName": "text", "PolicyDocument": "%7Bnot json"},
        {"PolicyName": "number", "PolicyDocument": 7},
        {"PolicyName": "none"},
        {"PolicyName": "no statement", "PolicyDocument": {"Version": "2012-10-17"}},
        {"PolicyName": "good", "PolicyDocument": {"Statement": [
            7,
            {"Effect": "Perhaps", "Action": "a:X", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}]});
    let loaded = load(&[&export(
        vec![user("ann", json!([]), more), user("bob", s3(), json!({}))],
        vec![],
        vec![],
        vec![],
    )]);
    assert_eq!(grants(&loaded, &id("user/ann")), ["assumed *@*", "s3:*@*"]);
    assert_eq!(grants(&loaded, &id("user/bob")), ["s3:*@*"]);
    let list = "a.json/UserDetailList/0/UserPolicyList";
    assert_eq!(
        codes(&loaded),
        [
            format!("bad-document {list}/0/PolicyDocument"),
            format!("bad-document {list}/1/PolicyDocument"),
            format!("missing-field {list}/2"),
            format!("bad-document {list}/3/PolicyDocument/Statement"),
            format!("bad-statement {list}/4/PolicyDocument/Statement/0"),
            format!("bad-statement {list}/4/PolicyDocument/Statement/1"),
        ]
    );
}

#[test]
fn a_statement_that_is_read_in_part_is_as_wide_as_it_may_be_and_never_certain() {
    for (statement, expected) in [
        (
            json!({"Effect": "Allow", "Action": 7, "Resource": "arn:x"}),
            vec!["assumed *@arn:x", "s3:*@*"],
        ),
        (
            json!({"Effect": "Allow", "Action": "a:X"}),
            vec!["assumed a:X@*", "s3:*@*"],
        ),
        (
            json!({"Effect": "Allow", "Action": ["a:X", null], "Resource": "r"}),
            vec!["assumed *@r", "s3:*@*"],
        ),
        (
            json!({"Effect": "Allow", "Action": "a:X", "NotAction": "a:Y", "Resource": "r"}),
            vec!["assumed *@r", "s3:*@*"],
        ),
        (
            json!({"Effect": "Deny", "Action": {}, "Resource": "r"}),
            vec!["assumed s3:*@*", "s3:*@* less *@r"],
        ),
        (
            json!({"Effect": "Allow", "Action": "a:X", "Resource": "r", "Condition": {"Bool": {"a:b": {}}}}),
            vec!["assumed a:X@r", "s3:*@*"],
        ),
        (
            json!({"Effect": "Allow", "Action": "a:X", "Resource": "r", "Condition": "never"}),
            vec!["assumed a:X@r", "s3:*@*"],
        ),
    ] {
        let all = json!([s3()[0].clone(), statement.clone()]);
        let loaded = load(&[&export(vec![user("ann", all, json!({}))], vec![], vec![], vec![])]);
        assert_eq!(grants(&loaded, &id("user/ann")), expected, "{statement}");
        assert_eq!(loaded.diagnostics.len(), 1, "{:?}", problems(&loaded));
    }
}

#[test]
fn members_of_the_wrong_type_never_stop_the_reading() {
    let ann = || user("ann", s3(), json!({}));
    let types = [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!({}),
        json!([[]]),
        json!([{}]),
        json!(true),
    ];
    let keys = [
        "UserName",
        "UserId",
        "Path",
        "CreateDate",
        "UserPolicyList",
        "GroupList",
        "AttachedManagedPolicies",
        "PermissionsBoundary",
        "Tags",
    ];
    for value in &types {
        for key in keys {
            let text = export(
                vec![with(ann(), json!({key: value})), user("bob", s3(), json!({}))],
                vec![],
                vec![],
                vec![],
            );
            assert_eq!(grants(&load(&[&text]), &id("user/bob")), ["s3:*@*"], "{key} {value}");
        }
        for key in [
            "AssumeRolePolicyDocument",
            "RolePolicyList",
            "RoleLastUsed",
            "InstanceProfileList",
            "MaxSessionDuration",
        ] {
            let r = role("r", json!([]), json!([]), json!({key: value}));
            let text = export(vec![user("bob", s3(), json!({}))], vec![], vec![r], vec![]);
            assert_eq!(grants(&load(&[&text]), &id("user/bob")), ["s3:*@*"], "{key} {value}");
        }
        for list in ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"] {
            let page = with(
                json!({"UserDetailList": [], "RoleDetailList": []}),
                json!({list: value}),
            );
            let _ = try_load(&[&page.to_string()]);
            let page = json!({"UserDetailList": [ann()], "RoleDetailList": [], "GroupDetailList": [value], "Policies": [value]});
            assert_eq!(
                grants(&load(&[&page.to_string()]), &id("user/ann")),
                ["s3:*@*"],
                "{list} {value}"
            );
        }
        for part in ["Principal", "NotPrincipal", "Action", "Condition", "Effect", "Sid"] {
            let statement = with(
                json!({"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": "sts:AssumeRole"}),
                json!({part: value}),
            );
            let text = export(
                vec![ann()],
                vec![],
                vec![role("r", json!([statement]), json!([]), json!({}))],
                vec![],
            );
            assert_eq!(grants(&load(&[&text]), &id("user/ann")), ["s3:*@*"], "{part} {value}");
        }
    }
}

#[test]
fn records_that_cannot_be_placed_are_left_out_and_said() {
    let loaded = load(&[&export(
        vec![
            with(user("ann", s3(), json!({})), json!({"Arn": null})),
            user("bob", s3(), json!({})),
        ],
        vec![],
        vec![],
        vec![],
    )]);
    assert_eq!(codes(&loaded), ["missing-field a.json/UserDetailList/0"]);
    let odd = with(
        user("ann", s3(), json!({})),
        json!({"Arn": "arn:aws:iam::aws:user/ann"}),
    );
    let loaded = load(&[&export(
        vec![odd.clone(), user("bob", s3(), json!({}))],
        vec![],
        vec![],
        vec![],
    )]);
    assert_eq!(codes(&loaded), ["odd-arn a.json/UserDetailList/0"]);
    assert_eq!(grants(&loaded, "aws:arn:aws:iam::aws:user/ann"), ["s3:*@*"]);
    let loaded = load(&[&export(vec![odd], vec![], vec![], vec![])]);
    assert_eq!(problems(&loaded)[0].split(' ').next(), Some("error"));
}

#[test]
fn thousands_of_odd_things_are_counted() {
    let users: Vec<Value> = (0..500).map(|_| json!({"UserName": "x"})).collect();
    let loaded = load(&[&export(users, vec![], vec![], vec![])]);
    assert_eq!(loaded.diagnostics.len(), 101);
    assert!(
        problems(&loaded)
            .iter()
            .any(|p| p.contains("400 more of the kind missing-field"))
    );
}

#[test]
fn files_that_cannot_be_used_say_why() {
    let whole = export(vec![user("ann", s3(), json!({}))], vec![], vec![], vec![]);
    let cut = &whole[..whole.len() / 2];
    for (text, said) in [
        (cut.to_owned(), "the JSON ends in the middle"),
        (
            format!("{{\"UserDetailList\": {}", "[".repeat(100_000)),
            "the JSON ends in the middle",
        ),
        (
            json!({"Content": "!!!", "ReportFormat": "text/csv"}).to_string(),
            "was not recognised",
        ),
    ] {
        let error = try_load(&[&text]).map(|l| l.inputs).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_document_nested_deep_in_a_text_is_one_bad_document() {
    let deep = format!("{{\"Statement\": {}", "[".repeat(10_000));
    let ann = with(
        user("ann", json!([]), json!({})),
        json!({"UserPolicyList": [{"PolicyName": "deep", "PolicyDocument": deep}]}),
    );
    let loaded = load(&[&export(vec![ann], vec![], vec![], vec![])]);
    assert_eq!(grants(&loaded, &id("user/ann")), ["assumed *@*"]);
    assert_eq!(loaded.diagnostics.len(), 1);
}

#[test]
fn more_patterns_than_a_document_can_hold_are_not_written_out() {
    let many = |prefix: &str| (0..400).map(|i| json!(format!("{prefix}{i}"))).collect::<Vec<_>>();
    let all = json!([{"Effect": "Allow", "Action": many("s3:X"), "Resource": many("arn:")}]);
    let loaded = load(&[&export(vec![user("ann", all, json!({}))], vec![], vec![], vec![])]);
    let grant = loaded
        .inventory
        .records
        .grants
        .iter()
        .find(|g| g.holder == id("user/ann"))
        .unwrap();
    assert_eq!((grant.scopes.len(), grant.common.assumed), (400, Some(true)));
}

#[test]
fn secrets_in_tags_do_not_enter() {
    let tags = json!({"Tags": [{"Key": "env", "Value": "prod"}, {"Key": "db_password", "Value": "correct-horse-battery"},
                               {"Key": "owner", "Value": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}]});
    let loaded = load(&[&export(vec![user("ann", s3(), tags)], vec![], vec![], vec![])]);
    let text = crate::loading::canonical(&loaded) + &problems(&loaded).join("\n");
    assert!(!text.contains("correct-horse") && !text.contains("ghp_0123"), "{text}");
    assert!(text.contains("env=prod"));
    assert_eq!(attributes(&loaded, &id("user/ann"))["policies"], json!(["inline own"]));
}

#[test]
fn records_grow_with_what_the_source_holds() {
    let size = |n: usize| {
        let users = (0..n)
            .map(|i| user(&format!("u{i}"), s3(), json!({"GroupList": ["ops"]})))
            .collect();
        let roles = (0..n)
            .map(|i| {
                let trust = json!([{"Effect": "Allow", "Action": "sts:AssumeRole",
                                    "Principal": {"AWS": [arn("root"), "*", arn(&format!("user/u{i}"))]}}]);
                role(&format!("r{i}"), trust, s3(), json!({}))
            })
            .collect();
        let loaded = load(&[&export(users, vec![group("ops", s3())], roles, vec![])]);
        assert!(!becoming(&loaded, &id("role/r1")).is_empty());
        loaded.inventory.records.len()
    };
    let (small, large) = (size(10), size(100));
    assert!(large <= small * 10, "{small} {large}");
    // Ways to escalate are about half of it.
    assert!(large <= 14 * 200, "{large}");
}

#[test]
fn lists_of_principals_say_who_may_become_whom_and_nothing_of_what_they_may_do() {
    let trusted = |who: Value| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}]});
    let listed = |name: &str, who: Value| {
        json!({"Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "Arn": arn(&format!("role/{name}")),
               "CreateDate": "2025-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": trusted(who), "MaxSessionDuration": 3600})
    };
    let roles = json!({"Roles": [
        listed("deploy", json!({"AWS": arn("role/build")})),
        listed("build", json!({"Service": "codebuild.amazonaws.com"})),
    ]});
    let alone = load(&[&roles.to_string()]);
    assert_eq!(alone.inputs[0].importer, Some("aws-principals"));
    assert_eq!(codes(&alone), ["no-permissions a.json"]);
    assert!(!becoming(&alone, &id("role/deploy")).is_empty());
    assert_eq!(grants(&alone, &id("role/deploy")), [""; 0]);
    // Nobody is said to have no policies by a list without any.
    assert_eq!(attributes(&alone, &id("role/deploy"))["policies"], Value::Null);
    // A page of more says so here too.
    let page = load(&[&with(roles, json!({"IsTruncated": true, "Marker": "x"})).to_string()]);
    assert!(!page.inputs[0].complete);
}
