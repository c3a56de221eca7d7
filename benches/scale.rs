//! The engine at scale, on the estates of `generator` and their gates: `cargo bench --bench scale --no-default-features`.
//! Numbers after `--` are sizes (default 10000 100000 1000000; 5000000 takes some gigabytes). `--deep` adds the estate
//! that is worst for searches, `--petgraph` the same question to petgraph, `--export FOLDER` writes the graphs for
//! `peers.py`, `--picture FILE` draws how the times grow, `--phases` says what each part of every radius takes.

#![allow(clippy::print_stdout)] // a bench talks to whoever started it

mod generator;
mod memory;

use generator::Estate;
use generator::gates::{Gates, Mode, draft};
use petgraph::graph::DiGraph;
use petgraph::visit::{Dfs, VisitMap, Visitable};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;
use trustmap::analysis::reach::{
    Backward, Core, Cut, Draft, How, Radii, Standing, radii_of, score_candidates, systems,
};
use trustmap::analysis::{Cancel, Never};

/// Sums over all credentials of the systems each reaches, as a slow program counted them: size, share in hundredths, sum.
const KNOWN: [(usize, u32, u64); 6] = [
    (10_000, 5, 251_838),
    (10_000, 20, 261_913),
    (100_000, 5, 14_198_751),
    (100_000, 20, 13_236_439),
    (1_000_000, 5, 1_487_578_116),
    (1_000_000, 20, 1_087_349_890),
];

/// What is asked of this run.
#[derive(Default)]
struct Asked {
    sizes: Vec<usize>,
    deep: bool,
    petgraph: bool,
    export: Option<String>,
    picture: Option<String>,
}

/// Tells when each part was done.
struct Phases(Instant, std::sync::Mutex<String>);

impl Cancel for Phases {
    fn is_cancelled(&self) -> bool {
        false
    }

    fn progress(&self, part: &'static str, done: u64, of: u64) {
        let mut text = self.1.lock().expect("nobody panicked");
        let _ = write!(
            text,
            " {part} {done}/{of}: {:.0} ms;",
            self.0.elapsed().as_secs_f64() * 1e3
        );
    }
}

/// A point of the picture.
struct Point {
    nodes: usize,
    share: u32,
    seconds: f64,
}

fn main() {
    let mut asked = Asked::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--deep" => asked.deep = true,
            "--petgraph" => asked.petgraph = true,
            "--export" => asked.export = arguments.next(),
            "--picture" => asked.picture = arguments.next(),
            other => asked.sizes.extend(other.parse::<usize>()),
        }
    }
    if asked.sizes.is_empty() && !asked.deep {
        asked.sizes = vec![10_000, 100_000, 1_000_000];
    }
    let mut points = Vec::new();
    println!(
        "| estate | gates | nodes / edges / doors | compile | every radius | memory | core / edges / shortcuts / passes / lanes / sources | what-if p50 / p99 / max | 512 candidates |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for &n in &asked.sizes {
        let (estate, plan) = Estate::planned(n, 42);
        if let Some(folder) = &asked.export {
            export(&estate, folder, n);
        }
        for share in [0, 5, 20] {
            let gates = match share {
                0 => Gates::default(),
                _ => Gates::new(&plan, 42, f64::from(share) / 100.0, Mode::Edge),
            };
            let name = format!("{n}");
            let (seconds, sum) = row(&name, &estate, || draft(&estate, &gates), share, n >= 1_000_000);
            points.push(Point {
                nodes: n,
                share,
                seconds,
            });
            if let Some(known) = KNOWN.iter().find(|k| (k.0, k.1) == (n, share)) {
                assert_eq!(sum, known.2, "the counts of {n} with {share} % gates");
            }
        }
        if asked.petgraph {
            petgraph(&estate, n);
        }
    }
    if asked.deep {
        for (n, share) in [(100_000, 0), (100_000, 5), (1_000_000, 0)] {
            let estate = Estate::deep(n, 42);
            let gates = match share {
                0 => Gates::default(),
                _ => Gates::random(&estate, 42, f64::from(share) / 100.0),
            };
            row(&format!("deep {n}"), &estate, || draft(&estate, &gates), share, true);
        }
    }
    if let Some(file) = asked.picture {
        std::fs::write(&file, picture(&points)).expect("the picture can be written");
    }
}

fn seconds_of<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let out = run();
    (start.elapsed().as_secs_f64(), out)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// One row of the table; the time for every radius and the sum over the credentials.
