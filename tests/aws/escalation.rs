//! Privilege escalation: every way of the lab that public tools are measured by leads to the administrator, and no
//! longer does when any of its permissions is missing, denied, out of bounds, on something else or under a condition that
//! does not hold.

use crate::loading::load;
use crate::support::{ACCOUNT, arn, escalations, export, group, id, policy, reached, role, user};
use serde_json::{Value, json};
use std::time::Instant;
use trustmap::graph::Regime;
use trustmap::import::Loaded;

/// A way: its name, its acts, and whether the export decides it.
type Way = (&'static str, &'static [&'static str], bool);

/// The ways of the lab, by the names the lab gives them.
const WAYS: &[Way] = &[
    ("CreateNewPolicyVersion", &["iam:CreatePolicyVersion"], true),
    (
        "SetExistingDefaultPolicyVersion",
        &["iam:SetDefaultPolicyVersion"],
        true,
    ),
    (
        "CreateEC2WithExistingInstanceProfile",
        &["iam:PassRole", "ec2:RunInstances"],
        true,
    ),
    ("CreateAccessKey", &["iam:CreateAccessKey"], true),
    ("CreateLoginProfile", &["iam:CreateLoginProfile"], false),
    ("UpdateLoginProfile", &["iam:UpdateLoginProfile"], false),
    ("AttachUserPolicy", &["iam:AttachUserPolicy"], true),
    ("AttachGroupPolicy", &["iam:AttachGroupPolicy"], true),
    ("AttachRolePolicy", &["iam:AttachRolePolicy"], false),
    ("PutUserPolicy", &["iam:PutUserPolicy"], true),
    ("PutGroupPolicy", &["iam:PutGroupPolicy"], true),
    ("PutRolePolicy", &["iam:PutRolePolicy"], false),
    ("AddUserToGroup", &["iam:AddUserToGroup"], true),
    ("UpdateRolePolicyToAssumeIt", &["iam:UpdateAssumeRolePolicy"], true),
    (
        "PassExistingRoleToNewLambdaThenInvoke",
        &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        true,
    ),
    (
        "PassExistingRoleToNewLambdaThenTriggerWithNewDynamo",
        &[
            "iam:PassRole",
            "lambda:CreateFunction",
            "lambda:CreateEventSourceMapping",
        ],
        true,
    ),
    (
        "PassExistingRoleToNewLambdaThenAddPermission",
        &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"],
        true,
    ),
    (
        "EditExistingLambdaFunctionWithRole",
        &["lambda:UpdateFunctionCode"],
        false,
    ),
    (
        "PassExistingRoleToNewGlueDevEndpoint",
        &["iam:PassRole", "glue:CreateDevEndpoint"],
        true,
    ),
    ("UpdateExistingGlueDevEndpoint", &["glue:UpdateDevEndpoint"], false),
    (
        "PassExistingRoleToNewCloudFormation",
        &["iam:PassRole", "cloudformation:CreateStack"],
        true,
    ),
    (
        "PassExistingRoleToNewDataPipeline",
        &[
            "iam:PassRole",
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
            "datapipeline:ActivatePipeline",
        ],
        true,
    ),
    (
        "CodeBuildCreateProjectPassRole",
        &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
        true,
    ),
    (
        "SageMakerCreateNotebookPassRole",
        &["iam:PassRole", "sagemaker:CreateNotebookInstance"],
        true,
    ),
    (
        "SageMakerCreateTrainingJobPassRole",
        &["iam:PassRole", "sagemaker:CreateTrainingJob"],
        true,
    ),
    (
        "SageMakerCreateProcessingJobPassRole",
        &["iam:PassRole", "sagemaker:CreateProcessingJob"],
        true,
    ),
    (
        "SageMakerCreatePresignedNotebookURL",
        &["sagemaker:CreatePresignedNotebookInstanceUrl"],
        false,
    ),
    ("SsmSendCommand", &["ssm:SendCommand"], false),
    ("SsmStartSession", &["ssm:StartSession"], false),
    (
        "Ec2InstanceConnect",
        &["ec2-instance-connect:SendSSHPublicKey", "ec2:DescribeInstances"],
        false,
    ),
    ("CloudFormationUpdateStack", &["cloudformation:UpdateStack"], false),
    (
        "EcsRunTaskPassRole",
        &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
        true,
    ),
    ("EcsExecuteCommand", &["ecs:ExecuteCommand", "ecs:DescribeTasks"], false),
    ("NewRoleAttachPolicy", &["iam:CreateRole", "iam:AttachRolePolicy"], true),
];

fn allow(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

/// An estate with an administrator of each sort, in which eve has these statements as a policy of her own.
fn estate(statements: Value, more: Value) -> Loaded {
    let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let services: Vec<String> = [
        "ec2",
        "lambda",
        "glue",
        "cloudformation",
        "datapipeline",
        "codebuild",
        "sagemaker",
        "ecs-tasks",
    ]
    .iter()
    .map(|s| format!("{s}.amazonaws.com"))
    .collect();
    let trust = json!([{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]);
    let profile = json!({"InstanceProfileList": [{"Arn": arn("instance-profile/svc")}]});
    let mut own = policy("eves", statements);
    let second =
        json!({"VersionId": "v0", "IsDefaultVersion": false, "Document": {"Version": "2012-10-17", "Statement": all}});
    own["PolicyVersionList"].as_array_mut().expect("a list").push(second);
    let mut eve = user("eve", json!([]), more);
    eve["AttachedManagedPolicies"] = json!([{"PolicyName": "eves", "PolicyArn": arn("policy/eves")}]);
    eve["GroupList"] = json!(["staff"]);
    load(&[&export(
        vec![eve, user("boss", all.clone(), json!({}))],
        vec![
            group(
                "staff",
                json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]),
            ),
            group("admins", all.clone()),
        ],
        vec![role("svc", trust, all, profile)],
        vec![own, policy("limit", json!([allow(&["s3:*"], "*")]))],
    )])
}

fn is_admin(loaded: &Loaded, regime: Regime) -> bool {
    reached(loaded, &id("user/eve"), regime).contains(&format!("{ACCOUNT}:admin"))
}

#[track_caller]
fn check(what: &str, statements: Value, more: Value, expected: bool) {
    let loaded = estate(statements, more);
    assert_eq!(is_admin(&loaded, Regime::WorstCase), expected, "{what}");
    assert!(!is_admin(&loaded, Regime::Intended), "{what}: nobody means it");
}

#[test]
fn every_way_of_the_lab_is_found() {
    for (name, acts, certain) in WAYS {
        let loaded = estate(json!([allow(acts, "*")]), json!({}));
        assert!(is_admin(&loaded, Regime::WorstCase), "{name}");
        assert_eq!(is_admin(&loaded, Regime::BestCase), *certain, "{name} in the best case");
        // Over several policies of one principal, too.
        let split: Vec<Value> = acts.iter().map(|act| allow(&[act], "*")).collect();
        check(name, json!(split), json!({}), true);
    }
    check(
        "nothing",
        json!([allow(&["s3:*", "iam:Get*", "iam:List*", "sts:AssumeRole"], "*")]),
        json!({}),
        false,
    );
}

/// Whether what is left of a way is another way: attaching policies to roles that are there, starting builds of projects
/// that are there.
fn is_way_without(name: &str, act: &str) -> bool {
    [
        ("NewRoleAttachPolicy", "iam:CreateRole"),
        ("CodeBuildCreateProjectPassRole", "iam:PassRole"),
        ("CodeBuildCreateProjectPassRole", "codebuild:CreateProject"),
    ]
    .contains(&(name, act))
}

#[test]
fn each_permission_of_a_way_is_needed() {
    for (name, acts, _) in WAYS.iter().filter(|(_, acts, _)| acts.len() > 1) {
        for left_out in *acts {
            if is_way_without(name, left_out) {
                continue;
            }
            let rest: Vec<&str> = acts.iter().copied().filter(|a| a != left_out).collect();
            check(
                &format!("{name} without {left_out}"),
                json!([allow(&rest, "*")]),
                json!({}),
                false,
            );
        }
    }
}

#[test]
fn what_is_denied_is_no_way() {
    for (name, acts, _) in WAYS {
        for act in *acts {
            if is_way_without(name, act) {
                continue;
            }
            let deny = json!({"Effect": "Deny", "Action": act, "Resource": "*"});
            check(
                &format!("{name}, {act} denied"),
                json!([allow(acts, "*"), deny]),
                json!({}),
                false,
            );
        }
        let service = acts[acts.len() - 1].split(':').next().expect("a service");
        let deny = json!({"Effect": "Deny", "Action": format!("{service}:*"), "Resource": "*"});
        check(
            &format!("{name}, {service} denied"),
            json!([allow(acts, "*"), deny]),
            json!({}),
            false,
        );
    }
}

#[test]
fn what_is_out_of_bounds_on_something_else_or_under_a_condition_is_no_way() {
    let boundary = json!({"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn("policy/limit")}});
    for (name, acts, _) in WAYS {
        check(
            &format!("{name} out of bounds"),
            json!([allow(acts, "*")]),
            boundary.clone(),
            false,
        );
        let mut conditional = allow(acts, "*");
        conditional["Condition"] = json!({"StringEquals": {"aws:PrincipalAccount": "999999999999"}});
        check(
            &format!("{name} for another account"),
            json!([conditional]),
            json!({}),
            false,
        );
        if acts[0].starts_with("iam:") && acts.len() < 2 {
            check(
                &format!("{name} on nobody"),
                json!([allow(acts, &arn("user/nobody"))]),
                json!({}),
                false,
            );
        }
    }
    // A role that the service may become, but passed to another service only.
    let mut passing = allow(&["iam:PassRole"], "*");
    passing["Condition"] = json!({"StringEquals": {"iam:PassedToService": "rds.amazonaws.com"}});
    let run = allow(&["ec2:RunInstances"], "*");
    check("passed to another service", json!([passing, run]), json!({}), false);
    passing["Condition"] = json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}});
    check("passed to this service", json!([passing, run]), json!({}), true);
    // Another role only.
    let other = allow(&["iam:PassRole"], &arn("role/other"));
    check("another role", json!([other, run]), json!({}), false);
}

#[test]
fn what_is_allowed_in_other_words_is_a_way() {
    // Everything but something else; a pattern; the very user.
    let but = json!({"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"});
    check("NotAction", json!([but]), json!({}), true);
    let spared = json!({"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "lambda:*", "ec2:*", "ssm:*", "cloudformation:*",
        "codebuild:*", "sagemaker:*", "glue:*", "ec2-instance-connect:*", "ecs:*"], "Resource": "*"});
    check("NotAction that spares it all", json!([spared]), json!({}), false);
    check("a pattern", json!([allow(&["iam:Create*Key"], "*")]), json!({}), true);
    check(
        "the user",
        json!([allow(&["iam:CreateAccessKey"], &arn("user/boss"))]),
        json!({}),
        true,
    );
    check(
        "users",
        json!([allow(&["iam:CreateAccessKey"], "arn:aws:iam::*:user/b*")]),
        json!({}),
        true,
    );
    let mut held = allow(&["iam:CreateAccessKey"], "*");
    held["Condition"] = json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}});
    check("a condition that holds", json!([held]), json!({}), true);
    let but_boss = json!({"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": arn("user/boss")});
    check("NotResource", json!([but_boss]), json!({}), false);
}

