//! Tokens and secrets: which there are, where they lie, and what is never kept of them.

use crate::support::{CLUSTER, account, bind, certain, lab, pod, reached, role, rule, sa, to};
use serde_json::{Value, json};
use trustmap::graph::Regime;
use trustmap::import::Loaded;
use trustmap::model::{Credential, CredentialKind};

fn credential<'l>(loaded: &'l Loaded, id: &str) -> Option<&'l Credential> {
    let id = format!("{CLUSTER}/{id}");
    loaded.inventory.records.credentials.iter().find(|c| c.id == id)
}

fn secret(namespace: &str, name: &str, kind: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "data": data,
           "metadata": {"name": name, "namespace": namespace, "creationTimestamp": "2025-03-01T00:00:00Z"}})
}

#[test]
fn a_legacy_token_authenticates_its_account_for_good() {
    let mut token = secret(
        "shop",
        "web-token",
        "kubernetes.io/service-account-token",
        json!({"token": "eHl6", "ca.crt": ""}),
    );
    token["metadata"]["annotations"] = json!({"kubernetes.io/service-account.name": "web"});
    let loaded = lab(&[
        account("shop", "web"),
        account("shop", "reader"),
        token,
        secret("shop", "db", "Opaque", json!({"password": "eHl6", "user": "eHl6"})),
        role(Some("shop"), "r", json!([rule("list", "core", "secrets")])),
        bind(Some("shop"), "b", "Role/r", to("shop", "reader")),
    ]);
    let found = credential(&loaded, "shop/secret/web-token").expect("the token");
    assert_eq!(found.kind, Some(CredentialKind::Jwt));
    assert_eq!(found.identity, Some(sa("shop", "web").into()));
    assert_eq!(found.issuer.as_deref(), Some(CLUSTER));
    assert_eq!((&found.audience, found.expires_at), (&None, None));
    assert_eq!(
        found.issued_at.map(|t| t.to_string()).as_deref(),
        Some("2025-03-01T00:00:00Z")
    );
    let other = credential(&loaded, "shop/secret/db").expect("the other");
    assert_eq!((other.kind, &other.identity), (Some(CredentialKind::Other), &None));
    assert_eq!(other.attributes["keys"], json!(["password", "user"]));
    // A list returns the contents; an account whose token is in none is not reached.
    let reached = reached(&loaded, &sa("shop", "reader"), Regime::WorstCase);
    assert!(
        reached.contains("shop/secret/web-token") && reached.contains("shop/secret/db"),
        "{reached:?}"
    );
    assert!(!reached.contains("system:serviceaccount:shop:web"), "{reached:?}");
}

#[test]
fn where_no_file_holds_secrets_tokens_may_lie_in_them() {
    let loaded = lab(&[
        account("shop", "web"),
        account("shop", "reader"),
        role(Some("shop"), "r", json!([rule("get", "core", "secrets")])),
        bind(Some("shop"), "b", "Role/r", to("shop", "reader")),
    ]);
    let web = "system:serviceaccount:shop:web";
    assert!(reached(&loaded, &sa("shop", "reader"), Regime::WorstCase).contains(web));
    assert!(!certain(&loaded, &sa("shop", "reader")).contains(web));
}

#[test]
fn projected_tokens_state_for_whom_they_are() {
    let projected = json!({"volumes": [
        {"name": "kube-api-access-x", "projected": {"sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt"}}]}},
        {"name": "vault", "projected": {"sources": [
            {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 600, "path": "vault-token"}},
            {"secret": {"name": "extra"}}]}}]});
    let mounts = json!({"volumeMounts": [{"name": "kube-api-access-x", "mountPath": "/a"}, {"name": "vault", "mountPath": "/b"}]});
    let loaded = lab(&[account("shop", "web"), pod("shop", "p", "web", projected, mounts)]);
    let own = credential(&loaded, "shop/pod/p:token").expect("the API's token");
    assert_eq!(own.audience, Some(vec![CLUSTER.to_owned()]).map(Into::into));
    assert_eq!(own.attributes["expires_after_secs"], json!(3607));
    let vault = credential(&loaded, "shop/pod/p:token:vault").expect("the other's token");
    assert_eq!(vault.audience, Some(vec!["vault".to_owned()]).map(Into::into));
    assert_eq!(vault.identity, Some(sa("shop", "web").into()));
    let found = certain(&loaded, &format!("{CLUSTER}/shop/pod/p"));
    assert!(found.contains("shop/secret/extra"), "{found:?}");
}

