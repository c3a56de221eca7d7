//! What lies over the window: export, open by path, shortcuts, asking before work is lost, notices, problems, and what
//! hovers over the window to be dropped.

mod forms;

use super::kit::{self, Kind, Look, c32};
use super::{Window, joins, left};
use crate::model::{Diagnostic, Level};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, ExportKind, NoticeLevel, Session, words};
use egui::{Area, Id, Key, Modal, Order, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use std::path::PathBuf;

/// What is asked of the analyst right now.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// A path to open.
    OpenPath {
        /// As typed.
        path: String,
    },
    /// Where to write.
    Export {
        /// What is written.
        kind: ExportKind,
        /// As typed.
        path: String,
    },
    /// A list of credentials that were rotated already.
    Rotated {
        /// As typed or pasted.
        text: String,
    },
    /// A note on something.
    Note {
        /// Its id, or a relation's name.
        on: String,
        /// As typed.
        text: String,
    },
    /// The list of keys.
    Shortcuts,
    /// Work would be lost.
    Lose {
        /// What the analyst was about to do; nothing for closing the window.
        then: Option<Command>,
    },
}

impl Dialog {
    /// An empty path to open.
    #[must_use]
    pub fn open_path() -> Self {
        Self::OpenPath { path: String::new() }
    }
}

/// Every key that does something, as the list under `?` shows them.
pub const SHORTCUTS: &[(&str, &str)] = &[
    ("Ctrl O", "Open files"),
    ("Ctrl L", "Open by path"),
    ("Ctrl S", "Save the session"),
    ("Ctrl E", "Export a picture"),
    ("Ctrl Shift C", "Copy the picture"),
    ("Ctrl K", "Search records and commands"),
    ("Ctrl Z", "Undo"),
    ("Ctrl Shift Z", "Redo"),
    ("Ctrl F", "Filter credentials"),
    ("Ctrl 1 …", "Show a tab, from the left"),
    ("↑ ↓", "Walk the rows of the table"),
    ("Ctrl + −", "Everything larger, smaller; Ctrl 0 as it was"),
    ("F", "Fit the map"),
    ("+  −", "Zoom the map"),
    ("C", "Mark the selection as compromised, or not"),
    ("Shift drag", "Take what lies in a box together; with Ctrl, more"),
    (
        "Shift click",
        "Take a node to them, or away; Shift Space on the focused one",
    ),
    ("Arrow keys", "Walk the map: parent, child, siblings"),
    ("Ctrl ← →", "Move the focused action"),
    ("Tab", "Next control"),
    ("Esc", "Close, cancel or select nothing"),
    ("?", "This list"),
];

impl Window {
    pub(super) fn dialogs(&mut self, ui: &Ui, look: &Look, session: &Session, out: &mut Vec<Command>) {
        if let Some(on) = session.note_asked.clone() {
            let text = session.doc.notes.get(&on).cloned().unwrap_or_default();
            self.dialog = Some(Dialog::Note { on, text });
            out.push(Command::AskNote(None));
        }
        let Some(mut dialog) = self.dialog.clone() else { return };
        let mut keep = true;
        let ctx = ui.ctx().clone();
        let response = Modal::new(Id::new("dialog"))
            .frame(kit::popup_frame(look).inner_margin(20.0).corner_radius(10.0))
            .backdrop_color(c32(look.t.canvas).gamma_multiply(0.6))
            .show(&ctx, |ui| {
                ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
                match &mut dialog {
                    Dialog::OpenPath { path } => keep = open_path(ui, look, path, out),
                    Dialog::Export { kind, path } => keep = forms::export(ui, look, *kind, path, session, out),
                    Dialog::Rotated { text } => keep = forms::rotated(ui, look, text, session, out),
                    Dialog::Note { on, text } => keep = forms::note(ui, look, on, text, session, out),
                    Dialog::Shortcuts => keep = shortcuts(ui, look),
                    Dialog::Lose { then } => keep = self.lose(ui, look, then.clone(), session, out),
                }
            });
        self.dialog = (keep && !response.should_close()).then_some(dialog);
    }

