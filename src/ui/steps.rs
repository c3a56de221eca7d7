//! The step chart: what is left of the radius after each step of the scenario, above the strip while it is asked for.

use super::kit::{self, Look, c32};
use super::{Window, evidence};
use crate::scene::display::Face;
use crate::session::{Command, EvidenceAsk, Session, words};
use egui::{Id, Rect, Ui, pos2, vec2};

/// How tall it is.
pub const HEIGHT: f32 = 72.0;

impl Window {
    pub(super) fn steps(&mut self, ui: &Ui, look: &Look, strip: Rect, session: &Session, out: &mut Vec<Command>) {
        if !session.doc.view.steps_open {
            return;
        }
        let t = look.t;
        let r = Rect::from_min_max(pos2(strip.min.x, strip.min.y - HEIGHT), pos2(strip.max.x, strip.min.y));
        ui.interact(r, Id::new("steps-back"), egui::Sense::click());
        let p = ui.painter();
        p.rect_filled(r, 0.0, c32(t.panel));
        p.hline(r.x_range(), r.min.y, look.hairline());
        kit::left(
            p,
            r.min.x + 16.0,
            r.min.y + 18.0,
            "Step by step",
            11.0,
            Face::Regular,
            t.text3,
        );
        let close = pos2(r.max.x - 24.0, r.min.y + 20.0);
        let label = "Close the step chart";
        let glyph = crate::scene::icons::X;
        if kit::icon_button(ui, look, Id::new("steps-close"), close, glyph, 12.0, label, true).clicked() {
            out.push(Command::ShowSteps(false));
        }
        let Some(steps) = session.answer.steps.as_deref().filter(|s| !s.is_empty()) else {
            let said = "Working out each step";
            kit::left(p, r.min.x + 130.0, r.center().y, said, 12.0, Face::Regular, t.text3);
            return;
        };
        let most = steps.iter().map(|s| s.systems).max().unwrap_or(1).max(1) as f32;
        let area = Rect::from_min_max(r.min + vec2(130.0, 20.0), r.max - vec2(60.0, 22.0));
        let wide = (area.width() / steps.len() as f32).min(150.0);
        for (i, step) in steps.iter().enumerate() {
            let x = area.min.x + i as f32 * wide;
            let y = area.max.y - step.systems as f32 / most * area.height();
            let bar = Rect::from_min_max(pos2(x, y), pos2(x + wide - 4.0, area.max.y.max(y + 1.0)));
            let ink = if i == 0 { t.compromised } else { t.accent };
            p.rect_filled(bar, 0.0, c32(ink.with_opacity(0.18)));
            p.hline(bar.x_range(), y, look.stroke(2.0, ink));
            let count = words::number(step.systems);
            let w = kit::left(p, x, y - 8.0, &count, 11.0, Face::SemiBold, t.text);
            let name = step.name.as_deref().unwrap_or("As it stands");
            kit::left_cut(p, x, area.max.y + 10.0, name, 10.5, Face::Regular, t.text3, wide - 8.0);
            let said = format!("{name}: {}", words::count(step.systems, "system", "systems"));
            let place = Rect::from_min_max(pos2(x, r.min.y), pos2(x + wide, r.max.y));
            kit::name_text(ui, Id::new(("step", i)), place, &said).on_hover_text(said.as_str());
            let cell = Rect::from_min_max(pos2(x - 2.0, y - 16.0), pos2(x + w + 4.0, y));
            let ask = || {
                let mut ask = EvidenceAsk::of_scenario(&session.doc.proposal);
                ask.actions.truncate(i);
                ask
            };
            let said = format!("Show what is reached after step {i}");
            evidence::number(ui, look, Id::new(("step-left", i)), cell, &said, ask, session, out);
        }
    }
}
