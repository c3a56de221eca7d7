//! The name of a relation: its stated id, else derived from its ends. Where several share a name, each but the first
//! with that stated id gets a hash of what it says, so that a name never depends on the order of the files.

use super::*;
use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
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
    let mut counts: HashMap<String, u32, RandomState> = HashMap::default();
    count(grants, &hashes[0], &alike, &mut counts);
    count(exposures, &hashes[1], &alike, &mut counts);
    count(inherits, &hashes[2], &alike, &mut counts);
    count(trusts, &hashes[3], &alike, &mut counts);
    // Sorted, so that nothing hangs on the order of a hash table.
    let mut shared: BTreeMap<String, Vec<Holder>> = counts
        .into_iter()
        .filter(|(_, n)| *n > 1)
        .map(|(name, _)| (name, Vec::new()))
        .collect();
    if shared.is_empty() {
        return;
    }
    let mut taken: HashSet<String, RandomState> = HashSet::default();
    collect(grants, 0, (&hashes[0], &alike), &mut shared, &mut taken);
    collect(exposures, 1, (&hashes[1], &alike), &mut shared, &mut taken);
    collect(inherits, 2, (&hashes[2], &alike), &mut shared, &mut taken);
    collect(trusts, 3, (&hashes[3], &alike), &mut shared, &mut taken);
    drop(hashes);
    let all = (&*grants, &*exposures, &*inherits, &*trusts);
    // What takes long is to put together what each says.
    let told: Vec<Told> = shared
        .into_par_iter()
        .map(|alike| tell(alike, all, load_order, &taken))
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

fn tell(
    (name, mut holders): (String, Vec<Holder>),
    all: All,
    load_order: &LoadOrder,
    taken: &HashSet<String, RandomState>,
) -> Told {
    let (grants, exposures, inherits, trusts) = all;
    holders.sort_by_key(|h| load_order.of(h.kind, h.index));
    let first = holders.iter().position(|h| h.states);
    let kept = first.and_then(|i| place_of(&holders[i], all));
    if let Some(i) = first {
        holders.remove(i);
    }
    let mut hashed: Vec<(String, Holder)> = holders
        .into_iter()
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

/// Counts the names whose hashes are alike.
fn count<R: Relation>(
    relations: &Listed<R>,
    hashes: &Hashes,
    alike: &HashSet<u64, RandomState>,
    counts: &mut HashMap<String, u32, RandomState>,
) {
    let mut name = String::new();
    for (at, record) in relations.iter() {
        if hashes[at].is_some_and(|h| alike.contains(&h)) {
            name.clear();
            record.name().push_to(&mut name);
            match counts.get_mut(&name) {
                Some(n) => *n += 1,
                None => drop(counts.insert(name.clone(), 1)),
            }
        }
    }
}

fn collect<R: Relation>(
    relations: &Listed<R>,
    kind: u8,
    (hashes, alike): (&Hashes, &HashSet<u64, RandomState>),
    shared: &mut BTreeMap<String, Vec<Holder>>,
    taken: &mut HashSet<String, RandomState>,
) {
    let mut name = String::new();
    for (index, record) in relations.iter() {
        let is_alike = hashes[index].is_some_and(|h| alike.contains(&h));
        if !is_alike && !record.name().contains('#') {
            continue;
        }
        name.clear();
        record.name().push_to(&mut name);
        if let Some(holders) = shared.get_mut(&name) {
            holders.push(Holder {
                kind,
                index,
                states: record.common().id.is_some(),
            });
        } else if let Some((stem, _)) = name.rsplit_once('#')
            && shared.contains_key(stem)
        {
            taken.insert(name.clone());
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
