//! The views beside the map, walked by accessible label: rows, filters, copies, and one selection everywhere.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use hands::two_files;
use trustmap::session::Command;

fn opened() -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&two_files());
    bench.click("ci-token: 5 systems, 1 crown jewel");
    bench.click("Mark as compromised");
    bench
}

impl Bench {
    /// The texts of the rows in view, from the top.
    fn rows(&self) -> Vec<String> {
        let rows = self.all_labels().into_iter().filter(|l| l.starts_with("Row "));
        rows.map(|l| l.split_once(": ").map_or(l.clone(), |(_, rest)| rest.to_owned()))
            .collect()
    }

    fn first(&self) -> String {
        let row = self.rows().into_iter().next().expect("there is a row");
        row.split(", ").next().unwrap_or_default().to_owned()
    }

    /// What the next frames put on the clipboard.
    fn copied(&mut self) -> String {
        for _ in 0..8 {
            self.harness.step();
            for command in &self.harness.output().platform_output.commands {
                if let egui::OutputCommand::CopyText(text) = command {
                    return text.clone();
                }
            }
        }
        panic!("nothing was copied");
    }
}

#[test]
fn the_table_shows_every_system_with_how_it_is_reached() {
    let mut bench = opened();
    bench.click("Table");
    let rows = bench.rows();
    assert_eq!(
        rows.len(),
        bench
            .session()
            .doc
            .estate
            .as_ref()
            .expect("it is open")
            .inventory()
            .records
            .systems
            .len()
    );
    assert!(rows[0].starts_with("db, "), "the crown jewel weighs most: {rows:?}");
    assert!(rows.iter().any(|r| r.contains("as intended")), "{rows:?}");
    bench.click("Sort by system");
    let names = |b: &Bench| -> Vec<String> {
        b.rows()
            .iter()
            .map(|r| r.split(", ").next().unwrap_or_default().to_lowercase())
            .collect()
    };
    let up = names(&bench);
    assert!(up.is_sorted(), "{up:?}");
    bench.click("Sort by system, sorted upwards");
    let mut down = names(&bench);
    down.reverse();
    assert_eq!(up, down);
}

#[test]
fn one_selection_everywhere() {
    let mut bench = opened();
    bench.click("Table");
    bench.click_part(": backup, ");
    bench.says_part("backup, Store · Cloud · high");
    bench.key(Modifiers::NONE, Key::ArrowDown);
    let below = bench.session().doc.selection.clone().expect("something is selected");
    assert_ne!(below, "backup");
    bench.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(bench.session().doc.selection.as_deref(), Some("backup"));
    bench.key(Modifiers::COMMAND, Key::Num1);
    assert_eq!(
        bench.session().doc.selection.as_deref(),
        Some("backup"),
        "the map shows the same"
    );
    bench.key(Modifiers::COMMAND, Key::Num2);
    bench.says_part(": backup, ");
}

#[test]
fn filters_combine_and_can_be_saved() {
    let mut bench = opened();
    bench.click("Table");
    let all = bench.rows().len();
    bench.click("Filter");
    bench.click("Reached reached as intended");
    let intended = bench.rows();
    assert!(!intended.is_empty() && intended.len() < all);
    assert!(intended.iter().all(|r| r.contains("as intended")), "{intended:?}");
    bench.says_part(&format!("{} of {all} rows", intended.len()));
    let kind = intended[0].split(", ").nth(1).expect("a kind").to_owned();
    bench.click(&format!("Kind {kind}"));
    let both = bench.rows();
    assert!(
        both.iter().all(|r| r.contains("as intended") && r.contains(&kind)),
        "{both:?}"
    );
    bench.harness.get_by_label("Name of this filter").focus();
    bench.harness.step();
    bench.harness.get_by_label("Name of this filter").type_text("mine");
    bench.settle();
    bench.click("Save filter");
    bench.key(Modifiers::NONE, Key::Escape);
    bench.click(&format!("Kind {kind}, take out of the filter"));
    assert_eq!(bench.rows(), intended);
    bench.click("Reached reached as intended, take out of the filter");
    assert_eq!(bench.rows().len(), all);
    bench.click("Filter");
    bench.click("Use the filter mine");
    assert_eq!(bench.rows(), both);
    bench.click("Forget the filter mine");
    assert!(bench.session().doc.view.filters.is_empty());
}

