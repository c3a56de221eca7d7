//! What the estate shows: the state of every record before and after the scenario, what each bubble holds, and what
//! passes from bubble to bubble.

use super::density::Density;
use super::grid::Grid;
use super::shape::EstateShape;
use crate::analysis::{Interval, Parent, Radius, Summary};
use crate::graph::{Settings, Thing, TrustGraph};
use crate::layout::estate::EstateLayout;
use crate::scenario::Comparison;
use crate::scene::map::{Gate, gate};
use crate::scene::{Class, State};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the estate's records are, with an index over them.
#[derive(Debug)]
pub struct EstatePlaces {
    /// What is laid out.
    pub shape: Arc<EstateShape>,
    /// Where.
    pub layout: EstateLayout,
    /// What is where.
    pub grid: Grid,
    /// How many relations lead from bubble to bubble, the most first: two groups and a number.
    pub ties: Vec<(u32, u32, u32)>,
}

impl EstatePlaces {
    /// Indexes a layout.
    #[must_use]
    pub fn new(shape: Arc<EstateShape>, layout: EstateLayout) -> Self {
        let grid = Grid::new(&layout);
        let mut pairs: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for &(a, b) in shape.edges() {
            let (a, b) = (shape.group[a as usize], shape.group[b as usize]);
            if a != b {
                *pairs.entry((a.min(b), a.max(b))).or_default() += 1;
            }
        }
        let mut ties: Vec<(u32, u32, u32)> = pairs.into_iter().map(|((a, b), n)| (a, b, n)).collect();
        ties.sort_by_key(|t| (std::cmp::Reverse(t.2), t.0, t.1));
        Self {
            shape,
            layout,
            grid,
            ties,
        }
    }
}

/// Counts of one bubble, before the scenario and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records reached as intended.
    pub intended: u32,
    /// By inheritance.
    pub inherited: u32,
    /// By assumption.
    pub assumed: u32,
    /// Seeds.
    pub compromised: u32,
}

impl Counts {
    fn add(&mut self, state: State) {
        match state {
            State::Intended => self.intended += 1,
            State::Inherited => self.inherited += 1,
            State::Assumed => self.assumed += 1,
            State::Compromised => self.compromised += 1,
            State::Ghost | State::Untouched | State::Disabled => {}
        }
    }

    /// Records reached, seeds among them.
    #[must_use]
    pub fn reached(&self) -> u32 {
        self.intended + self.inherited + self.assumed + self.compromised
    }
}

/// What a bubble holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BubbleFacts {
    /// All its records.
    pub records: u32,
    /// Systems, identities, credentials.
    pub classes: [u32; 3],
    /// Before the scenario.
    pub before: Counts,
    /// After it; the same where there is none.
    pub after: Counts,
    /// Crown jewels, and those of them that are reached after the scenario.
    pub crowns: (u32, u32),
}

/// What reaches one bubble from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// From this group.
    pub from: u32,
    /// To this group.
    pub to: u32,
    /// Paths that cross, before the scenario.
    pub before: u32,
    /// After it.
    pub after: u32,
    /// The state in which most of them arrive.
    pub state: State,
    /// The check that most of them miss; none where every check is made or that is not known.
    pub letter: Option<char>,
}

/// Nothing leads to a node.
const NONE: u32 = u32::MAX;

/// The estate, with the states of its records.
#[derive(Debug)]
pub struct EstatePicture {
    /// Where everything is.
    pub places: Arc<EstatePlaces>,
    /// The state of each node before the scenario.
    pub before: Vec<State>,
    /// After it; the same where there is none.
    pub after: Vec<State>,
    /// What each is reached from, before.
    parent: Vec<u32>,
    /// How many of each state are where: before, and after.
    density: [Arc<Density>; 2],
    /// Each bubble.
    pub bubbles: Vec<BubbleFacts>,
    /// What passes between them, the most first.
    pub bundles: Vec<Bundle>,
    /// Nodes that are compromised.
    pub seeds: Vec<u32>,
    /// The numbers before.
    pub summary: Summary,
    /// The numbers after, with a scenario.
    pub summary_after: Option<Summary>,
    /// Systems reached before in each regime.
    pub interval: Interval,
    /// As-of time and regime.
    pub settings: Settings,
    /// Systems by state, before and after: intended, inherited, assumed.
    pub by_state: [[u64; 3]; 2],
}

