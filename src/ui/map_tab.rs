//! The tab with the map: the switch of layouts, and the canvas.

use super::Window;
use super::canvas::{CanvasEvent, CanvasInput};
use super::estate::{EstateEvent, EstateInput};
use super::kit::{self, Look, c32};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Column, Command, MapLayout, Session, Tab};
use egui::{Id, Rect, Stroke, Ui, pos2, vec2};

/// How tall the line of tabs is.
pub const TABS: f32 = 36.0;

impl Window {
    pub(super) fn map_tab(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        tabs: Rect,
        map: Rect,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        self.map_tools(ui, look, tabs, session, out);
        let map = self.paths_panel(ui, look, map, session, out);
        out.push(Command::SetMapSize(map.width(), map.height()));
        ui.painter().rect_filled(map, 0.0, c32(look.t.canvas));
        if session.shown_layout() == MapLayout::Estate {
            self.estate(ui, look, map, session, out);
            return;
        }
        let paths = session.shown_paths();
        let picture = match &session.doc.view.paths {
            Some(_) => paths.map(|p| &p.picture),
            None => session.answer.picture.as_ref(),
        };
        let Some(picture) = picture else {
            self.nothing_yet(ui, look, map, "Working out the radius");
            return;
        };
        let input = CanvasInput {
            picture,
            theme: look.theme,
            selection: session.selected_thing(),
            marked: &session.doc.marked,
            pins: &session.doc.view.pins,
            dimmed: session.is_stale(),
            less_motion: session.settings.less_motion,
            preview: self.previewed(session, ui.input(|i| i.time)),
        };
        let events = kit::place(ui, "map", map, |ui| self.canvas.show(ui, input));
        for event in events {
            match event {
                CanvasEvent::Select(thing) => out.push(Command::Select(thing.and_then(|t| session.id_of(t)))),
                CanvasEvent::Rows => {
                    out.push(Command::SetTable(super::numbers::reached_systems(Column::Hops)));
                    out.push(Command::ShowTab(Tab::Table));
                }
                CanvasEvent::Mark(event) => out.push(Command::Mark(event.applied(&session.doc.marked))),
                CanvasEvent::Compromise(thing) => compromise(session, thing, out),
                CanvasEvent::Pin(key, at) => out.push(Command::Pin(key, at)),
                CanvasEvent::Menu(thing, act) => super::paths::act(session, thing, act, out),
            }
        }
        super::marking::bar(ui, look, map, session, out);
        if let Some(id) = session.around.as_ref().filter(|_| session.doc.view.paths.is_none()) {
            self.way_back(ui, look, map, session, id, out);
        }
    }

    /// The estate as bubbles.
    fn estate(&mut self, ui: &mut Ui, look: &Look, map: Rect, session: &Session, out: &mut Vec<Command>) {
        let Some(picture) = session.estate_picture.as_ref() else {
            self.nothing_yet(ui, look, map, "Laying the estate out");
            return;
        };
        let input = EstateInput {
            picture,
            theme: look.theme,
            selection: session.selected_thing(),
            marked: &session.doc.marked,
            less_motion: session.settings.less_motion,
            dimmed: session.is_stale(),
        };
        let events = kit::place(ui, "estate", map, |ui| self.estate.show(ui, input));
        let shape = &picture.places.shape;
        for event in events {
            match event {
                EstateEvent::Select(node) => {
                    out.push(Command::Select(node.and_then(|v| session.id_of(shape.thing(v)))));
                }
                EstateEvent::Mark(event) => out.push(Command::Mark(event.applied(&session.doc.marked))),
                EstateEvent::Open(v) => {
                    out.push(Command::OpenAround(session.id_of(shape.thing(v))));
                }
                EstateEvent::Compromise(v) => compromise(session, shape.thing(v), out),
                EstateEvent::Menu(v, act) => super::paths::act(session, shape.thing(v), act, out),
                EstateEvent::Group(grouping) => out.push(Command::SetGrouping(grouping)),
            }
        }
        super::marking::bar(ui, look, map, session, out);
        if session.doc.proposal.seeds.is_empty() {
            self.hint(ui, look, map);
        }
        if let Some(p) = session.laying_out() {
            let share = p.done as f32 / p.total.max(1) as f32;
            let bar = Rect::from_min_size(map.min, vec2(map.width() * share, 2.0));
            ui.painter().rect_filled(bar, 0.0, c32(look.t.accent));
        }
    }

