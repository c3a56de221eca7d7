//! What a file says that means something only together with other files: a role binding in one file, its role in the
//! next. An importer hands it on as it parsed it; the family of its format puts the pieces of all files together.

use std::any::Any;
use std::fmt;

/// One file's share of what a family of formats puts together.
pub struct Piece {
    /// The family that understands it, by name.
    pub family: &'static str,
    /// What was parsed, in a type of the family's own.
    what: Box<dyn Any + Send + Sync>,
}

impl Piece {
    /// A piece for a family.
    #[must_use]
    pub fn new<T: Any + Send + Sync>(family: &'static str, what: T) -> Self {
        Self {
            family,
            what: Box::new(what),
        }
    }

    /// What was parsed, where it is of this type.
    #[must_use]
    pub fn of<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.what.downcast_ref()
    }

    /// What was parsed, to be let go by and by, where it is of this type.
    #[must_use]
    pub fn take<T: Any + Send + Sync>(self) -> Option<T> {
        self.what.downcast().ok().map(|what| *what)
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a piece for {}", self.family)
    }
}
