//! (being written)

use std::path::PathBuf;

/// Opens the window with these inventories and runs until it is closed.
///
/// # Errors
/// One sentence, where the system has no display or no way to draw on it.
pub fn run(files: Vec<PathBuf>) -> Result<(), String> {
    let _ = files;
    Err("the window is not built yet".to_owned())
}
