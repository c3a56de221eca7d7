//! Ways to become somebody else with what one may do, from the table of catalogues. Each row is written once for each
//! target, from whoever may do all of it, so that taking one permission away takes the way away; rows about oneself are
//! written for each principal that may do them. What a row is about and the export does not decide is assumed.

use super::arn;
use super::effect::Draft;
use super::raw::Raw;
use super::versions::Versions;
use super::ways::{Filler, Row, Target, Word, own_services, rows};
use super::world::{Kind, Subject, World};
use crate::import::pile::Pile;
use crate::import::secrets::is_secret;
use crate::import::share::Met;
use crate::model::{Inherit, InheritHow, Place, RelationCommon, Requirement, Text, scope};
use lean_string::ToLeanStr;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the export says of a principal besides its permissions.
pub struct Described {
    at: usize,
    /// Policies of the account's own attached to it.
    policies: Vec<Text>,
    /// Positions of its groups among the described.
    groups: Vec<usize>,
    /// Whether it is in an instance profile; nothing where the export does not say.
    in_profile: Option<bool>,
}

/// The rows that each principal may do to itself; only these need to know what it may do.
pub fn oneself(world: &World, described: &[Described], versions: &BTreeMap<Text, Versions>) -> Vec<Inherit> {
    let out = Writer::new(world, &[]);
    let of = |one: &Described| {
        let mut inherits = Vec::new();
        out.about_oneself(one, described, versions, &mut inherits);
        inherits
    };
    described.par_iter().flat_map_iter(of).collect()
}

/// Writes all other rows for everybody the export describes, who are among the subjects; `open` are the groups to which
/// somebody may add.
pub fn write(
    world: &mut World,
    (described, subjects): (&[Described], &[Subject]),
    versions: &BTreeMap<Text, Versions>,
    open: &BTreeSet<String>,
    oneself: Vec<Inherit>,
) {
    let count: usize = described.par_iter().map(|one| at_most(&subjects[one.at], one)).sum();
    // They are most of what the export gives, and go where they stay.
    let room = oneself.len() + count + described.len() + versions.len() * of(Target::PolicyAdmin).count();
    let mut inherits = world.builder.take_written(room);
    inherits.append(oneself);
    let out = Writer::new(world, subjects);
    let mut free = is_free(inherits.iter());
    let of = |some: &[Described]| {
        let mut inherits = Pile::default();
        for one in some {
            out.as_target(one, open, &mut inherits);
        }
        inherits
    };
    for some in described.chunks(8 * 256) {
        if world.builder.log.input.cancelled() {
            // All of it is thrown away.
            break;
        }
        let written: Vec<Pile<Inherit>> = some.par_chunks(256).map(of).collect();
        written.into_iter().for_each(|some| inherits.absorb(some));
    }
    // Of each target the texts were looked at while they were at hand.
    free &= !out.secret.load(Ordering::Relaxed);
    let looked_at = inherits.len();
    out.policies(versions, &mut inherits);
    out.assumable(described, &mut inherits);
    out.providers(&mut inherits);
    out.accounts(&mut inherits);
    free &= is_free(inherits.iter().skip(looked_at));
    world.builder.written(inherits, free);
}

/// Whether inherits are free of secrets.
fn is_free<'i>(inherits: impl Iterator<Item = &'i Inherit>) -> bool {
    let mut met = Met::only_guarding();
    inherits.fold(true, |free, one| met.inherit(&mut one.clone()) & free)
}

/// The groups that somebody could add members to: others are worth nothing by themselves.
pub fn open_groups(world: &World) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for one in world.principals.iter().filter(|p| p.kind != Kind::Group) {
        one.permissions().resources_for("iam:AddUserToGroup", &mut open);
    }
    open
}

/// What rows need of whatever an export describes, the rest of which is let go.
pub fn describe(world: &World, raw: Vec<Raw>) -> Vec<Described> {
    let mut groups: HashMap<(&str, &str), usize> = HashMap::new();
    for (i, raw) in raw.iter().enumerate() {
        let one = &world.principals[raw.at];
        if one.kind == Kind::Group {
            groups.entry((&one.account, &one.name)).or_insert(i);
        }
    }
    raw.into_iter()
        .map(|raw| {
            let account = world.principals[raw.at].account.as_str();
            let attached = raw.attached.into_iter().flatten();
            let in_groups = raw
                .groups
                .iter()
                .filter_map(|(_, name)| groups.get(&(account, name.as_str())));
            Described {
                at: raw.at,
                policies: attached.filter(|arn| is_own(arn)).collect::<Vec<_>>(),
                groups: in_groups.copied().collect(),
                in_profile: raw.in_profile,
            }
        })
        .collect()
}

