//! The display list: what is drawn, in screen points, back to front.

/// A colour, sRGB, not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity, 255 is opaque.
    pub a: u8,
}

impl Color {
    /// An opaque colour from `0xRRGGBB`.
    #[must_use]
    pub const fn rgb(hex: u32) -> Self {
        Self {
            r: (hex >> 16) as u8,
            g: (hex >> 8) as u8,
            b: hex as u8,
            a: 255,
        }
    }

    /// The same colour at an opacity from 0 to 1.
    #[must_use]
    pub fn with_opacity(self, opacity: f32) -> Self {
        Self {
            a: (f32::from(self.a) * opacity.clamp(0.0, 1.0)).round() as u8,
            ..self
        }
    }
}

/// A point in screen points; x to the right, y down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pt {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// A point.
#[must_use]
pub const fn pt(x: f32, y: f32) -> Pt {
    Pt { x, y }
}

/// A line: width and dashes in screen points.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Width.
    pub width: f32,
    /// Colour.
    pub color: Color,
    /// Dash and gap lengths by turns; empty is solid.
    pub dash: Vec<f32>,
    /// Round line ends (a dash of length near 0 becomes a dot).
    pub round: bool,
}

/// A piece of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seg {
    /// Start here.
    Move(Pt),
    /// Straight to here.
    Line(Pt),
    /// Cubic curve by two controls to here.
    Cubic(Pt, Pt, Pt),
    /// Back to the start.
    Close,
}

/// Which of the bundled typefaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Face {
    /// Inter Regular.
    Regular,
    /// Inter Medium.
    Medium,
    /// Inter SemiBold.
    SemiBold,
    /// Inter Bold.
    Bold,
    /// JetBrains Mono Regular.
    Mono,
    /// Phosphor icons, regular.
    Icon,
    /// Phosphor icons, bold.
    IconBold,
    /// Phosphor icons, fill.
    IconFill,
}

/// Where a text stands relative to its point, left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Align {
    /// The point is its left end.
    Left,
    /// The point is its middle.
    Center,
    /// The point is its right end.
    Right,
}

/// The shape of a small mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// A square.
    Square,
    /// A disc.
    Round,
    /// A diamond.
    Diamond,
}

impl Mark {
    /// Its corners around the middle, for a half width of 1.
    #[must_use]
    pub fn corners(self) -> &'static [(f32, f32)] {
        const H: f32 = std::f32::consts::FRAC_1_SQRT_2;
        match self {
            Self::Square => &[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)],
            Self::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
            Self::Round => &[
                (0.0, -1.0),
                (H, -H),
                (1.0, 0.0),
                (H, H),
                (0.0, 1.0),
                (-H, H),
                (-1.0, 0.0),
                (-H, -H),
            ],
        }
    }
}

impl Prim {
    /// Leaves so much of its opacity, from 0 to 1.
    pub fn fade(&mut self, share: f32) {
        let thin = |c: &mut Color| *c = c.with_opacity(share);
        match self {
            Self::Path { fill, stroke, .. } | Self::Circle { fill, stroke, .. } | Self::Rect { fill, stroke, .. } => {
                fill.iter_mut().for_each(thin);
                stroke.iter_mut().for_each(|s| thin(&mut s.color));
            }
            Self::Dots { color, .. } | Self::Text { color, .. } => thin(color),
        }
    }
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Prim {
    /// A path, filled, stroked or both.
    Path {
        /// Its pieces.
        segs: Vec<Seg>,
        /// Fill.
        fill: Option<Color>,
        /// Stroke.
        stroke: Option<Stroke>,
    },
    /// A circle.
    Circle {
        /// Middle.
        center: Pt,
        /// Radius.
        radius: f32,
        /// Fill.
        fill: Option<Color>,
        /// Stroke.
        stroke: Option<Stroke>,
    },
    /// A rectangle with round corners.
    Rect {
        /// Upper left corner.
        min: Pt,
        /// Lower right corner.
        max: Pt,
        /// Corner radius.
        radius: f32,
        /// Fill.
        fill: Option<Color>,
        /// Stroke.
        stroke: Option<Stroke>,
    },
    /// Many small marks of one look, painted without an outline.
    Dots {
        /// Their shape.
        mark: Mark,
        /// Half their width.
        half: f32,
        /// Their middles.
        at: Vec<Pt>,
        /// Colour.
        color: Color,
    },
    /// A line of text; `pos.y` is its vertical middle (half way between cap height and baseline).
    Text {
        /// Where.
        pos: Pt,
        /// Which side of it.
        align: Align,
        /// What.
        text: String,
        /// Font size.
        size: f32,
        /// Typeface.
        face: Face,
        /// Colour.
        color: Color,
    },
}

/// What an item belongs to, for hit tests and for the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// Nothing: bands, walls, legend, meter.
    Chrome,
    /// The node at this position of the map's nodes.
    Node(u32),
    /// The edge to the node at this position.
    Edge(u32),
    /// The gate of the node at this position.
    Gate(u32),
    /// The label of the node at this position.
    Label(u32),
    /// A wedge of folded nodes.
    Wedge(u32),
    /// A cluster on the shelf.
    Shelf(u32),
    /// A bubble of the estate.
    Bubble(u32),
    /// A bundle between two bubbles of the estate.
    Bundle(u32),
}

/// A group of things drawn together.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Whose they are.
    pub owner: Owner,
    /// What is drawn, back to front.
    pub prims: Vec<Prim>,
}

/// A whole picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DisplayList {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// What is drawn, back to front.
    pub items: Vec<Item>,
}
