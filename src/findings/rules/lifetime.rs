//! The life of credentials: too long, nobody answers for them, leaked, revoked in vain.

use super::super::{Estate, Evidence, Found, Severity, by_fact, by_relation, by_thing};
use crate::analysis::{Cancelled, Fact, Held, live_at};
use crate::graph::Thing;
use crate::model::words::{counted, list};
use crate::model::{Check, CredentialKind, CredentialStatus, ExposureHow, IdentityKind, IdentityStatus, Text, Time};
use crate::scenario::Action;

/// After how many days without a change a secret is long-lived.
const LONG_DAYS: i64 = 90;
/// The same of what states its end, and of what signs.
const VERY_LONG_DAYS: i64 = 398;

fn days_between(from: Time, to: Time) -> i64 {
    (to.unix_secs() - from.unix_secs()) / 86_400
}

/// A secret that was not changed for long: one finding for each credential.
pub(super) fn long_lived(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let world = estate.world;
    let mut out = Vec::new();
    for c in estate.credentials().filter(|&c| estate.live(c) && !world.rotated(c)) {
        let credential = estate.credential(c);
        let of_a_person =
            world.graph.identity_of[c as usize].is_some_and(|i| estate.identity(i).kind == Some(IdentityKind::Human));
        // A person's password is not better for being changed often.
        if of_a_person && matches!(credential.kind, Some(CredentialKind::Password) | None) {
            continue;
        }
        let Some(since) = credential.rotated_at.into_iter().chain(credential.issued_at).max() else {
            continue;
        };
        let age = days_between(since, world.settings.as_of);
        let signs = credential.kind == Some(CredentialKind::SigningKey);
        let end = world.expires_at(c);
        let life = end.map(|end| days_between(since, end));
        let tolerated = if signs || end.is_some() {
            VERY_LONG_DAYS
        } else {
            LONG_DAYS
        };
        if life.unwrap_or(age) <= tolerated {
            continue;
        }
        let name = estate.name(Thing::Credential(c));
        let never = credential.rotated_at.is_none();
        let said = match (end, never) {
            (None, true) => format!("{name} is {age} days old, was never rotated and states no end"),
            (None, false) => format!("{name} was last rotated {age} days ago and states no end"),
            (Some(end), _) => format!("{name} is good for {} days, until {end}", days_between(since, end)),
        };
        let mut fix = vec![Action::Rotate {
            credential: credential.id.to_string(),
        }];
        if credential.last_used_at.is_some_and(|t| t < estate.recent) && !estate.is_break_glass(c) {
            fix.insert(
                0,
                Action::Revoke {
                    credential: credential.id.to_string(),
                },
            );
        }
        out.push(Found {
            severity: if age > VERY_LONG_DAYS && end.is_none() {
                Severity::Medium
            } else {
                Severity::Low
            },
            on: vec![credential.id.to_string()],
            title: said,
            why: "A copy taken at any time since still works, and so will one that is taken tomorrow.".into(),
            evidence: vec![by_thing(
                world,
                Thing::Credential(c),
                match end {
                    Some(end) => format!("changed {since}, ends {end}"),
                    None => format!("changed {since}, no end stated"),
                },
            )],
            fix,
        });
    }
    Ok(out)
}

