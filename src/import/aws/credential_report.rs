//! `aws iam get-credential-report`: a row for each user and one for the root user, as CSV, or as JSON that holds the
//! CSV, plain or in base64. Columns are found by name: tools leave some out, and AWS adds some.

use super::super::{Input, json};
use super::arn::{self, Arn};
use super::builder::{self, LISTED, POLICIES, TRUSTED};
use super::lenient::{Log, parse_time, shown};
use super::principals::is_anyone;
use super::services::{self, family::Slots};
use crate::model::{
    Conditional, Credential, CredentialKind, CredentialStatus, Fragment, Grant, Identity, IdentityKind, Piece, Place,
    Records, RelationCommon, Time, When,
};
use base64::Engine as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a text begins like a report.
pub fn is_report(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let names: Vec<String> = first.split(delimiter(first)).map(column).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    has("user")
        && has("arn")
        && [
            "user_creation_time",
            "password_enabled",
            "mfa_active",
            "access_key_1_active",
        ]
        .iter()
        .any(|n| has(n))
}

/// Whether the `Content` of a JSON document is a report.
pub fn is_content(content: &str) -> bool {
    csv_of(content).is_some_and(|csv| is_report(&csv))
}

/// The CSV in a `Content`, which the command line gives in base64 and some tools plain.
fn csv_of(content: &str) -> Option<String> {
    // A comma is in every report and in no base64.
    if content.contains(',') {
        return Some(content.to_owned());
    }
    let packed: String = content.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
    String::from_utf8(bytes).ok()
}

fn delimiter(header: &str) -> char {
    [',', ';', '\t']
        .into_iter()
        .find(|d| header.contains(*d))
        .unwrap_or(',')
}

fn column(name: &str) -> String {
    name.trim()
        .trim_matches('"')
        .trim_start_matches('\u{feff}')
        .to_ascii_lowercase()
}

/// Reads a report.
pub fn read(input: &Input) -> Fragment {
    let (csv, wrapped, as_of) = match unwrap(input.text) {
        Ok(found) => found,
        Err(message) => {
            return Fragment {
                refused: Some(message),
                ..Fragment::default()
            };
        }
    };
    let mut reader = Reader {
        input,
        wrapped,
        log: Log::new(input),
        records: Records::default(),
        conditional: Vec::new(),
        slots: Vec::new(),
        accounts: BTreeMap::new(),
        rows: 0,
    };
    reader.read(&csv);
    reader.finish(as_of)
}

/// The CSV of a text, whether JSON was around it, and when it was made.
fn unwrap(text: &str) -> Result<(String, bool, Option<Time>), String> {
    if !text.trim_start().starts_with('{') {
        return Ok((text.to_owned(), false, None));
    }
    let value: Value = serde_json::from_str(text).map_err(|e| json::problem(&e))?;
    let content = value.get("Content").and_then(Value::as_str).unwrap_or_default();
    let csv = csv_of(content).ok_or(
        "its Content is neither CSV nor CSV in base64; make it with: aws iam get-credential-report".to_owned(),
    )?;
    let made = value.get("GeneratedTime");
    let made = match made {
        Some(Value::String(text)) => parse_time(text),
        Some(Value::Number(secs)) => secs.as_f64().and_then(|s| Time::from_unix_secs(s as i64)),
        _ => None,
    };
    Ok((csv, true, made))
}

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    wrapped: bool,
    log: Log<'i, 'a>,
    records: Records,
    conditional: Vec<Conditional>,
    /// Access keys, which another file may know by their ids.
    slots: Vec<Credential>,
    /// Where each account was first seen.
    accounts: BTreeMap<String, Place>,
    rows: usize,
}

/// One row by column.
struct Row<'r> {
    cells: BTreeMap<&'r str, &'r str>,
    place: Place,
}

