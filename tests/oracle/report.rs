//! The radius document, from `compromise` on.

use super::explain::{Explained, explain};
use super::fact::{Application, Fact, Seed};
use super::flows::{Flows, flow_json, flows};
use super::rules::Reasoner;
use super::scenario::{Errors, actions, apply_scenario, overlay};
use super::scope::scope_text;
use super::world::{Overlay, Regime, Way, World, time};
use super::{doc, merge};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a radius counts: systems, credentials, identities and contexts, each by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached {
    pub systems: BTreeSet<String>,
    pub credentials: BTreeSet<String>,
    pub identities: BTreeSet<String>,
    pub contexts: BTreeSet<String>,
}

/// Which way a scenario is laid on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Laid {
    /// Beside the records.
    Over,
    /// Into the document.
    Into,
}

/// The seeds that name nothing: neither an entity nor a context (which may be unknown).
pub fn unknown_seeds(inv: &Value, seeds: &[String]) -> Vec<String> {
    let known = |id: &String| {
        let mut entities = doc::ENTITIES.iter().flat_map(|kind| doc::items(inv, kind));
        id.starts_with("context:") || entities.any(|r| doc::text(r, "id").as_ref() == Some(id))
    };
    seeds.iter().filter(|id| !known(id)).cloned().collect()
}

fn resolve(world: &World, seeds: &[String]) -> BTreeSet<Seed> {
    let resolved = seeds.iter().filter_map(|id| {
        if let Some(name) = id.strip_prefix("context:") {
            Some(Seed::Context(name.to_owned()))
        } else if world.systems.contains_key(id) {
            Some(Seed::System(id.clone()))
        } else if world.identities.contains_key(id) {
            Some(Seed::Identity(id.clone()))
        } else {
            world.credentials.contains_key(id).then(|| Seed::Credential(id.clone()))
        }
    });
    resolved.collect()
}

/// The members of a `trustmap-radius` document from `compromise` on; the errors are those of the scenario.
pub fn radius(
    inv: &Value,
    seeds: &[String],
    scenario: Option<&Value>,
    regime: &str,
    as_of: &str,
) -> Result<Value, Errors> {
    radius_laid(inv, seeds, scenario, regime, as_of, Laid::Over)
}

/// The same with a choice of how the scenario is applied.
pub fn radius_laid(
    inv: &Value,
    seeds: &[String],
    scenario: Option<&Value>,
    regime: &str,
    as_of: &str,
    laid: Laid,
) -> Result<Value, Errors> {
    let inv = merge::merge(&[("", inv.clone())]).document;
    let regime = Regime::named(regime);
    let before = World::read(&inv, time(as_of), Overlay::default());
    let seeds_found = resolve(&before, seeds);
    let mut out = json!({
        // "sorted, no repeats"
        "compromise": seeds.iter().cloned().collect::<BTreeSet<String>>(),
        "before": radius_json(&before, &seeds_found, regime),
    });
    // "from here on, after and what follows only with a scenario"
    let Some(scenario) = scenario else { return Ok(out) };
    let actions = actions(scenario);
    let after = match laid {
        Laid::Over => World {
            overlay: overlay(&before, actions)?,
            ..before.clone()
        },
        Laid::Into => {
            let edited = apply_scenario(&inv, actions, before.as_of)?;
            World::read(&edited.document, before.as_of, edited.marks)
        }
    };
    let (was, is) = (
        reached_in(&before, &seeds_found, regime),
        reached_in(&after, &seeds_found, regime),
    );
    out["after"] = radius_json(&after, &seeds_found, regime);
    // "in before, not in after"
    let gone = |a: &BTreeSet<String>, b: &BTreeSet<String>| json!(a.difference(b).collect::<Vec<_>>());
    out["removed"] = json!({
        "systems": gone(&was.systems, &is.systems),
        "credentials": gone(&was.credentials, &is.credentials),
        "identities": gone(&was.identities, &is.identities),
        "contexts": gone(&was.contexts, &is.contexts),
    });
    // "rotated seeds that are got again"
    let seed_credentials = seeds_found.iter().filter_map(|s| match s {
        Seed::Credential(c) => Some(c),
        _ => None,
    });
    out["regained"] = json!(
        seed_credentials
            .filter(|c| is.credentials.contains(*c))
            .collect::<BTreeSet<_>>()
    );
    let (flows_before, flows_after) = (flows(&before), flows(&after));
    // "The flows before a scenario and not after are **broken**."
    let broken = flows_before.iter().filter(|(key, _)| !flows_after.contains_key(*key));
    out["broken_flows"] = broken.map(|(key, said)| flow_json(key, said)).collect();
    out["at_risk"] = at_risk(&after, actions, &flows_after);
    out["ineffective"] = ineffective(&after, actions, &seeds_found);
    let count = |r: Regime| reached_in(&before, &seeds_found, r).systems.len();
    out["interval"] = json!({
        "intended": count(Regime::Intended),
        "best_case": count(Regime::BestCase),
        "worst_case": count(Regime::WorstCase),
    });
    Ok(out)
}

