//! Who may do what: people, teams, roles, keys, tokens and apps as records.

use super::assemble::{Lists, list_key};
use super::credentials;
use super::estate::Estate;
use super::facts::{Account, Fact, ListedFor, PeopleOf, Protection, Selection, Stated, Team, TeamsOf, Who};
use super::out::{Out, Says};
use super::places::{owner_of, system};
use super::scopes::{approve, bypass, of_permission, of_role};
use crate::import::Progress;
use crate::model::{Extra, Identity, IdentityKind, InheritHow, Place};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is needed to write the facts about access.
pub struct Access<'e> {
    pub estate: &'e Estate,
    pub lists: &'e Lists,
    /// What a role that is not GitHub's own may do at least, by owner and name.
    custom: BTreeMap<(String, String), String>,
    /// Roles of organisations by number.
    roles: BTreeMap<u64, String>,
    /// Logins of which some file says what they may do.
    pub placed: BTreeSet<String>,
}

/// Writes the facts about access.
pub fn write(estate: &Estate, facts: &[&Stated], lists: &Lists, progress: &dyn Progress, out: &mut Out) {
    let mut access = Access {
        estate,
        lists,
        custom: BTreeMap::new(),
        roles: BTreeMap::new(),
        placed: BTreeSet::new(),
    };
    for stated in facts {
        match &stated.fact {
            Fact::Role {
                name,
                base: Some(base),
                repository: true,
                ..
            } => {
                let owner = estate.owner_of(stated).key;
                access.custom.insert((owner, name.to_lowercase()), base.clone());
            }
            Fact::Role {
                id: Some(id),
                name,
                repository: false,
                ..
            } => {
                let owner = estate.owner_of(stated).key;
                access.roles.insert(*id, role_id(&owner, name));
            }
            Fact::Collaborator { account, .. } => {
                access.placed.insert(account.login.to_lowercase());
            }
            Fact::Person { account, of } if *of != PeopleOf::Nothing => {
                access.placed.insert(account.login.to_lowercase());
            }
            _ => {}
        }
    }
    out.in_parts(facts, progress, |facts, out| {
        facts.iter().for_each(|stated| access.one(stated, out))
    });
    for (key, owner) in &estate.owners {
        if let Some((base, place)) = &owner.base_permission {
            let members = members(key, place, out);
            let scopes = of_role(base, &format!("{key}/*")).unwrap_or_default();
            let says = Says::sure("every member has the organisation's base permission");
            out.grant(place, &members, &system(key), scopes, says);
        }
    }
    for (key, repo) in &estate.repos {
        let over = system(owner_of(key));
        for (name, environment) in &repo.environments {
            for who in environment.reviewers.iter().flatten() {
                let holder = identity_of(owner_of(key), who, &environment.place, out);
                let says = Says::sure("a reviewer of the environment");
                out.grant(&environment.place, &holder, &over, vec![approve(key, name)], says);
            }
        }
        let mut passes = |reference: &str, protection: &Protection, place: &Place| {
            for who in &protection.passes {
                let holder = identity_of(owner_of(key), who, place, out);
                let scopes = vec![bypass(key, &format!("refs/heads/{reference}"))];
                out.grant(place, &holder, &over, scopes, Says::sure("the protection lets it pass"));
            }
        };
        for (name, branch) in &repo.branches {
            if let Some(protection) = &branch.protection {
                passes(name, protection, &branch.place);
            }
        }
        for (pattern, (protection, place)) in &repo.rules {
            passes(pattern, protection, place);
        }
    }
}

