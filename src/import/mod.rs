//! Bytes to an inventory. One importer a format, one table that lists them all ([`IMPORTERS`]), one file that opens
//! files (`source`). An importer is pure: no clock, no file system, no network; it answers from a peek whether a text
//! is its own, and returns what it understood plus what it did not.

pub mod aws;
mod documents;
pub mod entra;
pub mod github;
pub mod json;
pub mod k8s;
mod lenient;
mod lines;
mod load;
mod merge;
pub mod native;
pub mod opengraph;
mod pile;
mod recent;
pub mod secrets;
mod share;
mod source;
mod tree;
pub mod yaml;

pub use load::{
    InputFile, LoadError, LoadOptions, Loaded, Recognised, Source, Unusable, load, load_sources, recognise,
};
pub use source::read_text_file;

use crate::model::{FileId, Fragment, Piece, Place, Records};
use lines::Lines;
use std::fmt;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// Every importer, in the order `trustmap formats` lists them. Recognition asks all; two that claim one text are a bug.
pub static IMPORTERS: &[&dyn Importer] = &[
    &native::Native,
    &aws::AccountAuthorization,
    &aws::PrincipalLists,
    &aws::CredentialReport,
    &aws::services::ACCESS_KEYS,
    &aws::services::PROVIDERS,
    &aws::services::SECRETS,
    &aws::services::LAMBDA,
    &aws::services::EKS,
    &opengraph::Graph,
    &opengraph::Extension,
    &k8s::Objects,
    &github::Rest,
    &github::WorkflowFile,
    &entra::AzureHound,
    &entra::Graph,
];

/// One format.
pub trait Importer: Sync {
    /// Its name on the command line and in JSON: lower case, words joined by `-`.
    fn name(&self) -> &'static str;

    /// One line for people: what the file is and the command that makes it.
    fn describe(&self) -> &'static str;

    /// Whether a text is of this format, from its beginning.
    fn recognise(&self, peek: &Peek) -> Answer;

    /// What the text says. Never fails: what was not understood is in the fragment's diagnostics, a text of which
    /// nothing can be used sets [`Fragment::refused`]. Secret-looking values are dropped after it by `secrets::scrub`,
    /// which spares relations that were looked at already ([`Fragment::looked_at`]); still, a diagnostic never quotes a
    /// value it does not know to be harmless.
    fn read(&self, input: &Input) -> Fragment;

    /// Which of its records share what they say alike from the beginning.
    fn shares(&self) -> Shares {
        Shares::Nothing
    }

    /// As [`Importer::read`], but what can be done without the text may be left to do: the text is as long as what is
    /// made of it.
    fn read_first(&self, input: &Input) -> Read {
        Read::Whole(Box::new(self.read(input)))
    }
}

/// Which records share what they say alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shares {
    /// None; they are made to.
    Nothing,
    /// Inherits.
    Inherits,
    /// All.
    All,
}

/// What an importer has read.
pub enum Read {
    /// All of it.
    Whole(Box<Fragment>),
    /// What is left to do needs the text no more: the input it is given may be without.
    Rest(Box<dyn FnOnce(&Input) -> Fragment + Send>),
}

impl Read {
    /// Does what is left to do.
    #[must_use]
    pub fn finish(self, input: &Input) -> Fragment {
        match self {
            Self::Whole(fragment) => *fragment,
            Self::Rest(rest) => rest(input),
        }
    }
}

/// Formats whose files explain one another: bindings in one, roles in the next. Their importers hand on pieces
/// ([`Fragment::pieces`]), and the family makes records of them when every file is read.
pub trait Family: Sync {
    /// Its name, as pieces carry it.
    fn name(&self) -> &'static str;

    /// Which of its records share what they say alike from the beginning.
    fn shares(&self) -> Shares {
        Shares::Nothing
    }

