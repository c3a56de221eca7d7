//! Relations that hand on more than they should: agents, tokens passed on, mounted identities, crossings, people.

use super::super::{Estate, Evidence, Found, Severity, by_relation, by_thing};
use super::environment::{Stage, stage};
use crate::analysis::Cancelled;
use crate::graph::{Holder, Thing};
use crate::model::words::{counted, list};
use crate::model::{Credential, ExposureHow, IdentityKind, InheritHow, Named, Time};
use crate::scenario::Action;
use std::collections::{BTreeMap, BTreeSet};

/// An agent that runs with the account of what starts it: one finding for each agent and account.
pub(super) fn agent(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let mut out = Vec::new();
    for (n, inherit) in graph.inventory().records.inherits.iter().enumerate() {
        let Some(from) = graph.inherit_from[n].filter(|_| world.has_inherit(n as u32)) else {
            continue;
        };
        let to = graph.inherit_to[n];
        let is_agent = inherit.how == Some(InheritHow::Agent)
            || (estate.identity(from).kind == Some(IdentityKind::Agent)
                && matches!(
                    inherit.how,
                    Some(InheritHow::Impersonation | InheritHow::AssumeRole) | None
                )
                && !inherit.common.is_intended());
        if !is_agent || !world.active(to) || !world.active(from) {
            continue;
        }
        let closure = estate.close(Thing::Identity(to))?;
        let systems = estate.systems_of(&closure, Thing::Identity(to));
        if systems.is_empty() {
            continue;
        }
        let crowns = systems.iter().filter(|&&s| estate.is_crown_jewel(s)).count() as u64;
        let (agent, parent) = (estate.name(Thing::Identity(from)), estate.name(Thing::Identity(to)));
        let reach = counted(systems.len() as u64, "system", "systems");
        let jewels = match crowns {
            0 => String::new(),
            n => format!(", {} among them", counted(n, "crown jewel", "crown jewels")),
        };
        let fix = vec![Action::RemoveInherit {
            inherit: inherit.name().to_string(),
        }];
        out.push(Found {
            severity: if crowns > 0 { Severity::High } else { Severity::Medium },
            on: vec![estate.id(Thing::Identity(from)), estate.id(Thing::Identity(to))],
            title: format!("The agent {agent} acts with all permissions of {parent}"),
            why: format!(
                "What makes {agent} do something, a text it reads for instance, does it with the permissions of {parent}: {reach}{jewels}."
            ),
            evidence: vec![
                by_relation(inherit, "the agent becomes the account"),
                by_thing(world, Thing::Identity(to), format!("reaches {reach} by itself{jewels}")),
            ],
            fix: fix.into_iter().filter(|_| inherit.how != Some(InheritHow::Escalation)).collect(),
        });
    }
    Ok(out)
}

/// A system whose access counts at another without an exchange: one finding for each system that passes on.
pub(super) fn passed_on(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let trusts = &graph.inventory().records.trusts;
    let mut by_from: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for t in 0..trusts.len() as u32 {
        let (from, to) = (graph.trust_from[t as usize], graph.trust_to[t as usize]);
        let open = world.has_trust(t) && world.exchange(t).is_none() && !world.passes(t).is_empty();
        // Inside a cluster a trust is control of one part over another (who runs the pod, who escapes to the node).
        let part = |s: u32| estate.system(s).platform.as_deref() == Some("k8s");
        let open = open && !(part(from) && part(to));
        if open && from != to && !world.isolated(from) && !world.isolated(to) {
            by_from.entry(from).or_default().push(t);
        }
    }
    let mut out = Vec::new();
    for (from, list_of) in by_from {
        let to: BTreeSet<u32> = list_of.iter().map(|&t| graph.trust_to[t as usize]).collect();
        let names: Vec<&str> = to.iter().map(|&s| estate.name(Thing::System(s))).collect();
        let stated = list_of.iter().any(|&t| !trusts[t as usize].common.is_assumed());
        let full = estate.by_criticality(to.iter().copied());
        let name = estate.name(Thing::System(from));
        let mut fix = Vec::new();
        for &t in &list_of {
            let trust = &trusts[t as usize];
            fix.push(Action::RequireExchange {
                trust: trust.name().to_string(),
                scopes: world.passes(t).iter().map(String::from).collect(),
            });
        }
        for &t in &list_of {
            let trust = &trusts[t as usize];
            if !trust.common.is_intended() || idle(estate, trust.common.last_used_at) {
                fix.push(Action::RemoveTrust {
                    trust: trust.name().to_string(),
                });
            }
        }
        let mut on: Vec<String> = to.iter().map(|&s| estate.system(s).id.to_string()).collect();
        on.sort();
        on.insert(0, estate.system(from).id.to_string());
        out.push(Found {
            severity: if stated { full } else { full.lower() },
            on,
            title: format!("{name} is trusted by {} without an exchange", list(&names, 3)),
            why: format!(
                "Without an exchange nobody asks again for whom a token was issued: whoever is let in at {name} is let in at {}.",
                list(&names, 4)
            ),
            evidence: list_of
                .iter()
                .map(|&t| by_relation(&trusts[t as usize], "passes on without an exchange"))
                .collect(),
            fix,
        });
    }
    Ok(out)
}

