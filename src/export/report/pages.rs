//! What the pages of a report say, whatever they are written in.

use super::{Advice, Told};
use crate::analysis::{CheckState, Checks, Parent, Reach};
use crate::export::words::{self, counted, number};
use crate::findings::{FRAMEWORKS, FindingState, Followed, Rule};
use crate::graph::Thing;
use crate::model::{Check, Criticality};
use crate::plan::Plan;
use crate::scenario::{Comparison, Flow};
use std::collections::BTreeMap;

/// Problems that are listed; the rest is in report.json.
const MOST_PROBLEMS: usize = 50;

/// Findings that are listed; the rest is in report.json.
const MOST_FINDINGS: usize = 100;

/// A piece of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// The finding.
    Title(String),
    /// The remedy.
    Subtitle(String),
    /// The picture.
    Picture,
    /// A heading.
    Heading(&'static str),
    /// A paragraph.
    Text(String),
    /// Numbered lines.
    Steps(Vec<String>),
    /// A table.
    Table(Table),
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// Names of the columns; those of numbers, which stand to the right, are marked.
    pub(super) head: Vec<(&'static str, bool)>,
    /// As many cells as columns.
    pub(super) rows: Vec<Vec<String>>,
}

fn table(head: &[&'static str], numeric: &[usize], rows: Vec<Vec<String>>) -> Block {
    Block::Table(Table {
        head: head
            .iter()
            .enumerate()
            .map(|(n, h)| (*h, numeric.contains(&n)))
            .collect(),
        rows,
    })
}

/// The report, from the finding to the versions.
pub(super) fn pages(subject: &Told) -> Vec<Block> {
    let mut out = vec![Block::Title(subject.title())];
    out.extend(subject.subtitle().map(Block::Subtitle));
    out.push(Block::Text(circumstances(subject)));
    out.push(numbers(subject));
    out.push(Block::Picture);
    if let Some((_, c)) = subject.after {
        scenario(subject, &mut out);
        breaks(c, &mut out);
    }
    systems(subject, &mut out);
    held(subject, &mut out);
    if let Some(advice) = subject.advice {
        findings(subject, advice, &mut out);
        plan(subject, advice, &mut out);
    }
    notes(subject, &mut out);
    method(&mut out);
    sources(subject, &mut out);
    out
}

fn circumstances(subject: &Told) -> String {
    let i = subject.before.interval;
    format!(
        "As of {}, {}. Systems reached: {} as intended, {} in the best case, {} in the worst case. Compromised: {}.",
        words::date(subject.settings().as_of),
        words::regime(subject.settings().regime),
        number(i.intended),
        number(i.best_case),
        number(i.worst_case),
        subject.compromise.join(", ")
    )
}

fn numbers(subject: &Told) -> Block {
    let b = subject.before.summary;
    let a = subject.after.map(|(_, c)| c.after.summary);
    let rows = [
        ("Systems", b.systems, a.map(|a| a.systems)),
        ("Crown jewels", b.crown_jewels, a.map(|a| a.crown_jewels)),
        ("Weight", b.weight, a.map(|a| a.weight)),
        ("Systems by inheritance", b.inherited, a.map(|a| a.inherited)),
        ("Systems by assumption", b.assumed, a.map(|a| a.assumed)),
        ("Credentials", b.credentials, a.map(|a| a.credentials)),
        ("Identities", b.identities, a.map(|a| a.identities)),
        ("Contexts", b.contexts, a.map(|a| a.contexts)),
    ];
    let row = |(name, before, after): (&str, u64, Option<u64>)| {
        let mut row = vec![name.to_owned(), number(before)];
        row.extend(after.map(number));
        row
    };
    let rows = rows.into_iter().map(row).collect();
    match a {
        Some(_) => table(&["Reached", "Before", "After"], &[1, 2], rows),
        None => table(&["Reached", "Before"], &[1], rows),
    }
}

fn scenario(subject: &Told, out: &mut Vec<Block>) {
    let Some((scenario, c)) = subject.after else { return };
    out.push(Block::Heading("What is proposed"));
    if let Some(name) = &scenario.name {
        out.push(Block::Text(format!("The scenario {name}, in this order:")));
    }
    let steps = scenario.actions.iter().enumerate().map(|(n, action)| {
        let mut said = words::action(subject.graph, action);
        for x in c.ineffective.iter().filter(|x| x.action == n) {
            for line in words::ineffective(subject.graph, x, usize::MAX) {
                said.push_str(&format!(". No effect: {line}"));
            }
        }
        said
    });
    out.push(Block::Steps(steps.collect()));
    if !c.regained.is_empty() {
        out.push(Block::Text(format!(
            "Got again after it was rotated: {}",
            c.regained.join(", ")
        )));
    }
}

fn breaks(c: &Comparison, out: &mut Vec<Block>) {
    out.push(Block::Heading("What it breaks"));
    if c.broken_flows.is_empty() {
        out.push(Block::Text("Nothing known.".to_owned()));
    } else {
        out.push(Block::Text(format!("{}.", words::breaks(&c.broken_flows))));
        out.push(flows(&c.broken_flows));
    }
    if !c.at_risk.is_empty() {
        let systems = "These systems check the context, so what uses a credential from elsewhere may stop there.";
        out.push(Block::Text(format!("At risk. {systems}")));
        out.push(flows(&c.at_risk));
    }
}

fn flows(flows: &[Flow]) -> Block {
    let row = |f: &Flow| {
        vec![
            f.kind.as_str().to_owned(),
            f.from.clone(),
            f.to.clone(),
            f.scope.clone().unwrap_or_default(),
            if f.intended { "intended" } else { "tolerated" }.to_owned(),
            words::used(f),
        ]
    };
    table(
        &["Kind", "From", "To", "Scope", "Meant", "Use"],
        &[],
        flows.iter().map(row).collect(),
    )
}

fn how(reach: &Reach) -> &'static str {
    match (reach.assumed, reach.inherited) {
        (true, _) => "by assumption",
        (false, true) => "by inheritance",
        (false, false) => "as intended",
    }
}

/// The checks that are not made, and those of which it is not known.
fn unmade(checks: &Checks) -> String {
    let named = |wanted: CheckState| -> Vec<&'static str> {
        [
            Check::Audience,
            Check::Issuer,
            Check::Scope,
            Check::Context,
            Check::Revocation,
        ]
        .into_iter()
        .filter(|c| checks[*c as usize] == wanted)
        .map(Check::as_str)
        .collect()
    };
    let mut parts = Vec::new();
    let (missing, unknown) = (named(CheckState::NotMade), named(CheckState::Unknown));
    if !missing.is_empty() {
        parts.push(missing.join(", "));
    }
    if !unknown.is_empty() {
        parts.push(format!("not known: {}", unknown.join(", ")));
    }
    parts.join("; ")
}

