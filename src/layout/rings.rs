//! Rings by hop around what is compromised: distance means hops.

use super::labels::{Obstacle, place_labels};
use super::{Kind, Layout, Request, Sector, Spot, Wedge, polar};
use std::collections::BTreeMap;

/// At most so many bands; the last holds what is farther.
const MOST_BANDS: u32 = 5;
/// Arc between systems at scale 1.
const SYSTEM_ARC: f32 = 30.0;
/// Arc between gained things at scale 1.
const GAINED_ARC: f32 = 24.0;
/// Half the distance of two staggered orbits at scale 1.
const STAGGER: f32 = 13.0;
/// Least width of a sector, degrees.
const SECTOR: f32 = 16.0;
/// Gap between sectors, degrees.
const GAP: f32 = 3.0;
/// Where the largest sector starts, degrees.
const START: f32 = 57.0;
/// A band narrower than this, at scale 1, has no room for a system, what is gained there and a gate on one ray.
const NARROW: f32 = 90.0;
/// At most so many nodes in a sector and ring.
const MOST_IN_SECTOR: usize = 24;
/// At most so many nodes in a ring.
const MOST_IN_RING: usize = 60;

/// Lays a request out in rings.
#[must_use]
pub fn rings(request: &Request) -> Layout {
    let edge = ((request.height - 80.0) / 2.0)
        .min((request.width - 220.0) / 2.0)
        .max(120.0);
    let k = edge / 323.0;
    let bands = request
        .nodes
        .iter()
        .map(|n| n.hops)
        .max()
        .unwrap_or(1)
        .clamp(1, MOST_BANDS);
    let mut out = Layout {
        kind: Kind::Rings,
        scale: k,
        walls: walls(request, edge, k, bands),
        spots: vec![Spot::default(); request.nodes.len()],
        half: (edge + 60.0, edge + 30.0),
        ..Layout::default()
    };
    let tree = Tree::of(request, &out, k, bands);
    tree.place(request, &mut out, k, bands);
    out.spoke = widest_gap(&out.sectors);
    let obstacles = obstacles(request, &out, k);
    out.labels = place_labels(request, &out, &obstacles);
    out
}

/// Radii of the walls, and of the boundary. A band that yields things weighs 1, the outermost 0.5.
fn walls(request: &Request, edge: f32, k: f32, bands: u32) -> Vec<f32> {
    let inner = 60.0 * k;
    let yields = |hop: u32| {
        request
            .nodes
            .iter()
            .any(|n| !n.system && n.parent.is_some() && n.hops.min(bands) == hop)
    };
    let weight = |hop: u32| {
        if hop == bands && !yields(hop) && bands > 1 {
            0.5
        } else {
            1.0
        }
    };
    let total: f32 = (1..=bands).map(weight).sum();
    let mut walls = vec![inner];
    let mut at = inner;
    for hop in 1..=bands {
        at += (edge - inner) * weight(hop) / total;
        walls.push(at);
    }
    walls
}

/// The orbit of a node: its distance from the middle.
fn orbit(walls: &[f32], hops: u32, system: bool, bands: u32, k: f32) -> f32 {
    if hops == 0 {
        return 42.0 * k;
    }
    let band = hops.min(bands) as usize;
    let (from, to) = (walls[band - 1], walls[band]);
    let width = to - from;
    // The outermost band is half as wide where it yields nothing; then systems have it to themselves.
    let alone = band == bands as usize && bands > 1 && width < 0.7 * (walls[1] - walls[0]);
    let share = match (system, alone) {
        (true, true) => 0.53,
        (true, false) if width < NARROW * k => 0.32,
        (true, false) => 0.38,
        (false, _) => 0.74,
    };
    from + width * share
}

/// The tree of least-hop paths with the room each branch needs, in degrees.
struct Tree {
    children: Vec<Vec<u32>>,
    /// Degrees that a node and all behind it need.
    need: Vec<f32>,
    /// Nodes that enter a sector: children of seeds, by sector.
    sectors: Vec<(String, Vec<u32>)>,
}

