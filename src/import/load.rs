//! Several inputs to one inventory.

use super::merge::merge;
use super::source::{self, Failure, Found};
use super::{
    Answer, Counts, Doing, FAMILIES, Family, IMPORTERS, Importer, Input, Peek, Progress, Share, json, secrets,
};
use crate::model::{Diagnostic, FileId, Fragment, Inventory, Level, Piece, Place, settle};
use rayon::prelude::*;
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

impl Loaded {
    /// What was read in two goes, for a document about both: the inputs and diagnostics of one, then of the other. The
    /// inventory is that of the other.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        let (mine, theirs) = (self.inputs.len() as u32, other.inputs.len() as u32);
        let skipped = self.skipped.len() as u32;
        let shift = |file: &mut FileId, own: bool| {
            file.0 = match own {
                true if file.0 < mine => file.0,
                true => file.0 + theirs,
                false if file.0 < theirs => file.0 + mine,
                false => file.0 + mine + skipped,
            };
        };
        let shifted = |mut d: Diagnostic, own: bool| {
            for place in d.place.iter_mut().chain(&mut d.also) {
                shift(&mut place.file, own);
            }
            d
        };
        let diagnostics = self.diagnostics.into_iter().map(|d| shifted(d, true));
        self.diagnostics = diagnostics
            .chain(other.diagnostics.into_iter().map(|d| shifted(d, false)))
            .collect();
        self.inventory = other.inventory;
        self.inputs.extend(other.inputs);
        self.skipped.extend(other.skipped);
        self
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
    let forced = match &options.format {
        None => None,
        Some(name) => match IMPORTERS.iter().copied().find(|i| i.name() == name) {
            Some(importer) => Some(importer),
            None => return Err(LoadError::UnknownFormat(name.clone())),
        },
    };
    let found = source::find(sources, progress).map_err(|_| LoadError::Cancelled)?;
    // In parallel; the results come back in load order.
    let outcomes: Vec<Outcome> = found
        .into_par_iter()
        .enumerate()
        .map(|(i, found)| one(i, found, forced, progress))
        .collect();
    if progress.cancelled() || outcomes.iter().any(|o| matches!(o, Outcome::Cancelled)) {
        return Err(LoadError::Cancelled);
    }
    let mut gathered = Gathered::default();
    let mut read_from = vec![false; sources.len()];
    for outcome in outcomes {
        match outcome {
            Outcome::Cancelled | Outcome::Nothing => {}
            Outcome::Read {
                source,
                input,
                fragment,
            } => {
                read_from[source] = true;
                gathered.read(input, *fragment);
            }
            Outcome::Left {
                name,
                named,
                level,
                code,
                message,
            } => gathered.left(name, named, level, code, message),
        }
    }
    for (source, read) in sources.iter().zip(read_from) {
        let name = match source {
            Source::Path(path) => path.to_string_lossy().into_owned(),
            Source::Bytes { name, .. } => name.clone(),
        };
        if !read && !gathered.troubled.contains(&name) {
            // A folder or an archive; a file that is not read is in trouble already.
            let message = format!("no file in it was recognised; {}", expected());
            gathered.left(name, true, Level::Error, "nothing-recognised", message);
        }
    }
    if !options.keep_going && !gathered.unusable.is_empty() {
        return Err(LoadError::Unusable(gathered.unusable));
    }
    gathered.finish(progress).ok_or(LoadError::Cancelled)
}

/// What became of one file.
enum Outcome {
    Cancelled,
    /// One of our own documents that is no inventory, in a folder: not worth a word.
    Nothing,
    Read {
        source: usize,
        input: InputFile,
        fragment: Box<Fragment>,
    },
    Left {
        name: String,
        /// It was named itself, so its loss fails the whole.
        named: bool,
        level: Level,
        code: &'static str,
        message: String,
    },
}

