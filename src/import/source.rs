//! The only place that opens files: paths, folders, archives and standard input to bytes, bytes to text. Everything is
//! bounded: an archive that unpacks to too much, a text that is too long and a folder that leads back into itself end
//! in a message.

use super::{Doing, Progress, Source};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The longest text that is read, unpacked.
const MOST_BYTES: u64 = 4 << 30;
/// The most files in one archive.
const MOST_ENTRIES: usize = 20_000;
/// How many times its packed size an archive may unpack to, beyond the first 64 MiB.
const MOST_RATIO: u64 = 200;
const RATIO_FROM: u64 = 64 << 20;
/// The most files below one folder, and the deepest way to one.
const MOST_FILES: usize = 100_000;
const MOST_DEPTH: usize = 64;

/// A file that may hold an inventory.
pub(super) struct Candidate {
    /// As shown to people.
    pub name: String,
    /// Position of the input it belongs to.
    pub source: usize,
    /// It was named itself, not found in a folder or archive.
    pub named: bool,
    origin: Origin,
}

enum Origin {
    File(PathBuf),
    StandardInput,
    Bytes(Arc<[u8]>),
    Member(Archive, usize),
}

type Archive = zip::ZipArchive<Cursor<Arc<[u8]>>>;

/// What came of looking at an input, in load order.
pub(super) enum Found {
    Candidate(Candidate),
    /// Something that cannot be read; `named` if it is an input itself.
    Trouble {
        name: String,
        named: bool,
        message: String,
    },
}

/// Bytes of a file, decoded.
pub(super) struct Text {
    /// SHA-256 of the bytes as stored, in hex, where they are not those of the text.
    stored: Option<String>,
    pub text: String,
}

impl Text {
    /// SHA-256 of the bytes as stored, in hex. It reads the whole text, so it is best done beside something else.
    pub fn sha256(&self) -> String {
        let hash = || hex(&Sha256::digest(self.text.as_bytes()));
        self.stored.clone().unwrap_or_else(hash)
    }
}

/// Why a file could not be read.
pub(super) enum Failure {
    Cancelled,
    /// One sentence with what was expected and what to do.
    Message(String),
    /// The bytes are no text; likewise.
    NotText(String),
}

/// Every file of the inputs, folders and archives opened; in load order.
pub(super) fn find(sources: &[Source], progress: &dyn Progress) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for (source, what) in sources.iter().enumerate() {
        if progress.cancelled() {
            return Err(Failure::Cancelled);
        }
        match what {
            Source::Bytes { name, bytes } => {
                let origin = Origin::Bytes(bytes.clone());
                open_archive(name.clone(), source, true, origin, progress, &mut found)?;
            }
            Source::Path(path) if path.as_os_str() == "-" => {
                // Read at once: it can be read only once, and it may be an archive.
                let name = "-".to_owned();
                match read_all(io::stdin().lock(), &name, 0, MOST_BYTES, progress) {
                    Ok(bytes) => {
                        let origin = Origin::Bytes(Arc::from(bytes));
                        open_archive(name, source, true, origin, progress, &mut found)?;
                    }
                    Err(Failure::Message(message) | Failure::NotText(message)) => found.push(Found::Trouble {
                        name,
                        named: true,
                        message,
                    }),
                    Err(Failure::Cancelled) => return Err(Failure::Cancelled),
                }
            }
            Source::Path(path) => {
                let name = path.to_string_lossy().into_owned();
                match fs::metadata(path) {
                    Err(error) => found.push(Found::Trouble {
                        name,
                        named: true,
                        message: explain(&error),
                    }),
                    Ok(metadata) if metadata.is_dir() => folder(path, &name, source, progress, &mut found)?,
                    Ok(_) => open_archive(name, source, true, Origin::File(path.clone()), progress, &mut found)?,
                }
            }
        }
    }
    Ok(found)
}

/// Reads and decodes a file.
pub(super) fn read(candidate: &Candidate, progress: &dyn Progress) -> Result<Text, Failure> {
    let bytes = bytes(candidate, progress)?;
    let packed = bytes.starts_with(&[0x1f, 0x8b]);
    let marked = [&[0xef, 0xbb, 0xbf][..], &[0xff, 0xfe], &[0xfe, 0xff]];
    // A text that is stored as it is gets its hash when there is time.
    let as_it_is = !packed && !marked.iter().any(|mark| bytes.starts_with(mark));
    let stored = (!as_it_is).then(|| hex(&Sha256::digest(&bytes)));
    let text = if packed {
        let unpacked = flate2::read::MultiGzDecoder::new(&bytes[..]);
        let most = MOST_BYTES.min(RATIO_FROM.max(bytes.len() as u64 * MOST_RATIO));
        let unpacked = read_all(unpacked, &candidate.name, 0, most, progress).map_err(|failure| match failure {
            Failure::Message(message) => Failure::Message(format!("{message} (while unpacking the .gz)")),
            other => other,
        })?;
        drop(bytes);
        decode(unpacked)
    } else {
        decode(bytes)
    };
    let text = text.map_err(Failure::NotText)?;
    Ok(Text { stored, text })
}

