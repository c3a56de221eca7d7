//! The window: panels and canvas. Borrows the session, paints it, and gives back commands; changes nothing itself but
//! what only the window knows (what is typed, what is open, where the map is scrolled to).

pub mod canvas;
mod compare;
mod dialogs;
pub mod estate;
mod evidence;
mod findings;
mod glyph;
mod inspector;
mod joins;
pub mod kit;
mod left;
mod map_tab;
mod marking;
mod matrix;
mod numbers;
mod palette;
mod paths;
mod plan;
mod steps;
mod strip;
mod table;
mod tabs;
pub mod theme;
mod time;
mod topbar;
mod tour;
mod welcome;

pub use dialogs::{Dialog, SHORTCUTS};

use crate::scene::style::Theme;
use crate::session::{Command, Copied, ExportKind, MapLayout, Sample, Session, Tab, samples};
use egui::{Id, Key, Modifiers, Rect, Sense, Ui, pos2, vec2};
use kit::{Look, c32};

/// What is read, in one line; a test holds it to the importers there are.
pub const FORMATS_LINE: &str = "Reads the native format, exports of AWS (IAM, keys, secrets, functions, EKS), Kubernetes, GitHub, Entra ID and BloodHound";

/// Widths in points below which the left panel folds to a rail and the inspector floats over the map.
const RAIL_BELOW: f32 = 1180.0;
const FLOAT_BELOW: f32 = 1000.0;
const RAIL: f32 = 44.0;
/// How long an action is hovered before the map shows what it would take off.
const PREVIEW_AFTER_SECS: f64 = 0.12;

/// What only the window knows.
pub struct Window {
    canvas: canvas::Canvas,
    estate: estate::EstateCanvas,
    samples: Vec<Sample>,
    filter: String,
    focus_filter: bool,
    problems_open: bool,
    dialog: Option<Dialog>,
    want_export: Option<ExportKind>,
    chosen_seen: u64,
    copied_seen: u64,
    confirmed: Option<Command>,
    close_confirmed: bool,
    notice_seen: Vec<(u64, f64)>,
    as_of_text: String,
    scenario_name_text: String,
    hovered_offer: Option<(String, usize)>,
    /// The offer that was hovered in the last frame, and since when.
    preview: Option<(String, usize, f64)>,
    facts_open: bool,
    ticks_open: Vec<&'static str>,
    left_open: bool,
    table: table::TableWindow,
    findings: findings::FindingsWindow,
    plan: plan::PlanWindow,
    palette: Option<palette::Palette>,
    tour_at: usize,
    /// Whose note is being written, and what it says so far.
    note_of: (String, String),
}

impl Default for Window {
    fn default() -> Self {
        Self {
            canvas: canvas::Canvas::default(),
            estate: estate::EstateCanvas::default(),
            samples: samples(),
            filter: String::new(),
            focus_filter: false,
            problems_open: false,
            dialog: None,
            want_export: None,
            chosen_seen: 0,
            copied_seen: 0,
            confirmed: None,
            close_confirmed: false,
            notice_seen: Vec::new(),
            as_of_text: String::new(),
            scenario_name_text: String::new(),
            hovered_offer: None,
            preview: None,
            facts_open: false,
            ticks_open: Vec::new(),
            left_open: false,
            table: table::TableWindow::default(),
            findings: findings::FindingsWindow::default(),
            plan: plan::PlanWindow::default(),
            palette: None,
            tour_at: 0,
            note_of: Default::default(),
        }
    }
}

/// Where the parts of the window are.
struct Places {
    left: Rect,
    left_is_rail: bool,
    tabs: Rect,
    map: Rect,
    inspector: Option<Rect>,
    inspector_floats: bool,
    strip: Rect,
}

/// The width that the design gives a panel in a window this wide: by 1280, 1440 and 2560 points.
fn designed(window: f32, at: [f32; 3]) -> f32 {
    let between = |x0: f32, x1: f32, y0: f32, y1: f32| y0 + (y1 - y0) * ((window - x0) / (x1 - x0)).clamp(0.0, 1.0);
    let width = if window <= 1440.0 {
        between(1280.0, 1440.0, at[0], at[1])
    } else {
        between(1440.0, 2560.0, at[1], at[2])
    };
    width.round()
}

