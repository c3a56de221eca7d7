//! What stands behind a number: the systems that it counts, the flows and actions that a cost adds up, the credentials
//! whose radii an exposure sums. Worked out on a worker of its own when a number is clicked; what is listed always adds up
//! to the number.

use super::derive::known_ids;
use super::inspect::{how_reached, look_of};
use super::plan::broken_line;
use super::{Class, Estate, Event, Outcome, Proposal, Session, ThingState, Ticket, words};
use crate::analysis::{self, Cancel, ChokeKind, Radius};
use crate::export::words as said;
use crate::graph::{Overlay, Settings, Thing, World};
use crate::model::{Criticality, Time};
use crate::scenario::{self, Action, changed_flows};
use std::collections::HashMap;
use std::sync::Arc;

/// What sort of number it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceKind {
    /// Systems, crown jewels or weight of a radius: the systems reached, with those that the actions cut off.
    Reached,
    /// The cost of actions, or what they break: each action, and each flow by its use.
    Cost,
    /// The cost that no permitted cut is below, of a cut that is not proved to be the best.
    Bound(u64),
    /// The estate's exposure: every live credential with what it alone opens.
    Exposure,
    /// The exposure that every permitted action together leaves, taken at once.
    Least(Arc<Overlay>),
    /// What the exposure loses if one thing or relation goes: the credentials that lose.
    Loses(ChokeKind, String),
}

/// A number that was clicked.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceAsk {
    /// What it is.
    pub kind: EvidenceKind,
    /// What is compromised, by id.
    pub seeds: Vec<String>,
    /// What is done before, in order; it is no part of what is counted.
    pub base: Vec<Action>,
    /// What is done after that.
    pub actions: Vec<Action>,
    /// As of when; as of the inventory's time where absent.
    pub as_of: Option<Time>,
    /// It is a number of the inventory that the open one is compared with.
    pub other: bool,
}

impl EvidenceAsk {
    /// A radius before and after actions.
    #[must_use]
    pub fn reached(seeds: &[String], base: &[Action], actions: Vec<Action>) -> Self {
        Self {
            kind: EvidenceKind::Reached,
            seeds: seeds.to_vec(),
            base: base.to_vec(),
            actions,
            as_of: None,
            other: false,
        }
    }

    /// The radius of what is compromised, under the steps of the scenario that are on.
    #[must_use]
    pub fn of_scenario(proposal: &Proposal) -> Self {
        let actions = proposal.active().into_iter().map(|(_, action)| action);
        Self::reached(&proposal.seeds, &[], actions.collect())
    }

    /// The same number's kind replaced.
    #[must_use]
    pub fn of(self, kind: EvidenceKind) -> Self {
        Self { kind, ..self }
    }
}

/// One line of what a number adds up.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceLine {
    /// What a click shows, by id.
    pub on: Option<String>,
    /// Its name.
    pub name: String,
    /// What is said of it.
    pub said: String,
    /// What it adds; nothing where the scenario took it off.
    pub adds: Option<u64>,
    /// Its shape, state and icon; absent for flows and actions.
    pub glyph: Option<(Class, ThingState, Option<char>)>,
    /// A crown jewel.
    pub crown: bool,
    /// A flow in use, or meant and of unknown use.
    pub hurts: bool,
}

/// What stands behind a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The number, in words.
    pub head: String,
    /// How it comes about, in a sentence.
    pub how: String,
    /// What it adds up.
    pub lines: Vec<EvidenceLine>,
}

/// What the worker is asked.
#[derive(Clone)]
pub(super) struct EvidenceQuestion {
    estate: Arc<Estate>,
    /// The one that is open, whose records can be selected.
    own: Arc<Estate>,
    settings: Settings,
    ask: EvidenceAsk,
}

struct Stale<'a, 'b>(&'a Ticket<'b, EvidenceQuestion, Evidence>);

impl Cancel for Stale<'_, '_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_stale()
    }
}

/// Works one number out.
pub(super) fn run(q: EvidenceQuestion, ticket: &Ticket<'_, EvidenceQuestion, Evidence>) {
    if let Some(evidence) = evidence(&q, &Stale(ticket)) {
        ticket.part(evidence);
    }
}

fn evidence(q: &EvidenceQuestion, cancel: &dyn Cancel) -> Option<Evidence> {
    match &q.ask.kind {
        EvidenceKind::Reached => q.reached(cancel),
        EvidenceKind::Cost => Some(q.cost()),
        EvidenceKind::Bound(bound) => Some(q.bound(*bound)),
        EvidenceKind::Exposure => q.exposure(&q.overlays().1, cancel),
        EvidenceKind::Least(everything) => q.exposure(everything, cancel),
        EvidenceKind::Loses(kind, id) => q.loses(*kind, id, cancel),
    }
}