/// Reads one file. Places name it by its position `i` among all that were found.
fn one(i: usize, found: Found, forced: Option<&'static dyn Importer>, progress: &dyn Progress) -> Outcome {
    let candidate = match found {
        Found::Candidate(candidate) => candidate,
        Found::Trouble {
            name, named, message, ..
        } => {
            return Outcome::Left {
                name,
                named,
                level: Level::Error,
                code: "unreadable",
                message,
            };
        }
    };
    let left = |level, code, message| Outcome::Left {
        name: candidate.name.clone(),
        named: candidate.named,
        level,
        code,
        message,
    };
    let text = match source::read(&candidate, &Share::new(progress, 0..BYTES)) {
        Ok(text) => text,
        Err(Failure::Cancelled) => return Outcome::Cancelled,
        // A picture among inventories is no error.
        Err(Failure::NotText(message)) if !candidate.named => return left(Level::Warning, "not-recognised", message),
        Err(Failure::Message(message) | Failure::NotText(message)) => {
            return left(Level::Error, "unreadable", message);
        }
    };
    let importer = match forced {
        Some(importer) => importer,
        None => match recognise(&candidate.name, &text.text) {
            Recognised::By(importer) => importer,
            Recognised::OwnDocument(_) if !candidate.named => return Outcome::Nothing,
            Recognised::OwnDocument(message) | Recognised::Nothing(message) => {
                let level = if candidate.named { Level::Error } else { Level::Warning };
                return left(level, "not-recognised", message);
            }
        },
    };
    let progress = Share::new(progress, BYTES..100);
    let input = Input::new(
        &candidate.name,
        FileId(u32::try_from(i).unwrap_or(u32::MAX)),
        &text.text,
        &progress,
    );
    let (read, sha256) = rayon::join(|| importer.read_first(&input), || text.sha256());
    if progress.cancelled() {
        return Outcome::Cancelled;
    }
    // What was understood may be as long as the text, which nobody needs any more.
    let (file, whole, length) = (input.file, input.whole(), text.text.len());
    drop(input);
    drop(text);
    let mut fragment = read.finish(&Input::without_text(&candidate.name, file, length, &progress));
    if progress.cancelled() {
        return Outcome::Cancelled;
    }
    secrets::scrub(&mut fragment, &whole, importer.shares());
    if let Some(message) = fragment.refused {
        return left(Level::Error, "unusable", message);
    }
    let input = InputFile {
        name: candidate.name.clone(),
        sha256,
        importer: Some(importer.name()),
        counts: Counts::of(&fragment.records),
        complete: fragment.complete,
    };
    Outcome::Read {
        source: candidate.source,
        input,
        fragment: Box::new(fragment),
    }
}

/// Getting the bytes is this much of the work on a file, in percent.
const BYTES: u64 = 10;

/// Who reads a text.
pub enum Recognised {
    /// This importer.
    By(&'static dyn Importer),
    /// It is one of trustmap's own documents, but no inventory; the message says so.
    OwnDocument(String),
    /// Nobody; the message says what was looked for.
    Nothing(String),
}

/// Finds the importer of a text by its content.
#[must_use]
pub fn recognise(name: &str, text: &str) -> Recognised {
    if text.trim().is_empty() {
        return Recognised::Nothing(format!("it is empty; {}", expected()));
    }
    let peek = Peek::new(name, text);
    let answers: Vec<(&'static dyn Importer, Answer)> = IMPORTERS.iter().map(|i| (*i, i.recognise(&peek))).collect();
    let who = |wanted: Answer| -> Vec<&'static dyn Importer> {
        answers.iter().filter(|(_, a)| *a == wanted).map(|(i, _)| *i).collect()
    };
    let certain = who(Answer::Certain);
    debug_assert!(
        certain.len() <= 1,
        "two importers are certain of {name}: a bug in one of them"
    );
    if let Some(importer) = certain.first() {
        return Recognised::By(*importer);
    }
    let own = peek.member("format").and_then(json::Member::as_text);
    if let Some(own) = own.filter(|own| own.starts_with("trustmap-")) {
        let shown = secrets::harmless_word(&own)
            .unwrap_or("another trustmap document")
            .to_owned();
        return Recognised::OwnDocument(format!("it is no inventory but says it is {shown}; {}", expected()));
    }
    match who(Answer::Maybe).as_slice() {
        [] => Recognised::Nothing(format!("its format was not recognised; {}", expected())),
        [one] => Recognised::By(*one),
        several => {
            let names: Vec<&str> = several.iter().map(|i| i.name()).collect();
            Recognised::Nothing(format!("it could be {}; say which with --format", names.join(" or ")))
        }
    }
}

fn expected() -> String {
    let names: Vec<&str> = IMPORTERS.iter().map(|i| i.name()).collect();
    format!("looked for {} (trustmap formats says what they are)", names.join(", "))
}

/// What families do is this much of putting files together, in percent.
const FAMILIES_SHARE: u64 = 60;

/// Files in load order, before their places are renumbered.
#[derive(Default)]
struct Gathered {
    inputs: Vec<InputFile>,
    fragments: Vec<Fragment>,
    skipped: Vec<String>,
    /// What is said of the skipped ones, by position in `skipped`.
    said: Vec<(Level, &'static str, String)>,
    unusable: Vec<Unusable>,
    troubled: Vec<String>,
}

impl Gathered {
    fn read(&mut self, input: InputFile, fragment: Fragment) {
        self.inputs.push(input);
        self.fragments.push(fragment);
    }

