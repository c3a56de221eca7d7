//! The window, walked by accessible label as an analyst walks it. Needs no display and no GPU.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup, here};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use hands::{collect, two_files, type_path};
use std::path::Path;
use trustmap::session::{Command, Outcome, WindowSettings};

const BEFORE: &str = "As it stands: 5 systems, 1 crown jewel, weight 126";
const AFTER: &str = "5 → 3 systems, 1 → 0 crown jewels, weight 126 → 16, breaks 1 idle";

fn compromised(export_folder: &Path) -> Bench {
    let mut bench = Bench::new(Setup {
        export_folder: export_folder.to_path_buf(),
        ..Setup::default()
    });
    bench.drop_files(&two_files());
    bench.click("ci-token: 5 systems, 1 crown jewel");
    bench.click("Mark as compromised");
    bench
}

#[test]
fn the_whole_job_from_two_dropped_files_to_the_exported_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = compromised(folder.path());
    bench.says(BEFORE);
    bench.says("Undo Mark ci-token");
    bench.says("Compromised accepted at 4 systems");

    bench.click("Audience db, idle 212 days");
    bench.says(AFTER);
    bench.says("2 of 3 kept");
    bench.says("Undo Narrow ci-token");
    bench.says("Compromised still accepted at 3 of 4");
    bench.says_part("ci-token: 5 systems, 3 after the scenario");

    bench.click("Undo Narrow ci-token");
    bench.says(BEFORE);
    bench.click("Redo Narrow ci-token");
    bench.says(AFTER);

    // Switching the action off keeps it in the scenario.
    bench.click("Narrow audience ci-token to 2 systems");
    bench.says(BEFORE);
    bench.click("Narrow audience ci-token to 2 systems");
    bench.says(AFTER);

    for (key, name) in [("PNG", "a.png"), ("PNG", "b.png"), ("SVG", "a.svg"), ("JSON", "a.json")] {
        bench.click("Export");
        let item = match key {
            "PNG" => "Picture (PNG)…",
            "SVG" => "Drawing (SVG)…",
            _ => "Radius (JSON)…",
        };
        bench.click(item);
        type_path(&mut bench, &folder.path().join(name));
        bench.click("Write");
        bench.says(&format!("Wrote {}", folder.path().join(name).display()));
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("it was written");
    let png = read("a.png");
    assert!(png.starts_with(b"\x89PNG") && png.len() > 20_000, "{} bytes", png.len());
    assert_eq!(png, read("b.png"), "equal input gives equal bytes");
    let svg = String::from_utf8(read("a.svg")).expect("text");
    assert!(svg.contains("ci-token") && svg.ends_with("</svg>\n"));
    let json: serde_json::Value = serde_json::from_slice(&read("a.json")).expect("JSON");
    assert_eq!(json["before"]["summary"]["systems"], 5);
    assert_eq!(json["after"]["summary"]["systems"], 3);
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a folder").count(),
        4,
        "nothing half written is left"
    );

    bench.click("Export");
    bench.click("Report (folder)…");
    bench.click("Write");
    bench.says_part("Wrote ");
    let report = folder.path().join("scenario-1-report");
    for name in ["report.json", "map.png", "map.svg", "report.html", "report.md"] {
        assert!(
            report.join(name).metadata().expect("it was written").len() > 500,
            "{name}"
        );
    }
}

#[test]
fn scopes_can_be_ticked_off_too() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.click("Scopes push, used today");
    bench.says_part("5 → 4 systems, 1 → 1 crown jewels");
    bench.says_part("breaks 1 in use");
    bench.click("Scopes push, used today");
    bench.says(BEFORE);
    assert!(
        bench.harness.state().session().doc.proposal.steps.is_empty(),
        "ticked on again, nothing is narrowed"
    );
}

