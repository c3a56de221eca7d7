//! One compromise, kept at hand: what it reaches in an order of derivation, so that a what-if only has to look at what
//! a change touches. Facts are deleted and derived again component by component; what is left to delete once a
//! component is done is truly lost.

use super::core::{Core, Counts, NONE};
use super::lists::Lists;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

/// The graph turned round: who leads to whom.
#[derive(Clone, Debug)]
pub struct Backward {
    pub(super) into: Lists,
    /// Doors by head, as places in the core's list.
    pub(super) doors_into: Lists,
    /// The tail of each door.
    pub(super) tail: Vec<u32>,
    /// Doors by each key that opens them.
    doors_of_key: Lists,
}

impl Backward {
    /// Of a core.
    #[must_use]
    pub fn of(core: &Core) -> Self {
        let mut tail = Vec::with_capacity(core.doors.len());
        for node in 0..core.len() as u32 {
            tail.extend(core.doors_of(node).iter().map(|_| node));
        }
        let by_head: Vec<(u32, u32)> = core.doors.iter().zip(0..).map(|(door, at)| (door.head, at)).collect();
        let mut by_key: Vec<(u32, u32)> = Vec::new();
        for (door, at) in core.doors.iter().zip(0..) {
            by_key.extend(core.clause(door.clause).iter().map(|&k| (k, at)));
        }
        Self {
            into: core.out.turned(core.len()),
            doors_into: Lists::of_pairs(core.len(), &by_head),
            tail,
            doors_of_key: Lists::of_pairs(core.keys(), &by_key),
        }
    }
}

impl Backward {
    /// Which nodes lead to one of these without any door on the way.
    #[must_use]
    pub fn leading_to(&self, ends: &[u32]) -> Vec<bool> {
        let mut leads = vec![false; self.into.keys()];
        let mut waiting: Vec<u32> = Vec::new();
        let mut enter = |node: u32, waiting: &mut Vec<u32>| {
            if !std::mem::replace(&mut leads[node as usize], true) {
                waiting.push(node);
            }
        };
        ends.iter().for_each(|&end| enter(end, &mut waiting));
        while let Some(node) = waiting.pop() {
            self.into.of(node).iter().for_each(|&from| enter(from, &mut waiting));
        }
        leads
    }

    /// How many nodes that `count` are entered at least on the way from each node to one of these, all doors open;
    /// nothing where no way leads there.
    #[must_use]
    pub fn least_hops(&self, ends: &[u32], count: &dyn Fn(u32) -> bool) -> Vec<Option<u32>> {
        let mut least: Vec<Option<u32>> = vec![None; self.into.keys()];
        let mut waiting: VecDeque<(u32, u32)> = ends.iter().map(|&end| (0, end)).collect();
        // Steps cost nothing or one, so what costs nothing is looked at first.
        while let Some((hops, node)) = waiting.pop_front() {
            if least[node as usize].is_some() {
                continue;
            }
            least[node as usize] = Some(hops);
            let counts = count(node);
            let doors = self.doors_into.of(node).iter().map(|&door| self.tail[door as usize]);
            for from in self.into.of(node).iter().copied().chain(doors) {
                if least[from as usize].is_some() {
                    continue;
                }
                if counts {
                    waiting.push_back((hops + 1, from));
                } else {
                    waiting.push_front((hops, from));
                }
            }
        }
        least
    }
}

/// What a change takes away. It adds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Nodes that are no longer reached, whatever leads there.
    pub nodes: Vec<u32>,
    /// Edges, by their ends.
    pub edges: Vec<(u32, u32)>,
    /// Doors, all those from the one end to the other.
    pub doors: Vec<(u32, u32)>,
}

/// What one compromise reaches, in an order in which every fact has all of one derivation before it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    pub(super) core: &'a Core,
    pub(super) back: &'a Backward,
    pub(super) start: Vec<u32>,
    pub(super) order: Vec<u32>,
    /// The place of each node in `order`, or `NONE`.
    pub(super) pos: Vec<u32>,
    /// The component of each place in `order`, ascending.
    pub(super) part: Vec<u32>,
    /// The systems reached.
    pub total: Counts,
    dead: Vec<bool>,
}

