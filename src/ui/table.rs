//! The table: records as rows, sorted, filtered, copied. Only the rows in view are painted, so that it scrolls alike
//! with ten rows and with a hundred thousand.

mod cells;

use super::kit::{self, Look, c32};
use super::{Window, topbar};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Column, Command, Facet, Filter, Session, Table, TableKind, TableSpec, words};
use cells::{headings, one_row};
use egui::{
    Id, Key, Popup, PopupCloseBehavior, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

const TOOLS: f32 = 40.0;
const CHIPS: f32 = 34.0;
const HEADER: f32 = 30.0;
const ROW: f32 = 28.0;
/// Before the first cell: the bar of the selected row and the glyph of the state.
const LEAD: f32 = 44.0;

/// What only the window knows of the table.
#[derive(Default)]
pub struct TableWindow {
    /// What is typed into the field for a filter's name.
    name: String,
    /// What was selected last; when it changes, its row is scrolled to.
    selected: Option<String>,
}

impl Window {
    pub(super) fn table_tab(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        ui.painter().rect_filled(r, 0.0, c32(look.t.panel));
        let spec = &session.doc.view.table;
        // What the filter asks stands in a line of its own, so that it is all there beside the inspector, too.
        let more = if spec.filter.facets.is_empty() { 0.0 } else { CHIPS };
        let tools = Rect::from_min_size(r.min, vec2(r.width(), TOOLS + more));
        let table = session.answer.table.as_deref().filter(|t| t.spec.kind == spec.kind);
        self.table_tools(ui, look, tools, table, session, out);
        let body = Rect::from_min_max(pos2(r.min.x, tools.max.y), r.max);
        match table {
            None => empty(ui, look, body, "Reading the records into rows"),
            Some(table) if table.shown.is_empty() => {
                let said = match (table.rows.all.is_empty(), spec.kind) {
                    (false, _) => "No row passes the filter".to_owned(),
                    (true, kind) => format!("These files state no {}", kind.label().to_lowercase()),
                };
                empty(ui, look, body, &said);
            }
            Some(table) => kit::place(ui, "table", body, |ui| self.table(ui, look, body, table, session, out)),
        }
    }

    fn table_tools(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        r: Rect,
        table: Option<&Table>,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let t = look.t;
        let y = r.min.y + TOOLS / 2.0;
        let spec = session.doc.view.table.clone();
        ui.painter().hline(r.x_range(), r.max.y - 0.5, look.hairline());

        // From the right: what is done with the whole table.
        let columns = session.doc.view.columns(spec.kind);
        let mut right = r.max.x - 12.0;
        let copy = "Copy as CSV";
        let w = kit::button_width(copy, false);
        let cell = Rect::from_min_size(pos2(right - w, y - 14.0), vec2(w, 28.0));
        let some = table.is_some_and(|t| !t.shown.is_empty());
        if kit::button(ui, look, Id::new("copy-csv"), cell, copy, None, kit::Kind::Normal, some).clicked()
            && let Some(table) = table
        {
            ui.ctx().copy_text(table.csv(&columns));
            out.push(Command::Say(format!(
                "Copied {} as CSV",
                words::count(table.shown.len() as u64, "row", "rows")
            )));
        }
        right -= w + 8.0;
        let w = kit::button_width("Columns", false);
        let cell = Rect::from_min_size(pos2(right - w, y - 14.0), vec2(w, 28.0));
        let response = kit::button(
            ui,
            look,
            Id::new("columns"),
            cell,
            "Columns",
            None,
            kit::Kind::Normal,
            true,
        );
        columns_menu(look, &response, spec.kind, &columns, out);
        right -= w + 12.0;

        let mut x = kind_switch(ui, look, pos2(r.min.x + 12.0, y), &spec, out) + 12.0;
        let field = Rect::from_min_size(pos2(x, y - 14.0), vec2((right - x - 220.0).clamp(110.0, 200.0), 28.0));
        let mut text = spec.filter.text.clone();
        let response = super::left::text_field(
            ui,
            look,
            "table-filter",
            field,
            &mut text,
            "Find in rows",
            "Find in rows",
        );
        if response.changed() {
            let mut next = spec.clone();
            next.filter.text = text;
            out.push(Command::SetTable(next));
        }
        x = field.max.x + 8.0;
        let rows = table
            .map(|t| rows_words(t.shown.len(), t.rows.all.len()))
            .unwrap_or_default();
        let rows_width = kit::width(Face::Regular, 12.0, &rows) + 8.0;
        x = self.filter_menu(ui, look, pos2(x, y), table, &spec, session, out);
        chips(ui, look, r.min.x + 12.0, y + CHIPS - 2.0, r.max.x - 12.0, &spec, out);
        if x + rows_width <= right {
            let place = Rect::from_min_size(pos2(x + 4.0, y - 12.0), vec2(rows_width, 24.0));
            kit::left(ui.painter(), x + 4.0, y, &rows, 12.0, Face::Regular, t.text3);
            kit::name_text(ui, Id::new("rows-count"), place, &rows);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a menu has a place, what it picks from and what it gives back"
    )]
    fn filter_menu(
        &mut self,
        ui: &Ui,
        look: &Look,
        at: egui::Pos2,
        table: Option<&Table>,
        spec: &TableSpec,
        session: &Session,
        out: &mut Vec<Command>,
    ) -> f32 {
        let w = kit::button_width("Filter", true);
        let cell = Rect::from_min_size(pos2(at.x, at.y - 14.0), vec2(w, 28.0));
        let response = kit::button(
            ui,
            look,
            Id::new("filter-menu"),
            cell,
            "Filter",
            Some(icons::PLUS),
            kit::Kind::Quiet,
            true,
        );
        self.filter_popup(look, &response, table, spec, session, out);
        cell.max.x + 4.0
    }

    /// What a filter may ask, as a popup of a button.
    pub(super) fn filter_popup(
        &mut self,
        look: &Look,
        response: &egui::Response,
        table: Option<&Table>,
        spec: &TableSpec,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        Popup::menu(response)
            .frame(kit::popup_frame(look))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.set_width(280.0);
                ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                    self.saved_filters(ui, look, spec, session, out);
                    let Some(table) = table else { return };
                    for &facet in Facet::ALL {
                        facet_choices(ui, look, facet, table, spec, out);
                    }
                });
            });
    }

    fn saved_filters(&mut self, ui: &mut Ui, look: &Look, spec: &TableSpec, session: &Session, out: &mut Vec<Command>) {
        for (name, filter) in &session.doc.view.filters {
            ui.horizontal(|ui| {
                let label = format!("Use the filter {name}");
                let response = ui.button(name.as_str());
                response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
                if response.clicked() {
                    let mut next = spec.clone();
                    next.filter = filter.clone();
                    out.push(Command::SetTable(next));
                }
                let label = format!("Forget the filter {name}");
                let response = ui.button("×");
                response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
                if response.clicked() {
                    out.push(Command::KeepFilter(name.clone(), None));
                }
            });
        }
        if spec.filter.is_empty() {
            return;
        }
        if ui.button("Ask nothing").clicked() {
            let mut next = spec.clone();
            next.filter = Filter::default();
            out.push(Command::SetTable(next));
        }
        ui.horizontal(|ui| {
            let field = egui::TextEdit::singleline(&mut self.table.name)
                .hint_text("Name of this filter")
                .desired_width(150.0);
            let response = ui.add(field);
            response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Name of this filter"));
            let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let named = !self.table.name.trim().is_empty();
            if ui.add_enabled(named, egui::Button::new("Save filter")).clicked() || (entered && named) {
                out.push(Command::KeepFilter(
                    std::mem::take(&mut self.table.name),
                    Some(spec.filter.clone()),
                ));
            }
        });
        ui.separator();
        let _ = look;
    }

    fn table(&mut self, ui: &mut Ui, look: &Look, r: Rect, table: &Table, session: &Session, out: &mut Vec<Command>) {
        let columns = session.doc.view.columns(table.spec.kind);
        let widths = widths(&columns, r.width());
        let total: f32 = LEAD + widths.iter().sum::<f32>() + 12.0;
        let header = Rect::from_min_size(r.min, vec2(r.width(), HEADER));
        let body = Rect::from_min_max(pos2(r.min.x, header.max.y), r.max);
        let selection = session.doc.selection.as_deref();
        let target = self
            .keyboard(ui, table, selection, out)
            .or_else(|| self.jump(table, selection));
        let mut scroll = ScrollArea::both().id_salt(("rows", table.spec.kind)).auto_shrink(false);
        if let Some(row) = target {
            // In the middle, unless it is in view already: what is clicked must not jump away.
            let top = row as f32 * ROW;
            let seen = ui
                .ctx()
                .data(|d| d.get_temp::<(f32, f32)>(Id::new("table-seen")))
                .unwrap_or_default();
            if top < seen.0 || top + ROW > seen.1 {
                scroll = scroll.vertical_scroll_offset((top - body.height() / 2.0).max(0.0));
            }
        }
        let moved = kit::place(ui, "table-body", body, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            scroll.show_rows(ui, ROW, table.shown.len(), |ui, range| {
                ui.set_min_width(total);
                for i in range {
                    let Some(row) = table.row(i) else { continue };
                    let (place, _) = ui.allocate_exact_size(vec2(total.max(body.width()), ROW), Sense::hover());
                    one_row(
                        ui,
                        look,
                        place,
                        row,
                        table,
                        &columns,
                        &widths,
                        (i, selection == Some(&row.id)),
                        session,
                        out,
                    );
                }
            })
        });
        let offset = moved.state.offset;
        ui.ctx()
            .data_mut(|d| d.insert_temp(Id::new("table-seen"), (offset.y, offset.y + body.height())));
        headings(ui, look, header, &table.spec, &columns, &widths, offset.x, out);
    }

    /// The row to scroll to because something was selected elsewhere.
    fn jump(&mut self, table: &Table, selection: Option<&str>) -> Option<usize> {
        if self.table.selected.as_deref() == selection {
            return None;
        }
        self.table.selected = selection.map(str::to_owned);
        position(table, selection?)
    }

    /// Up and down walk the rows; the row to scroll to.
    fn keyboard(&mut self, ui: &Ui, table: &Table, selection: Option<&str>, out: &mut Vec<Command>) -> Option<usize> {
        if self.dialog.is_some()
            || self.palette.is_some()
            || ui.ctx().text_edit_focused()
            || egui::Popup::is_any_open(ui.ctx())
        {
            return None;
        }
        let press = |key| ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, key));
        let step: i64 = if press(Key::ArrowDown) {
            1
        } else if press(Key::ArrowUp) {
            -1
        } else if press(Key::PageDown) {
            20
        } else if press(Key::PageUp) {
            -20
        } else {
            return None;
        };
        let last = table.shown.len() as i64 - 1;
        let now = selection.and_then(|s| position(table, s)).map_or(-1, |i| i as i64);
        let next = if now < 0 { 0 } else { (now + step).clamp(0, last) } as usize;
        let id = table.row(next)?.id.clone();
        self.table.selected = Some(id.clone());
        out.push(Command::Select(Some(id)));
        Some(next)
    }
}