/// The members of a `trustmap-rank` document after its head: "`rank` seeds each credential alone and sorts by weight and
/// systems falling, then id"; "the estate's exposure: the sum, over all credentials live as `copy`, of the weights of the
/// systems in the blast radius of that credential alone".
pub fn rank(inv: &Value, scenario: Option<&Value>, regime: &str, as_of: &str) -> Result<Value, Errors> {
    let inv = merge::merge(&[("", inv.clone())]).document;
    let mut world = World::read(&inv, time(as_of), Overlay::default());
    if let Some(scenario) = scenario {
        world.overlay = overlay(&world, actions(scenario))?;
    }
    let mut rows: Vec<Value> = Vec::new();
    for c in world.credentials.keys().filter(|c| world.live(c, Way::Copy)) {
        let alone = BTreeSet::from([Seed::Credential(c.clone())]);
        let said = radius_json(&world, &alone, Regime::named(regime));
        let mut row = json!({"id": c});
        for what in ["systems", "crown_jewels", "weight", "inherited", "assumed"] {
            row[what] = said["summary"][what].clone();
        }
        rows.push(row);
    }
    let number = |row: &Value, what: &str| row[what].as_u64().unwrap_or_default();
    rows.sort_by(|a, b| {
        let key = |row: &Value| (number(row, "weight"), number(row, "systems"));
        key(b)
            .cmp(&key(a))
            .then_with(|| a["id"].as_str().cmp(&b["id"].as_str()))
    });
    let exposure: u64 = rows.iter().map(|row| number(row, "weight")).sum();
    Ok(json!({"exposure": exposure, "credentials": rows}))
}

/// All facts of a regime as text, with their hops.
pub fn facts(
    inv: &Value,
    seeds: &[String],
    scenario: Option<&Value>,
    regime: &str,
    as_of: &str,
) -> Result<BTreeMap<String, u64>, Errors> {
    let inv = merge::merge(&[("", inv.clone())]).document;
    let mut world = World::read(&inv, time(as_of), Overlay::default());
    if let Some(scenario) = scenario {
        world.overlay = overlay(&world, actions(scenario))?;
    }
    let reasoner = Reasoner::new(&world, Regime::named(regime));
    let (_, applications) = reasoner.close(&resolve(&world, seeds));
    Ok(explain(applications)
        .best
        .into_iter()
        .map(|(fact, best)| (fact.text(), best.hops))
        .collect())
}

/// The closure of one regime: facts and rule applications.
pub fn closure(world: &World, seeds: &[String], regime: Regime) -> (BTreeSet<Fact>, BTreeSet<Application>) {
    Reasoner::new(world, regime).close(&resolve(world, seeds))
}

fn reached_in(world: &World, seeds: &BTreeSet<Seed>, regime: Regime) -> Reached {
    reached(world, seeds, &Reasoner::new(world, regime).close(seeds).0)
}

/// "**Blast radius**: the systems with at least one `Access`, the credentials held, the identities acted as and the
/// contexts entered, the seeds left out (but a rotated one that is got again, as other than `old`)."
fn reached(world: &World, seeds: &BTreeSet<Seed>, facts: &BTreeSet<Fact>) -> Reached {
    let mut all = Reached::default();
    for fact in facts {
        match fact {
            Fact::Access(s, ..) if !seeds.contains(&Seed::System(s.clone())) => {
                all.systems.insert(s.clone());
            }
            Fact::Holds(c, v) => {
                let seed = seeds.contains(&Seed::Credential(c.clone()));
                if !seed || (world.rotated(c) && *v != Way::Old) {
                    all.credentials.insert(c.clone());
                }
            }
            Fact::ActsAs(i) if !seeds.contains(&Seed::Identity(i.clone())) => {
                all.identities.insert(i.clone());
            }
            Fact::InContext(z) if !seeds.contains(&Seed::Context(z.clone())) => {
                all.contexts.insert(z.clone());
            }
            _ => {}
        }
    }
    all
}

