//! The places of one cluster's records inside its bubble: what hangs on one neighbour alone is folded under it, the
//! rest is laid out by force from coarse to fine, and all of it is fitted into a disk of radius 1.

use super::force::{Field, settle};
use super::net::{Dice, Net};

/// Below so many nodes a coarse level gets many rounds: they cost nothing and decide where everything goes.
const FEW: usize = 5_000;
/// The same for the finest level, of which there is one a bubble.
const FEW_FINEST: usize = 1_500;
const ROUNDS_FEW: usize = 150;
const ROUNDS_MIDDLE: usize = 60;
const ROUNDS_FINEST: usize = 40;
/// Coarser than this is not worth the while.
const COARSEST: usize = 64;
/// Keeps parts that nothing joins together.
const GRAVITY: f32 = 0.02;
/// The most that other bubbles pull on a node.
const PULL: f32 = 3.0;
/// How far a disk is filled evenly (1) or as the forces left it (0).
const EVEN: f32 = 0.7;
/// The angle between neighbours in a sunflower, in radians.
const GOLDEN: f32 = 2.399_963_2;

/// What is asked for.
#[derive(Default)]
pub(super) struct Inside {
    /// How many records there are.
    pub(super) count: usize,
    /// Edges between them.
    pub(super) edges: Vec<(u32, u32)>,
    /// How each is drawn by records of other bubbles: a sum of unit vectors.
    pub(super) drawn: Vec<[f32; 2]>,
    /// Where each was in its bubble, where it was there.
    pub(super) old: Vec<Option<[f32; 2]>>,
}

/// Points of a sunflower in a disk of radius 1, from the middle outward.
pub(super) fn sunflower(i: usize, n: usize) -> [f32; 2] {
    let r = ((i as f32 + 0.5) / n.max(1) as f32).sqrt();
    let a = i as f32 * GOLDEN;
    [r * a.cos(), r * a.sin()]
}

