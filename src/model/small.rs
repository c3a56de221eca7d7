//! Small forms of what records are made of. A big estate has millions of records, most of whose fields are empty or say
//! what others say too: texts are shared where they are copied, empty members cost a word, one place needs no list.

use super::Place;
use ecow::EcoVec;
use lean_string::LeanStr;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};
use std::vec;

/// A text of a record: up to 16 bytes lie in it, a longer one is shared by its copies. One that is not stated takes no
/// more room.
pub type Text = LeanStr;

/// A list of texts, shared by its copies; so are the texts.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct List(EcoVec<Text>);

impl List {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a text is in it.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        self.0.iter().any(|one| one == text)
    }

    /// Adds a text to one that is a sorted set, unless it is in it.
    pub fn add(&mut self, text: &str) {
        if let Err(at) = self.0.binary_search_by(|one| one.as_str().cmp(text)) {
            self.0.insert(at, text.into());
        }
    }

    /// Keeps the texts that a test keeps.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|text| keep(text));
    }
}

/// As of a slice: what holds the texts says nothing.
impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Deref for List {
    type Target = [Text];

    fn deref(&self) -> &[Text] {
        &self.0
    }
}

impl<T: Into<Text>> From<Vec<T>> for List {
    fn from(texts: Vec<T>) -> Self {
        texts.into_iter().collect()
    }
}

impl<T: Into<Text>> FromIterator<T> for List {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        Self(texts.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Text>> Extend<T> for List {
    fn extend<I: IntoIterator<Item = T>>(&mut self, texts: I) {
        self.0.extend(texts.into_iter().map(Into::into));
    }
}

impl IntoIterator for List {
    type Item = Text;
    type IntoIter = ecow::vec::IntoIter<Text>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'l> IntoIterator for &'l List {
    type Item = &'l Text;
    type IntoIter = std::slice::Iter<'l, Text>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Members of a record that the format does not know; they survive a round trip. Secret-looking ones never get here.
/// A map in the order of its keys, which costs a word while it is empty.
#[derive(Clone, Debug, Default, PartialEq)]
// A list in a box is one word, where a boxed slice would be two.
#[allow(clippy::box_collection)]
pub struct Extra(Option<Box<Vec<(Text, Held)>>>);

/// A value of [`Extra`].
#[derive(Clone, Debug)]
enum Held {
    Value(Value),
    /// As JSON, which takes a fraction of the memory; read where somebody asks for it.
    Packed(Packed),
}

/// A value of a record as JSON. Records that say the same share it.
#[derive(Clone, Debug)]
pub struct Packed(Arc<(Text, OnceLock<Box<Value>>)>);

impl Packed {
    /// Of JSON, which is null where it is none. It must hold no secret: the guard over what importers give does not look
    /// into it.
    #[must_use]
    pub fn new(json: Text) -> Self {
        Self(Arc::new((json, OnceLock::new())))
    }

    /// The JSON.
    fn json(&self) -> &Text {
        &self.0.0
    }

    fn value(&self) -> &Value {
        let (json, value) = &*self.0;
        value.get_or_init(|| Box::new(read(json)))
    }

    fn into_value(self) -> Value {
        match Arc::try_unwrap(self.0) {
            Ok((json, value)) => value.into_inner().map_or_else(|| read(&json), |value| *value),
            Err(shared) => shared
                .1
                .get()
                .map_or_else(|| read(&shared.0), |value| (**value).clone()),
        }
    }
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

impl Held {
    fn value(&self) -> &Value {
        match self {
            Self::Value(value) => value,
            Self::Packed(packed) => packed.value(),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Packed(packed) => packed.into_value(),
        }
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Packed(a), Self::Packed(b)) if a.json() == b.json() => true,
            _ => self.value() == other.value(),
        }
    }
}

impl Extra {
    /// No members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn members(&self) -> &[(Text, Held)] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    fn at(&self, key: &str) -> Result<usize, usize> {
        self.members().binary_search_by(|(k, _)| k.as_str().cmp(key))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.at(key).ok().map(|i| self.members()[i].1.value())
    }

    /// Whether there is a value of a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.at(key).is_ok()
    }

    /// Sets the value of a key; gives back the one before.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) -> Option<Value> {
        self.put(key.into(), Held::Value(value))
    }

