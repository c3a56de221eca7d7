//! What is wrong with the estate, as it stands with the scenario: findings with what became of them, and assertions.

use super::EffectNumbers;
use super::derive::{Question, Reach};
use super::inspect::numbers;
use crate::analysis::{Cancel, radius};
use crate::export::words as said;
use crate::findings::assertions::{AssertionError, Assertions, Verdicts, evaluate};
use crate::findings::{Finding, FindingState, Followed, Severity, findings, follow};
use crate::graph::{Overlay, Thing, World};
use crate::model::position_of;
use crate::scenario::{Action, Flows, preview};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Of how many actions of the opened finding the effect is worked out.
const MOST_EFFECTS: usize = 8;

/// Assertions and the file they were read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The file's name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub assertions: Assertions,
}

/// An action that mends a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    /// What would be done.
    pub action: Action,
    /// In words.
    pub title: String,
    /// Whether the scenario has it already.
    pub taken: bool,
    /// What it would change; known of the opened finding alone.
    pub effect: Option<EffectNumbers>,
}

/// One finding with what became of it.
#[derive(Clone, Debug)]
pub struct JudgedFinding {
    /// The finding: as it stands, or as it stood where the scenario mends it.
    pub finding: Arc<Finding>,
    /// What became of it.
    pub state: FindingState,
    /// What mends it.
    pub mends: Vec<Mend>,
    listed_under: Severity,
    key: FindingKey,
}

impl JudgedFinding {
    /// What it stays the same by while the scenario changes.
    #[must_use]
    pub fn key(&self) -> &FindingKey {
        &self.key
    }

    /// The severity it is listed under: what it was before the scenario lowered it, since a what-if moves nothing.
    #[must_use]
    pub fn listed_under(&self) -> Severity {
        self.listed_under
    }
}

/// Rule, subject, and the first of what else it is about.
pub type FindingKey = (String, String, String);

fn key(finding: &Finding) -> FindingKey {
    let (rule, subject) = finding.key();
    let other = finding.on.get(1).cloned().unwrap_or_default();
    (rule.to_owned(), subject.to_owned(), other)
}

/// The findings and the verdicts.
#[derive(Clone, Debug)]
pub struct Judged {
    /// By the severity they are listed under, falling; inside it as they stood before the scenario, then what it raises.
    pub findings: Vec<JudgedFinding>,
    /// How many stand, by severity from the worst.
    pub counts: [(Severity, usize); 4],
    /// What the assertions come to; what is wrong with them where they cannot be evaluated.
    pub verdicts: Option<Result<Arc<Verdicts>, Vec<AssertionError>>>,
    /// From where the effects of the opened finding are told: what is compromised, or what the finding is about.
    pub effect_from: String,
}

/// What stays between questions: the findings themselves, which depend on what is proposed and not on what is looked at.
#[derive(Clone)]
pub struct Stood {
    pub before: Arc<Vec<Arc<Finding>>>,
    pub now: Arc<Vec<Arc<Finding>>>,
}

/// The findings before and with the scenario; `before` where they are known. Nothing where it was cancelled.
pub fn stood(
    q: &Question,
    overlay: &Overlay,
    before: Option<Arc<Vec<Arc<Finding>>>>,
    cancel: &dyn Cancel,
) -> Option<Stood> {
    let graph = &q.estate.graph;
    let find = |overlay: &Overlay| -> Option<Arc<Vec<Arc<Finding>>>> {
        let all = findings(World::new(graph, overlay, q.settings), cancel).ok()?;
        Some(Arc::new(all.into_iter().map(Arc::new).collect()))
    };
    let before = match before {
        Some(before) => before,
        None => find(&Overlay::default())?,
    };
    let now = if overlay.is_empty() {
        Arc::clone(&before)
    } else {
        find(overlay)?
    };
    Some(Stood { before, now })
}

/// What the rules are called that find something of a record, by its id or name.
pub type Concerned = HashMap<String, Vec<&'static str>>;

