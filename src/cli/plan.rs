//! `trustmap plan`: what to do, what it costs, and whether anything better was overlooked.

use super::{Common, DONE, Io, UNUSABLE, fail, open, plain};
use crate::analysis::resolve_seeds;
use crate::export::json::{self, Head};
use crate::export::plan::{PlanMembers, budget_members, plan_members};
use crate::export::words;
use crate::graph::{Overlay, Thing, TrustGraph};
use crate::import::secrets;
use crate::plan::{BudgetPlan, Cut, Impossible, Left, Plan, Progress, Question, Verb, budget, crown_jewels, cut};
use crate::scenario::unreachable_contexts;
use clap::Args;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

/// How long a proof is tried before the bound reached so far is stated instead.
const PROOF_SECS: u64 = 50;

#[derive(Args, Debug)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    common: Common,

    /// What is compromised: ids of systems, identities and credentials, or context:NAME; may be given more than once
    #[arg(long, value_name = "ID", num_args = 1.., required_unless_present = "budget")]
    compromise: Vec<String>,

    /// What must not be reached; else the crown jewels
    #[arg(long, value_name = "ID", num_args = 1..)]
    protect: Vec<String>,

    /// Kinds of action that may be taken, for instance revoke enforce; else all
    #[arg(long, value_name = "ACTION", num_args = 1..)]
    permit: Vec<String>,

    /// Against this theft alone, so that rotating counts; else the plan must hold against the next one too
    #[arg(long)]
    containment: bool,

    /// Not a cut but the so many actions that take most off the exposure of the whole estate
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(1..))]
    budget: Option<u8>,
}

/// The document `trustmap-plan`.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    members: PlanMembers<'a>,
}

/// Waits for a proof so long from now on.
pub(super) fn until(time: Duration) -> impl Progress {
    let end = Instant::now() + time;
    Left(move || end.saturating_duration_since(Instant::now()))
}

pub(super) fn run(args: &PlanArgs, io: &mut Io) -> io::Result<u8> {
    if args
        .compromise
        .iter()
        .chain(&args.protect)
        .any(|id| secrets::is_secret(id))
    {
        let why = "--compromise or --protect: one looks like a secret's value; name the credential by its id instead";
        return fail(io, why);
    }
    let mut wrong = Vec::new();
    let permits = permits(args, &mut wrong);
    if args.budget.is_some() && !args.protect.is_empty() {
        wrong.push(
            "--protect: a budget plan takes most off the exposure of the whole estate; leave --protect or --budget out"
                .to_owned(),
        );
    }
    if !wrong.is_empty() {
        return refuse(&wrong, io);
    }
    let opened = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    let graph = TrustGraph::build(opened.loaded.inventory.clone());
    let mut base = Overlay::default();
    let seeds = resolve_seeds(&graph, &mut base, &args.compromise).unwrap_or_else(|unknown| {
        wrong.extend(unknown.iter().map(|u| format!("--compromise: {u}")));
        Vec::new()
    });
    let protect = protected(args, &graph, &seeds, &mut wrong);
    if !wrong.is_empty() {
        return refuse(&wrong, io);
    }
    let warnings = super::question::unreachable(unreachable_contexts(&graph, &[], &args.compromise));
    let progress = until(Duration::from_secs(PROOF_SECS));
    let head = || {
        let format = "trustmap-plan";
        Head::new(format, &opened.loaded, &opened.settings, opened.as_of_from, &warnings)
    };
    if let Some(k) = args.budget {
        let Ok(plan) = budget(&graph, &base, opened.settings, &permits, usize::from(k), &progress) else {
            return fail(io, "The computation was cancelled");
        };
        if args.common.json {
            write(head(), budget_members(&plan), io)?;
        } else {
            budget_text(&graph, &plan, io)?;
        }
    } else {
        let question = Question {
            graph: &graph,
            base: &base,
            settings: opened.settings,
            seeds,
            protect,
            permits,
        };
        let Ok(plan) = cut(&question, &progress) else {
            return fail(
                io,
                "No plan was found in time; protect less, or permit more kinds of action",
            );
        };
        if args.common.json {
            write(head(), plan_members(&graph, &plan), io)?;
        } else {
            match &plan {
                Plan::Cut(cut) => cut_text(&question, cut, io)?,
                Plan::Impossible(why) => impossible_text(why, io)?,
            }
        }
    }
    for diagnostic in warnings.iter().filter(|_| !args.common.json) {
        writeln!(io.out, "Warning: {}", plain(&diagnostic.message))?;
    }
    opened.note_problems(&args.common, io)?;
    Ok(DONE)
}

