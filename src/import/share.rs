//! Texts that records say again and again, kept once: an id stands in every relation of its thing, and a sentence of
//! evidence in thousands of them.

use super::secrets::is_secret;
use crate::model::{
    Credential, Exposure, ExposureFrom, Extra, Grant, Identity, Inherit, List, RelationCommon, System, Text, Trust,
    Yields,
};
use foldhash::fast::RandomState;
use std::collections::HashSet;

/// A text as short lies in its record.
const SHORT: usize = 16;

/// What was met so far: records that are given to it one after another share what is equal in them. It changes nothing
/// but how much memory they take.
///
/// Whoever gives it a record hears whether its ids, names and lists are free of what looks like a secret: of a text that
/// was met before this is known.
#[derive(Default)]
pub(super) struct Met<'b> {
    /// What was met by others, before.
    before: Option<&'b Met<'b>>,
    /// Whether texts are looked at for secrets; else all are taken for free of them.
    guards: bool,
    /// Where the texts and lists begin that are held here, and how long they are: most of what comes is one of them
    /// already.
    held: HashSet<(usize, usize), RandomState>,
    texts: HashSet<Text, RandomState>,
    lists: HashSet<List, RandomState>,
}

impl<'b> Met<'b> {
    /// With what was met before, which was looked at for secrets; what comes is, too.
    pub fn guarding(before: &'b Self) -> Self {
        Self {
            before: Some(before),
            guards: true,
            ..Self::default()
        }
    }

    /// Shares what a system says, of which nothing is answered.
    pub fn system(&mut self, r: &mut System) {
        self.text(&mut r.id);
        let texts = [
            &mut r.name,
            &mut r.kind,
            &mut r.platform,
            &mut r.environment,
            &mut r.owner,
        ];
        for text in texts.into_iter().flatten() {
            self.text(text);
        }
        let lists = [&mut r.accepts_issuers, &mut r.accepts_audiences];
        for list in lists.into_iter().flatten() {
            self.list(list);
        }
        self.list(&mut r.tags);
        self.keys(&mut r.attributes);
    }

    /// Shares what an identity says.
    pub fn identity(&mut self, r: &mut Identity) {
        self.text(&mut r.id);
        let texts = [&mut r.name, &mut r.platform, &mut r.environment, &mut r.owner];
        for text in texts.into_iter().flatten() {
            self.text(text);
        }
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
        for text in texts.into_iter().flatten() {
            self.text(text);
        }
        let lists = [&mut r.audience, &mut r.scopes, &mut r.contexts];
        for list in lists.into_iter().flatten() {
            self.list(list);
        }
        self.list(&mut r.tags);
        self.keys(&mut r.attributes);
    }

    /// Shares what a grant says.
    pub fn grant(&mut self, r: &mut Grant) -> bool {
        let mut free = self.common(&mut r.common);
        free &= self.text(&mut r.holder) & self.text(&mut r.system);
        free &= self.list(&mut r.scopes) & self.list(&mut r.except);
        let lists = [&mut r.within, &mut r.used_scopes];
        lists
            .into_iter()
            .flatten()
            .fold(free, |free, list| self.list(list) & free)
    }

    /// Shares what an exposure says.
    pub fn exposure(&mut self, r: &mut Exposure) -> bool {
        let free = self.common(&mut r.common);
        let (ExposureFrom::System(from) | ExposureFrom::Credential(from) | ExposureFrom::Identity(from)) = &mut r.from;
        let (Yields::Credential(to) | Yields::Identity(to) | Yields::Context(to)) = &mut r.yields;
        free & self.text(from) & self.text(to) & self.list(&mut r.requires)
    }

    /// Shares what an inherit says.
    pub fn inherit(&mut self, r: &mut Inherit) -> bool {
        let mut free = self.common(&mut r.common) & self.text(&mut r.to);
        if let Some(from) = &mut r.from {
            free &= self.text(from);
        }
        for requirement in &mut r.requires_all {
            free &= self.text(&mut requirement.system) & self.text(&mut requirement.scope);
        }
        r.requires_all.shrink_to_fit();
        r.audiences.iter_mut().fold(free, |free, list| self.list(list) & free)
    }

