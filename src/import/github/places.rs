//! Owners, repositories, environments and secrets as records, and who can obtain which subject.

use super::assemble::{Lists, list_key};
use super::estate::{Environment, Estate, Owner, Repo, Secret, UNKNOWN};
use super::facts::{BranchPolicy, ListedFor, Selection};
use super::out::{Out, Says};
use super::scopes::{approve, bypass, push};
use super::subjects::{self, Context, ISSUER};
use crate::model::glob;
use crate::model::{
    Credential, CredentialKind, Criticality, ExposureFrom, ExposureHow, Extra, Identity, IdentityKind, InheritHow,
    Place, System, Yields,
};
use serde_json::json;
use std::collections::BTreeSet;

/// Writes everything that is a place or belongs to one.
pub fn write(estate: &Estate, lists: &Lists, out: &mut Out) {
    for (key, owner) in &estate.owners {
        if let Some(place) = &owner.place {
            write_owner(key, owner, place, out);
            write_store(key, owner, estate, lists, out);
        }
    }
    for (key, repo) in &estate.repos {
        let (Some(place), Some(owner)) = (&repo.place, estate.owners.get(owner_of(key))) else {
            continue;
        };
        write_repo(key, repo, place, out);
        write_subjects(key, repo, owner, place, out);
        write_environments(key, repo, owner, out);
        for ((store, name), secret) in &repo.secrets {
            let id = secret_id(key, store, name);
            write_secret(&id, name, secret, out);
            let requires = match *store {
                "actions" => vec![push(key, "*"), uses_secret(key, name)],
                // Dependabot's own runs use them, which nobody starts by pushing.
                _ => vec![format!("{store}-secrets:write@{key}")],
            };
            let evidence = "whoever can push a branch can run a workflow that reads the repository's secrets";
            out.exposes(
                &secret.place,
                ExposureFrom::System(system(key).into()),
                requires,
                Yields::Credential(id.into()),
                ExposureHow::Stored,
                Says::sure(evidence).assumed(secret.guessed || *store != "actions"),
            );
        }
    }
}

/// The owner's part of a repository's key.
pub fn owner_of(key: &str) -> &str {
    key.split_once('/').map_or(key, |(owner, _)| owner)
}

/// The id of an owner or a repository, by its key.
pub fn system(key: &str) -> String {
    format!("github:{key}")
}

/// The id of a secret of a repository or an owner.
pub fn secret_id(key: &str, store: &str, name: &str) -> String {
    format!("github:{key}/{store}/secrets/{name}")
}

/// What a workflow job that names a secret may do with it.
pub fn uses_secret(key: &str, name: &str) -> String {
    format!("secrets:read@{key}/{name}")
}

/// The id of a run in an environment.
pub fn run_id(key: &str, environment: &str) -> String {
    format!("github:{key}:environment:{environment}")
}

fn platform() -> Option<String> {
    Some("github".to_owned())
}