/// Reads a text file that is no inventory, for instance a scenario: decoded like one, bounded like one. One that holds
/// what looks like a secret's value is not taken, since what it says is shown and written again.
///
/// # Errors
/// One sentence without the path: why it cannot be read, and what to do.
pub fn read_text_file(path: &Path) -> Result<String, String> {
    let candidate = Candidate {
        name: path.to_string_lossy().into_owned(),
        source: 0,
        named: true,
        origin: if path.as_os_str() == "-" {
            Origin::StandardInput
        } else {
            Origin::File(path.to_owned())
        },
    };
    match read(&candidate, &super::Unheard) {
        Ok(text) => match super::secrets::find_in_json(&text.text) {
            None => Ok(text.text),
            Some(pointer) => {
                let at = if pointer.is_empty() {
                    String::new()
                } else {
                    format!("at {pointer} ")
                };
                Err(format!(
                    "{at}it holds what looks like a secret's value; remove it from the file"
                ))
            }
        },
        Err(Failure::Message(message) | Failure::NotText(message)) => Err(message),
        Err(Failure::Cancelled) => Err("reading was cancelled".to_owned()),
    }
}

fn bytes(candidate: &Candidate, progress: &dyn Progress) -> Result<Vec<u8>, Failure> {
    // Before the file is opened, so that a watcher sees what comes.
    progress.report(Doing::Reading(&candidate.name), 0, 0);
    match &candidate.origin {
        Origin::Bytes(bytes) => Ok(bytes.to_vec()),
        Origin::StandardInput => read_all(io::stdin().lock(), &candidate.name, 0, MOST_BYTES, progress),
        Origin::Member(archive, index) => {
            let mut archive = archive.clone();
            let member = archive.by_index(*index).map_err(|error| {
                Failure::Message(format!("the archive cannot give it: {error}; unpack it yourself"))
            })?;
            let size = member.size();
            // An archive may lie about sizes; it gets no more than it said.
            let bytes = read_all(member, &candidate.name, size, size, progress)?;
            Ok(bytes)
        }
        Origin::File(path) => {
            let message = |error: &io::Error| Failure::Message(explain(error));
            let file = File::open(path).map_err(|error| message(&error))?;
            let metadata = file.metadata().map_err(|error| message(&error))?;
            let size = if metadata.is_file() { metadata.len() } else { 0 };
            if (PARTS_FROM..=MOST_BYTES).contains(&size)
                && let Ok(all) = usize::try_from(size)
                && let Some(bytes) = in_parts(path, all, &candidate.name, progress)?
            {
                return Ok(bytes);
            }
            let bytes = read_all(file, &candidate.name, size, MOST_BYTES, progress)?;
            if (bytes.len() as u64) < size {
                return Err(Failure::Message(
                    "it became shorter while it was read; load it again when it is written".to_owned(),
                ));
            }
            Ok(bytes)
        }
    }
}

/// A file from this length on is read in parts, on all threads: the system gives memory and copies into it, which takes
/// as long as reading what is in it.
const PARTS_FROM: u64 = 16 << 20;

/// A part.
const PART: usize = 4 << 20;

/// Reads a file of so many bytes in parts; nothing where it cannot be read so, or is not of that length any more.
fn in_parts(path: &Path, size: usize, name: &str, progress: &dyn Progress) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = vec![0; size];
    let done = AtomicU64::new(0);
    let read = |(nth, part): (usize, &mut [u8])| {
        if progress.cancelled() {
            return Ok(());
        }
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start((nth * PART) as u64))?;
        file.read_exact(part)?;
        let done = done.fetch_add(part.len() as u64, Ordering::Relaxed) + part.len() as u64;
        progress.report(Doing::Reading(name), done, size as u64);
        Ok::<(), io::Error>(())
    };
    let read = bytes.par_chunks_mut(PART).enumerate().try_for_each(read);
    if progress.cancelled() {
        return Err(Failure::Cancelled);
    }
    let grew = fs::metadata(path).is_ok_and(|m| m.len() != size as u64);
    Ok((read.is_ok() && !grew).then_some(bytes))
}

