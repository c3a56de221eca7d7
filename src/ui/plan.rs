//! The Plan tab: what is asked above, the answer below. Paints what the planner found and asks for it otherwise; knows
//! no algorithm.

mod cut;
mod lists;
mod offers;
mod pick;

use super::kit::{self, Look, c32};
use super::{Window, evidence};
use crate::plan::Verb;
use crate::scene::display::{Color, Face};
use crate::scene::icons;
use crate::session::{
    Command, EvidenceAsk, MOST_BUDGET, PlanAnswer, PlanSort, PlanSpec, PlanStep, PlanTrouble, Planned, Session, words,
};
use egui::{Id, Popup, PopupCloseBehavior, Rect, ScrollArea, Ui, pos2, vec2};

const TOOLS: f32 = 40.0;
const ASK: f32 = 40.0;
const PAD: f32 = 20.0;

/// What only the window knows of the plan.
#[derive(Default)]
pub struct PlanWindow {
    /// What is typed to find something to add.
    text: String,
    /// Which other choice is unfolded, by its place.
    offer: Option<usize>,
    /// Which third party is unfolded, by name.
    vendor: Option<String>,
    /// How high the answer was in the last frame, in points.
    height: f32,
}

/// A sheet that is written from top to bottom.
struct Sheet<'a> {
    look: &'a Look,
    x: f32,
    w: f32,
    y: f32,
}

impl Sheet<'_> {
    /// The next place of this height.
    fn row(&mut self, height: f32) -> Rect {
        let r = Rect::from_min_size(pos2(self.x, self.y), vec2(self.w, height));
        self.y += height;
        r
    }

    /// A heading, with a quiet remark beside it.
    fn heading(&mut self, ui: &Ui, words: &str, remark: &str) {
        self.y += 14.0;
        let r = self.row(26.0);
        let (p, t) = (ui.painter(), self.look.t);
        let y = r.center().y;
        let w = kit::left(p, r.min.x, y, words, 13.0, Face::SemiBold, t.text);
        if !remark.is_empty() {
            let x = r.min.x + w + 10.0;
            kit::left_cut(p, x, y, remark, 11.5, Face::Regular, t.text3, r.max.x - x);
        }
        let label = if remark.is_empty() {
            words.to_owned()
        } else {
            format!("{words}, {remark}")
        };
        kit::name_text(ui, Id::new(("plan-heading", words)), r, &label);
    }

    /// A paragraph with an accessible name.
    fn says(&mut self, ui: &Ui, id: &str, words: &str, ink: Color) {
        let at = pos2(self.x, self.y);
        let h = kit::paragraph(ui.painter(), at, words, 12.5, Face::Regular, ink, self.w);
        let r = self.row(h + 6.0);
        kit::name_text(ui, Id::new(("plan-says", id)), r, words);
    }
}

impl Window {
    pub(super) fn plan_tab(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        ui.painter().rect_filled(r, 0.0, c32(look.t.panel));
        let tools = Rect::from_min_size(r.min, vec2(r.width(), TOOLS));
        self.plan_tools(ui, look, tools, session, out);
        let asks = !matches!(session.doc.view.plan.sort, PlanSort::Vendors | PlanSort::Chokes);
        let ask = Rect::from_min_size(
            pos2(r.min.x, tools.max.y),
            vec2(r.width(), if asks { ASK } else { 0.0 }),
        );
        if asks {
            self.plan_ask(ui, look, ask, session, out);
        }
        let body = Rect::from_min_max(pos2(r.min.x, ask.max.y), r.max);
        let Some(planned) = session.answer.plan.clone() else {
            return waiting(ui, look, body);
        };
        // An answer of another sort says nothing about what is asked now.
        if planned.question.spec.sort != session.doc.view.plan.sort {
            return waiting(ui, look, body);
        }
        kit::place(ui, "plan", body, |ui| {
            ScrollArea::vertical()
                .id_salt("plan-scroll")
                .auto_shrink(false)
                .show_viewport(ui, |ui, view| {
                    ui.set_min_size(vec2(body.width(), self.plan.height + PAD));
                    if !session.plan_is_current() {
                        ui.set_opacity(0.6);
                    }
                    let top = body.min.y - view.min.y;
                    let mut sheet = Sheet {
                        look,
                        x: body.min.x + PAD,
                        w: body.width() - 2.0 * PAD,
                        y: top + 14.0,
                    };
                    self.plan_answer(ui, &mut sheet, &planned, session, out);
                    let height = sheet.y - top;
                    if (height - self.plan.height).abs() > 0.5 {
                        self.plan.height = height;
                        ui.ctx().request_repaint();
                    }
                });
        });
    }

