//! Policies that AWS manages. Exports of an account's own policies alone leave them out, so the common ones are part of
//! the program, as data with a version and a source each.

use super::super::{Input, Unheard};
use super::document::{self, Document};
use super::lenient::Log;
use crate::model::FileId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

static TABLE: &str = include_str!("../../../assets/import/aws-managed-policies.json");

/// A policy of the table.
#[derive(Clone, Debug)]
pub struct Managed {
    /// The version it repeats.
    pub version: String,
    /// Its statements.
    pub document: Arc<Document>,
}

/// The table, by what follows `policy` in an ARN (`/AdministratorAccess`).
pub fn table() -> BTreeMap<String, Managed> {
    let mut out = BTreeMap::new();
    let Ok(Value::Object(table)) = serde_json::from_str(TABLE) else {
        return out;
    };
    let input = Input::new("aws-managed-policies", FileId(0), "", &Unheard);
    let mut log = Log::new(&input);
    for row in table.get("policies").and_then(Value::as_array).into_iter().flatten() {
        let (Some(path), Some(version)) = (row["policy"].as_str(), row["version"].as_str()) else {
            continue;
        };
        let statements: Vec<Value> = row["statements"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|s| spread(s.clone()))
            .collect();
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        if let Ok(document) = document::read(&document.into(), "", path, &mut log) {
            out.insert(
                path.to_owned(),
                Managed {
                    version: version.to_owned(),
                    document: Arc::new(document),
                },
            );
        }
    }
    out
}

/// `"iam: GetUser ListUsers"` to `"iam:GetUser", "iam:ListUsers"`.
fn spread(mut statement: Value) -> Value {
    for key in ["Action", "NotAction"] {
        if let Some(Value::Array(services)) = statement.get_mut(key) {
            *services = services
                .iter()
                .filter_map(Value::as_str)
                .flat_map(|service| match service.split_once(": ") {
                    Some((prefix, acts)) => acts.split(' ').map(|a| json!(format!("{prefix}:{a}"))).collect(),
                    None => vec![json!(service)],
                })
                .collect();
        }
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::super::document::Side;
    use super::*;

    #[test]
    fn every_row_is_read_and_names_its_source() {
        let table = table();
        for (path, statements, least) in [
            ("/AdministratorAccess", 1, 1),
            ("/PowerUserAccess", 2, 3),
            ("/IAMFullAccess", 1, 10),
            ("/ReadOnlyAccess", 3, 2_000),
            ("/SecurityAudit", 2, 1_000),
            ("/AWSDenyAll", 1, 1),
        ] {
            let document = &table[path].document;
            assert_eq!(document.statements.len(), statements, "{path}");
            let acts: usize = document
                .statements
                .iter()
                .map(|s| match &s.actions {
                    Side::Only(list) | Side::AllBut(list) => list.len(),
                })
                .sum();
            assert!(acts >= least, "{path} has {acts} acts");
            assert!(document.statements.iter().all(|s| !s.doubtful), "{path}");
        }
        assert!(!table["/AWSDenyAll"].document.statements[0].allow);
        let rows: Value = serde_json::from_str(TABLE).unwrap();
        for row in rows["policies"].as_array().unwrap() {
            assert!(
                row["source"]
                    .as_str()
                    .unwrap()
                    .starts_with("https://docs.aws.amazon.com/")
            );
            assert!(table.contains_key(row["policy"].as_str().unwrap()));
        }
    }
}