impl<'r> Row<'r> {
    /// What a cell says; nothing where it is empty or says that there is nothing to say.
    fn get(&self, column: &str) -> Option<&'r str> {
        let text = self.cells.get(column)?.trim();
        let nothing = ["", "n/a", "no_information", "not_supported"];
        (!nothing.contains(&text.to_ascii_lowercase().as_str())).then_some(text)
    }
}

/// Columns that are read; those of keys and certificates by their form.
const COLUMNS: &[&str] = &[
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
];

/// `access_key_1_active` as `("access_key", "1", "active")`.
fn slot(column: &str) -> Option<(&'static str, &str, &str)> {
    for kind in ["access_key", "cert"] {
        let rest = column.strip_prefix(kind).and_then(|r| r.strip_prefix('_'));
        if let Some((slot, field)) = rest.and_then(|r| r.split_once('_'))
            && !slot.is_empty()
            && slot.len() <= 3
            && slot.bytes().all(|b| b.is_ascii_digit())
        {
            return Some((kind, slot, field));
        }
    }
    None
}

impl Reader<'_, '_> {
    fn read(&mut self, csv: &str) {
        let first = csv.trim_start().lines().next().unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(first) as u8)
            .has_headers(false)
            .flexible(true)
            .from_reader(csv.trim_start().as_bytes());
        let mut rows = reader.records();
        let header: Vec<String> = match rows.next() {
            Some(Ok(record)) => record.iter().map(column).collect(),
            _ => Vec::new(),
        };
        let mut twice = BTreeSet::new();
        for name in &header {
            if !twice.insert(name.as_str()) {
                let message = format!("The column {} stands twice; the first is read", shown(name));
                self.log.warning("duplicate-column", "", message);
            }
        }
        let unknown: Vec<&str> = header
            .iter()
            .map(String::as_str)
            .filter(|n| !COLUMNS.contains(n) && slot(n).is_none())
            .collect();
        if !unknown.is_empty() {
            let names: Vec<String> = unknown.iter().map(|n| shown(n)).collect();
            let message = format!(
                "Columns that are not known were kept as attributes: {}",
                names.join(", ")
            );
            self.log.warning("unknown-column", "", message);
        }
        for (i, record) in rows.enumerate() {
            let record = match record {
                Ok(record) => record,
                Err(_) => {
                    self.log
                        .error("bad-row", &format!("/{}", i + 1), format!("Row {} is no CSV", i + 1));
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line) as u32;
            let place = if self.wrapped {
                Place::new(self.input.file, format!("/Content/{}", i + 1))
            } else {
                self.input.at_row(i + 1, line)
            };
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if record.len() != header.len() {
                let message = format!(
                    "Row {} has {} columns where the header has {}; it was read as far as it goes",
                    i + 1,
                    record.len(),
                    header.len()
                );
                self.log.warning("short-row", &place.pointer, message);
            }
            let mut cells = BTreeMap::new();
            for (name, cell) in header.iter().zip(record.iter()) {
                cells.entry(name.as_str()).or_insert(cell);
            }
            self.row(&Row { cells, place }, &unknown);
            self.rows += 1;
            if i % 1000 == 0 {
                self.input
                    .report(record.position().map_or(0, csv::Position::byte) as usize);
                if self.input.cancelled() {
                    return;
                }
            }
        }
    }