    fn plan_answer(
        &mut self,
        ui: &Ui,
        sheet: &mut Sheet<'_>,
        planned: &Planned,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        match &planned.answer {
            PlanAnswer::Wrong(troubles) => wrong(ui, sheet, troubles, out),
            PlanAnswer::Cut(answer) => {
                cut::cut(ui, sheet, planned, answer, session, out);
                if answer.steps.is_empty() {
                    return;
                }
                match &answer.offers {
                    Some(offers) => self.choices(ui, sheet, planned, answer, offers, session, out),
                    None => sheet.heading(ui, "What each further break buys", "being worked out"),
                }
            }
            PlanAnswer::None(none) => cut::none(ui, sheet, none, &session.doc.notes, out),
            PlanAnswer::Budget(answer) => lists::budget(ui, sheet, planned, answer, session, out),
            PlanAnswer::Containment(answer) => lists::containment(ui, sheet, planned, answer, session, out),
            PlanAnswer::Chokes(answer) => lists::chokes(ui, sheet, planned, answer, session, out),
            PlanAnswer::Vendors(all) => self.vendors(ui, sheet, planned, all, session, out),
        }
    }

    /// Which sort of plan, and how far its working out is.
    fn plan_tools(&mut self, ui: &Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let spec = &session.doc.view.plan;
        let y = r.center().y;
        ui.painter().hline(r.x_range(), r.max.y - 0.5, look.hairline());
        let widths: Vec<f32> = PlanSort::ALL
            .iter()
            .map(|s| kit::width(Face::SemiBold, 12.0, s.label()) + 22.0)
            .collect();
        let all = Rect::from_min_size(
            pos2(r.min.x + PAD - 4.0, y - 14.0),
            vec2(widths.iter().sum::<f32>(), 28.0),
        );
        kit::rect(ui.painter(), all, 6.0, None, look.stroke(1.0, t.control));
        let mut x = all.min.x;
        for (&sort, &w) in PlanSort::ALL.iter().zip(&widths) {
            let cell = Rect::from_min_size(pos2(x, all.min.y), vec2(w, 28.0));
            if kit::segment(
                ui,
                look,
                Id::new(("plan-sort", sort)),
                cell,
                sort.label(),
                spec.sort == sort,
            ) {
                let spec = PlanSpec { sort, ..spec.clone() };
                out.push(Command::SetPlan(Box::new(spec)));
            }
            x += w;
        }
        let mut end = r.max.x - PAD;
        if let Some(how) = session.planning() {
            let label = "Stop";
            let w = kit::button_width(label, false);
            let cell = Rect::from_min_size(pos2(end - w, y - 14.0), vec2(w, 28.0));
            if kit::button(
                ui,
                look,
                Id::new("plan-stop"),
                cell,
                label,
                None,
                kit::Kind::Normal,
                true,
            )
            .clicked()
            {
                out.push(Command::StopProving);
            }
            end -= w + 10.0;
            let known = session.plan_is_current();
            let what = match (how.is_empty(), known) {
                (true, _) => "Working it out".to_owned(),
                (false, _) => format!("Proving: {how}"),
            };
            let room = end - x - 16.0;
            let shown = crate::scene::fonts::elide(Face::Regular, 12.0, &what, room.max(0.0));
            let w = kit::right(ui.painter(), end, y, &shown, 12.0, Face::Regular, t.text2);
            let place = Rect::from_min_max(pos2(end - w, y - 10.0), pos2(end, y + 10.0));
            kit::name_text(ui, Id::new("plan-progress"), place, &what);
            let bar = Rect::from_min_max(pos2(r.min.x, r.max.y - 2.0), pos2(r.max.x, r.max.y));
            ui.painter().rect_filled(bar, 0.0, c32(t.accent.with_opacity(0.5)));
        }
    }

