//! The facts of all files put together: first in their places, then as records.

use super::estate::{Branch, Environment, Estate, Secret, Template};
use super::facts::{BranchPolicy, Fact, ListedFor, PeopleOf, Stated, TeamsOf};
use super::out::Out;
use super::{access, pipelines, places};
use crate::import::pile::Pile;
use crate::import::{Doing, Progress, Share};
use crate::model::{FileId, Fragment, Piece};
use std::collections::{BTreeMap, BTreeSet};

/// Which repositories a token, a secret or an installation is for, where a list says.
pub type Lists = BTreeMap<(String, String), BTreeSet<String>>;

/// Makes records of the facts of all files.
pub fn assemble<'p>(pieces: &'p [(FileId, Piece)], progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
    let stated = |(file, piece): &'p (FileId, Piece)| {
        let facts = piece.of::<Pile<Stated>>().into_iter().flat_map(Pile::iter);
        facts.map(|stated| (*file, stated))
    };
    // A file may have got another number since it was read.
    let renumbered: Vec<Stated> = pieces
        .iter()
        .flat_map(stated)
        .filter(|(file, stated)| stated.place.file != *file)
        .map(|(file, stated)| {
            let mut stated = stated.clone();
            stated.place.file = file;
            stated
        })
        .collect();
    let mut next = renumbered.iter();
    let facts: Vec<&Stated> = pieces
        .iter()
        .flat_map(stated)
        .filter_map(|(file, stated)| match stated.place.file == file {
            true => Some(stated),
            false => next.next(),
        })
        .collect();
    let mut estate = Estate::default();
    for stated in &facts {
        estate.note(stated);
    }
    let mut out = Out::default();
    let mut lists = Lists::new();
    let (first, last) = (Share::new(progress, 0..40), Share::new(progress, 40..100));
    for (i, stated) in facts.iter().enumerate() {
        if i.is_multiple_of(1 << 14) {
            first.report(Doing::Joining, i as u64, facts.len() as u64);
            if progress.cancelled() {
                return Vec::new();
            }
        }
        place(&mut estate, &mut lists, stated, &mut out);
    }
    places::write(&estate, &lists, &mut out);
    if progress.cancelled() {
        return Vec::new();
    }
    pipelines::write(&estate, &mut out);
    access::write(&estate, &facts, &lists, &last, &mut out);
    out.finish()
}

/// The key of a list.
pub fn list_key(owner: &str, listed: &ListedFor) -> (String, String) {
    match listed {
        // A token's grant and an installation have numbers of their own.
        ListedFor::Token(id) => (String::new(), format!("token {id}")),
        ListedFor::Installation(id) => (String::new(), format!("installation {id}")),
        ListedFor::Secret(name) => (owner.to_owned(), format!("secret {}", name.to_lowercase())),
    }
}

