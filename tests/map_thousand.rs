//! Rings and layers of a thousand reached things: still to be read. With `TRUSTMAP_PICTURES=DIR` the pictures are written
//! there to be looked at.

#[path = "../benches/generator/mod.rs"]
mod generator;

use trustmap::analysis::{Never, radius};
use trustmap::export::png::{Meta, png};
use trustmap::export::svg::svg;
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::scene::style::Theme;
use trustmap::scene::{MapPicture, View, draw};

const SIZE: (f32, f32) = (872.0, 756.0);

fn map(n: usize, layered: bool) -> MapPicture {
    let made = generator::Estate::new(n, 42);
    let source = Source::Bytes {
        name: "estate.json".to_owned(),
        bytes: made.native().into_bytes().into(),
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads");
    let settings = Settings {
        as_of: loaded.inventory.as_of.expect("it states its time"),
        regime: Regime::WorstCase,
    };
    let graph = TrustGraph::build(loaded.inventory);
    let seed = graph.find(&made.id(made.widest())).expect("it is there");
    let before = radius(&graph, &Overlay::default(), &[seed], settings, &Never).expect("nobody cancels");
    MapPicture::new(&graph, &before, None, &before.interval, settings, layered, SIZE)
}

#[test]
fn glyphs_of_a_thousand_things_do_not_cover_each_other() {
    for layered in [false, true] {
        let map = map(3_000, layered);
        assert!(map.nodes.len() > 700, "only {} are reached", map.nodes.len());
        let view = View::whole_of(&map, SIZE.0, SIZE.1, Theme::Dark);
        let r = 8.0 * map.layout.glyph * view.zoom.clamp(0.6, 1.15);
        let shown: Vec<(f32, f32)> = map
            .layout
            .spots
            .iter()
            .filter(|s| s.wedge.is_none())
            .map(|s| (s.x * view.zoom, s.y * view.zoom))
            .collect();
        let covered = shown
            .iter()
            .enumerate()
            .filter(|(i, a)| shown[..*i].iter().any(|b| (a.0 - b.0).hypot(a.1 - b.1) < r))
            .count();
        assert!(
            covered * 20 <= shown.len(),
            "layered {layered}: {covered} of {} glyphs cover another",
            shown.len()
        );
        if let Ok(folder) = std::env::var("TRUSTMAP_PICTURES") {
            for theme in [Theme::Dark, Theme::Light] {
                let document = svg(&draw(&map, &View { theme, ..view.clone() }));
                let bytes = png(&document, 1.0, &Meta::default()).expect("the picture is made");
                let name = if layered { "layers" } else { "rings" };
                std::fs::write(format!("{folder}/thousand-{name}-{}.png", theme.as_str()), bytes).expect("written");
            }
        }
    }
}
