//! Records in the making. Several statements that say the same become one relation with the evidence of all.

use super::arn;
use super::lenient::Log;
use crate::import::Input;
use crate::import::pile::Pile;
use crate::import::share::Met;
use crate::model::{
    Conditional, Criticality, Exposure, ExposureFrom, ExposureHow, Extra, Fragment, Grant, Identity, IdentityKind,
    IdentityStatus, Inherit, InheritHow, Members, Place, Records, RelationCommon, Requirement, Requirements, System,
    Text, Time, When, Yields,
};
use foldhash::fast::RandomState;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The attribute of an account's system that says its principals and their permissions are loaded.
pub const LISTED: &str = "principals";
/// The attribute of a user, group or role that says its permissions are loaded.
pub const POLICIES: &str = "policies";
/// The attribute of [`arn::ANYONE`] that says somebody trusts it.
pub const TRUSTED: &str = "trusted";

/// What makes two inherits one, but for how sure they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InheritKey {
    from: Option<String>,
    to: String,
    requires_all: Vec<(String, String)>,
    audiences: Option<Vec<String>>,
    how: &'static str,
}

struct InheritValue {
    how: InheritHow,
    assumed: bool,
    evidence: BTreeSet<String>,
    places: Vec<Place>,
    last_used_at: Option<Time>,
}

type Inherits = BTreeMap<InheritKey, InheritValue>;

/// One way of becoming somebody.
#[derive(Clone, Debug)]
pub struct Becoming {
    /// Who; anybody where absent.
    pub from: Option<String>,
    /// Whom.
    pub to: String,
    /// What is needed, as system and scope.
    pub requires_all: Vec<(String, String)>,
    /// For whom a token must be meant.
    pub audiences: Option<Vec<String>>,
    /// In which way.
    pub how: InheritHow,
    /// The export does not decide it.
    pub assumed: bool,
    /// Where it is said.
    pub evidence: String,
    /// Where that stands.
    pub place: Place,
    /// When it was last used at the latest.
    pub last_used_at: Option<Time>,
}

/// Records in the making.
pub struct Builder<'i, 'a> {
    /// What was odd.
    pub log: Log<'i, 'a>,
    systems: BTreeMap<Text, System>,
    identities: Pile<Identity>,
    /// The ids of those.
    known: HashSet<Text, RandomState>,
    grants: Pile<Grant>,
    exposures: BTreeMap<(String, String), Exposure>,
    inherits: Inherits,
    further: Pile<Inherit>,
    conditional: BTreeMap<When, (BTreeMap<String, Identity>, Inherits)>,
    trusted: Vec<Conditional>,
    /// Whether the grants are free of secrets, and the inherits that are written already.
    free: (bool, bool),
}

impl<'i, 'a> Builder<'i, 'a> {
    /// Nothing yet.
    pub fn new(log: Log<'i, 'a>) -> Self {
        Self {
            log,
            systems: BTreeMap::new(),
            identities: Pile::default(),
            known: HashSet::default(),
            grants: Pile::default(),
            exposures: BTreeMap::new(),
            inherits: BTreeMap::new(),
            further: Pile::default(),
            conditional: BTreeMap::new(),
            trusted: Vec::new(),
            free: (true, false),
        }
    }

    /// The same with another input.
    pub fn with<'j, 'b>(self, input: &'j Input<'b>) -> Builder<'j, 'b> {
        Builder {
            log: self.log.with(input),
            systems: self.systems,
            identities: self.identities,
            known: self.known,
            grants: self.grants,
            exposures: self.exposures,
            inherits: self.inherits,
            further: self.further,
            conditional: self.conditional,
            trusted: self.trusted,
            free: self.free,
        }
    }

    /// Makes room for about so many more identities, and for as many grants: lists that grow are moved in the end. Room
    /// that is not used costs next to nothing.
    pub fn make_room(&mut self, about: usize) {
        // The account itself, and whom policies name besides.
        let more = about + about / 32 + 64;
        self.identities.reserve(more);
        self.grants.reserve(more);
    }

    /// Adds an identity unless it is there.
    pub fn identity(&mut self, identity: Identity) {
        if self.known.insert(identity.id.clone()) {
            self.identities.push(identity);
        }
    }

    /// Adds a system unless it is there.
    pub fn system(&mut self, system: System) {
        self.systems.entry(system.id.clone()).or_insert(system);
    }

    /// Adds a grant, of which is known whether it is free of secrets.
    pub fn grant(&mut self, grant: Grant, free: bool) {
        self.free.0 &= free;
        self.grants.push(grant);
    }

    /// Adds a way of becoming somebody, or its evidence to one that is there. What is certain once is certain.
    pub fn becoming(&mut self, becoming: Becoming) {
        add(&mut self.inherits, becoming);
    }

