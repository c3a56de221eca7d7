//! What a principal may do: the union of what its policies allow, less everything they deny, within its boundary; as
//! the scopes, exceptions and bounds of as few grants as possible.
//!
//! A Deny that names what it denies is an exception of every grant. One that names what it spares (`NotAction`,
//! `NotResource`) leaves one or two ways of being spared, which are bounds or exceptions; every grant stands once for
//! each way. A Deny that is undecided counts in the certain grants, and the assumed ones go without it.

use super::bulk::{self, Bulk};
use super::condition::Truth;
use super::context::Context;
use super::document::{Document, Statement};
use super::part::{Denied, Part, PartAllows, Way, parts, plainly, plainly_denied, statement_in_words};
use super::passages::{Layer, passages};
use super::patterns::{Patterns, set, split, united};
use crate::model::scope::{covers, overlaps};
use crate::model::{List, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A policy as it applies to a principal.
#[derive(Clone, Debug)]
pub struct Source {
    /// What evidence calls it, with the group it comes by.
    pub label: Text,
    /// Its statements; nothing where the export lacks them.
    pub document: Option<Arc<Document>>,
}

/// Permissions under one exception list and one certainty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Terms {
    except: BTreeSet<Text>,
    assumed: bool,
}

/// What is allowed under the same terms, and by which policies. Lists, since there are as many as principals; what
/// stands twice in them goes when they are settled.
#[derive(Clone, Debug, Default, PartialEq)]
struct Allowed {
    scopes: Vec<Text>,
    evidence: Vec<Text>,
}

impl Allowed {
    fn settle(&mut self) {
        for list in [&mut self.scopes, &mut self.evidence] {
            list.sort_unstable();
            list.dedup();
            list.shrink_to_fit();
        }
    }
}

/// What is allowed, by its terms, in their order: nearly always one or two.
#[derive(Clone, Debug, Default, PartialEq)]
struct Allows(Vec<(Terms, Allowed)>);

impl Allows {
    fn under(&mut self, terms: Terms) -> &mut Allowed {
        let at = self.0.binary_search_by(|(t, _)| t.cmp(&terms));
        let at = at.unwrap_or_else(|at| {
            self.0.reserve_exact(1);
            self.0.insert(at, (terms, Allowed::default()));
            at
        });
        &mut self.0[at].1
    }
}

/// What applies to a principal, evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permissions {
    allows: Allows,
    /// What policies of many scopes allow, with those policies; nothing twice.
    bulks: Vec<(Arc<Bulk>, Allowed)>,
    /// What trust policies that name the principal allow it.
    by_trust: Allows,
    denied: Patterns,
    perhaps_denied: Patterns,
    layers: Vec<Layer>,
    /// Statements whose conditions do not hold, in words.
    pub unmet: BTreeSet<String>,
    /// Policies that the export lacks.
    pub missing: BTreeSet<Text>,
}

/// What makes two grants one: by trust, assumed, within, except, and of which of the policies with many scopes.
type DraftKey = (bool, bool, Option<List>, List, Option<usize>);

/// One grant in the making.
pub struct Draft {
    /// Bounds, where there are any.
    pub within: Option<List>,
    /// Exceptions.
    pub except: List,
    /// Whether the export decides it.
    pub assumed: bool,
    /// What is allowed.
    pub scopes: Scopes,
    /// By which policies.
    pub evidence: Vec<Text>,
}

/// What a grant in the making allows.
pub enum Scopes {
    /// These.
    These(Vec<Text>),
    /// What a policy of many scopes does.
    Bulk(Arc<Bulk>),
}

impl Scopes {
    /// Whether everything is allowed.
    pub fn everything(&self) -> bool {
        match self {
            Self::These(scopes) => scopes.iter().any(|scope| scope == "*@*"),
            Self::Bulk(bulk) => bulk.everything,
        }
    }

    /// Whether something that a pattern may match is such that a test holds.
    pub fn any_near(&self, pattern: &str, test: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::These(scopes) => scopes.iter().any(|scope| test(scope)),
            Self::Bulk(bulk) => bulk.near(pattern).any(|scope| test(scope)),
        }
    }
}

