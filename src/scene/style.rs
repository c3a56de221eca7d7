//! Every colour and size of the look, and nothing else. Window and exports read the same values.

use super::display::Color;

/// The three themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark.
    #[default]
    Dark,
    /// Light; reports use it unless asked otherwise.
    Light,
    /// High contrast: every stroke is 0.75 wider and every label is backed.
    HighContrast,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::HighContrast];

    /// Its colours.
    #[must_use]
    pub fn tokens(self) -> &'static Tokens {
        match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
            Self::HighContrast => &HIGH_CONTRAST,
        }
    }

    /// What is added to the width of every stroke, in points.
    #[must_use]
    pub fn extra_stroke(self) -> f32 {
        if self == Self::HighContrast { 0.75 } else { 0.0 }
    }

    /// As in the tokens' file: `dark`, `light`, `high_contrast`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high_contrast",
        }
    }
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// The colours of a theme. Red, amber, blue and lilac speak of the estate; teal is only ever the analyst's hand.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Tokens { $($(#[$doc])* pub $name: Color,)+ }

        impl Tokens {
            /// Every colour with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, Color)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

tokens! {
    /// Map and text fields.
    canvas,
    /// Odd ring bands, bubbles.
    band,
    /// Bars, panels, popups.
    panel,
    /// Buttons, selected row, table header.
    raised,
    /// Dividers.
    hairline,
    /// Walls between hops.
    ring,
    /// Borders of fields, buttons, boxes.
    control,
    /// Names and numbers.
    text,
    /// Body text.
    text2,
    /// Captions.
    text3,
    /// The analyst's hand: selection, primary button, scenario.
    accent,
    /// The same, for words.
    accent_text,
    /// Text on `accent`.
    on_accent,
    /// Chips and selected table rows.
    accent_fill,
    /// A gate closed by the scenario.
    sealed,
    /// Keyboard focus.
    focus,
    /// Seeds and the boundary before.
    compromised,
    /// Icon on `compromised`.
    on_compromised,
    /// Banner.
    compromised_fill,
    /// Words.
    compromised_text,
    /// Reached by inheritance; missing checks.
    inherited,
    /// Icon or letter on `inherited`.
    on_inherited,
    /// Banner.
    inherited_fill,
    /// Words.
    inherited_text,
    /// Reached as intended, outline and edge.
    intended,
    /// Words.
    intended_text,
    /// Body.
    intended_fill,
    /// Reached by assumption, outline, edge, words.
    assumed,
    /// Body.
    assumed_fill,
    /// Cut off by the scenario.
    ghost,
    /// Not reached.
    untouched,
    /// Disabled or expired.
    disabled,
    /// The crown, only ever a glyph.
    crown,
    /// A legitimate flow that stops.
    broken,
    /// A gate with every check made, made pips.
    edge,
}

const DARK: Tokens = Tokens {
    canvas: Color::rgb(0x0D1117),
    band: Color::rgb(0x121821),
    panel: Color::rgb(0x151B24),
    raised: Color::rgb(0x1D2531),
    hairline: Color::rgb(0x2A3442),
    ring: Color::rgb(0x303B4A),
    control: Color::rgb(0x6F7B8C),
    text: Color::rgb(0xE9EDF3),
    text2: Color::rgb(0xB0BAC7),
    text3: Color::rgb(0x919CAC),
    accent: Color::rgb(0x3FD9B4),
    accent_text: Color::rgb(0x3FD9B4),
    on_accent: Color::rgb(0x04241C),
    accent_fill: Color::rgb(0x12332F),
    sealed: Color::rgb(0x3FD9B4),
    focus: Color::rgb(0x3FD9B4),
    compromised: Color::rgb(0xF2384A),
    on_compromised: Color::rgb(0xFFFFFF),
    compromised_fill: Color::rgb(0x3A141C),
    compromised_text: Color::rgb(0xFF7480),
    inherited: Color::rgb(0xFFB42E),
    on_inherited: Color::rgb(0x241500),
    inherited_fill: Color::rgb(0x3A2A10),
    inherited_text: Color::rgb(0xFFB42E),
    intended: Color::rgb(0x4A9BF5),
    intended_text: Color::rgb(0x4A9BF5),
    intended_fill: Color::rgb(0x12263F),
    assumed: Color::rgb(0xD9D3FA),
    assumed_fill: Color::rgb(0x23222F),
    ghost: Color::rgb(0x888F99),
    untouched: Color::rgb(0x6C7480),
    disabled: Color::rgb(0x888F99),
    crown: Color::rgb(0xFBEFA8),
    broken: Color::rgb(0xE06AAF),
    edge: Color::rgb(0x7D8897),
};

const LIGHT: Tokens = Tokens {
    canvas: Color::rgb(0xF8F9FB),
    band: Color::rgb(0xF0F3F6),
    panel: Color::rgb(0xFFFFFF),
    raised: Color::rgb(0xEAEEF3),
    hairline: Color::rgb(0xD5DBE3),
    ring: Color::rgb(0xCDD4DD),
    control: Color::rgb(0x76818F),
    text: Color::rgb(0x16202C),
    text2: Color::rgb(0x445060),
    text3: Color::rgb(0x596473),
    accent: Color::rgb(0x00735B),
    accent_text: Color::rgb(0x00735B),
    on_accent: Color::rgb(0xFFFFFF),
    accent_fill: Color::rgb(0xD9F0E9),
    sealed: Color::rgb(0x00735B),
    focus: Color::rgb(0x00735B),
    compromised: Color::rgb(0xBE1420),
    on_compromised: Color::rgb(0xFFFFFF),
    compromised_fill: Color::rgb(0xFBE3E4),
    compromised_text: Color::rgb(0xB3121D),
    inherited: Color::rgb(0xC4760F),
    on_inherited: Color::rgb(0x1C1100),
    inherited_fill: Color::rgb(0xFBEBD3),
    inherited_text: Color::rgb(0x8A4F00),
    intended: Color::rgb(0x1B78D6),
    intended_text: Color::rgb(0x1560AE),
    intended_fill: Color::rgb(0xE0EEFC),
    assumed: Color::rgb(0x4A2796),
    assumed_fill: Color::rgb(0xECE7F8),
    ghost: Color::rgb(0x59606B),
    untouched: Color::rgb(0x818790),
    disabled: Color::rgb(0x59606B),
    crown: Color::rgb(0x3D3200),
    broken: Color::rgb(0xA1336F),
    edge: Color::rgb(0x667180),
};

const HIGH_CONTRAST: Tokens = Tokens {
    canvas: Color::rgb(0x000000),
    band: Color::rgb(0x0B0B0B),
    panel: Color::rgb(0x000000),
    raised: Color::rgb(0x161616),
    hairline: Color::rgb(0x8C8C8C),
    ring: Color::rgb(0x8C8C8C),
    control: Color::rgb(0xFFFFFF),
    text: Color::rgb(0xFFFFFF),
    text2: Color::rgb(0xF0F0F0),
    text3: Color::rgb(0xDADADA),
    accent: Color::rgb(0x19FFCB),
    accent_text: Color::rgb(0x19FFCB),
    on_accent: Color::rgb(0x000000),
    accent_fill: Color::rgb(0x00382C),
    sealed: Color::rgb(0x19FFCB),
    focus: Color::rgb(0x19FFCB),
    compromised: Color::rgb(0xFF3348),
    on_compromised: Color::rgb(0xFFFFFF),
    compromised_fill: Color::rgb(0x4A0A12),
    compromised_text: Color::rgb(0xFF8C96),
    inherited: Color::rgb(0xFFC21A),
    on_inherited: Color::rgb(0x000000),
    inherited_fill: Color::rgb(0x453300),
    inherited_text: Color::rgb(0xFFC21A),
    intended: Color::rgb(0x3FA2FF),
    intended_text: Color::rgb(0x3FA2FF),
    intended_fill: Color::rgb(0x06294A),
    assumed: Color::rgb(0xDDD2FF),
    assumed_fill: Color::rgb(0x2A2738),
    ghost: Color::rgb(0xA3A3A3),
    untouched: Color::rgb(0x767676),
    disabled: Color::rgb(0xA3A3A3),
    crown: Color::rgb(0xFFF1A0),
    broken: Color::rgb(0xFF5CB8),
    edge: Color::rgb(0xC4C4C4),
};
