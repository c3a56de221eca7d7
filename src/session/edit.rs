//! The commands that change the proposal: what is compromised, and the scenario's actions. Each is one step that can be
//! undone, or says why it is none.

use super::{Outcome, Proposal, ProposedStep, Session, words};
use crate::model::Text;
use crate::scenario::{self, Action};

/// What of a credential is narrowed.
#[derive(Clone, Copy)]
pub(super) enum Stated {
    Audience,
    Scopes,
}

impl Session {
    /// Changes the proposal as one step that can be undone.
    pub(super) fn propose(&mut self, name: impl Into<String>, edit: impl FnOnce(&mut Proposal)) -> Outcome {
        let before = self.doc.proposal.clone();
        edit(&mut self.doc.proposal);
        if self.doc.proposal == before {
            return Outcome::Nothing("It is so already".into());
        }
        self.doc.history.record(name, before);
        Outcome::Done
    }

    pub(super) fn compromise(&mut self, id: String) -> Outcome {
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

    pub(super) fn spare(&mut self, id: &str) -> Outcome {
        let name = match &self.doc.estate {
            Some(estate) => format!("Unmark {}", words::name_of(estate.inventory(), id)),
            None => return Outcome::Refused("Nothing is open".into()),
        };
        self.propose(name, |p| p.seeds.retain(|s| s != id))
    }

    /// Whether these actions apply, and if not, why the one at `of` does not.
    pub(super) fn why_not(&self, actions: &[Action], of: usize) -> Option<String> {
        let estate = self.doc.estate.as_ref()?;
        let errors = scenario::apply(&estate.graph, actions).err()?;
        errors.iter().find(|e| e.action == Some(of)).map(|e| e.message.clone())
    }

    pub(super) fn add_action(&mut self, action: Action) -> Outcome {
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

    pub(super) fn edit_steps(
        &mut self,
        i: usize,
        verb: &str,
        edit: impl FnOnce(&mut Vec<ProposedStep>, usize),
    ) -> Outcome {
        let (Some(step), Some(estate)) = (self.doc.proposal.steps.get(i), self.doc.estate.clone()) else {
            return Outcome::Nothing("There is no such action".into());
        };
        let name = format!("{verb}: {}", words::step_name(&step.action, estate.inventory()));
        self.propose(name, |p| edit(&mut p.steps, i))
    }

    pub(super) fn move_action(&mut self, from: usize, to: usize) -> Outcome {
        let to = to.min(self.doc.proposal.steps.len().saturating_sub(1));
        if from == to {
            return Outcome::Nothing("It is there already".into());
        }
        self.edit_steps(from, "Move", |steps, from| {
            let step = steps.remove(from);
            steps.insert(to, step);
        })
    }

    pub(super) fn edit_action(&mut self, i: usize, action: Action) -> Outcome {
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

    pub(super) fn clear_actions(&mut self) -> Outcome {
        self.propose("Clear scenario", |p| p.steps.clear())
    }

    pub(super) fn rename(&mut self, name: String) -> Outcome {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Outcome::Refused("A scenario needs a name".into());
        }
        self.propose(format!("Rename to {name}"), |p| p.name = name)
    }

    /// Narrows a credential to what is ticked. One action a credential: ticking on goes back over the same action.
    pub(super) fn keep(&mut self, id: &str, kept: Vec<String>, part: Stated) -> Outcome {
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
        let ticked = |s: &&Text| kept.iter().any(|k| k == *s);
        let kept: Vec<String> = stated.iter().filter(ticked).map(String::from).collect();
        // What is kept is part of what is stated, in its order.
        let whole = kept.len() == stated.len();
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
}
