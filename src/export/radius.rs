//! A radius and a comparison as members of the `trustmap-radius` document, in the documentation's order.

use crate::analysis::{CheckState, Checks, CredentialReach, Radius, Reach, Step, Summary, SystemReach};
use crate::graph::{Thing, TrustGraph};
use crate::model::{Check, Text, Time};
use crate::scenario::{Comparison, Flow, Ineffective};
use serde::Serialize;

/// The members from `compromise` on.
#[derive(Serialize)]
pub struct RadiusMembers<'a> {
    compromise: Vec<String>,
    before: R<'a>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    scenario: Option<AfterMembers<'a>>,
}

#[derive(Serialize)]
struct AfterMembers<'a> {
    after: R<'a>,
    removed: RemovedJson<'a>,
    regained: &'a [String],
    broken_flows: Vec<FlowJson<'a>>,
    at_risk: Vec<FlowJson<'a>>,
    ineffective: Vec<IneffectiveJson<'a>>,
    interval: IntervalJson,
}

#[derive(Serialize)]
struct RemovedJson<'a> {
    systems: &'a [String],
    credentials: &'a [String],
    identities: &'a [String],
    contexts: &'a [String],
}

#[derive(Serialize)]
struct IntervalJson {
    intended: u64,
    best_case: u64,
    worst_case: u64,
}

/// One flow of a document.
#[derive(Serialize)]
pub struct FlowJson<'a> {
    kind: &'static str,
    from: &'a str,
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    intended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Time>,
    r#use: &'static str,
}

impl<'a> From<&'a Flow> for FlowJson<'a> {
    fn from(flow: &'a Flow) -> Self {
        Self {
            kind: flow.kind.as_str(),
            from: &flow.from,
            to: &flow.to,
            scope: flow.scope.as_deref(),
            intended: flow.intended,
            last_used_at: flow.last_used_at,
            r#use: flow.used.as_str(),
        }
    }
}

#[derive(Serialize)]
struct IneffectiveJson<'a> {
    action: usize,
    at: Vec<AtJson<'a>>,
}

#[derive(Serialize)]
struct AtJson<'a> {
    at: &'a str,
    missing: &'static str,
}

/// One radius: `R` of the documentation.
#[derive(Serialize)]
pub struct R<'a> {
    summary: SummaryJson,
    systems: Vec<SystemJson<'a>>,
    credentials: Vec<CredentialJson<'a>>,
    identities: Vec<ThingJson<'a>>,
    contexts: Vec<ThingJson<'a>>,
}

#[derive(Serialize)]
struct SummaryJson {
    systems: u64,
    crown_jewels: u64,
    weight: u64,
    credentials: u64,
    identities: u64,
    contexts: u64,
    inherited: u64,
    assumed: u64,
}

#[derive(Serialize)]
struct AccessJson<'a> {
    scope: &'a str,
    except: &'a [Text],
}

#[derive(Serialize)]
struct SystemJson<'a> {
    id: &'a str,
    hops: u32,
    scopes: &'a [String],
    access: Vec<AccessJson<'a>>,
    inherited: bool,
    assumed: bool,
    path: Vec<StepJson>,
}

#[derive(Serialize)]
struct CredentialJson<'a> {
    id: &'a str,
    hops: u32,
    held: Vec<&'static str>,
    inherited: bool,
    assumed: bool,
    path: Vec<StepJson>,
}

#[derive(Serialize)]
struct ThingJson<'a> {
    id: &'a str,
    hops: u32,
    inherited: bool,
    assumed: bool,
    path: Vec<StepJson>,
}

/// One step of a path.
#[derive(Serialize)]
pub struct StepJson {
    rule: &'static str,
    fact: String,
    premises: Vec<usize>,
    records: Vec<String>,
    intended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<ChecksJson>,
}

#[derive(Serialize)]
struct ChecksJson {
    audience: &'static str,
    issuer: &'static str,
    scope: &'static str,
    context: &'static str,
    revocation: &'static str,
}

