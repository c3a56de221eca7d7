//! Texts that came last, by where they lie: relations of a thing stand beside each other and name it again and again, so
//! most of what comes is known without looking at it.

/// Where something begins, and how long it is.
pub(super) type Lies = (usize, usize);

/// So many are remembered, each in a place of its own.
const PLACES: usize = 64;

/// What is known of those that came last. Whoever asks sees to it that what lies there is still the same.
pub(super) struct Recent<V>([(Lies, V); PLACES]);

impl<V: Copy + Default> Default for Recent<V> {
    fn default() -> Self {
        // Nothing lies at the beginning of all memory.
        Self([((0, 0), V::default()); PLACES])
    }
}

impl<V: Copy> Recent<V> {
    fn place(lies: Lies) -> usize {
        // What lies beside it is some eight bytes away at least.
        (lies.0 >> 3 ^ lies.0 >> 9) % PLACES
    }

    /// What is known of one.
    pub fn get(&self, lies: Lies) -> Option<V> {
        let (known, value) = self.0[Self::place(lies)];
        (known == lies).then_some(value)
    }

    /// Remembers one, in the place of another.
    pub fn put(&mut self, lies: Lies, value: V) {
        self.0[Self::place(lies)] = (lies, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_last_is_known_and_nothing_else() {
        let mut recent = Recent::default();
        assert_eq!(recent.get((64, 20)), None);
        for n in 1..1000 {
            recent.put((n * 8, 20), n);
            assert_eq!(recent.get((n * 8, 20)), Some(n));
            assert_eq!(recent.get((n * 8, 21)), None);
        }
        let known: Vec<usize> = (1..1000).filter_map(|n| recent.get((n * 8, 20))).collect();
        assert!(known.len() > PLACES / 2 && known.len() <= PLACES, "{}", known.len());
        assert!((1..1000).all(|n| recent.get((n * 8, 20)).is_none_or(|value| value == n)));
    }
}
