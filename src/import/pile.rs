//! Records in the making. A file gives millions of them, and a list that grows is moved again and again, old and new
//! side by side; here it grows by pieces, and what records say alike is kept once from the beginning.

use super::Counts;
use super::share::Met;
use crate::model::{Credential, Exposure, Grant, Identity, Inherit, Packed, Records, System, Text, Trust};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// A list in the making.
#[derive(Debug)]
pub struct Pile<R> {
    full: Vec<Vec<R>>,
    /// How many are in those.
    before: usize,
    open: Vec<R>,
}

/// A piece holds at most so many.
const PIECE: usize = 4096;

impl<R> Default for Pile<R> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            before: 0,
            open: Vec::new(),
        }
    }
}

impl<R> Pile<R> {
    /// Nothing yet, with room for so many, that need not be moved again when they are all there. Room that is not used
    /// costs nothing.
    pub fn with_room(count: usize) -> Self {
        Self {
            open: Vec::with_capacity(count),
            ..Self::default()
        }
    }

    /// Makes room for so many more, that need not be moved again when they are all there.
    pub fn reserve(&mut self, more: usize) {
        let before = std::mem::take(self);
        *self = Self::with_room(before.len() + more);
        self.absorb(before);
    }

    /// Adds one behind the others.
    pub fn push(&mut self, one: R) {
        if self.open.len() == self.open.capacity() {
            let next = (self.open.len() * 2).clamp(8, PIECE);
            self.close(next);
        }
        self.open.push(one);
    }

    /// Adds those of a list, which are not moved where there are many.
    pub fn append(&mut self, mut others: Vec<R>) {
        if others.len() < PIECE / 8 || self.open.capacity() - self.open.len() >= others.len() {
            return self.extend(others);
        }
        self.close(0);
        others.shrink_to_fit();
        self.before += others.len();
        self.full.push(others);
    }

    /// Adds those of another.
    pub fn absorb(&mut self, others: Self) {
        if self.len() == 0 && self.open.capacity() < others.open.capacity() {
            *self = others;
            return;
        }
        others
            .full
            .into_iter()
            .chain([others.open])
            .for_each(|some| self.append(some));
    }

    /// Keeps those that a test keeps.
    pub fn retain(&mut self, mut keep: impl FnMut(&R) -> bool) {
        for piece in self.full.iter_mut().chain([&mut self.open]) {
            piece.retain(&mut keep);
        }
        self.before = self.full.iter().map(Vec::len).sum();
    }

    fn close(&mut self, next: usize) {
        let full = std::mem::replace(&mut self.open, Vec::with_capacity(next));
        if !full.is_empty() {
            self.before += full.len();
            self.full.push(full);
        }
    }

    /// Adds those of another, which are moved here one by one: what other threads have made is best let go by and by,
    /// for they make more in the same room.
    pub fn take_over(&mut self, others: Self) {
        others
            .full
            .into_iter()
            .chain([others.open])
            .for_each(|some| self.extend(some));
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.pieces().flatten()
    }

    /// All of them, in order, as the lists they lie in.
    pub fn pieces(&self) -> impl Iterator<Item = &[R]> {
        self.full.iter().chain([&self.open]).map(Vec::as_slice)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.before + self.open.len()
    }

    /// All of them as a list. Every piece is let go once it is moved.
    pub fn into_list(mut self) -> Vec<R> {
        self.close(0);
        let count = self.before;
        let mut pieces = self.full.into_iter();
        let mut list = match pieces.next() {
            None => return Vec::new(),
            Some(first) if first.len() == count => return first,
            Some(first) => {
                let mut list = Vec::with_capacity(count);
                list.extend(first);
                list
            }
        };
        pieces.for_each(|some| list.extend(some));
        list
    }
}

impl<R> FromIterator<R> for Pile<R> {
    fn from_iter<I: IntoIterator<Item = R>>(all: I) -> Self {
        let mut pile = Self::default();
        pile.extend(all);
        pile
    }
}

impl<R> Extend<R> for Pile<R> {
    fn extend<I: IntoIterator<Item = R>>(&mut self, others: I) {
        others.into_iter().for_each(|one| self.push(one));
    }
}

/// Records in the making, of all kinds.
#[derive(Default)]
pub struct Making {
    systems: Pile<System>,
    identities: Pile<Identity>,
    credentials: Pile<Credential>,
    grants: Pile<Grant>,
    exposures: Pile<Exposure>,
    inherits: Pile<Inherit>,
    trusts: Pile<Trust>,
    met: Met<'static>,
    /// Values that are kept as JSON and come again.
    packed: HashMap<Text, Packed, RandomState>,
}

impl Making {
    /// Makes room for so many more records: the more of them there are, the longer it takes to move them.
    pub fn make_room(&mut self, more: Counts) {
        let room = |more: u64| usize::try_from(more).unwrap_or(usize::MAX);
        self.systems.reserve(room(more.systems));
        self.identities.reserve(room(more.identities));
        self.credentials.reserve(room(more.credentials));
        self.grants.reserve(room(more.grants));
        self.exposures.reserve(room(more.exposures));
        self.inherits.reserve(room(more.inherits));
        self.trusts.reserve(room(more.trusts));
    }

    /// A value as JSON, which many records have and which is kept once; it must hold no secret.
    pub fn packed(&mut self, json: Text) -> Packed {
        let of = |json: &Text| Packed::new(json.clone());
        self.packed.entry(json).or_insert_with_key(of).clone()
    }

