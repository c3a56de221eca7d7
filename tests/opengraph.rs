//! BloodHound graphs in and out.

mod loading;

#[path = "opengraph/golden.rs"]
mod golden;
#[path = "opengraph/mutations.rs"]
mod mutations;
#[path = "opengraph/reach.rs"]
mod reach;
#[path = "opengraph/support.rs"]
mod support;
#[path = "opengraph/variants.rs"]
mod variants;
#[path = "opengraph/written.rs"]
mod written;