fn write_owner(key: &str, owner: &Owner, place: &Place, out: &mut Out) {
    let id = system(key);
    let mut one = System {
        id: id.clone().into(),
        name: Some(if key == UNKNOWN {
            "GitHub (owner unknown)".into()
        } else {
            owner.login.clone().into()
        }),
        kind: Some(
            if owner.organisation { "organization" } else { "account" }
                .to_owned()
                .into(),
        ),
        platform: platform().map(Into::into),
        ..System::default()
    };
    // Tokens are looked up at each use, with what they may do.
    one.validates.scope = Some(true);
    one.validates.revocation = Some(true);
    if let Some(number) = owner.id {
        one.attributes.insert("id".to_owned(), json!(number));
    }
    out.system(place, one.clone());
    let admin = format!("{id}:admin");
    let administration = format!("{id}/administration");
    let derived = Extra::from_iter([("derived".to_owned(), json!(true))]);
    let mut over = one;
    over.id = administration.as_str().into();
    over.name = Some(format!("Ownership of {}", owner.login).into());
    over.kind = Some("administration".into());
    over.criticality = Some(Criticality::CrownJewel);
    over.attributes.clone_from(&derived);
    out.system(place, over);
    out.identity(
        place,
        Identity {
            id: admin.clone().into(),
            name: Some(format!("Owner of {}", owner.login).into()),
            kind: Some(IdentityKind::Other),
            platform: platform().map(Into::into),
            attributes: derived,
            ..Identity::default()
        },
    );
    for system in [&id, &administration] {
        let says = Says::sure("whoever owns it may do everything in it");
        out.grant(place, &admin, system, vec!["*@*".to_owned(), "*".to_owned()], says);
    }
    let probe = [(id.as_str(), "~any:~any@~any".to_owned())];
    let says = Says::sure("administrator probe: may do every act on everything").unintended();
    out.becomes(place, None, &admin, &probe, InheritHow::Escalation, says);
    if owner.organisation {
        let invites = [(id.as_str(), format!("members:write@{key}"))];
        let says = Says::sure("members: write can make somebody an owner, where its holder is one");
        out.becomes(
            place,
            None,
            &admin,
            &invites,
            InheritHow::Escalation,
            says.unintended().assumed(true),
        );
    }
}

/// The secrets of an organisation, which lie in a store of their own.
fn write_store(key: &str, owner: &Owner, estate: &Estate, lists: &Lists, out: &mut Out) {
    let store_id = format!("{}/secrets", system(key));
    for ((kind, name), (secret, visibility)) in &owner.secrets {
        let mut store = System {
            id: store_id.clone().into(),
            name: Some(format!("Secrets of {}", owner.login).into()),
            kind: Some("secret-store".into()),
            platform: platform().map(Into::into),
            criticality: Some(Criticality::CrownJewel),
            ..System::default()
        };
        store.validates.scope = Some(true);
        store.validates.revocation = Some(true);
        out.system(&secret.place, store);
        let id = secret_id(key, kind, name);
        write_secret(&id, name, secret, out);
        let read = uses_secret(key, name);
        let says = Says::sure("the store gives each secret by itself").assumed(secret.guessed);
        let from = ExposureFrom::System(store_id.clone().into());
        out.exposes(
            &secret.place,
            from,
            vec![read.clone()],
            Yields::Credential(id.into()),
            ExposureHow::Stored,
            says,
        );
        let listed = lists.get(&list_key(key, &ListedFor::Secret(name.clone())));
        let private = || {
            let own = estate.repos.iter().filter(|(k, _)| owner_of(k) == key);
            let mut hidden = own
                .filter(|(_, r)| r.visibility.as_deref().is_some_and(|v| v != "public"))
                .peekable();
            hidden.peek()?;
            Some(hidden.map(|(k, _)| push(k, "*")).collect::<Vec<_>>())
        };
        let (mut requires, assumed) = match (visibility, listed) {
            (Some(Selection::All) | None, _) => (vec![push(&format!("{key}/*"), "*")], false),
            (Some(Selection::Selected), Some(repos)) => (repos.iter().map(|r| push(r, "*")).collect(), false),
            (Some(Selection::Private), _) => match private() {
                Some(repos) => (repos, false),
                None => (vec![push(&format!("{key}/*"), "*")], true),
            },
            // Which repositories it is for is in no file.
            (Some(Selection::Selected), None) => (vec![push(&format!("{key}/*"), "*")], true),
        };
        requires.push(read.clone());
        let evidence = "whoever can push to a repository it is for can run a workflow that reads it";
        let says = Says::sure(evidence).assumed(assumed || secret.guessed || *kind != "actions");
        out.passes(&secret.place, &system(key), &store_id, requires, vec![read], says);
    }
}