#[test]
fn a_token_for_another_audience_opens_nothing_at_the_api_server() {
    let both = |audience: Value| {
        let spec = json!({"automountServiceAccountToken": false, "volumes": [{"name": "t", "projected": {"sources": [
            {"serviceAccountToken": {"audience": audience, "path": "t"}}]}}]});
        let loaded = lab(&[
            account("shop", "web"),
            pod(
                "shop",
                "p",
                "web",
                spec,
                json!({"volumeMounts": [{"name": "t", "mountPath": "/t"}]}),
            ),
            role(None, "all", json!([rule("*", "*", "*")])),
            bind(None, "b", "ClusterRole/all", to("shop", "web")),
        ]);
        reached(&loaded, &format!("{CLUSTER}/shop/pod/p"), Regime::WorstCase).contains("administration")
    };
    assert!(!both(json!("vault")));
    assert!(both(json!("https://kubernetes.default.svc")));
}

#[test]
fn whether_a_token_is_mounted_is_up_to_the_pod_and_then_to_the_account() {
    let mounted = |of_pod: Option<bool>, of_account: Option<bool>| {
        let mut web = account("shop", "web");
        if let Some(of_account) = of_account {
            web["automountServiceAccountToken"] = of_account.into();
        }
        let spec = of_pod.map_or(json!({}), |m| json!({"automountServiceAccountToken": m}));
        let loaded = lab(&[web, pod("shop", "p", "web", spec, json!({}))]);
        credential(&loaded, "shop/pod/p:token").is_some()
    };
    assert!(mounted(None, None));
    assert!(mounted(Some(true), Some(false)));
    assert!(mounted(None, Some(true)));
    assert!(!mounted(None, Some(false)));
    assert!(!mounted(Some(false), None));
    assert!(!mounted(Some(false), Some(true)));
}

#[test]
fn secrets_are_where_they_are_mounted_or_read() {
    let container = json!({
        "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "one", "key": "k"}}}, {"name": "PLAIN", "value": "x"}],
        "envFrom": [{"secretRef": {"name": "two"}}, {"configMapRef": {"name": "no-secret"}}],
        "volumeMounts": [{"name": "v", "mountPath": "/v"}]
    });
    let spec = json!({"volumes": [{"name": "v", "secret": {"secretName": "three"}}, {"name": "w", "secret": {"secretName": "unmounted"}}]});
    let loaded = lab(&[pod("shop", "p", "web", spec, container)]);
    let found = certain(&loaded, &format!("{CLUSTER}/shop/pod/p"));
    let secrets: Vec<&str> = found.iter().filter_map(|id| id.strip_prefix("shop/secret/")).collect();
    assert_eq!(secrets, ["one", "three", "two"]);
}

#[test]
fn no_value_of_a_secret_is_kept() {
    let planted = [
        "UExBTlRFRC1PTkU=",
        "PLANTED-TWO",
        "PLANTED-THREE",
        "PLANTED-FOUR",
        "PLANTED-FIVE",
    ];
    let mut token = secret(
        "shop",
        "s",
        "Opaque",
        json!({"password": planted[0], "mapRoles": planted[1]}),
    );
    token["stringData"] = json!({"more": planted[2]});
    token["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":{{\"password\":\"{}\"}}}}", planted[0])});
    let container = json!({"env": [{"name": "KEY", "value": planted[3]}], "args": [format!("--password={}", planted[4])],
                           "command": ["sh", planted[4]]});
    let items = [token, pod("shop", "p", "web", json!({}), container)];
    let loaded = lab(&items);
    let text = format!("{:?}{:?}", loaded.inventory, loaded.diagnostics);
    for value in planted {
        assert!(!text.contains(value), "{value} was kept");
    }
    let yaml: String = items.iter().map(|i| format!("---\n{i}\n")).collect();
    let loaded = crate::support::load_files(&[(
        "s.yaml",
        format!("kind: Namespace\napiVersion: v1\nmetadata: {{name: x}}\n{yaml}"),
    )]);
    assert!(loaded.inventory.records.credentials.len() >= 2);
    let text = format!("{:?}{:?}", loaded.inventory, loaded.diagnostics);
    for value in planted {
        assert!(!text.contains(value), "{value} was kept from YAML");
    }
}
