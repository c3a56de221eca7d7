//! An inventory in the native format, canonical: members in the order of the format, what is not stated left out (and,
//! in relations, what equals its default), lists sorted, times in UTC, two-space indent, one final newline. Read again
//! it gives the same inventory.

use crate::import::native::{FORMAT, VERSION};
use crate::model::*;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The inventory as text.
#[must_use]
pub fn native(inventory: &Inventory) -> String {
    super::json::to_text(&Document(inventory))
}

/// A record in the native format, on one line.
pub(super) fn on_one_line<'a, T>(record: &'a T) -> String
where
    Native<'a, T>: Serialize,
{
    // Only maps with keys that are no texts cannot be written, and there are none.
    serde_json::to_string(&Native(record)).unwrap_or_default()
}

/// Members in the order they are put.
struct Members<M>(M);

impl<M: SerializeMap> Members<M> {
    fn put(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }

    fn put_if<T: Serialize>(&mut self, key: &str, value: &Option<T>) -> Result<(), M::Error> {
        match value {
            Some(value) => self.put(key, value),
            None => Ok(()),
        }
    }

    fn word<T: Copy>(&mut self, key: &str, value: Option<T>, as_str: fn(T) -> &'static str) -> Result<(), M::Error> {
        self.put_if(key, &value.map(as_str))
    }

    fn put_list<T: Serialize>(&mut self, key: &str, list: &[T]) -> Result<(), M::Error> {
        if list.is_empty() { Ok(()) } else { self.put(key, list) }
    }

    fn put_members(&mut self, key: &str, members: &Extra) -> Result<(), M::Error> {
        if members.is_empty() {
            Ok(())
        } else {
            self.put(key, members)
        }
    }

    /// Members the format does not know, after those it does.
    fn rest(mut self, extra: &Extra) -> Result<M::Ok, M::Error> {
        for (key, value) in extra.iter() {
            self.put(key, value)?;
        }
        self.0.end()
    }

    /// What every relation ends with.
    fn common(mut self, common: &RelationCommon) -> Result<M::Ok, M::Error> {
        if !common.is_intended() {
            self.put("intended", &false)?;
        }
        if common.is_assumed() {
            self.put("assumed", &true)?;
        }
        self.put_if("last_used_at", &common.last_used_at)?;
        self.put_if("evidence", &common.evidence)?;
        self.put_members("attributes", &common.attributes)?;
        match common.unknown() {
            Some(extra) => self.rest(extra),
            None => self.0.end(),
        }
    }
}

struct Document<'a>(&'a Inventory);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut m = Members(serializer.serialize_map(None)?);
        m.put("format", FORMAT)?;
        m.put("version", &VERSION)?;
        m.put_if("name", &self.0.name)?;
        m.put_if("as_of", &self.0.as_of)?;
        let records = &self.0.records;
        m.put_list("systems", &wrap(&records.systems))?;
        m.put_list("identities", &wrap(&records.identities))?;
        m.put_list("credentials", &wrap(&records.credentials))?;
        m.put_list("grants", &wrap(&records.grants))?;
        m.put_list("exposures", &wrap(&records.exposures))?;
        m.put_list("inherits", &wrap(&records.inherits))?;
        m.put_list("trusts", &wrap(&records.trusts))?;
        m.rest(&self.0.extra)
    }
}

/// A record as the native format writes it.
pub(super) struct Native<'a, T>(&'a T);

fn wrap<T>(records: &[T]) -> Vec<Native<'_, T>> {
    records.iter().map(Native).collect()
}

impl Serialize for Native<'_, System> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put("id", &r.id)?;
        m.put_if("name", &r.name)?;
        m.put_if("kind", &r.kind)?;
        m.put_if("platform", &r.platform)?;
        m.put_if("environment", &r.environment)?;
        m.put_if("owner", &r.owner)?;
        m.put_if("third_party", &r.third_party)?;
        m.word("criticality", r.criticality, Criticality::as_str)?;
        m.put_if("accepts_issuers", &r.accepts_issuers)?;
        m.put_if("accepts_audiences", &r.accepts_audiences)?;
        if r.validates != Validates::default() {
            m.put("validates", &Native(&r.validates))?;
        }
        m.put_list("tags", &r.tags)?;
        m.put_members("attributes", &r.attributes)?;
        m.rest(&r.extra)
    }
}

impl Serialize for Native<'_, Validates> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut m = Members(serializer.serialize_map(None)?);
        for check in Check::ALL {
            m.put_if(check.as_str(), &self.0.get(*check))?;
        }
        m.rest(&self.0.extra)
    }
}

