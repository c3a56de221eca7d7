//! The top bar: open, export, undo and redo with their step's name, as-of, colours, regime.

use super::kit::{self, Look, c32};
use super::{Dialog, Window};
use crate::graph::Regime;
use crate::model::Time;
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, ExportKind, Session, ThemeChoice, words};
use egui::{Id, Key, Popup, PopupCloseBehavior, Rect, Sense, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2};

/// How tall the bar is.
pub const HEIGHT: f32 = 44.0;

/// What a regime is called.
#[must_use]
pub fn regime_words(regime: Regime) -> (&'static str, &'static str) {
    match regime {
        Regime::WorstCase => ("Worst case", "A check counts as missing until the inventory states it"),
        Regime::BestCase => ("Best case", "A check counts as made unless the inventory denies it"),
        Regime::Intended => ("As intended", "Every check is made and only what was meant exists"),
    }
}

impl Window {
    pub(super) fn top_bar(&mut self, ui: &mut Ui, look: &Look, bar: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter().clone();
        p.rect_filled(bar, 0.0, c32(t.panel));
        p.hline(bar.x_range(), bar.max.y - 0.5, look.hairline());
        let y = bar.center().y;
        for r in [8.5, 5.0] {
            p.circle_stroke(pos2(bar.min.x + 22.0, y), r, look.stroke(1.5, t.accent));
        }
        p.circle_filled(pos2(bar.min.x + 22.0, y), 2.0, c32(t.accent));

        let open = session.doc.estate.is_some();
        let mut x = bar.min.x + 36.0;
        x = self.open_menu(ui, look, x, y, open, out);
        x = self.session_menu(ui, look, x, y, session, out);
        x = self.export_menu(ui, look, x, y, session, out);
        p.vline(x + 4.0, y - 10.0..=y + 10.0, look.hairline());
        x += 12.0;
        x = undo_and_redo(ui, look, x, y, session, out);

        let mut right = bar.max.x - 12.0;
        right = regime_menu(ui, look, right, y, session, out) - 8.0;
        right = theme_menu(ui, look, right, y, session, out) - 12.0;
        if open && right - x > 260.0 {
            self.as_of(ui, look, right, y, session, out);
            right -= 260.0;
        }
        // In the middle of the window where there is room, else where there is any.
        let most = if bar.width() < 1400.0 { 240.0 } else { 330.0 };
        let room = right - x - 24.0;
        if room >= 130.0 {
            let w = room.min(most);
            let left = (bar.center().x - w / 2.0).clamp(x + 12.0, right - 12.0 - w);
            let field = Rect::from_min_size(pos2(left, y - 14.0), vec2(w, 28.0));
            self.search_button(ui, look, field);
        }
    }

    fn open_menu(&mut self, ui: &mut Ui, look: &Look, x: f32, y: f32, open: bool, out: &mut Vec<Command>) -> f32 {
        let (response, end) = menu_button(ui, look, "open", x, y, "Open…", false);
        Popup::menu(&response).frame(kit::popup_frame(look)).show(|ui| {
            ui.set_width(240.0);
            if menu_item(ui, look, "files", "Open files…", "Ctrl O", true) {
                out.push(Command::ChooseFiles);
            }
            if menu_item(ui, look, "folder", "Open folder…", "", true) {
                out.push(Command::ChooseFolder);
            }
            if menu_item(ui, look, "path", "Open by path…", "Ctrl L", true) {
                self.dialog = Some(Dialog::open_path());
            }
            if open {
                ui.separator();
                if menu_item(ui, look, "close", "Close all", "", true) {
                    out.push(Command::CloseAll);
                }
            }
        });
        end
    }

    fn session_menu(&mut self, ui: &Ui, look: &Look, x: f32, y: f32, session: &Session, out: &mut Vec<Command>) -> f32 {
        let open = session.doc.estate.is_some();
        let (response, end) = menu_button(ui, look, "session", x, y, "Session", true);
        Popup::menu(&response).frame(kit::popup_frame(look)).show(|ui| {
            ui.set_width(280.0);
            if menu_item(ui, look, "save", "Save session", "Ctrl S", open) {
                match session.doc.session_file {
                    Some(_) => out.push(Command::SaveSession),
                    None => self.want_export = Some(ExportKind::Session),
                }
            }
            if menu_item(ui, look, "save-as", "Save session as…", "", open) {
                self.want_export = Some(ExportKind::Session);
            }
            if menu_item(ui, look, "again", "Read the files again", "", open) {
                out.push(Command::ReadAgain);
            }
            if !session.settings.recent.is_empty() {
                ui.separator();
            }
            for path in &session.settings.recent {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let shown = crate::scene::fonts::elide(Face::Regular, 12.5, &name, 250.0);
                if menu_item(ui, look, &path.to_string_lossy(), &shown, "", true) {
                    out.push(Command::Open(vec![path.clone()]));
                }
            }
        });
        end
    }

