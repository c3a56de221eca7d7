//! A session without its window: a clock that stands, dialogs that are cancelled, the disk as it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use trustmap::export::file;
use trustmap::model::Time;
use trustmap::session::{Ask, Clock, Dialogs, Disk, Ports, Reply, Session, WindowSettings};

struct World;

impl Clock for World {
    fn now(&self) -> Time {
        "2026-05-01T12:00:00Z".parse().expect("a time")
    }
}

impl Dialogs for World {
    fn choose(&self, _: Ask, reply: Reply) {
        reply(Vec::new());
    }
}

impl Disk for World {
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), String> {
        file::write(path, bytes)
    }

    fn write_together(&self, folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), String> {
        file::write_together(folder, files)
    }
}

/// A session with nothing open, which saves itself now and then where it is told to.
pub fn session(autosave: Option<(PathBuf, Duration)>) -> Session {
    let (autosave_file, autosave_every) = autosave.map_or((None, Duration::from_secs(5)), |(f, t)| (Some(f), t));
    let ports = Ports {
        clock: Arc::new(World),
        dialogs: Arc::new(World),
        disk: Arc::new(World),
        settings_file: None,
        autosave_file,
        autosave_every,
        export_folder: PathBuf::from("/nowhere"),
        waker: Arc::new(|| ()),
    };
    Session::new(ports, WindowSettings::default()).expect("the system has a thread")
}
