//! The headings and the rows of the table, painted by hand: only what is in view is.

use super::super::glyph;
use super::super::kit::{self, Look, c32};
use super::{HEADER, LEAD, ROW};
use crate::scene::Gate;
use crate::scene::display::{Color, Face};
use crate::scene::icons;
use crate::session::{Column, Command, Row, Session, Table, TableKind, TableSpec, ThingState};
use egui::{Id, Rect, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

#[expect(
    clippy::too_many_arguments,
    reason = "headings have columns, their places and how the table is sorted"
)]
pub fn headings(
    ui: &mut Ui,
    look: &Look,
    r: Rect,
    spec: &TableSpec,
    columns: &[Column],
    widths: &[f32],
    offset: f32,
    out: &mut Vec<Command>,
) {
    let t = look.t;
    ui.painter().rect_filled(r, 0.0, c32(t.raised));
    kit::place(ui, "table-header", r, |ui| {
        let mut x = r.min.x + LEAD - offset;
        for (&column, &w) in columns.iter().zip(widths) {
            let cell = Rect::from_min_size(pos2(x, r.min.y), vec2(w, HEADER));
            x += w;
            let sorted = spec.sort.0 == column;
            let way = match (sorted, spec.sort.1) {
                (false, _) => "",
                (true, false) => ", sorted upwards",
                (true, true) => ", sorted downwards",
            };
            let name = if column == Column::Name {
                name_heading(spec.kind)
            } else {
                column.label()
            };
            let label = format!("Sort by {}{way}", name.to_lowercase());
            let response = kit::clickable(ui, look, Id::new(("heading", column)), cell, &label, true);
            let p = ui.painter().with_clip_rect(cell.intersect(ui.clip_rect()));
            let ink = if sorted || response.hovered() { t.text } else { t.text2 };
            let y = cell.center().y;
            let end = if column.is_number() {
                kit::right(&p, cell.max.x - 12.0, y, name, 12.0, Face::SemiBold, ink);
                cell.max.x - 12.0 - kit::width(Face::SemiBold, 12.0, name) - 9.0
            } else {
                cell.min.x + kit::left(&p, cell.min.x, y, name, 12.0, Face::SemiBold, ink) + 9.0
            };
            if sorted {
                let g = if spec.sort.1 {
                    icons::CARET_DOWN
                } else {
                    icons::CARET_UP
                };
                kit::icon(&p, end, y, g, 10.0, Face::IconBold, t.text2);
            }
            if response.clicked() {
                let descending = if sorted { !spec.sort.1 } else { column.is_number() };
                out.push(Command::SetTable(TableSpec {
                    sort: (column, descending),
                    ..spec.clone()
                }));
            }
        }
    });
}