    /// Adds a system.
    pub fn system(&mut self, mut one: System) {
        self.met.system(&mut one);
        self.systems.push(one);
    }

    /// Adds an identity.
    pub fn identity(&mut self, mut one: Identity) {
        self.met.identity(&mut one);
        self.identities.push(one);
    }

    /// Adds a credential.
    pub fn credential(&mut self, mut one: Credential) {
        self.met.credential(&mut one);
        self.credentials.push(one);
    }

    /// Adds a grant.
    pub fn grant(&mut self, mut one: Grant) {
        self.met.grant(&mut one);
        self.grants.push(one);
    }

    /// Adds an exposure.
    pub fn exposure(&mut self, mut one: Exposure) {
        self.met.exposure(&mut one);
        self.exposures.push(one);
    }

    /// Adds an inherit.
    pub fn inherit(&mut self, mut one: Inherit) {
        self.met.inherit(&mut one);
        self.inherits.push(one);
    }

    /// Adds inherits as they are.
    pub fn written(&mut self, some: Vec<Inherit>) {
        self.inherits.extend(some);
    }

    /// Makes room for so many more inherits. Room that is not used costs nothing.
    pub fn expect_inherits(&mut self, more: usize) {
        self.inherits.reserve(more);
    }

    /// Adds a trust.
    pub fn trust(&mut self, mut one: Trust) {
        self.met.trust(&mut one);
        self.trusts.push(one);
    }

    /// Adds what was made elsewhere, behind what is here; see [`Pile::take_over`].
    pub fn take_over(&mut self, other: Self) {
        self.systems.take_over(other.systems);
        self.identities.take_over(other.identities);
        self.credentials.take_over(other.credentials);
        self.grants.take_over(other.grants);
        self.exposures.take_over(other.exposures);
        self.inherits.take_over(other.inherits);
        self.trusts.take_over(other.trusts);
    }

    /// How many identities there are.
    pub fn identities(&self) -> usize {
        self.identities.len()
    }

    /// Keeps the entities that tests keep, by their ids; the one for identities hears their positions too.
    pub fn retain_entities(&mut self, mut keep: impl FnMut(&Text, Option<usize>) -> bool) {
        self.systems.retain(|one| keep(&one.id, None));
        let mut at = 0..;
        self.identities.retain(|one| keep(&one.id, at.next()));
        self.credentials.retain(|one| keep(&one.id, None));
    }

    /// All of them.
    pub fn finish(self) -> Records {
        Records {
            systems: self.systems.into_list(),
            identities: self.identities.into_list(),
            credentials: self.credentials.into_list(),
            grants: self.grants.into_list(),
            exposures: self.exposures.into_list(),
            inherits: self.inherits.into_list(),
            trusts: self.trusts.into_list(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_is_a_list_in_the_order_in_which_it_was_made() {
        let mut pile = Pile::default();
        let mut list = Vec::new();
        let mut next = 0..;
        for (pushed, appended) in [(3, 0), (0, 5000), (9000, 10), (1, 1024), (0, 0)] {
            for n in next.by_ref().take(pushed) {
                pile.push(n);
                list.push(n);
            }
            let some: Vec<i32> = next.by_ref().take(appended).collect();
            list.extend(&some);
            pile.append(some);
        }
        assert!(pile.iter().eq(&list));
        assert_eq!(pile.len(), list.len());
        let mut other = Pile::default();
        other.extend(next.take(5));
        list.extend(list.len() as i32..list.len() as i32 + 5);
        pile.absorb(other);
        let made = pile.into_list();
        assert_eq!(made, list);
        let mut roomy = Pile::with_room(20_000);
        (0..3).for_each(|n| roomy.append(vec![n; 5000]));
        roomy.absorb(Pile::default());
        let begins = roomy.pieces().last().map(<[i32]>::as_ptr);
        let made = roomy.into_list();
        assert_eq!((made.len(), Some(made.as_ptr())), (15_000, begins));
        assert!(Pile::<u8>::default().into_list().is_empty());
    }

    #[test]
    fn what_is_not_kept_of_a_pile_is_gone() {
        let mut pile = Pile::default();
        pile.extend(0..10_000);
        pile.append((10_000..12_000).collect());
        pile.retain(|n| n % 3 > 0);
        pile.push(3);
        let mut list: Vec<i32> = (0..12_000).filter(|n| n % 3 > 0).collect();
        list.push(3);
        assert_eq!(pile.len(), list.len());
        assert!(pile.into_list() == list);
    }

    #[test]
    fn what_records_say_alike_is_kept_once() {
        let grant = |n: usize| Grant {
            holder: format!("a holder with a long name, number {n}").into(),
            scopes: vec!["contents:read@example/*".to_owned()].into(),
            ..Grant::default()
        };
        let mut making = Making::default();
        let mut other = Making::default();
        (0..3).for_each(|n| making.grant(grant(n)));
        (3..5).for_each(|n| other.grant(grant(n)));
        making.take_over(other);
        let records = making.finish();
        assert_eq!(records.grants, (0..5).map(grant).collect::<Vec<_>>());
        let at = |n: usize| records.grants[n].scopes.as_ptr();
        assert_eq!(at(0), at(2));
        assert_eq!(at(3), at(4));
    }
}
