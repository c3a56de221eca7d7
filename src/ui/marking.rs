//! Several things taken together on the map: a box drawn with Shift held down, what is marked in it, and what can be done
//! with all of them at once.

use super::estate::BAR;
use super::kit::{self, Kind, Look, c32};
use crate::graph::Thing;
use crate::scene::display::Face;
use crate::session::{Command, Session, words};
use egui::{Id, PointerButton, Pos2, Rect, Response, Ui, pos2, vec2};

/// More rings than this say nothing and take time.
const MOST_RINGS: usize = 1_500;

/// What a box or a click with Shift says.
#[derive(Clone, Debug, PartialEq)]
pub enum MarkEvent {
    /// These alone.
    Only(Vec<Thing>),
    /// These besides what is marked.
    More(Vec<Thing>),
    /// This one as well, or no longer.
    Turn(Thing),
}

impl MarkEvent {
    /// What is marked then, sorted.
    #[must_use]
    pub fn applied(self, marked: &[Thing]) -> Vec<Thing> {
        let mut out = match self {
            Self::Only(things) => things,
            Self::More(things) => [marked, &things].concat(),
            Self::Turn(thing) if marked.contains(&thing) => marked.iter().copied().filter(|t| *t != thing).collect(),
            Self::Turn(thing) => [marked, &[thing]].concat(),
        };
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// The box while it is drawn.
#[derive(Default)]
pub struct Band {
    from: Option<Pos2>,
}

impl Band {
    /// Whether a box is being drawn.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.from.is_some()
    }

    /// Draws the box that the pointer draws on `ground` with Shift held down; gives it once it is let go, and whether what
    /// is marked already stays so (Ctrl).
    pub fn show(&mut self, ui: &Ui, look: &Look, ground: &Response) -> Option<(Rect, bool)> {
        let (shift, more, pointer) = ui.input(|i| (i.modifiers.shift, i.modifiers.command, i.pointer.interact_pos()));
        if shift && ground.drag_started_by(PointerButton::Primary) {
            self.from = ui.input(|i| i.pointer.press_origin());
        }
        let (Some(from), Some(to)) = (self.from, pointer) else {
            self.from = None;
            return None;
        };
        let r = Rect::from_two_pos(from, to).intersect(ground.rect);
        if ground.drag_stopped() {
            self.from = None;
            return Some((r, more));
        }
        if !ground.dragged() {
            self.from = None;
            return None;
        }
        let p = ui.painter_at(ground.rect);
        p.rect_filled(r, 0.0, c32(look.t.accent.with_opacity(0.12)));
        kit::dashed_rect(&p, r, 0.0, look.stroke(1.0, look.t.accent), 4.0, 3.0);
        ui.ctx().request_repaint();
        None
    }
}

/// Rings around what is marked and to be seen.
pub fn rings(ui: &Ui, look: &Look, rect: Rect, places: impl Iterator<Item = (Pos2, f32)>) {
    let p = ui.painter_at(rect);
    let stroke = look.stroke(1.5, look.t.accent);
    for (at, radius) in places.filter(|(at, _)| rect.contains(*at)).take(MOST_RINGS) {
        p.circle_stroke(at, radius, stroke);
    }
}

/// `2 credentials, 1 identity, 7 systems`.
fn told(marked: &[Thing]) -> String {
    let count = |wanted: fn(&Thing) -> bool| marked.iter().filter(|t| wanted(t)).count() as u64;
    let kinds: [(u64, &str, &str); 4] = [
        (
            count(|t| matches!(t, Thing::Credential(_))),
            "credential",
            "credentials",
        ),
        (count(|t| matches!(t, Thing::Identity(_))), "identity", "identities"),
        (count(|t| matches!(t, Thing::System(_))), "system", "systems"),
        (count(|t| matches!(t, Thing::Context(_))), "context", "contexts"),
    ];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| words::count(n, one, many))
        .collect();
    parts.join(", ")
}

/// What can be done with all that is marked, at the foot of the map.
pub fn bar(ui: &Ui, look: &Look, map: Rect, session: &Session, out: &mut Vec<Command>) {
    let marked = &session.doc.marked;
    if marked.is_empty() {
        return;
    }
    let t = look.t;
    let said = told(marked);
    let ids = || -> Vec<String> { marked.iter().filter_map(|&thing| session.id_of(thing)).collect() };
    let buttons = [
        ("Mark as compromised", "Mark all of them as compromised"),
        ("Hide", "Hide all of them"),
        ("Copy names", "Copy the names of all of them"),
        ("Clear", "Mark none of them"),
    ];
    let wide = buttons.map(|(label, _)| kit::button_width(label, false));
    let w = kit::width(Face::SemiBold, 12.5, &said);
    let total = w + 28.0 + wide.iter().map(|w| w + 6.0).sum::<f32>();
    // On the line below the map, so that it covers nothing of it.
    let size = vec2(total.min(map.width() - 16.0), BAR);
    let all = Rect::from_center_size(pos2(map.center().x, map.max.y - BAR / 2.0), size);
    let p = ui.painter();
    kit::rect(p, all, 7.0, Some(t.panel), look.stroke(1.0, t.control));
    kit::left(p, all.min.x + 14.0, all.center().y, &said, 12.5, Face::SemiBold, t.text);
    let words = Rect::from_min_size(all.min, vec2(w + 14.0, all.height()));
    kit::name_text(ui, Id::new("marked"), words, &format!("Marked: {said}"));
    let mut x = all.min.x + w + 24.0;
    for (n, ((label, hint), wide)) in buttons.into_iter().zip(wide).enumerate() {
        let r = Rect::from_min_size(pos2(x, all.min.y + 3.0), vec2(wide, BAR - 6.0));
        x += wide + 6.0;
        let kind = if n == 0 { Kind::Normal } else { Kind::Quiet };
        let response = kit::button(ui, look, Id::new(("marked", label)), r, label, None, kind, true);
        if !response.on_hover_text(hint).clicked() {
            continue;
        }
        match n {
            0 => {
                let mut seeds = session.doc.proposal.seeds.clone();
                seeds.extend(ids());
                out.push(Command::CompromiseAll(format!("Mark {said} as compromised"), seeds));
            }
            1 => out.push(Command::HideAll(ids())),
            2 => {
                let names: Vec<String> = ids().iter().map(|id| session.name_of(id).to_owned()).collect();
                ui.ctx().copy_text(names.join("\n"));
                let n = words::count(names.len() as u64, "name", "names");
                out.push(Command::Say(format!("Copied {n}")));
            }
            _ => {}
        }
        // Whatever was done, it is done: the marks have served.
        if n != 2 {
            out.push(Command::Mark(Vec::new()));
        }
    }
}
