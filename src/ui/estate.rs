//! The estate canvas in the window: paints the estate's display list, and knows pan, zoom, fold and pick. It asks for a
//! frame only while its view moves; what is on screen is recorded and painted again until something changes.

use super::canvas::shapes;
use super::kit::{self, Look, c32};
use super::marking::{self, Band, MarkEvent};
use super::paths::MenuAct;
use crate::scene::display::{Face, Owner, pt};
use crate::scene::estate::{EstatePicture, EstateView, Grouping, Spotted, draw, fitting, hit};
use crate::scene::style::Theme;
use egui::{Id, Key, Modifiers, PointerButton, Pos2, Rect, Sense, Shape, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Height of the bar below, with the grouping.
pub const BAR: f32 = 30.0;
/// How long the view takes to get somewhere, in seconds.
const MOVE_SECS: f64 = 0.3;
/// How long a newer picture may take before the old one is dimmed, in seconds.
const PATIENCE_SECS: f64 = 0.15;
/// The largest scale: points on the screen for a point of the layout.
const LARGEST: f32 = 160.0;

/// What the canvas is to show.
pub struct EstateInput<'a> {
    /// The estate.
    pub picture: &'a Arc<EstatePicture>,
    /// The theme.
    pub theme: Theme,
    /// What is selected.
    pub selection: Option<crate::graph::Thing>,
    /// What is taken together, sorted.
    pub marked: &'a [crate::graph::Thing],
    /// Changes happen at once.
    pub less_motion: bool,
    /// A newer picture is on its way.
    pub dimmed: bool,
}

/// What the analyst did.
#[derive(Clone, Debug, PartialEq)]
pub enum EstateEvent {
    /// Selected a record, or nothing.
    Select(Option<u32>),
    /// Takes things together.
    Mark(MarkEvent),
    /// Wants the working map around a record.
    Open(u32),
    /// Wants a record compromised, or no longer.
    Compromise(u32),
    /// Chose something else from a record's menu.
    Menu(u32, MenuAct),
    /// Chose what is put together.
    Group(Grouping),
}

/// Where the view stands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Camera {
    scale: f32,
    center: [f32; 2],
}

struct Flight {
    from: Camera,
    to: Camera,
    began: f64,
}

#[derive(Clone, PartialEq)]
struct RecordKey {
    picture: usize,
    view: EstateView,
    origin: Pos2,
    pixels_per_point: f32,
    atlas: [usize; 2],
}

struct Recorded {
    key: RecordKey,
    shapes: Vec<Shape>,
    spotted: Vec<Spotted>,
    open: BTreeSet<u32>,
}

/// What of the estate is looked at.
#[derive(Default)]
pub struct EstateCanvas {
    camera: Option<Camera>,
    flight: Option<Flight>,
    unfolded: BTreeSet<u32>,
    folded: BTreeSet<u32>,
    bubble: Option<u32>,
    hovered: Option<Owner>,
    focused: Option<Owner>,
    band: Band,
    last: Option<Arc<EstatePicture>>,
    recorded: Option<Recorded>,
    /// The selection of the last frame: a new one comes into view.
    selected: Option<u32>,
    stale_since: Option<f64>,
}

