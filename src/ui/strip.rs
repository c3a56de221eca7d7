//! The scenario strip at the foot: its name, its actions as chips, and what they take off and break.

use super::kit::{self, Look, c32};
use super::{Window, numbers};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, Session, words};
use egui::{
    Id, Key, Modifiers, Popup, PopupCloseBehavior, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

/// How tall the strip is.
pub const HEIGHT: f32 = 64.0;

struct Chip {
    verb: String,
    what: String,
    on: bool,
    error: Option<String>,
    width: f32,
}

impl Window {
    pub(super) fn strip(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter().clone();
        p.rect_filled(r, 0.0, c32(t.panel));
        p.hline(r.x_range(), r.min.y + 0.5, look.hairline());
        let mid = r.min.y + 32.5;
        let name_end = self.scenario_name(ui, look, r, session, out);
        p.vline(name_end + 10.0, r.min.y + 14.0..=r.max.y - 14.0, look.hairline());
        let left = name_end + 28.0;
        let right = numbers::numbers(ui, look, r.max.x - 16.0, mid, session, out) - 24.0;
        let steps = &session.doc.proposal.steps;
        if steps.is_empty() {
            let said = empty_words(session);
            let w = kit::left_cut(&p, left, mid, said, 12.5, Face::Regular, t.text2, right - left);
            kit::name_text(
                ui,
                Id::new("strip-empty"),
                Rect::from_center_size(pos2(left + w / 2.0, mid), vec2(w, 24.0)),
                said,
            );
            return;
        }
        let chips = chips(session);
        let mut x = left;
        let mut shown = 0;
        for (i, chip) in chips.iter().enumerate() {
            let room = if i + 1 == chips.len() { right } else { right - 84.0 };
            let width = chip.width.min((room - x).max(0.0));
            // A chip may be cut, but not so far that its words say nothing.
            if width < chip.width.min(160.0) {
                break;
            }
            let at = Rect::from_min_size(pos2(x, r.min.y + 15.0), vec2(width, 34.0));
            self.chip(ui, look, at, i, chip, chips.len(), out);
            x += width + 8.0;
            shown = i + 1;
        }
        if shown < chips.len() {
            let label = format!("+{}", words::count((chips.len() - shown) as u64, "step", "steps"));
            let at = Rect::from_min_size(pos2(x, r.min.y + 15.0), vec2(76.0, 34.0));
            let response = kit::button(
                ui,
                look,
                Id::new("more-steps"),
                at,
                &label,
                None,
                kit::Kind::Normal,
                true,
            );
            Popup::menu(&response)
                .frame(kit::popup_frame(look))
                .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
                .show(|ui| {
                    ui.set_width(420.0);
                    for (i, chip) in chips.iter().enumerate().skip(shown) {
                        let (row, _) = ui.allocate_exact_size(vec2(420.0, 34.0), Sense::hover());
                        self.chip(ui, look, row, i, chip, chips.len(), out);
                        ui.add_space(4.0);
                    }
                });
        }
    }

    fn scenario_name(&mut self, ui: &Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) -> f32 {
        let t = look.t;
        let p = ui.painter();
        let name = session.doc.proposal.name.as_str();
        kit::left(
            p,
            r.min.x + 16.0,
            r.min.y + 21.0,
            "Scenario",
            11.0,
            Face::Regular,
            t.text3,
        );
        let shown = crate::scene::fonts::elide(Face::SemiBold, 13.0, name, 180.0);
        let w = kit::width(Face::SemiBold, 13.0, &shown);
        let hit = Rect::from_min_size(pos2(r.min.x + 10.0, r.min.y + 28.0), vec2(w + 30.0, 24.0));
        let response = kit::clickable(
            ui,
            look,
            Id::new("scenario-name"),
            hit,
            &format!("Scenario {name}"),
            true,
        );
        if response.hovered() {
            kit::rect(p, hit, 6.0, Some(t.raised), Stroke::NONE);
        }
        kit::left(p, r.min.x + 16.0, r.min.y + 39.0, &shown, 13.0, Face::SemiBold, t.text);
        kit::icon(
            p,
            r.min.x + 16.0 + w + 11.0,
            r.min.y + 39.5,
            icons::CARET_DOWN,
            10.0,
            Face::IconBold,
            t.text3,
        );
        if response.clicked() {
            self.scenario_name_text = name.to_owned();
        }
        let steps = session.doc.proposal.steps.len();
        Popup::menu(&response)
            .frame(kit::popup_frame(look))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.set_width(240.0);
                ui.label("Name");
                let field = ui.add(egui::TextEdit::singleline(&mut self.scenario_name_text));
                field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Name of the scenario"));
                if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
                    out.push(Command::RenameScenario(self.scenario_name_text.clone()));
                    ui.close();
                }
                ui.separator();
                for branch in &session.doc.proposal.others {
                    let label = format!("Switch to {}", branch.name);
                    let steps = words::count(branch.steps.len() as u64, "step", "steps");
                    if super::topbar::menu_item(ui, look, &branch.name, &label, &steps, true) {
                        out.push(Command::SwitchBranch(branch.name.clone()));
                    }
                }
                if super::topbar::menu_item(ui, look, "branch", "New branch from here", "", true) {
                    out.push(Command::NewBranch(next_name(session)));
                }
                let others = !session.doc.proposal.others.is_empty();
                if others && super::topbar::menu_item(ui, look, "forget", "Forget this branch", "", true) {
                    let this = session.doc.proposal.name.clone();
                    out.push(Command::SwitchBranch(session.doc.proposal.others[0].name.clone()));
                    out.push(Command::ForgetBranch(this));
                }
                let shown = session.doc.view.steps_open;
                let label = if shown {
                    "Hide the step chart"
                } else {
                    "Show the step chart"
                };
                if super::topbar::menu_item(ui, look, "steps", label, "", steps > 0 || shown) {
                    out.push(Command::ShowSteps(!shown));
                }
                if super::topbar::menu_item(ui, look, "rotated", "Paste rotated credentials…", "", true) {
                    self.dialog = Some(super::Dialog::Rotated { text: String::new() });
                }
                ui.separator();
                if super::topbar::menu_item(ui, look, "save-scenario", "Save scenario…", "", steps > 0) {
                    self.want_export = Some(crate::session::ExportKind::Scenario);
                }
                if super::topbar::menu_item(ui, look, "clear-scenario", "Remove all actions", "", steps > 0) {
                    out.push(Command::ClearActions);
                }
            });
        (r.min.x + 16.0 + w + 16.0).max(r.min.x + 130.0)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a chip needs its place, its number and how many there are"
    )]
    fn chip(&mut self, ui: &Ui, look: &Look, r: Rect, i: usize, chip: &Chip, count: usize, out: &mut Vec<Command>) {
        let t = look.t;
        let words = format!("{} {}", chip.verb, chip.what);
        let body = ui.interact(r, Id::new(("chip", i)), Sense::click_and_drag());
        body.widget_info(|| {
            WidgetInfo::labeled(
                WidgetType::Button,
                true,
                format!("{words}; arrow keys with Ctrl move it"),
            )
        });
        kit::focus_ring(ui, look, &body, 8.0);
        let p = ui.painter();
        let (fill, border) = match (&chip.error, chip.on) {
            (Some(_), _) => (Some(t.compromised_fill), t.compromised),
            (None, true) => (Some(t.accent_fill), t.accent),
            (None, false) => (None, t.control),
        };
        kit::rect(p, r, 8.0, fill, look.stroke(1.0, border));
        let y = r.center().y;
        let check = Rect::from_center_size(pos2(r.min.x + 18.0, y), vec2(14.0, 14.0));
        kit::paint_check(p, look, check, chip.on);
        let hit = Rect::from_center_size(check.center(), vec2(28.0, 30.0));
        let toggled = kit::check_row(ui, look, Id::new(("chip-on", i)), hit, chip.on, &words);
        if toggled.clicked() {
            out.push(Command::ToggleAction(i));
        }
        let ink = if chip.on { t.text } else { t.text2 };
        let end = r.max.x - 28.0;
        let x = r.min.x + 34.0;
        let wv = kit::left_cut(p, x, y, &chip.verb, 12.5, Face::SemiBold, ink, end - x);
        let x = x + wv + 7.0;
        if end - x > 12.0 {
            kit::left_cut(p, x, y, &chip.what, 12.5, Face::Regular, t.text2, end - x);
        }
        let x_hit = Rect::from_center_size(pos2(r.max.x - 15.0, y), vec2(24.0, 30.0));
        let remove = kit::clickable(
            ui,
            look,
            Id::new(("chip-x", i)),
            x_hit,
            &format!("Remove {words}"),
            true,
        );
        let ink = if remove.hovered() { t.text } else { t.text3 };
        kit::icon(p, r.max.x - 15.0, y, icons::X, 11.0, Face::IconBold, ink);
        if remove.clicked() {
            out.push(Command::RemoveAction(i));
        }
        // Dragging a chip onto another puts it there; so do Ctrl and the arrow keys.
        body.dnd_set_drag_payload(i);
        if let Some(from) = body.dnd_release_payload::<usize>()
            && *from != i
        {
            out.push(Command::MoveAction(*from, i));
        }
        if body.has_focus() {
            let (earlier, later) = ui.input_mut(|input| {
                (
                    input.consume_key(Modifiers::COMMAND, Key::ArrowLeft),
                    input.consume_key(Modifiers::COMMAND, Key::ArrowRight),
                )
            });
            if earlier && i > 0 {
                out.push(Command::MoveAction(i, i - 1));
            }
            if later && i + 1 < count {
                out.push(Command::MoveAction(i, i + 1));
            }
        }
        match &chip.error {
            Some(why) => body.on_hover_text(format!("{words}\n{why}")),
            None => body.on_hover_text(words),
        };
    }
}