/// Reads all of a stream of `size` bytes (0: not known), at most `most`.
fn read_all(
    mut from: impl Read,
    name: &str,
    size: u64,
    most: u64,
    progress: &dyn Progress,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // A size that is only claimed must not reserve memory beyond reason.
    bytes.reserve(usize::try_from(size.min(1 << 30)).unwrap_or(0));
    loop {
        if progress.cancelled() {
            return Err(Failure::Cancelled);
        }
        let read = from
            .by_ref()
            .take(1 << 20)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::Message(explain(&error)))?;
        if bytes.len() as u64 > most {
            return Err(Failure::Message(format!(
                "it is longer than {}, which is more than is read; split it",
                size_in_words(most)
            )));
        }
        if read == 0 {
            return Ok(bytes);
        }
        progress.report(Doing::Reading(name), bytes.len() as u64, size);
    }
}

fn size_in_words(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// Bytes to text: UTF-8 with or without a byte-order mark, UTF-16 of either order with one.
fn decode(mut bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err("it is UTF-32; save it as UTF-8".to_owned());
    }
    let utf_16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => Some(u16::from_le_bytes as fn([u8; 2]) -> u16),
        Some([0xfe, 0xff]) => Some(u16::from_be_bytes as fn([u8; 2]) -> u16),
        _ => None,
    };
    if let Some(unit) = utf_16 {
        let units = bytes[2..].chunks_exact(2);
        if !units.remainder().is_empty() {
            return Err("it is UTF-16 and ends in the middle of a character; get the whole file".to_owned());
        }
        let units = units.map(|pair| unit([pair[0], pair[1]]));
        return char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| "it says it is UTF-16 and is not; save it as UTF-8".to_owned());
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    // Zeros are UTF-8 too, but no text has them; UTF-16 without a mark is half of them.
    if bytes.iter().take(64).filter(|b| **b == 0).count() > 8 {
        return Err("it is not text (it may be UTF-16 without a byte-order mark); save it as UTF-8".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
        format!("it is not UTF-8 from line {line} on (byte {at}); save it as UTF-8")
    })
}

/// A file as one candidate, or what it holds where it is a .zip.
fn open_archive(
    name: String,
    source: usize,
    named: bool,
    origin: Origin,
    progress: &dyn Progress,
    found: &mut Vec<Found>,
) -> Result<(), Failure> {
    let is_zip = match &origin {
        Origin::Bytes(bytes) => bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06"),
        Origin::File(path) => {
            // A pipe can be read only once, so only files are looked at twice.
            let regular = fs::metadata(path).is_ok_and(|m| m.is_file());
            let mut magic = [0; 4];
            let read = || File::open(path).and_then(|mut file| file.read_exact(&mut magic));
            regular && { read }().is_ok() && (magic == *b"PK\x03\x04" || magic == *b"PK\x05\x06")
        }
        _ => false,
    };
    let candidate = Candidate {
        name,
        source,
        named,
        origin,
    };
    if !is_zip {
        found.push(Found::Candidate(candidate));
        return Ok(());
    }
    let trouble = |message: String| Found::Trouble {
        name: candidate.name.clone(),
        named,
        message,
    };
    let packed = match bytes(&candidate, progress) {
        Ok(packed) => packed,
        Err(Failure::Message(message) | Failure::NotText(message)) => {
            found.push(trouble(message));
            return Ok(());
        }
        Err(Failure::Cancelled) => return Err(Failure::Cancelled),
    };
    let packed_bytes = packed.len() as u64;
    let mut archive = match zip::ZipArchive::new(Cursor::new(Arc::from(packed))) {
        Ok(archive) => archive,
        Err(error) => {
            found.push(trouble(format!(
                "it is no .zip that can be read: {error}; unpack it yourself"
            )));
            return Ok(());
        }
    };
    if archive.len() > MOST_ENTRIES {
        found.push(trouble(format!(
            "it holds {} files, more than the {MOST_ENTRIES} that are read; unpack it and load what you need",
            archive.len()
        )));
        return Ok(());
    }
    let mut members = Vec::new();
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        match archive.by_index_raw(index) {
            Ok(member) if member.is_dir() => {}
            Ok(member) => {
                let inner = match member.name() {
                    Ok(inner) => inner.into_owned(),
                    // Its name is no text; what it holds may be.
                    Err(_) => format!("file {index}"),
                };
                if is_hidden(&inner) {
                    continue;
                }
                total = total.saturating_add(member.size());
                members.push((format!("{}/{}", candidate.name, inner.trim_start_matches('/')), index));
            }
            Err(error) => {
                found.push(trouble(format!(
                    "its file {index} cannot be read: {error}; unpack it yourself"
                )));
            }
        }
    }
    if total > MOST_BYTES || total > RATIO_FROM.max(packed_bytes.saturating_mul(MOST_RATIO)) {
        found.push(trouble(format!(
            "it unpacks to {}, more than is read from an archive of {}; unpack it yourself if you trust it",
            size_in_words(total),
            size_in_words(packed_bytes)
        )));
        return Ok(());
    }
    members.sort();
    found.extend(members.into_iter().map(|(name, index)| {
        Found::Candidate(Candidate {
            name,
            source,
            named: false,
            origin: Origin::Member(archive.clone(), index),
        })
    }));
    Ok(())
}

