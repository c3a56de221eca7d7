//! What an analyst asserts of an estate, so that a pipeline fails when somebody widens trust.

mod file;
mod select;

pub use file::{AssertionError, Assertions, MaxRadius, NeverReach};

use crate::analysis::{Cancel, Cancelled, Step, radius, reached};
use crate::graph::{Holder, Overlay, Thing, TrustGraph, World};
use rayon::prelude::*;
use select::select;
use std::collections::BTreeSet;

/// Whether one assertion holds, and where it does not, why.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Which.
    pub asserted: Asserted,
    /// Whether it holds.
    pub holds: bool,
    /// Where a `never` fails: from where and to what, by id; of several the first start, then the nearest end.
    pub ends: Option<(String, String)>,
    /// The way there.
    pub path: Vec<Step>,
    /// Where a `max_radius` fails: credentials with the systems they open, by id.
    pub exceeded: Vec<(String, u64)>,
}

/// Which assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asserted {
    /// One of `never`.
    Never(NeverReach),
    /// One of `max_radius`.
    MaxRadius(MaxRadius),
}

/// All verdicts, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// One for each assertion.
    pub verdicts: Vec<Verdict>,
    /// Patterns that name nothing, by place: the assertion holds whatever happens until something is called so.
    pub empty: Vec<AssertionError>,
}

/// Evaluates assertions about a world.
///
/// # Errors
/// The outer one is [`Cancelled`], if `cancel` says so; the inner ones are ids that name nothing and the like, by place:
/// nothing is evaluated then.
pub fn evaluate(
    world: World<'_>,
    assertions: &Assertions,
    cancel: &dyn Cancel,
) -> Result<Result<Verdicts, Vec<AssertionError>>, Cancelled> {
    let graph = world.graph;
    let (mut errors, mut out) = (Vec::new(), Verdicts::default());
    let mut named = |place: String, text: &str| match select(graph, text) {
        Ok(things) => {
            if things.is_empty() {
                out.empty.push(AssertionError {
                    place,
                    message: format!("Nothing matches \"{}\" in these inventories", text.escape_debug()),
                });
            }
            things
        }
        Err(message) => {
            errors.push(AssertionError { place, message });
            Vec::new()
        }
    };
    let mut nevers = Vec::new();
    for (n, never) in assertions.never.iter().enumerate() {
        let from = named(format!("/never/{n}/from"), &never.from);
        let to = named(format!("/never/{n}/to"), &never.to);
        let vias = never.unless_via.iter().enumerate();
        let via: BTreeSet<Thing> = vias
            .flat_map(|(k, text)| named(format!("/never/{n}/unless_via/{k}"), text))
            .collect();
        nevers.push((from, to, via));
    }
    let (mut radii, mut none) = (Vec::new(), Vec::new());
    for (n, max) in assertions.max_radius.iter().enumerate() {
        let place = format!("/max_radius/{n}/credential");
        let all = named(place.clone(), &max.credential);
        let credentials: Vec<Thing> = all
            .iter()
            .copied()
            .filter(|t| matches!(t, Thing::Credential(_)))
            .collect();
        if credentials.is_empty() && !all.is_empty() {
            none.push(AssertionError {
                place,
                message: format!(
                    "\"{}\" names no credential; name one by its id",
                    max.credential.escape_debug()
                ),
            });
        }
        radii.push(credentials);
    }
    errors.extend(none);
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    for (never, (from, to, via)) in assertions.never.iter().zip(nevers) {
        out.verdicts.push(one_never(world, never, &from, &to, &via, cancel)?);
    }
    for (max, credentials) in assertions.max_radius.iter().zip(radii) {
        let counted: Vec<(String, u64)> = credentials
            .par_iter()
            .map(|&c| Ok((graph.id(c).into_owned(), reached(world, &[c], cancel)?.systems())))
            .collect::<Result<_, Cancelled>>()?;
        let exceeded: Vec<(String, u64)> = counted.into_iter().filter(|(_, n)| *n > max.systems).collect();
        out.verdicts.push(Verdict {
            asserted: Asserted::MaxRadius(max.clone()),
            holds: exceeded.is_empty(),
            ends: None,
            path: Vec::new(),
            exceeded,
        });
    }
    Ok(Ok(out))
}

