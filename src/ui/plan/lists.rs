//! Budget plans, containments and third parties, each as a list in order.

use super::super::kit::{self, Look, c32};
use super::super::{Window, evidence, glyph};
use super::cut::shrinks;
use super::{Sheet, card, step, take};
use crate::plan::Vendor;
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{
    BudgetAnswer, ChokeAnswer, Command, ContainmentAnswer, EvidenceAsk, EvidenceKind, PlanSort, PlanSpec, Planned,
    Session, Tab, words,
};
use egui::{Id, Rect, Stroke, Ui, pos2, vec2};
use std::sync::Arc;

pub fn budget(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    planned: &Planned,
    answer: &BudgetAnswer,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let t = look.t;
    let n = words::count(answer.steps.len() as u64, "action", "actions");
    let headline = match (answer.steps.is_empty(), answer.optimal) {
        (true, _) => "No permitted action takes anything off".to_owned(),
        (false, true) => format!("No choice of {n} takes more off"),
        (false, false) => format!("{n}, each the best next one"),
    };
    let r = card(ui, sheet, &headline, if answer.steps.is_empty() { 96.0 } else { 142.0 });
    let left = answer.steps.last().map_or(answer.exposure, |l| l.exposure);
    let p = ui.painter();
    let y = r.min.y + 66.0;
    let end = shrinks(
        p,
        look,
        r.min.x + 18.0,
        y,
        (answer.exposure, left),
        "exposure of the estate",
    );
    let q = &planned.question;
    let actions = planned.actions();
    let exposure = |n: usize| q.reached(&actions[..n]).of(EvidenceKind::Exposure);
    let place = Rect::from_min_max(pos2(r.min.x + 14.0, y - 18.0), pos2(end + 4.0, y + 20.0));
    let said = "Show what the exposure that is left adds up";
    let id = Id::new("plan-exposure");
    evidence::number(ui, look, id, place, said, || exposure(actions.len()), session, out);
    let least = format!(
        "however many are taken, {} is left at least",
        words::number(answer.least)
    );
    let room = r.max.x - end - 40.0;
    let x = end + 22.0;
    let w = kit::left_cut(p, x, y + 4.0, &least, 12.0, Face::Regular, t.text3, room);
    let place = Rect::from_min_max(pos2(x - 3.0, y - 8.0), pos2(x + w + 3.0, y + 16.0));
    let said = "Show what is left however many actions are taken";
    let ask = || {
        let everything = Arc::clone(&answer.everything);
        q.reached(&[]).of(EvidenceKind::Least(everything))
    };
    evidence::number(ui, look, Id::new("plan-least"), place, said, ask, session, out);
    let label = format!("exposure {}; {least}", words::change(answer.exposure, left));
    let place = Rect::from_min_max(pos2(r.min.x + 18.0, y - 18.0), pos2(r.max.x - 18.0, y + 20.0));
    kit::name_text(ui, Id::new("plan-numbers"), place, &label);
    if answer.steps.is_empty() {
        return;
    }
    take(ui, look, r.max.x - 16.0, r.max.y - 29.0, planned, session, out);
    sheet.heading(ui, "What to do", "at the right the exposure that is left after each");
    for (i, line) in answer.steps.iter().enumerate() {
        let right = words::number(line.exposure);
        bar(ui, sheet, line.exposure, answer.exposure);
        let ask = exposure(i + 1);
        step(ui, sheet, i, &line.step, Some((&right, ask)), session, out);
    }
}

/// A bar above a step: what is left of the whole after it.
fn bar(ui: &Ui, sheet: &mut Sheet<'_>, left: u64, whole: u64) {
    let look = sheet.look;
    let r = sheet.row(6.0);
    let bar = Rect::from_min_size(pos2(r.min.x + 34.0, r.max.y - 2.0), vec2(r.width() - 34.0, 3.0));
    let share = left as f32 / whole.max(1) as f32;
    let p = ui.painter();
    kit::rect(p, bar, 1.5, Some(look.t.raised), Stroke::NONE);
    let part = Rect::from_min_size(bar.min, vec2(bar.width() * share.clamp(0.0, 1.0), 3.0));
    kit::rect(p, part, 1.5, Some(look.t.inherited), Stroke::NONE);
}

