//! The map as a display list: bands, boundary, spokes, ghost edges, edges, path, gates, nodes, labels, step discs,
//! then what stands around it.

use super::chrome;
use super::display::{Align, Color, DisplayList, Face, Item, Owner, Prim, Pt, Seg, Stroke, pt};
use super::fonts::{elide, text_width};
use super::icons;
use super::map::{Class, Cut, Gate, MapPicture, SHELF, State, short};
use super::pen::{self, GateLook, NodeLook, circle, dashed, dotted, line, rect, segment, text};
use super::style::Theme;
use crate::layout::{Kind, polar};

/// How the map is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// 1 is the layout's own size.
    pub zoom: f32,
    /// How far the middle is moved, in points.
    pub pan: (f32, f32),
    /// The theme.
    pub theme: Theme,
    /// The selected node.
    pub selection: Option<u32>,
    /// The node under the pointer.
    pub hovered: Option<u32>,
    /// The node that has the keyboard.
    pub focused: Option<u32>,
    /// From 0, before the scenario, to 1, after it. Without a scenario it does not matter.
    pub progress: f32,
    /// Meter, legend and shelf.
    pub chrome: bool,
}

impl View {
    /// The whole map as it is after the scenario, in its own size.
    #[must_use]
    pub fn whole(width: f32, height: f32, theme: Theme) -> Self {
        Self {
            width,
            height,
            zoom: 1.0,
            pan: (0.0, 0.0),
            theme,
            selection: None,
            hovered: None,
            focused: None,
            progress: 1.0,
            chrome: true,
        }
    }

    /// The same, zoomed out as far as the layout needs to be seen whole.
    #[must_use]
    pub fn whole_of(map: &MapPicture, width: f32, height: f32, theme: Theme) -> Self {
        Self {
            zoom: fitting_zoom(map, width, height),
            ..Self::whole(width, height, theme)
        }
    }

    /// The middle of the map on the screen.
    #[must_use]
    pub fn middle(&self) -> Pt {
        let shelf = if self.chrome { SHELF } else { 0.0 };
        pt(self.width / 2.0 + self.pan.0, (self.height - shelf) / 2.0 + self.pan.1)
    }

    /// A place of the layout on the screen.
    #[must_use]
    pub fn screen_from_layout(&self, x: f32, y: f32) -> Pt {
        let m = self.middle();
        pt(m.x + x * self.zoom, m.y + y * self.zoom)
    }
}

/// The zoom at which a map is seen whole in a place of this size.
#[must_use]
pub fn fitting_zoom(map: &MapPicture, width: f32, height: f32) -> f32 {
    match map.layout.kind {
        // Rings are made for the place they stand in; while a window changes its size the last ones are scaled.
        Kind::Rings => (width / map.size.0).min(height / map.size.1).clamp(0.3, 3.0),
        Kind::Layers => {
            let (w, h) = map.layout.half;
            ((width / 2.0 - 8.0) / w).min((height / 2.0 - 36.0) / h).clamp(0.3, 1.0)
        }
    }
}

/// What is drawn at a zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    All,
    Few,
    Plain,
}

struct Drawing<'a> {
    map: &'a MapPicture,
    view: &'a View,
    theme: Theme,
    detail: Detail,
    /// Nodes on the selected path, from the seed.
    path: Vec<u32>,
    /// Scale of glyphs.
    glyph: f32,
    items: Vec<Item>,
}

