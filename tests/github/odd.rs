//! Broken, odd and incomplete files: nothing panics, nothing hangs, and what is whole is kept.

use crate::loading::codes;
use crate::loading::mutation::check_mutations;
use crate::support::{fixtures, given};
use trustmap::import::{LoadOptions, Recognised, Unheard, load_sources, recognise};
use trustmap::model::Text;

#[test]
fn the_rest_of_a_broken_answer_is_kept() {
    let whole = r#"{"total_count": 3, "secrets": [
        {"name": "A", "created_at": "2024-01-20T10:00:00Z", "updated_at": "2024-01-20T10:00:00Z"},
        {"name": "B", "created_at": "2024-01-20T10:00:00Z", "updated_at": 7},
        {"name": "C", "created_at": "2024-01-20T10:00:00Z", "updated_at": "2024-01-20T10:00:00Z"}]}"#;
    let ids = |text: &str| -> (Vec<String>, bool) {
        let loaded = given(&[("repos/o/r/secrets.json", text)]);
        let ids = loaded
            .inventory
            .records
            .credentials
            .iter()
            .map(|c| c.id.to_string())
            .collect();
        (ids, loaded.inputs[0].complete)
    };
    let all = ["A", "B", "C"]
        .map(|n| format!("github:o/r/actions/secrets/{n}"))
        .to_vec();
    assert_eq!(ids(whole), (all.clone(), true));
    let cut = &whole[..whole.find("\"C\"").expect("it is there")];
    assert_eq!(ids(cut), (all[..2].to_vec(), false));
    let broken = whole.replace("\"name\": \"B\"", "\"name\": B");
    assert_eq!(ids(&broken), (vec![all[0].clone(), all[2].clone()], false));
    let two = format!("{whole}\n{}", whole.replace("\"A\"", "\"D\""));
    assert_eq!(ids(&two).0.len(), 4);
    let loaded = given(&[("repos/o/r/secrets.json", cut)]);
    assert!(
        codes(&loaded).iter().any(|c| c.starts_with("broken-json")),
        "{:?}",
        codes(&loaded)
    );
}

#[test]
fn a_page_of_more_is_said() {
    let items: Vec<String> = (0..30)
        .map(|i| format!("{{\"name\": \"S{i}\", \"created_at\": \"2024-01-20T10:00:00Z\"}}"))
        .collect();
    let text = format!("{{\"total_count\": 41, \"secrets\": [{}]}}", items.join(","));
    let loaded = given(&[("repos/o/r/secrets.json", &text)]);
    assert!(!loaded.inputs[0].complete);
    assert_eq!(codes(&loaded), ["more-pages repos/o/r/secrets.json/secrets"]);
}

#[test]
fn a_file_that_does_not_tell_whose_it_is_is_put_where_it_can_be() {
    let secrets = r#"{"total_count": 1, "secrets": [{"name": "A", "created_at": "2024-01-20T10:00:00Z"}]}"#;
    let id = |files: &[(&str, &str)]| -> (String, Option<bool>) {
        let loaded = given(files);
        let records = &loaded.inventory.records;
        (
            records.credentials[0].id.to_string(),
            records.exposures[0].common.assumed,
        )
    };
    let repos = r#"[{"id": 1, "node_id": "x", "full_name": "O/R", "owner": {"login": "O", "id": 7, "type": "User"}},
                    {"id": 2, "node_id": "y", "full_name": "O/S", "owner": {"login": "O", "id": 7, "type": "User"}}]"#;
    assert_eq!(id(&[("x.json", secrets)]).0, "github:unknown/unknown/actions/secrets/A");
    assert_eq!(
        id(&[("dump/x.json", secrets)]).0,
        "github:unknown/dump/actions/secrets/A"
    );
    let placed = ("github:o/r/actions/secrets/A".to_owned(), None);
    assert_eq!(id(&[("repos/O/R/x.json", secrets)]), placed);
    assert_eq!(id(&[("a.json", repos), ("me/O/R/x.json", secrets)]), placed);
    assert_eq!(id(&[("me/r/x.json", secrets), ("a.json", repos)]), placed);
    // Where only one repository is known, it is taken, but only assumed.
    let one = repos.split(",\n").next().expect("the first").to_owned() + "]";
    assert_eq!(
        id(&[("x.json", secrets), ("a.json", &one)]),
        ("github:o/r/actions/secrets/A".to_owned(), Some(true))
    );
}

