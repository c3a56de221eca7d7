//! Relations are equal when they agree in all but `id`, `last_used_at`, `evidence`, `used_scopes` and `attributes`;
//! equal ones, where not both have ids that differ, are one: the stated id, the later time, the united rest.

use super::*;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash};

/// A relation that can be checked, compared and united.
pub(super) trait Relation: Default + Named + Send + Sync {
    /// What of it is compared, borrowed.
    type Key<'a>: Hash + Eq
    where
        Self: 'a;

    /// Its kind, as messages name it.
    const NOUN: &'static str;

    fn common_mut(&mut self) -> &mut RelationCommon;

    /// Sorts lists, drops repeats.
    fn normalise(&mut self);

    fn key(&self) -> Self::Key<'_>;

    /// What of it is compared, as JSON: keys sorted, defaults left out, lists sorted by their JSON text.
    fn compared(&self) -> String;

    /// Why it must be left out: the code, and the field with what is wrong with it.
    fn complaint(&self, known: &Known) -> Option<(&'static str, String)>;

    /// Takes over of an equal one what only this kind has.
    fn unite_rest(&mut self, other: &mut Self, report: &mut Report);
}

/// The compared flags all kinds share, with their defaults filled in.
type Flags = (bool, bool);

fn flags(common: &RelationCommon) -> Flags {
    (common.is_intended(), common.is_assumed())
}

/// Leaves out what cannot be used and unites what is equal. One that several became stands where the first of them that
/// states its id stood.
pub(super) fn unite_all<R: Relation>(mut records: Vec<R>, known: &Known, report: &mut Report) -> Listed<R> {
    let mut kept = vec![true; records.len()];
    let complaints: Vec<(usize, &'static str, String)> = records
        .par_iter_mut()
        .enumerate()
        .filter_map(|(at, record)| {
            record.normalise();
            let (code, complaint) = record.complaint(known)?;
            Some((at, code, complaint))
        })
        .collect();
    for (at, code, complaint) in complaints {
        kept[at] = false;
        let record = &records[at];
        report.error(
            code,
            record.common().places.first(),
            format!("Left out the {}: {complaint}", called(record)),
        );
    }
    let mut listed = Listed { records, kept };
    for group in equal(&listed) {
        let ids: BTreeSet<Text> = group
            .iter()
            .filter_map(|at| listed.records[*at].common().id.clone())
            .collect();
        // Those without an id join the least one, whatever the order of the files.
        let least = ids.first().cloned();
        let mut by_id: std::collections::BTreeMap<Option<Text>, Vec<usize>> = Default::default();
        for at in group {
            let id = listed.records[at].common().id.clone().or_else(|| least.clone());
            by_id.entry(id).or_default().push(at);
        }
        for (id, members) in by_id {
            unite(id, &members, &mut listed, report);
        }
    }
    listed
}

/// How a message calls a relation.
pub(super) fn called<R: Relation>(record: &R) -> String {
    format!("{} {}", R::NOUN, quote(&record.name().to_string()))
}

/// The positions of what is equal, where it is more than one; groups and their members stand in load order.
fn equal<R: Relation>(listed: &Listed<R>) -> Vec<Vec<usize>> {
    // Millions of relations differ, so their hashes are compared first.
    let hasher = foldhash::fast::RandomState::default();
    let all = listed.records.par_iter().zip(&listed.kept).enumerate();
    let mut hashes: Vec<(u64, u32)> = all
        .filter(|(_, (_, kept))| **kept)
        .map(|(at, (record, _))| (hasher.hash_one(record.key()), at as u32))
        .collect();
    hashes.par_sort_unstable();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for alike in hashes.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let from = groups.len();
        for (_, at) in alike {
            let at = *at as usize;
            let key = listed.records[at].key();
            match groups[from..].iter_mut().find(|g| listed.records[g[0]].key() == key) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups.sort_unstable_by_key(|group| group[0]);
    groups
}

/// Makes one of several, which stand in load order.
fn unite<R: Relation>(id: Option<Text>, members: &[usize], listed: &mut Listed<R>, report: &mut Report) {
    let states = |at: &&usize| id.is_none() || listed.records[**at].common().id == id;
    let (Some(&first), Some(&stays)) = (members.first(), members.iter().find(states)) else {
        return;
    };
    // The first in load order is added to; where it stands is said by the first that states the id.
    for at in members {
        listed.kept[*at] = *at == stays;
    }
    listed.records.swap(first, stays);
    let others: Vec<usize> = members[1..]
        .iter()
        .map(|&at| if at == stays { first } else { at })
        .collect();
    let mut united = std::mem::take(&mut listed.records[stays]);
    united.common_mut().id = id;
    for other in others {
        let mut other = std::mem::take(&mut listed.records[other]);
        united.unite_rest(&mut other, report);
        let noun = called(&united);
        let kept = united.common().places.first().cloned();
        let place = other.common().places.first().cloned();
        let into = united.common_mut();
        let from = std::mem::take(other.common_mut());
        into.last_used_at = into.last_used_at.max(from.last_used_at);
        into.evidence = unite_evidence(into.evidence.take(), from.evidence);
        let mut conflicts = Vec::new();
        unite_members(&mut into.attributes, from.attributes, |key| {
            conflicts.push(format!("attributes.{key}"))
        });
        unite_members(&mut into.extra, from.extra, |key| conflicts.push(key.to_owned()));
        let mut inner = from.inner;
        for (at, extra) in inner.take() {
            let into = into.inner.get_mut().entry(at.clone()).or_default();
            unite_members(into, extra, |key| conflicts.push(format!("{at}.{key}")));
        }
        into.places.extend(from.places);
        for field in conflicts {
            report.also(
                "conflict",
                Level::Conflict,
                place.as_ref(),
                kept.as_ref(),
                format!("Two values for {field} of the {noun}; the first stays, make them agree"),
            );
        }
    }
    listed.records[stays] = united;
}

/// Texts of several sources: their parts, sorted, joined by `; `. One text alone stays as it is.
fn unite_evidence(a: Option<Text>, b: Option<Text>) -> Option<Text> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => {
            let parts: BTreeSet<&str> = a.split("; ").chain(b.split("; ")).collect();
            Some(parts.into_iter().collect::<Vec<_>>().join("; ").into())
        }
        (a, b) => a.or(b),
    }
}

/// A JSON string. Millions of relations are written for their names' sake, so texts are put together and not trees.
fn quoted(text: &str) -> String {
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        return format!("\"{text}\"");
    }
    // Writing a text to memory cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}

fn json_list(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    items.sort_unstable();
    items.dedup();
    format!("[{}]", items.join(","))
}

fn json_texts(items: &[Text]) -> String {
    json_list(items.iter().map(|s| quoted(s)))
}

/// An object of one member.
fn json_one(key: &str, value: &str) -> String {
    format!("{{\"{key}\":{value}}}")
}

/// An object of the members that have a value; keys sorted.
fn json_object(common: &RelationCommon, members: &mut Vec<(&'static str, Option<String>)>) -> String {
    members.push(("assumed", common.is_assumed().then(|| "true".to_owned())));
    members.push(("intended", (!common.is_intended()).then(|| "false".to_owned())));
    members.sort_by_key(|(key, _)| *key);
    let mut out = String::from("{");
    for (key, value) in members.iter() {
        let Some(value) = value else { continue };
        if out.len() > 1 {
            out.push(',');
        }
        out.push('"');
        out.push_str(key);
        out.push_str("\":");
        out.push_str(value);
    }
    out.push('}');
    out
}

fn unless_empty(items: &[Text]) -> Option<String> {
    (!items.is_empty()).then(|| json_texts(items))
}

fn normalise_common(common: &mut RelationCommon) {
    // A default that is stated equals one that is not.
    common.intended = common.intended.filter(|intended| !intended);
    common.assumed = common.assumed.filter(|assumed| *assumed);
}

fn dangling(field: &str, complaint: Option<String>) -> Option<(&'static str, String)> {
    complaint.map(|complaint| ("dangling-reference", format!("{field}: {complaint}")))
}

impl Relation for Grant {
    type Key<'a> = (&'a str, &'a str, &'a [Text], Option<&'a [Text]>, &'a [Text], Flags);

    const NOUN: &'static str = "grant";

    fn common_mut(&mut self) -> &mut RelationCommon {
        &mut self.common
    }

    fn normalise(&mut self) {
        normalise_common(&mut self.common);
        sort_set(&mut self.scopes);
        sort_set(&mut self.except);
        for list in [&mut self.within, &mut self.used_scopes].into_iter().flatten() {
            sort_set(list);
        }
    }

    fn key(&self) -> Self::Key<'_> {
        (
            &self.holder,
            &self.system,
            &self.scopes,
            self.within.as_deref(),
            &self.except,
            flags(&self.common),
        )
    }

