//! A cut as its numbers and its actions, or why there is none, with the way that nothing permitted breaks.

use super::super::kit::{self, Look, c32};
use super::super::{evidence, glyph, inspector};
use super::{Sheet, card, step, take};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, CutAnswer, EffectNumbers, EvidenceKind, NoCut, Planned, Session, words};
use egui::{Id, Painter, Rect, Ui, pos2, vec2};

pub fn cut(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    planned: &Planned,
    answer: &CutAnswer,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let protected = words::count(answer.protected, "protected thing", "protected things");
    if answer.steps.is_empty() {
        let r = card(ui, sheet, "Nothing needs to be done", 76.0);
        let said = format!("What is compromised reaches none of {protected}");
        let y = r.min.y + 52.0;
        kit::left(
            ui.painter(),
            r.min.x + 18.0,
            y,
            &said,
            12.5,
            Face::Regular,
            look.t.text2,
        );
        let place = Rect::from_min_size(pos2(r.min.x + 18.0, y - 10.0), vec2(r.width() - 36.0, 20.0));
        kit::name_text(ui, Id::new("plan-nothing"), place, &said);
        return;
    }
    let n = words::count(answer.steps.len() as u64, "action", "actions");
    let headline = if answer.is_proven() {
        format!("Least cost, proven: {n}")
    } else {
        format!(
            "{n}; no permitted cut costs less than {}",
            words::number(answer.lower_bound)
        )
    };
    let r = card(ui, sheet, &headline, 142.0);
    if !answer.is_proven() {
        let w = kit::width(Face::SemiBold, 16.0, &headline).min(r.width() - 36.0);
        let at = pos2(r.min.x + 18.0, r.min.y + 12.0);
        let place = Rect::from_min_size(at, vec2(w, 24.0));
        let bound = EvidenceKind::Bound(answer.lower_bound);
        let ask = || planned.question.reached(&planned.actions()).of(bound);
        let said = "Show what the bound says";
        evidence::number(ui, look, Id::new("plan-bound"), place, said, ask, session, out);
    }
    numbers(ui, look, r, planned, answer, session, out);
    let y = r.max.y - 29.0;
    let x = take(ui, look, r.max.x - 16.0, y, planned, session, out);
    if !answer.is_proven() && !planned.more && session.planning().is_none() {
        let label = "Try longer";
        let w = kit::button_width(label, false) + 8.0;
        let cell = Rect::from_min_size(pos2(x - w, y - 17.0), vec2(w, 34.0));
        if kit::button(
            ui,
            look,
            Id::new("plan-longer"),
            cell,
            label,
            None,
            kit::Kind::Quiet,
            true,
        )
        .clicked()
        {
            out.push(Command::ProveLonger);
        }
    }
    sheet.heading(ui, "What to do", "each with what it adds to the cost and breaks");
    for (i, line) in answer.steps.iter().enumerate() {
        step(ui, sheet, i, line, None, session, out);
    }
}

/// Systems, crown jewels, weight, then the price; each leads to what it adds up.
fn numbers(
    ui: &Ui,
    look: &Look,
    r: Rect,
    planned: &Planned,
    answer: &CutAnswer,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let t = look.t;
    let p = ui.painter();
    let (before, after) = (&answer.before, &answer.after);
    let y = r.min.y + 66.0;
    let mut x = r.min.x + 18.0;
    x = shrinks(p, look, x, y, (before.systems, after.systems), "systems") + 26.0;
    if before.crown_jewels > 0 {
        glyph::crown(p, look, x + 8.0, y, 16.0);
        let word = words::count(after.crown_jewels, "crown jewel", "crown jewels");
        let word = word.split_once(' ').map_or("", |(_, w)| w);
        x = shrinks(p, look, x + 24.0, y, (before.crown_jewels, after.crown_jewels), word) + 26.0;
    }
    x += kit::left(p, x, y + 3.0, "weight", 12.0, Face::Regular, t.text3) + 6.0;
    let weight = words::change(before.weight, after.weight);
    x += kit::left(p, x, y + 3.0, &weight, 12.5, Face::SemiBold, t.text2);
    let place = Rect::from_min_max(pos2(r.min.x + 14.0, y - 18.0), pos2(x + 4.0, y + 20.0));
    let ask = || planned.question.reached(&planned.actions());
    let said = "Show what the cut leaves and what it takes off";
    evidence::number(ui, look, Id::new("plan-left"), place, said, ask, session, out);
    let uses = EffectNumbers {
        breaks_in_use: answer.breaks.in_use,
        breaks_unknown: answer.breaks.unknown,
        breaks_idle: answer.breaks.idle,
        ..Default::default()
    };
    let hurts = answer.breaks.in_use + answer.breaks.unknown > 0;
    let y = r.max.y - 29.0;
    let mut x = r.min.x + 18.0;
    x += kit::left(p, x, y, "Cost", 12.5, Face::Regular, t.text3) + 6.0;
    x += kit::left(p, x, y, &words::number(answer.cost), 12.5, Face::SemiBold, t.text) + 16.0;
    if hurts {
        glyph::broken(p, look, x + 6.0, y, 12.0);
        x += 18.0;
    }
    let ink = if hurts { t.broken } else { t.text2 };
    let mut breaks = uses.breaks();
    if answer.at_risk > 0 {
        breaks = format!("{breaks}, puts {} at risk", words::number(answer.at_risk));
    }
    x += kit::left_cut(p, x, y, &breaks, 12.5, Face::Regular, ink, r.max.x - 300.0 - x);
    let place = Rect::from_min_max(pos2(r.min.x + 14.0, y - 13.0), pos2(x + 4.0, y + 13.0));
    let ask = || planned.question.reached(&planned.actions()).of(EvidenceKind::Cost);
    let said = "Show what the cost adds up";
    evidence::number(ui, look, Id::new("plan-cost"), place, said, ask, session, out);
    let label = format!(
        "{} systems, {} crown jewels, weight {weight}, cost {}, {breaks}",
        words::change(before.systems, after.systems),
        words::change(before.crown_jewels, after.crown_jewels),
        words::number(answer.cost)
    );
    let place = Rect::from_min_max(
        pos2(r.min.x + 18.0, r.min.y + 44.0),
        pos2(r.max.x - 18.0, r.min.y + 90.0),
    );
    kit::name_text(ui, Id::new("plan-numbers"), place, &label);
}

