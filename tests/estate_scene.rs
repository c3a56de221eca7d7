//! The estate's scene: what is where is found, names cover nothing, a compromise and a scenario are seen at every zoom.
//! With `TRUSTMAP_PICTURES=DIR` pictures are written there to be looked at.

#[path = "../benches/generator/mod.rs"]
mod generator;

use std::path::Path;
use std::sync::Arc;
use trustmap::analysis::{Never, radius, resolve_seeds};
use trustmap::export::png::{Meta, png};
use trustmap::export::svg::svg;
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::layout::estate::{Unwatched, estate};
use trustmap::scenario::{compare, read};
use trustmap::scene::State;
use trustmap::scene::display::{Align, DisplayList, Face, Owner, Prim, Pt, pt};
use trustmap::scene::estate::{EstatePicture, EstatePlaces, EstateShape, EstateView, Grouping, draw, fitting, hit};
use trustmap::scene::fonts::text_width;
use trustmap::scene::style::Theme;

const SIZE: (f32, f32) = (872.0, 726.0);

fn picture_of(source: Source, seeds: &[&str], scenario: Option<&str>, grouping: Grouping) -> EstatePicture {
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads");
    let settings = Settings {
        as_of: loaded.inventory.as_of.expect("it states its time"),
        regime: Regime::WorstCase,
    };
    let graph = TrustGraph::build(loaded.inventory);
    let mut overlay = Overlay::default();
    let ids: Vec<String> = seeds.iter().map(|s| (*s).to_owned()).collect();
    let seeds = resolve_seeds(&graph, &mut overlay, &ids).expect("they are known");
    let before = radius(&graph, &Overlay::default(), &seeds, settings, &Never).expect("nobody cancels");
    let comparison = scenario.map(|text| {
        let (scenario, overlay) = read(&graph, text).expect("it applies");
        compare(&graph, &scenario.actions, &overlay, &seeds, settings, &Never).expect("nobody cancels")
    });
    let shape = Arc::new(EstateShape::new(&graph, grouping));
    let layout = estate(&shape.request(None), &Unwatched).expect("nobody stops it");
    let places = Arc::new(EstatePlaces::new(shape, layout));
    EstatePicture::new(&graph, places, &before, comparison.as_ref(), settings)
}

fn sample(seeds: &[&str], scenario: bool) -> EstatePicture {
    let here = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("sample-inventories")
            .join(name)
    };
    let read = |name: &str| std::fs::read_to_string(here(name)).expect("a sample");
    let text = read("estate.scenario.json");
    let source = Source::Bytes {
        name: "estate.json".to_owned(),
        bytes: read("estate.json").into_bytes().into(),
    };
    picture_of(source, seeds, scenario.then_some(text.as_str()), Grouping::Platform)
}

fn generated(n: usize) -> EstatePicture {
    let made = generator::Estate::new(n, 42);
    let source = Source::Bytes {
        name: "estate.json".to_owned(),
        bytes: made.native().into_bytes().into(),
    };
    picture_of(source, &[&made.id(made.widest())], None, Grouping::Platform)
}

fn view(picture: &EstatePicture, nearer: f32, center: Option<[f32; 2]>) -> EstateView {
    let (scale, middle) = fitting(&picture.places, SIZE.0, SIZE.1);
    EstateView {
        scale: scale * nearer,
        center: center.unwrap_or(middle),
        ..EstateView::whole(&picture.places, SIZE.0, SIZE.1, Theme::Dark)
    }
}

#[test]
fn the_grid_finds_what_a_plain_walk_finds() {
    let picture = generated(2_000);
    let (layout, grid) = (&picture.places.layout, &picture.places.grid);
    let mut dice = 7_u32;
    let mut draw = |most: f32| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((dice >> 8) as f32 / (1 << 24) as f32 - 0.5) * most
    };
    for _ in 0..300 {
        let (at, within) = ([draw(500.0), draw(400.0)], draw(40.0).abs());
        let far = |p: &[f32; 2]| (p[0] - at[0]).hypot(p[1] - at[1]);
        let plain = layout
            .spots
            .iter()
            .enumerate()
            .filter(|(_, p)| far(p) <= within)
            .min_by(|a, b| far(a.1).total_cmp(&far(b.1)).then(a.0.cmp(&b.0)))
            .map(|(v, _)| v as u32);
        assert_eq!(grid.nearest(layout, at, within), plain, "{at:?} within {within}");
        let (min, max) = ([at[0] - within, at[1] - within], [at[0] + within, at[1] + within]);
        let inside = |p: &&[f32; 2]| p[0] >= min[0] && p[0] <= max[0] && p[1] >= min[1] && p[1] <= max[1];
        let mut found = Vec::new();
        grid.within(min, max, |nodes| found.extend_from_slice(nodes));
        let all = layout.spots.iter().filter(inside).count();
        let of_found = found.iter().filter(|&&v| inside(&&layout.spots[v as usize])).count();
        assert_eq!(of_found, all);
    }
}

