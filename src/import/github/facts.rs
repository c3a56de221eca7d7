//! What answers of GitHub's REST interface and workflow files say, before it is put together.

use crate::model::{Place, Text, Time};
use ecow::EcoVec;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where an answer belongs, as far as the answer itself or its file's name tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The organisation or the user that owns the repository, as spelt.
    pub owner: Option<String>,
    /// The repository's name, without its owner.
    pub repo: Option<String>,
    /// The number of the organisation, where a link has only that.
    pub owner_id: Option<u64>,
    /// The environment.
    pub environment: Option<String>,
    /// The file's folders, nearest last, and the parts of its name: compared with repositories that are known.
    pub folders: Arc<[String]>,
    /// The file's name without folders and extension, for what cannot be told otherwise.
    pub stem: Arc<str>,
}

/// One thing a file says, and where.
#[derive(Clone, Debug)]
pub struct Stated {
    /// Where it stands.
    pub place: Place,
    /// Where it belongs.
    pub whereabouts: Arc<Whereabouts>,
    /// What it says.
    pub fact: Fact,
}

/// An account with a login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// As spelt.
    pub login: String,
    /// The number that stays when the login changes.
    pub id: Option<u64>,
    /// Whether it is an organisation.
    pub organisation: bool,
    /// Whether it is a bot.
    pub bot: bool,
}

/// A team, by its slug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// The slug.
    pub slug: String,
    /// The organisation, where a link tells it.
    pub owner: Option<String>,
    /// As people see it.
    pub name: Option<String>,
    /// Slug of the team it is a part of.
    pub parent: Option<String>,
    /// What it may do, where it was listed for a repository: `pull` to `admin`, or a custom role.
    pub permission: Option<String>,
}

/// Who reviews or may push.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A user, by login.
    User(String),
    /// A team, by slug.
    Team(String),
    /// An app, by slug.
    App(String),
}

/// How far a branch is protected against being pushed to by whoever may write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Whether a writer alone can push; nothing where the answer does not tell.
    pub open: Option<bool>,
    /// Who may push all the same.
    pub passes: BTreeSet<Who>,
    /// What protects, in words.
    pub words: Vec<String>,
}

/// Which repositories something may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of the owner.
    All,
    /// Private ones.
    Private,
    /// Those of a list that another answer gives.
    Selected,
}

/// Permissions by name, for instance `contents` -> `write`, in the order of the names. Many tokens have the same.
pub type Permissions = EcoVec<(Text, Text)>;

/// Permissions as a JSON object.
pub fn members_of(permissions: &Permissions) -> serde_json::Value {
    let members = permissions
        .iter()
        .map(|(name, level)| (name.as_str(), level.as_str().into()));
    serde_json::Value::Object(members.map(|(name, level)| (name.to_owned(), level)).collect())
}

