//! An SVG of ours as a PNG: rasterised on the CPU with the bundled fonts alone, and with what it was made from in its
//! metadata. Equal input gives equal bytes.

use crate::scene::display::Face;
use crate::scene::fonts;
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, OnceLock};

/// Largest side of a picture, in pixels.
pub const LARGEST: u32 = 16_384;
/// Largest number of pixels of a picture; four bytes each while it is made.
pub const MOST_PIXELS: u64 = 120_000_000;

/// What a picture says of itself: keyword and text, in order. Keywords are Latin letters, at most 79.
pub type Meta = Vec<(&'static str, String)>;

/// Rasterises an SVG at `scale` pixels a point.
///
/// # Errors
/// One sentence: the picture is too large, or the SVG cannot be read (it was not made by [`super::svg`]).
pub fn png(svg: &str, scale: f32, meta: &Meta) -> Result<Vec<u8>, String> {
    let options = usvg::Options {
        fontdb: fonts_of_ours(),
        font_family: "Inter".to_owned(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| format!("the picture cannot be drawn: {error}"))?;
    let side = |points: f32| (points * scale).round().max(1.0);
    let (w, h) = (side(tree.size().width()), side(tree.size().height()));
    if w > LARGEST as f32 || h > LARGEST as f32 || f64::from(w) * f64::from(h) > MOST_PIXELS as f64 {
        return Err(format!(
            "a picture of {w} × {h} pixels is too large; choose a smaller scale, or SVG"
        ));
    }
    let mut pixels =
        tiny_skia::Pixmap::new(w as u32, h as u32).ok_or_else(|| "there is no room for the picture".to_owned())?;
    let zoom = tiny_skia::Transform::from_scale(w / tree.size().width(), h / tree.size().height());
    resvg::render(&tree, zoom, &mut pixels.as_mut());
    encode(&pixels, meta)
}

/// Width and height of a picture of ours and its pixels, red, green, blue and opacity each. Nothing where it is no such
/// picture.
#[must_use]
pub fn pixels(bytes: &[u8]) -> Option<([usize; 2], Vec<u8>)> {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().ok()?;
    let mut out = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut out).ok()?;
    out.truncate(info.buffer_size());
    let rgba = match info.color_type {
        ::png::ColorType::Rgba => out,
        ::png::ColorType::Rgb => out.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
        _ => return None,
    };
    Some(([info.width as usize, info.height as usize], rgba))
}

/// The text faces; icons are outlines already.
fn fonts_of_ours() -> Arc<usvg::fontdb::Database> {
    static OURS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    OURS.get_or_init(|| {
        let mut ours = usvg::fontdb::Database::new();
        for face in [Face::Regular, Face::Medium, Face::SemiBold, Face::Bold, Face::Mono] {
            ours.load_font_data(fonts::data(face).to_vec());
        }
        ours.set_sans_serif_family("Inter");
        ours.set_serif_family("Inter");
        ours.set_monospace_family("JetBrains Mono");
        Arc::new(ours)
    })
    .clone()
}

fn encode(pixels: &tiny_skia::Pixmap, meta: &Meta) -> Result<Vec<u8>, String> {
    let opaque = pixels.pixels().iter().all(|p| p.alpha() == 255);
    let mut bytes = Vec::with_capacity(pixels.pixels().len() * 4);
    for p in pixels.pixels() {
        let c = p.demultiply();
        bytes.extend_from_slice(&[c.red(), c.green(), c.blue()]);
        if !opaque {
            bytes.push(c.alpha());
        }
    }
    let mut out = Vec::new();
    let written = (|| -> Result<(), ::png::EncodingError> {
        let mut encoder = ::png::Encoder::new(&mut out, pixels.width(), pixels.height());
        encoder.set_color(if opaque {
            ::png::ColorType::Rgb
        } else {
            ::png::ColorType::Rgba
        });
        encoder.set_depth(::png::BitDepth::Eight);
        encoder.set_compression(::png::Compression::Balanced);
        for (keyword, text) in meta {
            encoder.add_itxt_chunk((*keyword).to_owned(), text.clone())?;
        }
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        writer.finish()
    })();
    written.map_err(|error| format!("the picture cannot be written: {error}"))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::svg::svg;
    use crate::scene::display::{Align, Color, DisplayList, Item, Owner, pt};
    use crate::scene::{icons, pen};

    fn sample(face: Face, words: &str) -> DisplayList {
        let item = Item {
            owner: Owner::Chrome,
            prims: vec![
                pen::rect(pt(0.0, 0.0), pt(120.0, 30.0), 0.0, Some(Color::rgb(0xff_ff_ff)), None),
                pen::text(pt(60.0, 15.0), Align::Center, words, 14.0, face, Color::rgb(0)),
            ],
        };
        DisplayList {
            width: 120.0,
            height: 30.0,
            items: vec![item],
        }
    }

    fn decode(bytes: &[u8]) -> (::png::OutputInfo, Vec<u8>, Vec<(String, String)>) {
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("a picture");
        let texts = reader
            .info()
            .utf8_text
            .iter()
            .map(|t| (t.keyword.clone(), t.get_text().expect("text")))
            .collect();
        (info, pixels, texts)
    }

    /// Rows and columns that hold ink.
    fn ink(list: &DisplayList) -> (usize, usize, usize, usize) {
        let (info, pixels, _) = decode(&png(&svg(list), 1.0, &Meta::new()).expect("drawn"));
        assert_eq!(info.color_type, ::png::ColorType::Rgb);
        let width = info.width as usize;
        let dark: Vec<(usize, usize)> = pixels
            .chunks(3)
            .enumerate()
            .filter(|(_, p)| p[0] < 128)
            .map(|(n, _)| (n % width, n / width))
            .collect();
        let xs = || dark.iter().map(|p| p.0);
        let ys = || dark.iter().map(|p| p.1);
        (
            xs().min().expect("ink"),
            xs().max().expect("ink"),
            ys().min().expect("ink"),
            ys().max().expect("ink"),
        )
    }

    #[test]
    fn every_face_draws_around_its_middle() {
        for face in [Face::Regular, Face::Medium, Face::SemiBold, Face::Bold, Face::Mono] {
            let (left, right, top, bottom) = ink(&sample(face, "HHHH"));
            assert!((left + right).abs_diff(119) <= 2, "{face:?}: {left}..{right}");
            assert!((top + bottom).abs_diff(29) <= 2, "{face:?}: {top}..{bottom}");
            let wide = fonts::text_width(face, 14.0, "HHHH");
            assert!(
                ((right - left) as f32 - wide).abs() < 4.0,
                "{face:?}: {left}..{right}, {wide}"
            );
        }
        let (left, right, top, bottom) = ink(&sample(Face::IconFill, &icons::KEY.to_string()));
        assert!((left + right).abs_diff(119) <= 4 && (top + bottom).abs_diff(29) <= 4);
    }

    #[test]
    fn weights_differ() {
        let draw = |face| png(&svg(&sample(face, "payments-db")), 1.0, &Meta::new()).expect("drawn");
        let all = [Face::Regular, Face::Medium, Face::SemiBold, Face::Bold, Face::Mono].map(draw);
        for (n, a) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|b| a != b), "face {n}");
        }
    }

    #[test]
    fn equal_bytes_and_metadata_that_can_be_read() {
        let meta: Meta = vec![
            ("Title", "One token opens 37 systems → 4".to_owned()),
            ("Scenario", "prüfen".to_owned()),
        ];
        let make = || png(&svg(&sample(Face::Regular, "Καλημέρα")), 2.0, &meta).expect("drawn");
        let first = make();
        assert_eq!(first, make());
        let (info, _, texts) = decode(&first);
        assert_eq!((info.width, info.height), (240, 60));
        let meta: Vec<(String, String)> = meta.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        assert_eq!(texts, meta);
    }

    #[test]
    fn too_large_is_said() {
        let list = sample(Face::Regular, "a");
        assert!(png(&svg(&list), 1000.0, &Meta::new()).is_err_and(|why| why.contains("too large")));
    }
}
