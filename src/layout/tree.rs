//! The tree of least-hop paths, dealt out over the circle: a sector for each cluster that is entered from the seeds, a
//! share of it for each branch.

use super::rings::{Bands, put};
use super::{Layout, Request, Sector, polar};
use std::collections::BTreeMap;

/// Least width of a sector, degrees.
const SECTOR: f32 = 16.0;
/// Gap between sectors, degrees.
const GAP: f32 = 3.0;
/// Where the largest sector starts, degrees.
const START: f32 = 57.0;
/// A branch spreads at most so many times what it needs: what belongs together stands together.
const EASE: f32 = 3.2;
/// How much more arc a node takes where its branch runs along the ring.
const ALONG: f32 = 1.35;

/// The tree with the room each branch needs, in degrees.
pub(super) struct Tree<'a> {
    request: &'a Request,
    bands: &'a Bands,
    children: Vec<Vec<u32>>,
    /// Degrees that a node alone needs on its orbit.
    own: Vec<f32>,
    /// Degrees that a node and all behind it need.
    need: Vec<f32>,
    /// Nodes of the branch, itself with them.
    count: Vec<u32>,
}

impl<'a> Tree<'a> {
    pub(super) fn of(request: &'a Request, bands: &'a Bands) -> Self {
        let nodes = &request.nodes;
        let mut children = vec![Vec::new(); nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            if let Some(p) = node.parent {
                children[p as usize].push(i as u32);
            }
        }
        for list in &mut children {
            list.sort_by(|&a, &b| {
                let key = |i: u32| {
                    let n = &nodes[i as usize];
                    (&n.cluster, n.system, &n.id)
                };
                key(a).cmp(&key(b))
            });
        }
        let own: Vec<f32> = nodes
            .iter()
            .map(|n| {
                // Along the ring a gate stands between neighbours.
                let more = if bands.runs_along(n.hops) { ALONG } else { 1.0 };
                (bands.arc(n.system) * more / bands.orbit(n.hops, n.system)).to_degrees()
            })
            .collect();
        let mut need = own.clone();
        let mut count = vec![1; nodes.len()];
        for i in (0..nodes.len()).rev() {
            let behind: f32 = children[i].iter().map(|&c| need[c as usize]).sum();
            // In a last band of several hops a branch runs along its ring, so that every member takes room of its own.
            need[i] = if bands.runs_along(nodes[i].hops) {
                own[i] + behind
            } else {
                own[i].max(behind)
            };
            count[i] += children[i].iter().map(|&c| count[c as usize]).sum::<u32>();
        }
        Self {
            request,
            bands,
            children,
            own,
            need,
            count,
        }
    }

    /// Nodes that enter a sector: what is first reached from a seed. What is gained at hop 0 stays in the middle, and
    /// what lies behind it enters in its stead.
    fn entering(&self) -> Vec<u32> {
        let nodes = &self.request.nodes;
        let mut entering: Vec<u32> = Vec::new();
        let mut stack: Vec<u32> = (0..nodes.len() as u32)
            .filter(|&i| nodes[i as usize].parent.is_none())
            .rev()
            .collect();
        while let Some(i) = stack.pop() {
            for &c in self.children[i as usize].iter().rev() {
                if nodes[c as usize].hops == 0 {
                    stack.push(c);
                } else {
                    entering.push(c);
                }
            }
        }
        entering.sort_unstable();
        entering
    }

