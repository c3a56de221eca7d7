//! What the session knows, under aliases: for exports that name nobody.

use super::derive::{RankLine, Ranks};
use super::{Estate, Proposal, Question, Reach, SearchIndex};
use crate::export::redact;
use crate::model::Aliases;
use std::sync::Arc;

impl Question {
    /// The same question under aliases; only what a table shows of it is there.
    pub(super) fn aliased(&self, aliases: &Aliases) -> Self {
        let graph = self.estate.graph.aliased(aliases);
        let loaded = redact::loaded(&self.estate.loaded, Arc::clone(graph.shared_inventory()));
        let mut seeds: Vec<String> = self.proposal.seeds.iter().map(|id| aliases.id(id)).collect();
        seeds.sort();
        Self {
            estate: Arc::new(Estate {
                opened: Vec::new(),
                stamps: Vec::new(),
                loaded,
                joins: Vec::new(),
                graph,
                index: SearchIndex::default(),
                read_at: self.estate.read_at,
            }),
            proposal: Proposal {
                seeds,
                ..Proposal::default()
            },
            selection: None,
            around: None,
            paths: None,
            hidden: Default::default(),
            pins: Default::default(),
            isolated: None,
            asserted: None,
            finding: None,
            compare: None,
            other: None,
            ..self.clone()
        }
    }
}

impl Reach {
    /// The same under aliases; `q` is the question under them.
    pub(super) fn aliased(&self, q: &Question, aliases: &Aliases) -> Self {
        Self {
            question: q.clone(),
            before: Arc::new(self.before.aliased(aliases)),
            comparison: self.comparison.as_ref().map(|c| c.aliased(aliases)),
            errors: Vec::new(),
            flows_before: self.flows_before.clone(),
            overlay: self.overlay.aliased(aliases),
        }
    }
}

impl Ranks {
    /// The same under aliases.
    pub(super) fn aliased(&self, aliases: &Aliases) -> Self {
        let line = |l: &RankLine| RankLine {
            id: aliases.id(&l.id),
            name: aliases.id(&l.id),
            haystack: String::new(),
            ..l.clone()
        };
        Self {
            lines: self.lines.iter().map(line).collect(),
            exposure: self.exposure,
        }
    }
}