/// Boxes of all names: of bubbles and of records.
fn names(list: &DisplayList) -> Vec<(String, Pt, Pt)> {
    let mut out = Vec::new();
    for prim in list.items.iter().flat_map(|i| &i.prims) {
        if let Prim::Text {
            pos,
            align,
            text,
            size,
            face,
            ..
        } = prim
            && matches!(face, Face::Medium | Face::SemiBold)
            && *size > 10.9
            && *size < 13.0
        {
            let w = text_width(*face, *size, text);
            let left = match align {
                Align::Left => pos.x,
                Align::Center => pos.x - w / 2.0,
                Align::Right => pos.x - w,
            };
            out.push((text.clone(), pt(left, pos.y - 5.0), pt(left + w, pos.y + 5.0)));
        }
    }
    out
}

#[test]
fn names_do_not_overlap_at_any_zoom() {
    let pictures = [sample(&["gha-release"], true), sample(&[], false), generated(3_000)];
    let mut most = 0;
    for picture in &pictures {
        let middle = picture.places.layout.bubbles[0];
        for nearer in [0.6, 1.0, 2.0, 4.0, 8.0, 16.0] {
            let view = EstateView {
                chrome: false,
                ..view(picture, nearer, (nearer > 1.5).then_some([middle.x, middle.y]))
            };
            let names = names(&draw(picture, &view).list);
            most = most.max(names.len());
            for (i, a) in names.iter().enumerate() {
                for b in &names[..i] {
                    let apart = a.2.x <= b.1.x || b.2.x <= a.1.x || a.2.y <= b.1.y || b.2.y <= a.1.y;
                    assert!(apart, "at {nearer} {:?} covers {:?}", a.0, b.0);
                }
            }
        }
    }
    assert!(most > 30, "there are at most {most} names");
}

#[test]
fn a_compromise_is_seen_at_every_zoom_and_by_more_than_its_colour() {
    let picture = generated(3_000);
    let seed = picture.seeds[0];
    let at = picture.places.layout.spots[seed as usize];
    for nearer in [0.5, 1.0, 3.0, 10.0, 30.0, 100.0] {
        let drawn = draw(&picture, &view(&picture, nearer, Some(at))).list;
        let t = Theme::Dark.tokens();
        let prims = || drawn.items.iter().flat_map(|i| &i.prims);
        let ring = prims().any(|p| {
            matches!(p, Prim::Circle { stroke: Some(s), .. } if s.color == t.compromised)
                || matches!(p, Prim::Path { stroke: Some(s), .. } if s.color == t.compromised)
        });
        assert!(ring, "no red ring at {nearer}");
        let lightning = prims().any(|p| {
            matches!(p, Prim::Text { face: Face::IconFill, text, .. } if text.contains(trustmap::scene::icons::LIGHTNING))
        });
        assert!(lightning, "no lightning at {nearer}");
        let number = prims().any(|p| matches!(p, Prim::Text { size, .. } if *size >= 42.0));
        assert!(number, "no number at {nearer}");
    }
}

#[test]
fn what_a_scenario_cuts_off_is_seen_at_every_zoom() {
    let seeds = ["gha-release"];
    let picture = sample(&seeds, true);
    let ghost = (0..picture.after.len() as u32).find(|&v| picture.after[v as usize] == State::Ghost);
    let ghost = ghost.expect("the scenario cuts something off");
    let at = picture.places.layout.spots[ghost as usize];
    for nearer in [1.0, 4.0, 20.0] {
        let drawn = draw(&picture, &view(&picture, nearer, Some(at))).list;
        let dotted = drawn.items.iter().flat_map(|i| &i.prims).any(|p| match p {
            Prim::Path { stroke: Some(s), .. }
            | Prim::Circle { stroke: Some(s), .. }
            | Prim::Rect { stroke: Some(s), .. } => !s.dash.is_empty() && s.round,
            _ => false,
        });
        assert!(dotted, "nothing dotted at {nearer}");
    }
    // Before the scenario nothing is cut off, and nothing stands elsewhere.
    let before = sample(&seeds, false);
    assert_eq!(before.places.layout, picture.places.layout);
    assert!(!before.after.contains(&State::Ghost));
}

