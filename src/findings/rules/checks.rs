//! The five checks that acceptors leave out: one finding for each credential and check.

use super::super::{Estate, Evidence, Found, Severity, by_fact, by_relation, by_thing};
use crate::analysis::{Cancelled, Held, audience_fits, given, issuer_fits};
use crate::graph::Thing;
use crate::model::words::{counted, list};
use crate::model::{Check, Criticality, Text};
use crate::scenario::Action;
use std::collections::BTreeSet;

pub(super) fn audience(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    find(estate, Check::Audience, &|c, s, _| {
        !audience_fits(estate.world, c, Held::Copy, s)
    })
}

pub(super) fn issuer(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    find(estate, Check::Issuer, &|c, s, _| !issuer_fits(estate.world, c, s))
}

pub(super) fn scope(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    find(estate, Check::Scope, &|c, _, grants| {
        let Some(scopes) = estate.world.scopes(c) else {
            return false;
        };
        let held: BTreeSet<_> = grants
            .iter()
            .flat_map(|&g| given(estate.world, g, Some(scopes)))
            .collect();
        grants
            .iter()
            .flat_map(|&g| given(estate.world, g, None))
            .any(|a| !held.iter().any(|h| a.is_implied_by(h)))
    })
}

pub(super) fn context(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    find(estate, Check::Context, &|c, _, _| {
        estate.world.contexts(c).is_some_and(|z| !z.is_empty())
    })
}

pub(super) fn revocation(estate: &Estate<'_>) -> Result<Vec<Found>, Cancelled> {
    find(estate, Check::Revocation, &|c, _, _| {
        // What ends within a day by itself is as good as revoked.
        let tomorrow = estate.world.settings.as_of.plus_days(1);
        estate.world.self_contained(c)
            && (estate.world.dead(c) || estate.world.expires_at(c).is_none_or(|end| end > tomorrow))
    })
}

/// Of every credential, the systems that take it although the check, were it made, would refuse it or give less.
fn find(
    estate: &Estate<'_>,
    check: Check,
    matters: &dyn Fn(u32, u32, &[u32]) -> bool,
) -> Result<Vec<Found>, Cancelled> {
    let world = estate.world;
    let mut out = Vec::new();
    for c in estate.credentials() {
        if estate.cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let open: Vec<_> = estate
            .doors(c)
            .iter()
            .filter(|d| !world.enforced(d.system, check) && matters(c, d.system, &d.grants))
            .collect();
        if open.is_empty() {
            continue;
        }
        let mut systems: Vec<u32> = open.iter().map(|d| d.system).collect();
        let mut evidence = vec![by_thing(world, Thing::Credential(c), stated(estate, check, c))];
        for door in &open {
            let s = door.system;
            let name = estate.name(Thing::System(s));
            evidence.push(by_thing(
                world,
                Thing::System(s),
                format!("{name} {}", estate.unmade(s, check)),
            ));
            if let Some(&g) = door.grants.first() {
                evidence.push(by_relation(estate.grant(g), "lets it in"));
            }
            evidence.push(accepted(estate, c, s));
        }
        let severity = severity(estate, check, c, &systems);
        let said = said(estate, check, c, &systems);
        // Where it matters most, first.
        systems.sort_by_key(|&s| (std::cmp::Reverse(estate.criticality(s).weight()), s));
        let fix: Vec<Action> = systems
            .iter()
            .map(|&s| Action::Enforce {
                system: estate.system(s).id.to_string(),
                checks: vec![check],
            })
            .collect();
        let mut on: Vec<String> = systems.iter().map(|&s| estate.system(s).id.to_string()).collect();
        on.sort();
        on.insert(0, estate.credential(c).id.to_string());
        out.push(Found {
            severity,
            on,
            title: said.0,
            why: said.1,
            evidence,
            fix,
        });
    }
    Ok(out)
}

fn accepted(estate: &Estate<'_>, c: u32, s: u32) -> Evidence {
    by_fact(estate.accepted(c, s), "follows from holding a copy")
}

/// High at a crown jewel that is stated not to check, medium at another, one step less where nothing is stated. A
/// revoked one that is still taken is high.
fn severity(estate: &Estate<'_>, check: Check, c: u32, systems: &[u32]) -> Severity {
    if check == Check::Revocation {
        let stated = systems.iter().any(|&s| estate.world.stated(s, check) == Some(false));
        return match (estate.world.dead(c), stated) {
            (true, _) => Severity::High,
            (false, true) => Severity::Medium,
            (false, false) => Severity::Low,
        };
    }
    systems
        .iter()
        .map(|&s| {
            let full = if estate.criticality(s) == Criticality::CrownJewel {
                Severity::High
            } else {
                Severity::Medium
            };
            if estate.world.stated(s, check) == Some(false) {
                full
            } else {
                full.lower()
            }
        })
        .max()
        .unwrap_or(Severity::Low)
}

