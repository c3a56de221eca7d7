//! Role trust policies: who may become the role, and what they need for it.
//!
//! A principal of the role's own account that is named needs nothing besides; named is as good as granted, so it gets a
//! grant, which its denials take away again. Whoever is only covered by its account needs a permission of its own,
//! and so does everybody of another account; where that account is not loaded, this is assumed.

use super::arn::{self, Arn};
use super::builder::{Becoming, LISTED, TRUSTED, gone};
use super::condition::{Compare, Operator, Truth, decide};
use super::context::{CallerKind, Context};
use super::document::{Document, Principal, Principals, Side, Statement};
use super::lenient::shown;
use super::world::{Kind, World};
use crate::model::glob;
use crate::model::{Identity, IdentityKind, InheritHow};
use serde_json::json;
use std::borrow::Cow;

/// Who may be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Caller {
    /// Somebody of the export, by position.
    Known(usize),
    /// Somebody of another account.
    Foreign { arn: String, account: String },
    /// Everybody of an account.
    AnyOf(String),
    /// Everybody.
    Anyone,
    /// A principal that no longer exists.
    Gone(String),
}

/// A caller and how it is trusted.
struct Candidate {
    caller: Caller,
    /// Named, and so in need of nothing else within the account.
    named: bool,
}

/// Most known principals that one pattern may be written out for.
const WRITTEN_OUT: usize = 32;

const ASSUME: &str = "sts:AssumeRole";

/// Reads the trust policy of a role.
pub fn read(world: &mut World, role: usize, document: &Document) {
    for statement in &document.statements {
        match &statement.principals {
            None => world.builder.log.error(
                "bad-statement",
                &statement.pointer,
                format!(
                    "A statement of the trust policy of role {} names no Principal and was left out",
                    shown(&world.principals[role].name)
                ),
            ),
            Some(principals) if statement.allow => allow(world, role, document, statement, principals),
            Some(principals) => deny(world, role, statement, principals),
        }
    }
}

/// Whether a statement speaks of an act.
pub fn speaks_of(statement: &Statement, act: &str) -> bool {
    let matches = |pattern: &String| {
        if !glob::is_pattern(pattern) {
            return pattern.eq_ignore_ascii_case(act);
        }
        glob::matches(&pattern.to_ascii_lowercase(), &act.to_ascii_lowercase())
    };
    let any = |list: &[String]| list.iter().any(matches);
    match &statement.actions {
        Side::Only(list) => any(list),
        Side::AllBut(list) => !any(list),
    }
}

fn allow(world: &mut World, role: usize, document: &Document, statement: &Statement, principals: &Principals) {
    let list = match principals {
        Principals::Only(list) => Cow::Borrowed(list.as_slice()),
        Principals::AllBut(_) => {
            let message = format!(
                "Everybody but some may become role {} (NotPrincipal with Allow); taken as anyone, assumed",
                shown(&world.principals[role].name)
            );
            world.builder.log.warning("not-principal", &statement.pointer, message);
            Cow::Owned(vec![Principal::Aws("*".to_owned())])
        }
    };
    let surely = matches!(principals, Principals::Only(_)) && !statement.doubtful;
    for principal in &*list {
        match principal {
            Principal::Aws(text) => {
                if !speaks_of(statement, ASSUME) {
                    continue;
                }
                let Some(caller) = caller(world, role, text, &statement.pointer) else {
                    continue;
                };
                for candidate in narrowed(world, role, statement, caller) {
                    admit(world, role, document, statement, &candidate, surely);
                }
            }
            Principal::Service(service) => {
                let context = Context {
                    newest: world.newest,
                    ..Context::default()
                };
                if speaks_of(statement, ASSUME)
                    && decide(&statement.conditions, statement.variables, true, &context) != Truth::False
                {
                    world.principals[role].services.add(service);
                }
            }
            Principal::Federated(provider) => super::federation::read(world, role, document, statement, provider),
            Principal::Other(text) => bad_principal(world, role, text, &statement.pointer),
        }
    }
}

