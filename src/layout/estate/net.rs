//! An undirected graph in flat arrays, its coarser pictures, and what hangs on one neighbour alone.

use rayon::prelude::*;

/// Splitmix64: equal draws everywhere.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub(super) fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

/// An undirected graph: each edge stands at both of its ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Net {
    pub(super) start: Vec<u32>,
    pub(super) to: Vec<u32>,
    /// How many edges of the finest graph each stands for.
    pub(super) weight: Vec<f32>,
}

impl Net {
    pub(super) fn len(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    pub(super) fn degree(&self, v: usize) -> usize {
        (self.start[v + 1] - self.start[v]) as usize
    }

    pub(super) fn of(&self, v: usize) -> &[u32] {
        &self.to[self.start[v] as usize..self.start[v + 1] as usize]
    }

    /// From edges between nodes below `n`; loops are dropped, repeats add up. Each edge is given once.
    pub(super) fn new(n: usize, edges: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut both: Vec<u64> = Vec::new();
        for (a, b) in edges.filter(|(a, b)| a != b) {
            both.push(u64::from(a) << 32 | u64::from(b));
            both.push(u64::from(b) << 32 | u64::from(a));
        }
        both.par_sort_unstable();
        Self::sorted(n, both.into_iter().map(|k| (k, 1.0)))
    }

    fn sorted(n: usize, pairs: impl Iterator<Item = (u64, f32)>) -> Self {
        let mut out = Self {
            start: vec![0; n + 1],
            to: Vec::new(),
            weight: Vec::new(),
        };
        let mut last = u64::MAX;
        for (key, weight) in pairs {
            if key == last {
                if let Some(w) = out.weight.last_mut() {
                    *w += weight;
                }
                continue;
            }
            last = key;
            out.to.push(key as u32);
            out.weight.push(weight);
            out.start[(key >> 32) as usize + 1] += 1;
        }
        for i in 0..n {
            out.start[i + 1] += out.start[i];
        }
        out
    }

    /// The graph with heavily joined neighbours taken together, and where each node went.
    pub(super) fn coarser(&self, dice: &mut Dice) -> (Self, Vec<u32>) {
        const MOST: u8 = 6;
        const FREE: u32 = u32::MAX;
        let n = self.len();
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            order.swap(i, dice.below(i + 1));
        }
        // Those with few neighbours choose first: a hub is never left without partners.
        order.sort_by_key(|&v| self.degree(v as usize));
        let mut into = vec![FREE; n];
        let mut size: Vec<u8> = Vec::new();
        for &v in &order {
            let v = v as usize;
            if into[v] != FREE {
                continue;
            }
            let mut best: Option<(f32, usize)> = None;
            for i in self.start[v] as usize..self.start[v + 1] as usize {
                let u = self.to[i] as usize;
                if into[u] != FREE && size[into[u] as usize] >= MOST {
                    continue;
                }
                let score = self.weight[i] / self.degree(u) as f32;
                if best.is_none_or(|b| score > b.0) {
                    best = Some((score, u));
                }
            }
            match best {
                None => {
                    into[v] = size.len() as u32;
                    size.push(1);
                }
                Some((_, u)) if into[u] != FREE => {
                    into[v] = into[u];
                    size[into[u] as usize] += 1;
                }
                Some((_, u)) => {
                    into[v] = size.len() as u32;
                    into[u] = into[v];
                    size.push(2);
                }
            }
        }
        let mut pairs: Vec<(u64, f32)> = Vec::with_capacity(self.to.len() / 2);
        for v in 0..n {
            for i in self.start[v] as usize..self.start[v + 1] as usize {
                let (a, b) = (into[v], into[self.to[i] as usize]);
                if a != b {
                    pairs.push((u64::from(a) << 32 | u64::from(b), self.weight[i]));
                }
            }
        }
        // Weights are whole numbers, so the order in which equal pairs add up does not matter.
        pairs.par_sort_unstable_by_key(|p| p.0);
        (Self::sorted(size.len(), pairs.into_iter()), into)
    }
}
