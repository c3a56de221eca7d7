//! What stands around the map: the meter, the legend, and the shelf of what is not reached.

use super::display::{Align, Face, Item, Owner, Prim, Pt, pt};
use super::draw::{View, fitting_zoom};
use super::fonts::text_width;
use super::icons;
use super::map::{Class, Cut, Gate, MapPicture, SHELF, State};
use super::pen::{self, GateLook, circle, dashed, dotted, icon, item, line, rect, segment, text};
use super::shelf;
use super::style::Theme;
use crate::analysis::{Interval, Summary};
use crate::graph::{Regime, Settings};
use crate::layout::Kind;
pub use crate::model::words::number;
use std::collections::BTreeSet;

/// Meter, legend and shelf of a view.
pub(super) fn around(items: &mut Vec<Item>, map: &MapPicture, view: &View) {
    let meter = meter(&MeterFacts::of(map), view.theme, pt(20.0, 14.0), view.progress);
    // Where the map is moved or enlarged it may be anywhere; then all that stands on it has a ground of its own.
    let moved = view.zoom > 1.02 * fitting_zoom(map, view.width, view.height) || view.pan != (0.0, 0.0);
    let ground = |items: &mut Vec<Item>, min: Pt, max: Pt| {
        if moved {
            let back = view.theme.tokens().canvas.with_opacity(0.92);
            items.push(item(Owner::Chrome, vec![rect(min, max, 8.0, Some(back), None)]));
        }
    };
    ground(items, pt(8.0, 8.0), pt(252.0, 174.0));
    items.push(item(Owner::Chrome, backing(&meter, view.theme)));
    items.push(item(Owner::Chrome, meter));
    let mut free = view.height - SHELF - 12.0;
    if map.layout.kind == Kind::Layers {
        items.push(item(Owner::Chrome, one_line(map, view)));
    } else if view.width >= 720.0 && view.height >= 420.0 {
        let bottom = view.height - SHELF - 20.0;
        let left = states(map, view, pt(20.0, bottom));
        let legend = gates(map, view, pt(view.width - 18.0, bottom));
        free = top(&legend, bottom) - 12.0;
        ground(items, pt(8.0, top(&left, bottom) - 6.0), pt(204.0, bottom + 14.0));
        ground(
            items,
            pt(view.width - 202.0, free + 4.0),
            pt(view.width - 8.0, bottom + 14.0),
        );
        items.push(item(Owner::Chrome, left));
        items.push(item(Owner::Chrome, legend));
    }
    items.extend(minimap(map, view, free));
    shelf::draw(items, map, view);
}

/// A backing for the small words of the meter, so that they can be read where the boundary runs under them.
fn backing(meter: &[Prim], theme: Theme) -> Vec<Prim> {
    let back = theme.tokens().canvas.with_opacity(0.92);
    let behind = |prim: &Prim| match prim {
        Prim::Text {
            pos, text, size, face, ..
        } if *size < 15.0 => {
            let w = text_width(*face, *size, text);
            Some(rect(
                pt(pos.x - 3.0, pos.y - 8.0),
                pt(pos.x + w + 3.0, pos.y + 8.0),
                3.0,
                Some(back),
                None,
            ))
        }
        _ => None,
    };
    meter.iter().filter_map(behind).collect()
}

/// Where a legend begins, from the top.
fn top(legend: &[Prim], bottom: f32) -> f32 {
    let begins = |prim: &Prim| match prim {
        Prim::Text { pos, .. } => pos.y - 8.0,
        _ => bottom,
    };
    legend.iter().map(begins).fold(bottom, f32::min)
}

