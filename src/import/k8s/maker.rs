//! Records of one cluster in the making, by the file each is read from.

use crate::model::{
    Criticality, Exposure, ExposureFrom, ExposureHow, FileId, Fragment, Grant, Identity, IdentityKind, Inherit,
    InheritHow, List, Place, RelationCommon, Requirement, System, Trust, Yields,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// Records in the making.
pub struct Maker {
    /// The cluster's id: `k8s:` and its name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is made so far.
    pub out: BTreeMap<FileId, Fragment>,
    known: HashSet<String>,
}

/// How a relation came about.
#[derive(Clone, Copy, Default)]
pub struct Flags {
    /// No file proves it.
    pub assumed: bool,
    /// Nobody means it to be used.
    pub unintended: bool,
}

impl Flags {
    /// Certain and meant.
    pub const PLAIN: Self = Self {
        assumed: false,
        unintended: false,
    };
    /// Certain, and nobody's intention.
    pub const ABUSE: Self = Self {
        assumed: false,
        unintended: true,
    };
}

impl Maker {
    /// Nothing yet.
    pub fn new(name: &str) -> Self {
        Self {
            id: format!("k8s:{name}"),
            name: name.to_owned(),
            out: BTreeMap::new(),
            known: HashSet::new(),
        }
    }

    /// The share of a file.
    pub fn of(&mut self, place: &Place) -> &mut Fragment {
        self.out.entry(place.file).or_insert_with(|| Fragment {
            complete: true,
            ..Fragment::default()
        })
    }

    /// Adds a system unless it is there; `more` states what is not common to all.
    pub fn system(&mut self, id: &str, name: &str, kind: &str, place: &Place, more: impl FnOnce(&mut System)) {
        if !self.known.insert(id.to_owned()) {
            return;
        }
        let mut system = System {
            id: id.to_owned().into(),
            name: Some(name.to_owned().into()),
            kind: Some(kind.to_owned().into()),
            platform: Some("k8s".into()),
            places: place.clone().into(),
            ..System::default()
        };
        more(&mut system);
        self.of(place).records.systems.push(system);
    }

    /// Adds a system that stands for several things, which views may fold.
    pub fn pool(&mut self, id: &str, name: &str, kind: &str, place: &Place) {
        self.system(id, name, kind, place, |s| {
            s.criticality = Some(Criticality::Low);
            s.attributes.insert("derived".to_owned(), Value::Bool(true));
        });
    }

    /// Adds an identity unless it is there.
    pub fn identity(
        &mut self,
        id: &str,
        name: &str,
        kind: IdentityKind,
        place: &Place,
        more: impl FnOnce(&mut Identity),
    ) {
        if !self.known.insert(id.to_owned()) {
            return;
        }
        let mut identity = Identity {
            id: id.to_owned().into(),
            name: Some(name.to_owned().into()),
            kind: Some(kind),
            platform: Some("k8s".into()),
            places: place.clone().into(),
            ..Identity::default()
        };
        more(&mut identity);
        self.of(place).records.identities.push(identity);
    }

    /// Adds an identity that another file says more of, unless it is there.
    pub fn stranger(&mut self, id: &str, platform: &str, place: &Place) {
        if self.known.insert(id.to_owned()) {
            self.of(place).records.identities.push(Identity {
                id: id.to_owned().into(),
                platform: Some(platform.to_owned().into()),
                places: place.clone().into(),
                ..Identity::default()
            });
        }
    }

    /// Whether this is the first time an id is asked for; then the caller adds it.
    pub fn first(&mut self, id: &str) -> bool {
        self.known.insert(id.to_owned())
    }

    /// The id of a service account; of one no file holds, too.
    pub fn account(&mut self, namespace: &str, name: &str, place: &Place) -> String {
        let id = self.account_id(namespace, name);
        self.identity(
            &id,
            &format!("{namespace}/{name}"),
            IdentityKind::ServiceAccount,
            place,
            |_| {},
        );
        id
    }

    /// The id a service account has.
    pub fn account_id(&self, namespace: &str, name: &str) -> String {
        format!("{}:system:serviceaccount:{namespace}:{name}", self.id)
    }

    /// The id of a group.
    pub fn group(&mut self, name: &str, place: &Place) -> String {
        let id = format!("{}:group:{name}", self.id);
        self.identity(&id, name, IdentityKind::Group, place, |_| {});
        id
    }

    /// The id of a user, which may be a service account by its full name.
    pub fn user(&mut self, name: &str, place: &Place) -> String {
        if let Some((namespace, account)) = name
            .strip_prefix("system:serviceaccount:")
            .and_then(|n| n.split_once(':'))
        {
            return self.account(namespace, account, place);
        }
        let id = format!("{}:user:{name}", self.id);
        let kind = match name.strip_prefix("system:") {
            Some(rest) if rest.starts_with("node:") => IdentityKind::Device,
            Some(_) => IdentityKind::Workload,
            None if name.contains('@') => IdentityKind::Human,
            None => IdentityKind::Other,
        };
        self.identity(&id, name, kind, place, |_| {});
        id
    }

    fn common(&self, flags: Flags, evidence: &str, place: &Place) -> RelationCommon {
        RelationCommon {
            intended: flags.unintended.then_some(false),
            assumed: flags.assumed.then_some(true),
            evidence: Some(evidence.to_owned().into()),
            places: place.clone().into(),
            ..RelationCommon::default()
        }
    }

    /// Adds a grant at the cluster.
    pub fn grant(
        &mut self,
        id: Option<String>,
        holder: &str,
        scopes: impl Into<List>,
        flags: Flags,
        evidence: &str,
        place: &Place,
    ) {
        let system = self.id.clone();
        self.grant_on(id, holder, &system, scopes, flags, evidence, place);
    }

    /// Adds a grant.
    #[allow(clippy::too_many_arguments)] // each is a field of the record
    pub fn grant_on(
        &mut self,
        id: Option<String>,
        holder: &str,
        system: &str,
        scopes: impl Into<List>,
        flags: Flags,
        evidence: &str,
        place: &Place,
    ) {
        let common = RelationCommon {
            id: id.map(Into::into),
            ..self.common(flags, evidence, place)
        };
        self.of(place).records.grants.push(Grant {
            common,
            holder: holder.to_owned().into(),
            system: system.to_owned().into(),
            scopes: scopes.into(),
            ..Grant::default()
        });
    }

    /// Adds a membership.
    pub fn member(&mut self, from: &str, to: &str, evidence: &str, place: &Place) {
        let common = self.common(Flags::PLAIN, evidence, place);
        self.of(place).records.inherits.push(Inherit {
            common,
            from: Some(from.to_owned().into()),
            to: to.to_owned().into(),
            how: Some(InheritHow::Membership),
            ..Inherit::default()
        });
    }

    /// Adds a way of becoming somebody by permissions at the cluster, whoever has them.
    pub fn becoming(
        &mut self,
        to: &str,
        requires_all: Vec<String>,
        how: InheritHow,
        flags: Flags,
        evidence: &str,
        place: &Place,
    ) {
        let common = self.common(flags, evidence, place);
        let requires_all = requires_all
            .into_iter()
            .map(|scope| Requirement {
                system: self.id.clone().into(),
                scope: scope.into(),
            })
            .collect();
        self.of(place).records.inherits.push(Inherit {
            common,
            from: None,
            to: to.to_owned().into(),
            requires_all,
            how: Some(how),
            ..Inherit::default()
        });
    }

    /// Adds a federation, or another way from one identity to another.
    #[allow(clippy::too_many_arguments)] // each is a field of the record
    pub fn link(
        &mut self,
        from: &str,
        to: &str,
        audiences: Option<Vec<String>>,
        how: InheritHow,
        flags: Flags,
        evidence: &str,
        place: &Place,
    ) {
        let common = self.common(flags, evidence, place);
        self.of(place).records.inherits.push(Inherit {
            common,
            from: Some(from.to_owned().into()),
            to: to.to_owned().into(),
            audiences: audiences.map(Into::into),
            how: Some(how),
            ..Inherit::default()
        });
    }

    /// Adds an exposure.
    #[allow(clippy::too_many_arguments)] // each is a field of the record
    pub fn exposure(
        &mut self,
        from: ExposureFrom,
        requires: Vec<String>,
        yields: Yields,
        how: ExposureHow,
        flags: Flags,
        evidence: &str,
        place: &Place,
    ) {
        let common = self.common(flags, evidence, place);
        self.of(place).records.exposures.push(Exposure {
            common,
            from,
            requires: requires.into(),
            yields,
            how: Some(how),
        });
    }

    /// Adds a trust that gives everything at `to`; through an exchange where every call is checked again.
    #[allow(clippy::too_many_arguments)] // each is a field of the record
    pub fn trust(
        &mut self,
        from: &str,
        to: &str,
        requires: Vec<String>,
        checked: bool,
        flags: Flags,
        evidence: &str,
        place: &Place,
    ) {
        let common = self.common(flags, evidence, place);
        let exchange = checked.then(|| crate::model::Exchange {
            scopes: vec!["*".to_owned()].into(),
            ..Default::default()
        });
        self.of(place).records.trusts.push(Trust {
            common,
            from: from.to_owned().into(),
            to: to.to_owned().into(),
            requires: requires.into(),
            scopes: vec!["*".to_owned()].into(),
            exchange,
        });
    }
}
