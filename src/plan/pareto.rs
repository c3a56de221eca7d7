//! What each further break buys: plans of which none takes more off for less. They grow step by step, each step the one
//! that takes most weight off the radius for what it costs, and the proved cut stands among them.

use super::cut::{self, Ask};
use super::prices::Prices;
use super::universe::{Part, Universe};
use super::{Plan, Progress, Question, Stopped};
use crate::analysis::{Never, Summary, radius, reached, weigh};
use crate::graph::{Overlay, World};
use crate::scenario::{Action, UseCounts, apply, changed_flows};
use std::collections::BTreeSet;

/// How many steps a plan grows by.
const MOST_STEPS: usize = 10;

/// How many parts are tried for each step; the cheapest come first.
const MOST_PARTS: usize = 80;

/// One choice between taking off and breaking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// In an order in which they apply.
    pub actions: Vec<Action>,
    /// The radius with them.
    pub after: Summary,
    /// What they take off the weight of the radius.
    pub taken_off: u64,
    /// One for each action, and for each flow broken or at risk by its use.
    pub cost: u64,
    /// How many flows they break, by their use.
    pub broken: UseCounts,
    /// Whether nothing protected is reached after them.
    pub is_cut: bool,
    /// Of a cut: no permitted cut costs less than this.
    pub lower_bound: Option<u64>,
}

/// Plans of which none takes more off for less: cost rising, and with it what is taken off. `cut` is the answer to the
/// same question, where there is one.
///
/// # Errors
/// [`Stopped::Cancelled`], if nobody waits any more.
pub fn pareto(question: &Question<'_>, cut: Option<&Plan>, progress: &dyn Progress) -> Result<Vec<Offer>, Stopped> {
    let world = World::new(question.graph, question.base, question.settings);
    let before = weigh(
        question.graph,
        reached(world, &question.seeds, progress)?.things.into_iter(),
    );
    let mut offers = grown(question, before, progress)?;
    if let Some(Plan::Cut(cut)) = cut {
        offers.push(Offer {
            actions: cut.actions.clone(),
            after: cut.after.summary,
            taken_off: before.saturating_sub(cut.after.summary.weight),
            cost: cut.cost,
            broken: UseCounts::of(&cut.broken_flows),
            is_cut: true,
            lower_bound: Some(cut.lower_bound),
        });
    }
    // Cheaper first; of equal cost the one that takes more off, the cut before others.
    offers.sort_by(|a, b| {
        (a.cost, b.taken_off, !a.is_cut, a.actions.len()).cmp(&(b.cost, a.taken_off, !b.is_cut, b.actions.len()))
    });
    let mut most = 0;
    offers.retain(|offer| {
        let better = offer.taken_off > most || offer.lower_bound.is_some();
        most = most.max(offer.taken_off);
        better && !offer.actions.is_empty()
    });
    Ok(offers)
}

fn grown(question: &Question<'_>, before: u64, progress: &dyn Progress) -> Result<Vec<Offer>, Stopped> {
    let (graph, settings) = (question.graph, question.settings);
    let world = World::new(graph, question.base, settings);
    let everything: Vec<_> = reached(world, &question.seeds, progress)?.things.into_iter().collect();
    let ask = Ask {
        graph,
        base: question.base,
        settings,
        seeds: &question.seeds,
        protected: &everything,
        permits: &question.permits,
    };
    let universe = Universe::new(graph, question.base, settings, &question.permits);
    let mut prices = Prices::new(universe);
    let parts: BTreeSet<Part> = cut::bearing_on_all(&ask, progress)?;
    let mut priced: Vec<(u64, u32)> = Vec::new();
    for part in parts {
        let p = prices.part(part);
        priced.push((prices.bill(&BTreeSet::from([p])).cost, p));
        if progress.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
    }
    priced.sort_unstable();
    priced.truncate(MOST_PARTS);
    let mut set: BTreeSet<u32> = BTreeSet::new();
    let (mut weight, mut cost) = (before, 0);
    let mut out = Vec::new();
    while out.len() < MOST_STEPS && weight > 0 && !progress.time_left().is_zero() {
        let mut best: Option<(f64, u32, u64, u64)> = None;
        for &(_, p) in &priced {
            if set.contains(&p) || prices.excluded(p, &set) {
                continue;
            }
            let mut with = set.clone();
            with.insert(p);
            let overlay = prices.overlay(&with);
            let left = reached(World::new(graph, &overlay, settings), &question.seeds, progress)?;
            let left = weigh(graph, left.things.into_iter());
            if left >= weight {
                continue;
            }
            let then = prices.bill(&with).cost;
            let rate = (weight - left) as f64 / then.saturating_sub(cost).max(1) as f64;
            if best.is_none_or(|(most, ..)| rate > most) {
                best = Some((rate, p, left, then));
            }
        }
        let Some((_, p, left, then)) = best else { break };
        set.insert(p);
        (weight, cost) = (left, then);
        let overlay = prices.overlay(&set);
        let all: Vec<Part> = set.iter().map(|&p| prices.parts[p as usize]).collect();
        out.push(offer(question, prices.universe.actions(all), &overlay, before, cost)?);
    }
    Ok(out)
}

fn offer(
    question: &Question<'_>,
    actions: Vec<Action>,
    overlay: &Overlay,
    before: u64,
    cost: u64,
) -> Result<Offer, Stopped> {
    let world = |overlay| World::new(question.graph, overlay, question.settings);
    let after = radius(question.graph, overlay, &question.seeds, question.settings, &Never)?;
    let things = after.things();
    let (broken, _) = changed_flows(world(question.base), world(overlay));
    debug_assert!(!question.base.is_empty() || apply(question.graph, &actions).is_ok());
    Ok(Offer {
        actions,
        after: after.summary,
        taken_off: before.saturating_sub(after.summary.weight),
        cost,
        broken: UseCounts::of(&broken),
        is_cut: question.protect.iter().all(|thing| !things.contains(thing)),
        lower_bound: None,
    })
}