#[test]
fn rows_are_found_by_text_and_copied_as_csv() {
    let mut bench = opened();
    bench.click("Table");
    bench.click("Credentials");
    assert_eq!(bench.first(), "ci-token", "the largest radius first");
    bench.harness.get_by_label("Find in rows").focus();
    bench.harness.step();
    bench.harness.get_by_label("Find in rows").type_text("backup");
    bench.settle();
    assert_eq!(bench.rows().len(), 1);
    bench.harness.get_by_label("Copy as CSV").click();
    let csv = bench.copied();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("Name,Kind,Identity,"), "{csv}");
    assert!(
        lines[1].starts_with("backup-key,Access key,") && lines.len() == 2,
        "{csv}"
    );
    bench.settle();
    bench.says("Copied 1 row as CSV");
}

#[test]
fn columns_are_chosen_and_put_back() {
    let mut bench = opened();
    bench.click("Table");
    bench.says("Sort by owner");
    bench.click("Columns");
    bench.click("Column Owner");
    bench.click("Column Id");
    bench.does_not_say("Sort by owner");
    bench.says("Sort by id");
    bench.click("As at the start");
    bench.says("Sort by owner");
    bench.does_not_say("Sort by id");
}

#[test]
fn relations_are_rows_too_and_select_what_they_start_from() {
    let mut bench = opened();
    bench.click("Table");
    bench.click("Relations");
    let estate = bench.session().doc.estate.clone().expect("it is open");
    let r = &estate.inventory().records;
    assert_eq!(
        bench.rows().len(),
        r.grants.len() + r.exposures.len() + r.inherits.len() + r.trusts.len()
    );
    bench.click_part(": Exposure, ");
    let selected = bench.session().doc.selection.clone().expect("something is selected");
    assert!(estate.inventory().find(&selected).is_some());
}

#[test]
fn what_the_scenario_cuts_off_says_so_in_its_row() {
    let mut bench = opened();
    bench.harness.state_mut().command(Command::KeepAudience(
        "ci-token".into(),
        vec!["api".into(), "registry".into()],
    ));
    bench.click("Table");
    assert!(
        bench.rows().iter().any(|r| r.contains("cut off by the scenario")),
        "{:?}",
        bench.rows()
    );
}

#[test]
fn the_matrix_says_how_each_credential_is_accepted() {
    let mut bench = opened();
    bench.click("Matrix");
    bench.says("ci-token, accepted at 4 systems");
    let cells: Vec<String> = bench
        .all_labels()
        .into_iter()
        .filter(|l| l.starts_with("ci-token at "))
        .collect();
    assert_eq!(cells.len(), 4, "{cells:?}");
    bench.says("ci-token at db: accepted, every check made");
    bench.click("ci-token at db: accepted, every check made");
    assert_eq!(bench.session().doc.selection.as_deref(), Some("db"));
    bench.harness.state_mut().command(Command::KeepAudience(
        "ci-token".into(),
        vec!["api".into(), "registry".into()],
    ));
    bench.settle();
    bench.says_part("ci-token at db: closed by the scenario");
    bench.click("Whole estate");
    let session = bench.session();
    let matrix = session.answer.matrix.clone().expect("it is worked out");
    let rows: Vec<&str> = matrix.rows.iter().map(|r| r.id.as_str()).collect();
    assert!(matrix.whole);
    assert_eq!(rows, ["ci-token", "backup-key"], "every credential that anybody takes");
    bench.click("Reached");
    bench.says_part("closed by the scenario");
}

#[test]
fn the_whole_matrix_needs_no_compromise() {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&two_files());
    bench.click("Matrix");
    bench.says("ci-token, accepted at 4 systems");
    bench.click("ci-token, accepted at 4 systems");
    assert_eq!(bench.session().doc.selection.as_deref(), Some("ci-token"));
}

