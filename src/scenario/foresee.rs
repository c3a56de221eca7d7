//! What each of many actions would do to one compromise, without deriving everything again for each.

use super::apply::apply_knowing;
use super::compare::{Effect, UseCounts, effect_of, preview};
use super::flows::Flows;
use super::{Action, ActionError};
use crate::analysis::reach::{
    Backward, Compiled, Counts, Cut, Standing, compile, cut_between, score_candidates, systems, weight,
};
use crate::analysis::{Cancel, Cancelled, Radius, Summary};
use crate::graph::{Overlay, Regime, Settings, Thing, TrustGraph, World};

/// The graph under some actions, compiled for questions about one more.
#[derive(Debug)]
pub struct Foresight<'a> {
    graph: &'a TrustGraph,
    actions: Vec<Action>,
    overlay: Overlay,
    seeds: Vec<Thing>,
    settings: Settings,
    /// The regime in force first; for previews the others too.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    regime: Regime,
    compiled: Compiled,
    back: Backward,
}

impl<'a> Foresight<'a> {
    /// Of `seeds` after `actions`, whose overlay is `overlay`, in the regime in force alone.
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
        let mut out = Self {
            graph,
            actions: actions.to_vec(),
            overlay: overlay.clone(),
            seeds: seeds.to_vec(),
            settings,
            known: Vec::new(),
        };
        out.add(settings.regime, cancel)?;
        Ok(out)
    }

    /// Of a radius after `actions`, in all regimes: ready for [`Foresight::previews`].
    ///
    /// # Errors
    /// [`Cancelled`], if `cancel` says so.
    pub fn of_radius(
        graph: &'a TrustGraph,
        actions: &[Action],
        now: &Radius,
        cancel: &dyn Cancel,
    ) -> Result<Self, Cancelled> {
        let mut out = Self {
            graph,
            actions: actions.to_vec(),
            overlay: now.overlay().clone(),
            seeds: now.seeds.clone(),
            settings: now.settings,
            known: Vec::new(),
        };
        // Where little is reached, deriving it again costs less than compiling all there is.
        if now.facts_len() * 16 < graph.inventory().records.len() {
            return Ok(out);
        }
        let mut regimes = vec![Regime::Intended, Regime::BestCase, Regime::WorstCase];
        regimes.sort_by_key(|&regime| regime != now.settings.regime);
        for regime in regimes {
            out.add(regime, cancel)?;
        }
        Ok(out)
    }

    fn add(&mut self, regime: Regime, cancel: &dyn Cancel) -> Result<(), Cancelled> {
        let world = World::new(self.graph, &self.overlay, self.settings).under(regime);
        let compiled = compile(world, cancel)?;
        let back = Backward::of(&compiled.core);
        self.known.push(Known { regime, compiled, back });
        Ok(())
    }

    fn world(&self, regime: Regime) -> World<'_> {
        World::new(self.graph, &self.overlay, self.settings).under(regime)
    }

    fn overlay_with(&self, extra: &Action) -> Result<Overlay, Vec<ActionError>> {
        let mut all = self.actions.clone();
        all.push(extra.clone());
        // The seeds may be contexts by the numbers they have now.
        apply_knowing(self.graph, &self.overlay.extra_contexts, &all)
    }

    fn standing<'b>(&'b self, known: &'b Known) -> Standing<'b> {
        let start = known.compiled.start(self.world(known.regime), &self.seeds);
        Standing::new(&known.compiled.core, &known.back, &start)
    }

    /// The systems, by class, that each candidate alone takes off the reach, in the regime in force; `None` for one
    /// that cannot be taken. Those that only take facts away are scored together, up to 512 in one sweep; a candidate
    /// that changes which contexts are asked for is derived by itself.
    ///
    /// # Errors
    /// [`Cancelled`], if `cancel` says so.
    pub fn scores(&self, candidates: &[Action], cancel: &dyn Cancel) -> Result<Vec<Option<Counts>>, Cancelled> {
        let mut out: Vec<Option<Counts>> = vec![None; candidates.len()];
        let Some(known) = self.known.first() else {
            return Ok(out);
        };
        let before = self.world(known.regime);
        let standing = self.standing(known);
        let mut cuts: Vec<Cut> = Vec::new();
        let mut places: Vec<usize> = Vec::new();
        for (at, candidate) in candidates.iter().enumerate() {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            let Ok(overlay) = self.overlay_with(candidate) else {
                continue;
            };
            let after = World::new(self.graph, &overlay, self.settings);
            if let Some(cut) = cut_between(&known.compiled, &known.back, before, after, &self.seeds) {
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

    /// Previews of one more action upon the radius this was made of; `flows_now` are the flows as they stand.
    #[must_use]
    pub fn previews<'b>(&'b self, now: &'b Radius, flows_now: &'b Flows) -> Previews<'b> {
        Previews {
            foresight: self,
            now,
            flows_now,
            standings: self.known.iter().map(|known| self.standing(known)).collect(),
        }
    }
}

