//! `aws iam get-account-authorization-details`: users, groups, roles and policies of an account, on one or more pages.

use super::super::Input;
use super::super::documents::{Documents, broken, documents};
use super::arn::{self, Arn};
use super::builder::Builder;
use super::context::{CallerKind, Context};
use super::document::{self, Document};
use super::effect::{Permissions, Source};
use super::lenient::{Log, parse_time, shown};
use super::managed::{self, Managed};
use super::services::family::{Limit, Limits};
use super::world::{Kind, Principal, World};
use super::{escalation, federation, principals, services, trust};
use crate::model::{Fragment, Piece, Time};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

const LISTS: &[&str] = &["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

/// Lists of principals without their policies, as `aws iam list-roles`, `list-users` and `list-groups` print them.
pub const NAMED: &[(&str, Kind)] = &[("Groups", Kind::Group), ("Users", Kind::User), ("Roles", Kind::Role)];

/// A role unused for longer than this says something of its permissions' use.
const UNUSED_DAYS: i64 = 90;

/// Reads an export.
pub fn read(input: &Input) -> Fragment {
    let found = documents(input.text);
    let (said, whole) = (broken(&found, input.whole()), found.whole);
    let pages = match pages(found) {
        Ok(pages) => pages,
        Err(message) => {
            return Fragment {
                refused: Some(message),
                ..Fragment::default()
            };
        }
    };
    let holds = |list: &&str| pages.iter().any(|p| p.value.get(*list).is_some());
    let mut world = World::new(Builder::new(Log::new(input)));
    world.only_named = !LISTS.iter().any(holds);
    let mut reader = Reader {
        world,
        policies: HashMap::new(),
        managed: None,
        missing: BTreeMap::new(),
        groups: HashMap::new(),
    };
    reader.read(&pages);
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
    let limits = (!reader.world.only_named).then(|| limits(&reader.world));
    let mut fragment = reader.world.builder.finish();
    fragment
        .pieces
        .extend(limits.map(|limits| Piece::new(services::FAMILY, limits)));
    fragment.complete = unfinished.is_none() && whole;
    fragment.diagnostics.extend(said);
    fragment
}

/// What other files need to know of the principals.
fn limits(world: &World) -> Limits {
    let callers = world
        .principals
        .iter()
        .filter(|p| matches!(p.kind, Kind::User | Kind::Role));
    Limits {
        accounts: world.accounts.clone(),
        principals: callers
            .map(|p| {
                let (denied, perhaps_denied) = p.permissions.denials();
                let services = p.services.clone();
                let limit = Limit {
                    denied,
                    perhaps_denied,
                    services,
                };
                (p.arn.clone(), limit)
            })
            .collect(),
    }
}

/// One page and where it stands.
struct Page {
    pointer: String,
    value: Value,
}

/// The pages of a text: one object, several one after the other, or a list of them.
fn pages(found: Documents) -> Result<Vec<Page>, String> {
    let values = found.documents;
    let single = values.len() == 1 && values[0].is_object();
    let values: Vec<Value> = values
        .into_iter()
        .flat_map(|value| match value {
            Value::Array(items) => items,
            other => vec![other],
        })
        .collect();
    let pages: Vec<Page> = values
        .into_iter()
        .enumerate()
        .map(|(i, value)| Page {
            pointer: if single { String::new() } else { format!("/{i}") },
            value,
        })
        .collect();
    let keys = || LISTS.iter().copied().chain(NAMED.iter().map(|(list, _)| *list));
    let lists = || pages.iter().flat_map(|p| keys().filter_map(|l| p.value.get(l)));
    if let Some(problem) = found.problem
        && !lists().any(|l| l.as_array().is_some_and(|items| items.iter().any(|i| !i.is_null())))
    {
        // Nothing in it is whole.
        return Err(problem);
    }
    if lists().next().is_none() {
        return Err(format!(
            "it holds none of {}; make it with: aws iam get-account-authorization-details",
            LISTS.join(", ")
        ));
    }
    Ok(pages)
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
    policies: HashMap<String, Option<Rc<Document>>>,
    managed: Option<BTreeMap<String, Managed>>,
    /// Policies and groups the export lacks: how many principals have them, and where the first stands.
    missing: BTreeMap<String, (u64, String)>,
    /// Policies of each group, by account and name.
    groups: HashMap<(String, String), Vec<Source>>,
}

/// A user, group or role before its policies are applied.
pub struct Raw<'v> {
    /// As the export has it.
    pub value: &'v Value,
    /// Where it stands.
    pub pointer: String,
    /// What sort.
    pub kind: Kind,
}

