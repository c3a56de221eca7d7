//! Objects of a Kubernetes cluster: who may do what, where tokens and secrets lie, what runs where. The files of a
//! cluster explain one another, so each is read into objects, and all of them together are made into records.

mod look;
mod maker;
mod object;
mod rbac;
mod reader;
mod rules;
mod things;
mod ways;

use super::{Answer, Family, Importer, Input, Peek, Progress, yaml};
use crate::model::{Diagnostic, FileId, Fragment, Piece, Place};
use maker::Maker;
use object::{Object, What};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use ways::Namespace;

/// What pieces of a cluster carry.
const FAMILY: &str = "k8s";

/// What a cluster is called that no file names.
const UNNAMED: &str = "cluster";

/// Above this many records for each object, the importer says so: something grows that should not.
const MANY_RECORDS: usize = 20;

/// Objects of a cluster, as JSON or YAML.
pub struct Objects;

impl Importer for Objects {
    fn name(&self) -> &'static str {
        "kubernetes-objects"
    }

    fn describe(&self) -> &'static str {
        "Kubernetes objects in JSON or YAML: kubectl get sa,secrets,pods,nodes,ns,roles,rolebindings,clusterroles,clusterrolebindings -A -o json"
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        let start = peek.text.trim_start();
        if start.starts_with('{') {
            return recognise_object(peek);
        }
        if start.starts_with('[') {
            return recognise_array(start);
        }
        let keys = yaml::top_level_keys(peek.head());
        if keys.contains(&"apiVersion") && keys.contains(&"kind") {
            Answer::Certain
        } else {
            Answer::No
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        let understood = reader::read(input);
        let mut fragment = Fragment {
            complete: understood.complete,
            diagnostics: understood.said,
            ..Fragment::default()
        };
        if !understood.others.is_empty() {
            let kinds: Vec<String> = understood
                .others
                .iter()
                .map(|(kind, count)| format!("{count} {kind}"))
                .collect();
            fragment.diagnostics.push(Diagnostic::warning(
                "not-used",
                input.whole(),
                format!("Left out, as they say nothing of credentials: {}", kinds.join(", ")),
            ));
        }
        if understood.objects.is_empty()
            && understood.others.is_empty()
            && fragment.complete
            && fragment.diagnostics.is_empty()
        {
            fragment.diagnostics.push(Diagnostic::warning(
                "empty",
                input.whole(),
                "The list holds no object".to_owned(),
            ));
        }
        let part = Part {
            file: input.name.to_owned(),
            objects: understood.objects,
        };
        fragment.pieces.push(Piece::new(FAMILY, part));
        fragment
    }
}

fn recognise_object(peek: &Peek) -> Answer {
    let text = |key: &str| peek.member(key).and_then(super::json::Member::as_text);
    let version = text("apiVersion").is_some_and(|v| is_version(&v));
    if version && text("kind").is_some_and(|k| k.starts_with(|c: char| c.is_ascii_uppercase())) {
        return Answer::Certain;
    }
    let items = peek.member("items").filter(|m| m.is_array());
    // Its kind comes after the items, and a long list shows only its beginning.
    if version && items.is_some() {
        return Answer::Certain;
    }
    // A list that a program wrote without saying what it is a list of.
    let first = items.map(|m| m.value[1..].trim_start());
    match first {
        Some(first) if first.starts_with('{') => {
            let members = super::json::members(first, 1 << 20);
            let metadata = members.iter().find(|m| m.key == "metadata");
            let named =
                metadata.is_some_and(|m| super::json::members(m.value, 1 << 20).iter().any(|m| m.key == "name"));
            if named { Answer::Maybe } else { Answer::No }
        }
        _ => Answer::No,
    }
}

