//! The numbers at the foot of the window: what is reached, before and with the scenario, and what it breaks. Each leads to
//! what it counts: systems, crown jewels and weight to the rows of the table, what breaks to a list of the flows and steps.

use super::kit::{self, Look};
use super::{evidence, glyph};
use crate::scene::display::Face;
use crate::session::{
    Column, Command, EvidenceAsk, EvidenceKind, Facet, Filter, Reach, Session, Tab, TableKind, TableSpec, ThingState,
    words,
};
use egui::{Id, Rect, Ui, pos2};
use std::collections::{BTreeMap, BTreeSet};

/// The numbers at the right, in the one order: systems, crown jewels, weight, what breaks. Gives where they begin.
pub(super) fn numbers(ui: &Ui, look: &Look, right: f32, y: f32, session: &Session, out: &mut Vec<Command>) -> f32 {
    let t = look.t;
    let p = ui.painter();
    let Some(reach) = &session.answer.reach else {
        return right;
    };
    let mut x = right;
    let sentence = numbers_sentence(reach);
    let before = reach.before().summary;
    let r = Rect::from_min_max(pos2(right - 560.0, y - 16.0), pos2(right, y + 16.0));
    kit::name_text(ui, Id::new("numbers"), r, &sentence);
    let cell = |from: f32, to: f32| Rect::from_min_max(pos2(from - 4.0, y - 13.0), pos2(to + 4.0, y + 13.0));
    let lead = |label: &str, by: Column, r: Rect, out: &mut Vec<Command>| {
        if kit::clickable(ui, look, Id::new(("number", label)), r, label, true).clicked() {
            out.push(Command::SetTable(reached_systems(by)));
            out.push(Command::ShowTab(Tab::Table));
        }
    };
    const SYSTEMS: &str = "Show the systems reached as rows";
    const CROWNS: &str = "Show the crown jewels reached as rows";
    const WEIGHT: &str = "Show the systems reached by weight";
    match &reach.comparison {
        None => {
            let to = x;
            x -= kit::right(
                p,
                x,
                y,
                &words::count(before.systems, "system", "systems"),
                13.0,
                Face::SemiBold,
                t.text,
            ) + 16.0;
            lead(SYSTEMS, Column::Hops, cell(x + 16.0, to), out);
            let w = kit::right(
                p,
                x,
                y,
                &words::number(before.crown_jewels),
                13.0,
                Face::SemiBold,
                t.text,
            );
            glyph::crown(p, look, x - w - 12.0, y, 14.0);
            lead(CROWNS, Column::Weight, cell(x - w - 20.0, x), out);
            x -= w + 36.0;
            x -= kit::right(p, x, y, "As it stands", 12.0, Face::Regular, t.text3);
        }
        Some(comparison) => {
            let after = comparison.after.summary;
            let (said, harm) = reach.breaks_words();
            let ink = if harm { t.broken } else { t.text2 };
            let face = if harm { Face::SemiBold } else { Face::Medium };
            let to = x;
            x -= kit::right(p, x, y, &said, 13.0, face, ink);
            let ask = || EvidenceAsk::of_scenario(&session.doc.proposal).of(EvidenceKind::Cost);
            let id = Id::new("number-breaks");
            evidence::number(ui, look, id, cell(x, to), "Show what breaks", ask, session, out);
            if harm {
                glyph::broken(p, look, x - 11.0, y, 14.0);
                x -= 22.0;
            }
            x = divider(p, look, x, y);
            let to = x;
            x -= kit::right(
                p,
                x,
                y,
                &words::change_or_same(before.weight, after.weight),
                13.0,
                Face::Medium,
                t.text2,
            ) + 5.0;
            x -= kit::right(p, x, y, "weight", 12.0, Face::Regular, t.text3);
            lead(WEIGHT, Column::Weight, cell(x, to), out);
            x = divider(p, look, x, y);
            let crowns = words::change_or_same(before.crown_jewels, after.crown_jewels);
            let ink = |same: bool| if same { t.text } else { t.accent_text };
            let same = before.crown_jewels == after.crown_jewels;
            let to = x;
            x -= kit::right(p, x, y, &crowns, 13.0, Face::SemiBold, ink(same));
            lead(CROWNS, Column::Weight, cell(x - 19.0, to), out);
            glyph::crown(p, look, x - 11.0, y, 14.0);
            x = divider(p, look, x - 20.0, y);
            let to = x;
            let systems = format!("{} systems", words::change_or_same(before.systems, after.systems));
            x -= kit::right(
                p,
                x,
                y,
                &systems,
                13.0,
                Face::SemiBold,
                ink(before.systems == after.systems),
            );
            lead(SYSTEMS, Column::Hops, cell(x, to), out);
        }
    }
    x
}

/// The systems that are reached, or were before the scenario, by hops rising or by weight falling.
pub(super) fn reached_systems(by: Column) -> TableSpec {
    let states = [
        ThingState::Compromised,
        ThingState::Intended,
        ThingState::Inherited,
        ThingState::Assumed,
        ThingState::Ghost,
    ];
    let states: BTreeSet<String> = states.iter().map(|s| s.words().to_owned()).collect();
    TableSpec {
        kind: TableKind::Systems,
        sort: (by, by == Column::Weight),
        filter: Filter {
            text: String::new(),
            facets: BTreeMap::from([(Facet::State, states)]),
        },
    }
}

fn divider(p: &egui::Painter, look: &Look, x: f32, y: f32) -> f32 {
    p.vline(x - 12.0, y - 10.5..=y + 10.5, look.hairline());
    x - 24.0
}

/// The numbers as a sentence, for screen readers and tests.
fn numbers_sentence(reach: &Reach) -> String {
    let before = reach.before().summary;
    match &reach.comparison {
        None => format!(
            "As it stands: {}, {}, weight {}",
            words::count(before.systems, "system", "systems"),
            words::count(before.crown_jewels, "crown jewel", "crown jewels"),
            words::number(before.weight)
        ),
        Some(comparison) => {
            let after = comparison.after.summary;
            format!(
                "{} systems, {} crown jewels, weight {}, {}",
                words::change(before.systems, after.systems),
                words::change(before.crown_jewels, after.crown_jewels),
                words::change(before.weight, after.weight),
                reach.breaks_words().0
            )
        }
    }
}
