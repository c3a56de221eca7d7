//! The left panel: credentials ranked by radius, files, problems.

use super::kit::{self, Look, c32};
use super::{Window, glyph};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Class, Command, RankLine, Session, ThingState, words};
use egui::{Id, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};

const ROW: f32 = 39.0;
const FILE_ROW: f32 = 24.0;
const PROBLEMS: f32 = 38.0;

impl Window {
    pub(super) fn left_panel(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter().clone();
        p.rect_filled(r, 0.0, c32(t.panel));
        p.vline(r.max.x - 0.5, r.y_range(), look.hairline());
        let x = r.min.x;
        kit::left(
            &p,
            x + 16.0,
            r.min.y + 20.0,
            "Credentials by radius",
            12.5,
            Face::SemiBold,
            t.text,
        );

        let problems = Rect::from_min_max(pos2(x, r.max.y - PROBLEMS), pos2(r.max.x, r.max.y));
        self.problems_row(ui, look, problems, session);

        let inputs = session.doc.estate.as_ref().map_or(0, |e| e.loaded.inputs.len());
        let rows = (inputs as f32).clamp(1.0, 6.0);
        let files = Rect::from_min_max(
            pos2(x, problems.min.y - 40.0 - rows * FILE_ROW),
            pos2(r.max.x, problems.min.y),
        );
        let field = Rect::from_min_size(pos2(x + 12.0, r.min.y + 36.0), vec2(r.width() - 24.0, 28.0));
        let lines = session.answer.ranks.as_ref().map_or(&[][..], |k| k.lines.as_slice());
        self.filter_field(ui, look, field, lines.len());
        let list = Rect::from_min_max(pos2(x, field.max.y + 8.0), pos2(r.max.x, files.min.y - 6.0));
        self.ranking(ui, look, list, lines, session, out);
        // Files sit right below a short list, as far down as they must otherwise.
        files_list(ui, look, files, session, out);
    }

    fn filter_field(&mut self, ui: &mut Ui, look: &Look, r: Rect, total: usize) {
        let hint = format!("Filter {}", words::count(total as u64, "credential", "credentials"));
        let response = text_field(ui, look, "filter", r, &mut self.filter, &hint, "Filter credentials");
        if self.focus_filter {
            self.focus_filter = false;
            response.request_focus();
        }
    }

    fn ranking(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        r: Rect,
        lines: &[RankLine],
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let needle = self.filter.trim().to_lowercase();
        let shown: Vec<&RankLine> = lines
            .iter()
            .filter(|l| needle.is_empty() || l.haystack.contains(&needle))
            .collect();
        if shown.is_empty() {
            let said = match (session.answer.ranks.is_some(), lines.is_empty()) {
                (false, _) => "Working out the radius of every credential",
                (true, true) => "No live credential in these files",
                (true, false) => "No credential matches the filter",
            };
            let s = kit::name_text(ui, Id::new("ranking-empty"), r, said);
            kit::paragraph(
                ui.painter(),
                pos2(r.min.x + 16.0, r.min.y + 8.0),
                said,
                12.0,
                Face::Regular,
                look.t.text3,
                s.rect.width() - 32.0,
            );
            return;
        }
        let most = lines.iter().map(|l| l.before.systems).max().unwrap_or(1).max(1);
        ui.scope_builder(UiBuilder::new().id_salt("ranking").max_rect(r), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical()
                .id_salt("ranking-scroll")
                .auto_shrink(false)
                .show_rows(ui, ROW, shown.len(), |ui, range| {
                    for line in &shown[range] {
                        let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
                        rank_row(ui, look, row, line, most, session, out);
                    }
                });
        });
    }

    fn problems_row(&mut self, ui: &Ui, look: &Look, r: Rect, session: &Session) {
        let t = look.t;
        let n = session.problem_count();
        let label = format!("Problems, {}", words::number(n as u64));
        let response = kit::clickable(ui, look, Id::new("problems"), r.shrink(2.0), &label, true);
        let p = ui.painter();
        if response.hovered() || self.problems_open {
            kit::rect(p, r.shrink2(vec2(6.0, 3.0)), 6.0, Some(t.raised), egui::Stroke::NONE);
        }
        p.hline(r.x_range(), r.min.y, look.hairline());
        let y = r.center().y;
        let ink = if n > 0 { t.inherited_text } else { t.text3 };
        kit::icon(p, r.min.x + 22.0, y, icons::WARNING, 15.0, Face::Icon, ink);
        kit::left(p, r.min.x + 36.0, y, "Problems", 12.5, Face::Medium, t.text);
        let count = words::number(n as u64);
        let w = (kit::width(Face::SemiBold, 11.0, &count) + 12.0).max(22.0);
        let badge = Rect::from_center_size(pos2(r.max.x - 16.0 - w / 2.0, y), vec2(w, 18.0));
        if n > 0 {
            kit::rect(p, badge, 9.0, Some(t.inherited_fill), egui::Stroke::NONE);
        }
        let ink = if n > 0 { t.inherited_text } else { t.text3 };
        kit::center(p, badge.center().x, y, &count, 11.0, Face::SemiBold, ink);
        if response.clicked() {
            self.problems_open = !self.problems_open;
        }
    }
}

