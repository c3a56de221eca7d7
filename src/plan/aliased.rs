//! Plans under aliases.

use super::{Cut, Impossible, Plan};
use crate::graph::TrustGraph;
use crate::model::Aliases;
use crate::scenario::aliased_flows;

impl Plan {
    /// The same under aliases; `graph` is the one with its own names. The way there of what is impossible is left out: its
    /// facts are names and scopes.
    #[must_use]
    pub fn aliased(&self, graph: &TrustGraph, a: &Aliases) -> Self {
        match self {
            Self::Cut(cut) => Self::Cut(Box::new(Cut {
                actions: cut.actions.iter().map(|x| x.aliased(a)).collect(),
                cost: cut.cost,
                lower_bound: cut.lower_bound,
                after: cut.after.aliased(a),
                broken_flows: aliased_flows(&cut.broken_flows, a),
                at_risk: aliased_flows(&cut.at_risk, a),
            })),
            Self::Impossible(why) => Self::Impossible(Impossible {
                target: why.target,
                why: format!(
                    "No permitted action keeps the compromise from {}",
                    a.id(&graph.id(why.target))
                ),
                path: Vec::new(),
                others: why.others.clone(),
            }),
        }
    }
}
