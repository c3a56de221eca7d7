//! What follows from the document: radius, map, ranks, inspection. Worked out on the worker, part by part, the part
//! that matters most first; what has not changed since the last question is kept.

use super::branches::{self, Branches, StepLeft};
use super::inspect;
use super::judged::{self, Judged, Stood};
use super::matrix::{self, Matrix};
use super::paths::{self, Paths, PathsAsk};
use super::sieve;
use super::table::{self, Rows, Table};
use super::timeline::{self, Timeline};
use super::{Estate, Inspection, MapLayout, Proposal, Tab, TableKind, TableSpec, Ticket, words};
use crate::analysis::{self, Cancel, Interval, Radius, Ranking};
use crate::graph::{AsOfFrom, Overlay, Settings, Thing, World};
use crate::model::CredentialStatus;
use crate::scenario::{self, Action, Comparison, Flows, UseCounts};
use crate::scene::MapPicture;
use crate::scene::estate::Grouping;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything the analyst needs to know of the document to answer.
#[derive(Clone)]
pub struct Question {
    /// What was read.
    pub estate: Arc<Estate>,
    /// What is compromised and proposed.
    pub proposal: Proposal,
    /// As-of and regime.
    pub settings: Settings,
    /// Where the as-of time comes from.
    pub as_of_from: AsOfFrom,
    /// What the inspector shows.
    pub selection: Option<String>,
    /// How the map is laid out.
    pub layout: MapLayout,
    /// By what the estate's records are put together.
    pub grouping: Grouping,
    /// The record around which the working map is open.
    pub around: Option<String>,
    /// Paths that are asked for.
    pub paths: Option<PathsAsk>,
    /// Ids of what is hidden on the map.
    pub hidden: BTreeSet<String>,
    /// Nodes that the analyst put somewhere else.
    pub pins: crate::scene::Pins,
    /// The id of what stands alone on it.
    pub isolated: Option<String>,
    /// Width and height of the map in points.
    pub map_size: (f32, f32),
    /// Which tab is shown; what only another one shows is not worked out.
    pub tab: Tab,
    /// The table as it is asked for.
    pub table: TableSpec,
    /// Whether the matrix shows every credential of the estate.
    pub whole_matrix: bool,
    /// Whether the step chart is shown.
    pub steps: bool,
    /// What is asserted of the estate.
    pub asserted: Option<Arc<super::Asserted>>,
    /// The finding that is opened.
    pub finding: Option<super::FindingKey>,
    /// The branch that the scenario is compared with.
    pub compare: Option<String>,
    /// The inventory that the one that is open is compared with.
    pub other: Option<Arc<Estate>>,
    /// The first and last moment that the as-of slider reaches.
    pub as_of_range: (crate::model::Time, crate::model::Time),
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        // An estate is immutable, so the same one is the same one; comparing its records would take a while.
        Arc::ptr_eq(&self.estate, &other.estate)
            && self.proposal == other.proposal
            && self.settings == other.settings
            && self.as_of_from == other.as_of_from
            && self.selection == other.selection
            && self.layout == other.layout
            && self.around == other.around
            && self.paths == other.paths
            && self.hidden == other.hidden
            && self.pins == other.pins
            && self.isolated == other.isolated
            && self.map_size == other.map_size
            && self.tab == other.tab
            && self.table == other.table
            && self.whole_matrix == other.whole_matrix
            && self.asserted == other.asserted
            && self.finding == other.finding
            && self.compare == other.compare
            && self.other.as_ref().map(Arc::as_ptr) == other.other.as_ref().map(Arc::as_ptr)
            && self.steps == other.steps
    }
}

impl Question {
    /// The actions that are on.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        self.proposal.active().into_iter().map(|(_, a)| a).collect()
    }

    pub(super) fn same_reach(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.estate, &other.estate)
            && self.proposal.seeds == other.proposal.seeds
            && self.proposal.active() == other.proposal.active()
            && self.settings == other.settings
    }

    fn same_ranks(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.estate, &other.estate)
            && self.proposal.active() == other.proposal.active()
            && self.settings == other.settings
    }
}