fn find(bench: &mut Bench, text: &str) {
    bench.key(Modifiers::COMMAND, Key::K);
    bench
        .harness
        .get_by_label("Search records and commands")
        .type_text(text);
    bench.settle();
}

#[test]
fn everything_is_found_and_done_from_one_field() {
    let mut bench = opened();
    find(&mut bench, "backup");
    bench.says_part("backup, Store · Cloud · high");
    bench.key(Modifiers::NONE, Key::Enter);
    assert_eq!(bench.session().doc.selection.as_deref(), Some("backup"));
    find(&mut bench, "show matrix");
    bench.key(Modifiers::NONE, Key::Enter);
    bench.says("ci-token, accepted at 4 systems");
    find(&mut bench, "undo");
    bench.says("Command: Undo Mark ci-token");
    bench.key(Modifiers::NONE, Key::Enter);
    assert!(bench.session().doc.proposal.seeds.is_empty());
    find(&mut bench, "no such thing");
    bench.says("Nothing has this name");
    bench.key(Modifiers::NONE, Key::Escape);
    bench.does_not_say("Search records and commands");
}

#[test]
fn arrows_walk_what_was_found() {
    let mut bench = opened();
    find(&mut bench, "colours");
    bench.key(Modifiers::NONE, Key::ArrowDown);
    bench.key(Modifiers::NONE, Key::ArrowDown);
    bench.key(Modifiers::NONE, Key::Enter);
    assert_eq!(bench.session().settings.theme, trustmap::session::ThemeChoice::Light);
}

#[test]
fn time_shows_what_expires_and_what_that_does_to_the_radius() {
    let mut bench = opened();
    bench.click("Time");
    let line = bench.session().answer.timeline.clone().expect("it is worked out");
    assert_eq!(line.points.first().map(|p| p.before), Some(5));
    bench.says_part("Systems reached over the next 90 days: 5 now");
    // ci-token expires on 1 November; looked at from September on, that is within the days ahead.
    bench
        .harness
        .state_mut()
        .command(Command::SetAsOf("2026-09-15T00:00:00Z".parse().ok()));
    bench.settle();
    bench.says_part("Systems reached over the next 90 days: 5 now, 0 in 90 days");
    bench.says_part("ci-token expires in ");
    bench.harness.get_by_label("As-of date, with what expires").focus();
    bench.harness.step();
    bench.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(bench.session().doc.as_of, "2026-09-16T00:00:00Z".parse().ok());
    bench.click("The inventory's own time");
    assert_eq!(bench.session().doc.as_of, None);
}

#[test]
fn two_branches_stand_side_by_side() {
    let mut bench = opened();
    bench.harness.state_mut().command(Command::KeepAudience(
        "ci-token".into(),
        vec!["api".into(), "registry".into()],
    ));
    bench.harness.state_mut().command(Command::NewBranch("other".into()));
    bench.harness.state_mut().command(Command::ClearActions);
    bench.settle();
    bench.click("Compare");
    bench.says("Both reach the same");
    bench.click("Against No scenario");
    bench.click("scenario-1");
    bench.says_part("other: 5 systems, 1 crown jewel, weight 126, breaks nothing known");
    bench.says_part("scenario-1: 3 systems");
    bench.says_part("differences in what is reached");
    bench.says("backup, reached only with other");
    bench.click("backup, reached only with other");
    assert_eq!(bench.session().doc.selection.as_deref(), Some("backup"));
    let two = bench.session().answer.branches.clone().expect("it is worked out");
    let spots = |s: &trustmap::session::Side| -> Vec<_> {
        s.picture
            .layout
            .spots
            .iter()
            .map(|s| (s.x.to_bits(), s.y.to_bits()))
            .collect()
    };
    assert_eq!(spots(&two.here), spots(&two.other), "both on the same positions");
}