/// The whole map, small, with what of it is in view; only where less than four fifths of it are.
fn minimap(map: &MapPicture, view: &View, bottom: f32) -> Option<Item> {
    const SIZE: (f32, f32) = (160.0, 120.0);
    let t = view.theme.tokens();
    let more = view.theme.extra_stroke();
    let (w, h) = map.layout.half;
    let middle = view.middle();
    let z = view.zoom.max(0.01);
    // What is in view, in points of the layout.
    let (x0, x1) = (-middle.x / z, (view.width - middle.x) / z);
    let (y0, y1) = (-middle.y / z, (view.height - SHELF - middle.y) / z);
    let inside = (x1.min(w) - x0.max(-w)).max(0.0) * (y1.min(h) - y0.max(-h)).max(0.0);
    if inside >= 0.8 * 4.0 * w * h || view.width < 480.0 || bottom < SIZE.1 + 180.0 {
        return None;
    }
    let max = pt(view.width - 18.0, bottom);
    let min = pt(max.x - SIZE.0, max.y - SIZE.1);
    let c = pt((min.x + max.x) / 2.0, (min.y + max.y) / 2.0);
    let k = ((SIZE.0 - 12.0) / (2.0 * w)).min((SIZE.1 - 12.0) / (2.0 * h));
    let mut out = vec![rect(min, max, 6.0, Some(t.panel), Some(line(1.0 + more, t.hairline)))];
    if let (Kind::Rings, Some(edge)) = (map.layout.kind, map.layout.walls.last()) {
        out.push(circle(c, edge * k, None, Some(line(1.0 + more, t.ring))));
    }
    let after = view.progress >= 0.5;
    for (n, spot) in map.nodes.iter().zip(&map.layout.spots) {
        let color = match if after { n.after } else { n.before } {
            State::Compromised => t.compromised,
            State::Intended => t.intended,
            State::Inherited => t.inherited,
            State::Assumed => t.assumed,
            _ => t.ghost,
        };
        out.push(circle(pt(c.x + spot.x * k, c.y + spot.y * k), 1.4, Some(color), None));
    }
    let at = |x: f32, y: f32| {
        pt(
            (c.x + x * k).clamp(min.x + 1.0, max.x - 1.0),
            (c.y + y * k).clamp(min.y + 1.0, max.y - 1.0),
        )
    };
    out.push(rect(
        at(x0, y0),
        at(x1, y1),
        2.0,
        None,
        Some(line(1.5 + more, t.accent)),
    ));
    Some(item(Owner::Chrome, out))
}

/// The sentence a reader takes away in five seconds.
/// What the meter says.
pub(super) struct MeterFacts {
    pub(super) before: Summary,
    pub(super) after: Option<Summary>,
    pub(super) interval: Interval,
    pub(super) settings: Settings,
    /// Systems by state: intended, inherited, assumed; before and after.
    pub(super) by_state: [[u64; 3]; 2],
}

impl MeterFacts {
    fn of(map: &MapPicture) -> Self {
        Self {
            before: map.before,
            after: map.after,
            interval: map.interval,
            settings: map.settings,
            by_state: [map.by_state(false), map.by_state(true)],
        }
    }
}

