//! Random inventories, seeds and scenarios with every field of the model in play. The same number gives the same case
//! on every machine.

pub use super::dice::Dice;
use super::doc::{RELATIONS, items, list, text};
use super::names;
use serde_json::{Map, Value, json};

/// The as-of time of every random case; the dates below lie around it.
pub const AS_OF: &str = "2026-05-01T00:00:00Z";

const DATES: [&str; 9] = [
    "2026-04-30T00:00:00Z",
    // The as-of time itself: what expires then is expired.
    "2026-05-01T00:00:00Z",
    "2026-05-01T00:00:01Z",
    "2026-05-01T01:00:00+02:00",
    // Ninety days before, to the second and one less.
    "2026-01-31T00:00:00Z",
    "2026-01-30T23:59:59Z",
    "2026-01-31T00:00:00.25Z",
    "2025-01-01T00:00:00Z",
    "2026-06-01T00:00:00.5Z",
];

/// Few letters, so that patterns cover, overlap and meet each other, and some differ by case alone.
const PATTERNS: [&str; 20] = [
    "*", "a*", "*b", "a", "b", "ab", "A*", "a*b", "b*", "*a*", "aB", "a:x", "a:*", "*:x", "", "a@r1", "a@r*", "*@r*",
    "a**", "*",
];

const CHECKS: [&str; 5] = super::world::CHECKS;

/// How many records of each kind.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub systems: usize,
    pub identities: usize,
    pub credentials: usize,
    pub grants: usize,
    pub exposures: usize,
    pub inherits: usize,
    pub trusts: usize,
}

impl Size {
    /// A handful: most bugs show in these.
    pub fn tiny(dice: &mut Dice) -> Size {
        Size {
            systems: dice.between(1, 4),
            identities: dice.between(0, 5),
            credentials: dice.between(1, 4),
            grants: dice.between(1, 8),
            exposures: dice.between(0, 6),
            inherits: dice.between(0, 6),
            trusts: dice.between(0, 4),
        }
    }

    /// At most so many of every kind; few entities and many relations make things happen.
    pub fn up_to(n: usize, dice: &mut Dice) -> Size {
        let few = n.div_ceil(8);
        Size {
            systems: dice.between(few, n),
            identities: dice.between(few, n),
            credentials: dice.between(few, n),
            grants: n,
            exposures: n,
            inherits: n,
            trusts: dice.between(few, n),
        }
    }
}

/// One question to both programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub inventory: Value,
    pub seeds: Vec<String>,
    pub scenario: Option<Value>,
    pub regime: &'static str,
}

/// The case of this number.
pub fn case(number: u64) -> Case {
    let mut dice = Dice::new(number);
    let size = Size::tiny(&mut dice);
    case_of(size, dice)
}

/// A large case: at most so many records of every kind.
pub fn large_case(number: u64, most: usize) -> Case {
    let mut dice = Dice::new(number);
    let size = Size::up_to(most, &mut dice);
    case_of(size, dice)
}

fn case_of(size: Size, mut dice: Dice) -> Case {
    let inventory = inventory(size, &mut dice);
    let seeds = seeds(&inventory, &mut dice);
    let scenario = dice.chance(70).then(|| scenario(&inventory, &mut dice));
    let regime = if dice.chance(50) {
        "worst-case"
    } else {
        *dice.pick(&["best-case", "intended"])
    };
    Case {
        inventory,
        seeds,
        scenario,
        regime,
    }
}

/// Some of the patterns.
fn patterns(low: usize, high: usize, dice: &mut Dice) -> Value {
    (0..dice.between(low, high)).map(|_| dice.one_of(&PATTERNS)).collect()
}

fn contexts(dice: &mut Dice) -> Value {
    let none = dice.chance(10);
    (0..dice.between(usize::from(!none), 2))
        .map(|_| dice.one_of(&["z0", "z0", "z1", "z2"]))
        .collect()
}

fn record(members: Value) -> Map<String, Value> {
    members.as_object().cloned().unwrap_or_default()
}

/// Sets a field in so many of a hundred cases; now and then to null, which is as if left out.
fn maybe(
    record: &mut Map<String, Value>,
    percent: usize,
    field: &str,
    dice: &mut Dice,
    make: impl Fn(&mut Dice) -> Value,
) {
    if dice.chance(percent) {
        let value = make(dice);
        record.insert(field.to_owned(), value);
    } else if dice.chance(2) {
        record.insert(field.to_owned(), Value::Null);
    }
}

