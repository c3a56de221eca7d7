//! What each of many actions would take off one compromise, without deriving everything again for each.

use super::Action;
use super::apply::apply_knowing;
use crate::analysis::reach::{Backward, Compiled, Counts, Cut, Standing, compile, cut_between, score_candidates};
use crate::analysis::{Cancel, Cancelled};
use crate::graph::{Overlay, Settings, Thing, TrustGraph, World};

/// One compromise under some actions, ready for questions about one more.
#[derive(Debug)]
pub struct Foresight<'a> {
    graph: &'a TrustGraph,
    actions: Vec<Action>,
    overlay: Overlay,
    seeds: Vec<Thing>,
    settings: Settings,
    compiled: Compiled,
    back: Backward,
}

impl<'a> Foresight<'a> {
    /// Of `seeds` after `actions`, whose overlay is `overlay`.
    ///
    /// # Errors
    /// [`Cancelled`], if `cancel` says so.
    pub fn new(
        graph: &'a TrustGraph,
        actions: &[Action],
        overlay: &Overlay,
        seeds: &[Thing],
        settings: Settings,
        cancel: &dyn Cancel,
    ) -> Result<Self, Cancelled> {
        let compiled = compile(World::new(graph, overlay, settings), cancel)?;
        let back = Backward::of(&compiled.core);
        Ok(Self {
            graph,
            actions: actions.to_vec(),
            overlay: overlay.clone(),
            seeds: seeds.to_vec(),
            settings,
            compiled,
            back,
        })
    }

    /// The systems, by class, that each candidate alone takes off the reach, in the regime in force; `None` for one
    /// that cannot be taken. Those that only take facts away are scored together, up to 512 in one sweep; a candidate
    /// that changes which contexts are asked for is derived by itself.
    ///
    /// # Errors
    /// [`Cancelled`], if `cancel` says so.
    pub fn scores(&self, candidates: &[Action], cancel: &dyn Cancel) -> Result<Vec<Option<Counts>>, Cancelled> {
        let before = World::new(self.graph, &self.overlay, self.settings);
        let start = self.compiled.start(before, &self.seeds);
        let standing = Standing::new(&self.compiled.core, &self.back, &start);
        let mut out: Vec<Option<Counts>> = vec![None; candidates.len()];
        let mut cuts: Vec<Cut> = Vec::new();
        let mut places: Vec<usize> = Vec::new();
        for (at, candidate) in candidates.iter().enumerate() {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            let mut all = self.actions.clone();
            all.push(candidate.clone());
            let Ok(overlay) = apply_knowing(self.graph, &self.overlay.extra_contexts, &all) else {
                continue;
            };
            let after = World::new(self.graph, &overlay, self.settings);
            if let Some(cut) = cut_between(&self.compiled, &self.back, before, after, &self.seeds) {
                cuts.push(cut);
                places.push(at);
            } else {
                let other = compile(after, cancel)?;
                let left = other.core.count(&other.core.reach(&other.start(after, &self.seeds)));
                // Under `intended` an exchange may pass on what was not meant before; nothing is lost by that.
                let lost = std::array::from_fn(|class| standing.total[class].saturating_sub(left[class]));
                out[at] = Some(lost);
            }
        }
        let scores = score_candidates(&standing, &cuts, cancel)?;
        for (at, score) in places.into_iter().zip(scores) {
            out[at] = Some(score);
        }
        Ok(out)
    }
}