/// Of every record the findings that stand.
pub fn concerned(stood: &Stood) -> Concerned {
    let mut out = Concerned::new();
    for finding in stood.now.iter() {
        let Some(rule) = crate::findings::rule(finding.key().0) else {
            continue;
        };
        for id in &finding.on {
            let titles = out.entry(id.clone()).or_default();
            if !titles.contains(&rule.title) {
                titles.push(rule.title);
            }
        }
    }
    out
}

/// Puts findings, what became of them, the verdicts and the effects of the opened finding together.
pub fn judged(q: &Question, reach: &Reach, stood: &Stood, cancel: &dyn Cancel) -> Option<Judged> {
    let graph = &q.estate.graph;
    let world = World::new(graph, &reach.overlay, q.settings);
    let verdicts = match &q.asserted {
        None => None,
        Some(asserted) => {
            let found = evaluate(world, &asserted.assertions, cancel).ok()?;
            Some(found.map(Arc::new))
        }
    };
    let taken = q.actions();
    let mend = |action: &Action| Mend {
        action: action.clone(),
        title: said::action(graph, action),
        taken: taken.contains(action),
        effect: None,
    };
    let line = |f: Followed| JudgedFinding {
        listed_under: f.listed_under(),
        mends: f.finding.fix.iter().map(mend).collect(),
        key: key(&f.was),
        state: f.state,
        finding: f.finding,
    };
    let out: Vec<JudgedFinding> = follow(&stood.before, &stood.now).into_iter().map(line).collect();
    let counts = Severity::ALL.map(|s| {
        let stands = |f: &&JudgedFinding| f.finding.severity == s && f.state != FindingState::Mended;
        (s, out.iter().filter(stands).count())
    });
    let mut all = Judged {
        findings: out,
        counts,
        verdicts,
        effect_from: String::new(),
    };
    if let Some(key) = &q.finding {
        effects(q, reach, &mut all, key, cancel)?;
    }
    Some(all)
}

/// Works out what the first actions of the opened finding would change.
fn effects(q: &Question, reach: &Reach, all: &mut Judged, key: &FindingKey, cancel: &dyn Cancel) -> Option<()> {
    let graph = &q.estate.graph;
    let Some(opened) = all.findings.iter_mut().find(|f| f.key() == key) else {
        return Some(());
    };
    // Where nothing is compromised, the effect is told as if what the finding is about were.
    let subject = opened.finding.on.first().and_then(|id| graph.find(id));
    let seeds: Vec<Thing> = if reach.before.seeds.is_empty() {
        subject.into_iter().collect()
    } else {
        reach.before.seeds.clone()
    };
    let own;
    let now = if reach.before.seeds.is_empty() {
        own = radius(graph, &reach.overlay, &seeds, q.settings, cancel).ok()?;
        &own
    } else {
        reach.now()
    };
    let names: Vec<String> = seeds.iter().map(|&t| graph.display_name(t).to_owned()).collect();
    all.effect_from = super::words::names(&names, 2);
    let flows = Flows::of(World::new(graph, &reach.overlay, q.settings));
    let taken = if reach.errors.is_empty() {
        q.actions()
    } else {
        Vec::new()
    };
    for mend in opened.mends.iter_mut().filter(|m| !m.taken).take(MOST_EFFECTS) {
        match preview(graph, &taken, &mend.action, now, &flows, cancel) {
            Ok(effect) => mend.effect = Some(numbers(&effect)),
            Err(Some(_)) => {}
            Err(None) => return None,
        }
    }
    Some(())
}

/// What can be selected of a record that evidence names: the thing itself, or where a relation starts.
#[must_use]
pub fn selectable(estate: &super::Estate, record: &str) -> Option<String> {
    let graph = &estate.graph;
    if graph.find(record).is_some() {
        return Some(record.to_owned());
    }
    let r = &graph.inventory().records;
    macro_rules! at {
        ($list:ident) => {
            position_of(&r.$list, record)
        };
    }
    let thing = if let Some(g) = at!(grants) {
        return Some(r.grants[g].holder.to_string());
    } else if let Some(x) = at!(exposures) {
        graph.exposure_from[x]
    } else if let Some(n) = at!(inherits) {
        return r.inherits[n].from.as_ref().map(ToString::to_string);
    } else {
        Thing::System(graph.trust_from[at!(trusts)?])
    };
    Some(graph.id(thing).into_owned())
}
