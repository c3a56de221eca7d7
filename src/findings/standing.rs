//! What becomes of findings under a scenario: which stand, which are mended, lowered or new.

use super::{Evidence, Finding, Severity};
use crate::model::Aliases;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// What became of a finding under the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    /// It stands.
    Open,
    /// It stands, and was worse.
    Lowered(Severity),
    /// The scenario mends it.
    Mended,
    /// The scenario raises it.
    Raised,
}

impl FindingState {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Lowered(_) => "lowered",
            Self::Mended => "mended",
            Self::Raised => "raised",
        }
    }
}

/// A finding with what became of it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// As it stands, or as it stood where the scenario mends it.
    pub finding: Arc<Finding>,
    /// As it stood before the scenario; as it stands where the scenario raises it.
    pub was: Arc<Finding>,
    /// What became of it.
    pub state: FindingState,
}

impl Followed {
    /// The severity it is listed under: what it was before the scenario lowered it, since a what-if moves nothing.
    #[must_use]
    pub fn listed_under(&self) -> Severity {
        match self.state {
            FindingState::Lowered(was) => was,
            FindingState::Open | FindingState::Mended | FindingState::Raised => self.finding.severity,
        }
    }

    /// The same under aliases: of its free words only the rule's title is left.
    #[must_use]
    pub fn aliased(&self, a: &Aliases) -> Self {
        Self {
            finding: Arc::new(self.finding.aliased(a)),
            was: Arc::new(self.was.aliased(a)),
            state: self.state,
        }
    }
}

/// Findings of one rule about one thing, each with its place among all.
type Alike<'a> = Vec<(usize, &'a Arc<Finding>)>;

/// Follows findings from before a scenario to those with it: by the severity they are listed under, falling; inside it as
/// they stood before, then what the scenario raises.
#[must_use]
pub fn follow(before: &[Arc<Finding>], now: &[Arc<Finding>]) -> Vec<Followed> {
    let mut left: HashMap<(&str, &str), Alike<'_>> = HashMap::new();
    for (place, finding) in before.iter().enumerate() {
        left.entry(finding.key()).or_default().push((place, finding));
    }
    let mut out: Vec<(usize, Followed)> = Vec::new();
    for finding in now {
        let was = left.get_mut(&finding.key()).and_then(|all| {
            let same =
                all.iter()
                    .position(|(_, w)| w.on == finding.on)
                    .or(if all.is_empty() { None } else { Some(0) })?;
            Some(all.remove(same))
        });
        let state = match was {
            None => FindingState::Raised,
            Some((_, was)) if was.severity > finding.severity => FindingState::Lowered(was.severity),
            Some(_) => FindingState::Open,
        };
        // A finding is about fewer things once some are mended, and is known by what it was about before.
        let (place, was) = was.unwrap_or((usize::MAX, finding));
        let (finding, was) = (Arc::clone(finding), Arc::clone(was));
        out.push((place, Followed { finding, was, state }));
    }
    for (place, f) in left.into_values().flatten() {
        let (finding, was, state) = (Arc::clone(f), Arc::clone(f), FindingState::Mended);
        out.push((place, Followed { finding, was, state }));
    }
    // Those the scenario raises keep the order they were found in: the sort is stable, and only they share a place.
    out.sort_by_key(|(place, f)| (Reverse(f.listed_under()), *place));
    out.into_iter().map(|(_, f)| f).collect()
}

impl Finding {
    fn aliased(&self, a: &Aliases) -> Self {
        let evidence = |e: &Evidence| Evidence {
            record: e.record.as_deref().map(|r| a.target(r)),
            place: None,
            fact: None,
            says: "The words of the evidence are left out".to_owned(),
        };
        let mut on: Vec<String> = self.on.iter().map(|id| a.target(id)).collect();
        if let Some(others) = on.get_mut(1..) {
            others.sort();
        }
        Self {
            rule: self.rule,
            severity: self.severity,
            on,
            title: self.rule.title.to_owned(),
            why: "The words of the finding are left out".to_owned(),
            evidence: self.evidence.iter().map(evidence).collect(),
            fix: self.fix.iter().map(|x| x.aliased(a)).collect(),
        }
    }
}
