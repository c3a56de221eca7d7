//! The session: drains commands, keeps the document, asks the workers, takes what they give. The only place that
//! changes anything.

use super::derive::{Analyst, Answer, Part, Question};
use super::tasks::{self, Task, TaskDone};
use super::{
    Ask, Command, Document, Event, ExportKind, Opened, Outcome, Ports, Progress, Proposal, ProposedStep, Sample,
    Sketch, WindowSettings, Worker, words,
};
use crate::graph::Thing;
use crate::import::InputFile;
use crate::model::{Diagnostic, Time};
use crate::scenario::{self, Action};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

/// How weighty a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Something was done.
    Done,
    /// Something is worth knowing.
    Note,
    /// Something was not done.
    Trouble,
}

/// A short message at the lower right of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number, rising.
    pub id: u64,
    /// How weighty.
    pub level: NoticeLevel,
    /// What it says.
    pub text: String,
}

/// What a dialog of the system gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenPath {
    /// For which export.
    pub kind: ExportKind,
    /// Where to.
    pub path: PathBuf,
}

enum FromDialog {
    Open(Vec<PathBuf>),
    Export(ChosenPath),
}

/// Everything behind the window.
pub struct Session {
    /// What is open and proposed.
    pub doc: Document,
    /// What follows from it, as far as it is known.
    pub answer: Answer,
    /// What is remembered between runs.
    pub settings: WindowSettings,
    /// Messages that are shown.
    pub notices: Vec<Notice>,
    /// Problems that are no diagnostics of a file: files that could not be opened at all.
    pub troubles: Vec<String>,
    /// Where the system's dialog says an export should go; the window takes it.
    pub chosen_path: Option<(u64, ChosenPath)>,
    ports: Ports,
    tasks: Worker<Task, TaskDone>,
    analyst: Worker<Question, Part>,
    sketcher: Worker<Vec<Sample>, (usize, Sketch)>,
    /// Small pictures of the samples, as far as they are worked out.
    pub sketches: Vec<Option<Sketch>>,
    asked: Option<Question>,
    task_name: Option<&'static str>,
    from_dialogs: (Sender<FromDialog>, Receiver<FromDialog>),
    map_size: (f32, f32),
    export_folder: PathBuf,
    last_notice: u64,
}

impl Session {
    /// A session with nothing open. Errors: the system has no thread to give.
    pub fn new(ports: Ports, settings: WindowSettings) -> std::io::Result<Self> {
        let disk = ports.disk.clone();
        let tasks = Worker::start("tasks", ports.waker.clone(), move |task, ticket| {
            tasks::run(task, disk.as_ref(), ticket)
        })?;
        let mut analyst = Analyst::default();
        let worker = Worker::start("analyst", ports.waker.clone(), move |q, ticket| analyst.run(&q, ticket))?;
        let sketcher = Worker::start("samples", ports.waker.clone(), super::sketch::run)?;
        Ok(Self {
            doc: Document::new(settings.regime),
            answer: Answer::default(),
            settings,
            notices: Vec::new(),
            troubles: Vec::new(),
            chosen_path: None,
            export_folder: ports.export_folder.clone(),
            ports,
            tasks,
            analyst: worker,
            sketcher,
            sketches: Vec::new(),
            asked: None,
            task_name: None,
            from_dialogs: channel(),
            map_size: (872.0, 756.0),
            last_notice: 0,
        })
    }

    /// Does one thing. What is long is begun and comes back through [`Session::take`]. A refusal is also shown as a notice.
    pub fn run(&mut self, command: Command) -> Outcome {
        let outcome = self.dispatch(command);
        if let Outcome::Refused(why) = &outcome {
            self.notify(NoticeLevel::Trouble, why.clone());
        }
        self.ask();
        outcome
    }

