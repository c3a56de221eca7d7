//! The small pictures on the welcome screen's cards: what each sample reaches, by hop and state, worked out from the
//! sample itself.

use super::{Sample, Ticket};
use crate::analysis::{Never, radius, resolve_seeds};
use crate::graph::{Overlay, Regime, Settings, TrustGraph};
use crate::import::{LoadOptions, Source, Unheard, load_sources};
use std::sync::Arc;

/// Systems reached by hop (from 1) and state: as intended, by inheritance, by assumption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// One entry a hop.
    pub hops: Vec<[u64; 3]>,
}

/// Sketches all samples, one after the other; hands over each with its position.
pub fn run(samples: Vec<Sample>, ticket: &Ticket<'_, Vec<Sample>, (usize, Sketch)>) {
    for (i, sample) in samples.iter().enumerate() {
        if ticket.is_stale() {
            return;
        }
        if let Some(sketch) = sketch(sample) {
            ticket.part((i, sketch));
        }
    }
}

/// What a sample reaches. Nothing where it cannot be read, which a test of the samples would notice.
#[must_use]
pub fn sketch(sample: &Sample) -> Option<Sketch> {
    let source = Source::Bytes {
        name: sample.file.clone(),
        bytes: Arc::from(sample.inventory().as_bytes()),
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).ok()?;
    let settings = Settings {
        as_of: loaded.inventory.as_of?,
        regime: Regime::WorstCase,
    };
    let graph = TrustGraph::build(loaded.inventory);
    let mut overlay = Overlay::default();
    let seeds = resolve_seeds(&graph, &mut overlay, &sample.compromise).ok()?;
    let reached = radius(&graph, &overlay, &seeds, settings, &Never).ok()?;
    let mut sketch = Sketch::default();
    for system in &reached.systems {
        let hop = (system.reach.hops.max(1) - 1) as usize;
        if sketch.hops.len() <= hop {
            sketch.hops.resize(hop + 1, [0; 3]);
        }
        let state = match (system.reach.assumed, system.reach.inherited) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        };
        sketch.hops[hop][state] += 1;
    }
    Some(sketch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_says_the_same_number_as_its_picture() {
        for sample in super::super::samples() {
            let sketch = sketch(&sample).expect("a sample can be read");
            let systems: u64 = sketch.hops.iter().flatten().sum();
            assert_eq!(systems, sample.before.systems, "{}", sample.file);
        }
    }
}