struct Ids {
    systems: Vec<String>,
    identities: Vec<String>,
    credentials: Vec<String>,
    /// How often things stand in the way, in percent of the usual: most inventories should let something through.
    harsh: usize,
    theme: Theme,
}

/// What there is more of than usual, since some cases need several rare things at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    Nothing,
    /// Credentials bound to contexts, issuers that look at them, exposures that yield them, inherits from anybody.
    Contexts,
    /// Groups in groups.
    Groups,
}

impl Ids {
    /// A percentage that is another one in cases of a theme.
    fn percent(&self, usual: usize, theme: Theme, then: usize) -> usize {
        if self.theme == theme { then } else { usual }
    }

    fn audiences(&self, dice: &mut Dice) -> Value {
        let one = |dice: &mut Dice| {
            if dice.chance(75) {
                json!(dice.pick(&self.systems))
            } else {
                json!("aud")
            }
        };
        (0..dice.between(0, 2)).map(|_| one(dice)).collect()
    }

    fn requirements(&self, low: usize, dice: &mut Dice) -> Value {
        (0..dice.between(low, 2))
            .map(|_| {
                let wide = dice.chance(self.percent(20, Theme::Contexts, 70));
                let scope = if wide { "*" } else { dice.pick(&PATTERNS) };
                json!({"system": dice.pick(&self.systems), "scope": scope})
            })
            .collect()
    }

    fn system(&self, id: &str, dice: &mut Dice) -> Value {
        let mut r = record(json!({"id": id}));
        maybe(&mut r, 40, "criticality", dice, |d| {
            d.one_of(&["crown-jewel", "high", "medium", "low"])
        });
        maybe(&mut r, 20 * self.harsh / 100, "accepts_issuers", dice, |d| {
            (0..d.between(0, 2)).map(|_| json!(d.pick(&self.systems))).collect()
        });
        maybe(&mut r, 30, "accepts_audiences", dice, |d| self.audiences(d));
        maybe(&mut r, 75, "validates", dice, |d| {
            let mut stated = Map::new();
            for check in CHECKS {
                let percent = 30 + self.harsh / 4;
                maybe(&mut stated, 60, check, d, |d| json!(d.chance(percent)));
            }
            Value::Object(stated)
        });
        maybe(&mut r, 10, "tags", dice, |d| {
            json!([*d.pick(&["break-glass", "other"])])
        });
        self.remarks(&mut r, dice);
        Value::Object(r)
    }

    fn identity(&self, id: &str, dice: &mut Dice) -> Value {
        let mut r = record(json!({"id": id}));
        maybe(&mut r, 60, "kind", dice, |d| {
            d.one_of(&[
                "service-account",
                "role",
                "app",
                "agent",
                "pipeline",
                "workload",
                "device",
                "group",
                "human",
                "other",
            ])
        });
        maybe(&mut r, 25 * self.harsh / 100, "status", dice, |d| {
            d.one_of(&["active", "disabled", "disabled"])
        });
        maybe(&mut r, 10, "tags", dice, |d| {
            json!([*d.pick(&["break-glass", "other"])])
        });
        self.remarks(&mut r, dice);
        Value::Object(r)
    }

    fn credential(&self, id: &str, dice: &mut Dice) -> Value {
        let mut r = record(json!({"id": id}));
        maybe(&mut r, 70, "kind", dice, |d| {
            d.one_of(&[
                "api-key",
                "access-key",
                "oauth-token",
                "refresh-token",
                "jwt",
                "certificate",
                "ssh-key",
                "password",
                "session",
                "federated-assertion",
                "signing-key",
                "signing-key",
                "other",
            ])
        });
        if !self.identities.is_empty() {
            maybe(&mut r, 65, "identity", dice, |d| json!(d.pick(&self.identities)));
        }
        maybe(&mut r, self.percent(35, Theme::Contexts, 75), "issuer", dice, |d| {
            json!(d.pick(&self.systems))
        });
        maybe(&mut r, 20 + self.harsh / 5, "audience", dice, |d| self.audiences(d));
        maybe(&mut r, 35, "scopes", dice, |d| patterns(0, 2, d));
        maybe(
            &mut r,
            self.percent(30, Theme::Contexts, 75),
            "contexts",
            dice,
            contexts,
        );
        maybe(&mut r, 25, "self_contained", dice, |d| json!(d.chance(60)));
        maybe(&mut r, 20 * self.harsh / 100, "status", dice, |d| {
            d.one_of(&["active", "disabled", "revoked", "expired"])
        });
        maybe(&mut r, 20 * self.harsh / 100, "expires_at", dice, |d| d.one_of(&DATES));
        for field in ["issued_at", "rotated_at"] {
            maybe(&mut r, 10, field, dice, |d| d.one_of(&DATES));
        }
        maybe(&mut r, 40, "last_used_at", dice, |d| d.one_of(&DATES));
        maybe(&mut r, 10, "leaked", dice, |d| json!(d.chance(50)));
        maybe(&mut r, 10, "tags", dice, |d| {
            json!([*d.pick(&["break-glass", "other"])])
        });
        maybe(&mut r, 5, "public_id", dice, |_| json!("AKIA-public"));
        maybe(&mut r, 5, "fingerprint", dice, |_| json!("keyed:0f"));
        maybe(&mut r, 10, "owner", dice, |_| json!("team"));
        maybe(&mut r, 10, "name", dice, |_| json!("Name"));
        Value::Object(r)
    }

