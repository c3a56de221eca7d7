//! The compact engine: exact to the rules on random inventories, and its counts equal to plain search on random cores.

mod oracle;

use oracle::random::{self, AS_OF, Case};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use trustmap::analysis::reach::{
    Backward, Core, Cut, Draft, How, NO_CLASS, Standing, chokes, compile, cut_between, losses, radii, radii_of,
    score_candidates,
};
use trustmap::analysis::{Never, radius, resolve_seeds};
use trustmap::graph::{Opened, Overlay, Regime, Scratch, Settings, Thing, TrustGraph, World};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::scenario::{Flows, Foresight, preview};

/// How many small cases to try.
fn cases() -> u64 {
    let asked = std::env::var("TRUSTMAP_CASES").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(4000)
}

/// Splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) % n.max(1) as u64) as usize
    }
}

/// A random draft in which chains, cycles, doors behind doors and keys behind doors all occur.
fn draft(dice: &mut Dice, most: usize) -> Draft {
    let n = 2 + dice.below(most);
    let keys = dice.below(6);
    let mut nodes: Vec<u32> = (0..n as u32).collect();
    for i in (1..n).rev() {
        nodes.swap(i, dice.below(i + 1));
    }
    let keys = keys.min(n);
    let deep = dice.below(2) == 0;
    let end = |dice: &mut Dice, from: usize| {
        if deep && from + 1 < n {
            (from + 1 + dice.below(4)).min(n - 1) as u32
        } else {
            dice.below(n) as u32
        }
    };
    let density = 1 + dice.below(3);
    let mut out = Draft {
        class: (0..n)
            .map(|_| {
                if dice.below(3) == 0 {
                    dice.below(4) as u8
                } else {
                    NO_CLASS
                }
            })
            .collect(),
        key_nodes: nodes[..keys].to_vec(),
        ..Draft::default()
    };
    for _ in 0..n * density / 2 {
        let from = dice.below(n);
        out.edges.push((from as u32, end(dice, from)));
    }
    for _ in 0..1 + dice.below(5) {
        let mut clause: Vec<u32> = (0..keys as u32).filter(|_| dice.below(3) == 0).collect();
        clause.sort_unstable();
        out.clauses.push(clause);
    }
    for _ in 0..dice.below(n) {
        let from = dice.below(n);
        let head = end(dice, from);
        out.doors
            .push((from as u32, head, dice.below(out.clauses.len()) as u32));
    }
    out
}

#[test]
fn counts_equal_plain_search_on_random_cores() {
    for number in 0..cases() * 5 {
        let mut dice = Dice(number);
        let most = [6, 12, 40, 120][dice.below(4)];
        let draft = draft(&mut dice, most);
        let cap = 1 + dice.below(6);
        let core = Core::build(draft.clone());
        let how = How {
            cap: Some(cap),
            most_openings: [None, Some(0), Some(3)][dice.below(3)],
        };
        let all = radii_of(&core, None, how, &Never).expect("nobody cancels");
        for node in 0..core.len() as u32 {
            let expected = core.count(&core.reach(&[node]));
            assert_eq!(all.of(node), expected, "case {number}, node {node}, {how:?}, {draft:?}");
        }
        assert_eq!(radii(&core, &Never).map(|r| r.of(0)), Ok(all.of(0)), "case {number}");
    }
}

/// Plain search is held against the rules as they are written: an edge, or a door and one of its keys.
#[test]
fn plain_search_is_the_least_closed_set() {
    for number in 0..cases() {
        let mut dice = Dice(number);
        let draft = draft(&mut dice, 20);
        let core = Core::build(draft.clone());
        let seed = dice.below(draft.class.len()) as u32;
        let mut known = BTreeSet::from([seed]);
        loop {
            let opens = |known: &BTreeSet<u32>, clause: u32| {
                let keys = &draft.clauses[clause as usize];
                keys.iter().any(|&k| known.contains(&draft.key_nodes[k as usize]))
            };
            let edges = draft.edges.iter().filter(|e| known.contains(&e.0)).map(|e| e.1);
            let doors = draft
                .doors
                .iter()
                .filter(|d| known.contains(&d.0) && opens(&known, d.2))
                .map(|d| d.1);
            let new: Vec<u32> = edges.chain(doors).filter(|to| !known.contains(to)).collect();
            if new.is_empty() {
                break;
            }
            known.extend(new);
        }
        let found: BTreeSet<u32> = core.reach(&[core.node(seed)]).into_iter().collect();
        let expected: BTreeSet<u32> = known.iter().map(|&node| core.node(node)).collect();
        assert_eq!(found, expected, "case {number}, {draft:?}");
    }
}

