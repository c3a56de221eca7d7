//! Findings: every rule has a page, a fixture that it must find and one that it must not; what it offers mends it; and
//! the samples raise what they should and nothing else.

mod loading;

use loading::golden::check_golden;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use trustmap::analysis::Never;
use trustmap::findings::{FRAMEWORKS, Finding, KNOWN, findings, least_privilege, rule, rules};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph, World};
use trustmap::model::Time;
use trustmap::scenario::{Action, Flows, Use, apply, flows};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

struct Case {
    name: String,
    graph: TrustGraph,
    settings: Settings,
}

impl Case {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("it can be read");
        let loaded = loading::load(&[&text]);
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(loading::problems(&loaded), [""; 0], "{name}");
        let as_of: Time = "2026-05-01T00:00:00Z".parse().expect("a time");
        let settings = Settings {
            as_of: loaded.inventory.as_of.unwrap_or(as_of),
            regime: Regime::WorstCase,
        };
        Self {
            name,
            graph: TrustGraph::build(loaded.inventory.clone()),
            settings,
        }
    }

    fn fixture(name: &str) -> Self {
        Self::read(&root().join("tests/fixtures/findings").join(name))
    }

    fn found(&self, actions: &[Action]) -> Vec<Finding> {
        let overlay = apply(&self.graph, actions).unwrap_or_else(|e| panic!("{}: {e:?}", self.name));
        self.found_under(&overlay, Regime::WorstCase)
    }

    fn found_under(&self, overlay: &Overlay, regime: Regime) -> Vec<Finding> {
        let settings = Settings {
            regime,
            ..self.settings
        };
        findings(World::new(&self.graph, overlay, settings), &Never).expect("nobody cancels")
    }
}

/// The fixtures, by name.
fn fixtures() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("tests/fixtures/findings"))
        .expect("the fixtures are there")
        .map(|e| e.expect("a fixture").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn samples() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("sample-inventories"))
        .expect("the samples are there")
        .map(|e| e.expect("a sample").path())
        .filter(|p| fs::read_to_string(p).is_ok_and(|t| t.contains("\"trustmap-inventory\"") && t.starts_with('{')))
        .collect();
    paths.sort();
    assert!(paths.len() >= 9);
    paths
}

fn of_rule<'f>(found: &'f [Finding], id: &str) -> Vec<&'f Finding> {
    found.iter().filter(|f| f.rule.id == id).collect()
}

#[test]
fn every_rule_finds_what_it_should_and_nothing_else() {
    let names = fixtures();
    for rule in rules() {
        for kind in ["yes", "no"] {
            assert!(
                names.contains(&format!("{}.{kind}.json", rule.id)),
                "{} has no {kind}",
                rule.id
            );
        }
    }
    for name in names {
        let id = name.split('.').next().unwrap_or_default();
        assert!(rule(id).is_some(), "{name} is of no rule");
        let all = Case::fixture(&name).found(&[]);
        let found = of_rule(&all, id);
        let silent = name.ends_with(".no.json")
            || ["agent-inherits.idle.json", "scope-not-enforced.same.json"].contains(&&*name);
        assert_eq!(found.is_empty(), silent, "{name}: {found:#?}");
    }
}

/// The golden text: severity, rule, title, the ids, and how many pieces of evidence and fixes there are.
fn listed(found: &[Finding]) -> String {
    found
        .iter()
        .map(|f| {
            format!(
                "{} {}: {} [{}] evidence {}, fixes {}\n",
                f.severity.as_str(),
                f.rule.id,
                f.title,
                f.on.join(", "),
                f.evidence.len(),
                f.fix.iter().map(Action::verb).collect::<Vec<_>>().join(" ")
            )
        })
        .collect()
}

#[test]
fn the_samples_raise_what_they_should_and_nothing_else() {
    for path in samples() {
        let case = Case::read(&path);
        let stem = case.name.trim_end_matches(".json").to_owned();
        check_golden(&format!("findings/{stem}.txt"), &listed(&case.found(&[])));
    }
    let mut all = String::new();
    for name in fixtures() {
        all += &format!("{name}\n{}", listed(&Case::fixture(&name).found(&[])));
    }
    check_golden("findings/fixtures.txt", &all);
}

/// What a fix must do to the finding it stands at: it goes, or it is less severe, about less, or supported by less.
fn is_mended(before: &Finding, after: &[Finding]) -> bool {
    let same: Vec<&Finding> = after.iter().filter(|f| f.key() == before.key()).collect();
    same.iter().all(|f| {
        f.severity < before.severity || f.on.len() < before.on.len() || f.evidence.len() < before.evidence.len()
    })
}

#[test]
fn every_fix_mends_what_it_stands_at() {
    let fixtures: Vec<PathBuf> = fixtures()
        .iter()
        .map(|n| root().join("tests/fixtures/findings").join(n))
        .collect();
    let mut tried = BTreeSet::new();
    for path in fixtures.into_iter().chain(samples()) {
        let case = Case::read(&path);
        for finding in case.found(&[]) {
            for action in &finding.fix {
                let after = case.found(std::slice::from_ref(action));
                assert!(
                    is_mended(&finding, &after),
                    "{}: {action:?} does not mend {finding:#?}",
                    case.name
                );
                tried.insert(finding.rule.id);
            }
        }
    }
    // Every rule offers something somewhere.
    let all: BTreeSet<&str> = rules().iter().map(|r| r.id).collect();
    assert_eq!(tried, all);
}