fn row(name: &str, estate: &Estate, draft: impl FnOnce() -> Draft, share: u32, large: bool) -> (f64, u64) {
    // What the generator holds is not the engine's.
    let before = memory::now();
    memory::forget_peak();
    let draft = draft();
    let nodes = draft.class.len();
    let maker_nodes = estate.is_credential.len() as u32;
    let (compile, core) = seconds_of(|| Core::build(draft));
    let wanted: Vec<u32> = (0..maker_nodes)
        .filter(|&c| estate.is_credential[c as usize])
        .map(|c| core.node(c))
        .collect();
    let runs = if name.starts_with("deep") {
        1
    } else if large {
        3
    } else {
        7
    };
    let mut times = Vec::new();
    let mut last: Option<Radii> = None;
    for _ in 0..runs {
        let (time, found) =
            seconds_of(|| radii_of(&core, Some(&wanted), How::default(), &Never).expect("nobody cancels"));
        times.push(time);
        assert!(last.as_ref().is_none_or(|l| *l == found), "equal on every run");
        last = Some(found);
    }
    let megabytes = (memory::peak() - before).max(0.0) / 1e6;
    let all = last.expect("it ran");
    let every = median(&mut times);
    let credentials = || (0..maker_nodes).filter(|&c| estate.is_credential[c as usize]);
    let sum: u64 = credentials().map(|c| systems(&all.of(core.node(c)))).sum();
    check_samples(&core, &all, &wanted);
    if std::env::args().any(|a| a == "--phases") {
        let phases = Phases(Instant::now(), std::sync::Mutex::default());
        let again = radii_of(&core, Some(&wanted), How::default(), &phases).expect("nobody cancels");
        assert_eq!(again, all);
        println!("{}", phases.1.into_inner().expect("nobody panicked"));
    }
    let (what_if, candidates) = what_ifs(&core, &all, estate);
    let w = all.work;
    println!(
        "| {name} | {share} % | {nodes} / {} / {} | {:.0} ms | {:.1} ms | {megabytes:.0} MB | {} / {} / {} / {} / {} / {} | {what_if} | {candidates} |",
        core.edges(),
        core.door_count(),
        compile * 1e3,
        every * 1e3,
        w.core,
        w.core_edges,
        w.shortcuts,
        w.passes,
        w.lanes,
        w.sources,
    );
    (every, sum)
}

/// Plain search from some of the credentials gives the same counts.
fn check_samples(core: &Core, all: &Radii, wanted: &[u32]) {
    for &node in wanted.iter().step_by(wanted.len() / 40) {
        assert_eq!(all.of(node), core.count(&core.reach(&[node])), "node {node}");
    }
}

/// One what-if for each of the 500 widest credentials that the widest of all reaches; then 512 of them in lanes.
fn what_ifs(core: &Core, all: &Radii, estate: &Estate) -> (String, String) {
    let mut by_reach: Vec<(u64, u32)> = (0..estate.is_credential.len() as u32)
        .filter(|&c| estate.is_credential[c as usize])
        .map(|c| (systems(&all.of(core.node(c))), core.node(c)))
        .collect();
    by_reach.sort_unstable_by(|a, b| b.cmp(a));
    let back = Backward::of(core);
    let worst = by_reach[0].1;
    let mut standing = Standing::new(core, &back, &[worst]);
    let cuts: Vec<Cut> = by_reach
        .iter()
        .filter(|&&(_, c)| c != worst && standing.reaches(c))
        .take(512)
        .map(|&(_, c)| Cut {
            nodes: vec![c],
            ..Cut::default()
        })
        .collect();
    let mut times = Vec::new();
    let mut lost = Vec::new();
    for cut in cuts.iter().take(500) {
        let (time, found) = seconds_of(|| standing.lost(cut));
        times.push(time);
        lost.push(core.count(&found));
    }
    let (in_lanes, scores) = seconds_of(|| score_candidates(&standing, &cuts, &Never).expect("nobody cancels"));
    assert_eq!(scores[..lost.len()], lost, "both ways of asking agree");
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)));
    let text = |share| at(share).map_or(String::new(), |t| format!("{:.3}", t * 1e3));
    (
        format!("{} / {} / {} ms", text(0.5), text(0.99), text(1.0)),
        format!("{:.1} ms", in_lanes * 1e3),
    )
}