/// One radius: `R` of the documentation.
fn radius_json(world: &World, seeds: &BTreeSet<Seed>, regime: Regime) -> Value {
    let reasoner = Reasoner::new(world, regime);
    let (facts, applications) = reasoner.close(seeds);
    let explained = explain(applications);
    let here = reached(world, seeds, &facts);
    let intended = reached_in(world, seeds, Regime::Intended);
    let best = reached_in(world, seeds, Regime::BestCase);
    let worst = reached_in(world, seeds, Regime::WorstCase);
    let entries = |kind: fn(&Reached) -> &BTreeSet<String>, about: &dyn Fn(&Fact) -> Option<String>| {
        let mut list = Vec::new();
        for id in kind(&here) {
            let mine: Vec<&Fact> = facts.iter().filter(|f| about(f).as_ref() == Some(id)).collect();
            let mut entry = entry(&reasoner, &explained, id, &mine);
            // "**Inherited**: reached under the regime in force but not under `intended`. **Assumed**: reached under
            // `worst-case` but not under `best-case`".
            entry["inherited"] = json!(!kind(&intended).contains(id));
            entry["assumed"] = json!(kind(&worst).contains(id) && !kind(&best).contains(id));
            list.push(entry);
        }
        list
    };
    let systems = entries(|r| &r.systems, &|f| match f {
        Fact::Access(s, ..) => Some(s.clone()),
        _ => None,
    });
    let credentials = entries(|r| &r.credentials, &|f| match f {
        Fact::Holds(c, _) => Some(c.clone()),
        _ => None,
    });
    let identities = entries(|r| &r.identities, &|f| match f {
        Fact::ActsAs(i) => Some(i.clone()),
        _ => None,
    });
    let contexts = entries(|r| &r.contexts, &|f| match f {
        Fact::InContext(z) => Some(z.clone()),
        _ => None,
    });
    let criticality = |id: &String| world.systems[id].criticality.as_str();
    let weight = |id: &String| match criticality(id) {
        "crown-jewel" => 100,
        "high" => 10,
        "low" => 1,
        _ => 3,
    };
    let marked = |mark: &str| systems.iter().filter(|s| s[mark] == true).count();
    json!({
        "summary": {
            "systems": systems.len(),
            "crown_jewels": here.systems.iter().filter(|s| criticality(s) == "crown-jewel").count(),
            "weight": here.systems.iter().map(weight).sum::<u64>(),
            "credentials": credentials.len(),
            "identities": identities.len(),
            "contexts": contexts.len(),
            "inherited": marked("inherited"),
            "assumed": marked("assumed"),
        },
        "systems": systems,
        "credentials": credentials,
        "identities": identities,
        "contexts": contexts,
    })
}

/// What is printed of one reached thing, the marks aside.
fn entry(reasoner: &Reasoner, explained: &Explained, id: &str, mine: &[&Fact]) -> Value {
    let (least, best) = explained
        .least(mine.iter().copied())
        .expect("a reached thing has a fact");
    let mut entry = Map::new();
    entry.insert("id".into(), json!(id));
    entry.insert("hops".into(), json!(best.hops));
    entry.insert("path".into(), explained.path(reasoner, least));
    let mut scopes = BTreeSet::new();
    let mut access = BTreeSet::new();
    let mut held = BTreeSet::new();
    for fact in mine {
        match fact {
            Fact::Access(_, m, e) => {
                // "`scopes` are the distinct texts of the accesses ..., subsumed ones kept; `access` by scope, then
                // `except`"
                scopes.insert(scope_text(m));
                access.insert((scope_text(m), e.clone()));
            }
            Fact::Holds(_, v) => {
                held.insert(*v);
            }
            _ => {}
        }
    }
    if !access.is_empty() {
        entry.insert("scopes".into(), json!(scopes));
        entry.insert(
            "access".into(),
            access.iter().map(|(m, e)| json!({"scope": m, "except": e})).collect(),
        );
    }
    if !held.is_empty() {
        // "`held` is in the order old, copy, fresh, forged"
        entry.insert("held".into(), held.iter().map(|v| json!(v.text())).collect());
    }
    Value::Object(entry)
}

