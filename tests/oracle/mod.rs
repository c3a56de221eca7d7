//! The trust model once more: slow, obvious and sharing no code with the program. It works on native documents as
//! `serde_json::Value`, keeps facts in ordered sets and applies every rule to everything until nothing changes. The
//! comments quote the specification; where the two disagree, the quotation is right.

// Two test programs include this module, and each uses a part of it.
#![allow(dead_code, unused_imports)]

pub mod dice;
pub mod doc;
pub mod explain;
pub mod fact;
pub mod flows;
pub mod laws;
pub mod merge;
pub mod names;
pub mod random;
pub mod report;
pub mod rules;
pub mod scenario;
pub mod scope;
pub mod shrink;
pub mod split;
pub mod world;

pub use merge::{Merged, merge};
pub use report::{facts, radius, unknown_seeds};
pub use scenario::apply_scenario;
