//! Policy documents: an object, JSON in a text, or JSON percent-encoded in a text, to statements. Whatever cannot be
//! read makes a statement doubtful (wider than it says, and never certain); it does not hide the others.

use super::lenient::{Log, shown, type_of};
use serde_json::{Map, Value};

/// A policy's statements.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// In order.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Allow, else Deny.
    pub allow: bool,
    /// What people call it: its Sid, else its position from 1.
    pub label: String,
    /// Where it stands; of a document in a text, where the text stands.
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

/// Statements of the document at `pointer`. `what` names it in messages.
///
/// # Errors
/// [`Unreadable`] where it is no policy document at all.
pub fn read(value: &Value, pointer: &str, what: &str, log: &mut Log) -> Result<Document, Unreadable> {
    let decoded;
    let (object, in_text) = match value {
        Value::Object(object) => (object, false),
        Value::String(text) => match decode(text) {
            Some(Value::Object(object)) => {
                decoded = object;
                (&decoded, true)
            }
            _ => {
                log.error(
                    "bad-document",
                    pointer,
                    format!("The policy document of {what} is a text that is no JSON object, plain or percent-encoded"),
                );
                return Err(Unreadable);
            }
        },
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
        statements: Vec::new(),
    };
    let at = |rest: &str| {
        if in_text {
            pointer.to_owned()
        } else {
            format!("{pointer}{rest}")
        }
    };
    match object.get("Statement") {
        Some(Value::Array(items)) => {
            for (i, item) in items.iter().enumerate() {
                reader.statement(item, i, at(&format!("/Statement/{i}")));
            }
        }
        Some(item @ Value::Object(_)) => reader.statement(item, 0, at("/Statement")),
        found => {
            let found = found.map_or("missing", type_of);
            reader.log.error(
                "bad-document",
                &at("/Statement"),
                format!("The Statement of the policy document of {what} is {found}; expected a list"),
            );
            return Err(Unreadable);
        }
    }
    Ok(Document {
        statements: reader.statements,
    })
}

/// JSON in a text, plain or percent-encoded.
fn decode(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    // Some tools encode blanks as `+`, which no document holds outside of texts.
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    serde_json::from_str(&decoded).ok()
}

struct Reader<'r, 'i, 'a> {
    what: &'r str,
    log: &'r mut Log<'i, 'a>,
    variables: bool,
    statements: Vec<Statement>,
}

impl Reader<'_, '_, '_> {
    fn statement(&mut self, value: &Value, i: usize, pointer: String) {
        let what = self.what;
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
            pointer,
            actions,
            resources,
            conditions,
            principals,
            doubtful,
            variables: self.variables,
        });
    }

    /// `Action` or `NotAction`, `Resource` or `NotResource`.
    fn side(&mut self, object: &Map<String, Value>, key: &str, pointer: &str, doubtful: &mut bool) -> Side {
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

    fn principals(&mut self, object: &Map<String, Value>, pointer: &str, doubtful: &mut bool) -> Option<Principals> {
        let (key, value) = match (object.get("Principal"), object.get("NotPrincipal")) {
            (Some(value), _) => ("Principal", value),
            (None, Some(value)) => ("NotPrincipal", value),
            (None, None) => return None,
        };
        let at = format!("{pointer}/{key}");
        let mut found = Vec::new();
        match value {
            Value::String(text) => found.push(Principal::Aws(text.clone())),
            Value::Object(kinds) => {
                for (kind, names) in kinds {
                    let Some(names) = self.log.texts(names, kind, &format!("{at}/{kind}")) else {
                        *doubtful = true;
                        continue;
                    };
                    for name in names {
                        found.push(match kind.as_str() {
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
        Some(match key {
            "Principal" => Principals::Only(found),
            _ => Principals::AllBut(found),
        })
    }

    fn conditions(&mut self, object: &Map<String, Value>, pointer: &str) -> Vec<Condition> {
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
                                operator: operator.clone(),
                                key: key.clone(),
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
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        other => one(other).map(|text| vec![text]),
    }
}
