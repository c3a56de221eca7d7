//! The blast radius of a set of seeds, with its marks and its explanations.

use super::closure::{Closure, close};
use super::fact::{Fact, Held, common, name};
use super::ways::checks;
use super::{Cancel, Cancelled, Rule, Step};
use crate::graph::{Overlay, Regime, Settings, Thing, TrustGraph, World};
use crate::model::{Aliases, Criticality, Text, Word};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A seed that names neither an entity nor a context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownId(pub String);

impl fmt::Display for UnknownId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "No system, identity or credential has the id \"{}\"; ids are case-sensitive, and a context is written context:NAME",
            self.0.escape_debug()
        )
    }
}

/// What ids name, sorted and without repeats. A context that the inventory does not name is added to `overlay`'s own.
///
/// # Errors
/// All ids that name nothing.
pub fn resolve_seeds(graph: &TrustGraph, overlay: &mut Overlay, ids: &[String]) -> Result<Vec<Thing>, Vec<UnknownId>> {
    let mut seeds = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for id in ids {
        match (graph.find(id), id.strip_prefix("context:")) {
            (Some(thing), _) => {
                seeds.insert(thing);
            }
            (None, Some(name)) => {
                seeds.insert(Thing::Context(overlay.context(graph, name)));
            }
            (None, None) => {
                unknown.insert(UnknownId(id.clone()));
            }
        }
    }
    if unknown.is_empty() {
        Ok(seeds.into_iter().collect())
    } else {
        Err(unknown.into_iter().collect())
    }
}

/// A reached thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// What.
    pub thing: Thing,
    /// Its id; a context's bare name.
    pub id: String,
    /// Hops of its best explained fact.
    pub hops: u32,
    /// Reached under the regime in force but not under `intended`.
    pub inherited: bool,
    /// Reached under `worst-case` but not under `best-case`.
    pub assumed: bool,
}

/// What one access allows, as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessText {
    /// The scope: `p & q`.
    pub scope: String,
    /// What is left out of it, sorted.
    pub except: Vec<Text>,
}

impl AccessText {
    fn aliased(&self, aliases: &Aliases) -> Self {
        let mut except: Vec<Text> = self
            .except
            .iter()
            .map(|p| aliases.word(Word::Scope, p).into())
            .collect();
        except.sort();
        Self {
            scope: aliases.scope(&self.scope),
            except,
        }
    }
}

/// A reached system. The accesses are those of its distinct texts, subsumed ones kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemReach {
    /// Which, and how far.
    pub reach: Reach,
    /// Distinct scopes, sorted.
    pub scopes: Vec<String>,
    /// Distinct accesses, sorted.
    pub access: Vec<AccessText>,
}

/// A credential held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialReach {
    /// Which, and how far.
    pub reach: Reach,
    /// In which ways, in the order old, copy, fresh, forged.
    pub held: Vec<Held>,
}

/// The numbers of a radius.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Systems reached.
    pub systems: u64,
    /// Crown jewels among them.
    pub crown_jewels: u64,
    /// Sum of their weights.
    pub weight: u64,
    /// Credentials held.
    pub credentials: u64,
    /// Identities acted as.
    pub identities: u64,
    /// Contexts entered.
    pub contexts: u64,
    /// Systems that are inherited.
    pub inherited: u64,
    /// Systems that are assumed.
    pub assumed: u64,
}

/// Systems reached in each regime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Under `intended`.
    pub intended: u64,
    /// Under `best-case`.
    pub best_case: u64,
    /// Under `worst-case`.
    pub worst_case: u64,
}

/// The things reached, without hops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// All of them, sorted: systems, identities, credentials, contexts by index.
    pub things: BTreeSet<Thing>,
}

impl Reached {
    /// How many systems.
    #[must_use]
    pub fn systems(&self) -> u64 {
        self.things.iter().filter(|t| matches!(t, Thing::System(_))).count() as u64
    }
}

/// A blast radius. Every list is sorted by id.
#[derive(Debug)]
pub struct Radius {
    /// Its numbers.
    pub summary: Summary,
    /// Systems with at least one access.
    pub systems: Vec<SystemReach>,
    /// Credentials held.
    pub credentials: Vec<CredentialReach>,
    /// Identities acted as.
    pub identities: Vec<Reach>,
    /// Contexts entered.
    pub contexts: Vec<Reach>,
    /// The regime in force and the as-of time.
    pub settings: Settings,
    /// What was compromised.
    pub seeds: Vec<Thing>,
    /// Systems reached in each regime with this radius' overlay.
    pub interval: Interval,
    pub(crate) closure: Closure,
    /// Every thing of which there is a fact, seeds among them, with its best explained fact.
    pub(crate) best: BTreeMap<Thing, u32>,
    pub(crate) overlay: Overlay,
}