    /// Sectors by angle and every node's place on its orbit. Gives each node's sector; seeds and what is gained at
    /// hop 0 on the way to something have none.
    pub(super) fn place(&self, out: &mut Layout) -> Vec<Option<u32>> {
        let nodes = &self.request.nodes;
        let mut by_cluster: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for i in self.entering() {
            by_cluster.entry(&nodes[i as usize].cluster).or_default().push(i);
        }
        let sum = |list: &[u32]| list.iter().map(|&i| self.need[i as usize]).sum::<f32>();
        let members = |list: &[u32]| list.iter().map(|&i| self.count[i as usize]).sum::<u32>();
        let mut sectors: Vec<(&str, Vec<u32>)> = by_cluster.into_iter().collect();
        // By name, round from the one with the most nodes.
        if let Some(largest) = (0..sectors.len()).max_by(|&a, &b| {
            members(&sectors[a].1)
                .cmp(&members(&sectors[b].1))
                .then_with(|| sectors[b].0.cmp(sectors[a].0))
        }) {
            sectors.rotate_left(largest);
        }
        // Each gets what its branches need at least; what is left over goes by the number of nodes, for their names.
        let least: Vec<f32> = sectors.iter().map(|s| sum(&s.1).max(SECTOR)).collect();
        let total: f32 = least.iter().sum();
        let all: u32 = sectors.iter().map(|s| members(&s.1)).sum();
        let room = 360.0 - GAP * sectors.len() as f32;
        let mut arcs: Vec<(f32, f32)> = vec![(0.0, 0.0); nodes.len()];
        let mut sector_of: Vec<Option<u32>> = vec![None; nodes.len()];
        let mut at = START;
        for (s, (name, entering)) in sectors.iter().enumerate() {
            let width = if total > room {
                least[s] * room / total
            } else {
                least[s] + (room - total) * members(entering) as f32 / all.max(1) as f32
            };
            out.sectors.push(Sector {
                name: (*name).to_owned(),
                from: at,
                to: at + width,
            });
            self.deal(entering, (at, at + width), f32::MAX, &mut arcs);
            at += width + GAP;
            let mut stack = entering.clone();
            while let Some(i) = stack.pop() {
                sector_of[i as usize] = Some(s as u32);
                let (from, to) = arcs[i as usize];
                let list = &self.children[i as usize];
                if self.bands.runs_along(nodes[i as usize].hops) {
                    let share = (to - from) * self.own[i as usize] / self.need[i as usize];
                    arcs[i as usize] = (from, from + share);
                    self.deal(list, (from + share, to), f32::MAX, &mut arcs);
                } else {
                    self.deal(list, (from, to), EASE, &mut arcs);
                }
                stack.extend(list);
            }
        }
        for (i, node) in nodes.iter().enumerate() {
            if sector_of[i].is_some() {
                let angle = (arcs[i].0 + arcs[i].1) / 2.0;
                put(&mut out.spots[i], self.bands.orbit(node.hops, node.system), angle);
            }
        }
        self.inner(out, &sector_of);
        sector_of
    }

    /// Deals an arc out among branches by need, taking at most `ease` times what they need, around its middle.
    fn deal(&self, list: &[u32], (from, to): (f32, f32), ease: f32, arcs: &mut [(f32, f32)]) {
        let inside: f32 = list.iter().map(|&c| self.need[c as usize]).sum();
        if inside <= 0.0 {
            return;
        }
        // A run along the ring is never stretched: its members are each other's next.
        let tight = list
            .iter()
            .all(|&c| self.bands.runs_along(self.request.nodes[c as usize].hops));
        let ease = if tight { ease.min(1.25) } else { ease };
        let width = (to - from).min(inside * ease);
        let mut at = (from + to - width) / 2.0;
        for &c in list {
            let share = width * self.need[c as usize] / inside;
            arcs[c as usize] = (at, at + share);
            at += share;
        }
    }

    /// Seeds in the middle, and what is gained at hop 0 on the way to what lies behind it.
    fn inner(&self, out: &mut Layout, sector_of: &[Option<u32>]) {
        let nodes = &self.request.nodes;
        let k = out.scale;
        let seeds: Vec<usize> = (0..nodes.len()).filter(|&i| nodes[i].parent.is_none()).collect();
        if seeds.len() > 1 {
            for (n, &i) in seeds.iter().enumerate() {
                put(&mut out.spots[i], 28.0 * k, 360.0 * n as f32 / seeds.len() as f32);
            }
        }
        for i in (0..nodes.len()).rev() {
            if nodes[i].parent.is_none() || sector_of[i].is_some() {
                continue;
            }
            let (mut x, mut y) = (0.0, 0.0);
            for &c in &self.children[i] {
                let (dx, dy) = polar(1.0, out.spots[c as usize].angle);
                x += dx;
                y += dy;
            }
            // Where nothing lies behind it, it stands below, out of the way.
            let angle = if x == 0.0 && y == 0.0 {
                180.0
            } else {
                y.atan2(x).to_degrees() + 90.0
            };
            put(&mut out.spots[i], 42.0 * k, angle);
        }
    }
}