/// How many rows there are at most for whoever may do something to this one.
fn at_most(principal: &Subject, one: &Described) -> usize {
    let policies = one.policies.len();
    let of = |row: &Row| match (row.target, principal.kind) {
        (Target::User | Target::UserAdmin, Kind::User)
        | (Target::Group | Target::GroupAdmin, Kind::Group)
        | (Target::Role | Target::RoleAdmin | Target::AssumableRoleAdmin, Kind::Role) => 1,
        (Target::RolePolicyAdmin | Target::AssumableRolePolicyAdmin, Kind::Role) => policies,
        (Target::PassedRole | Target::RunningRole, Kind::Role) => {
            row.services.iter().filter(|s| principal.services.has(s)).count()
        }
        _ => 0,
    };
    rows().iter().map(of).sum()
}

struct Writer<'w, 'i, 'a> {
    world: &'w World<'i, 'a>,
    /// Everybody, once their permissions are worked out.
    subjects: &'w [Subject],
    /// What each row has as evidence.
    evidence: Vec<Text>,
    /// The administrators of the accounts, by the accounts' systems.
    admins: BTreeMap<Text, Text>,
    /// Something of a target looks like a secret.
    secret: AtomicBool,
}

/// Whom a row makes, from whom, and what it takes besides.
struct Way<'r> {
    row: (usize, &'r Row),
    from: Option<Text>,
    to: Text,
    needs: Vec<Requirement>,
    assumed: bool,
    place: Place,
}

fn evidence(row: &Row) -> Text {
    let why = row.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    format_args!("{}: {}{why}", row.id, row.sources.join(", ")).to_lean_str()
}

impl<'w, 'i, 'a> Writer<'w, 'i, 'a> {
    fn new(world: &'w World<'i, 'a>, subjects: &'w [Subject]) -> Self {
        Self {
            world,
            subjects,
            evidence: rows().iter().map(evidence).collect(),
            admins: world
                .accounts
                .iter()
                .map(|account| {
                    let system = Text::from(arn::id(account));
                    let admin = format_args!("{system}:admin").to_lean_str();
                    (system, admin)
                })
                .collect(),
            secret: AtomicBool::new(false),
        }
    }

    /// The administrator of an account, by its system.
    fn admin(&self, system: &Text) -> Text {
        let known = self.admins.get(system).cloned();
        known.unwrap_or_else(|| format_args!("{system}:admin").to_lean_str())
    }

    fn written(&self, way: Way) -> Inherit {
        let (number, row) = way.row;
        let mut requires_all = way.needs;
        requires_all.sort_unstable();
        requires_all.dedup();
        Inherit {
            common: RelationCommon {
                intended: Some(false),
                assumed: (way.assumed || row.assumed).then_some(true),
                evidence: Some(self.evidence[number].clone()),
                places: way.place.into(),
                ..RelationCommon::default()
            },
            from: way.from,
            to: way.to,
            requires_all: requires_all.into(),
            audiences: None,
            how: Some(InheritHow::Escalation),
        }
    }

    /// Rows about oneself, where the principal may do what they need.
    fn about_oneself(
        &self,
        one: &Described,
        all: &[Described],
        versions: &BTreeMap<Text, Versions>,
        out: &mut Vec<Inherit>,
    ) {
        let principal = &self.world.principals[one.at];
        // Cheap first: few may do any of it.
        if principal.kind == Kind::Group || !own_services().iter().any(|s| principal.permissions().may_allow(s)) {
            return;
        }
        let mut drafts: Option<Vec<Draft>> = None;
        let mut filler = Filler::default();
        let system = &principal.system;
        for row in rows().iter().enumerate() {
            let (number, row) = row;
            let own_policies = || {
                let of_groups = one.groups.iter().flat_map(|g| &all[*g].policies);
                let policies: BTreeSet<&Text> = one.policies.iter().chain(of_groups).collect();
                policies.into_iter().map(ToString::to_string).collect::<Vec<_>>()
            };
            let targets: Vec<String> = match row.target {
                Target::OwnUser if principal.kind == Kind::User => vec![principal.arn.to_string()],
                Target::OwnRole if principal.kind == Kind::Role => vec![principal.arn.to_string()],
                Target::OwnGroup => {
                    let groups = one
                        .groups
                        .iter()
                        .map(|g| self.world.principals[all[*g].at].arn.to_string());
                    groups.collect()
                }
                Target::OwnPolicy | Target::OwnPolicyVersion => own_policies(),
                _ => continue,
            };
            if targets.is_empty() {
                continue;
            }
            for target in targets {
                let needs = filler.fill(number, system, &[(Word::Target, &target)]);
                if !needs.iter().all(|need| principal.permissions().may_allow(&need.scope)) {
                    continue;
                }
                let drafts = drafts.get_or_insert_with(|| principal.permissions().drafts(principal.kind != Kind::User));
                if !needs.iter().all(|need| may(drafts, &need.scope)) {
                    continue;
                }
                // Another version that allows everything makes the administrator; what others allow is not weighed.
                let ready = versions
                    .get(target.as_str())
                    .is_some_and(|v| v.others > 0 && v.everything);
                out.push(self.written(Way {
                    row: (number, row),
                    from: Some(principal.id.clone()),
                    to: self.admin(system),
                    needs,
                    assumed: row.target == Target::OwnPolicyVersion && !ready,
                    place: principal.place.clone(),
                }));
            }
        }
    }