pub fn containment(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    planned: &Planned,
    answer: &ContainmentAnswer,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let n = words::count(answer.steps.len() as u64, "step", "steps");
    let headline = match (answer.steps.is_empty(), answer.before.systems) {
        (true, 0) => "Nothing is reached, so nothing needs to be contained".to_owned(),
        (true, _) => "No rotation, revocation or disabling takes anything off".to_owned(),
        (false, _) => format!("Contained in {n}, the one first that takes most off for what it breaks"),
    };
    let r = card(ui, sheet, &headline, if answer.steps.is_empty() { 96.0 } else { 142.0 });
    let after = answer.steps.last().map_or(answer.before, |l| l.after);
    let p = ui.painter();
    let y = r.min.y + 66.0;
    let mut x = shrinks(
        p,
        look,
        r.min.x + 18.0,
        y,
        (answer.before.systems, after.systems),
        "systems",
    ) + 26.0;
    if answer.before.crown_jewels > 0 {
        glyph::crown(p, look, x + 8.0, y, 16.0);
        let crowns = (answer.before.crown_jewels, after.crown_jewels);
        x = shrinks(p, look, x + 24.0, y, crowns, "crown jewels") + 26.0;
    }
    x += kit::left(p, x, y + 3.0, "weight", 12.0, Face::Regular, look.t.text3) + 6.0;
    let weight = words::change(answer.before.weight, after.weight);
    x += kit::left(p, x, y + 3.0, &weight, 12.5, Face::SemiBold, look.t.text2);
    let actions = planned.actions();
    let place = Rect::from_min_max(pos2(r.min.x + 14.0, y - 18.0), pos2(x + 4.0, y + 20.0));
    let said = "Show what is left and what is taken off";
    let ask = || planned.question.reached(&actions);
    evidence::number(ui, look, Id::new("plan-left"), place, said, ask, session, out);
    let label = format!(
        "{} systems, {} crown jewels, weight {weight}",
        words::change(answer.before.systems, after.systems),
        words::change(answer.before.crown_jewels, after.crown_jewels)
    );
    let place = Rect::from_min_max(pos2(r.min.x + 18.0, y - 18.0), pos2(r.max.x - 18.0, y + 20.0));
    kit::name_text(ui, Id::new("plan-numbers"), place, &label);
    if !answer.steps.is_empty() {
        take(ui, look, r.max.x - 16.0, r.max.y - 29.0, planned, session, out);
        sheet.heading(ui, "In this order", "at the right the radius after each");
    }
    for (i, line) in answer.steps.iter().enumerate() {
        let systems = words::count(line.after.systems, "system", "systems");
        let crowns = words::count(line.after.crown_jewels, "crown jewel", "crown jewels");
        bar(ui, sheet, line.after.systems, answer.before.systems);
        let right = format!("{systems}, {crowns}");
        let ask = planned.question.reached(&actions[..=i]);
        step(ui, sheet, i, &line.step, Some((&right, ask)), session, out);
    }
    if !answer.together.is_empty() {
        sheet.heading(ui, "Must be rotated in one go", "each gives back the others");
        for (n, group) in answer.together.iter().enumerate() {
            let names: Vec<String> = group.iter().map(|id| session.name_of(id).to_owned()).collect();
            let target = group.first().cloned();
            line(
                ui,
                sheet,
                ("together", n),
                icons::LINK,
                &words::names(&names, 8),
                "",
                target,
                session,
                out,
            );
        }
    }
    if !answer.no_effect.is_empty() {
        sheet.heading(ui, "Without effect at", "the step is done and changes nothing there");
        for (n, x) in answer.no_effect.iter().enumerate() {
            let what = format!("Step {}: {}", x.step + 1, x.name);
            line(
                ui,
                sheet,
                ("no-effect", n),
                icons::WARNING,
                &what,
                &x.why,
                x.on.clone(),
                session,
                out,
            );
        }
    }
    if !answer.residue.is_empty() {
        let n = words::count(answer.residue.len() as u64, "system", "systems");
        sheet.heading(ui, "Residue", &format!("{n} still reached after all steps"));
        for (n, id) in answer.residue.iter().enumerate() {
            let name = session.name_of(id).to_owned();
            line(
                ui,
                sheet,
                ("residue", n),
                icons::CARET_RIGHT,
                &name,
                "",
                Some(id.clone()),
                session,
                out,
            );
        }
    }
}

