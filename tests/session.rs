//! The session without a window: commands, their outcomes, undo, and what follows.

#[path = "bench/alone.rs"]
mod alone;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use trustmap::graph::Regime;
use trustmap::scenario::Action;
use trustmap::session::{Command, MapLayout, Outcome, Session, ThingState};

struct Desk(Session);

impl Desk {
    fn new() -> Self {
        Self(alone::session(None))
    }

    fn with_two_files() -> Self {
        let mut desk = Self::new();
        assert_eq!(
            desk.run(Command::Open(vec![fixture("ci.json"), fixture("cloud.json")])),
            Outcome::Done
        );
        desk
    }

    fn run(&mut self, command: Command) -> Outcome {
        let outcome = self.0.run(command);
        let start = Instant::now();
        loop {
            self.0.take();
            if !self.0.is_busy() {
                break;
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "the session does not come to rest"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        outcome
    }

    #[track_caller]
    fn done(&mut self, command: Command) {
        assert_eq!(self.run(command), Outcome::Done);
    }

    /// Systems reached before and after.
    fn systems(&self) -> (u64, u64) {
        let reach = self.0.answer.reach.as_ref().expect("there is a radius");
        (reach.before().summary.systems, reach.now().summary.systems)
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/window")
        .join(name)
}

fn revoke(id: &str) -> Action {
    Action::Revoke { credential: id.into() }
}

#[test]
fn every_command_ends_done_with_nothing_to_do_or_refused_with_a_reason() {
    let mut desk = Desk::new();
    for command in [
        Command::CloseAll,
        Command::Undo,
        Command::Redo,
        Command::Cancel,
        Command::Open(Vec::new()),
        Command::CloseFile(0),
        Command::RemoveAction(0),
        Command::ToggleAction(3),
        Command::MoveAction(1, 1),
        Command::SetRegime(Regime::WorstCase),
        Command::SetLayout(MapLayout::Rings),
        Command::Select(None),
    ] {
        let outcome = desk.run(command.clone());
        assert!(
            matches!(&outcome, Outcome::Nothing(why) if !why.is_empty()),
            "{command:?}: {outcome:?}"
        );
    }
    for command in [
        Command::OpenSample(99),
        Command::Compromise("ci-token".into()),
        Command::AddAction(revoke("ci-token")),
        Command::KeepAudience("ci-token".into(), Vec::new()),
        Command::RenameScenario("  ".into()),
        Command::Export(trustmap::session::ExportKind::Png, PathBuf::from("/nowhere/a.png")),
    ] {
        let outcome = desk.run(command.clone());
        assert!(
            matches!(&outcome, Outcome::Refused(why) if !why.is_empty()),
            "{command:?}: {outcome:?}"
        );
        let Outcome::Refused(why) = outcome else { unreachable!() };
        assert!(
            desk.0.notices.iter().any(|n| n.text == why),
            "the reason is shown: {why}"
        );
    }
}

#[test]
fn undo_goes_back_over_every_kind_of_step() {
    let mut desk = Desk::with_two_files();
    desk.done(Command::Compromise("ci-token".into()));
    desk.done(Command::AddAction(revoke("ci-token")));
    desk.done(Command::KeepAudience("ci-token".into(), vec!["api".into()]));
    desk.done(Command::ToggleAction(0));
    desk.done(Command::MoveAction(0, 1));
    desk.done(Command::RenameScenario("contain".into()));
    desk.done(Command::EditAction(1, revoke("backup-key")));
    desk.done(Command::RemoveAction(0));
    desk.done(Command::Spare("ci-token".into()));
    let end = desk.0.doc.proposal.clone();
    let mut names = Vec::new();
    while let Some(name) = desk.0.doc.history.undo_name().map(str::to_owned) {
        names.push(name);
        desk.done(Command::Undo);
    }
    assert_eq!(
        names,
        [
            "Unmark ci-token",
            "Remove: Narrow ci-token",
            "Change: Revoke ci-token",
            "Rename to contain",
            "Move: Revoke ci-token",
            "Switch off: Revoke ci-token",
            "Narrow ci-token",
            "Revoke ci-token",
            "Mark ci-token"
        ]
    );
    assert!(desk.0.doc.proposal.seeds.is_empty() && desk.0.doc.proposal.steps.is_empty());
    for _ in &names {
        desk.done(Command::Redo);
    }
    assert_eq!(desk.0.doc.proposal, end);
}

#[test]
fn narrowing_is_one_action_a_credential_however_often_it_is_ticked() {
    let mut desk = Desk::with_two_files();
    desk.done(Command::Compromise("ci-token".into()));
    assert_eq!(desk.systems(), (5, 5));
    desk.done(Command::KeepAudience(
        "ci-token".into(),
        vec!["api".into(), "registry".into()],
    ));
    assert_eq!(desk.systems(), (5, 3));
    desk.done(Command::KeepAudience("ci-token".into(), vec!["api".into()]));
    assert_eq!((desk.systems(), desk.0.doc.proposal.steps.len()), ((5, 2), 1));
    desk.done(Command::KeepAudience(
        "ci-token".into(),
        vec!["api".into(), "registry".into(), "db".into()],
    ));
    assert_eq!((desk.systems(), desk.0.doc.proposal.steps.len()), ((5, 5), 0));
    let outcome = desk.run(Command::KeepAudience("backup-key".into(), Vec::new()));
    assert!(
        matches!(outcome, Outcome::Refused(_)),
        "it states no audience: {outcome:?}"
    );
}

#[test]
fn an_action_that_stops_applying_says_so_on_its_chip_and_applies_to_nothing() {
    let mut desk = Desk::with_two_files();
    desk.done(Command::Compromise("ci-token".into()));
    let exposure = "exposure:db->backup-key".to_owned();
    desk.done(Command::AddAction(Action::RemoveExposure {
        exposure: exposure.clone(),
    }));
    assert_eq!(desk.systems(), (5, 4));
    // The same again would be a thing removed twice.
    let twice = desk.run(Command::AddAction(Action::RemoveExposure { exposure }));
    assert!(matches!(twice, Outcome::Nothing(_)), "{twice:?}");
    // Without the file that holds the exposure, the action names something the inventory lacks.
    desk.done(Command::CloseFile(1));
    let reach = desk.0.answer.reach.as_ref().expect("there is a radius");
    assert_eq!(reach.errors.len(), 1);
    assert!(
        reach.errors[0].1.contains("exposure:db->backup-key"),
        "{:?}",
        reach.errors
    );
    assert_eq!(desk.systems(), (2, 2));
}

#[test]
fn opening_more_files_keeps_what_was_compromised_and_closing_one_takes_it_out() {
    let mut desk = Desk::new();
    desk.done(Command::Open(vec![fixture("ci.json")]));
    desk.done(Command::Compromise("ci-token".into()));
    assert_eq!(desk.systems(), (2, 2));
    desk.done(Command::Open(vec![fixture("cloud.json")]));
    assert_eq!(desk.systems(), (5, 5));
    // The same file twice is one file.
    desk.done(Command::Open(vec![fixture("cloud.json")]));
    assert_eq!(desk.0.doc.estate.as_ref().expect("open").opened.len(), 2);
    desk.done(Command::CloseFile(1));
    assert_eq!(desk.systems(), (2, 2));
    desk.done(Command::CloseFile(0));
    assert!(
        desk.0.doc.estate.is_none(),
        "the last file closed is the welcome screen"
    );
}

#[test]
fn the_inspector_follows_the_scenario() {
    let mut desk = Desk::with_two_files();
    desk.done(Command::Compromise("ci-token".into()));
    desk.done(Command::Select(Some("backup".into())));
    let state = |desk: &Desk| {
        let view = desk.0.answer.inspection.as_ref().expect("something is selected");
        (view.id.clone(), view.banner.state, view.pending)
    };
    assert_eq!(state(&desk), ("backup".into(), ThingState::Intended, 0));
    desk.done(Command::KeepAudience("ci-token".into(), vec!["api".into()]));
    assert_eq!(state(&desk), ("backup".into(), ThingState::Ghost, 0));
    desk.done(Command::Select(Some("intranet".into())));
    assert_eq!(state(&desk), ("intranet".into(), ThingState::Untouched, 0));
    desk.done(Command::Select(Some("ci-token".into())));
    let view = desk.0.answer.inspection.clone().expect("something is selected");
    assert_eq!(view.banner.state, ThingState::Compromised);
    assert!(view.why.is_empty(), "a seed is where it begins");
    assert_eq!(view.audience.iter().filter(|t| t.on).count(), 1);
    let db = view.audience.iter().find(|t| t.value == "db").expect("it is stated");
    assert_eq!((db.used.as_str(), db.breaks), ("idle 212 days", false));
    let registry = view
        .audience
        .iter()
        .find(|t| t.value == "registry")
        .expect("it is stated");
    assert_eq!((registry.used.as_str(), registry.breaks), ("used today", true));
}

#[test]
fn an_answer_never_belongs_to_an_older_question() {
    let mut desk = Desk::with_two_files();
    desk.done(Command::Compromise("ci-token".into()));
    // Twenty questions in a row, without waiting for any answer but the last.
    for i in 0..20 {
        let kept = if i % 2 == 0 {
            vec!["api".into()]
        } else {
            vec!["api".into(), "registry".into()]
        };
        desk.0.run(Command::KeepAudience("ci-token".into(), kept));
        desk.0.take();
        let stale = desk.0.is_stale();
        let reach = desk.0.answer.reach.as_ref().expect("there is one");
        let shown = reach.question.proposal.steps == desk.0.doc.proposal.steps;
        assert_eq!(stale, !shown, "what is shown is marked as old exactly while it is");
    }
    desk.run(Command::Select(None));
    assert_eq!(desk.systems(), (5, 3));
    assert!(!desk.0.is_stale());
}

#[test]
fn ranks_are_the_radius_of_each_credential_alone() {
    let mut desk = Desk::with_two_files();
    desk.done(Command::KeepAudience("ci-token".into(), vec!["api".into()]));
    let ranks = desk.0.answer.ranks.clone().expect("they are worked out");
    let rows: Vec<(&str, u64, Option<u64>)> = ranks
        .lines
        .iter()
        .map(|l| (l.id.as_str(), l.before.systems, l.after.map(|a| a.systems)))
        .collect();
    assert_eq!(rows, [("ci-token", 5, Some(2)), ("backup-key", 1, Some(1))]);
}