impl Access<'_> {
    fn one(&self, stated: &Stated, out: &mut Out) {
        let place = &stated.place;
        match &stated.fact {
            Fact::Collaborator { account, role } => {
                let home = self.estate.repo_of(stated);
                let holder = user(account, place, out);
                self.role(&holder, role, &home.key, home.guessed, "a collaborator", place, out);
            }
            Fact::Person { account, of } => self.person(stated, account, of, out),
            Fact::Team { team, of } => self.team(stated, team, of, out),
            Fact::Role {
                name,
                base,
                permissions,
                repository: false,
                ..
            } => {
                let home = self.estate.owner_of(stated);
                let id = role_id(&home.key, name);
                out.identity(place, named(&id, name, IdentityKind::Role));
                let mut scopes = Vec::new();
                for permission in permissions {
                    let (level, bare) = match permission.split_once('_') {
                        Some((level @ ("read" | "write"), bare)) => (level, bare),
                        _ => ("write", permission.as_str()),
                    };
                    of_permission(bare, level, &home.key, &mut scopes);
                }
                let base = base
                    .as_deref()
                    .and_then(|base| of_role(base, &format!("{}/*", home.key)));
                scopes.extend(base.unwrap_or_default());
                let says = Says::sure("permissions of the role").assumed(home.guessed);
                out.grant(place, &id, &system(&home.key), scopes, says);
            }
            Fact::App {
                id,
                slug,
                client_id,
                owner,
                name,
            } => {
                let mut one = named(&app_id(Some(slug), *id), slug, IdentityKind::App);
                one.name = name.clone().or(Some(slug.clone())).map(Into::into);
                one.owner = owner.as_ref().map(|o| o.login.clone()).map(Into::into);
                if let Some(client_id) = client_id {
                    one.attributes.insert("client_id".to_owned(), json!(client_id));
                }
                out.identity(place, one);
            }
            _ => credentials::write(self, stated, out),
        }
    }

    /// What a role gives on a repository. Of a role that no file explains, reading is certain and the rest assumed.
    #[allow(clippy::too_many_arguments, reason = "they are the parts of one sentence")]
    fn role(&self, holder: &str, role: &str, key: &str, guessed: bool, words: &str, place: &Place, out: &mut Out) {
        let over = system(owner_of(key));
        let custom = self.custom.get(&(owner_of(key).to_owned(), role.to_lowercase()));
        let known = of_role(role, key).or_else(|| custom.and_then(|base| of_role(base, key)));
        let evidence = format!("{words} with the role {role}");
        match known {
            Some(scopes) => out.grant(place, holder, &over, scopes, Says::sure(evidence).assumed(guessed)),
            None => {
                let read = of_role("read", key).unwrap_or_default();
                out.grant(
                    place,
                    holder,
                    &over,
                    read,
                    Says::sure(evidence.clone()).assumed(guessed),
                );
                let write = of_role("write", key).unwrap_or_default();
                let says = Says::sure(format!("{evidence}, which no file explains")).assumed(true);
                out.grant(place, holder, &over, write, says);
            }
        }
    }

    fn person(&self, stated: &Stated, account: &Account, of: &PeopleOf, out: &mut Out) {
        let place = &stated.place;
        let from = user(account, place, out);
        let home = self.estate.owner_of(stated);
        let (to, words) = match of {
            PeopleOf::Nothing => {
                let message = "The file does not say whose people these are, so they get no permission by it; keep it \
                               as orgs/OWNER/members.json, …/teams/TEAM/members.json or …/organization-roles/ID/users.json";
                let whole = Place::new(place.file, "");
                return out.warn_once(&whole, "unplaced", message.to_owned());
            }
            PeopleOf::Organisation => (members(&home.key, place, out), "a member of the organisation"),
            PeopleOf::Owners => (format!("{}:admin", system(&home.key)), "an owner of the organisation"),
            PeopleOf::Team(slug) => (team_id(&home.key, slug), "a member of the team"),
            PeopleOf::Role(id) => match self.roles.get(id) {
                Some(role) => (role.clone(), "has the role"),
                None => return self.unknown_role(*id, place, out),
            },
        };
        if let PeopleOf::Team(slug) = of {
            out.identity(place, named(&to, slug, IdentityKind::Group));
        }
        if *of == PeopleOf::Owners && !self.estate.owners.contains_key(&home.key) {
            return;
        }
        let says = Says::sure(words).assumed(home.guessed);
        out.becomes(place, Some(&from), &to, &[], InheritHow::Membership, says);
    }

    fn unknown_role(&self, id: u64, place: &Place, out: &mut Out) {
        let message = format!("No file tells what the role {id} may do; who has it gets nothing by it");
        out.warn_once(&Place::new(place.file, ""), "unknown-role", message);
    }

    fn team(&self, stated: &Stated, team: &Team, of: &TeamsOf, out: &mut Out) {
        let place = &stated.place;
        let home = self.estate.owner_of(stated);
        let owner = match of {
            TeamsOf::Repository => owner_of(&self.estate.repo_of(stated).key).to_owned(),
            _ => team.owner.clone().map_or(home.key.clone(), |o| o.to_lowercase()),
        };
        let id = team_id(&owner, &team.slug);
        let mut one = named(&id, team.name.as_deref().unwrap_or(&team.slug), IdentityKind::Group);
        one.attributes = Extra::from_iter([("organization".to_owned(), json!(owner))]);
        out.identity(place, one);
        if let Some(parent) = &team.parent {
            let over = team_id(&owner, parent);
            out.identity(place, named(&over, parent, IdentityKind::Group));
            let says = Says::sure("a team within the team");
            out.becomes(place, Some(&id), &over, &[], InheritHow::Membership, says);
        }
        match of {
            TeamsOf::Organisation => {}
            TeamsOf::Repository => {
                let home = self.estate.repo_of(stated);
                let role = team.permission.as_deref().unwrap_or("pull");
                self.role(&id, role, &home.key, home.guessed, "a team", place, out);
            }
            TeamsOf::Role(number) => match self.roles.get(number) {
                Some(role) => {
                    let says = Says::sure("has the role");
                    out.becomes(place, Some(&id), role, &[], InheritHow::Membership, says);
                }
                None => self.unknown_role(*number, place, out),
            },
        }
    }

    /// The repositories something is for: all of an owner, or those a list has; and whether that is only assumed.
    pub fn targets(&self, owner: &str, selection: Option<Selection>, listed: &ListedFor) -> (Vec<String>, bool) {
        let list = self.lists.get(&list_key(owner, listed));
        match (selection, list) {
            (Some(Selection::All), _) => (vec![format!("{owner}/*")], false),
            (_, Some(list)) => (list.iter().cloned().collect(), false),
            _ => (vec![format!("{owner}/*")], true),
        }
    }
}

