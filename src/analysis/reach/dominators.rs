//! Choke points: what falls away when one fact does, for one compromise and for the whole estate. Dominators by the
//! semi-NCA algorithm, over what is reached.

use super::all::Marks;
use super::core::{Core, Counts};
use super::lists::Lists;
use crate::analysis::{Cancel, Cancelled};
use rayon::prelude::*;

/// What one compromise loses with each of the nodes it reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chokes {
    /// Nodes reached, ascending.
    pub nodes: Vec<u32>,
    /// For each of them the systems that are no longer reached without it, itself among them where it is one.
    pub lost: Vec<Counts>,
}

/// What the whole estate loses with each node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// For each node the sum over all sources of what the source alone no longer reaches without it.
    pub lost: Vec<[f64; 4]>,
    /// Whether every source was followed; otherwise the widest ones were sampled and their sums are estimates.
    pub exact: bool,
}

/// Room that searches use again.
#[derive(Default)]
pub(super) struct Room {
    /// The preorder number of a node, plus one; 0 where it is not reached.
    number: Vec<u32>,
    seen: Marks,
    keys: Marks,
    /// For each key the doors that wait for it: position of the tail, head.
    waiting: Vec<Vec<(u32, u32)>>,
}

/// For a compromise that begins at `start`: what is lost with each node it reaches, exactly. Taking away a node is
/// what revoking a credential, disabling an identity or isolating a system comes to.
///
/// Facts on which a key hangs are tried one by one, since with a key doors may close elsewhere; for all others
/// dominators say it at once.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn chokes(core: &Core, start: &[u32], cancel: &dyn Cancel) -> Result<Chokes, Cancelled> {
    let mut room = Room::default();
    let mut found = room.chokes(core, start);
    let tried: Vec<(usize, Counts)> = found
        .hang_on_keys
        .par_iter()
        .map_init(
            || vec![false; core.len()],
            |gone, &node| {
                if cancel.is_cancelled() {
                    return Err(Cancelled);
                }
                gone[node as usize] = true;
                let left = core.count(&core.reach_without(start, gone));
                gone[node as usize] = false;
                let at = found.nodes.binary_search_by_key(&node, |n| n.0).unwrap_or_default();
                Ok((at, less(&found.total, &left)))
            },
        )
        .collect::<Result<_, _>>()?;
    for (at, lost) in tried {
        found.nodes[at].1 = lost;
    }
    Ok(Chokes {
        nodes: found.nodes.iter().map(|n| n.0).collect(),
        lost: found.nodes.into_iter().map(|n| n.1).collect(),
    })
}

/// What the estate loses with each node: the sum of [`chokes`] over `sources`, each compromised alone. Following a
/// source costs about what it reaches; where all together would cost more than `most` steps, the widest are sampled
/// evenly and their share is scaled up.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn losses(core: &Core, sources: &[u32], most: u64, cancel: &dyn Cancel) -> Result<Losses, Cancelled> {
    const NARROW: u64 = 2_000;
    let radii = super::radii(core, cancel)?;
    let wide = |&source: &u32| super::systems(&radii.of(source)) > NARROW;
    let (wide, narrow): (Vec<u32>, Vec<u32>) = sources.iter().copied().partition(wide);
    // Nodes and edges reached are a few for each system.
    let cost: u64 = wide.iter().map(|&s| 8 * super::systems(&radii.of(s))).sum();
    let step = cost.div_ceil(most.max(1)).clamp(1, wide.len().max(1) as u64) as usize;
    let sampled: Vec<u32> = wide.iter().copied().skip(step / 2).step_by(step).collect();
    let scale = if sampled.is_empty() {
        0.0
    } else {
        wide.len() as f64 / sampled.len() as f64
    };
    let mut lost = vec![[0.0; 4]; core.len()];
    for (list, scale) in [(&narrow, 1.0), (&sampled, scale)] {
        // Whole numbers until the end, so that the sum does not depend on its order.
        let sum = list
            .par_chunks(list.len().div_ceil(4 * rayon::current_num_threads()).max(1))
            .map(|chunk| {
                let mut room = Room::default();
                let mut sum = vec![[0u64; 4]; core.len()];
                let mut gone = vec![false; core.len()];
                for &source in chunk {
                    if cancel.is_cancelled() {
                        return Err(Cancelled);
                    }
                    room.add_chokes(core, source, &mut gone, &mut sum);
                }
                Ok(sum)
            })
            .try_reduce(Vec::new, |mut a, b| {
                if a.is_empty() {
                    return Ok(b);
                }
                for (x, y) in a.iter_mut().flatten().zip(b.iter().flatten()) {
                    *x += y;
                }
                Ok(a)
            })?;
        for (x, y) in lost.iter_mut().flatten().zip(sum.iter().flatten()) {
            *x += *y as f64 * scale;
        }
    }
    Ok(Losses { lost, exact: step == 1 })
}

