//! Names beside nodes: eight places round each, outward first; what finds no place is hidden. Places belong to the
//! layout, so that a what-if moves no name either.

use super::{Layout, Request};

/// Font size of a name on the map, in points at any zoom.
pub const LABEL_SIZE: f32 = 11.0;

/// Where a name stands, from the node's middle, in points at any zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// To the right; of the left end, the middle or the right end by `align`.
    pub dx: f32,
    /// Down, of the vertical middle of the text.
    pub dy: f32,
    /// -1 where the text ends there, 0 where that is its middle, 1 where it starts there.
    pub align: i8,
    /// A wall or the boundary runs through it: it needs a backing.
    pub backed: bool,
}

/// What a name should not cover.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Obstacle {
    /// A square around a point.
    Box {
        /// Middle.
        x: f32,
        /// Middle.
        y: f32,
        /// Half a side.
        half: f32,
    },
    /// A point of a line.
    Point {
        /// To the right.
        x: f32,
        /// Down.
        y: f32,
    },
    /// A circle around the middle.
    Circle {
        /// Radius.
        radius: f32,
    },
    /// A rectangle that nothing may cover.
    Area {
        /// Upper left.
        min: (f32, f32),
        /// Lower right.
        max: (f32, f32),
    },
}

#[derive(Clone, Copy)]
struct Rect {
    x0: f32,
    y0: f32,
    x1: f32,
    y1: f32,
}

impl Rect {
    fn overlap(&self, o: &Self) -> f32 {
        let w = self.x1.min(o.x1) - self.x0.max(o.x0);
        let h = self.y1.min(o.y1) - self.y0.max(o.y0);
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let dx = (self.x0 - x).max(0.0).max(x - self.x1);
        let dy = (self.y0 - y).max(0.0).max(y - self.y1);
        dx.hypot(dy)
    }
}

/// An estimate of a text's width, good to a few per cent: the layout does not know the fonts.
pub(super) fn width(text: &str, size: f32, bold: bool) -> f32 {
    let em: f32 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | '!' | 'I' => 0.28,
            'f' | 't' | 'r' | '-' | '(' | ')' | ' ' | '/' => 0.38,
            'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.86,
            'A'..='Z' => 0.68,
            _ => 0.59,
        })
        .sum();
    em * size * if bold { 1.05 } else { 1.01 }
}

/// A grid of what is there already, so that a thousand names do not look at a thousand others.
struct Grid {
    cell: f32,
    cells: std::collections::HashMap<(i32, i32), Vec<u32>>,
}

impl Grid {
    fn new(cell: f32) -> Self {
        Self {
            cell,
            cells: std::collections::HashMap::new(),
        }
    }

    fn add(&mut self, r: Rect, item: u32) {
        for key in self.keys(r) {
            self.cells.entry(key).or_default().push(item);
        }
    }

    fn keys(&self, r: Rect) -> impl Iterator<Item = (i32, i32)> + use<> {
        let at = |v: f32, cell: f32| (v / cell).floor() as i32;
        let (x0, x1) = (at(r.x0, self.cell), at(r.x1, self.cell));
        let (y0, y1) = (at(r.y0, self.cell), at(r.y1, self.cell));
        (x0..=x1).flat_map(move |x| (y0..=y1).map(move |y| (x, y)))
    }