/// "**At risk**: the access flows, after the scenario, of credentials it bound, at systems that enforce context under
/// worst-case."
fn at_risk(after: &World, actions: &[Value], flows: &Flows) -> Value {
    let worst = Reasoner::new(after, Regime::WorstCase);
    let bound: BTreeSet<String> = actions
        .iter()
        .filter(|a| doc::text(a, "action").as_deref() == Some("bind-context"))
        .filter_map(|a| doc::text(a, "credential"))
        .collect();
    let risky = flows
        .iter()
        .filter(|((kind, from, to, _), _)| kind == "access" && bound.contains(from) && worst.enforced(to, "context"));
    risky.map(|(key, said)| flow_json(key, said)).collect()
}

/// "**Ineffective**, under worst-case".
fn ineffective(after: &World, actions: &[Value], seeds: &BTreeSet<Seed>) -> Value {
    let worst = Reasoner::new(after, Regime::WorstCase);
    let (facts, _) = worst.close(seeds);
    let mut out = Vec::new();
    for (place, action) in actions.iter().enumerate() {
        let field = |f: &str| doc::text(action, f).unwrap_or_default();
        let name = field("action");
        let mut at: BTreeSet<(String, &str)> = BTreeSet::new();
        let check = match name.as_str() {
            "revoke" | "rotate" | "disable-identity" => Some("revocation"),
            "narrow-audience" => Some("audience"),
            "narrow-scopes" => Some("scope"),
            "bind-context" => Some("context"),
            _ => None,
        };
        for fact in &facts {
            let (Some(check), Fact::Accepted(c, v, s)) = (check, fact) else {
                continue;
            };
            let about = if name == "disable-identity" {
                after.credentials[c].identity == Some(field("identity"))
            } else {
                *c == field("credential")
            };
            if about && !worst.enforced(s, check) && would_not_be(&worst, &facts, c, *v, s, check) {
                at.insert((s.clone(), check));
            }
        }
        if name == "enforce" {
            // "for `enforce`, the trusts into the system that have no exchange"
            for trust in after
                .trusts()
                .filter(|t| t.to == field("system") && after.exchange(t).is_none())
            {
                at.insert((trust.common.name.clone(), "exchange"));
            }
        }
        if name == "revoke" || name == "expire" {
            // "for `revoke` and `expire`, also the exposures with `how` `minted` that yield it and whose rule 6 applies
            // after the scenario"
            let applied = worst.applications(seeds, &facts);
            for exposure in after.exposures().filter(|x| x.how.as_deref() == Some("minted")) {
                let mine = |a: &Application| {
                    a.rule == "exposure"
                        && a.records.contains(&exposure.common.name)
                        && matches!(&a.fact, Fact::Holds(c, _) if *c == field("credential"))
                };
                if applied.iter().any(mine) {
                    at.insert((exposure.common.name.clone(), "minting"));
                }
            }
        }
        if !at.is_empty() {
            let at: Vec<Value> = at
                .iter()
                .map(|(at, missing)| json!({"at": at, "missing": missing}))
                .collect();
            out.push(json!({"action": place, "at": at}));
        }
    }
    Value::Array(out)
}

/// "where that check is not enforced and, were it, that acceptance (for scope: an access it gives) would not be"
fn would_not_be(worst: &Reasoner, facts: &BTreeSet<Fact>, c: &str, v: Way, s: &str, check: &str) -> bool {
    if check != "scope" {
        return worst.acceptance(c, v, s, Some(check), facts).is_none();
    }
    let gives = |scopes: Option<&[String]>| {
        let mut all = BTreeSet::new();
        for grant in worst.reachable_grants(c, s) {
            all.extend(
                worst
                    .given(grant, scopes)
                    .into_iter()
                    .map(|m| (m, grant.except.clone())),
            );
        }
        all
    };
    let (now, then) = (gives(None), gives(worst.scopes(c, v)));
    !now.is_subset(&then)
}
