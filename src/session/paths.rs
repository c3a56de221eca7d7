//! Paths: everything that one thing opens, everything that opens it, the way from one to another, and what lies around.
//! Each as a list with the reason of every hop and as a map. Under the scenario as it stands.

use super::derive::{Question, Reach};
use super::inspect::look_of;
use super::{Class, ThingState, WhyRow, why};
use crate::analysis::{self, Cancel, Parent, Radius};
use crate::graph::{Overlay, Thing, World};
use crate::scene::{Direction, FoundStep, MOST_STEPS, MapPicture, near};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// Lines that are written out.
const MOST_LINES: usize = 200;
/// The most steps of a neighbourhood.
pub const MOST_AROUND: u32 = 6;

/// What is asked, by id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathsAsk {
    /// What this opens by itself.
    From(String),
    /// Which credentials open this.
    To(String),
    /// The way from the first to the second.
    Between(String, String),
    /// What lies within some steps.
    Near(String, Direction, u32),
}

/// One thing at the end, or at the start, of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its shape.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
    /// A crown jewel.
    pub crown: bool,
    /// In which state it is reached.
    pub state: ThingState,
    /// Hops of the path; steps in a neighbourhood.
    pub hops: u32,
    /// The path with the reason of each hop.
    pub rows: Vec<WhyRow>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Paths {
    /// What was asked.
    pub ask: PathsAsk,
    /// Crown jewels first, then by hops, then by name.
    pub lines: Vec<PathLine>,
    /// How many there are, with those that are not written out.
    pub total: usize,
    /// The same as a map: what was asked about in the middle.
    pub picture: Arc<MapPicture>,
}

/// Answers. Nothing where it was cancelled, or where what was asked about is not known any more.
pub fn paths(q: &Question, reach: &Reach, ask: &PathsAsk, cancel: &dyn Cancel) -> Option<Paths> {
    let find = |id: &str| q.estate.graph.find(id);
    let asked = Asked { q, reach, cancel };
    let (mut lines, found, own) = match ask {
        PathsAsk::From(id) => asked.from(find(id)?)?,
        PathsAsk::To(id) => asked.to(find(id)?)?,
        PathsAsk::Between(a, b) => asked.between(find(a)?, find(b)?)?,
        PathsAsk::Near(id, direction, steps) => asked.near(find(id)?, *direction, *steps),
    };
    lines.sort_by(|a, b| {
        let key = |l: &PathLine| (!l.crown, l.hops, l.name.to_lowercase());
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let total = lines.len();
    lines.truncate(MOST_LINES);
    let (radius, comparison) = match &own {
        Some(radius) => (radius, None),
        None => (reach.before(), reach.comparison.as_ref()),
    };
    let graph = &q.estate.graph;
    Some(Paths {
        ask: ask.clone(),
        picture: Arc::new(MapPicture::of_steps(
            graph, radius, comparison, &found, q.settings, q.map_size,
        )),
        lines,
        total,
    })
}

/// Lines, the map's things, and the radius that the map's states come from where it is not the compromise's.
type Answered = (Vec<PathLine>, Vec<FoundStep>, Option<Radius>);

struct Asked<'a> {
    q: &'a Question,
    reach: &'a Reach,
    cancel: &'a dyn Cancel,
}

impl Asked<'_> {
    fn overlay(&self) -> &Overlay {
        &self.reach.overlay
    }

    fn radius(&self, seed: Thing) -> Option<Radius> {
        let graph = &self.q.estate.graph;
        analysis::radius(graph, self.overlay(), &[seed], self.q.settings, self.cancel).ok()
    }

    fn from(&self, seed: Thing) -> Option<Answered> {
        let radius = self.radius(seed)?;
        let parents = radius.parents(&self.q.estate.graph);
        let things = radius.things();
        let lines = things.iter().filter(|t| **t != seed).map(|&t| self.line(&radius, t, t));
        Some((lines.collect(), tree(seed, &parents), Some(radius)))
    }

    fn between(&self, seed: Thing, end: Thing) -> Option<Answered> {
        let radius = self.radius(seed)?;
        let parents = radius.parents(&self.q.estate.graph);
        if seed == end || !radius.things().contains(&end) {
            return Some((Vec::new(), vec![(seed, 0, None)], Some(radius)));
        }
        let mut chain = chain(end, &parents);
        chain.reverse();
        let found = chain
            .iter()
            .enumerate()
            .map(|(n, &t)| (t, n as u32, (n as u32).checked_sub(1)))
            .collect();
        Some((vec![self.line(&radius, end, end)], found, Some(radius)))
    }

    fn to(&self, end: Thing) -> Option<Answered> {
        let graph = &self.q.estate.graph;
        let world = World::new(graph, self.overlay(), self.q.settings);
        let candidates: Vec<Thing> = leading_to(self.q, end)
            .into_iter()
            .filter(|t| *t != end && matches!(t, Thing::Credential(_)))
            .collect();
        let opening: Vec<Option<Thing>> = candidates
            .par_iter()
            .map(|&c| {
                let reached = analysis::reached(world, &[c], self.cancel).ok()?;
                Some(reached.things.contains(&end).then_some(c))
            })
            .collect::<Option<Vec<_>>>()?;
        let opening: Vec<Thing> = opening.into_iter().flatten().collect();
        let mut lines = Vec::new();
        let mut chains: Vec<Vec<Thing>> = Vec::new();
        for (n, &c) in opening.iter().enumerate() {
            if n >= MOST_LINES {
                // Only counted; a line of its own says nothing that its name does not.
                lines.push(self.bare(c, ThingState::Untouched, 0));
                continue;
            }
            let radius = self.radius(c)?;
            chains.push(chain(end, &radius.parents(graph)));
            lines.push(self.line(&radius, c, end));
        }
        chains.sort_by_key(|c| (c.len(), c.clone()));
        let mut found: Vec<FoundStep> = vec![(end, 0, None)];
        let mut place: HashMap<Thing, u32> = HashMap::from([(end, 0)]);
        for chain in chains {
            let mut at = 0;
            for thing in chain.into_iter().skip(1) {
                if let Some(&known) = place.get(&thing) {
                    at = known;
                } else if found.len() < MOST_STEPS {
                    let steps = found[at as usize].1 + 1;
                    place.insert(thing, found.len() as u32);
                    found.push((thing, steps, Some(at)));
                    at = found.len() as u32 - 1;
                }
            }
        }
        Some((lines, found, None))
    }

    fn near(&self, middle: Thing, direction: Direction, steps: u32) -> Answered {
        let before = self.reach.before().things();
        let first = |t: Thing| !before.contains(&t);
        let found = near(
            &self.q.estate.graph,
            middle,
            direction,
            steps.clamp(1, MOST_AROUND),
            &first,
        );
        let lines = found.iter().skip(1).map(|&(t, steps, _)| {
            let state = match super::inspect::reach_of(self.reach.now(), t) {
                Some(r) if r.assumed => ThingState::Assumed,
                Some(r) if r.inherited => ThingState::Inherited,
                Some(_) => ThingState::Intended,
                None => ThingState::Untouched,
            };
            self.bare(t, state, steps)
        });
        (lines.collect(), found, None)
    }

    /// A line for `shown`, with the path of a radius to `end`.
    fn line(&self, radius: &Radius, shown: Thing, end: Thing) -> PathLine {
        let graph = &self.q.estate.graph;
        let path = radius.path(graph, end).unwrap_or_default();
        let mut rows = why::why(self.q, radius, radius, &path);
        // What is held and acted as on the way is told; other branches of the explanation follow the thing they serve.
        rows.truncate(MOST_STEPS);
        let (state, hops) = match super::inspect::reach_of(radius, end) {
            Some(r) if r.assumed => (ThingState::Assumed, r.hops),
            Some(r) if r.inherited => (ThingState::Inherited, r.hops),
            Some(r) => (ThingState::Intended, r.hops),
            None => (ThingState::Untouched, 0),
        };
        PathLine {
            rows,
            ..self.bare(shown, state, hops)
        }
    }

    fn bare(&self, thing: Thing, state: ThingState, hops: u32) -> PathLine {
        let id = self.q.estate.graph.id(thing).into_owned();
        let look = look_of(self.q.estate.inventory(), thing, &id);
        PathLine {
            name: look.name,
            class: look.class,
            icon: look.icon,
            crown: look.crown,
            state,
            hops,
            rows: Vec::new(),
            id,
        }
    }
}