pub(super) fn meter(map: &MeterFacts, theme: Theme, at: Pt, progress: f32) -> Vec<Prim> {
    let t = theme.tokens();
    let more = theme.extra_stroke();
    let mut out = Vec::new();
    let (x, y) = (at.x, at.y);
    let say = |out: &mut Vec<Prim>, x: f32, y: f32, said: &str, size: f32, face: Face, color| -> f32 {
        out.push(text(pt(x, y), Align::Left, said, size, face, color));
        text_width(face, size, said)
    };
    let strike = |out: &mut Vec<Prim>, x: f32, y: f32, w: f32| {
        out.push(segment(pt(x - 1.0, y), pt(x + w + 1.0, y), line(1.5, t.text3)));
    };
    say(&mut out, x, y + 8.0, "Blast radius", 11.5, Face::Medium, t.text2);
    let before = map.before;
    // The numbers count down in at most twelve steps.
    let step = (progress * 12.0).ceil().clamp(0.0, 12.0) as u64;
    let between = |from: u64, to: u64| (from * (12 - step) + to * step) / 12;
    let after = map.after.filter(|_| step > 0).map(|a| Summary {
        systems: between(before.systems, a.systems),
        crown_jewels: between(before.crown_jewels, a.crown_jewels),
        weight: between(before.weight, a.weight),
        ..a
    });
    let big = y + 37.0;
    let word = |n: u64| if n == 1 { "system" } else { "systems" };
    match after {
        None => {
            let w = say(
                &mut out,
                x - 2.0,
                big,
                &number(before.systems),
                42.0,
                Face::SemiBold,
                t.text,
            );
            say(
                &mut out,
                x + w + 6.0,
                y + 47.0,
                word(before.systems),
                14.0,
                Face::Medium,
                t.text2,
            );
        }
        Some(after) => {
            let old = number(before.systems);
            let w = say(&mut out, x - 1.0, y + 43.0, &old, 26.0, Face::Medium, t.text3);
            strike(&mut out, x - 1.0, y + 43.0, w);
            out.push(icon(
                pt(x + w + 16.0, y + 43.0),
                icons::ARROW_RIGHT,
                18.0,
                Face::Icon,
                t.text3,
            ));
            let from = x + w + 31.0;
            let w = say(
                &mut out,
                from,
                big,
                &number(after.systems),
                42.0,
                Face::Bold,
                t.accent_text,
            );
            say(
                &mut out,
                from + w + 6.0,
                y + 47.0,
                word(after.systems),
                14.0,
                Face::Medium,
                t.text2,
            );
        }
    }
    // The bar in three parts, as wide as the radius before.
    let width = 196.0;
    let (bx, by) = (x, y + 64.0);
    let counts = map.by_state[usize::from(after.is_some() && step >= 6)];
    let unit = width / (before.systems.max(1)) as f32;
    if after.is_some() {
        let frame = dotted(1.25 + more, t.ghost, &[1.2, 2.6]);
        out.push(rect(
            pt(bx + 0.5, by + 0.5),
            pt(bx + width - 0.5, by + 9.5),
            3.0,
            None,
            Some(frame),
        ));
    }
    let mut from = bx;
    for (n, &count) in counts.iter().enumerate() {
        let w = unit * count as f32;
        if count == 0 {
            continue;
        }
        let to = (from + w - 2.0).max(from + 2.0);
        out.push(match n {
            0 => rect(
                pt(from + 0.6, by + 0.6),
                pt(to - 0.6, by + 9.4),
                2.5,
                Some(t.intended_fill),
                Some(line(1.25 + more, t.intended)),
            ),
            1 => rect(pt(from, by), pt(to, by + 10.0), 3.0, Some(t.inherited), None),
            _ => rect(
                pt(from + 0.6, by + 0.6),
                pt(to - 0.6, by + 9.4),
                2.5,
                Some(t.assumed_fill),
                Some(dashed(1.25 + more, t.assumed, &[3.5, 2.5])),
            ),
        });
        from += w;
    }
    let row = y + 88.0;
    if after.is_none() {
        let mut cx = x;
        let words = [
            ("intended", t.intended_text),
            ("inherited", t.inherited_text),
            ("assumed", t.assumed),
        ];
        for ((what, color), count) in words.into_iter().zip(counts) {
            cx += say(&mut out, cx, row, &number(count), 11.5, Face::SemiBold, color) + 4.0;
            cx += say(&mut out, cx, row, what, 11.5, Face::Regular, t.text2) + 10.0;
        }
    } else {
        let said = format!(
            "{} intended · {} inherited · {} assumed",
            counts[0], counts[1], counts[2]
        );
        say(&mut out, x, row, &said, 11.5, Face::Regular, t.text2);
    }
    let jewels = row + 21.0;
    out.push(icon(
        pt(x + 7.0, jewels),
        icons::CROWN_SIMPLE,
        14.0,
        Face::IconFill,
        t.crown,
    ));
    let word = |n: u64| if n == 1 { "crown jewel" } else { "crown jewels" };
    match after {
        None => {
            let w = say(
                &mut out,
                x + 20.0,
                jewels,
                &number(before.crown_jewels),
                13.0,
                Face::SemiBold,
                t.text,
            );
            say(
                &mut out,
                x + 24.0 + w,
                jewels,
                word(before.crown_jewels),
                12.0,
                Face::Regular,
                t.text2,
            );
        }
        Some(after) => {
            let w = say(
                &mut out,
                x + 20.0,
                jewels,
                &number(before.crown_jewels),
                13.0,
                Face::Medium,
                t.text3,
            );
            strike(&mut out, x + 20.0, jewels, w);
            out.push(icon(
                pt(x + 30.0 + w, jewels),
                icons::ARROW_RIGHT,
                12.0,
                Face::Icon,
                t.text3,
            ));
            let from = x + 41.0 + w;
            let w = say(
                &mut out,
                from,
                jewels,
                &number(after.crown_jewels),
                13.0,
                Face::Bold,
                t.accent_text,
            );
            say(
                &mut out,
                from + w + 4.0,
                jewels,
                word(after.crown_jewels),
                12.0,
                Face::Regular,
                t.text2,
            );
        }
    }
    let (best, other) = match map.settings.regime {
        Regime::WorstCase => (map.interval.best_case, "in the best case"),
        _ => (map.interval.worst_case, "in the worst case"),
    };
    let said = match after {
        None if best == before.systems => format!("weight {}", number(before.weight)),
        None => format!("{} {other} · weight {}", number(best), number(before.weight)),
        Some(after) => format!("weight {} → {}", number(before.weight), number(after.weight)),
    };
    say(&mut out, x, row + 41.0, &said, 11.5, Face::Regular, t.text3);
    out
}

