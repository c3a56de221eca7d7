//! Relations as rows: what tables and graphs have in common. An exposure of or to a context names it `context:NAME`.

use crate::model::*;

/// A relation as a row.
pub(crate) struct Row<'a> {
    pub kind: &'static str,
    pub common: &'a RelationCommon,
    /// How it is called.
    pub name: Name<'a>,
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
        name: r.name(),
        from: &r.holder,
        to: r.system.to_string(),
        scopes: texts(&r.scopes),
        how: None,
    });
    let exposures = records.exposures.iter().map(|r| Row {
        kind: "exposure",
        common: &r.common,
        name: r.name(),
        from: match &r.from {
            ExposureFrom::System(id) | ExposureFrom::Credential(id) | ExposureFrom::Identity(id) => id,
        },
        to: match &r.yields {
            Yields::Credential(id) | Yields::Identity(id) => id.to_string(),
            Yields::Context(name) => format!("context:{name}"),
        },
        scopes: texts(&r.requires),
        how: r.how.map(ExposureHow::as_str),
    });
    let inherits = records.inherits.iter().map(|r| Row {
        kind: "inherit",
        common: &r.common,
        name: r.name(),
        from: r.from.as_deref().unwrap_or_default(),
        to: r.to.to_string(),
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
        name: r.name(),
        from: &r.from,
        to: r.to.to_string(),
        scopes: texts(r.exchange.as_ref().map_or(&r.scopes, |e| &e.scopes)),
        how: r.exchange.is_some().then_some("exchange"),
    });
    grants.chain(exposures).chain(inherits).chain(trusts)
}

fn texts(list: &[Text]) -> Vec<String> {
    list.iter().map(String::from).collect()
}
