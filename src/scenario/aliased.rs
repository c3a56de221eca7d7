//! Scenarios and what they do under aliases.

use super::{Action, Comparison, Flow, Ineffective, Removed, Scenario};
use crate::model::{Aliases, FurtherWords, Word};
use std::sync::Arc;

/// What seeds and actions name besides what the inventory does.
#[must_use]
pub fn further_words(seeds: &[String], actions: &[Action]) -> FurtherWords {
    let mut out = FurtherWords::default();
    let contexts = seeds.iter().filter_map(|id| id.strip_prefix("context:"));
    out.contexts.extend(contexts.map(str::to_owned));
    for action in actions {
        match action {
            Action::NarrowAudience { audience, .. } => out.audiences.extend_from_slice(audience),
            Action::BindContext { contexts, .. } => out.contexts.extend_from_slice(contexts),
            Action::NarrowScopes { scopes, .. }
            | Action::NarrowGrant { scopes, .. }
            | Action::RequireExchange { scopes, .. } => out.scopes.extend_from_slice(scopes),
            Action::NarrowInherit { requires_all, .. } => {
                out.scopes.extend(requires_all.iter().map(|q| q.scope.to_string()));
            }
            _ => {}
        }
    }
    out
}

impl Action {
    /// The same under aliases.
    #[must_use]
    pub fn aliased(&self, a: &Aliases) -> Self {
        let scoped = |list: &[String]| list.iter().map(|p| a.word(Word::Scope, p)).collect();
        match self {
            Self::Revoke { credential } => Self::Revoke {
                credential: a.id(credential),
            },
            Self::Rotate { credential } => Self::Rotate {
                credential: a.id(credential),
            },
            Self::NarrowAudience { credential, audience } => Self::NarrowAudience {
                credential: a.id(credential),
                audience: audience.iter().map(|t| a.audience(t)).collect(),
            },
            Self::NarrowScopes { credential, scopes } => Self::NarrowScopes {
                credential: a.id(credential),
                scopes: scoped(scopes),
            },
            Self::BindContext { credential, contexts } => Self::BindContext {
                credential: a.id(credential),
                contexts: contexts.iter().map(|z| a.word(Word::Context, z)).collect(),
            },
            Self::Expire { credential, expires_at } => Self::Expire {
                credential: a.id(credential),
                expires_at: *expires_at,
            },
            Self::DisableIdentity { identity } => Self::DisableIdentity {
                identity: a.id(identity),
            },
            Self::RemoveGrant { grant } => Self::RemoveGrant {
                grant: a.relation(grant),
            },
            Self::NarrowGrant { grant, scopes } => Self::NarrowGrant {
                grant: a.relation(grant),
                scopes: scoped(scopes),
            },
            Self::RemoveExposure { exposure } => Self::RemoveExposure {
                exposure: a.relation(exposure),
            },
            Self::RemoveInherit { inherit } => Self::RemoveInherit {
                inherit: a.relation(inherit),
            },
            Self::NarrowInherit { inherit, requires_all } => Self::NarrowInherit {
                inherit: a.relation(inherit),
                requires_all: requires_all.iter().map(|q| a.requirement(q)).collect(),
            },
            Self::RemoveTrust { trust } => Self::RemoveTrust {
                trust: a.relation(trust),
            },
            Self::RequireExchange { trust, scopes } => Self::RequireExchange {
                trust: a.relation(trust),
                scopes: scoped(scopes),
            },
            Self::Enforce { system, checks } => Self::Enforce {
                system: a.id(system),
                checks: checks.clone(),
            },
            Self::Isolate { system } => Self::Isolate { system: a.id(system) },
        }
    }
}

impl Scenario {
    /// The same under aliases; its name is left out.
    #[must_use]
    pub fn aliased(&self, a: &Aliases) -> Self {
        Self {
            name: None,
            actions: self.actions.iter().map(|x| x.aliased(a)).collect(),
        }
    }
}

impl Flow {
    /// The same under aliases.
    #[must_use]
    pub fn aliased(&self, a: &Aliases) -> Self {
        Self {
            from: a.id(&self.from),
            to: a.id(&self.to),
            scope: self.scope.as_deref().map(|s| a.scope(s)),
            ..self.clone()
        }
    }
}

impl Comparison {
    /// The same under aliases.
    #[must_use]
    pub fn aliased(&self, a: &Aliases) -> Self {
        let ids = |list: &[String]| sorted(list.iter().map(|id| a.id(id)).collect());
        let contexts = self.removed.contexts.iter().map(|z| a.word(Word::Context, z));
        Self {
            before: Arc::new(self.before.aliased(a)),
            after: Arc::new(self.after.aliased(a)),
            removed: Removed {
                systems: ids(&self.removed.systems),
                credentials: ids(&self.removed.credentials),
                identities: ids(&self.removed.identities),
                contexts: sorted(contexts.collect()),
            },
            regained: ids(&self.regained),
            broken_flows: aliased_flows(&self.broken_flows, a),
            at_risk: aliased_flows(&self.at_risk, a),
            ineffective: self.ineffective.iter().map(|x| ineffective(x, a)).collect(),
            interval: self.interval,
        }
    }
}

/// Flows under aliases, sorted by them.
#[must_use]
pub fn aliased_flows(list: &[Flow], a: &Aliases) -> Vec<Flow> {
    let mut out: Vec<Flow> = list.iter().map(|f| f.aliased(a)).collect();
    out.sort_by(|x, y| (x.kind, &x.from, &x.to, &x.scope).cmp(&(y.kind, &y.from, &y.to, &y.scope)));
    out
}

fn ineffective(x: &Ineffective, a: &Aliases) -> Ineffective {
    let mut at: Vec<_> = x.at.iter().map(|(at, missing)| (a.target(at), *missing)).collect();
    at.sort_by(|x, y| (&x.0, x.1.as_str()).cmp(&(&y.0, y.1.as_str())));
    Ineffective { action: x.action, at }
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}
