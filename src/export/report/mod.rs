//! A report: one finding with its remedy, as JSON, as a picture, and as pages for people.

mod advice;
mod html;
mod markdown;
mod pages;
mod picture;

pub use advice::{Advice, PROOF, Wanted};
pub use picture::{HEIGHT, WIDTH};

use super::findings::{FindingsMembers, followed_members};
use super::json::{self, Head};
use super::plan::{PlanMembers, plan_members};
use super::png::{self, Meta};
use super::radius::{RadiusMembers, radius_members};
use super::{svg, words};
use crate::analysis::Radius;
use crate::graph::{AsOfFrom, Settings, TrustGraph};
use crate::import::Loaded;
use crate::model::{Aliases, Diagnostic};
use crate::scenario::{Comparison, Scenario};
use crate::scene::Pins;
use crate::scene::display::DisplayList;
use crate::scene::estate::Grouping;
use crate::scene::style::Theme;
use serde::Serialize;

/// What a report is about. The command line and the window fill it, so both write equal bytes.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// What was read.
    pub loaded: &'a Loaded,
    /// The trust graph.
    pub graph: &'a TrustGraph,
    /// What is compromised.
    pub compromise: &'a [String],
    /// The radius before.
    pub before: &'a Radius,
    /// The scenario and what it does; its radius before is `before`.
    pub after: Option<(&'a Scenario, &'a Comparison)>,
    /// As-of time and regime.
    pub settings: Settings,
    /// Where the as-of time comes from.
    pub as_of_from: AsOfFrom,
    /// What was found odd after loading.
    pub diagnostics: &'a [Diagnostic],
    /// Colours of the pictures.
    pub theme: Theme,
    /// Layers instead of rings.
    pub layered: bool,
    /// The estate as bubbles instead, put together by this.
    pub estate: Option<Grouping>,
    /// What is wrong with what is reached, and what would protect the rest; pages and report.json have it.
    pub advice: Option<&'a Advice>,
    /// Notes of the analyst: the name of what each is on, and what it says.
    pub notes: &'a [(String, String)],
    /// Nodes of the map that the analyst put somewhere else.
    pub pins: &'a Pins,
    /// Where names are aliases: the subject with its own names, from which the picture's places come, and the aliases.
    pub redacted: Option<(&'a Subject<'a>, &'a Aliases)>,
}

/// The same, with its head.
struct Told<'a> {
    head: Head,
    graph: &'a TrustGraph,
    compromise: Vec<String>,
    before: &'a Radius,
    after: Option<(&'a Scenario, &'a Comparison)>,
    theme: Theme,
    layered: bool,
    estate: Option<Grouping>,
    loaded: &'a Loaded,
    advice: Option<&'a Advice>,
    notes: &'a [(String, String)],
    pins: &'a Pins,
    redacted: Option<(&'a Subject<'a>, &'a Aliases)>,
}

impl<'a> Subject<'a> {
    fn told(&self, format: &'static str) -> Told<'a> {
        let mut compromise = self.compromise.to_vec();
        compromise.sort();
        compromise.dedup();
        Told {
            head: Head::new(format, self.loaded, &self.settings, self.as_of_from, self.diagnostics),
            graph: self.graph,
            compromise,
            before: self.before,
            after: self.after,
            theme: self.theme,
            layered: self.layered,
            estate: self.estate,
            loaded: self.loaded,
            advice: self.advice,
            notes: self.notes,
            pins: self.pins,
            redacted: self.redacted,
        }
    }

    /// The finding, one sentence.
    #[must_use]
    pub fn title(&self) -> String {
        self.told(REPORT).title()
    }

    /// The remedy, one sentence.
    #[must_use]
    pub fn subtitle(&self) -> Option<String> {
        self.told(REPORT).subtitle()
    }
}

const REPORT: &str = "trustmap-report";

impl Told<'_> {
    /// The finding, one sentence.
    fn title(&self) -> String {
        words::finding(self.graph, &self.compromise, &self.before.summary)
    }

    /// The remedy, one sentence.
    fn subtitle(&self) -> Option<String> {
        self.after.map(|(scenario, c)| words::remedy(self.graph, scenario, c))
    }

    fn settings(&self) -> Settings {
        self.before.settings
    }

    /// `contain-deploy`, or what stands for it.
    fn scenario_name(&self) -> Option<&str> {
        self.after
            .map(|(scenario, _)| scenario.name.as_deref().unwrap_or("without a name"))
    }
}

/// The documents `trustmap-report` and, without title and scenario, `trustmap-radius`.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: &'a Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<ScenarioJson<'a>>,
    #[serde(flatten)]
    members: RadiusMembers<'a>,
    #[serde(flatten)]
    findings: Option<FindingsMembers<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanMembers<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NoteJson<'a>>,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    on: &'a str,
    note: &'a str,
}