impl EstatePicture {
    /// The estate under a radius, and under what a scenario leaves of it.
    #[must_use]
    pub fn new(
        graph: &TrustGraph,
        places: Arc<EstatePlaces>,
        before: &Radius,
        comparison: Option<&Comparison>,
        settings: Settings,
    ) -> Self {
        let shape = &places.shape;
        let after = comparison.map(|c| &*c.after);
        let was = states(shape, before);
        let is = match after {
            None => was.clone(),
            Some(after) => {
                let mut is = states(shape, after);
                for (is, was) in is.iter_mut().zip(&was) {
                    if *is == State::Untouched && *was != State::Untouched {
                        *is = State::Ghost;
                    }
                }
                is
            }
        };
        let parents = before.parents(graph);
        let mut parent = vec![NONE; shape.len()];
        for (&thing, p) in &parents {
            if let (Some(v), Some(from)) = (shape.node(thing), p.from.and_then(|f| origin(shape, &parents, f))) {
                parent[v as usize] = from;
            }
        }
        let bundles = bundles(shape, &parents, &parent, &was, &is);
        let seeds = before.seeds.iter().filter_map(|&s| shape.node(s)).collect();
        let density_before = Arc::new(Density::new(&places.grid, &was));
        let density_after = match after {
            None => Arc::clone(&density_before),
            Some(_) => Arc::new(Density::new(&places.grid, &is)),
        };
        Self {
            density: [density_before, density_after],
            bubbles: facts(shape, &was, &is),
            bundles,
            seeds,
            summary: before.summary,
            summary_after: after.map(|a| a.summary),
            interval: before.interval,
            settings,
            by_state: [by_state(shape, &was), by_state(shape, &is)],
            parent,
            before: was,
            after: is,
            places,
        }
    }

    /// What a node is reached from, before the scenario.
    #[must_use]
    pub fn parent(&self, node: u32) -> Option<u32> {
        self.parent.get(node as usize).copied().filter(|&p| p != NONE)
    }

    /// The nodes of a node's path, from the seed to it.
    #[must_use]
    pub fn path(&self, node: u32) -> Vec<u32> {
        let mut path = vec![node];
        let mut at = node;
        while let Some(p) = self.parent(at) {
            if path.len() > 64 {
                break;
            }
            path.push(p);
            at = p;
        }
        path.reverse();
        path
    }

    /// The state of a node at a moment of the change: after the scenario, or before.
    #[must_use]
    pub fn state(&self, node: u32, after: bool) -> State {
        let of = if after { &self.after } else { &self.before };
        of.get(node as usize).copied().unwrap_or(State::Untouched)
    }

    /// How many of each state are where, at a moment of the change.
    #[must_use]
    pub fn density(&self, after: bool) -> &Density {
        &self.density[usize::from(after)]
    }

    /// What a screen reader says of a node.
    #[must_use]
    pub fn accessible_name(&self, node: u32) -> String {
        let shape = &self.places.shape;
        let class = match shape.class(node) {
            Class::Credential => "credential",
            Class::Identity => "identity",
            Class::System => "system",
            Class::Context => "context",
        };
        let crown = if shape.crown(node) { ", crown jewel" } else { "" };
        let state = self.state(node, true).words();
        format!("{}, {class}, {state}{crown}", shape.name(node))
    }

    /// What a screen reader says of a bubble.
    #[must_use]
    pub fn bubble_name(&self, bubble: u32) -> String {
        let (f, name) = (
            &self.bubbles[bubble as usize],
            &self.places.shape.names[bubble as usize],
        );
        let mut said = format!(
            "{name}, cluster, {} records",
            crate::scene::number(u64::from(f.records))
        );
        if self.summary_after.is_some() && f.before != f.after {
            said.push_str(&format!(", {} → {} reached", f.before.reached(), f.after.reached()));
        } else if f.before.reached() > 0 {
            said.push_str(&format!(
                ", {} reached",
                crate::scene::number(u64::from(f.before.reached()))
            ));
        } else {
            said.push_str(", not reached");
        }
        if f.before.compromised > 0 {
            said.push_str(&format!(", {} compromised", f.before.compromised));
        }
        match f.crowns.0 {
            0 => {}
            1 => said.push_str(", 1 crown jewel"),
            n => said.push_str(&format!(", {n} crown jewels")),
        }
        said
    }
}