#[test]
fn findings_are_stated_fully() {
    for path in samples() {
        let case = Case::read(&path);
        let found = case.found(&[]);
        let mut keys = BTreeSet::new();
        for f in &found {
            assert!(
                !f.on.is_empty() && !f.evidence.is_empty() && !f.why.is_empty(),
                "{f:#?}"
            );
            assert!(
                f.evidence.iter().all(|e| e.record.is_some() != e.fact.is_some()),
                "{f:#?}"
            );
            assert!(
                f.evidence.iter().all(|e| e.record.is_none() || e.place.is_some()),
                "a record without a place: {f:#?}"
            );
            for id in &f.on {
                assert!(case.graph.find(id).is_some(), "{id} of {f:#?}");
            }
            assert!(keys.insert((f.rule.id, f.on.clone())), "{f:#?} twice");
        }
        assert!(
            found.is_sorted_by_key(|f| std::cmp::Reverse(f.severity)),
            "{}",
            case.name
        );
        assert_eq!(listed(&case.found(&[])), listed(&found), "from run to run");
        // Nothing is left unchecked where everything is checked, and nothing unstated is taken as open in the best case.
        let unchecked = [
            "audience-not-checked",
            "issuer-not-checked",
            "scope-not-enforced",
            "replay-outside-context",
        ];
        for f in case.found_under(&Overlay::default(), Regime::Intended) {
            assert!(!unchecked.contains(&f.rule.id), "{f:#?}");
        }
        for f in case.found_under(&Overlay::default(), Regime::BestCase) {
            assert!(!f.why.contains("the inventory does not say"), "{f:#?}");
        }
    }
}

#[test]
fn frameworks_are_cited_as_they_were_checked() {
    for rule in rules() {
        for (n, (key, name, ids)) in rule.frameworks.named().into_iter().enumerate() {
            assert_eq!((key, name), FRAMEWORKS[n]);
            for id in ids {
                assert!(KNOWN[n].contains(id), "{}: {id} is not known in {name}", rule.id);
            }
            // The page says the same, framework by framework.
            let line = format!("- {name}: {}\n", ids.join(", "));
            assert!(rule.page.contains(&line), "{}: no line {line:?}", rule.id);
        }
        assert!(!rule.frameworks.owasp_nhi.is_empty() && !rule.frameworks.nist_800_53.is_empty());
        // IA-9 and AC-24 are in no moderate baseline, and that is said.
        let outside = ["IA-9", "AC-24"]
            .iter()
            .any(|c| rule.frameworks.nist_800_53.contains(c));
        assert_eq!(
            outside,
            rule.page.contains("not in the moderate baseline"),
            "{}",
            rule.id
        );
        for section in [
            "# ",
            "## What it means",
            "## How it is abused",
            "## How it is checked",
            "## What mends it",
            "## References",
        ] {
            assert!(rule.page.contains(section), "{}: no {section}", rule.id);
        }
        assert!(
            rule.page.starts_with(&format!("# {}\n\n`{}`\n", rule.title, rule.id)),
            "{}",
            rule.id
        );
    }
    // T1134 is of Windows, T1562 is gone, PR.AC is of CSF 1.1: none is ever a tag.
    for wrong in ["T1134", "T1562", "PR.AC-4", "NHI-03"] {
        assert!(!KNOWN.iter().any(|ids| ids.contains(&wrong)), "{wrong}");
    }
    let pages = fs::read_dir(root().join("docs/findings")).expect("the pages").count();
    assert_eq!(pages, rules().len(), "a page for each rule and no other");
}

#[test]
fn what_least_privilege_takes_off_breaks_nothing_in_use() {
    let mut offered = 0;
    for path in samples()
        .into_iter()
        .chain([root().join("tests/fixtures/findings/overprivileged.yes.json")])
    {
        let case = Case::read(&path);
        let nothing = Overlay::default();
        let world = World::new(&case.graph, &nothing, case.settings);
        let before = Flows::of(world);
        for g in 0..case.graph.inventory().records.grants.len() as u32 {
            let least = least_privilege(world, &before, g, &Never).expect("nobody cancels");
            let Some(least) = least else { continue };
            offered += 1;
            assert!(least.systems.1 <= least.systems.0);
            assert!(!least.unused.is_empty(), "{}: {:?}", case.name, least.action);
            // The flows of both worlds, one by one.
            let overlay = apply(&case.graph, std::slice::from_ref(&least.action)).expect("it applies");
            let after = flows(World::new(&case.graph, &overlay, case.settings));
            let gone: Vec<_> = flows(world)
                .into_iter()
                .filter(|f| {
                    !after
                        .iter()
                        .any(|a| (a.kind, &a.from, &a.to, &a.scope) == (f.kind, &f.from, &f.to, &f.scope))
                })
                .collect();
            assert!(gone.iter().all(|f| f.used == Use::Idle), "{}: {gone:?}", case.name);
            assert_eq!(gone, least.broken, "{}", case.name);
        }
    }
    assert!(offered >= 10, "only {offered} were offered");
}
