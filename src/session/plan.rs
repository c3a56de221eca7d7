//! A plan as the window asks for it, and its answer as plain lines that the window only paints. Knows how a question is
//! put and how an answer is told; the planner computes it.

use super::planner::resolved;
use super::{Estate, EvidenceAsk, PlanSort, WhyRow, words};
use crate::analysis::{ChokePoint, Summary};
use crate::export::words as said;
use crate::graph::{Overlay, Settings, Thing, World};
use crate::model::{Time, position_of};
use crate::plan::{AT_RISK_COST, Offer, Vendor, Verb, price};
use crate::scenario::{self, Action, Flow, Use, UseCounts, changed_flows};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The most actions that a budget plan is asked for.
pub const MOST_BUDGET: u8 = 20;

/// A plan as it is asked for. Saved with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSpec {
    /// What it is to be.
    pub sort: PlanSort,
    /// What is compromised, by id (`context:NAME` for a context); what the scenario says where absent.
    pub from: Option<Vec<String>>,
    /// What must not be reached, by id; the crown jewels where absent.
    pub protect: Option<Vec<String>>,
    /// Kinds of action that may not be taken.
    pub barred: BTreeSet<Verb>,
    /// It need hold against this theft alone, so that rotating counts.
    pub this_theft: bool,
    /// How many actions a budget plan has, from 1 to [`MOST_BUDGET`].
    pub budget: u8,
    /// It starts from the estate as it stands, not from what the scenario leaves.
    pub afresh: bool,
}

impl Default for PlanSpec {
    fn default() -> Self {
        Self {
            sort: PlanSort::Cut,
            from: None,
            protect: None,
            barred: BTreeSet::new(),
            this_theft: false,
            budget: 3,
            afresh: false,
        }
    }
}

impl PlanSpec {
    /// The kinds of action that may be taken.
    #[must_use]
    pub fn permits(&self) -> BTreeSet<Verb> {
        let mut all = Verb::all_for(self.this_theft);
        all.retain(|verb| !self.barred.contains(verb));
        all
    }
}

/// Everything the planner needs to know.
#[derive(Clone)]
pub struct PlanQuestion {
    /// What was read.
    pub estate: Arc<Estate>,
    /// As-of and regime.
    pub settings: Settings,
    /// What is compromised, by id, sorted.
    pub seeds: Vec<String>,
    /// What is done already.
    pub base: Vec<Action>,
    /// What is asked.
    pub spec: PlanSpec,
    /// How long a proof is tried before the bound is stated instead.
    pub patience: Duration,
    /// Set once the analyst wants no proof any more; the best plan so far is the answer then.
    pub stop: Arc<AtomicBool>,
}

impl PartialEq for PlanQuestion {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.estate, &other.estate)
            && self.settings == other.settings
            && self.seeds == other.seeds
            && self.base == other.base
            && self.spec == other.spec
            && self.patience == other.patience
    }
}

impl PlanQuestion {
    /// What a number of a radius counts that some actions of its answer leave.
    #[must_use]
    pub fn reached(&self, actions: &[Action]) -> EvidenceAsk {
        EvidenceAsk::reached(&self.seeds, &self.base, actions.to_vec())
    }

    /// Whether the analyst wants no proof any more.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What is wrong with a request, and what could be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTrouble {
    /// One sentence.
    pub why: String,
    /// What to ask instead, with the words for it.
    pub instead: Option<(String, PlanSpec)>,
}

/// A flow that a plan breaks or puts at risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// `gha-deploy-prod → deploy-api, deploy:write`.
    pub flow: String,
    /// `in use, last used 2026-04-29`, `last use not known`.
    pub used: String,
    /// In use, or meant and of unknown use.
    pub hurts: bool,
    /// Not broken: it works only in the context that is checked there.
    pub at_risk: bool,
    /// What it costs.
    pub cost: u64,
    /// Where it starts, by id: what a click on it shows.
    pub from: String,
}

/// One action of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStep {
    /// What is done.
    pub action: Action,
    /// In words.
    pub title: String,
    /// What a click on it shows, by id.
    pub on: Option<String>,
    /// File and place of the record that it changes; empty where no file states it.
    pub place: String,
    /// What it adds to the cost of those before it.
    pub cost: u64,
    /// What it adds to what those before it break.
    pub broken: Vec<Broken>,
}

