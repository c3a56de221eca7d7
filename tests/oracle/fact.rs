//! What can be so, what a rule application is, and who belongs to which groups.

use super::scope::{Except, Scope, scope_text};
use super::world::{Common, Way, World};
use std::collections::BTreeMap;

/// What can be so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    Holds(String, Way),
    ActsAs(String),
    Accepted(String, Way, String),
    Access(String, Scope, Except),
    InContext(String),
}

impl Fact {
    /// The fact as explanations print it.
    pub fn text(&self) -> String {
        match self {
            Fact::Holds(c, v) => format!("Holds({c}, {})", v.text()),
            Fact::ActsAs(i) => format!("ActsAs({i})"),
            Fact::Accepted(c, v, s) => format!("Accepted({c}, {}, {s})", v.text()),
            Fact::InContext(z) => format!("InContext({z})"),
            Fact::Access(s, m, e) if e.is_empty() => format!("Access({s}, {})", scope_text(m)),
            Fact::Access(s, m, e) => {
                let except: Vec<&str> = e.iter().map(String::as_str).collect();
                format!("Access({s}, {} less {})", scope_text(m), except.join(", "))
            }
        }
    }
}

/// What a rule application rests on: a fact, or that one of several that has the best derivation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Premise {
    Fact(Fact),
    BestOf(Vec<Fact>),
}

/// One rule application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Application {
    pub rule: &'static str,
    pub fact: Fact,
    pub premises: Vec<Premise>,
    pub records: Vec<String>,
}

/// A compromise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seed {
    System(String),
    Identity(String),
    Credential(String),
    Context(String),
}

/// For each identity its groups and itself, each with the names of the memberships that lead there: the shortest
/// chain, of those the least list of names.
pub type Groups = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// "`groups(i)`: `i` and, through inherits with `how: membership`, all active identities it belongs to."
pub fn groups(world: &World, exists: impl Fn(&Common) -> bool) -> Groups {
    let mut all = Groups::new();
    for start in world.identities.keys() {
        let mut mine = BTreeMap::from([(start.clone(), Vec::new())]);
        loop {
            let mut next = mine.clone();
            for link in world
                .inherits()
                .filter(|x| x.how.as_deref() == Some("membership") && exists(&x.common))
            {
                let Some(chain) = link.from.as_ref().and_then(|from| mine.get(from)) else {
                    continue;
                };
                if !world.active(&link.to) {
                    continue;
                }
                let longer: Vec<String> = chain.iter().chain([&link.common.name]).cloned().collect();
                let better = next
                    .get(&link.to)
                    .is_none_or(|old| (longer.len(), &longer) < (old.len(), old));
                if better {
                    next.insert(link.to.clone(), longer);
                }
            }
            if next == mine {
                break;
            }
            mine = next;
        }
        all.insert(start.clone(), mine);
    }
    all
}
