//! The shelf at the bottom: what is not reached, by cluster, one bar for four systems.

use super::display::{Align, Face, Item, Owner, pt};
use super::draw::{View, hairline};
use super::fonts::text_width;
use super::map::{MapPicture, SHELF};
use super::pen::{item, rect, segment, text};

/// Systems that one bar stands for.
const SYSTEMS_A_BAR: u64 = 4;
/// At most so many bars for a cluster.
const MOST_BARS: u64 = 26;
const LABEL: &str = "Not reached";

fn total(map: &MapPicture) -> String {
    super::number(map.unreached.iter().map(|u| u.systems).sum())
}

fn bars(systems: u64) -> u64 {
    systems.div_ceil(SYSTEMS_A_BAR).min(MOST_BARS)
}

/// Where each cluster's entry begins and ends, as far as there is room.
fn places(map: &MapPicture, width: f32) -> Vec<(f32, f32)> {
    let mut x = 42.0 + text_width(Face::Medium, 11.5, LABEL) + text_width(Face::Medium, 11.5, &total(map));
    let mut out = Vec::new();
    for cluster in &map.unreached {
        let w = text_width(Face::Regular, 11.0, &cluster.cluster) + 7.0 + bars(cluster.systems) as f32 * 5.0;
        if x + w > width - 16.0 {
            break;
        }
        out.push((x, x + w));
        x += w + 18.0;
    }
    out
}

/// The cluster whose entry is at this distance from the left.
pub(super) fn hit(map: &MapPicture, width: f32, x: f32) -> Option<u32> {
    let found = places(map, width)
        .iter()
        .position(|(a, b)| (a - 6.0..=b + 6.0).contains(&x));
    found.map(|n| n as u32)
}

pub(super) fn draw(items: &mut Vec<Item>, map: &MapPicture, view: &View) {
    let t = view.theme.tokens();
    let top = view.height - SHELF;
    let y = top + SHELF / 2.0;
    let count = pt(22.0 + text_width(Face::Medium, 11.5, LABEL), y);
    let out = vec![
        rect(pt(0.0, top), pt(view.width, view.height), 0.0, Some(t.canvas), None),
        segment(pt(0.0, top + 0.5), pt(view.width, top + 0.5), hairline(view.theme)),
        text(pt(16.0, y), Align::Left, LABEL, 11.5, Face::Medium, t.text2),
        text(count, Align::Left, total(map), 11.5, Face::Medium, t.text3),
    ];
    items.push(item(Owner::Chrome, out));
    for (n, (x, end)) in places(map, view.width).into_iter().enumerate() {
        let cluster = &map.unreached[n];
        let name = cluster.cluster.clone();
        let mut prims = vec![text(pt(x, y), Align::Left, name, 11.0, Face::Regular, t.text3)];
        let bars = bars(cluster.systems);
        for b in 0..bars {
            let from = end - (bars - b) as f32 * 5.0;
            let (min, max) = (pt(from, y - 2.5), pt(from + 3.0, y + 2.5));
            prims.push(rect(min, max, 1.0, Some(t.untouched), None));
        }
        items.push(item(Owner::Shelf(n as u32), prims));
    }
}
