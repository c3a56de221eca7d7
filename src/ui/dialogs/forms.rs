//! The dialogs with something to fill in: where an export goes, and which credentials were rotated already.

use super::super::kit::{Kind, Look, c32};
use super::{button, path_field, title};
use crate::session::{Command, ExportKind, PICTURES, Session, words};
use egui::{ScrollArea, Ui, WidgetInfo, WidgetType};
use std::path::PathBuf;

/// What an export is, as its dialog says it: head and one line.
fn words_of(kind: ExportKind) -> (&'static str, &'static str) {
    match kind {
        ExportKind::Png => (
            "Export a picture",
            "The whole map as PNG, with title, legend, as-of and the inputs' hashes",
        ),
        ExportKind::Svg => ("Export a drawing", "The whole map as SVG"),
        ExportKind::Json => (
            "Export the radius",
            "Before, after, what breaks and why each thing is reached, as JSON",
        ),
        ExportKind::Csv => (
            "Export a table",
            "The rows of the table as it is filtered and sorted, with every column, as CSV",
        ),
        ExportKind::Graphml => (
            "Export a graph",
            "Every record and relation as GraphML, for Gephi, yEd or Cytoscape",
        ),
        ExportKind::Dot => ("Export a graph", "Every record and relation as DOT, for Graphviz"),
        ExportKind::Report => (
            "Export a report",
            "A folder with report.html, report.md, report.json, map.png and map.svg",
        ),
        ExportKind::Scenario => (
            "Save the scenario",
            "The actions that are switched on, as JSON; opens again by drop or Open…",
        ),
        ExportKind::Session => (
            "Save the session",
            "Which files are open by path and hash, scenarios, notes and views; no record is in it",
        ),
    }
}

/// Which size a picture gets: one of those that are offered, or any other.
fn picture_size(ui: &mut Ui, (w, h): (u32, u32), out: &mut Vec<Command>) {
    let screen = ui.ctx().content_rect().size() * ui.ctx().pixels_per_point();
    let screen = (screen.x.round().max(64.0) as u32, screen.y.round().max(64.0) as u32);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let offered = std::iter::once(("As the window", screen)).chain(PICTURES);
        for (name, size) in offered {
            let label = format!("{name}, {} × {}", size.0, size.1);
            if ui.radio(size == (w, h), label).clicked() {
                out.push(Command::SetPictureSize(size.0, size.1));
            }
        }
    });
    ui.horizontal(|ui| {
        ui.label("Width and height in pixels");
        let (mut wide, mut high) = (w, h);
        for (name, value) in [("Width in pixels", &mut wide), ("Height in pixels", &mut high)] {
            let response = ui.add(egui::DragValue::new(value).range(64..=16_384));
            response.widget_info(|| WidgetInfo::labeled(WidgetType::DragValue, true, name));
        }
        if (wide, high) != (w, h) {
            out.push(Command::SetPictureSize(wide, high));
        }
    });
}

/// A list of credentials that were rotated already. False once it is done with.
pub fn rotated(ui: &mut Ui, look: &Look, text: &mut String, session: &Session, out: &mut Vec<Command>) -> bool {
    ui.set_width(520.0);
    title(ui, look, "Credentials rotated already");
    ui.label("An id, a name or a public id in each line; what remains reachable is the residue");
    ScrollArea::vertical().max_height(220.0).show(ui, |ui| {
        let edit = egui::TextEdit::multiline(text)
            .desired_rows(8)
            .desired_width(f32::INFINITY);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Rotated credentials"));
    });
    let listed = session.listed(text);
    let known = listed.known.len() as u64;
    ui.label(format!(
        "{} known here",
        words::count(known, "credential", "credentials")
    ));
    if !listed.unknown.is_empty() {
        let said = format!("Not known here: {}", words::names(&listed.unknown, 3));
        ui.colored_label(c32(look.t.inherited_text), said);
    }
    let mut keep = true;
    ui.horizontal(|ui| {
        if button(ui, look, "rotate-listed", "Add to the scenario", Kind::Primary) {
            out.push(Command::RotateListed(text.clone()));
            keep = false;
        }
        if button(ui, look, "cancel", "Cancel", Kind::Normal) {
            keep = false;
        }
    });
    keep
}

/// A note on a thing or a relation. False once it is done with.
pub fn note(ui: &mut Ui, look: &Look, on: &str, text: &mut String, session: &Session, out: &mut Vec<Command>) -> bool {
    ui.set_width(420.0);
    title(ui, look, "Note");
    ui.label(words::relation(session.name_of(on)));
    let field = egui::TextEdit::multiline(text)
        .id(egui::Id::new("note-text"))
        .desired_rows(4)
        .desired_width(f32::INFINITY);
    let response = ui.add(field);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Text of the note"));
    if ui.memory(|m| m.focused().is_none()) {
        response.request_focus();
    }
    let mut keep = true;
    ui.horizontal(|ui| {
        if button(ui, look, "note-keep", "Keep the note", Kind::Primary) {
            out.push(Command::SetNote(on.to_owned(), text.clone()));
            keep = false;
        }
        if button(ui, look, "cancel", "Cancel", Kind::Normal) {
            keep = false;
        }
    });
    keep
}

/// Where an export goes. False once it is done with.
pub fn export(
    ui: &mut Ui,
    look: &Look,
    kind: ExportKind,
    path: &mut String,
    session: &Session,
    out: &mut Vec<Command>,
) -> bool {
    ui.set_width(560.0);
    let (head, what) = words_of(kind);
    title(ui, look, head);
    ui.label(what);
    if kind == ExportKind::Png {
        picture_size(ui, session.settings.picture, out);
    }
    let name = if kind == ExportKind::Report {
        "Folder to write into"
    } else {
        "File to write"
    };
    let entered = path_field(ui, look, path, name);
    if session.doc.view.redacted && kind != ExportKind::Session {
        ui.label("Names are replaced by aliases; Export ▾ switches that off");
    }
    let mut keep = true;
    ui.horizontal(|ui| {
        if button(ui, look, "write", "Write", Kind::Primary) || entered {
            out.push(Command::Export(kind, PathBuf::from(path.trim())));
            keep = false;
        }
        if button(ui, look, "choose", "Choose…", Kind::Normal) {
            out.push(Command::ChooseExportPath(kind));
        }
        if button(ui, look, "cancel", "Cancel", Kind::Normal) {
            keep = false;
        }
    });
    keep
}