#[test]
fn a_role_of_a_service_is_out_of_reach() {
    let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let trust =
        json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
    let mut linked = role("AWSServiceRoleForX", trust, all, json!({}));
    linked["Arn"] = json!(arn("role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForX"));
    let eve = user(
        "eve",
        json!([allow(
            &[
                "iam:PassRole",
                "lambda:*",
                "iam:UpdateAssumeRolePolicy",
                "iam:PutRolePolicy"
            ],
            "*"
        )]),
        json!({}),
    );
    let loaded = load(&[&export(vec![eve], vec![], vec![linked], vec![])]);
    assert!(!is_admin(&loaded, Regime::WorstCase));
}

#[test]
fn whoever_may_assume_a_role_and_write_its_policies_is_the_administrator() {
    let eve = arn("user/eve");
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": eve}, "Action": "sts:AssumeRole"}]);
    let plain = json!([allow(&["s3:GetObject"], "*")]);
    for (trust, expected) in [
        (trust, true),
        (
            json!([{"Effect": "Allow", "Principal": {"AWS": arn("user/boss")}, "Action": "sts:AssumeRole"}]),
            false,
        ),
    ] {
        let eve = user(
            "eve",
            json!([allow(&["iam:AttachRolePolicy"], &arn("role/plain"))]),
            json!({}),
        );
        let boss = user("boss", json!([]), json!({}));
        let loaded = load(&[&export(
            vec![eve, boss],
            vec![],
            vec![role("plain", trust, plain.clone(), json!({}))],
            vec![],
        )]);
        assert_eq!(is_admin(&loaded, Regime::BestCase), expected);
    }
}