/// The radius before the scenario, and after where there is one.
pub struct Reach {
    /// What it answers.
    pub question: Question,
    /// Before the scenario.
    pub before: Arc<Radius>,
    /// What the scenario changes; absent where it has no action that is on, or does not apply.
    pub comparison: Option<Comparison>,
    /// Why steps of the scenario do not apply, by their position.
    pub errors: Vec<(usize, String)>,
    /// Flows before the scenario.
    pub flows_before: Flows,
    /// What the scenario lays over the graph; nothing where it does not apply.
    pub overlay: Overlay,
}

impl Reach {
    /// The radius before the scenario.
    #[must_use]
    pub fn before(&self) -> &Radius {
        &self.before
    }

    /// Systems reached under each regime, before the scenario.
    #[must_use]
    pub fn interval(&self) -> &Interval {
        &self.before.interval
    }

    /// The radius as it stands with the scenario.
    #[must_use]
    pub fn now(&self) -> &Radius {
        self.comparison.as_ref().map_or_else(|| self.before(), |c| &c.after)
    }

    /// Whether this belongs to a question.
    #[must_use]
    pub fn answers(&self, question: &Question) -> bool {
        self.question.same_reach(question)
    }

    /// What the scenario breaks, in words, and whether that hurts.
    #[must_use]
    pub fn breaks_words(&self) -> (String, bool) {
        let Some(c) = &self.comparison else {
            return ("breaks nothing known".to_owned(), false);
        };
        let uses = UseCounts::of(&c.broken_flows);
        let numbers = super::EffectNumbers {
            breaks_in_use: uses.in_use,
            breaks_unknown: uses.unknown,
            breaks_idle: uses.idle,
            ..Default::default()
        };
        (numbers.breaks(), numbers.breaks_in_use + numbers.breaks_unknown > 0)
    }
}

/// The numbers of one credential's radius.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RankNumbers {
    /// Systems reached.
    pub systems: u64,
    /// Crown jewels among them.
    pub crown_jewels: u64,
    /// The sum of their weights.
    pub weight: u64,
    /// Systems reached, but not as intended; those reached by assumption among them.
    pub inherited: u64,
    /// Systems reached where the inventory does not say.
    pub assumed: u64,
}

/// One line of the list of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankLine {
    /// The credential's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the filter looks in: name, id, kind, owner, tags, in lower case.
    pub haystack: String,
    /// Before the scenario.
    pub before: RankNumbers,
    /// After it, where there is one; absent numbers are zero.
    pub after: Option<RankNumbers>,
}

/// Every live credential by its radius.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// Largest first.
    pub lines: Vec<RankLine>,
    /// The estate's exposure, before and after.
    pub exposure: (u64, Option<u64>),
}

/// One part of the answer.
pub enum Part {
    /// The radius.
    Reach(Arc<Reach>),
    /// The map.
    Picture(Arc<MapPicture>),
    /// Paths that were asked for.
    Paths(Arc<Paths>),
    /// The list of credentials.
    Ranks(Arc<Ranks>),
    /// The inspector; comes again as more effects are known.
    Inspection(Arc<Inspection>),
    /// The table, while its tab is shown.
    Table(Arc<Table>),
    /// The matrix, while its tab is shown.
    Matrix(Arc<Matrix>),
    /// Findings and assertions, while their tab is shown.
    Judged(Arc<Judged>),
    /// The radius over time, while its tab is shown.
    Timeline(Arc<Timeline>),
    /// Two branches side by side, while their tab is shown.
    Branches(Arc<Branches>),
    /// What is left after each step, while the step chart is shown.
    Steps(Arc<Vec<StepLeft>>),
}

/// What is known so far.
#[derive(Clone, Default)]
pub struct Answer {
    /// The radius.
    pub reach: Option<Arc<Reach>>,
    /// The map.
    pub picture: Option<Arc<MapPicture>>,
    /// Paths that were asked for.
    pub paths: Option<Arc<Paths>>,
    /// The list of credentials.
    pub ranks: Option<Arc<Ranks>>,
    /// The inspector.
    pub inspection: Option<Arc<Inspection>>,
    /// The table.
    pub table: Option<Arc<Table>>,
    /// The matrix.
    pub matrix: Option<Arc<Matrix>>,
    /// Findings and assertions.
    pub judged: Option<Arc<Judged>>,
    /// The radius over time.
    pub timeline: Option<Arc<Timeline>>,
    /// Two branches side by side.
    pub branches: Option<Arc<Branches>>,
    /// What is left after each step.
    pub steps: Option<Arc<Vec<StepLeft>>>,
    /// The plan, as far as it is worked out; another worker gives it.
    pub plan: Option<Arc<super::Planned>>,
    /// What stands behind the number that was clicked; another worker gives it.
    pub evidence: Option<Arc<super::Evidence>>,
}