fn name_heading(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Systems => "System",
        TableKind::Credentials => "Credential",
        TableKind::Identities => "Identity",
        TableKind::Relations => "Relation",
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a row has a place, its columns and whether it is selected"
)]
pub fn one_row(
    ui: &Ui,
    look: &Look,
    r: Rect,
    row: &Row,
    table: &Table,
    columns: &[Column],
    widths: &[f32],
    (i, selected): (usize, bool),
    session: &Session,
    out: &mut Vec<Command>,
) {
    let t = look.t;
    let cell_of = |c: Column| {
        table
            .rows
            .column(c)
            .and_then(|at| row.cells.get(at))
            .map_or("", String::as_str)
    };
    let id = match row.thing {
        Some(_) => Id::new(("row", &row.id)),
        None => Id::new(("relation", cell_of(Column::Id))),
    };
    let response = ui.interact(r, id, Sense::click());
    response.widget_info(|| {
        let said: Vec<&str> = columns.iter().map(|c| cell_of(*c)).filter(|s| !s.is_empty()).collect();
        WidgetInfo::selected(
            WidgetType::Button,
            true,
            selected,
            format!("Row {}: {}", i + 1, said.join(", ")),
        )
    });
    let p = ui.painter();
    let back = if selected {
        p.rect_filled(r, 0.0, c32(t.accent_fill));
        p.rect_filled(Rect::from_min_size(r.min, vec2(3.0, ROW)), 0.0, c32(t.accent));
        t.accent_fill
    } else if response.hovered() {
        p.rect_filled(r, 0.0, c32(t.raised));
        t.raised
    } else {
        t.panel
    };
    p.hline(r.x_range(), r.max.y - 0.5, look.hairline());
    kit::focus_ring(ui, look, &response, 4.0);
    let y = r.center().y;
    glyph::thing(
        p,
        look,
        row.class,
        row.state,
        row.icon,
        pos2(r.min.x + 26.0, y),
        8.0,
        back,
    );
    let mut x = r.min.x + LEAD;
    for (&column, &w) in columns.iter().zip(widths) {
        paint_cell(p, look, column, row, cell_of(column), x, y, w);
        x += w;
    }
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    if response.double_clicked() && selected && row.thing.is_some() {
        out.push(if session.doc.proposal.is_seed(&row.id) {
            Command::Spare(row.id.clone())
        } else {
            Command::Compromise(row.id.clone())
        });
    } else if response.clicked() {
        out.push(Command::Select(Some(row.id.clone())));
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a cell has a place, a width, a column and a text"
)]
fn paint_cell(p: &egui::Painter, look: &Look, column: Column, row: &Row, said: &str, x: f32, y: f32, w: f32) {
    let t = look.t;
    let room = w - 12.0;
    match column {
        Column::Name | Column::From => {
            let face = if row.crown || column == Column::Name {
                Face::Medium
            } else {
                Face::Regular
            };
            let face = if row.crown { Face::SemiBold } else { face };
            let crowned = row.crown && column == Column::Name;
            let used = kit::left_cut(
                p,
                x,
                y,
                said,
                12.0,
                face,
                t.text,
                room - if crowned { 20.0 } else { 0.0 },
            );
            if crowned {
                glyph::crown(p, look, x + used + 13.0, y, 12.0);
            }
        }
        Column::Reached => {
            kit::left_cut(p, x, y, said, 12.0, Face::Medium, state_ink(look, row.state), room);
        }
        Column::Missing => gate_cell(p, look, &row.gate, said, x, y, room),
        _ if column.is_number() => {
            let face = if column == Column::Hops {
                Face::Regular
            } else {
                Face::SemiBold
            };
            kit::right(p, x + w - 12.0, y, said, 12.0, face, t.text);
        }
        _ => {
            let said = if said.is_empty() { "not stated" } else { said };
            let known = !matches!(said, "not stated" | "not known");
            kit::left_cut(
                p,
                x,
                y,
                said,
                12.0,
                Face::Regular,
                if known { t.text2 } else { t.text3 },
                room,
            );
        }
    }
}

/// The colour of words that say a state.
fn state_ink(look: &Look, state: ThingState) -> Color {
    let t = look.t;
    match state {
        ThingState::Compromised => t.compromised_text,
        ThingState::Intended => t.intended_text,
        ThingState::Inherited => t.inherited_text,
        ThingState::Assumed => t.assumed,
        ThingState::Ghost | ThingState::Untouched | ThingState::Disabled => t.text3,
    }
}

fn gate_cell(p: &egui::Painter, look: &Look, gate: &Gate, said: &str, x: f32, y: f32, room: f32) {
    let t = look.t;
    let mut at = x + 7.5;
    match gate {
        Gate::None => return,
        Gate::Made => {
            p.circle_stroke(pos2(at, y), 3.0, look.stroke(1.5, t.edge));
            at += 7.5;
        }
        Gate::Unknown => {
            let r = Rect::from_center_size(pos2(at, y), vec2(14.0, 14.0));
            kit::dashed_rect(p, r, 7.0, look.stroke(1.25, t.assumed), 2.5, 2.0);
            kit::center(p, at, y, "?", 9.5, Face::Bold, t.assumed);
            at += 7.5;
        }
        Gate::Missing(letters) => {
            for letter in letters.chars().take(3) {
                glyph::pill(p, look, pos2(at, y), letter);
                at += 18.0;
            }
            at -= 10.0;
        }
    }
    kit::left_cut(
        p,
        at + 6.0,
        y,
        said,
        12.0,
        Face::Regular,
        t.text2,
        room - (at + 6.0 - x),
    );
}
