//! Where a record was read: the file, and the JSON pointer or line in it.

use super::Text;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::num::NonZeroU32;

/// A file among the inputs, by its position in load order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A place in a file. Places sort by file, then by pointer with numbers by value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, by its position in load order.
    pub file: FileId,
    /// A JSON pointer (`/grants/3/scopes`), or empty for the whole file. For CSV, `/ROW` from 1 for the first record.
    pub pointer: Text,
    line: Option<NonZeroU32>,
}

impl Place {
    /// A place in `file` at the JSON pointer `pointer`.
    #[must_use]
    pub fn new(file: FileId, pointer: impl Into<Text>) -> Self {
        Self {
            file,
            pointer: pointer.into(),
            line: None,
        }
    }

    /// The same place, with its line (from 1).
    #[must_use]
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = NonZeroU32::new(line);
        self
    }

    /// The line, from 1, where the reader knows it.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.line.map(NonZeroU32::get)
    }

    /// What lies at `inside`, a JSON pointer from this place on; the line stays this one's.
    #[must_use]
    pub fn inside(&self, inside: &str) -> Self {
        Self {
            pointer: format!("{}{inside}", self.pointer).into(),
            ..*self
        }
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.file
            .cmp(&other.file)
            .then_with(|| compare_pointers(&self.pointer, &other.pointer))
            .then_with(|| self.line.cmp(&other.line))
    }
}

/// Step by step, numbers by value and before words; a place before what lies in it.
fn compare_pointers(a: &str, b: &str) -> Ordering {
    let number = |step: &str| -> Option<u64> {
        let plain = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
        if plain { step.parse().ok() } else { None }
    };
    let (mut left, mut right) = (a.split('/'), b.split('/'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(l), Some(r)) => match (number(l), number(r)) {
                (Some(l), Some(r)) => l.cmp(&r),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => l.cmp(r),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_with_numbers_by_value() {
        let mut pointers = [
            "/grants/10",
            "/grants/9/scopes",
            "/grants",
            "",
            "/grants/9",
            "/exposures/100",
            "/7",
        ];
        pointers.sort_by(|a, b| compare_pointers(a, b));
        assert_eq!(
            pointers,
            [
                "",
                "/7",
                "/exposures/100",
                "/grants",
                "/grants/9",
                "/grants/9/scopes",
                "/grants/10"
            ]
        );
    }
}