    fn compared(&self) -> String {
        json_object(
            &self.common,
            &mut vec![
                ("holder", Some(quoted(&self.holder))),
                ("system", Some(quoted(&self.system))),
                ("scopes", Some(json_texts(&self.scopes))),
                ("within", self.within.as_deref().map(json_texts)),
                ("except", unless_empty(&self.except)),
            ],
        )
    }

    fn complaint(&self, known: &Known) -> Option<(&'static str, String)> {
        let holder = known.complaint(&self.holder, &[EntityKind::Credential, EntityKind::Identity]);
        dangling("holder", holder).or_else(|| dangling("system", known.complaint(&self.system, &[EntityKind::System])))
    }

    fn unite_rest(&mut self, other: &mut Self, _report: &mut Report) {
        if let Some(used) = other.used_scopes.take() {
            let into = self.used_scopes.get_or_insert_default();
            into.extend(used);
            sort_set(into);
        }
    }
}

impl Relation for Exposure {
    type Key<'a> = (&'a ExposureFrom, &'a [Text], &'a Yields, Option<ExposureHow>, Flags);

    const NOUN: &'static str = "exposure";

    fn common_mut(&mut self) -> &mut RelationCommon {
        &mut self.common
    }

    fn normalise(&mut self) {
        normalise_common(&mut self.common);
        sort_set(&mut self.requires);
    }

    fn key(&self) -> Self::Key<'_> {
        (&self.from, &self.requires, &self.yields, self.how, flags(&self.common))
    }

    fn compared(&self) -> String {
        let (from, id) = match &self.from {
            ExposureFrom::System(id) => ("system", id),
            ExposureFrom::Credential(id) => ("credential", id),
            ExposureFrom::Identity(id) => ("identity", id),
        };
        let yields = match &self.yields {
            Yields::Credential(id) => json_one("credential", &quoted(id)),
            Yields::Identity(id) => json_one("identity", &quoted(id)),
            Yields::Context(name) => json_one("context", &quoted(name)),
        };
        json_object(
            &self.common,
            &mut vec![
                (from, Some(quoted(id))),
                ("requires", unless_empty(&self.requires)),
                ("yields", Some(yields)),
                ("how", self.how.map(|how| quoted(how.as_str()))),
            ],
        )
    }

    fn complaint(&self, known: &Known) -> Option<(&'static str, String)> {
        let (field, id, kind) = match &self.from {
            ExposureFrom::System(id) => ("system", id, EntityKind::System),
            ExposureFrom::Credential(id) => ("credential", id, EntityKind::Credential),
            ExposureFrom::Identity(id) => ("identity", id, EntityKind::Identity),
        };
        if kind != EntityKind::System && !self.requires.is_empty() {
            return Some((
                "requires-without-system",
                format!(
                    "requires: only an exposure of a system can require a scope, this one is of {}",
                    kind.with_article()
                ),
            ));
        }
        dangling(field, known.complaint(id, &[kind])).or_else(|| match &self.yields {
            Yields::Credential(id) => dangling("yields", known.complaint(id, &[EntityKind::Credential])),
            Yields::Identity(id) => dangling("yields", known.complaint(id, &[EntityKind::Identity])),
            Yields::Context(_) => None,
        })
    }

    fn unite_rest(&mut self, _other: &mut Self, _report: &mut Report) {}
}

