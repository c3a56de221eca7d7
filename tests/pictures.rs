//! Pictures of the window, made from the samples, as the README shows them; drawn anew under docs/pictures by every run.

#![cfg(feature = "software-renderer")]

mod bench;

use bench::{Bench, Setup, here};
use egui_kittest::kittest::Queryable;
use trustmap::session::{Command, ThemeChoice};

fn save(bench: &mut Bench, name: &str) {
    let image = bench.harness.render().expect("a renderer");
    // An empty or one-coloured window is no picture, whatever its size.
    let colours: std::collections::HashSet<[u8; 4]> = image.pixels().map(|p| p.0).collect();
    assert!(colours.len() > 200, "{name} has only {} colours", colours.len());
    assert_eq!(
        (image.width(), image.height()),
        (1440, 900),
        "{name} has the size of the design"
    );
    let path = here("docs/pictures").join(format!("{name}.png"));
    image.save(&path).expect("the picture is written");
}

#[test]
fn welcome() {
    let mut bench = Bench::new(Setup {
        draws: true,
        ..Setup::default()
    });
    save(&mut bench, "welcome");
}

#[test]
fn before() {
    let mut bench = Bench::new(Setup {
        draws: true,
        ..Setup::default()
    });
    bench.harness.state_mut().command(Command::OpenSample(0));
    bench.settle();
    bench
        .harness
        .state_mut()
        .command(Command::Select(Some("payments-db".into())));
    bench.settle();
    save(&mut bench, "map-before");
}

#[test]
fn after() {
    let mut bench = Bench::new(Setup {
        draws: true,
        theme: ThemeChoice::Light,
        ..Setup::default()
    });
    bench.harness.state_mut().command(Command::OpenSample(0));
    bench.settle();
    bench.harness.state_mut().command(Command::KeepAudience(
        "gha-deploy-prod".into(),
        vec!["artifact-registry".into(), "deploy-api".into()],
    ));
    bench.settle();
    save(&mut bench, "map-after");
    assert!(bench.harness.query_by_label("Map").is_some());
}
