//! The findings: grouped by severity, each with why it matters, what supports it and what mends it; and the assertions,
//! green where they hold and red where they fail. Only what is in view is painted.

use super::Window;
use super::kit::{self, Look, c32};
use crate::findings::assertions::{Asserted, Verdict};
use crate::findings::{Severity, rules};
use crate::scene::display::{Color, Face};
use crate::scene::icons;
use crate::session::{Command, FindingState, Judged, JudgedFinding, Mend, Session, Tab, selectable, words};
use egui::{Id, Popup, PopupCloseBehavior, Rect, ScrollArea, Stroke, Ui, pos2, vec2};

const TOOLS: f32 = 40.0;
const HEAD: f32 = 34.0;
const ROW: f32 = 40.0;
const ASSERTION: f32 = 32.0;
const PAD: f32 = 16.0;
/// How many pieces of evidence, and how many actions, are shown at once.
const MOST_EVIDENCE: usize = 12;
const MOST_MENDS: usize = 8;

/// What only the window knows of the findings.
#[derive(Default)]
pub struct FindingsWindow {
    text: String,
    rule: Option<&'static str>,
    framework: Option<&'static str>,
    severity: Option<Severity>,
    /// Whether the page of the opened finding's rule is shown.
    page: bool,
    /// How high the opened finding was in the last frame, in points.
    opened: f32,
}

