//! One cluster in every shape its files come in, whole and in parts, in any order.

use crate::loading::{canonical, codes};
use crate::support::{account, bind, list, load_files, named, pod, role, rule, to};
use serde_json::{Value, json};
use std::io::Write;

/// A small cluster.
fn objects() -> Vec<Value> {
    vec![
        named("lab"),
        account("shop", "web"),
        account("shop", "ci"),
        account("vault", "default"),
        role(
            Some("shop"),
            "exec",
            json!([rule("create", "core", "pods/exec"), rule("get list", "core", "pods")]),
        ),
        role(None, "reader", json!([rule("get list", "core", "secrets")])),
        bind(Some("shop"), "ci-exec", "Role/exec", to("shop", "ci")),
        bind(
            None,
            "read",
            "ClusterRole/reader",
            json!([{"kind": "Group", "name": "ops"}, {"kind": "User", "name": "ann@example.com"}]),
        ),
        pod(
            "shop",
            "web-1",
            "web",
            json!({"nodeName": "n1"}),
            json!({"securityContext": {"privileged": true}}),
        ),
        pod("vault", "vault-0", "default", json!({"nodeName": "n1"}), json!({})),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": "key", "namespace": "vault"}, "data": {"k": "eHl6"}}),
    ]
}

fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

/// The objects of each kind, as one typed list each; `bare` leaves out what the items are.
fn typed(bare: bool) -> Vec<(String, String)> {
    let objects = objects();
    let mut kinds: Vec<&str> = objects.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
        .iter()
        .map(|k| {
            let items: Vec<Value> = objects
                .iter()
                .filter(|o| kind(o) == *k)
                .map(|o| {
                    let mut o = o.clone();
                    let members = o.as_object_mut().expect("an object");
                    members.remove("kind");
                    members.remove("apiVersion");
                    o
                })
                .collect();
            let text = if bare {
                json!({"metadata": {}, "items": items}).to_string()
            } else {
                json!({"apiVersion": "v1", "kind": format!("{k}List"), "metadata": {}, "items": items}).to_string()
            };
            (format!("dump/{}s.json", k.to_lowercase()), text)
        })
        .collect()
}

/// Enough of YAML to write an object.
fn yaml(value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .map(|(k, v)| format!("\n{pad}{k}:{}", yaml(v, indent + 2)))
            .collect(),
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .map(|v| format!("\n{pad}- {}", yaml(v, indent + 2).trim_start()))
            .collect(),
        Value::String(text) if text.contains('\n') => {
            let lines: String = text.lines().map(|l| format!("\n{pad}{l}")).collect();
            format!(" |{lines}")
        }
        other => format!(" {other}"),
    }
}

fn gz(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("it is packed");
    packed.finish().expect("it is packed")
}

#[track_caller]
fn same<T: AsRef<[u8]>>(what: &str, files: &[(&str, T)]) {
    let expected = canonical(&load_files(&[("all.json", list(&objects()))]));
    let loaded = load_files(files);
    assert_eq!(canonical(&loaded), expected, "{what}");
    assert!(
        !codes(&loaded).iter().any(|c| c.starts_with("bad")),
        "{what}: {:?}",
        codes(&loaded)
    );
    assert!(loaded.inputs.iter().all(|i| i.complete), "{what}");
}

