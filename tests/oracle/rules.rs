//! The seven rules. Facts are a set; all rules are applied to all facts until nothing changes.

use super::fact::{Application, Fact, Groups, Premise, Seed, groups};
use super::scope::{Except, Scope, blocks, meet, one, satisfies};
use super::world::{CHECKS, Common, Exposure, Grant, Inherit, Regime, Thing, Way, World};
use std::collections::{BTreeMap, BTreeSet};

/// The rules in one regime.
pub struct Reasoner<'a> {
    pub world: &'a World,
    pub regime: Regime,
    pub groups: Groups,
}

impl<'a> Reasoner<'a> {
    pub fn new(world: &'a World, regime: Regime) -> Self {
        Reasoner {
            world,
            regime,
            groups: groups(world, |common| exists(regime, common)),
        }
    }

    /// "`enforced(s, d)` ... is `validates.d` where the inventory states it; where it does not, it is false under
    /// `worst-case` (the default), true under `best-case`. ... Under `intended`, every check is enforced everywhere".
    pub fn enforced(&self, system: &str, check: &str) -> bool {
        self.regime == Regime::Intended || self.world.stated_check(system, check).unwrap_or(self.nothing_stated())
    }

    fn nothing_stated(&self) -> bool {
        self.regime != Regime::WorstCase
    }

    /// "its issuer (none stated: a system of which nothing is stated)"
    fn issuer_enforces(&self, c: &str, check: &str) -> bool {
        match &self.world.credentials[c].issuer {
            Some(issuer) => self.enforced(issuer, check),
            None => self.nothing_stated(),
        }
    }

