//! Springs along edges, and repulsion between all nodes by Barnes and Hut: nodes are sorted along a Morton curve, a
//! quadtree is laid over the sorted array, and each of its leaves reads one list of far cells and near nodes. Sums
//! run in an order that does not depend on the number of threads, so that equal input gives equal bytes.

use super::net::Net;
use rayon::prelude::*;

/// Nodes in a leaf of the tree.
const LEAF: usize = 32;
/// Lanes of the sums.
const LANES: usize = 8;
/// Pieces that are worked on at a time; fixed, so that sums do not depend on threads.
const PIECE: usize = 2048;
/// How strongly nodes push each other away, against springs of length 1.
const PUSH: f32 = 0.2;

struct Cell {
    x: f32,
    y: f32,
    mass: f32,
    side: f32,
    /// The next cell that is not inside this one.
    skip: u32,
    from: u32,
    to: u32,
    leaf: bool,
}

/// The quadtree over nodes sorted along a Morton curve.
#[derive(Default)]
struct Tree {
    /// Morton code above, node below.
    keys: Vec<u64>,
    x: Vec<f32>,
    y: Vec<f32>,
    mass: Vec<f32>,
    cells: Vec<Cell>,
    leaves: Vec<u32>,
}

fn spread(v: u64) -> u64 {
    let mut v = v & 0xffff;
    v = (v | v << 8) & 0x00ff_00ff;
    v = (v | v << 4) & 0x0f0f_0f0f;
    v = (v | v << 2) & 0x3333_3333;
    (v | v << 1) & 0x5555_5555
}

impl Tree {
    fn build(&mut self, x: &[f32], y: &[f32], mass: &[f32]) {
        let (mut min, mut max) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for (&x, &y) in x.iter().zip(y) {
            min = (min.0.min(x), min.1.min(y));
            max = (max.0.max(x), max.1.max(y));
        }
        let side = (max.0 - min.0).max(max.1 - min.1).max(1e-6) * 1.0001;
        let scale = 65536.0 / side;
        self.keys.clear();
        self.keys.extend(x.iter().zip(y).enumerate().map(|(i, (&x, &y))| {
            (spread(((x - min.0) * scale) as u64) | spread(((y - min.1) * scale) as u64) << 1) << 32 | i as u64
        }));
        self.keys.par_sort_unstable();
        let by = |from: &[f32], to: &mut Vec<f32>| {
            to.clear();
            to.extend(self.keys.iter().map(|&k| from[k as u32 as usize]));
        };
        by(x, &mut self.x);
        by(y, &mut self.y);
        by(mass, &mut self.mass);
        self.cells.clear();
        self.leaves.clear();
        self.cell(0, x.len(), 0, side);
    }

    /// At most 16 levels deep: so many bits has the code.
    fn cell(&mut self, from: usize, to: usize, level: u32, side: f32) -> u32 {
        let id = self.cells.len() as u32;
        let leaf = to - from <= LEAF || level >= 16;
        self.cells.push(Cell {
            x: 0.0,
            y: 0.0,
            mass: 0.0,
            side,
            skip: 0,
            from: from as u32,
            to: to as u32,
            leaf,
        });
        let (mut x, mut y, mut mass) = (0.0, 0.0, 0.0);
        if leaf {
            self.leaves.push(id);
            for i in from..to {
                x += self.x[i] * self.mass[i];
                y += self.y[i] * self.mass[i];
                mass += self.mass[i];
            }
        } else {
            let shift = 62 - 2 * level;
            let mut at = from;
            for quarter in 0..4_u64 {
                let end = match quarter {
                    3 => to,
                    _ => at + self.keys[at..to].partition_point(|&k| (k >> shift) & 3 <= quarter),
                };
                if end > at {
                    let child = self.cell(at, end, level + 1, side * 0.5);
                    let c = &self.cells[child as usize];
                    x += c.x * c.mass;
                    y += c.y * c.mass;
                    mass += c.mass;
                }
                at = end;
            }
        }
        let skip = self.cells.len() as u32;
        let c = &mut self.cells[id as usize];
        (c.x, c.y, c.mass, c.skip) = (x / mass, y / mass, mass, skip);
        id
    }

    /// Repulsion of every node, in sorted order.
    fn push(&self, out: &mut [[f32; 2]]) {
        let mut parts: Vec<(&Cell, &mut [[f32; 2]])> = Vec::with_capacity(self.leaves.len());
        let mut rest = out;
        for &leaf in &self.leaves {
            let cell = &self.cells[leaf as usize];
            let (mine, others) = rest.split_at_mut((cell.to - cell.from) as usize);
            parts.push((cell, mine));
            rest = others;
        }
        parts
            .into_par_iter()
            .with_min_len(16)
            .for_each_init(Interactions::default, |list, (cell, out)| {
                list.gather(self, cell);
                for (i, out) in (cell.from as usize..).zip(out.iter_mut()) {
                    *out = list.on(self.x[i], self.y[i]);
                }
            });
    }
}

/// What pushes the nodes of one leaf.
#[derive(Default)]
struct Interactions {
    x: Vec<[f32; LANES]>,
    y: Vec<[f32; LANES]>,
    mass: Vec<[f32; LANES]>,
    lane: usize,
}

