//! Files that are not as they should be: parts, pages, wrong types, mutations, size.

use crate::loading::codes;
use crate::loading::mutation::check_mutations;
use crate::support::{account, bind, list, load_files, named, pod, role, rule, sa, to};
use serde_json::{Value, json};
use trustmap::import::{Recognised, recognise};

#[test]
fn pages_and_ends_are_said() {
    let page = |metadata: Value| {
        let text =
            json!({"apiVersion": "v1", "kind": "List", "items": [account("a", "b")], "metadata": metadata}).to_string();
        let loaded = load_files(&[("p.json", text)]);
        (
            loaded.inputs[0].complete,
            codes(&loaded).contains(&"incomplete p.json/metadata".to_owned()),
        )
    };
    assert_eq!(page(json!({"resourceVersion": "", "continue": ""})), (true, false));
    assert_eq!(page(json!({"continue": "abc"})), (false, true));
    assert_eq!(page(json!({"remainingItemCount": 7})), (false, true));
    let whole = list(&[account("shop", "one"), account("shop", "two")]);
    let at_two = whole.find("\"two\"").expect("it is there");
    for cut in [at_two, whole.find("},{\"apiVersion").expect("two items") + 1] {
        let loaded = load_files(&[("p.json", &whole[..cut])]);
        assert!(!loaded.inputs[0].complete, "{cut}");
        assert!(
            codes(&loaded).iter().any(|c| c.starts_with("cut-off ")),
            "{:?}",
            codes(&loaded)
        );
        let ids: Vec<&str> = loaded
            .inventory
            .records
            .identities
            .iter()
            .map(|i| i.id.as_str())
            .collect();
        assert!(ids.contains(&"k8s:cluster:system:serviceaccount:shop:one"), "{ids:?}");
    }
}

#[test]
fn one_odd_object_costs_no_other() {
    let good = account("shop", "good").to_string();
    for (odd, code) in [
        ("{\"kind\": \"Role\", \"apiVersion\": 7}", "bad-object"),
        (
            "{\"kind\": \"Pod\", \"metadata\": {\"name\": \"x\"}, \"spec\": [1]}",
            "bad-object",
        ),
        ("{\"kind\": \"Role\", \"metadata\": {\"name\": 5}}", "bad-object"),
        (
            "{\"kind\": \"Role\", \"metadata\": {\"name\": \"r\"}, \"rules\": {\"a\": 1}}",
            "wrong-type",
        ),
        (
            "{\"kind\": \"Role\", \"metadata\": {\"name\": \"r\"}, \"rules\": [{\"verbs\": [1, null]}]}",
            "wrong-type",
        ),
        (
            "{\"kind\": \"RoleBinding\", \"metadata\": {\"name\": \"r\"}, \"subjects\": 1}",
            "bad-object",
        ),
        (
            "{\"kind\": \"RoleBinding\", \"metadata\": {\"name\": \"r\"}, \"roleRef\": {\"name\": \"x\"}, \"subjects\": [1]}",
            "bad-object",
        ),
        ("17", "bad-object"),
        ("{\"nothing\": true}", "bad-object"),
        ("{\"kind\": \"Role\" \"metadata\": {}}", "bad-object"),
    ] {
        let text = format!("{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{odd}, {good}]}}");
        let loaded = load_files(&[("p.json", text)]);
        assert!(
            codes(&loaded)
                .iter()
                .any(|c| c.starts_with(&format!("{code} p.json/items/0"))),
            "{odd}: {:?}",
            codes(&loaded)
        );
        let good = "k8s:cluster:system:serviceaccount:shop:good";
        assert!(
            loaded.inventory.records.identities.iter().any(|i| i.id == good),
            "{odd}"
        );
    }
}

