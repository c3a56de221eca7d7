//! What the window remembers between runs. Its own versioned type, read tolerantly (an unknown or odd member is as if
//! left out) and clamped after loading.

use crate::graph::Regime;
use crate::scene::estate::Grouping;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// How many recent sessions are remembered.
const RECENT: usize = 8;

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the system says, dark where it says nothing.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
    /// High contrast.
    HighContrast,
}

impl ThemeChoice {
    /// Every choice, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::System, Self::Dark, Self::Light, Self::HighContrast];

    /// As shown in the menu.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Dark => "Dark",
            Self::Light => "Light",
            Self::HighContrast => "High contrast",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
        }
    }
}

/// How the map is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MapLayout {
    /// Rings by hop around what is compromised.
    #[default]
    Rings,
    /// Columns left to right.
    Layers,
    /// Every record, in bubbles.
    Estate,
}

impl MapLayout {
    /// As written in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rings => "rings",
            Self::Layers => "layers",
            Self::Estate => "estate",
        }
    }

    /// Read from a file's text; rings for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "layers" => Self::Layers,
            "estate" => Self::Estate,
            _ => Self::Rings,
        }
    }

    /// As shown on the switch.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Rings => "Rings",
            Self::Layers => "Layers",
            Self::Estate => "Estate",
        }
    }
}

/// What is remembered. Lengths are in points.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSettings {
    /// Colours.
    pub theme: ThemeChoice,
    /// Layout of the map.
    pub layout: MapLayout,
    /// By what the estate's records are put together.
    pub grouping: Grouping,
    /// No motion.
    pub less_motion: bool,
    /// Regime at the start.
    pub regime: Regime,
    /// Width and height of the window.
    pub size: (f32, f32),
    /// Width of the left panel, where the analyst set one.
    pub left_width: Option<f32>,
    /// Width of the inspector, where the analyst set one.
    pub inspector_width: Option<f32>,
    /// How large everything is, from 1 to 3.
    pub scale: f32,
    /// The tour was taken, or skipped.
    pub toured: bool,
    /// Sessions that were saved or opened, the last one first.
    pub recent: Vec<PathBuf>,
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            layout: MapLayout::Rings,
            grouping: Grouping::Platform,
            less_motion: false,
            regime: Regime::WorstCase,
            size: (1440.0, 900.0),
            left_width: None,
            inspector_width: None,
            scale: 1.0,
            toured: false,
            recent: Vec::new(),
        }
    }
}

impl WindowSettings {
    /// Reads what was remembered; whatever is odd is as if left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let empty = Map::new();
        let o = value.as_object().unwrap_or(&empty);
        let text_of = |k: &str| o.get(k).and_then(Value::as_str).unwrap_or_default();
        let number = |k: &str, least: f64, most: f64| {
            o.get(k)
                .and_then(Value::as_f64)
                .filter(|n| n.is_finite())
                .map(|n| n.clamp(least, most) as f32)
        };
        let default = Self::default();
        Self {
            theme: ThemeChoice::ALL
                .into_iter()
                .find(|t| t.as_str() == text_of("theme"))
                .unwrap_or_default(),
            layout: MapLayout::parse(text_of("layout")),
            grouping: Grouping::ALL
                .into_iter()
                .find(|g| g.as_str() == text_of("grouping"))
                .unwrap_or_default(),
            less_motion: o.get("less_motion").and_then(Value::as_bool).unwrap_or(false),
            regime: Regime::parse(text_of("regime")).unwrap_or_default(),
            size: (
                number("width", 640.0, 8192.0).unwrap_or(default.size.0),
                number("height", 480.0, 8192.0).unwrap_or(default.size.1),
            ),
            left_width: number("left_width", 180.0, 420.0),
            inspector_width: number("inspector_width", 280.0, 560.0),
            scale: number("scale", 1.0, 3.0).unwrap_or(1.0),
            toured: o.get("toured").and_then(Value::as_bool).unwrap_or(false),
            recent: o
                .get("recent")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(PathBuf::from)
                .take(RECENT)
                .collect(),
        }
    }

    /// Puts a session first among the recent ones.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|p| p != path);
        self.recent.insert(0, path.to_path_buf());
        self.recent.truncate(RECENT);
    }

    /// As it is written.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut value = json!({
            "format": "trustmap-window", "version": 1,
            "theme": self.theme.as_str(),
            "layout": self.layout.as_str(),
            "grouping": self.grouping.as_str(),
            "less_motion": self.less_motion, "regime": self.regime.as_str(),
            "scale": self.scale, "toured": self.toured,
            "recent": self.recent.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>(),
            "width": self.size.0, "height": self.size.1,
        });
        for (key, width) in [
            ("left_width", self.left_width),
            ("inspector_width", self.inspector_width),
        ] {
            if let Some(w) = width {
                value[key] = json!(w);
            }
        }
        format!("{value:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_written() {
        let s = WindowSettings {
            theme: ThemeChoice::HighContrast,
            layout: MapLayout::Estate,
            grouping: Grouping::Owner,
            less_motion: true,
            regime: Regime::BestCase,
            size: (1280.0, 800.0),
            left_width: Some(200.0),
            inspector_width: None,
            scale: 1.5,
            toured: true,
            recent: vec!["/data/b.session.json".into(), "/data/a.session.json".into()],
        };
        assert_eq!(WindowSettings::parse(&s.to_json()), s);
    }

    #[test]
    fn odd_settings_are_as_if_left_out_and_numbers_are_held_within_bounds() {
        for odd in ["", "[]", "{", r#"{"theme": 3, "width": "wide", "regime": "hope"}"#] {
            assert_eq!(WindowSettings::parse(odd), WindowSettings::default(), "{odd}");
        }
        let s = WindowSettings::parse(r#"{"width": 9e9, "left_width": 1, "future": {}}"#);
        assert_eq!((s.size.0, s.left_width), (8192.0, Some(180.0)));
    }
}