/// None at all.
pub static NONE: Permissions = Permissions {
    allows: Allows(Vec::new()),
    bulks: Vec::new(),
    by_trust: Allows(Vec::new()),
    denied: Patterns::NONE,
    perhaps_denied: Patterns::NONE,
    layers: Vec::new(),
    unmet: BTreeSet::new(),
    missing: BTreeSet::new(),
};

impl Permissions {
    /// Applies a policy.
    pub fn apply(&mut self, source: &Source, context: &Context) {
        let Some(document) = &source.document else {
            self.missing.insert(source.label.clone());
            self.allow(["*@*".into()], BTreeSet::new(), true, &source.label);
            return;
        };
        let bulk = bulk::of(document);
        if let Some(bulk) = bulk {
            self.bulk(bulk, &source.label);
        }
        for statement in &document.statements {
            if bulk.is_some() && bulk::for_all(statement).is_some() {
                continue;
            }
            if let Some(allowed) = plainly(statement) {
                self.allow_part(allowed, !statement.doubtful, &source.label);
                continue;
            }
            if let Some(denied) = plainly_denied(statement) {
                self.deny(denied, !statement.doubtful);
                continue;
            }
            for part in parts(statement, context) {
                self.apply_part(statement, &part, source, context);
            }
        }
    }

    fn apply_part(&mut self, statement: &Statement, part: &Part, source: &Source, context: &Context) {
        if part.truth == Truth::False {
            self.unmet.insert(format!(
                "{}, {}: {}",
                source.label,
                statement.label,
                statement_in_words(statement)
            ));
            return;
        }
        let certain = part.truth == Truth::True && !statement.doubtful;
        if statement.allow {
            self.allow_part(&part.allowed(statement, context), certain, &source.label);
        } else {
            self.deny(&part.denied(statement, context), certain);
        }
    }

    fn allow_part(&mut self, allowed: &PartAllows, certain: bool, label: &Text) {
        let mut except: BTreeSet<Text> = allowed.except.iter().cloned().collect();
        self.allow(allowed.wide.iter().cloned(), except.clone(), true, label);
        if !allowed.perhaps_except.is_empty() {
            // What is perhaps excepted is, in what is certain, and is not, in what is assumed.
            self.allow(allowed.scopes.iter().cloned(), except.clone(), true, label);
            except.extend(allowed.perhaps_except.iter().cloned());
        }
        self.allow(allowed.scopes.iter().cloned(), except, !certain, label);
    }

    fn allow(&mut self, scopes: impl IntoIterator<Item = Text>, except: BTreeSet<Text>, assumed: bool, label: &Text) {
        let mut scopes = scopes.into_iter().peekable();
        if scopes.peek().is_none() {
            return;
        }
        let allowed = self.allows.under(Terms { except, assumed });
        allowed.scopes.extend(scopes);
        allowed.evidence.push(label.clone());
    }

    /// Allows what a policy of many scopes does, which another may do too.
    fn bulk(&mut self, bulk: &Arc<Bulk>, label: &Text) {
        let is_it = |(known, _): &&mut (Arc<Bulk>, Allowed)| Arc::ptr_eq(known, bulk) || known == bulk;
        match self.bulks.iter_mut().find(is_it) {
            Some((_, allowed)) => allowed.evidence.push(label.clone()),
            None => {
                let evidence = vec![label.clone()];
                let allowed = Allowed {
                    evidence,
                    ..Allowed::default()
                };
                self.bulks.reserve_exact(1);
                self.bulks.push((bulk.clone(), allowed));
            }
        }
    }

    fn deny(&mut self, denied: &Denied, certain: bool) {
        match denied {
            Denied::Nothing => {}
            Denied::Patterns { sure, perhaps } => {
                if certain {
                    self.denied.add(sure);
                } else {
                    self.perhaps_denied.add(sure);
                }
                self.perhaps_denied.add(perhaps);
            }
            Denied::AllBut { ways, wide } => self.layers.push(Layer {
                ways: ways.clone(),
                certain: certain && !wide,
                boundary: false,
            }),
        }
    }

