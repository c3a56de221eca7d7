//! How long a plan takes: `cargo bench --no-default-features --bench plan`. It prints one line for each estate: the greedy
//! plan with its time, then what the proof reached in a minute.

mod generator;

use generator::Estate;
use std::sync::Arc;
use std::time::{Duration, Instant};
use trustmap::analysis::{Cancel, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::plan::{Plan, Progress, Question, Standing, Verb, crown_jewels, cut};

struct Until(Instant);

impl Cancel for Until {
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl Progress for Until {
    fn time_left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    fn report(&self, _: Standing) {}
}

fn graph(name: &str, bytes: Arc<[u8]>) -> (TrustGraph, Settings) {
    let source = Source::Bytes {
        name: name.to_owned(),
        bytes,
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads");
    let settings = Settings {
        as_of: loaded.inventory.as_of.expect("it states its time"),
        regime: Regime::WorstCase,
    };
    (TrustGraph::build(loaded.inventory), settings)
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn measure(name: &str, graph: &TrustGraph, settings: Settings, seeds: &[String], permits: &[Verb], protect: usize) {
    let mut base = Overlay::default();
    let seeds = resolve_seeds(graph, &mut base, seeds).expect("the seeds are there");
    let protected: Vec<Thing> = crown_jewels(graph).into_iter().take(protect).collect();
    let question = Question {
        graph,
        base: &base,
        settings,
        seeds,
        protect: protected,
        permits: permits.iter().copied().collect(),
    };
    for time in [Duration::ZERO, Duration::from_secs(55)] {
        let start = Instant::now();
        let plan = cut(&question, &Until(start + time));
        let took = start.elapsed();
        match plan {
            Ok(Plan::Cut(plan)) => println!(
                "{name}: {} actions, cost {}, at least {}, {took:.2?}",
                plan.actions.len(),
                plan.cost,
                plan.lower_bound
            ),
            Ok(Plan::Impossible(why)) => println!("{name}: {}, {took:.2?}", why.why),
            Err(stopped) => println!("{name}: {stopped:?}, {took:.2?}"),
        }
    }
}

fn main() {
    let only = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|o| name.contains(o.as_str()));
    let all: Vec<Verb> = Verb::all_for(false).into_iter().collect();
    let relations = [Verb::RemoveGrant, Verb::RemoveExposure];
    if wanted("estate") {
        let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/sample-inventories/estate.json"));
        let (graph, settings) = graph("estate.json", text.expect("the sample is there").into());
        let index = include_str!("../sample-inventories/index.json");
        let index: serde_json::Value = serde_json::from_str(index).expect("the index is JSON");
        let samples = index["samples"].as_array().expect("a list");
        let estate = samples
            .iter()
            .find(|s| s["file"] == "estate.json")
            .expect("it is listed");
        let seeds: Vec<String> = estate["compromise"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        measure("estate", &graph, settings, &seeds, &all, usize::MAX);
        measure(
            "estate, relations only",
            &graph,
            settings,
            &seeds,
            &relations,
            usize::MAX,
        );
    }
    for n in [10_000, 100_000] {
        let name = format!("generated {n}");
        if wanted(&name) {
            let estate = Estate::new(n, 42);
            let seed = estate.id(estate.widest());
            let (graph, settings) = graph("generated.json", estate.native().into_bytes().into());
            measure(&name, &graph, settings, std::slice::from_ref(&seed), &all, 100);
            let name = format!("{name}, relations only");
            measure(&name, &graph, settings, std::slice::from_ref(&seed), &relations, 100);
        }
    }
}
