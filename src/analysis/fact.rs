//! Facts, and the relations that give them.

use crate::graph::World;
use crate::model::Name;

/// In which way a credential is held; the order is that of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// A copy from before a rotation.
    Old,
    /// A copy.
    Copy,
    /// Minted at will.
    Fresh,
    /// Written at will with its signing key.
    Forged,
}

impl Held {
    /// As written in JSON and in fact texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::Copy => "copy",
            Self::Fresh => "fresh",
            Self::Forged => "forged",
        }
    }
}

/// A fact. The number of an `Access` is that of what it allows in its closure's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fact {
    Holds(u32, Held),
    ActsAs(u32),
    Accepted(u32, Held, u32),
    Access(u32, u32),
    InContext(u32),
}

/// A relation by kind and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RelationIx {
    Grant(u32),
    Exposure(u32),
    Inherit(u32),
    Trust(u32),
}

/// A relation's name.
pub(crate) fn name(world: World<'_>, relation: RelationIx) -> Name<'_> {
    let records = &world.graph.inventory().records;
    match relation {
        RelationIx::Grant(g) => records.grants[g as usize].name(),
        RelationIx::Exposure(x) => records.exposures[x as usize].name(),
        RelationIx::Inherit(n) => records.inherits[n as usize].name(),
        RelationIx::Trust(t) => records.trusts[t as usize].name(),
    }
}

/// What a relation has in common with all others.
pub(crate) fn common(world: World<'_>, relation: RelationIx) -> &crate::model::RelationCommon {
    let records = &world.graph.inventory().records;
    match relation {
        RelationIx::Grant(g) => &records.grants[g as usize].common,
        RelationIx::Exposure(x) => &records.exposures[x as usize].common,
        RelationIx::Inherit(n) => &records.inherits[n as usize].common,
        RelationIx::Trust(t) => &records.trusts[t as usize].common,
    }
}
