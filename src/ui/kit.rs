//! The drawing kit of the panels: texts, icons, buttons, check boxes in the look of the design. Every widget gets an
//! accessible name, and an id from what it stands for, never from its label or row.

use crate::scene::display::{Color, Face};
use crate::scene::fonts;
use crate::scene::style::{Theme, Tokens};
use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Id, Key, Painter, Pos2, Rect, Response, Sense, Shape, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

/// The colours in force.
#[derive(Clone, Copy)]
pub struct Look {
    /// Which theme.
    pub theme: Theme,
    /// Its colours.
    pub t: &'static Tokens,
}

impl Look {
    /// The look of a theme.
    #[must_use]
    pub fn new(theme: Theme) -> Self {
        Self {
            theme,
            t: theme.tokens(),
        }
    }

    /// A stroke, wider where the theme asks for it.
    #[must_use]
    pub fn stroke(&self, width: f32, color: Color) -> Stroke {
        Stroke::new(width + self.theme.extra_stroke(), c32(color))
    }

    /// A divider.
    #[must_use]
    pub fn hairline(&self) -> Stroke {
        Stroke::new(1.0, c32(self.t.hairline))
    }
}

/// A colour of the look as egui's.
#[must_use]
pub fn c32(c: Color) -> Color32 {
    Color32::from_rgba_unmultiplied(c.r, c.g, c.b, c.a)
}

/// The name of a face among egui's families.
#[must_use]
pub fn family(face: Face) -> FontFamily {
    FontFamily::Name(
        match face {
            Face::Regular => "inter",
            Face::Medium => "inter-medium",
            Face::SemiBold => "inter-semibold",
            Face::Bold => "inter-bold",
            Face::Mono => "mono",
            Face::Icon => "icon",
            Face::IconBold => "icon-bold",
            Face::IconFill => "icon-fill",
        }
        .into(),
    )
}

/// A face at a size in points.
#[must_use]
pub fn font(face: Face, size: f32) -> FontId {
    FontId::new(size, family(face))
}

/// How wide a text is.
#[must_use]
pub fn width(face: Face, size: f32, text: &str) -> f32 {
    fonts::text_width(face, size, text)
}

/// A line of text whose vertical middle is at `pos`; gives its width.
pub fn text(p: &Painter, pos: Pos2, anchor: Align2, text: &str, size: f32, face: Face, color: Color) -> f32 {
    p.text(pos, anchor, text, font(face, size), c32(color)).width()
}

/// From the left.
pub fn left(p: &Painter, x: f32, y: f32, s: &str, size: f32, face: Face, color: Color) -> f32 {
    text(p, pos2(x, y), Align2::LEFT_CENTER, s, size, face, color)
}

/// Up to the right.
pub fn right(p: &Painter, x: f32, y: f32, s: &str, size: f32, face: Face, color: Color) -> f32 {
    text(p, pos2(x, y), Align2::RIGHT_CENTER, s, size, face, color)
}

/// Around the middle.
pub fn center(p: &Painter, x: f32, y: f32, s: &str, size: f32, face: Face, color: Color) -> f32 {
    text(p, pos2(x, y), Align2::CENTER_CENTER, s, size, face, color)
}

/// From the left, cut to a width with `…`; gives its width.
#[expect(clippy::too_many_arguments, reason = "as `left`, and the width")]
pub fn left_cut(p: &Painter, x: f32, y: f32, s: &str, size: f32, face: Face, color: Color, most: f32) -> f32 {
    left(p, x, y, &fonts::elide(face, size, s, most), size, face, color)
}

/// A text struck through, from the left; gives its width.
pub fn left_struck(p: &Painter, x: f32, y: f32, s: &str, size: f32, face: Face, color: Color) -> f32 {
    let w = left(p, x, y, s, size, face, color);
    p.hline(x..=x + w, y, Stroke::new((size / 14.0).max(1.0), c32(color)));
    w
}

/// A glyph of an icon face around its middle.
pub fn icon(p: &Painter, x: f32, y: f32, glyph: char, size: f32, face: Face, color: Color) {
    let mut buffer = [0; 4];
    // The crown sits high in its box.
    let y = if glyph == crate::scene::icons::CROWN_SIMPLE {
        y + size * 0.047 + 0.5
    } else {
        y
    };
    p.text(
        pos2(x, y),
        Align2::CENTER_CENTER,
        glyph.encode_utf8(&mut buffer),
        font(face, size),
        c32(color),
    );
}