/// One thing an answer says.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A repository.
    Repository {
        id: Option<u64>,
        owner: Account,
        name: String,
        default_branch: Option<String>,
        /// `public`, `private` or `internal`.
        visibility: Option<String>,
        archived: bool,
        created_at: Option<Time>,
        /// The list it is in belongs to this, for instance the repositories a secret is for.
        listed_for: Option<ListedFor>,
    },
    /// An organisation.
    Organisation {
        account: Account,
        /// What every member may do with every repository.
        base_permission: Option<String>,
    },
    /// A branch.
    Branch {
        name: String,
        protection: Option<Protection>,
    },
    /// A rule that protects the branches of a pattern.
    BranchRule { pattern: String, protection: Protection },
    /// An environment.
    Environment {
        name: String,
        id: Option<u64>,
        /// Who must agree to a deployment; nothing where nobody must.
        reviewers: Option<BTreeSet<Who>>,
        branches: BranchPolicy,
        wait_minutes: Option<u64>,
        /// Rules of a kind that is decided elsewhere.
        gates: Vec<String>,
    },
    /// A branch or a tag an environment accepts.
    BranchPolicyPattern { pattern: String, tag: bool },
    /// A secret's name.
    Secret {
        name: String,
        created_at: Option<Time>,
        updated_at: Option<Time>,
        /// Only of an organisation's.
        visibility: Option<Selection>,
        store: &'static str,
    },
    /// A variable that names something of another platform; other values are not kept.
    Variable { name: String, value: Option<String> },
    /// Somebody who may use a repository.
    Collaborator { account: Account, role: String },
    /// Somebody on a list of people: of an organisation, a team, a role.
    Person { account: Account, of: PeopleOf },
    /// A team, of an organisation, a repository or a role.
    Team { team: Team, of: TeamsOf },
    /// A role of an organisation or for repositories.
    Role {
        id: Option<u64>,
        name: String,
        base: Option<String>,
        permissions: Vec<String>,
        repository: bool,
    },
    /// A key of a repository.
    DeployKey {
        id: u64,
        title: Option<String>,
        fingerprint: Option<String>,
        read_only: Option<bool>,
        enabled: bool,
        created_at: Option<Time>,
        last_used: Option<Time>,
        added_by: Option<String>,
    },
    /// A fine-grained token.
    Token {
        id: u64,
        token_id: Option<u64>,
        name: Option<String>,
        owner: Account,
        selection: Option<Selection>,
        repository: Permissions,
        organisation: Permissions,
        expired: bool,
        expires_at: Option<Time>,
        last_used_at: Option<Time>,
        granted_at: Option<Time>,
        /// It was asked for and not granted yet.
        pending: bool,
    },
    /// A classic token or an SSH key that may be used with single sign-on.
    Authorized {
        id: u64,
        kind: String,
        login: String,
        title: Option<String>,
        fingerprint: Option<String>,
        scopes: Vec<String>,
        authorized_at: Option<Time>,
        accessed_at: Option<Time>,
        expires_at: Option<Time>,
    },
    /// A secret that was found in a repository; what it is, never its value.
    Alert {
        number: u64,
        secret_type: String,
        name: Option<String>,
        /// An id that is public by itself and part of what was found.
        public_id: Option<String>,
        found_at: Option<Time>,
        /// It does not work any more.
        dead: bool,
        /// It lies in public somewhere.
        public: bool,
    },
    /// An installed app.
    Installation {
        id: u64,
        app_id: Option<u64>,
        slug: Option<String>,
        account: Option<Account>,
        selection: Option<Selection>,
        permissions: Permissions,
        created_at: Option<Time>,
        suspended: bool,
    },
    /// An app.
    App {
        id: Option<u64>,
        slug: String,
        client_id: Option<String>,
        owner: Option<Account>,
        name: Option<String>,
    },
    /// A workflow as the interface lists it.
    WorkflowListed { path: String, active: bool },
    /// A workflow's text.
    Workflow(Box<super::workflow::Workflow>),
    /// How subjects of OIDC tokens are made.
    Subjects {
        use_default: Option<bool>,
        keys: Option<Vec<String>>,
        immutable: Option<bool>,
    },
    /// What a workflow's own token may do where the workflow does not say.
    DefaultToken { write: bool },
}

/// What a list of repositories belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedFor {
    /// A token, by the id of its grant.
    Token(u64),
    /// An organisation's secret.
    Secret(String),
    /// An installation.
    Installation(u64),
}

/// Which branches an environment accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchPolicy {
    /// All.
    All,
    /// Protected ones.
    Protected,
    /// Those of patterns that another answer gives.
    Patterns,
}

/// What a list of people belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleOf {
    /// The answer does not tell.
    Nothing,
    /// Members of the organisation.
    Organisation,
    /// Its owners.
    Owners,
    /// A team, by slug.
    Team(String),
    /// A role, by number.
    Role(u64),
}

/// What a list of teams belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamsOf {
    /// The organisation.
    Organisation,
    /// A repository.
    Repository,
    /// A role, by number.
    Role(u64),
}