    /// Says that control of a system gives an identity.
    pub fn controls(&mut self, system: &str, identity: &str, assumed: bool, evidence: &str, place: &Place) {
        let exposure = self
            .exposures
            .entry((system.to_owned(), identity.to_owned()))
            .or_insert_with(|| Exposure {
                common: RelationCommon {
                    assumed: Some(true),
                    evidence: Some(evidence.to_owned().into()),
                    places: place.clone().into(),
                    ..RelationCommon::default()
                },
                from: ExposureFrom::System(system.to_owned().into()),
                requires: vec!["control@*".to_owned()].into(),
                yields: Yields::Identity(identity.to_owned().into()),
                how: Some(ExposureHow::Minted),
            });
        if !assumed {
            exposure.common.assumed = None;
        }
    }

    /// Adds an identity and a way of becoming somebody that hold where another file states, or does not state, an
    /// attribute of an entity.
    pub fn when(
        &mut self,
        entity: &str,
        attribute: &'static str,
        stated: bool,
        identity: Option<Identity>,
        becoming: Becoming,
    ) {
        let when = When {
            entity: entity.to_owned().into(),
            attribute,
            stated,
        };
        let (identities, inherits) = self.conditional.entry(when).or_default();
        if let Some(identity) = identity {
            identities.entry(identity.id.to_string()).or_insert(identity);
        }
        add(inherits, becoming);
    }

    /// Adds members of a group where another file says that somebody trusts it.
    pub fn where_trusted(&mut self, members: Members) {
        self.trusted.push(Conditional {
            when: When {
                entity: members.group.clone(),
                attribute: TRUSTED,
                stated: true,
            },
            records: Records::default(),
            members: Some(members),
        });
    }

    /// The ways of assuming a role so far: from whom, whom, what is needed, and whether it is assumed.
    pub fn assumptions(&self) -> impl Iterator<Item = (Option<&str>, &str, &[(String, String)], bool)> {
        self.inherits
            .iter()
            .filter(|(key, _)| key.how == InheritHow::AssumeRole.as_str())
            .map(|(key, value)| {
                (
                    key.from.as_deref(),
                    key.to.as_str(),
                    key.requires_all.as_slice(),
                    value.assumed,
                )
            })
    }

    /// The systems whose control gives an identity, with that identity.
    pub fn controlled(&self) -> impl Iterator<Item = (&str, &str)> {
        self.exposures
            .keys()
            .map(|(system, identity)| (system.as_str(), identity.as_str()))
    }

    /// Adds records as they are.
    pub fn append(&mut self, records: Records) {
        for system in records.systems {
            self.system(system);
        }
        for identity in records.identities {
            self.identity(identity);
        }
        let mut met = Met::only_guarding();
        for mut grant in records.grants {
            let free = met.grant(&mut grant);
            self.grant(grant, free);
        }
        self.further.extend(records.inherits);
    }

    /// The ways of becoming somebody that are written already, with room for so many more; they are to be given back.
    pub fn take_written(&mut self, more: usize) -> Pile<Inherit> {
        let further = std::mem::take(&mut self.further);
        let mut roomy = Pile::with_room(further.len() + more + self.inherits.len());
        roomy.absorb(further);
        roomy
    }

    /// Gives back what was taken, with more, and whether all of them are free of secrets.
    pub fn written(&mut self, inherits: Pile<Inherit>, free: bool) {
        self.further = inherits;
        self.free.1 = free;
    }

    /// What there is, sorted.
    pub fn finish(self) -> Fragment {
        // Most are written already, and there may be millions.
        let mut inherits = self.further;
        let mut met = Met::only_guarding();
        let mut looked_at = self.free.0 && self.free.1;
        inherits.extend(written(self.inherits).map(|mut one| {
            looked_at &= met.inherit(&mut one);
            one
        }));
        let exposures = self.exposures.into_values().map(|mut one| {
            looked_at &= met.exposure(&mut one);
            one
        });
        let exposures: Vec<Exposure> = exposures.collect();
        Fragment {
            looked_at,
            records: Records {
                systems: self.systems.into_values().collect(),
                identities: self.identities.into_list(),
                grants: self.grants.into_list(),
                exposures,
                inherits: inherits.into_list(),
                ..Records::default()
            },
            conditional: self
                .conditional
                .into_iter()
                .map(|(when, (identities, inherits))| Conditional {
                    when,
                    records: Records {
                        identities: identities.into_values().collect(),
                        inherits: written(inherits).collect(),
                        ..Records::default()
                    },
                    members: None,
                })
                .chain(self.trusted)
                .collect(),
            complete: true,
            diagnostics: self.log.finish(),
            ..Fragment::default()
        }
    }
}

fn add(inherits: &mut Inherits, becoming: Becoming) {
    let place = becoming.place;
    let key = InheritKey {
        from: becoming.from,
        to: becoming.to,
        requires_all: becoming.requires_all,
        audiences: becoming.audiences,
        how: becoming.how.as_str(),
    };
    let value = inherits.entry(key).or_insert_with(|| InheritValue {
        how: becoming.how,
        assumed: becoming.assumed,
        evidence: BTreeSet::new(),
        places: Vec::new(),
        last_used_at: becoming.last_used_at,
    });
    if value.assumed && !becoming.assumed {
        // What was assumed before adds nothing to what is certain now.
        value.assumed = false;
        value.evidence.clear();
        value.places.clear();
    }
    if value.assumed == becoming.assumed {
        value.evidence.insert(becoming.evidence);
        if !value.places.contains(&place) {
            value.places.push(place);
        }
    }
}

