//! A policy of many scopes has a grant of its own, whose list all who have the policy share; it allows what two policies
//! that say half of it each do.

use crate::loading::load;
use crate::support::{ACCOUNT, arn, export, group, id, inherit_line, policy, role, user, with};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use trustmap::import::Loaded;
use trustmap::model::Grant;

/// Acts of which some lead to somebody else.
fn acts() -> Vec<String> {
    let mut acts: Vec<String> = (0..70).map(|n| format!("svc{}:Get{n}", n % 9)).collect();
    for (at, act) in (0..).step_by(7).zip([
        "iam:AddUserToGroup",
        "IAM:PutUserPolicy",
        "iam:Pass*",
        "lambda:*",
        "iam:CreateAccessKey",
        "*:AttachRolePolicy",
        "sts:AssumeRole",
        "secretsmanager:GetSecretValue",
    ]) {
        acts[at] = act.to_owned();
    }
    acts
}

fn attached(names: &[&str]) -> Value {
    let list: Vec<Value> = names
        .iter()
        .map(|name| json!({"PolicyName": name, "PolicyArn": arn(&format!("policy/{name}"))}))
        .collect();
    json!({"AttachedManagedPolicies": list})
}

/// What every principal may do and who becomes whom, whichever grants say so.
fn said(loaded: &Loaded) -> (BTreeMap<String, BTreeSet<String>>, BTreeSet<String>) {
    let mut may: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for grant in &loaded.inventory.records.grants {
        let terms = format!(
            "{} {:?} within {:?} less {:?}",
            grant.holder, grant.common.assumed, grant.within, grant.except
        );
        let scopes = grant.scopes.iter().map(ToString::to_string);
        may.entry(terms).or_default().extend(scopes);
    }
    let lines = loaded.inventory.records.inherits.iter();
    let lines = lines.map(|one| format!("{} becomes {}", inherit_line(one), one.to));
    // There are as many policies to rewrite as there are policies.
    (may, lines.filter(|line| !line.contains("@policy/")).collect())
}

fn grants_of<'l>(loaded: &'l Loaded, holder: &str) -> Vec<&'l Grant> {
    let all = loaded.inventory.records.grants.iter();
    all.filter(|grant| grant.holder == holder).collect()
}