impl<'i, 'a> Reader<'i, 'a> {
    fn read(&mut self, pages: &[Page]) {
        self.world.newest = newest(pages);
        for (page, list, pointer) in self.items(pages, "Policies") {
            let _ = page;
            self.policy(list, &pointer);
        }
        let mut raw: Vec<Raw> = Vec::new();
        for (list, kind) in [
            ("GroupDetailList", Kind::Group),
            ("UserDetailList", Kind::User),
            ("RoleDetailList", Kind::Role),
        ]
        .into_iter()
        .chain(NAMED.iter().copied())
        {
            for (_, value, pointer) in self.items(pages, list) {
                raw.push(Raw { value, pointer, kind });
            }
        }
        let main = main_account(&raw, &self.policies);
        // Everybody first, so that trust policies find them.
        let mut described: Vec<(usize, &Raw)> = Vec::new();
        for one in &raw {
            if let Some(at) = self.principal(one, main.as_deref()) {
                described.push((at, one));
            }
        }
        let mut trusts: Vec<(usize, Document)> = Vec::new();
        let input = self.world.builder.log.input;
        for (i, (at, one)) in described.iter().enumerate() {
            if i % 1000 == 0 {
                if input.cancelled() {
                    return;
                }
                input.report(input.text.len() / (described.len() + 1) * i);
            }
            let sources = self.sources(one);
            let account = self.world.principals[*at].account.clone();
            match one.kind {
                Kind::Group => {
                    let name = self.world.principals[*at].name.clone();
                    self.groups.insert((account, name), sources.clone());
                }
                Kind::Role => {
                    let name = self.world.principals[*at].name.clone();
                    if let Some(document) = self.trust_document(one, &name) {
                        let tags_sessions = document
                            .statements
                            .iter()
                            .any(|s| s.allow && trust::speaks_of(s, "sts:TagSession"));
                        self.world.principals[*at].context.session_tags = tags_sessions;
                        trusts.push((*at, document));
                    }
                }
                _ => {}
            }
            self.apply(*at, one, &sources);
        }
        for (role, document) in &trusts {
            trust::read(&mut self.world, *role, document);
        }
        federation::connect(&mut self.world);
        for (at, one) in &described {
            principals::identity(&mut self.world, *at, one);
        }
        principals::permissions(&mut self.world);
        // What leads to an escalation is permissions; a file that tells nobody's has none to start from.
        if !self.world.only_named {
            let policies = pages.iter().filter_map(|p| p.value.get("Policies")?.as_array());
            let versions = escalation::versions(policies.flatten());
            escalation::write(&mut self.world, &described, &versions);
        }
        self.report_missing();
    }

