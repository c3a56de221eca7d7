//! Scope patterns: text in which `*` stands for any run of characters, none included. ASCII case is ignored, no other.
//! A scope is one or more patterns that all hold; what an access allows is a scope less a set of exceptions.

use super::Text;
use std::fmt;

/// Whether `p`, read as a pattern, matches the text of `q`, in which `*` is an ordinary character that only a `*` of
/// `p` can match.
#[must_use]
pub fn covers(p: &str, q: &str) -> bool {
    // The usual greedy match with one point to come back to: linear but for the stars.
    let (p, q) = (p.as_bytes(), q.as_bytes());
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < q.len() {
        if i < p.len() && p[i] == b'*' {
            back = Some((i, j));
            i += 1;
        } else if i < p.len() && q[j] != b'*' && p[i].eq_ignore_ascii_case(&q[j]) {
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
    p[i..].iter().all(|&b| b == b'*')
}

/// Whether some text is matched by both patterns.
#[must_use]
pub fn overlaps(p: &str, q: &str) -> bool {
    let (p, q) = (p.as_bytes(), q.as_bytes());
    // Without a star on one side it is plain matching; that is most of what real files hold.
    if !p.contains(&b'*') {
        return covers_bytes_text(q, p);
    }
    if !q.contains(&b'*') {
        return covers_bytes_text(p, q);
    }
    // Both have stars: what stands before the first star must agree as far as both go, so must what stands after the
    // last, and the stars take up all else.
    let head = |t: &[u8]| t.iter().position(|&b| b == b'*').unwrap_or(t.len());
    let tail = |t: &[u8]| t.iter().rev().position(|&b| b == b'*').unwrap_or(t.len());
    let h = head(p).min(head(q));
    let t = tail(p).min(tail(q));
    p[..h].eq_ignore_ascii_case(&q[..h]) && p[p.len() - t..].eq_ignore_ascii_case(&q[q.len() - t..])
}

/// `covers` where the second text is known to have no star.
fn covers_bytes_text(p: &[u8], text: &[u8]) -> bool {
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < text.len() {
        if i < p.len() && p[i] == b'*' {
            back = Some((i, j));
            i += 1;
        } else if i < p.len() && p[i].eq_ignore_ascii_case(&text[j]) {
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
    p[i..].iter().all(|&b| b == b'*')
}

/// One or more patterns that all hold, sorted by their bytes and without repeats.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Vec<String>);

impl Scope {
    /// The scope of one pattern.
    #[must_use]
    pub fn of(pattern: &str) -> Self {
        Self(vec![pattern.to_owned()])
    }

    /// Its patterns.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.0
    }

    /// This scope met with a pattern: nothing where they have nothing in common, else the narrower one, else both.
    #[must_use]
    pub fn meet(&self, k: &str) -> Option<Self> {
        if self.0.iter().any(|p| !overlaps(p, k)) {
            return None;
        }
        if self.0.iter().any(|p| covers(k, p)) {
            return Some(self.clone());
        }
        if self.0.iter().all(|p| covers(p, k)) {
            return Some(Self::of(k));
        }
        let mut patterns = self.0.clone();
        if let Err(at) = patterns.binary_search_by(|p| p.as_str().cmp(k)) {
            patterns.insert(at, k.to_owned());
        }
        Some(Self(patterns))
    }

    /// Whether each pattern of this scope covers one of the other's: what the other allows, this one does.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.iter().all(|p| other.0.iter().any(|q| covers(p, q)))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" & "))
    }
}

/// Whether one of the exceptions covers one of the scope's patterns: then nothing is left of it.
#[must_use]
pub fn blocks(except: &[Text], scope: &Scope) -> bool {
    except.iter().any(|e| scope.0.iter().any(|m| covers(e, m)))
}

/// What an access allows: a scope less exceptions (sorted, without repeats).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allowed {
    /// The scope.
    pub scope: Scope,
    /// What is left out of it.
    pub except: Vec<Text>,
}

impl Allowed {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            scope: Scope::of("*"),
            except: Vec::new(),
        }
    }

    /// The same under other words.
    #[must_use]
    pub fn renamed(&self, word: &dyn Fn(&str) -> String) -> Self {
        let mut patterns: Vec<String> = self.scope.0.iter().map(|p| word(p)).collect();
        patterns.sort();
        let mut except: Vec<Text> = self.except.iter().map(|p| word(p).into()).collect();
        except.sort();
        Self {
            scope: Scope(patterns),
            except,
        }
    }

    /// Whether this satisfies the requirement `r`: `r` overlaps every pattern of the scope, and no exception covers
    /// `r` or a pattern of the scope.
    #[must_use]
    pub fn satisfies(&self, r: &str) -> bool {
        self.scope.0.iter().all(|m| overlaps(r, m))
            && !self.except.iter().any(|e| covers(e, r))
            && !blocks(&self.except, &self.scope)
    }

    /// Whether another access on the same system makes this one superfluous: each pattern of the other covers one of
    /// this one's, and each exception of the other is covered by one of this one's.
    #[must_use]
    pub fn is_implied_by(&self, other: &Self) -> bool {
        other.scope.covers(&self.scope)
            && other
                .except
                .iter()
                .all(|e| self.except.iter().any(|mine| covers(mine, e)))
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scope)?;
        if !self.except.is_empty() {
            write!(f, " less {}", self.except.join(", "))?;
        }
        Ok(())
    }
}

