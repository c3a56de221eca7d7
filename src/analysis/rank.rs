//! Every live credential by its blast radius.

use super::radius::Weights;
use super::{Cancel, Cancelled, Fact, Held, close, live};
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
    let here = systems(world, thing, cancel)?;
    let under = |regime| {
        if regime == world.settings.regime {
            Ok(here.clone())
        } else {
            systems(world.under(regime), thing, cancel)
        }
    };
    let (intended, best, worst) = (
        under(Regime::Intended)?,
        under(Regime::BestCase)?,
        under(Regime::WorstCase)?,
    );
    let among = |list: &[u32], s: &u32| list.binary_search(s).is_ok();
    let weights = Weights::of(world.graph, here.iter().map(|&s| Thing::System(s)));
    Ok(RankRow {
        id: world.graph.id(thing).into_owned(),
        thing,
        systems: here.len() as u64,
        crown_jewels: weights.crown_jewels,
        weight: weights.weight,
        inherited: here.iter().filter(|s| !among(&intended, s)).count() as u64,
        assumed: here.iter().filter(|s| among(&worst, s) && !among(&best, s)).count() as u64,
    })
}

/// The systems that a credential alone reaches, sorted.
fn systems(world: World<'_>, seed: Thing, cancel: &dyn Cancel) -> Result<Vec<u32>, Cancelled> {
    let closure = close::<false>(world, &[seed], cancel)?;
    let mut found: Vec<u32> = closure
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Access(s, _) => Some(*s),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