    /// The items of a list on all pages, each with its page and place.
    fn items<'v>(&mut self, pages: &'v [Page], list: &str) -> Vec<(usize, &'v Value, String)> {
        let mut out = Vec::new();
        for (i, page) in pages.iter().enumerate() {
            let items = self.world.builder.log.list(&page.value, list, &page.pointer);
            for (j, item) in items.iter().enumerate() {
                out.push((i, item, format!("{}/{list}/{j}", page.pointer)));
            }
        }
        out
    }

    fn policy(&mut self, value: &Value, pointer: &str) {
        let log = &mut self.world.builder.log;
        let Some(policy_arn) = log.text(value, "Arn", pointer).map(str::to_owned) else {
            log.error("missing-field", pointer, "A policy without an Arn was left out");
            return;
        };
        let default = log.text(value, "DefaultVersionId", pointer).map(str::to_owned);
        let versions = log.list(value, "PolicyVersionList", pointer);
        let is_default = |v: &Value| v.get("IsDefaultVersion").and_then(Value::as_bool) == Some(true);
        let named = |v: &Value| default.is_some() && v.get("VersionId").and_then(Value::as_str) == default.as_deref();
        let at = versions
            .iter()
            .position(is_default)
            .or_else(|| versions.iter().position(named))
            .or_else(|| (versions.len() == 1).then_some(0));
        let what = format!("policy {}", shown(&policy_arn));
        let document = match at {
            Some(at) => {
                let pointer = format!("{pointer}/PolicyVersionList/{at}/Document");
                match versions[at].get("Document") {
                    Some(value) => document::read(value, &pointer, &what, log).ok().map(Rc::new),
                    None => {
                        log.error(
                            "missing-field",
                            &pointer,
                            format!("The default version of {what} has no Document"),
                        );
                        None
                    }
                }
            }
            None => {
                log.error(
                    "missing-field",
                    pointer,
                    format!("The default version of {what} is not in its PolicyVersionList"),
                );
                None
            }
        };
        self.policies.entry(policy_arn).or_insert(document);
    }

    /// Adds a user, group or role to those that are known.
    fn principal(&mut self, raw: &Raw, main: Option<&str>) -> Option<usize> {
        let (value, pointer) = (raw.value, raw.pointer.as_str());
        let newest = self.world.newest;
        let log = &mut self.world.builder.log;
        let (noun, name_key, id_key) = keys(raw.kind);
        let Some(text) = log.text(value, "Arn", pointer) else {
            log.error(
                "missing-field",
                pointer,
                format!("A {noun} without an Arn was left out"),
            );
            return None;
        };
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
        let name = log
            .text(value, name_key, pointer)
            .map(str::to_owned)
            .unwrap_or_else(|| arn::last_step(parsed.map_or(text, |a| a.resource)).to_owned());
        let unique_id = log.text(value, id_key, pointer).map(str::to_owned);
        let tags = tags(log, value, pointer);
        let last_used = match value.get("RoleLastUsed") {
            Some(used) => log.time(used, "LastUsedDate", &format!("{pointer}/RoleLastUsed")),
            None => None,
        };
        let old_enough = |t: &Time| newest.is_some_and(|n| *t < n.plus_days(-UNUSED_DAYS));
        let kind = match raw.kind {
            Kind::User => CallerKind::User,
            Kind::Role => CallerKind::Role,
            _ => CallerKind::Unknown,
        };
        let is_group = raw.kind == Kind::Group;
        let principal = Principal {
            id: arn::id(text),
            arn: text.to_owned(),
            name: name.clone(),
            kind: raw.kind,
            system: arn::id(&account),
            context: Context {
                kind,
                // A group's permissions are its members', of whom nothing is known here.
                arn: (!is_group).then(|| text.to_owned()),
                account: Some(account.clone()),
                user_name: (raw.kind == Kind::User).then_some(name),
                unique_id,
                tags: tags.map(|list| list.into_iter().map(|(k, v)| (k.to_ascii_lowercase(), v)).collect()),
                newest,
                ..Context::default()
            },
            account: account.clone(),
            permissions: Permissions::default(),
            limits_of: None,
            services: BTreeSet::new(),
            last_use_bound: last_used.filter(old_enough),
            pointer: raw.pointer.clone(),
        };
        self.world.accounts.insert(account);
        Some(self.world.add(principal))
    }

    /// The policies of a user, group or role itself.
    fn sources(&mut self, raw: &Raw) -> Vec<Source> {
        let (value, pointer) = (raw.value, raw.pointer.as_str());
        let (noun, name_key, _) = keys(raw.kind);
        let holder = value
            .get(name_key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let inline = match raw.kind {
            Kind::Group => "GroupPolicyList",
            Kind::Role => "RolePolicyList",
            _ => "UserPolicyList",
        };
        let mut sources = Vec::new();
        let log = &mut self.world.builder.log;
        for (i, policy) in log.list(value, inline, pointer).iter().enumerate() {
            let pointer = format!("{pointer}/{inline}/{i}");
            let name = log
                .text(policy, "PolicyName", &pointer)
                .unwrap_or("without a name")
                .to_owned();
            let what = format!("inline policy {} of {noun} {}", shown(&name), shown(&holder));
            let document = match policy.get("PolicyDocument") {
                Some(value) => {
                    let at = format!("{pointer}/PolicyDocument");
                    document::read(value, &at, &what, log).ok().map(Rc::new)
                }
                None => {
                    log.error("missing-field", &pointer, format!("The {what} has no PolicyDocument"));
                    None
                }
            };
            sources.push(Source {
                label: format!("inline policy {name}"),
                document,
            });
        }
        for (i, policy) in log.list(value, "AttachedManagedPolicies", pointer).iter().enumerate() {
            let pointer = format!("{pointer}/AttachedManagedPolicies/{i}");
            let Some(policy_arn) = self.world.builder.log.text(policy, "PolicyArn", &pointer) else {
                self.world.builder.log.error(
                    "missing-field",
                    &pointer,
                    format!("A policy attached to {noun} {} has no PolicyArn", shown(&holder)),
                );
                sources.push(Source {
                    label: "a policy without an ARN".to_owned(),
                    document: None,
                });
                continue;
            };
            sources.push(self.managed_source(policy_arn, &pointer));
        }
        sources
    }

    /// A managed policy: of the export, else of the table, else nothing but its name.
    fn managed_source(&mut self, policy_arn: &str, pointer: &str) -> Source {
        if let Some(document) = self.policies.get(policy_arn) {
            return Source {
                label: policy_arn.to_owned(),
                document: document.clone(),
            };
        }
        let by_aws = Arn::parse(policy_arn)
            .filter(|a| a.account == "aws")
            .and_then(|a| a.resource.strip_prefix("policy"));
        let table = self.managed.get_or_insert_with(managed::table);
        if let Some(managed) = by_aws.and_then(|path| table.get(path)) {
            return Source {
                label: format!("{policy_arn} (as of {})", managed.version),
                document: Some(managed.document.clone()),
            };
        }
        let seen = self
            .missing
            .entry(policy_arn.to_owned())
            .or_insert_with(|| (0, pointer.to_owned()));
        seen.0 += 1;
        Source {
            label: format!("{policy_arn} (not in the export)"),
            document: None,
        }
    }

    fn trust_document(&mut self, raw: &Raw, name: &str) -> Option<Document> {
        let pointer = format!("{}/AssumeRolePolicyDocument", raw.pointer);
        let what = format!("role {} (its trust policy)", shown(name));
        match raw.value.get("AssumeRolePolicyDocument") {
            Some(value) => document::read(value, &pointer, &what, &mut self.world.builder.log).ok(),
            None => {
                let message = format!("The {what} has no AssumeRolePolicyDocument, so nobody is known to become it");
                self.world.builder.log.warning("missing-field", &raw.pointer, message);
                None
            }
        }
    }

    /// Applies everything that says what a principal may do.
    fn apply(&mut self, at: usize, raw: &Raw, own: &[Source]) {
        let (value, pointer) = (raw.value, raw.pointer.as_str());
        let mut sources = own.to_vec();
        for (i, group) in self
            .world
            .builder
            .log
            .list(value, "GroupList", pointer)
            .iter()
            .enumerate()
        {
            let Some(name) = group.as_str() else { continue };
            let key = (self.world.principals[at].account.clone(), name.to_owned());
            match self.groups.get(&key) {
                Some(of_group) => sources.extend(of_group.iter().map(|s| Source {
                    label: format!("{} (by group {name})", s.label),
                    document: s.document.clone(),
                })),
                None => {
                    let what = format!("group {name}");
                    let seen = self
                        .missing
                        .entry(what.clone())
                        .or_insert_with(|| (0, format!("{pointer}/GroupList/{i}")));
                    seen.0 += 1;
                    sources.push(Source {
                        label: format!("{what} (not in the export)"),
                        document: None,
                    });
                }
            }
        }
        let boundary = value
            .get("PermissionsBoundary")
            .filter(|b| !b.is_null())
            .map(|boundary| {
                let pointer = format!("{pointer}/PermissionsBoundary");
                match self
                    .world
                    .builder
                    .log
                    .text(boundary, "PermissionsBoundaryArn", &pointer)
                {
                    Some(policy_arn) => self.managed_source(policy_arn, &pointer),
                    None => Source {
                        label: "a permission boundary without an ARN".to_owned(),
                        document: None,
                    },
                }
            });
        let one = &mut self.world.principals[at];
        let context = one.context.clone();
        for source in &sources {
            one.permissions.apply(source, &context);
        }
        if let Some(boundary) = boundary {
            one.permissions.bound(&boundary, &context);
        }
    }

    fn report_missing(&mut self) {
        for (what, (count, pointer)) in std::mem::take(&mut self.missing) {
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
            self.world.builder.log.warning("missing-policy", &pointer, message);
        }
    }
}

