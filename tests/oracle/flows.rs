//! "**Flows**: what works today for those who rightly hold things, contexts taken as satisfied, so that a change shows
//! what it breaks. Relations marked `assumed` and isolated systems give none."

use super::fact::{Groups, groups};
use super::rules::{Reasoner, given};
use super::scope::{Except, Scope, blocks, covers, one, satisfies, scope_text};
use super::world::{Common, Exposure, Grant, Inherit, Regime, Thing, Way, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// "broken_flows by kind, from, to, scope (left out for inherits and exposures)": also what makes two flows one.
pub type FlowKey = (String, String, String, Option<String>);

/// The use of a flow; the derived order is "in use wins, then unknown".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    Idle,
    Unknown,
    Recent,
}

/// What is said of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub intended: bool,
    pub used: Use,
    pub time: Option<Timestamp>,
}

/// A flow of access together with the exceptions that came with it.
struct AccessFlow {
    holder: String,
    system: String,
    m: Scope,
    except: Except,
    said: Said,
}

pub type Flows = BTreeMap<FlowKey, Said>;

/// All flows of a world.
pub fn flows(world: &World) -> Flows {
    let f = Finder {
        world,
        groups: groups(world, |common| !common.assumed),
        intended_groups: groups(world, |common| !common.assumed && common.intended),
        worst: Reasoner::new(world, Regime::WorstCase),
    };
    let mut all = Flows::new();
    let access = f.access();
    for flow in &access {
        let key = (
            "access".into(),
            flow.holder.clone(),
            flow.system.clone(),
            Some(scope_text(&flow.m)),
        );
        add(&mut all, key, flow.said.clone());
    }
    for (from, to, said) in f.inherits(&access) {
        add(&mut all, ("inherit".into(), from, to, None), said);
    }
    for trust in f.world.trusts().filter(|t| !t.common.assumed) {
        if world.isolated(&trust.from) || world.isolated(&trust.to) {
            continue;
        }
        let said = f.said(
            &trust.common,
            &Thing::System(trust.from.clone()),
            None,
            trust.common.intended,
        );
        for q in world.passes(trust) {
            let key = ("trust".into(), trust.from.clone(), trust.to.clone(), Some(q.clone()));
            add(&mut all, key, said.clone());
        }
    }
    for exposure in f.exposures() {
        let from = match &exposure.from {
            Thing::System(id) | Thing::Credential(id) | Thing::Identity(id) | Thing::Context(id) => id.clone(),
        };
        let to = match &exposure.yields {
            Thing::System(id) | Thing::Credential(id) | Thing::Identity(id) => id.clone(),
            Thing::Context(name) => format!("context:{name}"),
        };
        let said = f.said(&exposure.common, &exposure.from, None, exposure.common.intended);
        add(&mut all, ("exposure".into(), from, to, None), said);
    }
    all
}

/// "Of several relations that give one flow, in use wins, then unknown, with its time." Of equal uses the later time
/// stands, and a flow is intended when one of them is.
fn add(all: &mut Flows, key: FlowKey, said: Said) {
    match all.get_mut(&key) {
        None => {
            all.insert(key, said);
        }
        Some(old) => {
            old.intended |= said.intended;
            if (said.used, said.time) > (old.used, old.time) {
                old.used = said.used;
                old.time = said.time;
            }
        }
    }
}

/// A flow as the JSON shows it.
pub fn flow_json(key: &FlowKey, said: &Said) -> Value {
    let used = match said.used {
        Use::Recent => "in-use",
        Use::Idle => "idle",
        Use::Unknown => "unknown",
    };
    let mut flow = json!({"kind": key.0, "from": key.1, "to": key.2, "intended": said.intended, "use": used});
    if let Some(scope) = &key.3 {
        flow["scope"] = json!(scope);
    }
    if let Some(time) = said.time {
        flow["last_used_at"] = json!(time.to_string());
    }
    flow
}

struct Finder<'a> {
    world: &'a World,
    groups: Groups,
    intended_groups: Groups,
    worst: Reasoner<'a>,
}

