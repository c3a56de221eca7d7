//! Exports of AWS: account authorisation details and credential reports.

mod arn;
mod authorization;
mod builder;
mod bulk;
mod condition;
mod context;
mod credential_report;
mod document;
mod effect;
mod escalation;
mod federation;
pub(in crate::import) mod managed;
mod part;
mod passages;
mod patterns;
mod principals;
mod raw;
pub mod services;
mod trust;
mod versions;
mod ways;
mod world;

pub(in crate::import) use builder::LISTED;

use super::{Answer, Importer, Input, Peek, Read, Shares, json, lenient};
use crate::model::Fragment;

/// `aws iam get-account-authorization-details`
pub struct AccountAuthorization;

impl Importer for AccountAuthorization {
    fn name(&self) -> &'static str {
        "aws-account-authorization"
    }

    fn describe(&self) -> &'static str {
        "AWS IAM users, groups, roles and policies: aws iam get-account-authorization-details"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let lists = ["UserDetailList", "RoleDetailList", "GroupDetailList"];
        if lists.iter().any(|l| peek.member(l).is_some_and(json::Member::is_array)) {
            return Answer::Certain;
        }
        let head = peek.head();
        let policies = peek.member("Policies").is_some_and(json::Member::is_array);
        if policies && head.contains("\"PolicyVersionList\"") {
            return Answer::Certain;
        }
        // Several pages as a list.
        let list = peek.text.trim_start().starts_with('[');
        if list && lists.iter().any(|l| head.contains(&format!("\"{l}\""))) {
            return Answer::Certain;
        }
        Answer::No
    }

    fn shares(&self) -> Shares {
        Shares::Inherits
    }

    fn read(&self, input: &Input) -> Fragment {
        self.read_first(input).finish(input)
    }

    fn read_first(&self, input: &Input) -> Read {
        authorization::read(input)
    }
}

/// `aws iam list-roles`, `list-users`, `list-groups`: principals without their policies.
pub struct PrincipalLists;

impl Importer for PrincipalLists {
    fn name(&self) -> &'static str {
        "aws-principals"
    }

    fn describe(&self) -> &'static str {
        "AWS IAM principals without their policies: aws iam list-roles, list-users, list-groups"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let head = peek.head();
        let ids = [
            ("Roles", "\"RoleId\""),
            ("Users", "\"UserId\""),
            ("Groups", "\"GroupId\""),
        ];
        let lists = |list: &str| peek.member(list).is_some_and(json::Member::is_array);
        let found = ids.iter().any(|(list, id)| lists(list) && head.contains(id));
        // The same keys are met elsewhere, but not with ARNs of IAM.
        if found && head.contains("\"Arn\"") && head.contains(":iam::") {
            Answer::Certain
        } else {
            Answer::No
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        self.read_first(input).finish(input)
    }

    fn read_first(&self, input: &Input) -> Read {
        authorization::read(input)
    }
}

/// `aws iam get-credential-report`
pub struct CredentialReport;

impl Importer for CredentialReport {
    fn name(&self) -> &'static str {
        "aws-credential-report"
    }

    fn describe(&self) -> &'static str {
        "AWS IAM credential report, as CSV or as the JSON of: aws iam get-credential-report"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let report = match peek.member("Content").and_then(json::Member::as_text) {
            Some(content) => credential_report::is_content(&content),
            None => credential_report::is_report(peek.head()),
        };
        if report { Answer::Certain } else { Answer::No }
    }

    fn read(&self, input: &Input) -> Fragment {
        credential_report::read(input)
    }
}
