//! The trust graph as bare numbers: what one fact gives by itself is an edge, what it gives only to somebody who has
//! entered a context is a door. No rule of the trust model joins what two holders hold, so every rule has one premise
//! that carries reach, and all its others are contexts: keys, any one of a door's opens it.

use super::lists::{Lists, components};

/// No node, no key.
pub const NONE: u32 = u32::MAX;

/// The class of a node that is no system.
pub const NO_CLASS: u8 = 4;

/// A door behind its tail: whoever reaches the tail and has one of the clause's keys reaches the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// Where it leads.
    pub head: u32,
    /// Number of the set of keys of which one opens it.
    pub clause: u32,
}

/// How many systems of each criticality: crown jewels, high, medium, low.
pub type Counts = [u32; 4];

/// How many systems a [`Counts`] holds.
#[must_use]
pub fn systems(counts: &Counts) -> u64 {
    counts.iter().map(|&n| u64::from(n)).sum()
}

/// What they weigh: crown-jewel 100, high 10, medium 3, low 1.
#[must_use]
pub fn weight(counts: &Counts) -> u64 {
    let of = |n: u32, weight: u64| u64::from(n) * weight;
    of(counts[0], 100) + of(counts[1], 10) + of(counts[2], 3) + of(counts[3], 1)
}

/// What a core is made of, by whatever numbers its maker gave.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Class of each node: 0 to 3 for a system by its criticality, else [`NO_CLASS`].
    pub class: Vec<u8>,
    /// From, to.
    pub edges: Vec<(u32, u32)>,
    /// Tail, head, clause.
    pub doors: Vec<(u32, u32, u32)>,
    /// The keys of each clause, sorted and without repeats; one without keys never opens.
    pub clauses: Vec<Vec<u32>>,
    /// The node at which each key is got.
    pub key_nodes: Vec<u32>,
}

/// A compiled trust graph. Nodes are numbered so that edges and doors lead from higher numbers to lower ones, but
/// inside one component of the graph in which every door stands open.
#[derive(Clone, Debug)]
pub struct Core {
    pub(super) out: Lists,
    pub(super) door_start: Vec<u32>,
    pub(super) doors: Vec<Door>,
    pub(super) clauses: Lists,
    /// The key got at each node.
    pub(super) key: Vec<u32>,
    pub(super) key_node: Vec<u32>,
    pub(super) class: Vec<u8>,
    /// Where each component begins, and where the last ends.
    pub(super) parts: Vec<u32>,
    /// From the maker's numbers to these.
    number: Vec<u32>,
    /// And back.
    maker: Vec<u32>,
}

impl Core {
    /// Renumbers a draft.
    #[must_use]
    pub fn build(draft: Draft) -> Self {
        let n = draft.class.len();
        let mut all: Vec<(u32, u32)> = Vec::with_capacity(draft.edges.len() + 2 * draft.doors.len());
        all.extend_from_slice(&draft.edges);
        for &(tail, head, clause) in &draft.doors {
            all.push((tail, head));
            for &key in &draft.clauses[clause as usize] {
                all.push((draft.key_nodes[key as usize], head));
            }
        }
        let found = components(&Lists::of_pairs(n, &all));
        drop(all);
        let mut number = vec![0u32; n];
        for (at, &node) in found.order.iter().enumerate() {
            number[node as usize] = at as u32;
        }
        let map = |node: u32| number[node as usize];
        let mut edges = draft.edges;
        for edge in &mut edges {
            *edge = (map(edge.0), map(edge.1));
        }
        let mut out = Lists::of_pairs(n, &edges);
        drop(edges);
        out.sort_each_and_drop_repeats(true);
        let mut by_tail: Vec<(u32, Door)> = draft
            .doors
            .iter()
            .filter(|d| !draft.clauses[d.2 as usize].is_empty() && d.0 != d.1)
            .map(|&(tail, head, clause)| {
                let head = map(head);
                (map(tail), Door { head, clause })
            })
            .collect();
        by_tail.sort_unstable();
        by_tail.dedup();
        let mut door_start = vec![0u32; n + 1];
        for (tail, _) in &by_tail {
            door_start[*tail as usize + 1] += 1;
        }
        for at in 0..n {
            door_start[at + 1] += door_start[at];
        }
        let key_node: Vec<u32> = draft.key_nodes.iter().map(|&node| map(node)).collect();
        let mut key = vec![NONE; n];
        for (k, &node) in key_node.iter().enumerate() {
            key[node as usize] = k as u32;
        }
        let mut class = vec![NO_CLASS; n];
        for (node, &c) in draft.class.iter().enumerate() {
            class[map(node as u32) as usize] = c;
        }
        Self {
            out,
            door_start,
            doors: by_tail.into_iter().map(|(_, door)| door).collect(),
            clauses: Lists::of_lists(&draft.clauses),
            key,
            key_node,
            class,
            parts: found.start,
            number,
            maker: found.order,
        }
    }

