//! Hops and explanations. The best derivation of a fact is the least by hops, then by steps (of the tree), then by its
//! list of steps, each by rule, fact and records; every premise is explained by its own best derivation.

use super::fact::{Application, Fact, Premise};
use super::rules::Reasoner;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// More steps than this in one tree are more than this slow program can hold; the generator stays far below.
const MOST_STEPS: usize = 2_000_000;

/// How a fact is best derived. The derived order is the order of explanations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Best {
    pub hops: u64,
    steps: usize,
    /// The steps in order, each as its rank among all (rule, fact text, records).
    list: Rc<Vec<usize>>,
    /// Which application it ends with, and the facts it rests on.
    application: usize,
    premises: Vec<Fact>,
}

/// All facts with their best derivations.
pub struct Explained {
    applications: Vec<Application>,
    pub best: BTreeMap<Fact, Best>,
}

/// Computed to a fixpoint: every round derives every fact anew from what the round before knew.
pub fn explain(applications: BTreeSet<Application>) -> Explained {
    let applications: Vec<Application> = applications.into_iter().collect();
    let key = |a: &Application| (a.rule, a.fact.text(), a.records.clone());
    let keys: BTreeSet<_> = applications.iter().map(key).collect();
    let rank_of: BTreeMap<_, usize> = keys.into_iter().enumerate().map(|(n, k)| (k, n)).collect();
    let ranks: Vec<usize> = applications.iter().map(|a| rank_of[&key(a)]).collect();
    let mut best: BTreeMap<Fact, Best> = BTreeMap::new();
    loop {
        let mut next: BTreeMap<Fact, Best> = BTreeMap::new();
        for (n, application) in applications.iter().enumerate() {
            let Some(candidate) = derive(application, n, ranks[n], &best) else {
                continue;
            };
            let better = next.get(&application.fact).is_none_or(|old| candidate < *old);
            if better {
                next.insert(application.fact.clone(), candidate);
            }
        }
        if next == best {
            return Explained { applications, best };
        }
        best = next;
    }
}

/// One application with its premises as far as they are known. Where one of several facts will do as a premise, each is
/// a derivation of its own, and the best counts.
fn derive(application: &Application, n: usize, rank: usize, best: &BTreeMap<Fact, Best>) -> Option<Best> {
    let choices = application.premises.iter().find_map(|premise| match premise {
        Premise::BestOf(facts) => Some(facts),
        Premise::Fact(_) => None,
    });
    match choices {
        None => derive_through(application, None, n, rank, best),
        Some(facts) => {
            let each = facts
                .iter()
                .filter_map(|f| derive_through(application, Some(f), n, rank, best));
            each.min()
        }
    }
}

/// The same where it is known which of several facts is the premise.
fn derive_through(
    application: &Application,
    chosen: Option<&Fact>,
    n: usize,
    rank: usize,
    best: &BTreeMap<Fact, Best>,
) -> Option<Best> {
    let mut premises = Vec::new();
    for premise in &application.premises {
        let fact = match premise {
            Premise::Fact(fact) => fact,
            Premise::BestOf(_) => chosen?,
        };
        if !best.contains_key(fact) {
            return None;
        }
        premises.push(fact.clone());
    }
    // "0 for a seed; each `Access` adds 1 to its premise's hops; every other rule passes them on; where a rule has
    // several premises the largest counts"
    let largest = premises.iter().map(|f| best[f].hops).max();
    let adds = u64::from(matches!(application.fact, Fact::Access(..)));
    let hops = largest.map_or(0, |h| h + adds);
    let steps = 1 + premises.iter().map(|f| best[f].steps).sum::<usize>();
    assert!(
        steps < MOST_STEPS,
        "an explanation of {steps} steps is too long for the oracle"
    );
    let mut list: Vec<usize> = premises.iter().flat_map(|f| best[f].list.iter().copied()).collect();
    list.push(rank);
    Some(Best {
        hops,
        steps,
        list: Rc::new(list),
        application: n,
        premises,
    })
}

impl Explained {
    /// "A thing's hops are the least of its facts'", and its path "ends with the thing's fact of least hops (the
    /// explanation's order decides among several)".
    pub fn least<'a>(&self, facts: impl Iterator<Item = &'a Fact>) -> Option<(&'a Fact, &Best)> {
        facts.map(|f| (f, &self.best[f])).min_by(|a, b| a.1.cmp(b.1))
    }

    /// "a path lists premises before what they give, depth first"; later repeats of a fact are left out.
    pub fn path(&self, reasoner: &Reasoner, fact: &Fact) -> Value {
        let mut order = Vec::new();
        self.visit(fact, &mut order);
        let steps: Vec<Value> = order.iter().map(|f| self.step(reasoner, f, &order)).collect();
        Value::Array(steps)
    }

    fn visit(&self, fact: &Fact, order: &mut Vec<Fact>) {
        if order.contains(fact) {
            return;
        }
        for premise in &self.best[fact].premises {
            self.visit(premise, order);
        }
        order.push(fact.clone());
    }

    fn step(&self, reasoner: &Reasoner, fact: &Fact, order: &[Fact]) -> Value {
        let best = &self.best[fact];
        let application = &self.applications[best.application];
        let place = |p: &Fact| order.iter().position(|f| f == p).expect("premises come first");
        let mut step = json!({
            "rule": application.rule,
            "fact": fact.text(),
            "premises": best.premises.iter().map(place).collect::<Vec<_>>(),
            "records": application.records,
            // "`intended` is false where a record it used says so"
            "intended": application.records.iter().all(|name| intended(reasoner, name)),
        });
        if application.rule == "trust" {
            let trust = reasoner
                .world
                .trusts()
                .find(|t| t.common.name == application.records[0]);
            let exchange = trust.is_some_and(|t| reasoner.world.exchange(t).is_some());
            step["exchange"] = Value::Bool(exchange);
        }
        if let ("accepted", Fact::Accepted(c, v, s)) = (application.rule, fact) {
            let checks: Map<String, Value> = reasoner
                .checks(c, *v, s)
                .into_iter()
                .map(|(k, state)| (k.to_owned(), json!(state)))
                .collect();
            step["checks"] = Value::Object(checks);
        }
        step
    }
}

fn intended(reasoner: &Reasoner, name: &str) -> bool {
    let world = reasoner.world;
    let all = world
        .grants
        .iter()
        .map(|x| &x.common)
        .chain(world.exposures.iter().map(|x| &x.common))
        .chain(world.inherits.iter().map(|x| &x.common))
        .chain(world.trusts.iter().map(|x| &x.common));
    all.filter(|common| common.name == name).all(|common| common.intended)
}
