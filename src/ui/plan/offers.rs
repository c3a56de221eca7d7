//! The other choices: what each further break buys, as a step chart and a table, each to be taken with one click.

use super::super::kit::{self, Look, c32};
use super::super::{Window, evidence, glyph};
use super::Sheet;
use crate::plan::Offer;
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, CutAnswer, EvidenceKind, Planned, Session, words};
use egui::{Id, Painter, Rect, Stroke, Ui, pos2, vec2};

const CHART: f32 = 128.0;
const HEAD: f32 = 30.0;
const ROW: f32 = 32.0;
const LINE: f32 = 24.0;
/// What breaking one flow in use costs: from here on a plan hurts.
const HURTS: f32 = 1_000.0;

/// The columns after the first: name and width. Numbers stand at the right.
const COLUMNS: [(&str, f32); 6] = [
    ("Systems", 74.0),
    ("Weight off", 84.0),
    ("In use", 64.0),
    ("Unknown", 74.0),
    ("Idle", 52.0),
    ("Cost", 74.0),
];

impl Window {
    #[expect(
        clippy::too_many_arguments,
        reason = "an answer has its question and its other choices"
    )]
    pub(super) fn choices(
        &mut self,
        ui: &Ui,
        sheet: &mut Sheet<'_>,
        planned: &Planned,
        answer: &CutAnswer,
        offers: &[(Offer, Vec<String>)],
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        if offers.is_empty() {
            return;
        }
        let look = sheet.look;
        sheet.heading(
            ui,
            "What each further break buys",
            "of these none takes more off for less; breaking is counted by use",
        );
        if offers.len() > 1 {
            let r = sheet.row(CHART);
            if let Some(clicked) = chart(ui, look, r, answer, offers, self.plan.offer) {
                self.plan.offer = (self.plan.offer != Some(clicked)).then_some(clicked);
            }
            sheet.y += 10.0;
        }
        head(ui, look, sheet.row(HEAD));
        for (n, (offer, lines)) in offers.iter().enumerate() {
            let open = self.plan.offer == Some(n);
            if row(ui, look, sheet.row(ROW), n, offer, open) {
                self.plan.offer = (!open).then_some(n);
            }
            if open {
                opened(ui, sheet, planned, offer, lines, session, out);
            }
        }
        sheet.y += 8.0;
    }
}

/// What an offer is, in one word.
fn mark(offer: &Offer) -> &'static str {
    match (offer.is_cut, offer.lower_bound) {
        (true, Some(bound)) if bound >= offer.cost => "cut, proven",
        (true, _) => "cut",
        (false, _) => "",
    }
}

fn sentence(offer: &Offer) -> String {
    let mut said = format!(
        "{}: {} left, weight {} taken off, breaks {} in use, {} of unknown use, {} idle, cost {}",
        words::count(offer.actions.len() as u64, "action", "actions"),
        words::count(offer.after.systems, "system", "systems"),
        words::number(offer.taken_off),
        words::number(offer.broken.in_use),
        words::number(offer.broken.unknown),
        words::number(offer.broken.idle),
        words::number(offer.cost)
    );
    if offer.is_cut {
        said = format!("{said}, {}", mark(offer));
    }
    said
}