/// A working credential whose owner or identity has gone: one finding for each credential or identity.
pub(super) fn orphaned(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let gone = |owner: &str| match graph.find(owner) {
        Some(Thing::Identity(i)) => !world.active(i),
        _ => false,
    };
    // Only where nearly all have an owner is one without an omission; many sources never name any.
    let named = |own: &Option<Text>, identity: Option<u32>| {
        own.is_some() || identity.is_some_and(|i| estate.identity(i).owner.is_some())
    };
    let (mut with, mut all) = (0u64, 0u64);
    for c in estate.credentials().filter(|&c| estate.live(c)) {
        all += 1;
        with += u64::from(named(&estate.credential(c).owner, graph.identity_of[c as usize]));
    }
    let owners_are_kept = all >= 5 && with * 10 >= all * 8;
    let mut out = Vec::new();
    for c in estate.credentials() {
        let credential = estate.credential(c);
        let identity = graph.identity_of[c as usize];
        let name = estate.name(Thing::Credential(c));
        let id = credential.id.to_string();
        let revoke = Action::Revoke { credential: id.clone() };
        let off = identity.filter(|&i| estate.identity(i).status == Some(IdentityStatus::Disabled));
        let by_itself = world.status(c) == CredentialStatus::Active && !world.expired(c);
        let owner = credential
            .owner
            .as_deref()
            .or_else(|| identity.and_then(|i| estate.identity(i).owner.as_deref()));
        let (severity, title, why, mut on, fix) = if let Some(i) = off.filter(|_| by_itself) {
            (
                Severity::Medium,
                format!(
                    "{name} is still active, its identity {} is disabled",
                    estate.name(Thing::Identity(i))
                ),
                "Whoever enables the identity again, or takes what is checked without asking, finds a key that works.",
                vec![estate.id(Thing::Identity(i))],
                vec![revoke],
            )
        } else if !estate.live(c) {
            continue;
        } else if let Some(owner) = owner.filter(|o| gone(o)) {
            (
                Severity::High,
                format!("{name} belongs to {owner}, who is gone"),
                "Who left may have kept a copy, and nobody is left to notice its use.",
                vec![owner.to_owned()],
                vec![revoke],
            )
        } else if owner.is_none() && owners_are_kept {
            (
                Severity::Low,
                format!("Nobody answers for {name}"),
                "Where nearly everything has an owner, what has none is forgotten: nobody rotates it, nobody notices its use.",
                Vec::new(),
                // Whether it is still needed is not known; only what nobody uses can go.
                credential
                    .last_used_at
                    .is_some_and(|t| t < estate.recent && !estate.is_break_glass(c))
                    .then_some(revoke)
                    .into_iter()
                    .collect(),
            )
        } else {
            continue;
        };
        let mut evidence = vec![by_thing(
            world,
            Thing::Credential(c),
            owner.map_or("names no owner".to_owned(), |o| format!("belongs to {o}")),
        )];
        if let Some(thing) = on.first().and_then(|id| graph.find(id)) {
            evidence.push(by_thing(world, thing, "is disabled"));
        }
        on.insert(0, id);
        out.push(Found {
            severity,
            on,
            title,
            why: why.into(),
            evidence,
            fix,
        });
    }
    Ok(out)
}

/// A credential that was found where it should not be and still opens something: one finding for each.
pub(super) fn leaked(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let world = estate.world;
    let mut out = Vec::new();
    for c in estate.credentials() {
        let credential = estate.credential(c);
        if credential.leaked != Some(true) {
            continue;
        }
        // What leaked is a copy from before a rotation, where there was one.
        let held = if world.rotated(c) { Held::Old } else { Held::Copy };
        let live = held == Held::Copy && estate.live(c);
        let open: Vec<u32> = estate
            .doors(c)
            .iter()
            .map(|d| d.system)
            .filter(|&s| live_at(world, c, held, world.enforced(s, Check::Revocation)))
            .collect();
        if !live && open.is_empty() {
            continue;
        }
        let name = estate.name(Thing::Credential(c));
        let names: Vec<&str> = open.iter().map(|&s| estate.name(Thing::System(s))).collect();
        let mut evidence = vec![by_thing(world, Thing::Credential(c), "is marked as leaked")];
        evidence.extend(
            open.iter()
                .map(|&s| by_fact(estate.accepted(c, s), "follows from holding a copy")),
        );
        let revoke = Action::Revoke {
            credential: credential.id.to_string(),
        };
        let rotate = Action::Rotate {
            credential: credential.id.to_string(),
        };
        let enforce = |&s: &u32| Action::Enforce {
            system: estate.system(s).id.to_string(),
            checks: vec![Check::Revocation],
        };
        let mut on: Vec<String> = open.iter().map(|&s| estate.system(s).id.to_string()).collect();
        on.sort();
        on.insert(0, credential.id.to_string());
        out.push(Found {
            severity: if live { Severity::Critical } else { Severity::High },
            on,
            title: if live {
                format!("{name} leaked and still works")
            } else {
                format!(
                    "{name} leaked, was withdrawn, and is still accepted at {}",
                    list(&names, 3)
                )
            },
            why: if open.is_empty() {
                format!("Whoever found {name} can use it now.")
            } else {
                format!("Whoever found {name} is let in at {}.", list(&names, 4))
            },
            evidence,
            fix: if live {
                vec![rotate, revoke]
            } else {
                open.iter().map(enforce).collect()
            },
        });
    }
    Ok(out)
}

