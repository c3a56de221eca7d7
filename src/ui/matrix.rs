//! The matrix: credentials against systems, each cell coloured and marked by how the one is accepted at the other. Only
//! what is in view is painted.

use super::kit::{self, Look, c32};
use super::{Window, glyph};
use crate::scene::display::Face;
use crate::scene::{fonts, icons};
use crate::session::{Command, Matrix, MatrixCell, MatrixHead, Session, words};
use egui::{Align2, Id, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

const TOOLS: f32 = 40.0;
const CELL: f32 = 25.0;
const GAP: f32 = 10.0;
const NAMES: f32 = 196.0;
const HEADS: f32 = 128.0;
/// Names of systems climb at this angle.
const CLIMB: f32 = -55.0;

impl Window {
    pub(super) fn matrix_tab(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        ui.painter().rect_filled(r, 0.0, c32(t.panel));
        let tools = Rect::from_min_size(r.min, vec2(r.width(), TOOLS));
        let whole = session.doc.view.whole_matrix || session.doc.proposal.seeds.is_empty();
        let matrix = session.answer.matrix.as_deref().filter(|m| m.whole == whole);
        self.matrix_tools(ui, look, tools, matrix, whole, session, out);
        let body = Rect::from_min_max(pos2(r.min.x, tools.max.y), r.max);
        match matrix {
            None => said(ui, look, body, "Looking where each credential is accepted"),
            Some(m) if m.rows.is_empty() && !session.doc.view.table.filter.is_empty() => {
                said(ui, look, body, "Nothing passes the filter");
            }
            Some(m) if m.rows.is_empty() => said(ui, look, body, "No credential is accepted at any system"),
            Some(m) => kit::place(ui, "matrix", body, |ui| cells(ui, look, body, m, session, out)),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "tools have a place, what they tell of and what they ask for"
    )]
    fn matrix_tools(
        &mut self,
        ui: &Ui,
        look: &Look,
        r: Rect,
        matrix: Option<&Matrix>,
        whole: bool,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let t = look.t;
        let y = r.center().y;
        ui.painter().hline(r.x_range(), r.max.y - 0.5, look.hairline());
        let mut x = r.min.x + 12.0;
        for (label, on, asks) in [("Reached", !whole, false), ("Whole estate", whole, true)] {
            let w = kit::width(Face::Medium, 12.0, label) + 18.0;
            let cell = Rect::from_min_size(pos2(x, y - 13.0), vec2(w, 26.0));
            kit::rect(ui.painter(), cell, 6.0, None, look.stroke(1.0, t.control));
            if kit::segment(ui, look, Id::new(("matrix", label)), cell, label, on)
                && session.doc.view.whole_matrix != asks
            {
                out.push(Command::ShowWholeMatrix(asks));
            }
            x += w - 1.0;
        }
        self.map_filter(ui, look, pos2(x + 18.0, y), session, out);
        x += 44.0;
        if let Some(m) = matrix {
            let said = format!(
                "{} by {}",
                words::count(m.rows.len() as u64, "row", "rows"),
                words::count(m.columns.len() as u64, "system", "systems")
            );
            let w = kit::left(ui.painter(), x, y, &said, 12.0, Face::Regular, t.text3);
            kit::name_text(
                ui,
                Id::new("matrix-size"),
                Rect::from_min_size(pos2(x, y - 12.0), vec2(w, 24.0)),
                &said,
            );
            x += w + 24.0;
        }
        // What the marks mean, as far as there is room.
        for (cell, said) in [
            (MatrixCell::Made, "Every check made"),
            (MatrixCell::Missing("A".into()), "Check missing"),
            (MatrixCell::Unknown, "Not known"),
            (MatrixCell::Closed, "Closed by the scenario"),
        ] {
            let w = kit::width(Face::Regular, 11.5, said) + 42.0;
            if x + w > r.max.x - 8.0 {
                break;
            }
            mark(ui.painter(), look, pos2(x + 9.0, y), &cell);
            kit::left(ui.painter(), x + 24.0, y, said, 11.5, Face::Regular, t.text3);
            x += w;
        }
    }
}

fn said(ui: &Ui, look: &Look, r: Rect, said: &str) {
    kit::name_text(ui, Id::new("matrix-empty"), r, said);
    let c = r.center();
    kit::icon(
        ui.painter(),
        c.x,
        c.y - 18.0,
        icons::KEY,
        26.0,
        Face::Icon,
        look.t.text3,
    );
    kit::center(ui.painter(), c.x, c.y + 16.0, said, 13.0, Face::Regular, look.t.text2);
}

/// Where each column starts: clusters stand a little apart.
fn places(columns: &[MatrixHead]) -> Vec<f32> {
    let mut x = 0.0;
    let mut out = Vec::with_capacity(columns.len() + 1);
    for (i, column) in columns.iter().enumerate() {
        if i > 0 && columns[i - 1].cluster != column.cluster {
            x += GAP;
        }
        out.push(x);
        x += CELL;
    }
    out.push(x);
    out
}

fn cells(ui: &mut Ui, look: &Look, r: Rect, m: &Matrix, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let xs = places(&m.columns);
    // Names climb to the right of the last column as well.
    let lean = HEADS / (-CLIMB.to_radians()).tan();
    let total = vec2(
        xs.last().copied().unwrap_or_default() + lean,
        m.rows.len() as f32 * CELL,
    );
    let grid = Rect::from_min_max(pos2(r.min.x + NAMES, r.min.y + HEADS), r.max);
    let pointer = ui.input(|i| i.pointer.hover_pos()).filter(|p| grid.contains(*p));
    let selection = session.doc.selection.as_deref();
    let offset = kit::place(ui, "matrix-grid", grid, |ui| {
        ScrollArea::both()
            .id_salt("matrix-scroll")
            .auto_shrink(false)
            .show_viewport(ui, |ui, view| {
                ui.set_min_size(total);
                let origin = grid.min - view.min.to_vec2();
                let rows = range(view.min.y, view.max.y, m.rows.len());
                let first = xs.partition_point(|x| x + CELL < view.min.x);
                let columns = first..xs.partition_point(|x| *x < view.max.x).min(m.columns.len());
                let lit = pointer.map(|p| p - origin).map(|p| {
                    let column = columns.clone().find(|&c| (xs[c]..xs[c] + CELL).contains(&p.x));
                    ((p.y / CELL).floor() as usize, column)
                });
                let p = ui.painter().clone();
                for row in rows {
                    let y = origin.y + row as f32 * CELL;
                    let place = Rect::from_min_size(pos2(grid.min.x, y), vec2(grid.width(), CELL));
                    if lit.is_some_and(|l| l.0 == row) || selection == Some(&m.rows[row].id) {
                        p.rect_filled(place, 0.0, c32(t.raised));
                    }
                    p.hline(place.x_range(), place.max.y - 0.5, Stroke::new(0.5, c32(t.hairline)));
                    for column in columns.clone() {
                        let at = Rect::from_min_size(pos2(origin.x + xs[column], y), vec2(CELL, CELL));
                        let chosen = selection == Some(&m.columns[column].id);
                        if lit.is_some_and(|l| l.1 == Some(column)) || chosen {
                            p.rect_filled(at, 0.0, c32(t.raised.with_opacity(0.6)));
                        }
                        match m.cell(row, column) {
                            None => {
                                p.circle_filled(at.center(), 1.0, c32(t.text3.with_opacity(0.5)));
                            }
                            Some(cell) => one_cell(ui, look, at, m, row, column, cell, out),
                        }
                    }
                }
            })
            .state
            .offset
    });
    heads(ui, look, r, m, &xs, offset.x, pointer, selection, out);
    names(ui, look, r, m, offset.y, selection, out);
}

fn range(from: f32, to: f32, n: usize) -> std::ops::Range<usize> {
    let first = ((from / CELL).floor().max(0.0) as usize).min(n);
    first..((to / CELL).ceil().max(0.0) as usize).clamp(first, n)
}

#[expect(
    clippy::too_many_arguments,
    reason = "a cell has a place, a row, a column and how it is accepted"
)]
fn one_cell(
    ui: &Ui,
    look: &Look,
    at: Rect,
    m: &Matrix,
    row: usize,
    column: usize,
    cell: &MatrixCell,
    out: &mut Vec<Command>,
) {
    let (from, to) = (&m.rows[row], &m.columns[column]);
    let response = ui.interact(at, Id::new(("cell", &from.id, &to.id)), Sense::click());
    let label = format!("{} at {}: {}", from.name, to.name, words_of(cell));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
    mark(ui.painter(), look, at.center(), cell);
    kit::focus_ring(ui, look, &response, 4.0);
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    if response.clicked() {
        out.push(Command::Select(Some(to.id.clone())));
    }
    response.on_hover_text(label);
}

