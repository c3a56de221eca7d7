//! The conditions of the rules, each by itself: alive, accepted, given, yielded.

use super::fact::{Fact, Held};
use crate::graph::{Thing, World};
use crate::model::scope::{self, Allowed};
use crate::model::{Check, CredentialKind, ExposureHow, Text};

/// `live(c, v)`.
pub(crate) fn live(world: World<'_>, c: u32, v: Held) -> bool {
    match v {
        Held::Copy => !world.expired(c) && !world.dead(c),
        Held::Fresh | Held::Forged => world.identity_active(c),
        Held::Old => false,
    }
}

/// `live_at(c, v, s)`, where it is known whether the system enforces revocation.
pub(crate) fn live_at(world: World<'_>, c: u32, v: Held, revocation_enforced: bool) -> bool {
    live(world, c, v)
        || (matches!(v, Held::Copy | Held::Old) && !revocation_enforced && world.self_contained(c) && !world.expired(c))
}

/// Whether a credential's audience, where it states one, is one the system accepts.
pub(crate) fn audience_fits(world: World<'_>, c: u32, v: Held, s: u32) -> bool {
    let Some(stated) = world.audience(c).filter(|_| v != Held::Forged) else {
        return true;
    };
    let system = &world.graph.inventory().records.systems[s as usize];
    match &system.accepts_audiences {
        Some(accepted) => stated.iter().any(|a| accepted.contains(a)),
        None => stated.contains(&system.id),
    }
}

/// Whether a credential's issuer, where both state one, is one the system accepts.
pub(crate) fn issuer_fits(world: World<'_>, c: u32, s: u32) -> bool {
    let records = &world.graph.inventory().records;
    match (
        &records.systems[s as usize].accepts_issuers,
        &records.credentials[c as usize].issuer,
    ) {
        (Some(accepted), Some(issuer)) => accepted.iter().any(|a| issuer == a),
        _ => true,
    }
}

/// Rule 2 but for the grant and the context; `also` is a check to take as enforced.
pub(crate) fn acceptance(world: World<'_>, c: u32, v: Held, s: u32, also: Option<Check>) -> bool {
    let enforced = |check| also == Some(check) || world.enforced(s, check);
    !world.isolated(s)
        && live_at(world, c, v, enforced(Check::Revocation))
        && (!enforced(Check::Audience) || audience_fits(world, c, v, s))
        && (!enforced(Check::Issuer) || issuer_fits(world, c, s))
}

/// What a grant gives under a scenario: each of its scopes, met with one of its `within` and of `scopes` where they are
/// stated, not blocked by its exceptions.
pub(crate) fn given(world: World<'_>, g: u32, scopes: Option<&[Text]>) -> Vec<Allowed> {
    let grant = &world.graph.inventory().records.grants[g as usize];
    scope::given(world.grant_scopes(g), grant.within.as_deref(), &grant.except, scopes)
}

/// What an exposure yields, as a fact; `None` where that is a disabled identity.
pub(crate) fn yielded(world: World<'_>, x: u32) -> Option<Fact> {
    let graph = world.graph;
    let records = &graph.inventory().records;
    match graph.exposure_yields[x as usize] {
        Thing::Identity(i) => world.active(i).then_some(Fact::ActsAs(i)),
        Thing::Context(z) => Some(Fact::InContext(z)),
        Thing::Credential(c) => {
            let by_signing_key = matches!(graph.exposure_from[x as usize], Thing::Credential(k)
                if records.credentials[k as usize].kind == Some(CredentialKind::SigningKey));
            let v = match records.exposures[x as usize].how {
                Some(ExposureHow::Minted) if by_signing_key => Held::Forged,
                Some(ExposureHow::Minted) => Held::Fresh,
                _ if world.yields_old(x, c) => Held::Old,
                _ => Held::Copy,
            };
            Some(Fact::Holds(c, v))
        }
        Thing::System(_) => None,
    }
}
