//! The session: drains commands, keeps the document, asks the workers, takes what they give. The only place that
//! changes anything.

use super::derive::{Analyst, Answer, Part, Question};
use super::edit::Stated;
use super::evidence::{self, EvidenceQuestion};
use super::places::{self, Overlaid, Placer, PlacesQuestion};
use super::tasks::{self, Task, TaskDone};
use super::{
    Ask, Command, Document, Event, ExportKind, Opened, Outcome, PlanQuestion, Planned, Ports, Progress, Sample, Sketch,
    WindowSettings, Worker, words,
};
use crate::graph::Thing;
use crate::import::InputFile;
use crate::model::{Diagnostic, Time};
use crate::scene::estate::{EstatePicture, EstatePlaces};
use crate::stitch::Join;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

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
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its number, rising.
    pub id: u64,
    /// How weighty.
    pub level: NoticeLevel,
    /// What it says.
    pub text: String,
    /// What it offers to do, and the words for that.
    pub offer: Option<(String, Command)>,
}

/// What a dialog of the system gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenPath {
    /// For which export.
    pub kind: ExportKind,
    /// Where to.
    pub path: PathBuf,
}

/// What goes on the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// A picture, as PNG.
    Picture(Vec<u8>),
    /// Rows, cells parted by tabs, as spreadsheets take them.
    Rows(String),
}

/// What a dialog of the system says, from whichever thread it runs on.
pub(super) enum FromDialog {
    Open(Vec<PathBuf>),
    Other(Vec<PathBuf>),
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
    /// What is to go on the clipboard, with a number that rises; the window takes it.
    pub copied: Option<(u64, Arc<Copied>)>,
    pub(super) ports: Ports,
    pub(super) tasks: Worker<Task, TaskDone>,
    pub(super) analyst: Worker<Question, Part>,
    pub(super) planner: Worker<PlanQuestion, Planned>,
    pub(super) plan_asked: Option<PlanQuestion>,
    /// How long a proof is tried.
    pub(super) plan_patience: Duration,
    pub(super) sketcher: Worker<Vec<Sample>, (usize, Sketch)>,
    pub(super) placer: Worker<PlacesQuestion, EstatePlaces>,
    pub(super) places_asked: Option<PlacesQuestion>,
    pub(super) places: Option<Arc<EstatePlaces>>,
    pub(super) overlayer: Worker<Overlaid, EstatePicture>,
    pub(super) overlaid: Option<Overlaid>,
    pub(super) evidence: Worker<EvidenceQuestion, super::Evidence>,
    /// The estate as bubbles, as far as it is worked out.
    pub estate_picture: Option<Arc<EstatePicture>>,
    /// The record around which the working map is open.
    pub around: Option<String>,
    /// What the analyst is asked to write a note on.
    pub note_asked: Option<String>,
    /// Whether the analyst chose a layout since the estate was opened.
    pub layout_chosen: bool,
    /// Small pictures of the samples, as far as they are worked out.
    pub sketches: Vec<Option<Sketch>>,
    pub(super) keeper: Worker<(PathBuf, String), Result<(), String>>,
    pub(super) kept: Option<super::keeping::Kept>,
    pub(super) keeper_failed: bool,
    pub(super) asked: Option<Question>,
    /// What a session is compared with is to be read next.
    pub(super) other_wanted: bool,
    pub(super) task_name: Option<&'static str>,
    pub(super) from_dialogs: (Sender<FromDialog>, Receiver<FromDialog>),
    pub(super) map_size: (f32, f32),
    pub(super) export_folder: PathBuf,
    pub(super) last_notice: u64,
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
        let mut planner = super::planner::Planner::default();
        let planner = Worker::start("planner", ports.waker.clone(), move |q, ticket| planner.run(q, ticket))?;
        let sketcher = Worker::start("samples", ports.waker.clone(), super::sketch::run)?;
        let mut placer = Placer::default();
        let placer = Worker::start("places", ports.waker.clone(), move |q, ticket| placer.run(&q, ticket))?;
        let overlayer = Worker::start("estate", ports.waker.clone(), places::overlay)?;
        let evidence = Worker::start("evidence", ports.waker.clone(), evidence::run)?;
        let mut pen = super::Keeper::new(ports.disk.clone(), ports.autosave_every);
        let keeper = Worker::start("keeper", ports.waker.clone(), move |job, ticket| pen.run(job, ticket))?;
        Ok(Self {
            placer,
            places_asked: None,
            places: None,
            overlayer,
            overlaid: None,
            evidence,
            estate_picture: None,
            around: None,
            note_asked: None,
            layout_chosen: false,
            doc: Document::new(settings.regime),
            answer: Answer::default(),
            settings,
            notices: Vec::new(),
            troubles: Vec::new(),
            chosen_path: None,
            copied: None,
            export_folder: ports.export_folder.clone(),
            ports,
            tasks,
            analyst: worker,
            planner,
            plan_asked: None,
            plan_patience: super::planning::PROOF,
            sketcher,
            keeper,
            kept: None,
            keeper_failed: false,
            sketches: Vec::new(),
            asked: None,
            other_wanted: false,
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
                FromDialog::Other(paths) => {
                    self.run(Command::OpenOther(paths));
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
        changed |= self.keeper_says();
        for event in self.analyst.take() {
            changed = true;
            match event {
                Event::Part(part) => self.answer.put(part),
                Event::Finished => {}
                Event::Panicked(text) => self.bug("working out the radius", &text),
            }
        }
        changed |= self.take_places();
        changed |= self.take_plan();
        changed |= self.take_evidence();
        self.ask();
        changed
    }

    /// Whether anything is being worked on.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.tasks.is_busy()
            || self.analyst.is_busy()
            || self.sketcher.is_busy()
            || self.planner.is_busy()
            || self.placer.is_busy()
            || self.overlayer.is_busy()
            || self.evidence.is_busy()
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
            Command::LookAtFiles => self.doc.estate.is_some(),
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

    /// The first and last day that the as-of slider reaches: a year, two thirds of it before the inventory's own time.
    #[must_use]
    pub fn as_of_range(&self) -> Option<(Time, Time)> {
        let estate = self.doc.estate.as_ref()?;
        let own = estate.inventory().as_of.unwrap_or(estate.read_at);
        Some((own.plus_days(-240), own.plus_days(125)))
    }

    /// Whether two inventories are compared, and not two branches.
    #[must_use]
    pub fn comparing_inventories(&self) -> bool {
        self.doc.view.against_other && self.doc.other.is_some()
    }

    /// The diagnostics of the files, in order.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.doc
            .estate
            .as_ref()
            .map_or(&[], |e| e.loaded.diagnostics.as_slice())
    }

    /// What two files say of one thing, by id.
    #[must_use]
    pub fn joins(&self) -> &[Join] {
        self.doc.estate.as_ref().map_or(&[], |e| e.joins.as_slice())
    }

    /// The name of a record for people.
    #[must_use]
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.doc
            .estate
            .as_ref()
            .map_or(id, |e| words::name_of(e.inventory(), id))
    }

