//! The two lists of what a plan speaks of, what is compromised and what is protected: a button that says them, and a menu
//! to add, take out, and go back to what stands by itself.

use super::super::kit::{self, Look};
use super::super::{Window, glyph, left, topbar};
use crate::plan::crown_jewels;
use crate::scene::display::Face;
use crate::scene::{fonts, icons};
use crate::session::{Command, Found, PlanSpec, Session, ThingState, found, words};
use egui::{Id, Popup, PopupCloseBehavior, Rect, ScrollArea, Sense, Ui, pos2, vec2};

/// Records that are found, and things that are listed.
const MOST: usize = 12;
const MOST_LISTED: usize = 60;
const ROW: f32 = 28.0;

/// Which of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// What is compromised.
    From,
    /// What must not be reached.
    Protect,
}

impl Which {
    fn word(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::Protect => "Protect",
        }
    }

    /// What is listed now, by id, and whether it stands by itself.
    fn list(self, session: &Session) -> (Vec<String>, bool) {
        let spec = &session.doc.view.plan;
        match self {
            Self::From => match &spec.from {
                Some(ids) => (ids.clone(), false),
                None => (session.doc.proposal.seeds.clone(), true),
            },
            Self::Protect => match (&spec.protect, &session.doc.estate) {
                (Some(ids), _) => (ids.clone(), false),
                (None, Some(estate)) => {
                    let all = crown_jewels(&estate.graph).into_iter();
                    (all.map(|t| estate.graph.id(t).into_owned()).collect(), true)
                }
                (None, None) => (Vec::new(), true),
            },
        }
    }

    fn with(self, spec: &PlanSpec, list: Option<Vec<String>>) -> Command {
        let mut spec = spec.clone();
        match self {
            Self::From => spec.from = list,
            Self::Protect => spec.protect = list,
        }
        Command::SetPlan(Box::new(spec))
    }
}

