//! Broken files: texts with a few things wrong by chance, the same in every run. No importer may panic, and what is not
//! hit should still be read.

use super::file;
use trustmap::import::{IMPORTERS, Input, LoadOptions, Peek, Unheard, load_sources};
use trustmap::model::FileId;

/// How many broken files each format is tried with.
pub const ROUNDS: usize = 10_000;

/// Numbers of a fixed series.
pub struct Dice(u64);

impl Dice {
    /// A series.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// What is worth putting somewhere: other types, huge numbers, halves of things, nesting, another line.
const ODD: [&[u8]; 24] = [
    b"null",
    b"{}",
    b"[]",
    b"\"\"",
    b"\"",
    b"\\",
    b"-1",
    b"1e400",
    b"-1e999",
    b"99999999999999999999999",
    b"true",
    b"\"\\ud800\"",
    b"{\"a\":",
    b"[[[[[[[[",
    b"]",
    b"}",
    b",",
    b": ",
    b"\n- ",
    b"---\n",
    b"\n",
    b"\0",
    b"\xff",
    "é".as_bytes(),
];

/// A text with a few things wrong.
pub fn mutated(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        let end = (at + dice.below(60)).min(bytes.len());
        match dice.below(7) {
            0 => bytes.truncate(at.max(1)),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..end, ODD[dice.below(ODD.len())].iter().copied())),
            3 => drop(bytes.splice(at..at, ODD[dice.below(ODD.len())].iter().copied())),
            4 => {
                // A value, or half of one, of another place.
                let part = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, part);
            }
            5 => drop(bytes.splice(at..at, "[".repeat(300).bytes())),
            _ => bytes[at] = dice.below(256) as u8,
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// Reads 10,000 broken forms of some files with one importer, every tenth to the end. The rest of a file must not go
/// with what is hit: of the whole files' records this share, in hundredths, must be left on the average.
#[track_caller]
pub fn check_mutations(format: &str, files: &[(String, String)], share_left: usize) {
    let importer = IMPORTERS.iter().find(|i| i.name() == format).expect("the importer");
    let options = LoadOptions {
        format: Some(format.to_owned()),
        keep_going: true,
    };
    let load = |name: &str, bytes: &[u8]| {
        let loaded = load_sources(&[file(name, bytes)], &options, &Unheard).expect("it goes on");
        loaded.inventory.records.len()
    };
    assert!(!files.is_empty(), "{format} has no fixture");
    let whole: Vec<usize> = files.iter().map(|(name, text)| load(name, text.as_bytes())).collect();
    let mut dice = Dice::new(files.len() as u64);
    let (mut left, mut of) = (0, 0);
    for i in 0..ROUNDS {
        let (name, text) = &files[i % files.len()];
        let bytes = mutated(text, &mut dice);
        let decoded = String::from_utf8_lossy(&bytes);
        let _ = importer.recognise(&Peek::new(name, &decoded));
        importer.read(&Input::new(name, FileId(0), &decoded, &Unheard));
        if i % 10 == i / 10 % 10 {
            left += load(name, &bytes);
            of += whole[i % files.len()];
        }
    }
    assert!(
        left * 100 >= of * share_left,
        "{format}: of {of} records {left} are left, {} in 100",
        left * 100 / of.max(1)
    );
}