/// The weight left by what a plan costs. The cost stands on a scale of powers of ten. Gives the choice that was clicked.
fn chart(
    ui: &Ui,
    look: &Look,
    r: Rect,
    answer: &CutAnswer,
    offers: &[(Offer, Vec<String>)],
    opened: Option<usize>,
) -> Option<usize> {
    let t = look.t;
    let p = ui.painter();
    kit::rect(p, r, 10.0, Some(t.canvas), look.stroke(1.0, t.hairline));
    let plot = Rect::from_min_max(r.min + vec2(64.0, 16.0), r.max - vec2(28.0, 26.0));
    let most = offers.iter().map(|(o, _)| o.cost).max().unwrap_or(1).max(1) as f32;
    let scale = (most + 1.0).log10().max(0.1);
    let x_of = |cost: f32| plot.min.x + plot.width() * (cost + 1.0).log10() / scale;
    let whole = answer.before.weight.max(1) as f32;
    let y_of = |left: u64| plot.max.y - plot.height() * left as f32 / whole;
    p.hline(plot.x_range(), plot.max.y, look.stroke(1.0, t.ring));
    for (left, y) in [(answer.before.weight, plot.min.y), (0, plot.max.y)] {
        kit::right(
            p,
            plot.min.x - 8.0,
            y,
            &words::number(left),
            10.5,
            Face::Regular,
            t.text3,
        );
    }
    kit::left(
        p,
        r.min.x + 10.0,
        plot.center().y,
        "weight",
        10.5,
        Face::Regular,
        t.text3,
    );
    for power in 0..8 {
        let cost = 10f32.powi(power);
        if cost > most {
            break;
        }
        let x = x_of(cost);
        p.vline(x, plot.max.y..=plot.max.y + 3.0, look.stroke(1.0, t.ring));
        let said = words::number(cost as u64);
        kit::center(p, x, plot.max.y + 12.0, &said, 10.5, Face::Regular, t.text3);
    }
    kit::right(
        p,
        r.max.x - 8.0,
        plot.max.y + 12.0,
        "cost",
        10.5,
        Face::Regular,
        t.text3,
    );
    if most > HURTS {
        let x = x_of(HURTS);
        let line = [pos2(x, plot.min.y - 6.0), pos2(x, plot.max.y)];
        p.extend(kit::broken_line(&line, look.stroke(1.0, t.broken), 3.0, 3.0));
        kit::right(
            p,
            x - 6.0,
            plot.min.y - 2.0,
            "breaks nothing in use",
            10.5,
            Face::Regular,
            t.broken,
        );
    }
    steps_line(p, look, plot, answer.before.weight, offers, &x_of, &y_of);
    let mut clicked = None;
    for (n, (offer, _)) in offers.iter().enumerate() {
        let c = pos2(x_of(offer.cost as f32), y_of(offer.after.weight));
        let hit = Rect::from_center_size(c, vec2(24.0, 24.0));
        let label = format!("Choice {} on the chart: {}", n + 1, sentence(offer));
        let response = kit::clickable(ui, look, Id::new(("plan-point", n)), hit, &label, true);
        let radius = if response.hovered() || opened == Some(n) {
            6.0
        } else {
            4.5
        };
        p.circle_filled(c, radius, c32(t.accent));
        if offer.is_cut {
            p.circle_stroke(c, radius + 3.0, look.stroke(1.5, t.accent));
        }
        if response.on_hover_text(sentence(offer)).clicked() {
            clicked = Some(n);
        }
    }
    clicked
}

fn steps_line(
    p: &Painter,
    look: &Look,
    plot: Rect,
    before: u64,
    offers: &[(Offer, Vec<String>)],
    x_of: &dyn Fn(f32) -> f32,
    y_of: &dyn Fn(u64) -> f32,
) {
    let mut path = vec![pos2(plot.min.x, y_of(before))];
    let mut least = before;
    for (offer, _) in offers {
        let x = x_of(offer.cost as f32);
        path.push(pos2(x, y_of(least)));
        least = least.min(offer.after.weight);
        path.push(pos2(x, y_of(least)));
    }
    path.push(pos2(plot.max.x, y_of(least)));
    let stroke: Stroke = look.stroke(2.0, look.t.accent);
    p.extend(
        path.windows(2)
            .map(|pair| egui::Shape::line_segment([pair[0], pair[1]], stroke)),
    );
}

fn head(ui: &Ui, look: &Look, r: Rect) {
    let t = look.t;
    let p = ui.painter();
    kit::rect(p, r, 4.0, Some(t.raised), Stroke::NONE);
    let y = r.center().y;
    kit::left(p, r.min.x + 12.0, y, "Choice", 11.5, Face::SemiBold, t.text2);
    let mut x = r.max.x - 12.0;
    for (name, w) in COLUMNS.iter().rev() {
        kit::right(p, x, y, name, 11.5, Face::SemiBold, t.text2);
        x -= w;
    }
    let broken = x + COLUMNS[..2].iter().map(|c| c.1).sum::<f32>() + 14.0;
    kit::icon(p, broken, y, icons::LINK_BREAK, 11.0, Face::IconBold, t.broken);
}

