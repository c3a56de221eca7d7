//! Rings by hop around what is compromised: distance means hops.

use super::around::{obstacles, spoke};
use super::labels::place_labels;
use super::tree::Tree;
use super::{Kind, Layout, NEAR, Request, Spot, Wedge, polar};

/// At most so many bands; the last holds what is farther.
const MOST_BANDS: u32 = 5;
/// Arc between systems at scale 1.
const SYSTEM_ARC: f32 = 30.0;
/// Arc between gained things at scale 1.
const GAINED_ARC: f32 = 24.0;
/// Half the distance of two staggered orbits at scale 1.
const STAGGER: f32 = 13.0;
/// At most so many nodes in a sector and ring.
const MOST_IN_SECTOR: usize = 24;
/// At most so many nodes in a ring.
const MOST_IN_RING: usize = 60;
/// Width of a band, at scale 1, in which a system, what is gained there and a gate of full size follow one another on
/// one ray; in a narrower one glyphs are smaller.
const ROOMY: f32 = 76.0;

/// Lays a request out in rings.
#[must_use]
pub fn rings(request: &Request) -> Layout {
    let edge = ((request.height - 80.0) / 2.0)
        .min((request.width - 220.0) / 2.0)
        .max(120.0);
    let bands = Bands::of(request, edge);
    let k = bands.scale;
    let mut out = Layout {
        kind: Kind::Rings,
        scale: k,
        glyph: k.clamp(0.72, 1.15) * bands.crowding(),
        walls: bands.walls.clone(),
        spots: vec![Spot::default(); request.nodes.len()],
        half: (edge + 60.0, edge + 30.0),
        ..Layout::default()
    };
    let sector_of = Tree::of(request, &bands).place(&mut out);
    middle(request, &mut out, &bands);
    fold(request, &mut out, &bands, &sector_of);
    let mut obstacles = obstacles(request, &out);
    out.labels = place_labels(request, &out, &obstacles, 1.0);
    out.near_labels = place_labels(request, &out, &obstacles, NEAR);
    out.spoke = spoke(request, &out, &mut obstacles);
    out
}

/// Walls and orbits.
pub(super) struct Bands {
    /// Radii of the walls, and of the boundary.
    walls: Vec<f32>,
    /// Against the mocks.
    scale: f32,
    /// How many.
    count: u32,
    /// The last holds things of several hops.
    several: bool,
    /// Bands in which something is gained, from the first.
    yields: Vec<bool>,
}

impl Bands {
    /// A band that yields things weighs 1, the outermost 0.5 where it yields nothing; a last one of several hops holds
    /// more.
    fn of(request: &Request, edge: f32) -> Self {
        let scale = edge / 323.0;
        let most = request.nodes.iter().map(|n| n.hops).max().unwrap_or(1);
        let count = most.clamp(1, MOST_BANDS);
        let mut yields = vec![false; count as usize];
        for n in &request.nodes {
            if !n.system && n.parent.is_some() && n.hops > 0 {
                yields[n.hops.min(count) as usize - 1] = true;
            }
        }
        let several = most > count;
        let weight = |band: u32| match (band == count && band > 1, several) {
            (true, true) => 1.25,
            (true, false) if !yields[band as usize - 1] => 0.5,
            _ => 1.0,
        };
        let inner = 60.0 * scale;
        let total: f32 = (1..=count).map(weight).sum();
        let mut walls = vec![inner];
        let mut at = inner;
        for band in 1..=count {
            at += (edge - inner) * weight(band) / total;
            walls.push(at);
        }
        Self {
            walls,
            scale,
            count,
            several,
            yields,
        }
    }

    /// 1 where bands are wide enough for glyphs of full size, less where they are not.
    fn crowding(&self) -> f32 {
        let narrowest = (1..=self.count as usize)
            .filter(|&b| self.yields[b - 1])
            .map(|b| self.walls[b] - self.walls[b - 1])
            .fold(f32::MAX, f32::min);
        (narrowest / (ROOMY * self.scale)).clamp(0.75, 1.0)
    }

    /// The least arc between two nodes of an orbit.
    pub(super) fn arc(&self, system: bool) -> f32 {
        self.scale * if system { SYSTEM_ARC } else { GAINED_ARC }
    }

    /// Half the distance of two staggered orbits in a band: less where things and what is gained there stand close.
    fn stagger(&self, band: u32) -> f32 {
        let width = self.walls[band as usize] - self.walls[band as usize - 1];
        let room = if self.yields[band as usize - 1] {
            (self.orbit(band, false) - self.orbit(band, true) - 14.0 * self.scale) / 2.0
        } else {
            width / 2.0 - 12.0 * self.scale
        };
        room.clamp(4.0 * self.scale, STAGGER * self.scale)
    }

