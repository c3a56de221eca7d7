//! The numbers of the Plan, Time and Compare tabs and of the step chart, each clicked down to what it adds up.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;
#[path = "bench/older.rs"]
mod older;

use bench::{Bench, Setup, here};
use eframe::egui::{Key, Modifiers};
use trustmap::session::words::number;
use trustmap::session::{Command, Evidence, EvidenceKind, PlanAnswer, PlanSort, PlanSpec, Tab};

const TOKEN: &str = "gha-deploy-prod";

/// The first sample with its token compromised.
fn compromised(tab: Tab) -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[here("sample-inventories/deploy-token.json")]);
    for command in [Command::Compromise(TOKEN.to_owned()), Command::ShowTab(tab)] {
        bench.do_it(command);
    }
    bench
}

impl Bench {
    fn do_it(&mut self, command: Command) {
        self.harness.state_mut().command(command);
        self.settle();
    }

    fn plan(&mut self, sort: PlanSort) -> PlanAnswer {
        let spec = PlanSpec {
            sort,
            ..self.session().doc.view.plan.clone()
        };
        self.do_it(Command::SetPlan(Box::new(spec)));
        let planned = self.session().answer.plan.as_ref().expect("a plan");
        planned.answer.clone()
    }

    /// Clicks a number and gives what stands behind it, which the window says line by line.
    #[track_caller]
    fn evidence(&mut self, label: &str) -> Evidence {
        self.click(label);
        let evidence = self.session().answer.evidence.as_deref().cloned().expect("evidence");
        self.says(&evidence.head);
        self.says(&evidence.how);
        let first = evidence.lines.first();
        if let Some((line, adds)) = first.and_then(|line| Some((line, line.adds?))) {
            self.says(&format!("{}, {}: {}", line.name, line.said, number(adds)));
        }
        self.key(Modifiers::NONE, Key::Escape);
        evidence
    }
}

fn sum(evidence: &Evidence) -> u64 {
    evidence.lines.iter().filter_map(|l| l.adds).sum()
}

fn counted(evidence: &Evidence) -> u64 {
    evidence.lines.iter().filter(|l| l.adds.is_some()).count() as u64
}

#[test]
fn a_cuts_numbers_lead_to_what_they_add_up() {
    let mut bench = compromised(Tab::Plan);
    let PlanAnswer::Cut(cut) = bench.plan(PlanSort::Cut) else {
        panic!("no cut");
    };
    let left = bench.evidence("Show what the cut leaves and what it takes off");
    assert_eq!((counted(&left), sum(&left)), (cut.after.systems, cut.after.weight));
    assert_eq!(left.lines.len() as u64, cut.before.systems, "and what is cut off");
    assert_eq!(
        left.lines.iter().filter(|l| l.crown).count() as u64,
        cut.before.crown_jewels
    );
    let cost = bench.evidence("Show what the cost adds up");
    assert_eq!(sum(&cost), cut.cost);
    assert!(cost.lines.len() > cut.steps.len() || cut.cost == cut.steps.len() as u64);
    // A bound says what it is one of, and what is known to be the best until then.
    let planned = bench.session().answer.plan.clone().expect("a plan");
    let ask = planned.question.reached(&planned.actions()).of(EvidenceKind::Bound(3));
    bench.do_it(Command::ShowEvidence(Box::new(ask)));
    let bound = bench.session().answer.evidence.clone().expect("evidence");
    assert_eq!((bound.head.as_str(), sum(&bound)), ("At least 3", cut.cost));
    assert!(
        bound.how.contains(&format!("costs {}", number(cut.cost))),
        "{}",
        bound.how
    );
    // The other choices.
    let offers = cut.offers.expect("they are worked out");
    let (offer, _) = &offers[0];
    let row = bench.all_labels().into_iter().find(|l| l.starts_with("Choice 1: "));
    bench.click(&row.expect("a row"));
    let label = |bench: &Bench, start: &str, end: &str| {
        let all = bench.all_labels().into_iter();
        let mut all = all.filter(|l| l.starts_with(start) && l.ends_with(end));
        all.next().expect("a number")
    };
    let left = label(
        &bench,
        "Show ",
        &format!(" left, weight {}", number(offer.after.weight)),
    );
    let left = bench.evidence(&left);
    assert_eq!((counted(&left), sum(&left)), (offer.after.systems, offer.after.weight));
    let cost = label(&bench, "Show what cost ", " adds up");
    assert_eq!(sum(&bench.evidence(&cost)), offer.cost);
}

#[test]
fn budgets_and_containments_say_what_each_step_leaves() {
    let mut bench = compromised(Tab::Plan);
    let PlanAnswer::Budget(budget) = bench.plan(PlanSort::Budget) else {
        panic!("no budget");
    };
    let last = budget.steps.last().expect("steps").exposure;
    assert_eq!(
        sum(&bench.evidence("Show what the exposure that is left adds up")),
        last
    );
    let least = bench.evidence("Show what is left however many actions are taken");
    assert_eq!(sum(&least), budget.least);
    let first = budget.steps[0].exposure;
    let label = format!("Show what {} after step 1 counts", number(first));
    assert_eq!(sum(&bench.evidence(&label)), first);

    let PlanAnswer::Containment(plan) = bench.plan(PlanSort::Containment) else {
        panic!("no containment");
    };
    let after = plan.steps.last().expect("steps").after;
    let left = bench.evidence("Show what is left and what is taken off");
    assert_eq!((counted(&left), sum(&left)), (after.systems, after.weight));
    let first = plan.steps[0].after;
    let all = bench.all_labels();
    let label = all
        .iter()
        .find(|l| l.ends_with(" after step 1 counts"))
        .expect("a number");
    let left = bench.evidence(label);
    assert_eq!((counted(&left), sum(&left)), (first.systems, first.weight));
}

