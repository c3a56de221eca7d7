//! Paths, the filter on the map, hiding and branches, without a window: what is answered against what a radius says.

#[path = "bench/alone.rs"]
mod alone;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use trustmap::analysis::{Never, radius};
use trustmap::graph::Thing;
use trustmap::scenario::Action;
use trustmap::scene::{Dim, Direction};
use trustmap::session::{Command, Facet, MapLayout, Outcome, Paths, PathsAsk, Session, Tab, samples};

struct Desk(Session);

impl Desk {
    fn with_sample(n: usize) -> Self {
        let mut desk = Self(alone::session(None));
        desk.run(Command::OpenSample(n));
        desk
    }

    fn run(&mut self, command: Command) -> Outcome {
        let outcome = self.0.run(command);
        let start = Instant::now();
        loop {
            self.0.take();
            if !self.0.is_busy() {
                return outcome;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "no rest");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[track_caller]
    fn ask(&mut self, ask: PathsAsk) -> Paths {
        assert_eq!(self.run(Command::ShowPaths(Some(ask))), Outcome::Done);
        self.0.shown_paths().cloned().expect("they are worked out")
    }

    /// What each credential reaches by itself, under the scenario.
    fn alone(&self, credential: u32) -> BTreeSet<Thing> {
        let reach = self.0.answer.reach.as_ref().expect("there is a radius");
        let graph = &reach.question.estate.graph;
        let seeds = [Thing::Credential(credential)];
        let found = radius(graph, &reach.overlay, &seeds, reach.question.settings, &Never);
        found.expect("nobody cancels").things()
    }

    fn id(&self, thing: Thing) -> String {
        self.0.id_of(thing).expect("it is there")
    }
}

fn ids(paths: &Paths) -> BTreeSet<String> {
    paths.lines.iter().map(|l| l.id.clone()).collect()
}

#[test]
fn what_opens_a_thing_is_every_credential_whose_radius_has_it() {
    for n in 0..samples().len().min(4) {
        let mut desk = Desk::with_sample(n);
        let estate = desk.0.doc.estate.clone().expect("it is open");
        let r = &estate.inventory().records;
        let alone: Vec<BTreeSet<Thing>> = (0..r.credentials.len() as u32).map(|c| desk.alone(c)).collect();
        let systems = (0..r.systems.len() as u32).map(Thing::System);
        for end in systems
            .chain((0..r.identities.len() as u32).map(Thing::Identity))
            .step_by(5)
        {
            let paths = desk.ask(PathsAsk::To(desk.id(end)));
            let own: BTreeSet<String> = (0..)
                .zip(&alone)
                .filter(|(_, things)| things.contains(&end))
                .map(|(c, _)| desk.id(Thing::Credential(c)))
                .collect();
            assert_eq!(paths.total, own.len(), "{}", desk.id(end));
            if own.len() <= paths.lines.len() {
                assert_eq!(ids(&paths), own, "{}", desk.id(end));
            }
            // Each way begins with what opens it and ends there.
            for line in paths.lines.iter().filter(|l| !l.rows.is_empty()) {
                assert!(line.rows.iter().any(|row| row.id == line.id), "{}", line.id);
                assert_eq!(line.rows.last().map(|row| row.id.as_str()), Some(desk.id(end).as_str()));
                assert!(line.rows.iter().all(|row| !row.reason.is_empty()));
            }
        }
    }
}

#[test]
fn what_a_thing_opens_is_its_radius_and_the_way_between_is_the_explanation() {
    let mut desk = Desk::with_sample(0);
    let estate = desk.0.doc.estate.clone().expect("it is open");
    for c in (0..estate.inventory().records.credentials.len() as u32).step_by(7) {
        let id = desk.id(Thing::Credential(c));
        let alone = desk.alone(c);
        let paths = desk.ask(PathsAsk::From(id.clone()));
        let own: BTreeSet<String> = alone.iter().map(|t| desk.id(*t)).filter(|t| *t != id).collect();
        assert_eq!(paths.total, own.len(), "{id}");
        assert!(ids(&paths).is_subset(&own), "{id}");
        // On the map each stands one step from what it is told from.
        let nodes = &paths.picture.nodes;
        for node in nodes.iter().filter(|n| n.parent.is_some()) {
            let parent = &nodes[node.parent.expect("it has one") as usize];
            assert_eq!(node.hops, parent.hops + 1, "{}", node.id);
        }
        for end in paths.lines.iter().take(3).cloned().collect::<Vec<_>>() {
            let between = desk.ask(PathsAsk::Between(id.clone(), end.id.clone()));
            assert_eq!(between.lines.len(), 1, "{id} to {}", end.id);
            assert_eq!(between.lines[0].rows, end.rows);
            let way = &between.picture.nodes;
            assert_eq!(way.first().map(|n| n.id.as_str()), Some(id.as_str()));
            assert_eq!(way.last().map(|n| n.id.as_str()), Some(end.id.as_str()));
        }
    }
    let nowhere = desk.ask(PathsAsk::Between("payments-db".into(), "gha-deploy-prod".into()));
    assert!(nowhere.lines.is_empty() || nowhere.lines[0].id == "gha-deploy-prod");
    assert!(matches!(
        desk.run(Command::ShowPaths(Some(PathsAsk::From("no such thing".into())))),
        Outcome::Refused(_)
    ));
}

#[test]
fn the_scenario_closes_paths() {
    let mut desk = Desk::with_sample(0);
    let ask = || PathsAsk::Between("gha-deploy-prod".into(), "payments-db".into());
    assert_eq!(desk.ask(ask()).lines.len(), 1);
    desk.run(Command::KeepAudience(
        "gha-deploy-prod".into(),
        vec!["artifact-registry".into()],
    ));
    assert!(
        desk.0.shown_paths().is_some_and(|p| p.lines.is_empty()),
        "it is cut off"
    );
}

#[test]
fn a_neighbourhood_has_what_its_steps_lead_to() {
    let mut desk = Desk::with_sample(0);
    let id = "gha-deploy-prod".to_owned();
    let one = desk.ask(PathsAsk::Near(id.clone(), Direction::Both, 1));
    let two = desk.ask(PathsAsk::Near(id.clone(), Direction::Both, 2));
    let into = desk.ask(PathsAsk::Near(id.clone(), Direction::In, 1));
    let out = desk.ask(PathsAsk::Near(id, Direction::Out, 1));
    assert!(one.lines.iter().all(|l| l.hops == 1));
    assert!(ids(&one).is_subset(&ids(&two)) && two.total > one.total);
    let both: BTreeSet<String> = ids(&into).union(&ids(&out)).cloned().collect();
    assert_eq!(both, ids(&one));
    assert!(!out.lines.is_empty(), "a token leads somewhere");
}

#[test]
fn the_filter_leaves_shadows_on_the_map_and_takes_rows_out_of_the_matrix() {
    let mut desk = Desk::with_sample(0);
    desk.run(Command::SetLayout(MapLayout::Rings));
    let before = desk.0.answer.picture.clone().expect("there is a map");
    assert!(before.dims.is_empty());
    let mut spec = desk.0.doc.view.table.clone();
    spec.filter.toggle(Facet::Platform, "AWS");
    desk.run(Command::SetTable(spec.clone()));
    let after = desk.0.answer.picture.clone().expect("there is a map");
    assert_eq!(before.layout, after.layout, "nothing moves");
    let estate = desk.0.doc.estate.clone().expect("it is open");
    for (i, node) in after.nodes.iter().enumerate() {
        if let Thing::System(s) = node.thing {
            let platform = estate.inventory().records.systems[s as usize].platform.as_deref();
            let aws = platform.is_some_and(|p| trustmap::scene::cluster_name(p) == "AWS");
            assert_eq!(after.dim(i as u32) == Dim::Shown, aws, "{}", node.id);
        }
    }
    assert!(after.dims.contains(&Dim::Shown) && after.dims.contains(&Dim::Faded));
    desk.run(Command::ShowTab(Tab::Matrix));
    let some = desk.0.answer.matrix.clone().expect("there is a matrix");
    assert!(some.columns.iter().all(|h| h.cluster == "AWS") && !some.columns.is_empty());
    spec.filter.toggle(Facet::Platform, "AWS");
    desk.run(Command::SetTable(spec));
    let all = desk.0.answer.matrix.clone().expect("there is a matrix");
    assert!(all.columns.len() > some.columns.len());
    // What is left are the cells there were.
    for (r, row) in some.rows.iter().enumerate() {
        let own = all.rows.iter().position(|h| h.id == row.id).expect("it was there");
        for (c, column) in some.columns.iter().enumerate() {
            let there = all
                .columns
                .iter()
                .position(|h| h.id == column.id)
                .expect("it was there");
            assert_eq!(some.cell(r, c), all.cell(own, there), "{} at {}", row.id, column.id);
        }
    }
}

#[test]
fn what_is_hidden_or_stands_alone_moves_nothing_and_comes_back() {
    let mut desk = Desk::with_sample(0);
    desk.run(Command::SetLayout(MapLayout::Rings));
    let before = desk.0.answer.picture.clone().expect("there is a map");
    desk.run(Command::Hide("payments-db".into(), true));
    let hidden = desk.0.answer.picture.clone().expect("there is a map");
    assert_eq!(before.layout, hidden.layout);
    let of = |p: &trustmap::scene::MapPicture, id: &str| {
        let i = p.nodes.iter().position(|n| n.id == id).expect("it is on the map");
        p.dim(i as u32)
    };
    assert_eq!(of(&hidden, "payments-db"), Dim::Hidden);
    assert_eq!(of(&hidden, "build-cache"), Dim::Shown);
    desk.run(Command::Isolate(Some("build-cache".into())));
    let alone = desk.0.answer.picture.clone().expect("there is a map");
    assert_eq!(of(&alone, "build-cache"), Dim::Shown);
    assert_eq!(of(&alone, "gha-deploy-prod"), Dim::Shown, "its path stays");
    assert!(alone.dims.iter().filter(|d| **d == Dim::Hidden).count() > 5);
    assert_eq!(desk.run(Command::ShowHidden), Outcome::Done);
    assert!(desk.0.answer.picture.as_ref().is_some_and(|p| p.dims.is_empty()));
    assert!(matches!(desk.run(Command::ShowHidden), Outcome::Nothing(_)));
}

#[test]
fn every_branch_that_is_in_no_file_would_be_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::with_sample(0);
    let revoke = |id: &str| {
        Command::AddAction(Action::Revoke {
            credential: id.to_owned(),
        })
    };
    assert!(desk.0.doc.unsaved().is_empty());
    desk.run(revoke("gha-deploy-prod"));
    desk.run(Command::NewBranch("other".into()));
    desk.run(revoke("tf-admin-key"));
    let unsaved = |desk: &Desk| -> Vec<(String, usize)> {
        let all = desk.0.doc.unsaved();
        all.into_iter().map(|(name, n)| (name.to_owned(), n)).collect()
    };
    assert_eq!(unsaved(&desk), [("other".to_owned(), 2), ("scenario-1".to_owned(), 1)]);
    let path = folder.path().join("other.scenario.json");
    desk.run(Command::Export(trustmap::session::ExportKind::Scenario, path));
    assert_eq!(unsaved(&desk), [("scenario-1".to_owned(), 1)]);
    desk.run(Command::SwitchBranch("scenario-1".into()));
    assert_eq!(unsaved(&desk), [("scenario-1".to_owned(), 1)]);
    let path = folder.path().join("all.session.json");
    desk.run(Command::Export(trustmap::session::ExportKind::Session, path));
    assert!(desk.0.doc.unsaved().is_empty());
}

#[test]
fn a_dropped_list_of_rotated_credentials_becomes_rotations() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::with_sample(0);
    let path = folder.path().join("rotated.txt");
    std::fs::write(&path, "gha-deploy-prod\ntf-admin-key # by hand\n").expect("written");
    assert_eq!(desk.run(Command::Open(vec![path])), Outcome::Done);
    let actions: Vec<Action> = desk.0.doc.proposal.steps.iter().map(|s| s.action.clone()).collect();
    let rotate = |id: &str| Action::Rotate { credential: id.into() };
    assert_eq!(actions, [rotate("gha-deploy-prod"), rotate("tf-admin-key")]);
    // What names nothing here is no list of ours: it is read, and refused, as an inventory.
    let path = folder.path().join("other.txt");
    std::fs::write(&path, "nobody\nnothing\n").expect("written");
    desk.run(Command::Open(vec![path]));
    assert!(desk.0.problem_count() > 0);
}