    /// Whether branches run along the ring at so many hops: several hops share it, so that they cannot run outward.
    pub(super) fn runs_along(&self, hops: u32) -> bool {
        self.several && hops >= self.count
    }

    /// The orbit of a node: its distance from the middle.
    pub(super) fn orbit(&self, hops: u32, system: bool) -> f32 {
        if hops == 0 {
            return 42.0 * self.scale;
        }
        let band = hops.min(self.count) as usize;
        let (from, to) = (self.walls[band - 1], self.walls[band]);
        // Where nothing is gained, systems have the band to themselves.
        let share = match (system, self.yields[band - 1]) {
            (true, false) => 0.5,
            (true, true) => 0.38,
            (false, _) => 0.74,
        };
        from + (to - from) * share
    }
}

pub(super) fn put(spot: &mut Spot, radius: f32, angle: f32) {
    let (x, y) = polar(radius, angle);
    *spot = Spot {
        x,
        y,
        radius,
        angle,
        wedge: spot.wedge,
    };
}

/// What is gained at hop 0 stands round the seeds, on one orbit or on two, each near what lies behind it.
fn middle(request: &Request, out: &mut Layout, bands: &Bands) {
    /// At most so many on one orbit, and on two.
    const ONE: usize = 11;
    const TWO: usize = 24;
    let k = bands.scale;
    let nodes = &request.nodes;
    let mut list: Vec<usize> = (0..nodes.len())
        .filter(|&i| nodes[i].hops == 0 && nodes[i].parent.is_some())
        .collect();
    if list.len() > TWO {
        list.sort_by(|&a, &b| {
            let by_worth = nodes[b].priority.cmp(&nodes[a].priority);
            by_worth.then_with(|| nodes[a].id.cmp(&nodes[b].id))
        });
        let mut folded: Vec<u32> = list.split_off(TWO - 2).into_iter().map(|i| i as u32).collect();
        folded.sort_unstable();
        for &i in &folded {
            out.spots[i as usize].wedge = Some(out.wedges.len() as u32);
            put(&mut out.spots[i as usize], 50.0 * k, 180.0);
        }
        out.wedges.push(Wedge {
            nodes: folded,
            radius: 50.0 * k,
            from: 165.0,
            to: 195.0,
        });
    }
    list.sort_by(|&a, &b| out.spots[a].angle.total_cmp(&out.spots[b].angle).then(a.cmp(&b)));
    let one = list.len() <= ONE;
    // Where some are folded their wedge keeps its place free.
    let (from, room) = if out.wedges.is_empty() {
        (0.0, 360.0)
    } else {
        (198.0, 324.0)
    };
    let step = (if one { 32.0f32 } else { 15.0 }).min(room / list.len().max(1) as f32);
    let mut angles: Vec<f32> = list
        .iter()
        .map(|&i| (out.spots[i].angle - from).rem_euclid(360.0).min(room - step))
        .collect();
    angles.sort_by(f32::total_cmp);
    list.sort_by(|&a, &b| {
        let turned = |i: usize| (out.spots[i].angle - from).rem_euclid(360.0);
        turned(a).total_cmp(&turned(b)).then(a.cmp(&b))
    });
    for n in 1..angles.len() {
        angles[n] = angles[n].max(angles[n - 1] + step);
    }
    let mut limit = room - step;
    for angle in angles.iter_mut().rev() {
        *angle = angle.min(limit);
        limit = *angle - step;
    }
    for (n, (&i, angle)) in list.iter().zip(angles).enumerate() {
        let radius = match (one, n % 2) {
            (true, _) => 42.0,
            (false, 0) => 37.0,
            (false, _) => 52.0,
        };
        put(&mut out.spots[i], radius * k, from + angle);
    }
}

/// Where a ring of a sector is too full: two staggered orbits, then a wedge for the least of them.
fn fold(request: &Request, out: &mut Layout, bands: &Bands, sector_of: &[Option<u32>]) {
    let nodes = &request.nodes;
    for hop in 1..=bands.count {
        for system in [true, false] {
            let arc = bands.arc(system);
            let radius = bands.orbit(hop, system);
            let in_ring = |i: usize| nodes[i].hops.min(bands.count) == hop && nodes[i].system == system;
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
                spread(out, &list, from, end, degrees, radius, bands.stagger(hop));
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
