//! Relations are equal when they agree in all but `id`, `last_used_at`, `evidence`, `used_scopes` and `attributes`;
//! equal ones, where not both have ids that differ, are one: the stated id, the later time, the united rest.

use super::lists::{Hashes, Sets};
use super::said::{Json, requirements_to};
use super::unite::called;
use super::*;
use foldhash::fast::RandomState;
use std::hash::{BuildHasher, Hash};

/// A relation that can be checked, compared and united.
pub(super) trait Relation: Default + Named + Send + Sync {
    /// What of it is compared, borrowed.
    type Key<'a>: Hash + Eq
    where
        Self: 'a;

    /// Its kind, as messages name it.
    const NOUN: &'static str;

    /// Sorts lists, drops repeats; `sets` are lists that need neither.
    fn normalise(&mut self, sets: &mut Sets);

    fn key(&self) -> Self::Key<'_>;

    /// A hash of its key.
    fn hash(&self, hasher: &RandomState, _lists: &mut Hashes) -> u64 {
        hasher.hash_one(self.key())
    }

    /// Writes what of it is compared behind a text, as JSON: keys sorted, defaults left out, lists sorted by their JSON
    /// text.
    fn compared(&self, out: &mut String);

    /// Whether others are likely to have its name.
    fn shares_name(&self) -> bool {
        false
    }

    /// Why it must be left out: the code, and the field with what is wrong with it.
    fn complaint<'k>(&'k self, known: &mut Finder<'k>) -> Option<(&'static str, String)>;

    /// Whom its name says before the arrow and behind it; nothing where that is no entity.
    fn ends(&self) -> [Option<&Text>; 2];

    /// Takes over of an equal one what only this kind has.
    fn unite_rest(&mut self, other: &mut Self, report: &mut Report);
}

/// The compared flags all kinds share, with their defaults filled in.
type Flags = (bool, bool);

