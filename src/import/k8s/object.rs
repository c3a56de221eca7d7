//! Objects of a cluster in types of our own: only what says who may do what, and where credentials lie.

use super::look::Look;
use crate::import::secrets;
use crate::model::{Diagnostic, Place};
use serde_json::Value;
use std::collections::BTreeMap;

/// An object and where it was read.
#[derive(Clone, Debug)]
pub struct Object {
    /// Where.
    pub place: Place,
    /// Its namespace, where it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: What,
}

/// What an object is.
#[derive(Clone, Debug)]
pub enum What {
    /// A service account.
    ServiceAccount {
        automount: Option<bool>,
        annotations: BTreeMap<String, String>,
    },
    /// A secret, of which only the names of its entries are known.
    Secret {
        kind: String,
        keys: Vec<String>,
        account: Option<String>,
        created: Option<String>,
    },
    /// Who of AWS is whom in the cluster.
    AwsAuth(Vec<Mapped>),
    /// Something that states the cluster's name.
    ClusterName(String),
    /// A pod, or what makes pods (then its kind in lower case).
    Workload(Box<Workload>),
    /// A role; of the whole cluster where it has no namespace.
    Role {
        rules: Vec<Rule>,
        aggregates: Vec<Vec<Selector>>,
        labels: BTreeMap<String, String>,
    },
    /// A binding; for the whole cluster where it has no namespace.
    Binding {
        role_kind: String,
        role: String,
        subjects: Vec<Subject>,
    },
    /// A node.
    Node { labels: BTreeMap<String, String> },
    /// A namespace.
    Namespace { labels: BTreeMap<String, String> },
}

/// A principal of AWS in `aws-auth`.
#[derive(Clone, Debug)]
pub struct Mapped {
    pub arn: String,
    pub user: Option<String>,
    pub groups: Vec<String>,
}

/// One rule of a role.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub verbs: Vec<String>,
    pub groups: Vec<String>,
    pub resources: Vec<String>,
    pub names: Vec<String>,
    pub urls: Vec<String>,
}

/// One requirement on a label.
#[derive(Clone, Debug)]
pub struct Selector {
    pub key: String,
    pub operator: String,
    pub values: Vec<String>,
}

/// Who a binding binds.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: String,
    pub name: String,
    pub namespace: Option<String>,
}

/// What runs containers.
#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// `pod`, `deployment` and so on.
    pub kind: &'static str,
    pub account: String,
    pub automount: Option<bool>,
    pub node: Option<String>,
    pub host_pid: bool,
    pub host_network: bool,
    pub host_ipc: bool,
    pub privileged: bool,
    /// Capabilities added to some container, without `CAP_`.
    pub capabilities: Vec<String>,
    /// Paths of the host that some container mounts, and whether it may write there.
    pub host_paths: Vec<(String, bool)>,
    /// Secrets by name, and where they are seen: a mount or a variable.
    pub secrets: Vec<(String, String)>,
    /// Projected tokens.
    pub tokens: Vec<Token>,
    /// Whether something else owns it, so that it is not by itself.
    pub owned: bool,
    /// What the API server says of itself on its command line.
    pub server: BTreeMap<String, String>,
}

/// A service account's token that is projected into a pod.
#[derive(Clone, Debug)]
pub struct Token {
    pub audience: Option<String>,
    pub expires_secs: Option<u64>,
    pub path: String,
}

/// What became of a value.
pub enum Parsed {
    /// An object that says something, and what was odd about it.
    Used(Box<Object>, Vec<Diagnostic>),
    /// An object of a kind that is not used.
    Other(String),
    /// Nothing.
    Odd(Diagnostic),
}

/// Kinds whose template makes pods, with the way to the pod's spec.
const TEMPLATES: &[(&str, &str, &str)] = &[
    ("Pod", "pod", "/spec"),
    ("Deployment", "deployment", "/spec/template/spec"),
    ("DaemonSet", "daemonset", "/spec/template/spec"),
    ("StatefulSet", "statefulset", "/spec/template/spec"),
    ("ReplicaSet", "replicaset", "/spec/template/spec"),
    ("ReplicationController", "replicationcontroller", "/spec/template/spec"),
    ("Job", "job", "/spec/template/spec"),
    ("CronJob", "cronjob", "/spec/jobTemplate/spec/template/spec"),
];

