//! Accounts that are somebody in a cloud, and principals of a cloud that are somebody in the cluster.

use crate::support::{CLUSTER, account, lab, reached, sa};
use serde_json::{Value, json};
use trustmap::graph::Regime;
use trustmap::import::Loaded;
use trustmap::model::{Inherit, InheritHow};

fn annotated(name: &str, annotations: Value) -> Value {
    let mut made = account("shop", name);
    made["metadata"]["annotations"] = annotations;
    made
}

fn from<'l>(loaded: &'l Loaded, id: &str) -> Vec<&'l Inherit> {
    let federated = |i: &&Inherit| i.from.as_deref() == Some(id) && i.how == Some(InheritHow::Federation);
    loaded.inventory.records.inherits.iter().filter(federated).collect()
}

#[test]
fn annotations_link_to_the_clouds_and_are_assumed() {
    let loaded = lab(&[
        annotated(
            "irsa",
            json!({"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/app"}),
        ),
        annotated(
            "other",
            json!({"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/x", "eks.amazonaws.com/audience": "me"}),
        ),
        annotated(
            "gke",
            json!({"iam.gke.io/gcp-service-account": "app@proj.iam.gserviceaccount.com"}),
        ),
        annotated(
            "aks",
            json!({"azure.workload.identity/client-id": "0A1B2C3D-0000-4000-8000-000000000001"}),
        ),
        annotated("plain", json!({"team": "x"})),
        annotated(
            "odd",
            json!({"eks.amazonaws.com/role-arn": "not an arn", "iam.gke.io/gcp-service-account": 7}),
        ),
    ]);
    for (name, to, audiences) in [
        (
            "irsa",
            "aws:arn:aws:iam::123456789012:role/app",
            Some("sts.amazonaws.com"),
        ),
        ("other", "aws:arn:aws:iam::123456789012:role/x", Some("me")),
        ("gke", "gcp:app@proj.iam.gserviceaccount.com", None),
        (
            "aks",
            "entra:0a1b2c3d-0000-4000-8000-000000000001",
            Some("api://AzureADTokenExchange"),
        ),
    ] {
        let found = from(&loaded, &sa("shop", name));
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].to, to, "{name}");
        assert!(found[0].common.is_assumed(), "{name}");
        assert_eq!(
            found[0].audiences,
            audiences.map(|a| vec![a.to_owned()]).map(Into::into),
            "{name}"
        );
    }
    assert_eq!(
        from(&loaded, &sa("shop", "plain")).len() + from(&loaded, &sa("shop", "odd")).len(),
        0
    );
}

#[test]
fn aws_auth_says_who_of_aws_is_whom() {
    let roles = "\n- rolearn: arn:aws:iam::123456789012:role/Admin\n  username: admin-user\n  groups:\n  - system:masters\n\
                 - rolearn: arn:aws:iam::123456789012:role/Dev\n  groups: [developers]\n- groups: [nobody]\n";
    let users = "- userarn: arn:aws:iam::123456789012:user/bob\n  username: bob\n  groups: [developers]\n";
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"},
                     "data": {"mapRoles": roles, "mapUsers": users}});
    let loaded = lab(&[map]);
    let admin = reached(&loaded, "aws:arn:aws:iam::123456789012:role/Admin", Regime::BestCase);
    assert!(
        admin.contains("administration") && admin.contains("user:admin-user"),
        "{admin:?}"
    );
    let dev = reached(&loaded, "aws:arn:aws:iam::123456789012:role/Dev", Regime::WorstCase);
    assert!(
        dev.contains("group:developers") && !dev.contains("administration"),
        "{dev:?}"
    );
    let bob = reached(&loaded, "aws:arn:aws:iam::123456789012:user/bob", Regime::WorstCase);
    assert!(bob.contains("user:bob") && bob.contains("group:developers"), "{bob:?}");
    let codes = crate::loading::codes(&loaded);
    assert!(
        codes.contains(&"bad-object list.json/items/1/data/mapRoles".to_owned()),
        "{codes:?}"
    );
}

#[test]
fn the_servers_own_command_line_names_the_issuer() {
    let server = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "kube-apiserver", "namespace": "kube-system"},
        "spec": {"containers": [{"name": "s", "command": ["kube-apiserver", "--service-account-issuer=https://oidc.example.com/id/1/",
            "--secret=PLANTED"]}]}});
    let loaded = lab(&[server]);
    let systems: Vec<&str> = loaded.inventory.records.systems.iter().map(|s| s.id.as_str()).collect();
    assert!(systems.contains(&"oidc:https://oidc.example.com/id/1"), "{systems:?}");
    let cluster = loaded
        .inventory
        .records
        .systems
        .iter()
        .find(|s| s.id == CLUSTER)
        .expect("the cluster");
    assert_eq!(cluster.attributes["issuer"], json!("https://oidc.example.com/id/1"));
}