struct Legs<'a> {
    subject: &'a Told<'a>,
    parents: BTreeMap<Thing, Parent>,
}

impl Legs<'_> {
    fn from(&self, thing: Thing) -> String {
        let from = self.parents.get(&thing).and_then(|p| p.from);
        from.map_or(String::new(), |t| self.subject.graph.id(t).into_owned())
    }

    fn unmade(&self, thing: Thing) -> String {
        let checks = self.parents.get(&thing).and_then(|p| p.checks.as_ref());
        checks.map_or(String::new(), unmade)
    }
}

/// What a scenario does to a thing: a column, where there is a scenario.
fn left(removed: &[String], id: &str) -> String {
    let gone = removed.binary_search_by(|r| r.as_str().cmp(id)).is_ok();
    if gone { "cut off" } else { "still reached" }.to_owned()
}

fn systems(subject: &Told, out: &mut Vec<Block>) {
    out.push(Block::Heading("Systems reached"));
    if subject.before.systems.is_empty() {
        out.push(Block::Text("None.".to_owned()));
        return;
    }
    let legs = Legs {
        subject,
        parents: subject.before.parents(subject.graph),
    };
    let mut systems: Vec<_> = subject.before.systems.iter().collect();
    systems.sort_by_key(|s| (s.reach.hops, &s.reach.id));
    let row = |s: &&crate::analysis::SystemReach| {
        let r = &s.reach;
        let crown = match r.thing {
            Thing::System(n) => {
                let system = subject.graph.inventory().records.systems.get(n as usize);
                system.is_some_and(|s| s.criticality == Some(Criticality::CrownJewel))
            }
            _ => false,
        };
        let mut row = vec![
            r.hops.to_string(),
            r.id.clone(),
            if crown { "crown jewel" } else { "" }.to_owned(),
            how(r).to_owned(),
            legs.from(r.thing),
            legs.unmade(r.thing),
        ];
        row.extend(subject.after.map(|(_, c)| left(&c.removed.systems, &r.id)));
        row
    };
    let rows = systems.iter().map(row).collect();
    let head = ["Hops", "System", "", "Reached", "From", "Checks missing", "After"];
    let columns = if subject.after.is_some() { 7 } else { 6 };
    out.push(table(&head[..columns], &[0], rows));
}

