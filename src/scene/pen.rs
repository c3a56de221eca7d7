//! Small words to write a display list with, and the glyphs of the map.

use super::display::{Align, Color, Face, Item, Owner, Prim, Pt, Seg, Stroke, pt};
use super::fonts::text_width;
use super::icons;
use super::map::{Class, State};
use super::style::{Theme, Tokens};

/// A line of one colour.
#[must_use]
pub fn line(width: f32, color: Color) -> Stroke {
    Stroke {
        width,
        color,
        dash: Vec::new(),
        round: false,
    }
}

/// A dashed line.
#[must_use]
pub fn dashed(width: f32, color: Color, dash: &[f32]) -> Stroke {
    Stroke {
        width,
        color,
        dash: dash.to_vec(),
        round: false,
    }
}

/// Dots.
#[must_use]
pub fn dotted(width: f32, color: Color, dash: &[f32]) -> Stroke {
    Stroke {
        width,
        color,
        dash: dash.to_vec(),
        round: true,
    }
}

/// A circle.
#[must_use]
pub fn circle(center: Pt, radius: f32, fill: Option<Color>, stroke: Option<Stroke>) -> Prim {
    Prim::Circle {
        center,
        radius,
        fill,
        stroke,
    }
}

/// A rectangle by its corners.
#[must_use]
pub fn rect(min: Pt, max: Pt, radius: f32, fill: Option<Color>, stroke: Option<Stroke>) -> Prim {
    Prim::Rect {
        min,
        max,
        radius,
        fill,
        stroke,
    }
}

/// A text; `pos.y` is its vertical middle.
#[must_use]
pub fn text(pos: Pt, align: Align, text: impl Into<String>, size: f32, face: Face, color: Color) -> Prim {
    Prim::Text {
        pos,
        align,
        text: text.into(),
        size,
        face,
        color,
    }
}

/// An icon around its middle.
#[must_use]
pub fn icon(center: Pt, icon: char, size: f32, face: Face, color: Color) -> Prim {
    Prim::Text {
        pos: center,
        align: Align::Center,
        text: icon.to_string(),
        size,
        face,
        color,
    }
}

/// A straight line.
#[must_use]
pub fn segment(a: Pt, b: Pt, stroke: Stroke) -> Prim {
    Prim::Path {
        segs: vec![Seg::Move(a), Seg::Line(b)],
        fill: None,
        stroke: Some(stroke),
    }
}

/// An item of one owner.
#[must_use]
pub fn item(owner: Owner, prims: Vec<Prim>) -> Item {
    Item { owner, prims }
}

/// The outline of a class at a nominal radius.
#[must_use]
pub fn outline(class: Class, c: Pt, r: f32, fill: Option<Color>, stroke: Option<Stroke>) -> Prim {
    match class {
        Class::System => rect(
            pt(c.x - r, c.y - r),
            pt(c.x + r, c.y + r),
            (r * 0.36).max(2.0),
            fill,
            stroke,
        ),
        Class::Identity => circle(c, r * 1.04, fill, stroke),
        Class::Credential => {
            let d = r * 1.25;
            polygon(
                &[pt(c.x, c.y - d), pt(c.x + d, c.y), pt(c.x, c.y + d), pt(c.x - d, c.y)],
                fill,
                stroke,
            )
        }
        Class::Context => {
            let d = r * 1.1;
            let points: Vec<Pt> = (0..6)
                .map(|n| {
                    let a = (f32::from(n as u8) * 60.0 - 90.0).to_radians();
                    pt(c.x + d * a.cos(), c.y + d * a.sin())
                })
                .collect();
            polygon(&points, fill, stroke)
        }
    }
}

/// A closed polygon.
#[must_use]
pub fn polygon(points: &[Pt], fill: Option<Color>, stroke: Option<Stroke>) -> Prim {
    let mut segs: Vec<Seg> = Vec::with_capacity(points.len() + 1);
    for (n, &p) in points.iter().enumerate() {
        segs.push(if n == 0 { Seg::Move(p) } else { Seg::Line(p) });
    }
    segs.push(Seg::Close);
    Prim::Path { segs, fill, stroke }
}