fn less(a: &Counts, b: &Counts) -> Counts {
    std::array::from_fn(|n| a[n] - b[n])
}

struct Found {
    total: Counts,
    /// Node and what is lost with it, by node.
    nodes: Vec<(u32, Counts)>,
    hang_on_keys: Vec<u32>,
}

impl Room {
    fn add_chokes(&mut self, core: &Core, source: u32, gone: &mut [bool], sum: &mut [[u64; 4]]) {
        let found = self.chokes(core, &[source]);
        let mut add = |node: u32, lost: &Counts| {
            for (a, b) in sum[node as usize].iter_mut().zip(lost) {
                *a += u64::from(*b);
            }
        };
        for (node, lost) in &found.nodes {
            if found.hang_on_keys.binary_search(node).is_err() {
                add(*node, lost);
            }
        }
        for &node in &found.hang_on_keys {
            gone[node as usize] = true;
            let left = core.count(&core.reach_without(&[source], gone));
            gone[node as usize] = false;
            add(node, &less(&found.total, &left));
        }
    }

    fn chokes(&mut self, core: &Core, start: &[u32]) -> Found {
        let hang_on_keys = self.find_keys(core, start);
        let (nodes, parent) = self.walk(core, start);
        let n = nodes.len();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (at, &node) in nodes.iter().enumerate().skip(1) {
            let at = at as u32;
            let mut lead = |to: u32| pairs.push((self.number[to as usize] - 1, at));
            core.successors(node).iter().for_each(|&to| lead(to));
            for door in core.doors_of(node) {
                if self.is_open(core, door.clause) {
                    lead(door.head);
                }
            }
        }
        pairs.extend(start.iter().map(|&s| (self.number[s as usize] - 1, 0)));
        let before = Lists::of_pairs(n, &pairs);
        let above = semi_nca(&before, &parent);
        let mut lost = vec![Counts::default(); n];
        for at in (1..n).rev() {
            if let Some(class) = core.class_of(nodes[at]) {
                lost[at][class] += 1;
            }
            let mine = lost[at];
            for (a, b) in lost[above[at] as usize].iter_mut().zip(mine) {
                *a += b;
            }
        }
        for &node in &nodes[1..] {
            self.number[node as usize] = 0;
        }
        let mut out: Vec<(u32, Counts)> = nodes.into_iter().zip(lost.iter().copied()).skip(1).collect();
        out.sort_unstable_by_key(|x| x.0);
        Found {
            total: lost[0],
            nodes: out,
            hang_on_keys,
        }
    }

    fn is_open(&self, core: &Core, clause: u32) -> bool {
        core.clause(clause).iter().any(|&k| self.keys.is_marked(k))
    }

