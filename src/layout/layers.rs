//! Layers: columns left to right for each hop, credentials, identities, then systems; a wall before each column of
//! systems.

use super::labels::{Label, ROOM};
use super::{Kind, Layout, Request, Sector, Spot, Wedge};
use std::collections::BTreeMap;

/// Widest name that makes its column wider, in points.
const WIDEST: f32 = 150.0;
/// Kept free above for the meter, and below for the legend.
const MARGINS: (f32, f32) = (176.0, 46.0);
/// Least and largest distance of rows.
const ROW: (f32, f32) = (24.0, 34.0);
/// From a wall to the middle of the systems behind it.
const BEHIND: f32 = 30.0;
/// From the left of a column of gained things to their middle.
const BESIDE: f32 = 16.0;
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
        glyph: 1.0,
        ..Layout::default()
    };
    out.labels = vec![None; nodes.len()];
    let wanted: Vec<f32> = keys
        .iter()
        .map(|key| {
            let start = if key.1 == 0 && key.0 > 0 { BEHIND } else { BESIDE };
            let names = columns[key].iter().map(|&i| {
                let n = &nodes[i as usize];
                let extra = if n.parent.is_none() { 10.0 } else { 0.0 } + if n.crown { 18.0 } else { 0.0 };
                super::labels::width(&n.label, super::labels::LABEL_SIZE, n.crown) + extra
            });
            start + names.fold(30.0, f32::max).min(WIDEST) + 28.0
        })
        .collect();
    let room = (request.width - 24.0).max(200.0);
    let squeeze = (room / wanted.iter().sum::<f32>().max(1.0)).clamp(0.6, 1.25);
    let rows = columns.values().map(Vec::len).max().unwrap_or(1).min(MOST);
    let row = ((request.height - MARGINS.0 - MARGINS.1 - 30.0) / rows as f32).clamp(ROW.0, ROW.1);
    let drop = (MARGINS.0 - MARGINS.1) / 2.0;
    let total = wanted.iter().sum::<f32>() * squeeze;
    let mut left = -total / 2.0;
    for (key, wanted) in keys.iter().zip(&wanted) {
        let Some(list) = columns.get(key) else { continue };
        let pitch = wanted * squeeze;
        let walled = key.1 == 0 && key.0 > 0;
        let x = left + if walled { BEHIND } else { BESIDE };
        if walled {
            out.walls.push(left + 4.0);
            let plural = if key.0 == 1 { "hop" } else { "hops" };
            out.sectors.push(Sector {
                name: format!("{} {plural}", key.0),
                from: left + 12.0,
                to: left + pitch,
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
            let y = (MOST as f32 / 2.0 + 0.5) * row + drop;
            for &i in &folded {
                out.spots[i as usize] = Spot {
                    x,
                    y,
                    radius: x,
                    angle: 90.0,
                    wedge: Some(number),
                };
            }
            list.retain(|&i| out.spots[i as usize].wedge.is_none());
            out.wedges.push(Wedge {
                nodes: folded,
                radius: x,
                from: y,
                to: y,
            });
        }
        for (n, &i) in list.iter().enumerate() {
            let y = (n as f32 - (list.len() as f32 - 1.0) / 2.0) * row + drop;
            out.spots[i as usize] = Spot {
                x,
                y,
                radius: x,
                angle: 90.0,
                wedge: None,
            };
            let seed = nodes[i as usize].parent.is_none();
            let dx = if seed { 26.0 } else { 16.0 };
            out.labels[i as usize] = Some(Label {
                dx,
                dy: 0.0,
                align: 1,
                room: ROOM,
                backed: true,
            });
        }
        left += pitch;
    }
    out.walls.push(total / 2.0);
    out.half = (
        total / 2.0,
        (rows as f32 * row / 2.0 + 30.0 + drop).max(request.height / 2.0 - 40.0),
    );
    out.spoke = drop;
    make_room(request, &mut out);
    out.near_labels.clone_from(&out.labels);
    out
}

/// A name may be as long as there is room before the next glyph or gate of its row.
fn make_room(request: &Request, out: &mut Layout) {
    let mut taken: Vec<(f32, f32)> = Vec::new();
    for (node, spot) in request.nodes.iter().zip(&out.spots) {
        taken.push((spot.x, spot.y));
        let wall = out.walls.get(node.hops.saturating_sub(1) as usize);
        if node.system
            && node.hops > 0
            && let Some(&wall) = wall
        {
            taken.push((wall, spot.y));
        }
    }
    taken.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let end = out.half.0;
    for (spot, label) in out.spots.iter().zip(&mut out.labels) {
        let Some(label) = label else { continue };
        let from = spot.x + label.dx;
        let after = taken.partition_point(|t| t.0 <= spot.x + 1.0);
        let next = taken[after..].iter().find(|t| (t.1 - spot.y).abs() < 15.0);
        label.room = (next.map_or(end, |t| t.0 - 17.0) - from).clamp(24.0, ROOM);
    }
}
