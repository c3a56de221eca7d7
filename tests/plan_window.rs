//! The Plan tab, walked by accessible label: a cut with its price, other choices, a budget, a containment, third parties,
//! and why there is none.

#![cfg(feature = "window-tests")]

mod bench;
#[path = "bench/hands.rs"]
mod hands;

use bench::{Bench, Setup, here};
use trustmap::analysis::{ChokeKind, Never, rank};
use trustmap::plan::Verb;
use trustmap::scenario::{Action, apply};
use trustmap::session::{Command, PlanAnswer, PlanSort, PlanSpec, Tab};

/// A sample with something compromised, at its plan.
fn planned(sample: &str, seed: &str) -> Bench {
    let mut bench = Bench::new(Setup::default());
    bench.drop_files(&[here("sample-inventories").join(sample)]);
    bench.do_it(Command::Compromise(seed.to_owned()));
    bench.click("Plan");
    bench
}

fn token() -> Bench {
    planned("deploy-token.json", "gha-deploy-prod")
}

impl Bench {
    fn do_it(&mut self, command: Command) {
        self.harness.state_mut().command(command);
        self.settle();
    }

    fn ask(&mut self, change: impl FnOnce(&mut PlanSpec)) {
        let mut spec = self.session().doc.view.plan.clone();
        change(&mut spec);
        self.do_it(Command::SetPlan(Box::new(spec)));
    }

    fn answer(&self) -> &PlanAnswer {
        &self.session().answer.plan.as_ref().expect("there is a plan").answer
    }

    /// The labels that begin so.
    fn beginning(&self, start: &str) -> Vec<String> {
        self.all_labels().into_iter().filter(|l| l.starts_with(start)).collect()
    }
}

#[test]
fn a_cut_says_its_price_and_is_taken_as_one_step() {
    let mut bench = token();
    assert_eq!(bench.session().doc.view.tab, Tab::Plan);
    bench.says("From: gha-deploy-prod");
    bench.says("Protect: 3 crown jewels");
    let PlanAnswer::Cut(cut) = bench.answer() else {
        panic!("{:?}", bench.answer());
    };
    assert!(cut.is_proven() && !cut.steps.is_empty());
    assert_eq!((cut.before.crown_jewels, cut.after.crown_jewels), (3, 0));
    assert_eq!(
        cut.cost,
        cut.steps.iter().map(|s| s.cost).sum::<u64>(),
        "the steps add up"
    );
    let (n, cost, first) = (cut.steps.len(), cut.cost, cut.steps[0].clone());
    bench.says_part("Least cost, proven: ");
    bench.says_part(&format!("3 → 0 crown jewels, weight {} → ", cut_weight(&bench)));
    bench.says_part(&format!("1. {}, cost ", first.title));
    // An action leads to the record that it changes, which says where it stands.
    assert!(first.place.contains("deploy-token.json"), "{}", first.place);
    let label = bench.beginning("1. ").remove(0);
    bench.click(&label);
    assert_eq!(bench.session().doc.selection, first.on);
    // One step, which undo takes back.
    let apply = bench.beginning("Apply ").remove(0);
    bench.click(&apply);
    assert_eq!(bench.session().doc.proposal.steps.len(), n, "cost {cost}");
    bench.says("Nothing needs to be done");
    bench.do_it(Command::Undo);
    assert!(bench.session().doc.proposal.steps.is_empty());
    bench.says_part("Least cost, proven: ");
}