impl Relation for Inherit {
    type Key<'a> = (
        Option<&'a str>,
        &'a str,
        &'a [Requirement],
        Option<&'a [Text]>,
        Option<InheritHow>,
        Flags,
    );

    const NOUN: &'static str = "inherit";

    fn common_mut(&mut self) -> &mut RelationCommon {
        &mut self.common
    }

    fn normalise(&mut self) {
        normalise_common(&mut self.common);
        self.requires_all.sort_unstable();
        self.requires_all.dedup();
        if let Some(list) = &mut self.audiences {
            sort_set(list);
        }
    }

    fn key(&self) -> Self::Key<'_> {
        (
            self.from.as_deref(),
            &self.to,
            &self.requires_all,
            self.audiences.as_deref(),
            self.how,
            flags(&self.common),
        )
    }

    fn compared(&self) -> String {
        let requirement =
            |r: &Requirement| format!("{{\"scope\":{},\"system\":{}}}", quoted(&r.scope), quoted(&r.system));
        json_object(
            &self.common,
            &mut vec![
                ("from", self.from.as_ref().map(|from| quoted(from))),
                ("to", Some(quoted(&self.to))),
                (
                    "requires_all",
                    (!self.requires_all.is_empty()).then(|| json_list(self.requires_all.iter().map(requirement))),
                ),
                ("audiences", self.audiences.as_deref().map(json_texts)),
                ("how", self.how.map(|how| quoted(how.as_str()))),
            ],
        )
    }

    fn complaint(&self, known: &Known) -> Option<(&'static str, String)> {
        if self.how == Some(InheritHow::Membership) {
            if self.from.is_none() {
                return Some((
                    "membership",
                    "from: a membership names who belongs to the group".to_owned(),
                ));
            }
            if !self.requires_all.is_empty() {
                return Some(("membership", "requires_all: a membership requires nothing".to_owned()));
            }
        }
        if self.from.is_none() && self.requires_all.is_empty() {
            return Some((
                "open-inherit",
                "from: an inherit from any identity must say in requires_all what it takes".to_owned(),
            ));
        }
        let from = self
            .from
            .as_deref()
            .and_then(|from| known.complaint(from, &[EntityKind::Identity]));
        dangling("from", from)
            .or_else(|| dangling("to", known.complaint(&self.to, &[EntityKind::Identity])))
            .or_else(|| {
                self.requires_all
                    .iter()
                    .find_map(|r| dangling("requires_all", known.complaint(&r.system, &[EntityKind::System])))
            })
    }

    fn unite_rest(&mut self, _other: &mut Self, _report: &mut Report) {}
}

