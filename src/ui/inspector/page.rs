//! The parts of the inspector that need nothing of the window but a place.

use super::super::kit::{Kind, Look};
use super::super::{glyph, kit};
use crate::analysis::CheckState;
use crate::scene::display::{Color, Face};
use crate::session::{Class, Command, Inspection, NoEffect, ThingState, Tick, check_words, checks_sentence};
use egui::{Id, Rect, Sense, Stroke, Ui, pos2, vec2};

const CHECKS: [&str; 5] = ["audience", "issuer", "scope", "context", "revocation"];

/// The inspector's page, from the top down.
pub struct Page<'a> {
    pub look: &'a Look,
    pub x: f32,
    pub width: f32,
}

impl Page<'_> {
    pub fn space(&mut self, ui: &mut Ui, height: f32) -> Rect {
        let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        Rect::from_min_size(pos2(self.x, r.min.y), vec2(self.width, height))
    }

    pub fn heading(&mut self, ui: &mut Ui, text: &str, more: Option<&str>) {
        let r = self.space(ui, 34.0);
        let y = r.max.y - 12.0;
        let p = ui.painter();
        kit::left(p, r.min.x, y, text, 11.5, Face::SemiBold, self.look.t.text3);
        if let Some(more) = more {
            let w = kit::right(p, r.max.x, y, more, 11.5, Face::Medium, self.look.t.accent_text);
            let at = Rect::from_center_size(pos2(r.max.x - w / 2.0, y), vec2(w, 18.0));
            kit::name_text(ui, Id::new(("heading", text)), at, more);
        }
    }

    /// A heading whose words at the right can be clicked; true where they were.
    pub fn heading_button(&mut self, ui: &mut Ui, text: &str, more: Option<&str>) -> bool {
        let r = self.space(ui, 34.0);
        let y = r.max.y - 12.0;
        kit::left(ui.painter(), r.min.x, y, text, 11.5, Face::SemiBold, self.look.t.text3);
        let Some(more) = more else { return false };
        let w = kit::right(
            ui.painter(),
            r.max.x,
            y,
            more,
            11.5,
            Face::Medium,
            self.look.t.accent_text,
        );
        let at = Rect::from_min_max(pos2(r.max.x - w - 6.0, y - 12.0), pos2(r.max.x + 4.0, y + 12.0));
        let name = format!("{text}: {more}");
        kit::clickable(ui, self.look, Id::new(("heading", text)), at, &name, true).clicked()
    }

    pub fn title(&mut self, ui: &mut Ui, view: &Inspection) {
        let t = self.look.t;
        let r = self.space(ui, 64.0);
        let p = ui.painter();
        let c = pos2(r.min.x + 16.0, r.min.y + 32.0);
        let radius = if view.class == Class::Credential { 14.4 } else { 15.0 };
        glyph::thing(
            p,
            self.look,
            view.class,
            view.banner.state,
            view.icon,
            c,
            radius,
            t.panel,
        );
        let x = r.min.x + 43.0;
        let most = r.max.x - x - if view.crown { 24.0 } else { 0.0 };
        let w = kit::left_cut(p, x, r.min.y + 24.5, &view.title, 16.0, Face::SemiBold, t.text, most);
        if view.crown {
            glyph::crown(p, self.look, x + w + 14.0, r.min.y + 24.5, 15.0);
        }
        kit::left_cut(
            p,
            x,
            r.min.y + 44.0,
            &view.subtitle,
            12.0,
            Face::Regular,
            t.text2,
            r.max.x - x,
        );
        let said = format!("{}, {}", view.title, view.subtitle);
        kit::name_text(ui, Id::new("inspector-title"), r, &said).on_hover_text(&view.id);
    }

    pub fn banner(&mut self, ui: &mut Ui, view: &Inspection) {
        let t = self.look.t;
        let r = self.space(ui, 28.0);
        let (fill, ink): (Color, Color) = match view.banner.state {
            ThingState::Compromised => (t.compromised_fill, t.compromised_text),
            ThingState::Inherited => (t.inherited_fill, t.inherited_text),
            ThingState::Intended => (t.intended_fill, t.intended_text),
            ThingState::Assumed => (t.assumed_fill, t.assumed),
            ThingState::Ghost | ThingState::Disabled | ThingState::Untouched => (t.raised, t.text2),
        };
        let p = ui.painter();
        kit::rect(p, r, 6.0, Some(fill), Stroke::NONE);
        let y = r.center().y;
        glyph::state_mark(p, self.look, view.banner.state, pos2(r.min.x + 15.0, y));
        let face = if view.banner.state == ThingState::Compromised {
            Face::SemiBold
        } else {
            Face::Medium
        };
        let x = r.min.x + 29.0;
        let w = kit::left_cut(p, x, y, &view.banner.text, 12.5, face, ink, r.max.x - x - 8.0);
        let x = x + w + 8.0;
        kit::left_cut(
            p,
            x,
            y,
            &view.banner.more,
            12.0,
            Face::Regular,
            t.text2,
            r.max.x - x - 8.0,
        );
        let said = [view.banner.text.as_str(), view.banner.more.as_str()].join(" ");
        kit::name_text(ui, Id::new("banner"), r, said.trim());
    }

    pub fn checks(&mut self, ui: &mut Ui, view: &Inspection) {
        let Some(checks) = &view.checks else { return };
        let t = self.look.t;
        self.heading(ui, "Checks here", None);
        let r = self.space(ui, 60.0);
        let p = ui.painter();
        let each = r.width() / 5.0;
        for (i, state) in checks.iter().enumerate() {
            let cx = r.min.x + (i as f32 + 0.5) * each - 1.0;
            glyph::pip(p, self.look, pos2(cx - 11.0, r.min.y), i, *state, 22.0);
            let (name_ink, word_ink, face) = match state {
                CheckState::NotMade => (t.inherited_text, t.inherited_text, Face::SemiBold),
                CheckState::Unknown => (t.assumed, t.assumed, Face::Regular),
                _ => (t.text2, t.text3, Face::Regular),
            };
            kit::center(p, cx, r.min.y + 35.0, CHECKS[i], 10.5, Face::Medium, name_ink);
            kit::center(p, cx, r.min.y + 49.0, check_words(*state), 10.5, face, word_ink);
        }
        kit::name_text(ui, Id::new("checks"), r, &checks_sentence(checks));
    }

    /// One row of a list of check boxes; true where it was clicked.
    pub fn tick(&mut self, ui: &mut Ui, title: &str, tick: &Tick) -> bool {
        let t = self.look.t;
        let r = self.space(ui, 27.0);
        let y = r.center().y;
        let said = if tick.used.is_empty() {
            format!("{title} {}", tick.name)
        } else {
            format!("{title} {}, {}", tick.name, tick.used)
        };
        let id = Id::new(("tick", title, &tick.value));
        let response = kit::check_row(ui, self.look, id, r, tick.on, &said);
        let p = ui.painter();
        let hit = Rect::from_center_size(pos2(r.min.x + 7.5, y), vec2(15.0, 15.0));
        kit::paint_check(p, self.look, hit, tick.on);
        let mut end = r.max.x;
        if tick.breaks && !tick.on {
            end -= kit::right(p, end, y, &tick.used, 11.5, Face::Medium, t.broken) + 12.0;
            glyph::broken(p, self.look, end, y, 13.0);
            end -= 12.0;
        } else {
            end -= kit::right(p, end, y, &tick.used, 11.5, Face::Regular, t.text3) + 8.0;
        }
        let (ink, face) = if tick.on {
            (t.text, Face::Medium)
        } else {
            (t.text2, Face::Regular)
        };
        kit::left_cut(p, r.min.x + 25.0, y, &tick.name, 12.5, face, ink, end - r.min.x - 25.0);
        response.clicked()
    }

    pub fn no_effect(&mut self, ui: &mut Ui, none: &NoEffect) {
        let t = self.look.t;
        self.space(ui, 12.0);
        let r = self.space(ui, 50.0 + none.rows.len() as f32 * 20.0);
        let box_ = r.expand2(vec2(8.0, 0.0));
        let p = ui.painter();
        kit::rect(p, box_, 8.0, Some(t.inherited_fill), Stroke::NONE);
        kit::left_cut(
            p,
            r.min.x + 2.0,
            r.min.y + 16.0,
            &none.title,
            12.5,
            Face::SemiBold,
            t.inherited_text,
            r.width(),
        );
        kit::left_cut(
            p,
            r.min.x + 2.0,
            r.min.y + 33.0,
            &none.why,
            11.5,
            Face::Regular,
            t.text2,
            r.width(),
        );
        for (i, row) in none.rows.iter().enumerate() {
            let y = r.min.y + 55.0 + i as f32 * 20.0;
            glyph::pill(p, self.look, pos2(r.min.x + 10.0, y), row.letter);
            let w = kit::right(p, r.max.x - 2.0, y, &row.why, 11.5, Face::Regular, t.text2);
            kit::left_cut(
                p,
                r.min.x + 25.0,
                y,
                &row.name,
                12.0,
                Face::Medium,
                t.text,
                r.width() - w - 35.0,
            );
        }
        let rows: Vec<String> = none.rows.iter().map(|r| format!("{}: {}", r.name, r.why)).collect();
        kit::name_text(
            ui,
            Id::new("no-effect"),
            box_,
            &format!("{}. {}. {}", none.title, none.why, rows.join("; ")),
        );
    }

    pub fn mark(&mut self, ui: &mut Ui, view: &Inspection, out: &mut Vec<Command>) {
        if !view.known && !view.is_seed {
            return;
        }
        let label = if view.is_seed {
            "Mark as not compromised"
        } else {
            "Mark as compromised"
        };
        self.space(ui, 12.0);
        let r = self.space(ui, 28.0);
        let at = Rect::from_min_size(r.min, vec2(kit::button_width(label, false), 28.0));
        if kit::button(ui, self.look, Id::new("mark"), at, label, None, Kind::Normal, true).clicked() {
            out.push(if view.is_seed {
                Command::Spare(view.id.clone())
            } else {
                Command::Compromise(view.id.clone())
            });
        }
    }
}
