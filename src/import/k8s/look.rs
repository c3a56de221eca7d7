//! A look into an object that may be of any shape.

use crate::model::{Diagnostic, Place};
use serde_json::Value;
use std::collections::BTreeMap;

/// Looks into an object that may be of any shape, and says what was odd.
pub struct Look<'p> {
    place: &'p Place,
    /// What was odd so far.
    pub said: Vec<Diagnostic>,
}

impl<'p> Look<'p> {
    /// Into the object at a place.
    pub fn new(place: &'p Place) -> Self {
        Self {
            place,
            said: Vec::new(),
        }
    }

    /// A place inside the object.
    pub fn at(&self, pointer: &str) -> Place {
        self.place.inside(pointer)
    }

    /// Something was left out.
    pub fn error(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.said
            .push(Diagnostic::error(code, self.at(pointer), message.into()));
    }

    /// Something was understood with a doubt.
    pub fn warning(&mut self, code: &'static str, pointer: &str, message: impl Into<String>) {
        self.said
            .push(Diagnostic::warning(code, self.at(pointer), message.into()));
    }

    /// A member is of the wrong type.
    pub fn wrong(&mut self, pointer: &str, key: &str, expected: &str) {
        self.error(
            "wrong-type",
            &format!("{pointer}/{key}"),
            format!("{key} is not {expected}; it was left out"),
        );
    }

    /// A text member; absent and null give nothing.
    pub fn text<'v>(&mut self, value: &'v Value, key: &str, pointer: &str) -> Option<&'v str> {
        match value.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.wrong(pointer, key, "a text");
                None
            }
        }
    }

    /// A member that is true or false.
    pub fn flag(&mut self, value: &Value, key: &str, pointer: &str) -> Option<bool> {
        match value.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(_) => {
                self.wrong(pointer, key, "true or false");
                None
            }
        }
    }

    /// A list member; absent and null give an empty one.
    pub fn list<'v>(&mut self, value: &'v Value, key: &str, pointer: &str) -> &'v [Value] {
        match value.get(key) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.wrong(pointer, key, "a list");
                &[]
            }
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, value: &Value, key: &str, pointer: &str) -> Vec<String> {
        let items = self.list(value, key, pointer);
        let texts: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if texts.len() < items.len() {
            self.wrong(pointer, key, "a list of texts alone; what is no text in it");
        }
        texts
    }

    /// Labels or annotations: texts by key.
    pub fn labels(&mut self, value: &Value, key: &str, pointer: &str) -> BTreeMap<String, String> {
        match value.get(key) {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(Value::Object(members)) => members
                .iter()
                .filter_map(|(k, v)| v.as_str().map(|v| (k.clone(), v.to_owned())))
                .collect(),
            Some(_) => {
                self.wrong(pointer, key, "an object");
                BTreeMap::new()
            }
        }
    }
}
