//! The estates that the benches measure are the published ones, and they load without a remark.

#[path = "../benches/generator/mod.rs"]
mod generator;

use generator::Estate;
use generator::gates::{Gates, Mode, draft};
use trustmap::analysis::Never;
use trustmap::analysis::reach::{Core, How, radii, radii_of, systems};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};

/// A sum over the edges, by which an estate is known.
fn fnv(edges: &[(u32, u32)]) -> u64 {
    edges.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &(from, to)| {
        (sum ^ (u64::from(from) << 32 | u64::from(to))).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_estates_are_the_published_ones() {
    for (n, edges, sum) in [
        (1_000, 3_621, 0x5a19_f75c_3ec1_637a),
        (10_000, 37_964, 0x01c0_6c69_b9e2_b19c),
        (100_000, 378_650, 0x149b_a91e_436a_00c2_u64),
    ] {
        let estate = Estate::new(n, 42);
        assert_eq!(estate.edges.len(), edges, "{n}");
        assert_eq!(fnv(&estate.edges), sum, "{n}");
    }
}

#[test]
fn an_estate_loads_without_a_remark() {
    let estate = Estate::new(1_000, 42);
    let source = Source::Bytes {
        name: "estate.json".to_owned(),
        bytes: estate.native().into_bytes().into(),
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads");
    assert_eq!(loaded.diagnostics, []);
    let records = &loaded.inventory.records;
    assert_eq!((records.systems.len(), records.credentials.len()), (350, 650));
    assert_eq!(records.grants.len() + records.exposures.len(), 3_621);
    let widest = estate.id(estate.widest());
    assert!(records.grants.iter().any(|g| g.holder == widest), "{widest}");
}

#[test]
fn gates_are_the_published_ones() {
    let (_, plan) = Estate::planned(10_000, 42);
    for (share, mode, contexts, entries, doors, both, sum) in [
        (0.05, Mode::Edge, 6, 61, 1_337, 46, 0x443e_3fe5_eac9_140a),
        (0.20, Mode::Edge, 6, 61, 5_484, 52, 0x82f6_c75f_fdd1_1de6_u64),
    ] {
        let gates = Gates::new(&plan, 42, share, mode);
        let lens = (gates.contexts, gates.entries.len(), gates.doors.len(), gates.both.len());
        assert_eq!(lens, (contexts, entries, doors, both), "{share} {mode:?}");
        assert_eq!(gates.sum(), sum, "{share} {mode:?}");
    }
    let (_, plan) = Estate::planned(100_000, 42);
    for (share, mode, doors, both, sum) in [
        (0.05, Mode::Edge, 13_867, 501, 0x22c6_33c3_0ca8_04fd),
        (0.05, Mode::Credential, 14_110, 546, 0x0d4a_d764_cf7f_9120),
        (0.20, Mode::Credential, 57_327, 528, 0x1134_29b5_5e03_a91a_u64),
    ] {
        let gates = Gates::new(&plan, 42, share, mode);
        assert_eq!((gates.doors.len(), gates.both.len()), (doors, both), "{share} {mode:?}");
        assert_eq!(gates.sum(), sum, "{share} {mode:?}");
    }
}

#[test]
fn the_deep_estate_is_the_published_one() {
    let estate = Estate::deep(100_000, 42);
    assert_eq!(estate.edges.len(), 399_665);
    assert_eq!(fnv(&estate.edges), 0x5d01_575a_3e82_1b33);
}

/// What every credential reaches, summed, as it was counted by a program that shares nothing with this one.
#[test]
fn the_engine_counts_what_was_counted() {
    let (estate, plan) = Estate::planned(10_000, 42);
    for (share, expected) in [(0.05, 251_838), (0.20, 261_913)] {
        let core = Core::build(draft(&estate, &Gates::new(&plan, 42, share, Mode::Edge)));
        let all = radii(&core, &Never).expect("nobody cancels");
        let credentials = (0..10_000).filter(|&c| estate.is_credential[c as usize]);
        let sum: u64 = credentials.map(|c| systems(&all.of(core.node(c)))).sum();
        assert_eq!(sum, expected, "{share}");
    }
}

/// Every node of whole estates, with every make of gates, against plain search; so is a graph that is all core.
#[test]
fn every_radius_of_small_estates() {
    let (estate, plan) = Estate::planned(3_000, 42);
    let deep = Estate::deep(1_000, 42);
    let mut all = vec![
        (draft(&estate, &Gates::default()), "no gates"),
        (draft(&deep, &Gates::default()), "deep"),
        (draft(&deep, &Gates::random(&deep, 1, 0.05)), "deep, 5 %"),
        (draft(&deep, &Gates::random(&deep, 2, 0.5)), "deep, 50 %"),
    ];
    for share in [0.05, 0.20, 0.60] {
        all.push((draft(&estate, &Gates::new(&plan, 42, share, Mode::Edge)), "edge"));
        all.push((
            draft(&estate, &Gates::new(&plan, 42, share, Mode::Credential)),
            "credential",
        ));
    }
    for (draft, name) in all {
        let core = Core::build(draft);
        let counted = radii(&core, &Never).expect("nobody cancels");
        for node in 0..core.len() as u32 {
            assert_eq!(counted.of(node), core.count(&core.reach(&[node])), "{name}, {node}");
        }
        let followed = How {
            most_openings: Some(0),
            ..How::default()
        };
        let followed = radii_of(&core, None, followed, &Never).expect("nobody cancels");
        for node in 0..core.len() as u32 {
            assert_eq!(counted.of(node), followed.of(node), "{name}, {node}");
        }
        let again = rayon_of(1).install(|| radii(&core, &Never).expect("nobody cancels"));
        assert_eq!(counted, again, "{name}: the number of threads changes nothing");
    }
}

fn rayon_of(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads")
}
