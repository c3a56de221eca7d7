//! An older export of the sample's estate, to compare it with.

use super::bench::here;
use std::path::{Path, PathBuf};

/// The sample as it was some time ago: one system did not exist, the token was accepted where it is not now, and another
/// credential has gone since.
pub fn older(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(here("sample-inventories/deploy-token.json")).expect("the sample is there");
    let mut sample: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    sample["name"] = "Acme in March".into();
    let list = |sample: &mut serde_json::Value, kind: &str, more: serde_json::Value| {
        sample[kind].as_array_mut().expect("a list").push(more);
    };
    for kind in ["grants", "trusts", "exposures", "inherits"] {
        if let Some(all) = sample[kind].as_array_mut() {
            all.retain(|r| !r.to_string().contains("\"artifact-registry\""));
        }
    }
    let systems = sample["systems"].as_array_mut().expect("a list");
    systems.retain(|s| s["id"] != "artifact-registry");
    list(
        &mut sample,
        "systems",
        serde_json::json!({"id": "old-wiki", "criticality": "crown-jewel"}),
    );
    list(
        &mut sample,
        "credentials",
        serde_json::json!({"id": "wiki-token", "kind": "api-key"}),
    );
    let grant = |holder: &str| serde_json::json!({"holder": holder, "system": "old-wiki", "scopes": ["read@*"]});
    list(&mut sample, "grants", grant("ci-deployer"));
    list(&mut sample, "grants", grant("wiki-token"));
    let path = folder.join("march.json");
    std::fs::write(&path, sample.to_string()).expect("it can be written");
    path
}
