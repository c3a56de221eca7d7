//! Text for people.

/// A text without control characters: names come from strangers' files, and a terminal obeys some of them.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Besides control characters those that turn the direction of a line around.
        if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A number and its noun: `1 system`, `1,204 systems`. Nouns that do not take an `s` name their plural.
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_nouns_their_number() {
        for (n, text) in [
            (0, "0 systems"),
            (1, "1 system"),
            (999, "999 systems"),
            (1204, "1,204 systems"),
            (1_000_000, "1,000,000 systems"),
        ] {
            assert_eq!(count(n, "system", "systems"), text);
        }
    }

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c é"), "a\\u{1b}[31mb\\u{202e}c é");
    }
}