impl Finder<'_> {
    /// "exposure `(from, target)` for `how` `stored`, `mounted`, `minted`, where a `from` credential is live as `copy`
    /// and a `from` identity active"
    fn exposures(&self) -> Vec<&Exposure> {
        let right_how = |x: &Exposure| matches!(x.how.as_deref(), Some("stored" | "mounted" | "minted"));
        let right_from = |x: &Exposure| match &x.from {
            Thing::Credential(c) => self.world.live(c, Way::Copy),
            Thing::Identity(i) => self.world.active(i),
            Thing::System(s) => !self.world.isolated(s),
            Thing::Context(_) => false,
        };
        self.world
            .exposures()
            .filter(|x| !x.common.assumed && right_how(x) && right_from(x))
            .collect()
    }

    /// "for a credential `c` that is live as `copy`, or live as `fresh` and minted by an exposure below"
    fn rightly_held(&self, c: &str) -> bool {
        let minted = || {
            self.exposures()
                .iter()
                .any(|x| x.how.as_deref() == Some("minted") && x.yields == Thing::Credential(c.to_owned()))
        };
        self.world.live(c, Way::Copy) || (self.world.live(c, Way::Fresh) && minted())
    }

    /// "None where `s`, under worst-case, enforces a check (audience, issuer, or context when `c` states an empty list)
    /// that refuses `c`."
    fn refused(&self, c: &str, s: &str) -> bool {
        let enforces = |check: &str| self.worst.enforced(s, check);
        (enforces("audience") && !self.worst.audience_fits(c, Way::Copy, s))
            || (enforces("issuer") && !self.worst.issuer_fits(c, s))
            || (enforces("context") && self.world.contexts(c).is_some_and(<[String]>::is_empty))
    }

    /// "access `(h, s, q)`"
    fn access(&self) -> Vec<AccessFlow> {
        let mut all = Vec::new();
        let grants = || {
            self.world
                .grants()
                .filter(|g| !g.common.assumed && !self.world.isolated(&g.system))
        };
        for (c, credential) in &self.world.credentials {
            if !self.rightly_held(c) {
                continue;
            }
            let identity = credential.identity.as_ref();
            for grant in grants() {
                let by_group = identity.is_some_and(|i| self.groups[i].contains_key(&grant.holder));
                if !(grant.holder == *c || by_group) || self.refused(c, &grant.system) {
                    continue;
                }
                // "*intended* where the grant and the memberships used are and `c`'s audience and issuer, where stated,
                // are ones `s` accepts, else *tolerated*"
                let meant = identity.is_some_and(|i| self.intended_groups[i].contains_key(&grant.holder));
                let intended = grant.common.intended
                    && (grant.holder == *c || meant)
                    && self.worst.audience_fits(c, Way::Copy, &grant.system)
                    && self.worst.issuer_fits(c, &grant.system);
                // "`q` is each of the grant's scopes as in rules 3 and 4, met with `c`'s scopes where it states any."
                let scopes = self.world.scopes(c);
                let from = Thing::Credential(c.clone());
                for m in given(self.world, grant, scopes) {
                    self.access_by(grant, &from, c, m, intended, &mut all);
                }
                // "Where `c` states scopes and `s` does not enforce scope, the grant's own scope is a tolerated flow too."
                if scopes.is_some() && !self.worst.enforced(&grant.system, "scope") {
                    for m in given(self.world, grant, None) {
                        self.access_by(grant, &from, c, m, false, &mut all);
                    }
                }
            }
        }
        // "and for an active identity and a grant to it"
        for i in self.world.identities.keys().filter(|i| self.world.active(i)) {
            for grant in grants().filter(|g| g.holder == *i) {
                for m in given(self.world, grant, None) {
                    self.access_by(
                        grant,
                        &Thing::Identity(i.clone()),
                        i,
                        m,
                        grant.common.intended,
                        &mut all,
                    );
                }
            }
        }
        all
    }

    /// One flow of a grant and what its `used_scopes` give besides.
    fn access_by(
        &self,
        grant: &Grant,
        from: &Thing,
        holder: &str,
        m: Scope,
        intended: bool,
        all: &mut Vec<AccessFlow>,
    ) {
        let said = self.said(&grant.common, from, Some(&grant.holder), intended);
        let mut flow = |m: Scope, said: Said| {
            let (holder, system) = (holder.to_owned(), grant.system.clone());
            all.push(AccessFlow {
                holder,
                system,
                m,
                except: grant.except.clone(),
                said,
            });
        };
        let Some(used) = &grant.used_scopes else {
            flow(m, said);
            return;
        };
        // "A grant that states `used_scopes` gives, besides, a flow like it for each of them that all patterns of the
        // flow's scope and none of the exceptions cover."
        for u in used {
            if m.iter().all(|p| covers(p, u)) && !blocks(&grant.except, &one(u)) {
                flow(one(u), said.clone());
            }
        }
        // "A grant that states `used_scopes`, even empty, says what is used: those flows take the grant's use, and every
        // other flow of it is idle."
        flow(
            m,
            Said {
                used: Use::Idle,
                ..said
            },
        );
    }

    /// "inherit `(h, j)`: an intended inherit that names its `from`, to an active `j`"
    fn inherits(&self, access: &[AccessFlow]) -> Vec<(String, String, Said)> {
        let mut all = Vec::new();
        let meant = |x: &&Inherit| x.common.intended && !x.common.assumed && self.world.active(&x.to);
        for inherit in self.world.inherits().filter(meant) {
            let Some(from) = &inherit.from else { continue };
            // "each requirement satisfied by access flows"
            let satisfied = |holds: &dyn Fn(&str) -> bool| {
                self.world.requires_all(inherit).iter().all(|(v, r)| {
                    access
                        .iter()
                        .any(|a| holds(&a.holder) && a.system == *v && satisfies(&a.m, &a.except, r))
                })
            };
            // "from `h` its active `from` (each requirement satisfied by access flows of `groups(h)`)"
            if self.world.active(from) && satisfied(&|holder| self.groups[from].contains_key(holder)) {
                let said = self.said(&inherit.common, &Thing::Identity(from.clone()), None, true);
                all.push((from.clone(), inherit.to.clone(), said));
            }
            if inherit.how.as_deref() == Some("membership") {
                continue;
            }
            // "from a credential `h` that is live as above and whose `groups(identity(h))` hold its `from` (by access
            // flows of `h`; audiences as in rule 5)"
            for (c, credential) in &self.world.credentials {
                let belongs = credential
                    .identity
                    .as_ref()
                    .is_some_and(|i| self.groups[i].contains_key(from));
                let audience = match (&inherit.audiences, self.world.audience(c)) {
                    (Some(wanted), Some(stated)) => stated.iter().any(|a| wanted.contains(a)),
                    _ => true,
                };
                if belongs && audience && self.rightly_held(c) && satisfied(&|holder| holder == c) {
                    let said = self.said(&inherit.common, &Thing::Credential(c.clone()), None, true);
                    all.push((c.clone(), inherit.to.clone(), said));
                }
            }
        }
        all
    }

    /// "*in use* (within 90 days before the as-of time, or later; or its `from`, that credential's identity, or the
    /// grant's holder has the tag `break-glass`), *idle*, or *unknown*. The time is the earlier of those stated by the
    /// relation and by the credential."
    fn said(&self, common: &Common, from: &Thing, holder: Option<&str>, intended: bool) -> Said {
        let world = self.world;
        let glass = |tags: &[String]| tags.iter().any(|t| t == "break-glass");
        let credential = match from {
            Thing::Credential(c) => Some(&world.credentials[c]),
            _ => None,
        };
        let broken_glass = match from {
            Thing::System(s) => glass(&world.systems[s].tags),
            Thing::Identity(i) => glass(&world.identities[i].tags),
            _ => false,
        } || credential.is_some_and(|c| glass(&c.tags))
            || credential
                .and_then(|c| c.identity.as_ref())
                .is_some_and(|i| glass(&world.identities[i].tags))
            || holder.is_some_and(|h| world.identities.get(h).is_some_and(|i| glass(&i.tags)))
            || holder.is_some_and(|h| world.credentials.get(h).is_some_and(|c| glass(&c.tags)));
        let time = common
            .last_used_at
            .into_iter()
            .chain(credential.and_then(|c| c.last_used_at))
            .min();
        let recent = world.as_of - SignedDuration::from_hours(24 * 90);
        let used = match time {
            _ if broken_glass => Use::Recent,
            Some(time) if time >= recent => Use::Recent,
            Some(_) => Use::Idle,
            None => Use::Unknown,
        };
        Said { intended, used, time }
    }
}
