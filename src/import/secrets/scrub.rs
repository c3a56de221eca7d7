//! The guard over everything an importer gave.

use super::{clean, is_secret, is_secret_key, shown};
use crate::import::Shares;
use crate::import::share::Met;
use crate::model::{Diagnostic, Extra, Fragment, Level, List, Named as Relation, Place, Records, RelationCommon, Text};
use rayon::prelude::*;

/// Removes every secret from what an importer gave and says so. A free text that holds one is left out; a record whose
/// id or meaning would be one is left out as a whole. On the way what records say alike is made one, unless it is already.
pub fn scrub(fragment: &mut Fragment, whole: &Place, shares: Shares) {
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
    found.entities(&mut fragment.records);
    if !fragment.looked_at {
        found.relations(&mut fragment.records, shares);
    }
    for conditional in &mut fragment.conditional {
        found.entities(&mut conditional.records);
        found.relations(&mut conditional.records, shares);
        if let Some(members) = &mut conditional.members {
            // Their entities are left out too, and say so.
            members.all.retain(|(member, _)| !is_secret(member));
        }
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

/// How many records are looked at in one go.
const CHUNK: usize = 8192;

impl Found {
    fn entities(&mut self, records: &mut Records) {
        self.each(&mut records.systems, |found, r| {
            let of = Named("system", &r.id);
            let Some(at) = found.usable(of, &r.places) else {
                return false;
            };
            found.text(&mut r.name, at, || of.field("name"));
            found.text(&mut r.kind, at, || of.field("kind"));
            found.text(&mut r.platform, at, || of.field("platform"));
            found.text(&mut r.environment, at, || of.field("environment"));
            found.text(&mut r.owner, at, || of.field("owner"));
            found.list(&mut r.accepts_issuers, at, || of.field("accepts_issuers"));
            found.list(&mut r.accepts_audiences, at, || of.field("accepts_audiences"));
            found.members(&mut r.validates.extra, at, |path| {
                of.field(&format!("validates.{path}"))
            });
            found.rest(&mut r.tags, &mut r.attributes, &mut r.extra, at, of);
            true
        });
        self.each(&mut records.identities, |found, r| {
            let of = Named("identity", &r.id);
            let Some(at) = found.usable(of, &r.places) else {
                return false;
            };
            found.text(&mut r.name, at, || of.field("name"));
            found.text(&mut r.platform, at, || of.field("platform"));
            found.text(&mut r.environment, at, || of.field("environment"));
            found.text(&mut r.owner, at, || of.field("owner"));
            found.rest(&mut r.tags, &mut r.attributes, &mut r.extra, at, of);
            true
        });
        self.each(&mut records.credentials, |found, r| {
            let of = Named("credential", &r.id);
            let Some(at) = found.usable(of, &r.places) else {
                return false;
            };
            found.text(&mut r.name, at, || of.field("name"));
            found.text(&mut r.identity, at, || of.field("identity"));
            found.text(&mut r.issuer, at, || of.field("issuer"));
            found.list(&mut r.audience, at, || of.field("audience"));
            found.list(&mut r.scopes, at, || of.field("scopes"));
            found.list(&mut r.contexts, at, || of.field("contexts"));
            found.text(&mut r.owner, at, || of.field("owner"));
            found.text(&mut r.public_id, at, || of.field("public_id"));
            found.text(&mut r.fingerprint, at, || of.field("fingerprint"));
            found.rest(&mut r.tags, &mut r.attributes, &mut r.extra, at, of);
            true
        });
    }

    fn relations(&mut self, records: &mut Records, shares: Shares) {
        let mut met = Met::default();
        // Relations name entities with their own texts where some share them from the beginning.
        if shares == Shares::Nothing {
            records.systems.iter_mut().for_each(|r| met.system(r));
            records.identities.iter_mut().for_each(|r| met.identity(r));
            records.credentials.iter_mut().for_each(|r| met.credential(r));
        }
        let sharing = (shares != Shares::All).then_some(&met);
        self.each_relation(
            "grant",
            &mut records.grants,
            sharing,
            |met, r| met.grant(r),
            |found, r| {
                let lists = r.within.iter().chain(&r.used_scopes).flatten();
                let patterns = r.scopes.iter().chain(&r.except).chain(lists);
                let texts = [&*r.holder, &*r.system].into_iter().chain(patterns.map(Text::as_str));
                found.meaning("grant", texts, &r.common)
            },
        );
        self.each_relation(
            "exposure",
            &mut records.exposures,
            sharing,
            |met, r| met.exposure(r),
            |found, r| {
                use crate::model::{ExposureFrom, Yields};
                let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) =
                    &r.from;
                let (Yields::Credential(to) | Yields::Identity(to) | Yields::Context(to)) = &r.yields;
                let texts = [&**from, &**to].into_iter().chain(r.requires.iter().map(Text::as_str));
                found.meaning("exposure", texts, &r.common)
            },
        );
        self.each_relation(
            "inherit",
            &mut records.inherits,
            sharing,
            |met, r| met.inherit(r),
            |found, r| {
                let requirements = r.requires_all.iter().flat_map(|q| [&*q.system, &*q.scope]);
                let audiences = r.audiences.iter().flatten().map(Text::as_str);
                let texts = r.from.as_deref().into_iter().chain([&*r.to]);
                let texts = texts.chain(audiences).chain(requirements);
                found.meaning("inherit", texts, &r.common)
            },
        );
        self.each_relation(
            "trust",
            &mut records.trusts,
            sharing,
            |met, r| met.trust(r) && r.exchange.is_none(),
            |found, r| {
                let exchanged = r.exchange.iter().flat_map(|e| &e.scopes);
                let patterns = r.requires.iter().chain(&r.scopes).chain(exchanged);
                let texts = [&*r.from, &*r.to].into_iter().chain(patterns.map(Text::as_str));
                if !found.meaning("trust", texts, &r.common) {
                    return false;
                }
                if let Some(exchange) = &mut r.exchange {
                    let at = r.common.places.first();
                    found.members(&mut exchange.extra, at, |path| format!("exchange.{path} of a trust"));
                }
                true
            },
        );
    }

    /// Looks at records in parallel; those that are not to be kept go.
    fn each<R: Send>(&mut self, records: &mut Vec<R>, keep: fn(&mut Self, &mut R) -> bool) {
        self.look(records, CHUNK, || keep);
    }

    /// The same for relations, of which those are kept that mean nothing that is a secret. Where they are `sharing` with
    /// what was met before, every text is looked at once.
    fn each_relation<R: Relation + Send>(
        &mut self,
        noun: &'static str,
        records: &mut Vec<R>,
        sharing: Option<&Met>,
        share: fn(&mut Met, &mut R) -> bool,
        means_none: fn(&mut Self, &mut R) -> bool,
    ) {
        // As few parts as there are threads: what two of them say is kept twice, and looked at twice.
        let chunk = match sharing {
            Some(_) => CHUNK.max(records.len().div_ceil(rayon::current_num_threads())),
            None => CHUNK,
        };
        self.look(records, chunk, || {
            let mut met = sharing.map_or_else(Met::only_guarding, Met::guarding);
            move |found: &mut Self, r: &mut R| {
                let free = share(&mut met, r);
                if free && has_no_members(r.common()) {
                    return true;
                }
                (free || means_none(found, r)) && found.common(noun, r.common_mut())
            }
        });
    }

    fn look<R: Send, K: FnMut(&mut Self, &mut R) -> bool>(
        &mut self,
        records: &mut Vec<R>,
        chunk: usize,
        keep: impl Fn() -> K + Sync,
    ) {
        let look = |(n, records): (usize, &mut [R])| {
            let mut found = Self(Vec::new());
            let mut gone = Vec::new();
            let mut keep = keep();
            for (i, record) in records.iter_mut().enumerate() {
                if !keep(&mut found, record) {
                    gone.push(n * chunk + i);
                }
            }
            (found.0, gone)
        };
        let looked: Vec<(Vec<Diagnostic>, Vec<usize>)> = records.par_chunks_mut(chunk).enumerate().map(look).collect();
        let mut gone = Vec::new();
        for (said, here) in looked {
            self.0.extend(said);
            gone.extend(here);
        }
        if !gone.is_empty() {
            let mut at = 0;
            let mut gone = gone.into_iter().peekable();
            records.retain(|_| {
                at += 1;
                gone.next_if(|g| *g + 1 == at).is_none()
            });
        }
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

    fn text(&mut self, text: &mut Option<impl AsRef<str>>, at: Option<&Place>, what: impl Fn() -> String) {
        if text.as_ref().is_some_and(|t| is_secret(t.as_ref())) {
            *text = None;
            self.dropped(Level::Warning, at, &what());
        }
    }

    fn list(&mut self, list: &mut Option<List>, at: Option<&Place>, what: impl Fn() -> String) {
        if list.iter().flatten().any(|text| is_secret(text)) {
            *list = None;
            self.dropped(Level::Warning, at, &what());
        }
    }

    fn members(&mut self, members: &mut Extra, at: Option<&Place>, what: impl Fn(&str) -> String) {
        clean(members, &mut |path| self.dropped(Level::Warning, at, &what(path)));
    }

    fn rest(&mut self, tags: &mut List, attributes: &mut Extra, extra: &mut Extra, at: Option<&Place>, of: Named) {
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
        mut texts: impl Iterator<Item = &'t str>,
        common: &RelationCommon,
    ) -> bool {
        let secret = texts.any(is_secret) || common.id.as_deref().is_some_and(is_secret);
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
        if common.rest.get().is_some() {
            let rest = common.rest.get_mut();
            self.members(&mut rest.extra, at, of);
            for extra in rest.inner.values_mut() {
                self.members(extra, at, of);
            }
        }
        true
    }
}

/// Whether a relation has no member of a name that somebody else chose.
fn has_no_members(common: &RelationCommon) -> bool {
    common.attributes.is_empty() && common.rest.get().is_none()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conditional, FileId, Members, When};

    #[test]
    fn members_of_a_group_are_looked_at_too() {
        let place = || Place::new(FileId(0), "/a");
        // Put together at run time, so that no scanner takes this file for a leak.
        let secret = format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2");
        let mut fragment = Fragment {
            conditional: vec![Conditional {
                when: When {
                    entity: "everybody".into(),
                    attribute: "trusted",
                    stated: true,
                },
                records: Records::default(),
                members: Some(Members {
                    group: "everybody".into(),
                    evidence: "known".into(),
                    all: vec![("somebody".into(), place()), (secret.into(), place())],
                }),
            }],
            ..Fragment::default()
        };
        scrub(&mut fragment, &place(), Shares::Nothing);
        let members = fragment.conditional[0]
            .members
            .as_ref()
            .map(|members| members.all.as_slice());
        assert_eq!(members, Some([("somebody".into(), place())].as_slice()));
    }
}