#[test]
fn what_is_recognised() {
    let by = |name: &str, text: &str| match recognise(name, text) {
        Recognised::By(importer) => importer.name(),
        _ => "",
    };
    for text in [
        "{\"apiVersion\": \"v1\", \"items\": [], \"kind\": \"List\"}",
        "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": [",
        "{\"apiVersion\": \"rbac.authorization.k8s.io/v1beta1\", \"kind\": \"Role\"}",
        "{\"apiVersion\": \"v1\", \"items\": [{\"metadata\": {",
        "[{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\"}]",
        "{\"metadata\": {}, \"items\": [{\"metadata\": {\"name\": \"x\"}, \"rules\": []}]}",
        "apiVersion: v1\nkind: Pod\n",
        "# x\n---\nkind: Pod\napiVersion: v1\n",
    ] {
        assert_eq!(by("x", text), "kubernetes-objects", "{text}");
    }
    for text in [
        "{\"apiVersion\": \"2024-01-01\", \"kind\": \"app\"}",
        "{\"items\": [{\"id\": 1}]}",
        "{\"items\": []}",
        "[{\"kind\": \"x\"}]",
        "on: push\n",
        "name: x\nversion: 1\n",
        "apiVersion: v2\nname: chart\n",
    ] {
        assert_eq!(by("x", text), "", "{text}");
    }
}

/// A cluster of some size: accounts, roles, bindings, pods and secrets, an administrator among them.
fn cluster(namespaces: usize) -> Vec<Value> {
    let mut items = vec![
        named("lab"),
        account("kube-system", "boss"),
        role(None, "all", json!([rule("*", "*", "*")])),
        bind(None, "boss", "ClusterRole/all", to("kube-system", "boss")),
    ];
    for n in 0..8 {
        items.push(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{n}")}}));
    }
    for n in 0..namespaces {
        let ns = format!("ns{n}");
        items.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}}));
        items.push(role(
            Some(&ns),
            "r",
            json!([rule(
                "get list create",
                "core apps",
                "pods pods/exec secrets deployments"
            )]),
        ));
        for a in 0..3 {
            let name = format!("a{a}");
            items.push(account(&ns, &name));
            items.push(bind(Some(&ns), &name, "Role/r", to(&ns, &name)));
            items.push(pod(
                &ns,
                &name,
                &name,
                json!({"nodeName": format!("n{}", n % 8)}),
                json!({}),
            ));
            items.push(json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": name, "namespace": ns}}));
        }
    }
    items
}

#[test]
fn records_grow_with_the_objects() {
    let count = |namespaces: usize| {
        let items = cluster(namespaces);
        let loaded = load_files(&[("c.json", list(&items))]);
        let r = &loaded.inventory.records;
        let records = r.systems.len()
            + r.identities.len()
            + r.credentials.len()
            + r.grants.len()
            + r.exposures.len()
            + r.inherits.len()
            + r.trusts.len();
        (items.len() as f64, records as f64)
    };
    let (one, two, four) = (count(20), count(40), count(80));
    let (first, second) = (two.1 - one.1, four.1 - two.1);
    assert!((second / first - 2.0).abs() < 0.02, "{one:?} {two:?} {four:?}");
    let each = four.1 / four.0;
    assert!(each < 10.0, "{each} records for each object");
}

#[test]
fn many_objects_load() {
    let text = list(&cluster(1500));
    let loaded = load_files(&[("c.json", text)]);
    assert!(loaded.inventory.records.grants.len() > 4500);
}

#[test]
fn ten_thousand_mutations_never_panic_nor_hang() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/k8s");
    let files = ["shop.yaml", "lab.json"].map(|name| {
        let text = std::fs::read_to_string(folder.join(name)).expect("the fixture");
        (name.to_owned(), text)
    });
    check_mutations("kubernetes-objects", &files, 30);
}

#[test]
fn a_mutation_costs_only_what_it_hits() {
    // Each object of the list broken in turn: all the others are there.
    let names = ["one", "two", "three"];
    for broken in names {
        let items: Vec<String> = names
            .iter()
            .map(|n| {
                let text = account("shop", n).to_string();
                if *n == broken {
                    text.replacen("\"metadata\":", "\"metadata\" ", 1)
                } else {
                    text
                }
            })
            .collect();
        let text = format!(
            "{{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [{}]}}",
            items.join(",")
        );
        let loaded = load_files(&[("l.json", text)]);
        let found: Vec<&str> = names
            .into_iter()
            .filter(|n| {
                loaded
                    .inventory
                    .records
                    .identities
                    .iter()
                    .any(|i| i.id == sa("shop", n).replace("k8s:lab", "k8s:cluster"))
            })
            .collect();
        let expected: Vec<&str> = names.into_iter().filter(|n| *n != broken).collect();
        assert_eq!(found, expected);
    }
}
