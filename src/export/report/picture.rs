//! The picture of a report: the finding, the map before and after with equal positions, what was done, what it was read
//! from.

use super::Told;
use crate::export::words;
use crate::graph::Regime;
use crate::layout;
use crate::layout::estate::Unwatched;
use crate::scene::display::{Align, Color, DisplayList, Face, Item, Owner, Prim, Pt, Seg, pt};
use crate::scene::estate::{EstatePicture, EstatePlaces, EstateShape, EstateView, Grouping};
use crate::scene::fonts::{elide, text_width};
use crate::scene::pen::{self, GateLook, circle, icon, item, line, rect, segment, text};
use crate::scene::style::{Theme, Tokens};
use crate::scene::{
    MapPicture, SHELF, View, draw, fitting_zoom, gates_shown, icons, letter_words, number, state_mark, states_shown,
};
use std::sync::Arc;

/// Width in points.
pub const WIDTH: f32 = 1920.0;
/// Height in points.
pub const HEIGHT: f32 = 1080.0;

const LEFT: f32 = 72.0;
const RIGHT: f32 = WIDTH - 72.0;
const TOP: f32 = 166.0;
const BOTTOM: f32 = 902.0;

/// The report's picture, [`WIDTH`] by [`HEIGHT`].
pub(super) fn picture(subject: &Told) -> DisplayList {
    let theme = subject.theme;
    let t = theme.tokens();
    let mut items = vec![item(
        Owner::Chrome,
        vec![rect(pt(0.0, 0.0), pt(WIDTH, HEIGHT), 0.0, Some(t.canvas), None)],
    )];
    let wide = RIGHT - LEFT;
    let half = RIGHT - 1016.0;
    let width = if subject.after.is_some() { half } else { wide };
    // Under aliases places come from the names themselves, by which equals are ordered.
    let (graph, before, after) = match subject.redacted {
        Some((own, _)) => (own.graph, own.before, own.after.map(|(_, c)| c)),
        None => (subject.graph, subject.before, subject.after.map(|(_, c)| c)),
    };
    let mut map = MapPicture::new(
        graph,
        before,
        after,
        &before.interval,
        subject.settings(),
        subject.layered,
        (width, BOTTOM - TOP + SHELF),
    );
    map.pin(subject.pins);
    if let Some((own, aliases)) = subject.redacted {
        map = map.aliased(own.graph.inventory(), aliases);
    }
    let estate = subject.estate.map(|grouping| estate(subject, grouping));
    let panel = |x: f32, progress: f32| -> Vec<Item> {
        if let Some(picture) = &estate {
            let view = EstateView {
                chrome: false,
                progress,
                ..EstateView::whole(&picture.places, width, BOTTOM - TOP, theme)
            };
            let mut drawn = crate::scene::estate::draw(picture, &view).list.items;
            for item in &mut drawn {
                item.prims.iter_mut().for_each(|prim| shift(prim, x, TOP));
            }
            return drawn;
        }
        let view = View {
            chrome: false,
            progress,
            zoom: fitting_zoom(&map, width, BOTTOM - TOP + SHELF),
            ..View::whole(width, BOTTOM - TOP, theme)
        };
        let mut drawn = draw(&map, &view).items;
        for item in &mut drawn {
            item.prims.iter_mut().for_each(|prim| shift(prim, x, TOP));
        }
        drawn
    };
    items.extend(panel(LEFT, 0.0));
    if subject.after.is_some() {
        items.extend(panel(RIGHT - half, 1.0));
    }
    let mut words = Vec::new();
    headline(subject, t, &mut words);
    numbers(subject, t, RIGHT - half, &mut words);
    legend(&map, theme, subject.after.is_some(), &mut words);
    if subject.after.is_some() {
        actions(subject, t, &mut words);
    }
    inputs(subject, t, &mut words);
    foot(subject, t, &mut words);
    items.push(item(Owner::Chrome, words));
    DisplayList {
        width: WIDTH,
        height: HEIGHT,
        items,
    }
}

/// The picture in the middle of a place of another shape, on its own ground; lengths in points.
pub(super) fn framed(mut list: DisplayList, width: f32, height: f32, theme: Theme) -> DisplayList {
    let (dx, dy) = ((width - list.width) / 2.0, (height - list.height) / 2.0);
    for item in &mut list.items {
        item.prims.iter_mut().for_each(|prim| shift(prim, dx, dy));
    }
    let ground = rect(pt(0.0, 0.0), pt(width, height), 0.0, Some(theme.tokens().canvas), None);
    list.items.insert(0, item(Owner::Chrome, vec![ground]));
    DisplayList { width, height, ..list }
}

