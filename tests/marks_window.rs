//! Several nodes of the map taken together with a box, and what is done with all of them, as an analyst does it.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup};
use eframe::egui::{Event, Key, Modifiers, OutputCommand, Pos2, Rect, vec2};
use egui_kittest::kittest::Queryable;
use std::collections::BTreeSet;
use trustmap::graph::Thing;
use trustmap::session::{Command, ExportKind};

const SEED: &str = "gha-deploy-prod, credential, compromised";
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

/// Draws a box from one place to another with these keys held down.
fn draw_box(bench: &mut Bench, keys: Modifiers, from: Pos2, to: Pos2) {
    bench.harness.event(Event::ModifiersChanged(keys));
    bench.harness.hover_at(from);
    bench.harness.step();
    bench.harness.drag_at(from);
    bench.harness.step();
    for part in [0.3, 0.6, 1.0] {
        bench.harness.hover_at(from + (to - from) * part);
        bench.harness.step();
    }
    bench.harness.drop_at(to);
    bench.harness.step();
    bench.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    bench.settle();
}

fn marked(bench: &Bench) -> BTreeSet<String> {
    let session = bench.session();
    let ids = session.doc.marked.iter().filter_map(|&t| session.id_of(t));
    ids.collect()
}

/// Every node with a name whose middle lies in a box.
fn inside(bench: &Bench, r: Rect) -> BTreeSet<String> {
    let nodes = bench.all_labels().into_iter().filter(|l| {
        let mut parts = l.split(", ");
        let class = parts.nth(1);
        matches!(class, Some("system" | "credential" | "identity"))
    });
    let here = nodes.filter(|l| {
        bench
            .harness
            .query_by_label(l)
            .is_some_and(|n| r.contains(n.rect().center()))
    });
    here.map(|l| l.split(", ").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_box_takes_what_lies_in_it_and_shift_click_adds_and_takes_away() {
    let mut bench = opened();
    let (seed, node) = (place(&bench, SEED), place(&bench, NODE));
    let r = Rect::from_two_pos(seed, node).expand(30.0);
    let wanted = inside(&bench, r);
    assert!(wanted.len() > 3 && wanted.contains("payments-db"), "{wanted:?}");
    draw_box(&mut bench, Modifiers::SHIFT, r.min, r.max);
    // What has no name of its own on the screen may lie in the box as well; all that has one is in it.
    assert!(wanted.is_subset(&marked(&bench)), "{wanted:?} of {:?}", marked(&bench));
    let outside: BTreeSet<String> = inside(&bench, Rect::EVERYTHING).difference(&wanted).cloned().collect();
    assert!(outside.len() > 5 && outside.is_disjoint(&marked(&bench)), "{outside:?}");
    let here = bench.all_labels().into_iter().any(|l| l.starts_with("Marked: "));
    assert!(here, "what is marked is said");
    assert!(bench.session().doc.view.pins.is_empty(), "the box moves nothing");

    // A small box with Ctrl adds; a click with Shift takes away and adds again.
    let n = marked(&bench).len();
    bench.harness.get_by_label(NODE).click_modifiers(Modifiers::SHIFT);
    bench.settle();
    assert!(!marked(&bench).contains("payments-db") && marked(&bench).len() == n - 1);
    let corner = node - vec2(20.0, 20.0);
    draw_box(
        &mut bench,
        Modifiers::SHIFT | Modifiers::COMMAND,
        corner,
        node + vec2(20.0, 20.0),
    );
    assert!(marked(&bench).contains("payments-db") && marked(&bench).len() >= n);
    bench.key(Modifiers::NONE, Key::Escape);
    assert!(marked(&bench).is_empty());
}

#[test]
fn all_that_is_marked_is_hidden_copied_or_compromised_at_once() {
    let mut bench = opened();
    let graph = &bench.session().doc.estate.as_ref().expect("it is open").graph;
    let things: Vec<Thing> = ["rds-admin", "payments-db"]
        .iter()
        .filter_map(|id| graph.find(id))
        .collect();
    assert_eq!(things.len(), 2);
    bench.harness.state_mut().command(Command::Mark(things.clone()));
    bench.settle();
    bench.harness.get_by_label("Marked: 1 credential, 1 system");
    bench.harness.get_by_label("Copy names").click();
    let copied = (0..4).find_map(|_| {
        bench.harness.step();
        let commands = &bench.harness.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    assert_eq!(copied.as_deref(), Some("payments-db\nrds-admin"));
    bench.click("Mark as compromised");
    let session = bench.session();
    assert_eq!(
        session.doc.proposal.seeds,
        ["gha-deploy-prod", "payments-db", "rds-admin"]
    );
    assert_eq!(
        session.doc.history.undo_name(),
        Some("Mark 1 credential, 1 system as compromised")
    );
    assert!(session.doc.marked.is_empty());
    bench.harness.state_mut().command(Command::Undo);
    bench.settle();
    bench.harness.get_by_label(NODE);
    bench.harness.state_mut().command(Command::Mark(things));
    bench.settle();
    bench.click("Hide");
    assert!(bench.harness.query_by_label(NODE).is_none(), "it is hidden");
    assert_eq!(bench.session().doc.view.hidden.len(), 2);
}

#[test]
fn a_box_on_the_estate_takes_a_whole_bubble() {
    let mut bench = opened();
    bench.click("Estate");
    let bubble = bench
        .all_labels()
        .into_iter()
        .find(|l| {
            l.contains("records")
                && bench
                    .harness
                    .query_by_label(l)
                    .is_some_and(|n| n.rect().height() > 20.0)
        })
        .expect("a bubble");
    let r = bench.harness.get_by_label(&bubble).rect();
    // The name of an open bubble stands in its middle or at its edge.
    let r = r.expand(90.0);
    draw_box(&mut bench, Modifiers::SHIFT, r.min, r.max);
    assert!(marked(&bench).len() > 1, "{bubble}: {:?}", marked(&bench));
}

#[test]
fn a_note_on_a_relation_is_written_from_the_way_it_stands_on() {
    let temp = tempfile::tempdir().expect("a folder");
    let mut bench = opened();
    bench
        .harness
        .state_mut()
        .command(Command::Select(Some("payments-db".into())));
    bench.settle();
    let hop = "payments-db, does not check context";
    let row = bench
        .all_labels()
        .into_iter()
        .find(|l| l.starts_with("payments-db, ") && l.contains("; audience"))
        .unwrap_or_else(|| panic!("no row like {hop} in {:#?}", bench.all_labels()));
    bench.harness.get_by_label(&row).click_secondary();
    bench.settle();
    bench.click_part("Note on ");
    bench
        .harness
        .get_by_label("Text of the note")
        .type_text("ask the owner");
    bench.settle();
    bench.click("Keep the note");
    let notes = &bench.session().doc.notes;
    let (on, text) = notes.iter().next().expect("a note");
    assert!(on.starts_with("grant:") && notes.len() == 1, "{on}");
    assert_eq!(text, "ask the owner");
    bench.says_part("note: ask the owner");
    let folder = temp.path().join("report");
    bench
        .harness
        .state_mut()
        .command(Command::Export(ExportKind::Report, folder.clone()));
    bench.settle();
    for file in ["report.md", "report.html", "report.json"] {
        let text = std::fs::read_to_string(folder.join(file)).expect("it was written");
        assert!(text.contains("ask the owner"), "{file}");
    }
}
