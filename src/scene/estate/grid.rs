//! A uniform grid over the places of an estate: what is in view, what is under the pointer, and what a cell holds where
//! single records are too small to be seen.

use crate::layout::estate::EstateLayout;

/// About so many records are in a cell that has any.
const IN_CELL: usize = 4;
/// The most cells along a side.
const MOST: usize = 1024;

/// Records by cell.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    min: [f32; 2],
    side: f32,
    /// Cells along each side.
    across: usize,
    down: usize,
    start: Vec<u32>,
    nodes: Vec<u32>,
}

impl Grid {
    /// The grid of a layout.
    #[must_use]
    pub fn new(layout: &EstateLayout) -> Self {
        let (mut min, mut max) = ([f32::MAX; 2], [f32::MIN; 2]);
        for b in &layout.bubbles {
            for (axis, c) in [b.x, b.y].into_iter().enumerate() {
                min[axis] = min[axis].min(c - b.radius);
                max[axis] = max[axis].max(c + b.radius);
            }
        }
        if layout.spots.is_empty() {
            return Self::default();
        }
        let (w, h) = ((max[0] - min[0]).max(1.0), (max[1] - min[1]).max(1.0));
        // Bubbles take about half of the room.
        let cells = (layout.spots.len() * 2 / IN_CELL).max(1) as f32;
        let side = (w * h / cells).sqrt().max(w.max(h) / MOST as f32);
        let (across, down) = ((w / side) as usize + 1, (h / side) as usize + 1);
        let mut out = Self {
            min,
            side,
            across,
            down,
            start: vec![0; across * down + 1],
            nodes: vec![0; layout.spots.len()],
        };
        let cells: Vec<u32> = layout.spots.iter().map(|p| out.cell(p) as u32).collect();
        for &c in &cells {
            out.start[c as usize + 1] += 1;
        }
        for i in 0..across * down {
            out.start[i + 1] += out.start[i];
        }
        let mut next = out.start.clone();
        for (v, &c) in cells.iter().enumerate() {
            let at = &mut next[c as usize];
            out.nodes[*at as usize] = v as u32;
            *at += 1;
        }
        out
    }

    fn cell(&self, p: &[f32; 2]) -> usize {
        let along = |axis: usize, most: usize| {
            (((p[axis] - self.min[axis]) / self.side).max(0.0) as usize).min(most.saturating_sub(1))
        };
        along(1, self.down) * self.across + along(0, self.across)
    }

    /// Length of a cell's side, in points of the layout.
    #[must_use]
    pub fn side(&self) -> f32 {
        self.side
    }

    /// The upper left corner.
    pub(super) fn min(&self) -> [f32; 2] {
        self.min
    }

    /// Cells along each side.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.across, self.down)
    }

    /// The nodes of every cell, by rows.
    pub(super) fn cells(&self, mut each: impl FnMut(&[u32])) {
        for w in self.start.windows(2) {
            each(&self.nodes[w[0] as usize..w[1] as usize]);
        }
    }

    /// The cells that a rectangle touches: first column and row, last column and row.
    pub(super) fn touched(&self, min: [f32; 2], max: [f32; 2]) -> Option<[usize; 4]> {
        if self.across == 0 || self.start.is_empty() || max[0] < self.min[0] || max[1] < self.min[1] {
            return None;
        }
        let at = |v: f32, axis: usize| ((v - self.min[axis]) / self.side).max(0.0) as usize;
        let (x0, y0) = (at(min[0], 0), at(min[1], 1));
        if x0 >= self.across || y0 >= self.down {
            return None;
        }
        Some([
            x0,
            y0,
            at(max[0], 0).min(self.across - 1),
            at(max[1], 1).min(self.down - 1),
        ])
    }

    /// Every node of the cells that a rectangle touches, cell by cell.
    pub fn within(&self, min: [f32; 2], max: [f32; 2], mut each: impl FnMut(&[u32])) {
        let Some([x0, y0, x1, y1]) = self.touched(min, max) else {
            return;
        };
        for y in y0..=y1 {
            let row = y * self.across;
            // The cells of a row lie side by side.
            let (a, b) = (self.start[row + x0] as usize, self.start[row + x1 + 1] as usize);
            each(&self.nodes[a..b]);
        }
    }

    /// How many nodes the cells hold that a rectangle touches.
    #[must_use]
    pub fn count(&self, min: [f32; 2], max: [f32; 2]) -> usize {
        let mut count = 0;
        self.within(min, max, |nodes| count += nodes.len());
        count
    }

    /// The nearest node within a distance.
    #[must_use]
    pub fn nearest(&self, layout: &EstateLayout, at: [f32; 2], within: f32) -> Option<u32> {
        let mut best: Option<(f32, u32)> = None;
        let (min, max) = ([at[0] - within, at[1] - within], [at[0] + within, at[1] + within]);
        self.within(min, max, |nodes| {
            for &v in nodes {
                let p = layout.spots[v as usize];
                let d = (p[0] - at[0]).hypot(p[1] - at[1]);
                if d <= within && best.is_none_or(|b| (d, v) < b) {
                    best = Some((d, v));
                }
            }
        });
        best.map(|b| b.1)
    }
}
