//! Roles and bindings, as the API server evaluates them.

use crate::loading::codes;
use crate::support::{
    CLUSTER, RBAC, account, bind, certain, granted, is_admin, lab, pod, reached, role, rule, sa, to, with,
};
use serde_json::{Value, json};
use trustmap::graph::Regime;

/// What a role of these rules gives an account that it is bound to, in the namespace or (without one) everywhere.
#[track_caller]
fn check(namespace: Option<&str>, rules: Value, expected: &[&str]) {
    let loaded = lab(&[
        account("shop", "a"),
        role(None, "r", rules.clone()),
        bind(namespace, "b", "ClusterRole/r", to("shop", "a")),
    ]);
    assert_eq!(granted(&loaded, &sa("shop", "a")), expected, "{rules}");
}

#[test]
fn who_is_bound_to_a_role_shares_the_list_of_what_it_gives() {
    let loaded = lab(&[
        role(
            None,
            "r",
            json!([rule("get list watch", "core apps", "pods services nodes")]),
        ),
        bind(
            None,
            "one",
            "ClusterRole/r",
            json!([to("shop", "a")[0], to("shop", "b")[0]]),
        ),
        bind(None, "two", "ClusterRole/r", to("other", "c")),
        bind(Some("shop"), "here", "ClusterRole/r", to("shop", "a")),
    ]);
    let grants = || loaded.inventory.records.grants.iter();
    let of = |id: &str| {
        let grant = grants().find(|grant| grant.common.id.as_deref() == Some(id));
        grant.unwrap_or_else(|| panic!("no {id}")).scopes.clone()
    };
    let everywhere = ["one#1", "one#2", "two"].map(|name| of(&format!("{CLUSTER}/clusterrolebinding/{name}")));
    assert!(
        everywhere
            .iter()
            .all(|list| list.len() == 18 && list[0].contains("@*/"))
    );
    assert!(everywhere.iter().all(|list| list.as_ptr() == everywhere[0].as_ptr()));
    let here = of(&format!("{CLUSTER}/shop/rolebinding/here"));
    assert!(
        here.len() == 18 && here.iter().all(|scope| scope.contains("@shop/")),
        "{here:?}"
    );
}

#[test]
fn a_binding_ends_at_its_namespace() {
    let rules = || json!([rule("get list", "core", "pods")]);
    check(
        Some("shop"),
        rules(),
        &["get@shop/core/pods:*", "list@shop/core/pods:*"],
    );
    check(None, rules(), &["get@*/core/pods:*", "list@*/core/pods:*"]);
}

#[test]
fn wildcards_names_and_subresources() {
    check(None, json!([rule("*", "*", "*")]), &["*@*/*/*:*"]);
    check(
        Some("shop"),
        json!([rule("* get", "core apps", "*")]),
        &["*@shop/apps/*:*", "*@shop/core/*:*"],
    );
    check(
        None,
        json!([rule("create", "core", "pods/exec")]),
        &["create@*/core/pods/exec:*"],
    );
    check(
        None,
        json!([rule("create", "core", "*/exec pods/*")]),
        &["create@*/core/*/exec:*", "create@*/core/pods/*:*"],
    );
    let named =
        |names: Value, verbs: &str| json!([with(rule(verbs, "core", "secrets"), json!({"resourceNames": names}))]);
    check(
        Some("shop"),
        named(json!(["a", "b"]), "get"),
        &["get@shop/core/secrets:a", "get@shop/core/secrets:b"],
    );
    // A list of named objects is allowed with a field selector, and returns those alone.
    check(Some("shop"), named(json!(["a"]), "list"), &["list@shop/core/secrets:a"]);
    // A star among names is a name, and nothing is called so.
    check(
        Some("shop"),
        named(json!(["*", "a"]), "get"),
        &["get@shop/core/secrets:a"],
    );
    check(Some("shop"), named(json!([]), "get"), &["get@shop/core/secrets:*"]);
    // Verbs are exact too.
    check(Some("shop"), json!([rule("get*", "core", "secrets")]), &[]);
    let urls = json!([{"verbs": ["get"], "nonResourceURLs": ["/metrics", "/healthz/*"]}]);
    check(None, urls.clone(), &["get@url:/healthz/*", "get@url:/metrics"]);
    check(Some("shop"), urls, &[]);
}