fn write_repo(key: &str, repo: &Repo, place: &Place, out: &mut Out) {
    let id = system(key);
    let deploys = !repo.environments.is_empty()
        || !repo.secrets.is_empty()
        || repo
            .workflows
            .values()
            .any(|(w, _)| w.jobs.iter().any(super::workflow::Job::has_id_token));
    let mut one = System {
        id: id.clone().into(),
        name: Some(format!("{}/{}", repo.owner, repo.name).into()),
        kind: Some("repository".into()),
        platform: platform().map(Into::into),
        criticality: deploys.then_some(Criticality::High),
        ..System::default()
    };
    one.validates.scope = Some(true);
    one.validates.revocation = Some(true);
    let mut note = |key: &str, value: serde_json::Value| one.attributes.insert(key.to_owned(), value);
    if let Some(number) = repo.id {
        note("id", json!(number));
    }
    if let Some(visibility) = &repo.visibility {
        note("visibility", json!(visibility));
    }
    if let Some(branch) = &repo.default_branch {
        note("default_branch", json!(branch));
    }
    if repo.archived {
        note("archived", json!(true));
    }
    if !repo.listed_workflows.is_empty() {
        let paths: Vec<&String> = repo
            .listed_workflows
            .iter()
            .filter(|(_, (on, _))| *on)
            .map(|(p, _)| p)
            .collect();
        note("active_workflows", json!(paths));
    }
    out.system(place, one);
    let over = system(owner_of(key));
    let read = format!("contents:read@{key}");
    let says = || Says::sure("access to its owner's account is looked at again for each repository");
    out.passes(
        place,
        &over,
        &id,
        vec![read.clone()],
        vec![read.clone(), "read".to_owned()],
        says(),
    );
    let write = push(key, "*");
    out.passes(
        place,
        &over,
        &id,
        vec![write.clone()],
        vec![write, "write".to_owned()],
        says(),
    );
    if repo.visibility.as_deref() == Some("public") {
        out.identity(place, anyone());
        out.grant(
            place,
            "anyone",
            &over,
            vec![read],
            Says::sure("the repository is public"),
        );
    }
}

/// Anybody at all.
pub fn anyone() -> Identity {
    Identity {
        id: "anyone".into(),
        name: Some("Anyone".into()),
        kind: Some(IdentityKind::Other),
        third_party: Some(true),
        ..Identity::default()
    }
}

/// The issuer of the tokens of runs.
pub fn issuer(place: &Place, out: &mut Out) {
    out.system(
        place,
        System {
            id: format!("oidc:{ISSUER}").into(),
            name: Some(ISSUER.trim_start_matches("https://").to_owned().into()),
            kind: Some("identity-provider".into()),
            platform: Some("oidc".into()),
            criticality: Some(Criticality::CrownJewel),
            third_party: Some(true),
            ..System::default()
        },
    );
}

/// A subject's identity.
pub fn subject(place: &Place, one: &subjects::Subject, out: &mut Out) {
    out.identity(
        place,
        Identity {
            id: one.id.clone().into(),
            name: Some(one.text.clone().into()),
            kind: Some(IdentityKind::Pipeline),
            platform: Some("oidc".into()),
            ..Identity::default()
        },
    );
}

/// Whether a branch keeps out who may merely write; nothing where that is not told.
pub fn closed(repo: &Repo, branch: &str) -> Option<bool> {
    let stated = repo.branches.get(branch).and_then(|b| b.protection.as_ref());
    let mut rules = repo.rules.iter().filter(|(pattern, _)| fits(pattern, branch));
    if stated.is_some_and(|p| p.open == Some(false)) || rules.any(|(_, (rule, _))| rule.open == Some(false)) {
        return Some(true);
    }
    match stated {
        // Protected, but nobody says how.
        Some(protection) if protection.open.is_none() => {
            let told = repo.rules.keys().any(|pattern| fits(pattern, branch));
            told.then_some(false)
        }
        Some(_) => Some(false),
        // Neither branches nor rules are there: it is not known.
        None if repo.branches.is_empty() && repo.rules.is_empty() => None,
        None => Some(false),
    }
}

