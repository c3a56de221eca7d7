//! Sessions as files: saved and opened again, and the copy that is kept beside while work goes on, which outlives a kill at
//! any moment. `TRUSTMAP_KILLS=200 cargo test --test keeping` kills as often.

#[path = "bench/alone.rs"]
mod alone;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};
use trustmap::graph::Regime;
use trustmap::scenario::Action;
use trustmap::session::{Command, ExportKind, Facet, MapLayout, Outcome, Saved, Session, Tab, TableKind, TableSpec};

const EVERY: Duration = Duration::from_millis(20);

fn desk(autosave: Option<PathBuf>) -> Session {
    alone::session(autosave.map(|file| (file, EVERY)))
}

fn run(session: &mut Session, command: Command) {
    let said = format!("{command:?}");
    assert_eq!(session.run(command), Outcome::Done, "{said}");
    let start = Instant::now();
    while session.is_busy() {
        session.take();
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the session does not come to rest"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    session.take();
}

fn fixtures(folder: &Path) -> Vec<PathBuf> {
    ["ci.json", "cloud.json"]
        .map(|name| {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/fixtures/window")
                .join(name);
            let to = folder.join(name);
            std::fs::copy(from, &to).expect("a file");
            to
        })
        .to_vec()
}

/// A session with something of everything.
fn worked_on(session: &mut Session, folder: &Path) {
    run(session, Command::Open(fixtures(folder)));
    run(session, Command::Compromise("ci-token".into()));
    run(
        session,
        Command::AddAction(Action::Revoke {
            credential: "backup-key".into(),
        }),
    );
    run(session, Command::NewBranch("narrow".into()));
    run(session, Command::KeepAudience("ci-token".into(), vec!["repo".into()]));
    run(session, Command::ToggleAction(0));
    run(session, Command::SetRegime(Regime::BestCase));
    run(session, Command::SetAsOf("2026-06-01T00:00:00Z".parse().ok()));
    run(session, Command::Select(Some("db".into())));
    run(session, Command::SetNote("db".into(), "ask the owners".into()));
    run(session, Command::ShowTab(Tab::Table));
    let mut spec = TableSpec::of(TableKind::Credentials);
    spec.filter.toggle(Facet::Kind, "Access key");
    run(session, Command::SetTable(spec.clone()));
    run(session, Command::KeepFilter("keys".into(), Some(spec.filter)));
    run(session, Command::SetLayout(MapLayout::Layers));
}

#[test]
fn a_saved_session_opens_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (
        folder.path().join("one.session.json"),
        folder.path().join("two.session.json"),
    );
    let mut session = desk(None);
    worked_on(&mut session, folder.path());
    run(&mut session, Command::Export(ExportKind::Session, one.clone()));
    assert_eq!(session.doc.unsaved_steps(), 0, "it is in a file now");
    assert_eq!(session.doc.session_file.as_ref(), Some(&one));

    let mut again = desk(None);
    run(&mut again, Command::Open(vec![one.clone()]));
    assert_eq!(again.doc.proposal, session.doc.proposal);
    assert_eq!(
        (again.doc.regime, again.doc.as_of()),
        (session.doc.regime, session.doc.as_of())
    );
    assert_eq!(
        (&again.doc.notes, &again.doc.view),
        (&session.doc.notes, &session.doc.view)
    );
    assert_eq!(again.doc.selection.as_deref(), Some("db"));
    assert_eq!(again.settings.layout, MapLayout::Layers);
    assert_eq!(again.settings.recent, std::slice::from_ref(&one));
    run(&mut again, Command::Export(ExportKind::Session, two.clone()));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schema/session.schema.json");
    let json = |p: &Path| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(p).expect("it is there")).expect("it is JSON")
    };
    let validator = jsonschema::validator_for(&json(&schema)).expect("it is a schema");
    let errors: Vec<String> = validator.iter_errors(&json(&one)).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let read = |p: &Path| std::fs::read(p).expect("it was written");
    assert_eq!(read(&one), read(&two), "equal sessions give equal bytes");
}