/// The mark of a state in a legend.
#[must_use]
pub fn state_mark(theme: Theme, state: State, c: Pt) -> Vec<Prim> {
    let t = theme.tokens();
    let square = |fill, stroke| rect(pt(c.x - 6.0, c.y - 6.0), pt(c.x + 6.0, c.y + 6.0), 3.5, fill, stroke);
    match state {
        State::Compromised => vec![
            circle(c, 7.5, None, Some(line(1.5, t.compromised))),
            circle(c, 4.5, Some(t.compromised), None),
        ],
        State::Intended => vec![square(Some(t.intended_fill), Some(line(1.75, t.intended)))],
        State::Inherited => vec![square(Some(t.inherited), None)],
        State::Assumed => vec![square(Some(t.assumed_fill), Some(dashed(1.5, t.assumed, &[3.0, 2.0])))],
        State::Ghost => vec![square(None, Some(dotted(1.25, t.ghost, &[1.2, 2.6])))],
        State::Untouched | State::Disabled => vec![square(None, Some(line(1.25, t.untouched)))],
    }
}

/// The states that a map shows, in the legend's order.
#[must_use]
pub fn states_shown(map: &MapPicture, after: bool) -> Vec<(State, &'static str)> {
    let shown: BTreeSet<State> = map
        .nodes
        .iter()
        .map(|n| if after { n.after } else { n.before })
        .collect();
    [
        (State::Compromised, "Compromised"),
        (State::Intended, "Reached as intended"),
        (State::Inherited, "Reached by inheritance"),
        (State::Assumed, "Reached by assumption"),
        (State::Ghost, "Cut off by the scenario"),
    ]
    .into_iter()
    .filter(|(s, _)| shown.contains(s))
    .collect()
}

/// The gates that a map shows: the letters missing, and whether some are made, unknown, sealed, broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatesShown {
    /// Letters of missing checks, in the legend's order.
    pub letters: Vec<char>,
    /// Some make every check.
    pub made: bool,
    /// Of some it is not known.
    pub unknown: bool,
    /// Some are closed by the scenario.
    pub sealed: bool,
    /// At some a use in progress breaks.
    pub broken: bool,
}

/// The gates that a map shows, before or after the scenario.
#[must_use]
pub fn gates_shown(map: &MapPicture, after: bool) -> GatesShown {
    let mut letters = BTreeSet::new();
    let mut out = GatesShown {
        letters: Vec::new(),
        made: false,
        unknown: false,
        sealed: false,
        broken: false,
    };
    for n in map.nodes.iter().filter(|n| n.class == Class::System) {
        if after && n.after == State::Ghost {
            continue;
        }
        match if after { &n.gate_after } else { &n.gate } {
            Gate::Missing(l) => letters.extend(l.chars()),
            Gate::Made => out.made = true,
            Gate::Unknown => out.unknown = true,
            Gate::None => {}
        }
    }
    if after {
        out.sealed = map.nodes.iter().any(|n| n.cut == Cut::Sealed);
        out.broken = map.nodes.iter().any(|n| n.cut == Cut::Broken);
    }
    out.letters = ['A', 'I', 'S', 'C', 'R', 'E', 'U']
        .into_iter()
        .filter(|l| letters.contains(l))
        .collect();
    out
}

/// What a letter on a gate stands for.
#[must_use]
pub fn letter_words(letter: char) -> &'static str {
    match letter {
        'A' => "Audience",
        'I' => "Issuer",
        'S' => "Scope",
        'C' => "Context",
        'R' => "Revocation",
        'E' => "No exchange",
        _ => "Unintended",
    }
}

