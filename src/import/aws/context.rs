//! What is known of a request: who makes it and when, as far as the export says. Everything else is undecided.

use crate::model::{Text, Time};

/// What a request says under one condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// These values.
    Values(Vec<String>),
    /// The key is not part of the request.
    Absent,
    /// A time, this one or later.
    Since(Time),
    /// Whatever the caller likes to send.
    Chosen,
    /// The export does not say.
    Unknown,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CallerKind {
    /// A user with long-lived credentials.
    User,
    /// A session of a role.
    Role,
    /// Somebody of whom nothing is known.
    #[default]
    Unknown,
}

/// One caller.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// What sort.
    pub kind: CallerKind,
    /// The user's or role's ARN.
    pub arn: Option<Text>,
    /// Its account.
    pub account: Option<Text>,
    /// The user's name.
    pub user_name: Option<Text>,
    /// The user's unique id.
    pub unique_id: Option<Text>,
    /// Its tags, keys in lower case, of two with one key the last; where they are not known, nothing.
    pub tags: Option<Vec<(Text, Text)>>,
    /// Sessions may carry other tags than the role's.
    pub session_tags: bool,
    /// The newest time in the export: no request that counts is older.
    pub newest: Option<Time>,
    /// The request assumes a role, so what such a request says of itself is the caller's to choose.
    pub assuming: bool,
    /// The identity provider that vouches for the caller.
    pub provider: Option<Text>,
}

impl Context {
    /// What the request says under a key (upper and lower case are alike).
    pub fn fact(&self, key: &str) -> Fact {
        let key = key.to_ascii_lowercase();
        let known = |value: &Option<Text>| match value {
            Some(value) => Fact::Values(vec![value.to_string()]),
            None => Fact::Unknown,
        };
        if let Some(tag) = key.strip_prefix("aws:principaltag/") {
            return self.tag(tag);
        }
        match key.as_str() {
            "aws:principalarn" => known(&self.arn),
            "aws:principalaccount" => known(&self.account),
            "aws:username" => match self.kind {
                CallerKind::User => known(&self.user_name),
                CallerKind::Role => Fact::Absent,
                CallerKind::Unknown => Fact::Unknown,
            },
            // Of a role it ends with the session's name.
            "aws:userid" if self.kind == CallerKind::User => known(&self.unique_id),
            "aws:principaltype" => match self.kind {
                CallerKind::User => Fact::Values(vec!["User".to_owned()]),
                CallerKind::Role => Fact::Values(vec!["AssumedRole".to_owned()]),
                CallerKind::Unknown => Fact::Unknown,
            },
            "aws:principalisawsservice" => Fact::Values(vec!["false".to_owned()]),
            "aws:principalservicename" | "aws:principalservicenameslist" => Fact::Absent,
            // Set only where a service calls on somebody's behalf.
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths" => Fact::Absent,
            // Whoever calls can use TLS.
            "aws:securetransport" => Fact::Values(vec!["true".to_owned()]),
            "aws:currenttime" | "aws:epochtime" => self.since(),
            // A session begun from now on; a user's own keys have none, its sessions do.
            "aws:tokenissuetime" if self.kind == CallerKind::Role => self.since(),
            "aws:federatedprovider" => match (&self.provider, self.kind) {
                (Some(provider), _) => Fact::Values(vec![provider.to_string()]),
                (None, CallerKind::User) => Fact::Absent,
                (None, _) => Fact::Unknown,
            },
            "sts:rolesessionname" | "sts:sourceidentity" | "sts:durationseconds" | "sts:transitivetagkeys"
                if self.assuming =>
            {
                Fact::Chosen
            }
            "aws:tagkeys" if self.assuming => Fact::Chosen,
            _ if self.assuming && key.starts_with("aws:requesttag/") => Fact::Chosen,
            _ => Fact::Unknown,
        }
    }

    fn since(&self) -> Fact {
        match self.newest {
            Some(time) => Fact::Since(time),
            None => Fact::Unknown,
        }
    }

