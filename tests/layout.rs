//! Where things stand on the map, tried on invented trees of every size: in their band, apart from each other, each
//! name beside what it names and over no other, and the same every time.

use trustmap::layout::{Kind, Label, Layout, NEAR, Request, RequestNode, layers, rings};

/// A tree of `count` nodes by a small generator: `seed` decides its shape.
fn tree(count: u32, seed: u64, deepest: u32) -> Request {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = |below: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as u32 % below.max(1)
    };
    let clusters = ["AWS", "GitHub", "Kubernetes", "On-prem", "Vault"];
    let mut nodes: Vec<RequestNode> = vec![node("seed", 0, false, None, "GitHub")];
    for i in 1..count {
        let parent = random(i);
        let p = nodes[parent as usize].clone();
        // From a system something is gained, from what is gained a system is entered; sometimes a system opens the next.
        let system = !p.system || random(4) == 0;
        let hops = (p.hops + u32::from(system)).max(1);
        if hops > deepest {
            nodes.push(node(&format!("n{i}"), 1, true, Some(0), clusters[random(5) as usize]));
            continue;
        }
        let mut n = node(
            &format!("n{i}"),
            hops,
            system,
            Some(parent),
            clusters[random(5) as usize],
        );
        n.crown = system && random(20) == 0;
        n.priority = random(5_000) + if n.crown { 100_000 } else { 0 };
        nodes.push(n);
    }
    Request {
        nodes,
        width: 872.0,
        height: 726.0,
    }
}

fn node(name: &str, hops: u32, system: bool, parent: Option<u32>, cluster: &str) -> RequestNode {
    RequestNode {
        id: name.to_owned(),
        label: format!("{name}-of-{cluster}"),
        hops,
        system,
        column: if system { 2 } else { 0 },
        parent,
        cluster: cluster.to_owned(),
        priority: 0,
        crown: false,
    }
}

fn shown(layout: &Layout) -> Vec<usize> {
    (0..layout.spots.len())
        .filter(|&i| layout.spots[i].wedge.is_none())
        .collect()
}

#[test]
fn things_stand_in_the_band_of_their_hops() {
    for (count, seed) in [(1, 1), (2, 2), (12, 3), (60, 4), (250, 5), (1_000, 6)] {
        let request = tree(count, seed, 7);
        let layout = rings(&request);
        let bands = layout.walls.len() - 1;
        assert!(layout.walls.windows(2).all(|w| w[0] < w[1]), "walls grow outward");
        for (n, spot) in request.nodes.iter().zip(&layout.spots) {
            if n.hops == 0 {
                assert!(spot.radius < layout.walls[0], "{} stands in the middle", n.id);
                continue;
            }
            let band = (n.hops as usize).min(bands);
            // Two staggered orbits may come as near as 13 to each side.
            let (inner, outer) = (layout.walls[band - 1], layout.walls[band]);
            assert!(
                spot.radius > inner && spot.radius < outer,
                "{count} nodes: {} at {} is not between {inner} and {outer}",
                n.id,
                spot.radius
            );
        }
    }
}

#[test]
fn things_keep_apart() {
    for (count, seed) in [(12, 13), (40, 14), (80, 15), (250, 16), (1_000, 17)] {
        let request = tree(count, seed, 4);
        for layout in [rings(&request), layers(&request)] {
            let shown = shown(&layout);
            let mut least = f32::MAX;
            for (n, &a) in shown.iter().enumerate() {
                for &b in &shown[n + 1..] {
                    let (a, b) = (layout.spots[a], layout.spots[b]);
                    least = least.min((a.x - b.x).hypot(a.y - b.y));
                }
            }
            // Glyphs of gained things are 17 across, in narrow bands three quarters of that.
            assert!(least > 12.0, "{count} nodes, {:?}: two are {least} apart", layout.kind);
        }
    }
}

/// The box of a name, as tight as its letters.
fn name_box(request: &Request, layout: &Layout, labels: &[Option<Label>], i: usize, zoom: f32) -> Option<[f32; 4]> {
    let label = labels[i]?;
    let spot = layout.spots[i];
    // Narrower than any estimate: what overlaps here overlaps on every screen.
    let width = request.nodes[i].label.chars().count() as f32 * 4.6;
    let x = spot.x * zoom + label.dx;
    let x = match label.align {
        1 => x,
        -1 => x - width,
        _ => x - width / 2.0,
    };
    let y = spot.y * zoom + label.dy;
    Some([x, y - 4.0, x + width, y + 4.0])
}

#[test]
fn no_name_covers_another_or_a_thing() {
    for (count, seed) in [(12, 23), (40, 24), (80, 25), (250, 26), (1_000, 27)] {
        let mut request = tree(count, seed, 4);
        for n in &mut request.nodes {
            n.crown = false;
        }
        let layout = rings(&request);
        for (labels, zoom) in [(&layout.labels, 1.0), (&layout.near_labels, NEAR)] {
            let boxes: Vec<(usize, [f32; 4])> = shown(&layout)
                .into_iter()
                .filter_map(|i| Some((i, name_box(&request, &layout, labels, i, zoom)?)))
                .collect();
            assert!(!boxes.is_empty(), "something has a name");
            for (n, (i, a)) in boxes.iter().enumerate() {
                for (j, b) in &boxes[n + 1..] {
                    let w = a[2].min(b[2]) - a[0].max(b[0]);
                    let h = a[3].min(b[3]) - a[1].max(b[1]);
                    assert!(
                        w <= 0.0 || h <= 0.0 || w * h < 14.0,
                        "{count} nodes at {zoom}: the names of {i} and {j} overlap by {w} × {h}"
                    );
                }
                for &j in shown(&layout).iter().filter(|&j| j != i) {
                    let spot = layout.spots[j];
                    let (x, y) = (spot.x * zoom, spot.y * zoom);
                    let inside = x > a[0] && x < a[2] && y > a[1] && y < a[3];
                    assert!(!inside, "{count} nodes at {zoom}: the name of {i} covers {j}");
                }
            }
        }
    }
}