/// A cut.
#[derive(Clone, Debug)]
pub struct CutAnswer {
    /// In the order in which they apply; none where nothing needs to be done.
    pub steps: Vec<PlanStep>,
    /// One for each action, and for each flow by its use.
    pub cost: u64,
    /// No permitted cut costs less.
    pub lower_bound: u64,
    /// The radius before it.
    pub before: Summary,
    /// The radius after it.
    pub after: Summary,
    /// What it breaks.
    pub breaks: UseCounts,
    /// How many flows it puts at risk.
    pub at_risk: u64,
    /// How many things are protected.
    pub protected: u64,
    /// Cheaper and dearer choices, each with its actions in words; nothing while they are worked out.
    pub offers: Option<Arc<Vec<Choice>>>,
}

/// A cheaper or dearer plan, with its actions in words.
pub type Choice = (Offer, Vec<String>);

impl CutAnswer {
    /// Whether it is proved that no permitted cut costs less.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.lower_bound >= self.cost
    }
}

/// Why there is no cut.
#[derive(Clone, Debug, PartialEq)]
pub struct NoCut {
    /// What is reached whatever is done, by id.
    pub target: String,
    /// Why, and what to do.
    pub why: String,
    /// The way there.
    pub path: Vec<WhyRow>,
    /// What to ask instead, with the words for it.
    pub instead: Vec<(String, PlanSpec)>,
}

/// One step of a budget plan.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetLine {
    /// What is done.
    pub step: PlanStep,
    /// The estate's exposure after it.
    pub exposure: u64,
}

/// A budget plan.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetAnswer {
    /// The estate's exposure before it.
    pub exposure: u64,
    /// In order.
    pub steps: Vec<BudgetLine>,
    /// Whether no permitted choice of as many actions takes more off.
    pub optimal: bool,
    /// However many actions are taken, so much is left at least.
    pub least: u64,
    /// The world with every permitted action taken at once.
    pub everything: Arc<Overlay>,
}

/// One step of a containment.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainmentLine {
    /// What is done.
    pub step: PlanStep,
    /// The radius after it.
    pub after: Summary,
}

/// Where a step of a containment has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoEffectLine {
    /// The step's place, from 0.
    pub step: usize,
    /// A system, or where the exposure starts that mints the credential anew, by id.
    pub on: Option<String>,
    /// Its name.
    pub name: String,
    /// `does not check revocation`, and until when.
    pub why: String,
}

/// What to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainmentAnswer {
    /// The radius before it.
    pub before: Summary,
    /// In order.
    pub steps: Vec<ContainmentLine>,
    /// Credentials by id that must be rotated in one go.
    pub together: Vec<Vec<String>>,
    /// Where steps have no effect.
    pub no_effect: Vec<NoEffectLine>,
    /// What is reached after all steps, by id.
    pub residue: Vec<String>,
}

/// Choke points.
#[derive(Clone, Debug)]
pub struct ChokeAnswer {
    /// The estate's exposure as it stands with the scenario.
    pub exposure: u64,
    /// What takes most off it, by itself, if it goes; most first.
    pub lines: Vec<ChokeLine>,
    /// Whether those are all there are.
    pub all: bool,
}

/// One choke point.
#[derive(Clone, Debug)]
pub struct ChokeLine {
    /// What it is, and what goes with it.
    pub point: ChokePoint,
    /// Its name for people.
    pub name: String,
    /// What it is, in a word or two.
    pub kind: String,
    /// What can be selected of it.
    pub on: Option<String>,
}

/// What comes of a question.
#[derive(Clone, Debug)]
pub enum PlanAnswer {
    /// It cannot be asked so.
    Wrong(Vec<PlanTrouble>),
    /// A cut.
    Cut(CutAnswer),
    /// No permitted cut exists.
    None(NoCut),
    /// A budget plan.
    Budget(BudgetAnswer),
    /// A containment.
    Containment(ContainmentAnswer),
    /// Third parties by what they would reach.
    Vendors(Vec<Vendor>),
    /// Choke points.
    Chokes(ChokeAnswer),
}

/// An answer, and what it answers.
#[derive(Clone)]
pub struct Planned {
    /// What it answers.
    pub question: PlanQuestion,
    /// The answer so far.
    pub answer: PlanAnswer,
    /// Whether more comes: a proof, or other choices.
    pub more: bool,
}

