//! The map in the window. egui_graphs lays out and draws the nodes and edges of the working map through our own
//! display types and preset places; bands, gates, names, meter, legend and shelf are our overlay, painted from the same
//! display list. Since egui_graphs asks for a frame each time it is shown, it is shown only when something changed or
//! the pointer works on the map; otherwise its recorded shapes are painted again, so that an idle window asks for none.

mod graph;
pub(super) mod shapes;
mod walk;

use super::kit::{self, Look, broken_line, c32};
use super::marking::{self, Band, MarkEvent};
use super::paths::MenuAct;
use crate::graph::Thing;
use crate::scene::display::{Face, Owner};
use crate::scene::style::Theme;
use crate::scene::{Class, MapPicture, Pins, SHELF, State, View, draw, fitting_zoom};
use crate::scene::{Dim, icons};
use egui::{Id, PointerButton, Pos2, Rect, Sense, Shape, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2};
use egui_graphs::{GraphView, SettingsInteraction, SettingsNavigation};
use graph::{MapGraph, Preset};
use petgraph::stable_graph::NodeIndex;
use std::sync::Arc;

/// egui_graphs walks all it holds in every frame it is shown in; beyond this many nodes we paint the list ourselves.
const WORKING_MAP: usize = 1_500;
/// At most so many nodes have an accessible name of their own at a time.
const NAMED: usize = 300;
/// How long a scenario takes to show, in seconds, and to go.
const COME_SECS: f64 = 0.3;
const GO_SECS: f64 = 0.2;
/// How long a newer map may take before the old one is dimmed, in seconds.
const PATIENCE_SECS: f64 = 0.15;
/// Least and largest zoom.
const ZOOM: (f32, f32) = (0.2, 6.0);

/// What the canvas is to show.
pub struct CanvasInput<'a> {
    /// The map.
    pub picture: &'a Arc<MapPicture>,
    /// The theme.
    pub theme: Theme,
    /// What is selected.
    pub selection: Option<Thing>,
    /// What is taken together, sorted.
    pub marked: &'a [Thing],
    /// What is pinned.
    pub pins: &'a Pins,
    /// A newer map is on its way.
    pub dimmed: bool,
    /// Changes happen at once.
    pub less_motion: bool,
    /// What an action that is hovered would take off.
    pub preview: Option<&'a [Thing]>,
}

/// What the analyst did on the map.
pub enum CanvasEvent {
    /// Selected a thing, or nothing.
    Select(Option<Thing>),
    /// Wants what is reached as rows.
    Rows,
    /// Takes things together.
    Mark(MarkEvent),
    /// Wants a thing compromised, or no longer.
    Compromise(Thing),
    /// Chose something else from a thing's menu.
    Menu(Thing, MenuAct),
    /// Dragged a node there, or wants it back where the layout has it.
    Pin(String, Option<(i32, i32)>),
}

/// A change that is being shown.
struct Change {
    began: f64,
    /// The map that goes, where a scenario is taken away.
    going: Option<Arc<MapPicture>>,
}

/// What of the map is looked at, and what is remembered from the last frame.
pub struct Canvas {
    zoom: f32,
    pan: Vec2,
    hovered: Option<u32>,
    focused: Option<u32>,
    band: Band,
    /// The node that was clicked last, and when: egui counts quick clicks wherever they fall, and two on two nodes are
    /// no double click.
    clicked: Option<(u32, f64)>,
    last: Option<Arc<MapPicture>>,
    change: Option<Change>,
    stale_since: Option<f64>,
    graph: Option<MapGraph>,
    recorded: Option<Recorded>,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            pan: Vec2::ZERO,
            hovered: None,
            focused: None,
            band: Band::default(),
            clicked: None,
            last: None,
            change: None,
            stale_since: None,
            graph: None,
            recorded: None,
        }
    }
}

/// Everything the shapes depend on.
#[derive(Clone, PartialEq)]
struct Key_ {
    picture: usize,
    view: View,
    origin: Pos2,
    pixels_per_point: f32,
    atlas: [usize; 2],
}

/// Shapes of one look at the map.
struct Recorded {
    key: Key_,
    under: Vec<Shape>,
    edges: Vec<Arc<Vec<Shape>>>,
    nodes: Vec<Arc<Vec<Shape>>>,
    over: Vec<Shape>,
}

