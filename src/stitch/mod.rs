//! What two sources say of one thing. Ids that are equal in two files need no help: the merge unites them. Here are the
//! joins that take a look at both sides: a subject that matches a pattern in another file, a service account that a
//! cloud's trust policy knows by its token's subject, a role named without its path, a secret known by its name alone.
//!
//! Each rule of [`RULES`] proposes relations between records that are there; it adds no entity. A join that follows from
//! exact ids or an evaluated condition is solid; every other one is `assumed`, until the analyst confirms it, and gone
//! when the analyst refuses it. What is proposed depends on the merged inventory alone, so the order in which files come
//! does not matter.

mod names;
mod refs;
mod roles;
mod service_accounts;
mod subjects;

use crate::model::{
    Exposure, ExposureFrom, ExposureHow, Inherit, InheritHow, Inventory, List, Place, Records, RelationCommon,
    Requirement, Yields,
};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How much a join rests on, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Both sides state one id.
    ExactId,
    /// A condition of one side was evaluated with what the other states.
    Evaluated,
    /// One side points at the other, which does not point back.
    OneSided,
    /// The names are alike.
    NameOnly,
}

impl Confidence {
    /// Whether the join holds without anybody's word.
    #[must_use]
    pub fn is_solid(self) -> bool {
        self <= Self::Evaluated
    }

    /// In words, as documents have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ExactId => "exact-id",
            Self::Evaluated => "evaluated",
            Self::OneSided => "one-sided",
            Self::NameOnly => "name-only",
        }
    }
}

/// One way of joining.
pub struct Rule {
    /// Its name in ids and documents.
    pub id: &'static str,
    /// What it joins, for people.
    pub title: &'static str,
    /// What it proposes.
    propose: fn(&Said, &mut Proposals),
}

/// Every rule.
pub static RULES: &[Rule] = &[
    Rule {
        id: "subject-pattern",
        title: "A token's subject matches the pattern of a trust policy",
        propose: subjects::propose,
    },
    Rule {
        id: "service-account-subject",
        title: "A Kubernetes service account is the subject a trust policy names",
        propose: service_accounts::propose,
    },
    Rule {
        id: "unlisted-ref",
        title: "A trust names a branch or tag that no list shows",
        propose: refs::propose,
    },
    Rule {
        id: "role-path",
        title: "A role is named without its path",
        propose: roles::paths,
    },
    Rule {
        id: "role-session",
        title: "A session of a role is named",
        propose: roles::sessions,
    },
    Rule {
        id: "secret-name",
        title: "A stored secret has the name of a credential",
        propose: names::propose,
    },
];

/// What the analyst said of joins, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// These hold.
    pub confirmed: BTreeSet<String>,
    /// These do not.
    pub refused: BTreeSet<String>,
}

/// A proposed join and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The id of the relation it makes; equal inventories give equal ids.
    pub id: String,
    /// The rule's id.
    pub rule: &'static str,
    /// Id of the record whose holder gains.
    pub from: String,
    /// Id of the record that is gained.
    pub to: String,
    /// How much it rests on.
    pub confidence: Confidence,
    /// Why, in a sentence.
    pub evidence: String,
    /// Whether the analyst refused it; it is not in the inventory then.
    pub refused: bool,
    /// Whether the analyst confirmed it.
    pub confirmed: bool,
}

/// Joins being proposed by one rule.
pub(crate) struct Proposals {
    rule: &'static str,
    /// By ends, so that two reasons for one join are one, the better.
    found: BTreeMap<(String, String), Proposal>,
}

struct Proposal {
    confidence: Confidence,
    evidence: String,
    makes: Makes,
    places: Vec<Place>,
}

/// The relation a join makes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Makes {
    /// Whoever has this permission becomes `to`; `from` is where the permission is.
    Permitted(Requirement),
    /// `from` is or becomes `to`.
    Inherit(InheritHow),
    /// Whoever holds `from` holds `to`, a copy of it.
    Copy,
}

impl Proposals {
    /// Proposes that `from` gives `to`.
    pub(crate) fn join(
        &mut self,
        from: &str,
        to: &str,
        makes: Makes,
        confidence: Confidence,
        evidence: String,
        places: &[&[Place]],
    ) {
        let mut places: Vec<Place> = places.iter().copied().flatten().cloned().collect();
        places.sort();
        places.dedup();
        let proposal = Proposal {
            confidence,
            evidence,
            makes,
            places,
        };
        let known = self.found.entry((from.to_owned(), to.to_owned()));
        match known {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(proposal);
            }
            std::collections::btree_map::Entry::Occupied(mut taken) => {
                if (proposal.confidence, &proposal.evidence) < (taken.get().confidence, &taken.get().evidence) {
                    taken.insert(proposal);
                }
            }
        }
    }
}

