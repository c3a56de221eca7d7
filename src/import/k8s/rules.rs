//! The catalogue under assets/import/k8s-rules.json: which permission leads to which credential, identity or system, what
//! leads from a container to its node, and what the cluster's own roles allow. Each row names where it comes from.

use serde::Deserialize;
use std::sync::LazyLock;

/// The catalogue, read once. It is part of the program, and a test reads every row.
pub static RULES: LazyLock<Rules> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../assets/import/k8s-rules.json")).unwrap_or_default());

/// The catalogue.
#[derive(Debug, Default, Deserialize)]
pub struct Rules {
    /// From permissions.
    pub permissions: Vec<Permission>,
    /// From containers.
    pub escapes: Vec<Escape>,
    /// Roles every cluster has.
    pub roles: Vec<BuiltIn>,
}

/// One way from permissions to something.
#[derive(Debug, Deserialize)]
pub struct Permission {
    /// What its catalogue calls it.
    pub id: String,
    /// The catalogue.
    pub source: String,
    /// What it leads to: the kind of object, or of pool, of which there is one relation each.
    #[serde(rename = "for")]
    pub target: String,
    /// One of these is enough.
    #[serde(default)]
    pub any: Vec<String>,
    /// All of these are needed.
    #[serde(default)]
    pub all: Vec<String>,
    /// It may or may not work, and no file says.
    #[serde(default)]
    pub assumed: bool,
    /// It is what the permission is for.
    #[serde(default)]
    pub intended: bool,
    /// Where it is no escalation.
    pub how: Option<String>,
}

/// One way from a container to its node. All that is stated is needed.
#[derive(Debug, Deserialize)]
pub struct Escape {
    /// What its catalogue calls it.
    pub id: String,
    /// The catalogue.
    pub source: String,
    /// Needs a privileged container.
    #[serde(default)]
    pub privileged: bool,
    /// Needs the node's processes.
    #[serde(default)]
    pub host_pid: bool,
    /// Needs all of these.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Needs one of these paths of the node; a `*` at the end stands for anything.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Needs the path to be writable.
    #[serde(default)]
    pub writable: bool,
    /// Needs one of these to be allowed to the pod's account.
    #[serde(default)]
    pub account_may: Vec<String>,
    /// It may or may not work, and no file says.
    #[serde(default)]
    pub assumed: bool,
}

/// A role every cluster has.
#[derive(Debug, Deserialize)]
pub struct BuiltIn {
    /// Its name.
    pub name: String,
    /// What it allows: verbs joined by commas, `{ns}` for where it is bound.
    pub scopes: Vec<String>,
}

impl Rules {
    /// The rows that lead to a kind of thing.
    pub fn leading_to<'r>(&'r self, target: &'r str) -> impl Iterator<Item = &'r Permission> {
        self.permissions.iter().filter(move |p| p.target == target)
    }

    /// What one of the cluster's own roles allows where it is bound (`*` for everywhere).
    pub fn built_in(&self, name: &str, namespace: &str) -> Option<Vec<String>> {
        let role = self.roles.iter().find(|r| r.name == name)?;
        let mut scopes = Vec::new();
        for scope in &role.scopes {
            // Only the first role is everything, and only where it is bound for the whole cluster.
            if scope == "*@*" {
                scopes.push(if namespace == "*" {
                    scope.clone()
                } else {
                    format!("*@{namespace}/*/*:*")
                });
                continue;
            }
            let scope = scope.replace("{ns}", namespace);
            match scope.split_once('@') {
                Some((verbs, on)) => scopes.extend(verbs.split(',').map(|v| format!("{v}@{on}"))),
                None => scopes.push(scope),
            }
        }
        Some(scopes)
    }
}

impl Permission {
    /// What is said of a relation that comes from it.
    pub fn evidence(&self) -> String {
        format!("{} ({})", self.id, self.source)
    }
}

/// A template with what it stands for.
pub fn fill(template: &str, namespace: &str, name: &str, resource: &str) -> String {
    template
        .replace("{ns}", namespace)
        .replace("{resource}", resource)
        .replace("{name}", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read_and_says_where_it_comes_from() {
        assert!(RULES.permissions.len() > 30 && RULES.escapes.len() > 10 && RULES.roles.len() == 4);
        for row in &RULES.permissions {
            assert!(!row.source.is_empty(), "{row:?}");
            assert!(
                row.any.is_empty() != row.all.is_empty(),
                "{row:?} needs one of any and all"
            );
            for scope in row.any.iter().chain(&row.all) {
                assert!(scope.contains('@'), "{scope}");
            }
        }
        for row in &RULES.escapes {
            let needs = row.privileged || row.host_pid || !row.capabilities.is_empty() || !row.paths.is_empty();
            assert!(needs && !row.source.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn built_in_roles_end_at_the_namespace_they_are_bound_in() {
        assert_eq!(RULES.built_in("cluster-admin", "*"), Some(vec!["*@*".to_owned()]));
        assert_eq!(
            RULES.built_in("cluster-admin", "shop"),
            Some(vec!["*@shop/*/*:*".to_owned()])
        );
        let view = RULES.built_in("view", "shop").unwrap_or_default();
        assert!(view.contains(&"list@shop/core/pods:*".to_owned()), "{view:?}");
        assert!(!view.iter().any(|s| s.contains("secrets")), "{view:?}");
        assert_eq!(RULES.built_in("nobody", "*"), None);
    }
}