    /// How many lines Problems has.
    #[must_use]
    pub fn problem_count(&self) -> usize {
        self.troubles.len() + self.diagnostics().len()
    }

    /// The name of what is open, for titles and suggested file names.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        Some(self.doc.estate.as_ref()?.title())
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
        self.offer(level, text, None);
    }

    /// Shows a message that offers to do something.
    pub fn offer(&mut self, level: NoticeLevel, text: impl Into<String>, offer: Option<(String, Command)>) {
        let text = text.into();
        // The same message twice is one message, shown anew.
        self.notices.retain(|n| n.text != text);
        self.last_notice += 1;
        self.notices.push(Notice {
            id: self.last_notice,
            level,
            text,
            offer,
        });
        if self.notices.len() > 4 {
            self.notices.remove(0);
        }
    }

    pub(super) fn bug(&mut self, while_doing: &str, text: &str) {
        self.notify(
            NoticeLevel::Trouble,
            format!("A fault in the program while {while_doing}: {text}. Nothing else is lost"),
        );
    }

    fn dispatch(&mut self, command: Command) -> Outcome {
        match command {
            Command::ChooseFiles => self.choose_to_open(Ask::OpenFiles, FromDialog::Open),
            Command::ChooseFolder => self.choose_to_open(Ask::OpenFolder, FromDialog::Open),
            Command::ChooseOther => self.choose_to_open(Ask::OpenFiles, FromDialog::Other),
            Command::OpenOther(paths) => self.open_other(paths),
            Command::CloseOther => self.close_other(),
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
            Command::ShowTab(tab) => changed(&mut self.doc.view.tab, tab),
            Command::SetTable(spec) => changed(&mut self.doc.view.table, spec),
            Command::SetColumns(kind, columns) => {
                let mut chosen = self.doc.view.columns.clone();
                match columns {
                    Some(list) => drop(chosen.insert(kind, list)),
                    None => drop(chosen.remove(&kind)),
                }
                changed(&mut self.doc.view.columns, chosen)
            }
            Command::OpenFinding(key) => changed(&mut self.doc.view.finding, key),
            Command::SetPlan(spec) => self.set_plan(*spec),
            Command::StopProving => self.stop_proving(),
            Command::ProveLonger => self.prove_longer(),
            Command::TakeActions(actions, instead, branch) => self.take_actions(actions, instead, branch),
            Command::CompromiseAll(step, ids) => self.compromise_all(step, ids),
            Command::DropAssertions => match self.doc.asserted.take() {
                Some(_) => Outcome::Done,
                None => Outcome::Nothing("Nothing is asserted".into()),
            },
            Command::ShowWholeMatrix(whole) => changed(&mut self.doc.view.whole_matrix, whole),
            Command::CompareWith(name) => {
                let was = std::mem::take(&mut self.doc.view.against_other);
                match changed(&mut self.doc.view.compare, name) {
                    Outcome::Nothing(_) if was => Outcome::Done,
                    outcome => outcome,
                }
            }
            Command::CompareOther => match &self.doc.other {
                Some(_) => changed(&mut self.doc.view.against_other, true),
                None => Outcome::Refused("No other inventory is open; choose one to compare with".into()),
            },
            Command::ShowSteps(show) => changed(&mut self.doc.view.steps_open, show),
            Command::KeepFilter(name, filter) => self.keep_filter(name, filter),
            Command::ChooseExportPath(kind) => self.choose_export_path(kind),
            Command::Export(kind, path) => self.export(kind, path),
            Command::Copy(kind) => self.copy(kind),
            Command::SetRedacted(on) => changed(&mut self.doc.view.redacted, on),
            Command::SetTheme(theme) => changed(&mut self.settings.theme, theme),
            Command::SetLayout(layout) => {
                let was = self.shown_layout();
                self.layout_chosen = true;
                self.around = None;
                self.settings.layout = layout;
                if was == self.shown_layout() {
                    Outcome::Nothing("It is so already".into())
                } else {
                    Outcome::Done
                }
            }
            Command::SetGrouping(grouping) => changed(&mut self.settings.grouping, grouping),
            Command::OpenAround(id) => {
                if let Some(id) = &id {
                    self.doc.selection = Some(id.clone());
                }
                changed(&mut self.around, id)
            }
            Command::Hide(id, true) if self.doc.view.hidden.contains(&id) => Outcome::Nothing("It is hidden".into()),
            Command::Hide(id, true) => {
                self.doc.view.hidden.insert(id);
                Outcome::Done
            }
            Command::Hide(id, false) if self.doc.view.hidden.remove(&id) => Outcome::Done,
            Command::HideAll(ids) => {
                let hidden = &mut self.doc.view.hidden;
                let before = hidden.len();
                hidden.extend(ids);
                match hidden.len() - before {
                    0 => Outcome::Nothing("They are hidden".into()),
                    _ => Outcome::Done,
                }
            }
            Command::Mark(mut things) => {
                things.sort_unstable();
                things.dedup();
                changed(&mut self.doc.marked, things)
            }
            Command::Hide(..) => Outcome::Nothing("It is not hidden".into()),
            Command::Pin(key, at) => {
                let mut pins = self.doc.view.pins.clone();
                match at {
                    Some(at) => drop(pins.insert(key, at)),
                    None => drop(pins.remove(&key)),
                }
                changed(&mut self.doc.view.pins, pins)
            }
            Command::UnpinAll => match std::mem::take(&mut self.doc.view.pins).is_empty() {
                true => Outcome::Nothing("Nothing is pinned".into()),
                false => Outcome::Done,
            },
            Command::Isolate(id) => changed(&mut self.doc.view.isolated, id),
            Command::ShowHidden => {
                let was = std::mem::take(&mut self.doc.view.hidden);
                let alone = self.doc.view.isolated.take();
                if was.is_empty() && alone.is_none() {
                    Outcome::Nothing("Nothing is hidden".into())
                } else {
                    Outcome::Done
                }
            }
            Command::ShowPaths(ask) => self.show_paths(ask),
            Command::SetLessMotion(less) => changed(&mut self.settings.less_motion, less),
            Command::SetScale(scale) => {
                let scale = if scale.is_finite() { scale.clamp(1.0, 3.0) } else { 1.0 };
                changed(&mut self.settings.scale, (scale * 100.0).round() / 100.0)
            }
            Command::SetPictureSize(w, h) => {
                changed(&mut self.settings.picture, (w.clamp(64, 16_384), h.clamp(64, 16_384)))
            }
            Command::Tour(on) => changed(&mut self.settings.toured, !on),
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
            Command::DecideJoin(id, holds) => self.decide_join(id, holds),
            Command::LookAtFiles => self.look_at_files(),
            Command::ReadAgain => self.read_again(),
            Command::RotateListed(text) => self.rotate_listed(&text),
            Command::SaveSession => self.save_session(),
            Command::Recover => self.recover(),
            Command::AskNote(id) => changed(&mut self.note_asked, id),
            Command::ShowEvidence(ask) => self.show_evidence(*ask),
            Command::SetNote(id, text) => self.note(id, &text),
            Command::NewBranch(name) => self.new_branch(&name),
            Command::SwitchBranch(name) => self.switch_branch(&name),
            Command::ForgetBranch(name) => self.forget_branch(&name),
            Command::Say(text) => {
                self.notify(NoticeLevel::Done, text);
                Outcome::Done
            }
            Command::DismissNotice(id) => {
                self.notices.retain(|n| n.id != id);
                Outcome::Done
            }
        }
    }

    /// The paths that are asked for, where they are worked out.
    #[must_use]
    pub fn shown_paths(&self) -> Option<&super::Paths> {
        let ask = self.doc.view.paths.as_ref()?;
        self.answer.paths.as_deref().filter(|p| p.ask == *ask)
    }

    fn show_paths(&mut self, ask: Option<super::PathsAsk>) -> Outcome {
        use super::PathsAsk as A;
        let ids: Vec<&String> = match &ask {
            None => Vec::new(),
            Some(A::From(a) | A::To(a) | A::Near(a, ..)) => vec![a],
            Some(A::Between(a, b)) => vec![a, b],
        };
        let graph = self.doc.estate.as_ref().map(|e| &e.graph);
        if let Some(id) = ids.into_iter().find(|id| graph.is_none_or(|g| g.find(id).is_none())) {
            return Outcome::Refused(format!("Nothing of these files is called {id}"));
        }
        if ask.is_some() {
            self.doc.view.tab = super::Tab::Map;
        }
        changed(&mut self.doc.view.paths, ask)
    }

    fn keep_filter(&mut self, name: String, filter: Option<super::Filter>) -> Outcome {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Outcome::Refused("A filter needs a name to be saved under".into());
        }
        let mut kept = self.doc.view.filters.clone();
        match filter {
            Some(f) if f.is_empty() => return Outcome::Refused("The filter asks nothing yet".into()),
            Some(f) => drop(kept.insert(name, f)),
            None => drop(kept.remove(&name)),
        }
        changed(&mut self.doc.view.filters, kept)
    }

    pub(super) fn question(&self) -> Option<Question> {
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
            layout: self.shown_layout(),
            grouping: self.settings.grouping,
            around: self.around.clone(),
            paths: self.doc.view.paths.clone(),
            hidden: self.doc.view.hidden.clone(),
            pins: self.doc.view.pins.clone(),
            isolated: self.doc.view.isolated.clone(),
            map_size: self.map_size,
            tab: self.doc.view.tab,
            table: self.doc.view.table.clone(),
            as_of_range: self.as_of_range()?,
            compare: self.doc.view.compare.clone(),
            other: self.doc.other.clone().filter(|_| self.doc.view.against_other),
            steps: self.doc.view.steps_open,
            whole_matrix: self.doc.view.whole_matrix || self.doc.proposal.seeds.is_empty(),
            asserted: self.doc.asserted.clone(),
            finding: self.doc.view.finding.clone(),
        })
    }

    /// Asks the analyst where the question is a new one. Called after everything that could have changed it.
    fn ask(&mut self) {
        self.keep_copy();
        let question = self.question();
        if question != self.asked {
            self.asked.clone_from(&question);
            if question.is_some() {
                self.analyst.supersede(question);
            }
        }
        self.ask_places();
        self.ask_plan();
    }
}

fn changed<T: PartialEq>(place: &mut T, value: T) -> Outcome {
    if *place == value {
        return Outcome::Nothing("It is so already".into());
    }
    *place = value;
    Outcome::Done
}
