//! Several fragments to one inventory: entities united, equal relations one, references checked, relations named.
//! What comes out does not depend on the order of the files, but for conflicts, which say what was kept.

mod entities;
mod names;
mod relations;

use super::*;
use entities::Unite;
use relations::Relation;
use std::collections::HashMap;

/// Puts fragments together in the order given. Lists come out sorted and without repeats, every reference resolves,
/// every relation has its name. The diagnostics are those of the merge alone, not the fragments' own, in no order.
#[must_use]
pub fn merge(fragments: Vec<(FileId, Fragment)>) -> (Inventory, Vec<Diagnostic>) {
    let mut report = Report::default();
    let mut name = None;
    let mut as_of = None;
    let mut extra = Extra::new();
    let mut known = Known::default();
    let mut all = Records::default();
    let mut next = 0;
    let (mut grants, mut exposures, mut inherits, mut trusts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (_, fragment) in fragments {
        name = name.or(fragment.name);
        as_of = as_of.max(fragment.as_of);
        for (key, value) in fragment.extra {
            // Of the documents' own unknown members the first stays.
            extra.entry(key).or_insert(value);
        }
        let records = fragment.records;
        known.admit(records.systems, &mut all.systems, &mut report);
        known.admit(records.identities, &mut all.identities, &mut report);
        known.admit(records.credentials, &mut all.credentials, &mut report);
        number(records.grants, &mut grants, &mut next);
        number(records.exposures, &mut exposures, &mut next);
        number(records.inherits, &mut inherits, &mut next);
        number(records.trusts, &mut trusts, &mut next);
    }
    for identity in &mut all.credentials {
        known.check_credential(identity, &mut report);
    }
    for system in &all.systems {
        known.check_issuers(system, &mut report);
    }
    let systems = entities::unite_all(all.systems, &mut report);
    let identities = entities::unite_all(all.identities, &mut report);
    let credentials = entities::unite_all(all.credentials, &mut report);
    let mut grants = relations::unite_all(grants, &known, &mut report);
    let mut exposures = relations::unite_all(exposures, &known, &mut report);
    let mut inherits = relations::unite_all(inherits, &known, &mut report);
    let mut trusts = relations::unite_all(trusts, &known, &mut report);
    names::give(&mut grants, &mut exposures, &mut inherits, &mut trusts, &mut report);
    let records = Records {
        systems,
        identities,
        credentials,
        grants: sorted_by_name(grants),
        exposures: sorted_by_name(exposures),
        inherits: sorted_by_name(inherits),
        trusts: sorted_by_name(trusts),
    };
    (Inventory::from_merged(name, as_of, records, extra), report.0)
}

/// A relation and its position in load order.
struct Numbered<R> {
    seq: u64,
    record: R,
}

fn number<R>(records: Vec<R>, into: &mut Vec<Numbered<R>>, next: &mut u64) {
    into.extend(records.into_iter().map(|record| {
        *next += 1;
        Numbered { seq: *next, record }
    }));
}

fn sorted_by_name<R: Relation>(relations: Vec<Numbered<R>>) -> Vec<R> {
    let mut records: Vec<R> = relations.into_iter().map(|n| n.record).collect();
    records.sort_by(|a, b| a.common().name.cmp(&b.common().name));
    records
}

/// The kinds of entity, which share one space of ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EntityKind {
    System,
    Identity,
    Credential,
}

impl EntityKind {
    fn with_article(self) -> &'static str {
        match self {
            Self::System => "a system",
            Self::Identity => "an identity",
            Self::Credential => "a credential",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Identity => "identity",
            Self::Credential => "credential",
        }
    }
}

/// Which ids are defined, as what, and where first.
#[derive(Default)]
struct Known(HashMap<String, (EntityKind, Option<Place>)>);