    fn export_menu(&mut self, ui: &Ui, look: &Look, x: f32, y: f32, session: &Session, out: &mut Vec<Command>) -> f32 {
        let open = session.doc.estate.is_some();
        let (response, end) = menu_button(ui, look, "export", x, y, "Export", true);
        Popup::menu(&response).frame(kit::popup_frame(look)).show(|ui| {
            ui.set_width(300.0);
            let redacted = session.doc.view.redacted;
            let what = "Ids, owners, tags, scopes, files too; numbers stay";
            if open && menu_choice(ui, look, "redacted", "Aliases instead of names", what, redacted) {
                out.push(Command::SetRedacted(!redacted));
            }
            for (kind, label, keys) in [
                (ExportKind::Png, "Copy picture", "Ctrl Shift C"),
                (ExportKind::Csv, "Copy rows", ""),
            ] {
                if menu_item(ui, look, label, label, keys, open) {
                    out.push(Command::Copy(kind));
                }
            }
            for kind in ExportKind::ALL {
                let hint = if kind == ExportKind::Png { "Ctrl E" } else { "" };
                if menu_item(ui, look, kind.label(), kind.label(), hint, open) {
                    self.want_export = Some(kind);
                }
            }
        });
        end
    }

    fn as_of(&mut self, ui: &mut Ui, look: &Look, right: f32, y: f32, session: &Session, out: &mut Vec<Command>) {
        let (Some((now, _)), Some((first, last))) = (session.doc.as_of(), session.as_of_range()) else {
            return;
        };
        let t = look.t;
        let track = Rect::from_center_size(pos2(right - 48.0, y), vec2(96.0, 24.0));
        let id = Id::new("as-of-slider");
        let response = ui.interact(track.expand2(vec2(6.0, 0.0)), id, Sense::click_and_drag());
        let span = (last.unix_secs() - first.unix_secs()).max(86_400) as f32;
        let at = ((now.unix_secs() - first.unix_secs()) as f32 / span).clamp(0.0, 1.0);
        response.widget_info(|| {
            let mut info = WidgetInfo::slider(true, f64::from(at), "As-of date");
            info.current_text_value = Some(words::day(now));
            info
        });
        if let Some(pos) = response.interact_pointer_pos() {
            let share = ((pos.x - track.min.x) / track.width()).clamp(0.0, 1.0);
            let days = (share * span / 86_400.0).round() as i64;
            out.push(Command::SetAsOf(Some(first.plus_days(days))));
        }
        if response.has_focus() {
            let step =
                ui.input(|i| i64::from(i.key_pressed(Key::ArrowRight)) - i64::from(i.key_pressed(Key::ArrowLeft)));
            if step != 0 {
                out.push(Command::SetAsOf(Some(now.plus_days(step))));
            }
        }
        let p = ui.painter();
        let knob = track.min.x + at * track.width();
        p.hline(track.x_range(), y, look.stroke(2.0, t.control));
        p.hline(track.min.x..=knob, y, look.stroke(2.0, t.text2));
        p.circle(pos2(knob, y), 6.0, c32(t.panel), look.stroke(2.0, t.text));
        kit::focus_ring(ui, look, &response, 6.0);

        let label = format!("As of {}", words::day(now));
        let w = kit::width(Face::Regular, 12.5, &label);
        let r = Rect::from_min_max(
            pos2(track.min.x - 20.0 - w - 8.0, y - 14.0),
            pos2(track.min.x - 12.0, y + 14.0),
        );
        let response = kit::clickable(ui, look, Id::new("as-of"), r, &label, true);
        if response.hovered() {
            kit::rect(ui.painter(), r, 6.0, Some(t.raised), egui::Stroke::NONE);
        }
        kit::right(
            ui.painter(),
            track.min.x - 20.0 + 4.0,
            y,
            &label,
            12.5,
            Face::Regular,
            t.text2,
        );
        if response.clicked() {
            self.as_of_text = now.to_string().chars().take(10).collect();
        }
        Popup::menu(&response)
            .frame(kit::popup_frame(look))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.set_width(220.0);
                ui.label("Look at the estate as of");
                let field = ui.add(egui::TextEdit::singleline(&mut self.as_of_text).hint_text("2026-05-01"));
                field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "As-of date, year-month-day"));
                let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                let parsed = parse_day(&self.as_of_text);
                if parsed.is_none() {
                    ui.colored_label(c32(t.compromised_text), "Expected a day such as 2026-05-01");
                }
                ui.horizontal(|ui| {
                    if (ui.button("Look").clicked() || entered) && parsed.is_some() {
                        out.push(Command::SetAsOf(parsed));
                        ui.close();
                    }
                    if ui.button("The inventory's own").clicked() {
                        out.push(Command::SetAsOf(None));
                        ui.close();
                    }
                });
            });
    }
}

