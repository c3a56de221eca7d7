//! Doors settled: the edges, keys and targets that opened doors add to the core.

use super::all::{Dag, Search, Work};
use super::core::{Core, Counts, NONE};
use super::lists::{Lists, components};
use super::sweep::{LANES, Mask};
use crate::analysis::{Cancel, Cancelled};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// The condensed graph with its core.
#[derive(Clone, Copy)]
pub(super) struct Gates<'a> {
    pub core: &'a Core,
    pub dag: &'a Dag,
    /// The components of the core, ascending.
    pub bigs: &'a [u32],
    /// The place of each component among them, or `NONE`.
    pub place: &'a [u32],
}

/// The core without doors.
pub(super) struct Settled {
    /// Nodes that reach each other are one; edges lead to lower numbers.
    pub out: Lists,
    /// Which node each component of the core has become.
    pub merged: Vec<u32>,
    /// A node, and components with systems that it reaches by itself.
    pub pieces: Vec<(u32, Vec<u32>)>,
    /// Components of the core that have a key while so many nodes open so many doors that these were left alone: what
    /// the rest says of them is too little.
    pub open: Vec<u32>,
}

/// What hangs below one component of the core.
#[derive(Default)]
struct Below {
    edges: Vec<u32>,
    targets: Vec<u32>,
    keys: Vec<u32>,
    tails: Vec<u32>,
}

/// A door, or several that the same nodes meet and the same key opens.
struct Lane {
    key: u32,
    /// Whose owners.
    group: u32,
    heads: std::ops::Range<u32>,
}

struct Lanes {
    owners: Vec<Box<[u32]>>,
    heads: Vec<u32>,
    lanes: Vec<Lane>,
}

/// The core as it stands in one pass.
struct Stand {
    out: Lists,
    merged: Vec<u32>,
    /// A component of the core for each node.
    member: Vec<u32>,
    /// Words of keys for each node.
    keys: Vec<u64>,
    words: usize,
}

