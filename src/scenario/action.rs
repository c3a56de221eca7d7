//! The actions, and the file that lists them.

use crate::model::{Check, Requirement, Time};
use serde_json::{Map, Value};
use std::fmt;

/// One change to an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The credential's status becomes revoked, where it is not expired.
    Revoke {
        /// Id of a credential.
        credential: String,
    },
    /// Every copy in the wild becomes old.
    Rotate {
        /// Id of a credential.
        credential: String,
    },
    /// The audience is intersected with what the credential stated.
    NarrowAudience {
        /// Id of a credential.
        credential: String,
        /// What stays of it.
        audience: Vec<String>,
    },
    /// Each scope must be covered by one the credential stated.
    NarrowScopes {
        /// Id of a credential.
        credential: String,
        /// Patterns.
        scopes: Vec<String>,
    },
    /// The contexts are intersected with what the credential stated.
    BindContext {
        /// Id of a credential.
        credential: String,
        /// Names of contexts.
        contexts: Vec<String>,
    },
    /// The earlier of the two times counts.
    Expire {
        /// Id of a credential.
        credential: String,
        /// When it stops.
        expires_at: Time,
    },
    /// The identity becomes disabled.
    DisableIdentity {
        /// Id of an identity.
        identity: String,
    },
    /// The grant goes.
    RemoveGrant {
        /// Name of a grant.
        grant: String,
    },
    /// Each scope must be covered by one the grant had.
    NarrowGrant {
        /// Name of a grant.
        grant: String,
        /// Patterns.
        scopes: Vec<String>,
    },
    /// The exposure goes.
    RemoveExposure {
        /// Name of an exposure.
        exposure: String,
    },
    /// The inherit goes.
    RemoveInherit {
        /// Name of an inherit.
        inherit: String,
    },
    /// The requirements are added to those the inherit had.
    NarrowInherit {
        /// Name of an inherit.
        inherit: String,
        /// What it requires besides.
        requires_all: Vec<Requirement>,
    },
    /// The trust goes.
    RemoveTrust {
        /// Name of a trust.
        trust: String,
    },
    /// The hop performs a token exchange; each scope must be covered by one it passed before.
    RequireExchange {
        /// Name of a trust.
        trust: String,
        /// Patterns.
        scopes: Vec<String>,
    },
    /// The system makes these checks.
    Enforce {
        /// Id of a system.
        system: String,
        /// Which.
        checks: Vec<Check>,
    },
    /// Nothing is accepted at the system, and there is no access to it.
    Isolate {
        /// Id of a system.
        system: String,
    },
}