/// A choice as a row; true where it was clicked.
fn row(ui: &Ui, look: &Look, r: Rect, n: usize, offer: &Offer, open: bool) -> bool {
    let t = look.t;
    let label = format!("Choice {}: {}", n + 1, sentence(offer));
    let response = kit::clickable(ui, look, Id::new(("plan-offer", n)), r, &label, true);
    let p = ui.painter();
    let back = match (open, response.hovered()) {
        (true, _) => Some(t.accent_fill),
        (false, true) => Some(t.raised),
        _ => None,
    };
    if let Some(back) = back {
        kit::rect(p, r, 4.0, Some(back), Stroke::NONE);
    }
    p.hline(r.x_range(), r.max.y - 0.5, Stroke::new(0.5, c32(t.hairline)));
    let y = r.center().y;
    let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    kit::icon(p, r.min.x + 16.0, y, caret, 11.0, Face::Icon, t.text3);
    let said = words::count(offer.actions.len() as u64, "action", "actions");
    let face = if open { Face::SemiBold } else { Face::Medium };
    let w = kit::left(p, r.min.x + 28.0, y, &said, 12.5, face, t.text);
    let mark = mark(offer);
    if !mark.is_empty() {
        let pill = Rect::from_min_size(
            pos2(r.min.x + 40.0 + w, y - 9.0),
            vec2(kit::width(Face::SemiBold, 10.5, mark) + 14.0, 18.0),
        );
        kit::rect(p, pill, 5.0, Some(t.accent_fill), look.stroke(1.0, t.accent));
        kit::center(p, pill.center().x, y, mark, 10.5, Face::SemiBold, t.accent_text);
    }
    let b = offer.broken;
    let cells = [
        (offer.after.systems, false),
        (offer.taken_off, false),
        (b.in_use, b.in_use > 0),
        (b.unknown, b.unknown > 0),
        (b.idle, false),
        (offer.cost, false),
    ];
    let mut x = r.max.x - 12.0;
    for ((value, hurts), (_, w)) in cells.iter().zip(&COLUMNS).rev() {
        let ink = match (hurts, value) {
            (true, _) => t.broken,
            (false, 0) => t.text3,
            (false, _) => t.text,
        };
        kit::right(p, x, y, &words::number(*value), 12.5, Face::Medium, ink);
        x -= w;
    }
    if offer.after.crown_jewels > 0 {
        let x = r.max.x - 12.0 - COLUMNS[1..].iter().map(|c| c.1).sum::<f32>();
        let w = kit::width(Face::Medium, 12.5, &words::number(offer.after.systems));
        glyph::crown(p, look, x - w - 11.0, y, 11.0);
    }
    response.clicked()
}

/// The actions of a choice, the button that takes it, and what it leaves and costs.
fn opened(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    planned: &Planned,
    offer: &Offer,
    lines: &[String],
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let t = look.t;
    let r = sheet.row(lines.len() as f32 * LINE + 58.0);
    let p = ui.painter();
    p.rect_filled(r, 0.0, c32(t.canvas));
    let mut y = r.min.y + 8.0;
    for (n, line) in lines.iter().enumerate() {
        let place = Rect::from_min_size(pos2(r.min.x + 28.0, y), vec2(r.width() - 40.0, LINE));
        let said = format!("{}. {line}", n + 1);
        kit::left_cut(
            p,
            place.min.x,
            y + LINE / 2.0,
            &said,
            12.5,
            Face::Regular,
            t.text,
            place.width(),
        );
        kit::name_text(ui, Id::new(("plan-offer-action", n)), place, &said);
        y += LINE;
    }
    let label = "Apply this choice";
    let w = kit::button_width(label, false);
    let cell = Rect::from_min_size(pos2(r.min.x + 28.0, y + 8.0), vec2(w, 28.0));
    let id = Id::new("plan-offer-take");
    if kit::button(ui, look, id, cell, label, None, kit::Kind::Normal, true).clicked() {
        let instead = planned.question.spec.afresh;
        out.push(Command::TakeActions(offer.actions.clone(), instead, None));
    }
    let left = &offer.after;
    let said = format!(
        "{} and {} left, weight {}",
        words::count(left.systems, "system", "systems"),
        words::count(left.crown_jewels, "crown jewel", "crown jewels"),
        words::number(left.weight)
    );
    let cost = format!("cost {}", words::number(offer.cost));
    let ask = || planned.question.reached(&offer.actions);
    let p = ui.painter();
    let (mut x, y) = (cell.max.x + 14.0, cell.center().y);
    let place = |x: f32, w: f32| Rect::from_min_max(pos2(x - 3.0, y - 12.0), pos2(x + w + 3.0, y + 12.0));
    let w = kit::left(p, x, y, &said, 12.0, Face::Regular, t.text2);
    let label = format!("Show {said}");
    let id = Id::new("plan-offer-left");
    evidence::number(ui, look, id, place(x, w), &label, ask, session, out);
    x += w + 18.0;
    let w = kit::left(p, x, y, &cost, 12.0, Face::Regular, t.text2);
    let label = format!("Show what {cost} adds up");
    let ask = || ask().of(EvidenceKind::Cost);
    let id = Id::new("plan-offer-cost");
    evidence::number(ui, look, id, place(x, w), &label, ask, session, out);
}