/// A rectangle with round corners.
pub fn rect(p: &Painter, r: Rect, radius: f32, fill: Option<Color>, stroke: Stroke) {
    p.rect(
        r,
        CornerRadius::same(radius.round() as u8),
        fill.map_or(Color32::TRANSPARENT, c32),
        stroke,
        StrokeKind::Inside,
    );
}

/// A dashed outline with round corners, drawn inside the rectangle.
pub fn dashed_rect(p: &Painter, r: Rect, radius: f32, stroke: Stroke, dash: f32, gap: f32) {
    let r = r.shrink(stroke.width / 2.0);
    let corner = |cx: f32, cy: f32, from: f32| {
        (0..=4).map(move |i| {
            let a = (from + 22.5 * i as f32).to_radians();
            pos2(cx + radius * a.cos(), cy + radius * a.sin())
        })
    };
    let mut path: Vec<Pos2> = corner(r.max.x - radius, r.min.y + radius, -90.0)
        .chain(corner(r.max.x - radius, r.max.y - radius, 0.0))
        .chain(corner(r.min.x + radius, r.max.y - radius, 90.0))
        .chain(corner(r.min.x + radius, r.min.y + radius, 180.0))
        .collect();
    path.push(path[0]);
    p.extend(broken_line(&path, stroke, dash, gap));
}

/// A dashed line; very short dashes become dots, since a line's ends are rounded to pixels and dots are not.
#[must_use]
pub fn broken_line(path: &[Pos2], stroke: Stroke, dash: f32, gap: f32) -> Vec<Shape> {
    if dash < 2.0 {
        let radius = (stroke.width * 0.5).max(0.55);
        Shape::dotted_line(path, stroke.color, dash + gap, radius)
    } else {
        Shape::dashed_line(path, stroke, dash, gap)
    }
}

/// Makes what was painted in `r` known as a text to screen readers and tests.
pub fn name_text(ui: &Ui, id: Id, r: Rect, label: &str) -> Response {
    let response = ui.interact(r, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, label));
    response
}

/// Something that can be clicked, with its name; draws the focus outline.
pub fn clickable(ui: &Ui, look: &Look, id: Id, r: Rect, label: &str, enabled: bool) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(r, id, sense);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, label));
    focus_ring(ui, look, &response, 6.0);
    if enabled {
        response.on_hover_cursor(egui::CursorIcon::PointingHand)
    } else {
        response
    }
}

/// The outline of what has the keyboard.
pub fn focus_ring(ui: &Ui, look: &Look, response: &Response, radius: f32) {
    if response.has_focus() {
        let r = response.rect.expand(1.5);
        dashed_rect(ui.painter(), r, radius, look.stroke(2.0, look.t.focus), 4.0, 3.0);
    }
}

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The one that is meant.
    Primary,
    /// With a border.
    Normal,
    /// Words only.
    Quiet,
}

/// A button in `r`.
#[expect(
    clippy::too_many_arguments,
    reason = "a button has a place, words, an icon and a look"
)]
pub fn button(
    ui: &Ui,
    look: &Look,
    id: Id,
    r: Rect,
    label: &str,
    glyph: Option<char>,
    kind: Kind,
    enabled: bool,
) -> Response {
    let response = clickable(ui, look, id, r, label, enabled);
    let t = look.t;
    let p = ui.painter();
    let down = response.is_pointer_button_down_on();
    let hovered = enabled && (response.hovered() || response.has_focus());
    let (fill, stroke, color) = match kind {
        Kind::Primary if enabled => (Some(t.accent), Stroke::NONE, t.on_accent),
        Kind::Quiet => (
            hovered.then_some(t.raised),
            Stroke::NONE,
            if enabled { t.text } else { t.text3 },
        ),
        _ => (
            Some(if down { t.band } else { t.raised }),
            look.stroke(1.0, if hovered { t.text2 } else { t.control }),
            if enabled { t.text } else { t.text3 },
        ),
    };
    rect(p, r, 6.0, fill, stroke);
    if kind == Kind::Primary && hovered {
        rect(p, r, 6.0, None, look.stroke(1.5, t.text));
    }
    let w = width(Face::Medium, 12.5, label);
    let glyph_width = if glyph.is_some() { 18.0 } else { 0.0 };
    let mut x = r.center().x - (w + glyph_width) / 2.0;
    if let Some(g) = glyph {
        icon(p, x + 7.0, r.center().y, g, 14.0, Face::Icon, color);
        x += glyph_width;
    }
    left(p, x, r.center().y, label, 12.5, Face::Medium, color);
    response
}