    /// What the pieces of all files say together, by the file each record is read from: places name that file. The
    /// answer may not depend on the order of the pieces but for which of two equal statements is named. Counts,
    /// secrets and merging are the loader's. A family may let go of what it needs no more, which is as much as what it
    /// makes.
    fn assemble(&self, pieces: Vec<(FileId, Piece)>, progress: &dyn Progress) -> Vec<(FileId, Fragment)>;
}

/// Every family of formats.
pub static FAMILIES: &[&dyn Family] = &[
    &aws::services::family::Together,
    &opengraph::Graphs,
    &k8s::Clusters,
    &github::GitHub,
    &entra::Entra,
];

/// Whether an importer takes a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It is something else.
    No,
    /// It could be, if nobody is certain.
    Maybe,
    /// It is.
    Certain,
}

/// What an importer may look at to recognise a text.
pub struct Peek<'a> {
    /// The file's name as shown to people, with folders.
    pub name: &'a str,
    /// The decoded text. It may be gigabytes long: look at its beginning.
    pub text: &'a str,
    members: OnceLock<Vec<json::Member<'a>>>,
}

impl<'a> Peek<'a> {
    /// A peek at a text.
    #[must_use]
    pub fn new(name: &'a str, text: &'a str) -> Self {
        Self {
            name,
            text,
            members: OnceLock::new(),
        }
    }

    /// The first 64 KiB of the text, cut between characters.
    #[must_use]
    pub fn head(&self) -> &'a str {
        &self.text[..self.text.floor_char_boundary(64 * 1024)]
    }

    /// The members of the JSON object the text is, as far as its first 8 MiB show them; empty for anything else.
    pub fn members(&self) -> &[json::Member<'a>] {
        self.members.get_or_init(|| json::members(self.text, 8 << 20))
    }

    /// Whether the JSON object the text is has this member.
    pub fn has(&self, key: &str) -> bool {
        self.member(key).is_some()
    }

    /// The member of this name of the JSON object the text is.
    pub fn member(&self, key: &str) -> Option<&json::Member<'a>> {
        self.members().iter().find(|m| m.key == key)
    }
}

/// Where a value stands that a reader came to by itself.
#[derive(Clone, Debug, Default)]
struct Spot {
    pointer: String,
    offset: usize,
    line: u32,
}

/// A text to read, and what places in it are called.
pub struct Input<'a> {
    /// The file's name as shown to people.
    pub name: &'a str,
    /// The file, for places.
    pub file: FileId,
    /// The whole text, decoded, without a byte-order mark.
    pub text: &'a str,
    /// How long the text is, or was.
    length: usize,
    progress: &'a dyn Progress,
    lines: Lines<'a>,
}

/// For what was read and waits without an input.
static NOWHERE: LazyLock<Input<'static>> = LazyLock::new(|| Input::new("", FileId(0), "", &Unheard));

impl<'a> Input<'a> {
    /// An input; `progress` hears how far its reading is and may ask it to stop.
    #[must_use]
    pub fn new(name: &'a str, file: FileId, text: &'a str, progress: &'a dyn Progress) -> Self {
        Self {
            name,
            file,
            text,
            length: text.len(),
            progress,
            lines: Lines::new(text),
        }
    }

    /// The same input when its text is gone; only of the whole file a place is found in it.
    #[must_use]
    pub fn without_text(name: &'a str, file: FileId, length: usize, progress: &'a dyn Progress) -> Self {
        Self {
            length,
            ..Self::new(name, file, "", progress)
        }
    }

    /// The input of what waits for its own.
    fn nowhere() -> &'static Input<'static> {
        &NOWHERE
    }

    /// The place of the whole file.
    #[must_use]
    pub fn whole(&self) -> Place {
        Place::new(self.file, "")
    }