impl Canvas {
    /// Shows the map in all the room there is; gives what was done.
    pub fn show(&mut self, ui: &mut Ui, input: CanvasInput<'_>) -> Vec<CanvasEvent> {
        let rect = ui.available_rect_before_wrap();
        let now = ui.input(|i| i.time);
        self.take(input.picture, now, input.less_motion);
        let (picture, progress) = self.moment(input.picture, now);
        let picture = &picture;
        if self.change.is_some() {
            ui.ctx().request_repaint();
        }

        let view = View {
            width: rect.width(),
            height: rect.height(),
            zoom: self.zoom * self.fitting(picture, rect),
            pan: (self.pan.x, self.pan.y),
            theme: input.theme,
            selection: input.selection.and_then(|t| picture.find(t)),
            hovered: self.hovered,
            focused: self.focused,
            progress,
            chrome: true,
        };
        let key = Key_ {
            picture: Arc::as_ptr(picture) as usize,
            view: view.clone(),
            origin: rect.min,
            pixels_per_point: ui.ctx().pixels_per_point(),
            atlas: ui.fonts(|f| f.font_image_size()),
        };
        let fresh = self.recorded.as_ref().is_none_or(|r| r.key != key);
        if fresh {
            self.recorded = Some(record(ui, picture, key));
            // The graph keeps its places; only what its elements look like changes.
            self.dress(picture);
        }
        let worked_on = ui.input(|i| {
            i.pointer.hover_pos().is_some_and(|p| rect.contains(p))
                && (i.pointer.is_moving() || i.pointer.any_down() || i.pointer.any_released())
        });
        let painter = ui.painter_at(rect);
        let under = self.recorded.iter().flat_map(|r| r.under.iter().cloned());
        painter.extend(under);
        if picture.nodes.len() <= WORKING_MAP && (fresh || worked_on) {
            self.show_graph(ui, rect);
        } else if let Some(r) = &self.recorded {
            for list in r.edges.iter().chain(&r.nodes) {
                painter.extend(list.iter().cloned());
            }
        }
        if let Some(r) = &self.recorded {
            painter.extend(r.over.iter().cloned());
        }
        if let Some(removed) = input.preview {
            preview(&painter, rect, picture, &view, removed);
        }
        let look = Look::new(input.theme);
        if !input.pins.is_empty() {
            // Each pinned node says so; a report shows the map without.
            for (i, at) in places(picture, &view, rect) {
                let key = picture.pin_key(&picture.nodes[i].id);
                if key.is_some_and(|key| input.pins.contains_key(&key)) {
                    let (x, y) = (at.x + 11.0, at.y - 11.0);
                    painter.circle_filled(pos2(x, y), 7.5, c32(look.t.canvas.with_opacity(0.85)));
                    kit::icon(&painter, x, y, icons::PUSH_PIN, 11.0, Face::IconFill, look.t.text2);
                }
            }
        }
        if !input.marked.is_empty() {
            marking::rings(ui, &look, rect, marked_places(picture, &view, rect, input.marked));
        }
        if self.is_dimmed(ui, input.dimmed, now) {
            let look = Look::new(input.theme);
            painter.rect_filled(rect, 0.0, c32(look.t.canvas.with_opacity(0.4)));
            let bar = Rect::from_min_size(rect.min, vec2(rect.width(), 2.0));
            painter.rect_filled(bar, 0.0, c32(look.t.accent));
        }
        let mut events = self.interact(ui, rect, picture, &view);
        // The meter lies over the ground.
        events.extend(numbers(ui, &look, rect, picture).then_some(CanvasEvent::Rows));
        events
    }

    /// Takes a picture in: where things stand elsewhere than before, the map is seen whole again; where only a scenario
    /// came or went, that is shown as a change.
    fn take(&mut self, picture: &Arc<MapPicture>, now: f64, less_motion: bool) {
        let last = match &self.last {
            Some(last) if Arc::ptr_eq(last, picture) => return,
            last => last.clone(),
        };
        let stays = last.filter(|last| last.layout == picture.layout);
        self.change = None;
        match stays {
            None => {
                self.graph = None;
                self.focused = None;
                self.clicked = None;
                self.fit();
            }
            Some(_) if less_motion => {}
            Some(last) => match (last.after.is_some(), picture.after.is_some()) {
                (false, true) => {
                    self.change = Some(Change {
                        began: now,
                        going: None,
                    })
                }
                (true, false) => {
                    self.change = Some(Change {
                        began: now,
                        going: Some(last),
                    })
                }
                _ => {}
            },
        }
        self.hovered = None;
        self.last = Some(Arc::clone(picture));
    }