    /// Rows for whoever may do something to this one.
    fn as_target(&self, one: &Described, open: &BTreeSet<String>, out: &mut Pile<Inherit>) {
        let principal = &self.subjects[one.at];
        // AWS alone changes the roles of its services, and nobody passes them.
        if principal.arn.contains(":role/aws-service-role/") {
            return;
        }
        let reserved = principal.arn.contains(":role/aws-reserved/");
        let system = &principal.system;
        let (id, admin): (Text, Text) = (principal.id.clone(), self.admin(system));
        let mut filler = Filler::default();
        let own = (Word::Target, principal.arn.as_str());
        for (number, row) in rows().iter().enumerate() {
            let mut fill = |words: &[(Word, &str)]| filler.fill(number, system, words);
            let (needs, to, assumed) = match (row.target, principal.kind) {
                (Target::User, Kind::User) => (vec![fill(&[own])], &id, false),
                (Target::Group, Kind::Group) if open.iter().any(|r| scope::overlaps(r, &principal.arn)) => {
                    (vec![fill(&[own])], &id, false)
                }
                (Target::UserAdmin, Kind::User) | (Target::GroupAdmin, Kind::Group) => {
                    (vec![fill(&[own])], &admin, false)
                }
                (Target::Role, Kind::Role) if !reserved => (vec![fill(&[own])], &id, false),
                (Target::RoleAdmin, Kind::Role) if !reserved => (vec![fill(&[own])], &admin, false),
                (Target::RolePolicyAdmin, Kind::Role) if !reserved => {
                    let each = one.policies.iter();
                    let needs = each.map(|policy| fill(&[own, (Word::Policy, policy)]));
                    (needs.collect(), &admin, false)
                }
                (Target::PassedRole | Target::RunningRole, Kind::Role) => {
                    let services = row.services.iter().filter(|s| principal.services.has(s));
                    let needs: Vec<Vec<Requirement>> = services.map(|s| fill(&[own, (Word::Service, s)])).collect();
                    let on_instances = row.services.iter().any(|s| s == "ec2.amazonaws.com");
                    if on_instances && row.target == Target::RunningRole && one.in_profile == Some(false) {
                        continue;
                    }
                    let assumed = on_instances && one.in_profile != Some(true);
                    (needs, &id, assumed)
                }
                _ => continue,
            };
            for needs in distinct(needs) {
                out.push(self.written(Way {
                    row: (number, row),
                    from: None,
                    to: to.clone(),
                    needs,
                    assumed,
                    place: principal.place.clone(),
                }));
            }
        }
        if filler.secret || [&id, &admin, system].iter().any(|text| is_secret(text)) {
            self.secret.store(true, Ordering::Relaxed);
        }
    }

    /// Rows for whoever may write a policy that somebody else has.
    fn policies(&self, versions: &BTreeMap<Text, Versions>, out: &mut Pile<Inherit>) {
        let whole = self.world.builder.log.input.whole();
        for arn in versions.keys() {
            let Some(account) = account_of(arn).filter(|a| self.world.accounts.contains(*a)) else {
                continue;
            };
            let system: Text = arn::id(account).into();
            let mut filler = Filler::default();
            for (number, row) in of(Target::PolicyAdmin) {
                out.push(self.written(Way {
                    row: (number, row),
                    from: None,
                    to: self.admin(&system),
                    needs: filler.fill(number, &system, &[(Word::Target, arn)]),
                    assumed: false,
                    place: whole.clone(),
                }));
            }
        }
    }