impl<'a> Standing<'a> {
    /// Of a compromise that begins at `start`.
    #[must_use]
    pub fn new(core: &'a Core, back: &'a Backward, start: &[u32]) -> Self {
        let mut reached = core.reach(start);
        let total = core.count(&reached);
        // Components are ranges of numbers, and lead to lower ones.
        reached.sort_unstable();
        let mut out = Self {
            core,
            back,
            start: start.to_vec(),
            order: Vec::with_capacity(reached.len()),
            pos: vec![NONE; core.len()],
            part: Vec::with_capacity(reached.len()),
            total,
            dead: vec![false; core.len()],
        };
        out.start.sort_unstable();
        let mut end = reached.len();
        let mut part = 0;
        while end > 0 {
            let last = reached[end - 1];
            let at = core.parts.partition_point(|&p| p <= last) - 1;
            let first = core.parts[at];
            let from = reached[..end].partition_point(|&node| node < first);
            out.place(&reached[from..end], first..core.parts[at + 1]);
            out.part.resize(out.order.len(), part);
            part += 1;
            end = from;
        }
        out
    }

    /// Puts one component in order.
    fn place(&mut self, nodes: &[u32], range: std::ops::Range<u32>) {
        let first = self.order.len();
        if let [only] = nodes {
            self.push(*only);
            return;
        }
        for &node in nodes {
            if self.has_support(node, u32::MAX, &Changes::none()) {
                self.push(node);
            }
        }
        let mut at = first;
        while at < self.order.len() {
            let node = self.order[at];
            at += 1;
            let (core, back) = (self.core, self.back);
            for &to in core.successors(node) {
                self.push_if(to, &range);
            }
            for door in core.doors_of(node) {
                if range.contains(&door.head) && self.is_open(door.clause, u32::MAX) {
                    self.push_if(door.head, &range);
                }
            }
            if let Some(k) = core.key_at(node) {
                for &door in back.doors_of_key.of(k) {
                    if self.pos[back.tail[door as usize] as usize] != NONE {
                        self.push_if(core.doors[door as usize].head, &range);
                    }
                }
            }
        }
    }

    fn push_if(&mut self, node: u32, range: &std::ops::Range<u32>) {
        if range.contains(&node) {
            self.push(node);
        }
    }

    fn push(&mut self, node: u32) {
        if self.pos[node as usize] == NONE {
            self.pos[node as usize] = self.order.len() as u32;
            self.order.push(node);
        }
    }

    /// How many facts are reached.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing is reached.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether a node is reached.
    #[must_use]
    pub fn reaches(&self, node: u32) -> bool {
        self.pos[node as usize] != NONE
    }

    /// Whether a fact lives and stands before a place.
    fn lives(&self, node: u32, before: u32) -> bool {
        // What is not reached has the highest place of all.
        self.pos[node as usize] < before && !self.dead[node as usize]
    }

    fn is_open(&self, clause: u32, before: u32) -> bool {
        let keys = self.core.clause(clause);
        keys.iter().any(|&k| self.lives(self.core.key_node[k as usize], before))
    }

    /// Whether a fact follows from facts that live and stand before a place.
    fn has_support(&self, node: u32, before: u32, changes: &Changes) -> bool {
        if self.start.binary_search(&node).is_ok() {
            return true;
        }
        let edge = |&from: &u32| self.lives(from, before) && !changes.edges.contains(&(from, node));
        if self.back.into.of(node).iter().any(edge) {
            return true;
        }
        self.back.doors_into.of(node).iter().any(|&door| {
            let tail = self.back.tail[door as usize];
            self.lives(tail, before)
                && !changes.doors.contains(&(tail, node))
                && self.is_open(self.core.doors[door as usize].clause, before)
        })
    }

    /// Everything that follows at once from a fact, if its other premises stand.
    fn dependents(&self, node: u32, mut each: impl FnMut(u32)) {
        self.core.successors(node).iter().for_each(|&to| each(to));
        self.core.doors_of(node).iter().for_each(|door| each(door.head));
        if let Some(k) = self.core.key_at(node) {
            let doors = self.back.doors_of_key.of(k).iter();
            doors.for_each(|&door| each(self.core.doors[door as usize].head));
        }
    }

