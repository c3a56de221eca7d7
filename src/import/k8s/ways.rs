//! The ways from permissions to accounts, secrets, pods, nodes and administration, by the rows of the catalogue. A way
//! that nobody can go is left out; one that somebody can go has one relation, whoever they are.

use super::maker::{Flags, Maker};
use super::object::{Object, What};
use super::rbac::{Bound, Roles};
use super::rules::{Permission, RULES, fill};
use super::things;
use crate::model::{ExposureFrom, ExposureHow, IdentityKind, InheritHow, Place, Yields};
use std::collections::{BTreeMap, BTreeSet};

/// The group and the plural of what makes pods.
fn resource(kind: &str) -> &'static str {
    match kind {
        "deployment" => "apps/deployments",
        "daemonset" => "apps/daemonsets",
        "statefulset" => "apps/statefulsets",
        "replicaset" => "apps/replicasets",
        "replicationcontroller" => "core/replicationcontrollers",
        "job" => "batch/jobs",
        "cronjob" => "batch/cronjobs",
        _ => "core/pods",
    }
}

/// What a way leads to.
struct Target<'t> {
    namespace: &'t str,
    name: &'t str,
    resource: &'t str,
}

const CLUSTER: Target = Target {
    namespace: "_cluster",
    name: "",
    resource: "",
};

/// Adds an inherit for each row of a kind that somebody satisfies; says whether there was one.
fn become_by(maker: &mut Maker, bound: &mut Bound, kind: &str, target: &Target, to: &str, place: &Place) -> bool {
    let mut found = false;
    for row in RULES.leading_to(kind) {
        let needed: Vec<String> = row
            .all
            .iter()
            .map(|s| fill(s, target.namespace, target.name, target.resource))
            .collect();
        if !needed.iter().all(|n| bound.allowed.any(n)) {
            continue;
        }
        found = true;
        maker.becoming(to, needed, how(row), flags(row), &row.evidence(), place);
    }
    found
}

fn how(row: &Permission) -> InheritHow {
    row.how
        .as_deref()
        .and_then(InheritHow::parse)
        .unwrap_or(InheritHow::Escalation)
}

fn flags(row: &Permission) -> Flags {
    Flags {
        assumed: row.assumed,
        unintended: !row.intended,
    }
}

/// Whether somebody satisfies a row of a kind.
fn open(bound: &mut Bound, kind: &str, target: &Target) -> bool {
    RULES.leading_to(kind).any(|row| {
        let fill = |s: &String| fill(s, target.namespace, target.name, target.resource);
        row.all.iter().all(|s| bound.allowed.any(&fill(s)))
    })
}

/// The permissions of the rows of a kind that somebody has, and the rows' names.
fn any_of(bound: &mut Bound, kind: &str, target: &Target) -> (Vec<String>, String) {
    let mut needed = BTreeSet::new();
    let mut said = BTreeSet::new();
    for row in RULES.leading_to(kind) {
        let own: Vec<String> = row
            .any
            .iter()
            .map(|s| fill(s, target.namespace, target.name, target.resource))
            .collect();
        if own.iter().any(|n| bound.allowed.any(n)) {
            said.insert(row.evidence());
            needed.extend(own);
        }
    }
    (
        needed.into_iter().collect(),
        said.into_iter().collect::<Vec<_>>().join("; "),
    )
}

/// Ways to the administration of the cluster.
pub fn to_administration(maker: &mut Maker, bound: &mut Bound, aws_auth: Option<&Place>, place: &Place) {
    let admin = things::admin(maker);
    become_by(maker, bound, "admin", &CLUSTER, &admin, place);
    if let Some(place) = aws_auth {
        become_by(maker, bound, "aws-auth", &CLUSTER, &admin, place);
    }
    if let Some(place) = bound.groups.get("system:masters").cloned() {
        let group = maker.group("system:masters", &place);
        let said = "the API server asks no role of this group";
        maker.grant(None, &group, vec!["*@*".to_owned()], Flags::PLAIN, said, &place);
    }
}

