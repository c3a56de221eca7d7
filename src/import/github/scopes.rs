//! What rights on GitHub mean as scopes. `<permission>:<level>@<owner>/<repo>`, organisations as `@<owner>`; besides
//! the permissions there are what follows from them: `push@<repo>:<ref>`, `bypass@<repo>:<ref>` (of what protects a
//! branch) and `approve@<repo>:<environment>` (a deployment).

use super::facts::Permissions;

/// The scopes of a permission on a target (`owner/repo`, `owner/*` or `owner`). A level includes those below it.
pub fn of_permission(name: &str, level: &str, target: &str, scopes: &mut Vec<String>) {
    let levels: &[&str] = match level {
        "read" => &["read"],
        "write" => &["read", "write"],
        "admin" => &["read", "write", "admin"],
        _ => return,
    };
    scopes.extend(levels.iter().map(|level| format!("{name}:{level}@{target}")));
    if level == "read" {
        return;
    }
    match name {
        "contents" => scopes.push(push(target, "*")),
        // Whoever administers a repository can take its protection away, and its environments'.
        "administration" => {
            scopes.push(bypass(target, "*"));
            scopes.push(approve(target, "*"));
        }
        "environments" => scopes.push(approve(target, "*")),
        _ => {}
    }
}

/// The scopes of permissions.
pub fn of_permissions(permissions: &Permissions, target: &str) -> Vec<String> {
    let mut scopes = Vec::new();
    for (name, level) in permissions {
        of_permission(name, level, target, &mut scopes);
    }
    scopes
}

/// The scopes of a role on a repository; nothing for one that is not GitHub's own.
pub fn of_role(role: &str, target: &str) -> Option<Vec<String>> {
    let mut scopes = Vec::new();
    let permissions: &[(&str, &str)] = match role {
        "none" => &[],
        "pull" | "read" => &[("contents", "read"), ("metadata", "read")],
        "triage" => &[
            ("contents", "read"),
            ("metadata", "read"),
            ("issues", "write"),
            ("pull_requests", "write"),
        ],
        "push" | "write" | "maintain" => &[
            ("contents", "write"),
            ("metadata", "read"),
            ("issues", "write"),
            ("pull_requests", "write"),
            ("actions", "write"),
        ],
        "admin" => {
            scopes.push(format!("*:*@{target}"));
            scopes.push(push(target, "*"));
            scopes.push(bypass(target, "*"));
            scopes.push(approve(target, "*"));
            return Some(scopes);
        }
        _ => return None,
    };
    for (name, level) in permissions {
        of_permission(name, level, target, &mut scopes);
    }
    Some(scopes)
}

/// The scopes of the scopes of a classic token, for everything its owner may use at an organisation.
pub fn of_classic(scope: &str, owner: &str) -> Vec<String> {
    let mut scopes = Vec::new();
    let every = format!("{owner}/*");
    match scope {
        "repo" => {
            scopes.extend(of_role("admin", &every).unwrap_or_default());
        }
        "public_repo" => {
            scopes.extend(of_role("push", &every).unwrap_or_default());
        }
        "workflow" => of_permission("workflows", "write", &every, &mut scopes),
        "admin:org" => scopes.push(format!("*:*@{owner}")),
        "write:org" => of_permission("members", "write", owner, &mut scopes),
        "read:org" => of_permission("members", "read", owner, &mut scopes),
        "write:packages" | "delete:packages" => of_permission("packages", "write", &every, &mut scopes),
        "read:packages" => of_permission("packages", "read", &every, &mut scopes),
        "admin:org_hook" => of_permission("organization_hooks", "write", owner, &mut scopes),
        "admin:repo_hook" | "write:repo_hook" => of_permission("repository_hooks", "write", &every, &mut scopes),
        _ => {}
    }
    scopes
}

/// Pushing to a ref.
pub fn push(target: &str, reference: &str) -> String {
    format!("push@{target}:{reference}")
}

/// Pushing past what protects a ref.
pub fn bypass(target: &str, reference: &str) -> String {
    format!("bypass@{target}:{reference}")
}

/// Agreeing to a deployment to an environment.
pub fn approve(target: &str, environment: &str) -> String {
    format!("approve@{target}:{environment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_includes_those_below_it_and_what_follows() {
        let mut scopes = Vec::new();
        of_permission("contents", "write", "o/r", &mut scopes);
        assert_eq!(scopes, ["contents:read@o/r", "contents:write@o/r", "push@o/r:*"]);
        assert_eq!(
            of_role("pull", "o/r").expect("a role"),
            ["contents:read@o/r", "metadata:read@o/r"]
        );
        assert_eq!(of_role("custom", "o/r"), None);
        assert!(of_classic("read:user", "o").is_empty());
    }
}
