//! Gates upon an estate: acceptances that ask for a context, systems in which contexts are entered, and credentials
//! got only where two acceptances stand together. Drawn by a generator of their own, so the estate stays as it is.

use super::{Estate, Plan, Random, Span};
use std::collections::{BTreeMap, BTreeSet};
use trustmap::analysis::reach::{Draft, NO_CLASS};

/// Which acceptances are gated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each by itself, with contexts of its own.
    Edge,
    /// Those of credentials that state contexts at systems that enforce them.
    Credential,
}

/// The gates of an estate, in its numbers; every list is sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// How many contexts.
    pub contexts: u32,
    /// System, the context entered there.
    pub entries: Vec<(u32, u32)>,
    /// Credential, system, the contexts any one of which opens the acceptance.
    pub doors: Vec<(u32, u32, Vec<u32>)>,
    /// Credential, two systems: accepted at both, it gives the last credential.
    pub both: Vec<(u32, u32, u32, u32)>,
}

impl Gates {
    /// Draws gates at a share of the acceptances.
    pub fn new(plan: &Plan, seed: u64, share: f64, mode: Mode) -> Self {
        let mut random = Random(seed ^ 0x47_4154_4553);
        let random = &mut random;
        let mut out = Self::default();
        let contexts: Vec<Span> = plan
            .clusters
            .iter()
            .map(|_| {
                let len = 1 + random.below(3);
                let first = out.contexts as usize;
                out.contexts += len as u32;
                Span { first, len }
            })
            .collect();
        for (cluster, contexts) in plan.clusters.iter().zip(&contexts) {
            for tier in &cluster.tiers[1..3] {
                for system in tier.first..tier.first + tier.len {
                    if random.share() < 0.10 {
                        let context = contexts.first + random.below(contexts.len);
                        out.entries.push((system as u32, context as u32));
                    }
                }
            }
        }
        let n = plan.numbers.len();
        let mut home = vec![0usize; n];
        for (c, cluster) in plan.clusters.iter().enumerate() {
            for span in cluster.tiers.iter().chain(&cluster.classes) {
                home[span.first..span.first + span.len].fill(c);
            }
        }
        let draw = |own: usize, random: &mut Random| {
            let mut keys: Vec<u32> = Vec::new();
            for _ in 0..1 + random.below(3) {
                let there = if random.share() < 0.10 {
                    plan.anywhere(random)
                } else {
                    own
                };
                let key = (contexts[there].first + random.below(contexts[there].len)) as u32;
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            keys
        };
        let mut pairs: Vec<(u32, u32)> = plan
            .edges
            .iter()
            .copied()
            .filter(|e| e.0 as usize >= plan.systems)
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        match mode {
            Mode::Edge => {
                for &(credential, system) in &pairs {
                    if random.share() < share {
                        out.doors
                            .push((credential, system, draw(home[system as usize], random)));
                    }
                }
            }
            Mode::Credential => {
                let of_systems = if share <= 0.1 { 0.25 } else { 0.5 };
                let of_credentials = share / of_systems;
                let enforces: Vec<bool> = (0..plan.systems).map(|_| random.share() < of_systems).collect();
                let stated: Vec<Option<Vec<u32>>> = (plan.systems..n)
                    .map(|c| (random.share() < of_credentials).then(|| draw(home[c], random)))
                    .collect();
                for &(credential, system) in &pairs {
                    if let (true, Some(keys)) = (enforces[system as usize], &stated[credential as usize - plan.systems])
                    {
                        out.doors.push((credential, system, keys.clone()));
                    }
                }
            }
        }
        let gated: BTreeSet<(u32, u32)> = out.doors.iter().map(|d| (d.0, d.1)).collect();
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let d = group.len();
            if d < 2 || random.share() >= 0.01 {
                continue;
            }
            let with_gate: Vec<usize> = (0..d).filter(|&at| gated.contains(&group[at])).collect();
            let first = if with_gate.is_empty() {
                random.below(d)
            } else {
                with_gate[random.below(with_gate.len())]
            };
            let mut second = random.below(d - 1);
            if second >= first {
                second += 1;
            }
            let credential = group[0].0;
            let there = if random.share() < 0.05 {
                plan.anywhere(random)
            } else {
                home[credential as usize]
            };
            let class = random.one_of(&[0.02, 0.10, 0.40, 0.48]);
            if let Some(target) = plan.clusters[there].classes[class].pick(random, 1.2)
                && target as u32 != credential
            {
                out.both
                    .push((credential, group[first].1, group[second].1, target as u32));
            }
        }
        let map = |node: &mut u32| *node = plan.numbers[*node as usize];
        out.entries.iter_mut().for_each(|e| map(&mut e.0));
        for door in &mut out.doors {
            map(&mut door.0);
            map(&mut door.1);
        }
        for both in &mut out.both {
            for node in [&mut both.0, &mut both.1, &mut both.2, &mut both.3] {
                map(node);
            }
        }
        out.entries.sort_unstable();
        out.doors.sort_unstable();
        out.both.sort_unstable();
        out
    }

