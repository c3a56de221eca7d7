//! The program against the oracle, on thousands of random cases. `TRUSTMAP_CASES` says how many; a failure prints the
//! smallest case that still fails.

mod oracle;

#[path = "properties/product.rs"]
mod product;

use oracle::random::{self, AS_OF, Case, Dice};
use serde_json::Value;

/// How many tiny cases to try.
fn cases() -> u64 {
    let asked = std::env::var("TRUSTMAP_CASES").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(4000)
}

/// Where two documents first differ, by JSON pointer, with what each says there.
fn difference(ours: &Value, theirs: &Value, at: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            names.into_iter().find_map(|name| {
                let none = Value::Null;
                let (x, y) = (a.get(name).unwrap_or(&none), b.get(name).unwrap_or(&none));
                difference(x, y, &format!("{at}/{name}"))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(n, (x, y))| difference(x, y, &format!("{at}/{n}")))
        }
        _ if ours == theirs => None,
        _ => Some(format!(
            "at {at} the program says\n{ours:#}\nand the oracle\n{theirs:#}"
        )),
    }
}

/// What the two disagree about in one case.
fn disagreement(case: &Case) -> Option<String> {
    let scenario = case.scenario.as_ref();
    let theirs = oracle::radius(&case.inventory, &case.seeds, scenario, case.regime, AS_OF);
    let ours = product::radius(&case.inventory, &case.seeds, scenario, case.regime, AS_OF);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => difference(&ours, &theirs, ""),
        (Err(ours), Err(theirs)) => {
            let mut places: Vec<usize> = theirs.iter().map(|(place, _)| *place).collect();
            places.dedup();
            (ours != places).then(|| format!("the program refuses actions {ours:?}, the oracle {theirs:?}"))
        }
        (Err(ours), Ok(_)) => Some(format!("the program refuses actions {ours:?}, the oracle none")),
        (Ok(_), Err(theirs)) => Some(format!("the oracle refuses {theirs:?}, the program nothing")),
    }
}

/// Fails with the smallest case found on which `wrong` still has something to say.
fn report(name: &str, case: Case, wrong: &dyn Fn(&Case) -> Option<String>) {
    let small = oracle::shrink::shrink(case, &|c| wrong(c).is_some());
    let why = wrong(&small).unwrap_or_default();
    panic!(
        "{name}: {why}\nin {}\nseeds {:?}, {}, scenario {}",
        small.inventory,
        small.seeds,
        small.regime,
        small.scenario.unwrap_or_default(),
    );
}

fn check(name: &str, numbers: impl Iterator<Item = Case>, wrong: &dyn Fn(&Case) -> Option<String>) {
    for (n, case) in numbers.enumerate() {
        if wrong(&case).is_some() {
            report(&format!("{name}, case {n}"), case, wrong);
        }
    }
}

#[test]
fn tiny_inventories() {
    check("tiny", (0..cases()).map(random::case), &disagreement);
}

#[test]
fn larger_inventories() {
    let sizes = [(20, cases() / 20), (60, cases() / 200), (200, cases() / 1000)];
    for (most, count) in sizes {
        check(
            &format!("up to {most}"),
            (0..count).map(|n| random::large_case(n, most)),
            &disagreement,
        );
    }
}

/// Analysing graph and overlay equals analysing the graph built from the edited inventory. Rotation and isolation are
/// left out, since no field of the format can say either.
#[test]
fn a_scenario_over_the_graph_is_the_edited_inventory() {
    let wrong = |case: &Case| {
        let scenario = case.scenario.as_ref()?;
        let actions = oracle::scenario::actions(scenario);
        let marks = |a: &Value| matches!(a["action"].as_str(), Some("rotate" | "isolate"));
        if actions.iter().any(marks) {
            return None;
        }
        let inventory = oracle::names::stamped(&oracle::merge(&[("", case.inventory.clone())]).document);
        let edited = oracle::apply_scenario(&inventory, actions, oracle::world::time(AS_OF)).ok()?;
        let over = product::radius(&inventory, &case.seeds, Some(scenario), case.regime, AS_OF).ok()?;
        let into = product::radius(&edited.document, &case.seeds, None, case.regime, AS_OF).ok()?;
        difference(&over["after"], &into["before"], "/after")
    };
    check("edited", (0..cases()).map(random::case), &wrong);
}