    /// What no rule reads.
    fn remarks(&self, r: &mut Map<String, Value>, dice: &mut Dice) {
        for field in ["name", "platform", "environment", "owner"] {
            maybe(r, 10, field, dice, |d| d.one_of(&["one", "two", "dréi"]));
        }
        maybe(r, 10, "third_party", dice, |d| json!(d.chance(50)));
        maybe(r, 10, "attributes", dice, |d| json!({"note": *d.pick(&["x", "y"])}));
    }

    /// What all relations have.
    fn relation(&self, id: String, mut r: Map<String, Value>, dice: &mut Dice) -> Value {
        maybe(&mut r, 40, "id", dice, |_| json!(id));
        maybe(&mut r, 25, "intended", dice, |d| json!(d.chance(25)));
        maybe(&mut r, 20, "assumed", dice, |d| json!(d.chance(75)));
        maybe(&mut r, 50, "last_used_at", dice, |d| d.one_of(&DATES));
        maybe(&mut r, 10, "evidence", dice, |d| d.one_of(&["seen", "told"]));
        maybe(&mut r, 5, "attributes", dice, |d| json!({"note": *d.pick(&["x", "y"])}));
        Value::Object(r)
    }

    fn grant(&self, n: usize, dice: &mut Dice) -> Value {
        let by_credential = self.identities.is_empty() || dice.chance(45);
        let holders = if by_credential {
            &self.credentials
        } else {
            &self.identities
        };
        let few = usize::from(dice.chance(95));
        let scopes = patterns(few, 2, dice);
        let mut r = record(json!({"holder": dice.pick(holders), "system": dice.pick(&self.systems), "scopes": scopes}));
        maybe(&mut r, 20, "within", dice, |d| patterns(0, 2, d));
        maybe(&mut r, 10 + self.harsh / 5, "except", dice, |d| patterns(0, 2, d));
        maybe(&mut r, 30, "used_scopes", dice, |d| patterns(0, 2, d));
        self.relation(format!("g{n}"), r, dice)
    }

    fn exposure(&self, n: usize, dice: &mut Dice) -> Value {
        let mut r = Map::new();
        let from = dice.below(100);
        if from < 45 {
            r.insert("system".into(), json!(dice.pick(&self.systems)));
            maybe(&mut r, 40, "requires", dice, |d| patterns(0, 2, d));
        } else if from < 80 || self.identities.is_empty() {
            r.insert("credential".into(), json!(dice.pick(&self.credentials)));
        } else {
            r.insert("identity".into(), json!(dice.pick(&self.identities)));
        }
        let target = dice.below(100);
        let yields = if target < self.percent(25, Theme::Contexts, 60) {
            json!({"context": *dice.pick(&["z0", "z1", "z2"])})
        } else if target.is_multiple_of(5) && !self.identities.is_empty() {
            json!({"identity": dice.pick(&self.identities)})
        } else {
            json!({"credential": dice.pick(&self.credentials)})
        };
        r.insert("yields".into(), yields);
        maybe(&mut r, 90, "how", dice, |d| {
            d.one_of(&["stored", "mounted", "minted", "minted", "copied", "logged", "derived"])
        });
        self.relation(format!("x{n}"), r, dice)
    }

