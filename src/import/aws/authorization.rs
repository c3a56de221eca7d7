//! `aws iam get-account-authorization-details`: users, groups, roles and policies of an account, on one or more pages.

use super::super::documents::{self, Documents, Page, broken};
use super::super::{Input, Read};
use super::arn::{self, Arn};
use super::builder::Builder;
use super::context::{CallerKind, Context};
use super::document::Document;
use super::effect::{Permissions, Source};
use super::lenient::{Log, shown};
use super::managed::{self, Managed};
use super::raw::{self, Items, Raw, keys};
use super::services::family::{Limit, Limits};
use super::versions::{self, Versions};
use super::world::{Kind, Principal, World};
use super::{escalation, federation, principals, services, trust};
use crate::import::share::first_met;
use crate::model::{Fragment, List, Piece, Place, Rare, Text, Time};
use foldhash::fast::RandomState;
use lean_string::ToLeanStr;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Lists of the export.
pub const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

/// Lists of principals without their policies, as `aws iam list-roles`, `list-users` and `list-groups` print them.
pub const NAMED: [(&str, Kind); 3] = [("Groups", Kind::Group), ("Users", Kind::User), ("Roles", Kind::Role)];

/// All of them.
const KEYS: &[&str] = &[
    LISTS[0], LISTS[1], LISTS[2], LISTS[3], NAMED[0].0, NAMED[1].0, NAMED[2].0,
];

/// A role unused for longer than this says something of its permissions' use.
const UNUSED_DAYS: i64 = 90;

/// Reads an export. What the principals may do is worked out when the text is gone.
pub fn read(input: &Input) -> Read {
    let (found, pages) = documents::pages(input, KEYS);
    let (said, whole) = (broken(&found, input.whole()), found.whole);
    let mut log = Log::new(input);
    let items = raw::read(input, &pages, &mut log);
    if let Err(message) = usable(&found, &pages, &items) {
        return Read::Whole(Box::new(Fragment {
            refused: Some(message),
            ..Fragment::default()
        }));
    }
    let holds = |list: &&str| pages.iter().any(|p| p.value.get(*list).is_some());
    let mut world = World::new(Builder::new(log));
    world.only_named = !LISTS.iter().any(holds);
    world.newest = items.newest;
    let mut reader = Reader {
        world,
        policies: HashMap::default(),
        managed: None,
        missing: BTreeMap::new(),
        groups: HashMap::default(),
    };
    let Some(everybody) = reader.everybody(items) else {
        // Thrown away: it was cancelled.
        return Read::Whole(Box::default());
    };
    let unfinished = unfinished(&pages);
    if let Some((pointer, page)) = unfinished {
        let message = format!(
            "The export goes on: page {page} of it ends with a marker. What is on the pages that follow is missing; \
             export again without --max-items, or give all pages"
        );
        reader.world.builder.log.warning("incomplete-export", pointer, message);
    }
    if reader.world.only_named {
        let message = "The file lists principals without their policies: who may become them is read, what they may do \
                       is not known; export aws iam get-account-authorization-details for that";
        reader.world.builder.log.warning("no-permissions", "", message);
    }
    let complete = unfinished.is_none() && whole;
    let reader = reader.with(Input::nowhere());
    Read::Rest(Box::new(move |input: &Input| {
        let mut reader = reader.with(input);
        let only_named = reader.world.only_named;
        let limits = reader.rest(everybody);
        let mut fragment = reader.world.into_builder().finish();
        let limits = limits.filter(|_| !only_named);
        fragment
            .pieces
            .extend(limits.map(|limits| Piece::new(services::FAMILY, limits)));
        fragment.complete = complete;
        fragment.diagnostics.extend(said);
        fragment
    }))
}

/// What other files need to know of the principals.
fn limits(world: &World) -> Limits {
    let callers = world
        .principals
        .iter()
        .filter(|p| matches!(p.kind, Kind::User | Kind::Role));
    let mut alike: HashSet<Arc<Limit>, RandomState> = HashSet::default();
    let principals = callers.map(|p| {
        let (denied, perhaps_denied) = p.permissions().denials();
        let limit = Limit {
            denied,
            perhaps_denied,
            services: p.services.clone(),
        };
        (p.id.clone(), first_met(&mut alike, limit))
    });
    Limits {
        accounts: world.accounts.clone(),
        principals: principals.collect(),
    }
}

