//! One record of each kind.

use super::fields::{Members, Met, Raw, Record, kind_of, text};
use crate::model::*;
use std::borrow::Cow;

/// Reads the element `index` of a list of records (by its position in [`super::LISTS`]) into the fragment.
pub(super) fn read(list: usize, index: usize, raw: &str, place: Place, met: &mut Met, out: &mut Fragment) {
    let noun = [
        "system",
        "identity",
        "credential",
        "grant",
        "exposure",
        "inherit",
        "trust",
    ][list];
    let Ok(Members(mut members)) = serde_json::from_str::<Members>(raw) else {
        let found = match kind_of(raw) {
            "an object" => "one with broken escapes in a key",
            other => other,
        };
        let message = format!("Left out the {noun} {index}: expected an object, found {found}");
        out.diagnostics.push(Diagnostic::error("wrong-type", place, message));
        return;
    };
    let id = members
        .iter()
        .find(|(key, _)| key == "id")
        .and_then(|(_, raw)| text(raw.get()));
    let mut r = Record {
        noun,
        called: id.map_or_else(|| index.to_string(), |id| crate::import::secrets::shown(&id)),
        place,
        entity: list < 3,
        failed: false,
        repeated: Vec::new(),
        text: raw,
        met,
        diagnostics: &mut out.diagnostics,
    };
    r.drop_repeated(&mut members, "");
    let records = &mut out.records;
    match list {
        0 => records.systems.extend(system(&mut r, members)),
        1 => records.identities.extend(identity(&mut r, members)),
        2 => records.credentials.extend(credential(&mut r, members)),
        3 => records.grants.extend(grant(&mut r, members)),
        4 => records.exposures.extend(exposure(&mut r, members)),
        5 => records.inherits.extend(inherit(&mut r, members)),
        _ => records.trusts.extend(trust(&mut r, members)),
    }
}

type Fields<'a> = Vec<(Cow<'a, str>, Raw<'a>)>;

macro_rules! word {
    ($r:ident, $kind:ty, $field:expr, $raw:expr) => {
        $r.word($field, $raw, <$kind>::ALL, <$kind>::parse, <$kind>::as_str)
    };
}

/// The id of an entity, without which it is left out.
fn needed_id(r: &mut Record, id: Option<Text>) -> Option<Text> {
    if id.is_none() && !r.failed {
        r.missing("id");
    }
    id
}

fn system(r: &mut Record, fields: Fields) -> Option<System> {
    let mut s = System::default();
    let mut id = None;
    for (key, raw) in fields {
        match &*key {
            "id" => id = r.text("id", raw),
            "name" => s.name = r.text("name", raw),
            "kind" => s.kind = r.text("kind", raw),
            "platform" => s.platform = r.text("platform", raw),
            "environment" => s.environment = r.text("environment", raw),
            "owner" => s.owner = r.text("owner", raw),
            "third_party" => s.third_party = r.flag("third_party", raw),
            "criticality" => s.criticality = word!(r, Criticality, "criticality", raw),
            "accepts_issuers" => s.accepts_issuers = r.list("accepts_issuers", raw),
            "accepts_audiences" => s.accepts_audiences = r.list("accepts_audiences", raw),
            "validates" => s.validates = validates(r, raw),
            "tags" => s.tags = r.list("tags", raw).unwrap_or_default(),
            "attributes" => s.attributes = r.attributes(raw),
            _ => r.unknown("", &key, raw, &mut s.extra),
        }
    }
    s.id = needed_id(r, id)?;
    s.places = r.place.clone().into();
    Some(s)
}

fn validates(r: &mut Record, raw: Raw) -> Validates {
    let mut v = Validates::default();
    for (key, raw) in r.members("validates", raw).unwrap_or_default() {
        match Check::parse(&key) {
            Some(check) => *v.get_mut(check) = r.flag(&format!("validates/{key}"), raw),
            None => r.unknown("validates", &key, raw, &mut v.extra),
        }
    }
    v
}