fn position(table: &Table, id: &str) -> Option<usize> {
    table.shown.iter().position(|&i| table.rows.all[i as usize].id == id)
}

/// Every column gets what it wants; where there is more room, names and texts share it.
fn widths(columns: &[Column], room: f32) -> Vec<f32> {
    let wanted: f32 = columns.iter().map(|c| c.width()).sum::<f32>() + LEAD + 12.0;
    let spare = (room - wanted).max(0.0);
    let takers = columns.iter().filter(|c| !c.is_number()).count().max(1) as f32;
    let least = room < wanted;
    columns
        .iter()
        .map(|c| match (c.is_number(), least) {
            (true, _) => c.width(),
            (false, true) => c.width() * (room / wanted).clamp(0.8, 1.0),
            (false, false) => c.width() + spare / takers,
        })
        .collect()
}

fn rows_words(shown: usize, total: usize) -> String {
    let total_words = words::count(total as u64, "row", "rows");
    if shown == total {
        total_words
    } else {
        format!("{} of {total_words}", words::number(shown as u64))
    }
}

fn empty(ui: &Ui, look: &Look, r: Rect, said: &str) {
    kit::name_text(ui, Id::new("table-empty"), r, said);
    let c = r.center();
    kit::icon(
        ui.painter(),
        c.x,
        c.y - 18.0,
        icons::FUNNEL,
        26.0,
        Face::Icon,
        look.t.text3,
    );
    kit::center(ui.painter(), c.x, c.y + 16.0, said, 13.0, Face::Regular, look.t.text2);
}

