//! Edges and the gates on them.

use super::display::{Color, Owner, Prim, Pt, Seg, pt};
use super::draw::{Detail, Drawing};
use super::map::{Class, Cut, Gate, State};
use super::pen::{self, GateLook, circle, dashed, dotted, line};
use crate::layout::Kind;

impl Drawing<'_> {
    pub(super) fn edges(&mut self) {
        let mut ghosts = Vec::new();
        let mut living = Vec::new();
        let mut on_path = Vec::new();
        for i in 0..self.map.nodes.len() as u32 {
            let Some(parent) = self.parent(i) else { continue };
            if self.map.layout.spots[i as usize].wedge.is_some() {
                continue;
            }
            // What comes out of a wedge has no place that its edge could start at: dozens from one point say nothing.
            if self.map.layout.spots[parent as usize].wedge.is_some() && !self.path.contains(&i) {
                continue;
            }
            if self.state(i) == State::Ghost {
                ghosts.push(i);
            } else if self.path.contains(&i) {
                on_path.push(i);
            } else {
                living.push(i);
            }
        }
        let t = self.theme.tokens();
        let more = self.theme.extra_stroke();
        let k = self.map.layout.scale.clamp(0.8, 1.2);
        for i in ghosts.into_iter().chain(living) {
            let state = self.state(i);
            let stroke = match (self.cut(i), state) {
                (Cut::Broken, _) => dashed(1.5 + more, t.broken, &[5.0, 4.0]),
                (_, State::Ghost) if self.many_ghosts => line(1.0 + more, t.ghost.with_opacity(0.6)),
                (Cut::Sealed, _) => dotted(1.25 + more, t.ghost, &[1.2, 3.0]),
                (_, State::Ghost) => dotted(1.0 + more, t.ghost.with_opacity(0.7), &[1.2, 4.0]),
                (_, State::Assumed) => dashed(1.25 * k + more, t.assumed.with_opacity(0.75), &[5.0, 3.5]),
                (_, state) => line(1.25 * k + more, self.ink(state).with_opacity(0.62)),
            };
            let segs = self.edge(i);
            self.push(
                Owner::Edge(i),
                vec![Prim::Path {
                    segs,
                    fill: None,
                    stroke: Some(stroke),
                }],
            );
        }
        for i in on_path {
            let state = self.state(i);
            let segs = self.edge(i);
            let under = line(6.0, t.canvas);
            let over = match state {
                State::Assumed => dashed(3.0 + more, t.assumed, &[5.0, 3.5]),
                state => line(3.0 + more, self.ink(state)),
            };
            let prims = vec![
                Prim::Path {
                    segs: segs.clone(),
                    fill: None,
                    stroke: Some(under),
                },
                Prim::Path {
                    segs,
                    fill: None,
                    stroke: Some(over),
                },
            ];
            self.push(Owner::Edge(i), prims);
        }
    }

    pub(super) fn ink(&self, state: State) -> Color {
        let t = self.theme.tokens();
        match state {
            State::Compromised => t.compromised,
            State::Intended => t.intended,
            State::Inherited => t.inherited,
            State::Assumed => t.assumed,
            State::Ghost => t.ghost,
            State::Untouched => t.untouched,
            State::Disabled => t.disabled,
        }
    }

    /// The wall that the last leg of a node's path crosses.
    pub(super) fn wall(&self, node: u32) -> Option<f32> {
        let n = &self.map.nodes[node as usize];
        if n.class == Class::System {
            self.map.layout.wall(n.hops)
        } else {
            None
        }
    }

    pub(super) fn edge(&self, node: u32) -> Vec<Seg> {
        let to = self.at(node);
        let Some(parent) = self.parent(node) else {
            return Vec::new();
        };
        let from = self.at(parent);
        let spot = self.map.layout.spots[parent as usize];
        let straight = vec![Seg::Move(from), Seg::Line(to)];
        let Some(wall) = self.wall(node) else { return straight };
        match self.map.layout.kind {
            Kind::Rings => {
                let own = self.map.layout.spots[node as usize];
                if spot.radius < 1.0 {
                    return straight;
                }
                if spot.radius >= wall {
                    // A path that now comes from farther out, or along the same ring.
                    return straight;
                }
                let [a, b, c, g] = crate::layout::ring_curve(spot, wall, own.angle);
                let p = |q: (f32, f32)| self.view.screen_from_layout(q.0, q.1);
                vec![Seg::Move(p(a)), Seg::Cubic(p(b), p(c), p(g)), Seg::Line(to)]
            }
            Kind::Layers => {
                let gate = self.on_wall(wall, node);
                if from.x >= gate.x {
                    return straight;
                }
                let bend = (gate.x - from.x) * 0.5;
                let (b, c) = (pt(from.x + bend, from.y), pt(gate.x - bend, gate.y));
                vec![Seg::Move(from), Seg::Cubic(b, c, gate), Seg::Line(to)]
            }
        }
    }

    /// Where the gate of a node's last leg stands, and the direction it lets pass. Where no wall is crossed it stands
    /// half way.
    fn gate_place(&self, node: u32) -> Option<(Pt, f32)> {
        let parent = self.parent(node)?;
        if let Some(wall) = self.wall(node) {
            let spots = &self.map.layout.spots;
            let c = self.on_wall(wall, node);
            let from = spots[parent as usize];
            match self.map.layout.kind {
                Kind::Rings if from.radius < wall => return Some((c, spots[node as usize].angle)),
                Kind::Layers if from.x < wall => return Some((c, 90.0)),
                _ => {}
            }
        }
        let (a, b) = (self.at(parent), self.at(node));
        let angle = (b.y - a.y).atan2(b.x - a.x).to_degrees() + 90.0;
        Some((pt((a.x + b.x) / 2.0, (a.y + b.y) / 2.0), angle))
    }

    pub(super) fn gates(&mut self) {
        if self.detail == Detail::Plain {
            return;
        }
        let t = self.theme.tokens();
        for i in 0..self.map.nodes.len() as u32 {
            let n = &self.map.nodes[i as usize];
            if self.map.layout.spots[i as usize].wedge.is_some() {
                continue;
            }
            let Some((c, angle)) = self.gate_place(i) else { continue };
            let back = self.back(i);
            let gate = if self.shows_after(i) { &n.gate_after } else { &n.gate };
            let look = match (self.cut(i), gate) {
                (Cut::Sealed, _) => GateLook::Sealed,
                (Cut::Broken, _) => GateLook::Broken,
                (Cut::Beyond, _) | (Cut::Open, Gate::None) => continue,
                (Cut::Open, Gate::Made) => GateLook::Made,
                (Cut::Open, Gate::Unknown) => GateLook::Unknown,
                (Cut::Open, Gate::Missing(letters)) => GateLook::Missing(letters),
            };
            let more = self.theme.extra_stroke();
            let dots = self.detail == Detail::Few || self.crowded;
            let prims = match (dots, look) {
                (true, GateLook::Missing(_)) => vec![circle(c, 4.0, Some(t.inherited), Some(line(1.0, back)))],
                (true, GateLook::Unknown) => {
                    let stroke = dashed(1.25 + more, t.assumed, &[2.5, 2.0]);
                    vec![circle(c, 4.0, Some(t.assumed_fill), Some(stroke))]
                }
                (_, look) => pen::gate(self.theme, look, c, angle, back),
            };
            self.push(Owner::Gate(i), prims);
        }
    }
}
