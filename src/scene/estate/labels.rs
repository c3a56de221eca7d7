//! Names by importance, without overlap: bubbles first, then records that have a glyph.

use super::draw::{Drawing, Fold, Spotted};
use super::records::Placed;
use crate::scene::display::{Align, Face, Owner, Prim, Pt, pt};
use crate::scene::fonts::text_width;
use crate::scene::pen::{icon, rect, text};
use crate::scene::{State, icons, number, short};
use std::collections::HashMap;

/// The most names of records.
const MOST: usize = 120;
/// The most things with an accessible name of their own.
const NAMED: usize = 300;

/// Boxes that are taken, found by squares of 64 points.
#[derive(Default)]
struct Taken {
    by_square: HashMap<(i32, i32), Vec<(Pt, Pt)>>,
}

impl Taken {
    fn squares(min: Pt, max: Pt) -> impl Iterator<Item = (i32, i32)> {
        let at = |v: f32| (v / 64.0).floor() as i32;
        let (x0, x1) = (at(min.x), at(max.x));
        (at(min.y)..=at(max.y)).flat_map(move |y| (x0..=x1).map(move |x| (x, y)))
    }

    fn is_free(&self, min: Pt, max: Pt) -> bool {
        Self::squares(min, max).all(|square| {
            self.by_square.get(&square).is_none_or(|boxes| {
                boxes
                    .iter()
                    .all(|(a, b)| max.x <= a.x || min.x >= b.x || max.y <= a.y || min.y >= b.y)
            })
        })
    }

    fn take(&mut self, min: Pt, max: Pt) {
        for square in Self::squares(min, max) {
            self.by_square.entry(square).or_default().push((min, max));
        }
    }
}

