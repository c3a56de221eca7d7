//! Where an action changes nothing, because a system does not check, a trust performs no exchange, or the credential
//! can be minted again. Always under worst-case.

use super::Action;
use crate::analysis::{Closure, Fact, Held, acceptance, given, live};
use crate::graph::{Thing, World};
use crate::model::{Check, ExposureHow};
use std::collections::BTreeSet;

/// What is missing for an action to have its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The system does not make this check.
    Check(Check),
    /// The trust performs no exchange.
    Exchange,
    /// The credential can be minted again.
    Minting,
}

impl Missing {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check(check) => check.as_str(),
            Self::Exchange => "exchange",
            Self::Minting => "minting",
        }
    }
}

/// One action and where it has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ineffective {
    /// The action's place in the scenario, from 0.
    pub action: usize,
    /// System ids and relation names, each with what is missing there, sorted.
    pub at: Vec<(String, Missing)>,
}

/// Whether it depends on what is reached where this action has no effect.
pub(super) fn depends_on_reach(action: &Action) -> bool {
    matches!(
        action,
        Action::Revoke { .. }
            | Action::Rotate { .. }
            | Action::DisableIdentity { .. }
            | Action::NarrowAudience { .. }
            | Action::NarrowScopes { .. }
            | Action::BindContext { .. }
            | Action::Expire { .. }
    )
}

/// Of all actions those that have no effect somewhere; `worst` is the world after the whole scenario under worst-case
/// and `closure` what follows there from the seeds.
pub(super) fn ineffective(worst: World<'_>, closure: &Closure, actions: &[Action]) -> Vec<Ineffective> {
    let mut out = Vec::new();
    for (place, action) in actions.iter().enumerate() {
        let mut at: Vec<(String, Missing)> = Vec::new();
        let target = worst.graph.find(action.target());
        let check = match action {
            Action::Revoke { .. } | Action::Rotate { .. } | Action::DisableIdentity { .. } => Some(Check::Revocation),
            Action::NarrowAudience { .. } => Some(Check::Audience),
            Action::NarrowScopes { .. } => Some(Check::Scope),
            Action::BindContext { .. } => Some(Check::Context),
            _ => None,
        };
        if let Some(check) = check {
            let mut systems = BTreeSet::new();
            for &fact in &closure.facts {
                let Fact::Accepted(c, v, s) = fact else { continue };
                let about = match target {
                    Some(Thing::Credential(x)) => x == c,
                    Some(Thing::Identity(i)) => worst.graph.identity_of[c as usize] == Some(i),
                    _ => false,
                };
                if about && !worst.enforced(s, check) && would_not_be(worst, closure, c, v, s, check) {
                    systems.insert(s);
                }
            }
            at.extend(
                systems
                    .into_iter()
                    .map(|s| (worst.graph.id(Thing::System(s)).into_owned(), Missing::Check(check))),
            );
        }
        let records = &worst.graph.inventory().records;
        match (action, target) {
            (Action::Enforce { .. }, Some(Thing::System(s))) => {
                for &t in worst.graph.trusts_into_system.of(s) {
                    if worst.has_trust(t) && worst.exchange(t).is_none() {
                        at.push((records.trusts[t as usize].name().to_string(), Missing::Exchange));
                    }
                }
            }
            (Action::Revoke { .. } | Action::Expire { .. }, Some(Thing::Credential(c))) => {
                for &x in worst.graph.exposures_yielding_credential.of(c) {
                    if records.exposures[x as usize].how == Some(ExposureHow::Minted)
                        && exposure_applies(worst, closure, x)
                    {
                        at.push((records.exposures[x as usize].name().to_string(), Missing::Minting));
                    }
                }
            }
            _ => {}
        }
        at.sort_by(|a, b| (&a.0, a.1.as_str()).cmp(&(&b.0, b.1.as_str())));
        at.dedup();
        if !at.is_empty() {
            out.push(Ineffective { action: place, at });
        }
    }
    out
}

/// Whether, were the check enforced, the acceptance would not be; for scope, whether an access it gives would not.
fn would_not_be(worst: World<'_>, closure: &Closure, c: u32, v: Held, s: u32, check: Check) -> bool {
    if check == Check::Scope {
        let Some(scopes) = worst.scopes(c).filter(|_| v != Held::Forged) else {
            return false;
        };
        let groups = worst.graph.identity_of[c as usize]
            .map(|i| worst.groups(i))
            .unwrap_or_default();
        let theirs = groups.iter().flat_map(|(i, _)| worst.graph.grants_of_identity.of(*i));
        let grants: Vec<u32> = worst
            .graph
            .grants_of_credential
            .of(c)
            .iter()
            .chain(theirs)
            .copied()
            .filter(|&g| worst.graph.grant_system[g as usize] == s && worst.has_grant(g))
            .collect();
        let then: BTreeSet<_> = grants.iter().flat_map(|&g| given(worst, g, Some(scopes))).collect();
        return grants
            .iter()
            .flat_map(|&g| given(worst, g, None))
            .any(|a| !then.contains(&a));
    }
    if !acceptance(worst, c, v, s, Some(check)) {
        return true;
    }
    check == Check::Context && v != Held::Forged && !entered(worst, closure, c)
}

/// Whether a credential states no contexts, or one of them is entered.
fn entered(world: World<'_>, closure: &Closure, c: u32) -> bool {
    world
        .contexts(c)
        .is_none_or(|zs| zs.iter().any(|&z| closure.index.contains_key(&Fact::InContext(z))))
}

/// Whether rule 6 applies to an exposure.
fn exposure_applies(worst: World<'_>, closure: &Closure, x: u32) -> bool {
    if !worst.has_exposure(x) {
        return false;
    }
    let requires = &worst.graph.inventory().records.exposures[x as usize].requires;
    match worst.graph.exposure_from[x as usize] {
        Thing::Identity(i) => worst.active(i) && closure.index.contains_key(&Fact::ActsAs(i)),
        Thing::System(s) => closure.facts.iter().any(|&f| match f {
            Fact::Access(at, a) if at == s => {
                requires.is_empty() || requires.iter().any(|r| closure.allowed(worst, a).satisfies(r))
            }
            _ => false,
        }),
        Thing::Credential(k) => [Held::Old, Held::Copy, Held::Fresh, Held::Forged].into_iter().any(|v| {
            closure.index.contains_key(&Fact::Holds(k, v))
                && live(worst, k, v)
                && (v == Held::Forged || !worst.issuer_enforces(k, Check::Context) || entered(worst, closure, k))
        }),
        Thing::Context(_) => false,
    }
}