    /// Random gates upon an estate of any make: 84 contexts, entered at one system in 500.
    pub fn random(estate: &Estate, seed: u64, share: f64) -> Self {
        let mut random = Random(seed ^ 0x47_4154_4553);
        let mut out = Self {
            contexts: 84,
            ..Self::default()
        };
        for (node, &credential) in estate.is_credential.iter().enumerate() {
            if !credential && random.share() < 0.002 {
                out.entries.push((node as u32, random.below(84) as u32));
            }
        }
        for &(from, to) in &estate.edges {
            if estate.is_credential[from as usize] && random.share() < share {
                let mut keys: Vec<u32> = (0..1 + random.below(3)).map(|_| random.below(84) as u32).collect();
                keys.sort_unstable();
                keys.dedup();
                out.doors.push((from, to, keys));
            }
        }
        out
    }

    /// A sum over all that is drawn, by which gates are known.
    pub fn sum(&self) -> u64 {
        let mut sum = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |word: u32| sum = (sum ^ u64::from(word)).wrapping_mul(0x0100_0000_01b3);
        add(self.contexts);
        add(self.entries.len() as u32);
        add(self.doors.len() as u32);
        add(self.both.len() as u32);
        for &(system, context) in &self.entries {
            add(system);
            add(context);
        }
        for (credential, system, keys) in &self.doors {
            add(*credential);
            add(*system);
            add(keys.len() as u32);
            (0..3).for_each(|at| add(keys.get(at).copied().unwrap_or(u32::MAX)));
        }
        for both in &self.both {
            for node in [both.0, both.1, both.2, both.3] {
                add(node);
            }
        }
        sum
    }
}

/// An estate with its gates as the engine takes it: the nodes keep their numbers, contexts follow.
pub fn draft(estate: &Estate, gates: &Gates) -> Draft {
    let n = estate.is_credential.len() as u32;
    let mut out = Draft {
        class: estate
            .is_credential
            .iter()
            .enumerate()
            .map(|(node, &credential)| match (credential, node % 97) {
                (true, _) => NO_CLASS,
                (false, 0) => 0,
                (false, _) => 2,
            })
            .collect(),
        ..Draft::default()
    };
    out.class.resize((n + gates.contexts) as usize, NO_CLASS);
    out.key_nodes = (n..n + gates.contexts).collect();
    let mut numbers: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    let mut clause_of: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for (credential, system, keys) in &gates.doors {
        let mut keys = keys.clone();
        keys.sort_unstable();
        let next = out.clauses.len() as u32;
        let clause = *numbers.entry(keys.clone()).or_insert(next);
        if clause == next {
            out.clauses.push(keys);
        }
        clause_of.insert((*credential, *system), clause);
        out.doors.push((*credential, *system, clause));
    }
    // Both lists are sorted.
    let mut doors = gates.doors.iter().peekable();
    for &edge in &estate.edges {
        let is_door = doors.next_if(|d| (d.0, d.1) == edge).is_some();
        if !is_door {
            out.edges.push(edge);
        }
    }
    out.edges
        .extend(gates.entries.iter().map(|&(system, context)| (system, n + context)));
    for &(credential, first, second, target) in &gates.both {
        let clauses = [first, second].map(|system| clause_of.get(&(credential, system)).copied());
        match clauses {
            [None, None] => out.edges.push((credential, target)),
            [Some(one), None] | [None, Some(one)] => out.doors.push((credential, target, one)),
            [Some(one), Some(other)] => {
                let between = out.class.len() as u32;
                out.class.push(NO_CLASS);
                out.doors.push((credential, between, one));
                out.doors.push((between, target, other));
            }
        }
    }
    out
}
