//! Radius, explanation, ranks. Knows nothing of scenarios (it walks an overlay) or of layout.

mod attack;
mod choke;
mod closure;
mod conditions;
mod diff;
mod explain;
mod exposed;
mod fact;
mod radius;
mod rank;
pub mod reach;
mod served;
mod ways;

pub(crate) use attack::{Attack, attacks};
pub use choke::{ChokeKind, ChokePoint, choke_points, without};
pub(crate) use closure::{Closure, close};
pub(crate) use conditions::{acceptance, audience_fits, given, issuer_fits, live, live_at};
pub use diff::{ByKind, Diff, KINDS, RadiusChange, diff};
pub use exposed::{Exposed, exposed_to};
pub use fact::Held;
pub(crate) use fact::{Fact, RelationIx};
pub(crate) use radius::weigh;
pub use radius::{
    AccessText, CredentialReach, Interval, Radius, Reach, Reached, Summary, SystemReach, UnknownId, interval, radius,
    reached, resolve_seeds,
};
pub(crate) use rank::reached as reached_alone;
pub use rank::{RankRow, Ranking, rank};
pub use ways::{Acceptance, Parent};

use crate::graph::Thing;
use crate::model::Check;

/// Whether somebody lost interest in a long computation.
pub trait Cancel: Sync {
    /// Asked now and then; once true, the computation ends with [`Cancelled`].
    fn is_cancelled(&self) -> bool;

    /// Told now and then how far a part of the computation has come; whoever does not care leaves it as it is.
    fn progress(&self, _part: &'static str, _done: u64, _of: u64) {}
}

/// Never cancels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Never;

impl Cancel for Never {
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A computation was ended because its result is no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// What an acceptor did about one check. Alike in every regime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckState {
    /// The inventory states that it is made.
    Made,
    /// The inventory states that it is not made.
    NotMade,
    /// The inventory does not say.
    Unknown,
    /// Nothing is stated that could be checked.
    NotApplicable,
}

/// The five checks at one acceptance, in the order A I S C R.
pub type Checks = [CheckState; 5];

/// The state of one check among five.
#[must_use]
pub fn check_state(checks: &Checks, check: Check) -> CheckState {
    checks[check as usize]
}

/// Which rule a step of an explanation applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Rule 1.
    Seed,
    /// Rule 2.
    Accepted,
    /// Rules 3 and 4.
    Access,
    /// Rule 5.
    Inherit,
    /// Rule 6.
    Exposure,
    /// Rule 7.
    Trust,
}

impl Rule {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Accepted => "accepted",
            Self::Access => "access",
            Self::Inherit => "inherit",
            Self::Exposure => "exposure",
            Self::Trust => "trust",
        }
    }
}

impl CheckState {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::NotMade => "not-made",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// One rule application of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which rule.
    pub rule: Rule,
    /// The fact it gives, as text: `Access(sys:api, s3:* less s3:Delete*)`.
    pub fact: String,
    /// What the fact is about: the system, credential, identity or context it gives.
    pub thing: Thing,
    /// Hops of the fact.
    pub hops: u32,
    /// Positions of its premises in the same list; all smaller than its own.
    pub premises: Vec<usize>,
    /// Names of the relations it used, in the order used.
    pub records: Vec<String>,
    /// False where a record it used says so.
    pub intended: bool,
    /// True where a record it used is assumed.
    pub assumed: bool,
    /// On trust steps: whether an exchange is performed.
    pub exchange: Option<bool>,
    /// On accepted steps: what was checked.
    pub checks: Option<Checks>,
}