impl Drawing<'_> {
    pub(super) fn names(&mut self, glyphs: &[Placed]) {
        let mut taken = Taken::default();
        if self.view.chrome {
            let meter = if self.picture.seeds.is_empty() {
                pt(240.0, 84.0)
            } else {
                pt(252.0, 174.0)
            };
            taken.take(pt(0.0, 0.0), meter);
            taken.take(pt(0.0, self.view.height - 32.0), pt(self.view.width, self.view.height));
        }
        let (prims, named) = self.bubble_names(&mut taken);
        for (b, at) in named {
            // An open bubble is picked by its name: what is inside it is its records.
            let me = |s: &&mut Spotted| s.owner == Owner::Bubble(b);
            if let (Fold::Open(_), Some(s)) = (self.folds[b as usize], self.spotted.iter_mut().find(me)) {
                (s.at, s.half) = (at, 15.0);
            }
        }
        self.push(Owner::Chrome, prims);
        let prims = self.record_names(glyphs, &mut taken);
        self.push(Owner::Chrome, prims);
        self.spotted.truncate(NAMED);
    }

    fn bubble_names(&self, taken: &mut Taken) -> (Vec<Prim>, Vec<(u32, Pt)>) {
        let (mut out, mut named) = (Vec::new(), Vec::new());
        let mut order: Vec<u32> = (0..self.folds.len() as u32)
            .filter(|&b| self.folds[b as usize] != Fold::Away)
            .collect();
        order.sort_by_key(|&b| {
            let f = &self.picture.bubbles[b as usize];
            (
                std::cmp::Reverse((f.before.compromised.min(1), f.before.reached(), f.records)),
                b,
            )
        });
        for b in order {
            let (c, r) = self.disk(b);
            let f = &self.picture.bubbles[b as usize];
            let name = &self.picture.places.shape.names[b as usize];
            let records = number(u64::from(f.records));
            let was = number(u64::from(f.before.reached()));
            let (said, ink) = match (f.before.reached(), f.after.reached()) {
                (0, _) => (records, self.t.text3),
                (a, b) if a != b && self.view.after() => (
                    format!("{was} → {} of {records}", number(u64::from(b))),
                    self.t.accent_text,
                ),
                _ => {
                    let ink = match f.before {
                        n if n.inherited > 0 => self.t.inherited_text,
                        n if n.intended > 0 => self.t.intended_text,
                        n if n.assumed > 0 => self.t.assumed,
                        _ => self.t.compromised_text,
                    };
                    (format!("{was} of {records}"), ink)
                }
            };
            let crown = f.crowns.0 > 0;
            let wide = text_width(Face::SemiBold, 12.5, name);
            let w = (wide + if crown { 20.0 } else { 0.0 }).max(text_width(Face::Medium, 11.5, &said));
            // The middle of a bubble that is larger than the screen is nowhere: its name keeps to what is seen of it.
            let x = c.x.clamp(
                (w / 2.0 + 8.0).min(self.view.width / 2.0),
                (self.view.width - w / 2.0 - 8.0).max(self.view.width / 2.0),
            );
            let x = x.clamp(c.x - r, c.x + r);
            let place = [c.y + r + 20.0, c.y - r - 22.0, c.y + r + 34.0, c.y - r - 36.0]
                .into_iter()
                .find(|&y| {
                    let (min, max) = (pt(x - w / 2.0 - 2.0, y - 16.0), pt(x + w / 2.0 + 2.0, y + 17.0));
                    let on_screen = min.y > 0.0 && max.y < self.view.height;
                    on_screen && taken.is_free(min, max) && self.clear_of_bubbles(b, min, max)
                });
            let Some(y) = place else { continue };
            named.push((b, pt(x, y)));
            taken.take(pt(x - w / 2.0 - 2.0, y - 16.0), pt(x + w / 2.0 + 2.0, y + 17.0));
            let face = if f.before.reached() > 0 {
                Face::SemiBold
            } else {
                Face::Medium
            };
            let name_ink = if f.before.reached() > 0 || self.picture.seeds.is_empty() {
                self.t.text
            } else {
                self.t.text3
            };
            let left = x - (wide + if crown { 18.0 } else { 0.0 }) / 2.0;
            // Bundles run under names.
            let back = self.t.canvas.with_opacity(0.85);
            out.push(rect(
                pt(x - w / 2.0 - 3.0, y - 15.0),
                pt(x + w / 2.0 + 3.0, y + 16.0),
                4.0,
                Some(back),
                None,
            ));
            out.push(text(
                pt(left, y - 7.5),
                Align::Left,
                name.as_str(),
                12.5,
                face,
                name_ink,
            ));
            if crown {
                let ink = if f.crowns.1 > 0 || self.picture.seeds.is_empty() {
                    self.t.crown
                } else {
                    self.t.text3
                };
                out.push(icon(
                    pt(left + wide + 11.0, y - 8.5),
                    icons::CROWN_SIMPLE,
                    13.0,
                    Face::IconFill,
                    ink,
                ));
            }
            out.push(text(pt(x, y + 8.0), Align::Center, said, 11.5, Face::Medium, ink));
        }
        (out, named)
    }

    fn clear_of_bubbles(&self, me: u32, min: Pt, max: Pt) -> bool {
        (0..self.folds.len() as u32)
            .filter(|&b| b != me && self.folds[b as usize] != Fold::Away)
            .all(|b| {
                let (c, r) = self.disk(b);
                let (x, y) = (c.x.clamp(min.x, max.x), c.y.clamp(min.y, max.y));
                (x - c.x).hypot(y - c.y) >= r - 2.0
            })
    }

    fn record_names(&mut self, glyphs: &[Placed], taken: &mut Taken) -> Vec<Prim> {
        let mut order: Vec<(u8, u32, &Placed)> = glyphs
            .iter()
            .filter(|g| g.glyph)
            .map(|g| (self.rank(g.node, g.state), g.node, g))
            .collect();
        order.sort_by_key(|o| (o.0, o.1));
        for (_, _, g) in &order {
            let half = (g.apart * 0.3).clamp(6.0, 11.0);
            taken.take(pt(g.at.x - half, g.at.y - half), pt(g.at.x + half, g.at.y + half));
        }
        let mut out = Vec::new();
        let mut said = 0;
        for (rank, node, g) in order {
            let inside = |p: Pt| p.x >= 0.0 && p.y >= 0.0 && p.x <= self.view.width && p.y <= self.view.height;
            if !inside(g.at) {
                continue;
            }
            if self.spotted.len() < NAMED {
                self.spotted.push(Spotted {
                    owner: Owner::Node(node),
                    at: g.at,
                    half: 12.0,
                });
            }
            if said >= MOST || (g.apart < super::records::GLYPH && rank > 2) {
                continue;
            }
            let name =
                crate::scene::fonts::elide(Face::Medium, 11.0, short(self.picture.places.shape.name(node)), 150.0);
            let strong = rank <= 3;
            let face = if strong { Face::SemiBold } else { Face::Medium };
            let w = text_width(face, 11.0, &name);
            let half = (g.apart * 0.3).clamp(6.0, 10.0) + 4.0;
            let places = [
                pt(g.at.x + half + w / 2.0, g.at.y),
                pt(g.at.x - half - w / 2.0, g.at.y),
                pt(g.at.x, g.at.y + half + 6.0),
                pt(g.at.x, g.at.y - half - 6.0),
            ];
            let boxed = |p: Pt| (pt(p.x - w / 2.0 - 1.0, p.y - 7.0), pt(p.x + w / 2.0 + 1.0, p.y + 7.0));
            let free = places.into_iter().find(|&p| {
                let (min, max) = boxed(p);
                inside(min) && inside(max) && taken.is_free(min, max)
            });
            let Some(p) = free else { continue };
            let (min, max) = boxed(p);
            taken.take(min, max);
            let ink = match g.state {
                State::Untouched | State::Disabled | State::Ghost if !strong => self.t.text3,
                _ if strong => self.t.text,
                _ => self.t.text2,
            };
            out.push(rect(min, max, 3.0, Some(self.t.band.with_opacity(0.8)), None));
            out.push(text(p, Align::Center, name, 11.0, face, ink));
            said += 1;
        }
        out
    }
}
