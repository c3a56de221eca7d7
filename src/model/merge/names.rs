//! The name of a relation: its stated id, else derived from its ends. Where several share a name, each but the first
//! with that stated id gets a hash of what it says, so that a name never depends on the order of the files.

use super::*;
use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

/// Gives every relation its name and reports ids that two different relations state.
pub(super) fn give(
    grants: &mut Listed<Grant>,
    exposures: &mut Listed<Exposure>,
    inherits: &mut Listed<Inherit>,
    trusts: &mut Listed<Trust>,
    load_order: &LoadOrder,
    report: &mut Report,
) {
    name_all(grants);
    name_all(exposures);
    name_all(inherits);
    name_all(trusts);
    // Millions of names differ, so their hashes are compared first.
    let hasher = RandomState::default();
    let mut hashes: Vec<u64> = Vec::new();
    hash(grants, &hasher, &mut hashes);
    hash(exposures, &hasher, &mut hashes);
    hash(inherits, &hasher, &mut hashes);
    hash(trusts, &hasher, &mut hashes);
    hashes.sort_unstable();
    let alike: HashSet<u64> = hashes.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
    drop(hashes);
    if alike.is_empty() {
        return;
    }
    let mut counts: HashMap<&str, u32> = HashMap::new();
    count(grants, &hasher, &alike, &mut counts);
    count(exposures, &hasher, &alike, &mut counts);
    count(inherits, &hasher, &alike, &mut counts);
    count(trusts, &hasher, &alike, &mut counts);
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
        holders.sort_by_key(|h| load_order.of(h.kind, h.index));
        let first = holders.iter().position(|h| h.states);
        let kept = first.and_then(|i| place_of(&holders[i], grants, exposures, inherits, trusts));
        // Hashes do not depend on the order, so the order in which they are given must not matter either.
        let mut hashed: Vec<(String, Holder)> = Vec::new();
        for (i, holder) in holders.into_iter().enumerate() {
            if Some(i) == first {
                continue;
            }
            let compared = match holder.kind {
                0 => grants.records[holder.index].compared(),
                1 => exposures.records[holder.index].compared(),
                2 => inherits.records[holder.index].compared(),
                _ => trusts.records[holder.index].compared(),
            };
            hashed.push((digest(&compared), holder));
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
                0 => grants.records[holder.index].common_mut(),
                1 => exposures.records[holder.index].common_mut(),
                2 => inherits.records[holder.index].common_mut(),
                _ => trusts.records[holder.index].common_mut(),
            };
            common.name = own.into();
        }
    }
}

/// A relation that shares its name.
struct Holder {
    kind: u8,
    index: usize,
    states: bool,
}

fn place_of(
    holder: &Holder,
    grants: &Listed<Grant>,
    exposures: &Listed<Exposure>,
    inherits: &Listed<Inherit>,
    trusts: &Listed<Trust>,
) -> Option<Place> {
    let common = match holder.kind {
        0 => grants.records[holder.index].common(),
        1 => exposures.records[holder.index].common(),
        2 => inherits.records[holder.index].common(),
        _ => trusts.records[holder.index].common(),
    };
    common.places.first().cloned()
}

fn name_all<R: Relation>(relations: &mut Listed<R>) {
    for (record, kept) in relations.records.iter_mut().zip(&relations.kept) {
        if *kept {
            let name = match &record.common().id {
                Some(id) => id.clone(),
                None => record.derived_name(),
            };
            record.common_mut().name = name;
        }
    }
}

fn hash<R: Relation>(relations: &Listed<R>, hasher: &RandomState, into: &mut Vec<u64>) {
    into.extend(relations.iter().map(|(_, r)| hasher.hash_one(r.common().name.as_str())));
}

/// Counts the names whose hashes are alike.
fn count<'n, R: Relation>(
    relations: &'n Listed<R>,
    hasher: &RandomState,
    alike: &HashSet<u64>,
    counts: &mut HashMap<&'n str, u32>,
) {
    for (_, record) in relations.iter() {
        let name = record.common().name.as_str();
        if alike.contains(&hasher.hash_one(name)) {
            *counts.entry(name).or_default() += 1;
        }
    }
}

fn collect<R: Relation>(
    relations: &Listed<R>,
    kind: u8,
    shared: &mut BTreeMap<String, Vec<Holder>>,
    taken: &mut HashSet<String>,
) {
    for (index, record) in relations.iter() {
        let common = record.common();
        if let Some(holders) = shared.get_mut(common.name.as_str()) {
            holders.push(Holder {
                kind,
                index,
                states: common.id.is_some(),
            });
        } else if let Some((name, _)) = common.name.rsplit_once('#')
            && shared.contains_key(name)
        {
            taken.insert(common.name.to_string());
        }
    }
}

/// The SHA-256 of a text in hex.
fn digest(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
        hex.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    hex
}
