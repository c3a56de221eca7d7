//! Objects made up for a case, and what came of them in few words.

use crate::loading::file;
pub use crate::loading::reach;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Loaded, Unheard, load_sources};

/// The cluster of every made-up list; [`lab`] names it.
pub const CLUSTER: &str = "k8s:lab";

/// The group of roles and bindings.
pub const RBAC: &str = "rbac.authorization.k8s.io";

/// An object with further members.
pub fn with(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

/// A service account.
pub fn account(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}})
}

/// The id of a service account.
pub fn sa(namespace: &str, name: &str) -> String {
    format!("{CLUSTER}:system:serviceaccount:{namespace}:{name}")
}

/// One rule: verbs, groups and resources, each parted by blanks; `core` stands for the group without a name.
pub fn rule(verbs: &str, groups: &str, resources: &str) -> Value {
    let words = |text: &str| -> Vec<String> {
        text.split_whitespace()
            .map(|w| if w == "core" { String::new() } else { w.to_owned() })
            .collect()
    };
    json!({"verbs": words(verbs), "apiGroups": words(groups), "resources": words(resources)})
}

/// A role; of the whole cluster where it has no namespace.
pub fn role(namespace: Option<&str>, name: &str, rules: Value) -> Value {
    let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
    let mut metadata = json!({"name": name});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    json!({"apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": metadata, "rules": rules})
}

/// A binding; for the whole cluster where it has no namespace. The role is `Role/name` or `ClusterRole/name`.
pub fn bind(namespace: Option<&str>, name: &str, role: &str, subjects: Value) -> Value {
    let (role_kind, role) = role.split_once('/').expect("a kind and a name");
    let kind = if namespace.is_some() {
        "RoleBinding"
    } else {
        "ClusterRoleBinding"
    };
    let mut metadata = json!({"name": name});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    json!({"apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": metadata,
           "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": role}, "subjects": subjects})
}

/// A service account as a subject.
pub fn to(namespace: &str, name: &str) -> Value {
    json!([{"kind": "ServiceAccount", "name": name, "namespace": namespace}])
}

/// A pod with one container; `spec` and `container` are further members.
pub fn pod(namespace: &str, name: &str, account: &str, spec: Value, container: Value) -> Value {
    let container = with(json!({"name": name, "image": "busybox"}), container);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
           "spec": with(json!({"serviceAccountName": account, "containers": [container]}), spec)})
}

/// The object that names the cluster.
pub fn named(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kubeadm-config", "namespace": "kube-system"},
           "data": {"ClusterConfiguration": format!("apiServer:\n  x: 1\nclusterName: {name}\n")}})
}

/// A list as kubectl prints it.
pub fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items, "metadata": {"resourceVersion": ""}}).to_string()
}

/// The objects as one list, with the one that names the cluster, loaded.
pub fn lab(items: &[Value]) -> Loaded {
    let mut all = vec![named("lab")];
    all.extend_from_slice(items);
    load_files(&[("list.json", list(&all))])
}

/// Files, loaded.
pub fn load_files<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Loaded {
    let sources: Vec<_> = files.iter().map(|(name, text)| file(name, text)).collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).unwrap_or_else(|e| panic!("{e}"))
}

/// What an identity is granted at the cluster, assumed scopes marked, sorted.
pub fn granted(loaded: &Loaded, holder: &str) -> Vec<String> {
    let mut all: Vec<String> = loaded
        .inventory
        .records
        .grants
        .iter()
        .filter(|g| g.holder == holder)
        .flat_map(|g| {
            let mark = if g.common.is_assumed() { "assumed " } else { "" };
            g.scopes.iter().map(move |s| format!("{mark}{s}"))
        })
        .collect();
    all.sort();
    all
}

/// Ids of everything reached under best case: what is certain. The cluster's name is left out.
pub fn certain(loaded: &Loaded, seed: &str) -> BTreeSet<String> {
    reached(loaded, seed, Regime::BestCase)
}

/// Ids of everything reached, without the cluster's name in front.
pub fn reached(loaded: &Loaded, seed: &str, regime: Regime) -> BTreeSet<String> {
    let radius = reach(loaded, seed, regime);
    let systems = radius.systems.iter().map(|s| s.reach.id.clone());
    let identities = radius.identities.iter().map(|i| i.id.clone());
    let credentials = radius.credentials.iter().map(|c| c.reach.id.clone());
    systems
        .chain(identities)
        .chain(credentials)
        .map(|id| {
            id.strip_prefix(CLUSTER)
                .map_or(id.clone(), |rest| rest.trim_start_matches([':', '/']).to_owned())
        })
        .collect()
}

/// Whether administration is reached for certain.
pub fn is_admin(loaded: &Loaded, seed: &str) -> bool {
    certain(loaded, seed).contains("administration")
}
