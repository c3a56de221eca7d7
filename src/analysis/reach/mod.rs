//! Reach at scale: the trust graph compiled to bare numbers, exactly, and what can be asked of it a million records
//! at a time.

mod all;
mod change;
mod compile;
mod core;
mod dominators;
mod gates;
mod lists;
mod places;
mod score;
mod sources;
mod standing;
mod sweep;

pub use all::{How, Radii, Work, radii, radii_of};
pub use change::cut_between;
pub use compile::{Compiled, compile};
pub use core::{Core, Counts, Door, Draft, NO_CLASS, NONE, systems, weight};
pub use dominators::{Chokes, Losses, chokes, losses};
pub use score::score_candidates;
pub use standing::{Backward, Cut, Standing};

use crate::graph::{Thing, World};

impl Compiled {
    /// The nodes that a compromise begins with.
    #[must_use]
    pub fn start(&self, world: World<'_>, seeds: &[Thing]) -> Vec<u32> {
        let mut out: Vec<u32> = seeds
            .iter()
            .flat_map(|&seed| self.places.start(world, seed))
            .map(|place| self.core.node(place))
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What a node stands for.
    #[must_use]
    pub fn thing(&self, node: u32) -> Option<Thing> {
        self.places.thing(self.core.maker_of(node))
    }

    /// All nodes that stand for a thing.
    #[must_use]
    pub fn nodes_of(&self, thing: Thing) -> Vec<u32> {
        let places = self.places.of_thing(thing);
        places.into_iter().map(|place| self.core.node(place)).collect()
    }

    /// Whether a node is reached by an access alone, which is a hop.
    #[must_use]
    pub fn is_access(&self, node: u32) -> bool {
        self.places.is_access(self.core.maker_of(node))
    }

    /// What each node stands for; requirements and collections of grants are none of the things there are.
    #[must_use]
    pub fn things(&self) -> Vec<Option<Thing>> {
        (0..self.core.len() as u32).map(|node| self.thing(node)).collect()
    }
}