fn idle(estate: &Estate<'_>, used: Option<Time>) -> bool {
    used.is_some_and(|t| t < estate.recent)
}

/// Whether a credential authenticates a workload: what is mounted for one workload alone.
pub(super) fn is_workloads(estate: &Estate<'_>, c: &Credential) -> bool {
    let graph = estate.world.graph;
    let identity = c.identity.as_deref().and_then(|id| graph.find(id));
    matches!(identity, Some(Thing::Identity(i))
        if matches!(estate.identity(i).kind, Some(IdentityKind::Workload | IdentityKind::ServiceAccount)))
}

/// A workload's token, or the workload itself, mounted into others: one finding for each.
pub(super) fn mounted(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let exposures = &graph.inventory().records.exposures;
    let mut by_what: BTreeMap<Thing, Vec<u32>> = BTreeMap::new();
    for (x, exposure) in exposures.iter().enumerate() {
        let workload = match graph.exposure_yields[x] {
            Thing::Credential(c) => estate.live(c) && is_workloads(estate, estate.credential(c)),
            Thing::Identity(i) => world.active(i) && estate.identity(i).kind != Some(IdentityKind::Human),
            _ => false,
        };
        if workload && exposure.how == Some(ExposureHow::Mounted) && world.has_exposure(x as u32) {
            by_what.entry(graph.exposure_yields[x]).or_default().push(x as u32);
        }
    }
    let mut out = Vec::new();
    for (what, all) in by_what {
        let places: BTreeSet<Thing> = all.iter().map(|&x| graph.exposure_from[x as usize]).collect();
        let foreign: Vec<u32> = all
            .iter()
            .copied()
            .filter(|&x| !exposures[x as usize].common.is_intended())
            .collect();
        // Several workloads that are all meant to have it share it: that is worth a word, not an alarm.
        let (which, severity) = match (foreign.is_empty(), places.len()) {
            (false, _) => (foreign, Severity::High),
            (true, 0..=1) => continue,
            (true, _) => (all.clone(), Severity::Low),
        };
        let name = estate.name(what);
        let at: BTreeSet<Thing> = which.iter().map(|&x| graph.exposure_from[x as usize]).collect();
        let names: Vec<&str> = at.iter().map(|&t| estate.name(t)).collect();
        let others = counted(names.len() as u64, "workload", "workloads");
        let (title, why, fix) = if severity == Severity::High {
            let fix = which
                .iter()
                .map(|&x| Action::RemoveExposure {
                    exposure: exposures[x as usize].name().to_string(),
                })
                .collect();
            (
                format!("{name} is mounted into {others} it is not meant for"),
                format!(
                    "Whoever takes over {} acts with the identity of another workload.",
                    list(&names, 4)
                ),
                fix,
            )
        } else {
            (
                format!("{name} is shared by {others}"),
                format!(
                    "{} have one identity: what one of them needs, all may do, and no log tells them apart. Give each its own.",
                    list(&names, 4)
                ),
                // Mounts that nobody has used are taken away; the rest needs new identities, which no action makes.
                which
                    .iter()
                    .filter(|&&x| idle(estate, exposures[x as usize].common.last_used_at))
                    .map(|&x| Action::RemoveExposure {
                        exposure: exposures[x as usize].name().to_string(),
                    })
                    .collect(),
            )
        };
        let mut on: Vec<String> = at.iter().map(|&t| estate.id(t)).collect();
        on.sort();
        on.insert(0, estate.id(what));
        out.push(Found {
            severity,
            on,
            title,
            why,
            evidence: which
                .iter()
                .map(|&x| by_relation(&exposures[x as usize], "is mounted there"))
                .collect(),
            fix,
        });
    }
    Ok(out)
}

