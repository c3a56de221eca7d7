//! Pictures of the window, made from the samples, as the README shows them; drawn anew under docs/pictures by every run.
//! Each must carry its story: the colours that tell it are counted.

mod bench;
#[path = "../benches/generator/mod.rs"]
mod generator;
#[path = "bench/older.rs"]
mod older;

use bench::{Bench, Setup, here};
use egui_kittest::kittest::Queryable;
use std::collections::HashMap;
use trustmap::scene::display::Color;
use trustmap::scene::style::Theme;
use trustmap::session::{Command, MapLayout, PlanSort, PlanSpec, Tab, ThemeChoice, samples};

/// A picture as it was drawn, and how often each colour is in it.
struct Picture {
    name: String,
    colours: HashMap<[u8; 3], usize>,
}

impl Picture {
    /// At least so many pixels of exactly this colour.
    #[track_caller]
    fn has(&self, color: Color, least: usize, what: &str) {
        let n = self.colours.get(&[color.r, color.g, color.b]).copied().unwrap_or(0);
        assert!(n >= least, "{} has only {n} pixels of {what}", self.name);
    }
}

fn draw(setup: Setup, sample: Option<usize>, then: Vec<Command>) -> Bench {
    let mut bench = Bench::new(Setup { draws: true, ..setup });
    let open = sample.map(Command::OpenSample);
    for command in open.into_iter().chain(then) {
        bench.harness.state_mut().command(command);
        bench.settle();
    }
    bench
}

/// Draws the picture and keeps it under docs/pictures.
#[track_caller]
fn save(mut bench: Bench, name: &str) -> Picture {
    let size = bench.harness.ctx.content_rect().size();
    let image = bench.harness.render().expect("a renderer");
    let expected = (size.x as u32, size.y as u32);
    assert_eq!(
        (image.width(), image.height()),
        expected,
        "{name} has the size of its window"
    );
    let mut colours: HashMap<[u8; 3], usize> = HashMap::new();
    for p in image.pixels() {
        *colours.entry([p.0[0], p.0[1], p.0[2]]).or_default() += 1;
    }
    // An empty or one-coloured window is no picture, whatever its size.
    assert!(colours.len() > 200, "{name} has only {} colours", colours.len());
    let path = here("docs/pictures").join(format!("{name}.png"));
    image.save(&path).expect("the picture is written");
    Picture {
        name: name.to_owned(),
        colours,
    }
}

fn narrowed() -> Command {
    Command::KeepAudience(
        "gha-deploy-prod".into(),
        vec!["artifact-registry".into(), "deploy-api".into()],
    )
}

fn select(id: &str) -> Command {
    Command::Select(Some(id.into()))
}

#[test]
fn welcome() {
    let picture = save(draw(Setup::default(), None, Vec::new()), "welcome");
    let t = Theme::Dark.tokens();
    picture.has(t.accent, 3_000, "the primary button");
    picture.has(t.inherited, 500, "what the samples reach by inheritance");
    picture.has(t.compromised, 300, "the samples' seeds and boundaries");
}

#[test]
fn before() {
    let picture = save(
        draw(Setup::default(), Some(0), vec![select("payments-db")]),
        "map-before",
    );
    let t = Theme::Dark.tokens();
    picture.has(t.compromised, 1_500, "the red boundary and the seed");
    picture.has(t.inherited, 5_000, "what is reached by inheritance");
    picture.has(t.intended, 800, "what is reached as intended");
    picture.has(t.crown, 100, "crowns");
}

#[test]
fn after() {
    let setup = Setup {
        theme: ThemeChoice::Light,
        ..Setup::default()
    };
    let picture = save(draw(setup, Some(0), vec![narrowed()]), "map-after");
    let t = Theme::Light.tokens();
    picture.has(t.sealed, 2_500, "the teal boundary, closed gates and the number after");
    picture.has(t.inherited, 500, "what is still reached by inheritance");
    picture.has(t.inherited_fill, 3_000, "where it had no effect");
    picture.has(t.broken, 60, "what it breaks");
    picture.has(t.compromised, 600, "the seed");
}