/// Whether there is anything in the pages.
fn usable(found: &Documents, pages: &[Page], items: &Items) -> Result<(), String> {
    let mut lists = pages.iter().flat_map(|p| KEYS.iter().filter_map(|l| p.value.get(*l)));
    if let Some(problem) = found.problem.as_ref().filter(|_| items.whole == 0) {
        // Nothing in it is whole.
        return Err(problem.clone());
    }
    if lists.next().is_none() {
        return Err(format!(
            "it holds none of {}; make it with: aws iam get-account-authorization-details",
            LISTS.join(", ")
        ));
    }
    Ok(())
}

/// The last page, where it says that more follow.
fn unfinished(pages: &[Page]) -> Option<(&str, usize)> {
    let last = pages.last()?;
    let truncated = last.value.get("IsTruncated").and_then(Value::as_bool) == Some(true);
    let marked = ["Marker", "NextToken"].iter().any(|k| {
        last.value
            .get(k)
            .is_some_and(|m| m.as_str().is_some_and(|m| !m.is_empty()))
    });
    (truncated || marked).then_some((last.pointer.as_str(), pages.len()))
}

struct Reader<'i, 'a> {
    world: World<'i, 'a>,
    /// The default version of each policy of the export; nothing where it could not be read.
    policies: HashMap<Text, Option<Arc<Document>>, RandomState>,
    managed: Option<BTreeMap<String, Managed>>,
    /// Policies and groups the export lacks: how many principals have them, and where the first stands.
    missing: BTreeMap<String, (u64, Place)>,
    /// Policies of each group, by account and name.
    groups: HashMap<(Text, Text), Vec<Source>, RandomState>,
}

/// What applies to a principal: its policies and its groups', and its boundary.
type Applies = (Vec<Source>, Option<Source>);

/// So many principals are evaluated at once.
const AT_ONCE: usize = 4096;

/// Everybody whom an export describes, before it is worked out what they may do.
struct Everybody {
    described: Vec<Raw>,
    /// What applies to each of them.
    applies: Vec<Applies>,
    versions: BTreeMap<Text, Versions>,
    /// The place of all of it.
    whole: Place,
}

impl<'i, 'a> Reader<'i, 'a> {
    fn with<'j, 'b>(self, input: &'j Input<'b>) -> Reader<'j, 'b> {
        Reader {
            world: self.world.with(input),
            policies: self.policies,
            managed: self.managed,
            missing: self.missing,
            groups: self.groups,
        }
    }

    /// Everything the text is needed for; nothing once reading was cancelled.
    fn everybody(&mut self, items: Items) -> Option<Everybody> {
        let Items {
            policies,
            principals: raw,
            ..
        } = items;
        let versions = versions::versions(&policies);
        for policy in policies {
            self.policies.entry(policy.arn).or_insert(policy.document);
        }
        let main = main_account(&raw, &self.policies);
        // Everybody first, so that trust policies find them.
        let mut described = raw;
        self.world.principals.reserve_exact(described.len());
        described.retain_mut(|one| match self.principal(one, main.as_deref()) {
            Some(at) => {
                one.at = at;
                true
            }
            None => false,
        });
        let input = self.world.builder.log.input;
        let mut applies = Vec::with_capacity(described.len());
        for (i, one) in described.iter_mut().enumerate() {
            if i.is_multiple_of(1024) && input.cancelled() {
                return None;
            }
            // Groups come first, so that their members find them.
            applies.push(self.applies(one.at, one));
            if let Some(document) = one.trust.take() {
                let pointer = one.place.pointer.to_string();
                let document = document.at(&format!("{pointer}/AssumeRolePolicyDocument"));
                let log = &mut self.world.builder.log;
                log.near(pointer, one.offset, one.place.line().unwrap_or(0));
                trust::read(&mut self.world, one.at, &document);
                self.world.builder.log.far();
            }
            one.let_go();
        }
        self.policies = HashMap::default();
        self.groups = HashMap::default();
        Some(Everybody {
            described,
            applies,
            versions,
            whole: self.world.builder.log.at(""),
        })
    }