    fn lose(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        then: Option<Command>,
        session: &Session,
        out: &mut Vec<Command>,
    ) -> bool {
        ui.set_width(420.0);
        title(ui, look, "Close without saving?");
        let unsaved = session.doc.unsaved();
        for (name, steps) in &unsaved {
            ui.label(format!(
                "The scenario \"{name}\" has {} in no file",
                if *steps == 1 {
                    "1 step that is".to_owned()
                } else {
                    format!("{} steps that are", words::number(*steps as u64))
                }
            ));
        }
        // A scenario's file holds one; a session holds all of them.
        let (label, kind) = match unsaved.as_slice() {
            [(name, _)] if *name == session.doc.proposal.name => ("Save scenario…", ExportKind::Scenario),
            _ => ("Save session…", ExportKind::Session),
        };
        let mut keep = true;
        ui.horizontal(|ui| {
            if button(ui, look, "lose-save", label, Kind::Primary) {
                self.want_export = Some(kind);
                keep = false;
            }
            if button(ui, look, "lose-close", "Close without saving", Kind::Normal) {
                keep = false;
                match &then {
                    Some(command) => {
                        self.confirmed = Some(command.clone());
                        out.push(command.clone());
                    }
                    None => self.close_confirmed = true,
                }
            }
            if button(ui, look, "lose-cancel", "Cancel", Kind::Normal) {
                keep = false;
            }
        });
        keep
    }

