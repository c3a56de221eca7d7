//! The report: all its files or none, each whole, equal from run to run, and nothing in a name can get out of its text.

use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use trustmap::cli::{self, Io, Then};
use trustmap::import::Unheard;

const FILES: [&str; 5] = ["map.png", "map.svg", "report.html", "report.json", "report.md"];

fn run(args: &[&str]) -> (Then, String, String) {
    let args = std::iter::once("trustmap")
        .chain(args.iter().copied())
        .map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let then = cli::run(
        args,
        &mut Io {
            out: &mut out,
            err: &mut err,
            progress: &Unheard,
            now: "2026-06-01T00:00:00Z".parse().expect("a time"),
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    (then, text(out), text(err))
}

fn sample(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("sample-inventories").join(name).display().to_string()
}

#[track_caller]
fn report(inventory: &str, seed: &str, scenario: Option<&str>, out: &Path) -> String {
    let out = out.display().to_string();
    let mut args = vec!["report", inventory, "--compromise", seed, "--out", &out];
    if let Some(scenario) = scenario {
        args.extend(["--scenario", scenario]);
    }
    let (then, said, err) = run(&args);
    assert_eq!(then, Then::Exit(0), "{err}");
    said
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn the_deploy_token_s_report_says_what_was_found_and_what_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inventory, scenario) = (sample("deploy-token.json"), sample("deploy-token.scenario.json"));
    let (one, two) = (folder.path().join("one"), folder.path().join("deep/two"));
    let said = report(&inventory, "gha-deploy-prod", Some(&scenario), &one);
    assert!(
        said.contains("gha-deploy-prod reaches 37 systems and 3 crown jewels"),
        "{said}"
    );
    report(&inventory, "gha-deploy-prod", Some(&scenario), &two);
    assert_eq!(names(&one), FILES);
    for name in FILES {
        let (a, b) = (fs::read(one.join(name)), fs::read(two.join(name)));
        assert!(a.expect("there") == b.expect("there"), "{name} differs from run to run");
    }

    for name in ["report.html", "report.md", "map.svg"] {
        let text = read(&one, name);
        for part in ["37", "crown jewels", "build-cache", "payments-db"] {
            assert!(text.contains(part), "{part} in {name}");
        }
    }
    let hash = {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(fs::read(&inventory).expect("the sample"));
        digest.iter().map(|b| format!("{b:02x}")).collect::<String>()
    };
    for name in ["report.html", "report.md", "report.json"] {
        assert!(read(&one, name).contains(&hash), "the input's hash in {name}");
    }
    assert!(read(&one, "map.svg").contains(&format!("{} {}", &hash[..4], &hash[4..8])));

    let document: Value = serde_json::from_str(&read(&one, "report.json")).expect("it is JSON");
    assert_eq!(document["format"], "trustmap-report");
    assert_eq!(document["scenario"]["name"], "contain-deploy");
    assert_eq!(document["after"]["summary"]["systems"], 4);
}

/// The lines of a page under a heading.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page
        .find(&format!("## {heading}\n"))
        .unwrap_or_else(|| panic!("no {heading} in {page}"));
    let rest = &page[start..];
    rest[3..].find("\n## ").map_or(rest, |end| &rest[..end + 3])
}