#[test]
fn only_answers_of_github_are_taken() {
    let reader = |text: &str| match recognise("a.json", text) {
        Recognised::By(importer) => Some(importer.name()),
        _ => None,
    };
    for other in [
        "[]",
        "{}",
        "[1, 2]",
        r#"{"total_count": 1, "roles": [{"name": "a", "permissions": []}]}"#,
        r#"{"total_count": 1, "environments": [{"name": "a"}]}"#,
        r#"{"secrets": [{"name": "a"}]}"#,
        r#"[{"login": "a"}]"#,
        r#"[{"name": "a", "protected": true}]"#,
        r#"[{"key": "a", "read_only": true}]"#,
        r#"{"data": {"nodes": [{"id": "a"}]}}"#,
        "jobs:\n  a: 1\n",
    ] {
        assert_eq!(reader(other), None, "{other}");
    }
    let manifest = "on: push\nkind: Job\napiVersion: batch/v1\njobs: 1\n";
    assert_eq!(reader(manifest), Some("kubernetes-objects"));
    for (name, text) in fixtures() {
        let want = if name.ends_with(".yml") {
            "github-workflow"
        } else {
            "github-rest"
        };
        assert_eq!(reader(&text), Some(want), "{name}");
    }
}

#[test]
fn ten_thousand_broken_files_of_each_format() {
    for (extension, format) in [(".json", "github-rest"), (".yml", "github-workflow")] {
        let files: Vec<(String, String)> = fixtures().into_iter().filter(|(n, _)| n.ends_with(extension)).collect();
        check_mutations(format, &files, 30);
    }
}

#[test]
fn nesting_without_end_ends() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(50_000),
        format!("{{\"total_count\": 1, \"secrets\": [{}", "[".repeat(100_000)),
        format!("on: push\njobs: {}", "{a: ".repeat(20_000)),
    ] {
        for format in ["github-rest", "github-workflow"] {
            let options = LoadOptions {
                format: Some(format.to_owned()),
                keep_going: true,
            };
            let source = crate::loading::file("repos/o/r/x.json", &text);
            let loaded = load_sources(&[source], &options, &Unheard).expect("it goes on");
            assert!(!loaded.diagnostics.is_empty(), "{format}");
        }
    }
}

#[test]
fn a_secret_that_was_found_lies_where_its_repository_is_read() {
    let alert = |number: u64, kind: &str, secret: &str, more: &str| {
        format!(
            r#"{{"number": {number}, "created_at": "2026-01-20T10:00:00Z", "state": "open", "secret_type": "{kind}",
                "url": "https://api.github.com/repos/Acme/Shop/secret-scanning/alerts/{number}",
                "html_url": "https://github.com/Acme/Shop/security/secret-scanning/{number}", "secret": "{secret}"{more}}}"#
        )
    };
    // Put together here, so that no scanner takes this file for a leak.
    let token = format!("{}_{}", "ghp", "a1B2".repeat(9));
    let text = format!(
        "[{}, {}, {}, {}]",
        alert(1, "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE", ""),
        alert(
            2,
            "github_personal_access_token",
            &token,
            ", \"validity\": \"inactive\""
        ),
        alert(3, "stripe_api_key", "x", ", \"resolution\": \"false_positive\""),
        alert(4, "stripe_api_key", "x", ", \"publicly_leaked\": true"),
    );
    let loaded = given(&[("alerts.json", &text)]);
    let found: Vec<(String, bool)> = loaded
        .inventory
        .records
        .credentials
        .iter()
        .map(|c| (c.id.to_string(), c.status.is_some()))
        .collect();
    let want = [
        ("aws:AKIAIOSFODNN7EXAMPLE", false),
        ("github:acme/shop/secret-scanning/2", true),
        ("github:acme/shop/secret-scanning/4", false),
    ];
    assert_eq!(found, want.map(|(id, dead)| (id.to_owned(), dead)));
    assert!(
        loaded
            .inventory
            .records
            .credentials
            .iter()
            .all(|c| c.leaked == Some(true))
    );
    assert!(!crate::loading::canonical(&loaded).contains(&token));
    let exposures = &loaded.inventory.records.exposures;
    let needs: Vec<&str> = exposures.iter().flat_map(|e| &e.requires).map(Text::as_str).collect();
    assert_eq!(needs, ["contents:read@acme/shop"; 3]);
}