/// A way is excused when it uses one of `via`: when a fact of it is about one, or a record of it names one. So what is
/// not excused is what follows without the relations that name one, from what is none itself.
fn one_never(
    world: World<'_>,
    never: &NeverReach,
    from: &[Thing],
    to: &[Thing],
    via: &BTreeSet<Thing>,
    cancel: &dyn Cancel,
) -> Result<Verdict, Cancelled> {
    let graph = world.graph;
    let overlay = without(graph, world.overlay, via);
    let narrowed = World::new(graph, &overlay, world.settings);
    let to: BTreeSet<Thing> = to.iter().copied().filter(|t| !via.contains(t)).collect();
    let from: Vec<Thing> = from.iter().copied().filter(|t| !via.contains(t)).collect();
    let mut verdict = Verdict {
        asserted: Asserted::Never(never.clone()),
        holds: true,
        ends: None,
        path: Vec::new(),
        exceeded: Vec::new(),
    };
    if to.is_empty() || from.is_empty() {
        return Ok(verdict);
    }
    // All together reach at least what each alone does; where that is nothing, nothing else needs to be looked at. A start
    // is left out of what it reaches, so where starts are among the ends each is looked at alone.
    let apart = from.iter().all(|t| !to.contains(t));
    if apart && reached(narrowed, &from, cancel)?.things.is_disjoint(&to) {
        return Ok(verdict);
    }
    let failing = from.par_iter().map(|&start| {
        let things = reached(narrowed, &[start], cancel)?.things;
        Ok((start, things.iter().any(|t| *t != start && to.contains(t))))
    });
    let failing: Vec<(Thing, bool)> = failing.collect::<Result<_, Cancelled>>()?;
    let first = failing
        .into_iter()
        .filter(|x| x.1)
        .map(|x| (graph.id(x.0).into_owned(), x.0))
        .min();
    let Some((id, start)) = first else { return Ok(verdict) };
    let found = radius(graph, &overlay, &[start], world.settings, cancel)?;
    let things = found
        .systems
        .iter()
        .map(|s| &s.reach)
        .chain(found.credentials.iter().map(|c| &c.reach))
        .chain(&found.identities)
        .chain(&found.contexts);
    let nearest = things
        .filter(|r| r.thing != start && to.contains(&r.thing))
        .min_by(|a, b| (a.hops, &a.id).cmp(&(b.hops, &b.id)));
    verdict.holds = false;
    if let Some(end) = nearest {
        verdict.path = found.path(graph, end.thing).unwrap_or_default();
        verdict.ends = Some((id, graph.id(end.thing).into_owned()));
    }
    Ok(verdict)
}

/// An overlay without the relations that name one of these things.
fn without(graph: &TrustGraph, overlay: &Overlay, things: &BTreeSet<Thing>) -> Overlay {
    let mut out = overlay.clone();
    if things.is_empty() {
        return out;
    }
    let has = |t: Thing| things.contains(&t);
    let r = &graph.inventory().records;
    for g in 0..r.grants.len() {
        let holder = match graph.grant_holder[g] {
            Holder::Credential(c) => Thing::Credential(c),
            Holder::Identity(i) => Thing::Identity(i),
        };
        if has(holder) || has(Thing::System(graph.grant_system[g])) {
            out.grants.entry(g as u32).or_default().removed = true;
        }
    }
    for x in 0..r.exposures.len() {
        if has(graph.exposure_from[x]) || has(graph.exposure_yields[x]) {
            out.exposures_removed.insert(x as u32);
        }
    }
    for n in 0..r.inherits.len() {
        let from = graph.inherit_from[n].is_some_and(|i| has(Thing::Identity(i)));
        if from || has(Thing::Identity(graph.inherit_to[n])) {
            out.inherits.entry(n as u32).or_default().removed = true;
        }
    }
    for t in 0..r.trusts.len() {
        if has(Thing::System(graph.trust_from[t])) || has(Thing::System(graph.trust_to[t])) {
            out.trusts.entry(t as u32).or_default().removed = true;
        }
    }
    out
}