impl Known {
    /// Takes records whose ids may be used; reports and drops the others.
    fn admit<E: Unite>(&mut self, records: Vec<E>, into: &mut Vec<E>, report: &mut Report) {
        for record in records {
            let id = record.id();
            let place = record.places().first();
            if id.starts_with("context:") {
                report.error(
                    "reserved-id",
                    place,
                    format!(
                        "Left out the {} {}: ids that begin with \"context:\" name contexts; give it another id",
                        E::KIND.noun(),
                        quote(id)
                    ),
                );
                continue;
            }
            match self.0.get(id) {
                Some((kind, first)) if *kind != E::KIND => {
                    let message = format!(
                        "Left out the {} {}: the id is already that of {}; give one of the two another id",
                        E::KIND.noun(),
                        quote(id),
                        kind.with_article()
                    );
                    report.also("id-of-two-kinds", Level::Error, place, first.as_ref(), message);
                    continue;
                }
                Some(_) => {}
                None => {
                    self.0.insert(id.to_owned(), (E::KIND, place.cloned()));
                }
            }
            into.push(record);
        }
    }

    fn is(&self, id: &str, kind: EntityKind) -> bool {
        self.0.get(id).is_some_and(|(k, _)| *k == kind)
    }

    /// Why `id` cannot be what one of `kinds` is expected; `None` where it is one.
    fn complaint(&self, id: &str, kinds: &[EntityKind]) -> Option<String> {
        match self.0.get(id) {
            Some((kind, _)) if kinds.contains(kind) => None,
            Some((kind, _)) => Some(format!(
                "{} is {}, expected {}",
                quote(id),
                kind.with_article(),
                either(kinds)
            )),
            None => Some(format!(
                "no file defines {} {}; add it, or load the file that does",
                either(kinds),
                quote(id)
            )),
        }
    }

    /// Drops an `identity` or `issuer` that nobody defines. This comes before records are united, so that a file that
    /// names one that exists fills the gap.
    fn check_credential(&self, credential: &mut Credential, report: &mut Report) {
        let fields = [
            ("identity", EntityKind::Identity, &mut credential.identity),
            ("issuer", EntityKind::System, &mut credential.issuer),
        ];
        for (field, kind, value) in fields {
            let Some(complaint) = value.as_deref().and_then(|id| self.complaint(id, &[kind])) else {
                continue;
            };
            report.error(
                "dangling-reference",
                credential.places.first(),
                format!(
                    "Left out the field {field} of credential {}: {complaint}",
                    quote(&credential.id)
                ),
            );
            *value = None;
        }
    }

    /// Says which issuers a system takes that nobody defines. Nothing is left out: no credential can name them.
    fn check_issuers(&self, system: &System, report: &mut Report) {
        for id in system.accepts_issuers.iter().flatten() {
            if !self.is(id, EntityKind::System) {
                report.push(
                    Level::Warning,
                    "unknown-issuer",
                    system.places.first(),
                    format!(
                        "System {} accepts the issuer {}, which is no system of any file; it stays",
                        quote(&system.id),
                        quote(id)
                    ),
                );
            }
        }
    }
}

fn either(kinds: &[EntityKind]) -> String {
    let names: Vec<&str> = kinds.iter().map(|k| k.with_article()).collect();
    names.join(" or ")
}

/// Collects diagnostics.
#[derive(Default)]
struct Report(Vec<Diagnostic>);

impl Report {
    fn push(&mut self, level: Level, code: &'static str, place: Option<&Place>, message: String) {
        self.0.push(Diagnostic {
            level,
            code,
            place: place.cloned(),
            also: Vec::new(),
            message,
        });
    }

    fn error(&mut self, code: &'static str, place: Option<&Place>, message: String) {
        self.push(Level::Error, code, place, message);
    }

    fn also(&mut self, code: &'static str, level: Level, place: Option<&Place>, also: Option<&Place>, message: String) {
        self.0.push(Diagnostic {
            level,
            code,
            place: place.cloned(),
            also: also.cloned().into_iter().collect(),
            message,
        });
    }
}

/// A text as messages show it: in quotes, unprintable characters escaped, long ones cut.
fn quote(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        format!("{text:?}")
    } else {
        let cut: String = text.chars().take(MOST).collect();
        format!("{cut:?}…")
    }
}

fn sort_set<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// Unites members; the first of two different values stays and `conflict` hears the key.
fn unite_members(into: &mut Extra, from: Extra, mut conflict: impl FnMut(&str)) {
    for (key, value) in from {
        if value.is_null() {
            continue;
        }
        match into.get(&key) {
            None => {
                into.insert(key, value);
            }
            Some(kept) if *kept != value => conflict(&key),
            Some(_) => {}
        }
    }
}
