//! What the analyst works on: the estate that was read, what is taken as compromised, and what is proposed against it.
//! Only [`Proposal`] can be undone.

use super::{History, SearchIndex, View};
use crate::graph::{AsOfFrom, Regime, Settings, TrustGraph};
use crate::import::Loaded;
use crate::model::{Inventory, Time};
use crate::scenario::{Action, Scenario};
use crate::stitch::{Decisions, Join};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Something that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A file or a folder.
    Path(PathBuf),
    /// The sample at this position.
    Sample(usize),
}

impl Opened {
    /// How it stands on the disk now; nothing where it is no single file.
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        let Self::Path(path) = self else { return None };
        let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some((about.len(), about.modified().ok()?))
    }

    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Path(p) => p.file_name().unwrap_or(p.as_os_str()).to_string_lossy().into_owned(),
            Self::Sample(i) => super::samples().get(*i).map(|s| s.file.clone()).unwrap_or_default(),
        }
    }
}

/// Length in bytes and time of the last change of a file.
pub type Stamp = (u64, std::time::SystemTime);

/// What was read, and the graph built from it. Immutable.
pub struct Estate {
    /// What was opened, in load order.
    pub opened: Vec<Opened>,
    /// Of each its length in bytes and when it was last written, as it was read; absent where it is no single file.
    pub stamps: Vec<Option<Stamp>>,
    /// What the files say; its inventory holds the joins that were not refused.
    pub loaded: Loaded,
    /// What two files say of one thing, by id.
    pub joins: Vec<Join>,
    /// The trust graph.
    pub graph: TrustGraph,
    /// Where records are found by their words.
    pub index: SearchIndex,
    /// When it was read; the as-of time where no file states one.
    pub read_at: Time,
}

impl Estate {
    /// Its name for titles and file names: as it calls itself, or as its files are called.
    #[must_use]
    pub fn title(&self) -> String {
        match (&self.inventory().name, self.loaded.inputs.as_slice()) {
            (Some(name), _) => name.clone(),
            (None, [one]) => one.name.clone(),
            (None, many) => super::words::count(many.len() as u64, "file", "files"),
        }
    }

    /// The merged records.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        &self.loaded.inventory
    }
}

/// One action of the scenario, on or off.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedStep {
    /// What is done.
    pub action: Action,
    /// Whether it counts.
    pub on: bool,
}

/// Another scenario against the same compromise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Branch {
    /// Its name; no two branches share one.
    pub name: String,
    /// Its actions in order.
    pub steps: Vec<ProposedStep>,
}

/// What is taken as compromised and what is proposed against it: the only state that can be undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// Ids that are compromised (`context:NAME` for a context), sorted, no repeats.
    pub seeds: Vec<String>,
    /// The scenario's name.
    pub name: String,
    /// Its actions in order.
    pub steps: Vec<ProposedStep>,
    /// The other branches, by name.
    pub others: Vec<Branch>,
}

impl Proposal {
    /// The actions that are on, each with its position among the steps.
    #[must_use]
    pub fn active(&self) -> Vec<(usize, Action)> {
        self.steps
            .iter()
            .enumerate()
            .filter(|(_, s)| s.on)
            .map(|(i, s)| (i, s.action.clone()))
            .collect()
    }

    /// The scenario as it is written to a file: the actions that are on.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        Scenario {
            name: (!self.name.is_empty()).then(|| self.name.clone()),
            actions: self.active().into_iter().map(|(_, a)| a).collect(),
        }
    }

    /// Whether this id is taken as compromised.
    #[must_use]
    pub fn is_seed(&self, id: &str) -> bool {
        self.seeds.binary_search_by(|s| s.as_str().cmp(id)).is_ok()
    }
}

/// Everything that is open.
pub struct Document {
    /// What was read; nothing before anything is open.
    pub estate: Option<Arc<Estate>>,
    /// What is proposed.
    pub proposal: Proposal,
    /// Its steps.
    pub history: History<Proposal>,
    /// What is believed where the inventory does not know.
    pub regime: Regime,
    /// The as-of time the analyst chose; the inventory's own where absent.
    pub as_of: Option<Time>,
    /// What the analyst said of the joins.
    pub decisions: Decisions,
    /// What the inspector shows, by id.
    pub selection: Option<String>,
    /// Several things taken together, by a box on the map for instance; sorted. Not kept with a session.
    pub marked: Vec<crate::graph::Thing>,
    /// Notes, by the id of what they are on.
    pub notes: BTreeMap<String, String>,
    /// The session's file, once there is one.
    pub session_file: Option<PathBuf>,
    /// What is asserted of the estate.
    pub asserted: Option<Arc<super::Asserted>>,
    /// Another inventory that the one that is open is compared with, an older export for instance.
    pub other: Option<Arc<Estate>>,
    /// Its files; it is read again from them with a session.
    pub other_files: Vec<PathBuf>,
    /// How it is looked at.
    pub view: View,
    /// Lists of actions as they stand in a file, one for each branch that does: what closing would not lose.
    pub saved_steps: Vec<Vec<ProposedStep>>,
}

impl Document {
    /// Nothing open.
    #[must_use]
    pub fn new(regime: Regime) -> Self {
        Self {
            estate: None,
            proposal: Proposal::default(),
            history: History::default(),
            regime,
            as_of: None,
            decisions: Decisions::default(),
            selection: None,
            marked: Vec::new(),
            notes: BTreeMap::new(),
            session_file: None,
            asserted: None,
            other: None,
            other_files: Vec::new(),
            view: View::default(),
            saved_steps: Vec::new(),
        }
    }

    /// The as-of time in force and where it comes from; nothing before anything is open.
    #[must_use]
    pub fn as_of(&self) -> Option<(Time, AsOfFrom)> {
        let estate = self.estate.as_ref()?;
        Some(match (self.as_of, estate.inventory().as_of) {
            (Some(t), _) => (t, AsOfFrom::Argument),
            (None, Some(t)) => (t, AsOfFrom::Inventory),
            (None, None) => (estate.read_at, AsOfFrom::Clock),
        })
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Option<Settings> {
        self.as_of().map(|(as_of, _)| Settings {
            as_of,
            regime: self.regime,
        })
    }

    /// The branches whose actions are in no file, the one that is worked on first: name and number of steps.
    #[must_use]
    pub fn unsaved(&self) -> Vec<(&str, usize)> {
        let here = std::iter::once((self.proposal.name.as_str(), &self.proposal.steps));
        let others = self.proposal.others.iter().map(|b| (b.name.as_str(), &b.steps));
        here.chain(others)
            .filter(|(_, steps)| !steps.is_empty() && !self.saved_steps.contains(steps))
            .map(|(name, steps)| (name, steps.len()))
            .collect()
    }

    /// How many steps of all branches are in no file.
    #[must_use]
    pub fn unsaved_steps(&self) -> usize {
        self.unsaved().iter().map(|(_, steps)| steps).sum()
    }
}