#[test]
fn findings_stand_in_the_report_with_their_framework_ids_and_what_the_scenario_does_to_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inventory, scenario) = (sample("deploy-token.json"), sample("deploy-token.scenario.json"));
    let (then, all, _) = run(&["findings", &inventory, "--json"]);
    assert_eq!(then, Then::Exit(0));
    let all: Value = serde_json::from_str(&all).expect("it is JSON");
    let all = all["findings"].as_array().expect("a list");

    report(&inventory, "gha-deploy-prod", None, folder.path());
    let before: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("it is JSON");
    let mut reached: Vec<&Value> = vec![&before["compromise"][0]];
    for kind in ["systems", "credentials", "identities", "contexts"] {
        let list = before["before"][kind].as_array().expect("a list");
        reached.extend(list.iter().map(|thing| &thing["id"]));
    }
    // Without a scenario they are those of `findings`, word for word, that are about what is reached.
    let wanted: Vec<&Value> = all.iter().filter(|f| reached.contains(&&f["on"][0])).collect();
    let mut told = before["findings"].clone();
    for finding in told.as_array_mut().expect("a list") {
        let state = finding.as_object_mut().and_then(|f| f.remove("with_scenario"));
        assert_eq!(state, Some(json!("open")));
    }
    assert!(wanted.len() > 10 && wanted.len() < all.len());
    assert_eq!(told, json!(wanted));
    let page = read(folder.path(), "report.md");
    let said = section(&page, "Findings");
    let more = format!("The rest of the estate has {} more.", all.len() - wanted.len());
    assert!(said.contains(&more), "{more} in {said}");
    for finding in &wanted {
        let ids = finding["frameworks"].as_object().expect("the frameworks");
        for id in ids.values().flat_map(|list| list.as_array().into_iter().flatten()) {
            assert!(said.contains(id.as_str().expect("an id")), "{id}");
        }
    }
    assert!(!said.contains("After"), "there is no scenario to speak of");

    report(&inventory, "gha-deploy-prod", Some(&scenario), folder.path());
    let after: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("it is JSON");
    let states: Vec<(&Value, &Value)> = after["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| (&f["rule"], &f["with_scenario"]))
        .collect();
    assert!(states.contains(&(&json!("one-credential-many-systems"), &json!("mended"))));
    assert!(states.contains(&(&json!("long-lived"), &json!("open"))));
    for page in ["report.md", "report.html"] {
        let page = read(folder.path(), page);
        for part in [
            "OWASP Non-Human Identities Top 10, 2025",
            "still open",
            "mended",
            "NHI9:2025",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }
}

#[test]
fn the_plan_in_the_report_is_the_one_that_plan_gives_and_starts_after_the_scenario() {
    let folder = tempfile::tempdir().expect("a folder");
    let inventory = sample("estate.json");
    report(&inventory, "gha-release", None, folder.path());
    let (then, plan, _) = run(&["plan", &inventory, "--compromise", "gha-release", "--json"]);
    assert_eq!(then, Then::Exit(0));
    let plan: Value = serde_json::from_str(&plan).expect("it is JSON");
    let document: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("it is JSON");
    for member in ["actions", "cost", "optimal", "lower_bound", "after", "broken_flows"] {
        assert!(
            !plan[member].is_null() && document["plan"][member] == plan[member],
            "{member}"
        );
    }
    let page = read(folder.path(), "report.md");
    let said = section(&page, "Plan");
    for part in [
        "3 actions keep the compromise from 6 protected things; cost 36, proved least.",
        "3. Enforce context at signing-service",
        "After them: 6 systems",
        "At risk",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }

    // The plan itself as the scenario leaves nothing to do.
    let scenario = folder.path().join("plan.scenario.json");
    let text = json!({"format": "trustmap-scenario", "version": 1, "actions": plan["actions"]});
    fs::write(&scenario, text.to_string()).expect("written");
    report(
        &inventory,
        "gha-release",
        Some(&scenario.display().to_string()),
        folder.path(),
    );
    let page = read(folder.path(), "report.md");
    let said = section(&page, "Plan");
    assert!(
        said.contains("After the scenario nothing more needs to be done"),
        "{said}"
    );
}

#[test]
fn a_report_says_where_nothing_needs_to_be_done_and_where_there_is_nothing_to_protect() {
    let folder = tempfile::tempdir().expect("a folder");
    let inventory = folder.path().join("one.json");
    let write = |criticality: &str| {
        let text = json!({
            "format": "trustmap-inventory", "version": 1,
            "systems": [{"id": "vault", "criticality": criticality}, {"id": "api"}],
            "identities": [{"id": "svc"}],
            "credentials": [{"id": "key", "identity": "svc"}],
            "grants": [{"holder": "key", "system": "api", "scopes": ["read"]}]
        });
        fs::write(&inventory, text.to_string()).expect("written");
    };
    let out = folder.path().join("out");
    write("normal");
    report(&inventory.display().to_string(), "key", None, &out);
    let page = read(&out, "report.md");
    assert!(section(&page, "Plan").contains("There is nothing to protect"), "{page}");
    let document: Value = serde_json::from_str(&read(&out, "report.json")).expect("it is JSON");
    assert!(document.get("plan").is_none());

    write("crown-jewel");
    report(&inventory.display().to_string(), "key", None, &out);
    let page = read(&out, "report.md");
    let said = section(&page, "Plan");
    assert!(
        said.contains("Nothing needs to be done: the compromise reaches none of 1 protected thing"),
        "{said}"
    );
}

#[test]
fn report_json_keeps_its_schema() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(root.join("assets/schema/report.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let folder = tempfile::tempdir().expect("a folder");
    let index: Value =
        serde_json::from_str(&fs::read_to_string(sample("index.json")).expect("the index")).expect("it is JSON");
    for entry in index["samples"].as_array().expect("samples") {
        let file = entry["file"].as_str().expect("a file");
        let scenario = sample(entry["scenario"].as_str().expect("a scenario"));
        let seed = entry["compromise"][0].as_str().expect("a seed");
        for scenario in [None, Some(scenario.as_str())] {
            report(&sample(file), seed, scenario, folder.path());
            let document: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("it is JSON");
            let errors: Vec<String> = schema
                .iter_errors(&document)
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{file}: {errors:#?}");
            assert_eq!(document.get("scenario").is_some(), scenario.is_some(), "{file}");
            assert!(!schema.is_valid(&json!({"format": "trustmap-report"})));
        }
    }
}

#[test]
fn the_picture_has_its_size_and_says_what_it_was_made_from() {
    let folder = tempfile::tempdir().expect("a folder");
    report(&sample("agent.json"), "helpdesk-agent-token", None, folder.path());
    let bytes = fs::read(folder.path().join("map.png")).expect("there");
    let (size, pixels) = pixels(&bytes);
    assert_eq!(size, (1920, 1080));
    let colours: std::collections::BTreeSet<&[u8]> = pixels.chunks(3).collect();
    assert!(
        colours.len() > 100,
        "the picture is nearly empty: {} colours",
        colours.len()
    );
    let reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("a PNG");
    let texts = &reader.info().utf8_text;
    let text = |keyword: &str| {
        let found = texts.iter().find(|t| t.keyword == keyword);
        found.unwrap_or_else(|| panic!("{keyword}")).get_text().expect("text")
    };
    assert!(text("Inputs").contains("agent.json"));
    assert_eq!(text("Regime"), "worst-case");
    assert_eq!(text("Compromise"), "helpdesk-agent-token");
    assert!(
        text("Title").starts_with("helpdesk-agent-token reaches 27 systems"),
        "{}",
        text("Title")
    );
}

#[test]
fn html_asks_for_nothing_and_runs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    report(
        &sample("saas-assertion.json"),
        "surveydesk-assertion",
        None,
        folder.path(),
    );
    let html = read(folder.path(), "report.html");
    for never in [
        "<script", "<link", "<img", "http://", "https://", "url(http", "@import", " onload",
    ] {
        // The one address is the name of SVG's own language.
        let html = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!html.contains(never), "{never}");
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn a_name_cannot_become_markup() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("odd.json");
    let evil = r#"<img src=x onerror=alert(1)>|[a](http://b)\u202e"#;
    let text = format!(
        r#"{{"format": "trustmap-inventory", "version": 1, "systems": [{{"id": "{evil}", "kind": "{evil}", "platform": "{evil}"}}],
        "credentials": [{{"id": "c", "name": "{evil}"}}], "grants": [{{"holder": "c", "system": "{evil}", "scopes": ["{evil}"]}}]}}"#
    );
    fs::write(&path, text).expect("written");
    let out = folder.path().join("out");
    report(&path.display().to_string(), "c", None, &out);
    for name in ["report.html", "map.svg"] {
        let text = read(&out, name);
        assert!(text.contains("&lt;img src=x"), "{name}");
        assert!(!text.contains("<img"), "{name}");
        assert!(!text.contains('\u{202e}'), "{name}");
    }
    let markdown = read(&out, "report.md");
    assert!(
        markdown.contains(r"\<img src=x onerror=alert(1)\>\|\[a\](http://b)"),
        "{markdown}"
    );
    assert!(!markdown.contains('\u{202e}'));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let inventory = sample("deploy-token.json");
    let check = |out: &Path, said: &str| {
        let out = out.display().to_string();
        let (then, text, err) = run(&["report", &inventory, "--compromise", "gha-deploy-prod", "--out", &out]);
        assert_eq!((then, text.as_str()), (Then::Exit(2), ""));
        assert!(err.contains("Could not write") && err.contains(said), "{err}");
    };
    let file = folder.path().join("file");
    fs::write(&file, "mine").expect("written");
    check(&file, "a file, not a folder");
    check(&file.join("below"), "not a folder");
    assert_eq!(read(folder.path(), "file"), "mine");

    // A folder where a file is to go: nothing is written, what stood there stays.
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("report.md")).expect("made");
    fs::write(out.join("report.json"), "old").expect("written");
    check(&out, "a folder called report.md");
    assert_eq!(names(&out), ["report.json", "report.md"]);
    assert_eq!(read(&out, "report.json"), "old");
}