fn named(id: &str, name: &str, kind: IdentityKind) -> Identity {
    Identity {
        id: id.to_owned().into(),
        name: Some(name.to_owned().into()),
        kind: Some(kind),
        platform: Some("github".into()),
        ..Identity::default()
    }
}

/// A user's identity.
pub fn user(account: &Account, place: &Place, out: &mut Out) -> String {
    let id = format!("github:user:{}", account.login.to_lowercase());
    let kind = if account.bot {
        IdentityKind::ServiceAccount
    } else {
        IdentityKind::Human
    };
    let mut one = named(&id, &account.login, kind);
    if let Some(number) = account.id {
        one.attributes.insert("id".to_owned(), json!(number));
    }
    out.identity(place, one);
    id
}

/// The group of all members of an organisation.
fn members(owner: &str, place: &Place, out: &mut Out) -> String {
    let id = format!("{}:members", system(owner));
    let mut one = named(&id, &format!("Members of {owner}"), IdentityKind::Group);
    one.attributes.insert("derived".to_owned(), json!(true));
    out.identity(place, one);
    id
}

fn team_id(owner: &str, slug: &str) -> String {
    format!("github:team:{}/{}", owner, slug.to_lowercase())
}

fn role_id(owner: &str, name: &str) -> String {
    format!("{}:role:{}", system(owner), name.to_lowercase())
}

/// The id of an app, by its slug, else its number.
pub fn app_id(slug: Option<&str>, id: Option<u64>) -> String {
    match (slug, id) {
        (Some(slug), _) => format!("github:app:{}", slug.to_lowercase()),
        (None, Some(id)) => format!("github:app:{id}"),
        (None, None) => "github:app:unknown".to_owned(),
    }
}

/// The identity of whoever is named by login or slug.
fn identity_of(owner: &str, who: &Who, place: &Place, out: &mut Out) -> String {
    match who {
        Who::User(login) => user(
            &Account {
                login: login.clone(),
                ..Account::default()
            },
            place,
            out,
        ),
        Who::Team(slug) => {
            let id = team_id(owner, slug);
            out.identity(place, named(&id, slug, IdentityKind::Group));
            id
        }
        Who::App(slug) => {
            let id = app_id(Some(slug), None);
            out.identity(place, named(&id, slug, IdentityKind::App));
            id
        }
    }
}
