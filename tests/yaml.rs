//! The YAML reader: values, lines, several documents, and what strangers may do with anchors and nesting.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use trustmap::import::yaml::{self, Document};

/// The one document of a text without problems.
#[track_caller]
fn one(text: &str) -> Document {
    let mut documents = yaml::read(text);
    assert_eq!(documents.len(), 1, "{documents:?}");
    let document = documents.remove(0);
    assert_eq!(document.problems, [], "{text}");
    document
}

#[track_caller]
fn check(text: &str, expected: Value) {
    assert_eq!(one(text).value, expected, "{text}");
}

#[test]
fn scalars_follow_the_core_schema() {
    check("a: on\nb: yes\nc: No\n", json!({"a": "on", "b": "yes", "c": "No"}));
    check("on: push\n", json!({"on": "push"}));
    check(
        "[true, False, TRUE, null, ~, '', 'true']",
        json!([true, false, true, null, null, "", "true"]),
    );
    check(
        "[1, -7, +3, 0x1F, 0o17, 1.5, 1e3, .5]",
        json!([1, -7, 3, 31, 15, 1.5, 1000.0, 0.5]),
    );
    check(
        "[1.2.3, 1-2, 12:30, 0x, v1, .inf, 2026-05-01]",
        json!(["1.2.3", "1-2", "12:30", "0x", "v1", ".inf", "2026-05-01"]),
    );
    check(
        "id: 123456789012345678901234567890\n",
        json!({"id": "123456789012345678901234567890"}),
    );
    check(
        "a: !!str 12\nb: \"12\"\nc: !custom 12\n",
        json!({"a": "12", "b": "12", "c": 12}),
    );
    check(
        "a: |\n  one\n  two\nb: >-\n  one\n  two\n",
        json!({"a": "one\ntwo\n", "b": "one two"}),
    );
    check("1: a\ntrue: b\nnull: c\n", json!({"1": "a", "true": "b", "null": "c"}));
    check("{\"a\": [1, {\"b\": null}]}", json!({"a": [1, {"b": null}]}));
}

#[test]
fn anchors_aliases_and_merge_keys() {
    check(
        "base: &b {x: 1, y: 2}\nover:\n  <<: *b\n  y: 3\nagain: *b\n",
        json!({"base": {"x": 1, "y": 2}, "over": {"x": 1, "y": 3}, "again": {"x": 1, "y": 2}}),
    );
    check(
        "a: &a {x: 1}\nb: &b {x: 2, z: 4}\nc:\n  <<: [*a, *b]\n",
        json!({"a": {"x": 1}, "b": {"x": 2, "z": 4}, "c": {"x": 1, "z": 4}}),
    );
    check("k: &k name\nv: {*k : 1}\n", json!({"k": "name", "v": {"name": 1}}));
    check("'<<': 1\n", json!({"<<": 1}));
}

#[test]
fn every_pointer_has_its_line() {
    let document = one(
        "# head\r\nkind: Pod\r\nspec:\r\n  containers:\r\n    - name: a\r\n    - name: b\r\n      env: [{name: X},\r\n        {name: Y}]\r\n  a/b: 1\r\n",
    );
    for (pointer, line) in [
        ("", 2),
        ("/kind", 2),
        ("/spec", 4),
        ("/spec/containers", 5),
        ("/spec/containers/0/name", 5),
        ("/spec/containers/1", 6),
        ("/spec/containers/1/env/1/name", 8),
        ("/spec/containers/1/env/1/nothing/here", 8),
        ("/spec/a~1b", 9),
    ] {
        assert_eq!(document.line_of(pointer), line, "{pointer}");
    }
    let place = document.at(trustmap::model::FileId(0), "/spec/containers/1");
    assert_eq!((&*place.pointer, place.line()), ("/spec/containers/1", Some(6)));
}

