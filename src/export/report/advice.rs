//! What a report says besides the radius: what is wrong with what is reached, and what would keep the protected out of
//! reach.

use crate::analysis::{Cancel, Cancelled, Radius};
use crate::findings::{Finding, Followed, Rule, findings, follow};
use crate::graph::{Overlay, Settings, Thing, TrustGraph, World};
use crate::model::Aliases;
use crate::plan::{Plan, Progress, Question, Standing, Stopped, Verb, crown_jewels, cut};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a proof of a report's plan is tried.
pub const PROOF: Duration = Duration::from_secs(5);

/// What the plan of a report is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What must not be reached.
    pub protect: Vec<Thing>,
    /// What may be done.
    pub permits: BTreeSet<Verb>,
}

impl Wanted {
    /// The crown jewels, by any action that holds against the next theft too.
    #[must_use]
    pub fn of(graph: &TrustGraph) -> Self {
        Self {
            protect: crown_jewels(graph),
            permits: Verb::all_for(false),
        }
    }
}

/// Findings and plan of a report.
#[derive(Debug)]
pub struct Advice {
    /// Findings whose subject is compromised or reached, with what the scenario does to them.
    pub(super) findings: Vec<Followed>,
    /// How many more there are in the estate.
    pub(super) elsewhere: u64,
    /// What keeps the protected out of reach, after the scenario; nothing where there is nothing to protect.
    pub(super) plan: Option<Plan>,
    /// How many are protected.
    pub(super) protected: u64,
}

impl Advice {
    /// Looks for findings, and plans after the scenario, whose radius `after` is. `proof` begins to wait for a proof of the
    /// plan, where its first answer is not proved.
    ///
    /// # Errors
    /// [`Cancelled`], if `cancel` says so.
    pub fn of<P: Progress>(
        graph: &TrustGraph,
        before: &Radius,
        after: Option<&Radius>,
        wanted: &Wanted,
        cancel: &dyn Cancel,
        proof: impl FnOnce() -> P,
    ) -> Result<Self, Cancelled> {
        let settings = before.settings;
        let now = after.unwrap_or(before);
        let stood = found(graph, &before.overlay, settings, cancel)?;
        let stands = match after {
            Some(after) => &found(graph, &after.overlay, settings, cancel)?,
            None => &stood,
        };
        let mut all = follow(&stood, stands);
        let whole = all.len();
        let reached = reached(graph, before);
        all.retain(|f| f.was.on.first().is_some_and(|id| reached.contains(id.as_str())));
        let mut protect = wanted.protect.clone();
        protect.retain(|thing| !now.seeds.contains(thing));
        Ok(Self {
            elsewhere: (whole - all.len()) as u64,
            findings: all,
            protected: protect.len() as u64,
            plan: plan(
                &Question {
                    graph,
                    base: &now.overlay,
                    settings,
                    seeds: now.seeds.clone(),
                    protect,
                    permits: wanted.permits.clone(),
                },
                cancel,
                proof,
            )?,
        })
    }

    /// The same under aliases; `graph` is the one with its own names.
    #[must_use]
    pub fn aliased(&self, graph: &TrustGraph, a: &Aliases) -> Self {
        Self {
            findings: self.findings.iter().map(|f| f.aliased(a)).collect(),
            elsewhere: self.elsewhere,
            plan: self.plan.as_ref().map(|plan| plan.aliased(graph, a)),
            protected: self.protected,
        }
    }

    /// The rules that found something, in the order of the findings.
    pub(super) fn rules(&self) -> Vec<&'static Rule> {
        let mut met = HashSet::new();
        let rules = self.findings.iter().map(|f| f.finding.rule);
        rules.filter(|rule| met.insert(rule.id)).collect()
    }
}

fn found(
    graph: &TrustGraph,
    overlay: &Overlay,
    settings: Settings,
    cancel: &dyn Cancel,
) -> Result<Vec<Arc<Finding>>, Cancelled> {
    let all = findings(World::new(graph, overlay, settings), cancel)?;
    Ok(all.into_iter().map(Arc::new).collect())
}

/// Ids of what is compromised or reached.
fn reached<'a>(graph: &'a TrustGraph, radius: &'a Radius) -> HashSet<std::borrow::Cow<'a, str>> {
    let mut out: HashSet<_> = radius.seeds.iter().map(|&t| graph.id(t)).collect();
    let systems = radius.systems.iter().map(|s| &s.reach);
    let credentials = radius.credentials.iter().map(|c| &c.reach);
    let all = systems
        .chain(credentials)
        .chain(&radius.identities)
        .chain(&radius.contexts);
    out.extend(all.map(|r| r.id.as_str().into()));
    out
}

/// Waits for no proof.
struct AtOnce<'a>(&'a dyn Cancel);

impl Cancel for AtOnce<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl Progress for AtOnce<'_> {
    fn time_left(&self) -> Duration {
        Duration::ZERO
    }

    fn report(&self, _: Standing) {}
}

/// A plan that is not proved in time is the planner's first answer, which is the same on every machine.
fn plan<P: Progress>(
    question: &Question<'_>,
    cancel: &dyn Cancel,
    proof: impl FnOnce() -> P,
) -> Result<Option<Plan>, Cancelled> {
    if question.protect.is_empty() {
        return Ok(None);
    }
    let with = |progress: &dyn Progress| match cut(question, progress) {
        Ok(plan) => Ok(Some(plan)),
        Err(Stopped::TimeOver) => Ok(None),
        Err(Stopped::Cancelled) => Err(Cancelled),
    };
    let proved = |plan: &Plan| match plan {
        Plan::Cut(cut) => cut.is_optimal(),
        Plan::Impossible(_) => true,
    };
    let first = with(&AtOnce(cancel))?;
    if first.as_ref().is_some_and(proved) {
        return Ok(first);
    }
    Ok(with(&proof())?.filter(proved).or(first))
}
