//! What is found, in the words of the design: sentence case, the thing, then the number.

use crate::analysis::Summary;
use crate::graph::{Regime, TrustGraph};
pub use crate::model::words::{counted, list, number};
use crate::model::{Check, Time};
use crate::plan::Cut;
use crate::scenario::{Action, Comparison, Flow, Ineffective, Missing, Scenario, UseCounts};

/// The name for people of what an id or a relation's name stands for.
#[must_use]
pub fn name<'a>(graph: &'a TrustGraph, id: &'a str) -> &'a str {
    graph.find(id).map_or(id, |thing| graph.display_name(thing))
}

/// A relation for people: of a name made of its ends (`trust:a->b`) those, `a → b`.
fn relation(graph: &TrustGraph, id: &str) -> String {
    let ends = ["grant:", "exposure:", "inherit:", "trust:"]
        .iter()
        .find_map(|kind| id.strip_prefix(kind))
        .and_then(|rest| rest.split_once("->"));
    match ends {
        Some((from, to)) => format!("{} → {}", name(graph, from), name(graph, to)),
        None => id.to_owned(),
    }
}

/// `1 May 2026 00:00 UTC`.
#[must_use]
pub fn date(time: Time) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = time.to_string();
    let parts = || -> Option<String> {
        let (day, clock) = text.split_once('T')?;
        let mut day = day.rsplitn(3, '-');
        let (d, m, y) = (day.next()?, day.next()?, day.next()?);
        let month = MONTHS.get(m.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!(
            "{} {month} {y} {} UTC",
            d.trim_start_matches('0'),
            clock.get(..5)?
        ))
    };
    parts().unwrap_or(text.clone())
}

/// A text without what cannot be seen or turns the direction of writing: those characters by their code.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A regime for people.
#[must_use]
pub fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::WorstCase => "worst case: what the inventory does not say is taken as open",
        Regime::BestCase => "best case: what the inventory does not say is taken as closed",
        Regime::Intended => "intended: only what was meant to be",
    }
}

/// `37 systems, 3 crown jewels, weight 455`.
#[must_use]
pub fn numbers(s: &Summary) -> String {
    format!(
        "{}, {}, weight {}",
        counted(s.systems, "system", "systems"),
        counted(s.crown_jewels, "crown jewel", "crown jewels"),
        number(s.weight)
    )
}

/// `gha-deploy-prod reaches 37 systems and 3 crown jewels`.
#[must_use]
pub fn finding(graph: &TrustGraph, seeds: &[String], s: &Summary) -> String {
    let names: Vec<&str> = seeds.iter().map(|id| name(graph, id)).collect();
    let verb = if names.len() == 1 { "reaches" } else { "reach" };
    let who = list(&names, 3);
    if s.systems == 0 {
        return format!("{who} {verb} no system");
    }
    let crowns = if s.crown_jewels == 0 {
        "no crown jewel".to_owned()
    } else {
        counted(s.crown_jewels, "crown jewel", "crown jewels")
    };
    format!("{who} {verb} {} and {crowns}", counted(s.systems, "system", "systems"))
}

/// What a scenario leaves and breaks: `Revoke ci-key: leaves 4 systems and no crown jewel; breaks 1 in use`.
#[must_use]
pub fn remedy(graph: &TrustGraph, scenario: &Scenario, c: &Comparison) -> String {
    let s = &c.after.summary;
    let what = match (&*scenario.actions, &scenario.name) {
        ([], _) => "A scenario without actions".to_owned(),
        ([one], _) => format!("{}:", action(graph, one)),
        (many, Some(name)) => format!("{name}, {} actions,", many.len()),
        (many, None) => format!("A scenario of {} actions", many.len()),
    };
    let systems = if s.systems == 0 {
        "no system".to_owned()
    } else {
        counted(s.systems, "system", "systems")
    };
    let crowns = if s.crown_jewels == 0 {
        "no crown jewel".to_owned()
    } else {
        counted(s.crown_jewels, "crown jewel", "crown jewels")
    };
    format!(
        "{what} leaves {systems} and {crowns}; {}",
        breaks(&c.broken_flows).to_lowercase()
    )
}

