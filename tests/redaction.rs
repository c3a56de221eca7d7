//! Exports under aliases: no byte of any of them holds a name of the inventory, and every number and every place on the
//! picture is what it is under the names.

#[path = "bench/alone.rs"]
mod alone;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use trustmap::plan::Verb;
use trustmap::scene::estate::Grouping;
use trustmap::session::{Command, ExportKind, MapLayout, Outcome, PlanSpec, Session, Tab, TableKind, TableSpec};

/// Every text of the inventory that is not from a closed list begins so: whatever holds it holds a name.
const MARK: &str = "qzvmarkx";

fn session() -> Session {
    alone::session(None)
}

#[track_caller]
fn run(session: &mut Session, command: Command) {
    let said = format!("{command:?}");
    assert!(!matches!(session.run(command), Outcome::Refused(_)), "{said}");
    let start = Instant::now();
    loop {
        session.take();
        if !session.is_busy() {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "no end to {said}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A sample in which every free text is marked. What matches what stays: the star alone, and equal texts stay equal.
fn marked(value: &Value, under: &str) -> Value {
    match value {
        Value::Object(members) => {
            let free = under == "attributes";
            let member = |(k, v): (&String, &Value)| {
                let key = if free { format!("{MARK}{k}") } else { k.clone() };
                let said = if free { "attribute" } else { k.as_str() };
                (key, marked(v, said))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(list) => list.iter().map(|v| marked(v, under)).collect(),
        Value::String(text) => json!(mark(text, under)),
        other => other.clone(),
    }
}

fn mark(text: &str, under: &str) -> String {
    const CLOSED: [&str; 12] = [
        "format",
        "criticality",
        "how",
        "status",
        "issued_at",
        "expires_at",
        "rotated_at",
        "last_used_at",
        "as_of",
        "action",
        "checks",
        "kind",
    ];
    if CLOSED.contains(&under) || matches!(text, "" | "*" | "break-glass") {
        return text.to_owned();
    }
    match text.strip_prefix("context:") {
        Some(name) => format!("context:{MARK}{name}"),
        // A relation's name made of its ends.
        None => match text.split_once("->") {
            Some((from, to)) => {
                let (kind, from) = from.split_once(':').expect("a relation says its kind");
                format!("{kind}:{}->{}", mark(from, ""), mark(to, ""))
            }
            None => format!("{MARK}{text}"),
        },
    }
}

/// Systems' kinds are free, the others' are not.
fn mark_kinds(inventory: &mut Value) {
    for system in inventory["systems"].as_array_mut().into_iter().flatten() {
        if let Some(kind) = system["kind"].as_str() {
            system["kind"] = json!(format!("{MARK} {kind}"));
        }
    }
}

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sample-inventories")
        .join(name);
    serde_json::from_slice(&fs::read(&path).expect("a sample")).expect("it is JSON")
}

/// Every text of a PNG's metadata.
fn png_texts(bytes: &[u8]) -> String {
    let reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("a picture");
    let mut out = String::new();
    for chunk in &reader.info().utf8_text {
        out.push_str(&chunk.keyword);
        out.push_str(&chunk.get_text().expect("a text"));
    }
    for chunk in &reader.info().compressed_latin1_text {
        out.push_str(&chunk.get_text().expect("a text"));
    }
    out
}

#[track_caller]
fn holds_no_name(path: &Path) {
    let bytes = fs::read(path).expect("it was written");
    let mut all = bytes.to_ascii_lowercase();
    if path.extension().is_some_and(|e| e == "png") {
        all.extend(png_texts(&bytes).to_lowercase().into_bytes());
    }
    let found = all.windows(MARK.len()).position(|w| w == MARK.as_bytes());
    if let Some(at) = found {
        let around = &all[at.saturating_sub(80)..(at + 80).min(all.len())];
        panic!("{} holds a name: …{}…", path.display(), String::from_utf8_lossy(around));
    }
}

/// Everything but texts, by where it stands, positions in lists left out.
fn numbers(value: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, at: &str, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(o) => o.iter().for_each(|(k, v)| walk(v, &format!("{at}/{k}"), out)),
            Value::Array(list) => {
                out.push((at.to_owned(), format!("{} of them", list.len())));
                list.iter().for_each(|v| walk(v, at, out));
            }
            Value::String(_) => {}
            other => out.push((at.to_owned(), other.to_string())),
        }
    }
    let mut out = Vec::new();
    walk(value, "", &mut out);
    out.sort();
    out
}

/// The shapes of a drawing that are no text and no ground under one; icons too, where none follows a name.
fn shapes(svg: &str, icons: bool) -> Vec<&str> {
    let wanted = |l: &&str| l.starts_with("<circle") || l.starts_with("<path d") || (icons && l.starts_with("<use"));
    svg.lines().filter(wanted).collect()
}

struct Case {
    folder: tempfile::TempDir,
    session: Session,
}

impl Case {
    fn new(name: &str, scenario: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut inventory = marked(&sample(name), "");
        mark_kinds(&mut inventory);
        inventory["systems"][0][format!("{MARK}unknown-key")] = json!("x");
        inventory["grants"]
            .as_array_mut()
            .expect("a list")
            .push(json!({"holder": format!("{MARK}nobody"), "system": format!("{MARK}nowhere"), "scopes": []}));
        let path = folder.path().join(format!("{MARK}-{name}"));
        fs::write(&path, inventory.to_string()).expect("written");
        let mut files = vec![path];
        if let Some(scenario) = scenario {
            let path = folder.path().join(format!("{MARK}-scenario.json"));
            fs::write(&path, marked(&sample(scenario), "").to_string()).expect("written");
            files.push(path);
        }
        let mut session = session();
        run(&mut session, Command::Open(files));
        let seeds = sample("index.json");
        let seeds = seeds["samples"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|s| s["file"] == name);
        let seeds = seeds
            .map(|s| s["compromise"].clone())
            .expect("the sample says what is stolen");
        for seed in seeds.as_array().into_iter().flatten() {
            let id = mark(seed.as_str().expect("an id"), "");
            run(&mut session, Command::SetNote(id.clone(), format!("{MARK} ask")));
            run(&mut session, Command::Compromise(id));
        }
        assert!(
            session
                .answer
                .reach
                .as_ref()
                .is_some_and(|r| r.before().summary.systems > 0),
            "{name}"
        );
        Self { folder, session }
    }

    fn write(&mut self, kind: ExportKind, redacted: bool) -> PathBuf {
        let path = self.folder.path().join(format!("out-{redacted}.{}", kind.extension()));
        run(&mut self.session, Command::SetRedacted(redacted));
        run(&mut self.session, Command::Export(kind, path.clone()));
        assert!(path.exists(), "{kind:?}: {:?}", self.session.notices);
        path
    }

    fn both(&mut self, kind: ExportKind) -> [PathBuf; 2] {
        [self.write(kind, false), self.write(kind, true)]
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).expect("a text")
    }
}

#[track_caller]
fn check(name: &str, scenario: Option<&str>) {
    let mut case = Case::new(name, scenario);
    for layout in [MapLayout::Rings, MapLayout::Layers, MapLayout::Estate] {
        run(&mut case.session, Command::SetLayout(layout));
        for grouping in Grouping::ALL {
            run(&mut case.session, Command::SetGrouping(grouping));
            let [own, redacted] = case.both(ExportKind::Svg);
            holds_no_name(&redacted);
            let (own, redacted) = (Case::text(&own), Case::text(&redacted));
            assert!(own.contains(MARK), "the names are in the drawing at all");
            let icons = layout == MapLayout::Rings;
            assert!(shapes(&own, icons).len() > 20, "there is a map");
            assert_eq!(shapes(&own, icons), shapes(&redacted, icons), "{name}, {layout:?}");
            if layout != MapLayout::Estate {
                break;
            }
        }
    }
    run(&mut case.session, Command::SetLayout(MapLayout::Rings));
    for kind in ExportKind::ALL {
        let [own, redacted] = case.both(kind);
        let files = if kind == ExportKind::Report {
            assert!(
                Case::text(&own.join("report.md")).contains("ask"),
                "notes are in a report"
            );
            let inside = fs::read_dir(&redacted).expect("a folder");
            inside.map(|f| f.expect("a file").path()).collect()
        } else {
            vec![redacted.clone()]
        };
        files.iter().for_each(|f| holds_no_name(f));
        let document = match kind {
            ExportKind::Json => Some(""),
            ExportKind::Report => Some("report.json"),
            _ => None,
        };
        if let Some(file) = document {
            let path = |p: &Path| if file.is_empty() { p.to_owned() } else { p.join(file) };
            let read = |p: &Path| {
                let mut all: Value = serde_json::from_str(&Case::text(&path(p))).expect("it is JSON");
                // What the analyst wrote in free words is not under aliases at all.
                all.as_object_mut().map(|o| o.remove("notes"));
                numbers(&all)
            };
            assert_eq!(read(&own), read(&redacted), "{name}");
        }
        if kind == ExportKind::Report {
            let page = Case::text(&redacted.join("report.md"));
            for part in ["## Findings", "NHI4:2025", "## Plan"] {
                assert!(page.contains(part), "{part}: what names nobody stays");
            }
        }
        if matches!(kind, ExportKind::Graphml | ExportKind::Dot) {
            let (own, redacted) = (Case::text(&own), Case::text(&redacted));
            // Free text is left out, so lines may be fewer; what is linked to what is the same.
            let drawn = |text: &str| ["<node ", "<edge ", " -> "].map(|mark| text.matches(mark).count());
            assert!(drawn(&own).iter().sum::<usize>() > 10, "there is a graph");
            assert_eq!(drawn(&own), drawn(&redacted), "{name}");
            assert!(own.contains(MARK));
        }
    }
    run(&mut case.session, Command::ShowTab(Tab::Table));
    for &table in TableKind::ALL {
        run(&mut case.session, Command::SetTable(TableSpec::of(table)));
        let [own, redacted] = case.both(ExportKind::Csv);
        holds_no_name(&redacted);
        // Row by row: how far, in which state, of what weight.
        let rows = |p: &Path| -> Vec<BTreeMap<String, String>> {
            let mut reader = csv::Reader::from_path(p).expect("a table");
            let head = reader.headers().expect("a head").clone();
            let said = [
                "Hops",
                "Reached",
                "Check missing",
                "Weight",
                "Radius",
                "Intended",
                "Last used",
                "Expires",
            ];
            let cells = |row: csv::StringRecord| {
                let all = head.iter().map(str::to_owned).zip(row.iter().map(str::to_owned));
                all.filter(|(h, _)| said.contains(&h.as_str())).collect()
            };
            reader.records().map(|r| cells(r.expect("a row"))).collect()
        };
        assert!(Case::text(&own).contains(MARK));
        assert_eq!(rows(&own), rows(&redacted), "{name}, {table:?}");
    }
}

#[test]
fn the_deploy_token_under_aliases() {
    check("deploy-token.json", Some("deploy-token.scenario.json"));
}

#[test]
fn every_other_sample_under_aliases() {
    for (name, scenario) in [
        ("copied-key.json", "copied-key.scenario.json"),
        ("saas-assertion.json", "saas-assertion.scenario.json"),
        ("agent.json", "agent.scenario.json"),
    ] {
        check(name, Some(scenario));
    }
}

#[test]
fn workloads_and_an_incident_under_aliases() {
    for (name, scenario) in [
        ("workload-identity.json", "workload-identity.scenario.json"),
        (
            "incident-cloudflare-2023.json",
            "incident-cloudflare-2023.scenario.json",
        ),
    ] {
        check(name, Some(scenario));
    }
}

#[test]
fn the_reason_why_there_is_no_plan_names_nobody() {
    let mut case = Case::new("deploy-token.json", None);
    let spec = PlanSpec {
        barred: Verb::ALL.iter().copied().collect(),
        protect: Some(vec![format!("{MARK}payments-db")]),
        ..PlanSpec::default()
    };
    run(&mut case.session, Command::SetPlan(Box::new(spec)));
    let [own, redacted] = case.both(ExportKind::Report);
    let page = |folder: &Path| Case::text(&folder.join("report.md"));
    for (page, named) in [(page(&own), true), (page(&redacted), false)] {
        let said = "There is no cut. No permitted action keeps the compromise from ";
        let at = page.find(said).unwrap_or_else(|| panic!("{page}"));
        assert_eq!(page[at + said.len()..].starts_with(MARK), named);
    }
    for file in fs::read_dir(&redacted).expect("a folder") {
        holds_no_name(&file.expect("a file").path());
    }
}

#[test]
fn equal_files_give_equal_aliases_and_a_session_keeps_its_names() {
    let (mut one, mut two) = (Case::new("agent.json", None), Case::new("agent.json", None));
    let (a, b) = (one.write(ExportKind::Dot, true), two.write(ExportKind::Dot, true));
    assert_eq!(Case::text(&a), Case::text(&b));
    let session = one.write(ExportKind::Session, true);
    assert!(Case::text(&session).contains(MARK), "a session is opened again");
}

#[test]
fn a_scenario_under_aliases_does_not_count_as_saved() {
    let mut case = Case::new("agent.json", Some("agent.scenario.json"));
    run(&mut case.session, Command::ClearActions);
    let seed = case.session.doc.proposal.seeds[0].clone();
    run(
        &mut case.session,
        Command::AddAction(trustmap::scenario::Action::Revoke { credential: seed }),
    );
    case.write(ExportKind::Scenario, true);
    assert!(case.session.doc.unsaved_steps() > 0);
    case.write(ExportKind::Scenario, false);
    assert_eq!(case.session.doc.unsaved_steps(), 0);
}