impl Window {
    /// Shows everything and gives what the analyst asked for.
    pub fn show(&mut self, ui: &mut Ui, theme: Theme, session: &Session) -> Vec<Command> {
        let look = Look::new(theme);
        let mut out = Vec::new();
        let all = ui.max_rect();
        ui.painter().rect_filled(all, 0.0, c32(look.t.canvas));
        self.keys(ui, session, &mut out);
        self.remember_hovered_offer(ui);
        let top = Rect::from_min_size(all.min, vec2(all.width(), topbar::HEIGHT));
        self.top_bar(ui, &look, top, session, &mut out);
        let below = if session.doc.estate.is_none() {
            let r = Rect::from_min_max(pos2(all.min.x, top.max.y), all.max);
            self.welcome(ui, &look, r, session, &mut out);
            r
        } else {
            self.work(ui, &look, all, session, &mut out)
        };
        self.drop_overlay(ui, &look, all);
        dialogs::loading(ui, &look, below, session, &mut out);
        self.notices(ui, &look, below, session, &mut out);
        self.tour(ui, &look, all, below, session, &mut out);
        self.take_chosen_path(session);
        self.take_copied(ui, session);
        if let Some(kind) = self.want_export.take() {
            self.dialog = Some(Dialog::Export {
                kind,
                path: session.suggested_path(kind).display().to_string(),
            });
        }
        self.palette(ui, &look, session, &mut out);
        self.dialogs(ui, &look, session, &mut out);
        self.ask_before_losing(session, out)
    }

    /// Whether the analyst has agreed to close the window although work is in no file.
    #[must_use]
    pub fn close_confirmed(&self) -> bool {
        self.close_confirmed
    }

    /// Asks whether the window may close although work is in no file.
    pub fn ask_to_close(&mut self) {
        self.dialog = Some(Dialog::Lose { then: None });
    }

    /// Opens the dialog in which a path can be typed.
    pub fn show_dialog(&mut self, dialog: Dialog) {
        self.dialog = Some(dialog);
    }

    fn work(&mut self, ui: &mut Ui, look: &Look, all: Rect, session: &Session, out: &mut Vec<Command>) -> Rect {
        let places = self.places(all, session);
        self.shown_tab(ui, look, places.tabs, places.map, session, out);
        let problems = Rect::from_min_max(
            pos2(
                places.map.min.x,
                places.map.max.y - (places.map.height() * 0.45).clamp(140.0, 320.0),
            ),
            places.map.max,
        );
        self.problems(ui, look, problems, session, out);
        if places.left_is_rail {
            self.rail(ui, look, places.left, session, out);
        } else {
            self.left_panel(ui, look, places.left, session, out);
            resize(ui, "left", places.left.max.x, places.left, 1.0, out);
        }
        if let Some(r) = places.inspector {
            if places.inspector_floats {
                ui.interact(r, Id::new("inspector-back"), Sense::click());
            }
            self.inspector(ui, look, r, session, out);
            resize(ui, "inspector", r.min.x, r, -1.0, out);
        }
        self.steps(ui, look, places.strip, session, out);
        self.strip(ui, look, places.strip, session, out);
        places.map
    }

    fn places(&self, all: Rect, session: &Session) -> Places {
        let w = all.width();
        let top = Rect::from_min_size(all.min, vec2(w, topbar::HEIGHT));
        let strip = Rect::from_min_max(pos2(all.min.x, all.max.y - strip::HEIGHT), all.max);
        let middle = Rect::from_min_max(pos2(all.min.x, top.max.y), pos2(all.max.x, strip.min.y));
        let left_is_rail = w < RAIL_BELOW && !self.left_open;
        let left_width = if left_is_rail {
            RAIL
        } else {
            session
                .settings
                .left_width
                .unwrap_or_else(|| designed(w, [208.0, 232.0, 296.0]))
        };
        let left = Rect::from_min_size(middle.min, vec2(left_width, middle.height()));
        let inspector_floats = w < FLOAT_BELOW;
        // Rows want the width: beside them the inspector is there for what is selected.
        let wide = session.doc.view.tab != Tab::Map;
        let shown = session.doc.selection.is_some() || !(inspector_floats || wide);
        let inspector_width = session
            .settings
            .inspector_width
            .unwrap_or_else(|| designed(w, [304.0, 336.0, 416.0]));
        let inspector =
            shown.then(|| Rect::from_min_max(pos2(middle.max.x - inspector_width, middle.min.y), middle.max));
        let map_right = if inspector_floats || !shown {
            middle.max.x
        } else {
            middle.max.x - inspector_width
        };
        let center = Rect::from_min_max(pos2(left.max.x, middle.min.y), pos2(map_right, middle.max.y));
        let tabs = Rect::from_min_size(center.min, vec2(center.width(), map_tab::TABS));
        Places {
            left,
            left_is_rail,
            tabs,
            map: Rect::from_min_max(pos2(center.min.x, tabs.max.y), center.max),
            inspector,
            inspector_floats,
            strip,
        }
    }

