//! Names beside nodes: eight places round each, outward first; what finds no place is hidden. Places belong to the
//! layout, so that a what-if moves no name either.

use super::{Kind, Layout, Request};

/// Font size of a name on the map, in points at any zoom.
pub const LABEL_SIZE: f32 = 11.0;

/// Room for a name in rings, in points.
pub const ROOM: f32 = 220.0;

/// Where a name stands, from the node's middle, in points at any zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// To the right; of the left end, the middle or the right end by `align`.
    pub dx: f32,
    /// Down, of the vertical middle of the text.
    pub dy: f32,
    /// -1 where the text ends there, 0 where that is its middle, 1 where it starts there.
    pub align: i8,
    /// Its room at zoom 1, in points; a longer name is cut.
    pub room: f32,
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
    fn around(x: f32, y: f32, half: f32) -> Self {
        Self {
            x0: x - half,
            y0: y - half,
            x1: x + half,
            y1: y + half,
        }
    }

    fn grown(&self, by: f32) -> Self {
        Self {
            x0: self.x0 - by,
            y0: self.y0 - by,
            x1: self.x1 + by,
            y1: self.y1 + by,
        }
    }

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

/// The box that a placed name covers.
pub(super) fn label_box(node: &super::RequestNode, spot: super::Spot, label: &Label) -> Obstacle {
    let length = length(node);
    let x = spot.x + label.dx;
    let x = match label.align {
        1 => x,
        -1 => x - length,
        _ => x - length / 2.0,
    };
    let y = spot.y + label.dy;
    Obstacle::Area {
        min: (x - 3.0, y - 7.0),
        max: (x + length + 3.0, y + 7.0),
    }
}

/// Length of a node's name.
fn length(node: &super::RequestNode) -> f32 {
    let seed = node.parent.is_none();
    let size = LABEL_SIZE + if seed { 1.0 } else { 0.0 };
    width(&node.label, size, seed || node.crown).min(ROOM)
}

/// A box with what covering it costs: once, and for each square point.
struct Thing {
    rect: Rect,
    base: f32,
    area: f32,
}

/// One of the places round a node: where the text is anchored, and what the place itself costs.
#[derive(Clone, Copy)]
struct Place {
    dx: f32,
    dy: f32,
    align: i8,
    cost: f32,
}

/// What a place comes to.
struct Answer {
    cost: f32,
    /// The most that it covers of one node, gate or name, in square points.
    covered: f32,
    label: Label,
    rect: Rect,
}

/// Everything that names keep clear of.
struct Table<'a> {
    request: &'a Request,
    layout: &'a Layout,
    zoom: f32,
    grid: Grid,
    things: Vec<Thing>,
    circles: Vec<f32>,
    areas: Vec<Rect>,
    nodes: Grid,
}

/// Covering less than this of something else is no harm, in square points.
const HARMLESS: f32 = 14.0;

impl<'a> Table<'a> {
    fn new(request: &'a Request, layout: &'a Layout, obstacles: &[Obstacle], zoom: f32) -> Self {
        let mut out = Self {
            request,
            layout,
            zoom,
            grid: Grid::new(48.0),
            things: Vec::new(),
            circles: Vec::new(),
            areas: Vec::new(),
            nodes: Grid::new(48.0),
        };
        for obstacle in obstacles {
            match *obstacle {
                Obstacle::Box { x, y, half } => out.add(Rect::around(x * zoom, y * zoom, half), 20.0, 1.0),
                Obstacle::Point { x, y } => out.add(Rect::around(x * zoom, y * zoom, 0.1), 9.0, 0.0),
                Obstacle::Circle { radius } => out.circles.push(radius * zoom),
                Obstacle::Area { min, max } if zoom == 1.0 => out.areas.push(Rect {
                    x0: min.0,
                    y0: min.1,
                    x1: max.0,
                    y1: max.1,
                }),
                Obstacle::Area { .. } => {}
            }
        }
        for i in 0..layout.spots.len() {
            let (x, y) = out.at(i);
            out.nodes.add(Rect::around(x, y, 0.0), i as u32);
        }
        out
    }

