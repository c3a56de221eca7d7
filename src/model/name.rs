//! How relations are called.

use super::{Exposure, Grant, Inherit, RelationCommon, Text, Trust, Yields};
use std::cmp::Ordering;
use std::fmt;

/// How a relation is called everywhere: by the stated id, else by its ends; where several would be called alike, by a hash
/// of what it says besides. Put together where it is asked for: few of millions of names are ever read.
#[derive(Clone, Copy, Default)]
pub struct Name<'a>([&'a str; 5]);

/// A relation's name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnName {
    /// What stands behind the id or the ends, which are not repeated: there may be a million of these.
    Behind(Text),
    /// All of it.
    Whole(Text),
}

impl Default for OwnName {
    fn default() -> Self {
        Self::Behind(Text::default())
    }
}

impl<'a> Name<'a> {
    fn whole(text: &'a str) -> Self {
        Self([text, "", "", "", ""])
    }

    fn of(common: &'a RelationCommon, derived: [&'a str; 4]) -> Self {
        let [a, b, c, d] = common.id.as_deref().map_or(derived, |id| [id, "", "", ""]);
        match common.own_name.get() {
            None => Self([a, b, c, d, ""]),
            Some(OwnName::Behind(own)) => Self([a, b, c, d, own.as_str()]),
            Some(OwnName::Whole(own)) => Self::whole(own.as_str()),
        }
    }

    /// Whether a character is in it.
    #[must_use]
    pub fn contains(self, c: char) -> bool {
        self.0.iter().any(|part| part.contains(c))
    }

    /// Writes it behind a text.
    pub fn push_to(self, text: &mut String) {
        self.0.iter().for_each(|part| text.push_str(part));
    }
}

impl Ord for Name<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.0.iter(), other.0.iter());
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
        self.0.iter().try_for_each(|part| f.write_str(part))
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
                names.push(Name(["grant:", a, "->", b, ""]));
                names.push(Name([a, "", "", b, ""]));
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
        *grant.common.own_name.get_mut() = OwnName::Behind("#01234567".into());
        assert_eq!(grant.name().to_string(), "g1#01234567");
        grant.common.id = None;
        assert_eq!(grant.name().to_string(), "grant:key->vault#01234567");
        *grant.common.own_name.get_mut() = OwnName::Whole("relation 1".into());
        assert_eq!(grant.name().to_string(), "relation 1");
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
