//! A session as a file: which inventories by path and hash, what is compromised and proposed, what was said of joins, notes,
//! and how it is looked at. No record is in it, so no secret can be. Its own versioned type, read tolerantly: what is
//! odd is as if left out, what is newer is passed over, a newer version is refused.

use super::view::{Column, Facet, Filter, PlanSort, Tab, TableKind, TableSpec, View};
use super::{Branch, Document, MOST_BUDGET, MapLayout, Opened, PlanSpec, Proposal, ProposedStep, samples};
use crate::graph::Regime;
use crate::model::Time;
use crate::plan::Verb;
use crate::scenario::Action;
use crate::stitch::Decisions;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a session file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// What was open, in load order.
    pub opened: Vec<Opened>,
    /// Every file that was read from it, by name, with the hash of its bytes.
    pub files: BTreeMap<String, String>,
    /// What is compromised and proposed, branches among it.
    pub proposal: Proposal,
    /// What is believed where the inventory does not know.
    pub regime: Regime,
    /// The as-of time, where the analyst chose one.
    pub as_of: Option<Time>,
    /// What was said of joins.
    pub decisions: Decisions,
    /// The file of what is asserted.
    pub asserted: Option<PathBuf>,
    /// The files of the other inventory that it is compared with.
    pub other: Vec<PathBuf>,
    /// What is selected.
    pub selection: Option<String>,
    /// Notes by the id of what they are on.
    pub notes: BTreeMap<String, String>,
    /// How it is looked at.
    pub view: View,
    /// How the map is laid out.
    pub layout: MapLayout,
    /// Of an autosave: the session file that was being worked on.
    pub session_file: Option<PathBuf>,
    /// Of an autosave: the lists of steps that stand in a file.
    pub saved_steps: Vec<Vec<ProposedStep>>,
}

/// Whether a text is a session's: looked at before it is read as an inventory.
#[must_use]
pub fn is_session(text: &str) -> bool {
    text.contains("\"trustmap-session\"")
}

impl Saved {
    /// The document as it would be saved.
    #[must_use]
    pub fn of(doc: &Document, layout: MapLayout) -> Self {
        let estate = doc.estate.as_ref();
        Self {
            opened: estate.map(|e| e.opened.clone()).unwrap_or_default(),
            files: estate
                .iter()
                .flat_map(|e| &e.loaded.inputs)
                .map(|i| (i.name.clone(), i.sha256.clone()))
                .collect(),
            proposal: doc.proposal.clone(),
            regime: doc.regime,
            as_of: doc.as_of,
            decisions: doc.decisions.clone(),
            asserted: doc.asserted.as_ref().map(|a| a.path.clone()),
            other: doc.other_files.clone(),
            selection: doc.selection.clone(),
            notes: doc.notes.clone(),
            view: doc.view.clone(),
            layout,
            session_file: doc.session_file.clone(),
            saved_steps: doc.saved_steps.clone(),
        }
    }