impl Answer {
    /// Takes a part in.
    pub fn put(&mut self, part: Part) {
        match part {
            Part::Reach(r) => self.reach = Some(r),
            Part::Picture(p) => self.picture = Some(p),
            Part::Paths(p) => self.paths = Some(p),
            Part::Ranks(r) => self.ranks = Some(r),
            Part::Inspection(i) => self.inspection = Some(i),
            Part::Table(t) => self.table = Some(t),
            Part::Matrix(m) => self.matrix = Some(m),
            Part::Judged(j) => self.judged = Some(j),
            Part::Timeline(t) => self.timeline = Some(t),
            Part::Branches(b) => self.branches = Some(b),
            Part::Steps(s) => self.steps = Some(s),
        }
    }
}

/// With fewer records than this what a filter may ask is counted whatever is shown.
const FEW: usize = 60_000;
/// With fewer records than this the rows say what is found of them, whether or not the filter asks.
const QUICK: usize = 5_000;

/// Asks a ticket whether its job is stale.
pub struct Stale<'a, 'b>(pub &'a Ticket<'b, Question, Part>);

impl Cancel for Stale<'_, '_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_stale()
    }
}

/// What the worker keeps between questions.
#[derive(Default)]
pub struct Analyst {
    reach: Option<Arc<Reach>>,
    picture: Option<(Question, Arc<MapPicture>)>,
    paths: Option<(Question, Arc<Paths>)>,
    ranks: Option<(Question, Arc<Ranks>)>,
    rank_before: Option<(Question, Arc<Ranking>)>,
    inspection: Option<(Question, Arc<Inspection>)>,
    /// With the question whether credentials say their radius, and records their findings.
    rows: Option<(Question, (bool, bool), Arc<Rows>)>,
    /// What is found of each record, where a filter asks or little is to be looked at.
    concerned: Option<Arc<judged::Concerned>>,
    table: Option<Arc<Table>>,
    matrix: Option<(Question, Arc<Matrix>)>,
    stood: Option<(Question, Stood)>,
    judged: Option<(Question, Arc<Judged>)>,
    timeline: Option<(Question, Arc<Timeline>)>,
    changes: Option<(Question, Arc<super::Changes>)>,
    sifted: sieve::Sifted,
}

