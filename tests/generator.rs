//! The estates that the benches measure are the published ones, and they load without a remark.

#[path = "../benches/generator/mod.rs"]
mod generator;

use generator::Estate;
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