/// What is not of production and gets into it: one finding for each that gets in.
pub(super) fn environments(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let r = &graph.inventory().records;
    let mut crossings: BTreeMap<Thing, Vec<(Thing, &dyn Named, Action)>> = BTreeMap::new();
    let mut look = |from: Thing, to: Thing, relation, action: Action| {
        if stage(estate, from) == Some(Stage::Other) && stage(estate, to) == Some(Stage::Production) {
            crossings.entry(from).or_default().push((to, relation, action));
        }
    };
    for (g, grant) in r.grants.iter().enumerate().filter(|(g, _)| world.has_grant(*g as u32)) {
        let from = match graph.grant_holder[g] {
            Holder::Credential(c) => Thing::Credential(c),
            Holder::Identity(i) => Thing::Identity(i),
        };
        let grant_name = grant.name().to_string();
        if active(estate, from) && !world.isolated(graph.grant_system[g]) && !world.grant_scopes(g as u32).is_empty() {
            let to = Thing::System(graph.grant_system[g]);
            look(from, to, grant, Action::RemoveGrant { grant: grant_name });
        }
    }
    for (x, exposure) in r
        .exposures
        .iter()
        .enumerate()
        .filter(|(x, _)| world.has_exposure(*x as u32))
    {
        let (from, to) = (graph.exposure_from[x], graph.exposure_yields[x]);
        let exposure_name = exposure.name().to_string();
        if active(estate, from) && active(estate, to) {
            look(
                from,
                to,
                exposure,
                Action::RemoveExposure {
                    exposure: exposure_name,
                },
            );
        }
    }
    for (n, inherit) in r
        .inherits
        .iter()
        .enumerate()
        .filter(|(n, _)| world.has_inherit(*n as u32))
    {
        let Some(from) = graph.inherit_from[n].filter(|_| inherit.how != Some(InheritHow::Escalation)) else {
            continue;
        };
        let (from, to) = (Thing::Identity(from), Thing::Identity(graph.inherit_to[n]));
        let inherit_name = inherit.name().to_string();
        if active(estate, from) && active(estate, to) {
            look(from, to, inherit, Action::RemoveInherit { inherit: inherit_name });
        }
    }
    for (t, trust) in r.trusts.iter().enumerate().filter(|(t, _)| world.has_trust(*t as u32)) {
        let (from, to) = (Thing::System(graph.trust_from[t]), Thing::System(graph.trust_to[t]));
        let trust_name = trust.name().to_string();
        if active(estate, from) && active(estate, to) && !world.passes(t as u32).is_empty() {
            look(from, to, trust, Action::RemoveTrust { trust: trust_name });
        }
    }
    let found = crossings.into_iter().map(|(from, mut all)| {
        all.sort_by(|a, b| (a.0, a.1.name()).cmp(&(b.0, b.1.name())));
        let to: BTreeSet<Thing> = all.iter().map(|x| x.0).collect();
        let names: Vec<&str> = to.iter().map(|&t| estate.name(t)).collect();
        let name = estate.name(from);
        let crown = to
            .iter()
            .any(|t| matches!(t, Thing::System(s) if estate.is_crown_jewel(*s)));
        let stated = all.iter().any(|x| !x.1.common().is_assumed());
        let full = if crown { Severity::High } else { Severity::Medium };
        let mut on: Vec<String> = to.iter().map(|&t| estate.id(t)).collect();
        on.sort();
        on.insert(0, estate.id(from));
        Found {
            severity: if stated { full } else { full.lower() },
            on,
            title: format!(
                "{name} is not of production and gets to {} of production",
                list(&names, 3)
            ),
            why: format!("{name} is guarded as what may fail. Whoever takes it over is in production."),
            evidence: all
                .iter()
                .map(|(_, relation, _)| by_relation(*relation, "crosses into production"))
                .collect(),
            fix: all.into_iter().map(|(_, _, action)| action).collect(),
        }
    });
    Ok(found.collect())
}

