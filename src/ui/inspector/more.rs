//! What the inspector says of the whole estate: who could reach a system, and what a holder is granted beyond its use.

use super::super::kit::{self, Look};
use super::page::Page;
use crate::scene::display::Face;
use crate::session::{Command, Excess, Inspection, Lead, words};
use egui::{Id, Rect, Stroke, Ui, vec2};

impl Page<'_> {
    /// What can be taken off without breaking anything that is in use or may be.
    pub fn excess(&mut self, ui: &mut Ui, view: &Inspection, out: &mut Vec<Command>) {
        if view.excess.is_empty() {
            return;
        }
        self.heading(ui, "Granted beyond what is used", None);
        for (n, excess) in view.excess.iter().enumerate() {
            let r = self.space(ui, 48.0);
            if ui.is_rect_visible(r) && excess_row(ui, self.look, r, &view.id, n, excess) {
                out.push(Command::AddAction(excess.action.clone()));
            }
        }
    }

    /// Who alone reaches a system, by the last hop.
    pub fn leads(&mut self, ui: &mut Ui, view: &Inspection, out: &mut Vec<Command>) {
        let Some(leads) = &view.leads else { return };
        let count = words::count(leads.all, "credential", "credentials");
        self.heading(ui, "Who alone reaches it", Some(&count));
        for lead in &leads.first {
            let r = self.space(ui, 34.0);
            if ui.is_rect_visible(r) && lead_row(ui, self.look, r, &view.id, lead) {
                out.push(Command::Select(Some(lead.id.clone())));
            }
        }
        let more = leads.all.saturating_sub(leads.first.len() as u64);
        if more > 0 {
            let r = self.space(ui, 20.0);
            let said = format!("and {} more, further away", words::number(more));
            kit::left(
                ui.painter(),
                r.min.x,
                r.center().y,
                &said,
                11.5,
                Face::Regular,
                self.look.t.text3,
            );
        }
    }
}

/// A row that lights up under the pointer; gives its place and whether it was clicked.
fn lit(ui: &Ui, look: &Look, r: Rect, id: Id, label: &str) -> bool {
    let place = Rect::from_min_max(r.min - vec2(8.0, 0.0), r.max + vec2(8.0, -1.0));
    let response = kit::clickable(ui, look, id, place, label, true);
    if response.hovered() || response.has_focus() {
        kit::rect(ui.painter(), place, 8.0, Some(look.t.raised), Stroke::NONE);
    }
    response.clicked()
}

fn excess_row(ui: &Ui, look: &Look, r: Rect, of: &str, n: usize, excess: &Excess) -> bool {
    let t = look.t;
    let idle = match excess.idle {
        0 => "breaks nothing known".to_owned(),
        n => format!("breaks {} idle", words::number(n)),
    };
    let gone = words::names(&excess.unused, 2);
    let systems = words::change_or_same(excess.systems.0, excess.systems.1);
    let label = format!(
        "Do: {}, not used: {gone}, its holder alone {systems} systems, {idle}",
        excess.title
    );
    let clicked = lit(ui, look, r, Id::new(("excess", of, n)), &label);
    let p = ui.painter();
    kit::left_cut(
        p,
        r.min.x,
        r.min.y + 15.0,
        &excess.title,
        12.5,
        Face::Medium,
        t.text,
        r.width(),
    );
    let y = r.min.y + 33.0;
    let ink = if excess.systems.0 == excess.systems.1 {
        t.text3
    } else {
        t.accent_text
    };
    let x = r.min.x + kit::left(p, r.min.x, y, &systems, 12.0, Face::SemiBold, ink) + 12.0;
    let said = format!("{idle}; not used: {gone}");
    kit::left_cut(p, x, y, &said, 11.5, Face::Regular, t.text3, r.max.x - x);
    clicked
}

fn lead_row(ui: &Ui, look: &Look, r: Rect, of: &str, lead: &Lead) -> bool {
    let t = look.t;
    let hops = words::count(lead.hops.into(), "hop", "hops");
    let by = if lead.by == lead.name {
        "directly".to_owned()
    } else {
        format!("by {}", lead.by)
    };
    let label = format!(
        "{} reaches it, {by}, {hops}, {}",
        lead.name,
        words::names(&lead.records, 2)
    );
    let clicked = lit(ui, look, r, Id::new(("lead", of, &lead.id)), &label);
    let p = ui.painter();
    let w = kit::right(p, r.max.x, r.min.y + 10.0, &hops, 11.5, Face::Regular, t.text2);
    let room = r.width() - w - 10.0;
    kit::left_cut(p, r.min.x, r.min.y + 10.0, &lead.name, 12.5, Face::Medium, t.text, room);
    kit::left_cut(p, r.min.x, r.min.y + 25.0, &by, 11.5, Face::Regular, t.text3, r.width());
    clicked
}
