//! Accounts, secrets, nodes and what runs on them: systems and credentials, and where the credentials lie.

use super::maker::{Flags, Maker};
use super::object::{Mapped, Object, Token, Workload};
use super::rbac::Bound;
use super::rules::{Escape, RULES, fill};
use crate::model::{
    Credential, CredentialKind, Criticality, ExposureFrom, ExposureHow, Identity, IdentityKind, InheritHow, Place,
    System, Text, Time, Yields, scope,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The cluster, its administration, and who administers it.
pub fn cluster(maker: &mut Maker, place: &Place) {
    let (id, name) = (maker.id.clone(), maker.name.clone());
    maker.system(&id, &name, "cluster", place, |s| {
        for check in ["audience", "issuer", "scope", "revocation"] {
            if let Some(check) = crate::model::Check::ALL.iter().find(|c| c.as_str() == check) {
                // Client certificates are the exception to the last: nothing revokes them.
                *s.validates.get_mut(*check) = Some(true);
            }
        }
        let audiences = [
            s.id.as_str(),
            "https://kubernetes.default.svc",
            "https://kubernetes.default.svc.cluster.local",
        ];
        s.accepts_audiences = Some(audiences.into_iter().collect());
    });
    let over = format!("{id}/administration");
    maker.system(
        &over,
        &format!("administration of {name}"),
        "administration",
        place,
        |s| {
            s.criticality = Some(Criticality::CrownJewel);
            s.attributes.insert("derived".to_owned(), Value::Bool(true));
        },
    );
    let admin = admin(maker);
    maker.identity(
        &admin,
        &format!("administrator of {name}"),
        IdentityKind::Role,
        place,
        |i| {
            i.attributes.insert("derived".to_owned(), Value::Bool(true));
        },
    );
    let said = "whoever administers a cluster may do everything in it";
    maker.grant(None, &admin, vec!["*@*".to_owned()], Flags::PLAIN, said, place);
    maker.grant_on(None, &admin, &over, vec!["*".to_owned()], Flags::PLAIN, said, place);
}

/// The identity that has everything.
pub fn admin(maker: &Maker) -> String {
    format!("{}:admin", maker.id)
}

/// The id of a pod, or of what makes pods.
pub fn workload_id(maker: &Maker, namespace: &str, kind: &str, name: &str) -> String {
    format!("{}/{namespace}/{kind}/{name}", maker.id)
}

/// The id of a node.
pub fn node_id(maker: &Maker, name: &str) -> String {
    format!("{}/node/{name}", maker.id)
}

/// The id of a secret.
pub fn secret_id(maker: &Maker, namespace: &str, name: &str) -> String {
    format!("{}/{namespace}/secret/{name}", maker.id)
}

/// The pool of all nodes: where a pod goes is up to who creates it.
pub fn nodes_id(maker: &Maker) -> String {
    format!("{}/nodes", maker.id)
}

/// A service account of the file: itself, and whom it is in a cloud.
pub fn account(maker: &mut Maker, object: &Object, annotations: &BTreeMap<String, String>, automount: Option<bool>) {
    let namespace = object.namespace.as_deref().unwrap_or("default");
    let place = &object.place;
    let id = maker.account_id(namespace, &object.name);
    let name = format!("{namespace}/{}", object.name);
    if let Some(automount) = automount {
        let mut said = Identity {
            id: id.clone().into(),
            places: place.clone().into(),
            ..Identity::default()
        };
        said.attributes.insert("automount".to_owned(), Value::Bool(automount));
        maker.of(place).records.identities.push(said);
    }
    maker.identity(&id, &name, IdentityKind::ServiceAccount, place, |_| {});
    let one_sided = Flags {
        assumed: true,
        unintended: false,
    };
    let mut link = |to: String, platform: &str, audience: Option<&str>, key: &str| {
        maker.stranger(&to, platform, place);
        let audiences = audience.map(|a| vec![a.to_owned()]);
        let evidence = format!("annotation {key}; whether the other side accepts it is not in this file");
        maker.link(&id, &to, audiences, InheritHow::Federation, one_sided, &evidence, place);
    };
    if let Some(arn) = annotations
        .get("eks.amazonaws.com/role-arn")
        .filter(|a| a.starts_with("arn:"))
    {
        let audience = annotations
            .get("eks.amazonaws.com/audience")
            .map_or("sts.amazonaws.com", String::as_str);
        link(
            format!("aws:{arn}"),
            "aws",
            Some(audience),
            "eks.amazonaws.com/role-arn",
        );
    }
    if let Some(email) = annotations
        .get("iam.gke.io/gcp-service-account")
        .filter(|e| e.contains('@'))
    {
        link(format!("gcp:{email}"), "gcp", None, "iam.gke.io/gcp-service-account");
    }
    if let Some(client) = annotations
        .get("azure.workload.identity/client-id")
        .filter(|c| !c.is_empty())
    {
        let to = format!("entra:{}", client.to_ascii_lowercase());
        link(
            to,
            "entra",
            Some("api://AzureADTokenExchange"),
            "azure.workload.identity/client-id",
        );
    }
}

/// A secret as a credential; what it holds is known by its type and the names of its entries alone.
pub fn secret(
    maker: &mut Maker,
    object: &Object,
    kind: &str,
    keys: &[String],
    account: Option<&str>,
    created: Option<&str>,
) {
    let namespace = object.namespace.as_deref().unwrap_or("default");
    let id = secret_id(maker, namespace, &object.name);
    // Two files may each say a part of it; they are one when all is merged.
    maker.first(&id);
    let mut made = Credential {
        name: Some(format!("{namespace}/{}", object.name).into()),
        kind: Some(match kind {
            "kubernetes.io/service-account-token" => CredentialKind::Jwt,
            "kubernetes.io/tls" => CredentialKind::Certificate,
            "kubernetes.io/ssh-auth" => CredentialKind::SshKey,
            "kubernetes.io/basic-auth" | "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg" => {
                CredentialKind::Password
            }
            _ => CredentialKind::Other,
        }),
        issued_at: created.and_then(|c| c.parse::<Time>().ok()),
        places: vec![object.place.clone()].into(),
        ..Credential::default()
    };
    made.attributes.insert("type".to_owned(), json!(kind));
    made.attributes.insert("keys".to_owned(), json!(keys));
    if kind == "kubernetes.io/service-account-token"
        && let Some(account) = account
    {
        made.identity = Some(maker.account(namespace, account, &object.place).into());
        made.issuer = Some(maker.id.clone().into());
    }
    made.id = id.into();
    maker.of(&object.place).records.credentials.push(made);
}

/// A secret that something names and no file holds.
fn unseen_secret(maker: &mut Maker, namespace: &str, name: &str, place: &Place) -> String {
    let id = secret_id(maker, namespace, name);
    if maker.first(&id) {
        let made = Credential {
            id: id.clone().into(),
            name: Some(format!("{namespace}/{name}").into()),
            places: place.clone().into(),
            ..Credential::default()
        };
        maker.of(place).records.credentials.push(made);
    }
    id
}

/// A node, its kubelet, and what it runs.
pub fn node(maker: &mut Maker, name: &str, labels: Option<&BTreeMap<String, String>>, place: &Place) -> String {
    let id = node_id(maker, name);
    let environment = labels.and_then(|l| l.get("env").or(l.get("environment"))).cloned();
    maker.system(&id, name, "node", place, |s| {
        s.criticality = Some(Criticality::High);
        s.environment = environment.map(Into::into);
    });
    let kubelet = format!("{id}:kubelet");
    if !maker.first(&kubelet) {
        return id;
    }
    let user = maker.user(&format!("system:node:{name}"), place);
    let made = Credential {
        id: kubelet.clone().into(),
        name: Some(format!("kubelet of {name}").into()),
        kind: Some(CredentialKind::Certificate),
        identity: Some(user.clone().into()),
        issuer: Some(maker.id.clone().into()),
        places: place.clone().into(),
        ..Credential::default()
    };
    maker.of(place).records.credentials.push(made);
    maker.exposure(
        ExposureFrom::System(id.clone().into()),
        Vec::new(),
        Yields::Credential(kubelet.into()),
        ExposureHow::Stored,
        Flags::PLAIN,
        "IDENTITY_ASSUME (KubeHound): the kubelet's certificate lies on its node",
        place,
    );
    let group = maker.group("system:nodes", place);
    maker.member(&user, &group, "every node's user is in the group system:nodes", place);
    let pool = nodes_id(maker);
    maker.trust(
        &pool,
        &id,
        Vec::new(),
        false,
        Flags::ABUSE,
        "one of the cluster's nodes",
        place,
    );
    id
}

/// What is asked while workloads are read.
pub struct Asked<'m> {
    /// Whether a service account has its token mounted, where its file says so.
    pub automount: &'m HashMap<(String, String), bool>,
    /// Legacy tokens: the account of a secret.
    pub legacy: &'m HashMap<(String, String), String>,
}