    /// As it is written. Equal sessions give equal bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let inventories: Vec<Value> = self
            .opened
            .iter()
            .map(|o| match o {
                Opened::Path(p) => json!({"path": p.to_string_lossy()}),
                Opened::Sample(_) => json!({"sample": o.name()}),
            })
            .collect();
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|(name, hash)| json!({"file": name, "sha256": hash}))
            .collect();
        let mut value = json!({
            "inventories": inventories, "files": files,
            "compromise": self.proposal.seeds,
            "scenario": branch_json(&self.proposal.name, &self.proposal.steps),
            "branches": self.proposal.others.iter().map(|b| branch_json(&b.name, &b.steps)).collect::<Vec<_>>(),
            "regime": self.regime.as_str(),
            "joins": {"confirmed": self.decisions.confirmed, "refused": self.decisions.refused},
            "notes": self.notes,
            "view": view_json(&self.view, self.layout),
        });
        if let Some(t) = self.as_of {
            value["as_of"] = json!(t.to_string());
        }
        if let Some(path) = &self.asserted {
            value["assertions"] = json!(path.to_string_lossy());
        }
        if !self.other.is_empty() {
            let paths: Vec<_> = self.other.iter().map(|p| p.to_string_lossy()).collect();
            value["compared_with"] = json!(paths);
        }
        if let Some(id) = &self.selection {
            value["selection"] = json!(id);
        }
        if let Some(path) = &self.session_file {
            value["session_file"] = json!(path.to_string_lossy());
        }
        if self.saved_steps != self.proposal.every_steps() {
            let lists = self.saved_steps.iter().map(|steps| steps_json(steps));
            value["saved_scenarios"] = Value::Array(lists.collect());
        }
        // What it is stands first, so that a look at its beginning is enough.
        let rest = format!("{value:#}\n");
        let head = "{\n  \"format\": \"trustmap-session\",\n  \"version\": 1,\n";
        rest.replacen("{\n", head, 1)
    }

    /// Reads a session; `folder` is where its file stands: an inventory that is no longer where it was is looked for
    /// there. Errors: one sentence, where it is no session of this version.
    pub fn parse(text: &str, folder: Option<&Path>) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|e| format!("it is not whole: {e}"))?;
        if value["format"] != "trustmap-session" {
            return Err("it is no session: its format is not \"trustmap-session\"".to_owned());
        }
        match value["version"].as_u64() {
            Some(1) => {}
            Some(n) => return Err(format!("its version is {n}; this program reads version 1")),
            None => return Err("it states no version".to_owned()),
        }
        let opened: Vec<Opened> = list(&value["inventories"])
            .filter_map(|v| match (v["path"].as_str(), v["sample"].as_str()) {
                (Some(path), _) => Some(Opened::Path(found(Path::new(path), folder))),
                (None, Some(name)) => samples().iter().position(|s| s.file == name).map(Opened::Sample),
                (None, None) => None,
            })
            .collect();
        if opened.is_empty() {
            return Err("it names no inventory".to_owned());
        }
        let (name, steps) = branch(&value["scenario"]);
        let mut seeds: Vec<String> = strings(&value["compromise"]).collect();
        seeds.sort();
        seeds.dedup();
        let (view, layout) = view(&value["view"]);
        let proposal = Proposal {
            seeds,
            name,
            steps,
            others: list(&value["branches"])
                .map(branch)
                .map(|(name, steps)| Branch { name, steps })
                .collect(),
        };
        Ok(Self {
            opened,
            files: list(&value["files"])
                .filter_map(|v| Some((v["file"].as_str()?.to_owned(), v["sha256"].as_str()?.to_owned())))
                .collect(),
            saved_steps: match (&value["saved_scenarios"], &value["saved_steps"]) {
                (Value::Array(lists), _) => lists.iter().map(steps_of).collect(),
                // As the program wrote it when only one scenario was looked at.
                (_, one @ Value::Array(_)) => vec![steps_of(one)],
                _ => proposal.every_steps(),
            },
            proposal,
            regime: value["regime"].as_str().and_then(Regime::parse).unwrap_or_default(),
            as_of: value["as_of"].as_str().and_then(|t| t.parse().ok()),
            decisions: Decisions {
                confirmed: strings(&value["joins"]["confirmed"]).collect(),
                refused: strings(&value["joins"]["refused"]).collect(),
            },
            asserted: value["assertions"].as_str().map(|path| found(Path::new(path), folder)),
            other: strings(&value["compared_with"])
                .map(|path| found(Path::new(&path), folder))
                .collect(),
            selection: value["selection"].as_str().map(str::to_owned),
            notes: members(&value["notes"])
                .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
                .collect(),
            view,
            layout,
            session_file: value["session_file"].as_str().map(PathBuf::from),
        })
    }

    /// The files that are not what they were when the session was saved, by name.
    pub fn changed<'a>(&'a self, now: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<&'a str> {
        now.filter(|(name, hash)| self.files.get(*name).is_some_and(|was| was != hash))
            .map(|(name, _)| name)
            .collect()
    }
}