impl Analyst {
    /// What differs between the records of two inventories, where that was worked out.
    fn changes_known(&self, q: &Question) -> Option<Arc<super::Changes>> {
        let same = |of: &Question| match (&of.other, &q.other) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) && Arc::ptr_eq(&of.estate, &q.estate) && of.settings == q.settings,
            _ => false,
        };
        self.changes
            .as_ref()
            .filter(|(of, _)| same(of))
            .map(|(_, c)| Arc::clone(c))
    }

    /// Answers a question, part by part; returns early where the question is stale.
    pub fn run(&mut self, q: &Question, ticket: &Ticket<'_, Question, Part>) {
        let Some(reach) = self.reach(q, ticket) else { return };
        if self.concern(q, &reach, q.tab == Tab::Table, ticket).is_none() {
            return;
        }
        // What is looked at comes first.
        if q.tab == Tab::Table && self.table(q, &reach, ticket).is_none() {
            return;
        }
        if self.picture(q, &reach, ticket).is_none() || self.paths(q, &reach, ticket).is_none() {
            return;
        }
        if q.tab == Tab::Matrix && self.matrix(q, &reach, ticket).is_none() {
            return;
        }
        if q.tab == Tab::Findings && self.judged(q, &reach, ticket).is_none() {
            return;
        }
        if q.tab == Tab::Time && self.timeline(q, &reach, ticket).is_none() {
            return;
        }
        if q.steps {
            let Some(steps) = branches::steps(q, &reach, &Stale(ticket)) else {
                return;
            };
            ticket.part(Part::Steps(Arc::new(steps)));
        }
        let mut two = None;
        if q.tab == Tab::Compare {
            let found = match &q.other {
                None => branches::compare(q, &reach, q.compare.as_deref(), &Stale(ticket)),
                Some(other) => super::other::inventories(q, other, &Stale(ticket)),
            };
            let Some(mut found) = found else { return };
            found.changes = self.changes_known(q);
            ticket.part(Part::Branches(Arc::new(found.clone())));
            two = Some(found).filter(|b| b.inventories && b.changes.is_none());
        }
        if self.inspection(q, &reach, ticket).is_none() || self.ranks(q, ticket).is_none() {
            return;
        }
        // What every credential opens in both takes longest.
        if let (Some(two), Some(other)) = (two, &q.other) {
            let Some(changes) = super::other::changes(q, other, &Stale(ticket)) else {
                return;
            };
            self.changes = Some((q.clone(), Arc::new(changes)));
            ticket.part(Part::Branches(Arc::new(Branches {
                changes: self.changes_known(q),
                ..two
            })));
        }
        // What a filter may ask is counted for the other tabs as well, where that does not take long.
        let filters = matches!(q.tab, Tab::Map | Tab::Matrix);
        if filters && (q.estate.inventory().records.len() < FEW || !q.table.filter.is_empty()) {
            if self.concern(q, &reach, true, ticket).is_none() {
                return;
            }
            let _ = self.table(q, &reach, ticket);
        }
        // Credentials say their own radius, which is known only now.
        if q.tab == Tab::Table && q.table.kind == TableKind::Credentials {
            let _ = self.table(q, &reach, ticket);
        }
    }

    fn reach(&mut self, q: &Question, ticket: &Ticket<'_, Question, Part>) -> Option<Arc<Reach>> {
        let kept = self.reach.as_ref().filter(|r| r.answers(q)).cloned();
        let reach = match kept {
            Some(reach) => reach,
            None => {
                // Radius and flows before the scenario are the same for every what-if on the same estate, the flows for
                // every compromise, too.
                let last = self
                    .reach
                    .take()
                    .filter(|r| Arc::ptr_eq(&r.question.estate, &q.estate) && r.question.settings == q.settings);
                let new = Arc::new(reach(q, last.as_deref(), &Stale(ticket))?);
                self.reach = Some(Arc::clone(&new));
                new
            }
        };
        ticket.part(Part::Reach(Arc::clone(&reach)));
        Some(reach)
    }

    fn picture(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        if q.layout == MapLayout::Estate {
            // Another worker paints it.
            return Some(());
        }
        let kept = self
            .picture
            .as_ref()
            .filter(|(of, _)| {
                of.same_reach(q)
                    && of.layout == q.layout
                    && of.around == q.around
                    && of.map_size == q.map_size
                    && of.table.filter == q.table.filter
                    && of.hidden == q.hidden
                    && of.pins == q.pins
                    && of.isolated == q.isolated
            })
            .map(|(_, p)| Arc::clone(p));
        let picture = match kept {
            Some(picture) => picture,
            None => {
                let mut new = picture(q, reach);
                new.dims = sieve::dims(q, reach, &new, self.concerned.as_ref(), &mut self.sifted);
                let new = Arc::new(new);
                self.picture = Some((q.clone(), Arc::clone(&new)));
                new
            }
        };
        ticket.part(Part::Picture(picture));
        (!ticket.is_stale()).then_some(())
    }

    fn paths(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let Some(ask) = &q.paths else { return Some(()) };
        let kept = self
            .paths
            .as_ref()
            .filter(|(of, p)| of.same_reach(q) && p.ask == *ask && of.map_size == q.map_size)
            .map(|(_, p)| Arc::clone(p));
        let paths = match kept {
            Some(paths) => paths,
            None => {
                // What was asked about may be gone with its file; then there is nothing to say.
                let Some(new) = paths::paths(q, reach, ask, &Stale(ticket)) else {
                    return (!ticket.is_stale()).then_some(());
                };
                let new = Arc::new(new);
                self.paths = Some((q.clone(), Arc::clone(&new)));
                new
            }
        };
        ticket.part(Part::Paths(paths));
        (!ticket.is_stale()).then_some(())
    }

    fn table(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let kind = q.table.kind;
        let ranks = self.ranks.as_ref().filter(|(of, _)| of.same_ranks(q)).map(|(_, r)| r);
        let known = (
            ranks.is_some() && kind == TableKind::Credentials,
            self.concerned.is_some(),
        );
        let kept = self
            .rows
            .as_ref()
            .filter(|(of, with, rows)| of.same_reach(q) && rows.kind == kind && *with == known)
            .map(|(_, _, rows)| Arc::clone(rows));
        let rows = match kept {
            Some(rows) => rows,
            None => {
                let concerned = self.concerned.as_deref();
                let new = Arc::new(table::rows(q, reach, kind, ranks.map(Arc::as_ref), concerned));
                self.rows = Some((q.clone(), known, Arc::clone(&new)));
                new
            }
        };
        let same = |t: &&Arc<Table>| Arc::ptr_eq(&t.rows, &rows) && t.spec == q.table;
        let table = match self.table.as_ref().filter(same) {
            Some(table) => Arc::clone(table),
            None => Arc::new(Table::new(rows, q.table.clone())),
        };
        self.table = Some(Arc::clone(&table));
        ticket.part(Part::Table(table));
        (!ticket.is_stale()).then_some(())
    }

    fn matrix(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let kept = self
            .matrix
            .as_ref()
            .filter(|(of, m)| of.same_reach(q) && m.whole == q.whole_matrix && of.table.filter == q.table.filter)
            .map(|(_, m)| Arc::clone(m));
        let matrix = match kept {
            Some(matrix) => matrix,
            None => {
                let all = matrix::matrix(q, reach, q.whole_matrix, &Stale(ticket))?;
                let new = Arc::new(
                    match sieve::passing(q, reach, self.concerned.as_ref(), &mut self.sifted) {
                        Some(passing) => all.only(&|id| q.estate.graph.find(id).is_some_and(|t| passing.contains(&t))),
                        None => all,
                    },
                );
                self.matrix = Some((q.clone(), Arc::clone(&new)));
                new
            }
        };
        ticket.part(Part::Matrix(matrix));
        (!ticket.is_stale()).then_some(())
    }

    fn stood(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<Stood> {
        if let Some((_, stood)) = self.stood.as_ref().filter(|(of, _)| of.same_ranks(q)) {
            return Some(stood.clone());
        }
        let same = |(of, _): &&(Question, Stood)| Arc::ptr_eq(&of.estate, &q.estate) && of.settings == q.settings;
        let before = self.stood.as_ref().filter(same).map(|(_, s)| Arc::clone(&s.before));
        let new = judged::stood(q, &reach.overlay, before, &Stale(ticket))?;
        self.stood = Some((q.clone(), new.clone()));
        Some(new)
    }

    /// Finds what a filter may ask of findings, where it does ask, or where the rows are counted and that is quick.
    fn concern(
        &mut self,
        q: &Question,
        reach: &Reach,
        counts: bool,
        ticket: &Ticket<'_, Question, Part>,
    ) -> Option<()> {
        let quick = counts && q.estate.inventory().records.len() < QUICK;
        self.concerned = if quick || q.table.filter.asks_findings() {
            let stood = self.stood(q, reach, ticket)?;
            Some(Arc::new(judged::concerned(&stood)))
        } else {
            None
        };
        Some(())
    }

    fn judged(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let cancel = Stale(ticket);
        let kept = self
            .judged
            .as_ref()
            .filter(|(of, _)| of.same_reach(q) && of.asserted == q.asserted && of.finding == q.finding);
        if let Some((_, judged)) = kept {
            ticket.part(Part::Judged(Arc::clone(judged)));
            return Some(());
        }
        let stood = self.stood(q, reach, ticket)?;
        let new = Arc::new(judged::judged(q, reach, &stood, &cancel)?);
        self.judged = Some((q.clone(), Arc::clone(&new)));
        ticket.part(Part::Judged(new));
        (!ticket.is_stale()).then_some(())
    }

    fn timeline(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let kept = self.timeline.as_ref().filter(|(of, _)| of.same_reach(q));
        let timeline = match kept.map(|(_, t)| Arc::clone(t)) {
            Some(timeline) => timeline,
            None => {
                let new = Arc::new(timeline::timeline(q, reach, q.as_of_range, &Stale(ticket))?);
                self.timeline = Some((q.clone(), Arc::clone(&new)));
                new
            }
        };
        ticket.part(Part::Timeline(timeline));
        (!ticket.is_stale()).then_some(())
    }

    fn ranks(&mut self, q: &Question, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let kept = self
            .ranks
            .as_ref()
            .filter(|(of, _)| of.same_ranks(q))
            .map(|(_, r)| Arc::clone(r));
        let ranks = match kept {
            Some(ranks) => ranks,
            None => {
                let new = Arc::new(self.rank(q, &Stale(ticket))?);
                self.ranks = Some((q.clone(), Arc::clone(&new)));
                new
            }
        };
        ticket.part(Part::Ranks(ranks));
        Some(())
    }

    fn rank(&mut self, q: &Question, cancel: &dyn Cancel) -> Option<Ranks> {
        let graph = &q.estate.graph;
        let kept = self
            .rank_before
            .as_ref()
            .filter(|(of, _)| Arc::ptr_eq(&of.estate, &q.estate) && of.settings == q.settings)
            .map(|(_, r)| Arc::clone(r));
        let before = match kept {
            Some(before) => before,
            None => {
                let new = Arc::new(analysis::rank(graph, &Overlay::default(), q.settings, cancel).ok()?);
                self.rank_before = Some((q.clone(), Arc::clone(&new)));
                new
            }
        };
        let actions = q.actions();
        let after = match scenario::apply(graph, &actions) {
            Ok(overlay) if !actions.is_empty() => Some(analysis::rank(graph, &overlay, q.settings, cancel).ok()?),
            _ => None,
        };
        Some(rank_lines(q, &before, after.as_ref()))
    }

    fn inspection(&mut self, q: &Question, reach: &Reach, ticket: &Ticket<'_, Question, Part>) -> Option<()> {
        let Some(id) = &q.selection else { return Some(()) };
        let kept = self
            .inspection
            .as_ref()
            .filter(|(of, i)| of.same_reach(q) && i.id == *id && i.pending == 0)
            .map(|(_, i)| Arc::clone(i));
        if let Some(inspection) = kept {
            ticket.part(Part::Inspection(inspection));
            return Some(());
        }
        let done = inspect::inspect(q, reach, id, &Stale(ticket), &mut |so_far| {
            ticket.part(Part::Inspection(Arc::new(so_far)));
        })?;
        let done = Arc::new(done);
        self.inspection = Some((q.clone(), Arc::clone(&done)));
        ticket.part(Part::Inspection(done));
        Some(())
    }
}

