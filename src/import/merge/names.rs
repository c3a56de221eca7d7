//! The name of a relation: its stated id, else derived from its ends. Where several share a name, each but the first
//! with that stated id gets a hash of what it says, so that a name never depends on the order of the files.

use super::relations::Relation;
use super::*;
use foldhash::fast::RandomState;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::hash::BuildHasher;

/// The relations of every kind.
pub(super) struct Relations {
    pub grants: Listed<Grant>,
    pub exposures: Listed<Exposure>,
    pub inherits: Listed<Inherit>,
    pub trusts: Listed<Trust>,
}

/// Where a relation is: its kind as [`LoadOrder`] counts them, and its position among those.
type At = (u8, u32);

impl Relations {
    fn named(&self, (kind, index): At) -> &dyn Named {
        let index = index as usize;
        match kind {
            0 => &self.grants.records[index],
            1 => &self.exposures.records[index],
            2 => &self.inherits.records[index],
            _ => &self.trusts.records[index],
        }
    }

    fn common_mut(&mut self, (kind, index): At) -> &mut RelationCommon {
        let index = index as usize;
        match kind {
            0 => self.grants.records[index].common_mut(),
            1 => self.exposures.records[index].common_mut(),
            2 => self.inherits.records[index].common_mut(),
            _ => self.trusts.records[index].common_mut(),
        }
    }

    fn compared(&self, (kind, index): At, out: &mut String) {
        let index = index as usize;
        match kind {
            0 => self.grants.records[index].compared(out),
            1 => self.exposures.records[index].compared(out),
            2 => self.inherits.records[index].compared(out),
            _ => self.trusts.records[index].compared(out),
        }
    }

    /// The beginning of the digest of what one says.
    fn digest(&self, at: At, says: &mut String) -> u64 {
        let (kind, index) = (at.0, at.1 as usize);
        let known = match kind {
            0 => self.grants.digests.get(index),
            1 => self.exposures.digests.get(index),
            2 => self.inherits.digests.get(index),
            _ => self.trusts.digests.get(index),
        };
        match known {
            Some(&known) if known != 0 => known,
            _ => digest(says, |out| self.compared(at, out)),
        }
    }

    fn states_id(&self, at: At) -> bool {
        self.named(at).common().id.is_some()
    }

    fn place(&self, at: At) -> Option<&Place> {
        self.named(at).common().places.first()
    }
}

/// Gives relations that would be called alike a name of their own and reports ids that two different relations state.
pub(super) fn give(relations: &mut Relations, load_order: &LoadOrder, report: &mut Report) {
    // Millions of names differ, so their hashes are compared first.
    let hasher = RandomState::default();
    let mut hashes = Vec::new();
    hash(&relations.grants, 0, &hasher, &mut hashes);
    hash(&relations.exposures, 1, &hasher, &mut hashes);
    hash(&relations.inherits, 2, &hasher, &mut hashes);
    hash(&relations.trusts, 3, &hasher, &mut hashes);
    hashes.par_sort_unstable();
    let alike = |a: &(Hash, At), b: &(Hash, At)| a.0 == b.0;
    let mut alike: Vec<&[(Hash, At)]> = hashes.chunk_by(alike).filter(|alike| alike.len() > 1).collect();
    if alike.is_empty() {
        return;
    }
    let taken = taken(relations, &hashes, &alike, &hasher);
    // What takes long is to put together what each says, and less so where they lie beside each other.
    alike.par_sort_unstable_by_key(|alike| alike[0].1);
    let told: Vec<Told> = alike
        .into_par_iter()
        .flat_map_iter(|alike| of_one_name(alike, relations))
        .filter(|holders| holders.len() > 1)
        .map_init(String::new, |says, holders| {
            tell(holders, relations, load_order, &taken, says)
        })
        .collect();
    for Told { kept, hashed, longer } in told {
        let mut give = |at: At, change: &dyn Fn(&mut RelationCommon)| {
            let name = relations.states_id(at).then(|| relations.named(at).name().to_string());
            change(relations.common_mut(at));
            let Some(name) = name else { return };
            let own = relations.named(at).name().to_string();
            report.also(
                "shared-id",
                Level::Conflict,
                relations.place(at),
                kept.and_then(|kept| relations.place(kept)),
                format!(
                    "Two relations have the id {}; the first keeps it, this one is called {}",
                    quote(&name),
                    quote(&own)
                ),
            );
        };
        for (hash, at) in hashed {
            give(at, &|common| common.own_hash = Some(hash));
        }
        for (own, at) in longer {
            give(at, &|common| common.rest.get_mut().own_name = Some(own.as_str().into()));
        }
    }
}

/// Relations of one name.
struct Told {
    /// The one that keeps the name, because it is the first that states it.
    kept: Option<At>,
    /// Others, each with the hash that its own name has behind.
    hashed: Vec<([u8; 4], At)>,
    /// Those whose hash another has already, with all of their own names.
    longer: Vec<(String, At)>,
}

