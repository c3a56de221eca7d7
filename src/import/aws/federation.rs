//! Trust in identity providers: which subjects, by which tokens, may become a role.
//!
//! An exact subject is an identity `oidc:<issuer>#<subject>`, a pattern one `oidc:<issuer>~<pattern>`; whoever matches
//! a pattern belongs to it. The role accepts the identities, for the audiences its conditions name.

use super::arn::{self, Arn};
use super::builder::Becoming;
use super::condition::{Compare, Operator, Truth, decide, decide_one, holds};
use super::context::{Context, Fact, Filled};
use super::document::{Condition, Document, Principal, Principals, Statement};
use super::lenient::shown;
use super::trust::speaks_of;
use super::world::World;
use crate::model::glob::{self, ByPrefix};
use crate::model::{Criticality, Identity, IdentityKind, IdentityStatus, InheritHow, Place, System};
use serde_json::json;
use std::collections::BTreeSet;

/// An identity provider.
struct Provider {
    /// Id of its system, which its subjects' ids start with.
    id: String,
    name: String,
    /// What its condition keys start with, in lower case.
    prefix: String,
    /// The act by which a role is assumed.
    act: &'static str,
    saml: bool,
}

/// Who may present a token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Exact(String),
    Pattern(String),
}

/// Issuers that are run by a vendor for everybody.
const VENDORS: &[&str] = &[
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "bitbucket.org",
    "api.bitbucket.org",
    "app.terraform.io",
    "agent.buildkite.com",
    "oidc.circleci.com",
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "login.microsoftonline.com",
    "sts.windows.net",
    "vstoken.dev.azure.com",
    "oidc.vercel.com",
    "oidc.fly.io",
    "www.amazon.com",
    "graph.facebook.com",
];

/// Reads what a statement of a role's trust policy accepts from a provider.
pub fn read(world: &mut World, role: usize, document: &Document, statement: &Statement, text: &str) {
    let Some(provider) = provider(text) else {
        let message = format!(
            "The trust policy of role {} names {}, which is no identity provider; nobody is let in by it",
            shown(&world.principals[role].name),
            shown(text)
        );
        world.builder.log.warning("bad-principal", &statement.pointer, message);
        return;
    };
    if !speaks_of(statement, provider.act) {
        return;
    }
    let denied = denied(world, document, &provider, text);
    if denied == Truth::True {
        return;
    }
    let place = world.builder.log.at(&statement.pointer);
    let host = provider.prefix.split('/').next().unwrap_or_default().to_owned();
    world.builder.system(System {
        id: provider.id.clone().into(),
        name: Some(provider.name.clone().into()),
        kind: Some("identity-provider".into()),
        platform: Some(if provider.saml { "aws" } else { "oidc" }.to_owned().into()),
        criticality: Some(Criticality::CrownJewel),
        third_party: VENDORS.contains(&host.as_str()).then_some(true),
        places: place.clone().into(),
        ..System::default()
    });
    let accepted = accepted(world, statement, &provider, text);
    let to = &world.principals[role];
    let (role_id, role_name, last_used_at) = (to.id.clone(), to.name.clone(), to.last_use_bound);
    let evidence = format!("trust policy of {role_name}, {}", statement.label);
    let becoming = |from: String, audiences: Option<Vec<String>>, assumed: bool| Becoming {
        from: Some(from),
        to: role_id.to_string(),
        requires_all: Vec::new(),
        audiences,
        how: InheritHow::Federation,
        assumed,
        evidence: evidence.clone(),
        place: place.clone(),
        last_used_at,
    };
    let identity = |id: String, name: String| Identity {
        id: id.into(),
        name: Some(name.into()),
        kind: Some(kind_of(&host)),
        platform: Some(if provider.saml { "aws" } else { "oidc" }.to_owned().into()),
        places: place.clone().into(),
        ..Identity::default()
    };
    let Some(mut accepted) = accepted else {
        // Nobody can satisfy it; that is worth seeing.
        let id = format!("{}~nobody of {role_id}", provider.id);
        let mut nobody = identity(id.clone(), format!("Nobody (trust policy of {role_name})"));
        nobody.status = Some(IdentityStatus::Disabled);
        let finding = format!(
            "nobody satisfies the conditions of {}: {}",
            statement.label,
            super::part::statement_in_words(statement)
        );
        nobody.attributes.insert("finding".to_owned(), json!(finding));
        world.builder.identity(nobody);
        world.builder.becoming(becoming(id, None, false));
        return;
    };
    accepted.doubt |= denied == Truth::Unknown;
    let mut reachable = false;
    for subject in accepted.subjects {
        let (id, identity) = match subject {
            Subject::Exact(subject) => {
                let id = format!("{}#{subject}", provider.id);
                let mut one = identity(id.clone(), subject.clone());
                if glob::is_pattern(&subject) {
                    one.status = Some(IdentityStatus::Disabled);
                    let finding = "a wildcard under an exact operator is meant literally, so nobody is accepted; \
                                   StringLike was probably meant";
                    one.attributes.insert("finding".to_owned(), json!(finding));
                } else {
                    reachable = true;
                    let known = world.subjects.entry(provider.id.clone()).or_default();
                    known.exact.insert(subject);
                }
                (id, one)
            }
            Subject::Pattern(pattern) => {
                reachable = true;
                let id = format!("{}~{pattern}", provider.id);
                let name = if pattern == "*" {
                    format!("Any subject of {}", provider.name)
                } else {
                    pattern.clone()
                };
                let mut one = identity(id.clone(), name);
                if VENDORS.contains(&host.as_str()) && pattern == "*" {
                    one.third_party = Some(true);
                    let finding = "no condition on the subject: everybody at this issuer is accepted";
                    one.attributes.insert("finding".to_owned(), json!(finding));
                }
                let known = world.subjects.entry(provider.id.clone()).or_default();
                known.patterns.insert(pattern);
                (id, one)
            }
        };
        world.builder.identity(identity);
        world
            .builder
            .becoming(becoming(id, accepted.audiences.clone(), accepted.doubt));
    }
    if reachable {
        world
            .builder
            .controls(&provider.id, &role_id, accepted.doubt, &evidence, &place);
    }
}

