//! EKS: who of the cloud is whom in a cluster (access entries), and who of a cluster is whom in the cloud (pod
//! identities, the cluster's issuer).

use super::super::arn::{self, Arn};
use super::super::lenient::shown;
use super::{FAMILY, Reader};
use crate::model::{Grant, Identity, IdentityKind, Inherit, InheritHow, Piece, Place, RelationCommon, System};
use serde_json::{Value, json};

/// A service account that is given a role.
#[derive(Clone, Debug)]
pub struct PodIdentity {
    /// Id of the service account.
    pub account: String,
    /// The role's ARN.
    pub role: String,
    /// Where it stands.
    pub place: Place,
}

/// Pod identities of a file.
pub struct PodIdentities(pub Vec<PodIdentity>);

pub(super) fn read(reader: &mut Reader, value: &Value, pointer: &str) {
    if let Some(found) = value.get("cluster").filter(|c| c.is_object()) {
        cluster(reader, found, &format!("{pointer}/cluster"));
    }
    if let Some(found) = value.get("association").filter(|c| c.is_object()) {
        association(reader, found, &format!("{pointer}/association"));
    }
    let mut without_role = 0_u64;
    for (i, item) in reader.log.list(value, "associations", pointer).iter().enumerate() {
        if item.get("roleArn").is_some() {
            association(reader, item, &format!("{pointer}/associations/{i}"));
        } else {
            without_role += 1;
        }
    }
    if without_role > 0 {
        let message = format!(
            "{without_role} pod identity associations are listed without their role; export each with: \
             aws eks describe-pod-identity-association"
        );
        reader
            .log
            .warning("missing-detail", &format!("{pointer}/associations"), message);
    }
    if let Some(found) = value.get("accessEntry").filter(|c| c.is_object()) {
        entry(reader, found, &format!("{pointer}/accessEntry"));
    }
    let mut names = 0_u64;
    for (i, item) in reader.log.list(value, "accessEntries", pointer).iter().enumerate() {
        if item.is_object() {
            entry(reader, item, &format!("{pointer}/accessEntries/{i}"));
        } else {
            names += 1;
        }
    }
    if names > 0 {
        let message = format!(
            "{names} access entries are listed by principal alone; export each with: aws eks describe-access-entry"
        );
        reader
            .log
            .warning("missing-detail", &format!("{pointer}/accessEntries"), message);
    }
    if value.get("associatedAccessPolicies").is_some() {
        policies(reader, value, pointer);
    }
}

fn system(name: &str, place: &Place) -> System {
    System {
        id: format!("k8s:{name}").into(),
        name: Some(name.to_owned().into()),
        kind: Some("cluster".into()),
        platform: Some("k8s".into()),
        places: place.clone().into(),
        ..System::default()
    }
}

fn cluster(reader: &mut Reader, item: &Value, at: &str) {
    let Some(name) = reader.log.text(item, "name", at).map(str::to_owned) else {
        reader
            .log
            .error("missing-field", at, "A cluster without a name was left out");
        return;
    };
    let mut system = system(&name, &reader.log.input.at(at));
    let issuer = item.pointer("/identity/oidc/issuer").and_then(Value::as_str);
    if let Some(issuer) = issuer.filter(|i| i.starts_with("https://")) {
        system
            .attributes
            .insert("issuer".to_owned(), json!(issuer.trim_end_matches('/')));
    }
    for (key, attribute) in [("arn", "arn"), ("version", "version"), ("roleArn", "role")] {
        if let Some(text) = reader.log.text(item, key, at) {
            system.attributes.insert(attribute.to_owned(), json!(text));
        }
    }
    let public = item
        .pointer("/resourcesVpcConfig/endpointPublicAccess")
        .and_then(Value::as_bool);
    if let Some(public) = public {
        system.attributes.insert("public_endpoint".to_owned(), json!(public));
    }
    reader.records.systems.push(system);
}

fn association(reader: &mut Reader, item: &Value, at: &str) {
    let mut text = |key: &str| reader.log.text(item, key, at).map(str::to_owned);
    let (cluster, namespace, account, role) = (
        text("clusterName"),
        text("namespace"),
        text("serviceAccount"),
        text("roleArn"),
    );
    let (Some(cluster), Some(namespace), Some(account), Some(role)) = (cluster, namespace, account, role) else {
        let message =
            "A pod identity association without clusterName, namespace, serviceAccount or roleArn was left out";
        reader.log.error("missing-field", at, message);
        return;
    };
    if Arn::parse(&role).is_none_or(|a| !a.resource.starts_with("role/")) {
        let message = format!("{} is no role; its pod identity association was left out", shown(&role));
        reader.log.error("odd-arn", at, message);
        return;
    }
    let place = reader.log.input.at(at);
    let id = format!("k8s:{cluster}:system:serviceaccount:{namespace}:{account}");
    reader.records.systems.push(system(&cluster, &place));
    reader.records.identities.push(Identity {
        id: id.clone().into(),
        name: Some(format!("{namespace}/{account}").into()),
        kind: Some(IdentityKind::ServiceAccount),
        platform: Some("k8s".into()),
        places: place.clone().into(),
        ..Identity::default()
    });
    reader.records.identities.push(role_identity(&role, &place));
    let found = PodIdentity {
        account: id,
        role,
        place,
    };
    reader.pieces.push(Piece::new(FAMILY, PodIdentities(vec![found])));
}

fn role_identity(text: &str, place: &Place) -> Identity {
    let role = Arn::parse(text).is_some_and(|a| a.resource.starts_with("role/"));
    Identity {
        id: arn::id(text).into(),
        name: Some(arn::last_step(text).to_owned().into()),
        kind: role.then_some(IdentityKind::Role),
        platform: Some("aws".into()),
        places: place.clone().into(),
        ..Identity::default()
    }
}

