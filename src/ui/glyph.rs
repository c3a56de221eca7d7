//! The small map glyphs that stand in the panels: things by class and state, pips, pills.

use super::kit::{self, Look, c32};
use crate::analysis::{CheckState, Checks};
use crate::scene::display::{Color, Face};
use crate::scene::icons;
use crate::session::{Class, ThingState};
use egui::epaint::PathShape;
use egui::{Painter, Pos2, Rect, Stroke, Vec2, pos2, vec2};

const LETTERS: [&str; 5] = ["A", "I", "S", "C", "R"];

fn outline(class: Class, c: Pos2, r: f32) -> Vec<Pos2> {
    match class {
        Class::Credential => {
            let d = r * 1.25;
            vec![
                pos2(c.x, c.y - d),
                pos2(c.x + d, c.y),
                pos2(c.x, c.y + d),
                pos2(c.x - d, c.y),
            ]
        }
        Class::Context => (0..6)
            .map(|i| {
                let a = (60.0 * i as f32 - 90.0).to_radians();
                pos2(c.x + r * 1.1 * a.cos(), c.y + r * 1.1 * a.sin())
            })
            .collect(),
        Class::Identity => (0..32)
            .map(|i| {
                let a = (11.25 * i as f32).to_radians();
                pos2(c.x + r * 1.04 * a.cos(), c.y + r * 1.04 * a.sin())
            })
            .collect(),
        Class::System => {
            let k = (r * 0.36).max(2.0);
            let mut points = Vec::with_capacity(20);
            for (cx, cy, from) in [
                (c.x + r - k, c.y - r + k, -90.0_f32),
                (c.x + r - k, c.y + r - k, 0.0),
                (c.x - r + k, c.y + r - k, 90.0),
                (c.x - r + k, c.y - r + k, 180.0),
            ] {
                for i in 0..=4 {
                    let a = (from + 22.5 * i as f32).to_radians();
                    points.push(pos2(cx + k * a.cos(), cy + k * a.sin()));
                }
            }
            points
        }
    }
}

fn shape(p: &Painter, points: Vec<Pos2>, fill: Option<Color>, stroke: Stroke, dash: Option<(f32, f32)>) {
    let fill = fill.map_or(egui::Color32::TRANSPARENT, c32);
    match dash {
        None => {
            p.add(PathShape::convex_polygon(points, fill, stroke));
        }
        Some((on, off)) => {
            p.add(PathShape::convex_polygon(points.clone(), fill, Stroke::NONE));
            let mut closed = points;
            if let Some(first) = closed.first().copied() {
                closed.push(first);
            }
            p.extend(kit::broken_line(&closed, stroke, on, off));
        }
    }
}

/// A thing: its shape, its state, its icon. `back` is what it stands on.
#[expect(
    clippy::too_many_arguments,
    reason = "a thing has a class, a state, an icon, a place and a size"
)]
pub fn thing(
    p: &Painter,
    look: &Look,
    class: Class,
    state: ThingState,
    glyph: Option<char>,
    c: Pos2,
    r: f32,
    back: Color,
) {
    let t = look.t;
    let size = if class == Class::Credential { r * 1.14 } else { r * 1.28 };
    let ink = |color: Color, k: f32, opacity: f32| {
        if let Some(g) = glyph {
            kit::icon(p, c.x, c.y, g, size * k, Face::Icon, color.with_opacity(opacity));
        }
    };
    match state {
        ThingState::Compromised => {
            shape(p, outline(class, c, r), Some(t.compromised), Stroke::NONE, None);
            ink(t.on_compromised, 1.0, 1.0);
        }
        ThingState::Intended => {
            shape(
                p,
                outline(class, c, r),
                Some(t.intended_fill),
                look.stroke(1.75, t.intended),
                None,
            );
            ink(t.intended, 1.0, 1.0);
        }
        ThingState::Inherited => {
            shape(p, outline(class, c, r + 0.9), Some(t.inherited), Stroke::NONE, None);
            ink(t.on_inherited, 1.0, 1.0);
        }
        ThingState::Assumed => {
            let stroke = look.stroke(1.75, t.assumed);
            shape(p, outline(class, c, r), Some(t.assumed_fill), stroke, Some((3.5, 2.5)));
            ink(t.assumed, 1.0, 1.0);
            p.circle_filled(c + vec2(r, -r), 5.5, c32(back));
            kit::center(p, c.x + r, c.y - r, "?", 10.0, Face::Bold, t.assumed);
        }
        ThingState::Ghost => {
            shape(
                p,
                outline(class, c, r),
                Some(back),
                look.stroke(1.25, t.ghost),
                Some((1.2, 2.6)),
            );
            ink(t.ghost, 0.92, 0.55);
        }
        ThingState::Disabled => {
            shape(p, outline(class, c, r), Some(back), look.stroke(1.5, t.disabled), None);
            ink(t.disabled, 1.0, 1.0);
            let d = r * 1.1;
            p.line_segment([c + vec2(-d, d), c + vec2(d, -d)], look.stroke(1.75, t.disabled));
        }
        ThingState::Untouched => {
            shape(
                p,
                outline(class, c, r * 0.9),
                Some(back),
                look.stroke(1.25, t.untouched),
                None,
            );
            ink(t.untouched, 0.85, 1.0);
        }
    }
}

