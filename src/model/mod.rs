//! Records, ids, provenance, diagnostics: plain data. Knows nothing of files, threads or anything below it.

mod alias;
mod conditional;
mod diagnostic;
pub mod glob;
mod inventory;
mod name;
mod piece;
mod place;
mod record;
pub mod scope;
mod small;
mod time;
pub mod words;

pub use alias::{Aliases, FurtherWords, Word, place as place_without_names};
pub use conditional::{Conditional, Members, When, settle};
pub use diagnostic::{Diagnostic, Level};
pub use inventory::{Entity, EntityIx, Fragment, Inventory, Records};
pub(crate) use inventory::{Index, append, index};
pub use name::{Name, Named, position_of};
pub use piece::Piece;
pub use place::{FileId, Place};
pub use record::*;
pub use small::{Extra, List, Packed, Places, Rare, Text};
pub use time::Time;
