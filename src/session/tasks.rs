//! Long tasks: reading files and writing exports. One at a time, on their own worker.

use super::derive::{self, Question};
use super::{Asserted, Column, Disk, Estate, ExportKind, MapLayout, Opened, PlanSpec, Saved, Table, TableKind, Ticket};
use crate::analysis::Never;
use crate::export::{
    self, redact,
    report::{self, Advice, Subject, Wanted},
};
use crate::findings::assertions::Assertions;
use crate::graph::TrustGraph;
use crate::import::{self, LoadError, LoadOptions, Source};
use crate::model::{Aliases, Diagnostic, Level, Time};
use crate::plan::Left;
use crate::scenario::{self, Action, Scenario};
use crate::scene::style::Theme;
use crate::stitch::{Decisions, Stitched, stitch};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Something long.
pub enum Task {
    /// Read everything that is to be open.
    Read {
        /// What, in load order.
        opened: Vec<Opened>,
        /// What is compromised from the start.
        seeds: Vec<String>,
        /// What the analyst said of joins.
        decisions: Decisions,
        /// The present.
        read_at: Time,
    },
    /// Read another inventory, to compare with.
    ReadOther {
        /// What, in load order.
        opened: Vec<Opened>,
        /// What the analyst said of joins.
        decisions: Decisions,
        /// The present.
        read_at: Time,
        /// Whether the comparison is shown then.
        show: bool,
    },
    /// Write one export.
    Write {
        /// Which.
        kind: ExportKind,
        /// Where: a file, or a folder for a report.
        path: PathBuf,
        /// Width and height of a picture, in pixels.
        pixels: (u32, u32),
        /// What, where it is a text that is there already.
        text: Option<String>,
        /// Of what.
        question: Box<Question>,
        /// Notes, by the id of what they are on.
        notes: BTreeMap<String, String>,
        /// What the Plan tab is set to.
        plan: Box<PlanSpec>,
        /// Whether names are replaced by aliases.
        redacted: bool,
    },
    /// Make an export for the clipboard: a picture, or rows.
    Copy {
        /// Which.
        kind: ExportKind,
        /// Width and height of a picture, in pixels.
        pixels: (u32, u32),
        /// Of what.
        question: Box<Question>,
        /// Whether names are replaced by aliases.
        redacted: bool,
    },
}

