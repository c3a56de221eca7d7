//! The name of a relation: its stated id, else derived from its ends. Where several share a name, each but the first
//! with that stated id gets a hash of what it says, so that a name never depends on the order of the files.

use super::*;
use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::hash::BuildHasher;

/// Gives relations that would be called alike a name of their own and reports ids that two different relations state.
pub(super) fn give(
    grants: &mut Listed<Grant>,
    exposures: &mut Listed<Exposure>,
    inherits: &mut Listed<Inherit>,
    trusts: &mut Listed<Trust>,
    load_order: &LoadOrder,
    report: &mut Report,
) {
    // Millions of names differ, so their hashes are compared first.
    let hasher = RandomState::default();
    let hashes = [
        hashes(grants, &hasher),
        hashes(exposures, &hasher),
        hashes(inherits, &hasher),
        hashes(trusts, &hasher),
    ];
    let mut sorted: Vec<u64> = hashes.iter().flatten().copied().flatten().collect();
    sorted.par_sort_unstable();
    let pairs = sorted.windows(2).filter(|w| w[0] == w[1]);
    let alike: HashSet<u64, RandomState> = pairs.map(|w| w[0]).collect();
    drop(sorted);
    if alike.is_empty() {
        return;
    }
    let mut holders: Vec<(u64, Holder)> = Vec::new();
    let mut taken: HashSet<String, RandomState> = HashSet::default();
    let sought = (&hasher, &alike);
    collect(grants, 0, &hashes[0], sought, &mut holders, &mut taken);
    collect(exposures, 1, &hashes[1], sought, &mut holders, &mut taken);
    collect(inherits, 2, &hashes[2], sought, &mut holders, &mut taken);
    collect(trusts, 3, &hashes[3], sought, &mut holders, &mut taken);
    drop(hashes);
    holders.par_sort_unstable_by_key(|(hash, holder)| (*hash, load_order.of(holder.kind, holder.index)));
    let all = (&*grants, &*exposures, &*inherits, &*trusts);
    // What takes long is to put together what each says.
    let alike: Vec<&[(u64, Holder)]> = holders.chunk_by(|a, b| a.0 == b.0).collect();
    let told: Vec<Told> = alike
        .into_par_iter()
        .flat_map_iter(|alike| of_one_name(alike, all))
        .filter(|(_, holders)| holders.len() > 1)
        .map(|alike| tell(alike, all, &taken))
        .collect();
    for Told { name, kept, others } in told {
        for (behind, holder) in others {
            if holder.states {
                report.also(
                    "shared-id",
                    Level::Conflict,
                    place_of(&holder, (grants, exposures, inherits, trusts)).as_ref(),
                    kept.as_ref(),
                    format!(
                        "Two relations have the id {}; the first keeps it, this one is called {}",
                        quote(&name),
                        quote(&format!("{name}{behind}"))
                    ),
                );
            }
            let common = match holder.kind {
                0 => grants.records[holder.index].common_mut(),
                1 => exposures.records[holder.index].common_mut(),
                2 => inherits.records[holder.index].common_mut(),
                _ => trusts.records[holder.index].common_mut(),
            };
            *common.own_name.get_mut() = OwnName::Behind(behind);
        }
    }
}

/// A relation that shares its name.
#[derive(Clone, Copy)]
struct Holder {
    kind: u8,
    index: usize,
    states: bool,
}

type All<'r> = (
    &'r Listed<Grant>,
    &'r Listed<Exposure>,
    &'r Listed<Inherit>,
    &'r Listed<Trust>,
);

fn name_of<'r>(holder: &Holder, (grants, exposures, inherits, trusts): All<'r>) -> Name<'r> {
    match holder.kind {
        0 => grants.records[holder.index].name(),
        1 => exposures.records[holder.index].name(),
        2 => inherits.records[holder.index].name(),
        _ => trusts.records[holder.index].name(),
    }
}

fn place_of(holder: &Holder, (grants, exposures, inherits, trusts): All) -> Option<Place> {
    let common = match holder.kind {
        0 => grants.records[holder.index].common(),
        1 => exposures.records[holder.index].common(),
        2 => inherits.records[holder.index].common(),
        _ => trusts.records[holder.index].common(),
    };
    common.places.first().cloned()
}