    /// What is asked: from what, protecting what, doing what, after what.
    fn plan_ask(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        ui.painter().hline(r.x_range(), r.max.y - 0.5, look.hairline());
        let spec = session.doc.view.plan.clone();
        let y = r.center().y;
        let mut x = r.min.x + PAD - 4.0;
        if matches!(spec.sort, PlanSort::Cut | PlanSort::Containment) {
            x = self.pick(ui, look, x, y, pick::Which::From, session, out);
        }
        if spec.sort == PlanSort::Cut {
            x = self.pick(ui, look, x, y, pick::Which::Protect, session, out);
        }
        if spec.sort == PlanSort::Budget {
            x = stepper(ui, look, x, y, &spec, out);
        }
        if matches!(spec.sort, PlanSort::Cut | PlanSort::Budget) {
            x = permits(ui, look, x, y, &spec, out);
        }
        let steps = session.doc.proposal.active().len() as u64;
        if steps > 0 {
            let label = if spec.afresh {
                "From the estate as it stands".to_owned()
            } else {
                format!("After {}", words::count(steps, "step", "steps"))
            };
            let w = kit::button_width(&label, false);
            let cell = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
            let response = kit::button(
                ui,
                look,
                Id::new("plan-base"),
                cell,
                &label,
                None,
                kit::Kind::Quiet,
                true,
            );
            if response.clicked() {
                let spec = PlanSpec {
                    afresh: !spec.afresh,
                    ..spec
                };
                out.push(Command::SetPlan(Box::new(spec)));
            }
            response.on_hover_text("Plan after the scenario's steps, or in their place");
        }
    }
}

/// How many actions a budget plan has.
fn stepper(ui: &Ui, look: &Look, x: f32, y: f32, spec: &PlanSpec, out: &mut Vec<Command>) -> f32 {
    let p = ui.painter();
    let mut x = x + 4.0;
    let n = spec.budget;
    let mut step = |x: f32, by: i8, label: &str, enabled: bool| {
        let cell = Rect::from_min_size(pos2(x, y - 13.0), vec2(26.0, 26.0));
        let sign = if by < 0 { "−" } else { "+" };
        let response = kit::clickable(ui, look, Id::new(("plan-budget", by)), cell, label, enabled);
        kit::rect(p, cell, 6.0, Some(look.t.raised), look.stroke(1.0, look.t.control));
        let ink = if enabled { look.t.text } else { look.t.text3 };
        kit::center(p, cell.center().x, cell.center().y, sign, 14.0, Face::Medium, ink);
        if response.clicked() {
            let spec = PlanSpec {
                budget: n.saturating_add_signed(by),
                ..spec.clone()
            };
            out.push(Command::SetPlan(Box::new(spec)));
        }
    };
    step(x, -1, "One action fewer", n > 1);
    x += 34.0;
    let label = words::count(n.into(), "action", "actions");
    let w = kit::left(p, x, y, &label, 12.5, Face::SemiBold, look.t.text);
    let place = Rect::from_min_size(pos2(x, y - 10.0), vec2(w, 20.0));
    kit::name_text(ui, Id::new("plan-budget-count"), place, &label);
    x += w + 8.0;
    step(x, 1, "One action more", n < MOST_BUDGET);
    x + 38.0
}