    /// Sets the value of a key to one that is given as JSON.
    pub fn insert_packed(&mut self, key: impl Into<Text>, packed: Packed) {
        self.put(key.into(), Held::Packed(packed));
    }

    fn put(&mut self, key: Text, held: Held) -> Option<Value> {
        match self.at(&key) {
            Ok(at) => {
                let all = self.0.as_mut()?;
                Some(std::mem::replace(&mut all[at].1, held).into_value())
            }
            Err(at) => {
                let all = self.0.get_or_insert_default();
                all.reserve_exact(1);
                all.insert(at, (key, held));
                None
            }
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.at(key).ok()?;
        self.0.as_mut().map(|all| all.remove(at).1.into_value())
    }

    /// The value of a key, set to `value` where there is none.
    pub fn or_insert(&mut self, key: impl Into<Text>, value: Value) {
        let key = key.into();
        if !self.contains_key(&key) {
            self.insert(key, value);
        }
    }

    /// Keeps the members that a test keeps, and those that were given as JSON.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        if let Some(all) = &mut self.0 {
            all.retain_mut(|(key, held)| match held {
                Held::Value(value) => keep(key, value),
                Held::Packed(_) => true,
            });
            if all.is_empty() {
                self.0 = None;
            }
        }
    }

    /// The members by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Text, &Value)> + ExactSizeIterator {
        self.members().iter().map(|(key, held)| (key, held.value()))
    }

    /// The members by key but for those that were given as JSON.
    pub fn iter_plain(&self) -> impl Iterator<Item = (&Text, &Value)> {
        self.members().iter().filter_map(|(key, held)| match held {
            Held::Value(value) => Some((key, value)),
            Held::Packed(_) => None,
        })
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Text> + ExactSizeIterator {
        self.members().iter().map(|(key, _)| key)
    }

    /// The values by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.members().iter().map(|(_, held)| held.value())
    }

    /// Gives every key to a function that must leave it as it is but for where it lies.
    pub(crate) fn for_each_key(&mut self, same: impl FnMut(&mut Text)) {
        self.0
            .iter_mut()
            .flat_map(|all| all.iter_mut())
            .map(|(key, _)| key)
            .for_each(same);
    }
}

/// As of a JSON value: a key that is not there gives null.
impl std::ops::Index<&str> for Extra {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&Value::Null)
    }
}

impl IntoIterator for Extra {
    type Item = (Text, Value);
    type IntoIter = vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        let all = self.0.map_or_else(Vec::new, |all| *all).into_iter();
        let values = all.map(|(key, held)| (key, held.into_value()));
        values.collect::<Vec<_>>().into_iter()
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Extra {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        let mut all = Self::new();
        all.extend(members);
        all
    }
}

impl<K: Into<Text>> Extend<(K, Value)> for Extra {
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, members: I) {
        for (key, value) in members {
            self.insert(key, value);
        }
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

impl From<Extra> for Map<String, Value> {
    fn from(members: Extra) -> Self {
        members.into_iter().map(|(key, value)| (key.into(), value)).collect()
    }
}

impl From<Extra> for Value {
    fn from(members: Extra) -> Self {
        Self::Object(members.into())
    }
}

impl serde::Serialize for Extra {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Written once and let go.
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, held) in self.members() {
            match held {
                Held::Value(value) => map.serialize_entry(key.as_str(), value)?,
                Held::Packed(_) => map.serialize_entry(key.as_str(), &held.clone().into_value())?,
            }
        }
        map.end()
    }
}

/// A field that few records have: a word where it is as by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rare<T>(Option<Box<T>>);

impl<T: Default + PartialEq> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((value != T::default()).then(|| Box::new(value)))
    }
}

impl<T> Rare<T> {
    /// Where it is not as by default.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }

    /// To change it; it costs memory from then on.
    pub fn get_mut(&mut self) -> &mut T
    where
        T: Default,
    {
        self.0.get_or_insert_default()
    }

    /// Takes it out and leaves the default.
    pub fn take(&mut self) -> T
    where
        T: Default,
    {
        self.0.take().map_or_else(T::default, |value| *value)
    }
}

/// Where a record was read: nearly always one place.
#[derive(Clone, Debug, Default)]
pub enum Places {
    /// Nowhere.
    #[default]
    None,
    /// One place.
    One(Place),
    /// Several, in load order.
    Several(Box<Vec<Place>>),
}

