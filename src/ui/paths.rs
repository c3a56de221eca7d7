//! Paths beside the map: what is asked, and each way as a list with the reason of every hop. And what a thing's menu
//! offers besides.

use super::kit::{self, Look, c32};
use super::{Window, glyph};
use crate::graph::Thing;
use crate::scene::Direction;
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, EdgeKind, MOST_AROUND, PathLine, Paths, PathsAsk, Session, words};
use egui::{Id, Popup, PopupCloseBehavior, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

/// How wide the list is.
const WIDTH: f32 = 300.0;
const HEAD: f32 = 64.0;
const LINE: f32 = 30.0;
const HOP: f32 = 34.0;

/// What is chosen from a thing's menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuAct {
    /// What it opens.
    From,
    /// What opens it.
    To,
    /// The way from the selection to it.
    Between,
    /// What lies around it.
    Near,
    /// Hide it.
    Hide,
    /// Leave only it.
    Isolate,
    /// Put it back where the layout has it.
    Unpin,
}

/// The lines of the menu; `selected` is the name of another thing that is selected.
pub fn menu(ui: &mut Ui, selected: Option<&str>) -> Option<MenuAct> {
    let mut chosen = None;
    ui.separator();
    let between = selected.map(|name| format!("Path from {name} to here"));
    let lines = [
        (Some("Paths from here".to_owned()), MenuAct::From),
        (Some("Paths to here".to_owned()), MenuAct::To),
        (between, MenuAct::Between),
        (Some("What lies around".to_owned()), MenuAct::Near),
        (Some("Hide".to_owned()), MenuAct::Hide),
        (Some("Isolate".to_owned()), MenuAct::Isolate),
        (Some("Back to its place".to_owned()), MenuAct::Unpin),
    ];
    for (label, act) in lines {
        if let Some(label) = label
            && ui.button(label).clicked()
        {
            chosen = Some(act);
            ui.close();
        }
    }
    chosen
}

/// Does what was chosen from a thing's menu.
pub fn act(session: &Session, thing: Thing, act: MenuAct, out: &mut Vec<Command>) {
    let Some(id) = session.id_of(thing) else { return };
    out.push(match act {
        MenuAct::From => Command::ShowPaths(Some(PathsAsk::From(id))),
        MenuAct::To => Command::ShowPaths(Some(PathsAsk::To(id))),
        MenuAct::Between => match session.doc.selection.clone() {
            Some(from) => Command::ShowPaths(Some(PathsAsk::Between(from, id))),
            None => return,
        },
        MenuAct::Near => Command::ShowPaths(Some(PathsAsk::Near(id, Direction::Both, 2))),
        MenuAct::Hide => Command::Hide(id, true),
        MenuAct::Isolate => Command::Isolate(Some(id)),
        MenuAct::Unpin => match session.answer.picture.as_ref().and_then(|p| p.pin_key(&id)) {
            Some(key) => Command::Pin(key, None),
            None => return,
        },
    });
}

/// What is asked, in words.
fn asked(session: &Session, ask: &PathsAsk) -> String {
    match ask {
        PathsAsk::From(a) => format!("Paths from {}", session.name_of(a)),
        PathsAsk::To(a) => format!("Paths to {}", session.name_of(a)),
        PathsAsk::Between(a, b) => format!("From {} to {}", session.name_of(a), session.name_of(b)),
        PathsAsk::Near(a, ..) => format!("Around {}", session.name_of(a)),
    }
}

/// What was found, in words.
fn found(paths: &Paths) -> String {
    let n = paths.total as u64;
    match &paths.ask {
        PathsAsk::From(_) => format!("Opens {} by itself", words::count(n, "thing", "things")),
        PathsAsk::To(_) if n == 0 => "No credential opens it by itself".to_owned(),
        PathsAsk::To(_) if n == 1 => "1 credential opens it by itself".to_owned(),
        PathsAsk::To(_) => format!("{} credentials open it by themselves", words::number(n)),
        PathsAsk::Between(..) => match paths.lines.first() {
            None => "Not reached from there".to_owned(),
            Some(line) => format!("Reached, {}", words::count(u64::from(line.hops), "hop", "hops")),
        },
        PathsAsk::Near(..) => format!("{} near", words::count(n, "thing", "things")),
    }
}