/// One radius, kept at hand in every regime.
#[derive(Debug)]
pub struct Previews<'a> {
    foresight: &'a Foresight<'a>,
    now: &'a Radius,
    flows_now: &'a Flows,
    standings: Vec<Standing<'a>>,
}

impl Previews<'_> {
    /// Whether the reach is kept at hand; where it is small, it is not.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        !self.standings.is_empty()
    }

    /// Equal to [`preview`], which is asked where an action does not only take facts away.
    ///
    /// # Errors
    /// Why the action cannot be taken, or `None` where `cancel` said so.
    pub fn of(&mut self, extra: &Action, cancel: &dyn Cancel) -> Result<Effect, Option<Vec<ActionError>>> {
        let all = self.foresight;
        let overlay = all.overlay_with(extra).map_err(Some)?;
        let Some(lost) = self.lost(&overlay) else {
            return preview(all.graph, &all.actions, extra, self.now, self.flows_now, cancel);
        };
        let after = self.summary_after(&lost);
        let known = &all.known[0];
        let mut removed: Vec<Thing> = lost[0]
            .iter()
            .filter_map(|&node| known.compiled.thing(node))
            .filter(|&thing| {
                let nodes = known.compiled.nodes_of(thing);
                let is_left = |node: u32| self.standings[0].reaches(node) && lost[0].binary_search(&node).is_err();
                !nodes.into_iter().any(is_left)
            })
            .collect();
        removed.sort_unstable();
        removed.dedup();
        let mut summary = after;
        for thing in &removed {
            match thing {
                Thing::Credential(_) => summary.credentials -= 1,
                Thing::Identity(_) => summary.identities -= 1,
                Thing::Context(_) => summary.contexts -= 1,
                Thing::System(_) => {}
            }
        }
        let broken_flows = self.flows_now.broken_in(World::new(all.graph, &overlay, all.settings));
        let mut actions = all.actions.clone();
        actions.push(extra.clone());
        let world = World::new(all.graph, &overlay, all.settings);
        Ok(Effect {
            before: self.now.summary,
            after: summary,
            broken: UseCounts::of(&broken_flows),
            broken_flows,
            ineffective: effect_of(world, &actions, &all.seeds, cancel).map_err(|_| None)?,
            removed,
        })
    }

    /// What each regime loses; `None` where that cannot be said by taking away.
    fn lost(&mut self, overlay: &Overlay) -> Option<Vec<Vec<u32>>> {
        let all = self.foresight;
        let rotated = |seed: &Thing| matches!(seed, Thing::Credential(c) if all.world(all.settings.regime).rotated(*c));
        if all.known.len() < 3 || all.seeds.iter().any(rotated) {
            return None;
        }
        all.known
            .iter()
            .zip(&mut self.standings)
            .map(|(known, standing)| {
                let after = World::new(all.graph, overlay, all.settings).under(known.regime);
                let before = all.world(known.regime);
                let cut = cut_between(&known.compiled, &known.back, before, after, &all.seeds)?;
                Some(standing.lost(&cut))
            })
            .collect()
    }

    /// The numbers that are of systems; the others are as before.
    fn summary_after(&self, lost: &[Vec<u32>]) -> Summary {
        let all = self.foresight;
        let counts = |at: usize| all.known[at].compiled.core.count(&lost[at]);
        let here = counts(0);
        let left = |regime: Regime| {
            let at = all.known.iter().position(|known| known.regime == regime).unwrap_or(0);
            systems(&self.standings[at].total) - systems(&counts(at))
        };
        let now = self.now.summary;
        // Regimes nest, and the seeds are in each of them.
        let in_force = all.settings.regime;
        Summary {
            systems: now.systems - systems(&here),
            crown_jewels: now.crown_jewels - u64::from(here[0]),
            weight: now.weight - weight(&here),
            inherited: left(in_force) - left(Regime::Intended),
            assumed: if in_force == Regime::WorstCase {
                left(Regime::WorstCase) - left(Regime::BestCase)
            } else {
                0
            },
            ..now
        }
    }
}
