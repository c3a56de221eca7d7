//! Least privilege: what of a grant is not used, or not needed by any flow that works rightly, as a ready action.

use crate::analysis::{Cancel, Cancelled, reached};
use crate::graph::{Holder, Overlay, Thing, TrustGraph, World};
use crate::model::Text;
use crate::model::scope::covers;
use crate::scenario::{Action, Flow, Flows, UseCounts, apply};

/// What can be taken off a grant, and what that does.
#[derive(Clone, Debug)]
pub struct Least {
    /// `narrow-grant` or `remove-grant`.
    pub action: Action,
    /// Scopes that go, as the grant states them, sorted.
    pub unused: Vec<String>,
    /// Systems that the grant's holder alone reaches, before and after.
    pub systems: (u64, u64),
    /// What breaks: nothing that is in use or of unknown use.
    pub broken: Vec<Flow>,
}

/// The narrower form of a grant by what is known of its use; `None` where all of it is used, may be, or nothing is
/// known. The scopes in use that the inventory states are kept; where it states none, a grant that nobody used within
/// 90 days goes, and of a credential's own grant what the credential's scopes never let through.
#[must_use]
pub fn narrower(world: World<'_>, g: u32) -> Option<Action> {
    let grant = &world.graph.inventory().records.grants[g as usize];
    if !world.has_grant(g) {
        return None;
    }
    let has = world.grant_scopes(g);
    let holder = world.holder(g);
    let kept: Vec<String> = if let Some(used) = &grant.used_scopes {
        let mut kept: Vec<String> = used
            .iter()
            .filter(|u| has.iter().any(|p| covers(p, u)))
            .map(String::from)
            .collect();
        kept.sort();
        kept.dedup();
        if kept.is_empty() && !used.is_empty() {
            // What is in use is none of what is granted: one of the two is mistaken, and nothing follows.
            return None;
        }
        kept
    } else if is_idle(world, g) {
        Vec::new()
    } else if let Holder::Credential(c) = holder {
        let stated = world.scopes(c)?;
        let through = |p: &str| stated.iter().any(|k| crate::model::scope::overlaps(p, k));
        has.iter().filter(|p| through(p)).map(String::from).collect()
    } else {
        return None;
    };
    let name = grant.name().to_string();
    if kept.is_empty() {
        return Some(Action::RemoveGrant { grant: name });
    }
    // What is as wide as before is no narrower for being written otherwise.
    let same = has.iter().all(|p| kept.iter().any(|k| covers(k, p)));
    (!same).then_some(Action::NarrowGrant {
        grant: name,
        scopes: kept,
    })
}

/// Whether a grant was last used more than 90 days ago, as far as the grant and its own credential say.
pub(super) fn is_idle(world: World<'_>, g: u32) -> bool {
    let records = &world.graph.inventory().records;
    let by_credential = match world.holder(g) {
        Holder::Credential(c) => records.credentials[c as usize].last_used_at,
        Holder::Identity(_) => None,
    };
    let times = [records.grants[g as usize].common.last_used_at, by_credential];
    let last = times.into_iter().flatten().min();
    last.is_some_and(|t| t < world.settings.as_of.plus_days(-90))
}

/// Whether a narrower grant breaks nothing that is in use or may be.
pub(super) fn is_harmless(world: World<'_>, flows: &Flows, action: &Action) -> Option<Vec<Flow>> {
    let overlay = added(world, action)?;
    let broken = flows.broken_in(World::new(world.graph, &overlay, world.settings));
    let counts = UseCounts::of(&broken);
    (counts.in_use == 0 && counts.unknown == 0).then_some(broken)
}

/// The overlay of a world with one narrower grant more. `apply` begins from nothing, so what it gives is laid over.
fn added(world: World<'_>, action: &Action) -> Option<Overlay> {
    let own = apply(world.graph, std::slice::from_ref(action)).ok()?;
    let mut all = world.overlay.clone();
    all.grants.extend(own.grants);
    Some(all)
}

/// What can be taken off a grant without breaking anything that is in use or may be, with what that does to what the
/// grant's holder alone reaches; `None` where there is nothing. `flows` are those of the world.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn least_privilege(
    world: World<'_>,
    flows: &Flows,
    g: u32,
    cancel: &dyn Cancel,
) -> Result<Option<Least>, Cancelled> {
    let Some(action) = narrower(world, g) else {
        return Ok(None);
    };
    let (Some(broken), Some(overlay)) = (is_harmless(world, flows, &action), added(world, &action)) else {
        return Ok(None);
    };
    let seed = [match world.holder(g) {
        Holder::Credential(c) => Thing::Credential(c),
        Holder::Identity(i) => Thing::Identity(i),
    }];
    let after = World::new(world.graph, &overlay, world.settings);
    let systems = (
        reached(world, &seed, cancel)?.systems(),
        reached(after, &seed, cancel)?.systems(),
    );
    let stays: &[String] = match &action {
        Action::NarrowGrant { scopes, .. } => scopes,
        _ => &[],
    };
    let goes = |p: &&Text| !stays.iter().any(|s| s == *p);
    let unused = world.grant_scopes(g).iter().filter(goes).map(String::from);
    Ok(Some(Least {
        unused: unused.collect(),
        action,
        systems,
        broken,
    }))
}

/// The grants of a graph on which something can be taken off, by name.
pub(super) fn candidates(graph: &TrustGraph) -> std::ops::Range<u32> {
    0..graph.inventory().records.grants.len() as u32
}
