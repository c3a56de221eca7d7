//! Layout and derived values to a display list. Level of detail is decided here once, and hit tests are answered
//! here. The same display list feeds the canvas, the PNG and the SVG. Names neither egui nor threads.

pub mod display;
pub mod fonts;
pub mod icons;
pub mod style;
