//! Findings as members of the `trustmap-findings` document, in the documentation's order.

use crate::findings::{Evidence, FRAMEWORKS, Finding, Followed};
use crate::import::Loaded;
use crate::scenario::Action;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The members after the head. The versions of the frameworks stand last: an id without its version says little.
#[derive(Serialize)]
pub struct FindingsMembers<'a> {
    findings: Vec<FindingJson<'a>>,
    framework_versions: Versions,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    rule: &'static str,
    severity: &'static str,
    on: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    with_scenario: Option<&'static str>,
    title: &'a str,
    why: &'a str,
    evidence: Vec<EvidenceJson<'a>>,
    frameworks: FrameworksJson,
    fix: &'a [Action],
}

#[derive(Serialize)]
struct EvidenceJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<&'a str>,
    says: &'a str,
}

struct FrameworksJson([(&'static str, &'static [&'static str]); 5]);

impl Serialize for FrameworksJson {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(self.0.len()))?;
        for (key, ids) in &self.0 {
            map.serialize_entry(key, ids)?;
        }
        map.end()
    }
}

struct Versions;

impl Serialize for Versions {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(FRAMEWORKS.len()))?;
        for (key, name) in FRAMEWORKS {
            map.serialize_entry(key, name)?;
        }
        map.end()
    }
}

/// The members after the head, in the order given.
#[must_use]
pub fn findings_members<'a>(loaded: &'a Loaded, findings: &'a [Finding]) -> FindingsMembers<'a> {
    FindingsMembers {
        findings: findings.iter().map(|f| finding(loaded, f, None)).collect(),
        framework_versions: Versions,
    }
}

/// The same of findings that are followed into a scenario: each says what becomes of it.
#[must_use]
pub fn followed_members<'a>(loaded: &'a Loaded, followed: &'a [Followed]) -> FindingsMembers<'a> {
    let one = |f: &'a Followed| finding(loaded, &f.finding, Some(f.state.as_str()));
    FindingsMembers {
        findings: followed.iter().map(one).collect(),
        framework_versions: Versions,
    }
}

fn finding<'a>(loaded: &'a Loaded, f: &'a Finding, with_scenario: Option<&'static str>) -> FindingJson<'a> {
    let evidence = |e: &'a Evidence| EvidenceJson {
        record: e.record.as_deref(),
        file: e.place.as_ref().map(|p| loaded.file_name(p.file)),
        place: e.place.as_ref().map(|p| &*p.pointer).filter(|p| !p.is_empty()),
        fact: e.fact.as_deref(),
        says: &e.says,
    };
    FindingJson {
        rule: f.rule.id,
        severity: f.severity.as_str(),
        on: &f.on,
        with_scenario,
        title: &f.title,
        why: &f.why,
        evidence: f.evidence.iter().map(evidence).collect(),
        frameworks: FrameworksJson(f.rule.frameworks.named().map(|(key, _, ids)| (key, ids))),
        fix: &f.fix,
    }
}
