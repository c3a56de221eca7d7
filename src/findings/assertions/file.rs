//! The file of assertions.

use serde_json::{Map, Value};
use std::fmt;

/// From none of these may any of those be reached, unless the way uses one of the exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverReach {
    /// Ids or patterns of where a compromise begins, each alone.
    pub from: String,
    /// Ids or patterns of what must not be reached.
    pub to: String,
    /// Ids or patterns of what excuses a way that uses it.
    pub unless_via: Vec<String>,
}

/// How many systems a credential may open at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaxRadius {
    /// Id or pattern of credentials.
    pub credential: String,
    /// How many systems.
    pub systems: u64,
}

/// What is asserted of an estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assertions {
    /// What must never be reached.
    pub never: Vec<NeverReach>,
    /// How far credentials may reach.
    pub max_radius: Vec<MaxRadius>,
}

/// What is wrong with a file of assertions, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionError {
    /// JSON pointer; empty for the whole file.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for AssertionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.place, self.message)
        }
    }
}

impl Assertions {
    /// Reads a file of assertions. A member it does not know is an error: a misspelt one would let everything pass.
    ///
    /// # Errors
    /// All that is wrong, by place.
    pub fn parse(text: &str) -> Result<Self, Vec<AssertionError>> {
        let mut reader = Reader { errors: Vec::new() };
        let out = reader.whole(text);
        if reader.errors.is_empty() {
            Ok(out)
        } else {
            Err(reader.errors)
        }
    }

    /// Whether a text says that it is a file of assertions, whatever else is wrong with it.
    #[must_use]
    pub fn recognise(text: &str) -> bool {
        serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}'))
            .is_ok_and(|v| v.get("format").and_then(Value::as_str) == Some(FORMAT))
    }
}

const FORMAT: &str = "trustmap-assertions";

struct Reader {
    errors: Vec<AssertionError>,
}

impl Reader {
    fn wrong(&mut self, place: &str, message: impl Into<String>) {
        self.errors.push(AssertionError {
            place: place.to_owned(),
            message: message.into(),
        });
    }

    fn whole(&mut self, text: &str) -> Assertions {
        let mut out = Assertions::default();
        let document: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(document) => document,
            Err(e) => {
                let (line, column) = (e.line(), e.column());
                self.wrong(
                    "",
                    format!("Not assertions: expected JSON, stopped at line {line}, column {column}"),
                );
                return out;
            }
        };
        if document.get("format").and_then(Value::as_str) != Some(FORMAT) {
            self.wrong("", format!("Not assertions: expected \"format\": \"{FORMAT}\""));
            return out;
        }
        if document.get("version").and_then(Value::as_u64) != Some(1) {
            self.wrong(
                "/version",
                "Expected \"version\": 1; a newer version needs a newer trustmap",
            );
            return out;
        }
        let Some(members) = document.as_object() else {
            return out;
        };
        self.known(members, "", &["format", "version", "never", "max_radius"]);
        for (n, item) in self.list(members, "never", "").into_iter().enumerate() {
            let place = format!("/never/{n}");
            let Some(object) = self.object(item, &place) else {
                continue;
            };
            self.known(object, &place, &["from", "to", "unless_via"]);
            let from = self.text(object, "from", &place);
            let to = self.text(object, "to", &place);
            let mut unless_via = Vec::new();
            for (k, via) in self.list(object, "unless_via", &place).into_iter().enumerate() {
                match via.as_str().filter(|t| !t.is_empty()) {
                    Some(text) => unless_via.push(text.to_owned()),
                    None => self.wrong(
                        &format!("{place}/unless_via/{k}"),
                        format!("Expected an id or a pattern, found {}", kind(via)),
                    ),
                }
            }
            if let (Some(from), Some(to)) = (from, to) {
                out.never.push(NeverReach { from, to, unless_via });
            }
        }
        for (n, item) in self.list(members, "max_radius", "").into_iter().enumerate() {
            let place = format!("/max_radius/{n}");
            let Some(object) = self.object(item, &place) else {
                continue;
            };
            self.known(object, &place, &["credential", "systems"]);
            let credential = self.text(object, "credential", &place);
            let systems = match object.get("systems") {
                Some(value) if value.as_u64().is_some() => value.as_u64(),
                Some(other) => {
                    self.wrong(
                        &format!("{place}/systems"),
                        format!("Expected how many systems, a number from 0 on; found {}", kind(other)),
                    );
                    None
                }
                None => {
                    self.wrong(&place, "Member \"systems\" is missing");
                    None
                }
            };
            if let (Some(credential), Some(systems)) = (credential, systems) {
                out.max_radius.push(MaxRadius { credential, systems });
            }
        }
        if self.errors.is_empty() && out.never.is_empty() && out.max_radius.is_empty() {
            self.wrong(
                "",
                "Nothing is asserted: put at least one entry into \"never\" or \"max_radius\"",
            );
        }
        out
    }

    fn known(&mut self, object: &Map<String, Value>, place: &str, known: &[&str]) {
        for key in object.keys().filter(|k| !known.contains(&k.as_str())) {
            self.wrong(
                place,
                format!(
                    "There is no member \"{}\"; there are {}",
                    key.escape_debug(),
                    known.join(", ")
                ),
            );
        }
    }

    /// A list that may be left out.
    fn list<'v>(&mut self, object: &'v Map<String, Value>, member: &str, place: &str) -> Vec<&'v Value> {
        match object.get(member) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.iter().collect(),
            Some(other) => {
                self.wrong(
                    &format!("{place}/{member}"),
                    format!("Expected a list, found {}", kind(other)),
                );
                Vec::new()
            }
        }
    }

    fn object<'v>(&mut self, item: &'v Value, place: &str) -> Option<&'v Map<String, Value>> {
        if item.as_object().is_none() {
            self.wrong(place, format!("Expected an object, found {}", kind(item)));
        }
        item.as_object()
    }

    fn text(&mut self, object: &Map<String, Value>, member: &str, place: &str) -> Option<String> {
        match object.get(member) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            None | Some(Value::Null) => {
                self.wrong(place, format!("Member \"{member}\" is missing"));
                None
            }
            Some(other) => {
                self.wrong(
                    &format!("{place}/{member}"),
                    format!("Expected an id or a pattern, found {}", kind(other)),
                );
                None
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