    /// Shares what a trust says.
    pub fn trust(&mut self, r: &mut Trust) -> bool {
        let mut free = self.common(&mut r.common);
        free &= self.text(&mut r.from) & self.text(&mut r.to);
        free &= self.list(&mut r.requires) & self.list(&mut r.scopes);
        let exchange = r.exchange.iter_mut();
        exchange.fold(free, |free, exchange| self.list(&mut exchange.scopes) & free)
    }

    fn holds(&self, one: (usize, usize)) -> bool {
        self.held.contains(&one) || self.before.is_some_and(|before| before.holds(one))
    }

    fn text(&mut self, text: &mut Text) -> bool {
        if text.len() <= SHORT {
            return !self.guards || !is_secret(text);
        }
        let here = (text.as_ptr() as usize, text.len());
        if self.holds(here) {
            return true;
        }
        let before = self.before.and_then(|b| b.texts.get(text.as_str()));
        match before.or_else(|| self.texts.get(text.as_str())) {
            Some(met) => *text = met.clone(),
            None if self.guards && is_secret(text) => return false,
            None => {
                self.held.insert(here);
                self.texts.insert(text.clone());
            }
        }
        true
    }

    fn list(&mut self, list: &mut List) -> bool {
        let here = (list.as_ptr() as usize, list.len());
        if list.is_empty() || self.holds(here) {
            return true;
        }
        let before = self.before.and_then(|b| b.lists.get(list));
        match before.or_else(|| self.lists.get(list)) {
            Some(met) => *list = met.clone(),
            None if self.guards && list.iter().any(|text| is_secret(text)) => return false,
            None => {
                self.held.insert(here);
                self.lists.insert(list.clone());
            }
        }
        true
    }

    fn keys(&mut self, members: &mut Extra) {
        members.for_each_key(|key| {
            self.text(key);
        });
    }

    /// Members are no part of the answer.
    fn common(&mut self, common: &mut RelationCommon) -> bool {
        self.keys(&mut common.attributes);
        let texts = common.id.iter_mut().chain(&mut common.evidence);
        texts.fold(true, |free, text| self.text(text) & free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "an id that is longer than a record holds";

    fn grant() -> Grant {
        Grant {
            system: LONG.into(),
            scopes: vec!["read".to_owned()].into(),
            ..Grant::default()
        }
    }

    #[test]
    fn what_is_equal_is_kept_once() {
        let mut system = System {
            id: LONG.into(),
            ..System::default()
        };
        let mut grants = [grant(), grant()];
        let mut met = Met::default();
        met.system(&mut system);
        let mut behind = Met::guarding(&met);
        assert!(grants.iter_mut().all(|grant| behind.grant(grant)));
        assert_eq!(grants, [grant(), grant()]);
        let begins = grants.each_ref().map(|grant| grant.system.as_ptr());
        assert_eq!(begins, [system.id.as_ptr(); 2]);
        assert_eq!(grants[0].scopes.as_ptr(), grants[1].scopes.as_ptr());
    }

    #[test]
    fn what_looks_like_a_secret_is_said_of_every_record_that_has_it() {
        // Put together at run time, so that no scanner takes this file for a leak.
        let secret = format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2");
        let short = format!("sk-{}", &secret[4..]);
        let with = |change: &dyn Fn(&mut Grant)| {
            let mut one = grant();
            change(&mut one);
            one
        };
        let cases = [
            with(&|g| g.holder = secret.as_str().into()),
            with(&|g| g.system = short.as_str().into()),
            with(&|g| g.scopes = vec![secret.clone()].into()),
            with(&|g| g.except = vec!["read".to_owned(), secret.clone()].into()),
            with(&|g| g.within = Some(vec![secret.clone()].into())),
            with(&|g| g.used_scopes = Some(vec![secret.clone()].into())),
            with(&|g| g.common.id = Some(secret.as_str().into())),
            with(&|g| g.common.evidence = Some(secret.as_str().into())),
        ];
        let before = Met::default();
        let mut met = Met::guarding(&before);
        for case in cases.iter().chain(&cases) {
            let mut case = case.clone();
            assert!(!met.grant(&mut case), "{case:?}");
            assert!(met.grant(&mut grant()));
        }
        assert!(Met::default().grant(&mut cases[0].clone()), "nobody asked it to look");
    }
}
