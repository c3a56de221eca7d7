//! Every live credential by its blast radius.

use super::radius::{Weights, reached};
use super::{Cancel, Cancelled, Held, live};
use crate::graph::{Overlay, Regime, Settings, Thing, TrustGraph, World};
use rayon::prelude::*;

/// One credential and what it alone opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankRow {
    /// Its id.
    pub id: String,
    /// Itself.
    pub thing: Thing,
    /// Systems reached.
    pub systems: u64,
    /// Crown jewels among them.
    pub crown_jewels: u64,
    /// Sum of their weights.
    pub weight: u64,
    /// Systems not reached under `intended`.
    pub inherited: u64,
    /// Systems reached under `worst-case` but not under `best-case`.
    pub assumed: u64,
}

/// All live credentials by weight and systems falling, then id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// The estate's exposure: the sum of the weights.
    pub exposure: u64,
    /// The credentials.
    pub credentials: Vec<RankRow>,
}

/// Ranks every credential that is live as a copy, each as the only seed.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn rank(
    graph: &TrustGraph,
    overlay: &Overlay,
    settings: Settings,
    cancel: &dyn Cancel,
) -> Result<Ranking, Cancelled> {
    let world = World::new(graph, overlay, settings);
    let all = graph.inventory().records.credentials.len() as u32;
    let rows: Vec<Option<RankRow>> = (0..all)
        .into_par_iter()
        .map(|c| {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            if live(world, c, Held::Copy) {
                row(world, c, cancel).map(Some)
            } else {
                Ok(None)
            }
        })
        .collect::<Result<_, _>>()?;
    let mut credentials: Vec<RankRow> = rows.into_iter().flatten().collect();
    credentials.sort_by(|a, b| {
        (b.weight, b.systems)
            .cmp(&(a.weight, a.systems))
            .then_with(|| a.id.cmp(&b.id))
    });
    Ok(Ranking {
        exposure: credentials.iter().map(|r| r.weight).sum(),
        credentials,
    })
}

fn row(world: World<'_>, c: u32, cancel: &dyn Cancel) -> Result<RankRow, Cancelled> {
    let thing = Thing::Credential(c);
    let seeds = [thing];
    let here = reached(world, &seeds, cancel)?;
    let under = |regime| {
        if regime == world.settings.regime {
            Ok(here.clone())
        } else {
            reached(world.under(regime), &seeds, cancel)
        }
    };
    let (intended, best, worst) = (
        under(Regime::Intended)?,
        under(Regime::BestCase)?,
        under(Regime::WorstCase)?,
    );
    let systems = || here.things.iter().filter(|t| matches!(t, Thing::System(_)));
    let weights = Weights::of(world.graph, here.things.iter().copied());
    Ok(RankRow {
        id: world.graph.id(thing).into_owned(),
        thing,
        systems: here.systems(),
        crown_jewels: weights.crown_jewels,
        weight: weights.weight,
        inherited: systems().filter(|t| !intended.things.contains(t)).count() as u64,
        assumed: systems()
            .filter(|t| worst.things.contains(t) && !best.things.contains(t))
            .count() as u64,
    })
}