fn identity(r: &mut Record, fields: Fields) -> Option<Identity> {
    let mut i = Identity::default();
    let mut id = None;
    for (key, raw) in fields {
        match &*key {
            "id" => id = r.text("id", raw),
            "name" => i.name = r.text("name", raw),
            "kind" => i.kind = word!(r, IdentityKind, "kind", raw),
            "platform" => i.platform = r.text("platform", raw),
            "environment" => i.environment = r.text("environment", raw),
            "owner" => i.owner = r.text("owner", raw),
            "third_party" => i.third_party = r.flag("third_party", raw),
            "status" => i.status = word!(r, IdentityStatus, "status", raw),
            "tags" => i.tags = r.list("tags", raw).unwrap_or_default(),
            "attributes" => i.attributes = r.attributes(raw),
            _ => r.unknown("", &key, raw, &mut i.extra),
        }
    }
    i.id = needed_id(r, id)?;
    i.places = r.place.clone().into();
    Some(i)
}

fn credential(r: &mut Record, fields: Fields) -> Option<Credential> {
    let mut c = Credential::default();
    let mut id = None;
    for (key, raw) in fields {
        match &*key {
            "id" => id = r.text("id", raw),
            "name" => c.name = r.text("name", raw),
            "kind" => c.kind = word!(r, CredentialKind, "kind", raw),
            "identity" => c.identity = r.text("identity", raw),
            "issuer" => c.issuer = r.text("issuer", raw),
            "audience" => c.audience = r.list("audience", raw),
            "scopes" => c.scopes = r.list("scopes", raw),
            "contexts" => c.contexts = r.list("contexts", raw),
            "self_contained" => c.self_contained = r.flag("self_contained", raw),
            "status" => c.status = word!(r, CredentialStatus, "status", raw),
            "issued_at" => c.issued_at = r.time("issued_at", raw),
            "expires_at" => c.expires_at = r.time("expires_at", raw),
            "rotated_at" => c.rotated_at = r.time("rotated_at", raw),
            "last_used_at" => c.last_used_at = r.time("last_used_at", raw),
            "owner" => c.owner = r.text("owner", raw),
            "public_id" => c.public_id = r.text("public_id", raw),
            "fingerprint" => c.fingerprint = r.text("fingerprint", raw),
            "leaked" => c.leaked = r.flag("leaked", raw),
            "tags" => c.tags = r.list("tags", raw).unwrap_or_default(),
            "attributes" => c.attributes = r.attributes(raw),
            _ => r.unknown("", &key, raw, &mut c.extra),
        }
    }
    c.id = needed_id(r, id)?;
    c.places = r.place.clone().into();
    Some(c)
}

/// The fields all relations share; the others, and those nobody knows, are for the caller.
fn common(r: &mut Record, common: &mut RelationCommon, key: &str, raw: Raw) -> bool {
    match key {
        "id" => common.id = r.text("id", raw),
        "intended" => common.intended = r.flag("intended", raw),
        "assumed" => common.assumed = r.flag("assumed", raw),
        "last_used_at" => common.last_used_at = r.time("last_used_at", raw),
        "evidence" => common.evidence = r.text("evidence", raw),
        "attributes" => common.attributes = r.attributes(raw),
        _ => return false,
    }
    true
}

/// Keeps a member of a relation that the format does not know.
fn unknown(r: &mut Record, common: &mut RelationCommon, key: &str, raw: Raw) {
    let mut extra = Extra::new();
    r.unknown("", key, raw, &mut extra);
    // Few relations have any.
    if !extra.is_empty() {
        common.rest.get_mut().extra.extend(extra);
    }
}

/// A required field of a relation. One that is there but odd is reported already.
fn needed<T>(r: &mut Record, field: &str, stated: bool, value: Option<T>) -> Option<T> {
    if value.is_none() && !stated {
        r.missing(field);
    }
    value
}

/// Whether a field is stated: present and not null.
fn is_stated(fields: &Fields, field: &str) -> bool {
    fields.iter().any(|(key, raw)| key == field && raw.get() != "null")
}