/// A Deny: of a known principal it is one more denial of its own, which also holds where it is let in by its account.
fn deny(world: &mut World, role: usize, statement: &Statement, principals: &Principals) {
    let Principals::Only(list) = principals else { return };
    if !speaks_of(statement, ASSUME) {
        return;
    }
    let act = format!("{ASSUME}@{}", world.principals[role].arn);
    for principal in list {
        let Principal::Aws(text) = principal else { continue };
        let Some(at) = world.find(text) else { continue };
        let context = assuming(&world.principals[at].context);
        match decide(&statement.conditions, statement.variables, false, &context) {
            Truth::False => {}
            truth => {
                let certain = truth == Truth::True && !statement.doubtful;
                world.principals[at]
                    .permissions
                    .get_mut()
                    .deny_act(act.clone(), certain);
            }
        }
    }
}

fn assuming(context: &Context) -> Context {
    Context {
        assuming: true,
        ..context.clone()
    }
}

/// Who a principal's text means.
fn caller(world: &mut World, role: usize, text: &str, pointer: &str) -> Option<Caller> {
    let text = text.trim();
    if text == "*" {
        return Some(Caller::Anyone);
    }
    if arn::is_account(text) {
        return Some(Caller::AnyOf(text.to_owned()));
    }
    if let Some(at) = world.find(text) {
        return Some(Caller::Known(at));
    }
    if arn::is_unique_id(text) {
        return Some(Caller::Gone(text.to_owned()));
    }
    let parsed = Arn::parse(text).filter(|a| !glob::is_pattern(a.resource) && !a.account.is_empty());
    let Some(parsed) = parsed else {
        bad_principal(world, role, text, pointer);
        return None;
    };
    let account = parsed.account.to_owned();
    let kind = match (parsed.service, parsed.resource.split_once('/')) {
        ("iam", None) if parsed.resource == "root" => return Some(Caller::AnyOf(account)),
        ("iam", Some(("user", _))) => Kind::User,
        ("iam", Some(("role", _))) => Kind::Role,
        ("sts", Some(("assumed-role", _))) => Kind::Session,
        ("sts", Some(("federated-user", _))) => Kind::FederatedUser,
        _ => {
            bad_principal(world, role, text, pointer);
            return None;
        }
    };
    if !world.accounts.contains(&account) {
        return Some(Caller::Foreign {
            arn: text.to_owned(),
            account,
        });
    }
    Some(Caller::Known(world.placeholder(text, &account, kind, pointer)))
}

fn bad_principal(world: &mut World, role: usize, text: &str, pointer: &str) {
    let message = format!(
        "The trust policy of role {} names {}, which is no account, user, role or session; nobody is let in by it",
        shown(&world.principals[role].name),
        shown(text)
    );
    world.builder.log.warning("bad-principal", pointer, message);
}

/// Everybody, or everybody of an account, but only with certain ARNs: those, as far as the export knows them.
fn narrowed(world: &mut World, role: usize, statement: &Statement, caller: Caller) -> Vec<Candidate> {
    let within = match &caller {
        Caller::Anyone => None,
        Caller::AnyOf(account) => Some(account.clone()),
        _ => return vec![Candidate { caller, named: true }],
    };
    let everybody = vec![Candidate {
        caller: caller.clone(),
        named: false,
    }];
    let condition = statement.conditions.iter().find(|c| {
        c.key.eq_ignore_ascii_case("aws:PrincipalArn")
            && !c.unreadable
            && Operator::parse(&c.operator)
                .is_some_and(|o| !o.negated && matches!(o.compare, Compare::Equals | Compare::Like | Compare::Arn))
    });
    let Some(condition) = condition else { return everybody };
    let literal = Operator::parse(&condition.operator).is_some_and(|o| o.compare == Compare::Equals);
    let mut out = Vec::new();
    for value in &condition.values {
        if value.contains("${") {
            return everybody;
        }
        let mut found: Vec<Caller> = Vec::new();
        if glob::is_pattern(value) {
            if literal {
                // A star that is meant literally is nobody's.
                continue;
            }
            let known = world.matching(value, WRITTEN_OUT + 1);
            let own = within.as_ref().is_some_and(|a| world.accounts.contains(a));
            if known.len() > WRITTEN_OUT || !own {
                return everybody;
            }
            found.extend(known.into_iter().map(Caller::Known));
        } else if let Some(one) = self::caller(world, role, value, &statement.pointer) {
            found.push(one);
        }
        for one in found {
            let account = match &one {
                Caller::Known(at) => Some(world.principals[*at].account.to_string()),
                Caller::Foreign { account, .. } | Caller::AnyOf(account) => Some(account.clone()),
                _ => None,
            };
            if within.is_none() || account == within {
                out.push(Candidate {
                    caller: one,
                    named: within.is_none(),
                });
            }
        }
    }
    out
}

