//! `trustmap findings`: what is wrong with an estate, and what mends it.

use super::{Common, DONE, Io, Opened, fail, open, plain};
use crate::analysis::Never;
use crate::export::findings::{FindingsMembers, findings_members};
use crate::export::json::{self, Head};
use crate::export::words;
use crate::findings::{Finding, Severity, findings};
use crate::graph::{Overlay, TrustGraph, World};
use clap::Args;
use serde::Serialize;
use std::io;

/// How much of one finding the text shows; the JSON has all of it.
const MOST_LINES: usize = 6;

#[derive(Args, Debug)]
pub(super) struct FindingsArgs {
    #[command(flatten)]
    common: Common,
}

/// The document `trustmap-findings`.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    members: FindingsMembers<'a>,
}

pub(super) fn run(args: &FindingsArgs, io: &mut Io) -> io::Result<u8> {
    let opened = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    let graph = TrustGraph::build(opened.loaded.inventory.clone());
    let overlay = Overlay::default();
    let world = World::new(&graph, &overlay, opened.settings);
    let Ok(found) = findings(world, &Never) else {
        return fail(io, "The computation was cancelled");
    };
    if args.common.json {
        let document = Document {
            head: Head::new(
                "trustmap-findings",
                &opened.loaded,
                &opened.settings,
                opened.as_of_from,
                &[],
            ),
            members: findings_members(&opened.loaded, &found),
        };
        io.out.write_all(json::to_text(&document).as_bytes())?;
    } else {
        text(&opened, &graph, &found, io)?;
    }
    opened.note_problems(&args.common, io)?;
    Ok(DONE)
}

fn text(opened: &Opened, graph: &TrustGraph, found: &[Finding], io: &mut Io) -> io::Result<()> {
    let of = |severity| found.iter().filter(|f| f.severity == severity).count() as u64;
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .filter(|&s| of(s) > 0)
        .map(|s| format!("{} {}", words::number(of(s)), s.as_str()))
        .collect();
    let how_many = if found.is_empty() {
        "No findings".to_owned()
    } else {
        let n = words::counted(found.len() as u64, "finding", "findings");
        format!("{n}: {}", counts.join(", "))
    };
    writeln!(io.out, "{how_many}")?;
    let settings = opened.settings;
    writeln!(io.out, "As of {}, {}", settings.as_of, words::regime(settings.regime))?;
    for finding in found {
        let ids: Vec<&str> = finding
            .rule
            .frameworks
            .named()
            .into_iter()
            .flat_map(|(_, _, ids)| ids.iter().copied())
            .collect();
        writeln!(
            io.out,
            "\n{}  {}  [{}]",
            finding.severity.as_str(),
            plain(&finding.title),
            finding.rule.id
        )?;
        writeln!(io.out, "  {}", plain(&finding.why))?;
        writeln!(io.out, "  {}", ids.join(", "))?;
        for evidence in finding.evidence.iter().take(MOST_LINES) {
            let what = evidence.record.as_deref().or(evidence.fact.as_deref()).unwrap_or("");
            let at = evidence
                .place
                .as_ref()
                .map_or(String::new(), |p| format!(", {}", opened.loaded.say(p)));
            writeln!(io.out, "  - {}: {}{}", plain(what), plain(&evidence.says), plain(&at))?;
        }
        rest(finding.evidence.len(), "more pieces of evidence", io)?;
        for action in finding.fix.iter().take(MOST_LINES) {
            writeln!(io.out, "  Mend: {}", plain(&words::action(graph, action)))?;
        }
        rest(finding.fix.len(), "more ways to mend", io)?;
    }
    Ok(())
}

fn rest(all: usize, what: &str, io: &mut Io) -> io::Result<()> {
    match all.saturating_sub(MOST_LINES) {
        0 => Ok(()),
        n => writeln!(io.out, "  {n} {what}; --json has them all"),
    }
}