    /// What they may do; nothing once reading was cancelled.
    fn rest(&mut self, everybody: Everybody) -> Option<Limits> {
        let Everybody {
            described,
            mut applies,
            versions,
            whole,
        } = everybody;
        let input = self.world.builder.log.input;
        let mut begin = 0;
        while begin < described.len() {
            if input.cancelled() {
                return None;
            }
            let some = &described[begin..described.len().min(begin + AT_ONCE)];
            input.report(input.length / (described.len() + 1) * begin);
            // Policies are let go with the last who has them.
            let applies: Vec<Applies> = applies[begin..begin + some.len()]
                .iter_mut()
                .map(std::mem::take)
                .collect();
            let principals = &self.world.principals;
            let permissions: Vec<Permissions> = some
                .par_iter()
                .zip(applies)
                .map(|(raw, (sources, boundary))| {
                    let one = &principals[raw.at];
                    // Trust policies said something of it already.
                    let mut permissions = one.permissions().clone();
                    for source in &sources {
                        permissions.apply(source, &one.context);
                    }
                    if let Some(boundary) = boundary {
                        permissions.bound(&boundary, &one.context);
                    }
                    permissions.settle();
                    permissions
                })
                .collect();
            for (raw, permissions) in some.iter().zip(permissions) {
                self.world.principals[raw.at].permissions = permissions.into();
            }
            begin += some.len();
        }
        drop(applies);
        let goes_on = || (!input.cancelled()).then_some(());
        federation::connect(&mut self.world, &whole);
        principals::identities(&mut self.world, &described);
        goes_on()?;
        let described = escalation::describe(&self.world, described);
        let limits = limits(&self.world);
        let open = escalation::open_groups(&self.world);
        // What leads to an escalation is permissions; a file that tells nobody's has none to start from.
        let only_named = self.world.only_named;
        let oneself = match only_named {
            true => Vec::new(),
            false => escalation::oneself(&self.world, &described, &versions),
        };
        goes_on()?;
        principals::permissions(&mut self.world, &open);
        goes_on()?;
        if !only_named {
            let subjects = self.world.subjects();
            escalation::write(&mut self.world, (&described, &subjects), &versions, &open, oneself);
        }
        self.report_missing();
        Some(limits)
    }

    /// Adds a user, group or role to those that are known.
    fn principal(&mut self, raw: &Raw, main: Option<&str>) -> Option<usize> {
        let newest = self.world.newest;
        let log = &mut self.world.builder.log;
        let noun = keys(raw.kind).0;
        let text = raw.arn.as_str();
        let pointer = raw.place.pointer.as_str();
        let parsed = Arn::parse(text);
        let account = match (parsed.and_then(|a| a.account_number()), main) {
            (Some(account), _) => account.to_owned(),
            (None, Some(main)) => {
                let message = format!(
                    "The Arn of {noun} {} names no account; it is taken to be of account {main}, like the others",
                    shown(text)
                );
                log.warning("odd-arn", pointer, message);
                main.to_owned()
            }
            (None, None) => {
                let message = format!("The Arn of {noun} {} names no account; it was left out", shown(text));
                log.error("odd-arn", pointer, message);
                return None;
            }
        };
        let name = match &raw.name {
            Some(name) => name.clone(),
            None => arn::last_step(parsed.map_or(text, |a| a.resource)).into(),
        };
        let old_enough = |t: &Time| newest.is_some_and(|n| *t < n.plus_days(-UNUSED_DAYS));
        let kind = match raw.kind {
            Kind::User => CallerKind::User,
            Kind::Role => CallerKind::Role,
            _ => CallerKind::Unknown,
        };
        let is_group = raw.kind == Kind::Group;
        let tags = raw.tags.as_ref().map(|list| {
            let tags = list.iter().map(|(k, v)| (k.to_ascii_lowercase(), v.clone()));
            tags.collect()
        });
        let tags_sessions = raw.trust.as_ref().is_some_and(|document| {
            let mut statements = document.statements.iter();
            statements.any(|s| s.allow && trust::speaks_of(s, "sts:TagSession"))
        });
        let arn = raw.arn.clone();
        let short: Text = account.as_str().into();
        let principal = Principal {
            id: arn::id(text).into(),
            name: name.clone(),
            kind: raw.kind,
            system: arn::id(&account).into(),
            context: Context {
                kind,
                // A group's permissions are its members', of whom nothing is known here.
                arn: (!is_group).then(|| arn.clone()),
                account: Some(short.clone()),
                user_name: (raw.kind == Kind::User).then_some(name),
                unique_id: raw.unique_id.clone(),
                tags,
                session_tags: tags_sessions,
                newest,
                ..Context::default()
            },
            arn,
            account: short,
            permissions: Rare::default(),
            limits_of: None,
            services: List::new(),
            last_use_bound: raw.last_used.0.filter(old_enough),
            place: raw.place.clone(),
        };
        self.world.accounts.insert(account);
        Some(self.world.add(principal))
    }