/// Reads one object. `hint` is the kind its list is of; `file` helps where neither says it.
pub fn parse(value: &Value, place: Place, hint: Option<&str>, file: &str) -> Parsed {
    let stated = value.get("kind").and_then(Value::as_str).or(hint);
    let Some(kind) = stated.or_else(|| by_shape(value, file)) else {
        return Parsed::Odd(Diagnostic::error(
            "bad-object",
            place,
            "an object says no kind; it was left out".to_owned(),
        ));
    };
    let template = TEMPLATES.iter().find(|t| t.0 == kind);
    let used = template.is_some()
        || matches!(
            kind,
            "ServiceAccount"
                | "Secret"
                | "ConfigMap"
                | "Role"
                | "ClusterRole"
                | "RoleBinding"
                | "ClusterRoleBinding"
                | "Node"
                | "Namespace"
        );
    if !used {
        let shown = secrets::harmless_word(kind).unwrap_or("a kind with an odd name");
        return Parsed::Other(shown.to_owned());
    }
    let mut look = Look::new(&place);
    let meta = value.get("metadata").unwrap_or(&Value::Null);
    let Some(name) = look.text(meta, "name", "/metadata").filter(|n| !n.is_empty()) else {
        // A pod of a template is named when it is made.
        return Parsed::Odd(Diagnostic::error(
            "bad-object",
            place,
            format!("a {kind} has no name; it was left out"),
        ));
    };
    let cluster_wide = matches!(kind, "ClusterRole" | "ClusterRoleBinding" | "Node" | "Namespace");
    let namespace = match look.text(meta, "namespace", "/metadata") {
        _ if cluster_wide => None,
        Some(namespace) if !namespace.is_empty() => Some(namespace.to_owned()),
        // As kubectl puts a manifest that names none.
        _ => Some("default".to_owned()),
    };
    let what = match kind {
        "ServiceAccount" => What::ServiceAccount {
            automount: look.flag(value, "automountServiceAccountToken", ""),
            annotations: look.labels(meta, "annotations", "/metadata"),
        },
        "Secret" => secret(&mut look, value, meta),
        "ConfigMap" => match config_map(&mut look, value, namespace.as_deref(), name) {
            Some(what) => what,
            None => return Parsed::Other("ConfigMap".to_owned()),
        },
        "Role" | "ClusterRole" => What::Role {
            rules: rules(&mut look, value),
            aggregates: aggregates(&mut look, value),
            labels: look.labels(meta, "labels", "/metadata"),
        },
        "RoleBinding" | "ClusterRoleBinding" => match binding(&mut look, value) {
            Some(what) => what,
            None => {
                return Parsed::Odd(Diagnostic::error(
                    "bad-object",
                    place,
                    format!("the {kind} {} names no role; it was left out", secrets::shown(name)),
                ));
            }
        },
        "Node" => What::Node {
            labels: look.labels(meta, "labels", "/metadata"),
        },
        "Namespace" => What::Namespace {
            labels: look.labels(meta, "labels", "/metadata"),
        },
        _ => match template {
            Some((_, kind, way)) => What::Workload(Box::new(workload(&mut look, value, kind, way))),
            None => return Parsed::Other("an object".to_owned()),
        },
    };
    let said = look.said;
    Parsed::Used(
        Box::new(Object {
            namespace,
            name: name.to_owned(),
            what,
            place,
        }),
        said,
    )
}

/// The kind of an object whose list does not say it: by what it has, then by what the file is called.
fn by_shape(value: &Value, file: &str) -> Option<&'static str> {
    let namespaced = value
        .pointer("/metadata/namespace")
        .is_some_and(|n| n.as_str().is_some_and(|n| !n.is_empty()));
    if value.get("roleRef").is_some() {
        return Some(if namespaced {
            "RoleBinding"
        } else {
            "ClusterRoleBinding"
        });
    }
    if value.get("rules").is_some() || value.get("aggregationRule").is_some() {
        return Some(if namespaced { "Role" } else { "ClusterRole" });
    }
    if value.pointer("/spec/containers").is_some() {
        return Some("Pod");
    }
    let stem = file
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(file)
        .split('.')
        .next()
        .unwrap_or_default();
    match stem.to_ascii_lowercase().as_str() {
        "serviceaccounts" => Some("ServiceAccount"),
        "secrets" => Some("Secret"),
        "nodes" => Some("Node"),
        "namespaces" => Some("Namespace"),
        "configmaps" => Some("ConfigMap"),
        "pods" => Some("Pod"),
        "roles" => Some("Role"),
        "clusterroles" => Some("ClusterRole"),
        "rolebindings" => Some("RoleBinding"),
        "clusterrolebindings" => Some("ClusterRoleBinding"),
        _ => None,
    }
}

fn secret(look: &mut Look, value: &Value, meta: &Value) -> What {
    let mut keys: Vec<String> = ["data", "stringData"]
        .iter()
        .filter_map(|m| value.get(m).and_then(Value::as_object))
        .flat_map(|m| m.keys().cloned())
        .collect();
    keys.sort();
    keys.dedup();
    let annotations = look.labels(meta, "annotations", "/metadata");
    What::Secret {
        kind: look.text(value, "type", "").unwrap_or("Opaque").to_owned(),
        keys,
        account: annotations.get("kubernetes.io/service-account.name").cloned(),
        created: look.text(meta, "creationTimestamp", "/metadata").map(str::to_owned),
    }
}

