//! Pods and their nodes: ways in, ways out.

use crate::support::{CLUSTER, account, bind, certain, lab, pod, reached, role, rule, sa, to, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trustmap::graph::Regime;

/// The ways from a pod to its node, by name, those that are only assumed marked.
fn escapes(spec: Value, container: Value) -> Vec<String> {
    escapes_with(spec, container, &[])
}

fn escapes_with(spec: Value, container: Value, more: &[Value]) -> Vec<String> {
    let mut items = vec![pod("shop", "p", "a", with(json!({"nodeName": "n1"}), spec), container)];
    items.extend_from_slice(more);
    let loaded = lab(&items);
    let trusts = &loaded.inventory.records.trusts;
    let mut ways: Vec<String> = trusts
        .iter()
        .filter(|t| t.from == format!("{CLUSTER}/shop/pod/p") && t.to == format!("{CLUSTER}/node/n1"))
        .flat_map(|t| {
            let mark = if t.common.is_assumed() { "assumed " } else { "" };
            let said = t.common.evidence.clone().unwrap_or_default();
            let ids: Vec<String> = said
                .split("; ")
                .filter_map(|w| w.split_once(" ("))
                .map(|(id, _)| format!("{mark}{id}"))
                .collect();
            assert_eq!(t.common.intended, Some(false));
            assert_eq!(t.exchange, None);
            ids
        })
        .filter(|id| {
            id.trim_start_matches("assumed ")
                .chars()
                .all(|c| c.is_ascii_uppercase() || c == '_')
        })
        .collect();
    ways.sort();
    ways
}

fn adds(capabilities: &[&str]) -> Value {
    json!({"securityContext": {"capabilities": {"add": capabilities}}})
}

/// A mount of a path of the host.
fn host(path: &str, read_only: bool) -> (Value, Value) {
    (
        json!({"volumes": [{"name": "h", "hostPath": {"path": path}}]}),
        json!({"volumeMounts": [{"name": "h", "mountPath": "/x", "readOnly": read_only}]}),
    )
}

#[test]
fn a_plain_pod_stays_in_its_container() {
    assert_eq!(escapes(json!({}), json!({})), [""; 0]);
    assert_eq!(escapes(json!({"hostNetwork": true}), adds(&["NET_ADMIN"])), [""; 0]);
    assert_eq!(escapes(json!({"hostPID": true}), json!({})), [""; 0]);
    assert_eq!(
        escapes(json!({}), json!({"securityContext": {"privileged": false}})),
        [""; 0]
    );
    let (spec, container) = host("/data", false);
    assert_eq!(escapes(spec, container), [""; 0]);
    // A volume that no container mounts is nowhere.
    assert_eq!(escapes(host("/", false).0, json!({})), [""; 0]);
}

#[test]
fn what_leads_to_the_node() {
    let privileged = || json!({"securityContext": {"privileged": true}});
    assert_eq!(escapes(json!({}), privileged()), ["CE_PRIV_MOUNT"]);
    assert_eq!(
        escapes(json!({"hostPID": true}), privileged()),
        ["CE_NSENTER", "CE_PRIV_MOUNT"]
    );
    assert_eq!(escapes(json!({}), adds(&["SYS_MODULE"])), ["CE_MODULE_LOAD"]);
    assert_eq!(escapes(json!({}), adds(&["CAP_SYS_MODULE"])), ["CE_MODULE_LOAD"]);
    assert_eq!(
        escapes(json!({"hostPID": true}), adds(&["SYS_PTRACE", "SYS_ADMIN"])),
        ["CAP_SYS_ADMIN", "CE_SYS_PTRACE"]
    );
    assert_eq!(escapes(json!({}), adds(&["SYS_PTRACE"])), [""; 0]);
    assert_eq!(escapes(json!({}), adds(&["SYS_ADMIN"])), ["assumed CAP_SYS_ADMIN"]);
    let path = |path: &str, read_only: bool| {
        let (spec, container) = host(path, read_only);
        escapes(spec, container)
    };
    assert_eq!(path("/proc/sys/kernel", false), ["CE_UMH_CORE_PATTERN"]);
    assert_eq!(path("/proc/sys/kernel", true), [""; 0]);
    assert_eq!(path("/root/.ssh", true), ["EXPLOIT_HOST_READ"]);
    assert_eq!(path("/root/.ssh/", false), ["EXPLOIT_HOST_READ", "EXPLOIT_HOST_WRITE"]);
    assert_eq!(
        path("/var/lib/kubelet/pods", true),
        ["EXPLOIT_HOST_READ", "EXPLOIT_HOST_TRAVERSE"]
    );
    assert_eq!(
        path("/run/containerd/containerd.sock", false),
        ["EXPLOIT_CONTAINERD_SOCK"]
    );
    assert_eq!(path("/var/log", false), [""; 0]);
    let reads_logs = [
        role(Some("shop"), "logs", json!([rule("get", "core", "pods/log")])),
        bind(Some("shop"), "b", "Role/logs", to("shop", "a")),
    ];
    let (spec, container) = host("/var/log", false);
    assert_eq!(escapes_with(spec, container, &reads_logs), ["CE_VAR_LOG_SYMLINK"]);
}

#[test]
fn a_node_has_its_pods_and_its_kubelet() {
    let loaded = lab(&[
        pod(
            "shop",
            "p",
            "a",
            json!({"nodeName": "n1"}),
            json!({"securityContext": {"privileged": true}}),
        ),
        pod("shop", "q", "b", json!({"nodeName": "n1"}), json!({})),
        pod("shop", "far", "c", json!({"nodeName": "n2"}), json!({})),
        pod("shop", "anywhere", "d", json!({}), json!({})),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": {"env": "prod"}}}),
    ]);
    let from_p = certain(&loaded, &format!("{CLUSTER}/shop/pod/p"));
    let expected: BTreeSet<String> = [
        "node/n1",
        "node/n1:kubelet",
        "shop/pod/p:token",
        "shop/pod/q",
        "shop/pod/q:token",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(from_p, expected);
    let node = loaded
        .inventory
        .records
        .systems
        .iter()
        .find(|s| s.id == format!("{CLUSTER}/node/n1"));
    assert_eq!(node.and_then(|n| n.environment.as_deref()), Some("prod"));
}

#[test]
fn ways_into_a_pod() {
    let into = |verbs: &str, resources: &str, more: Value| {
        let loaded = lab(&[
            account("shop", "a"),
            role(Some("shop"), "r", json!([with(rule(verbs, "core", resources), more)])),
            bind(Some("shop"), "x", "Role/r", to("shop", "a")),
            pod("shop", "p", "b", json!({}), json!({})),
            pod("shop", "q", "b", json!({}), json!({})),
            pod("bank", "p", "b", json!({}), json!({})),
        ]);
        let found = certain(&loaded, &sa("shop", "a"));
        ["shop/pod/p", "shop/pod/q", "bank/pod/p"].map(|p| found.contains(p))
    };
    for (verbs, resources) in [
        ("create", "pods/exec"),
        ("get", "pods/exec"),
        ("create", "pods/attach"),
        ("patch", "pods/ephemeralcontainers"),
        ("patch", "pods"),
        ("update", "pods"),
        ("*", "*"),
        ("create", "*/exec"),
    ] {
        assert_eq!(
            into(verbs, resources, json!({})),
            [true, true, false],
            "{verbs} {resources}"
        );
    }
    for (verbs, resources) in [
        ("get list watch delete", "pods"),
        ("create", "pods/log"),
        ("create", "pods/portforward"),
    ] {
        assert_eq!(into(verbs, resources, json!({})), [false; 3], "{verbs} {resources}");
    }
    assert_eq!(
        into("create", "pods/exec", json!({"resourceNames": ["p"]})),
        [true, false, false]
    );
}

#[test]
fn who_creates_pods_is_on_a_node_unless_the_namespace_forbids_it() {
    let nodes = |labels: Option<Value>, regime: Regime| {
        let mut items = vec![
            account("shop", "a"),
            role(Some("shop"), "r", json!([rule("create", "core", "pods")])),
            bind(Some("shop"), "x", "Role/r", to("shop", "a")),
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}),
        ];
        if let Some(labels) = labels {
            items
                .push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}));
        }
        reached(&lab(&items), &sa("shop", "a"), regime).contains("node/n1")
    };
    let enforce = |level: &str| json!({"pod-security.kubernetes.io/enforce": level});
    // No file holds the namespace: it may be.
    assert!(nodes(None, Regime::WorstCase));
    assert!(!nodes(None, Regime::BestCase));
    assert!(nodes(Some(json!({})), Regime::BestCase));
    assert!(nodes(Some(enforce("privileged")), Regime::BestCase));
    assert!(!nodes(Some(enforce("baseline")), Regime::WorstCase));
    assert!(!nodes(Some(enforce("restricted")), Regime::WorstCase));
}

