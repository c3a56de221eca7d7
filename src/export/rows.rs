//! Relations as rows: what tables and graphs have in common. An exposure of or to a context names it `context:NAME`.

use crate::model::*;

/// A relation as a row.
pub(crate) struct Row<'a> {
    pub kind: &'static str,
    pub common: &'a RelationCommon,
    /// Empty where an inherit names none.
    pub from: &'a str,
    pub to: String,
    /// What a grant allows, a trust passes, an exposure or inherit requires.
    pub scopes: Vec<String>,
    pub how: Option<&'static str>,
}

/// Every relation, kind by kind, by name.
pub(crate) fn rows(records: &Records) -> impl Iterator<Item = Row<'_>> {
    let grants = records.grants.iter().map(|r| Row {
        kind: "grant",
        common: &r.common,
        from: &r.holder,
        to: r.system.clone(),
        scopes: r.scopes.clone(),
        how: None,
    });
    let exposures = records.exposures.iter().map(|r| Row {
        kind: "exposure",
        common: &r.common,
        from: match &r.from {
            ExposureFrom::System(id) | ExposureFrom::Credential(id) | ExposureFrom::Identity(id) => id,
        },
        to: match &r.yields {
            Yields::Credential(id) | Yields::Identity(id) => id.clone(),
            Yields::Context(name) => format!("context:{name}"),
        },
        scopes: r.requires.clone(),
        how: r.how.map(ExposureHow::as_str),
    });
    let inherits = records.inherits.iter().map(|r| Row {
        kind: "inherit",
        common: &r.common,
        from: r.from.as_deref().unwrap_or_default(),
        to: r.to.clone(),
        scopes: r
            .requires_all
            .iter()
            .map(|q| format!("{} at {}", q.scope, q.system))
            .collect(),
        how: r.how.map(InheritHow::as_str),
    });
    let trusts = records.trusts.iter().map(|r| Row {
        kind: "trust",
        common: &r.common,
        from: &r.from,
        to: r.to.clone(),
        scopes: r.exchange.as_ref().map_or(&r.scopes, |e| &e.scopes).clone(),
        how: r.exchange.is_some().then_some("exchange"),
    });
    grants.chain(exposures).chain(inherits).chain(trusts)
}