    fn inherit(&self, n: usize, dice: &mut Dice) -> Value {
        let mut r = record(json!({"to": dice.pick(&self.identities)}));
        if dice.chance(self.percent(35, Theme::Groups, 70)) {
            r.insert("how".into(), json!("membership"));
            r.insert("from".into(), json!(dice.pick(&self.identities)));
            return self.relation(format!("n{n}"), r, dice);
        }
        maybe(&mut r, 85, "how", dice, |d| {
            d.one_of(&["assume-role", "impersonation", "agent", "federation", "escalation"])
        });
        if dice.chance(self.percent(75, Theme::Contexts, 40)) {
            r.insert("from".into(), json!(dice.pick(&self.identities)));
            maybe(&mut r, 40, "requires_all", dice, |d| self.requirements(0, d));
        } else {
            r.insert("requires_all".into(), self.requirements(1, dice));
        }
        maybe(&mut r, 35, "audiences", dice, |d| self.audiences(d));
        self.relation(format!("n{n}"), r, dice)
    }

    fn trust(&self, n: usize, dice: &mut Dice) -> Value {
        let few = usize::from(dice.chance(95));
        let scopes = patterns(few, 2, dice);
        let mut r = record(json!({"from": dice.pick(&self.systems), "to": dice.pick(&self.systems), "scopes": scopes}));
        maybe(&mut r, 40, "requires", dice, |d| patterns(0, 2, d));
        maybe(&mut r, 40, "exchange", dice, |d| json!({"scopes": patterns(0, 2, d)}));
        self.relation(format!("t{n}"), r, dice)
    }
}

/// A random inventory.
pub fn inventory(size: Size, dice: &mut Dice) -> Value {
    let named = |prefix: &str, count: usize| {
        (0..count)
            .map(|n| format!("{prefix}{n}{}", if n % 5 == 3 { "é" } else { "" }))
            .collect::<Vec<_>>()
    };
    let ids = Ids {
        systems: named("s", size.systems),
        identities: named("i", size.identities),
        credentials: named("c", size.credentials),
        harsh: *dice.pick(&[10, 30, 100]),
        theme: *dice.pick(&[
            Theme::Nothing,
            Theme::Nothing,
            Theme::Nothing,
            Theme::Contexts,
            Theme::Groups,
        ]),
    };
    let inherits = if size.identities == 0 { 0 } else { size.inherits };
    let mut inv = json!({
        "format": "trustmap-inventory",
        "version": 1,
        "systems": ids.systems.iter().map(|id| ids.system(id, dice)).collect::<Vec<_>>(),
        "identities": ids.identities.iter().map(|id| ids.identity(id, dice)).collect::<Vec<_>>(),
        "credentials": ids.credentials.iter().map(|id| ids.credential(id, dice)).collect::<Vec<_>>(),
        "grants": (0..size.grants).map(|n| ids.grant(n, dice)).collect::<Vec<_>>(),
        "exposures": (0..size.exposures).map(|n| ids.exposure(n, dice)).collect::<Vec<_>>(),
        "inherits": (0..inherits).map(|n| ids.inherit(n, dice)).collect::<Vec<_>>(),
        "trusts": (0..size.trusts).map(|n| ids.trust(n, dice)).collect::<Vec<_>>(),
    });
    // What mints is often a signing key, or nothing would ever be forged.
    for exposure in items(&inv.clone(), "exposures") {
        let from = text(exposure, "credential").filter(|_| text(exposure, "how").as_deref() == Some("minted"));
        let list = inv["credentials"].as_array_mut().expect("it was just made");
        let key = list.iter_mut().find(|c| from.is_some() && text(c, "id") == from);
        if let Some(key) = key.filter(|_| dice.chance(50)) {
            key["kind"] = json!("signing-key");
        }
    }
    // The same again, under another id or under none: these are one where not both have ids.
    for kind in RELATIONS {
        let list = inv[kind].as_array_mut().expect("it was just made");
        if !list.is_empty() && dice.chance(10) {
            let mut again = dice.pick(list).clone();
            again["id"] = if dice.chance(50) {
                json!(format!("again-{kind}"))
            } else {
                Value::Null
            };
            again["last_used_at"] = dice.one_of(&DATES);
            list.push(again);
        }
    }
    inv
}

/// One to three compromised things; an unknown context now and then.
pub fn seeds(inv: &Value, dice: &mut Dice) -> Vec<String> {
    let ids = |kind: &str| {
        items(inv, kind)
            .iter()
            .filter_map(|r| text(r, "id"))
            .collect::<Vec<_>>()
    };
    let (systems, identities, credentials) = (ids("systems"), ids("identities"), ids("credentials"));
    (0..dice.between(1, 3))
        .map(|_| match dice.below(20) {
            0 | 1 => "context:z0".to_owned(),
            2 => "context:nowhere".to_owned(),
            3..=5 => dice.pick(&systems).clone(),
            6..=8 if !identities.is_empty() => dice.pick(&identities).clone(),
            _ => dice.pick(&credentials).clone(),
        })
        .collect()
}

