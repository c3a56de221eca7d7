//! The estate as a display list: bundles, bubbles, records, names, then what stands around it.

use super::picture::{EstatePicture, EstatePlaces};
use crate::scene::State;
use crate::scene::chrome::{self, MeterFacts};
use crate::scene::display::{Align, Color, DisplayList, Face, Item, Owner, Prim, Pt, pt};
use crate::scene::fonts::text_width;
use crate::scene::pen::{circle, item, line, rect, text};
use crate::scene::style::{Theme, Tokens};
use std::collections::BTreeSet;

/// How the estate is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct EstateView {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// Points on the screen for a point of the layout.
    pub scale: f32,
    /// The place of the layout that stands in the middle of the screen.
    pub center: [f32; 2],
    /// The theme.
    pub theme: Theme,
    /// The selected node.
    pub selection: Option<u32>,
    /// The selected bubble.
    pub bubble: Option<u32>,
    /// What is under the pointer.
    pub hovered: Option<Owner>,
    /// What has the keyboard.
    pub focused: Option<Owner>,
    /// Bubbles that are unfolded whatever the zoom.
    pub unfolded: BTreeSet<u32>,
    /// Bubbles that are folded whatever the zoom.
    pub folded: BTreeSet<u32>,
    /// From 0, before the scenario, to 1, after it.
    pub progress: f32,
    /// Meter, legend and minimap.
    pub chrome: bool,
}

impl EstateView {
    /// The whole estate.
    #[must_use]
    pub fn whole(places: &EstatePlaces, width: f32, height: f32, theme: Theme) -> Self {
        let (scale, center) = fitting(places, width, height);
        Self {
            width,
            height,
            scale,
            center,
            theme,
            selection: None,
            bubble: None,
            hovered: None,
            focused: None,
            unfolded: BTreeSet::new(),
            folded: BTreeSet::new(),
            progress: 1.0,
            chrome: true,
        }
    }

    /// A place of the layout on the screen.
    #[must_use]
    pub fn screen_from_layout(&self, p: [f32; 2]) -> Pt {
        pt(
            self.width / 2.0 + (p[0] - self.center[0]) * self.scale,
            self.height / 2.0 + (p[1] - self.center[1]) * self.scale,
        )
    }

    /// A place on the screen in the layout.
    #[must_use]
    pub fn layout_from_screen(&self, p: Pt) -> [f32; 2] {
        [
            self.center[0] + (p.x - self.width / 2.0) / self.scale,
            self.center[1] + (p.y - self.height / 2.0) / self.scale,
        ]
    }

    /// Whether what the scenario does is shown.
    pub(super) fn after(&self) -> bool {
        self.progress >= 0.5
    }
}

/// The place of the meter: no bubble stands there when the whole estate is seen.
const METER: (f32, f32) = (256.0, 178.0);

/// Scale and middle at which the whole estate is seen, clear of the meter.
#[must_use]
pub fn fitting(places: &EstatePlaces, width: f32, height: f32) -> (f32, [f32; 2]) {
    let bubbles = &places.layout.bubbles;
    if bubbles.is_empty() {
        return (1.0, [0.0, 0.0]);
    }
    // Above the bubbles and below there is room for names and for a line of legend.
    let margins = [(40.0, 44.0), (METER.0, 44.0), (40.0, METER.1)];
    let views = margins.map(|(left, above)| within(places, (width, height), (left, above), (40.0, 96.0)));
    let clear = |&&(scale, center): &&(f32, [f32; 2])| {
        bubbles.iter().all(|b| {
            let x = width / 2.0 + (b.x - center[0]) * scale;
            let y = height / 2.0 + (b.y - center[1]) * scale;
            let (dx, dy) = ((x - METER.0).max(0.0), (y - METER.1).max(0.0));
            dx.hypot(dy) >= b.radius * scale
        })
    };
    let best = views.iter().filter(clear).max_by(|a, b| a.0.total_cmp(&b.0));
    *best.unwrap_or(&views[0])
}