#[test]
fn the_branches_are_worked_on_in_turn_and_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = desk(None);
    worked_on(&mut session, folder.path());
    assert_eq!(session.doc.proposal.branch_names(), ["narrow", "scenario-1"]);
    let steps = session.doc.proposal.steps.clone();
    run(&mut session, Command::SwitchBranch("scenario-1".into()));
    assert_eq!(session.doc.proposal.branch_names(), ["scenario-1", "narrow"]);
    assert_eq!(session.doc.proposal.steps.len(), 1);
    run(&mut session, Command::Undo);
    assert_eq!(
        (session.doc.proposal.name.as_str(), &session.doc.proposal.steps),
        ("narrow", &steps)
    );
    assert!(matches!(
        session.run(Command::NewBranch("scenario-1".into())),
        Outcome::Refused(_)
    ));
    run(&mut session, Command::ForgetBranch("scenario-1".into()));
    assert_eq!(session.doc.proposal.branch_names(), ["narrow"]);
}

#[test]
fn a_session_that_moved_finds_its_files_beside_it_and_says_what_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = desk(None);
    worked_on(&mut session, folder.path());
    run(
        &mut session,
        Command::Export(ExportKind::Session, folder.path().join("s.session.json")),
    );
    let moved = tempfile::tempdir().expect("a folder");
    for name in ["ci.json", "cloud.json", "s.session.json"] {
        std::fs::rename(folder.path().join(name), moved.path().join(name)).expect("it moves");
    }
    let mut again = desk(None);
    run(&mut again, Command::Open(vec![moved.path().join("s.session.json")]));
    assert_eq!(again.doc.proposal, session.doc.proposal);
    assert!(again.notices.is_empty(), "{:?}", again.notices);

    // The names of files that moved are other names; a file that stays and changes is told of.
    let mut here = desk(None);
    run(
        &mut again,
        Command::Export(ExportKind::Session, moved.path().join("t.session.json")),
    );
    let text = std::fs::read_to_string(moved.path().join("ci.json")).expect("it is there");
    std::fs::write(moved.path().join("ci.json"), format!("{text}\n")).expect("it is written");
    run(&mut here, Command::Open(vec![moved.path().join("t.session.json")]));
    let said: BTreeSet<&str> = here.notices.iter().map(|n| n.text.as_str()).collect();
    assert!(
        said.iter()
            .any(|s| s.starts_with("Changed since the session was saved: ci.json")),
        "{said:?}"
    );
}

#[test]
fn a_file_that_changes_on_the_disk_is_offered_to_be_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = desk(None);
    worked_on(&mut session, folder.path());
    assert!(matches!(session.run(Command::LookAtFiles), Outcome::Nothing(_)));
    let path = folder.path().join("ci.json");
    let text = std::fs::read_to_string(&path).expect("it is there");
    std::fs::write(&path, format!("{text}\n\n")).expect("it is written");
    run(&mut session, Command::LookAtFiles);
    let offer = session
        .notices
        .iter()
        .find_map(|n| n.offer.clone())
        .expect("it is offered");
    let before = session.doc.proposal.clone();
    run(&mut session, offer.1);
    assert_eq!(
        session.doc.proposal, before,
        "reading again costs nothing that was proposed"
    );
    assert!(matches!(session.run(Command::LookAtFiles), Outcome::Nothing(_)));
}

#[test]
fn no_session_is_opened_halfway() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = desk(None);
    worked_on(&mut session, folder.path());
    let path = folder.path().join("broken.session.json");
    run(&mut session, Command::Export(ExportKind::Session, path.clone()));
    let whole = std::fs::read_to_string(&path).expect("it was written");
    for cut in [60, whole.len() / 2, whole.len() - 3] {
        std::fs::write(&path, &whole[..cut]).expect("it is written");
        let before = session.doc.proposal.clone();
        session.notices.clear();
        run(&mut session, Command::Open(vec![path.clone()]));
        assert_eq!(session.doc.proposal, before, "cut at {cut}");
        assert!(
            session.notices.iter().any(|n| n.text.contains("it is not whole")),
            "{:?}",
            session.notices
        );
    }
}

