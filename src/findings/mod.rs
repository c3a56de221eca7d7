//! What is wrong with an estate, whoever is compromised: findings, each a rule with an entry in one table, a page and
//! the actions that mend it. Findings are of the world as it is under a scenario, so that a mended one goes away.

pub mod assertions;
mod estate;
mod frameworks;
mod least;
mod rules;
mod standing;

pub use frameworks::{FRAMEWORKS, Frameworks, KNOWN};
pub use least::{Least, least_privilege, narrower};
pub use standing::{FindingState, Followed, follow};

use crate::analysis::{Cancel, Cancelled};
use crate::graph::{Thing, World};
use crate::model::{Named, Place};
use crate::scenario::Action;
use estate::Estate;
use rayon::prelude::*;

/// How much a finding matters, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// When there is time.
    Low,
    /// Soon.
    Medium,
    /// Next.
    High,
    /// Now.
    Critical,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step less, where there is one.
    #[must_use]
    fn lower(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id, as in documents and as its page is called.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// How its severity is decided.
    pub severity: &'static str,
    /// Its ids in the frameworks.
    pub frameworks: Frameworks,
    /// Its page: Markdown.
    pub page: &'static str,
    find: Find,
}

/// How a rule looks.
#[derive(Clone, Copy, Debug)]
enum Find {
    /// At the estate alone.
    Estate(for<'e> fn(&Estate<'e>) -> Result<Vec<Found>, Cancelled>),
    /// At the estate and at what the other rules found.
    Rest(for<'e> fn(&Estate<'e>, &[Finding]) -> Result<Vec<Found>, Cancelled>),
}

/// Every rule; findings of one severity stand in this order.
#[must_use]
pub fn rules() -> &'static [Rule] {
    rules::RULES
}

/// The rule of an id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules::RULES.iter().find(|r| r.id == id)
}

/// What supports a finding: a record with its places, or a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Id of the entity, or name of the relation, that says it.
    pub record: Option<String>,
    /// Where the record was read: the first place of it.
    pub place: Option<Place>,
    /// A fact that follows: `Accepted(c, copy, s)`.
    pub fact: Option<String>,
    /// For people.
    pub says: String,
}

/// What a rule found, before it is signed with the rule.
#[derive(Clone, Debug)]
struct Found {
    severity: Severity,
    on: Vec<String>,
    title: String,
    why: String,
    evidence: Vec<Evidence>,
    fix: Vec<Action>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters.
    pub severity: Severity,
    /// Ids of what it is about, the subject first, then the others, sorted.
    pub on: Vec<String>,
    /// What is the matter, in one line.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What supports it.
    pub evidence: Vec<Evidence>,
    /// Actions that each mend it or a part of it, the ones that break least first.
    pub fix: Vec<Action>,
}

impl Finding {
    /// A name that stays the same as long as the finding is about the same: rule and subject.
    #[must_use]
    pub fn key(&self) -> (&'static str, &str) {
        (self.rule.id, self.on.first().map_or("", String::as_str))
    }
}

/// All findings of a world, by severity falling, then rule, then what they are about.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn findings(world: World<'_>, cancel: &dyn Cancel) -> Result<Vec<Finding>, Cancelled> {
    let estate = Estate::of(world, cancel)?;
    let alone: Vec<Vec<Finding>> = rules::RULES
        .par_iter()
        .map(|rule| match rule.find {
            Find::Estate(find) => find(&estate).map(|found| signed(rule, found)),
            Find::Rest(_) => Ok(Vec::new()),
        })
        .collect::<Result<_, _>>()?;
    let mut all: Vec<Finding> = alone.into_iter().flatten().collect();
    for rule in rules::RULES {
        if let Find::Rest(find) = rule.find {
            let more = find(&estate, &all)?;
            all.extend(signed(rule, more));
        }
    }
    let place = |f: &Finding| rules::RULES.iter().position(|r| r.id == f.rule.id);
    all.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.on.cmp(&b.on))
    });
    Ok(all)
}

fn signed(rule: &'static Rule, found: Vec<Found>) -> Vec<Finding> {
    found
        .into_iter()
        .map(|f| Finding {
            rule,
            severity: f.severity,
            on: f.on,
            title: f.title,
            why: f.why,
            evidence: f.evidence,
            fix: f.fix,
        })
        .collect()
}

/// Evidence by a relation.
fn by_relation(relation: &dyn Named, says: impl Into<String>) -> Evidence {
    let common = relation.common();
    let mut says = says.into();
    if let Some(source) = &common.evidence {
        says = format!("{says} ({source})");
    }
    Evidence {
        record: Some(relation.name().to_string()),
        place: common.places.first().cloned(),
        fact: None,
        says,
    }
}

/// Evidence by an entity of a world.
fn by_thing(world: World<'_>, thing: Thing, says: impl Into<String>) -> Evidence {
    let r = &world.graph.inventory().records;
    let places = match thing {
        Thing::System(s) => &r.systems[s as usize].places,
        Thing::Identity(i) => &r.identities[i as usize].places,
        Thing::Credential(c) => &r.credentials[c as usize].places,
        Thing::Context(_) => &crate::model::Places::default(),
    };
    Evidence {
        record: Some(world.graph.id(thing).into_owned()),
        place: places.first().cloned(),
        fact: None,
        says: says.into(),
    }
}

/// Evidence by a fact.
fn by_fact(fact: String, says: impl Into<String>) -> Evidence {
    Evidence {
        record: None,
        place: None,
        fact: Some(fact),
        says: says.into(),
    }
}