#[test]
fn cluster_scoped_objects_are_out_of_reach_of_a_role_binding() {
    let nodes = json!([rule("get create", "core", "nodes/proxy")]);
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}});
    for (namespace, expected) in [(None, true), (Some("shop"), false)] {
        let loaded = lab(&[
            account("shop", "a"),
            node.clone(),
            role(None, "r", nodes.clone()),
            bind(namespace, "b", "ClusterRole/r", to("shop", "a")),
        ]);
        assert_eq!(
            certain(&loaded, &sa("shop", "a")).contains("node/n1"),
            expected,
            "{namespace:?}"
        );
    }
}

#[test]
fn aggregated_roles_have_the_rules_of_all_that_are_selected() {
    let labelled = |name: &str, labels: Value, rules: Value| {
        let mut made = role(None, name, rules);
        made["metadata"]["labels"] = labels;
        made
    };
    let aggregate = |name: &str, labels: Value, selectors: Value| {
        with(
            labelled(name, labels, Value::Null),
            json!({"aggregationRule": {"clusterRoleSelectors": selectors}}),
        )
    };
    let loaded = lab(&[
        account("shop", "a"),
        labelled(
            "one",
            json!({"to": "all", "tier": "x"}),
            json!([rule("get", "core", "pods")]),
        ),
        labelled("two", json!({"tier": "y"}), json!([rule("get", "core", "secrets")])),
        labelled("three", json!({"to": "others"}), json!([rule("get", "core", "nodes")])),
        aggregate(
            "inner",
            json!({"to": "all"}),
            json!([{"matchExpressions": [{"key": "tier", "operator": "In", "values": ["y"]}]}]),
        ),
        // A circle ends.
        aggregate("outer", json!({"to": "all"}), json!([{"matchLabels": {"to": "all"}}])),
        bind(None, "b", "ClusterRole/outer", to("shop", "a")),
    ]);
    assert_eq!(
        granted(&loaded, &sa("shop", "a")),
        ["get@*/core/pods:*", "get@*/core/secrets:*"]
    );
}

#[test]
fn groups_hold_for_every_account_in_them() {
    let secrets = |what: &str| role(None, what, json!([rule("get", "core", what)]));
    let group = |name: &str| json!([{"kind": "Group", "name": name, "apiGroup": RBAC}]);
    let loaded = lab(&[
        account("shop", "a"),
        account("bank", "b"),
        secrets("pods"),
        secrets("secrets"),
        secrets("services"),
        bind(None, "1", "ClusterRole/pods", group("system:authenticated")),
        bind(None, "2", "ClusterRole/secrets", group("system:serviceaccounts:shop")),
        bind(
            Some("shop"),
            "3",
            "ClusterRole/services",
            json!([{"kind": "User", "name": "system:serviceaccount:bank:b"}]),
        ),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": "key", "namespace": "bank"}}),
    ]);
    assert!(certain(&loaded, &sa("shop", "a")).contains("bank/secret/key"));
    assert!(!certain(&loaded, &sa("bank", "b")).contains("bank/secret/key"));
    assert_eq!(granted(&loaded, &sa("bank", "b")), ["get@shop/core/services:*"]);
    let everybody = granted(&loaded, &format!("{CLUSTER}:group:system:authenticated"));
    assert_eq!(everybody, ["get@*/core/pods:*"]);
}

#[test]
fn masters_and_strangers() {
    let loaded = lab(&[
        role(None, "view-all", json!([rule("*", "*", "*")])),
        bind(
            None,
            "open",
            "ClusterRole/view-all",
            json!([{"kind": "Group", "name": "system:unauthenticated"}]),
        ),
        bind(
            None,
            "m",
            "ClusterRole/nothing-known",
            json!([{"kind": "Group", "name": "system:masters"}]),
        ),
    ]);
    assert!(is_admin(&loaded, "anyone"));
    assert!(granted(&loaded, &format!("{CLUSTER}:group:system:masters")).contains(&"*@*".to_owned()));
}

