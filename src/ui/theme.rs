//! The look for egui itself: fonts, colours of its own widgets (text fields, menus, sliders, scroll bars), spacing.

use super::kit::{c32, family, font, popup_shadow};
use crate::scene::display::Face;
use crate::scene::fonts;
use crate::scene::style::Theme;
use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, Stroke, Style, TextStyle, Visuals, vec2};
use std::sync::Arc;

/// Gives egui the bundled typefaces. Each is a family of its own; egui's emoji come after Inter, so that more of the
/// world's names have glyphs.
pub fn install_fonts(ctx: &egui::Context) {
    let mut definitions = FontDefinitions::default();
    let fallback: Vec<String> = definitions
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    for face in fonts::FACES {
        let name = format!("{:?}", family(face));
        definitions
            .font_data
            .insert(name.clone(), Arc::new(FontData::from_static(fonts::data(face))));
        let mut chain = vec![name.clone()];
        if !matches!(face, Face::Icon | Face::IconBold | Face::IconFill) {
            chain.extend(fallback.iter().cloned());
        }
        definitions.families.insert(family(face), chain);
        match face {
            Face::Regular => definitions
                .families
                .entry(FontFamily::Proportional)
                .or_default()
                .insert(0, name),
            Face::Mono => definitions
                .families
                .entry(FontFamily::Monospace)
                .or_default()
                .insert(0, name),
            _ => {}
        }
    }
    ctx.set_fonts(definitions);
}

/// Gives egui the colours of a theme, for whichever of its own two themes is in force.
pub fn apply(ctx: &egui::Context, theme: Theme) {
    let style = Arc::new(style(theme));
    for of in [egui::Theme::Dark, egui::Theme::Light] {
        ctx.set_style_of(of, Arc::clone(&style));
    }
}

fn style(theme: Theme) -> Style {
    let t = theme.tokens();
    let mut v = if theme == Theme::Light {
        Visuals::light()
    } else {
        Visuals::dark()
    };
    let extra = theme.extra_stroke();
    v.override_text_color = Some(c32(t.text));
    v.panel_fill = c32(t.panel);
    v.window_fill = c32(t.panel);
    v.window_stroke = Stroke::new(1.0 + extra, c32(t.hairline));
    v.window_corner_radius = CornerRadius::same(10);
    v.menu_corner_radius = CornerRadius::same(8);
    v.window_shadow = popup_shadow(theme);
    v.popup_shadow = popup_shadow(theme);
    v.extreme_bg_color = c32(t.canvas);
    v.text_edit_bg_color = Some(c32(t.canvas));
    v.faint_bg_color = c32(t.band);
    v.code_bg_color = c32(t.raised);
    v.warn_fg_color = c32(t.inherited_text);
    v.error_fg_color = c32(t.compromised_text);
    v.hyperlink_color = c32(t.accent_text);
    v.selection.bg_fill = c32(t.accent_fill);
    v.selection.stroke = Stroke::new(1.0 + extra, c32(t.accent));
    v.slider_trailing_fill = true;
    v.text_cursor.stroke = Stroke::new(2.0, c32(t.accent));
    v.disabled_alpha = 1.0;
    let round = CornerRadius::same(6);
    for (w, fill, border, ink) in [
        (&mut v.widgets.noninteractive, t.panel, t.hairline, t.text2),
        (&mut v.widgets.inactive, t.raised, t.control, t.text),
        (&mut v.widgets.hovered, t.raised, t.text2, t.text),
        (&mut v.widgets.active, t.accent_fill, t.accent, t.text),
        (&mut v.widgets.open, t.raised, t.text2, t.text),
    ] {
        w.bg_fill = c32(fill);
        w.weak_bg_fill = c32(fill);
        w.bg_stroke = Stroke::new(1.0 + extra, c32(border));
        w.fg_stroke = Stroke::new(1.25 + extra, c32(ink));
        w.corner_radius = round;
        w.expansion = 0.0;
    }
    v.window_highlight_topmost = false;
    v.image_loading_spinners = false;

    let mut style = Style {
        visuals: v,
        // Blinking cursors and sliding panels would ask for frames while nothing happens.
        animation_time: 0.0,
        ..Style::default()
    };
    style.visuals.text_cursor.blink = false;
    for (of, face, size) in [
        (TextStyle::Body, Face::Regular, 12.0),
        (TextStyle::Small, Face::Regular, 11.0),
        (TextStyle::Button, Face::Medium, 12.5),
        (TextStyle::Heading, Face::SemiBold, 16.0),
        (TextStyle::Monospace, Face::Mono, 12.0),
    ] {
        style.text_styles.insert(of, font(face, size));
    }
    style.spacing.item_spacing = vec2(8.0, 4.0);
    style.spacing.button_padding = vec2(10.0, 5.0);
    style.spacing.interact_size = vec2(28.0, 28.0);
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.interaction.selectable_labels = false;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style
}

/// Nothing behind the panels.
pub const CLEAR: Color32 = Color32::BLACK;
