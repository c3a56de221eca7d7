//! BloodHound's edges of federated credentials.

use super::score::{Pairs, Score, json, open};
use std::path::Path;

/// `azurehound_federated_identity_credentials.json` against `expected_azurehound_fic_edges.json`: which federated
/// credential leads to which application.
pub fn compare(folder: &Path, score: &mut Score) -> Result<(), String> {
    println!("BloodHound's federated credentials");
    let loaded = open(folder, "azurehound_federated_identity_credentials.json")?;
    let truth = json(folder, "expected_azurehound_fic_edges.json")?;
    let lower = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_lowercase();
    let expected: Pairs = truth["edges"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|edge| (lower(&edge[0]), format!("entra:{}", lower(&edge[2]))))
        .collect();
    let inherits = &loaded.inventory.records.inherits;
    let found: Pairs = inherits
        .iter()
        .filter(|i| i.common.intended != Some(false))
        .filter_map(|i| Some((i.common.id.as_deref()?.to_lowercase(), i.to.to_lowercase().to_string())))
        .collect();
    score.compare("AZAuthenticatesTo", &found, &expected, true);
    Ok(())
}
