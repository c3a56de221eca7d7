//! The keyboard on the map: from a node to its parent, to what it leads to, and to those beside it.

use crate::scene::MapPicture;
use egui::{EventFilter, Id, Key, Modifiers, Ui};

/// The id of a node's widget: from the record, never from its place in a list.
pub fn id(picture: &MapPicture, node: u32) -> Id {
    Id::new(("map-node", &picture.nodes[node as usize].id))
}

/// Moves the keyboard from `node` where an arrow key says so.
pub fn walk(ui: &Ui, picture: &MapPicture, node: u32) {
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|m| m.set_focus_lock_filter(id(picture, node), filter));
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    let to = if pressed(Key::ArrowUp) {
        picture.nodes[node as usize].parent
    } else if pressed(Key::ArrowDown) {
        children(picture, node).first().copied()
    } else if pressed(Key::ArrowRight) {
        beside(picture, node, 1)
    } else if pressed(Key::ArrowLeft) {
        beside(picture, node, -1)
    } else {
        None
    };
    if let Some(to) = to {
        ui.memory_mut(|m| m.request_focus(id(picture, to)));
    }
}

fn shown(picture: &MapPicture, node: u32) -> bool {
    picture.layout.spots[node as usize].wedge.is_none()
}

/// What is reached from a node, by angle.
fn children(picture: &MapPicture, node: u32) -> Vec<u32> {
    sorted(picture, |i| picture.nodes[i as usize].parent == Some(node))
}

/// The next node of the same hop and kind of place, clockwise or, with -1, the other way.
fn beside(picture: &MapPicture, node: u32, step: i64) -> Option<u32> {
    let own = &picture.nodes[node as usize];
    let ring = sorted(picture, |i| {
        let n = &picture.nodes[i as usize];
        n.hops == own.hops && n.class == own.class
    });
    let at = ring.iter().position(|i| *i == node)? as i64;
    let next = (at + step).rem_euclid(ring.len() as i64);
    ring.get(next as usize).copied().filter(|i| *i != node)
}

fn sorted(picture: &MapPicture, wanted: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut list: Vec<u32> = (0..picture.nodes.len() as u32)
        .filter(|i| shown(picture, *i) && wanted(*i))
        .collect();
    let place = |i: u32| {
        let spot = picture.layout.spots[i as usize];
        (spot.angle, spot.y)
    };
    list.sort_by(|a, b| {
        let (x, y) = (place(*a), place(*b));
        x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1)).then(a.cmp(b))
    });
    list
}
