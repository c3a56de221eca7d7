//! What a policy of many scopes allows, in one list for all who have it. AWS's own policies for reading allow thousands
//! of acts, and thousands of roles have one of those and something of their own besides: a list for each of them would
//! be many times the export.

use super::document::{Document, Statement};
use super::part::{PartAllows, plainly};
use crate::model::{List, Text};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// So many scopes are worth a grant of their own.
const MANY: usize = 64;

/// Scopes that whoever has a policy is allowed.
#[derive(Debug)]
pub struct Bulk {
    scopes: List,
    /// The SHA-256 of them.
    digest: [u8; 32],
    /// Everything is among them.
    pub everything: bool,
    /// Where those of a service stand, by its prefix in small letters.
    of_service: HashMap<String, Vec<u32>>,
    /// Where those stand that are of no one service.
    of_any: Vec<u32>,
    /// Where they all stand.
    of_all: Vec<u32>,
}

impl PartialEq for Bulk {
    fn eq(&self, other: &Self) -> bool {
        self.scopes == other.scopes
    }
}

impl Bulk {
    fn of(mut scopes: Vec<Text>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        let mut of_service: HashMap<String, Vec<u32>> = HashMap::new();
        let mut of_any = Vec::new();
        for (at, scope) in (0..).zip(&scopes) {
            match service(scope) {
                Some(service) => of_service.entry(service).or_default().push(at),
                None => of_any.push(at),
            }
        }
        Self {
            digest: digest(scopes.iter().map(Text::as_bytes)),
            everything: scopes.iter().any(|scope| scope == "*@*"),
            of_all: (0..scopes.len() as u32).collect(),
            scopes: scopes.into(),
            of_service,
            of_any,
        }
    }

    /// All of them, sorted.
    pub fn scopes(&self) -> &List {
        &self.scopes
    }

    /// Eight digits that tell one grant of the policy from another, whatever file it is of.
    pub fn mark(&self, within: Option<&List>, except: &List, assumed: bool) -> String {
        let of = |list: &List| digest(list.iter().map(Text::as_bytes));
        let terms = [within.map(of).unwrap_or_default(), of(except), [u8::from(assumed); 32]];
        let all = digest(terms.iter().chain([&self.digest]).map(<[u8; 32]>::as_slice));
        all[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// All that may have something in common with a pattern, and others.
    pub fn near(&self, pattern: &str) -> impl Iterator<Item = &Text> {
        let (named, others) = match service(pattern) {
            Some(service) => (self.of_service.get(&service), Some(&self.of_any)),
            None => (Some(&self.of_all), None),
        };
        let places = named.into_iter().chain(others).flatten();
        places.filter_map(|at| self.scopes.get(*at as usize))
    }
}

/// The SHA-256 of some texts, each with its length.
fn digest<'t>(texts: impl Iterator<Item = &'t [u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// The service whose acts alone a pattern matches, in small letters.
fn service(pattern: &str) -> Option<String> {
    let (service, _) = pattern.split_once(':')?;
    (!service.contains(['*', '@'])).then(|| service.to_ascii_lowercase())
}

/// What a statement allows whoever has it, for certain and without exceptions.
pub fn for_all(statement: &Statement) -> Option<&PartAllows> {
    let allows = plainly(statement).filter(|_| !statement.doubtful)?;
    let whole = allows.wide.is_empty() && allows.except.is_empty() && allows.perhaps_except.is_empty();
    whole.then_some(allows)
}

/// What the statements of a document that are [`for_all`] allow, where that is much; worked out once.
pub fn of(document: &Document) -> Option<&Arc<Bulk>> {
    let work_out = || {
        let all = || document.statements.iter().filter_map(for_all);
        let many = all().map(|allows| allows.scopes.len()).sum::<usize>() >= MANY;
        many.then(|| {
            Arc::new(Bulk::of(
                all().flat_map(|allows| allows.scopes.iter().cloned()).collect(),
            ))
        })
    };
    document.bulk.get_or_init(work_out).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::overlaps;

    #[test]
    fn what_is_near_is_all_that_overlaps() {
        let acts = [
            "iam:Get*",
            "IAM:PassRole",
            "*",
            "i*:List*",
            "s3:GetObject",
            "sts:*",
            "no-service",
            "iam@a:b",
        ];
        let resources = ["*", "arn:aws:iam::1:role/*", "arn:aws:s3:::b"];
        let both = |acts: &[&str]| -> Vec<Text> {
            let pairs = acts
                .iter()
                .flat_map(|act| resources.map(|on| format!("{act}@{on}").into()));
            pairs.collect()
        };
        let bulk = Bulk::of(both(&acts));
        let (mut found, mut spared) = (0, 0);
        for asked in both(&[
            "iam:getuser",
            "iam:*",
            "*:ListUsers",
            "S3:GetObject",
            "*",
            "kms:Decrypt",
            "no-service",
        ]) {
            let near: Vec<&Text> = bulk.near(&asked).collect();
            let overlap = |scope: &&Text| overlaps(scope, &asked);
            let all: Vec<&Text> = bulk.scopes().iter().filter(overlap).collect();
            let mut of_near: Vec<&Text> = near.iter().copied().filter(overlap).collect();
            of_near.sort_unstable();
            assert_eq!(of_near, all, "{asked}");
            found += all.len();
            spared += bulk.scopes().len() - near.len();
        }
        assert!(found > 50 && spared > 50, "{found} found, {spared} spared");
        assert!(bulk.everything);
        assert!(!Bulk::of(both(&["s3:*"])).everything);
    }
}