    fn at(&self, node: usize) -> (f32, f32) {
        let spot = self.layout.spots[node];
        (spot.x * self.zoom, spot.y * self.zoom)
    }

    fn add(&mut self, rect: Rect, base: f32, area: f32) {
        self.grid.add(rect, self.things.len() as u32);
        self.things.push(Thing { rect, base, area });
    }

    /// The box of a name at a place, with a little room around it.
    fn rect(&self, node: usize, place: Place) -> Rect {
        let n = &self.request.nodes[node];
        let (x, y) = self.at(node);
        let length = length(n);
        let h = height(n);
        let x0 = x + match place.align {
            1 => place.dx,
            -1 => place.dx - length,
            _ => place.dx - length / 2.0,
        };
        let y = y + place.dy;
        Rect {
            x0: x0 - 2.0,
            y0: y - h / 2.0 - 2.0,
            x1: x0 + length + 2.0,
            y1: y + h / 2.0 + 3.0,
        }
    }

    /// What a place costs; `None` where the name would be cut or stand on what nothing may cover.
    fn answer(&self, node: usize, place: Place) -> Option<Answer> {
        let rect = self.rect(node, place);
        if self.zoom == 1.0 {
            let (w, h) = (self.request.width / 2.0 - 4.0, self.request.height / 2.0 - 4.0);
            if rect.x0 < -w || rect.x1 > w || rect.y0 < -h || rect.y1 > h {
                return None;
            }
            if self.areas.iter().any(|a| a.overlap(&rect) > 0.0) {
                return None;
            }
        }
        let mut cost = place.cost;
        let mut covered: f32 = 0.0;
        for t in self.grid.near(rect) {
            let thing = &self.things[t as usize];
            let overlap = thing.rect.overlap(&rect);
            if overlap > 0.0 {
                cost += thing.base + overlap * thing.area;
                if thing.area > 0.0 {
                    covered = covered.max(overlap);
                }
            }
        }
        let mut backed = false;
        if self.layout.kind == Kind::Rings {
            let corners = [
                (rect.x0, rect.y0),
                (rect.x1, rect.y0),
                (rect.x0, rect.y1),
                (rect.x1, rect.y1),
            ];
            let far = corners.iter().map(|(x, y)| x.hypot(*y)).fold(0.0, f32::max);
            let near = rect.distance(0.0, 0.0);
            for &circle in &self.circles {
                if near < circle + 1.0 && circle - 1.0 < far {
                    cost += 14.0;
                    backed = true;
                }
            }
        }
        let (x, y) = self.at(node);
        let own = rect.distance(x, y);
        for other in self.nodes.near(rect.grown(own + 4.0)) {
            let other = other as usize;
            let (ox, oy) = self.at(other);
            if other != node && self.layout.spots[other].wedge.is_none() && rect.distance(ox, oy) < own + 4.0 {
                cost += 10.0;
            }
        }
        let label = Label {
            dx: place.dx,
            dy: place.dy,
            align: place.align,
            room: ROOM,
            backed,
        };
        Some(Answer {
            cost,
            covered,
            label,
            rect,
        })
    }

    fn best(&self, node: usize, places: impl Iterator<Item = Place>) -> Option<Answer> {
        places
            .filter_map(|p| self.answer(node, p))
            .reduce(|best, next| if next.cost < best.cost { next } else { best })
    }

