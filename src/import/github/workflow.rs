//! Workflow files: who starts them, what their jobs may do, which secrets they use and whose code they run.

use crate::import::yaml;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A workflow.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// Its path in the repository.
    pub path: String,
    /// As people see it.
    pub name: Option<String>,
    /// What starts it, by the event's name.
    pub triggers: BTreeMap<String, Trigger>,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// Whether lines are of a text within the file.
    pub wrapped: bool,
}

/// What narrows an event.
#[derive(Clone, Debug, Default)]
pub struct Trigger {
    /// Branches, where it names some; patterns as written.
    pub branches: Option<Vec<String>>,
    /// Tags, where it names some.
    pub tags: Option<Vec<String>>,
}

/// What the workflow says of its own token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRights {
    /// Nothing: the repository's default holds.
    Unstated,
    /// These, and nothing else.
    These(BTreeMap<String, String>),
    /// All permissions on one level.
    All(&'static str),
}

/// Code of others that a job runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// Owner of its repository.
    pub owner: String,
    /// Name of its repository.
    pub repo: String,
    /// The revision asked for.
    pub revision: String,
    /// Whether the revision cannot be moved.
    pub pinned: bool,
    /// Whether it is a whole workflow.
    pub workflow: bool,
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its key.
    pub key: String,
    /// JSON pointer to it.
    pub pointer: String,
    /// Its line, from 1.
    pub line: u32,
    /// The environment it deploys to; may be an expression.
    pub environment: Option<String>,
    /// What its own token may do.
    pub rights: TokenRights,
    /// Secrets it uses, by name.
    pub secrets: BTreeSet<String>,
    /// Whether it can use all there are.
    pub every_secret: bool,
    /// Code of others.
    pub actions: BTreeSet<Action>,
    /// Images of others, by name.
    pub images: BTreeSet<String>,
    /// Runs on machines of the owner.
    pub self_hosted: bool,
    /// Runs code of whoever opened a pull request.
    pub runs_foreign_code: bool,
    /// Puts texts of outsiders into a script.
    pub runs_foreign_text: bool,
    /// Roles and applications of other platforms it names, or variables for them (`vars.NAME`).
    pub becomes: BTreeSet<String>,
}

impl Job {
    /// Whether it can ask for an OIDC token: that is never implied.
    pub fn has_id_token(&self) -> bool {
        match &self.rights {
            TokenRights::Unstated => false,
            TokenRights::These(rights) => rights.get("id-token").is_some_and(|level| level == "write"),
            TokenRights::All(level) => *level == "write",
        }
    }
}

/// Whether a text begins as a workflow does: it says what starts it and what is done then.
pub fn is_workflow(head: &str) -> bool {
    let keys = yaml::top_level_keys(head);
    let has = |names: &[&str]| keys.iter().any(|key| names.contains(key));
    has(&["on", "true"]) && has(&["jobs"]) && !has(&["apiVersion", "kind"])
}

/// The workflows of a text, and what is wrong with it.
pub fn of_text(text: &str, path: &str) -> (Vec<Workflow>, Vec<String>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for document in yaml::read(text) {
        for problem in &document.problems {
            problems.push(format!("{} (line {})", problem.message, problem.line));
        }
        found.push(of_document(&document, path, &mut problems));
    }
    (found, problems)
}

/// The path in the repository that a file's name tells.
pub fn path_of(name: &str) -> String {
    let name = name.replace('\\', "/");
    match name.rfind(".github/workflows/") {
        Some(at) => name[at..].to_owned(),
        None => format!(".github/workflows/{}", name.rsplit('/').next().unwrap_or_default()),
    }
}

fn of_document(document: &yaml::Document, path: &str, problems: &mut Vec<String>) -> Workflow {
    let value = &document.value;
    let mut found = Workflow {
        path: path.to_owned(),
        name: value.get("name").and_then(Value::as_str).map(str::to_owned),
        triggers: triggers(value.get("on").or_else(|| value.get("true"))),
        ..Workflow::default()
    };
    let top = rights(value.get("permissions"));
    let mut shared = BTreeSet::new();
    let mut every = false;
    if let Some(env) = value.get("env") {
        uses(env, &mut shared, &mut every);
    }
    match value.get("jobs") {
        Some(Value::Object(jobs)) => {
            for (key, job) in jobs {
                let pointer = format!("{}/jobs/{}", document.root, crate::import::json::pointer_step(key));
                let line = document.line_of(&format!("/jobs/{}", crate::import::json::pointer_step(key)));
                if !job.is_object() {
                    problems.push(format!("A job is no mapping and was left out (line {line})"));
                    continue;
                }
                let mut read = read_job(key, job, pointer, line);
                read.secrets.extend(shared.iter().cloned());
                read.every_secret |= every;
                if read.rights == TokenRights::Unstated {
                    read.rights = top.clone();
                }
                found.jobs.push(read);
            }
        }
        None | Some(Value::Null) => problems.push("The workflow has no jobs".to_owned()),
        Some(_) => problems.push("The jobs of the workflow are no mapping and were left out".to_owned()),
    }
    found
}

