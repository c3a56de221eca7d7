//! Flows: what works today for those who rightly hold things, so that a change shows what it breaks.

mod find;
mod touched;

use crate::graph::{FastMap, Overlay, Regime, Settings, Thing, TrustGraph, World};
use crate::model::{Check, Time};
use std::sync::Arc;
use touched::{Touched, touched_at};

/// What sort of flow; the order is that of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A holder uses a system.
    Access,
    /// An exposure hands something out.
    Exposure,
    /// Somebody becomes another identity.
    Inherit,
    /// A system passes on to another.
    Trust,
}

impl FlowKind {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Exposure => "exposure",
            Self::Inherit => "inherit",
            Self::Trust => "trust",
        }
    }
}

/// Whether a flow is used. In use wins over unknown, unknown over idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Last used more than 90 days before the as-of time, or not among the scopes in use.
    Idle,
    /// Not known.
    Unknown,
    /// Used within 90 days before the as-of time, or kept for emergencies.
    InUse,
}

impl Use {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Unknown => "unknown",
            Self::InUse => "in-use",
        }
    }
}

/// One flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What sort.
    pub kind: FlowKind,
    /// Id of where it starts.
    pub from: String,
    /// Id of where it leads; a context as `context:NAME`.
    pub to: String,
    /// The scope, of accesses and trusts.
    pub scope: Option<String>,
    /// Meant to be so; else tolerated.
    pub intended: bool,
    /// When it was last used, where known.
    pub last_used_at: Option<Time>,
    /// Whether it is used.
    pub used: Use,
    /// Where it starts.
    pub from_thing: Thing,
    /// Where it leads.
    pub to_thing: Thing,
}

/// The text of a flow's scope. One text is always written in one way: by its number where the graph has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ScopeText {
    None,
    Known(u32),
    Own(Arc<str>),
}

impl ScopeText {
    fn of(world: World<'_>, text: &str) -> Self {
        match world.graph.allowances().find_text(text) {
            Some(t) => Self::Known(t),
            None => Self::Own(text.into()),
        }
    }

    fn text(&self, world: World<'_>) -> Option<String> {
        match self {
            Self::None => None,
            Self::Known(t) => Some(world.graph.allowances().text(*t).to_owned()),
            Self::Own(text) => Some(text.as_ref().to_owned()),
        }
    }
}

/// What makes two flows one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    kind: FlowKind,
    from: Thing,
    to: Thing,
    scope: ScopeText,
}

#[derive(Clone, Copy, Debug)]
struct Said {
    intended: bool,
    used: Use,
    time: Option<Time>,
}

/// A flow that a change breaks or puts at risk, as far as its price asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Priced {
    /// Which.
    pub key: Key,
    /// Meant to be so; else tolerated.
    pub intended: bool,
    /// Whether it is used.
    pub used: Use,
}

impl Key {
    /// Holder and system of an access flow.
    pub(crate) fn access(&self) -> Option<(Thing, u32)> {
        match (self.kind, self.to) {
            (FlowKind::Access, Thing::System(s)) => Some((self.from, s)),
            _ => None,
        }
    }

    /// Whether, under another overlay, any access flow is left from this one's start at its system.
    pub(crate) fn is_served(&self, world: World<'_>, overlay: &Overlay) -> bool {
        let only = Touched::one(self.from);
        let there = find::find(World::new(world.graph, overlay, world.settings), Some(&only));
        there.all.keys().any(|key| key.access() == self.access())
    }
}

/// What changes between two worlds of one graph at one time: the flows of `before` that `after` lacks and, of the
/// credentials that `after` binds to contexts, the access flows at systems that enforce context under worst-case. Only
/// what differs between the two is looked at. Both lists are sorted.
pub(crate) fn changed(before: World<'_>, after: World<'_>) -> (Vec<Priced>, Vec<Priced>) {
    let touched = touched_at(before.graph, before.overlay, after.overlay);
    if touched.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (was, is) = (find::find(before, Some(&touched)), find::find(after, Some(&touched)));
    let sorted = |set: &FlowSet, wanted: &dyn Fn(&Key) -> bool| {
        let all = set.all.iter().filter(|(key, _)| wanted(key));
        let mut list: Vec<Priced> = all
            .map(|(key, said)| Priced {
                key: key.clone(),
                intended: said.intended,
                used: said.used,
            })
            .collect();
        list.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        list
    };
    (
        sorted(&was, &|key| touched.contains(key.from) && !is.all.contains_key(key)),
        sorted(&is, &|key| is_at_risk(after, key)),
    )
}

/// The same as flows to show.
pub(crate) fn changed_flows(before: World<'_>, after: World<'_>) -> (Vec<Flow>, Vec<Flow>) {
    let touched = touched_at(before.graph, before.overlay, after.overlay);
    if touched.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (was, is) = (find::find(before, Some(&touched)), find::find(after, Some(&touched)));
    (
        was.pick(after, |key| touched.contains(key.from) && !is.all.contains_key(key)),
        is.pick(after, |key| is_at_risk(after, key)),
    )
}