/// The map as it looks in a view.
#[must_use]
pub fn draw(map: &MapPicture, view: &View) -> DisplayList {
    let detail = match view.zoom {
        z if z >= 0.8 || (map.layout.kind == Kind::Layers && z >= 0.5) => Detail::All,
        z if z >= 0.45 => Detail::Few,
        _ => Detail::Plain,
    };
    let path = match view.selection {
        Some(s) if (s as usize) < map.nodes.len() && map.nodes[s as usize].parent.is_some() => map.path(s),
        _ => Vec::new(),
    };
    let scale = if map.layout.kind == Kind::Rings {
        map.layout.scale
    } else {
        1.0
    };
    let glyph = scale.clamp(0.72, 1.15) * view.zoom.clamp(0.6, 1.15);
    let mut d = Drawing {
        map,
        view,
        theme: view.theme,
        detail,
        path,
        glyph,
        items: Vec::new(),
    };
    let ground = rect(
        pt(0.0, 0.0),
        pt(view.width, view.height),
        0.0,
        Some(view.theme.tokens().canvas),
        None,
    );
    d.push(Owner::Chrome, vec![ground]);
    match map.layout.kind {
        Kind::Rings => d.rings(),
        Kind::Layers => d.columns(),
    }
    d.edges();
    d.gates();
    d.nodes();
    d.wedges();
    let labels = d.labels();
    d.step_discs();
    d.names(&labels);
    if view.chrome {
        chrome::around(&mut d.items, map, view);
    }
    DisplayList {
        width: view.width,
        height: view.height,
        items: d.items,
    }
}

