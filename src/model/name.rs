//! How relations are called.

use super::{Exposure, Grant, Inherit, RelationCommon, Trust, Yields};
use std::cmp::Ordering;
use std::fmt;

/// How a relation is called everywhere: by the stated id, else by its ends; where several would be called alike, by a hash
/// of what it says besides. Put together where it is asked for: few of millions of names are ever read.
#[derive(Clone, Copy, Default)]
pub struct Name<'a> {
    parts: [&'a str; 4],
    /// What stands behind them, as [`behind`] writes it.
    behind: Option<[u8; BEHIND]>,
}

/// A hash that stands behind a name: `#` and eight digits.
const BEHIND: usize = 9;

/// A hash as it stands behind a name.
fn behind(hash: [u8; 4]) -> [u8; BEHIND] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'#'; BEHIND];
    for (pair, byte) in text[1..].chunks_exact_mut(2).zip(hash) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    text
}

impl<'a> Name<'a> {
    fn whole(text: &'a str) -> Self {
        Self {
            parts: [text, "", "", ""],
            behind: None,
        }
    }

    fn of(common: &'a RelationCommon, derived: [&'a str; 4]) -> Self {
        if let Some(own) = common.rest.get().and_then(|rest| rest.own_name.as_deref()) {
            return Self::whole(own);
        }
        Self {
            parts: common.id.as_deref().map_or(derived, |id| [id, "", "", ""]),
            behind: common.own_hash.map(behind),
        }
    }

    /// Its parts, one behind another.
    fn all(&self) -> impl Iterator<Item = &str> {
        let behind = self.behind.as_ref().and_then(|behind| std::str::from_utf8(behind).ok());
        self.parts.iter().copied().chain(behind)
    }

    /// Whether a character is in it.
    #[must_use]
    pub fn contains(self, c: char) -> bool {
        self.all().any(|part| part.contains(c))
    }

    /// Writes it behind a text.
    pub fn push_to(self, text: &mut String) {
        self.all().for_each(|part| text.push_str(part));
    }
}

impl Ord for Name<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.all(), other.all());
        let (mut a, mut b): (&[u8], &[u8]) = (&[], &[]);
        loop {
            while a.is_empty() {
                let Some(next) = left.next() else { break };
                a = next.as_bytes();
            }
            while b.is_empty() {
                let Some(next) = right.next() else { break };
                b = next.as_bytes();
            }
            let n = a.len().min(b.len());
            if n == 0 {
                return a.len().cmp(&b.len());
            }
            // Long ids are shared by all that name them.
            if std::ptr::eq(&raw const a[0], &raw const b[0]) {
                (a, b) = (&a[n..], &b[n..]);
                continue;
            }
            match a[..n].cmp(&b[..n]) {
                Ordering::Equal => (a, b) = (&a[n..], &b[n..]),
                differ => return differ,
            }
        }
    }
}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Name<'_> {}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl PartialEq<str> for Name<'_> {
    fn eq(&self, other: &str) -> bool {
        *self == Name::from(other)
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Self::whole(text)
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all().try_for_each(|part| f.write_str(part))
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// A relation of any kind.
pub trait Named {
    /// What it has besides its own fields.
    fn common(&self) -> &RelationCommon;

    /// The same, to change it.
    fn common_mut(&mut self) -> &mut RelationCommon;

    /// How it is called everywhere.
    fn name(&self) -> Name<'_>;
}

/// The position of the relation of a name in a list that is sorted by name, as those of an inventory are.
#[must_use]
pub fn position_of<R: Named>(list: &[R], name: &str) -> Option<usize> {
    let name = Name::from(name);
    list.binary_search_by(|r| r.name().cmp(&name)).ok()
}

/// The names of relations.
macro_rules! named {
    ($($kind:ident: |$r:ident| $derived:expr,)+) => {
        $(impl $kind {
            /// How it is called everywhere.
            #[must_use]
            pub fn name(&self) -> Name<'_> {
                Name::of(&self.common, self.derived_name())
            }

            /// What its ends call it.
            fn derived_name(&self) -> [&str; 4] {
                let $r = self;
                $derived
            }
        }

        impl Named for $kind {
            fn common(&self) -> &RelationCommon {
                &self.common
            }

            fn common_mut(&mut self) -> &mut RelationCommon {
                &mut self.common
            }

            fn name(&self) -> Name<'_> {
                Self::name(self)
            }
        })+
    };
}

named! {
    Grant: |r| ["grant:", &r.holder, "->", &r.system],
    Exposure: |r| match &r.yields {
        Yields::Credential(id) | Yields::Identity(id) => ["exposure:", r.from.id(), "->", id],
        Yields::Context(name) => ["exposure:", r.from.id(), "->context:", name],
    },
    Inherit: |r| ["inherit:", r.from.as_deref().unwrap_or("*"), "->", &r.to],
    Trust: |r| ["trust:", &r.from, "->", &r.to],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_as_their_texts_do() {
        let texts = ["", "-", "->", "a", "a->b", "b", "grant:a", "é", "a-", ">"];
        let mut names = Vec::new();
        for a in texts {
            for b in texts {
                let mut name = Name {
                    parts: ["grant:", a, "->", b],
                    behind: None,
                };
                names.push(name);
                name.behind = Some(behind([0x1a, 0x2b, 0, 0xff]));
                names.push(name);
                name.parts = [a, "", "", b];
                names.push(name);
                names.push(Name::from(a));
            }
        }
        let mut differ = 0;
        for x in &names {
            for y in &names {
                let (left, right) = (x.to_string(), y.to_string());
                assert_eq!(x.cmp(y), left.cmp(&right), "{left:?} and {right:?}");
                assert_eq!(x == y, left == right, "{left:?} and {right:?}");
                assert_eq!(*x == *right, left == right, "{left:?} and {right:?}");
                differ += usize::from(left != right);
            }
            let mut written = "it is ".to_owned();
            x.push_to(&mut written);
            assert_eq!(written, format!("it is {x}"));
        }
        assert!(differ > 1000);
    }

    #[test]
    fn a_relation_is_called_by_its_id_or_its_ends() {
        let mut grant = Grant {
            holder: "key".into(),
            system: "vault".into(),
            ..Grant::default()
        };
        assert_eq!(grant.name().to_string(), "grant:key->vault");
        grant.common.id = Some("g1".into());
        assert_eq!(grant.name().to_string(), "g1");
        grant.common.own_hash = Some([0x01, 0x23, 0x45, 0x67]);
        assert_eq!(grant.name().to_string(), "g1#01234567");
        grant.common.id = None;
        assert_eq!(grant.name().to_string(), "grant:key->vault#01234567");
        grant.common.rest.get_mut().own_name = Some("relation 1".into());
        assert_eq!(grant.name().to_string(), "relation 1");
        grant.common.forget_name();
        assert_eq!(
            (grant.name().to_string().as_str(), grant.common.rest.get()),
            ("grant:key->vault", None)
        );
        let list = ["a", "b", "c"].map(|id| Trust {
            common: RelationCommon {
                id: Some(id.into()),
                ..RelationCommon::default()
            },
            ..Trust::default()
        });
        assert_eq!(position_of(&list, "b"), Some(1));
        assert_eq!(position_of(&list, "bb"), None);
    }
}
