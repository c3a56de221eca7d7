//! What passes from bubble to bubble: one curve a pair, with a pill that says how much and which check most of it misses.

use super::draw::{Drawing, Fold};
use super::picture::Bundle;
use crate::scene::State;
use crate::scene::display::{Align, Face, Item, Owner, Prim, Pt, Seg, pt};
use crate::scene::fonts::text_width;
use crate::scene::pen::{GateLook, dashed, dotted, gate, item, line, rect, text};

/// The most bundles that are drawn.
const MOST: usize = 24;

/// A pill around `c`.
pub(super) fn pill(d: &Drawing<'_>, c: Pt, state: State, said: &str) -> Vec<Prim> {
    let w = (text_width(Face::Bold, 10.5, said) + 12.0).max(18.0);
    let (min, max) = (pt(c.x - w / 2.0, c.y - 8.5), pt(c.x + w / 2.0, c.y + 8.5));
    let (fill, ink, stroke) = match state {
        State::Inherited => (d.t.inherited, d.t.on_inherited, line(1.5, d.t.canvas)),
        State::Assumed => (
            d.t.assumed_fill,
            d.t.assumed,
            dashed(1.25 + d.more, d.t.assumed, &[3.0, 2.0]),
        ),
        State::Intended => (d.t.intended_fill, d.t.intended_text, line(1.25 + d.more, d.t.intended)),
        _ => (d.t.canvas, d.t.text3, line(1.0 + d.more, d.t.ring)),
    };
    vec![
        rect(min, max, 8.5, Some(fill), Some(stroke)),
        text(c, Align::Center, said, 10.5, Face::Bold, ink),
    ]
}

impl Drawing<'_> {
    /// Draws the curves and gives the pills, which lie above the bubbles.
    pub(super) fn bundles(&mut self) -> Vec<Item> {
        let mut pills: Vec<Item> = Vec::new();
        let mut taken: Vec<Pt> = Vec::new();
        if self.picture.seeds.is_empty() {
            let ties: Vec<_> = self.picture.places.ties.iter().take(MOST).copied().collect();
            for (i, (from, to, n)) in ties.into_iter().enumerate() {
                let Some((segs, _)) = self.curve(from, to) else {
                    continue;
                };
                let stroke = line(
                    1.0 + self.more + 1.2 * (n as f32).log10(),
                    self.t.edge.with_opacity(0.4),
                );
                self.push(
                    Owner::Bundle(i as u32),
                    vec![Prim::Path {
                        segs,
                        fill: None,
                        stroke: Some(stroke),
                    }],
                );
            }
            return pills;
        }
        let bundles: Vec<Bundle> = self.picture.bundles.iter().take(MOST).cloned().collect();
        for (i, b) in bundles.into_iter().enumerate().rev() {
            let Some((segs, middle)) = self.curve(b.from, b.to) else {
                continue;
            };
            let now = if self.view.after() { b.after } else { b.before };
            let wide = 1.2 + self.more + 2.1 * (now.max(1) as f32).log10();
            let stroke = match b.state {
                _ if now == 0 => dotted(1.5 + self.more, self.t.ghost, &[1.2, 3.5]),
                State::Assumed => dashed(wide, self.t.assumed.with_opacity(0.6), &[5.0, 4.0]),
                state => line(wide, self.color(state).with_opacity(0.6)),
            };
            self.push(
                Owner::Bundle(i as u32),
                vec![Prim::Path {
                    segs,
                    fill: None,
                    stroke: Some(stroke),
                }],
            );
            // A pill that would cover one of a larger bundle is left out: the curve says it too.
            let free = taken
                .iter()
                .all(|p| (p.x - middle.x).abs() > 52.0 || (p.y - middle.y).abs() > 19.0);
            let meter = middle.x < 256.0 && middle.y < 180.0 && self.view.chrome;
            if !free || meter {
                continue;
            }
            taken.push(middle);
            let number = |n: u32| crate::scene::number(u64::from(n));
            let mut said = match (b.state, b.letter) {
                (State::Inherited, Some(l)) => format!("{l} "),
                (State::Assumed, _) => "? ".to_owned(),
                _ => String::new(),
            };
            if now == b.before {
                said.push_str(&number(now));
            } else {
                said.push_str(&format!("{} → {}", number(b.before), number(now)));
            }
            let prims = if now == 0 {
                let (from, to) = (self.disk(b.from).0, self.disk(b.to).0);
                let angle = (to.y - from.y).atan2(to.x - from.x).to_degrees() + 90.0;
                gate(self.view.theme, GateLook::Sealed, middle, angle, self.t.canvas)
            } else {
                pill(self, middle, b.state, &said)
            };
            pills.push(item(Owner::Bundle(i as u32), prims));
        }
        pills
    }

    /// From rim to rim, bent by a tenth, and its middle; nothing where both ends are out of view.
    fn curve(&self, from: u32, to: u32) -> Option<(Vec<Seg>, Pt)> {
        if self.folds[from as usize] == Fold::Away && self.folds[to as usize] == Fold::Away {
            return None;
        }
        let ((a, ra), (b, rb)) = (self.disk(from), self.disk(to));
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let d = dx.hypot(dy).max(1.0);
        let bend = pt((a.x + b.x) / 2.0 - dy * 0.1, (a.y + b.y) / 2.0 + dx * 0.1);
        let rim = |c: Pt, r: f32| {
            let (x, y) = (bend.x - c.x, bend.y - c.y);
            let l = x.hypot(y).max(1.0);
            pt(c.x + x / l * r, c.y + y / l * r)
        };
        let (p, q) = (rim(a, ra.min(d * 0.48)), rim(b, rb.min(d * 0.48)));
        let third = |e: Pt| pt(e.x + (bend.x - e.x) * 2.0 / 3.0, e.y + (bend.y - e.y) * 2.0 / 3.0);
        let middle = pt((p.x + 2.0 * bend.x + q.x) / 4.0, (p.y + 2.0 * bend.y + q.y) / 4.0);
        Some((vec![Seg::Move(p), Seg::Cubic(third(p), third(q), q)], middle))
    }
}