#[test]
fn choke_points_and_third_parties_say_what_they_count() {
    let mut bench = compromised(Tab::Plan);
    let PlanAnswer::Chokes(chokes) = bench.plan(PlanSort::Chokes) else {
        panic!("no choke points");
    };
    let label = format!("Show what the exposure of {} adds up", number(chokes.exposure));
    assert_eq!(sum(&bench.evidence(&label)), chokes.exposure);
    // The first of each kind.
    let mut kinds = std::collections::BTreeSet::new();
    for line in chokes.lines.iter().filter(|l| kinds.insert(l.point.kind)) {
        let label = format!("Show what goes with {}", line.name);
        let shown = bench.all_labels().iter().filter(|l| **l == label).count();
        if shown == 1 {
            let goes = bench.evidence(&label);
            assert_eq!(sum(&goes), line.point.exposure_off, "{}", line.name);
            let others = goes.lines.iter().filter(|l| l.on.as_ref() != Some(&line.point.id));
            assert_eq!(others.count() as u64, line.point.credentials, "{}", line.name);
        }
    }
    let PlanAnswer::Vendors(vendors) = bench.plan(PlanSort::Vendors) else {
        panic!("no third parties");
    };
    let reach = bench.evidence(&format!("Show what {} reaches", vendors[0].name));
    assert_eq!(
        (counted(&reach), sum(&reach)),
        (vendors[0].reach.systems, vendors[0].reach.weight)
    );
    // A line leads to its record.
    bench.click(&format!("Show what {} reaches", vendors[0].name));
    let line = &reach.lines[0];
    bench.click(&format!(
        "{}, {}: {}",
        line.name,
        line.said,
        number(line.adds.expect("it counts"))
    ));
    assert_eq!(bench.session().doc.selection, line.on);
}

#[test]
fn every_point_in_time_and_every_step_says_what_is_reached() {
    let mut bench = compromised(Tab::Time);
    // A month before the token ends.
    let month = "2026-10-01T00:00:00Z".parse().expect("a time");
    bench.do_it(Command::SetAsOf(Some(month)));
    let audience = vec!["artifact-registry".into(), "deploy-api".into()];
    bench.do_it(Command::KeepAudience(TOKEN.into(), audience));
    let timeline = bench.session().answer.timeline.clone().expect("a timeline");
    let row = |l: &&String| l.starts_with("Show the ") && l.contains(&format!(" left once {TOKEN} expires"));
    let all = bench.all_labels();
    let evidence = bench.evidence(all.iter().find(row).expect("the token ends in the days ahead"));
    let ends = timeline.marks.iter().find(|m| m.id == TOKEN).expect("its mark").at;
    let point = timeline.points.iter().rev().find(|p| p.at <= ends).expect("a point");
    let n = point.after.expect("with the scenario");
    assert_ne!(Some(n), timeline.points[0].after, "less is left from then on");
    assert_eq!(counted(&evidence), n);

    bench.do_it(Command::ShowSteps(true));
    let steps = bench.session().answer.steps.clone().expect("steps");
    for (i, step) in steps.iter().enumerate() {
        let evidence = bench.evidence(&format!("Show what is reached after step {i}"));
        assert_eq!(counted(&evidence), step.systems, "step {i}");
    }
    assert_ne!(steps[0].systems, steps[1].systems);
}

#[test]
fn both_sides_of_a_comparison_say_what_they_count() {
    let mut bench = compromised(Tab::Compare);
    bench.do_it(Command::KeepAudience(TOKEN.into(), vec!["artifact-registry".into()]));
    let two = bench.session().answer.branches.clone().expect("two sides");
    for side in [&two.here, &two.other] {
        let name = side.name.as_deref().unwrap_or("No scenario");
        let left = bench.evidence(&format!("Show what is reached with {name}"));
        assert_eq!(
            (counted(&left), sum(&left)),
            (side.left.systems, side.left.weight),
            "{name}"
        );
    }
    let name = two.here.name.as_deref().expect("the scenario's");
    let breaks = bench.evidence(&format!("Show what breaks with {name}"));
    let reach = bench.session().answer.reach.clone().expect("a radius");
    let c = reach.comparison.as_ref().expect("a scenario");
    assert_eq!(breaks.lines.len(), c.broken_flows.len() + c.at_risk.len() + 1);

    // The numbers of another inventory come from its own files.
    let folder = tempfile::tempdir().expect("a folder");
    bench.do_it(Command::OpenOther(vec![older::older(folder.path())]));
    let two = bench.session().answer.branches.clone().expect("two sides");
    assert!(two.inventories);
    assert_ne!(two.here.left, two.other.left, "they differ");
    for side in [&two.here, &two.other] {
        let name = side.name.as_deref().expect("a title");
        let left = bench.evidence(&format!("Show what is reached with {name}"));
        assert_eq!(
            (counted(&left), sum(&left)),
            (side.left.systems, side.left.weight),
            "{name}"
        );
    }
}
