//! What time does to the radius: credentials expire, and what they opened closes. Between two expiries nothing changes, so
//! the radius is worked out once for each.

use super::derive::{Question, Reach};
use super::words;
use crate::analysis::{self, Cancel};
use crate::graph::{Overlay, Settings, Thing, World};
use crate::model::Time;
use std::collections::{BTreeMap, BTreeSet};

/// How far ahead the radius is followed.
pub const AHEAD_DAYS: i64 = 90;
/// So many different moments are worked out at most; of more, those of the same day count as one.
const MOST: usize = 200;

/// What happens to a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// It stops.
    Expires,
    /// It was made anew.
    Rotated,
}

/// A moment in the life of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Time,
    /// What happens.
    pub kind: MarkKind,
    /// The credential's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether what is compromised leads to it.
    pub reached: bool,
}

/// The radius from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimePoint {
    /// From when.
    pub at: Time,
    /// Systems reached before the scenario.
    pub before: u64,
    /// Systems reached after it, where there is one.
    pub after: Option<u64>,
}

/// The radius over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The as-of time.
    pub from: Time,
    /// The last moment that was looked at.
    pub to: Time,
    /// From the as-of time on, one for each moment at which something that is reached expires.
    pub points: Vec<TimePoint>,
    /// What happens to credentials within the as-of range, by time; those that are reached, and all where nothing is.
    pub marks: Vec<Mark>,
}

/// The timeline of a question. Nothing where it was cancelled.
pub fn timeline(q: &Question, reach: &Reach, range: (Time, Time), cancel: &dyn Cancel) -> Option<Timeline> {
    let from = q.settings.as_of;
    let to = from.plus_days(AHEAD_DAYS);
    let records = &q.estate.inventory().records;
    let held: BTreeSet<Thing> = reach.before().things();
    let scenario = reach.comparison.as_ref().map(|_| &reach.overlay);
    let plain = Overlay {
        extra_contexts: reach.overlay.extra_contexts.clone(),
        ..Overlay::default()
    };
    let mut marks = Vec::new();
    let mut moments = BTreeSet::new();
    for (i, c) in records.credentials.iter().enumerate() {
        let reached = held.contains(&Thing::Credential(i as u32));
        let ends = scenario
            .and_then(|o| o.credentials.get(&(i as u32))?.expires_at)
            .into_iter()
            .chain(c.expires_at);
        if reached {
            moments.extend(ends.filter(|t| *t > from && *t <= to));
        }
        for (at, kind) in [(c.expires_at, MarkKind::Expires), (c.rotated_at, MarkKind::Rotated)] {
            let Some(at) = at.filter(|t| *t >= range.0 && *t <= range.1) else {
                continue;
            };
            if reached || held.is_empty() {
                marks.push(Mark {
                    at,
                    kind,
                    id: c.id.to_string(),
                    name: words::name_of(q.estate.inventory(), &c.id).to_owned(),
                    reached,
                });
            }
        }
    }
    marks.sort_by(|a, b| (a.at, a.kind, &a.id).cmp(&(b.at, b.kind, &b.id)));
    let systems = |overlay: &Overlay, as_of: Time| {
        let settings = Settings { as_of, ..q.settings };
        let world = World::new(&q.estate.graph, overlay, settings);
        let reached = analysis::reached(world, &reach.before().seeds, cancel).ok()?;
        Some(reached.systems())
    };
    let mut points = Vec::new();
    for at in std::iter::once(from).chain(by_day(moments)) {
        let point = TimePoint {
            at,
            before: systems(&plain, at)?,
            after: match scenario {
                Some(overlay) => Some(systems(overlay, at)?),
                None => None,
            },
        };
        let same = |p: &TimePoint| (p.before, p.after) == (point.before, point.after);
        if !points.last().is_some_and(same) {
            points.push(point);
        }
    }
    Some(Timeline {
        from,
        to,
        points,
        marks,
    })
}

/// The moments, or of too many the last one of each day.
fn by_day(moments: BTreeSet<Time>) -> Vec<Time> {
    if moments.len() <= MOST {
        return moments.into_iter().collect();
    }
    let mut days: BTreeMap<i64, Time> = BTreeMap::new();
    for t in moments {
        days.insert(t.unix_secs().div_euclid(86_400), t);
    }
    days.into_values().collect()
}