    /// What could not be read, with file and place, and what was joined, over the map.
    pub(super) fn problems(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        if !self.problems_open {
            return;
        }
        let t = look.t;
        let p = ui.painter().clone();
        // The map below must not take clicks that are meant for the list.
        ui.interact(r, Id::new("problems-panel"), Sense::click());
        p.rect_filled(r, 0.0, c32(t.panel));
        p.hline(r.x_range(), r.min.y, look.hairline());
        let n = session.problem_count() as u64;
        let joins = session.joins();
        let mut head = words::count(n, "problem", "problems");
        if !joins.is_empty() {
            head = format!("{head} · {}", words::count(joins.len() as u64, "join", "joins"));
        }
        let w = kit::left(&p, r.min.x + 16.0, r.min.y + 20.0, &head, 12.5, Face::SemiBold, t.text);
        let at = Rect::from_min_size(pos2(r.min.x + 16.0, r.min.y + 8.0), vec2(w, 24.0));
        kit::name_text(ui, Id::new("problems-head"), at, &head);
        let at = pos2(r.max.x - 24.0, r.min.y + 20.0);
        if kit::icon_button(
            ui,
            look,
            Id::new("problems-close"),
            at,
            icons::X,
            14.0,
            "Close problems",
            true,
        )
        .clicked()
        {
            self.problems_open = false;
        }
        let list = Rect::from_min_max(pos2(r.min.x, r.min.y + 38.0), r.max - vec2(0.0, 4.0));
        ui.scope_builder(UiBuilder::new().id_salt("problems").max_rect(list), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let troubles = &session.troubles;
            let diagnostics = session.diagnostics();
            let problems = troubles.len() + diagnostics.len();
            let total = problems + joins.len();
            if problems == 0 {
                let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
                let said = "Everything in the files was understood";
                kit::left(
                    ui.painter(),
                    row.min.x + 16.0,
                    row.center().y,
                    said,
                    12.0,
                    Face::Regular,
                    t.text2,
                );
                kit::name_text(ui, Id::new("no-problems"), row, said);
            }
            ScrollArea::vertical()
                .id_salt("problems-scroll")
                .auto_shrink(false)
                .show_rows(ui, joins::ROW, total, |ui, range| {
                    for i in range {
                        let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), joins::ROW), Sense::hover());
                        if let Some(join) = i.checked_sub(problems).and_then(|i| joins.get(i)) {
                            joins::row(ui, look, row, join, session, out);
                            continue;
                        }
                        match troubles.get(i) {
                            Some(said) => problem_row(ui, look, row, i, Level::Error, "", said),
                            None => {
                                let d = &diagnostics[i - troubles.len()];
                                problem_row(ui, look, row, i, d.level, &place(session, d), &d.message);
                            }
                        }
                    }
                });
        });
    }

    /// Messages at the lower right of the map; they go after six seconds, and stay while hovered.
    pub(super) fn notices(&mut self, ui: &Ui, look: &Look, map: Rect, session: &Session, out: &mut Vec<Command>) {
        const STAY_SECS: f64 = 6.0;
        let t = look.t;
        let now = ui.input(|i| i.time);
        self.notice_seen
            .retain(|(id, _)| session.notices.iter().any(|n| n.id == *id));
        let mut y = map.max.y - 12.0;
        let mut wait: Option<f64> = None;
        for notice in session.notices.iter().rev() {
            let since = match self.notice_seen.iter().find(|(id, _)| *id == notice.id) {
                Some((_, since)) => *since,
                None => {
                    self.notice_seen.push((notice.id, now));
                    now
                }
            };
            let wrap = 340.0 - 68.0;
            let galley = ui
                .painter()
                .layout(notice.text.clone(), kit::font(Face::Regular, 12.0), c32(t.text), wrap);
            let more = if notice.offer.is_some() { 36.0 } else { 0.0 };
            let height = (galley.size().y + 22.0).max(40.0) + more;
            let r = Rect::from_min_max(pos2(map.max.x - 12.0 - 340.0, y - height), pos2(map.max.x - 12.0, y));
            y = r.min.y - 8.0;
            let hovered = Area::new(Id::new(("notice", notice.id)))
                .order(Order::Foreground)
                .fixed_pos(r.min)
                .fade_in(false)
                .show(ui.ctx(), |ui| {
                    let (_, response) = ui.allocate_exact_size(r.size(), Sense::hover());
                    let p = ui.painter();
                    p.add(kit::popup_shadow(look.theme).as_shape(r, egui::CornerRadius::same(8)));
                    kit::rect(p, r, 8.0, Some(t.panel), look.stroke(1.0, t.hairline));
                    let (glyph, ink) = match notice.level {
                        NoticeLevel::Done => (icons::CHECK_CIRCLE, t.accent_text),
                        NoticeLevel::Note => (icons::INFO, t.text2),
                        NoticeLevel::Trouble => (icons::WARNING_CIRCLE, t.compromised_text),
                    };
                    kit::icon(p, r.min.x + 20.0, r.min.y + 20.0, glyph, 16.0, Face::Icon, ink);
                    p.galley(pos2(r.min.x + 36.0, r.min.y + 12.0), galley, c32(t.text));
                    kit::name_text(
                        ui,
                        Id::new(("notice-text", notice.id)),
                        r.shrink2(vec2(32.0, 0.0)),
                        &notice.text,
                    );
                    let at = pos2(r.max.x - 18.0, r.min.y + 20.0);
                    if kit::icon_button(
                        ui,
                        look,
                        Id::new(("notice-x", notice.id)),
                        at,
                        icons::X,
                        11.0,
                        "Dismiss",
                        true,
                    )
                    .clicked()
                    {
                        out.push(Command::DismissNotice(notice.id));
                    }
                    if let Some((words, command)) = &notice.offer {
                        let w = kit::button_width(words, false);
                        let at = Rect::from_min_size(pos2(r.min.x + 36.0, r.max.y - 38.0), vec2(w, 28.0));
                        let id = Id::new(("notice-offer", notice.id));
                        if kit::button(ui, look, id, at, words, None, Kind::Normal, true).clicked() {
                            out.push(command.clone());
                            out.push(Command::DismissNotice(notice.id));
                        }
                    }
                    response.hovered()
                })
                .inner;
            let left = STAY_SECS - (now - since);
            // What offers something waits for an answer.
            if notice.offer.is_some() {
                continue;
            }
            if left <= 0.0 && !hovered {
                out.push(Command::DismissNotice(notice.id));
            } else if hovered {
                self.notice_seen
                    .iter_mut()
                    .filter(|(id, _)| *id == notice.id)
                    .for_each(|(_, at)| *at = now);
            } else {
                wait = Some(wait.map_or(left, |w: f64| w.min(left)));
            }
        }
        if let Some(secs) = wait {
            ui.ctx().request_repaint_after_secs(secs as f32 + 0.01);
        }
    }

    /// What hovers over the window: each file by name and what it is.
    pub(super) fn drop_overlay(&self, ui: &Ui, look: &Look, r: Rect) {
        let hovering = ui.input(|i| i.raw.hovered_files.clone());
        if hovering.is_empty() {
            return;
        }
        let t = look.t;
        Area::new(Id::new("drop"))
            .order(Order::Foreground)
            .fixed_pos(r.min)
            .interactable(false)
            .fade_in(false)
            .show(ui.ctx(), |ui| {
                let p = ui.painter();
                p.rect_filled(r, 0.0, c32(t.canvas.with_opacity(0.88)));
                kit::dashed_rect(p, r.shrink(16.0), 10.0, look.stroke(2.0, t.accent), 7.0, 6.0);
                let lines: Vec<String> = hovering
                    .iter()
                    .take(9)
                    .map(|f| what_is(f.path.as_ref(), &f.mime))
                    .collect();
                let mut y = r.center().y - 12.0 * lines.len() as f32;
                kit::icon(
                    p,
                    r.center().x,
                    y - 62.0,
                    icons::UPLOAD_SIMPLE,
                    26.0,
                    Face::Icon,
                    t.accent,
                );
                let n = hovering.len() as u64;
                let head = format!("Drop to open {}", words::count(n, "item", "items"));
                kit::center(p, r.center().x, y - 26.0, &head, 18.0, Face::SemiBold, t.text);
                kit::name_text(
                    ui,
                    Id::new("drop-head"),
                    Rect::from_center_size(pos2(r.center().x, y - 26.0), vec2(300.0, 24.0)),
                    &head,
                );
                for (i, line) in lines.iter().enumerate() {
                    kit::center(p, r.center().x, y + 4.0, line, 13.0, Face::Regular, t.text2);
                    kit::name_text(
                        ui,
                        Id::new(("drop", i)),
                        Rect::from_center_size(pos2(r.center().x, y + 4.0), vec2(500.0, 20.0)),
                        line,
                    );
                    y += 24.0;
                }
                if hovering.len() > lines.len() {
                    let more = format!("and {} more", words::number((hovering.len() - lines.len()) as u64));
                    kit::center(p, r.center().x, y + 4.0, &more, 13.0, Face::Regular, t.text3);
                }
            });
    }
}