fn flags(common: &RelationCommon) -> Flags {
    (common.is_intended(), common.is_assumed())
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

    fn normalise(&mut self, sets: &mut Sets) {
        normalise_common(&mut self.common);
        sets.sort(&mut self.scopes);
        sets.sort(&mut self.except);
        for list in [&mut self.within, &mut self.used_scopes].into_iter().flatten() {
            sets.sort(list);
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

    fn hash(&self, hasher: &RandomState, lists: &mut Hashes) -> u64 {
        // Thousands may share a list of thousands.
        let (scopes, except) = (lists.of(&self.scopes, hasher), lists.of(&self.except, hasher));
        let within = self.within.as_deref().map(|within| lists.of(within, hasher));
        hasher.hash_one((&self.holder, &self.system, scopes, within, except, flags(&self.common)))
    }

    fn compared(&self, out: &mut String) {
        let mut object = Json::object(out);
        object.assumed(&self.common);
        object.texts_unless_empty("except", &self.except);
        object.text("holder", &self.holder);
        object.intended(&self.common);
        object.texts("scopes", &self.scopes);
        object.text("system", &self.system);
        if let Some(within) = &self.within {
            object.texts("within", within);
        }
        object.end();
    }

    fn complaint<'k>(&'k self, known: &mut Finder<'k>) -> Option<(&'static str, String)> {
        let holder = known.complaint(&self.holder, &[EntityKind::Credential, EntityKind::Identity]);
        dangling("holder", holder).or_else(|| dangling("system", known.complaint(&self.system, &[EntityKind::System])))
    }

    fn ends(&self) -> [Option<&Text>; 2] {
        [Some(&self.holder), Some(&self.system)]
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

    fn normalise(&mut self, sets: &mut Sets) {
        normalise_common(&mut self.common);
        sets.sort(&mut self.requires);
    }

    fn key(&self) -> Self::Key<'_> {
        (&self.from, &self.requires, &self.yields, self.how, flags(&self.common))
    }

    fn compared(&self, out: &mut String) {
        let mut object = Json::object(out);
        object.assumed(&self.common);
        if let ExposureFrom::Credential(id) = &self.from {
            object.text("credential", id);
        }
        if let Some(how) = self.how {
            object.text("how", how.as_str());
        }
        if let ExposureFrom::Identity(id) = &self.from {
            object.text("identity", id);
        }
        object.intended(&self.common);
        object.texts_unless_empty("requires", &self.requires);
        if let ExposureFrom::System(id) = &self.from {
            object.text("system", id);
        }
        let (what, named) = match &self.yields {
            Yields::Credential(id) => ("credential", id),
            Yields::Identity(id) => ("identity", id),
            Yields::Context(name) => ("context", name),
        };
        object.one("yields", what, named);
        object.end();
    }

    fn complaint<'k>(&'k self, known: &mut Finder<'k>) -> Option<(&'static str, String)> {
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

    fn ends(&self) -> [Option<&Text>; 2] {
        let behind = match &self.yields {
            Yields::Credential(id) | Yields::Identity(id) => Some(id),
            Yields::Context(_) => None,
        };
        [Some(self.from.id()), behind]
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

    fn normalise(&mut self, sets: &mut Sets) {
        normalise_common(&mut self.common);
        // One that is a set already may be shared and stays so.
        if !self.requires_all.is_sorted_by(|a, b| a < b) {
            let mut all = self.requires_all.to_vec();
            all.sort_unstable();
            all.dedup();
            self.requires_all = all.into();
        }
        if let Some(list) = &mut self.audiences {
            sets.sort(list);
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

    fn compared(&self, out: &mut String) {
        let mut object = Json::object(out);
        object.assumed(&self.common);
        if let Some(audiences) = &self.audiences {
            object.texts("audiences", audiences);
        }
        if let Some(from) = &self.from {
            object.text("from", from);
        }
        if let Some(how) = self.how {
            object.text("how", how.as_str());
        }
        object.intended(&self.common);
        if !self.requires_all.is_empty() {
            requirements_to(object.member("requires_all"), &self.requires_all);
        }
        object.text("to", &self.to);
        object.end();
    }

    fn shares_name(&self) -> bool {
        // There are as many ways to become somebody.
        self.from.is_none()
    }

    fn complaint<'k>(&'k self, known: &mut Finder<'k>) -> Option<(&'static str, String)> {
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
            .as_ref()
            .and_then(|from| known.complaint(from, &[EntityKind::Identity]));
        dangling("from", from)
            .or_else(|| dangling("to", known.complaint(&self.to, &[EntityKind::Identity])))
            .or_else(|| {
                self.requires_all
                    .iter()
                    .find_map(|r| dangling("requires_all", known.complaint(&r.system, &[EntityKind::System])))
            })
    }

    fn ends(&self) -> [Option<&Text>; 2] {
        [self.from.as_ref(), Some(&self.to)]
    }

    fn unite_rest(&mut self, _other: &mut Self, _report: &mut Report) {}
}

impl Relation for Trust {
    type Key<'a> = (&'a str, &'a str, &'a [Text], &'a [Text], Option<&'a [Text]>, Flags);

    const NOUN: &'static str = "trust";

    fn normalise(&mut self, sets: &mut Sets) {
        normalise_common(&mut self.common);
        sets.sort(&mut self.requires);
        sets.sort(&mut self.scopes);
        if let Some(exchange) = &mut self.exchange {
            sets.sort(&mut exchange.scopes);
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

    fn compared(&self, out: &mut String) {
        let mut object = Json::object(out);
        object.assumed(&self.common);
        if let Some(exchange) = &self.exchange {
            let mut inner = Json::object(object.member("exchange"));
            inner.texts("scopes", &exchange.scopes);
            inner.end();
        }
        object.text("from", &self.from);
        object.intended(&self.common);
        object.texts_unless_empty("requires", &self.requires);
        object.texts("scopes", &self.scopes);
        object.text("to", &self.to);
        object.end();
    }

    fn complaint<'k>(&'k self, known: &mut Finder<'k>) -> Option<(&'static str, String)> {
        dangling("from", known.complaint(&self.from, &[EntityKind::System]))
            .or_else(|| dangling("to", known.complaint(&self.to, &[EntityKind::System])))
    }

    fn ends(&self) -> [Option<&Text>; 2] {
        [Some(&self.from), Some(&self.to)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What is compared, from trees: the members that have a value, lists sorted by their JSON text.
    fn oracle(members: &[(&str, Value)]) -> String {
        fn sorted(value: &Value) -> Value {
            match value {
                Value::Array(items) => {
                    let mut items: Vec<Value> = items.iter().map(sorted).collect();
                    items.sort_by_key(Value::to_string);
                    items.dedup();
                    items.into()
                }
                Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), sorted(v))).collect(),
                other => other.clone(),
            }
        }
        let there = members.iter().filter(|(_, value)| !value.is_null());
        let object: serde_json::Map<String, Value> = there.map(|(k, v)| ((*k).to_owned(), sorted(v))).collect();
        Value::Object(object).to_string()
    }

    fn compared<R: Relation>(record: &R) -> String {
        let mut out = String::new();
        record.compared(&mut out);
        out
    }

    #[test]
    fn what_is_compared_is_json_with_sorted_keys_and_lists() {
        let lists: [&[&str]; 6] = [
            &[],
            &["read"],
            &["read", "read:all", "reader"],
            &["a", "a b", "a!", "a\"b", "a#"],
            &["b\\", "a\u{1}", "é", "e", "e"],
            &["z", "a"],
        ];
        let unless_empty = |list: &[&str]| (!list.is_empty()).then(|| json!(list));
        for (n, list) in lists.into_iter().enumerate() {
            for intended in [None, Some(true), Some(false)] {
                let other = lists[(n + 1) % lists.len()];
                let common = RelationCommon {
                    intended,
                    assumed: (n % 2 == 0).then_some(true),
                    ..RelationCommon::default()
                };
                let flags = [
                    ("assumed", json!((n % 2 == 0).then_some(true))),
                    ("intended", json!(intended.filter(|i| !i))),
                ];
                let said = |members: Vec<(&'static str, Value)>| oracle(&[members.as_slice(), &flags].concat());
                let grant = Grant {
                    common: common.clone(),
                    holder: "the \"key\"".into(),
                    system: "vault".into(),
                    scopes: list.to_vec().into(),
                    within: (n > 2).then(|| other.to_vec().into()),
                    except: other.to_vec().into(),
                    ..Grant::default()
                };
                let members = vec![
                    ("holder", json!("the \"key\"")),
                    ("system", json!("vault")),
                    ("scopes", json!(list)),
                    ("within", json!((n > 2).then_some(other))),
                    ("except", json!(unless_empty(other))),
                ];
                assert_eq!(compared(&grant), said(members));
                let (from, yields, at) = match n % 3 {
                    0 => (
                        ExposureFrom::System("s".into()),
                        Yields::Context("c\n".into()),
                        ("system", "context", "c\n"),
                    ),
                    1 => {
                        let from = ExposureFrom::Identity("s".into());
                        (from, Yields::Credential("c".into()), ("identity", "credential", "c"))
                    }
                    _ => {
                        let from = ExposureFrom::Credential("s".into());
                        (from, Yields::Identity("c".into()), ("credential", "identity", "c"))
                    }
                };
                let exposure = Exposure {
                    common: common.clone(),
                    from,
                    requires: list.to_vec().into(),
                    yields,
                    how: Some(ExposureHow::Mounted),
                };
                let members = vec![
                    (at.0, json!("s")),
                    ("requires", json!(unless_empty(list))),
                    ("yields", json!({ at.1: at.2 })),
                    ("how", json!("mounted")),
                ];
                assert_eq!(compared(&exposure), said(members));
                let all = |list: &[&str]| -> Vec<(String, String)> {
                    let pairs = list.iter().zip(list.iter().rev());
                    pairs.map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
                };
                let requirement = |(system, scope): (String, String)| Requirement {
                    system: system.into(),
                    scope: scope.into(),
                };
                let inherit = Inherit {
                    common: common.clone(),
                    from: (n > 1).then(|| "a b".into()),
                    to: "c".into(),
                    requires_all: all(list).into_iter().map(requirement).collect(),
                    audiences: (n > 3).then(|| other.to_vec().into()),
                    how: (n > 2).then_some(InheritHow::AssumeRole),
                };
                let requirements: Vec<Value> = all(list)
                    .into_iter()
                    .map(|(system, scope)| json!({"system": system, "scope": scope}))
                    .collect();
                let members = vec![
                    ("from", json!((n > 1).then_some("a b"))),
                    ("to", json!("c")),
                    ("requires_all", json!((n > 0).then_some(requirements))),
                    ("audiences", json!((n > 3).then_some(other))),
                    ("how", json!((n > 2).then_some("assume-role"))),
                ];
                assert_eq!(compared(&inherit), said(members));
                let trust = Trust {
                    common,
                    from: "a".into(),
                    to: "b".into(),
                    requires: list.to_vec().into(),
                    scopes: other.to_vec().into(),
                    exchange: (n > 2).then(|| Exchange {
                        scopes: list.to_vec().into(),
                        extra: Extra::new(),
                    }),
                };
                let members = vec![
                    ("from", json!("a")),
                    ("to", json!("b")),
                    ("requires", json!(unless_empty(list))),
                    ("scopes", json!(other)),
                    ("exchange", json!((n > 2).then(|| json!({ "scopes": list })))),
                ];
                assert_eq!(compared(&trust), said(members));
            }
        }
    }
}
