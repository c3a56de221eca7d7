//! Every form of payload met in the wild.

use crate::loading::{canonical, codes, load, problems};
use crate::support::{lines, text};
use serde_json::{Value, json};

fn graph(nodes: Value, edges: Value) -> String {
    json!({"graph": {"nodes": nodes, "edges": edges}}).to_string()
}

fn node(id: &str, kind: &str, name: &str) -> Value {
    json!({"id": id, "kinds": [kind], "properties": {"name": name}})
}

#[test]
fn a_byte_order_mark_line_ends_and_metadata_change_nothing() {
    let plain = text("github.json");
    let expected = canonical(&load(&[&plain]));
    let variants = [
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
        format!("  \n{plain}\n\n"),
        serde_json::to_string(&serde_json::from_str::<Value>(&plain).expect("JSON")).expect("JSON"),
    ];
    for variant in variants {
        assert_eq!(canonical(&load(&[&variant])), expected);
    }
}

#[test]
fn an_end_is_named_by_id_by_name_or_by_properties() {
    let nodes = json!([node("u", "User", "ANN@EXAMPLE.COM"), node("g", "Group", "OPS")]);
    let found = "inherit og:u -> og:g membership";
    let by_name = "inherit og:u -> og:g membership assumed";
    for (end, expected) in [
        (json!({"value": "g"}), found),
        (json!({"value": "G"}), found),
        (json!({"value": "g", "match_by": "id"}), found),
        (json!({"value": "g", "match_by": null}), found),
        (json!("g"), found),
        (json!({"value": "ops", "match_by": "name"}), by_name),
        (json!({"value": "OPS", "match_by": "name", "kind": "Group"}), by_name),
        (
            json!({"match_by": "property", "property_matchers": [{"key": "name", "operator": "equals", "value": "OPS"}]}),
            by_name,
        ),
    ] {
        let edges = json!([{"kind": "MemberOf", "start": {"value": "u"}, "end": end}]);
        let loaded = load(&[&graph(nodes.clone(), edges)]);
        assert_eq!(problems(&loaded), [""; 0], "{end}");
        assert_eq!(lines(&loaded.inventory), [expected], "{end}");
    }
    // Of another kind, it is somebody else.
    let edges = json!([{"kind": "MemberOf", "start": {"value": "u"}, "end": {"value": "ops", "match_by": "name", "kind": "ADLocalGroup"}}]);
    let loaded = load(&[&graph(nodes, edges)]);
    assert_eq!(
        lines(&loaded.inventory),
        ["inherit og:u -> og:~ADLocalGroup:name=OPS membership assumed"]
    );
}

#[test]
fn several_properties_must_all_fit_and_only_one_node() {
    let with = |id: &str, tenant: &str| json!({"id": id, "kinds": ["Group"], "properties": {"sam": "ops", "tenant": tenant, "n": 1}});
    let nodes = json!([node("u", "User", "ann"), with("g1", "a"), with("g2", "b")]);
    let edge = |matchers: Value| json!([{"kind": "MemberOf", "start": {"value": "u"}, "end": {"match_by": "property", "property_matchers": matchers}}]);
    let sam = json!({"key": "sam", "operator": "equals", "value": "ops"});
    let tenant = json!({"key": "tenant", "operator": "equals", "value": "b"});
    let loaded = load(&[&graph(nodes.clone(), edge(json!([sam, tenant])))]);
    assert_eq!(lines(&loaded.inventory), ["inherit og:u -> og:g2 membership"]);
    let loaded = load(&[&graph(nodes.clone(), edge(json!([sam])))]);
    assert_eq!(lines(&loaded.inventory), [""; 0]);
    assert_eq!(codes(&loaded), ["left-out a.json", "unclear-end a.json/graph/edges/0"]);
    // A number is not the text of it.
    let loaded = load(&[&graph(
        nodes,
        edge(json!([{"key": "n", "operator": "equals", "value": "1"}])),
    )]);
    assert_eq!(lines(&loaded.inventory), ["inherit og:u -> og:~:n=1 membership"]);
}

#[test]
fn a_node_stated_twice_is_one() {
    let twice = json!([
        {"id": "x", "kinds": ["Base"], "properties": {"name": "first", "a": 1}},
        {"id": "x", "kinds": ["User", "Base"], "properties": {"name": "second", "b": 2}},
    ]);
    let one = graph(twice.clone(), json!([]));
    let loaded = load(&[&one]);
    let identity = &loaded.inventory.records.identities[0];
    assert_eq!(identity.name.as_deref(), Some("second"));
    assert_eq!(identity.attributes["og:kinds"], json!(["Base", "User"]));
    assert_eq!(
        identity.attributes["og:properties"],
        json!({"name": "second", "a": 1, "b": 2})
    );
    assert_eq!(identity.places.len(), 2);
    // In two files, it does not matter which comes first.
    let (a, b) = (graph(json!([twice[0]]), json!([])), graph(json!([twice[1]]), json!([])));
    let there = load(&[&a, &b]);
    assert_eq!(problems(&there), [""; 0]);
    assert_eq!(canonical(&there), canonical(&load(&[&b, &a])));
    assert_eq!(there.inventory.records.identities.len(), 1);
}