fn words_of(cell: &MatrixCell) -> String {
    match cell {
        MatrixCell::Made => "accepted, every check made".to_owned(),
        MatrixCell::Unknown => "accepted, not known whether it is checked".to_owned(),
        MatrixCell::Closed => "closed by the scenario".to_owned(),
        MatrixCell::Missing(letters) => {
            let missing: Vec<String> = letters
                .chars()
                .map(|c| match c {
                    'E' => "no exchange".to_owned(),
                    'U' => "not intended".to_owned(),
                    _ => format!("{} not checked", crate::scene::letter_words(c).to_lowercase()),
                })
                .collect();
            format!("accepted, {}", missing.join(", "))
        }
    }
}

fn mark(p: &egui::Painter, look: &Look, c: egui::Pos2, cell: &MatrixCell) {
    let t = look.t;
    let r = Rect::from_center_size(c, vec2(18.0, 18.0));
    match cell {
        MatrixCell::Made => {
            kit::rect(p, r, 5.0, Some(t.intended_fill), look.stroke(1.5, t.intended));
            p.circle_filled(c, 2.0, c32(t.intended));
        }
        MatrixCell::Missing(letters) => {
            kit::rect(p, r, 5.0, Some(t.inherited), Stroke::NONE);
            let n = letters.chars().count();
            let shown: String = if n > 2 {
                format!("{}+", letters.chars().next().unwrap_or('?'))
            } else {
                letters.clone()
            };
            kit::center(
                p,
                c.x,
                c.y,
                &shown,
                if n > 1 { 9.0 } else { 10.5 },
                Face::Bold,
                t.on_inherited,
            );
        }
        MatrixCell::Unknown => {
            kit::rect(p, r, 5.0, Some(t.assumed_fill), Stroke::NONE);
            kit::dashed_rect(p, r, 5.0, look.stroke(1.5, t.assumed), 2.5, 2.0);
            kit::center(p, c.x, c.y, "?", 10.5, Face::Bold, t.assumed);
        }
        MatrixCell::Closed => {
            let bar = Rect::from_center_size(c, vec2(16.0, 6.0));
            kit::rect(p, bar, 2.0, Some(t.sealed), Stroke::NONE);
        }
    }
}