/// What a hovering file seems to be, from its name alone: it is read only once it is dropped.
fn what_is(path: Option<&PathBuf>, mime: &str) -> String {
    let Some(path) = path else { return mime.to_owned() };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let lower = name.to_lowercase();
    let what = if path.is_dir() {
        "folder; every inventory below it is read"
    } else if lower.ends_with(".scenario.json") {
        "scenario"
    } else if lower.ends_with(".zip") || lower.ends_with(".gz") {
        "archive; every inventory in it is read"
    } else if lower.ends_with(".json") || lower.ends_with(".csv") {
        "inventory or export; recognised by its content"
    } else {
        "recognised by its content, if at all"
    };
    format!("{name}: {what}")
}

/// File and place of a diagnostic, as people look for it.
fn place(session: &Session, d: &Diagnostic) -> String {
    let (Some(place), Some(estate)) = (&d.place, &session.doc.estate) else {
        return String::new();
    };
    let file = estate.loaded.file_name(place.file);
    match place.line() {
        Some(line) => format!("{file}:{line} {}", place.pointer),
        None => format!("{file} {}", place.pointer),
    }
}

fn problem_row(ui: &Ui, look: &Look, r: Rect, i: usize, level: Level, place: &str, message: &str) {
    let t = look.t;
    let p = ui.painter();
    p.hline(r.min.x + 16.0..=r.max.x - 16.0, r.max.y - 0.5, look.hairline());
    let (glyph, ink) = match level {
        Level::Error => (icons::WARNING_CIRCLE, t.compromised_text),
        Level::Conflict => (icons::WARNING, t.inherited_text),
        Level::Warning => (icons::WARNING, t.text3),
    };
    let y = r.center().y;
    kit::icon(p, r.min.x + 24.0, y, glyph, 15.0, Face::Icon, ink);
    let x = r.min.x + 40.0;
    let most = r.max.x - 16.0 - x;
    let (first, second) = if place.is_empty() {
        (y, None)
    } else {
        (y - 8.0, Some(y + 9.0))
    };
    kit::left_cut(p, x, first, message, 12.0, Face::Regular, t.text, most);
    if let Some(second) = second {
        kit::left_cut(p, x, second, place, 11.0, Face::Mono, t.text3, most);
    }
    let said = format!("{}: {message} {place}", level.as_str());
    kit::name_text(ui, Id::new(("problem", i)), r, said.trim()).on_hover_text(message);
}

fn title(ui: &mut Ui, look: &Look, text: &str) {
    let size = kit::width(Face::SemiBold, 16.0, text);
    let (r, _) = ui.allocate_exact_size(vec2(size.max(ui.available_width()), 24.0), Sense::hover());
    kit::left(
        ui.painter(),
        r.min.x,
        r.center().y,
        text,
        16.0,
        Face::SemiBold,
        look.t.text,
    );
    kit::name_text(ui, Id::new("dialog-title"), r, text);
}