fn cut_weight(bench: &Bench) -> u64 {
    match bench.answer() {
        PlanAnswer::Cut(cut) => cut.before.weight,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_becomes_a_branch_and_another_choice_the_scenario() {
    let mut bench = token();
    bench.says_part("What each further break buys");
    let choices = bench.beginning("Choice ");
    let rows: Vec<&String> = choices.iter().filter(|l| !l.contains("on the chart")).collect();
    assert!(!rows.is_empty(), "{choices:#?}");
    assert!(rows.iter().any(|l| l.ends_with("cut, proven")), "{rows:#?}");
    bench.click(&rows[0].clone());
    bench.says_part("left, weight");
    bench.click("Apply this choice");
    assert!(!bench.session().doc.proposal.steps.is_empty());
    bench.do_it(Command::Undo);
    bench.click("As a new branch");
    let proposal = &bench.session().doc.proposal;
    assert_eq!(proposal.others.len(), 1, "what there was stays as a branch");
    assert!(proposal.others[0].steps.is_empty() && !proposal.steps.is_empty());
    // From the estate as it stands, the same plan again, which takes the place of what there is.
    let n = proposal.steps.len();
    let after = format!("After {n} step{}", if n == 1 { "" } else { "s" });
    bench.click(&after);
    bench.says("From the estate as it stands");
    bench.says_part("Least cost, proven: ");
    let apply = bench.beginning("Apply ").into_iter().find(|l| l != "Apply this choice");
    bench.click(&apply.expect("it can be taken"));
    assert_eq!(bench.session().doc.proposal.steps.len(), n);
}

#[test]
fn what_is_protected_can_be_chosen_and_taken_out() {
    let mut bench = token();
    bench.click("Protect: 3 crown jewels");
    let out = bench.beginning("Take out ");
    assert_eq!(out.len(), 3, "{out:#?}");
    bench.click(&out[0]);
    bench.says("Protect: 2 things");
    bench.click("Find what to protect");
    bench.text("registry");
    let add = bench.beginning("Add ");
    assert!(!add.is_empty(), "{:#?}", bench.all_labels());
    bench.click(&add[0]);
    bench.says("Protect: 3 things");
    bench.click("Back to the crown jewels");
    bench.says("Protect: 3 crown jewels");
    assert_eq!(bench.session().doc.view.plan.protect, None);
}

#[test]
fn an_impossible_cut_says_why_with_the_way_there_and_what_to_do() {
    let mut bench = token();
    // Nothing yields a context there, so there is nothing to bind to.
    bench.ask(|spec| spec.barred = Verb::ALL.into_iter().filter(|v| *v != Verb::BindContext).collect());
    bench.says("No permitted cut exists");
    bench.says_part("No permitted action keeps the compromise from ");
    bench.says_part("gha-deploy-prod, compromised");
    let permit = bench.beginning("Permit ");
    assert!(!permit.is_empty());
    let before = bench.session().doc.view.plan.barred.len();
    bench.click(&permit[0]);
    assert_eq!(bench.session().doc.view.plan.barred.len(), before - 1);
}

#[test]
fn what_cannot_be_asked_says_why_and_what_to_ask_instead() {
    let mut bench = token();
    bench.ask(|spec| spec.barred = Verb::ALL.into());
    bench.says("No kind of action is permitted, so nothing can be done");
    bench.click("Permit every kind");
    bench.says_part("Least cost, proven: ");
    bench.ask(|spec| spec.barred = Verb::ALL.into_iter().filter(|v| *v != Verb::Rotate).collect());
    bench.says("Only rotate is permitted, and a rotation holds against this theft alone");
    bench.click("Plan against this theft alone");
    assert!(bench.session().doc.view.plan.this_theft);
    bench.ask(|spec| {
        spec.barred.clear();
        spec.protect = Some(Vec::new());
    });
    bench.says_part("There is nothing to protect. Add what must not be reached");
    bench.click("Protect the crown jewels");
    bench.ask(|spec| spec.protect = Some(vec!["gha-deploy-prod".into(), "no-such-thing".into()]));
    bench.says("No system, identity or credential is called \"no-such-thing\"");
    bench.says("\"gha-deploy-prod\" is compromised, so nothing keeps it from being reached");
    bench.click("Do not protect it");
    bench.click("Leave it out");
    bench.says("Protect: 3 crown jewels");
    bench.ask(|spec| spec.from = Some(vec!["nobody".into()]));
    bench.says("No system, identity or credential is called \"nobody\"");
    bench.click("Leave it out");
    bench.says("From: gha-deploy-prod");
    bench.do_it(Command::Spare("gha-deploy-prod".into()));
    bench.says_part("Nothing is compromised. Add what was stolen under From");
}

#[test]
fn a_budget_plan_takes_exposure_off_step_by_step() {
    let mut bench = token();
    bench.click("Budget");
    bench.says("3 actions");
    bench.click("One action fewer");
    bench.says("2 actions");
    let PlanAnswer::Budget(plan) = bench.answer() else {
        panic!("{:?}", bench.answer());
    };
    assert_eq!(plan.steps.len(), 2);
    let left: Vec<u64> = plan.steps.iter().map(|s| s.exposure).collect();
    assert!(left[0] < plan.exposure && left[1] < left[0], "{left:?}");
    bench.says_part(" is left at least");
    bench.click("Apply 2 actions");
    assert_eq!(bench.session().doc.proposal.steps.len(), 2);
}

#[test]
fn a_containment_stands_in_order_with_what_it_leaves() {
    let mut bench = token();
    bench.click("Containment");
    let PlanAnswer::Containment(plan) = bench.answer() else {
        panic!("{:?}", bench.answer());
    };
    let weights: Vec<u64> = plan.steps.iter().map(|s| s.after.weight).collect();
    assert!(!weights.is_empty() && weights.is_sorted_by(|a, b| a > b), "{weights:?}");
    let (residue, no_effect) = (plan.residue.clone(), plan.no_effect.clone());
    bench.says_part("Contained in ");
    if let Some(id) = residue.first() {
        bench.says_part("still reached after all steps");
        let name = bench.session().name_of(id).to_owned();
        bench.click(&name);
        assert_eq!(bench.session().doc.selection.as_ref(), Some(id));
    }
    for x in &no_effect {
        bench.says_part(&x.why);
    }
    let apply = bench.beginning("Apply ").remove(0);
    bench.click(&apply);
    assert!(!bench.session().doc.proposal.steps.is_empty());
}

#[test]
fn third_parties_are_ranked_and_planned_against() {
    let mut bench = planned("estate.json", "gha-release");
    bench.click("Third parties");
    let PlanAnswer::Vendors(all) = bench.answer() else {
        panic!("{:?}", bench.answer());
    };
    assert!(!all.is_empty());
    assert!(all.is_sorted_by(|a, b| a.reach.weight >= b.reach.weight));
    let first = all[0].clone();
    bench.click_part(&format!("{}: holds ", first.name));
    bench.click("Plan against it");
    let spec = &bench.session().doc.view.plan;
    assert_eq!(spec.sort, PlanSort::Cut);
    let mut held = first.holds.clone();
    held.sort();
    assert_eq!(spec.from.as_ref(), Some(&held));
    bench.click("Third parties");
    bench.click("Show its radius on the map");
    assert_eq!(bench.session().doc.proposal.seeds, held);
    assert_eq!(bench.session().doc.view.tab, Tab::Map);
}

#[test]
fn choke_points_say_what_goes_with_each_and_lead_to_the_map() {
    let mut bench = token();
    bench.click("Choke points");
    let PlanAnswer::Chokes(answer) = bench.answer().clone() else {
        panic!("no choke points");
    };
    let first = answer.lines.first().expect("there is one");
    let most = answer.lines.iter().map(|l| l.point.exposure_off).max();
    assert_eq!(
        Some(first.point.exposure_off),
        most,
        "the one that matters most stands first"
    );
    assert!(first.point.exposure_off <= answer.exposure);
    // What the list says is what taking it away does.
    let graph = &bench.session().doc.estate.as_ref().expect("open").graph;
    let settings = bench.session().doc.settings().expect("open");
    let one = answer
        .lines
        .iter()
        .find(|l| l.point.kind == ChokeKind::Identity)
        .expect("an identity is among them");
    let action = Action::DisableIdentity {
        identity: one.point.id.clone(),
    };
    let without = apply(graph, std::slice::from_ref(&action)).expect("it applies");
    let left = rank(graph, &without, settings, &Never)
        .expect("nobody cancels")
        .exposure;
    assert_eq!(left, answer.exposure - one.point.exposure_off, "{}", one.name);
    let (name, on) = (first.name.clone(), first.on.clone());
    let label = bench
        .all_labels()
        .into_iter()
        .find(|l| l.starts_with(&format!("{name}: ")) && l.contains(" off, "))
        .expect("it is a line");
    bench.click(&label);
    assert_eq!(bench.session().doc.selection, on);
    bench.click(&format!("Show {name} on the map"));
    assert_eq!(bench.session().doc.view.tab, Tab::Map);
    assert_eq!(bench.session().doc.selection, on);
}