fn empty_words(session: &Session) -> &'static str {
    if session.doc.proposal.seeds.is_empty() {
        "No actions yet"
    } else {
        "No actions yet. Hover one to see what it would take off"
    }
}

fn chips(session: &Session) -> Vec<Chip> {
    let Some(estate) = &session.doc.estate else {
        return Vec::new();
    };
    let errors = session
        .answer
        .reach
        .as_ref()
        .map(|r| r.errors.clone())
        .unwrap_or_default();
    session
        .doc
        .proposal
        .steps
        .iter()
        .enumerate()
        .map(|(i, step)| {
            let (verb, what) = words::action_words(&step.action, estate.inventory());
            let width =
                34.0 + kit::width(Face::SemiBold, 12.5, &verb) + 7.0 + kit::width(Face::Regular, 12.5, &what) + 30.0;
            Chip {
                verb,
                what,
                on: step.on,
                error: errors
                    .iter()
                    .find(|(at, _)| *at == i)
                    .map(|(_, why)| why.clone())
                    .filter(|_| step.on),
                width,
            }
        })
        .collect()
}

/// A name for another branch: this one's with the next number that is free.
pub(super) fn next_name(session: &Session) -> String {
    let names = session.doc.proposal.branch_names();
    let stem = session.doc.proposal.name.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = stem.trim_end_matches(['-', ' ']);
    (2..)
        .map(|n: u32| format!("{stem}-{n}"))
        .find(|name| !names.contains(&name.as_str()))
        .unwrap_or_default()
}
