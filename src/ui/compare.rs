//! The compare view: the scenario that is worked on beside another branch, or the inventory that is open beside another
//! one, on the same positions, and what differs.

use super::kit::{self, Look, c32};
use super::{Window, canvas, evidence, glyph, topbar};
use crate::layout::Kind;
use crate::scene::display::Face;
use crate::scene::{MapPicture, View, draw, fitting_zoom};
use crate::session::{
    Branches, ChangeLine, Changes, Class, Command, Differs, EvidenceKind, Session, Side, ThingState, words,
};
use egui::{Id, Popup, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

const TOOLS: f32 = 40.0;
const HEAD: f32 = 62.0;
const ROW: f32 = 28.0;
/// Room for the sectors' names around the rings.
const BESIDE: f32 = 34.0;
/// The other side's name where it is no branch.
const NONE: &str = "No scenario";

impl Window {
    pub(super) fn compare_tab(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        ui.painter().rect_filled(r, 0.0, c32(t.panel));
        let tools = Rect::from_min_size(r.min, vec2(r.width(), TOOLS));
        compare_tools(ui, look, tools, session, out);
        let body = Rect::from_min_max(pos2(r.min.x, tools.max.y), r.max);
        let (inventories, none) = (session.comparing_inventories(), session.doc.proposal.seeds.is_empty());
        let ready = session
            .answer
            .branches
            .as_ref()
            .is_some_and(|b| b.inventories == inventories);
        let said = match (ready, inventories) {
            _ if none && !inventories => Some("Nothing is compromised. Double-click a credential to start"),
            (true, _) => None,
            (false, true) => Some("Working out both inventories"),
            (false, false) => Some("Working out both branches"),
        };
        if let Some(said) = said {
            kit::name_text(ui, Id::new("compare-empty"), body, said);
            kit::center(
                ui.painter(),
                body.center().x,
                body.center().y,
                said,
                13.0,
                Face::Regular,
                t.text2,
            );
            return;
        }
        let Some(branches) = session.answer.branches.as_deref() else {
            return;
        };
        let list = (body.height() * 0.3).clamp(110.0, 260.0);
        let maps = Rect::from_min_max(body.min, pos2(body.max.x, body.max.y - list));
        let mid = maps.center().x;
        let left = Rect::from_min_max(maps.min, pos2(mid, maps.max.y));
        let right = Rect::from_min_max(pos2(mid, maps.min.y), maps.max);
        // What was stands left of what is.
        let (first, second) = match branches.inventories {
            true => (&branches.other, &branches.here),
            false => (&branches.here, &branches.other),
        };
        side(ui, look, left, "compare-here", first, session, out);
        side(ui, look, right, "compare-other", second, session, out);
        ui.painter().vline(mid, maps.y_range(), look.hairline());
        let list = Rect::from_min_max(pos2(body.min.x, maps.max.y), body.max);
        differs(ui, look, list, branches, session, out);
    }
}

fn compare_tools(ui: &Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let y = r.center().y;
    ui.painter().hline(r.x_range(), r.max.y - 0.5, look.hairline());
    let mut x = r.min.x + 16.0;
    let inventories = session.comparing_inventories();
    let here = match (&session.doc.estate, inventories) {
        (Some(estate), true) => estate.title(),
        _ => session.doc.proposal.name.clone(),
    };
    x += kit::left_cut(ui.painter(), x, y, &here, 12.5, Face::SemiBold, t.text, 260.0) + 8.0;
    x += kit::left(ui.painter(), x, y, "against", 12.5, Face::Regular, t.text3) + 8.0;
    let other = session.doc.other.as_ref().map(|o| o.title());
    let with = match (&other, inventories) {
        (Some(title), true) => title.as_str(),
        _ => session.doc.view.compare.as_deref().unwrap_or(NONE),
    };
    let w = kit::button_width(with, false);
    let at = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
    let response = kit::clickable(ui, look, Id::new("compare-with"), at, &format!("Against {with}"), true);
    kit::rect(ui.painter(), at, 6.0, Some(t.raised), look.stroke(1.0, t.control));
    kit::center(ui.painter(), at.center().x, y, with, 12.5, Face::Medium, t.text);
    Popup::menu(&response).frame(kit::popup_frame(look)).show(|ui| {
        ui.set_width(240.0);
        if topbar::menu_item(ui, look, "compare-none", NONE, "", true) {
            out.push(Command::CompareWith(None));
        }
        for branch in &session.doc.proposal.others {
            let steps = words::count(branch.steps.len() as u64, "step", "steps");
            if topbar::menu_item(ui, look, &branch.name, &branch.name, &steps, true) {
                out.push(Command::CompareWith(Some(branch.name.clone())));
            }
        }
        if let Some(title) = &other {
            if topbar::menu_item(ui, look, "compare-inventory", title, "inventory", true) {
                out.push(Command::CompareOther);
            }
            if topbar::menu_item(ui, look, "compare-forget", "Forget the other inventory", "", true) {
                out.push(Command::CloseOther);
            }
        }
        if topbar::menu_item(ui, look, "compare-choose", "Another inventory…", "", true) {
            out.push(Command::ChooseOther);
        }
    });
    x += w + 12.0;
    if !inventories && session.doc.proposal.others.is_empty() && x + 320.0 < r.max.x {
        let said = "Begin another branch from the scenario's name below";
        kit::left(ui.painter(), x, y, said, 12.0, Face::Regular, t.text3);
    }
}

/// One map with its numbers above it, each leading to what it adds up. The map is looked at, not worked on.
fn side(ui: &mut Ui, look: &Look, r: Rect, salt: &str, side: &Side, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter().clone();
    let head = Rect::from_min_size(r.min, vec2(r.width(), HEAD));
    let name = side.name.as_deref().unwrap_or(NONE);
    let x = r.min.x + 16.0;
    let used = kit::left_cut(
        &p,
        x,
        r.min.y + 18.0,
        name,
        13.0,
        Face::SemiBold,
        t.text,
        r.width() - 110.0,
    );
    kit::left(
        &p,
        x + used + 10.0,
        r.min.y + 18.0,
        &side.said,
        11.5,
        Face::Regular,
        t.text3,
    );
    let y = r.min.y + 42.0;
    let systems = words::count(side.left.systems, "system", "systems");
    let mut at = x + kit::left(&p, x, y, &systems, 16.0, Face::SemiBold, t.text) + 14.0;
    glyph::crown(&p, look, at + 6.0, y, 12.0);
    at +=
        16.0 + kit::left(
            &p,
            at + 16.0,
            y,
            &words::number(side.left.crown_jewels),
            12.5,
            Face::Medium,
            t.text2,
        ) + 14.0;
    let weight = format!("weight {}", words::number(side.left.weight));
    at += kit::left(&p, at, y, &weight, 12.0, Face::Regular, t.text3);
    let cell = |from: f32, to: f32| Rect::from_min_max(pos2(from - 3.0, y - 13.0), pos2(to + 3.0, y + 13.0));
    let said = format!("Show what is reached with {name}");
    let id = Id::new(("compare-left", salt));
    evidence::number(ui, look, id, cell(x, at), &said, || side.ask.clone(), session, out);
    at += 14.0;
    let (breaks, hurts) = &side.breaks;
    let ink = if *hurts { t.broken } else { t.text3 };
    let w = kit::left_cut(&p, at, y, breaks, 12.0, Face::Regular, ink, r.max.x - at - 12.0);
    if !side.ask.actions.is_empty() {
        let said = format!("Show what breaks with {name}");
        let id = Id::new(("compare-breaks", salt));
        let ask = || side.ask.clone().of(EvidenceKind::Cost);
        evidence::number(ui, look, id, cell(at, at + w), &said, ask, session, out);
    }
    let label = format!(
        "{name}: {systems}, {}, {weight}, {breaks}",
        words::count(side.left.crown_jewels, "crown jewel", "crown jewels")
    );
    kit::name_text(ui, Id::new(salt), head, &label);
    let place = Rect::from_min_max(pos2(r.min.x, head.max.y), r.max);
    let picture = &side.picture;
    kit::place(ui, salt, place, |ui| {
        ui.painter().rect_filled(place, 0.0, c32(t.canvas));
        let view = View {
            zoom: whole(picture, place),
            selection: session.selected_thing().and_then(|s| picture.find(s)),
            chrome: false,
            ..View::whole(place.width(), place.height(), look.theme)
        };
        for item in &draw(picture, &view).items {
            ui.painter().extend(canvas::shapes_of(ui, place.min, item));
        }
    });
}

/// The zoom at which a map fills its half. There is nothing beside the rings here that would need room.
fn whole(picture: &MapPicture, place: Rect) -> f32 {
    match (picture.layout.kind, picture.layout.walls.last()) {
        (Kind::Rings, Some(boundary)) => ((place.size().min_elem() / 2.0 - BESIDE) / boundary).clamp(0.3, 1.5),
        _ => fitting_zoom(picture, place.width(), place.height()),
    }
}

fn differs(ui: &mut Ui, look: &Look, r: Rect, branches: &Branches, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter().clone();
    p.hline(r.x_range(), r.min.y, look.hairline());
    let n = branches.differs.len() as u64;
    let mut head = if n == 0 {
        "Both reach the same".to_owned()
    } else {
        format!("{} in what is reached", words::count(n, "difference", "differences"))
    };
    if branches.inventories {
        head.push_str(". ");
        head.push_str(&branches.changes.as_deref().map_or_else(
            || "Comparing records and what every credential opens".to_owned(),
            changes_words,
        ));
    }
    let lines: &[ChangeLine] = branches.changes.as_deref().map_or(&[], |c| &c.lines);
    kit::left(&p, r.min.x + 16.0, r.min.y + 18.0, &head, 12.5, Face::SemiBold, t.text);
    let place = Rect::from_min_size(r.min + vec2(16.0, 6.0), vec2(r.width() - 32.0, 24.0));
    kit::name_text(ui, Id::new("compare-differs"), place, &head);
    let body = Rect::from_min_max(pos2(r.min.x, r.min.y + 34.0), r.max);
    kit::place(ui, "compare-list", body, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().auto_shrink(false).show_rows(
            ui,
            ROW,
            branches.differs.len() + lines.len(),
            |ui, range| {
                for i in range {
                    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
                    match branches.differs.get(i) {
                        Some(d) => differ(ui, look, row, d, branches, session, out),
                        None => change(ui, look, row, i, &lines[i - branches.differs.len()], session, out),
                    }
                }
            },
        );
    });
}