fn parse_day(text: &str) -> Option<Time> {
    let text = text.trim();
    text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}

fn undo_and_redo(ui: &Ui, look: &Look, x: f32, y: f32, session: &Session, out: &mut Vec<Command>) -> f32 {
    let t = look.t;
    let undo = session.doc.history.undo_name();
    let said = undo.unwrap_or("Nothing to undo");
    let shown = crate::scene::fonts::elide(Face::Regular, 12.0, said, 220.0);
    let w = kit::width(Face::Regular, 12.0, &shown);
    let r = Rect::from_min_size(pos2(x, y - 14.0), vec2(w + 34.0, 28.0));
    let label = undo.map_or_else(|| "Nothing to undo".to_owned(), |n| format!("Undo {n}"));
    let response = kit::clickable(ui, look, Id::new("undo"), r, &label, undo.is_some());
    let p = ui.painter();
    if undo.is_some() && response.hovered() {
        kit::rect(p, r, 6.0, Some(t.raised), egui::Stroke::NONE);
    }
    let ink = if undo.is_some() { t.text } else { t.text3 };
    kit::icon(p, x + 13.0, y, icons::ARROW_COUNTER_CLOCKWISE, 15.0, Face::Icon, ink);
    kit::left(
        p,
        x + 26.0,
        y,
        &shown,
        12.0,
        Face::Regular,
        if undo.is_some() { t.text2 } else { t.text3 },
    );
    if response.on_hover_text("Ctrl+Z").clicked() {
        out.push(Command::Undo);
    }
    let redo = session.doc.history.redo_name();
    let at = pos2(r.max.x + 14.0, y);
    let label = redo.map_or_else(|| "Nothing to redo".to_owned(), |n| format!("Redo {n}"));
    if kit::icon_button(
        ui,
        look,
        Id::new("redo"),
        at,
        icons::ARROW_CLOCKWISE,
        15.0,
        &label,
        redo.is_some(),
    )
    .clicked()
    {
        out.push(Command::Redo);
    }
    at.x + 20.0
}

fn regime_menu(ui: &Ui, look: &Look, right: f32, y: f32, session: &Session, out: &mut Vec<Command>) -> f32 {
    let t = look.t;
    let (name, _) = regime_words(session.doc.regime);
    let w = kit::width(Face::Medium, 12.5, name) + 38.0;
    let r = Rect::from_min_size(pos2(right - w, y - 14.0), vec2(w, 28.0));
    let response = kit::clickable(ui, look, Id::new("regime"), r, &format!("Regime: {name}"), true);
    let p = ui.painter();
    let border = if response.hovered() { t.text2 } else { t.control };
    kit::rect(p, r, 6.0, Some(t.raised), look.stroke(1.0, border));
    kit::left(p, r.min.x + 12.0, y, name, 12.5, Face::Medium, t.text);
    kit::icon(
        p,
        right - 14.0,
        y + 0.5,
        icons::CARET_DOWN,
        10.0,
        Face::IconBold,
        t.text3,
    );
    Popup::menu(&response).frame(kit::popup_frame(look)).show(|ui| {
        ui.set_width(340.0);
        for regime in [Regime::WorstCase, Regime::BestCase, Regime::Intended] {
            let (name, what) = regime_words(regime);
            if menu_choice(ui, look, name, name, what, session.doc.regime == regime) {
                out.push(Command::SetRegime(regime));
            }
        }
    });
    r.min.x
}