#[test]
fn a_stream_is_cut_at_its_markers() {
    let documents = yaml::read(
        "%YAML 1.2\n---\na: 1\n--- # a comment\n# nothing\n---\n\n---\nb: |\n  x\n...\n# between\n--- {c: 3}\n---\nd: \"half\n--- \ne: 5\n",
    );
    let values: Vec<_> = documents.iter().map(|d| (d.root.as_str(), d.line, &d.value)).collect();
    assert_eq!(values[0], ("/0", 3, &json!({"a": 1})));
    assert_eq!(values[1], ("/1", 9, &json!({"b": "x\n"})));
    assert_eq!(values[2], ("/2", 13, &json!({"c": 3})));
    assert_eq!(documents[3].problems.len(), 1, "{documents:?}");
    assert!(documents[3].problems[0].ends_it);
    assert_eq!(values[4], ("/4", 17, &json!({"e": 5})));
    assert_eq!(documents.len(), 5);
    let place = documents[4].at(trustmap::model::FileId(3), "/e");
    assert_eq!((&*place.pointer, place.line()), ("/4/e", Some(17)));
}

#[test]
fn a_broken_document_keeps_what_came_before_the_break() {
    let documents =
        yaml::read("kind: Role\nrules:\n  - verbs: [get, list]\n  - verbs: [get\nmore: 1\n---\nkind: Pod\n");
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0].value["kind"], "Role");
    assert_eq!(documents[0].value["rules"][0], json!({"verbs": ["get", "list"]}));
    assert!(documents[0].problems.last().is_some_and(|p| p.ends_it), "{documents:?}");
    assert_eq!(documents[1].value, json!({"kind": "Pod"}));
    assert_eq!(documents[1].problems, []);
    // No value is quoted: it may be a secret.
    let documents = yaml::read("password: hunter2-secret: x\nother: [\n");
    for problem in documents.iter().flat_map(|d| &d.problems) {
        assert!(!problem.message.contains("hunter2"), "{problem:?}");
    }
}

#[test]
fn doubled_and_odd_keys_are_said() {
    let documents = yaml::read("a: 1\na: 2\n? [x, y]\n: 3\nb: 4\n");
    assert_eq!(documents[0].value, json!({"a": 1, "b": 4}));
    let said: Vec<_> = documents[0].problems.iter().map(|p| (p.line, p.ends_it)).collect();
    assert_eq!(said, [(2, false), (3, false)]);
    // A NUL ends nothing.
    let documents = yaml::read("a: 1\0\nb: 2\n");
    assert_eq!(documents[0].value["b"], 2, "{documents:?}");
}

/// Bounds are generous: the machine may be busy, and what is feared takes minutes or gigabytes.
#[track_caller]
fn quick(what: &str, text: &str) -> Vec<Document> {
    let began = Instant::now();
    let documents = yaml::read(text);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{what} took {:?}",
        began.elapsed()
    );
    documents
}

#[test]
fn alias_bombs_do_not_go_off() {
    let mut laughs = String::from("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (this, last) in "bcdefghijklmno".chars().zip("abcdefghijklmn".chars()) {
        let nine = vec![format!("*{last}"); 9].join(", ");
        laughs.push_str(&format!("{this}: &{this} [{nine}]\n"));
    }
    laughs.push_str("---\nkind: Pod\n");
    let documents = quick("nine laughs", &laughs);
    assert!(
        documents[0].problems.iter().any(|p| p.ends_it),
        "{:?}",
        documents[0].problems
    );
    assert_eq!(documents[0].value["a"][0], "lol");
    assert_eq!(documents[1].value, json!({"kind": "Pod"}));

    let mut merges = String::from("a0: &a0 {k0: 1}\n");
    for i in 1..2000 {
        merges.push_str(&format!("a{i}: &a{i} {{<<: *a{}, k{i}: 1}}\n", i - 1));
    }
    quick("a chain of merges", &merges);
    let own = quick("an alias of itself", "a: &a [1, *a]\nb: 2\n");
    assert_eq!(own[0].value, json!({"a": [1, null], "b": 2}));
}