/// The radius, with the scenario where there is one; `last` is a reach of the same seeds and settings. Nothing where it
/// was cancelled.
pub fn reach(q: &Question, last: Option<&Reach>, cancel: &dyn Cancel) -> Option<Reach> {
    let graph = &q.estate.graph;
    let active = q.proposal.active();
    let actions = q.actions();
    let (mut overlay, errors) = match scenario::apply(graph, &actions) {
        Ok(overlay) => (overlay, Vec::new()),
        Err(errors) => (Overlay::default(), errors),
    };
    let errors: Vec<(usize, String)> = errors
        .into_iter()
        .filter_map(|e| Some((active.get(e.action?)?.0, e.message)))
        .collect();
    let seeds = known_seeds(q, &mut overlay);
    // Contexts that only a seed or an action names are part of the world before the scenario, too.
    let nothing = Overlay {
        extra_contexts: overlay.extra_contexts.clone(),
        ..Overlay::default()
    };
    let last = last.filter(|l| l.overlay.extra_contexts == overlay.extra_contexts);
    let before = match last.filter(|l| l.before.seeds == seeds) {
        Some(last) => Arc::clone(&last.before),
        None => Arc::new(analysis::radius(graph, &nothing, &seeds, q.settings, cancel).ok()?),
    };
    let flows_before = Flows::of(World::new(graph, &nothing, q.settings));
    let comparison = if actions.is_empty() || !errors.is_empty() {
        None
    } else {
        let before = Arc::clone(&before);
        Some(scenario::compare_with(graph, &actions, &overlay, before, &flows_before, cancel).ok()?)
    };
    Some(Reach {
        question: q.clone(),
        before,
        comparison,
        errors,
        flows_before,
        overlay,
    })
}

