//! The JSON documents of a text, one after another (`[…][…]` as pagers print them), however broken: of a document that
//! is cut off or wrong in the middle, the members and items that are whole are kept.

use super::{Input, json, tree};
use crate::model::{Diagnostic, Place};
use rayon::prelude::*;
use serde::de::IgnoredAny;
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

/// A document that is no list, or an item of one that is, or of a list in it, which is a page.
pub struct Unit {
    /// Where it begins.
    pub offset: usize,
    /// Its line, from 1.
    pub line: u32,
    /// Position of the item in the list, and of the item in the page that it is.
    pub index: (Option<u32>, Option<u32>),
}

impl Unit {
    /// As a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> String {
        let step = |index: Option<u32>| index.map_or_else(String::new, |i| format!("/{i}"));
        step(self.index.0) + &step(self.index.1)
    }
}

/// Finds what a text is made of, however broken; nothing of it is read yet. The answer holds no documents.
pub fn units(input: &Input) -> (Documents, Vec<Unit>) {
    let text = input.text;
    let mut units: Vec<Unit> = Vec::new();
    let mut read = || {
        let (mut item, mut of_page) = (None, None);
        let mut in_list = false;
        let mut met = 0u64;
        json::walk(text, 2, |at| {
            met += 1;
            if met.is_multiple_of(1024) && input.cancelled() {
                return ControlFlow::Break(());
            }
            let is_list = text[at.offset..].starts_with('[');
            let next = |index: Option<u32>| Some(index.map_or(0, |i| i + 1));
            match at.depth {
                // The items of a list are units, not the list.
                0 if is_list => (in_list, item, of_page) = (true, None, None),
                0 => {
                    in_list = false;
                    units.push(Unit {
                        offset: at.offset,
                        line: at.line,
                        index: (None, None),
                    });
                }
                // What is in an object belongs to it.
                _ if at.in_object || !in_list => {}
                1 => {
                    (item, of_page) = (next(item), None);
                    if !is_list {
                        units.push(Unit {
                            offset: at.offset,
                            line: at.line,
                            index: (item, None),
                        });
                    }
                }
                _ => {
                    of_page = next(of_page);
                    units.push(Unit {
                        offset: at.offset,
                        line: at.line,
                        index: (item, of_page),
                    });
                }
            }
            ControlFlow::Continue(())
        });
    };
    // Whether all of it is JSON is another question, which need not wait.
    let mut found = Documents::default();
    rayon::in_place_scope(|scope| {
        let found = &mut found;
        scope.spawn(move |_| *found = wholeness(text));
        read();
    });
    (found, units)
}

/// So much of a text is read in one go.
const GO_BYTES: usize = 256 * 1024;

/// Reads things that stand one after another in a text, several at a time and on all threads; gives what each go gave,
/// in order. After reading was cancelled there is less.
pub fn in_goes<T: Sync, R: Send>(
    input: &Input,
    things: &[T],
    offset: impl Fn(&T) -> usize + Sync,
    read: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let mut goes = Vec::new();
    let mut first = 0;
    for (i, thing) in things.iter().enumerate() {
        if offset(thing) > offset(&things[first]) + GO_BYTES {
            goes.push(first..i);
            first = i;
        }
    }
    goes.push(first..things.len());
    goes.into_par_iter()
        .filter_map(|go| {
            let things = &things[go.clone()];
            let begins = things.first().map(&offset)?;
            input.report(begins);
            (!input.cancelled()).then(|| read(go.start, things))
        })
        .collect()
}

/// Whether all of a text is JSON, without its documents.
fn wholeness(text: &str) -> Documents {
    let mut all = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let error = all.find_map(Result::err);
    Documents {
        documents: Vec::new(),
        whole: error.is_none(),
        problem: error.as_ref().map(json::problem),
    }
}

/// A list that stands on the first level of the documents of a text.
pub struct Listed {
    /// Its key.
    pub key: &'static str,
    /// Where its items begin, and their lines (from 1).
    pub items: Vec<(usize, u32)>,
}

/// A document, or an item of a list that is one, without the items of some lists, which are long and read one by one.
pub struct Page {
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// The rest of it; the lists are empty in it.
    pub value: Value,
    /// The lists.
    pub lists: Vec<Listed>,
}

