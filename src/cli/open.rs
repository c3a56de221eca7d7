//! What every command that reads inventories does first.

use super::{Common, Io, fail};
use crate::graph::{AsOfFrom, Settings};
use crate::import::{Doing, LoadOptions, Loaded, Progress, Unheard, load};
use crate::stitch::{Decisions, Join, Stitched, stitch};
use std::io::{self, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Inventories read, and the settings in force.
pub struct Opened {
    /// What was read; its inventory holds the joins.
    pub loaded: Loaded,
    /// What two files say of one thing.
    pub joins: Vec<Join>,
    /// As-of time and regime.
    pub settings: Settings,
    /// Where the as-of time comes from.
    pub as_of_from: AsOfFrom,
}

/// Reads the files of a command. `Err` is the exit status, after the reason was written.
///
/// # Errors
/// The outer one where standard error cannot be written.
pub fn open(common: &Common, io: &mut Io) -> io::Result<Result<Opened, u8>> {
    let options = LoadOptions {
        format: common.format.clone(),
        keep_going: false,
    };
    let progress: &dyn Progress = if common.quiet { &Unheard } else { io.progress };
    let mut loaded = match load(&common.files, &options, progress) {
        Ok(loaded) => loaded,
        Err(error) => return fail(io, &error.to_string()).map(Err),
    };
    let Stitched { inventory, joins } = stitch(loaded.inventory, &Decisions::default());
    loaded.inventory = inventory;
    let (as_of, as_of_from) = match (common.as_of, loaded.inventory.as_of) {
        (Some(time), _) => (time, AsOfFrom::Argument),
        (None, Some(time)) => (time, AsOfFrom::Inventory),
        (None, None) => (io.now, AsOfFrom::Clock),
    };
    Ok(Ok(Opened {
        loaded,
        joins,
        settings: Settings {
            as_of,
            regime: common.regime,
        },
        as_of_from,
    }))
}

impl Opened {
    /// Says on standard error how many problems there were, unless it is to be quiet.
    ///
    /// # Errors
    /// Where standard error cannot be written.
    pub fn note_problems(&self, common: &Common, io: &mut Io) -> io::Result<()> {
        let n = self.loaded.diagnostics.len();
        if n > 0 && !common.quiet {
            let problems = super::count(n as u64, "problem", "problems");
            writeln!(io.err, "{problems} in the input; trustmap check says which")?;
        }
        Ok(())
    }
}

/// Progress in one line of a terminal, at most ten times a second.
pub struct TerminalProgress(Mutex<Option<Instant>>);

impl Default for TerminalProgress {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl Progress for TerminalProgress {
    fn report(&self, doing: Doing<'_>, done: u64, total: u64) {
        // Somebody else is writing, or panicked while writing: a line less does no harm.
        let Ok(mut last) = self.0.try_lock() else { return };
        let now = Instant::now();
        if last.is_some_and(|t| now.duration_since(t) < Duration::from_millis(100)) {
            return;
        }
        let first = last.is_none();
        *last = Some(now);
        if first {
            // A short run shows nothing.
            return;
        }
        let share = match total {
            0 => String::new(),
            total => format!(" {} %", done.min(total) * 100 / total),
        };
        // Erase the line, write, and go back to its beginning. A terminal that is gone is no error.
        let _ = write!(io::stderr(), "\r\x1b[2K{}{share}\r", super::plain(&doing.to_string()));
    }

    fn cancelled(&self) -> bool {
        false
    }
}

impl Drop for TerminalProgress {
    fn drop(&mut self) {
        if self.0.lock().is_ok_and(|last| last.is_some()) {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
