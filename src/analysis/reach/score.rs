//! Many cuts of one compromise at once, one in each lane.

use super::core::{Counts, NONE};
use super::standing::{Cut, Standing};
use crate::analysis::{Cancel, Cancelled};
use crate::graph::FastMap;
use rayon::prelude::*;

/// Words of lanes in one sweep. Half a cache line for each fact and sweep, so that two threads share the work of five
/// hundred and twelve candidates.
const WORDS: usize = 4;
type Mask = [u64; WORDS];
const NO_LANE: Mask = [0; WORDS];
const ALL: Mask = [u64::MAX; WORDS];

/// Where the lanes of a sweep differ from the graph.
#[derive(Default)]
struct Missing {
    nodes: FastMap<u32, Mask>,
    edges: FastMap<(u32, u32), Mask>,
    doors: FastMap<(u32, u32), Mask>,
}

impl Missing {
    fn of(cuts: &[Cut]) -> Self {
        let mut out = Self::default();
        for (lane, cut) in cuts.iter().enumerate() {
            let set = |mask: &mut Mask| mask[lane / 64] |= 1 << (lane % 64);
            cut.nodes
                .iter()
                .for_each(|&node| set(out.nodes.entry(node).or_default()));
            cut.edges
                .iter()
                .for_each(|&edge| set(out.edges.entry(edge).or_default()));
            cut.doors
                .iter()
                .for_each(|&door| set(out.doors.entry(door).or_default()));
        }
        out
    }
}

/// What each of several candidate cuts takes off one compromise: the systems no longer reached, by class. Equal to
/// [`Standing::lost`] for each of them; a few hundred cost hardly more than one search from the beginning.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn score_candidates(standing: &Standing<'_>, cuts: &[Cut], cancel: &dyn Cancel) -> Result<Vec<Counts>, Cancelled> {
    let found: Vec<Vec<Counts>> = cuts
        .par_chunks(64 * WORDS)
        .map(|cuts| sweep(standing, cuts, cancel))
        .collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn sweep(standing: &Standing<'_>, cuts: &[Cut], cancel: &dyn Cancel) -> Result<Vec<Counts>, Cancelled> {
    let missing = Missing::of(cuts);
    let n = standing.order.len();
    // In which lanes each fact is derived so far, by its place in the order of derivation.
    let mut lanes: Vec<Mask> = vec![NO_LANE; n];
    let mut from = 0;
    while from < n {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let part = standing.part[from];
        let to = from + standing.part[from..].partition_point(|&p| p == part);
        // The first pass derives nearly all there is; what goes round in a component takes a few more.
        loop {
            let mut changed = false;
            for at in from..to {
                let new = derived(standing, &missing, &lanes, at);
                changed |= new != lanes[at];
                lanes[at] = new;
            }
            if !changed || to - from == 1 {
                break;
            }
        }
        from = to;
    }
    let mut out = vec![Counts::default(); cuts.len()];
    for (at, mask) in lanes.iter().enumerate() {
        if *mask == ALL {
            continue;
        }
        if let Some(class) = standing.core.class_of(standing.order[at]) {
            for (w, word) in mask.iter().enumerate() {
                let mut gone = !word;
                while gone != 0 {
                    let lane = w * 64 + gone.trailing_zeros() as usize;
                    gone &= gone - 1;
                    if let Some(counts) = out.get_mut(lane) {
                        counts[class] += 1;
                    }
                }
            }
        }
    }
    Ok(out)
}

/// The lanes in which a fact follows from what is derived so far.
fn derived(standing: &Standing<'_>, missing: &Missing, lanes: &[Mask], at: usize) -> Mask {
    let (core, back) = (standing.core, standing.back);
    let node = standing.order[at];
    let of = |node: u32| match standing.pos[node as usize] {
        NONE => NO_LANE,
        pos => lanes[pos as usize],
    };
    let mut mask = lanes[at];
    if standing.start.binary_search(&node).is_ok() {
        mask = ALL;
    }
    for &from in back.into.of(node) {
        if mask == ALL {
            break;
        }
        let mut way = of(from);
        if !missing.edges.is_empty()
            && let Some(gone) = missing.edges.get(&(from, node))
        {
            without(&mut way, gone);
        }
        with(&mut mask, &way);
    }
    for &door in back.doors_into.of(node) {
        if mask == ALL {
            break;
        }
        let tail = back.tail[door as usize];
        let mut open = NO_LANE;
        for &k in core.clause(core.doors[door as usize].clause) {
            with(&mut open, &of(core.key_node[k as usize]));
        }
        for (a, b) in open.iter_mut().zip(of(tail)) {
            *a &= b;
        }
        if let Some(gone) = missing.doors.get(&(tail, node)) {
            without(&mut open, gone);
        }
        with(&mut mask, &open);
    }
    if let Some(gone) = missing.nodes.get(&node) {
        without(&mut mask, gone);
    }
    mask
}

fn with(mask: &mut Mask, other: &Mask) {
    for (a, b) in mask.iter_mut().zip(other) {
        *a |= b;
    }
}

fn without(mask: &mut Mask, other: &Mask) {
    for (a, b) in mask.iter_mut().zip(other) {
        *a &= !b;
    }
}
