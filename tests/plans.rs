//! Plans against trying everything, on random small inventories.

mod oracle;

#[path = "plans/everything.rs"]
mod everything;

use everything::{Options, brute_force, loaded};
use oracle::random::{self, AS_OF, Case, Dice};
use std::collections::BTreeSet;
use std::time::Duration;
use trustmap::analysis::{Never, radius, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph};
use trustmap::plan::{Patience, Plan, Question, Verb, cut};
use trustmap::scenario::apply;

/// How many tiny cases to try.
fn cases() -> u64 {
    let asked = std::env::var("TRUSTMAP_CASES").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(3000)
}

/// What a case asks of the planner besides what it says itself.
struct Asked {
    graph: TrustGraph,
    base: Overlay,
    settings: Settings,
    seeds: Vec<Thing>,
    protect: Vec<Thing>,
    permits: BTreeSet<Verb>,
}

/// Some kinds of action, few enough that everything can be tried; `None` where there are too many ways.
fn asked(case: &Case, number: u64) -> Option<(Asked, Options)> {
    let mut dice = Dice::new(number ^ 0x9e37_79b9);
    let graph = TrustGraph::build(loaded(&case.inventory));
    let mut base = Overlay::default();
    let seeds: Vec<Thing> = case
        .seeds
        .iter()
        .filter_map(|id| resolve_seeds(&graph, &mut base, std::slice::from_ref(id)).ok())
        .flatten()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let settings = Settings {
        as_of: AS_OF.parse().expect("a time"),
        regime: Regime::parse(case.regime).expect("a regime"),
    };
    let before = radius(&graph, &base, &seeds, settings, &Never).expect("nobody cancels");
    let reached: Vec<Thing> = before.things().into_iter().filter(|t| !seeds.contains(t)).collect();
    if reached.is_empty() {
        return None;
    }
    let mut protect: Vec<Thing> = (0..dice.between(1, 2)).map(|_| *dice.pick(&reached)).collect();
    protect.sort_unstable();
    protect.dedup();
    let mut permits: BTreeSet<Verb> = (0..dice.between(1, 7)).map(|_| *dice.pick(&Verb::ALL)).collect();
    loop {
        let options = Options::of(&graph, settings, &permits);
        if options.ways() <= 4000 {
            let asked = Asked {
                graph,
                base,
                settings,
                seeds,
                protect,
                permits,
            };
            return Some((asked, options));
        }
        let verbs: Vec<Verb> = permits.iter().copied().collect();
        permits.remove(dice.pick(&verbs));
    }
}

#[derive(Default, Debug)]
struct Seen {
    cuts: u64,
    impossible: u64,
    greedy_gap: u64,
    greedy_worse: u64,
    verbs: BTreeSet<&'static str>,
}

#[track_caller]
fn check(case: &Case, number: u64, seen: &mut Seen) {
    let Some((asked, options)) = asked(case, number) else {
        return;
    };
    let question = Question {
        graph: &asked.graph,
        base: &asked.base,
        settings: asked.settings,
        seeds: asked.seeds.clone(),
        protect: asked.protect.clone(),
        permits: asked.permits.clone(),
    };
    let best = brute_force(&question, &options);
    let what = || {
        let names: Vec<String> = asked.protect.iter().map(|&t| asked.graph.id(t).into_owned()).collect();
        format!(
            "case {number}: protect {names:?}, permits {:?}, seeds {:?}, {}\nin {}",
            asked.permits, case.seeds, case.regime, case.inventory
        )
    };
    match (cut(&question, &Patience(Duration::from_secs(60))), best) {
        (Ok(Plan::Impossible(why)), None) => {
            seen.impossible += 1;
            assert!(!why.path.is_empty(), "{}", what());
        }
        (Ok(Plan::Cut(plan)), Some((cost, actions))) => {
            seen.cuts += 1;
            seen.verbs.extend(plan.actions.iter().map(|a| a.verb()));
            assert_eq!(plan.cost, cost, "{:?} against {actions:?}, {}", plan.actions, what());
            assert!(plan.is_optimal(), "{}", what());
            // The scenario, as anybody would apply it, does what the plan says.
            let overlay = apply(&asked.graph, &plan.actions).unwrap_or_else(|e| panic!("{e:?}, {}", what()));
            let mut overlay = overlay;
            overlay.extra_contexts.clone_from(&asked.base.extra_contexts);
            let after = radius(&asked.graph, &overlay, &asked.seeds, asked.settings, &Never).expect("nobody cancels");
            assert!(
                after.things().is_disjoint(&asked.protect.iter().copied().collect()),
                "{}",
                what()
            );
            assert_eq!(after.summary, plan.after.summary, "{}", what());
            let greedy = cut(&question, &Patience(Duration::ZERO));
            let Ok(Plan::Cut(greedy)) = greedy else {
                panic!("no greedy plan, {}", what())
            };
            assert!(greedy.lower_bound <= cost && greedy.cost >= cost, "{}", what());
            seen.greedy_gap += greedy.cost - cost;
            seen.greedy_worse += u64::from(greedy.cost > cost);
        }
        (Ok(Plan::Cut(plan)), None) => panic!("a cut where there is none: {:?}, {}", plan.actions, what()),
        (Ok(Plan::Impossible(why)), Some((cost, actions))) => {
            panic!("{}; but {actions:?} costs {cost}, {}", why.why, what())
        }
        (Err(stopped), best) => panic!("{stopped:?}; {best:?}, {}", what()),
    }
}

#[test]
fn a_cut_costs_what_trying_everything_finds() {
    let mut seen = Seen::default();
    for number in 0..cases() {
        check(&random::case(number), number, &mut seen);
    }
    assert!(seen.cuts > cases() / 10 && seen.impossible > cases() / 50, "{seen:?}");
    if cases() >= 3000 {
        assert_eq!(seen.verbs.len(), 15, "{seen:?}");
    }
}
