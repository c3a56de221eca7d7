//! Texts that records say again and again, kept once: an id stands in every relation of its thing, and a sentence of
//! evidence in thousands of them.

use super::recent::{Lies, Recent};
use super::secrets::is_secret;
use crate::model::{
    Credential, Exposure, ExposureFrom, Extra, Grant, Identity, Inherit, List, RelationCommon, Requirements, System,
    Text, Trust, Yields,
};
use foldhash::fast::RandomState;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

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
    /// Whether texts are left as they are; then those that came last are known again, and no other.
    alone: bool,
    /// Where the texts and lists begin that are held here, and how long they are: most of what comes is one of them
    /// already.
    held: HashSet<Lies, RandomState>,
    texts: Kept<Text>,
    lists: Kept<List>,
    needed: HashSet<Requirements, RandomState>,
    /// Some of those held that came last.
    recent: Recent<()>,
}

/// Whether something was met before.
enum Meets {
    /// It was, and is that one now.
    Again,
    /// It was not, and is kept.
    First,
    /// It was not, and looks like a secret, so it is not kept.
    Secret,
}

type Kept<T> = HashMap<T, (), RandomState>;

/// The first of those met that is like this one, which is this one where it is new.
pub(super) fn first_met<T: Eq + Hash>(met: &mut HashSet<Arc<T>, RandomState>, one: T) -> Arc<T> {
    match met.get(&one) {
        Some(first) => first.clone(),
        None => {
            let one = Arc::new(one);
            met.insert(one.clone());
            one
        }
    }
}

/// Makes one of those that were met before out of something, else keeps it.
fn meet<T: Clone + Eq + Hash>(
    one: &mut T,
    before: Option<&Kept<T>>,
    kept: &mut Kept<T>,
    is_secret: impl FnOnce(&T) -> bool,
) -> Meets {
    if let Some((met, ())) = before.and_then(|before| before.get_key_value(one)) {
        *one = met.clone();
        return Meets::Again;
    }
    match kept.entry(one.clone()) {
        Entry::Occupied(met) => {
            *one = met.key().clone();
            Meets::Again
        }
        Entry::Vacant(_) if is_secret(one) => Meets::Secret,
        Entry::Vacant(new) => {
            new.insert(());
            Meets::First
        }
    }
}

impl<'b> Met<'b> {
    /// What comes is looked at for secrets, and not shared.
    pub fn only_guarding() -> Self {
        Self {
            guards: true,
            alone: true,
            ..Self::default()
        }
    }

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
        free &= self.requirements(&mut r.requires_all);
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

    /// Whether this is held here.
    fn holds(&mut self, one: Lies) -> bool {
        if self.recent.get(one).is_some() {
            return true;
        }
        if self.alone {
            return false;
        }
        let holds = self.held.contains(&one) || self.before.is_some_and(|before| before.held.contains(&one));
        if holds {
            self.recent.put(one, ());
        }
        holds
    }

    /// Remembers something for a while, where it is free of secrets: the records hold it that are being looked at.
    fn seen(&mut self, one: Lies, free: bool) -> bool {
        if free {
            self.recent.put(one, ());
        }
        free
    }

    fn held(&mut self, one: Lies) {
        self.held.insert(one);
        self.recent.put(one, ());
    }

    /// What follows from how something meets what was met; whether it is free of secrets.
    fn met(&mut self, how: Meets, one: Lies) -> bool {
        match how {
            Meets::Again => true,
            Meets::Secret => false,
            Meets::First => {
                self.held(one);
                true
            }
        }
    }

    /// Whether a text is free of secrets, where that is known without asking who else says it.
    fn looked_at(&mut self, text: &Text) -> Option<bool> {
        if text.len() <= SHORT {
            return Some(!self.guards || !is_secret(text));
        }
        let here = (text.as_ptr() as usize, text.len());
        if self.holds(here) {
            return Some(true);
        }
        self.alone.then(|| self.seen(here, !is_secret(text)))
    }

    fn text(&mut self, text: &mut Text) -> bool {
        if let Some(free) = self.looked_at(text) {
            return free;
        }
        let here = (text.as_ptr() as usize, text.len());
        let guards = self.guards;
        let before = self.before.map(|before| &before.texts);
        let how = meet(text, before, &mut self.texts, |text| guards && is_secret(text));
        self.met(how, here)
    }

