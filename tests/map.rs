//! The map of the sample inventories: what it shows, that a scenario moves nothing, that nothing overlaps, and the
//! picture itself. With `TRUSTMAP_PICTURES=DIR` the pictures are written there to be looked at.

use std::sync::Arc;
use trustmap::analysis::{Never, resolve_seeds};
use trustmap::export::png::{Meta, png};
use trustmap::export::svg::svg;
use trustmap::graph::{Regime, Settings, TrustGraph};
use trustmap::import::{LoadOptions, Unheard, load};
use trustmap::scenario::{compare, read};
use trustmap::scene::display::{Owner, Prim, pt};
use trustmap::scene::style::Theme;
use trustmap::scene::{Class, Cut, Gate, MapPicture, SHELF, State, View, draw, hit};

const SIZE: (f32, f32) = (872.0, 756.0);

fn map(file: &str, seed: &str, scenario: Option<&str>, layered: bool) -> MapPicture {
    let path = format!("sample-inventories/{file}.json");
    let loaded = load(&[path.into()], &LoadOptions::default(), &Unheard).expect("the sample loads");
    let graph = TrustGraph::build(Arc::clone(&loaded.inventory));
    let settings = Settings {
        as_of: loaded.inventory.as_of.expect("the sample says when"),
        regime: Regime::WorstCase,
    };
    let text = scenario.map_or_else(
        || r#"{"format":"trustmap-scenario","version":1,"actions":[]}"#.to_owned(),
        |s| std::fs::read_to_string(format!("sample-inventories/{s}.scenario.json")).expect("the scenario is there"),
    );
    let (steps, mut overlay) = read(&graph, &text).expect("the scenario applies");
    let seeds = resolve_seeds(&graph, &mut overlay, &[seed.to_owned()]).expect("the seed is there");
    let all = compare(&graph, &steps.actions, &overlay, &seeds, settings, &Never).expect("nobody cancels");
    let after = scenario.map(|_| &all);
    MapPicture::new(&graph, &all.before, after, &all.interval, settings, layered, SIZE)
}

fn picture(name: &str, map: &MapPicture, view: &View) {
    let document = svg(&draw(map, view));
    if let Ok(folder) = std::env::var("TRUSTMAP_PICTURES") {
        let bytes = png(&document, 1.0, &Meta::default()).expect("the picture is made");
        std::fs::write(format!("{folder}/{name}.png"), bytes).expect("the picture is written");
    }
}

#[test]
fn the_deploy_token_tells_its_story() {
    let before = map("deploy-token", "gha-deploy-prod", None, false);
    assert_eq!(before.before.systems, 37);
    assert_eq!(before.by_state(false), [12, 19, 6]);
    assert_eq!(before.hops_before, [9, 12, 16]);
    let node = |m: &MapPicture, name: &str| {
        m.nodes
            .iter()
            .find(|n| n.name == name)
            .expect("it is on the map")
            .clone()
    };
    assert_eq!(node(&before, "payments-db").gate, Gate::Missing("C".into()));
    assert_eq!(node(&before, "ledger-api").gate, Gate::Missing("CR".into()));
    assert_eq!(node(&before, "edge-gateway").gate, Gate::Missing("E".into()));
    assert_eq!(node(&before, "kms-keys").gate, Gate::Missing("U".into()));
    assert_eq!(node(&before, "artifact-registry").gate, Gate::Made);
    assert_eq!(node(&before, "dev-laptops").gate, Gate::Unknown);
    let after = map("deploy-token", "gha-deploy-prod", Some("deploy-token"), false);
    assert_eq!(after.after.expect("a scenario").systems, 4);
    assert_eq!(after.by_state(true), [2, 2, 0]);
    assert_eq!(after.reach_after(), Some(1));
    assert_eq!(node(&after, "terraform-state").cut, Cut::Broken);
    assert_eq!(node(&after, "argocd").cut, Cut::Sealed);
    assert_eq!(node(&after, "payments-db").cut, Cut::Beyond);
    assert_eq!(node(&after, "payments-db").after, State::Ghost);
}

