//! The words of the window: numbers with commas, dates, what an action does, how a flow is used. Name the thing, then
//! the number; unknown is "not known", never "none".

use crate::model::{CredentialKind, IdentityKind, Inventory, Time};
use crate::scenario::Action;
use std::borrow::Borrow;
use std::fmt;

/// `12345` as `12,345`.
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 system`, `2 systems`: a number and its noun; `many` is the noun's plural.
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `37 → 4`.
#[must_use]
pub fn change(before: u64, after: u64) -> String {
    format!("{} → {}", number(before), number(after))
}

/// `37 → 4`, or `37` where nothing changes.
#[must_use]
pub fn change_or_same(before: u64, after: u64) -> String {
    if before == after {
        number(before)
    } else {
        change(before, after)
    }
}

/// A day for people: `1 May 2026`.
#[must_use]
pub fn day(t: Time) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec",
    ];
    let text = t.to_string();
    let mut parts = text.get(..10).unwrap_or_default().split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    match (year, month.and_then(|m| m.parse::<usize>().ok()), day) {
        (Some(y), Some(m @ 1..=12), Some(d)) => format!("{} {} {y}", d.trim_start_matches('0'), MONTHS[m - 1]),
        _ => text,
    }
}

/// Whole days from `then` to `now`; negative where it is still to come.
#[must_use]
pub fn days_between(then: Time, now: Time) -> i64 {
    (now.unix_secs() - then.unix_secs()).div_euclid(86_400)
}

/// `used today`, `used 2 days ago`, `idle 204 days`; within 90 days is use.
#[must_use]
pub fn last_use(then: Option<Time>, now: Time) -> String {
    match then.map(|t| days_between(t, now)) {
        None => "last use not known".to_owned(),
        Some(d) if d <= 0 => "used today".to_owned(),
        Some(1) => "used yesterday".to_owned(),
        Some(d) if d <= 90 => format!("used {d} days ago"),
        Some(d) => format!("idle {} days", number(d.unsigned_abs())),
    }
}

/// How long there is until `then`, or since: `in 184 days`, `3 days ago`, `today`.
#[must_use]
pub fn when(then: Time, now: Time) -> String {
    match days_between(then, now) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        -1 => "tomorrow".to_owned(),
        d if d > 0 => format!("{} days ago", number(d.unsigned_abs())),
        d => format!("in {} days", number(d.unsigned_abs())),
    }
}

/// A list of names in a sentence: `a`, `a and b`, `a, b and 3 more`.
#[must_use]
pub fn names<S: Borrow<str> + fmt::Display>(list: &[S], most: usize) -> String {
    match list {
        [] => String::new(),
        [one] => one.to_string(),
        [a, b] => format!("{a} and {b}"),
        _ if list.len() <= most => {
            let (last, rest) = list.split_last().unwrap_or((&list[0], &[]));
            format!("{} and {last}", rest.join(", "))
        }
        _ => {
            let shown = most.saturating_sub(1).max(1);
            format!(
                "{} and {} more",
                list[..shown].join(", "),
                number((list.len() - shown) as u64)
            )
        }
    }
}

/// Kinds that are written otherwise than with a first letter large.
const KINDS: [(&str, &str); 14] = [
    ("api", "API"),
    ("saas", "SaaS"),
    ("ci", "CI"),
    ("cdn", "CDN"),
    ("crm", "CRM"),
    ("dns", "DNS"),
    ("erp", "ERP"),
    ("iam", "IAM"),
    ("idp", "Identity provider"),
    ("kms", "KMS"),
    ("llm", "LLM"),
    ("mcp", "MCP"),
    ("vm", "VM"),
    ("vpn", "VPN"),
];

/// First letter large; abbreviations as they are written.
#[must_use]
pub fn sentence(text: &str) -> String {
    let (first, rest) = text.split_at(text.find(['-', ' ', '_']).unwrap_or(text.len()));
    if let Some((_, written)) = KINDS.iter().find(|(kind, _)| *kind == first) {
        return format!("{written}{rest}");
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(c) => c.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// What a credential is, for people: `Token (JWT)`.
#[must_use]
pub fn credential_kind(kind: Option<CredentialKind>) -> &'static str {
    match kind {
        Some(CredentialKind::ApiKey) => "API key",
        Some(CredentialKind::AccessKey) => "Access key",
        Some(CredentialKind::OauthToken) => "Token (OAuth)",
        Some(CredentialKind::RefreshToken) => "Refresh token",
        Some(CredentialKind::Jwt) => "Token (JWT)",
        Some(CredentialKind::Certificate) => "Certificate",
        Some(CredentialKind::SshKey) => "SSH key",
        Some(CredentialKind::Password) => "Password",
        Some(CredentialKind::Session) => "Session",
        Some(CredentialKind::FederatedAssertion) => "Federated assertion",
        Some(CredentialKind::SigningKey) => "Signing key",
        Some(CredentialKind::Other) | None => "Credential",
    }
}

/// What a credential is called in the middle of a sentence: `the token`.
#[must_use]
pub fn credential_noun(kind: Option<CredentialKind>) -> &'static str {
    match kind {
        Some(CredentialKind::ApiKey | CredentialKind::AccessKey | CredentialKind::SshKey) => "key",
        Some(CredentialKind::OauthToken | CredentialKind::RefreshToken | CredentialKind::Jwt) => "token",
        Some(CredentialKind::Certificate) => "certificate",
        Some(CredentialKind::Password) => "password",
        Some(CredentialKind::Session) => "session",
        Some(CredentialKind::FederatedAssertion) => "assertion",
        Some(CredentialKind::SigningKey) => "signing key",
        Some(CredentialKind::Other) | None => "credential",
    }
}

/// What an identity is, for people.
#[must_use]
pub fn identity_kind(kind: Option<IdentityKind>) -> &'static str {
    match kind {
        Some(IdentityKind::ServiceAccount) => "Service account",
        Some(IdentityKind::Role) => "Role",
        Some(IdentityKind::App) => "App",
        Some(IdentityKind::Agent) => "Agent",
        Some(IdentityKind::Pipeline) => "Pipeline",
        Some(IdentityKind::Workload) => "Workload",
        Some(IdentityKind::Device) => "Device",
        Some(IdentityKind::Group) => "Group",
        Some(IdentityKind::Human) => "Person",
        Some(IdentityKind::Other) | None => "Identity",
    }
}

/// The name for people of an entity's id; the id itself where nothing of this id is known.
#[must_use]
pub fn name_of<'a>(inventory: &'a Inventory, id: &'a str) -> &'a str {
    match inventory.find(id) {
        Some(ix) => inventory.entity(ix).display_name(),
        None => id.strip_prefix("context:").unwrap_or(id),
    }
}

/// Where an action has no effect: a system by name, or a relation.
#[must_use]
pub fn at(inventory: &Inventory, id: &str) -> String {
    match inventory.find(id) {
        Some(ix) => inventory.entity(ix).display_name().to_owned(),
        None => relation(id),
    }
}

/// What an action does, in two parts: the verb and what it is done to.
#[must_use]
pub fn action_words(action: &Action, inventory: &Inventory) -> (String, String) {
    let name = |id: &str| name_of(inventory, id).to_owned();
    let few = |list: &[String], noun: &str, plural: &str| match list {
        [] => format!("no {noun}"),
        [one] => name(one),
        _ => count(list.len() as u64, noun, plural),
    };
    let (verb, what) = match action {
        Action::Revoke { credential } => ("Revoke", name(credential)),
        Action::Rotate { credential } => ("Rotate", name(credential)),
        Action::NarrowAudience { credential, audience } => (
            "Narrow audience",
            format!("{} to {}", name(credential), few(audience, "system", "systems")),
        ),
        Action::NarrowScopes { credential, scopes } => (
            "Narrow scopes",
            format!("{} to {}", name(credential), few(scopes, "scope", "scopes")),
        ),
        Action::BindContext { credential, contexts } => (
            "Bind",
            format!("{} to {}", name(credential), few(contexts, "context", "contexts")),
        ),
        Action::Expire { credential, expires_at } => {
            ("Expire", format!("{} on {}", name(credential), day(*expires_at)))
        }
        Action::DisableIdentity { identity } => ("Disable", name(identity)),
        Action::RemoveGrant { grant } => ("Remove grant", relation(grant)),
        Action::NarrowGrant { grant, scopes } => (
            "Narrow grant",
            format!("{} to {}", relation(grant), few(scopes, "scope", "scopes")),
        ),
        Action::RemoveExposure { exposure } => ("Remove exposure", relation(exposure)),
        Action::RemoveInherit { inherit } => ("Remove inheritance", relation(inherit)),
        Action::NarrowInherit { inherit, .. } => ("Narrow inheritance", relation(inherit)),
        Action::RemoveTrust { trust } => ("Remove trust", relation(trust)),
        Action::RequireExchange { trust, .. } => ("Require exchange", relation(trust)),
        Action::Enforce { system, checks } => {
            let checks: Vec<String> = checks.iter().map(|c| c.as_str().to_owned()).collect();
            ("Enforce", format!("{} at {}", names(&checks, 5), name(system)))
        }
        Action::Isolate { system } => ("Isolate", name(system)),
    };
    (verb.to_owned(), what)
}

/// What undo would take back: `Narrow gha-deploy-prod`.
#[must_use]
pub fn step_name(action: &Action, inventory: &Inventory) -> String {
    let short = |verb: &str, id: &str| format!("{verb} {}", name_of(inventory, id));
    match action {
        Action::NarrowAudience { credential, .. } | Action::NarrowScopes { credential, .. } => {
            short("Narrow", credential)
        }
        Action::BindContext { credential, .. } => short("Bind", credential),
        Action::Expire { credential, .. } => short("Expire", credential),
        _ => {
            let (verb, what) = action_words(action, inventory);
            format!("{verb} {what}")
        }
    }
}

/// A relation's name for people: without the kind in front, the arrow as an arrow.
#[must_use]
pub fn relation(name: &str) -> String {
    let bare = ["grant:", "exposure:", "inherit:", "trust:"]
        .iter()
        .find_map(|p| name.strip_prefix(p))
        .unwrap_or(name);
    bare.replacen("->", " → ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    #[test]
    fn numbers_have_commas() {
        for (n, text) in [
            (0, "0"),
            (37, "37"),
            (1_184, "1,184"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), text);
        }
        assert_eq!(count(1, "system", "systems"), "1 system");
        assert_eq!(count(0, "system", "systems"), "0 systems");
        assert_eq!(change(37, 4), "37 → 4");
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let now = at("2026-05-01T12:00:00Z");
        assert_eq!(day(now), "1 May 2026");
        for (then, text) in [
            ("2026-05-01T08:00:00Z", "used today"),
            ("2026-06-01T08:00:00Z", "used today"),
            ("2026-04-30T08:00:00Z", "used yesterday"),
            ("2026-04-29T08:00:00Z", "used 2 days ago"),
            ("2026-01-31T12:00:00Z", "used 90 days ago"),
            ("2026-01-30T12:00:00Z", "idle 91 days"),
        ] {
            assert_eq!(last_use(Some(at(then)), now), text, "{then}");
        }
        assert_eq!(last_use(None, now), "last use not known");
        assert_eq!(when(at("2026-11-01T12:00:00Z"), now), "in 184 days");
        assert_eq!(when(at("2026-04-28T12:00:00Z"), now), "3 days ago");
    }

    #[test]
    fn lists_are_cut_where_they_get_long() {
        let l = |n: usize| {
            (0..n)
                .map(|i| ((b'a' + i as u8) as char).to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&l(0), 3), "");
        assert_eq!(names(&l(1), 3), "a");
        assert_eq!(names(&l(2), 3), "a and b");
        assert_eq!(names(&l(3), 3), "a, b and c");
        assert_eq!(names(&l(5), 3), "a, b and 3 more");
    }

    #[test]
    fn kinds_are_written_as_people_write_them() {
        for (kind, written) in [
            ("database", "Database"),
            ("api", "API"),
            ("api-gateway", "API-gateway"),
            ("saas", "SaaS"),
            ("apis", "Apis"),
            ("", ""),
        ] {
            assert_eq!(sentence(kind), written);
        }
    }

    #[test]
    fn relations_are_named_without_their_kind() {
        assert_eq!(relation("grant:a->b"), "a → b");
        assert_eq!(relation("own-id"), "own-id");
    }
}
