//! The users, groups, roles and policies of an export, each as far as it is needed: items are read on all threads and
//! let go, and a document that many of them hold is read once.

use super::super::Input;
use super::super::documents::{self, Page};
use super::super::tree::Value;
use super::authorization::{LISTS, NAMED};
use super::document::{Document, Shelf};
use super::lenient::{Log, parse_time, shown};
use super::versions::allows_everything;
use super::world::Kind;
use crate::model::{Place, Text, Time};
use std::sync::Arc;

/// A user, group or role before its policies are applied.
pub struct Raw {
    /// What sort.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
    /// Where it begins in the text.
    pub offset: usize,
    /// As AWS names it.
    pub arn: Text,
    /// Its name, as stated.
    pub name: Option<Text>,
    /// Its unique id.
    pub unique_id: Option<Text>,
    /// When it was made.
    pub created_at: Option<Time>,
    /// Its tags; nothing where the export does not speak of them.
    pub tags: Option<Vec<(Text, Text)>>,
    /// Its groups, by position in the list.
    pub groups: Vec<(usize, Text)>,
    /// Its own policies.
    pub inline: Vec<Inline>,
    /// ARNs of the policies attached to it; nothing of one that has none.
    pub attached: Vec<Option<Text>>,
    /// The ARN of its boundary, where it has one and that has one.
    pub boundary: Option<Option<Text>>,
    /// ARNs of its instance profiles.
    pub profiles: Vec<Text>,
    /// Whether it is in an instance profile; nothing where the export does not say.
    pub in_profile: Option<bool>,
    /// How long its sessions last at most.
    pub session_max_secs: Option<u64>,
    /// When it was last used, and the same where it is written as a text.
    pub last_used: (Option<Time>, Option<Time>),
    /// Who may become it.
    pub trust: Option<Arc<Document>>,
    /// Its position among the principals, once it is one of them.
    pub at: usize,
    /// Position of its list among the lists that are read.
    list: usize,
}

impl Raw {
    /// Lets go of documents that were evaluated.
    pub fn let_go(&mut self) {
        self.trust = None;
        for policy in &mut self.inline {
            policy.document = None;
        }
    }
}

/// A policy of a principal's own.
pub struct Inline {
    /// Its name, as stated.
    pub name: Option<Text>,
    /// Its statements; nothing where they could not be read.
    pub document: Option<Arc<Document>>,
}

/// A managed policy.
pub struct Policy {
    /// As AWS names it.
    pub arn: Text,
    /// The statements of its default version; nothing where they could not be read.
    pub document: Option<Arc<Document>>,
    /// How many other versions it has.
    pub others: usize,
    /// One of them allows everything.
    pub everything: bool,
}

/// What the items of an export say.
#[derive(Default)]
pub struct Items {
    /// The policies, in order.
    pub policies: Vec<Policy>,
    /// Groups, users and roles, in this order.
    pub principals: Vec<Raw>,
    /// The newest time an item states: the export was made then or later.
    pub newest: Option<Time>,
    /// How many items are whole.
    pub whole: usize,
}

/// An item that is to be read.
struct Entry<'p> {
    /// Position of its list among the lists that are read.
    list: usize,
    page: &'p Page,
    index: usize,
    offset: usize,
    line: u32,
}

/// Lists in the order in which they are read: whoever is in a group needs it.
const ORDER: &[(&str, Option<Kind>)] = &[
    (LISTS[3], None),
    (LISTS[1], Some(Kind::Group)),
    (LISTS[0], Some(Kind::User)),
    (LISTS[2], Some(Kind::Role)),
    (NAMED[0].0, Some(NAMED[0].1)),
    (NAMED[1].0, Some(NAMED[1].1)),
    (NAMED[2].0, Some(NAMED[2].1)),
];

/// Members whose text is kept as it is: policy documents.
const DOCUMENTS: &[&str] = &["AssumeRolePolicyDocument", "PolicyDocument", "Document"];

/// Reads the items of an export's pages.
pub fn read(input: &Input, pages: &[Page], log: &mut Log) -> Items {
    let mut entries = Vec::new();
    for page in pages {
        for listed in &page.lists {
            let Some(list) = ORDER.iter().position(|(key, _)| *key == listed.key) else {
                continue;
            };
            let items = listed.items.iter().enumerate();
            entries.extend(items.map(|(index, (offset, line))| Entry {
                list,
                page,
                index,
                offset: *offset,
                line: *line,
            }));
        }
        for (key, _) in ORDER {
            // Says so where it is no list.
            log.list(&page.value, key, &page.pointer);
        }
    }
    let shelf = Shelf::default();
    let goes = documents::in_goes(
        input,
        &entries,
        |entry| entry.offset,
        |_, entries| {
            let mut reader = Reader {
                log: Log::new(input),
                shelf: &shelf,
                items: Items::default(),
            };
            for entry in entries {
                reader.item(entry);
            }
            let (said, more) = reader.log.parts();
            (reader.items, said, more)
        },
    );
    let mut items = Items::default();
    let count = |of: fn(&Items) -> usize| goes.iter().map(|(some, ..)| of(some)).sum();
    items.policies.reserve_exact(count(|some| some.policies.len()));
    items.principals.reserve_exact(count(|some| some.principals.len()));
    for (some, said, more) in goes {
        items.policies.extend(some.policies);
        items.principals.extend(some.principals);
        items.newest = items.newest.max(some.newest);
        items.whole += some.whole;
        log.absorb(said, more);
    }
    items.principals.sort_by_key(|raw| raw.list);
    items
}