#[test]
fn every_action_says_its_effect_before_the_click() {
    let mut bench = compromised(Path::new("/nowhere"));
    let offers = bench
        .harness
        .state()
        .session()
        .answer
        .inspection
        .clone()
        .expect("something is selected");
    assert_eq!(offers.pending, 0);
    let revoke = offers
        .offers
        .iter()
        .find(|o| o.title == "Revoke ci-token")
        .expect("it can be revoked");
    let effect = revoke.effect.expect("it was worked out");
    bench.click_part("Do: Revoke ci-token");
    let session = bench.harness.state().session();
    let after = session
        .answer
        .reach
        .as_ref()
        .expect("there is a radius")
        .now()
        .summary
        .systems;
    assert_eq!(
        (effect.systems.0, effect.systems.1),
        (5, after),
        "what was said is what came"
    );
    bench.says_part("Remove Revoke ci-token");
}

#[test]
fn a_revoked_token_is_still_accepted_where_nobody_asks_and_the_window_says_so() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.click_part("Do: Revoke ci-token");
    bench.says_part("No effect at");
    bench.says_part("revocation not checked");
}

#[test]
fn the_inspector_says_why_a_thing_is_reached() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench
        .harness
        .state_mut()
        .command(Command::Select(Some("backup".into())));
    bench.settle();
    bench.says("backup, Store · Cloud · high");
    bench.says_part("Reached as intended, 2 hops");
    bench.says_part("db, accepts the token; audience made, issuer not needed, scope made");
    bench.says("backup-key, stored there");
    bench.says_part("Record: cloud.json:");
    bench.click("backup-key, stored there");
    bench.says("backup-key, Access key");
}

#[test]
fn regime_and_as_of_change_the_answer() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.click("Regime: Worst case");
    bench.click("Best case");
    bench.says("As it stands: 4 systems, 1 crown jewel, weight 123");
    bench.click("As of 1 May 2026");
    bench.harness.get_by_label("As-of date, year-month-day").focus();
    bench.harness.step();
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    bench.harness.step();
    bench
        .harness
        .get_by_label("As-of date, year-month-day")
        .type_text("2026-12-01");
    bench.settle();
    bench.click("Look");
    bench.says("As of 1 Dec 2026");
    bench.says_part("As it stands: 0 systems");
}

#[test]
fn what_could_not_be_read_is_said_with_file_and_place() {
    let mut bench = Bench::new(Setup::default());
    let mut files = two_files();
    files.push(here("tests/fixtures/window/odd.json"));
    bench.drop_files(&files);
    bench.says("Problems, 2");
    bench.click("Problems, 2");
    bench.says("2 problems");
    bench.says_part("odd.json");
    bench.says_part("/grants/0");
    bench.says_part("colour");
    bench.click("Close problems");
    bench.does_not_say("/grants/0");
}

#[test]
fn a_join_of_two_files_is_shown_and_can_be_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let head = r#""format": "trustmap-inventory", "version": 1, "as_of": "2026-05-01T00:00:00Z""#;
    let store = write(
        "store.json",
        &format!(
            r#"{{{head}, "systems": [{{"id": "repo"}}], "credentials": [{{"id": "ci", "name": "ci-token", "kind": "api-key",
                "identity": "bot"}}, {{"id": "github:secret", "name": "DEPLOY_ROBOT_KEY"}}],
                "identities": [{{"id": "bot"}}],
                "grants": [{{"holder": "bot", "system": "repo", "scopes": ["secrets:read"]}}],
                "exposures": [{{"system": "repo", "requires": ["secrets:read"],
                    "yields": {{"credential": "github:secret"}}, "how": "stored"}}]}}"#
        ),
    );
    let cloud = write(
        "cloud.json",
        &format!(
            r#"{{{head}, "systems": [{{"id": "prod"}}], "identities": [{{"id": "robot"}}],
                "credentials": [{{"id": "aws:key", "name": "deploy-robot-key", "kind": "access-key", "identity": "robot"}}],
                "grants": [{{"holder": "robot", "system": "prod", "scopes": ["*"]}}]}}"#
        ),
    );
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[store, cloud]);
    bench.says_part("ci-token: 2 systems");
    bench.click("Problems, 0");
    bench.says("0 problems · 1 join");
    bench.says_part("DEPLOY_ROBOT_KEY is joined with deploy-robot-key, assumed");
    bench.click("Refuse the join of DEPLOY_ROBOT_KEY with deploy-robot-key");
    bench.says_part("ci-token: 1 system");
    bench.click("Undo the join of DEPLOY_ROBOT_KEY with deploy-robot-key");
    bench.says_part("ci-token: 2 systems");
    bench.click("Confirm the join of DEPLOY_ROBOT_KEY with deploy-robot-key");
    bench.says_part("DEPLOY_ROBOT_KEY is joined with deploy-robot-key, confirmed");
}