#[test]
fn what_is_pointed_at_is_found() {
    let picture = generated(3_000);
    let whole = view(&picture, 1.0, None);
    for (b, bubble) in picture.places.layout.bubbles.iter().enumerate() {
        let at = whole.screen_from_layout([bubble.x, bubble.y]);
        assert_eq!(hit(&picture, &whole, at), Some(Owner::Bubble(b as u32)));
        let folded = EstateView {
            folded: [b as u32].into(),
            ..view(&picture, 30.0, Some([bubble.x, bubble.y]))
        };
        assert_eq!(
            hit(&picture, &folded, pt(SIZE.0 / 2.0, SIZE.1 / 2.0)),
            Some(Owner::Bubble(b as u32))
        );
    }
    for v in (0..3_000).step_by(97) {
        let near = view(&picture, 40.0, Some(picture.places.layout.spots[v as usize]));
        assert_eq!(
            hit(&picture, &near, pt(SIZE.0 / 2.0, SIZE.1 / 2.0)),
            Some(Owner::Node(v))
        );
    }
    assert_eq!(hit(&picture, &whole, pt(-900.0, -900.0)), None);
}

#[test]
fn an_unfolded_bubble_shows_its_records_and_what_is_spotted_is_on_the_screen() {
    let picture = sample(&["gha-release"], false);
    let whole = EstateView {
        folded: (0..picture.bubbles.len() as u32).collect(),
        ..view(&picture, 1.0, None)
    };
    let folded = draw(&picture, &whole);
    let b = picture.places.layout.bubbles[0];
    let open = EstateView {
        unfolded: [0].into(),
        ..view(&picture, 6.0, Some([b.x, b.y]))
    };
    let drawn = draw(&picture, &open);
    let nodes = |d: &trustmap::scene::estate::EstateDrawing| {
        d.spotted.iter().filter(|s| matches!(s.owner, Owner::Node(_))).count()
    };
    assert!(
        nodes(&drawn) > nodes(&folded),
        "{} and {}",
        nodes(&drawn),
        nodes(&folded)
    );
    for s in drawn.spotted.iter().filter(|s| matches!(s.owner, Owner::Node(_))) {
        assert!(s.at.x >= 0.0 && s.at.x <= SIZE.0 && s.at.y >= 0.0 && s.at.y <= SIZE.1);
    }
    let large = generated(3_000);
    for nearer in [1.0, 5.0, 12.0] {
        assert!(draw(&large, &view(&large, nearer, None)).spotted.len() <= 300);
    }
}

#[test]
fn counts_of_bubbles_add_up_to_the_radius() {
    for picture in [sample(&["gha-release"], true), generated(2_000)] {
        let records: u32 = picture.bubbles.iter().map(|b| b.records).sum();
        assert_eq!(records as usize, picture.places.shape.len());
        let reached: u64 = picture.by_state[0].iter().sum();
        assert_eq!(reached, picture.summary.systems);
        if let Some(after) = picture.summary_after {
            assert_eq!(picture.by_state[1].iter().sum::<u64>(), after.systems);
        }
        let seeds: u32 = picture.bubbles.iter().map(|b| b.before.compromised).sum();
        assert_eq!(seeds as usize, picture.seeds.len());
    }
}

#[test]
fn equal_estates_give_equal_drawings() {
    let one = sample(&["gha-release"], true);
    let two = sample(&["gha-release"], true);
    let draw = |p: &EstatePicture| svg(&draw(p, &view(p, 1.0, None)).list);
    assert_eq!(draw(&one), draw(&two));
    assert!(draw(&one).len() > 10_000);
}

#[test]
fn pictures_are_made_from_the_same_list() {
    let pictures = [
        ("estate-sample", sample(&["gha-release"], false), 1.0),
        ("estate-sample-after", sample(&["gha-release"], true), 1.0),
        ("estate-sample-untouched", sample(&[], false), 1.0),
        ("estate-10k", generated(10_000), 1.0),
        ("estate-10k-near", generated(10_000), 4.0),
        ("estate-10k-reading", generated(10_000), 16.0),
    ];
    for (name, picture, nearer) in pictures {
        let b = picture.places.layout.bubbles[0];
        for theme in [Theme::Dark, Theme::Light] {
            let view = EstateView {
                theme,
                ..view(&picture, nearer, (nearer > 1.0).then_some([b.x, b.y]))
            };
            let document = svg(&draw(&picture, &view).list);
            assert!(document.contains("<circle"));
            if let Ok(folder) = std::env::var("TRUSTMAP_PICTURES") {
                let bytes = png(&document, 1.0, &Meta::default()).expect("the picture is made");
                std::fs::write(format!("{folder}/{name}-{}.png", theme.as_str()), bytes).expect("it is written");
            }
        }
    }
}
