//! No secret's value can enter: values are planted in every place of every kind of input, and every output is searched
//! for them byte by byte.

mod loading;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use trustmap::cli::{self, Io};
use trustmap::import::Unheard;
use trustmap::model::Time;

/// Secrets that were planted. Each holds a mark of its own, by which it is found even where only a part of it leaked.
#[derive(Default)]
struct Plants {
    marks: Vec<String>,
}

impl Plants {
    fn mark(&mut self) -> String {
        let mark = format!("Zq{:03}Wm7Rk", self.marks.len());
        self.marks.push(mark.clone());
        mark
    }

    /// A secret of a known form; another form each time.
    fn known(&mut self) -> String {
        let mark = self.mark();
        let tail = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4";
        // Put together here, so that no scanner takes this file for a leak.
        match self.marks.len() % 9 {
            0 => format!("ghp_{mark}{tail}"),
            1 => format!("github_pat_{mark}{tail}"),
            2 => format!("glpat-{mark}{tail}"),
            3 => format!("xoxb-{}-{mark}{tail}", 123_456_789_012_u64),
            4 => format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{mark}.{tail}"),
            5 => format!("AIza{mark}{tail}"),
            6 => format!("sk-{mark}{tail}"),
            7 => format!("-----BEGIN {} KEY-----{mark}{tail}", "RSA PRIVATE"),
            _ => format!("postgres://app:{mark}@db.internal/x"),
        }
    }

    /// Any text; only its key says that it is secret.
    fn plain(&mut self) -> String {
        format!("open {}", self.mark())
    }
}