impl Serialize for Native<'_, Identity> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put("id", &r.id)?;
        m.put_if("name", &r.name)?;
        m.word("kind", r.kind, IdentityKind::as_str)?;
        m.put_if("platform", &r.platform)?;
        m.put_if("environment", &r.environment)?;
        m.put_if("owner", &r.owner)?;
        m.put_if("third_party", &r.third_party)?;
        m.word("status", r.status, IdentityStatus::as_str)?;
        m.put_list("tags", &r.tags)?;
        m.put_members("attributes", &r.attributes)?;
        m.rest(&r.extra)
    }
}

impl Serialize for Native<'_, Credential> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put("id", &r.id)?;
        m.put_if("name", &r.name)?;
        m.word("kind", r.kind, CredentialKind::as_str)?;
        m.put_if("identity", &r.identity)?;
        m.put_if("issuer", &r.issuer)?;
        m.put_if("audience", &r.audience)?;
        m.put_if("scopes", &r.scopes)?;
        m.put_if("contexts", &r.contexts)?;
        m.put_if("self_contained", &r.self_contained)?;
        m.word("status", r.status, CredentialStatus::as_str)?;
        m.put_if("issued_at", &r.issued_at)?;
        m.put_if("expires_at", &r.expires_at)?;
        m.put_if("rotated_at", &r.rotated_at)?;
        m.put_if("last_used_at", &r.last_used_at)?;
        m.put_if("owner", &r.owner)?;
        m.put_if("public_id", &r.public_id)?;
        m.put_if("fingerprint", &r.fingerprint)?;
        m.put_if("leaked", &r.leaked)?;
        m.put_list("tags", &r.tags)?;
        m.put_members("attributes", &r.attributes)?;
        m.rest(&r.extra)
    }
}

impl Serialize for Native<'_, Grant> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put_if("id", &r.common.id)?;
        m.put("holder", &r.holder)?;
        m.put("system", &r.system)?;
        m.put("scopes", &r.scopes)?;
        m.put_if("within", &r.within)?;
        m.put_list("except", &r.except)?;
        m.put_if("used_scopes", &r.used_scopes)?;
        m.common(&r.common)
    }
}

impl Serialize for Native<'_, Exposure> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put_if("id", &r.common.id)?;
        match &r.from {
            ExposureFrom::System(id) => m.put("system", id)?,
            ExposureFrom::Credential(id) => m.put("credential", id)?,
            ExposureFrom::Identity(id) => m.put("identity", id)?,
        }
        m.put_list("requires", &r.requires)?;
        let (key, id) = match &r.yields {
            Yields::Credential(id) => ("credential", id.as_str()),
            Yields::Identity(id) => ("identity", id.as_str()),
            Yields::Context(name) => ("context", name.as_str()),
        };
        m.put("yields", &Inner(&[(key, id)], r.common.unknown_inside("yields")))?;
        m.word("how", r.how, ExposureHow::as_str)?;
        m.common(&r.common)
    }
}

/// An object inside a record: its texts, then the members nobody knows.
struct Inner<'a, const N: usize>(&'a [(&'static str, &'a str); N], Option<&'a Extra>);

impl<const N: usize> Serialize for Inner<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut m = Members(serializer.serialize_map(None)?);
        for (key, value) in self.0 {
            m.put(key, value)?;
        }
        match self.1 {
            Some(extra) => m.rest(extra),
            None => m.0.end(),
        }
    }
}

struct Requirements<'a>(&'a Inherit);

impl Serialize for Requirements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<[(&'static str, &str); 2]> = self
            .0
            .requires_all
            .iter()
            .map(|r| [("system", r.system.as_str()), ("scope", r.scope.as_str())])
            .collect();
        let with_extra = texts.iter().zip(&self.0.requires_all);
        serializer.collect_seq(with_extra.map(|(texts, r)| Inner(texts, self.0.common.unknown_inside(&r.key()))))
    }
}

impl Serialize for Native<'_, Inherit> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put_if("id", &r.common.id)?;
        m.put_if("from", &r.from)?;
        m.put("to", &r.to)?;
        if !r.requires_all.is_empty() {
            m.put("requires_all", &Requirements(r))?;
        }
        m.put_if("audiences", &r.audiences)?;
        m.word("how", r.how, InheritHow::as_str)?;
        m.common(&r.common)
    }
}

impl Serialize for Native<'_, Trust> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let r = self.0;
        let mut m = Members(serializer.serialize_map(None)?);
        m.put_if("id", &r.common.id)?;
        m.put("from", &r.from)?;
        m.put("to", &r.to)?;
        m.put_list("requires", &r.requires)?;
        m.put("scopes", &r.scopes)?;
        if let Some(exchange) = &r.exchange {
            m.put("exchange", &Native(exchange))?;
        }
        m.common(&r.common)
    }
}

impl Serialize for Native<'_, Exchange> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut m = Members(serializer.serialize_map(None)?);
        m.put("scopes", &self.0.scopes)?;
        m.rest(&self.0.extra)
    }
}