/// An inventory with its joins.
pub struct Stitched {
    /// The inventory, and in it every join that was not refused.
    pub inventory: Arc<Inventory>,
    /// Every join proposed, by id.
    pub joins: Vec<Join>,
}

/// Joins what the files of an inventory say of one thing.
#[must_use]
pub fn stitch(inventory: Arc<Inventory>, decisions: &Decisions) -> Stitched {
    let stated: BTreeSet<&str> = {
        let records = &inventory.records;
        let inherits = records.inherits.iter().filter_map(|r| r.common.id.as_deref());
        inherits
            .chain(records.exposures.iter().filter_map(|r| r.common.id.as_deref()))
            .filter(|id| id.starts_with("join:"))
            .collect()
    };
    let said = Said::new(&inventory);
    let mut joins = Vec::new();
    let mut made = Records::default();
    for rule in RULES {
        let mut proposals = Proposals {
            rule: rule.id,
            found: BTreeMap::new(),
        };
        (rule.propose)(&said, &mut proposals);
        let rule = proposals.rule;
        for ((from, to), proposal) in proposals.found {
            let id = format!("join:{rule}:{from}>{to}");
            let refused = decisions.refused.contains(&id);
            let confirmed = !refused && decisions.confirmed.contains(&id);
            // A file that was written with its joins states them already.
            if !refused && !stated.contains(id.as_str()) {
                let common = RelationCommon {
                    id: Some(id.clone().into()),
                    assumed: (!confirmed && !proposal.confidence.is_solid()).then_some(true),
                    evidence: Some(proposal.evidence.clone().into()),
                    attributes: [("join".to_owned(), proposal.confidence.word().into())]
                        .into_iter()
                        .collect(),
                    places: proposal.places.into(),
                    ..RelationCommon::default()
                };
                match proposal.makes {
                    Makes::Inherit(how) => made.inherits.push(Inherit {
                        common,
                        from: Some(from.clone().into()),
                        to: to.clone().into(),
                        how: Some(how),
                        ..Inherit::default()
                    }),
                    Makes::Permitted(needs) => made.inherits.push(Inherit {
                        common,
                        from: None,
                        to: to.clone().into(),
                        requires_all: [needs].into(),
                        audiences: None,
                        how: Some(InheritHow::Impersonation),
                    }),
                    Makes::Copy => made.exposures.push(Exposure {
                        common,
                        from: ExposureFrom::Credential(from.clone().into()),
                        requires: List::new(),
                        yields: Yields::Credential(to.clone().into()),
                        how: Some(ExposureHow::Copied),
                    }),
                }
            }
            joins.push(Join {
                id,
                rule,
                from,
                to,
                confidence: proposal.confidence,
                evidence: proposal.evidence,
                refused,
                confirmed,
            });
        }
    }
    joins.sort_by(|a, b| a.id.cmp(&b.id));
    let inventory = if made.is_empty() {
        inventory
    } else {
        let whole = Arc::try_unwrap(inventory).unwrap_or_else(|shared| (*shared).clone());
        Arc::new(whole.joined(made))
    };
    Stitched { inventory, joins }
}

/// An inventory, and which inherits its files state, so that no rule says again what a file says.
pub(crate) struct Said<'a> {
    inventory: &'a Inventory,
    inherits: OnceCell<HashMap<(&'a str, &'a str), bool>>,
}

impl<'a> Said<'a> {
    fn new(inventory: &'a Inventory) -> Self {
        Self {
            inventory,
            inherits: OnceCell::new(),
        }
    }

    /// Whether some file says that `from` is or becomes `to`: certainly, or as something assumed.
    fn inherit(&self, from: &str, to: &str) -> Option<bool> {
        let all = self.inherits.get_or_init(|| {
            let mut all = HashMap::new();
            for inherit in &self.inventory.records.inherits {
                if let Some(from) = inherit.from.as_deref() {
                    *all.entry((from, inherit.to.as_str())).or_default() |= !inherit.common.is_assumed();
                }
            }
            all
        });
        all.get(&(from, to)).copied()
    }

    /// Whether some file says so for certain.
    fn surely(&self, from: &str, to: &str) -> bool {
        self.inherit(from, to) == Some(true)
    }
}