/// Settles the doors. Where that would take more than `most` new edges, they are left alone and those whom they concern
/// are told.
pub(super) fn settle(
    gates: &Gates<'_>,
    most: Option<u64>,
    work: &mut Work,
    cancel: &dyn Cancel,
) -> Result<Settled, Cancelled> {
    let n = gates.bigs.len();
    let gated = gates.core.door_count() > 0;
    let below: Vec<Below> = gates
        .bigs
        .par_iter()
        .with_min_len(16)
        .map_init(Search::default, |search, &c| {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            let start = gates.dag.out.of(c);
            Ok(gates.below(search, Some(c), start, gated))
        })
        .collect::<Result<_, _>>()?;
    let mut edges: Vec<(u32, u32)> = Vec::new();
    let mut keys: Vec<(u32, u32)> = Vec::new();
    // Components with doors, by whether one leads to more than targets, and who reaches them.
    let mut tails: Vec<(u32, u32)> = Vec::new();
    let mut last: Vec<(u32, u32)> = Vec::new();
    let leads = if gated { gates.leads() } else { Vec::new() };
    let kinds = if gated { gates.kinds(&leads) } else { Vec::new() };
    let mut pieces: Vec<(u32, Vec<u32>)> = Vec::with_capacity(n);
    for (at, below) in below.into_iter().enumerate() {
        let at = at as u32;
        edges.extend(below.edges.iter().map(|&to| (at, to)));
        keys.extend(below.keys.iter().map(|&key| (at, key)));
        sort_out(&below.tails, at, &kinds, &mut tails, &mut last);
        pieces.push((at, below.targets));
    }
    cancel.progress("radii", 3, 6);
    let mut stand = gates.stand(&edges, &keys);
    let mut left_open: Vec<u32> = Vec::new();
    if gated {
        let most = most.unwrap_or_else(|| gates.most(&stand));
        let (first_edges, first_keys, first_pieces) = (edges.len(), keys.len(), pieces.len());
        let mut opened: Vec<(u32, u32)> = Vec::new();
        loop {
            work.passes += 1;
            let lanes = gates.lanes(&tails, &stand, |head| leads[head as usize]);
            let known: Vec<(u32, u32)> = opened.iter().map(|&(at, h)| (stand.merged[at as usize], h)).collect();
            let mut before = Lists::of_pairs(stand.out.keys(), &known);
            before.sort_each_and_drop_repeats(false);
            // Those of earlier passes are found again, and count.
            let Some(mut new) = open(&stand, &lanes, most, cancel)? else {
                // Back to the core as it was before any door.
                edges.truncate(first_edges);
                keys.truncate(first_keys);
                pieces.truncate(first_pieces);
                stand = gates.stand(&edges, &keys);
                let has_key = |&at: &usize| stand.row(stand.merged[at]).iter().any(|&word| word != 0);
                left_open = (0..n).filter(has_key).map(|at| gates.bigs[at]).collect();
                last.clear();
                break;
            };
            new.retain(|&(node, head)| before.of(node).binary_search(&head).is_err());
            if new.is_empty() {
                break;
            }
            let found: Vec<(u32, Below)> = new
                .par_chunk_by(|a, b| a.0 == b.0)
                .map_init(Search::default, |search, list| {
                    if cancel.is_cancelled() {
                        return Err(Cancelled);
                    }
                    let heads: Vec<u32> = list.iter().map(|x| x.1).collect();
                    Ok((
                        stand.member[list[0].0 as usize],
                        gates.below(search, None, &heads, true),
                    ))
                })
                .collect::<Result<_, _>>()?;
            opened.extend(new.iter().map(|&(node, head)| (stand.member[node as usize], head)));
            for (at, below) in found {
                work.shortcuts += below.edges.len() as u32;
                edges.extend(below.edges.iter().map(|&to| (at, to)));
                keys.extend(below.keys.iter().map(|&key| (at, key)));
                sort_out(&below.tails, at, &kinds, &mut tails, &mut last);
                pieces.push((at, below.targets));
            }
            stand = gates.stand(&edges, &keys);
        }
        // Doors behind which there is nothing but targets change nothing for each other.
        let lanes = gates.lanes(&last, &stand, |head| !leads[head as usize]);
        let new = open(&stand, &lanes, u64::MAX, cancel)?.unwrap_or_default();
        drop(lanes);
        let found: Vec<(u32, Vec<u32>)> = new
            .par_chunk_by(|a, b| a.0 == b.0)
            .map_init(Search::default, |search, list| {
                if cancel.is_cancelled() {
                    return Err(Cancelled);
                }
                let heads: Vec<u32> = list.iter().map(|x| x.1).collect();
                let below = gates.below(search, None, &heads, false);
                Ok((stand.member[list[0].0 as usize], below.targets))
            })
            .collect::<Result<_, _>>()?;
        pieces.extend(found);
    }
    for piece in &mut pieces {
        piece.0 = stand.merged[piece.0 as usize];
    }
    work.core_edges = stand.out.len() as u32;
    Ok(Settled {
        out: stand.out,
        merged: stand.merged,
        pieces,
        open: left_open,
    })
}

impl Stand {
    /// The keys of a node.
    fn row(&self, node: u32) -> &[u64] {
        &self.keys[node as usize * self.words..(node as usize + 1) * self.words]
    }
}

fn sort_out(found: &[u32], at: u32, kinds: &[(bool, bool)], tails: &mut Vec<(u32, u32)>, last: &mut Vec<(u32, u32)>) {
    for &tail in found {
        let (more, targets) = kinds[tail as usize];
        if more {
            tails.push((tail, at));
        }
        if targets {
            last.push((tail, at));
        }
    }
}