/// The kinds of action that may be taken, in a menu of check boxes.
fn permits(ui: &Ui, look: &Look, x: f32, y: f32, spec: &PlanSpec, out: &mut Vec<Command>) -> f32 {
    let (taken, all) = (spec.permits().len(), Verb::all_for(spec.this_theft).len());
    let label = if taken == all {
        format!("Any of {all} kinds")
    } else {
        format!("{taken} of {all} kinds")
    };
    let w = kit::button_width(&label, true);
    let cell = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
    let id = Id::new("plan-permits");
    let response = kit::button(ui, look, id, cell, &label, Some(icons::FUNNEL), kit::Kind::Quiet, true);
    Popup::menu(&response)
        .frame(kit::popup_frame(look))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(270.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            let said = "This theft alone, so that rotating counts";
            if tick(ui, look, "plan-this-theft", said, spec.this_theft, true) {
                let spec = PlanSpec {
                    this_theft: !spec.this_theft,
                    ..spec.clone()
                };
                out.push(Command::SetPlan(Box::new(spec)));
            }
            ui.add_space(4.0);
            for verb in Verb::ALL {
                let counts = verb != Verb::Rotate || spec.this_theft;
                let on = counts && !spec.barred.contains(&verb);
                if tick(ui, look, verb.as_str(), verb.as_str(), on, counts) {
                    let mut spec = spec.clone();
                    if !spec.barred.remove(&verb) {
                        spec.barred.insert(verb);
                    }
                    out.push(Command::SetPlan(Box::new(spec)));
                }
            }
            ui.add_space(4.0);
            let none = spec.permits().is_empty();
            let (label, barred) = if none || !spec.barred.is_empty() {
                ("Permit every kind", Default::default())
            } else {
                ("Permit none", Verb::ALL.into())
            };
            if super::topbar::menu_item(ui, look, "plan-permit-all", label, "", true) {
                let spec = PlanSpec { barred, ..spec.clone() };
                out.push(Command::SetPlan(Box::new(spec)));
            }
        });
    x + w + 4.0
}

/// A line of a menu with a check box; true where it was ticked on or off.
fn tick(ui: &mut Ui, look: &Look, salt: &str, label: &str, on: bool, enabled: bool) -> bool {
    let (r, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), egui::Sense::hover());
    let response = kit::check_row(ui, look, Id::new(("plan-tick", salt)), r, on, label);
    let p = ui.painter();
    let check = Rect::from_center_size(pos2(r.min.x + 14.0, r.center().y), vec2(14.0, 14.0));
    kit::paint_check(p, look, check, on);
    let ink = if enabled { look.t.text } else { look.t.text3 };
    kit::left(p, r.min.x + 30.0, r.center().y, label, 12.5, Face::Regular, ink);
    enabled && response.clicked()
}

fn waiting(ui: &Ui, look: &Look, r: Rect) {
    let said = "Working out a plan";
    kit::name_text(ui, Id::new("plan-waiting"), r, said);
    let c = r.center();
    kit::icon(
        ui.painter(),
        c.x,
        c.y - 18.0,
        icons::CHECK_CIRCLE,
        26.0,
        Face::Icon,
        look.t.text3,
    );
    kit::center(ui.painter(), c.x, c.y + 16.0, said, 13.0, Face::Regular, look.t.text2);
}

/// Why a plan cannot be asked for so, each with what to ask instead.
fn wrong(ui: &Ui, sheet: &mut Sheet<'_>, troubles: &[PlanTrouble], out: &mut Vec<Command>) {
    let look = sheet.look;
    for (n, trouble) in troubles.iter().enumerate() {
        let button = trouble
            .instead
            .as_ref()
            .map_or(0.0, |(words, _)| kit::button_width(words, false));
        let p = ui.painter();
        let room = sheet.w - 44.0 - if button > 0.0 { button + 28.0 } else { 12.0 };
        let galley = p.layout(
            trouble.why.clone(),
            kit::font(Face::Regular, 13.0),
            c32(look.t.text),
            room,
        );
        let r = sheet.row((galley.size().y + 20.0).max(44.0));
        kit::rect(p, r, 10.0, Some(look.t.inherited_fill), egui::Stroke::NONE);
        let y = r.center().y;
        kit::icon(
            p,
            r.min.x + 22.0,
            y,
            icons::WARNING,
            16.0,
            Face::Icon,
            look.t.inherited_text,
        );
        let at = pos2(r.min.x + 44.0, y - galley.size().y / 2.0);
        p.galley(at, galley, c32(look.t.text));
        let place = Rect::from_min_max(r.min, pos2(r.max.x - button - 16.0, r.max.y));
        kit::name_text(ui, Id::new(("plan-wrong", n)), place, &trouble.why);
        if let Some((words, spec)) = &trouble.instead {
            let cell = Rect::from_min_size(pos2(r.max.x - button - 10.0, y - 14.0), vec2(button, 28.0));
            let id = Id::new(("plan-instead", n));
            if kit::button(ui, look, id, cell, words, None, kit::Kind::Normal, true).clicked() {
                out.push(Command::SetPlan(Box::new(spec.clone())));
            }
        }
        sheet.y += 8.0;
    }
}

