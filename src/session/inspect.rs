//! Works out what the inspector shows. Effects come last and one by one, so that the rest is there at once.

use super::derive::{Question, Reach};
use super::inspection::{Banner, Class, EffectNumbers, Inspection, NoEffect, NoEffectRow, Offer, ThingState};
use super::{facts, leads, ticks, why, words};
use crate::analysis::{Cancel, Checks, Radius, Rule, Step};
use crate::graph::{Thing, World};
use crate::model::{Check, Criticality, Inventory};
use crate::scenario::{self, Action, Effect, Flows, Foresight, Missing};
use crate::scene::icons;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How often the inspector is handed over again while effects come in.
const EVERY: Duration = Duration::from_millis(80);

/// Everything the inspector shows of a thing; `so_far` gets it while effects are still missing. Nothing where it was
/// cancelled.
pub fn inspect(
    q: &Question,
    reach: &Reach,
    id: &str,
    cancel: &dyn Cancel,
    so_far: &mut dyn FnMut(Inspection),
) -> Option<Inspection> {
    let graph = &q.estate.graph;
    let Some(thing) = graph.find(id) else {
        return Some(unknown(id));
    };
    let mut view = at_once(q, reach, id, thing);
    let active = q.actions();
    let changed;
    let flows_now = if reach.comparison.is_some() {
        changed = Flows::of(World::new(graph, &reach.overlay, q.settings));
        &changed
    } else {
        &reach.flows_before
    };
    // What does not apply changes nothing, so effects are those on the estate as it stands.
    let active = if reach.comparison.is_some() { active } else { Vec::new() };
    let mut candidates = scenario::candidates(graph, reach.now(), flows_now, thing);
    // Where the scenario has no effect, making the check that is missing has one.
    for action in enforcing(q, reach, thing) {
        if !candidates.contains(&action) {
            candidates.push(action);
        }
    }
    view.offers = candidates
        .into_iter()
        .map(|action| Offer {
            title: offer_title(&action, q.estate.inventory()),
            action,
            removed: Vec::new(),
            effect: None,
            why_not: None,
            applies: true,
        })
        .collect();
    view.pending = view.offers.len();
    so_far(view.clone());
    ticks::add(q, reach, thing, cancel, &mut view)?;
    let mut last = Instant::now();
    let state = view.banner.state;
    let foresight = Foresight::of_radius(graph, &active, reach.now(), cancel).ok()?;
    let mut previews = foresight.previews(reach.now(), flows_now);
    for i in 0..view.offers.len() {
        let offer = &mut view.offers[i];
        match previews.of(&offer.action, cancel) {
            Ok(effect) => {
                offer.effect = Some(numbers(&effect));
                offer.why_not = why_not(&effect, q, state);
                offer.removed = effect.removed;
            }
            Err(Some(errors)) => {
                offer.applies = false;
                offer.why_not = errors.first().map(|e| e.message.clone());
            }
            Err(None) => return None,
        }
        view.pending -= 1;
        if last.elapsed() > EVERY {
            last = Instant::now();
            so_far(view.clone());
        }
    }
    // By crown jewels, then systems, then breakage; what does nothing last.
    view.offers.sort_by_key(|o| {
        let e = o.effect.unwrap_or_default();
        let gain = |n: (u64, u64)| std::cmp::Reverse(n.0.saturating_sub(n.1));
        (
            !o.applies,
            gain(e.crown_jewels),
            gain(e.systems),
            gain(e.weight),
            e.breaks_in_use,
            e.breaks_unknown,
            e.breaks_idle,
            o.title.clone(),
        )
    });
    view.excess = leads::excess(q, reach, flows_now, thing, cancel)?;
    so_far(view.clone());
    view.leads = leads::leads(q, reach, thing, cancel)?;
    Some(view)
}

/// The numbers of an effect.
#[must_use]
pub fn numbers(e: &Effect) -> EffectNumbers {
    EffectNumbers {
        systems: (e.before.systems, e.after.systems),
        crown_jewels: (e.before.crown_jewels, e.after.crown_jewels),
        weight: (e.before.weight, e.after.weight),
        breaks_in_use: e.broken.in_use,
        breaks_unknown: e.broken.unknown,
        breaks_idle: e.broken.idle,
    }
}