    /// How many nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.class.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.class.is_empty()
    }

    /// How many edges that need no key.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.out.len()
    }

    /// How many doors.
    #[must_use]
    pub fn door_count(&self) -> usize {
        self.doors.len()
    }

    /// How many keys.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.key_node.len()
    }

    /// The node of a number of the maker's.
    #[must_use]
    pub fn node(&self, of_maker: u32) -> u32 {
        self.number[of_maker as usize]
    }

    /// The maker's number of a node.
    #[must_use]
    pub fn maker_of(&self, node: u32) -> u32 {
        self.maker[node as usize]
    }

    /// Where a node leads without a key.
    #[must_use]
    pub fn successors(&self, node: u32) -> &[u32] {
        self.out.of(node)
    }

    /// The doors behind a node.
    #[must_use]
    pub fn doors_of(&self, node: u32) -> &[Door] {
        let at = node as usize;
        &self.doors[self.door_start[at] as usize..self.door_start[at + 1] as usize]
    }

    /// The keys of a clause, any one of which opens its doors.
    #[must_use]
    pub fn clause(&self, clause: u32) -> &[u32] {
        self.clauses.of(clause)
    }

    /// The key got at a node.
    #[must_use]
    pub fn key_at(&self, node: u32) -> Option<u32> {
        let key = self.key[node as usize];
        (key != NONE).then_some(key)
    }

    /// The class of a system's node, 0 to 3.
    #[must_use]
    pub fn class_of(&self, node: u32) -> Option<usize> {
        let class = self.class[node as usize];
        (class != NO_CLASS).then_some(class as usize)
    }

    /// All nodes that follow from `seeds`, in the order found: plain search in which keys open the doors that wait.
    #[must_use]
    pub fn reach(&self, seeds: &[u32]) -> Vec<u32> {
        self.reach_without(seeds, &[])
    }

    /// The same where `gone` (a flag for each node, or nothing) takes nodes away.
    #[must_use]
    pub fn reach_without(&self, seeds: &[u32], gone: &[bool]) -> Vec<u32> {
        let mut seen = vec![false; self.len()];
        let mut has_key = vec![false; self.keys()];
        let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); self.keys()];
        let mut found: Vec<u32> = Vec::new();
        let mut enter = |node: u32, found: &mut Vec<u32>| {
            let at = node as usize;
            if !seen[at] && !gone.get(at).copied().unwrap_or(false) {
                seen[at] = true;
                found.push(node);
            }
        };
        for &seed in seeds {
            enter(seed, &mut found);
        }
        let mut at = 0;
        while at < found.len() {
            let node = found[at];
            at += 1;
            for &to in self.successors(node) {
                enter(to, &mut found);
            }
            for door in self.doors_of(node) {
                let keys = self.clause(door.clause);
                if keys.iter().any(|&k| has_key[k as usize]) {
                    enter(door.head, &mut found);
                } else {
                    for &k in keys {
                        waiting[k as usize].push(door.head);
                    }
                }
            }
            if let Some(k) = self.key_at(node) {
                has_key[k as usize] = true;
                for head in std::mem::take(&mut waiting[k as usize]) {
                    enter(head, &mut found);
                }
            }
        }
        found
    }

    /// The systems among nodes, by class.
    #[must_use]
    pub fn count(&self, nodes: &[u32]) -> Counts {
        let mut out = Counts::default();
        for &node in nodes {
            if let Some(class) = self.class_of(node) {
                out[class] += 1;
            }
        }
        out
    }
}