/// A line with an icon, what it is, and why; a click shows its record.
#[expect(
    clippy::too_many_arguments,
    reason = "a line has words, an icon and what a click shows"
)]
fn line(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    id: (&str, usize),
    glyph: char,
    what: &str,
    why: &str,
    target: Option<String>,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let t = look.t;
    let r = sheet.row(26.0);
    // There may be thousands of them.
    if !ui.is_rect_visible(r) {
        return;
    }
    let label = if why.is_empty() {
        what.to_owned()
    } else {
        format!("{what} {why}")
    };
    let response = kit::clickable(ui, look, Id::new(("plan-line", id)), r, &label, target.is_some());
    let p = ui.painter();
    let selected = target.is_some() && session.doc.selection == target;
    if selected || response.hovered() && target.is_some() {
        let fill = if selected { t.accent_fill } else { t.raised };
        kit::rect(p, r.expand2(vec2(8.0, 0.0)), 6.0, Some(fill), Stroke::NONE);
    }
    let y = r.center().y;
    kit::icon(p, r.min.x + 11.0, y, glyph, 13.0, Face::Icon, t.text3);
    let w = kit::left_cut(p, r.min.x + 28.0, y, what, 12.5, Face::Medium, t.text, r.width() * 0.5);
    let x = r.min.x + 28.0 + w + 10.0;
    kit::left_cut(p, x, y, why, 12.0, Face::Regular, t.text2, r.max.x - x);
    if response.clicked() {
        out.push(Command::Select(target));
    }
}

/// What the estate's exposure loses if one credential, identity or relation goes. A click shows its record; the button
/// at the right shows it on the map, and the number what it adds up.
pub fn chokes(
    ui: &Ui,
    sheet: &mut Sheet<'_>,
    planned: &Planned,
    answer: &ChokeAnswer,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let look = sheet.look;
    let q = &planned.question;
    let t = look.t;
    if answer.lines.is_empty() {
        card(ui, sheet, "Nothing reaches anything, so nothing is a choke point", 48.0);
        return;
    }
    let n = words::count(answer.lines.len() as u64, "choke point", "choke points");
    let n = if answer.all { n } else { format!("First {n}") };
    let whole = words::number(answer.exposure);
    sheet.y -= 10.0;
    sheet.heading(
        ui,
        &n,
        &format!("by what goes with each, alone, of the estate's exposure of {whole}"),
    );
    let all = format!("Show what the exposure of {whole} adds up");
    let place = Rect::from_min_max(pos2(sheet.x, sheet.y - 24.0), pos2(sheet.x + sheet.w, sheet.y - 2.0));
    let ask = || q.reached(&[]).of(EvidenceKind::Exposure);
    evidence::number(ui, look, Id::new("plan-exposure"), place, &all, ask, session, out);
    for (i, line) in answer.lines.iter().enumerate() {
        let r = sheet.row(44.0);
        // There may be thousands of them; what is out of sight is not worth a word.
        if !ui.is_rect_visible(r) {
            continue;
        }
        let off = words::number(line.point.exposure_off);
        let through = words::count(line.point.credentials, "credential", "credentials");
        let label = format!(
            "{}: {}, takes {off} off, {through} through it alone",
            line.name,
            line.kind.to_lowercase()
        );
        let place = Rect::from_min_max(r.min, pos2(r.max.x - 34.0, r.max.y));
        let response = kit::clickable(ui, look, Id::new(("plan-choke", i)), place, &label, line.on.is_some());
        let p = ui.painter();
        let selected = line.on.is_some() && session.doc.selection == line.on;
        if selected || response.hovered() && line.on.is_some() {
            let fill = if selected { t.accent_fill } else { t.raised };
            kit::rect(p, r.expand2(vec2(8.0, 0.0)), 6.0, Some(fill), Stroke::NONE);
        }
        let y = r.min.y + 16.0;
        let w = kit::left_cut(p, r.min.x, y, &line.name, 13.0, Face::Medium, t.text, r.width() * 0.5);
        kit::left(p, r.min.x + w + 10.0, y, &line.kind, 11.5, Face::Regular, t.text3);
        let mut x = r.max.x - 40.0;
        let to = x;
        x -= kit::right(p, x, y, &format!("−{off}"), 12.5, Face::SemiBold, t.accent_text) + 18.0;
        if line.point.credentials > 0 {
            let said = format!("{through} through it alone");
            x -= kit::right(p, x, y, &said, 11.5, Face::Regular, t.text3);
        } else {
            x += 18.0;
        }
        let numbers = Rect::from_min_max(pos2(x - 3.0, y - 11.0), pos2(to + 3.0, y + 11.0));
        let bar = Rect::from_min_size(pos2(r.min.x, r.max.y - 12.0), vec2(r.width() - 40.0, 4.0));
        kit::rect(p, bar, 2.0, Some(t.raised), Stroke::NONE);
        let share = line.point.exposure_off as f32 / answer.exposure.max(1) as f32;
        let part = Rect::from_min_size(bar.min, vec2((bar.width() * share.min(1.0)).max(1.0), 4.0));
        kit::rect(p, part, 2.0, Some(t.inherited), Stroke::NONE);
        if response.clicked() {
            out.push(Command::Select(line.on.clone()));
        }
        let said = format!("Show what goes with {}", line.name);
        let ask = || {
            q.reached(&[])
                .of(EvidenceKind::Loses(line.point.kind, line.point.id.clone()))
        };
        let id = Id::new(("plan-choke-off", i));
        evidence::number(ui, look, id, numbers, &said, ask, session, out);
        if let Some(on) = &line.on {
            let said = format!("Show {} on the map", line.name);
            let at = pos2(r.max.x - 14.0, y);
            let id = Id::new(("plan-choke-map", i));
            if kit::icon_button(ui, look, id, at, icons::MAP_PIN, 14.0, &said, true).clicked() {
                out.push(Command::OpenAround(Some(on.clone())));
                out.push(Command::ShowTab(Tab::Map));
            }
        }
    }
}