impl Tree {
    fn of(request: &Request, layout: &Layout, k: f32, bands: u32) -> Self {
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
                    (
                        &nodes[i as usize].cluster,
                        nodes[i as usize].system,
                        &nodes[i as usize].id,
                    )
                };
                key(a).cmp(&key(b))
            });
        }
        let own = |node: &super::RequestNode| {
            let r = orbit(&layout.walls, node.hops, node.system, bands, k);
            (if node.system { SYSTEM_ARC } else { GAINED_ARC } * k / r).to_degrees()
        };
        let mut need = vec![0.0; nodes.len()];
        for i in (0..nodes.len()).rev() {
            let behind: f32 = children[i].iter().map(|&c| need[c as usize]).sum();
            need[i] = behind.max(own(&nodes[i]));
        }
        // What lies at hop 0 behind a seed belongs to the sectors of what is behind it in turn.
        let mut entering: Vec<u32> = Vec::new();
        let mut stack: Vec<u32> = (0..nodes.len() as u32)
            .filter(|&i| nodes[i as usize].parent.is_none())
            .rev()
            .collect();
        while let Some(i) = stack.pop() {
            for &c in children[i as usize].iter().rev() {
                if nodes[c as usize].hops == 0 && !children[c as usize].is_empty() {
                    stack.push(c);
                } else {
                    entering.push(c);
                }
            }
        }
        let mut sectors: Vec<(String, Vec<u32>)> = Vec::new();
        for i in entering {
            let name = &nodes[i as usize].cluster;
            match sectors.iter_mut().find(|s| s.0 == *name) {
                Some(s) => s.1.push(i),
                None => sectors.push((name.clone(), vec![i])),
            }
        }
        Self {
            children,
            need,
            sectors,
        }
    }

    fn place(mut self, request: &Request, out: &mut Layout, k: f32, bands: u32) {
        let nodes = &request.nodes;
        let wanted = |s: &(String, Vec<u32>)| s.1.iter().map(|&i| self.need[i as usize]).sum::<f32>();
        // The largest first, then by name.
        let mut sectors: Vec<(String, Vec<u32>, f32)> = self
            .sectors
            .iter()
            .map(|s| (s.0.clone(), s.1.clone(), wanted(s).max(SECTOR)))
            .collect();
        sectors.sort_by(|a, b| a.0.cmp(&b.0));
        // The largest is the one with most on its fullest ring: it gets the right side, where names have room.
        let fullest = |s: &(String, Vec<u32>, f32)| {
            let mut rings: BTreeMap<(u32, bool), usize> = BTreeMap::new();
            let mut stack = s.1.clone();
            while let Some(i) = stack.pop() {
                let node = &nodes[i as usize];
                *rings.entry((node.hops, node.system)).or_default() += 1;
                stack.extend(&self.children[i as usize]);
            }
            rings.into_values().max().unwrap_or(0)
        };
        let full: Vec<usize> = sectors.iter().map(fullest).collect();
        if let Some(largest) =
            (0..sectors.len()).max_by(|&a, &b| full[a].cmp(&full[b]).then_with(|| sectors[b].0.cmp(&sectors[a].0)))
        {
            sectors.rotate_left(largest);
        }
        let total: f32 = sectors.iter().map(|s| s.2).sum();
        let room = 360.0 - GAP * sectors.len() as f32;
        // Few sectors do not stretch over the whole circle more than they need to be read at ease.
        let stretch = if total > 0.0 { room / total } else { 1.0 };
        let mut at = START;
        let mut arcs: Vec<(f32, f32)> = vec![(0.0, 0.0); nodes.len()];
        for (name, entering, wanted) in &sectors {
            let width = wanted * stretch;
            out.sectors.push(Sector {
                name: name.clone(),
                from: at,
                to: at + width,
            });
            let inside: f32 = entering.iter().map(|&i| self.need[i as usize]).sum();
            let mut from = at;
            for &i in entering {
                let share = if inside > 0.0 {
                    width * self.need[i as usize] / inside
                } else {
                    width
                };
                arcs[i as usize] = (from, from + share);
                from += share;
            }
            at += width + GAP;
        }
        // Each branch is dealt out among its children.
        let mut sector_of: Vec<Option<u32>> = vec![None; nodes.len()];
        for (s, (_, entering, _)) in sectors.iter().enumerate() {
            let mut stack = entering.clone();
            while let Some(i) = stack.pop() {
                sector_of[i as usize] = Some(s as u32);
                let (from, to) = arcs[i as usize];
                let list = std::mem::take(&mut self.children[i as usize]);
                let inside: f32 = list.iter().map(|&c| self.need[c as usize]).sum();
                let mut at = from;
                for &c in &list {
                    let share = (to - from) * self.need[c as usize] / inside.max(1e-3);
                    arcs[c as usize] = (at, at + share);
                    at += share;
                }
                stack.extend(list.iter().copied());
                self.children[i as usize] = list;
            }
        }
        for (i, node) in nodes.iter().enumerate() {
            if sector_of[i].is_some() {
                let mut angle = (arcs[i].0 + arcs[i].1) / 2.0;
                let radius = orbit(&out.walls, node.hops, node.system, bands, k);
                let band = node.hops.min(bands) as usize;
                if !node.system && band > 0 && out.walls[band] - out.walls[band - 1] < NARROW * k {
                    angle += (12.0 * k / radius).to_degrees();
                }
                put(&mut out.spots[i], radius, angle);
            }
        }
        self.inner(request, out, k, &sector_of);
        fold(request, out, k, bands, &sector_of);
    }

    /// Seeds in the middle, and what is gained at hop 0 on the way to what lies behind it.
    fn inner(&self, request: &Request, out: &mut Layout, k: f32, sector_of: &[Option<u32>]) {
        let nodes = &request.nodes;
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
            let angle = if x == 0.0 && y == 0.0 {
                0.0
            } else {
                y.atan2(x).to_degrees() + 90.0
            };
            put(&mut out.spots[i], 42.0 * k, angle);
        }
    }
}

