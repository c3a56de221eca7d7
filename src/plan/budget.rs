//! A budget plan: so many actions, which together take most off the estate's exposure. Where trying every choice is
//! little work it is the best there is; else each step is the best next one.

use super::universe::{Part, Universe};
use super::{Progress, Stopped, Verb};
use crate::analysis::{Fact, Held, close, live};
use crate::graph::{FastMap, Holder, Overlay, Settings, Thing, TrustGraph, World};
use crate::model::Criticality;
use crate::scenario::{Action, Flow, changed_flows};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One step of a budget plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetStep {
    /// What is done.
    pub action: Action,
    /// The estate's exposure before it.
    pub exposure_before: u64,
    /// The estate's exposure after it.
    pub exposure_after: u64,
    /// What it breaks of what the steps before it left.
    pub broken_flows: Vec<Flow>,
}

/// A sequence of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetPlan {
    /// The exposure with nothing done.
    pub exposure: u64,
    /// In order; fewer than asked for where no action takes anything off any more.
    pub steps: Vec<BudgetStep>,
    /// Whether no permitted choice of as many actions takes more off.
    pub optimal: bool,
    /// However many actions are taken, the exposure stays at least this.
    pub least_exposure: u64,
    /// The world with every permitted action taken at once, each in its strongest form: what leaves that exposure.
    pub everything: Overlay,
}

/// The most exposures that are computed to try every choice.
const MOST_TRIALS: u64 = 20_000;

type Choice = Vec<Part>;

struct Budget<'a> {
    graph: &'a TrustGraph,
    settings: Settings,
    universe: Universe<'a>,
    weights: Vec<u64>,
    progress: &'a dyn Progress,
    /// What each credential alone reaches weighs, and all that lies on its ways.
    alone: Vec<(u64, Vec<Thing>)>,
    /// The credentials on whose ways each thing lies.
    around: FastMap<Thing, Vec<u32>>,
}

/// What one credential alone reaches weighs, with the facts; nothing where it is not live.
fn weigh(world: World<'_>, weights: &[u64], c: u32, cancel: &dyn Progress) -> Result<(u64, Vec<Fact>), Stopped> {
    if !live(world, c, Held::Copy) {
        return Ok((0, Vec::new()));
    }
    let closure = close::<false>(world, &[Thing::Credential(c)], cancel)?;
    let systems = closure.facts.iter().filter_map(|fact| match fact {
        Fact::Access(s, _) => Some(*s),
        _ => None,
    });
    let systems: BTreeSet<u32> = systems.collect();
    Ok((systems.into_iter().map(|s| weights[s as usize]).sum(), closure.facts))
}

/// The sequence of at most `k` permitted actions that takes most off the estate's exposure.
///
/// # Errors
/// [`Stopped::Cancelled`], if nobody waits any more.
pub fn budget(
    graph: &TrustGraph,
    base: &Overlay,
    settings: Settings,
    permits: &BTreeSet<Verb>,
    k: usize,
    progress: &dyn Progress,
) -> Result<BudgetPlan, Stopped> {
    let systems = &graph.inventory().records.systems;
    let mut run = Budget {
        graph,
        settings,
        universe: Universe::new(graph, base, settings, permits),
        weights: systems
            .iter()
            .map(|s| s.criticality.unwrap_or(Criticality::Medium).weight())
            .collect(),
        progress,
        alone: Vec::new(),
        around: FastMap::default(),
    };
    let exposure = run.exposure(&[])?;
    let pool = run.pool();
    let all: Vec<&Choice> = pool.iter().collect();
    let least_exposure = run.exposure(&all)?;
    let everything = run.overlay(&all);
    let mut taken = run.greedily(&pool, k, exposure)?;
    let mut optimal = trials(pool.len(), k) <= MOST_TRIALS;
    if optimal {
        optimal = run.trying_everything(&pool, k, &mut taken)?;
    }
    let steps = run.steps(&pool, taken, exposure)?;
    let after = steps.last().map_or(exposure, |step| step.exposure_after);
    Ok(BudgetPlan {
        exposure,
        optimal: optimal || after == least_exposure,
        steps,
        least_exposure,
        everything,
    })
}

/// How many choices of `k` there are among `n`.
fn trials(n: usize, k: usize) -> u64 {
    let mut out: u64 = 1;
    for i in 0..k.min(n) as u64 {
        out = out.saturating_mul(n as u64 - i) / (i + 1);
    }
    out
}

