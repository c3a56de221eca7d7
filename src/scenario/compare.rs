//! Before and after: what a scenario takes off the radius, what it breaks, and where it has no effect.

use super::apply::apply_knowing;
use super::flows::{Flow, Flows, Use};
use super::ineffective::{Ineffective, depends_on_reach, ineffective};
use super::{Action, ActionError};
use crate::analysis::{Cancel, Cancelled, Closure, Interval, Radius, Summary, close, radius};
use crate::graph::{Overlay, Regime, Settings, Thing, TrustGraph, World};
use std::sync::Arc;

/// Ids reached before and not after, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Systems.
    pub systems: Vec<String>,
    /// Credentials.
    pub credentials: Vec<String>,
    /// Identities.
    pub identities: Vec<String>,
    /// Contexts, by bare name.
    pub contexts: Vec<String>,
}

/// A radius before a scenario and after it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Before.
    pub before: Arc<Radius>,
    /// After.
    pub after: Arc<Radius>,
    /// What is no longer reached.
    pub removed: Removed,
    /// Rotated seeds that are got again, by id.
    pub regained: Vec<String>,
    /// Flows that work before and not after.
    pub broken_flows: Vec<Flow>,
    /// Flows of credentials the scenario bound, at systems that enforce context.
    pub at_risk: Vec<Flow>,
    /// Where actions have no effect.
    pub ineffective: Vec<Ineffective>,
    /// Systems reached before, in each regime.
    pub interval: Interval,
}

/// How many broken flows are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UseCounts {
    /// In use.
    pub in_use: u64,
    /// Not known.
    pub unknown: u64,
    /// Idle.
    pub idle: u64,
}

impl UseCounts {
    /// Of a list of flows.
    #[must_use]
    pub fn of(flows: &[Flow]) -> Self {
        let mut out = Self::default();
        for flow in flows {
            match flow.used {
                Use::InUse => out.in_use += 1,
                Use::Unknown => out.unknown += 1,
                Use::Idle => out.idle += 1,
            }
        }
        out
    }
}

/// What one more action would do.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The numbers before it.
    pub before: Summary,
    /// The numbers after it.
    pub after: Summary,
    /// What it alone breaks.
    pub broken_flows: Vec<Flow>,
    /// How many of them are used.
    pub broken: UseCounts,
    /// Where it has no effect, as pairs of a system id or relation name and what is missing there.
    pub ineffective: Vec<(String, super::Missing)>,
    /// Things no longer reached, sorted.
    pub removed: Vec<Thing>,
}

/// Compares the radius of seeds before and after a scenario whose overlay is known.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn compare(
    graph: &TrustGraph,
    actions: &[Action],
    overlay: &Overlay,
    seeds: &[Thing],
    settings: Settings,
    cancel: &dyn Cancel,
) -> Result<Comparison, Cancelled> {
    // Contexts that only the overlay names may be seeds before the scenario too.
    let nothing = Overlay {
        extra_contexts: overlay.extra_contexts.clone(),
        ..Overlay::default()
    };
    let before = Arc::new(radius(graph, &nothing, seeds, settings, cancel)?);
    let flows = Flows::of(World::new(graph, &nothing, settings));
    compare_with(graph, actions, overlay, before, &flows, cancel)
}

/// The same where the radius and the flows before are at hand.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn compare_with(
    graph: &TrustGraph,
    actions: &[Action],
    overlay: &Overlay,
    before: Arc<Radius>,
    flows_before: &Flows,
    cancel: &dyn Cancel,
) -> Result<Comparison, Cancelled> {
    let settings = before.settings;
    let seeds = before.seeds.clone();
    let after = Arc::new(radius(graph, overlay, &seeds, settings, cancel)?);
    if cancel.is_cancelled() {
        return Err(Cancelled);
    }
    let world = World::new(graph, overlay, settings);
    let (broken_flows, at_risk) = flows_before.changed_in(world);
    let worst = world.under(Regime::WorstCase);
    let worst_closure;
    let closure = if settings.regime == Regime::WorstCase {
        &after.closure
    } else {
        worst_closure = close::<false>(worst, &seeds, cancel)?;
        &worst_closure
    };
    Ok(Comparison {
        removed: removed(&before, &after),
        regained: after.regained(),
        broken_flows,
        at_risk,
        ineffective: ineffective(worst, closure, actions),
        interval: before.interval,
        before,
        after,
    })
}

fn removed(before: &Radius, after: &Radius) -> Removed {
    let still = after.things();
    let gone = |thing: Thing| !still.contains(&thing);
    let reaches = |list: &[crate::analysis::Reach]| -> Vec<String> {
        list.iter().filter(|r| gone(r.thing)).map(|r| r.id.clone()).collect()
    };
    Removed {
        systems: before
            .systems
            .iter()
            .filter(|s| gone(s.reach.thing))
            .map(|s| s.reach.id.clone())
            .collect(),
        credentials: before
            .credentials
            .iter()
            .filter(|c| gone(c.reach.thing))
            .map(|c| c.reach.id.clone())
            .collect(),
        identities: reaches(&before.identities),
        contexts: reaches(&before.contexts),
    }
}

/// What one more action would do after `actions`, whose comparison is `now`; `flows_now` are the flows after them.
///
/// # Errors
/// Why the action cannot be taken, or `None` where `cancel` said so.
pub fn preview(
    graph: &TrustGraph,
    actions: &[Action],
    extra: &Action,
    now: &Radius,
    flows_now: &Flows,
    cancel: &dyn Cancel,
) -> Result<Effect, Option<Vec<ActionError>>> {
    let mut all = actions.to_vec();
    all.push(extra.clone());
    // The seeds may be contexts by the numbers they have now.
    let overlay = apply_knowing(graph, &now.overlay.extra_contexts, &all).map_err(Some)?;
    let settings = now.settings;
    let after = radius(graph, &overlay, &now.seeds, settings, cancel).map_err(|_| None)?;
    let world = World::new(graph, &overlay, settings);
    let broken_flows = flows_now.broken_in(world);
    let ineffective = if settings.regime == Regime::WorstCase {
        of_last(world, &after.closure, &all)
    } else {
        effect_of(world, &all, &now.seeds, cancel).map_err(|_| None)?
    };
    let still = after.things();
    Ok(Effect {
        before: now.summary,
        after: after.summary,
        broken: UseCounts::of(&broken_flows),
        broken_flows,
        ineffective,
        removed: now.things().into_iter().filter(|t| !still.contains(t)).collect(),
    })
}

/// Where the last of `actions` has no effect, in the world after all of them.
pub(super) fn effect_of(
    world: World<'_>,
    actions: &[Action],
    seeds: &[Thing],
    cancel: &dyn Cancel,
) -> Result<Vec<(String, super::Missing)>, Cancelled> {
    let worst = world.under(Regime::WorstCase);
    let closure = if actions.last().is_some_and(depends_on_reach) {
        close::<false>(worst, seeds, cancel)?
    } else {
        Closure::default()
    };
    Ok(of_last(worst, &closure, actions))
}

fn of_last(world: World<'_>, closure: &Closure, actions: &[Action]) -> Vec<(String, super::Missing)> {
    let without = ineffective(world.under(Regime::WorstCase), closure, actions);
    without
        .into_iter()
        .filter(|x| x.action + 1 == actions.len())
        .flat_map(|x| x.at)
        .collect()
}
