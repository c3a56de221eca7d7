//! Texts that records say again and again, kept once: an id stands in every relation of its thing, and a sentence of
//! evidence in thousands of them.

use crate::model::{
    Credential, Exposure, ExposureFrom, Extra, Grant, Identity, Inherit, List, Records, RelationCommon, System, Text,
    Trust, Yields,
};
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
    records.systems.iter_mut().for_each(|r| met.system(r));
    records.identities.iter_mut().for_each(|r| met.identity(r));
    records.credentials.iter_mut().for_each(|r| met.credential(r));
    let met = &met;
    each(&mut records.grants, met, |met, r| met.grant(r));
    each(&mut records.exposures, met, |met, r| met.exposure(r));
    each(&mut records.inherits, met, |met, r| met.inherit(r));
    each(&mut records.trusts, met, |met, r| met.trust(r));
}

fn each<R: Send>(relations: &mut [R], entities: &Met<'_>, share: impl Fn(&mut Met<'_>, &mut R) + Sync) {
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

/// What was met so far: records that are given to it one after another share what is equal in them.
#[derive(Default)]
pub(super) struct Met<'b> {
    /// What was met by others, before.
    before: Option<&'b Met<'b>>,
    texts: HashSet<Text, RandomState>,
    lists: HashSet<List, RandomState>,
}

impl Met<'_> {
    /// Shares what a system says.
    pub fn system(&mut self, r: &mut System) {
        self.text(&mut r.id);
        let texts = [
            &mut r.name,
            &mut r.kind,
            &mut r.platform,
            &mut r.environment,
            &mut r.owner,
        ];
        texts.into_iter().flatten().for_each(|text| self.text(text));
        let lists = [&mut r.accepts_issuers, &mut r.accepts_audiences];
        lists.into_iter().flatten().for_each(|list| self.list(list));
        self.list(&mut r.tags);
        self.keys(&mut r.attributes);
    }

    /// Shares what an identity says.
    pub fn identity(&mut self, r: &mut Identity) {
        self.text(&mut r.id);
        let texts = [&mut r.name, &mut r.platform, &mut r.environment, &mut r.owner];
        texts.into_iter().flatten().for_each(|text| self.text(text));
        self.list(&mut r.tags);
        self.keys(&mut r.attributes);
    }

    /// Shares what a credential says.
    pub fn credential(&mut self, r: &mut Credential) {
        self.text(&mut r.id);
        let texts = [
            &mut r.name,
            &mut r.identity,
            &mut r.issuer,
            &mut r.owner,
            &mut r.public_id,
            &mut r.fingerprint,
        ];
        texts.into_iter().flatten().for_each(|text| self.text(text));
        let lists = [&mut r.audience, &mut r.scopes, &mut r.contexts];
        lists.into_iter().flatten().for_each(|list| self.list(list));
        self.list(&mut r.tags);
        self.keys(&mut r.attributes);
    }

    /// Shares what a grant says.
    pub fn grant(&mut self, r: &mut Grant) {
        self.common(&mut r.common);
        self.text(&mut r.holder);
        self.text(&mut r.system);
        self.list(&mut r.scopes);
        self.list(&mut r.except);
        let lists = [&mut r.within, &mut r.used_scopes];
        lists.into_iter().flatten().for_each(|list| self.list(list));
    }

    /// Shares what an exposure says.
    pub fn exposure(&mut self, r: &mut Exposure) {
        self.common(&mut r.common);
        let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) = &mut r.from;
        self.text(from);
        let (Yields::Credential(to) | Yields::Identity(to) | Yields::Context(to)) = &mut r.yields;
        self.text(to);
        self.list(&mut r.requires);
    }

    /// Shares what an inherit says.
    pub fn inherit(&mut self, r: &mut Inherit) {
        self.common(&mut r.common);
        r.from.iter_mut().chain([&mut r.to]).for_each(|text| self.text(text));
        for requirement in &mut r.requires_all {
            self.text(&mut requirement.system);
            self.text(&mut requirement.scope);
        }
        r.requires_all.shrink_to_fit();
        r.audiences.iter_mut().for_each(|list| self.list(list));
    }

    /// Shares what a trust says.
    pub fn trust(&mut self, r: &mut Trust) {
        self.common(&mut r.common);
        self.text(&mut r.from);
        self.text(&mut r.to);
        self.list(&mut r.requires);
        self.list(&mut r.scopes);
        r.exchange
            .iter_mut()
            .for_each(|exchange| self.list(&mut exchange.scopes));
    }

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