impl EstateCanvas {
    /// Shows the estate in all the room there is; gives what was done.
    pub fn show(&mut self, ui: &mut Ui, input: EstateInput<'_>) -> Vec<EstateEvent> {
        let all = ui.available_rect_before_wrap();
        let rect = Rect::from_min_max(all.min, pos2(all.max.x, all.max.y - BAR));
        let bar = Rect::from_min_max(pos2(all.min.x, rect.max.y), all.max);
        let now = ui.input(|i| i.time);
        let mut events = Vec::new();
        self.take(input.picture);
        let camera = self.moment(ui, input.picture, rect, now);
        let shape = &input.picture.places.shape;
        let view = EstateView {
            width: rect.width(),
            height: rect.height(),
            scale: camera.scale,
            center: camera.center,
            theme: input.theme,
            selection: input.selection.and_then(|t| shape.node(t)),
            bubble: self.bubble,
            hovered: self.hovered,
            focused: self.focused,
            unfolded: self.unfolded.clone(),
            folded: self.folded.clone(),
            progress: 1.0,
            chrome: true,
        };
        self.follow(ui, &view, input.picture, now, input.less_motion);
        let key = RecordKey {
            picture: Arc::as_ptr(input.picture) as usize,
            view,
            origin: rect.min,
            pixels_per_point: ui.ctx().pixels_per_point(),
            atlas: ui.fonts(|f| f.font_image_size()),
        };
        if self.recorded.as_ref().is_none_or(|r| r.key != key) {
            let drawing = draw(input.picture, &key.view);
            let shapes = drawing
                .list
                .items
                .iter()
                .flat_map(|item| shapes::of_item(ui, rect.min, item))
                .collect();
            self.recorded = Some(Recorded {
                key,
                shapes,
                spotted: drawing.spotted,
                open: drawing.open,
            });
        }
        if let Some(r) = &self.recorded {
            ui.painter_at(rect).extend(r.shapes.iter().cloned());
        }
        if let Some(r) = self.recorded.as_ref().filter(|_| !input.marked.is_empty()) {
            let places = &input.picture.places;
            let marked = input.marked.iter().filter_map(|&thing| {
                let at = r
                    .key
                    .view
                    .screen_from_layout(places.layout.spots[places.shape.node(thing)? as usize]);
                Some((rect.min + vec2(at.x, at.y), 9.0))
            });
            marking::rings(ui, &Look::new(input.theme), rect, marked);
        }
        if self.is_dimmed(ui, input.dimmed, now) {
            let look = Look::new(input.theme);
            ui.painter_at(rect)
                .rect_filled(rect, 0.0, c32(look.t.canvas.with_opacity(0.3)));
        }
        self.interact(ui, rect, &input, &mut events, now);
        self.bar(ui, bar, &input, &mut events);
        events
    }

    /// A record that was selected elsewhere and is out of view comes to the middle.
    fn follow(&mut self, ui: &Ui, view: &EstateView, picture: &EstatePicture, now: f64, less_motion: bool) {
        if self.selected == view.selection {
            return;
        }
        self.selected = view.selection;
        let Some(&center) = view.selection.and_then(|v| picture.places.layout.spots.get(v as usize)) else {
            return;
        };
        let at = view.screen_from_layout(center);
        if at.x < 0.0 || at.y < 0.0 || at.x > view.width || at.y > view.height {
            let scale = view.scale;
            let from = Camera {
                scale,
                center: view.center,
            };
            self.fly(ui, from, Camera { scale, center }, now, less_motion);
        }
    }

    /// Whether a newer picture has been on its way for so long that the old one is dimmed.
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

    /// The whole estate.
    pub fn fit(&mut self) {
        self.camera = None;
        self.flight = None;
        self.unfolded.clear();
        self.folded.clear();
    }

    /// Looks at a place of the layout at a scale, in points on the screen for a point of the layout.
    pub fn look_at(&mut self, scale: f32, center: [f32; 2]) {
        self.flight = None;
        self.camera = Some(Camera { scale, center });
    }

    /// Zooms about the middle, or to what is selected.
    pub fn zoom_by(&mut self, factor: f32) {
        let Some(r) = &self.recorded else { return };
        let view = &r.key.view;
        let scale = (view.scale * factor).clamp(1e-3, LARGEST);
        // What is selected comes to the middle as it comes nearer.
        let spot = |p: &Arc<EstatePicture>| p.places.layout.spots.get(view.selection? as usize).copied();
        let selected = self.last.as_ref().and_then(spot).filter(|_| factor > 1.0);
        let toward =
            |axis: usize| selected.map_or(view.center[axis], |s| s[axis] + (view.center[axis] - s[axis]) * 0.5);
        let center = [toward(0), toward(1)];
        self.camera = Some(Camera { scale, center });
        self.flight = None;
    }

    /// Where bubbles stand elsewhere than before, all is seen whole again.
    fn take(&mut self, picture: &Arc<EstatePicture>) {
        let Some(last) = &self.last else {
            self.last = Some(Arc::clone(picture));
            return;
        };
        if Arc::ptr_eq(last, picture) {
            return;
        }
        if last.places.layout.bubbles != picture.places.layout.bubbles {
            self.fit();
            self.bubble = None;
            self.hovered = None;
            self.focused = None;
        }
        self.last = Some(Arc::clone(picture));
    }

