//! How far one thing goes: copies of a secret, one credential for many systems, third parties, crown jewels near by.

use super::super::{Estate, Evidence, Finding, Found, Severity, by_fact, by_relation, by_thing};
use super::lifetime::places;
use super::relations::is_workloads;
use crate::analysis::{Cancelled, Fact, close};
use crate::graph::{Overlay, Thing, World};
use crate::model::words::{counted, list};
use crate::model::{Check, ExposureHow};
use crate::scenario::{Action, apply};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// From how many systems on, of how many owners, one credential is for too many.
const MANY_SYSTEMS: usize = 8;
const MANY_OWNERS: usize = 3;
/// From how many of our systems on a third party reaches deep.
const DEEP_SYSTEMS: usize = 5;
/// Within how many hops a crown jewel is near.
pub(super) const NEAR_HOPS: u32 = 3;

/// A secret that lies in several places: one finding for each.
pub(super) fn copied(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let exposures = &graph.inventory().records.exposures;
    let mut out = Vec::new();
    for c in estate.credentials().filter(|&c| estate.live(c)) {
        let credential = estate.credential(c);
        let workload = is_workloads(estate, credential);
        let lies: Vec<u32> = graph
            .exposures_yielding_credential
            .of(c)
            .iter()
            .copied()
            .filter(|&x| {
                let counts = match exposures[x as usize].how {
                    Some(ExposureHow::Stored | ExposureHow::Copied | ExposureHow::Logged) | None => true,
                    Some(ExposureHow::Mounted) => !workload,
                    Some(ExposureHow::Minted | ExposureHow::Derived) => false,
                };
                counts && world.has_exposure(x) && !world.yields_old(x, c)
            })
            .collect();
        let at: BTreeSet<Thing> = lies.iter().map(|&x| graph.exposure_from[x as usize]).collect();
        let is_copy = |&x: &u32| {
            let exposure = &exposures[x as usize];
            matches!(exposure.how, Some(ExposureHow::Copied | ExposureHow::Logged)) || !exposure.common.is_intended()
        };
        let copies = lies.iter().filter(|x| is_copy(x)).count();
        // A vault and what it is mounted into are one way of keeping a secret. More places, or a copy, are not.
        if at.len() < 2 || (copies == 0 && at.len() < 4) {
            continue;
        }
        let name = estate.name(Thing::Credential(c));
        let names: Vec<&str> = at.iter().map(|&t| estate.name(t)).collect();
        let mut fix: Vec<Action> = Vec::new();
        if copies > 0 {
            fix.push(Action::Rotate {
                credential: credential.id.to_string(),
            });
        }
        let removable = lies.iter().filter(|x| is_copy(x));
        fix.extend(removable.map(|&x| Action::RemoveExposure {
            exposure: exposures[x as usize].name().to_string(),
        }));
        // After a rotation the copies are old; where none is a copy in that sense it changes nothing.
        let dies = lies.iter().any(|&x| {
            matches!(
                exposures[x as usize].how,
                Some(ExposureHow::Copied | ExposureHow::Logged)
            )
        });
        if !dies {
            fix.retain(|a| !matches!(a, Action::Rotate { .. }));
        }
        let mut on: Vec<String> = at.iter().map(|&t| estate.id(t)).collect();
        on.sort();
        on.insert(0, credential.id.to_string());
        out.push(Found {
            severity: match (copies, at.len()) {
                (0, _) => Severity::Low,
                (_, 2..=3) => Severity::Medium,
                _ => Severity::High,
            },
            on,
            title: format!("{name} lies in {}", places(at.len())),
            why: format!(
                "{} have it: the weakest of them decides how safe it is, and a rotation must reach them all.",
                list(&names, 5)
            ),
            evidence: lies
                .iter()
                .map(|&x| {
                    let exposure = &exposures[x as usize];
                    by_relation(
                        exposure,
                        format!("{} there", exposure.how.map_or("lies", ExposureHow::as_str)),
                    )
                })
                .collect(),
            fix,
        });
    }
    Ok(out)
}

