//! Roles and bindings to grants, as the API server evaluates them.

use super::maker::{Flags, Maker};
use super::object::{Object, Rule, Selector, Subject, What};
use super::rules::RULES;
use crate::model::{Diagnostic, List, Place, scope};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A rule that multiplies to more than this is not written out.
const WIDEST: usize = 20_000;

/// The roles of a cluster.
#[derive(Default)]
pub struct Roles<'o> {
    by_name: HashMap<(Option<&'o str>, &'o str), Vec<&'o Object>>,
    /// Cluster roles in order, for selectors of labels.
    of_cluster: Vec<&'o Object>,
    any: bool,
}

impl<'o> Roles<'o> {
    /// The roles among the objects.
    pub fn of(objects: &[&'o Object]) -> Self {
        let mut roles = Self::default();
        for object in objects {
            if let What::Role { .. } = &object.what {
                let key = (object.namespace.as_deref(), object.name.as_str());
                roles.by_name.entry(key).or_default().push(object);
                roles.any = true;
                if object.namespace.is_none() {
                    roles.of_cluster.push(object);
                }
            }
        }
        roles
    }

    /// What a role allows where it is bound (`*` for the whole cluster), and whether that is only assumed, for its rules
    /// multiply to more than can be written out; `None` where no file holds the role.
    pub fn scopes(&self, namespace: Option<&str>, name: &str, bound_in: &str) -> Option<(List, bool)> {
        let Some(own) = self.by_name.get(&(namespace, name)) else {
            let built_in = namespace.is_none().then(|| RULES.built_in(name, bound_in)).flatten();
            return built_in.map(|scopes| (scopes.into(), false));
        };
        let mut wide = false;
        let mut scopes = BTreeSet::new();
        let mut seen: HashSet<*const Object> = HashSet::new();
        let mut todo: Vec<&Object> = own.clone();
        while let Some(object) = todo.pop() {
            if !seen.insert(std::ptr::from_ref(object)) {
                continue;
            }
            let What::Role { rules, aggregates, .. } = &object.what else {
                continue;
            };
            for rule in rules {
                wide |= !write_out(rule, bound_in, &mut scopes);
            }
            for needs in aggregates {
                todo.extend(self.of_cluster.iter().filter(|o| selected(needs, o)));
            }
        }
        Some((scopes.into_iter().collect(), wide))
    }
}

/// Whether a role's labels are what a selector asks for. An empty one selects all.
fn selected(needs: &[Selector], object: &Object) -> bool {
    let What::Role { labels, .. } = &object.what else {
        return false;
    };
    needs.iter().all(|need| {
        let value = labels.get(&need.key);
        match need.operator.as_str() {
            "In" => value.is_some_and(|v| need.values.contains(v)),
            "NotIn" => value.is_none_or(|v| !need.values.contains(v)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    })
}

/// A list in which `*` alone is special; other stars are no wildcards and name nothing.
fn side(items: &[String]) -> Vec<&str> {
    if items.iter().any(|i| i == "*") {
        return vec!["*"];
    }
    items
        .iter()
        .map(String::as_str)
        .filter(|i| !i.contains(['*', '@']))
        .collect()
}

/// Writes a rule out; false where it is too wide for that, and everything stands for it.
fn write_out(rule: &Rule, bound_in: &str, scopes: &mut BTreeSet<String>) -> bool {
    let verbs = side(&rule.verbs);
    // Paths of no resource are the whole cluster's.
    if bound_in == "*" {
        for url in rule.urls.iter().filter(|u| !u.trim_end_matches('*').contains('*')) {
            for verb in &verbs {
                scopes.insert(format!("{verb}@url:{url}"));
            }
        }
    }
    let groups = side(&rule.groups);
    let resources: Vec<&str> = if rule.resources.iter().any(|r| r == "*") {
        vec!["*"]
    } else {
        // `*/exec` and `pods/*` are ways to name subresources.
        let fine = |r: &&str| {
            let bare = r.strip_prefix("*/").or(r.strip_suffix("/*")).unwrap_or(r);
            !bare.is_empty() && !bare.contains('*')
        };
        rule.resources.iter().map(String::as_str).filter(fine).collect()
    };
    let names: Vec<&str> = if rule.names.is_empty() {
        vec!["*"]
    } else {
        // Names are exact: a star among them is a name nothing has.
        rule.names
            .iter()
            .map(String::as_str)
            .filter(|n| !n.contains('*'))
            .collect()
    };
    if verbs
        .len()
        .saturating_mul(groups.len())
        .saturating_mul(resources.len())
        .saturating_mul(names.len())
        > WIDEST
    {
        scopes.insert(format!("*@{bound_in}/*/*:*"));
        return false;
    }
    for verb in &verbs {
        for group in &groups {
            let group = if group.is_empty() { "core" } else { group };
            for resource in &resources {
                for name in &names {
                    scopes.insert(format!("{verb}@{bound_in}/{group}/{resource}:{name}"));
                }
            }
        }
    }
    true
}

/// What anybody is allowed, to leave out ways that nobody can go.
#[derive(Default)]
pub struct Allowed {
    everything: bool,
    exact: HashSet<(String, String, String)>,
    wild: HashMap<(String, String), BTreeSet<String>>,
    answers: HashMap<String, bool>,
}

impl Allowed {
    /// Adds what a grant allows.
    pub fn add(&mut self, scopes: &[impl AsRef<str>]) {
        self.answers.clear();
        for scope in scopes {
            let Some((verb, on)) = scope.as_ref().split_once('@') else {
                continue;
            };
            if verb == "*" && (on == "*" || on == "*/*/*:*") {
                self.everything = true;
            }
            let (namespace, rest) = on.split_once('/').unwrap_or((on, ""));
            let key = (verb.to_owned(), namespace.to_owned());
            if rest.contains('*') {
                self.wild.entry(key).or_default().insert(rest.to_owned());
            } else {
                self.exact.insert((key.0, key.1, rest.to_owned()));
            }
        }
    }

    /// Whether somebody is allowed everything.
    pub fn has_everything(&self) -> bool {
        self.everything
    }

    /// Whether anybody satisfies a requirement.
    pub fn any(&mut self, requirement: &str) -> bool {
        if self.everything {
            return true;
        }
        if let Some(answer) = self.answers.get(requirement) {
            return *answer;
        }
        let answer = self.look(requirement);
        self.answers.insert(requirement.to_owned(), answer);
        answer
    }

    fn look(&self, requirement: &str) -> bool {
        let Some((verb, on)) = requirement.split_once('@') else {
            return true;
        };
        let Some((namespace, rest)) = on.split_once('/') else {
            return true;
        };
        for v in [verb, "*"] {
            for n in [namespace, "*"] {
                let key = (v.to_owned(), n.to_owned());
                if self
                    .wild
                    .get(&key)
                    .is_some_and(|w| w.iter().any(|p| scope::overlaps(p, rest)))
                {
                    return true;
                }
                if rest.contains('*') {
                    if self
                        .exact
                        .iter()
                        .any(|(a, b, p)| a == v && b == n && scope::overlaps(p, rest))
                    {
                        return true;
                    }
                } else if self.exact.contains(&(key.0, key.1, rest.to_owned())) {
                    return true;
                }
            }
        }
        false
    }
}

/// What bindings give.
#[derive(Default)]
pub struct Bound {
    /// What anybody is allowed.
    pub allowed: Allowed,
    /// What each identity is allowed by its own bindings.
    pub scopes: HashMap<String, Vec<List>>,
    /// The groups that are bound or mapped, with a place.
    pub groups: BTreeMap<String, Place>,
    /// The users, likewise.
    pub users: BTreeMap<String, Place>,
}

/// What a role gives where it is bound.
struct Given {
    /// As [`Roles::scopes`].
    scopes: Option<(List, bool)>,
    /// Somebody has it.
    is_held: bool,
}

impl Given {
    fn of(roles: &Roles, namespace: Option<&str>, role: &str, bound_in: &str) -> Self {
        Self {
            scopes: roles.scopes(namespace, role, bound_in),
            is_held: false,
        }
    }
}

/// Makes grants of the bindings.
pub fn bind(maker: &mut Maker, objects: &[&Object], roles: &Roles) -> Bound {
    let mut bound = Bound::default();
    // A role may be bound a thousand times, to thousands each time: what it gives is one list for all of them.
    let mut given: HashMap<(Option<&str>, &str, &str), Given> = HashMap::new();
    for object in objects {
        let What::Binding {
            role_kind,
            role,
            subjects,
        } = &object.what
        else {
            continue;
        };
        let namespace = object.namespace.as_deref();
        let (id, kind) = match namespace {
            Some(namespace) => (
                format!("{}/{namespace}/rolebinding/{}", maker.id, object.name),
                "RoleBinding",
            ),
            None => (
                format!("{}/clusterrolebinding/{}", maker.id, object.name),
                "ClusterRoleBinding",
            ),
        };
        let bound_in = namespace.unwrap_or("*");
        let of_cluster = role_kind == "ClusterRole";
        if namespace.is_none() && !of_cluster {
            maker.of(&object.place).diagnostics.push(Diagnostic::warning(
                "no-effect",
                object.place.clone(),
                format!(
                    "A ClusterRoleBinding to a Role gives nothing; {} was left out",
                    crate::import::secrets::shown(&object.name)
                ),
            ));
            for subject in subjects {
                subject_id(maker, object, subject, &mut bound);
            }
            continue;
        }
        let role_namespace = if of_cluster { None } else { namespace };
        let of_role = given
            .entry((role_namespace, role, bound_in))
            .or_insert_with(|| Given::of(roles, role_namespace, role, bound_in));
        let (scopes, flags, role_said) = match &of_role.scopes {
            Some((scopes, assumed)) => (
                scopes.clone(),
                Flags {
                    assumed: *assumed,
                    unintended: false,
                },
                "",
            ),
            None => {
                let shown = crate::import::secrets::shown(role);
                let what = Diagnostic::warning(
                    "unknown-role",
                    object.place.clone(),
                    format!(
                        "No file holds the {role_kind} {shown}; what it gives is assumed to be everything where it is bound"
                    ),
                );
                maker.of(&object.place).diagnostics.push(what);
                (
                    vec![format!("*@{bound_in}/*/*:*")].into(),
                    Flags {
                        assumed: true,
                        unintended: false,
                    },
                    ", which no file holds",
                )
            }
        };
        let evidence = format!("{kind} {} of {role_kind} {role}{role_said}", object.name);
        for (i, subject) in subjects.iter().enumerate() {
            let Some(holder) = subject_id(maker, object, subject, &mut bound) else {
                continue;
            };
            if scopes.is_empty() {
                continue;
            }
            let id = if subjects.len() > 1 {
                format!("{id}#{}", i + 1)
            } else {
                id.clone()
            };
            maker.grant(Some(id), &holder, scopes.clone(), flags, &evidence, &object.place);
            bound.scopes.entry(holder).or_default().push(scopes.clone());
        }
        if !subjects.is_empty() && !of_role.is_held {
            of_role.is_held = true;
            bound.allowed.add(&scopes);
        }
    }
    bound
}

fn subject_id(maker: &mut Maker, object: &Object, subject: &Subject, bound: &mut Bound) -> Option<String> {
    match subject.kind.as_str() {
        "ServiceAccount" => {
            // The API server asks for a namespace; a manifest without one means its own.
            let namespace = subject
                .namespace
                .as_deref()
                .filter(|n| !n.is_empty())
                .or(object.namespace.as_deref())?;
            Some(maker.account(namespace, &subject.name, &object.place))
        }
        "User" => {
            if !subject.name.starts_with("system:serviceaccount:") {
                bound
                    .users
                    .entry(subject.name.clone())
                    .or_insert_with(|| object.place.clone());
            }
            Some(maker.user(&subject.name, &object.place))
        }
        "Group" => {
            bound
                .groups
                .entry(subject.name.clone())
                .or_insert_with(|| object.place.clone());
            Some(maker.group(&subject.name, &object.place))
        }
        _ => {
            maker.of(&object.place).diagnostics.push(Diagnostic::warning(
                "not-understood",
                object.place.clone(),
                "A subject is neither a user, nor a group, nor a service account; it was left out".to_owned(),
            ));
            None
        }
    }
}
