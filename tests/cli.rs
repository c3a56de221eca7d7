//! The command line without a process: arguments in, status and texts out.

mod loading;

use loading::inventory;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use trustmap::cli::{self, Io, Then};
use trustmap::import::Unheard;
use trustmap::model::Time;

/// Runs the command line; the clock stands at 2026-06-01.
fn run(args: &[&str]) -> (Then, String, String) {
    let args = std::iter::once("trustmap")
        .chain(args.iter().copied())
        .map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let now: Time = "2026-06-01T00:00:00Z".parse().expect("a time");
    let then = cli::run(
        args,
        &mut Io {
            out: &mut out,
            err: &mut err,
            progress: &Unheard,
            now,
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    (then, text(out), text(err))
}

/// Runs arguments that cannot be used: status 2, nothing on the output, this on standard error.
#[track_caller]
fn check_unusable(args: &[&str], said: &str) {
    let (then, out, err) = run(args);
    assert_eq!(then, Then::Exit(2), "{err}");
    assert_eq!(out, "");
    assert!(err.starts_with("error: "), "{err}");
    assert!(err.contains(said), "expected {said:?} in {err:?}");
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    path.display().to_string()
}

const TWO: &str = r#""systems": [{"id": "s", "owner": "a"}, {"id": "s", "owner": "b"}], "identities": [{"id": "i"}], "grants": [{"holder": "i", "system": "s", "scopes": ["x"]}, {"holder": "j", "system": "s", "scopes": ["x"]}]"#;

#[test]
fn without_a_command_the_window_opens() {
    assert_eq!(run(&[]).0, Then::Window(vec![]));
    assert_eq!(run(&["a.json", "b"]).0, Then::Window(vec!["a.json".into(), "b".into()]));
    assert_eq!(run(&["-"]).0, Then::Window(vec!["-".into()]));
}

#[test]
fn what_cannot_be_used_is_status_2() {
    check_unusable(&["check"], "required arguments were not provided");
    check_unusable(
        &["check", "x.json", "--regime", "worst"],
        "expected worst-case, best-case or intended",
    );
    check_unusable(
        &["check", "x.json", "--as-of", "today"],
        "expected a time such as 2026-05-01T00:00:00Z",
    );
    check_unusable(
        &["check", "no-such-file.json"],
        "Could not read no-such-file.json: there is no such file",
    );
    check_unusable(
        &["check", "no-such-file.json", "--json"],
        "Could not read no-such-file.json",
    );
    check_unusable(
        &["check", "x.json", "--format", "nativ"],
        "No format is called \"nativ\"",
    );
    check_unusable(
        &["check", "x.json", "--assert", "no-such-assertions.json"],
        "Could not read no-such-assertions.json: there is no such file",
    );
    check_unusable(&["diff", "x.json"], "--to <FILE>...");
    check_unusable(
        &["diff", "x.json", "--to", "no-such-file.json"],
        "Could not read x.json: there is no such file",
    );
    check_unusable(&["findings"], "required arguments were not provided");
    check_unusable(&["convert", "x.json"], "--output <OUT>");
    check_unusable(&["convert", "x.json", "-o", "y", "--to", "dot"], "invalid value 'dot'");
    // A name that would colour the terminal is shown, not obeyed.
    check_unusable(&["check", "\u{1b}[31mred"], "Could not read \\u{1b}[31mred");
}

#[test]
fn check_says_what_was_read_and_what_was_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), "a.json", &inventory(TWO));
    let (then, out, err) = run(&["check", &file]);
    assert_eq!((then, err.as_str()), (Then::Exit(0), ""));
    assert_eq!(
        out.replace(&file, "a.json"),
        "a.json (native)\n\
         \x20 understood: 2 systems, 1 identity, 2 grants\n\
         \x20 error [dangling-reference] line 1, /grants/1: Left out the grant \"grant:j->s\": holder: no file defines a \
         credential or an identity \"j\"; add it, or load the file that does\n\
         \x20 conflict [conflict] line 1, /systems/1: Two values for owner of system \"s\": \"a\" was kept, \"b\" was not; \
         the first stays, make them agree (the other is in a.json, line 1, /systems/0)\n\
         Together: 1 system, 1 identity, 1 grant\n\
         1 error, 0 warnings, 1 conflict\n"
    );
}