#[test]
fn nesting_is_bounded() {
    for (what, text) in [
        ("flow lists", "[".repeat(100_000)),
        ("flow objects", "{a: ".repeat(100_000)),
        ("block lists", "- ".repeat(100_000)),
        ("keys", "? ".repeat(100_000)),
        (
            "indentation",
            (0..2000).map(|i| format!("{}a:\n", " ".repeat(i))).collect(),
        ),
    ] {
        let documents = quick(what, &format!("ok: 1\n---\n{text}\n---\nkind: Pod\n"));
        assert_eq!(documents[0].value, json!({"ok": 1}), "{what}");
        assert!(documents[1].problems.iter().any(|p| p.ends_it), "{what}");
        assert_eq!(
            documents.last().map(|d| &d.value),
            Some(&json!({"kind": "Pod"})),
            "{what}"
        );
    }
    let deep = format!("{}1{}", "[".repeat(90), "]".repeat(90));
    assert_eq!(yaml::read(&deep)[0].problems, []);
}

#[test]
fn long_things_take_linear_time() {
    quick("a long line", &format!("a: {}\n", "x ".repeat(500_000)));
    quick("a long quoted text", &format!("a: \"{}\"\n", "\\n".repeat(500_000)));
    quick("a long flow list", &format!("a: [{}]\n", "x, ".repeat(300_000)));
    quick("many documents", &"a: 1\n---\n".repeat(100_000));
    quick(
        "many keys",
        &(0..200_000).map(|i| format!("k{i}: {i}\n")).collect::<String>(),
    );
    quick(
        "many anchors",
        &(0..100_000).map(|i| format!("- &a{i} x\n")).collect::<String>(),
    );
    quick("a long comment", &format!("a: 1 #{}\n", "#".repeat(1_000_000)));
    quick("colons", &":".repeat(300_000));
    quick("tabs", &format!("a:{}1\n", "\t".repeat(300_000)));
    quick("blank lines", &format!("a:{}  1\n", "\n".repeat(300_000)));
    quick("a block text", &format!("a: |\n{}", "  line\n".repeat(200_000)));
}

#[test]
fn formats_can_be_told_from_the_top_level_keys() {
    let head = "# x\napiVersion: v1\n'kind': \"Pod\"\nmetadata:\n  name: x\n---\nkind: List\nurl:http\n- a: 1\n";
    assert_eq!(yaml::top_level_keys(head), ["apiVersion", "kind", "metadata", "kind"]);
    assert_eq!(yaml::top_level_text(head, "kind"), Some("Pod"));
    assert_eq!(
        yaml::top_level_text("on: push # always\r\njobs:\r\n", "on"),
        Some("push")
    );
    assert_eq!(yaml::top_level_text("on: push\njobs:\n", "jobs"), None);
    assert_eq!(yaml::top_level_keys("{\nkind: 1}"), Vec::<&str>::new());
}

#[test]
fn ten_thousand_mutations_end_in_time_and_without_panic() {
    let whole = "apiVersion: v1\nkind: List\nitems:\n  - &x {kind: Pod, n: [1, 2.5, 'a\\'', \"b\\x41\"]}\n  - <<: *x\n    ? k\n    : |-\n      text\n      # more\n  - !!str 5\n---\n%TAG ! tag:x,2000:\n--- >\n folded\n text\n...\n--- {a: [b, {c: ~}]}\n";
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut dice = move |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let began = Instant::now();
    let pieces = [
        "\n", "---\n", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "\"", "'", "|", ">", "?", "\t", "\0", "#",
        "\u{feff}", "\u{2028}", "é", "!!", "%", "<<: ", "  ",
    ];
    for _ in 0..10_000 {
        let mut text = whole.to_owned();
        for _ in 0..=dice(6) {
            let at = text.floor_char_boundary(dice(text.len() + 1));
            match dice(4) {
                0 => text.truncate(at),
                1 => text.insert_str(at, pieces[dice(pieces.len())]),
                2 => {
                    let end = text.floor_char_boundary((at + dice(12)).min(text.len()));
                    text.replace_range(at..end.max(at), "");
                }
                _ => {
                    let end = text.floor_char_boundary((at + dice(60)).min(text.len())).max(at);
                    let piece = text[at..end].to_owned();
                    text.push_str(&piece);
                }
            }
            if text.is_empty() {
                break;
            }
        }
        let lines = text.split('\n').count() as u32;
        for document in yaml::read(&text) {
            assert!((1..=lines).contains(&document.line), "{text:?}");
        }
    }
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}