/// Which records: one button in several parts. Gives where it ends.
fn kind_switch(ui: &Ui, look: &Look, at: egui::Pos2, spec: &TableSpec, out: &mut Vec<Command>) -> f32 {
    let widths: Vec<f32> = TableKind::ALL
        .iter()
        .map(|k| kit::width(Face::Medium, 12.0, k.label()) + 18.0)
        .collect();
    let frame = Rect::from_min_size(pos2(at.x, at.y - 13.0), vec2(widths.iter().sum(), 26.0));
    kit::rect(ui.painter(), frame, 6.0, None, look.stroke(1.0, look.t.control));
    let mut x = frame.min.x;
    for (&kind, w) in TableKind::ALL.iter().zip(widths) {
        let on = spec.kind == kind;
        let cell = Rect::from_min_size(pos2(x, frame.min.y), vec2(w, 26.0));
        if kit::segment(ui, look, Id::new(("table-kind", kind)), cell, kind.label(), on) && !on {
            out.push(Command::SetTable(TableSpec {
                // Kinds of one sort of record mean nothing for another; whatever else is asked stays.
                filter: Filter {
                    text: spec.filter.text.clone(),
                    facets: spec
                        .filter
                        .facets
                        .iter()
                        .filter(|(facet, _)| **facet != Facet::Kind)
                        .map(|(facet, values)| (*facet, values.clone()))
                        .collect(),
                },
                ..TableSpec::of(kind)
            }));
        }
        x += w;
    }
    frame.max.x
}