    fn row(&mut self, row: &Row, unknown: &[&str]) {
        let at = row.place.pointer.to_string();
        let (Some(user), Some(text)) = (row.get("user"), row.get("arn")) else {
            let message = "A row without a user or an arn was left out";
            self.log.error("missing-field", &at, message);
            return;
        };
        let Some(account) = Arn::parse(text).and_then(|a| a.account_number()) else {
            let message = format!("The arn of user {} names no account; the row was left out", shown(user));
            self.log.error("odd-arn", &at, message);
            return;
        };
        let root = user == "<root_account>";
        let id = arn::id(text);
        let system = arn::id(account);
        self.accounts
            .entry(account.to_owned())
            .or_insert_with(|| row.place.clone());
        let mfa = self.flag(row, "mfa_active");
        let password = self.flag(row, "password_enabled");
        let holder = Holder {
            id: id.clone(),
            name: if root { "root user".to_owned() } else { user.to_owned() },
            system: system.clone(),
            mfa,
        };
        let before = self.records.credentials.len() + self.slots.len();
        let has_key = self.keys(row, &holder);
        let known_used = self.time(row, "password_last_used").is_some();
        // The root user always signs in by password, and the report has nothing to say of it.
        if password == Some(true) || (password.is_none() && (root || known_used)) {
            self.password(row, &holder, password);
        }
        let mut identity = Identity {
            id: id.clone().into(),
            name: Some(holder.name.clone().into()),
            // Who signs in by password is a person, who only has keys a program; anything else is not said.
            kind: match (root, password, has_key) {
                (true, _, _) => Some(IdentityKind::Other),
                (_, Some(true), _) => Some(IdentityKind::Human),
                (_, Some(false), true) => Some(IdentityKind::ServiceAccount),
                _ => None,
            },
            platform: Some("aws".into()),
            places: vec![row.place.clone()].into(),
            ..Identity::default()
        };
        identity.attributes.insert("arn".to_owned(), json!(text));
        if let Some(time) = self.time(row, "user_creation_time") {
            identity.attributes.insert("created_at".to_owned(), json!(time));
        }
        if let Some(mfa) = mfa {
            identity.attributes.insert("mfa".to_owned(), json!(mfa));
        }
        for name in unknown {
            if let Some(value) = row.get(name) {
                identity.attributes.insert((*name).to_owned(), json!(value));
            }
        }
        self.records.identities.push(identity);
        let grant = |assumed: bool, evidence: &str| Grant {
            common: RelationCommon {
                assumed: assumed.then_some(true),
                evidence: Some(evidence.to_owned().into()),
                places: vec![row.place.clone()].into(),
                ..RelationCommon::default()
            },
            holder: id.clone().into(),
            system: system.clone().into(),
            scopes: vec!["*@*".to_owned()].into(),
            ..Grant::default()
        };
        if root {
            self.records
                .grants
                .push(grant(false, "the root user may do everything in its account"));
        } else {
            if self.records.credentials.len() + self.slots.len() > before {
                let evidence = "the report does not say what the user may do; load the account's authorization details";
                let records = Records {
                    grants: vec![grant(true, evidence)],
                    ..Records::default()
                };
                self.when(&id, POLICIES, false, records);
            }
            let records = Records {
                inherits: vec![is_anyone(&id, row.place.clone())],
                ..Records::default()
            };
            self.when(arn::ANYONE, TRUSTED, true, records);
        }
    }

    fn when(&mut self, entity: &str, attribute: &'static str, stated: bool, records: Records) {
        let when = When {
            entity: entity.to_owned().into(),
            attribute,
            stated,
        };
        self.conditional.push(Conditional {
            when,
            records,
            members: None,
        });
    }

