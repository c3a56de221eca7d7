//! Sets of scope patterns, in lists that whoever a policy holds for can share.

use crate::model::{List, Text};
use std::collections::BTreeSet;

/// A set of patterns, most of which is in the lists that statements have for all they hold for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patterns {
    /// Sorted sets; none of them empty or twice.
    shared: Vec<List>,
    /// What is in none of them.
    pub own: BTreeSet<Text>,
}

impl Patterns {
    /// None at all.
    pub const NONE: Self = Self {
        shared: Vec::new(),
        own: BTreeSet::new(),
    };

    /// Adds a list that others may share.
    pub fn add(&mut self, list: &List) {
        let is_it = |known: &List| known.as_ptr() == list.as_ptr() || known == list;
        if !list.is_empty() && !self.shared.iter().any(is_it) {
            self.shared.reserve_exact(1);
            self.shared.push(list.clone());
        }
    }

    /// Adds all of another.
    pub fn add_all(&mut self, other: &Self) {
        other.shared.iter().for_each(|list| self.add(list));
        self.own.extend(other.own.iter().cloned());
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.own.is_empty()
    }

    /// Makes a list of what is in none.
    pub fn share(&mut self) {
        let own: List = std::mem::take(&mut self.own).into_iter().collect();
        self.add(&own);
    }

    /// All of it, as a sorted set.
    pub fn all(&self) -> List {
        united(&self.shared, &self.own)
    }
}

/// The sorted set of what is in some lists that are such sets or among others; one of the lists itself, where that is
/// all.
pub fn united<'l>(lists: impl IntoIterator<Item = &'l List>, others: &'l BTreeSet<Text>) -> List {
    let mut lists = lists.into_iter().filter(|list| !list.is_empty());
    let Some(first) = lists.next() else {
        return others.iter().cloned().collect();
    };
    let mut lists = lists.filter(|list| list.as_ptr() != first.as_ptr()).peekable();
    if lists.peek().is_none() && others.is_empty() {
        return first.clone();
    }
    let all: BTreeSet<&Text> = first.iter().chain(lists.flatten()).chain(others).collect();
    all.into_iter().cloned().collect()
}

/// A sorted set of patterns.
pub fn set(patterns: impl IntoIterator<Item: Into<Text>>) -> List {
    let set: BTreeSet<Text> = patterns.into_iter().map(Into::into).collect();
    set.into_iter().collect()
}

/// The act of a pattern, and what it is on.
pub fn split(pattern: &str) -> (&str, &str) {
    pattern.split_once('@').unwrap_or((pattern, "*"))
}
