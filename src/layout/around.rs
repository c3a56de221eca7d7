//! What names keep clear of, and the spoke on which the names of the hops stand.

use super::labels::{Obstacle, label_box};
use super::rings::curve;
use super::{Layout, Request, Spot, polar};

/// What labels should not cover, besides each other: nodes and gates, points along the edges, walls, and what stands in
/// the corners.
pub(super) fn obstacles(request: &Request, out: &Layout) -> Vec<Obstacle> {
    let mut all = Vec::new();
    let glyph = out.glyph;
    for (i, node) in request.nodes.iter().enumerate() {
        let spot = out.spots[i];
        if spot.wedge.is_some() {
            continue;
        }
        let seed = node.parent.is_none();
        let half = if seed { 21.0 } else { 11.5 } * glyph;
        all.push(Obstacle::Box {
            x: spot.x,
            y: spot.y,
            half,
        });
        if node.crown {
            let (x, y) = match spot.crown_aside(out.kind) {
                Some(side) => (spot.x + side * (half + 6.0), spot.y - half),
                None => (spot.x, spot.y - half - 8.0),
            };
            all.push(Obstacle::Box { x, y, half: 8.0 });
        }
        let Some(parent) = node.parent.map(|p| out.spots[p as usize]) else {
            continue;
        };
        if node.system
            && let Some(wall) = out.wall(node.hops)
        {
            let (x, y) = if parent.radius < wall {
                polar(wall, spot.angle)
            } else {
                ((spot.x + parent.x) / 2.0, (spot.y + parent.y) / 2.0)
            };
            all.push(Obstacle::Box { x, y, half: 8.0 });
        }
        for n in 1..12 {
            let (x, y) = edge_point(out, node.hops, node.system, parent, spot, n as f32 / 12.0);
            all.push(Obstacle::Point { x, y });
        }
    }
    for wedge in &out.wedges {
        let (x, y) = polar(wedge.radius, (wedge.from + wedge.to) / 2.0);
        for dx in [-18.0, 0.0, 18.0] {
            all.push(Obstacle::Box {
                x: x + dx,
                y,
                half: 9.0,
            });
        }
    }
    for &wall in &out.walls {
        all.push(Obstacle::Circle { radius: wall });
    }
    // The meter stands in the upper left corner, the legends in the lower ones.
    let (w, h) = (request.width / 2.0, request.height / 2.0);
    let mut area = |min, max| all.push(Obstacle::Area { min, max });
    area((-w, -h), (-w + 240.0, -h + 150.0));
    if request.width >= 720.0 && request.height >= 390.0 {
        area((-w, h - 100.0), (-w + 176.0, h));
        area((w - 152.0, h - 188.0), (w, h));
    }
    all
}

/// The angle at which the names of the hops cover least, near the upper left where that is as good.
pub(super) fn spoke(request: &Request, out: &Layout, obstacles: &mut Vec<Obstacle>) -> f32 {
    const HALF: (f32, f32) = (50.0, 10.0);
    for (i, node) in request.nodes.iter().enumerate() {
        if let Some(label) = out.labels[i] {
            obstacles.push(label_box(node, out.spots[i], &label));
        }
    }
    let cost = |x: f32, y: f32| -> f32 {
        let over = |dx: f32, dy: f32| if dx > 0.0 && dy > 0.0 { dx * dy } else { 0.0 };
        obstacles
            .iter()
            .map(|o| match *o {
                Obstacle::Box { x: ox, y: oy, half } => {
                    over(HALF.0 + half - (x - ox).abs(), HALF.1 + half - (y - oy).abs()).min(150.0)
                }
                Obstacle::Point { x: ox, y: oy } => {
                    f32::from(u8::from((x - ox).abs() < HALF.0 && (y - oy).abs() < HALF.1)) * 12.0
                }
                Obstacle::Circle { .. } => 0.0,
                Obstacle::Area { min, max } => over(
                    max.0.min(x + HALF.0) - min.0.max(x - HALF.0),
                    max.1.min(y + HALF.1) - min.1.max(y - HALF.1),
                )
                .min(300.0),
            })
            .sum()
    };
    let mut best = (f32::MAX, 307.0);
    for step in 0..120u16 {
        let angle = 307.0 + f32::from(step) * 3.0;
        let away = f32::from(step.min(120 - step)) * 0.25;
        let covered: f32 = out
            .walls
            .windows(2)
            .map(|w| {
                let (x, y) = polar((w[0] + w[1]) / 2.0, angle);
                // A name that lies across its band does not reach beyond its walls.
                let beyond = HALF.0 * angle.to_radians().sin().abs() - (w[1] - w[0]) / 2.0;
                cost(x, y) + beyond.max(0.0)
            })
            .sum();
        if covered + away < best.0 {
            best = (covered + away, angle.rem_euclid(360.0));
        }
    }
    best.1
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