impl Window {
    pub(super) fn vendors(
        &mut self,
        ui: &Ui,
        sheet: &mut Sheet<'_>,
        planned: &Planned,
        all: &[Vendor],
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let look = sheet.look;
        if all.is_empty() {
            card(ui, sheet, "No record says that it belongs to a third party", 48.0);
            sheet.y += 10.0;
            let said = "Mark systems and identities of others with \"third_party\": true in the inventory.";
            sheet.says(ui, "no-vendor", said, look.t.text2);
            return;
        }
        let most = all.first().map_or(1, |v| v.reach.weight).max(1);
        let n = words::count(all.len() as u64, "third party", "third parties");
        sheet.y -= 10.0;
        sheet.heading(ui, &n, "by what is reached if all that it holds is compromised");
        for vendor in all {
            let open = self.plan.vendor.as_deref() == Some(&vendor.name);
            let r = sheet.row(44.0);
            if ui.is_rect_visible(r) {
                let base = &planned.question.base;
                let (opened, numbers) = vendor_row(ui, look, r, vendor, most, open);
                if opened {
                    self.plan.vendor = (!open).then(|| vendor.name.clone());
                }
                let said = format!("Show what {} reaches", vendor.name);
                let ask = || EvidenceAsk::reached(&vendor.holds, base, Vec::new());
                let id = Id::new(("plan-vendor-reach", &vendor.name));
                evidence::number(ui, look, id, numbers, &said, ask, session, out);
            }
            if open {
                held(ui, sheet, vendor, session, out);
            }
        }
    }
}