/// Every file below a folder, by path. Hidden ones (whose name begins with a dot) are not looked at; a link that leads
/// back is followed once.
fn folder(
    path: &Path,
    name: &str,
    source: usize,
    progress: &dyn Progress,
    found: &mut Vec<Found>,
) -> Result<(), Failure> {
    let name = name.trim_end_matches(['/', '\\']);
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    let mut troubles: Vec<(String, String)> = Vec::new();
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut open = vec![(path.to_owned(), name.to_owned(), 0)];
    while let Some((path, name, depth)) = open.pop() {
        if progress.cancelled() {
            return Err(Failure::Cancelled);
        }
        if depth > MOST_DEPTH {
            troubles.push((
                name,
                format!("it is more than {MOST_DEPTH} folders deep; load it by itself"),
            ));
            continue;
        }
        if let Ok(real) = path.canonicalize()
            && !seen.insert(real)
        {
            continue;
        }
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                troubles.push((name, explain(&error)));
                continue;
            }
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    troubles.push((name.clone(), explain(&error)));
                    continue;
                }
            };
            let own = entry.file_name().to_string_lossy().into_owned();
            if is_hidden(&own) {
                continue;
            }
            let below = format!("{name}/{own}");
            match fs::metadata(entry.path()) {
                Ok(metadata) if metadata.is_dir() => folders.push((entry.path(), below, depth + 1)),
                Ok(metadata) if metadata.is_file() => files.push((below, entry.path())),
                // Sockets, pipes and devices hold no inventory, and reading one may never end.
                Ok(_) => {}
                Err(error) => troubles.push((below, explain(&error))),
            }
        }
        if files.len() > MOST_FILES {
            troubles.push((
                name,
                format!("it holds more than {MOST_FILES} files; load the ones you need"),
            ));
            break;
        }
        // Of two ways to one folder the first by path is taken.
        folders.sort_by(|a, b| b.1.cmp(&a.1));
        open.extend(folders);
    }
    files.sort();
    troubles.sort();
    for (name, message) in troubles {
        found.push(Found::Trouble {
            name,
            named: false,
            message,
        });
    }
    for (name, path) in files {
        open_archive(name, source, false, Origin::File(path), progress, found)?;
    }
    Ok(())
}

fn is_hidden(inner: &str) -> bool {
    // Workflows lie in `.github`.
    inner
        .split('/')
        .any(|step| (step.starts_with('.') && step != ".github") || step == "__MACOSX")
}

/// Why the system would not give a file, in words.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "there is no such file (it may have been moved or deleted); check the path".to_owned()
        }
        io::ErrorKind::PermissionDenied => "it may not be read; check its permissions".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::UnexpectedEof => "it ends in the middle; get the whole file".to_owned(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            "it is damaged: it cannot be unpacked; get it again".to_owned()
        }
        _ => format!("the system says: {error}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_in_parts_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("long.json");
        let written: Vec<u8> = (0..PART * 2 + 5).map(|n| (n % 251) as u8).collect();
        fs::write(&path, &written).expect("it is written");
        let read = |size: usize| in_parts(&path, size, "long.json", &super::super::Unheard);
        assert!(matches!(read(written.len()), Ok(Some(bytes)) if bytes == written));
        // What became shorter or longer meanwhile is read in another way.
        assert!(matches!(read(written.len() + 1), Ok(None)));
        assert!(matches!(read(written.len() - 1), Ok(None)));
        struct Cancelled;
        impl Progress for Cancelled {
            fn report(&self, _: Doing<'_>, _: u64, _: u64) {}

            fn cancelled(&self) -> bool {
                true
            }
        }
        let stopped = in_parts(&path, written.len(), "long.json", &Cancelled);
        assert!(matches!(stopped, Err(Failure::Cancelled)));
    }
}