    /// With nothing compromised the estate is shown, and how to start is said at its foot.
    fn hint(&self, ui: &Ui, look: &Look, map: Rect) {
        let said = "Nothing is compromised. Double-click a credential to start";
        let w = kit::width(Face::Regular, 11.5, said);
        let c = pos2(map.center().x, map.max.y - super::estate::BAR - 16.0);
        let back = Rect::from_center_size(c, vec2(w + 24.0, 22.0));
        kit::rect(
            ui.painter(),
            back,
            6.0,
            Some(look.t.canvas.with_opacity(0.92)),
            Stroke::NONE,
        );
        kit::center(ui.painter(), c.x, c.y, said, 11.5, Face::Regular, look.t.text2);
        kit::name_text(ui, Id::new("map-empty"), back, said);
    }

    /// Around what the working map is open, and the way back.
    fn way_back(&self, ui: &Ui, look: &Look, map: Rect, session: &Session, id: &str, out: &mut Vec<Command>) {
        let t = look.t;
        let name = session
            .doc
            .estate
            .as_ref()
            .map_or(id, |e| crate::session::words::name_of(e.inventory(), id));
        let said = format!("Around {}", crate::scene::short(name));
        let w = kit::width(Face::SemiBold, 12.0, &said);
        let label = "Back to the estate";
        let wide = kit::width(Face::Medium, 11.5, label) + 20.0;
        let all = Rect::from_min_size(
            pos2(map.max.x - w - wide - 52.0, map.min.y + 10.0),
            vec2(w + wide + 36.0, 32.0),
        );
        kit::rect(ui.painter(), all, 8.0, Some(t.panel), look.stroke(1.0, t.hairline));
        kit::left(
            ui.painter(),
            all.min.x + 12.0,
            all.center().y,
            &said,
            12.0,
            Face::SemiBold,
            t.text,
        );
        let words = Rect::from_min_size(all.min, vec2(w + 16.0, all.height()));
        kit::name_text(ui, Id::new("around"), words, &said);
        let button = Rect::from_min_size(pos2(all.max.x - wide - 6.0, all.min.y + 5.0), vec2(wide, 22.0));
        let response = kit::clickable(ui, look, Id::new("around-back"), button, label, true);
        kit::rect(ui.painter(), button, 5.0, Some(t.raised), look.stroke(1.0, t.control));
        kit::center(
            ui.painter(),
            button.center().x,
            all.center().y,
            label,
            11.5,
            Face::Medium,
            t.text,
        );
        if response.clicked() {
            out.push(Command::OpenAround(None));
        }
    }

    fn nothing_yet(&self, ui: &Ui, look: &Look, map: Rect, said: &str) {
        let c = map.center();
        let w = kit::width(Face::Regular, 13.0, said);
        let back = Rect::from_center_size(c, vec2(w + 32.0, 88.0));
        kit::rect(
            ui.painter(),
            back,
            10.0,
            Some(look.t.canvas.with_opacity(0.92)),
            Stroke::NONE,
        );
        kit::icon(
            ui.painter(),
            c.x,
            c.y - 18.0,
            icons::LIGHTNING,
            26.0,
            Face::Icon,
            look.t.text3,
        );
        kit::center(ui.painter(), c.x, c.y + 16.0, said, 13.0, Face::Regular, look.t.text2);
        kit::name_text(ui, Id::new("map-empty"), back, said);
    }

    /// The switch of layouts and the button that fits the map, at the right of the line of tabs.
    fn map_tools(&mut self, ui: &Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter();
        let y = r.center().y;
        let shown = session.shown_layout();
        let layouts = [MapLayout::Rings, MapLayout::Layers, MapLayout::Estate];
        let widths = layouts.map(|l| kit::width(Face::Medium, 12.0, l.label()) + 20.0);
        let total: f32 = widths.iter().sum();
        let frame = Rect::from_min_size(pos2(r.max.x - 12.0 - total, r.min.y + 5.0), vec2(total, 26.0));
        kit::rect(p, frame, 6.0, None, look.stroke(1.0, t.control));
        let mut x = frame.min.x;
        for (layout, w) in layouts.into_iter().zip(widths) {
            let on = shown == layout;
            let cell = Rect::from_min_size(pos2(x, frame.min.y), vec2(w, 26.0));
            if kit::segment(ui, look, Id::new(("layout", layout.label())), cell, layout.label(), on) {
                out.push(Command::SetLayout(layout));
            }
            x += w;
        }
        let fit = pos2(frame.min.x - 20.0, y);
        self.map_filter(ui, look, pos2(fit.x - 28.0, y), session, out);
        if kit::icon_button(
            ui,
            look,
            Id::new("fit"),
            fit,
            icons::CORNERS_OUT,
            15.0,
            "Fit the map (F)",
            true,
        )
        .clicked()
        {
            self.canvas.fit();
            self.estate.fit();
        }
    }
}

fn compromise(session: &Session, thing: crate::graph::Thing, out: &mut Vec<Command>) {
    if let Some(id) = session.id_of(thing) {
        out.push(if session.doc.proposal.is_seed(&id) {
            Command::Spare(id)
        } else {
            Command::Compromise(id)
        });
    }
}