    /// Where the view stands at this moment.
    fn moment(&mut self, ui: &Ui, picture: &EstatePicture, rect: Rect, now: f64) -> Camera {
        if let Some(flight) = &self.flight {
            let t = ((now - flight.began) / MOVE_SECS).clamp(0.0, 1.0) as f32;
            if t < 1.0 {
                ui.ctx().request_repaint();
                let ease = 1.0 - (1.0 - t).powi(3);
                // Scales in even steps of enlargement, so that the ground seems to come nearer at one speed.
                let scale = flight.from.scale * (flight.to.scale / flight.from.scale).powf(ease);
                let along = if (flight.to.scale - flight.from.scale).abs() < 1e-6 {
                    ease
                } else {
                    (1.0 / flight.from.scale - 1.0 / scale) / (1.0 / flight.from.scale - 1.0 / flight.to.scale)
                };
                let at = |axis: usize| {
                    flight.from.center[axis] + (flight.to.center[axis] - flight.from.center[axis]) * along
                };
                return Camera {
                    scale,
                    center: [at(0), at(1)],
                };
            }
            self.camera = Some(flight.to);
            self.flight = None;
        }
        self.camera.unwrap_or_else(|| {
            let (scale, center) = fitting(&picture.places, rect.width(), rect.height());
            Camera { scale, center }
        })
    }

    fn fly(&mut self, ui: &Ui, from: Camera, to: Camera, now: f64, less_motion: bool) {
        if less_motion {
            self.camera = Some(to);
        } else {
            self.flight = Some(Flight { from, to, began: now });
        }
        ui.ctx().request_repaint();
    }

    fn is_open(&self, bubble: u32) -> bool {
        self.recorded.as_ref().is_some_and(|r| r.open.contains(&bubble))
    }

    /// Unfolds a bubble and goes there, or folds it and shows all again.
    fn toggle(&mut self, ui: &Ui, picture: &EstatePicture, bubble: u32, now: f64, less_motion: bool) {
        let Some(r) = &self.recorded else { return };
        let view = &r.key.view;
        let here = Camera {
            scale: view.scale,
            center: view.center,
        };
        let b = picture.places.layout.bubbles[bubble as usize];
        if r.open.contains(&bubble) {
            let (scale, center) = fitting(&picture.places, view.width, view.height);
            self.folded.insert(bubble);
            if self.unfolded.remove(&bubble) {
                self.fly(ui, here, Camera { scale, center }, now, less_motion);
            }
            ui.ctx().request_repaint();
            return;
        }
        self.folded.remove(&bubble);
        self.unfolded.insert(bubble);
        let room = (view.width - 80.0).min(view.height - 150.0).max(80.0);
        let to = Camera {
            scale: (room / 2.0 / b.radius).clamp(1e-3, LARGEST),
            center: [b.x, b.y],
        };
        self.fly(ui, here, to, now, less_motion);
    }

