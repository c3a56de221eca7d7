//! The commands that read and write: opening, closing, exporting, and what the workers say of it.

use super::session::FromDialog;
use super::tasks::{Task, TaskDone};
use super::{
    Answer, Ask, ChosenPath, Document, Event, ExportKind, NoticeLevel, Opened, Outcome, Proposal, ProposedStep,
    Session, words,
};
use std::path::PathBuf;

impl Session {
    pub(super) fn choose_to_open(&mut self, ask: Ask, wrap: fn(Vec<PathBuf>) -> FromDialog) -> Outcome {
        let (sender, waker) = (self.from_dialogs.0.clone(), self.ports.waker.clone());
        self.ports.dialogs.choose(
            ask,
            Box::new(move |paths| {
                if !paths.is_empty() {
                    // The window may be gone by the time the dialog is closed; then nobody wants the answer.
                    let _ = sender.send(wrap(paths));
                    waker();
                }
            }),
        );
        Outcome::Done
    }

    pub(super) fn choose_export_path(&mut self, kind: ExportKind) -> Outcome {
        let (sender, waker) = (self.from_dialogs.0.clone(), self.ports.waker.clone());
        let ask = match kind {
            ExportKind::Report => Ask::SaveFolder,
            _ => Ask::SaveFile {
                name: self.suggested_name(kind),
                extension: kind.extension(),
            },
        };
        self.ports.dialogs.choose(
            ask,
            Box::new(move |paths| {
                if let Some(path) = paths.into_iter().next() {
                    let _ = sender.send(FromDialog::Export(ChosenPath { kind, path }));
                    waker();
                }
            }),
        );
        Outcome::Done
    }

