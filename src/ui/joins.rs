//! What two files say of one thing, in the Problems panel: each join with what it rests on, to be confirmed or refused.

use super::kit::{self, Look};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, Session};
use crate::stitch::Join;
use egui::{Id, Rect, Ui, pos2, vec2};

/// Height of a row, in points.
pub(super) const ROW: f32 = 40.0;

/// One join: names, reason, and what the analyst may say of it.
pub(super) fn row(ui: &Ui, look: &Look, r: Rect, join: &Join, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter();
    p.hline(r.min.x + 16.0..=r.max.x - 16.0, r.max.y - 0.5, look.hairline());
    let y = r.center().y;
    kit::icon(p, r.min.x + 24.0, y, icons::LINK, 15.0, Face::Icon, t.text3);
    let (from, to) = (session.name_of(&join.from), session.name_of(&join.to));
    let title = format!("{from} is joined with {to}");
    let state = match (join.refused, join.confirmed, join.confidence.is_solid()) {
        (true, ..) => "refused",
        (_, true, _) => "confirmed",
        (.., true) => "certain",
        _ => "assumed",
    };
    let (w, gap) = (76.0, 6.0);
    let left = r.max.x - 16.0 - 2.0 * w - gap;
    let x = r.min.x + 40.0;
    let most = left - 12.0 - x;
    kit::left_cut(p, x, y - 8.0, &title, 12.0, Face::Regular, t.text, most);
    let reason = format!("{state}: {}", join.evidence);
    kit::left_cut(p, x, y + 9.0, &reason, 11.0, Face::Regular, t.text3, most);
    let said = format!("Join: {title}, {reason}");
    let named = Rect::from_min_max(r.min, pos2(left - 6.0, r.max.y));
    kit::name_text(ui, Id::new(("join", &join.id)), named, &said)
        .on_hover_text(format!("{}\n{}", title, join.evidence));
    let undecided = !join.confirmed && !join.refused;
    let choices = [
        ("Confirm", Some(true), undecided && !join.confidence.is_solid()),
        ("Refuse", Some(false), !join.refused),
    ];
    for (i, (label, decision, offered)) in choices.into_iter().enumerate() {
        let at = Rect::from_min_size(pos2(left + (w + gap) * i as f32, y - 13.0), vec2(w, 26.0));
        // What was said can be taken back where it was said.
        let (label, decision, offered) = match (i, undecided) {
            (1, false) => ("Undo", None, true),
            _ => (label, decision, offered && undecided),
        };
        if !offered {
            continue;
        }
        let name = format!("{label} the join of {from} with {to}");
        // Each row's buttons are named by their row.
        let response = kit::clickable(ui, look, Id::new(("join", i, &join.id)), at, &name, true);
        let edge = if response.hovered() { t.text2 } else { t.control };
        kit::rect(p, at, 6.0, Some(t.raised), look.stroke(1.0, edge));
        kit::center(p, at.center().x, at.center().y, label, 12.0, Face::Medium, t.text);
        kit::focus_ring(ui, look, &response, 6.0);
        if response.clicked() {
            out.push(Command::DecideJoin(join.id.clone(), decision));
        }
    }
}