/// How a node looks.
#[derive(Clone, Copy, Debug)]
pub struct NodeLook {
    /// Its class.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
    /// Its state.
    pub state: State,
    /// A crown jewel.
    pub crown: bool,
    /// Disabled or expired: a slash.
    pub disabled: bool,
    /// Expired: an hourglass.
    pub expired: bool,
    /// Selected: an accent outline.
    pub selected: bool,
    /// Hovered: an outline.
    pub hovered: bool,
    /// Has the keyboard: a dashed outline.
    pub focused: bool,
    /// The colour of the surface it stands on.
    pub back: Color,
}

/// A node around `c` with the nominal radius `r`.
#[must_use]
pub fn node(theme: Theme, look: &NodeLook, c: Pt, r: f32) -> Vec<Prim> {
    let t: &Tokens = theme.tokens();
    let more = theme.extra_stroke();
    let mut out = Vec::new();
    let icon_size = if look.class == Class::Credential {
        r * 1.14
    } else {
        r * 1.28
    };
    let glyph = |out: &mut Vec<Prim>, size: f32, color: Color| {
        if let Some(i) = look.icon {
            out.push(icon(c, i, size, Face::Icon, color));
        }
    };
    if look.selected {
        let gap = if look.state == State::Compromised { 11.0 } else { 5.0 };
        out.push(outline(look.class, c, r + gap, None, Some(line(2.0 + more, t.accent))));
    } else if look.hovered {
        let gap = if look.state == State::Compromised { 10.0 } else { 4.0 };
        out.push(outline(look.class, c, r + gap, None, Some(line(1.5 + more, t.text))));
    }
    if look.focused {
        out.push(outline(
            look.class,
            c,
            r + 8.0,
            None,
            Some(dashed(1.5 + more, t.focus, &[4.0, 3.0])),
        ));
    }
    match look.state {
        State::Compromised => {
            out.push(outline(
                look.class,
                c,
                r + 6.0,
                None,
                Some(line(2.0 + more, t.compromised)),
            ));
            out.push(outline(look.class, c, r, Some(t.compromised), None));
            glyph(&mut out, icon_size, t.on_compromised);
            let b = pt(c.x + r * 1.05, c.y - r * 1.05);
            out.push(circle(
                b,
                r * 0.52,
                Some(t.canvas),
                Some(line(1.5 + more, t.compromised)),
            ));
            out.push(icon(b, icons::LIGHTNING, r * 0.72, Face::IconFill, t.compromised_text));
        }
        State::Intended => {
            out.push(outline(
                look.class,
                c,
                r,
                Some(t.intended_fill),
                Some(line(1.75 + more, t.intended)),
            ));
            glyph(&mut out, icon_size, t.intended);
        }
        State::Inherited => {
            out.push(outline(look.class, c, r + 0.9, Some(t.inherited), None));
            glyph(&mut out, icon_size, t.on_inherited);
        }
        State::Assumed => {
            let stroke = dashed(1.75 + more, t.assumed, &[3.5, 2.5]);
            out.push(outline(look.class, c, r, Some(t.assumed_fill), Some(stroke)));
            glyph(&mut out, icon_size, t.assumed);
            let b = pt(c.x + r, c.y - r);
            out.push(circle(b, 5.5, Some(look.back), None));
            out.push(text(b, Align::Center, "?", 10.0, Face::Bold, t.assumed));
        }
        State::Ghost => {
            let stroke = dotted(1.25 + more, t.ghost, &[1.2, 2.6]);
            out.push(outline(look.class, c, r, Some(look.back), Some(stroke)));
            glyph(&mut out, icon_size * 0.92, t.ghost.with_opacity(0.55));
        }
        State::Untouched => {
            out.push(outline(
                look.class,
                c,
                r * 0.8,
                Some(look.back),
                Some(line(1.25 + more, t.untouched)),
            ));
            glyph(&mut out, icon_size * 0.75, t.untouched);
        }
        State::Disabled => {
            out.push(outline(
                look.class,
                c,
                r,
                Some(look.back),
                Some(line(1.5 + more, t.disabled)),
            ));
            glyph(&mut out, icon_size, t.disabled);
        }
    }
    if look.disabled && look.state != State::Compromised {
        let ink = match look.state {
            State::Inherited => t.on_inherited,
            State::Assumed => t.assumed,
            State::Intended => t.intended,
            _ => t.disabled,
        };
        let d = r * 0.9;
        out.push(segment(
            pt(c.x - d, c.y + d),
            pt(c.x + d, c.y - d),
            line(1.75 + more, ink),
        ));
        if look.expired {
            let b = pt(c.x + r, c.y - r);
            out.push(circle(b, 6.5, Some(look.back), None));
            out.push(icon(b, icons::HOURGLASS_LOW, 10.0, Face::Icon, t.text2));
        }
    }
    if look.crown {
        let y = c.y - r - if look.state == State::Compromised { 12.0 } else { 9.0 };
        out.extend(crown(theme, pt(c.x, y), look.back));
    }
    out
}

