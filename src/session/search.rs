//! Finds records by name, id, kind, owner and tag. The index is made when the files are read; a search walks it once.

use super::inspect::look_of;
use super::{Class, words};
use crate::graph::Thing;
use crate::model::{Inventory, Text};

/// One record that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Which.
    pub thing: Thing,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is: `Database · AWS · prod`.
    pub what: String,
    /// Its shape.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
}

/// What is looked in: of each system, identity and credential its name and everything else, in lower case.
#[derive(Debug, Default)]
pub struct SearchIndex {
    entries: Vec<(Thing, String, String)>,
}

impl SearchIndex {
    /// The index of an inventory.
    #[must_use]
    pub fn new(inventory: &Inventory) -> Self {
        let r = &inventory.records;
        let entry = |thing: Thing, name: &str, id: &str, kind: &str, rest: &[Option<&str>], tags: &[Text]| {
            let mut all = format!("{id} {kind}");
            for part in rest.iter().flatten().copied().chain(tags.iter().map(Text::as_str)) {
                all.push(' ');
                all.push_str(part);
            }
            (thing, name.to_lowercase(), all.to_lowercase())
        };
        let mut entries = Vec::with_capacity(r.systems.len() + r.identities.len() + r.credentials.len());
        for (i, s) in r.systems.iter().enumerate() {
            let rest = [s.owner.as_deref(), s.platform.as_deref(), s.environment.as_deref()];
            let kind = s.kind.as_deref().unwrap_or("system");
            let thing = Thing::System(i as u32);
            entries.push(entry(
                thing,
                s.name.as_deref().unwrap_or(&s.id),
                &s.id,
                kind,
                &rest,
                &s.tags,
            ));
        }
        for (i, s) in r.identities.iter().enumerate() {
            let rest = [s.owner.as_deref(), s.platform.as_deref(), s.environment.as_deref()];
            let kind = words::identity_kind(s.kind);
            let thing = Thing::Identity(i as u32);
            entries.push(entry(
                thing,
                s.name.as_deref().unwrap_or(&s.id),
                &s.id,
                kind,
                &rest,
                &s.tags,
            ));
        }
        for (i, c) in r.credentials.iter().enumerate() {
            let rest = [c.owner.as_deref(), c.identity.as_deref(), c.public_id.as_deref()];
            let kind = words::credential_kind(c.kind);
            let thing = Thing::Credential(i as u32);
            entries.push(entry(
                thing,
                c.name.as_deref().unwrap_or(&c.id),
                &c.id,
                kind,
                &rest,
                &c.tags,
            ));
        }
        Self { entries }
    }

    /// The things that have every word of `text`: those whose name begins with it first, then those whose name has it.
    /// At most `most`, and how many there are.
    #[must_use]
    pub fn find(&self, text: &str, most: usize) -> (Vec<Thing>, usize) {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return (Vec::new(), 0);
        }
        let needles: Vec<&str> = text.split_whitespace().collect();
        let mut found: Vec<(u8, usize, &str, Thing)> = self
            .entries
            .iter()
            .filter(|(_, name, rest)| needles.iter().all(|w| name.contains(w) || rest.contains(w)))
            .map(|(thing, name, _)| {
                let rank = match () {
                    () if name.as_str() == text => 0,
                    () if name.starts_with(&text) => 1,
                    () if name.contains(&text) => 2,
                    () => 3,
                };
                (rank, name.len(), name.as_str(), *thing)
            })
            .collect();
        let total = found.len();
        if total > most {
            found.select_nth_unstable(most);
            found.truncate(most);
        }
        found.sort_unstable();
        (found.into_iter().map(|f| f.3).collect(), total)
    }
}

/// What is shown of a thing that was found.
#[must_use]
pub fn found(inventory: &Inventory, thing: Thing, id: String) -> Found {
    let look = look_of(inventory, thing, &id);
    Found {
        thing,
        name: look.name,
        what: super::facts::subtitle(inventory, thing),
        class: look.class,
        icon: look.icon,
        id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> SearchIndex {
        SearchIndex {
            entries: names
                .iter()
                .enumerate()
                .map(|(i, n)| {
                    (
                        Thing::System(i as u32),
                        n.to_lowercase(),
                        format!("sys:{i} database ops"),
                    )
                })
                .collect(),
        }
    }

    #[test]
    fn names_come_before_whatever_else_has_the_words() {
        let index = index(&["ops", "db-ops", "ops-db", "plain"]);
        let things = |text: &str| {
            let (found, total) = index.find(text, 10);
            assert_eq!(found.len(), total);
            found
                .into_iter()
                .map(|t| if let Thing::System(i) = t { i } else { 99 })
                .collect::<Vec<_>>()
        };
        assert_eq!(things("OPS"), [0, 2, 1, 3]);
        assert_eq!(things("db data"), [1, 2]);
        assert_eq!(things("sys:3"), [3]);
        assert_eq!(things("  "), [0u32; 0]);
        assert_eq!(things("nothing"), [0u32; 0]);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_the_best_stay() {
        let names: Vec<String> = (0..50).map(|i| format!("name-{i:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (found, total) = index(&names).find("name", 3);
        assert_eq!(
            (found, total),
            (vec![Thing::System(0), Thing::System(1), Thing::System(2)], 50)
        );
    }
}