/// A pod or what makes pods: its tokens, its secrets, and its ways to the node.
pub fn workload(maker: &mut Maker, object: &Object, workload: &Workload, asked: &Asked, bound: &Bound) -> String {
    let namespace = object.namespace.as_deref().unwrap_or("default");
    let place = &object.place;
    let id = workload_id(maker, namespace, workload.kind, &object.name);
    maker.system(
        &id,
        &format!("{namespace}/{}", object.name),
        workload.kind,
        place,
        |s| {
            let shared = [
                (workload.host_pid, "processes"),
                (workload.host_network, "network"),
                (workload.host_ipc, "memory"),
            ];
            let shared: Vec<&str> = shared.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
            if !shared.is_empty() {
                s.attributes.insert("shares_with_node".to_owned(), json!(shared));
            }
            if workload.privileged {
                s.attributes.insert("privileged".to_owned(), Value::Bool(true));
            }
        },
    );
    let account = maker.account(namespace, &workload.account, place);
    let from = || ExposureFrom::System(id.clone().into());
    let mut legacy_mounted = false;
    for (secret, seen) in &workload.secrets {
        let credential = unseen_secret(maker, namespace, secret, place);
        let key = (namespace.to_owned(), secret.clone());
        legacy_mounted |= asked.legacy.get(&key).is_some_and(|a| *a == workload.account);
        let said = format!("{seen} of {} {}", workload.kind, object.name);
        maker.exposure(
            from(),
            Vec::new(),
            Yields::Credential(credential.into()),
            ExposureHow::Mounted,
            Flags::PLAIN,
            &said,
            place,
        );
    }
    let mut tokens = workload.tokens.clone();
    let own = asked
        .automount
        .get(&(namespace.to_owned(), workload.account.clone()))
        .copied();
    let automount = workload.automount.or(own).unwrap_or(true);
    if automount && !legacy_mounted && tokens.iter().all(|t| t.audience.is_some()) {
        tokens.push(Token {
            audience: None,
            expires_secs: None,
            path: "token".to_owned(),
        });
    }
    for token in &tokens {
        let suffix = token.audience.as_ref().map_or_else(String::new, |a| format!(":{a}"));
        let credential = format!("{id}:token{suffix}");
        if maker.first(&credential) {
            let mut made = Credential {
                id: credential.clone().into(),
                name: Some(format!("token of {} in {}", workload.account, object.name).into()),
                kind: Some(CredentialKind::Jwt),
                identity: Some(account.clone().into()),
                issuer: Some(maker.id.clone().into()),
                audience: Some(vec![token.audience.clone().unwrap_or_else(|| maker.id.clone())].into()),
                places: place.clone().into(),
                ..Credential::default()
            };
            if let Some(secs) = token.expires_secs {
                made.attributes.insert("expires_after_secs".to_owned(), json!(secs));
            }
            maker.of(place).records.credentials.push(made);
        }
        let said = format!(
            "IDENTITY_ASSUME (KubeHound): the account's token is mounted ({})",
            token.path
        );
        maker.exposure(
            from(),
            Vec::new(),
            Yields::Credential(credential.into()),
            ExposureHow::Mounted,
            Flags::PLAIN,
            &said,
            place,
        );
    }
    let mut scopes: Vec<&Text> = Vec::new();
    for holder in [
        account.clone(),
        format!("{}:group:system:serviceaccounts:{namespace}", maker.id),
    ] {
        scopes.extend(bound.scopes.get(&holder).into_iter().flatten().flatten());
    }
    let ways: Vec<&Escape> = RULES
        .escapes
        .iter()
        .filter(|e| escapes(e, workload, namespace, &scopes))
        .collect();
    if !ways.is_empty() {
        let assumed = ways.iter().all(|w| w.assumed);
        let said: Vec<String> = ways.iter().map(|w| format!("{} ({})", w.id, w.source)).collect();
        let (to, placed) = match &workload.node {
            Some(node) => (self::node(maker, node, None, place), true),
            None => (nodes_id(maker), false),
        };
        let flags = Flags {
            assumed: assumed || !placed,
            unintended: true,
        };
        maker.trust(&id, &to, Vec::new(), false, flags, &said.join("; "), place);
    }
    // What runs on a node is the node's.
    if workload.kind == "pod" {
        let (on, flags) = match &workload.node {
            Some(node) => (self::node(maker, node, None, place), Flags::ABUSE),
            None => (
                nodes_id(maker),
                Flags {
                    assumed: true,
                    unintended: true,
                },
            ),
        };
        maker.trust(
            &on,
            &id,
            Vec::new(),
            false,
            flags,
            "POD_ATTACH (KubeHound): the node runs the pod",
            place,
        );
    }
    id
}

