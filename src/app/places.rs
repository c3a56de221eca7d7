//! Where the program keeps its settings and where exports go first.

use crate::export::file;
use crate::session::Disk;
use std::env;
use std::path::{Path, PathBuf};

/// Writes files whole: beside the place and then renamed.
#[derive(Clone, Copy, Debug, Default)]
pub struct WholeFiles;

impl Disk for WholeFiles {
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), String> {
        file::write(path, bytes)
    }

    fn write_together(&self, folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), String> {
        file::write_together(folder, files)
    }
}

/// The settings' file: in the system's place for such files. Nothing where the system names none.
#[must_use]
pub fn settings_file() -> Option<PathBuf> {
    let folder = if cfg!(target_os = "windows") {
        env::var_os("APPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home().map(|h| h.join("Library/Application Support"))
    } else {
        env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
            .or_else(|| home().map(|h| h.join(".config")))
    }?;
    Some(folder.join(super::NAME).join("window.json"))
}

/// Where a copy of the work is kept while it goes on: beside the settings.
#[must_use]
pub fn autosave_file(settings: &Path) -> PathBuf {
    settings.with_file_name("autosave.session.json")
}

fn home() -> Option<PathBuf> {
    let name = if cfg!(target_os = "windows") {
        "USERPROFILE"
    } else {
        "HOME"
    };
    env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute())
}

/// Where exports go first: the folder the program was started in, unless that is the root; then home.
#[must_use]
pub fn export_folder() -> PathBuf {
    match env::current_dir() {
        Ok(here) if here.parent().is_some() => here,
        _ => home().unwrap_or_default(),
    }
}