/// What comes of it.
pub enum TaskDone {
    /// It is ready for the clipboard.
    Copied {
        /// A picture or rows.
        kind: ExportKind,
        /// A PNG, or CSV.
        bytes: Vec<u8>,
    },
    /// It could not be made, for this reason.
    NotCopied(String),
    /// Files were read.
    Read {
        /// What they say.
        estate: Box<Estate>,
        /// What is compromised from the start.
        seeds: Vec<String>,
        /// A scenario that was among them.
        scenario: Option<Scenario>,
        /// Assertions that were among them.
        asserted: Option<Asserted>,
        /// The session that named them, and its file.
        session: Option<Box<(PathBuf, Saved)>>,
    },
    /// Another inventory was read, and whether the comparison is to be shown.
    ReadOther(Box<Estate>, bool),
    /// A file cannot be used.
    Failed {
        /// Which file.
        place: String,
        /// Why.
        why: String,
    },
    /// It is written.
    Written {
        /// Which export.
        kind: ExportKind,
        /// Where.
        path: PathBuf,
        /// Whether its names are aliases.
        redacted: bool,
    },
    /// It could not be written.
    NotWritten {
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

struct Hears<'a, 'b>(&'a Ticket<'b, Task, TaskDone>);

impl import::Progress for Hears<'_, '_> {
    fn report(&self, doing: import::Doing<'_>, done: u64, total: u64) {
        self.0.progress(&doing.to_string(), done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.is_stale()
    }
}

/// Does a task.
pub fn run(task: Task, disk: &dyn Disk, ticket: &Ticket<'_, Task, TaskDone>) {
    match task {
        Task::Read {
            opened,
            seeds,
            decisions,
            read_at,
        } => read(opened, seeds, &decisions, read_at, ticket),
        Task::ReadOther {
            opened,
            decisions,
            read_at,
            show,
        } => {
            let paths = opened.iter().filter_map(|o| match o {
                Opened::Path(path) => Some(Source::Path(path.clone())),
                Opened::Sample(_) => None,
            });
            let sources = paths.collect::<Vec<_>>();
            if let Some(estate) = estate(&sources, opened, &decisions, read_at, ticket) {
                ticket.part(TaskDone::ReadOther(Box::new(estate), show));
            }
        }
        Task::Write {
            kind,
            path,
            pixels,
            text,
            question,
            notes,
            plan,
            redacted,
        } => {
            ticket.progress(&format!("Writing {}", path.display()), 0, 0);
            let export = Export {
                q: &question,
                pixels,
                notes: &notes,
                redacted,
                plan: &plan,
            };
            let written = match text {
                Some(text) => disk.write(&path, text.as_bytes()),
                None => export.make(kind).and_then(|made| match made {
                    Made::One(bytes) => disk.write(&path, &bytes),
                    Made::Together(files) => disk.write_together(&path, &files),
                }),
            };
            ticket.part(match written {
                Ok(()) => TaskDone::Written { kind, path, redacted },
                Err(why) => TaskDone::NotWritten { path, why },
            });
        }
        Task::Copy {
            kind,
            pixels,
            question,
            redacted,
        } => {
            ticket.progress("Copying", 0, 0);
            let export = Export {
                q: &question,
                pixels,
                notes: &BTreeMap::new(),
                redacted,
                plan: &PlanSpec::default(),
            };
            ticket.part(match export.make(kind) {
                Ok(Made::One(bytes)) => TaskDone::Copied { kind, bytes },
                Ok(Made::Together(_)) => return,
                Err(why) => TaskDone::NotCopied(why),
            });
        }
    }
}

fn read(
    opened: Vec<Opened>,
    seeds: Vec<String>,
    decisions: &Decisions,
    read_at: Time,
    ticket: &Ticket<'_, Task, TaskDone>,
) {
    let (mut scenario, mut asserted) = (None, None);
    let (opened, session, decisions) = match session_of(&opened) {
        None => (opened, None, decisions.clone()),
        Some((path, Ok(saved))) => {
            let joins = saved.decisions.clone();
            match saved.asserted.as_ref().map(|path| (path, assertions_file(path))) {
                None => {}
                Some((_, Some(Ok(found)))) => asserted = Some(found),
                Some((_, Some(Err(errors)))) => errors
                    .into_iter()
                    .for_each(|(place, why)| ticket.part(TaskDone::Failed { place, why })),
                Some((path, None)) => ticket.part(TaskDone::Failed {
                    place: path.display().to_string(),
                    why: "the session asserts what it says, and it is no file of assertions any more".to_owned(),
                }),
            }
            (saved.opened.clone(), Some(Box::new((path, saved))), joins)
        }
        Some((path, Err(why))) => {
            let place = path.display().to_string();
            return ticket.part(TaskDone::Failed { place, why });
        }
    };
    let mut sources = Vec::new();
    let mut kept = Vec::new();
    for one in opened {
        match &one {
            Opened::Sample(i) => {
                if let Some(sample) = super::samples().get(*i) {
                    sources.push(Source::Bytes {
                        name: sample.file.clone(),
                        bytes: Arc::from(sample.inventory().as_bytes()),
                    });
                    kept.push(one);
                }
            }
            Opened::Path(path) => match scenario_file(path) {
                Some(Ok(found)) => scenario = Some(found),
                Some(Err(errors)) => errors
                    .into_iter()
                    .for_each(|(place, why)| ticket.part(TaskDone::Failed { place, why })),
                None => match assertions_file(path) {
                    Some(Ok(found)) => asserted = Some(found),
                    Some(Err(errors)) => errors
                        .into_iter()
                        .for_each(|(place, why)| ticket.part(TaskDone::Failed { place, why })),
                    None => {
                        sources.push(Source::Path(path.clone()));
                        kept.push(one);
                    }
                },
            },
        }
    }
    if let Some(estate) = estate(&sources, kept, &decisions, read_at, ticket) {
        ticket.part(TaskDone::Read {
            estate: Box::new(estate),
            seeds,
            scenario,
            asserted,
            session,
        });
    }
}

/// Reads files and builds what follows from them; where they cannot be used, says why and gives nothing.
fn estate(
    sources: &[Source],
    kept: Vec<Opened>,
    decisions: &Decisions,
    read_at: Time,
    ticket: &Ticket<'_, Task, TaskDone>,
) -> Option<Estate> {
    // Taken before they are read: what is written meanwhile shows as changed.
    let stamps = kept.iter().map(Opened::stamp).collect();
    let options = LoadOptions {
        keep_going: true,
        ..LoadOptions::default()
    };
    match import::load_sources(sources, &options, &Hears(ticket)) {
        Ok(loaded) if loaded.inputs.is_empty() => {
            if loaded.diagnostics.is_empty() {
                ticket.part(TaskDone::Failed {
                    place: names(&kept),
                    why: "no inventory was found there".to_owned(),
                });
            }
            for d in &loaded.diagnostics {
                let place = d
                    .place
                    .as_ref()
                    .map_or_else(|| names(&kept), |p| loaded.file_name(p.file).to_owned());
                ticket.part(TaskDone::Failed {
                    place,
                    why: d.message.clone(),
                });
            }
        }
        Ok(mut loaded) => {
            ticket.progress("Building the map", 0, 0);
            let Stitched { inventory, joins } = stitch(loaded.inventory, decisions);
            loaded.inventory = inventory;
            let (graph, index) = rayon::join(
                || TrustGraph::build(Arc::clone(&loaded.inventory)),
                || super::SearchIndex::new(&loaded.inventory),
            );
            return Some(Estate {
                index,
                opened: kept,
                stamps,
                loaded,
                joins,
                graph,
                read_at,
            });
        }
        Err(LoadError::Cancelled) => {}
        Err(LoadError::Unusable(files)) => {
            for file in files {
                ticket.part(TaskDone::Failed {
                    place: file.file,
                    why: file.message,
                });
            }
        }
        Err(other) => ticket.part(TaskDone::Failed {
            place: names(&kept),
            why: other.to_string(),
        }),
    }
    None
}

/// The session among what is to be read: it stands alone.
fn session_of(opened: &[Opened]) -> Option<(PathBuf, Result<Saved, String>)> {
    match opened {
        [Opened::Path(path)] => Some((path.clone(), super::keeping::session_in(path)?)),
        _ => None,
    }
}

fn names(opened: &[Opened]) -> String {
    let names: Vec<String> = opened.iter().map(Opened::name).collect();
    super::words::names(&names, 3)
}

type ScenarioOrWhy = Result<Scenario, Vec<(String, String)>>;

/// The text of a file that says it is of a format. Small files only: none that a person writes is larger than a megabyte.
fn text_of(path: &Path, format: &str) -> Option<String> {
    const MOST_BYTES: u64 = 1 << 20;
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return None;
    }
    let text = import::read_text_file(path).ok()?;
    text.contains(&format!("\"{format}\"")).then_some(text)
}

/// Reads assertions, if the file is of them.
fn assertions_file(path: &Path) -> Option<Result<Asserted, Vec<(String, String)>>> {
    let text = text_of(path, "trustmap-assertions").filter(|text| Assertions::recognise(text))?;
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let place = path.display().to_string();
    Some(match Assertions::parse(&text) {
        Ok(assertions) => Ok(Asserted {
            name,
            path: path.to_path_buf(),
            assertions,
        }),
        Err(errors) => Err(errors.into_iter().map(|e| (place.clone(), e.to_string())).collect()),
    })
}

/// Reads a scenario, if the file is one.
fn scenario_file(path: &Path) -> Option<ScenarioOrWhy> {
    let text = text_of(path, "trustmap-scenario")?;
    Some(Scenario::parse(&text).map_err(|errors| {
        errors
            .into_iter()
            .map(|e| (path.display().to_string(), e.to_string()))
            .collect()
    }))
}

/// What an export comes to: one file, or several for a folder.
enum Made {
    One(Vec<u8>),
    Together(Vec<(&'static str, Vec<u8>)>),
}

/// What an export needs to know.
struct Export<'a> {
    q: &'a Question,
    pixels: (u32, u32),
    notes: &'a BTreeMap<String, String>,
    redacted: bool,
    plan: &'a PlanSpec,
}

impl Export<'_> {
    fn make(&self, kind: ExportKind) -> Result<Made, String> {
        let q = self.q;
        let scenario = q.proposal.scenario();
        let inventory = q.estate.inventory();
        let aliases = self
            .redacted
            .then(|| redact::aliases(inventory, &q.proposal.seeds, Some(&scenario)));
        let renamed = || aliases.as_ref().map(|a| inventory.aliased(a));
        match kind {
            ExportKind::Scenario => {
                let scenario = aliases
                    .as_ref()
                    .map_or_else(|| scenario.clone(), |a| scenario.aliased(a));
                return Ok(Made::One(scenario.to_json().into_bytes()));
            }
            ExportKind::Graphml => {
                let text = export::graphml::graphml(renamed().as_ref().unwrap_or(inventory));
                return Ok(Made::One(text.into_bytes()));
            }
            ExportKind::Dot => {
                let text = export::dot::dot(renamed().as_ref().unwrap_or(inventory));
                return Ok(Made::One(text.into_bytes()));
            }
            _ => {}
        }
        let Some(reach) = derive::reach(q, None, &Never) else {
            return Err("the radius could not be worked out".to_owned());
        };
        if kind == ExportKind::Csv {
            return Ok(Made::One(table_csv(q, &reach, aliases.as_ref()).into_bytes()));
        }
        let diagnostics = unreachable_contexts(&q.estate.graph, &scenario.actions, &q.proposal.seeds);
        let notes: Vec<(String, String)> = self
            .notes
            .iter()
            .map(|(id, text)| {
                let on = super::words::relation(super::words::name_of(inventory, id));
                (on, text.clone())
            })
            .collect();
        let advice = match kind {
            ExportKind::Report => self.advice(&reach),
            _ => None,
        };
        let own = Subject {
            advice: advice.as_ref(),
            loaded: &q.estate.loaded,
            graph: &q.estate.graph,
            compromise: &q.proposal.seeds,
            before: reach.before(),
            after: reach.comparison.as_ref().map(|c| (&scenario, c)),
            settings: q.settings,
            as_of_from: q.as_of_from,
            diagnostics: &diagnostics,
            theme: Theme::Light,
            layered: q.layout == MapLayout::Layers,
            estate: (q.layout == MapLayout::Estate).then_some(q.grouping),
            pins: &q.pins,
            // What a note says in free words cannot be told from a name.
            notes: if self.redacted { &[] } else { &notes },
            redacted: None,
        };
        let redacted = self.redacted.then(|| redact::Redacted::of(&own));
        let subject = redacted.as_ref().map_or(own, |r| r.subject(&own));
        Ok(match kind {
            ExportKind::Png => Made::One(report::map_png_of(&subject, self.pixels)?),
            ExportKind::Svg => Made::One(report::map_svg(&subject).into_bytes()),
            ExportKind::Report => Made::Together(report::files(&subject)?),
            // The others are made above.
            _ => Made::One(report::radius_json(&subject).into_bytes()),
        })
    }
}

impl Export<'_> {
    /// Findings and plan of a report; what the plan protects and permits is what the Plan tab is set to.
    fn advice(&self, reach: &derive::Reach) -> Option<Advice> {
        let graph = &self.q.estate.graph;
        let mut wanted = Wanted::of(graph);
        if let Some(ids) = &self.plan.protect {
            wanted.protect = ids.iter().filter_map(|id| graph.find(id)).collect();
        }
        wanted.permits = self.plan.permits();
        let after = reach.comparison.as_ref().map(|c| &*c.after);
        Advice::of(graph, reach.before(), after, &wanted, &Never, || {
            let end = Instant::now() + report::PROOF;
            Left(move || end.saturating_duration_since(Instant::now()))
        })
        .ok()
    }
}

/// The rows of the table as it is asked for, with every column; which rows and in which order is said of the names
/// themselves.
fn table_csv(q: &Question, reach: &derive::Reach, aliases: Option<&Aliases>) -> String {
    let kind = q.table.kind;
    // Credentials say their own radius.
    let ranks = match kind {
        TableKind::Credentials => derive::ranks_now(q, &Never),
        _ => None,
    };
    let found = q.table.filter.asks_findings();
    let stood = found
        .then(|| super::judged::stood(q, &reach.overlay, None, &Never))
        .flatten();
    let concerned = stood.as_ref().map(super::judged::concerned);
    let rows = Arc::new(super::table::rows(q, reach, kind, ranks.as_ref(), concerned.as_ref()));
    let columns: Vec<Column> = kind.columns().iter().map(|(c, _)| *c).collect();
    let own = Table::new(rows, q.table.clone());
    match aliases {
        None => own.csv(&columns),
        Some(a) => {
            let q = q.aliased(a);
            let reach = reach.aliased(&q, a);
            let ranks = ranks.map(|r| r.aliased(a));
            let rows = Arc::new(super::table::rows(&q, &reach, kind, ranks.as_ref(), None));
            Table { rows, ..own }.csv(&columns)
        }
    }
}

/// What the question names that nothing leads to.
fn unreachable_contexts(graph: &TrustGraph, actions: &[Action], seeds: &[String]) -> Vec<Diagnostic> {
    scenario::unreachable_contexts(graph, actions, seeds)
        .into_iter()
        .map(|name| Diagnostic {
            level: Level::Warning,
            code: "unreachable-context",
            place: None,
            also: Vec::new(),
            message: format!(
                "Nothing yields the context \"{}\"; check its name, or load the file that says how it is reached",
                name.escape_debug()
            ),
        })
        .collect()
}