impl Drawing<'_> {
    fn push(&mut self, owner: Owner, prims: Vec<Prim>) {
        if !prims.is_empty() {
            self.items.push(Item { owner, prims });
        }
    }

    fn at(&self, node: u32) -> Pt {
        let spot = self.map.layout.spots[node as usize];
        self.view.screen_from_layout(spot.x, spot.y)
    }

    fn on_wall(&self, wall: f32, node: u32) -> Pt {
        let spot = self.map.layout.spots[node as usize];
        match self.map.layout.kind {
            Kind::Rings => {
                let (x, y) = polar(wall, spot.angle);
                self.view.screen_from_layout(x, y)
            }
            Kind::Layers => self.view.screen_from_layout(wall, spot.y),
        }
    }

    /// Whether the scenario's result is shown for a node; the outermost change first.
    fn shows_after(&self, node: u32) -> bool {
        if self.map.after.is_none() {
            return false;
        }
        let most = self.map.hops_before.len() as f32;
        let hops = self.map.nodes[node as usize].hops as f32;
        self.view.progress >= ((most - hops) * 0.067).clamp(0.0, 0.9) + 0.05
    }

    fn state(&self, node: u32) -> State {
        let n = &self.map.nodes[node as usize];
        if self.shows_after(node) { n.after } else { n.before }
    }

    fn cut(&self, node: u32) -> Cut {
        if self.shows_after(node) {
            self.map.nodes[node as usize].cut
        } else {
            Cut::Open
        }
    }

    fn parent(&self, node: u32) -> Option<u32> {
        let n = &self.map.nodes[node as usize];
        if self.shows_after(node) && n.after != State::Ghost {
            n.parent_after.or(n.parent)
        } else {
            n.parent
        }
    }

    /// The surface behind a node.
    fn back(&self, node: u32) -> Color {
        let t = self.theme.tokens();
        let hops = self.map.nodes[node as usize].hops;
        if self.map.layout.kind == Kind::Rings && hops % 2 == 1 {
            t.band
        } else {
            t.canvas
        }
    }

    /// The surface at a distance from the middle.
    fn surface(&self, radius: f32) -> Color {
        let t = self.theme.tokens();
        let walls = &self.map.layout.walls;
        let band = walls.iter().filter(|w| **w < radius).count();
        if band % 2 == 1 && band < walls.len() {
            t.band
        } else {
            t.canvas
        }
    }

    fn rings(&mut self) {
        let t = self.theme.tokens();
        let more = self.theme.extra_stroke();
        let z = self.view.zoom;
        let c = self.view.middle();
        let layout = &self.map.layout;
        let k = layout.scale.max(0.8);
        let mut prims = Vec::new();
        let bands = layout.walls.len().saturating_sub(1);
        for band in (1..=bands).rev() {
            let fill = if band % 2 == 1 { t.band } else { t.canvas };
            prims.push(circle(c, layout.walls[band] * z, Some(fill), None));
        }
        if let Some(&inner) = layout.walls.first() {
            prims.push(circle(c, inner * z, Some(t.canvas), None));
        }
        for &wall in layout.walls.iter().take(bands) {
            prims.push(circle(c, wall * z, None, Some(line(1.0 + more, t.ring))));
        }
        for sector in &layout.sectors {
            let (x1, y1) = polar(layout.walls[0] + 4.0, sector.from - 1.5);
            let (x2, y2) = polar(layout.walls[bands] - 3.0, sector.from - 1.5);
            let (a, b) = (
                self.view.screen_from_layout(x1, y1),
                self.view.screen_from_layout(x2, y2),
            );
            prims.push(segment(a, b, line(1.0 + more, t.hairline)));
        }
        let edge = layout.walls[bands];
        match self.map.reach_after() {
            Some(reach) if self.view.progress > 0.0 => {
                prims.push(circle(
                    c,
                    edge * z,
                    None,
                    Some(dashed(1.25 + more, t.ghost, &[1.5, 4.0])),
                ));
                let target = layout.walls[(reach as usize).min(bands)];
                let p = self.view.progress;
                let ease = 1.0 - (1.0 - p).powi(3);
                let radius = edge + (target - edge) * ease;
                let color = if p >= 0.66 { t.sealed } else { t.compromised };
                prims.push(circle(c, radius * z, None, Some(line(3.0 * k.min(1.0) + more, color))));
            }
            _ => prims.push(circle(c, edge * z, None, Some(line(1.75 * k + more, t.compromised)))),
        }
        self.push(Owner::Chrome, prims);
    }

    fn columns(&mut self) {
        let t = self.theme.tokens();
        let more = self.theme.extra_stroke();
        let layout = &self.map.layout;
        let mut prims = Vec::new();
        let rows = layout
            .spots
            .iter()
            .map(|s| (s.y - layout.spoke).abs())
            .fold(0.0, f32::max)
            + 26.0;
        let (above, below) = (layout.spoke - rows, layout.spoke + rows);
        let walls = layout.walls.len().saturating_sub(1);
        let reach = self.map.reach_after();
        for (n, &wall) in layout.walls.iter().take(walls).enumerate() {
            let a = self.view.screen_from_layout(wall, above);
            let b = self.view.screen_from_layout(wall, below);
            prims.push(segment(a, b, line(1.0 + more, t.ring)));
            // The boundary is the first wall that nothing passes.
            if reach == Some(n as u32) && self.view.progress > 0.0 {
                prims.push(segment(a, b, line(3.0 + more, t.sealed)));
            }
        }
        for sector in &layout.sectors {
            let p = self.view.screen_from_layout(sector.from, above + 4.0);
            prims.push(text(
                pt(p.x, p.y - 4.0),
                Align::Left,
                sector.name.clone(),
                11.5,
                Face::SemiBold,
                t.text3,
            ));
        }
        self.push(Owner::Chrome, prims);
    }

    fn edges(&mut self) {
        let mut ghosts = Vec::new();
        let mut living = Vec::new();
        let mut on_path = Vec::new();
        for i in 0..self.map.nodes.len() as u32 {
            if self.map.layout.spots[i as usize].wedge.is_some() || self.parent(i).is_none() {
                continue;
            }
            if self.state(i) == State::Ghost {
                ghosts.push(i);
            } else if self.path.contains(&i) {
                on_path.push(i);
            } else {
                living.push(i);
            }
        }
        let t = self.theme.tokens();
        let more = self.theme.extra_stroke();
        let k = self.map.layout.scale.clamp(0.8, 1.2);
        for i in ghosts.into_iter().chain(living) {
            let state = self.state(i);
            let stroke = match (self.cut(i), state) {
                (Cut::Broken, _) => dashed(1.5 + more, t.broken, &[5.0, 4.0]),
                (Cut::Sealed, _) => dotted(1.25 + more, t.ghost, &[1.2, 3.0]),
                (_, State::Ghost) => dotted(1.0 + more, t.ghost.with_opacity(0.7), &[1.2, 4.0]),
                (_, State::Assumed) => dashed(1.25 * k + more, t.assumed.with_opacity(0.75), &[5.0, 3.5]),
                (_, state) => line(1.25 * k + more, self.ink(state).with_opacity(0.62)),
            };
            let segs = self.edge(i);
            self.push(
                Owner::Edge(i),
                vec![Prim::Path {
                    segs,
                    fill: None,
                    stroke: Some(stroke),
                }],
            );
        }
        for i in on_path {
            let state = self.state(i);
            let segs = self.edge(i);
            let under = line(6.0, t.canvas);
            let over = match state {
                State::Assumed => dashed(3.0 + more, t.assumed, &[5.0, 3.5]),
                state => line(3.0 + more, self.ink(state)),
            };
            let prims = vec![
                Prim::Path {
                    segs: segs.clone(),
                    fill: None,
                    stroke: Some(under),
                },
                Prim::Path {
                    segs,
                    fill: None,
                    stroke: Some(over),
                },
            ];
            self.push(Owner::Edge(i), prims);
        }
    }

    fn ink(&self, state: State) -> Color {
        let t = self.theme.tokens();
        match state {
            State::Compromised => t.compromised,
            State::Intended => t.intended,
            State::Inherited => t.inherited,
            State::Assumed => t.assumed,
            State::Ghost => t.ghost,
            State::Untouched => t.untouched,
            State::Disabled => t.disabled,
        }
    }

    /// The wall that the last leg of a node's path crosses.
    fn wall(&self, node: u32) -> Option<f32> {
        let n = &self.map.nodes[node as usize];
        if n.class == Class::System {
            self.map.layout.wall(n.hops)
        } else {
            None
        }
    }

    fn edge(&self, node: u32) -> Vec<Seg> {
        let to = self.at(node);
        let Some(parent) = self.parent(node) else {
            return Vec::new();
        };
        let from = self.at(parent);
        let spot = self.map.layout.spots[parent as usize];
        let straight = vec![Seg::Move(from), Seg::Line(to)];
        let Some(wall) = self.wall(node) else { return straight };
        match self.map.layout.kind {
            Kind::Rings => {
                let own = self.map.layout.spots[node as usize];
                if spot.radius < 1.0 {
                    return straight;
                }
                if spot.radius >= wall {
                    // A path that now comes from farther out, or along the same ring.
                    return straight;
                }
                let [a, b, c, g] = crate::layout::ring_curve(spot, wall, own.angle);
                let p = |q: (f32, f32)| self.view.screen_from_layout(q.0, q.1);
                vec![Seg::Move(p(a)), Seg::Cubic(p(b), p(c), p(g)), Seg::Line(to)]
            }
            Kind::Layers => {
                let gate = self.on_wall(wall, node);
                if from.x >= gate.x {
                    return straight;
                }
                let bend = (gate.x - from.x) * 0.5;
                let (b, c) = (pt(from.x + bend, from.y), pt(gate.x - bend, gate.y));
                vec![Seg::Move(from), Seg::Cubic(b, c, gate), Seg::Line(to)]
            }
        }
    }

    fn gates(&mut self) {
        if self.detail == Detail::Plain {
            return;
        }
        let t = self.theme.tokens();
        for i in 0..self.map.nodes.len() as u32 {
            let spot = self.map.layout.spots[i as usize];
            let n = &self.map.nodes[i as usize];
            if spot.wedge.is_some() {
                continue;
            }
            let cut = self.cut(i);
            let Some(wall) = self.wall(i) else {
                // What is cut within a hop crosses no wall; the bar stands half way.
                if matches!(cut, Cut::Sealed | Cut::Broken)
                    && let Some(p) = self.parent(i)
                {
                    let (a, b) = (self.at(p), self.at(i));
                    let c = pt((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
                    let angle = (b.y - a.y).atan2(b.x - a.x).to_degrees() + 90.0;
                    let look = if cut == Cut::Broken {
                        GateLook::Broken
                    } else {
                        GateLook::Sealed
                    };
                    let prims = pen::gate(self.theme, look, c, angle, self.back(i));
                    self.push(Owner::Gate(i), prims);
                }
                continue;
            };
            let c = self.on_wall(wall, i);
            let back = self.back(i);
            let angle = match self.map.layout.kind {
                Kind::Rings => spot.angle,
                Kind::Layers => 90.0,
            };
            let gate = if self.shows_after(i) { &n.gate_after } else { &n.gate };
            let look = match (cut, gate) {
                (Cut::Beyond, _) => continue,
                (Cut::Sealed, _) => GateLook::Sealed,
                (Cut::Broken, _) => GateLook::Broken,
                (Cut::Open, Gate::None) => continue,
                (Cut::Open, Gate::Made) => GateLook::Made,
                (Cut::Open, Gate::Unknown) => GateLook::Unknown,
                (Cut::Open, Gate::Missing(letters)) => GateLook::Missing(letters),
            };
            let prims = match (self.detail, look) {
                (Detail::Few, GateLook::Missing(_)) => vec![circle(c, 4.0, Some(t.inherited), Some(line(1.0, back)))],
                (Detail::Few, GateLook::Unknown) => {
                    vec![circle(
                        c,
                        4.0,
                        Some(t.assumed_fill),
                        Some(dashed(1.25, t.assumed, &[2.5, 2.0])),
                    )]
                }
                (_, look) => pen::gate(self.theme, look, c, angle, back),
            };
            self.push(Owner::Gate(i), prims);
        }
    }

    fn radius(&self, node: u32) -> f32 {
        let n = &self.map.nodes[node as usize];
        let r = match (n.before, n.class, n.crown) {
            (State::Compromised, ..) => 15.0,
            (_, Class::System, true) => 11.5,
            (_, Class::System, false) => 10.0,
            _ => 8.6,
        };
        r * self.glyph
    }

    fn nodes(&mut self) {
        let mut order: Vec<u32> = (0..self.map.nodes.len() as u32)
            .filter(|&i| self.map.layout.spots[i as usize].wedge.is_none())
            .collect();
        order.sort_by_key(|&i| {
            let n = &self.map.nodes[i as usize];
            (
                n.before == State::Compromised,
                self.view.selection == Some(i),
                n.crown,
                i,
            )
        });
        for i in order {
            let n = &self.map.nodes[i as usize];
            let c = self.at(i);
            let prims = if self.detail == Detail::Plain && n.before != State::Compromised {
                let state = self.state(i);
                let fill = if state == State::Ghost {
                    None
                } else {
                    Some(self.ink(state))
                };
                let stroke = (state == State::Ghost).then(|| line(1.0, self.ink(state).with_opacity(0.6)));
                vec![pen::outline(n.class, c, 3.0, fill, stroke)]
            } else {
                let look = NodeLook {
                    class: n.class,
                    icon: n.icon,
                    state: self.state(i),
                    crown: n.crown && self.map.layout.kind == Kind::Rings,
                    disabled: n.disabled,
                    expired: n.expired,
                    selected: self.view.selection == Some(i),
                    hovered: self.view.hovered == Some(i),
                    focused: self.view.focused == Some(i),
                    back: self.back(i),
                };
                pen::node(self.theme, &look, c, self.radius(i))
            };
            self.push(Owner::Node(i), prims);
        }
    }

    fn wedges(&mut self) {
        let t = self.theme.tokens();
        let z = self.view.zoom;
        for (n, wedge) in self.map.layout.wedges.iter().enumerate() {
            let label = format!("+{} more", wedge.nodes.len());
            let (center, mut prims) = match self.map.layout.kind {
                Kind::Rings => {
                    let ring = |r: f32, a: f32| {
                        let (x, y) = polar(r, a);
                        self.view.screen_from_layout(x, y)
                    };
                    let half = 7.0 / z;
                    let mut points = Vec::new();
                    let steps = 8u8;
                    for s in 0..=steps {
                        let a = wedge.from + (wedge.to - wedge.from) * f32::from(s) / f32::from(steps);
                        points.push(ring(wedge.radius + half, a));
                    }
                    for s in (0..=steps).rev() {
                        let a = wedge.from + (wedge.to - wedge.from) * f32::from(s) / f32::from(steps);
                        points.push(ring(wedge.radius - half, a));
                    }
                    let body = pen::polygon(&points, Some(t.raised), Some(line(1.0, t.control)));
                    (ring(wedge.radius, (wedge.from + wedge.to) / 2.0), vec![body])
                }
                Kind::Layers => {
                    let c = self.view.screen_from_layout(wedge.radius, wedge.from);
                    (pt(c.x + 40.0, c.y), Vec::new())
                }
            };
            let w = text_width(Face::Medium, 10.5, &label) + 10.0;
            let (min, max) = (
                pt(center.x - w / 2.0, center.y - 8.0),
                pt(center.x + w / 2.0, center.y + 8.0),
            );
            prims.push(rect(min, max, 4.0, Some(t.raised), Some(line(1.0, t.control))));
            prims.push(text(center, Align::Center, label, 10.5, Face::Medium, t.text2));
            self.push(Owner::Wedge(n as u32), prims);
        }
    }

    /// Names; gives the boxes they cover.
    fn labels(&mut self) -> Vec<(Pt, Pt)> {
        let t = self.theme.tokens();
        let mut boxes = Vec::new();
        if self.detail == Detail::Plain {
            return boxes;
        }
        for i in 0..self.map.nodes.len() as u32 {
            let n = &self.map.nodes[i as usize];
            let seed = n.before == State::Compromised;
            let chosen = self.view.selection == Some(i) || self.view.hovered == Some(i);
            let always = seed || n.crown || chosen || self.path.contains(&i);
            if self.map.layout.spots[i as usize].wedge.is_some() || (self.detail == Detail::Few && !always) {
                continue;
            }
            let place = match self.map.layout.labels[i as usize] {
                Some(place) => place,
                None if chosen => crate::layout::Label {
                    dx: 16.0,
                    dy: 0.0,
                    align: 1,
                    backed: true,
                },
                None => continue,
            };
            let ghost = self.state(i) == State::Ghost;
            let bold = seed || n.crown || self.view.selection == Some(i);
            let face = if bold { Face::SemiBold } else { Face::Medium };
            let base = if self.view.width > 1700.0 { 12.0 } else { 11.0 };
            let size = if seed { base + 1.0 } else { base };
            let color = match (bold, ghost) {
                (true, false) => t.text,
                (_, true) => t.text3,
                (false, false) => t.text2,
            };
            let layered = self.map.layout.kind == Kind::Layers;
            let spot = self.map.layout.spots[i as usize];
            let crown = if n.crown { 18.0 } else { 0.0 };
            let room = if layered {
                spot.angle * self.view.zoom - crown
            } else {
                220.0
            };
            let name = elide(face, size, short(&n.name), room);
            let w = text_width(face, size, &name);
            let c = self.at(i);
            let p = pt(c.x + place.dx, c.y + place.dy);
            let (align, x0) = match place.align {
                1 => (Align::Left, p.x),
                -1 => (Align::Right, p.x - w),
                _ => (Align::Center, p.x - w / 2.0),
            };
            let (min, max) = (
                pt(x0 - 3.0, p.y - size * 0.37 - 3.0),
                pt(x0 + w + 3.0, p.y + size * 0.37 + 3.5),
            );
            let mut prims = Vec::new();
            // There is no halo: a backing keeps the name readable where a line runs under it.
            let spot = self.map.layout.spots[i as usize];
            let far = (spot.x + place.dx).hypot(spot.y + place.dy);
            let back = if self.map.layout.kind == Kind::Rings {
                self.surface(far)
            } else {
                t.canvas
            };
            prims.push(rect(
                min,
                max,
                3.0,
                Some(back.with_opacity(if place.backed { 0.92 } else { 0.72 })),
                None,
            ));
            prims.push(text(p, align, name, size, face, color));
            if layered && n.crown {
                // Rows are too near for a crown above.
                prims.push(pen::icon(
                    pt(x0 + w + 11.0, p.y),
                    icons::CROWN_SIMPLE,
                    12.0,
                    Face::IconFill,
                    t.crown,
                ));
            }
            boxes.push((min, max));
            self.push(Owner::Label(i), prims);
        }
        boxes
    }

    fn step_discs(&mut self) {
        let t = self.theme.tokens();
        if self.path.is_empty() || self.detail == Detail::Plain {
            return;
        }
        let mut prims = Vec::new();
        let mut number = 0;
        for &i in &self.path {
            let n = &self.map.nodes[i as usize];
            let seed = n.parent.is_none();
            if n.class != Class::System && !seed {
                continue;
            }
            let c = self.at(i);
            let (dx, dy) = match (seed, n.crown) {
                (true, _) => (-17.0, -15.0),
                (false, false) => (-12.0, -12.0),
                (false, true) => (-14.0, 13.0),
            };
            let p = pt(c.x + dx, c.y + dy);
            prims.push(circle(p, 7.5, Some(t.accent), Some(line(1.5, t.canvas))));
            prims.push(text(
                p,
                Align::Center,
                number.to_string(),
                10.0,
                Face::Bold,
                t.on_accent,
            ));
            number += 1;
        }
        self.push(Owner::Chrome, prims);
    }

    /// Names of hops and of sectors, where they cover nothing.
    fn names(&mut self, labels: &[(Pt, Pt)]) {
        if self.map.layout.kind != Kind::Rings || self.detail == Detail::Plain {
            return;
        }
        let t = self.theme.tokens();
        let layout = &self.map.layout;
        let bands = layout.walls.len() - 1;
        let mut prims = Vec::new();
        let mut taken: Vec<(Pt, Pt)> = labels.to_vec();
        if self.view.chrome {
            // Meter and legends.
            let (w, h) = (self.view.width, self.view.height - SHELF);
            taken.push((pt(0.0, 0.0), pt(232.0, 160.0)));
            taken.push((pt(0.0, h - 110.0), pt(190.0, h)));
            taken.push((pt(w - 200.0, h - 180.0), pt(w, h)));
        }
        for i in 0..self.map.nodes.len() as u32 {
            let (c, r) = (self.at(i), self.radius(i) + 3.0);
            taken.push((pt(c.x - r, c.y - r), pt(c.x + r, c.y + r)));
        }
        let free = |taken: &[(Pt, Pt)], min: Pt, max: Pt| -> f32 {
            taken
                .iter()
                .map(|(a, b)| {
                    let w = max.x.min(b.x) - min.x.max(a.x);
                    let h = max.y.min(b.y) - min.y.max(a.y);
                    if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
                })
                .sum()
        };
        let showing_after = self.map.after.is_some() && self.view.progress >= 0.5;
        for band in 1..=bands {
            let last = band == bands && self.map.hops_before.len() > bands;
            let count = |hops: &[u64]| -> u64 {
                if last {
                    hops.iter().skip(band - 1).sum()
                } else {
                    hops.get(band - 1).copied().unwrap_or(0)
                }
            };
            let (was, is) = (count(&self.map.hops_before), count(&self.map.hops_after));
            let plural = if band == 1 { "hop" } else { "hops" };
            let more = if last { " and more" } else { "" };
            let said = if showing_after {
                format!("{was} → {is}")
            } else {
                was.to_string()
            };
            let name = format!("{band} {plural}{more} · {said}");
            let radius = (layout.walls[band - 1] + layout.walls[band]) / 2.0;
            let w = text_width(Face::Medium, 10.5, &name) + 12.0;
            let place = [
                0.0, 180.0, 90.0, 270.0, 45.0, 315.0, 135.0, 225.0, 20.0, 340.0, 160.0, 200.0, 70.0, 110.0, 250.0,
                290.0,
            ]
            .into_iter()
            .map(|turn| {
                let (x, y) = polar(radius, layout.spoke + turn);
                let c = self.view.screen_from_layout(x, y);
                let (min, max) = (pt(c.x - w / 2.0, c.y - 9.0), pt(c.x + w / 2.0, c.y + 9.0));
                (free(&taken, min, max), c, min, max)
            })
            .reduce(|best, next| if next.0 + 1.0 < best.0 { next } else { best });
            if let Some((cost, c, min, max)) = place
                && cost < 60.0
            {
                taken.push((min, max));
                let back = if band % 2 == 1 { t.band } else { t.canvas };
                let color = if showing_after && is > 0 {
                    t.accent_text
                } else {
                    t.text2
                };
                prims.push(rect(min, max, 4.0, Some(back), None));
                prims.push(text(c, Align::Center, name, 10.5, Face::Medium, color));
            }
        }
        let edge = layout.walls[bands] * self.view.zoom + 15.0;
        let middle = self.view.middle();
        for sector in &layout.sectors {
            let w = text_width(Face::SemiBold, 11.5, &sector.name);
            let place = [0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95]
                .into_iter()
                .map(|share: f32| {
                    let a = sector.from + (sector.to - sector.from) * share;
                    let (x, y) = polar(edge, a);
                    let c = pt(middle.x + x, middle.y + y);
                    let sin = a.to_radians().sin();
                    let (align, x0) = if sin.abs() < 0.3 {
                        (Align::Center, c.x - w / 2.0)
                    } else if sin > 0.0 {
                        (Align::Left, c.x)
                    } else {
                        (Align::Right, c.x - w)
                    };
                    let (min, max) = (pt(x0 - 4.0, c.y - 8.0), pt(x0 + w + 4.0, c.y + 8.0));
                    (free(&taken, min, max), c, align, min, max)
                })
                .reduce(|best, next| if next.0 + 1.0 < best.0 { next } else { best });
            if let Some((cost, c, align, min, max)) = place
                && cost < 40.0
            {
                taken.push((min, max));
                prims.push(text(c, align, sector.name.clone(), 11.5, Face::SemiBold, t.text3));
            }
        }
        self.push(Owner::Chrome, prims);
    }
}

/// The stroke of a legend's line, for the chrome.
pub(super) fn hairline(theme: Theme) -> Stroke {
    line(1.0 + theme.extra_stroke(), theme.tokens().hairline)
}

/// What is under a point: a node (within 24 points across), a wedge, or a cluster of the shelf.
#[must_use]
pub fn hit(map: &MapPicture, view: &View, at: Pt) -> Option<Owner> {
    let mut best: Option<(f32, Owner)> = None;
    for (i, spot) in map.layout.spots.iter().enumerate() {
        if spot.wedge.is_some() {
            continue;
        }
        let c = view.screen_from_layout(spot.x, spot.y);
        let d = (c.x - at.x).hypot(c.y - at.y);
        let reach = if map.nodes[i].before == State::Compromised {
            20.0
        } else {
            13.0
        };
        if d <= reach && best.as_ref().is_none_or(|b| d < b.0) {
            best = Some((d, Owner::Node(i as u32)));
        }
    }
    if let Some((_, owner)) = best {
        return Some(owner);
    }
    for (n, wedge) in map.layout.wedges.iter().enumerate() {
        let c = match map.layout.kind {
            Kind::Rings => {
                let (x, y) = polar(wedge.radius, (wedge.from + wedge.to) / 2.0);
                view.screen_from_layout(x, y)
            }
            Kind::Layers => view.screen_from_layout(wedge.radius + 40.0, wedge.from),
        };
        if (c.x - at.x).abs() < 40.0 && (c.y - at.y).abs() < 12.0 {
            return Some(Owner::Wedge(n as u32));
        }
    }
    None
}
