//! The welcome screen: a place to drop files, and the samples with their stories.

use super::kit::{self, Kind, Look, c32};
use super::{Window, glyph};
use crate::scene::display::Face;
use crate::scene::icons;
use crate::session::{Class, Command, Sample, Session, Sketch, ThingState, words};
use egui::{Align2, Id, Pos2, Rect, ScrollArea, Sense, Shape, Stroke, Ui, UiBuilder, pos2, vec2};

const FOOT: f32 = 36.0;
const CARD: f32 = 104.0;

impl Window {
    pub(super) fn welcome(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter().clone();
        p.rect_filled(r, 0.0, c32(t.canvas));
        self.foot(ui, look, Rect::from_min_max(pos2(r.min.x, r.max.y - FOOT), r.max));
        let body = Rect::from_min_max(r.min, pos2(r.max.x, r.max.y - FOOT));
        // Both halves where there is room for both, else the samples below a small drop area.
        let wide = body.width() >= 1000.0;
        let (drop, samples) = if wide {
            let split = body.min.x + body.width() * 0.558;
            (
                Rect::from_min_max(body.min, pos2(split, body.max.y)),
                Rect::from_min_max(
                    pos2(split + 24.0, body.min.y + 70.0),
                    pos2(
                        (body.max.x - 72.0).min(split + 24.0 + 540.0).max(split + 324.0),
                        body.max.y - 8.0,
                    ),
                ),
            )
        } else {
            let half = body.min.y + body.height() * 0.5;
            (
                Rect::from_min_max(body.min, pos2(body.max.x, half)),
                Rect::from_min_max(pos2(body.min.x + 24.0, half + 8.0), body.max - vec2(24.0, 8.0)),
            )
        };
        drop_area(ui, look, drop, wide, out);
        self.sample_cards(ui, look, samples, session, out);
        out.push(Command::SketchSamples);
    }

    fn foot(&mut self, ui: &Ui, look: &Look, r: Rect) {
        let t = look.t;
        let p = ui.painter();
        p.rect_filled(r, 0.0, c32(t.panel));
        p.hline(r.x_range(), r.min.y + 0.5, look.hairline());
        let y = r.center().y;
        kit::icon(p, r.min.x + 22.0, y, icons::LOCK_SIMPLE, 14.0, Face::Icon, t.text2);
        let said = "Nothing is sent anywhere. No field can hold a secret's value";
        kit::left(p, r.min.x + 36.0, y, said, 12.0, Face::Regular, t.text2);
        kit::name_text(ui, Id::new("foot"), Rect::from_min_size(r.min, vec2(400.0, FOOT)), said);
        let keys = Rect::from_min_max(
            pos2(r.max.x - 190.0, r.min.y + 4.0),
            pos2(r.max.x - 16.0, r.max.y - 4.0),
        );
        let response = kit::clickable(ui, look, Id::new("keys"), keys, "Keyboard shortcuts", true);
        let w = kit::keycap(p, look, keys.min.x + 10.0, y, "?");
        let ink = if response.hovered() { t.text } else { t.text2 };
        kit::left(
            p,
            keys.min.x + 20.0 + w,
            y,
            "Keyboard shortcuts",
            12.0,
            Face::Regular,
            ink,
        );
        if response.clicked() {
            self.dialog = Some(super::Dialog::Shortcuts);
        }
    }

    fn sample_cards(&mut self, ui: &mut Ui, look: &Look, r: Rect, session: &Session, out: &mut Vec<Command>) {
        let t = look.t;
        let p = ui.painter().clone();
        kit::left(
            &p,
            r.min.x,
            r.min.y + 8.0,
            "Or start from a sample",
            18.0,
            Face::SemiBold,
            t.text,
        );
        let said = "Each opens with something compromised; the rest is yours";
        kit::left(&p, r.min.x, r.min.y + 32.0, said, 13.0, Face::Regular, t.text2);
        let list = Rect::from_min_max(pos2(r.min.x, r.min.y + 58.0), r.max);
        ui.scope_builder(UiBuilder::new().id_salt("samples").max_rect(list), |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            ScrollArea::vertical()
                .id_salt("samples-scroll")
                .auto_shrink(false)
                .show(ui, |ui| {
                    for (i, sample) in self.samples.iter().enumerate() {
                        // A little less wide than the list, so that the scroll bar has its own place.
                        let (card, _) = ui.allocate_exact_size(vec2(ui.available_width() - 10.0, CARD), Sense::hover());
                        if ui.is_rect_visible(card)
                            && sample_card(ui, look, card, sample, session.sketches.get(i).and_then(Option::as_ref))
                        {
                            out.push(Command::OpenSample(i));
                        }
                    }
                });
        });
    }
}

