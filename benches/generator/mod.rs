//! A made-up estate of any size, equal on every machine: clusters of systems in four tiers and credentials in four
//! classes, with popular targets and heavy tails. Its parameters are a judgement, not fitted to a real estate: it
//! measures speed and says nothing of how estates are.

#![allow(dead_code)] // no bench asks for all of it

pub mod gates;

use std::fmt::Write as _;

/// Splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A discrete Pareto number of this mean, at least 1 and at most `cap`.
    fn degree(&mut self, mean: f64, cap: usize) -> usize {
        const ALPHA: f64 = 2.4;
        let least = mean * (ALPHA - 2.0) / (ALPHA - 1.0);
        let x = least * (1.0 - self.share()).powf(-1.0 / (ALPHA - 1.0));
        let whole = x.floor();
        let up = usize::from(self.share() < x - whole);
        (whole as usize + up).min(cap).max(1)
    }

    /// Which of four, by their chances; the last takes what is left.
    fn one_of(&mut self, chances: &[f64; 4]) -> usize {
        let u = self.share();
        let mut sum = 0.0;
        for (n, chance) in chances.iter().enumerate() {
            sum += chance;
            if u < sum {
                return n;
            }
        }
        3
    }
}

/// Consecutive numbers.
#[derive(Clone, Copy)]
struct Span {
    first: usize,
    len: usize,
}

impl Span {
    /// In four parts by their shares, each rounded up but the last.
    fn cut(self, shares: &[f64; 4]) -> [Self; 4] {
        let mut parts = [Self { first: 0, len: 0 }; 4];
        let end = self.first + self.len;
        let (mut at, mut sum) = (self.first, 0.0);
        for (n, part) in parts.iter_mut().enumerate() {
            sum += shares[n];
            let until = match n {
                3 => end,
                _ => (self.first + (sum * self.len as f64).ceil() as usize).min(end),
            };
            *part = Self {
                first: at,
                len: until - at,
            };
            at = until;
        }
        parts
    }

    /// One of them, the first ones more often; `skew` 1 is even.
    fn pick(self, random: &mut Random, skew: f64) -> Option<usize> {
        if self.len == 0 {
            return None;
        }
        let at = (self.len as f64 * random.share().powf(skew)) as usize;
        Some(self.first + at.min(self.len - 1))
    }
}

struct Cluster {
    /// Control plane; CI, vaults and orchestrators; hosts; the rest.
    tiers: [Span; 4],
    /// Admin, orchestrator, workload, leaf.
    classes: [Span; 4],
}

/// How a tier or a class connects.
struct Habit {
    /// Chance that it connects at all.
    some: f64,
    /// Mean number of connections.
    mean: f64,
    /// The most.
    cap: usize,
    /// Chance that a connection leads to another cluster.
    abroad: f64,
    /// Chances of the four parts it leads to.
    to: [f64; 4],
}

const fn habit(some: f64, mean: f64, cap: usize, abroad: f64, to: [f64; 4]) -> Habit {
    Habit {
        some,
        mean,
        cap,
        abroad,
        to,
    }
}

const CLASSES: [Habit; 4] = [
    habit(1.0, 150.0, 4000, 0.10, [0.004, 0.12, 0.30, 0.576]),
    habit(1.0, 18.0, 800, 0.04, [0.0002, 0.01, 0.45, 0.5398]),
    habit(1.0, 7.0, 200, 0.03, [0.0, 0.001, 0.13, 0.869]),
    habit(1.0, 4.2, 64, 0.02, [0.0, 0.0, 0.006, 0.994]),
];

const TIERS: [Habit; 4] = [
    habit(1.0, 400.0, 20_000, 0.08, [0.03, 0.15, 0.30, 0.52]),
    habit(0.95, 50.0, 4000, 0.05, [0.0015, 0.04, 0.30, 0.6585]),
    habit(0.85, 10.0, 500, 0.02, [0.0004, 0.006, 0.06, 0.9336]),
    habit(0.08, 1.3, 50, 0.02, [0.0, 0.0, 0.02, 0.98]),
];

/// How an estate was drawn, in the numbers before they are shuffled.
pub struct Plan {
    clusters: Vec<Cluster>,
    /// Up to where in the unit interval each cluster's share of the choices goes.
    up_to: Vec<f64>,
    systems: usize,
    /// From, to; not sorted, with repeats.
    edges: Vec<(u32, u32)>,
    /// The number a node has in the end.
    numbers: Vec<u32>,
}

