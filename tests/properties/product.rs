//! The program behind the oracle's interface.

use serde_json::Value;
use std::sync::Arc;
use trustmap::analysis::{Never, radius as radius_of, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::scenario::{compare, read};

/// Inventories as the program loads them.
pub fn graph(files: &[Value]) -> TrustGraph {
    let sources: Vec<Source> = files
        .iter()
        .enumerate()
        .map(|(n, file)| Source::Bytes {
            name: format!("part-{n}"),
            bytes: file.to_string().into_bytes().into(),
        })
        .collect();
    let loaded = load_sources(&sources, &LoadOptions::default(), &Unheard).expect("the case loads");
    TrustGraph::build(Arc::clone(&loaded.inventory))
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
    let settings = Settings {
        as_of: as_of.parse().expect("a time"),
        regime: Regime::parse(regime).expect("a regime"),
    };
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