#[test]
fn several_taken_together() {
    let mut bench = draw(Setup::default(), Some(0), Vec::new());
    let graph = &bench
        .harness
        .state()
        .session()
        .doc
        .estate
        .as_ref()
        .expect("it is open")
        .graph;
    let ids = ["rds-admin", "payments-db", "ledger-api", "payments-api", "svc-payments"];
    let marked = ids.iter().filter_map(|id| graph.find(id)).collect();
    let key = "rings/mirror-01".to_owned();
    for command in [Command::Mark(marked), Command::Pin(key, Some((6500, 17500)))] {
        bench.harness.state_mut().command(command);
        bench.settle();
    }
    let picture = save(bench, "map-marked");
    picture.has(Theme::Dark.tokens().accent, 150, "rings around what is marked");
}

#[test]
fn layers() {
    let then = vec![select("customer-records"), Command::SetLayout(MapLayout::Layers)];
    let picture = save(draw(Setup::default(), Some(1), then), "map-layers");
    picture.has(Theme::Dark.tokens().inherited, 2_000, "what is reached by inheritance");
}

#[test]
fn high_contrast_in_a_small_window() {
    let setup = Setup {
        size: (1280.0, 800.0),
        theme: ThemeChoice::HighContrast,
        ..Setup::default()
    };
    let picture = save(draw(setup, Some(8), vec![select("gha-release")]), "map-high-contrast");
    let t = Theme::HighContrast.tokens();
    picture.has(t.compromised, 1_000, "the red boundary");
    picture.has(t.canvas, 300_000, "black ground");
}

#[test]
fn a_large_window() {
    let setup = Setup {
        size: (2560.0, 1440.0),
        ..Setup::default()
    };
    let picture = save(
        draw(setup, Some(0), vec![narrowed(), select("terraform-state")]),
        "map-large",
    );
    picture.has(Theme::Dark.tokens().sealed, 5_000, "the teal boundary");
}

#[test]
fn the_estate() {
    let then = vec![
        Command::Compromise("gha-release".into()),
        Command::SetLayout(MapLayout::Estate),
    ];
    let picture = save(draw(Setup::default(), Some(8), then), "estate");
    let t = Theme::Dark.tokens();
    picture.has(t.compromised, 500, "the ring around where the compromise is");
    picture.has(t.inherited, 1_500, "what is reached by inheritance");
    picture.has(t.band, 20_000, "bubbles");
}

/// An estate of ten thousand records in a file.
fn large(folder: &std::path::Path) -> (std::path::PathBuf, String) {
    let made = generator::Estate::new(10_000, 42);
    let path = folder.join("large.json");
    std::fs::write(&path, made.native()).expect("it is written");
    (path, made.id(made.widest()))
}

#[test]
fn a_large_estate_by_night_and_by_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, widest) = large(folder.path());
    for (theme, choice, name) in [
        (Theme::Dark, ThemeChoice::Dark, "estate-large"),
        (Theme::Light, ThemeChoice::Light, "estate-large-light"),
    ] {
        let setup = Setup {
            theme: choice,
            files: vec![path.clone()],
            ..Setup::default()
        };
        let then = vec![
            Command::Compromise(widest.clone()),
            Command::SetLayout(MapLayout::Estate),
        ];
        let picture = save(draw(setup, None, then), name);
        let t = theme.tokens();
        picture.has(t.compromised, 500, "the ring around where the compromise is");
        picture.has(t.intended, 3_000, "what is reached");
        picture.has(t.band, 20_000, "bubbles");
    }
}

