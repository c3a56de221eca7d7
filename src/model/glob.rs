//! Wildcards of the platforms: `*` for any run of characters, `?` for one. The inventory's own patterns ([`super::scope`])
//! know the star alone.

use std::collections::BTreeMap;

/// Whether a pattern with `*` and `?` matches a text, upper and lower case told apart.
pub fn matches(pattern: &str, text: &str) -> bool {
    if pattern.is_ascii() && text.is_ascii() {
        return matches_units(pattern.as_bytes(), text.as_bytes(), b'*', b'?');
    }
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    matches_units(&p, &t, '*', '?')
}

fn matches_units<U: PartialEq + Copy>(p: &[U], t: &[U], any: U, one: U) -> bool {
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < t.len() {
        if i < p.len() && p[i] == any {
            back = Some((i, j));
            i += 1;
        } else if i < p.len() && (p[i] == one || p[i] == t[j]) {
            i += 1;
            j += 1;
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            i = star + 1;
            j = from + 1;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|c| *c == any)
}

/// Whether a text has a wildcard.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// What stands before the first wildcard.
pub fn literal_prefix(pattern: &str) -> &str {
    &pattern[..pattern.find(['*', '?']).unwrap_or(pattern.len())]
}

/// Whether everything that `narrow` matches is matched by `wide`; may say no where it is so.
pub fn covers(wide: &str, narrow: &str) -> bool {
    // A text in which `*` and `?` are ordinary characters that only a wildcard of `wide` can match: what matches it
    // literally matches all of its instances, but for a `?` that meets a `*`.
    if narrow.contains('*') && wide.contains('?') {
        return wide == narrow;
    }
    matches(wide, narrow) && !(is_pattern(narrow) && !wide.contains('*') && wide != narrow)
}

/// Patterns by what they start with, so that a text meets only those it may match.
pub struct ByPrefix<'p> {
    by_prefix: BTreeMap<&'p str, Vec<&'p str>>,
    longest: usize,
}

impl<'p> ByPrefix<'p> {
    /// Of these patterns.
    pub fn new(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut by_prefix: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for pattern in patterns {
            by_prefix.entry(literal_prefix(pattern)).or_default().push(pattern);
        }
        let longest = by_prefix.keys().map(|p| p.len()).max().unwrap_or(0);
        Self { by_prefix, longest }
    }

    /// Those whose beginning is that of a literal text: what may match it, to be tried.
    pub fn candidates<'s>(&'s self, literal: &'s str) -> impl Iterator<Item = &'p str> + 's {
        (0..=literal.len().min(self.longest))
            .filter(|n| literal.is_char_boundary(*n))
            .filter_map(|n| self.by_prefix.get(&literal[..n]))
            .flatten()
            .copied()
    }

    /// Those that match a text.
    pub fn matching<'s>(&'s self, text: &'s str) -> impl Iterator<Item = &'p str> + 's {
        self.candidates(text).filter(move |pattern| matches(pattern, text))
    }

    /// Those that match all that a pattern matches.
    pub fn covering<'s>(&'s self, narrow: &'s str) -> impl Iterator<Item = &'p str> + 's {
        self.candidates(literal_prefix(narrow))
            .filter(move |wide| covers(wide, narrow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("repo:org/*", "repo:org/x:ref:refs/heads/main", true),
            ("repo:org/*", "repo:organisation/x", false),
            ("repo:Org/*", "repo:org/x", false),
            ("name-??????", "name-AbCdEf", true),
            ("name-??????", "name-AbCdE", false),
            ("*", "", true),
            ("a*b*c", "abbc", true),
            ("a*b*c", "abb", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn wide_patterns_cover_narrow_ones() {
        for (wide, narrow, expected) in [
            ("repo:o/*", "repo:o/r:*", true),
            ("*", "repo:*", true),
            ("repo:o/r:*", "repo:o/*", false),
            ("repo:o/?", "repo:o/*", false),
            ("a", "a", true),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }
    #[test]
    fn patterns_found_by_their_beginning_are_those_that_match() {
        let patterns = ["*", "repo:a/*", "repo:b/*", "repo:é/*", "?epo:a/x", "repo:a/x", ""];
        let sorted = ByPrefix::new(patterns);
        for text in ["repo:a/x", "repo:b/", "repo:é/r", "", "nothing"] {
            let mut found: Vec<&str> = sorted.matching(text).collect();
            let mut expected: Vec<&str> = patterns.into_iter().filter(|p| matches(p, text)).collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(sorted.covering("repo:a/x*").collect::<Vec<_>>(), ["*", "repo:a/*"]);
    }
}