impl Gates<'_> {
    /// What hangs below `start`, and at `own`.
    fn below(&self, search: &mut Search, own: Option<u32>, start: &[u32], gated: bool) -> Below {
        let mut out = Below::default();
        search.below(self.dag, self.place, start, |to| out.edges.push(to));
        for &c in own.iter().chain(&search.found) {
            if self.dag.own[c as usize] != Counts::default() {
                out.targets.push(c);
            }
            if gated {
                out.keys.extend_from_slice(self.dag.keys.of(c));
                if self.dag.has_doors(c) {
                    out.tails.push(c);
                }
            }
        }
        out
    }

    /// Whether more than targets are at or below a component: a key, a door, a node of the core.
    fn leads(&self) -> Vec<bool> {
        let dag = self.dag;
        let mut leads = vec![false; dag.len()];
        for c in 0..dag.len() as u32 {
            leads[c as usize] = self.place[c as usize] != NONE
                || !dag.keys.of(c).is_empty()
                || dag.has_doors(c)
                || dag.out.of(c).iter().any(|&s| leads[s as usize]);
        }
        leads
    }

    /// For each component whether a door behind it leads to more than targets, and whether one does not.
    fn kinds(&self, leads: &[bool]) -> Vec<(bool, bool)> {
        (0..self.dag.len() as u32)
            .map(|c| {
                let heads = self.dag.door_heads.of(c);
                let more = |&head: &u32| leads[head as usize];
                (heads.iter().any(more), !heads.iter().all(more))
            })
            .collect()
    }

    /// How many new edges may be added before it costs less to follow the sources that have keys. Each is walked once
    /// for every block of targets, where the other way walks the whole graph a few times for every block of sources.
    fn most(&self, stand: &Stand) -> u64 {
        const PASSES: u64 = 4;
        let lanes = LANES as u64;
        let keyed = (0..stand.out.keys() as u32).filter(|&node| stand.row(node).iter().any(|&word| word != 0));
        let sources = keyed.count() as u64 / lanes + 1;
        let targets = self.dag.own.iter().filter(|own| **own != Counts::default()).count() as u64 / lanes + 1;
        (sources * PASSES * self.dag.out.len() as u64 / targets).max(100_000)
    }

    fn stand(&self, edges: &[(u32, u32)], keys: &[(u32, u32)]) -> Stand {
        let found = components(&Lists::of_pairs(self.bigs.len(), edges));
        let n = found.len();
        let mut pairs: Vec<(u32, u32)> = edges
            .iter()
            .map(|&(from, to)| (found.of[from as usize], found.of[to as usize]))
            .collect();
        pairs.retain(|p| p.0 != p.1);
        let mut out = Lists::of_pairs(n, &pairs);
        out.sort_each_and_drop_repeats(true);
        let words = if self.core.door_count() == 0 {
            0
        } else {
            self.core.keys().div_ceil(64)
        };
        let mut rows = vec![0u64; n * words];
        for &(at, key) in keys {
            rows[found.of[at as usize] as usize * words + key as usize / 64] |= 1 << (key % 64);
        }
        if words > 0 {
            for node in 0..n {
                let (done, rest) = rows.split_at_mut(node * words);
                for &s in out.of(node as u32) {
                    let below = &done[s as usize * words..(s as usize + 1) * words];
                    for (a, b) in rest[..words].iter_mut().zip(below) {
                        *a |= b;
                    }
                }
            }
        }
        Stand {
            out,
            member: (0..n as u32).map(|node| found.members(node)[0]).collect(),
            merged: found.of,
            keys: rows,
            words,
        }
    }

    /// The doors that may be opened, `wanted` by their heads. `tails` are components with doors and who reaches them.
    fn lanes(&self, tails: &[(u32, u32)], stand: &Stand, wanted: impl Fn(u32) -> bool) -> Lanes {
        // A key that nobody in the core has opens nothing there.
        let mut had = vec![0u64; stand.words];
        for row in stand.keys.chunks(stand.words) {
            for (a, b) in had.iter_mut().zip(row) {
                *a |= b;
            }
        }
        let has = |key: u32| had[key as usize / 64] >> (key % 64) & 1 == 1;
        let mut pairs: Vec<(u32, u32)> = tails
            .iter()
            .map(|&(tail, at)| (tail, stand.merged[at as usize]))
            .collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        let mut by_owners: Vec<(Box<[u32]>, u32)> = pairs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|list| (list.iter().map(|x| x.1).collect(), list[0].0))
            .collect();
        drop(pairs);
        by_owners.par_sort_unstable();
        let mut out = Lanes {
            owners: Vec::new(),
            heads: Vec::new(),
            lanes: Vec::new(),
        };
        let mut doors: Vec<(u32, u32)> = Vec::new();
        for same in by_owners.chunk_by(|a, b| a.0 == b.0) {
            doors.clear();
            for &(_, tail) in same {
                for (head, clause) in self.dag.doors(tail) {
                    if wanted(head) {
                        let keys = self.core.clause(clause).iter();
                        doors.extend(keys.filter(|&&k| has(k)).map(|&k| (k, head)));
                    }
                }
            }
            doors.sort_unstable();
            doors.dedup();
            if doors.is_empty() {
                continue;
            }
            let group = out.owners.len() as u32;
            out.owners.push(same[0].0.clone());
            for list in doors.chunk_by(|a, b| a.0 == b.0) {
                let from = out.heads.len() as u32;
                out.heads.extend(list.iter().map(|d| d.1));
                out.lanes.push(Lane {
                    key: list[0].0,
                    group,
                    heads: from..out.heads.len() as u32,
                });
            }
        }
        // Groups are sorted by their lowest owner, so lanes of one key stand by it too.
        out.lanes.sort_by_key(|lane| (lane.key, lane.group));
        out
    }
}