#[test]
fn ranks() {
    let wrong = |case: &Case| {
        let scenario = case.scenario.as_ref();
        let theirs = oracle::report::rank(&case.inventory, scenario, case.regime, AS_OF).ok();
        let ours = product::rank(&case.inventory, scenario, case.regime, AS_OF);
        difference(&ours.into(), &theirs.into(), "")
    };
    check("rank", (0..cases() / 4).map(random::case), &wrong);
    check(
        "rank up to 30",
        (0..cases() / 200).map(|n| random::large_case(n, 30)),
        &wrong,
    );
}

/// What several files give, the way they are dealt being part of the case.
fn merged_otherwise(case: &Case, conflicts: bool) -> Option<String> {
    let mut dice = Dice::new(11);
    let count = dice.between(1, 4);
    let files = oracle::split::split(&case.inventory, count, conflicts, &mut dice);
    let named: Vec<(&str, Value)> = files.iter().map(|f| ("part", f.clone())).collect();
    let theirs = oracle::merge(&named);
    let (ours, names, conflict, error) = product::merged(&files);
    // Lists are sets; once more through the oracle, both stand in one order.
    let ours = oracle::merge(&[("", ours)]).document;
    let all = oracle::names::names(&theirs.document);
    let kinds = oracle::doc::RELATIONS.iter().flat_map(|kind| all[*kind].clone());
    difference(&ours, &theirs.document, "")
        .or_else(|| difference(&names.into(), &kinds.collect::<Vec<_>>().into(), "names"))
        .or_else(|| (conflict == theirs.conflicts.is_empty()).then(|| format!("conflicts {:?}", theirs.conflicts)))
        .or_else(|| (error == theirs.errors.is_empty()).then(|| format!("errors {:?}", theirs.errors)))
        .map(|why| format!("{why}\nfiles {}", Value::from(files)))
}

#[test]
fn several_files_are_merged_alike() {
    let cases = || (0..cases()).map(random::case);
    check("in parts", cases(), &|case| merged_otherwise(case, false));
    check("in conflict", cases(), &|case| merged_otherwise(case, true));
}

/// Every pattern of a few characters against every other.
#[test]
fn the_algebra_of_scopes() {
    use trustmap::model::scope;
    let letters = ["a", "B", "b", "*"];
    let mut patterns = vec![String::new()];
    for length in 1..=4 {
        let longest: Vec<String> = patterns.iter().filter(|p| p.len() == length - 1).cloned().collect();
        patterns.extend(
            longest
                .iter()
                .flat_map(|p| letters.iter().map(move |l| format!("{p}{l}"))),
        );
    }
    for p in &patterns {
        for q in &patterns {
            assert_eq!(scope::covers(p, q), oracle::scope::covers(p, q), "{p} covers {q}");
            assert_eq!(scope::overlaps(p, q), oracle::scope::overlaps(p, q), "{p} overlaps {q}");
        }
    }
    let mut dice = Dice::new(5);
    for _ in 0..100_000 {
        let [p, q, k, r, e] = std::array::from_fn(|_| dice.pick(&patterns).clone());
        let both = scope::Scope::of(&p).meet(&q);
        let theirs = oracle::scope::meet(&oracle::scope::one(&p), &q);
        assert_eq!(
            both.as_ref().map(ToString::to_string),
            theirs.as_ref().map(oracle::scope::scope_text),
            "{p} {q}"
        );
        let (Some(both), Some(theirs)) = (both, theirs) else {
            continue;
        };
        let three = both.meet(&k).map(|m| m.to_string());
        let expected = oracle::scope::meet(&theirs, &k).map(|m| oracle::scope::scope_text(&m));
        assert_eq!(three, expected, "{p} {q} {k}");
        let except = oracle::scope::one(&e);
        assert_eq!(
            scope::blocks(&[e.as_str().into()], &both),
            oracle::scope::blocks(&except, &theirs),
            "{p} {q} {e}"
        );
        let allowed = scope::Allowed {
            scope: both,
            except: vec![e.as_str().into()],
        };
        let satisfied = oracle::scope::satisfies(&theirs, &except, &r);
        assert_eq!(allowed.satisfies(&r), satisfied, "{p} & {q} less {e} satisfies {r}");
    }
}
