//! The tenant and its applications: what objects say that others need before records are made.

use super::Fact;
use crate::import::tree::Value;
use crate::model::{FileId, Text};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The system of a tenant that no file names.
pub const UNKNOWN_TENANT: &str = "entra:tenant";

/// So many facts are looked at in one go.
pub const AT_ONCE: usize = 4096;

/// What is known before records are made.
#[derive(Default)]
pub struct Directory {
    /// The id of its system.
    pub tenant: String,
    /// Object ids of applications and service principals to the application's id.
    pub apps: HashMap<Text, Text, RandomState>,
    /// Names of the permissions of a resource, by the resource's application and the permission's number.
    roles: BTreeMap<(Text, String), String>,
}

/// What some facts say that others need.
#[derive(Default)]
struct Noted {
    tenants: BTreeSet<String>,
    apps: Vec<(Text, Text)>,
    roles: Vec<((Text, String), String)>,
}

impl Noted {
    fn of(facts: &[(FileId, &Fact)]) -> Self {
        let mut noted = Self::default();
        for (_, fact) in facts {
            let is_app = fact.kind == "AZApp" || fact.kind == "AZServicePrincipal";
            if !is_app && !fact.text.contains("\"tenantId\"") {
                continue;
            }
            let value = fact.value();
            noted.tenants.extend(id(&value, "tenantId"));
            if let (true, Some(object), Some(app)) = (is_app, id(&value, "id"), id(&value, "appId")) {
                let app: Text = app.into();
                for role in list(&value, "appRoles") {
                    if let (Some(number), Some(name)) = (id(role, "id"), text(role, "value")) {
                        noted.roles.push(((app.clone(), number), name));
                    }
                }
                noted.apps.push((object.into(), app));
            }
        }
        noted
    }
}

impl Directory {
    /// The application of an object.
    pub fn app_of(&self, object: &str) -> Option<String> {
        self.apps.get(object).map(ToString::to_string)
    }

    /// The name of a permission of an application, by its number.
    pub fn role_of(&self, app: &str, number: &str) -> Option<&str> {
        self.roles.get(&(app.into(), number.to_owned())).map(String::as_str)
    }

    /// What the facts say of it.
    pub fn of(facts: &[(FileId, &Fact)]) -> Self {
        let mut directory = Self::default();
        let mut tenants = BTreeSet::new();
        let noted: Vec<Noted> = facts.par_chunks(AT_ONCE).map(Noted::of).collect();
        directory.apps.reserve(noted.iter().map(|noted| noted.apps.len()).sum());
        for noted in noted {
            tenants.extend(noted.tenants);
            directory.apps.extend(noted.apps);
            directory.roles.extend(noted.roles);
        }
        directory.tenant = match (tenants.len(), tenants.first()) {
            (1, Some(tenant)) => format!("entra:{tenant}"),
            _ => UNKNOWN_TENANT.to_owned(),
        };
        directory
    }
}

/// A text, where there is one.
pub fn text(value: &Value, key: &str) -> Option<String> {
    value
        .get(key)
        .and_then(Value::as_str)
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
}

/// An id, in the case ids are compared in: collectors write them in either.
pub fn id(value: &Value, key: &str) -> Option<String> {
    text(value, key).map(|t| t.to_lowercase())
}

pub fn list<'v, 'a>(value: &'v Value<'a>, key: &str) -> &'v [Value<'a>] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
