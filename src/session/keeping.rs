//! Keeping work: saving a session, opening it again, and the copy that is kept beside while work goes on, so that a kill at
//! any moment costs the last seconds only.

use super::saved::{self, Saved};
use super::{Branch, Disk, Document, ExportKind, NoticeLevel, Outcome, Proposal, Session, Ticket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the copy is written while something changes.
pub const EVERY: Duration = Duration::from_secs(5);

/// Writes the copy: the first change at once, what follows at most every five seconds. The disk writes beside and
/// renames, so the copy is the old one or the new one whenever the program ends.
pub struct Keeper {
    disk: Arc<dyn Disk>,
    every: Duration,
    last: Option<Instant>,
}

impl Keeper {
    /// A keeper that writes to this disk.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, every: Duration) -> Self {
        Self {
            disk,
            every,
            last: None,
        }
    }

    /// Waits until it is time, unless something newer is to be written, and writes.
    pub fn run(&mut self, (path, text): (PathBuf, String), ticket: &Ticket<'_, (PathBuf, String), Result<(), String>>) {
        while let Some(left) = self.last.and_then(|t| self.every.checked_sub(t.elapsed())) {
            if ticket.is_stale() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
        if ticket.is_stale() {
            return;
        }
        self.last = Some(Instant::now());
        let written = self.disk.write(&path, text.as_bytes());
        ticket.part(written);
    }
}

/// What the copy says, to see cheaply whether it still does.
pub(super) struct Kept {
    saved: Saved,
    /// Where the estate lies in memory: the same place is the same estate while it is open.
    estate: usize,
}

impl Kept {
    fn is_of(&self, doc: &Document, layout: super::MapLayout) -> bool {
        let s = &self.saved;
        s.proposal == doc.proposal
            && s.regime == doc.regime
            && s.as_of == doc.as_of
            && s.decisions == doc.decisions
            && s.selection == doc.selection
            && s.notes == doc.notes
            && s.view == doc.view
            && s.layout == layout
            && s.session_file == doc.session_file
            && s.saved_steps == doc.saved_steps
            && s.other == doc.other_files
            && s.asserted.as_ref() == doc.asserted.as_ref().map(|a| &a.path)
            && self.estate == place_of(doc)
    }
}

fn place_of(doc: &Document) -> usize {
    doc.estate.as_ref().map_or(0, |e| Arc::as_ptr(e).addr())
}

impl Session {
    /// Hands the document to the keeper where it is not what was handed over last.
    pub(super) fn keep_copy(&mut self) {
        let Some(path) = self.ports.autosave_file.clone() else {
            return;
        };
        if self.doc.estate.is_none() {
            return;
        }
        let layout = self.settings.layout;
        if self.kept.as_ref().is_some_and(|k| k.is_of(&self.doc, layout)) {
            return;
        }
        let saved = Saved::of(&self.doc, layout);
        let text = saved.to_json();
        let estate = place_of(&self.doc);
        self.kept = Some(Kept { saved, estate });
        self.keeper.supersede(Some((path, text)));
    }

    /// What the keeper says: a copy that cannot be written is said once.
    pub(super) fn keeper_says(&mut self) -> bool {
        let mut changed = false;
        for event in self.keeper.take() {
            if let super::Event::Part(Err(why)) = event {
                changed = true;
                if !self.keeper_failed {
                    self.keeper_failed = true;
                    self.notify(
                        NoticeLevel::Trouble,
                        format!("Work cannot be kept safe while it goes on: {why}"),
                    );
                }
            }
        }
        changed
    }

    /// The window closes as it should: nothing is left to reopen.
    pub fn forget_copy(&mut self) {
        self.keeper.supersede(None);
        if let Some(path) = &self.ports.autosave_file {
            let start = Instant::now();
            while self.keeper.is_running() && start.elapsed() < Duration::from_secs(2) {
                std::thread::sleep(Duration::from_millis(5));
            }
            // Where it was never written there is nothing to remove.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Opens what was open when the program ended without being closed, where there is such a thing.
    pub(super) fn recover(&mut self) -> Outcome {
        let Some(path) = self.ports.autosave_file.clone().filter(|p| p.is_file()) else {
            return Outcome::Nothing("Nothing is to be reopened".into());
        };
        self.open(vec![path])
    }

    pub(super) fn save_session(&mut self) -> Outcome {
        match self.doc.session_file.clone() {
            Some(path) => self.export(ExportKind::Session, path),
            None => self.choose_export_path(ExportKind::Session),
        }
    }

    /// The session's text, to be written to a file.
    pub(super) fn session_text(&self) -> String {
        Saved {
            session_file: None,
            saved_steps: self.doc.proposal.every_steps(),
            ..Saved::of(&self.doc, self.settings.layout)
        }
        .to_json()
    }

    /// Takes everything a session says but what was read, which is there already.
    pub(super) fn restore(&mut self, path: &Path, saved: Saved) {
        let copy = self.ports.autosave_file.as_deref() == Some(path);
        if let Some(estate) = &self.doc.estate {
            let now = estate
                .loaded
                .inputs
                .iter()
                .map(|i| (i.name.as_str(), i.sha256.as_str()));
            let changed: Vec<String> = saved.changed(now).into_iter().map(short).collect();
            if !changed.is_empty() {
                let names = super::words::names(&changed, 3);
                self.notify(
                    NoticeLevel::Note,
                    format!("Changed since the session was saved: {names}. Shown is what is there now"),
                );
            }
        }
        self.doc.proposal = saved.proposal;
        self.doc.saved_steps = saved.saved_steps;
        self.doc.regime = saved.regime;
        self.doc.as_of = saved.as_of;
        self.doc.selection = saved.selection;
        self.doc.notes = saved.notes;
        self.doc.view = saved.view;
        self.doc.other = None;
        self.other_wanted = !saved.other.is_empty();
        self.doc.other_files = saved.other;
        self.settings.layout = saved.layout;
        self.doc.history.clear();
        if copy {
            self.doc.session_file = saved.session_file;
            let said = "Reopened as it was when the program ended without being closed";
            self.notify(NoticeLevel::Note, said);
        } else {
            self.doc.session_file = Some(path.to_path_buf());
            self.settings.remember(path);
        }
    }

    /// Offers to read files again that are not what they were.
    pub(super) fn look_at_files(&mut self) -> Outcome {
        let Some(estate) = &self.doc.estate else {
            return Outcome::Nothing("Nothing is open".into());
        };
        let changed: Vec<String> = estate
            .opened
            .iter()
            .zip(&estate.stamps)
            // A file that is gone for a moment is being written anew by somebody: it is asked again later.
            .filter(|(o, then)| then.is_some() && o.stamp().is_some_and(|now| Some(now) != **then))
            .map(|(o, _)| o.name())
            .collect();
        if changed.is_empty() || self.task().is_some() {
            return Outcome::Nothing("No file has changed".into());
        }
        let names = super::words::names(&changed, 3);
        let offer = Some(("Read again".to_owned(), super::Command::ReadAgain));
        self.offer(NoticeLevel::Note, format!("Changed on disk: {names}"), offer);
        Outcome::Done
    }

    pub(super) fn read_again(&mut self) -> Outcome {
        match self.doc.estate.as_ref().map(|e| e.opened.clone()) {
            Some(opened) => self.read(opened, Vec::new()),
            None => Outcome::Nothing("Nothing is open".into()),
        }
    }

    /// Puts a note on a thing, or takes it away where the text is empty.
    pub(super) fn note(&mut self, id: String, text: &str) -> Outcome {
        let text = text.trim();
        let before = self.doc.notes.get(&id).map(String::as_str).unwrap_or_default();
        if before == text {
            return Outcome::Nothing("The note says so already".into());
        }
        if text.is_empty() {
            self.doc.notes.remove(&id);
        } else {
            self.doc.notes.insert(id, text.to_owned());
        }
        Outcome::Done
    }

    /// Begins another branch: the steps as they stand under a new name; the old one is kept as it is.
    pub(super) fn new_branch(&mut self, name: &str) -> Outcome {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Outcome::Refused("A branch needs a name".into());
        }
        if self.doc.proposal.branch_names().contains(&name.as_str()) {
            return Outcome::Refused(format!("There is a branch {name} already"));
        }
        self.propose(format!("Branch {name}"), |p| p.branch_off(name))
    }

    pub(super) fn switch_branch(&mut self, name: &str) -> Outcome {
        let Some(at) = self.doc.proposal.others.iter().position(|b| b.name == name) else {
            return Outcome::Nothing("There is no other branch of this name".into());
        };
        self.propose(format!("Switch to {name}"), |p| p.switch(at))
    }

    pub(super) fn forget_branch(&mut self, name: &str) -> Outcome {
        self.propose(format!("Forget {name}"), |p| p.others.retain(|b| b.name != name))
    }
}

fn short(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned()
}

impl Proposal {
    /// Goes on under another name; what there was stays as a branch.
    pub(super) fn branch_off(&mut self, name: String) {
        let old = Branch {
            name: std::mem::replace(&mut self.name, name),
            steps: self.steps.clone(),
        };
        self.others.push(old);
        self.others.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The names of all branches, the one that is worked on first.
    #[must_use]
    pub fn branch_names(&self) -> Vec<&str> {
        let others = self.others.iter().map(|b| b.name.as_str());
        std::iter::once(self.name.as_str()).chain(others).collect()
    }

    /// The steps of every branch, the one that is worked on first.
    pub(super) fn every_steps(&self) -> Vec<Vec<super::ProposedStep>> {
        let others = self.others.iter().map(|b| b.steps.clone());
        let all = std::iter::once(self.steps.clone()).chain(others);
        all.filter(|steps| !steps.is_empty()).collect()
    }

    /// Works on another branch; this one is kept among the others.
    fn switch(&mut self, at: usize) {
        let other = self.others.remove(at);
        let old = Branch {
            name: std::mem::replace(&mut self.name, other.name),
            steps: std::mem::replace(&mut self.steps, other.steps),
        };
        self.others.push(old);
        self.others.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

/// What a session file says; nothing where the file is none. Its beginning says what it is.
pub(super) fn session_in(path: &Path) -> Option<Result<Saved, String>> {
    use std::io::Read;
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok().filter(|_| path.is_file())?;
    file.take(256).read_to_end(&mut head).ok()?;
    if !saved::is_session(&String::from_utf8_lossy(&head)) {
        return None;
    }
    let parsed = std::fs::read_to_string(path)
        .map_err(|e| e.to_string())
        .and_then(|text| Saved::parse(&text, path.parent()));
    Some(parsed)
}
