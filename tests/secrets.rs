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

/// Exports of AWS with a secret wherever somebody may have typed one: `@` for a known form, `%` for any text.
fn aws_files(plants: &mut Plants) -> Vec<String> {
    let user = |members: &str| {
        format!(
            r#"{{"UserDetailList": [{{"Path": "/", "UserName": "bot", "UserId": "AIDAEXAMPLE", "Arn": "arn:aws:iam::123456789012:user/bot", "CreateDate": "2020-01-01T00:00:00Z", "GroupList": [], "AttachedManagedPolicies": [], {members}}}], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}}"#
        )
    };
    let role = |trust: &str, members: &str| {
        format!(
            r#"{{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{{"Path": "/", "RoleName": "deploy", "RoleId": "AROAEXAMPLE", "Arn": "arn:aws:iam::123456789012:role/deploy", "CreateDate": "2020-01-01T00:00:00Z", "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [{trust}]}}, "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": [], {members}}}], "Policies": []}}"#
        )
    };
    let statement = |members: &str| {
        user(&format!(
            r#""UserPolicyList": [{{"PolicyName": "inline", "PolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {members}}}]}}}}]"#
        ))
    };
    const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
    let row = |user: &str, arn: &str, rest: &str| {
        format!(
            "{HEAD}\n{user},{arn},2020-01-01T00:00:00+00:00,{rest},no_information,N/A,N/A,false,true,2020-01-01T00:00:00+00:00,N/A,N/A,{rest},false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
        )
    };
    const ARN: &str = "arn:aws:iam::123456789012:user/bot";
    let templates = [
        user(
            r#""Tags": [{"Key": "note", "Value": "@"}, {"Key": "password", "Value": "%"}, {"Key": "@", "Value": "x"}]"#,
        ),
        user(r#""Password": "%", "SecretAccessKey": "%", "Note": "@""#),
        user(
            r#""UserPolicyList": [{"PolicyName": "@", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}]"#,
        ),
        user(r#""UserPolicyList": [{"PolicyName": "p", "PolicyDocument": "@"}]"#),
        user(r#""PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "@"}"#),
        user(r#""AttachedManagedPolicies": [{"PolicyName": "@", "PolicyArn": "@"}]"#),
        user(r#""GroupList": ["@"]"#),
        user(r#""UserName": "@", "Arn": "@", "UserId": "@", "CreateDate": "@", "Path": "@""#),
        statement(r#""Sid": "@", "Action": "s3:*", "Resource": "*""#),
        statement(r#""Action": "@", "Resource": "@""#),
        statement(r#""NotAction": ["@"], "NotResource": ["@"]"#),
        statement(
            r#""Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/x": "@", "@": "x"}}"#,
        ),
        statement(r#""Action": "s3:*", "Resource": "*", "Condition": "@", "Odd": "@""#),
        statement(r#""Effect": "@", "Action": "s3:*", "Resource": "*""#),
        role(
            r#"{"Effect": "Allow", "Principal": {"AWS": "@"}, "Action": "sts:AssumeRole"}"#,
            "\"Description\": \"@\"",
        ),
        role(
            r#"{"Effect": "Allow", "Principal": {"Federated": "@"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.example.org:sub": "@"}}}"#,
            "\"Tags\": [{\"Key\": \"token\", \"Value\": \"%\"}]",
        ),
        role(
            r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "@"}}}"#,
            "\"RoleLastUsed\": {\"LastUsedDate\": \"@\", \"Region\": \"@\"}",
        ),
        role(
            r#"{"Effect": "Allow", "Principal": {"Service": "@"}, "Action": "sts:AssumeRole"}"#,
            "\"Odd\": \"@\"",
        ),
        row("@", ARN, "true"),
        row("bot", "@", "true"),
        row("bot", ARN, "@"),
        format!("{HEAD},note\nbot,{ARN},@\n"),
        "{\"Content\": \"@\", \"ReportFormat\": \"text/csv\", \"GeneratedTime\": \"2026-05-01T00:00:00Z\"}".to_owned(),
        format!("{{\"Content\": \"{}\"}}", row("@", "@", "@").replace('\n', "\\n")),
    ];
    planted(plants, &templates)
}

/// BloodHound graphs, likewise.
fn graph_files(plants: &mut Plants) -> Vec<String> {
    let nodes = |members: &str| format!("{{\"graph\": {{\"nodes\": [{{{members}}}], \"edges\": []}}}}");
    let edges = |members: &str| {
        format!(
            r#"{{"graph": {{"nodes": [{{"id": "u", "kinds": ["User"], "properties": {{"name": "u"}}}}], "edges": [{{"kind": "MemberOf", {members}}}]}}}}"#
        )
    };
    let templates = [
        nodes(r#""id": "@", "kinds": ["User"]"#),
        nodes(r#""id": "u", "kinds": ["@"], "@": 1"#),
        nodes(
            r#""id": "u", "kinds": ["User"], "properties": {"name": "@", "note": "@", "many": ["x", "@"], "deep": {"a": ["@"]}}"#,
        ),
        nodes(r#""id": "u", "kinds": ["User"], "properties": {"password": "%", "client_secret": "%", "@": "x"}"#),
        nodes(r#""id": "t", "kinds": ["GH_PersonalAccessToken"], "properties": {"token": "%", "created_at": "@"}"#),
        nodes(r#""id": "o", "kinds": ["TM_System"], "properties": {"trustmap": "{\"id\": \"@\"}"}"#),
        nodes(
            r#""id": "o", "kinds": ["TM_System"], "properties": {"trustmap": "{\"id\": \"s\", \"owner\": \"@\", \"password\": \"%\"}"}"#,
        ),
        nodes(
            r#""id": "o", "kinds": ["TM_Context"], "properties": {"trustmap": "{\"name\": \"@\", \"api_key\": \"%\"}"}"#,
        ),
        edges(r#""start": {"value": "@"}, "end": {"value": "@"}"#),
        edges(r#""start": {"value": "u"}, "end": {"value": "@", "match_by": "name", "kind": "@"}"#),
        edges(
            r#""start": {"value": "u"}, "end": {"match_by": "property", "property_matchers": [{"key": "@", "operator": "equals", "value": "@"}]}"#,
        ),
        edges(r#""start": {"value": "u"}, "end": {"value": "g", "note": "@", "token": "%"}"#),
        edges(
            r#""start": {"value": "u"}, "end": {"value": "g"}, "properties": {"abuse": "@", "password": "%", "traversable": true}"#,
        ),
        edges(r#""start": {"value": "u"}, "end": {"value": "g"}, "kind": "@""#),
        r#"{"metadata": {"source_kind": "@", "collector": "@"}, "graph": {"nodes": [{"id": "u", "kinds": []}]}}"#
            .to_owned(),
        r#"{"schema": {"name": "@"}, "node_kinds": [], "relationship_kinds": [{"name": "@", "is_traversable": true}]}"#
            .to_owned(),
    ];
    planted(plants, &templates)
}

/// Templates with a secret for each `@` and `%`.
fn planted(plants: &mut Plants, templates: &[String]) -> Vec<String> {
    let mut files = Vec::new();
    for template in templates {
        let mut text = String::new();
        for c in template.chars() {
            match c {
                '@' => text.push_str(&plants.known()),
                '%' => text.push_str(&plants.plain()),
                c => text.push(c),
            }
        }
        files.push(text);
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

/// Every command whose output is searched: what stands before the files and after them; `OUT` is a path to write.
const COMMANDS: &[(&str, &[&str])] = &[
    ("check", &[]),
    ("check", &["--json"]),
    ("check", &["--format", "native"]),
    ("check", &["--format", "aws-account-authorization"]),
    ("check", &["--format", "aws-credential-report"]),
    ("check", &["--format", "bloodhound-opengraph"]),
    ("convert", &["-o", "OUT"]),
    ("convert", &["-o", "-", "--to", "csv"]),
    ("convert", &["-o", "-", "--to", "graphml"]),
    ("convert", &["-o", "-", "--to", "opengraph"]),
    ("radius", &["--compromise", "c0"]),
    ("radius", &["--json", "--compromise", "c0", "i0", "s0", "c", "i", "s"]),
    ("radius", &["--json", "--compromise", "c0", "i0", "s0", "context:lan"]),
    ("rank", &[]),
    ("rank", &["--json"]),
];

/// Runs a command and gives all it said and wrote.
fn outputs((command, rest): (&str, &[&str]), files: &[PathBuf], out: &Path) -> String {
    let _ = fs::remove_file(out);
    let _ = fs::remove_dir_all(out);
    let rest = rest
        .iter()
        .map(|a| if *a == "OUT" { out.into() } else { OsString::from(a) });
    let args = ["trustmap", command]
        .map(OsString::from)
        .into_iter()
        .chain(files.iter().map(OsString::from))
        .chain(rest);
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
    let mut all = vec![printed, said];
    match fs::read_dir(out) {
        Ok(entries) => all.extend(entries.flatten().filter_map(|entry| fs::read(entry.path()).ok())),
        Err(_) => all.extend(fs::read(out).ok()),
    }
    let texts: Vec<String> = all
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    texts.concat()
}

#[test]
fn planted_secrets_come_out_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut plants = Plants::default();
    let native = native_files(&mut plants);
    let aws = aws_files(&mut plants);
    let graphs = graph_files(&mut plants);
    let broken = broken_files(&mut plants);
    let ground = folder.path().join("ground.json");
    fs::write(&ground, GROUND).expect("written");
    let out = folder.path().join("out");
    let mut dropped = 0;
    let mut searched = 0;
    for (i, text) in native.iter().chain(&aws).chain(&graphs).chain(&broken).enumerate() {
        let path = folder.path().join(format!("{i}.json"));
        fs::write(&path, text).expect("written");
        for files in [vec![path.clone()], vec![ground.clone(), path.clone()]] {
            for command in COMMANDS {
                let text_out = outputs(*command, &files, &out);
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
    // All at once, and the command that takes long.
    let report = ("report", &["--compromise", "c0", "i0", "s0", "--out", "OUT"][..]);
    for command in COMMANDS.iter().chain([&report]) {
        let text_out = outputs(*command, &[folder.path().to_owned()], &folder.path().join(".out"));
        for mark in &plants.marks {
            assert!(
                !text_out.contains(mark.as_str()),
                "{mark} is in the output of {command:?} on all files"
            );
        }
        searched += text_out.len();
        if command.0 == "report" {
            let files = fs::read_dir(folder.path().join(".out")).expect("a report was written");
            assert!(files.count() >= 5);
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
        let found = outputs(("convert", &["-o", "OUT"]), &[ground.clone(), path], &out).contains("harmless-text");
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

#[test]
fn a_secret_in_a_scenario_or_an_argument_comes_out_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut plants = Plants::default();
    let ground = folder.path().join("ground.json");
    fs::write(&ground, GROUND).expect("written");
    let out = folder.path().join("out");
    let scenario = folder.path().join("scenario.json");
    let scenario_path = scenario.display().to_string();
    for form in 0..9 {
        for text in [
            r#"{"format": "trustmap-scenario", "version": 1, "name": "@", "actions": []}"#,
            r#"{"format": "trustmap-scenario", "version": 1, "actions": [{"action": "revoke", "credential": "@"}]}"#,
            r#"{"format": "trustmap-scenario", "version": 1, "actions": [{"action": "@", "credential": "c0"}]}"#,
            r#"{"format": "trustmap-scenario", "version": 1, "actions": [{"action": "bind-context", "credential": "c0", "contexts": ["@"]}]}"#,
            r#"{"format": "trustmap-scenario", "version": 1, "actions": [{"action": "revoke", "credential": "c0", "@": 1}]}"#,
            r#"{"format": "trustmap-scenario", "version": 1, "actions": [{"action": "expire", "credential": "c0", "expires_at": "@"}]}"#,
            r#"{"format": "@", "version": 1, "actions": []}"#,
            r#"{"format": "trustmap-scenario", "version": "@", "actions": "@""#,
            "@",
        ] {
            fs::write(&scenario, text.replace('@', &plants.known())).expect("written");
            for json in [&["--json"][..], &[]] {
                let mut rest = vec!["--compromise", "c0", "--scenario", scenario_path.as_str()];
                rest.extend(json);
                let said = outputs(("radius", &rest), std::slice::from_ref(&ground), &out);
                assert!(said.contains("looks like a secret's value"), "{text}: {said}");
                let mark = plants.marks.last().expect("one was planted");
                assert!(!said.contains(mark.as_str()), "{text}: {said}");
            }
        }
        for at in ["compromise", "regime", "as-of", "format", "scenario", "to"] {
            for prefix in ["", "context:"] {
                let argument = format!("--{at}={prefix}{}", plants.known());
                let said = outputs(("radius", &[&argument]), std::slice::from_ref(&ground), &out);
                let mark = plants.marks.last().expect("one was planted");
                assert!(said.contains("error: "), "form {form} of {argument}: {said}");
                assert!(!said.contains(mark.as_str()), "form {form} of {argument}: {said}");
            }
        }
    }
}
