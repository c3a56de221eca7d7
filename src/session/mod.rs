//! Document, commands, undo, worker, settings. Names no egui.

mod history;
mod worker;

pub use history::History;
pub use worker::{Event, Progress, Ticket, Waker, Worker};