/// The estate as bubbles; its places depend on the inventory and the grouping alone.
fn estate(subject: &Told, grouping: Grouping) -> EstatePicture {
    let graph = subject.redacted.map_or(subject.graph, |(own, _)| own.graph);
    let mut shape = Arc::new(EstateShape::new(graph, grouping));
    // Nobody stops it, so there is always a layout.
    let layout = layout::estate::estate(&shape.request(None), &Unwatched).unwrap_or_default();
    if let Some((_, aliases)) = subject.redacted {
        shape = Arc::new(shape.aliased(Arc::clone(subject.graph.shared_inventory()), aliases));
    }
    let places = Arc::new(EstatePlaces::new(shape, layout));
    let comparison = subject.after.map(|(_, c)| c);
    EstatePicture::new(subject.graph, places, subject.before, comparison, subject.settings())
}

fn shift(prim: &mut Prim, dx: f32, dy: f32) {
    let to = |p: &mut Pt| {
        p.x += dx;
        p.y += dy;
    };
    match prim {
        Prim::Path { segs, .. } => {
            for seg in segs {
                match seg {
                    Seg::Move(p) | Seg::Line(p) => to(p),
                    Seg::Cubic(a, b, p) => {
                        to(a);
                        to(b);
                        to(p);
                    }
                    Seg::Close => {}
                }
            }
        }
        Prim::Circle { center, .. } => to(center),
        Prim::Rect { min, max, .. } => {
            to(min);
            to(max);
        }
        Prim::Dots { at, .. } => at.iter_mut().for_each(to),
        Prim::Text { pos, .. } => to(pos),
    }
}

fn say(out: &mut Vec<Prim>, x: f32, y: f32, said: &str, size: f32, face: Face, color: Color) -> f32 {
    out.push(text(pt(x, y), Align::Left, said, size, face, color));
    text_width(face, size, said)
}

fn headline(subject: &Told, t: &Tokens, out: &mut Vec<Prim>) {
    let title = subject.title();
    // A long finding is set smaller before it is cut.
    let size = (40.0 * (RIGHT - LEFT) / text_width(Face::Bold, 40.0, &title).max(1.0)).clamp(26.0, 40.0);
    let cut = elide(Face::Bold, size, &title, RIGHT - LEFT);
    say(out, LEFT, 78.0, &cut, size, Face::Bold, t.text);
    let subtitle = subject.subtitle().unwrap_or_else(|| by_state(subject));
    let cut = elide(Face::Regular, 20.0, &subtitle, RIGHT - LEFT);
    say(out, LEFT, 123.0, &cut, 20.0, Face::Regular, t.text2);
    for y in [158.0, BOTTOM] {
        out.push(segment(pt(LEFT, y), pt(RIGHT, y), line(1.5, t.hairline)));
    }
}

/// How the systems are reached, where there is no remedy to name.
fn by_state(subject: &Told) -> String {
    let s = subject.before.summary;
    let mut out = format!("{} as intended", number(s.systems - s.inherited.min(s.systems)));
    if s.inherited > 0 {
        out.push_str(&format!(", {} by inheritance", number(s.inherited)));
    }
    if s.assumed > 0 {
        let assumed = number(s.assumed);
        out.push_str(&format!("; {assumed} only if what the inventory does not say is open"));
    }
    out
}

fn numbers(subject: &Told, t: &Tokens, right: f32, out: &mut Vec<Prim>) {
    let before = subject.before.summary;
    let mut column = |x: f32, caption: &str, s: crate::analysis::Summary, ink: Color, crown: Color| {
        say(out, x, 200.0, caption, 17.0, Face::SemiBold, t.text2);
        let big = number(s.systems);
        let w = say(out, x, 242.0, &big, 58.0, Face::Bold, ink);
        let word = if s.systems == 1 { "system" } else { "systems" };
        say(out, x + w + 14.0, 254.0, word, 21.0, Face::Medium, t.text2);
        out.push(icon(
            pt(x + 9.0, 288.0),
            icons::CROWN_SIMPLE,
            19.0,
            Face::IconFill,
            t.crown,
        ));
        let w = say(out, x + 26.0, 288.0, &number(s.crown_jewels), 17.0, Face::Bold, crown);
        let word = if s.crown_jewels == 1 {
            "crown jewel"
        } else {
            "crown jewels"
        };
        say(out, x + 26.0 + w + 6.0, 288.0, word, 17.0, Face::Regular, t.text2);
        let weight = format!("weight {}", number(s.weight));
        say(out, x, 315.0, &weight, 15.0, Face::Regular, t.text3);
    };
    match subject.after {
        None => column(LEFT, "Blast radius", before, t.text, t.text),
        Some((_, c)) => {
            column(LEFT, "Before", before, t.text, t.text);
            column(right, "After", c.after.summary, t.accent_text, t.accent_text);
            let middle = WIDTH / 2.0;
            out.push(segment(
                pt(middle, 190.0),
                pt(middle, BOTTOM - 26.0),
                line(1.5, t.hairline),
            ));
            out.push(circle(
                pt(middle, 240.0),
                24.0,
                Some(t.canvas),
                Some(line(1.5, t.hairline)),
            ));
            out.push(icon(
                pt(middle, 240.0),
                icons::ARROW_RIGHT,
                22.0,
                Face::IconBold,
                t.accent_text,
            ));
        }
    }
}

