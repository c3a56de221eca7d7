//! What is odd about a record: coded, with file and place. A file that cannot be used is an error too, with the
//! place of the whole file. A diagnostic never holds a secret's value.

use super::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something was left out.
    Error,
    /// Something was understood with a doubt, or not understood and kept.
    Warning,
    /// Two sources disagree; the first was kept.
    Conflict,
}

impl Level {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Conflict => "conflict",
        }
    }
}

/// One line of the Problems panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// A stable code in kebab case, for instance `unknown-key`, `dangling-reference`, `duplicate-id`.
    pub code: &'static str,
    /// Where, if it is about something in a file.
    pub place: Option<Place>,
    /// Other places it is about, for instance where the value that was kept stands; whoever knows the files' names
    /// (`import::load`) names them at the end of the message.
    pub also: Vec<Place>,
    /// One sentence in the words of the design: what was found, what was expected, what to do.
    pub message: String,
}

impl Diagnostic {
    /// An error at `place`: something was left out.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            code,
            place: Some(place),
            also: Vec::new(),
            message: message.into(),
        }
    }

    /// A warning at `place`.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            code,
            place: Some(place),
            also: Vec::new(),
            message: message.into(),
        }
    }

    /// A conflict at `place`: two sources disagree and the first was kept.
    pub fn conflict(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
            level: Level::Conflict,
            code,
            place: Some(place),
            also: Vec::new(),
            message: message.into(),
        }
    }

    /// The same, about another place too.
    #[must_use]
    pub fn and_at(mut self, place: Place) -> Self {
        self.also.push(place);
        self
    }
}