    /// Rows for whoever may assume a role and change it.
    fn assumable(&self, described: &[Described], out: &mut Pile<Inherit>) {
        let by_id: HashMap<&str, &Described> = described
            .iter()
            .filter(|d| self.subjects[d.at].kind == Kind::Role)
            .map(|d| (self.subjects[d.at].id.as_str(), d))
            .collect();
        for (from, to, requires_all, assumed) in self.world.builder.assumptions() {
            let Some(one) = by_id.get(to) else { continue };
            let role = &self.subjects[one.at];
            // Only principals of the account change its roles.
            let inside = from.is_none_or(|from| from == role.system || account_of(from) == Some(role.account.as_str()));
            if !inside || role.arn.contains(":role/aws-") {
                continue;
            }
            let system = &role.system;
            let mut filler = Filler::default();
            for (number, row) in rows().iter().enumerate() {
                let mut fill = |words: &[(Word, &str)]| filler.fill(number, system, words);
                let all: Vec<Vec<Requirement>> = match row.target {
                    Target::AssumableRoleAdmin => vec![fill(&[(Word::Target, &role.arn)])],
                    Target::AssumableRolePolicyAdmin => {
                        let each = one.policies.iter();
                        each.map(|policy| fill(&[(Word::Policy, policy)])).collect()
                    }
                    _ => continue,
                };
                for mut needs in all {
                    needs.extend(requires_all.iter().map(|(system, scope)| Requirement {
                        system: system.clone().into(),
                        scope: scope.clone().into(),
                    }));
                    out.push(self.written(Way {
                        row: (number, row),
                        from: from.map(Into::into),
                        to: self.admin(system),
                        needs,
                        assumed,
                        place: role.place.clone(),
                    }));
                }
            }
        }
    }

    /// Rows for whoever may change an identity provider.
    fn providers(&self, out: &mut Pile<Inherit>) {
        let whole = self.world.builder.log.input.whole();
        for (provider, to) in self.world.builder.controlled() {
            let arn = provider.strip_prefix("aws:").unwrap_or(provider);
            let account = account_of(arn).filter(|a| self.world.accounts.contains(*a));
            let Some(account) = account.filter(|_| arn.contains(":saml-provider/")) else {
                continue;
            };
            for (number, row) in of(Target::SamlRole) {
                out.push(self.written(Way {
                    row: (number, row),
                    from: None,
                    to: to.into(),
                    needs: Filler::default().fill(number, &arn::id(account).into(), &[(Word::Provider, arn)]),
                    assumed: false,
                    place: whole.clone(),
                }));
            }
        }
    }

    /// Rows about principals that are yet to be made: one that no policy names, and, assumed, some.
    fn accounts(&self, out: &mut Pile<Inherit>) {
        let whole = self.world.builder.log.input.whole();
        for account in &self.world.accounts {
            let partition = self.subjects.iter().find(|p| p.account == *account);
            let partition = partition
                .and_then(|p| p.arn.split(':').nth(1))
                .unwrap_or("aws")
                .to_owned();
            let new = |what: &str| format!("arn:{partition}:iam::{account}:{what}/~any");
            let system: Text = arn::id(account).into();
            for (number, row) in of(Target::AccountAdmin) {
                for (role, user, assumed) in [
                    (new("role"), new("user"), false),
                    ("*".to_owned(), "*".to_owned(), true),
                ] {
                    let words = [(Word::NewRole, role.as_str()), (Word::NewUser, &user)];
                    out.push(self.written(Way {
                        row: (number, row),
                        from: None,
                        to: self.admin(&system),
                        needs: Filler::default().fill(number, &system, &words),
                        assumed,
                        place: whole.clone(),
                    }));
                }
            }
        }
    }
}

/// The rows of a target, each with its position in the table.
fn of(target: Target) -> impl Iterator<Item = (usize, &'static Row)> {
    rows().iter().enumerate().filter(move |(_, row)| row.target == target)
}

/// Each of several once.
fn distinct(mut all: Vec<Vec<Requirement>>) -> Vec<Vec<Requirement>> {
    if all.len() > 1 {
        all.sort_unstable();
        all.dedup();
    }
    all
}

/// Whether some grant in the making satisfies a requirement.
fn may(drafts: &[Draft], need: &str) -> bool {
    drafts.iter().any(|draft| {
        let excepted = |what: &str| draft.except.iter().any(|e| scope::covers(e, what));
        !excepted(need)
            && draft
                .within
                .as_ref()
                .is_none_or(|w| w.iter().any(|w| scope::overlaps(w, need)))
            && draft
                .scopes
                .any_near(need, |s| scope::overlaps(s, need) && !excepted(s))
    })
}

/// Whether a policy is an account's own and can be written by somebody in it.
pub fn is_own(arn: &str) -> bool {
    account_of(arn).is_some_and(|account| account != "aws" && !account.is_empty())
}

/// The account in an ARN, or in the id that is made of one.
fn account_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("aws:").unwrap_or(arn).split(':').nth(4)
}