fn why_not(e: &Effect, q: &Question, state: ThingState) -> Option<String> {
    if numbers(e).has_effect() {
        return None;
    }
    if q.proposal.seeds.is_empty() {
        return Some("nothing is compromised yet".to_owned());
    }
    Some(match e.ineffective.first() {
        Some(first) => {
            let inventory = q.estate.inventory();
            let at: Vec<String> = e.ineffective.iter().map(|(at, _)| words::at(inventory, at)).collect();
            format!("no effect: {} at {}", missing_words(first.1), words::names(&at, 2))
        }
        None if state == ThingState::Ghost => "no effect: it is cut off already".to_owned(),
        None if state == ThingState::Untouched => "no effect: it is not reached".to_owned(),
        None => "no effect: other ways lead there".to_owned(),
    })
}

fn missing_words(missing: Missing) -> &'static str {
    match missing {
        Missing::Check(Check::Audience) => "audience not checked",
        Missing::Check(Check::Issuer) => "issuer not checked",
        Missing::Check(Check::Scope) => "scope not checked",
        Missing::Check(Check::Context) => "context not checked",
        Missing::Check(Check::Revocation) => "revocation not checked",
        Missing::Exchange => "no exchange",
        Missing::Minting => "minted there again",
    }
}

fn missing_letter(missing: Missing) -> char {
    match missing {
        Missing::Minting => 'M',
        Missing::Exchange => 'E',
        Missing::Check(check) => check.letter(),
    }
}

fn unknown(id: &str) -> Inspection {
    Inspection {
        id: id.to_owned(),
        known: false,
        title: id.to_owned(),
        subtitle: "Not in the files that are open".to_owned(),
        crown: false,
        class: Class::Context,
        icon: None,
        banner: Banner {
            state: ThingState::Untouched,
            text: "Not known".to_owned(),
            more: String::new(),
        },
        facts: Vec::new(),
        checks: None,
        why: Vec::new(),
        ways: 0,
        audience: Vec::new(),
        scopes: Vec::new(),
        no_effect: None,
        offers: Vec::new(),
        leads: None,
        excess: Vec::new(),
        is_seed: false,
        pending: 0,
    }
}

fn at_once(q: &Question, reach: &Reach, id: &str, thing: Thing) -> Inspection {
    let inventory = q.estate.inventory();
    let look = look_of(inventory, thing, id);
    let state = state_of(q, reach, thing, id);
    // A thing that the scenario cut off is explained as it was before.
    let radius = if state == ThingState::Ghost {
        reach.before()
    } else {
        reach.now()
    };
    let path = radius.path(&q.estate.graph, thing).unwrap_or_default();
    // A seed is where it begins; there is nothing to explain.
    let why = if state == ThingState::Compromised {
        Vec::new()
    } else {
        why::why(q, reach.now(), radius, &path)
    };
    let ways = match thing {
        Thing::System(s) => radius.acceptances_at(&q.estate.graph, s).len(),
        _ => 0,
    };
    Inspection {
        id: id.to_owned(),
        known: true,
        title: look.name,
        subtitle: facts::subtitle(inventory, thing),
        crown: look.crown,
        class: look.class,
        icon: look.icon,
        banner: banner(q, reach, thing, id, state),
        facts: facts::facts(&q.estate, thing, q.settings.as_of),
        checks: last_checks(&path, thing),
        why,
        ways: ways.max(1),
        audience: Vec::new(),
        scopes: Vec::new(),
        no_effect: no_effect(q, reach, thing),
        offers: Vec::new(),
        leads: None,
        excess: Vec::new(),
        is_seed: q.proposal.is_seed(id),
        pending: 0,
    }
}

/// What a thing looks like.
pub struct ThingLook {
    pub name: String,
    pub class: Class,
    pub icon: Option<char>,
    pub crown: bool,
}

/// What a thing looks like, whatever its state.
pub fn look_of(inventory: &Inventory, thing: Thing, id: &str) -> ThingLook {
    let records = &inventory.records;
    let name = words::name_of(inventory, id).to_owned();
    match thing {
        Thing::System(i) => {
            let s = records.systems.get(i as usize);
            ThingLook {
                name,
                class: Class::System,
                icon: icons::of_system(s.and_then(|s| s.kind.as_deref())),
                crown: s.is_some_and(|s| s.criticality == Some(Criticality::CrownJewel)),
            }
        }
        Thing::Identity(i) => ThingLook {
            name,
            class: Class::Identity,
            icon: icons::of_identity(records.identities.get(i as usize).and_then(|i| i.kind)),
            crown: false,
        },
        Thing::Credential(i) => ThingLook {
            name,
            class: Class::Credential,
            icon: icons::of_credential(records.credentials.get(i as usize).and_then(|c| c.kind)),
            crown: false,
        },
        Thing::Context(_) => ThingLook {
            name,
            class: Class::Context,
            icon: Some(icons::MAP_PIN),
            crown: false,
        },
    }
}