/// What the filter asks, each to be taken out with a click.
fn chips(ui: &Ui, look: &Look, mut x: f32, y: f32, right: f32, spec: &TableSpec, out: &mut Vec<Command>) {
    let t = look.t;
    let asked: Vec<(Facet, &String)> = spec
        .filter
        .facets
        .iter()
        .flat_map(|(f, v)| v.iter().map(|v| (*f, v)))
        .collect();
    for (i, (facet, value)) in asked.iter().enumerate() {
        let shown = words::sentence(value.strip_prefix("reached ").unwrap_or(value));
        let shown = crate::scene::fonts::elide(Face::Medium, 12.0, &shown, 140.0);
        let w = kit::width(Face::Medium, 12.0, &shown) + 36.0;
        if x + w > right {
            let more = format!("+{}", asked.len() - i);
            kit::left(ui.painter(), x + 4.0, y, &more, 12.0, Face::Medium, t.accent_text);
            return;
        }
        let cell = Rect::from_min_size(pos2(x, y - 13.0), vec2(w, 26.0));
        let label = format!("{} {value}, take out of the filter", facet.label());
        let response = kit::clickable(ui, look, Id::new(("chip", facet, value)), cell, &label, true);
        let p = ui.painter();
        kit::rect(p, cell, 13.0, Some(t.accent_fill), look.stroke(1.0, t.accent));
        kit::left(p, x + 12.0, y, &shown, 12.0, Face::Medium, t.text);
        kit::icon(p, cell.max.x - 14.0, y, icons::X, 9.0, Face::IconBold, t.text2);
        if response.clicked() {
            let mut next = spec.clone();
            next.filter.toggle(*facet, value);
            out.push(Command::SetTable(next));
        }
        x = cell.max.x + 6.0;
    }
}

