//! The inspector: what a thing is, why it is reached, which checks were made, and what could be done about it, each
//! action with its effect before the click.

mod more;
mod page;

use super::kit::{self, Look, c32};
use super::{Window, glyph, paths};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Class, Command, Inspection, Offer, Session, ThingState, Tick, WhyRow, checks_sentence, words};
use egui::{Id, Rect, ScrollArea, Stroke, Ui, UiBuilder, Vec2, pos2, vec2};
use page::Page;
use std::collections::BTreeMap;

const MARGIN: f32 = 18.0;

impl Window {
    pub(super) fn inspector(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter().clone();
        p.rect_filled(r, 0.0, c32(t.panel));
        p.vline(r.min.x + 0.5, r.y_range(), look.hairline());
        let Some(view) = session
            .answer
            .inspection
            .clone()
            .filter(|i| session.doc.selection.as_deref() == Some(&i.id))
        else {
            empty(ui, look, r, session);
            return;
        };
        ui.scope_builder(
            UiBuilder::new()
                .id_salt("inspector")
                .max_rect(r.shrink2(vec2(1.0, 0.0))),
            |ui| {
                ui.spacing_mut().item_spacing = Vec2::ZERO;
                ScrollArea::vertical()
                    .id_salt(("inspector", &view.id))
                    .auto_shrink(false)
                    .show(ui, |ui| {
                        let mut page = Page {
                            look,
                            x: r.min.x + MARGIN,
                            width: r.width() - 2.0 * MARGIN,
                        };
                        page.title(ui, &view);
                        page.banner(ui, &view);
                        self.facts(ui, &mut page, &view);
                        page.checks(ui, &view);
                        self.why(ui, &mut page, &view, &session.doc.notes, out);
                        let audience = |kept| Command::KeepAudience(view.id.clone(), kept);
                        self.ticks(ui, &mut page, "Audience", &view.audience, audience, out);
                        let scopes = |kept| Command::KeepScopes(view.id.clone(), kept);
                        self.ticks(ui, &mut page, "Scopes", &view.scopes, scopes, out);
                        if let Some(none) = &view.no_effect {
                            page.no_effect(ui, none);
                        }
                        self.offers(ui, &mut page, &view, out);
                        page.mark(ui, &view, out);
                        self.note(ui, &mut page, &view, session, out);
                        page.excess(ui, &view, out);
                        page.leads(ui, &view, out);
                        ui.add_space(16.0);
                    });
            },
        );
    }

    /// What the analyst notes on a thing; it is kept with the session.
    fn note(&mut self, ui: &mut Ui, page: &mut Page<'_>, view: &Inspection, session: &Session, out: &mut Vec<Command>) {
        page.heading(ui, "Note", None);
        let said = session.doc.notes.get(&view.id).cloned().unwrap_or_default();
        let id = Id::new(("note", &view.id));
        let editing = ui.memory(|m| m.has_focus(id));
        if !editing || self.note_of.0 != view.id {
            self.note_of = (view.id.clone(), said.clone());
        }
        let r = page.space(ui, 46.0);
        let edit = egui::TextEdit::multiline(&mut self.note_of.1)
            .id(id)
            .hint_text("Write a note")
            .font(kit::font(Face::Regular, 12.0))
            .desired_rows(2)
            .desired_width(r.width());
        let response = ui.put(r, edit);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Note"));
        if response.changed() {
            out.push(Command::SetNote(view.id.clone(), self.note_of.1.clone()));
        }
    }