#[test]
fn crown_jewels_and_seeds_are_always_named() {
    for seed in 31..36 {
        let request = tree(120, seed, 4);
        let layout = rings(&request);
        for (i, n) in request.nodes.iter().enumerate() {
            if (n.crown || n.parent.is_none()) && layout.spots[i].wedge.is_none() {
                assert!(layout.labels[i].is_some(), "tree {seed}: {} has no name", n.id);
            }
        }
    }
}

#[test]
fn names_near_keep_the_places_they_had() {
    let request = tree(200, 41, 4);
    let layout = rings(&request);
    let count = |labels: &[Option<Label>]| labels.iter().flatten().count();
    assert!(
        count(&layout.near_labels) > count(&layout.labels),
        "nearer, more are named"
    );
    for (far, near) in layout.labels.iter().zip(&layout.near_labels) {
        if far.is_some() {
            assert_eq!(far, near);
        }
    }
}

#[test]
fn what_does_not_fit_is_in_a_wedge_and_nothing_is_lost() {
    let mut nodes = vec![node("seed", 0, false, None, "AWS")];
    for i in 0..400 {
        let mut n = node(&format!("s{i:03}"), 1, true, Some(0), "AWS");
        n.crown = i == 399;
        n.priority = if n.crown { 100_000 } else { 1 };
        nodes.push(n);
    }
    let request = Request {
        nodes,
        width: 872.0,
        height: 726.0,
    };
    let layout = rings(&request);
    let folded: usize = layout.wedges.iter().map(|w| w.nodes.len()).sum();
    assert!(!layout.wedges.is_empty(), "four hundred do not fit");
    assert_eq!(shown(&layout).len() + folded, 401);
    assert!(shown(&layout).len() <= 61, "at most sixty in a ring");
    assert!(layout.spots[400].wedge.is_none(), "a crown jewel is kept");
    for (n, wedge) in layout.wedges.iter().enumerate() {
        for &i in &wedge.nodes {
            assert_eq!(layout.spots[i as usize].wedge, Some(n as u32));
        }
    }
}

#[test]
fn what_is_gained_at_the_seed_stands_round_it() {
    for many in [1, 3, 11, 12, 24, 60] {
        let mut nodes = vec![node("seed", 0, true, None, "AWS")];
        for i in 0..many {
            nodes.push(node(&format!("k{i}"), 0, false, Some(0), "AWS"));
            if i % 3 == 0 {
                nodes.push(node(&format!("s{i}"), 1, true, Some(nodes.len() as u32 - 1), "AWS"));
            }
        }
        let request = Request {
            nodes,
            width: 872.0,
            height: 726.0,
        };
        let layout = rings(&request);
        let round: Vec<usize> = shown(&layout)
            .into_iter()
            .filter(|&i| i > 0 && request.nodes[i].hops == 0)
            .collect();
        let folded: usize = layout.wedges.iter().map(|w| w.nodes.len()).sum();
        assert_eq!(round.len() + folded, many);
        for (n, &a) in round.iter().enumerate() {
            let a = layout.spots[a];
            assert!(a.radius > 30.0 && a.radius < layout.walls[0], "round the seed");
            for &b in &round[n + 1..] {
                let b = layout.spots[b];
                let d = (a.x - b.x).hypot(a.y - b.y);
                assert!(d > 16.0, "{many} gained: two are {d} apart");
            }
        }
    }
}

#[test]
fn equal_requests_give_equal_places() {
    for (count, seed) in [(50, 51), (1_000, 52)] {
        let request = tree(count, seed, 6);
        assert_eq!(rings(&request), rings(&request));
        assert_eq!(layers(&request), layers(&request));
        assert_eq!(rings(&request).kind, Kind::Rings);
        assert_eq!(layers(&request).kind, Kind::Layers);
    }
}

#[test]
fn sectors_share_the_circle() {
    let request = tree(120, 61, 3);
    let layout = rings(&request);
    let mut names: Vec<&str> = layout.sectors.iter().map(|s| s.name.as_str()).collect();
    for pair in layout.sectors.windows(2) {
        assert!((pair[1].from - pair[0].to - 3.0).abs() < 0.01, "a gap of three degrees");
    }
    let (first, last) = (&layout.sectors[0], &layout.sectors[layout.sectors.len() - 1]);
    assert!((first.from - 57.0).abs() < 0.01, "the largest starts at 57 degrees");
    assert!((last.to + 3.0 - first.from - 360.0).abs() < 0.05, "they go round once");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), layout.sectors.len(), "each once");
}