fn triggers(on: Option<&Value>) -> BTreeMap<String, Trigger> {
    let list = |value: &Value, key: &str| -> Option<Vec<String>> {
        match value.get(key)? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => None,
        }
    };
    match on {
        Some(Value::String(one)) => BTreeMap::from([(one.clone(), Trigger::default())]),
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(|name| (name.to_owned(), Trigger::default()))
            .collect(),
        Some(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| {
                let trigger = Trigger {
                    branches: list(value, "branches"),
                    tags: list(value, "tags"),
                };
                (name.clone(), trigger)
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}

fn rights(value: Option<&Value>) -> TokenRights {
    match value {
        Some(Value::String(text)) if text == "read-all" => TokenRights::All("read"),
        Some(Value::String(text)) if text == "write-all" => TokenRights::All("write"),
        Some(Value::Object(members)) => {
            let members = members.iter().map(|(key, level)| (key.as_str(), level.as_str()));
            let named = super::read::levels(members).into_iter();
            TokenRights::These(named.map(|(name, level)| (name.to_owned(), level.to_owned())).collect())
        }
        // An empty mapping is read as null by some writers.
        Some(Value::Null) => TokenRights::These(BTreeMap::new()),
        _ => TokenRights::Unstated,
    }
}

fn read_job(key: &str, job: &Value, pointer: String, line: u32) -> Job {
    let mut found = Job {
        key: key.to_owned(),
        pointer,
        line,
        environment: match job.get("environment") {
            Some(Value::String(name)) => Some(name.clone()),
            Some(object) => object.get("name").and_then(Value::as_str).map(str::to_owned),
            None => None,
        },
        rights: rights(job.get("permissions")),
        secrets: BTreeSet::new(),
        every_secret: job.get("secrets").and_then(Value::as_str) == Some("inherit"),
        actions: BTreeSet::new(),
        images: BTreeSet::new(),
        self_hosted: job
            .get("runs-on")
            .is_some_and(|on| on.to_string().contains("self-hosted")),
        runs_foreign_code: false,
        runs_foreign_text: false,
        becomes: BTreeSet::new(),
    };
    uses(job, &mut found.secrets, &mut found.every_secret);
    if let Some(called) = job.get("uses").and_then(Value::as_str) {
        used(called, true, &mut found);
    }
    for step in job.get("steps").and_then(Value::as_array).into_iter().flatten() {
        if let Some(called) = step.get("uses").and_then(Value::as_str) {
            used(called, false, &mut found);
            if called.starts_with("actions/checkout") && step.get("with").is_some_and(asks_for_head) {
                found.runs_foreign_code = true;
            }
        }
        if let Some(script) = step.get("run").and_then(Value::as_str) {
            found.runs_foreign_code |= script.contains("gh pr checkout") || script.contains("pull/${{");
            found.runs_foreign_text |= FOREIGN_TEXTS.iter().any(|text| script.contains(text)) && script.contains("${{");
        }
        for (key, value) in step.get("with").and_then(Value::as_object).into_iter().flatten() {
            if let (true, Some(text)) = (BECOMING.contains(&key.as_str()), value.as_str()) {
                let variable = text.trim().trim_start_matches("${{").trim_end_matches("}}").trim();
                if names_another(text) || variable.starts_with("vars.") {
                    found.becomes.insert(variable.to_owned());
                }
            }
        }
    }
    found
}

/// Inputs of actions that name whom a job becomes elsewhere.
const BECOMING: &[&str] = &["role-to-assume", "client-id", "service_account"];

/// Texts that outsiders write.
const FOREIGN_TEXTS: &[&str] = &[
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.head_ref",
];

/// Whether a checkout asks for what whoever opened a pull request wrote.
fn asks_for_head(with: &Value) -> bool {
    let asks = |key: &str| {
        with.get(key).and_then(Value::as_str).is_some_and(|text| {
            text.contains("pull_request.head")
                || text.contains("github.head_ref")
                || text.contains("workflow_run.head_")
                || text.contains("refs/pull/")
                || text.contains("pull_request.number")
        })
    };
    asks("ref") || asks("repository")
}

/// Code of others.
fn used(called: &str, workflow: bool, job: &mut Job) {
    if called.starts_with("./") || called.contains("${{") {
        return;
    }
    if let Some(image) = called.strip_prefix("docker://") {
        if !image.contains("@sha256:") {
            job.images.insert(image.to_owned());
        }
        return;
    }
    let (path, revision) = called.split_once('@').unwrap_or((called, ""));
    let mut steps = path.split('/');
    let (Some(owner), Some(repo)) = (steps.next(), steps.next()) else {
        return;
    };
    let valid = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !valid(owner) || !valid(repo) {
        return;
    }
    let hex = |n: usize| revision.len() == n && revision.bytes().all(|b| b.is_ascii_hexdigit());
    job.actions.insert(Action {
        owner: owner.to_owned(),
        repo: repo.to_owned(),
        revision: revision.to_owned(),
        pinned: hex(40) || hex(64),
        workflow,
    });
}

/// The secrets that texts use, wherever they stand.
fn uses(value: &Value, secrets: &mut BTreeSet<String>, every: &mut bool) {
    match value {
        Value::String(text) => used_in(text, secrets, every),
        Value::Array(items) => items.iter().for_each(|item| uses(item, secrets, every)),
        Value::Object(members) => members.values().for_each(|item| uses(item, secrets, every)),
        _ => {}
    }
}

fn used_in(text: &str, secrets: &mut BTreeSet<String>, every: &mut bool) {
    if !text.contains("secrets") {
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.find("secrets") {
        let before = rest[..at].chars().next_back();
        let after = &rest[at + "secrets".len()..];
        rest = after;
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
            continue;
        }
        let name = if let Some(name) = after.strip_prefix('.') {
            name
        } else if let Some(name) = after.strip_prefix("['").or_else(|| after.strip_prefix("[\"")) {
            name
        } else {
            // `toJSON(secrets)`, `secrets[matrix.name]`: any of them.
            *every |= text.contains("${{") && (after.starts_with(')') || after.starts_with('['));
            continue;
        };
        let name: String = name
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        let inside = text.contains("${{");
        if inside && !name.is_empty() && name.len() <= 200 && !name.eq_ignore_ascii_case("GITHUB_TOKEN") {
            secrets.insert(name.to_ascii_uppercase());
        }
    }
}

/// Whether a text names a role, an application or a service account of another platform.
pub fn names_another(text: &str) -> bool {
    let role = text.starts_with("arn:aws") && text.contains(":role/");
    let guid = text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    let account = text.ends_with(".iam.gserviceaccount.com") && text.contains('@') && text.len() < 200;
    (role && text.len() < 300 && !text.contains(['$', '*', ' '])) || guid || account
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Workflow {
        let (mut found, problems) = of_text(text, ".github/workflows/x.yml");
        assert_eq!(problems, [""; 0]);
        found.remove(0)
    }

    #[test]
    fn secrets_are_found_wherever_they_are_used() {
        let check = |text: &str, want: &[&str], all: bool| {
            let (mut secrets, mut every) = (BTreeSet::new(), false);
            used_in(text, &mut secrets, &mut every);
            assert_eq!(secrets.iter().map(String::as_str).collect::<Vec<_>>(), want, "{text}");
            assert_eq!(every, all, "{text}");
        };
        check("${{ secrets.A }} ${{secrets.B_1}}", &["A", "B_1"], false);
        check("${{ secrets['C'] }}", &["C"], false);
        check("${{ secrets.GITHUB_TOKEN }}", &[], false);
        check("${{ toJSON(secrets) }}", &[], true);
        check("my_secrets.A and mysecrets.B", &[], false);
        check("secrets.A outside of an expression", &[], false);
    }

    #[test]
    fn permissions_of_a_job_replace_those_of_the_workflow() {
        let found = of(
            "on: push\npermissions: write-all\njobs:\n  a:\n    runs-on: x\n  b:\n    permissions:\n      contents: read\n",
        );
        let by_key = |key: &str| found.jobs.iter().find(|j| j.key == key).expect("the job");
        assert!(by_key("a").has_id_token());
        assert!(!by_key("b").has_id_token());
        let found = of("on: push\njobs:\n  a:\n    runs-on: x\n");
        assert!(!found.jobs[0].has_id_token());
    }

    #[test]
    fn code_of_others_is_pinned_or_not() {
        let text = "on: [push]\njobs:\n  a:\n    steps:\n      - uses: o/r@v1\n      - uses: o/s/sub@0123456789012345678901234567890123456789\n      - uses: ./local\n      - uses: docker://alpine:3\n";
        let found = of(text);
        let actions: Vec<(&str, bool)> = found.jobs[0]
            .actions
            .iter()
            .map(|a| (a.repo.as_str(), a.pinned))
            .collect();
        assert_eq!(actions, [("r", false), ("s", true)]);
        assert_eq!(found.jobs[0].images.len(), 1);
    }
}