struct Reader<'r, 'i, 'a> {
    log: Log<'i, 'a>,
    shelf: &'r Shelf<'a>,
    items: Items,
}

/// What a kind of principal is called, and the keys of its name, its unique id and its own policies.
pub fn keys(kind: Kind) -> (&'static str, &'static str, &'static str, &'static str) {
    match kind {
        Kind::Role => ("role", "RoleName", "RoleId", "RolePolicyList"),
        Kind::Group => ("group", "GroupName", "GroupId", "GroupPolicyList"),
        _ => ("user", "UserName", "UserId", "UserPolicyList"),
    }
}

impl<'a> Reader<'_, '_, 'a> {
    fn item(&mut self, entry: &Entry) {
        let value = Value::at_start(&self.log.input.text[entry.offset..], DOCUMENTS);
        let (key, kind) = ORDER[entry.list];
        let pointer = format!("{}/{key}/{}", entry.page.pointer, entry.index);
        self.log.near(pointer.clone(), entry.offset, entry.line);
        self.items.whole += usize::from(!value.is_null());
        self.times(&value);
        match kind {
            None => self.policy(&value, &pointer),
            Some(kind) => {
                if let Some(raw) = self.principal(&value, kind, entry, pointer) {
                    self.items.principals.push(raw);
                }
            }
        }
    }

    /// Notes the newest time.
    fn times(&mut self, item: &Value) {
        let time = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).and_then(parse_time);
        let versions = item.get("PolicyVersionList").and_then(Value::as_array);
        let used = item.get("RoleLastUsed");
        let times = [time(item, "CreateDate"), time(item, "UpdateDate")]
            .into_iter()
            .chain(versions.into_iter().flatten().map(|v| time(v, "CreateDate")))
            .chain(used.map(|u| time(u, "LastUsedDate")));
        self.items.newest = times.fold(self.items.newest, Option::max);
    }

    fn policy(&mut self, value: &Value<'a>, pointer: &str) {
        let log = &mut self.log;
        let Some(arn) = log.text(value, "Arn", pointer) else {
            log.error("missing-field", pointer, "A policy without an Arn was left out");
            return;
        };
        let default = log.text(value, "DefaultVersionId", pointer);
        let versions = log.list(value, "PolicyVersionList", pointer);
        let stated = |v: &Value| v.get("IsDefaultVersion").and_then(Value::as_bool);
        let named = |v: &Value| default.is_some() && v.get("VersionId").and_then(Value::as_str) == default;
        let at = versions
            .iter()
            .position(|v| stated(v) == Some(true))
            .or_else(|| versions.iter().position(named))
            .or_else(|| (versions.len() == 1).then_some(0));
        let what = || format!("policy {}", shown(arn));
        let document = match at {
            Some(at) => {
                let pointer = format!("{pointer}/PolicyVersionList/{at}/Document");
                match versions[at].get("Document") {
                    Some(value) => self.shelf.read(value, &pointer, what, log).ok(),
                    None => {
                        let message = format!("The default version of {} has no Document", what());
                        log.error("missing-field", &pointer, message);
                        None
                    }
                }
            }
            None => {
                let message = format!("The default version of {} is not in its PolicyVersionList", what());
                log.error("missing-field", pointer, message);
                None
            }
        };
        let others = versions.iter().filter(|v| stated(v) == Some(false));
        let everything = others
            .clone()
            .any(|version| version.get("Document").is_some_and(allows_everything));
        self.items.policies.push(Policy {
            arn: arn.into(),
            document,
            others: others.count(),
            everything,
        });
    }

    fn principal(&mut self, value: &Value<'a>, kind: Kind, entry: &Entry, pointer: String) -> Option<Raw> {
        let log = &mut self.log;
        let (noun, name_key, id_key, inline_key) = keys(kind);
        let Some(arn) = log.text(value, "Arn", &pointer) else {
            log.error(
                "missing-field",
                &pointer,
                format!("A {noun} without an Arn was left out"),
            );
            return None;
        };
        let name = log.text(value, name_key, &pointer);
        let unique_id = log.text(value, id_key, &pointer).map(Into::into);
        let tags = tags(log, value, &pointer);
        let used = value.get("RoleLastUsed");
        let last_used = used.and_then(|used| log.time(used, "LastUsedDate", &format!("{pointer}/RoleLastUsed")));
        let last_used_text = used.and_then(|u| u.get("LastUsedDate")?.as_str());
        let holder = name.unwrap_or_default();
        let inline = inline(log, self.shelf, value, (inline_key, &pointer), (noun, holder));
        let attached = attached(log, value, &pointer, (noun, holder));
        let list = log.list(value, "GroupList", &pointer);
        let mut groups = Vec::with_capacity(list.len());
        let named = list.iter().enumerate();
        groups.extend(named.filter_map(|(i, group)| Some((i, group.as_str()?.into()))));
        let boundary = value.get("PermissionsBoundary").filter(|b| !b.is_null());
        let boundary = boundary.map(|boundary| {
            let pointer = format!("{pointer}/PermissionsBoundary");
            log.text(boundary, "PermissionsBoundaryArn", &pointer).map(Text::from)
        });
        let trust = (kind == Kind::Role).then(|| {
            let what = || {
                let name = name.unwrap_or_else(|| arn.rsplit('/').next().unwrap_or(arn));
                format!("role {} (its trust policy)", shown(name))
            };
            match value.get("AssumeRolePolicyDocument") {
                Some(value) => {
                    let at = format!("{pointer}/AssumeRolePolicyDocument");
                    self.shelf.read(value, &at, what, log).ok()
                }
                None => {
                    let what = what();
                    let message =
                        format!("The {what} has no AssumeRolePolicyDocument, so nobody is known to become it");
                    log.warning("missing-field", &pointer, message);
                    None
                }
            }
        });
        let profiles = value.get("InstanceProfileList").and_then(Value::as_array);
        Some(Raw {
            kind,
            offset: entry.offset,
            arn: arn.into(),
            name: name.map(Into::into),
            unique_id,
            created_at: log.time(value, "CreateDate", &pointer),
            tags,
            groups,
            inline,
            attached,
            boundary,
            profiles: profiles
                .into_iter()
                .flatten()
                .filter_map(|p| Some(p.get("Arn")?.as_str()?.into()))
                .collect(),
            in_profile: profiles.map(|profiles| !profiles.is_empty()),
            session_max_secs: value.get("MaxSessionDuration").and_then(Value::as_u64),
            last_used: (last_used, last_used_text.and_then(parse_time)),
            trust: trust.flatten(),
            at: 0,
            list: entry.list,
            place: Place::new(log.input.file, pointer).at_line(entry.line),
        })
    }
}