#[test]
fn a_file_that_is_no_inventory_leaves_the_rest_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.json");
    std::fs::write(&empty, "").expect("a file");
    let missing = folder.path().join("gone.json");
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[empty.clone(), missing]);
    bench.says("Drop an inventory anywhere");
    bench.says_part("empty.json");
    bench.says_part("gone.json");

    bench.drop_files(&two_files());
    bench.drop_files(&[empty]);
    bench.says_part("ci-token: 5 systems");
    bench.says_part("Problems, 1");
}

#[test]
fn an_export_that_cannot_be_written_says_where_and_why_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = compromised(folder.path());
    bench.click("Audience db, idle 212 days");
    let nowhere = folder.path().join("no-such-folder/a.png");
    bench.key(Modifiers::COMMAND, Key::E);
    type_path(&mut bench, &nowhere);
    bench.click("Write");
    bench.says_part(&format!("Could not write {}", nowhere.display()));
    bench.says(AFTER);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_fault_in_a_job_is_said_and_costs_nothing_but_the_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = compromised(folder.path());
    let kind = trustmap::session::ExportKind::Png;
    bench
        .harness
        .state_mut()
        .command(Command::Export(kind, folder.path().join("panic.png")));
    bench.settle();
    bench.says_part("A fault in the program while writing: the disk of the test has a fault");
    bench.says(BEFORE);
    bench
        .harness
        .state_mut()
        .command(Command::Export(kind, folder.path().join("good.png")));
    bench.settle();
    assert!(folder.path().join("good.png").exists());
}

#[test]
fn an_idle_window_asks_for_no_frame() {
    for open in [false, true] {
        let mut bench = if open {
            compromised(Path::new("/nowhere"))
        } else {
            Bench::new(Setup::default())
        };
        bench.harness.remove_cursor();
        // Notices go by themselves after six seconds; after that nothing is left to wait for.
        for _ in 0..600 {
            bench.harness.step();
        }
        assert!(!bench.wants_a_frame(), "open: {open}");
        bench.harness.hover_at(egui::pos2(40.0, 22.0));
        bench.harness.step();
        bench.harness.step();
        bench.harness.step();
        assert!(!bench.wants_a_frame(), "hovered, open: {open}");
    }
}

#[test]
fn the_keyboard_does_it_all() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.text("?");
    bench.says("Keyboard shortcuts");
    for (keys, what) in trustmap::ui::SHORTCUTS {
        bench.says(&format!("{keys}: {what}"));
    }
    bench.key(Modifiers::NONE, Key::Escape);
    bench.does_not_say("Keyboard shortcuts");

    bench.text("c");
    bench.says_part("As it stands: 0 systems");
    bench.key(Modifiers::COMMAND, Key::Z);
    bench.says(BEFORE);
    bench.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    bench.says_part("As it stands: 0 systems");

    bench.key(Modifiers::COMMAND, Key::F);
    bench.text("backup");
    bench.does_not_say("ci-token: ");
    bench.says_part("backup-key: 1 system");
    bench.key(Modifiers::NONE, Key::Escape);

    bench
        .answers
        .paths
        .lock()
        .expect("no panic")
        .push(here("tests/fixtures/window/odd.json"));
    bench.key(Modifiers::COMMAND, Key::O);
    bench.says_part("odd.json, ");
    bench.key(Modifiers::COMMAND, Key::L);
    bench.says("Open by path");
    bench.key(Modifiers::NONE, Key::Escape);
}

