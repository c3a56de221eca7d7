//! Credential reports, in every form they come in.

use crate::loading::{canonical, codes, file, load};
use crate::support::{export, grants, id, user};
use base64::Engine as _;
use serde_json::json;
use trustmap::import::{LoadOptions, Loaded, Unheard, load_sources};

const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,2025-02-01T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
ann,arn:aws:iam::111122223333:user/ann,2021-01-01T00:00:00+00:00,true,2025-03-01T00:00:00+00:00,2024-01-01T00:00:00+00:00,2025-09-01T00:00:00+00:00,true,true,2024-05-01T00:00:00+00:00,2025-04-01T10:20:00+00:00,eu-west-1,s3,false,2022-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,false,N/A
ci,arn:aws:iam::111122223333:user/bots/ci,2022-01-01T00:00:00+00:00,FALSE,N/A,N/A,N/A,FALSE,TRUE,2022-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,true,2023-01-01T00:00:00+00:00,false,N/A
idle,arn:aws:iam::111122223333:user/idle,2022-01-01T00:00:00+00:00,false,no_information,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
";

fn bytes(name: &str, bytes: &[u8]) -> Loaded {
    load_sources(&[file(name, bytes)], &LoadOptions::default(), &Unheard).unwrap_or_else(|e| panic!("{e}"))
}

/// Credentials, each in one line: slot of whom, kind, status, rotated, used.
fn credentials(loaded: &Loaded) -> Vec<String> {
    let credentials = &loaded.inventory.records.credentials;
    credentials
        .iter()
        .map(|c| {
            let time = |t: Option<trustmap::model::Time>| t.map_or("-".to_owned(), |t| t.to_string()[..10].to_owned());
            format!(
                "{} {} {} {} {}",
                c.id.trim_start_matches("aws:arn:aws:iam::111122223333:"),
                c.kind.map_or("-", |k| k.as_str()),
                c.status.map_or("-", |s| s.as_str()),
                time(c.rotated_at),
                time(c.last_used_at)
            )
        })
        .collect()
}

const EXPECTED: [&str; 6] = [
    "root#password password - - 2025-02-01",
    "user/ann#key-1 access-key active 2024-05-01 2025-04-01",
    "user/ann#key-2 access-key disabled 2022-01-01 -",
    "user/ann#password password active 2024-01-01 2025-03-01",
    "user/bots/ci#cert-1 certificate active 2023-01-01 -",
    "user/bots/ci#key-1 access-key active 2022-01-01 -",
];

#[test]
fn every_form_says_the_same() {
    let packed = base64::engine::general_purpose::STANDARD.encode(REPORT);
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(REPORT.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let crlf = REPORT.replace('\n', "\r\n");
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("plain", REPORT.into()),
        ("byte-order mark", format!("\u{feff}{REPORT}").into()),
        ("CRLF", crlf.into()),
        ("UTF-16", utf16),
        ("semicolons", REPORT.replace(',', ";").into()),
        (
            "base64",
            json!({"Content": packed, "ReportFormat": "text/csv"})
                .to_string()
                .into(),
        ),
        (
            "broken base64 lines",
            json!({"Content": format!("{}\n{}", &packed[..76], &packed[76..])})
                .to_string()
                .into(),
        ),
        (
            "plain in JSON",
            json!({"Content": REPORT, "ReportFormat": "text/csv"})
                .to_string()
                .into(),
        ),
    ];
    let first = canonical(&bytes("r", REPORT.as_bytes()));
    for (form, form_bytes) in forms {
        let loaded = bytes("r", &form_bytes);
        assert_eq!(codes(&loaded), [""; 0], "{form}");
        assert_eq!(credentials(&loaded), EXPECTED, "{form}");
        assert_eq!(loaded.inputs[0].importer, Some("aws-credential-report"), "{form}");
        assert_eq!(canonical(&loaded), first, "{form}");
    }
}

#[test]
fn the_json_says_when_it_was_made() {
    let text = json!({"Content": REPORT, "GeneratedTime": "2025-05-07T15:40:22+00:00"}).to_string();
    assert_eq!(
        load(&[&text]).inventory.as_of.map(|t| t.to_string()).as_deref(),
        Some("2025-05-07T15:40:22Z")
    );
    assert_eq!(load(&[REPORT]).inventory.as_of, None);
}