fn grant(r: &mut Record, fields: Fields) -> Option<Grant> {
    let mut g = Grant::default();
    let stated = ["holder", "system", "scopes"].map(|field| is_stated(&fields, field));
    let (mut holder, mut system, mut scopes) = (None, None, None);
    for (key, raw) in fields {
        match &*key {
            "holder" => holder = r.text("holder", raw),
            "system" => system = r.text("system", raw),
            "scopes" => scopes = r.list("scopes", raw),
            "within" => g.within = r.list("within", raw),
            "except" => g.except = r.list("except", raw).unwrap_or_default(),
            "used_scopes" => g.used_scopes = r.list("used_scopes", raw),
            _ if common(r, &mut g.common, &key, raw) => {}
            _ => unknown(r, &mut g.common, &key, raw),
        }
    }
    let holder = needed(r, "holder", stated[0], holder);
    let system = needed(r, "system", stated[1], system);
    let scopes = needed(r, "scopes", stated[2], scopes);
    (g.holder, g.system, g.scopes) = (holder?, system?, scopes?);
    finished(r, g, |g| &mut g.common)
}

/// The relation, where nothing in it was odd.
fn finished<T>(r: &Record, mut relation: T, common: fn(&mut T) -> &mut RelationCommon) -> Option<T> {
    common(&mut relation).places = r.place.clone().into();
    (!r.failed).then_some(relation)
}

fn exposure(r: &mut Record, fields: Fields) -> Option<Exposure> {
    let mut c = RelationCommon::default();
    let mut from = Vec::new();
    let stated = ["system", "credential", "identity"].map(|field| is_stated(&fields, field));
    let yields_stated = is_stated(&fields, "yields");
    let (mut requires, mut target, mut how) = (List::new(), None, None);
    for (key, raw) in fields {
        match &*key {
            "system" => from.extend(r.text("system", raw).map(ExposureFrom::System)),
            "credential" => from.extend(r.text("credential", raw).map(ExposureFrom::Credential)),
            "identity" => from.extend(r.text("identity", raw).map(ExposureFrom::Identity)),
            "requires" => requires = r.list("requires", raw).unwrap_or_default(),
            "yields" => target = yields(r, raw, &mut c),
            "how" => how = word!(r, ExposureHow, "how", raw),
            _ if common(r, &mut c, &key, raw) => {}
            _ => unknown(r, &mut c, &key, raw),
        }
    }
    if stated.iter().filter(|stated| **stated).count() != 1 {
        let what = "it must state exactly one of system, credential and identity";
        r.failed = true;
        let message = format!("Left out the exposure {}: {what}", r.called);
        r.diagnostics
            .push(Diagnostic::error("exposure-from", r.place.clone(), message));
    }
    let yields = needed(r, "yields", yields_stated, target);
    let exposure = Exposure {
        common: c,
        from: from.pop()?,
        requires,
        yields: yields?,
        how,
    };
    finished(r, exposure, |e| &mut e.common)
}

fn yields(r: &mut Record, raw: Raw, c: &mut RelationCommon) -> Option<Yields> {
    let members = r.members("yields", raw)?;
    let mut targets = Vec::new();
    let mut extra = Extra::new();
    let mut stated = 0;
    for (key, inner) in members {
        if inner.get() == "null" {
            continue;
        }
        let make = match &*key {
            "credential" => Yields::Credential,
            "identity" => Yields::Identity,
            "context" => Yields::Context,
            _ => {
                r.unknown("yields", &key, inner, &mut extra);
                continue;
            }
        };
        stated += 1;
        targets.extend(r.text(&format!("yields/{key}"), inner).map(make));
    }
    if stated != 1 {
        let what = "expected exactly one of {\"credential\": id}, {\"identity\": id} and {\"context\": name}";
        r.odd("exposure-yields", "yields", raw.get(), what);
        return None;
    }
    if !extra.is_empty() {
        c.rest.get_mut().inner.insert("yields".to_owned(), extra);
    }
    targets.pop()
}

