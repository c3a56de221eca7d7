//! Results under aliases: no name, id, owner, tag, scope, file name or free text of the inventory is in them, while every
//! number and every place on the map is as it was.

use super::report::{Advice, Subject};
use crate::analysis::Radius;
use crate::graph::TrustGraph;
use crate::import::Loaded;
use crate::model::{Aliases, Diagnostic, Inventory, Word, place_without_names};
use crate::scenario::{Comparison, Scenario, further_words};
use crate::scene::{known_platform, known_words};
use std::sync::Arc;

/// What an environment may be called without naming anybody.
const ENVIRONMENTS: [&str; 20] = [
    "prod",
    "production",
    "live",
    "stage",
    "staging",
    "preprod",
    "dev",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "sandbox",
    "lab",
    "demo",
    "ci",
    "dr",
    "shared",
    "corp",
    "office",
];

/// The aliases of an inventory, and of what is proposed against it.
#[must_use]
pub fn aliases(inventory: &Inventory, seeds: &[String], scenario: Option<&Scenario>) -> Aliases {
    let actions = scenario.map_or(&[][..], |s| &s.actions);
    Aliases::new(inventory, &further_words(seeds, actions), &|word, text| match word {
        Word::Platform => known_platform(text).map(|_| text.to_owned()),
        Word::Environment => {
            let lower = text.to_ascii_lowercase();
            ENVIRONMENTS.contains(&lower.as_str()).then(|| text.to_owned())
        }
        Word::Kind => known_words(text),
        _ => None,
    })
}

/// What was read, under aliases: files have numbers, problems keep their code and their place. Hashes stay, so that the
/// inputs can still be told by who has them.
#[must_use]
pub fn loaded(loaded: &Loaded, inventory: Arc<Inventory>) -> Loaded {
    let file = |n: usize| format!("file-{}", n + 1);
    let read = loaded.inputs.len();
    let mut inputs = loaded.inputs.clone();
    for (n, input) in inputs.iter_mut().enumerate() {
        input.name = file(n);
    }
    Loaded {
        inventory,
        inputs,
        skipped: (0..loaded.skipped.len()).map(|n| file(read + n)).collect(),
        diagnostics: diagnostics(&loaded.diagnostics),
    }
}

fn diagnostics(list: &[Diagnostic]) -> Vec<Diagnostic> {
    list.iter()
        .map(|d| Diagnostic {
            level: d.level,
            code: d.code,
            place: d.place.as_ref().map(place_without_names),
            also: Vec::new(),
            message: format!("{}; the names in it are left out", words_of(d.code)),
        })
        .collect()
}

/// `unknown-key` as words.
fn words_of(code: &str) -> String {
    let mut text = code.replace('-', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Everything a report is about, under aliases.
pub struct Redacted {
    /// The aliases.
    pub aliases: Aliases,
    loaded: Loaded,
    graph: TrustGraph,
    compromise: Vec<String>,
    before: Radius,
    after: Option<(Scenario, Comparison)>,
    advice: Option<Advice>,
    diagnostics: Vec<Diagnostic>,
}

impl Redacted {
    /// Of a subject.
    #[must_use]
    pub fn of(subject: &Subject) -> Self {
        let inventory = subject.graph.inventory();
        let a = aliases(
            inventory,
            subject.compromise,
            subject.after.map(|(scenario, _)| scenario),
        );
        let graph = subject.graph.aliased(&a);
        Self {
            loaded: loaded(subject.loaded, Arc::clone(graph.shared_inventory())),
            graph,
            compromise: subject.compromise.iter().map(|id| a.id(id)).collect(),
            before: subject.before.aliased(&a),
            after: subject.after.map(|(scenario, c)| (scenario.aliased(&a), c.aliased(&a))),
            advice: subject.advice.map(|x| x.aliased(subject.graph, &a)),
            diagnostics: diagnostics(subject.diagnostics),
            aliases: a,
        }
    }

    /// The subject under aliases; `own` is the one it was made of, from which every place on its pictures comes.
    #[must_use]
    pub fn subject<'a>(&'a self, own: &'a Subject<'a>) -> Subject<'a> {
        Subject {
            loaded: &self.loaded,
            graph: &self.graph,
            compromise: &self.compromise,
            before: &self.before,
            after: self.after.as_ref().map(|(scenario, c)| (scenario, c)),
            advice: self.advice.as_ref(),
            diagnostics: &self.diagnostics,
            redacted: Some((own, &self.aliases)),
            ..*own
        }
    }
}