#[test]
fn a_pasted_list_of_rotated_credentials_leaves_the_residue() {
    let mut bench = opened();
    find(&mut bench, "paste");
    bench.key(Modifiers::NONE, Key::Enter);
    bench.harness.get_by_label("Rotated credentials").focus();
    bench.harness.step();
    bench
        .harness
        .get_by_label("Rotated credentials")
        .type_text("ci-token\nnobody");
    bench.settle();
    bench.says_part("1 credential known here");
    bench.says_part("Not known here: nobody");
    bench.click("Add to the scenario");
    bench.says("Undo Rotate 1 credential");
    assert_eq!(bench.session().doc.proposal.steps.len(), 1);
}

#[test]
fn every_table_and_the_graph_are_written_from_the_menu() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = Bench::new(Setup {
        export_folder: folder.path().to_path_buf(),
        ..Setup::default()
    });
    bench.drop_files(&two_files());
    for (item, name, has) in [
        ("Table (CSV)…", "rows.csv", "Name,Kind,Platform,"),
        ("Graph (GraphML)…", "all.graphml", "<graphml"),
        ("Graph (DOT)…", "all.dot", "digraph trustmap {"),
    ] {
        bench.click("Export");
        bench.click(item);
        hands::type_path(&mut bench, &folder.path().join(name));
        bench.click("Write");
        let text = std::fs::read_to_string(folder.path().join(name)).expect("it was written");
        assert!(text.contains(has) && text.contains("db"), "{name}: {text}");
    }
}

#[test]
fn the_tour_has_four_steps_and_is_taken_once() {
    let mut bench = Bench::new(Setup {
        toured: false,
        ..Setup::default()
    });
    bench.does_not_say("Start from a credential");
    bench.drop_files(&two_files());
    for head in ["Start from a credential", "Read the map", "Ask why, and what to do"] {
        bench.says_part(head);
        bench.click("Next");
    }
    bench.says_part("Try a remedy");
    bench.click("Done");
    bench.does_not_say("Try a remedy");
    assert!(bench.session().settings.toured);
    find(&mut bench, "tour");
    bench.key(Modifiers::NONE, Key::Enter);
    bench.click("Skip the tour");
    assert!(bench.session().settings.toured);
}

#[test]
fn everything_can_be_larger_up_to_three_times() {
    let mut bench = opened();
    bench.key(Modifiers::COMMAND, Key::Plus);
    assert!((bench.session().settings.scale - 1.25).abs() < 0.001);
    assert!((bench.harness.ctx.zoom_factor() - 1.25).abs() < 0.001);
    for _ in 0..9 {
        bench.key(Modifiers::COMMAND, Key::Plus);
    }
    assert!((bench.session().settings.scale - 3.0).abs() < 0.001);
    bench.key(Modifiers::COMMAND, Key::Num0);
    assert!((bench.session().settings.scale - 1.0).abs() < 0.001);
}

#[test]
fn pictures_have_the_size_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = opened();
    for (choice, size) in [
        ("A4 across, 300 dpi, 3508 × 2480", (3508u32, 2480u32)),
        ("Slide, 16:9, 1920 × 1080", (1920, 1080)),
    ] {
        bench.key(Modifiers::COMMAND, Key::E);
        bench.click(choice);
        let path = folder.path().join("a.png");
        hands::type_path(&mut bench, &path);
        bench.click("Write");
        let png = std::fs::read(&path).expect("it was written");
        let side = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        assert_eq!((side(16), side(20)), size, "{choice}");
    }
}

#[test]
fn the_step_chart_says_what_is_left_after_each_step() {
    let mut bench = opened();
    bench.harness.state_mut().command(Command::KeepAudience(
        "ci-token".into(),
        vec!["api".into(), "registry".into()],
    ));
    bench.settle();
    find(&mut bench, "step chart");
    bench.key(Modifiers::NONE, Key::Enter);
    bench.says("As it stands: 5 systems");
    bench.says("Narrow ci-token: 3 systems");
    bench.click("Close the step chart");
    bench.does_not_say("Narrow ci-token: 3 systems");
}

#[test]
fn an_idle_table_asks_for_no_frame() {
    let mut bench = opened();
    bench.click("Table");
    bench.harness.remove_cursor();
    for _ in 0..600 {
        bench.harness.step();
    }
    assert!(!bench.wants_a_frame());
}
