//! How long one frame of the map takes in the window, on generated estates: `cargo bench --bench frame`. A frame is what
//! the canvas does and what egui makes of it, down to triangles; what the graphics card then does is not in it.

mod generator;

use divan::Bencher;
use egui::{Context, Event, Pos2, RawInput, Rect, pos2, vec2};
use generator::Estate;
use std::sync::Arc;
use trustmap::analysis::{Never, radius};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::scene::MapPicture;
use trustmap::scene::style::Theme;
use trustmap::ui::canvas::{Canvas, CanvasInput};
use trustmap::ui::theme::{apply, install_fonts};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Room of the map in a window of 1440 by 900 points.
const ROOM: (f32, f32) = (872.0, 756.0);

fn main() {
    divan::main();
}

/// A canvas without a window round it.
struct Stage {
    ctx: Context,
    canvas: Canvas,
    picture: Arc<MapPicture>,
    frames: u32,
}

impl Stage {
    /// The map of the credential with the most grants, settled.
    fn new(n: usize) -> Self {
        let estate = Estate::new(n, 42);
        let source = Source::Bytes {
            name: "estate.json".to_owned(),
            bytes: estate.native().into_bytes().into(),
        };
        let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads");
        let settings = Settings {
            as_of: loaded.inventory.as_of.expect("it states its time"),
            regime: Regime::WorstCase,
        };
        let graph = TrustGraph::build(loaded.inventory);
        let seed = graph.find(&estate.id(estate.widest())).expect("it is in the graph");
        let before = radius(&graph, &Overlay::default(), &[seed], settings, &Never).expect("nobody cancels");
        let picture = MapPicture::new(&graph, &before, None, &before.interval, settings, false, ROOM);
        let ctx = Context::default();
        install_fonts(&ctx);
        apply(&ctx, Theme::Dark);
        let mut stage = Self {
            ctx,
            canvas: Canvas::default(),
            picture: Arc::new(picture),
            frames: 0,
        };
        // Typefaces are there after the first frame, and every glyph after the second.
        for _ in 0..4 {
            stage.frame(Vec::new());
        }
        stage
    }

    /// One frame; gives how many meshes it has, so that it cannot be left out.
    fn frame(&mut self, events: Vec<Event>) -> usize {
        self.frames += 1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(ROOM.0, ROOM.1))),
            time: Some(f64::from(self.frames) / 60.0),
            events,
            ..RawInput::default()
        };
        let mut output = self.ctx.run_ui(input, |ui| {
            let input = CanvasInput {
                picture: &self.picture,
                theme: Theme::Dark,
                selection: None,
                dimmed: false,
                less_motion: true,
                preview: None,
            };
            self.canvas.show(ui, input);
        });
        output.textures_delta.clear();
        self.ctx.tessellate(output.shapes, output.pixels_per_point).len()
    }
}

/// Nothing changed: the recorded shapes again.
#[divan::bench(args = SIZES, max_time = 3)]
fn frame_as_it_was(bencher: Bencher, n: usize) {
    let mut stage = Stage::new(n);
    bencher.bench_local(|| stage.frame(Vec::new()));
}

/// The pointer moves over the map: what is below it is looked for.
#[divan::bench(args = SIZES, max_time = 3)]
fn frame_under_the_pointer(bencher: Bencher, n: usize) {
    let mut stage = Stage::new(n);
    bencher.bench_local(|| {
        let x = 300.0 + (stage.frames % 200) as f32;
        stage.frame(vec![Event::PointerMoved(pos2(x, 380.0))])
    });
}

/// The view changes: all shapes anew.
#[divan::bench(args = SIZES, max_time = 3)]
fn frame_while_zooming(bencher: Bencher, n: usize) {
    let mut stage = Stage::new(n);
    bencher.bench_local(|| {
        let factor = if stage.frames.is_multiple_of(2) {
            1.02
        } else {
            1.0 / 1.02
        };
        stage.canvas.zoom_by(factor);
        stage.frame(Vec::new())
    });
}