/// Whether a Deny of the same trust policy keeps the provider's tokens out; of some of them is undecided.
fn denied(world: &World, document: &Document, provider: &Provider, text: &str) -> Truth {
    let context = Context {
        newest: world.newest,
        assuming: true,
        provider: Some(text.into()),
        ..Context::default()
    };
    let means = |p: &Principal| match p {
        Principal::Federated(t) => t == text,
        Principal::Aws(t) => t == "*",
        _ => false,
    };
    document
        .statements
        .iter()
        .filter(|s| !s.allow && speaks_of(s, provider.act))
        .filter(|s| match &s.principals {
            None => false,
            Some(Principals::Only(list)) => list.iter().any(means),
            Some(Principals::AllBut(list)) => !list.iter().any(means),
        })
        .map(|s| {
            let truth = decide(&s.conditions, s.variables, false, &context);
            if s.doubtful { truth.and(Truth::Unknown) } else { truth }
        })
        .max()
        .unwrap_or(Truth::False)
}

/// Every known subject that matches a pattern belongs to it, and so does every narrower pattern.
pub fn connect(world: &mut World, whole: &Place) {
    for (issuer, subjects) in std::mem::take(&mut world.subjects) {
        let patterns = ByPrefix::new(subjects.patterns.iter().map(String::as_str));
        let mut links: Vec<(String, String)> = Vec::new();
        for subject in &subjects.exact {
            for pattern in patterns.matching(subject) {
                links.push((format!("{issuer}#{subject}"), format!("{issuer}~{pattern}")));
            }
        }
        for narrow in &subjects.patterns {
            for wide in patterns.covering(narrow).filter(|wide| wide != narrow) {
                links.push((format!("{issuer}~{narrow}"), format!("{issuer}~{wide}")));
            }
        }
        for (from, to) in links {
            world.builder.becoming(Becoming {
                from: Some(from),
                to,
                requires_all: Vec::new(),
                audiences: None,
                how: InheritHow::Membership,
                assumed: false,
                evidence: "the subject matches the pattern".to_owned(),
                place: whole.clone(),
                last_used_at: None,
            });
        }
    }
}