/// A crown around `c` on the surface `back`.
#[must_use]
pub fn crown(theme: Theme, c: Pt, back: Color) -> Vec<Prim> {
    let ink = theme.tokens().crown;
    vec![
        circle(pt(c.x, c.y + 1.0), 8.0, Some(back.with_opacity(0.9)), None),
        icon(pt(c.x, c.y + 0.5), icons::CROWN_SIMPLE, 13.0, Face::IconFill, ink),
    ]
}

/// What a gate looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GateLook<'a> {
    /// A small hollow ring.
    Made,
    /// A pill with letters.
    Missing(&'a str),
    /// A dashed ring with a question mark.
    Unknown,
    /// A bar along the wall.
    Sealed,
    /// A broken link in a ring.
    Broken,
}

/// The letters that fit a pill: two, or the first and how many more.
#[must_use]
pub fn pill_letters(letters: &str) -> String {
    let count = letters.chars().count();
    if count <= 2 {
        letters.to_owned()
    } else {
        format!("{}+{}", letters.chars().next().unwrap_or('?'), count - 1)
    }
}

/// A gate around `c`; `angle` is the direction outward, degrees clockwise from the top.
#[must_use]
pub fn gate(theme: Theme, look: GateLook<'_>, c: Pt, angle: f32, back: Color) -> Vec<Prim> {
    let t = theme.tokens();
    let more = theme.extra_stroke();
    match look {
        GateLook::Made => vec![circle(c, 3.0, Some(back), Some(line(1.5 + more, t.edge)))],
        GateLook::Missing(letters) => {
            let letters = pill_letters(letters);
            let w = (text_width(Face::Bold, 9.5, &letters) + 8.0).max(15.0);
            let (min, max) = (pt(c.x - w / 2.0, c.y - 7.5), pt(c.x + w / 2.0, c.y + 7.5));
            vec![
                rect(min, max, 7.5, Some(t.inherited), Some(line(1.5, back))),
                text(c, Align::Center, letters, 9.5, Face::Bold, t.on_inherited),
            ]
        }
        GateLook::Unknown => vec![
            circle(
                c,
                7.5,
                Some(t.assumed_fill),
                Some(dashed(1.25 + more, t.assumed, &[2.5, 2.0])),
            ),
            text(c, Align::Center, "?", 9.5, Face::Bold, t.assumed),
        ],
        GateLook::Sealed => {
            let (sin, cos) = angle.to_radians().sin_cos();
            let at = |x: f32, y: f32| pt(c.x + x * cos - y * sin, c.y + x * sin + y * cos);
            let corners = [at(-11.0, -3.0), at(11.0, -3.0), at(11.0, 3.0), at(-11.0, 3.0)];
            vec![polygon(&corners, Some(t.sealed), Some(line(1.5, back)))]
        }
        GateLook::Broken => vec![
            circle(c, 9.0, Some(back), Some(line(1.75 + more, t.broken))),
            icon(c, icons::LINK_BREAK, 11.5, Face::IconBold, t.broken),
        ],
    }
}