/// The buttons that take a plan into the scenario, from the right; gives where they begin.
fn take(ui: &Ui, look: &Look, right: f32, y: f32, planned: &Planned, session: &Session, out: &mut Vec<Command>) -> f32 {
    let actions = planned.actions();
    let instead = planned.question.spec.afresh;
    let n = words::count(actions.len() as u64, "action", "actions");
    let mut x = right;
    let label = "As a new branch";
    for (label, kind, branch) in [
        (format!("Apply {n}"), kit::Kind::Primary, None),
        (
            label.to_owned(),
            kit::Kind::Normal,
            Some(super::strip::next_name(session)),
        ),
    ] {
        let w = kit::button_width(&label, false) + 8.0;
        let cell = Rect::from_min_size(pos2(x - w, y - 17.0), vec2(w, 34.0));
        let id = Id::new(("plan-take", branch.is_some()));
        if kit::button(ui, look, id, cell, &label, None, kind, session.plan_is_current()).clicked() {
            out.push(Command::TakeActions(actions.clone(), instead, branch));
        }
        x -= w + 8.0;
    }
    x
}

/// One action of a plan: its number, what it does and where the record stands; then what it breaks, by name. At the right
/// what is left after it, with what that counts.
fn step(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    n: usize,
    step: &PlanStep,
    right: Option<(&str, EvidenceAsk)>,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let t = look.t;
    let r = sheet.row(44.0);
    let breaks = match step.broken.iter().filter(|b| !b.at_risk).count() as u64 {
        0 => "breaks nothing known".to_owned(),
        n => format!("breaks {}", words::count(n, "flow", "flows")),
    };
    let label = format!("{}. {}, cost {}, {breaks}", n + 1, step.title, words::number(step.cost));
    let response = kit::clickable(ui, look, Id::new(("plan-step", n)), r, &label, step.on.is_some());
    let p = ui.painter();
    let selected = step.on.is_some() && session.doc.selection == step.on;
    if selected || response.hovered() && step.on.is_some() {
        let fill = if selected { t.accent_fill } else { t.raised };
        kit::rect(p, r.expand2(vec2(8.0, 0.0)), 6.0, Some(fill), egui::Stroke::NONE);
    }
    let y = r.min.y + 15.0;
    p.circle_filled(pos2(r.min.x + 11.0, r.center().y), 10.0, c32(t.accent));
    let number = (n + 1).to_string();
    kit::center(p, r.min.x + 11.0, r.center().y, &number, 11.0, Face::Bold, t.on_accent);
    let x = r.min.x + 34.0;
    let mut w = 0.0;
    if let Some((right, ask)) = right {
        w = kit::right(p, r.max.x, y, right, 12.5, Face::SemiBold, t.text2);
        let place = Rect::from_min_max(pos2(r.max.x - w - 3.0, y - 12.0), pos2(r.max.x + 3.0, y + 10.0));
        let said = format!("Show what {right} after step {} counts", n + 1);
        let id = Id::new(("plan-step-left", n));
        evidence::number(ui, look, id, place, &said, || ask, session, out);
    }
    kit::left_cut(p, x, y, &step.title, 13.0, Face::Medium, t.text, r.max.x - w - 16.0 - x);
    let w = kit::left(p, x, y + 17.0, &breaks, 11.5, Face::Regular, t.text3);
    let cost = format!("cost {}", words::number(step.cost));
    let w = w + 14.0 + kit::left(p, x + w + 14.0, y + 17.0, &cost, 11.5, Face::Regular, t.text3);
    let most = r.max.x - x - w - 24.0;
    let place = crate::scene::fonts::elide(Face::Mono, 10.5, &step.place, most.max(0.0));
    kit::right(p, r.max.x, y + 17.0, &place, 10.5, Face::Mono, t.text3);
    if response.clicked() {
        out.push(Command::Select(step.on.clone()));
    }
    broken(ui, sheet, n, step, out);
    p.hline(sheet.x..=sheet.x + sheet.w, sheet.y + 1.5, look.hairline());
    sheet.y += 4.0;
}