/// Where a text may stand in an inventory, with a `@` for it: one line a file.
const KNOWN_FORMS: &[&str] = &[
    // Every text of every record.
    r#""name": "@""#,
    r#""as_of": "@""#,
    r#""unknown": "@""#,
    r#""unknown": {"deep": [["@"], {"deeper": "@"}]}"#,
    r#""@": 1"#,
    r#""systems": [{"id": "@"}]"#,
    r#""systems": [{"id": "s", "name": "@"}]"#,
    r#""systems": [{"id": "s", "kind": "@"}]"#,
    r#""systems": [{"id": "s", "platform": "@"}]"#,
    r#""systems": [{"id": "s", "environment": "@"}]"#,
    r#""systems": [{"id": "s", "owner": "@"}]"#,
    r#""systems": [{"id": "s", "criticality": "@"}]"#,
    r#""systems": [{"id": "s", "third_party": "@"}]"#,
    r#""systems": [{"id": "s", "accepts_issuers": ["@"]}]"#,
    r#""systems": [{"id": "s", "accepts_audiences": ["ok", "@"]}]"#,
    r#""systems": [{"id": "s", "validates": {"@": true, "strange": "@", "scope": "@"}}]"#,
    r#""systems": [{"id": "s", "validates": "@"}]"#,
    r#""systems": [{"id": "s", "tags": ["@", "fine"]}]"#,
    r#""systems": [{"id": "s", "attributes": {"note": "see @ there"}}]"#,
    r#""systems": [{"id": "s", "attributes": {"@": "x"}}]"#,
    r#""systems": [{"id": "s", "attributes": {"list": ["@", {"inner": "@"}]}}]"#,
    r#""systems": [{"id": "s", "@": 1}]"#,
    r#""systems": [{"id": "s", "@": 1, "@": 2}]"#,
    r#""systems": [{"id": "s", "name": "x", "name": "@"}]"#,
    r#""systems": ["@"]"#,
    r#""systems": "@""#,
    r#""systems": [{"name": "@"}]"#,
    r#""systems": [{"id": "s", "owner": "a"}, {"id": "s", "owner": "@"}]"#,
    r#""systems": [{"id": "s", "attributes": {"a": "a"}}, {"id": "s", "attributes": {"a": "@"}}]"#,
    r#""identities": [{"id": "@"}]"#,
    r#""identities": [{"id": "i", "name": "@", "kind": "@", "platform": "@", "environment": "@", "owner": "@", "status": "@", "tags": ["@"], "attributes": {"a": "@"}, "b": "@"}]"#,
    r#""credentials": [{"id": "@"}]"#,
    r#""credentials": [{"id": "c", "name": "@", "kind": "@", "identity": "@", "issuer": "@", "audience": ["@"], "scopes": ["@"], "contexts": ["@"], "status": "@", "owner": "@", "public_id": "@", "fingerprint": "@", "tags": ["@"], "attributes": {"a": "@"}, "b": "@"}]"#,
    r#""credentials": [{"id": "c", "issued_at": "@", "expires_at": "@", "rotated_at": "@", "last_used_at": "@", "leaked": "@", "self_contained": "@"}]"#,
    r#""grants": [{"holder": "@", "system": "s", "scopes": ["x"]}]"#,
    r#""grants": [{"holder": "c0", "system": "@", "scopes": ["x"]}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["@"]}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": "@"}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["x"], "within": ["@"]}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["x"], "except": ["@"]}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["x"], "used_scopes": ["@"]}]"#,
    r#""grants": [{"id": "@", "holder": "c0", "system": "s0", "scopes": ["x"]}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["x"], "evidence": "@", "attributes": {"a": "@"}, "b": "@", "last_used_at": "@"}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["x"], "evidence": "@", "attributes": {"a": "@"}, "b": "@"}]"#,
    r#""exposures": [{"system": "@", "yields": {"credential": "c0"}}]"#,
    r#""exposures": [{"system": "s0", "yields": {"credential": "@"}}]"#,
    r#""exposures": [{"system": "s0", "yields": {"context": "@"}}]"#,
    r#""exposures": [{"system": "s0", "yields": {"context": "lan", "odd": "@"}, "evidence": "@"}]"#,
    r#""exposures": [{"system": "s0", "yields": "@"}]"#,
    r#""exposures": [{"system": "s0", "yields": {"credential": "c0"}, "requires": ["@"]}]"#,
    r#""exposures": [{"system": "s0", "yields": {"credential": "c0"}, "how": "@"}]"#,
    r#""inherits": [{"from": "@", "to": "i0"}]"#,
    r#""inherits": [{"from": "i0", "to": "@"}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "audiences": ["@"]}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "how": "@"}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "requires_all": [{"system": "@", "scope": "x"}]}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "requires_all": [{"system": "s0", "scope": "@"}]}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "requires_all": [{"system": "s0", "scope": "x", "why": "@"}]}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "requires_all": ["@"]}]"#,
    r#""trusts": [{"from": "@", "to": "s0", "scopes": ["x"]}]"#,
    r#""trusts": [{"from": "s0", "to": "@", "scopes": ["x"]}]"#,
    r#""trusts": [{"from": "s0", "to": "s0", "scopes": ["@"]}]"#,
    r#""trusts": [{"from": "s0", "to": "s0", "scopes": ["x"], "requires": ["@"]}]"#,
    r#""trusts": [{"from": "s0", "to": "s0", "scopes": ["x"], "exchange": {"scopes": ["@"]}}]"#,
    r#""trusts": [{"from": "s0", "to": "s0", "scopes": ["x"], "exchange": {"scopes": ["x"], "odd": "@"}}]"#,
    r#""trusts": [{"from": "s0", "to": "s0", "scopes": ["x"], "exchange": "@"}]"#,
];

/// Where any text is a secret because of its key.
const SECRET_KEYS: &[&str] = &[
    r#""password": "@""#,
    r#""unknown": {"client_secret": "@"}"#,
    r#""systems": [{"id": "s", "password": "@"}]"#,
    r#""systems": [{"id": "s", "attributes": {"clientSecret": "@"}}]"#,
    r#""systems": [{"id": "s", "attributes": {"env": [{"name": "DB_PASSWORD", "value": "@"}]}}]"#,
    r#""systems": [{"id": "s", "attributes": {"tokens": ["@"]}}]"#,
    r#""systems": [{"id": "s", "attributes": {"secrets": {"db": "@"}}}]"#,
    r#""identities": [{"id": "i", "attributes": {"deep": {"deeper": {"api_key": "@"}}}}]"#,
    r#""credentials": [{"id": "c", "value": 1, "private_key": "@", "secret": "@", "attributes": {"SecretAccessKey": "@", "token": "@"}}]"#,
    r#""credentials": [{"id": "c", "token_value": "@"}]"#,
    r#""grants": [{"holder": "c0", "system": "s0", "scopes": ["x"], "attributes": {"Authorization": "@"}, "passphrase": "@"}]"#,
    r#""exposures": [{"system": "s0", "yields": {"credential": "c0", "password": "@"}}]"#,
    r#""trusts": [{"from": "s0", "to": "s0", "scopes": ["x"], "exchange": {"scopes": ["x"], "client_secret": "@"}}]"#,
    r#""inherits": [{"from": "i0", "to": "i0", "requires_all": [{"system": "s0", "scope": "x", "secret": "@"}]}]"#,
    r#""systems": [{"id": "s", "validates": {"secret": "@"}}]"#,
];