/// The old number struck, an arrow, and the new one large; gives where it ends.
pub fn shrinks(p: &Painter, look: &Look, x: f32, y: f32, n: (u64, u64), what: &str) -> f32 {
    let t = look.t;
    let mut x = x;
    if n.0 != n.1 {
        x += kit::left_struck(p, x, y + 3.0, &words::number(n.0), 18.0, Face::Medium, t.text3) + 8.0;
        kit::icon(p, x + 7.0, y + 3.0, icons::ARROW_RIGHT, 14.0, Face::Icon, t.text3);
        x += 22.0;
    }
    let ink = if n.0 == n.1 { t.text } else { t.accent_text };
    x += kit::left(p, x, y, &words::number(n.1), 28.0, Face::Bold, ink) + 7.0;
    x + kit::left(p, x, y + 4.0, what, 12.5, Face::Regular, t.text2)
}

pub fn none(ui: &Ui, sheet: &mut Sheet<'_>, none: &NoCut, notes: &inspector::Notes, out: &mut Vec<Command>) {
    let look = sheet.look;
    let t = look.t;
    let p = ui.painter();
    let inner = sheet.w - 64.0;
    let galley = p.layout(none.why.clone(), kit::font(Face::Regular, 12.5), c32(t.text), inner);
    let r = sheet.row(galley.size().y + if none.instead.is_empty() { 58.0 } else { 100.0 });
    kit::rect(p, r, 10.0, Some(t.compromised_fill), egui::Stroke::NONE);
    let x = r.min.x + 46.0;
    let y = r.min.y + 24.0;
    kit::icon(
        p,
        r.min.x + 24.0,
        y,
        icons::WARNING_CIRCLE,
        20.0,
        Face::IconFill,
        t.compromised_text,
    );
    let headline = "No permitted cut exists";
    kit::left(p, x, y, headline, 16.0, Face::SemiBold, t.text);
    kit::name_text(
        ui,
        Id::new("plan-headline"),
        Rect::from_min_size(pos2(x, y - 14.0), vec2(inner, 28.0)),
        headline,
    );
    let h = galley.size().y;
    p.galley(pos2(x, r.min.y + 44.0), galley, c32(t.text));
    let place = Rect::from_min_size(pos2(x, r.min.y + 44.0), vec2(inner, h));
    kit::name_text(ui, Id::new("plan-why-none"), place, &none.why);
    let y = r.max.y - 28.0;
    let mut at = x;
    for (n, (words, spec)) in none.instead.iter().enumerate() {
        let w = kit::button_width(words, false);
        if at + w > r.max.x - 16.0 {
            break;
        }
        let cell = Rect::from_min_size(pos2(at, y - 14.0), vec2(w, 28.0));
        if kit::button(
            ui,
            look,
            Id::new(("plan-none", n)),
            cell,
            words,
            None,
            kit::Kind::Normal,
            true,
        )
        .clicked()
        {
            out.push(Command::SetPlan(Box::new(spec.clone())));
        }
        at += w + 8.0;
    }
    sheet.heading(
        ui,
        "The way there",
        "each step as it stands after all that is permitted",
    );
    let height = 37.0;
    let all = sheet.row(none.path.len() as f32 * height);
    if let Some(last) = none.path.len().checked_sub(1) {
        let (first, last) = (all.min.y + 14.0, all.min.y + 14.0 + last as f32 * height);
        p.vline(all.min.x + 36.0, first..=last, look.stroke(2.0, t.hairline));
    }
    for (i, row) in none.path.iter().enumerate() {
        let at = pos2(all.min.x, all.min.y + i as f32 * height);
        let r = Rect::from_min_size(at, vec2(all.width().min(560.0), height));
        inspector::why_row(ui, look, r, Id::new(("plan-why", i)), row, notes, out);
    }
}
