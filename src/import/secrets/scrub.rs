//! The guard over everything an importer gave.

use super::{clean, is_secret, is_secret_key, shown};
use crate::model::{Diagnostic, Extra, Fragment, Level, Place, Records, RelationCommon};

/// Removes every secret from what an importer gave and says so. A free text that holds one is left out; a record whose
/// id or meaning would be one is left out as a whole.
pub fn scrub(fragment: &mut Fragment, whole: &Place) {
    let mut found = Found(Vec::new());
    for diagnostic in &mut fragment.diagnostics {
        if is_secret(&diagnostic.message) {
            "Something here was not understood; the message is left out, since it held what looks like a secret's value"
                .clone_into(&mut diagnostic.message);
        }
    }
    if fragment.refused.as_deref().is_some_and(is_secret) {
        fragment.refused = Some("it was not understood".to_owned());
    }
    found.text(&mut fragment.name, Some(whole), || "the inventory's name".to_owned());
    found.members(&mut fragment.extra, Some(whole), |path| path.to_owned());
    found.records(&mut fragment.records);
    for conditional in &mut fragment.conditional {
        found.records(&mut conditional.records);
    }
    fragment.diagnostics.extend(found.0);
}

/// A record as messages name it.
#[derive(Clone, Copy)]
struct Named<'a>(&'static str, &'a str);

impl Named<'_> {
    fn field(self, field: &str) -> String {
        format!("{field} of {} {}", self.0, shown(self.1))
    }
}

struct Found(Vec<Diagnostic>);