/// What stands beside each planted text.
const GROUND: &str = r#"{"systems": [{"id": "s0"}], "identities": [{"id": "i0"}], "credentials": [{"id": "c0", "identity": "i0"}], "grants": [{"holder": "c0", "system": "s0", "scopes": ["x"]}], "format": "trustmap-inventory", "version": 1}"#;

fn native_files(plants: &mut Plants) -> Vec<String> {
    let mut files = Vec::new();
    let mut plant = |line: &str, secret: fn(&mut Plants) -> String| {
        let mut text = String::from("{\"format\": \"trustmap-inventory\", \"version\": 1, ");
        for part in line.split_inclusive('@') {
            text.push_str(part.trim_end_matches('@'));
            if part.ends_with('@') {
                text.push_str(&secret(plants));
            }
        }
        text.push('}');
        files.push(text);
    };
    for line in KNOWN_FORMS {
        plant(line, Plants::known);
    }
    for line in SECRET_KEYS {
        plant(line, Plants::plain);
    }
    files
}

/// Files that are no inventory, or broken ones.
fn broken_files(plants: &mut Plants) -> Vec<String> {
    let secret = |plants: &mut Plants| plants.known();
    vec![
        format!("user,password\nroot,{}\n", plants.plain()),
        format!("{{\"format\": \"{}\", \"version\": 1}}", secret(plants)),
        format!("{{\"format\": \"trustmap-{}\", \"version\": 1}}", secret(plants)),
        format!(
            "{{\"format\": \"trustmap-inventory\", \"version\": \"{}\"}}",
            secret(plants)
        ),
        format!(
            "{{\"format\": \"trustmap-inventory\", \"version\": 1, \"systems\": [{{\"id\": \"{}",
            secret(plants)
        ),
        format!(
            "{{\"format\": \"trustmap-inventory\", \"version\": 1, \"systems\": [{{\"id\": {}}}]}}",
            plants.mark()
        ),
        format!(
            "{{\"format\": \"trustmap-inventory\", \"version\": 1}} {}",
            secret(plants)
        ),
        format!(
            "{{\"format\": \"trustmap-inventory\", \"version\": 1, \"systems\": {{\"a\": \"{}\"}}}}",
            secret(plants)
        ),
        secret(plants),
        format!("\"{}\"", secret(plants)),
        format!("[\"{}\"]", secret(plants)),
    ]
}

/// Every command whose output is searched, given files; `OUT` is a path to write.
const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "--json"],
    &["check", "--format", "native"],
    &["check", "--format", "aws-account-authorization"],
    &["check", "--format", "aws-credential-report"],
    &["convert", "-o", "OUT"],
    &["convert", "-o", "-", "--to", "csv"],
    &["convert", "-o", "-", "--to", "graphml"],
    &["rank"],
    &["rank", "--json"],
    &["radius", "--compromise", "c0", "--quiet"],
    &["radius", "--compromise", "c0", "--json"],
    &["radius", "--compromise", "s0", "i0", "--json", "--regime", "intended"],
];

/// Drawing a picture takes a while, so this one is run on some of the files only.
const REPORT: &[&str] = &["report", "--compromise", "c0", "--out", "OUT", "--json"];

