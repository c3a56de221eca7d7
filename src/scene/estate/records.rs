//! The records of open bubbles: cells where they are too small, marks by class and state, whole glyphs where there is
//! room, and the legs of their paths.

use super::density::Cell;
use super::draw::{Drawing, Fold};
use crate::scene::display::{Color, Item, Mark, Owner, Prim, Pt, Seg, pt};
use crate::scene::pen::{NodeLook, circle, item, line};
use crate::scene::{Class, State, pen};
use std::collections::BTreeMap;

/// From this distance, in points, records are drawn one by one.
pub(super) const SEEN: f32 = 6.0;
/// From this one they have their glyph, and the legs of their paths are drawn.
pub(super) const GLYPH: f32 = 20.0;
/// The longest leg that is drawn, in points: longer ones would be a hairball, and bundles tell of those that lead to
/// another bubble.
const LONGEST: f32 = 240.0;
const MOST_LEGS: usize = 600;
const MOST_GLYPHS: usize = 450;

/// A record that is drawn by itself.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) node: u32,
    pub(super) at: Pt,
    pub(super) apart: f32,
    pub(super) state: State,
    /// Has a glyph, and so room for a name.
    pub(super) glyph: bool,
}

/// What is too small for a glyph, by bubble and rank: colour, mark, size and where.
type Marks = BTreeMap<(usize, u8), (Color, Mark, f32, Vec<Pt>)>;