/// Puts a fact about a place in it; those about access come later.
fn place(estate: &mut Estate, lists: &mut Lists, stated: &Stated, out: &mut Out) {
    let spot = &stated.place;
    let repo_home = |estate: &Estate, out: &mut Out| {
        let home = estate.repo_of(stated);
        if home.guessed {
            unplaced(out, stated, &home.key);
        }
        home
    };
    match &stated.fact {
        Fact::Repository {
            id,
            owner,
            name,
            default_branch,
            visibility,
            archived,
            created_at,
            listed_for,
        } => {
            let key = format!("{}/{}", owner.login.to_lowercase(), name.to_lowercase());
            let entry = estate.owner(&owner.login.to_lowercase(), Some(owner.login.clone()), spot);
            entry.id = entry.id.or(owner.id);
            entry.organisation |= owner.organisation;
            let repo = estate.repo(&key, &stated.whereabouts, spot);
            repo.id = repo.id.or(*id);
            repo.default_branch = repo.default_branch.take().or_else(|| default_branch.clone());
            repo.visibility = repo.visibility.take().or_else(|| visibility.clone());
            repo.archived |= archived;
            repo.created_at = repo.created_at.or(*created_at);
            if let Some(listed) = listed_for {
                let owner = owner.login.to_lowercase();
                lists.entry(list_key(&owner, listed)).or_default().insert(key);
            }
        }
        Fact::Organisation {
            account,
            base_permission,
        } => {
            let owner = estate.owner(&account.login.to_lowercase(), Some(account.login.clone()), spot);
            owner.id = owner.id.or(account.id);
            owner.organisation = true;
            let base = base_permission.clone().map(|base| (base, spot.clone()));
            owner.base_permission = owner.base_permission.take().or(base);
        }
        Fact::Branch { name, protection } => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            let branch = repo.branches.entry(name.clone()).or_insert_with(|| Branch {
                protection: None,
                place: spot.clone(),
            });
            // What says more wins: details over the mere word that there are some.
            let says_more = |p: &Option<super::facts::Protection>| p.as_ref().map(|p| p.open.is_some());
            if says_more(protection) > says_more(&branch.protection) {
                branch.protection.clone_from(protection);
                branch.place = spot.clone();
            }
        }
        Fact::BranchRule { pattern, protection } => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            let rule = (protection.clone(), spot.clone());
            repo.rules.entry(pattern.clone()).or_insert(rule);
        }
        Fact::Environment {
            name,
            id,
            reviewers,
            branches,
            wait_minutes,
            gates,
        } => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            let environment = repo
                .environments
                .entry(name.to_lowercase())
                .or_insert_with(|| unlisted(spot));
            if environment.unlisted {
                *environment = Environment {
                    id: *id,
                    name: name.clone(),
                    reviewers: reviewers.clone(),
                    branches: *branches,
                    wait_minutes: *wait_minutes,
                    gates: gates.clone(),
                    secrets: std::mem::take(&mut environment.secrets),
                    place: spot.clone(),
                    unlisted: false,
                };
            }
        }
        Fact::BranchPolicyPattern { pattern, tag } => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            let environment = stated
                .whereabouts
                .environment
                .clone()
                .unwrap_or_default()
                .to_lowercase();
            let patterns = repo.policies.entry(environment).or_default();
            patterns.entry((pattern.clone(), *tag)).or_insert_with(|| spot.clone());
        }
        Fact::Secret {
            name,
            created_at,
            updated_at,
            visibility: None,
            store,
        } if stated.whereabouts.repo.is_some() || !is_of_owner(stated) => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            let secret = Secret {
                created_at: *created_at,
                updated_at: *updated_at,
                guessed: home.guessed,
                place: spot.clone(),
            };
            match &stated.whereabouts.environment {
                Some(environment) => {
                    let key = environment.to_lowercase();
                    let entry = repo.environments.entry(key).or_insert_with(|| Environment {
                        name: environment.clone(),
                        ..unlisted(spot)
                    });
                    entry.secrets.entry(name.clone()).or_insert(secret);
                }
                None => {
                    repo.secrets.entry((*store, name.clone())).or_insert(secret);
                }
            }
        }
        Fact::Secret {
            name,
            created_at,
            updated_at,
            visibility,
            store,
        } => {
            let home = estate.owner_of(stated);
            if home.guessed {
                unplaced_owner(out, stated, &home.key);
            }
            let secret = Secret {
                created_at: *created_at,
                updated_at: *updated_at,
                guessed: home.guessed,
                place: spot.clone(),
            };
            let owner = estate.owner(&home.key, stated.whereabouts.owner.clone(), spot);
            owner
                .secrets
                .entry((*store, name.clone()))
                .or_insert((secret, *visibility));
        }
        Fact::Variable {
            name,
            value: Some(value),
        } => {
            let home = estate.repo_of(stated);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            repo.variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        Fact::Workflow(workflow) => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            for job in &workflow.jobs {
                if let Some(name) = job.environment.as_ref().filter(|name| !name.contains("${{")) {
                    let place = pipelines::job_place(workflow, job, spot);
                    let entry = repo.environments.entry(name.to_lowercase());
                    entry.or_insert_with(|| Environment {
                        name: name.clone(),
                        ..unlisted(&place)
                    });
                }
            }
            let key = (workflow.path.clone(), workflow.name.clone().unwrap_or_default());
            repo.workflows
                .entry(key)
                .or_insert_with(|| ((**workflow).clone(), spot.clone()));
        }
        Fact::WorkflowListed { path, active, .. } => {
            let home = repo_home(estate, out);
            let repo = estate.repo(&home.key, &stated.whereabouts, spot);
            repo.listed_workflows
                .entry(path.clone())
                .or_insert_with(|| (*active, spot.clone()));
        }
        Fact::Subjects {
            use_default,
            keys,
            immutable,
        } => {
            let template = Template {
                use_default: *use_default,
                keys: keys.clone(),
                immutable: *immutable,
            };
            if use_default.is_some() || stated.whereabouts.repo.is_some() {
                let home = repo_home(estate, out);
                let repo = estate.repo(&home.key, &stated.whereabouts, spot);
                repo.subjects.get_or_insert(template);
            } else {
                let home = estate.owner_of(stated);
                let owner = estate.owner(&home.key, stated.whereabouts.owner.clone(), spot);
                owner.subjects.get_or_insert(template);
            }
        }
        Fact::DefaultToken { write } => {
            if stated.whereabouts.repo.is_some() {
                let home = repo_home(estate, out);
                let repo = estate.repo(&home.key, &stated.whereabouts, spot);
                repo.default_token.get_or_insert(*write);
            } else {
                let home = estate.owner_of(stated);
                let owner = estate.owner(&home.key, stated.whereabouts.owner.clone(), spot);
                owner.default_token.get_or_insert(*write);
            }
        }
        Fact::DeployKey { .. } | Fact::Alert { .. } | Fact::Collaborator { .. } => {
            let home = repo_home(estate, out);
            estate.repo(&home.key, &stated.whereabouts, spot);
        }
        Fact::Team {
            of: TeamsOf::Repository,
            ..
        } => {
            let home = repo_home(estate, out);
            estate.repo(&home.key, &stated.whereabouts, spot);
        }
        Fact::Installation { account, .. } => {
            let home = estate.owner_of(stated);
            let owner = estate.owner(&home.key, stated.whereabouts.owner.clone(), spot);
            owner.id = owner.id.or(account.as_ref().and_then(|a| a.id));
            owner.organisation |= account.as_ref().is_some_and(|a| a.organisation);
        }
        Fact::Token { .. }
        | Fact::Authorized { .. }
        | Fact::Role { .. }
        | Fact::Person {
            of: PeopleOf::Organisation | PeopleOf::Owners,
            ..
        } => {
            let home = estate.owner_of(stated);
            if home.guessed {
                unplaced_owner(out, stated, &home.key);
            }
            // Only organisations have these.
            estate
                .owner(&home.key, stated.whereabouts.owner.clone(), spot)
                .organisation = true;
        }
        _ => {}
    }
}