fn button(ui: &mut Ui, look: &Look, salt: &str, label: &str, kind: Kind) -> bool {
    let (r, _) = ui.allocate_exact_size(vec2(kit::button_width(label, false), 32.0), Sense::hover());
    kit::button(ui, look, Id::new(("dialog", salt)), r, label, None, kind, true).clicked()
}

fn path_field(ui: &mut Ui, look: &Look, path: &mut String, name: &str) -> bool {
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    let response = left::text_field(ui, look, "dialog-path", r, path, "/home/…/inventory.json", name);
    // Asked first: Enter takes the focus away, and giving it back would hide that.
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    if !entered && ui.memory(|m| m.focused().is_none()) {
        response.request_focus();
    }
    entered
}

fn open_path(ui: &mut Ui, look: &Look, path: &mut String, out: &mut Vec<Command>) -> bool {
    ui.set_width(520.0);
    title(ui, look, "Open by path");
    ui.label("A file, a folder, a .zip or a .gz");
    let entered = path_field(ui, look, path, "Path to open");
    let mut keep = true;
    ui.horizontal(|ui| {
        if button(ui, look, "open", "Open", Kind::Primary) || entered {
            out.push(Command::Open(vec![PathBuf::from(path.trim())]));
            keep = false;
        }
        if button(ui, look, "cancel", "Cancel", Kind::Normal) {
            keep = false;
        }
    });
    keep
}

fn shortcuts(ui: &mut Ui, look: &Look) -> bool {
    ui.set_width(420.0);
    title(ui, look, "Keyboard shortcuts");
    ui.spacing_mut().item_spacing.y = 0.0;
    for (keys, what) in SHORTCUTS {
        let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
        let y = r.center().y;
        kit::left(ui.painter(), r.min.x, y, what, 12.5, Face::Regular, look.t.text);
        let mut x = r.max.x;
        for key in keys.split(' ').rev().filter(|k| !k.is_empty()) {
            if key == "keys" || key == "Arrow" {
                x -= kit::right(ui.painter(), x, y, key, 11.0, Face::Regular, look.t.text3) + 4.0;
                continue;
            }
            let w = kit::width(Face::Medium, 10.5, key) + 10.0;
            kit::keycap(ui.painter(), look, x - w, y, key);
            x -= w + 4.0;
        }
        kit::name_text(ui, Id::new(("shortcut", what)), r, &format!("{keys}: {what}"));
    }
    ui.add_space(12.0);
    !button(ui, look, "close", "Close", Kind::Normal)
}

/// A thin bar under the tabs while files are read or written, with what is done and Cancel.
pub fn loading(ui: &Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
    let Some((name, progress)) = session.task() else { return };
    let t = look.t;
    let share = if progress.total > 0 {
        progress.done as f32 / progress.total as f32
    } else {
        0.0
    };
    Area::new(Id::new("loading"))
        .order(Order::Foreground)
        .fixed_pos(r.min)
        .fade_in(false)
        .show(ui.ctx(), |ui| {
            let box_ = Rect::from_min_size(r.min, vec2(r.width(), 38.0));
            ui.allocate_exact_size(box_.size(), Sense::hover());
            let p = ui.painter();
            p.rect_filled(box_, 0.0, c32(t.panel));
            p.hline(box_.x_range(), box_.max.y - 0.5, look.hairline());
            p.rect_filled(
                Rect::from_min_size(box_.min, vec2(box_.width(), 2.0)),
                0.0,
                c32(t.hairline),
            );
            let done = Rect::from_min_size(box_.min, vec2(box_.width() * share.clamp(0.02, 1.0), 2.0));
            p.rect_filled(done, 0.0, c32(t.accent));
            let what = if progress.what.is_empty() {
                name.to_owned()
            } else {
                progress.what.clone()
            };
            let said = if progress.total > 0 {
                format!("{what}, {} %", (share * 100.0).clamp(0.0, 100.0).round())
            } else {
                what
            };
            let y = box_.center().y + 1.0;
            kit::left_cut(
                p,
                box_.min.x + 16.0,
                y,
                &said,
                12.0,
                Face::Regular,
                t.text2,
                box_.width() - 120.0,
            );
            kit::name_text(ui, Id::new("loading-text"), box_.shrink2(vec2(100.0, 0.0)), &said);
            let at = Rect::from_min_size(pos2(box_.max.x - 84.0, box_.min.y + 6.0), vec2(72.0, 26.0));
            if kit::button(ui, look, Id::new("cancel-task"), at, "Cancel", None, Kind::Normal, true).clicked() {
                out.push(Command::Cancel);
            }
        });
}