/// Ways to the nodes: the pool, and each node by itself.
pub fn to_nodes(maker: &mut Maker, bound: &mut Bound, nodes: &BTreeMap<String, Place>, place: &Place) {
    let cluster = maker.id.clone();
    let pool = things::nodes_id(maker);
    maker.pool(&pool, &format!("nodes of {}", maker.name), "node pool", place);
    for row in RULES.leading_to("nodes") {
        let needed: Vec<String> = row.any.iter().map(|s| fill(s, "_cluster", "", "")).collect();
        if needed.iter().any(|n| bound.allowed.any(n)) {
            maker.trust(&cluster, &pool, needed, false, flags(row), &row.evidence(), place);
        }
    }
    for (name, place) in nodes {
        let target = Target {
            namespace: "_cluster",
            name,
            resource: "",
        };
        let (needed, said) = any_of(bound, "node", &target);
        if !needed.is_empty() {
            let node = things::node_id(maker, name);
            maker.trust(&cluster, &node, needed, false, Flags::ABUSE, &said, place);
        }
    }
}

/// Ways to users and groups: who may impersonate them, and who is in the groups every caller is in.
pub fn to_users(maker: &mut Maker, bound: &mut Bound, place: &Place) {
    for (name, place) in bound.users.clone() {
        let id = maker.user(&name, &place);
        let target = Target {
            namespace: "_cluster",
            name: &name,
            resource: "",
        };
        become_by(maker, bound, "user", &target, &id, &place);
        if bound.groups.contains_key("system:authenticated") && !name.starts_with("system:anonymous") {
            let all = maker.group("system:authenticated", &place);
            maker.member(&id, &all, "every user who is known is in it", &place);
        }
    }
    for (name, place) in bound.groups.clone() {
        let id = maker.group(&name, &place);
        // Every account is in these; whoever is no account would impersonate one.
        if !name.starts_with("system:serviceaccounts")
            && name != "system:authenticated"
            && name != "system:unauthenticated"
        {
            let target = Target {
                namespace: "_cluster",
                name: &name,
                resource: "",
            };
            become_by(maker, bound, "group", &target, &id, &place);
        }
    }
    if bound.groups.contains_key("system:unauthenticated") || bound.users.contains_key("system:anonymous") {
        if maker.first("anyone") {
            maker.of(place).records.identities.push(crate::model::Identity {
                id: "anyone".into(),
                third_party: Some(true),
                places: place.clone().into(),
                ..Default::default()
            });
        }
        let group = maker.group("system:unauthenticated", place);
        maker.member("anyone", &group, "a caller without a credential is in it", place);
        if bound.users.contains_key("system:anonymous") {
            let user = maker.user("system:anonymous", place);
            maker.link(
                "anyone",
                &user,
                None,
                InheritHow::Impersonation,
                Flags::PLAIN,
                "a caller without a credential is this user",
                place,
            );
        }
    }
}

/// What is known of a namespace.
#[derive(Default)]
pub struct Namespace<'o> {
    /// Where it is first spoken of.
    pub place: Option<Place>,
    /// Its service accounts.
    pub accounts: BTreeMap<String, Place>,
    /// Its secrets, those too that only something names.
    pub secrets: BTreeMap<String, Place>,
    /// Whether a file holds secrets of it: then the tokens among them are known.
    pub secrets_listed: bool,
    /// What makes pods in it, as permission to change each.
    pub templates: Vec<(&'o Object, &'static str)>,
    /// Its roles.
    pub roles: Vec<&'o Object>,
    /// Its own object, where a file holds it: whether it lets privileged pods in.
    pub lets_privileged_in: Option<bool>,
}

