//! All that the files say of GitHub, in one place: owners with their repositories, branches and environments.

use super::facts::{BranchPolicy, Fact, Protection, Selection, Stated, Whereabouts, Who};
use super::workflow::Workflow;
use crate::model::{Place, Time};
use std::collections::{BTreeMap, BTreeSet};

/// How subjects are made.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub use_default: Option<bool>,
    pub keys: Option<Vec<String>>,
    pub immutable: Option<bool>,
}

/// An organisation or a user that owns repositories.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    /// As spelt.
    pub login: String,
    pub id: Option<u64>,
    pub organisation: bool,
    pub base_permission: Option<(String, Place)>,
    pub subjects: Option<Template>,
    pub default_token: Option<bool>,
    pub secrets: BTreeMap<(&'static str, String), (Secret, Option<Selection>)>,
    pub place: Option<Place>,
}

/// A repository.
#[derive(Clone, Debug, Default)]
pub struct Repo {
    /// Its owner's login, as spelt.
    pub owner: String,
    /// As spelt.
    pub name: String,
    pub id: Option<u64>,
    pub default_branch: Option<String>,
    pub visibility: Option<String>,
    pub archived: bool,
    pub created_at: Option<Time>,
    pub branches: BTreeMap<String, Branch>,
    pub rules: BTreeMap<String, (Protection, Place)>,
    pub environments: BTreeMap<String, Environment>,
    /// Patterns of branches and tags that environments accept, by environment; empty where that is not told.
    pub policies: BTreeMap<String, BTreeMap<(String, bool), Place>>,
    pub secrets: BTreeMap<(&'static str, String), Secret>,
    pub workflows: BTreeMap<(String, String), (Workflow, Place)>,
    pub listed_workflows: BTreeMap<String, (bool, Place)>,
    pub variables: BTreeMap<String, String>,
    pub subjects: Option<Template>,
    pub default_token: Option<bool>,
    pub place: Option<Place>,
}

/// A branch.
#[derive(Clone, Debug)]
pub struct Branch {
    pub protection: Option<Protection>,
    pub place: Place,
}

/// An environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// As spelt.
    pub name: String,
    pub id: Option<u64>,
    pub reviewers: Option<BTreeSet<Who>>,
    pub branches: BranchPolicy,
    pub wait_minutes: Option<u64>,
    pub gates: Vec<String>,
    pub secrets: BTreeMap<String, Secret>,
    pub place: Place,
    /// It is only known because something belongs to it.
    pub unlisted: bool,
}

/// A secret, by what is known of it.
#[derive(Clone, Debug)]
pub struct Secret {
    pub created_at: Option<Time>,
    pub updated_at: Option<Time>,
    /// The place it belongs to is a guess.
    pub guessed: bool,
    pub place: Place,
}

/// Where a fact belongs, and whether that is a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// `owner` or `owner/repo`, in lower case.
    pub key: String,
    pub guessed: bool,
}

/// Everything known.
#[derive(Default)]
pub struct Estate {
    pub owners: BTreeMap<String, Owner>,
    pub repos: BTreeMap<String, Repo>,
    /// The owner that a number is, in lower case.
    numbers: BTreeMap<u64, String>,
    /// Names of repositories to their keys, where a name is one only.
    names: BTreeMap<String, Option<String>>,
    /// The repositories and owners each file names for certain.
    certain: BTreeMap<u32, (BTreeSet<String>, BTreeSet<String>)>,
    /// Owners that own something, and repositories that are somebody's own, not just named.
    own_repos: BTreeSet<String>,
    own_owners: BTreeSet<String>,
}

/// The owner of what nobody tells where it belongs.
pub const UNKNOWN: &str = "unknown";

impl Estate {
    /// Notes which owners and repositories there are, before anything is put in its place.
    pub fn note(&mut self, stated: &Stated) {
        let file = stated.place.file.0;
        if let Fact::Repository { owner, .. } = &stated.fact
            && let (Some(id), false) = (owner.id, owner.login.is_empty())
        {
            self.numbers.insert(id, owner.login.to_lowercase());
        }
        let at = &stated.whereabouts;
        let mut owner = at.owner.as_ref();
        match &stated.fact {
            Fact::Organisation { account, .. } => {
                owner = Some(&account.login);
                if let Some(id) = account.id {
                    self.numbers.insert(id, account.login.to_lowercase());
                }
            }
            Fact::Installation {
                account: Some(account), ..
            } => {
                if let Some(id) = account.id {
                    self.numbers.insert(id, account.login.to_lowercase());
                }
            }
            Fact::Team { team, .. } if owner.is_none() => owner = team.owner.as_ref(),
            _ => {}
        }
        let certain = self.certain.entry(file).or_default();
        if let Some(owner) = owner {
            let key = owner.to_lowercase();
            certain.1.insert(key.clone());
            self.own_owners.insert(key.clone());
            if let Some(repo) = &at.repo {
                let full = format!("{key}/{}", repo.to_lowercase());
                certain.0.insert(full.clone());
                self.own_repos.insert(full.clone());
                let name = self
                    .names
                    .entry(repo.to_lowercase())
                    .or_insert_with(|| Some(full.clone()));
                if name.as_ref() != Some(&full) {
                    *name = None;
                }
            }
        }
    }

