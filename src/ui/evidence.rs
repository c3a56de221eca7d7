//! A number that can be clicked: over it a list of what it adds up, each line leading to its record.

use super::glyph;
use super::kit::{self, Look, c32};
use crate::scene::display::Face;
use crate::session::{Command, Evidence, EvidenceAsk, EvidenceLine, Session, words};
use egui::{Id, Popup, PopupCloseBehavior, Rect, Response, ScrollArea, Sense, Ui, pos2, vec2};

const WIDTH: f32 = 480.0;
const ROW: f32 = 28.0;
/// Rows that are seen at once.
const MOST_ROWS: f32 = 12.0;

/// Makes the number painted in `r` one that can be clicked. `label` says what a click shows.
#[expect(
    clippy::too_many_arguments,
    reason = "a number has a place, a name and what it counts"
)]
pub fn number(
    ui: &Ui,
    look: &Look,
    id: Id,
    r: Rect,
    label: &str,
    ask: impl FnOnce() -> EvidenceAsk,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let response = kit::clickable(ui, look, id, r, label, true);
    if response.hovered() {
        let y = r.max.y - 1.0;
        ui.painter().hline(r.x_range(), y, look.stroke(1.0, look.t.accent));
    }
    if response.clicked() {
        out.push(Command::ShowEvidence(Box::new(ask())));
    }
    shown(look, &response, session, out);
}

/// The list, while it is open.
fn shown(look: &Look, response: &Response, session: &Session, out: &mut Vec<Command>) {
    Popup::menu(response)
        .frame(kit::popup_frame(look))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 0.0;
            match session.answer.evidence.as_deref() {
                Some(evidence) => list(ui, look, evidence, session, out),
                None => head(ui, look, "Adding it up", ""),
            }
        });
}

fn head(ui: &mut Ui, look: &Look, head: &str, how: &str) {
    let (r, _) = ui.allocate_exact_size(vec2(WIDTH, 30.0), Sense::hover());
    let p = ui.painter();
    kit::left(p, r.min.x + 8.0, r.center().y, head, 14.0, Face::SemiBold, look.t.text);
    kit::name_text(ui, Id::new("evidence-head"), r, head);
    if how.is_empty() {
        return;
    }
    let galley = ui.painter().layout(
        how.to_owned(),
        kit::font(Face::Regular, 12.0),
        c32(look.t.text2),
        WIDTH - 16.0,
    );
    let (r, _) = ui.allocate_exact_size(vec2(WIDTH, galley.size().y + 8.0), Sense::hover());
    ui.painter().galley(r.min + vec2(8.0, 0.0), galley, c32(look.t.text2));
    kit::name_text(ui, Id::new("evidence-how"), r, how);
}

fn list(ui: &mut Ui, look: &Look, evidence: &Evidence, session: &Session, out: &mut Vec<Command>) {
    head(ui, look, &evidence.head, &evidence.how);
    // As high as its lines are, up to a dozen: a popup gives a list no more than it asks for.
    let height = (evidence.lines.len() as f32).min(MOST_ROWS) * ROW;
    ScrollArea::vertical()
        .max_height(height)
        .min_scrolled_height(height)
        .show_rows(ui, ROW, evidence.lines.len(), |ui, range| {
            for n in range {
                line(ui, look, n, &evidence.lines[n], session, out);
            }
        });
}

fn line(ui: &mut Ui, look: &Look, n: usize, line: &EvidenceLine, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let (r, _) = ui.allocate_exact_size(vec2(WIDTH - 10.0, ROW), Sense::hover());
    let adds = line.adds.map(words::number);
    let label = match &adds {
        Some(adds) => format!("{}, {}: {adds}", line.name, line.said),
        None => format!("{}, {}", line.name, line.said),
    };
    let response = kit::clickable(ui, look, Id::new(("evidence", n)), r, &label, line.on.is_some());
    let p = ui.painter();
    let selected = line.on.is_some() && session.doc.selection == line.on;
    let back = match (selected, response.hovered()) {
        (true, _) => Some(t.accent_fill),
        (false, true) => Some(t.raised),
        _ => None,
    };
    if let Some(back) = back {
        kit::rect(p, r, 5.0, Some(back), egui::Stroke::NONE);
    }
    let y = r.center().y;
    let at = pos2(r.min.x + 17.0, y);
    if let Some((class, state, icon)) = line.glyph {
        glyph::thing(p, look, class, state, icon, at, 8.0, back.unwrap_or(t.panel));
    } else if line.hurts {
        glyph::broken(p, look, at.x, at.y, 12.0);
    }
    let ink = match (line.hurts, line.adds) {
        (true, _) => t.broken,
        (false, None) => t.text3,
        (false, Some(_)) => t.text,
    };
    let x = r.min.x + 34.0;
    let mut right = r.max.x - 8.0;
    if let Some(adds) = &adds {
        right -= kit::right(p, right, y, adds, 12.5, Face::SemiBold, ink) + 12.0;
    }
    let name = kit::left_cut(p, x, y, &line.name, 12.5, Face::Medium, ink, (right - x) * 0.62);
    let mut at = x + name + 10.0;
    if line.crown {
        glyph::crown(p, look, at + 5.0, y, 12.0);
        at += 20.0;
    }
    kit::left_cut(p, at, y, &line.said, 11.5, Face::Regular, t.text3, right - at);
    if response.clicked() {
        out.push(Command::Select(line.on.clone()));
    }
}