/// Scale and middle at which all bubbles stand between margins: left and above, right and below.
fn within(places: &EstatePlaces, size: (f32, f32), first: (f32, f32), last: (f32, f32)) -> (f32, [f32; 2]) {
    let (mut min, mut max) = ([f32::MAX; 2], [f32::MIN; 2]);
    for b in &places.layout.bubbles {
        for (axis, c) in [b.x, b.y].into_iter().enumerate() {
            min[axis] = min[axis].min(c - b.radius);
            max[axis] = max[axis].max(c + b.radius);
        }
    }
    let (w, h) = ((max[0] - min[0]).max(1.0), (max[1] - min[1]).max(1.0));
    let room = (
        (size.0 - first.0 - last.0).max(64.0),
        (size.1 - first.1 - last.1).max(64.0),
    );
    let scale = (room.0 / w).min(room.1 / h).clamp(1e-3, 6.0);
    let middle = |axis: usize, a: f32, b: f32| (min[axis] + max[axis]) / 2.0 + (b - a) / 2.0 / scale;
    (scale, [middle(0, first.0, last.0), middle(1, first.1, last.1)])
}

/// Something on the screen that has a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spotted {
    /// What it is: a bubble or a node.
    pub owner: Owner,
    /// Its middle.
    pub at: Pt,
    /// Half its width.
    pub half: f32,
}

/// A view of the estate, and what of it can be named and picked with the keyboard.
#[derive(Clone, Debug, Default)]
pub struct EstateDrawing {
    /// What is drawn.
    pub list: DisplayList,
    /// Bubbles, then records with a name, the most important first.
    pub spotted: Vec<Spotted>,
    /// Bubbles that show their records.
    pub open: BTreeSet<u32>,
}

/// How a bubble is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fold {
    /// Out of view.
    Away,
    /// Dots for so many records each.
    Folded,
    /// Its records, so many points apart.
    Open(f32),
}

pub(super) struct Drawing<'a> {
    pub(super) picture: &'a EstatePicture,
    pub(super) view: &'a EstateView,
    pub(super) t: &'static Tokens,
    pub(super) more: f32,
    pub(super) folds: Vec<Fold>,
    /// Records for one dot of a folded bubble.
    pub(super) for_a_dot: u32,
    pub(super) items: Vec<Item>,
    pub(super) spotted: Vec<Spotted>,
}

/// From this distance between records a bubble unfolds by itself.
pub(super) const OPENS: f32 = 9.0;

/// The estate as it looks in a view.
#[must_use]
pub fn draw(picture: &EstatePicture, view: &EstateView) -> EstateDrawing {
    let places = &picture.places;
    let records = places.layout.spots.len() as u32;
    let mut d = Drawing {
        picture,
        view,
        t: view.theme.tokens(),
        more: view.theme.extra_stroke(),
        folds: Vec::new(),
        for_a_dot: dot_of(records),
        items: Vec::new(),
        spotted: Vec::new(),
    };
    d.folds = (0..places.layout.bubbles.len() as u32).map(|b| d.fold(b)).collect();
    let ground = rect(pt(0.0, 0.0), pt(view.width, view.height), 0.0, Some(d.t.canvas), None);
    d.push(Owner::Chrome, vec![ground]);
    let pills = d.bundles();
    d.bubbles();
    let marks = d.records();
    let path = d.path();
    d.items.extend(path);
    d.glyphs(&marks);
    d.items.extend(pills);
    d.names(&marks);
    if view.chrome {
        d.around();
    }
    EstateDrawing {
        list: DisplayList {
            width: view.width,
            height: view.height,
            items: d.items,
        },
        spotted: d.spotted,
        open: (0..)
            .zip(&d.folds)
            .filter(|(_, f)| matches!(f, Fold::Open(_)))
            .map(|(b, _)| b)
            .collect(),
    }
}

/// How many records a dot stands for: the first of these that makes no more than 3,000 dots.
fn dot_of(records: u32) -> u32 {
    const MOST: u32 = 3_000;
    let steps = [1, 5, 10, 50, 100, 500, 1_000, 5_000];
    steps
        .into_iter()
        .find(|s| records / s <= MOST)
        .unwrap_or(records / MOST + 1)
}

