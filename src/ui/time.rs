//! The time view: the as-of date as a slider with marks where credentials expire and were rotated, the radius over the
//! days ahead, and what happens next as a list.

use super::kit::{self, Look, c32};
use super::{Window, evidence};
use crate::model::Time;
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Command, EvidenceAsk, Mark, MarkKind, Session, TimePoint, Timeline, words};
use egui::{Id, Key, Rect, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

const MARGIN: f32 = 32.0;
const DAY_SECS: f32 = 86_400.0;
const ROW: f32 = 28.0;

impl Window {
    pub(super) fn time_tab(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        ui.painter().rect_filled(r, 0.0, c32(t.panel));
        let (Some((now, _)), Some(range)) = (session.doc.as_of(), session.as_of_range()) else {
            return;
        };
        let line = session.answer.timeline.as_deref();
        let inner = r.shrink2(vec2(MARGIN, 16.0));
        let slider = Rect::from_min_size(inner.min, vec2(inner.width(), 104.0));
        self.time_slider(ui, look, slider, now, range, line, out);
        let chart = Rect::from_min_size(
            pos2(inner.min.x, slider.max.y + 12.0),
            vec2(inner.width(), (inner.height() * 0.42).clamp(160.0, 360.0)),
        );
        match line {
            Some(line) if !session.doc.proposal.seeds.is_empty() => plot(ui, look, chart, line, out),
            Some(_) => said(
                ui,
                look,
                chart,
                "Nothing is compromised. Double-click a credential to start",
            ),
            None => said(ui, look, chart, "Following the radius through the days ahead"),
        }
        let list = Rect::from_min_max(pos2(inner.min.x, chart.max.y + 12.0), inner.max);
        if let Some(line) = line {
            next(ui, look, list, now, line, session, out);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a slider has a place, a value, a range and marks"
    )]
    fn time_slider(
        &mut self,
        ui: &Ui,
        look: &Look,
        r: Rect,
        now: Time,
        (first, last): (Time, Time),
        line: Option<&Timeline>,
        out: &mut Vec<Command>,
    ) {
        let t = look.t;
        let p = ui.painter();
        let head = format!("As of {}", words::day(now));
        kit::left(p, r.min.x, r.min.y + 12.0, &head, 16.0, Face::SemiBold, t.text);
        let own = "The inventory's own time";
        let w = kit::button_width(own, false);
        let at = Rect::from_min_size(pos2(r.max.x - w, r.min.y - 2.0), vec2(w, 28.0));
        if kit::button(ui, look, Id::new("time-own"), at, own, None, kit::Kind::Normal, true).clicked() {
            out.push(Command::SetAsOf(None));
        }
        let track = Rect::from_min_max(pos2(r.min.x + 8.0, r.min.y + 52.0), pos2(r.max.x - 8.0, r.min.y + 76.0));
        let y = track.center().y;
        let span = (last.unix_secs() - first.unix_secs()).max(86_400) as f32;
        let x_of = |time: Time| {
            let share = ((time.unix_secs() - first.unix_secs()) as f32 / span).clamp(0.0, 1.0);
            track.min.x + share * track.width()
        };
        let response = ui.interact(
            track.expand2(vec2(8.0, 6.0)),
            Id::new("time-slider"),
            Sense::click_and_drag(),
        );
        response.widget_info(|| {
            let share = (now.unix_secs() - first.unix_secs()) as f32 / span;
            let mut info = WidgetInfo::slider(true, f64::from(share), "As-of date, with what expires");
            info.current_text_value = Some(words::day(now));
            info
        });
        if let Some(pos) = response.interact_pointer_pos() {
            let share = ((pos.x - track.min.x) / track.width()).clamp(0.0, 1.0);
            out.push(Command::SetAsOf(Some(
                first.plus_days((share * span / DAY_SECS).round() as i64),
            )));
        }
        if response.has_focus() {
            let pressed = |k| i64::from(ui.input(|i| i.key_pressed(k)));
            let step = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)
                + 30 * (pressed(Key::PageUp) - pressed(Key::PageDown));
            if step != 0 {
                out.push(Command::SetAsOf(Some(now.plus_days(step))));
            }
        }
        p.hline(track.x_range(), y, look.stroke(2.0, t.control));
        for mark in line.map_or(&[][..], |l| l.marks.as_slice()) {
            if mark.at > last {
                continue;
            }
            let x = x_of(mark.at);
            match mark.kind {
                MarkKind::Expires => {
                    let ink = if mark.reached { t.inherited } else { t.text3 };
                    p.vline(x, y - 13.0..=y - 3.0, look.stroke(2.0, ink));
                }
                MarkKind::Rotated => {
                    p.circle_stroke(pos2(x, y + 8.0), 3.0, look.stroke(1.5, t.text2));
                }
            }
        }
        let knob = x_of(now);
        p.hline(track.min.x..=knob, y, look.stroke(2.0, t.accent));
        p.circle(pos2(knob, y), 8.0, c32(t.panel), look.stroke(2.0, t.accent));
        kit::focus_ring(ui, look, &response, 6.0);
        let foot = r.min.y + 90.0;
        kit::left(p, track.min.x, foot, &words::day(first), 11.0, Face::Regular, t.text3);
        kit::right(p, track.max.x, foot, &words::day(last), 11.0, Face::Regular, t.text3);
        let c = track.center().x;
        p.vline(c - 112.0, foot - 5.0..=foot + 5.0, look.stroke(2.0, t.inherited));
        kit::left(p, c - 104.0, foot, "expires", 11.0, Face::Regular, t.text3);
        p.circle_stroke(pos2(c - 32.0, foot), 3.0, look.stroke(1.5, t.text2));
        kit::left(p, c - 24.0, foot, "was rotated", 11.0, Face::Regular, t.text3);
    }
}