/// Whether a flow is one that a credential keeps in its contexts alone: the scenario binds it, and the system enforces
/// context under worst-case.
fn is_at_risk(after: World<'_>, key: &Key) -> bool {
    let bound = |c: u32| after.overlay.credentials.get(&c).is_some_and(|x| x.bound);
    match (key.access(), key.from) {
        (Some((_, s)), Thing::Credential(c)) => bound(c) && after.under(Regime::WorstCase).enforced(s, Check::Context),
        _ => false,
    }
}

/// The flows of one world. They are looked for where they are asked of, so that one action more costs little on a large
/// estate.
#[derive(Clone, Debug)]
pub struct Flows {
    overlay: Overlay,
    settings: Settings,
}

impl Flows {
    /// The flows of a world, as it is under worst-case; the world's own regime does not matter.
    #[must_use]
    pub fn of(world: World<'_>) -> Self {
        Self {
            overlay: world.overlay.clone(),
            settings: world.settings,
        }
    }

    fn world<'a>(&'a self, graph: &'a TrustGraph) -> World<'a> {
        World::new(graph, &self.overlay, self.settings)
    }

    /// Those that another world of the same graph lacks, by kind, from, to and scope.
    #[must_use]
    pub fn broken_in(&self, world: World<'_>) -> Vec<Flow> {
        self.changed_in(world).0
    }

    /// Those that another world of the same graph lacks and, of the credentials that it binds to contexts, the access
    /// flows at systems that enforce context under worst-case; by kind, from, to and scope.
    #[must_use]
    pub fn changed_in(&self, world: World<'_>) -> (Vec<Flow>, Vec<Flow>) {
        let own = self.world(world.graph);
        if self.settings.as_of == world.settings.as_of {
            return changed_flows(own, world);
        }
        // At another time everything may be otherwise.
        let (was, is) = (FlowSet::of(own), FlowSet::of(world));
        (was.missing_in(&is, world), is.pick(world, |key| is_at_risk(world, key)))
    }

    /// Of the flows from a thing: kind, where to, use, whether intended; in no order.
    pub(super) fn list_of(&self, graph: &TrustGraph, from: Thing) -> Vec<(FlowKind, Thing, Use, bool)> {
        let found = find::find(self.world(graph), Some(&Touched::one(from)));
        let mine = found.all.iter().filter(|(key, _)| key.from == from);
        mine.map(|(key, said)| (key.kind, key.to, said.used, said.intended))
            .collect()
    }
}

/// All flows of one world, found.
#[derive(Clone, Debug, Default)]
pub struct FlowSet {
    all: FastMap<Key, Said>,
}

impl FlowSet {
    /// The flows of a world, as it is under worst-case; the world's own regime does not matter.
    #[must_use]
    pub fn of(world: World<'_>) -> Self {
        find::find(world, None)
    }

    /// Those of this set that the other lacks, by kind, from, to and scope.
    #[must_use]
    pub fn missing_in(&self, other: &Self, world: World<'_>) -> Vec<Flow> {
        self.pick(world, |key| !other.all.contains_key(key))
    }

    /// All of them, by kind, from, to and scope.
    #[must_use]
    pub fn list(&self, world: World<'_>) -> Vec<Flow> {
        self.pick(world, |_| true)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn pick(&self, world: World<'_>, wanted: impl Fn(&Key) -> bool) -> Vec<Flow> {
        let id = |thing: Thing| match thing {
            Thing::Context(z) => format!("context:{}", world.context_name(z)),
            _ => world.graph.id(thing).into_owned(),
        };
        let mut out: Vec<Flow> = self
            .all
            .iter()
            .filter(|(key, _)| wanted(key))
            .map(|(key, said)| Flow {
                kind: key.kind,
                from: id(key.from),
                to: id(key.to),
                scope: key.scope.text(world),
                intended: said.intended,
                last_used_at: said.time,
                used: said.used,
                from_thing: key.from,
                to_thing: key.to,
            })
            .collect();
        out.sort_by(|a, b| (a.kind, &a.from, &a.to, &a.scope).cmp(&(b.kind, &b.from, &b.to, &b.scope)));
        out
    }

    /// Of several relations that give one flow, in use wins, then unknown; of equal uses the later time. It is intended
    /// where one of them is.
    fn add(&mut self, key: Key, said: Said) {
        match self.all.get_mut(&key) {
            None => {
                self.all.insert(key, said);
            }
            Some(old) => {
                old.intended |= said.intended;
                if (said.used, said.time) > (old.used, old.time) {
                    old.used = said.used;
                    old.time = said.time;
                }
            }
        }
    }
}

/// All flows of a world, by kind, from, to and scope.
#[must_use]
pub fn flows(world: World<'_>) -> Vec<Flow> {
    FlowSet::of(world).list(world)
}