    /// Access keys and signing certificates by slot; says whether there is an active key.
    fn keys(&mut self, row: &Row, holder: &Holder) -> bool {
        let mut slots: BTreeSet<(&'static str, String)> = BTreeSet::new();
        for name in row.cells.keys() {
            if let Some((kind, number, _)) = slot(name) {
                slots.insert((kind, number.to_owned()));
            }
        }
        let mut active_key = false;
        for (kind, number) in slots {
            let column = |field: &str| format!("{kind}_{number}_{field}");
            let active = self.flag(row, &column("active"));
            let rotated = self.time(row, &column("last_rotated"));
            let used = self.time(row, &column("last_used_date"));
            // An empty slot is inactive and was never rotated.
            if active != Some(true) && rotated.is_none() && used.is_none() {
                continue;
            }
            let key = kind == "access_key";
            active_key |= key && active == Some(true);
            let mut credential = holder.credential(
                &format!("{}-{number}", if key { "key" } else { "cert" }),
                &format!("{} {number}", if key { "access key" } else { "signing certificate" }),
                &row.place,
            );
            credential.kind = Some(if key {
                CredentialKind::AccessKey
            } else {
                CredentialKind::Certificate
            });
            if !key {
                // AWS looks the certificate up; it does not go by the certificate alone.
                credential.self_contained = Some(false);
            }
            credential.status = active.map(|a| match a {
                true => CredentialStatus::Active,
                false => CredentialStatus::Disabled,
            });
            credential.rotated_at = rotated;
            credential.last_used_at = used;
            for (field, name) in [
                ("last_used_region", "last_used_region"),
                ("last_used_service", "last_used_service"),
            ] {
                if let Some(value) = row.get(&column(field)) {
                    credential.attributes.insert(name.to_owned(), json!(value));
                }
            }
            // A list of keys may know its id.
            if key {
                self.slots.push(credential);
            } else {
                self.records.credentials.push(credential);
            }
        }
        active_key
    }

    fn password(&mut self, row: &Row, holder: &Holder, enabled: Option<bool>) {
        let mut credential = holder.credential("password", "console password", &row.place);
        credential.kind = Some(CredentialKind::Password);
        credential.status = enabled.map(|_| CredentialStatus::Active);
        credential.rotated_at = self.time(row, "password_last_changed");
        credential.last_used_at = self.time(row, "password_last_used");
        if let Some(due) = self.time(row, "password_next_rotation") {
            credential.attributes.insert("rotation_due_at".to_owned(), json!(due));
        }
        if let Some(mfa) = holder.mfa {
            credential.attributes.insert("mfa".to_owned(), json!(mfa));
        }
        self.records.credentials.push(credential);
    }

    fn flag(&mut self, row: &Row, column: &str) -> Option<bool> {
        let text = row.get(column)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                let message = format!("{column} is neither true nor false; it was left out");
                self.log.warning("bad-value", &row.place.pointer, message);
                None
            }
        }
    }

    fn time(&mut self, row: &Row, column: &str) -> Option<Time> {
        let time = parse_time(row.get(column)?);
        if time.is_none() {
            let message = format!("{column} is no time such as 2026-05-01T00:00:00+00:00; it was left out");
            self.log.warning("bad-time", &row.place.pointer, message);
        }
        time
    }

    fn finish(mut self, as_of: Option<Time>) -> Fragment {
        if self.rows == 0 {
            let message = "The report has no rows; make it with: aws iam generate-credential-report";
            self.log.warning("empty-report", "", message);
        }
        for (account, place) in std::mem::take(&mut self.accounts) {
            let system = builder::account_system(&account, place.clone());
            let id = system.id.clone();
            self.records.systems.push(system);
            // Beside the account's authorization details, which know who administers it, this says nothing.
            let records = builder::administration(&account, &BTreeSet::new(), &place);
            self.when(&id, LISTED, false, records);
        }
        Fragment {
            as_of,
            records: self.records,
            conditional: self.conditional,
            pieces: vec![Piece::new(services::FAMILY, Slots(self.slots))],
            complete: true,
            diagnostics: self.log.finish(),
            ..Fragment::default()
        }
    }
}

/// Whose credentials a row lists.
struct Holder {
    id: String,
    name: String,
    system: String,
    mfa: Option<bool>,
}

impl Holder {
    fn credential(&self, slot: &str, what: &str, place: &Place) -> Credential {
        Credential {
            id: format!("{}#{slot}", self.id).into(),
            name: Some(format!("{what} of {}", self.name).into()),
            identity: Some(self.id.clone().into()),
            issuer: Some(self.system.clone().into()),
            places: place.clone().into(),
            ..Credential::default()
        }
    }
}