/// The state of a thing: the first of those that hold, in the order of the design.
#[must_use]
pub fn state_of(q: &Question, reach: &Reach, thing: Thing, id: &str) -> ThingState {
    if q.proposal.is_seed(id) {
        return ThingState::Compromised;
    }
    let before = reach_of(reach.before(), thing);
    let now = reach_of(reach.now(), thing);
    match (before, now) {
        (Some(_), None) => ThingState::Ghost,
        (_, Some(r)) if r.assumed => ThingState::Assumed,
        (_, Some(r)) if r.inherited => ThingState::Inherited,
        (_, Some(_)) => ThingState::Intended,
        (None, None) if facts::is_dead(q.estate.inventory(), thing, q.settings.as_of) => ThingState::Disabled,
        (None, None) => ThingState::Untouched,
    }
}

fn banner(q: &Question, reach: &Reach, thing: Thing, id: &str, state: ThingState) -> Banner {
    let hops = |r: &Radius| {
        reach_of(r, thing)
            .map(|r| words::count(u64::from(r.hops), "hop", "hops"))
            .unwrap_or_default()
    };
    let mut more = String::new();
    let text = match state {
        ThingState::Compromised => {
            more = still_accepted(q, reach, thing);
            "Compromised".to_owned()
        }
        ThingState::Ghost => format!("Cut off by the scenario, was {}", hops(reach.before())),
        ThingState::Assumed => format!("Reached by assumption, {}", hops(reach.now())),
        ThingState::Inherited => format!("Reached by inheritance, {}", hops(reach.now())),
        ThingState::Intended => format!("Reached as intended, {}", hops(reach.now())),
        ThingState::Disabled => facts::dead_words(q.estate.inventory(), thing, q.settings.as_of),
        ThingState::Untouched if q.proposal.seeds.is_empty() => {
            more = "nothing is compromised".to_owned();
            "Not reached".to_owned()
        }
        ThingState::Untouched => "Not reached".to_owned(),
    };
    let _ = id;
    Banner { state, text, more }
}

/// `still accepted at 4 of 9`, or at how many systems it is accepted where there is no scenario.
fn still_accepted(q: &Question, reach: &Reach, thing: Thing) -> String {
    let Thing::Credential(c) = thing else {
        return String::new();
    };
    let before = accepted_at(reach.before(), q, c);
    match &reach.comparison {
        None => format!("accepted at {}", words::count(before, "system", "systems")),
        Some(comparison) => {
            let after = accepted_at(&comparison.after, q, c);
            if after == before {
                format!("accepted at {}", words::count(before, "system", "systems"))
            } else {
                format!(
                    "still accepted at {} of {}",
                    words::number(after),
                    words::number(before)
                )
            }
        }
    }
}

fn accepted_at(radius: &Radius, q: &Question, credential: u32) -> u64 {
    let all = radius.acceptances_of(&q.estate.graph, credential);
    all.iter().map(|a| a.system).collect::<BTreeSet<_>>().len() as u64
}

/// How a thing is reached.
pub fn reach_of(radius: &Radius, thing: Thing) -> Option<&crate::analysis::Reach> {
    match thing {
        Thing::System(_) => radius.systems.iter().map(|s| &s.reach).find(|r| r.thing == thing),
        Thing::Credential(_) => radius.credentials.iter().map(|c| &c.reach).find(|r| r.thing == thing),
        Thing::Identity(_) => radius.identities.iter().find(|r| r.thing == thing),
        Thing::Context(_) => radius.contexts.iter().find(|r| r.thing == thing),
    }
}

/// In which state something is reached that is.
pub fn how_reached(reach: Option<&crate::analysis::Reach>) -> ThingState {
    match reach {
        Some(r) if r.assumed => ThingState::Assumed,
        Some(r) if r.inherited => ThingState::Inherited,
        _ => ThingState::Intended,
    }
}