/// Whether it was clicked, and where its numbers stand.
fn vendor_row(ui: &Ui, look: &Look, r: Rect, vendor: &Vendor, most: u64, open: bool) -> (bool, Rect) {
    let t = look.t;
    let reach = &vendor.reach;
    let holds = words::count(vendor.holds.len() as u64, "record", "records");
    let systems = words::count(reach.systems, "system", "systems");
    let label = format!(
        "{}: holds {holds}, reaches {systems}, {}, weight {}",
        vendor.name,
        words::count(reach.crown_jewels, "crown jewel", "crown jewels"),
        words::number(reach.weight)
    );
    let response = kit::clickable(ui, look, Id::new(("plan-vendor", &vendor.name)), r, &label, true);
    let p = ui.painter();
    let back = match (open, response.hovered()) {
        (true, _) => Some(t.accent_fill),
        (false, true) => Some(t.raised),
        _ => None,
    };
    if let Some(back) = back {
        kit::rect(p, r.expand2(vec2(8.0, 0.0)), 6.0, Some(back), Stroke::NONE);
    }
    let y = r.min.y + 16.0;
    let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    kit::icon(p, r.min.x + 8.0, y, caret, 11.0, Face::Icon, t.text3);
    let w = kit::left_cut(
        p,
        r.min.x + 22.0,
        y,
        &vendor.name,
        13.0,
        Face::Medium,
        t.text,
        r.width() * 0.4,
    );
    kit::left(
        p,
        r.min.x + 32.0 + w,
        y,
        &format!("holds {holds}"),
        11.5,
        Face::Regular,
        t.text3,
    );
    let mut x = r.max.x;
    x -= kit::right(p, x, y, &words::number(reach.weight), 12.5, Face::SemiBold, t.text) + 6.0;
    x -= kit::right(p, x, y, "weight", 11.5, Face::Regular, t.text3) + 18.0;
    if reach.crown_jewels > 0 {
        x -= kit::right(
            p,
            x,
            y,
            &words::number(reach.crown_jewels),
            12.5,
            Face::SemiBold,
            t.text,
        ) + 12.0;
        glyph::crown(p, look, x, y, 12.0);
        x -= 22.0;
    }
    x -= kit::right(p, x, y, &systems, 12.5, Face::SemiBold, t.text);
    let numbers = Rect::from_min_max(pos2(x - 3.0, y - 11.0), pos2(r.max.x, y + 11.0));
    let bar = Rect::from_min_size(pos2(r.min.x + 22.0, r.max.y - 12.0), vec2(r.width() - 22.0, 4.0));
    kit::rect(p, bar, 2.0, Some(t.raised), Stroke::NONE);
    let share = reach.weight as f32 / most as f32;
    let part = Rect::from_min_size(bar.min, vec2((bar.width() * share).max(1.0), 4.0));
    kit::rect(p, part, 2.0, Some(t.inherited), Stroke::NONE);
    (response.clicked(), numbers)
}

/// What a third party holds, and what can be done with that.
fn held(ui: &Ui, sheet: &mut Sheet<'_>, vendor: &Vendor, session: &Session, out: &mut Vec<Command>) {
    let look = sheet.look;
    let r = sheet.row(44.0);
    let y = r.center().y;
    let mut x = r.min.x + 22.0;
    let mut button = |label: &str, kind: kit::Kind| {
        let w = kit::button_width(label, false);
        let cell = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
        x += w + 8.0;
        let id = Id::new(("plan-vendor-do", label));
        kit::button(ui, look, id, cell, label, None, kind, true).clicked()
    };
    if button("Plan against it", kit::Kind::Primary) {
        let spec = PlanSpec {
            sort: PlanSort::Cut,
            from: Some(vendor.holds.clone()),
            ..session.doc.view.plan.clone()
        };
        out.push(Command::SetPlan(Box::new(spec)));
    }
    if button("Contain it", kit::Kind::Normal) {
        let spec = PlanSpec {
            sort: PlanSort::Containment,
            from: Some(vendor.holds.clone()),
            ..session.doc.view.plan.clone()
        };
        out.push(Command::SetPlan(Box::new(spec)));
    }
    if button("Show its radius on the map", kit::Kind::Normal) {
        out.push(Command::CompromiseAll(
            format!("Mark all that {} holds", vendor.name),
            vendor.holds.clone(),
        ));
        out.push(Command::ShowTab(Tab::Map));
    }
    for (n, id) in vendor.holds.iter().enumerate() {
        let name = session.name_of(id).to_owned();
        line(
            ui,
            sheet,
            ("holds", n),
            icons::CARET_RIGHT,
            &name,
            "",
            Some(id.clone()),
            session,
            out,
        );
    }
    ui.painter().hline(
        sheet.x..=sheet.x + sheet.w,
        sheet.y + 3.5,
        Stroke::new(1.0, c32(look.t.hairline)),
    );
    sheet.y += 8.0;
}
