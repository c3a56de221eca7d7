//! Answers of GitHub's REST interface, as they come, and workflow files. An answer says little by itself: whose secrets
//! these are, which branches are protected, stands in others. So files are read into facts, and the family puts the
//! facts of all files together.

mod access;
mod assemble;
mod credentials;
mod estate;
mod facts;
pub(in crate::import) mod out;
mod pipelines;
mod places;
mod protection;
mod read;
mod read_more;
mod scopes;
mod shape;
mod subjects;
mod whereabouts;
mod workflow;

use super::pile::Pile;
use super::tree::Value;
use super::{Answer, Family, Importer, Input, Peek, Progress, documents};
use crate::model::{Diagnostic, FileId, Fragment, Piece, Place};

/// The family's name.
const FAMILY: &str = "github";

/// Answers of the REST interface.
pub struct Rest;

impl Importer for Rest {
    fn name(&self) -> &'static str {
        "github-rest"
    }

    fn describe(&self) -> &'static str {
        "GitHub's answers about repositories, secrets, environments, tokens and apps: gh api --paginate PATH"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let text = peek.text.trim_start();
        if text.starts_with('{') {
            return of_object(peek);
        }
        if !text.starts_with('[') {
            return Answer::No;
        }
        match first_item(text) {
            Some(item) if shape::of_item(&item).is_some() => Answer::Certain,
            // A list of pages.
            Some(item @ Value::Object(_)) if shape::of_object(&item).is_some() => Answer::Certain,
            Some(Value::Array(page)) if page.first().is_some_and(|item| shape::of_item(item).is_some()) => {
                Answer::Certain
            }
            _ => Answer::No,
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        read::read(input)
    }
}

/// The first item of the list a text begins with, where it is whole.
fn first_item(text: &str) -> Option<Value<'_>> {
    let rest = text.strip_prefix('[')?;
    Value::try_at_start(rest, &[]).ok()
}

/// So much of a member is looked at; that of another format may be gigabytes long.
const LOOKED_AT: usize = 1 << 20;

/// Whether an object is an answer: by its members, with the first item of each list.
fn of_object(peek: &Peek) -> Answer {
    let mut object = Vec::new();
    for member in peek.members() {
        if shape::of_bundle_key(&member.key).is_some() {
            return Answer::Certain;
        }
        let value = match member.is_array() {
            true => Value::Array(first_item(member.value).into_iter().collect()),
            false => documents::borrowed(&member.value[..member.value.floor_char_boundary(LOOKED_AT)]),
        };
        object.push((member.key.clone(), value));
    }
    match shape::of_object(&Value::object(object)) {
        Some(_) => Answer::Certain,
        None => Answer::No,
    }
}

/// Workflow files.
pub struct WorkflowFile;

impl Importer for WorkflowFile {
    fn name(&self) -> &'static str {
        "github-workflow"
    }

    fn describe(&self) -> &'static str {
        "GitHub Actions workflows: the files under .github/workflows"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        if workflow::is_workflow(peek.head()) {
            Answer::Certain
        } else {
            Answer::No
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        let path = workflow::path_of(input.name);
        let (found, problems) = workflow::of_text(input.text, &path);
        let complete = problems.is_empty();
        let diagnostics = problems
            .into_iter()
            .map(|problem| Diagnostic::warning("bad-workflow", input.whole(), problem))
            .collect();
        let facts: Pile<facts::Stated> = found
            .into_iter()
            .map(|one| facts::Stated {
                place: Place::new(input.file, ""),
                whereabouts: whereabouts::of_name(input.name).into(),
                fact: facts::Fact::Workflow(Box::new(one)),
            })
            .collect();
        input.report(input.text.len());
        Fragment {
            complete,
            diagnostics,
            pieces: vec![Piece::new(FAMILY, facts)],
            ..Fragment::default()
        }
    }
}

/// What the files of GitHub say together.
pub struct GitHub;

impl Family for GitHub {
    fn name(&self) -> &'static str {
        FAMILY
    }

    fn assemble(&self, pieces: Vec<(FileId, Piece)>, progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
        assemble::assemble(&pieces, progress)
    }
}