/// Relations whose names have one hash, which are nearly always of one name, by that name.
fn of_one_name(alike: &[(Hash, At)], relations: &Relations) -> Vec<Vec<At>> {
    let mut named: Vec<Vec<At>> = Vec::with_capacity(1);
    for (_, at) in alike {
        let name = relations.named(*at).name();
        match named
            .iter_mut()
            .find(|others| relations.named(others[0]).name() == name)
        {
            Some(others) => others.push(*at),
            None => named.push(vec![*at]),
        }
    }
    named
}

/// So many relations of one name are looked at by all threads.
const MANY: usize = 1024;

fn tell(mut holders: Vec<At>, relations: &Relations, load_order: &LoadOrder, taken: &Taken, says: &mut String) -> Told {
    let order = |at: &At| load_order.of(at.0, at.1 as usize);
    let stating = holders.iter().copied().filter(|at| relations.states_id(*at));
    let kept = stating.min_by_key(order);
    holders.retain(|at| Some(*at) != kept);
    let digest = |says: &mut String, at| (relations.digest(at, says), at);
    // Every way to an administrator has the same name, and there may be a hundred thousand of them.
    let mut digests: Vec<(u64, At)> = if holders.len() < MANY {
        holders.into_iter().map(|at| digest(says, at)).collect()
    } else {
        holders.into_par_iter().map_init(String::new, digest).collect()
    };
    // Hashes of what they say do not depend on the order of the files, and so do not the names they are given.
    let in_order = |a: &(u64, At), b: &(u64, At)| a.0.cmp(&b.0).then_with(|| order(&a.1).cmp(&order(&b.1)));
    if digests.len() < MANY {
        digests.sort_unstable_by(in_order);
    } else {
        digests.par_sort_unstable_by(in_order);
    }
    let mut told = Told {
        kept,
        hashed: Vec::with_capacity(digests.len()),
        longer: Vec::new(),
    };
    for (digest, at) in digests {
        // Eight digits; more only in the rare case that those are taken. Whoever has the same stands right before.
        let begin = digest.to_be_bytes();
        let [a, b, c, d, ..] = begin;
        let own = |digest: &[u8]| format!("{}{}", relations.named(at).name(), behind(digest));
        let is_new = told.hashed.last().is_none_or(|(other, _)| *other != [a, b, c, d]);
        if is_new && (taken.is_empty() || !taken.contains(&own(&begin[..4]))) {
            told.hashed.push(([a, b, c, d], at));
            continue;
        }
        let mut says = String::new();
        relations.compared(at, &mut says);
        let all = <[u8; 32]>::from(Sha256::digest(says.as_bytes()));
        let is_free = |own: &String| !taken.contains(own) && told.longer.iter().all(|(other, _)| other != own);
        let longer = [&begin[..], &all[..16]].into_iter().map(own).find(is_free);
        told.longer.push((longer.unwrap_or_else(|| own(&all)), at));
    }
    told
}

/// The hash of a name. It is odd where there is a `#` in the name.
type Hash = u64;

/// Adds the hashes of the names of a kind.
fn hash<R: Relation>(relations: &Listed<R>, kind: u8, hasher: &RandomState, hashes: &mut Vec<(Hash, At)>) {
    let all = relations.records.par_iter().zip(&relations.kept).enumerate();
    let of_kept = all.filter(|(_, (_, kept))| **kept);
    hashes.par_extend(of_kept.map_init(String::new, |name, (index, (record, _))| {
        name.clear();
        record.name().push_to(name);
        let hash = hasher.hash_one(name.as_str()) & !1 | u64::from(name.contains('#'));
        (hash, (kind, index as u32))
    }));
}

type Taken = HashSet<String, RandomState>;

/// Names that could be taken for one that relations share with something behind.
fn taken(relations: &Relations, hashes: &[(Hash, At)], alike: &[&[(Hash, At)]], hasher: &RandomState) -> Taken {
    let with_sharp = hashes.par_iter().filter(|(hash, _)| hash & 1 == 1);
    with_sharp
        .filter_map(|(_, at)| {
            let name = relations.named(*at).name().to_string();
            let (stem, _) = name.rsplit_once('#')?;
            let stem = hasher.hash_one(stem) >> 1;
            alike.binary_search_by_key(&stem, |alike| alike[0].0 >> 1).ok()?;
            Some(name)
        })
        .collect()
}

/// The beginning of the SHA-256 of what is written.
pub(super) fn digest(says: &mut String, write: impl FnOnce(&mut String)) -> u64 {
    says.clear();
    write(says);
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(says.as_bytes()));
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Some bytes of a digest in hex, as they stand behind a name.
fn behind(digest: &[u8]) -> String {
    let mut text = String::from("#");
    digest.iter().for_each(|byte| text.push_str(&format!("{byte:02x}")));
    text
}