/// A one-line text field in the look.
pub fn text_field(
    ui: &mut Ui,
    look: &Look,
    salt: &str,
    r: Rect,
    value: &mut String,
    hint: &str,
    name: &str,
) -> egui::Response {
    let edit = egui::TextEdit::singleline(value)
        .id(Id::new(("field", salt)))
        .hint_text(
            egui::RichText::new(hint)
                .color(c32(look.t.text3))
                .font(kit::font(Face::Regular, 12.0)),
        )
        .font(kit::font(Face::Regular, 12.0))
        .margin(vec2(10.0, 6.0))
        .desired_width(r.width() - 20.0);
    let response = ui.put(r, edit);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, name));
    response
}

fn rank_row(ui: &Ui, look: &Look, r: Rect, line: &RankLine, most: u64, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let seed = session.doc.proposal.is_seed(&line.id);
    let selected = session.doc.selection.as_deref() == Some(&line.id);
    let after = line.after.filter(|a| seed && *a != line.before);
    let now = after.unwrap_or(line.before);
    let label = rank_label(line, seed, after.map(|a| a.systems));
    let hit = Rect::from_min_max(r.min + vec2(6.0, 0.0), r.max - vec2(6.0, 2.0));
    let response = ui.interact(hit, Id::new(("rank", &line.id)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, selected, &label));
    kit::focus_ring(ui, look, &response, 6.0);
    let p = ui.painter();
    if selected || response.hovered() {
        let fill = if selected { t.raised } else { t.raised.with_opacity(0.5) };
        kit::rect(p, hit, 6.0, Some(fill), egui::Stroke::NONE);
    }
    let y = r.min.y + 14.0;
    let mut x = r.min.x + 14.0;
    if seed {
        let c = pos2(r.min.x + 20.0, y);
        glyph::thing(
            p,
            look,
            Class::Credential,
            ThingState::Compromised,
            None,
            c,
            4.8,
            t.panel,
        );
        kit::icon(p, c.x, c.y, icons::LIGHTNING, 8.0, Face::IconFill, t.on_compromised);
        x = r.min.x + 32.0;
    }
    let end = r.max.x - 16.0;
    let number = words::number(now.systems);
    let ink = if after.is_some() { t.accent_text } else { t.text };
    let mut right = end - kit::right(p, end, y, &number, 12.5, Face::SemiBold, ink);
    if after.is_some() {
        let old = words::number(line.before.systems);
        let w = kit::width(Face::Regular, 11.5, &old);
        kit::left_struck(p, right - 7.0 - w, y, &old, 11.5, Face::Regular, t.text3);
        right -= w + 14.0;
    } else if now.crown_jewels > 0 {
        let n = words::number(now.crown_jewels);
        let w = kit::right(p, right - 8.0, y, &n, 11.0, Face::Medium, t.text2);
        glyph::crown(p, look, right - 8.0 - w - 9.0, y, 11.0);
        right -= w + 32.0;
    } else {
        right -= 8.0;
    }
    let face = if selected { Face::Medium } else { Face::Regular };
    kit::left_cut(p, x, y, &line.name, 12.0, face, t.text, right - x);
    bar(
        p,
        look,
        Rect::from_min_max(pos2(r.min.x + 14.0, r.min.y + 26.0), pos2(end, r.min.y + 30.0)),
        line,
        after,
        most,
    );

    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    // Two quick clicks on two rows are no double click: the first one selected this row.
    if (response.double_clicked() || response.triple_clicked()) && selected {
        out.push(if seed {
            Command::Spare(line.id.clone())
        } else {
            Command::Compromise(line.id.clone())
        });
    } else if response.clicked() {
        out.push(Command::Select(Some(line.id.clone())));
    }
}

fn rank_label(line: &RankLine, seed: bool, after: Option<u64>) -> String {
    let mut label = format!(
        "{}: {}",
        line.name,
        words::count(line.before.systems, "system", "systems")
    );
    if let Some(after) = after {
        label.push_str(&format!(", {} after the scenario", words::number(after)));
    }
    if line.before.crown_jewels > 0 {
        label.push_str(&format!(
            ", {}",
            words::count(line.before.crown_jewels, "crown jewel", "crown jewels")
        ));
    }
    if seed {
        label.push_str(", compromised");
    }
    label
}