    fn interact(&mut self, ui: &mut Ui, rect: Rect, input: &EstateInput<'_>, events: &mut Vec<EstateEvent>, now: f64) {
        let Some(recorded) = &self.recorded else { return };
        let (view, spotted) = (recorded.key.view.clone(), recorded.spotted.clone());
        let picture = input.picture;
        let camera = Camera {
            scale: view.scale,
            center: view.center,
        };
        let ground = ui.interact(rect, ui.id().with("estate-ground"), Sense::click_and_drag());
        ground.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "Estate"));
        let local = |p: Pos2| pt(p.x - rect.min.x, p.y - rect.min.y);
        if let Some((r, more)) = self.band.show(ui, &Look::new(input.theme), &ground) {
            let (a, b) = (
                view.layout_from_screen(local(r.min)),
                view.layout_from_screen(local(r.max)),
            );
            let places = &picture.places;
            let inside = |s: &[f32; 2]| (a[0]..=b[0]).contains(&s[0]) && (a[1]..=b[1]).contains(&s[1]);
            let things = places.layout.spots.iter().enumerate().filter(|(_, s)| inside(s));
            let things = things.map(|(v, _)| places.shape.thing(v as u32)).collect();
            events.push(EstateEvent::Mark(match more {
                true => MarkEvent::More(things),
                false => MarkEvent::Only(things),
            }));
        }
        let moves = ground.dragged_by(PointerButton::Primary) || ground.dragged_by(PointerButton::Middle);
        if moves && !self.band.is_drawn() {
            let d = ground.drag_delta();
            self.flight = None;
            self.camera = Some(Camera {
                center: [
                    camera.center[0] - d.x / camera.scale,
                    camera.center[1] - d.y / camera.scale,
                ],
                ..camera
            });
            ui.ctx().request_repaint();
        }
        let pointer = ui
            .input(|i| i.pointer.hover_pos())
            .filter(|_| ui.rect_contains_pointer(rect));
        if let Some(pointer) = pointer {
            let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
            let factor = (scroll * 0.004).exp() * pinch;
            if (factor - 1.0).abs() > 1e-4 {
                let (whole, _) = fitting(&picture.places, view.width, view.height);
                let scale = (camera.scale * factor).clamp((whole * 0.5).min(LARGEST), LARGEST);
                let under = view.layout_from_screen(local(pointer));
                let moved = |axis: usize| under[axis] + (camera.center[axis] - under[axis]) * camera.scale / scale;
                self.flight = None;
                self.camera = Some(Camera {
                    scale,
                    center: [moved(0), moved(1)],
                });
                ui.ctx().request_repaint();
            }
        }
        let under = pointer.and_then(|p| {
            // The name of an open bubble stands for it; below a folded one's disk its name does, too.
            let by_name = |s: &&Spotted| {
                let d = rect.min + vec2(s.at.x, s.at.y) - p;
                matches!(s.owner, Owner::Bubble(_)) && s.half <= 15.0 && d.x.abs() < 40.0 && d.y.abs() < 15.0
            };
            hit(picture, &view, local(p)).or_else(|| spotted.iter().find(by_name).map(|s| s.owner))
        });
        if ground.double_clicked() {
            match under {
                Some(Owner::Node(v)) => events.push(EstateEvent::Compromise(v)),
                Some(Owner::Bubble(b)) => self.toggle(ui, picture, b, now, input.less_motion),
                _ => {}
            }
        } else if ground.clicked() {
            let shift = ui.input(|i| i.modifiers.shift);
            match under {
                Some(Owner::Node(v)) if shift => {
                    return events.push(EstateEvent::Mark(MarkEvent::Turn(picture.places.shape.thing(v))));
                }
                None => events.push(EstateEvent::Mark(MarkEvent::Only(Vec::new()))),
                _ => {}
            }
            self.pick(under, events);
            ui.ctx().request_repaint();
        }
        ground.context_menu(|ui| match self.hovered {
            Some(Owner::Node(v)) => self.node_menu(ui, picture, v, events),
            Some(Owner::Bubble(b)) => {
                let label = if self.is_open(b) { "Fold" } else { "Unfold" };
                if ui.button(label).clicked() {
                    self.toggle(ui, picture, b, now, input.less_motion);
                    ui.close();
                }
            }
            _ => {}
        });
        // What has a name can be reached with the keyboard, and is said.
        let mut focused = None;
        for s in &spotted {
            let half = s.half.clamp(12.0, 400.0);
            let area = Rect::from_center_size(rect.min + vec2(s.at.x, s.at.y), Vec2::splat(half * 2.0)).intersect(rect);
            if !area.is_positive() {
                continue;
            }
            let (id, name, on) = match s.owner {
                Owner::Node(v) => {
                    let id = Id::new(("estate-node", picture.places.shape.id(v)));
                    (id, picture.accessible_name(v), view.selection == Some(v))
                }
                Owner::Bubble(b) => {
                    let id = Id::new(("estate-bubble", picture.places.shape.names[b as usize].as_str()));
                    (id, picture.bubble_name(b), view.bubble == Some(b))
                }
                _ => continue,
            };
            let response = ui.interact(area, id, Sense::focusable_noninteractive());
            response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, on, &name));
            let asked = ui.input(|i| i.has_accesskit_action_request(id, egui::accesskit::Action::Click));
            if response.has_focus() {
                focused = Some(s.owner);
            }
            let enter = response.has_focus() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
            let space = response.has_focus() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Space));
            if asked || space {
                self.pick(Some(s.owner), events);
            }
            if enter {
                match s.owner {
                    Owner::Node(v) => events.push(EstateEvent::Open(v)),
                    Owner::Bubble(b) => self.toggle(ui, picture, b, now, input.less_motion),
                    _ => {}
                }
            }
        }
        if let Some(name) = under
            .filter(|_| !ui.input(|i| i.pointer.any_down()))
            .and_then(|o| said(picture, o))
        {
            ground.on_hover_text_at_pointer(name);
        }
        if (under, focused) != (self.hovered, self.focused) && !egui::Popup::is_any_open(ui.ctx()) {
            (self.hovered, self.focused) = (under, focused);
            ui.ctx().request_repaint();
        }
    }

    fn pick(&mut self, what: Option<Owner>, events: &mut Vec<EstateEvent>) {
        match what {
            Some(Owner::Node(v)) => {
                self.bubble = None;
                events.push(EstateEvent::Select(Some(v)));
            }
            Some(Owner::Bubble(b)) => {
                self.bubble = Some(b);
                events.push(EstateEvent::Select(None));
            }
            _ => {
                self.bubble = None;
                events.push(EstateEvent::Select(None));
            }
        }
    }

    fn node_menu(&self, ui: &mut Ui, picture: &EstatePicture, v: u32, events: &mut Vec<EstateEvent>) {
        let seed = picture.seeds.contains(&v);
        let compromise = if seed {
            "Mark as not compromised"
        } else {
            "Mark as compromised"
        };
        for (label, event) in [
            ("Open the working map around it", EstateEvent::Open(v)),
            ("Show in the inspector", EstateEvent::Select(Some(v))),
            (compromise, EstateEvent::Compromise(v)),
        ] {
            if ui.button(label).clicked() {
                events.push(event);
                ui.close();
            }
        }
        if let Some(act) = super::paths::menu(ui, None) {
            events.push(EstateEvent::Menu(v, act));
        }
    }

    /// The bar below: what is put together, and what can be done with what is picked.
    fn bar(&mut self, ui: &mut Ui, bar: Rect, input: &EstateInput<'_>, events: &mut Vec<EstateEvent>) {
        let look = Look::new(input.theme);
        let t = look.t;
        let p = ui.painter().clone();
        p.rect_filled(bar, 0.0, c32(t.panel));
        p.hline(bar.x_range(), bar.min.y + 0.5, look.hairline());
        let y = bar.center().y;
        let mut x = bar.min.x + 16.0;
        x += kit::left(&p, x, y, "Group by", 11.5, Face::Regular, t.text3) + 12.0;
        for grouping in Grouping::ALL {
            let on = input.picture.places.shape.grouping == grouping;
            let (face, ink) = if on {
                (Face::SemiBold, t.text)
            } else {
                (Face::Regular, t.text2)
            };
            let w = kit::width(Face::SemiBold, 11.5, grouping.label());
            let cell = Rect::from_min_size(pos2(x - 6.0, bar.min.y), vec2(w + 12.0, BAR));
            let response = ui.interact(cell, Id::new(("grouping", grouping.label())), Sense::click());
            let label = format!("Group by {}", grouping.label().to_lowercase());
            response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, on, &label));
            kit::focus_ring(ui, &look, &response, 4.0);
            kit::left(&p, x, y, grouping.label(), 11.5, face, ink);
            if on {
                let under = Rect::from_min_size(pos2(x, bar.max.y - 3.0), vec2(w, 2.0));
                kit::rect(&p, under, 1.0, Some(t.accent), egui::Stroke::NONE);
            }
            if response.clicked() {
                events.push(EstateEvent::Group(grouping));
            }
            x += w + 18.0;
        }
        let node = input.selection.and_then(|thing| input.picture.places.shape.node(thing));
        let mut right = bar.max.x - 12.0;
        let mut action = |ui: &mut Ui, label: &str, id: &str| {
            let w = kit::width(Face::Medium, 11.5, label) + 20.0;
            let r = Rect::from_min_size(pos2(right - w, bar.min.y + 4.0), vec2(w, BAR - 8.0));
            right -= w + 8.0;
            let response = kit::clickable(ui, &look, Id::new(("estate-action", id)), r, label, true);
            kit::rect(ui.painter(), r, 5.0, Some(t.raised), look.stroke(1.0, t.control));
            kit::center(ui.painter(), r.center().x, y, label, 11.5, Face::Medium, t.text);
            response.clicked()
        };
        if let Some(v) = node.filter(|_| self.bubble.is_none()) {
            if action(ui, "Open around it", "open") {
                events.push(EstateEvent::Open(v));
            }
        } else if let Some(b) = self.bubble {
            let label = if self.is_open(b) { "Fold" } else { "Unfold" };
            if action(ui, label, "fold") {
                let now = ui.input(|i| i.time);
                self.toggle(ui, input.picture, b, now, input.less_motion);
            }
        } else {
            let hint = "Double-click a cluster to unfold it";
            if right - kit::width(Face::Regular, 11.5, hint) > x + 12.0 {
                kit::right(&p, right, y, hint, 11.5, Face::Regular, t.text3);
            }
        }
    }
}

fn said(picture: &EstatePicture, owner: Owner) -> Option<String> {
    match owner {
        Owner::Node(v) => {
            let mut said = picture.accessible_name(v);
            if let Some(p) = picture.parent(v) {
                said.push_str(&format!("\nFrom {}", picture.places.shape.name(p)));
            }
            Some(said)
        }
        Owner::Bubble(b) => {
            let f = &picture.bubbles[b as usize];
            let [systems, identities, credentials] = f.classes;
            Some(format!(
                "{}\n{systems} systems, {identities} identities, {credentials} credentials",
                picture.bubble_name(b)
            ))
        }
        _ => None,
    }
}
