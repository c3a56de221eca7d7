//! The estate: every record, in a bubble for each cluster. Bubbles first, then the records inside each of them by
//! force, so that a first picture is there at once and better ones follow without a bubble moving. Equal requests give
//! equal places, on any number of threads.

mod between;
mod force;
mod net;
mod within;

use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The place of the `i`th of `n` points that fill a disk of radius 1 evenly, from the middle outward.
#[must_use]
pub fn sunflower(i: usize, n: usize) -> [f32; 2] {
    within::sunflower(i, n)
}

/// What is asked for. Nodes and groups are numbered from 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EstateRequest {
    /// The group of each node.
    pub group: Vec<u32>,
    /// How many groups there are; each has a node.
    pub groups: u32,
    /// Which nodes have to do with each other; the direction does not matter.
    pub edges: Vec<(u32, u32)>,
    /// Where nodes stood before, in points; empty where there was no picture.
    pub old: Vec<Option<[f32; 2]>>,
    /// Where groups stood before: middle and radius; empty where there was no picture.
    pub old_bubbles: Vec<Option<[f32; 3]>>,
}

/// One group's place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bubble {
    /// Its middle, in points at scale 1, to the right.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Its radius.
    pub radius: f32,
    /// Its nodes are `order[first..first + count]`.
    pub first: u32,
    /// How many nodes it has.
    pub count: u32,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EstateLayout {
    /// The groups, by number.
    pub bubbles: Vec<Bubble>,
    /// Nodes by group; within one by number.
    pub order: Vec<u32>,
    /// Where each node stands, by its number, in points at scale 1.
    pub spots: Vec<[f32; 2]>,
    /// Whether better places are on their way.
    pub rough: bool,
}

impl EstateLayout {
    /// The nodes of a bubble.
    #[must_use]
    pub fn nodes(&self, bubble: u32) -> &[u32] {
        let b = self.bubbles[bubble as usize];
        &self.order[b.first as usize..(b.first + b.count) as usize]
    }
}

/// What is told on the way.
pub trait Watch: Sync {
    /// Whether nobody waits for it any more.
    fn is_stale(&self) -> bool;
    /// How many of how many nodes have their place.
    fn progress(&self, done: usize, all: usize);
    /// A picture that is good enough to be shown until a better one comes.
    fn picture(&self, layout: EstateLayout);
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn is_stale(&self) -> bool {
        false
    }

    fn progress(&self, _: usize, _: usize) {}

    fn picture(&self, _: EstateLayout) {}
}

/// Lays an estate out; nothing where nobody waits for it any more.
#[must_use]
pub fn estate(request: &EstateRequest, watch: &dyn Watch) -> Option<EstateLayout> {
    let n = request.group.len();
    let groups = request.groups as usize;
    let (mut layout, local) = bubbles(request);
    if n == 0 {
        return Some(layout);
    }
    let crossing = crossing(request);
    let ties = ties(request, &crossing);
    let radii: Vec<f32> = layout.bubbles.iter().map(|b| b.radius).collect();
    let old: Vec<Option<[f32; 2]>> = (0..groups)
        .map(|g| request.old_bubbles.get(g).copied().flatten().map(|b| [b[0], b[1]]))
        .collect();
    for (bubble, at) in layout.bubbles.iter_mut().zip(between::arrange(&radii, &ties, &old)) {
        (bubble.x, bubble.y) = (at[0], at[1]);
    }
    first_picture(request, &mut layout);
    if watch.is_stale() {
        return None;
    }
    watch.picture(layout.clone());

    let drawn = drawn(request, &layout, &crossing);
    let mut inside = insides(request, &layout, &local, &drawn);
    // Large ones first, so that no thread is left with one at the end.
    let mut by_size: Vec<u32> = (0..groups as u32).collect();
    by_size.sort_by_key(|&g| (std::cmp::Reverse(layout.bubbles[g as usize].count), g));
    let done = AtomicUsize::new(0);
    let mut at = 0;
    while at < groups {
        // Some at a time: after each of these parts there is a better picture.
        let mut until = at;
        let mut nodes = 0;
        while until < groups && (nodes == 0 || nodes < n / PICTURES) {
            nodes += layout.bubbles[by_size[until] as usize].count as usize;
            until += 1;
        }
        let part: Vec<(u32, within::Inside)> = by_size[at..until]
            .iter()
            .map(|&g| (g, std::mem::take(&mut inside[g as usize])))
            .collect();
        let placed: Option<Vec<(u32, Vec<[f32; 2]>)>> = part
            .into_par_iter()
            .with_max_len(1)
            .map(|(g, asked)| {
                let places = within::arrange(&asked, &|| watch.is_stale())?;
                let all = done.fetch_add(asked.count, Ordering::Relaxed) + asked.count;
                watch.progress(all, n);
                Some((g, places))
            })
            .collect();
        for (g, places) in placed? {
            let b = layout.bubbles[g as usize];
            for (i, p) in places.iter().enumerate() {
                let node = layout.order[b.first as usize + i] as usize;
                layout.spots[node] = [b.x + p[0] * b.radius * INSIDE, b.y + p[1] * b.radius * INSIDE];
            }
        }
        at = until;
        if at < groups {
            watch.picture(layout.clone());
        }
    }
    layout.rough = false;
    Some(layout)
}

