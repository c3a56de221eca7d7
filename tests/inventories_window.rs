//! Two inventories side by side in the window, walked by accessible label.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;
#[path = "bench/older.rs"]
mod older;

use bench::{Bench, Setup, here};
use older::older;
use std::path::Path;
use trustmap::session::Command;

const SAMPLE: &str = "sample-inventories/deploy-token.json";

fn compared(folder: &Path) -> Bench {
    let mut bench = Bench::new(Setup {
        files: vec![here(SAMPLE)],
        ..Setup::default()
    });
    bench
        .harness
        .state_mut()
        .command(Command::Compromise("gha-deploy-prod".into()));
    bench.settle();
    bench.click("Compare");
    *bench.answers.paths.lock().expect("no panic") = vec![older(folder)];
    bench.click("Against No scenario");
    bench.click("Another inventory…");
    bench
}

#[test]
fn what_appeared_and_went_is_listed_and_both_stand_on_the_same_positions() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = compared(folder.path());
    bench.says_part("Acme in March: ");
    bench.says_part("Acme production estate: 37 systems, 3 crown jewels");
    bench.says("old-wiki, reached only in Acme in March");
    bench.says("artifact-registry, reached only in Acme production estate");
    bench.says_part("differences in what is reached. ");
    bench.says_part("wiki-token, opened 1 system and does not work now");
    bench.says("wiki-token, went");
    bench.click("artifact-registry, appeared");
    assert_eq!(bench.session().doc.selection.as_deref(), Some("artifact-registry"));
    let two = bench.session().answer.branches.clone().expect("it is worked out");
    let spot = |side: &trustmap::session::Side, id: &str| {
        let n = side
            .picture
            .nodes
            .iter()
            .position(|n| n.id == id)
            .expect("it is on the map");
        let spot = side.picture.layout.spots[n];
        (spot.x.to_bits(), spot.y.to_bits())
    };
    for id in ["gha-deploy-prod", "deploy-api", "old-wiki", "artifact-registry"] {
        assert_eq!(spot(&two.here, id), spot(&two.other, id), "{id}");
    }
    // The numbers of each are those of its own file.
    assert_eq!(two.here.left.systems, 37);
    assert!(two.other.left.systems < 38 && two.other.left.crown_jewels == 4);
    bench.click("Against Acme in March");
    bench.click("No scenario");
    bench.says_part("37 systems");
    bench.does_not_say("old-wiki, reached only in Acme in March");
    bench.click("Against No scenario");
    bench.click("Acme in March");
    bench.says("old-wiki, reached only in Acme in March");
    bench.click("Against Acme in March");
    bench.click("Forget the other inventory");
    assert!(bench.session().doc.other.is_none());
    bench.says("Against No scenario");
}

#[test]
fn a_session_says_what_it_is_compared_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = compared(folder.path());
    let saved = folder.path().join("review.session.json");
    let save = Command::Export(trustmap::session::ExportKind::Session, saved.clone());
    bench.harness.state_mut().command(save);
    bench.settle();
    let first = std::fs::read(&saved).expect("it is written");
    let mut again = Bench::new(Setup {
        files: vec![saved.clone()],
        ..Setup::default()
    });
    again.settle();
    again.says("old-wiki, reached only in Acme in March");
    let save = Command::Export(trustmap::session::ExportKind::Session, saved.clone());
    again.harness.state_mut().command(save);
    again.settle();
    assert_eq!(
        String::from_utf8_lossy(&std::fs::read(&saved).expect("it is written")),
        String::from_utf8_lossy(&first),
        "byte for byte"
    );
    // A file that is gone is said, once, and costs nothing else.
    std::fs::remove_file(folder.path().join("march.json")).expect("it is there");
    let mut gone = Bench::new(Setup {
        files: vec![saved],
        ..Setup::default()
    });
    gone.settle();
    assert!(gone.session().doc.estate.is_some() && gone.session().doc.other.is_none());
    assert_eq!(gone.session().troubles.len(), 1);
}

#[test]
fn what_is_no_inventory_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notes.json");
    std::fs::write(&file, "{\"hello\": 1}").expect("it can be written");
    let mut bench = Bench::new(Setup {
        files: vec![here(SAMPLE)],
        ..Setup::default()
    });
    bench.harness.state_mut().command(Command::OpenOther(vec![file]));
    bench.settle();
    assert!(bench.session().doc.other.is_none());
    assert_eq!(bench.session().troubles.len(), 1);
    let mut empty = Bench::new(Setup::default());
    empty.harness.state_mut().command(Command::CompareOther);
    empty.settle();
    let said = "No other inventory is open; choose one to compare with";
    assert!(empty.session().notices.iter().any(|n| n.text == said));
}
