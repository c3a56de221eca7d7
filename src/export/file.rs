//! Files are written beside their place and then renamed: what stands at the path is the old file or the whole new one,
//! never half of one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path`, in place of what stands there.
///
/// # Errors
/// One sentence without the path: what went wrong, and what to do. Nothing is left behind then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    // Through a link the file it leads to is replaced, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    if target.is_dir() {
        return Err("it is a folder; name a file".to_owned());
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trustmap-").suffix(".part");
    // As any new file: readable as the system's mask says. What is replaced keeps its permissions.
    let permissions = fs::metadata(&target).ok().map(|m| m.permissions());
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
        permissions
    };
    let mut file = builder.tempfile_in(&folder).map_err(|error| explain(&error))?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| explain(&error))?;
    if let Some(permissions) = permissions {
        if permissions.readonly() {
            return Err("it is write-protected; choose another name".to_owned());
        }
        file.as_file()
            .set_permissions(permissions)
            .map_err(|error| explain(&error))?;
    }
    file.persist(&target).map_err(|error| explain(&error.error))?;
    Ok(())
}

/// Makes a folder and those above it, where they are not there.
///
/// # Errors
/// As [`write`].
pub fn make_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| explain(&error))
}

/// Writes files into a folder, which is made where it is not there: all of them or none. What stood there under other
/// names stays.
///
/// # Errors
/// As [`write`]; what stood in the folder is as it was then.
pub fn write_together(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), String> {
    let new = !folder.exists();
    make_folder(folder)?;
    let result = put(folder, files);
    if new && result.is_err() {
        // It was made a moment ago and holds nothing; if somebody else put something there, it stays.
        let _ = fs::remove_dir(folder);
    }
    result
}

fn put(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), String> {
    for (name, _) in files {
        if folder.join(name).is_dir() {
            return Err(format!("there is a folder called {name} in it; choose another"));
        }
    }
    // Beside their places, on the same disk, so that the rest is renaming.
    let ready = tempfile::Builder::new()
        .prefix(".trustmap-")
        .suffix(".part")
        .tempdir_in(folder)
        .map_err(|error| explain(&error))?;
    for (name, bytes) in files {
        write(&ready.path().join(name), bytes)?;
    }
    let aside = ready.path().join("before");
    make_folder(&aside)?;
    let mut moved: Vec<(&str, bool)> = Vec::new();
    for (name, _) in files {
        let (place, old) = (folder.join(name), aside.join(name));
        let stood = place.symlink_metadata().is_ok();
        let moving = if stood { fs::rename(&place, &old) } else { Ok(()) };
        let moving = moving.and_then(|()| {
            moved.push((name, stood));
            fs::rename(ready.path().join(name), &place)
        });
        if let Err(error) = moving {
            for (name, stood) in moved.into_iter().rev() {
                // As far as the system lets it: what stood there comes back.
                if stood {
                    let _ = fs::rename(aside.join(name), folder.join(name));
                } else {
                    let _ = fs::remove_file(folder.join(name));
                }
            }
            return Err(explain(&error));
        }
    }
    Ok(())
}

/// Why the system would not take a file, in words.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist; make it or choose another".to_owned(),
        io::ErrorKind::PermissionDenied => "the folder may not be written to; choose another".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk may not be written to; choose another folder".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; make room or choose another".to_owned()
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "part of the way there is a file, not a folder; choose another".to_owned()
        }
        _ => format!("the system says: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.json");
        write(&path, b"first").expect("written");
        write(&path, b"second").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"second");
        let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn files_together_are_all_there_or_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("deep/report");
        let files = |text: &str| vec![("a", text.as_bytes().to_vec()), ("b", text.as_bytes().to_vec())];
        write_together(&place, &files("one")).expect("written");
        fs::write(place.join("notes"), "mine").expect("written");
        write_together(&place, &files("two")).expect("written");
        assert_eq!(fs::read(place.join("b")).expect("there"), b"two");
        assert_eq!(fs::read(place.join("notes")).expect("there"), b"mine");
        assert_eq!(fs::read_dir(&place).expect("a folder").count(), 3);

        fs::remove_file(place.join("b")).expect("removed");
        fs::create_dir(place.join("b")).expect("made");
        let why = write_together(&place, &files("three")).expect_err("b is a folder");
        assert!(why.contains("folder called b"), "{why}");
        assert_eq!(fs::read(place.join("a")).expect("there"), b"two");
        assert_eq!(fs::read_dir(&place).expect("a folder").count(), 3);

        let file = folder.path().join("file");
        fs::write(&file, "x").expect("written");
        assert!(write_together(&file.join("below"), &files("x")).is_err());
    }

    #[test]
    fn what_cannot_be_written_says_why() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(write(folder.path(), b""), Err("it is a folder; name a file".to_owned()));
        let missing = folder.path().join("no/such/folder");
        assert!(write(&missing, b"").is_err_and(|why| why.contains("does not exist")));
        let file = folder.path().join("file");
        write(&file, b"x").expect("written");
        assert!(write(&file.join("below"), b"").is_err_and(|why| why.contains("not a folder")));
    }
}