impl Drawing<'_> {
    /// The part of the layout that is on the screen, a little more on each side.
    fn in_view(&self) -> ([f32; 2], [f32; 2]) {
        let more = 14.0;
        (
            self.view.layout_from_screen(pt(-more, -more)),
            self.view
                .layout_from_screen(pt(self.view.width + more, self.view.height + more)),
        )
    }

    /// Draws what is too small for a glyph and the legs between; gives what has one.
    pub(super) fn records(&mut self) -> Vec<Placed> {
        let places = &self.picture.places;
        let (min, max) = self.in_view();
        let mut marks: Marks = BTreeMap::new();
        let mut glyphs: Vec<Placed> = Vec::new();
        let mut legs: Vec<(u32, Pt)> = Vec::new();
        for (b, fold) in self.folds.iter().enumerate() {
            let &Fold::Open(apart) = fold else { continue };
            let disk = places.layout.bubbles[b];
            let lo = [min[0].max(disk.x - disk.radius), min[1].max(disk.y - disk.radius)];
            let hi = [max[0].min(disk.x + disk.radius), max[1].min(disk.y + disk.radius)];
            if apart < SEEN {
                self.cells(lo, hi, [disk.x, disk.y, disk.radius], &mut marks);
                continue;
            }
            places.grid.within(lo, hi, |nodes| {
                for &v in nodes {
                    if places.shape.group[v as usize] as usize != b {
                        continue;
                    }
                    let at = self.view.screen_from_layout(places.layout.spots[v as usize]);
                    let state = self.picture.state(v, self.view.after());
                    let reached = !matches!(state, State::Untouched | State::Disabled | State::Ghost);
                    if apart >= GLYPH && legs.len() < MOST_LEGS && state != State::Untouched {
                        legs.push((v, at));
                    }
                    let special = state == State::Compromised || self.view.selection == Some(v);
                    if apart >= GLYPH || special || (apart >= 12.0 && reached && places.shape.crown(v)) {
                        glyphs.push(Placed {
                            node: v,
                            at,
                            apart,
                            state,
                            glyph: true,
                        });
                        continue;
                    }
                    let mark = match places.shape.class(v) {
                        Class::System => Mark::Square,
                        Class::Identity => Mark::Round,
                        Class::Credential | Class::Context => Mark::Diamond,
                    };
                    let half = (apart * if reached { 0.28 } else { 0.17 }).clamp(0.9, 5.0);
                    let key = (super::density::slot(state) * 4 + mark as usize, (half * 10.0) as u8);
                    marks
                        .entry(key)
                        .or_insert_with(|| (self.color(state), mark, half, Vec::new()))
                        .3
                        .push(at);
                }
            });
        }
        if glyphs.len() > MOST_GLYPHS {
            // The most telling keep their glyph, the others are marks.
            glyphs.sort_by_key(|g| (self.rank(g.node, g.state), g.node));
            for g in glyphs.drain(MOST_GLYPHS..) {
                let key = (super::density::slot(g.state) * 4, 40);
                marks
                    .entry(key)
                    .or_insert_with(|| (self.color(g.state), Mark::Round, 4.0, Vec::new()))
                    .3
                    .push(g.at);
            }
        }
        self.legs(&legs);
        let prims = marks
            .into_iter()
            .flat_map(|((key, _), (color, mark, half, at))| {
                // Ink follows doubt: what is inherited is full, all else that is reached, or was, is hollow.
                let hollow = match key / 4 {
                    1 => 0.5,
                    3 | 4 => 0.7,
                    _ => 0.0,
                };
                let inner = (hollow > 0.0 && half >= 2.4).then(|| Prim::Dots {
                    mark,
                    half: half * hollow,
                    at: at.clone(),
                    color: self.t.band,
                });
                [Some(Prim::Dots { mark, half, at, color }), inner]
            })
            .flatten()
            .collect();
        self.push(Owner::Chrome, prims);
        glyphs
    }

    /// Lower is more telling.
    pub(super) fn rank(&self, node: u32, state: State) -> u8 {
        let crown = self.picture.places.shape.crown(node);
        match state {
            _ if self.view.selection == Some(node) => 0,
            State::Compromised => 1,
            State::Inherited | State::Intended | State::Assumed if crown => 2,
            _ if crown => 3,
            State::Inherited => 4,
            State::Assumed => 5,
            State::Intended => 6,
            State::Ghost => 7,
            State::Untouched | State::Disabled => 8,
        }
    }

    /// One square a cell, as large as the cell is full, in the colour of most that is reached there.
    fn cells(&self, min: [f32; 2], max: [f32; 2], disk: [f32; 3], marks: &mut Marks) {
        let scale = self.view.scale;
        let density = self.picture.density(self.view.after());
        density.within(
            &self.picture.places.grid,
            min,
            max,
            SEEN / scale,
            |middle, side, cell: &Cell| {
                if (middle[0] - disk[0]).hypot(middle[1] - disk[1]) > disk[2] + side * 0.7 {
                    return;
                }
                let states = [State::Intended, State::Inherited, State::Assumed, State::Compromised];
                let slots = states.map(|s| (cell[super::density::slot(s)], s));
                let most = slots.into_iter().max_by_key(|s| s.0);
                let state = match most {
                    _ if cell[5] > 0 => State::Compromised,
                    Some((n, s)) if n > 0 => s,
                    _ if cell[4] > 0 => State::Ghost,
                    _ => State::Untouched,
                };
                let records: u32 = cell.iter().map(|&n| u32::from(n)).sum();
                // So many at this zoom would stand in a cell side by side.
                let full = (records as f32).sqrt().min(6.0) / 6.0;
                let reached = state != State::Untouched;
                let half = side * scale * if reached { 0.28 + 0.1 * full } else { 0.1 + 0.12 * full };
                let half = ((half * 5.0).round() / 5.0).max(0.6);
                let key = (super::density::slot(state) * 4, (half * 10.0) as u8);
                let at = self.view.screen_from_layout(middle);
                marks
                    .entry(key)
                    .or_insert_with(|| (self.color(state), Mark::Square, half, Vec::new()))
                    .3
                    .push(at);
            },
        );
    }

    /// The last leg of the path of each.
    fn legs(&mut self, of: &[(u32, Pt)]) {
        let mut by_state: BTreeMap<usize, (State, Vec<Seg>)> = BTreeMap::new();
        let mut prims = Vec::new();
        for &(v, at) in of {
            let Some(parent) = self.picture.parent(v) else { continue };
            let places = &self.picture.places;
            let from = self.view.screen_from_layout(places.layout.spots[parent as usize]);
            let same = places.shape.group[parent as usize] == places.shape.group[v as usize];
            if !same || (from.x - at.x).hypot(from.y - at.y) > LONGEST {
                continue;
            }
            let state = self.picture.state(v, self.view.after());
            let segs = &mut by_state
                .entry(super::density::slot(state))
                .or_insert_with(|| (state, Vec::new()))
                .1;
            segs.push(Seg::Move(from));
            segs.push(Seg::Line(at));
        }
        for (state, segs) in by_state.into_values() {
            let (width, color) = match state {
                State::Ghost => (0.75, self.t.ghost.with_opacity(0.4)),
                state => (1.0, self.color(state).with_opacity(0.45)),
            };
            for pair in segs.chunks_exact(2) {
                prims.push(Prim::Path {
                    segs: pair.to_vec(),
                    fill: None,
                    stroke: Some(line(width + self.more, color)),
                });
            }
        }
        self.push(Owner::Chrome, prims);
    }

    /// The path to what is selected, over everything it passes.
    pub(super) fn path(&self) -> Vec<Item> {
        let Some(selected) = self.view.selection else {
            return Vec::new();
        };
        let path = self.picture.path(selected);
        if path.len() < 2 {
            return Vec::new();
        }
        let spots = &self.picture.places.layout.spots;
        let at = |v: u32| self.view.screen_from_layout(spots[v as usize]);
        let mut prims = Vec::new();
        let segs: Vec<Seg> = path
            .iter()
            .enumerate()
            .map(|(n, &v)| if n == 0 { Seg::Move(at(v)) } else { Seg::Line(at(v)) })
            .collect();
        let state = self.picture.state(selected, self.view.after());
        for (width, color) in [(6.0, self.t.canvas), (3.0, self.color(state))] {
            prims.push(Prim::Path {
                segs: segs.clone(),
                fill: None,
                stroke: Some(line(width, color)),
            });
        }
        for &v in &path {
            prims.push(circle(
                at(v),
                4.5,
                Some(self.color(self.picture.state(v, self.view.after()))),
                Some(line(1.5, self.t.canvas)),
            ));
        }
        vec![item(Owner::Edge(selected), prims)]
    }

    /// Whole glyphs, the most telling on top.
    pub(super) fn glyphs(&mut self, glyphs: &[Placed]) {
        let mut order: Vec<&Placed> = glyphs.iter().collect();
        order.sort_by_key(|g| (std::cmp::Reverse(self.rank(g.node, g.state)), g.node));
        for g in order {
            let shape = &self.picture.places.shape;
            let crown = shape.crown(g.node);
            let me = Some(Owner::Node(g.node));
            let look = NodeLook {
                class: shape.class(g.node),
                icon: (g.apart >= GLYPH).then(|| shape.icon(g.node)).flatten(),
                state: g.state,
                crown,
                disabled: g.state == State::Disabled,
                expired: false,
                selected: self.view.selection == Some(g.node),
                hovered: self.view.hovered == me,
                focused: self.view.focused == me,
                back: self.t.band,
            };
            let r = (g.apart * 0.3).clamp(6.0, 10.0) + if crown { 1.0 } else { 0.0 };
            let prims = pen::node(self.view.theme, &look, g.at, r);
            self.push(Owner::Node(g.node), prims);
        }
    }
}