/// How wide a button is.
#[must_use]
pub fn button_width(label: &str, glyph: bool) -> f32 {
    width(Face::Medium, 12.5, label) + 20.0 + if glyph { 18.0 } else { 0.0 }
}

/// A button that is an icon.
#[expect(clippy::too_many_arguments, reason = "as `button`")]
pub fn icon_button(
    ui: &Ui,
    look: &Look,
    id: Id,
    center: Pos2,
    glyph: char,
    size: f32,
    label: &str,
    enabled: bool,
) -> Response {
    let r = Rect::from_center_size(center, Vec2::splat((size + 10.0).max(24.0)));
    let response = clickable(ui, look, id, r, label, enabled);
    if enabled && response.hovered() {
        rect(ui.painter(), r, 6.0, Some(look.t.raised), Stroke::NONE);
    }
    let color = if enabled { look.t.text2 } else { look.t.text3 };
    icon(ui.painter(), center.x, center.y, glyph, size, Face::Icon, color);
    response.on_hover_text(label)
}

/// A check box with its mark only; the row around it may be what is clicked.
pub fn paint_check(p: &Painter, look: &Look, r: Rect, on: bool) {
    let t = look.t;
    rect(
        p,
        r,
        4.0,
        on.then_some(t.accent),
        look.stroke(1.25, if on { t.accent } else { t.control }),
    );
    if on {
        icon(
            p,
            r.center().x,
            r.center().y,
            crate::scene::icons::CHECK,
            10.0,
            Face::IconBold,
            t.on_accent,
        );
    }
}

/// A row with a check box: the whole row is the target.
pub fn check_row(ui: &Ui, look: &Look, id: Id, r: Rect, on: bool, label: &str) -> Response {
    let response = ui.interact(r, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, on, label));
    focus_ring(ui, look, &response, 4.0);
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// One part of a button in several parts, of which one is on; true where it was chosen.
pub fn segment(ui: &Ui, look: &Look, id: Id, cell: Rect, label: &str, on: bool) -> bool {
    let t = look.t;
    let response = ui.interact(cell, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, on, label));
    focus_ring(ui, look, &response, 6.0);
    let p = ui.painter();
    if on {
        rect(p, cell.shrink(2.0), 4.0, Some(t.raised), Stroke::NONE);
    }
    let (face, ink) = match (on, response.hovered()) {
        (true, _) => (Face::SemiBold, t.text),
        (false, true) => (Face::Regular, t.text),
        (false, false) => (Face::Regular, t.text2),
    };
    center(p, cell.center().x, cell.center().y, label, 12.0, face, ink);
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}

/// A small frame around a key's name; gives its width.
pub fn keycap(p: &Painter, look: &Look, x: f32, y: f32, key: &str) -> f32 {
    let w = width(Face::Medium, 10.5, key) + 10.0;
    let r = Rect::from_min_size(pos2(x, y - 8.5), vec2(w, 17.0));
    rect(p, r, 4.0, None, look.stroke(1.0, look.t.control));
    center(p, r.center().x, y, key, 10.5, Face::Medium, look.t.text3);
    w
}

/// A text wrapped to a width, from its upper left corner; gives its height.
pub fn paragraph(p: &Painter, pos: Pos2, s: &str, size: f32, face: Face, color: Color, wrap: f32) -> f32 {
    let galley = p.layout(s.to_owned(), font(face, size), c32(color), wrap);
    let height = galley.size().y;
    p.galley(pos, galley, c32(color));
    height
}

/// Whether Escape was pressed and nothing has taken it yet.
#[must_use]
pub fn escape_pressed(ui: &Ui) -> bool {
    ui.input(|i| i.key_pressed(Key::Escape))
}

/// A place to lay things out in by hand: a child clipped to `r`.
pub fn place<R>(ui: &mut Ui, salt: &str, r: Rect, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(egui::UiBuilder::new().id_salt(salt).max_rect(r), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(r));
        add(ui)
    })
    .inner
}

/// A popup's frame.
pub fn popup_frame(look: &Look) -> egui::Frame {
    egui::Frame::new()
        .fill(c32(look.t.panel))
        .stroke(look.stroke(1.0, look.t.hairline))
        .corner_radius(8.0)
        .inner_margin(6.0)
        .shadow(popup_shadow(look.theme))
}

/// The popup's shadow, the only one there is.
#[must_use]
pub fn popup_shadow(theme: Theme) -> egui::Shadow {
    let alpha = match theme {
        Theme::Dark => 89,
        Theme::Light => 36,
        Theme::HighContrast => 0,
    };
    egui::Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(alpha),
    }
}
