//! AWS's own wildcards: `*` for any run of characters, `?` for one. The inventory's patterns know the star alone.

/// Whether a pattern with `*` and `?` matches a text, upper and lower case told apart.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < t.len() {
        if i < p.len() && p[i] == '*' {
            back = Some((i, j));
            i += 1;
        } else if i < p.len() && (p[i] == '?' || p[i] == t[j]) {
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
    p[i..].iter().all(|c| *c == '*')
}

/// As [`matches`] for ARNs: each of the six parts by itself, so that a star does not cross a colon before the resource.
pub fn matches_arn(pattern: &str, text: &str) -> bool {
    let (mut p, mut t) = (pattern.splitn(6, ':'), text.splitn(6, ':'));
    loop {
        match (p.next(), t.next()) {
            (None, None) => return true,
            (Some(p), Some(t)) if matches(p, t) => {}
            // A bare star stands for a whole ARN.
            _ => return pattern == "*",
        }
    }
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
    fn a_star_in_an_arn_keeps_to_its_part() {
        let role = "arn:aws:iam::111122223333:role/a/b";
        assert!(matches_arn("arn:aws:iam::*:role/*", role));
        assert!(matches_arn("*", role));
        assert!(!matches_arn("arn:aws:*:role/a/b", role));
        assert!(!matches_arn("arn:aws:iam::111122223333:user/*", role));
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
}
