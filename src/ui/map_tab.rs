//! The tab with the map: the switch of layouts, and the canvas.

use super::Window;
use super::canvas::{CanvasEvent, CanvasInput};
use super::kit::{self, Look, c32};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, MapLayout, Session};
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
        out.push(Command::SetMapSize(map.width(), map.height()));
        ui.painter().rect_filled(map, 0.0, c32(look.t.canvas));
        let picture = session.answer.picture.as_ref();
        let Some(picture) = picture.filter(|_| !session.doc.proposal.seeds.is_empty()) else {
            // An empty circle would say that something was looked at and is safe.
            self.nothing_yet(ui, look, map, session);
            return;
        };
        let input = CanvasInput {
            picture,
            theme: look.theme,
            selection: session.selected_thing(),
            dimmed: session.is_stale(),
            less_motion: session.settings.less_motion,
            preview: self.previewed(session, ui.input(|i| i.time)),
        };
        let events = kit::place(ui, "map", map, |ui| self.canvas.show(ui, input));
        for event in events {
            match event {
                CanvasEvent::Select(thing) => out.push(Command::Select(thing.and_then(|t| session.id_of(t)))),
                CanvasEvent::Compromise(thing) => {
                    if let Some(id) = session.id_of(thing) {
                        out.push(if session.doc.proposal.is_seed(&id) {
                            Command::Spare(id)
                        } else {
                            Command::Compromise(id)
                        });
                    }
                }
            }
        }
    }

    fn nothing_yet(&self, ui: &Ui, look: &Look, map: Rect, session: &Session) {
        let said = if session.doc.proposal.seeds.is_empty() {
            "Nothing is compromised. Double-click a credential to start"
        } else {
            "Working out the radius"
        };
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
        let layouts = [MapLayout::Rings, MapLayout::Layers];
        let widths = layouts.map(|l| kit::width(Face::Medium, 12.0, l.label()) + 20.0);
        let total: f32 = widths.iter().sum();
        let frame = Rect::from_min_size(pos2(r.max.x - 12.0 - total, r.min.y + 5.0), vec2(total, 26.0));
        kit::rect(p, frame, 6.0, None, look.stroke(1.0, t.control));
        let mut x = frame.min.x;
        for (layout, w) in layouts.into_iter().zip(widths) {
            let on = session.settings.layout == layout;
            let cell = Rect::from_min_size(pos2(x, frame.min.y), vec2(w, 26.0));
            if kit::segment(ui, look, Id::new(("layout", layout.label())), cell, layout.label(), on) {
                out.push(Command::SetLayout(layout));
            }
            x += w;
        }
        let fit = pos2(frame.min.x - 20.0, y);
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
        }
    }
}