fn inherit(r: &mut Record, fields: Fields) -> Option<Inherit> {
    let mut i = Inherit::default();
    let to_stated = is_stated(&fields, "to");
    let mut to = None;
    for (key, raw) in fields {
        match &*key {
            "from" => i.from = r.text("from", raw),
            "to" => to = r.text("to", raw),
            "requires_all" => i.requires_all = requirements(r, raw, &mut i.common).into(),
            "audiences" => i.audiences = r.list("audiences", raw),
            "how" => i.how = word!(r, InheritHow, "how", raw),
            _ if common(r, &mut i.common, &key, raw) => {}
            _ => unknown(r, &mut i.common, &key, raw),
        }
    }
    i.to = needed(r, "to", to_stated, to)?;
    finished(r, i, |i| &mut i.common)
}

fn requirements(r: &mut Record, raw: Raw, c: &mut RelationCommon) -> Vec<Requirement> {
    let mut list = Vec::new();
    if raw.get() == "null" {
        return list;
    }
    let Ok(items) = serde_json::from_str::<Vec<Raw>>(raw.get()) else {
        let what = format!(
            "expected a list of {{\"system\": id, \"scope\": pattern}}, found {}",
            kind_of(raw.get())
        );
        r.odd("wrong-type", "requires_all", raw.get(), &what);
        return list;
    };
    for (n, item) in items.into_iter().enumerate() {
        let field = format!("requires_all/{n}");
        let (mut system, mut scope) = (None, None);
        let mut extra = Extra::new();
        if item.get() == "null" {
            r.odd(
                "wrong-type",
                &field,
                item.get(),
                "expected {\"system\": id, \"scope\": pattern}, found null",
            );
            continue;
        }
        let Some(members) = r.members(&field, item) else {
            continue;
        };
        for (key, inner) in members {
            match &*key {
                "system" => system = r.text(&format!("{field}/system"), inner),
                "scope" => scope = r.text(&format!("{field}/scope"), inner),
                _ => r.unknown(&field, &key, inner, &mut extra),
            }
        }
        let (Some(system), Some(scope)) = (system, scope) else {
            r.odd("missing-field", &field, item.get(), "expected both system and scope");
            continue;
        };
        let requirement = Requirement { system, scope };
        if !extra.is_empty() {
            c.rest.get_mut().inner.insert(requirement.key(), extra);
        }
        list.push(requirement);
    }
    list
}

fn trust(r: &mut Record, fields: Fields) -> Option<Trust> {
    let mut t = Trust::default();
    let stated = ["from", "to", "scopes"].map(|field| is_stated(&fields, field));
    let (mut from, mut to, mut scopes) = (None, None, None);
    for (key, raw) in fields {
        match &*key {
            "from" => from = r.text("from", raw),
            "to" => to = r.text("to", raw),
            "requires" => t.requires = r.list("requires", raw).unwrap_or_default(),
            "scopes" => scopes = r.list("scopes", raw),
            "exchange" => t.exchange = exchange(r, raw),
            _ if common(r, &mut t.common, &key, raw) => {}
            _ => unknown(r, &mut t.common, &key, raw),
        }
    }
    let from = needed(r, "from", stated[0], from);
    let to = needed(r, "to", stated[1], to);
    let scopes = needed(r, "scopes", stated[2], scopes);
    (t.from, t.to, t.scopes) = (from?, to?, scopes?);
    finished(r, t, |t| &mut t.common)
}

fn exchange(r: &mut Record, raw: Raw) -> Option<Exchange> {
    let members = r.members("exchange", raw)?;
    let mut extra = Extra::new();
    let mut scopes = None;
    for (key, inner) in members {
        match &*key {
            "scopes" => scopes = r.list("exchange/scopes", inner),
            _ => r.unknown("exchange", &key, inner, &mut extra),
        }
    }
    let Some(scopes) = scopes else {
        r.odd(
            "missing-field",
            "exchange",
            raw.get(),
            "expected {\"scopes\": [pattern]}",
        );
        return None;
    };
    Some(Exchange { scopes, extra })
}
