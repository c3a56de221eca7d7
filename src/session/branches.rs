//! Two branches side by side: the same compromise under two scenarios, on the same positions, with the difference as a list.

use super::derive::{self, Question, Reach};
use super::inspect::look_of;
use super::{Class, EvidenceAsk, ProposedStep, ThingState};
use crate::analysis::{Cancel, Summary};
use crate::graph::Thing;
use crate::scene::MapPicture;
use std::collections::BTreeSet;

/// One side.
#[derive(Clone)]
pub struct Side {
    /// The branch's name, or the inventory's; nothing for the estate as it stands, without a scenario.
    pub name: Option<String>,
    /// How much there is of it: steps that are on, or records.
    pub said: String,
    /// Its map. Both sides have their things in the same places.
    pub picture: MapPicture,
    /// What it leaves of the radius; for an inventory, what falls in it.
    pub left: Summary,
    /// What it breaks, in words, and whether that hurts.
    pub breaks: (String, bool),
    /// What stands behind its numbers.
    pub ask: EvidenceAsk,
}

/// What is left after one more step of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepLeft {
    /// What the step does; nothing before the first one.
    pub name: Option<String>,
    /// Systems reached from then on.
    pub systems: u64,
}

/// The radius before the scenario and after each of its steps that are on. Nothing where it was cancelled.
pub fn steps(q: &Question, reach: &Reach, cancel: &dyn Cancel) -> Option<Vec<StepLeft>> {
    let actions = q.actions();
    let mut out = vec![StepLeft {
        name: None,
        systems: reach.before().summary.systems,
    }];
    for (i, action) in actions.iter().enumerate() {
        // What does not apply changes nothing; the strip says why.
        let Ok(overlay) = crate::scenario::apply(&q.estate.graph, &actions[..=i]) else {
            break;
        };
        let world = crate::graph::World::new(&q.estate.graph, &overlay, q.settings);
        let reached = crate::analysis::reached(world, &reach.before().seeds, cancel).ok()?;
        out.push(StepLeft {
            name: Some(super::words::step_name(action, q.estate.inventory())),
            systems: reached.systems(),
        });
    }
    Some(out)
}

/// Something that only one side still reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct Differs {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its shape.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
    /// A crown jewel.
    pub crown: bool,
    /// In which state it is reached there.
    pub state: ThingState,
    /// Reached under the scenario that is worked on, and not under the other.
    pub here: bool,
}

/// The scenario that is worked on against another branch, or the inventory that is open against another one.
#[derive(Clone)]
pub struct Branches {
    /// The one that is worked on.
    pub here: Side,
    /// The other.
    pub other: Side,
    /// What only one of them reaches: crown jewels first, then systems, then the rest, by name.
    pub differs: Vec<Differs>,
    /// Two inventories are compared, not two branches.
    pub inventories: bool,
    /// What differs between the records of two inventories, once it is known.
    pub changes: Option<std::sync::Arc<super::Changes>>,
}

/// Compares the scenario that is worked on with the branch of this name, or with no scenario at all. Nothing where it was
/// cancelled.
pub fn compare(q: &Question, reach: &Reach, with: Option<&str>, cancel: &dyn Cancel) -> Option<Branches> {
    let branch = with.and_then(|name| q.proposal.others.iter().find(|b| b.name == name));
    let half = Question {
        map_size: (q.map_size.0 / 2.0, q.map_size.1),
        ..q.clone()
    };
    let mut second = half.clone();
    second.proposal.steps = branch.map_or_else(Vec::new, |b| b.steps.clone());
    let other = derive::reach(&second, Some(reach), cancel)?;
    let on = |steps: &[ProposedStep]| {
        let n = steps.iter().filter(|s| s.on).count();
        super::words::count(n as u64, "step", "steps")
    };
    let here_side = Side {
        name: Some(q.proposal.name.clone()),
        said: on(&q.proposal.steps),
        picture: derive::picture(&half, reach),
        left: reach.now().summary,
        breaks: reach.breaks_words(),
        ask: EvidenceAsk::reached(&q.proposal.seeds, &[], q.actions()),
    };
    let other_side = Side {
        name: branch.map(|b| b.name.clone()),
        said: on(&second.proposal.steps),
        picture: derive::picture(&second, &other),
        left: other.now().summary,
        breaks: other.breaks_words(),
        ask: EvidenceAsk::reached(&q.proposal.seeds, &[], second.actions()),
    };
    Some(Branches {
        differs: differs(q, reach, &other),
        here: here_side,
        other: other_side,
        inventories: false,
        changes: None,
    })
}

fn differs(q: &Question, here: &Reach, other: &Reach) -> Vec<Differs> {
    let graph = &q.estate.graph;
    let (a, b): (BTreeSet<Thing>, BTreeSet<Thing>) = (here.now().things(), other.now().things());
    let mut out: Vec<Differs> = a
        .symmetric_difference(&b)
        .map(|&thing| {
            let id = graph.id(thing).into_owned();
            let look = look_of(q.estate.inventory(), thing, &id);
            let in_here = a.contains(&thing);
            let at = super::inspect::reach_of(if in_here { here.now() } else { other.now() }, thing);
            Differs {
                state: super::inspect::how_reached(at),
                name: look.name,
                class: look.class,
                icon: look.icon,
                crown: look.crown,
                here: in_here,
                id,
            }
        })
        .collect();
    sort(&mut out);
    out
}

/// Crown jewels first, then systems, then the rest, by name.
pub fn sort(differs: &mut [Differs]) {
    differs.sort_by(|x, y| {
        let key = |d: &Differs| (!d.crown, d.class != Class::System, d.here);
        (key(x), &x.name, &x.id).cmp(&(key(y), &y.name, &y.id))
    });
}