    /// Lets go of what stands twice in it.
    pub fn settle(&mut self) {
        for (_, allowed) in self.allows.0.iter_mut().chain(&mut self.by_trust.0) {
            allowed.settle();
        }
        for (_, allowed) in &mut self.bulks {
            allowed.settle();
        }
        self.bulks.sort_by(|(_, a), (_, b)| a.evidence.cmp(&b.evidence));
    }

    /// Denies one more act, which a resource's own policy denies the principal.
    pub fn deny_act(&mut self, pattern: String, certain: bool) {
        if certain {
            self.denied.own.insert(pattern.into());
        } else {
            self.perhaps_denied.own.insert(pattern.into());
        }
    }

    /// Allows one more act, which a resource's own policy allows the principal by name.
    pub fn allow_by_trust(&mut self, scope: String, certain: bool, evidence: String) {
        let allowed = self.by_trust.under(Terms {
            except: BTreeSet::new(),
            assumed: !certain,
        });
        allowed.scopes.push(scope.into());
        allowed.evidence.push(evidence.into());
    }

    /// Bounds everything by a permission boundary; a boundary the export lacks leaves everything assumed.
    pub fn bound(&mut self, source: &Source, context: &Context) {
        let Some(document) = &source.document else {
            self.missing.insert(source.label.clone());
            self.layers.push(Layer {
                ways: Vec::new(),
                certain: false,
                boundary: true,
            });
            return;
        };
        let is_plain = |statement: &Statement| match statement.allow {
            true => plainly(statement).is_some(),
            false => plainly_denied(statement).is_some(),
        };
        let of_all = document.bounds.get_or_init(|| {
            let is_plain = document.statements.iter().all(is_plain);
            is_plain.then(|| {
                let mut bounds = Self::default();
                bounds.bound_by(document, &Context::default());
                bounds.denied.share();
                bounds.perhaps_denied.share();
                Box::new(bounds)
            })
        });
        match of_all {
            Some(bounds) => {
                self.denied.add_all(&bounds.denied);
                self.perhaps_denied.add_all(&bounds.perhaps_denied);
                self.layers.extend(bounds.layers.iter().cloned());
            }
            None => self.bound_by(document, context),
        }
    }

    fn bound_by(&mut self, document: &Document, context: &Context) {
        let (mut plain, mut perhaps) = (Vec::new(), Vec::new());
        let mut ways = Vec::new();
        for statement in &document.statements {
            for part in parts(statement, context) {
                let certain = part.truth == Truth::True && !statement.doubtful;
                if part.truth == Truth::False {
                    continue;
                }
                if !statement.allow {
                    self.deny(&part.denied(statement, context), certain);
                    continue;
                }
                let allowed = part.allowed(statement, context);
                let scopes = || allowed.scopes.iter().cloned();
                if !allowed.wide.is_empty() {
                    ways.push(Way {
                        within: Some(set(allowed.wide.iter().cloned())),
                        except: set(allowed.except.iter().cloned()),
                        certain: false,
                    });
                }
                if allowed.except.is_empty() && allowed.perhaps_except.is_empty() {
                    let within = if certain { &mut plain } else { &mut perhaps };
                    within.extend(scopes());
                    continue;
                }
                if !allowed.perhaps_except.is_empty() {
                    ways.push(Way {
                        within: Some(set(scopes())),
                        except: set(allowed.except.iter().cloned()),
                        certain: false,
                    });
                }
                ways.push(Way {
                    within: Some(set(scopes())),
                    except: set(allowed.except.iter().chain(&allowed.perhaps_except).cloned()),
                    certain,
                });
            }
        }
        if !perhaps.is_empty() {
            ways.push(Way {
                within: Some(set(perhaps)),
                certain: false,
                ..Way::default()
            });
        }
        ways.push(Way {
            within: Some(set(plain)),
            certain: true,
            ..Way::default()
        });
        self.layers.push(Layer {
            ways,
            certain: true,
            boundary: true,
        });
    }