/// What is known of a caller's requests.
fn context_of(world: &World, caller: &Caller) -> Context {
    match caller {
        Caller::Known(at) => assuming(&world.principals[*at].context),
        Caller::Foreign { arn: text, account } => {
            let parsed = Arn::parse(text);
            let kind = match parsed.map(|a| a.resource) {
                Some(r) if r.starts_with("user/") => CallerKind::User,
                Some(r) if r.starts_with("role/") || r.starts_with("assumed-role/") => CallerKind::Role,
                _ => CallerKind::Unknown,
            };
            let plain = parsed.is_some_and(|a| a.service == "iam");
            Context {
                kind,
                arn: plain.then(|| text.as_str().into()),
                account: Some(account.as_str().into()),
                user_name: parsed
                    .filter(|_| kind == CallerKind::User)
                    .map(|a| arn::last_step(a.resource).into()),
                newest: world.newest,
                assuming: true,
                ..Context::default()
            }
        }
        Caller::AnyOf(account) => Context {
            account: Some(account.as_str().into()),
            newest: world.newest,
            assuming: true,
            ..Context::default()
        },
        Caller::Anyone | Caller::Gone(_) => Context {
            newest: world.newest,
            assuming: true,
            ..Context::default()
        },
    }
}

/// Whether the role's own Deny statements keep a caller out.
fn kept_out(world: &World, document: &Document, caller: &Caller, context: &Context) -> Truth {
    let mut out = Truth::False;
    for statement in document.statements.iter().filter(|s| !s.allow && speaks_of(s, ASSUME)) {
        let meant = match &statement.principals {
            None => continue,
            Some(Principals::Only(list)) => list.iter().any(|p| means(world, p, caller)),
            Some(Principals::AllBut(list)) => !list.iter().any(|p| means(world, p, caller)),
        };
        if !meant {
            continue;
        }
        let truth = decide(&statement.conditions, statement.variables, false, context);
        let truth = if statement.doubtful {
            truth.and(Truth::Unknown)
        } else {
            truth
        };
        out = out.max(truth);
    }
    out
}

/// Whether a principal's text takes in the whole of a caller.
fn means(world: &World, principal: &Principal, caller: &Caller) -> bool {
    let Principal::Aws(text) = principal else { return false };
    if text == "*" {
        return true;
    }
    let whole_account = Arn::parse(text)
        .filter(|a| a.service == "iam" && a.resource == "root")
        .map(|a| a.account)
        .or_else(|| arn::is_account(text).then_some(text.as_str()));
    match caller {
        Caller::Known(at) => {
            let one = &world.principals[*at];
            world.find(text) == Some(*at) || whole_account == Some(one.account.as_str())
        }
        Caller::Foreign { arn, account } => arn == text || whole_account == Some(account.as_str()),
        Caller::AnyOf(account) => whole_account == Some(account.as_str()),
        Caller::Anyone => false,
        Caller::Gone(id) => id == text,
    }
}