    /// The left panel of a narrow window: an icon to unfold it, and the count of problems.
    fn rail(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        use crate::scene::display::Face;
        use crate::scene::icons;
        let p = ui.painter().clone();
        p.rect_filled(r, 0.0, c32(look.t.panel));
        p.vline(r.max.x - 0.5, r.y_range(), look.hairline());
        let at = pos2(r.center().x, r.min.y + 20.0);
        if kit::icon_button(
            ui,
            look,
            Id::new("unfold"),
            at,
            icons::CARET_RIGHT,
            15.0,
            "Credentials by radius",
            true,
        )
        .clicked()
        {
            self.left_open = true;
        }
        let at = pos2(r.center().x, r.max.y - 24.0);
        let n = session.problem_count();
        let label = format!("Problems, {n}");
        if kit::icon_button(
            ui,
            look,
            Id::new("rail-problems"),
            at,
            icons::WARNING,
            15.0,
            &label,
            true,
        )
        .clicked()
        {
            self.problems_open = !self.problems_open;
        }
        if n > 0 {
            kit::center(
                &p,
                at.x,
                at.y - 18.0,
                &n.to_string(),
                11.0,
                Face::SemiBold,
                look.t.inherited_text,
            );
        }
        let _ = out;
    }

    fn keys(&mut self, ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
        let open = session.doc.estate.is_some();
        let press = |m: Modifiers, k: Key| ui.input_mut(|i| i.consume_key(m, k));
        // The longer chord first: consuming Ctrl+Z would take Ctrl+Shift+Z as well.
        if press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || press(Modifiers::COMMAND, Key::Y) {
            out.push(Command::Redo);
        }
        if press(Modifiers::COMMAND, Key::Z) {
            out.push(Command::Undo);
        }
        if press(Modifiers::COMMAND, Key::O) {
            out.push(Command::ChooseFiles);
        }
        if press(Modifiers::COMMAND, Key::L) {
            self.dialog = Some(Dialog::open_path());
        }
        if self.dialog.is_none() {
            self.palette_keys(ui);
        }
        if press(Modifiers::COMMAND, Key::S) && open {
            match session.doc.session_file {
                Some(_) => out.push(Command::SaveSession),
                None => self.want_export = Some(ExportKind::Session),
            }
        }
        if press(Modifiers::COMMAND | Modifiers::SHIFT, Key::C) && open {
            out.push(Command::Copy(ExportKind::Png));
        }
        if press(Modifiers::COMMAND, Key::E) && open {
            self.want_export = Some(ExportKind::Png);
        }
        for (key, factor) in [(Key::Plus, 1.25), (Key::Equals, 1.25), (Key::Minus, 0.8)] {
            if press(Modifiers::COMMAND, key) {
                out.push(Command::SetScale(session.settings.scale * factor));
            }
        }
        if press(Modifiers::COMMAND, Key::Num0) {
            out.push(Command::SetScale(1.0));
        }
        if press(Modifiers::COMMAND, Key::F) && open {
            self.focus_filter = true;
            self.left_open = true;
        }
        if open {
            self.tab_keys(ui, out);
        }
        if self.dialog.is_some() || self.palette.is_some() || ui.ctx().text_edit_focused() {
            return;
        }
        let text = ui.input(|i| {
            i.events
                .iter()
                .filter_map(|e| match e {
                    egui::Event::Text(t) => Some(t.clone()),
                    _ => None,
                })
                .collect::<String>()
        });
        let on_estate = session.shown_layout() == MapLayout::Estate;
        for c in text.chars() {
            match c {
                '?' => self.dialog = Some(Dialog::Shortcuts),
                'f' | 'F' if on_estate => self.estate.fit(),
                'f' | 'F' => self.canvas.fit(),
                '+' if on_estate => self.estate.zoom_by(1.2),
                '+' => self.canvas.zoom_by(1.2),
                '-' if on_estate => self.estate.zoom_by(1.0 / 1.2),
                '-' => self.canvas.zoom_by(1.0 / 1.2),
                'c' | 'C' => {
                    if let Some(id) = &session.doc.selection {
                        out.push(if session.doc.proposal.is_seed(id) {
                            Command::Spare(id.clone())
                        } else {
                            Command::Compromise(id.clone())
                        });
                    }
                }
                _ => {}
            }
        }
        if kit::escape_pressed(ui) {
            if egui::Popup::is_any_open(ui.ctx()) {
                // The popup closes itself.
            } else if session.task().is_some() {
                out.push(Command::Cancel);
            } else if self.problems_open {
                self.problems_open = false;
            } else if session.doc.view.paths.is_some() {
                out.push(Command::ShowPaths(None));
            } else if session.around.is_some() {
                out.push(Command::OpenAround(None));
            } else if !session.doc.marked.is_empty() {
                out.push(Command::Mark(Vec::new()));
            } else if session.doc.selection.is_some() {
                out.push(Command::Select(None));
            }
        }
    }