impl EvidenceQuestion {
    /// The world before the actions, and after them. What does not apply changes nothing.
    fn overlays(&self) -> (Overlay, Overlay) {
        let graph = &self.estate.graph;
        let all: Vec<Action> = self.ask.base.iter().chain(&self.ask.actions).cloned().collect();
        let before = scenario::apply(graph, &self.ask.base).unwrap_or_default();
        let after = scenario::apply(graph, &all).unwrap_or_else(|_| before.clone());
        (before, after)
    }

    fn reached(&self, cancel: &dyn Cancel) -> Option<Evidence> {
        let graph = &self.estate.graph;
        let (mut base, mut overlay) = self.overlays();
        let (seeds, _) = known_ids(&self.estate, &self.ask.seeds, &mut overlay);
        base.extra_contexts.clone_from(&overlay.extra_contexts);
        let radius = |overlay: &Overlay| analysis::radius(graph, overlay, &seeds, self.settings, cancel).ok();
        let before = radius(&base)?;
        let after = if self.ask.actions.is_empty() {
            None
        } else {
            Some(radius(&overlay)?)
        };
        let now = after.as_ref().unwrap_or(&before);
        let mut lines: Vec<EvidenceLine> = now.systems.iter().map(|s| self.system(&s.reach, false)).collect();
        if let Some(after) = &after {
            lines.extend(gone(&before, after).map(|reach| self.system(reach, true)));
        }
        lines.sort_by(|a, b| {
            let key = |l: &EvidenceLine| (l.adds.is_none(), !l.crown, std::cmp::Reverse(l.adds));
            key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
        });
        let off = before.summary.systems.saturating_sub(now.summary.systems);
        let off = if off == 0 {
            String::new()
        } else {
            format!(
                " Below them {} cut off",
                words::count(off, "system that is", "systems that are")
            )
        };
        Some(Evidence {
            head: format!(
                "{}, {}, weight {}",
                words::count(now.summary.systems, "system", "systems"),
                words::count(now.summary.crown_jewels, "crown jewel", "crown jewels"),
                words::number(now.summary.weight)
            ),
            how: format!("Every system that is reached, with its weight.{off}"),
            lines,
        })
    }

    fn system(&self, reach: &analysis::Reach, gone: bool) -> EvidenceLine {
        let inventory = self.estate.inventory();
        let look = look_of(inventory, reach.thing, &reach.id);
        let state = if gone {
            ThingState::Ghost
        } else {
            how_reached(Some(reach))
        };
        let hops = words::count(reach.hops.into(), "hop", "hops");
        EvidenceLine {
            name: look.name,
            said: format!("{}, {hops}", state.words()),
            adds: (!gone).then(|| self.weight(reach.thing)),
            glyph: Some((look.class, state, look.icon)),
            crown: look.crown,
            hurts: false,
            on: self.own.graph.find(&reach.id).map(|_| reach.id.clone()),
        }
    }

    fn weight(&self, thing: Thing) -> u64 {
        let Thing::System(s) = thing else { return 0 };
        let system = self.estate.inventory().records.systems.get(s as usize);
        system
            .and_then(|s| s.criticality)
            .unwrap_or(Criticality::Medium)
            .weight()
    }

    fn cost(&self) -> Evidence {
        let graph = &self.estate.graph;
        let (base, overlay) = self.overlays();
        let world = |overlay| World::new(graph, overlay, self.settings);
        let (broken, at_risk) = changed_flows(world(&base), world(&overlay));
        let all = broken
            .iter()
            .map(|f| (f, false))
            .chain(at_risk.iter().map(|f| (f, true)));
        let mut flows: Vec<EvidenceLine> = all
            .map(|(flow, at_risk)| {
                let line = broken_line(&self.estate, self.settings.as_of, flow, at_risk);
                let what = if at_risk { "put at risk, " } else { "broken, " };
                EvidenceLine {
                    on: Some(line.from),
                    name: line.flow,
                    said: format!("{what}{}", line.used),
                    adds: Some(line.cost),
                    glyph: None,
                    crown: false,
                    hurts: line.hurts,
                }
            })
            .collect();
        flows.sort_by(|a, b| b.adds.cmp(&a.adds).then_with(|| a.name.cmp(&b.name)));
        let actions = self.ask.actions.iter().map(|action| EvidenceLine {
            on: super::selectable(&self.estate, action.target()),
            name: said::action(graph, action),
            said: "one action".to_owned(),
            adds: Some(1),
            glyph: None,
            crown: false,
            hurts: false,
        });
        let lines: Vec<EvidenceLine> = flows.into_iter().chain(actions).collect();
        let cost: u64 = lines.iter().filter_map(|l| l.adds).sum();
        Evidence {
            head: format!("Cost {}", words::number(cost)),
            how: "Flows that break or are put at risk, by their use, and one for each action".to_owned(),
            lines,
        }
    }

