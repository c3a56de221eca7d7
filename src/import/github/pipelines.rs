//! Workflows as records: each job is somebody, with its own token, the secrets it names and the code it runs.

use super::estate::{Estate, Owner, Repo, UNKNOWN};
use super::out::{Out, Says};
use super::places::{anyone, issuer, owner_of, pushing, run_id, secret_id, subject, system, uses_secret, write_secret};
use super::scopes::push;
use super::subjects::{self, Context};
use super::workflow::{Action, Job, TokenRights, Trigger, Workflow, names_another};
use crate::import::aws::LISTED;
use crate::model::glob;
use crate::model::{ExposureFrom, ExposureHow, Identity, IdentityKind, InheritHow, Place, System, Yields};
use serde_json::json;
use std::collections::BTreeSet;

/// The attribute of an application that says who may federate to it.
pub const FEDERATION: &str = "federation";

/// Writes all workflows.
pub fn write(estate: &Estate, out: &mut Out) {
    for (key, repo) in &estate.repos {
        let Some(owner) = estate.owners.get(owner_of(key)) else {
            continue;
        };
        for (workflow, spot) in repo.workflows.values() {
            let off = repo
                .listed_workflows
                .get(&workflow.path)
                .is_some_and(|(active, _)| !active);
            for job in &workflow.jobs {
                let one = One {
                    estate,
                    key,
                    repo,
                    owner,
                    workflow,
                    job,
                    place: job_place(workflow, job, spot),
                    id: format!("github:{key}/{}#{}", workflow.path, job.key),
                };
                one.write(off, out);
            }
        }
    }
}

/// Where a job stands.
pub fn job_place(workflow: &Workflow, job: &Job, spot: &Place) -> Place {
    if workflow.wrapped {
        return spot.clone();
    }
    Place::new(spot.file, job.pointer.clone()).at_line(job.line)
}

struct One<'e> {
    estate: &'e Estate,
    key: &'e str,
    repo: &'e Repo,
    owner: &'e Owner,
    workflow: &'e Workflow,
    job: &'e Job,
    place: Place,
    id: String,
}