fn said(ui: &Ui, look: &Look, r: Rect, said: &str) {
    kit::name_text(ui, Id::new("time-empty"), r, said);
    let c = r.center();
    kit::icon(
        ui.painter(),
        c.x,
        c.y - 18.0,
        icons::CLOCK,
        26.0,
        Face::Icon,
        look.t.text3,
    );
    kit::center(ui.painter(), c.x, c.y + 16.0, said, 13.0, Face::Regular, look.t.text2);
}

/// The radius as steps over the days ahead.
fn plot(ui: &Ui, look: &Look, r: Rect, line: &Timeline, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter();
    let now = line.points.first();
    let most = line
        .points
        .iter()
        .map(|x| x.before.max(x.after.unwrap_or(0)))
        .max()
        .unwrap_or(1)
        .max(1);
    let title = "Systems reached over the next 90 days";
    kit::left(p, r.min.x, r.min.y + 10.0, title, 12.5, Face::SemiBold, t.text);
    let area = Rect::from_min_max(r.min + vec2(44.0, 32.0), r.max - vec2(12.0, 24.0));
    let span = (line.to.unix_secs() - line.from.unix_secs()).max(1) as f32;
    let x_of = |at: Time| area.min.x + (at.unix_secs() - line.from.unix_secs()) as f32 / span * area.width();
    let y_of = |n: u64| area.max.y - n as f32 / most as f32 * area.height();
    for n in ticks(most) {
        p.hline(area.x_range(), y_of(n), look.hairline());
        kit::right(
            p,
            area.min.x - 8.0,
            y_of(n),
            &words::number(n),
            11.0,
            Face::Regular,
            t.text3,
        );
    }
    for days in [0, 30, 60, 90] {
        let at = line.from.plus_days(days);
        let said = if days == 0 {
            words::day(at)
        } else {
            format!("in {days} days")
        };
        let x = x_of(at);
        p.vline(x, area.max.y..=area.max.y + 4.0, look.stroke(1.0, t.control));
        match days {
            0 => kit::left(p, x, area.max.y + 14.0, &said, 11.0, Face::Regular, t.text3),
            90 => kit::right(p, x, area.max.y + 14.0, &said, 11.0, Face::Regular, t.text3),
            _ => kit::center(p, x, area.max.y + 14.0, &said, 11.0, Face::Regular, t.text3),
        };
    }
    let steps = |value: &dyn Fn(&TimePoint) -> Option<u64>| {
        let mut path = Vec::new();
        for (i, point) in line.points.iter().enumerate() {
            let Some(n) = value(point) else { continue };
            let end = line.points.get(i + 1).map_or(line.to, |next| next.at);
            path.push(pos2(x_of(point.at), y_of(n)));
            path.push(pos2(x_of(end), y_of(n)));
        }
        path
    };
    let after = steps(&|x| x.after);
    let before = steps(&|x| Some(x.before));
    // Under the line that stands, as far as it goes.
    let (fill, top) = if after.is_empty() {
        (t.inherited, &before)
    } else {
        (t.accent, &after)
    };
    for pair in top.chunks_exact(2) {
        let part = Rect::from_min_max(pair[0], pos2(pair[1].x, area.max.y));
        p.rect_filled(part, 0.0, c32(fill.with_opacity(0.12)));
    }
    if after.is_empty() {
        p.line(before, look.stroke(2.0, t.inherited));
    } else {
        p.extend(kit::broken_line(&before, look.stroke(1.5, t.ghost), 4.0, 3.0));
        p.line(after, look.stroke(2.5, t.accent));
    }
    let response = ui.interact(area.expand(6.0), Id::new("time-plot"), Sense::click());
    let last = line.points.last();
    let label = match (now, last) {
        (Some(a), Some(b)) => format!(
            "{title}: {} now, {} in 90 days",
            words::number(a.after.unwrap_or(a.before)),
            words::number(b.after.unwrap_or(b.before))
        ),
        _ => title.to_owned(),
    };
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &label));
    if let Some(pos) = response.hover_pos().filter(|p| area.contains(*p)) {
        let at = line
            .from
            .plus_days(((pos.x - area.min.x) / area.width() * span / DAY_SECS).round() as i64);
        let point = line.points.iter().rev().find(|x| x.at <= at).or(now);
        if let Some(point) = point {
            let n = point.after.unwrap_or(point.before);
            p.vline(pos.x, area.y_range(), look.stroke(1.0, t.text3));
            p.circle_filled(pos2(pos.x, y_of(n)), 4.0, c32(t.text));
            let said = format!("{} · {}", words::day(at), words::count(n, "system", "systems"));
            let w = kit::width(Face::Medium, 12.0, &said) + 16.0;
            let x = (pos.x + 10.0).min(area.max.x - w);
            let back = Rect::from_min_size(pos2(x, area.min.y + 4.0), vec2(w, 24.0));
            kit::rect(p, back, 6.0, Some(t.raised), look.stroke(1.0, t.hairline));
            kit::left(p, x + 8.0, back.center().y, &said, 12.0, Face::Medium, t.text);
        }
        if response.clicked() {
            out.push(Command::SetAsOf(Some(at)));
        }
    }
}