impl Budget<'_> {
    fn overlay(&mut self, choices: &[&Choice]) -> Overlay {
        self.universe
            .overlay(choices.iter().flat_map(|choice| choice.iter().copied()))
    }

    /// The estate's exposure after some choices: only credentials whose way something is changed on are looked at anew.
    fn exposure(&mut self, choices: &[&Choice]) -> Result<u64, Stopped> {
        if self.alone.is_empty() {
            self.alone = self.without_choices()?;
            for (n, (_, around)) in self.alone.iter().enumerate() {
                for &thing in around {
                    self.around.entry(thing).or_default().push(n as u32);
                }
            }
        }
        let whole: u64 = self.alone.iter().map(|x| x.0).sum();
        let mut affected: BTreeSet<u32> = BTreeSet::new();
        for part in choices.iter().flat_map(|choice| choice.iter()) {
            match self.concerns(*part) {
                Some(thing) => affected.extend(self.around.get(&thing).into_iter().flatten()),
                None => affected.extend(0..self.alone.len() as u32),
            }
        }
        let before: u64 = affected.iter().map(|&c| self.alone[c as usize].0).sum();
        let overlay = self.overlay(choices);
        let world = World::new(self.graph, &overlay, self.settings);
        let (progress, weights) = (self.progress, &self.weights);
        let affected: Vec<u32> = affected.into_iter().collect();
        let after: u64 = affected
            .into_par_iter()
            .map(|c| Ok(weigh(world, weights, c, progress)?.0))
            .try_reduce(|| 0, |a, b| Ok::<u64, Stopped>(a + b))?;
        Ok(whole - before + after)
    }

    /// What each credential alone reaches weighs with nothing done, and all that lies on its ways.
    fn without_choices(&self) -> Result<Vec<(u64, Vec<Thing>)>, Stopped> {
        let world = self.universe.before();
        let (graph, weights, progress) = (self.graph, &self.weights, self.progress);
        let one = |c: u32| {
            let (weight, facts) = weigh(world, weights, c, progress)?;
            let mut around: BTreeSet<Thing> = BTreeSet::from([Thing::Credential(c)]);
            let mut identities: BTreeSet<u32> = BTreeSet::new();
            for fact in facts {
                match fact {
                    Fact::Holds(c, _) => {
                        around.insert(Thing::Credential(c));
                        around.extend(graph.issuer_of[c as usize].map(Thing::System));
                        identities.extend(graph.identity_of[c as usize]);
                    }
                    Fact::ActsAs(i) => {
                        identities.insert(i);
                    }
                    Fact::Accepted(_, _, s) | Fact::Access(s, _) => {
                        around.insert(Thing::System(s));
                    }
                    Fact::InContext(_) => {}
                }
            }
            for i in identities {
                around.extend(world.groups(i).into_iter().map(|(i, _)| Thing::Identity(i)));
            }
            Ok((weight, around.into_iter().collect()))
        };
        let count = graph.inventory().records.credentials.len() as u32;
        (0..count).into_par_iter().map(one).collect()
    }

    /// The thing that must lie on a credential's ways for a part to change them; `None` where any may be changed.
    fn concerns(&self, part: Part) -> Option<Thing> {
        let (graph, at) = (self.graph, part.record as usize);
        match part.verb {
            Verb::Revoke
            | Verb::Rotate
            | Verb::NarrowAudience
            | Verb::NarrowScopes
            | Verb::BindContext
            | Verb::Expire => Some(Thing::Credential(part.record)),
            Verb::DisableIdentity => Some(Thing::Identity(part.record)),
            Verb::NarrowGrant | Verb::RemoveGrant => Some(match graph.grant_holder[at] {
                Holder::Credential(c) => Thing::Credential(c),
                Holder::Identity(i) => Thing::Identity(i),
            }),
            Verb::RemoveExposure => Some(graph.exposure_from[at]),
            Verb::NarrowInherit | Verb::RemoveInherit => graph.inherit_from[at].map(Thing::Identity),
            Verb::RequireExchange | Verb::RemoveTrust => Some(Thing::System(graph.trust_from[at])),
            Verb::Enforce | Verb::Isolate => Some(Thing::System(part.record)),
        }
    }

    /// Every action in its strongest form: what it costs does not count here. Contexts exclude each other.
    fn pool(&mut self) -> Vec<Choice> {
        let records = &self.graph.inventory().records;
        let mut parts = Vec::new();
        for c in 0..records.credentials.len() as u32 {
            self.universe.of_thing(Thing::Credential(c), &mut parts);
        }
        for i in 0..records.identities.len() as u32 {
            self.universe.of_thing(Thing::Identity(i), &mut parts);
        }
        for s in 0..records.systems.len() as u32 {
            self.universe.of_thing(Thing::System(s), &mut parts);
        }
        for g in 0..records.grants.len() as u32 {
            self.universe.of_grant(g, &mut parts);
        }
        for x in 0..records.exposures.len() as u32 {
            self.universe.of_exposure(x, &mut parts);
        }
        for n in 0..records.inherits.len() as u32 {
            self.universe.of_inherit(n, &mut parts);
        }
        for t in 0..records.trusts.len() as u32 {
            self.universe.of_trust(t, &mut parts);
        }
        let mut slots: BTreeMap<(Verb, u32, u32), Choice> = BTreeMap::new();
        for part in parts {
            let apart = if part.verb == Verb::BindContext { part.step } else { 0 };
            slots.entry((part.verb, part.record, apart)).or_default().push(part);
        }
        slots.into_values().collect()
    }

    /// Each step the one that takes most off; of equal ones the first by kind and record.
    fn greedily(&mut self, pool: &[Choice], k: usize, exposure: u64) -> Result<Vec<usize>, Stopped> {
        let mut taken: Vec<usize> = Vec::new();
        let mut now = exposure;
        while taken.len() < k {
            let mut best: Option<(u64, usize)> = None;
            for n in 0..pool.len() {
                if self.excluded(pool, &taken, n) {
                    continue;
                }
                let choices: Vec<&Choice> = taken.iter().chain([&n]).map(|&n| &pool[n]).collect();
                let then = self.exposure(&choices)?;
                if best.is_none_or(|(least, _)| then < least) {
                    best = Some((then, n));
                }
            }
            match best {
                Some((then, n)) if then < now => {
                    taken.push(n);
                    now = then;
                }
                _ => break,
            }
        }
        Ok(taken)
    }

    fn excluded(&self, pool: &[Choice], taken: &[usize], n: usize) -> bool {
        let slot = |n: usize| pool[n].first().map(|part| part.slot());
        taken.iter().any(|&m| slot(m) == slot(n))
    }

    /// Every choice of `k` actions; the greedy one stays unless another takes more off. Whether there was time for all.
    fn trying_everything(&mut self, pool: &[Choice], k: usize, taken: &mut Vec<usize>) -> Result<bool, Stopped> {
        let choices: Vec<&Choice> = taken.iter().map(|&n| &pool[n]).collect();
        let mut best = (self.exposure(&choices)?, taken.clone());
        self.choose(pool, 0, k, &mut Vec::new(), &mut best)?;
        *taken = best.1;
        Ok(!self.progress.time_left().is_zero())
    }

    fn choose(
        &mut self,
        pool: &[Choice],
        from: usize,
        left: usize,
        taken: &mut Vec<usize>,
        best: &mut (u64, Vec<usize>),
    ) -> Result<(), Stopped> {
        if self.progress.time_left().is_zero() {
            return Ok(());
        }
        let mut more = false;
        for n in (from..pool.len()).filter(|_| left > 0) {
            if !self.excluded(pool, taken, n) {
                more = true;
                taken.push(n);
                self.choose(pool, n + 1, left - 1, taken, best)?;
                taken.pop();
            }
        }
        // More actions take no less off, so only choices to which nothing can be added need a look.
        if !more {
            let choices: Vec<&Choice> = taken.iter().map(|&n| &pool[n]).collect();
            let then = self.exposure(&choices)?;
            if then < best.0 {
                *best = (then, taken.clone());
            }
        }
        Ok(())
    }

    /// The steps in the order in which most comes off first, each without the entries that take nothing off.
    fn steps(&mut self, pool: &[Choice], chosen: Vec<usize>, exposure: u64) -> Result<Vec<BudgetStep>, Stopped> {
        let mut chosen: Vec<Choice> = chosen.into_iter().map(|n| pool[n].clone()).collect();
        let all: Vec<&Choice> = chosen.iter().collect();
        let end = self.exposure(&all)?;
        for at in (0..chosen.len()).rev() {
            let choice = chosen.remove(at);
            let rest: Vec<&Choice> = chosen.iter().collect();
            if self.exposure(&rest)? > end {
                chosen.insert(at, choice);
            }
        }
        for at in 0..chosen.len() {
            for part in chosen[at].clone() {
                if chosen[at].len() < 2 {
                    break;
                }
                let whole = chosen[at].clone();
                chosen[at].retain(|&p| p != part);
                let all: Vec<&Choice> = chosen.iter().collect();
                if self.exposure(&all)? > end {
                    chosen[at] = whole;
                }
            }
        }
        let mut steps: Vec<BudgetStep> = Vec::new();
        let mut done: Vec<Choice> = Vec::new();
        let mut now = exposure;
        while !chosen.is_empty() {
            let mut best: Option<(u64, usize)> = None;
            for (n, choice) in chosen.iter().enumerate() {
                let choices: Vec<&Choice> = done.iter().chain([choice]).collect();
                let then = self.exposure(&choices)?;
                if best.is_none_or(|(least, _)| then < least) {
                    best = Some((then, n));
                }
            }
            let Some((then, n)) = best else { break };
            let choice = chosen.remove(n);
            let before: Vec<&Choice> = done.iter().collect();
            let before = self.overlay(&before);
            done.push(choice.clone());
            let after: Vec<&Choice> = done.iter().collect();
            let after = self.overlay(&after);
            let world = |overlay| World::new(self.graph, overlay, self.settings);
            let (broken_flows, _) = changed_flows(world(&before), world(&after));
            steps.extend(self.universe.actions(choice).into_iter().map(|action| BudgetStep {
                action,
                exposure_before: now,
                exposure_after: then,
                broken_flows: broken_flows.clone(),
            }));
            now = then;
        }
        Ok(steps)
    }
}
