//! The rules, one entry each. A rule has a page under docs/findings/ of its name, which the window shows too.

mod checks;
mod environment;
mod lifetime;
mod privilege;
mod relations;
mod spread;

use super::{Find, Frameworks, Rule};

/// One entry of the table: its page is called as it is.
macro_rules! rule {
    ($id:literal, $title:literal, $find:expr, $severity:literal, $nhi:expr, $controls:expr, $csf:expr, $tenets:expr, $attack:expr) => {
        Rule {
            id: $id,
            title: $title,
            severity: $severity,
            frameworks: Frameworks {
                owasp_nhi: &$nhi,
                nist_800_53: &$controls,
                nist_csf: &$csf,
                nist_800_207: &$tenets,
                attack: &$attack,
            },
            page: include_str!(concat!("../../../docs/findings/", $id, ".md")),
            find: $find,
        }
    };
}

/// Every rule.
pub(super) static RULES: &[Rule] = &[
    rule!(
        "leaked-live",
        "Leaked and live",
        Find::Estate(lifetime::leaked),
        "Critical while a copy works; high where it was withdrawn and some acceptor still takes it.",
        ["NHI2:2025", "NHI7:2025"],
        ["IA-5", "IA-5(6)", "AC-2(3)", "IR-4"],
        ["PR.AA-01", "RS.MI-01"],
        ["tenet 6"],
        ["T1552", "T1078.004"]
    ),
    rule!(
        "revocation-useless",
        "A revocation made useless by minting",
        Find::Estate(lifetime::minting),
        "High.",
        ["NHI1:2025", "NHI4:2025"],
        ["AC-2(3)", "IA-5", "SC-12"],
        ["PR.AA-01", "RS.MI-01"],
        ["tenet 6"],
        ["T1098.001", "T1606"]
    ),
    rule!(
        "audience-not-checked",
        "Accepted outside its intended audience",
        Find::Estate(checks::audience),
        "High where a crown jewel is stated not to check, medium elsewhere; one step less where the inventory does not say.",
        ["NHI4:2025", "NHI5:2025"],
        ["AC-3", "AC-4", "AC-24", "IA-9", "SC-23"],
        ["PR.AA-03", "PR.AA-04", "PR.AA-05"],
        ["tenet 3", "tenet 6"],
        ["T1550.001"]
    ),
    rule!(
        "scope-not-enforced",
        "Scope not enforced, or wider than stated",
        Find::Estate(checks::scope),
        "High where a crown jewel is stated not to enforce, medium elsewhere; one step less where the inventory does not say.",
        ["NHI5:2025", "NHI4:2025"],
        ["AC-3", "AC-6", "AC-24"],
        ["PR.AA-05"],
        ["tenet 3", "tenet 4"],
        ["T1550.001"]
    ),
    rule!(
        "replay-outside-context",
        "Replay outside its context accepted",
        Find::Estate(checks::context),
        "High where a crown jewel is stated not to check, medium elsewhere; one step less where the inventory does not say.",
        ["NHI4:2025"],
        ["AC-3", "IA-3", "IA-9", "SC-23"],
        ["PR.AA-03", "PR.AA-04"],
        ["tenet 4", "tenet 6"],
        ["T1550.001"]
    ),
    rule!(
        "issuer-not-checked",
        "Issuer not checked",
        Find::Estate(checks::issuer),
        "High where a crown jewel is stated not to check, medium elsewhere; one step less where the inventory does not say.",
        ["NHI4:2025"],
        ["IA-9", "IA-13", "AC-24"],
        ["PR.AA-03", "PR.AA-04"],
        ["tenet 6"],
        ["T1606", "T1550.001"]
    ),
    rule!(
        "revocation-not-checked",
        "Revocation not checked by acceptors of a self-contained token",
        Find::Estate(checks::revocation),
        "High where it is already revoked and still taken; else medium where an acceptor is stated not to check, low where the inventory does not say.",
        ["NHI1:2025", "NHI4:2025"],
        ["AC-2(3)", "AC-12", "IA-5"],
        ["PR.AA-01", "RS.MI-01"],
        ["tenet 6"],
        ["T1550.001"]
    ),
    rule!(
        "agent-inherits",
        "An agent inherits its parent's permissions",
        Find::Estate(relations::agent),
        "High where the parent reaches a crown jewel, else medium.",
        ["NHI5:2025", "NHI9:2025"],
        ["AC-6", "AC-6(5)", "AC-24"],
        ["PR.AA-05"],
        ["tenet 3", "tenet 6"],
        ["T1078.004"]
    ),
    rule!(
        "passed-on-without-exchange",
        "Assertion passed on without exchange",
        Find::Estate(relations::passed_on),
        "High where a crown jewel takes it, else medium; one step less where it is only assumed.",
        ["NHI4:2025", "NHI9:2025"],
        ["AC-4", "CA-9", "IA-9", "SC-23"],
        ["PR.AA-04"],
        ["tenet 3", "tenet 6"],
        ["T1550.001", "T1199"]
    ),
    rule!(
        "workload-identity-mounted",
        "Workload identity mounted beyond its workload",
        Find::Estate(relations::mounted),
        "High where a mount was not meant; low where several workloads are meant to share one identity.",
        ["NHI9:2025", "NHI5:2025", "NHI6:2025"],
        ["AC-6", "IA-9", "IA-5(6)"],
        ["PR.AA-02", "PR.AA-05"],
        ["tenet 3", "tenet 6"],
        ["T1552.007", "T1528"]
    ),
    rule!(
        "secret-copied",
        "Secret copied to several places",
        Find::Estate(spread::copied),
        "High from four places on where one is a copy, medium below that, low where all four or more are meant.",
        ["NHI2:2025", "NHI9:2025"],
        ["IA-5", "IA-5(6)"],
        ["PR.AA-01"],
        ["tenet 6"],
        ["T1552.001", "T1555.006"]
    ),
    rule!(
        "one-credential-many-systems",
        "One credential for many systems",
        Find::Estate(spread::many_systems),
        "High where a crown jewel is among them, else medium.",
        ["NHI9:2025"],
        ["AC-6", "IA-4", "IA-5"],
        ["PR.AA-01", "PR.AA-05"],
        ["tenet 3"],
        ["T1078.004"]
    ),
    rule!(
        "overprivileged",
        "Overprivileged",
        Find::Estate(privilege::overprivileged),
        "High for everything or an administrator's scope; for every permission of one service high at a crown jewel, else medium; for what is not used medium at a crown jewel, else low.",
        ["NHI5:2025"],
        ["AC-6", "AC-6(5)", "AC-6(7)"],
        ["PR.AA-05"],
        ["tenet 3", "tenet 4"],
        ["T1078.004", "T1098.003"]
    ),
    rule!(
        "long-lived",
        "Long-lived, never rotated or never expiring",
        Find::Estate(lifetime::long_lived),
        "Medium from 398 days without rotation and without an end, else low.",
        ["NHI7:2025"],
        ["IA-5"],
        ["PR.AA-01"],
        ["tenet 6"],
        ["T1078.004"]
    ),
    rule!(
        "orphaned",
        "Orphaned, or its owner has gone",
        Find::Estate(lifetime::orphaned),
        "High where the owner has gone, medium where its identity is disabled and it is still active, low where it has none.",
        ["NHI1:2025"],
        ["AC-2", "AC-2(3)", "IA-4"],
        ["PR.AA-01", "ID.AM"],
        ["tenet 5"],
        ["T1078.004"]
    ),
    rule!(
        "crossing-environments",
        "Crossing environments",
        Find::Estate(relations::environments),
        "High where it gets to a crown jewel, else medium; one step less where it is only assumed.",
        ["NHI8:2025"],
        ["AC-4", "CA-9", "SC-23"],
        ["PR.AA-05"],
        ["tenet 3", "tenet 4"],
        ["T1078.004"]
    ),
    rule!(
        "human-use",
        "Human use of a machine identity",
        Find::Estate(relations::human),
        "Medium.",
        ["NHI10:2025"],
        ["AC-2", "AC-6(9)", "IA-2"],
        ["PR.AA-01", "PR.AA-03"],
        ["tenet 6"],
        ["T1078.004"]
    ),
    rule!(
        "third-party-reach",
        "Third party with deep reach",
        Find::Estate(spread::third_party),
        "High where a crown jewel is reached, else medium.",
        ["NHI3:2025"],
        ["AC-20", "CA-3", "SA-9", "SR-3"],
        ["GV.SC", "PR.AA-05"],
        ["tenet 3", "tenet 4"],
        ["T1199", "T1671"]
    ),
    rule!(
        "crown-jewel-near",
        "A crown jewel near another finding",
        Find::Rest(spread::near),
        "That of the worst finding it is near to.",
        ["NHI5:2025"],
        ["AC-4", "AC-6", "RA-3"],
        ["ID.RA-05", "ID.RA-06", "PR.AA-05"],
        ["tenet 3"],
        ["T1078.004", "T1550.001"]
    ),
];