fn changes_words(c: &Changes) -> String {
    if *c == Changes::default() {
        return "The records are the same".to_owned();
    }
    format!(
        "{} appeared, {} went, {} changed; {} other systems",
        words::count(c.appeared, "record", "records"),
        words::number(c.went),
        words::number(c.changed),
        words::count(c.radii, "credential opens", "credentials open"),
    )
}

/// A row of the list: something that one side alone reaches, or that differs between two inventories.
struct Entry<'a> {
    salt: Id,
    id: &'a str,
    name: &'a str,
    /// Its shape, state and icon; absent for a relation.
    glyph: Option<(Class, ThingState, Option<char>)>,
    crown: bool,
    said: &'a str,
    /// It is in the inventory that is open.
    here: bool,
}

fn entry(ui: &Ui, look: &Look, r: Rect, e: &Entry<'_>, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let label = format!("{}, {}", e.name, e.said);
    let response = kit::clickable(ui, look, e.salt, r, &label, e.here);
    let p = ui.painter();
    let back = if response.hovered() || session.doc.selection.as_deref() == Some(e.id) {
        kit::rect(p, r, 0.0, Some(t.raised), Stroke::NONE);
        t.raised
    } else {
        t.panel
    };
    let y = r.center().y;
    if let Some((class, state, icon)) = e.glyph {
        glyph::thing(p, look, class, state, icon, pos2(r.min.x + 28.0, y), 8.0, back);
    }
    let x = r.min.x + 46.0;
    let w = kit::left_cut(p, x, y, e.name, 12.0, Face::Medium, t.text, r.width() * 0.45);
    if e.crown {
        glyph::crown(p, look, x + w + 13.0, y, 12.0);
    }
    kit::right(p, r.max.x - 16.0, y, e.said, 12.0, Face::Regular, t.text2);
    if response.clicked() {
        out.push(Command::Select(Some(e.id.to_owned())));
    }
}