/// Finds the lists of some keys in the documents of a text, however broken. The answer's own documents are empty.
pub fn pages(input: &Input, keys: &'static [&'static str]) -> (Documents, Vec<Page>) {
    let text = input.text;
    let mut found = Documents::default();
    let mut roots: Vec<(Map<String, Value>, Vec<Listed>)> = Vec::new();
    // The pages may be items of a list.
    let below = usize::from(text.trim_start().starts_with('['));
    let mut read = || {
        let mut met = 0u64;
        let mut open = false;
        json::walk(text, 2 + below, |at| {
            met += 1;
            if met.is_multiple_of(1024) && input.cancelled() {
                return ControlFlow::Break(());
            }
            let here = &text[at.offset..];
            match (at.depth.checked_sub(below), roots.last_mut()) {
                (Some(0), _) => roots.push(Default::default()),
                (Some(1), Some((members, lists))) if at.in_object => {
                    let step = at.pointer.rsplit('/').next().unwrap_or_default();
                    open = false;
                    match keys.iter().find(|key| **key == step) {
                        Some(_) if members.contains_key(step) => {}
                        Some(key) if here.starts_with('[') => {
                            members.insert((*key).to_owned(), Value::Array(Vec::new()));
                            lists.push(Listed { key, items: Vec::new() });
                            open = true;
                        }
                        _ => {
                            let step = step.replace("~1", "/").replace("~0", "~");
                            members.entry(step).or_insert_with(|| what_is_whole(here));
                        }
                    }
                }
                (Some(2), Some((_, lists))) if open && !at.in_object => {
                    if let Some(list) = lists.last_mut() {
                        list.items.push((at.offset, at.line));
                    }
                }
                _ => {}
            }
            ControlFlow::Continue(())
        });
    };
    rayon::in_place_scope(|scope| {
        let found = &mut found;
        scope.spawn(move |_| *found = wholeness(text));
        read();
    });
    let single = below == 0 && roots.len() == 1;
    let pages = roots.into_iter().enumerate().map(|(i, (members, lists))| Page {
        pointer: if single { String::new() } else { format!("/{i}") },
        value: Value::Object(members),
        lists,
    });
    (found, pages.collect())
}

/// The value a text begins with; of a list or an object that is broken what is whole in it.
fn what_is_whole(text: &str) -> Value {
    whole(text).unwrap_or_else(|| salvage(text).unwrap_or_default())
}

/// The value a text begins with, borrowed; of a list or an object that is broken what is whole in it.
#[must_use]
pub fn borrowed(text: &str) -> tree::Value<'_> {
    tree::Value::try_at_start(text, &[]).unwrap_or_else(|_| salvage(text).map(Into::into).unwrap_or_default())
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
    fn a_text_is_made_of_documents_items_and_items_of_pages() {
        let check = |text: &str, pointers: &[&str]| {
            let input = Input::new("x.json", crate::model::FileId(0), text, &crate::import::Unheard);
            let (found, units) = units(&input);
            assert!(found.whole, "{text}");
            let got: Vec<String> = units.iter().map(Unit::pointer).collect();
            assert_eq!(got, pointers, "{text}");
        };
        check(r#"{"list": [{"a": [1]}, {}], "more": {}}"#, &[""]);
        check(r#"[{"a": [1, {}]}, {"b": {}}]"#, &["/0", "/1"]);
        check(
            r#"[[{"a": [1]}, {}], [], {"c": 1}, [2]]"#,
            &["/0/0", "/0/1", "/2", "/3/0"],
        );
        check(r#"[{}][{}] {"a": [{}]} [[{}]]"#, &["/0", "/0", "", "/0/0"]);
        check("", &[]);
    }

    #[test]
    fn pages_have_their_lists_apart() {
        let check = |text: &str, expected: &[(&str, &str, usize)]| {
            let input = Input::new("x.json", crate::model::FileId(0), text, &crate::import::Unheard);
            let (_, pages) = pages(&input, &["list"]);
            let got: Vec<(&str, String, usize)> = pages
                .iter()
                .map(|p| {
                    (
                        p.pointer.as_str(),
                        p.value.to_string(),
                        p.lists.iter().map(|l| l.items.len()).sum(),
                    )
                })
                .collect();
            let got: Vec<(&str, &str, usize)> = got.iter().map(|(p, v, n)| (*p, v.as_str(), *n)).collect();
            assert_eq!(got, expected, "{text}");
        };
        check(
            r#"{"a": [1], "list": [{"b": [2]}, {}], "c": {"list": [3]}}"#,
            &[("", r#"{"a":[1],"c":{"list":[3]},"list":[]}"#, 2)],
        );
        check(
            r#"[{"list": [{}]}, {"list": 1}]"#,
            &[("/0", r#"{"list":[]}"#, 1), ("/1", r#"{"list":1}"#, 0)],
        );
        check(r#"{"list": [{}, {"#, &[("", r#"{"list":[]}"#, 2)]);
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