/// Ways to everything in a namespace.
pub fn to_namespace(maker: &mut Maker, bound: &mut Bound, roles: &Roles, name: &str, namespace: &Namespace) {
    let Some(place) = &namespace.place else { return };
    let target = Target {
        namespace: name,
        name: "",
        resource: "",
    };
    in_group(maker, bound, name, namespace, place);
    workloads(maker, bound, name, namespace, place);
    // Tokens that lie in secrets: those an attacker may have filled, and those that may be there already.
    let tokens = format!("{}/ns/{name}:tokens", maker.id);
    let possible = !namespace.secrets_listed && open(bound, "possible-tokens", &target);
    if open(bound, "tokens", &target) || possible {
        let title = format!("token secrets of {name}");
        maker.identity(&tokens, &title, IdentityKind::Other, place, |i| {
            i.attributes.insert("derived".to_owned(), true.into());
        });
        become_by(maker, bound, "tokens", &target, &tokens, place);
        if possible {
            become_by(maker, bound, "possible-tokens", &target, &tokens, place);
        }
        for (account, place) in &namespace.accounts {
            let id = maker.account_id(name, account);
            let said = "a secret may hold the token of any account of its namespace";
            let from = ExposureFrom::Identity(tokens.clone().into());
            maker.exposure(
                from,
                Vec::new(),
                Yields::Identity(id.into()),
                ExposureHow::Derived,
                Flags::ABUSE,
                said,
                place,
            );
        }
    }
    let admin = format!("{}/ns/{name}:admin", maker.id);
    if open(bound, "namespace-admin", &target) {
        maker.identity(
            &admin,
            &format!("administrator of {name}"),
            IdentityKind::Role,
            place,
            |i| {
                i.attributes.insert("derived".to_owned(), true.into());
            },
        );
        become_by(maker, bound, "namespace-admin", &target, &admin, place);
        let said = "whoever may bind any role in a namespace may do everything in it";
        maker.grant(None, &admin, vec![format!("*@{name}/*/*:*")], Flags::PLAIN, said, place);
    }
    for (account, place) in &namespace.accounts {
        let id = maker.account_id(name, account);
        let target = Target {
            namespace: name,
            name: account,
            resource: "",
        };
        become_by(maker, bound, "service-account", &target, &id, place);
    }
    for (secret, place) in &namespace.secrets {
        let target = Target {
            namespace: name,
            name: secret,
            resource: "",
        };
        let (needed, said) = any_of(bound, "secret", &target);
        if !needed.is_empty() {
            let id = things::secret_id(maker, name, secret);
            let from = ExposureFrom::System(maker.id.clone().into());
            maker.exposure(
                from,
                needed,
                Yields::Credential(id.into()),
                ExposureHow::Stored,
                Flags::PLAIN,
                &said,
                place,
            );
        }
    }
    for role in &namespace.roles {
        to_role(maker, bound, roles, "role", Some(name), role);
    }
}

/// The way to what a role allows, for who may bind it.
pub fn to_role(
    maker: &mut Maker,
    bound: &mut Bound,
    roles: &Roles,
    kind: &str,
    namespace: Option<&str>,
    role: &Object,
) {
    let target = Target {
        namespace: namespace.unwrap_or("_cluster"),
        name: &role.name,
        resource: "",
    };
    if !open(bound, kind, &target) {
        return;
    }
    let id = match namespace {
        Some(namespace) => format!("{}/{namespace}/role/{}", maker.id, role.name),
        None => format!("{}/clusterrole/{}", maker.id, role.name),
    };
    let Some((scopes, assumed)) = roles.scopes(namespace, &role.name, namespace.unwrap_or("*")) else {
        return;
    };
    let title = format!("bound to {}", role.name);
    maker.identity(&id, &title, IdentityKind::Role, &role.place, |_| {});
    become_by(maker, bound, kind, &target, &id, &role.place);
    if !scopes.is_empty() {
        let said = format!("what {} allows", role.name);
        maker.grant(
            None,
            &id,
            scopes,
            Flags {
                assumed,
                unintended: false,
            },
            &said,
            &role.place,
        );
    }
}

/// Every account is in the group of its namespace, and that in the group of all; said where somebody gave them anything.
fn in_group(maker: &mut Maker, bound: &mut Bound, name: &str, namespace: &Namespace, place: &Place) {
    let own = format!("system:serviceaccounts:{name}");
    let above: Vec<&str> = ["system:serviceaccounts", "system:authenticated"]
        .into_iter()
        .filter(|g| bound.groups.contains_key(*g))
        .collect();
    if namespace.accounts.is_empty() || above.is_empty() && !bound.groups.contains_key(&own) {
        return;
    }
    let group = maker.group(&own, place);
    for (account, place) in &namespace.accounts {
        let id = maker.account_id(name, account);
        maker.member(&id, &group, "every account of a namespace is in its group", place);
    }
    for above in above {
        let above = maker.group(above, place);
        maker.member(&group, &above, "every account is in it", place);
    }
}

