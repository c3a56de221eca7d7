//! `trustmap check`: what was read, what was understood, what was left out and why.

use super::{Common, DONE, FAILED, Io, Opened, UNUSABLE, count, fail, open, plain};
use crate::analysis::Never;
use crate::export::assertions::{self as export, VerdictJson};
use crate::export::json::{self, Head};
use crate::findings::assertions::{Asserted, AssertionError, Assertions, Verdict, evaluate};
use crate::graph::{Overlay, TrustGraph, World};
use crate::import::{InputFile, read_text_file};
use crate::model::{Diagnostic, FileId, Level};
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    common: Common,

    /// Evaluate the assertions of this file; the exit status is 1 where one fails
    #[arg(long, value_name = "FILE")]
    assert: Option<PathBuf>,
}

/// The document `trustmap-check`: only the common part without assertions.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    assertions: Option<Vec<VerdictJson<'a>>>,
}

pub(super) fn run(args: &CheckArgs, io: &mut Io) -> io::Result<u8> {
    // What is wrong with the arguments is said before inventories are read.
    let asserted = match &args.assert {
        None => None,
        Some(path) => {
            let text = match read_text_file(path) {
                Ok(text) => text,
                Err(why) => return fail(io, &format!("Could not read {}: {why}", path.display())),
            };
            match Assertions::parse(&text) {
                Ok(assertions) => Some((path.display().to_string(), assertions)),
                Err(errors) => return unusable(&path.display().to_string(), &errors, io),
            }
        }
    };
    let opened = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    let verdicts = match &asserted {
        None => None,
        Some((name, assertions)) => {
            let graph = TrustGraph::build(opened.loaded.inventory.clone());
            let overlay = Overlay::default();
            let world = World::new(&graph, &overlay, opened.settings);
            match evaluate(world, assertions, &Never) {
                Ok(Ok(verdicts)) => Some(verdicts),
                Ok(Err(errors)) => return unusable(name, &errors, io),
                Err(_) => return fail(io, "The computation was cancelled"),
            }
        }
    };
    let empty: Vec<Diagnostic> = verdicts
        .iter()
        .flat_map(|v| &v.empty)
        .map(|e| Diagnostic {
            level: Level::Warning,
            code: "empty-pattern",
            place: None,
            also: Vec::new(),
            message: format!("Assertion {}: {}; check how it is written", e.place, e.message),
        })
        .collect();
    if args.common.json {
        let head = Head::new(
            "trustmap-check",
            &opened.loaded,
            &opened.settings,
            opened.as_of_from,
            &empty,
        );
        let assertions = verdicts.as_ref().map(|v| export::verdicts(&v.verdicts));
        io.out
            .write_all(json::to_text(&Document { head, assertions }).as_bytes())?;
    } else {
        text(&opened, io)?;
        for diagnostic in &empty {
            problem(diagnostic, io)?;
        }
        for verdict in verdicts.iter().flat_map(|v| &v.verdicts) {
            said(verdict, io)?;
        }
    }
    let failed = verdicts.iter().flat_map(|v| &v.verdicts).any(|v| !v.holds);
    Ok(if failed { FAILED } else { DONE })
}

/// Says all that is wrong with a file of assertions.
fn unusable(name: &str, errors: &[AssertionError], io: &mut Io) -> io::Result<u8> {
    for error in errors {
        let gap = if error.place.is_empty() { ": " } else { "" };
        fail(io, &format!("{name}{gap}{error}"))?;
    }
    Ok(UNUSABLE)
}

