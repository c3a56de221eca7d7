//! Several fragments to one inventory: entities united, equal relations one, references checked, relations named.
//! What comes out does not depend on the order of the files, but for conflicts, which say what was kept.

mod entities;
mod lists;
mod names;
mod order;
mod relations;
mod said;
mod unite;

use super::recent::Recent;
use super::{Doing, Progress};
use crate::model::*;
use entities::Unite;
use rayon::prelude::*;
use std::collections::HashMap;

/// Puts fragments together in the order given. Lists come out sorted and without repeats, every reference resolves,
/// every relation has its name. The diagnostics are those of the merge alone, not the fragments' own, in no order.
/// Nothing where it was cancelled.
#[must_use]
pub fn merge(fragments: Vec<(FileId, Fragment)>, progress: &dyn Progress) -> Option<(Inventory, Vec<Diagnostic>)> {
    let goes_on = |step: u64| {
        progress.report(Doing::Joining, step, STEPS);
        (!progress.cancelled()).then_some(())
    };
    goes_on(0)?;
    let mut report = Report::default();
    let mut name = None;
    let mut as_of = None;
    let mut extra = Extra::new();
    let mut known = Known::default();
    let mut all = Records::default();
    let mut load_order = LoadOrder::default();
    for (_, fragment) in fragments {
        name = name.or(fragment.name);
        as_of = as_of.max(fragment.as_of);
        for (key, value) in fragment.extra {
            // Of the documents' own unknown members the first stays.
            extra.or_insert(key, value);
        }
        let records = fragment.records;
        known.admit(records.systems, |all| &mut all.systems, &mut all, &mut report);
        known.admit(records.identities, |all| &mut all.identities, &mut all, &mut report);
        known.admit(records.credentials, |all| &mut all.credentials, &mut all, &mut report);
        load_order.file([
            records.grants.len(),
            records.exposures.len(),
            records.inherits.len(),
            records.trusts.len(),
        ]);
        append(&mut all.grants, records.grants);
        append(&mut all.exposures, records.exposures);
        append(&mut all.inherits, records.inherits);
        append(&mut all.trusts, records.trusts);
    }
    for credential in &mut all.credentials {
        known.check_credential(credential, &mut report);
    }
    for system in &all.systems {
        known.check_issuers(system, &mut report);
    }
    goes_on(1)?;
    let entities = Records {
        systems: entities::unite_all(all.systems, &mut report),
        identities: entities::unite_all(all.identities, &mut report),
        credentials: entities::unite_all(all.credentials, &mut report),
        ..Records::default()
    };
    // From here on it says where each is in the end.
    index(&entities, &mut known.0);
    let ranks = order::Ranks::of(&entities);
    goes_on(2)?;
    let mut unite = unite::Uniting {
        known: &known,
        ranks: &ranks,
        report: &mut report,
        progress,
    };
    let mut relations = names::Relations {
        grants: unite.all(all.grants)?,
        exposures: unite.all(all.exposures)?,
        inherits: unite.all(all.inherits)?,
        trusts: unite.all(all.trusts)?,
    };
    drop(ranks);
    goes_on(4)?;
    names::give(&mut relations, &load_order, &mut report);
    goes_on(5)?;
    let names::Relations {
        grants,
        exposures,
        inherits,
        trusts,
    } = relations;
    // Moving records is work for one thread.
    let (inherits, (grants, (exposures, trusts))) = rayon::join(
        || order::by_name(inherits),
        || {
            let others = || rayon::join(|| order::by_name(exposures), || order::by_name(trusts));
            rayon::join(|| order::by_name(grants), others)
        },
    );
    let records = Records {
        grants,
        exposures,
        inherits,
        trusts,
        ..entities
    };
    goes_on(STEPS)?;
    Some((Inventory::from_indexed(name, as_of, records, extra, known.0), report.0))
}

/// How many steps there are, of which each takes about as long.
const STEPS: u64 = 6;

/// Which relation was loaded before which: by file, then by kind, then by position.
#[derive(Default)]
struct LoadOrder {
    /// For each file, how many of each kind the files up to it hold.
    up_to: Vec<[usize; 4]>,
}

impl LoadOrder {
    fn file(&mut self, counts: [usize; 4]) {
        let before = self.up_to.last().copied().unwrap_or_default();
        self.up_to.push(std::array::from_fn(|kind| before[kind] + counts[kind]));
    }

    /// A key that sorts relations in load order: of the one at `index` in the list of a kind (0 to 3).
    fn of(&self, kind: u8, index: usize) -> (usize, u8, usize) {
        let kinds = usize::from(kind);
        (self.up_to.partition_point(|up_to| up_to[kinds] <= index), kind, index)
    }
}