fn recognise_array(start: &str) -> Answer {
    let first = start[1..].trim_start();
    if !first.starts_with('{') {
        return Answer::No;
    }
    let members = super::json::members(first, 1 << 20);
    let text = |key: &str| {
        members
            .iter()
            .find(|m| m.key == key)
            .and_then(super::json::Member::as_text)
    };
    if text("apiVersion").is_some_and(|v| is_version(&v)) && text("kind").is_some() {
        Answer::Certain
    } else {
        Answer::No
    }
}

/// `v1`, `apps/v1`, `rbac.authorization.k8s.io/v1beta1`.
fn is_version(text: &str) -> bool {
    let version = text.rsplit('/').next().unwrap_or(text);
    version
        .strip_prefix('v')
        .is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
}

/// What one file holds.
struct Part {
    file: String,
    objects: Vec<Object>,
}

impl Part {
    /// The cluster's name as some object of the file states it.
    fn cluster(&self) -> Option<&str> {
        self.objects.iter().find_map(|object| match &object.what {
            What::ClusterName(name) => Some(name.as_str()),
            What::Node { labels } => [
                "alpha.eksctl.io/cluster-name",
                "kubernetes.azure.com/cluster",
                "k8s.io/cluster-name",
            ]
            .iter()
            .find_map(|l| labels.get(*l).map(String::as_str)),
            What::Workload(w) => w.server.get("cluster-name").map(String::as_str),
            _ => None,
        })
    }

    fn folder(&self) -> &str {
        self.file.rfind(['/', '\\']).map_or("", |end| &self.file[..end])
    }
}

/// Makes records of the objects of all files.
pub struct Clusters;

impl Family for Clusters {
    fn name(&self) -> &'static str {
        FAMILY
    }

    fn assemble(&self, pieces: Vec<(FileId, Piece)>, progress: &dyn Progress) -> Vec<(FileId, Fragment)> {
        let parts: Vec<(FileId, &Part)> = pieces
            .iter()
            .filter_map(|(file, piece)| piece.of::<Part>().map(|part| (*file, part)))
            .collect();
        let mut clusters: BTreeMap<String, Vec<Cow<Object>>> = BTreeMap::new();
        for (file, part) in &parts {
            let objects = clusters.entry(cluster_of(part, &parts)).or_default();
            objects.extend(part.objects.iter().map(|object| {
                if object.place.file == *file {
                    return Cow::Borrowed(object);
                }
                let mut object = object.clone();
                object.place.file = *file;
                Cow::Owned(object)
            }));
        }
        let mut all = Vec::new();
        for (name, objects) in &clusters {
            if progress.cancelled() {
                break;
            }
            let mut objects: Vec<&Object> = objects.iter().map(|o| &**o).collect();
            objects.sort_by(|a, b| (&a.namespace, &a.name, &a.place).cmp(&(&b.namespace, &b.name, &b.place)));
            if !objects.is_empty() {
                all.extend(assemble(name, &objects));
            }
        }
        all
    }
}

/// What the cluster of a file is called: as the file says, else as the files of its folder or of one above say, else as
/// the only one that is named is.
fn cluster_of(part: &Part, parts: &[(FileId, &Part)]) -> String {
    if let Some(name) = part.cluster() {
        return name.to_owned();
    }
    let named: Vec<(&str, &str)> = parts
        .iter()
        .filter_map(|(_, p)| p.cluster().map(|name| (p.folder(), name)))
        .collect();
    let names: BTreeSet<&str> = named.iter().map(|(_, name)| *name).collect();
    if let (1, Some(only)) = (names.len(), names.first()) {
        return (*only).to_owned();
    }
    let mut folder = part.folder();
    loop {
        let near: BTreeSet<&str> = named
            .iter()
            .filter(|(f, _)| f.starts_with(folder))
            .map(|(_, name)| *name)
            .collect();
        match (near.len(), near.first()) {
            (1, Some(name)) => return (*name).to_owned(),
            (0, _) => {}
            _ => return UNNAMED.to_owned(),
        }
        match folder.rfind(['/', '\\']) {
            Some(end) => folder = &folder[..end],
            None if !folder.is_empty() => folder = "",
            None => return UNNAMED.to_owned(),
        }
    }
}