fn escapes(way: &Escape, workload: &Workload, namespace: &str, scopes: &[&Text]) -> bool {
    let path_fits = |path: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path == pattern,
    };
    let path = |(path, writable): &(String, bool)| {
        let path = if path.len() > 1 {
            path.trim_end_matches('/')
        } else {
            path
        };
        let path = if path.is_empty() { "/" } else { path };
        (*writable || !way.writable) && way.paths.iter().any(|p| path_fits(path, p))
    };
    (!way.privileged || workload.privileged)
        && (!way.host_pid || workload.host_pid)
        && way.capabilities.iter().all(|c| workload.capabilities.contains(c))
        && (way.paths.is_empty() || workload.host_paths.iter().any(path))
        && (way.account_may.is_empty()
            || way.account_may.iter().any(|needed| {
                let needed = fill(needed, namespace, "", "");
                scopes.iter().any(|s| scope::overlaps(s, &needed))
            }))
}

/// Principals of AWS that the cluster takes for users of its own. The map states a role without its path.
pub fn aws_auth(maker: &mut Maker, object: &Object, mapped: &[Mapped], bound: &mut Bound) {
    for entry in mapped {
        let from = format!("aws:{}", entry.arn);
        maker.stranger(&from, "aws", &object.place);
        let name = entry.user.as_deref().unwrap_or(&entry.arn);
        let user = maker.user(name, &object.place);
        maker.link(
            &from,
            &user,
            None,
            InheritHow::Federation,
            Flags::PLAIN,
            "aws-auth",
            &object.place,
        );
        for group in &entry.groups {
            bound
                .groups
                .entry(group.clone())
                .or_insert_with(|| object.place.clone());
            let group = maker.group(group, &object.place);
            maker.member(&user, &group, "aws-auth", &object.place);
        }
        bound
            .users
            .entry(name.to_owned())
            .or_insert_with(|| object.place.clone());
    }
}

/// The issuer of the accounts' tokens, where the API server's own command line states it: others may take them too.
pub fn issuer(maker: &mut Maker, issuer: &str, place: &Place) {
    let url = issuer.trim_end_matches('/');
    if !url.starts_with("https://") {
        return;
    }
    let cluster = maker.id.clone();
    let mut said = System {
        id: cluster.clone().into(),
        places: place.clone().into(),
        ..System::default()
    };
    said.attributes.insert("issuer".to_owned(), json!(url));
    maker.of(place).records.systems.push(said);
    let id = format!("oidc:{url}");
    maker.system(&id, url, "issuer", place, |s| s.platform = Some("oidc".into()));
    let said = "whoever administers the cluster signs its accounts' tokens";
    maker.trust(
        &cluster,
        &id,
        vec!["~any@~any/~any/~any:~any".to_owned()],
        false,
        Flags::ABUSE,
        said,
        place,
    );
}