#[test]
fn a_large_estate_near_by_and_the_working_map_around_a_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, widest) = large(folder.path());
    let setup = || Setup {
        files: vec![path.clone()],
        ..Setup::default()
    };
    let then = vec![
        Command::Compromise(widest.clone()),
        Command::SetLayout(MapLayout::Estate),
    ];
    let mut bench = draw(setup(), None, then);
    for _ in 0..16 {
        bench
            .harness
            .input_mut()
            .events
            .push(eframe::egui::Event::Text("+".into()));
        bench.settle();
    }
    let picture = save(bench, "estate-near");
    picture.has(Theme::Dark.tokens().intended, 2_000, "what is reached");
    let then = vec![Command::Compromise(widest.clone()), Command::OpenAround(Some(widest))];
    let picture = save(draw(setup(), None, then), "estate-around");
    picture.has(Theme::Dark.tokens().compromised, 200, "the record in the middle");
}

/// A view in both themes, in the smallest window the design knows and in a large one: what is added to the view's name,
/// and the window.
fn four() -> impl Iterator<Item = (&'static str, Setup, Theme)> {
    let one = |more, theme, choice, size| {
        let setup = Setup {
            theme: choice,
            size,
            ..Setup::default()
        };
        (more, setup, theme)
    };
    let (small, large) = ((1280.0, 800.0), (2560.0, 1440.0));
    [
        one("", Theme::Dark, ThemeChoice::Dark, small),
        one("-light", Theme::Light, ThemeChoice::Light, small),
        one("-large", Theme::Dark, ThemeChoice::Dark, large),
        one("-large-light", Theme::Light, ThemeChoice::Light, large),
    ]
    .into_iter()
}

#[test]
fn rows() {
    for (more, setup, theme) in four() {
        let selected = if setup.size.0 > 2000.0 {
            None
        } else {
            Some("payments-db".into())
        };
        let then = vec![Command::ShowTab(Tab::Table), Command::Select(selected)];
        let picture = save(draw(setup, Some(0), then), &format!("table{more}"));
        let t = theme.tokens();
        picture.has(t.inherited, 1_000, "what is reached by inheritance");
        picture.has(t.raised, 20_000, "headings");
    }
}

#[test]
fn cells() {
    for (more, setup, theme) in four() {
        let mut then = vec![Command::ShowTab(Tab::Matrix), Command::Select(None)];
        if more == "-large" {
            then.push(narrowed());
        }
        let picture = save(draw(setup, Some(0), then), &format!("matrix{more}"));
        let t = theme.tokens();
        picture.has(t.inherited, 800, "checks that are missing");
        picture.has(t.intended, 300, "what every check lets in");
    }
}

#[test]
fn what_is_wrong() {
    for (more, setup, theme) in four() {
        let mut bench = draw(setup, Some(0), vec![Command::ShowTab(Tab::Findings)]);
        let judged = bench
            .harness
            .state()
            .session()
            .answer
            .judged
            .clone()
            .expect("they are known");
        let opened = judged
            .findings
            .iter()
            .find(|f| f.finding.rule.id == "audience-not-checked");
        let key = opened.expect("the token is accepted too widely").key();
        for command in [Command::Select(None), Command::OpenFinding(Some(key.clone()))] {
            bench.harness.state_mut().command(command);
            bench.settle();
        }
        let picture = save(bench, &format!("findings{more}"));
        let t = theme.tokens();
        picture.has(t.inherited, 500, "findings of high severity");
        picture.has(t.accent, 300, "the action that mends");
    }
}