/// `Breaks 1 in use, 2 of unknown use`, or `Breaks nothing known`.
#[must_use]
pub fn breaks(flows: &[Flow]) -> String {
    let UseCounts { in_use, unknown, idle } = UseCounts::of(flows);
    let parts: Vec<String> = [(in_use, "in use"), (unknown, "of unknown use"), (idle, "idle")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", number(n)))
        .collect();
    if parts.is_empty() {
        "Breaks nothing known".to_owned()
    } else {
        format!("Breaks {}", parts.join(", "))
    }
}

/// A flow's use, with its time where it is known.
#[must_use]
pub fn used(flow: &Flow) -> String {
    let word = flow.used.as_str().replace('-', " ");
    match flow.last_used_at {
        Some(time) => format!("{word}, last used {time}"),
        None if word == "unknown" => "last use not known".to_owned(),
        None => word,
    }
}

/// `Narrow audience of gha-deploy-prod to artifact-registry and deploy-api`.
#[must_use]
pub fn action(graph: &TrustGraph, action: &Action) -> String {
    let target = match action {
        Action::RemoveGrant { .. }
        | Action::NarrowGrant { .. }
        | Action::RemoveExposure { .. }
        | Action::RemoveInherit { .. }
        | Action::NarrowInherit { .. }
        | Action::RemoveTrust { .. }
        | Action::RequireExchange { .. } => relation(graph, action.target()),
        _ => name(graph, action.target()).to_owned(),
    };
    let many = |items: &[String]| {
        let names: Vec<&str> = items.iter().map(|id| name(graph, id)).collect();
        list(&names, 6)
    };
    match action {
        Action::Revoke { .. } => format!("Revoke {target}"),
        Action::Rotate { .. } => format!("Rotate {target}"),
        Action::NarrowAudience { audience, .. } => format!("Narrow audience of {target} to {}", many(audience)),
        Action::NarrowScopes { scopes, .. } => format!("Narrow scopes of {target} to {}", many(scopes)),
        Action::BindContext { contexts, .. } => format!("Bind {target} to {}", many(contexts)),
        Action::Expire { expires_at, .. } => format!("Expire {target} at {expires_at}"),
        Action::DisableIdentity { .. } => format!("Disable {target}"),
        Action::RemoveGrant { .. } => format!("Remove the grant {target}"),
        Action::NarrowGrant { scopes, .. } => format!("Narrow the grant {target} to {}", many(scopes)),
        Action::RemoveExposure { .. } => format!("Remove the exposure {target}"),
        Action::RemoveInherit { .. } => format!("Remove the inheritance {target}"),
        Action::NarrowInherit { requires_all, .. } => {
            let needs: Vec<String> = requires_all
                .iter()
                .map(|r| format!("{} at {}", r.scope, name(graph, &r.system)))
                .collect();
            let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
            format!("Require {} for the inheritance {target}", list(&needs, 4))
        }
        Action::RemoveTrust { .. } => format!("Remove the trust {target}"),
        Action::RequireExchange { scopes, .. } => {
            format!("Require an exchange at {target}, passing {}", many(scopes))
        }
        Action::Enforce { checks, .. } => {
            let checks: Vec<&str> = checks.iter().map(|c| c.as_str()).collect();
            format!("Enforce {} at {target}", list(&checks, 5))
        }
        Action::Isolate { .. } => format!("Isolate {target}"),
    }
}

/// How good a cut is known to be: `proved least`.
#[must_use]
pub fn proof(cut: &Cut) -> String {
    if cut.is_optimal() {
        "proved least".to_owned()
    } else {
        format!(
            "not proved least; no permitted cut costs less than {}",
            number(cut.lower_bound)
        )
    }
}

/// What a cut comes to: `2 actions keep the compromise from 3 protected things; cost 4, proved least`.
#[must_use]
pub fn cut(cut: &Cut, protected: u64) -> String {
    let kept = counted(protected, "protected thing", "protected things");
    if cut.actions.is_empty() {
        return format!("Nothing needs to be done: the compromise reaches none of {kept}");
    }
    let actions = cut.actions.len() as u64;
    format!(
        "{} {} the compromise from {kept}; cost {}, {}",
        counted(actions, "action", "actions"),
        if actions == 1 { "keeps" } else { "keep" },
        number(cut.cost),
        proof(cut)
    )
}

/// What is not done there: `do not check the audience`.
#[must_use]
pub fn missing(missing: Missing, many: bool) -> &'static str {
    match (missing, many) {
        (Missing::Check(Check::Audience), true) => "do not check the audience",
        (Missing::Check(Check::Audience), false) => "does not check the audience",
        (Missing::Check(Check::Issuer), true) => "do not check the issuer",
        (Missing::Check(Check::Issuer), false) => "does not check the issuer",
        (Missing::Check(Check::Scope), true) => "accept any scope",
        (Missing::Check(Check::Scope), false) => "accepts any scope",
        (Missing::Check(Check::Context), true) => "do not check the context",
        (Missing::Check(Check::Context), false) => "does not check the context",
        (Missing::Check(Check::Revocation), true) => "do not check revocation",
        (Missing::Check(Check::Revocation), false) => "does not check revocation",
        (Missing::Exchange, true) => "perform no exchange",
        (Missing::Exchange, false) => "performs no exchange",
        (Missing::Minting, true) => "mint it anew",
        (Missing::Minting, false) => "mints it anew",
    }
}

/// Of one action, what is missing and where, the places of one kind together.
#[must_use]
pub fn ineffective(graph: &TrustGraph, x: &Ineffective, most: usize) -> Vec<String> {
    let mut kinds: Vec<(Missing, Vec<&str>)> = Vec::new();
    for (at, what) in &x.at {
        match kinds.iter_mut().find(|(kind, _)| kind == what) {
            Some((_, places)) => places.push(name(graph, at)),
            None => kinds.push((*what, vec![name(graph, at)])),
        }
    }
    kinds
        .into_iter()
        .map(|(kind, places)| format!("{} {}", list(&places, most), missing(kind, places.len() > 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_a_person_would_say_them() {
        for (items, said) in [
            (&[][..], "nothing"),
            (&["a"], "a"),
            (&["a", "b"], "a and b"),
            (&["a", "b", "c"], "a, b and c"),
            (&["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
        ] {
            assert_eq!(list(items, 3), said);
        }
    }

    #[test]
    fn dates_and_hidden_characters() {
        let time: Time = "2026-05-01T07:08:09Z".parse().expect("a time");
        assert_eq!(date(time), "1 May 2026 07:08 UTC");
        assert_eq!(visible("a\u{202e}b\nc é"), "a\\u{202e}b\\u{a}c é");
    }

    #[test]
    fn nothing_broken_is_said_with_care() {
        assert_eq!(breaks(&[]), "Breaks nothing known");
    }
}
