//! The colours can be read and told apart: WCAG 2.2 contrast of every word and mark on every surface it may stand on,
//! and CIEDE2000 between the states of a node, also as protanopes, deuteranopes and tritanopes see them (Machado,
//! Oliveira and Fernandes 2009, severity 1, in linear RGB). The measured values are written down, so that a colour that
//! is changed shows here.

use trustmap::scene::display::Color;
use trustmap::scene::style::{Theme, Tokens};

/// Least contrast of words, and of marks.
const WORD: f64 = 4.5;
const MARK: f64 = 3.0;
/// Least distance between two states.
const APART: f64 = 10.0;

type Matrix = [[f64; 3]; 3];

/// How people see: name, matrix on linear RGB.
const SIGHT: [(&str, Option<Matrix>); 4] = [
    ("normal", None),
    (
        "protan",
        Some([
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]),
    ),
    (
        "deutan",
        Some([
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]),
    ),
    (
        "tritan",
        Some([
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]),
    ),
];

fn linear(c: Color) -> [f64; 3] {
    [c.r, c.g, c.b].map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn contrast(a: Color, b: Color) -> f64 {
    let luminance = |c| {
        let [r, g, b] = linear(c);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (x, y) = (luminance(a), luminance(b));
    (x.max(y) + 0.05) / (x.min(y) + 0.05)
}

fn lab(c: Color, sight: Option<Matrix>) -> [f64; 3] {
    let seen = linear(c);
    let [r, g, b] = match sight {
        None => seen,
        Some(m) => m.map(|row| row.iter().zip(seen).map(|(k, v)| k * v).sum::<f64>().clamp(0.0, 1.0)),
    };
    let f = |t: f64| {
        if t > 0.008856 {
            t.cbrt()
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let x = f((0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.95047);
    let y = f(0.212_672_9 * r + 0.715_152_2 * g + 0.072_175_0 * b);
    let z = f((0.019_333_9 * r + 0.119_192_0 * g + 0.950_304_1 * b) / 1.08883);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000.
fn distance(p: [f64; 3], q: [f64; 3]) -> f64 {
    let ([l1, a1, b1], [l2, a2, b2]) = (p, q);
    let fade = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
    let mean = (a1.hypot(b1) + a2.hypot(b2)) / 2.0;
    let g = 0.5 * (1.0 - fade(mean));
    let (a1, a2) = (a1 * (1.0 + g), a2 * (1.0 + g));
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| {
        if a == 0.0 && b == 0.0 {
            0.0
        } else {
            b.atan2(a).to_degrees().rem_euclid(360.0)
        }
    };
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if grey => 0.0,
        d if d > 180.0 => d - 360.0,
        d if d < -180.0 => d + 360.0,
        d => d,
    };
    let (dl, dc) = (l2 - l1, c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (lm, cm) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
    let hm = if grey {
        h1 + h2
    } else if (h1 - h2).abs() <= 180.0 {
        (h1 + h2) / 2.0
    } else if h1 + h2 < 360.0 {
        (h1 + h2 + 360.0) / 2.0
    } else {
        (h1 + h2 - 360.0) / 2.0
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t =
        1.0 - 0.17 * cos(hm - 30.0) + 0.24 * cos(2.0 * hm) + 0.32 * cos(3.0 * hm + 6.0) - 0.2 * cos(4.0 * hm - 63.0);
    let sl = 1.0 + 0.015 * (lm - 50.0).powi(2) / (20.0 + (lm - 50.0).powi(2)).sqrt();
    let sc = 1.0 + 0.045 * cm;
    let sh = 1.0 + 0.015 * cm * t;
    let turned = (60.0 * (-((hm - 275.0) / 25.0).powi(2)).exp()).to_radians().sin();
    let rt = -turned * 2.0 * fade(cm);
    ((dl / sl).powi(2) + (dc / sc).powi(2) + (dh / sh).powi(2) + rt * (dc / sc) * (dh / sh)).sqrt()
}

fn token(t: &Tokens, name: &str) -> Color {
    let found = t.all().into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("there is a colour {name}")).1
}

/// Least contrast of a colour over the four surfaces.
fn least(t: &Tokens, name: &str) -> f64 {
    ["canvas", "band", "panel", "raised"]
        .iter()
        .map(|s| contrast(token(t, name), token(t, s)))
        .fold(f64::MAX, f64::min)
}

#[test]
fn the_formulas_give_what_the_papers_give() {
    assert!((contrast(Color::rgb(0x000000), Color::rgb(0xFFFFFF)) - 21.0).abs() < 1e-9);
    // Three pairs of Sharma, Wu and Dalal 2005, table 1.
    for (p, q, published) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.5, 0.0], [50.0, 3.2592, 0.335], 1.0),
        ([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373),
    ] {
        let d = distance(p, q);
        assert!((d - published).abs() < 1e-4, "{p:?} {q:?}: {d}, published {published}");
    }
}

#[test]
fn words_and_marks_can_be_read() {
    let words = [
        "text",
        "text2",
        "text3",
        "accent_text",
        "compromised_text",
        "inherited_text",
        "intended_text",
        "broken",
    ];
    let marks = [
        "compromised",
        "intended",
        "inherited",
        "assumed",
        "ghost",
        "untouched",
        "disabled",
        "crown",
        "accent",
        "sealed",
        "broken",
        "edge",
        "focus",
        "control",
    ];
    let pairs = [
        ("compromised_text", "compromised_fill", WORD),
        ("inherited_text", "inherited_fill", WORD),
        ("text2", "inherited_fill", WORD),
        ("text2", "compromised_fill", WORD),
        ("text2", "accent_fill", WORD),
        ("assumed", "assumed_fill", WORD),
        ("on_inherited", "inherited", WORD),
        ("on_accent", "accent", WORD),
        ("on_compromised", "compromised", MARK),
        ("intended", "intended_fill", MARK),
    ];
    for theme in Theme::ALL {
        let (t, name) = (theme.tokens(), theme.as_str());
        for (list, floor) in [(&words[..], WORD), (&marks[..], MARK)] {
            for colour in list {
                let is = least(t, colour);
                assert!(is >= floor, "{name}: {colour} has a contrast of {is:.2}, needs {floor}");
            }
        }
        for (on, under, floor) in pairs {
            let is = contrast(token(t, on), token(t, under));
            assert!(is >= floor, "{name}: {on} on {under} has {is:.2}, needs {floor}");
        }
    }
}

const STATES: [&str; 6] = ["compromised", "intended", "inherited", "assumed", "ghost", "untouched"];

/// The two least distances between states.
fn closest(t: &Tokens, sight: Option<Matrix>) -> (f64, f64) {
    let seen = STATES.map(|s| lab(token(t, s), sight));
    let mut all: Vec<f64> = (0..6)
        .flat_map(|a| (a + 1..6).map(move |b| (a, b)))
        .map(|(a, b)| distance(seen[a], seen[b]))
        .collect();
    all.sort_by(f64::total_cmp);
    (all[0], all[1])
}

#[test]
fn states_can_be_told_apart_by_everyone() {
    let recorded = [
        [(10.3, 18.7), (10.1, 18.2), (10.3, 18.5), (10.2, 18.8)],
        [(15.5, 19.7), (15.5, 20.1), (14.4, 15.5), (15.0, 15.5)],
        [(15.6, 21.9), (15.3, 15.6), (15.6, 18.5), (14.7, 15.6)],
    ];
    for (theme, recorded) in Theme::ALL.into_iter().zip(recorded) {
        for ((sight, matrix), (first, second)) in SIGHT.into_iter().zip(recorded) {
            let (a, b) = closest(theme.tokens(), matrix);
            let name = theme.as_str();
            assert!(
                a >= APART,
                "{name}, {sight}: two states are {a:.1} apart, needs {APART}"
            );
            assert!(
                (a - first).abs() < 0.051 && (b - second).abs() < 0.051,
                "{name}, {sight}: {a:.2} and {b:.2}, recorded {first} and {second}"
            );
        }
    }
}

#[test]
fn the_analysts_colours_are_none_of_the_states() {
    let recorded = [12.4, 10.7, 12.3];
    for (theme, recorded) in Theme::ALL.into_iter().zip(recorded) {
        let t = theme.tokens();
        let mut least = f64::MAX;
        for (_, sight) in SIGHT {
            for own in ["accent", "broken"] {
                for state in &STATES[..4] {
                    least = least.min(distance(lab(token(t, own), sight), lab(token(t, state), sight)));
                }
            }
        }
        assert!(
            (least - recorded).abs() < 0.051,
            "{}: {least:.2}, recorded {recorded}",
            theme.as_str()
        );
    }
}

#[test]
fn contrasts_are_those_written_down() {
    let names = [
        "text",
        "text2",
        "text3",
        "accent_text",
        "compromised_text",
        "inherited_text",
        "intended_text",
        "broken",
        "compromised",
        "intended",
        "inherited",
        "assumed",
        "ghost",
        "untouched",
        "edge",
        "control",
    ];
    let recorded = [
        [
            13.13, 7.86, 5.55, 8.67, 5.92, 8.68, 5.36, 5.03, 4.00, 5.36, 8.68, 10.76, 4.73, 3.27, 4.29, 3.59,
        ],
        [
            14.11, 7.03, 5.16, 5.00, 5.97, 5.63, 5.43, 5.60, 5.44, 3.83, 3.03, 8.91, 5.44, 3.11, 4.25, 3.40,
        ],
        [
            18.10, 15.88, 12.94, 13.97, 8.14, 11.19, 6.74, 6.44, 5.01, 6.74, 11.19, 12.70, 7.17, 3.98, 10.38, 18.10,
        ],
    ];
    for (theme, recorded) in Theme::ALL.into_iter().zip(recorded) {
        for (name, recorded) in names.into_iter().zip(recorded) {
            let is = least(theme.tokens(), name);
            assert!(
                (is - recorded).abs() < 0.0051,
                "{}: {name} has {is:.3}, recorded {recorded}",
                theme.as_str()
            );
        }
    }
}