/// Relations of one name.
struct Told {
    name: String,
    /// Where the one stands that keeps the name, because it is the first that states it.
    kept: Option<Place>,
    /// The others, each with what its own name has behind.
    others: Vec<(Text, Holder)>,
}

/// Relations whose names have one hash, which are nearly always of one name, by that name.
fn of_one_name(alike: &[(u64, Holder)], all: All) -> Vec<(String, Vec<Holder>)> {
    let mut named: Vec<(String, Vec<Holder>)> = Vec::with_capacity(1);
    for (_, holder) in alike {
        let name = name_of(holder, all);
        match named.iter_mut().find(|(other, _)| name == *other.as_str()) {
            Some((_, holders)) => holders.push(*holder),
            None => named.push((name.to_string(), vec![*holder])),
        }
    }
    named
}

fn tell((name, mut holders): (String, Vec<Holder>), all: All, taken: &HashSet<String, RandomState>) -> Told {
    let (grants, exposures, inherits, trusts) = all;
    let first = holders.iter().position(|h| h.states);
    let kept = first.and_then(|i| place_of(&holders[i], all));
    if let Some(i) = first {
        holders.remove(i);
    }
    // Every way to an administrator has the same name, and there may be a hundred thousand of them.
    let mut hashed: Vec<(String, Holder)> = holders
        .into_par_iter()
        .with_min_len(256)
        .map(|holder| {
            let compared = match holder.kind {
                0 => grants.records[holder.index].compared(),
                1 => exposures.records[holder.index].compared(),
                2 => inherits.records[holder.index].compared(),
                _ => trusts.records[holder.index].compared(),
            };
            (digest(&compared), holder)
        })
        .collect();
    // Hashes of what they say do not depend on the order of the files, and so do not the names they are given.
    hashed.sort_by(|a, b| a.0.cmp(&b.0));
    let mut others: Vec<(Text, Holder)> = Vec::with_capacity(hashed.len());
    for (digest, holder) in hashed {
        // Eight digits; more only in the rare case that those are taken. Whoever has the same stands right before.
        let alike = others
            .iter()
            .rev()
            .take_while(|(behind, _)| behind[1..9] == digest[..8]);
        let is_free = |behind: &str| {
            alike.clone().all(|(other, _)| other != behind)
                && (taken.is_empty() || !taken.contains(&format!("{name}{behind}")))
        };
        let behind = [8, 16, 32]
            .iter()
            .map(|digits| format!("#{}", &digest[..*digits]))
            .find(|behind| is_free(behind));
        let behind = behind.unwrap_or_else(|| format!("#{digest}"));
        others.push((behind.into(), holder));
    }
    Told { name, kept, others }
}

/// The hashes of the names, by position; nothing where a relation is not there any more.
type Hashes = Vec<Option<u64>>;

fn hashes<R: Relation>(relations: &Listed<R>, hasher: &RandomState) -> Hashes {
    let all = relations.records.par_iter().zip(&relations.kept);
    all.map_init(String::new, |name, (record, kept)| {
        kept.then(|| {
            name.clear();
            record.name().push_to(name);
            hasher.hash_one(name.as_str())
        })
    })
    .collect()
}

/// Adds the relations whose names have hashes that are alike, and the names that could be taken for one of theirs with
/// something behind.
fn collect<R: Relation>(
    relations: &Listed<R>,
    kind: u8,
    hashes: &Hashes,
    (hasher, alike): (&RandomState, &HashSet<u64, RandomState>),
    holders: &mut Vec<(u64, Holder)>,
    taken: &mut HashSet<String, RandomState>,
) {
    let mut name = String::new();
    for (index, record) in relations.iter() {
        if let Some(hash) = hashes[index].filter(|hash| alike.contains(hash)) {
            let states = record.common().id.is_some();
            holders.push((hash, Holder { kind, index, states }));
        }
        if record.name().contains('#') {
            name.clear();
            record.name().push_to(&mut name);
            let stem = name.rsplit_once('#').map(|(stem, _)| hasher.hash_one(stem));
            if stem.is_some_and(|stem| alike.contains(&stem)) {
                taken.insert(name.clone());
            }
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