/// Whether a thing can be used at all.
fn active(estate: &Estate<'_>, thing: Thing) -> bool {
    match thing {
        Thing::Credential(c) => estate.live(c),
        Thing::Identity(i) => estate.world.active(i),
        Thing::System(s) => !estate.world.isolated(s),
        Thing::Context(_) => true,
    }
}

/// People who act as machines: one finding for each machine identity.
pub(super) fn human(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    let (world, graph) = (estate.world, estate.world.graph);
    let r = &graph.inventory().records;
    let people: BTreeSet<u32> = estate
        .identities()
        .filter(|&i| {
            let identity = estate.identity(i);
            identity.kind == Some(IdentityKind::Human)
                && world.active(i)
                && !identity.tags.iter().any(|t| t == "break-glass")
        })
        .collect();
    let machine = |i: u32| {
        world.active(i)
            && matches!(
                estate.identity(i).kind,
                Some(
                    IdentityKind::ServiceAccount
                        | IdentityKind::App
                        | IdentityKind::Workload
                        | IdentityKind::Pipeline
                        | IdentityKind::Agent
                        | IdentityKind::Device
                )
            )
    };
    let mut by_machine: BTreeMap<u32, Vec<(u32, Evidence, Action)>> = BTreeMap::new();
    for &person in &people {
        for &n in graph.inherits_of_identity.of(person) {
            let (inherit, to) = (&r.inherits[n as usize], graph.inherit_to[n as usize]);
            let how = matches!(
                inherit.how,
                Some(InheritHow::AssumeRole | InheritHow::Impersonation) | None
            );
            if how && world.has_inherit(n) && machine(to) {
                let action = Action::RemoveInherit {
                    inherit: inherit.name().to_string(),
                };
                let evidence = by_relation(inherit, "a person becomes the machine identity");
                by_machine.entry(to).or_default().push((person, evidence, action));
            }
        }
        for &x in graph.exposures_of_identity.of(person) {
            let exposure = &r.exposures[x as usize];
            let to = match graph.exposure_yields[x as usize] {
                Thing::Credential(c) if estate.live(c) => graph.identity_of[c as usize],
                Thing::Identity(i) => Some(i),
                _ => None,
            };
            // Whoever may make a machine's key administers it; whoever has the key uses it.
            let has = exposure.how != Some(ExposureHow::Minted) && exposure.how != Some(ExposureHow::Derived);
            if let Some(to) = to.filter(|&i| has && machine(i) && world.has_exposure(x)) {
                let action = Action::RemoveExposure {
                    exposure: exposure.name().to_string(),
                };
                let evidence = by_relation(exposure, "a person has what the machine identity signs in with");
                by_machine.entry(to).or_default().push((person, evidence, action));
            }
        }
    }
    let found = by_machine.into_iter().map(|(to, all)| {
        let who: BTreeSet<u32> = all.iter().map(|x| x.0).collect();
        let names: Vec<&str> = who.iter().map(|&i| estate.name(Thing::Identity(i))).collect();
        let name = estate.name(Thing::Identity(to));
        let mut on: Vec<String> = who.iter().map(|&i| estate.id(Thing::Identity(i))).collect();
        on.sort();
        on.insert(0, estate.id(Thing::Identity(to)));
        Found {
            severity: Severity::Medium,
            on,
            title: format!("{} can act as the machine identity {name}", list(&names, 3)),
            why: format!("What {name} does can then be the work of a person, past the sign-in, the second factor and the log that are meant for people."),
            evidence: all.iter().map(|x| x.1.clone()).collect(),
            fix: all.into_iter().map(|x| x.2).collect(),
        }
    });
    Ok(found.collect())
}