fn drop_area(ui: &Ui, look: &Look, r: Rect, with_formats: bool, out: &mut Vec<Command>) {
    let t = look.t;
    let p = ui.painter();
    let formats = if with_formats { 92.0 } else { 0.0 };
    let c = pos2(
        r.center().x + 16.0 * f32::from(u8::from(with_formats)),
        r.min.y + (r.height() - formats) / 2.0 + 6.0,
    );
    let big = ((r.height() - formats) / 2.0 - 28.0)
        .min(r.width() / 2.0 - 48.0)
        .clamp(120.0, 300.0);
    let k = big / 300.0;
    p.circle_filled(c, big, c32(t.band));
    p.circle(c, 224.0 * k, c32(t.canvas), look.stroke(1.0, t.ring));
    let ring: Vec<Pos2> = (0..=180).map(|i| around(c, big, 2.0 * i as f32)).collect();
    p.extend(Shape::dashed_line(&ring, look.stroke(1.75, t.control), 7.0, 6.0));
    let mut faint = p.clone();
    faint.multiply_opacity(0.5);
    for (degrees, class, glyph, state) in [
        (8.0, Class::System, icons::CLOUD, ThingState::Intended),
        (44.0, Class::System, icons::PACKAGE, ThingState::Inherited),
        (79.0, Class::System, icons::DATABASE, ThingState::Inherited),
        (117.0, Class::Credential, icons::CERTIFICATE, ThingState::Intended),
        (151.0, Class::System, icons::GLOBE, ThingState::Assumed),
        (190.0, Class::System, icons::CUBE, ThingState::Intended),
        (226.0, Class::Identity, icons::USER_CIRCLE_GEAR, ThingState::Inherited),
        (262.0, Class::System, icons::SHIELD_CHECK, ThingState::Inherited),
        (298.0, Class::Credential, icons::KEY, ThingState::Intended),
        (333.0, Class::System, icons::STACK, ThingState::Assumed),
    ] {
        glyph::thing(
            &faint,
            look,
            class,
            state,
            Some(glyph),
            around(c, 262.0 * k, degrees),
            10.0,
            t.band,
        );
    }
    let small = k < 0.6;
    if !small {
        kit::icon(p, c.x, c.y - 62.0, icons::UPLOAD_SIMPLE, 26.0, Face::Icon, t.accent);
    }
    let title = "Drop an inventory anywhere";
    let size = if small { 16.0 } else { 22.0 };
    kit::center(p, c.x, c.y - 27.0, title, size, Face::SemiBold, t.text);
    kit::name_text(
        ui,
        Id::new("drop-title"),
        Rect::from_center_size(pos2(c.x, c.y - 27.0), vec2(300.0, 28.0)),
        title,
    );
    let said = "Files, folders, .zip and .gz; several at once become one map";
    if !small {
        kit::center(p, c.x, c.y + 1.5, said, 13.0, Face::Regular, t.text2);
    }
    let y = c.y + if small { 0.0 } else { 30.0 };
    let files = Rect::from_min_size(pos2(c.x - 134.0, y), vec2(128.0, 34.0));
    if kit::button(
        ui,
        look,
        Id::new("welcome-files"),
        files,
        "Open files…",
        Some(icons::FOLDER_OPEN),
        Kind::Primary,
        true,
    )
    .clicked()
    {
        out.push(Command::ChooseFiles);
    }
    let folder = Rect::from_min_size(pos2(c.x + 6.0, y), vec2(128.0, 34.0));
    if kit::button(
        ui,
        look,
        Id::new("welcome-folder"),
        folder,
        "Open folder…",
        None,
        Kind::Normal,
        true,
    )
    .clicked()
    {
        out.push(Command::ChooseFolder);
    }
    kit::center(p, c.x, y + 55.0, "Ctrl O", 11.5, Face::Regular, t.text3);
    if with_formats {
        let y = c.y + big + 40.0;
        let said = super::FORMATS_LINE;
        let mut job =
            egui::text::LayoutJob::simple(said.to_owned(), kit::font(Face::Regular, 12.5), c32(t.text2), 460.0);
        job.halign = egui::Align::Center;
        let galley = p.layout_job(job);
        let at = Align2::CENTER_TOP.anchor_size(pos2(c.x, y - 8.0), galley.size());
        p.galley(pos2(c.x, at.min.y), galley, c32(t.text2));
        kit::name_text(ui, Id::new("formats"), at, said);
    }
}