impl From<&Checks> for ChecksJson {
    fn from(checks: &Checks) -> Self {
        let at = |check: Check| -> &'static str {
            let state: CheckState = checks[check as usize];
            state.as_str()
        };
        Self {
            audience: at(Check::Audience),
            issuer: at(Check::Issuer),
            scope: at(Check::Scope),
            context: at(Check::Context),
            revocation: at(Check::Revocation),
        }
    }
}

impl From<Step> for StepJson {
    fn from(step: Step) -> Self {
        Self {
            rule: step.rule.as_str(),
            fact: step.fact,
            premises: step.premises,
            records: step.records,
            intended: step.intended,
            exchange: step.exchange,
            checks: step.checks.as_ref().map(ChecksJson::from),
        }
    }
}

impl From<Summary> for SummaryJson {
    fn from(s: Summary) -> Self {
        Self {
            systems: s.systems,
            crown_jewels: s.crown_jewels,
            weight: s.weight,
            credentials: s.credentials,
            identities: s.identities,
            contexts: s.contexts,
            inherited: s.inherited,
            assumed: s.assumed,
        }
    }
}

/// One radius with every path written out.
#[must_use]
pub fn r<'a>(graph: &TrustGraph, radius: &'a Radius) -> R<'a> {
    let path = |thing: Thing| -> Vec<StepJson> {
        radius
            .path(graph, thing)
            .unwrap_or_default()
            .into_iter()
            .map(StepJson::from)
            .collect()
    };
    let thing = |t: &'a Reach| ThingJson {
        id: &t.id,
        hops: t.hops,
        inherited: t.inherited,
        assumed: t.assumed,
        path: path(t.thing),
    };
    let system = |s: &'a SystemReach| SystemJson {
        id: &s.reach.id,
        hops: s.reach.hops,
        scopes: &s.scopes,
        access: s
            .access
            .iter()
            .map(|a| AccessJson {
                scope: &a.scope,
                except: &a.except,
            })
            .collect(),
        inherited: s.reach.inherited,
        assumed: s.reach.assumed,
        path: path(s.reach.thing),
    };
    let credential = |c: &'a CredentialReach| CredentialJson {
        id: &c.reach.id,
        hops: c.reach.hops,
        held: c.held.iter().map(|v| v.as_str()).collect(),
        inherited: c.reach.inherited,
        assumed: c.reach.assumed,
        path: path(c.reach.thing),
    };
    R {
        summary: radius.summary.into(),
        systems: radius.systems.iter().map(system).collect(),
        credentials: radius.credentials.iter().map(credential).collect(),
        identities: radius.identities.iter().map(thing).collect(),
        contexts: radius.contexts.iter().map(thing).collect(),
    }
}

/// The members from `compromise` on; `compromise` are the ids as asked, `after` a comparison that begins with `before`.
#[must_use]
pub fn radius_members<'a>(
    graph: &TrustGraph,
    compromise: &[String],
    before: &'a Radius,
    after: Option<&'a Comparison>,
) -> RadiusMembers<'a> {
    let mut compromise = compromise.to_vec();
    compromise.sort();
    compromise.dedup();
    RadiusMembers {
        compromise,
        before: r(graph, before),
        scenario: after.map(|c| AfterMembers {
            after: r(graph, &c.after),
            removed: RemovedJson {
                systems: &c.removed.systems,
                credentials: &c.removed.credentials,
                identities: &c.removed.identities,
                contexts: &c.removed.contexts,
            },
            regained: &c.regained,
            broken_flows: c.broken_flows.iter().map(FlowJson::from).collect(),
            at_risk: c.at_risk.iter().map(FlowJson::from).collect(),
            ineffective: c.ineffective.iter().map(ineffective).collect(),
            interval: IntervalJson {
                intended: c.interval.intended,
                best_case: c.interval.best_case,
                worst_case: c.interval.worst_case,
            },
        }),
    }
}

fn ineffective(x: &Ineffective) -> IneffectiveJson<'_> {
    IneffectiveJson {
        action: x.action,
        at: x
            .at
            .iter()
            .map(|(at, missing)| AtJson {
                at,
                missing: missing.as_str(),
            })
            .collect(),
    }
}