impl Window {
    /// The button of a list and its menu; gives where the next thing may begin.
    #[expect(
        clippy::too_many_arguments,
        reason = "a control has a place, a list and what it asks for"
    )]
    pub(super) fn pick(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        x: f32,
        y: f32,
        which: Which,
        session: &Session,
        out: &mut Vec<Command>,
    ) -> f32 {
        let t = look.t;
        let (list, by_itself) = which.list(session);
        let names: Vec<String> = list.iter().map(|id| session.name_of(id).to_owned()).collect();
        let said = match (which, by_itself, names.len()) {
            (_, _, 0) => "nothing".to_owned(),
            (Which::Protect, true, n) => words::count(n as u64, "crown jewel", "crown jewels"),
            (_, _, 1) => names[0].clone(),
            (_, _, n) => words::count(n as u64, "thing", "things"),
        };
        let shown = fonts::elide(Face::Medium, 12.5, &said, 170.0);
        let word = kit::width(Face::Regular, 12.5, which.word());
        let crown = which == Which::Protect && by_itself && !names.is_empty();
        let glyph_width = if crown { 18.0 } else { 0.0 };
        let w = word + kit::width(Face::Medium, 12.5, &shown) + glyph_width + 44.0;
        let cell = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
        let label = format!("{}: {said}", which.word());
        let response = kit::clickable(ui, look, Id::new(("plan-pick", which)), cell, &label, true);
        let p = ui.painter();
        let border = if response.hovered() { t.text2 } else { t.control };
        kit::rect(p, cell, 6.0, Some(t.raised), look.stroke(1.0, border));
        let mut at = x + 10.0;
        at += kit::left(p, at, y, which.word(), 12.5, Face::Regular, t.text3) + 7.0;
        if crown {
            glyph::crown(p, look, at + 6.0, y, 12.0);
            at += glyph_width;
        }
        at += kit::left(p, at, y, &shown, 12.5, Face::Medium, t.text);
        kit::icon(p, at + 11.0, y + 0.5, icons::CARET_DOWN, 10.0, Face::IconBold, t.text3);
        if response.clicked() {
            self.plan.text.clear();
        }
        Popup::menu(&response)
            .frame(kit::popup_frame(look))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.set_width(320.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                self.pick_menu(ui, look, which, &list, by_itself, session, out);
            });
        x + w + 8.0
    }

    #[expect(clippy::too_many_arguments, reason = "as `pick`")]
    fn pick_menu(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        which: Which,
        list: &[String],
        by_itself: bool,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let spec = &session.doc.view.plan;
        let (field, _) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
        let name = match which {
            Which::From => "Find what is compromised",
            Which::Protect => "Find what to protect",
        };
        left::text_field(ui, look, "plan-pick-find", field, &mut self.plan.text, name, name);
        ui.add_space(6.0);
        if let Some(estate) = session
            .doc
            .estate
            .as_ref()
            .filter(|_| !self.plan.text.trim().is_empty())
        {
            let (things, total) = estate.index.find(&self.plan.text, MOST);
            for thing in things {
                let id = estate.graph.id(thing).into_owned();
                let record = found(estate.inventory(), thing, id);
                if list.contains(&record.id) {
                    continue;
                }
                if row(ui, look, &record, "Add", icons::PLUS) {
                    let mut list = list.to_vec();
                    list.push(record.id);
                    out.push(which.with(spec, Some(list)));
                    self.plan.text.clear();
                }
            }
            let said = match total {
                0 => "Nothing has this name".to_owned(),
                n if n > MOST => format!("{} more; type on", words::number((n - MOST) as u64)),
                _ => String::new(),
            };
            if !said.is_empty() {
                remark(ui, look, &said);
            }
            ui.separator();
        }
        ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
            for id in list.iter().take(MOST_LISTED) {
                let record = session.doc.estate.as_ref().and_then(|estate| {
                    let thing = estate.graph.find(id)?;
                    Some(found(estate.inventory(), thing, id.clone()))
                });
                // What the files do not know any more can be taken out all the same.
                let record = record.unwrap_or_else(|| Found {
                    thing: crate::graph::Thing::Context(0),
                    id: id.clone(),
                    name: session.name_of(id).to_owned(),
                    what: "not among the records".to_owned(),
                    class: crate::session::Class::Context,
                    icon: None,
                });
                if row(ui, look, &record, "Take out", icons::X) {
                    let left = list.iter().filter(|x| *x != id).cloned().collect();
                    out.push(which.with(spec, Some(left)));
                }
            }
        });
        if list.len() > MOST_LISTED {
            let more = words::number((list.len() - MOST_LISTED) as u64);
            remark(ui, look, &format!("and {more} more"));
        }
        if !by_itself {
            ui.separator();
            let label = match which {
                Which::From => "Back to what the scenario says is compromised",
                Which::Protect => "Back to the crown jewels",
            };
            if topbar::menu_item(ui, look, "plan-pick-own", label, "", true) {
                out.push(which.with(spec, None));
            }
        }
    }
}

fn remark(ui: &mut Ui, look: &Look, said: &str) {
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    kit::left(
        ui.painter(),
        r.min.x + 8.0,
        r.center().y,
        said,
        11.5,
        Face::Regular,
        look.t.text3,
    );
    kit::name_text(ui, Id::new(("plan-pick-remark", said)), r, said);
}

/// A record in the menu; true where it was clicked.
fn row(ui: &mut Ui, look: &Look, record: &Found, verb: &str, mark: char) -> bool {
    let t = look.t;
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let label = format!("{verb} {}", record.name);
    let response = kit::clickable(ui, look, Id::new(("plan-pick-row", verb, &record.id)), r, &label, true);
    let p = ui.painter();
    let hovered = response.hovered() || response.has_focus();
    let back = if hovered { t.raised } else { t.panel };
    if hovered {
        kit::rect(p, r, 6.0, Some(t.raised), egui::Stroke::NONE);
    }
    let y = r.center().y;
    let at = pos2(r.min.x + 17.0, y);
    glyph::thing(p, look, record.class, ThingState::Untouched, record.icon, at, 8.0, back);
    let room = r.width() - 66.0;
    let w = kit::left_cut(p, r.min.x + 34.0, y, &record.name, 12.5, Face::Regular, t.text, room);
    kit::left_cut(
        p,
        r.min.x + 44.0 + w,
        y,
        &record.what,
        11.0,
        Face::Regular,
        t.text3,
        room - w - 10.0,
    );
    kit::icon(p, r.max.x - 14.0, y, mark, 11.0, Face::IconBold, t.text3);
    response.clicked()
}