fn config_map(look: &mut Look, value: &Value, namespace: Option<&str>, name: &str) -> Option<What> {
    let data = value.get("data")?;
    if namespace != Some("kube-system") {
        return None;
    }
    if name == "kubeadm-config" {
        let text = data.get("ClusterConfiguration")?.as_str()?;
        let name = crate::import::yaml::top_level_text(text, "clusterName")?;
        return Some(What::ClusterName(name.to_owned()));
    }
    if name != "aws-auth" {
        return None;
    }
    let mut mapped = Vec::new();
    for (list, key) in [("mapRoles", "rolearn"), ("mapUsers", "userarn")] {
        let Some(text) = look.text(data, list, "/data") else {
            continue;
        };
        let pointer = format!("/data/{list}");
        let documents = crate::import::yaml::read(text);
        if documents.iter().flat_map(|d| &d.problems).any(|p| p.ends_it) {
            look.error(
                "bad-yaml",
                &pointer,
                format!("{list} is not whole YAML; what could be read of it was"),
            );
        }
        for entry in documents.iter().filter_map(|d| d.value.as_array()).flatten() {
            let Some(arn) = entry.get(key).and_then(Value::as_str) else {
                look.error(
                    "bad-object",
                    &pointer,
                    format!("an entry of {list} has no {key}; it was left out"),
                );
                continue;
            };
            let groups = entry
                .get("groups")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .unwrap_or_default();
            mapped.push(Mapped {
                arn: arn.to_owned(),
                user: entry.get("username").and_then(Value::as_str).map(str::to_owned),
                groups: groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            });
        }
    }
    if data
        .get("mapAccounts")
        .and_then(Value::as_str)
        .is_some_and(|t| t.contains(|c: char| c.is_ascii_digit()))
    {
        look.warning(
            "not-understood",
            "/data/mapAccounts",
            "mapAccounts lets whole accounts in under their own names; it was left out",
        );
    }
    Some(What::AwsAuth(mapped))
}

fn rules(look: &mut Look, value: &Value) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (i, rule) in look.list(value, "rules", "").iter().enumerate() {
        let at = format!("/rules/{i}");
        let rule = Rule {
            verbs: look.texts(rule, "verbs", &at),
            groups: look.texts(rule, "apiGroups", &at),
            resources: look.texts(rule, "resources", &at),
            names: look.texts(rule, "resourceNames", &at),
            urls: look.texts(rule, "nonResourceURLs", &at),
        };
        rules.push(rule);
    }
    rules
}