fn put(spot: &mut Spot, radius: f32, angle: f32) {
    let (x, y) = polar(radius, angle);
    *spot = Spot {
        x,
        y,
        radius,
        angle,
        wedge: spot.wedge,
    };
}

/// Where a ring of a sector is too full: two staggered orbits, then a wedge for the least of them.
fn fold(request: &Request, out: &mut Layout, k: f32, bands: u32, sector_of: &[Option<u32>]) {
    let nodes = &request.nodes;
    for hop in 0..=bands {
        for system in [true, false] {
            let arc = if system { SYSTEM_ARC } else { GAINED_ARC } * k;
            let radius = orbit(&out.walls, hop, system, bands, k);
            let in_ring = |i: usize| nodes[i].hops.min(bands) == hop && nodes[i].system == system;
            let all = (0..nodes.len())
                .filter(|&i| in_ring(i) && sector_of[i].is_some())
                .count();
            for s in 0..out.sectors.len() {
                let mut list: Vec<usize> = (0..nodes.len())
                    .filter(|&i| in_ring(i) && sector_of[i] == Some(s as u32))
                    .collect();
                if list.is_empty() {
                    continue;
                }
                list.sort_by(|&a, &b| out.spots[a].angle.total_cmp(&out.spots[b].angle).then(a.cmp(&b)));
                let (from, to) = (out.sectors[s].from, out.sectors[s].to);
                let degrees = (arc / radius).to_degrees();
                let single = (((to - from) / degrees).floor() as usize).max(1);
                let share = (MOST_IN_RING * list.len()).div_ceil(all.max(1));
                let most = (2 * single).min(MOST_IN_SECTOR).min(share.max(1));
                let mut end = to;
                if list.len() > most {
                    let mut by_worth = list.clone();
                    by_worth.sort_by(|&a, &b| {
                        nodes[b]
                            .priority
                            .cmp(&nodes[a].priority)
                            .then_with(|| nodes[a].id.cmp(&nodes[b].id))
                    });
                    let kept = most.saturating_sub(1).max(1);
                    let mut folded: Vec<u32> = by_worth.split_off(kept).into_iter().map(|i| i as u32).collect();
                    folded.sort_unstable();
                    let width = (2.0 * degrees).max(6.0).min((to - from) / 2.0);
                    end = to - width;
                    let number = out.wedges.len() as u32;
                    for &i in &folded {
                        let spot = &mut out.spots[i as usize];
                        spot.wedge = Some(number);
                        put(spot, radius, end + width / 2.0);
                    }
                    list.retain(|&i| out.spots[i].wedge.is_none());
                    out.wedges.push(Wedge {
                        nodes: folded,
                        radius,
                        from: end + 0.8,
                        to,
                    });
                }
                spread(out, &list, from, end, degrees, radius, STAGGER * k);
            }
        }
    }
}

/// Keeps nodes of one ring apart, as near as can be to where their branches want them; on two orbits where one is not
/// enough.
fn spread(out: &mut Layout, list: &[usize], from: f32, to: f32, degrees: f32, radius: f32, stagger: f32) {
    let room = to - from;
    let tight = degrees * list.len() as f32 > room * 1.001;
    let least = if tight {
        (degrees / 2.0).min(room / list.len() as f32)
    } else {
        degrees
    };
    let half = least / 2.0;
    let mut angles: Vec<f32> = list
        .iter()
        .map(|&i| out.spots[i].angle.clamp(from + half, (to - half).max(from + half)))
        .collect();
    for n in 1..angles.len() {
        angles[n] = angles[n].max(angles[n - 1] + least);
    }
    let mut limit = to - half;
    for angle in angles.iter_mut().rev() {
        *angle = angle.min(limit);
        limit = *angle - least;
    }
    for (n, &i) in list.iter().enumerate() {
        let r = match (tight, n % 2) {
            (false, _) => radius,
            (true, 0) => radius - stagger,
            (true, _) => radius + stagger,
        };
        put(&mut out.spots[i], r, angles[n]);
    }
}

