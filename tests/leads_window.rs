//! What the inspector says of the whole estate, by accessible label: who alone reaches a system, and what a holder is
//! granted beyond what is used.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup, here};
use trustmap::analysis::{Never, exposed_to};
use trustmap::findings::least_privilege;
use trustmap::graph::{Overlay, World};
use trustmap::scenario::Flows;
use trustmap::session::Command;

fn opened(sample: &str) -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[here("sample-inventories").join(sample)]);
    bench
}

#[test]
fn a_system_says_who_alone_reaches_it_and_by_which_last_hop() {
    let mut bench = opened("deploy-token.json");
    bench
        .harness
        .state_mut()
        .command(Command::Select(Some("payments-db".into())));
    bench.settle();
    let (all, first) = {
        let doc = &bench.session().doc;
        let graph = &doc.estate.as_ref().expect("it is open").graph;
        let target = graph.find("payments-db").expect("it is there");
        let settings = doc.settings().expect("it is open");
        let none = Overlay::default();
        let (first, all) = exposed_to(graph, &none, settings, target, 1, &Never).expect("nobody cancels");
        (all, first[0].clone())
    };
    assert!(all > 1);
    bench.says(&format!("{all} credentials"));
    let name = bench.session().name_of(&first.credential).to_owned();
    bench.click_part(&format!("{name} reaches it, "));
    assert_eq!(bench.session().doc.selection, Some(first.credential));
}

#[test]
fn what_is_granted_beyond_use_is_taken_off_with_one_click() {
    let mut bench = opened("estate.json");
    let holder = {
        let doc = &bench.session().doc;
        let graph = &doc.estate.as_ref().expect("it is open").graph;
        let none = Overlay::default();
        let world = World::new(graph, &none, doc.settings().expect("it is open"));
        let flows = Flows::of(world);
        let grants = &graph.inventory().records.grants;
        let found = (0..grants.len() as u32).find(|&g| {
            let least = least_privilege(world, &flows, g, &Never).expect("nobody cancels");
            least.is_some()
        });
        grants[found.expect("a grant is wider than its use") as usize]
            .holder
            .to_string()
    };
    bench.harness.state_mut().command(Command::Select(Some(holder)));
    bench.settle();
    let label = bench
        .all_labels()
        .into_iter()
        .find(|l| l.starts_with("Do: ") && l.contains(", not used: "));
    let label = label.unwrap_or_else(|| panic!("{:#?}", bench.all_labels()));
    assert!(
        label.contains("breaks nothing known") || label.contains(" idle"),
        "{label}"
    );
    bench.click(&label);
    assert_eq!(bench.session().doc.proposal.steps.len(), 1);
}
