//! Two branches side by side: the same compromise under two scenarios, on the same positions, with the difference as a list.

use super::derive::{self, Question, Reach};
use super::inspect::look_of;
use super::{Class, ProposedStep, ThingState};
use crate::analysis::{Cancel, Summary};
use crate::graph::Thing;
use crate::scene::MapPicture;
use std::collections::BTreeSet;

/// One side.
#[derive(Clone)]
pub struct Side {
    /// The branch's name; nothing for the estate as it stands, without a scenario.
    pub name: Option<String>,
    /// How many steps of it are on.
    pub steps: usize,
    /// Its map. Both sides have their things in the same places.
    pub picture: MapPicture,
    /// What it leaves of the radius.
    pub left: Summary,
    /// What it breaks, in words, and whether that hurts.
    pub breaks: (String, bool),
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

/// The scenario that is worked on against another branch.
#[derive(Clone)]
pub struct Branches {
    /// The one that is worked on.
    pub here: Side,
    /// The other.
    pub other: Side,
    /// What only one of them reaches: crown jewels first, then systems, then the rest, by name.
    pub differs: Vec<Differs>,
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
    let on = |steps: &[ProposedStep]| steps.iter().filter(|s| s.on).count();
    let here_side = Side {
        name: Some(q.proposal.name.clone()),
        steps: on(&q.proposal.steps),
        picture: derive::picture(&half, reach),
        left: reach.now().summary,
        breaks: reach.breaks_words(),
    };
    let other_side = Side {
        name: branch.map(|b| b.name.clone()),
        steps: on(&second.proposal.steps),
        picture: derive::picture(&second, &other),
        left: other.now().summary,
        breaks: other.breaks_words(),
    };
    Some(Branches {
        differs: differs(q, reach, &other),
        here: here_side,
        other: other_side,
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
                state: match at {
                    Some(r) if r.assumed => ThingState::Assumed,
                    Some(r) if r.inherited => ThingState::Inherited,
                    _ => ThingState::Intended,
                },
                name: look.name,
                class: look.class,
                icon: look.icon,
                crown: look.crown,
                here: in_here,
                id,
            }
        })
        .collect();
    out.sort_by(|x, y| {
        let key = |d: &Differs| (!d.crown, d.class != Class::System, d.here);
        (key(x), &x.name, &x.id).cmp(&(key(y), &y.name, &y.id))
    });
    out
}