    fn grants(&self) -> impl Iterator<Item = &'a Grant> {
        let regime = self.regime;
        self.world.grants().filter(move |g| exists(regime, &g.common))
    }

    /// "`holders(c)`: `c` and `groups(identity(c))`." With the memberships that lead there.
    fn holders(&self, c: &str) -> BTreeMap<String, Vec<String>> {
        let mut all = match &self.world.credentials[c].identity {
            Some(identity) => self.groups[identity].clone(),
            None => BTreeMap::new(),
        };
        all.insert(c.to_owned(), Vec::new());
        all
    }

    /// "A `forged` credential states no audience, scopes or contexts; its issuer stays."
    fn audience(&self, c: &str, v: Way) -> Option<&'a [String]> {
        self.world.audience(c).filter(|_| v != Way::Forged)
    }

    pub fn scopes(&self, c: &str, v: Way) -> Option<&'a [String]> {
        self.world.scopes(c).filter(|_| v != Way::Forged)
    }

    pub fn contexts(&self, c: &str, v: Way) -> Option<&'a [String]> {
        self.world.contexts(c).filter(|_| v != Way::Forged)
    }

    /// "`live_at(c, v, s)`: `live(c, v)`; or `v` is `copy` or `old`, `c` is self-contained and not expired, and not
    /// `enforced(s, revocation)`."
    fn live_at(&self, c: &str, v: Way, revocation_enforced: bool) -> bool {
        self.world.live(c, v)
            || (matches!(v, Way::Copy | Way::Old)
                && self.world.credentials[c].self_contained
                && !self.world.expired(c)
                && !revocation_enforced)
    }

    /// "audience: ... `c` states no audience, or one of it is among `s`'s `accepts_audiences`"
    pub fn audience_fits(&self, c: &str, v: Way, s: &str) -> bool {
        let accepted = &self.world.systems[s].accepts_audiences;
        self.audience(c, v)
            .is_none_or(|stated| stated.iter().any(|a| accepted.contains(a)))
    }

    /// "issuer: ... `s` states no `accepts_issuers`, or `c` states no issuer, or it is among them"
    pub fn issuer_fits(&self, c: &str, s: &str) -> bool {
        match (
            &self.world.systems[s].accepts_issuers,
            &self.world.credentials[c].issuer,
        ) {
            (Some(accepted), Some(issuer)) => accepted.contains(issuer),
            _ => true,
        }
    }

    /// The contexts of which one must be entered, where `enforced` and the credential states any: the premise to add,
    /// no premise, or `None` where the check refuses.
    fn context_premise(&self, c: &str, v: Way, enforced: bool, facts: &BTreeSet<Fact>) -> Option<Vec<Premise>> {
        let Some(stated) = self.contexts(c, v).filter(|_| enforced) else {
            return Some(Vec::new());
        };
        let entered: BTreeSet<Fact> = stated
            .iter()
            .map(|z| Fact::InContext(z.clone()))
            .filter(|f| facts.contains(f))
            .collect();
        if entered.is_empty() {
            return None;
        }
        Some(vec![Premise::BestOf(entered.into_iter().collect())])
    }

    /// The grants at a system that serve a credential.
    pub fn reachable_grants(&self, c: &str, s: &str) -> Vec<&'a Grant> {
        let holders = self.holders(c);
        self.grants()
            .filter(|g| g.system == s && holders.contains_key(&g.holder))
            .collect()
    }

    /// What a grant gives: "`m` is `p`, met with one of its `within` where it states them, and met with one of `c`'s
    /// scopes where `c` states them and `enforced(s, scope)`, and `E` does not block `m`." The last is the caller's to
    /// say, with `scopes`.
    pub fn given(&self, grant: &Grant, scopes: Option<&[String]>) -> BTreeSet<Scope> {
        given(self.world, grant, scopes)
    }

    /// The premises of rule 2 besides `Holds`, where it applies; `also` is a check to take as enforced.
    pub fn acceptance(
        &self,
        c: &str,
        v: Way,
        s: &str,
        also: Option<&str>,
        facts: &BTreeSet<Fact>,
    ) -> Option<Vec<Premise>> {
        let enforced = |check: &str| also == Some(check) || self.enforced(s, check);
        // "isolate: nothing is Accepted there"
        if self.world.isolated(s) || !self.live_at(c, v, enforced("revocation")) {
            return None;
        }
        if enforced("audience") && !self.audience_fits(c, v, s) {
            return None;
        }
        if enforced("issuer") && !self.issuer_fits(c, s) {
            return None;
        }
        self.context_premise(c, v, enforced("context"), facts)
    }

    /// Every application of every rule to the facts.
    pub fn applications(&self, seeds: &BTreeSet<Seed>, facts: &BTreeSet<Fact>) -> BTreeSet<Application> {
        let mut out = BTreeSet::new();
        self.rule_1(seeds, &mut out);
        for fact in facts {
            match fact {
                Fact::Holds(c, v) => {
                    self.rule_2(c, *v, facts, &mut out);
                    self.rule_5_holding(c, *v, facts, &mut out);
                }
                Fact::Accepted(c, v, s) => self.rule_3(c, *v, s, fact, &mut out),
                Fact::ActsAs(i) => {
                    self.rule_4(i, &mut out);
                    self.rule_5_acting(i, &mut out);
                }
                Fact::Access(s, m, e) => self.rule_7(s, m, e, &mut out),
                Fact::InContext(_) => {}
            }
            self.rule_6(fact, facts, &mut out);
        }
        out
    }

    /// "The facts are the least set closed under these rules."
    pub fn close(&self, seeds: &BTreeSet<Seed>) -> (BTreeSet<Fact>, BTreeSet<Application>) {
        let mut facts = BTreeSet::new();
        loop {
            let applications = self.applications(seeds, &facts);
            let next: BTreeSet<Fact> = applications.iter().map(|a| a.fact.clone()).collect();
            if next == facts {
                return (facts, applications);
            }
            facts = next;
        }
    }

    /// "A seed credential gives `Holds(c, copy)`, a seed identity `ActsAs`, a seed system `Access(s, "*")`, a seed
    /// `context:NAME` `InContext`." Rotated: "A seed of it gives `Holds(c, old)` in place of `copy`". Isolated: "no
    /// Access to it".
    fn rule_1(&self, seeds: &BTreeSet<Seed>, out: &mut BTreeSet<Application>) {
        for seed in seeds {
            let fact = match seed {
                Seed::Credential(c) if self.world.rotated(c) => Fact::Holds(c.clone(), Way::Old),
                Seed::Credential(c) => Fact::Holds(c.clone(), Way::Copy),
                Seed::Identity(i) => Fact::ActsAs(i.clone()),
                Seed::System(s) if self.world.isolated(s) => continue,
                Seed::System(s) => Fact::Access(s.clone(), one("*"), Except::new()),
                Seed::Context(z) => Fact::InContext(z.clone()),
            };
            out.insert(Application {
                rule: "seed",
                fact,
                premises: Vec::new(),
                records: Vec::new(),
            });
        }
    }

    /// "`Accepted(c, v, s)` if `Holds(c, v)`, `live_at(c, v, s)`, some grant on `s` has a holder in `holders(c)`, and"
    /// the three checks.
    fn rule_2(&self, c: &str, v: Way, facts: &BTreeSet<Fact>, out: &mut BTreeSet<Application>) {
        let holders = self.holders(c);
        for grant in self.grants() {
            let Some(chain) = holders.get(&grant.holder) else {
                continue;
            };
            let Some(context) = self.acceptance(c, v, &grant.system, None, facts) else {
                continue;
            };
            let mut premises = vec![Premise::Fact(Fact::Holds(c.to_owned(), v))];
            premises.extend(context);
            let fact = Fact::Accepted(c.to_owned(), v, grant.system.clone());
            out.insert(Application {
                rule: "accepted",
                fact,
                premises,
                records: with(chain, &grant.common.name),
            });
        }
    }

    /// "`Access(s, m less E)` if `Accepted(c, v, s)`, and a grant on `s` to one of `holders(c)` has the scope `p` and
    /// the exceptions `E`", and so on.
    fn rule_3(&self, c: &str, v: Way, s: &str, accepted: &Fact, out: &mut BTreeSet<Application>) {
        let holders = self.holders(c);
        let scopes = self.scopes(c, v).filter(|_| self.enforced(s, "scope"));
        for grant in self.grants().filter(|g| g.system == s) {
            let Some(chain) = holders.get(&grant.holder) else {
                continue;
            };
            for m in self.given(grant, scopes) {
                let fact = Fact::Access(s.to_owned(), m, grant.except.clone());
                let premises = vec![Premise::Fact(accepted.clone())];
                out.insert(Application {
                    rule: "access",
                    fact,
                    premises,
                    records: with(chain, &grant.common.name),
                });
            }
        }
    }

    /// "`Access(s, m less E)` if `ActsAs(i)`, `i` is active, and a grant to `i` on `s` has the scope `p` and the
    /// exceptions `E`", and so on.
    fn rule_4(&self, i: &str, out: &mut BTreeSet<Application>) {
        for grant in self.grants().filter(|g| g.holder == i) {
            if !self.world.active(i) || self.world.isolated(&grant.system) {
                continue;
            }
            for m in self.given(grant, None) {
                let fact = Fact::Access(grant.system.clone(), m, grant.except.clone());
                let premises = vec![Premise::Fact(Fact::ActsAs(i.to_owned()))];
                out.insert(Application {
                    rule: "access",
                    fact,
                    premises,
                    records: with(&[], &grant.common.name),
                });
            }
        }
    }

    /// The inherits that exist, to an active identity.
    fn inherits(&self) -> impl Iterator<Item = &'a Inherit> {
        let (world, regime) = (self.world, self.regime);
        world
            .inherits()
            .filter(move |x| exists(regime, &x.common) && world.active(&x.to))
    }

    /// Rule 5, first form: "`ActsAs(i)`, `i` is active and each of its requirements `(v, r)` is satisfied by what rule 4
    /// gives one of `groups(i)` at `v`, `v` not isolated".
    fn rule_5_acting(&self, i: &str, out: &mut BTreeSet<Application>) {
        for inherit in self.inherits() {
            if !self.world.active(i) || inherit.from.as_ref().is_some_and(|from| from != i) {
                continue;
            }
            let mut records = vec![inherit.common.name.clone()];
            let requirements: BTreeSet<_> = self.world.requires_all(inherit).into_iter().collect();
            let met = requirements.iter().all(|(system, r)| {
                let proof = self.proof(&self.groups[i], system, r, None);
                records.extend(proof.iter().flatten().cloned());
                proof.is_some() && !self.world.isolated(system)
            });
            if met {
                let premises = vec![Premise::Fact(Fact::ActsAs(i.to_owned()))];
                let fact = Fact::ActsAs(inherit.to.clone());
                out.insert(Application {
                    rule: "inherit",
                    fact,
                    premises,
                    records: first_of_each(records),
                });
            }
        }
    }

    /// Rule 5, second form: "it is not a `membership`, `i` is in `groups(identity(c))`, and `Holds(c, v)`", and so on.
    fn rule_5_holding(&self, c: &str, v: Way, facts: &BTreeSet<Fact>, out: &mut BTreeSet<Application>) {
        let credential = &self.world.credentials[c];
        // "either `live(c, v)`, or `v` is `copy` or `old` and `c` is self-contained, not expired, and its issuer ...
        // does not enforce revocation"
        if !self.live_at(c, v, self.issuer_enforces(c, "revocation")) {
            return;
        }
        // "where `c` states contexts and its issuer enforces context, `InContext` of one of them"
        let Some(context) = self.context_premise(c, v, self.issuer_enforces(c, "context"), facts) else {
            return;
        };
        // "one that names no `from` is from every identity, and from a credential without one"
        let none = BTreeMap::new();
        let own = credential
            .identity
            .as_ref()
            .map_or(&none, |identity| &self.groups[identity]);
        for inherit in self.inherits().filter(|x| x.how.as_deref() != Some("membership")) {
            // "where the inherit states `audiences` and `c` states one, they share one"
            if let (Some(wanted), Some(stated)) = (&inherit.audiences, self.audience(c, v))
                && !stated.iter().any(|a| wanted.contains(a))
            {
                continue;
            }
            let chains: Vec<Vec<String>> = match &inherit.from {
                Some(from) => own.get(from).into_iter().cloned().collect(),
                None if credential.identity.is_none() => vec![Vec::new()],
                None => own.values().cloned().collect(),
            };
            // "for each requirement `(t, r)`, `Accepted(c, v, t)` and what rule 3 gives `c` at `t` satisfies `r`"
            let holders = self.holders(c);
            let mut accepted = Vec::new();
            let mut proofs = Vec::new();
            let requirements: BTreeSet<_> = self.world.requires_all(inherit).into_iter().collect();
            let met = requirements.iter().all(|(t, r)| {
                let fact = Fact::Accepted(c.to_owned(), v, t.clone());
                let scopes = self.scopes(c, v).filter(|_| self.enforced(t, "scope"));
                let proof = self.proof(&holders, t, r, scopes);
                proofs.extend(proof.iter().flatten().cloned());
                let there = facts.contains(&fact);
                if !accepted.contains(&Premise::Fact(fact.clone())) {
                    accepted.push(Premise::Fact(fact));
                }
                there && proof.is_some()
            });
            if !met {
                continue;
            }
            for chain in chains {
                let mut premises = vec![Premise::Fact(Fact::Holds(c.to_owned(), v))];
                premises.extend(context.iter().cloned());
                premises.extend(accepted.iter().cloned());
                let mut records = with(&chain, &inherit.common.name);
                records.extend(proofs.iter().cloned());
                let fact = Fact::ActsAs(inherit.to.clone());
                out.insert(Application {
                    rule: "inherit",
                    fact,
                    premises,
                    records: first_of_each(records),
                });
            }
        }
    }

    /// The memberships and the grant, least by name, by which one of `holders` satisfies `r` at a system.
    fn proof(
        &self,
        holders: &BTreeMap<String, Vec<String>>,
        system: &str,
        r: &str,
        scopes: Option<&[String]>,
    ) -> Option<Vec<String>> {
        self.grants()
            .filter(|g| g.system == system && holders.contains_key(&g.holder))
            .filter(|g| self.given(g, scopes).iter().any(|m| satisfies(m, &g.except, r)))
            .min_by(|a, b| a.common.name.cmp(&b.common.name))
            .map(|g| with(&holders[&g.holder], &g.common.name))
    }

    /// Rule 6. "An exposure of a system `s` whose requirement some `Access(s, m less E)` satisfies, one of an active
    /// identity `i` with `ActsAs(i)`, and one of a credential `c` with `Holds(c, v)` and `live(c, v)` (and, where `c`
    /// states contexts and its issuer enforces context, `InContext` of one of them)".
    fn rule_6(&self, fact: &Fact, facts: &BTreeSet<Fact>, out: &mut BTreeSet<Application>) {
        for exposure in self.world.exposures().filter(|x| exists(self.regime, &x.common)) {
            let more = match (&exposure.from, fact) {
                (Thing::System(x), Fact::Access(s, m, e)) if x == s => {
                    any_satisfied(&exposure.requires, m, e).then(Vec::new)
                }
                (Thing::Identity(x), Fact::ActsAs(i)) if x == i => self.world.active(i).then(Vec::new),
                (Thing::Credential(x), Fact::Holds(c, v)) if x == c && self.world.live(c, *v) => {
                    self.context_premise(c, *v, self.issuer_enforces(c, "context"), facts)
                }
                _ => None,
            };
            if let (Some(more), Some(yielded)) = (more, self.yielded(exposure)) {
                let premises = [Premise::Fact(fact.clone())].into_iter().chain(more).collect();
                let records = with(&[], &exposure.common.name);
                out.insert(Application {
                    rule: "exposure",
                    fact: yielded,
                    premises,
                    records,
                });
            }
        }
    }

    /// "gives `ActsAs` of an active identity, `InContext`, or `Holds` of what it yields: `forged` where `how` is
    /// `minted` and the exposure's own credential is a `signing-key`, `fresh` where `how` is `minted`, else `copy`."
    fn yielded(&self, exposure: &Exposure) -> Option<Fact> {
        let how = exposure.how.as_deref();
        match &exposure.yields {
            Thing::Identity(i) => self.world.active(i).then(|| Fact::ActsAs(i.clone())),
            Thing::Context(z) => Some(Fact::InContext(z.clone())),
            Thing::Credential(c) => {
                let by_signing_key = matches!(&exposure.from, Thing::Credential(k)
                    if self.world.credentials[k].kind.as_deref() == Some("signing-key"));
                let way = match how {
                    Some("minted") if by_signing_key => Way::Forged,
                    Some("minted") => Way::Fresh,
                    // "and so do its exposures with `how` `copied` or `logged`; all others hand out the new one."
                    Some("copied" | "logged") if self.world.rotated(c) => Way::Old,
                    _ => Way::Copy,
                };
                Some(Fact::Holds(c.clone(), way))
            }
            Thing::System(_) => None,
        }
    }

    /// Rule 7. "A trust from `s` to `t` whose requirement some `Access(s, m less E)` satisfies gives `Access(t, q)` for
    /// each of its exchange's scopes where it has one, else for each of its scopes." Under `intended` "a trust without
    /// an exchange passes nothing".
    fn rule_7(&self, s: &str, m: &Scope, e: &Except, out: &mut BTreeSet<Application>) {
        for trust in self
            .world
            .trusts()
            .filter(|t| exists(self.regime, &t.common) && t.from == s)
        {
            let nothing = self.regime == Regime::Intended && self.world.exchange(trust).is_none();
            if nothing || self.world.isolated(&trust.to) || !any_satisfied(&trust.requires, m, e) {
                continue;
            }
            for q in self.world.passes(trust) {
                let fact = Fact::Access(trust.to.clone(), one(q), Except::new());
                let premises = vec![Premise::Fact(Fact::Access(s.to_owned(), m.clone(), e.clone()))];
                out.insert(Application {
                    rule: "trust",
                    fact,
                    premises,
                    records: with(&[], &trust.common.name),
                });
            }
        }
    }

    /// What was checked at an acceptance: "`not-applicable` where nothing is stated to check (revocation: not dead or
    /// not self-contained; `fresh` and `forged`), `made` and `not-made` where the inventory states it, `unknown` where
    /// it does not, alike in every regime."
    pub fn checks(&self, c: &str, v: Way, s: &str) -> Vec<(&'static str, &'static str)> {
        let credential = &self.world.credentials[c];
        CHECKS
            .into_iter()
            .map(|check| {
                let something = match check {
                    "audience" => self.audience(c, v).is_some(),
                    "issuer" => credential.issuer.is_some() && self.world.systems[s].accepts_issuers.is_some(),
                    "scope" => self.scopes(c, v).is_some(),
                    "context" => self.contexts(c, v).is_some(),
                    _ => self.world.dead(c) && credential.self_contained && !matches!(v, Way::Fresh | Way::Forged),
                };
                let state = match self.world.stated_check(s, check) {
                    _ if !something => "not-applicable",
                    Some(true) => "made",
                    Some(false) => "not-made",
                    None => "unknown",
                };
                (check, state)
            })
            .collect()
    }
}