/// Places in a disk of radius 1; nothing where it was told to stop.
pub(super) fn arrange(asked: &Inside, stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<[f32; 2]>> {
    let n = asked.count;
    if n <= 2 {
        let at = [[0.0, 0.0], [-0.4, 0.0], [0.4, 0.0]];
        return Some(if n == 1 {
            vec![at[0]]
        } else {
            at[1..].iter().take(n).copied().collect()
        });
    }
    let net = Net::new(n, asked.edges.iter().copied());
    let fold = Fold::of(&net);
    let core = fold.core.len();
    let mut at = vec![[0.0_f32; 2]; core];
    if core > 0 {
        let small = fold.net(&net);
        let mass: Vec<f32> = fold.core.iter().map(|&v| 1.0 + fold.leaves(v) as f32).collect();
        let pull: Vec<[f32; 2]> = fold.core.iter().map(|&v| fold.pull(&net, v, &asked.drawn)).collect();
        let known = fold.core.iter().filter(|&&v| asked.old[v as usize].is_some()).count();
        let (x, y) = if known * 2 > core {
            again(&small, &fold.core, &asked.old, &mass, &pull, stop)?
        } else {
            levels(small, &mass, &pull, stop)?
        };
        for (i, at) in at.iter_mut().enumerate() {
            *at = [x[i], y[i]];
        }
    }
    Some(fold.spread(&net, &at, &asked.drawn))
}

/// From the coarsest picture to the finest.
fn levels(net: Net, mass: &[f32], pull: &[[f32; 2]], stop: &(dyn Fn() -> bool + Sync)) -> Option<(Vec<f32>, Vec<f32>)> {
    let mut dice = Dice(3);
    let mut nets = vec![net];
    let mut into: Vec<Vec<u32>> = Vec::new();
    while nets[nets.len() - 1].len() > COARSEST {
        if stop() {
            return None;
        }
        let last = &nets[nets.len() - 1];
        let (coarse, map) = last.coarser(&mut dice);
        if coarse.len() * 10 > last.len() * 9 {
            break;
        }
        nets.push(coarse);
        into.push(map);
    }
    let coarsest = nets.len() - 1;
    let k = nets[coarsest].len();
    let side = (k as f32).sqrt();
    let mut x: Vec<f32> = (0..k).map(|_| (dice.share() - 0.5) * side).collect();
    let mut y: Vec<f32> = (0..k).map(|_| (dice.share() - 0.5) * side).collect();
    for level in (0..nets.len()).rev() {
        let net = &nets[level];
        if level < coarsest {
            let map = &into[level];
            let wider = (net.len() as f32 / nets[level + 1].len() as f32).sqrt();
            let finer = |old: &[f32], dice: &mut Dice| -> Vec<f32> {
                map.iter()
                    .map(|&c| old[c as usize] * wider + (dice.share() - 0.5) * 0.3)
                    .collect()
            };
            x = finer(&x, &mut dice);
            y = finer(&y, &mut dice);
        }
        let rounds = match net.len() {
            n if n < if level == 0 { FEW_FINEST } else { FEW } => ROUNDS_FEW,
            _ if level == 0 => ROUNDS_FINEST,
            _ => ROUNDS_MIDDLE,
        };
        let step = if level == coarsest { side * 0.3 } else { 1.0 };
        let even = vec![1.0; net.len()];
        let field = Field {
            mass: if level == 0 { mass } else { &even },
            pull: (level == 0).then_some(pull),
            gravity: GRAVITY,
        };
        if !settle(net, &mut x, &mut y, field, rounds, step, stop) {
            return None;
        }
    }
    Some((x, y))
}

/// From where most of them were: newcomers start beside their neighbours, and everything may move a little.
fn again(
    net: &Net,
    core: &[u32],
    old: &[Option<[f32; 2]>],
    mass: &[f32],
    pull: &[[f32; 2]],
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<(Vec<f32>, Vec<f32>)> {
    let n = core.len();
    let scale = (n as f32).sqrt();
    let mut at: Vec<Option<[f32; 2]>> = core
        .iter()
        .map(|&v| old[v as usize].map(|p| [p[0] * scale, p[1] * scale]))
        .collect();
    let known = at.clone();
    for (v, place) in at.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
        let mut near = net.of(v).iter().filter_map(|&u| known[u as usize]);
        *place = near.next().map(|p| [p[0] + 0.5, p[1] + 0.5]);
    }
    let place = |v: usize, axis: usize| at[v].map_or_else(|| sunflower(v, n)[axis] * scale, |p| p[axis]);
    let mut x: Vec<f32> = (0..n).map(|v| place(v, 0)).collect();
    let mut y: Vec<f32> = (0..n).map(|v| place(v, 1)).collect();
    let field = Field {
        mass,
        pull: Some(pull),
        gravity: GRAVITY,
    };
    settle(net, &mut x, &mut y, field, 12, 0.1, stop).then_some((x, y))
}

/// Which records are laid out by force, and which hang on one of them or on nothing.
struct Fold {
    /// Laid out by force.
    core: Vec<u32>,
    /// Where each stands in the core; `FOLDED` for the others.
    at: Vec<u32>,
    /// How many hang on each.
    leaves: Vec<u32>,
}

const FOLDED: u32 = u32::MAX;

impl Fold {
    fn of(net: &Net) -> Self {
        let n = net.len();
        let mut out = Self {
            core: Vec::new(),
            at: vec![FOLDED; n],
            leaves: vec![0; n],
        };
        for v in 0..n {
            match net.of(v) {
                [] => {}
                [only] if net.degree(*only as usize) > 1 => out.leaves[*only as usize] += 1,
                _ => {
                    out.at[v] = out.core.len() as u32;
                    out.core.push(v as u32);
                }
            }
        }
        out
    }

    fn leaves(&self, v: u32) -> u32 {
        self.leaves[v as usize]
    }

    /// What hangs on a record of the core.
    fn hanging<'a>(&'a self, net: &'a Net, v: u32) -> impl Iterator<Item = u32> + 'a {
        let some = self.leaves(v) > 0;
        let all = if some { net.of(v as usize) } else { &[] };
        all.iter().copied().filter(|&u| self.at[u as usize] == FOLDED)
    }

    fn net(&self, net: &Net) -> Net {
        let mut out = Net {
            start: vec![0],
            to: Vec::new(),
            weight: Vec::new(),
        };
        for &v in &self.core {
            for i in net.start[v as usize] as usize..net.start[v as usize + 1] as usize {
                let at = self.at[net.to[i] as usize];
                if at != FOLDED {
                    out.to.push(at);
                    out.weight.push(net.weight[i]);
                }
            }
            out.start.push(out.to.len() as u32);
        }
        out
    }

    fn pull(&self, net: &Net, v: u32, drawn: &[[f32; 2]]) -> [f32; 2] {
        let mut sum = drawn[v as usize];
        for u in self.hanging(net, v) {
            sum[0] += drawn[u as usize][0];
            sum[1] += drawn[u as usize][1];
        }
        let length = (sum[0] * sum[0] + sum[1] * sum[1]).sqrt();
        let scale = if length > PULL { PULL / length } else { 1.0 };
        [sum[0] * scale, sum[1] * scale]
    }

    /// Puts what hangs around what it hangs on, and all of it into a disk of radius 1.
    fn spread(&self, net: &Net, core: &[[f32; 2]], drawn: &[[f32; 2]]) -> Vec<[f32; 2]> {
        let n = self.at.len();
        let mut out = vec![[0.0_f32; 2]; n];
        let mut alone = Vec::new();
        for v in 0..n as u32 {
            match self.at[v as usize] {
                FOLDED if net.degree(v as usize) == 0 => alone.push(v),
                FOLDED => {}
                at => out[v as usize] = core[at as usize],
            }
        }
        let near = typical(core);
        for &v in &self.core {
            let c = out[v as usize];
            for (i, u) in self.hanging(net, v).enumerate() {
                let r = near * (i as f32 + 1.0).sqrt();
                let a = i as f32 * GOLDEN;
                out[u as usize] = [c[0] + r * a.cos(), c[1] + r * a.sin()];
            }
        }
        let held: Vec<u32> = (0..n as u32).filter(|&v| net.degree(v as usize) > 0).collect();
        fit(&mut out, &held, n);
        // What nothing holds stands outermost, on the side of what draws it.
        for (i, &v) in alone.iter().enumerate() {
            let r = ((held.len() + i) as f32 + 0.5) / n as f32;
            let d = drawn[v as usize];
            let a = if d == [0.0, 0.0] {
                i as f32 * GOLDEN
            } else {
                d[1].atan2(d[0]) + (i as f32 * GOLDEN).sin() * 0.4
            };
            out[v as usize] = [r.sqrt() * a.cos(), r.sqrt() * a.sin()];
        }
        part(&mut out);
        out
    }
}

/// About how far neighbours stand from each other: a share of what the disk gives each.
fn typical(core: &[[f32; 2]]) -> f32 {
    let n = core.len().max(1) as f32;
    let (mut x, mut y, mut xx) = (0.0_f64, 0.0_f64, 0.0_f64);
    for p in core {
        x += f64::from(p[0]);
        y += f64::from(p[1]);
        xx += f64::from(p[0]) * f64::from(p[0]) + f64::from(p[1]) * f64::from(p[1]);
    }
    let n64 = f64::from(n);
    let variance = (xx - (x * x + y * y) / n64) / n64;
    0.5 * ((variance.max(0.0) * std::f64::consts::TAU / n64).sqrt() as f32).max(1e-3)
}

/// Parts points that stand so close that they could not be told apart, and keeps them in the disk.
fn part(points: &mut [[f32; 2]]) {
    let n = points.len();
    if n < 2 {
        return;
    }
    let rounds = if n <= 3_000 { 40 } else { 8 };
    let least = 0.82 * (std::f32::consts::PI / n as f32).sqrt();
    let across = ((2.0 / least) as usize).clamp(1, 2_048);
    let side = 2.0 / across as f32;
    let along = |c: f32| (((c + 1.0) / side).max(0.0) as usize).min(across - 1);
    let mut start = vec![0_u32; across * across + 1];
    let mut sorted = vec![0_u32; n];
    let mut moved = vec![[0.0_f32; 2]; n];
    for _ in 0..rounds {
        start.fill(0);
        let cell = |p: &[f32; 2]| along(p[1]) * across + along(p[0]);
        for p in points.iter() {
            start[cell(p) + 1] += 1;
        }
        for i in 0..across * across {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        for (v, p) in points.iter().enumerate() {
            let at = &mut next[cell(p)];
            sorted[*at as usize] = v as u32;
            *at += 1;
        }
        let mut touching = false;
        for v in 0..n {
            let p = points[v];
            let (x, y) = (along(p[0]), along(p[1]));
            let mut sum = [0.0, 0.0];
            for row in y.saturating_sub(1)..=(y + 1).min(across - 1) {
                let from = start[row * across + x.saturating_sub(1)] as usize;
                let to = start[row * across + (x + 1).min(across - 1) + 1] as usize;
                for &u in &sorted[from..to] {
                    if u as usize == v {
                        continue;
                    }
                    let q = points[u as usize];
                    let (dx, dy) = (p[0] - q[0], p[1] - q[1]);
                    let d2 = dx * dx + dy * dy;
                    if d2 >= least * least {
                        continue;
                    }
                    touching = true;
                    let d = d2.sqrt();
                    // Two in one place part in opposite directions, by their numbers.
                    let (ux, uy) = if d > 1e-6 {
                        (dx / d, dy / d)
                    } else if (u as usize) < v {
                        (1.0, 0.0)
                    } else {
                        (-1.0, 0.0)
                    };
                    sum[0] += ux * (least - d) * 0.45;
                    sum[1] += uy * (least - d) * 0.45;
                }
            }
            moved[v] = sum;
        }
        if !touching {
            break;
        }
        for (p, m) in points.iter_mut().zip(&moved) {
            let length = (m[0] * m[0] + m[1] * m[1]).sqrt();
            let k = if length > least { least / length } else { 1.0 };
            *p = [p[0] + m[0] * k, p[1] + m[1] * k];
            let r = (p[0] * p[0] + p[1] * p[1]).sqrt();
            if r > 1.0 {
                *p = [p[0] / r, p[1] / r];
            }
        }
    }
}

/// Moves points along their rays from the middle so that the disk is filled evenly, the order of their distances
/// kept; `all` says for how many records there is to be room.
fn fit(out: &mut [[f32; 2]], held: &[u32], all: usize) {
    if held.is_empty() {
        return;
    }
    let (mut x, mut y) = (0.0_f64, 0.0_f64);
    for &v in held {
        x += f64::from(out[v as usize][0]);
        y += f64::from(out[v as usize][1]);
    }
    let middle = [(x / held.len() as f64) as f32, (y / held.len() as f64) as f32];
    let mut by_distance: Vec<(f32, u32)> = held
        .iter()
        .map(|&v| {
            let p = out[v as usize];
            let (dx, dy) = (p[0] - middle[0], p[1] - middle[1]);
            ((dx * dx + dy * dy).sqrt(), v)
        })
        .collect();
    by_distance.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let rim = by_distance[(by_distance.len() * 97 / 100).min(by_distance.len() - 1)]
        .0
        .max(1e-9);
    let room = (held.len() as f32 / all as f32).sqrt();
    for (rank, &(distance, v)) in by_distance.iter().enumerate() {
        let even = ((rank as f32 + 0.5) / held.len() as f32).sqrt();
        let own = (distance / rim).min(1.0);
        let r = room * (even * EVEN + own * (1.0 - EVEN));
        let p = &mut out[v as usize];
        if distance > 1e-9 {
            let k = r / distance;
            *p = [(p[0] - middle[0]) * k, (p[1] - middle[1]) * k];
        } else {
            *p = [0.0, 0.0];
        }
    }
}