    /// The policies of a user, group or role itself.
    fn sources(&mut self, raw: &Raw) -> Vec<Source> {
        // As much room as they need, but for groups that few have.
        let mut sources: Vec<Source> = Vec::with_capacity(raw.inline.len() + raw.attached.len());
        sources.extend(raw.inline.iter().map(|policy| Source {
            label: format_args!("inline policy {}", policy.name.as_deref().unwrap_or("without a name")).to_lean_str(),
            document: policy.document.clone(),
        }));
        for (i, policy_arn) in raw.attached.iter().enumerate() {
            sources.push(match policy_arn {
                Some(policy_arn) => self.managed_source(policy_arn, raw, || format!("/AttachedManagedPolicies/{i}")),
                None => Source {
                    label: "a policy without an ARN".into(),
                    document: None,
                },
            });
        }
        sources
    }

    /// A managed policy: of the export, else of the table, else nothing but its name.
    fn managed_source(&mut self, policy_arn: &Text, raw: &Raw, inside: impl FnOnce() -> String) -> Source {
        if let Some(document) = self.policies.get(policy_arn) {
            return Source {
                label: policy_arn.clone(),
                document: document.clone(),
            };
        }
        let by_aws = Arn::parse(policy_arn)
            .filter(|a| a.account == "aws")
            .and_then(|a| a.resource.strip_prefix("policy"));
        let table = self.managed.get_or_insert_with(managed::table);
        if let Some(managed) = by_aws.and_then(|path| table.get(path)) {
            return Source {
                label: format_args!("{policy_arn} (as of {})", managed.version).to_lean_str(),
                document: Some(managed.document.clone()),
            };
        }
        self.lacks(policy_arn, raw, inside);
        Source {
            label: format_args!("{policy_arn} (not in the export)").to_lean_str(),
            document: None,
        }
    }

    /// Notes that a principal has something the export lacks.
    fn lacks(&mut self, what: &str, raw: &Raw, inside: impl FnOnce() -> String) {
        if let Some(seen) = self.missing.get_mut(what) {
            seen.0 += 1;
            return;
        }
        let log = &mut self.world.builder.log;
        let pointer = raw.place.pointer.to_string();
        let at = format!("{pointer}{}", inside());
        log.near(pointer, raw.offset, raw.place.line().unwrap_or(0));
        let place = log.at(&at);
        log.far();
        self.missing.insert(what.to_owned(), (1, place));
    }

    /// Everything that says what a principal may do.
    fn applies(&mut self, at: usize, raw: &Raw) -> Applies {
        let mut sources = self.sources(raw);
        if raw.kind == Kind::Group {
            let one = &self.world.principals[at];
            let key = (one.account.clone(), one.name.clone());
            self.groups.insert(key, sources.clone());
        }
        for (i, name) in &raw.groups {
            let key = (self.world.principals[at].account.clone(), name.clone());
            match self.groups.get(&key) {
                Some(of_group) => sources.extend(of_group.iter().map(|s| Source {
                    label: format_args!("{} (by group {name})", s.label).to_lean_str(),
                    document: s.document.clone(),
                })),
                None => {
                    let what = format!("group {name}");
                    self.lacks(&what, raw, || format!("/GroupList/{i}"));
                    sources.push(Source {
                        label: format_args!("{what} (not in the export)").to_lean_str(),
                        document: None,
                    });
                }
            }
        }
        let boundary = raw.boundary.as_ref().map(|boundary| match boundary {
            Some(policy_arn) => self.managed_source(policy_arn, raw, || "/PermissionsBoundary".to_owned()),
            None => Source {
                label: "a permission boundary without an ARN".into(),
                document: None,
            },
        });
        (sources, boundary)
    }

    fn report_missing(&mut self) {
        for (what, (count, place)) in std::mem::take(&mut self.missing) {
            let holders = if count == 1 {
                "1 principal has"
            } else {
                "principals have"
            };
            let count = if count == 1 { String::new() } else { format!("{count} ") };
            let message = format!(
                "{count}{holders} {}, which is not in the export: what it allows is assumed to be everything, and what it \
                 denies is not known; export without --filter, or give all pages",
                shown(&what)
            );
            self.world.builder.log.warning_at("missing-policy", place, message);
        }
    }
}

/// The account most ARNs name; of several with as many, the least.
fn main_account(raw: &[Raw], policies: &HashMap<Text, Option<Arc<Document>>, RandomState>) -> Option<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let arns = raw.iter().map(|r| &r.arn).chain(policies.keys());
    for text in arns {
        if let Some(account) = Arn::parse(text).and_then(|a| a.account_number()) {
            *counts.entry(account).or_default() += 1;
        }
    }
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, n)| *n == most)
        .map(|(account, _)| account.to_owned())
}