/// The little mark of a state, as in the legend and the banner.
pub fn state_mark(p: &Painter, look: &Look, state: ThingState, c: Pos2) {
    let t = look.t;
    let square = |half: f32| Rect::from_center_size(c, Vec2::splat(half * 2.0));
    match state {
        ThingState::Compromised => {
            p.circle_stroke(c, 7.0, look.stroke(1.5, t.compromised));
            p.circle_filled(c, 4.0, c32(t.compromised));
        }
        ThingState::Intended => kit::rect(p, square(6.0), 3.5, Some(t.intended_fill), look.stroke(1.5, t.intended)),
        ThingState::Inherited => kit::rect(p, square(6.0), 3.5, Some(t.inherited), Stroke::NONE),
        ThingState::Assumed => {
            kit::rect(p, square(6.0), 3.5, Some(t.assumed_fill), Stroke::NONE);
            kit::dashed_rect(p, square(6.0), 3.5, look.stroke(1.5, t.assumed), 3.0, 2.0);
        }
        ThingState::Ghost => kit::dashed_rect(p, square(6.0), 3.5, look.stroke(1.25, t.ghost), 1.2, 2.4),
        ThingState::Disabled | ThingState::Untouched => {
            kit::rect(p, square(5.5), 3.5, None, look.stroke(1.25, t.untouched));
        }
    }
}

/// One pip of `size` at its upper left corner.
pub fn pip(p: &Painter, look: &Look, min: Pos2, which: usize, state: CheckState, size: f32) {
    let t = look.t;
    let r = Rect::from_min_size(min, Vec2::splat(size));
    let (c, radius, letter) = (r.center(), size * 0.28, LETTERS[which % 5]);
    let font = if size >= 20.0 { 12.0 } else { 10.0 };
    match state {
        CheckState::Made => {
            kit::rect(p, r, radius, None, look.stroke(1.25, t.edge));
            kit::center(p, c.x, c.y, letter, font, Face::SemiBold, t.text2);
        }
        CheckState::NotMade => {
            kit::rect(p, r, radius, Some(t.inherited), Stroke::NONE);
            kit::center(p, c.x, c.y, letter, font, Face::Bold, t.on_inherited);
            let y = r.max.y + 3.0;
            p.hline(r.min.x + 3.0..=r.max.x - 3.0, y, look.stroke(2.0, t.inherited));
        }
        CheckState::Unknown => {
            kit::rect(p, r, radius, Some(t.assumed_fill), Stroke::NONE);
            kit::dashed_rect(p, r, radius, look.stroke(1.25, t.assumed), 2.5, 2.0);
            kit::center(p, c.x, c.y, letter, font, Face::SemiBold, t.assumed);
        }
        CheckState::NotApplicable => {
            p.circle_filled(c, 1.5, c32(t.text3));
        }
    }
}

/// The five pips in a row that ends at `right`.
pub fn pips(p: &Painter, look: &Look, right: f32, y: f32, checks: &Checks) {
    const SIZE: f32 = 16.0;
    let x0 = right - (5.0 * SIZE + 4.0 * 3.0);
    for (i, state) in checks.iter().enumerate() {
        pip(
            p,
            look,
            pos2(x0 + i as f32 * (SIZE + 3.0), y - SIZE / 2.0),
            i,
            *state,
            SIZE,
        );
    }
}

/// The amber pill with the letter of a missing check.
pub fn pill(p: &Painter, look: &Look, c: Pos2, letter: char) {
    let r = Rect::from_center_size(c, Vec2::splat(15.0));
    kit::rect(p, r, 7.5, Some(look.t.inherited), Stroke::NONE);
    let mut b = [0; 4];
    kit::center(
        p,
        c.x,
        c.y,
        letter.encode_utf8(&mut b),
        9.5,
        Face::Bold,
        look.t.on_inherited,
    );
}

/// The crown, around its middle.
pub fn crown(p: &Painter, look: &Look, x: f32, y: f32, size: f32) {
    kit::icon(p, x, y, icons::CROWN_SIMPLE, size, Face::IconFill, look.t.crown);
}

/// The broken link, around its middle.
pub fn broken(p: &Painter, look: &Look, x: f32, y: f32, size: f32) {
    kit::icon(p, x, y, icons::LINK_BREAK, size, Face::IconBold, look.t.broken);
}