    /// The repository a fact belongs to.
    pub fn repo_of(&self, stated: &Stated) -> Home {
        let at = &stated.whereabouts;
        let sure = |key: String| Home { key, guessed: false };
        if let (Some(owner), Some(repo)) = (&at.owner, &at.repo) {
            return sure(format!("{}/{}", owner.to_lowercase(), repo.to_lowercase()));
        }
        if let Some(key) = self.by_folders(at) {
            return sure(key);
        }
        if let Some((repos, _)) = self.certain.get(&stated.place.file.0)
            && let (1, Some(key)) = (repos.len(), repos.first())
        {
            return sure(key.clone());
        }
        if let (1, Some(key)) = (self.own_repos.len(), self.own_repos.first()) {
            return Home {
                key: key.clone(),
                guessed: true,
            };
        }
        let owner = self.owner_of(stated);
        Home {
            key: format!("{}/{}", owner.key, unknown_name(at)),
            guessed: true,
        }
    }

    /// The owner a fact belongs to.
    pub fn owner_of(&self, stated: &Stated) -> Home {
        let at = &stated.whereabouts;
        let sure = |key: String| Home { key, guessed: false };
        if let Some(owner) = &at.owner {
            return sure(owner.to_lowercase());
        }
        if let Some(owner) = at.owner_id.and_then(|id| self.numbers.get(&id)) {
            return sure(owner.clone());
        }
        let folder = at.folders.iter().rev().take(4).map(|f| f.to_lowercase());
        if let Some(owner) = folder.into_iter().find(|f| self.own_owners.contains(f)) {
            return sure(owner);
        }
        if let Some((_, owners)) = self.certain.get(&stated.place.file.0)
            && let (1, Some(key)) = (owners.len(), owners.first())
        {
            return sure(key.clone());
        }
        if let (1, Some(key)) = (self.own_owners.len(), self.own_owners.first()) {
            return Home {
                key: key.clone(),
                guessed: true,
            };
        }
        Home {
            key: UNKNOWN.to_owned(),
            guessed: true,
        }
    }

    /// The repository that the file's folders name, where it is one that is known.
    fn by_folders(&self, at: &Whereabouts) -> Option<String> {
        let folders: Vec<String> = at.folders.iter().map(|f| f.to_lowercase()).collect();
        for pair in folders.windows(2).rev() {
            let key = format!("{}/{}", pair[0], pair[1]);
            if self.own_repos.contains(&key) {
                return Some(key);
            }
        }
        if let Some(owner) = &at.owner {
            let owner = owner.to_lowercase();
            let mut keys = folders.iter().rev().map(|repo| format!("{owner}/{repo}"));
            if let Some(key) = keys.find(|key| self.own_repos.contains(key)) {
                return Some(key);
            }
        }
        // The folder that holds `.github`, or the one the file is in.
        let holding = folders
            .iter()
            .position(|f| f == ".github")
            .and_then(|i| i.checked_sub(1));
        let nearest = folders.len().checked_sub(2);
        [holding, nearest]
            .into_iter()
            .flatten()
            .filter_map(|i| self.names.get(&folders[i])?.clone())
            .next()
    }

    /// A repository to say something of.
    pub fn repo(&mut self, key: &str, spelt: &Whereabouts, place: &Place) -> &mut Repo {
        let (owner, name) = key.split_once('/').unwrap_or((key, ""));
        let fits = |text: &Option<String>, key: &str| {
            text.clone()
                .filter(|t| t.to_lowercase() == key)
                .unwrap_or_else(|| key.to_owned())
        };
        let (owner, name) = (fits(&spelt.owner, owner), fits(&spelt.repo, name));
        self.owner(&owner.to_lowercase(), Some(owner.clone()), place);
        let repo = self.repos.entry(key.to_owned()).or_insert_with(|| Repo {
            owner: owner.clone(),
            name: name.clone(),
            place: Some(place.clone()),
            ..Repo::default()
        });
        // Of several spellings the one with capitals sorts first; subjects tell cases apart.
        repo.owner = owner.min(std::mem::take(&mut repo.owner));
        repo.name = name.min(std::mem::take(&mut repo.name));
        repo
    }

    /// An owner to say something of.
    pub fn owner(&mut self, key: &str, spelt: Option<String>, place: &Place) -> &mut Owner {
        let spelt = spelt
            .filter(|s| s.to_lowercase() == key)
            .unwrap_or_else(|| key.to_owned());
        let owner = self.owners.entry(key.to_owned()).or_insert_with(|| Owner {
            login: spelt.clone(),
            place: Some(place.clone()),
            ..Owner::default()
        });
        owner.login = spelt.min(std::mem::take(&mut owner.login));
        owner
    }
}

/// A name for the repository of a file that does not tell: files of one folder belong together.
fn unknown_name(at: &Whereabouts) -> String {
    let before = at
        .folders
        .iter()
        .position(|f| f == ".github")
        .unwrap_or(at.folders.len().saturating_sub(1));
    let name = before.checked_sub(1).and_then(|i| at.folders.get(i));
    let name: String = name.map_or("", String::as_str).to_lowercase();
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    if clean.is_empty() { UNKNOWN.to_owned() } else { clean }
}