/// One to five actions, most of them possible.
pub fn scenario(inv: &Value, dice: &mut Dice) -> Value {
    let merged = super::merge(&[("", inv.clone())]).document;
    let names = names::names(&merged);
    let actions: Vec<Value> = (0..dice.between(1, 5))
        .filter_map(|_| action(&merged, &names, dice))
        .collect();
    json!({"format": "trustmap-scenario", "version": 1, "name": "random", "actions": actions})
}

/// A pattern covered by one of these, or in rare cases any.
fn narrower(stated: &[String], dice: &mut Dice) -> Value {
    let pattern = if stated.is_empty() || dice.chance(5) {
        (*dice.pick(&PATTERNS)).to_owned()
    } else {
        let p = dice.pick(stated).clone();
        let part = *dice.pick(&["", "a", "b", "x", "a*", "*"]);
        if dice.chance(70) { p.replacen('*', part, 1) } else { p }
    };
    json!(pattern)
}

fn action(inv: &Value, names: &std::collections::BTreeMap<String, Vec<String>>, dice: &mut Dice) -> Option<Value> {
    let (name, kind) = *dice.pick(&[
        ("revoke", "credentials"),
        ("rotate", "credentials"),
        ("narrow-audience", "credentials"),
        ("narrow-scopes", "credentials"),
        ("bind-context", "credentials"),
        ("expire", "credentials"),
        ("disable-identity", "identities"),
        ("remove-grant", "grants"),
        ("narrow-grant", "grants"),
        ("remove-exposure", "exposures"),
        ("remove-inherit", "inherits"),
        ("narrow-inherit", "inherits"),
        ("remove-trust", "trusts"),
        ("require-exchange", "trusts"),
        ("enforce", "systems"),
        ("isolate", "systems"),
    ]);
    let records = items(inv, kind);
    if records.is_empty() {
        return None;
    }
    let position = dice.below(records.len());
    let record = &records[position];
    let named = names
        .get(kind)
        .map_or_else(|| text(record, "id"), |all| Some(all[position].clone()));
    let target = if dice.chance(2) { json!("nothing") } else { json!(named) };
    let field = if kind == "identities" {
        "identity"
    } else {
        &kind[..kind.len() - 1]
    };
    let mut action = json!({"action": name, field: target});
    let stated = |f: &str| list(record, f).unwrap_or_default();
    let systems: Vec<String> = items(inv, "systems").iter().filter_map(|s| text(s, "id")).collect();
    match name {
        "narrow-audience" => {
            let some = |d: &mut Dice| {
                if d.chance(80) {
                    json!(d.pick(&systems))
                } else {
                    json!("aud")
                }
            };
            action["audience"] = (0..dice.between(0, 2)).map(|_| some(dice)).collect();
        }
        "narrow-scopes" | "narrow-grant" => {
            action["scopes"] = (0..dice.between(0, 2))
                .map(|_| narrower(&stated("scopes"), dice))
                .collect();
        }
        "require-exchange" => {
            let passed = record
                .get("exchange")
                .and_then(|x| list(x, "scopes"))
                .unwrap_or_else(|| stated("scopes"));
            action["scopes"] = (0..dice.between(0, 2)).map(|_| narrower(&passed, dice)).collect();
        }
        "bind-context" => action["contexts"] = contexts(dice),
        "expire" => action["expires_at"] = dice.one_of(&DATES),
        "narrow-inherit" => {
            let system = if dice.chance(3) {
                "nothing".to_owned()
            } else {
                dice.pick(&systems).clone()
            };
            action["requires_all"] = json!([{"system": system, "scope": dice.pick(&PATTERNS)}]);
        }
        "enforce" => {
            action["checks"] = (0..dice.between(1, 3)).map(|_| dice.one_of(&CHECKS)).collect();
        }
        _ => {}
    }
    // The platform works so: these are refused, which one try in eight is enough to see.
    let how = text(record, "how");
    let refused = matches!(
        (name, how.as_deref()),
        ("remove-inherit" | "narrow-inherit", Some("escalation")) | ("narrow-inherit", Some("membership"))
    );
    (!refused || dice.chance(12)).then_some(action)
}
