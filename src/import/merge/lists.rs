//! Long lists that many relations share are looked at once, not with each of them. What is remembered is where they
//! lie, so they must stay while it is.

use super::*;
use foldhash::fast::RandomState;
use std::hash::BuildHasher;

/// A list that is shorter is looked at again in less time.
const LONG: usize = 32;

fn lies(list: &[Text]) -> (usize, usize) {
    (list.as_ptr() as usize, list.len())
}

/// Makes sorted sets of lists.
#[derive(Default)]
pub(super) struct Sets(Recent<()>);

impl Sets {
    /// Sorts a list and drops repeats. One that is a set already is left as it is, and must stay so.
    pub fn sort(&mut self, list: &mut List) {
        let here = lies(list);
        let is_long = list.len() >= LONG;
        if is_long && self.0.get(here).is_some() {
            return;
        }
        sort_set(list);
        // One that was sorted now lies elsewhere, and perhaps nobody else has it.
        if is_long && lies(list) == here {
            self.0.put(here, ());
        }
    }
}

/// Hashes of lists, of one hasher.
#[derive(Default)]
pub(super) struct Hashes(Recent<u64>);

impl Hashes {
    /// The hash of a list.
    pub fn of(&mut self, list: &[Text], hasher: &RandomState) -> u64 {
        if list.len() < LONG {
            return hasher.hash_one(list);
        }
        let here = lies(list);
        self.0.get(here).unwrap_or_else(|| {
            let hash = hasher.hash_one(list);
            self.0.put(here, hash);
            hash
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: usize, turned: bool) -> List {
        let text = |n: usize| Text::from(format!("scope {n:03}"));
        let texts: Vec<Text> = (0..count).map(text).collect();
        if turned {
            texts.into_iter().rev().collect()
        } else {
            texts.into()
        }
    }

    #[test]
    fn lists_become_sets_whoever_shares_them() {
        for count in [0, 1, 2, LONG - 1, LONG, 3 * LONG] {
            let mut sets = Sets::default();
            let (sorted, turned) = (numbered(count, false), numbered(count, true));
            let mut lists = [sorted.clone(), turned.clone(), sorted.clone(), turned.clone(), turned];
            lists.iter_mut().for_each(|list| sets.sort(list));
            assert!(lists.iter().all(|list| *list == sorted), "{lists:?}");
            assert!(count < LONG || lists[2].as_ptr() == sorted.as_ptr(), "{count}");
        }
    }

    #[test]
    fn equal_lists_have_equal_hashes_and_others_others() {
        let hasher = RandomState::default();
        let mut hashes = Hashes::default();
        for count in [0, 2, LONG, 100 * LONG] {
            let list = numbered(count, false);
            let again: List = list.to_vec().into();
            let other = numbered(count + 1, false);
            let of = |hashes: &mut Hashes, list: &List| hashes.of(list, &hasher);
            let first = of(&mut hashes, &list);
            assert_eq!(first, of(&mut hashes, &list));
            assert_eq!(first, of(&mut hashes, &again));
            assert_ne!(first, of(&mut hashes, &other));
            assert_eq!(first, of(&mut Hashes::default(), &again));
        }
    }
}
