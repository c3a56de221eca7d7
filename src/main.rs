//! The program: a window, or a command.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use trustmap::cli::{self, Io, TerminalProgress, Then};
use trustmap::import::{Progress, Unheard};
use trustmap::model::Time;

fn main() -> ExitCode {
    let terminal = TerminalProgress::default();
    let progress: &dyn Progress = if std::io::stderr().is_terminal() {
        &terminal
    } else {
        &Unheard
    };
    let then = {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut err = std::io::stderr();
        let then = cli::run(
            std::env::args_os(),
            &mut Io {
                out: &mut out,
                err: &mut err,
                progress,
                now: Time::now(),
            },
        );
        match out.flush() {
            // A reader that closed the pipe has what it wanted.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let _ = writeln!(err, "error: the output could not be written: {error}");
                Then::Exit(cli::UNUSABLE)
            }
            _ => then,
        }
    };
    drop(terminal);
    match then {
        Then::Exit(status) => ExitCode::from(status),
        Then::Window(files) => window(files),
    }
}

#[cfg(feature = "window")]
fn window(files: Vec<PathBuf>) -> ExitCode {
    match trustmap::app::run(files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => complain(&why),
    }
}

#[cfg(not(feature = "window"))]
fn window(_files: Vec<PathBuf>) -> ExitCode {
    complain("this trustmap was built without its window; trustmap --help lists the commands there are")
}

fn complain(why: &str) -> ExitCode {
    // Where standard error is gone nobody can be told.
    let _ = writeln!(std::io::stderr(), "error: {why}");
    ExitCode::from(cli::UNUSABLE)
}
