//! What the inspector shows of one thing: plain data, worked out on the worker, so that the window only paints.

use crate::analysis::{CheckState, Checks};
use crate::graph::Thing;
use crate::scenario::Action;
pub use crate::scene::{Class, State as ThingState};

/// The line under the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// Which state.
    pub state: ThingState,
    /// `Reached by inheritance, 3 hops`.
    pub text: String,
    /// `still accepted at 4 of 9`; may be empty.
    pub more: String,
}

/// One row of why a thing is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyRow {
    /// The number on the teal disc: hops, on the seed and on systems.
    pub disc: Option<u32>,
    /// What is reached here, by id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its shape.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
    /// Its state.
    pub state: ThingState,
    /// Why, in a few words: `accepts any scope`, `stored there`.
    pub reason: String,
    /// Which kind of edge leads here; none on a seed.
    pub edge: Option<super::EdgeKind>,
    /// The checks at this acceptance.
    pub checks: Option<Checks>,
    /// The relations used, by name; for the hover text.
    pub records: Vec<String>,
}

/// One audience or scope of a credential, to be ticked off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// As the credential states it.
    pub value: String,
    /// Its name for people.
    pub name: String,
    /// Whether the scenario keeps it.
    pub on: bool,
    /// `used 2 days ago`, `idle 204 days`, `last use not known`; empty where no flow uses it.
    pub used: String,
    /// Something in use, or of unknown use and meant, stops without it.
    pub breaks: bool,
}

/// Where narrowing or revoking a credential changes nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoEffectRow {
    /// The letter on the pill.
    pub letter: char,
    /// Where.
    pub name: String,
    /// `audience not checked`.
    pub why: String,
}

/// The amber banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoEffect {
    /// `No effect at 2 systems`.
    pub title: String,
    /// `They accept the token whatever its audience says`.
    pub why: String,
    /// One row each.
    pub rows: Vec<NoEffectRow>,
}

/// Numbers of a radius before and after an action, in the order in which they are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectNumbers {
    /// Systems reached.
    pub systems: (u64, u64),
    /// Crown jewels among them.
    pub crown_jewels: (u64, u64),
    /// Weight.
    pub weight: (u64, u64),
    /// Legitimate flows in use that stop.
    pub breaks_in_use: u64,
    /// Legitimate flows of unknown use that stop.
    pub breaks_unknown: u64,
    /// Idle flows that stop.
    pub breaks_idle: u64,
}

impl EffectNumbers {
    /// `Breaks 1 in use`, `Breaks nothing known`.
    #[must_use]
    pub fn breaks(&self) -> String {
        let mut parts = Vec::new();
        if self.breaks_in_use > 0 {
            parts.push(format!("{} in use", super::words::number(self.breaks_in_use)));
        }
        if self.breaks_unknown > 0 {
            parts.push(format!("{} of unknown use", super::words::number(self.breaks_unknown)));
        }
        match parts.as_slice() {
            [] if self.breaks_idle > 0 => format!("breaks {} idle", super::words::number(self.breaks_idle)),
            [] => "breaks nothing known".to_owned(),
            _ => format!("breaks {}", parts.join(", ")),
        }
    }

    /// Whether anything changes for who holds what was stolen.
    #[must_use]
    pub fn has_effect(&self) -> bool {
        self.systems.0 != self.systems.1 || self.weight.0 != self.weight.1
    }
}

/// An action the analyst could take here, with its effect before the click.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What would be done.
    pub action: Action,
    /// `Narrow audience of gha-deploy-prod…`.
    pub title: String,
    /// What would no longer be reached.
    pub removed: Vec<Thing>,
    /// What it would change; nothing while it is worked out.
    pub effect: Option<EffectNumbers>,
    /// Why it is grey: what it does not change, or that it does not apply.
    pub why_not: Option<String>,
    /// Whether it can be done at all.
    pub applies: bool,
}

/// Everything the inspector shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Of what, by id (`context:NAME` for a context).
    pub id: String,
    /// Whether the files that are open know it.
    pub known: bool,
    /// Its name.
    pub title: String,
    /// Kind, platform, environment, criticality.
    pub subtitle: String,
    /// A crown jewel.
    pub crown: bool,
    /// Its shape.
    pub class: Class,
    /// Its icon.
    pub icon: Option<char>,
    /// Its state.
    pub banner: Banner,
    /// Label and value, ending with the record's file and line.
    pub facts: Vec<(String, String)>,
    /// The checks on its path's last acceptance.
    pub checks: Option<Checks>,
    /// Why it is reached, from the seed on.
    pub why: Vec<WhyRow>,
    /// How many ways in there are.
    pub ways: usize,
    /// A credential's audience.
    pub audience: Vec<Tick>,
    /// A credential's scopes.
    pub scopes: Vec<Tick>,
    /// Where the scenario's actions on it change nothing.
    pub no_effect: Option<NoEffect>,
    /// What could be done.
    pub offers: Vec<Offer>,
    /// Of a system, who alone reaches it; nothing while it is worked out.
    pub leads: Option<super::Leads>,
    /// Of a holder, what it is granted beyond what is used.
    pub excess: Vec<super::Excess>,
    /// Whether it is taken as compromised.
    pub is_seed: bool,
    /// Effects that are still being worked out.
    pub pending: usize,
}

/// What a check is called on a pip: its letter, its name, and its state in one word.
#[must_use]
pub fn check_words(state: CheckState) -> &'static str {
    match state {
        CheckState::Made => "made",
        CheckState::NotMade => "missing",
        CheckState::Unknown => "unknown",
        CheckState::NotApplicable => "not needed",
    }
}

/// All five checks in one sentence, for who cannot see the pips.
#[must_use]
pub fn checks_sentence(checks: &Checks) -> String {
    const NAMES: [&str; 5] = ["audience", "issuer", "scope", "context", "revocation"];
    NAMES
        .iter()
        .zip(checks)
        .map(|(name, state)| format!("{name} {}", check_words(*state)))
        .collect::<Vec<_>>()
        .join(", ")
}