    fn facts(&mut self, ui: &mut Ui, page: &mut Page<'_>, view: &Inspection) {
        const SHOWN: usize = 4;
        let t = page.look.t;
        if view.facts.is_empty() {
            return;
        }
        // The last fact, where the record stands, is always shown.
        let hidden = view.facts.len().saturating_sub(SHOWN + 1);
        let folds = hidden > 1;
        let more = folds.then(|| {
            if self.facts_open {
                "Fewer".to_owned()
            } else {
                format!("{hidden} more")
            }
        });
        if page.heading_button(ui, "Facts", more.as_deref()) {
            self.facts_open = !self.facts_open;
        }
        for (i, (label, value)) in view.facts.iter().enumerate() {
            if folds && !self.facts_open && i >= SHOWN && i + 1 < view.facts.len() {
                continue;
            }
            let r = page.space(ui, 20.0);
            let p = ui.painter();
            kit::left(p, r.min.x, r.center().y, label, 12.0, Face::Regular, t.text3);
            let (x, y, most) = (r.min.x + 92.0, r.center().y, r.width() - 92.0);
            kit::left_cut(p, x, y, value, 12.0, Face::Regular, t.text, most);
            let response = kit::name_text(ui, Id::new(("fact", label)), r, &format!("{label}: {value}"));
            if kit::width(Face::Regular, 12.0, value) > most {
                response.on_hover_text(value);
            }
        }
    }

    fn ticks(
        &mut self,
        ui: &mut Ui,
        page: &mut Page<'_>,
        title: &'static str,
        ticks: &[Tick],
        command: impl Fn(Vec<String>) -> Command,
        out: &mut Vec<Command>,
    ) {
        /// A list longer than this is folded while all of it is kept.
        const FOLDED_FROM: usize = 8;
        if ticks.is_empty() {
            return;
        }
        let kept = ticks.iter().filter(|k| k.on).count();
        let folds = ticks.len() > FOLDED_FROM && kept == ticks.len();
        let open = !folds || self.ticks_open.contains(&title);
        let said = format!("{kept} of {} kept", ticks.len());
        if folds {
            let said = format!("{said}, {}", if open { "fold" } else { "show" });
            if page.heading_button(ui, title, Some(&said)) {
                match self.ticks_open.iter().position(|t| *t == title) {
                    Some(i) => drop(self.ticks_open.remove(i)),
                    None => self.ticks_open.push(title),
                }
            }
        } else {
            page.heading(ui, title, Some(&said));
            // Once narrowed it stays open, also when all is ticked again.
            if kept < ticks.len() && !self.ticks_open.contains(&title) {
                self.ticks_open.push(title);
            }
        }
        if open {
            for tick in ticks {
                if page.tick(ui, title, tick) {
                    let stays = |k: &&Tick| if k.value == tick.value { !k.on } else { k.on };
                    out.push(command(ticks.iter().filter(stays).map(|k| k.value.clone()).collect()));
                }
            }
        }
    }

    fn why(&mut self, ui: &mut Ui, page: &mut Page<'_>, view: &Inspection, notes: &Notes, out: &mut Vec<Command>) {
        if view.why.is_empty() {
            return;
        }
        let look = page.look;
        let more = (view.ways > 1).then(|| format!("Shortest of {}", view.ways));
        let was = view.banner.state == ThingState::Ghost;
        let title = if was { "Why it was reached" } else { "Why it is reached" };
        page.heading(ui, title, more.as_deref());
        let height = 37.0;
        let all = page.space(ui, view.why.len() as f32 * height + 6.0);
        let p = ui.painter().clone();
        let rail = all.min.x + 36.0;
        let (first, last) = (
            all.min.y + 14.0,
            all.min.y + 14.0 + (view.why.len() - 1) as f32 * height,
        );
        p.vline(rail, first..=last, look.stroke(2.0, look.t.hairline));
        for (i, row) in view.why.iter().enumerate() {
            let r = Rect::from_min_size(
                pos2(all.min.x, all.min.y + i as f32 * height),
                vec2(all.width(), height),
            );
            why_row(ui, look, r, Id::new(("why", i)), row, notes, out);
        }
    }

