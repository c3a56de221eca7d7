//! Which question an answer of GitHub's REST interface is to. Answers do not say; their members do.

use crate::import::tree::Value;

/// The questions whose answers are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Repositories.
    Repositories,
    /// An organisation.
    Organisation,
    /// Branches of a repository.
    Branches,
    /// The protection of one branch.
    BranchProtection,
    /// Rules of protection as GraphQL has them.
    BranchRules,
    /// Environments of a repository.
    Environments,
    /// What an environment accepts.
    BranchPolicies,
    /// Names of secrets.
    Secrets,
    /// Variables.
    Variables,
    /// People with a right on a repository.
    Collaborators,
    /// People on some list.
    People,
    /// Teams on some list.
    Teams,
    /// Roles.
    Roles,
    /// Keys of a repository.
    DeployKeys,
    /// Fine-grained tokens.
    Tokens,
    /// Classic tokens and SSH keys that may be used with single sign-on.
    Authorizations,
    /// Secrets that were found in a repository.
    Alerts,
    /// Installed apps.
    Installations,
    /// An app.
    App,
    /// Workflows by name.
    Workflows,
    /// A workflow's text, wrapped.
    Contents,
    /// How subjects of OIDC tokens are made.
    Subjects,
    /// What a workflow's own token may do by default.
    DefaultToken,
    /// What actions are allowed.
    ActionsPermissions,
}

fn has(object: &Value, keys: &[&str]) -> bool {
    keys.iter().all(|key| object.get(key).is_some())
}

fn text<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What the items of a list are, by one of them.
#[must_use]
pub fn of_item(item: &Value) -> Option<Shape> {
    if !item.is_object() {
        return None;
    }
    let node = item.get("node_id").is_some();
    if has(item, &["full_name", "owner"]) && (node || text(item, "url").contains("/repos/")) {
        return Some(Shape::Repositories);
    }
    if has(item, &["token_id", "token_name", "permissions"]) {
        return Some(Shape::Tokens);
    }
    if has(item, &["credential_id", "credential_type", "login"]) {
        return Some(Shape::Authorizations);
    }
    if has(item, &["app_id", "permissions"])
        && (item.get("app_slug").is_some() || item.get("access_tokens_url").is_some())
    {
        return Some(Shape::Installations);
    }
    if has(item, &["number", "state", "secret_type"])
        && (text(item, "url").contains("/secret-scanning/") || text(item, "html_url").contains("/secret-scanning/"))
    {
        return Some(Shape::Alerts);
    }
    if has(item, &["key", "read_only"]) && (item.get("verified").is_some() || text(item, "url").contains("/keys/")) {
        return Some(Shape::DeployKeys);
    }
    if has(item, &["name", "commit", "protected"]) && item.get("commit").is_some_and(|c| c.get("sha").is_some()) {
        return Some(Shape::Branches);
    }
    if has(item, &["login", "type", "site_admin"]) {
        let right = item.get("role_name").is_some() || item.get("permissions").is_some_and(|p| p.get("push").is_some());
        return Some(if right { Shape::Collaborators } else { Shape::People });
    }
    if has(item, &["slug", "privacy", "members_url"]) {
        return Some(Shape::Teams);
    }
    None
}