#[test]
fn pictures_and_rows_are_made_for_the_clipboard() {
    use trustmap::session::{Copied, ExportKind};
    let mut desk = Desk::with_sample(0);
    let rows = |desk: &Desk| match desk.0.copied.as_ref().map(|(n, c)| (*n, c.as_ref().clone())) {
        Some((n, Copied::Rows(text))) => (n, text),
        other => panic!("no rows: {:?}", other.map(|o| o.0)),
    };
    desk.run(Command::Copy(ExportKind::Csv));
    let (first, text) = rows(&desk);
    let head = text.lines().next().expect("a head");
    assert!(head.starts_with("Name\tKind\t"), "{head}");
    assert!(text.contains("payments-db"));
    desk.run(Command::SetRedacted(true));
    desk.run(Command::Copy(ExportKind::Csv));
    let (second, redacted) = rows(&desk);
    assert!(second > first && !redacted.contains("payments-db"));
    assert_eq!(text.lines().count(), redacted.lines().count());
    desk.run(Command::Copy(ExportKind::Png));
    let Some(Copied::Picture(png)) = desk.0.copied.as_ref().map(|(_, c)| c.as_ref().clone()) else {
        panic!("no picture")
    };
    let ([w, h], rgba) = trustmap::export::png::pixels(&png).expect("a picture");
    assert_eq!((w, h, rgba.len()), (1920, 1080, 1920 * 1080 * 4));
    assert!(matches!(desk.run(Command::Copy(ExportKind::Svg)), Outcome::Refused(_)));
}
