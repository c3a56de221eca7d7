//! Exposure backwards: who alone reaches a thing. The compiled graph, read the other way round, says who can; only of the
//! nearest the rules are run, to say by which last hop.

use super::closure::close_to;
use super::fact::{Fact, Held, RelationIx, name};
use super::radius::thing_of;
use super::reach::{Backward, Compiled, compile};
use super::{Cancel, Cancelled, live};
use crate::graph::{Overlay, Settings, Thing, TrustGraph, World};
use rayon::prelude::*;

/// A live credential that alone reaches a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Its id.
    pub credential: String,
    /// Hops from it to the thing.
    pub hops: u32,
    /// The last thing before it on the way, by id.
    pub from: String,
    /// The relations of the last hop, by name.
    pub records: Vec<String>,
}

/// So many credentials are looked at in one go.
const CHUNK: usize = 16;

/// The nearest live credentials that alone reach a thing, by hops, then by id, each with the last hop of its best way
/// there; `most` of them, and how many there are in all.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn exposed_to(
    graph: &TrustGraph,
    overlay: &Overlay,
    settings: Settings,
    target: Thing,
    most: usize,
    cancel: &dyn Cancel,
) -> Result<(Vec<Exposed>, u64), Cancelled> {
    let world = World::new(graph, overlay, settings);
    let mut all = who(world, target, cancel)?;
    all.sort_by_cached_key(|&(least, c)| (least, graph.id(Thing::Credential(c))));
    let mut found: Vec<Exposed> = Vec::new();
    // No more at once than are asked for: who comes behind them is mostly not looked at.
    for chunk in all.chunks(most.clamp(1, CHUNK)) {
        // Whoever comes now is no nearer than the first of them.
        let (least, c) = chunk[0];
        let id = graph.id(Thing::Credential(c));
        if let Some(last) = most.checked_sub(1).and_then(|n| found.get(n))
            && (last.hops, last.credential.as_str()) < (least, &*id)
        {
            break;
        }
        let more: Vec<Option<Exposed>> = chunk
            .par_iter()
            .map(|&(_, c)| last_hop(world, c, target, cancel))
            .collect::<Result<_, _>>()?;
        found.extend(more.into_iter().flatten());
        found.sort_by(|a, b| (a.hops, &a.credential).cmp(&(b.hops, &b.credential)));
        found.truncate(most);
        if most == 0 {
            break;
        }
    }
    Ok((found, all.len() as u64))
}

/// The live credentials that alone reach a thing, each with how many hops that takes at least.
fn who(world: World<'_>, target: Thing, cancel: &dyn Cancel) -> Result<Vec<(u32, u32)>, Cancelled> {
    let compiled = compile(world, cancel)?;
    let back = Backward::of(&compiled.core);
    let ends = compiled.nodes_of(target);
    let sure = back.leading_to(&ends);
    let hops = back.least_hops(&ends, &|node| compiled.is_access(node));
    let count = world.graph.inventory().records.credentials.len() as u32;
    let one = |c: u32| {
        if Thing::Credential(c) == target || !live(world, c, Held::Copy) {
            return Ok(None);
        }
        if c.is_multiple_of(64) && cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let start = compiled.start(world, &[Thing::Credential(c)]);
        let least = start.iter().filter_map(|&n| hops[n as usize]).min();
        Ok(least
            .filter(|_| start.iter().any(|&n| sure[n as usize]) || opens(&compiled, &start, &ends))
            .map(|least| (least, c)))
    };
    let found: Vec<Option<(u32, u32)>> = (0..count).into_par_iter().map(one).collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether doors on the way are opened by what is reached.
fn opens(compiled: &Compiled, start: &[u32], ends: &[u32]) -> bool {
    compiled.core.reach(start).iter().any(|node| ends.contains(node))
}

/// The last hop of a credential's best way to a thing.
fn last_hop(world: World<'_>, c: u32, target: Thing, cancel: &dyn Cancel) -> Result<Option<Exposed>, Cancelled> {
    let graph = world.graph;
    let seed = Thing::Credential(c);
    let closure = close_to(world, &[seed], target, cancel)?;
    let facts = (0..closure.facts.len() as u32).filter(|&f| thing_of(closure.facts[f as usize]) == Some(target));
    let Some(best) = facts.min_by(|&a, &b| closure.compare_facts(world, a, b)) else {
        return Ok(None);
    };
    let mut records: Vec<RelationIx> = closure.why[best as usize].records.clone();
    let before = closure.why[best as usize].premises.first().copied();
    let from = before.map(|p| match closure.facts[p as usize] {
        Fact::Accepted(c, ..) => {
            records.extend(closure.why[p as usize].records.iter().copied());
            Thing::Credential(c)
        }
        fact => thing_of(fact).unwrap_or(seed),
    });
    let mut names: Vec<String> = records.iter().map(|&r| name(world, r).to_string()).collect();
    names.sort_unstable();
    names.dedup();
    let from = from.unwrap_or(seed);
    Ok(Some(Exposed {
        credential: graph.id(seed).into_owned(),
        hops: closure.hops[best as usize],
        from: match from {
            Thing::Context(z) => format!("context:{}", world.context_name(z)),
            _ => graph.id(from).into_owned(),
        },
        records: names,
    }))
}