#[test]
fn a_policy_of_many_scopes_allows_what_its_halves_do() {
    let acts = acts();
    let on = json!(["*"]);
    let allow = |acts: &[String]| json!({"Effect": "Allow", "Action": acts, "Resource": on});
    let source = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let denials = [
        vec![],
        vec![json!({"Effect": "Deny", "Action": ["iam:Put*", "svc1:*"], "Resource": "*"})],
        vec![json!({"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*", "Condition": source})],
        vec![json!({"Effect": "Deny", "NotAction": ["svc2:*", "iam:*"], "Resource": "*"})],
    ];
    let boundaries = [
        None,
        Some(json!([{"Effect": "Allow", "Action": ["svc3:*", "iam:*", "lambda:*"], "Resource": "*"}])),
        Some(
            json!([{"Effect": "Allow", "Action": ["iam:*"], "Resource": "*", "Condition": source},
                    {"Effect": "Allow", "Action": ["svc4:*"], "Resource": "*"}]),
        ),
    ];
    let (mut ways, mut grants_of_their_own) = (0, 0);
    for denied in &denials {
        for bound in &boundaries {
            let with_many = |names: &[&str], policies: Vec<Value>| {
                let mut own = denied.clone();
                own.push(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::own/*"}));
                let mut more = attached(names);
                let mut policies = policies;
                if let Some(bound) = bound {
                    more["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": arn("policy/bound")});
                    policies.push(policy("bound", bound.clone()));
                }
                let trust = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                    "Action": "sts:AssumeRole"}]);
                let member = json!({"GroupList": ["team"]});
                load(&[&export(
                    vec![
                        user("ann", json!(own), more.clone()),
                        user("bob", json!([]), member),
                        user("cat", json!(own), json!({})),
                    ],
                    vec![with(group("team", json!(denied)), attached(names))],
                    vec![role("job", trust, json!(own), more)],
                    policies,
                )])
            };
            let (one, other) = acts.split_at(35);
            let whole = with_many(&["read"], vec![policy("read", json!([allow(&acts)]))]);
            let halves = with_many(
                &["first", "second"],
                vec![
                    policy("first", json!([allow(one)])),
                    policy("second", json!([allow(other)])),
                ],
            );
            let (of_whole, of_halves) = (said(&whole), said(&halves));
            assert!(of_whole.0 == of_halves.0, "{denied:?}, {bound:?}");
            assert_eq!(of_whole.1, of_halves.1, "{denied:?}, {bound:?}");
            ways += whole.inventory.records.inherits.len();
            // Whoever has the policy shares its list, and each of its grants is called after it.
            let many = |holder: &str| -> Vec<&Grant> {
                let all = grants_of(&whole, &id(holder)).into_iter();
                all.filter(|grant| grant.scopes.len() == acts.len()).collect()
            };
            let (ann, job) = (many("user/ann"), many("role/job"));
            assert!(!ann.is_empty() && ann.len() == job.len());
            let mut names = BTreeSet::new();
            for (a, b) in ann.iter().zip(&job) {
                assert_eq!(a.scopes.as_ptr(), b.scopes.as_ptr());
                let name = a.name().to_string();
                let begin = format!("grant:{}->{ACCOUNT} by {}, ", a.holder, arn("policy/read"));
                let mark = name.strip_prefix(&begin).unwrap_or_default();
                assert!(mark.len() == 8 && u32::from_str_radix(mark, 16).is_ok(), "{name}");
                assert_eq!(b.name().to_string(), name.replace("user/ann", "role/job"));
                names.insert(name);
                assert_eq!(a.common.evidence.as_deref(), Some(&*arn("policy/read")));
            }
            assert_eq!(names.len(), ann.len());
            grants_of_their_own += ann.len();
            let small = |n: &Loaded| {
                grants_of(n, &id("user/cat"))
                    .iter()
                    .all(|grant| grant.common.id.is_none())
            };
            assert!(small(&whole) && small(&halves));
        }
    }
    assert!(ways > 100 && grants_of_their_own > 12, "{ways}, {grants_of_their_own}");
}

#[test]
fn what_a_statement_of_such_a_policy_says_under_a_condition_stands_apart() {
    let acts = acts();
    let read = policy(
        "read",
        json!([{"Effect": "Allow", "Action": acts, "Resource": "*"},
               {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}},
               {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::b"}]),
    );
    let both = with(attached(&["read"]), json!({"GroupList": ["team"]}));
    let text = export(
        vec![user("ann", json!([]), both)],
        vec![with(group("team", json!([])), attached(&["read"]))],
        vec![],
        vec![read],
    );
    let loaded = load(&[&text]);
    let of_ann = grants_of(&loaded, &id("user/ann"));
    let lines: BTreeSet<(usize, Option<bool>, bool)> = of_ann
        .iter()
        .map(|grant| (grant.scopes.len(), grant.common.assumed, grant.common.id.is_some()))
        .collect();
    let expected = [(acts.len(), None, true), (1, Some(true), false), (1, None, false)];
    assert_eq!(lines, expected.into());
    // By itself and by the group: one grant that names both.
    let many: Vec<&&Grant> = of_ann.iter().filter(|grant| grant.scopes.len() > 1).collect();
    assert_eq!(many.len(), 1);
    let read = arn("policy/read");
    let evidence = many[0].common.evidence.as_deref().unwrap_or_default();
    assert!(evidence.contains(&read) && evidence.contains("team"), "{evidence}");
    // The export of another day, when the policy allowed something else, is another grant and no conflict.
    let later = load(&[&text, &text.replace("svc8:Get8", "svc8:Get88")]);
    let conflicts: Vec<_> = later.diagnostics.iter().filter(|d| d.code == "shared-id").collect();
    assert!(conflicts.is_empty(), "{conflicts:?}");
    assert_eq!(grants_of(&later, &id("user/ann")).len(), of_ann.len() + 1);
    // Loaded beside its own conversion nothing changes.
    let converted = trustmap::export::native::native(&loaded.inventory);
    let beside = load(&[&text, &converted]);
    assert_eq!(trustmap::export::native::native(&beside.inventory), converted);
}

#[test]
fn who_has_one_boundary_or_denial_shares_its_list() {
    let bound = policy(
        "bound",
        json!([{"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"},
               {"Effect": "Deny", "Action": ["s3:DeleteBucket", "s3:Put*"], "Resource": "*"}]),
    );
    let denies = policy(
        "denies",
        json!([{"Effect": "Deny", "Action": ["s3:DeleteBucket", "s3:Put*"], "Resource": "*"}]),
    );
    let names = ["ann", "bob", "cat"];
    let own = |name: &str| json!([{"Effect": "Allow", "Action": format!("s3:Get{name}"), "Resource": "*"}]);
    let bounded = json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/bound")}});
    let users = names.map(|name| user(name, own(name), with(bounded.clone(), attached(&["denies"]))));
    let loaded = load(&[&export(users.to_vec(), vec![], vec![], vec![bound, denies])]);
    let of = names.map(|name| {
        let all = grants_of(&loaded, &id(&format!("user/{name}")));
        assert_eq!(all.len(), 1, "{name}");
        all[0]
    });
    for (grant, name) in of.iter().zip(names) {
        assert_eq!(grant.scopes.to_vec(), [format!("s3:Get{name}@*")]);
        // What is denied by both is denied once.
        assert_eq!(grant.except.to_vec(), ["s3:DeleteBucket@*", "s3:Put*@*"]);
        assert_eq!(grant.within.as_deref().unwrap_or_default(), ["s3:*@*", "sqs:*@*"]);
        assert_eq!(grant.except.as_ptr(), of[0].except.as_ptr());
        let lies = |grant: &Grant| grant.within.as_ref().map(|within| within.as_ptr());
        assert_eq!(lies(grant), lies(of[0]));
    }
}

#[test]
fn a_policy_that_is_called_like_a_secret_names_no_grant() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    let statements = json!({"Effect": "Allow", "Action": acts(), "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statements]});
    let own = json!({"UserPolicyList": [{"PolicyName": token, "PolicyDocument": document}]});
    let loaded = load(&[&export(vec![user("ann", json!([]), own)], vec![], vec![], vec![])]);
    let of_ann = grants_of(&loaded, &id("user/ann"));
    assert!(
        of_ann.iter().any(|grant| grant.scopes.len() == acts().len()),
        "{of_ann:?}"
    );
    let converted = trustmap::export::native::native(&loaded.inventory);
    assert!(!converted.contains(&token));
    let messages: Vec<_> = loaded.diagnostics.iter().map(|d| &d.message).collect();
    assert!(!messages.iter().any(|message| message.contains(&token)), "{messages:?}");
}
