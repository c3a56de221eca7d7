//! The program behind the oracle's interface.

use serde_json::Value;
use std::sync::Arc;
use trustmap::analysis::{Never, radius as radius_of, rank as rank_all, resolve_seeds};
use trustmap::export::native::native;
use trustmap::export::rank::rank_members;
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph};
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};
use trustmap::model::Level;
use trustmap::scenario::{compare, read};

/// Inventories as the program loads them.
fn load(files: &[Value]) -> Loaded {
    let sources: Vec<Source> = files
        .iter()
        .enumerate()
        .map(|(n, file)| Source::Bytes {
            name: format!("part-{n}"),
            bytes: file.to_string().into_bytes().into(),
        })
        .collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).expect("the case loads")
}

fn graph(files: &[Value]) -> TrustGraph {
    TrustGraph::build(Arc::clone(&load(files).inventory))
}

/// What the program makes of several files: the merged document, the names of its relations, and whether it reports
/// any conflict and any error.
pub fn merged(files: &[Value]) -> (Value, Vec<String>, bool, bool) {
    let loaded = load(files);
    let document = serde_json::from_str(&native(&loaded.inventory)).expect("it writes JSON");
    let records = &loaded.inventory.records;
    let grants = records.grants.iter().map(|r| r.name().to_string());
    let exposures = records.exposures.iter().map(|r| r.name().to_string());
    let inherits = records.inherits.iter().map(|r| r.name().to_string());
    let trusts = records.trusts.iter().map(|r| r.name().to_string());
    let names = grants.chain(exposures).chain(inherits).chain(trusts).collect();
    let any = |level| loaded.diagnostics.iter().any(|d| d.level == level);
    (document, names, any(Level::Conflict), any(Level::Error))
}

/// The members of the radius document from `compromise` on, or the places of the actions that are refused.
pub fn radius(
    inventory: &Value,
    seeds: &[String],
    scenario: Option<&Value>,
    regime: &str,
    as_of: &str,
) -> Result<Value, Vec<usize>> {
    let graph = graph(std::slice::from_ref(inventory));
    let settings = settings(regime, as_of);
    let members = match scenario {
        None => {
            let mut overlay = Overlay::default();
            let things = known(&graph, &mut overlay, seeds);
            let before = radius_of(&graph, &overlay, &things, settings, &Never).expect("nobody cancels");
            serde_json::to_value(trustmap::export::radius::radius_members(&graph, seeds, &before, None))
        }
        Some(scenario) => {
            let (scenario, mut overlay) = read(&graph, &scenario.to_string())
                .map_err(|errors| errors.iter().filter_map(|e| e.action).collect::<Vec<_>>())?;
            let things = known(&graph, &mut overlay, seeds);
            let all = compare(&graph, &scenario.actions, &overlay, &things, settings, &Never).expect("nobody cancels");
            serde_json::to_value(trustmap::export::radius::radius_members(
                &graph,
                seeds,
                &all.before,
                Some(&all),
            ))
        }
    };
    Ok(members.expect("the document is JSON"))
}

/// The members of the rank document after its head; `None` where the scenario does not apply.
pub fn rank(inventory: &Value, scenario: Option<&Value>, regime: &str, as_of: &str) -> Option<Value> {
    let graph = graph(std::slice::from_ref(inventory));
    let settings = settings(regime, as_of);
    let overlay = match scenario {
        None => Overlay::default(),
        Some(scenario) => read(&graph, &scenario.to_string()).ok()?.1,
    };
    let ranking = rank_all(&graph, &overlay, settings, &Never).expect("nobody cancels");
    Some(serde_json::to_value(rank_members(&ranking)).expect("the document is JSON"))
}

fn settings(regime: &str, as_of: &str) -> Settings {
    Settings {
        as_of: as_of.parse().expect("a time"),
        regime: Regime::parse(regime).expect("a regime"),
    }
}

/// Seeds as things; while a case is made smaller, a seed may have lost its record.
fn known(graph: &TrustGraph, overlay: &mut Overlay, seeds: &[String]) -> Vec<Thing> {
    let mut things: Vec<Thing> = seeds
        .iter()
        .filter_map(|id| resolve_seeds(graph, overlay, std::slice::from_ref(id)).ok())
        .flatten()
        .collect();
    things.sort();
    things.dedup();
    things
}
