//! How long the estate's layout takes on generated estates, and how well distances on the picture tell distances in the
//! graph: `cargo bench --no-default-features --bench estate`. With `--export DIR` after `--` the graph, the pairs and the
//! places are written for `benches/peers/layout.py`, which runs other programs on them and prints the ratios.

mod generator;

use generator::Estate;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use trustmap::layout::estate::{EstateLayout, EstateRequest, Watch, estate};

/// When the first picture came.
struct Clocked {
    began: Instant,
    first: Mutex<Option<Duration>>,
}

impl Watch for Clocked {
    fn is_stale(&self) -> bool {
        false
    }

    fn progress(&self, _: usize, _: usize) {}

    fn picture(&self, _: EstateLayout) {
        self.first
            .lock()
            .expect("no panic")
            .get_or_insert_with(|| self.began.elapsed());
    }
}

/// The largest part of an estate that is joined, as an undirected graph without repeats.
struct Joined {
    cluster: Vec<u32>,
    edges: Vec<(u32, u32)>,
    near: Vec<Vec<u32>>,
}

fn joined(n: usize) -> Joined {
    let made = Estate::new(n, 42);
    let mut near: Vec<Vec<u32>> = vec![Vec::new(); n];
    for &(a, b) in &made.edges {
        near[a as usize].push(b);
        near[b as usize].push(a);
    }
    let mut part = vec![u32::MAX; n];
    let mut sizes = Vec::new();
    for root in 0..n {
        if part[root] != u32::MAX {
            continue;
        }
        let own = sizes.len() as u32;
        part[root] = own;
        let mut queue = vec![root as u32];
        let mut at = 0;
        while at < queue.len() {
            for &u in &near[queue[at] as usize] {
                if part[u as usize] == u32::MAX {
                    part[u as usize] = own;
                    queue.push(u);
                }
            }
            at += 1;
        }
        sizes.push(queue.len());
    }
    let giant = (0..sizes.len()).max_by_key(|&p| sizes[p]).unwrap_or(0) as u32;
    let mut number = vec![u32::MAX; n];
    let mut cluster = Vec::new();
    for v in (0..n).filter(|&v| part[v] == giant) {
        number[v] = cluster.len() as u32;
        cluster.push(made.cluster[v]);
    }
    let inside = |e: &&(u32, u32)| part[e.0 as usize] == giant;
    let mut edges: Vec<(u32, u32)> = made
        .edges
        .iter()
        .filter(inside)
        .map(|&(a, b)| (number[a as usize], number[b as usize]))
        .map(|(a, b)| (a.min(b), a.max(b)))
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut near: Vec<Vec<u32>> = vec![Vec::new(); cluster.len()];
    for &(a, b) in &edges {
        near[a as usize].push(b);
        near[b as usize].push(a);
    }
    Joined { cluster, edges, near }
}

/// 40 sources, 1,000 targets, and how far each pair is in the graph.
fn pairs(joined: &Joined) -> Vec<(u32, u32, u32)> {
    let n = joined.near.len();
    let mut state = 1_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let sources: Vec<usize> = (0..40).map(|_| draw()).collect();
    let targets: Vec<usize> = (0..1_000).map(|_| draw()).collect();
    let mut out = Vec::new();
    for s in sources {
        let mut far = vec![u32::MAX; n];
        far[s] = 0;
        let mut queue = VecDeque::from([s as u32]);
        while let Some(v) = queue.pop_front() {
            for &u in &joined.near[v as usize] {
                if far[u as usize] == u32::MAX {
                    far[u as usize] = far[v as usize] + 1;
                    queue.push_back(u);
                }
            }
        }
        out.extend(
            targets
                .iter()
                .filter(|&&t| t != s)
                .map(|&t| (s as u32, t as u32, far[t])),
        );
    }
    out
}

/// Scaled stress: the mean squared error of distances on the picture against those in the graph, at the scale that
/// makes it least.
fn stress(pairs: &[(u32, u32, u32)], layout: &EstateLayout) -> f64 {
    let (mut sum, mut squares) = (0.0, 0.0);
    for &(s, t, far) in pairs {
        let (p, q) = (layout.spots[s as usize], layout.spots[t as usize]);
        let x = f64::from((p[0] - q[0]).hypot(p[1] - q[1])) / f64::from(far);
        sum += x;
        squares += x * x;
    }
    1.0 - sum * sum / squares / pairs.len() as f64
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let export = words
        .iter()
        .position(|w| w == "--export")
        .and_then(|i| words.get(i + 1));
    let only: Option<usize> = words.iter().find_map(|w| w.parse().ok());
    let all = [1_000, 10_000, 100_000, 1_000_000];
    let mut out = String::from("estate layout\n  nodes    clusters  first picture      whole  stress\n");
    for n in all.into_iter().filter(|n| only.is_none_or(|o| o == *n)) {
        let joined = joined(n);
        let pairs = pairs(&joined);
        for apart in [false, true] {
            let groups = if apart {
                joined.cluster.iter().max().map_or(1, |m| m + 1)
            } else {
                1
            };
            let request = EstateRequest {
                group: if apart {
                    joined.cluster.clone()
                } else {
                    vec![0; joined.cluster.len()]
                },
                groups,
                edges: joined.edges.clone(),
                ..EstateRequest::default()
            };
            // The median of three, of one where it takes long.
            let runs = if n >= 1_000_000 { 1 } else { 3 };
            let mut whole: Vec<(Duration, Duration, EstateLayout)> = (0..runs)
                .map(|_| {
                    let watch = Clocked {
                        began: Instant::now(),
                        first: Mutex::default(),
                    };
                    let layout = estate(&request, &watch).expect("nobody stops it");
                    let first = watch.first.into_inner().expect("no panic").unwrap_or_default();
                    (watch.began.elapsed(), first, layout)
                })
                .collect();
            whole.sort_by_key(|w| w.0);
            let (took, first, layout) = &whole[runs / 2];
            let _ = writeln!(
                out,
                "{:>9} {groups:>9} {:>11.1} ms {:>8.3} s  {:.4}",
                joined.cluster.len(),
                first.as_secs_f64() * 1e3,
                took.as_secs_f64(),
                stress(&pairs, layout)
            );
            if let Some(folder) = export.filter(|_| !apart) {
                write(folder, n, &joined, &pairs, layout, *took);
            }
        }
    }
    #[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
    {
        print!("{out}");
    }
}

fn write(folder: &str, n: usize, joined: &Joined, pairs: &[(u32, u32, u32)], layout: &EstateLayout, took: Duration) {
    let mut text = String::new();
    for (a, b) in &joined.edges {
        let _ = writeln!(text, "{a} {b}");
    }
    let save = |name: &str, text: &str| {
        std::fs::write(format!("{folder}/{name}-{n}.txt"), text).expect("the folder can be written");
    };
    save("edges", &text);
    text.clear();
    for (s, t, far) in pairs {
        let _ = writeln!(text, "{s} {t} {far}");
    }
    save("pairs", &text);
    let ours = format!("{} {}\n", took.as_secs_f64(), stress(pairs, layout));
    save("ours", &ours);
}