    /// The place at a JSON pointer, with its line, which is looked for six levels deep.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Place {
        let place = Place::new(self.file, pointer);
        match self.lines.line(pointer) {
            Some(line) => place.at_line(line),
            None => place,
        }
    }

    /// The place at a JSON pointer that begins with that of a value whose position and line are known.
    #[must_use]
    fn at_below(&self, known: &Spot, pointer: &str) -> Place {
        let place = Place::new(self.file, pointer);
        match pointer.strip_prefix(known.pointer.as_str()) {
            Some("") => place.at_line(known.line),
            Some(rest) if rest.starts_with('/') => {
                let steps = known.pointer.matches('/').count();
                place.at_line(self.lines.line_below((known.offset, known.line), rest, steps))
            }
            _ => self.at(pointer),
        }
    }

    /// The place of record `row` (from 1) of a table, which begins in `line` (from 1).
    #[must_use]
    pub fn at_row(&self, row: usize, line: u32) -> Place {
        Place::new(self.file, format!("/{row}")).at_line(line)
    }

    /// Says that `done_bytes` of the text are read. Cheap; call it every thousand records or so.
    pub fn report(&self, done_bytes: usize) {
        let doing = Doing::Reading(self.name);
        self.progress.report(doing, done_bytes as u64, self.length as u64);
    }

    /// Whether reading should stop; what is returned after that is thrown away.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.progress.cancelled()
    }
}

/// What is done of loading: first every file is read, several at a time, then they are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing<'n> {
    /// Reading the file of a name.
    Reading(&'n str),
    /// Putting together what the files say.
    Joining,
}

impl fmt::Display for Doing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading(name) => write!(f, "Reading {name}"),
            Self::Joining => f.write_str("Putting together what was read"),
        }
    }
}

/// Hears how far loading is; may stop it. Called from several threads.
pub trait Progress: Sync {
    /// `done` of `total` of it is done, in no unit; a total of 0 is not known. Each file begins at nothing, and so does
    /// putting them together.
    fn report(&self, doing: Doing<'_>, done: u64, total: u64);

    /// Whether loading should stop.
    fn cancelled(&self) -> bool;
}

/// Progress of a part of something, as that of the whole.
struct Share<'p> {
    whole: &'p dyn Progress,
    /// Where the part begins and ends, in percent of the whole.
    percent: Range<u64>,
}

impl<'p> Share<'p> {
    fn new(whole: &'p dyn Progress, percent: Range<u64>) -> Self {
        Self { whole, percent }
    }
}

impl Progress for Share<'_> {
    fn report(&self, doing: Doing<'_>, done: u64, total: u64) {
        let span = self.percent.end - self.percent.start;
        let done = self.percent.start * total + span * done.min(total);
        self.whole.report(doing, done, total * 100);
    }

    fn cancelled(&self) -> bool {
        self.whole.cancelled()
    }
}

/// Progress that nobody listens to.
pub struct Unheard;

impl Progress for Unheard {
    fn report(&self, _: Doing<'_>, _: u64, _: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// How many records of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Systems.
    pub systems: u64,
    /// Identities.
    pub identities: u64,
    /// Credentials.
    pub credentials: u64,
    /// Grants.
    pub grants: u64,
    /// Exposures.
    pub exposures: u64,
    /// Inherits.
    pub inherits: u64,
    /// Trusts.
    pub trusts: u64,
}

impl Counts {
    /// The numbers of some records.
    #[must_use]
    pub fn of(records: &Records) -> Self {
        Self {
            systems: records.systems.len() as u64,
            identities: records.identities.len() as u64,
            credentials: records.credentials.len() as u64,
            grants: records.grants.len() as u64,
            exposures: records.exposures.len() as u64,
            inherits: records.inherits.len() as u64,
            trusts: records.trusts.len() as u64,
        }
    }

    /// The seven numbers with their names in JSON, in the order of the documents.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 7] {
        [
            ("systems", self.systems),
            ("identities", self.identities),
            ("credentials", self.credentials),
            ("grants", self.grants),
            ("exposures", self.exposures),
            ("inherits", self.inherits),
            ("trusts", self.trusts),
        ]
    }

    /// All together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, n)| n).sum()
    }
}