/// A credential whose revocation is useless, because another can be made: one finding for each.
pub(super) fn minting(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let exposures = &graph.inventory().records.exposures;
    let mut out = Vec::new();
    for c in estate.credentials() {
        let mints: Vec<u32> = graph
            .exposures_yielding_credential
            .of(c)
            .iter()
            .copied()
            .filter(|&x| exposures[x as usize].how == Some(ExposureHow::Minted) && world.has_exposure(x))
            .collect();
        if mints.is_empty() || !world.identity_active(c) {
            continue;
        }
        let revoked = matches!(world.status(c), CredentialStatus::Revoked | CredentialStatus::Disabled);
        let name = estate.name(Thing::Credential(c));
        let id = estate.credential(c).id.to_string();
        let (severity, title, why, by, fact): (_, _, _, Vec<u32>, _) = if revoked {
            let by: Vec<u32> = mints.into_iter().filter(|&x| can_mint(estate, x)).collect();
            if by.is_empty() {
                continue;
            }
            let from: Vec<&str> = by
                .iter()
                .map(|&x| estate.name(graph.exposure_from[x as usize]))
                .collect();
            let who = list(&from, 3);
            (
                Severity::High,
                format!("{name} is revoked, and {who} can mint another"),
                format!("The revocation ended one copy. Whoever has {who} makes a new one."),
                by,
                None,
            )
        } else if estate.live(c) {
            let closure = estate.close(Thing::Credential(c))?;
            let again = |v| closure.index.get(&Fact::Holds(c, v)).copied();
            let Some(fact) = again(Held::Fresh).or_else(|| again(Held::Forged)) else {
                continue;
            };
            let text = closure.text(world, closure.facts[fact as usize]);
            (
                Severity::High,
                format!("Who holds {name} can mint another before it is revoked"),
                format!(
                    "From {name} alone its holder gets to where it is made: a revocation comes too late for what was minted before."
                ),
                mints,
                Some(text),
            )
        } else {
            continue;
        };
        let mut evidence: Vec<Evidence> = by
            .iter()
            .map(|&x| by_relation(&exposures[x as usize], "mints it"))
            .collect();
        if let Some(fact) = fact {
            evidence.push(by_fact(fact, "follows from holding a copy"));
        }
        let mut on: Vec<String> = by.iter().map(|&x| estate.id(graph.exposure_from[x as usize])).collect();
        on.sort();
        on.dedup();
        on.retain(|other| *other != id);
        on.insert(0, id);
        let fix = by
            .iter()
            .map(|&x| Action::RemoveExposure {
                exposure: exposures[x as usize].name().to_string(),
            })
            .collect();
        out.push(Found {
            severity,
            on,
            title,
            why,
            evidence,
            fix,
        });
    }
    Ok(out)
}

/// Whether what mints can be used.
fn can_mint(estate: &Estate<'_>, x: u32) -> bool {
    match estate.world.graph.exposure_from[x as usize] {
        Thing::Credential(k) => estate.live(k),
        Thing::Identity(i) => estate.world.active(i),
        Thing::System(s) => !estate.world.isolated(s),
        Thing::Context(_) => false,
    }
}

/// `3 places`.
pub(super) fn places(n: usize) -> String {
    counted(n as u64, "place", "places")
}