fn assemble(name: &str, objects: &[&Object]) -> Vec<(FileId, Fragment)> {
    let mut maker = Maker::new(name);
    let Some(place) = objects.iter().map(|o| Place::new(o.place.file, "")).min() else {
        return Vec::new();
    };
    things::cluster(&mut maker, &place);
    if name == UNNAMED {
        maker.of(&place).diagnostics.push(Diagnostic::warning(
            "cluster-name",
            place.clone(),
            format!("No file says what the cluster is called; it is named {UNNAMED:?}, and two such clusters would be taken for one"),
        ));
    }
    let namespaces = namespaces(objects);
    let roles = rbac::Roles::of(objects);
    let mut automount = HashMap::new();
    let mut legacy = HashMap::new();
    for object in objects {
        let namespace = object.namespace.clone().unwrap_or_else(|| "default".to_owned());
        match &object.what {
            What::ServiceAccount {
                automount: stated,
                annotations,
            } => {
                things::account(&mut maker, object, annotations, *stated);
                if let Some(stated) = stated {
                    automount.insert((namespace, object.name.clone()), *stated);
                }
            }
            What::Secret {
                kind,
                keys,
                account,
                created,
            } => {
                things::secret(&mut maker, object, kind, keys, account.as_deref(), created.as_deref());
                if let Some(account) = account
                    .as_ref()
                    .filter(|_| kind == "kubernetes.io/service-account-token")
                {
                    legacy.insert((namespace, object.name.clone()), account.clone());
                }
            }
            What::Node { labels } => {
                things::node(&mut maker, &object.name, Some(labels), &object.place);
            }
            _ => {}
        }
    }
    let mut bound = rbac::bind(&mut maker, objects, &roles);
    let mut aws_auth = None;
    for object in objects {
        if let What::AwsAuth(mapped) = &object.what {
            things::aws_auth(&mut maker, object, mapped, &mut bound);
            aws_auth = Some(object.place.clone());
        }
    }
    ways::by_binding(&mut bound, &roles, objects, &namespaces);
    run(&mut maker, objects, &mut bound, &automount, &legacy);
    ways::to_administration(&mut maker, &mut bound, aws_auth.as_ref(), &place);
    ways::to_nodes(&mut maker, &mut bound, &nodes(objects), &place);
    ways::to_users(&mut maker, &mut bound, &place);
    for (name, namespace) in &namespaces {
        ways::to_namespace(&mut maker, &mut bound, &roles, name, namespace);
    }
    for object in objects {
        if matches!(object.what, What::Role { .. }) && object.namespace.is_none() {
            ways::to_role(&mut maker, &mut bound, &roles, "cluster-role", None, object);
        }
    }
    summary(&mut maker, objects, &place);
    maker.out.into_iter().collect()
}

/// Pods; and what makes pods, where the pods themselves are in no file.
fn run(
    maker: &mut Maker,
    objects: &[&Object],
    bound: &mut rbac::Bound,
    automount: &HashMap<(String, String), bool>,
    legacy: &HashMap<(String, String), String>,
) {
    let asked = things::Asked { automount, legacy };
    let made = objects
        .iter()
        .any(|o| matches!(&o.what, What::Workload(w) if w.kind == "pod" && w.owned));
    for object in objects {
        let What::Workload(workload) = &object.what else {
            continue;
        };
        if workload.kind != "pod" && (made || workload.owned) {
            continue;
        }
        let id = things::workload(maker, object, workload, &asked, bound);
        ways::to_workload(maker, bound, object, workload.kind, &id);
        if let Some(issuer) = workload.server.get("service-account-issuer") {
            things::issuer(maker, issuer, &object.place);
        }
    }
}

