//! Layers: columns left to right for each hop, credentials, identities, then systems; a wall before each column of
//! systems.

use super::labels::Label;
use super::{Kind, Layout, Request, Sector, Spot, Wedge};
use std::collections::BTreeMap;

/// Width of a column, in points.
const COLUMN: f32 = 150.0;
/// Gap between columns.
const GAP: f32 = 60.0;
/// Distance of rows.
const ROW: f32 = 26.0;
/// At most so many rows in a column.
const MOST: usize = 60;

/// Lays a request out in columns.
#[must_use]
pub fn layers(request: &Request) -> Layout {
    let nodes = &request.nodes;
    let mut columns: BTreeMap<(u32, u8), Vec<u32>> = BTreeMap::new();
    for (i, node) in nodes.iter().enumerate() {
        // Systems of a hop stand before what is gained there: a wall is crossed first, then something is taken.
        let place = if node.column == 2 { 0 } else { node.column + 1 };
        columns.entry((node.hops, place)).or_default().push(i as u32);
    }
    for list in columns.values_mut() {
        list.sort_by(|&a, &b| {
            let key = |i: u32| (&nodes[i as usize].cluster, &nodes[i as usize].id);
            key(a).cmp(&key(b))
        });
    }
    let mut rank: Vec<f32> = vec![0.0; nodes.len()];
    let keys: Vec<(u32, u8)> = columns.keys().copied().collect();
    let renumber = |list: &[u32], rank: &mut Vec<f32>| {
        for (n, &i) in list.iter().enumerate() {
            rank[i as usize] = n as f32 - list.len() as f32 / 2.0;
        }
    };
    for list in columns.values() {
        renumber(list, &mut rank);
    }
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        if let Some(p) = node.parent {
            children[p as usize].push(i as u32);
        }
    }
    // Four sweeps by barycentre, down by parents and up by children in turn; ties by id.
    for sweep in 0..4 {
        let order: Vec<(u32, u8)> = if sweep % 2 == 0 {
            keys.clone()
        } else {
            keys.iter().rev().copied().collect()
        };
        for key in order {
            let Some(list) = columns.get_mut(&key) else { continue };
            let middle = |i: u32| -> f32 {
                let node = &nodes[i as usize];
                if sweep % 2 == 0 {
                    node.parent.map_or(rank[i as usize], |p| rank[p as usize])
                } else if children[i as usize].is_empty() {
                    rank[i as usize]
                } else {
                    let all = &children[i as usize];
                    all.iter().map(|&c| rank[c as usize]).sum::<f32>() / all.len() as f32
                }
            };
            list.sort_by(|&a, &b| {
                middle(a)
                    .total_cmp(&middle(b))
                    .then_with(|| nodes[a as usize].id.cmp(&nodes[b as usize].id))
            });
            let list = list.clone();
            renumber(&list, &mut rank);
        }
    }

    let mut out = Layout {
        kind: Kind::Layers,
        spots: vec![Spot::default(); nodes.len()],
        scale: 1.0,
        ..Layout::default()
    };
    out.labels = vec![None; nodes.len()];
    let total = keys.len() as f32 * COLUMN + (keys.len().saturating_sub(1)) as f32 * GAP;
    let mut x = -total / 2.0;
    let mut tallest = 0usize;
    for key in &keys {
        let Some(list) = columns.get(key) else { continue };
        if key.1 == 0 && key.0 > 0 {
            out.walls.push(x - GAP / 2.0);
            let plural = if key.0 == 1 { "hop" } else { "hops" };
            out.sectors.push(Sector {
                name: format!("{} {plural}", key.0),
                from: x,
                to: x + COLUMN,
            });
        }
        let mut list = list.clone();
        if list.len() > MOST {
            let mut by_worth = list.clone();
            by_worth.sort_by(|&a, &b| {
                let (na, nb) = (&nodes[a as usize], &nodes[b as usize]);
                nb.priority.cmp(&na.priority).then_with(|| na.id.cmp(&nb.id))
            });
            let mut folded = by_worth.split_off(MOST - 1);
            folded.sort_unstable();
            let number = out.wedges.len() as u32;
            let y = (MOST as f32 - 1.0 - MOST as f32 / 2.0) * ROW;
            for &i in &folded {
                out.spots[i as usize] = Spot {
                    x: x + 12.0,
                    y,
                    radius: x + 12.0,
                    angle: 90.0,
                    wedge: Some(number),
                };
            }
            list.retain(|&i| out.spots[i as usize].wedge.is_none());
            out.wedges.push(Wedge {
                nodes: folded,
                radius: x + 12.0,
                from: y,
                to: y,
            });
        }
        tallest = tallest.max(list.len());
        for (n, &i) in list.iter().enumerate() {
            let y = (n as f32 - (list.len() as f32 - 1.0) / 2.0) * ROW;
            out.spots[i as usize] = Spot {
                x: x + 12.0,
                y,
                radius: x + 12.0,
                angle: 90.0,
                wedge: None,
            };
            out.labels[i as usize] = Some(Label {
                dx: 18.0,
                dy: 0.0,
                align: 1,
                backed: true,
            });
        }
        x += COLUMN + GAP;
    }
    out.walls.push(total / 2.0);
    out.half = (total / 2.0 + 20.0, tallest as f32 * ROW / 2.0 + 40.0);
    out
}
