//! What every document begins with: who made it, of which inputs, at which time, and what was odd.

use crate::graph::{AsOfFrom, Settings};
use crate::import::{InputFile, Loaded};
use crate::model::Diagnostic;
use serde::Serialize;

/// The head of a document. The document itself is a structure whose first member is this one, flattened.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    /// For instance `trustmap-radius`.
    pub format: &'static str,
    /// Of the document's format.
    pub version: u32,
    /// What made it.
    pub tool: ToolJson,
    /// The files, in load order.
    pub inputs: Vec<InputJson>,
    /// The time in force.
    pub as_of: String,
    /// Where it comes from: `argument`, `inventory` or `clock`.
    pub as_of_from: &'static str,
    /// The regime in force.
    pub regime: &'static str,
    /// What was odd.
    pub diagnostics: Vec<DiagnosticJson>,
}

/// The program.
#[derive(Clone, Debug, Serialize)]
pub struct ToolJson {
    /// `trustmap`
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Default for ToolJson {
    fn default() -> Self {
        Self {
            name: "trustmap",
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// A file that was read.
#[derive(Clone, Debug, Serialize)]
pub struct InputJson {
    /// Its name as given.
    pub file: String,
    /// Of its bytes as stored, in hex.
    pub sha256: String,
    /// Who read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importer: Option<&'static str>,
    /// How many records it gave.
    pub records: RecordsJson,
    /// Whether the export was whole.
    pub complete: bool,
}

/// Numbers of records.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "the members are the kinds of record")]
pub struct RecordsJson {
    pub systems: u64,
    pub identities: u64,
    pub credentials: u64,
    pub grants: u64,
    pub exposures: u64,
    pub inherits: u64,
    pub trusts: u64,
}

/// Something odd.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnosticJson {
    /// `error`, `warning` or `conflict`.
    pub level: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// Name of the file it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// JSON pointer; left out where it is about the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// For people.
    pub message: String,
}

impl Head {
    /// The head of a document of `format`. `more` is what was found odd after loading, for instance a seed that names a
    /// context nothing yields.
    #[must_use]
    pub fn new(
        format: &'static str,
        loaded: &Loaded,
        settings: &Settings,
        as_of_from: AsOfFrom,
        more: &[Diagnostic],
    ) -> Self {
        let mut diagnostics: Vec<&Diagnostic> = loaded.diagnostics.iter().chain(more).collect();
        sort_diagnostics(&mut diagnostics);
        Self {
            format,
            version: 1,
            tool: ToolJson::default(),
            inputs: loaded.inputs.iter().map(InputJson::from).collect(),
            as_of: settings.as_of.to_string(),
            as_of_from: match as_of_from {
                AsOfFrom::Argument => "argument",
                AsOfFrom::Inventory => "inventory",
                AsOfFrom::Clock => "clock",
            },
            regime: settings.regime.as_str(),
            diagnostics: diagnostics
                .into_iter()
                .map(|d| DiagnosticJson::new(d, loaded))
                .collect(),
        }
    }
}

/// By file in load order (those of no file last), then place with numbers by value, then message.
pub fn sort_diagnostics(diagnostics: &mut [&Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.place.is_none(), d.place.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.code.cmp(b.code))
    });
}

impl From<&InputFile> for InputJson {
    fn from(input: &InputFile) -> Self {
        let counts = &input.counts;
        Self {
            file: input.name.clone(),
            sha256: input.sha256.clone(),
            importer: input.importer,
            records: RecordsJson {
                systems: counts.systems,
                identities: counts.identities,
                credentials: counts.credentials,
                grants: counts.grants,
                exposures: counts.exposures,
                inherits: counts.inherits,
                trusts: counts.trusts,
            },
            complete: input.complete,
        }
    }
}

impl DiagnosticJson {
    fn new(diagnostic: &Diagnostic, loaded: &Loaded) -> Self {
        let place = diagnostic.place.as_ref();
        Self {
            level: diagnostic.level.as_str(),
            code: diagnostic.code,
            file: place.map(|p| loaded.file_name(p.file).to_owned()),
            place: place.map(|p| p.pointer.to_string()).filter(|p| !p.is_empty()),
            message: diagnostic.message.clone(),
        }
    }
}