fn heading(out: &mut Vec<Prim>, x: f32, said: &str, t: &Tokens) {
    say(out, x, 925.0, said, 13.5, Face::SemiBold, t.text3);
}

/// The y of a row under a heading.
fn row(n: usize) -> f32 {
    955.0 + 26.0 * n as f32
}

fn legend(map: &MapPicture, theme: Theme, scenario: bool, out: &mut Vec<Prim>) {
    let t = theme.tokens();
    heading(out, LEFT, "Legend", t);
    let mut states = states_shown(map, false);
    if scenario {
        // The picture shows both sides, so its legend does.
        for shown in states_shown(map, true) {
            if !states.contains(&shown) {
                states.push(shown);
            }
        }
    }
    let place = |n: usize| pt(LEFT + 8.0 + 196.0 * (n / 3) as f32, row(n % 3));
    for (n, (state, said)) in states.iter().enumerate() {
        let at = place(n);
        out.extend(state_mark(theme, *state, at));
        say(out, at.x + 20.0, at.y, said, 14.0, Face::Regular, t.text2);
    }
    if map.nodes.iter().any(|n| n.crown) && states.len() < 6 {
        let at = place(states.len());
        out.push(icon(at, icons::CROWN_SIMPLE, 16.0, Face::IconFill, t.crown));
        say(out, at.x + 20.0, at.y, "Crown jewel", 14.0, Face::Regular, t.text2);
    }
    let (mut gates, after) = (gates_shown(map, false), gates_shown(map, true));
    if scenario {
        gates.sealed = after.sealed;
        gates.broken = after.broken;
    }
    if !gates.letters.is_empty() {
        heading(out, 474.0, "Check missing at the gate", t);
    }
    let mut at = pt(484.0, row(0));
    let mut n = 0;
    for letter in &gates.letters {
        at = pt(484.0 + 116.0 * (n / 3) as f32, row(n % 3));
        let said = letter.to_string();
        out.extend(pen::gate(theme, GateLook::Missing(&said), at, 0.0, t.canvas));
        say(
            out,
            at.x + 16.0,
            at.y,
            letter_words(*letter),
            14.0,
            Face::Regular,
            t.text2,
        );
        n += 1;
    }
    // The other gates in columns of their own.
    let x = if n == 0 { 484.0 } else { at.x + 140.0 };
    let others = [
        (gates.made, GateLook::Made, "Every check made"),
        (gates.unknown, GateLook::Unknown, "Not known"),
        (gates.sealed, GateLook::Sealed, "Closed by the scenario"),
        (gates.broken, GateLook::Broken, "Use in progress breaks"),
    ];
    let shown: Vec<_> = others.into_iter().filter(|(some, ..)| *some).collect();
    // Four in three rows would leave one alone: then they stand closer.
    let gap = if shown.len() > 3 { 20.0 } else { 26.0 };
    for (n, (_, look, said)) in shown.into_iter().enumerate() {
        let c = pt(x, row(0) + gap * n as f32);
        match look {
            GateLook::Sealed => out.push(rect(
                pt(c.x - 10.0, c.y - 2.5),
                pt(c.x + 10.0, c.y + 2.5),
                2.0,
                Some(t.sealed),
                None,
            )),
            look => out.extend(pen::gate(theme, look, c, 0.0, t.canvas)),
        }
        say(out, c.x + 20.0, c.y, said, 14.0, Face::Regular, t.text2);
    }
}

/// The text in lines that fit a width, at most `most` of them; the last is cut where more is left.
fn wrap(said: &str, size: f32, face: Face, width: f32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in said.split(' ') {
        let Some(current) = lines.last_mut() else { break };
        let longer = if current.is_empty() {
            word.to_owned()
        } else {
            format!("{current} {word}")
        };
        if current.is_empty() || text_width(face, size, &longer) <= width {
            *current = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).join(" ");
        lines.push(rest);
    }
    lines.into_iter().map(|l| elide(face, size, &l, width)).collect()
}