/// From a thing back to its seed.
fn chain(end: Thing, parents: &BTreeMap<Thing, Parent>) -> Vec<Thing> {
    let mut out = vec![end];
    let mut at = end;
    while let Some(from) = parents.get(&at).and_then(|p| p.from) {
        if out.contains(&from) {
            break;
        }
        out.push(from);
        at = from;
    }
    out
}

/// Everything that hangs on a seed, nearest first.
fn tree(seed: Thing, parents: &BTreeMap<Thing, Parent>) -> Vec<FoundStep> {
    let mut children: BTreeMap<Thing, Vec<Thing>> = BTreeMap::new();
    for (&thing, parent) in parents {
        if let Some(from) = parent.from.filter(|f| *f != thing) {
            children.entry(from).or_default().push(thing);
        }
    }
    let mut found: Vec<FoundStep> = vec![(seed, 0, None)];
    let mut met = HashSet::from([seed]);
    let mut at = 0;
    while at < found.len() {
        let (thing, steps, _) = found[at];
        for &child in children.get(&thing).into_iter().flatten() {
            if found.len() < MOST_STEPS && met.insert(child) {
                found.push((child, steps + 1, Some(at as u32)));
            }
        }
        at += 1;
    }
    found
}

/// Everything from which relations lead to a thing, sorted: nothing that opens it is missing. An escalation that any
/// identity may take is no edge, so where one is met everything counts.
fn leading_to(q: &Question, end: Thing) -> Vec<Thing> {
    let graph = &q.estate.graph;
    let r = &q.estate.inventory().records;
    let open: HashSet<u32> = r
        .inherits
        .iter()
        .enumerate()
        .filter(|(_, n)| n.from.is_none())
        .map(|(n, _)| graph.inherit_to[n])
        .collect();
    let joined = graph.as_petgraph();
    let place: HashMap<Thing, petgraph::graph::NodeIndex<u32>> =
        joined.node_indices().map(|n| (joined[n], n)).collect();
    let mut met: HashSet<Thing> = HashSet::from([end]);
    let mut queue = VecDeque::from([end]);
    while let Some(thing) = queue.pop_front() {
        if matches!(thing, Thing::Identity(i) if open.contains(&i)) {
            return (0..r.credentials.len() as u32).map(Thing::Credential).collect();
        }
        let Some(&at) = place.get(&thing) else { continue };
        for from in joined.neighbors_directed(at, petgraph::Direction::Incoming) {
            if met.insert(joined[from]) {
                queue.push_back(joined[from]);
            }
        }
    }
    let mut out: Vec<Thing> = met.into_iter().collect();
    out.sort_unstable();
    out
}
