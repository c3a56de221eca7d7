//! Exports of AWS: account authorisation details and credential reports.

use super::{Answer, Importer, Input, Peek};
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

    fn recognise(&self, _peek: &Peek) -> Answer {
        Answer::No
    }

    fn read(&self, _input: &Input) -> Fragment {
        Fragment::default()
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

    fn recognise(&self, _peek: &Peek) -> Answer {
        Answer::No
    }

    fn read(&self, _input: &Input) -> Fragment {
        Fragment::default()
    }
}