impl Action {
    /// As written in a scenario file.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Revoke { .. } => "revoke",
            Self::Rotate { .. } => "rotate",
            Self::NarrowAudience { .. } => "narrow-audience",
            Self::NarrowScopes { .. } => "narrow-scopes",
            Self::BindContext { .. } => "bind-context",
            Self::Expire { .. } => "expire",
            Self::DisableIdentity { .. } => "disable-identity",
            Self::RemoveGrant { .. } => "remove-grant",
            Self::NarrowGrant { .. } => "narrow-grant",
            Self::RemoveExposure { .. } => "remove-exposure",
            Self::RemoveInherit { .. } => "remove-inherit",
            Self::NarrowInherit { .. } => "narrow-inherit",
            Self::RemoveTrust { .. } => "remove-trust",
            Self::RequireExchange { .. } => "require-exchange",
            Self::Enforce { .. } => "enforce",
            Self::Isolate { .. } => "isolate",
        }
    }

    /// Id of the entity, or name of the relation, that it changes.
    #[must_use]
    pub fn target(&self) -> &str {
        match self {
            Self::Revoke { credential }
            | Self::Rotate { credential }
            | Self::NarrowAudience { credential, .. }
            | Self::NarrowScopes { credential, .. }
            | Self::BindContext { credential, .. }
            | Self::Expire { credential, .. } => credential,
            Self::DisableIdentity { identity } => identity,
            Self::RemoveGrant { grant } | Self::NarrowGrant { grant, .. } => grant,
            Self::RemoveExposure { exposure } => exposure,
            Self::RemoveInherit { inherit } | Self::NarrowInherit { inherit, .. } => inherit,
            Self::RemoveTrust { trust } | Self::RequireExchange { trust, .. } => trust,
            Self::Enforce { system, .. } | Self::Isolate { system } => system,
        }
    }

    /// The member that names the target in a scenario file.
    fn target_member(&self) -> &'static str {
        target_member(self.verb()).unwrap_or("system")
    }

    /// As an object of a scenario file. A [`Value`] sorts its members; written by itself an action keeps the order of the
    /// documentation.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// From an object of a scenario file. Members that the format does not know are passed over.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn from_json(value: &Value) -> Result<Self, String> {
        let object = value
            .as_object()
            .ok_or_else(|| format!("Expected an action, an object; found {}", kind(value)))?;
        let text = |member: &str| match object.get(member) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Null) | None => Err(format!("Member \"{member}\" is missing")),
            Some(other) => Err(format!("Expected text in \"{member}\", found {}", kind(other))),
        };
        let verb = text("action")?;
        let Some(member) = target_member(&verb) else {
            return Err(format!(
                "There is no action \"{}\"; there are revoke, rotate, narrow-audience, narrow-scopes, bind-context, expire, \
                 disable-identity, remove-grant, narrow-grant, remove-exposure, remove-inherit, narrow-inherit, \
                 remove-trust, require-exchange, enforce and isolate",
                verb.escape_debug()
            ));
        };
        let target = text(member)?;
        let list = |member: &str| match object.get(member) {
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map(str::to_owned)
                        .ok_or_else(|| format!("Expected a list of texts in \"{member}\", found {} in it", kind(item)))
                })
                .collect::<Result<Vec<String>, String>>(),
            Some(Value::Null) | None => Err(format!("Member \"{member}\" is missing")),
            Some(other) => Err(format!(
                "Expected a list of texts in \"{member}\", found {}",
                kind(other)
            )),
        };
        Ok(match verb.as_str() {
            "revoke" => Self::Revoke { credential: target },
            "rotate" => Self::Rotate { credential: target },
            "narrow-audience" => Self::NarrowAudience {
                credential: target,
                audience: list("audience")?,
            },
            "narrow-scopes" => Self::NarrowScopes {
                credential: target,
                scopes: list("scopes")?,
            },
            "bind-context" => Self::BindContext {
                credential: target,
                contexts: list("contexts")?,
            },
            "expire" => Self::Expire {
                credential: target,
                expires_at: text("expires_at")?.parse()?,
            },
            "disable-identity" => Self::DisableIdentity { identity: target },
            "remove-grant" => Self::RemoveGrant { grant: target },
            "narrow-grant" => Self::NarrowGrant {
                grant: target,
                scopes: list("scopes")?,
            },
            "remove-exposure" => Self::RemoveExposure { exposure: target },
            "remove-inherit" => Self::RemoveInherit { inherit: target },
            "narrow-inherit" => Self::NarrowInherit {
                inherit: target,
                requires_all: requirements(object)?,
            },
            "remove-trust" => Self::RemoveTrust { trust: target },
            "require-exchange" => Self::RequireExchange {
                trust: target,
                scopes: list("scopes")?,
            },
            "enforce" => {
                let checks = list("checks")?
                    .iter()
                    .map(|c| {
                        Check::parse(c).ok_or_else(|| {
                            format!(
                                "There is no check \"{}\"; there are audience, issuer, scope, context and revocation",
                                c.escape_debug()
                            )
                        })
                    })
                    .collect::<Result<_, _>>()?;
                Self::Enforce { system: target, checks }
            }
            _ => Self::Isolate { system: target },
        })
    }
}

/// Members in the order of the documentation, whatever order a map would give.
impl serde::Serialize for Action {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        #[derive(serde::Serialize)]
        struct Required<'a> {
            system: &'a str,
            scope: &'a str,
        }
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("action", self.verb())?;
        map.serialize_entry(self.target_member(), self.target())?;
        match self {
            Self::NarrowAudience { audience, .. } => map.serialize_entry("audience", audience)?,
            Self::NarrowScopes { scopes, .. }
            | Self::NarrowGrant { scopes, .. }
            | Self::RequireExchange { scopes, .. } => map.serialize_entry("scopes", scopes)?,
            Self::BindContext { contexts, .. } => map.serialize_entry("contexts", contexts)?,
            Self::Expire { expires_at, .. } => map.serialize_entry("expires_at", expires_at)?,
            Self::NarrowInherit { requires_all, .. } => {
                let all: Vec<Required<'_>> = requires_all
                    .iter()
                    .map(|r| Required {
                        system: &r.system,
                        scope: &r.scope,
                    })
                    .collect();
                map.serialize_entry("requires_all", &all)?;
            }
            Self::Enforce { checks, .. } => {
                let checks: Vec<&str> = checks.iter().map(|c| c.as_str()).collect();
                map.serialize_entry("checks", &checks)?;
            }
            Self::Revoke { .. }
            | Self::Rotate { .. }
            | Self::DisableIdentity { .. }
            | Self::RemoveGrant { .. }
            | Self::RemoveExposure { .. }
            | Self::RemoveInherit { .. }
            | Self::RemoveTrust { .. }
            | Self::Isolate { .. } => {}
        }
        map.end()
    }
}