#[test]
fn lists_may_be_missing_null_or_empty() {
    for text in [
        json!({"graph": {"nodes": [], "edges": []}}),
        json!({"graph": {"nodes": []}}),
        json!({"graph": {"edges": []}, "metadata": {}}),
        json!({"graph": {"nodes": [], "edges": null}}),
    ] {
        let loaded = load(&[&text.to_string()]);
        assert_eq!(loaded.inputs[0].importer, Some("bloodhound-opengraph"));
        assert_eq!(problems(&loaded), [""; 0], "{text}");
        assert!(loaded.inventory.records.is_empty());
    }
}

#[test]
fn when_all_ends_lie_outside_placeholders_stand_for_them() {
    let edges = text("azure-edges-only.json");
    let alone = load(&[&edges]);
    assert_eq!(codes(&alone), ["outside-ends a.json"]);
    assert_eq!(
        lines(&alone.inventory),
        [
            "grant og:SP-6F2B -> og:KV-SHOP og:AZGetSecrets unintended",
            "grant og:SP-6F2B -> og:VM-1 og:AZContributor",
            "inherit og:APP-6F2B -> og:SP-6F2B impersonation",
        ]
    );
    let system = |loaded: &trustmap::import::Loaded, id: &str| {
        let all = &loaded.inventory.records.systems;
        all.iter().find(|s| s.id == id).cloned().expect("it is there")
    };
    assert_eq!(system(&alone, "og:KV-SHOP").attributes["og:placeholder"], json!(true));
    // The other file fills them; a spelling of an id in other capitals is the same id.
    let both = load(&[&edges, &text("azure-nodes-only.json")]);
    assert_eq!(both.inventory.records.systems.len(), 2);
    assert!(!system(&both, "og:KV-SHOP").attributes.contains_key("og:placeholder"));
    assert_eq!(
        system(&both, "og:KV-SHOP").criticality.map(|c| c.as_str()),
        Some("crown-jewel")
    );
    assert!(lines(&both.inventory).contains(&"grant og:SP-6F2B -> og:vm-1 og:AZContributor".to_owned()));
}

#[test]
fn what_cannot_be_read_costs_itself() {
    let text = r#"{"graph": {"nodes": [
        7, {"kinds": ["User"]}, {"id": "", "kinds": []}, {"id": "a", "kinds": "User", "properties": [1]},
        {"id": 12, "kinds": ["User", 3], "more": 1}, {"id": "b", "kinds": {"x": 1}}, {"id": "c", "n": 1e999}
      ], "edges": [
        null, {"start": {"value": "a"}, "end": {"value": "b"}}, {"kind": "X", "start": {"value": "a"}},
        {"kind": "X", "start": {"value": "a"}, "end": {"match_by": "colour", "value": "b"}},
        {"kind": "X", "start": {"value": "a"}, "end": {"match_by": "property", "property_matchers": []}},
        {"kind": "MemberOf", "start": {"value": "a"}, "end": {"value": 12}}
      ]}}"#;
    let loaded = load(&[text]);
    let mut found = codes(&loaded);
    found.sort();
    assert_eq!(
        found,
        [
            "bad-end a.json/graph/edges/2",
            "bad-end a.json/graph/edges/3",
            "bad-end a.json/graph/edges/4",
            "broken a.json/graph/nodes/6",
            "left-out a.json",
            "missing-id a.json/graph/nodes/1",
            "missing-id a.json/graph/nodes/2",
            "missing-kind a.json/graph/edges/1",
            "unknown-key a.json/graph/nodes/4",
            "wrong-type a.json/graph/edges/0",
            "wrong-type a.json/graph/nodes/0",
            "wrong-type a.json/graph/nodes/3",
            "wrong-type a.json/graph/nodes/4",
            "wrong-type a.json/graph/nodes/5",
        ]
    );
    assert_eq!(lines(&loaded.inventory), ["inherit og:a -> og:12 membership"]);
}

#[test]
fn a_file_that_is_cut_off_keeps_what_stood_before() {
    let whole = text("github.json");
    let cut = whole.find("RR_shop_write").expect("it is in the text");
    let loaded = load(&[&whole[..cut]]);
    assert!(!loaded.inputs[0].complete);
    assert!(
        codes(&loaded).iter().any(|c| c == "cut-off a.json"),
        "{:?}",
        problems(&loaded)
    );
    assert_eq!(loaded.inventory.records.identities.len(), 4);
}

#[test]
fn other_graphs_are_not_ours() {
    for text in [
        r#"{"graph": {"nodes": [{"id": "a", "label": "x"}], "edges": [{"source": "a", "target": "b"}]}}"#,
        r#"{"graph": [1], "nodes": []}"#,
        r#"{"graph": {"nodes": 1}}"#,
        r#"{"nodes": [{"id": "a", "kinds": []}], "edges": []}"#,
        r#"{"schema": {"name": "x"}, "relationship_kinds": 1, "node_kinds": []}"#,
    ] {
        let error = crate::loading::try_load(&[text]).expect_err("it is no graph of ours");
        assert!(
            error.to_string().contains("its format was not recognised"),
            "{text}: {error}"
        );
    }
}

#[test]
fn properties_that_look_like_secrets_are_dropped_and_counted() {
    let loaded = load(&[&text("okta.json")]);
    assert_eq!(codes(&loaded), ["secret-dropped a.json"]);
    assert!(!canonical(&loaded).contains("not a word of it"));
}