    /// Marks the keys that are got, and gives the nodes on one way to each of those that open something; sorted.
    fn find_keys(&mut self, core: &Core, start: &[u32]) -> Vec<u32> {
        self.keys.clear(core.keys());
        if core.door_count() == 0 {
            return Vec::new();
        }
        self.seen.clear(core.len());
        self.waiting.resize(core.keys(), Vec::new());
        self.waiting.iter_mut().for_each(Vec::clear);
        // Each node found, by which other, and through which key.
        let mut found: Vec<(u32, u32, u32)> = Vec::new();
        let mut at_key = vec![super::NONE; core.keys()];
        for &seed in start {
            if self.seen.mark(seed) {
                found.push((seed, super::NONE, super::NONE));
            }
        }
        let mut used: Vec<u32> = Vec::new();
        let mut at = 0;
        while at < found.len() {
            let node = found[at].0;
            for &to in core.successors(node) {
                if self.seen.mark(to) {
                    found.push((to, at as u32, super::NONE));
                }
            }
            for door in core.doors_of(node) {
                let keys = core.clause(door.clause);
                if let Some(&k) = keys.iter().find(|&&k| self.keys.is_marked(k)) {
                    used.push(at_key[k as usize]);
                    if self.seen.mark(door.head) {
                        found.push((door.head, at as u32, at_key[k as usize]));
                    }
                } else {
                    for &k in keys {
                        self.waiting[k as usize].push((at as u32, door.head));
                    }
                }
            }
            if let Some(k) = core.key_at(node) {
                self.keys.mark(k);
                at_key[k as usize] = at as u32;
                for (tail, head) in std::mem::take(&mut self.waiting[k as usize]) {
                    used.push(at as u32);
                    if self.seen.mark(head) {
                        found.push((head, tail, at as u32));
                    }
                }
            }
            at += 1;
        }
        // Every node on the ways by which the keys were got.
        let mut on_way = vec![false; found.len()];
        while let Some(at) = used.pop() {
            if at != super::NONE && !on_way[at as usize] {
                on_way[at as usize] = true;
                let (_, by, key) = found[at as usize];
                used.extend([by, key]);
            }
        }
        let mut out: Vec<u32> = found.iter().zip(on_way).filter(|x| x.1).map(|x| x.0.0).collect();
        out.sort_unstable();
        out
    }

    /// Depth first over edges and doors that are open: nodes and parents in preorder, after a root of its own.
    fn walk(&mut self, core: &Core, start: &[u32]) -> (Vec<u32>, Vec<u32>) {
        self.number.resize(core.len(), 0);
        let (mut nodes, mut parents) = (vec![super::NONE], vec![0u32]);
        // Preorder number, next edge, next door.
        let mut path: Vec<(u32, u32, u32)> = Vec::new();
        for &seed in start {
            if self.number[seed as usize] != 0 {
                continue;
            }
            let mut next = Some((seed, 0));
            loop {
                if let Some((node, parent)) = next.take() {
                    nodes.push(node);
                    parents.push(parent);
                    self.number[node as usize] = nodes.len() as u32;
                    path.push((nodes.len() as u32 - 1, 0, 0));
                }
                let Some(top) = path.last_mut() else { break };
                let node = nodes[top.0 as usize];
                let to = if let Some(&to) = core.successors(node).get(top.1 as usize) {
                    top.1 += 1;
                    to
                } else if let Some(door) = core.doors_of(node).get(top.2 as usize) {
                    top.2 += 1;
                    let mut keys = core.clause(door.clause).iter();
                    if !keys.any(|&k| self.keys.is_marked(k)) {
                        continue;
                    }
                    door.head
                } else {
                    path.pop();
                    continue;
                };
                if self.number[to as usize] == 0 {
                    next = Some((to, top.0));
                }
            }
        }
        (nodes, parents)
    }
}

/// Immediate dominators in preorder numbers; `parent` are the parents of the depth-first tree, 0 its root.
fn semi_nca(before: &Lists, parent: &[u32]) -> Vec<u32> {
    let n = parent.len();
    let mut semi: Vec<u32> = (0..n as u32).collect();
    let mut best: Vec<u32> = semi.clone();
    let mut link: Vec<u32> = parent.to_vec();
    let mut path: Vec<u32> = Vec::new();
    for at in (1..n).rev() {
        let mut least = parent[at];
        for &p in before.of(at as u32) {
            let value = if p as usize <= at {
                p
            } else {
                // All above `at` are linked: the least semidominator on the way to there, the way made short.
                let mut node = p;
                while link[node as usize] as usize > at {
                    path.push(node);
                    node = link[node as usize];
                }
                while let Some(under) = path.pop() {
                    let over = link[under as usize] as usize;
                    if best[over] < best[under as usize] {
                        best[under as usize] = best[over];
                    }
                    link[under as usize] = link[over];
                }
                best[p as usize]
            };
            least = least.min(value);
        }
        semi[at] = least;
        best[at] = least;
    }
    let mut above = parent.to_vec();
    for (at, &least) in semi.iter().enumerate().skip(1) {
        let mut d = above[at];
        while d > least {
            d = above[d as usize];
        }
        above[at] = d;
    }
    above
}