/// The blast radius of `seeds` under an overlay.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn radius(
    graph: &TrustGraph,
    overlay: &Overlay,
    seeds: &[Thing],
    settings: Settings,
    cancel: &dyn Cancel,
) -> Result<Radius, Cancelled> {
    let world = World::new(graph, overlay, settings);
    let closure = close::<true>(world, seeds, cancel)?;
    let here = reached_of(world, seeds, &closure);
    let under = |regime| {
        if regime == settings.regime {
            Ok(here.clone())
        } else {
            reached(world.under(regime), seeds, cancel)
        }
    };
    let intended = under(Regime::Intended)?;
    let best_case = under(Regime::BestCase)?;
    let worst_case = under(Regime::WorstCase)?;

    let mut best: BTreeMap<Thing, u32> = BTreeMap::new();
    let mut access: BTreeMap<u32, BTreeSet<AccessText>> = BTreeMap::new();
    let mut held: BTreeMap<u32, BTreeSet<Held>> = BTreeMap::new();
    for (f, &fact) in closure.facts.iter().enumerate() {
        let f = f as u32;
        let Some(thing) = thing_of(fact) else { continue };
        match fact {
            Fact::Access(s, a) => {
                let allowed = closure.allowed(world, a);
                access.entry(s).or_default().insert(AccessText {
                    scope: allowed.scope.to_string(),
                    except: allowed.except.clone(),
                });
            }
            Fact::Holds(c, v) => {
                held.entry(c).or_default().insert(v);
            }
            _ => {}
        }
        match best.get_mut(&thing) {
            None => {
                best.insert(thing, f);
            }
            Some(old) => {
                if closure.compare_facts(world, f, *old).is_lt() {
                    *old = f;
                }
            }
        }
    }

    let reach = |thing: Thing| Reach {
        thing,
        id: match thing {
            Thing::Context(z) => world.context_name(z).to_owned(),
            _ => graph.id(thing).into_owned(),
        },
        hops: best.get(&thing).map_or(0, |&f| closure.hops[f as usize]),
        inherited: !intended.things.contains(&thing),
        assumed: worst_case.things.contains(&thing) && !best_case.things.contains(&thing),
    };
    let mut out = Radius {
        summary: Summary::default(),
        systems: Vec::new(),
        credentials: Vec::new(),
        identities: Vec::new(),
        contexts: Vec::new(),
        settings,
        seeds: seeds.to_vec(),
        interval: Interval {
            intended: intended.systems(),
            best_case: best_case.systems(),
            worst_case: worst_case.systems(),
        },
        closure: Closure::default(),
        best: BTreeMap::new(),
        overlay: overlay.clone(),
    };
    for &thing in &here.things {
        match thing {
            Thing::System(s) => {
                let access: Vec<AccessText> = access.remove(&s).unwrap_or_default().into_iter().collect();
                let scopes: BTreeSet<String> = access.iter().map(|a| a.scope.clone()).collect();
                out.systems.push(SystemReach {
                    reach: reach(thing),
                    scopes: scopes.into_iter().collect(),
                    access,
                });
            }
            Thing::Credential(c) => {
                let held = held.remove(&c).unwrap_or_default().into_iter().collect();
                out.credentials.push(CredentialReach {
                    reach: reach(thing),
                    held,
                });
            }
            Thing::Identity(_) => out.identities.push(reach(thing)),
            Thing::Context(_) => out.contexts.push(reach(thing)),
        }
    }
    out.systems.sort_by(|a, b| a.reach.id.cmp(&b.reach.id));
    out.credentials.sort_by(|a, b| a.reach.id.cmp(&b.reach.id));
    out.identities.sort_by(|a, b| a.id.cmp(&b.id));
    out.contexts.sort_by(|a, b| a.id.cmp(&b.id));
    let weights = Weights::of(graph, out.systems.iter().map(|s| s.reach.thing));
    out.summary = Summary {
        systems: out.systems.len() as u64,
        crown_jewels: weights.crown_jewels,
        weight: weights.weight,
        credentials: out.credentials.len() as u64,
        identities: out.identities.len() as u64,
        contexts: out.contexts.len() as u64,
        inherited: out.systems.iter().filter(|s| s.reach.inherited).count() as u64,
        assumed: out.systems.iter().filter(|s| s.reach.assumed).count() as u64,
    };
    out.closure = closure;
    out.best = best;
    Ok(out)
}