fn admit(
    world: &mut World,
    role: usize,
    document: &Document,
    statement: &Statement,
    candidate: &Candidate,
    surely: bool,
) {
    let caller = &candidate.caller;
    let context = context_of(world, caller);
    let truth = decide(&statement.conditions, statement.variables, true, &context);
    let kept_out = kept_out(world, document, caller, &context);
    if truth == Truth::False {
        let words = super::part::statement_in_words(statement);
        let said = format!("trust policy, {}: {words}", statement.label);
        world.principals[role].permissions.get_mut().unmet.insert(said);
        return;
    }
    if kept_out == Truth::True {
        return;
    }
    let certain = truth == Truth::True && kept_out == Truth::False && surely;
    let to = &world.principals[role];
    let act = format!("{ASSUME}@{}", to.arn);
    let evidence = format!("trust policy of {}, {}", to.name, statement.label);
    let place = world.builder.log.at(&statement.pointer);
    let becoming = |from: Option<String>, needs: Option<String>, assumed: bool| Becoming {
        from,
        to: to.id.to_string(),
        requires_all: needs.into_iter().map(|system| (system, act.clone())).collect(),
        audiences: None,
        how: InheritHow::AssumeRole,
        assumed,
        evidence: evidence.clone(),
        place: place.clone(),
        last_used_at: to.last_use_bound,
    };
    match caller {
        Caller::Known(at) if *at == role => {}
        Caller::Known(at) => {
            let one = &world.principals[*at];
            let same = one.account == to.account;
            let through = becoming(Some(one.id.to_string()), Some(one.system.to_string()), !certain);
            if same && candidate.named {
                let evidence = evidence.clone();
                world.principals[*at]
                    .permissions
                    .get_mut()
                    .allow_by_trust(act, certain, evidence);
            }
            world.builder.becoming(through);
        }
        Caller::Foreign { arn: text, account } => {
            let id = arn::id(text);
            let identity = Identity {
                id: id.clone().into(),
                name: Arn::parse(text)
                    .map(|a| arn::last_step(a.resource).to_owned())
                    .map(Into::into),
                kind: text.contains(":role/").then_some(IdentityKind::Role),
                platform: Some("aws".into()),
                places: place.clone().into(),
                ..Identity::default()
            };
            let loaded = becoming(Some(id.clone()), Some(arn::id(account)), !certain);
            let alone = becoming(Some(id), None, true);
            abroad(world, account, identity, loaded, alone);
        }
        Caller::AnyOf(account) if world.accounts.contains(account) => {
            let through = becoming(None, Some(arn::id(account)), !certain);
            world.builder.becoming(through);
        }
        Caller::AnyOf(account) => {
            let id = arn::anyone_of(account);
            let identity = Identity {
                id: id.clone().into(),
                name: Some(format!("Any principal of AWS account {account}").into()),
                kind: Some(IdentityKind::Other),
                platform: Some("aws".into()),
                places: place.clone().into(),
                ..Identity::default()
            };
            let loaded = becoming(None, Some(arn::id(account)), !certain);
            let alone = becoming(Some(id), None, true);
            abroad(world, account, identity, loaded, alone);
        }
        Caller::Anyone => {
            let through = becoming(Some(arn::ANYONE.to_owned()), None, !certain);
            let mut anyone = Identity {
                id: arn::ANYONE.to_owned().into(),
                name: Some("Anyone with an AWS account".into()),
                kind: Some(IdentityKind::Other),
                platform: Some("aws".into()),
                third_party: Some(true),
                places: place.clone().into(),
                ..Identity::default()
            };
            anyone.attributes.insert(TRUSTED.to_owned(), json!(true));
            world.builder.identity(anyone);
            world.builder.becoming(through);
        }
        Caller::Gone(unique_id) => {
            let through = becoming(Some(arn::id(unique_id)), None, !certain);
            let finding = "a trust policy still names it, though it no longer exists";
            world.builder.identity(gone(unique_id, finding, &place));
            world.builder.becoming(through);
        }
    }
}

/// Trust in somebody of another account: both sides count where that account is loaded; else it is assumed.
fn abroad(world: &mut World, account: &str, identity: Identity, loaded: Becoming, alone: Becoming) {
    let system = arn::id(account);
    let stranger = Identity {
        third_party: Some(true),
        ..identity.clone()
    };
    let named = loaded.from.is_some().then_some(identity);
    world.builder.when(&system, LISTED, true, named, loaded);
    world.builder.when(&system, LISTED, false, Some(stranger), alone);
}