/// The checks on the path's last acceptance at this thing.
fn last_checks(path: &[Step], thing: Thing) -> Option<Checks> {
    path.iter()
        .rev()
        .find(|s| s.rule == Rule::Accepted && s.thing == thing)
        .and_then(|s| s.checks)
}

/// What would make the scenario's actions on this thing have their effect: the missing checks, made.
fn enforcing(q: &Question, reach: &Reach, thing: Thing) -> Vec<Action> {
    without_effect(q, reach, thing)
        .into_iter()
        .filter_map(|(at, missing)| match (missing, q.estate.graph.find(&at)) {
            (Missing::Check(check), Some(Thing::System(_))) => Some(Action::Enforce {
                system: at,
                checks: vec![check],
            }),
            _ => None,
        })
        .collect()
}

/// Where the scenario's actions on this thing change nothing, and what is missing there, without repeats.
fn without_effect(q: &Question, reach: &Reach, thing: Thing) -> Vec<(String, Missing)> {
    let graph = &q.estate.graph;
    let actions = q.actions();
    let mut out: Vec<(String, Missing)> = Vec::new();
    for ineffective in reach.comparison.iter().flat_map(|c| &c.ineffective) {
        let on = actions
            .get(ineffective.action)
            .and_then(subject)
            .and_then(|id| graph.find(id));
        if on == Some(thing) {
            for at in &ineffective.at {
                if !out.contains(at) {
                    out.push(at.clone());
                }
            }
        }
    }
    out
}

/// The amber banner: where the scenario's actions on this thing change nothing.
fn no_effect(q: &Question, reach: &Reach, thing: Thing) -> Option<NoEffect> {
    let inventory = q.estate.inventory();
    let rows: Vec<NoEffectRow> = without_effect(q, reach, thing)
        .into_iter()
        .map(|(at, missing)| NoEffectRow {
            letter: missing_letter(missing),
            name: words::at(inventory, &at),
            why: missing_words(missing).to_owned(),
        })
        .collect();
    let first = rows.first()?;
    let noun = match thing {
        Thing::Credential(c) => {
            words::credential_noun(inventory.records.credentials.get(c as usize).and_then(|c| c.kind))
        }
        _ => "credential",
    };
    let same = rows.iter().all(|r| r.letter == first.letter);
    let why = match first.letter {
        'A' if same => format!("They accept the {noun} whatever its audience says"),
        'S' if same => format!("They accept the {noun} whatever its scopes say"),
        'C' if same => format!("They accept the {noun} from anywhere"),
        'R' if same => format!("They accept the {noun} although it is revoked"),
        'E' if same => "What they trust passes everything on".to_owned(),
        'M' if same => "It is minted there again".to_owned(),
        _ => "They do not check what the scenario changes".to_owned(),
    };
    let n = rows.len() as u64;
    Some(NoEffect {
        title: format!("No effect at {}", words::count(n, "system", "systems")),
        why,
        rows,
    })
}

/// What an action is done to, where that is an entity.
fn subject(action: &Action) -> Option<&str> {
    Some(match action {
        Action::Revoke { credential }
        | Action::Rotate { credential }
        | Action::NarrowAudience { credential, .. }
        | Action::NarrowScopes { credential, .. }
        | Action::BindContext { credential, .. }
        | Action::Expire { credential, .. } => credential,
        Action::DisableIdentity { identity } => identity,
        Action::Enforce { system, .. } | Action::Isolate { system } => system,
        _ => return None,
    })
}

/// An action as it is offered: `Narrow audience of gha-deploy-prod…`.
#[must_use]
pub fn offer_title(action: &Action, inventory: &Inventory) -> String {
    let of = |what: &str, id: &str| format!("{what} of {}", words::name_of(inventory, id));
    match action {
        Action::NarrowAudience { credential, audience } => {
            format!("{} to {}", of("Narrow audience", credential), few(audience, inventory))
        }
        Action::NarrowScopes { credential, scopes } => {
            format!("{} to {}", of("Narrow scopes", credential), few(scopes, inventory))
        }
        _ => {
            let (verb, what) = words::action_words(action, inventory);
            format!("{verb} {what}")
        }
    }
}

fn few(list: &[String], inventory: &Inventory) -> String {
    let names: Vec<String> = list.iter().map(|id| words::name_of(inventory, id).to_owned()).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        words::names(&names, 2)
    }
}
