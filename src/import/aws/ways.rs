//! The table of catalogues: ways to become somebody else, and what each needs.

use super::super::secrets::is_secret;
use crate::model::{Requirement, Text};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

static TABLE: &str = include_str!("../../../assets/import/aws-privilege-escalation.json");

/// On what a row's permissions must be, and whom they make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The user itself; makes the administrator.
    OwnUser,
    /// The role itself; makes the administrator.
    OwnRole,
    /// A group of the user's; makes the administrator.
    OwnGroup,
    /// A policy attached to the principal or to a group of its; makes the administrator.
    OwnPolicy,
    /// The same, where another version of it stands ready.
    OwnPolicyVersion,
    /// Each user; makes that user.
    User,
    /// Each user; makes the administrator.
    UserAdmin,
    /// Each role; makes that role.
    Role,
    /// Each role; makes the administrator.
    RoleAdmin,
    /// Each policy attached to a role, and that role; makes the administrator.
    RolePolicyAdmin,
    /// Each role, for whoever may assume it; makes the administrator.
    AssumableRoleAdmin,
    /// Each policy attached to a role, for whoever may assume the role; makes the administrator.
    AssumableRolePolicyAdmin,
    /// Each group; makes a member.
    Group,
    /// Each group; makes the administrator.
    GroupAdmin,
    /// Each policy; makes the administrator.
    PolicyAdmin,
    /// Principals that are not there yet; makes the administrator.
    AccountAdmin,
    /// The provider of each role that an identity provider hands out; makes that role.
    SamlRole,
    /// Each role that a service of the row may become; makes that role.
    PassedRole,
    /// The same, where something of the service runs with it.
    RunningRole,
}

/// One way.
#[derive(Debug, Deserialize)]
pub struct Row {
    pub id: String,
    pub target: Target,
    #[serde(default)]
    pub services: Vec<String>,
    pub needs: Vec<String>,
    #[serde(default)]
    pub assumed: bool,
    #[serde(default)]
    pub why: Option<String>,
    pub sources: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    rows: Vec<Row>,
}

pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| serde_json::from_str(TABLE).map_or_else(|_| Vec::new(), |table: Table| table.rows))
}

/// A word that stands for something in what a row needs, with its braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Target,
    Policy,
    Service,
    Provider,
    NewRole,
    NewUser,
}

const WORDS: [(&str, Word); 6] = [
    ("{target}", Word::Target),
    ("{policy}", Word::Policy),
    ("{service}", Word::Service),
    ("{provider}", Word::Provider),
    ("{new-role}", Word::NewRole),
    ("{new-user}", Word::NewUser),
];

/// What a row needs: texts, each with the word that stands behind it.
type Need = Vec<(&'static str, Option<Word>)>;

/// What each row needs, taken apart: some are filled in for every principal.
fn needs() -> &'static [Vec<Need>] {
    static NEEDS: OnceLock<Vec<Vec<Need>>> = OnceLock::new();
    let of = |row: &'static Row| row.needs.iter().map(|need| apart(need)).collect();
    NEEDS.get_or_init(|| rows().iter().map(of).collect())
}

/// Everything of the services whose permissions rows about oneself need, as patterns.
pub fn own_services() -> &'static [String] {
    static SERVICES: OnceLock<Vec<String>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let own = [
            Target::OwnUser,
            Target::OwnRole,
            Target::OwnGroup,
            Target::OwnPolicy,
            Target::OwnPolicyVersion,
        ];
        let needs = rows()
            .iter()
            .filter(|row| own.contains(&row.target))
            .flat_map(|row| &row.needs);
        let services: BTreeSet<&str> = needs.filter_map(|need| need.split(':').next()).collect();
        services.into_iter().map(|service| format!("{service}:*")).collect()
    })
}

fn apart(mut need: &'static str) -> Need {
    let mut parts = Need::new();
    loop {
        let next = WORDS
            .iter()
            .filter_map(|(text, word)| Some((need.find(text)?, text, *word)));
        let Some((at, text, word)) = next.min_by_key(|(at, ..)| *at) else {
            parts.push((need, None));
            return parts;
        };
        parts.push((&need[..at], Some(word)));
        need = &need[at + text.len()..];
    }
}

/// Requirements in the making. What was said of one target before is said with the same text again: rows need much
/// alike.
#[derive(Default)]
pub struct Filler {
    said: Vec<Text>,
    text: String,
    /// Something looks like a secret.
    pub secret: bool,
}