    /// Which map is shown at this moment, and how much of its scenario.
    fn moment(&mut self, picture: &Arc<MapPicture>, now: f64) -> (Arc<MapPicture>, f32) {
        if let Some(change) = &self.change {
            let since = now - change.began;
            match &change.going {
                None if since < COME_SECS => return (Arc::clone(picture), (since / COME_SECS) as f32),
                Some(going) if since < GO_SECS => return (Arc::clone(going), 1.0 - (since / GO_SECS) as f32),
                _ => self.change = None,
            }
        }
        (Arc::clone(picture), 1.0)
    }

    /// Whether a newer map has been on its way for so long that the old one is dimmed.
    fn is_dimmed(&mut self, ui: &Ui, stale: bool, now: f64) -> bool {
        if !stale {
            self.stale_since = None;
            return false;
        }
        let left = *self.stale_since.get_or_insert(now) + PATIENCE_SECS - now;
        if left > 0.0 {
            ui.ctx().request_repaint_after_secs(left as f32 + 0.005);
        }
        left <= 0.0
    }

    /// Shows the whole map.
    pub fn fit(&mut self) {
        self.zoom = 1.0;
        self.pan = Vec2::ZERO;
    }

    /// Zooms about the middle.
    pub fn zoom_by(&mut self, factor: f32) {
        let zoom = (self.zoom * factor).clamp(ZOOM.0, ZOOM.1);
        self.pan *= zoom / self.zoom;
        self.zoom = zoom;
    }

    /// The zoom at which the whole map fits.
    fn fitting(&self, picture: &MapPicture, rect: Rect) -> f32 {
        fitting_zoom(picture, rect.width(), rect.height())
    }

    fn show_graph(&mut self, ui: &mut Ui, rect: Rect) {
        let Some(graph) = &mut self.graph else { return };
        let mut inner = ui.new_child(UiBuilder::new().id_salt("map-graph").max_rect(rect));
        inner.set_clip_rect(rect.intersect(ui.clip_rect()));
        // What the pointer does is ours to say: egui_graphs knows neither double clicks on the right things nor menus.
        GraphView::<Preset, Preset>::new()
            .with_id(Some("map".to_owned()))
            .with_interactions(&SettingsInteraction::new())
            .with_navigations(
                &SettingsNavigation::new()
                    .with_fit_to_screen_enabled(false)
                    .with_zoom_and_pan_enabled(false),
            )
            .show(&mut inner, graph);
    }

    /// Builds the graph where there is none, and gives its elements their shapes.
    fn dress(&mut self, picture: &MapPicture) {
        if picture.nodes.len() > WORKING_MAP {
            return;
        }
        let map_graph = self.graph.get_or_insert_with(|| graph::build(picture));
        let Some(recorded) = &self.recorded else { return };
        for i in 0..picture.nodes.len() {
            if let Some(node) = map_graph.node_mut(NodeIndex::new(i)) {
                node.display_mut().shapes = recorded.nodes.get(i).cloned().unwrap_or_default();
            }
        }
        let edges: Vec<_> = map_graph.edges_iter().map(|(ix, e)| (ix, *e.payload())).collect();
        for (ix, i) in edges {
            if let Some(edge) = map_graph.edge_mut(ix) {
                edge.display_mut().shapes = recorded.edges.get(i as usize).cloned().unwrap_or_default();
            }
        }
    }