/// The nearest node up the path: contexts are none.
fn origin(shape: &EstateShape, parents: &BTreeMap<Thing, Parent>, from: Thing) -> Option<u32> {
    let mut at = from;
    for _ in 0..8 {
        if let Some(v) = shape.node(at) {
            return Some(v);
        }
        at = parents.get(&at)?.from?;
    }
    None
}

fn states(shape: &EstateShape, radius: &Radius) -> Vec<State> {
    let mut out = vec![State::Untouched; shape.len()];
    let reaches = radius.systems.iter().map(|s| &s.reach);
    let reaches = reaches
        .chain(radius.credentials.iter().map(|c| &c.reach))
        .chain(&radius.identities);
    for r in reaches {
        if let Some(v) = shape.node(r.thing) {
            out[v as usize] = match (r.assumed, r.inherited) {
                (true, _) => State::Assumed,
                (_, true) => State::Inherited,
                _ => State::Intended,
            };
        }
    }
    for &seed in &radius.seeds {
        if let Some(v) = shape.node(seed) {
            out[v as usize] = State::Compromised;
        }
    }
    out
}

fn by_state(shape: &EstateShape, states: &[State]) -> [u64; 3] {
    let mut out = [0; 3];
    for (v, state) in states.iter().enumerate() {
        if shape.class(v as u32) == Class::System {
            match state {
                State::Intended => out[0] += 1,
                State::Inherited => out[1] += 1,
                State::Assumed => out[2] += 1,
                _ => {}
            }
        }
    }
    out
}

fn facts(shape: &EstateShape, before: &[State], after: &[State]) -> Vec<BubbleFacts> {
    let mut out = vec![BubbleFacts::default(); shape.names.len()];
    for (v, &g) in shape.group.iter().enumerate() {
        let f = &mut out[g as usize];
        f.records += 1;
        f.classes[match shape.class(v as u32) {
            Class::System => 0,
            Class::Identity => 1,
            Class::Credential | Class::Context => 2,
        }] += 1;
        f.before.add(before[v]);
        f.after.add(after[v]);
        if shape.crown(v as u32) {
            f.crowns.0 += 1;
            f.crowns.1 += u32::from(!matches!(after[v], State::Untouched | State::Ghost | State::Disabled));
        }
    }
    out
}

fn bundles(
    shape: &EstateShape,
    parents: &BTreeMap<Thing, Parent>,
    parent: &[u32],
    before: &[State],
    after: &[State],
) -> Vec<Bundle> {
    #[derive(Default)]
    struct Sum {
        before: u32,
        after: u32,
        states: [u32; 3],
        letters: BTreeMap<char, u32>,
    }
    let mut sums: BTreeMap<(u32, u32), Sum> = BTreeMap::new();
    for (v, &from) in parent.iter().enumerate() {
        if from == NONE || shape.group[from as usize] == shape.group[v] {
            continue;
        }
        let sum = sums.entry((shape.group[from as usize], shape.group[v])).or_default();
        sum.before += 1;
        sum.after += u32::from(after[v] != State::Ghost);
        let state = before[v];
        sum.states[match state {
            State::Intended => 0,
            State::Assumed => 2,
            _ => 1,
        }] += 1;
        let thing = shape.thing(v as u32);
        if let Some(p) = parents.get(&thing)
            && let Gate::Missing(letters) = gate(shape.class(v as u32), state, p)
        {
            for l in letters.chars() {
                *sum.letters.entry(l).or_default() += 1;
            }
        }
    }
    let mut out: Vec<Bundle> = sums
        .into_iter()
        .map(|((from, to), sum)| Bundle {
            from,
            to,
            before: sum.before,
            after: sum.after,
            state: match sum.states {
                [intended, inherited, assumed] if intended >= inherited && intended >= assumed => State::Intended,
                [_, inherited, assumed] if inherited >= assumed => State::Inherited,
                _ => State::Assumed,
            },
            letter: sum
                .letters
                .iter()
                .max_by_key(|(l, n)| (**n, std::cmp::Reverse(**l)))
                .map(|(l, _)| *l),
        })
        .collect();
    out.sort_by_key(|b| (std::cmp::Reverse(b.before), b.from, b.to));
    out
}