/// One assertion for people: whether it holds, and where it does not, the way there step by step.
fn said(verdict: &Verdict, io: &mut Io) -> io::Result<()> {
    let word = if verdict.holds { "holds" } else { "FAILS" };
    match &verdict.asserted {
        Asserted::Never(never) => {
            let via = if never.unless_via.is_empty() {
                String::new()
            } else {
                format!(" unless via {}", never.unless_via.join(", "))
            };
            writeln!(
                io.out,
                "{word}: never from {} to {}{}",
                plain(&never.from),
                plain(&never.to),
                plain(&via)
            )?;
        }
        Asserted::MaxRadius(max) => writeln!(
            io.out,
            "{word}: {} opens at most {}",
            plain(&max.credential),
            count(max.systems, "system", "systems")
        )?,
    }
    if let Some((from, to)) = &verdict.ends {
        writeln!(io.out, "  {} reaches {}:", plain(from), plain(to))?;
    }
    for step in &verdict.path {
        let records = match step.records.as_slice() {
            [] => String::new(),
            names => format!("  by {}", names.join(", ")),
        };
        writeln!(io.out, "    {}{}", plain(&step.fact), plain(&records))?;
    }
    for (credential, systems) in &verdict.exceeded {
        let n = count(*systems, "system", "systems");
        writeln!(io.out, "  {} opens {n}", plain(credential))?;
    }
    Ok(())
}

fn text(opened: &Opened, io: &mut Io) -> io::Result<()> {
    let loaded = &opened.loaded;
    let of = |file: usize| {
        let here = FileId(file as u32);
        loaded
            .diagnostics
            .iter()
            .filter(move |d| d.place.as_ref().is_some_and(|p| p.file == here))
    };
    for (i, input) in loaded.inputs.iter().enumerate() {
        writeln!(
            io.out,
            "{} ({})",
            plain(&input.name),
            input.importer.unwrap_or("unknown")
        )?;
        writeln!(io.out, "  understood: {}", understood(input))?;
        if !input.complete {
            writeln!(io.out, "  not complete: parts of the export are missing")?;
        }
        for diagnostic in of(i) {
            problem(diagnostic, io)?;
        }
    }
    let after = loaded.inputs.len();
    for i in 0..loaded.skipped.len() {
        for diagnostic in of(after + i) {
            writeln!(io.out, "{}", plain(&diagnostic.message))?;
        }
    }
    for diagnostic in loaded.diagnostics.iter().filter(|d| d.place.is_none()) {
        problem(diagnostic, io)?;
    }
    for join in &opened.joins {
        writeln!(
            io.out,
            "Joined [{}, {}] {} with {}: {}",
            join.rule,
            join.confidence.word(),
            plain(&join.from),
            plain(&join.to),
            plain(&join.evidence)
        )?;
    }
    let records = crate::import::Counts::of(&loaded.inventory.records);
    writeln!(io.out, "Together: {}", numbers(&records.named()))?;
    let level = |level: Level| loaded.diagnostics.iter().filter(|d| d.level == level).count() as u64;
    writeln!(
        io.out,
        "{}, {}, {}",
        count(level(Level::Error), "error", "errors"),
        count(level(Level::Warning), "warning", "warnings"),
        count(level(Level::Conflict), "conflict", "conflicts")
    )
}

fn understood(input: &InputFile) -> String {
    numbers(&input.counts.named())
}

fn numbers(named: &[(&'static str, u64)]) -> String {
    let some: Vec<String> = named
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(many, n)| {
            let one = match *many {
                "identities" => "identity",
                many => many.strip_suffix('s').unwrap_or(many),
            };
            count(*n, one, many)
        })
        .collect();
    if some.is_empty() {
        "no records".to_owned()
    } else {
        some.join(", ")
    }
}

fn problem(diagnostic: &Diagnostic, io: &mut Io) -> io::Result<()> {
    let mut at = String::new();
    if let Some(place) = &diagnostic.place {
        if let Some(line) = place.line {
            at.push_str(&format!("line {line}"));
        }
        if !place.pointer.is_empty() {
            at.push_str(if at.is_empty() { "" } else { ", " });
            at.push_str(&place.pointer);
        }
    }
    let gap = if at.is_empty() { "" } else { ": " };
    writeln!(
        io.out,
        "  {} [{}] {}{gap}{}",
        diagnostic.level.as_str(),
        diagnostic.code,
        plain(&at),
        plain(&diagnostic.message)
    )
}
