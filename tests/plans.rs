//! Plans against trying everything, on random small inventories.

mod oracle;

#[path = "plans/everything.rs"]
mod everything;

use everything::{Options, brute_force, loaded};
use oracle::random::{self, AS_OF, Case, Dice};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use trustmap::analysis::{
    Cancel, ChokeKind, ChokePoint, Never, choke_points, exposed_to, radius, rank, reached, resolve_seeds,
};
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph, World};
use trustmap::model::Yields;
use trustmap::plan::{Patience, Plan, Progress, Question, Standing, Verb, budget, containment, cut};
use trustmap::scenario::apply;

/// How many tiny cases to try.
fn cases() -> u64 {
    let asked = std::env::var("TRUSTMAP_CASES").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(3000)
}

/// Waits for a proof until a time: a few tiny cases keep the solver busy for hours, and then the bound is the answer.
struct Until(Instant);

impl Until {
    fn proof() -> Self {
        Self(Instant::now() + Duration::from_secs(3))
    }
}

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
    unproved: u64,
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
    match (cut(&question, &Until::proof()), best) {
        (Ok(Plan::Impossible(why)), None) => {
            seen.impossible += 1;
            assert!(!why.path.is_empty(), "{}", what());
        }
        (Ok(Plan::Cut(plan)), Some((cost, actions))) => {
            seen.cuts += 1;
            seen.verbs.extend(plan.actions.iter().map(|a| a.verb()));
            assert!(
                plan.lower_bound <= cost,
                "bound {}, {actions:?}, {}",
                plan.lower_bound,
                what()
            );
            if plan.is_optimal() {
                assert_eq!(plan.cost, cost, "{:?} against {actions:?}, {}", plan.actions, what());
            } else {
                assert!(plan.cost >= cost, "{:?} against {actions:?}, {}", plan.actions, what());
                seen.unproved += 1;
            }
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
    assert!(seen.unproved <= 1 + seen.cuts / 100, "{seen:?}");
    if cases() >= 3000 {
        assert_eq!(seen.verbs.len(), 16, "{seen:?}");
    }
}

#[test]
fn a_budget_plan_takes_off_what_trying_everything_finds() {
    let (mut seen, mut steps) = (0, 0);
    for number in 0..cases() / 3 {
        let case = random::case(number);
        let Some((asked, options)) = asked(&case, number) else {
            continue;
        };
        let k = 1 + (number % 3) as usize;
        let none = Overlay::default();
        let exposure = |overlay: &Overlay| {
            let ranking = rank(&asked.graph, overlay, asked.settings, &Never).expect("nobody cancels");
            ranking.exposure
        };
        let mut tried = 0;
        let mut least = exposure(&none);
        options.each(k, &mut |actions| {
            tried += 1;
            if let Ok(overlay) = apply(&asked.graph, actions) {
                least = least.min(exposure(&overlay));
            }
            tried < 800
        });
        if tried >= 800 {
            continue;
        }
        let patience = Patience(Duration::from_secs(60));
        let plan = budget(&asked.graph, &none, asked.settings, &asked.permits, k, &patience).expect("nobody cancels");
        let what = || {
            format!(
                "case {number}, {k} of {:?}, {}\nin {}",
                asked.permits, case.regime, case.inventory
            )
        };
        let after = plan.steps.last().map_or(plan.exposure, |step| step.exposure_after);
        assert!(plan.optimal && plan.steps.len() <= k, "{}", what());
        assert_eq!(after, least, "{:?}, {}", plan.steps, what());
        // Step by step it is what anybody would see who does it.
        let mut done = Vec::new();
        let mut before = exposure(&none);
        for step in &plan.steps {
            assert_eq!(step.exposure_before, before, "{}", what());
            done.push(step.action.clone());
            before = exposure(&apply(&asked.graph, &done).unwrap_or_else(|e| panic!("{e:?}, {}", what())));
            assert_eq!(step.exposure_after, before, "{}", what());
        }
        seen += 1;
        steps += plan.steps.len();
    }
    assert!(seen > cases() / 20 && steps as u64 > seen / 2, "{seen} {steps}");
}

/// Where there are too many choices to try them all, a budget plan begins with the action that takes most off by itself.
#[test]
fn a_budget_plan_begins_with_what_takes_most_off() {
    const STEPS: usize = 5;
    let (mut seen, mut looked) = (0, 0);
    for number in 0..cases() / 40 {
        let case = random::large_case(number, 24);
        let graph = TrustGraph::build(loaded(&case.inventory));
        let settings = Settings {
            as_of: AS_OF.parse().expect("a time"),
            regime: Regime::parse(case.regime).expect("a regime"),
        };
        // Actions that cannot be taken in part, so that what is chosen is what stands in the plan.
        let permits = BTreeSet::from([Verb::Revoke, Verb::DisableIdentity, Verb::RemoveGrant]);
        let exposure = |overlay: &Overlay| {
            let ranking = rank(&graph, overlay, settings, &Never).expect("nobody cancels");
            ranking.exposure
        };
        let (mut least, mut options) = (exposure(&Overlay::default()), 0);
        Options::of(&graph, settings, &permits).each(1, &mut |actions| {
            options += 1;
            if let Ok(overlay) = apply(&graph, actions) {
                least = least.min(exposure(&overlay));
            }
            true
        });
        // Twenty-five choose five is more than are all tried.
        if options < 25 {
            continue;
        }
        looked += 1;
        let patience = Patience(Duration::from_secs(60));
        let none = Overlay::default();
        let plan = budget(&graph, &none, settings, &permits, STEPS, &patience).expect("nobody cancels");
        // Where one is superfluous in the end it is left out, and that may be the first.
        if plan.steps.len() == STEPS {
            let first = plan.steps[0].exposure_after;
            assert_eq!(first, least, "case {number}, {:?}\n{}", plan.steps, case.inventory);
            seen += 1;
        }
    }
    assert!(seen * 4 > looked && seen as u64 > cases() / 400, "{seen} of {looked}");
}

/// What the estate loses without each thing and relation, one after the other.
fn one_by_one(graph: &TrustGraph, settings: Settings) -> Vec<ChokePoint> {
    let records = &graph.inventory().records;
    let rows = |overlay: &Overlay| {
        rank(graph, overlay, settings, &Never)
            .expect("nobody cancels")
            .credentials
    };
    let before = rows(&Overlay::default());
    let mut out = Vec::new();
    let mut look = |kind, id: &str, change: &dyn Fn(&mut Overlay)| {
        let mut overlay = Overlay::default();
        change(&mut overlay);
        let after = rows(&overlay);
        let (mut off, mut credentials) = (0, 0);
        for row in &before {
            let own = kind == ChokeKind::Credential && row.id == id;
            let left = after.iter().find(|r| r.id == row.id && !own).map_or(0, |r| r.weight);
            off += row.weight - left;
            credentials += u64::from(row.weight > left && !own);
        }
        if off > 0 {
            out.push(ChokePoint {
                kind,
                id: id.to_owned(),
                exposure_off: off,
                credentials,
            });
        }
    };
    for c in &records.credentials {
        look(ChokeKind::Credential, &c.id, &|overlay| {
            for (n, x) in records.exposures.iter().enumerate() {
                if matches!(&x.yields, Yields::Credential(id) if *id == c.id) {
                    overlay.exposures_removed.insert(n as u32);
                }
            }
        });
    }
    for (n, i) in records.identities.iter().enumerate() {
        look(ChokeKind::Identity, &i.id, &|overlay| {
            overlay.disabled.insert(n as u32);
        });
    }
    for (n, g) in records.grants.iter().enumerate() {
        look(ChokeKind::Grant, &g.name().to_string(), &|overlay| {
            overlay.grants.entry(n as u32).or_default().removed = true;
        });
    }
    for (n, x) in records.exposures.iter().enumerate() {
        look(ChokeKind::Exposure, &x.name().to_string(), &|overlay| {
            overlay.exposures_removed.insert(n as u32);
        });
    }
    for (n, x) in records.inherits.iter().enumerate() {
        look(ChokeKind::Inherit, &x.name().to_string(), &|overlay| {
            overlay.inherits.entry(n as u32).or_default().removed = true;
        });
    }
    for (n, t) in records.trusts.iter().enumerate() {
        look(ChokeKind::Trust, &t.name().to_string(), &|overlay| {
            overlay.trusts.entry(n as u32).or_default().removed = true;
        });
    }
    out.sort_by(|a, b| {
        b.exposure_off
            .cmp(&a.exposure_off)
            .then_with(|| (a.kind, &a.id).cmp(&(b.kind, &b.id)))
    });
    out
}

#[test]
fn choke_points_are_what_taking_away_one_by_one_finds() {
    let mut seen = 0;
    let small = (0..cases() / 3).map(random::case);
    for (number, case) in small
        .chain((0..cases() / 100).map(|n| random::large_case(n, 20)))
        .enumerate()
    {
        let graph = TrustGraph::build(loaded(&case.inventory));
        let settings = Settings {
            as_of: AS_OF.parse().expect("a time"),
            regime: Regime::parse(case.regime).expect("a regime"),
        };
        let naive = one_by_one(&graph, settings);
        let none = Overlay::default();
        for most in [1, 3, usize::MAX] {
            let enough = |certain: usize| certain >= most;
            let (found, all) = choke_points(&graph, &none, settings, &enough, &Never).expect("nobody cancels");
            // Whatever is given has its place; once enough are certain, no more are looked for.
            let expected = &naive[..found.len().min(naive.len())];
            assert_eq!(found, expected, "case {number}, {}\nin {}", case.regime, case.inventory);
            assert!(
                found.len() >= most.min(naive.len()),
                "case {number}: {most} are asked for"
            );
            assert!(!all || found.len() == naive.len(), "case {number}: it says that is all");
        }
        seen += naive.len();
        // Backwards is forwards, read the other way round.
        let credentials = rank(&graph, &none, settings, &Never)
            .expect("nobody cancels")
            .credentials;
        for s in 0..graph.inventory().records.systems.len() as u32 {
            let mut forwards: Vec<(u32, String)> = Vec::new();
            for row in &credentials {
                let alone = radius(&graph, &none, &[row.thing], settings, &Never).expect("nobody cancels");
                let there = alone.systems.iter().find(|x| x.reach.thing == Thing::System(s));
                forwards.extend(there.map(|x| (x.reach.hops, row.id.clone())));
            }
            forwards.sort();
            for most in [forwards.len(), 2] {
                let (backwards, all) =
                    exposed_to(&graph, &none, settings, Thing::System(s), most, &Never).expect("nobody cancels");
                assert!(backwards.iter().all(|x| x.hops > 0 && !x.records.is_empty()));
                assert_eq!(all, forwards.len() as u64, "case {number}");
                let backwards = backwards.into_iter().map(|x| (x.hops, x.credential));
                let first = forwards.iter().take(most).cloned();
                assert_eq!(
                    backwards.collect::<Vec<_>>(),
                    first.collect::<Vec<_>>(),
                    "case {number}"
                );
            }
        }
    }
    assert!(seen as u64 > cases() / 2, "{seen}");
}

#[test]
fn a_containment_only_shrinks_and_says_what_is_left() {
    let mut steps = 0;
    for number in 0..cases() / 6 {
        let case = random::case(number);
        let Some((asked, _)) = asked(&case, number) else {
            continue;
        };
        if !asked.base.extra_contexts.is_empty() {
            continue;
        }
        let patience = Patience(Duration::from_secs(60));
        let plan = containment(&asked.graph, &[], &asked.seeds, asked.settings, 6, &patience).expect("nobody cancels");
        let mut done = Vec::new();
        for step in &plan.steps {
            assert!(step.after.weight < step.before.weight, "case {number}");
            done.push(step.action.clone());
            let overlay = apply(&asked.graph, &done).expect("it applies");
            let now = radius(&asked.graph, &overlay, &asked.seeds, asked.settings, &Never).expect("nobody cancels");
            assert_eq!(now.summary, step.after, "case {number}");
        }
        let overlay = apply(&asked.graph, &done).expect("it applies");
        let now = radius(&asked.graph, &overlay, &asked.seeds, asked.settings, &Never).expect("nobody cancels");
        let left: Vec<String> = now.systems.iter().map(|s| s.reach.id.clone()).collect();
        assert_eq!(plan.residue, left, "case {number}");
        steps += plan.steps.len();
    }
    assert!(steps as u64 > cases() / 30, "{steps}");
}

/// The estate among the samples: its cheapest cuts bind a token to a context and break flows that are idle and would
/// otherwise be at risk, which no random case is large enough to need.
#[test]
fn the_estates_cut_breaks_what_is_idle_sooner_than_put_it_at_risk() {
    use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-inventories/estate.json");
    let loaded = load_sources(&[Source::Path(path.into())], &LoadOptions::default(), &Unheard).expect("it loads");
    let settings = Settings {
        as_of: loaded.inventory.as_of.expect("it states its time"),
        regime: Regime::WorstCase,
    };
    let graph = TrustGraph::build(loaded.inventory);
    let mut base = Overlay::default();
    let seeds = resolve_seeds(&graph, &mut base, &["gha-release".to_owned()]).expect("it is there");
    let question = Question {
        graph: &graph,
        base: &base,
        settings,
        protect: trustmap::plan::crown_jewels(&graph),
        seeds,
        permits: Verb::all_for(false).into_iter().collect(),
    };
    let Ok(Plan::Cut(plan)) = cut(&question, &Patience(Duration::from_secs(60))) else {
        panic!("there is a cut");
    };
    assert_eq!((plan.cost, plan.lower_bound), (36, 36));
    // The price is that of what the plan itself says it breaks and puts at risk.
    let broken: u64 = plan.broken_flows.iter().map(trustmap::plan::price).sum();
    let at_risk = trustmap::plan::AT_RISK_COST * plan.at_risk.len() as u64;
    assert_eq!(plan.cost, plan.actions.len() as u64 + broken + at_risk);
    let overlay = apply(&graph, &plan.actions).expect("it applies");
    let left = reached(World::new(&graph, &overlay, settings), &question.seeds, &Never).expect("nobody cancels");
    assert!(question.protect.iter().all(|t| !left.things.contains(t)));
}
