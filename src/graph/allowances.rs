//! What every grant gives by itself, computed once: real inventories repeat few sets of scopes over many grants.

use super::Csr;
use crate::model::scope::{Allowed, given};
use crate::model::{Aliases, Grant, Text, Word};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The distinct allowances of all grants as the inventory states them, and of whole systems.
#[derive(Debug, Default)]
pub struct Allowances {
    all: Vec<Allowed>,
    index: HashMap<Allowed, u32>,
    /// Which set each grant gives.
    set_of_grant: Vec<u32>,
    sets: Csr,
    /// Distinct texts of scopes, of allowances and of what grants say is used.
    texts: Vec<String>,
    text_index: HashMap<String, u32>,
    text_of_allowed: Vec<u32>,
}

/// What makes two grants give the same.
type Stated<'a> = (&'a [Text], Option<&'a [Text]>, &'a [Text]);

/// Where a list lies, and how long it is.
type Lies = (usize, usize);

/// So many scopes are not compared again with those of the last grant that has them.
const LONG: usize = 32;

fn lies((scopes, within, except): Stated<'_>) -> [Lies; 3] {
    let of = |list: &[Text]| (list.as_ptr() as usize, list.len());
    // Nothing lies at the beginning of all memory.
    [of(scopes), within.map_or((0, 0), of), of(except)]
}

impl Allowances {
    /// The number of the allowance of everything.
    pub const EVERYTHING: u32 = 0;

    pub(super) fn of(grants: &[Grant]) -> Self {
        let mut out = Self::default();
        out.add(Allowed::everything());
        let mut known: HashMap<Stated<'_>, u32> = HashMap::new();
        // Grants share long lists, which are the same where they lie in the same place.
        let mut shared: HashMap<[Lies; 3], u32, RandomState> = HashMap::default();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for grant in grants {
            let next = known.len() as u32;
            let stated: Stated<'_> = (&grant.scopes, grant.within.as_deref(), &grant.except);
            let mut of_known = || *known.entry(stated).or_insert(next);
            let set = match stated.0.len() < LONG {
                true => of_known(),
                false => *shared.entry(lies(stated)).or_insert_with(of_known),
            };
            if set == next {
                let mut numbers: Vec<u32> = given(stated.0, stated.1, stated.2, None)
                    .into_iter()
                    .map(|a| out.add(a))
                    .collect();
                numbers.sort_unstable();
                numbers.dedup();
                pairs.extend(numbers.into_iter().map(|a| (set, a)));
            }
            out.set_of_grant.push(set);
            for used in grant.used_scopes.iter().flatten() {
                out.add_text(used);
            }
        }
        out.sets = Csr::from_pairs(known.len(), &pairs);
        out
    }

    /// The same numbers for the same things under their aliases.
    pub(super) fn aliased(&self, aliases: &Aliases) -> Self {
        let word = |p: &str| aliases.word(Word::Scope, p);
        let all: Vec<Allowed> = self.all.iter().map(|a| a.renamed(&word)).collect();
        let texts: Vec<String> = self.texts.iter().map(|t| aliases.scope(t)).collect();
        Self {
            index: all.iter().cloned().zip(0..).collect(),
            text_index: texts.iter().cloned().zip(0..).collect(),
            all,
            texts,
            set_of_grant: self.set_of_grant.clone(),
            sets: self.sets.clone(),
            text_of_allowed: self.text_of_allowed.clone(),
        }
    }

    fn add(&mut self, allowed: Allowed) -> u32 {
        if let Some(&a) = self.index.get(&allowed) {
            return a;
        }
        let a = self.all.len() as u32;
        let text = self.add_text(&allowed.scope.to_string());
        self.text_of_allowed.push(text);
        self.index.insert(allowed.clone(), a);
        self.all.push(allowed);
        a
    }

    fn add_text(&mut self, text: &str) -> u32 {
        if let Some(&t) = self.text_index.get(text) {
            return t;
        }
        let t = self.texts.len() as u32;
        self.text_index.insert(text.to_owned(), t);
        self.texts.push(text.to_owned());
        t
    }

    /// How many there are; the numbers are those below.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Never: the allowance of everything is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// An allowance by number.
    #[must_use]
    pub fn get(&self, a: u32) -> Option<&Allowed> {
        self.all.get(a as usize)
    }

    /// The number of an allowance.
    #[must_use]
    pub fn find(&self, allowed: &Allowed) -> Option<u32> {
        self.index.get(allowed).copied()
    }

    /// What a grant gives by itself, as the inventory states it: numbers, sorted.
    #[must_use]
    pub fn given(&self, grant: u32) -> &[u32] {
        self.sets.of(self.set_of_grant[grant as usize])
    }

    /// The numbers of a set of allowances, sorted.
    pub(super) fn of_set(&self, set: u32) -> &[u32] {
        self.sets.of(set)
    }

    /// Which set of allowances a grant gives: grants of one set give the same, met with whatever.
    #[must_use]
    pub fn set_of(&self, grant: u32) -> u32 {
        self.set_of_grant[grant as usize]
    }

    /// The number of an allowance's scope text.
    #[must_use]
    pub fn text_of(&self, a: u32) -> u32 {
        self.text_of_allowed[a as usize]
    }

    /// A scope's text by number.
    #[must_use]
    pub fn text(&self, t: u32) -> &str {
        &self.texts[t as usize]
    }

    /// The number of a scope's text, where an allowance has it.
    #[must_use]
    pub fn find_text(&self, text: &str) -> Option<u32> {
        self.text_index.get(text).copied()
    }
}