impl Interactions {
    fn add(&mut self, x: f32, y: f32, mass: f32) {
        if self.lane == 0 {
            self.x.push([0.0; LANES]);
            self.y.push([0.0; LANES]);
            self.mass.push([0.0; LANES]);
        }
        if let (Some(xs), Some(ys), Some(masses)) = (self.x.last_mut(), self.y.last_mut(), self.mass.last_mut()) {
            (xs[self.lane], ys[self.lane], masses[self.lane]) = (x, y, mass);
        }
        self.lane = (self.lane + 1) % LANES;
    }

    fn gather(&mut self, tree: &Tree, leaf: &Cell) {
        self.x.clear();
        self.y.clear();
        self.mass.clear();
        self.lane = 0;
        let (mut min, mut max) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for i in leaf.from as usize..leaf.to as usize {
            min = (min.0.min(tree.x[i]), min.1.min(tree.y[i]));
            max = (max.0.max(tree.x[i]), max.1.max(tree.y[i]));
        }
        let mut at = 0;
        while at < tree.cells.len() {
            let cell = &tree.cells[at];
            let dx = (min.0 - cell.x).max(cell.x - max.0).max(0.0);
            let dy = (min.1 - cell.y).max(cell.y - max.1).max(0.0);
            if cell.side * cell.side < dx * dx + dy * dy {
                self.add(cell.x, cell.y, cell.mass);
                at = cell.skip as usize;
            } else if cell.leaf {
                for i in cell.from as usize..cell.to as usize {
                    self.add(tree.x[i], tree.y[i], tree.mass[i]);
                }
                at = cell.skip as usize;
            } else {
                at += 1;
            }
        }
    }

    fn on(&self, x: f32, y: f32) -> [f32; 2] {
        let (mut ax, mut ay) = ([0_f32; LANES], [0_f32; LANES]);
        for ((xs, ys), masses) in self.x.iter().zip(&self.y).zip(&self.mass) {
            for k in 0..LANES {
                let (dx, dy) = (x - xs[k], y - ys[k]);
                let w = masses[k] / (dx * dx + dy * dy + 1e-4);
                ax[k] += dx * w;
                ay[k] += dy * w;
            }
        }
        let sum = |a: &[f32; LANES]| a.iter().sum::<f32>();
        [sum(&ax), sum(&ay)]
    }
}

/// What else draws the nodes of one level.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    /// How heavy each is: heavy nodes push more.
    pub(super) mass: &'a [f32],
    /// A steady pull on each.
    pub(super) pull: Option<&'a [[f32; 2]]>,
    /// A pull to the middle that grows with the distance.
    pub(super) gravity: f32,
}

/// Moves nodes until they rest, or for so many rounds. `step` is how far a node goes in the first round. Gives false
/// where it was told to stop.
pub(super) fn settle(
    net: &Net,
    x: &mut [f32],
    y: &mut [f32],
    field: Field<'_>,
    rounds: usize,
    mut step: f32,
    stop: &(dyn Fn() -> bool + Sync),
) -> bool {
    const REST: f32 = 0.005;
    let n = net.len();
    let mut tree = Tree::default();
    let mut pushed = vec![[0_f32; 2]; n];
    let mut rank = vec![0_u32; n];
    let mut force = vec![[0_f32; 2]; n];
    let (mut last, mut better) = (f32::MAX, 0);
    for _ in 0..rounds {
        if stop() {
            return false;
        }
        tree.build(x, y, field.mass);
        for (at, &key) in tree.keys.iter().enumerate() {
            rank[key as u32 as usize] = at as u32;
        }
        tree.push(&mut pushed);
        let (xs, ys) = (&*x, &*y);
        let energies: Vec<f32> = force
            .par_chunks_mut(PIECE)
            .enumerate()
            .map(|(piece, forces)| {
                let mut energy = 0.0;
                for (v, force) in (piece * PIECE..).zip(forces) {
                    let (px, py) = (xs[v], ys[v]);
                    let away = pushed[rank[v] as usize];
                    let strength = PUSH * field.mass[v].sqrt();
                    let (mut fx, mut fy) = (
                        away[0] * strength - px * field.gravity,
                        away[1] * strength - py * field.gravity,
                    );
                    if let Some(pull) = field.pull {
                        fx += pull[v][0];
                        fy += pull[v][1];
                    }
                    for &u in net.of(v) {
                        let (dx, dy) = (xs[u as usize] - px, ys[u as usize] - py);
                        let d = (dx * dx + dy * dy).sqrt();
                        fx += dx * d;
                        fy += dy * d;
                    }
                    *force = [fx, fy];
                    energy += fx * fx + fy * fy;
                }
                energy
            })
            .collect();
        let energy: f32 = energies.iter().sum();
        let far = step;
        for ((x, y), f) in x.iter_mut().zip(y.iter_mut()).zip(&force) {
            let length = (f[0] * f[0] + f[1] * f[1]).sqrt();
            if length > 0.0 {
                *x += f[0] * far / length;
                *y += f[1] * far / length;
            }
        }
        if energy < last {
            better += 1;
            if better >= 5 {
                better = 0;
                step /= 0.9;
            }
        } else {
            better = 0;
            step *= 0.9;
        }
        last = energy;
        if step < REST {
            break;
        }
    }
    true
}