#[test]
fn check_writes_the_common_part_as_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), "a.json", &inventory(TWO));
    let (then, out, _) = run(&["check", &file, "--json", "--regime", "intended"]);
    assert_eq!(then, Then::Exit(0));
    let version = env!("CARGO_PKG_VERSION");
    let sha256 = {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(inventory(TWO).as_bytes());
        digest.iter().map(|b| format!("{b:02x}")).collect::<String>()
    };
    let expected = format!(
        r#"{{
  "format": "trustmap-check",
  "version": 1,
  "tool": {{
    "name": "trustmap",
    "version": "{version}"
  }},
  "inputs": [
    {{
      "file": "a.json",
      "sha256": "{sha256}",
      "importer": "native",
      "records": {{
        "systems": 2,
        "identities": 1,
        "credentials": 0,
        "grants": 2,
        "exposures": 0,
        "inherits": 0,
        "trusts": 0
      }},
      "complete": true
    }}
  ],
  "as_of": "2026-06-01T00:00:00Z",
  "as_of_from": "clock",
  "regime": "intended",
  "diagnostics": [
    {{
      "level": "error",
      "code": "dangling-reference",
      "file": "a.json",
      "place": "/grants/1",
      "message": "Left out the grant \"grant:j->s\": holder: no file defines a credential or an identity \"j\"; add it, or load the file that does"
    }},
    {{
      "level": "conflict",
      "code": "conflict",
      "file": "a.json",
      "place": "/systems/1",
      "message": "Two values for owner of system \"s\": \"a\" was kept, \"b\" was not; the first stays, make them agree (the other is in a.json, line 1, /systems/0)"
    }}
  ]
}}
"#
    );
    assert_eq!(out.replace(&file, "a.json"), expected);
}

#[test]
fn the_as_of_time_is_the_arguments_then_the_inventories_then_the_clocks() {
    let folder = tempfile::tempdir().expect("a folder");
    let none = written(folder.path(), "none.json", &inventory(""));
    let early = written(
        folder.path(),
        "early.json",
        &inventory("\"as_of\": \"2026-01-01T00:00:00Z\""),
    );
    let late = written(
        folder.path(),
        "late.json",
        &inventory("\"as_of\": \"2026-02-01T01:30:00.250+01:00\""),
    );
    for (args, time, from) in [
        (vec![&none], "2026-06-01T00:00:00Z", "clock"),
        (vec![&none, &early], "2026-01-01T00:00:00Z", "inventory"),
        (vec![&late, &early], "2026-02-01T00:30:00.25Z", "inventory"),
    ] {
        let mut args: Vec<&str> = args.into_iter().map(String::as_str).collect();
        args.splice(0..0, ["check", "--json"]);
        let out = run(&args).1;
        assert!(
            out.contains(&format!("\"as_of\": \"{time}\",\n  \"as_of_from\": \"{from}\"")),
            "{out}"
        );
    }
    let out = run(&["check", "--json", &late, "--as-of", "2025-01-01T00:00:00+00:00"]).1;
    assert!(
        out.contains("\"as_of\": \"2025-01-01T00:00:00Z\",\n  \"as_of_from\": \"argument\""),
        "{out}"
    );
}

#[test]
fn diagnostics_go_by_file_then_place_with_numbers_by_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let records: Vec<String> = (0..12).map(|i| format!("{{\"id\": \"s{i}\", \"odd\": 1}}")).collect();
    let text = inventory(&format!("\"systems\": [{}]", records.join(", ")));
    let b = written(folder.path(), "b.json", &text);
    let a = written(folder.path(), "a.json", &text);
    let out: serde_json::Value = serde_json::from_str(&run(&["check", "--json", &b, &a]).1).expect("JSON");
    let places: Vec<String> = out["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| {
            format!(
                "{}{}",
                &d["file"].as_str().expect("a file")[folder.path().as_os_str().len()..],
                d["place"].as_str().expect("a place")
            )
        })
        .collect();
    let expected: Vec<String> = ["/b.json", "/a.json"]
        .iter()
        .flat_map(|file| (0..12).map(move |i| format!("{file}/systems/{i}/odd")))
        .collect();
    assert_eq!(places, expected);
}

#[test]
fn convert_writes_one_inventory_that_says_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (
        written(
            folder.path(),
            "a.json",
            &inventory(
                r#""name": "Acme", "as_of": "2026-05-01T00:00:00Z", "systems": [{"id": "s", "odd": {"x": [1.5, "é"]}}]"#,
            ),
        ),
        written(
            folder.path(),
            "b.json",
            &inventory(r#""identities": [{"id": "i"}], "grants": [{"holder": "i", "system": "s", "scopes": ["x"]}]"#),
        ),
    );
    let out = folder.path().join("out.json").display().to_string();
    let (then, printed, err) = run(&["convert", &a, &b, "-o", &out]);
    assert_eq!((then, printed.as_str()), (Then::Exit(0), ""));
    assert_eq!(
        err,
        format!("Wrote {out}: 3 records\n1 problem in the input; trustmap check says which\n")
    );
    let text = fs::read_to_string(&out).expect("it is there");
    assert!(
        text.starts_with("{\n  \"format\": \"trustmap-inventory\",\n  \"version\": 1,\n  \"name\": \"Acme\",\n"),
        "{text}"
    );
    // Alone, twice and beside what it came from it is the same.
    for args in [vec![&out], vec![&out, &out], vec![&a, &out, &b], vec![&b, &a]] {
        let mut args: Vec<&str> = args.into_iter().map(String::as_str).collect();
        args.splice(0..0, ["convert", "--quiet", "-o", "-"]);
        let (then, again, err) = run(&args);
        assert_eq!((then, err.as_str()), (Then::Exit(0), ""));
        assert_eq!(again, text, "{args:?}");
    }
    // Onto itself, too.
    assert_eq!(run(&["convert", "--quiet", &out, "-o", &out]).0, Then::Exit(0));
    assert_eq!(fs::read_to_string(&out).expect("it is there"), text);
}

