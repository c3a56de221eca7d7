//! Help on every kind of edge, beside the thing: what it means, how it is abused, how it is checked, and where to read on.
//! Techniques are those of MITRE ATT&CK v19.1.

use crate::model::{ExposureHow, InheritHow};

/// A kind of edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EdgeKind {
    /// A credential or an identity is let in by a grant.
    Grant,
    /// Something is given out where access is; in which way, where that is known.
    Exposure(Option<ExposureHow>),
    /// An identity becomes another; in which way, where that is known.
    Inherit(Option<InheritHow>),
    /// A system passes on what it was asked, as it is.
    Trust,
    /// A system passes on what it was asked, after an exchange.
    Exchange,
}

/// What is said of a kind of edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeHelp {
    /// Its name.
    pub title: &'static str,
    /// What it means.
    pub means: &'static str,
    /// How it is abused.
    pub abused: &'static str,
    /// How it is checked.
    pub checked: &'static str,
    /// Where to read on.
    pub references: &'static [&'static str],
}

impl EdgeKind {
    /// Every kind.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let exposures = ExposureHow::ALL.iter().map(|h| Self::Exposure(Some(*h)));
        let inherits = InheritHow::ALL.iter().map(|h| Self::Inherit(Some(*h)));
        let rest = [
            Self::Grant,
            Self::Exposure(None),
            Self::Inherit(None),
            Self::Trust,
            Self::Exchange,
        ];
        rest.into_iter().chain(exposures).chain(inherits).collect()
    }

    /// What is said of it.
    #[must_use]
    pub fn help(self) -> EdgeHelp {
        use ExposureHow as E;
        use InheritHow as I;
        let (title, means, abused, checked, references): (_, _, _, _, &[&str]) = match self {
            Self::Grant => (
                "Access by a grant",
                "The system lets in whoever presents the credential, or acts as the identity, as far as the grant's scopes go",
                "A stolen credential is presented as if by its owner; a check that is not made lets it in where it was never meant",
                "Audience, issuer, scope, context and revocation at this system; the five letters say which are made",
                &[
                    "RFC 9700 section 2.3",
                    "NIST SP 800-53 Rev. 5 AC-6",
                    "T1550.001",
                    "T1078.004",
                ],
            ),
            Self::Exposure(Some(E::Stored)) => (
                "Stored there",
                "A copy of the credential lies in the system: a file, a variable, a vault",
                "Whoever can read there reads the credential and goes on with it",
                "Who can read the store; whether the credential could be fetched for one use instead",
                &["T1552.001", "T1555.006", "OWASP NHI2:2025"],
            ),
            Self::Exposure(Some(E::Mounted)) => (
                "Mounted there",
                "The platform hands the credential to what runs there: a service account's token, a metadata service",
                "Whoever runs code there, or makes what runs there ask for it, gets the credential",
                "What may run there; whether the token is bound to the workload and short-lived",
                &["T1552.005", "T1552.007", "NIST SP 800-53 Rev. 5 IA-9"],
            ),
            Self::Exposure(Some(E::Minted)) => (
                "Minted there",
                "Fresh credentials of this kind can be made there at will",
                "Revoking one changes nothing: the next one is minted; with a signing key it is written by hand",
                "Who can ask for a new one; where the signing key lies and who can use it",
                &["T1098.001", "T1606", "OWASP NHI7:2025"],
            ),
            Self::Exposure(Some(E::Copied)) => (
                "Copied there",
                "A copy was put there by hand; a rotation does not reach it",
                "The copy is found, and is good until the credential itself is rotated or revoked",
                "Where else copies lie; whether acceptors ask if the credential was revoked",
                &["T1552", "T1552.008", "OWASP NHI2:2025"],
            ),
            Self::Exposure(Some(E::Logged)) => (
                "Written to a log there",
                "The credential was written to a log; a rotation does not reach what was written",
                "Logs are read by many and kept for long: whoever reads them has the credential",
                "Who can read the logs; whether secrets are masked before they are written",
                &["T1552", "OWASP NHI2:2025"],
            ),
            Self::Exposure(Some(E::Derived)) => (
                "Follows from what is there",
                "What lies there is enough to work the credential out, or to enter the context",
                "The parts are gathered and put together without any one of them being the secret",
                "Whether the parts must lie in one place",
                &["T1552", "T1528"],
            ),
            Self::Exposure(None) => (
                "Found there",
                "Access to the one gives the other; the inventory does not say in which way",
                "Whoever gets in takes it along",
                "How it lies there: stored, mounted, minted, copied or logged",
                &["T1552"],
            ),
            Self::Inherit(Some(I::AssumeRole)) => (
                "Role assumption",
                "Who acts as the one identity may take the role and then has the role's rights instead",
                "A weak identity is the door to a strong role; roles that may take further roles make a chain",
                "The role's trust policy: who may take it, from where, with which external id",
                &["T1078.004", "T1199", "NIST SP 800-53 Rev. 5 AC-6"],
            ),
            Self::Inherit(Some(I::Impersonation)) => (
                "Impersonation",
                "Who acts as the one identity may act as the other, and what follows cannot be told from the other's own acts",
                "Rights are used under a name that is not the thief's",
                "Who may impersonate whom; whether tokens say for whom they act",
                &["RFC 8693 section 4.1", "T1078.004"],
            ),
            Self::Inherit(Some(I::Membership)) => (
                "Membership",
                "The identity belongs to a group and has the group's grants beside its own",
                "One member's credential opens what was given to all",
                "Who is a member and why; whether the group's rights are needed by each",
                &["NIST SP 800-53 Rev. 5 AC-6(7)", "T1098.003"],
            ),
            Self::Inherit(Some(I::Agent)) => (
                "Acting on behalf",
                "An agent acts with the rights of who sent it",
                "Text that the agent reads tells it what to do with rights it should not have had",
                "Whether the agent has a token of its own, for the one task, and passes none through",
                &[
                    "Model Context Protocol 2026-07-28",
                    "RFC 8693 section 4.4",
                    "OWASP NHI9:2025",
                ],
            ),
            Self::Inherit(Some(I::Federation)) => (
                "Federation",
                "An identity of one platform is taken for one of another, on the word of an issuer",
                "A claim that is matched too widely lets strangers in; an issuer that is taken over speaks for everybody",
                "Issuer, audience and subject of what is presented, each compared in full",
                &["RFC 9068", "T1484.002", "T1606.002"],
            ),
            Self::Inherit(Some(I::Escalation)) => (
                "Privilege escalation",
                "With these permissions the platform lets anybody become the other identity",
                "A permission that looks harmless is used to run code as, or to change, a stronger identity",
                "The permissions themselves: the escalation cannot be removed, only starved",
                &["T1098.003", "NIST SP 800-53 Rev. 5 AC-6(5)", "OWASP NHI5:2025"],
            ),
            Self::Inherit(None) => (
                "Rights inherited",
                "Who acts as the one identity has the rights of the other; the inventory does not say in which way",
                "The weaker of the two is attacked, the stronger one's rights are used",
                "Which requirement stands between the two",
                &["T1078.004"],
            ),
            Self::Trust => (
                "Passed on without an exchange",
                "The system hands what it was asked to the next one, which takes it because of who asks",
                "Whoever gets into the first is inside the second: nobody asks again for whom, and for what",
                "Whether the hop exchanges the token for one that is meant for the next system and allows less",
                &["RFC 8693", "NIST SP 800-207 section 2.1, tenet 3", "T1199"],
            ),
            Self::Exchange => (
                "Passed on with an exchange",
                "The hop exchanges the token for one that is meant for the next system; only the exchange's scopes pass",
                "What the exchange still passes can be asked for by whoever gets into the first system",
                "The scopes that the exchange passes; whether the new token is bound to the next system",
                &["RFC 8693", "RFC 8707"],
            ),
        };
        EdgeHelp {
            title,
            means,
            abused,
            checked,
            references,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_edge_has_help_of_its_own_with_references() {
        let kinds = EdgeKind::all();
        assert_eq!(kinds.len(), 5 + ExposureHow::ALL.len() + InheritHow::ALL.len());
        let titles: BTreeSet<&str> = kinds.iter().map(|k| k.help().title).collect();
        assert_eq!(titles.len(), kinds.len(), "no two share one");
        for kind in kinds {
            let help = kind.help();
            for said in [help.means, help.abused, help.checked] {
                assert!(said.len() > 20 && !said.ends_with('.'), "{kind:?}: {said}");
            }
            assert!(!help.references.is_empty(), "{kind:?}");
        }
    }
}