impl Planned {
    /// The actions that it proposes, in order.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        let all = |steps: &mut dyn Iterator<Item = &PlanStep>| steps.map(|s| s.action.clone()).collect();
        match &self.answer {
            PlanAnswer::Cut(cut) => all(&mut cut.steps.iter()),
            PlanAnswer::Budget(plan) => all(&mut plan.steps.iter().map(|l| &l.step)),
            PlanAnswer::Containment(plan) => all(&mut plan.steps.iter().map(|l| &l.step)),
            PlanAnswer::Wrong(_) | PlanAnswer::None(_) | PlanAnswer::Vendors(_) | PlanAnswer::Chokes(_) => Vec::new(),
        }
    }
}

/// What each action of a plan adds to the cost of those before it, and to what they break.
pub(super) fn steps(q: &PlanQuestion, actions: &[Action]) -> Vec<PlanStep> {
    let graph = &q.estate.graph;
    let mut all = q.base.clone();
    let mut before = scenario::apply(graph, &all).unwrap_or_default();
    let mut at_risk_before: Vec<(String, String, Option<String>)> = Vec::new();
    let base = before.clone();
    let mut out = Vec::new();
    for action in actions {
        all.push(action.clone());
        let then = scenario::apply(graph, &all).unwrap_or_default();
        let world = |overlay| World::new(graph, overlay, q.settings);
        let (broken, _) = changed_flows(world(&before), world(&then));
        let (_, at_risk) = changed_flows(world(&base), world(&then));
        let key = |flow: &Flow| (flow.from.clone(), flow.to.clone(), flow.scope.clone());
        let mut lines: Vec<Broken> = broken
            .iter()
            .map(|flow| broken_line(&q.estate, q.settings.as_of, flow, false))
            .collect();
        let new = at_risk.iter().filter(|flow| !at_risk_before.contains(&key(flow)));
        lines.extend(new.map(|flow| broken_line(&q.estate, q.settings.as_of, flow, true)));
        at_risk_before.extend(at_risk.iter().map(key));
        lines.sort_by_key(|l| std::cmp::Reverse(l.cost));
        let (on, place) = record_of(&q.estate, action.target());
        out.push(PlanStep {
            title: said::action(graph, action),
            action: action.clone(),
            on,
            place,
            cost: 1 + lines.iter().map(|l| l.cost).sum::<u64>(),
            broken: lines,
        });
        before = then;
    }
    out
}

/// A broken flow, or one at risk, as a line.
pub(super) fn broken_line(estate: &Estate, as_of: Time, flow: &Flow, at_risk: bool) -> Broken {
    let inventory = estate.inventory();
    let name = |id: &str| words::name_of(inventory, id).to_owned();
    let scope = flow.scope.as_deref().filter(|s| !s.is_empty() && *s != "*");
    let scope = scope.map(|s| format!(", {}", said::visible(s))).unwrap_or_default();
    let used = match (flow.used, flow.last_used_at) {
        // Its relation is used, for other scopes.
        (Use::Idle, Some(time)) if time > as_of.plus_days(-90) => "not used".to_owned(),
        (_, Some(time)) => format!(
            "{}, last used {}",
            flow.used.as_str().replace('-', " "),
            words::when(time, as_of)
        ),
        (Use::Unknown, None) => "last use not known".to_owned(),
        (used, None) => used.as_str().replace('-', " "),
    };
    let cost = if at_risk { AT_RISK_COST } else { price(flow) };
    Broken {
        flow: format!("{} → {}{scope}", name(&flow.from), name(&flow.to)),
        used,
        hurts: !at_risk && cost > AT_RISK_COST,
        at_risk,
        cost,
        from: flow.from.clone(),
    }
}

/// What a click on an action shows, and where the record stands that it changes.
fn record_of(estate: &Estate, target: &str) -> (Option<String>, String) {
    let on = super::selectable(estate, target);
    let r = &estate.inventory().records;
    macro_rules! relation {
        ($($list:ident),+) => {
            None$(.or_else(|| {
                let at = position_of(&r.$list, target)?;
                r.$list[at].common.places.first()
            }))+
        };
    }
    let place = match estate.graph.find(target) {
        Some(Thing::System(s)) => r.systems[s as usize].places.first(),
        Some(Thing::Identity(i)) => r.identities[i as usize].places.first(),
        Some(Thing::Credential(c)) => r.credentials[c as usize].places.first(),
        Some(Thing::Context(_)) => None,
        None => relation!(grants, exposures, inherits, trusts),
    };
    let place = place.map(|p| super::facts::record(estate, p, 1)).unwrap_or_default();
    (on, place)
}