/// Every live credential by its radius, worked out anew. Nothing where it was cancelled.
pub fn ranks_now(q: &Question, cancel: &dyn Cancel) -> Option<Ranks> {
    Analyst::default().rank(q, cancel)
}

/// The seeds that the estate knows: after another file is taken out, some may be unknown.
pub fn known_seeds(q: &Question, overlay: &mut Overlay) -> Vec<Thing> {
    known_ids(&q.estate, &q.proposal.seeds, overlay).0
}

/// The seeds of these ids, sorted, and the ids that the estate does not know.
pub fn known_ids(estate: &Estate, ids: &[String], overlay: &mut Overlay) -> (Vec<Thing>, Vec<String>) {
    let (mut seeds, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        match analysis::resolve_seeds(&estate.graph, overlay, std::slice::from_ref(id)) {
            Ok(found) => seeds.extend(found),
            Err(_) => unknown.push(id.clone()),
        }
    }
    seeds.sort_unstable();
    seeds.dedup();
    (seeds, unknown)
}

/// The map of a radius. Places come from what is reached before the scenario, so a what-if moves nothing.
#[must_use]
pub fn picture(q: &Question, reach: &Reach) -> MapPicture {
    if let Some(thing) = q.around.as_deref().and_then(|id| q.estate.graph.find(id)) {
        let comparison = reach.comparison.as_ref();
        return MapPicture::around(
            &q.estate.graph,
            reach.before(),
            comparison,
            thing,
            q.settings,
            q.map_size,
        );
    }
    let mut map = MapPicture::new(
        &q.estate.graph,
        reach.before(),
        reach.comparison.as_ref(),
        reach.interval(),
        q.settings,
        q.layout == MapLayout::Layers,
        q.map_size,
    );
    map.pin(&q.pins);
    map
}

