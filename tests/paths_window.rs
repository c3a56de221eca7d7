//! Paths, hiding, the filter of the map and the clipboard in the window, walked by accessible label.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use trustmap::session::{Command, Tab};

fn opened() -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.harness.state_mut().command(Command::OpenSample(0));
    bench.settle();
    bench
}

fn palette(bench: &mut Bench, text: &str, line: &str) {
    bench.key(Modifiers::COMMAND, Key::K);
    bench
        .harness
        .get_by_label("Search records and commands")
        .type_text(text);
    bench.settle();
    bench.click(&format!("Command: {line}"));
}

#[test]
fn paths_stand_beside_the_map_with_the_reason_of_each_hop() {
    let mut bench = opened();
    bench
        .harness
        .state_mut()
        .command(Command::Select(Some("payments-db".into())));
    bench.settle();
    palette(&mut bench, "paths to", "Paths to payments-db");
    bench.says("Paths to payments-db");
    bench.says_part("open it by themselves");
    bench.click("Close paths");
    bench.does_not_say("Paths to payments-db");
    palette(&mut bench, "path from", "Path from gha-deploy-prod to payments-db");
    bench.says("From gha-deploy-prod to payments-db");
    bench.says_part("Reached, ");
    bench.says_part("1. gha-deploy-prod: compromised");
    // What a hop means stands beside it.
    let about = bench
        .all_labels()
        .into_iter()
        .find(|l| l.starts_with("About: "))
        .expect("a hop is explained");
    bench
        .harness
        .get_all_by_label(&about)
        .next()
        .expect("it is there")
        .click();
    bench.settle();
    bench.says("How it is abused");
    bench.says("References");
    bench.key(Modifiers::NONE, Key::Escape);
    bench.key(Modifiers::NONE, Key::Escape);
    bench.does_not_say("From gha-deploy-prod to payments-db");
}

#[test]
fn what_lies_around_can_be_widened_and_turned() {
    let mut bench = opened();
    bench
        .harness
        .state_mut()
        .command(Command::Select(Some("gha-deploy-prod".into())));
    bench.settle();
    palette(&mut bench, "lies around", "What lies around gha-deploy-prod");
    bench.says("Around gha-deploy-prod");
    let near = |bench: &Bench| {
        bench
            .all_labels()
            .into_iter()
            .find(|l| l.ends_with(" near"))
            .unwrap_or_else(|| panic!("a count among {:#?}", bench.all_labels()))
    };
    let two = near(&bench);
    bench.click("One step less");
    let one = near(&bench);
    assert_ne!(one, two);
    bench.click("Out");
    assert_ne!(near(&bench), two);
}

#[test]
fn a_thing_is_hidden_from_its_menu_and_shown_again() {
    let mut bench = opened();
    bench.says_part("payments-db, system");
    bench
        .harness
        .get_by_label_contains("payments-db, system")
        .click_secondary();
    bench.settle();
    bench.says("Isolate");
    bench.click("Hide");
    bench.does_not_say("payments-db, system");
    bench.click("Show what is hidden");
    bench.says_part("payments-db, system");
}

#[test]
fn the_map_s_filter_is_the_table_s() {
    let mut bench = opened();
    bench.click("Filter");
    bench.click("Reached reached as intended");
    bench.says("Filter, on");
    bench.harness.state_mut().command(Command::ShowTab(Tab::Table));
    bench.settle();
    bench.says_part("Reached reached as intended, take out of the filter");
    bench.harness.state_mut().command(Command::ShowTab(Tab::Matrix));
    bench.settle();
    bench.says("Filter, on");
}

#[test]
fn aliases_are_switched_on_in_the_menu_of_exports_and_said_in_the_dialog() {
    let mut bench = opened();
    bench.click("Export");
    bench.click("Aliases instead of names");
    bench.click("Export");
    bench.click("Graph (DOT)…");
    bench.says_part("Names are replaced by aliases");
    let labels = bench.all_labels();
    assert!(labels.iter().any(|l| l.ends_with("redacted.dot")), "{labels:#?}");
}

#[test]
fn rows_and_pictures_go_to_the_clipboard() {
    let mut bench = opened();
    let copied = |bench: &mut Bench, label: &str| {
        bench.click("Export");
        bench.harness.get_by_label(label).click();
        for _ in 0..2_000 {
            bench.harness.step();
            for command in &bench.harness.output().platform_output.commands {
                match command {
                    egui::OutputCommand::CopyText(text) => return text.lines().count(),
                    egui::OutputCommand::CopyImage(image) => return image.size[0],
                    _ => {}
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("nothing was copied");
    };
    let systems = bench
        .session()
        .doc
        .estate
        .as_ref()
        .map(|e| e.inventory().records.systems.len());
    assert_eq!(Some(copied(&mut bench, "Copy rows")), systems.map(|n| n + 1));
    assert_eq!(copied(&mut bench, "Copy picture"), 1920);
}

#[test]
fn closing_names_every_branch_that_is_in_no_file() {
    let mut bench = opened();
    let revoke = |id: &str| {
        Command::AddAction(trustmap::scenario::Action::Revoke {
            credential: id.to_owned(),
        })
    };
    for command in [
        revoke("gha-deploy-prod"),
        Command::NewBranch("other".into()),
        revoke("tf-admin-key"),
    ] {
        bench.harness.state_mut().command(command);
        bench.settle();
    }
    bench.click("Open…");
    bench.click("Close all");
    bench.says("The scenario \"other\" has 2 steps that are in no file");
    bench.says("The scenario \"scenario-1\" has 1 step that is in no file");
    bench.says("Save session…");
}
