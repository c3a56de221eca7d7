//! Where a record was read: the file, and the JSON pointer or line in it.

use serde::{Deserialize, Serialize};

/// A file among the inputs, by its position in load order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A place in a file. Places sort by file, then by pointer with numbers by value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, by its position in load order.
    pub file: FileId,
    /// A JSON pointer (`/grants/3/scopes`), or empty for the whole file. For CSV, `/ROW` from 1 for the first record.
    pub pointer: Box<str>,
    /// The line, from 1, where the reader knows it.
    pub line: Option<u32>,
}

impl Place {
    /// A place in `file` at the JSON pointer `pointer`.
    #[must_use]
    pub fn new(file: FileId, pointer: impl Into<Box<str>>) -> Self {
        Self {
            file,
            pointer: pointer.into(),
            line: None,
        }
    }

    /// The same place, with its line (from 1).
    #[must_use]
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}