    fn list(&mut self, list: &mut List) -> bool {
        let here = (list.as_ptr() as usize, list.len());
        if list.is_empty() || self.holds(here) {
            return true;
        }
        let holds_secret = |list: &List| list.iter().any(|text| is_secret(text));
        if self.alone {
            return self.seen(here, !holds_secret(list));
        }
        let guards = self.guards;
        let before = self.before.map(|before| &before.lists);
        let how = meet(list, before, &mut self.lists, |list| guards && holds_secret(list));
        self.met(how, here)
    }

    fn requirements(&mut self, all: &mut Requirements) -> bool {
        let here = (all.as_ptr() as usize, all.len());
        if all.is_empty() || self.holds(here) {
            return true;
        }
        if self.alone {
            let texts = all.iter().flat_map(|one| [&one.system, &one.scope]);
            return texts.fold(true, |free, text| self.looked_at(text).unwrap_or(true) & free);
        }
        if let Some(met) = self.needed.get(all) {
            *all = met.clone();
            return true;
        }
        let mut shared = all.to_vec();
        for one in &mut shared {
            if !(self.text(&mut one.system) & self.text(&mut one.scope)) {
                return false;
            }
        }
        let same = |a: &Text, b: &Text| a.len() <= SHORT || a.as_ptr() == b.as_ptr();
        let pairs = || all.iter().zip(&shared);
        if !pairs().all(|(a, b)| same(&a.system, &b.system) && same(&a.scope, &b.scope)) {
            *all = shared.into();
        }
        self.needed.insert(all.clone());
        self.held((all.as_ptr() as usize, all.len()));
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
    use crate::model::Requirement;

    const LONG: &str = "an id that is longer than a record holds";

    fn grant() -> Grant {
        Grant {
            system: LONG.into(),
            scopes: vec!["read".to_owned()].into(),
            ..Grant::default()
        }
    }

    #[test]
    fn what_was_met_first_stands_for_those_like_it() {
        let mut met = HashSet::default();
        let [a, b, c] = ["a", "b", "a"].map(|text| first_met(&mut met, text.to_owned()));
        assert_eq!([a.as_str(), b.as_str()], ["a", "b"]);
        assert!(Arc::ptr_eq(&a, &c) && met.len() == 2);
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

    #[test]
    fn requirements_are_kept_once_and_looked_at() {
        let requirement = |system: &str, scope: &str| Requirement {
            system: system.into(),
            scope: scope.into(),
        };
        let inherit = |all: Vec<Requirement>| Inherit {
            to: LONG.into(),
            requires_all: all.into(),
            ..Inherit::default()
        };
        let secret = format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2");
        let says = || inherit(vec![requirement(LONG, "read a thing that has a long name")]);
        let other = || inherit(vec![requirement(LONG, "short"), requirement("short", LONG)]);
        let before = Met::default();
        let mut met = Met::guarding(&before);
        let mut all = [says(), says(), other()];
        assert!(all.iter_mut().all(|one| met.inherit(one)));
        assert_eq!(all, [says(), says(), other()]);
        assert_eq!(all[0].requires_all.as_ptr(), all[1].requires_all.as_ptr());
        // Another list with a text that was met takes that.
        assert_eq!(all[2].requires_all[0].system.as_ptr(), all[0].to.as_ptr());
        let copy = all[0].requires_all.clone();
        assert!(met.inherit(&mut all[0]));
        assert_eq!(copy.as_ptr(), all[0].requires_all.as_ptr());
        let mut alone = Met::only_guarding();
        for met in [&mut met, &mut alone] {
            for _ in 0..2 {
                let mut one = inherit(vec![requirement(LONG, &secret)]);
                assert!(!met.inherit(&mut one));
                assert_eq!(one.requires_all[0].scope, secret);
                assert!(met.inherit(&mut says()));
            }
        }
        let mut one = says();
        let begins = one.to.as_ptr();
        assert!(alone.inherit(&mut one));
        assert_eq!(one.to.as_ptr(), begins, "what is only looked at stays where it is");
    }
}