#[test]
fn tab_reaches_the_credentials_and_enter_selects() {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&two_files());
    for _ in 0..60 {
        bench.harness.key_press(Key::Tab);
        bench.harness.step();
        let focused = bench
            .harness
            .query_all_by_label_contains("ci-token: ")
            .any(|n| n.is_focused());
        if focused {
            bench.key(Modifiers::NONE, Key::Enter);
            bench.says_part("ci-token, Token (JWT)");
            return;
        }
    }
    panic!("Tab never reached the credential");
}

#[test]
fn arrow_keys_walk_the_map() {
    let mut bench = compromised(Path::new("/nowhere"));
    let named = |bench: &Bench, start: &str| {
        let all = bench.harness.query_all_by_label_contains(start);
        all.filter(|n| n.is_focused()).count() == 1
    };
    bench.harness.get_by_label("ci-token, credential, compromised").focus();
    bench.harness.run_steps(2);
    assert!(named(&bench, "ci-token, credential"));
    bench.harness.key_press(Key::ArrowDown);
    bench.harness.run_steps(3);
    let first: Vec<&str> = ["registry, ", "api, ", "db, ", "logs, "]
        .into_iter()
        .filter(|s| named(&bench, s))
        .collect();
    assert_eq!(first.len(), 1, "the keyboard is on something the token opens");
    bench.harness.key_press(Key::ArrowRight);
    bench.harness.run_steps(3);
    assert!(!named(&bench, first[0]), "it went on to the next");
    bench.harness.key_press(Key::ArrowUp);
    bench.harness.run_steps(3);
    assert!(named(&bench, "ci-token, credential"), "and back to where it came from");
    bench.key(Modifiers::NONE, Key::Enter);
    bench.says_part("ci-token, Token (JWT)");
}

#[test]
fn a_node_on_the_map_can_be_selected_and_compromised() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.click("db, system, reached as intended, 1 hop, crown jewel");
    bench.says("db, Database · Cloud · crown jewel");
    bench.harness.get_by_label_contains("backup-key, credential").click();
    bench.harness.get_by_label_contains("backup-key, credential").click();
    bench.settle();
    assert_eq!(
        bench.harness.state().session().doc.proposal.seeds,
        ["backup-key", "ci-token"]
    );
    bench.says("Undo Mark backup-key");
}

#[test]
fn actions_can_be_moved_by_keyboard() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.click_part("Do: Rotate ci-token");
    bench.click("Audience db, idle 212 days");
    let verbs = |bench: &Bench| -> Vec<&'static str> {
        let steps = &bench.harness.state().session().doc.proposal.steps;
        steps.iter().map(|s| s.action.verb()).collect()
    };
    let before = verbs(&bench);
    assert_eq!(before.len(), 2);
    bench.says_part("Narrow audience ci-token to 2 systems; arrow keys");
    bench
        .harness
        .get_by_label_contains("Narrow audience ci-token to 2 systems; arrow keys")
        .focus();
    bench.harness.run_steps(2);
    bench.key(Modifiers::COMMAND, Key::ArrowLeft);
    let after = verbs(&bench);
    assert_eq!(after, [before[1], before[0]]);
}