/// Whether a branch is one of a pattern, in which `*` stops at a slash and `**` does not.
fn fits(pattern: &str, branch: &str) -> bool {
    if pattern.contains("**") {
        return glob::matches(&pattern.replace("**/", "*").replace("**", "*"), branch);
    }
    pattern.split('/').count() == branch.split('/').count()
        && pattern
            .split('/')
            .zip(branch.split('/'))
            .all(|(p, b)| glob::matches(p, b))
}

/// What somebody must be able to do: systems and scopes, all of them.
pub type Needs = Vec<(String, String)>;

/// What one must be able to do to push to a branch, and whether that is only assumed.
pub fn pushing(key: &str, repo: &Repo, branch: &str) -> Vec<(Needs, bool)> {
    let over = system(owner_of(key));
    let reference = format!("refs/heads/{branch}");
    let open = vec![(over.clone(), push(key, &reference))];
    let mut past = open.clone();
    past.push((over, bypass(key, &reference)));
    match closed(repo, branch) {
        Some(false) => vec![(open, false)],
        Some(true) => vec![(past, false)],
        None => vec![(past, false), (open, true)],
    }
}

fn becomes(place: &Place, to: &str, needs: &Needs, says: Says, out: &mut Out) {
    let needs: Vec<(&str, String)> = needs.iter().map(|(s, r)| (s.as_str(), r.clone())).collect();
    out.becomes(place, None, to, &needs, InheritHow::Impersonation, says);
}

fn write_subjects(key: &str, repo: &Repo, owner: &Owner, place: &Place, out: &mut Out) {
    if owner_of(key) == UNKNOWN || repo.archived {
        return;
    }
    let branches: BTreeSet<&String> = repo.branches.keys().chain(&repo.default_branch).collect();
    issuer(place, out);
    for branch in branches {
        let at = repo.branches.get(branch).map_or(place, |b| &b.place);
        let reference = format!("refs/heads/{branch}");
        for one in subjects::of(repo, owner, Context::Ref(&reference), None) {
            subject(at, &one, out);
            for (needs, assumed) in pushing(key, repo, branch) {
                let evidence =
                    format!("whoever can push to {branch} can run a workflow there, and its token has this subject");
                becomes(
                    at,
                    &one.id,
                    &needs,
                    Says::sure(evidence).assumed(assumed || !one.sure),
                    out,
                );
            }
        }
    }
    for one in subjects::of(repo, owner, Context::PullRequest, None) {
        subject(place, &one, out);
        let needs = vec![(system(owner_of(key)), push(key, "*"))];
        let evidence = "whoever can push a branch can open a pull request of it, and its runs have this subject";
        becomes(place, &one.id, &needs, Says::sure(evidence).assumed(!one.sure), out);
    }
}

/// What one must be able to do to run in an environment, and whether that is only assumed.
fn deploying(key: &str, repo: &Repo, name: &str, environment: &Environment) -> Vec<(Needs, bool)> {
    let over = system(owner_of(key));
    let any = vec![(over.clone(), push(key, "*"))];
    let mut ways: Vec<(Needs, bool)> = match environment.branches {
        BranchPolicy::All => vec![(any, environment.unlisted)],
        BranchPolicy::Protected => {
            let protected = repo.branches.iter().filter(|(name, branch)| {
                let told = branch
                    .protection
                    .as_ref()
                    .is_some_and(|p| p.open != Some(true) || !p.words.is_empty());
                told || repo.rules.keys().any(|pattern| fits(pattern, name))
            });
            protected.flat_map(|(name, _)| pushing(key, repo, name)).collect()
        }
        BranchPolicy::Patterns => {
            let own = repo.policies.get(name);
            // Where the answer did not say of which environment it is, it is of the only one that has patterns.
            let with_patterns = repo
                .environments
                .values()
                .filter(|e| e.branches == BranchPolicy::Patterns)
                .count();
            let shared = repo.policies.get("").filter(|_| with_patterns == 1);
            let patterns = own.into_iter().chain(shared).flat_map(|p| p.keys());
            patterns
                .flat_map(|(pattern, tag)| match tag {
                    true => vec![(vec![(over.clone(), push(key, &format!("refs/tags/{pattern}")))], false)],
                    false if glob::is_pattern(pattern) => {
                        let reference = format!("refs/heads/{pattern}");
                        let mut needs = vec![(over.clone(), push(key, &reference))];
                        if repo
                            .rules
                            .get(pattern)
                            .is_some_and(|(rule, _)| rule.open == Some(false))
                        {
                            needs.push((over.clone(), bypass(key, &reference)));
                        }
                        vec![(needs, false)]
                    }
                    false => pushing(key, repo, pattern),
                })
                .collect()
        }
    };
    if ways.is_empty() {
        // Which branches it accepts is in no file.
        ways.push((vec![(over.clone(), push(key, "*"))], true));
    }
    if environment.reviewers.is_some() {
        for (needs, _) in &mut ways {
            needs.push((over.clone(), approve(key, name)));
        }
    }
    for (_, assumed) in &mut ways {
        // A gate that somebody else decides.
        *assumed |= !environment.gates.is_empty();
    }
    ways
}

