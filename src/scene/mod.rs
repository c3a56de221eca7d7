//! Layout and derived values to a display list. Level of detail is decided here once, and hit tests are answered
//! here. The same display list feeds the canvas, the PNG and the SVG. Names neither egui nor threads.

mod around;
mod backdrop;
mod beside;
mod chrome;
pub mod display;
mod draw;
mod edges;
pub mod estate;
pub mod fonts;
pub mod icons;
mod map;
pub mod pen;
mod pins;
mod shelf;
pub mod style;
mod things;

pub use around::{Direction, FoundStep, MOST as MOST_STEPS, near};
pub use beside::{Half, beside};
pub use chrome::{GatesShown, gates_shown, letter_words, number, state_mark, states_shown};
pub use draw::{View, draw, fitting_zoom, hit};
pub use icons::known_words;
pub use map::{
    Class, Cut, Dim, Gate, MapPicture, Node, SHELF, State, Unreached, cluster_name, gate, known_platform, short,
};
pub use pins::Pins;