fn facet_choices(ui: &mut Ui, look: &Look, facet: Facet, table: &Table, spec: &TableSpec, out: &mut Vec<Command>) {
    const MOST: usize = 40;
    let Some(values) = table.rows.facets.get(&facet).filter(|v| !v.is_empty()) else {
        return;
    };
    heading(ui, look, facet.label());
    let chosen = spec.filter.facets.get(&facet);
    for (value, n) in values.iter().take(MOST) {
        let on = chosen.is_some_and(|c| c.contains(value));
        let label = format!("{} {value}", facet.label());
        let said = if facet == Facet::State {
            words::sentence(value)
        } else {
            value.clone()
        };
        if check_line(
            ui,
            look,
            Id::new(("facet", facet, value)),
            &said,
            &words::number(*n as u64),
            &label,
            on,
        ) {
            let mut next = spec.clone();
            next.filter.toggle(facet, value);
            out.push(Command::SetTable(next));
        }
    }
    if values.len() > MOST {
        let more = format!(
            "and {} more; find them by text",
            words::number((values.len() - MOST) as u64)
        );
        ui.label(more);
    }
}

fn heading(ui: &mut Ui, look: &Look, said: &str) {
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    kit::left(
        ui.painter(),
        r.min.x + 8.0,
        r.center().y + 2.0,
        said,
        11.5,
        Face::SemiBold,
        look.t.text3,
    );
}

fn check_line(ui: &mut Ui, look: &Look, id: Id, said: &str, right: &str, label: &str, on: bool) -> bool {
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let response = kit::check_row(ui, look, id, r, on, label);
    let p = ui.painter();
    if response.hovered() {
        kit::rect(p, r, 6.0, Some(look.t.raised), Stroke::NONE);
    }
    let y = r.center().y;
    kit::paint_check(
        p,
        look,
        Rect::from_center_size(pos2(r.min.x + 16.0, y), vec2(14.0, 14.0)),
        on,
    );
    kit::left_cut(
        p,
        r.min.x + 30.0,
        y,
        said,
        12.0,
        Face::Regular,
        look.t.text,
        r.width() - 84.0,
    );
    kit::right(p, r.max.x - 8.0, y, right, 11.0, Face::Regular, look.t.text3);
    response.clicked()
}

fn columns_menu(look: &Look, response: &egui::Response, kind: TableKind, shown: &[Column], out: &mut Vec<Command>) {
    Popup::menu(response)
        .frame(kit::popup_frame(look))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(220.0);
            for (column, _) in kind.columns() {
                let on = shown.contains(column);
                let label = format!("Column {}", column.label());
                if check_line(
                    ui,
                    look,
                    Id::new(("column", kind, column)),
                    column.label(),
                    "",
                    &label,
                    on,
                ) {
                    let mut next: Vec<Column> = shown.iter().copied().filter(|c| c != column).collect();
                    if !on {
                        next.push(*column);
                    }
                    if !next.is_empty() {
                        out.push(Command::SetColumns(kind, Some(next)));
                    }
                }
            }
            ui.separator();
            if topbar::menu_item(ui, look, "columns-own", "As at the start", "", true) {
                out.push(Command::SetColumns(kind, None));
            }
        });
}
