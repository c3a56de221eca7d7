//! Search and commands in one field (Ctrl+K): every record by name, id, kind, owner and tag, every command of the program
//! with its keys.

use super::kit::{self, Look, c32};
use super::{Dialog, Window, glyph};
use crate::graph::Regime;
use crate::scene::display::Face;
use crate::scene::{fonts, icons};
use crate::session::{
    Command, ExportKind, Found, MapLayout, Session, Tab, ThemeChoice, ThingState, found, samples, words,
};
use egui::{Id, Key, Modal, Modifiers, Rect, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

const WIDTH: f32 = 560.0;
const ROW: f32 = 34.0;
/// Records that are listed.
const MOST: usize = 40;

/// What choosing a line does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Something of the session.
    Do(Command),
    /// Show a dialog.
    Show(Dialog),
    /// Ask where an export goes.
    Export(ExportKind),
    /// Fit the map.
    Fit,
    /// Make the map larger or smaller.
    Zoom(f32),
    /// Put the cursor into the filter of credentials.
    Filter,
    /// Show the problems, or no longer.
    Problems,
}

/// What is typed and where the cursor is; open while it is there.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    text: String,
    at: usize,
    focused: bool,
}

enum Line {
    Record(Found),
    Act(String, &'static str, Act),
}

/// Every command there is now, with its keys.
#[must_use]
pub fn commands(session: &Session) -> Vec<(String, &'static str, Act)> {
    let open = session.doc.estate.is_some();
    let mut out: Vec<(String, &'static str, Act)> = vec![
        ("Open files…".into(), "Ctrl O", Act::Do(Command::ChooseFiles)),
        ("Open folder…".into(), "", Act::Do(Command::ChooseFolder)),
        ("Open by path…".into(), "Ctrl L", Act::Show(Dialog::open_path())),
    ];
    let mut add = |label: String, keys: &'static str, act: Act| out.push((label, keys, act));
    if open {
        add(
            "Compare with another inventory…".into(),
            "",
            Act::Do(Command::ChooseOther),
        );
        for (i, &tab) in Tab::ALL.iter().enumerate() {
            const KEYS: [&str; 9] = [
                "Ctrl 1", "Ctrl 2", "Ctrl 3", "Ctrl 4", "Ctrl 5", "Ctrl 6", "Ctrl 7", "Ctrl 8", "Ctrl 9",
            ];
            add(
                format!("Show {}", tab.label().to_lowercase()),
                KEYS[i.min(8)],
                Act::Do(Command::ShowTab(tab)),
            );
        }
        if let Some(name) = session.doc.history.undo_name() {
            add(format!("Undo {name}"), "Ctrl Z", Act::Do(Command::Undo));
        }
        if let Some(name) = session.doc.history.redo_name() {
            add(format!("Redo {name}"), "Ctrl Shift Z", Act::Do(Command::Redo));
        }
        if let Some(id) = &session.doc.selection {
            let name = session.name_of(id);
            if session.doc.proposal.is_seed(id) {
                add(format!("Unmark {name}"), "C", Act::Do(Command::Spare(id.clone())));
            } else {
                add(
                    format!("Mark {name} as compromised"),
                    "C",
                    Act::Do(Command::Compromise(id.clone())),
                );
            }
        }
        if !session.doc.view.pins.is_empty() {
            add("Every node back to its place".into(), "", Act::Do(Command::UnpinAll));
        }
        if let Some(id) = &session.doc.selection {
            use crate::session::PathsAsk as A;
            let name = session.name_of(id);
            let show = |ask: A| Act::Do(Command::ShowPaths(Some(ask)));
            add(format!("Paths from {name}"), "", show(A::From(id.clone())));
            add(format!("Paths to {name}"), "", show(A::To(id.clone())));
            for seed in session.doc.proposal.seeds.iter().filter(|s| *s != id) {
                let label = format!("Path from {} to {name}", session.name_of(seed));
                add(label, "", show(A::Between(seed.clone(), id.clone())));
            }
            let near = A::Near(id.clone(), crate::scene::Direction::Both, 2);
            add(format!("What lies around {name}"), "", show(near));
            add(format!("Hide {name}"), "", Act::Do(Command::Hide(id.clone(), true)));
            add(
                format!("Isolate {name}"),
                "",
                Act::Do(Command::Isolate(Some(id.clone()))),
            );
        }
        if !session.doc.view.hidden.is_empty() || session.doc.view.isolated.is_some() {
            add("Show what is hidden".into(), "", Act::Do(Command::ShowHidden));
        }
        if session.doc.view.paths.is_some() {
            add("Close paths".into(), "Esc", Act::Do(Command::ShowPaths(None)));
        }
        for seed in &session.doc.proposal.seeds {
            if session.doc.selection.as_ref() != Some(seed) {
                add(
                    format!("Unmark {}", session.name_of(seed)),
                    "",
                    Act::Do(Command::Spare(seed.clone())),
                );
            }
        }
        add("Fit the map".into(), "F", Act::Fit);
        add("Zoom in".into(), "+", Act::Zoom(1.2));
        add("Zoom out".into(), "−", Act::Zoom(1.0 / 1.2));
        for layout in [MapLayout::Rings, MapLayout::Layers] {
            add(
                format!("Lay the map out as {}", layout.label().to_lowercase()),
                "",
                Act::Do(Command::SetLayout(layout)),
            );
        }
        for regime in [Regime::WorstCase, Regime::BestCase, Regime::Intended] {
            let (name, _) = super::topbar::regime_words(regime);
            add(format!("Regime: {name}"), "", Act::Do(Command::SetRegime(regime)));
        }
        add(
            "As of the inventory's own time".into(),
            "",
            Act::Do(Command::SetAsOf(None)),
        );
        add("Filter credentials".into(), "Ctrl F", Act::Filter);
        add("Problems".into(), "", Act::Problems);
        let shown = session.doc.view.steps_open;
        let label = if shown {
            "Hide the step chart"
        } else {
            "Show the step chart"
        };
        add(label.into(), "", Act::Do(Command::ShowSteps(!shown)));
        let paste = Act::Show(Dialog::Rotated { text: String::new() });
        add("Paste a list of rotated credentials…".into(), "", paste);
        add(
            "New branch of the scenario".into(),
            "",
            Act::Do(Command::NewBranch(super::strip::next_name(session))),
        );
        if !session.doc.proposal.steps.is_empty() {
            add("Clear the scenario".into(), "", Act::Do(Command::ClearActions));
        }
        for kind in ExportKind::ALL {
            let keys = if kind == ExportKind::Png { "Ctrl E" } else { "" };
            add(format!("Export {}", lower_first(kind.label())), keys, Act::Export(kind));
        }
        add(
            "Copy picture".into(),
            "Ctrl Shift C",
            Act::Do(Command::Copy(ExportKind::Png)),
        );
        add("Copy rows".into(), "", Act::Do(Command::Copy(ExportKind::Csv)));
        let redacted = session.doc.view.redacted;
        let label = if redacted {
            "Export names as recorded"
        } else {
            "Export aliases instead of names"
        };
        add(label.into(), "", Act::Do(Command::SetRedacted(!redacted)));
        let save = match session.doc.session_file {
            Some(_) => Act::Do(Command::SaveSession),
            None => Act::Export(ExportKind::Session),
        };
        add("Save session".into(), "Ctrl S", save);
        add("Save session as…".into(), "", Act::Export(ExportKind::Session));
        add("Read the files again".into(), "", Act::Do(Command::ReadAgain));
        for branch in &session.doc.proposal.others {
            let act = Act::Do(Command::SwitchBranch(branch.name.clone()));
            add(format!("Switch to the branch {}", branch.name), "", act);
        }
        add("Close all".into(), "", Act::Do(Command::CloseAll));
    }
    for theme in ThemeChoice::ALL {
        add(
            format!("Colours: {}", theme.label().to_lowercase()),
            "",
            Act::Do(Command::SetTheme(theme)),
        );
    }
    let less = session.settings.less_motion;
    let motion = if less { "Full motion" } else { "Less motion" };
    add(motion.into(), "", Act::Do(Command::SetLessMotion(!less)));
    for percent in [100u16, 125, 150, 200, 300] {
        let scale = f32::from(percent) / 100.0;
        add(format!("Scale {percent} %"), "", Act::Do(Command::SetScale(scale)));
    }
    if open {
        add("Take the tour".into(), "", Act::Do(Command::Tour(true)));
    }
    for (i, sample) in samples().iter().enumerate() {
        add(
            format!("Open the sample {}", sample.title),
            "",
            Act::Do(Command::OpenSample(i)),
        );
    }
    add("Keyboard shortcuts".into(), "?", Act::Show(Dialog::Shortcuts));
    out
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

impl Window {
    /// The field in the top bar that opens it. Gives nothing back: the palette is the window's own.
    pub(super) fn search_button(&mut self, ui: &Ui, look: &Look, r: Rect) {
        let t = look.t;
        let response = kit::clickable(ui, look, Id::new("search"), r, "Search or command", true);
        let p = ui.painter();
        let border = if response.hovered() { t.text2 } else { t.control };
        kit::rect(p, r, 6.0, Some(t.canvas), look.stroke(1.0, border));
        let y = r.center().y;
        kit::icon(p, r.min.x + 16.0, y, icons::MAGNIFYING_GLASS, 14.0, Face::Icon, t.text3);
        let w = kit::width(Face::Medium, 10.5, "Ctrl K") + 10.0;
        let room = r.width() - 32.0 - w - 14.0;
        kit::left_cut(
            p,
            r.min.x + 30.0,
            y,
            "Search or command",
            12.5,
            Face::Regular,
            t.text3,
            room,
        );
        kit::keycap(p, look, r.max.x - w - 8.0, y, "Ctrl K");
        if response.clicked() {
            self.palette = Some(Palette::default());
        }
    }

    pub(super) fn palette_keys(&mut self, ui: &Ui) {
        if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::K)) {
            self.palette = match self.palette {
                Some(_) => None,
                None => Some(Palette::default()),
            };
        }
    }

