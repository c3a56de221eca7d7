//! A JSON value that borrows its texts from the file: half the memory and a third of the time of one that owns them,
//! for items that are looked at once and let go. It answers as [`serde_json::Value`] does, and readers that meet both
//! ask through [`Node`].

use super::native::Key;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Number};
use std::borrow::Cow;
use std::fmt;

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'a> {
    /// `null`, and what could not be read.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(Cow<'a, str>),
    /// A list.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Members<'a>),
    /// A value that was asked for as it is written.
    Raw(&'a str),
}

/// The members of an object, sorted by key; of two with one key the last counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Members<'a> {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| &**key)
    }

    fn of(mut members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        if !members.is_sorted_by(|a, b| a.0 < b.0) {
            // Stable, so that of equal keys the last stays the last.
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.reverse();
            members.dedup_by(|a, b| a.0 == b.0);
            members.reverse();
        }
        Self(members)
    }
}

type Member<'m, 'a> = &'m (Cow<'a, str>, Value<'a>);

impl<'m, 'a> IntoIterator for &'m Members<'a> {
    type Item = (&'m str, &'m Value<'a>);
    type IntoIter = std::iter::Map<std::slice::Iter<'m, (Cow<'a, str>, Value<'a>)>, fn(Member<'m, 'a>) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl<'a> Value<'a> {
    /// The value a text begins with; `null` where it is broken. The values of the keys `raw` stay as they are written.
    #[must_use]
    pub fn at_start(text: &'a str, raw: &'static [&'static str]) -> Self {
        Self::try_at_start(text, raw).unwrap_or_default()
    }

    /// As [`Value::at_start`].
    ///
    /// # Errors
    /// Why it is broken.
    pub fn try_at_start(text: &'a str, raw: &'static [&'static str]) -> Result<Self, serde_json::Error> {
        let seed = Seed { raw, only: None };
        seed.deserialize(&mut serde_json::Deserializer::from_str(text))
    }

    /// The value a text begins with; `null` where it is broken. Of objects, however deep, only the members of these keys
    /// are kept, which are sorted, and of paths (`/subscriptions/…`).
    #[must_use]
    pub fn only(text: &'a str, keys: &'static [&'static str]) -> Self {
        let seed = Seed {
            raw: &[],
            only: Some(keys),
        };
        let value = seed.deserialize(&mut serde_json::Deserializer::from_str(text));
        value.unwrap_or_default()
    }

    /// An object of these members.
    #[must_use]
    pub fn object(members: Vec<(Cow<'a, str>, Self)>) -> Self {
        Self::Object(Members::of(members))
    }

    /// The same value, owning its texts.
    #[must_use]
    pub fn to_owned_value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Number(number) => serde_json::Value::Number(number.clone()),
            Self::String(text) => text.as_ref().into(),
            Self::Array(items) => items.iter().map(Self::to_owned_value).collect(),
            Self::Object(members) => {
                let members = members
                    .iter()
                    .map(|(key, value)| (key.to_owned(), value.to_owned_value()));
                serde_json::Value::Object(members.collect::<Map<_, _>>())
            }
            Self::Raw(text) => serde_json::from_str(text).unwrap_or_default(),
        }
    }

    /// The value of a key, of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(key),
            _ => None,
        }
    }

    /// The value at a JSON pointer of plain keys.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |at, step| at.get(step))
    }

    /// Itself, as a text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Itself, as true or false.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Itself, as a whole number.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// Itself, as a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Itself, as an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Members<'a>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

impl From<serde_json::Value> for Value<'_> {
    fn from(owned: serde_json::Value) -> Self {
        match owned {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(flag),
            serde_json::Value::Number(number) => Self::Number(number),
            serde_json::Value::String(text) => Self::String(Cow::Owned(text)),
            serde_json::Value::Array(items) => Self::Array(items.into_iter().map(Into::into).collect()),
            serde_json::Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| (Cow::Owned(key), value.into()));
                Self::Object(Members::of(members.collect()))
            }
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter()),
            Self::Raw(_) => self.to_owned_value().serialize(serializer),
        }
    }
}

/// As JSON in one line, keys in order.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Either kind of value.
pub trait Node: Sized {
    /// The value of a key, of an object.
    fn member(&self, key: &str) -> Option<&Self>;
    /// Itself, as a text.
    fn text(&self) -> Option<&str>;
    /// Itself, as a list.
    fn items(&self) -> Option<&[Self]>;
    /// Itself, as a number.
    fn number(&self) -> Option<f64>;
    /// What it is, in words.
    fn type_of(&self) -> &'static str;
    /// Whether it is null.
    fn nothing(&self) -> bool {
        self.type_of() == NULL
    }
}

const NULL: &str = "null";

macro_rules! node {
    ($($type:tt)*) => {
        fn member(&self, key: &str) -> Option<&Self> {
            self.get(key)
        }

        fn text(&self) -> Option<&str> {
            self.as_str()
        }

        fn items(&self) -> Option<&[Self]> {
            self.as_array().map(Vec::as_slice)
        }

        fn number(&self) -> Option<f64> {
            match self {
                $($type)*::Number(number) => number.as_f64(),
                _ => None,
            }
        }

        fn type_of(&self) -> &'static str {
            match self {
                $($type)*::Null => NULL,
                $($type)*::Bool(_) => "true or false",
                $($type)*::Number(_) => "a number",
                $($type)*::String(_) => "a text",
                $($type)*::Array(_) => "a list",
                _ => "an object",
            }
        }
    };
}

impl Node for serde_json::Value {
    node!(serde_json::Value);
}

impl Node for Value<'_> {
    node!(Value);
}

#[derive(Clone, Copy)]
struct Seed {
    raw: &'static [&'static str],
    only: Option<&'static [&'static str]>,
}

impl Seed {
    fn keeps(self, key: &str) -> bool {
        self.only
            .is_none_or(|keys| keys.binary_search(&key).is_ok() || key.starts_with('/'))
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            if !self.keeps(&key) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = if self.raw.contains(&&*key) {
                Value::Raw(map.next_value::<&RawValue>()?.get())
            } else {
                map.next_value_seed(self)?
            };
            members.push((key, value));
        }
        Ok(Value::Object(Members::of(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_says_what_an_owned_value_says() {
        for text in [
            r#"{"b": [1, -2, 2.5, "x\ny"], "a": {"z": null, "y": true}, "a": "last", "": {}}"#,
            "[[], {}, \"é\", 1e3]",
            "null",
        ] {
            let owned: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
            let borrowed = Value::at_start(text, &[]);
            assert_eq!(borrowed.to_owned_value(), owned);
            assert_eq!(borrowed.to_string(), owned.to_string());
            assert_eq!(Node::type_of(&borrowed), Node::type_of(&owned));
            assert_eq!(Value::from(owned), borrowed);
        }
        assert_eq!(Value::at_start("{\"a\": ", &[]), Value::Null);
        let raw = Value::at_start(r#"{"a": {"doc": {"b" : 1}}}"#, &["doc"]);
        assert_eq!(raw.pointer("/a/doc"), Some(&Value::Raw(r#"{"b" : 1}"#)));
        assert_eq!(raw.to_owned_value(), json!({"a": {"doc": {"b": 1}}}));
    }
}
