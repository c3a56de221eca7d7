//! Five hundred and twelve targets at a time over the core: one pass in topological order, one bit for each.

use super::all::Work;
use super::core::{Counts, NONE};
use super::lists::Lists;
use crate::analysis::{Cancel, Cancelled};
use rayon::prelude::*;

/// Lanes in one block.
pub(super) const LANES: usize = 512;

/// The lanes of a block.
pub(super) type Mask = [u64; LANES / 64];

/// Systems that the same nodes reach first, without passing another node of the core.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The lowest of them.
    pub lowest: u32,
    /// Which list of owners; `NONE` where there is no other.
    pub list: u32,
    pub counts: Counts,
}

/// Targets, by their lowest owner, and the owners of those that have several.
pub(super) struct Targets {
    pub owners: Lists,
    pub targets: Vec<Target>,
}

impl Targets {
    fn owners(&self, target: u32) -> &[u32] {
        let target = &self.targets[target as usize];
        if target.list == NONE {
            std::slice::from_ref(&target.lowest)
        } else {
            self.owners.of(target.list)
        }
    }
}

/// One word of lanes: targets that count the same.
struct Word {
    class: u8,
    /// Each of its targets stands for two to this many systems.
    shift: u8,
    targets: [u32; 64],
    len: u8,
}

/// What each node reaches, over edges that lead to lower numbers.
pub(super) fn sweep(
    out: &Lists,
    targets: &Targets,
    work: &mut Work,
    cancel: &dyn Cancel,
) -> Result<Vec<Counts>, Cancelled> {
    let words = words_of(&targets.targets);
    let mut blocks: Vec<&[Word]> = words.chunks(LANES / 64).collect();
    work.lanes = (words.len() * 64) as u32;
    // A block that begins low takes longest, so they are dealt alternately.
    let threads = rayon::current_num_threads().max(1);
    let mut dealt: Vec<Vec<&[Word]>> = vec![Vec::new(); threads];
    for (n, block) in blocks.drain(..).enumerate() {
        dealt[n % threads].push(block);
    }
    let n = out.keys();
    let sums: Vec<Vec<Counts>> = dealt
        .into_par_iter()
        .map(|blocks| {
            let mut sums = vec![Counts::default(); n];
            let mut masks: Vec<Mask> = vec![[0; LANES / 64]; n];
            for block in blocks {
                if cancel.is_cancelled() {
                    return Err(Cancelled);
                }
                one_block(out, targets, block, &mut masks, &mut sums);
            }
            Ok(sums)
        })
        .collect::<Result<_, _>>()?;
    let mut all = sums.into_iter();
    let mut total = all.next().unwrap_or_default();
    for part in all {
        for (to, from) in total.iter_mut().zip(&part) {
            for (a, b) in to.iter_mut().zip(from) {
                *a += b;
            }
        }
    }
    Ok(total)
}

/// Targets in words of equal class and power of two, in the order of the targets inside each; then the words by what
/// they count, so that nearly every block counts one thing, and by their first target, so that its owners lie together.
fn words_of(targets: &[Target]) -> Vec<Word> {
    let mut open: Vec<Option<Word>> = (0..4 * 32).map(|_| None).collect();
    let mut words: Vec<Word> = Vec::new();
    for (n, target) in targets.iter().enumerate() {
        for (class, &count) in target.counts.iter().enumerate() {
            let mut left = count;
            while left != 0 {
                let shift = left.trailing_zeros();
                left &= left - 1;
                let slot = &mut open[class * 32 + shift as usize];
                let word = slot.get_or_insert_with(|| Word {
                    class: class as u8,
                    shift: shift as u8,
                    targets: [0; 64],
                    len: 0,
                });
                word.targets[word.len as usize] = n as u32;
                word.len += 1;
                if word.len == 64 {
                    words.extend(slot.take());
                }
            }
        }
    }
    words.extend(open.into_iter().flatten());
    words.sort_by_key(|word| (word.class, word.shift, word.targets[0]));
    words
}

fn one_block(out: &Lists, targets: &Targets, block: &[Word], masks: &mut [Mask], sums: &mut [Counts]) {
    let lowest = block
        .iter()
        .flat_map(|word| &word.targets[..word.len as usize])
        .map(|&t| targets.targets[t as usize].lowest)
        .min()
        .unwrap_or(0);
    masks[lowest as usize..].fill([0; LANES / 64]);
    for (w, word) in block.iter().enumerate() {
        for (bit, &t) in word.targets[..word.len as usize].iter().enumerate() {
            for &owner in targets.owners(t) {
                masks[owner as usize][w] |= 1 << bit;
            }
        }
    }
    // Where all words count the same, they can be added up before their bits are.
    let alike = block
        .iter()
        .all(|word| (word.class, word.shift) == (block[0].class, block[0].shift));
    for (node, sum) in sums.iter_mut().enumerate().skip(lowest as usize) {
        let (done, rest) = masks.split_at_mut(node);
        let mask = &mut rest[0];
        for &s in out.of(node as u32) {
            if s >= lowest {
                for (a, b) in mask.iter_mut().zip(&done[s as usize]) {
                    *a |= b;
                }
            }
        }
        if *mask == [0; LANES / 64] {
            continue;
        }
        let bytes = ones_in_bytes(mask);
        if alike {
            // No byte holds more than 8, and eight of them no more than 64.
            let all = bytes.iter().sum::<u64>();
            sum[block[0].class as usize] += total(all) << block[0].shift;
        } else {
            for (word, bytes) in block.iter().zip(bytes) {
                sum[word.class as usize] += total(bytes) << word.shift;
            }
        }
    }
}

/// The ones in each byte. Written out, so that it is done for several words at once where the processor has no
/// instruction for it.
fn ones_in_bytes(mask: &Mask) -> Mask {
    const A: u64 = 0x5555_5555_5555_5555;
    const B: u64 = 0x3333_3333_3333_3333;
    const C: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    let mut x = *mask;
    for word in &mut x {
        *word -= (*word >> 1) & A;
        *word = (*word & B) + ((*word >> 2) & B);
        *word = (*word + (*word >> 4)) & C;
    }
    x
}

/// The sum of all bytes; it may be 512, so they are added in pairs first.
fn total(bytes: u64) -> u32 {
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes & PAIRS) + ((bytes >> 8) & PAIRS);
    (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
}
