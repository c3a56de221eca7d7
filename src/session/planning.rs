//! The session's part in plans: which plan is asked for, asking it of the planner, and taking it into the scenario.

use super::plan::{MOST_BUDGET, PlanQuestion, PlanSpec};
use super::{Event, Outcome, PlanSort, ProposedStep, Session, Tab, words};
use crate::scenario::{self, Action};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a proof is tried before the bound reached so far is stated instead.
pub(super) const PROOF: Duration = Duration::from_secs(50);

/// How much longer it is tried where the analyst asks for more.
const LONGER: Duration = Duration::from_secs(600);

impl Session {
    /// What the planner is asked while the Plan tab is shown.
    fn plan_question(&self) -> Option<PlanQuestion> {
        if self.doc.view.tab != Tab::Plan {
            return None;
        }
        let estate = self.doc.estate.clone()?;
        let spec = self.doc.view.plan.clone();
        let actions: Vec<Action> = self.doc.proposal.active().into_iter().map(|(_, a)| a).collect();
        // What does not apply changes nothing; the strip says why.
        let base = match scenario::apply(&estate.graph, &actions) {
            Ok(_) if !spec.afresh => actions,
            _ => Vec::new(),
        };
        let seeds = match (&spec.from, spec.sort) {
            // Budgets, third parties and choke points ask nothing of what is compromised.
            (_, PlanSort::Budget | PlanSort::Vendors | PlanSort::Chokes) => Vec::new(),
            (Some(ids), _) => ids.clone(),
            (None, _) => self.doc.proposal.seeds.clone(),
        };
        Some(PlanQuestion {
            settings: self.doc.settings()?,
            seeds,
            base,
            spec,
            patience: self.plan_patience,
            stop: Arc::new(AtomicBool::new(false)),
            estate,
        })
    }

    /// Asks the planner where the question is a new one. A proof goes on while another tab is shown, unless it answers
    /// nothing any more.
    pub(super) fn ask_plan(&mut self) {
        let question = self.plan_question();
        match (&question, &self.plan_asked) {
            (Some(new), Some(old)) if new == old => {}
            (None, None) => {}
            (None, Some(old)) => {
                let same = self.doc.estate.as_ref().is_some_and(|e| Arc::ptr_eq(e, &old.estate));
                if !same {
                    self.plan_asked = None;
                    self.answer.plan = None;
                    self.planner.supersede(None);
                }
            }
            (Some(new), old) => {
                // More patience is for one question alone.
                let mut new = new.clone();
                if old.as_ref().is_some_and(|old| old.patience == new.patience) {
                    self.plan_patience = PROOF;
                    new.patience = PROOF;
                }
                self.plan_asked = Some(new.clone());
                self.planner.supersede(Some(new));
            }
        }
    }

    /// Takes what the planner has given. True where something changed.
    pub(super) fn take_plan(&mut self) -> bool {
        let mut changed = false;
        for event in self.planner.take() {
            changed = true;
            match event {
                Event::Part(planned) => self.answer.plan = Some(Arc::new(planned)),
                Event::Finished => {}
                Event::Panicked(text) => self.bug("working out a plan", &text),
            }
        }
        changed
    }

    /// How far the planner is, in words; nothing where it does not work.
    #[must_use]
    pub fn planning(&self) -> Option<String> {
        let busy = self.planner.is_busy();
        busy.then(|| self.planner.progress().map(|p| p.what).unwrap_or_default())
    }

    /// Whether the plan that is shown answers what is asked now.
    #[must_use]
    pub fn plan_is_current(&self) -> bool {
        match (&self.plan_asked, &self.answer.plan) {
            (Some(asked), Some(plan)) => plan.question == *asked,
            _ => false,
        }
    }

    pub(super) fn set_plan(&mut self, mut spec: PlanSpec) -> Outcome {
        spec.budget = spec.budget.clamp(1, MOST_BUDGET);
        for list in [&mut spec.from, &mut spec.protect].into_iter().flatten() {
            list.sort();
            list.dedup();
        }
        if self.doc.view.plan == spec {
            return Outcome::Nothing("It is so already".into());
        }
        self.doc.view.plan = spec;
        Outcome::Done
    }

    pub(super) fn stop_proving(&mut self) -> Outcome {
        match &self.plan_asked {
            Some(asked) if self.planner.is_busy() => {
                asked.stop.store(true, Ordering::Relaxed);
                Outcome::Done
            }
            _ => Outcome::Nothing("No plan is being worked out".into()),
        }
    }

    pub(super) fn prove_longer(&mut self) -> Outcome {
        if self.plan_asked.is_none() {
            return Outcome::Nothing("No plan is asked for".into());
        }
        self.plan_patience += LONGER;
        Outcome::Done
    }

    /// Puts actions into the scenario as one step that can be undone: after its own, or in their place; or into a new
    /// branch.
    pub(super) fn take_actions(&mut self, actions: Vec<Action>, instead: bool, branch: Option<String>) -> Outcome {
        let Some(estate) = self.doc.estate.clone() else {
            return Outcome::Refused("Nothing is open".into());
        };
        if actions.is_empty() {
            return Outcome::Nothing("The plan has no action".into());
        }
        let own = if instead {
            Vec::new()
        } else {
            self.doc.proposal.steps.clone()
        };
        let mut all: Vec<Action> = own.iter().filter(|s| s.on).map(|s| s.action.clone()).collect();
        all.extend(actions.iter().cloned());
        if let Err(errors) = scenario::apply(&estate.graph, &all) {
            let why = errors.first().map(|e| e.message.clone()).unwrap_or_default();
            return Outcome::Refused(format!("The plan does not apply after the scenario's steps: {why}"));
        }
        if let Some(name) = &branch
            && self.doc.proposal.branch_names().contains(&name.as_str())
        {
            return Outcome::Refused(format!("There is a branch {name} already"));
        }
        let what = match &branch {
            Some(name) => format!("Plan as branch {name}"),
            None => format!("Plan of {}", words::count(actions.len() as u64, "action", "actions")),
        };
        let steps = actions.into_iter().map(|action| ProposedStep { action, on: true });
        self.propose(what, |p| {
            if let Some(name) = branch {
                p.branch_off(name);
            }
            p.steps = own;
            p.steps.extend(steps);
        })
    }

    /// Marks all of these as compromised, in place of what was, as one step of this name that can be undone.
    pub(super) fn compromise_all(&mut self, step: String, mut ids: Vec<String>) -> Outcome {
        let Some(estate) = self.doc.estate.clone() else {
            return Outcome::Refused("Nothing is open".into());
        };
        let mut scratch = crate::graph::Overlay::default();
        if let Err(unknown) = crate::analysis::resolve_seeds(&estate.graph, &mut scratch, &ids) {
            let ids: Vec<String> = unknown.iter().map(ToString::to_string).collect();
            return Outcome::Refused(ids.join("; "));
        }
        ids.sort();
        ids.dedup();
        self.propose(step, |p| p.seeds = ids)
    }
}