/// An access entry: the principal is a user and a member of groups in the cluster.
fn entry(reader: &mut Reader, item: &Value, at: &str) {
    let cluster = reader.log.text(item, "clusterName", at).map(str::to_owned);
    let principal = reader.log.text(item, "principalArn", at).map(str::to_owned);
    let (Some(cluster), Some(principal)) = (cluster, principal.filter(|p| Arn::parse(p).is_some())) else {
        let message = "An access entry without a clusterName or a principalArn was left out";
        reader.log.error("missing-field", at, message);
        return;
    };
    let place = reader.log.input.at(at);
    reader.records.systems.push(system(&cluster, &place));
    reader.records.identities.push(role_identity(&principal, &place));
    let evidence = Some(format!("access entry of cluster {cluster}"));
    let mut becomes = |id: String, name: String, kind: IdentityKind, how: InheritHow| {
        reader.records.identities.push(Identity {
            id: id.clone().into(),
            name: Some(name.into()),
            kind: Some(kind),
            platform: Some("k8s".into()),
            places: place.clone().into(),
            ..Identity::default()
        });
        reader.records.inherits.push(Inherit {
            common: RelationCommon {
                evidence: evidence.clone().map(Into::into),
                places: place.clone().into(),
                ..RelationCommon::default()
            },
            from: Some(arn::id(&principal).into()),
            to: id.into(),
            how: Some(how),
            ..Inherit::default()
        });
    };
    let username = item.get("username").and_then(Value::as_str).filter(|u| !u.is_empty());
    if let Some(user) = username {
        becomes(
            format!("k8s:{cluster}:user:{user}"),
            user.to_owned(),
            IdentityKind::Other,
            InheritHow::Federation,
        );
    }
    let groups = item.get("kubernetesGroups").and_then(Value::as_array);
    for group in groups.into_iter().flatten().filter_map(Value::as_str) {
        becomes(
            format!("k8s:{cluster}:group:{group}"),
            group.to_owned(),
            IdentityKind::Group,
            InheritHow::Membership,
        );
    }
}

/// EKS's own access policies, as the roles of Kubernetes they are documented to be:
/// <https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html>.
fn policies(reader: &mut Reader, value: &Value, pointer: &str) {
    let cluster = reader.log.text(value, "clusterName", pointer).map(str::to_owned);
    let principal = reader.log.text(value, "principalArn", pointer).map(str::to_owned);
    let (Some(cluster), Some(principal)) = (cluster, principal.filter(|p| Arn::parse(p).is_some())) else {
        let message = "Access policies without a clusterName or a principalArn were left out";
        reader.log.error("missing-field", pointer, message);
        return;
    };
    let list = reader.log.list(value, "associatedAccessPolicies", pointer);
    for (i, item) in list.iter().enumerate() {
        let at = format!("{pointer}/associatedAccessPolicies/{i}");
        let Some(policy) = reader.log.text(item, "policyArn", &at).map(str::to_owned) else {
            continue;
        };
        let name = arn::last_step(&policy).to_owned();
        let place = reader.log.input.at(&at);
        let namespaces: Vec<String> = match item.pointer("/accessScope/type").and_then(Value::as_str) {
            Some("namespace") => item
                .pointer("/accessScope/namespaces")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|n| n.as_str().map(str::to_owned))
                .collect(),
            _ => vec!["*".to_owned()],
        };
        let secrets = |n: &String| format!("*@{n}/core/secrets:*");
        let rbac = |n: &String| format!("*@{n}/rbac.authorization.k8s.io/*");
        let reads = |n: &String| ["get", "list", "watch"].map(|verb| format!("{verb}@{n}/*"));
        let (scopes, except, known): (Vec<String>, Vec<String>, bool) = match name.as_str() {
            "AmazonEKSClusterAdminPolicy" => (vec!["*@*".to_owned()], Vec::new(), true),
            "AmazonEKSAdminPolicy" => (
                namespaces.iter().map(|n| format!("*@{n}/*")).collect(),
                Vec::new(),
                true,
            ),
            "AmazonEKSEditPolicy" => (
                namespaces.iter().map(|n| format!("*@{n}/*")).collect(),
                namespaces.iter().map(rbac).collect(),
                true,
            ),
            "AmazonEKSViewPolicy" => (
                namespaces.iter().flat_map(reads).collect(),
                namespaces.iter().flat_map(|n| [secrets(n), rbac(n)]).collect(),
                true,
            ),
            "AmazonEKSAdminViewPolicy" => (namespaces.iter().flat_map(reads).collect(), Vec::new(), true),
            _ => (
                namespaces.iter().map(|n| format!("*@{n}/*")).collect(),
                Vec::new(),
                false,
            ),
        };
        if !known {
            let message = format!(
                "The access policy {} is not known; what it allows is assumed",
                shown(&name)
            );
            reader.log.warning("unknown-policy", &at, message);
        }
        reader.records.systems.push(system(&cluster, &place));
        reader.records.identities.push(role_identity(&principal, &place));
        reader.records.grants.push(Grant {
            common: RelationCommon {
                assumed: (!known).then_some(true),
                evidence: Some(format!("access policy {name}").into()),
                places: vec![place].into(),
                ..RelationCommon::default()
            },
            holder: arn::id(&principal).into(),
            system: format!("k8s:{cluster}").into(),
            scopes: scopes.into(),
            except: except.into(),
            ..Grant::default()
        });
    }
}
