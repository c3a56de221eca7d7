//! Hash maps over small numbers. Keys are indices that this program gave, so no stranger chooses them and a plain
//! multiplication spreads them well enough; the standard hasher costs several times as much.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash map whose keys hold nothing but numbers of our own. Its order of iteration means nothing.
pub type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<IndexHasher>>;

/// Mixes numbers by multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexHasher(u64);

impl IndexHasher {
    fn add(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }
}

impl Hasher for IndexHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..part.len()].copy_from_slice(part);
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.add(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.add(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.add(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.add(n as u64);
    }

    fn finish(&self) -> u64 {
        // The map looks at the lowest and the highest bits; multiplication fills the highest.
        self.0.rotate_left(26)
    }
}
