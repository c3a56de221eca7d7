//! The Findings tab, walked by accessible label: what is wrong, why, what supports it, what mends it, and what is asserted.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup, here};
use std::fs;
use trustmap::session::{Command, JudgedFinding, Tab};

/// The deploy token's sample, at its findings.
fn opened() -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[here("sample-inventories/deploy-token.json")]);
    bench.click("Findings");
    bench
}

impl Bench {
    fn findings(&self) -> Vec<String> {
        let starts = ["Critical: ", "High: ", "Medium: ", "Low: "];
        let labels = self.all_labels().into_iter();
        labels.filter(|l| starts.iter().any(|s| l.starts_with(s))).collect()
    }

    /// The label of the first finding that says this.
    #[track_caller]
    fn finding(&self, part: &str) -> String {
        let found = self.findings().into_iter().find(|l| l.contains(part));
        found.unwrap_or_else(|| panic!("no finding says {part:?}: {:#?}", self.findings()))
    }
}

#[test]
fn findings_stand_by_severity_and_open_to_their_evidence() {
    let mut bench = opened();
    let all = bench.findings();
    assert!(all.len() >= 3, "{all:#?}");
    let order = ["Critical", "High", "Medium", "Low"];
    let place = |l: &String| order.iter().position(|s| l.starts_with(s));
    assert!(all.is_sorted_by_key(place), "{all:#?}");
    let label = bench.finding("lake-reader is accepted at");
    bench.click(&label);
    bench.says_part("MITRE ATT&CK v19.1: T1550.001");
    bench.says_part("OWASP Non-Human Identities Top 10, 2025: NHI4:2025");
    // Evidence names the file and the place, and leads to the record.
    bench.says_part("deploy-token.json");
    assert_eq!(bench.session().doc.selection.as_deref(), Some("lake-reader"));
    bench.click("What this means");
    bench.says_part("## How it is abused");
    bench.click("On the map");
    assert_eq!(bench.session().doc.view.tab, Tab::Map);
}

#[test]
fn a_mend_shows_its_effect_and_is_applied_with_one_click() {
    let mut bench = opened();
    let label = bench.finding("lake-reader is accepted at");
    bench.click(&label);
    let mends: Vec<String> = bench
        .all_labels()
        .into_iter()
        .filter(|l| l.starts_with("Apply: Enforce audience"))
        .collect();
    assert!(!mends.is_empty(), "{:#?}", bench.all_labels());
    assert!(mends[0].contains(" systems, breaks "), "{mends:#?}");
    bench.harness.state_mut().command(Command::ClearActions);
    for says in [
        "Medium: lake-reader is accepted at audit-log it is not meant for, was high",
        "lake-reader is accepted at 2 systems it is not meant for, mended",
    ] {
        let judged = bench.session().answer.judged.clone().expect("they are known");
        let of = |f: &&JudgedFinding| f.finding.title.contains("lake-reader is accepted at");
        let finding = judged.findings.iter().find(of).expect("it stands");
        let action = finding.mends[0].action.clone();
        bench.harness.state_mut().command(Command::AddAction(action));
        bench.settle();
        // It stays where it stood, opened, whatever becomes of it.
        bench.says_part(says);
        assert_eq!(bench.session().doc.view.finding.as_ref(), Some(finding.key()));
    }
    bench.says_part("Take back: Enforce audience at audit-log");
}

#[test]
fn filters_by_text_and_framework() {
    let mut bench = opened();
    assert!(bench.finding("lake-reader is accepted at").starts_with("High"));
    bench.click("Find in findings");
    bench.text("NHI7");
    bench.settle();
    let some = bench.findings();
    assert!(!some.is_empty(), "long-lived credentials are NHI7");
    assert!(some.iter().all(|l| !l.contains("is accepted at")), "{some:#?}");
}

#[test]
fn assertions_are_red_and_green() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.json");
    let text = r#"{"format": "trustmap-assertions", "version": 1,
        "never": [{"from": "gha-deploy-prod", "to": "criticality:crown-jewel"}, {"from": "gha-deploy-prod", "to": "nothing-*"}],
        "max_radius": [{"credential": "gha-deploy-prod", "systems": 1000}]}"#;
    fs::write(&path, text).expect("written");
    let mut bench = opened();
    bench.click("Map");
    bench.drop_files(std::slice::from_ref(&path));
    assert_eq!(bench.session().doc.view.tab, Tab::Findings, "they are shown at once");
    bench.says_part("Fails: never from gha-deploy-prod to criticality:crown-jewel: gha-deploy-prod reaches ");
    bench.says_part("Holds: gha-deploy-prod opens at most 1,000 systems");
    bench.says_part("/never/1/to: Nothing matches \"nothing-*\"");
    // Wrong ones say what is wrong.
    fs::write(&path, text.replace("gha-deploy-prod\", \"to", "gha-deploy\", \"to")).expect("written");
    bench.drop_files(std::slice::from_ref(&path));
    bench.says_part("/never/0/from: No system, identity or credential has the id \"gha-deploy\"");
    bench.click("Stop asserting");
    bench.says("Drop a file of assertions to see them here");
    assert!(bench.session().doc.asserted.is_none());
}

#[test]
fn a_filter_asks_for_what_is_found_of_a_record() {
    use trustmap::session::{Facet, TableKind, TableSpec};
    let mut bench = Bench::new(Setup::default());
    let mut ask = |command| {
        bench.harness.state_mut().command(command);
        bench.settle();
    };
    ask(Command::OpenSample(0));
    ask(Command::ShowTab(Tab::Findings));
    ask(Command::ShowTab(Tab::Table));
    let mut spec = TableSpec::of(TableKind::Credentials);
    let title = trustmap::findings::rule("audience-not-checked")
        .expect("the rule")
        .title;
    spec.filter.toggle(Facet::Finding, title);
    ask(Command::SetTable(spec));
    let answer = &bench.session().answer;
    let table = answer.table.as_ref().expect("there is a table");
    let shown: Vec<&str> = (0..table.shown.len())
        .filter_map(|i| Some(table.row(i)?.id.as_str()))
        .collect();
    assert!(shown.contains(&"backup-agent-key") && shown.len() < table.rows.all.len());
    let judged = answer.judged.as_ref().expect("findings were shown");
    let concerned = |id: &str| {
        let mut all = judged.findings.iter().map(|f| &f.finding);
        all.any(|f| f.key().0 == "audience-not-checked" && f.on.iter().any(|on| on == id))
    };
    for row in &table.rows.all {
        assert_eq!(shown.contains(&row.id.as_str()), concerned(&row.id), "{}", row.id);
    }
}