fn rank_lines(q: &Question, before: &Ranking, after: Option<&Ranking>) -> Ranks {
    let inventory = q.estate.inventory();
    let numbers = |r: &analysis::RankRow| RankNumbers {
        systems: r.systems,
        crown_jewels: r.crown_jewels,
        weight: r.weight,
        inherited: r.inherited,
        assumed: r.assumed,
    };
    let after_of: std::collections::HashMap<&str, RankNumbers> = after
        .iter()
        .flat_map(|r| &r.credentials)
        .map(|r| (r.id.as_str(), numbers(r)))
        .collect();
    let mut lines: Vec<RankLine> = before
        .credentials
        .iter()
        .map(|row| RankLine {
            name: words::name_of(inventory, &row.id).to_owned(),
            haystack: haystack(q, row.thing, &row.id),
            before: numbers(row),
            // A credential that the scenario revokes is not ranked any more: it opens nothing by being copied.
            after: after.map(|_| after_of.get(row.id.as_str()).copied().unwrap_or_default()),
            id: row.id.clone(),
        })
        .collect();
    // The panel says systems first, so it goes by systems first.
    lines.sort_by(|a, b| {
        let key = |n: &RankNumbers| (n.systems, n.weight);
        key(&b.before).cmp(&key(&a.before)).then_with(|| a.id.cmp(&b.id))
    });
    Ranks {
        lines,
        exposure: (before.exposure, after.map(|r| r.exposure)),
    }
}

fn haystack(q: &Question, thing: Thing, id: &str) -> String {
    let mut parts = vec![id.to_lowercase()];
    if let Thing::Credential(c) = thing
        && let Some(c) = q.estate.inventory().records.credentials.get(c as usize)
    {
        parts.extend(c.name.iter().map(|s| s.as_str().to_lowercase()));
        parts.extend(c.owner.iter().map(|s| s.as_str().to_lowercase()));
        parts.extend(c.tags.iter().map(|s| s.as_str().to_lowercase()));
        parts.push(words::credential_kind(c.kind).to_lowercase());
        if c.status == Some(CredentialStatus::Revoked) {
            parts.push("revoked".to_owned());
        }
    }
    parts.join("\n")
}