#[test]
fn what_to_do() {
    const SMALL: (f32, f32) = (1280.0, 800.0);
    const USUAL: (f32, f32) = (1440.0, 900.0);
    let estate = samples()
        .iter()
        .position(|s| s.file == "estate.json")
        .expect("it is a sample");
    for (name, sort, theme, size) in [
        ("plan", PlanSort::Cut, ThemeChoice::Light, USUAL),
        ("plan-dark", PlanSort::Cut, ThemeChoice::Dark, SMALL),
        ("plan-budget", PlanSort::Budget, ThemeChoice::Light, USUAL),
        ("plan-containment", PlanSort::Containment, ThemeChoice::Dark, USUAL),
        ("plan-vendors", PlanSort::Vendors, ThemeChoice::Light, SMALL),
        ("plan-chokes", PlanSort::Chokes, ThemeChoice::Dark, SMALL),
    ] {
        let setup = Setup {
            theme,
            size,
            ..Setup::default()
        };
        // The one sample in which third parties hold something.
        let sample = if sort == PlanSort::Vendors { estate } else { 0 };
        let spec = PlanSpec {
            sort,
            ..PlanSpec::default()
        };
        let then = vec![Command::SetPlan(Box::new(spec)), Command::ShowTab(Tab::Plan)];
        let picture = save(draw(setup, Some(sample), then), name);
        let t = if theme == ThemeChoice::Light {
            Theme::Light
        } else {
            Theme::Dark
        }
        .tokens();
        match sort {
            PlanSort::Vendors | PlanSort::Chokes => picture.has(t.inherited, 200, "how much each weighs"),
            _ => picture.has(t.accent, 500, "what to do"),
        }
    }
}

#[test]
fn time() {
    for (more, setup, theme) in four() {
        let then = vec![Command::ShowTab(Tab::Time), Command::Select(None), narrowed()];
        let picture = save(draw(setup, Some(0), then), &format!("time{more}"));
        picture.has(
            theme.tokens().accent,
            400,
            "the slider and the radius after the scenario",
        );
    }
}

#[test]
fn branches() {
    for (more, setup, theme) in four() {
        let then = vec![
            narrowed(),
            Command::NewBranch("revoke it".into()),
            Command::ClearActions,
            Command::AddAction(trustmap::scenario::Action::Revoke {
                credential: "tf-admin-key".into(),
            }),
            Command::Select(None),
            Command::ShowSteps(true),
            Command::CompareWith(Some("scenario-1".into())),
            Command::ShowTab(Tab::Compare),
        ];
        let picture = save(draw(setup, Some(0), then), &format!("compare{more}"));
        picture.has(theme.tokens().sealed, 1_000, "both boundaries after the scenarios");
    }
}

#[test]
fn inventories() {
    let folder = tempfile::tempdir().expect("a folder");
    let march = older::older(folder.path());
    for (more, setup, theme) in four() {
        let then = vec![Command::Select(None), Command::OpenOther(vec![march.clone()])];
        let picture = save(draw(setup, Some(0), then), &format!("inventories{more}"));
        picture.has(theme.tokens().compromised, 1_000, "both boundaries");
    }
}

#[test]
fn search() {
    use egui_kittest::kittest::Queryable;
    for (more, setup, theme) in four() {
        let mut bench = draw(setup, Some(0), vec![]);
        bench
            .harness
            .key_press_modifiers(eframe::egui::Modifiers::COMMAND, eframe::egui::Key::K);
        bench.settle();
        bench
            .harness
            .get_by_label("Search records and commands")
            .type_text("deploy");
        bench.settle();
        let picture = save(bench, &format!("search{more}"));
        picture.has(theme.tokens().raised, 5_000, "the line that is chosen");
    }
}

/// What a plan's cost and what it leaves add up to, over the numbers that were clicked.
#[test]
fn evidence() {
    for (more, setup, theme) in four().take(2) {
        let seed = Command::Compromise("gha-deploy-prod".into());
        for (name, label) in [
            ("evidence-cost", "Show what the cost adds up"),
            ("evidence-left", "Show what the cut leaves and what it takes off"),
        ] {
            let setup = Setup {
                files: Vec::new(),
                export_folder: setup.export_folder.clone(),
                settings_file: None,
                autosave_file: None,
                ..setup
            };
            let mut bench = draw(setup, Some(0), vec![seed.clone(), Command::ShowTab(Tab::Plan)]);
            bench.harness.get_by_label(label).click();
            bench.settle();
            let picture = save(bench, &format!("{name}{more}"));
            picture.has(theme.tokens().panel, 5_000, "the list over the plan");
        }
    }
}