/// What an object is, and the list in it where it wraps one.
#[must_use]
pub fn of_object(object: &Value) -> Option<(Shape, Option<&'static str>)> {
    if object.get("total_count").is_some() {
        let first = |key: &str| object.get(key).and_then(Value::as_array).and_then(|list| list.first());
        let list = |key: &str| object.get(key).is_some_and(Value::is_array);
        for (key, shape) in [
            ("installations", Shape::Installations),
            ("repositories", Shape::Repositories),
        ] {
            if list(key) && first(key).is_none_or(|item| of_item(item) == Some(shape)) {
                return Some((shape, Some(key)));
            }
        }
        if list("secrets") {
            // The variables of some tools come under the name of secrets, with values.
            let values = first("secrets").is_some_and(|item| item.get("value").is_some());
            let named = first("secrets").is_none_or(|item| has(item, &["name", "created_at"]));
            if named {
                return Some((if values { Shape::Variables } else { Shape::Secrets }, Some("secrets")));
            }
        }
        if list("variables") && first("variables").is_none_or(|item| has(item, &["name", "value"])) {
            return Some((Shape::Variables, Some("variables")));
        }
        if list("branch_policies") {
            return Some((Shape::BranchPolicies, Some("branch_policies")));
        }
        if list("environments") && first("environments").is_none_or(is_environment) {
            return Some((Shape::Environments, Some("environments")));
        }
        if list("workflows") && first("workflows").is_none_or(|item| has(item, &["path", "state"])) {
            return Some((Shape::Workflows, Some("workflows")));
        }
        if list("roles") && first("roles").is_some_and(|item| has(item, &["permissions", "organization"])) {
            return Some((Shape::Roles, Some("roles")));
        }
        if list("custom_roles") && first("custom_roles").is_none_or(|item| item.get("base_role").is_some()) {
            return Some((Shape::Roles, Some("custom_roles")));
        }
    }
    if has(object, &["login", "repos_url"]) && (text(object, "type") == "Organization" || object.get("plan").is_some())
    {
        return Some((Shape::Organisation, None));
    }
    if has(object, &["slug", "events", "permissions", "external_url"]) {
        return Some((Shape::App, None));
    }
    if has(object, &["enforce_admins"]) && text(object, "url").contains("/branches/") {
        return Some((Shape::BranchProtection, None));
    }
    if has(
        object,
        &["default_workflow_permissions", "can_approve_pull_request_reviews"],
    ) {
        return Some((Shape::DefaultToken, None));
    }
    if has(object, &["enabled_repositories", "allowed_actions"]) || has(object, &["enabled", "allowed_actions"]) {
        return Some((Shape::ActionsPermissions, None));
    }
    if object.get("include_claim_keys").is_some_and(Value::is_array) {
        return Some((Shape::Subjects, None));
    }
    if text(object, "encoding") == "base64" && text(object, "path").starts_with(".github/workflows/") {
        return Some((Shape::Contents, None));
    }
    if rules(object).is_some() {
        return Some((Shape::BranchRules, None));
    }
    of_item(object)
        .filter(|s| !matches!(s, Shape::People | Shape::Teams))
        .map(|shape| (shape, None))
}

/// Whether an item of `environments` is one of a repository's.
#[must_use]
pub fn is_environment(item: &Value) -> bool {
    has(item, &["protection_rules"])
        || has(item, &["deployment_branch_policy"])
        || text(item, "url").contains("/environments/")
        || text(item, "html_url").contains("/environments/")
}

/// The protection rules in an answer of the GraphQL interface, and the pointer to them.
#[must_use]
pub fn rules<'v, 'a>(object: &'v Value<'a>) -> Option<(String, &'v [Value<'a>])> {
    let mut at = object.get("data")?;
    let mut pointer = "/data".to_owned();
    // `data.nodes`, or further in: `data.repository.branchProtectionRules.nodes`.
    for _ in 0..4 {
        if let Some(nodes) = at.get("nodes").and_then(Value::as_array) {
            let rule = nodes.first().is_some_and(|n| has(n, &["pattern", "isAdminEnforced"]));
            return rule.then(|| (format!("{pointer}/nodes"), nodes.as_slice()));
        }
        let (key, inner) = ["repository", "node", "branchProtectionRules"]
            .into_iter()
            .find_map(|key| at.get(key).map(|inner| (key, inner)))?;
        pointer = format!("{pointer}/{key}");
        at = inner;
    }
    None
}

/// The lists that collectors put together in one object, by the words of their keys.
#[must_use]
pub fn of_bundle_key(key: &str) -> Option<(Shape, Option<&str>)> {
    let bare = key.strip_prefix("GET_").unwrap_or(key);
    match bare {
        "ORG_SECRETS" | "REPO_SECRETS" => return Some((Shape::Secrets, None)),
        "ORG_VARIABLES" | "REPO_VARIABLES" => return Some((Shape::Variables, None)),
        "REPO_WORKFLOWS" => return Some((Shape::Workflows, None)),
        "REPO_ENVIRONMENTS" => return Some((Shape::Environments, None)),
        "FINE_GRAINED_PERSONAL_ACCESS_TOKENS" => return Some((Shape::Tokens, None)),
        "SAML_CREDENTIAL_AUTHORIZATIONS" => return Some((Shape::Authorizations, None)),
        "FINE_GRAINED_PAT_REPOSITORIES" => return Some((Shape::Repositories, None)),
        _ => {}
    }
    if let Some(environment) = bare.strip_prefix("ENV_SECRETS_") {
        return Some((Shape::Secrets, Some(environment)));
    }
    bare.strip_prefix("ENV_VARIABLES_")
        .map(|environment| (Shape::Variables, Some(environment)))
}