    fn tag(&self, key: &str) -> Fact {
        match &self.tags {
            Some(_) if self.session_tags => Fact::Unknown,
            Some(tags) => match tags.iter().rev().find(|(k, _)| k == key) {
                Some((_, value)) => Fact::Values(vec![value.to_string()]),
                None => Fact::Absent,
            },
            None => Fact::Unknown,
        }
    }
}

/// A text with its policy variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// Everything is known.
    Known(String),
    /// What is not known stands as `*`.
    Wide(String),
    /// A variable has no value for this caller, so the text matches nothing.
    Nothing,
}

/// Fills in `${aws:username}` and the like.
pub fn fill(text: &str, variables: bool, context: &Context) -> Filled {
    if !variables || !text.contains("${") {
        return Filled::Known(text.to_owned());
    }
    let mut out = String::new();
    let mut wide = false;
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else {
            out.push_str(&rest[at..]);
            rest = "";
            break;
        };
        let inner = &rest[at + 2..at + end];
        rest = &rest[at + end + 1..];
        match inner {
            "$" => out.push('$'),
            // A literal wildcard cannot be told from a wildcard in a pattern.
            "*" | "?" => {
                out.push('*');
                wide = true;
            }
            _ => {
                let (key, default) = match inner.split_once(',') {
                    Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                    None => (inner.trim(), None),
                };
                match (context.fact(key), default) {
                    (Fact::Values(values), _) if values.len() == 1 && !crate::model::glob::is_pattern(&values[0]) => {
                        out.push_str(&values[0]);
                    }
                    (Fact::Absent, Some(default)) => out.push_str(default),
                    (Fact::Absent, None) => return Filled::Nothing,
                    _ => {
                        out.push('*');
                        wide = true;
                    }
                }
            }
        }
    }
    out.push_str(rest);
    if wide { Filled::Wide(out) } else { Filled::Known(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> Context {
        Context {
            kind: CallerKind::User,
            arn: Some("arn:aws:iam::1:user/ann".into()),
            user_name: Some("ann".into()),
            tags: Some(vec![("team".into(), "blue".into()), ("team".into(), "red".into())]),
            ..Context::default()
        }
    }

    #[test]
    fn variables_are_filled_in_for_the_caller() {
        let role = Context {
            kind: CallerKind::Role,
            ..Context::default()
        };
        let nobody = Context::default();
        let known = |t: &str| Filled::Known(t.to_owned());
        let wide = |t: &str| Filled::Wide(t.to_owned());
        for (text, context, expected) in [
            ("home/${aws:username}/*", &user(), known("home/ann/*")),
            ("home/${AWS:UserName}", &user(), known("home/ann")),
            ("home/${aws:username}/*", &role, Filled::Nothing),
            ("home/${aws:username}/*", &nobody, wide("home/*/*")),
            ("home/${aws:username, 'shared'}", &role, known("home/shared")),
            ("${aws:PrincipalTag/Team}/x", &user(), known("red/x")),
            ("${aws:PrincipalTag/other}/x", &user(), Filled::Nothing),
            ("cost${$}", &user(), known("cost$")),
            ("a${*}b", &user(), wide("a*b")),
            ("open ${aws:username", &user(), known("open ${aws:username")),
        ] {
            assert_eq!(fill(text, true, context), expected, "{text}");
        }
        // The language of 2008 has no variables.
        assert_eq!(fill("${aws:username}", false, &user()), known("${aws:username}"));
    }

    #[test]
    fn tags_of_a_session_may_differ_from_the_role() {
        let mut role = user();
        role.session_tags = true;
        assert_eq!(role.fact("aws:PrincipalTag/team"), Fact::Unknown);
        assert_eq!(
            user().fact("aws:PrincipalTag/team"),
            Fact::Values(vec!["red".to_owned()])
        );
        assert_eq!(user().fact("aws:PrincipalTag/none"), Fact::Absent);
    }
}