impl Relation for Trust {
    type Key<'a> = (&'a str, &'a str, &'a [Text], &'a [Text], Option<&'a [Text]>, Flags);

    const NOUN: &'static str = "trust";

    fn common_mut(&mut self) -> &mut RelationCommon {
        &mut self.common
    }

    fn normalise(&mut self) {
        normalise_common(&mut self.common);
        sort_set(&mut self.requires);
        sort_set(&mut self.scopes);
        if let Some(exchange) = &mut self.exchange {
            sort_set(&mut exchange.scopes);
        }
    }

    fn key(&self) -> Self::Key<'_> {
        (
            &self.from,
            &self.to,
            &self.requires,
            &self.scopes,
            self.exchange.as_ref().map(|e| &*e.scopes),
            flags(&self.common),
        )
    }

    fn compared(&self) -> String {
        json_object(
            &self.common,
            &mut vec![
                ("from", Some(quoted(&self.from))),
                ("to", Some(quoted(&self.to))),
                ("requires", unless_empty(&self.requires)),
                ("scopes", Some(json_texts(&self.scopes))),
                (
                    "exchange",
                    self.exchange
                        .as_ref()
                        .map(|e| json_one("scopes", &json_texts(&e.scopes))),
                ),
            ],
        )
    }

    fn complaint(&self, known: &Known) -> Option<(&'static str, String)> {
        dangling("from", known.complaint(&self.from, &[EntityKind::System]))
            .or_else(|| dangling("to", known.complaint(&self.to, &[EntityKind::System])))
    }

    fn unite_rest(&mut self, other: &mut Self, report: &mut Report) {
        let noun = called(self);
        let kept = self.common.places.first().cloned();
        if let (Some(into), Some(from)) = (&mut self.exchange, other.exchange.take()) {
            unite_members(&mut into.extra, from.extra, |key| {
                report.also(
                    "conflict",
                    Level::Conflict,
                    other.common.places.first(),
                    kept.as_ref(),
                    format!("Two values for exchange.{key} of the {noun}; the first stays, make them agree"),
                );
            });
        }
    }
}