/// One line of the list.
enum Line<'a> {
    Asserted(usize, &'a Verdict),
    Wrong(String),
    Head(Severity, usize),
    Finding(&'a JudgedFinding),
    Opened(&'a JudgedFinding),
}

impl Window {
    pub(super) fn findings_tab(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        r: Rect,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        ui.painter().rect_filled(r, 0.0, c32(look.t.panel));
        let tools = Rect::from_min_size(r.min, vec2(r.width(), TOOLS));
        let judged = session.answer.judged.as_deref();
        self.findings_tools(ui, look, tools, judged, session, out);
        let body = Rect::from_min_max(pos2(r.min.x, tools.max.y), r.max);
        let Some(judged) = judged else {
            return said(ui, look, body, "Looking for what is wrong");
        };
        let lines = self.finding_lines(judged, session);
        if lines.is_empty() {
            let words = if judged.findings.is_empty() {
                "Nothing is wrong that a rule knows of"
            } else {
                "No finding passes the filter"
            };
            return said(ui, look, body, words);
        }
        kit::place(ui, "findings", body, |ui| {
            self.finding_list(ui, look, body, &lines, judged, session, out)
        });
    }

    /// What is shown: assertions first, then each severity with its findings.
    fn finding_lines<'a>(&self, judged: &'a Judged, session: &Session) -> Vec<Line<'a>> {
        let mut lines = Vec::new();
        match &judged.verdicts {
            None => {}
            Some(Ok(verdicts)) => {
                lines.extend(verdicts.verdicts.iter().enumerate().map(|(n, v)| Line::Asserted(n, v)));
                lines.extend(verdicts.empty.iter().map(|e| Line::Wrong(e.to_string())));
            }
            Some(Err(errors)) => lines.extend(errors.iter().map(|e| Line::Wrong(e.to_string()))),
        }
        let wanted = self.findings.text.trim().to_lowercase();
        let passes = |f: &JudgedFinding| {
            let finding = &f.finding;
            self.findings.rule.is_none_or(|id| finding.rule.id == id)
                && self
                    .findings
                    .framework
                    .is_none_or(|id| finding.rule.frameworks.names(id))
                && self.findings.severity.is_none_or(|s| finding.severity == s)
                && (wanted.is_empty()
                    || finding.title.to_lowercase().contains(&wanted)
                    || finding.rule.id.contains(&wanted)
                    || finding.rule.frameworks.names(&wanted)
                    || finding.on.iter().any(|id| id.to_lowercase().contains(&wanted)))
        };
        for severity in Severity::ALL {
            let of: Vec<&JudgedFinding> = judged
                .findings
                .iter()
                .filter(|f| f.listed_under() == severity && passes(f))
                .collect();
            if of.is_empty() {
                continue;
            }
            lines.push(Line::Head(severity, of.len()));
            for finding in of {
                lines.push(Line::Finding(finding));
                if session.doc.view.finding.as_ref() == Some(finding.key()) {
                    lines.push(Line::Opened(finding));
                }
            }
        }
        lines
    }

    fn findings_tools(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        r: Rect,
        judged: Option<&Judged>,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let t = look.t;
        let y = r.center().y;
        ui.painter().hline(r.x_range(), r.max.y - 0.5, look.hairline());
        let field = Rect::from_min_size(pos2(r.min.x + 12.0, y - 14.0), vec2(160.0, 28.0));
        let mut text = std::mem::take(&mut self.findings.text);
        super::left::text_field(
            ui,
            look,
            "findings-filter",
            field,
            &mut text,
            "Find in findings",
            "Find in findings",
        );
        self.findings.text = text;
        let mut x = field.max.x + 8.0;
        for (severity, n) in judged.map(|j| j.counts).into_iter().flatten() {
            let label = format!("{} {}", words::number(n as u64), severity.as_str());
            let w = kit::width(Face::Medium, 12.0, &label) + 16.0;
            let cell = Rect::from_min_size(pos2(x, y - 13.0), vec2(w, 26.0));
            let on = self.findings.severity == Some(severity);
            kit::rect(ui.painter(), cell, 6.0, None, look.stroke(1.0, t.control));
            if kit::segment(ui, look, Id::new(("severity", severity)), cell, &label, on) {
                self.findings.severity = (!on).then_some(severity);
            }
            x += w + 4.0;
        }
        x += 4.0;
        x = self.rule_menu(ui, look, x, y);
        x = self.framework_menu(ui, look, x, y);
        // What is asserted, and how to stop.
        let label = match &session.doc.asserted {
            Some(asserted) => format!("Asserting {}", asserted.name),
            None => "Drop a file of assertions to see them here".to_owned(),
        };
        let end = r.max.x - 12.0;
        let close = session.doc.asserted.is_some();
        let room = end - x - 8.0 - if close { 28.0 } else { 0.0 };
        if room > 90.0 {
            let w = kit::left_cut(ui.painter(), x + 8.0, y, &label, 12.0, Face::Regular, t.text3, room);
            let place = Rect::from_min_size(pos2(x + 8.0, y - 12.0), vec2(w, 24.0));
            kit::name_text(ui, Id::new("asserted"), place, &label);
        }
        let drop = "Stop asserting";
        if close
            && kit::icon_button(
                ui,
                look,
                Id::new("drop-assertions"),
                pos2(end - 12.0, y),
                icons::X,
                13.0,
                drop,
                true,
            )
            .clicked()
        {
            out.push(Command::DropAssertions);
        }
    }

    fn rule_menu(&mut self, ui: &Ui, look: &Look, x: f32, y: f32) -> f32 {
        let label = self.findings.rule.map_or("Any rule", |id| id);
        let response = menu_button(ui, look, "rule-menu", x, y, label);
        Popup::menu(&response)
            .frame(kit::popup_frame(look))
            .close_behavior(PopupCloseBehavior::CloseOnClick)
            .show(|ui| {
                ui.set_width(360.0);
                ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                    if ui.selectable_label(self.findings.rule.is_none(), "Any rule").clicked() {
                        self.findings.rule = None;
                    }
                    for rule in rules() {
                        let on = self.findings.rule == Some(rule.id);
                        if ui.selectable_label(on, rule.title).clicked() {
                            self.findings.rule = Some(rule.id);
                        }
                    }
                });
            });
        response.rect.max.x + 4.0
    }

    fn framework_menu(&mut self, ui: &Ui, look: &Look, x: f32, y: f32) -> f32 {
        let label = self.findings.framework.map_or("Any framework", |id| id);
        let response = menu_button(ui, look, "framework-menu", x, y, label);
        Popup::menu(&response)
            .frame(kit::popup_frame(look))
            .close_behavior(PopupCloseBehavior::CloseOnClick)
            .show(|ui| {
                ui.set_width(320.0);
                ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                    if ui
                        .selectable_label(self.findings.framework.is_none(), "Any framework")
                        .clicked()
                    {
                        self.findings.framework = None;
                    }
                    for (n, (_, name)) in crate::findings::FRAMEWORKS.iter().enumerate() {
                        ui.label(*name);
                        for id in crate::findings::KNOWN[n] {
                            let cited = |r: &crate::findings::Rule| r.frameworks.named()[n].2.contains(id);
                            if rules().iter().any(cited)
                                && ui.selectable_label(self.findings.framework == Some(id), *id).clicked()
                            {
                                self.findings.framework = Some(id);
                            }
                        }
                    }
                });
            });
        response.rect.max.x + 4.0
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a list has a place, its lines and what they ask for"
    )]
    fn finding_list(
        &mut self,
        ui: &mut Ui,
        look: &Look,
        r: Rect,
        lines: &[Line<'_>],
        judged: &Judged,
        session: &Session,
        out: &mut Vec<Command>,
    ) {
        let opened = self.findings.opened.max(ROW);
        let height = |line: &Line<'_>| match line {
            Line::Asserted(_, v) => ASSERTION + if v.holds { 0.0 } else { 20.0 },
            Line::Wrong(_) => ASSERTION,
            Line::Head(..) => HEAD,
            Line::Finding(_) => ROW,
            Line::Opened(_) => opened,
        };
        let total: f32 = lines.iter().map(height).sum();
        ScrollArea::vertical()
            .id_salt("findings-scroll")
            .auto_shrink(false)
            .show_viewport(ui, |ui, view| {
                ui.set_min_size(vec2(r.width(), total + PAD));
                let mut y = r.min.y - view.min.y;
                for line in lines {
                    let h = height(line);
                    let place = Rect::from_min_size(pos2(r.min.x, y), vec2(r.width(), h));
                    y += h;
                    if place.max.y < r.min.y || place.min.y > r.max.y {
                        continue;
                    }
                    match line {
                        Line::Asserted(n, verdict) => assertion(ui, look, place, *n, verdict, out),
                        Line::Wrong(words) => wrong(ui, look, place, words),
                        Line::Head(severity, n) => head(ui, look, place, *severity, *n),
                        Line::Finding(finding) => row(ui, look, place, finding, session, out),
                        Line::Opened(finding) => {
                            let h = self.opened(ui, look, place, finding, judged, session, out);
                            if (h - self.findings.opened).abs() > 0.5 {
                                self.findings.opened = h;
                                ui.ctx().request_repaint();
                            }
                        }
                    }
                }
            });
    }

    /// The opened finding, from the top of its place; gives how high it is.
    #[expect(clippy::too_many_arguments, reason = "as `finding_list`, of one finding")]
    fn opened(
        &mut self,
        ui: &Ui,
        look: &Look,
        r: Rect,
        judged_finding: &JudgedFinding,
        judged: &Judged,
        session: &Session,
        out: &mut Vec<Command>,
    ) -> f32 {
        let t = look.t;
        let finding = &judged_finding.finding;
        let p = ui.painter().clone();
        let (x, wide) = (r.min.x + 44.0, r.width() - 44.0 - PAD);
        p.rect_filled(r, 0.0, c32(t.canvas));
        let mut y = r.min.y + 10.0;
        let h = kit::paragraph(&p, pos2(x, y), &finding.why, 13.0, Face::Regular, t.text, wide);
        kit::name_text(
            ui,
            Id::new("finding-why"),
            Rect::from_min_size(pos2(x, y), vec2(wide, h)),
            &finding.why,
        );
        y += h + 10.0;

        // What it is called in the frameworks, with their versions.
        for (_, name, ids) in finding.rule.frameworks.named() {
            let line = format!("{name}: {}", ids.join(", "));
            let h = kit::paragraph(&p, pos2(x, y), &line, 11.5, Face::Regular, t.text3, wide);
            kit::name_text(
                ui,
                Id::new(("framework", name)),
                Rect::from_min_size(pos2(x, y), vec2(wide, h)),
                &line,
            );
            y += h + 2.0;
        }
        y += 8.0;

        kit::left(&p, x, y + 8.0, "What mends it", 12.5, Face::SemiBold, t.text);
        if !judged.effect_from.is_empty() && !judged_finding.mends.is_empty() {
            let from = format!("seen from {}", judged.effect_from);
            let shift = kit::width(Face::SemiBold, 12.5, "What mends it") + 10.0;
            kit::left_cut(
                &p,
                x + shift,
                y + 8.0,
                &from,
                11.5,
                Face::Regular,
                t.text3,
                wide - shift,
            );
        }
        y += 22.0;
        if judged_finding.mends.is_empty() {
            let none = "No action of a scenario mends it; the page says what does.";
            kit::left(&p, x, y + 8.0, none, 12.0, Face::Regular, t.text2);
            y += 24.0;
        }
        for (n, mend) in judged_finding.mends.iter().take(MOST_MENDS).enumerate() {
            mend_row(
                ui,
                look,
                Rect::from_min_size(pos2(x, y), vec2(wide, 40.0)),
                n,
                mend,
                session,
                out,
            );
            y += 44.0;
        }
        y += rest(&p, look, x, y, judged_finding.mends.len(), MOST_MENDS, "more ways");

        kit::left(&p, x, y + 8.0, "What supports it", 12.5, Face::SemiBold, t.text);
        y += 22.0;
        for (n, evidence) in finding.evidence.iter().take(MOST_EVIDENCE).enumerate() {
            let place = Rect::from_min_size(pos2(x - 8.0, y), vec2(wide + 8.0, 24.0));
            let what = evidence
                .record
                .as_deref()
                .or(evidence.fact.as_deref())
                .unwrap_or_default();
            let at = match (&evidence.place, session.doc.estate.as_ref()) {
                (Some(place), Some(estate)) => estate.loaded.say(place),
                _ => String::new(),
            };
            let target = evidence
                .record
                .as_ref()
                .and_then(|record| selectable(session.doc.estate.as_ref()?, record));
            let label = format!("{}: {what} {at}", evidence.says);
            let response = kit::clickable(ui, look, Id::new(("evidence", n)), place, &label, target.is_some());
            if response.hovered() && target.is_some() {
                kit::rect(&p, place, 6.0, Some(t.raised), Stroke::NONE);
            }
            let cy = place.center().y;
            let at_width = kit::width(Face::Mono, 10.5, &at).min(wide * 0.34);
            let half = (wide - at_width - 24.0).max(80.0) * 0.5;
            let said = capital(&evidence.says);
            let w = kit::left_cut(&p, x, cy, &said, 12.0, Face::Regular, t.text2, half);
            kit::left_cut(
                &p,
                x + w + 10.0,
                cy,
                what,
                11.0,
                Face::Mono,
                t.text,
                wide - at_width - w - 24.0,
            );
            kit::left_cut(
                &p,
                x + wide - at_width,
                cy,
                &at,
                10.5,
                Face::Mono,
                t.text3,
                at_width + 1.0,
            );
            if response.clicked()
                && let Some(id) = target
            {
                out.push(Command::Select(Some(id)));
            }
            y += 26.0;
        }
        y += rest(&p, look, x, y, finding.evidence.len(), MOST_EVIDENCE, "more pieces");
        y += 6.0;

        let mut bx = x;
        if let Some(id) = finding.on.first() {
            let w = kit::button_width("On the map", true);
            let cell = Rect::from_min_size(pos2(bx, y), vec2(w, 28.0));
            let id_of = Id::new("finding-on-map");
            if kit::button(
                ui,
                look,
                id_of,
                cell,
                "On the map",
                Some(icons::MAP_PIN),
                kit::Kind::Normal,
                true,
            )
            .clicked()
            {
                out.push(Command::Select(Some(id.clone())));
                out.push(Command::ShowTab(Tab::Map));
            }
            bx += w + 8.0;
        }
        let label = if self.findings.page {
            "Hide the rule's page"
        } else {
            "What this means"
        };
        let w = kit::button_width(label, true);
        let cell = Rect::from_min_size(pos2(bx, y), vec2(w, 28.0));
        if kit::button(
            ui,
            look,
            Id::new("finding-page"),
            cell,
            label,
            Some(icons::INFO),
            kit::Kind::Quiet,
            true,
        )
        .clicked()
        {
            self.findings.page = !self.findings.page;
        }
        y += 38.0;
        if self.findings.page {
            y += page(ui, look, pos2(x, y), wide, finding.rule.page);
        }
        p.hline(r.x_range(), y, look.hairline());
        y - r.min.y + 1.0
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

fn rest(p: &egui::Painter, look: &Look, x: f32, y: f32, all: usize, most: usize, what: &str) -> f32 {
    if all <= most {
        return 8.0;
    }
    let text = format!("{} {what}", words::number((all - most) as u64));
    kit::left(p, x, y + 8.0, &text, 11.5, Face::Regular, look.t.text3);
    28.0
}

fn said(ui: &Ui, look: &Look, r: Rect, said: &str) {
    kit::name_text(ui, Id::new("findings-empty"), r, said);
    let c = r.center();
    kit::icon(
        ui.painter(),
        c.x,
        c.y - 18.0,
        icons::SHIELD_CHECK,
        26.0,
        Face::Icon,
        look.t.text3,
    );
    kit::center(ui.painter(), c.x, c.y + 16.0, said, 13.0, Face::Regular, look.t.text2);
}

fn menu_button(ui: &Ui, look: &Look, id: &str, x: f32, y: f32, label: &str) -> egui::Response {
    let w = kit::button_width(label, true);
    let cell = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
    kit::button(
        ui,
        look,
        Id::new(id),
        cell,
        label,
        Some(icons::FUNNEL),
        kit::Kind::Quiet,
        true,
    )
}

/// The colours of a severity: its mark, and the words on it.
fn colours(look: &Look, severity: Severity) -> (Color, Color) {
    let t = look.t;
    match severity {
        Severity::Critical => (t.compromised, t.on_compromised),
        Severity::High => (t.inherited, t.on_inherited),
        Severity::Medium => (t.assumed_fill, t.assumed),
        Severity::Low => (t.raised, t.text2),
    }
}

fn head(ui: &Ui, look: &Look, r: Rect, severity: Severity, n: usize) {
    let p = ui.painter();
    p.rect_filled(r, 0.0, c32(look.t.raised));
    let label = format!(
        "{}, {}",
        capital(severity.as_str()),
        words::count(n as u64, "finding", "findings")
    );
    kit::left(
        p,
        r.min.x + PAD,
        r.center().y,
        &label,
        12.5,
        Face::SemiBold,
        look.t.text,
    );
    kit::name_text(ui, Id::new(("severity-head", severity)), r, &label);
}

fn row(ui: &Ui, look: &Look, r: Rect, f: &JudgedFinding, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let finding = &f.finding;
    let key = f.key();
    let (rule, subject, other) = key;
    let opened = session.doc.view.finding.as_ref() == Some(key);
    let state = match f.state {
        FindingState::Open => String::new(),
        FindingState::Lowered(was) => format!("was {}", was.as_str()),
        FindingState::Mended => "mended".to_owned(),
        FindingState::Raised => "new".to_owned(),
    };
    let mut label = format!("{}: {}", capital(finding.severity.as_str()), finding.title);
    if !state.is_empty() {
        label = format!("{label}, {state}");
    }
    let response = kit::clickable(ui, look, Id::new(("finding", &rule, &subject, &other)), r, &label, true);
    let p = ui.painter();
    let back = match (opened, response.hovered()) {
        (true, _) => Some(t.accent_fill),
        (false, true) => Some(t.raised),
        _ => None,
    };
    if let Some(back) = back {
        p.rect_filled(r, 0.0, c32(back));
    }
    p.hline(r.x_range(), r.max.y - 0.5, Stroke::new(0.5, c32(t.hairline)));
    let y = r.center().y;
    let caret = if opened { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    kit::icon(p, r.min.x + PAD + 2.0, y, caret, 12.0, Face::Icon, t.text3);
    let mended = f.state == FindingState::Mended;
    let (fill, ink) = colours(look, finding.severity);
    let mark = Rect::from_min_size(pos2(r.min.x + 40.0, y - 9.0), vec2(58.0, 18.0));
    if mended {
        kit::rect(p, mark, 5.0, None, look.stroke(1.0, t.ghost));
        kit::center(p, mark.center().x, y, "mended", 10.5, Face::SemiBold, t.intended_text);
    } else {
        kit::rect(p, mark, 5.0, Some(fill), Stroke::NONE);
        kit::center(
            p,
            mark.center().x,
            y,
            finding.severity.as_str(),
            10.5,
            Face::SemiBold,
            ink,
        );
    }
    let rule_width = kit::width(Face::Mono, 10.5, finding.rule.id);
    kit::right(p, r.max.x - PAD, y, finding.rule.id, 10.5, Face::Mono, t.text3);
    let x = mark.max.x + 12.0;
    let mut room = r.max.x - PAD - rule_width - 16.0 - x;
    if !state.is_empty() && !mended {
        let w = kit::width(Face::Medium, 11.0, &state) + 16.0;
        kit::left(p, x + room - w + 8.0, y, &state, 11.0, Face::Medium, t.accent_text);
        room -= w;
    }
    let face = if opened { Face::SemiBold } else { Face::Medium };
    kit::left_cut(
        p,
        x,
        y,
        &finding.title,
        13.0,
        face,
        if mended { t.text3 } else { t.text },
        room,
    );
    if response.clicked() {
        out.push(Command::OpenFinding((!opened).then(|| key.clone())));
        if !opened {
            out.push(Command::Select(Some(subject.clone())));
        }
    }
}

fn mend_row(ui: &Ui, look: &Look, r: Rect, n: usize, mend: &Mend, session: &Session, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter();
    kit::rect(p, r, 8.0, Some(t.panel), look.stroke(1.0, t.hairline));
    let effect = match (&mend.effect, mend.taken) {
        (_, true) => "In the scenario".to_owned(),
        (None, false) => String::new(),
        (Some(e), false) => format!("{} → {} systems, {}", e.systems.0, e.systems.1, e.breaks()),
    };
    let hurts = mend.effect.is_some_and(|e| e.breaks_in_use + e.breaks_unknown > 0);
    let label = if mend.taken { "Take back" } else { "Apply" };
    let w = kit::button_width(label, false);
    let cell = Rect::from_min_size(pos2(r.max.x - w - 8.0, r.center().y - 14.0), vec2(w, 28.0));
    let room = cell.min.x - r.min.x - 24.0;
    kit::left_cut(
        p,
        r.min.x + 12.0,
        r.min.y + 13.0,
        &mend.title,
        12.5,
        Face::Medium,
        t.text,
        room,
    );
    let ink = if hurts { t.inherited_text } else { t.text3 };
    kit::left_cut(
        p,
        r.min.x + 12.0,
        r.min.y + 28.0,
        &effect,
        11.5,
        Face::Regular,
        ink,
        room,
    );
    let named = format!("{label}: {}. {effect}", mend.title);
    let place = Rect::from_min_max(r.min, pos2(cell.min.x, r.max.y));
    kit::name_text(ui, Id::new(("mend-text", n)), place, &named);
    let kind = if n == 0 && !mend.taken {
        kit::Kind::Primary
    } else {
        kit::Kind::Normal
    };
    if kit::button(ui, look, Id::new(("mend", n)), cell, label, None, kind, true).clicked() {
        if mend.taken {
            let at = session.doc.proposal.steps.iter().position(|s| s.action == mend.action);
            out.extend(at.map(Command::RemoveAction));
        } else {
            out.push(Command::AddAction(mend.action.clone()));
        }
    }
}

fn wrong(ui: &Ui, look: &Look, r: Rect, words: &str) {
    let y = r.center().y;
    kit::icon(
        ui.painter(),
        r.min.x + PAD + 4.0,
        y,
        icons::WARNING,
        14.0,
        Face::Icon,
        look.t.assumed,
    );
    kit::left_cut(
        ui.painter(),
        r.min.x + 44.0,
        y,
        words,
        12.0,
        Face::Regular,
        look.t.text,
        r.width() - 60.0,
    );
    kit::name_text(ui, Id::new(("assertion-wrong", words)), r, words);
}

fn assertion(ui: &Ui, look: &Look, r: Rect, n: usize, verdict: &Verdict, out: &mut Vec<Command>) {
    let t = look.t;
    let what = match &verdict.asserted {
        Asserted::Never(never) if never.unless_via.is_empty() => format!("never from {} to {}", never.from, never.to),
        Asserted::Never(never) => {
            format!(
                "never from {} to {} unless via {}",
                never.from,
                never.to,
                never.unless_via.join(", ")
            )
        }
        Asserted::MaxRadius(max) => {
            format!(
                "{} opens at most {}",
                max.credential,
                words::count(max.systems, "system", "systems")
            )
        }
    };
    let why = match (&verdict.ends, verdict.exceeded.first()) {
        (Some((from, to)), _) => {
            let hops = verdict.path.last().map_or(0, |s| s.hops);
            format!(
                "{from} reaches {to} in {}",
                words::count(u64::from(hops), "hop", "hops")
            )
        }
        (None, Some((credential, systems))) => {
            let more = match verdict.exceeded.len() - 1 {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            format!("{credential} opens {systems}{more}")
        }
        (None, None) => String::new(),
    };
    let word = if verdict.holds { "Holds" } else { "Fails" };
    let label = format!("{word}: {what}{}{why}", if why.is_empty() { "" } else { ": " });
    let target = verdict
        .ends
        .as_ref()
        .map(|e| e.1.clone())
        .or_else(|| verdict.exceeded.first().map(|e| e.0.clone()));
    let response = kit::clickable(ui, look, Id::new(("assertion", n)), r, &label, target.is_some());
    let p = ui.painter();
    let (fill, ink, glyph) = if verdict.holds {
        (t.panel, t.intended_text, icons::CHECK_CIRCLE)
    } else {
        (t.compromised_fill, t.compromised_text, icons::WARNING_CIRCLE)
    };
    p.rect_filled(r, 0.0, c32(fill));
    p.hline(r.x_range(), r.max.y - 0.5, Stroke::new(0.5, c32(t.hairline)));
    let y = r.min.y + ASSERTION / 2.0;
    kit::icon(p, r.min.x + PAD + 4.0, y, glyph, 15.0, Face::IconFill, ink);
    let w = kit::left(p, r.min.x + 44.0, y, word, 12.5, Face::SemiBold, ink);
    kit::left_cut(
        p,
        r.min.x + 44.0 + w + 10.0,
        y,
        &what,
        12.5,
        Face::Regular,
        t.text,
        r.width() - w - 70.0,
    );
    if !why.is_empty() {
        kit::left_cut(
            p,
            r.min.x + 44.0,
            y + 20.0,
            &why,
            12.0,
            Face::Regular,
            t.text2,
            r.width() - 60.0,
        );
    }
    if response.clicked()
        && let Some(id) = target
    {
        out.push(Command::Select(Some(id)));
    }
}

/// A rule's page: headings, paragraphs and lists of its Markdown; gives how high it is.
fn page(ui: &Ui, look: &Look, at: egui::Pos2, wide: f32, text: &str) -> f32 {
    let t = look.t;
    let p = ui.painter();
    let mut y = at.y;
    for line in text.lines().skip(3) {
        let plain = line.replace('`', "");
        let (words, size, face, ink, before, indent) = match plain.split_once(' ') {
            _ if plain.is_empty() => continue,
            Some(("##" | "###", rest)) => (rest.to_owned(), 12.5, Face::SemiBold, t.text, 8.0, 0.0),
            Some(("-", rest)) => (format!("• {rest}"), 12.0, Face::Regular, t.text2, 2.0, 8.0),
            _ => (plain.clone(), 12.0, Face::Regular, t.text2, 3.0, 0.0),
        };
        y += before;
        y += kit::paragraph(p, pos2(at.x + indent, y), &words, size, face, ink, wide - indent);
    }
    let h = y - at.y + 10.0;
    kit::name_text(ui, Id::new("rule-page"), Rect::from_min_size(at, vec2(wide, h)), text);
    h
}
