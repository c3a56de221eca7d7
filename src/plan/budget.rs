//! A budget plan: so many actions, which together take most off the estate's exposure. Where trying every choice is
//! little work it is the best there is; else each step is the best next one.

use super::alone::Alone;
use super::universe::{Part, Universe};
use super::{Progress, Stopped, Verb};
use crate::graph::{Holder, Overlay, Settings, Thing, TrustGraph, World};
use crate::scenario::{Action, Flow, changed_flows};
use std::cmp::Reverse;
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

/// So many of the likeliest choices are tried for a step however long that takes.
const LIKELIEST: usize = 256;

type Choice = Vec<Part>;

struct Budget<'a> {
    graph: &'a TrustGraph,
    settings: Settings,
    universe: Universe<'a>,
    progress: &'a dyn Progress,
    alone: Alone,
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
    let universe = Universe::new(graph, base, settings, permits);
    let mut run = Budget {
        graph,
        settings,
        alone: Alone::of(universe.before(), progress)?,
        universe,
        progress,
    };
    let exposure = run.exposure(&[])?;
    let pool = run.pool();
    let all: Vec<&Choice> = pool.iter().collect();
    let least_exposure = run.exposure(&all)?;
    let everything = run.overlay(&all);
    let Greedy { mut taken, whole } = run.greedily(&pool, k, exposure)?;
    let mut optimal = whole && trials(pool.len(), k) <= MOST_TRIALS;
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

/// What taking the best next choice again and again comes to.
struct Greedy {
    taken: Vec<usize>,
    /// Whether there was time to find the best one each time.
    whole: bool,
}

impl Budget<'_> {
    fn overlay(&mut self, choices: &[&Choice]) -> Overlay {
        self.universe
            .overlay(choices.iter().flat_map(|choice| choice.iter().copied()))
    }

    /// The estate's exposure after some choices.
    fn exposure(&mut self, choices: &[&Choice]) -> Result<u64, Stopped> {
        Ok(self.weights(choices)?.into_iter().sum())
    }

    /// What each credential alone reaches after some choices weighs: only those on whose ways something is changed are
    /// looked at anew.
    fn weights(&mut self, choices: &[&Choice]) -> Result<Vec<u64>, Stopped> {
        let mut affected: Vec<u32> = Vec::new();
        for choice in choices {
            self.affected(choice, &mut affected);
        }
        affected.sort_unstable();
        affected.dedup();
        let mut out = self.alone.weights();
        let overlay = self.overlay(choices);
        let world = World::new(self.graph, &overlay, self.settings);
        let after = self.alone.weights_in(world, &affected, self.progress)?;
        for (c, weight) in affected.into_iter().zip(after) {
            out[c as usize] = weight;
        }
        Ok(out)
    }

    /// The credentials whose ways a choice may change, added to a list.
    fn affected(&self, choice: &Choice, to: &mut Vec<u32>) {
        let mut things: Vec<Option<Thing>> = choice.iter().map(|&part| self.concerns(part)).collect();
        things.dedup();
        for thing in things {
            match thing {
                Some(thing) => self.alone.around(thing, to),
                None => to.extend(0..self.alone.len()),
            }
        }
    }

    /// What lies behind the things that a choice concerns weighs, each counted by itself.
    fn behind(&self, choice: &Choice) -> u64 {
        let mut things: Vec<Option<Thing>> = choice.iter().map(|&part| self.concerns(part)).collect();
        things.dedup();
        things.into_iter().flatten().map(|thing| self.alone.behind(thing)).sum()
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

    /// Each step the one that takes most off; of equal ones the first by kind and record. The likeliest are tried first.
    /// No choice takes off more than what the credentials it affects reach weighs, so of the others only those that may
    /// still be the best are tried. Once the time is over, a step is the best of the likeliest.
    fn greedily(&mut self, pool: &[Choice], k: usize, exposure: u64) -> Result<Greedy, Stopped> {
        let mut out = Greedy {
            taken: Vec::new(),
            whole: true,
        };
        let mut now = exposure;
        while out.taken.len() < k {
            let mut best: Option<(u64, usize)> = None;
            for (tried, (most, n)) in self.in_order(pool, &out.taken)?.into_iter().enumerate() {
                if let Some((least, at)) = best {
                    if tried >= LIKELIEST {
                        if now - most > least {
                            break;
                        }
                        if self.progress.time_left().is_zero() {
                            out.whole = false;
                            break;
                        }
                    }
                    if now - most > least || now - most == least && n > at {
                        continue;
                    }
                }
                let choices: Vec<&Choice> = out.taken.iter().chain([&n]).map(|&n| &pool[n]).collect();
                let then = self.exposure(&choices)?;
                if best.is_none_or(|best| (then, n) < best) {
                    best = Some((then, n));
                }
            }
            match best {
                Some((then, n)) if then < now => {
                    out.taken.push(n);
                    now = then;
                }
                _ => break,
            }
        }
        Ok(out)
    }

    /// The choices that are left, each with the most it may take off: first the likeliest, by what lies behind what
    /// they concern, then all others by the most they may take off.
    fn in_order(&mut self, pool: &[Choice], taken: &[usize]) -> Result<Vec<(u64, usize)>, Stopped> {
        let choices: Vec<&Choice> = taken.iter().map(|&n| &pool[n]).collect();
        let weights = self.weights(&choices)?;
        let mut affected: Vec<u32> = Vec::new();
        let mut all: Vec<(Reverse<u64>, Reverse<u64>, usize)> = Vec::with_capacity(pool.len());
        for n in (0..pool.len()).filter(|&n| !self.excluded(pool, taken, n)) {
            affected.clear();
            self.affected(&pool[n], &mut affected);
            affected.sort_unstable();
            affected.dedup();
            let most: u64 = affected.iter().map(|&c| weights[c as usize]).sum();
            let behind = self.behind(&pool[n]);
            let likely: u64 = affected.iter().map(|&c| weights[c as usize].min(behind)).sum();
            all.push((Reverse(likely), Reverse(most), n));
        }
        all.sort_unstable();
        if let Some(rest) = all.get_mut(LIKELIEST..) {
            rest.sort_unstable_by_key(|x| (x.1, x.2));
        }
        Ok(all.into_iter().map(|(_, Reverse(most), n)| (most, n)).collect())
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
