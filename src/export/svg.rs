//! A display list as SVG. Coordinates are rounded to a tenth of a point, icons are outlines, and texts name the bundled
//! families, so that the same list is the same file on every machine.

use crate::scene::display::{Align, Color, DisplayList, Face, Prim, Pt, Seg, Stroke, pt};
use crate::scene::fonts::{baseline, data, has_glyph, outline, text_width};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The picture as an SVG document of its own size in points.
#[must_use]
pub fn svg(list: &DisplayList) -> String {
    svg_with_title(list, "")
}

/// The same with a title, which readers show and screen readers read.
#[must_use]
pub fn svg_with_title(list: &DisplayList, title: &str) -> String {
    let (w, h) = (num(list.width), num(list.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\">\n"
    );
    if !title.is_empty() {
        let _ = writeln!(out, "<title>{}</title>", escape(&super::words::visible(title)));
    }
    icons(list, &mut out);
    for item in &list.items {
        for prim in &item.prims {
            draw(prim, &mut out);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// An SVG of ours with the typefaces that it uses inside, so that it looks the same where they are not installed.
#[must_use]
pub fn with_fonts(svg: &str) -> String {
    let style = format!("<style>\n{}</style>\n", font_faces(svg));
    match svg.split_once('\n') {
        Some((head, rest)) => format!("{head}\n{style}{rest}"),
        None => svg.to_owned(),
    }
}

/// Style rules that hold the typefaces a text of SVG uses.
#[must_use]
pub fn font_faces(svg: &str) -> String {
    use base64::Engine as _;
    let mut out = String::new();
    for face in [Face::Regular, Face::Medium, Face::SemiBold, Face::Bold, Face::Mono] {
        let (family, weight) = family(face);
        if svg.contains(&format!("font-family=\"{family}\" font-weight=\"{weight}\"")) {
            let first = family.split(',').next().unwrap_or(family);
            let data = base64::engine::general_purpose::STANDARD.encode(data(face));
            let _ = writeln!(
                out,
                "@font-face{{font-family:\"{first}\";font-weight:{weight};src:url(data:font/otf;base64,{data})}}"
            );
        }
    }
    out
}

/// Text as it may stand in an SVG or HTML text or attribute. What XML cannot hold at all becomes U+FFFD.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A number rounded to a tenth, in as few characters as it takes.
fn num(value: f32) -> String {
    decimals(value, 1)
}

fn decimals(value: f32, places: usize) -> String {
    let mut text = format!("{value:.places$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if text == "-0" { "0".to_owned() } else { text }
}

fn is_icon(face: Face) -> bool {
    matches!(face, Face::Icon | Face::IconBold | Face::IconFill)
}

/// Every icon in use once, as an outline of one em.
fn icons(list: &DisplayList, out: &mut String) {
    let used: BTreeSet<(Face, char)> = list
        .items
        .iter()
        .flat_map(|item| &item.prims)
        .filter_map(|prim| match prim {
            Prim::Text { face, text, .. } if is_icon(*face) => Some(text.chars().map(|c| (*face, c))),
            _ => None,
        })
        .flatten()
        .collect();
    if used.is_empty() {
        return;
    }
    out.push_str("<defs>\n");
    for (face, c) in used {
        if let Some(segs) = outline(face, c) {
            let _ = writeln!(out, "<path id=\"{}\" d=\"{}\"/>", icon_id(face, c), path_data(&segs, 4));
        }
    }
    out.push_str("</defs>\n");
}

fn icon_id(face: Face, c: char) -> String {
    let weight = match face {
        Face::IconBold => "b",
        Face::IconFill => "f",
        _ => "r",
    };
    format!("i{weight}{:x}", c as u32)
}

fn draw(prim: &Prim, out: &mut String) {
    match prim {
        Prim::Path { segs, fill, stroke } => {
            let _ = write!(out, "<path d=\"{}\"", path_data(segs, 1));
            paint(*fill, stroke.as_ref(), out);
            out.push_str("/>\n");
        }
        Prim::Circle {
            center,
            radius,
            fill,
            stroke,
        } => {
            let _ = write!(
                out,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
                num(center.x),
                num(center.y),
                num(*radius)
            );
            paint(*fill, stroke.as_ref(), out);
            out.push_str("/>\n");
        }
        Prim::Rect {
            min,
            max,
            radius,
            fill,
            stroke,
        } => {
            let _ = write!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                num(min.x),
                num(min.y),
                num((max.x - min.x).max(0.0)),
                num((max.y - min.y).max(0.0))
            );
            if *radius > 0.0 {
                let _ = write!(out, " rx=\"{}\"", num(*radius));
            }
            paint(*fill, stroke.as_ref(), out);
            out.push_str("/>\n");
        }
        Prim::Dots { mark, half, at, color } => {
            let mut segs = Vec::with_capacity(at.len() * (mark.corners().len() + 1));
            for c in at {
                for (n, (x, y)) in mark.corners().iter().enumerate() {
                    let p = pt(c.x + x * half, c.y + y * half);
                    segs.push(if n == 0 { Seg::Move(p) } else { Seg::Line(p) });
                }
                segs.push(Seg::Close);
            }
            let _ = write!(out, "<path d=\"{}\"", path_data(&segs, 1));
            paint(Some(*color), None, out);
            out.push_str("/>\n");
        }
        Prim::Text {
            pos,
            align,
            text,
            size,
            face,
            color,
        } => {
            let base = pt(pos.x, pos.y + baseline(*face) * size);
            if is_icon(*face) {
                icon(base, *align, text, *size, *face, *color, out);
            } else {
                words(base, *align, text, *size, *face, *color, out);
            }
        }
    }
}

fn path_data(segs: &[Seg], places: usize) -> String {
    let mut d = String::new();
    let at = |p: &Pt| format!("{} {}", decimals(p.x, places), decimals(p.y, places));
    for seg in segs {
        match seg {
            Seg::Move(p) => d.push_str(&format!("M{}", at(p))),
            Seg::Line(p) => d.push_str(&format!("L{}", at(p))),
            Seg::Cubic(a, b, p) => d.push_str(&format!("C{} {} {}", at(a), at(b), at(p))),
            Seg::Close => d.push('Z'),
        }
    }
    d
}

fn paint(fill: Option<Color>, stroke: Option<&Stroke>, out: &mut String) {
    match fill {
        Some(color) => color_attribute("fill", color, out),
        None => out.push_str(" fill=\"none\""),
    }
    let Some(stroke) = stroke else { return };
    color_attribute("stroke", stroke.color, out);
    let _ = write!(out, " stroke-width=\"{}\"", num(stroke.width));
    if !stroke.dash.is_empty() {
        let dash: Vec<String> = stroke.dash.iter().map(|d| num(*d)).collect();
        let _ = write!(out, " stroke-dasharray=\"{}\"", dash.join(" "));
    }
    if stroke.round {
        out.push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    }
}

fn color_attribute(name: &str, color: Color, out: &mut String) {
    let _ = write!(out, " {name}=\"#{:02x}{:02x}{:02x}\"", color.r, color.g, color.b);
    if color.a < 255 {
        let _ = write!(out, " {name}-opacity=\"{}\"", decimals(f32::from(color.a) / 255.0, 3));
    }
}

fn left(x: f32, align: Align, width: f32) -> f32 {
    match align {
        Align::Left => x,
        Align::Center => x - width / 2.0,
        Align::Right => x - width,
    }
}

fn icon(base: Pt, align: Align, text: &str, size: f32, face: Face, color: Color, out: &mut String) {
    let mut x = left(base.x, align, text_width(face, size, text));
    for c in text.chars() {
        if has_glyph(face, c) {
            let _ = write!(
                out,
                "<use href=\"#{}\" transform=\"translate({} {}) scale({})\"",
                icon_id(face, c),
                decimals(x, 2),
                decimals(base.y, 2),
                decimals(size, 2)
            );
            color_attribute("fill", color, out);
            out.push_str("/>\n");
        }
        x += text_width(face, size, c.encode_utf8(&mut [0; 4]));
    }
}

/// Whether a character is drawn as itself. What turns the direction of writing or cannot be seen is not: a name must not
/// look like another.
fn drawable(face: Face, c: char) -> bool {
    let hidden = c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}');
    !hidden && has_glyph(face, c)
}

fn words(base: Pt, align: Align, text: &str, size: f32, face: Face, color: Color, out: &mut String) {
    if text.chars().all(|c| drawable(face, c)) {
        if !text.is_empty() {
            run(base, align, text, size, face, color, out);
        }
        return;
    }
    // Characters without a glyph become boxes, so the pieces between them are placed one by one.
    let box_width = size * 1.1;
    let width = |c: char| {
        if drawable(face, c) {
            text_width(face, size, c.encode_utf8(&mut [0; 4]))
        } else {
            box_width
        }
    };
    let mut x = left(base.x, align, text.chars().map(width).sum());
    let mut piece = String::new();
    let mut piece_at = x;
    for c in text.chars() {
        if drawable(face, c) {
            if piece.is_empty() {
                piece_at = x;
            }
            piece.push(c);
        } else {
            if !piece.is_empty() {
                run(pt(piece_at, base.y), Align::Left, &piece, size, face, color, out);
                piece.clear();
            }
            unknown(pt(x, base.y), c, size, box_width, color, out);
        }
        x += width(c);
    }
    if !piece.is_empty() {
        run(pt(piece_at, base.y), Align::Left, &piece, size, face, color, out);
    }
}

/// A box with the code point in it, two rows of hex.
fn unknown(base: Pt, c: char, size: f32, width: f32, color: Color, out: &mut String) {
    let code = format!("{:04X}", c as u32);
    let (top, bottom) = code.split_at(code.len().div_ceil(2));
    let frame = Prim::Rect {
        min: pt(base.x + size * 0.05, base.y - size * 0.85),
        max: pt(base.x + width - size * 0.05, base.y + size * 0.12),
        radius: size * 0.1,
        fill: None,
        stroke: Some(Stroke {
            width: (size * 0.06).max(0.5),
            color,
            dash: Vec::new(),
            round: false,
        }),
    };
    draw(&frame, out);
    for (row, y) in [(top, -0.42), (bottom, 0.04)] {
        let at = pt(base.x + width / 2.0, base.y + size * y);
        run(at, Align::Center, row, size * 0.42, Face::Mono, color, out);
    }
}

fn family(face: Face) -> (&'static str, u32) {
    match face {
        Face::Medium => ("Inter, sans-serif", 500),
        Face::SemiBold => ("Inter, sans-serif", 600),
        Face::Bold => ("Inter, sans-serif", 700),
        Face::Mono => ("JetBrains Mono, monospace", 400),
        _ => ("Inter, sans-serif", 400),
    }
}

fn run(base: Pt, align: Align, text: &str, size: f32, face: Face, color: Color, out: &mut String) {
    let (family, weight) = family(face);
    let anchor = match align {
        Align::Left => "",
        Align::Center => " text-anchor=\"middle\"",
        Align::Right => " text-anchor=\"end\"",
    };
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"{}\" font-family=\"{family}\" font-weight=\"{weight}\" font-size=\"{}\" font-kerning=\"none\"{anchor}",
        num(base.x),
        num(base.y),
        num(size)
    );
    color_attribute("fill", color, out);
    // Outer and doubled spaces are part of a name.
    if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
        out.push_str(" xml:space=\"preserve\"");
    }
    let _ = writeln!(out, ">{}</text>", escape(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::display::{Item, Owner};
    use crate::scene::icons;

    fn one(prim: Prim) -> String {
        svg(&DisplayList {
            width: 100.0,
            height: 50.0,
            items: vec![Item {
                owner: Owner::Chrome,
                prims: vec![prim],
            }],
        })
    }

    fn word(text: &str, face: Face) -> String {
        one(Prim::Text {
            pos: pt(50.0, 25.0),
            align: Align::Center,
            text: text.to_owned(),
            size: 10.0,
            face,
            color: Color::rgb(0x00_ff_80),
        })
    }

    #[test]
    fn numbers_are_short_and_rounded() {
        for (value, text) in [
            (1.0, "1"),
            (1.26, "1.3"),
            (-0.01, "0"),
            (10.0, "10"),
            (100.04, "100"),
            (-2.55, "-2.5"),
        ] {
            assert_eq!(num(value), text);
        }
    }

    #[test]
    fn names_cannot_leave_their_text() {
        let out = word("<script>\"&'", Face::Regular);
        assert!(out.contains(">&lt;script&gt;&quot;&amp;&#39;</text>"), "{out}");
    }

    #[test]
    fn what_no_font_has_is_a_box_with_its_code_point() {
        let out = word("a\u{4e2d}b", Face::Regular);
        for part in [">a</text>", ">4E</text>", ">2D</text>", ">b</text>", "<rect"] {
            assert!(out.contains(part), "{part} in {out}");
        }
        // What turns the direction of writing is never obeyed.
        assert!(word("a\u{202e}b", Face::Regular).contains(">20</text>"));
        assert!(word("a\u{7}b", Face::Regular).contains(">07</text>"));
    }

    #[test]
    fn icons_are_outlines() {
        let out = word(&icons::KEY.to_string(), Face::IconBold);
        assert!(
            out.contains("<path id=\"ib") && out.contains("<use href=\"#ib"),
            "{out}"
        );
        assert!(!out.contains("<text"));
    }

    #[test]
    fn colours_and_dashes() {
        let out = one(Prim::Circle {
            center: pt(1.0, 2.0),
            radius: 3.0,
            fill: Some(Color::rgb(0x0a_0b_0c).with_opacity(0.5)),
            stroke: Some(Stroke {
                width: 1.5,
                color: Color::rgb(0xff_ff_ff),
                dash: vec![0.01, 3.0],
                round: true,
            }),
        });
        assert!(
            out.contains("<circle cx=\"1\" cy=\"2\" r=\"3\" fill=\"#0a0b0c\" fill-opacity=\"0.502\" stroke=\"#ffffff\" stroke-width=\"1.5\" stroke-dasharray=\"0 3\" stroke-linecap=\"round\""),
            "{out}"
        );
    }
}
