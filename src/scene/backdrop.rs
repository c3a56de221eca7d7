//! Behind the map: bands, walls, boundary, spokes, and the names of hops and sectors.

use super::display::{Align, Face, Owner, Pt, pt};
use super::draw::{Detail, Drawing};
use super::fonts::text_width;
use super::map::SHELF;
use super::pen::{circle, dashed, line, rect, segment, text};
use crate::layout::{Kind, polar};

impl Drawing<'_> {
    pub(super) fn rings(&mut self) {
        let t = self.theme.tokens();
        let more = self.theme.extra_stroke();
        let z = self.view.zoom;
        let c = self.view.middle();
        let layout = &self.map.layout;
        let k = layout.scale.max(0.8);
        let mut prims = Vec::new();
        let bands = layout.walls.len().saturating_sub(1);
        for band in (1..=bands).rev() {
            let fill = if band % 2 == 1 { t.band } else { t.canvas };
            prims.push(circle(c, layout.walls[band] * z, Some(fill), None));
        }
        if let Some(&inner) = layout.walls.first() {
            prims.push(circle(c, inner * z, Some(t.canvas), None));
        }
        for &wall in layout.walls.iter().take(bands) {
            prims.push(circle(c, wall * z, None, Some(line(1.0 + more, t.ring))));
        }
        for sector in &layout.sectors {
            let (x1, y1) = polar(layout.walls[0] + 4.0, sector.from - 1.5);
            let (x2, y2) = polar(layout.walls[bands] - 3.0, sector.from - 1.5);
            let (a, b) = (
                self.view.screen_from_layout(x1, y1),
                self.view.screen_from_layout(x2, y2),
            );
            prims.push(segment(a, b, line(1.0 + more, t.hairline)));
        }
        let edge = layout.walls[bands];
        match self.map.reach_after() {
            // Steps around a record are no radius, and have no boundary.
            _ if self.map.around => prims.push(circle(c, edge * z, None, Some(line(1.0 + more, t.ring)))),
            Some(reach) if self.view.progress > 0.0 => {
                prims.push(circle(
                    c,
                    edge * z,
                    None,
                    Some(dashed(1.25 + more, t.ghost, &[1.5, 4.0])),
                ));
                let target = layout.walls[(reach as usize).min(bands)];
                let p = self.view.progress;
                let ease = 1.0 - (1.0 - p).powi(3);
                let radius = edge + (target - edge) * ease;
                let color = if p >= 0.66 { t.sealed } else { t.compromised };
                prims.push(circle(c, radius * z, None, Some(line(3.0 * k.min(1.0) + more, color))));
            }
            _ => prims.push(circle(c, edge * z, None, Some(line(1.75 * k + more, t.compromised)))),
        }
        self.push(Owner::Chrome, prims);
    }

    pub(super) fn columns(&mut self) {
        let t = self.theme.tokens();
        let more = self.theme.extra_stroke();
        let layout = &self.map.layout;
        let mut prims = Vec::new();
        let rows = layout
            .spots
            .iter()
            .map(|s| (s.y - layout.spoke).abs())
            .fold(0.0, f32::max)
            + 26.0;
        let (above, below) = (layout.spoke - rows, layout.spoke + rows);
        let walls = layout.walls.len().saturating_sub(1);
        let reach = self.map.reach_after();
        for (n, &wall) in layout.walls.iter().take(walls).enumerate() {
            let a = self.view.screen_from_layout(wall, above);
            let b = self.view.screen_from_layout(wall, below);
            prims.push(segment(a, b, line(1.0 + more, t.ring)));
            // The boundary is the first wall that nothing passes.
            if reach == Some(n as u32) && self.view.progress > 0.0 {
                prims.push(segment(a, b, line(3.0 + more, t.sealed)));
            }
        }
        for sector in &layout.sectors {
            let p = self.view.screen_from_layout(sector.from, above + 4.0);
            prims.push(text(
                pt(p.x, p.y - 4.0),
                Align::Left,
                sector.name.clone(),
                11.5,
                Face::SemiBold,
                t.text3,
            ));
        }
        self.push(Owner::Chrome, prims);
    }

    /// Names of hops and of sectors, where they cover nothing.
    pub(super) fn names(&mut self, labels: &[(Pt, Pt)]) {
        if self.map.layout.kind != Kind::Rings || self.detail == Detail::Plain {
            return;
        }
        let t = self.theme.tokens();
        let layout = &self.map.layout;
        let bands = layout.walls.len() - 1;
        let mut prims = Vec::new();
        let mut taken: Vec<(Pt, Pt)> = labels.to_vec();
        if self.view.chrome {
            // Meter and legends.
            let (w, h) = (self.view.width, self.view.height - SHELF);
            taken.push((pt(0.0, 0.0), pt(232.0, 160.0)));
            taken.push((pt(0.0, h - 110.0), pt(190.0, h)));
            taken.push((pt(w - 200.0, h - 180.0), pt(w, h)));
        }
        for i in 0..self.map.nodes.len() as u32 {
            let (c, r) = (self.at(i), self.radius(i) + 3.0);
            taken.push((pt(c.x - r, c.y - r), pt(c.x + r, c.y + r)));
        }
        let free = |taken: &[(Pt, Pt)], min: Pt, max: Pt| -> f32 {
            taken
                .iter()
                .map(|(a, b)| {
                    let w = max.x.min(b.x) - min.x.max(a.x);
                    let h = max.y.min(b.y) - min.y.max(a.y);
                    if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
                })
                .sum()
        };
        let showing_after = self.map.after.is_some() && self.view.progress >= 0.5;
        for band in 1..=bands {
            let last = band == bands && self.map.hops_before.len() > bands;
            let count = |hops: &[u64]| -> u64 {
                if last {
                    hops.iter().skip(band - 1).sum()
                } else {
                    hops.get(band - 1).copied().unwrap_or(0)
                }
            };
            let (was, is) = (count(&self.map.hops_before), count(&self.map.hops_after));
            let plural = match (self.map.around, band) {
                (true, 1) => "step",
                (true, _) => "steps",
                (false, 1) => "hop",
                (false, _) => "hops",
            };
            let more = if last { " and more" } else { "" };
            let said = if showing_after {
                format!("{was} → {is}")
            } else {
                was.to_string()
            };
            let name = format!("{band} {plural}{more} · {said}");
            let radius = (layout.walls[band - 1] + layout.walls[band]) / 2.0;
            let w = text_width(Face::Medium, 10.5, &name) + 12.0;
            // On the spoke if it can be, else as near to it as can be.
            let turns = (0..72u8).map(|n| f32::from(n / 2) * if n % 2 == 0 { 5.0 } else { -5.0 });
            let place = turns
                .map(|turn: f32| {
                    let (x, y) = polar(radius, layout.spoke + turn);
                    let c = self.view.screen_from_layout(x, y);
                    let (min, max) = (pt(c.x - w / 2.0, c.y - 9.0), pt(c.x + w / 2.0, c.y + 9.0));
                    (free(&taken, min, max) + turn.abs() * 0.4, c, min, max)
                })
                .reduce(|best, next| if next.0 < best.0 { next } else { best });
            if let Some((cost, c, min, max)) = place
                && cost < 130.0
            {
                taken.push((min, max));
                let back = if band % 2 == 1 { t.band } else { t.canvas };
                let color = if showing_after && is > 0 {
                    t.accent_text
                } else {
                    t.text2
                };
                prims.push(rect(min, max, 4.0, Some(back), None));
                prims.push(text(c, Align::Center, name, 10.5, Face::Medium, color));
            }
        }
        let edge = layout.walls[bands] * self.view.zoom + 15.0;
        let middle = self.view.middle();
        for sector in &layout.sectors {
            let w = text_width(Face::SemiBold, 11.5, &sector.name);
            let place = [0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95]
                .into_iter()
                .map(|share: f32| {
                    let a = sector.from + (sector.to - sector.from) * share;
                    let (x, y) = polar(edge, a);
                    let c = pt(middle.x + x, middle.y + y);
                    let sin = a.to_radians().sin();
                    let (align, x0) = if sin.abs() < 0.3 {
                        (Align::Center, c.x - w / 2.0)
                    } else if sin > 0.0 {
                        (Align::Left, c.x)
                    } else {
                        (Align::Right, c.x - w)
                    };
                    let (min, max) = (pt(x0 - 4.0, c.y - 8.0), pt(x0 + w + 4.0, c.y + 8.0));
                    (free(&taken, min, max), c, align, min, max)
                })
                .reduce(|best, next| if next.0 + 1.0 < best.0 { next } else { best });
            if let Some((cost, c, align, min, max)) = place
                && cost < 40.0
            {
                taken.push((min, max));
                prims.push(text(c, align, sector.name.clone(), 11.5, Face::SemiBold, t.text3));
            }
        }
        self.push(Owner::Chrome, prims);
    }
}
