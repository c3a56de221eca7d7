//! The map as a display list: bands, boundary, spokes, ghost edges, edges, path, gates, nodes, labels, step discs,
//! then what stands around it.

use super::chrome;
use super::display::{Color, DisplayList, Item, Owner, Prim, Pt, Stroke, pt};
use super::map::{Cut, Dim, MapPicture, SHELF, State};
use super::pen::{line, rect};
use super::shelf;
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

    /// The point of the layout, from its middle, that is drawn there.
    #[must_use]
    pub fn layout_from_screen(&self, x: f32, y: f32) -> (f32, f32) {
        let m = self.middle();
        ((x - m.x) / self.zoom, (y - m.y) / self.zoom)
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

/// With more nodes than this on a map as large as the mocks' it is crowded.
const CROWDED: f32 = 240.0;

/// What is drawn at a zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    All,
    Few,
    Plain,
}

pub(super) struct Drawing<'a> {
    pub(super) map: &'a MapPicture,
    pub(super) view: &'a View,
    pub(super) theme: Theme,
    pub(super) detail: Detail,
    /// Nodes on the selected path, from the seed.
    pub(super) path: Vec<u32>,
    /// Scale of glyphs.
    pub(super) glyph: f32,
    /// So many are shown that gates are dots without letters.
    pub(super) crowded: bool,
    /// So many are cut off that dots would be noise.
    pub(super) many_ghosts: bool,
    /// So many are compromised that they stand close together.
    pub(super) many_seeds: bool,
    pub(super) items: Vec<Item>,
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
    // So many to the room of the mocks' map that letters on gates would cover one another.
    let shown = map.layout.spots.iter().filter(|s| s.wedge.is_none()).count() as f32;
    let crowded = map.layout.kind == Kind::Rings && shown > CROWDED * (map.layout.scale * view.zoom).powi(2);
    let glyph = map.layout.glyph * view.zoom.clamp(0.6, 1.15) * if crowded { 0.8 } else { 1.0 };
    let mut d = Drawing {
        map,
        view,
        theme: view.theme,
        detail,
        path,
        glyph,
        crowded,
        many_ghosts: map.nodes.iter().filter(|n| n.after == State::Ghost).count() > 300,
        many_seeds: map.nodes.iter().filter(|n| n.parent.is_none()).count() > 4,
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
    d.step_discs(&labels);
    d.names(&labels);
    d.dim();
    if view.chrome {
        chrome::around(&mut d.items, map, view);
    }
    DisplayList {
        width: view.width,
        height: view.height,
        items: d.items,
    }
}

/// Opacity of what is only a shadow.
const SHADOW: f32 = 0.18;

impl Drawing<'_> {
    /// Takes away what the analyst hid, and leaves a shadow of what the filter does not ask for.
    fn dim(&mut self) {
        if self.map.dims.is_empty() {
            return;
        }
        let mut items = std::mem::take(&mut self.items);
        items.retain_mut(|item| {
            let dim = match item.owner {
                Owner::Node(i) | Owner::Label(i) => self.map.dim(i),
                Owner::Edge(i) | Owner::Gate(i) => {
                    let parent = self.parent(i).map_or(Dim::Shown, |p| self.map.dim(p));
                    self.map.dim(i).max(parent)
                }
                _ => Dim::Shown,
            };
            match (dim, &item.owner) {
                (Dim::Shown, _) => true,
                (Dim::Faded, Owner::Node(_) | Owner::Edge(_)) => {
                    item.prims.iter_mut().for_each(|prim| prim.fade(SHADOW));
                    true
                }
                _ => false,
            }
        });
        self.items = items;
    }

    pub(super) fn push(&mut self, owner: Owner, prims: Vec<Prim>) {
        if !prims.is_empty() {
            self.items.push(Item { owner, prims });
        }
    }

    pub(super) fn at(&self, node: u32) -> Pt {
        let spot = self.map.layout.spots[node as usize];
        self.view.screen_from_layout(spot.x, spot.y)
    }

    pub(super) fn on_wall(&self, wall: f32, node: u32) -> Pt {
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
    pub(super) fn shows_after(&self, node: u32) -> bool {
        if self.map.after.is_none() {
            return false;
        }
        let most = self.map.hops_before.len() as f32;
        let hops = self.map.nodes[node as usize].hops as f32;
        self.view.progress >= ((most - hops) * 0.067).clamp(0.0, 0.9) + 0.05
    }

    pub(super) fn state(&self, node: u32) -> State {
        let n = &self.map.nodes[node as usize];
        if self.shows_after(node) { n.after } else { n.before }
    }

    pub(super) fn cut(&self, node: u32) -> Cut {
        if self.shows_after(node) {
            self.map.nodes[node as usize].cut
        } else {
            Cut::Open
        }
    }

    pub(super) fn parent(&self, node: u32) -> Option<u32> {
        let n = &self.map.nodes[node as usize];
        if self.shows_after(node) && n.after != State::Ghost {
            n.parent_after.or(n.parent)
        } else {
            n.parent
        }
    }

    /// The surface behind a node.
    pub(super) fn back(&self, node: u32) -> Color {
        let t = self.theme.tokens();
        let bands = self.map.layout.walls.len().saturating_sub(1);
        let band = (self.map.nodes[node as usize].hops as usize).min(bands);
        if self.map.layout.kind == Kind::Rings && band % 2 == 1 {
            t.band
        } else {
            t.canvas
        }
    }

    /// The surface at a distance from the middle.
    pub(super) fn surface(&self, radius: f32) -> Color {
        let t = self.theme.tokens();
        let walls = &self.map.layout.walls;
        let band = walls.iter().filter(|w| **w < radius).count();
        if band % 2 == 1 && band < walls.len() {
            t.band
        } else {
            t.canvas
        }
    }
}

/// The stroke of a legend's line, for the chrome.
pub(super) fn hairline(theme: Theme) -> Stroke {
    line(1.0 + theme.extra_stroke(), theme.tokens().hairline)
}

/// What is under a point: a node (within 24 points across), a wedge, or a cluster of the shelf.
#[must_use]
pub fn hit(map: &MapPicture, view: &View, at: Pt) -> Option<Owner> {
    if view.chrome && at.y >= view.height - SHELF {
        return shelf::hit(map, view.width, at.x).map(Owner::Shelf);
    }
    let mut best: Option<(f32, Owner)> = None;
    for (i, spot) in map.layout.spots.iter().enumerate() {
        if spot.wedge.is_some() || map.dim(i as u32) == Dim::Hidden {
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
