//! Cartography's relations of IAM.

use super::score::{Pairs, Score, expected_pairs, json, open, texts};
use std::path::Path;
use trustmap::import::Loaded;

/// `iam_list_roles_cartography.json` against `expected_cartography_iam.json`: whom each role trusts.
pub fn compare(folder: &Path, score: &mut Score) -> Result<(), String> {
    println!("Cartography's IAM");
    let loaded = open(folder, "iam_list_roles_cartography.json")?;
    let truth = json(folder, "expected_cartography_iam.json")?;
    let expected = expected_pairs(
        &truth,
        "test_load_roles_creates_trust_relationships",
        "TRUSTS_AWS_PRINCIPAL",
    );
    score.compare("TRUSTS_AWS_PRINCIPAL", &trusts(&loaded), &expected, true);
    Ok(())
}

/// Role and principal, by their ARNs; of a service its name.
fn trusts(loaded: &Loaded) -> Pairs {
    let records = &loaded.inventory.records;
    let arn = |id: &str| {
        let arn = id.strip_prefix("aws:").unwrap_or(id);
        arn[..arn.find(['#', '~']).unwrap_or(arn.len())].to_owned()
    };
    let mut pairs = Pairs::new();
    for inherit in &records.inherits {
        // Privilege escalation is nobody's trust.
        if inherit.common.intended == Some(false) || !inherit.to.contains(":role/") {
            continue;
        }
        let from = match &inherit.from {
            Some(from) => arn(from),
            // Whoever of an account is allowed to: the account is trusted.
            None => match inherit.requires_all.first() {
                Some(needs) => format!("arn:aws:iam::{}:root", arn(&needs.system)),
                None => continue,
            },
        };
        pairs.insert((arn(&inherit.to), from));
    }
    for identity in &records.identities {
        for service in texts(&identity.attributes["services"]) {
            pairs.insert((arn(&identity.id), service));
        }
    }
    pairs
}