    pub(super) fn palette(&mut self, ui: &Ui, look: &Look, session: &Session, out: &mut Vec<Command>) {
        let Some(mut palette) = self.palette.take() else { return };
        let (lines, more) = lines(&palette.text, session);
        palette.at = palette.at.min(lines.len().saturating_sub(1));
        let mut chosen = None;
        let response = Modal::new(Id::new("palette"))
            .area(Modal::default_area(Id::new("palette")).anchor(egui::Align2::CENTER_TOP, vec2(0.0, 52.0)))
            .frame(kit::popup_frame(look))
            .show(ui.ctx(), |ui| {
                let wide = WIDTH.min(ui.ctx().content_rect().width() - 60.0);
                ui.set_width(wide);
                let press = |k| ui.input_mut(|i| i.consume_key(Modifiers::NONE, k));
                let mut moved = false;
                if press(Key::ArrowDown) {
                    palette.at = (palette.at + 1).min(lines.len().saturating_sub(1));
                    moved = true;
                }
                if press(Key::ArrowUp) {
                    palette.at = palette.at.saturating_sub(1);
                    moved = true;
                }
                if press(Key::Enter) {
                    chosen = Some(palette.at);
                }
                let (field, _) = ui.allocate_exact_size(vec2(wide, 34.0), Sense::hover());
                let response = super::left::text_field(
                    ui,
                    look,
                    "palette",
                    field.shrink2(vec2(2.0, 2.0)),
                    &mut palette.text,
                    "Search or command",
                    "Search records and commands",
                );
                if !palette.focused {
                    palette.focused = true;
                    response.request_focus();
                }
                if response.changed() {
                    palette.at = 0;
                    moved = true;
                }
                ui.add_space(4.0);
                ScrollArea::vertical()
                    .max_height(ROW * 11.0)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        for (i, line) in lines.iter().enumerate() {
                            if one_line(ui, look, line, i == palette.at, i == palette.at && moved) {
                                chosen = Some(i);
                            }
                        }
                        if lines.is_empty() {
                            let said = "Nothing has this name";
                            let (r, _) = ui.allocate_exact_size(vec2(wide, ROW), Sense::hover());
                            kit::left(
                                ui.painter(),
                                r.min.x + 12.0,
                                r.center().y,
                                said,
                                12.5,
                                Face::Regular,
                                look.t.text3,
                            );
                            kit::name_text(ui, Id::new("palette-empty"), r, said);
                        }
                    });
                if more > 0 {
                    let said = format!("and {} more; type on", words::count(more as u64, "record", "records"));
                    let (r, _) = ui.allocate_exact_size(vec2(wide, 24.0), Sense::hover());
                    kit::left(
                        ui.painter(),
                        r.min.x + 12.0,
                        r.center().y,
                        &said,
                        11.5,
                        Face::Regular,
                        look.t.text3,
                    );
                }
            });
        match chosen.and_then(|i| lines.into_iter().nth(i)) {
            Some(Line::Record(record)) => out.push(Command::Select(Some(record.id))),
            Some(Line::Act(_, _, act)) => self.act(act, out),
            None if response.should_close() => {}
            None => self.palette = Some(palette),
        }
    }

    /// Does what a line of the palette says.
    fn act(&mut self, act: Act, out: &mut Vec<Command>) {
        match act {
            Act::Do(command) => out.push(command),
            Act::Show(dialog) => self.dialog = Some(dialog),
            Act::Export(kind) => self.want_export = Some(kind),
            Act::Fit => self.canvas.fit(),
            Act::Zoom(factor) => self.canvas.zoom_by(factor),
            Act::Filter => {
                self.focus_filter = true;
                self.left_open = true;
            }
            Act::Problems => self.problems_open = !self.problems_open,
        }
    }
}