    /// The facts that a cut takes away, ascending. The compromise stands as before afterwards. Equal to what a search
    /// from the beginning finds; where more than a sixteenth of the facts falls, such a search is made.
    #[must_use]
    pub fn lost(&mut self, cut: &Cut) -> Vec<u32> {
        let changes = Changes {
            nodes: cut.nodes.iter().copied().collect(),
            edges: cut.edges.iter().copied().collect(),
            doors: cut.doors.iter().copied().collect(),
        };
        let most = (self.order.len() / 16).max(64);
        let mut heap: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
        let heads = cut.edges.iter().chain(&cut.doors).map(|e| e.1);
        for node in cut.nodes.iter().copied().chain(heads) {
            if self.pos[node as usize] != NONE {
                heap.push(Reverse(self.pos[node as usize]));
            }
        }
        let mut lost: Vec<u32> = Vec::new();
        let mut here: Vec<u32> = Vec::new();
        let mut tried = 0;
        while let Some(&Reverse(first)) = heap.peek() {
            let part = self.part[first as usize];
            here.clear();
            // Delete: whatever has nothing before it to stand on, though something after it may still hold it up.
            while let Some(&Reverse(at)) = heap.peek() {
                if self.part[at as usize] != part {
                    break;
                }
                heap.pop();
                let node = self.order[at as usize];
                if self.dead[node as usize] || (!changes.nodes.contains(&node) && self.has_support(node, at, &changes))
                {
                    continue;
                }
                self.dead[node as usize] = true;
                here.push(node);
                self.dependents(node, |to| {
                    let pos = self.pos[to as usize];
                    if pos != NONE && pos > at && self.part[pos as usize] == part {
                        heap.push(Reverse(pos));
                    }
                });
            }
            tried += here.len();
            if tried > most {
                lost.iter()
                    .chain(&here)
                    .for_each(|&node| self.dead[node as usize] = false);
                return self.lost_from_scratch(&changes);
            }
            self.revive(&here, &changes);
            for &node in here.iter().filter(|&&node| self.dead[node as usize]) {
                lost.push(node);
                self.dependents(node, |to| {
                    let pos = self.pos[to as usize];
                    if pos != NONE && self.part[pos as usize] > part {
                        heap.push(Reverse(pos));
                    }
                });
            }
        }
        lost.iter().for_each(|&node| self.dead[node as usize] = false);
        lost.sort_unstable();
        lost
    }

    /// Derives again what others hold up.
    fn revive(&mut self, dead: &[u32], changes: &Changes) {
        let mut again: Vec<u32> = dead.to_vec();
        let mut next: Vec<u32> = Vec::new();
        while !again.is_empty() {
            for &node in &again {
                if self.dead[node as usize] && !changes.nodes.contains(&node) && self.has_support(node, NONE, changes) {
                    self.dead[node as usize] = false;
                    self.dependents(node, |to| {
                        if self.dead[to as usize] {
                            next.push(to);
                        }
                    });
                }
            }
            std::mem::swap(&mut again, &mut next);
            next.clear();
        }
    }

    fn lost_from_scratch(&self, changes: &Changes) -> Vec<u32> {
        let core = self.core;
        let mut left = vec![false; core.len()];
        let mut has_key = vec![false; core.keys()];
        let mut found: Vec<u32> = Vec::new();
        let mut enter = |node: u32, found: &mut Vec<u32>| {
            if !left[node as usize] && !changes.nodes.contains(&node) {
                left[node as usize] = true;
                found.push(node);
            }
        };
        self.start.iter().for_each(|&seed| enter(seed, &mut found));
        let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); core.keys()];
        let mut at = 0;
        while at < found.len() {
            let node = found[at];
            at += 1;
            for &to in core.successors(node) {
                if !changes.edges.contains(&(node, to)) {
                    enter(to, &mut found);
                }
            }
            for door in core.doors_of(node) {
                if changes.doors.contains(&(node, door.head)) {
                    continue;
                }
                let keys = core.clause(door.clause);
                if keys.iter().any(|&k| has_key[k as usize]) {
                    enter(door.head, &mut found);
                } else {
                    keys.iter().for_each(|&k| waiting[k as usize].push(door.head));
                }
            }
            if let Some(k) = core.key_at(node) {
                has_key[k as usize] = true;
                for head in std::mem::take(&mut waiting[k as usize]) {
                    enter(head, &mut found);
                }
            }
        }
        let mut lost: Vec<u32> = self
            .order
            .iter()
            .copied()
            .filter(|&node| !left[node as usize])
            .collect();
        lost.sort_unstable();
        lost
    }
}

/// A cut, to be asked.
struct Changes {
    nodes: BTreeSet<u32>,
    edges: BTreeSet<(u32, u32)>,
    doors: BTreeSet<(u32, u32)>,
}

impl Changes {
    fn none() -> Self {
        Self {
            nodes: BTreeSet::new(),
            edges: BTreeSet::new(),
            doors: BTreeSet::new(),
        }
    }
}