fn sample_card(ui: &Ui, look: &Look, r: Rect, sample: &Sample, sketch: Option<&Sketch>) -> bool {
    let t = look.t;
    let systems = words::count(sample.before.systems, "system", "systems");
    let label = format!("{}. {}. {}", sample.title, sample.story, sample.hint);
    let response = kit::clickable(ui, look, Id::new(("sample", &sample.file)), r, &label, true);
    let lit = response.hovered() || response.has_focus();
    let p = ui.painter();
    let (fill, stroke) = if lit {
        (t.raised, look.stroke(1.25, t.accent))
    } else {
        (t.panel, look.hairline())
    };
    kit::rect(p, r, 10.0, Some(fill), stroke);
    thumbnail(p, look, pos2(r.min.x + 60.0, r.center().y), sketch);
    let x = r.min.x + 122.0;
    let mut right = r.max.x - 20.0;
    right -= kit::right(p, right, r.min.y + 27.0, &systems, 12.0, Face::Medium, t.text2) + 12.0;
    if sample.before.crown_jewels > 0 {
        let n = words::number(sample.before.crown_jewels);
        let w = kit::right(p, right, r.min.y + 27.0, &n, 12.0, Face::Medium, t.text2);
        glyph::crown(p, look, right - w - 9.0, r.min.y + 27.0, 12.0);
        right -= w + 24.0;
    }
    kit::left_cut(
        p,
        x,
        r.min.y + 27.0,
        &sample.title,
        14.5,
        Face::SemiBold,
        t.text,
        right - x,
    );
    let most = r.max.x - 16.0 - x;
    kit::left_cut(p, x, r.min.y + 51.5, &sample.story, 13.0, Face::Regular, t.text, most);
    kit::left_cut(p, x, r.min.y + 72.5, &sample.hint, 13.0, Face::Regular, t.text2, most);
    response.clicked()
}

fn around(c: Pos2, r: f32, degrees: f32) -> Pos2 {
    let a = (degrees - 90.0).to_radians();
    pos2(c.x + r * a.cos(), c.y + r * a.sin())
}

/// A small picture of what is reached: one dot a system, by hop and state, as the sample itself says.
fn thumbnail(p: &egui::Painter, look: &Look, c: Pos2, sketch: Option<&Sketch>) {
    let t = look.t;
    let radius = 39.0;
    p.circle(c, radius, c32(t.canvas), look.stroke(1.5, t.compromised));
    let hops = sketch.map_or(2, |s| s.hops.len().max(1));
    // The middle belongs to the seed; what is left is shared by the hops.
    let ring = |hop: usize| 9.0 + (radius - 9.0) * (hop as f32) / hops as f32;
    for hop in 1..hops {
        p.circle_stroke(c, ring(hop), Stroke::new(1.0, c32(t.ring)));
    }
    for (hop, states) in sketch.iter().flat_map(|s| s.hops.iter().enumerate()) {
        let total: u64 = states.iter().sum();
        let at = (ring(hop) + ring(hop + 1)) / 2.0 - 0.5;
        // As many as have room beside each other; more would be a smear.
        let room = (std::f32::consts::TAU * at / 6.2).floor().max(1.0) as u64;
        let shown = total.min(room).max(1);
        if total == 0 {
            continue;
        }
        // A step that shares no factor with the total visits every system once, so that states mix round the ring.
        let step = (total * 5 / 8..).find(|n| gcd(*n, total) == 1).unwrap_or(1);
        let state_of = |i: u64| match (i * total / shown * step) % total {
            n if n < states[0] => 0,
            n if n < states[0] + states[1] => 1,
            _ => 2,
        };
        for i in 0..shown {
            let degrees = 360.0 * i as f32 / shown as f32 + 33.0 * hop as f32 + 14.0;
            let square = Rect::from_center_size(around(c, at, degrees), vec2(4.6, 4.6));
            match state_of(i) {
                0 => kit::rect(p, square, 1.0, Some(t.intended_fill), look.stroke(1.0, t.intended)),
                1 => kit::rect(p, square, 1.0, Some(t.inherited), Stroke::NONE),
                _ => kit::rect(p, square, 1.0, Some(t.assumed_fill), look.stroke(1.0, t.assumed)),
            }
        }
    }
    glyph::thing(
        p,
        look,
        Class::Credential,
        ThingState::Compromised,
        None,
        c,
        4.5,
        t.canvas,
    );
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