#[test]
fn a_row_is_written_once_for_each_target_from_whoever_may() {
    let loaded = estate(json!([allow(&["s3:*"], "*")]), json!({}));
    let ways = escalations(&loaded, &id("user/boss"));
    assert_eq!(
        ways,
        [
            format!("* needs iam:CreateAccessKey@user/boss at {ACCOUNT}"),
            format!("assumed * needs iam:CreateLoginProfile@user/boss at {ACCOUNT}"),
            format!("assumed * needs iam:UpdateLoginProfile@user/boss at {ACCOUNT}"),
        ]
    );
    let inherits = &loaded.inventory.records.inherits;
    let key = inherits
        .iter()
        .find(|i| i.to == id("user/boss") && i.common.assumed.is_none())
        .expect("it is there");
    assert_eq!(key.common.intended, Some(false));
    assert!(
        key.common
            .evidence
            .as_deref()
            .is_some_and(|e| e.contains("pathfinding.cloud iam-002")),
        "{key:?}"
    );
}

/// So many users, roles and policies, all with something to escalate by.
fn crowd(n: usize) -> String {
    let acts = json!([allow(
        &["iam:PassRole", "lambda:*", "iam:*Policy", "iam:CreateAccessKey"],
        "*"
    )]);
    let trust = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com", "AWS": arn("user/u0")}, "Action": "sts:AssumeRole"}]);
    export(
        (0..n)
            .map(|i| user(&format!("u{i}"), acts.clone(), json!({"GroupList": ["g0"]})))
            .collect(),
        (0..n / 10).map(|i| group(&format!("g{i}"), acts.clone())).collect(),
        (0..n)
            .map(|i| role(&format!("r{i}"), trust.clone(), acts.clone(), json!({})))
            .collect(),
        (0..n).map(|i| policy(&format!("p{i}"), acts.clone())).collect(),
    )
}

#[test]
fn records_grow_with_the_export() {
    let sizes: Vec<(usize, f64)> = [100, 200, 400]
        .iter()
        .map(|n| {
            let text = crowd(*n);
            let start = Instant::now();
            let loaded = load(&[&text]);
            (loaded.inventory.records.len(), start.elapsed().as_secs_f64())
        })
        .collect();
    let objects = |n: usize| 3 * n + n / 10;
    for (i, n) in [100, 200, 400].iter().enumerate() {
        let each = sizes[i].0 as f64 / objects(*n) as f64;
        assert!(each < 12.0, "{each:.1} records for each object of {n}");
    }
    // Twice as much of the export is twice as many records, not four times.
    for pair in sizes.windows(2) {
        let growth = pair[1].0 as f64 / pair[0].0 as f64;
        assert!(growth < 2.1, "{growth:.2} times the records: {sizes:?}");
        // Time on a busy machine is no proof, but four times squared would be.
        assert!(pair[1].1 < pair[0].1 * 8.0 + 0.5, "{sizes:?}");
    }
}