    /// Adds the resources on which some policy allows an act, denials and bounds aside.
    pub fn resources_for(&self, act: &str, into: &mut BTreeSet<String>) {
        for (_, allowed) in &self.allows.0 {
            for scope in &allowed.scopes {
                let (a, resource) = split(scope);
                if covers(a, act) {
                    into.insert(resource.to_owned());
                }
            }
        }
        for scope in self.bulks.iter().flat_map(|(bulk, _)| bulk.near(act)) {
            let (a, resource) = split(scope);
            if covers(a, act) && !into.contains(resource) {
                into.insert(resource.to_owned());
            }
        }
    }

    /// Whether some policy allows something of this pattern, denials and bounds aside.
    pub fn may_allow(&self, pattern: &str) -> bool {
        let mut allows = self.allows.0.iter().chain(&self.by_trust.0);
        allows.any(|(_, allowed)| allowed.scopes.iter().any(|scope| overlaps(scope, pattern)))
            || self
                .bulks
                .iter()
                .any(|(bulk, _)| bulk.near(pattern).any(|scope| overlaps(scope, pattern)))
    }

    /// These, with the denials and bounds of somebody else.
    pub fn limited_by(&self, other: &Self) -> Self {
        let mut out = self.clone();
        out.denied.add_all(&other.denied);
        out.perhaps_denied.add_all(&other.perhaps_denied);
        out.layers.extend(other.layers.iter().cloned());
        out
    }

    /// What is denied, and what perhaps is. Bounds are not part of it: a resource's own policy is not bound by them for
    /// a user, and what a role may do by one is within its boundary only where that denies.
    pub fn denials(&self) -> (List, List) {
        (self.denied.all(), self.perhaps_denied.all())
    }

    /// The grants. `trust_is_bounded` says whether the boundary holds for what trust policies allow by name (it does
    /// for a role, it does not for a user).
    pub fn drafts(&self, trust_is_bounded: bool) -> Vec<Draft> {
        let mut drafts: BTreeMap<DraftKey, Allowed> = BTreeMap::new();
        let plainly = Terms::default();
        let (denied, perhaps_denied) = self.denials();
        let all_denied = united([&denied, &perhaps_denied], &BTreeSet::new());
        let small = [(false, &self.allows), (true, &self.by_trust)];
        let small = small.into_iter().flat_map(|(by_trust, allows)| {
            allows
                .0
                .iter()
                .map(move |(terms, allowed)| (by_trust, terms, allowed, None))
        });
        let bulks = (0..).zip(&self.bulks);
        let bulks = bulks.map(|(number, (_, allowed))| (false, &plainly, allowed, Some(number)));
        for (by_trust, terms, allowed, bulk) in small.chain(bulks) {
            let layers: Vec<&Layer> = self
                .layers
                .iter()
                .filter(|l| !(by_trust && l.boundary && !trust_is_bounded))
                .collect();
            for assumed in [false, true] {
                if !assumed && terms.assumed {
                    continue;
                }
                let denied = if assumed { &denied } else { &all_denied };
                // What is certain as a whole needs no assumed twin.
                let doubt = terms.assumed || !self.perhaps_denied.is_empty();
                for passage in passages(&layers, assumed, doubt) {
                    let except = united(passage.except.iter().chain([denied]), &terms.except);
                    let within = passage.within;
                    if within.as_ref().is_some_and(|within| within.is_empty()) || except.has("*@*") {
                        continue;
                    }
                    let key = (by_trust, assumed, within, except, bulk);
                    let draft = drafts.entry(key).or_default();
                    draft.scopes.extend(allowed.scopes.iter().cloned());
                    draft.evidence.extend(allowed.evidence.iter().cloned());
                }
            }
        }
        let draft = |((_, assumed, within, except, bulk), mut allowed): (DraftKey, Allowed)| {
            allowed.settle();
            let scopes = match bulk {
                Some(number) => Scopes::Bulk(self.bulks[number].0.clone()),
                None => Scopes::These(allowed.scopes),
            };
            Draft {
                within,
                except,
                assumed,
                scopes,
                evidence: allowed.evidence,
            }
        };
        drafts.into_iter().map(draft).collect()
    }
}