impl Drawing<'_> {
    pub(super) fn push(&mut self, owner: Owner, prims: Vec<Prim>) {
        if !prims.is_empty() {
            self.items.push(item(owner, prims));
        }
    }

    /// Middle and radius of a bubble on the screen.
    pub(super) fn disk(&self, bubble: u32) -> (Pt, f32) {
        let b = self.picture.places.layout.bubbles[bubble as usize];
        (self.view.screen_from_layout([b.x, b.y]), b.radius * self.view.scale)
    }

    fn fold(&self, bubble: u32) -> Fold {
        let (c, r) = self.disk(bubble);
        let (w, h) = (self.view.width, self.view.height);
        let (dx, dy) = ((c.x - c.x.clamp(0.0, w)).abs(), (c.y - c.y.clamp(0.0, h)).abs());
        if dx.hypot(dy) > r + 8.0 {
            return Fold::Away;
        }
        let count = self.picture.places.layout.bubbles[bubble as usize].count.max(1) as f32;
        let apart = 0.94 * r * (std::f32::consts::PI / count).sqrt();
        let opened = self.view.unfolded.contains(&bubble);
        if !self.view.folded.contains(&bubble) && (opened || apart >= OPENS) {
            Fold::Open(apart)
        } else {
            Fold::Folded
        }
    }

    pub(super) fn color(&self, state: State) -> Color {
        match state {
            State::Compromised => self.t.compromised,
            State::Intended => self.t.intended,
            State::Inherited => self.t.inherited,
            State::Assumed => self.t.assumed,
            State::Ghost => self.t.ghost,
            State::Untouched | State::Disabled => self.t.untouched,
        }
    }

    fn around(&mut self) {
        let p = self.picture;
        let back = self.t.canvas.with_opacity(0.92);
        let mut prims = Vec::new();
        if p.seeds.is_empty() {
            let n = crate::scene::number(p.places.layout.spots.len() as u64);
            let w = text_width(Face::SemiBold, 42.0, &n);
            let what = if p.places.layout.spots.len() == 1 {
                "record"
            } else {
                "records"
            };
            prims.push(rect(
                pt(8.0, 8.0),
                pt(36.0 + w + text_width(Face::Medium, 14.0, what), 82.0),
                8.0,
                Some(back),
                None,
            ));
            prims.push(text(
                pt(20.0, 22.0),
                Align::Left,
                "Estate",
                11.5,
                Face::Medium,
                self.t.text2,
            ));
            prims.push(text(pt(18.0, 51.0), Align::Left, n, 42.0, Face::SemiBold, self.t.text));
            prims.push(text(
                pt(26.0 + w, 61.0),
                Align::Left,
                what,
                14.0,
                Face::Medium,
                self.t.text2,
            ));
        } else {
            let facts = MeterFacts {
                before: p.summary,
                after: p.summary_after,
                interval: p.interval,
                settings: p.settings,
                by_state: p.by_state,
            };
            prims.push(rect(pt(8.0, 8.0), pt(252.0, 174.0), 8.0, Some(back), None));
            prims.extend(chrome::meter(
                &facts,
                self.view.theme,
                pt(20.0, 14.0),
                self.view.progress,
            ));
        }
        self.push(Owner::Chrome, prims);
        let legend = self.legend();
        self.push(Owner::Chrome, legend);
        let minimap = self.minimap();
        self.push(Owner::Chrome, minimap);
    }

    /// One line: what a dot, a rim and a pill say. Only of what is on the screen.
    fn legend(&self) -> Vec<Prim> {
        let y = self.view.height - 18.0;
        let mut x = 20.0;
        let mut out = Vec::new();
        let say = |out: &mut Vec<Prim>, x: &mut f32, said: &str| {
            let w = text_width(Face::Regular, 11.5, said);
            if *x + w < self.view.width - 12.0 {
                out.push(text(pt(*x, y), Align::Left, said, 11.5, Face::Regular, self.t.text2));
            }
            *x += w + 22.0;
        };
        if self.folds.contains(&Fold::Folded) {
            let mark = crate::scene::display::Mark::Square;
            let dots = |at: Pt, color| Prim::Dots {
                mark,
                half: 1.9,
                at: vec![at],
                color,
            };
            out.push(dots(pt(x + 2.0, y), self.t.untouched));
            out.push(dots(pt(x + 10.0, y), self.t.inherited));
            x += 20.0;
            let n = self.for_a_dot;
            let records = if n == 1 {
                "record".to_owned()
            } else {
                "records".to_owned()
            };
            say(
                &mut out,
                &mut x,
                &format!("1 dot is {} {records}", crate::scene::number(u64::from(n))),
            );
        }
        if !self.picture.seeds.is_empty() {
            let arc = super::bubbles::arc(pt(x + 7.0, y + 5.0), 8.0, -60.0, 60.0);
            out.push(Prim::Path {
                segs: arc,
                fill: None,
                stroke: Some(line(4.0, self.t.inherited)),
            });
            x += 24.0;
            say(&mut out, &mut x, "rim: share reached");
            out.extend(super::bundles::pill(self, pt(x + 8.0, y), State::Inherited, "A"));
            x += 24.0;
            say(&mut out, &mut x, "pill: paths, and the check most of them miss");
        }
        let back = self.t.canvas.with_opacity(0.92);
        if !out.is_empty() {
            out.insert(
                0,
                rect(
                    pt(10.0, y - 13.0),
                    pt((x - 8.0).min(self.view.width), y + 13.0),
                    6.0,
                    Some(back),
                    None,
                ),
            );
        }
        out
    }

    /// The whole estate, small, where less than four fifths of it are in view.
    fn minimap(&self) -> Vec<Prim> {
        const SIZE: (f32, f32) = (160.0, 120.0);
        let (fit, middle) = within(&self.picture.places, SIZE, (8.0, 8.0), (8.0, 8.0));
        let (whole, _) = fitting(&self.picture.places, self.view.width, self.view.height);
        if self.view.scale < whole * 1.12 || self.view.width < 480.0 || self.view.height < 400.0 {
            return Vec::new();
        }
        let max = pt(self.view.width - 18.0, self.view.height - 40.0);
        let min = pt(max.x - SIZE.0, max.y - SIZE.1);
        let c = pt((min.x + max.x) / 2.0, (min.y + max.y) / 2.0);
        let at = |p: [f32; 2]| pt(c.x + (p[0] - middle[0]) * fit, c.y + (p[1] - middle[1]) * fit);
        let mut out = vec![rect(
            min,
            max,
            6.0,
            Some(self.t.panel),
            Some(line(1.0 + self.more, self.t.hairline)),
        )];
        let counts = |f: &super::BubbleFacts| if self.view.after() { f.after } else { f.before };
        for (b, facts) in self.picture.places.layout.bubbles.iter().zip(&self.picture.bubbles) {
            let n = counts(facts);
            let color = match (n.compromised, n.inherited, n.intended, n.assumed) {
                (1.., ..) => self.t.compromised,
                (_, 1.., ..) => self.t.inherited,
                (_, _, 1.., _) => self.t.intended,
                (_, _, _, 1..) => self.t.assumed,
                _ => self.t.untouched,
            };
            let fill = Some(color.with_opacity(0.35));
            out.push(circle(
                at([b.x, b.y]),
                (b.radius * fit).max(1.5),
                fill,
                Some(line(1.0, color)),
            ));
        }
        let hold = |p: Pt| pt(p.x.clamp(min.x + 1.0, max.x - 1.0), p.y.clamp(min.y + 1.0, max.y - 1.0));
        let (a, b) = (
            self.view.layout_from_screen(pt(0.0, 0.0)),
            self.view.layout_from_screen(pt(self.view.width, self.view.height)),
        );
        out.push(rect(hold(at(a)), hold(at(b)), 2.0, None, Some(line(1.5, self.t.text))));
        out
    }
}

/// What is under a point: a record of an open bubble (within 24 points across), else a bubble.
#[must_use]
pub fn hit(picture: &EstatePicture, view: &EstateView, at: Pt) -> Option<Owner> {
    let places = &picture.places;
    let p = view.layout_from_screen(at);
    let bubble = places
        .layout
        .bubbles
        .iter()
        .position(|b| (p[0] - b.x).hypot(p[1] - b.y) <= b.radius)?;
    let d = Drawing {
        picture,
        view,
        t: view.theme.tokens(),
        more: 0.0,
        folds: Vec::new(),
        for_a_dot: 1,
        items: Vec::new(),
        spotted: Vec::new(),
    };
    if let Fold::Open(apart) = d.fold(bubble as u32)
        && apart >= super::records::SEEN
        && let Some(node) = places
            .grid
            .nearest(&places.layout, p, (apart * 0.6).clamp(5.0, 13.0) / view.scale)
    {
        return Some(Owner::Node(node));
    }
    Some(Owner::Bubble(bubble as u32))
}