fn actions(subject: &Told, t: &Tokens, out: &mut Vec<Prim>) {
    let Some((scenario, c)) = subject.after else { return };
    let (x, width) = (1016.0, 336.0);
    let many = scenario.actions.len() != 1;
    heading(out, x, if many { "Actions" } else { "Action" }, t);
    let warnings: Vec<String> = c
        .ineffective
        .iter()
        .flat_map(|i| words::ineffective(subject.graph, i, 3))
        .collect();
    // Five lines: what has no effect keeps at least two of them.
    let room = if warnings.is_empty() { 5 } else { 3 };
    let mut lines: Vec<String> = Vec::new();
    let shown = scenario.actions.len().min(if many { room } else { 1 });
    for (n, action) in scenario.actions.iter().take(shown).enumerate() {
        let left = scenario.actions.len() - n - 1;
        let said = words::action(subject.graph, action);
        if n + 1 == shown && left > 0 {
            lines.push(format!("and {} more", left + 1));
        } else {
            let most = if many { 1 } else { room };
            lines.extend(wrap(&said, 14.0, Face::Medium, width, most));
        }
    }
    let mut y = row(0);
    for said in &lines {
        say(out, x, y, said, 14.0, Face::Medium, t.text);
        y += 20.0;
    }
    y += 8.0;
    // The last line stands above the foot.
    let room = ((1034.0 - y) / 20.0 + 1.0).floor().max(0.0) as usize;
    if let Some(first) = warnings.first().filter(|_| room > 0) {
        let said = match warnings.len() {
            1 => format!("No effect: {first}"),
            n => format!("No effect: {first}; and {} more", n - 1),
        };
        for said in wrap(&said, 14.0, Face::Medium, width, room) {
            say(out, x, y, &said, 14.0, Face::Medium, t.inherited_text);
            y += 20.0;
        }
    }
}

fn inputs(subject: &Told, t: &Tokens, out: &mut Vec<Prim>) {
    let x = 1370.0;
    heading(out, x, "Read from", t);
    out.push(text(
        pt(RIGHT, 925.0),
        Align::Right,
        "sha256, first 16 digits",
        13.5,
        Face::SemiBold,
        t.text3,
    ));
    let inputs = &subject.head.inputs;
    let room = 5;
    let shown = if inputs.len() > room { room - 1 } else { inputs.len() };
    let mut y = 953.0;
    for input in &inputs[..shown] {
        let name = input.file.rsplit(['/', '\\']).next().unwrap_or(&input.file);
        let cut = elide(Face::Regular, 14.0, name, 290.0);
        say(out, x, y, &cut, 14.0, Face::Regular, t.text2);
        let digits: Vec<char> = input.sha256.chars().take(16).collect();
        let groups: Vec<String> = digits.chunks(4).map(|c| c.iter().collect()).collect();
        out.push(text(
            pt(RIGHT, y),
            Align::Right,
            groups.join(" "),
            13.0,
            Face::Mono,
            t.text2,
        ));
        y += 22.0;
    }
    if shown < inputs.len() {
        let said = format!("and {} more, all in this file's metadata", inputs.len() - shown);
        say(out, x, y, &said, 14.0, Face::Regular, t.text3);
    }
}

fn foot(subject: &Told, t: &Tokens, out: &mut Vec<Prim>) {
    let settings = subject.settings();
    let interval = subject.before.interval;
    let other = match settings.regime {
        Regime::WorstCase => format!("{} in the best case", counted(interval.best_case)),
        _ => format!("{} in the worst case", counted(interval.worst_case)),
    };
    let said = format!(
        "As of {} · {}; {other}",
        words::date(settings.as_of),
        words::regime(settings.regime)
    );
    let tool = &subject.head.tool;
    let scenario = subject
        .scenario_name()
        .map_or(String::new(), |name| format!(" · scenario {name}"));
    let names = if subject.redacted.is_some() {
        "names are aliases"
    } else {
        "names as recorded"
    };
    let right = format!("{} {}{scenario} · {names}", tool.name, tool.version);
    let right = elide(Face::Regular, 14.0, &right, 700.0);
    let room = RIGHT - LEFT - text_width(Face::Regular, 14.0, &right) - 24.0;
    say(
        out,
        LEFT,
        1053.0,
        &elide(Face::Regular, 14.0, &said, room),
        14.0,
        Face::Regular,
        t.text3,
    );
    out.push(text(
        pt(RIGHT, 1053.0),
        Align::Right,
        right,
        14.0,
        Face::Regular,
        t.text3,
    ));
}

fn counted(n: u64) -> String {
    words::counted(n, "system", "systems")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_the_last_is_cut() {
        let said = "Narrow audience of gha-deploy-prod to artifact-registry, deploy-api and twelve others";
        for (width, most) in [(320.0, 5), (320.0, 1), (150.0, 3)] {
            let lines = wrap(said, 14.0, Face::Medium, width, most);
            assert!(lines.len() <= most, "{lines:?}");
            assert!(
                lines.iter().all(|l| text_width(Face::Medium, 14.0, l) <= width + 0.1),
                "{lines:?}"
            );
        }
        assert_eq!(wrap(said, 14.0, Face::Medium, 4000.0, 3), [said]);
    }
}
