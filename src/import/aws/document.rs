//! Policy documents: an object, JSON in a text, or JSON percent-encoded in a text, to statements. Whatever cannot be
//! read makes a statement doubtful (wider than it says, and never certain); it does not hide the others.

use super::super::tree::{Members, Value};
use super::bulk::Bulk;
use super::effect::Permissions;
use super::lenient::{Log, shown, type_of};
use super::part::{Denied, PartAllows};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A policy's statements.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// In order.
    pub statements: Vec<Statement>,
    /// What much of it allows, once that was worked out; see [`super::bulk::of`].
    pub bulk: OnceLock<Option<Arc<Bulk>>>,
    /// How it bounds whoever it is a boundary of, where that is all one; see [`super::effect`].
    pub bounds: OnceLock<Option<Box<Permissions>>>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Allow, else Deny.
    pub allow: bool,
    /// What people call it: its Sid, else its position from 1.
    pub label: String,
    /// Where it stands, from where the document does on: nothing further in, of a document in a text.
    pub pointer: String,
    /// What may be done.
    pub actions: Side,
    /// On what; everything, for a trust policy.
    pub resources: Side,
    /// Under which conditions, all of them.
    pub conditions: Vec<Condition>,
    /// Who, for a trust policy.
    pub principals: Option<Principals>,
    /// Part of it could not be read and was taken as wide as it may be.
    pub doubtful: bool,
    /// `${…}` stands for something; only the policy language of 2012 knows it.
    pub variables: bool,
    /// What it allows whoever asks, once that was worked out; see [`super::part::plainly`].
    pub plainly: OnceLock<Option<Box<PartAllows>>>,
    /// What it denies whoever asks, likewise.
    pub plainly_denied: OnceLock<Option<Box<Denied>>>,
}

/// Actions or resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// These.
    Only(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

/// Who a trust policy speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// These.
    Only(Vec<Principal>),
    /// All but these.
    AllBut(Vec<Principal>),
}

/// One principal, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An account, a user, a role, a session, or `*`.
    Aws(String),
    /// An AWS service.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// Something a trust policy cannot mean.
    Other(String),
}

/// One key under one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// As written, with prefix and suffix.
    pub operator: String,
    /// As written.
    pub key: String,
    /// What it is compared with.
    pub values: Vec<String>,
    /// It could not be read.
    pub unreadable: bool,
}

/// What is wrong with a document as a whole; it is in the log already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Document {
    /// The same document with the full pointers of its statements.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Self {
        let mut placed = self.clone();
        for statement in &mut placed.statements {
            statement.pointer.insert_str(0, pointer);
        }
        placed
    }
}

/// Documents that were read, by their text: policies are copied from one principal to the next.
#[derive(Default)]
pub struct Shelf<'a>(Mutex<HashMap<&'a str, Arc<Document>, RandomState>>);

impl<'a> Shelf<'a> {
    /// As [`read`], but what was read before is not read again.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(
        &self,
        value: &Value<'a>,
        pointer: &str,
        what: impl FnOnce() -> String,
        log: &mut Log,
    ) -> Result<Arc<Document>, Unreadable> {
        let Value::Raw(text) = value else {
            return read(value, pointer, &what(), log).map(Arc::new);
        };
        let of = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = of().get(text) {
            return Ok(known.clone());
        }
        let before = log.count();
        let document = Arc::new(read(&Value::at_start(text, &[]), pointer, &what(), log)?);
        // What was odd is said of every copy.
        if log.count() == before {
            of().insert(text, document.clone());
        }
        Ok(document)
    }
}

/// Statements of the document at `pointer`, with theirs from there on. `what` names it in messages.
///
/// # Errors
/// [`Unreadable`] where it is no policy document at all.
pub fn read(value: &Value, pointer: &str, what: &str, log: &mut Log) -> Result<Document, Unreadable> {
    let (decoded, parsed);
    let (object, in_text) = match value {
        Value::Object(object) => (object, false),
        Value::String(text) => {
            decoded = decode(text);
            parsed = decoded.as_deref().map(|text| Value::at_start(text, &[]));
            match &parsed {
                Some(Value::Object(object)) => (object, true),
                _ => {
                    log.error(
                        "bad-document",
                        pointer,
                        format!(
                            "The policy document of {what} is a text that is no JSON object, plain or percent-encoded"
                        ),
                    );
                    return Err(Unreadable);
                }
            }
        }
        other => {
            log.error(
                "bad-document",
                pointer,
                format!(
                    "The policy document of {what} is {}; expected an object",
                    type_of(other)
                ),
            );
            return Err(Unreadable);
        }
    };
    let variables = object.get("Version").and_then(Value::as_str) == Some("2012-10-17");
    let mut reader = Reader {
        what,
        log,
        variables,
        base: pointer,
        statements: Vec::new(),
    };
    let at = |rest: &str| if in_text { String::new() } else { rest.to_owned() };
    match object.get("Statement") {
        Some(Value::Array(items)) => {
            // Nearly all have one, of which a list that grows makes room for four.
            reader.statements.reserve_exact(items.len());
            for (i, item) in items.iter().enumerate() {
                reader.statement(item, i, at(&format!("/Statement/{i}")));
            }
        }
        Some(item @ Value::Object(_)) => {
            reader.statements.reserve_exact(1);
            reader.statement(item, 0, at("/Statement"));
        }
        found => {
            let found = found.map_or("missing", type_of);
            reader.log.error(
                "bad-document",
                &format!("{pointer}{}", at("/Statement")),
                format!("The Statement of the policy document of {what} is {found}; expected a list"),
            );
            return Err(Unreadable);
        }
    }
    Ok(Document {
        statements: reader.statements,
        bulk: OnceLock::new(),
        bounds: OnceLock::new(),
    })
}

