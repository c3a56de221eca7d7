//! What an inventory says, as plain records read from the document, and the scenario that lies over it. Every question
//! a rule asks of a record is asked here, so that the overlay cannot be forgotten.

use super::doc::{flag, items, list, text};
use super::names;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The checks, in the order of the specification.
pub const CHECKS: [&str; 5] = ["audience", "issuer", "scope", "context", "revocation"];

/// Four ways of holding a credential, in the order in which they are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Old,
    Copy,
    Fresh,
    Forged,
}

impl Way {
    pub fn text(self) -> &'static str {
        match self {
            Way::Old => "old",
            Way::Copy => "copy",
            Way::Fresh => "fresh",
            Way::Forged => "forged",
        }
    }
}

/// What a scenario changed, kept beside the records. After editing the document instead, only `rotated` and
/// `isolated` are left in here, since no field of the format can say either.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    pub revoked: BTreeSet<String>,
    pub rotated: BTreeSet<String>,
    pub isolated: BTreeSet<String>,
    pub disabled: BTreeSet<String>,
    pub audience: BTreeMap<String, Vec<String>>,
    pub scopes: BTreeMap<String, Vec<String>>,
    pub contexts: BTreeMap<String, Vec<String>>,
    pub expires: BTreeMap<String, Timestamp>,
    pub removed: BTreeSet<(&'static str, String)>,
    pub grant_scopes: BTreeMap<String, Vec<String>>,
    pub inherit_more: BTreeMap<String, Vec<(String, String)>>,
    pub exchange: BTreeMap<String, Vec<String>>,
    pub enforced: BTreeSet<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct System {
    pub criticality: String,
    pub accepts_issuers: Option<Vec<String>>,
    pub accepts_audiences: Vec<String>,
    pub validates: BTreeMap<String, bool>,
    pub tags: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Identity {
    active: bool,
    pub tags: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Credential {
    pub kind: Option<String>,
    pub identity: Option<String>,
    pub issuer: Option<String>,
    audience: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    contexts: Option<Vec<String>>,
    pub self_contained: bool,
    status: String,
    expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub tags: Vec<String>,
}

/// What all relations have.
#[derive(Clone, Debug)]
pub struct Common {
    pub name: String,
    pub intended: bool,
    pub assumed: bool,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct Grant {
    pub common: Common,
    pub holder: String,
    pub system: String,
    scopes: Vec<String>,
    pub within: Option<Vec<String>>,
    pub except: BTreeSet<String>,
    pub used_scopes: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    System(String),
    Credential(String),
    Identity(String),
    Context(String),
}

#[derive(Clone, Debug)]
pub struct Exposure {
    pub common: Common,
    pub from: Thing,
    pub requires: Vec<String>,
    pub yields: Thing,
    pub how: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Inherit {
    pub common: Common,
    pub from: Option<String>,
    pub to: String,
    requires_all: Vec<(String, String)>,
    pub audiences: Option<Vec<String>>,
    pub how: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Trust {
    pub common: Common,
    pub from: String,
    pub to: String,
    pub requires: Vec<String>,
    scopes: Vec<String>,
    exchange: Option<Vec<String>>,
}

/// Which relations and checks exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    Intended,
    BestCase,
    WorstCase,
}

impl Regime {
    pub fn named(text: &str) -> Regime {
        match text {
            "intended" => Regime::Intended,
            "best-case" => Regime::BestCase,
            "worst-case" => Regime::WorstCase,
            other => panic!("there is no regime {other}"),
        }
    }
}

#[derive(Clone, Debug)]
pub struct World {
    pub systems: BTreeMap<String, System>,
    pub identities: BTreeMap<String, Identity>,
    pub credentials: BTreeMap<String, Credential>,
    pub grants: Vec<Grant>,
    pub exposures: Vec<Exposure>,
    pub inherits: Vec<Inherit>,
    pub trusts: Vec<Trust>,
    pub as_of: Timestamp,
    pub overlay: Overlay,
}

/// Reads a time; the documents under test hold no broken ones.
pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|e| panic!("{text} is no time: {e}"))
}

fn time_field(record: &Value, field: &str) -> Option<Timestamp> {
    text(record, field).map(|t| time(&t))
}

/// The requirements of an inherit.
pub fn requirements(record: &Value) -> Vec<(String, String)> {
    items(record, "requires_all")
        .iter()
        .map(|r| {
            (
                text(r, "system").unwrap_or_default(),
                text(r, "scope").unwrap_or_default(),
            )
        })
        .collect()
}

impl World {
    /// Reads one merged document.
    pub fn read(inv: &Value, as_of: Timestamp, overlay: Overlay) -> World {
        let id = |r: &Value| text(r, "id").unwrap_or_default();
        let names = names::names(inv);
        let common = |kind: &str, n: usize, r: &Value| Common {
            name: names[kind][n].clone(),
            intended: flag(r, "intended").unwrap_or(true),
            assumed: flag(r, "assumed").unwrap_or(false),
            last_used_at: time_field(r, "last_used_at"),
        };
        let systems = items(inv, "systems").iter().map(|r| {
            let validates = r.get("validates").and_then(Value::as_object);
            let system = System {
                criticality: text(r, "criticality").unwrap_or_else(|| "medium".to_owned()),
                accepts_issuers: list(r, "accepts_issuers"),
                // "(absent: its own id)"
                accepts_audiences: list(r, "accepts_audiences").unwrap_or_else(|| vec![id(r)]),
                validates: validates
                    .map(|m| {
                        m.iter()
                            .filter_map(|(k, v)| v.as_bool().map(|b| (k.clone(), b)))
                            .collect()
                    })
                    .unwrap_or_default(),
                tags: list(r, "tags").unwrap_or_default(),
            };
            (id(r), system)
        });
        let identities = items(inv, "identities").iter().map(|r| {
            let active = text(r, "status").as_deref() != Some("disabled");
            let tags = list(r, "tags").unwrap_or_default();
            (id(r), Identity { active, tags })
        });
        let credentials = items(inv, "credentials").iter().map(|r| {
            let kind = text(r, "kind");
            // "true for `jwt`, `certificate`, `federated-assertion`, else false"
            let by_kind = matches!(kind.as_deref(), Some("jwt" | "certificate" | "federated-assertion"));
            let credential = Credential {
                identity: text(r, "identity"),
                issuer: text(r, "issuer"),
                audience: list(r, "audience"),
                scopes: list(r, "scopes"),
                contexts: list(r, "contexts"),
                self_contained: flag(r, "self_contained").unwrap_or(by_kind),
                status: text(r, "status").unwrap_or_else(|| "active".to_owned()),
                expires_at: time_field(r, "expires_at"),
                last_used_at: time_field(r, "last_used_at"),
                tags: list(r, "tags").unwrap_or_default(),
                kind,
            };
            (id(r), credential)
        });
        let grants = items(inv, "grants").iter().enumerate().map(|(n, r)| Grant {
            common: common("grants", n, r),
            holder: text(r, "holder").unwrap_or_default(),
            system: text(r, "system").unwrap_or_default(),
            scopes: list(r, "scopes").unwrap_or_default(),
            within: list(r, "within"),
            except: list(r, "except").unwrap_or_default().into_iter().collect(),
            used_scopes: list(r, "used_scopes"),
        });
        let exposures = items(inv, "exposures").iter().enumerate().map(|(n, r)| Exposure {
            common: common("exposures", n, r),
            from: thing(r).unwrap_or(Thing::System(String::new())),
            requires: list(r, "requires").unwrap_or_default(),
            yields: r.get("yields").and_then(thing).unwrap_or(Thing::Context(String::new())),
            how: text(r, "how"),
        });
        let inherits = items(inv, "inherits").iter().enumerate().map(|(n, r)| Inherit {
            common: common("inherits", n, r),
            from: text(r, "from"),
            to: text(r, "to").unwrap_or_default(),
            requires_all: requirements(r),
            audiences: list(r, "audiences"),
            how: text(r, "how"),
        });
        let trusts = items(inv, "trusts").iter().enumerate().map(|(n, r)| Trust {
            common: common("trusts", n, r),
            from: text(r, "from").unwrap_or_default(),
            to: text(r, "to").unwrap_or_default(),
            requires: list(r, "requires").unwrap_or_default(),
            scopes: list(r, "scopes").unwrap_or_default(),
            exchange: r
                .get("exchange")
                .filter(|x| !x.is_null())
                .map(|x| list(x, "scopes").unwrap_or_default()),
        });
        World {
            systems: systems.collect(),
            identities: identities.collect(),
            credentials: credentials.collect(),
            grants: grants.collect(),
            exposures: exposures.collect(),
            inherits: inherits.collect(),
            trusts: trusts.collect(),
            as_of,
            overlay,
        }
    }

    /// Whether the scenario left the relation in place.
    fn stands(&self, kind: &'static str, common: &Common) -> bool {
        !self.overlay.removed.contains(&(kind, common.name.clone()))
    }

    /// The grants no scenario removed; likewise below.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|g| self.stands("grants", &g.common))
    }

    pub fn exposures(&self) -> impl Iterator<Item = &Exposure> {
        self.exposures.iter().filter(|x| self.stands("exposures", &x.common))
    }

    pub fn inherits(&self) -> impl Iterator<Item = &Inherit> {
        self.inherits.iter().filter(|x| self.stands("inherits", &x.common))
    }

    pub fn trusts(&self) -> impl Iterator<Item = &Trust> {
        self.trusts.iter().filter(|x| self.stands("trusts", &x.common))
    }

    pub fn grant_scopes<'a>(&'a self, grant: &'a Grant) -> &'a [String] {
        self.overlay
            .grant_scopes
            .get(&grant.common.name)
            .unwrap_or(&grant.scopes)
    }

    pub fn requires_all(&self, inherit: &Inherit) -> Vec<(String, String)> {
        let mut all = inherit.requires_all.clone();
        all.extend(
            self.overlay
                .inherit_more
                .get(&inherit.common.name)
                .into_iter()
                .flatten()
                .cloned(),
        );
        all
    }

    /// The scopes of the exchange, where the trust has one.
    pub fn exchange<'a>(&'a self, trust: &'a Trust) -> Option<&'a [String]> {
        self.overlay
            .exchange
            .get(&trust.common.name)
            .or(trust.exchange.as_ref())
            .map(Vec::as_slice)
    }

    /// What a trust passes: "each of its exchange's scopes where it has one, else for each of its scopes".
    pub fn passes<'a>(&'a self, trust: &'a Trust) -> &'a [String] {
        self.exchange(trust).unwrap_or(&trust.scopes)
    }

    pub fn isolated(&self, system: &str) -> bool {
        self.overlay.isolated.contains(system)
    }

    pub fn rotated(&self, credential: &str) -> bool {
        self.overlay.rotated.contains(credential)
    }

    pub fn active(&self, identity: &str) -> bool {
        self.identities[identity].active && !self.overlay.disabled.contains(identity)
    }

    pub fn audience(&self, c: &str) -> Option<&[String]> {
        self.overlay
            .audience
            .get(c)
            .or(self.credentials[c].audience.as_ref())
            .map(Vec::as_slice)
    }

    pub fn scopes(&self, c: &str) -> Option<&[String]> {
        self.overlay
            .scopes
            .get(c)
            .or(self.credentials[c].scopes.as_ref())
            .map(Vec::as_slice)
    }

    pub fn contexts(&self, c: &str) -> Option<&[String]> {
        self.overlay
            .contexts
            .get(c)
            .or(self.credentials[c].contexts.as_ref())
            .map(Vec::as_slice)
    }

    pub fn expires_at(&self, c: &str) -> Option<Timestamp> {
        self.overlay.expires.get(c).copied().or(self.credentials[c].expires_at)
    }

    /// "`expired(c)`: its status is `expired`, or its `expires_at` is at or before the as-of time."
    pub fn expired(&self, c: &str) -> bool {
        self.status(c) == "expired" || self.expires_at(c).is_some_and(|t| t <= self.as_of)
    }

    /// "status becomes revoked, where it is not expired"
    fn status(&self, c: &str) -> &str {
        let stated = self.credentials[c].status.as_str();
        if self.overlay.revoked.contains(c) && stated != "expired" {
            "revoked"
        } else {
            stated
        }
    }

    /// "`dead(c)`: its status is `disabled` or `revoked`, or its identity is disabled."
    pub fn dead(&self, c: &str) -> bool {
        matches!(self.status(c), "disabled" | "revoked") || !self.identity_active(c)
    }

    /// "its identity, where it has one, is active"
    fn identity_active(&self, c: &str) -> bool {
        self.credentials[c].identity.as_ref().is_none_or(|i| self.active(i))
    }

    pub fn live(&self, c: &str, way: Way) -> bool {
        match way {
            // "`live(c, copy)`: neither expired nor dead."
            Way::Copy => !self.expired(c) && !self.dead(c),
            // "`live(c, fresh)` and `live(c, forged)`: its identity, where it has one, is active."
            Way::Fresh | Way::Forged => self.identity_active(c),
            // "`live(c, old)`: never."
            Way::Old => false,
        }
    }

    /// What the inventory states of a check, the scenario's `enforce` included.
    pub fn stated_check(&self, system: &str, check: &str) -> Option<bool> {
        if self.overlay.enforced.contains(&(system.to_owned(), check.to_owned())) {
            return Some(true);
        }
        self.systems[system].validates.get(check).copied()
    }
}

/// The one of `system`, `credential`, `identity` and `context` that an object names.
pub fn thing(record: &Value) -> Option<Thing> {
    if let Some(id) = text(record, "system") {
        return Some(Thing::System(id));
    }
    if let Some(id) = text(record, "credential") {
        return Some(Thing::Credential(id));
    }
    if let Some(id) = text(record, "identity") {
        return Some(Thing::Identity(id));
    }
    text(record, "context").map(Thing::Context)
}
