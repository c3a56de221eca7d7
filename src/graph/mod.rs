//! Inventory to trust graph: ids resolved to indices, adjacency in compact arrays, and the overlay that a scenario
//! lays over it. A what-if never edits the graph: every algorithm walks graph and overlay together, and analysing
//! both equals analysing the graph built from the edited inventory.

mod allowances;
mod fast;
mod open_inherits;
mod overlay;
mod trust_graph;
mod world;

pub use allowances::Allowances;
pub use fast::FastMap;
pub use open_inherits::{OpenInherits, Opened, Scratch};
pub use overlay::{CredentialChange, GrantChange, InheritChange, Overlay, SystemChange, TrustChange};
pub use trust_graph::{Csr, Holder, Premise, TrustGraph};
pub use world::{Only, World};

use crate::model::Time;

/// What is believed where the inventory does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Regime {
    /// Nothing is checked that is not stated to be; what is assumed exists.
    #[default]
    WorstCase,
    /// Everything is checked that is not stated not to be; what is assumed does not exist.
    BestCase,
    /// Every check is made everywhere and only what was meant exists.
    Intended,
}

impl Regime {
    /// As written on the command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorstCase => "worst-case",
            Self::BestCase => "best-case",
            Self::Intended => "intended",
        }
    }

    /// Read from the command line's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::WorstCase, Self::BestCase, Self::Intended]
            .into_iter()
            .find(|r| r.as_str() == text)
    }
}

/// Where the as-of time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOfFrom {
    /// The command line or the window's slider.
    Argument,
    /// The largest `as_of` of the loaded files.
    Inventory,
    /// The clock.
    Clock,
}

/// What can be compromised or reached, by index into the graph's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A system: index into the inventory's systems.
    System(u32),
    /// An identity: index into the inventory's identities.
    Identity(u32),
    /// A credential: index into the inventory's credentials.
    Credential(u32),
    /// A context: index into the table of contexts of whoever gave this value.
    Context(u32),
}

/// The settings of one question, besides its seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The as-of time.
    pub as_of: Time,
    /// The regime in force.
    pub regime: Regime,
}