fn written(inherits: Inherits) -> impl Iterator<Item = Inherit> {
    inherits.into_iter().map(|(key, value)| Inherit {
        common: RelationCommon {
            assumed: value.assumed.then_some(true),
            evidence: joined(value.evidence).map(Into::into),
            last_used_at: value.last_used_at,
            places: value.places.into(),
            ..RelationCommon::default()
        },
        from: key.from.map(Into::into),
        to: key.to.into(),
        requires_all: requirements(key.requires_all),
        audiences: key.audiences.map(Into::into),
        how: Some(value.how),
    })
}

fn requirements(list: Vec<(String, String)>) -> Requirements {
    list.into_iter()
        .map(|(system, scope)| Requirement {
            system: system.into(),
            scope: scope.into(),
        })
        .collect()
}

/// Texts of evidence as one; of very many the first are named and the rest counted.
pub fn joined(texts: impl IntoIterator<Item = String>) -> Option<String> {
    let texts: Vec<String> = texts.into_iter().collect();
    const NAMED: usize = 20;
    match texts.len() {
        0 => None,
        n if n > NAMED => Some(format!("{}; and {} more", texts[..NAMED].join("; "), n - NAMED)),
        _ => Some(texts.join("; ")),
    }
}

/// A principal that no longer exists, which AWS shows by its unique id.
pub fn gone(unique_id: &str, finding: &str, place: &Place) -> Identity {
    Identity {
        id: arn::id(unique_id).into(),
        name: Some(format!("Deleted principal {unique_id}").into()),
        platform: Some("aws".into()),
        kind: unique_id.starts_with("AROA").then_some(IdentityKind::Role),
        status: Some(IdentityStatus::Disabled),
        attributes: [("finding".to_owned(), json!(finding))].into_iter().collect(),
        places: place.clone().into(),
        ..Identity::default()
    }
}

/// The system an account is.
pub fn account_system(account: &str, place: Place) -> System {
    let mut system = System {
        id: arn::id(account).into(),
        name: Some(format!("AWS account {account}").into()),
        kind: Some("account".into()),
        platform: Some("aws".into()),
        places: vec![place].into(),
        ..System::default()
    };
    // What a caller may do ends with its session's scopes, and a revoked key is refused.
    system.validates.scope = Some(true);
    system.validates.revocation = Some(true);
    system
}

/// Everything about administering an account: the system, the identity that has everything, its grants, and the inherit
/// for whoever may do everything. `spared` are acts that somebody who may otherwise do everything is denied: who is
/// denied one of them is no administrator by this.
pub fn administration(account: &str, spared: &BTreeSet<String>, place: &Place) -> Records {
    let system = arn::id(account);
    let admin = format!("{system}:admin");
    let administration = format!("{system}/administration");
    let mut derived = Extra::new();
    derived.insert("derived".to_owned(), json!(true));
    let mut over = account_system(account, place.clone());
    over.id = administration.as_str().into();
    over.name = Some(format!("Administration of AWS account {account}").into());
    over.kind = Some("administration".into());
    over.criticality = Some(Criticality::CrownJewel);
    over.attributes = derived.clone();
    let grant = |system: &str| Grant {
        common: RelationCommon {
            evidence: Some("whoever administers an account may do everything in it".into()),
            places: place.clone().into(),
            ..RelationCommon::default()
        },
        holder: admin.clone().into(),
        system: system.to_owned().into(),
        scopes: vec!["*@*".to_owned()].into(),
        ..Grant::default()
    };
    let mut requires_all = vec![EVERY_ACT.to_owned(), EVERY_IAM_ACT.to_owned()];
    requires_all.extend(spared.iter().cloned());
    Records {
        identities: vec![Identity {
            id: admin.clone().into(),
            name: Some(format!("Administrator of AWS account {account}").into()),
            kind: Some(IdentityKind::Other),
            platform: Some("aws".into()),
            attributes: derived,
            places: place.clone().into(),
            ..Identity::default()
        }],
        grants: vec![grant(&system), grant(&administration)],
        systems: vec![over],
        inherits: vec![Inherit {
            common: RelationCommon {
                evidence: Some("administrator probe: may do every act on every resource".into()),
                places: place.clone().into(),
                ..RelationCommon::default()
            },
            from: None,
            to: admin.into(),
            requires_all: requirements(requires_all.into_iter().map(|scope| (system.clone(), scope)).collect()),
            audiences: None,
            // Nobody can take this away but by taking away permissions.
            how: Some(InheritHow::Escalation),
        }],
        ..Records::default()
    }
}

/// An act nobody is granted by name.
const EVERY_ACT: &str = "~any:~any@~any";
/// The same of IAM, which power users lack.
const EVERY_IAM_ACT: &str = "iam:~any@~any";
