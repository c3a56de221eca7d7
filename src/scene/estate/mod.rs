//! The estate canvas: bubbles of records for what a working map cannot hold. One scene at every zoom: dots in folded
//! bubbles, cells where records are too small, marks, and whole glyphs with names where there is room.

mod bubbles;
mod bundles;
mod density;
mod draw;
mod grid;
mod labels;
mod picture;
mod records;
mod shape;

pub use draw::{EstateDrawing, EstateView, Spotted, draw, fitting, hit};
pub use grid::Grid;
pub use picture::{BubbleFacts, Bundle, Counts, EstatePicture, EstatePlaces};
pub use shape::{EstateShape, Grouping};