#[test]
fn convert_that_cannot_write_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), "a.json", &inventory(""));
    let missing = folder.path().join("no/out.json").display().to_string();
    check_unusable(
        &["convert", &file, "-o", &missing],
        "its folder does not exist; make it or choose another",
    );
    let itself = folder.path().display().to_string();
    check_unusable(&["convert", &file, "-o", &itself], "it is a folder; name a file");
    let below = format!("{file}/out.json");
    check_unusable(&["convert", &file, "-o", &below], "Could not write");
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
}

#[cfg(unix)]
#[test]
fn convert_into_a_folder_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), "a.json", &inventory(""));
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).expect("made");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).expect("locked");
    let out = locked.join("out.json");
    if fs::write(locked.join("probe"), "").is_ok() {
        // Whoever runs this may write anywhere; a file in place of the folder refuses everybody.
        check_unusable(
            &["convert", &file, "-o", "/proc/out.json"],
            "Could not write /proc/out.json",
        );
        return;
    }
    let out = out.display().to_string();
    check_unusable(
        &["convert", &file, "-o", &out],
        "the folder may not be written to; choose another",
    );
}

#[test]
fn convert_writes_tables_and_graphs() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(
        folder.path(),
        "a.json",
        &inventory(
            r#""systems": [{"id": "s", "name": "<S> & \"co\""}, {"id": "t"}], "identities": [{"id": "i"}], "credentials": [{"id": "c", "kind": "jwt"}],
               "grants": [{"holder": "c", "system": "s", "scopes": ["a", "b,c"], "intended": false, "last_used_at": "2026-05-01T00:00:00Z"}],
               "exposures": [{"system": "s", "yields": {"context": "lan"}, "how": "stored"}],
               "inherits": [{"to": "i", "requires_all": [{"system": "s", "scope": "x"}], "evidence": "=cmd"}],
               "trusts": [{"from": "s", "to": "t", "scopes": ["x"], "exchange": {"scopes": ["y"]}, "assumed": true}]"#,
        ),
    );
    let (then, csv, _) = run(&["convert", &file, "-o", "-", "--to", "csv"]);
    assert_eq!(then, Then::Exit(0));
    assert_eq!(
        csv,
        "kind,name,from,to,scopes,how,intended,assumed,last_used_at,evidence\n\
         grant,grant:c->s,c,s,\"a | b,c\",,false,false,2026-05-01T00:00:00Z,\n\
         exposure,exposure:s->context:lan,s,context:lan,,stored,true,false,,\n\
         inherit,inherit:*->i,,i,x at s,,true,false,,\"'=cmd\"\n\
         trust,trust:s->t,s,t,y,exchange,true,true,,\n"
    );
    let (then, graph, _) = run(&["convert", &file, "-o", "-", "--to", "graphml"]);
    assert_eq!(then, Then::Exit(0));
    for part in [
        "<node id=\"s\">\n      <data key=\"class\">system</data>\n      <data key=\"name\">&lt;S&gt; &amp; &quot;co&quot;</data>",
        "<node id=\"context:lan\">",
        "<node id=\"*\">",
        "<edge id=\"inherit:*-&gt;i\" source=\"*\" target=\"i\">",
        "<data key=\"relation\">trust</data>",
    ] {
        assert!(graph.contains(part), "expected {part:?} in {graph}");
    }
    assert_eq!(graph.matches("<edge ").count(), 4);
    assert_eq!(graph.matches("<node ").count(), 6);
}

#[test]
fn formats_are_listed_one_a_line() {
    let (then, out, err) = run(&["formats"]);
    assert_eq!((then, err.as_str()), (Then::Exit(0), ""));
    let names: Vec<&str> = out.lines().map(|l| l.split("  ").next().unwrap_or_default()).collect();
    let all: Vec<&str> = trustmap::import::IMPORTERS.iter().map(|i| i.name()).collect();
    assert_eq!(names, all);
    let json: serde_json::Value = serde_json::from_str(&run(&["formats", "--json"]).1).expect("JSON");
    assert_eq!(json["formats"].as_array().map(Vec::len), Some(all.len()));
}