/// The lines for what is typed, and how many records are left out.
fn lines(text: &str, session: &Session) -> (Vec<Line>, usize) {
    let text = text.trim().to_lowercase();
    let mut lines = Vec::new();
    let mut more = 0;
    if let Some(estate) = &session.doc.estate {
        let (things, total) = estate.index.find(&text, MOST);
        more = total - things.len();
        lines.extend(things.into_iter().map(|thing| {
            let id = estate.graph.id(thing).into_owned();
            Line::Record(found(estate.inventory(), thing, id))
        }));
    }
    let wanted: Vec<&str> = text.split_whitespace().collect();
    let mut acts: Vec<(String, &'static str, Act)> = commands(session);
    acts.retain(|(label, _, _)| {
        let label = label.to_lowercase();
        wanted.iter().all(|w| label.contains(w))
    });
    // A command whose first word is typed is meant before records that merely have it somewhere.
    let first = acts
        .iter()
        .filter(|(l, _, _)| !text.is_empty() && l.to_lowercase().starts_with(&text))
        .count();
    acts.sort_by_key(|(l, _, _)| !l.to_lowercase().starts_with(&text));
    let rest = acts.split_off(first.min(acts.len()));
    let line = |(label, keys, act)| Line::Act(label, keys, act);
    let mut all: Vec<Line> = acts.into_iter().map(line).collect();
    all.append(&mut lines);
    all.extend(rest.into_iter().map(line));
    (all, more)
}

fn one_line(ui: &mut Ui, look: &Look, line: &Line, at: bool, scroll: bool) -> bool {
    let t = look.t;
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let (id, label) = match line {
        Line::Record(f) => (Id::new(("found", &f.id)), format!("{}, {}", f.name, f.what)),
        Line::Act(label, _, _) => (Id::new(("act", label)), format!("Command: {label}")),
    };
    let response = ui.interact(r, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, at, &label));
    if scroll {
        response.scroll_to_me(None);
    }
    let p = ui.painter();
    let back = if at || response.hovered() { t.raised } else { t.panel };
    kit::rect(p, r, 6.0, Some(back), egui::Stroke::NONE);
    if at {
        let bar = Rect::from_min_size(pos2(r.min.x, r.min.y + 8.0), vec2(3.0, ROW - 16.0));
        p.rect_filled(bar, 1.5, c32(t.accent));
    }
    let y = r.center().y;
    match line {
        Line::Record(f) => {
            glyph::thing(
                p,
                look,
                f.class,
                ThingState::Untouched,
                f.icon,
                pos2(r.min.x + 22.0, y),
                9.0,
                back,
            );
            let name = fonts::elide(Face::Medium, 12.5, &f.name, r.width() * 0.5);
            let w = kit::left(p, r.min.x + 42.0, y, &name, 12.5, Face::Medium, t.text);
            let room = r.width() - 42.0 - w - 24.0;
            kit::left_cut(
                p,
                r.min.x + 42.0 + w + 12.0,
                y,
                &f.what,
                11.5,
                Face::Regular,
                t.text3,
                room,
            );
        }
        Line::Act(label, keys, _) => {
            kit::icon(p, r.min.x + 22.0, y, icons::CARET_RIGHT, 11.0, Face::IconBold, t.text3);
            kit::left_cut(
                p,
                r.min.x + 42.0,
                y,
                label,
                12.5,
                Face::Regular,
                t.text,
                r.width() - 150.0,
            );
            let mut x = r.max.x - 8.0;
            for key in keys.split(' ').rev().filter(|k| !k.is_empty()) {
                let w = kit::width(Face::Medium, 10.5, key) + 10.0;
                kit::keycap(p, look, x - w, y, key);
                x -= w + 4.0;
            }
        }
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}