/// The policies of a principal's own, in the list of a key; `of` is what it is called and its name.
fn inline<'a>(
    log: &mut Log,
    shelf: &Shelf<'a>,
    value: &Value<'a>,
    (key, pointer): (&str, &str),
    of: (&str, &str),
) -> Vec<Inline> {
    let policies = log.list(value, key, pointer);
    let mut out = Vec::with_capacity(policies.len());
    for (i, policy) in policies.iter().enumerate() {
        let pointer = format!("{pointer}/{key}/{i}");
        let name = log.text(policy, "PolicyName", &pointer);
        let what = || {
            let name = shown(name.unwrap_or("without a name"));
            format!("inline policy {name} of {} {}", of.0, shown(of.1))
        };
        let document = match policy.get("PolicyDocument") {
            Some(value) => shelf.read(value, &format!("{pointer}/PolicyDocument"), what, log).ok(),
            None => {
                log.error(
                    "missing-field",
                    &pointer,
                    format!("The {} has no PolicyDocument", what()),
                );
                None
            }
        };
        let name = name.map(Into::into);
        out.push(Inline { name, document });
    }
    out
}

/// The ARNs of the policies attached to a principal.
fn attached(log: &mut Log, value: &Value, pointer: &str, of: (&str, &str)) -> Vec<Option<Text>> {
    let policies = log.list(value, "AttachedManagedPolicies", pointer);
    let mut out = Vec::with_capacity(policies.len());
    for (i, policy) in policies.iter().enumerate() {
        let pointer = || format!("{pointer}/AttachedManagedPolicies/{i}");
        let arn = log.text(policy, "PolicyArn", &pointer());
        if arn.is_none() {
            let message = format!("A policy attached to {} {} has no PolicyArn", of.0, shown(of.1));
            log.error("missing-field", &pointer(), message);
        }
        out.push(arn.map(Text::from));
    }
    out
}

/// Tags as pairs; nothing where the export does not speak of them.
fn tags(log: &mut Log, value: &Value, pointer: &str) -> Option<Vec<(Text, Text)>> {
    value.get("Tags").filter(|t| !t.is_null())?;
    let list = log.list(value, "Tags", pointer);
    let text = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).map(Text::from);
    let mut tags = Vec::with_capacity(list.len());
    tags.extend(
        list.iter()
            .filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default()))),
    );
    Some(tags)
}