/// One credential that many systems of many owners take: one finding for each.
pub(super) fn many_systems(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let world = estate.world;
    let mut out = Vec::new();
    for c in estate.credentials().filter(|&c| estate.live(c)) {
        let doors = estate.doors(c);
        let systems: Vec<u32> = doors.iter().map(|d| d.system).collect();
        // What belongs to nobody in particular counts by its platform.
        let owners: BTreeSet<&str> = systems
            .iter()
            .filter_map(|&s| {
                let system = estate.system(s);
                system.owner.as_deref().or(system.platform.as_deref())
            })
            .collect();
        if systems.len() < MANY_SYSTEMS || owners.len() < MANY_OWNERS {
            continue;
        }
        let name = estate.name(Thing::Credential(c));
        let who: Vec<&str> = owners.iter().copied().collect();
        let n = counted(systems.len() as u64, "system", "systems");
        let mut fix = Vec::new();
        for door in doors {
            // Where another grant lets it in as well, taking the idle one away closes nothing.
            if let [g] = door.grants[..]
                && super::super::least::is_idle(world, g)
            {
                fix.push(Action::RemoveGrant {
                    grant: estate.grant(g).name().to_string(),
                });
            }
        }
        for &s in &systems {
            let refuse: Vec<Check> = [Check::Audience, Check::Issuer]
                .into_iter()
                .filter(|&check| {
                    !world.enforced(s, check)
                        && !crate::analysis::acceptance(world, c, crate::analysis::Held::Copy, s, Some(check))
                })
                .collect();
            if let Some(&check) = refuse.first() {
                fix.push(Action::Enforce {
                    system: estate.system(s).id.to_string(),
                    checks: vec![check],
                });
            }
        }
        let mut on: Vec<String> = systems.iter().map(|&s| estate.system(s).id.to_string()).collect();
        on.sort();
        on.insert(0, estate.credential(c).id.to_string());
        out.push(Found {
            severity: estate.by_criticality(systems.iter().copied()),
            on,
            title: format!("{name} opens {n} of {}", list(&who, 3)),
            why: format!(
                "One theft opens {n}, and to revoke it stops all who use it there. Give each use its own credential."
            ),
            evidence: doors
                .iter()
                .flat_map(|d| {
                    let grant = d.grants.first().map(|&g| by_relation(estate.grant(g), "lets it in"));
                    grant
                        .into_iter()
                        .chain([by_fact(estate.accepted(c, d.system), "follows from holding a copy")])
                })
                .collect(),
            fix,
        });
    }
    Ok(out)
}