#[test]
fn nothing_is_written_where_the_question_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let text = out.display().to_string();
    let (then, _, err) = run(&[
        "report",
        &sample("agent.json"),
        "--compromise",
        "nobody",
        "--out",
        &text,
    ]);
    assert_eq!(then, Then::Exit(2));
    assert!(err.contains("nobody"), "{err}");
    assert!(!out.exists());
}

fn pixels(bytes: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("a picture");
    ((frame.width, frame.height), pixels)
}

/// The report's picture in the documentation is the one that is drawn today. `UPDATE_PICTURES=1` draws it anew.
#[test]
fn the_picture_in_the_documentation_is_this_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inventory, scenario) = (sample("deploy-token.json"), sample("deploy-token.scenario.json"));
    report(&inventory, "gha-deploy-prod", Some(&scenario), folder.path());
    let drawn = fs::read(folder.path().join("map.png")).expect("there");
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/report.png");
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        fs::create_dir_all(kept.parent().expect("a folder")).expect("made");
        fs::write(&kept, &drawn).expect("written");
    }
    let kept = fs::read(&kept).expect("the picture; UPDATE_PICTURES=1 draws it");
    let ((size, a), (kept_size, b)) = (pixels(&drawn), pixels(&kept));
    assert_eq!(size, kept_size);
    // Another processor may round a pixel's edge otherwise; a thing that moved makes far more than that.
    let differing = a.iter().zip(&b).filter(|(a, b)| a.abs_diff(**b) > 24).count();
    assert!(
        differing < 600,
        "{differing} values differ; draw it anew with UPDATE_PICTURES=1 and look at it"
    );
}

/// What the documentation points to is there.
#[test]
fn links_of_the_documentation_lead_somewhere() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for page in ["README.md", "docs/method.md", "sample-inventories/README.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap_or_else(|e| panic!("{page}: {e}"));
        let folder = root.join(page).parent().expect("a folder").to_owned();
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in linked.filter(|link| !link.contains("://")) {
            assert!(folder.join(link).exists(), "{page}: {link}");
            seen += 1;
        }
        // Files that a command or a sentence names in this repository.
        for word in text.split([' ', '`', '\n', ',']) {
            let ours = ["sample-inventories/", "assets/", "docs/", "tests/fixtures/"];
            if ours.iter().any(|o| word.starts_with(o)) {
                let word = word.trim_end_matches(['.', ':', ';', ')']);
                assert!(root.join(word).exists(), "{page}: {word}");
                seen += 1;
            }
        }
    }
    assert!(seen > 8, "only {seen} links were found");
}
