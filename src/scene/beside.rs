//! Two inventories side by side: the radius in each, with everything that both reach in the same place.

use super::map::{Cut, Dim, Gate, MapPicture, Node, SHELF, State, nodes, request_node, unreached};
use crate::analysis::Radius;
use crate::graph::{Settings, Thing, TrustGraph};
use crate::layout::{Request, layers, rings};
use std::collections::HashMap;

/// One inventory, and what falls in it.
#[derive(Clone, Copy)]
pub struct Half<'a> {
    /// Its trust graph.
    pub graph: &'a TrustGraph,
    /// The radius in it.
    pub radius: &'a Radius,
}

/// The maps of an older inventory and of a newer one. What only the older one reaches is a ghost on the newer one's
/// map; what only the newer one reaches is not on the older one's, and its place there is empty.
#[must_use]
pub fn beside(
    old: Half<'_>,
    new: Half<'_>,
    settings: Settings,
    layered: bool,
    size: (f32, f32),
) -> (MapPicture, MapPicture) {
    let (was, _) = nodes(old.graph, old.radius, None);
    let (is, _) = nodes(new.graph, new.radius, None);
    let mut at: HashMap<&str, u32> = is.iter().enumerate().map(|(i, n)| (&*n.id, i as u32)).collect();
    let fresh = is.len();
    let mut gone: Vec<&Node> = Vec::new();
    for node in &was {
        if !at.contains_key(&*node.id) {
            at.insert(&node.id, (fresh + gone.len()) as u32);
            gone.push(node);
        }
    }
    let parent = |node: &Node| node.parent.and_then(|p| at.get(&*was[p as usize].id).copied());
    let mut request: Vec<_> = is.iter().map(|n| request_node(new.graph, n)).collect();
    request.extend(gone.iter().map(|n| {
        let mut node = request_node(old.graph, n);
        node.parent = parent(n);
        node
    }));
    let request = Request {
        nodes: request,
        width: size.0,
        height: size.1 - SHELF,
    };
    let layout = if layered { layers(&request) } else { rings(&request) };

    // Each side knows the nodes of both, so that the layout holds for it.
    let here = |node: &Node, found: Option<&Node>| match found {
        Some(of) => Node {
            hops: node.hops,
            parent: parent(of),
            parent_after: parent(of),
            ..of.clone()
        },
        None => node.clone(),
    };
    let of_old: HashMap<&str, &Node> = was.iter().map(|n| (&*n.id, n)).collect();
    let before: Vec<Node> = is
        .iter()
        .chain(gone.iter().copied())
        .map(|n| here(n, of_old.get(&*n.id).copied()))
        .collect();
    let mut after = is.clone();
    for node in &mut after {
        node.before = of_old.get(&*node.id).map_or(node.after, |n| n.before);
        node.gate_after = node.gate.clone();
        node.parent_after = node.parent;
    }
    for node in &gone {
        let parent = parent(node);
        let above = parent.and_then(|p| after.get(p as usize));
        after.push(Node {
            parent,
            parent_after: None,
            after: State::Ghost,
            gate_after: Gate::None,
            cut: match above {
                Some(above) if above.after == State::Ghost => Cut::Beyond,
                _ => Cut::Sealed,
            },
            ..(*node).clone()
        });
    }
    // By the thing of its own graph; what is only in the other one cannot be asked for here.
    let index_of = |half: Half<'_>, nodes: &[Node], own: &dyn Fn(usize, &Node) -> bool| {
        let own = nodes.iter().enumerate().filter(|(i, n)| own(*i, n));
        own.filter_map(|(i, n)| Some((half.graph.find(&n.id)?, i as u32)))
            .collect::<HashMap<Thing, u32>>()
    };
    let left = MapPicture {
        dims: before
            .iter()
            .map(|n| {
                if of_old.contains_key(&*n.id) {
                    Dim::Shown
                } else {
                    Dim::Hidden
                }
            })
            .collect(),
        index: index_of(old, &before, &|_, n| of_old.contains_key(&*n.id)),
        hops_before: by_hop(was.iter()),
        hops_after: Vec::new(),
        layout: layout.clone(),
        before: old.radius.summary,
        after: None,
        interval: old.radius.interval,
        settings,
        unreached: unreached(old.graph, old.radius),
        size,
        around: false,
        counted: None,
        nodes: before,
    };
    let right = MapPicture {
        dims: Vec::new(),
        index: index_of(new, &after, &|i, _| i < fresh),
        hops_before: by_hop(was.iter()),
        hops_after: by_hop(is.iter()),
        layout,
        before: old.radius.summary,
        after: Some(new.radius.summary),
        interval: new.radius.interval,
        settings,
        unreached: unreached(new.graph, new.radius),
        size,
        around: false,
        counted: None,
        nodes: after,
    };
    (left, right)
}

/// Systems by hop from 1.
fn by_hop<'a>(nodes: impl Iterator<Item = &'a Node>) -> Vec<u64> {
    let mut hops = Vec::new();
    for node in nodes.filter(|n| n.is_reached_system()) {
        let at = node.hops as usize;
        if hops.len() < at {
            hops.resize(at, 0);
        }
        hops[at - 1] += 1;
    }
    hops
}
