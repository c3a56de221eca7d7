//! What a file says only where the other files say, or do not say, something else: an importer sees one file, and some
//! of its statements hold only as long as nobody knows better.

use super::{FileId, Fragment, Inherit, InheritHow, Place, Records, RelationCommon, Text};
use std::collections::BTreeSet;

/// Whether an entity, in any of the files, states an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When {
    /// Id of the entity.
    pub entity: Text,
    /// Key of the attribute.
    pub attribute: &'static str,
    /// Whether it must be stated or must not.
    pub stated: bool,
}

/// Records that hold where a condition does.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    /// The condition.
    pub when: When,
    /// What holds then.
    pub records: Records,
    /// Who is a member of a group then.
    pub members: Option<Members>,
}

/// Members of a group. There may be as many as there are identities, so inherits are made of them only where they hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    /// Id of the group.
    pub group: Text,
    /// Where the knowledge comes from.
    pub evidence: Text,
    /// Ids of the members, and where each is stated.
    pub all: Vec<(Text, Place)>,
}

impl Members {
    fn inherits(self) -> impl Iterator<Item = Inherit> {
        let Self { group, evidence, all } = self;
        all.into_iter().map(move |(member, place)| Inherit {
            common: RelationCommon {
                evidence: Some(evidence.clone()),
                places: place.into(),
                ..RelationCommon::default()
            },
            from: Some(member),
            to: group.clone(),
            how: Some(InheritHow::Membership),
            ..Inherit::default()
        })
    }
}

/// Decides every conditional record of the fragments, which does not depend on their order: those that hold join the
/// records of their fragment, the others go. Attributes of conditional records themselves decide nothing.
pub fn settle(fragments: &mut [(FileId, Fragment)]) {
    let asked: BTreeSet<(Text, &'static str)> = fragments
        .iter()
        .flat_map(|(_, f)| &f.conditional)
        .map(|c| (c.when.entity.clone(), c.when.attribute))
        .collect();
    if asked.is_empty() {
        return;
    }
    let keys: BTreeSet<&'static str> = asked.iter().map(|(_, key)| *key).collect();
    let mut stated: BTreeSet<(Text, &'static str)> = BTreeSet::new();
    for (_, fragment) in fragments.iter() {
        let records = &fragment.records;
        let entities = records
            .systems
            .iter()
            .map(|r| (&r.id, &r.attributes))
            .chain(records.identities.iter().map(|r| (&r.id, &r.attributes)))
            .chain(records.credentials.iter().map(|r| (&r.id, &r.attributes)));
        for (id, attributes) in entities {
            for key in &keys {
                if attributes.get(key).is_some_and(|v| !v.is_null()) {
                    let found = (id.clone(), *key);
                    if asked.contains(&found) {
                        stated.insert(found);
                    }
                }
            }
        }
    }
    for (_, fragment) in fragments.iter_mut() {
        for conditional in std::mem::take(&mut fragment.conditional) {
            let When {
                entity,
                attribute,
                stated: wanted,
            } = conditional.when;
            if stated.contains(&(entity, attribute)) == wanted {
                fragment.records.append(conditional.records);
                let members = conditional.members.into_iter().flat_map(Members::inherits);
                fragment.records.inherits.extend(members);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;
    use super::*;
    use crate::model::Identity;
    use serde_json::json;

    fn identity(id: &str, attributes: &[&str]) -> Identity {
        Identity {
            id: id.to_owned().into(),
            attributes: attributes.iter().map(|k| ((*k).to_owned(), json!(1))).collect(),
            ..Identity::default()
        }
    }

    fn fragment(identities: &[Identity], conditional: &[(&str, bool, &str)]) -> (FileId, Fragment) {
        let fragment = Fragment {
            records: Records {
                identities: identities.to_vec(),
                ..Records::default()
            },
            conditional: conditional
                .iter()
                .map(|(entity, stated, gives)| Conditional {
                    when: When {
                        entity: (*entity).to_owned().into(),
                        attribute: "known",
                        stated: *stated,
                    },
                    records: Records {
                        identities: vec![identity(gives, &["known"])],
                        ..Records::default()
                    },
                    members: Some(Members {
                        group: "everybody".into(),
                        evidence: "known".into(),
                        all: vec![((*gives).into(), Place::new(FileId(0), "/a"))],
                    }),
                })
                .collect(),
            ..Fragment::default()
        };
        (FileId(0), fragment)
    }

    #[track_caller]
    fn check(fragments: impl Fn() -> Vec<(FileId, Fragment)>, expected: &[&str], members: &[&str]) {
        for reversed in [false, true] {
            let mut settled = fragments();
            if reversed {
                settled.reverse();
            }
            settle(&mut settled);
            let mut ids: Vec<Text> = settled
                .iter()
                .flat_map(|(_, f)| f.records.identities.iter().map(|i| i.id.clone()))
                .collect();
            ids.sort();
            assert_eq!(ids, expected);
            let inherits = settled.iter().flat_map(|(_, f)| &f.records.inherits);
            let mut joined: Vec<Text> = inherits
                .map(|one| {
                    assert_eq!((one.to.as_str(), one.how), ("everybody", Some(InheritHow::Membership)));
                    assert_eq!(one.common.places.len(), 1);
                    one.from.clone().unwrap_or_default()
                })
                .collect();
            joined.sort();
            assert_eq!(joined, members);
            assert!(settled.iter().all(|(_, f)| f.conditional.is_empty()));
        }
    }

    #[test]
    fn what_another_file_states_decides() {
        check(
            || vec![fragment(&[], &[("a", false, "x"), ("a", true, "y")])],
            &["x"],
            &["x"],
        );
        check(
            || {
                vec![
                    fragment(&[], &[("a", false, "x"), ("a", true, "y")]),
                    fragment(&[identity("a", &["known"])], &[]),
                ]
            },
            &["a", "y"],
            &["y"],
        );
        // Another attribute, and an attribute of a record that is itself conditional, say nothing.
        check(
            || {
                vec![
                    fragment(&[identity("a", &["other"])], &[("a", false, "x")]),
                    fragment(&[], &[("b", false, "a"), ("a", true, "z")]),
                ]
            },
            &["a", "a", "x"],
            &["a", "x"],
        );
    }
}