/// The things reached under the world's regime.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn reached(world: World<'_>, seeds: &[Thing], cancel: &dyn Cancel) -> Result<Reached, Cancelled> {
    Ok(reached_of(world, seeds, &close::<false>(world, seeds, cancel)?))
}

/// Systems reached in each regime.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn interval(
    graph: &TrustGraph,
    overlay: &Overlay,
    seeds: &[Thing],
    settings: Settings,
    cancel: &dyn Cancel,
) -> Result<Interval, Cancelled> {
    let world = World::new(graph, overlay, settings);
    let systems = |regime| reached(world.under(regime), seeds, cancel).map(|r| r.systems());
    Ok(Interval {
        intended: systems(Regime::Intended)?,
        best_case: systems(Regime::BestCase)?,
        worst_case: systems(Regime::WorstCase)?,
    })
}

/// What a set of systems weighs.
pub(crate) struct Weights {
    pub(crate) crown_jewels: u64,
    pub(crate) weight: u64,
}

impl Weights {
    pub(crate) fn of(graph: &TrustGraph, things: impl Iterator<Item = Thing>) -> Self {
        let mut out = Self {
            crown_jewels: 0,
            weight: 0,
        };
        for thing in things {
            if let Thing::System(s) = thing {
                let criticality = graph.inventory().records.systems[s as usize]
                    .criticality
                    .unwrap_or(Criticality::Medium);
                out.crown_jewels += u64::from(criticality == Criticality::CrownJewel);
                out.weight += criticality.weight();
            }
        }
        out
    }
}

/// What a set of things weighs: the sum of the weights of the systems among them.
pub(crate) fn weigh(graph: &TrustGraph, things: impl Iterator<Item = Thing>) -> u64 {
    Weights::of(graph, things).weight
}

/// The seeds are left out, but a rotated one that is got again as other than `old`.
pub(crate) fn reached_of(world: World<'_>, seeds: &[Thing], closure: &Closure) -> Reached {
    let seeds: BTreeSet<Thing> = seeds.iter().copied().collect();
    let mut things: Vec<Thing> = closure
        .facts
        .iter()
        .filter_map(|&fact| {
            let again = matches!(fact, Fact::Holds(c, v) if v != Held::Old && world.rotated(c));
            thing_of(fact).filter(|thing| again || !seeds.contains(thing))
        })
        .collect();
    // A set made of a sorted list is several times faster than one that grows.
    things.sort_unstable();
    things.dedup();
    Reached {
        things: things.into_iter().collect(),
    }
}

/// What a fact is about; an acceptance is about nothing that is counted.
pub(crate) fn thing_of(fact: Fact) -> Option<Thing> {
    match fact {
        Fact::Holds(c, _) => Some(Thing::Credential(c)),
        Fact::ActsAs(i) => Some(Thing::Identity(i)),
        Fact::Access(s, _) => Some(Thing::System(s)),
        Fact::InContext(z) => Some(Thing::Context(z)),
        Fact::Accepted(..) => None,
    }
}

impl Radius {
    fn world<'a>(&'a self, graph: &'a TrustGraph) -> World<'a> {
        World::new(graph, &self.overlay, self.settings)
    }