#[test]
fn a_scenario_moves_nothing() {
    for layered in [false, true] {
        let before = map("deploy-token", "gha-deploy-prod", None, layered);
        let after = map("deploy-token", "gha-deploy-prod", Some("deploy-token"), layered);
        assert_eq!(before.layout, after.layout);
    }
}

#[test]
fn nodes_keep_apart_and_stay_in_their_band() {
    for (file, seed) in [
        ("deploy-token", "gha-deploy-prod"),
        ("agent", "helpdesk-agent-token"),
        ("saas-assertion", "surveydesk-assertion"),
        ("estate", "gha-release"),
        ("incident-tj-actions-2025", "sonar_findbugs_workflow"),
    ] {
        let m = map(file, seed, None, false);
        let spots = &m.layout.spots;
        for a in 0..spots.len() {
            if spots[a].wedge.is_some() {
                continue;
            }
            let n = &m.nodes[a];
            if n.class == Class::System && n.hops > 0 && n.before != State::Compromised {
                let band = (n.hops as usize).min(m.layout.walls.len() - 1);
                let (inner, outer) = (m.layout.walls[band - 1], m.layout.walls[band]);
                assert!(
                    spots[a].radius > inner && spots[a].radius < outer,
                    "{file}: {} is not in its band",
                    n.name
                );
            }
            for b in a + 1..spots.len() {
                if spots[b].wedge.is_some() {
                    continue;
                }
                let d = (spots[a].x - spots[b].x).hypot(spots[a].y - spots[b].y);
                assert!(
                    d > 14.0,
                    "{file}: {} and {} are {d} apart",
                    m.nodes[a].name,
                    m.nodes[b].name
                );
            }
        }
    }
}

#[test]
fn every_sample_is_drawn_alike_twice() {
    for (file, seed, scenario) in [
        ("deploy-token", "gha-deploy-prod", "deploy-token"),
        ("agent", "helpdesk-agent-token", "agent"),
        ("saas-assertion", "surveydesk-assertion", "saas-assertion"),
        ("workload-identity", "log-shipper-sidecar", "workload-identity"),
        ("copied-key", "job-invoice-mail", "copied-key"),
        ("estate", "gha-release", "estate"),
        (
            "incident-salesloft-drift-2025",
            "salesloft_github",
            "incident-salesloft-drift-2025",
        ),
    ] {
        let (w, h) = SIZE;
        let before = map(file, seed, None, false);
        picture(&format!("{file}-before-dark"), &before, &View::whole(w, h, Theme::Dark));
        let after = map(file, seed, Some(scenario), false);
        picture(&format!("{file}-after-light"), &after, &View::whole(w, h, Theme::Light));
        let layered = map(file, seed, None, true);
        picture(
            &format!("{file}-layers"),
            &layered,
            &View::whole_of(&layered, w, h, Theme::Light),
        );
        let one = svg(&draw(&before, &View::whole(w, h, Theme::Dark)));
        let two = svg(&draw(&map(file, seed, None, false), &View::whole(w, h, Theme::Dark)));
        assert_eq!(one, two);
        assert!(
            !one.contains("\"NaN") && !one.contains("\"inf"),
            "{file} has a place that is none"
        );
    }
    let m = map("deploy-token", "gha-deploy-prod", None, false);
    let selection = m.nodes.iter().position(|n| n.name == "payments-db").map(|n| n as u32);
    let view = View {
        selection,
        ..View::whole(SIZE.0, SIZE.1, Theme::Dark)
    };
    picture("deploy-token-selected", &m, &view);
}

