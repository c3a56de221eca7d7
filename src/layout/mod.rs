//! A request to positions. Pure geometry: it knows hops, parents and names, but nothing of what the analysis found or
//! of windows. Equal requests give equal positions; a scenario is no part of a request, so a what-if moves nothing.

mod around;
pub mod estate;
mod labels;
mod layers;
mod rings;
mod tree;

pub use labels::{Label, ROOM};
pub use layers::layers;
pub(crate) use rings::curve as ring_curve;
pub use rings::rings;

/// From this zoom there is room for more names.
pub const NEAR: f32 = 1.8;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The nodes; parents stand before their children.
    pub nodes: Vec<RequestNode>,
    /// Width of the place for the map, in points, the shelf at its bottom left out.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

/// One node of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestNode {
    /// Decides among equals.
    pub id: String,
    /// What is written beside it.
    pub label: String,
    /// Hops from the seeds.
    pub hops: u32,
    /// A system (on the wall's far side) or something gained there (credential, identity, context).
    pub system: bool,
    /// 0 for credentials, 1 for identities and contexts, 2 for systems: the column within a hop.
    pub column: u8,
    /// What it is reached from, by position in the list; `None` for a seed.
    pub parent: Option<u32>,
    /// The cluster it belongs to.
    pub cluster: String,
    /// Crown jewels, seeds and the like are kept and named first; larger is kept longer.
    pub priority: u32,
    /// A crown jewel: it wears a crown above and its name is semibold.
    pub crown: bool,
}

/// Where a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spot {
    /// From the middle to the right, in points at zoom 1.
    pub x: f32,
    /// From the middle down.
    pub y: f32,
    /// Distance from the middle; in layers, the x of its column.
    pub radius: f32,
    /// Degrees clockwise from the top.
    pub angle: f32,
    /// Folded into the wedge of this number; then x and y are the wedge's.
    pub wedge: Option<u32>,
}

impl Spot {
    /// Where a crown has to stand aside, because a node's gate is right above it: -1 for its left, 1 for its right.
    #[must_use]
    pub fn crown_aside(&self, kind: Kind) -> Option<f32> {
        let from_below = (self.angle.rem_euclid(360.0) - 180.0).abs();
        (kind == Kind::Rings && self.radius > 1.0 && from_below < 35.0).then(|| {
            if self.angle.rem_euclid(360.0) <= 180.0 {
                1.0
            } else {
                -1.0
            }
        })
    }
}

/// A part of the circle, or a heading of a column, for one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Sector {
    /// Its name.
    pub name: String,
    /// Where it starts, degrees clockwise from the top.
    pub from: f32,
    /// Where it ends; may be beyond 360.
    pub to: f32,
}

/// Nodes that found no place of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Wedge {
    /// The nodes, by position in the request.
    pub nodes: Vec<u32>,
    /// Distance of its middle line from the middle.
    pub radius: f32,
    /// Where it starts, degrees.
    pub from: f32,
    /// Where it ends, degrees.
    pub to: f32,
}

/// Which layout it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rings by hop.
    #[default]
    Rings,
    /// Columns by hop.
    Layers,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Which layout it is.
    pub kind: Kind,
    /// The request's nodes, in its order.
    pub spots: Vec<Spot>,
    /// Names beside nodes, in the request's order; `None` where a name found no place.
    pub labels: Vec<Option<Label>>,
    /// The same from a zoom of [`NEAR`]: names that have a place above keep it, others may have found one.
    pub near_labels: Vec<Option<Label>>,
    /// Rings: radii of the walls, from the inner one outward, then the boundary. Layers: x of each wall, then of the
    /// right edge.
    pub walls: Vec<f32>,
    /// Sectors, by start.
    pub sectors: Vec<Sector>,
    /// Wedges.
    pub wedges: Vec<Wedge>,
    /// Scale against the mocks: 1 where the boundary has a radius of 323 points.
    pub scale: f32,
    /// Size of glyphs against the mocks: smaller where bands are narrow.
    pub glyph: f32,
    /// Rings: the angle of the spoke on which the hop names stand. Layers: how far the rows stand below the middle.
    pub spoke: f32,
    /// Half the width and height that the layout needs.
    pub half: (f32, f32),
}

/// A point at a distance and an angle (degrees clockwise from the top) from the middle.
#[must_use]
pub fn polar(radius: f32, angle: f32) -> (f32, f32) {
    let a = (angle - 90.0).to_radians();
    (radius * a.cos(), radius * a.sin())
}

impl Layout {
    /// The index of the wall that a system reached in this many hops stands behind.
    #[must_use]
    pub fn wall(&self, hops: u32) -> Option<f32> {
        let bands = self.walls.len().saturating_sub(1);
        if hops == 0 || bands == 0 {
            return None;
        }
        self.walls.get((hops as usize).min(bands) - 1).copied()
    }
}
