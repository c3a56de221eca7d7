//! The algebra of scope patterns, sentence by sentence and without any cleverness.

use std::collections::{BTreeMap, BTreeSet};

/// "A **scope** is one or more patterns that all hold, written `p & q`."
pub type Scope = BTreeSet<String>;

/// The exceptions of a grant.
pub type Except = BTreeSet<String>;

/// "comparison ignores ASCII case (and no other)"
fn letters(pattern: &str) -> Vec<char> {
    pattern.chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// "`p` **covers** `q` when `p`, read as a pattern, matches the text of `q` (in which `*` is then an ordinary character
/// that only a `*` of `p` can match)."
pub fn covers(p: &str, q: &str) -> bool {
    fn matches(p: &[char], i: usize, text: &[char], j: usize, memo: &mut BTreeMap<(usize, usize), bool>) -> bool {
        if let Some(known) = memo.get(&(i, j)) {
            return *known;
        }
        let answer = if i == p.len() {
            j == text.len()
        } else if p[i] == '*' {
            // "`*` stands for any run of characters, none included"
            (j..=text.len()).any(|end| matches(p, i + 1, text, end, memo))
        } else {
            j < text.len() && text[j] != '*' && p[i] == text[j] && matches(p, i + 1, text, j + 1, memo)
        };
        memo.insert((i, j), answer);
        answer
    }
    matches(&letters(p), 0, &letters(q), 0, &mut BTreeMap::new())
}

/// "`p` and `q` **overlap** when some text is matched by both." The product of the two patterns, walked from its
/// start: a star may end, or take one more character together with the other side.
pub fn overlaps(p: &str, q: &str) -> bool {
    let (p, q) = (letters(p), letters(q));
    let mut seen = BTreeSet::new();
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        if i == p.len() && j == q.len() {
            return true;
        }
        let (a, b) = (p.get(i), q.get(j));
        if a == Some(&'*') {
            open.push((i + 1, j));
        }
        if b == Some(&'*') {
            open.push((i, j + 1));
        }
        match (a, b) {
            // Two stars that take the same characters are back where they were.
            (Some('*'), Some('*')) => {}
            (Some('*'), Some(_)) => open.push((i, j + 1)),
            (Some(_), Some('*')) => open.push((i + 1, j)),
            (Some(x), Some(y)) if x == y => open.push((i + 1, j + 1)),
            _ => {}
        }
    }
    false
}

/// "`meet` of a scope and a pattern `k`"
pub fn meet(scope: &Scope, k: &str) -> Option<Scope> {
    // "nothing where `k` overlaps not every pattern of the scope"
    if !scope.iter().all(|p| overlaps(k, p)) {
        return None;
    }
    // "the scope where `k` covers one of its patterns"
    if scope.iter().any(|p| covers(k, p)) {
        return Some(scope.clone());
    }
    // "`k` where `k` is covered by all of them"
    if scope.iter().all(|p| covers(p, k)) {
        return Some(one(k));
    }
    // "else the scope with `k` added"
    let mut wider = scope.clone();
    wider.insert(k.to_owned());
    Some(wider)
}

/// The scope of one pattern.
pub fn one(pattern: &str) -> Scope {
    BTreeSet::from([pattern.to_owned()])
}

/// "`E` **blocks** `m` when one of `E` covers one of `m`'s patterns."
pub fn blocks(except: &Except, m: &Scope) -> bool {
    except.iter().any(|e| m.iter().any(|p| covers(e, p)))
}

/// "`m less E` **satisfies** a requirement `r` when `r` overlaps every pattern of `m`, and nothing in `E` covers `r` or
/// a pattern of `m`."
pub fn satisfies(m: &Scope, except: &Except, r: &str) -> bool {
    m.iter().all(|p| overlaps(r, p)) && !except.iter().any(|e| covers(e, r)) && !blocks(except, m)
}

/// "An `Access` is **implied** by another on the same system each of whose patterns covers one of its, and each of
/// whose exceptions is covered by one of its." Whether the first is implied by the second.
pub fn implied(m: &Scope, e: &Except, by_m: &Scope, by_e: &Except) -> bool {
    by_m.iter().all(|wide| m.iter().any(|p| covers(wide, p))) && by_e.iter().all(|x| e.iter().any(|y| covers(y, x)))
}

/// "`p & q`", its patterns sorted.
pub fn scope_text(m: &Scope) -> String {
    m.iter().cloned().collect::<Vec<_>>().join(" & ")
}