/// A third party from which much of the estate, or a crown jewel, is reached: one finding for each of its things.
pub(super) fn third_party(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let r = &graph.inventory().records;
    let systems = (0..r.systems.len() as u32)
        .filter(|&s| estate.system(s).third_party == Some(true) && !world.isolated(s))
        .map(Thing::System);
    let identities = estate
        .identities()
        .filter(|&i| estate.identity(i).third_party == Some(true) && world.active(i))
        .map(Thing::Identity);
    let all: Vec<Thing> = systems.chain(identities).collect();
    let found: Vec<Option<Found>> = all
        .into_par_iter()
        .map(|thing| {
            let closure = estate.close(thing)?;
            let ours: Vec<u32> = estate
                .systems_of(&closure, thing)
                .into_iter()
                .filter(|&s| estate.system(s).third_party != Some(true))
                .collect();
            let crowns: Vec<u32> = ours.iter().copied().filter(|&s| estate.is_crown_jewel(s)).collect();
            if ours.is_empty() || (crowns.is_empty() && ours.len() < DEEP_SYSTEMS) {
                return Ok(None);
            }
            let name = estate.name(thing);
            let n = counted(ours.len() as u64, "of our systems", "of our systems");
            let jewels: Vec<&str> = crowns.iter().map(|&s| estate.name(Thing::System(s))).collect();
            let mut evidence = vec![by_thing(world, thing, format!("is a third party's; reaches {n}"))];
            let mut fix = Vec::new();
            handed(estate, thing, &mut evidence, &mut fix);
            let mut on: Vec<String> = ours.iter().map(|&s| estate.system(s).id.to_string()).collect();
            on.sort();
            on.insert(0, estate.id(thing));
            let with = match jewels.is_empty() {
                true => String::new(),
                false => format!(", {} among them", list(&jewels, 3)),
            };
            Ok(Some(Found {
                severity: if crowns.is_empty() {
                    Severity::Medium
                } else {
                    Severity::High
                },
                on,
                title: format!("The third party {name} reaches {n}{with}"),
                why: format!("A break-in at {name} is one here: it reaches {n}{with}, and nobody here sees it begin."),
                evidence,
                fix,
            }))
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// What a third party's thing was handed: the relations that start there, and the actions that take them back.
fn handed(estate: &Estate<'_>, thing: Thing, evidence: &mut Vec<Evidence>, fix: &mut Vec<Action>) {
    let (world, graph) = (estate.world, estate.world.graph);
    let r = &graph.inventory().records;
    let exposures = match thing {
        Thing::System(s) => graph.exposures_of_system.of(s),
        Thing::Identity(i) => graph.exposures_of_identity.of(i),
        _ => &[],
    };
    for &x in exposures.iter().filter(|&&x| world.has_exposure(x)) {
        let relation = &r.exposures[x as usize];
        evidence.push(by_relation(relation, "has from us"));
        fix.push(Action::RemoveExposure {
            exposure: relation.name().to_string(),
        });
    }
    if let Thing::System(s) = thing {
        for &t in graph.trusts_from_system.of(s).iter().filter(|&&t| world.has_trust(t)) {
            let relation = &r.trusts[t as usize];
            evidence.push(by_relation(relation, "is trusted"));
            fix.push(Action::RemoveTrust {
                trust: relation.name().to_string(),
            });
        }
    }
    if let Thing::Identity(i) = thing {
        for &g in graph.grants_of_identity.of(i).iter().filter(|&&g| world.has_grant(g)) {
            let relation = &r.grants[g as usize];
            evidence.push(by_relation(relation, "is granted"));
            fix.push(Action::RemoveGrant {
                grant: relation.name().to_string(),
            });
        }
        for &n in graph
            .inherits_of_identity
            .of(i)
            .iter()
            .filter(|&&n| world.has_inherit(n))
        {
            let relation = &r.inherits[n as usize];
            evidence.push(by_relation(relation, "becomes"));
            if relation.how != Some(crate::model::InheritHow::Escalation) {
                fix.push(Action::RemoveInherit {
                    inherit: relation.name().to_string(),
                });
            }
        }
    }
    // Only what by itself takes something off the reach is a mend.
    let Ok(before) = estate.close(thing) else { return };
    let before = estate.systems_of(&before, thing).len();
    fix.retain(|action| {
        let after = with(estate, action, thing);
        after.is_some_and(|n| n < before)
    });
}

/// How many of the systems are reached from a thing after one action more.
fn with(estate: &Estate<'_>, action: &Action, thing: Thing) -> Option<usize> {
    let overlay = more(estate.world, action)?;
    let world = World::new(estate.world.graph, &overlay, estate.world.settings);
    let closure = close::<false>(world, &[thing], estate.cancel).ok()?;
    Some(estate.systems_of(&closure, thing).len())
}

/// A world's overlay with one action more, of those that take something away.
fn more(world: World<'_>, action: &Action) -> Option<Overlay> {
    let own = apply(world.graph, std::slice::from_ref(action)).ok()?;
    let mut all = world.overlay.clone();
    all.grants.extend(own.grants);
    all.exposures_removed.extend(own.exposures_removed);
    all.inherits.extend(own.inherits);
    all.trusts.extend(own.trusts);
    all.disabled.extend(own.disabled);
    for (s, change) in own.systems {
        let there = all.systems.entry(s).or_default();
        there.isolated |= change.isolated;
        for (a, b) in there.enforce.iter_mut().zip(change.enforce) {
            *a |= b;
        }
    }
    for (c, change) in own.credentials {
        let there = all.credentials.entry(c).or_default();
        there.rotated |= change.rotated;
        there.status = change.status.or(there.status);
    }
    Some(all)
}

/// A crown jewel within a few hops of what another rule found: one finding for each crown jewel.
pub(super) fn near(estate: &Estate<'_>, others: &[Finding]) -> Result<Vec<Found>, Cancelled> {
    let graph = estate.world.graph;
    let crowns: BTreeSet<u32> = (0..graph.inventory().records.systems.len() as u32)
        .filter(|&s| estate.is_crown_jewel(s) && !estate.world.isolated(s))
        .collect();
    if crowns.is_empty() {
        return Ok(Vec::new());
    }
    // What a thief would begin with: the subject of each finding of some weight.
    let mut starts: BTreeMap<Thing, Vec<&Finding>> = BTreeMap::new();
    for finding in others.iter().filter(|f| f.severity >= Severity::Medium) {
        let subject = finding.on.first().and_then(|id| graph.find(id));
        if let Some(thing) = subject.filter(|t| !matches!(t, Thing::System(s) if crowns.contains(s))) {
            starts.entry(thing).or_default().push(finding);
        }
    }
    let starts: Vec<(Thing, Vec<&Finding>)> = starts.into_iter().collect();
    let reached: Vec<Vec<(u32, u32)>> = starts
        .par_iter()
        .map(|(start, _)| {
            if estate.cancel.is_cancelled() {
                return Err(Cancelled);
            }
            let closure = estate.close(*start)?;
            let mut hops: BTreeMap<u32, u32> = BTreeMap::new();
            for (fact, &h) in closure.facts.iter().zip(&closure.hops) {
                if let Fact::Access(s, _) = fact
                    && crowns.contains(s)
                    && h <= NEAR_HOPS
                {
                    let least = hops.entry(*s).or_insert(h);
                    *least = h.min(*least);
                }
            }
            Ok(hops.into_iter().collect())
        })
        .collect::<Result<_, _>>()?;
    let mut by_crown: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
    for (n, list) in reached.iter().enumerate() {
        for &(s, hops) in list {
            by_crown.entry(s).or_default().push((hops, n));
        }
    }
    let found = by_crown.into_iter().map(|(s, mut near)| {
        near.sort_unstable();
        let jewel = estate.name(Thing::System(s));
        let (least, first) = near.first().map_or((0, 0), |&(h, n)| (h, n));
        let worst = near
            .iter()
            .flat_map(|&(_, n)| starts[n].1.iter().map(|f| f.severity))
            .max()
            .unwrap_or(Severity::Medium);
        let start = estate.name(starts[first].0);
        let others = near.len() - 1;
        let more = match others {
            0 => String::new(),
            1 => " and 1 more finding".to_owned(),
            n => format!(" and {n} more findings"),
        };
        let evidence = near
            .iter()
            .flat_map(|&(hops, n)| {
                let (start, list) = &starts[n];
                let away = counted(u64::from(hops), "hop", "hops");
                list.iter()
                    .map(move |f| by_thing(estate.world, *start, format!("{away} away: {}", f.title)))
            })
            .collect();
        let mut on: Vec<String> = near.iter().map(|&(_, n)| estate.id(starts[n].0)).collect();
        on.sort();
        on.insert(0, estate.system(s).id.to_string());
        Found {
            severity: worst,
            on,
            title: format!(
                "{jewel} is {} from {start}{more}",
                counted(u64::from(least), "hop", "hops")
            ),
            why: format!(
                "Each of these findings alone is a way to {jewel} of at most {NEAR_HOPS} hops. Mend those first."
            ),
            evidence,
            fix: mends(estate, s, &near, &starts),
        }
    });
    Ok(found.collect())
}

/// Of the actions that mend what is near a crown jewel, those that move it away from at least one of them. Looked for
/// among the nearest, which matter most.
fn mends(estate: &Estate<'_>, s: u32, near: &[(u32, usize)], starts: &[(Thing, Vec<&Finding>)]) -> Vec<Action> {
    const MOST: usize = 24;
    let mut tried: Vec<&Action> = Vec::new();
    let mut out = Vec::new();
    for &(_, n) in near {
        let (start, list) = &starts[n];
        for action in list.iter().flat_map(|f| &f.fix) {
            if tried.len() >= MOST || tried.contains(&action) {
                continue;
            }
            tried.push(action);
            let Some(overlay) = more(estate.world, action) else {
                continue;
            };
            let world = World::new(estate.world.graph, &overlay, estate.world.settings);
            let Ok(closure) = close::<true>(world, &[*start], estate.cancel) else {
                return out;
            };
            let still = closure
                .facts
                .iter()
                .zip(&closure.hops)
                .any(|(fact, &h)| matches!(fact, Fact::Access(at, _) if *at == s) && h <= NEAR_HOPS);
            if !still {
                out.push(action.clone());
            }
        }
    }
    out
}
