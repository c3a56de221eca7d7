//! Everything a planner may do, enumerated anew and tried.

use oracle_free::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trustmap::analysis::{Never, radius, reached};
use trustmap::graph::{Overlay, Settings, TrustGraph, World};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::model::{Check, IdentityStatus, InheritHow, Inventory, Records, Requirement, Text, Yields, scope};
use trustmap::plan::{Question, Verb};
use trustmap::scenario::{Action, Flow, Flows, Use, apply, compare_with};

/// The inventory as the program loads it.
pub fn loaded(inventory: &Value) -> Arc<Inventory> {
    let source = Source::Bytes {
        name: "case".to_owned(),
        bytes: inventory.to_string().into_bytes().into(),
    };
    load_sources(&[source], &LoadOptions::default(), &Unheard)
        .expect("the case loads")
        .inventory
}

/// For each record and kind of action the ways to take it, of which a plan takes at most one.
pub struct Options {
    slots: Vec<Vec<Action>>,
}

fn subsets<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    let mut out = vec![Vec::new()];
    for one in all {
        let longer: Vec<Vec<T>> = out
            .iter()
            .map(|set| set.iter().cloned().chain([one.clone()]).collect())
            .collect();
        out.extend(longer);
    }
    out
}

fn distinct(list: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    let texts = list.into_iter().map(Into::into);
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Every list that is left when some scopes go, and what is used of them or not.
fn narrowed(stated: &[Text], used: &[Text]) -> Vec<Vec<String>> {
    let stated = distinct(stated.to_vec());
    let used: Vec<String> = distinct(used.to_vec())
        .into_iter()
        .filter(|u| !stated.contains(u) && stated.iter().any(|s| scope::covers(s, u)))
        .collect();
    let mut out = BTreeSet::new();
    for kept in subsets(&stated) {
        for also in subsets(&used) {
            let more = also.into_iter().filter(|u| !kept.iter().any(|k| scope::covers(k, u)));
            out.insert(distinct(kept.iter().cloned().chain(more)));
        }
    }
    out.remove(&stated);
    out.into_iter().collect()
}

mod oracle_free {
    /// More ways than this in one slot are too many.
    pub const MOST: usize = 12;
}

struct Estate<'a> {
    records: &'a Records,
}