/// The systems' names above their columns.
#[expect(
    clippy::too_many_arguments,
    reason = "heads have columns, their places and what is lit"
)]
fn heads(
    ui: &mut Ui,
    look: &Look,
    r: Rect,
    m: &Matrix,
    xs: &[f32],
    offset: f32,
    pointer: Option<egui::Pos2>,
    selection: Option<&str>,
    out: &mut Vec<Command>,
) {
    let t = look.t;
    let head = Rect::from_min_max(pos2(r.min.x + NAMES, r.min.y), pos2(r.max.x, r.min.y + HEADS));
    // Names lean over the names' column at the left when scrolled, so they are cut there.
    kit::place(ui, "matrix-heads", head, |ui| {
        let p = ui.painter().clone();
        p.rect_filled(head, 0.0, c32(t.panel));
        for (i, column) in m.columns.iter().enumerate() {
            let x = head.min.x + xs[i] - offset;
            if x + CELL < head.min.x || x > head.max.x {
                continue;
            }
            let place = Rect::from_min_size(pos2(x, head.max.y - 44.0), vec2(CELL, 44.0));
            let response = kit::clickable(
                ui,
                look,
                Id::new(("column-head", &column.id)),
                place,
                &column.name,
                true,
            );
            let lit = response.hovered() || pointer.is_some_and(|p| (x..x + CELL).contains(&p.x));
            let strong = column.crown || selection == Some(&column.id);
            let (face, ink) = match (strong, lit) {
                (true, _) => (Face::SemiBold, t.text),
                (false, true) => (Face::Medium, t.text),
                (false, false) => (Face::Regular, t.text2),
            };
            let mut foot = pos2(x + CELL / 2.0 + 2.0, head.max.y - 6.0);
            if column.crown {
                glyph::crown(&p, look, x + CELL / 2.0, head.max.y - 9.0, 11.0);
                foot.y -= 12.0;
            }
            let room = (HEADS - 14.0) / (-CLIMB.to_radians()).sin() - if column.crown { 16.0 } else { 0.0 };
            let shown = fonts::elide(face, 11.0, &column.name, room);
            let galley = p.layout_no_wrap(shown, kit::font(face, 11.0), c32(ink));
            // The middle of the text's left end is what it turns about.
            foot.y -= galley.size().y / 2.0;
            let shape = egui::epaint::TextShape::new(foot, galley, c32(ink))
                .with_angle_and_anchor(CLIMB.to_radians(), Align2::LEFT_CENTER);
            p.add(shape);
            if response.clicked() {
                out.push(Command::Select(Some(column.id.clone())));
            }
            response.on_hover_text(format!("{} · {}", column.name, column.cluster));
        }
        p.hline(head.x_range(), head.max.y - 0.5, look.hairline());
    });
}