/// About so many better pictures follow the first.
const PICTURES: usize = 4;
/// How much of a bubble's radius its nodes take.
const INSIDE: f32 = 0.94;

/// Bubbles without places, and the position of each node in its bubble.
fn bubbles(request: &EstateRequest) -> (EstateLayout, Vec<u32>) {
    let n = request.group.len();
    let mut bubbles = vec![Bubble::default(); request.groups as usize];
    let mut local = vec![0_u32; n];
    for (v, &g) in request.group.iter().enumerate() {
        local[v] = bubbles[g as usize].count;
        bubbles[g as usize].count += 1;
    }
    let mut first = 0;
    for b in &mut bubbles {
        b.first = first;
        b.radius = between::radius(b.count as usize);
        first += b.count;
    }
    let mut order = vec![0_u32; n];
    for (v, &g) in request.group.iter().enumerate() {
        order[(bubbles[g as usize].first + local[v]) as usize] = v as u32;
    }
    let layout = EstateLayout {
        bubbles,
        order,
        spots: vec![[0.0; 2]; n],
        rough: true,
    };
    (layout, local)
}

/// Edges from bubble to bubble.
fn crossing(request: &EstateRequest) -> Vec<(u32, u32)> {
    let apart = |e: &&(u32, u32)| request.group[e.0 as usize] != request.group[e.1 as usize];
    request.edges.iter().filter(apart).copied().collect()
}

/// Pairs of bubbles with the number of edges between them.
fn ties(request: &EstateRequest, crossing: &[(u32, u32)]) -> Vec<(u32, u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = crossing
        .iter()
        .map(|&(a, b)| {
            let (a, b) = (request.group[a as usize], request.group[b as usize]);
            (a.min(b), a.max(b))
        })
        .collect();
    pairs.par_sort_unstable();
    let mut out: Vec<(u32, u32, u32)> = Vec::new();
    for (a, b) in pairs {
        match out.last_mut() {
            Some(last) if (last.0, last.1) == (a, b) => last.2 += 1,
            _ => out.push((a, b, 1)),
        }
    }
    out
}

/// Every node on a sunflower in its bubble, or where it stood before.
fn first_picture(request: &EstateRequest, layout: &mut EstateLayout) {
    for (g, b) in layout.bubbles.iter().enumerate() {
        let was = request.old_bubbles.get(g).copied().flatten();
        for i in 0..b.count as usize {
            let node = layout.order[b.first as usize + i] as usize;
            let old = request.old.get(node).copied().flatten().zip(was);
            let p = match old {
                Some((p, was)) => [(p[0] - was[0]) / was[2], (p[1] - was[1]) / was[2]],
                None => within::sunflower(i, b.count as usize).map(|c| c * INSIDE),
            };
            layout.spots[node] = [b.x + p[0] * b.radius, b.y + p[1] * b.radius];
        }
    }
}

/// How each node is drawn by nodes of other bubbles: towards them, once for each.
fn drawn(request: &EstateRequest, layout: &EstateLayout, crossing: &[(u32, u32)]) -> Vec<[f32; 2]> {
    let mut out = vec![[0.0_f32; 2]; request.group.len()];
    for &(a, b) in crossing {
        let at = |v: u32| layout.bubbles[request.group[v as usize] as usize];
        let (from, to) = (at(a), at(b));
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let d = (dx * dx + dy * dy).sqrt().max(1.0);
        let (ux, uy) = (dx / d, dy / d);
        out[a as usize] = [out[a as usize][0] + ux, out[a as usize][1] + uy];
        out[b as usize] = [out[b as usize][0] - ux, out[b as usize][1] - uy];
    }
    out
}

/// What is asked of each bubble.
fn insides(request: &EstateRequest, layout: &EstateLayout, local: &[u32], drawn: &[[f32; 2]]) -> Vec<within::Inside> {
    let mut out: Vec<within::Inside> = layout
        .bubbles
        .iter()
        .enumerate()
        .map(|(g, b)| {
            let nodes = layout.nodes(g as u32);
            let was = request.old_bubbles.get(g).copied().flatten();
            within::Inside {
                count: b.count as usize,
                edges: Vec::new(),
                drawn: nodes.iter().map(|&v| drawn[v as usize]).collect(),
                old: nodes
                    .iter()
                    .map(|&v| {
                        let (p, was) = request.old.get(v as usize).copied().flatten().zip(was)?;
                        Some([(p[0] - was[0]) / was[2] / INSIDE, (p[1] - was[1]) / was[2] / INSIDE])
                    })
                    .collect(),
            }
        })
        .collect();
    for &(a, b) in &request.edges {
        let (ga, gb) = (request.group[a as usize], request.group[b as usize]);
        if ga == gb {
            out[ga as usize].edges.push((local[a as usize], local[b as usize]));
        }
    }
    out
}
