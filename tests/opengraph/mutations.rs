//! Broken files never stop the program, and never take the rest of the file with them.

use crate::loading::try_load;
use crate::support::{fixtures, lines, load};

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Words that are worth putting somewhere.
const WORDS: [&str; 12] = [
    "null",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "1e400",
    "99999999999999999999999",
    "true",
    "\"\\ud800\"",
    "{\"a\":",
    "]",
    "\u{0}",
];

fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.remove(at.min(bytes.len().saturating_sub(1)))),
            2 => bytes[at] = dice.next() as u8,
            3 => {
                let word = WORDS[dice.below(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
            4 => {
                let end = (at + dice.below(60)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + dice.below(200)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let nested = "[".repeat(300);
                bytes.splice(at..at, nested.bytes());
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn ten_thousand_mutations_never_panic() {
    let texts: Vec<String> = fixtures()
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("it can be read"))
        .collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut records) = (0, 0);
    for i in 0..10_000 {
        let text = mutate(&texts[i % texts.len()], &mut dice);
        if let Ok(loaded) = try_load(&[&text]) {
            read += 1;
            records += loaded.inventory.records.len();
        }
    }
    assert!(read > 5_000, "only {read} were recognised");
    assert!(records > read * 5, "only {records} records were left in {read} files");
}

#[test]
fn one_broken_element_leaves_all_others() {
    let whole = crate::support::text("sql-and-vault.json");
    let expected = lines(&load(&["sql-and-vault.json"]).inventory);
    let broken = whole.replacen(
        "\"kinds\": [\"OPUser\"], \"properties\": {\"name\": \"Ann\"}",
        "\"kinds\": tru",
        1,
    );
    assert_ne!(broken, whole);
    let loaded = try_load(&[&broken]).expect("it is recognised");
    // The user is a placeholder now, and so is what it is by its edges.
    assert_eq!(lines(&loaded.inventory), expected);
    assert!(!loaded.inputs[0].complete);
}

#[test]
fn a_quote_or_a_brace_too_few_costs_what_it_stands_in() {
    let whole = crate::support::text("sql-and-vault.json");
    let expected = lines(&load(&["sql-and-vault.json"]).inventory);
    for (there, broken) in [
        ("\"id\": \"DB-SHOP\", \"kinds\"", "\"id\": \"DB-SHOP, \"kinds\""),
        ("{\"id\": \"DB-SHOP\"", "\"id\": \"DB-SHOP\""),
        ("\"name\": \"SHOP\"}}", "\"name\": \"SHOP\"}"),
        ("\"edges\": [", "\"edges\": "),
        ("\"nodes\": [", "\"nodes\": [}"),
    ] {
        let text = whole.replacen(there, broken, 1);
        assert_ne!(text, whole, "{there}");
        let loaded = try_load(&[&text]).expect("it is recognised");
        assert!(!loaded.inputs[0].complete, "{there}");
        assert_eq!(lines(&loaded.inventory), expected, "{there}");
    }
}