    /// The same radius of the graph under aliases.
    #[must_use]
    pub fn aliased(&self, aliases: &Aliases) -> Self {
        let reach = |r: &Reach| Reach {
            id: match r.thing {
                Thing::Context(_) => aliases.word(Word::Context, &r.id),
                _ => aliases.id(&r.id),
            },
            ..r.clone()
        };
        let reaches = |list: &[Reach]| by_id(list.iter().map(reach).collect(), |r| &r.id);
        let systems = self.systems.iter().map(|s| {
            let scopes: BTreeSet<String> = s.scopes.iter().map(|t| aliases.scope(t)).collect();
            let access: BTreeSet<AccessText> = s.access.iter().map(|a| a.aliased(aliases)).collect();
            SystemReach {
                reach: reach(&s.reach),
                scopes: scopes.into_iter().collect(),
                access: access.into_iter().collect(),
            }
        });
        let credentials = self.credentials.iter().map(|c| CredentialReach {
            reach: reach(&c.reach),
            held: c.held.clone(),
        });
        Self {
            summary: self.summary,
            systems: by_id(systems.collect(), |s| &s.reach.id),
            credentials: by_id(credentials.collect(), |c| &c.reach.id),
            identities: reaches(&self.identities),
            contexts: reaches(&self.contexts),
            settings: self.settings,
            seeds: self.seeds.clone(),
            interval: self.interval,
            closure: self.closure.aliased(aliases),
            best: self.best.clone(),
            overlay: self.overlay.aliased(aliases),
        }
    }

    /// How many facts follow from the seeds.
    #[must_use]
    pub fn facts_len(&self) -> usize {
        self.closure.facts.len()
    }

    /// The scenario it was found under.
    #[must_use]
    pub fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// The things reached, sorted.
    #[must_use]
    pub fn things(&self) -> BTreeSet<Thing> {
        let systems = self.systems.iter().map(|s| s.reach.thing);
        let credentials = self.credentials.iter().map(|c| c.reach.thing);
        systems
            .chain(credentials)
            .chain(self.identities.iter().map(|i| i.thing))
            .chain(self.contexts.iter().map(|z| z.thing))
            .collect()
    }

    /// Ids of the seeds that are rotated and got again, sorted.
    #[must_use]
    pub fn regained(&self) -> Vec<String> {
        self.credentials
            .iter()
            .filter(|c| self.seeds.contains(&c.reach.thing))
            .map(|c| c.reach.id.clone())
            .collect()
    }

    /// Why a thing is reached: its explanation, premises before what they give; `None` where it is not reached and no
    /// seed.
    #[must_use]
    pub fn path(&self, graph: &TrustGraph, thing: Thing) -> Option<Vec<Step>> {
        let fact = *self.best.get(&thing)?;
        Some(steps(self.world(graph), &self.closure, fact))
    }

    /// All facts as text with their hops, sorted; for tests and for the curious.
    #[must_use]
    pub fn facts(&self, graph: &TrustGraph) -> Vec<(String, u32)> {
        let world = self.world(graph);
        let mut out: Vec<(String, u32)> = self
            .closure
            .facts
            .iter()
            .zip(&self.closure.hops)
            .map(|(&fact, &hops)| (self.closure.text(world, fact), hops))
            .collect();
        out.sort();
        out
    }
}

/// The explanation of a fact as a list of steps.
pub(super) fn steps(world: World<'_>, closure: &Closure, fact: u32) -> Vec<Step> {
    let order = closure.path(fact);
    let at: BTreeMap<u32, usize> = order.iter().enumerate().map(|(n, &f)| (f, n)).collect();
    order.iter().map(|&f| step(world, closure, f, &at)).collect()
}

fn step(world: World<'_>, closure: &Closure, f: u32, at: &BTreeMap<u32, usize>) -> Step {
    let fact = closure.facts[f as usize];
    let why = &closure.why[f as usize];
    let exchange = match why.records.first() {
        Some(super::RelationIx::Trust(t)) if why.rule == Rule::Trust => Some(world.exchange(*t).is_some()),
        _ => None,
    };
    let checks = match fact {
        Fact::Accepted(c, v, s) => Some(checks(world, c, v, s)),
        _ => None,
    };
    Step {
        rule: why.rule,
        fact: closure.text(world, fact),
        thing: match fact {
            Fact::Accepted(_, _, s) => Thing::System(s),
            other => thing_of(other).unwrap_or(Thing::System(0)),
        },
        hops: closure.hops[f as usize],
        premises: why.premises.iter().filter_map(|p| at.get(p).copied()).collect(),
        records: why.records.iter().map(|&r| name(world, r).to_string()).collect(),
        intended: why.records.iter().all(|&r| common(world, r).is_intended()),
        assumed: why.records.iter().any(|&r| common(world, r).is_assumed()),
        exchange,
        checks,
    }
}

fn by_id<T>(mut list: Vec<T>, id: impl Fn(&T) -> &String) -> Vec<T> {
    list.sort_by(|a, b| id(a).cmp(id(b)));
    list
}