#[test]
fn every_shape_gives_the_same_map() {
    let objects = objects();
    let each: Vec<(String, String)> = objects
        .iter()
        .enumerate()
        .map(|(i, o)| (format!("{i}.json"), o.to_string()))
        .collect();
    let files: Vec<(&str, &String)> = each.iter().map(|(n, t)| (n.as_str(), t)).collect();
    same("one file an object", &files);
    let mut backwards = files.clone();
    backwards.reverse();
    same("one file an object, backwards", &backwards);
    let lists = typed(false);
    let files: Vec<(&str, &String)> = lists.iter().map(|(n, t)| (n.as_str(), t)).collect();
    same("typed lists", &files);
    let packed: Vec<(String, Vec<u8>)> = lists.iter().map(|(n, t)| (format!("{n}.gz"), gz(t))).collect();
    let files: Vec<(&str, &Vec<u8>)> = packed.iter().map(|(n, t)| (n.as_str(), t)).collect();
    same("typed lists, packed", &files);
    let array = Value::Array(objects.clone()).to_string();
    same("an array", &[("a.json", &array)]);
    let lines: String = objects.iter().map(|o| format!("{o}\n")).collect();
    same("one object a line", &[("a.ndjson", &lines)]);
    let pretty: String = objects
        .iter()
        .map(|o| serde_json::to_string_pretty(o).expect("text"))
        .collect();
    same("objects one after the other", &[("a.json", &pretty)]);
    let nested = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "List", "items": &objects[..5]}, {"apiVersion": "v1", "kind": "List", "items": &objects[5..]}]});
    same("lists in a list", &[("a.json", &nested.to_string())]);
    let documents: String = objects.iter().map(|o| format!("---{}\n", yaml(o, 0))).collect();
    same("YAML documents", &[("a.yaml", &documents)]);
    same("YAML with CRLF", &[("a.yaml", &documents.replace('\n', "\r\n"))]);
    let whole: Value = serde_json::from_str(&list(&objects)).expect("JSON");
    same("a YAML list", &[("a.yaml", &yaml(&whole, 0))]);
}

#[test]
fn lists_that_do_not_say_of_what_they_are_are_known_by_shape_and_file() {
    let lists = typed(true);
    let files: Vec<(&str, &String)> = lists.iter().map(|(n, t)| (n.as_str(), t)).collect();
    same("bare lists", &files);
}

#[test]
fn places_lead_to_the_object() {
    let text = format!(
        "{}\n",
        serde_json::to_string_pretty(&json!({"apiVersion": "v1", "kind": "List", "items": objects()})).expect("text")
    );
    let line = text
        .lines()
        .position(|l| l.contains("\"ci-exec\""))
        .expect("it is there") as u32;
    let loaded = load_files(&[("a.json", text)]);
    let grant = loaded
        .inventory
        .records
        .grants
        .iter()
        .find(|g| g.common.id.as_deref() == Some("k8s:lab/shop/rolebinding/ci-exec"));
    let place = &grant.expect("the binding").common.places[0];
    assert_eq!(&*place.pointer, "/items/6");
    assert!(
        place.line().is_some_and(|l| l <= line && l + 6 > line),
        "{place:?} for line {line}"
    );
    let loaded = load_files(&[(
        "a.yaml",
        "# head\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x, namespace: y}\n---\n\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: z, namespace: y}\n",
    )]);
    let z = loaded
        .inventory
        .records
        .identities
        .iter()
        .find(|i| i.id.ends_with(":y:z"))
        .expect("the second");
    assert_eq!((&*z.places[0].pointer, z.places[0].line()), ("/1", Some(7)));
}

#[test]
fn clusters_are_named_by_what_their_files_say() {
    let node = |name: &str, cluster: &str| {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"alpha.eksctl.io/cluster-name": cluster}}}).to_string()
    };
    let web = account("shop", "web").to_string();
    let loaded = load_files(&[
        ("a/nodes.json", node("n", "one")),
        ("a/sa.json", web.clone()),
        ("b/x/nodes.json", node("n", "two")),
        ("b/sa.json", web.clone()),
    ]);
    let ids: Vec<&str> = loaded
        .inventory
        .records
        .identities
        .iter()
        .map(|i| i.id.as_str())
        .collect();
    assert!(ids.contains(&"k8s:one:system:serviceaccount:shop:web"), "{ids:?}");
    assert!(ids.contains(&"k8s:two:system:serviceaccount:shop:web"), "{ids:?}");
    let loaded = load_files(&[("sa.json", web)]);
    assert!(codes(&loaded).contains(&"cluster-name sa.json".to_owned()));
}
