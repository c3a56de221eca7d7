//! The line of tabs above the middle of the window, and which part of the window each of them is.

use super::Window;
use super::kit::{self, Look, c32};
use super::map_tab::TABS;
use crate::scene::display::Face;
use crate::session::{Command, Session, Tab};
use egui::{Id, Key, Modifiers, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// The keys that show a tab, in the order of the tabs.
const KEYS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

impl Window {
    /// The tab that is shown: its controls at the right of the line of tabs, and what it shows in `body`.
    pub(super) fn shown_tab(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        line: Rect,
        body: Rect,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        self.tab_line(ui, look, line, session, out);
        match session.doc.view.tab {
            Tab::Map => self.map_tab(ui, look, line, body, session, out),
            Tab::Table => self.table_tab(ui, look, body, session, out),
            Tab::Matrix => self.matrix_tab(ui, look, body, session, out),
            Tab::Findings => self.findings_tab(ui, look, body, session, out),
            Tab::Plan => self.plan_tab(ui, look, body, session, out),
            Tab::Compare => self.compare_tab(ui, look, body, session, out),
            Tab::Time => self.time_tab(ui, look, body, session, out),
        }
    }

    fn tab_line(&mut self, ui: &Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter();
        p.rect_filled(r, 0.0, c32(t.panel));
        p.hline(r.x_range(), r.max.y - 0.5, look.hairline());
        let y = r.center().y;
        let mut x = r.min.x + 16.0;
        for (i, &tab) in Tab::ALL.iter().enumerate() {
            let on = session.doc.view.tab == tab;
            let w = kit::width(Face::Medium, 12.5, tab.label());
            let cell = Rect::from_min_size(pos2(x - 11.0, r.min.y), vec2(w + 22.0, TABS));
            let response = ui.interact(cell, Id::new(("tab", tab)), Sense::click());
            response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, on, tab.label()));
            kit::focus_ring(ui, look, &response, 6.0);
            let (face, ink) = match (on, response.hovered()) {
                (true, _) => (Face::SemiBold, t.text),
                (false, true) => (Face::Regular, t.text),
                (false, false) => (Face::Regular, t.text2),
            };
            kit::center(p, x + w / 2.0, y, tab.label(), 12.5, face, ink);
            if on {
                let under = Rect::from_min_size(pos2(x - 2.0, r.max.y - 3.0), vec2(w + 4.0, 3.0));
                kit::rect(p, under, 1.5, Some(t.accent), Stroke::NONE);
            }
            let response = response
                .on_hover_cursor(egui::CursorIcon::PointingHand)
                .on_hover_text(format!("Ctrl+{}", i + 1));
            if response.clicked() {
                out.push(Command::ShowTab(tab));
            }
            x += w + 22.0;
        }
    }

    /// The tab that a key asks for.
    pub(super) fn tab_keys(&self, ui: &Ui, out: &mut Vec<Command>) {
        for (&key, &tab) in KEYS.iter().zip(Tab::ALL) {
            if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, key)) {
                out.push(Command::ShowTab(tab));
            }
        }
    }
}