impl Window {
    /// The list at the right of the map, where paths are asked for; gives what is left for the map. Above it what is
    /// hidden is said, and can be shown again.
    pub(super) fn paths_panel(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        map: Rect,
        session: &Session,
        out: &mut Vec<Command>,
    ) -> Rect {
        let Some(ask) = &session.doc.view.paths else { return map };
        let t = look.t;
        let r = Rect::from_min_max(pos2(map.max.x - WIDTH.min(map.width() * 0.5), map.min.y), map.max);
        ui.interact(r, Id::new("paths-back"), Sense::click());
        ui.painter().rect_filled(r, 0.0, c32(t.panel));
        ui.painter().vline(r.min.x + 0.5, r.y_range(), look.hairline());
        let head = asked(session, ask);
        let p = ui.painter().clone();
        let (x, y) = (r.min.x + 14.0, r.min.y + 20.0);
        kit::left_cut(&p, x, y, &head, 13.0, Face::SemiBold, t.text, r.width() - 54.0);
        kit::name_text(
            ui,
            Id::new("paths-asked"),
            Rect::from_min_size(pos2(x, y - 12.0), vec2(r.width() - 54.0, 24.0)),
            &head,
        );
        let close = pos2(r.max.x - 20.0, y);
        if kit::icon_button(
            ui,
            look,
            Id::new("paths-close"),
            close,
            icons::X,
            13.0,
            "Close paths",
            true,
        )
        .clicked()
        {
            out.push(Command::ShowPaths(None));
        }
        let paths = session.shown_paths();
        let said = paths.map_or_else(|| "Looking for paths".to_owned(), found);
        kit::left(&p, x, y + 22.0, &said, 11.5, Face::Regular, t.text2);
        kit::name_text(
            ui,
            Id::new("paths-found"),
            Rect::from_min_size(pos2(x, y + 12.0), vec2(r.width() - 28.0, 20.0)),
            &said,
        );
        let mut top = r.min.y + HEAD;
        if let PathsAsk::Near(id, direction, steps) = ask {
            around_tools(ui, look, pos2(x, top + 10.0), id, *direction, *steps, out);
            top += 34.0;
        }
        p.hline(r.x_range(), top - 0.5, look.hairline());
        let body = Rect::from_min_max(pos2(r.min.x, top), r.max);
        if let Some(paths) = paths {
            kit::place(ui, "paths", body, |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    for (n, line) in paths.lines.iter().enumerate() {
                        let open = paths.lines.len() == 1 || session.doc.selection.as_deref() == Some(&line.id);
                        one(ui, look, n, line, open, out);
                    }
                    if paths.total > paths.lines.len() {
                        let more = (paths.total - paths.lines.len()) as u64;
                        ui.label(format!("and {} more", words::number(more)));
                    }
                });
            });
        }
        Rect::from_min_max(map.min, pos2(r.min.x, map.max.y))
    }

    /// What is asked of the map besides: a filter, and what is hidden. `c` is the middle of the button.
    pub(super) fn map_filter(
        &mut self,
        ui: &Ui,
        look: &Look,
        c: egui::Pos2,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let spec = session.doc.view.table.clone();
        let asks = !spec.filter.is_empty();
        let label = if asks { "Filter, on" } else { "Filter" };
        let response = kit::icon_button(ui, look, Id::new("map-filter"), c, icons::FUNNEL, 15.0, label, true);
        if asks {
            ui.painter().circle_filled(c + vec2(8.0, -8.0), 3.5, c32(look.t.accent));
        }
        let table = session.answer.table.clone().filter(|t| t.spec.kind == spec.kind);
        self.filter_popup(look, &response, table.as_deref(), &spec, session, out);
        let hidden = session.doc.view.hidden.len();
        if hidden > 0 || session.doc.view.isolated.is_some() {
            let at = pos2(c.x - 28.0, c.y);
            let label = "Show what is hidden";
            if kit::icon_button(ui, look, Id::new("show-hidden"), at, icons::EYE, 15.0, label, true).clicked() {
                out.push(Command::ShowHidden);
            }
        }
    }
}

fn around_tools(
    ui: &Ui,
    look: &Look,
    at: egui::Pos2,
    id: &str,
    direction: Direction,
    steps: u32,
    out: &mut Vec<Command>,
) {
    let mut x = at.x;
    let ask = |d: Direction, n: u32| Command::ShowPaths(Some(PathsAsk::Near(id.to_owned(), d, n)));
    for d in Direction::ALL {
        let w = kit::width(Face::Medium, 12.0, d.label()) + 18.0;
        let cell = Rect::from_min_size(pos2(x, at.y - 13.0), vec2(w, 26.0));
        if kit::segment(ui, look, Id::new(("near", d.label())), cell, d.label(), d == direction) {
            out.push(ask(d, steps));
        }
        x += w;
    }
    x += 14.0;
    for (label, sign, to) in [
        ("One step less", "−", steps.saturating_sub(1).max(1)),
        ("One step more", "+", (steps + 1).min(MOST_AROUND)),
    ] {
        let cell = Rect::from_min_size(pos2(x, at.y - 12.0), vec2(24.0, 24.0));
        let response = kit::clickable(ui, look, Id::new(("near-steps", label)), cell, label, to != steps);
        kit::rect(
            ui.painter(),
            cell,
            5.0,
            Some(look.t.raised),
            look.stroke(1.0, look.t.control),
        );
        let c = cell.center();
        kit::center(ui.painter(), c.x, c.y, sign, 13.0, Face::Medium, look.t.text);
        if response.clicked() {
            out.push(ask(direction, to));
        }
        x += 28.0;
    }
    let said = words::count(u64::from(steps), "step", "steps");
    kit::left(ui.painter(), x + 6.0, at.y, &said, 12.0, Face::Regular, look.t.text2);
}

