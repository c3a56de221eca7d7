//! How long the core takes on generated estates: `cargo bench --no-default-features`. Numbers are nodes.

mod generator;

use divan::{Bencher, black_box};
use generator::Estate;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use trustmap::analysis::{Never, Radius, radius, rank};
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph};
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};
use trustmap::scenario::{Action, Flows, preview};
use trustmap::scene::style::Theme;
use trustmap::scene::{MapPicture, View, draw};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const SIZE: (f32, f32) = (1200.0, 800.0);

fn main() {
    divan::main();
}

/// An estate that is ready, made once for each size.
struct Ready {
    bytes: Arc<[u8]>,
    graph: TrustGraph,
    settings: Settings,
    seed: Thing,
    radius: Radius,
    flows: Flows,
    action: Action,
}

fn load(bytes: &Arc<[u8]>) -> Loaded {
    let source = Source::Bytes {
        name: "estate.json".to_owned(),
        bytes: bytes.clone(),
    };
    load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads")
}

fn ready(n: usize) -> Arc<Ready> {
    static READY: LazyLock<Mutex<BTreeMap<usize, Arc<Ready>>>> = LazyLock::new(Mutex::default);
    let mut all = READY.lock().expect("no bench panicked");
    all.entry(n).or_insert_with(|| Arc::new(make(n))).clone()
}

fn make(n: usize) -> Ready {
    let estate = Estate::new(n, 42);
    let bytes: Arc<[u8]> = estate.native().into_bytes().into();
    let loaded = load(&bytes);
    let settings = Settings {
        as_of: loaded.inventory.as_of.expect("it states its time"),
        regime: Regime::WorstCase,
    };
    let graph = TrustGraph::build(loaded.inventory);
    let widest = estate.id(estate.widest());
    let seed = graph.find(&widest).expect("it is in the graph");
    let radius = radius(&graph, &Overlay::default(), &[seed], settings, &Never).expect("nobody cancels");
    let overlay = Overlay::default();
    let flows = Flows::of(trustmap::graph::World::new(&graph, &overlay, settings));
    let grants = &graph.inventory().records.grants;
    let grant = grants.iter().find(|g| g.holder == widest).expect("it has a grant");
    let action = Action::RemoveGrant {
        grant: grant.name().to_string(),
    };
    Ready {
        bytes,
        settings,
        seed,
        radius,
        flows,
        action,
        graph,
    }
}

#[divan::bench(args = SIZES, max_time = 5)]
fn load_native(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| load(&ready.bytes));
}

#[divan::bench(args = SIZES, max_time = 5)]
fn build_graph(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| TrustGraph::build(ready.graph.shared_inventory().clone()));
}

#[divan::bench(args = SIZES, max_time = 5)]
fn one_radius(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| radius(&ready.graph, &Overlay::default(), &[ready.seed], ready.settings, &Never));
}

#[divan::bench(args = SIZES, max_time = 5)]
fn what_if(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| {
        let effect = preview(&ready.graph, &[], &ready.action, &ready.radius, &ready.flows, &Never);
        effect.expect("the action applies")
    });
}

#[divan::bench(args = [1_000, 10_000], max_time = 5)]
fn rank_all(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| rank(&ready.graph, &Overlay::default(), ready.settings, &Never));
}

fn picture(ready: &Ready, layered: bool) -> MapPicture {
    MapPicture::new(
        &ready.graph,
        &ready.radius,
        None,
        &ready.radius.interval,
        ready.settings,
        layered,
        SIZE,
    )
}

#[divan::bench(args = SIZES, max_time = 5)]
fn layout_rings(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| picture(&ready, false));
}

#[divan::bench(args = SIZES, max_time = 5)]
fn layout_layers(bencher: Bencher, n: usize) {
    let ready = ready(n);
    bencher.bench(|| picture(&ready, true));
}

#[divan::bench(args = SIZES, max_time = 5)]
fn draw_frame(bencher: Bencher, n: usize) {
    let map = picture(&ready(n), false);
    let view = View::whole(SIZE.0, SIZE.1, Theme::Dark);
    bencher.bench(|| draw(black_box(&map), &view));
}

#[divan::bench(args = [1_000, 10_000], max_time = 5)]
fn draw_svg(bencher: Bencher, n: usize) {
    let map = picture(&ready(n), false);
    let list = draw(&map, &View::whole(SIZE.0, SIZE.1, Theme::Dark));
    bencher.bench(|| trustmap::export::svg::svg(black_box(&list)));
}