#[test]
fn a_role_that_no_file_holds_is_assumed_to_give_everything_where_it_is_bound() {
    let loaded = lab(&[
        account("shop", "a"),
        account("shop", "b"),
        bind(Some("shop"), "x", "Role/lost", to("shop", "a")),
        bind(Some("shop"), "y", "ClusterRole/view", to("shop", "b")),
    ]);
    assert_eq!(granted(&loaded, &sa("shop", "a")), ["assumed *@shop/*/*:*"]);
    assert!(
        codes(&loaded).contains(&"unknown-role list.json/items/3".to_owned()),
        "{:?}",
        codes(&loaded)
    );
    // What every cluster has is known.
    let view = granted(&loaded, &sa("shop", "b"));
    assert!(view.contains(&"get@shop/core/pods:*".to_owned()), "{view:?}");
    assert!(
        !view.iter().any(|s| s.contains("secrets") || s.starts_with("assumed")),
        "{view:?}"
    );
}

#[test]
fn a_cluster_role_binding_to_a_role_gives_nothing() {
    let loaded = lab(&[
        account("shop", "a"),
        role(Some("shop"), "r", json!([rule("*", "*", "*")])),
        bind(None, "b", "Role/r", to("shop", "a")),
    ]);
    assert_eq!(granted(&loaded, &sa("shop", "a")), [""; 0]);
    assert!(
        codes(&loaded).contains(&"no-effect list.json/items/3".to_owned()),
        "{:?}",
        codes(&loaded)
    );
}

#[test]
fn administrators_are_those_who_may_do_everything_and_no_others() {
    let admin = |namespace: Option<&str>, rules: Value| {
        let loaded = lab(&[
            account("shop", "a"),
            role(None, "r", rules),
            bind(namespace, "b", "ClusterRole/r", to("shop", "a")),
        ]);
        is_admin(&loaded, &sa("shop", "a"))
    };
    assert!(admin(None, json!([rule("*", "*", "*")])));
    assert!(!admin(Some("shop"), json!([rule("*", "*", "*")])));
    assert!(!admin(None, json!([rule("*", "apps batch", "*")])));
    // Everything of the core group is impersonation too.
    assert!(admin(None, json!([rule("*", "core", "*")])));
    assert!(!admin(None, json!([rule("get list watch", "*", "*")])));
    assert!(admin(None, json!([rule("impersonate", "core", "users groups")])));
    assert!(!admin(None, json!([rule("impersonate", "core", "groups")])));
    assert!(!admin(
        Some("shop"),
        json!([rule("impersonate", "core", "users groups")])
    ));
    assert!(admin(None, json!([rule("update escalate", RBAC, "clusterroles")])));
    assert!(!admin(None, json!([rule("update", RBAC, "clusterroles")])));
    assert!(!admin(
        None,
        json!([rule("create update patch", RBAC, "clusterrolebindings rolebindings")])
    ));
    let csr = "certificates.k8s.io";
    let approve = with(
        rule("approve", csr, "signers"),
        json!({"resourceNames": ["kubernetes.io/kube-apiserver-client"]}),
    );
    let create = rule("create", csr, "certificatesigningrequests");
    let update = rule("update", csr, "certificatesigningrequests/approval");
    assert!(admin(None, json!([create, update, approve])));
    assert!(!admin(None, json!([create, update])));
}

