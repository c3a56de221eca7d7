//! `trustmap report`: the answer as pages, pictures and JSON, in one folder.

use super::plan::until;
use super::question::{Question, answer};
use super::{DONE, Io, fail, plain};
use crate::analysis::Never;
use crate::export::file;
use crate::export::report::{Advice, PROOF, Subject, Wanted, document, files};
use crate::scene::style::Theme;
use clap::{Args, ValueEnum};
use std::io;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    question: Question,

    /// The folder to write: report.json, map.png, map.svg, report.html, report.md; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Colours of the picture
    #[arg(long, value_enum, default_value = "light")]
    theme: Colours,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Colours {
    /// Dark on light, for paper
    Light,
    /// Light on dark
    Dark,
    /// The strongest contrast
    HighContrast,
}

pub(super) fn run(args: &ReportArgs, io: &mut Io) -> io::Result<u8> {
    let answer = match answer(&args.question, io)? {
        Ok(answer) => answer,
        Err(status) => return Ok(status),
    };
    let common = &args.question.common;
    let theme = match args.theme {
        Colours::Light => Theme::Light,
        Colours::Dark => Theme::Dark,
        Colours::HighContrast => Theme::HighContrast,
    };
    let after = answer.after.as_ref().map(|(_, c)| &*c.after);
    let wanted = Wanted::of(&answer.graph);
    let Ok(advice) = Advice::of(&answer.graph, &answer.before, after, &wanted, &Never, || until(PROOF)) else {
        return fail(io, "The computation was cancelled");
    };
    let subject = Subject {
        advice: Some(&advice),
        ..answer.subject(theme)
    };
    let files = match files(&subject) {
        Ok(files) => files,
        Err(why) => return fail(io, &format!("Could not make the report: {why}")),
    };
    if let Err(why) = file::write_together(&args.out, &files) {
        return fail(io, &format!("Could not write {}: {why}", args.out.display()));
    }
    if common.json {
        io.out.write_all(document(&subject).as_bytes())?;
    } else if !common.quiet {
        writeln!(io.out, "{}", plain(&subject.title()))?;
        if let Some(subtitle) = subject.subtitle() {
            writeln!(io.out, "{}", plain(&subtitle))?;
        }
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let folder = args.out.display().to_string();
        writeln!(io.out, "Wrote {} to {}", names.join(", "), plain(&folder))?;
    }
    answer.opened.note_problems(common, io)?;
    Ok(DONE)
}
