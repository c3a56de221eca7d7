//! The principals of an export, found by ARN, by unique id and by name.

use super::arn::{self, Arn};
use super::builder::Builder;
use super::context::{CallerKind, Context};
use super::effect::{self, Permissions};
use crate::import::Input;
use crate::model::glob;
use crate::model::{Identity, IdentityKind, List, Place, Rare, Text, Time};
use foldhash::fast::RandomState;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

/// What sort of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A group, which cannot call but whose permissions its members have.
    Group,
    /// A session of a role that somebody trusts by name.
    Session,
    /// A session a user hands out under a name.
    FederatedUser,
}

/// A user, group or role, or somebody of its account that a trust policy names.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Id in the inventory.
    pub id: Text,
    /// As AWS names it.
    pub arn: Text,
    /// For people.
    pub name: Text,
    /// What sort.
    pub kind: Kind,
    /// Its account.
    pub account: Text,
    /// Id of its account's system.
    pub system: Text,
    /// What is known of its requests.
    pub context: Context,
    /// What it may do; nothing of most while an export is read.
    pub permissions: Rare<Permissions>,
    /// Of a session: the role whose denials and bounds hold for it.
    pub limits_of: Option<usize>,
    /// Services that may become the role.
    pub services: List,
    /// When it was last used, where that is long enough ago to say something.
    pub last_use_bound: Option<Time>,
    /// Where it stands.
    pub place: Place,
}

impl Principal {
    /// What it may do.
    pub fn permissions(&self) -> &Permissions {
        self.permissions.get().unwrap_or(&effect::NONE)
    }
}

/// What is left of a principal when its permissions are worked out.
pub struct Subject {
    /// Id in the inventory.
    pub id: Text,
    /// As AWS names it.
    pub arn: Text,
    /// What sort.
    pub kind: Kind,
    /// Its account.
    pub account: Text,
    /// Id of its account's system.
    pub system: Text,
    /// Services that may become the role.
    pub services: List,
    /// Where it stands.
    pub place: Place,
}

/// Patterns and exact subjects that trust policies accept from one issuer.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// Exact ones.
    pub exact: BTreeSet<String>,
    /// Patterns, `*` among them.
    pub patterns: BTreeSet<String>,
}

/// Everything known while an export is read.
pub struct World<'i, 'a> {
    /// Records and diagnostics.
    pub builder: Builder<'i, 'a>,
    /// Everybody.
    pub principals: Vec<Principal>,
    /// Accounts whose principals the export describes.
    pub accounts: BTreeSet<String>,
    /// The export lists principals without their policies, so what they may do is not known.
    pub only_named: bool,
    /// The newest time in the export.
    pub newest: Option<Time>,
    /// What is accepted from each issuer, by the id its subjects start with.
    pub subjects: BTreeMap<String, Subjects>,
    by_arn: HashMap<Text, usize, RandomState>,
    by_unique_id: HashMap<Text, usize, RandomState>,
    roles_by_name: HashMap<(Text, Text), usize, RandomState>,
    /// Users and roles; nothing until somebody asks for those of a pattern, which few files do.
    callers_by_arn: Option<BTreeMap<Text, usize>>,
}

impl<'i, 'a> World<'i, 'a> {
    /// Nobody yet.
    pub fn new(builder: Builder<'i, 'a>) -> Self {
        Self {
            builder,
            principals: Vec::new(),
            accounts: BTreeSet::new(),
            only_named: false,
            newest: None,
            subjects: BTreeMap::new(),
            by_arn: HashMap::default(),
            by_unique_id: HashMap::default(),
            roles_by_name: HashMap::default(),
            callers_by_arn: None,
        }
    }

    /// The records; everything else is let go.
    pub fn into_builder(self) -> Builder<'i, 'a> {
        self.builder
    }

    /// The same with another input.
    pub fn with<'j, 'b>(self, input: &'j Input<'b>) -> World<'j, 'b> {
        World {
            builder: self.builder.with(input),
            principals: self.principals,
            accounts: self.accounts,
            only_named: self.only_named,
            newest: self.newest,
            subjects: self.subjects,
            by_arn: self.by_arn,
            by_unique_id: self.by_unique_id,
            roles_by_name: self.roles_by_name,
            callers_by_arn: self.callers_by_arn,
        }
    }