/// "Relations marked `assumed` exist under `worst-case` alone." Under `intended` "relations with `intended: false` do
/// not exist either".
fn exists(regime: Regime, common: &Common) -> bool {
    match regime {
        Regime::WorstCase => true,
        Regime::BestCase => !common.assumed,
        Regime::Intended => !common.assumed && common.intended,
    }
}

/// The scopes of a grant, met and not blocked; see [`Reasoner::given`].
pub fn given(world: &World, grant: &Grant, scopes: Option<&[String]>) -> BTreeSet<Scope> {
    let mut all = BTreeSet::new();
    for p in world.grant_scopes(grant) {
        for bounded in met_with_one(&one(p), grant.within.as_deref()) {
            all.extend(met_with_one(&bounded, scopes));
        }
    }
    all.retain(|m| !blocks(&grant.except, m));
    all
}

/// A scope met with one of a list, for each of the list; the scope itself where no list is stated.
fn met_with_one(m: &Scope, list: Option<&[String]>) -> Vec<Scope> {
    match list {
        None => vec![m.clone()],
        Some(patterns) => patterns.iter().filter_map(|k| meet(m, k)).collect(),
    }
}

/// "`requires` [pattern] (any one of them)"; "Only in `requires` and `requires_all` is an empty list as if left out".
fn any_satisfied(requires: &[String], m: &Scope, e: &Except) -> bool {
    requires.is_empty() || requires.iter().any(|r| satisfies(m, e, r))
}

fn with(chain: &[String], name: &str) -> Vec<String> {
    chain.iter().cloned().chain([name.to_owned()]).collect()
}

fn first_of_each(records: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for record in records {
        if !out.contains(&record) {
            out.push(record);
        }
    }
    out
}