fn graph_of(case: &Case) -> TrustGraph {
    let source = Source::Bytes {
        name: "case.json".to_owned(),
        bytes: case.inventory.to_string().into_bytes().into(),
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("the case loads");
    TrustGraph::build(Arc::clone(&loaded.inventory))
}

/// The things reached by the core are those the rules reach, under every regime, with and without the scenario.
fn check_exact(number: u64, case: &Case) {
    let graph = graph_of(case);
    let mut overlays = vec![Overlay::default()];
    if let Some(scenario) = &case.scenario
        && let Ok((_, overlay)) = trustmap::scenario::read(&graph, &scenario.to_string())
    {
        overlays.push(overlay);
    }
    for mut overlay in overlays {
        let Ok(seeds) = resolve_seeds(&graph, &mut overlay, &case.seeds) else {
            continue;
        };
        for regime in [Regime::WorstCase, Regime::BestCase, Regime::Intended] {
            let settings = Settings {
                as_of: AS_OF.parse().expect("a time"),
                regime,
            };
            let world = World::new(&graph, &overlay, settings);
            let compiled = compile(world, &Never).expect("nobody cancels");
            let things = compiled.things();
            let start = compiled.start(world, &seeds);
            let mut found: BTreeSet<Thing> = compiled
                .core
                .reach(&start)
                .into_iter()
                .filter_map(|node| things[node as usize])
                .collect();
            let radius = radius(&graph, &overlay, &seeds, settings, &Never).expect("nobody cancels");
            let mut expected = radius.things();
            for seed in &seeds {
                found.remove(seed);
                expected.remove(seed);
            }
            assert_eq!(
                found, expected,
                "case {number}, {regime:?}, {overlay:?}\n{}",
                case.inventory
            );
        }
    }
}

#[test]
fn a_core_says_what_the_rules_say() {
    for number in 0..cases() {
        check_exact(number, &random::case(number));
    }
    for number in 0..cases() / 40 {
        check_exact(number, &random::large_case(number, 30));
    }
}

/// What is lost with each node, against searching without it.
#[test]
fn chokes_equal_search_without_the_node() {
    for number in 0..cases() {
        let mut dice = Dice(number);
        let draft = draft(&mut dice, 30);
        let core = Core::build(draft.clone());
        let start: Vec<u32> = (0..1 + dice.below(2)).map(|_| dice.below(core.len()) as u32).collect();
        let all = core.reach(&start);
        let total = core.count(&all);
        let chokes = chokes(&core, &start, &Never).expect("nobody cancels");
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(chokes.nodes, sorted, "case {number}");
        for (&node, lost) in chokes.nodes.iter().zip(&chokes.lost) {
            let mut gone = vec![false; core.len()];
            gone[node as usize] = true;
            let left = core.count(&core.reach_without(&start, &gone));
            let expected: [u32; 4] = std::array::from_fn(|n| total[n] - left[n]);
            assert_eq!(*lost, expected, "case {number}, without {node}, {start:?}, {draft:?}");
        }
    }
}

#[test]
fn losses_are_the_sum_of_chokes() {
    for number in 0..cases() / 10 {
        let mut dice = Dice(number);
        let core = Core::build(draft(&mut dice, 30));
        let sources: Vec<u32> = (0..core.len() as u32).filter(|n| n % 2 == 0).collect();
        let mut expected = vec![[0.0; 4]; core.len()];
        for &source in &sources {
            let one = chokes(&core, &[source], &Never).expect("nobody cancels");
            for (node, lost) in one.nodes.iter().zip(&one.lost) {
                for (a, b) in expected[*node as usize].iter_mut().zip(lost) {
                    *a += f64::from(*b);
                }
            }
        }
        let losses = losses(&core, &sources, 1_000_000, &Never).expect("nobody cancels");
        assert!(losses.exact, "case {number}");
        assert_eq!(losses.lost, expected, "case {number}");
    }
}

/// What a cut takes away, found by deleting and deriving again, and by lanes, against searching the graph without it.
#[test]
fn what_ifs_equal_full_recomputation() {
    for number in 0..cases() * 2 {
        let mut dice = Dice(number);
        let most = [8, 40, 300][dice.below(3)];
        let draft = draft(&mut dice, most);
        let core = Core::build(draft.clone());
        let back = Backward::of(&core);
        let start = [dice.below(core.len()) as u32, dice.below(core.len()) as u32];
        let mut standing = Standing::new(&core, &back, &start);
        let edges: Vec<(u32, u32)> = (0..core.len() as u32)
            .flat_map(|n| core.successors(n).iter().map(move |&to| (n, to)))
            .collect();
        let doors: Vec<(u32, u32)> = (0..core.len() as u32)
            .flat_map(|n| core.doors_of(n).iter().map(move |door| (n, door.head)))
            .collect();
        let cuts: Vec<Cut> = (0..8)
            .map(|_| {
                let mut cut = Cut::default();
                for _ in 0..1 + dice.below(2) {
                    match dice.below(3) {
                        0 => cut.nodes.push(dice.below(core.len()) as u32),
                        1 if !edges.is_empty() => cut.edges.push(edges[dice.below(edges.len())]),
                        _ if !doors.is_empty() => cut.doors.push(doors[dice.below(doors.len())]),
                        _ => {}
                    }
                }
                cut
            })
            .collect();
        let scores = score_candidates(&standing, &cuts, &Never).expect("nobody cancels");
        for (cut, score) in cuts.iter().zip(scores) {
            let mut without = draft.clone();
            let gone = |n: u32| cut.nodes.contains(&core.node(n));
            without
                .edges
                .retain(|&(a, b)| !gone(a) && !gone(b) && !cut.edges.contains(&(core.node(a), core.node(b))));
            without
                .doors
                .retain(|&(a, b, _)| !gone(a) && !gone(b) && !cut.doors.contains(&(core.node(a), core.node(b))));
            let other = Core::build(without);
            let back_to: Vec<u32> = numbers(&other, &core, draft.class.len());
            let seeds: Vec<u32> = (0..draft.class.len() as u32)
                .filter(|&n| start.contains(&core.node(n)) && !gone(n))
                .map(|n| other.node(n))
                .collect();
            let left: BTreeSet<u32> = other.reach(&seeds).into_iter().map(|n| back_to[n as usize]).collect();
            let expected: Vec<u32> = {
                let mut all = core.reach(&start);
                all.sort_unstable();
                all.into_iter().filter(|n| !left.contains(n)).collect()
            };
            let lost = standing.lost(cut);
            assert_eq!(lost, expected, "case {number}, {start:?}, {cut:?}, {draft:?}");
            assert_eq!(
                score,
                core.count(&expected),
                "case {number}, {start:?}, {cut:?}, {draft:?}"
            );
        }
    }
}

/// From one core's numbers to another's, both of the same maker.
fn numbers(from: &Core, to: &Core, n: usize) -> Vec<u32> {
    let mut out = vec![0; n];
    for node in 0..n as u32 {
        out[from.node(node) as usize] = to.node(node);
    }
    out
}

/// What a scenario takes from a core, said as a cut, is what the rules say; and most scenarios can be said so.
#[test]
fn scenarios_as_cuts() {
    let (mut said, mut all) = (0, 0);
    for number in 0..cases() {
        let case = random::case(number);
        let graph = graph_of(&case);
        let Some(text) = case.scenario.as_ref().map(ToString::to_string) else {
            continue;
        };
        let Ok((scenario, mut after)) = trustmap::scenario::read(&graph, &text) else {
            continue;
        };
        let Ok(seeds) = resolve_seeds(&graph, &mut after, &case.seeds) else {
            continue;
        };
        let nothing = Overlay {
            extra_contexts: after.extra_contexts.clone(),
            ..Overlay::default()
        };
        for regime in [Regime::WorstCase, Regime::BestCase, Regime::Intended] {
            let settings = Settings {
                as_of: AS_OF.parse().expect("a time"),
                regime,
            };
            let before = World::new(&graph, &nothing, settings);
            let compiled = compile(before, &Never).expect("nobody cancels");
            let back = Backward::of(&compiled.core);
            let later = World::new(&graph, &after, settings);
            all += 1;
            let Some(cut) = cut_between(&compiled, &back, before, later, &seeds) else {
                continue;
            };
            said += 1;
            let start = compiled.start(before, &seeds);
            let lost = Standing::new(&compiled.core, &back, &start).lost(&cut);
            let things = compiled.things();
            let is_left = |node: &u32| lost.binary_search(node).is_err();
            let reached = compiled.core.reach(&start);
            let left: BTreeSet<Thing> = reached
                .into_iter()
                .filter(is_left)
                .filter_map(|n| things[n as usize])
                .collect();
            let radius = radius(&graph, &after, &seeds, settings, &Never).expect("nobody cancels");
            let mut expected = radius.things();
            expected.extend(seeds.iter().copied());
            let mut left = left;
            left.extend(seeds.iter().copied());
            assert_eq!(
                left, expected,
                "case {number}, {regime:?}, {after:?}\n{}",
                case.inventory
            );
            if regime == Regime::WorstCase && scenario.actions.len() == 1 {
                let seen = Foresight::new(&graph, &[], &nothing, &seeds, settings, &Never).expect("nobody cancels");
                let scores = seen.scores(&scenario.actions, &Never).expect("nobody cancels");
                assert_eq!(scores, [Some(compiled.core.count(&lost))], "case {number}");
            }
        }
    }
    assert!(said * 2 > all, "{said} of {all}");
}

/// A preview from what is kept at hand says what a preview from the beginning says, to the last number.
#[test]
fn previews_equal_derivation_from_the_beginning() {
    let mut kept = 0;
    for number in 0..cases() {
        let case = if number % 20 == 0 {
            random::large_case(number, 12)
        } else {
            random::case(number)
        };
        let graph = graph_of(&case);
        let Some(text) = case.scenario.as_ref().map(ToString::to_string) else {
            continue;
        };
        let Ok((scenario, mut overlay)) = trustmap::scenario::read(&graph, &text) else {
            continue;
        };
        let Ok(seeds) = resolve_seeds(&graph, &mut overlay, &case.seeds) else {
            continue;
        };
        let Some((last, first)) = scenario.actions.split_last() else {
            continue;
        };
        let Ok(mut before) = trustmap::scenario::apply(&graph, first) else {
            continue;
        };
        before.extra_contexts.clone_from(&overlay.extra_contexts);
        let settings = Settings {
            as_of: AS_OF.parse().expect("a time"),
            regime: [Regime::WorstCase, Regime::BestCase, Regime::Intended][number as usize % 3],
        };
        let now = radius(&graph, &before, &seeds, settings, &Never).expect("nobody cancels");
        let flows = Flows::of(World::new(&graph, &before, settings));
        let foresight = Foresight::of_radius(&graph, first, &now, &Never).expect("nobody cancels");
        let mut previews = foresight.previews(&now, &flows);
        let ours = previews.of(last, &Never);
        let theirs = preview(&graph, first, last, &now, &flows, &Never);
        kept += usize::from(previews.is_kept());
        assert_eq!(
            format!("{ours:?}"),
            format!("{theirs:?}"),
            "case {number}, {seeds:?}, {scenario:?}\n{}",
            case.inventory
        );
    }
    assert!(kept > 100, "{kept}");
}

/// A pattern of an act, or of an act and a thing, such as platforms write them and as nobody should.
fn pattern(dice: &mut Dice, stars: bool) -> String {
    let acts = [
        "iam:pass",
        "IAM:Pass",
        "iam:passrole",
        "iam:put",
        "lambda:run",
        "",
        "a@b",
    ];
    let starred = [
        "*", "iam:*", "iam:p*", "*:pass", "i*m:p*s", "lambda:*", "*@*", "iam:put*",
    ];
    let things = ["r/one", "R/One", "r/two", "r/one/x", "", "x@y"];
    let starred_things = ["*", "r/*", "*/one", "r/o*", "r/*/x", "*@*"];
    let pick = |dice: &mut Dice, plain: &[&str], starred: &[&str]| {
        let list = if stars && dice.below(2) == 0 { starred } else { plain };
        list[dice.below(list.len())].to_owned()
    };
    let act = pick(dice, &acts, &starred);
    if dice.below(4) == 0 {
        return act;
    }
    format!("{act}@{}", pick(dice, &things, &starred_things))
}

/// What is looked up of the inherits without `from` is what holding each of them against each allowance finds.
#[test]
fn inherits_without_from_are_found_by_what_is_allowed() {
    let (mut proven, mut together) = (0, 0);
    for number in 0..cases() {
        let mut dice = Dice(number ^ 0x0be9);
        let list = |dice: &mut Dice, most: usize, stars: bool| -> Vec<String> {
            (0..1 + dice.below(most)).map(|_| pattern(dice, stars)).collect()
        };
        let grants: Vec<_> = (0..2 + dice.below(5))
            .map(|g| {
                let except = if dice.below(4) == 0 { list(&mut dice, 2, true) } else { Vec::new() };
                json!({"id": format!("g{g}"), "holder": format!("i{}", dice.below(2)), "system": format!("s{}", dice.below(2)),
                    "scopes": list(&mut dice, 3, true), "except": except})
            })
            .collect();
        let inherits: Vec<_> = (0..1 + dice.below(8))
            .map(|n| {
                let stars = dice.below(5) == 0;
                let all: Vec<_> = list(&mut dice, 3, stars)
                    .into_iter()
                    .map(|scope| json!({"system": format!("s{}", dice.below(4) / 3), "scope": scope}))
                    .collect();
                let mut inherit = json!({"id": format!("n{n}"), "to": "i2", "requires_all": all});
                if dice.below(6) == 0 {
                    inherit["audiences"] = json!(["aud"]);
                }
                inherit
            })
            .collect();
        let inventory = json!({"format": "trustmap-inventory", "version": 1,
            "systems": [{"id": "s0"}, {"id": "s1"}], "identities": [{"id": "i0"}, {"id": "i1"}, {"id": "i2"}],
            "grants": grants, "inherits": inherits});
        let case = Case {
            inventory,
            seeds: Vec::new(),
            scenario: None,
            regime: "worst-case",
        };
        let graph = graph_of(&case);
        let (open, known) = (graph.open_inherits(), graph.allowances());
        let records = &graph.inventory().records;
        let system = |id: &str| u32::from(id == "s1");
        let asks = |n: usize| records.inherits[n].audiences.is_some();
        // Each allowance by itself.
        for (s, a) in (0..2).flat_map(|s| (0..known.len() as u32).map(move |a| (s, a))) {
            let allowed = known.get(a).expect("it is there");
            let alone: Vec<u32> = (0..records.inherits.len())
                .filter(|&n| {
                    let all = &mut records.inherits[n].requires_all.iter();
                    !asks(n) && all.all(|q| system(&q.system) == s && allowed.satisfies(&q.scope))
                })
                .map(|n| n as u32)
                .collect();
            let opened = open.opened_by(&graph, s, allowed, &mut Scratch::default());
            assert_eq!(
                opened.proven, alone,
                "case {number}, {allowed} at s{s}, {}",
                case.inventory
            );
            proven += alone.len();
            if let Some(list) = open.find(s, a) {
                assert_eq!(
                    (open.proven(list), open.begun(list)),
                    (&*opened.proven, &*opened.begun),
                    "case {number}"
                );
            } else {
                let has = |g: usize| system(&records.grants[g].system) == s && known.given(g as u32).contains(&a);
                let empty = opened == Opened::default();
                assert!(
                    empty || !(0..records.grants.len()).any(has),
                    "case {number}: nobody looked {allowed} up"
                );
            }
        }
        // What a holder has, together.
        for holder in ["i0", "i1"] {
            let has: Vec<(u32, u32)> = (0..records.grants.len() as u32)
                .filter(|&g| records.grants[g as usize].holder == holder)
                .flat_map(|g| known.given(g).iter().map(move |&a| (g, a)))
                .map(|(g, a)| (system(&records.grants[g as usize].system), a))
                .collect();
            let proves = |s: u32, scope: &str| {
                let all = &mut has.iter();
                all.any(|&(t, a)| t == s && known.get(a).is_some_and(|allowed| allowed.satisfies(scope)))
            };
            let theirs: BTreeSet<u32> = (0..records.inherits.len() as u32)
                .filter(|&n| {
                    let all = &mut records.inherits[n as usize].requires_all.iter();
                    all.all(|q| proves(system(&q.system), &q.scope))
                })
                .collect();
            let lists: Vec<u32> = has.iter().filter_map(|&(s, a)| open.find(s, a)).collect();
            let alone: BTreeSet<u32> = lists.iter().flat_map(|&list| open.proven(list)).copied().collect();
            let begun = lists.iter().flat_map(|&list| open.begun(list)).copied();
            let done = |n: &u32| {
                open.wants(*n).iter().all(|&need| {
                    let (s, text) = open.need(need);
                    proves(s, text)
                })
            };
            let ours: BTreeSet<u32> = alone.iter().copied().chain(begun.filter(done)).collect();
            assert_eq!(ours, theirs, "case {number}, {holder}, {}", case.inventory);
            together += ours.difference(&alone).count();
        }
    }
    assert!(
        proven > 1000 && together > 300,
        "{proven} by one allowance, {together} by several"
    );
}

/// A scenario that requires more of an inherit without `from` takes it from those who lack that, and from nobody else.
#[test]
fn an_inherit_without_from_may_ask_for_more() {
    let inventory = json!({"format": "trustmap-inventory", "version": 1,
        "systems": [{"id": "s"}, {"id": "t"}],
        "identities": [{"id": "all"}, {"id": "one"}, {"id": "to"}],
        "credentials": [{"id": "key", "identity": "all"}, {"id": "other", "identity": "one"}, {"id": "behind", "identity": "to"}],
        "grants": [
            {"holder": "all", "system": "s", "scopes": ["*"]},
            {"holder": "one", "system": "s", "scopes": ["go"]},
            {"holder": "to", "system": "t", "scopes": ["*"]}],
        "inherits": [{"id": "n", "to": "to", "how": "impersonation", "requires_all": [{"system": "s", "scope": "go"}]}]});
    for (seed, is_left) in [("all", true), ("key", true), ("one", false), ("other", false)] {
        let case = Case {
            inventory: inventory.clone(),
            seeds: vec![seed.to_owned()],
            scenario: Some(
                json!({"format": "trustmap-scenario", "version": 1, "actions": [{"action": "narrow-inherit", "inherit": "n",
                "requires_all": [{"system": "s", "scope": "stay"}]}]}),
            ),
            regime: "worst-case",
        };
        check_exact(0, &case);
        let graph = graph_of(&case);
        let text = case.scenario.as_ref().map(ToString::to_string).unwrap_or_default();
        let (_, mut after) = trustmap::scenario::read(&graph, &text).expect("it is read");
        let seeds = resolve_seeds(&graph, &mut after, &case.seeds).expect("it is there");
        let settings = Settings {
            as_of: AS_OF.parse().expect("a time"),
            regime: Regime::WorstCase,
        };
        let t = graph.find("t").expect("it is there");
        let reaches = |overlay: &Overlay| {
            let radius = radius(&graph, overlay, &seeds, settings, &Never).expect("nobody cancels");
            radius.things().contains(&t)
        };
        let nothing = Overlay::default();
        assert!(reaches(&nothing) && reaches(&after) == is_left, "{seed}");
        let before = World::new(&graph, &nothing, settings);
        let compiled = compile(before, &Never).expect("nobody cancels");
        let back = Backward::of(&compiled.core);
        let cut = cut_between(&compiled, &back, before, World::new(&graph, &after, settings), &seeds);
        assert_eq!(cut, None, "who may still go it cannot be said by taking away, {seed}");
    }
}
