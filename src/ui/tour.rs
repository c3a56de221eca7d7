//! The tour: four cards, each beside what it speaks of. Shown once, and again where it is asked for.

use super::Window;
use super::kit::{self, Kind, Look};
use crate::scene::display::Face;
use crate::session::{Command, Session};
use egui::{Area, Id, Order, Rect, Sense, Ui, pos2, vec2};

/// What each card says: a head and a few lines.
const STEPS: [(&str, &str); 4] = [
    (
        "Start from a credential",
        "Every live credential, ranked by what it alone opens. Double-click one to take it as compromised",
    ),
    (
        "Read the map",
        "Inside the red circle is what it reaches, one ring a hop. A letter at a wall names the check that is missing there",
    ),
    (
        "Ask why, and what to do",
        "Select anything: why it is reached, record by record, and what could be done, each action with its effect before you click",
    ),
    (
        "Try a remedy",
        "What you try stands here: systems, crown jewels and what it breaks. Undo takes it back; the files are never changed. ? lists the keys",
    ),
];

const SIZE: egui::Vec2 = egui::vec2(300.0, 148.0);

impl Window {
    /// The card of the present step, until the tour is over.
    pub(super) fn tour(
        &mut self,
        ui: &Ui,
        look: &Look,
        all: Rect,
        map: Rect,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        if session.settings.toured || session.doc.estate.is_none() || self.dialog.is_some() || self.palette.is_some() {
            return;
        }
        let at = self.tour_at.min(STEPS.len() - 1);
        let (head, text) = STEPS[at];
        let min = match at {
            // Below the meter, whose number is what the map is about.
            0 => pos2(map.min.x + 12.0, map.min.y + 152.0),
            1 => pos2(map.center().x - SIZE.x / 2.0, map.max.y - SIZE.y - 44.0),
            2 => pos2(map.max.x - SIZE.x - 12.0, map.min.y + 44.0),
            _ => pos2(map.min.x + 12.0, map.max.y - SIZE.y - 12.0),
        };
        let most = (all.max - SIZE - vec2(8.0, 8.0)).max(all.min);
        let r = Rect::from_min_size(min.clamp(all.min, most), SIZE);
        Area::new(Id::new("tour"))
            .order(Order::Foreground)
            .fixed_pos(r.min)
            .fade_in(false)
            .show(ui.ctx(), |ui| {
                ui.allocate_exact_size(r.size(), Sense::click());
                let t = look.t;
                let p = ui.painter().clone();
                p.add(kit::popup_shadow(look.theme).as_shape(r, egui::CornerRadius::same(10)));
                kit::rect(&p, r, 10.0, Some(t.panel), look.stroke(1.5, t.accent));
                kit::left(&p, r.min.x + 16.0, r.min.y + 22.0, head, 13.0, Face::SemiBold, t.text);
                let count = format!("{} of {}", at + 1, STEPS.len());
                kit::right(&p, r.max.x - 16.0, r.min.y + 22.0, &count, 11.5, Face::Regular, t.text3);
                let body = pos2(r.min.x + 16.0, r.min.y + 38.0);
                kit::paragraph(&p, body, text, 12.0, Face::Regular, t.text2, SIZE.x - 32.0);
                kit::name_text(ui, Id::new("tour-text"), r.shrink(20.0), &format!("{head}: {text}"));
                let y = r.max.y - 42.0;
                let last = at + 1 == STEPS.len();
                let next = if last { "Done" } else { "Next" };
                let w = kit::button_width(next, false);
                let place = Rect::from_min_size(pos2(r.max.x - 16.0 - w, y), vec2(w, 28.0));
                if kit::button(ui, look, Id::new("tour-next"), place, next, None, Kind::Primary, true).clicked() {
                    self.tour_at = if last { 0 } else { at + 1 };
                    if last {
                        out.push(Command::Tour(false));
                    }
                }
                let w = kit::button_width("Skip the tour", false);
                let place = Rect::from_min_size(pos2(r.min.x + 8.0, y), vec2(w, 28.0));
                let skip = kit::button(
                    ui,
                    look,
                    Id::new("tour-skip"),
                    place,
                    "Skip the tour",
                    None,
                    Kind::Quiet,
                    true,
                );
                if skip.clicked() {
                    self.tour_at = 0;
                    out.push(Command::Tour(false));
                }
            });
    }
}