fn requirements(object: &Map<String, Value>) -> Result<Vec<Requirement>, String> {
    let expected = "Expected a list of {\"system\", \"scope\"} in \"requires_all\"";
    let items = match object.get("requires_all") {
        Some(Value::Array(items)) => items,
        Some(other) => return Err(format!("{expected}, found {}", kind(other))),
        None => return Err("Member \"requires_all\" is missing".into()),
    };
    items
        .iter()
        .map(|item| {
            match (
                item.get("system").and_then(Value::as_str),
                item.get("scope").and_then(Value::as_str),
            ) {
                (Some(system), Some(scope)) => Ok(Requirement {
                    system: system.into(),
                    scope: scope.into(),
                }),
                _ => Err(expected.to_owned()),
            }
        })
        .collect()
}

fn target_member(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "revoke" | "rotate" | "narrow-audience" | "narrow-scopes" | "bind-context" | "expire" => "credential",
        "disable-identity" => "identity",
        "remove-grant" | "narrow-grant" => "grant",
        "remove-exposure" => "exposure",
        "remove-inherit" | "narrow-inherit" => "inherit",
        "remove-trust" | "require-exchange" => "trust",
        "enforce" | "isolate" => "system",
        _ => return None,
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Why an action cannot be taken. Nothing of its scenario is applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActionError {
    /// The action's place in the scenario, from 0; `None` where the file as a whole is unusable.
    pub action: Option<usize>,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Some(n) => write!(f, "/actions/{n}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// An ordered list of actions with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What is done, in order.
    pub actions: Vec<Action>,
}

/// What a scenario file says, each action by itself.
pub(super) struct Draft {
    pub(super) name: Option<String>,
    pub(super) actions: Vec<Result<Action, String>>,
}

pub(super) fn draft(text: &str) -> Result<Draft, ActionError> {
    let whole = |message: String| ActionError { action: None, message };
    let document: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
        whole(format!(
            "Not a scenario: expected JSON, stopped at line {}, column {}",
            e.line(),
            e.column()
        ))
    })?;
    let member = |name: &str| document.get(name);
    if member("format").and_then(Value::as_str) != Some("trustmap-scenario") {
        return Err(whole(
            "Not a scenario: expected \"format\": \"trustmap-scenario\"".into(),
        ));
    }
    if member("version").and_then(Value::as_u64) != Some(1) {
        return Err(whole(
            "Expected \"version\": 1; a newer version needs a newer trustmap".into(),
        ));
    }
    let name = match member("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(other) => return Err(whole(format!("Expected text in \"name\", found {}", kind(other)))),
    };
    let actions = match member("actions") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(Action::from_json).collect(),
        Some(other) => return Err(whole(format!("Expected a list in \"actions\", found {}", kind(other)))),
    };
    Ok(Draft { name, actions })
}

impl Scenario {
    /// Reads a scenario file. Whether its actions apply to an inventory is another question: see [`super::read`].
    ///
    /// # Errors
    /// All that cannot be read, by the action's place.
    pub fn parse(text: &str) -> Result<Self, Vec<ActionError>> {
        let draft = draft(text).map_err(|e| vec![e])?;
        let mut out = Self {
            name: draft.name,
            actions: Vec::new(),
        };
        let mut errors = Vec::new();
        for (n, action) in draft.actions.into_iter().enumerate() {
            match action {
                Ok(action) => out.actions.push(action),
                Err(message) => errors.push(ActionError {
                    action: Some(n),
                    message,
                }),
            }
        }
        if errors.is_empty() { Ok(out) } else { Err(errors) }
    }

    /// As a scenario file: two-space indent, one final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(serde::Serialize)]
        struct File<'a> {
            format: &'static str,
            version: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<&'a str>,
            actions: &'a [Action],
        }
        let file = File {
            format: "trustmap-scenario",
            version: 1,
            name: self.name.as_deref(),
            actions: &self.actions,
        };
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }
}
