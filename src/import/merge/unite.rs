//! Relations of a kind without those that cannot be used, and of those that are equal one.

use super::lists::Sets;
use super::relations::Relation;
use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// What relations are united with.
pub(super) struct Uniting<'u> {
    /// The entities they may name.
    pub known: &'u Known,
    /// Where those stand.
    pub ranks: &'u order::Ranks,
    /// Hears what is wrong with them.
    pub report: &'u mut Report,
    /// May stop it.
    pub progress: &'u dyn Progress,
}

impl Uniting<'_> {
    /// Leaves out what cannot be used and unites what is equal. One that several became stands where the first of them
    /// that states its id stood. Nothing where it was cancelled.
    pub fn all<R: Relation>(&mut self, records: Vec<R>) -> Option<Listed<R>> {
        let goes_on = || (!self.progress.cancelled()).then_some(());
        goes_on()?;
        let mut listed = usable(records, self.known, self.ranks, self.report);
        goes_on()?;
        let (groups, digests) = equal(&listed);
        listed.digests = digests;
        goes_on()?;
        for group in groups {
            let ids: BTreeSet<Text> = group
                .iter()
                .filter_map(|at| listed.records[*at].common().id.clone())
                .collect();
            // Those without an id join the least one, whatever the order of the files.
            let least = ids.first().cloned();
            let mut by_id: BTreeMap<Option<Text>, Vec<usize>> = Default::default();
            for at in group {
                let id = listed.records[at].common().id.clone().or_else(|| least.clone());
                by_id.entry(id).or_default().push(at);
            }
            for (id, members) in by_id {
                unite(id, &members, &mut listed, self.report);
            }
        }
        Some(listed)
    }
}

/// Relations without those that cannot be used.
fn usable<R: Relation>(mut records: Vec<R>, known: &Known, ranks: &order::Ranks, report: &mut Report) -> Listed<R> {
    records
        .par_iter_mut()
        .for_each_init(Sets::default, |sets, record| record.normalise(sets));
    let mut kept = vec![true; records.len()];
    let mut keys = vec![0; records.len()];
    let complaints: Vec<(usize, &'static str, String)> = records
        .par_iter()
        .zip(&mut keys)
        .enumerate()
        .map_init(
            || Finder::new(known),
            |finder, (at, (record, key))| {
                let complaint = record.complaint(finder);
                if complaint.is_none() {
                    let [before, behind] = record.ends().map(|id| id.and_then(|id| finder.find(id)));
                    *key = ranks.key((before, behind));
                }
                complaint.map(|(code, complaint)| (at, code, complaint))
            },
        )
        .flatten_iter()
        .collect();
    for (at, code, complaint) in complaints {
        kept[at] = false;
        let record = &records[at];
        report.error(
            code,
            record.common().places.first(),
            format!("Left out the {}: {complaint}", called(record)),
        );
    }
    Listed {
        records,
        kept,
        keys,
        digests: Vec::new(),
    }
}

/// How a message calls a relation.
pub(super) fn called<R: Relation>(record: &R) -> String {
    format!("{} {}", R::NOUN, quote(&record.name().to_string()))
}

/// The positions of what is equal, where it is more than one; groups and their members stand in load order. And the
/// beginnings of the digests of those that are likely to need one, which is best made while they are at hand; else 0.
fn equal<R: Relation>(listed: &Listed<R>) -> (Vec<Vec<usize>>, Vec<u64>) {
    // Millions of relations differ, so their hashes are compared first.
    let hasher = foldhash::fast::RandomState::default();
    let mut digests = vec![0; listed.records.len()];
    let all = listed
        .records
        .par_iter()
        .zip(&listed.kept)
        .zip(&mut digests)
        .enumerate();
    let mut hashes: Vec<(u64, u32)> = all
        .filter(|(_, ((_, kept), _))| **kept)
        .map_init(Default::default, |(says, lists), (at, ((record, _), digest))| {
            if record.shares_name() {
                *digest = names::digest(says, |out| record.compared(out));
                return (*digest, at as u32);
            }
            (record.hash(&hasher, lists), at as u32)
        })
        .collect();
    hashes.par_sort_unstable();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for alike in hashes.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let from = groups.len();
        for (_, at) in alike {
            let at = *at as usize;
            let key = listed.records[at].key();
            match groups[from..].iter_mut().find(|g| listed.records[g[0]].key() == key) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups.sort_unstable_by_key(|group| group[0]);
    (groups, digests)
}

/// Makes one of several, which stand in load order.
fn unite<R: Relation>(id: Option<Text>, members: &[usize], listed: &mut Listed<R>, report: &mut Report) {
    let states = |at: &&usize| id.is_none() || listed.records[**at].common().id == id;
    let (Some(&first), Some(&stays)) = (members.first(), members.iter().find(states)) else {
        return;
    };
    // The first in load order is added to; where it stands is said by the first that states the id.
    for at in members {
        listed.kept[*at] = *at == stays;
    }
    listed.records.swap(first, stays);
    let others: Vec<usize> = members[1..]
        .iter()
        .map(|&at| if at == stays { first } else { at })
        .collect();
    let mut united = std::mem::take(&mut listed.records[stays]);
    united.common_mut().id = id;
    for other in others {
        let mut other = std::mem::take(&mut listed.records[other]);
        united.unite_rest(&mut other, report);
        let noun = called(&united);
        let kept = united.common().places.first().cloned();
        let place = other.common().places.first().cloned();
        let into = united.common_mut();
        let from = std::mem::take(other.common_mut());
        into.last_used_at = into.last_used_at.max(from.last_used_at);
        into.evidence = unite_evidence(into.evidence.take(), from.evidence);
        let mut conflicts = Vec::new();
        unite_members(&mut into.attributes, from.attributes, |key| {
            conflicts.push(format!("attributes.{key}"))
        });
        if from.rest.get().is_some() {
            let (into, mut from) = (into.rest.get_mut(), from.rest);
            let Rest { extra, inner, .. } = from.take();
            unite_members(&mut into.extra, extra, |key| conflicts.push(key.to_owned()));
            for (at, extra) in inner {
                let into = into.inner.entry(at.clone()).or_default();
                unite_members(into, extra, |key| conflicts.push(format!("{at}.{key}")));
            }
        }
        into.places.extend(from.places);
        for field in conflicts {
            report.also(
                "conflict",
                Level::Conflict,
                place.as_ref(),
                kept.as_ref(),
                format!("Two values for {field} of the {noun}; the first stays, make them agree"),
            );
        }
    }
    listed.records[stays] = united;
}

/// Texts of several sources: their parts, sorted, joined by `; `. One text alone stays as it is.
fn unite_evidence(a: Option<Text>, b: Option<Text>) -> Option<Text> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => {
            let parts: BTreeSet<&str> = a.split("; ").chain(b.split("; ")).collect();
            Some(parts.into_iter().collect::<Vec<_>>().join("; ").into())
        }
        (a, b) => a.or(b),
    }
}