    fn bound(&self, bound: u64) -> Evidence {
        let cost = self.cost();
        let known: u64 = cost.lines.iter().filter_map(|l| l.adds).sum();
        Evidence {
            head: format!("At least {}", words::number(bound)),
            how: format!(
                "A cut must stop every attack. Whatever stops all those that were found until now costs at least so much; the \
                 best cut that is known costs {}, and here is what that adds up",
                words::number(known)
            ),
            ..cost
        }
    }

    fn exposure(&self, overlay: &Overlay, cancel: &dyn Cancel) -> Option<Evidence> {
        let ranks = analysis::rank(&self.estate.graph, overlay, self.settings, cancel).ok()?;
        let lines = ranks.credentials.iter().filter(|r| r.weight > 0).map(|row| {
            let said = words::count(row.systems, "system", "systems");
            self.credential(row.thing, &row.id, said, row.weight)
        });
        Some(Evidence {
            head: format!("Exposure {}", words::number(ranks.exposure)),
            how: format!(
                "The weights of what each of {} opens, stolen alone",
                words::count(ranks.credentials.len() as u64, "live credential", "live credentials")
            ),
            lines: lines.collect(),
        })
    }

    fn credential(&self, thing: Thing, id: &str, said: String, adds: u64) -> EvidenceLine {
        let look = look_of(self.estate.inventory(), thing, id);
        EvidenceLine {
            on: Some(id.to_owned()),
            name: look.name,
            said,
            adds: Some(adds),
            glyph: Some((look.class, ThingState::Untouched, look.icon)),
            crown: false,
            hurts: false,
        }
    }

    fn loses(&self, kind: ChokeKind, id: &str, cancel: &dyn Cancel) -> Option<Evidence> {
        let graph = &self.estate.graph;
        let (_, overlay) = self.overlays();
        let without = analysis::without(graph, &overlay, kind, id)?;
        let rank = |overlay: &Overlay| analysis::rank(graph, overlay, self.settings, cancel).ok();
        let (before, after) = (rank(&overlay)?, rank(&without)?);
        let left: HashMap<Thing, (u64, u64)> = after
            .credentials
            .iter()
            .map(|r| (r.thing, (r.weight, r.systems)))
            .collect();
        let mut lines: Vec<EvidenceLine> = Vec::new();
        for row in &before.credentials {
            // A credential that nobody holds any more opens nothing.
            let own = kind == ChokeKind::Credential && row.id == id;
            let (weight, systems) = match left.get(&row.thing) {
                Some(&left) if !own => left,
                _ => (0, 0),
            };
            let off = row.weight.saturating_sub(weight);
            if off > 0 {
                let said = format!("{} systems", words::change(row.systems, systems));
                lines.push(self.credential(row.thing, &row.id, said, off));
            }
        }
        lines.sort_by(|a, b| b.adds.cmp(&a.adds).then_with(|| a.on.cmp(&b.on)));
        let off: u64 = lines.iter().filter_map(|l| l.adds).sum();
        Some(Evidence {
            head: format!("{} off the exposure", words::number(off)),
            how: format!(
                "What {} less, stolen alone, by weight",
                words::count(lines.len() as u64, "credential opens", "credentials open")
            ),
            lines,
        })
    }
}

/// What is reached before and not after.
fn gone<'a>(before: &'a Radius, after: &'a Radius) -> impl Iterator<Item = &'a analysis::Reach> {
    let mut left = after.systems.iter().map(|s| s.reach.id.as_str()).peekable();
    // Both are sorted by id.
    before.systems.iter().map(|s| &s.reach).filter(move |reach| {
        while left.peek().is_some_and(|id| *id < reach.id.as_str()) {
            left.next();
        }
        left.peek() != Some(&reach.id.as_str())
    })
}

impl Session {
    /// Works out what stands behind a number.
    pub(super) fn show_evidence(&mut self, ask: EvidenceAsk) -> Outcome {
        let (Some(own), Some(settings)) = (self.doc.estate.clone(), self.doc.settings()) else {
            return Outcome::Refused("Nothing is open".into());
        };
        let estate = match (&self.doc.other, ask.other) {
            (Some(other), true) => Arc::clone(other),
            (None, true) => return Outcome::Refused("The other inventory is closed".into()),
            (_, false) => Arc::clone(&own),
        };
        let settings = Settings {
            as_of: ask.as_of.unwrap_or(settings.as_of),
            ..settings
        };
        self.answer.evidence = None;
        let question = EvidenceQuestion {
            estate,
            own,
            settings,
            ask,
        };
        self.evidence.supersede(Some(question));
        Outcome::Done
    }

    /// Takes what was worked out of a number. True where something changed.
    pub(super) fn take_evidence(&mut self) -> bool {
        let mut changed = false;
        for event in self.evidence.take() {
            changed = true;
            match event {
                Event::Part(evidence) => self.answer.evidence = Some(Arc::new(evidence)),
                Event::Finished => {}
                Event::Panicked(text) => self.bug("working out a number", &text),
            }
        }
        changed
    }
}