fn held(subject: &Told, out: &mut Vec<Block>) {
    let before = subject.before;
    if !before.credentials.is_empty() {
        out.push(Block::Heading("Credentials held"));
        let row = |c: &crate::analysis::CredentialReach| {
            let held: Vec<&str> = c.held.iter().map(|h| h.as_str()).collect();
            let mut row = vec![
                c.reach.hops.to_string(),
                c.reach.id.clone(),
                held.join(", "),
                how(&c.reach).to_owned(),
            ];
            row.extend(subject.after.map(|(_, x)| left(&x.removed.credentials, &c.reach.id)));
            row
        };
        let mut list: Vec<_> = before.credentials.iter().collect();
        list.sort_by_key(|c| (c.reach.hops, &c.reach.id));
        let head = ["Hops", "Credential", "Held as", "Reached", "After"];
        let columns = if subject.after.is_some() { 5 } else { 4 };
        out.push(table(&head[..columns], &[0], list.into_iter().map(row).collect()));
    }
    let kinds = [
        ("Identities acted as", "Identity", &before.identities),
        ("Contexts entered", "Context", &before.contexts),
    ];
    for (n, (heading, kind, list)) in kinds.into_iter().enumerate() {
        if list.is_empty() {
            continue;
        }
        out.push(Block::Heading(heading));
        let row = |r: &&Reach| {
            let mut row = vec![r.hops.to_string(), r.id.clone(), how(r).to_owned()];
            row.extend(subject.after.map(|(_, c)| {
                let removed = if n == 0 {
                    &c.removed.identities
                } else {
                    &c.removed.contexts
                };
                left(removed, &r.id)
            }));
            row
        };
        let mut sorted: Vec<&Reach> = list.iter().collect();
        sorted.sort_by_key(|r| (r.hops, &r.id));
        let head = ["Hops", kind, "Reached", "After"];
        let columns = if subject.after.is_some() { 4 } else { 3 };
        out.push(table(&head[..columns], &[0], sorted.iter().map(row).collect()));
    }
}

/// What follows from a state with a scenario.
fn standing(f: &Followed) -> String {
    match f.state {
        FindingState::Open => "still open".to_owned(),
        FindingState::Lowered(_) => format!("still open, {}", f.finding.severity.as_str()),
        FindingState::Mended => "mended".to_owned(),
        FindingState::Raised => "new".to_owned(),
    }
}

fn findings(subject: &Told, advice: &Advice, out: &mut Vec<Block>) {
    out.push(Block::Heading("Findings"));
    let all = &advice.findings;
    let elsewhere = match advice.elsewhere {
        0 => String::new(),
        n => format!(" The rest of the estate has {} more.", number(n)),
    };
    if all.is_empty() {
        let said = "No finding is about what is compromised or reached.";
        out.push(Block::Text(format!("{said}{elsewhere}")));
        return;
    }
    let what = counted(all.len() as u64, "finding is", "findings are");
    out.push(Block::Text(format!(
        "{what} about what is compromised or reached, the worst first.{elsewhere}"
    )));
    let redacted = subject.redacted.is_some();
    let row = |f: &Followed| {
        let finding = &f.finding;
        let mut row = vec![f.listed_under().as_str().to_owned(), finding.title.clone()];
        row.push(if redacted {
            finding.on.first().cloned().unwrap_or_default()
        } else {
            finding.why.clone()
        });
        let mends = finding.fix.first();
        row.push(mends.map_or_else(String::new, |action| words::action(subject.graph, action)));
        row.extend(subject.after.map(|_| standing(f)));
        row
    };
    let head = [
        "Severity",
        "What",
        if redacted { "On" } else { "Why" },
        "Mended first by",
        "After",
    ];
    let columns = if subject.after.is_some() { 5 } else { 4 };
    let rows = all.iter().take(MOST_FINDINGS).map(row).collect();
    out.push(table(&head[..columns], &[], rows));
    if all.len() > MOST_FINDINGS {
        let rest = counted((all.len() - MOST_FINDINGS) as u64, "more is", "more are");
        out.push(Block::Text(format!("{rest} in report.json.")));
    }
    let rule = |rule: &'static Rule| {
        let found = all.iter().filter(|f| f.finding.rule.id == rule.id).count();
        let mut row = vec![rule.title.to_owned(), number(found as u64)];
        row.extend(rule.frameworks.named().map(|(_, _, ids)| ids.join(", ")));
        row
    };
    let head = ["Rule", "Found", "OWASP NHI", "SP 800-53", "CSF", "SP 800-207", "ATT&CK"];
    out.push(table(&head, &[1], advice.rules().into_iter().map(rule).collect()));
    let versions: Vec<&str> = FRAMEWORKS.iter().map(|(_, name)| *name).collect();
    out.push(Block::Text(format!("The ids are those of {}.", versions.join("; "))));
}