#[test]
fn templates_stand_for_pods_that_no_file_holds() {
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"serviceAccountName": "web", "containers": [{"name": "c",
            "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "api", "key": "k"}}}]}]}}}});
    let loaded = lab(&[
        deployment.clone(),
        account("shop", "ci"),
        role(
            Some("shop"),
            "r",
            json!([with(
                rule("patch", "apps", "deployments"),
                json!({"resourceNames": ["web"]})
            )]),
        ),
        bind(Some("shop"), "b", "Role/r", to("shop", "ci")),
    ]);
    let found = certain(&loaded, &sa("shop", "ci"));
    for id in [
        "shop/deployment/web",
        "shop/deployment/web:token",
        "shop/secret/api",
        "system:serviceaccount:shop:web",
    ] {
        assert!(found.contains(id), "{id} in {found:?}");
    }
    let mut owned = pod("shop", "web-1", "web", json!({}), json!({}));
    owned["metadata"]["ownerReferences"] = json!([{"kind": "ReplicaSet", "name": "web-1"}]);
    let loaded = lab(&[deployment, owned]);
    let ids: Vec<&str> = loaded.inventory.records.systems.iter().map(|s| s.id.as_str()).collect();
    assert!(
        ids.contains(&"k8s:lab/shop/pod/web-1") && !ids.contains(&"k8s:lab/shop/deployment/web"),
        "{ids:?}"
    );
}