/// What the credential states that is not looked at.
fn stated(estate: &Estate<'_>, check: Check, c: u32) -> String {
    let world = estate.world;
    let texts = |texts: &[Text]| {
        let all: Vec<&str> = texts.iter().map(Text::as_str).collect();
        list(&all, 6)
    };
    match check {
        Check::Audience => format!("is meant for {}", texts(world.audience(c).unwrap_or_default())),
        Check::Issuer => format!(
            "was issued by {}",
            estate.credential(c).issuer.as_deref().unwrap_or("nobody")
        ),
        Check::Scope => format!("allows {}", texts(world.scopes(c).unwrap_or_default())),
        Check::Context => {
            let all: Vec<&str> = world
                .contexts(c)
                .unwrap_or_default()
                .iter()
                .map(|&z| world.context_name(z))
                .collect();
            format!("may be used in {}", list(&all, 6))
        }
        Check::Revocation => match (world.dead(c), world.expires_at(c)) {
            (true, Some(end)) => format!("is revoked or disabled, and good until {end} where nobody asks"),
            (true, None) => "is revoked or disabled, and good for ever where nobody asks".into(),
            (false, Some(end)) => format!("can be checked without its issuer, and is good until {end}"),
            (false, None) => "can be checked without its issuer, and states no end".into(),
        },
    }
}

/// Title and reason.
fn said(estate: &Estate<'_>, check: Check, c: u32, systems: &[u32]) -> (String, String) {
    let name = estate.name(Thing::Credential(c));
    let names: Vec<&str> = systems.iter().map(|&s| estate.name(Thing::System(s))).collect();
    let at = if names.len() == 1 {
        names[0].to_owned()
    } else {
        counted(names.len() as u64, "system", "systems")
    };
    let unknown = systems
        .iter()
        .filter(|&&s| estate.world.stated(s, check).is_none())
        .count() as u64;
    let sure = if unknown == 0 {
        String::new()
    } else if unknown as usize == systems.len() {
        " The inventory does not say whether this is checked; the worst is taken.".to_owned()
    } else {
        format!(" Of {unknown} of these systems the inventory does not say; the worst is taken.")
    };
    let who = list(&names, 4);
    let (title, why) = match check {
        Check::Audience => (
            format!("{name} is accepted at {at} it is not meant for"),
            format!("Whoever obtains {name} where it is meant to be used can present it to {who} as well."),
        ),
        Check::Issuer => (
            format!("{name} comes from an issuer that {at} should not take"),
            format!(
                "{who} names the issuers it takes, but takes {name}, which is of another: that issuer's compromise is its own."
            ),
        ),
        Check::Scope => (
            format!("{name} gets more at {at} than its scopes say"),
            format!(
                "The scopes of {name} promise a limit that {who} does not hold it to: its holder gets all that the grant gives."
            ),
        ),
        Check::Context => (
            format!("{name} works from anywhere at {at}"),
            format!(
                "{name} belongs to one place, but {who} takes a copy of it from any other: a thief needs nothing besides."
            ),
        ),
        Check::Revocation if estate.world.dead(c) => (
            format!("{name} is revoked and still accepted at {at}"),
            format!("{who} checks {name} by itself and never asks whether it was revoked."),
        ),
        Check::Revocation => (
            format!("Revoking {name} would change nothing at {at}"),
            format!(
                "{who} checks {name} by itself and never asks whether it was revoked: in an incident it stays good until it expires."
            ),
        ),
    };
    let why = if names.len() == 1 { why } else { plural(&why) };
    (title, why + &sure)
}

/// A sentence about several systems.
fn plural(why: &str) -> String {
    [
        (
            " names the issuers it takes, but takes ",
            " name the issuers they take, but take ",
        ),
        (" is its own.", " is theirs."),
        (" does not hold ", " do not hold "),
        (" takes a copy ", " take a copy "),
        (" checks ", " check "),
        (" asks ", " ask "),
    ]
    .iter()
    .fold(why.to_owned(), |text, (one, many)| text.replace(one, many))
}
