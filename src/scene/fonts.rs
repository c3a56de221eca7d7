//! The bundled typefaces: the only ones that the window and the exports use, so that a text is equally wide
//! everywhere. Widths come from the fonts themselves.

use super::display::{Face, Pt, Seg, pt};
use std::sync::OnceLock;
use ttf_parser::{Face as Font, GlyphId, OutlineBuilder};

/// Every face, in the order of [`Face`].
pub const FACES: [Face; 8] = [
    Face::Regular,
    Face::Medium,
    Face::SemiBold,
    Face::Bold,
    Face::Mono,
    Face::Icon,
    Face::IconBold,
    Face::IconFill,
];

/// The font file of a face.
#[must_use]
pub fn data(face: Face) -> &'static [u8] {
    match face {
        Face::Regular => include_bytes!("../../assets/fonts/Inter-Regular.otf"),
        Face::Medium => include_bytes!("../../assets/fonts/Inter-Medium.otf"),
        Face::SemiBold => include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
        Face::Bold => include_bytes!("../../assets/fonts/Inter-Bold.otf"),
        Face::Mono => include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
        Face::Icon => include_bytes!("../../assets/fonts/Phosphor.ttf"),
        Face::IconBold => include_bytes!("../../assets/fonts/Phosphor-Bold.ttf"),
        Face::IconFill => include_bytes!("../../assets/fonts/Phosphor-Fill.ttf"),
    }
}

struct Metrics {
    font: Font<'static>,
    units: f32,
    /// Advances of the first 0x250 characters, in em; the rest is looked up.
    latin: Vec<f32>,
}

fn metrics(face: Face) -> Option<&'static Metrics> {
    static ALL: [OnceLock<Option<Metrics>>; 8] = [const { OnceLock::new() }; 8];
    ALL[face as usize]
        .get_or_init(|| {
            let font = Font::parse(data(face), 0).ok()?;
            let units = f32::from(font.units_per_em());
            let latin = (0..0x250_u32)
                .map(|c| char::from_u32(c).map_or(0.0, |c| advance_units(&font, c) / units))
                .collect();
            Some(Metrics { font, units, latin })
        })
        .as_ref()
}

fn advance_units(font: &Font<'_>, c: char) -> f32 {
    f32::from(
        font.glyph_hor_advance(font.glyph_index(c).unwrap_or(GlyphId(0)))
            .unwrap_or(0),
    )
}

/// How wide a text is at a font size, in points, without kerning (neither the window nor the exports kern).
#[must_use]
pub fn text_width(face: Face, size: f32, text: &str) -> f32 {
    let Some(m) = metrics(face) else { return 0.0 };
    text.chars()
        .map(|c| match m.latin.get(c as usize) {
            Some(em) => *em,
            None => advance_units(&m.font, c) / m.units,
        })
        .sum::<f32>()
        * size
}

/// Whether the face has a glyph for this character.
#[must_use]
pub fn has_glyph(face: Face, c: char) -> bool {
    metrics(face).is_some_and(|m| m.font.glyph_index(c).is_some())
}

/// How far below its vertical middle a text's baseline is, in em: half the cap height; of an icon face, what puts the
/// middle of the em box there.
#[must_use]
pub fn baseline(face: Face) -> f32 {
    let Some(m) = metrics(face) else { return 0.36 };
    match face {
        Face::Icon | Face::IconBold | Face::IconFill => {
            f32::from(m.font.ascender() + m.font.descender()) / (2.0 * m.units)
        }
        _ => f32::from(m.font.capital_height().unwrap_or(0)) / (2.0 * m.units),
    }
}

/// The outline of a character in em, y down from the baseline; `None` where the face has no such glyph.
#[must_use]
pub fn outline(face: Face, c: char) -> Option<Vec<Seg>> {
    let m = metrics(face)?;
    let glyph = m.font.glyph_index(c)?;
    let mut pen = Pen {
        units: m.units,
        at: pt(0.0, 0.0),
        segs: Vec::new(),
    };
    m.font.outline_glyph(glyph, &mut pen);
    Some(pen.segs)
}

struct Pen {
    units: f32,
    at: Pt,
    segs: Vec<Seg>,
}

impl Pen {
    fn em(&self, x: f32, y: f32) -> Pt {
        pt(x / self.units, -y / self.units)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.em(x, y);
        self.segs.push(Seg::Move(self.at));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = self.em(x, y);
        self.segs.push(Seg::Line(self.at));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, control, to) = (self.at, self.em(x1, y1), self.em(x, y));
        // A quadratic curve as a cubic one: its controls lie two thirds of the way to the quadratic's.
        let toward = |a: Pt| pt(a.x + (control.x - a.x) * 2.0 / 3.0, a.y + (control.y - a.y) * 2.0 / 3.0);
        self.segs.push(Seg::Cubic(toward(from), toward(to), to));
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let to = self.em(x, y);
        self.segs.push(Seg::Cubic(self.em(x1, y1), self.em(x2, y2), to));
        self.at = to;
    }

    fn close(&mut self) {
        self.segs.push(Seg::Close);
    }
}

/// The text cut to a width in points, with `…` where something was cut.
#[must_use]
pub fn elide(face: Face, size: f32, text: &str, width: f32) -> String {
    if text_width(face, size, text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = text_width(face, size, "…");
    for c in text.chars() {
        used += text_width(face, size, c.encode_utf8(&mut [0; 4]));
        if used > width {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_parses_and_measures() {
        for face in FACES {
            assert!(metrics(face).is_some(), "{face:?}");
        }
        assert!(text_width(Face::Bold, 12.0, "payments-db") > text_width(Face::Regular, 12.0, "payments-db"));
        assert!((text_width(Face::Regular, 24.0, "ab→") - 2.0 * text_width(Face::Regular, 12.0, "ab→")).abs() < 1e-3);
    }

    #[test]
    fn numbers_are_equally_wide_so_they_do_not_jitter() {
        for face in [Face::Regular, Face::Medium, Face::SemiBold, Face::Bold] {
            for digit in "0123456789".chars() {
                assert_eq!(
                    text_width(face, 42.0, &digit.to_string()),
                    text_width(face, 42.0, "0"),
                    "{face:?} {digit}"
                );
            }
        }
    }

    #[test]
    fn every_icon_has_a_glyph_in_every_icon_face() {
        use super::super::icons;
        for face in [Face::Icon, Face::IconBold, Face::IconFill] {
            for icon in [icons::KEY, icons::CROWN_SIMPLE, icons::LINK_BREAK, icons::TRASH] {
                assert!(has_glyph(face, icon), "{face:?} {icon:?}");
            }
        }
        assert!(!has_glyph(Face::Regular, icons::KEY));
    }

    #[test]
    fn long_names_are_cut_to_the_width() {
        let cut = elide(Face::Regular, 12.0, "a-very-long-credential-name", 60.0);
        assert!(cut.ends_with('…') && text_width(Face::Regular, 12.0, &cut) <= 60.0);
        assert_eq!(elide(Face::Regular, 12.0, "ab", 60.0), "ab");
    }
}