    fn interact(&mut self, ui: &mut Ui, rect: Rect, picture: &Arc<MapPicture>, view: &View) -> Vec<CanvasEvent> {
        let mut events = Vec::new();
        let ground = ui.interact(rect, ui.id().with("map-ground"), Sense::click_and_drag());
        ground.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "Trust map"));
        let look = Look::new(view.theme);
        if let Some((r, more)) = self.band.show(ui, &look, &ground) {
            let inside = places(picture, view, rect).filter(|(_, at)| r.contains(*at));
            let things = inside.map(|(i, _)| picture.nodes[i].thing).collect();
            events.push(CanvasEvent::Mark(match more {
                true => MarkEvent::More(things),
                false => MarkEvent::Only(things),
            }));
        }
        let moves = ground.dragged_by(PointerButton::Primary) || ground.dragged_by(PointerButton::Middle);
        if moves && !self.band.is_drawn() {
            self.pan += ground.drag_delta();
            ui.ctx().request_repaint();
        }
        if ground.clicked() {
            events.push(CanvasEvent::Select(None));
            events.push(CanvasEvent::Mark(MarkEvent::Only(Vec::new())));
        }
        if let Some(pointer) = ui
            .input(|i| i.pointer.hover_pos())
            .filter(|_| ui.rect_contains_pointer(rect))
        {
            let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
            let factor = (scroll * 0.004).exp() * pinch;
            if (factor - 1.0).abs() > 1e-4 {
                let zoom = (self.zoom * factor).clamp(ZOOM.0, ZOOM.1);
                let middle = view.middle();
                let from = pointer - rect.min - vec2(middle.x, middle.y);
                self.pan -= from * (zoom / self.zoom - 1.0);
                self.zoom = zoom;
                ui.ctx().request_repaint();
            }
        }
        let now = ui.input(|input| input.time);
        let (mut hovered, mut focused) = (None, None);
        for i in self.on_screen(picture, view, rect) {
            let response = node(ui, rect, picture, view, i, self.clicked, &mut events);
            if response.clicked() {
                let twice = self.clicked.take().is_some_and(|last| is_second(last, i, now));
                self.clicked = (!twice).then_some((i, now));
            }
            if response.has_focus() {
                focused = Some(i);
                walk::walk(ui, picture, i);
            }
            if response.hovered() {
                hovered = Some(i);
            }
        }
        if (hovered, focused) != (self.hovered, self.focused) {
            (self.hovered, self.focused) = (hovered, focused);
            ui.ctx().request_repaint();
        }
        events
    }

    /// The nodes that are to be seen, the most important first.
    fn on_screen(&self, picture: &MapPicture, view: &View, rect: Rect) -> Vec<u32> {
        let mut list: Vec<u32> = (0..picture.nodes.len() as u32)
            .filter(|&i| {
                let spot = picture.layout.spots[i as usize];
                let c = view.screen_from_layout(spot.x, spot.y);
                spot.wedge.is_none()
                    && picture.dim(i) != Dim::Hidden
                    && c.x >= 0.0
                    && c.y >= 0.0
                    && c.x <= rect.width()
                    && c.y <= rect.height()
            })
            .collect();
        if list.len() > NAMED {
            list.sort_by_key(|&i| {
                let n = &picture.nodes[i as usize];
                (n.before != State::Compromised, !n.crown, n.hops, i)
            });
            list.truncate(NAMED);
        }
        // From the seed by hop, then by angle, as the keyboard walks.
        list.sort_by(|&a, &b| {
            let key = |i: u32| (picture.nodes[i as usize].hops, picture.layout.spots[i as usize].angle);
            let (x, y) = (key(a), key(b));
            x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(a.cmp(&b))
        });
        list
    }
}

/// Where the nodes stand on the screen.
fn places(picture: &MapPicture, view: &View, rect: Rect) -> impl Iterator<Item = (usize, Pos2)> {
    let shown = move |(i, spot): (usize, &crate::layout::Spot)| {
        let shown = spot.wedge.is_none() && picture.dim(i as u32) != Dim::Hidden;
        let at = view.screen_from_layout(spot.x, spot.y);
        shown.then(|| (i, rect.min + vec2(at.x, at.y)))
    };
    picture.layout.spots.iter().enumerate().filter_map(shown)
}

/// Where what is marked stands, and how large a ring goes around it.
fn marked_places(picture: &MapPicture, view: &View, rect: Rect, marked: &[Thing]) -> impl Iterator<Item = (Pos2, f32)> {
    places(picture, view, rect)
        .filter(|(i, _)| marked.binary_search(&picture.nodes[*i].thing).is_ok())
        .map(|(_, at)| (at, 15.0))
}