/// What a kind of principal is called, and the keys of its name and unique id.
pub fn keys(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Role => ("role", "RoleName", "RoleId"),
        Kind::Group => ("group", "GroupName", "GroupId"),
        _ => ("user", "UserName", "UserId"),
    }
}

/// Tags as pairs; nothing where the export does not speak of them.
pub fn tags(log: &mut Log, value: &Value, pointer: &str) -> Option<Vec<(String, String)>> {
    value.get("Tags").filter(|t| !t.is_null())?;
    let list = log.list(value, "Tags", pointer);
    let text = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(
        list.iter()
            .filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default())))
            .collect(),
    )
}

/// The account most ARNs name; of several with as many, the least.
fn main_account(raw: &[Raw], policies: &HashMap<String, Option<Rc<Document>>>) -> Option<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let arns = raw
        .iter()
        .filter_map(|r| r.value.get("Arn")?.as_str())
        .chain(policies.keys().map(String::as_str));
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

/// The newest time an export states: it was made then or later.
fn newest(pages: &[Page]) -> Option<Time> {
    let time = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).and_then(parse_time);
    let mut newest: Option<Time> = None;
    for page in pages {
        let named = NAMED.iter().map(|(list, _)| *list);
        for list in LISTS.iter().copied().chain(named) {
            for item in page.value.get(list).and_then(Value::as_array).into_iter().flatten() {
                let versions = item.get("PolicyVersionList").and_then(Value::as_array);
                let used = item.get("RoleLastUsed");
                let times = [time(item, "CreateDate"), time(item, "UpdateDate")]
                    .into_iter()
                    .chain(versions.into_iter().flatten().map(|v| time(v, "CreateDate")))
                    .chain(used.map(|u| time(u, "LastUsedDate")));
                newest = times.fold(newest, Option::max);
            }
        }
    }
    newest
}