/// The bar under a name: as intended, by inheritance, by assumption; after a scenario the old length stays as a frame.
fn bar(
    p: &egui::Painter,
    look: &Look,
    r: Rect,
    line: &RankLine,
    after: Option<crate::session::RankNumbers>,
    most: u64,
) {
    let t = look.t;
    kit::rect(p, r, 2.0, Some(t.hairline.with_opacity(0.55)), egui::Stroke::NONE);
    let unit = r.width() / most as f32;
    let now = after.unwrap_or(line.before);
    if after.is_some() {
        let old = Rect::from_min_size(r.min, vec2(line.before.systems as f32 * unit, r.height()));
        kit::dashed_rect(p, old, 1.5, look.stroke(1.0, t.ghost), 1.5, 2.0);
    }
    let inherited = now.inherited.saturating_sub(now.assumed);
    let intended = now.systems.saturating_sub(now.inherited);
    let mut x = r.min.x;
    for (n, color) in [
        (intended, t.intended),
        (inherited, t.inherited),
        (now.assumed, t.assumed),
    ] {
        if n > 0 {
            let w = n as f32 * unit;
            let part = Rect::from_min_size(pos2(x, r.min.y), vec2((w - 1.0).max(1.0), r.height()));
            kit::rect(p, part, 1.0, Some(color), egui::Stroke::NONE);
            x += w;
        }
    }
}

fn files_list(ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter().clone();
    let Some(estate) = &session.doc.estate else { return };
    p.hline(r.x_range(), r.min.y, look.hairline());
    kit::left(
        &p,
        r.min.x + 16.0,
        r.min.y + 20.0,
        "Files",
        12.5,
        Face::SemiBold,
        t.text,
    );
    let systems = words::count(estate.inventory().records.systems.len() as u64, "system", "systems");
    kit::right(
        &p,
        r.max.x - 16.0,
        r.min.y + 20.0,
        &systems,
        11.0,
        Face::Regular,
        t.text3,
    );
    let list = Rect::from_min_max(pos2(r.min.x, r.min.y + 34.0), r.max);
    ui.scope_builder(UiBuilder::new().id_salt("files").max_rect(list), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let inputs = &estate.loaded.inputs;
        ScrollArea::vertical()
            .id_salt("files-scroll")
            .auto_shrink(false)
            .show_rows(ui, FILE_ROW, inputs.len(), |ui, range| {
                for input in &inputs[range] {
                    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), FILE_ROW), Sense::hover());
                    let y = row.center().y;
                    let records = words::number(session.records_of(input));
                    let whole = if input.complete { "" } else { ", incomplete export" };
                    let said = format!("{}, {records} records{whole}", input.name);
                    let response = kit::name_text(ui, Id::new(("file", &input.name)), row, &said);
                    let p = ui.painter();
                    let ink = if input.complete { t.text3 } else { t.inherited_text };
                    kit::icon(p, row.min.x + 22.0, y, icons::FILE_TEXT, 14.0, Face::Icon, ink);
                    // A file can be taken out where it was opened by itself, not out of a folder or archive.
                    let whole_input = session
                        .opened_as(&input.name)
                        .filter(|_| session.doc.estate.as_ref().is_some_and(|e| e.opened.len() > 1));
                    let hovered = ui.rect_contains_pointer(row);
                    let mut right = row.max.x - 16.0;
                    if let (Some(i), true) = (whole_input, hovered) {
                        let at = pos2(right - 6.0, y);
                        if kit::icon_button(
                            ui,
                            look,
                            Id::new(("close-file", &input.name)),
                            at,
                            icons::X,
                            11.0,
                            &format!("Close {}", input.name),
                            true,
                        )
                        .clicked()
                        {
                            out.push(Command::CloseFile(i));
                        }
                        right -= 22.0;
                    } else {
                        right -= kit::right(p, right, y, &records, 11.0, Face::Regular, t.text3) + 8.0;
                    }
                    let short = input.name.rsplit('/').next().unwrap_or(&input.name);
                    kit::left_cut(
                        p,
                        row.min.x + 36.0,
                        y,
                        short,
                        12.0,
                        Face::Regular,
                        t.text2,
                        right - row.min.x - 36.0,
                    );
                    response.on_hover_text(format!(
                        "{}\n{}\nSHA-256 {}…",
                        input.name,
                        input.importer.unwrap_or("not recognised"),
                        input.sha256.get(..16).unwrap_or_default()
                    ));
                }
            });
    });
}