    /// Lets go of all that is known of everybody but who they are: of as many as there are it is as much as what is made
    /// of them.
    pub fn subjects(&mut self) -> Vec<Subject> {
        self.by_arn = HashMap::default();
        self.by_unique_id = HashMap::default();
        self.roles_by_name = HashMap::default();
        self.callers_by_arn = None;
        let subject = |one: Principal| Subject {
            id: one.id,
            arn: one.arn,
            kind: one.kind,
            account: one.account,
            system: one.system,
            services: one.services,
            place: one.place,
        };
        let mut subjects = Vec::with_capacity(self.principals.len());
        subjects.extend(std::mem::take(&mut self.principals).into_iter().map(subject));
        subjects
    }

    /// Adds somebody; of two with one ARN the first is found.
    pub fn add(&mut self, principal: Principal) -> usize {
        let at = self.principals.len();
        self.by_arn.entry(principal.arn.clone()).or_insert(at);
        if let Some(unique_id) = &principal.context.unique_id {
            self.by_unique_id.entry(unique_id.clone()).or_insert(at);
        }
        if principal.kind == Kind::Role {
            self.roles_by_name
                .entry((principal.account.clone(), principal.name.clone()))
                .or_insert(at);
        }
        if let Some(callers) = &mut self.callers_by_arn
            && is_caller(&principal)
        {
            callers.entry(principal.arn.clone()).or_insert(at);
        }
        self.principals.push(principal);
        at
    }

    /// Somebody by ARN or unique id; a group is nobody here.
    pub fn find(&self, text: &str) -> Option<usize> {
        let at = *self.by_arn.get(text).or_else(|| self.by_unique_id.get(text))?;
        (self.principals[at].kind != Kind::Group).then_some(at)
    }

    /// Users and roles whose ARN matches a pattern, in order of their ARNs, at most so many.
    pub fn matching(&mut self, pattern: &str, at_most: usize) -> Vec<usize> {
        let callers = self.callers_by_arn.get_or_insert_with(|| {
            // Of two with one ARN the first stays.
            let callers = self
                .principals
                .iter()
                .enumerate()
                .rev()
                .filter(|(_, one)| is_caller(one));
            callers.map(|(at, one)| (one.arn.clone(), at)).collect()
        });
        let prefix = glob::literal_prefix(pattern);
        callers
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(arn, _)| arn.starts_with(prefix))
            .filter(|(arn, _)| arn::matches_arn(pattern, arn))
            .map(|(_, at)| *at)
            .take(at_most)
            .collect()
    }

    /// Somebody of an account of the export whom the export does not describe but a trust policy names.
    pub fn placeholder(&mut self, text: &str, account: &str, kind: Kind, pointer: &str) -> usize {
        let resource = Arn::parse(text).map_or(text, |a| a.resource);
        let name: Text = arn::last_step(resource).into();
        let place = self.builder.log.at(pointer);
        let id = arn::id(text);
        let mut identity = Identity {
            id: id.clone().into(),
            name: Some(name.clone()),
            kind: match kind {
                Kind::Role => Some(IdentityKind::Role),
                Kind::User | Kind::Group => None,
                Kind::Session | Kind::FederatedUser => Some(IdentityKind::Other),
            },
            platform: Some("aws".into()),
            places: place.clone().into(),
            ..Identity::default()
        };
        let limits_of = match kind {
            Kind::Session => {
                // Sessions are named by the role's name alone, without its path.
                let mut steps = resource.split('/');
                let role = steps.nth(1).unwrap_or_default().to_owned();
                identity.name = Some(format!("Session {name} of role {role}").into());
                self.roles_by_name.get(&(account.into(), role.as_str().into())).copied()
            }
            Kind::FederatedUser => None,
            _ => {
                identity.attributes.insert("only_named".to_owned(), json!(true));
                None
            }
        };
        self.builder.identity(identity);
        let context = match limits_of {
            Some(role) => self.principals[role].context.clone(),
            None => Context {
                kind: match kind {
                    Kind::User => CallerKind::User,
                    Kind::Role | Kind::Session => CallerKind::Role,
                    _ => CallerKind::Unknown,
                },
                arn: matches!(kind, Kind::User | Kind::Role).then(|| text.into()),
                account: Some(account.into()),
                user_name: (kind == Kind::User).then(|| name.clone()),
                newest: self.newest,
                ..Context::default()
            },
        };
        self.add(Principal {
            id: id.into(),
            arn: text.into(),
            name,
            kind,
            account: account.into(),
            system: arn::id(account).into(),
            context: Context {
                unique_id: None,
                ..context
            },
            permissions: Rare::default(),
            limits_of,
            services: List::new(),
            last_use_bound: None,
            place,
        })
    }
}

fn is_caller(principal: &Principal) -> bool {
    matches!(principal.kind, Kind::User | Kind::Role)
}