/// Every radius by petgraph's depth-first search: all credentials, or an even sample of them and its mean times their
/// number.
fn petgraph(estate: &Estate, n: usize) {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(n, estate.edges.len());
    let nodes: Vec<_> = (0..n).map(|_| graph.add_node(())).collect();
    for &(from, to) in &estate.edges {
        graph.add_edge(nodes[from as usize], nodes[to as usize], ());
    }
    let credentials: Vec<usize> = (0..n).filter(|&c| estate.is_credential[c]).collect();
    let step = (n / 100_000).max(1) * if n > 100_000 { 50 } else { 1 };
    let asked: Vec<usize> = credentials.iter().copied().step_by(step).collect();
    let (time, sum) = seconds_of(|| {
        let mut map = graph.visit_map();
        let mut sum = 0u64;
        for &c in &asked {
            graph.reset_map(&mut map);
            let mut dfs = Dfs::from_parts(vec![nodes[c]], map);
            while let Some(found) = dfs.next(&graph) {
                sum += u64::from(!estate.is_credential[found.index()]);
            }
            map = dfs.discovered;
            debug_assert!(map.is_visited(&nodes[c]));
        }
        sum
    });
    let share = credentials.len() as f64 / asked.len() as f64;
    println!(
        "\npetgraph, {n}, no gates: {:.2} s for {} of {} credentials, {:.2} s for all; systems reached by those asked {sum}\n",
        time,
        asked.len(),
        credentials.len(),
        time * share
    );
}

/// Little-endian numbers: nodes, edges, a byte for each node (1 a credential), then the ends of every edge.
fn export(estate: &Estate, folder: &str, n: usize) {
    let mut out = Vec::with_capacity(8 + n + 8 * estate.edges.len());
    out.extend((n as u32).to_le_bytes());
    out.extend((estate.edges.len() as u32).to_le_bytes());
    out.extend(estate.is_credential.iter().map(|&c| u8::from(c)));
    for &(from, to) in &estate.edges {
        out.extend(from.to_le_bytes());
        out.extend(to.to_le_bytes());
    }
    std::fs::write(Path::new(folder).join(format!("estate-{n}.bin")), out).expect("the graph can be written");
}

/// How the time for every radius grows with the estate, both axes logarithmic.
fn picture(points: &[Point]) -> String {
    const SIZE: (f64, f64) = (640.0, 400.0);
    const PLOT: (f64, f64, f64, f64) = (70.0, 620.0, 30.0, 340.0);
    let x = |nodes: f64| PLOT.0 + (nodes.log10() - 4.0) / (6.8 - 4.0) * (PLOT.1 - PLOT.0);
    let y = |seconds: f64| PLOT.3 - (seconds.log10() + 3.0) / (2.0 + 3.0) * (PLOT.3 - PLOT.2);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"70\" y=\"18\" font-size=\"14\">Exact radius of every credential: time by size of the estate</text>\n",
        SIZE.0, SIZE.1
    );
    for (seconds, label) in [
        (0.001, "1 ms"),
        (0.01, "10 ms"),
        (0.1, "0.1 s"),
        (1.0, "1 s"),
        (10.0, "10 s"),
        (100.0, "100 s"),
    ] {
        let at = y(seconds);
        let _ = writeln!(
            out,
            "<path d=\"M{} {at:.1}H{}\" stroke=\"#d0d0d0\"/><text x=\"62\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            PLOT.0,
            PLOT.1,
            at + 4.0
        );
    }
    for (nodes, label) in [(1e4, "10k"), (1e5, "100k"), (1e6, "1M"), (5e6, "5M")] {
        let at = x(nodes);
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {}V{}\" stroke=\"#d0d0d0\"/><text x=\"{at:.1}\" y=\"358\" text-anchor=\"middle\">{label}</text>",
            PLOT.2, PLOT.3
        );
    }
    out.push_str("<text x=\"345\" y=\"380\" text-anchor=\"middle\">records that are systems or credentials</text>\n");
    for (n, (share, colour, dash)) in [(0, "#1b7837", ""), (5, "#2166ac", "6 3"), (20, "#b2182b", "2 3")]
        .into_iter()
        .enumerate()
    {
        let line: Vec<String> = points
            .iter()
            .filter(|p| p.share == share)
            .map(|p| format!("{:.1} {:.1}", x(p.nodes as f64), y(p.seconds)))
            .collect();
        let _ = writeln!(
            out,
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>",
            line.join("L")
        );
        for point in points.iter().filter(|p| p.share == share) {
            let _ = writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{colour}\"/>",
                x(point.nodes as f64),
                y(point.seconds)
            );
        }
        let at = 52.0 + 18.0 * n as f64;
        let _ = writeln!(
            out,
            "<path d=\"M84 {at}H120\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/><text x=\"126\" y=\"{}\">{share} % of acceptances gated</text>",
            at + 4.0
        );
    }
    out.push_str("</svg>\n");
    out
}
