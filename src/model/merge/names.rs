//! The name of a relation: its stated id, else derived from its ends. Where several share a name, each but the first
//! with that stated id gets a hash of what it says, so that a name never depends on the order of the files.

use super::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};

/// Gives every relation its name and reports ids that two different relations state.
pub(super) fn give(
    grants: &mut [Numbered<Grant>],
    exposures: &mut [Numbered<Exposure>],
    inherits: &mut [Numbered<Inherit>],
    trusts: &mut [Numbered<Trust>],
    report: &mut Report,
) {
    name_all(grants);
    name_all(exposures);
    name_all(inherits);
    name_all(trusts);
    let mut counts: HashMap<&str, u32> = HashMap::new();
    count(grants, &mut counts);
    count(exposures, &mut counts);
    count(inherits, &mut counts);
    count(trusts, &mut counts);
    // Sorted, so that nothing hangs on the order of a hash table.
    let mut shared: BTreeMap<String, Vec<Holder>> = counts
        .into_iter()
        .filter(|(_, n)| *n > 1)
        .map(|(name, _)| (name.to_owned(), Vec::new()))
        .collect();
    if shared.is_empty() {
        return;
    }
    let mut taken: HashSet<String> = HashSet::new();
    collect(grants, 0, &mut shared, &mut taken);
    collect(exposures, 1, &mut shared, &mut taken);
    collect(inherits, 2, &mut shared, &mut taken);
    collect(trusts, 3, &mut shared, &mut taken);
    for (name, mut holders) in shared {
        holders.sort_by_key(|h| h.seq);
        let first = holders.iter().position(|h| h.states);
        let kept = first.and_then(|i| place_of(&holders[i], grants, exposures, inherits, trusts));
        // Hashes do not depend on the order, so the order in which they are given must not matter either.
        let mut hashed: Vec<(String, Holder)> = Vec::new();
        for (i, holder) in holders.into_iter().enumerate() {
            if Some(i) == first {
                continue;
            }
            let compared = match holder.kind {
                0 => grants[holder.index].record.compared(),
                1 => exposures[holder.index].record.compared(),
                2 => inherits[holder.index].record.compared(),
                _ => trusts[holder.index].record.compared(),
            };
            hashed.push((digest(&compared.to_string()), holder));
        }
        hashed.sort_by(|a, b| a.0.cmp(&b.0));
        for (digest, holder) in hashed {
            // Eight digits; more only in the rare case that those are taken.
            let mut own = format!("{name}#{}", &digest[..8]);
            for digits in [16, 32, 64] {
                if !taken.contains(&own) {
                    break;
                }
                own = format!("{name}#{}", &digest[..digits]);
            }
            taken.insert(own.clone());
            if holder.states {
                report.also(
                    "shared-id",
                    Level::Conflict,
                    place_of(&holder, grants, exposures, inherits, trusts).as_ref(),
                    kept.as_ref(),
                    format!(
                        "Two relations have the id {}; the first keeps it, this one is called {}",
                        quote(&name),
                        quote(&own)
                    ),
                );
            }
            let common = match holder.kind {
                0 => grants[holder.index].record.common_mut(),
                1 => exposures[holder.index].record.common_mut(),
                2 => inherits[holder.index].record.common_mut(),
                _ => trusts[holder.index].record.common_mut(),
            };
            common.name = own;
        }
    }
}

/// A relation that shares its name.
struct Holder {
    kind: u8,
    index: usize,
    seq: u64,
    states: bool,
}

fn place_of(
    holder: &Holder,
    grants: &[Numbered<Grant>],
    exposures: &[Numbered<Exposure>],
    inherits: &[Numbered<Inherit>],
    trusts: &[Numbered<Trust>],
) -> Option<Place> {
    let common = match holder.kind {
        0 => grants[holder.index].record.common(),
        1 => exposures[holder.index].record.common(),
        2 => inherits[holder.index].record.common(),
        _ => trusts[holder.index].record.common(),
    };
    common.places.first().cloned()
}

fn name_all<R: Relation>(relations: &mut [Numbered<R>]) {
    for numbered in relations {
        let name = match &numbered.record.common().id {
            Some(id) => id.clone(),
            None => numbered.record.derived_name(),
        };
        numbered.record.common_mut().name = name;
    }
}

fn count<'n, R: Relation>(relations: &'n [Numbered<R>], counts: &mut HashMap<&'n str, u32>) {
    for numbered in relations {
        *counts.entry(&numbered.record.common().name).or_default() += 1;
    }
}

fn collect<R: Relation>(
    relations: &[Numbered<R>],
    kind: u8,
    shared: &mut BTreeMap<String, Vec<Holder>>,
    taken: &mut HashSet<String>,
) {
    for (index, numbered) in relations.iter().enumerate() {
        let common = numbered.record.common();
        if let Some(holders) = shared.get_mut(&common.name) {
            holders.push(Holder {
                kind,
                index,
                seq: numbered.seq,
                states: common.id.is_some(),
            });
        } else if let Some((name, _)) = common.name.rsplit_once('#')
            && shared.contains_key(name)
        {
            taken.insert(common.name.clone());
        }
    }
}

/// The SHA-256 of a text in hex.
fn digest(text: &str) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