const GUARDED: &str = r#""systems": [{"id": "a"}, {"id": "b"}], "identities": [{"id": "i"}], "credentials": [{"id": "c", "identity": "i"}], "grants": [{"holder": "i", "system": "a", "scopes": ["x"]}], "trusts": [{"from": "a", "to": "b", "scopes": ["y"]}]"#;

#[test]
fn assertions_decide_the_exit_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), "a.json", &inventory(GUARDED));
    let asserted = |members: &str| {
        let text = format!("{{\"format\": \"trustmap-assertions\", \"version\": 1, {members}}}");
        written(folder.path(), "assertions.json", &text)
    };
    let holding = asserted(r#""never": [{"from": "c", "to": "b", "unless_via": ["a"]}]"#);
    let (then, out, err) = run(&["check", &file, "--assert", &holding]);
    assert_eq!((then, err.as_str()), (Then::Exit(0), ""));
    assert!(out.ends_with("holds: never from c to b unless via a\n"), "{out}");

    let failing = asserted(r#""never": [{"from": "c", "to": "b"}], "max_radius": [{"credential": "*", "systems": 1}]"#);
    let (then, out, _) = run(&["check", &file, "--assert", &failing]);
    assert_eq!(then, Then::Exit(1));
    let said = "FAILS: never from c to b\n\
                \x20 c reaches b:\n\
                \x20   Holds(c, copy)\n\
                \x20   Accepted(c, copy, a)  by grant:i->a\n\
                \x20   Access(a, x)  by grant:i->a\n\
                \x20   Access(b, y)  by trust:a->b\n\
                FAILS: * opens at most 1 system\n\
                \x20 c opens 2 systems\n";
    assert!(out.ends_with(said), "{out}");
    // Under another regime the same holds: nothing is passed on without an exchange.
    let (then, ..) = run(&["check", &file, "--assert", &failing, "--regime", "intended"]);
    assert_eq!(then, Then::Exit(0));

    let empty = asserted(r#""never": [{"from": "tag:none", "to": "b"}]"#);
    let (then, out, _) = run(&["check", &file, "--assert", &empty]);
    assert_eq!(then, Then::Exit(0));
    assert!(
        out.contains("warning [empty-pattern] Assertion /never/0/from: Nothing matches \"tag:none\""),
        "{out}"
    );

    let wrong = asserted(r#""never": [{"from": "nobody", "to": "b"}]"#);
    check_unusable(
        &["check", &file, "--assert", &wrong],
        "assertions.json/never/0/from: No system, identity or credential has the id \"nobody\"",
    );
}

#[test]
fn a_difference_for_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = written(
        folder.path(),
        "old.json",
        &inventory(&GUARDED.replace(", \"trusts\"", ", \"x\"")),
    );
    let new = written(folder.path(), "new.json", &inventory(GUARDED));
    let (then, out, _) = run(&["diff", &old, "--to", &new, "--as-of", "2026-05-01T00:00:00Z"]);
    assert_eq!(then, Then::Exit(0));
    assert_eq!(
        out,
        "1 added, 0 removed, 0 changed; 1 credential reaches otherwise\n\
         As of 2026-05-01T00:00:00Z, worst case: what the inventory does not say is taken as open\n\
         \n\
         Trusts:\n\
         \x20 + trust:a->b\n\
         \n\
         Systems that each live credential alone reaches:\n\
         \x20 c: 1 → 2\n\
         \x20   + b\n"
    );
}

#[test]
fn findings_for_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let leaked = GUARDED.replace(r#""id": "c", "#, r#""id": "c", "leaked": true, "#);
    let file = written(folder.path(), "a.json", &inventory(&leaked));
    let (then, out, _) = run(&["findings", &file, "--as-of", "2026-05-01T00:00:00Z"]);
    assert_eq!(then, Then::Exit(0));
    let said = "critical  c leaked and still works  [leaked-live]\n\
                \x20 Whoever found c is let in at a.\n\
                \x20 NHI2:2025, NHI7:2025, IA-5, IA-5(6), AC-2(3), IR-4, PR.AA-01, RS.MI-01, tenet 6, T1552, T1078.004\n";
    assert!(out.contains(said), "{out}");
    assert!(out.contains("Mend: Rotate c\n"), "{out}");
    let nothing = written(folder.path(), "b.json", &inventory(""));
    let (_, out, _) = run(&["findings", &nothing, "--as-of", "2026-05-01T00:00:00Z"]);
    assert!(out.starts_with("No findings\n"), "{out}");
}