    fn near(&self, r: Rect) -> Vec<u32> {
        let mut found: Vec<u32> = self
            .keys(r)
            .filter_map(|k| self.cells.get(&k))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn add(grid: &mut Grid, boxes: &mut Vec<(Rect, f32, f32)>, r: Rect, base: f32, factor: f32) {
    grid.add(r, boxes.len() as u32);
    boxes.push((r, base, factor));
}

/// Names in order of priority, each at the place that costs least; hidden where even that covers something.
#[must_use]
pub fn place_labels(request: &Request, layout: &Layout, obstacles: &[Obstacle]) -> Vec<Option<Label>> {
    let nodes = &request.nodes;
    let mut grid = Grid::new(48.0);
    let mut boxes: Vec<(Rect, f32, f32)> = Vec::new();
    let mut circles: Vec<f32> = Vec::new();
    let mut areas: Vec<Rect> = Vec::new();
    for obstacle in obstacles {
        match *obstacle {
            Obstacle::Box { x, y, half } => {
                add(
                    &mut grid,
                    &mut boxes,
                    Rect {
                        x0: x - half,
                        y0: y - half,
                        x1: x + half,
                        y1: y + half,
                    },
                    20.0,
                    1.0,
                );
            }
            Obstacle::Point { x, y } => add(
                &mut grid,
                &mut boxes,
                Rect {
                    x0: x - 0.1,
                    y0: y - 0.1,
                    x1: x + 0.1,
                    y1: y + 0.1,
                },
                9.0,
                0.0,
            ),
            Obstacle::Circle { radius } => circles.push(radius),
            Obstacle::Area { min, max } => areas.push(Rect {
                x0: min.0,
                y0: min.1,
                x1: max.0,
                y1: max.1,
            }),
        }
    }
    let mut node_grid = Grid::new(48.0);
    for (i, spot) in layout.spots.iter().enumerate() {
        node_grid.add(
            Rect {
                x0: spot.x,
                y0: spot.y,
                x1: spot.x,
                y1: spot.y,
            },
            i as u32,
        );
    }
    let (half_w, half_h) = (request.width / 2.0 - 4.0, request.height / 2.0 - 4.0);
    let mut order: Vec<usize> = (0..nodes.len()).filter(|&i| layout.spots[i].wedge.is_none()).collect();
    order.sort_by_key(|&i| {
        let n = &nodes[i];
        (
            n.parent.is_some(),
            !n.crown,
            n.hops,
            !n.system,
            u32::MAX - n.priority,
            i,
        )
    });
    let k = layout.scale.clamp(0.75, 1.15);
    let mut out = vec![None; nodes.len()];
    for i in order {
        let node = &nodes[i];
        let spot = layout.spots[i];
        let seed = node.parent.is_none();
        let bold = seed || node.crown;
        let size = LABEL_SIZE + if seed { 1.0 } else { 0.0 };
        let length = width(&node.label, size, bold).min(220.0);
        let reach = if seed { 24.0 } else { 13.0 } * k;
        let h = size * 0.74;
        let (sin, cos) = (spot.angle - 90.0).to_radians().sin_cos();
        let outward = if layout.kind == super::Kind::Rings && spot.radius > 1.0 {
            (cos, sin)
        } else {
            (1.0, 0.0)
        };
        // Offset of the text's anchor and its vertical middle, and whether it is a corner.
        let places: [(f32, f32, i8, bool); 8] = [
            (reach + 4.0, 0.0, 1, false),
            (-reach - 4.0, 0.0, -1, false),
            (0.0, reach + 3.0 + h / 2.0, 0, false),
            (0.0, -reach - 3.0 - h / 2.0, 0, false),
            (reach * 0.7, reach + h / 2.0, 1, true),
            (-reach * 0.7, reach + h / 2.0, -1, true),
            (reach * 0.7, -reach * 0.75 - h / 2.0, 1, true),
            (-reach * 0.7, -reach * 0.75 - h / 2.0, -1, true),
        ];
        let mut places = places;
        if seed {
            // Beside the lightning disc at the seed's top right.
            places[6] = (27.0 * k, -12.0 * k, 1, false);
        }
        let mut best: Option<(f32, f32, Label, Rect)> = None;
        for (n, &(dx, dy, align, corner)) in places.iter().enumerate() {
            if node.crown && !seed && n == 3 {
                continue;
            }
            let x0 = spot.x
                + match align {
                    1 => dx,
                    -1 => dx - length,
                    _ => dx - length / 2.0,
                };
            let y = spot.y + dy;
            let r = Rect {
                x0: x0 - 2.0,
                y0: y - h / 2.0 - 2.0,
                x1: x0 + length + 2.0,
                y1: y + h / 2.0 + 3.0,
            };
            if r.x0 < -half_w || r.x1 > half_w || r.y0 < -half_h || r.y1 > half_h {
                continue;
            }
            if areas.iter().any(|a| a.overlap(&r) > 0.0) {
                continue;
            }
            let mut cost = 0.0;
            let mut covered: f32 = 0.0;
            for b in grid.near(r) {
                let (o, base, factor) = boxes[b as usize];
                let overlap = o.overlap(&r);
                if overlap > 0.0 {
                    cost += base + overlap * factor;
                    if factor > 0.0 {
                        covered = covered.max(overlap);
                    }
                }
            }
            let mut backed = false;
            if layout.kind == super::Kind::Rings {
                let ds = [(r.x0, r.y0), (r.x1, r.y0), (r.x0, r.y1), (r.x1, r.y1)].map(|(x, y)| x.hypot(y));
                let (near, far) = (
                    ds.iter().copied().fold(f32::MAX, f32::min),
                    ds.iter().copied().fold(0.0, f32::max),
                );
                for &circle in &circles {
                    if near < circle + 1.0 && circle - 1.0 < far {
                        cost += 14.0;
                        backed = true;
                    }
                }
            }
            let own = r.distance(spot.x, spot.y);
            let wide = Rect {
                x0: r.x0 - own - 4.0,
                y0: r.y0 - own - 4.0,
                x1: r.x1 + own + 4.0,
                y1: r.y1 + own + 4.0,
            };
            for other in node_grid.near(wide) {
                let o = layout.spots[other as usize];
                if other as usize != i && o.wedge.is_none() && r.distance(o.x, o.y) < own + 4.0 {
                    cost += 10.0;
                }
            }
            if !seed {
                let vertical = if dy > h {
                    1.0
                } else if dy < 0.0 {
                    -1.0
                } else {
                    0.0
                };
                cost -= 6.0 * (outward.0 * f32::from(align) + outward.1 * vertical);
            }
            if corner {
                cost += 8.0;
            }
            if seed && n == 6 {
                cost -= 60.0;
            }
            if best.as_ref().is_none_or(|b| cost < b.0) {
                best = Some((cost, covered, Label { dx, dy, align, backed }, r));
            }
        }
        if let Some((_, covered, label, r)) = best {
            // A name that covers another or a node says less than none; the seed's is always said.
            if covered < 14.0 || seed {
                out[i] = Some(label);
                add(&mut grid, &mut boxes, r, 20.0, 4.0);
            }
        }
    }
    out
}
