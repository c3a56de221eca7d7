//! Lines of places in a JSON text. A big export has millions of values and few that anybody asks for, so nothing is
//! noted but where the items of the long lists on the way begin.

use super::json;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// How deep a place is looked for; one further in has the line of what it lies in there.
const DEEPEST: usize = 6;

/// A value longer than this is gone through once, and where its items begin is noted.
const LONG: usize = 16 * 1024;

/// Of values behind each other so many are looked through for a place; a file of more has a line for each anyway.
const MOST: usize = 256;

/// A position in the text and its line, from 1.
type Spot = (usize, u32);

/// Where the values of a text are.
pub struct Lines<'a> {
    text: &'a str,
    /// The items of long values, by where these begin.
    noted: Mutex<HashMap<usize, Arc<Items>>>,
    /// Where the values begin that stand behind each other in the text: answers of several calls in one file.
    roots: OnceLock<Vec<Spot>>,
}

/// Where the items of a value begin.
enum Items {
    List(Vec<Spot>),
    Object(HashMap<Box<str>, Spot>),
}

impl<'a> Lines<'a> {
    /// Of a text that may be no JSON at all.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            noted: Mutex::default(),
            roots: OnceLock::new(),
        }
    }

    /// The line of the value at a JSON pointer, in the first of the text's values that has it, else of the nearest value
    /// around it; nothing where there is no value.
    #[must_use]
    pub fn line(&self, pointer: &str) -> Option<u32> {
        let mut first = None;
        json::walk(self.text, 0, |at| {
            first = Some((at.offset, at.line));
            ControlFlow::Break(())
        });
        let wanted = pointer.split('/').skip(1).take(DEEPEST).count();
        let (mut steps, mut line) = self.within(first?, pointer, DEEPEST);
        if steps < wanted {
            for root in self.roots().iter().take(MOST).skip(1) {
                let (deeper, at) = self.within(*root, pointer, DEEPEST);
                if deeper > steps {
                    (steps, line) = (deeper, at);
                }
                if steps == wanted {
                    break;
                }
            }
        }
        Some(line)
    }

    /// The line of the value at a pointer below a value that is known, itself so many steps below the root.
    #[must_use]
    pub fn line_below(&self, known: Spot, pointer: &str, steps: usize) -> u32 {
        self.within(known, pointer, DEEPEST.saturating_sub(steps)).1
    }

    /// How many of so many steps of a pointer lead on from a value, and the line they end at.
    fn within(&self, root: Spot, pointer: &str, most: usize) -> (usize, u32) {
        let (mut steps, mut here) = (0, root);
        for step in pointer.split('/').skip(1).take(most) {
            match self.inside(here, step) {
                Some(inner) => here = inner,
                None => break,
            }
            steps += 1;
        }
        (steps, here.1)
    }

    fn roots(&self) -> &[Spot] {
        self.roots.get_or_init(|| {
            let mut roots = Vec::new();
            json::walk(self.text, 0, |at| {
                roots.push((at.offset, at.line));
                ControlFlow::Continue(())
            });
            roots
        })
    }

    /// The item of a value that a step of a pointer names.
    fn inside(&self, (offset, line): Spot, step: &str) -> Option<Spot> {
        let noted = self
            .noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&offset)
            .cloned();
        if let Some(items) = noted {
            return items.get(step);
        }
        let mut found = None;
        let mut long = false;
        self.items(offset, line, |name, spot| {
            // The way to it was long, and will be asked for again.
            long = spot.0 - offset > LONG;
            if name == step {
                found = Some(spot);
            }
            if long || found.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if !long {
            return found;
        }
        let items = Arc::new(self.all(offset, line));
        let found = items.get(step);
        self.noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(offset, items);
        found
    }

    /// Visits the items of the value at an offset, each by its step in pointers.
    fn items(&self, offset: usize, line: u32, mut visit: impl FnMut(&str, Spot) -> ControlFlow<()>) {
        let mut begun = false;
        json::walk(&self.text[offset..], 1, |at| match at.pointer.strip_prefix('/') {
            Some(step) if at.depth == 1 => visit(step, (offset + at.offset, line + at.line - 1)),
            // The value itself; a second one stands behind it and is none of ours.
            _ if !begun => {
                begun = true;
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Break(()),
        });
    }

    fn all(&self, offset: usize, line: u32) -> Items {
        if self.text[offset..].starts_with('[') {
            let mut list = Vec::new();
            self.items(offset, line, |_, spot| {
                list.push(spot);
                ControlFlow::Continue(())
            });
            return Items::List(list);
        }
        let mut object: HashMap<Box<str>, Spot> = HashMap::new();
        self.items(offset, line, |step, spot| {
            // Of two equal keys the first counts.
            object.entry(step.into()).or_insert(spot);
            ControlFlow::Continue(())
        });
        Items::Object(object)
    }
}

impl Items {
    fn get(&self, step: &str) -> Option<Spot> {
        match self {
            Self::List(list) => step.parse::<usize>().ok().and_then(|i| list.get(i)).copied(),
            Self::Object(object) => object.get(step).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let (lines, all) = (Lines::new(text), json::PointerLines::new(text, DEEPEST));
        let mut pointers = vec!["".to_owned(), "/nowhere".to_owned(), "/list/99999/id".to_owned()];
        json::walk(text, DEEPEST, |at| {
            pointers.push(at.pointer.to_owned());
            ControlFlow::Continue(())
        });
        for pointer in pointers {
            assert_eq!(lines.line(&pointer), all.line(&pointer), "{pointer} in {text:.200}");
        }
    }

    #[test]
    fn lines_are_those_of_the_values() {
        check("");
        check("7");
        check("{\n\"a\": [\n1,\n{\"b\":\n\"c\"}],\n\"a/b\": {\"d\":\n[[\n[2]]]}}");
        check("[\n{\"a\": 1},\n{\"a\": 2}\n]\n[\n{\"a\": 3}]");
        check("{\"a\": {\"c\": 1}}\n{\"a\":\n{\"b\": 1}}\n{\"b\":\n2}");
        check("{\"a\": [1,\n2,");
        // Long enough that its items are noted.
        let items: Vec<String> = (0..3000)
            .map(|i| format!("{{\"id\":\n{i}, \"in\": [\n{{}}]}}"))
            .collect();
        check(&format!("{{\"list\": [\n{}],\n\"after\": 1}}", items.join(",\n")));
        let members: Vec<String> = (0..3000).map(|i| format!("\"k{i}\": {{\"in\":\n{i}}}")).collect();
        check(&format!("{{{}}}", members.join(",\n")));
    }
}