    /// The eight places round a node, and a few more for a name that finds none of them free.
    fn places(&self, node: usize) -> (Vec<Place>, Vec<Place>) {
        let n = &self.request.nodes[node];
        let spot = self.layout.spots[node];
        let k = self.layout.glyph.max(0.6);
        let seed = n.parent.is_none();
        let reach = if seed { 24.0 } else { 13.0 } * k;
        let h = height(n);
        let (sin, cos) = (spot.angle - 90.0).to_radians().sin_cos();
        let outward = if self.layout.kind == Kind::Rings && spot.radius > 1.0 {
            (cos, sin)
        } else {
            (1.0, 0.0)
        };
        let place = |dx: f32, dy: f32, align: i8, corner: f32| {
            let vertical = if dy > h {
                1.0
            } else if dy < 0.0 {
                -1.0
            } else {
                0.0
            };
            let along = outward.0 * f32::from(align) + outward.1 * vertical;
            let cost = corner - if seed { 0.0 } else { 6.0 * along };
            Place { dx, dy, align, cost }
        };
        let (below, above) = (reach + 3.0 + h / 2.0, -reach - 3.0 - h / 2.0);
        let mut eight = vec![
            place(reach + 4.0, 0.0, 1, 0.0),
            place(-reach - 4.0, 0.0, -1, 0.0),
            place(0.0, below, 0, 0.0),
            place(reach * 0.7, reach + h / 2.0, 1, 8.0),
            place(-reach * 0.7, reach + h / 2.0, -1, 8.0),
            place(-reach * 0.7, -reach * 0.75 - h / 2.0, -1, 8.0),
        ];
        if seed {
            // Beside the lightning disc at the seed's top right.
            eight.push(place(27.0 * k, -12.0 * k, 1, -60.0));
        } else {
            eight.push(place(reach * 0.7, -reach * 0.75 - h / 2.0, 1, 8.0));
        }
        if !n.crown || spot.crown_aside(self.layout.kind).is_some() {
            eight.push(place(0.0, above, 0, 0.0));
        }
        let third = length(n) / 3.0;
        let mut more = vec![
            place(reach + 4.0, h, 1, 12.0),
            place(reach + 4.0, -h, 1, 12.0),
            place(-reach - 4.0, h, -1, 12.0),
            place(-reach - 4.0, -h, -1, 12.0),
            place(third, below, 0, 12.0),
            place(-third, below, 0, 12.0),
            place(0.0, below + h + 2.0, 0, 20.0),
        ];
        if !n.crown {
            more.push(place(third, above, 0, 12.0));
            more.push(place(-third, above, 0, 12.0));
            more.push(place(0.0, above - h - 2.0, 0, 20.0));
        }
        (eight, more)
    }
}

/// Height of a name's letters.
fn height(node: &super::RequestNode) -> f32 {
    (LABEL_SIZE + if node.parent.is_none() { 1.0 } else { 0.0 }) * 0.74
}

/// Names in order of priority, each at the place that costs least; hidden where even that covers something. At a zoom
/// other than 1, names of `layout.labels` keep their places and only the others are looked at: there is more room
/// between things then, and no corner is taken.
#[must_use]
pub(super) fn place_labels(
    request: &Request,
    layout: &Layout,
    obstacles: &[Obstacle],
    zoom: f32,
) -> Vec<Option<Label>> {
    let nodes = &request.nodes;
    let mut table = Table::new(request, layout, obstacles, zoom);
    let mut order: Vec<usize> = (0..nodes.len()).filter(|&i| layout.spots[i].wedge.is_none()).collect();
    order.sort_by_key(|&i| {
        let n = &nodes[i];
        let rest = (n.hops, !n.system, u32::MAX - n.priority, i);
        (n.parent.is_some(), !n.crown, rest)
    });
    let mut out = vec![None; nodes.len()];
    if zoom != 1.0 {
        out.clone_from(&layout.labels);
        for (i, label) in out.iter().enumerate() {
            if let Some(l) = label {
                let place = Place {
                    dx: l.dx,
                    dy: l.dy,
                    align: l.align,
                    cost: 0.0,
                };
                let rect = table.rect(i, place);
                table.add(rect, 20.0, 4.0);
            }
        }
    }
    for i in order {
        if out[i].is_some() {
            continue;
        }
        let (eight, more) = table.places(i);
        let mut best = table.best(i, eight.into_iter());
        if best.as_ref().is_none_or(|b| b.covered >= HARMLESS) {
            let other = table.best(i, more.into_iter());
            if other.as_ref().is_some_and(|o| o.covered < HARMLESS) || best.is_none() {
                best = other;
            }
        }
        if let Some(answer) = best {
            // A name that covers another or a node says less than none; the most important are always said.
            let always = nodes[i].parent.is_none() || nodes[i].crown;
            if answer.covered < HARMLESS || always {
                out[i] = Some(answer.label);
                table.add(answer.rect, 20.0, 4.0);
            }
        }
    }
    out
}
