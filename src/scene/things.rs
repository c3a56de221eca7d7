//! Nodes, wedges, names and the numbers of the steps on the selected path.

use super::display::{Align, Face, Owner, Pt, pt};
use super::draw::{Detail, Drawing};
use super::fonts::{elide, text_width};
use super::icons;
use super::map::{Class, State, short};
use super::pen::{self, NodeLook, circle, line, rect, text};
use crate::layout::{Kind, NEAR, ROOM, polar};

impl Drawing<'_> {
    pub(super) fn radius(&self, node: u32) -> f32 {
        let n = &self.map.nodes[node as usize];
        let r = match (n.before, n.class, n.crown) {
            (State::Compromised, ..) if self.many_seeds => 8.0,
            (State::Compromised, ..) => 15.0,
            (_, Class::System, true) => 11.5,
            (_, Class::System, false) => 10.0,
            _ => 8.6,
        };
        r * self.glyph
    }

    pub(super) fn nodes(&mut self) {
        let mut order: Vec<u32> = (0..self.map.nodes.len() as u32)
            .filter(|&i| self.map.layout.spots[i as usize].wedge.is_none())
            .collect();
        order.sort_by_key(|&i| {
            let n = &self.map.nodes[i as usize];
            (
                n.before == State::Compromised,
                self.view.selection == Some(i),
                n.crown,
                i,
            )
        });
        for i in order {
            let n = &self.map.nodes[i as usize];
            let c = self.at(i);
            let spot = self.map.layout.spots[i as usize];
            let aside = spot.crown_aside(self.map.layout.kind).filter(|_| n.crown);
            let mut prims = if self.detail == Detail::Plain && n.before != State::Compromised {
                let state = self.state(i);
                let fill = if state == State::Ghost {
                    None
                } else {
                    Some(self.ink(state))
                };
                let stroke = (state == State::Ghost).then(|| line(1.0, self.ink(state).with_opacity(0.6)));
                vec![pen::outline(n.class, c, 3.0, fill, stroke)]
            } else {
                let look = NodeLook {
                    class: n.class,
                    icon: n.icon,
                    state: self.state(i),
                    crown: n.crown && aside.is_none() && self.map.layout.kind == Kind::Rings,
                    disabled: n.disabled,
                    expired: n.expired,
                    selected: self.view.selection == Some(i),
                    hovered: self.view.hovered == Some(i),
                    focused: self.view.focused == Some(i),
                    back: self.back(i),
                };
                pen::node(self.theme, &look, c, self.radius(i))
            };
            if let Some(side) = aside.filter(|_| self.detail != Detail::Plain) {
                let r = self.radius(i);
                let at = pt(c.x + side * (r + 6.0), c.y - r);
                prims.extend(pen::crown(self.theme, at, self.back(i)));
            }
            self.push(Owner::Node(i), prims);
        }
    }

    pub(super) fn wedges(&mut self) {
        let t = self.theme.tokens();
        let z = self.view.zoom;
        for (n, wedge) in self.map.layout.wedges.iter().enumerate() {
            // Where there is no room for the word, the number says it.
            let room = match self.map.layout.kind {
                Kind::Rings => (wedge.to - wedge.from).to_radians() * wedge.radius * z,
                Kind::Layers => 120.0 * z,
            };
            let more = format!("+{} more", wedge.nodes.len());
            let tight = self.map.layout.wedges.len() > 6 && text_width(Face::Medium, 10.5, &more) + 10.0 > room;
            let label = if tight { format!("+{}", wedge.nodes.len()) } else { more };
            let (center, mut prims) = match self.map.layout.kind {
                Kind::Rings => {
                    let ring = |r: f32, a: f32| {
                        let (x, y) = polar(r, a);
                        self.view.screen_from_layout(x, y)
                    };
                    let half = 7.0 / z;
                    let mut points = Vec::new();
                    let steps = 8u8;
                    for s in 0..=steps {
                        let a = wedge.from + (wedge.to - wedge.from) * f32::from(s) / f32::from(steps);
                        points.push(ring(wedge.radius + half, a));
                    }
                    for s in (0..=steps).rev() {
                        let a = wedge.from + (wedge.to - wedge.from) * f32::from(s) / f32::from(steps);
                        points.push(ring(wedge.radius - half, a));
                    }
                    let body = pen::polygon(&points, Some(t.raised), Some(line(1.0, t.control)));
                    (ring(wedge.radius, (wedge.from + wedge.to) / 2.0), vec![body])
                }
                Kind::Layers => {
                    let c = self.view.screen_from_layout(wedge.radius, wedge.from);
                    (pt(c.x + (40.0 * z).clamp(10.0, 40.0), c.y), Vec::new())
                }
            };
            let w = text_width(Face::Medium, 10.5, &label) + 10.0;
            let (min, max) = (
                pt(center.x - w / 2.0, center.y - 8.0),
                pt(center.x + w / 2.0, center.y + 8.0),
            );
            prims.push(rect(min, max, 4.0, Some(t.raised), Some(line(1.0, t.control))));
            prims.push(text(center, Align::Center, label, 10.5, Face::Medium, t.text2));
            self.push(Owner::Wedge(n as u32), prims);
        }
    }

    /// Names; gives the boxes they cover.
    pub(super) fn labels(&mut self) -> Vec<(Pt, Pt)> {
        let t = self.theme.tokens();
        let mut boxes = Vec::new();
        if self.detail == Detail::Plain {
            return boxes;
        }
        for i in 0..self.map.nodes.len() as u32 {
            let n = &self.map.nodes[i as usize];
            let seed = n.before == State::Compromised;
            let chosen = self.view.selection == Some(i) || self.view.hovered == Some(i);
            let always = seed || n.crown || chosen || self.path.contains(&i);
            if self.map.layout.spots[i as usize].wedge.is_some() || (self.detail == Detail::Few && !always) {
                continue;
            }
            let labels = if self.view.zoom >= NEAR {
                &self.map.layout.near_labels
            } else {
                &self.map.layout.labels
            };
            let place = match labels[i as usize] {
                Some(place) => place,
                None if chosen => crate::layout::Label {
                    dx: 16.0,
                    dy: 0.0,
                    align: 1,
                    room: ROOM,
                    backed: true,
                },
                None => continue,
            };
            let ghost = self.state(i) == State::Ghost;
            let bold = seed || n.crown || self.view.selection == Some(i);
            let face = if bold { Face::SemiBold } else { Face::Medium };
            let base = if self.view.width > 1700.0 { 12.0 } else { 11.0 };
            let size = if seed { base + 1.0 } else { base };
            let color = match (bold, ghost) {
                (true, false) => t.text,
                (_, true) => t.text3,
                (false, false) => t.text2,
            };
            let layered = self.map.layout.kind == Kind::Layers;
            let crown = if layered && n.crown { 18.0 } else { 0.0 };
            let room = if layered {
                (place.room + place.dx) * self.view.zoom - place.dx - crown
            } else {
                place.room
            };
            let name = elide(face, size, short(&n.name), room);
            let w = text_width(face, size, &name);
            let c = self.at(i);
            let p = pt(c.x + place.dx, c.y + place.dy);
            let (align, x0) = match place.align {
                1 => (Align::Left, p.x),
                -1 => (Align::Right, p.x - w),
                _ => (Align::Center, p.x - w / 2.0),
            };
            let (min, max) = (
                pt(x0 - 3.0, p.y - size * 0.37 - 3.0),
                pt(x0 + w + 3.0, p.y + size * 0.37 + 3.5),
            );
            let mut prims = Vec::new();
            // There is no halo: a backing keeps the name readable where a line runs under it.
            let spot = self.map.layout.spots[i as usize];
            let far = (spot.x + place.dx).hypot(spot.y + place.dy);
            let back = if self.map.layout.kind == Kind::Rings {
                self.surface(far)
            } else {
                t.canvas
            };
            prims.push(rect(
                min,
                max,
                3.0,
                Some(back.with_opacity(if place.backed { 0.92 } else { 0.72 })),
                None,
            ));
            prims.push(text(p, align, name, size, face, color));
            if layered && n.crown {
                // Rows are too near for a crown above.
                prims.push(pen::icon(
                    pt(x0 + w + 11.0, p.y),
                    icons::CROWN_SIMPLE,
                    12.0,
                    Face::IconFill,
                    t.crown,
                ));
            }
            boxes.push((min, max));
            self.push(Owner::Label(i), prims);
        }
        boxes
    }

    pub(super) fn step_discs(&mut self, labels: &[(Pt, Pt)]) {
        let t = self.theme.tokens();
        if self.path.is_empty() || self.detail == Detail::Plain {
            return;
        }
        let mut prims = Vec::new();
        let mut number = 0;
        for &i in &self.path {
            let n = &self.map.nodes[i as usize];
            let seed = n.parent.is_none();
            if n.class != Class::System && !seed {
                continue;
            }
            let c = self.at(i);
            // At the corner that is not its name's, nor a badge's.
            let corners: &[(f32, f32)] = match (seed, n.crown) {
                (true, _) => &[(-17.0, -15.0), (-17.0, 15.0)],
                (false, false) => &[(-12.0, -12.0), (-12.0, 12.0), (12.0, 12.0)],
                (false, true) => &[(-14.0, 13.0), (14.0, 13.0)],
            };
            let covered = |&&(dx, dy): &&(f32, f32)| {
                let p = pt(c.x + dx, c.y + dy);
                let over =
                    |(a, b): &&(Pt, Pt)| p.x > a.x - 5.0 && p.x < b.x + 5.0 && p.y > a.y - 5.0 && p.y < b.y + 5.0;
                labels.iter().filter(over).count()
            };
            let (dx, dy) = corners.iter().min_by_key(covered).copied().unwrap_or_default();
            let p = pt(c.x + dx, c.y + dy);
            prims.push(circle(p, 7.5, Some(t.accent), Some(line(1.5, t.canvas))));
            prims.push(text(
                p,
                Align::Center,
                number.to_string(),
                10.0,
                Face::Bold,
                t.on_accent,
            ));
            number += 1;
        }
        self.push(Owner::Chrome, prims);
    }
}