    /// An action that is hovered shows on the map what it would take off, after a moment.
    fn remember_hovered_offer(&mut self, ui: &Ui) {
        let now = ui.input(|i| i.time);
        self.preview = match (self.hovered_offer.take(), self.preview.take()) {
            (Some((of, i)), Some((was, at, since))) if of == was && i == at => Some((of, i, since)),
            (Some((of, i)), _) => Some((of, i, now)),
            (None, _) => None,
        };
        if let Some((_, _, since)) = &self.preview {
            let left = since + PREVIEW_AFTER_SECS - now;
            if left > 0.0 {
                ui.ctx().request_repaint_after_secs(left as f32 + 0.005);
            }
        }
    }

    /// What the hovered action would take off.
    fn previewed<'a>(&self, session: &'a Session, now: f64) -> Option<&'a [crate::graph::Thing]> {
        let (of, i, since) = self.preview.as_ref()?;
        let inspection = session.answer.inspection.as_ref()?;
        (inspection.id == *of && now >= since + PREVIEW_AFTER_SECS).then_some(())?;
        inspection.offers.get(*i).map(|o| o.removed.as_slice())
    }

    fn take_chosen_path(&mut self, session: &Session) {
        let Some((serial, chosen)) = &session.chosen_path else {
            return;
        };
        if *serial == self.chosen_seen {
            return;
        }
        self.chosen_seen = *serial;
        self.dialog = Some(Dialog::Export {
            kind: chosen.kind,
            path: chosen.path.display().to_string(),
        });
    }

    /// Puts on the clipboard what the session made for it.
    fn take_copied(&mut self, ui: &Ui, session: &Session) {
        let Some((serial, copied)) = &session.copied else {
            return;
        };
        if *serial == self.copied_seen {
            return;
        }
        self.copied_seen = *serial;
        match &**copied {
            Copied::Rows(text) => ui.ctx().copy_text(text.clone()),
            Copied::Picture(bytes) => {
                if let Some((size, rgba)) = crate::export::png::pixels(bytes) {
                    let image = egui::ColorImage::from_rgba_unmultiplied(size, &rgba);
                    ui.ctx().copy_image(image);
                }
            }
        }
    }

    /// Holds back what would lose work until the analyst has said so.
    fn ask_before_losing(&mut self, session: &Session, out: Vec<Command>) -> Vec<Command> {
        out.into_iter()
            .filter(|command| {
                let loses = match command {
                    Command::CloseAll | Command::OpenSample(_) => true,
                    Command::Open(paths) => paths.iter().any(|p| p.to_string_lossy().ends_with(".session.json")),
                    _ => false,
                };
                if !loses || session.doc.unsaved_steps() == 0 || self.confirmed.take().as_ref() == Some(command) {
                    return true;
                }
                self.dialog = Some(Dialog::Lose {
                    then: Some(command.clone()),
                });
                false
            })
            .collect()
    }
}

/// The edge of a panel, to be dragged. `sign` is 1 where dragging to the right makes the panel wider.
fn resize(ui: &Ui, panel: &'static str, x: f32, r: Rect, sign: f32, out: &mut Vec<Command>) {
    let edge = Rect::from_min_max(pos2(x - 3.0, r.min.y), pos2(x + 3.0, r.max.y));
    let response = ui.interact(edge, Id::new(("resize", panel)), Sense::drag());
    if response.dragged() {
        let width = r.width() + sign * response.drag_delta().x;
        out.push(if panel == "left" {
            Command::SetLeftWidth(width)
        } else {
            Command::SetInspectorWidth(width)
        });
    }
    response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeHorizontal);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_welcome_screen_names_every_format() {
        // One word of the line for each platform; a new platform needs a word.
        for importer in crate::import::IMPORTERS {
            let platform = importer.name().split('-').next().unwrap_or_default();
            let word = match platform {
                "native" => "native format",
                "aws" => "AWS",
                "kubernetes" | "k8s" => "Kubernetes",
                "github" => "GitHub",
                "entra" | "azurehound" | "azure" => "Entra ID",
                "opengraph" | "bloodhound" => "BloodHound",
                other => panic!("the welcome screen does not name {other}: add it to FORMATS_LINE and here"),
            };
            assert!(FORMATS_LINE.contains(word), "{word}");
        }
    }

    #[test]
    fn panels_are_as_wide_as_the_design_says() {
        for (window, left, inspector) in [(1280.0, 208.0, 304.0), (1440.0, 232.0, 336.0), (2560.0, 296.0, 416.0)] {
            assert_eq!(designed(window, [208.0, 232.0, 296.0]), left);
            assert_eq!(designed(window, [304.0, 336.0, 416.0]), inspector);
        }
        assert_eq!(designed(800.0, [208.0, 232.0, 296.0]), 208.0);
        assert_eq!(designed(5000.0, [208.0, 232.0, 296.0]), 296.0);
    }
}
