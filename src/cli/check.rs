//! `trustmap check`: what was read, what was understood, what was left out and why.

use super::{Common, DONE, Io, Opened, count, fail, open, plain};
use crate::export::json::{self, Head};
use crate::import::InputFile;
use crate::model::{Diagnostic, FileId, Level};
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    common: Common,

    /// Evaluate assertions (not offered yet)
    #[arg(long, value_name = "FILE")]
    assert: Option<PathBuf>,
}

/// The document `trustmap-check`: only the common part.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    head: Head,
}

pub(super) fn run(args: &CheckArgs, io: &mut Io) -> io::Result<u8> {
    if args.assert.is_some() {
        return fail(io, "--assert is not offered yet; run check without it");
    }
    let opened = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    if args.common.json {
        let head = Head::new(
            "trustmap-check",
            &opened.loaded,
            &opened.settings,
            opened.as_of_from,
            &[],
        );
        io.out.write_all(json::to_text(&Document { head }).as_bytes())?;
    } else {
        text(&opened, io)?;
    }
    Ok(DONE)
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
        if let Some(line) = place.line() {
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
