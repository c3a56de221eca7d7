//! Undo and redo: what was proposed before each step, with the step's name. A proposal is a short list, so whole
//! copies are kept and nothing can be undone halfway.

/// How many steps can be undone.
const KEPT: usize = 500;

/// The steps that can be undone and redone.
#[derive(Clone, Debug)]
pub struct History<S> {
    undo: Vec<(String, S)>,
    redo: Vec<(String, S)>,
}

impl<S> Default for History<S> {
    fn default() -> Self {
        Self {
            undo: Vec::new(),
            redo: Vec::new(),
        }
    }
}

impl<S> History<S> {
    /// Remembers a step called `name` and the state `before` it. What could be redone is gone.
    pub fn record(&mut self, name: impl Into<String>, before: S) {
        self.redo.clear();
        self.undo.push((name.into(), before));
        if self.undo.len() > KEPT {
            self.undo.remove(0);
        }
    }

    /// Puts `state` back to before the last step; gives the step's name, or nothing where there is no step.
    pub fn undo(&mut self, state: &mut S) -> Option<String> {
        let (name, before) = self.undo.pop()?;
        self.redo.push((name.clone(), std::mem::replace(state, before)));
        Some(name)
    }

    /// Takes the step that was undone last again; gives its name.
    pub fn redo(&mut self, state: &mut S) -> Option<String> {
        let (name, after) = self.redo.pop()?;
        self.undo.push((name.clone(), std::mem::replace(state, after)));
        Some(name)
    }

    /// The name of the step that undo would take back.
    #[must_use]
    pub fn undo_name(&self) -> Option<&str> {
        self.undo.last().map(|(n, _)| n.as_str())
    }

    /// The name of the step that redo would take again.
    #[must_use]
    pub fn redo_name(&self) -> Option<&str> {
        self.redo.last().map(|(n, _)| n.as_str())
    }

    /// Forgets everything: what was proposed speaks of another estate now.
    pub fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_back_and_forth_with_their_names() {
        let mut h = History::default();
        let mut s = 1;
        h.record("two", s);
        s = 2;
        h.record("three", s);
        s = 3;
        assert_eq!((h.undo_name(), h.redo_name()), (Some("three"), None));
        assert_eq!((h.undo(&mut s), s), (Some("three".into()), 2));
        assert_eq!((h.undo_name(), h.redo_name()), (Some("two"), Some("three")));
        assert_eq!((h.undo(&mut s), s), (Some("two".into()), 1));
        assert_eq!((h.undo(&mut s), s), (None, 1));
        assert_eq!((h.redo(&mut s), s), (Some("two".into()), 2));
        h.record("four", s);
        s = 4;
        assert_eq!((h.redo(&mut s), s), (None, 4));
        assert_eq!((h.undo(&mut s), s), (Some("four".into()), 2));
    }
}
