//! Another inventory beside the one that is open, an older export of the same estate for instance: what is reached in
//! each, on the same positions, what appeared, went and changed, and what that did to the radii.

use super::branches::{Branches, Differs, Side};
use super::derive::{self, Question, Reach};
use super::inspect::{how_reached, look_of, reach_of};
use super::{Class, Estate, EvidenceAsk, MapLayout, words};
use crate::analysis::{self, Cancel, Diff, KINDS};
use crate::graph::Thing;
use crate::scene::{Half, beside};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One line of what differs between two inventories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLine {
    /// Its id, or a relation's name.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its shape; absent for a relation.
    pub class: Option<Class>,
    /// Its icon.
    pub icon: Option<char>,
    /// A crown jewel.
    pub crown: bool,
    /// What is said of it, for instance `appeared` or `opens 3 → 5 systems`.
    pub said: String,
    /// It is in the inventory that is open, where it can be selected.
    pub here: bool,
}

/// What differs between the records of two inventories, and between what credentials open in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Records that only the one that is open has.
    pub appeared: u64,
    /// Records that only the other has.
    pub went: u64,
    /// Records of both that say something else.
    pub changed: u64,
    /// Credentials that open other systems.
    pub radii: u64,
    /// Radii first, those that changed most on top; then records that appeared, went, changed, by kind and name.
    pub lines: Vec<ChangeLine>,
}

/// What is reached in both, as they stand without the scenario. Nothing where it was cancelled.
pub fn inventories(q: &Question, other: &Arc<Estate>, cancel: &dyn Cancel) -> Option<Branches> {
    let mut here = q.clone();
    here.proposal.steps.clear();
    let mut there = here.clone();
    there.estate = Arc::clone(other);
    let seeds = here.proposal.seeds.len();
    there.proposal.seeds.retain(|s| other.graph.find(s).is_some());
    let missing = seeds - there.proposal.seeds.len();
    let (a, b) = (
        derive::reach(&here, None, cancel)?,
        derive::reach(&there, None, cancel)?,
    );
    let size = (q.map_size.0 / 2.0, q.map_size.1);
    let (old, new) = beside(
        Half {
            graph: &other.graph,
            radius: b.before(),
        },
        Half {
            graph: &q.estate.graph,
            radius: a.before(),
        },
        q.settings,
        q.layout == MapLayout::Layers,
        size,
    );
    let ask = |other| EvidenceAsk {
        other,
        ..EvidenceAsk::reached(&here.proposal.seeds, &[], Vec::new())
    };
    let side = |estate: &Estate, reach: &Reach, picture, missing: usize| Side {
        ask: ask(std::ptr::eq(estate, Arc::as_ptr(other))),
        name: Some(estate.title()),
        said: words::count(estate.inventory().records.len() as u64, "record", "records"),
        picture,
        left: reach.before().summary,
        breaks: match missing {
            0 => ("as its files stand".to_owned(), false),
            n => (
                format!("has no {} of what is compromised", words::number(n as u64)),
                true,
            ),
        },
    };
    Some(Branches {
        differs: differs(&here, &a, &there, &b),
        here: side(&q.estate, &a, new, 0),
        other: side(other, &b, old, missing),
        inventories: true,
        changes: None,
    })
}

/// By id, what is reached and how.
fn reached<'q>(q: &'q Question, reach: &Reach) -> BTreeMap<String, (Thing, &'q Estate)> {
    let of = |thing: Thing| (q.estate.graph.id(thing).into_owned(), (thing, &*q.estate));
    reach.before().things().into_iter().map(of).collect()
}

fn differs(here: &Question, a: &Reach, there: &Question, b: &Reach) -> Vec<Differs> {
    let (new, old) = (reached(here, a), reached(there, b));
    let only = new.iter().filter(|(id, _)| !old.contains_key(*id)).map(|x| (x, true));
    let gone = old.iter().filter(|(id, _)| !new.contains_key(*id)).map(|x| (x, false));
    let mut out: Vec<Differs> = only
        .chain(gone)
        .map(|((id, &(thing, estate)), in_here)| {
            let look = look_of(estate.inventory(), thing, id);
            let radius = if in_here { a.before() } else { b.before() };
            Differs {
                state: how_reached(reach_of(radius, thing)),
                id: id.clone(),
                name: look.name,
                class: look.class,
                icon: look.icon,
                crown: look.crown,
                here: in_here,
            }
        })
        .collect();
    super::branches::sort(&mut out);
    out
}

/// What differs between the records of both, and between what each credential alone opens. Nothing where it was cancelled.
pub fn changes(q: &Question, other: &Estate, cancel: &dyn Cancel) -> Option<Changes> {
    let diff = analysis::diff(&other.graph, &q.estate.graph, q.settings, cancel).ok()?;
    let mut out = Changes {
        appeared: count(&diff.added),
        went: count(&diff.removed),
        changed: count(&diff.changed),
        radii: diff.radii.len() as u64,
        lines: Vec::new(),
    };
    radii(q, other, &diff, &mut out.lines);
    for (lists, said, here) in [
        (&diff.added, "appeared", true),
        (&diff.removed, "went", false),
        (&diff.changed, "changed", true),
    ] {
        for (kind, list) in KINDS.iter().zip(lists) {
            let estate = if here { &*q.estate } else { other };
            out.lines
                .extend(list.iter().map(|id| line(estate, id, kind, said, here)));
        }
    }
    Some(out)
}

fn count(lists: &[Vec<String>]) -> u64 {
    lists.iter().map(|l| l.len() as u64).sum()
}

fn radii(q: &Question, other: &Estate, diff: &Diff, out: &mut Vec<ChangeLine>) {
    let mut radii: Vec<_> = diff.radii.iter().collect();
    radii.sort_by_key(|r| (std::cmp::Reverse(r.gained.len() + r.lost.len()), &r.id));
    for r in radii {
        let systems = |n: u64| words::count(n, "system", "systems");
        let others = |n: usize| words::count(n as u64, "other system", "other systems");
        let said = match (r.before, r.after) {
            (None, Some(after)) => format!("opens {} now and did not work before", systems(after)),
            (Some(before), None) => format!("opened {} and does not work now", systems(before)),
            (Some(before), Some(after)) if before != after => {
                format!("opens {} → {}", words::number(before), systems(after))
            }
            _ => format!(
                "opens {} and {} no more",
                others(r.gained.len()),
                words::number(r.lost.len() as u64)
            ),
        };
        let here = r.after.is_some() || q.estate.graph.find(&r.id).is_some();
        let estate = if here { &*q.estate } else { other };
        out.push(line(estate, &r.id, "credentials", &said, here));
    }
}

fn line(estate: &Estate, id: &str, kind: &str, said: &str, here: bool) -> ChangeLine {
    match estate.graph.find(id) {
        Some(thing) => {
            let look = look_of(estate.inventory(), thing, id);
            ChangeLine {
                id: id.to_owned(),
                name: look.name,
                class: Some(look.class),
                icon: look.icon,
                crown: look.crown,
                said: said.to_owned(),
                here,
            }
        }
        None => ChangeLine {
            id: id.to_owned(),
            name: words::relation(id),
            class: None,
            icon: None,
            crown: false,
            said: format!("{} {said}", kind.trim_end_matches('s')),
            here,
        },
    }
}