fn theme_menu(ui: &Ui, look: &Look, right: f32, y: f32, session: &Session, out: &mut Vec<Command>) -> f32 {
    let at = pos2(right - 14.0, y);
    let response = kit::icon_button(
        ui,
        look,
        Id::new("theme"),
        at,
        icons::CIRCLE_HALF,
        16.0,
        "Colours and motion",
        true,
    );
    Popup::menu(&response).frame(kit::popup_frame(look)).show(|ui| {
        ui.set_width(220.0);
        for theme in ThemeChoice::ALL {
            if menu_choice(
                ui,
                look,
                theme.label(),
                theme.label(),
                "",
                session.settings.theme == theme,
            ) {
                out.push(Command::SetTheme(theme));
            }
        }
        ui.separator();
        let less = session.settings.less_motion;
        if menu_choice(ui, look, "motion", "Less motion", "", less) {
            out.push(Command::SetLessMotion(!less));
        }
    });
    right - 28.0
}

fn menu_button(ui: &Ui, look: &Look, salt: &str, x: f32, y: f32, label: &str, caret: bool) -> (egui::Response, f32) {
    let t = look.t;
    let w = kit::width(Face::Medium, 12.5, label) + if caret { 32.0 } else { 16.0 };
    let r = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
    let response = kit::clickable(ui, look, Id::new(("menu", salt)), r, label, true);
    let p = ui.painter();
    if response.hovered() {
        kit::rect(p, r, 6.0, Some(t.raised), egui::Stroke::NONE);
    }
    let used = kit::left(p, x + 8.0, y, label, 12.5, Face::Medium, t.text);
    if caret {
        kit::icon(
            p,
            x + 8.0 + used + 9.0,
            y + 0.5,
            icons::CARET_DOWN,
            10.0,
            Face::IconBold,
            t.text3,
        );
    }
    (response, r.max.x + 4.0)
}

/// A line of a menu with its keys at the right; true where it was chosen.
pub fn menu_item(ui: &mut Ui, look: &Look, salt: &str, label: &str, keys: &str, enabled: bool) -> bool {
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    let id = ui.id().with(("item", salt));
    let response = kit::clickable(ui, look, id, r, label, enabled);
    let p = ui.painter();
    if enabled && (response.hovered() || response.has_focus()) {
        kit::rect(p, r, 6.0, Some(look.t.raised), egui::Stroke::NONE);
    }
    let ink = if enabled { look.t.text } else { look.t.text3 };
    kit::left(p, r.min.x + 8.0, r.center().y, label, 12.5, Face::Regular, ink);
    if !keys.is_empty() {
        kit::right(p, r.max.x - 8.0, r.center().y, keys, 11.0, Face::Regular, look.t.text3);
    }
    if response.clicked() {
        ui.close();
    }
    response.clicked()
}

/// A line of a menu that is one of several; true where it was chosen.
fn menu_choice(ui: &mut Ui, look: &Look, salt: &str, label: &str, what: &str, on: bool) -> bool {
    let height = if what.is_empty() { 28.0 } else { 44.0 };
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let response = ui.interact(r, ui.id().with(("choice", salt)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, on, label));
    kit::focus_ring(ui, look, &response, 6.0);
    let p = ui.painter();
    if response.hovered() {
        kit::rect(p, r, 6.0, Some(look.t.raised), egui::Stroke::NONE);
    }
    let y = r.min.y + 14.0 + if what.is_empty() { 0.0 } else { 1.0 };
    if on {
        let c = Rect::from_center_size(pos2(r.min.x + 16.0, y), Vec2::splat(12.0)).center();
        kit::icon(p, c.x, c.y, icons::CHECK, 12.0, Face::IconBold, look.t.accent_text);
    }
    let face = if on { Face::SemiBold } else { Face::Regular };
    kit::left(p, r.min.x + 30.0, y, label, 12.5, face, look.t.text);
    if !what.is_empty() {
        kit::left(p, r.min.x + 30.0, y + 17.0, what, 11.5, Face::Regular, look.t.text3);
    }
    if response.clicked() {
        ui.close();
    }
    response.clicked()
}
