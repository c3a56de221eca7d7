//! Document, commands, undo, worker, settings: everything behind the window that needs no window. Names no egui.

mod aliased;
mod branches;
mod command;
mod derive;
mod document;
mod edit;
mod evidence;
mod facts;
mod help;
mod history;
mod inspect;
mod inspection;
mod judged;
mod keeping;
mod leads;
mod matrix;
mod opening;
mod other;
mod paths;
mod places;
mod plan;
mod planner;
mod planning;
mod ports;
mod rotated;
mod samples;
mod saved;
mod search;
#[expect(clippy::module_inception, reason = "the module's one type, with its commands")]
mod session;
mod settings;
mod sieve;
mod sketch;
mod table;
mod tasks;
mod ticks;
mod timeline;
mod view;
mod why;
pub mod words;
mod worker;

pub use crate::findings::FindingState;
pub use branches::{Branches, Differs, Side, StepLeft};
pub use command::{Command, ExportKind, Outcome};
pub use derive::{Answer, Question, RankLine, RankNumbers, Ranks, Reach};
pub use document::{Branch, Document, Estate, Opened, Proposal, ProposedStep};
pub use evidence::{Evidence, EvidenceAsk, EvidenceKind, EvidenceLine};
pub use help::{EdgeHelp, EdgeKind};
pub use history::History;
pub use inspection::{
    Banner, Class, EffectNumbers, Inspection, NoEffect, NoEffectRow, Offer, ThingState, Tick, WhyRow, check_words,
    checks_sentence,
};
pub use judged::{Asserted, FindingKey, Judged, JudgedFinding, Mend, selectable};
pub use keeping::{EVERY as AUTOSAVE_EVERY, Keeper};
pub use leads::{Excess, Lead, Leads};
pub use matrix::{Matrix, MatrixCell, MatrixHead};
pub use other::{ChangeLine, Changes};
pub use paths::{MOST_AROUND, PathLine, Paths, PathsAsk};
pub use places::WORKING_MAP;
pub use plan::{
    Broken, BudgetAnswer, BudgetLine, Choice, ChokeAnswer, ChokeLine, ContainmentAnswer, ContainmentLine, CutAnswer,
    MOST_BUDGET, NoCut, NoEffectLine, PlanAnswer, PlanQuestion, PlanSpec, PlanStep, PlanTrouble, Planned,
};
pub use ports::{Ask, Clock, Dialogs, Disk, Ports, Reply, SystemClock};
pub use rotated::{Listed, listed};
pub use samples::{Sample, SampleNumbers, samples};
pub use saved::Saved;
pub use search::{Found, SearchIndex, found};
pub use session::{ChosenPath, Copied, Notice, NoticeLevel, Session};
pub use settings::{MapLayout, PICTURES, ThemeChoice, WindowSettings};
pub use sketch::Sketch;
pub use table::{Row, Rows, Table, gate_words, state_words};
pub use timeline::{AHEAD_DAYS, Mark, MarkKind, TimePoint, Timeline};
pub use view::{Column, Facet, Filter, PlanSort, Tab, TableKind, TableSpec, View};
pub use worker::{Event, Progress, Ticket, Waker, Worker};