/// One node's place for pointer, keyboard and screen readers.
fn node(
    ui: &Ui,
    rect: Rect,
    picture: &MapPicture,
    view: &View,
    i: u32,
    clicked: Option<(u32, f64)>,
    events: &mut Vec<CanvasEvent>,
) -> egui::Response {
    let node = &picture.nodes[i as usize];
    let spot = picture.layout.spots[i as usize];
    let c = view.screen_from_layout(spot.x, spot.y);
    let compromised = node.before == State::Compromised;
    let half = if compromised { 20.0 } else { 12.0 };
    let area = Rect::from_center_size(rect.min + vec2(c.x, c.y), Vec2::splat(half * 2.0)).intersect(rect);
    let response = ui.interact(area, walk::id(picture, i), Sense::click_and_drag());
    let name = picture.accessible_name(i);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, view.selection == Some(i), &name));
    if response.clicked() {
        let now = ui.input(|input| input.time);
        let twice = clicked.is_some_and(|last| is_second(last, i, now));
        events.push(if ui.input(|input| input.modifiers.shift) {
            CanvasEvent::Mark(MarkEvent::Turn(node.thing))
        } else if twice {
            CanvasEvent::Compromise(node.thing)
        } else {
            CanvasEvent::Select(Some(node.thing))
        });
    }
    if let Some(key) = picture.pin_key(&node.id) {
        dragged(ui, rect, picture, view, (c.x, c.y), &response, key, events);
    }
    response.context_menu(|ui| {
        let label = if compromised {
            "Mark as not compromised"
        } else {
            "Mark as compromised"
        };
        if ui.button(label).clicked() {
            events.push(CanvasEvent::Compromise(node.thing));
            ui.close();
        }
        if ui.button("Show in the inspector").clicked() {
            events.push(CanvasEvent::Select(Some(node.thing)));
            ui.close();
        }
        let selected = view
            .selection
            .filter(|s| *s != i)
            .map(|s| picture.nodes[s as usize].name.as_str());
        if let Some(act) = super::paths::menu(ui, selected) {
            events.push(CanvasEvent::Menu(node.thing, act));
        }
    });
    response.on_hover_text(card(picture, i))
}

/// A node that is dragged: a ring where it would be pinned, and the pin where it is let go.
#[expect(clippy::too_many_arguments, reason = "what is drawn, where, and of what")]
fn dragged(
    ui: &Ui,
    rect: Rect,
    picture: &MapPicture,
    view: &View,
    from: (f32, f32),
    response: &egui::Response,
    key: String,
    events: &mut Vec<CanvasEvent>,
) {
    let Some(pointer) = ui.input(|input| input.pointer.interact_pos()) else {
        return;
    };
    if response.dragged() {
        let look = Look::new(view.theme);
        let from = rect.min + vec2(from.0, from.1);
        let stroke = look.stroke(1.5, look.t.accent);
        ui.painter().line_segment([from, pointer], stroke);
        ui.painter().circle_stroke(pointer, 12.0, stroke);
        ui.ctx().request_repaint();
    }
    if response.drag_stopped() && rect.contains(pointer) {
        let at = view.layout_from_screen(pointer.x - rect.min.x, pointer.y - rect.min.y);
        events.push(CanvasEvent::Pin(key, Some(picture.pin_at(at.0, at.1))));
    }
}

/// Whether a click on `node` at `now` (seconds) makes a double click with the last one.
fn is_second(last: (u32, f64), node: u32, now: f64) -> bool {
    const WITHIN_SECS: f64 = 0.4;
    last.0 == node && now - last.1 < WITHIN_SECS
}

/// What an action that is hovered would take off: faded nodes, and a dotted circle where the boundary would be.
fn preview(painter: &egui::Painter, rect: Rect, picture: &MapPicture, view: &View, removed: &[Thing]) {
    let look = Look::new(view.theme);
    let gone = |i: usize| {
        let n = &picture.nodes[i];
        n.after == State::Ghost || removed.contains(&n.thing)
    };
    for (i, n) in picture.nodes.iter().enumerate() {
        let spot = picture.layout.spots[i];
        if spot.wedge.is_none() && removed.contains(&n.thing) {
            let c = view.screen_from_layout(spot.x, spot.y);
            painter.circle_filled(rect.min + vec2(c.x, c.y), 15.0, c32(look.t.canvas.with_opacity(0.65)));
        }
    }
    if removed.is_empty() || picture.layout.kind != crate::layout::Kind::Rings {
        return;
    }
    let reach = picture
        .nodes
        .iter()
        .enumerate()
        .filter(|(i, n)| n.class == Class::System && n.parent.is_some() && !gone(*i))
        .map(|(_, n)| n.hops as usize)
        .max()
        .unwrap_or(0);
    let walls = &picture.layout.walls;
    if let Some(radius) = walls.get(reach.min(walls.len().saturating_sub(1))) {
        let m = view.middle();
        let c = rect.min + vec2(m.x, m.y);
        let circle: Vec<Pos2> = (0..=180)
            .map(|n| {
                let a = (2.0 * n as f32).to_radians();
                c + vec2(a.cos(), a.sin()) * (radius * view.zoom)
            })
            .collect();
        painter.extend(broken_line(&circle, look.stroke(2.5, look.t.sealed), 1.5, 4.5));
    }
}

