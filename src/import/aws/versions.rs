//! Versions of policies that stand ready: whoever may set the default one may turn them on.

use super::super::tree::Value;
use super::escalation::is_own;
use super::raw::Policy;
use crate::model::Text;
use std::collections::BTreeMap;

/// A policy of an account's own.
#[derive(Clone, Copy, Default)]
pub struct Versions {
    /// Versions besides the default one.
    pub others: usize,
    /// One of them allows everything.
    pub everything: bool,
}

/// Says of the policies of an export which versions stand ready.
pub fn versions(policies: &[Policy]) -> BTreeMap<Text, Versions> {
    let own = policies.iter().filter(|policy| is_own(&policy.arn));
    own.map(|policy| {
        let versions = Versions {
            others: policy.others,
            everything: policy.everything,
        };
        (policy.arn.clone(), versions)
    })
    .collect()
}

/// Whether a policy's document, however it is written, has a statement that allows everything without a condition.
pub fn allows_everything(document: &Value) -> bool {
    let Value::Raw(text) = document else { return false };
    if !text.contains('*') {
        return false;
    }
    let (decoded, parsed);
    let document = match Value::at_start(text, &[]) {
        Value::String(text) => {
            decoded = percent_encoding::percent_decode_str(&text)
                .decode_utf8_lossy()
                .into_owned();
            parsed = Value::at_start(&decoded, &[]);
            &parsed
        }
        other => {
            parsed = other;
            &parsed
        }
    };
    let is_all = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text == "*" || text == "*:*",
        Some(Value::Array(items)) => items.iter().any(|i| i.as_str().is_some_and(|t| t == "*" || t == "*:*")),
        _ => false,
    };
    let all = |statement: &Value| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && is_all(statement.get("Action"))
            && is_all(statement.get("Resource"))
            && statement.get("Condition").is_none_or(Value::is_null)
    };
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(all),
        Some(statement) => all(statement),
        None => false,
    }
}