impl Estate<'_> {
    /// An identity and all active groups it belongs to.
    fn groups(&self, identity: &str) -> BTreeSet<String> {
        let active = |id: &str| {
            let all = self.records.identities.iter();
            all.clone()
                .any(|i| i.id == id && i.status != Some(IdentityStatus::Disabled))
        };
        let mut found = BTreeSet::from([identity.to_owned()]);
        loop {
            let more: Vec<String> = self
                .records
                .inherits
                .iter()
                .filter(|n| n.how == Some(InheritHow::Membership))
                .filter(|n| n.from.as_ref().is_some_and(|f| found.contains(f.as_str())) && active(&n.to))
                .map(|n| n.to.to_string())
                .filter(|to| !found.contains(to))
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    /// Whoever's grants serve a credential.
    fn holders(&self, c: usize) -> BTreeSet<String> {
        let credential = &self.records.credentials[c];
        let mut out = credential
            .identity
            .as_deref()
            .map(|i| self.groups(i))
            .unwrap_or_default();
        out.insert(credential.id.to_string());
        out
    }
}

impl Options {
    pub fn of(graph: &TrustGraph, settings: Settings, permits: &BTreeSet<Verb>) -> Self {
        let records = &graph.inventory().records;
        let estate = Estate { records };
        let mut slots: Vec<Vec<Action>> = Vec::new();
        let may = |verb| permits.contains(&verb);
        let yielded: BTreeSet<&str> = records
            .exposures
            .iter()
            .filter_map(|x| match &x.yields {
                Yields::Context(z) => Some(z.as_str()),
                _ => None,
            })
            .collect();
        for (n, c) in records.credentials.iter().enumerate() {
            let credential = c.id.to_string();
            let mut slot = |verb, actions: Vec<Action>| {
                if may(verb) {
                    slots.push(actions);
                }
            };
            slot(
                Verb::Revoke,
                vec![Action::Revoke {
                    credential: credential.clone(),
                }],
            );
            slot(
                Verb::Rotate,
                vec![Action::Rotate {
                    credential: credential.clone(),
                }],
            );
            let expires_at = settings.as_of;
            slot(
                Verb::Expire,
                vec![Action::Expire {
                    credential: credential.clone(),
                    expires_at,
                }],
            );
            let holders = estate.holders(n);
            let served: Vec<_> = records
                .grants
                .iter()
                .filter(|g| holders.contains(g.holder.as_str()))
                .collect();
            let audiences = match &c.audience {
                Some(stated) => {
                    let stated = distinct(stated.clone());
                    let mut all = subsets(&stated);
                    all.retain(|left| *left != stated);
                    all
                }
                None => {
                    let mut all: Vec<Text> = Vec::new();
                    for g in &served {
                        let system = records.systems.iter().find(|s| s.id == g.system).expect("it is there");
                        all.extend(
                            system
                                .accepts_audiences
                                .clone()
                                .unwrap_or_else(|| vec![system.id.to_string()].into()),
                        );
                    }
                    let from =
                        |n: &&trustmap::model::Inherit| n.from.as_ref().is_some_and(|f| holders.contains(f.as_str()));
                    for n in records.inherits.iter().filter(from) {
                        all.extend(n.audiences.clone().unwrap_or_default());
                    }
                    subsets(&distinct(all))
                }
            };
            let audiences = audiences.into_iter().map(|audience| Action::NarrowAudience {
                credential: credential.clone(),
                audience,
            });
            slot(Verb::NarrowAudience, audiences.collect());
            let scopes = match &c.scopes {
                Some(stated) => {
                    let used: Vec<Text> = served
                        .iter()
                        .flat_map(|g| g.used_scopes.clone().unwrap_or_default())
                        .collect();
                    narrowed(stated, &used)
                }
                None => subsets(&distinct(
                    served
                        .iter()
                        .flat_map(|g| g.used_scopes.clone().unwrap_or_else(|| g.scopes.clone())),
                )),
            };
            let scopes = scopes.into_iter().map(|scopes| Action::NarrowScopes {
                credential: credential.clone(),
                scopes,
            });
            slot(Verb::NarrowScopes, scopes.collect());
            let contexts = yielded
                .iter()
                .filter(|z| c.contexts.as_ref().is_none_or(|all| all.iter().any(|one| one == *z)));
            let contexts = contexts.map(|z| Action::BindContext {
                credential: credential.clone(),
                contexts: vec![(*z).to_owned()],
            });
            slot(Verb::BindContext, contexts.collect());
        }
        let mut slot = |verb, actions: Vec<Action>| {
            if may(verb) {
                slots.push(actions);
            }
        };
        for i in &records.identities {
            slot(
                Verb::DisableIdentity,
                vec![Action::DisableIdentity {
                    identity: i.id.to_string(),
                }],
            );
        }
        for g in &records.grants {
            let grant = g.name().to_string();
            // What narrows and what removes come in one slot: both together are no more than the removal.
            let narrowed = narrowed(&g.scopes, g.used_scopes.as_deref().unwrap_or_default());
            let narrowed = narrowed.into_iter().map(|scopes| Action::NarrowGrant {
                grant: grant.clone(),
                scopes,
            });
            slot(Verb::NarrowGrant, narrowed.collect());
            slot(Verb::RemoveGrant, vec![Action::RemoveGrant { grant }]);
        }
        for x in &records.exposures {
            slot(
                Verb::RemoveExposure,
                vec![Action::RemoveExposure {
                    exposure: x.name().to_string(),
                }],
            );
        }
        for n in records
            .inherits
            .iter()
            .filter(|n| n.how != Some(InheritHow::Escalation))
        {
            let inherit = n.name().to_string();
            if let (Some(from), true) = (&n.from, n.how != Some(InheritHow::Membership)) {
                let groups = estate.groups(from);
                let mut all: BTreeMap<(String, String), Requirement> = BTreeMap::new();
                for g in records.grants.iter().filter(|g| groups.contains(g.holder.as_str())) {
                    for scope in &g.scopes {
                        let requirement = Requirement {
                            system: g.system.clone(),
                            scope: scope.as_str().into(),
                        };
                        all.insert((g.system.to_string(), scope.to_string()), requirement);
                    }
                }
                let all: Vec<Requirement> = all.into_values().collect();
                let wanted = subsets(&all).into_iter().filter(|set| !set.is_empty());
                let narrowed = wanted.map(|requires_all| Action::NarrowInherit {
                    inherit: inherit.clone(),
                    requires_all,
                });
                slot(Verb::NarrowInherit, narrowed.collect());
            }
            slot(Verb::RemoveInherit, vec![Action::RemoveInherit { inherit }]);
        }
        for t in &records.trusts {
            let trust = t.name().to_string();
            let intended = settings.regime == trustmap::graph::Regime::Intended;
            if t.exchange.is_some() || !intended {
                let passed = t.exchange.as_ref().map_or(&t.scopes, |x| &x.scopes);
                let narrowed = narrowed(passed, &[]).into_iter();
                let narrowed = narrowed.map(|scopes| Action::RequireExchange {
                    trust: trust.clone(),
                    scopes,
                });
                slot(Verb::RequireExchange, narrowed.collect());
            }
            slot(Verb::RemoveTrust, vec![Action::RemoveTrust { trust }]);
        }
        for s in &records.systems {
            let checks = subsets(Check::ALL).into_iter().filter(|set| !set.is_empty());
            let enforced = checks.map(|checks| Action::Enforce {
                system: s.id.to_string(),
                checks,
            });
            slot(Verb::Enforce, enforced.collect());
            slot(
                Verb::Isolate,
                vec![Action::Isolate {
                    system: s.id.to_string(),
                }],
            );
        }
        slots.retain(|slot| !slot.is_empty());
        Self { slots }
    }

    /// How many sets of actions there are.
    pub fn ways(&self) -> usize {
        let more = |n: usize, slot: &Vec<Action>| n.saturating_mul(slot.len() + 1);
        self.slots
            .iter()
            .fold(1, more)
            .max(if self.slots.iter().any(|s| s.len() > 40 * MOST) {
                usize::MAX
            } else {
                0
            })
    }

    /// Calls with every set of at most so many actions, smaller sets first.
    pub fn each(&self, most: usize, wanted: &mut dyn FnMut(&[Action]) -> bool) {
        for size in 0..=most.min(self.slots.len()) {
            if !self.choose(0, size, &mut Vec::new(), wanted) {
                return;
            }
        }
    }

    fn choose(
        &self,
        from: usize,
        left: usize,
        taken: &mut Vec<Action>,
        wanted: &mut dyn FnMut(&[Action]) -> bool,
    ) -> bool {
        if left == 0 {
            return wanted(taken);
        }
        for at in from..self.slots.len() {
            for action in &self.slots[at] {
                taken.push(action.clone());
                let on = self.choose(at + 1, left - 1, taken, wanted);
                taken.pop();
                if !on {
                    return false;
                }
            }
        }
        true
    }
}

fn price(flow: &Flow) -> u64 {
    match (flow.used, flow.intended) {
        (Use::InUse, _) => 1000,
        (Use::Unknown, true) => 1000,
        (Use::Unknown, false) => 10,
        (Use::Idle, _) => 1,
    }
}

/// The least cost of a set of actions after which nothing protected is reached, and such a set.
pub fn brute_force(question: &Question<'_>, options: &Options) -> Option<(u64, Vec<Action>)> {
    let (graph, settings) = (question.graph, question.settings);
    let before = Arc::new(radius(graph, question.base, &question.seeds, settings, &Never).expect("nobody cancels"));
    let flows = Flows::of(World::new(graph, question.base, settings));
    let mut best: Option<(u64, Vec<Action>)> = None;
    options.each(usize::MAX, &mut |actions| {
        if best.as_ref().is_some_and(|(cost, _)| actions.len() as u64 >= *cost) {
            return false;
        }
        let Ok(mut overlay) = apply(graph, actions) else {
            return true;
        };
        if !question.base.extra_contexts.is_empty() {
            overlay = with_contexts(graph, question.base, actions);
        }
        let world = World::new(graph, &overlay, settings);
        let now = reached(world, &question.seeds, &Never).expect("nobody cancels");
        if question.protect.iter().any(|thing| now.things.contains(thing)) {
            return true;
        }
        let done = compare_with(graph, actions, &overlay, before.clone(), &flows, &Never).expect("nobody cancels");
        let broken: u64 = done.broken_flows.iter().map(price).sum();
        let cost = actions.len() as u64 + broken + 10 * done.at_risk.len() as u64;
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, actions.to_vec()));
        }
        true
    });
    best
}

/// The overlay of actions where seeds name contexts of their own. A plan binds to contexts of the graph alone, so the
/// numbers agree.
fn with_contexts(graph: &TrustGraph, base: &Overlay, actions: &[Action]) -> Overlay {
    let mut overlay = apply(graph, actions).expect("it was applied before");
    overlay.extra_contexts.clone_from(&base.extra_contexts);
    overlay
}
