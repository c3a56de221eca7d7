//! trustmap shows how trust is inherited: which systems accept a credential they were never meant to accept, what
//! falls when it is stolen, and what is left of that after it is revoked or scoped.
//!
//! Three values and the functions between them: an [`model::Inventory`] (what was imported; immutable), a
//! [`scenario::Scenario`] (what is proposed; a list of actions) and what follows from both (radius, ranks, layout,
//! picture), which is computed on a worker and thrown away freely. A module uses only modules above it in this list:
//! model, import, stitch, graph, analysis, scenario, findings, plan, layout, scene, export, session, cli, ui, app. The test
//! `tests/layers.rs` holds them to it. Only `ui` and `app` name egui.

pub mod analysis;
pub mod cli;
pub mod export;
pub mod findings;
pub mod graph;
pub mod import;
pub mod layout;
pub mod model;
pub mod plan;
pub mod scenario;
pub mod scene;
pub mod session;
pub mod stitch;

#[cfg(feature = "window")]
pub mod app;
#[cfg(feature = "window")]
pub mod ui;

/// Reading is millions of small pieces of memory on all threads at once, for which the systems' own allocators are not
/// made: AWS exports are read a third faster with this one.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
