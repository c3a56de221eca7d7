//! Exports of AWS, rule by rule and from end to end.

mod loading;

#[path = "aws/bulk.rs"]
mod bulk;
#[path = "aws/conditions.rs"]
mod conditions;
#[path = "aws/escalation.rs"]
mod escalation;
#[path = "aws/federation.rs"]
mod federation;
#[path = "aws/golden.rs"]
mod golden;
#[path = "aws/mutations.rs"]
mod mutations;
#[path = "aws/odd.rs"]
mod odd;
#[path = "aws/policies.rs"]
mod policies;
#[path = "aws/reach.rs"]
mod reach;
#[path = "aws/report.rs"]
mod report;
#[path = "aws/services.rs"]
mod services;
#[path = "aws/support.rs"]
mod support;
#[path = "aws/trusts.rs"]
mod trusts;