/// JSON in a text, plain or percent-encoded, as plain JSON.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if is_json(text) {
        return Some(Cow::Borrowed(text));
    }
    // Some tools encode blanks as `+`, which no document holds outside of texts.
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    is_json(&decoded).then_some(decoded)
}

struct Reader<'r, 'i, 'a> {
    what: &'r str,
    log: &'r mut Log<'i, 'a>,
    variables: bool,
    /// Where the document stands.
    base: &'r str,
    statements: Vec<Statement>,
}

impl Reader<'_, '_, '_> {
    fn statement(&mut self, value: &Value, i: usize, inside: String) {
        let what = self.what;
        let pointer = format!("{}{inside}", self.base);
        let Value::Object(object) = value else {
            self.log.error(
                "bad-statement",
                &pointer,
                format!(
                    "Statement {} of {what} is {}; expected an object",
                    i + 1,
                    type_of(value)
                ),
            );
            return;
        };
        let allow = match object.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => {
                let message = format!(
                    "Statement {} of {what} was left out: its Effect is neither Allow nor Deny",
                    i + 1
                );
                self.log.error("bad-statement", &pointer, message);
                return;
            }
        };
        let label = match object.get("Sid").and_then(Value::as_str) {
            Some(sid) if !sid.is_empty() => sid.to_owned(),
            _ => format!("statement {}", i + 1),
        };
        let mut doubtful = false;
        let principals = self.principals(object, &pointer, &mut doubtful);
        let actions = self.side(object, "Action", &pointer, &mut doubtful);
        let resources = if principals.is_some() {
            Side::Only(vec!["*".to_owned()])
        } else {
            self.side(object, "Resource", &pointer, &mut doubtful)
        };
        let conditions = self.conditions(object, &pointer);
        self.statements.push(Statement {
            allow,
            label,
            pointer: inside,
            actions,
            resources,
            conditions,
            principals,
            doubtful,
            variables: self.variables,
            plainly: OnceLock::new(),
            plainly_denied: OnceLock::new(),
        });
    }

    /// `Action` or `NotAction`, `Resource` or `NotResource`.
    fn side(&mut self, object: &Members, key: &str, pointer: &str, doubtful: &mut bool) -> Side {
        let not = format!("Not{key}");
        let read = match (object.get(key), object.get(&not)) {
            (Some(value), None) => self.log.texts(value, key, &format!("{pointer}/{key}")).map(Side::Only),
            (None, Some(value)) => self
                .log
                .texts(value, &not, &format!("{pointer}/{not}"))
                .map(Side::AllBut),
            (both, _) => {
                let found = if both.is_some() { "both" } else { "neither" };
                let message = format!("A statement of {} has {found} of {key} and {not}", self.what);
                self.log.error("bad-statement", pointer, message);
                None
            }
        };
        read.unwrap_or_else(|| {
            *doubtful = true;
            Side::Only(vec!["*".to_owned()])
        })
    }

    fn principals(&mut self, object: &Members, pointer: &str, doubtful: &mut bool) -> Option<Principals> {
        let (key, value) = match (object.get("Principal"), object.get("NotPrincipal")) {
            (Some(value), _) => ("Principal", value),
            (None, Some(value)) => ("NotPrincipal", value),
            (None, None) => return None,
        };
        let at = format!("{pointer}/{key}");
        let mut found = Vec::new();
        match value {
            Value::String(text) => found.push(Principal::Aws(text.to_string())),
            Value::Object(kinds) => {
                for (kind, names) in kinds {
                    let Some(names) = self.log.texts(names, kind, &format!("{at}/{kind}")) else {
                        *doubtful = true;
                        continue;
                    };
                    for name in names {
                        found.push(match kind {
                            "AWS" => Principal::Aws(name),
                            "Service" => Principal::Service(name),
                            "Federated" => Principal::Federated(name),
                            _ => Principal::Other(name),
                        });
                    }
                }
            }
            other => {
                *doubtful = true;
                self.log.error(
                    "wrong-type",
                    &at,
                    format!("{key} of {} is {}; expected an object", self.what, type_of(other)),
                );
            }
        }
        found.shrink_to_fit();
        Some(match key {
            "Principal" => Principals::Only(found),
            _ => Principals::AllBut(found),
        })
    }

    fn conditions(&mut self, object: &Members, pointer: &str) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let unreadable = |operator: &str, key: &str| Condition {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values: Vec::new(),
            unreadable: true,
        };
        match object.get("Condition") {
            None | Some(Value::Null) => {}
            Some(Value::Object(operators)) => {
                for (operator, keys) in operators {
                    let Value::Object(keys) = keys else {
                        self.odd_condition(pointer, operator);
                        conditions.push(unreadable(operator, ""));
                        continue;
                    };
                    for (key, values) in keys {
                        match scalars(values) {
                            Some(values) => conditions.push(Condition {
                                operator: operator.to_owned(),
                                key: key.to_owned(),
                                values,
                                unreadable: false,
                            }),
                            None => {
                                self.odd_condition(pointer, operator);
                                conditions.push(unreadable(operator, key));
                            }
                        }
                    }
                }
            }
            Some(_) => {
                self.odd_condition(pointer, "Condition");
                conditions.push(unreadable("", ""));
            }
        }
        conditions.shrink_to_fit();
        conditions
    }

    fn odd_condition(&mut self, pointer: &str, operator: &str) {
        self.log.warning(
            "bad-condition",
            &format!("{pointer}/Condition"),
            format!(
                "A condition of {} could not be read ({}); it counts as undecided",
                self.what,
                shown(operator)
            ),
        );
    }
}

/// A value or a list of values as texts.
fn scalars(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        other => one(other).map(|text| vec![text]),
    }
}
