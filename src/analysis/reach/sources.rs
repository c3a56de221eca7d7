//! Five hundred and twelve sources at a time over the whole graph, doors and all: slower than settling doors where few
//! nodes open them, and bounded where nearly all do.

use super::all::Dag;
use super::core::{Core, Counts};
use super::sweep::{LANES, Mask};
use crate::analysis::{Cancel, Cancelled};
use rayon::prelude::*;

const NO_LANE: Mask = [0; LANES / 64];

/// The systems that each of `sources` reaches; components in descending order.
pub(super) fn by_sources(
    core: &Core,
    dag: &Dag,
    sources: &[u32],
    cancel: &dyn Cancel,
) -> Result<Vec<Counts>, Cancelled> {
    let found: Vec<Vec<Counts>> = sources
        .par_chunks(LANES)
        .map_init(Vec::new, |masks, block| one_block(core, dag, block, masks, cancel))
        .collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn one_block(
    core: &Core,
    dag: &Dag,
    block: &[u32],
    masks: &mut Vec<Mask>,
    cancel: &dyn Cancel,
) -> Result<Vec<Counts>, Cancelled> {
    masks.clear();
    masks.resize(dag.len(), NO_LANE);
    // In which lanes each key is got.
    let mut keys: Vec<Mask> = vec![NO_LANE; core.keys()];
    let mut highest = 0;
    for (lane, &source) in block.iter().enumerate() {
        masks[source as usize][lane / 64] |= 1 << (lane % 64);
        highest = highest.max(source);
    }
    // A pass goes down the edges; doors lead up, too, and keys are got below doors that were passed.
    loop {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let mut again = None;
        for c in (0..=highest).rev() {
            let mask = masks[c as usize];
            if mask == NO_LANE {
                continue;
            }
            for &to in dag.out.of(c) {
                with(&mut masks[to as usize], &mask);
            }
            for &key in dag.keys.of(c) {
                if with(&mut keys[key as usize], &mask) {
                    again = Some(dag.len() as u32 - 1);
                }
            }
            if !dag.has_doors(c) {
                continue;
            }
            for (head, clause) in dag.doors(c) {
                let mut open = NO_LANE;
                for &key in core.clause(clause) {
                    with(&mut open, &keys[key as usize]);
                }
                for (a, b) in open.iter_mut().zip(&mask) {
                    *a &= b;
                }
                if with(&mut masks[head as usize], &open) && head > c {
                    again = again.max(Some(head));
                }
            }
        }
        match again {
            Some(from) => highest = from,
            None => break,
        }
    }
    Ok(count(dag, masks, block.len()))
}

/// Adds lanes; whether any is new.
fn with(mask: &mut Mask, other: &Mask) -> bool {
    let mut new = 0;
    for (a, b) in mask.iter_mut().zip(other) {
        new |= b & !*a;
        *a |= b;
    }
    new != 0
}

/// The systems in each lane: one counter for each lane and class, all of one word's counted together bit by bit.
fn count(dag: &Dag, masks: &[Mask], lanes: usize) -> Vec<Counts> {
    let mut planes = vec![[[0u64; LANES / 64]; 32]; 4];
    for (own, mask) in dag.own.iter().zip(masks) {
        if *mask == NO_LANE {
            continue;
        }
        for (planes, &systems) in planes.iter_mut().zip(own) {
            let mut left = systems;
            while left != 0 {
                let first = left.trailing_zeros() as usize;
                left &= left - 1;
                let mut carry = *mask;
                for plane in &mut planes[first..] {
                    let mut any = 0;
                    for (sum, carry) in plane.iter_mut().zip(&mut carry) {
                        (*sum, *carry) = (*sum ^ *carry, *sum & *carry);
                        any |= *carry;
                    }
                    if any == 0 {
                        break;
                    }
                }
            }
        }
    }
    let bit = |word: u64, lane: usize| (word >> (lane % 64) & 1) as u32;
    (0..lanes)
        .map(|lane| {
            std::array::from_fn(|class| {
                let planes = planes[class].iter().enumerate();
                planes.map(|(n, plane)| bit(plane[lane / 64], lane) << n).sum()
            })
        })
        .collect()
}