    /// Takes what workers and dialogs have given since the last call. True where something changed.
    pub fn take(&mut self) -> bool {
        let mut changed = false;
        while let Ok(given) = self.from_dialogs.1.try_recv() {
            changed = true;
            match given {
                FromDialog::Open(paths) => {
                    self.run(Command::Open(paths));
                }
                FromDialog::Export(chosen) => {
                    let serial = self.chosen_path.as_ref().map_or(0, |(n, _)| *n) + 1;
                    self.chosen_path = Some((serial, chosen));
                }
            }
        }
        for event in self.tasks.take() {
            changed = true;
            self.task_event(event);
        }
        for event in self.sketcher.take() {
            changed = true;
            if let Event::Part((i, sketch)) = event
                && let Some(place) = self.sketches.get_mut(i)
            {
                *place = Some(sketch);
            }
        }
        for event in self.analyst.take() {
            changed = true;
            match event {
                Event::Part(part) => self.answer.put(part),
                Event::Finished => {}
                Event::Panicked(text) => self.bug("working out the radius", &text),
            }
        }
        self.ask();
        changed
    }

    /// Whether anything is being worked on.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.tasks.is_busy() || self.analyst.is_busy() || self.sketcher.is_busy()
    }

    /// Whether files are being read or written, and how far that is.
    #[must_use]
    pub fn task(&self) -> Option<(&'static str, Progress)> {
        let name = self.task_name.filter(|_| self.tasks.is_busy())?;
        Some((name, self.tasks.progress().unwrap_or_default()))
    }

    /// Whether what is on screen belongs to an older question.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        match (&self.asked, &self.answer.reach) {
            (Some(q), Some(reach)) => !reach.answers(q),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Whether a command would do anything at all; the window asks before it asks for another frame.
    #[must_use]
    pub fn would_change(&self, command: &Command) -> bool {
        match command {
            Command::SetMapSize(w, h) => self.map_size != (w.round().max(64.0), h.round().max(64.0)),
            Command::SketchSamples => self.sketches.is_empty(),
            Command::DismissNotice(id) => self.notices.iter().any(|n| n.id == *id),
            Command::Select(id) => self.doc.selection != *id,
            _ => true,
        }
    }

    /// Where an export would go unless the analyst says otherwise.
    #[must_use]
    pub fn suggested_path(&self, kind: ExportKind) -> PathBuf {
        self.export_folder.join(self.suggested_name(kind))
    }

    /// The thing that is selected.
    #[must_use]
    pub fn selected_thing(&self) -> Option<Thing> {
        let estate = self.doc.estate.as_ref()?;
        estate.graph.find(self.doc.selection.as_deref()?)
    }

    /// The id of a thing on the map.
    #[must_use]
    pub fn id_of(&self, thing: Thing) -> Option<String> {
        self.doc.estate.as_ref().map(|e| e.graph.id(thing).into_owned())
    }

    /// How many records a file gave.
    #[must_use]
    pub fn records_of(&self, input: &InputFile) -> u64 {
        input.counts.total()
    }

    /// The position among what was opened of the input of this name, where it was opened by itself.
    #[must_use]
    pub fn opened_as(&self, name: &str) -> Option<usize> {
        let estate = self.doc.estate.as_ref()?;
        estate.opened.iter().position(|o| match o {
            Opened::Path(p) => p.to_string_lossy() == name,
            Opened::Sample(_) => o.name() == name,
        })
    }

    /// The first and last day that the as-of slider reaches: the times in the inventory, a year at least.
    #[must_use]
    pub fn as_of_range(&self) -> Option<(Time, Time)> {
        let estate = self.doc.estate.as_ref()?;
        let own = estate.inventory().as_of.unwrap_or(estate.read_at);
        Some((own.plus_days(-240), own.plus_days(125)))
    }

    /// The diagnostics of the files, in order.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.doc
            .estate
            .as_ref()
            .map_or(&[], |e| e.loaded.diagnostics.as_slice())
    }

    /// How many lines Problems has.
    #[must_use]
    pub fn problem_count(&self) -> usize {
        self.troubles.len() + self.diagnostics().len()
    }

    /// The name of what is open, for titles and suggested file names.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        let estate = self.doc.estate.as_ref()?;
        Some(match (&estate.inventory().name, estate.loaded.inputs.as_slice()) {
            (Some(name), _) => name.clone(),
            (None, [one]) => one.name.clone(),
            (None, many) => words::count(many.len() as u64, "file", "files"),
        })
    }

    /// Writes the settings where they are kept. Errors: what went wrong, with the place.
    pub fn save_settings(&mut self) -> Result<(), String> {
        self.settings.regime = self.doc.regime;
        match &self.ports.settings_file {
            None => Ok(()),
            Some(path) => self
                .ports
                .disk
                .write(path, self.settings.to_json().as_bytes())
                .map_err(|e| format!("Could not write {}: {e}", path.display())),
        }
    }

    /// Shows a message.
    pub fn notify(&mut self, level: NoticeLevel, text: impl Into<String>) {
        let text = text.into();
        // The same message twice is one message, shown anew.
        self.notices.retain(|n| n.text != text);
        self.last_notice += 1;
        self.notices.push(Notice {
            id: self.last_notice,
            level,
            text,
        });
        if self.notices.len() > 4 {
            self.notices.remove(0);
        }
    }

    fn bug(&mut self, while_doing: &str, text: &str) {
        self.notify(
            NoticeLevel::Trouble,
            format!("A fault in the program while {while_doing}: {text}. Nothing else is lost"),
        );
    }

    fn dispatch(&mut self, command: Command) -> Outcome {
        match command {
            Command::ChooseFiles => self.choose_to_open(Ask::OpenFiles),
            Command::ChooseFolder => self.choose_to_open(Ask::OpenFolder),
            Command::Open(paths) => self.open(paths),
            Command::OpenSample(i) => self.open_sample(i),
            Command::CloseFile(i) => self.close_file(i),
            Command::CloseAll => self.close_all(),
            Command::Cancel => self.cancel(),
            Command::Compromise(id) => self.compromise(id),
            Command::Spare(id) => self.spare(&id),
            Command::AddAction(action) => self.add_action(action),
            Command::RemoveAction(i) => self.edit_steps(i, "Remove", |steps, i| {
                steps.remove(i);
            }),
            Command::ToggleAction(i) => {
                let verb = if self.doc.proposal.steps.get(i).is_some_and(|s| s.on) {
                    "Switch off"
                } else {
                    "Switch on"
                };
                self.edit_steps(i, verb, |steps, i| steps[i].on = !steps[i].on)
            }
            Command::MoveAction(from, to) => self.move_action(from, to),
            Command::EditAction(i, action) => self.edit_action(i, action),
            Command::ClearActions => self.clear_actions(),
            Command::RenameScenario(name) => self.rename(name),
            Command::KeepAudience(id, kept) => self.keep(&id, kept, Stated::Audience),
            Command::KeepScopes(id, kept) => self.keep(&id, kept, Stated::Scopes),
            Command::Undo => match self.doc.history.undo(&mut self.doc.proposal) {
                Some(_) => Outcome::Done,
                None => Outcome::Nothing("Nothing to undo".into()),
            },
            Command::Redo => match self.doc.history.redo(&mut self.doc.proposal) {
                Some(_) => Outcome::Done,
                None => Outcome::Nothing("Nothing to redo".into()),
            },
            Command::SetRegime(regime) => changed(&mut self.doc.regime, regime),
            Command::SetAsOf(time) => changed(&mut self.doc.as_of, time),
            Command::Select(id) => changed(&mut self.doc.selection, id),
            Command::ChooseExportPath(kind) => self.choose_export_path(kind),
            Command::Export(kind, path) => self.export(kind, path),
            Command::SetTheme(theme) => changed(&mut self.settings.theme, theme),
            Command::SetLayout(layout) => changed(&mut self.settings.layout, layout),
            Command::SetLessMotion(less) => changed(&mut self.settings.less_motion, less),
            Command::SketchSamples => {
                let samples = super::samples();
                if !self.sketches.is_empty() {
                    return Outcome::Nothing("It is done already".into());
                }
                self.sketches = vec![None; samples.len()];
                self.sketcher.supersede(Some(samples));
                Outcome::Done
            }
            Command::SetMapSize(width, height) => {
                changed(&mut self.map_size, (width.round().max(64.0), height.round().max(64.0)))
            }
            Command::SetLeftWidth(width) => changed(&mut self.settings.left_width, Some(width.clamp(180.0, 420.0))),
            Command::SetInspectorWidth(width) => {
                changed(&mut self.settings.inspector_width, Some(width.clamp(280.0, 560.0)))
            }
            Command::DismissNotice(id) => {
                self.notices.retain(|n| n.id != id);
                Outcome::Done
            }
        }
    }

    fn choose_to_open(&mut self, ask: Ask) -> Outcome {
        let (sender, waker) = (self.from_dialogs.0.clone(), self.ports.waker.clone());
        self.ports.dialogs.choose(
            ask,
            Box::new(move |paths| {
                if !paths.is_empty() {
                    // The window may be gone by the time the dialog is closed; then nobody wants the answer.
                    let _ = sender.send(FromDialog::Open(paths));
                    waker();
                }
            }),
        );
        Outcome::Done
    }

    fn choose_export_path(&mut self, kind: ExportKind) -> Outcome {
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
        let base = if !self.doc.proposal.name.is_empty() {
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

    fn open(&mut self, paths: Vec<PathBuf>) -> Outcome {
        if paths.is_empty() {
            return Outcome::Nothing("No file was given".into());
        }
        let mut opened = self.doc.estate.as_ref().map(|e| e.opened.clone()).unwrap_or_default();
        for path in paths {
            let new = Opened::Path(path);
            if !opened.contains(&new) {
                opened.push(new);
            }
        }
        self.read(opened, Vec::new())
    }

    fn open_sample(&mut self, i: usize) -> Outcome {
        match super::samples().get(i) {
            None => Outcome::Refused("There is no such sample".into()),
            Some(sample) => self.read(vec![Opened::Sample(i)], sample.compromise.clone()),
        }
    }

    fn close_file(&mut self, i: usize) -> Outcome {
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

    fn close_all(&mut self) -> Outcome {
        if self.doc.estate.is_none() {
            return Outcome::Nothing("Nothing is open".into());
        }
        let regime = self.doc.regime;
        self.doc = Document::new(regime);
        self.answer = Answer::default();
        self.troubles.clear();
        self.asked = None;
        self.analyst.supersede(None);
        Outcome::Done
    }

    fn read(&mut self, opened: Vec<Opened>, seeds: Vec<String>) -> Outcome {
        if let Some((name, _)) = self.task() {
            return Outcome::Refused(format!("{name} is not finished; wait for it or cancel it"));
        }
        self.task_name = Some("Reading");
        self.tasks.supersede(Some(Task::Read {
            opened,
            seeds,
            read_at: self.ports.clock.now(),
        }));
        Outcome::Done
    }

    fn cancel(&mut self) -> Outcome {
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

    fn task_event(&mut self, event: Event<TaskDone>) {
        match event {
            Event::Finished => self.task_name = None,
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
            }) => self.take_estate(*estate, seeds, scenario),
            Event::Part(TaskDone::Failed { place, why }) => {
                self.troubles.push(format!("{place}: {why}"));
                self.notify(NoticeLevel::Trouble, format!("Could not read {place}: {why}"));
            }
            Event::Part(TaskDone::Written { kind, path }) => {
                if kind == ExportKind::Scenario {
                    self.doc.saved_steps = self.doc.proposal.steps.clone();
                }
                self.notify(NoticeLevel::Done, format!("Wrote {}", path.display()));
            }
            Event::Part(TaskDone::NotWritten { path, why }) => {
                self.notify(
                    NoticeLevel::Trouble,
                    format!("Could not write {}: {why}", path.display()),
                );
            }
        }
    }

    fn take_estate(&mut self, estate: super::Estate, seeds: Vec<String>, scenario: Option<crate::scenario::Scenario>) {
        let replaces = !estate
            .opened
            .iter()
            .any(|o| self.doc.estate.as_ref().is_some_and(|e| e.opened.contains(o)));
        let errors = estate.loaded.diagnostics.len();
        if replaces {
            self.troubles.clear();
            self.doc.as_of = None;
            self.doc.selection = None;
            self.doc.proposal = Proposal {
                name: "scenario-1".into(),
                ..Proposal::default()
            };
            self.doc.saved_steps.clear();
            self.doc.history.clear();
            self.answer = Answer::default();
        }
        self.doc.estate = Some(std::sync::Arc::new(estate));
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
            self.doc.saved_steps = self.doc.proposal.steps.clone();
        }
        if errors > 0 {
            let said = words::count(errors as u64, "thing", "things");
            self.notify(
                NoticeLevel::Note,
                format!("{said} in the files could not be used as they stand; see Problems"),
            );
        }
    }

    /// Changes the proposal as one step that can be undone.
    fn propose(&mut self, name: impl Into<String>, edit: impl FnOnce(&mut Proposal)) -> Outcome {
        let before = self.doc.proposal.clone();
        edit(&mut self.doc.proposal);
        if self.doc.proposal == before {
            return Outcome::Nothing("It is so already".into());
        }
        self.doc.history.record(name, before);
        Outcome::Done
    }

    fn compromise(&mut self, id: String) -> Outcome {
        let Some(estate) = self.doc.estate.clone() else {
            return Outcome::Refused("Nothing is open".into());
        };
        let mut scratch = crate::graph::Overlay::default();
        if let Err(unknown) = crate::analysis::resolve_seeds(&estate.graph, &mut scratch, std::slice::from_ref(&id)) {
            let ids: Vec<String> = unknown.iter().map(ToString::to_string).collect();
            return Outcome::Refused(ids.join("; "));
        }
        let name = format!("Mark {}", words::name_of(estate.inventory(), &id));
        self.propose(name, |p| {
            if let Err(at) = p.seeds.binary_search(&id) {
                p.seeds.insert(at, id);
            }
        })
    }

    fn spare(&mut self, id: &str) -> Outcome {
        let name = match &self.doc.estate {
            Some(estate) => format!("Unmark {}", words::name_of(estate.inventory(), id)),
            None => return Outcome::Refused("Nothing is open".into()),
        };
        self.propose(name, |p| p.seeds.retain(|s| s != id))
    }

    /// Whether these actions apply, and if not, why the one at `of` does not.
    fn why_not(&self, actions: &[Action], of: usize) -> Option<String> {
        let estate = self.doc.estate.as_ref()?;
        let errors = scenario::apply(&estate.graph, actions).err()?;
        errors.iter().find(|e| e.action == Some(of)).map(|e| e.message.clone())
    }

    fn add_action(&mut self, action: Action) -> Outcome {
        let Some(estate) = self.doc.estate.clone() else {
            return Outcome::Refused("Nothing is open".into());
        };
        if self.doc.proposal.steps.iter().any(|s| s.on && s.action == action) {
            return Outcome::Nothing("The scenario does it already".into());
        }
        let mut actions: Vec<Action> = self.doc.proposal.active().into_iter().map(|(_, a)| a).collect();
        actions.push(action.clone());
        if let Some(why) = self.why_not(&actions, actions.len() - 1) {
            return Outcome::Refused(why);
        }
        self.propose(words::step_name(&action, estate.inventory()), |p| {
            p.steps.push(ProposedStep { action, on: true });
        })
    }

    fn edit_steps(&mut self, i: usize, verb: &str, edit: impl FnOnce(&mut Vec<ProposedStep>, usize)) -> Outcome {
        let (Some(step), Some(estate)) = (self.doc.proposal.steps.get(i), self.doc.estate.clone()) else {
            return Outcome::Nothing("There is no such action".into());
        };
        let name = format!("{verb}: {}", words::step_name(&step.action, estate.inventory()));
        self.propose(name, |p| edit(&mut p.steps, i))
    }

    fn move_action(&mut self, from: usize, to: usize) -> Outcome {
        let to = to.min(self.doc.proposal.steps.len().saturating_sub(1));
        if from == to {
            return Outcome::Nothing("It is there already".into());
        }
        self.edit_steps(from, "Move", |steps, from| {
            let step = steps.remove(from);
            steps.insert(to, step);
        })
    }

    fn edit_action(&mut self, i: usize, action: Action) -> Outcome {
        let mut steps = self.doc.proposal.steps.clone();
        let Some(step) = steps.get_mut(i) else {
            return Outcome::Nothing("There is no such action".into());
        };
        step.action = action;
        step.on = true;
        let of = steps[..i].iter().filter(|s| s.on).count();
        let actions: Vec<Action> = steps.iter().filter(|s| s.on).map(|s| s.action.clone()).collect();
        match self.why_not(&actions, of) {
            Some(why) => Outcome::Refused(why),
            None => self.edit_steps(i, "Change", |old, _| *old = steps),
        }
    }

    fn clear_actions(&mut self) -> Outcome {
        self.propose("Clear scenario", |p| p.steps.clear())
    }

    fn rename(&mut self, name: String) -> Outcome {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Outcome::Refused("A scenario needs a name".into());
        }
        self.propose(format!("Rename to {name}"), |p| p.name = name)
    }

    /// Narrows a credential to what is ticked. One action a credential: ticking on goes back over the same action.
    fn keep(&mut self, id: &str, kept: Vec<String>, part: Stated) -> Outcome {
        let Some(estate) = self.doc.estate.clone() else {
            return Outcome::Refused("Nothing is open".into());
        };
        let inventory = estate.inventory();
        let stated = match inventory.find(id).map(|ix| inventory.entity(ix)) {
            Some(crate::model::Entity::Credential(c)) => match part {
                Stated::Audience => c.audience.clone(),
                Stated::Scopes => c.scopes.clone(),
            },
            _ => None,
        };
        let Some(stated) = stated else {
            return Outcome::Refused(format!("{} states nothing to narrow", words::name_of(inventory, id)));
        };
        let kept: Vec<String> = stated.iter().filter(|s| kept.contains(s)).cloned().collect();
        let whole = kept == stated;
        let action = match part {
            Stated::Audience => Action::NarrowAudience {
                credential: id.to_owned(),
                audience: kept,
            },
            Stated::Scopes => Action::NarrowScopes {
                credential: id.to_owned(),
                scopes: kept,
            },
        };
        let at = self.doc.proposal.steps.iter().position(|s| match (&s.action, part) {
            (Action::NarrowAudience { credential, .. }, Stated::Audience)
            | (Action::NarrowScopes { credential, .. }, Stated::Scopes) => credential == id,
            _ => false,
        });
        let name = words::step_name(&action, inventory);
        match (at, whole) {
            (None, true) => Outcome::Nothing("It keeps all it has".into()),
            (None, false) => self.add_action(action),
            (Some(i), true) => self.propose(name, |p| {
                p.steps.remove(i);
            }),
            (Some(i), false) => self.propose(name, |p| p.steps[i] = ProposedStep { action, on: true }),
        }
    }

    fn export(&mut self, kind: ExportKind, path: PathBuf) -> Outcome {
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
        self.task_name = Some("Writing");
        self.tasks.supersede(Some(Task::Write {
            kind,
            path,
            question: Box::new(question),
        }));
        Outcome::Done
    }

    fn question(&self) -> Option<Question> {
        let estate = self.doc.estate.clone()?;
        let (as_of, as_of_from) = self.doc.as_of()?;
        Some(Question {
            estate,
            proposal: self.doc.proposal.clone(),
            settings: crate::graph::Settings {
                as_of,
                regime: self.doc.regime,
            },
            as_of_from,
            selection: self.doc.selection.clone(),
            layout: self.settings.layout,
            map_size: self.map_size,
        })
    }

    /// Asks the analyst where the question is a new one. Called after everything that could have changed it.
    fn ask(&mut self) {
        let question = self.question();
        if question != self.asked {
            self.asked.clone_from(&question);
            if question.is_some() {
                self.analyst.supersede(question);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Stated {
    Audience,
    Scopes,
}

fn changed<T: PartialEq>(place: &mut T, value: T) -> Outcome {
    if *place == value {
        return Outcome::Nothing("It is so already".into());
    }
    *place = value;
    Outcome::Done
}