#[test]
fn columns_are_found_by_name() {
    let twelve = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date,cert_1_active,cert_2_active\n\
        ci,arn:aws:iam::111122223333:user/ci,2022-01-01T00:00:00+00:00,false,N/A,false,true,2025-01-01T00:00:00+00:00,false,N/A,false,false\n";
    let loaded = load(&[twelve]);
    assert_eq!(credentials(&loaded), ["user/ci#key-1 access-key active - 2025-01-01"]);
    assert_eq!(codes(&loaded), [""; 0]);
    let shuffled = "mfa_active,arn,access_key_3_active,user,extra_info\n\
        true,arn:aws:iam::111122223333:user/ci,true,ci,7 more\n";
    let loaded = load(&[shuffled]);
    assert_eq!(credentials(&loaded), ["user/ci#key-3 access-key active - -"]);
    assert_eq!(codes(&loaded), ["unknown-column a.json"]);
    let attributes = crate::support::attributes(&loaded, &id("user/ci"));
    assert_eq!(attributes["extra_info"], json!("7 more"));
    assert_eq!(attributes["mfa"], json!(true));
}

#[test]
fn people_programs_and_the_root_user() {
    let loaded = load(&[REPORT]);
    let kinds: Vec<_> = loaded
        .inventory
        .records
        .identities
        .iter()
        .filter(|i| i.id.contains(":user/") || i.id.ends_with(":root"))
        .map(|i| {
            (
                i.name.as_deref().unwrap_or_default(),
                i.kind.map_or("-", |k| k.as_str()),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("root user", "other"),
            ("ann", "human"),
            ("ci", "service-account"),
            ("idle", "-")
        ]
    );
}

#[test]
fn rights_are_unknown_alone_and_known_beside_the_authorization_details() {
    let alone = load(&[REPORT]);
    assert_eq!(grants(&alone, &id("root")), ["*@*"]);
    assert_eq!(grants(&alone, &id("user/ann")), ["assumed *@*"]);
    // Nothing to steal, nothing to assume.
    assert_eq!(grants(&alone, &id("user/idle")), [""; 0]);
    let details = export(
        vec![user(
            "ann",
            json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
            json!({"CreateDate": "2021-01-01T00:00:00Z"}),
        )],
        vec![],
        vec![],
        vec![],
    );
    for files in [[REPORT, &details], [&details, REPORT]] {
        let both = load(&files);
        assert_eq!(codes(&both), [""; 0]);
        assert_eq!(grants(&both, &id("user/ann")), ["s3:*@*"]);
        // The details lack this one.
        assert_eq!(grants(&both, &id("user/bots/ci")), ["assumed *@*"]);
        let probes = both
            .inventory
            .records
            .inherits
            .iter()
            .filter(|i| i.from.is_none() && i.common.intended.is_none())
            .count();
        assert_eq!(probes, 1);
    }
}

#[test]
fn places_are_rows() {
    let at = |text: &str| {
        let loaded = load(&[text]);
        let credential = loaded
            .inventory
            .records
            .credentials
            .iter()
            .find(|c| c.id.ends_with("ann#key-1"))
            .cloned();
        credential.unwrap().places[0].clone()
    };
    let place = at(REPORT);
    assert_eq!((&*place.pointer, place.line()), ("/2", Some(3)));
    let place = at(&json!({"Content": REPORT}).to_string());
    assert_eq!((&*place.pointer, place.line()), ("/Content/2", None));
}

#[test]
fn odd_rows_hide_nothing() {
    let report = "user,arn,user_creation_time,mfa_active,access_key_1_active,access_key_1_last_rotated\n\
        ann,arn:aws:iam::111122223333:user/ann,long ago,perhaps,true,2024-01-01T00:00:00+00:00\n\
        nobody,N/A,N/A,false,true,N/A\n\
        odd,arn:aws:iam::aws:user/odd,N/A,false,true,N/A\n\
        \n\
        ,,,,,\n\
        short,arn:aws:iam::111122223333:user/short\n\
        ci,arn:aws:iam::111122223333:user/ci,N/A,false,true,N/A,more\n";
    let loaded = load(&[report]);
    assert_eq!(
        credentials(&loaded),
        [
            "user/ann#key-1 access-key active 2024-01-01 -",
            "user/ci#key-1 access-key active - -"
        ]
    );
    let mut found = codes(&loaded);
    found.sort();
    assert_eq!(
        found,
        [
            "bad-time a.json/1",
            "bad-value a.json/1",
            "missing-field a.json/2",
            "odd-arn a.json/3",
            "short-row a.json/5",
            "short-row a.json/6"
        ]
    );
    let empty = load(&["user,arn,mfa_active\n"]);
    assert_eq!(codes(&empty), ["empty-report a.json"]);
    let twice = load(&["user,arn,mfa_active,arn\nci,arn:aws:iam::111122223333:user/ci,true,x\n"]);
    assert_eq!(codes(&twice), ["duplicate-column a.json"]);
}