fn plan(subject: &Told, advice: &Advice, out: &mut Vec<Block>) {
    out.push(Block::Heading("Plan"));
    let scenario = subject.after.is_some();
    let cut = match &advice.plan {
        None if advice.protected == 0 => {
            let said = "There is nothing to protect: no system that is not compromised is a crown jewel.";
            return out.push(Block::Text(said.to_owned()));
        }
        None => return out.push(Block::Text("No plan was found in time.".to_owned())),
        Some(Plan::Impossible(why)) => {
            out.push(Block::Text(format!("There is no cut. {}.", why.why)));
            let steps = why.path.iter().map(|step| step.fact.clone());
            return out.push(Block::Steps(steps.collect()));
        }
        Some(Plan::Cut(cut)) => cut,
    };
    let said = words::cut(cut, advice.protected);
    let said = match (scenario, cut.actions.is_empty()) {
        (true, true) => said.replacen("Nothing needs", "After the scenario nothing more needs", 1),
        (true, false) => format!("After the scenario {said}"),
        (false, _) => said,
    };
    out.push(Block::Text(format!("{said}.")));
    if cut.actions.is_empty() {
        return;
    }
    let steps = cut.actions.iter().map(|action| words::action(subject.graph, action));
    out.push(Block::Steps(steps.collect()));
    out.push(Block::Text(format!(
        "After them: {}. {}.",
        words::numbers(&cut.after.summary),
        words::breaks(&cut.broken_flows)
    )));
    if !cut.broken_flows.is_empty() {
        out.push(flows(&cut.broken_flows));
    }
    if !cut.at_risk.is_empty() {
        out.push(Block::Text("At risk, because the context is checked there:".to_owned()));
        out.push(flows(&cut.at_risk));
    }
    out.push(Block::Text(
        "A plan costs one for each action, and for each flow it breaks by its use: unknown use is never free."
            .to_owned(),
    ));
}

fn notes(subject: &Told, out: &mut Vec<Block>) {
    if subject.notes.is_empty() {
        return;
    }
    out.push(Block::Heading("Notes"));
    let rows = subject.notes.iter().map(|(on, text)| vec![on.clone(), text.clone()]);
    out.push(table(&["On", "Note"], &[], rows.collect()));
}

fn method(out: &mut Vec<Block>) {
    out.push(Block::Heading("How it was found"));
    for said in [
        "From what is compromised everything that follows is derived: where a credential is accepted, what its access \
         allows, what is stored or minted there, whose rights it brings, and where it is passed on. A hop is an access \
         to one more system; a path shown is one of the least hops.",
        "As intended means that records meant to be are enough to reach it. By inheritance means that they are not: it \
         takes a check that is missing, or something nobody meant. By assumption means that it is reached only if what \
         the inventory does not say is open.",
        "The weight adds up the criticality of the systems. The map shows what the inventories say, at the time they \
         speak of; what no inventory holds is not on it. report.json holds every path with the records it used.",
    ] {
        out.push(Block::Text(said.to_owned()));
    }
}

fn sources(subject: &Told, out: &mut Vec<Block>) {
    let head = &subject.head;
    out.push(Block::Heading("What it was read from"));
    let row = |i: &crate::export::json::InputJson| {
        let r = &i.records;
        let records = r.systems + r.identities + r.credentials + r.grants + r.exposures + r.inherits + r.trusts;
        vec![
            i.file.clone(),
            i.importer.unwrap_or("").to_owned(),
            number(records),
            if i.complete { "whole" } else { "in part" }.to_owned(),
            i.sha256.clone(),
        ]
    };
    out.push(table(
        &["File", "Format", "Records", "Read", "sha256"],
        &[2],
        head.inputs.iter().map(row).collect(),
    ));
    let n = head.diagnostics.len();
    if n > 0 {
        out.push(Block::Heading("Problems in the input"));
        let row = |d: &crate::export::json::DiagnosticJson| {
            vec![
                d.level.to_owned(),
                d.file.clone().unwrap_or_default(),
                d.place.clone().unwrap_or_default(),
                d.message.clone(),
            ]
        };
        out.push(table(
            &["Level", "File", "Place", "What"],
            &[],
            head.diagnostics.iter().take(MOST_PROBLEMS).map(row).collect(),
        ));
        if n > MOST_PROBLEMS {
            let rest = counted((n - MOST_PROBLEMS) as u64, "more is", "more are");
            out.push(Block::Text(format!("{rest} in report.json.")));
        }
    }
    let time = match head.as_of_from {
        "argument" => "was given",
        "inventory" => "is the inventories' own",
        _ => "is when the report was made",
    };
    if subject.redacted.is_some() {
        out.push(Block::Text(
            "Names are aliases: the same thing has the same alias in every export of these files.".to_owned(),
        ));
    }
    out.push(Block::Text(format!(
        "Made with {} {}. The time {} {time}.",
        head.tool.name, head.tool.version, head.as_of
    )));
}
