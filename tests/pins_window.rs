//! Nodes of the map dragged somewhere else, as an analyst does it.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup};
use eframe::egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable;
use trustmap::session::Command;

const NODE: &str = "payments-db, system, reached by inheritance, 3 hops, crown jewel";

fn opened() -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.harness.state_mut().command(Command::OpenSample(0));
    bench.settle();
    bench
}

fn place(bench: &Bench, label: &str) -> Pos2 {
    bench.harness.get_by_label(label).rect().center()
}

fn drag(bench: &mut Bench, from: Pos2, to: Pos2) {
    bench.harness.hover_at(from);
    bench.harness.step();
    bench.harness.drag_at(from);
    bench.harness.step();
    bench.harness.hover_at(from + (to - from) * 0.5);
    bench.harness.step();
    bench.harness.hover_at(to);
    bench.harness.step();
    bench.harness.drop_at(to);
    bench.settle();
}

#[test]
fn a_node_stays_where_it_is_dragged_to_whatever_the_scenario_does() {
    let mut bench = opened();
    let (from, other) = (
        place(&bench, NODE),
        place(&bench, "gha-deploy-prod, credential, compromised"),
    );
    let to = from + vec2(60.0, 80.0);
    drag(&mut bench, from, to);
    let near = |a: Pos2, b: Pos2| assert!(a.distance(b) < 1.5, "{a:?} is not {b:?}");
    near(place(&bench, NODE), to);
    near(place(&bench, "gha-deploy-prod, credential, compromised"), other);
    bench
        .harness
        .state_mut()
        .command(Command::AddAction(trustmap::scenario::Action::Revoke {
            credential: "rds-admin".into(),
        }));
    bench.settle();
    let ghost = bench
        .all_labels()
        .into_iter()
        .find(|l| l.starts_with("payments-db, system"))
        .expect("it is on the map");
    near(place(&bench, &ghost), to);
    bench.harness.state_mut().command(Command::Undo);
    // Layers have pins of their own.
    bench.click("Layers");
    let layers = place(&bench, NODE);
    bench.click("Rings");
    near(place(&bench, NODE), to);
    assert!(layers.distance(to) > 5.0);
    bench.key(Modifiers::COMMAND, Key::K);
    bench
        .harness
        .get_by_label("Search records and commands")
        .type_text("every node back");
    bench.settle();
    bench.click("Command: Every node back to its place");
    near(place(&bench, NODE), from);
}

#[test]
fn a_click_is_no_drag() {
    let mut bench = opened();
    bench.harness.get_by_label(NODE).click();
    bench.settle();
    assert_eq!(bench.session().doc.selection.as_deref(), Some("payments-db"));
    assert!(bench.session().doc.view.pins.is_empty());
}
