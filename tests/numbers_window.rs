//! The numbers at the foot of the window, each clicked down to what it counts.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup};
use trustmap::session::{Column, Command, Tab};

fn narrowed() -> Bench {
    let mut bench = Bench::new(Setup::default());
    let audience = vec!["artifact-registry".into(), "deploy-api".into()];
    for command in [
        Command::OpenSample(0),
        Command::KeepAudience("gha-deploy-prod".into(), audience),
    ] {
        bench.harness.state_mut().command(command);
        bench.settle();
    }
    bench
}

#[test]
fn what_is_reached_leads_to_its_rows() {
    let mut bench = narrowed();
    bench.says_part("37 → 4 systems, 3 → 0 crown jewels");
    bench.click_part("Blast radius: 4 systems");
    assert_eq!(bench.session().doc.view.tab, Tab::Table);
    bench.harness.state_mut().command(Command::ShowTab(Tab::Map));
    bench.settle();
    bench.click("Show the systems reached as rows");
    let session = bench.session();
    assert_eq!(session.doc.view.tab, Tab::Table);
    let table = session.answer.table.as_ref().expect("rows");
    let names = |n: usize| table.rows.all[n].id.clone();
    let shown: Vec<String> = table.shown.iter().map(|&n| names(n as usize)).collect();
    let reach = session.answer.reach.as_ref().expect("a radius");
    assert_eq!(shown.len() as u64, reach.before().summary.systems, "{shown:?}");
    for system in &reach.before().systems {
        assert!(shown.contains(&system.reach.id), "{}", system.reach.id);
    }
    for (label, by) in [
        ("Show the crown jewels reached as rows", Column::Weight),
        ("Show the systems reached as rows", Column::Hops),
        ("Show the systems reached by weight", Column::Weight),
    ] {
        bench.click(label);
        assert_eq!(
            bench.session().doc.view.table.sort,
            (by, by == Column::Weight),
            "{label}"
        );
    }
}

#[test]
fn what_breaks_leads_to_the_flows() {
    let mut bench = narrowed();
    let (flows, steps) = {
        let reach = bench.session().answer.reach.clone().expect("a radius");
        let c = reach.comparison.as_ref().expect("a scenario");
        assert!(!c.broken_flows.is_empty());
        (c.broken_flows.len() + c.at_risk.len(), 1)
    };
    bench.does_not_say("one action");
    bench.click("Show what breaks");
    let evidence = bench.session().answer.evidence.clone().expect("what it adds up");
    assert_eq!(evidence.lines.len(), flows + steps);
    assert!(evidence.lines[0].hurts, "what is in use stands first");
    let line = &evidence.lines[0];
    let cost = line.adds.expect("a cost");
    bench.click(&format!(
        "{}, {}: {}",
        line.name,
        line.said,
        trustmap::session::words::number(cost)
    ));
    assert_eq!(bench.session().doc.selection, line.on);
}