/// The relations of a kind in load order, some of which were left out or united with another.
struct Listed<R> {
    records: Vec<R>,
    /// Whether the one at each position is there still.
    kept: Vec<bool>,
    /// What sorts each; see [`order::Ranks::key`].
    keys: Vec<u64>,
    /// The beginning of the digest of what each says, where it is known, else 0.
    digests: Vec<u64>,
}

/// The kinds of entity, which share one space of ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EntityKind {
    System,
    Identity,
    Credential,
}

impl EntityKind {
    /// The entity of this kind at a position.
    fn at(self, at: u32) -> EntityIx {
        match self {
            Self::System => EntityIx::System(at),
            Self::Identity => EntityIx::Identity(at),
            Self::Credential => EntityIx::Credential(at),
        }
    }

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

/// Which ids are defined, and by which record first.
#[derive(Default)]
struct Known(Index);

impl From<EntityIx> for EntityKind {
    fn from(at: EntityIx) -> Self {
        match at {
            EntityIx::System(_) => Self::System,
            EntityIx::Identity(_) => Self::Identity,
            EntityIx::Credential(_) => Self::Credential,
        }
    }
}

/// Where an entity that was taken is stated first.
fn first_place(all: &Records, at: EntityIx) -> Option<&Place> {
    match at {
        EntityIx::System(i) => all.systems.get(i as usize).and_then(|r| r.places.first()),
        EntityIx::Identity(i) => all.identities.get(i as usize).and_then(|r| r.places.first()),
        EntityIx::Credential(i) => all.credentials.get(i as usize).and_then(|r| r.places.first()),
    }
}

impl Known {
    /// Takes records whose ids may be used into their list of `all`; reports and drops the others.
    fn admit<E: Unite>(
        &mut self,
        records: Vec<E>,
        list: fn(&mut Records) -> &mut Vec<E>,
        all: &mut Records,
        report: &mut Report,
    ) {
        let mut next = list(all).len() as u32;
        self.0.reserve(records.len());
        let mut records = records;
        // Where they lie: there may be millions of them.
        records.retain(|record| {
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
                return false;
            }
            match self.0.get(id) {
                Some(&at) if EntityKind::from(at) != E::KIND => {
                    let message = format!(
                        "Left out the {} {}: the id is already that of {}; give one of the two another id",
                        E::KIND.noun(),
                        quote(id),
                        EntityKind::from(at).with_article()
                    );
                    report.also("id-of-two-kinds", Level::Error, place, first_place(all, at), message);
                    return false;
                }
                Some(_) => {}
                None => {
                    self.0.insert(record.id().clone(), E::KIND.at(next));
                }
            }
            next += 1;
            true
        });
        append(list(all), records);
    }

    fn is(&self, id: &str, kind: EntityKind) -> bool {
        self.0.get(id).is_some_and(|&at| EntityKind::from(at) == kind)
    }

    /// Why `id` cannot be what one of `kinds` is expected; `None` where it is one.
    fn complaint(&self, id: &str, kinds: &[EntityKind]) -> Option<String> {
        complaint(id, self.0.get(id).copied(), kinds)
    }
}

/// Why what an id stands for cannot be what one of `kinds` is expected; `None` where it is one.
fn complaint(id: &str, found: Option<EntityIx>, kinds: &[EntityKind]) -> Option<String> {
    match found {
        Some(at) if kinds.contains(&at.into()) => None,
        Some(at) => Some(format!(
            "{} is {}, expected {}",
            quote(id),
            EntityKind::from(at).with_article(),
            either(kinds)
        )),
        None => Some(format!(
            "no file defines {} {}; add it, or load the file that does",
            either(kinds),
            quote(id)
        )),
    }
}

/// Finds the entities of ids, of which those that stand beside each other name many alike.
struct Finder<'k> {
    known: &'k Known,
    recent: Recent<Option<EntityIx>>,
}

impl<'k> Finder<'k> {
    fn new(known: &'k Known) -> Self {
        Self {
            known,
            recent: Recent::default(),
        }
    }

    /// The entity of an id of a record that is not changed meanwhile.
    fn find(&mut self, id: &'k Text) -> Option<EntityIx> {
        let lies = (id.as_ptr() as usize, id.len());
        if let Some(found) = self.recent.get(lies) {
            return found;
        }
        let found = self.known.0.get(id).copied();
        self.recent.put(lies, found);
        found
    }

    fn complaint(&mut self, id: &'k Text, kinds: &[EntityKind]) -> Option<String> {
        complaint(id, self.find(id), kinds)
    }
}

impl Known {
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

fn sort_set(list: &mut List) {
    // One that is a set already may be shared and stays so.
    if !list.is_sorted_by(|a, b| a < b) {
        let mut set = list.to_vec();
        set.sort_unstable();
        set.dedup();
        *list = set.into();
    }
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