/// Round numbers up to `most`, at most five.
fn ticks(most: u64) -> Vec<u64> {
    let step = (0..19)
        .flat_map(|e| [1, 2, 5].map(|m| m * 10u64.pow(e)))
        .find(|s| most / s <= 4)
        .unwrap_or(1);
    (0..=most / step).map(|i| i * step).collect()
}

/// What happens next, each with what the radius is from then on.
fn next(ui: &mut Ui, look: &Look, r: Rect, now: Time, line: &Timeline, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let coming: Vec<&Mark> = line
        .marks
        .iter()
        .filter(|m| m.kind == MarkKind::Expires && m.at > now)
        .collect();
    let head = match coming.len() {
        0 => "Nothing that is reached expires in the days ahead".to_owned(),
        n => format!("{} in the days ahead", words::count(n as u64, "expiry", "expiries")),
    };
    let place = Rect::from_min_size(r.min, vec2(r.width(), 24.0));
    kit::left(
        ui.painter(),
        r.min.x,
        place.center().y,
        &head,
        12.5,
        Face::SemiBold,
        t.text,
    );
    kit::name_text(ui, Id::new("time-next"), place, &head);
    let body = Rect::from_min_max(pos2(r.min.x, place.max.y + 4.0), r.max);
    if body.height() < ROW {
        return;
    }
    kit::place(ui, "time-list", body, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_rows(ui, ROW, coming.len(), |ui, range| {
                for mark in &coming[range] {
                    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
                    let from_then = line.points.iter().rev().find(|x| x.at <= mark.at);
                    let n = from_then.map_or(0, |x| x.after.unwrap_or(x.before));
                    let in_plot = mark.at <= line.to && !session.doc.proposal.seeds.is_empty();
                    let count = if in_plot {
                        words::count(n, "system", "systems")
                    } else {
                        String::new()
                    };
                    let when = words::when(mark.at, now);
                    let label = format!(
                        "{} expires {when}, {}{}",
                        mark.name,
                        words::day(mark.at),
                        if in_plot {
                            format!(", then {count}")
                        } else {
                            String::new()
                        }
                    );
                    let id = Id::new(("expiry", &mark.id));
                    let response = kit::clickable(ui, look, id, row, &label, true);
                    let p = ui.painter();
                    if response.hovered() || session.doc.selection.as_deref() == Some(&mark.id) {
                        p.rect_filled(row, 0.0, c32(t.raised));
                    }
                    p.hline(row.x_range(), row.max.y - 0.5, look.hairline());
                    let y = row.center().y;
                    p.vline(row.min.x + 10.0, y - 5.0..=y + 5.0, look.stroke(2.0, t.inherited));
                    kit::left_cut(
                        p,
                        row.min.x + 24.0,
                        y,
                        &mark.name,
                        12.0,
                        Face::Medium,
                        t.text,
                        row.width() * 0.4,
                    );
                    let x = row.min.x + row.width() * 0.46;
                    kit::left(p, x, y, &when, 12.0, Face::Regular, t.text2);
                    kit::left(p, x + 130.0, y, &words::day(mark.at), 12.0, Face::Regular, t.text3);
                    let w = kit::right(p, row.max.x - 12.0, y, &count, 12.0, Face::SemiBold, t.text);
                    if response.clicked() {
                        out.push(Command::Select(Some(mark.id.clone())));
                    }
                    if in_plot {
                        let to = pos2(row.max.x - 9.0, row.max.y - 4.0);
                        let cell = Rect::from_min_max(pos2(row.max.x - 15.0 - w, row.min.y + 4.0), to);
                        let said = format!("Show the {count} left once {} expires", mark.name);
                        let id = Id::new(("expiry-left", &mark.id));
                        let ask = || EvidenceAsk {
                            as_of: Some(mark.at),
                            ..EvidenceAsk::of_scenario(&session.doc.proposal)
                        };
                        evidence::number(ui, look, id, cell, &said, ask, session, out);
                    }
                }
            });
    });
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn the_axis_has_few_round_numbers() {
        assert_eq!(ticks(1), [0, 1]);
        assert_eq!(ticks(5), [0, 2, 4]);
        assert_eq!(ticks(37), [0, 10, 20, 30]);
        assert_eq!(ticks(100_000), [0, 50_000, 100_000]);
    }
}