/// Who may make pods of any kind runs as any account of the namespace, reads any of its secrets, and is on a node.
fn workloads(maker: &mut Maker, bound: &mut Bound, name: &str, namespace: &Namespace, place: &Place) {
    let target = Target {
        namespace: name,
        name: "",
        resource: "",
    };
    let (mut needed, mut said) = any_of(bound, "workloads", &target);
    for (template, kind) in &namespace.templates {
        let target = Target {
            namespace: name,
            name: &template.name,
            resource: resource(kind),
        };
        let (own, row) = any_of(bound, "template", &target);
        needed.extend(own);
        if said.is_empty() {
            said = row;
        }
    }
    if needed.is_empty() {
        return;
    }
    needed.sort();
    needed.dedup();
    let pool = format!("{}/ns/{name}/workloads", maker.id);
    let cluster = maker.id.clone();
    maker.pool(&pool, &format!("any workload of {name}"), "workload pool", place);
    maker.trust(&cluster, &pool, needed, false, Flags::ABUSE, &said, place);
    for (account, place) in &namespace.accounts {
        let id = maker.account_id(name, account);
        let from = ExposureFrom::System(pool.clone().into());
        let said = "a pod may run as any account of its namespace";
        maker.exposure(
            from,
            Vec::new(),
            Yields::Identity(id.into()),
            ExposureHow::Derived,
            Flags::ABUSE,
            said,
            place,
        );
    }
    for (secret, place) in &namespace.secrets {
        let id = things::secret_id(maker, name, secret);
        let from = ExposureFrom::System(pool.clone().into());
        let said = "a pod may mount any secret of its namespace";
        maker.exposure(
            from,
            Vec::new(),
            Yields::Credential(id.into()),
            ExposureHow::Mounted,
            Flags::ABUSE,
            said,
            place,
        );
    }
    if namespace.lets_privileged_in != Some(false) {
        let nodes = things::nodes_id(maker);
        let assumed = namespace.lets_privileged_in.is_none();
        let said = if assumed {
            "a privileged pod is on its node; whether the namespace lets one in, no file says"
        } else {
            "a privileged pod is on its node, and the namespace lets one in"
        };
        maker.trust(
            &pool,
            &nodes,
            Vec::new(),
            false,
            Flags {
                assumed,
                unintended: true,
            },
            said,
            place,
        );
    }
}

/// The way from the cluster into a pod.
pub fn to_workload(maker: &mut Maker, bound: &mut Bound, object: &Object, kind: &str, id: &str) {
    let namespace = object.namespace.as_deref().unwrap_or("default");
    let target = Target {
        namespace,
        name: &object.name,
        resource: resource(kind),
    };
    let (needed, said) = any_of(bound, if kind == "pod" { "pod" } else { "template" }, &target);
    if !needed.is_empty() {
        let cluster = maker.id.clone();
        maker.trust(&cluster, id, needed, true, Flags::PLAIN, &said, &object.place);
    }
}

/// Adds what those are allowed who bind a role to themselves, and then may bind more: a way nobody can go at once may be
/// open at the second step.
pub fn by_binding<'o>(
    bound: &mut Bound,
    roles: &Roles,
    all: &[&'o Object],
    namespaces: &BTreeMap<&'o str, Namespace<'o>>,
) {
    if bound.groups.contains_key("system:masters") {
        bound.allowed.add(&["*@*".to_owned()]);
    }
    let mut closed: Vec<&Object> = all
        .iter()
        .copied()
        .filter(|o| matches!(o.what, What::Role { .. }))
        .collect();
    let mut shut: Vec<&str> = namespaces.keys().copied().collect();
    // Each round opens something or is the last; three steps are more than any cluster was seen to need.
    for _ in 0..3 {
        let before = closed.len() + shut.len();
        if open(bound, "admin", &CLUSTER) {
            bound.allowed.add(&["*@*".to_owned()]);
        }
        if bound.allowed.has_everything() {
            return;
        }
        closed.retain(|role| {
            let namespace = role.namespace.as_deref();
            let kind = if namespace.is_some() { "role" } else { "cluster-role" };
            let target = Target {
                namespace: namespace.unwrap_or("_cluster"),
                name: &role.name,
                resource: "",
            };
            if !open(bound, kind, &target) {
                return true;
            }
            if let Some((scopes, _)) = roles.scopes(namespace, &role.name, namespace.unwrap_or("*")) {
                bound.allowed.add(&scopes);
            }
            false
        });
        shut.retain(|name| {
            let is_open = open(
                bound,
                "namespace-admin",
                &Target {
                    namespace: name,
                    name: "",
                    resource: "",
                },
            );
            if is_open {
                bound.allowed.add(&[format!("*@{name}/*/*:*")]);
            }
            !is_open
        });
        if closed.len() + shut.len() == before {
            return;
        }
    }
}