    /// A file name for an export, from the scenario's name and the estate's.
    #[must_use]
    pub fn suggested_name(&self, kind: ExportKind) -> String {
        let base = if self.doc.view.redacted && kind != ExportKind::Session {
            "redacted".to_owned()
        } else if !self.doc.proposal.name.is_empty() {
            self.doc.proposal.name.clone()
        } else {
            self.title().unwrap_or_else(|| "trustmap".into())
        };
        let stem: String = base
            .trim_end_matches(".json")
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || c == '-' || c == '_' {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .collect();
        match kind {
            ExportKind::Report => format!("{stem}-report"),
            _ => format!("{stem}.{}", kind.extension()),
        }
    }

    pub(super) fn open(&mut self, paths: Vec<PathBuf>) -> Outcome {
        if paths.is_empty() {
            return Outcome::Nothing("No file was given".into());
        }
        let mut opened = self.doc.estate.as_ref().map(|e| e.opened.clone()).unwrap_or_default();
        // A session is opened by itself: it names what it needs.
        let session = paths.iter().find(|p| super::keeping::session_in(p).is_some()).cloned();
        if let Some(path) = session {
            return self.read(vec![Opened::Path(path)], Vec::new());
        }
        let (lists, paths): (Vec<_>, Vec<_>) = paths
            .into_iter()
            .map(|path| (self.list_in(&path), path))
            .partition(|(list, _)| list.is_some());
        for (text, _) in &lists {
            let outcome = self.rotate_listed(text.as_deref().unwrap_or_default());
            if paths.is_empty() && lists.len() == 1 {
                return outcome;
            }
        }
        if paths.is_empty() {
            return Outcome::Done;
        }
        for (_, path) in paths {
            let new = Opened::Path(path);
            if !opened.contains(&new) {
                opened.push(new);
            }
        }
        self.read(opened, Vec::new())
    }

    pub(super) fn open_other(&mut self, paths: Vec<PathBuf>) -> Outcome {
        if self.doc.estate.is_none() {
            return Outcome::Refused("Nothing is open; open an inventory before comparing it with another".into());
        }
        if paths.is_empty() {
            return Outcome::Nothing("No file was given".into());
        }
        if let Some((name, _)) = self.task() {
            return Outcome::Refused(format!("{name} is not finished; wait for it or cancel it"));
        }
        self.doc.other_files = paths;
        self.read_other(true);
        Outcome::Done
    }

    fn read_other(&mut self, show: bool) {
        self.task_name = Some("Reading");
        self.tasks.supersede(Some(Task::ReadOther {
            opened: self.doc.other_files.iter().cloned().map(Opened::Path).collect(),
            decisions: self.doc.decisions.clone(),
            read_at: self.ports.clock.now(),
            show,
        }));
    }

    pub(super) fn close_other(&mut self) -> Outcome {
        self.doc.view.against_other = false;
        self.doc.other_files.clear();
        match self.doc.other.take() {
            Some(_) => Outcome::Done,
            None => Outcome::Nothing("No other inventory is open".into()),
        }
    }

    pub(super) fn open_sample(&mut self, i: usize) -> Outcome {
        match super::samples().get(i) {
            None => Outcome::Refused("There is no such sample".into()),
            Some(sample) => self.read(vec![Opened::Sample(i)], sample.compromise.clone()),
        }
    }

    pub(super) fn close_file(&mut self, i: usize) -> Outcome {
        let Some(estate) = &self.doc.estate else {
            return Outcome::Nothing("Nothing is open".into());
        };
        let mut opened = estate.opened.clone();
        if i >= opened.len() {
            return Outcome::Nothing("There is no such file".into());
        }
        opened.remove(i);
        if opened.is_empty() {
            self.close_all()
        } else {
            self.read(opened, Vec::new())
        }
    }

    pub(super) fn close_all(&mut self) -> Outcome {
        if self.doc.estate.is_none() {
            return Outcome::Nothing("Nothing is open".into());
        }
        self.forget_copy();
        self.kept = None;
        let regime = self.doc.regime;
        self.doc = Document::new(regime);
        self.answer = Answer::default();
        self.troubles.clear();
        self.asked = None;
        self.analyst.supersede(None);
        Outcome::Done
    }

    pub(super) fn read(&mut self, opened: Vec<Opened>, seeds: Vec<String>) -> Outcome {
        if let Some((name, _)) = self.task() {
            return Outcome::Refused(format!("{name} is not finished; wait for it or cancel it"));
        }
        self.task_name = Some("Reading");
        self.tasks.supersede(Some(Task::Read {
            opened,
            seeds,
            decisions: self.doc.decisions.clone(),
            read_at: self.ports.clock.now(),
        }));
        Outcome::Done
    }

    /// Says of a join that it holds, or does not, and reads the files again with that.
    pub(super) fn decide_join(&mut self, id: String, holds: Option<bool>) -> Outcome {
        let Some(estate) = self.doc.estate.clone() else {
            return Outcome::Refused("Nothing is open; open an inventory first".into());
        };
        if !estate.joins.iter().any(|j| j.id == id) {
            return Outcome::Refused(format!("There is no join {id}"));
        }
        let mut decisions = self.doc.decisions.clone();
        decisions.confirmed.remove(&id);
        decisions.refused.remove(&id);
        match holds {
            Some(true) => drop(decisions.confirmed.insert(id)),
            Some(false) => drop(decisions.refused.insert(id)),
            None => {}
        }
        if decisions == self.doc.decisions {
            return Outcome::Nothing("That was said already".into());
        }
        let before = std::mem::replace(&mut self.doc.decisions, decisions);
        let outcome = self.read(estate.opened.clone(), Vec::new());
        if outcome != Outcome::Done {
            self.doc.decisions = before;
        }
        outcome
    }

    pub(super) fn cancel(&mut self) -> Outcome {
        match self.task() {
            None => Outcome::Nothing("Nothing is being read or written".into()),
            Some((name, _)) => {
                self.tasks.supersede(None);
                self.task_name = None;
                self.notify(NoticeLevel::Note, format!("{name} was cancelled"));
                Outcome::Done
            }
        }
    }

    pub(super) fn task_event(&mut self, event: Event<TaskDone>) {
        match event {
            Event::Finished => {
                self.task_name = None;
                // A session says what it is compared with.
                if std::mem::take(&mut self.other_wanted) {
                    self.read_other(false);
                }
            }
            Event::Panicked(text) => {
                let doing = if self.task_name == Some("Writing") {
                    "writing"
                } else {
                    "reading"
                };
                self.task_name = None;
                self.bug(doing, &text);
            }
            Event::Part(TaskDone::Read {
                estate,
                seeds,
                scenario,
                asserted,
                session,
            }) => {
                let asserted = asserted.map(std::sync::Arc::new);
                let restored = session.is_some();
                if let Some(session) = session {
                    let (path, saved) = *session;
                    self.doc.estate = None;
                    self.take_estate(*estate, seeds, scenario);
                    self.doc.decisions = saved.decisions.clone();
                    self.restore(&path, saved);
                } else {
                    self.take_estate(*estate, seeds, scenario);
                }
                if restored {
                    self.doc.asserted = asserted;
                } else if let Some(asserted) = asserted {
                    self.notify(NoticeLevel::Done, format!("Asserting what {} says", asserted.name));
                    self.doc.asserted = Some(asserted);
                    self.doc.view.tab = super::Tab::Findings;
                }
            }
            Event::Part(TaskDone::ReadOther(estate, show)) => {
                let said = estate.loaded.diagnostics.len() as u64;
                if said > 0 {
                    let things = words::count(said, "thing", "things");
                    self.notify(
                        NoticeLevel::Note,
                        format!("{things} in {} could not be used as they stand", estate.title()),
                    );
                }
                self.doc.other = Some(std::sync::Arc::new(*estate));
                if show {
                    self.doc.view.against_other = true;
                    self.doc.view.tab = super::Tab::Compare;
                }
            }
            Event::Part(TaskDone::Failed { place, why }) => {
                self.troubles.push(format!("{place}: {why}"));
                self.notify(NoticeLevel::Trouble, format!("Could not read {place}: {why}"));
            }
            Event::Part(TaskDone::Written { kind, path, redacted }) => {
                if kind == ExportKind::Session {
                    self.settings.remember(&path);
                    self.doc.session_file = Some(path.clone());
                }
                // A scenario under aliases cannot be opened again: it saves nothing.
                match kind {
                    _ if redacted => {}
                    ExportKind::Scenario => self.doc.saved_steps.push(self.doc.proposal.steps.clone()),
                    ExportKind::Session => self.doc.saved_steps = self.doc.proposal.every_steps(),
                    _ => {}
                }
                let names = if redacted { "; names are aliases" } else { "" };
                self.notify(NoticeLevel::Done, format!("Wrote {}{names}", path.display()));
            }
            Event::Part(TaskDone::Copied { kind, bytes }) => {
                let (copied, said) = match kind {
                    ExportKind::Csv => (
                        super::Copied::Rows(crate::export::csv::tabbed(&String::from_utf8_lossy(&bytes))),
                        "Copied the rows",
                    ),
                    _ => (super::Copied::Picture(bytes), "Copied the picture"),
                };
                let serial = self.copied.as_ref().map_or(0, |(n, _)| *n) + 1;
                self.copied = Some((serial, std::sync::Arc::new(copied)));
                let names = if self.doc.view.redacted {
                    "; names are aliases"
                } else {
                    ""
                };
                self.notify(NoticeLevel::Done, format!("{said}{names}"));
            }
            Event::Part(TaskDone::NotCopied(why)) => {
                self.notify(NoticeLevel::Trouble, format!("Could not copy it: {why}"));
            }
            Event::Part(TaskDone::NotWritten { path, why }) => {
                self.notify(
                    NoticeLevel::Trouble,
                    format!("Could not write {}: {why}", path.display()),
                );
            }
        }
    }

    pub(super) fn take_estate(
        &mut self,
        estate: super::Estate,
        seeds: Vec<String>,
        scenario: Option<crate::scenario::Scenario>,
    ) {
        let replaces = !estate
            .opened
            .iter()
            .any(|o| self.doc.estate.as_ref().is_some_and(|e| e.opened.contains(o)));
        let errors = estate.loaded.diagnostics.len();
        if replaces {
            self.troubles.clear();
            self.doc.as_of = None;
            self.doc.selection = None;
            self.doc.view = super::View::default();
            self.doc.notes.clear();
            self.doc.asserted = None;
            self.doc.other = None;
            self.doc.other_files.clear();
            self.doc.session_file = None;
            self.doc.proposal = Proposal {
                name: "scenario-1".into(),
                ..Proposal::default()
            };
            self.doc.saved_steps.clear();
            self.doc.decisions = crate::stitch::Decisions::default();
            self.doc.history.clear();
            self.answer = Answer::default();
            self.layout_chosen = false;
        }
        self.doc.estate = Some(std::sync::Arc::new(estate));
        self.around = None;
        // What was marked is known by its place in the estate.
        self.doc.marked.clear();
        if !seeds.is_empty() {
            self.doc.selection = seeds.first().cloned();
            self.doc.proposal.seeds = seeds;
            self.doc.proposal.seeds.sort();
            self.doc.proposal.seeds.dedup();
        }
        if let Some(scenario) = scenario {
            self.propose("Open scenario", |p| {
                p.name = scenario.name.unwrap_or_else(|| p.name.clone());
                p.steps = scenario
                    .actions
                    .into_iter()
                    .map(|action| ProposedStep { action, on: true })
                    .collect();
            });
            self.doc.saved_steps.push(self.doc.proposal.steps.clone());
        }
        if errors > 0 {
            let said = words::count(errors as u64, "thing", "things");
            self.notify(
                NoticeLevel::Note,
                format!("{said} in the files could not be used as they stand; see Problems"),
            );
        }
    }

    pub(super) fn copy(&mut self, kind: ExportKind) -> Outcome {
        if let Some((name, _)) = self.task() {
            return Outcome::Refused(format!("{name} is not finished; wait for it or cancel it"));
        }
        if !matches!(kind, ExportKind::Png | ExportKind::Csv) {
            return Outcome::Refused("Only a picture or rows can be copied".into());
        }
        let Some(question) = self.question() else {
            return Outcome::Refused("Nothing is open; open an inventory before copying".into());
        };
        self.task_name = Some("Copying");
        self.tasks.supersede(Some(Task::Copy {
            kind,
            pixels: self.settings.picture,
            question: Box::new(question),
            redacted: self.doc.view.redacted,
        }));
        Outcome::Done
    }

    pub(super) fn export(&mut self, kind: ExportKind, path: PathBuf) -> Outcome {
        if path.as_os_str().is_empty() {
            return Outcome::Refused("No place to write to was given".into());
        }
        if let Some((name, _)) = self.task() {
            return Outcome::Refused(format!("{name} is not finished; wait for it or cancel it"));
        }
        let Some(question) = self.question() else {
            return Outcome::Refused("Nothing is open; open an inventory before exporting".into());
        };
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            self.export_folder = folder.to_path_buf();
        }
        let text = (kind == ExportKind::Session).then(|| self.session_text());
        self.task_name = Some("Writing");
        self.tasks.supersede(Some(Task::Write {
            kind,
            path,
            pixels: self.settings.picture,
            text,
            question: Box::new(question),
            notes: self.doc.notes.clone(),
            plan: Box::new(self.doc.view.plan.clone()),
            // A session is opened again and needs its names.
            redacted: self.doc.view.redacted && kind != ExportKind::Session,
        }));
        Outcome::Done
    }
}