/// How many flows of one action are listed until the rest is asked for.
const MOST_FLOWS: usize = 8;

fn broken(ui: &Ui, sheet: &mut Sheet<'_>, n: usize, step: &PlanStep, out: &mut Vec<Command>) {
    let look = sheet.look;
    let t = look.t;
    let p = ui.painter();
    let unfolded = Id::new(("plan-flows-all", n));
    let all = ui.data(|d| d.get_temp(unfolded)).unwrap_or(false);
    let most = if all { usize::MAX } else { MOST_FLOWS };
    for (i, flow) in step.broken.iter().take(most).enumerate() {
        let r = sheet.row(22.0);
        if !ui.is_rect_visible(r) {
            continue;
        }
        let r = Rect::from_min_max(pos2(r.min.x + 28.0, r.min.y), r.max);
        let what = if flow.at_risk { "puts at risk" } else { "breaks" };
        let label = format!("{what} {}, {}, cost {}", flow.flow, flow.used, words::number(flow.cost));
        let response = kit::clickable(ui, look, Id::new(("plan-flow", n, i)), r, &label, true);
        if response.hovered() {
            kit::rect(p, r, 6.0, Some(t.raised), egui::Stroke::NONE);
        }
        let y = r.center().y;
        let ink = if flow.hurts { t.broken } else { t.text2 };
        if flow.at_risk {
            kit::icon(p, r.min.x + 13.0, y, icons::WARNING, 12.0, Face::Icon, ink);
        } else {
            kit::icon(p, r.min.x + 13.0, y, icons::LINK_BREAK, 12.0, Face::IconBold, ink);
        }
        let cost = words::number(flow.cost);
        let w = kit::right(p, r.max.x, y, &cost, 11.5, Face::Regular, t.text3);
        let room = r.max.x - r.min.x - w - 40.0;
        let w = kit::left_cut(p, r.min.x + 26.0, y, &flow.flow, 12.0, Face::Regular, ink, room * 0.66);
        kit::left_cut(
            p,
            r.min.x + 36.0 + w,
            y,
            &flow.used,
            11.5,
            Face::Regular,
            t.text3,
            room - w,
        );
        if response.clicked() {
            out.push(Command::Select(Some(flow.from.clone())));
        }
    }
    if step.broken.len() > MOST_FLOWS {
        let more = step.broken.len() - MOST_FLOWS;
        let said = match all {
            true => "Show fewer".to_owned(),
            false => format!("and {} more", words::number(more as u64)),
        };
        let r = sheet.row(22.0);
        let w = kit::width(Face::Regular, 11.5, &said) + 12.0;
        let r = Rect::from_min_size(pos2(r.min.x + 48.0, r.min.y), vec2(w, 22.0));
        let response = kit::clickable(ui, look, Id::new(("plan-flows-more", n)), r, &said, true);
        let ink = if response.hovered() { t.text } else { t.text3 };
        kit::left(p, r.min.x + 6.0, r.center().y, &said, 11.5, Face::Regular, ink);
        if response.clicked() {
            ui.data_mut(|d| d.insert_temp(unfolded, !all));
        }
    }
}

/// A card at the top of an answer, with its headline.
fn card(ui: &Ui, sheet: &mut Sheet<'_>, headline: &str, height: f32) -> Rect {
    let look = sheet.look;
    let r = sheet.row(height);
    let p = ui.painter();
    kit::rect(p, r, 10.0, Some(look.t.canvas), look.stroke(1.0, look.t.hairline));
    let x = r.min.x + 18.0;
    kit::left_cut(
        p,
        x,
        r.min.y + 24.0,
        headline,
        16.0,
        Face::SemiBold,
        look.t.text,
        r.width() - 36.0,
    );
    let place = Rect::from_min_size(pos2(x, r.min.y + 10.0), vec2(r.width() - 36.0, 28.0));
    kit::name_text(ui, Id::new("plan-headline"), place, headline);
    r
}