/// Says, once a file, that it does not tell whose it is.
fn unplaced_owner(out: &mut Out, stated: &Stated, key: &str) {
    out.warn_once(
        &crate::model::Place::new(stated.place.file, ""),
        "unplaced",
        format!("The file does not say which organisation it is of, so {key} is assumed; keep it as orgs/OWNER/…"),
    );
}

/// Whether something that says nothing of a repository is of an organisation by its file's name.
fn is_of_owner(stated: &Stated) -> bool {
    let folders = &stated.whereabouts.folders;
    stated.whereabouts.repo.is_none() && folders.iter().any(|f| f == "orgs" || f == "organizations")
}

fn unlisted(place: &crate::model::Place) -> Environment {
    Environment {
        id: None,
        name: String::new(),
        reviewers: None,
        branches: BranchPolicy::All,
        wait_minutes: None,
        gates: Vec::new(),
        secrets: BTreeMap::new(),
        place: place.clone(),
        unlisted: true,
    }
}

/// Says, once a file, that it does not tell which repository it is of.
fn unplaced(out: &mut Out, stated: &Stated, key: &str) {
    out.warn_once(
        &crate::model::Place::new(stated.place.file, ""),
        "unplaced",
        format!(
            "The file does not say which repository it is of, so {key} is assumed; keep it as \
             repos/OWNER/REPOSITORY/… or beside a list of repositories in a folder OWNER/REPOSITORY"
        ),
    );
}