/// The credentials' names at the left of their rows, and at how many systems each is accepted.
fn names(ui: &mut Ui, look: &Look, r: Rect, m: &Matrix, offset: f32, selection: Option<&str>, out: &mut Vec<Command>) {
    let t = look.t;
    let side = Rect::from_min_max(pos2(r.min.x, r.min.y + HEADS), pos2(r.min.x + NAMES, r.max.y));
    kit::left(
        ui.painter(),
        r.min.x + 16.0,
        r.min.y + 22.0,
        "Credential by system",
        12.5,
        Face::SemiBold,
        t.text,
    );
    kit::left(
        ui.painter(),
        r.min.x + 16.0,
        r.min.y + 40.0,
        "How each is accepted",
        11.5,
        Face::Regular,
        t.text3,
    );
    ui.painter().hline(side.x_range(), side.min.y - 0.5, look.hairline());
    kit::place(ui, "matrix-names", side, |ui| {
        for row in range(offset, offset + side.height(), m.rows.len()) {
            let head = &m.rows[row];
            let place = Rect::from_min_size(
                pos2(side.min.x, side.min.y + row as f32 * CELL - offset),
                vec2(NAMES, CELL),
            );
            let n = m.count(row) as u64;
            let label = format!("{}, accepted at {}", head.name, words::count(n, "system", "systems"));
            let response = kit::clickable(ui, look, Id::new(("row-head", &head.id)), place, &label, true);
            let p = ui.painter();
            let chosen = selection == Some(&head.id);
            let back = match (chosen, response.hovered()) {
                (true, _) => t.accent_fill,
                (false, true) => t.raised,
                (false, false) => t.panel,
            };
            p.rect_filled(place, 0.0, c32(back));
            p.hline(place.x_range(), place.max.y - 0.5, Stroke::new(0.5, c32(t.hairline)));
            let y = place.center().y;
            glyph::thing(
                p,
                look,
                head.class,
                head.state,
                head.icon,
                pos2(place.min.x + 26.0, y),
                7.2,
                back,
            );
            let number = words::number(n);
            let used = kit::right(p, place.max.x - 14.0, y, &number, 12.0, Face::Regular, t.text2);
            let face = if chosen { Face::SemiBold } else { Face::Regular };
            kit::left_cut(
                p,
                place.min.x + 44.0,
                y,
                &head.name,
                12.0,
                face,
                t.text,
                NAMES - 44.0 - 22.0 - used,
            );
            if response.clicked() {
                out.push(Command::Select(Some(head.id.clone())));
            }
        }
    });
}
