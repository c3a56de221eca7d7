//! `trustmap radius`: what follows from a compromise, and what a scenario leaves of it.

use super::question::{Answer, Question, answer};
use super::{DONE, Io, plain};
use crate::analysis::Radius;
use crate::export::report::radius_json;
use crate::export::words;
use crate::graph::{Thing, TrustGraph};
use crate::scenario::{Comparison, Flow, Scenario};
use crate::scene::style::Theme;
use clap::Args;
use std::io;

#[derive(Args, Debug)]
pub(super) struct RadiusArgs {
    #[command(flatten)]
    question: Question,
}

pub(super) fn run(args: &RadiusArgs, io: &mut Io) -> io::Result<u8> {
    let answer = match answer(&args.question, io)? {
        Ok(answer) => answer,
        Err(status) => return Ok(status),
    };
    let common = &args.question.common;
    if common.json {
        io.out
            .write_all(radius_json(&answer.subject(Theme::Light)).as_bytes())?;
    } else {
        text(&answer, io)?;
    }
    answer.opened.note_problems(common, io)?;
    Ok(DONE)
}

fn text(answer: &Answer, io: &mut Io) -> io::Result<()> {
    let (graph, before) = (&answer.graph, &*answer.before);
    let settings = answer.opened.settings;
    let finding = words::finding(graph, &answer.compromise, &before.summary);
    writeln!(io.out, "{}", plain(&finding))?;
    writeln!(io.out, "As of {}, {}", settings.as_of, words::regime(settings.regime))?;
    let (s, i) = (&before.summary, &before.interval);
    writeln!(
        io.out,
        "Weight {}; {} by inheritance, {} by assumption; {} in the best case, {} intended",
        words::number(s.weight),
        words::number(s.inherited),
        words::number(s.assumed),
        words::number(i.best_case),
        words::number(i.intended)
    )?;
    writeln!(
        io.out,
        "Held on the way: {}, {}, {}",
        words::counted(s.credentials, "credential", "credentials"),
        words::counted(s.identities, "identity", "identities"),
        words::counted(s.contexts, "context", "contexts")
    )?;
    for diagnostic in &answer.diagnostics {
        writeln!(io.out, "Warning: {}", plain(&diagnostic.message))?;
    }
    if !before.systems.is_empty() {
        writeln!(io.out, "\nSystems, by hops:")?;
        systems(graph, before, answer.after.as_ref().map(|(_, c)| c), io)?;
    }
    match &answer.after {
        Some((scenario, comparison)) => after(graph, scenario, comparison, io),
        None => Ok(()),
    }
}

fn systems(graph: &TrustGraph, before: &Radius, comparison: Option<&Comparison>, io: &mut Io) -> io::Result<()> {
    let parents = before.parents(graph);
    let mut rows: Vec<_> = before.systems.iter().collect();
    rows.sort_by_key(|s| (s.reach.hops, &s.reach.id));
    for s in rows {
        let mark = match (s.reach.assumed, s.reach.inherited) {
            (true, _) => "by assumption",
            (false, true) => "by inheritance",
            (false, false) => "as intended",
        };
        let from = parents
            .get(&s.reach.thing)
            .and_then(|p| p.from)
            .map_or(String::new(), |thing| format!(", from {}", plain(&graph.id(thing))));
        let crown = if is_crown_jewel(graph, s.reach.thing) {
            ", crown jewel"
        } else {
            ""
        };
        let cut = match comparison {
            Some(c) if c.removed.systems.binary_search(&s.reach.id).is_ok() => "; cut off by the scenario",
            _ => "",
        };
        let id = plain(&s.reach.id);
        writeln!(io.out, "  {:>2}  {id}  {mark}{from}{crown}{cut}", s.reach.hops)?;
    }
    Ok(())
}

fn is_crown_jewel(graph: &TrustGraph, thing: Thing) -> bool {
    let Thing::System(s) = thing else { return false };
    graph
        .inventory()
        .records
        .systems
        .get(s as usize)
        .is_some_and(|s| s.criticality == Some(crate::model::Criticality::CrownJewel))
}

fn after(graph: &TrustGraph, scenario: &Scenario, c: &Comparison, io: &mut Io) -> io::Result<()> {
    let name = scenario.name.as_deref().unwrap_or("the scenario");
    let (b, a) = (&c.before.summary, &c.after.summary);
    writeln!(
        io.out,
        "\nAfter {}: systems {} → {}, crown jewels {} → {}, weight {} → {}",
        plain(name),
        words::number(b.systems),
        words::number(a.systems),
        words::number(b.crown_jewels),
        words::number(a.crown_jewels),
        words::number(b.weight),
        words::number(a.weight)
    )?;
    for (n, action) in scenario.actions.iter().enumerate() {
        writeln!(io.out, "  {}. {}", n + 1, plain(&words::action(graph, action)))?;
        if let Some(x) = c.ineffective.iter().find(|x| x.action == n) {
            for line in words::ineffective(graph, x, usize::MAX) {
                writeln!(io.out, "     No effect: {}", plain(&line))?;
            }
        }
    }
    for id in &c.regained {
        writeln!(io.out, "Got again after it was rotated: {}", plain(id))?;
    }
    writeln!(io.out, "{}", words::breaks(&c.broken_flows))?;
    flows(&c.broken_flows, io)?;
    if !c.at_risk.is_empty() {
        writeln!(io.out, "At risk, because the context is checked there:")?;
        flows(&c.at_risk, io)?;
    }
    Ok(())
}

pub(super) fn flows(flows: &[Flow], io: &mut Io) -> io::Result<()> {
    for flow in flows {
        let scope = flow.scope.as_deref().map_or(String::new(), |s| format!(" ({s})"));
        let line = format!(
            "  {} {} → {}{scope}: {}",
            flow.kind.as_str(),
            flow.from,
            flow.to,
            words::used(flow)
        );
        writeln!(io.out, "{}", plain(&line))?;
    }
    Ok(())
}
