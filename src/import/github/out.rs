//! Records in the making, by the file each is read from.

use crate::import::pile::Making;
use crate::model::{
    Conditional, Credential, Diagnostic, Exchange, Exposure, ExposureFrom, ExposureHow, FileId, Fragment, Grant,
    Identity, Inherit, InheritHow, List, Place, Records, RelationCommon, Requirement, System, Text, Trust, When,
    Yields,
};
use std::collections::{BTreeMap, HashSet};

/// Records by file.
#[derive(Default)]
pub struct Out {
    files: BTreeMap<FileId, (Making, Fragment)>,
    known: HashSet<Text>,
}

/// What relations are said with.
#[derive(Clone, Debug, Default)]
pub struct Says {
    pub evidence: Text,
    pub assumed: bool,
    pub unintended: bool,
    pub id: Option<String>,
}

impl Says {
    /// For certain.
    pub fn sure(evidence: impl Into<Text>) -> Self {
        Self {
            evidence: evidence.into(),
            ..Self::default()
        }
    }

    /// Not decided by what is there.
    pub fn assumed(mut self, assumed: bool) -> Self {
        self.assumed |= assumed;
        self
    }

    /// Not what anybody meant.
    pub fn unintended(mut self) -> Self {
        self.unintended = true;
        self
    }

    fn common(self, place: &Place) -> RelationCommon {
        RelationCommon {
            id: self.id.map(Into::into),
            intended: self.unintended.then_some(false),
            assumed: self.assumed.then_some(true),
            evidence: Some(self.evidence),
            places: place.clone().into(),
            ..RelationCommon::default()
        }
    }
}

impl Out {
    fn of(&mut self, place: &Place) -> &mut Fragment {
        &mut self.files.entry(place.file).or_default().1
    }

    fn records(&mut self, place: &Place) -> &mut Making {
        &mut self.files.entry(place.file).or_default().0
    }

    /// Adds a system unless it is there.
    pub fn system(&mut self, place: &Place, mut system: System) {
        if self.known.insert(system.id.clone()) {
            system.places = place.clone().into();
            self.records(place).system(system);
        }
    }

    /// Adds an identity unless it is there.
    pub fn identity(&mut self, place: &Place, mut identity: Identity) {
        if self.known.insert(identity.id.clone()) {
            identity.places = place.clone().into();
            self.records(place).identity(identity);
        }
    }

    /// Adds what one object says of an identity of which another says more.
    pub fn identity_part(&mut self, place: &Place, mut identity: Identity) {
        self.known.insert(identity.id.clone());
        identity.places = place.clone().into();
        self.records(place).identity(identity);
    }

    /// Says that a subject's token is accepted as somebody.
    pub fn federates(&mut self, place: &Place, from: &str, to: &str, audiences: Vec<String>, says: Says) {
        let mut inherit = inherit(place, Some(from), to, &[], InheritHow::Federation, says);
        // An empty list states none.
        inherit.audiences = (!audiences.is_empty()).then_some(audiences.into());
        self.records(place).inherit(inherit);
    }

    /// Adds a credential unless it is there.
    pub fn credential(&mut self, place: &Place, mut credential: Credential) {
        if self.known.insert(credential.id.clone()) {
            credential.places = place.clone().into();
            self.records(place).credential(credential);
        }
    }

    /// Says that a holder may do something.
    pub fn grant(&mut self, place: &Place, holder: &str, system: &str, mut scopes: Vec<String>, says: Says) {
        scopes.sort();
        scopes.dedup();
        self.grant_these(place, holder, system, scopes.into(), says);
    }

    /// The same, of a list that is sorted.
    pub fn grant_these(&mut self, place: &Place, holder: &str, system: &str, scopes: List, says: Says) {
        if scopes.is_empty() {
            return;
        }
        let grant = Grant {
            common: says.common(place),
            holder: holder.to_owned().into(),
            system: system.to_owned().into(),
            scopes,
            ..Grant::default()
        };
        self.records(place).grant(grant);
    }

