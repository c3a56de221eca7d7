//! From a radius to a decision: a cut of least cost, which proves itself or states its bound. Knows nothing of the
//! window.

mod aliased;
mod alone;
mod budget;
mod containment;
mod cut;
mod pareto;
mod prices;
mod solver;
mod universe;
mod verb;

pub use budget::{BudgetPlan, BudgetStep, budget};
pub use containment::{
    Containment, ContainmentStep, NotEffective, Vendor, VendorReach, containment, rotated_already, vendors,
};
pub use pareto::{Offer, pareto};
pub use verb::Verb;

use crate::analysis::{Cancel, Cancelled, Never, Radius, Step, radius};
use crate::graph::{Overlay, Settings, Thing, TrustGraph, World};
use crate::model::Criticality;
use crate::scenario::{Action, Flow, changed_flows};
use std::collections::BTreeSet;
use std::time::Duration;

/// How far a planner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Cost of the best plan so far.
    pub best: Option<u64>,
    /// No plan costs less than this.
    pub bound: u64,
}

/// Whoever waits for a plan.
pub trait Progress: Cancel {
    /// How long the planner may still try to prove its answer. The first answer is given whatever this says.
    fn time_left(&self) -> Duration;

    /// Hears of every better plan and every better bound.
    fn report(&self, standing: Standing);
}

/// Waits for the proof as long as it takes, or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

impl Cancel for Patience {
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl Progress for Patience {
    fn time_left(&self) -> Duration {
        self.0
    }

    fn report(&self, _: Standing) {}
}

/// Waits as long as somebody who reads the clock says.
pub struct Left<F>(pub F);

impl<F: Fn() -> Duration + Sync> Cancel for Left<F> {
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl<F: Fn() -> Duration + Sync> Progress for Left<F> {
    fn time_left(&self) -> Duration {
        (self.0)()
    }

    fn report(&self, _: Standing) {}
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Nobody waits any more.
    Cancelled,
    /// The time was over before there was any answer.
    TimeOver,
}

impl From<Cancelled> for Stopped {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// What a plan is asked for.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The graph.
    pub graph: &'a TrustGraph,
    /// What is done already: the plan comes after it, and costs count from there.
    pub base: &'a Overlay,
    /// As-of time and regime.
    pub settings: Settings,
    /// What is compromised.
    pub seeds: Vec<Thing>,
    /// What must not be reached.
    pub protect: Vec<Thing>,
    /// What may be done.
    pub permits: BTreeSet<Verb>,
}

/// A cut, or why there is none.
#[derive(Debug)]
pub enum Plan {
    /// After these actions nothing protected is reached.
    Cut(Box<Cut>),
    /// Nothing permitted keeps the seeds from something protected.
    Impossible(Impossible),
}

/// A set of actions after which nothing protected is reached.
#[derive(Debug)]
pub struct Cut {
    /// In an order in which they apply.
    pub actions: Vec<Action>,
    /// One for each action, and for each flow broken or at risk by its use.
    pub cost: u64,
    /// No permitted cut costs less.
    pub lower_bound: u64,
    /// The radius after them.
    pub after: Radius,
    /// What they break.
    pub broken_flows: Vec<Flow>,
    /// What they put at risk.
    pub at_risk: Vec<Flow>,
}

impl Cut {
    /// Whether it is proved that no permitted cut costs less.
    #[must_use]
    pub fn is_optimal(&self) -> bool {
        self.lower_bound >= self.cost
    }
}

/// Why there is no cut.
#[derive(Clone, Debug)]
pub struct Impossible {
    /// What is reached whatever is done.
    pub target: Thing,
    /// Why, for people.
    pub why: String,
    /// The way there that nothing permitted breaks.
    pub path: Vec<Step>,
    /// Kinds of action, not permitted, of which one would break this way.
    pub others: Vec<Verb>,
}

/// What a broken flow costs, by its use; unknown use is never free.
#[must_use]
pub fn price(flow: &Flow) -> u64 {
    prices::by_use(flow.used, flow.intended)
}

/// What a flow costs that is at risk because the context is checked where it leads.
pub const AT_RISK_COST: u64 = prices::AT_RISK;

/// The systems that are crown jewels, sorted.
#[must_use]
pub fn crown_jewels(graph: &TrustGraph) -> Vec<Thing> {
    let systems = graph.inventory().records.systems.iter().enumerate();
    systems
        .filter(|(_, s)| s.criticality == Some(Criticality::CrownJewel))
        .map(|(n, _)| Thing::System(n as u32))
        .collect()
}

/// A cut of least cost within the time there is.
///
/// # Errors
/// [`Stopped`], if nobody waits any more or nothing was found in time.
pub fn cut(question: &Question<'_>, progress: &dyn Progress) -> Result<Plan, Stopped> {
    let mut protected: Vec<Thing> = question.protect.clone();
    protected.retain(|thing| !question.seeds.contains(thing));
    protected.sort_unstable();
    protected.dedup();
    let ask = cut::Ask {
        graph: question.graph,
        base: question.base,
        settings: question.settings,
        seeds: &question.seeds,
        protected: &protected,
        permits: &question.permits,
    };
    Ok(match cut::find(&ask, progress)? {
        cut::Found::Impossible { target, path, others } => Plan::Impossible(Impossible {
            target,
            why: why_impossible(question.graph, target, &path, &others),
            path,
            others,
        }),
        cut::Found::Cut {
            actions,
            overlay,
            cost,
            lower_bound,
        } => {
            let world = |overlay| World::new(question.graph, overlay, question.settings);
            let (broken_flows, at_risk) = changed_flows(world(question.base), world(&overlay));
            Plan::Cut(Box::new(Cut {
                after: radius(question.graph, &overlay, &question.seeds, question.settings, &Never)?,
                actions,
                cost,
                lower_bound,
                broken_flows,
                at_risk,
            }))
        }
    })
}

fn why_impossible(graph: &TrustGraph, target: Thing, path: &[Step], others: &[Verb]) -> String {
    let id = graph.id(target);
    let legitimate = path.iter().all(|step| step.intended && !step.assumed);
    let reason = if legitimate {
        format!("No permitted action keeps the compromise from {id}: flows that are meant to be alone lead there")
    } else {
        format!("No permitted action keeps the compromise from {id} on the way shown")
    };
    let list: Vec<&str> = others.iter().map(|v| v.as_str()).collect();
    match list.as_slice() {
        [] => {
            format!("{reason}. No single action of any kind breaks this way; take {id} off the list of what to protect")
        }
        [one] => format!("{reason}. {one} would break this way: permit it"),
        all => format!(
            "{reason}. Any of these would break this way: {}; permit one of them",
            all.join(", ")
        ),
    }
}
