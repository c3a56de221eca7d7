//! Aliases for everything that names something in an inventory, so that a result can be shown to who may not know the
//! names. Equal inventories give equal aliases, whatever is exported. Numbers go by the order of the names within a kind
//! and have equally many digits, so a list that was sorted by id still is. What belongs to a common vocabulary (a
//! platform everybody knows, the star that matches everything) stays; what is free text and named nothing else (evidence,
//! attributes, unknown members) goes.

use super::*;
use std::collections::{BTreeSet, HashMap};

/// What sort of word has an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// A context's bare name.
    Context,
    /// A scope pattern.
    Scope,
    /// An audience that is no system's id.
    Audience,
    /// Who answers for something.
    Owner,
    /// A free label.
    Tag,
    /// A platform.
    Platform,
    /// An environment.
    Environment,
    /// A system's kind.
    Kind,
}

impl Word {
    const ALL: [Self; 8] = [
        Self::Context,
        Self::Scope,
        Self::Audience,
        Self::Owner,
        Self::Tag,
        Self::Platform,
        Self::Environment,
        Self::Kind,
    ];

    fn stem(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Scope => "scope",
            Self::Audience => "audience",
            Self::Owner => "owner",
            Self::Tag => "tag",
            Self::Platform => "platform",
            Self::Environment => "environment",
            Self::Kind => "kind",
        }
    }
}

/// The aliases of one inventory.
#[derive(Clone, Debug)]
pub struct Aliases {
    entities: HashMap<Text, String>,
    relations: HashMap<String, String>,
    words: [HashMap<String, String>; 8],
}

/// Words that a scenario or a seed names besides the inventory's.
#[derive(Clone, Debug, Default)]
pub struct FurtherWords {
    /// Bare names of contexts.
    pub contexts: Vec<String>,
    /// Scope patterns.
    pub scopes: Vec<String>,
    /// Audiences.
    pub audiences: Vec<String>,
}

impl Aliases {
    /// Aliases for all that an inventory names. `common` gives of a platform, an environment or a system's kind what
    /// everybody may know, in the words that stay; nothing where it needs an alias.
    #[must_use]
    pub fn new(inventory: &Inventory, further: &FurtherWords, common: &dyn Fn(Word, &str) -> Option<String>) -> Self {
        let r = &inventory.records;
        let mut out = Self {
            entities: HashMap::new(),
            relations: HashMap::new(),
            words: Default::default(),
        };
        out.number("system", r.systems.iter().map(|s| &s.id));
        out.number("identity", r.identities.iter().map(|s| &s.id));
        out.number("credential", r.credentials.iter().map(|s| &s.id));
        let found = Found::of(inventory, further);
        for word in Word::ALL {
            out.words[word as usize] = numbered(word, &found.0[word as usize], common);
        }
        out.name_relations(r);
        out
    }

    /// The alias of an entity's id, or of `context:NAME`.
    #[must_use]
    pub fn id(&self, id: &str) -> String {
        if let Some(name) = id.strip_prefix("context:") {
            return format!("context:{}", self.word(Word::Context, name));
        }
        self.entities.get(id).cloned().unwrap_or_else(|| "unknown".to_owned())
    }

    /// The alias of a relation's name.
    #[must_use]
    pub fn relation(&self, name: &str) -> String {
        let known = self.relations.get(name).cloned();
        known.unwrap_or_else(|| "unknown".to_owned())
    }

    /// The alias of what is an entity's id or a relation's name.
    #[must_use]
    pub fn target(&self, id: &str) -> String {
        match self.relations.get(id) {
            Some(alias) => alias.clone(),
            None => self.id(id),
        }
    }

    /// The alias of an audience: of a system's id, that system's.
    #[must_use]
    pub fn audience(&self, text: &str) -> String {
        match self.entities.get(text) {
            Some(alias) => alias.clone(),
            None => self.word(Word::Audience, text),
        }
    }

    /// The alias of a word of this sort. One that the inventory does not name gets an alias that says only its sort.
    #[must_use]
    pub fn word(&self, word: Word, text: &str) -> String {
        if stays(word, text) {
            return text.to_owned();
        }
        let known = self.words[word as usize].get(text).cloned();
        known.unwrap_or_else(|| format!("{}-unknown", word.stem()))
    }

