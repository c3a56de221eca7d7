//! A plan as members of the `trustmap-plan` document, in the documentation's order.

use super::radius::{FlowJson, R, StepJson, r};
use crate::graph::TrustGraph;
use crate::plan::{BudgetPlan, Plan};
use crate::scenario::Action;
use serde::Serialize;

/// The members after the head.
#[derive(Serialize)]
#[serde(untagged)]
pub enum PlanMembers<'a> {
    /// A cut.
    Cut(Box<CutMembers<'a>>),
    /// Why there is none.
    Impossible(ImpossibleMembers<'a>),
    /// A budget plan.
    Budget(BudgetMembers<'a>),
}

/// A cut.
#[derive(Serialize)]
pub struct CutMembers<'a> {
    actions: &'a [Action],
    cost: u64,
    optimal: bool,
    lower_bound: u64,
    after: R<'a>,
    broken_flows: Vec<FlowJson<'a>>,
}

/// Why there is no cut.
#[derive(Serialize)]
pub struct ImpossibleMembers<'a> {
    impossible: &'a str,
    path: Vec<StepJson>,
}

/// A budget plan.
#[derive(Serialize)]
pub struct BudgetMembers<'a> {
    steps: Vec<BudgetStepJson<'a>>,
}

#[derive(Serialize)]
struct BudgetStepJson<'a> {
    action: &'a Action,
    exposure_before: u64,
    exposure_after: u64,
    broken_flows: Vec<FlowJson<'a>>,
}

/// The members of a cut, or of why there is none.
#[must_use]
pub fn plan_members<'a>(graph: &TrustGraph, plan: &'a Plan) -> PlanMembers<'a> {
    match plan {
        Plan::Cut(cut) => PlanMembers::Cut(Box::new(CutMembers {
            actions: &cut.actions,
            cost: cut.cost,
            optimal: cut.is_optimal(),
            lower_bound: cut.lower_bound,
            after: r(graph, &cut.after),
            broken_flows: cut.broken_flows.iter().map(FlowJson::from).collect(),
        })),
        Plan::Impossible(why) => PlanMembers::Impossible(ImpossibleMembers {
            impossible: &why.why,
            path: why.path.iter().cloned().map(StepJson::from).collect(),
        }),
    }
}

/// The members of a budget plan.
#[must_use]
pub fn budget_members(plan: &BudgetPlan) -> PlanMembers<'_> {
    PlanMembers::Budget(BudgetMembers {
        steps: plan
            .steps
            .iter()
            .map(|step| BudgetStepJson {
                action: &step.action,
                exposure_before: step.exposure_before,
                exposure_after: step.exposure_after,
                broken_flows: step.broken_flows.iter().map(FlowJson::from).collect(),
            })
            .collect(),
    })
}