/// A line, and below it its hops where it is open.
fn one(ui: &mut Ui, look: &Look, n: usize, line: &PathLine, open: bool, out: &mut Vec<Command>) {
    let t = look.t;
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let crown = if line.crown { ", crown jewel" } else { "" };
    let hops = words::count(u64::from(line.hops), "hop", "hops");
    let label = format!("{}, {hops}{crown}", line.name);
    let response = kit::clickable(ui, look, Id::new(("path", &line.id, n)), r, &label, true);
    let p = ui.painter().clone();
    if open {
        kit::rect(&p, r, 0.0, Some(t.raised), Stroke::NONE);
    } else if response.hovered() {
        kit::rect(&p, r, 0.0, Some(t.band), Stroke::NONE);
    }
    let y = r.center().y;
    let back = if open { t.raised } else { t.panel };
    glyph::thing(
        &p,
        look,
        line.class,
        line.state,
        line.icon,
        pos2(r.min.x + 24.0, y),
        8.0,
        back,
    );
    let mut room = r.width() - 44.0 - 34.0;
    if line.crown {
        room -= 18.0;
    }
    let w = kit::left_cut(&p, r.min.x + 42.0, y, &line.name, 12.0, Face::Medium, t.text, room);
    if line.crown {
        kit::icon(
            &p,
            r.min.x + 42.0 + w + 11.0,
            y,
            icons::CROWN_SIMPLE,
            12.0,
            Face::IconFill,
            t.crown,
        );
    }
    kit::right(
        &p,
        r.max.x - 14.0,
        y,
        &line.hops.to_string(),
        12.0,
        Face::Regular,
        t.text3,
    );
    if response.clicked() {
        out.push(Command::Select(Some(line.id.clone())));
    }
    if !open {
        return;
    }
    for (i, row) in line.rows.iter().enumerate() {
        let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), HOP), Sense::hover());
        let x = r.min.x + 42.0;
        let label = format!("{}. {}: {}", i + 1, row.name, row.reason);
        let response = kit::clickable(ui, look, Id::new(("hop", &line.id, i)), r, &label, true);
        let p = ui.painter().clone();
        if i + 1 < line.rows.len() {
            p.vline(x + 8.0, r.center().y..=r.max.y + 6.0, look.stroke(2.0, t.hairline));
        }
        glyph::thing(
            &p,
            look,
            row.class,
            row.state,
            row.icon,
            pos2(x + 8.0, r.center().y),
            7.0,
            t.panel,
        );
        let room = r.width() - 42.0 - 36.0;
        kit::left_cut(
            &p,
            x + 24.0,
            r.center().y - 7.0,
            &row.name,
            12.0,
            Face::Medium,
            t.text,
            room,
        );
        kit::left_cut(
            &p,
            x + 24.0,
            r.center().y + 8.0,
            &row.reason,
            11.0,
            Face::Regular,
            t.text2,
            room,
        );
        if let Some(edge) = row.edge {
            help(
                ui,
                look,
                Id::new(("help", &line.id, i)),
                pos2(r.max.x - 20.0, r.center().y),
                edge,
            );
        }
        if response.clicked() {
            out.push(Command::Select(Some(row.id.clone())));
        }
    }
}

/// A button that says what a kind of edge means, how it is abused and how it is checked.
pub fn help(ui: &Ui, look: &Look, id: Id, at: egui::Pos2, edge: EdgeKind) {
    let said = edge.help();
    let label = format!("About: {}", said.title.to_lowercase());
    let response = kit::icon_button(ui, look, id, at, icons::INFO, 13.0, &label, true);
    Popup::menu(&response)
        .frame(kit::popup_frame(look))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(320.0);
            let strong = |text: &str| egui::RichText::new(text).strong();
            ui.label(strong(said.title).size(13.0));
            ui.label(said.means);
            for (head, text) in [("How it is abused", said.abused), ("How it is checked", said.checked)] {
                ui.add_space(6.0);
                ui.label(strong(head));
                ui.label(text);
            }
            ui.add_space(6.0);
            ui.label(strong("References"));
            ui.label(said.references.join(" · "));
        });
}
