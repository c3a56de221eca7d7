//! Display items to egui shapes. Dashes are cut on the screen; curves and arcs take a point every three pixels.

use super::super::kit::{broken_line, c32, font};
use crate::scene::display::{Align, Item, Mark, Prim, Pt, Seg, Stroke as Line};
use egui::epaint::{CircleShape, PathShape, RectShape, StrokeKind};
use egui::{Color32, CornerRadius, Pos2, Rect, Shape, Stroke, Ui, vec2};

/// The shapes of an item whose coordinates start at `origin`.
pub fn of_item(ui: &Ui, origin: Pos2, item: &Item) -> Vec<Shape> {
    let mut out = Vec::new();
    let at = |p: Pt| origin + vec2(p.x, p.y);
    for prim in &item.prims {
        match prim {
            Prim::Path { segs, fill, stroke } => {
                let (points, closed) = flatten(segs, &at);
                if let Some(fill) = fill {
                    out.push(PathShape::convex_polygon(points.clone(), c32(*fill), Stroke::NONE).into());
                }
                if let Some(stroke) = stroke {
                    outline(&mut out, points, closed, stroke);
                }
            }
            Prim::Circle {
                center,
                radius,
                fill,
                stroke,
            } => {
                let c = at(*center);
                if let Some(fill) = fill {
                    out.push(CircleShape::filled(c, *radius, c32(*fill)).into());
                }
                match stroke {
                    Some(s) if s.dash.is_empty() => out.push(CircleShape::stroke(c, *radius, line(s)).into()),
                    Some(s) => {
                        let steps = ((radius * std::f32::consts::TAU / 3.0) as usize).clamp(12, 2_000);
                        let points = (0..steps)
                            .map(|n| {
                                let a = n as f32 / steps as f32 * std::f32::consts::TAU;
                                c + vec2(radius * a.cos(), radius * a.sin())
                            })
                            .collect();
                        outline(&mut out, points, true, s);
                    }
                    None => {}
                }
            }
            Prim::Rect {
                min,
                max,
                radius,
                fill,
                stroke,
            } => {
                let r = Rect::from_min_max(at(*min), at(*max));
                let round =
                    CornerRadius::same(radius.min(r.width().min(r.height()) / 2.0).round().clamp(0.0, 255.0) as u8);
                let solid = stroke.as_ref().filter(|s| s.dash.is_empty()).map_or(Stroke::NONE, line);
                let fill = fill.map_or(Color32::TRANSPARENT, c32);
                if fill != Color32::TRANSPARENT || solid != Stroke::NONE {
                    out.push(RectShape::new(r, round, fill, solid, StrokeKind::Middle).into());
                }
                if let Some(s) = stroke.as_ref().filter(|s| !s.dash.is_empty()) {
                    outline(&mut out, round_rect(r, *radius), true, s);
                }
            }
            Prim::Dots {
                mark,
                half,
                at: all,
                color,
            } => out.push(dots(*mark, *half, all, c32(*color), &at)),
            Prim::Text {
                pos,
                align,
                text,
                size,
                face,
                color,
            } => {
                let galley = ui
                    .painter()
                    .layout_no_wrap(text.clone(), font(*face, *size), c32(*color));
                let p = at(*pos);
                let left = match align {
                    Align::Left => p.x,
                    Align::Center => p.x - galley.size().x / 2.0,
                    Align::Right => p.x - galley.size().x,
                };
                let top = p.y - galley.size().y / 2.0;
                out.push(Shape::galley(egui::pos2(left, top), galley, c32(*color)));
            }
        }
    }
    out
}

fn line(s: &Line) -> Stroke {
    Stroke::new(s.width, c32(s.color))
}

/// Many marks as one mesh: a shape each would cost more than all the rest of a frame.
fn dots(mark: Mark, half: f32, all: &[Pt], color: Color32, at: &impl Fn(Pt) -> Pos2) -> Shape {
    let corners = mark.corners();
    let mut mesh = egui::Mesh::default();
    mesh.vertices.reserve(all.len() * corners.len());
    mesh.indices.reserve(all.len() * (corners.len() - 2) * 3);
    for &c in all {
        let c = at(c);
        let first = mesh.vertices.len() as u32;
        for (x, y) in corners {
            mesh.colored_vertex(c + vec2(x * half, y * half), color);
        }
        for n in 1..corners.len() as u32 - 1 {
            mesh.add_triangle(first, first + n, first + n + 1);
        }
    }
    mesh.into()
}

fn outline(out: &mut Vec<Shape>, mut points: Vec<Pos2>, closed: bool, s: &Line) {
    if points.len() < 2 {
        return;
    }
    if s.dash.is_empty() {
        out.push(if closed {
            Shape::closed_line(points, line(s))
        } else {
            Shape::line(points, line(s))
        });
        return;
    }
    if closed {
        let first = points[0];
        points.push(first);
    }
    let (on, off) = (s.dash[0].max(0.5), s.dash.get(1).copied().unwrap_or(s.dash[0]).max(0.5));
    out.extend(broken_line(&points, line(s), on, off));
}

fn flatten(segs: &[Seg], at: &impl Fn(Pt) -> Pos2) -> (Vec<Pos2>, bool) {
    let mut points: Vec<Pos2> = Vec::new();
    let mut closed = false;
    for seg in segs {
        match *seg {
            Seg::Move(p) | Seg::Line(p) => points.push(at(p)),
            Seg::Cubic(b, c, d) => {
                let Some(&a) = points.last() else { continue };
                let (b, c, d) = (at(b), at(c), at(d));
                let length = (b - a).length() + (c - b).length() + (d - c).length();
                let steps = ((length / 3.0) as usize).clamp(4, 200);
                for n in 1..=steps {
                    let t = n as f32 / steps as f32;
                    let u = 1.0 - t;
                    let p = a.to_vec2() * (u * u * u)
                        + b.to_vec2() * (3.0 * u * u * t)
                        + c.to_vec2() * (3.0 * u * t * t)
                        + d.to_vec2() * (t * t * t);
                    points.push(p.to_pos2());
                }
            }
            Seg::Close => closed = true,
        }
    }
    (points, closed)
}

fn round_rect(r: Rect, radius: f32) -> Vec<Pos2> {
    let k = radius.min(r.width() / 2.0).min(r.height() / 2.0);
    let corners = [
        (r.max.x - k, r.min.y + k, -90.0_f32),
        (r.max.x - k, r.max.y - k, 0.0),
        (r.min.x + k, r.max.y - k, 90.0),
        (r.min.x + k, r.min.y + k, 180.0),
    ];
    let mut points = Vec::with_capacity(20);
    for (x, y, from) in corners {
        for n in 0..=4u8 {
            let a = (from + 22.5 * f32::from(n)).to_radians();
            points.push(egui::pos2(x + k * a.cos(), y + k * a.sin()));
        }
    }
    points
}
