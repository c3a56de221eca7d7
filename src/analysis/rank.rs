//! Every live credential by its blast radius.

use super::reach::{Counts, How, compile, radii_of, systems, weight};
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
    let ranked: Vec<u32> = (0..all)
        .into_par_iter()
        .filter(|&c| live(world, c, Held::Copy))
        .collect();
    let here = reached(world, &ranked, cancel)?;
    // Regimes nest: what is reached under a stricter one is reached under every laxer one, so counts can be subtracted.
    let same = alike_in_all_regimes(world);
    let under = |regime| {
        if same || regime == settings.regime {
            Ok(None)
        } else {
            reached(world.under(regime), &ranked, cancel).map(Some)
        }
    };
    let intended = under(Regime::Intended)?;
    let best = if settings.regime == Regime::WorstCase {
        under(Regime::BestCase)?
    } else {
        None
    };
    let mut credentials: Vec<RankRow> = ranked
        .par_iter()
        .enumerate()
        .map(|(n, &c)| {
            let thing = Thing::Credential(c);
            let all = systems(&here[n]);
            let beyond = |other: &Option<Vec<Counts>>| other.as_ref().map_or(0, |o| all - systems(&o[n]).min(all));
            RankRow {
                id: graph.id(thing).into_owned(),
                thing,
                systems: all,
                crown_jewels: u64::from(here[n][0]),
                weight: weight(&here[n]),
                inherited: beyond(&intended),
                assumed: beyond(&best),
            }
        })
        .collect();
    credentials.par_sort_by(|a, b| {
        (b.weight, b.systems)
            .cmp(&(a.weight, a.systems))
            .then_with(|| a.id.cmp(&b.id))
    });
    Ok(Ranking {
        exposure: credentials.iter().map(|r| r.weight).sum(),
        credentials,
    })
}

/// The systems that each credential alone reaches.
pub(crate) fn reached(world: World<'_>, credentials: &[u32], cancel: &dyn Cancel) -> Result<Vec<Counts>, Cancelled> {
    if credentials.is_empty() {
        return Ok(Vec::new());
    }
    let compiled = compile(world, cancel)?;
    let start: Vec<Option<u32>> = credentials
        .par_iter()
        .map(|&c| compiled.start(world, &[Thing::Credential(c)]).first().copied())
        .collect();
    let wanted: Vec<u32> = start.iter().flatten().copied().collect();
    let radii = radii_of(&compiled.core, Some(&wanted), How::default(), cancel)?;
    Ok(start
        .into_iter()
        .map(|node| node.map_or_else(Counts::default, |node| radii.of(node)))
        .collect())
}

/// Whether it is plain, without running a rule, that nothing depends on the regime: no relation is assumed or was not
/// meant, no trust passes anything without an exchange, and no credential states what could be checked.
fn alike_in_all_regimes(world: World<'_>) -> bool {
    let records = &world.graph.inventory().records;
    let meant = |common: &crate::model::RelationCommon| common.is_intended() && !common.is_assumed();
    records.grants.par_iter().all(|r| meant(&r.common))
        && records.exposures.par_iter().all(|r| meant(&r.common))
        && records.inherits.par_iter().all(|r| meant(&r.common))
        && records
            .trusts
            .iter()
            .enumerate()
            .all(|(t, r)| meant(&r.common) && world.exchange(t as u32).is_some())
        && (0..records.credentials.len() as u32).into_par_iter().all(|c| {
            let states_nothing = world.audience(c).is_none()
                && world.scopes(c).is_none()
                && world.contexts(c).is_none()
                && records.credentials[c as usize].issuer.is_none();
            // Whether revocation is checked matters to a copy that works without the issuer, and only once it is dead.
            let offline = world.self_contained(c) && (world.dead(c) || world.rotated(c));
            states_nothing && !offline
        })
}
