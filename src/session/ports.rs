//! What the session asks of the world besides reading inventories: the time, the system's file dialogs, a place to
//! write. Tests bring their own.

use crate::model::Time;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Time;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time::now()
    }
}

/// What the analyst is asked to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Inventory files, several at once.
    OpenFiles,
    /// A folder of inventories.
    OpenFolder,
    /// A file to write.
    SaveFile {
        /// Its suggested name.
        name: String,
        /// What its name ends with, without the dot.
        extension: &'static str,
    },
    /// A folder to write several files into.
    SaveFolder,
}

/// Takes what was chosen; empty where the dialog was closed without choosing.
pub type Reply = Box<dyn FnOnce(Vec<PathBuf>) + Send>;

/// Shows the system's file dialogs. Must not block the caller.
pub trait Dialogs: Send + Sync {
    /// Asks; `reply` may be called from any thread, once.
    fn choose(&self, ask: Ask, reply: Reply);
}

/// Writes files whole: beside the place and then renamed, so nothing is ever half written.
pub trait Disk: Send + Sync {
    /// Writes `bytes` to `path`. Errors: one sentence with what went wrong, without the path.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), String>;

    /// Writes files into a folder, made where it is not there: all of them or none. Errors: as above.
    fn write_together(&self, folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), String>;
}

/// All of them.
#[derive(Clone)]
pub struct Ports {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// File dialogs.
    pub dialogs: Arc<dyn Dialogs>,
    /// Writing.
    pub disk: Arc<dyn Disk>,
    /// Where settings are kept between runs; nowhere where absent.
    pub settings_file: Option<PathBuf>,
    /// Where a copy of the work is kept while it goes on; nowhere where absent.
    pub autosave_file: Option<PathBuf>,
    /// How often that copy is written at most.
    pub autosave_every: std::time::Duration,
    /// Where exports go first.
    pub export_folder: PathBuf,
    /// Called from any thread when the session has something to take.
    pub waker: super::Waker,
}