/// Runs a command and gives all it said and wrote.
fn outputs(command: &[&str], files: &[PathBuf], out: &Path) -> String {
    let _ = fs::remove_file(out);
    let _ = fs::remove_dir_all(out);
    let args = std::iter::once(OsString::from("trustmap"))
        .chain(
            command
                .iter()
                .map(|a| if *a == "OUT" { out.into() } else { OsString::from(a) }),
        )
        .chain(files.iter().map(OsString::from));
    let (mut printed, mut said) = (Vec::new(), Vec::new());
    let now: Time = "2026-06-01T00:00:00Z".parse().expect("a time");
    cli::run(
        args,
        &mut Io {
            out: &mut printed,
            err: &mut said,
            progress: &Unheard,
            now,
        },
    );
    let written = match fs::read_dir(out) {
        Ok(folder) => folder
            .flat_map(|file| fs::read(file.expect("a file").path()).expect("it can be read"))
            .collect(),
        Err(_) => fs::read(out).unwrap_or_default(),
    };
    [printed, said, written]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat()
}

#[test]
fn planted_secrets_come_out_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut plants = Plants::default();
    let native = native_files(&mut plants);
    let broken = broken_files(&mut plants);
    let ground = folder.path().join("ground.json");
    fs::write(&ground, GROUND).expect("written");
    let out = folder.path().join("out");
    let mut dropped = 0;
    let mut searched = 0;
    for (i, text) in native.iter().chain(&broken).enumerate() {
        let path = folder.path().join(format!("{i}.json"));
        fs::write(&path, text).expect("written");
        for files in [vec![path.clone()], vec![ground.clone(), path.clone()]] {
            let report = if i % 20 == 0 { &[REPORT][..] } else { &[] };
            for command in COMMANDS.iter().chain(report) {
                let text_out = outputs(command, &files, &out);
                for mark in &plants.marks {
                    assert!(
                        !text_out.contains(mark.as_str()),
                        "{mark} of\n{text}\nis in the output of {command:?}:\n{text_out}"
                    );
                }
                dropped += text_out.matches("secret-dropped").count();
                searched += text_out.len();
            }
        }
    }
    assert!(dropped > 300, "only {dropped} warnings were written");
    assert!(searched > 100_000, "only {searched} bytes of output were searched");
}

#[test]
fn what_is_planted_would_be_found() {
    // The same places with a harmless text: it comes out of the conversion, so the search above looks where it must.
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let ground = folder.path().join("ground.json");
    fs::write(&ground, GROUND).expect("written");
    let mut kept = 0;
    for (i, line) in KNOWN_FORMS.iter().enumerate() {
        let path = folder.path().join(format!("{i}.json"));
        let text = format!(
            "{{\"format\": \"trustmap-inventory\", \"version\": 1, {}}}",
            line.replace('@', "harmless-text")
        );
        fs::write(&path, text).expect("written");
        let found = outputs(&["convert", "-o", "OUT"], &[ground.clone(), path], &out).contains("harmless-text");
        kept += usize::from(found);
    }
    assert!(
        kept > 35,
        "only {kept} of {} places are carried to the output",
        KNOWN_FORMS.len()
    );
}

#[test]
fn a_secret_in_a_files_text_costs_only_what_holds_it() {
    let mut plants = Plants::default();
    let text = format!(
        r#"{{"format": "trustmap-inventory", "version": 1, "systems": [{{"id": "s", "name": "{}", "owner": "web", "tags": ["a", "{}"], "attributes": {{"password": "{}", "region": "eu"}}}}]}}"#,
        plants.known(),
        plants.known(),
        plants.plain(),
    );
    let loaded = loading::load(&[&text]);
    let canonical = loading::canonical(&loaded);
    let expected = r#"    {
      "id": "s",
      "owner": "web",
      "tags": [
        "a"
      ],
      "attributes": {
        "region": "eu"
      }
    }"#;
    assert!(canonical.contains(expected), "{canonical}");
    assert_eq!(
        loading::problems(&loaded),
        [
            "warning secret-dropped at a.json, line 1, /systems/0: Left out a tag of system \"s\": it looks like a secret's value; an inventory needs none, remove it from the file",
            "warning secret-dropped at a.json, line 1, /systems/0: Left out name of system \"s\": it looks like a secret's value; an inventory needs none, remove it from the file",
            "warning secret-dropped at a.json, line 1, /systems/0/attributes/password: Left out password of system \"s\": it looks like a secret's value; an inventory needs none, remove it from the file",
        ]
    );
}