impl Places {
    /// Adds a place behind the others.
    pub fn push(&mut self, place: Place) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(place),
            Self::One(first) => Self::Several(Box::new(vec![first, place])),
            Self::Several(mut all) => {
                all.push(place);
                Self::Several(all)
            }
        };
    }
}

impl Deref for Places {
    type Target = [Place];

    fn deref(&self) -> &[Place] {
        match self {
            Self::None => &[],
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(all) => all,
        }
    }
}

impl DerefMut for Places {
    fn deref_mut(&mut self) -> &mut [Place] {
        match self {
            Self::None => &mut [],
            Self::One(place) => std::slice::from_mut(place),
            Self::Several(all) => all,
        }
    }
}

impl PartialEq for Places {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl From<Place> for Places {
    fn from(place: Place) -> Self {
        Self::One(place)
    }
}

impl From<Vec<Place>> for Places {
    fn from(mut places: Vec<Place>) -> Self {
        match places.len() {
            0 | 1 => places.pop().map_or(Self::None, Self::One),
            _ => {
                places.shrink_to_fit();
                Self::Several(Box::new(places))
            }
        }
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Self {
        let mut all = Self::None;
        all.extend(places);
        all
    }
}

impl Extend<Place> for Places {
    fn extend<I: IntoIterator<Item = Place>>(&mut self, places: I) {
        for place in places {
            self.push(place);
        }
    }
}

impl IntoIterator for Places {
    type Item = Place;
    type IntoIter = vec::IntoIter<Place>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::None => Vec::new(),
            Self::One(place) => vec![place],
            Self::Several(all) => *all,
        }
        .into_iter()
    }
}

impl<'p> IntoIterator for &'p Places {
    type Item = &'p Place;
    type IntoIter = std::slice::Iter<'p, Place>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'p> IntoIterator for &'p mut Places {
    type Item = &'p mut Place;
    type IntoIter = std::slice::IterMut<'p, Place>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, Grant, Inherit, System};
    use serde_json::json;

    #[test]
    fn members_are_a_map() {
        let mut members = Extra::new();
        assert!(members.insert("b", json!(1)).is_none());
        assert!(members.insert("a", json!(2)).is_none());
        assert_eq!(members.insert("b", json!(3)), Some(json!(1)));
        assert_eq!(members.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            serde_json::to_string(&members).ok().as_deref(),
            Some(r#"{"a":2,"b":3}"#)
        );
        members.retain(|key, _| key == "a");
        assert_eq!((members.len(), members.get("b")), (1, None));
        assert_eq!(members.remove("a"), Some(json!(2)));
        assert_eq!(members.get("a"), None);
    }

    #[test]
    fn a_packed_member_is_as_any_other() {
        let (mut packed, mut plain) = (Extra::new(), Extra::new());
        packed.insert_packed("a", Packed::new(r#"{"b":[1,2]}"#.into()));
        plain.insert("a", json!({"b": [1, 2]}));
        assert_eq!(packed, plain);
        assert_eq!(packed.get("a"), plain.get("a"));
        assert_eq!(packed.iter_plain().count(), 0);
        packed.retain(|_, _| false);
        assert_eq!(serde_json::to_string(&packed).ok(), serde_json::to_string(&plain).ok());
        assert_ne!(packed, Extra::from_iter([("a", json!({"b": [1]}))]));
        assert_eq!(packed.clone().into_iter().next(), plain.clone().into_iter().next());
        assert_eq!(packed.remove("a"), plain.remove("a"));
    }

    #[test]
    fn places_are_a_list() {
        let place = |line| Place::new(FileId(0), "/a").at_line(line);
        let mut places = Places::default();
        for line in 1..4 {
            places.push(place(line));
            assert_eq!(places.len(), line as usize);
        }
        assert_eq!(places[..], [place(1), place(2), place(3)]);
        assert_eq!(Places::from(vec![place(1)]), Places::One(place(1)));
    }

    #[test]
    fn records_stay_small() {
        // What a million records cost hangs on these.
        assert!(size_of::<Grant>() <= 192, "{}", size_of::<Grant>());
        assert!(size_of::<Inherit>() <= 168, "{}", size_of::<Inherit>());
        assert!(size_of::<System>() <= 208, "{}", size_of::<System>());
        assert!(size_of::<Places>() <= 24, "{}", size_of::<Places>());
    }
}