impl One<'_> {
    fn write(&self, off: bool, out: &mut Out) {
        let (job, workflow) = (self.job, self.workflow);
        let title = workflow.name.as_deref().unwrap_or(&workflow.path);
        let mut identity = Identity {
            id: self.id.clone().into(),
            name: Some(format!("{title} / {}", job.key).into()),
            kind: Some(IdentityKind::Pipeline),
            platform: Some("github".into()),
            ..Identity::default()
        };
        let mut note = |key: &str, value: serde_json::Value| identity.attributes.insert(key.to_owned(), value);
        note("workflow", json!(workflow.path));
        note("triggers", json!(workflow.triggers.keys().collect::<Vec<_>>()));
        let loose: Vec<String> = job.actions.iter().filter(|a| !a.pinned).map(named).collect();
        if !loose.is_empty() {
            note("unpinned_actions", json!(loose));
        }
        if !job.images.is_empty() {
            note("unpinned_images", json!(job.images));
        }
        if job.self_hosted {
            note("self_hosted", json!(true));
        }
        if off {
            note("switched_off", json!(true));
        }
        let foreign = self.foreign();
        if let Some((finding, _)) = foreign {
            note("finding", json!(finding));
        }
        out.identity(&self.place, identity);
        if off {
            // It does not run, so nothing is reached through it.
            return;
        }
        self.token(out);
        self.secrets(out);
        self.environment(out);
        self.starters(foreign, out);
        self.code(out);
        self.elsewhere(out);
    }

    /// What its own token may do. A push with it starts no workflow, so it opens no more than it says.
    fn token(&self, out: &mut Out) {
        let target = self.key;
        let scopes = |names: &[(&str, &str)]| -> Vec<String> {
            names
                .iter()
                .flat_map(|(name, level)| {
                    let levels: &[&str] = if *level == "write" {
                        &["read", "write"]
                    } else {
                        &["read"]
                    };
                    levels.iter().map(move |level| format!("{name}:{level}@{target}"))
                })
                .collect()
        };
        let read = [("contents", "read"), ("packages", "read"), ("metadata", "read")];
        let write: Vec<(&str, &str)> = EVERY.iter().map(|name| (*name, "write")).collect();
        let over = system(owner_of(self.key));
        let says = |words: &str| Says::sure(format!("the token of the job: {words}"));
        match &self.job.rights {
            TokenRights::These(rights) => {
                let list: Vec<(&str, &str)> = rights.iter().map(|(n, l)| (n.as_str(), l.as_str())).collect();
                out.grant(
                    &self.place,
                    &self.id,
                    &over,
                    scopes(&list),
                    says("permissions of the workflow"),
                );
            }
            TokenRights::All(level) => {
                let mut list: Vec<(&str, &str)> = EVERY.iter().map(|name| (*name, *level)).collect();
                list.push(("id-token", *level));
                out.grant(
                    &self.place,
                    &self.id,
                    &over,
                    scopes(&list),
                    says("permissions of the workflow"),
                );
            }
            TokenRights::Unstated => match self.repo.default_token.or(self.owner.default_token) {
                Some(true) => {
                    let words = "the repository's default, write";
                    out.grant(&self.place, &self.id, &over, scopes(&write), says(words));
                }
                Some(false) => {
                    let words = "the repository's default, read";
                    out.grant(&self.place, &self.id, &over, scopes(&read), says(words));
                }
                None => {
                    let words = "no permissions are stated; at least read";
                    out.grant(&self.place, &self.id, &over, scopes(&read), says(words));
                    let words = "no permissions are stated and the repository's default is not known";
                    out.grant(&self.place, &self.id, &over, scopes(&write), says(words).assumed(true));
                }
            },
        }
    }

    /// The secrets it names: the environment's before the repository's before the organisation's.
    fn secrets(&self, out: &mut Out) {
        let environment = self
            .job
            .environment
            .as_ref()
            .and_then(|e| self.repo.environments.get(&e.to_lowercase()));
        let mut of_repo = Vec::new();
        let mut of_owner = Vec::new();
        for name in &self.job.secrets {
            let actions = ("actions", name.clone());
            if environment.is_some_and(|e| e.secrets.contains_key(name)) {
                continue;
            }
            if self.repo.secrets.contains_key(&actions) {
                of_repo.push(uses_secret(self.key, name));
            } else if self.owner.secrets.contains_key(&actions) {
                of_owner.push(uses_secret(owner_of(self.key), name));
            } else {
                of_repo.push(uses_secret(self.key, name));
                self.unlisted(name, out);
            }
        }
        if self.job.every_secret {
            of_repo.push(uses_secret(self.key, "*"));
            of_owner.push(uses_secret(owner_of(self.key), "*"));
        }
        let says = || Says::sure("the job uses these secrets");
        out.grant(&self.place, &self.id, &system(self.key), of_repo, says());
        if !self.owner.secrets.is_empty() {
            out.grant(&self.place, &self.id, &system(owner_of(self.key)), of_owner, says());
        }
    }

    /// A secret that only the workflow tells of: it is the repository's, its environment's or its owner's.
    fn unlisted(&self, name: &str, out: &mut Out) {
        let id = secret_id(self.key, "actions", name);
        let secret = super::estate::Secret {
            created_at: None,
            updated_at: None,
            guessed: true,
            place: self.place.clone(),
        };
        write_secret(&id, name, &secret, out);
        let says = Says::sure("a workflow names it; whose secret it is, no file tells").assumed(true);
        let from = ExposureFrom::System(system(self.key).into());
        let requires = vec![push(self.key, "*"), uses_secret(self.key, name)];
        out.exposes(
            &self.place,
            from,
            requires,
            Yields::Credential(id.into()),
            ExposureHow::Stored,
            says,
        );
    }

    /// The environment it runs in, else what its token says it is.
    fn environment(&self, out: &mut Out) {
        let known = owner_of(self.key) != UNKNOWN;
        match &self.job.environment {
            Some(name) if !name.contains("${{") => {
                let run = run_id(self.key, &name.to_lowercase());
                let says = Says::sure("the job runs in the environment");
                out.becomes(&self.place, Some(&self.id), &run, &[], InheritHow::Impersonation, says);
            }
            Some(_) => {
                for name in self.repo.environments.keys() {
                    let run = run_id(self.key, name);
                    let says = Says::sure("the job's environment is worked out when it runs").assumed(true);
                    out.becomes(&self.place, Some(&self.id), &run, &[], InheritHow::Impersonation, says);
                }
            }
            None if self.job.has_id_token() && known => {
                for (context, sure) in self.contexts() {
                    let context = match &context {
                        Some(reference) => Context::Ref(reference),
                        None => Context::PullRequest,
                    };
                    for one in subjects::of(self.repo, self.owner, context, Some(&self.workflow.path)) {
                        issuer(&self.place, out);
                        subject(&self.place, &one, out);
                        let says = Says::sure("id-token: write; the job may ask for a token with this subject");
                        let says = says.assumed(!one.sure || !sure);
                        out.becomes(&self.place, Some(&self.id), &one.id, &[], InheritHow::Federation, says);
                    }
                }
            }
            None => {}
        }
    }

    /// What its runs are about: refs, or (nothing) a pull request; and whether that is certain.
    fn contexts(&self) -> BTreeSet<(Option<String>, bool)> {
        let mut found = BTreeSet::new();
        let branch = |name: &str| Some(format!("refs/heads/{name}"));
        let default = self.repo.default_branch.as_deref();
        for (event, trigger) in &self.workflow.triggers {
            match event.as_str() {
                "push" => {
                    for name in self.pushed(trigger) {
                        found.insert((branch(&name), true));
                    }
                }
                "pull_request" => {
                    found.insert((None, true));
                }
                "pull_request_target" => {
                    found.extend(default.map(|name| (branch(name), true)));
                    found.insert((None, false));
                }
                // The caller's runs are about something of its own.
                "workflow_call" => found.extend(default.map(|name| (branch(name), false))),
                _ => found.extend(default.map(|name| (branch(name), true))),
            }
        }
        found
    }

    /// The branches a push to which starts it; of very many the first.
    fn pushed(&self, trigger: &Trigger) -> BTreeSet<String> {
        let Some(patterns) = &trigger.branches else {
            let tags_only = trigger.tags.is_some();
            return self
                .repo
                .default_branch
                .iter()
                .filter(|_| !tags_only)
                .cloned()
                .collect();
        };
        let mut found = BTreeSet::new();
        for pattern in patterns.iter().filter(|p| !p.starts_with('!')) {
            if !glob::is_pattern(pattern) {
                found.insert(pattern.clone());
                continue;
            }
            let names = self.repo.branches.keys().chain(&self.repo.default_branch);
            found.extend(names.filter(|name| glob::matches(pattern, name)).take(20).cloned());
        }
        found
    }

    /// Whether outsiders decide what it runs: the finding, and whether it is certain.
    fn foreign(&self) -> Option<(&'static str, bool)> {
        let on = |events: &[&str]| events.iter().any(|event| self.workflow.triggers.contains_key(*event));
        let open = self.repo.visibility.as_deref();
        if open == Some("private") || open == Some("internal") {
            return None;
        }
        let public = open == Some("public");
        if self.job.runs_foreign_code && on(&["pull_request_target"]) {
            let words = "pull_request_target with a checkout of the pull request: whoever opens one runs code with the \
                         job's token and secrets";
            return Some((words, public));
        }
        if self.job.runs_foreign_code && on(&["workflow_run", "issue_comment"]) {
            return Some((
                "the job runs code of a pull request with its own token and secrets",
                false,
            ));
        }
        let outsiders = [
            "pull_request_target",
            "issues",
            "issue_comment",
            "discussion",
            "discussion_comment",
        ];
        if self.job.runs_foreign_text && on(&outsiders) {
            return Some(("a text that outsiders write is put into a script", false));
        }
        None
    }

    /// Who decides what it does.
    fn starters(&self, foreign: Option<(&'static str, bool)>, out: &mut Out) {
        let over = system(owner_of(self.key));
        let ways = match &self.repo.default_branch {
            Some(branch) => pushing(self.key, self.repo, branch),
            None => vec![(vec![(over, push(self.key, "*"))], true)],
        };
        for (needs, assumed) in ways {
            let needs: Vec<(&str, String)> = needs.iter().map(|(s, r)| (s.as_str(), r.clone())).collect();
            let says = Says::sure("whoever can push to the default branch writes the workflow").assumed(assumed);
            out.becomes(&self.place, None, &self.id, &needs, InheritHow::Impersonation, says);
        }
        if let Some((finding, sure)) = foreign {
            out.identity(&self.place, anyone());
            let says = Says::sure(finding).unintended().assumed(!sure);
            out.becomes(&self.place, Some("anyone"), &self.id, &[], InheritHow::Escalation, says);
        }
    }

    /// Code of others that can change without the workflow changing.
    fn code(&self, out: &mut Out) {
        for action in self.job.actions.iter().filter(|a| !a.pinned) {
            let key = format!("{}/{}", action.owner.to_lowercase(), action.repo.to_lowercase());
            let id = system(&key);
            if !self.estate.repos.contains_key(&key) {
                out.system(
                    &self.place,
                    System {
                        id: id.clone().into(),
                        name: Some(format!("{}/{}", action.owner, action.repo).into()),
                        kind: Some("repository".into()),
                        platform: Some("github".into()),
                        third_party: (!self.estate.owners.contains_key(owner_of(&key))).then_some(true),
                        ..System::default()
                    },
                );
            }
            let words = format!("the job runs {}, which its owner can change at any time", named(action));
            let requires = vec![push(&key, "*")];
            let yields = Yields::Identity(self.id.clone().into());
            let from = ExposureFrom::System(id.into());
            let says = Says::sure(words).unintended();
            out.exposes(&self.place, from, requires, yields, ExposureHow::Derived, says);
        }
    }

    /// Roles and applications of other platforms that it says it becomes. The other side decides; where that is not
    /// loaded, it is taken at its word.
    fn elsewhere(&self, out: &mut Out) {
        for named in &self.job.becomes {
            let text = match named.strip_prefix("vars.") {
                Some(variable) => match self.repo.variables.get(variable) {
                    Some(value) => value.clone(),
                    None => continue,
                },
                None => named.clone(),
            };
            if !names_another(&text) {
                continue;
            }
            let identity = |id: String, kind, platform: &str| Identity {
                id: id.into(),
                kind: Some(kind),
                platform: Some(platform.to_owned().into()),
                ..Identity::default()
            };
            let (identity, entity, attribute) = if text.starts_with("arn:") {
                let account = text.split(':').nth(4).unwrap_or_default();
                let id = format!("aws:{text}");
                (
                    identity(id, IdentityKind::Role, "aws"),
                    format!("aws:{account}"),
                    LISTED,
                )
            } else if text.contains('@') {
                let id = format!("gcp:{text}");
                (
                    identity(id.clone(), IdentityKind::ServiceAccount, "gcp"),
                    id,
                    FEDERATION,
                )
            } else {
                let id = format!("entra:{}", text.to_lowercase());
                (identity(id.clone(), IdentityKind::App, "entra"), id, FEDERATION)
            };
            let says = Says::sure("the workflow says so; who may become it, is not loaded").assumed(true);
            out.becomes_unless(&self.place, &entity, attribute, identity, &self.id, says);
        }
    }
}

/// What a workflow's own token can be given.
const EVERY: &[&str] = &[
    "actions",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "issues",
    "packages",
    "pages",
    "pull-requests",
    "security-events",
    "statuses",
];

/// An action as a workflow names it.
fn named(action: &Action) -> String {
    let at = if action.revision.is_empty() {
        "no revision"
    } else {
        &action.revision
    };
    let what = if action.workflow { "the workflow of " } else { "" };
    format!("{what}{}/{}@{at}", action.owner, action.repo)
}