/// What rows need whatever their words stand for: one text for everybody.
fn fixed() -> &'static HashMap<&'static str, Text> {
    static FIXED: OnceLock<HashMap<&str, Text>> = OnceLock::new();
    FIXED.get_or_init(|| {
        let parts = needs().iter().flatten();
        let fixed = parts.filter_map(|need| match need.as_slice() {
            [(text, None)] => Some((*text, Text::from(*text))),
            _ => None,
        });
        fixed.collect()
    })
}

impl Filler {
    /// What a row needs at a system, with its words filled in.
    pub fn fill(&mut self, row: usize, system: &Text, words: &[(Word, &str)]) -> Vec<Requirement> {
        let needs = &needs()[row];
        let mut filled = Vec::with_capacity(needs.len());
        for need in needs {
            if let [(text, None)] = need.as_slice()
                && let Some(scope) = fixed().get(text)
            {
                filled.push(Requirement {
                    system: system.clone(),
                    scope: scope.clone(),
                });
                continue;
            }
            self.text.clear();
            for (text, word) in need {
                self.text.push_str(text);
                let of_word = word.and_then(|word| words.iter().find(|(known, _)| *known == word));
                self.text.push_str(of_word.map_or("", |(_, text)| text));
            }
            let scope = match self.said.iter().find(|said| **said == *self.text) {
                Some(said) => said.clone(),
                None => {
                    self.secret |= is_secret(&self.text);
                    let scope = Text::from(self.text.as_str());
                    self.said.push(scope.clone());
                    scope
                }
            };
            filled.push(Requirement {
                system: system.clone(),
                scope,
            });
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_row_needs_something_and_names_its_sources() {
        assert!(rows().len() > 70);
        let mut ids = BTreeSet::new();
        for row in rows() {
            assert!(ids.insert(&row.id), "{} twice", row.id);
            assert!(!row.needs.is_empty() && !row.sources.is_empty(), "{}", row.id);
            let of_services = matches!(row.target, Target::PassedRole | Target::RunningRole);
            assert_eq!(of_services, !row.services.is_empty(), "{}", row.id);
            for need in &row.needs {
                let (act, on) = need.split_once('@').expect("an act and on what");
                assert!(act.contains(':') && !act.contains('*'), "{need}");
                assert!(on == "*" || on.starts_with('{'), "{need}");
            }
        }
    }

    #[test]
    fn what_a_row_needs_is_filled_in() {
        let words = WORDS.map(|(text, word)| (word, text));
        for (number, row) in rows().iter().enumerate() {
            let mut filler = Filler::default();
            let texts = |filled: &[Requirement]| filled.iter().map(|r| r.scope.to_string()).collect::<Vec<_>>();
            // Each word with itself gives what stands in the table, so that no word is left.
            assert_eq!(texts(&filler.fill(number, &"s".into(), &words)), row.needs);
            let said = words.map(|(word, _)| (word, "x@{target}"));
            let expected: Vec<String> = row
                .needs
                .iter()
                .map(|need| {
                    let words = WORDS.iter().map(|(text, _)| *text);
                    words
                        .fold(need.clone(), |need, word| need.replace(word, "~"))
                        .replace('~', "x@{target}")
                })
                .collect();
            assert_eq!(texts(&filler.fill(number, &"s".into(), &said)), expected);
            assert!(!expected.concat().replace("x@{target}", "").contains('{'), "{}", row.id);
        }
        let mut filler = Filler::default();
        let filled = filler.fill(0, &"s".into(), &[(Word::Target, "a long name of a target")]);
        let again = filler.fill(0, &"s".into(), &[(Word::Target, "a long name of a target")]);
        assert_eq!(filled[0].scope.as_ptr(), again[0].scope.as_ptr());
    }

    #[test]
    fn the_catalogues_are_all_in_the_table() {
        let table: serde_json::Value = serde_json::from_str(TABLE).expect("it is JSON");
        let mut sources: Vec<&str> = Vec::new();
        for list in ["rows", "implied"] {
            for row in table[list].as_array().expect("a list") {
                sources.extend(
                    row["sources"]
                        .as_array()
                        .expect("a list")
                        .iter()
                        .filter_map(Value::as_str),
                );
            }
        }
        let of = |catalogue: &str| {
            let all: BTreeSet<&str> = sources.iter().filter_map(|s| s.strip_prefix(catalogue)).collect();
            all.len()
        };
        assert_eq!(of("pathfinding.cloud "), 65);
        assert_eq!(of("Cloudsplaining "), 59);
        let elsewhere = table["elsewhere"].as_array().expect("a list").len();
        assert_eq!(of("GoAWSHound ") + elsewhere, 36);
        assert_eq!(table["returns_credentials"].as_array().expect("a list").len(), 45);
    }
}
