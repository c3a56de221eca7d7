//! How long the analyst waits: `cargo bench --no-default-features --bench hand -- [NODES]` (by default 100,000), or with
//! files of one's own: `-- FILE...`. From opening a native file to the ranked list and the first map, then single clicks: how long the window stands still, until
//! what was asked is shown, and until nothing is worked on any more (three seconds are waited at most); medians.

#![allow(clippy::print_stdout)] // a bench talks to whoever started it

#[path = "../tests/bench/alone.rs"]
mod alone;
mod generator;

use generator::Estate;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use trustmap::scenario::Action;
use trustmap::session::{Column, Command, MapLayout, Session, Tab, TableKind, TableSpec};

fn session() -> Session {
    alone::session(None)
}

/// So long is waited for what follows a click, in seconds; the next one stops it.
const PATIENCE_SECS: f64 = 3.0;

/// Takes what comes until `there`, or no longer than is waited for a click; seconds since `start`.
fn wait_for_click(session: &mut Session, start: Instant, there: impl Fn(&Session) -> bool) -> f64 {
    wait(session, start, |s| {
        there(s) || start.elapsed().as_secs_f64() > PATIENCE_SECS
    })
}

/// Takes what comes until `there`; seconds since `start`.
fn wait(session: &mut Session, start: Instant, there: impl Fn(&Session) -> bool) -> f64 {
    while !there(session) {
        assert!(start.elapsed() < Duration::from_secs(600), "it never comes");
        std::thread::sleep(Duration::from_micros(200));
        session.take();
    }
    start.elapsed().as_secs_f64()
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

type Shown = fn(&Session) -> bool;

fn fresh(session: &Session) -> bool {
    !session.is_stale()
}

fn inspected(session: &Session) -> bool {
    !session.is_stale() && session.answer.inspection.as_ref().map(|i| &i.id) == session.doc.selection.as_ref()
}

fn tabled(session: &Session) -> bool {
    session
        .answer
        .table
        .as_ref()
        .is_some_and(|t| t.spec == session.doc.view.table)
}

fn main() {
    let words = || std::env::args().skip(1);
    let nodes = words().find_map(|a| a.parse().ok()).unwrap_or(100_000);
    let mut files: Vec<PathBuf> = words().map(PathBuf::from).filter(|path| path.is_file()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut ids = None;
    if files.is_empty() {
        let path = folder.path().join("estate.json");
        let estate = Estate::new(nodes, 42);
        let text = estate.native();
        std::fs::write(&path, &text).expect("written");
        println!("{nodes} nodes, {:.0} MB", text.len() as f64 / 1e6);
        let widest = estate.widest();
        ids = Some((estate.id(widest), estate.id(widest / 2), estate.id(widest / 3)));
        files.push(path);
    }
    let mut session = session();
    let start = Instant::now();
    session.run(Command::Open(files));
    let ranked = wait(&mut session, start, |s| s.answer.ranks.is_some());
    let mapped = wait(&mut session, start, |s| {
        s.estate_picture.is_some() || s.answer.picture.is_some()
    });
    let settled = wait(&mut session, start, |s| !s.is_busy());
    println!("opened: ranked list {ranked:.2} s, first map {mapped:.2} s, all {settled:.2} s");

    let (widest, some, other) = ids.unwrap_or_else(|| {
        let ranks = session.answer.ranks.as_ref().expect("they are there");
        let id = |n: usize| ranks.lines[n].id.clone();
        assert!(
            !ranks.lines.is_empty(),
            "no credential is live, so there is nothing to click"
        );
        (id(0), id(ranks.lines.len() / 2), id(ranks.lines.len() / 3))
    });
    let narrow = Action::Revoke {
        credential: widest.clone(),
    };
    let table = |by: Column, down: bool| {
        Command::SetTable(TableSpec {
            sort: (by, down),
            ..TableSpec::of(TableKind::Credentials)
        })
    };
    let filtered = |text: &str| {
        let mut spec = TableSpec::of(TableKind::Credentials);
        text.clone_into(&mut spec.filter.text);
        Command::SetTable(spec)
    };
    // What is clicked, and what takes it back.
    let clicks: Vec<(&str, Command, Command, Shown)> = vec![
        (
            "mark the widest as compromised",
            Command::Compromise(widest.clone()),
            Command::Undo,
            fresh,
        ),
        (
            "select what is compromised",
            Command::Select(Some(widest.clone())),
            Command::Select(Some(other.clone())),
            inspected,
        ),
        (
            "select another record",
            Command::Select(Some(some)),
            Command::Select(Some(other)),
            inspected,
        ),
        ("revoke it", Command::AddAction(narrow), Command::Undo, fresh),
        (
            "layers",
            Command::SetLayout(MapLayout::Layers),
            Command::SetLayout(MapLayout::Rings),
            fresh,
        ),
        (
            "show the table",
            Command::ShowTab(Tab::Table),
            Command::ShowTab(Tab::Map),
            tabled,
        ),
        (
            "sort the table by name",
            table(Column::Name, false),
            table(Column::Name, true),
            tabled,
        ),
        ("filter the table", filtered("9"), filtered("17"), tabled),
    ];
    println!(
        "{:<34} {:>12} {:>12} {:>12}",
        "click", "stands, ms", "shown, ms", "all, ms"
    );
    for (n, (name, there, back, shown)) in clicks.into_iter().enumerate() {
        if n == 6 {
            session.run(Command::ShowTab(Tab::Table));
            wait(&mut session, Instant::now(), |s| !s.is_busy());
        }
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..5 {
            let start = Instant::now();
            session.run(there.clone());
            session.take();
            times[0].push(start.elapsed().as_secs_f64());
            times[1].push(wait_for_click(&mut session, start, shown));
            times[2].push(wait_for_click(&mut session, start, |s| !s.is_busy()));
            session.run(back.clone());
            wait_for_click(&mut session, Instant::now(), |s| !s.is_busy());
        }
        let [stands, seen, all] = times.map(|list| 1e3 * median(list));
        println!("{name:<34} {stands:>12.1} {seen:>12.1} {all:>12.1}");
        if n == 0 {
            // The rest is clicked with something compromised.
            session.run(there);
            wait(&mut session, Instant::now(), |s| !s.is_busy());
        }
    }
}