/// The middle of the widest gap between sectors, or of the upper left where all gaps are alike.
fn widest_gap(sectors: &[Sector]) -> f32 {
    let mut best = (0.0f32, 307.0f32);
    for (n, sector) in sectors.iter().enumerate() {
        let next = match sectors.get(n + 1) {
            Some(s) => s.from,
            None => sectors[0].from + 360.0,
        };
        let gap = next - sector.to;
        let middle = (sector.to + gap / 2.0).rem_euclid(360.0);
        let better =
            gap > best.0 + 0.5 || ((gap - best.0).abs() <= 0.5 && (middle - 307.0).abs() < (best.1 - 307.0).abs());
        if better {
            best = (gap, middle);
        }
    }
    best.1
}

/// What labels should not cover, besides each other: nodes and gates, and points along the edges.
fn obstacles(request: &Request, out: &Layout, k: f32) -> Vec<Obstacle> {
    let mut all = Vec::new();
    let size = 11.0 * k.clamp(0.72, 1.2);
    for (i, node) in request.nodes.iter().enumerate() {
        let spot = out.spots[i];
        if spot.wedge.is_some() {
            continue;
        }
        let size = if node.parent.is_none() {
            20.0 * k.max(0.75)
        } else {
            size
        };
        all.push(Obstacle::Box {
            x: spot.x,
            y: spot.y,
            half: size,
        });
        let Some(parent) = node.parent.map(|p| out.spots[p as usize]) else {
            continue;
        };
        if node.system
            && let Some(wall) = out.wall(node.hops)
        {
            let (x, y) = polar(wall, spot.angle);
            all.push(Obstacle::Box { x, y, half: 8.0 });
        }
        for n in 1..10 {
            let (x, y) = edge_point(out, node.hops, node.system, parent, spot, n as f32 / 10.0);
            all.push(Obstacle::Point { x, y });
        }
    }
    for &wall in &out.walls {
        all.push(Obstacle::Circle { radius: wall });
    }
    // The meter stands in the upper left corner.
    let (w, h) = (request.width / 2.0, request.height / 2.0);
    all.push(Obstacle::Area {
        min: (-w, -h),
        max: (-w + 232.0, -h + 160.0),
    });
    // The legends stand in the lower ones.
    all.push(Obstacle::Area {
        min: (-w, h - 120.0),
        max: (-w + 190.0, h),
    });
    all.push(Obstacle::Area {
        min: (w - 200.0, h - 190.0),
        max: (w, h),
    });
    all
}

/// A point along an edge: the curve to the gate (0 to 0.85), then straight to the node.
fn edge_point(out: &Layout, hops: u32, system: bool, parent: Spot, spot: Spot, t: f32) -> (f32, f32) {
    let wall = if system { out.wall(hops) } else { None };
    let Some(wall) = wall.filter(|w| parent.radius < *w && parent.radius > 1.0) else {
        return (parent.x + (spot.x - parent.x) * t, parent.y + (spot.y - parent.y) * t);
    };
    let [p0, p1, p2, p3] = curve(parent, wall, spot.angle);
    if t > 0.85 {
        let u = (t - 0.85) / 0.15;
        return (p3.0 + (spot.x - p3.0) * u, p3.1 + (spot.y - p3.1) * u);
    }
    let t = t / 0.85;
    let s = 1.0 - t;
    let at = |f: fn(&(f32, f32)) -> f32| {
        s * s * s * f(&p0) + 3.0 * s * s * t * f(&p1) + 3.0 * s * t * t * f(&p2) + t * t * t * f(&p3)
    };
    (at(|p| p.0), at(|p| p.1))
}

/// The cubic curve from a parent to the gate on a wall at the child's angle; radial at both ends.
#[must_use]
pub(crate) fn curve(parent: Spot, wall: f32, angle: f32) -> [(f32, f32); 4] {
    let reach = wall - parent.radius;
    [
        (parent.x, parent.y),
        polar(parent.radius + reach * 0.62, parent.angle),
        polar(wall - reach * 0.55, angle),
        polar(wall, angle),
    ]
}