/// The nodes, by name.
fn nodes(objects: &[&Object]) -> BTreeMap<String, Place> {
    let mut nodes = BTreeMap::new();
    for object in objects {
        let name = match &object.what {
            What::Node { .. } => Some(&object.name),
            // Only a pod's node is made a system where no file holds it.
            What::Workload(w) if w.kind == "pod" => w.node.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            nodes.entry(name.clone()).or_insert_with(|| object.place.clone());
        }
    }
    nodes
}

/// What is in each namespace that anything names.
fn namespaces<'o>(objects: &[&'o Object]) -> BTreeMap<&'o str, Namespace<'o>> {
    let mut all: BTreeMap<&str, Namespace> = BTreeMap::new();
    for object in objects {
        let place = &object.place;
        if let What::Namespace { labels } = &object.what {
            let enforced = labels.get("pod-security.kubernetes.io/enforce").map(String::as_str);
            let namespace = all.entry(&object.name).or_default();
            namespace.place.get_or_insert_with(|| place.clone());
            namespace.lets_privileged_in = Some(!matches!(enforced, Some("baseline" | "restricted")));
            continue;
        }
        if let What::Binding { subjects, .. } = &object.what {
            for subject in subjects {
                let full = subject
                    .name
                    .strip_prefix("system:serviceaccount:")
                    .and_then(|n| n.split_once(':'));
                let account = match (subject.kind.as_str(), full) {
                    ("User", Some(account)) => Some(account),
                    ("ServiceAccount", _) => {
                        let own = subject.namespace.as_deref().filter(|n| !n.is_empty());
                        own.or(object.namespace.as_deref()).map(|n| (n, subject.name.as_str()))
                    }
                    _ => None,
                };
                if let Some((namespace, name)) = account {
                    let namespace = all.entry(namespace).or_default();
                    namespace.place.get_or_insert_with(|| place.clone());
                    namespace
                        .accounts
                        .entry(name.to_owned())
                        .or_insert_with(|| place.clone());
                }
            }
        }
        let Some(name) = object.namespace.as_deref() else {
            continue;
        };
        let namespace = all.entry(name).or_default();
        namespace.place.get_or_insert_with(|| place.clone());
        match &object.what {
            What::ServiceAccount { .. } => {
                namespace.accounts.insert(object.name.clone(), place.clone());
            }
            What::Secret { .. } => {
                namespace.secrets.insert(object.name.clone(), place.clone());
                namespace.secrets_listed = true;
            }
            What::Role { .. } => namespace.roles.push(object),
            What::Workload(workload) => {
                namespace
                    .accounts
                    .entry(workload.account.clone())
                    .or_insert_with(|| place.clone());
                for (secret, _) in &workload.secrets {
                    namespace.secrets.entry(secret.clone()).or_insert_with(|| place.clone());
                }
                if workload.kind != "pod" {
                    namespace.templates.push((object, workload.kind));
                }
            }
            _ => {}
        }
    }
    all
}

/// What is not known, and whether the records keep to the size of their source.
fn summary(maker: &mut Maker, objects: &[&Object], place: &Place) {
    let opaque =
        |o: &&&Object| matches!(&o.what, What::Secret { kind, .. } if kind != "kubernetes.io/service-account-token");
    let opaque = objects.iter().filter(opaque).count();
    let records: usize = maker
        .out
        .values()
        .map(|f| super::Counts::of(&f.records).total() as usize)
        .sum();
    let fragment = maker.of(place);
    if opaque > 0 {
        fragment.diagnostics.push(Diagnostic::warning(
            "opens-unknown",
            place.clone(),
            format!(
                "Of {opaque} secrets no file of the cluster says what they open; they are on the map as credentials that open nothing"
            ),
        ));
    }
    if records > 1000 && records > objects.len() * MANY_RECORDS {
        fragment.diagnostics.push(Diagnostic::warning(
            "many-records",
            place.clone(),
            format!(
                "{} objects became {records} records, more than {MANY_RECORDS} for each",
                objects.len()
            ),
        ));
    }
}
