//! The command line: arguments in, text or JSON out, through writers that are handed in, so that tests need no process.
//! It is the window's core without a painter.

mod check;
mod convert;
mod diff;
mod findings;
mod formats;
mod open;
mod plan;
mod question;
mod radius;
mod rank;
mod report;
mod text;

pub use open::{Opened, TerminalProgress, open};
pub use question::{Answer, Question, answer};
pub use text::{count, plain};

use crate::graph::Regime;
use crate::import::{Progress, secrets};
use crate::model::Time;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// What the command line may use of the world.
pub struct Io<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Errors and notes.
    pub err: &'a mut dyn Write,
    /// Hears how far reading is.
    pub progress: &'a dyn Progress,
    /// The present, for where neither arguments nor inventories state a time.
    pub now: Time,
}

/// What the program is to do after [`run`].
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    /// End with this status: 0 done, 1 an assertion failed, 2 unusable arguments or input.
    Exit(u8),
    /// Open the window with these files.
    Window(Vec<PathBuf>),
}

/// Everything was done.
pub const DONE: u8 = 0;
/// An assertion failed.
pub const FAILED: u8 = 1;
/// Arguments or input cannot be used; there is no partial result.
pub const UNUSABLE: u8 = 2;

#[derive(Debug, Parser)]
#[command(
    name = "trustmap",
    version,
    about = "Shows how trust is inherited: what a stolen credential opens, and what is left after it is revoked or scoped",
    long_about = None,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, the window opens with the files. Nothing is sent anywhere."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Inventories: files, folders, .zip, .gz, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read inventories; say what was understood, what was left out and why
    Check(check::CheckArgs),
    /// The blast radius of a compromise; with a scenario before, after and what breaks
    Radius(radius::RadiusArgs),
    /// Every live credential by its blast radius
    Rank(rank::RankArgs),
    /// The blast radius as a report: JSON, pictures, HTML and Markdown in a folder
    Report(report::ReportArgs),
    /// Write one merged inventory: native, GraphML or CSV
    Convert(convert::ConvertArgs),
    /// List the formats that are read, one line each
    Formats(formats::FormatsArgs),
    /// What is wrong with an estate: findings with evidence, framework ids and the actions that mend them
    Findings(findings::FindingsArgs),
    /// A cut of least cost that keeps a compromise from what is to be protected, or a budget plan
    Plan(plan::PlanArgs),
    /// What changed between two inventories, and what it did to the radii
    Diff(diff::DiffArgs),
}

/// What every command that reads inventories takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Common {
    /// Inventories: files, folders (every recognised file below), .zip, .gz, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Read every file as this format (see trustmap formats), instead of by its content
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,

    /// The time in force, for instance 2026-05-01T00:00:00Z; else the latest of the inventories, else now
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub as_of: Option<Time>,

    /// What is believed where the inventory does not say: worst-case, best-case or intended
    #[arg(long, value_name = "REGIME", value_parser = regime, default_value = "worst-case")]
    pub regime: Regime,

    /// Write JSON instead of text
    #[arg(long)]
    pub json: bool,

    /// Write no progress and no notes
    #[arg(long)]
    pub quiet: bool,
}

fn time(text: &str) -> Result<Time, String> {
    text.parse()
}

fn regime(text: &str) -> Result<Regime, String> {
    Regime::parse(text).ok_or_else(|| "expected worst-case, best-case or intended".to_owned())
}

/// Runs the command line on arguments (the first is the program's name).
pub fn run(args: impl IntoIterator<Item = OsString>, io: &mut Io) -> Then {
    let cli = Cli::command()
        .try_get_matches_from(args)
        .and_then(|m| Cli::from_arg_matches(&m));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for and go to the output; the rest are errors.
            let text = error.render().to_string();
            if secrets::is_secret(&text) {
                return Then::Exit(ended(fail(io, text.trim_start_matches("error: "))));
            }
            let (to, status): (&mut dyn Write, u8) = if error.use_stderr() {
                (&mut *io.err, UNUSABLE)
            } else {
                (&mut *io.out, DONE)
            };
            return Then::Exit(ended(to.write_all(text.as_bytes()).map(|()| status)));
        }
    };
    let result = match cli.command {
        None => return Then::Window(cli.files),
        Some(Command::Check(args)) => check::run(&args, io),
        Some(Command::Radius(args)) => radius::run(&args, io),
        Some(Command::Rank(args)) => rank::run(&args, io),
        Some(Command::Report(args)) => report::run(&args, io),
        Some(Command::Convert(args)) => convert::run(&args, io),
        Some(Command::Formats(args)) => formats::run(&args, io),
        Some(Command::Findings(args)) => findings::run(&args, io),
        Some(Command::Plan(args)) => plan::run(&args, io),
        Some(Command::Diff(args)) => diff::run(&args, io),
    };
    Then::Exit(ended(result))
}

/// Says why nothing was done.
///
/// # Errors
/// Where standard error cannot be written.
pub fn fail(io: &mut Io, message: &str) -> io::Result<u8> {
    // What was asked for may be a secret pasted in the wrong place.
    for line in secrets::masked(message).lines() {
        writeln!(io.err, "error: {}", plain(line))?;
    }
    Ok(UNUSABLE)
}

/// The status of a run whose output may have been cut off: a reader that closed the pipe has what it wanted.
fn ended(result: io::Result<u8>) -> u8 {
    match result {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(_) => UNUSABLE,
    }
}