    fn left(&mut self, name: String, named: bool, level: Level, code: &'static str, message: String) {
        self.troubled.push(name.clone());
        if named {
            self.unusable.push(Unusable {
                file: name.clone(),
                message: message.clone(),
            });
        }
        let verb = if level == Level::Error {
            "Could not read"
        } else {
            "Skipped"
        };
        self.said.push((level, code, format!("{verb} {name}: {message}")));
        self.skipped.push(name);
    }

    /// Puts all of it together; nothing where it was cancelled.
    fn finish(mut self, progress: &dyn Progress) -> Option<Loaded> {
        let mut diagnostics = Vec::new();
        let mut fragments = Vec::with_capacity(self.fragments.len());
        for (i, mut fragment) in std::mem::take(&mut self.fragments).into_iter().enumerate() {
            let file = FileId(i as u32);
            renumber(&mut fragment, file);
            diagnostics.append(&mut fragment.diagnostics);
            fragments.push((file, fragment));
        }
        assemble(
            &mut fragments,
            &mut diagnostics,
            &Share::new(progress, 0..FAMILIES_SHARE),
        );
        settle(&mut fragments);
        for (input, (_, fragment)) in self.inputs.iter_mut().zip(&fragments) {
            input.counts = Counts::of(&fragment.records);
        }
        for (i, (level, code, message)) in self.said.into_iter().enumerate() {
            diagnostics.push(Diagnostic {
                level,
                code,
                place: Some(Place::new(FileId((self.inputs.len() + i) as u32), "")),
                also: Vec::new(),
                message,
            });
        }
        let (inventory, mut merging) = merge(fragments, &Share::new(progress, FAMILIES_SHARE..100))?;
        diagnostics.append(&mut merging);
        let mut loaded = Loaded {
            inventory: Arc::new(inventory),
            inputs: self.inputs,
            skipped: self.skipped,
            diagnostics: Vec::new(),
        };
        for diagnostic in &mut diagnostics {
            let others = std::mem::take(&mut diagnostic.also);
            for other in &others {
                diagnostic
                    .message
                    .push_str(&format!(" (the other is in {})", loaded.say(other)));
            }
            diagnostic.also = others;
        }
        diagnostics.sort_by(|a, b| (&a.place, &a.message, a.code).cmp(&(&b.place, &b.message, b.code)));
        loaded.diagnostics = diagnostics;
        (!progress.cancelled()).then_some(loaded)
    }
}

impl Loaded {
    /// A place in words: file, line where it is known, JSON pointer.
    #[must_use]
    pub fn say(&self, place: &Place) -> String {
        let mut words = self.file_name(place.file).to_owned();
        if let Some(line) = place.line() {
            words.push_str(&format!(", line {line}"));
        }
        if !place.pointer.is_empty() {
            words.push_str(&format!(", {}", place.pointer));
        }
        words
    }
}

/// Lets every family put its pieces together; what it makes of them joins the files it was read from.
fn assemble(fragments: &mut [(FileId, Fragment)], diagnostics: &mut Vec<Diagnostic>, progress: &dyn Progress) {
    let mut pieces: Vec<(FileId, Piece)> = Vec::new();
    for (file, fragment) in fragments.iter_mut() {
        pieces.extend(fragment.pieces.drain(..).map(|piece| (*file, piece)));
    }
    progress.report(Doing::Joining, 0, 1);
    let own = |family: &&'static dyn Family| {
        let own = pieces.extract_if(.., |(_, piece)| piece.family == family.name());
        (*family, own.collect::<Vec<_>>())
    };
    let families = FAMILIES.iter().map(own).filter(|(_, own)| !own.is_empty());
    let families: Vec<_> = families.collect();
    let each = 100 / families.len().max(1) as u64;
    for (nth, (family, own)) in (0..).zip(families) {
        if progress.cancelled() {
            break;
        }
        let progress = Share::new(progress, nth * each..(nth + 1) * each);
        for (file, mut made) in family.assemble(own, &progress) {
            secrets::scrub(&mut made, &Place::new(file, ""), family.shares());
            diagnostics.append(&mut made.diagnostics);
            let Some((_, fragment)) = fragments.get_mut(file.0 as usize) else {
                debug_assert!(false, "{} names a file that was not read", family.name());
                continue;
            };
            fragment.records.append(made.records);
            fragment.conditional.append(&mut made.conditional);
        }
    }
}

/// Gives every place of a fragment its file's final number.
fn renumber(fragment: &mut Fragment, file: FileId) {
    let conditional = fragment.conditional.iter_mut().flat_map(|c| {
        let members = c.members.iter_mut().flat_map(|members| &mut members.all);
        c.records.places_mut().chain(members.map(|(_, place)| place))
    });
    let diagnostics = fragment.diagnostics.iter_mut();
    let said = diagnostics.flat_map(|d| d.place.iter_mut().chain(&mut d.also));
    for place in fragment.records.places_mut().chain(conditional).chain(said) {
        place.file = file;
    }
}