fn write_environments(key: &str, repo: &Repo, owner: &Owner, out: &mut Out) {
    for (name, environment) in &repo.environments {
        let place = &environment.place;
        let run = run_id(key, name);
        let shown = if environment.name.is_empty() {
            name
        } else {
            &environment.name
        };
        let mut one = Identity {
            id: run.clone().into(),
            name: Some(format!("Runs of {}/{} in {shown}", repo.owner, repo.name).into()),
            kind: Some(IdentityKind::Pipeline),
            platform: platform().map(Into::into),
            environment: Some(shown.clone().into()),
            ..Identity::default()
        };
        let mut note = |key: &str, value: serde_json::Value| one.attributes.insert(key.to_owned(), value);
        if let Some(id) = environment.id {
            note("id", json!(id));
        }
        if let Some(reviewers) = &environment.reviewers {
            note("reviewers", json!(reviewers.len()));
        }
        if let Some(minutes) = environment.wait_minutes {
            note("wait_minutes", json!(minutes));
        }
        if !environment.gates.is_empty() {
            note("gates", json!(environment.gates));
        }
        out.identity(place, one);
        let ways = deploying(key, repo, name, environment);
        for (needs, assumed) in &ways {
            let evidence =
                format!("whoever can push to a branch that {shown} accepts, and pass its reviews, can run there");
            becomes(place, &run, needs, Says::sure(evidence).assumed(*assumed), out);
        }
        if owner_of(key) != UNKNOWN && !repo.archived {
            for one in subjects::of(repo, owner, Context::Environment(shown), None) {
                subject(place, &one, out);
                issuer(place, out);
                let says = Says::sure("a run in the environment gets tokens with this subject").assumed(!one.sure);
                out.becomes(place, Some(&run), &one.id, &[], InheritHow::Federation, says);
            }
        }
        for (secret_name, secret) in &environment.secrets {
            let id = format!("github:{key}/environments/{name}/secrets/{secret_name}");
            write_secret(&id, secret_name, secret, out);
            out.exposes(
                &secret.place,
                ExposureFrom::Identity(run.clone().into()),
                Vec::new(),
                Yields::Credential(id.into()),
                ExposureHow::Stored,
                Says::sure("a run in the environment reads its secrets").assumed(secret.guessed),
            );
        }
    }
}

/// A secret whose contents nobody tells.
pub fn write_secret(id: &str, name: &str, secret: &Secret, out: &mut Out) {
    out.credential(
        &secret.place,
        Credential {
            id: id.to_owned().into(),
            name: Some(name.to_owned().into()),
            kind: Some(CredentialKind::Other),
            issued_at: secret.created_at,
            rotated_at: secret
                .updated_at
                .filter(|at| secret.created_at.is_none_or(|created| *at > created)),
            ..Credential::default()
        },
    );
}