fn kind_of(host: &str) -> IdentityKind {
    match host {
        "token.actions.githubusercontent.com"
        | "gitlab.com"
        | "app.terraform.io"
        | "agent.buildkite.com"
        | "oidc.circleci.com"
        | "api.bitbucket.org"
        | "vstoken.dev.azure.com" => IdentityKind::Pipeline,
        host if host.starts_with("oidc.eks.") => IdentityKind::Workload,
        _ => IdentityKind::Other,
    }
}

/// The provider a principal's text names: an ARN, or the host of one of those AWS knows by itself.
fn provider(text: &str) -> Option<Provider> {
    const WEB: &str = "sts:AssumeRoleWithWebIdentity";
    let web = |path: &str| Provider {
        id: format!("oidc:https://{path}"),
        name: path.to_owned(),
        prefix: path.to_ascii_lowercase(),
        act: WEB,
        saml: false,
    };
    let Some(parsed) = Arn::parse(text) else {
        let host = !text.is_empty() && text.contains('.') && !text.contains([':', '*', ' ', '@']);
        return host.then(|| web(text.trim_end_matches('/')));
    };
    match parsed.resource.split_once('/')? {
        ("oidc-provider", path) if !path.is_empty() => Some(web(path.trim_end_matches('/'))),
        ("saml-provider", name) if !name.is_empty() => Some(Provider {
            id: arn::id(text),
            name: name.to_owned(),
            prefix: "saml".to_owned(),
            act: "sts:AssumeRoleWithSAML",
            saml: true,
        }),
        _ => None,
    }
}

/// What a statement accepts.
struct Accepted {
    subjects: Vec<Subject>,
    audiences: Option<Vec<String>>,
    /// Something that decides was not decided.
    doubt: bool,
}

/// What a statement accepts from a provider; nothing where nobody can satisfy it.
fn accepted(world: &World, statement: &Statement, provider: &Provider, text: &str) -> Option<Accepted> {
    let mut subjects = vec![Subject::Pattern("*".to_owned())];
    let mut audiences: Option<Vec<String>> = None;
    let mut doubt = statement.doubtful;
    let context = Context {
        newest: world.newest,
        assuming: true,
        provider: Some(text.into()),
        ..Context::default()
    };
    for condition in &statement.conditions {
        let key = condition.key.to_ascii_lowercase();
        let claim = key
            .strip_prefix(provider.prefix.as_str())
            .and_then(|k| k.strip_prefix(':'));
        let operator = Operator::parse(&condition.operator).filter(|_| !condition.unreadable);
        match (claim, operator) {
            (_, None) => doubt = true,
            (Some("sub"), Some(operator)) => match narrow(&subjects, operator, condition) {
                Narrowed::To(list, sure) => {
                    subjects = list;
                    doubt |= !sure;
                }
                Narrowed::Undecided => doubt = true,
            },
            (Some("aud"), Some(operator)) => match texts(operator, condition) {
                Some(list) => {
                    audiences = Some(match audiences {
                        None => list,
                        Some(before) => before.into_iter().filter(|a| list.contains(a)).collect(),
                    });
                }
                None if present_is_enough(operator, condition) => {}
                None => doubt = true,
            },
            // A claim no export speaks of.
            (Some(_), Some(_)) => doubt = true,
            (None, Some(operator)) if is_claim_of_another(&key) => {
                // Keys of another provider are no part of the request.
                let truth = holds(operator, &Fact::Absent, &condition.values, true, |v| {
                    Filled::Known(v.to_owned())
                });
                match truth {
                    Truth::True => {}
                    Truth::Unknown => doubt = true,
                    Truth::False => return None,
                }
            }
            (None, Some(_)) => match decide_one(condition, statement.variables, true, &context) {
                Truth::True => {}
                Truth::Unknown => doubt = true,
                Truth::False => return None,
            },
        }
    }
    if subjects.is_empty() || audiences.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    Some(Accepted {
        subjects,
        audiences: audiences.map(|mut list| {
            list.sort();
            list.dedup();
            list
        }),
        doubt,
    })
}