#[test]
fn the_copy_is_gone_once_the_window_closes_as_it_should() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("autosave.session.json");
    let mut session = desk(Some(copy.clone()));
    assert!(matches!(session.run(Command::Recover), Outcome::Nothing(_)));
    worked_on(&mut session, folder.path());
    let start = Instant::now();
    while !copy.exists() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(copy.exists());
    session.forget_copy();
    assert!(!copy.exists());
}

/// What the test below kills: edits for ever, and says how far it is.
#[test]
fn an_analyst_who_does_not_stop() {
    let Some(folder) = std::env::var_os("TRUSTMAP_KEEPING_CHILD").map(PathBuf::from) else {
        return;
    };
    let mut session = desk(Some(folder.join("autosave.session.json")));
    run(
        &mut session,
        Command::Open(vec![folder.join("ci.json"), folder.join("cloud.json")]),
    );
    let start = Instant::now();
    let mut out = std::io::stderr();
    for n in 0u64.. {
        run(
            &mut session,
            Command::SetNote("db".into(), format!("{n} {}", "x".repeat((n % 97) as usize))),
        );
        writeln!(out, "edit {n} {}", start.elapsed().as_millis()).expect("somebody listens");
        std::thread::sleep(Duration::from_micros(n % 1_500));
    }
}

#[test]
fn a_kill_at_any_moment_costs_the_last_seconds_only() {
    let rounds: u64 = std::env::var("TRUSTMAP_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(8);
    let mut kept_something = 0;
    for round in 0..rounds {
        let folder = tempfile::tempdir().expect("a folder");
        fixtures(folder.path());
        let mut child = Process::new(std::env::current_exe().expect("this test"))
            .args([
                "--exact",
                "an_analyst_who_does_not_stop",
                "--nocapture",
                "--test-threads",
                "1",
            ])
            .env("TRUSTMAP_KEEPING_CHILD", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        // From the first edit on, at moments that differ from round to round.
        let first = lines.next().expect("it edits").expect("text");
        std::thread::sleep(Duration::from_micros((round * 7_919 + 131) % 150_000));
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let mut edits: Vec<(u64, u64)> = vec![edit(&first).expect("an edit")];
        edits.extend(lines.map_while(Result::ok).filter_map(|l| edit(&l)));
        let (_, end) = *edits.last().expect("an edit");

        let copy = folder.path().join("autosave.session.json");
        let Ok(text) = std::fs::read_to_string(&copy) else {
            // It was killed before the first copy was whole; nothing older than that moment can be missing.
            assert!(end < 5_000, "round {round}: no copy after {end} ms");
            continue;
        };
        let saved = Saved::parse(&text, None).unwrap_or_else(|e| panic!("round {round}: {e}\n{text}"));
        let noted = saved
            .notes
            .get("db")
            .and_then(|n| n.split(' ').next()?.parse::<u64>().ok());
        let lost = edits
            .iter()
            .find(|(n, _)| noted.is_none_or(|k| *n > k))
            .map_or(0, |(_, at)| end - at);
        assert!(lost <= 5_000, "round {round}: the last {lost} ms are missing");
        kept_something += u64::from(noted.is_some());

        let mut session = desk(Some(copy));
        run(&mut session, Command::Recover);
        assert_eq!(session.doc.notes, saved.notes, "round {round}: it reopens as it was");
    }
    assert!(
        kept_something * 2 > rounds,
        "hardly anything was kept: {kept_something} of {rounds}"
    );
}

fn edit(line: &str) -> Option<(u64, u64)> {
    let mut words = line.strip_prefix("edit ")?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}