fn refuse(wrong: &[String], io: &mut Io) -> io::Result<u8> {
    for line in wrong {
        fail(io, line)?;
    }
    Ok(UNUSABLE)
}

fn write(head: Head, members: PlanMembers<'_>, io: &mut Io) -> io::Result<()> {
    io.out.write_all(json::to_text(&Document { head, members }).as_bytes())
}

fn permits(args: &PlanArgs, wrong: &mut Vec<String>) -> BTreeSet<Verb> {
    if args.permit.is_empty() {
        return Verb::all_for(args.containment);
    }
    let mut out = BTreeSet::new();
    for text in args.permit.iter().flat_map(|list| list.split(',')) {
        match Verb::parse(text) {
            Some(Verb::Rotate) if !args.containment => wrong.push(
                "--permit rotate: a rotation holds against this theft alone, so it counts only with --containment; \
                 give --containment, or leave rotate out"
                    .to_owned(),
            ),
            Some(verb) => {
                out.insert(verb);
            }
            None => {
                let all: Vec<&str> = Verb::ALL.iter().map(|v| v.as_str()).collect();
                wrong.push(format!(
                    "--permit: there is no action \"{}\"; there are {}",
                    text.escape_debug(),
                    all.join(", ")
                ));
            }
        }
    }
    out
}

fn protected(args: &PlanArgs, graph: &TrustGraph, seeds: &[Thing], wrong: &mut Vec<String>) -> Vec<Thing> {
    if args.budget.is_some() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for id in &args.protect {
        match graph.find(id) {
            Some(thing) if seeds.contains(&thing) => wrong.push(format!(
                "--protect: \"{}\" is compromised, so nothing can keep it from being reached; leave it out of one of the two",
                id.escape_debug()
            )),
            Some(thing) => out.push(thing),
            None => wrong.push(format!("--protect: {}", crate::analysis::UnknownId(id.clone()))),
        }
    }
    if args.protect.is_empty() {
        out = crown_jewels(graph);
        out.retain(|thing| !seeds.contains(thing));
        if out.is_empty() {
            wrong.push(
                "There is nothing to protect: no system that is not compromised has the criticality crown-jewel; name \
                 what to protect with --protect"
                    .to_owned(),
            );
        }
    }
    out
}

fn cut_text(question: &Question<'_>, cut: &Cut, io: &mut Io) -> io::Result<()> {
    let graph = question.graph;
    writeln!(io.out, "{}", words::cut(cut, question.protect.len() as u64))?;
    if cut.actions.is_empty() {
        return Ok(());
    }
    writeln!(
        io.out,
        "As of {}, {}",
        question.settings.as_of,
        words::regime(question.settings.regime)
    )?;
    for (n, action) in cut.actions.iter().enumerate() {
        writeln!(io.out, "  {}. {}", n + 1, plain(&words::action(graph, action)))?;
    }
    let after = &cut.after.summary;
    writeln!(
        io.out,
        "After them: {}, weight {}",
        words::counted(after.systems, "system reached", "systems reached"),
        words::number(after.weight)
    )?;
    writeln!(io.out, "{}", words::breaks(&cut.broken_flows))?;
    super::radius::flows(&cut.broken_flows, io)?;
    if !cut.at_risk.is_empty() {
        writeln!(io.out, "At risk, because the context is checked there:")?;
        super::radius::flows(&cut.at_risk, io)?;
    }
    Ok(())
}

fn impossible_text(why: &Impossible, io: &mut Io) -> io::Result<()> {
    writeln!(io.out, "There is no cut. {}", plain(&why.why))?;
    writeln!(io.out, "The way there:")?;
    for step in &why.path {
        writeln!(io.out, "  {}", plain(&step.fact))?;
    }
    Ok(())
}

fn budget_text(graph: &TrustGraph, plan: &BudgetPlan, io: &mut Io) -> io::Result<()> {
    let proof = if plan.optimal {
        "no choice of as many actions takes more off".to_owned()
    } else {
        format!(
            "each the best next one; however many are taken, {} is left at least",
            words::number(plan.least_exposure)
        )
    };
    writeln!(io.out, "Exposure {}; {proof}", words::number(plan.exposure))?;
    for (n, step) in plan.steps.iter().enumerate() {
        writeln!(
            io.out,
            "  {}. {}: exposure {} → {}; {}",
            n + 1,
            plain(&words::action(graph, &step.action)),
            words::number(step.exposure_before),
            words::number(step.exposure_after),
            words::breaks(&step.broken_flows)
        )?;
    }
    if plan.steps.is_empty() {
        writeln!(io.out, "No permitted action takes anything off")?;
    }
    Ok(())
}