/// Where a path leads now: there, or under its name beside the session.
fn found(path: &Path, folder: Option<&Path>) -> PathBuf {
    if !path.exists()
        && let (Some(folder), Some(name)) = (folder, path.file_name())
        && folder.join(name).exists()
    {
        return folder.join(name);
    }
    path.to_path_buf()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> impl Iterator<Item = String> {
    list(value).filter_map(Value::as_str).map(str::to_owned)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn steps_json(steps: &[ProposedStep]) -> Value {
    let steps = steps.iter().map(|s| json!({"action": s.action.to_json(), "on": s.on}));
    Value::Array(steps.collect())
}

fn steps_of(value: &Value) -> Vec<ProposedStep> {
    list(value)
        .filter_map(|s| {
            Some(ProposedStep {
                action: Action::from_json(&s["action"]).ok()?,
                on: s["on"].as_bool().unwrap_or(true),
            })
        })
        .collect()
}

fn branch_json(name: &str, steps: &[ProposedStep]) -> Value {
    json!({"name": name, "steps": steps_json(steps)})
}

fn branch(value: &Value) -> (String, Vec<ProposedStep>) {
    let name = value["name"].as_str().filter(|n| !n.trim().is_empty());
    (name.unwrap_or("scenario-1").to_owned(), steps_of(&value["steps"]))
}

fn filter_json(filter: &Filter) -> Value {
    let facets: Map<String, Value> = filter
        .facets
        .iter()
        .map(|(f, values)| (f.as_str().to_owned(), json!(values)))
        .collect();
    json!({"text": filter.text, "facets": facets})
}

fn filter(value: &Value) -> Filter {
    Filter {
        text: value["text"].as_str().unwrap_or_default().to_owned(),
        facets: members(&value["facets"])
            .filter_map(|(k, v)| Some((Facet::parse(k)?, strings(v).collect::<BTreeSet<_>>())))
            .filter(|(_, v)| !v.is_empty())
            .collect(),
    }
}

fn view_json(view: &View, layout: MapLayout) -> Value {
    let columns: Map<String, Value> = view
        .columns
        .iter()
        .map(|(k, list)| {
            let list: Vec<&str> = list.iter().map(|c| c.as_str()).collect();
            (k.as_str().to_owned(), json!(list))
        })
        .collect();
    let filters: Map<String, Value> = view.filters.iter().map(|(n, f)| (n.clone(), filter_json(f))).collect();
    let mut value = json!({
        "tab": view.tab.as_str(), "layout": layout.as_str(), "whole_matrix": view.whole_matrix, "steps": view.steps_open,
        "redacted": view.redacted, "hidden": view.hidden,
        "table": {
            "kind": view.table.kind.as_str(),
            "sort": view.table.sort.0.as_str(), "descending": view.table.sort.1,
            "filter": filter_json(&view.table.filter),
        },
        "columns": columns, "filters": filters, "plan": plan_json(&view.plan),
    });
    if !view.pins.is_empty() {
        value["pins"] = json!(view.pins);
    }
    if let Some(id) = &view.isolated {
        value["isolated"] = json!(id);
    }
    if let Some((rule, subject, other)) = &view.finding {
        value["finding"] = json!([rule, subject, other]);
    }
    if let Some(name) = &view.compare {
        value["compare"] = json!(name);
    }
    if view.against_other {
        value["against_other"] = json!(true);
    }
    value
}

/// The opened finding: rule, subject, and what else it is about.
fn finding(value: &Value) -> Option<super::FindingKey> {
    let mut parts = strings(value);
    let key = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(key)
}

fn plan_json(spec: &PlanSpec) -> Value {
    let barred: Vec<&str> = spec.barred.iter().map(|v| v.as_str()).collect();
    let mut value = json!({
        "sort": spec.sort.as_str(), "barred": barred, "this_theft": spec.this_theft, "budget": spec.budget,
        "afresh": spec.afresh,
    });
    for (member, list) in [("from", &spec.from), ("protect", &spec.protect)] {
        if let Some(ids) = list {
            value[member] = json!(ids);
        }
    }
    value
}

fn plan(value: &Value) -> PlanSpec {
    let own = PlanSpec::default();
    let ids = |member: &str| {
        let mut ids: Vec<String> = strings(value[member].as_array().map(|_| &value[member])?).collect();
        ids.sort();
        ids.dedup();
        Some(ids)
    };
    PlanSpec {
        sort: value["sort"].as_str().and_then(PlanSort::parse).unwrap_or(own.sort),
        from: ids("from"),
        protect: ids("protect"),
        barred: strings(&value["barred"]).filter_map(|v| Verb::parse(&v)).collect(),
        this_theft: value["this_theft"].as_bool().unwrap_or(own.this_theft),
        budget: value["budget"]
            .as_u64()
            .map_or(own.budget, |n| n.clamp(1, MOST_BUDGET.into()) as u8),
        afresh: value["afresh"].as_bool().unwrap_or(own.afresh),
    }
}

fn view(value: &Value) -> (View, MapLayout) {
    let table = &value["table"];
    let kind = table["kind"]
        .as_str()
        .and_then(TableKind::parse)
        .unwrap_or(TableKind::Systems);
    let own = TableSpec::of(kind);
    let sort = table["sort"].as_str().and_then(Column::parse);
    let sort = sort.filter(|c| kind.columns().iter().any(|(own, _)| own == c));
    let view = View {
        tab: value["tab"].as_str().and_then(Tab::parse).unwrap_or(Tab::Map),
        table: TableSpec {
            kind,
            sort: sort.map_or(own.sort, |c| (c, table["descending"].as_bool().unwrap_or(false))),
            filter: filter(&table["filter"]),
        },
        columns: members(&value["columns"])
            .filter_map(|(k, v)| {
                Some((
                    TableKind::parse(k)?,
                    strings(v).filter_map(|c| Column::parse(&c)).collect(),
                ))
            })
            .collect(),
        finding: finding(&value["finding"]),
        plan: plan(&value["plan"]),
        redacted: value["redacted"].as_bool().unwrap_or(false),
        hidden: strings(&value["hidden"]).collect(),
        pins: members(&value["pins"])
            .filter_map(|(key, at)| {
                let part = |n: usize| i32::try_from(at[n].as_i64()?).ok();
                Some((key.clone(), (part(0)?, part(1)?)))
            })
            .collect(),
        isolated: value["isolated"].as_str().map(str::to_owned),
        paths: None,
        whole_matrix: value["whole_matrix"].as_bool().unwrap_or(false),
        steps_open: value["steps"].as_bool().unwrap_or(false),
        compare: value["compare"].as_str().map(str::to_owned),
        against_other: value["against_other"].as_bool().unwrap_or(false),
        filters: members(&value["filters"])
            .map(|(n, f)| (n.clone(), filter(f)))
            .collect(),
    };
    (view, value["layout"].as_str().map(MapLayout::parse).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Saved {
        let mut view = View {
            tab: Tab::Table,
            compare: Some("other".into()),
            against_other: true,
            redacted: true,
            hidden: ["h".to_owned()].into(),
            pins: [("rings/t".to_owned(), (1200, -340))].into(),
            isolated: Some("t".into()),
            ..View::default()
        };
        view.table.filter.toggle(Facet::Kind, "Database");
        view.filters.insert("mine".into(), view.table.filter.clone());
        view.columns.insert(TableKind::Systems, vec![Column::Name, Column::Id]);
        view.finding = Some(("no-expiry".into(), "token".into(), String::new()));
        view.plan = PlanSpec {
            sort: PlanSort::Budget,
            protect: Some(vec!["db".into()]),
            barred: [Verb::Isolate].into(),
            budget: 5,
            ..PlanSpec::default()
        };
        let step = |c: &str, on| ProposedStep {
            action: Action::Revoke { credential: c.into() },
            on,
        };
        Saved {
            opened: vec![Opened::Path("/data/a.json".into()), Opened::Sample(1)],
            files: [("/data/a.json".to_owned(), "ab".to_owned())].into(),
            proposal: Proposal {
                seeds: vec!["t".into()],
                name: "contain".into(),
                steps: vec![step("t", true), step("u", false)],
                others: vec![Branch {
                    name: "other".into(),
                    steps: vec![step("u", true)],
                }],
            },
            regime: Regime::BestCase,
            as_of: "2026-05-01T00:00:00Z".parse().ok(),
            decisions: Decisions {
                confirmed: ["a".to_owned()].into(),
                refused: ["b".to_owned()].into(),
            },
            asserted: Some("/data/gate.json".into()),
            other: vec!["/data/older.json".into()],
            selection: Some("t".into()),
            notes: [("t".to_owned(), "ask ops".to_owned())].into(),
            view,
            layout: MapLayout::Layers,
            session_file: Some("/data/x.session.json".into()),
            saved_steps: vec![vec![step("t", true)]],
        }
    }

    #[test]
    fn a_session_comes_back_as_it_was_saved() {
        let saved = one();
        assert_eq!(Saved::parse(&saved.to_json(), None), Ok(saved.clone()));
        let clean = Saved {
            saved_steps: saved.proposal.every_steps(),
            session_file: None,
            as_of: None,
            asserted: None,
            other: Vec::new(),
            selection: None,
            ..saved
        };
        assert_eq!(Saved::parse(&clean.to_json(), None), Ok(clean));
    }

    #[test]
    fn what_is_odd_is_as_if_left_out() {
        let least = r#"{"format": "trustmap-session", "version": 1, "inventories": [{"path": "a"}, 7, {"sample": "no"}],
            "regime": "hope", "view": {"tab": "moon", "table": {"kind": "systems", "sort": "expires"}}, "notes": [],
            "scenario": {"name": " ", "steps": [{"action": {"do": "nothing"}}, 3]}, "future": {}}"#;
        let saved = Saved::parse(least, None).expect("it is read");
        let expected = Saved {
            opened: vec![Opened::Path("a".into())],
            proposal: Proposal {
                name: "scenario-1".into(),
                ..Proposal::default()
            },
            ..Saved::default()
        };
        assert_eq!(saved, expected);
    }

    #[test]
    fn what_is_no_session_says_why() {
        for (text, why) in [
            ("", "not whole"),
            ("{\"format\": \"trustmap-session\", \"vers", "not whole"),
            ("{}", "no session"),
            (r#"{"format": "trustmap-session"}"#, "no version"),
            (r#"{"format": "trustmap-session", "version": 2}"#, "version is 2"),
            (r#"{"format": "trustmap-session", "version": 1}"#, "no inventory"),
        ] {
            let error = Saved::parse(text, None).expect_err("it is no session");
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn files_that_changed_are_named_and_new_ones_are_not() {
        let saved = one();
        let now = [("/data/a.json", "cd"), ("/data/new.json", "ef")];
        assert_eq!(saved.changed(now.into_iter()), ["/data/a.json"]);
        assert!(saved.changed([("/data/a.json", "ab")].into_iter()).is_empty());
    }
}
