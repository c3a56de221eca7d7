//! Where bubbles stand: drawn together by what passes between them, apart so that two lines of a name fit between.

/// The most points between two rims: room for two lines of a name.
const GAP: f32 = 54.0;
/// Half the height of the mocks' map: estates that need less are shown larger, and need less room between rims.
const ROOM: f32 = 330.0;
/// The smallest bubble.
const LEAST: f32 = 14.0;
/// A place for bubbles is wider than high, as a map is.
const ASPECT: f32 = 1.2;

/// The radius of a bubble of so many records, in points.
pub(super) fn radius(records: usize) -> f32 {
    (6.8 * (records as f32 / 100.0).sqrt()).max(LEAST)
}

/// Points between two rims, at scale 1.
fn gap_of(radii: &[f32]) -> f32 {
    let mean = radii.iter().sum::<f32>() / radii.len().max(1) as f32;
    let mut gap = GAP;
    for _ in 0..4 {
        let reach = 1.15 * radii.iter().map(|r| (r + gap / 2.0).powi(2)).sum::<f32>().sqrt();
        gap = (GAP * reach / ROOM).clamp(8.0, GAP.min(8.0 + 0.9 * mean));
    }
    gap
}

/// Places of bubbles: `ties` are pairs with the number of edges between them, `old` where each was.
pub(super) fn arrange(radii: &[f32], ties: &[(u32, u32, u32)], old: &[Option<[f32; 2]>]) -> Vec<[f32; 2]> {
    let n = radii.len();
    if n == 1 {
        return vec![[0.0, 0.0]];
    }
    let gap = gap_of(radii);
    let area: f32 = radii.iter().map(|r| (r + gap / 2.0).powi(2)).sum();
    let reach = area.sqrt();
    // Large ones start in the middle.
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.sort_by(|&a, &b| radii[b as usize].total_cmp(&radii[a as usize]).then(a.cmp(&b)));
    let mut at = vec![[0.0_f32; 2]; n];
    for (i, &v) in order.iter().enumerate() {
        let p = super::within::sunflower(i, n);
        at[v as usize] = [p[0] * reach, p[1] * reach];
    }
    let known = old.iter().filter(|o| o.is_some()).count();
    for (v, o) in old.iter().enumerate() {
        if let Some(p) = o {
            at[v] = *p;
        }
    }
    let strength: Vec<(usize, usize, f32)> = ties
        .iter()
        .map(|&(a, b, edges)| (a as usize, b as usize, (1.0 + edges as f32).ln()))
        .collect();
    let total: f32 = strength.iter().map(|s| s.2).sum::<f32>().max(1.0);
    let rounds = if known * 2 > n { 0 } else { 300 };
    let mut force = vec![[0.0_f32; 2]; n];
    for round in 0..rounds {
        let cool = 1.0 - round as f32 / rounds as f32;
        force.fill([0.0, 0.0]);
        for a in 0..n {
            for b in a + 1..n {
                let (dx, dy) = (at[a][0] - at[b][0], at[a][1] - at[b][1]);
                let d2 = (dx * dx + dy * dy).max(1.0);
                let ideal = radii[a] + radii[b] + gap;
                let push = ideal * ideal / d2 * 0.5 / d2.sqrt();
                for (axis, d) in [dx, dy].into_iter().enumerate() {
                    force[a][axis] += d * push;
                    force[b][axis] -= d * push;
                }
            }
        }
        for &(a, b, s) in &strength {
            let (dx, dy) = (at[a][0] - at[b][0], at[a][1] - at[b][1]);
            let d = (dx * dx + dy * dy).sqrt().max(1.0);
            let ideal = radii[a] + radii[b] + gap;
            let draw = (d - ideal).max(0.0) / d * (s / total * n as f32).min(1.0) / ideal * 0.5;
            for (axis, d) in [dx, dy].into_iter().enumerate() {
                force[a][axis] -= d * draw;
                force[b][axis] += d * draw;
            }
        }
        for v in 0..n {
            let f = [
                force[v][0] - at[v][0] / (reach * ASPECT) * 0.6,
                force[v][1] - at[v][1] * ASPECT / reach * 0.6,
            ];
            let length = (f[0] * f[0] + f[1] * f[1]).sqrt();
            let far = length.min(1.0) * reach * 0.08 * cool / length.max(1e-9);
            at[v] = [at[v][0] + f[0] * far, at[v][1] + f[1] * far];
        }
    }
    if known * 2 <= n {
        together(radii, gap, &mut at);
    }
    apart(radii, gap, &mut at, 400);
    at
}

/// Pushes bubbles that touch apart, at most so often.
fn apart(radii: &[f32], gap: f32, at: &mut [[f32; 2]], rounds: usize) {
    let n = radii.len();
    for _ in 0..rounds {
        let mut touching = false;
        for a in 0..n {
            for b in a + 1..n {
                let (dx, dy) = (at[b][0] - at[a][0], at[b][1] - at[a][1]);
                let d = (dx * dx + dy * dy).sqrt();
                let over = radii[a] + radii[b] + gap - d;
                if over <= 0.01 {
                    continue;
                }
                touching = true;
                // Two at the same place part along a fixed direction; the larger one moves less.
                let (ux, uy) = if d > 1e-3 { (dx / d, dy / d) } else { (1.0, 0.0) };
                let (wa, wb) = (radii[a] * radii[a], radii[b] * radii[b]);
                let (ma, mb) = (over * wb / (wa + wb), over * wa / (wa + wb));
                at[a] = [at[a][0] - ux * ma, at[a][1] - uy * ma];
                at[b] = [at[b][0] + ux * mb, at[b][1] + uy * mb];
            }
        }
        if !touching {
            break;
        }
    }
}

/// Draws all bubbles to the middle, a little at a time, and apart again: they end as close as they can stand.
fn together(radii: &[f32], gap: f32, at: &mut [[f32; 2]]) {
    let weight: f32 = radii.iter().map(|r| r * r).sum();
    let mut middle = [0.0_f32; 2];
    for (p, r) in at.iter().zip(radii) {
        middle[0] += p[0] * r * r / weight;
        middle[1] += p[1] * r * r / weight;
    }
    for p in at.iter_mut() {
        *p = [p[0] - middle[0], p[1] - middle[1]];
    }
    for round in 0..80 {
        let shrink = 0.08 * (1.0 - round as f32 / 80.0);
        for p in at.iter_mut() {
            *p = [p[0] * (1.0 - shrink / ASPECT), p[1] * (1.0 - shrink * ASPECT)];
        }
        apart(radii, gap, at, 8);
    }
}