    /// The alias of what stands between patterns as an access says it: `p & q`.
    #[must_use]
    pub fn scope(&self, text: &str) -> String {
        if let Some(alias) = self.words[Word::Scope as usize].get(text) {
            return alias.clone();
        }
        let mut patterns: Vec<String> = text.split(" & ").map(|p| self.word(Word::Scope, p)).collect();
        patterns.sort();
        patterns.join(" & ")
    }

    fn number<'a>(&mut self, stem: &str, ids: impl ExactSizeIterator<Item = &'a Text>) {
        let digits = digits(ids.len());
        for (n, id) in ids.enumerate() {
            self.entities.insert(id.clone(), format!("{stem}-{:0digits$}", n + 1));
        }
    }

    fn name_relations(&mut self, r: &Records) {
        let mut names: Vec<(String, String)> = Vec::new();
        for x in &r.grants {
            let ends = format!("grant:{}->{}", self.id(&x.holder), self.id(&x.system));
            names.push((x.name().to_string(), ends));
        }
        for x in &r.exposures {
            let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) = &x.from;
            let ends = format!("exposure:{}->{}", self.id(from), self.yields(&x.yields));
            names.push((x.name().to_string(), ends));
        }
        for x in &r.inherits {
            let from = x.from.as_deref().map_or_else(|| "*".to_owned(), |id| self.id(id));
            names.push((x.name().to_string(), format!("inherit:{from}->{}", self.id(&x.to))));
        }
        for x in &r.trusts {
            let ends = format!("trust:{}->{}", self.id(&x.from), self.id(&x.to));
            names.push((x.name().to_string(), ends));
        }
        let mut met: HashMap<String, u32> = HashMap::new();
        for (name, ends) in names {
            let n = met.entry(ends.clone()).or_default();
            *n += 1;
            let alias = if *n == 1 { ends } else { format!("{ends}#{n}") };
            self.relations.insert(name, alias);
        }
    }

    fn yields(&self, yields: &Yields) -> String {
        match yields {
            Yields::Credential(id) | Yields::Identity(id) => self.id(id),
            Yields::Context(name) => format!("context:{}", self.word(Word::Context, name)),
        }
    }

    fn some(&self, word: Word, text: &Option<Text>) -> Option<Text> {
        text.as_deref().map(|t| self.word(word, t).into())
    }

    fn list(&self, word: Word, list: &List) -> List {
        sorted(list.iter().map(|t| self.word(word, t)))
    }

    fn common(&self, relation: &dyn Named) -> RelationCommon {
        let common = relation.common();
        let name: Text = self.relation(&relation.name().to_string()).into();
        RelationCommon {
            id: common.id.as_ref().map(|_| name.clone()),
            own_hash: None,
            intended: common.intended,
            assumed: common.assumed,
            last_used_at: common.last_used_at,
            evidence: None,
            attributes: Extra::new(),
            rest: Rest {
                own_name: Some(name),
                ..Rest::default()
            }
            .into(),
            places: places(&common.places),
        }
    }
}

impl Inventory {
    /// The same records in the same order under their aliases.
    #[must_use]
    pub fn aliased(&self, a: &Aliases) -> Self {
        let r = &self.records;
        let records = Records {
            systems: r.systems.iter().map(|s| a.system(s)).collect(),
            identities: r.identities.iter().map(|i| a.identity(i)).collect(),
            credentials: r.credentials.iter().map(|c| a.credential(c)).collect(),
            grants: r.grants.iter().map(|g| a.grant(g)).collect(),
            exposures: r.exposures.iter().map(|x| a.exposure(x)).collect(),
            inherits: r.inherits.iter().map(|n| a.inherit(n)).collect(),
            trusts: r.trusts.iter().map(|t| a.trust(t)).collect(),
        };
        Self::from_merged(None, self.as_of, records, Extra::new())
    }
}

impl Aliases {
    fn system(&self, s: &System) -> System {
        System {
            id: self.id(&s.id).into(),
            name: None,
            kind: self.some(Word::Kind, &s.kind),
            platform: self.some(Word::Platform, &s.platform),
            environment: self.some(Word::Environment, &s.environment),
            owner: self.some(Word::Owner, &s.owner),
            third_party: s.third_party,
            criticality: s.criticality,
            accepts_issuers: s
                .accepts_issuers
                .as_ref()
                .map(|l| sorted(l.iter().map(|id| self.id(id)))),
            accepts_audiences: s
                .accepts_audiences
                .as_ref()
                .map(|l| sorted(l.iter().map(|t| self.audience(t)))),
            validates: Validates {
                extra: Extra::new(),
                ..s.validates.clone()
            },
            tags: self.list(Word::Tag, &s.tags),
            attributes: Extra::new(),
            extra: Extra::new(),
            places: places(&s.places),
        }
    }