#[test]
fn what_is_under_the_pointer_is_what_is_drawn_there() {
    let (w, h) = SIZE;
    let m = map("deploy-token", "gha-deploy-prod", None, false);
    for (zoom, pan) in [(1.0, (0.0, 0.0)), (2.0, (120.0, -60.0)), (0.5, (0.0, 30.0))] {
        let view = View {
            zoom,
            pan,
            ..View::whole(w, h, Theme::Dark)
        };
        for (i, spot) in m.layout.spots.iter().enumerate() {
            let at = view.screen_from_layout(spot.x, spot.y);
            if at.y < h - SHELF {
                assert_eq!(hit(&m, &view, at), Some(Owner::Node(i as u32)), "{}", m.nodes[i].name);
            }
        }
    }
    let view = View::whole(w, h, Theme::Dark);
    assert_eq!(hit(&m, &view, pt(w - 4.0, 4.0)), None);
    // The shelf: each cluster where its words are.
    let list = draw(&m, &view);
    let mut clusters = 0;
    for item in &list.items {
        let (Owner::Shelf(n), Some(Prim::Text { pos, text, .. })) = (item.owner, item.prims.first()) else {
            continue;
        };
        clusters += 1;
        assert_eq!(*text, m.unreached[n as usize].cluster);
        assert_eq!(hit(&m, &view, pt(pos.x + 2.0, pos.y)), Some(Owner::Shelf(n)));
    }
    assert!(clusters > 2, "clusters stand on the shelf");
}

#[test]
fn farther_away_less_is_drawn() {
    let (w, h) = SIZE;
    let m = map("deploy-token", "gha-deploy-prod", None, false);
    let count = |zoom: f32| {
        let view = View {
            zoom,
            ..View::whole(w, h, Theme::Dark)
        };
        let list = draw(&m, &view);
        let of = |kind: fn(&Owner) -> bool| list.items.iter().filter(|i| kind(&i.owner)).count();
        (
            of(|o| matches!(o, Owner::Label(_))),
            of(|o| matches!(o, Owner::Gate(_))),
            of(|o| matches!(o, Owner::Node(_))),
        )
    };
    let (all, few, plain) = (count(1.0), count(0.6), count(0.3));
    assert!(all.0 > 40 && few.0 == 4 && plain.0 == 0, "{all:?} {few:?} {plain:?}");
    assert!(all.1 == 37 && few.1 == 37 && plain.1 == 0, "{all:?} {few:?} {plain:?}");
    assert!(all.2 == few.2 && few.2 == plain.2, "every node at every zoom");
}

#[test]
fn each_gate_is_drawn_once_and_says_its_letters() {
    let (w, h) = SIZE;
    let m = map("deploy-token", "gha-deploy-prod", None, false);
    let list = draw(&m, &View::whole(w, h, Theme::Light));
    let mut seen = 0;
    for item in &list.items {
        let Owner::Gate(i) = item.owner else { continue };
        seen += 1;
        let said: String = item
            .prims
            .iter()
            .filter_map(|p| match p {
                Prim::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let expected = match &m.nodes[i as usize].gate {
            Gate::Missing(letters) => letters.clone(),
            Gate::Unknown => "?".to_owned(),
            Gate::Made | Gate::None => String::new(),
        };
        assert_eq!(said, expected, "{}", m.nodes[i as usize].name);
    }
    assert_eq!(seen, 37, "one for each system");
}

#[test]
fn the_numbers_count_down_and_the_boundary_shrinks() {
    let (w, h) = SIZE;
    let m = map("deploy-token", "gha-deploy-prod", Some("deploy-token"), false);
    let said = |progress: f32| {
        let view = View {
            progress,
            ..View::whole(w, h, Theme::Light)
        };
        let mut words = Vec::new();
        let mut largest: f32 = 0.0;
        for item in draw(&m, &view).items {
            for prim in item.prims {
                match prim {
                    Prim::Text { text, size, .. } if size >= 42.0 => words.push(text),
                    Prim::Circle {
                        radius,
                        stroke: Some(s),
                        ..
                    } if s.width >= 3.0 && s.dash.is_empty() => largest = largest.max(radius),
                    _ => {}
                }
            }
        }
        (words.join(" "), largest)
    };
    assert_eq!(said(0.0).0, "37");
    assert_eq!(said(1.0).0, "4");
    let half = said(0.5);
    assert_eq!(half.0, "20");
    assert!(half.1 > said(1.0).1, "the boundary is still on its way");
    assert!(
        (said(1.0).1 - m.layout.walls[1]).abs() < 0.5,
        "it ends at the first wall"
    );
}