impl Plan {
    /// Any cluster, the large ones more often.
    fn anywhere(&self, random: &mut Random) -> usize {
        let u = random.share();
        self.up_to.partition_point(|&x| x < u).min(self.clusters.len() - 1)
    }

    /// The cluster of each node, in the numbers before they are shuffled.
    fn homes(&self) -> Vec<u32> {
        let mut homes = vec![0; self.numbers.len()];
        for (home, cluster) in self.clusters.iter().enumerate() {
            for span in cluster.tiers.iter().chain(&cluster.classes) {
                homes[span.first..span.first + span.len].fill(home as u32);
            }
        }
        homes
    }
}

/// Nodes and edges: a credential is accepted by a system, a system holds a credential.
pub struct Estate {
    /// Whether the node is a credential.
    pub is_credential: Vec<bool>,
    /// The cluster each node is in: a platform in an environment.
    pub cluster: Vec<u32>,
    /// From, to; sorted, without repeats.
    pub edges: Vec<(u32, u32)>,
}

impl Estate {
    /// An estate of `n` nodes: 35 % systems, the rest credentials.
    pub fn new(n: usize, seed: u64) -> Self {
        Self::planned(n, seed).0
    }

    /// The same, with how it was drawn.
    pub fn planned(n: usize, seed: u64) -> (Self, Plan) {
        let mut random = Random(seed);
        let systems = (n as f64 * 0.35) as usize;
        let mut plan = connect(n, systems, &mut random);
        let mut edges = plan.edges.clone();
        // Neighbours get no neighbouring numbers, so that nothing is near in memory for free.
        let mut numbers: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            let j = random.below(i + 1);
            numbers.swap(i, j);
        }
        let mut is_credential = vec![false; n];
        for node in systems..n {
            is_credential[numbers[node] as usize] = true;
        }
        plan.numbers.clone_from(&numbers);
        let mut cluster = vec![0; n];
        for (node, &home) in plan.homes().iter().enumerate() {
            cluster[numbers[node] as usize] = home;
        }
        for edge in &mut edges {
            *edge = (numbers[edge.0 as usize], numbers[edge.1 as usize]);
        }
        edges.sort_unstable();
        edges.dedup();
        edges.retain(|(from, to)| from != to);
        let estate = Self {
            is_credential,
            cluster,
            edges,
        };
        (estate, plan)
    }

    /// The worst there is for searches: no cycle, and nearly everything reaches two fifths of all. Four edges from each
    /// node forward, inside a window of a twentieth; kinds alternate.
    pub fn deep(n: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut edges = Vec::with_capacity(4 * n);
        for node in 0..n.saturating_sub(1) {
            for _ in 0..4 {
                let mut to = node + 1 + random.below((n / 20).min(n - node - 1));
                if (to - node).is_multiple_of(2) {
                    to = if to + 1 < n { to + 1 } else { to - 1 };
                }
                edges.push((node as u32, to as u32));
            }
        }
        let mut numbers: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            let j = random.below(i + 1);
            numbers.swap(i, j);
        }
        let mut is_credential = vec![false; n];
        for node in (0..n).step_by(2) {
            is_credential[numbers[node] as usize] = true;
        }
        for edge in &mut edges {
            *edge = (numbers[edge.0 as usize], numbers[edge.1 as usize]);
        }
        edges.sort_unstable();
        edges.dedup();
        // What lies near in depth lies in one cluster.
        let mut cluster = vec![0; n];
        for (node, &number) in numbers.iter().enumerate() {
            cluster[number as usize] = (node * 20 / n) as u32;
        }
        Self {
            is_credential,
            cluster,
            edges,
        }
    }

    /// The id of a node.
    pub fn id(&self, node: u32) -> String {
        let kind = if self.is_credential[node as usize] {
            "key"
        } else {
            "sys"
        };
        format!("{kind}-{node:07}")
    }

    /// The credential with the most edges, by which most is asked.
    pub fn widest(&self) -> u32 {
        let mut counts = vec![0_u32; self.is_credential.len()];
        for &(from, _) in &self.edges {
            counts[from as usize] += 1;
        }
        let credentials = (0..counts.len()).filter(|&n| self.is_credential[n]);
        let widest = credentials.max_by_key(|&n| (counts[n], std::cmp::Reverse(n)));
        widest.unwrap_or(0) as u32
    }

    /// As a native inventory: an edge from a credential is a grant, one from a system a stored credential.
    pub fn native(&self) -> String {
        let mut out = String::with_capacity(self.edges.len() * 110);
        out.push_str(
            "{\"format\":\"trustmap-inventory\",\"version\":1,\"as_of\":\"2026-05-01T00:00:00Z\",\n\"systems\":[",
        );
        let nodes = || 0..self.is_credential.len() as u32;
        let mut comma = "";
        for node in nodes().filter(|&n| !self.is_credential[n as usize]) {
            let crown = if node % 97 == 0 { "crown-jewel" } else { "medium" };
            let _ = write!(
                out,
                "{comma}\n{{\"id\":\"{}\",\"platform\":\"platform-{}\",\"environment\":\"stage-{}\",\"criticality\":\"{crown}\"}}",
                self.id(node),
                self.cluster[node as usize] % 8,
                self.cluster[node as usize] / 8 % 4
            );
            comma = ",";
        }
        out.push_str("],\n\"credentials\":[");
        comma = "";
        for node in nodes().filter(|&n| self.is_credential[n as usize]) {
            let _ = write!(out, "{comma}\n{{\"id\":\"{}\",\"kind\":\"api-key\"}}", self.id(node));
            comma = ",";
        }
        out.push_str("],\n\"grants\":[");
        comma = "";
        for &(from, to) in self.edges.iter().filter(|e| self.is_credential[e.0 as usize]) {
            let (holder, system) = (self.id(from), self.id(to));
            let _ = write!(
                out,
                "{comma}\n{{\"holder\":\"{holder}\",\"system\":\"{system}\",\"scopes\":[\"use\"]}}"
            );
            comma = ",";
        }
        out.push_str("],\n\"exposures\":[");
        comma = "";
        for &(from, to) in self.edges.iter().filter(|e| !self.is_credential[e.0 as usize]) {
            let (system, credential) = (self.id(from), self.id(to));
            let _ = write!(
                out,
                "{comma}\n{{\"system\":\"{system}\",\"yields\":{{\"credential\":\"{credential}\"}},\"how\":\"stored\"}}"
            );
            comma = ",";
        }
        out.push_str("]}\n");
        out
    }
}