/// What is wrong with a request, before anything is computed: each with what to do.
pub(super) fn troubles(q: &PlanQuestion) -> Vec<PlanTrouble> {
    let spec = &q.spec;
    let mut out = Vec::new();
    let mut wrong = |why: String, instead: Option<(&str, PlanSpec)>| {
        out.push(PlanTrouble {
            why,
            instead: instead.map(|(words, spec)| (words.to_owned(), spec)),
        });
    };
    if matches!(spec.sort, PlanSort::Vendors | PlanSort::Chokes) {
        return out;
    }
    if matches!(spec.sort, PlanSort::Cut | PlanSort::Budget) && spec.permits().is_empty() {
        let all = PlanSpec {
            barred: BTreeSet::new(),
            ..spec.clone()
        };
        if spec.barred.contains(&Verb::Rotate) {
            wrong(
                "No kind of action is permitted, so nothing can be done".to_owned(),
                Some(("Permit every kind", all)),
            );
        } else {
            let theft = PlanSpec {
                this_theft: true,
                ..spec.clone()
            };
            wrong(
                "Only rotate is permitted, and a rotation holds against this theft alone".to_owned(),
                Some(("Plan against this theft alone", theft)),
            );
        }
    }
    if spec.sort == PlanSort::Budget {
        return out;
    }
    let graph = &q.estate.graph;
    let (_, seeds, unknown) = resolved(q);
    let without = |list: &Option<Vec<String>>, ids: &[String]| {
        let left: Vec<String> = list.iter().flatten().filter(|id| !ids.contains(id)).cloned().collect();
        (!left.is_empty()).then_some(left)
    };
    if !unknown.is_empty() {
        let spare = PlanSpec {
            from: without(&spec.from, &unknown),
            ..spec.clone()
        };
        wrong(
            format!("No system, identity or credential is called {}", quoted(&unknown)),
            Some(("Leave it out", spare)),
        );
    } else if seeds.is_empty() {
        wrong(
            "Nothing is compromised. Add what was stolen under From, or double-click it on the map".to_owned(),
            None,
        );
    }
    if spec.sort == PlanSort::Containment {
        return out;
    }
    let missing: Vec<String> = spec
        .protect
        .iter()
        .flatten()
        .filter(|id| graph.find(id).is_none())
        .cloned()
        .collect();
    if !missing.is_empty() {
        let spare = PlanSpec {
            protect: without(&spec.protect, &missing),
            ..spec.clone()
        };
        wrong(
            format!("No system, identity or credential is called {}", quoted(&missing)),
            Some(("Leave it out", spare)),
        );
    }
    let taken: Vec<String> = spec
        .protect
        .iter()
        .flatten()
        .filter(|id| graph.find(id).is_some_and(|thing| seeds.contains(&thing)))
        .cloned()
        .collect();
    if !taken.is_empty() {
        let spare = PlanSpec {
            protect: without(&spec.protect, &taken),
            ..spec.clone()
        };
        wrong(
            format!(
                "{} is compromised, so nothing keeps it from being reached",
                quoted(&taken)
            ),
            Some(("Do not protect it", spare)),
        );
    }
    match &spec.protect {
        Some(list) if list.is_empty() => wrong(
            "There is nothing to protect. Add what must not be reached under Protect".to_owned(),
            Some((
                "Protect the crown jewels",
                PlanSpec {
                    protect: None,
                    ..spec.clone()
                },
            )),
        ),
        None if crate::plan::crown_jewels(graph).iter().all(|t| seeds.contains(t)) => wrong(
            "There is nothing to protect: no system that is not compromised is a crown jewel. Add what must not be \
             reached under Protect"
                .to_owned(),
            None,
        ),
        _ => {}
    }
    out
}

fn quoted(ids: &[String]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{}\"", said::visible(id))).collect();
    words::names(&quoted, 3)
}