fn states(map: &MapPicture, view: &View, at: Pt) -> Vec<Prim> {
    let t = view.theme.tokens();
    let after = map.after.is_some() && view.progress >= 0.5;
    let shown = states_shown(map, after);
    let mut out = Vec::new();
    let mut y = at.y - 20.0 * (shown.len() as f32 - 1.0);
    for (state, said) in shown {
        out.extend(state_mark(view.theme, state, pt(at.x + 8.0, y)));
        out.push(text(
            pt(at.x + 24.0, y),
            Align::Left,
            said,
            11.5,
            Face::Regular,
            t.text2,
        ));
        y += 20.0;
    }
    out
}

/// The legend of layers, in one line above the shelf: gates, then states, as far as there is room.
fn one_line(map: &MapPicture, view: &View) -> Vec<Prim> {
    let t = view.theme.tokens();
    let after = map.after.is_some() && view.progress >= 0.5;
    let y = view.height - SHELF - 18.0;
    let mut out = Vec::new();
    let mut x = 20.0;
    for (state, said) in states_shown(map, after) {
        let w = text_width(Face::Regular, 11.0, said) + 22.0;
        if x + w > view.width - 20.0 {
            return out;
        }
        out.extend(state_mark(view.theme, state, pt(x + 7.0, y)));
        out.push(text(pt(x + 20.0, y), Align::Left, said, 11.0, Face::Regular, t.text2));
        x += w + 12.0;
    }
    for letter in gates_shown(map, after).letters {
        let said = letter_words(letter);
        let w = text_width(Face::Regular, 11.0, said) + 22.0;
        if x + w > view.width - 20.0 {
            return out;
        }
        let mut buffer = [0; 4];
        let look = GateLook::Missing(letter.encode_utf8(&mut buffer));
        out.extend(pen::gate(view.theme, look, pt(x + 7.0, y), 0.0, t.canvas));
        out.push(text(pt(x + 19.0, y), Align::Left, said, 11.0, Face::Regular, t.text2));
        x += w + 8.0;
    }
    out
}

fn gates(map: &MapPicture, view: &View, at: Pt) -> Vec<Prim> {
    let t = view.theme.tokens();
    let after = map.after.is_some() && view.progress >= 0.5;
    let shown = gates_shown(map, after);
    let mut rows: Vec<(GateLook<'static>, &'static str)> = Vec::new();
    const LETTERS: [(&str, char); 7] = [
        ("A", 'A'),
        ("I", 'I'),
        ("S", 'S'),
        ("C", 'C'),
        ("R", 'R'),
        ("E", 'E'),
        ("U", 'U'),
    ];
    for (said, letter) in LETTERS {
        if shown.letters.contains(&letter) {
            rows.push((GateLook::Missing(said), letter_words(letter)));
        }
    }
    let missing = rows.len();
    if shown.unknown {
        rows.push((GateLook::Unknown, "Not known"));
    }
    if shown.made {
        rows.push((GateLook::Made, "Every check made"));
    }
    if shown.sealed {
        rows.push((GateLook::Sealed, "Closed by the scenario"));
    }
    if shown.broken {
        rows.push((GateLook::Broken, "Use in progress that breaks"));
    }
    let mut out = Vec::new();
    let width = rows
        .iter()
        .map(|(_, said)| text_width(Face::Regular, 11.5, said))
        .fold(0.0, f32::max)
        + 26.0;
    let x = at.x - width;
    let mut y = at.y - 19.0 * (rows.len() as f32 - 1.0);
    if missing > 0 {
        out.push(text(
            pt(x, y - 20.0),
            Align::Left,
            "Check missing",
            11.5,
            Face::Medium,
            t.text3,
        ));
    }
    for (look, said) in rows {
        let c = pt(x + 8.0, y);
        match look {
            // A bar in a legend lies flat, a little smaller than on the map.
            GateLook::Sealed => {
                out.push(rect(
                    pt(x - 1.0, y - 2.5),
                    pt(x + 17.0, y + 2.5),
                    2.0,
                    Some(t.sealed),
                    None,
                ));
            }
            look => out.extend(pen::gate(view.theme, look, c, 0.0, t.canvas)),
        }
        out.push(text(pt(x + 25.0, y), Align::Left, said, 11.5, Face::Regular, t.text2));
        y += 19.0;
    }
    out
}
