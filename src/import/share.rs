//! Texts that records say again and again, kept once: an id stands in every relation of its thing, and a sentence of
//! evidence in thousands of them.

use crate::model::{Exposure, ExposureFrom, Extra, Grant, Inherit, List, Records, RelationCommon, Text, Trust, Yields};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::HashSet;

/// A text as short lies in its record.
const SHORT: usize = 16;

/// So many relations are looked at by one thread, on whose own the texts are kept that no entity says.
const CHUNK: usize = 1 << 16;

/// Makes equal texts and lists of records one. It changes nothing but how much memory they take.
pub(super) fn share(records: &mut Records) {
    let mut met = Met::default();
    for r in &mut records.systems {
        met.text(&mut r.id);
        let texts = [
            &mut r.name,
            &mut r.kind,
            &mut r.platform,
            &mut r.environment,
            &mut r.owner,
        ];
        texts.into_iter().flatten().for_each(|text| met.text(text));
        let lists = [&mut r.accepts_issuers, &mut r.accepts_audiences];
        lists.into_iter().flatten().for_each(|list| met.list(list));
        met.list(&mut r.tags);
        met.keys(&mut r.attributes);
    }
    for r in &mut records.identities {
        met.text(&mut r.id);
        let texts = [&mut r.name, &mut r.platform, &mut r.environment, &mut r.owner];
        texts.into_iter().flatten().for_each(|text| met.text(text));
        met.list(&mut r.tags);
        met.keys(&mut r.attributes);
    }
    for r in &mut records.credentials {
        met.text(&mut r.id);
        let texts = [
            &mut r.name,
            &mut r.identity,
            &mut r.issuer,
            &mut r.owner,
            &mut r.public_id,
            &mut r.fingerprint,
        ];
        texts.into_iter().flatten().for_each(|text| met.text(text));
        let lists = [&mut r.audience, &mut r.scopes, &mut r.contexts];
        lists.into_iter().flatten().for_each(|list| met.list(list));
        met.list(&mut r.tags);
        met.keys(&mut r.attributes);
    }
    let met = &met;
    each(&mut records.grants, met, grant);
    each(&mut records.exposures, met, exposure);
    each(&mut records.inherits, met, inherit);
    each(&mut records.trusts, met, trust);
}

fn each<R: Send>(relations: &mut [R], entities: &Met<'_>, share: fn(&mut Met<'_>, &mut R)) {
    // As few parts as there are threads: what two of them say is kept twice.
    let chunk = CHUNK.max(relations.len().div_ceil(rayon::current_num_threads()));
    relations.par_chunks_mut(chunk).for_each(|part| {
        let mut met = Met {
            before: Some(entities),
            ..Met::default()
        };
        part.iter_mut().for_each(|r| share(&mut met, r));
    });
}

fn grant(met: &mut Met<'_>, r: &mut Grant) {
    met.common(&mut r.common);
    met.text(&mut r.holder);
    met.text(&mut r.system);
    met.list(&mut r.scopes);
    met.list(&mut r.except);
    let lists = [&mut r.within, &mut r.used_scopes];
    lists.into_iter().flatten().for_each(|list| met.list(list));
}

fn exposure(met: &mut Met<'_>, r: &mut Exposure) {
    met.common(&mut r.common);
    let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) = &mut r.from;
    met.text(from);
    let (Yields::Credential(to) | Yields::Identity(to) | Yields::Context(to)) = &mut r.yields;
    met.text(to);
    met.list(&mut r.requires);
}

fn inherit(met: &mut Met<'_>, r: &mut Inherit) {
    met.common(&mut r.common);
    r.from.iter_mut().chain([&mut r.to]).for_each(|text| met.text(text));
    for requirement in &mut r.requires_all {
        met.text(&mut requirement.system);
        met.text(&mut requirement.scope);
    }
    r.requires_all.shrink_to_fit();
    r.audiences.iter_mut().for_each(|list| met.list(list));
}

fn trust(met: &mut Met<'_>, r: &mut Trust) {
    met.common(&mut r.common);
    met.text(&mut r.from);
    met.text(&mut r.to);
    met.list(&mut r.requires);
    met.list(&mut r.scopes);
    r.exchange
        .iter_mut()
        .for_each(|exchange| met.list(&mut exchange.scopes));
}

/// What was met so far.
#[derive(Default)]
struct Met<'b> {
    /// What was met by others, before.
    before: Option<&'b Met<'b>>,
    texts: HashSet<Text, RandomState>,
    lists: HashSet<List, RandomState>,
}

impl Met<'_> {
    fn text(&mut self, text: &mut Text) {
        if text.len() <= SHORT {
            return;
        }
        let before = self.before.and_then(|b| b.texts.get(text.as_str()));
        match before.or_else(|| self.texts.get(text.as_str())) {
            Some(met) => *text = met.clone(),
            None => drop(self.texts.insert(text.clone())),
        }
    }

    fn list(&mut self, list: &mut List) {
        if list.is_empty() {
            return;
        }
        let before = self.before.and_then(|b| b.lists.get(list));
        match before.or_else(|| self.lists.get(list)) {
            Some(met) => *list = met.clone(),
            None => drop(self.lists.insert(list.clone())),
        }
    }

    fn keys(&mut self, members: &mut Extra) {
        members.for_each_key(|key| self.text(key));
    }

    fn common(&mut self, common: &mut RelationCommon) {
        common.evidence.iter_mut().for_each(|text| self.text(text));
        self.keys(&mut common.attributes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Grant, System};

    #[test]
    fn what_is_equal_is_kept_once() {
        let long = "an id that is longer than a record holds";
        let grant = || Grant {
            system: long.into(),
            scopes: vec!["read".to_owned()].into(),
            ..Grant::default()
        };
        let mut records = Records {
            systems: vec![System {
                id: long.into(),
                ..System::default()
            }],
            grants: vec![grant(), grant()],
            ..Records::default()
        };
        let before = records.clone();
        share(&mut records);
        assert_eq!(records, before);
        let at = |text: &Text| text.as_ptr();
        assert_eq!(at(&records.grants[0].system), at(&records.systems[0].id));
        assert_ne!(at(&before.grants[0].system), at(&before.systems[0].id));
        assert_eq!(records.grants[0].scopes.as_ptr(), records.grants[1].scopes.as_ptr());
    }
}
