//! The kinds of action that a planner may be permitted.

use std::collections::BTreeSet;

/// A kind of action, in the order of the trust model's table; of equal plans the one of earlier kinds is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    missing_docs,
    reason = "the kinds are those of scenario::Action, which says what each does"
)]
pub enum Verb {
    Revoke,
    Rotate,
    NarrowAudience,
    NarrowScopes,
    BindContext,
    Expire,
    DisableIdentity,
    NarrowGrant,
    RemoveGrant,
    RemoveExposure,
    NarrowInherit,
    RemoveInherit,
    RequireExchange,
    RemoveTrust,
    Enforce,
    Isolate,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Revoke,
        Self::Rotate,
        Self::NarrowAudience,
        Self::NarrowScopes,
        Self::BindContext,
        Self::Expire,
        Self::DisableIdentity,
        Self::NarrowGrant,
        Self::RemoveGrant,
        Self::RemoveExposure,
        Self::NarrowInherit,
        Self::RemoveInherit,
        Self::RequireExchange,
        Self::RemoveTrust,
        Self::Enforce,
        Self::Isolate,
    ];

    /// As written in a scenario file and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Rotate => "rotate",
            Self::NarrowAudience => "narrow-audience",
            Self::NarrowScopes => "narrow-scopes",
            Self::BindContext => "bind-context",
            Self::Expire => "expire",
            Self::DisableIdentity => "disable-identity",
            Self::NarrowGrant => "narrow-grant",
            Self::RemoveGrant => "remove-grant",
            Self::RemoveExposure => "remove-exposure",
            Self::NarrowInherit => "narrow-inherit",
            Self::RemoveInherit => "remove-inherit",
            Self::RequireExchange => "require-exchange",
            Self::RemoveTrust => "remove-trust",
            Self::Enforce => "enforce",
            Self::Isolate => "isolate",
        }
    }

    /// Read from text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == text)
    }

    /// All that a plan of this sort may take: `rotate` counts only against this theft, since a hardening plan must hold
    /// against the next one.
    #[must_use]
    pub fn all_for(containment: bool) -> BTreeSet<Self> {
        Self::ALL
            .into_iter()
            .filter(|&v| containment || v != Self::Rotate)
            .collect()
    }
}