#[derive(Serialize)]
struct ScenarioJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    actions: Vec<serde_json::Value>,
}

/// The document `trustmap-report`.
#[must_use]
pub fn document(subject: &Subject) -> String {
    report_document(&subject.told(REPORT))
}

fn report_document(told: &Told) -> String {
    let scenario = told.after.map(|(scenario, _)| ScenarioJson {
        name: scenario.name.as_deref(),
        actions: scenario.actions.iter().map(crate::scenario::Action::to_json).collect(),
    });
    json::to_text(&Document {
        head: &told.head,
        title: Some(told.title()),
        scenario,
        members: members(told),
        findings: told.advice.map(|a| followed_members(told.loaded, &a.findings)),
        plan: told
            .advice
            .and_then(|a| a.plan.as_ref())
            .map(|plan| plan_members(told.graph, plan)),
        notes: told.notes.iter().map(|(on, note)| NoteJson { on, note }).collect(),
    })
}

fn members<'a>(told: &'a Told) -> RadiusMembers<'a> {
    radius_members(told.graph, &told.compromise, told.before, told.after.map(|(_, c)| c))
}

/// The document `trustmap-radius`.
#[must_use]
pub fn radius_json(subject: &Subject) -> String {
    let told = subject.told("trustmap-radius");
    json::to_text(&Document {
        head: &told.head,
        title: None,
        scenario: None,
        members: members(&told),
        findings: None,
        plan: None,
        notes: Vec::new(),
    })
}

/// The picture: the finding, before and after, the legend, what was done, what it was read from.
#[must_use]
pub fn picture(subject: &Subject) -> DisplayList {
    picture::picture(&subject.told(REPORT))
}

/// The picture as SVG with its typefaces inside.
#[must_use]
pub fn map_svg(subject: &Subject) -> String {
    svg::with_fonts(&drawn(&subject.told(REPORT)))
}

/// The picture as PNG at `scale` pixels a point, with what it was made from in its metadata.
///
/// # Errors
/// One sentence, where the picture cannot be drawn.
pub fn map_png(subject: &Subject, scale: f32) -> Result<Vec<u8>, String> {
    let told = subject.told(REPORT);
    png::png(&drawn(&told), scale, &meta(&told))
}

/// The picture as PNG of exactly this size in pixels: as large as it fits, in the middle of its own ground.
///
/// # Errors
/// As [`map_png`]; a size of nothing is none.
pub fn map_png_of(subject: &Subject, (width, height): (u32, u32)) -> Result<Vec<u8>, String> {
    if width == 0 || height == 0 {
        return Err("a picture needs a width and a height".to_owned());
    }
    let told = subject.told(REPORT);
    let list = picture::picture(&told);
    let scale = (width as f32 / list.width).min(height as f32 / list.height);
    let framed = picture::framed(list, width as f32 / scale, height as f32 / scale, told.theme);
    let drawn = svg::svg_with_title(&framed, &told.title());
    png::png(&drawn, scale, &meta(&told))
}

fn drawn(told: &Told) -> String {
    svg::svg_with_title(&picture::picture(told), &told.title())
}

/// What the picture says of itself in its metadata.
fn meta(told: &Told) -> Meta {
    let head = &told.head;
    let mut out: Meta = vec![
        ("Title", told.title()),
        ("Software", format!("{} {}", head.tool.name, head.tool.version)),
        ("As of", head.as_of.clone()),
        ("Regime", head.regime.to_owned()),
        ("Compromise", told.compromise.join("\n")),
    ];
    if let Some(subtitle) = told.subtitle() {
        out.insert(1, ("Description", subtitle));
    }
    if let Some(name) = told.scenario_name() {
        out.push(("Scenario", name.to_owned()));
    }
    let inputs: Vec<String> = head
        .inputs
        .iter()
        .map(|i| format!("{}  {}", i.sha256, i.file))
        .collect();
    out.push(("Inputs", inputs.join("\n")));
    if told.redacted.is_some() {
        out.push(("Names", "aliases".to_owned()));
    }
    out
}

/// Every file of the report: name and content.
///
/// # Errors
/// As [`map_png`].
pub fn files(subject: &Subject) -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    let told = subject.told(REPORT);
    let drawn = drawn(&told);
    let pages = pages::pages(&told);
    Ok(vec![
        ("report.json", report_document(&told).into_bytes()),
        ("map.png", png::png(&drawn, 1.0, &meta(&told))?),
        ("map.svg", svg::with_fonts(&drawn).into_bytes()),
        ("report.html", html::html(&told, &pages, &drawn).into_bytes()),
        ("report.md", markdown::markdown(&pages).into_bytes()),
    ])
}