/// A record that appeared, went or changed, or a credential whose radius did.
fn change(ui: &Ui, look: &Look, r: Rect, i: usize, line: &ChangeLine, session: &Session, out: &mut Vec<Command>) {
    let e = Entry {
        salt: Id::new(("change", i, &line.id)),
        id: &line.id,
        name: &line.name,
        glyph: line.class.map(|class| (class, ThingState::Untouched, line.icon)),
        crown: line.crown,
        said: &line.said,
        here: line.here,
    };
    entry(ui, look, r, &e, session, out);
}

/// Something that one side alone reaches. What is only in the other inventory cannot be selected.
fn differ(ui: &Ui, look: &Look, r: Rect, d: &Differs, branches: &Branches, session: &Session, out: &mut Vec<Command>) {
    let side = if d.here { &branches.here } else { &branches.other };
    let only = match &side.name {
        Some(name) if branches.inventories => format!("reached only in {name}"),
        Some(name) => format!("reached only with {name}"),
        None => "reached only without a scenario".to_owned(),
    };
    let e = Entry {
        salt: Id::new(("differs", &d.id)),
        id: &d.id,
        name: &d.name,
        glyph: Some((d.class, d.state, d.icon)),
        crown: d.crown,
        said: &only,
        here: !branches.inventories
            || session
                .doc
                .estate
                .as_ref()
                .is_some_and(|o| o.graph.find(&d.id).is_some()),
    };
    entry(ui, look, r, &e, session, out);
}