/// Whether a key speaks of a claim of some provider, for instance `gitlab.com:sub` or `saml:aud`.
fn is_claim_of_another(key: &str) -> bool {
    match key.rsplit_once(':') {
        Some(("saml", _)) => true,
        Some((path, _)) => path.contains('.'),
        None => false,
    }
}

/// The exact texts of a positive comparison; nothing where it has patterns or is none.
fn texts(operator: Operator, condition: &Condition) -> Option<Vec<String>> {
    if operator.negated {
        return None;
    }
    match operator.compare {
        Compare::Equals => Some(condition.values.clone()),
        Compare::Like if !condition.values.iter().any(|v| glob::is_pattern(v)) => Some(condition.values.clone()),
        _ => None,
    }
}

/// A comparison that anything satisfies.
fn present_is_enough(operator: Operator, condition: &Condition) -> bool {
    match operator.compare {
        Compare::Like => !operator.negated && condition.values.iter().any(|v| v == "*"),
        Compare::Null => condition.values.iter().any(|v| v.eq_ignore_ascii_case("false")),
        _ => false,
    }
}

enum Narrowed {
    /// To these; whether they are all sure.
    To(Vec<Subject>, bool),
    /// The condition does not tell.
    Undecided,
}

/// Subjects that also satisfy a condition on the subject. Every token has one, so `…IfExists` changes nothing.
fn narrow(subjects: &[Subject], operator: Operator, condition: &Condition) -> Narrowed {
    let values = &condition.values;
    if operator.compare == Compare::Null {
        let present = values.iter().any(|v| v.eq_ignore_ascii_case("false"));
        return Narrowed::To(if present { subjects.to_vec() } else { Vec::new() }, true);
    }
    let accepted: Vec<Subject> = match operator.compare {
        Compare::Equals => values.iter().cloned().map(Subject::Exact).collect(),
        // Ids tell cases apart, so this one is only as good as assumed.
        Compare::EqualsIgnoreCase if !operator.negated => {
            let patterns: Vec<Subject> = values.iter().cloned().map(Subject::Pattern).collect();
            return Narrowed::To(patterns, false);
        }
        Compare::Like => values
            .iter()
            .cloned()
            .map(|v| match glob::is_pattern(&v) {
                true => Subject::Pattern(v),
                false => Subject::Exact(v),
            })
            .collect(),
        _ => return Narrowed::Undecided,
    };
    if operator.negated {
        // Exact subjects can be told; a pattern keeps those that are not excluded, which is not told apart.
        let excluded = |s: &str| {
            accepted.iter().any(|a| match a {
                Subject::Exact(v) => v == s,
                Subject::Pattern(p) => glob::matches(p, s),
            })
        };
        let kept: Vec<Subject> = subjects
            .iter()
            .filter(|s| !matches!(s, Subject::Exact(s) if excluded(s)))
            .cloned()
            .collect();
        let sure = kept.iter().all(|s| matches!(s, Subject::Exact(_)));
        return Narrowed::To(kept, sure);
    }
    let mut out = BTreeSet::new();
    let mut sure = true;
    for a in subjects {
        for b in &accepted {
            match (a, b) {
                (Subject::Exact(a), Subject::Exact(b)) if a == b => {
                    out.insert(Subject::Exact(a.clone()));
                }
                (Subject::Exact(_), Subject::Exact(_)) => {}
                (Subject::Exact(e), Subject::Pattern(p)) | (Subject::Pattern(p), Subject::Exact(e)) => {
                    // A star that is meant literally stays visible as what it is.
                    if glob::matches(p, e) {
                        out.insert(Subject::Exact(e.clone()));
                    }
                }
                (Subject::Pattern(a), Subject::Pattern(b)) => {
                    if glob::covers(a, b) {
                        out.insert(Subject::Pattern(b.clone()));
                    } else if glob::covers(b, a) {
                        out.insert(Subject::Pattern(a.clone()));
                    } else if crate::model::scope::overlaps(&a.replace('?', "*"), &b.replace('?', "*")) {
                        out.insert(Subject::Pattern(b.clone()));
                        sure = false;
                    }
                }
            }
        }
    }
    Narrowed::To(out.into_iter().collect(), sure)
}
