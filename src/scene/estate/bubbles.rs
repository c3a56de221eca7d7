//! Bubbles: the disk, its dots where it is folded, the rim with what is reached, and the red ring of what is compromised.

use super::draw::{Drawing, Fold};
use crate::scene::State;
use crate::scene::display::{Face, Mark, Owner, Prim, Pt, Seg, pt};
use crate::scene::icons;
use crate::scene::pen::{circle, dashed, dotted, icon, line};

/// An arc as a path, degrees clockwise from the top.
pub(super) fn arc(c: Pt, r: f32, from: f32, to: f32) -> Vec<Seg> {
    let steps = (((to - from).to_radians() * r / 3.0) as usize).clamp(2, 240);
    (0..=steps)
        .map(|n| {
            let a = (from + (to - from) * n as f32 / steps as f32 - 90.0).to_radians();
            let p = pt(c.x + r * a.cos(), c.y + r * a.sin());
            if n == 0 { Seg::Move(p) } else { Seg::Line(p) }
        })
        .collect()
}

impl Drawing<'_> {
    pub(super) fn bubbles(&mut self) {
        for b in 0..self.folds.len() as u32 {
            let fold = self.folds[b as usize];
            if fold == Fold::Away {
                continue;
            }
            let (c, r) = self.disk(b);
            let mut prims = vec![circle(
                c,
                r,
                Some(self.t.band),
                Some(line(1.25 + self.more, self.t.ring)),
            )];
            if fold == Fold::Folded {
                self.dots(b, c, r, &mut prims);
            }
            self.rim(b, c, r, &mut prims);
            self.push(Owner::Bubble(b), prims);
            self.spotted.push(super::Spotted {
                owner: Owner::Bubble(b),
                at: c,
                half: r,
            });
        }
    }

    /// One dot for so many records; reached ones gathered in the middle.
    fn dots(&self, b: u32, c: Pt, r: f32, prims: &mut Vec<Prim>) {
        let facts = &self.picture.bubbles[b as usize];
        let shown = if self.view.after() { facts.after } else { facts.before };
        let per = self.for_a_dot as f32;
        let all = ((facts.records as f32 / per).ceil() as usize).max(1);
        let some = |n: u32| {
            if n == 0 {
                0
            } else {
                ((n as f32 / per).round() as usize).max(1)
            }
        };
        let parts = [
            (State::Compromised, some(shown.compromised)),
            (State::Inherited, some(shown.inherited)),
            (State::Intended, some(shown.intended)),
            (State::Assumed, some(shown.assumed)),
        ];
        let reached: usize = parts.iter().map(|p| p.1).sum();
        let all = all.max(reached);
        let apart = 0.88 * r * (std::f32::consts::PI / all as f32).sqrt();
        let place = |i: usize| {
            let p = crate::layout::estate::sunflower(i, all);
            pt(c.x + p[0] * r * 0.88, c.y + p[1] * r * 0.88)
        };
        let mut at = 0;
        for (state, n) in parts {
            if n > 0 {
                prims.push(Prim::Dots {
                    mark: Mark::Square,
                    half: 1.9_f32.min(apart * 0.33).max(0.8),
                    at: (at..at + n).map(place).collect(),
                    color: self.color(state),
                });
            }
            at += n;
        }
        if at < all {
            prims.push(Prim::Dots {
                mark: Mark::Round,
                half: 1.05_f32.min(apart * 0.25).max(0.5),
                at: (at..all).map(place).collect(),
                color: self.t.untouched.with_opacity(0.8),
            });
        }
    }

    /// Shares of what is reached from twelve o'clock, what the scenario cuts off dotted after them, and the rings of
    /// what is compromised, selected, under the pointer or under the keyboard.
    fn rim(&self, b: u32, c: Pt, r: f32, prims: &mut Vec<Prim>) {
        let facts = &self.picture.bubbles[b as usize];
        let shown = if self.view.after() { facts.after } else { facts.before };
        let records = facts.records.max(1) as f32;
        let wide = 4.5_f32.min(r * 0.3).max(1.5);
        let inner = r - wide / 2.0;
        let mut from = 0.0;
        let parts = [
            (shown.compromised, self.t.compromised, false),
            (shown.intended, self.t.intended, false),
            (shown.inherited, self.t.inherited, false),
            (shown.assumed, self.t.assumed, true),
        ];
        for (n, color, broken) in parts {
            if n == 0 {
                continue;
            }
            // A share too small to be seen is drawn as wide as it must be.
            let to = (from + (n as f32 / records * 360.0).max(150.0 / r.max(4.0))).min(360.0);
            let stroke = if broken {
                dashed(wide, color, &[3.5, 2.5])
            } else {
                line(wide, color)
            };
            prims.push(Prim::Path {
                segs: arc(c, inner, from, to),
                fill: None,
                stroke: Some(stroke),
            });
            from = to;
        }
        if self.view.after() && facts.after.reached() < facts.before.reached() {
            let gone = (facts.before.reached() - facts.after.reached()) as f32;
            let to = (from + (gone / records * 360.0).max(300.0 / r.max(4.0))).min(360.0);
            if to > from {
                prims.push(Prim::Path {
                    segs: arc(c, inner, from, to),
                    fill: None,
                    stroke: Some(dotted(2.0 + self.more, self.t.ghost, &[1.2, 3.0])),
                });
            }
        }
        if shown.compromised > 0 {
            let ring = r + 5.0;
            prims.push(circle(c, ring, None, Some(line(2.0 + self.more, self.t.compromised))));
            let a = 45.0_f32.to_radians();
            let p = pt(c.x - ring * a.cos(), c.y - ring * a.sin());
            prims.push(circle(p, 9.0, Some(self.t.band), Some(line(1.5, self.t.compromised))));
            prims.push(icon(p, icons::LIGHTNING, 11.0, Face::IconFill, self.t.compromised_text));
        }
        let me = Some(Owner::Bubble(b));
        let out = r + if shown.compromised > 0 { 9.0 } else { 5.0 };
        if self.view.bubble == Some(b) {
            prims.push(circle(c, out, None, Some(line(2.0 + self.more, self.t.accent))));
        }
        if self.view.hovered == me {
            prims.push(circle(c, out, None, Some(line(1.5, self.t.text))));
        }
        if self.view.focused == me {
            prims.push(circle(
                c,
                out + 3.0,
                None,
                Some(dashed(2.0, self.t.accent, &[4.0, 3.0])),
            ));
        }
    }
}