    fn offers(&mut self, ui: &mut Ui, page: &mut Page<'_>, view: &Inspection, out: &mut Vec<Command>) {
        if view.offers.is_empty() {
            return;
        }
        let pending = (view.pending > 0).then(|| format!("{} to work out", words::number(view.pending as u64)));
        page.heading(ui, "Actions", pending.as_deref());
        for (i, offer) in view.offers.iter().enumerate() {
            let r = page.space(ui, 48.0);
            if ui.is_rect_visible(r) {
                self.offer(ui, page.look, r, &view.id, i, offer, out);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a row needs its place, its subject and its number"
    )]
    fn offer(&mut self, ui: &Ui, look: &Look, r: Rect, of: &str, i: usize, offer: &Offer, out: &mut Vec<Command>) {
        let t = look.t;
        let r = Rect::from_min_max(r.min - vec2(8.0, 0.0), r.max + vec2(8.0, -1.0));
        let mut said = offer_sentence(offer);
        if offer.applies {
            said.insert_str(0, "Do: ");
        }
        let response = kit::clickable(ui, look, Id::new(("offer", of, i)), r, &said, offer.applies);
        let lit = offer.applies && (response.hovered() || response.has_focus());
        let p = ui.painter();
        if lit {
            kit::rect(p, r, 8.0, Some(t.raised), look.stroke(1.25, t.accent));
        }
        let grey = !offer.applies || offer.why_not.is_some();
        let x = r.min.x + 10.0;
        let most = r.width() - 20.0;
        let face = if lit { Face::SemiBold } else { Face::Medium };
        let ink = if grey { t.text3 } else { t.text };
        kit::left_cut(p, x, r.min.y + 15.0, &offer.title, 12.5, face, ink, most);
        let y = r.min.y + 33.0;
        match (&offer.effect, &offer.why_not) {
            (None, None) => {
                kit::left(p, x, y, "Working it out", 11.5, Face::Regular, t.text3);
            }
            (effect, why_not) => {
                let mut at = x;
                if let Some(e) = effect {
                    at = change(p, look, at, y, e.systems, None);
                    at = change(p, look, at, y, e.crown_jewels, Some(()));
                }
                let (words, color) = match (why_not, effect) {
                    (Some(why), _) => (why.clone(), t.text3),
                    (None, Some(e)) => {
                        let harm = e.breaks_in_use + e.breaks_unknown > 0;
                        if harm {
                            glyph::broken(p, look, at + 6.0, y, 12.0);
                            at += 16.0;
                        }
                        (e.breaks(), if harm { t.broken } else { t.text3 })
                    }
                    (None, None) => (String::new(), t.text3),
                };
                kit::left_cut(p, at, y, &words, 11.5, Face::Regular, color, r.max.x - 10.0 - at);
            }
        }
        if response.clicked() {
            out.push(Command::AddAction(offer.action.clone()));
        }
        if lit {
            self.hovered_offer = Some((of.to_owned(), i));
        }
    }
}

/// Notes of the analyst, by the id or name of what they are on.
pub(super) type Notes = BTreeMap<String, String>;

/// What a row of the actions says, in one sentence.
fn offer_sentence(offer: &Offer) -> String {
    let mut said = offer.title.clone();
    if let Some(e) = &offer.effect {
        said.push_str(&format!(
            ", {} systems, {} crown jewels, {}",
            words::change(e.systems.0, e.systems.1),
            words::change(e.crown_jewels.0, e.crown_jewels.1),
            e.breaks()
        ));
    }
    if let Some(why) = &offer.why_not {
        said.push_str(&format!(", {why}"));
    }
    said
}

fn change(p: &egui::Painter, look: &Look, x: f32, y: f32, n: (u64, u64), crown: Option<()>) -> f32 {
    let mut x = x;
    if crown.is_some() {
        if n == (0, 0) {
            return x;
        }
        glyph::crown(p, look, x + 5.0, y - 0.5, 11.0);
        x += 14.0;
    }
    let ink = if n.0 == n.1 { look.t.text3 } else { look.t.accent_text };
    x + kit::left(p, x, y, &words::change(n.0, n.1), 12.0, Face::SemiBold, ink) + 12.0
}

/// One thing on the way and why the next step could be taken.
pub(super) fn why_row(ui: &Ui, look: &Look, r: Rect, id: Id, row: &WhyRow, notes: &Notes, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter();
    let y = r.min.y + 14.0;
    let mut said = format!("{}, {}", row.name, row.reason);
    let noted = || row.records.iter().filter_map(|name| notes.get(name));
    if let Some(c) = &row.checks {
        said.push_str(&format!("; {}", checks_sentence(c)));
    }
    for note in noted() {
        said.push_str(&format!("; note: {note}"));
    }
    let response = kit::clickable(ui, look, id, r.shrink2(vec2(0.0, 1.0)), &said, true);
    if response.hovered() {
        kit::rect(
            p,
            r.translate(vec2(0.0, -3.0)).expand2(vec2(6.0, -1.0)),
            6.0,
            Some(t.raised),
            Stroke::NONE,
        );
        // The rail runs under the row's hover; draw its piece again.
        p.vline(
            r.min.x + 36.0,
            r.min.y - 2.0..=r.max.y - 4.0,
            look.stroke(2.0, t.hairline),
        );
    }
    if let Some(n) = row.disc {
        p.circle_filled(pos2(r.min.x + 9.0, y), 8.0, c32(t.accent));
        kit::center(p, r.min.x + 9.0, y, &n.to_string(), 10.5, Face::Bold, t.on_accent);
    }
    let radius = if row.class == Class::System { 9.5 } else { 8.0 };
    glyph::thing(
        p,
        look,
        row.class,
        row.state,
        row.icon,
        pos2(r.min.x + 36.0, y),
        radius,
        t.panel,
    );
    let x = r.min.x + 56.0;
    let end = if row.checks.is_some() { r.max.x - 100.0 } else { r.max.x };
    let face = if row.class == Class::System {
        Face::SemiBold
    } else {
        Face::Medium
    };
    let room = if row.edge.is_some() { end - x - 20.0 } else { end - x };
    kit::left_cut(p, x, y - 6.0, &row.name, 12.5, face, t.text, room);
    // At the end of the name's line: whoever clicks the middle of a row means the row.
    if let Some(edge) = row.edge {
        paths::help(ui, look, id.with("about"), pos2(end - 9.0, y - 6.0), edge);
    }
    let reason = match noted().next() {
        Some(note) => format!("{} · {note}", row.reason),
        None => row.reason.clone(),
    };
    kit::left_cut(p, x, y + 9.0, &reason, 11.5, Face::Regular, t.text2, end - x);
    if let Some(checks) = &row.checks {
        glyph::pips(p, look, r.max.x, y - 1.0, checks);
    }
    if response.clicked() {
        out.push(Command::Select(Some(row.id.clone())));
    }
    if !row.records.is_empty() {
        response.context_menu(|ui| {
            for name in &row.records {
                if ui.button(format!("Note on {}…", words::relation(name))).clicked() {
                    out.push(Command::AskNote(Some(name.clone())));
                    ui.close();
                }
            }
        });
        let mut hover = row.records.join("\n");
        for note in noted() {
            hover.push_str(&format!("\n{note}"));
        }
        response.on_hover_text(hover);
    }
}

fn empty(ui: &Ui, look: &Look, r: Rect, session: &Session) {
    let t = look.t;
    let said = if session.doc.proposal.seeds.is_empty() {
        "Select a credential to see what it is and what could be done about it"
    } else {
        "Select something on the map or in the list to see what it is and why it is reached"
    };
    let c = pos2(r.center().x, r.min.y + r.height() * 0.4);
    kit::icon(ui.painter(), c.x, c.y - 30.0, icons::INFO, 26.0, Face::Icon, t.text3);
    let galley = ui.painter().layout_job({
        let mut job = egui::text::LayoutJob::simple(
            said.to_owned(),
            kit::font(Face::Regular, 12.5),
            c32(t.text2),
            r.width() - 72.0,
        );
        job.halign = egui::Align::Center;
        job
    });
    ui.painter().galley(pos2(c.x, c.y), galley, c32(t.text2));
    kit::name_text(
        ui,
        Id::new("inspector-empty"),
        Rect::from_center_size(c, vec2(r.width() - 40.0, 60.0)),
        said,
    );
}
