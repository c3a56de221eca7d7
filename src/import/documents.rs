//! The JSON documents of a text, one after another (`[…][…]` as pagers print them), however broken: of a document that
//! is cut off or wrong in the middle, the members and items that are whole are kept.

use super::json;
use crate::model::{Diagnostic, Place};
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Documents {
    /// The documents, in order.
    pub documents: Vec<Value>,
    /// Whether all of the text was understood.
    pub whole: bool,
    /// What is wrong with it, in words that quote nothing.
    pub problem: Option<String>,
}

/// Reads the documents of a text. What is lost in a broken one leaves a `null` in its list, so that places stay true.
#[must_use]
pub fn documents(text: &str) -> Documents {
    let mut found = Documents {
        whole: true,
        ..Documents::default()
    };
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut good = 0;
    loop {
        match stream.next() {
            None => return found,
            Some(Ok(value)) => {
                found.documents.push(value);
                good = stream.byte_offset();
            }
            Some(Err(error)) => {
                found.whole = false;
                found.problem = Some(json::problem(&error));
                break;
            }
        }
    }
    if let Some(rest) = salvage(&text[good..]) {
        found.documents.push(rest);
    }
    found
}

/// The diagnostic for a text that is not all JSON.
#[must_use]
pub fn broken(found: &Documents, whole: Place) -> Option<Diagnostic> {
    let problem = found.problem.as_ref()?;
    Some(Diagnostic::error(
        "broken-json",
        whole,
        format!("The file is not whole: {problem}. What is whole in it was read; export it again"),
    ))
}

/// The members and items of a broken list or object that are whole, as far as two levels down.
fn salvage(text: &str) -> Option<Value> {
    let first = text.trim_start().chars().next()?;
    let mut root = match first {
        '[' => Value::Array(Vec::new()),
        '{' => Value::Object(Map::new()),
        _ => return None,
    };
    let mut documents = 0;
    json::walk(text, 2, |at| {
        if at.depth == 0 {
            documents += 1;
            // What comes behind the broken document cannot be told apart from it.
            return if documents > 1 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        }
        let begins = &text.as_bytes()[at.offset];
        let inner = matches!(begins, b'[' | b'{') && at.depth == 1;
        let value = match inner {
            // A list or an object on the first level is put together from what is in it.
            true if *begins == b'[' => Value::Array(Vec::new()),
            true => Value::Object(Map::new()),
            false => whole(&text[at.offset..]).unwrap_or(Value::Null),
        };
        put(&mut root, at.pointer, at.depth, value);
        ControlFlow::Continue(())
    });
    Some(root)
}

fn whole(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .next()?
        .ok()
}

/// Puts a value where a pointer of one or two steps says.
fn put(root: &mut Value, pointer: &str, depth: usize, value: Value) {
    let unescape = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let mut steps = pointer.split('/').skip(1).map(unescape);
    let (Some(first), second) = (steps.next(), steps.next()) else {
        return;
    };
    let into = match (depth, second) {
        (1, _) => return place(root, &first, value),
        (_, Some(second)) => {
            let parent = match root {
                Value::Object(members) => members.get_mut(&first),
                Value::Array(items) => first.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
                _ => None,
            };
            parent.map(|parent| (parent, second))
        }
        _ => None,
    };
    if let Some((parent, key)) = into {
        place(parent, &key, value);
    }
}

fn place(into: &mut Value, key: &str, value: Value) {
    match into {
        Value::Object(members) => {
            members.insert(key.to_owned(), value);
        }
        Value::Array(items) => {
            let Ok(i) = key.parse::<usize>() else { return };
            // The walk visits in order, so nothing but this item is missing.
            while items.len() < i && items.len() < 10_000_000 {
                items.push(Value::Null);
            }
            match items.get_mut(i) {
                Some(item) => *item = value,
                None => items.push(value),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_stand_one_after_another() {
        let found = documents("[1]\n[2, 3]{\"a\": 4}");
        assert!(found.whole);
        assert_eq!(found.documents, [json!([1]), json!([2, 3]), json!({"a": 4})]);
        assert!(documents("  ").documents.is_empty());
    }

    #[test]
    fn what_is_whole_in_a_broken_document_is_kept() {
        let check = |text: &str, want: Value| {
            let found = documents(text);
            assert!(!found.whole, "{text}");
            assert!(found.problem.is_some());
            assert_eq!(found.documents, [want], "{text}");
        };
        check(r#"[{"a": 1}, {"b": 2}, {"c": "#, json!([{"a": 1}, {"b": 2}, {}]));
        check(
            r#"{"total": 2, "list": [{"a": [1]}, {"b": "#,
            json!({"total": 2, "list": [{"a": [1]}, null]}),
        );
        check(
            r#"{"list": [{"a": 1}, {"b": x}, {"c": 3}]"#,
            json!({"list": [{"a": 1}, null, {"c": 3}]}),
        );
    }
}
