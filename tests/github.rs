//! What GitHub says, from end to end.

mod loading;

#[path = "github/chain.rs"]
mod chain;
#[path = "github/golden.rs"]
mod golden;
#[path = "github/odd.rs"]
mod odd;
#[path = "github/support.rs"]
mod support;
#[path = "github/truth.rs"]
mod truth;
