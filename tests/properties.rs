//! The program against the oracle, on thousands of random cases. `TRUSTMAP_CASES` says how many; a failure prints the
//! smallest case that still fails.

mod oracle;

#[path = "properties/product.rs"]
mod product;

use oracle::random::{self, AS_OF, Case};
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
