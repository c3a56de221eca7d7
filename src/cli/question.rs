//! What `radius` and `report` ask: what follows from a compromise, and what a scenario leaves of it.

use super::{Common, Io, Opened, UNUSABLE, fail, open};
use crate::analysis::{Never, Radius, radius, resolve_seeds};
use crate::export::report::Subject;
use crate::graph::{Overlay, TrustGraph};
use crate::import::{read_text_file, secrets};
use crate::model::{Diagnostic, Level};
use crate::scenario::{Comparison, Scenario, compare, read, unreachable_contexts};
use crate::scene::Pins;
use crate::scene::style::Theme;
use clap::Args;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The arguments.
#[derive(Args, Clone, Debug)]
pub struct Question {
    /// Inventories and settings.
    #[command(flatten)]
    pub common: Common,

    /// What is compromised: ids of systems, identities and credentials, or context:NAME; may be given more than once
    #[arg(long, value_name = "ID", required = true, num_args = 1..)]
    pub compromise: Vec<String>,

    /// What is proposed: before, after and what breaks
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
}

/// What follows.
pub struct Answer {
    /// The inputs and settings.
    pub opened: Opened,
    /// The trust graph.
    pub graph: TrustGraph,
    /// What is compromised, as asked, sorted and without repeats.
    pub compromise: Vec<String>,
    /// The radius before.
    pub before: Arc<Radius>,
    /// The scenario and what it does.
    pub after: Option<(Scenario, Comparison)>,
    /// What is odd about the question.
    pub diagnostics: Vec<Diagnostic>,
}

/// The command line moves nothing on a map.
static NO_PINS: Pins = Pins::new();

impl Answer {
    /// As what a report is about.
    #[must_use]
    pub fn subject(&self, theme: Theme) -> Subject<'_> {
        Subject {
            loaded: &self.opened.loaded,
            graph: &self.graph,
            compromise: &self.compromise,
            before: &self.before,
            after: self.after.as_ref().map(|(scenario, c)| (scenario, c)),
            settings: self.opened.settings,
            as_of_from: self.opened.as_of_from,
            diagnostics: &self.diagnostics,
            theme,
            layered: false,
            estate: None,
            advice: None,
            notes: &[],
            pins: &NO_PINS,
            redacted: None,
        }
    }
}

/// Answers. `Err` is the exit status, after every reason was written: nothing is answered in part.
///
/// # Errors
/// The outer one where standard error cannot be written.
pub fn answer(question: &Question, io: &mut Io) -> io::Result<Result<Answer, u8>> {
    // A seed is written into every result, so a secret pasted in place of its id must stop here.
    if question.compromise.iter().any(|id| secrets::is_secret(id)) {
        let why = "--compromise: one looks like a secret's value; name the credential by its id instead";
        return fail(io, why).map(Err);
    }
    // What is wrong with the arguments is all said at once, so the scenario is read before the inventories.
    let scenario = match &question.scenario {
        Some(path) => match read_text_file(path) {
            Ok(text) => Some((path.display().to_string(), text)),
            Err(why) => {
                return fail(io, &format!("Could not read {}: {why}", path.display())).map(Err);
            }
        },
        None => None,
    };
    let opened = match open(&question.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(Err(status)),
    };
    let graph = TrustGraph::build(opened.loaded.inventory.clone());
    let mut compromise = question.compromise.clone();
    compromise.sort();
    compromise.dedup();

    let mut wrong = Vec::new();
    let (proposed, mut overlay) = match scenario {
        None => (None, Overlay::default()),
        Some((name, text)) => match read(&graph, &text) {
            Ok((scenario, overlay)) => (Some(scenario), overlay),
            Err(errors) => {
                wrong.extend(errors.iter().map(|e| format!("{name}: {e}")));
                (None, Overlay::default())
            }
        },
    };
    let seeds = match resolve_seeds(&graph, &mut overlay, &compromise) {
        Ok(seeds) => seeds,
        Err(unknown) => {
            wrong.extend(unknown.iter().map(|u| format!("--compromise: {u}")));
            Vec::new()
        }
    };
    if !wrong.is_empty() {
        for line in &wrong {
            fail(io, line)?;
        }
        return Ok(Err(UNUSABLE));
    }

    let actions = proposed.as_ref().map_or(&[][..], |s| &s.actions);
    let diagnostics = unreachable(unreachable_contexts(&graph, actions, &compromise));
    let settings = opened.settings;
    let computed = match proposed {
        None => radius(&graph, &overlay, &seeds, settings, &Never).map(|r| (Arc::new(r), None)),
        Some(scenario) => compare(&graph, &scenario.actions, &overlay, &seeds, settings, &Never)
            .map(|c| (c.before.clone(), Some((scenario, c)))),
    };
    let Ok((before, after)) = computed else {
        return fail(io, "The computation was cancelled").map(Err);
    };
    Ok(Ok(Answer {
        opened,
        graph,
        compromise,
        before,
        after,
        diagnostics,
    }))
}

/// Warnings of contexts that nothing yields.
pub(super) fn unreachable(contexts: Vec<String>) -> Vec<Diagnostic> {
    let warning = |name: String| Diagnostic {
        level: Level::Warning,
        code: "unreachable-context",
        place: None,
        also: Vec::new(),
        message: format!(
            "Nothing yields the context \"{}\"; check its name, or load the file that says how it is reached",
            name.escape_debug()
        ),
    };
    contexts.into_iter().map(warning).collect()
}
