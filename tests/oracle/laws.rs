//! The laws of the trust model, as questions about one case: `None` where the law holds, else what breaks it.

use super::fact::Fact;
use super::merge::merge;
use super::random::{AS_OF, Case, Dice};
use super::report::{Laid, closure, radius_laid};
use super::scenario::{actions, overlay};
use super::scope::implied;
use super::split::split;
use super::world::{Overlay, Regime, Way, World, time};
use serde_json::Value;
use std::collections::BTreeSet;

/// The first fact of `small` that is neither in `large` nor implied by one of it.
fn not_implied(small: &BTreeSet<Fact>, large: &BTreeSet<Fact>) -> Option<String> {
    let follows = |fact: &Fact| match fact {
        Fact::Access(s, m, e) => large.iter().any(|f| match f {
            Fact::Access(t, by_m, by_e) => s == t && implied(m, e, by_m, by_e),
            _ => false,
        }),
        // "a weaker way of holding is implied by a stronger"
        Fact::Holds(c, Way::Old) => large.contains(&Fact::Holds(c.clone(), Way::Copy)),
        Fact::Accepted(c, Way::Old, s) => large.contains(&Fact::Accepted(c.clone(), Way::Copy, s.clone())),
        _ => false,
    };
    small
        .iter()
        .find(|f| !large.contains(*f) && !follows(f))
        .map(Fact::text)
}

fn world(case: &Case) -> World {
    World::read(
        &merge(&[("", case.inventory.clone())]).document,
        time(AS_OF),
        Overlay::default(),
    )
}

/// "Regimes nest (intended, best-case, worst-case)", up to implication.
pub fn regimes_nest(case: &Case) -> Option<String> {
    let mut world = world(case);
    if let Some(scenario) = &case.scenario {
        world.overlay = overlay(&world, actions(scenario)).ok()?;
    }
    let facts = |regime| closure(&world, &case.seeds, regime).0;
    let (intended, best, worst) = (
        facts(Regime::Intended),
        facts(Regime::BestCase),
        facts(Regime::WorstCase),
    );
    not_implied(&intended, &best).or_else(|| not_implied(&best, &worst))
}

/// "under worst-case and best-case no action adds a fact, up to implication ...; under `intended`, `require-exchange`
/// may add"; of every beginning of the scenario.
pub fn no_action_adds(case: &Case) -> Option<String> {
    let scenario = case.scenario.as_ref()?;
    let mut world = world(case);
    for regime in [Regime::WorstCase, Regime::BestCase, Regime::Intended] {
        world.overlay = Overlay::default();
        let mut before = closure(&world, &case.seeds, regime).0;
        for n in 1..=actions(scenario).len() {
            world.overlay = overlay(&world, &actions(scenario)[..n]).ok()?;
            let after = closure(&world, &case.seeds, regime).0;
            let may_add = regime == Regime::Intended && actions(scenario)[n - 1]["action"] == "require-exchange";
            if let Some(fact) = not_implied(&after, &before).filter(|_| !may_add) {
                return Some(format!("action {} adds {fact} under {regime:?}", n - 1));
            }
            before = after;
        }
    }
    None
}

/// Analysing the inventory with the scenario over it equals analysing the edited inventory, errors included.
pub fn overlay_is_editing(case: &Case) -> Option<String> {
    let scenario = case.scenario.as_ref()?;
    let laid = |laid| radius_laid(&case.inventory, &case.seeds, Some(scenario), case.regime, AS_OF, laid);
    match (laid(Laid::Over), laid(Laid::Into)) {
        (Ok(over), Ok(into)) => (over != into).then(|| format!("over: {over:#}\ninto: {into:#}")),
        (Err(over), Err(into)) => {
            let places = |errors: &[(usize, String)]| errors.iter().map(|e| e.0).collect::<Vec<_>>();
            (places(&over) != places(&into)).then(|| format!("over: {over:?}\ninto: {into:?}"))
        }
        (over, into) => Some(format!("over: {over:?}\ninto: {into:?}")),
    }
}

/// "So loading a file twice, or beside its own conversion, changes nothing."
pub fn twice_is_once(case: &Case) -> Option<String> {
    let once = merge(&[("a", case.inventory.clone())]).document;
    let twice = merge(&[("a", case.inventory.clone()), ("b", case.inventory.clone())]).document;
    let beside = merge(&[("a", case.inventory.clone()), ("b", once.clone())]).document;
    [twice, beside]
        .into_iter()
        .find(|other| *other != once)
        .map(|other| format!("{once:#}\n{other:#}"))
}

/// Dealt to several files, an inventory is still the same, in whatever order the files are loaded.
pub fn order_is_nothing(case: &Case, dice: &mut Dice) -> Option<String> {
    let count = dice.between(2, 4);
    let files = split(&case.inventory, count, false, dice);
    let whole = merge(&[("whole", case.inventory.clone())]).document;
    let merged = merge(&named(&files)).document;
    let reversed = merge(&named(&files.iter().rev().cloned().collect::<Vec<_>>())).document;
    [merged, reversed]
        .into_iter()
        .find(|other| *other != whole)
        .map(|other| format!("{whole:#}\n{other:#}\n{files:#?}"))
}

/// "merge order-independent but for named conflicts": where two orders differ, both name a conflict or an error.
pub fn differences_are_named(case: &Case, dice: &mut Dice) -> Option<String> {
    let count = dice.between(2, 4);
    let files = split(&case.inventory, count, true, dice);
    let merged = merge(&named(&files));
    let reversed = merge(&named(&files.iter().rev().cloned().collect::<Vec<_>>()));
    let named_both = |m: &super::Merged| !m.conflicts.is_empty() || !m.errors.is_empty();
    let silent = merged.document != reversed.document && !(named_both(&merged) && named_both(&reversed));
    // Which of two kinds keeps an id decides what else is left to differ.
    let uneven = merged.errors == reversed.errors && merged.conflicts != reversed.conflicts;
    (silent || uneven).then(|| format!("{:#}\n{:#}\n{files:#?}", merged.document, reversed.document))
}

fn named(files: &[Value]) -> Vec<(&'static str, Value)> {
    files.iter().map(|f| ("part", f.clone())).collect()
}
