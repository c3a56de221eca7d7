//! The estate in the window, walked by accessible label: bubbles, folding, picking, the working map around a record.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "../benches/generator/mod.rs"]
mod generator;

use bench::{Bench, Setup, here};
use eframe::egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};
use trustmap::session::{Command, MapLayout};

impl Bench {
    fn open(sample: &str) -> Self {
        Bench::new(Setup {
            files: vec![here(&format!("sample-inventories/{sample}"))],
            ..Setup::default()
        })
    }

    #[track_caller]
    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    #[track_caller]
    fn click_first(&mut self, part: &str) {
        let node = self.harness.query_all_by_label_contains(part).next();
        node.unwrap_or_else(|| panic!("nothing says {part:?}")).click();
        self.settle();
    }

    #[track_caller]
    fn says_part(&self, label: &str) {
        let found = self.harness.query_all_by_label_contains(label).next().is_some();
        assert!(found, "nothing says {label:?}; said is:\n{}", self.labels().join("\n"));
    }

    #[track_caller]
    fn does_not_say(&self, label: &str) {
        let found = self.harness.query_all_by_label_contains(label).next().is_some();
        assert!(!found, "something says {label:?}");
    }

    fn labels(&self) -> Vec<String> {
        fn collect(node: egui_kittest::kittest::AccessKitNode<'_>, out: &mut Vec<String>) {
            out.extend(node.label().or_else(|| node.value()));
            for child in node.children() {
                collect(child, out);
            }
        }
        let mut out = Vec::new();
        collect(self.harness.root().accesskit_node(), &mut out);
        out
    }

    fn frame_asked(&mut self) -> bool {
        self.harness.step();
        self.harness
            .output()
            .viewport_output
            .values()
            .any(|v| v.repaint_delay < std::time::Duration::from_secs(3600))
    }
}

#[test]
fn a_file_without_a_compromise_shows_its_estate_and_says_how_to_start() {
    let mut bench = Bench::open("estate.json");
    bench.says_part(", cluster, ");
    bench.says_part("Nothing is compromised. Double-click a credential to start");
    bench.says_part("Group by platform");
    assert_eq!(bench.harness.state().session().shown_layout(), MapLayout::Estate);
    for _ in 0..4 {
        bench.harness.step();
    }
    assert!(!bench.frame_asked(), "an idle estate asks for frames");
}

#[test]
fn a_cluster_unfolds_and_a_record_opens_its_working_map_and_there_is_a_way_back() {
    let mut bench = Bench::open("estate.json");
    bench.click_first("AWS, cluster, ");
    bench.click("Fold");
    bench.does_not_say("orders-db, system");
    bench.click("Unfold");
    bench.click_first("orders-db, system");
    assert_eq!(
        bench.harness.state().session().doc.selection.as_deref(),
        Some("orders-db")
    );
    bench.says_part("Open around it");
    bench.click("Open around it");
    bench.says_part("Around orders-db");
    bench.does_not_say(", cluster, ");
    // Its neighbours are there, and their states.
    bench.says_part("orders-db, system, not reached");
    bench.click("Back to the estate");
    bench.says_part(", cluster, ");
    bench.does_not_say("Around orders-db");
}

#[test]
fn a_bubble_that_is_unfolded_folds_again() {
    let mut bench = Bench::open("estate.json");
    bench.click_first("AWS, cluster, ");
    bench.click("Fold");
    bench.does_not_say("orders-db, system");
    bench.click("Unfold");
    bench.says_part("orders-db, system");
    bench.click("Fold");
    bench.does_not_say("orders-db, system");
}

#[test]
fn clusters_are_put_together_by_what_is_chosen() {
    let mut bench = Bench::open("estate.json");
    bench.says_part("AWS, cluster, ");
    bench.click("Group by environment");
    bench.does_not_say("AWS, cluster, ");
    bench.says_part(", cluster, ");
    bench.click("Group by nothing");
    bench.says_part("Estate, cluster, ");
    bench.click("Group by platform");
    bench.says_part("AWS, cluster, ");
}

#[test]
fn states_of_a_compromise_and_of_a_scenario_are_said_and_survive_switching() {
    let mut bench = Bench::open("estate.json");
    bench
        .harness
        .state_mut()
        .command(Command::Compromise("gha-release".into()));
    bench.settle();
    assert_eq!(bench.harness.state().session().shown_layout(), MapLayout::Rings);
    bench.click("Estate");
    bench.says_part("1 compromised");
    bench.says_part(" reached");
    bench.click("Rings");
    bench.does_not_say(", cluster, ");
    bench.click("Layers");
    bench.click("Estate");
    bench.says_part("1 compromised");
}

#[test]
fn the_keyboard_unfolds_and_opens() {
    let mut bench = Bench::open("estate.json");
    bench
        .harness
        .query_all_by_label_contains("AWS, cluster, ")
        .next()
        .expect("it is there")
        .focus();
    bench.settle();
    bench.harness.key_press(Key::Enter);
    bench.settle();
    bench.does_not_say("orders-db, system");
    bench.harness.key_press(Key::Enter);
    bench.settle();
    bench
        .harness
        .query_all_by_label_contains("orders-db, system")
        .next()
        .expect("it is there")
        .focus();
    bench.settle();
    bench.harness.key_press(Key::Enter);
    bench.settle();
    bench.says_part("Around orders-db");
    bench.harness.key_press(Key::Escape);
    bench.settle();
    bench.says_part(", cluster, ");
}

#[test]
fn more_than_a_working_map_holds_is_shown_as_bubbles_until_something_else_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = generator::Estate::new(2_500, 42);
    let path = folder.path().join("large.json");
    std::fs::write(&path, made.native()).expect("it is written");
    let mut bench = Bench::new(Setup {
        files: vec![path],
        ..Setup::default()
    });
    bench.says_part(", cluster, ");
    let seed = made.id(made.widest());
    bench.harness.state_mut().command(Command::Compromise(seed.clone()));
    bench.settle();
    // It stays what it is, and says what is reached.
    assert_eq!(bench.harness.state().session().shown_layout(), MapLayout::Estate);
    bench.says_part("1 compromised");
    let before = bench
        .harness
        .state()
        .session()
        .estate_picture
        .clone()
        .expect("it is there");
    // A what-if moves nothing.
    bench.harness.state_mut().command(Command::Spare(seed));
    bench.settle();
    let after = bench
        .harness
        .state()
        .session()
        .estate_picture
        .clone()
        .expect("it is there");
    assert_eq!(before.places.layout, after.places.layout);
    assert!(after.seeds.is_empty());
    bench.harness.state_mut().command(Command::Undo);
    bench.settle();
    bench.click("Rings");
    assert_eq!(bench.harness.state().session().shown_layout(), MapLayout::Rings);
    bench.does_not_say(", cluster, ");
}