    fn identity(&self, i: &Identity) -> Identity {
        Identity {
            id: self.id(&i.id).into(),
            name: None,
            kind: i.kind,
            platform: self.some(Word::Platform, &i.platform),
            environment: self.some(Word::Environment, &i.environment),
            owner: self.some(Word::Owner, &i.owner),
            third_party: i.third_party,
            status: i.status,
            tags: self.list(Word::Tag, &i.tags),
            attributes: Extra::new(),
            extra: Extra::new(),
            places: places(&i.places),
        }
    }

    fn credential(&self, c: &Credential) -> Credential {
        Credential {
            id: self.id(&c.id).into(),
            name: None,
            kind: c.kind,
            identity: c.identity.as_deref().map(|id| self.id(id).into()),
            issuer: c.issuer.as_deref().map(|id| self.id(id).into()),
            audience: c.audience.as_ref().map(|l| sorted(l.iter().map(|t| self.audience(t)))),
            scopes: c.scopes.as_ref().map(|l| self.list(Word::Scope, l)),
            contexts: c.contexts.as_ref().map(|l| self.list(Word::Context, l)),
            self_contained: c.self_contained,
            status: c.status,
            issued_at: c.issued_at,
            expires_at: c.expires_at,
            rotated_at: c.rotated_at,
            last_used_at: c.last_used_at,
            owner: self.some(Word::Owner, &c.owner),
            public_id: None,
            fingerprint: None,
            leaked: c.leaked,
            tags: self.list(Word::Tag, &c.tags),
            attributes: Extra::new(),
            extra: Extra::new(),
            places: places(&c.places),
        }
    }

    fn grant(&self, g: &Grant) -> Grant {
        Grant {
            common: self.common(g),
            holder: self.id(&g.holder).into(),
            system: self.id(&g.system).into(),
            scopes: self.list(Word::Scope, &g.scopes),
            within: g.within.as_ref().map(|l| self.list(Word::Scope, l)),
            except: self.list(Word::Scope, &g.except),
            used_scopes: g.used_scopes.as_ref().map(|l| self.list(Word::Scope, l)),
        }
    }

    fn exposure(&self, x: &Exposure) -> Exposure {
        Exposure {
            common: self.common(x),
            from: match &x.from {
                ExposureFrom::System(id) => ExposureFrom::System(self.id(id).into()),
                ExposureFrom::Credential(id) => ExposureFrom::Credential(self.id(id).into()),
                ExposureFrom::Identity(id) => ExposureFrom::Identity(self.id(id).into()),
            },
            requires: self.list(Word::Scope, &x.requires),
            yields: match &x.yields {
                Yields::Credential(id) => Yields::Credential(self.id(id).into()),
                Yields::Identity(id) => Yields::Identity(self.id(id).into()),
                Yields::Context(name) => Yields::Context(self.word(Word::Context, name).into()),
            },
            how: x.how,
        }
    }

    fn inherit(&self, n: &Inherit) -> Inherit {
        Inherit {
            common: self.common(n),
            from: n.from.as_deref().map(|id| self.id(id).into()),
            to: self.id(&n.to).into(),
            requires_all: n.requires_all.iter().map(|q| self.requirement(q)).collect(),
            audiences: n.audiences.as_ref().map(|l| sorted(l.iter().map(|t| self.audience(t)))),
            how: n.how,
        }
    }

    fn trust(&self, t: &Trust) -> Trust {
        Trust {
            common: self.common(t),
            from: self.id(&t.from).into(),
            to: self.id(&t.to).into(),
            requires: self.list(Word::Scope, &t.requires),
            scopes: self.list(Word::Scope, &t.scopes),
            exchange: t.exchange.as_ref().map(|e| Exchange {
                scopes: self.list(Word::Scope, &e.scopes),
                extra: Extra::new(),
            }),
        }
    }

    /// A requirement under its aliases.
    #[must_use]
    pub fn requirement(&self, q: &Requirement) -> Requirement {
        Requirement {
            system: self.id(&q.system).into(),
            scope: self.word(Word::Scope, &q.scope).into(),
        }
    }
}

/// The place of a record without the path to it, which may hold names.
#[must_use]
pub fn place(place: &Place) -> Place {
    let numbers_only = place
        .pointer
        .split('/')
        .all(|part| part.is_empty() || part.bytes().all(|b| b.is_ascii_digit()) || MEMBERS.contains(&part));
    let pointer = if numbers_only {
        place.pointer.clone()
    } else {
        Text::new()
    };
    let out = Place::new(place.file, pointer);
    match place.line() {
        Some(line) => out.at_line(line),
        None => out,
    }
}