#[test]
fn samples_open_with_something_compromised_and_unsaved_steps_are_asked_about() {
    let mut bench = Bench::new(Setup::default());
    bench.click_part("Deploy token. One CI token opens 37 systems");
    bench.says_part("As it stands: 37 systems, 3 crown jewels");
    bench.harness.state_mut().command(Command::KeepAudience(
        "gha-deploy-prod".into(),
        vec!["deploy-api".into()],
    ));
    bench.settle();
    bench.click("Open…");
    bench.click("Close all");
    bench.says("Close without saving?");
    bench.click("Cancel");
    bench.says_part("37 → ");
    bench.click("Open…");
    bench.click("Close all");
    bench.click("Close without saving");
    bench.says("Drop an inventory anywhere");
}

#[test]
fn a_dropped_scenario_becomes_the_scenario() {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[
        here("sample-inventories/deploy-token.json"),
        here("sample-inventories/deploy-token.scenario.json"),
    ]);
    bench
        .harness
        .state_mut()
        .command(Command::Compromise("gha-deploy-prod".into()));
    bench.settle();
    bench.says("Scenario contain-deploy");
    bench.says_part("37 → 4 systems, 3 → 0 crown jewels, weight 455 → 24");
}

#[test]
fn an_action_that_does_not_apply_is_refused_with_a_reason_that_is_shown() {
    let mut bench = compromised(Path::new("/nowhere"));
    let nobody = trustmap::scenario::Action::Revoke {
        credential: "nobody".into(),
    };
    let outcome = bench.harness.state_mut().command(Command::AddAction(nobody));
    assert!(
        matches!(&outcome, Outcome::Refused(why) if why.contains("nobody")),
        "{outcome:?}"
    );
    bench.settle();
    bench.says_part("nobody");
    bench.says(BEFORE);
}

#[test]
fn reading_can_be_cancelled() {
    let mut bench = Bench::new(Setup::default());
    bench.harness.state_mut().command(Command::Open(two_files()));
    assert_eq!(bench.harness.state_mut().command(Command::Cancel), Outcome::Done);
    bench.settle();
    bench.says("Reading was cancelled");
    bench.says("Drop an inventory anywhere");
}

#[test]
fn what_hovers_over_the_window_is_named() {
    let mut bench = Bench::new(Setup::default());
    for path in ["tests/fixtures/window", "a.scenario.json", "b.zip"] {
        bench.harness.input_mut().hovered_files.push(egui::HoveredFile {
            path: Some(here(path)),
            ..Default::default()
        });
    }
    bench.harness.step();
    bench.says("Drop to open 3 items");
    bench.says_part("window: folder");
    bench.says_part("a.scenario.json: scenario");
    bench.says_part("b.zip: archive");
}

#[test]
fn settings_are_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("window.json");
    let mut bench = Bench::new(Setup {
        settings_file: Some(file.clone()),
        ..Setup::default()
    });
    bench.click("Colours and motion");
    bench.click("High contrast");
    use eframe::App as _;
    bench.harness.state_mut().on_exit();
    let text = std::fs::read_to_string(&file).expect("it was written");
    assert_eq!(
        WindowSettings::parse(&text).theme,
        trustmap::session::ThemeChoice::HighContrast
    );
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    let mut bench = compromised(Path::new("/nowhere"));
    bench.click("Audience db, idle 212 days");
    let mut nameless = Vec::new();
    collect(bench.harness.root().accesskit_node(), &mut |n| {
        let role = format!("{:?}", n.role());
        let usable = ["Button", "CheckBox", "RadioButton", "TextInput", "Slider"].contains(&role.as_str());
        if usable && n.label().is_none_or(|l| l.trim().is_empty()) {
            nameless.push(format!("{role} at {:?}", n.bounding_box()));
        }
    });
    assert!(nameless.is_empty(), "{nameless:?}");
}

#[test]
fn a_narrow_window_folds_the_left_panel_and_floats_the_inspector() {
    let mut bench = Bench::new(Setup {
        size: (980.0, 640.0),
        ..Setup::default()
    });
    bench.drop_files(&two_files());
    bench.does_not_say("ci-token: ");
    bench.click("Credentials by radius");
    bench.says_part("ci-token: 5 systems");
}