fn connect(n: usize, systems: usize, random: &mut Random) -> Plan {
    let count = ((n as f64 / 2500.0).round() as usize).max(4);
    let sizes: Vec<f64> = (0..count).map(|i| 1.0 / ((i + 3) as f64).powf(0.8)).collect();
    let total: f64 = sizes.iter().sum();
    let (mut system, mut credential) = (0, systems);
    let mut clusters = Vec::with_capacity(count);
    for (i, size) in sizes.iter().enumerate() {
        let share = |all: usize, left: usize| {
            if i + 1 == count {
                left
            } else {
                (size / total * all as f64) as usize
            }
        };
        let (s, c) = (share(systems, systems - system), share(n - systems, n - credential));
        let span = |first, len| Span { first, len };
        clusters.push(Cluster {
            tiers: span(system, s).cut(&[0.002, 0.03, 0.14, 0.828]),
            classes: span(credential, c).cut(&[0.002, 0.02, 0.10, 0.878]),
        });
        system += s;
        credential += c;
    }
    let mut sum = 0.0;
    let up_to: Vec<f64> = sizes
        .iter()
        .map(|size| {
            sum += size / total;
            sum
        })
        .collect();
    let mut plan = Plan {
        clusters,
        up_to,
        systems,
        edges: Vec::new(),
        numbers: Vec::new(),
    };
    let clusters = &plan.clusters;
    let mut edges = Vec::with_capacity(n * 5);
    for home in 0..count {
        for (part, habit) in CLASSES.iter().enumerate() {
            let from = clusters[home].classes[part];
            for node in from.first..from.first + from.len {
                for _ in 0..random.degree(habit.mean, habit.cap) {
                    let there = if random.share() < habit.abroad {
                        plan.anywhere(random)
                    } else {
                        home
                    };
                    let tier = random.one_of(&habit.to);
                    if let Some(to) = clusters[there].tiers[tier].pick(random, 1.5) {
                        edges.push((node as u32, to as u32));
                    }
                }
            }
        }
        for (part, habit) in TIERS.iter().enumerate() {
            let from = clusters[home].tiers[part];
            for node in from.first..from.first + from.len {
                if random.share() >= habit.some {
                    continue;
                }
                for _ in 0..random.degree(habit.mean, habit.cap) {
                    let there = if random.share() < habit.abroad {
                        plan.anywhere(random)
                    } else {
                        home
                    };
                    let class = random.one_of(&habit.to);
                    if let Some(to) = clusters[there].classes[class].pick(random, 1.2) {
                        edges.push((node as u32, to as u32));
                    }
                }
            }
        }
    }
    plan.edges = edges;
    plan
}