/// What the meter and the shelf say, for screen readers. True where the meter was clicked.
fn numbers(ui: &Ui, look: &Look, rect: Rect, picture: &MapPicture) -> bool {
    let words = |n: &crate::analysis::Summary| {
        format!(
            "{} systems, {} crown jewels, weight {}",
            n.systems, n.crown_jewels, n.weight
        )
    };
    let meter = match &picture.after {
        None => {
            let [intended, inherited, assumed] = picture.by_state(false);
            format!(
                "Blast radius: {}; {intended} intended, {inherited} inherited, {assumed} assumed; {} in the best case",
                words(&picture.before),
                picture.interval.best_case
            )
        }
        Some(after) => format!(
            "Blast radius: {}; before it was {}",
            words(after),
            words(&picture.before)
        ),
    };
    let at = Rect::from_min_size(rect.min + vec2(16.0, 10.0), vec2(204.0, 140.0)).intersect(rect);
    let clicked = kit::clickable(ui, look, Id::new("meter"), at, &meter, true).clicked();
    let unreached: Vec<String> = picture
        .unreached
        .iter()
        .map(|u| format!("{} {}", u.cluster, u.systems))
        .collect();
    let total: u64 = picture.unreached.iter().map(|u| u.systems).sum();
    let shelf = Rect::from_min_max(pos2(rect.min.x, rect.max.y - SHELF), rect.max);
    kit::name_text(
        ui,
        Id::new("shelf"),
        shelf,
        &format!("Not reached {total}: {}", unreached.join(", ")),
    );
    clicked
}

/// What hovering says: name, state and hops, and why in one line.
fn card(picture: &MapPicture, i: u32) -> String {
    let node = &picture.nodes[i as usize];
    let mut said = picture.accessible_name(i);
    if let Some(parent) = node.parent {
        said.push_str(&format!("\nFrom {}", picture.nodes[parent as usize].name));
        if let crate::scene::Gate::Missing(letters) = &node.gate {
            let missing: Vec<String> = letters
                .chars()
                .map(|l| match l {
                    'E' => "no token exchange".to_owned(),
                    'U' => "not intended".to_owned(),
                    l => format!("{} not checked", crate::scene::letter_words(l).to_lowercase()),
                })
                .collect();
            said.push_str(&format!(", {}", missing.join(", ")));
        }
    }
    said
}

/// The shapes of an item of a display list that starts at `origin`.
pub fn shapes_of(ui: &Ui, origin: egui::Pos2, item: &crate::scene::display::Item) -> Vec<egui::Shape> {
    shapes::of_item(ui, origin, item)
}

fn record(ui: &Ui, picture: &MapPicture, key: Key_) -> Recorded {
    let list = draw(picture, &key.view);
    let count = picture.nodes.len();
    let mut out = Recorded {
        under: Vec::new(),
        edges: vec![Arc::default(); count],
        nodes: vec![Arc::default(); count],
        over: Vec::new(),
        key,
    };
    let mut overlay = false;
    for item in &list.items {
        let made = shapes::of_item(ui, out.key.origin, item);
        match item.owner {
            Owner::Edge(i) => out.edges[i as usize] = Arc::new(made),
            Owner::Node(i) => out.nodes[i as usize] = Arc::new(made),
            _ if !overlay && matches!(item.owner, Owner::Chrome) => out.under.extend(made),
            _ => out.over.extend(made),
        }
        // What stands before the first edge or node is the ground; all later chrome lies above.
        overlay |= !matches!(item.owner, Owner::Chrome);
    }
    out
}