impl Found {
    fn records(&mut self, records: &mut Records) {
        records.systems.retain_mut(|r| {
            let of = Named("system", &r.id);
            let Some(at) = self.usable(of, &r.places) else {
                return false;
            };
            self.text(&mut r.name, at, || of.field("name"));
            self.text(&mut r.kind, at, || of.field("kind"));
            self.text(&mut r.platform, at, || of.field("platform"));
            self.text(&mut r.environment, at, || of.field("environment"));
            self.text(&mut r.owner, at, || of.field("owner"));
            self.list(&mut r.accepts_issuers, at, || of.field("accepts_issuers"));
            self.list(&mut r.accepts_audiences, at, || of.field("accepts_audiences"));
            self.members(&mut r.validates.extra, at, |path| {
                of.field(&format!("validates.{path}"))
            });
            self.rest(&mut r.tags, &mut r.attributes, &mut r.extra, at, of);
            true
        });
        records.identities.retain_mut(|r| {
            let of = Named("identity", &r.id);
            let Some(at) = self.usable(of, &r.places) else {
                return false;
            };
            self.text(&mut r.name, at, || of.field("name"));
            self.text(&mut r.platform, at, || of.field("platform"));
            self.text(&mut r.environment, at, || of.field("environment"));
            self.text(&mut r.owner, at, || of.field("owner"));
            self.rest(&mut r.tags, &mut r.attributes, &mut r.extra, at, of);
            true
        });
        records.credentials.retain_mut(|r| {
            let of = Named("credential", &r.id);
            let Some(at) = self.usable(of, &r.places) else {
                return false;
            };
            self.text(&mut r.name, at, || of.field("name"));
            self.text(&mut r.identity, at, || of.field("identity"));
            self.text(&mut r.issuer, at, || of.field("issuer"));
            self.list(&mut r.audience, at, || of.field("audience"));
            self.list(&mut r.scopes, at, || of.field("scopes"));
            self.list(&mut r.contexts, at, || of.field("contexts"));
            self.text(&mut r.owner, at, || of.field("owner"));
            self.text(&mut r.public_id, at, || of.field("public_id"));
            self.text(&mut r.fingerprint, at, || of.field("fingerprint"));
            self.rest(&mut r.tags, &mut r.attributes, &mut r.extra, at, of);
            true
        });
        records.grants.retain_mut(|r| {
            let ends = [&r.holder, &r.system].into_iter();
            let lists = r.within.iter().chain(&r.used_scopes).flatten();
            let texts = ends.chain(&r.scopes).chain(&r.except).chain(lists);
            self.meaning("grant", texts, &r.common) && self.common("grant", &mut r.common)
        });
        records.exposures.retain_mut(|r| {
            use crate::model::{ExposureFrom, Yields};
            let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) = &r.from;
            let (Yields::Credential(to) | Yields::Identity(to) | Yields::Context(to)) = &r.yields;
            let texts = [from, to].into_iter().chain(&r.requires);
            self.meaning("exposure", texts, &r.common) && self.common("exposure", &mut r.common)
        });
        records.inherits.retain_mut(|r| {
            let requirements = r.requires_all.iter().flat_map(|q| [&q.system, &q.scope]);
            let texts = r
                .from
                .iter()
                .chain([&r.to])
                .chain(r.audiences.iter().flatten())
                .chain(requirements);
            self.meaning("inherit", texts, &r.common) && self.common("inherit", &mut r.common)
        });
        records.trusts.retain_mut(|r| {
            let exchanged = r.exchange.iter().flat_map(|e| &e.scopes);
            let texts = [&r.from, &r.to]
                .into_iter()
                .chain(&r.requires)
                .chain(&r.scopes)
                .chain(exchanged);
            if !self.meaning("trust", texts, &r.common) {
                return false;
            }
            if let Some(exchange) = &mut r.exchange {
                let at = r.common.places.first();
                self.members(&mut exchange.extra, at, |path| format!("exchange.{path} of a trust"));
            }
            self.common("trust", &mut r.common)
        });
    }

    fn dropped(&mut self, level: Level, at: Option<&Place>, what: &str) {
        self.0.push(Diagnostic {
            level,
            code: "secret-dropped",
            place: at.cloned(),
            also: Vec::new(),
            message: format!(
                "Left out {what}: it looks like a secret's value; an inventory needs none, remove it from the file"
            ),
        });
    }

    /// The entity's place, where its id is no secret.
    fn usable<'p>(&mut self, of: Named, places: &'p [Place]) -> Option<Option<&'p Place>> {
        let at = places.first();
        if is_secret(of.1) {
            self.dropped(Level::Error, at, &format!("a {}, its id", of.0));
            return None;
        }
        Some(at)
    }

    fn text(&mut self, text: &mut Option<String>, at: Option<&Place>, what: impl Fn() -> String) {
        if text.as_deref().is_some_and(is_secret) {
            *text = None;
            self.dropped(Level::Warning, at, &what());
        }
    }

    fn list(&mut self, list: &mut Option<Vec<String>>, at: Option<&Place>, what: impl Fn() -> String) {
        if list.iter().flatten().any(|text| is_secret(text)) {
            *list = None;
            self.dropped(Level::Warning, at, &what());
        }
    }

    fn members(&mut self, members: &mut Extra, at: Option<&Place>, what: impl Fn(&str) -> String) {
        clean(members, &mut |path| self.dropped(Level::Warning, at, &what(path)));
    }

    fn rest(
        &mut self,
        tags: &mut Vec<String>,
        attributes: &mut Extra,
        extra: &mut Extra,
        at: Option<&Place>,
        of: Named,
    ) {
        if tags.iter().any(|tag| is_secret_tag(tag)) {
            tags.retain(|tag| !is_secret_tag(tag));
            self.dropped(Level::Warning, at, &of.field("a tag"));
        }
        self.members(attributes, at, |path| of.field(&format!("attributes.{path}")));
        self.members(extra, at, |path| of.field(path));
    }

    /// Whether a relation means nothing that is a secret.
    fn meaning<'t>(
        &mut self,
        noun: &'static str,
        mut texts: impl Iterator<Item = &'t String>,
        common: &RelationCommon,
    ) -> bool {
        let secret = texts.any(|text| is_secret(text)) || common.id.as_deref().is_some_and(is_secret);
        if secret {
            self.dropped(
                Level::Error,
                common.places.first(),
                &format!("{} {noun}, one of its fields", article(noun)),
            );
        }
        !secret
    }

    fn common(&mut self, noun: &'static str, common: &mut RelationCommon) -> bool {
        let at = common.places.first().cloned();
        let at = at.as_ref();
        let of = |field: &str| match &common.id {
            Some(id) => Named(noun, id).field(field),
            None => format!("{field} of {} {noun}", article(noun)),
        };
        self.text(&mut common.evidence, at, || of("evidence"));
        self.members(&mut common.attributes, at, |path| of(&format!("attributes.{path}")));
        self.members(&mut common.extra, at, of);
        for extra in common.inner.values_mut() {
            self.members(extra, at, of);
        }
        true
    }
}

/// Whether a tag holds a secret: `password=…` does, whatever the value.
fn is_secret_tag(tag: &str) -> bool {
    let named = tag.split_once(['=', ':']).is_some_and(|(key, value)| {
        let answer =
            ["", "true", "false", "yes", "no", "none", "*"].contains(&value.trim().to_ascii_lowercase().as_str());
        !answer && is_secret_key(key)
    });
    named || is_secret(tag)
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['e', 'i']) { "an" } else { "a" }
}