/// Members of the native format that lead to a record.
const MEMBERS: [&str; 7] = [
    "systems",
    "identities",
    "credentials",
    "grants",
    "exposures",
    "inherits",
    "trusts",
];

fn places(list: &Places) -> Places {
    list.iter().map(place).collect()
}

fn sorted(list: impl Iterator<Item = String>) -> List {
    let mut list: Vec<Text> = list.map(Text::from).collect();
    list.sort();
    list.dedup();
    list.into()
}

/// What names nothing and means something by itself.
fn stays(word: Word, text: &str) -> bool {
    match word {
        Word::Scope => text.is_empty() || text == "*",
        // Keeps flows in use.
        Word::Tag => text == "break-glass",
        _ => text.is_empty(),
    }
}

fn digits(n: usize) -> usize {
    n.max(1).to_string().len()
}

fn numbered(
    word: Word,
    found: &BTreeSet<&str>,
    common: &dyn Fn(Word, &str) -> Option<String>,
) -> HashMap<String, String> {
    let known = |text: &str| match word {
        Word::Platform | Word::Environment | Word::Kind => common(word, text),
        _ => None,
    };
    let (digits, mut n) = (digits(found.len()), 0);
    let mut out = HashMap::new();
    for &text in found.iter().filter(|t| !stays(word, t)) {
        let alias = known(text).unwrap_or_else(|| {
            n += 1;
            format!("{}-{n:0digits$}", word.stem())
        });
        out.insert(text.to_owned(), alias);
    }
    out
}

/// Every word of every sort, sorted.
struct Found<'a>([BTreeSet<&'a str>; 8]);

impl<'a> Found<'a> {
    fn of(inventory: &'a Inventory, further: &'a FurtherWords) -> Self {
        let mut out = Self(Default::default());
        let r = &inventory.records;
        for s in &r.systems {
            out.some(Word::Kind, &s.kind);
            out.some(Word::Platform, &s.platform);
            out.some(Word::Environment, &s.environment);
            out.some(Word::Owner, &s.owner);
            out.list(Word::Tag, &s.tags);
            out.lists(Word::Audience, &s.accepts_audiences);
        }
        for i in &r.identities {
            out.some(Word::Platform, &i.platform);
            out.some(Word::Environment, &i.environment);
            out.some(Word::Owner, &i.owner);
            out.list(Word::Tag, &i.tags);
        }
        for c in &r.credentials {
            out.some(Word::Owner, &c.owner);
            out.list(Word::Tag, &c.tags);
            out.lists(Word::Audience, &c.audience);
            out.lists(Word::Scope, &c.scopes);
            out.lists(Word::Context, &c.contexts);
        }
        for g in &r.grants {
            out.list(Word::Scope, &g.scopes);
            out.list(Word::Scope, &g.except);
            out.lists(Word::Scope, &g.within);
            out.lists(Word::Scope, &g.used_scopes);
        }
        for x in &r.exposures {
            out.list(Word::Scope, &x.requires);
            if let Yields::Context(name) = &x.yields {
                out.0[Word::Context as usize].insert(name);
            }
        }
        for n in &r.inherits {
            out.0[Word::Scope as usize].extend(n.requires_all.iter().map(|q| q.scope.as_str()));
            out.lists(Word::Audience, &n.audiences);
        }
        for t in &r.trusts {
            out.list(Word::Scope, &t.requires);
            out.list(Word::Scope, &t.scopes);
            t.exchange.iter().for_each(|e| out.list(Word::Scope, &e.scopes));
        }
        out.0[Word::Context as usize].extend(further.contexts.iter().map(String::as_str));
        out.0[Word::Scope as usize].extend(further.scopes.iter().map(String::as_str));
        out.0[Word::Audience as usize].extend(further.audiences.iter().map(String::as_str));
        out
    }

    fn some(&mut self, word: Word, text: &'a Option<Text>) {
        self.0[word as usize].extend(text.as_deref());
    }

    fn list(&mut self, word: Word, list: &'a List) {
        self.0[word as usize].extend(list.iter().map(Text::as_str));
    }

    fn lists(&mut self, word: Word, list: &'a Option<List>) {
        list.iter().for_each(|l| self.list(word, l));
    }
}