    /// Says that a holder may do something but for exceptions.
    pub fn grant_less(
        &mut self,
        place: &Place,
        holder: &str,
        system: &str,
        scopes: Vec<String>,
        except: Vec<String>,
        says: Says,
    ) {
        let grant = Grant {
            common: says.common(place),
            holder: holder.into(),
            system: system.into(),
            scopes: scopes.into(),
            except: except.into(),
            ..Grant::default()
        };
        self.records(place).grant(grant);
    }

    /// Says that whoever (anybody where absent) can do all of this becomes somebody.
    pub fn becomes(
        &mut self,
        place: &Place,
        from: Option<&str>,
        to: &str,
        needs: &[(&str, String)],
        how: InheritHow,
        says: Says,
    ) {
        let inherit = inherit(place, from, to, needs, how, says);
        self.records(place).inherit(inherit);
    }

    /// Adds what is written already.
    pub fn written(&mut self, file: FileId, inherits: Vec<Inherit>) {
        self.files.entry(file).or_default().0.written(inherits);
    }

    /// The same, where no file states an attribute of an entity.
    pub fn becomes_unless(
        &mut self,
        place: &Place,
        entity: &str,
        attribute: &'static str,
        identity: Identity,
        from: &str,
        says: Says,
    ) {
        let to = identity.id.clone();
        let records = Records {
            identities: vec![Identity {
                places: place.clone().into(),
                ..identity
            }],
            inherits: vec![inherit(place, Some(from), &to, &[], InheritHow::Federation, says)],
            ..Records::default()
        };
        let when = When {
            entity: entity.to_owned().into(),
            attribute,
            stated: false,
        };
        self.of(place).conditional.push(Conditional { when, records });
    }

    /// Says that something gives something.
    pub fn exposes(
        &mut self,
        place: &Place,
        from: ExposureFrom,
        requires: Vec<String>,
        yields: Yields,
        how: ExposureHow,
        says: Says,
    ) {
        let exposure = Exposure {
            common: says.common(place),
            from,
            requires: requires.into(),
            yields,
            how: Some(how),
        };
        self.records(place).exposure(exposure);
    }

    /// Says that a system passes on to one in it, which looks again.
    pub fn passes(
        &mut self,
        place: &Place,
        from: &str,
        to: &str,
        requires: Vec<String>,
        scopes: Vec<String>,
        says: Says,
    ) {
        let trust = Trust {
            common: says.common(place),
            from: from.to_owned().into(),
            to: to.to_owned().into(),
            requires: requires.into(),
            scopes: scopes.clone().into(),
            exchange: Some(Exchange {
                scopes: scopes.into(),
                ..Exchange::default()
            }),
        };
        self.records(place).trust(trust);
    }

    /// Says what was odd.
    pub fn warn(&mut self, place: &Place, code: &'static str, message: String) {
        self.of(place)
            .diagnostics
            .push(Diagnostic::warning(code, place.clone(), message));
    }

    /// The same, unless it is said already.
    pub fn warn_once(&mut self, place: &Place, code: &'static str, message: String) {
        let said = &self.of(place).diagnostics;
        if !said.iter().any(|d| d.code == code && d.message == message) {
            self.warn(place, code, message);
        }
    }

    /// What there is, by file.
    pub fn finish(self) -> Vec<(FileId, Fragment)> {
        let made = self.files.into_iter().map(|(file, (records, mut fragment))| {
            fragment.records = records.finish();
            (file, fragment)
        });
        made.collect()
    }
}

/// Whoever (anybody where absent) can do all of this becomes somebody.
pub fn inherit(
    place: &Place,
    from: Option<&str>,
    to: &str,
    needs: &[(&str, String)],
    how: InheritHow,
    says: Says,
) -> Inherit {
    Inherit {
        common: says.common(place),
        from: from.map(str::to_owned).map(Into::into),
        to: to.to_owned().into(),
        requires_all: needs
            .iter()
            .map(|(system, scope)| Requirement {
                system: (*system).to_owned().into(),
                scope: scope.clone().into(),
            })
            .collect(),
        audiences: None,
        how: Some(how),
    }
}
