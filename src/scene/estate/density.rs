//! What cells hold by state, from the grid's own cells to coarser ones: drawn where records are too small to be seen.

use super::grid::Grid;
use crate::scene::State;

/// Counts of one cell: untouched, intended, inherited, assumed, cut off, compromised.
pub type Cell = [u16; 6];

/// Where a state is counted.
pub(super) fn slot(state: State) -> usize {
    match state {
        State::Untouched | State::Disabled => 0,
        State::Intended => 1,
        State::Inherited => 2,
        State::Assumed => 3,
        State::Ghost => 4,
        State::Compromised => 5,
    }
}

struct Level {
    across: usize,
    cells: Vec<Cell>,
}

/// A pyramid of cells, each level half as fine as the one before.
#[derive(Default)]
pub struct Density {
    levels: Vec<Level>,
}

impl std::fmt::Debug for Density {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Density({} levels)", self.levels.len())
    }
}

impl Density {
    /// Counts states by cell.
    #[must_use]
    pub fn new(grid: &Grid, states: &[State]) -> Self {
        let (mut across, mut down) = grid.size();
        let mut cells: Vec<Cell> = Vec::with_capacity(across * down);
        grid.cells(|nodes| {
            let mut cell = Cell::default();
            for &v in nodes {
                let n = &mut cell[slot(states[v as usize])];
                *n = n.saturating_add(1);
            }
            cells.push(cell);
        });
        let mut levels = vec![Level { across, cells }];
        while across > 1 || down > 1 {
            let (a, d) = (across.div_ceil(2), down.div_ceil(2));
            let finer = &levels[levels.len() - 1];
            let mut cells = vec![Cell::default(); a * d];
            for (i, cell) in finer.cells.iter().enumerate() {
                let into = &mut cells[(i / across / 2) * a + (i % across) / 2];
                for (sum, n) in into.iter_mut().zip(cell) {
                    *sum = sum.saturating_add(*n);
                }
            }
            levels.push(Level { across: a, cells });
            (across, down) = (a, d);
        }
        Self { levels }
    }

    /// Every cell with a record in a rectangle of the layout, at the level where a cell is at least `least` points of
    /// the layout wide: its middle, its side, its counts.
    pub fn within(
        &self,
        grid: &Grid,
        min: [f32; 2],
        max: [f32; 2],
        least: f32,
        mut each: impl FnMut([f32; 2], f32, &Cell),
    ) {
        let mut level = 0;
        let mut side = grid.side();
        while side < least && level + 1 < self.levels.len() {
            level += 1;
            side *= 2.0;
        }
        let Some(l) = self.levels.get(level) else { return };
        let Some([x0, y0, x1, y1]) = grid.touched(min, max) else {
            return;
        };
        let origin = grid.min();
        for y in y0 >> level..=y1 >> level {
            for x in x0 >> level..=x1 >> level {
                let cell = &l.cells[y * l.across + x];
                if cell.iter().any(|&n| n > 0) {
                    let middle = [origin[0] + (x as f32 + 0.5) * side, origin[1] + (y as f32 + 0.5) * side];
                    each(middle, side, cell);
                }
            }
        }
    }
}