/// The cases of binding roles that a published laboratory has, with what each comes to. `by` says how the account's
/// own permissions are given (by a cluster role or a role, bound for the cluster or a namespace), `may` what it may
/// create and bind.
#[test]
fn binding_roles_to_oneself() {
    let lab_of = |everywhere: bool, create: &str, target: &str| {
        let rules = json!([rule("create", RBAC, create), rule("bind", RBAC, target)]);
        let everything = || json!([rule("*", "*", "*")]);
        let mut items = vec![
            account("default", "a"),
            role(Some("default"), "admin-of-default", everything()),
            role(Some("vault"), "admin-of-vault", everything()),
            role(None, "reader", json!([rule("get", "core", "nodes")])),
        ];
        if everywhere {
            items.push(role(None, "binder", rules));
            items.push(bind(None, "b", "ClusterRole/binder", to("default", "a")));
        } else {
            items.push(role(Some("default"), "binder", rules));
            items.push(bind(Some("default"), "b", "Role/binder", to("default", "a")));
        }
        let reached = certain(&lab(&items), &sa("default", "a"));
        let has = |id: &str| reached.contains(id);
        (
            has("administration"),
            has("ns/default:admin") || has("default/role/admin-of-default"),
            has("ns/vault:admin") || has("vault/role/admin-of-vault"),
        )
    };
    // Cluster bindings and cluster roles: everything.
    assert_eq!(lab_of(true, "clusterrolebindings", "clusterroles"), (true, true, true));
    // Bindings everywhere and cluster roles: every namespace, and no more.
    assert_eq!(lab_of(true, "rolebindings", "clusterroles"), (false, true, true));
    assert_eq!(lab_of(true, "rolebindings", "roles"), (false, true, true));
    // A cluster binding takes no role of a namespace.
    assert_eq!(lab_of(true, "clusterrolebindings", "roles"), (false, false, false));
    // Within one namespace.
    assert_eq!(lab_of(false, "rolebindings", "clusterroles"), (false, true, false));
    assert_eq!(lab_of(false, "rolebindings", "roles"), (false, true, false));
    assert_eq!(
        lab_of(false, "clusterrolebindings", "clusterroles"),
        (false, false, false)
    );
}

#[test]
fn impersonation_and_token_requests_name_whom() {
    let may = |rules: Value| {
        let loaded = lab(&[
            account("shop", "a"),
            account("shop", "b"),
            account("shop", "c"),
            role(Some("shop"), "r", rules),
            bind(Some("shop"), "x", "Role/r", to("shop", "a")),
        ]);
        let found = certain(&loaded, &sa("shop", "a"));
        ["b", "c"].map(|n| found.contains(&format!("system:serviceaccount:shop:{n}")))
    };
    assert_eq!(
        may(json!([rule("impersonate", "core", "serviceaccounts")])),
        [true, true]
    );
    assert_eq!(
        may(json!([rule("create", "core", "serviceaccounts/token")])),
        [true, true]
    );
    let only_b = json!({"resourceNames": ["b"]});
    assert_eq!(
        may(json!([with(
            rule("impersonate", "core", "serviceaccounts"),
            only_b.clone()
        )])),
        [true, false]
    );
    assert_eq!(
        may(json!([with(rule("create", "core", "serviceaccounts/token"), only_b)])),
        [true, false]
    );
    assert_eq!(may(json!([rule("create", "core", "serviceaccounts")])), [false, false]);
    assert_eq!(may(json!([rule("create get", "core", "secrets")])), [true, true]);
    assert_eq!(may(json!([rule("create", "core", "secrets")])), [false, false]);
    assert_eq!(may(json!([rule("create", "core", "pods")])), [true, true]);
    assert_eq!(may(json!([rule("patch", "apps", "deployments")])), [true, true]);
    assert_eq!(
        may(json!([rule("get list watch", "core", "pods serviceaccounts")])),
        [false, false]
    );
}

#[test]
fn a_permission_that_is_taken_away_takes_the_path_with_it() {
    // Two steps: a role that may be bound allows what leads on.
    let items = |bindable: &str| {
        vec![
            account("shop", "a"),
            account("shop", "b"),
            role(Some("shop"), "exec", json!([rule("create", "core", "pods/exec")])),
            role(
                Some("shop"),
                "binder",
                json!([
                    rule("create", RBAC, "rolebindings"),
                    with(rule("bind", RBAC, "roles"), json!({"resourceNames": [bindable]}))
                ]),
            ),
            bind(Some("shop"), "x", "Role/binder", to("shop", "a")),
            pod("shop", "p", "b", json!({}), json!({})),
        ]
    };
    let loaded = lab(&items("exec"));
    let found = reached(&loaded, &sa("shop", "a"), Regime::BestCase);
    assert!(
        found.contains("shop/pod/p") && found.contains("shop/pod/p:token"),
        "{found:?}"
    );
    let found = reached(&lab(&items("other")), &sa("shop", "a"), Regime::WorstCase);
    assert!(!found.contains("shop/pod/p"), "{found:?}");
}