/// Which nodes are the first to open which heads; sorted and without repeats. `None` where there are more than `most`.
fn open(stand: &Stand, lanes: &Lanes, most: u64, cancel: &dyn Cancel) -> Result<Option<Vec<(u32, u32)>>, Cancelled> {
    let n = stand.out.keys();
    let count = AtomicU64::new(0);
    let found: Vec<Vec<(u32, u32)>> = lanes
        .lanes
        .par_chunks(LANES)
        .map_init(Vec::new, |masks: &mut Vec<Mask>, block| {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            // Once there are too many it does not matter how many more there would be.
            if count.load(Ordering::Relaxed) > most {
                return Ok(Vec::new());
            }
            masks.resize(n, [0; LANES / 64]);
            let found = open_block(stand, lanes, block, masks);
            count.fetch_add(found.len() as u64, Ordering::Relaxed);
            Ok(found)
        })
        .collect::<Result<_, _>>()?;
    if count.into_inner() > most {
        return Ok(None);
    }
    let mut out: Vec<(u32, u32)> = Vec::with_capacity(found.iter().map(Vec::len).sum());
    for list in found {
        out.extend(list);
    }
    out.par_sort_unstable();
    out.dedup();
    Ok(Some(out))
}

fn open_block(stand: &Stand, lanes: &Lanes, block: &[Lane], masks: &mut [Mask]) -> Vec<(u32, u32)> {
    let mut out = Vec::new();
    // The lanes of each key stand together.
    let mut keys: Vec<(u32, Mask)> = Vec::new();
    let mut lowest = u32::MAX;
    for (n, lane) in block.iter().enumerate() {
        if keys.last().is_none_or(|k| k.0 != lane.key) {
            keys.push((lane.key, [0; LANES / 64]));
        }
        if let Some((_, mask)) = keys.last_mut() {
            mask[n / 64] |= 1 << (n % 64);
        }
        lowest = lowest.min(lanes.owners[lane.group as usize][0]);
    }
    masks[lowest as usize..].fill([0; LANES / 64]);
    for (n, lane) in block.iter().enumerate() {
        for &owner in &lanes.owners[lane.group as usize] {
            masks[owner as usize][n / 64] |= 1 << (n % 64);
        }
    }
    for node in lowest as usize..stand.out.keys() {
        let (done, rest) = masks.split_at_mut(node);
        let mask = &mut rest[0];
        for &s in stand.out.of(node as u32) {
            if s >= lowest {
                for (a, b) in mask.iter_mut().zip(&done[s as usize]) {
                    *a |= b;
                }
            }
        }
        if *mask == [0; LANES / 64] {
            continue;
        }
        // Doors that are met here and opened here go no further: whoever is above reaches what is behind them.
        let row = stand.row(node as u32);
        for (key, of_key) in &keys {
            if row[*key as usize / 64] >> (key % 64) & 1 == 0 {
                continue;
            }
            for (w, (word, of_key)) in mask.iter_mut().zip(of_key).enumerate() {
                let mut hit = *word & of_key;
                *word &= !of_key;
                while hit != 0 {
                    let lane = &block[w * 64 + hit.trailing_zeros() as usize];
                    hit &= hit - 1;
                    let heads = lane.heads.start as usize..lane.heads.end as usize;
                    out.extend(lanes.heads[heads].iter().map(|&head| (node as u32, head)));
                }
            }
        }
    }
    out
}