fn aggregates(look: &mut Look, value: &Value) -> Vec<Vec<Selector>> {
    let Some(rule) = value.get("aggregationRule").filter(|v| !v.is_null()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (i, selector) in look
        .list(rule, "clusterRoleSelectors", "/aggregationRule")
        .iter()
        .enumerate()
    {
        let at = format!("/aggregationRule/clusterRoleSelectors/{i}");
        let mut needs: Vec<Selector> = look
            .labels(selector, "matchLabels", &at)
            .into_iter()
            .map(|(key, value)| Selector {
                key,
                operator: "In".to_owned(),
                values: vec![value],
            })
            .collect();
        for (e, expression) in look.list(selector, "matchExpressions", &at).iter().enumerate() {
            let at = format!("{at}/matchExpressions/{e}");
            needs.push(Selector {
                key: look.text(expression, "key", &at).unwrap_or_default().to_owned(),
                operator: look.text(expression, "operator", &at).unwrap_or_default().to_owned(),
                values: look.texts(expression, "values", &at),
            });
        }
        all.push(needs);
    }
    all
}

fn binding(look: &mut Look, value: &Value) -> Option<What> {
    let reference = value.get("roleRef")?;
    let role = look.text(reference, "name", "/roleRef")?.to_owned();
    let role_kind = look.text(reference, "kind", "/roleRef").unwrap_or("Role").to_owned();
    let mut subjects = Vec::new();
    for (i, subject) in look.list(value, "subjects", "").iter().enumerate() {
        let at = format!("/subjects/{i}");
        let (Some(kind), Some(name)) = (look.text(subject, "kind", &at), look.text(subject, "name", &at)) else {
            look.error("bad-object", &at, "a subject has no kind or no name; it was left out");
            continue;
        };
        subjects.push(Subject {
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: look.text(subject, "namespace", &at).map(str::to_owned),
        });
    }
    Some(What::Binding {
        role_kind,
        role,
        subjects,
    })
}

fn workload(look: &mut Look, value: &Value, kind: &'static str, way: &str) -> Workload {
    let spec = value.pointer(way).unwrap_or(&Value::Null);
    if !spec.is_object() {
        look.error(
            "bad-object",
            way,
            format!("a {kind} has no spec of its pod; of it only the name is known"),
        );
    }
    let account = look
        .text(spec, "serviceAccountName", way)
        .or_else(|| look.text(spec, "serviceAccount", way));
    let mut made = Workload {
        kind,
        account: account.filter(|a| !a.is_empty()).unwrap_or("default").to_owned(),
        automount: look.flag(spec, "automountServiceAccountToken", way),
        node: look
            .text(spec, "nodeName", way)
            .filter(|n| !n.is_empty())
            .map(str::to_owned),
        host_pid: look.flag(spec, "hostPID", way) == Some(true),
        host_network: look.flag(spec, "hostNetwork", way) == Some(true),
        host_ipc: look.flag(spec, "hostIPC", way) == Some(true),
        owned: value
            .pointer("/metadata/ownerReferences")
            .and_then(Value::as_array)
            .is_some_and(|o| !o.is_empty()),
        ..Workload::default()
    };
    let mut mounts: BTreeMap<String, bool> = BTreeMap::new();
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for (i, container) in look.list(spec, list, way).iter().enumerate() {
            self::container(look, container, &format!("{way}/{list}/{i}"), &mut made, &mut mounts);
        }
    }
    for (i, volume) in look.list(spec, "volumes", way).iter().enumerate() {
        let at = format!("{way}/volumes/{i}");
        let Some(name) = look.text(volume, "name", &at) else {
            continue;
        };
        // A volume no container mounts is nowhere.
        let Some(writable) = mounts.get(name).copied() else {
            continue;
        };
        if let Some(path) = volume.get("hostPath").and_then(|h| look.text(h, "path", &at)) {
            made.host_paths.push((path.to_owned(), writable));
        }
        if let Some(secret) = volume.get("secret").and_then(|s| look.text(s, "secretName", &at)) {
            made.secrets.push((secret.to_owned(), format!("volume {name}")));
        }
        let Some(projected) = volume.get("projected") else {
            continue;
        };
        for (s, source) in look.list(projected, "sources", &at).iter().enumerate() {
            let at = format!("{at}/projected/sources/{s}");
            if let Some(secret) = source.get("secret").and_then(|s| look.text(s, "name", &at)) {
                made.secrets.push((secret.to_owned(), format!("volume {name}")));
            }
            if let Some(token) = source.get("serviceAccountToken").filter(|t| t.is_object()) {
                made.tokens.push(Token {
                    audience: look
                        .text(token, "audience", &at)
                        .filter(|a| !a.is_empty())
                        .map(str::to_owned),
                    expires_secs: token.get("expirationSeconds").and_then(Value::as_u64),
                    path: look.text(token, "path", &at).unwrap_or("token").to_owned(),
                });
            }
        }
    }
    made.secrets.sort();
    made.secrets.dedup();
    made.capabilities.sort();
    made.capabilities.dedup();
    made
}

fn container(look: &mut Look, container: &Value, at: &str, made: &mut Workload, mounts: &mut BTreeMap<String, bool>) {
    for (m, mount) in look.list(container, "volumeMounts", at).iter().enumerate() {
        let at = format!("{at}/volumeMounts/{m}");
        if let Some(name) = look.text(mount, "name", &at) {
            let writable = look.flag(mount, "readOnly", &at) != Some(true);
            *mounts.entry(name.to_owned()).or_default() |= writable;
        }
    }
    if let Some(context) = container.get("securityContext").filter(|c| c.is_object()) {
        let at_context = format!("{at}/securityContext");
        made.privileged |= look.flag(context, "privileged", &at_context) == Some(true);
        if let Some(capabilities) = context.get("capabilities").filter(|c| c.is_object()) {
            for added in look.texts(capabilities, "add", &at_context) {
                made.capabilities
                    .push(added.trim_start_matches("CAP_").to_ascii_uppercase());
            }
        }
    }
    for (e, variable) in look.list(container, "env", at).iter().enumerate() {
        let at = format!("{at}/env/{e}");
        let Some(reference) = variable.pointer("/valueFrom/secretKeyRef") else {
            continue;
        };
        if let Some(secret) = look.text(reference, "name", &at) {
            let name = look.text(variable, "name", &at).unwrap_or("a variable");
            made.secrets.push((secret.to_owned(), format!("variable {name}")));
        }
    }
    for (e, from) in look.list(container, "envFrom", at).iter().enumerate() {
        let at = format!("{at}/envFrom/{e}");
        if let Some(secret) = from.get("secretRef").and_then(|s| look.text(s, "name", &at)) {
            made.secrets.push((secret.to_owned(), "its variables".to_owned()));
        }
    }
    for list in ["command", "args"] {
        for argument in container
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if let Some((key, value)) = argument.trim_start_matches('-').split_once('=') {
                made.server.entry(key.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
}