/// What a grant gives: each of its `scopes`, met with one of `within` and with one of `stated` (a credential's own
/// scopes) where they are given, where the exceptions do not block it.
#[must_use]
pub fn given(scopes: &[Text], within: Option<&[Text]>, except: &[Text], stated: Option<&[Text]>) -> Vec<Allowed> {
    let mut all = Vec::new();
    for p in scopes {
        for bounded in met_with_one(Scope::of(p), within) {
            for scope in met_with_one(bounded, stated) {
                if !blocks(except, &scope) {
                    all.push(Allowed {
                        scope,
                        except: except.to_vec(),
                    });
                }
            }
        }
    }
    all
}

fn met_with_one(m: Scope, list: Option<&[Text]>) -> Vec<Scope> {
    match list {
        None => vec![m],
        Some(patterns) => patterns.iter().filter_map(|k| m.meet(k)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_its_stars_can_take() {
        for (p, q, yes) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("s3:*", "S3:Get*", true),
            ("s3:get*", "s3:*", false),
            ("s3:**", "s3:*", true),
            ("a", "*", false),
            ("*a*", "bab", true),
            ("*ab", "aab", true),
            ("a*b*c", "a--b--c", true),
            ("a*b*c", "a--c--b", false),
            ("É*", "é1", false),
        ] {
            assert_eq!(covers(p, q), yes, "{p} covers {q}");
        }
    }

    #[test]
    fn patterns_overlap_where_one_text_fits_both() {
        for (p, q, yes) in [
            ("a*", "*b", true),
            ("a*", "b*", false),
            ("*a", "*b", false),
            ("ab*", "a*", true),
            ("a*c", "ac", true),
            ("a*ca", "acb*", true),
            ("*x*", "abc", false),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("", "a*", false),
        ] {
            assert_eq!(overlaps(p, q), yes, "{p} overlaps {q}");
            assert_eq!(overlaps(q, p), yes, "{q} overlaps {p}");
        }
    }

    #[test]
    fn a_meet_keeps_the_narrower_or_both() {
        let check = |s: &str, k: &str, want: Option<&str>| {
            assert_eq!(
                Scope::of(s).meet(k).map(|m| m.to_string()).as_deref(),
                want,
                "{s} meet {k}"
            );
        };
        check("s3:*", "s3:Get*", Some("s3:Get*"));
        check("s3:Get*", "s3:*", Some("s3:Get*"));
        check("s3:Get*", "*Object", Some("*Object & s3:Get*"));
        check("s3:Get*", "s3:Put*", None);
    }

    #[test]
    fn a_grant_gives_what_is_left_within_its_bounds() {
        let list = |texts: &[&str]| texts.iter().map(|&t| t.into()).collect::<Vec<Text>>();
        let check = |scopes: &[&str], within: Option<&[&str]>, except: &[&str], stated: Option<&[&str]>, want: &str| {
            let (within, stated) = (within.map(list), stated.map(list));
            let all = given(&list(scopes), within.as_deref(), &list(except), stated.as_deref());
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            assert_eq!(all.join("; "), want);
        };
        check(&["s3:*"], None, &[], None, "s3:*");
        check(&["s3:*"], Some(&[]), &[], None, "");
        check(&["s3:*"], Some(&["*", "ec2:*"]), &[], None, "s3:*");
        check(
            &["s3:*"],
            Some(&["s3:Get*"]),
            &[],
            Some(&["*Object"]),
            "*Object & s3:Get*",
        );
        check(&["s3:*", "ec2:*"], None, &["s3:*"], None, "ec2:* less s3:*");
        check(
            &["s3:*"],
            None,
            &["s3:Put*"],
            Some(&["s3:PutObject", "s3:*"]),
            "s3:* less s3:Put*",
        );
        check(&["s3:*"], None, &[], Some(&[]), "");
    }

    #[test]
    fn exceptions_take_away() {
        let a = Allowed {
            scope: Scope::of("s3:*"),
            except: vec!["s3:Delete*".into()],
        };
        assert!(a.satisfies("s3:GetObject"));
        assert!(!a.satisfies("s3:DeleteBucket"));
        assert!(a.satisfies("*"));
        assert_eq!(a.to_string(), "s3:* less s3:Delete*");
        assert!(a.is_implied_by(&Allowed::everything()));
        assert!(!Allowed::everything().is_implied_by(&a));
    }
}
