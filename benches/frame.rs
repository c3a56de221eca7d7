//! How long one frame of the map takes in the window, on generated estates: `cargo bench --bench frame`. A frame is what
//! the canvas does and what egui makes of it, down to triangles; what the graphics card then does is not in it.

#[path = "../tests/bench/alone.rs"]
mod alone;
mod generator;

use divan::Bencher;
use egui::{Context, Event, Pos2, RawInput, Rect, pos2, vec2};
use generator::Estate;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use trustmap::analysis::{Never, radius};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::layout::estate as layout;
use trustmap::scene::MapPicture;
use trustmap::scene::estate::{EstatePicture, EstatePlaces, EstateShape, Grouping, fitting};
use trustmap::scene::style::Theme;
use trustmap::session::{Command, Session, Tab, TableKind, TableSpec};
use trustmap::ui::Window;
use trustmap::ui::canvas::{Canvas, CanvasInput};
use trustmap::ui::estate::{EstateCanvas, EstateInput};
use trustmap::ui::theme::{apply, install_fonts};

/// Sizes of the estate canvas.
const ESTATES: [usize; 2] = [100_000, 1_000_000];
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
                marked: &[],
                pins: &trustmap::scene::Pins::new(),
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

/// The estate of a size with the widest credential compromised, made once.
fn estate(n: usize) -> Arc<EstatePicture> {
    static MADE: LazyLock<Mutex<BTreeMap<usize, Arc<EstatePicture>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("no bench panicked");
    let make = || {
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
        let shape = Arc::new(EstateShape::new(&graph, Grouping::Platform));
        let layout = layout::estate(&shape.request(None), &layout::Unwatched).expect("nobody stops it");
        let places = Arc::new(EstatePlaces::new(shape, layout));
        Arc::new(EstatePicture::new(&graph, places, &before, None, settings))
    };
    made.entry(n).or_insert_with(make).clone()
}

/// One frame of the estate canvas after another, each a point farther: everything is drawn anew.
fn estate_frames(bencher: Bencher, n: usize, nearer: f32) {
    let picture = estate(n);
    let ctx = Context::default();
    install_fonts(&ctx);
    apply(&ctx, Theme::Dark);
    let mut canvas = EstateCanvas::default();
    let (fit, _) = fitting(&picture.places, ROOM.0, ROOM.1);
    let first = picture.places.layout.bubbles[0];
    let mut frames = 0_u32;
    let mut frame = |canvas: &mut EstateCanvas| {
        frames += 1;
        let scale = fit * nearer;
        canvas.look_at(scale, [first.x + (frames % 20) as f32 / scale, first.y]);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(ROOM.0, ROOM.1))),
            time: Some(f64::from(frames) / 60.0),
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            let input = EstateInput {
                marked: &[],
                picture: &picture,
                theme: Theme::Dark,
                selection: None,
                less_motion: true,
                dimmed: false,
            };
            canvas.show(ui, input);
        });
        output.textures_delta.clear();
        ctx.tessellate(output.shapes, output.pixels_per_point).len()
    };
    for _ in 0..4 {
        frame(&mut canvas);
    }
    bencher.bench_local(|| frame(&mut canvas));
}

/// The whole estate.
#[divan::bench(args = ESTATES, max_time = 3)]
fn estate_at_fit(bencher: Bencher, n: usize) {
    estate_frames(bencher, n, 1.0);
}

/// A hundredth of it.
#[divan::bench(args = ESTATES, max_time = 3)]
fn estate_at_one_percent(bencher: Bencher, n: usize) {
    estate_frames(bencher, n, 10.0);
}

/// So near that records have their glyph and their name.
#[divan::bench(args = ESTATES, max_time = 3)]
fn estate_at_reading_size(bencher: Bencher, n: usize) {
    let picture = estate(n);
    let (fit, _) = fitting(&picture.places, ROOM.0, ROOM.1);
    let b = picture.places.layout.bubbles[0];
    let apart = 0.94 * b.radius * (std::f32::consts::PI / b.count as f32).sqrt();
    estate_frames(bencher, n, 34.0 / apart / fit);
}

/// The whole window with the table of an estate's credentials, which is rolled on by three rows a frame.
#[divan::bench(args = [100_000], max_time = 3)]
fn window_while_the_table_rolls(bencher: Bencher, n: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("estate.json");
    std::fs::write(&path, Estate::new(n, 42).native()).expect("written");
    let mut session = alone::session(None);
    for command in [
        Command::Open(vec![path]),
        Command::SetTable(TableSpec::of(TableKind::Credentials)),
        Command::ShowTab(Tab::Table),
    ] {
        session.run(command);
        settle(&mut session);
    }
    let rows = session.answer.table.as_ref().expect("rows").shown.len();
    assert!(rows > n / 10, "{rows} rows");
    let ctx = Context::default();
    install_fonts(&ctx);
    apply(&ctx, Theme::Dark);
    let mut window = Window::default();
    let mut frames = 0_u32;
    let mut frame = || {
        frames += 1;
        let middle = pos2(720.0, 500.0);
        let rolled = Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: vec2(0.0, -3.0),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1440.0, 900.0))),
            time: Some(f64::from(frames) / 60.0),
            events: vec![Event::PointerMoved(middle), rolled],
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            window.show(ui, Theme::Dark, &session);
        });
        output.textures_delta.clear();
        ctx.tessellate(output.shapes, output.pixels_per_point).len()
    };
    for _ in 0..8 {
        frame();
    }
    bencher.bench_local(frame);
}

/// Waits until nothing is worked on.
fn settle(session: &mut Session) {
    while session.is_busy() {
        std::thread::sleep(std::time::Duration::from_millis(1));
        session.take();
    }
    session.take();
}
