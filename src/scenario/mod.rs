//! What is proposed: actions, the overlay they make, what they take off the radius, what they break and where they
//! have no effect. Knows nothing of layout or the window.

mod action;
mod aliased;
mod apply;
mod candidates;
mod compare;
mod flows;
mod foresee;
mod ineffective;

pub use action::{Action, ActionError, Scenario};
pub use aliased::{aliased_flows, further_words};
pub use apply::{apply, read, unreachable_contexts};
pub use candidates::candidates;
pub use compare::{Comparison, Effect, Removed, UseCounts, compare, compare_with, preview};
pub use flows::{Flow, FlowKind, FlowSet, Flows, Use, flows};
pub(crate) use flows::{Key as FlowKey, Priced, changed, changed_flows};
pub use foresee::{Foresight, Previews};
pub use ineffective::{Ineffective, Missing};
