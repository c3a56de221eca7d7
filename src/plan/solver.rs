//! The hitting set problem as a linear program: a variable from 0 to 1 for each part, each action, and each group of
//! flows that the same parts break. Its relaxation gives a lower bound, its integer solution the next proposal.

use super::Verb;
use super::prices::{AT_RISK, Prices};
use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, SolveOptions, SolveOutcome, Variable};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What a solve gave.
pub(super) struct Solved {
    /// No set of parts that hits everything costs less.
    pub bound: u64,
    /// How far each part is taken, from 0 to 1, by number; none where the time was over before there was any.
    pub taken: Vec<f64>,
    /// Whether `taken` is whole numbers, and the best of all.
    pub exact: bool,
}

/// The clauses to hit, and sets whose price is only known as a whole.
#[derive(Default)]
pub(super) struct Clauses {
    pub hit: Vec<Vec<u32>>,
    pub whole: Vec<(BTreeSet<u32>, u64)>,
}

/// Why a solve gave nothing.
pub(super) enum Unsolved {
    /// No set of parts hits everything: choices that exclude each other are both needed.
    Infeasible,
    /// The solver's numbers got out of hand.
    Failed,
}

/// Solves the problem, with `whole` numbers or relaxed. `best` is what the best cut so far costs.
pub(super) fn solve(
    prices: &mut Prices<'_>,
    clauses: &Clauses,
    whole: bool,
    best: Option<u64>,
    time: Duration,
) -> Result<Solved, Unsolved> {
    // Asking for prices may make parts known, so this goes on until none is new.
    let mut asked = 0;
    while asked < prices.parts.len() {
        prices.alone(asked as u32);
        asked += 1;
    }
    let mut model = Model::new(prices, whole);
    model.flows(prices);
    for clause in &clauses.hit {
        let row: Vec<(Variable, f64)> = clause.iter().map(|&p| (model.parts[p as usize], 1.0)).collect();
        model.problem.add_constraint(row, ComparisonOp::Ge, 1.0);
    }
    for (set, cost) in &clauses.whole {
        model.whole(set, *cost);
    }
    let mut options = SolveOptions::default();
    options.time_limit = Some(time);
    // Costs are whole numbers: a solution less than one above the bound is the best, and to close the rest of the gap
    // means to go through all that costs the same.
    options.mip_gap = best.map_or(0.0, |cost| 0.5 / (cost + 1) as f64);
    let outcome = model.problem.solve_with(options).map_err(|error| match error {
        Error::Infeasible => Unsolved::Infeasible,
        _ => Unsolved::Failed,
    })?;
    let objective = outcome.solution().map(|s| s.objective());
    let bound = if outcome.is_optimal() {
        objective
    } else {
        outcome.stats().best_bound
    };
    let bound = bound.map_or(0, whole_at_least);
    let exact = whole && objective.is_some_and(|cost| whole_at_least(cost) <= bound);
    let taken = match &outcome {
        SolveOutcome::Solution(solution) => model.parts.iter().map(|&x| solution.var_value(x)).collect(),
        SolveOutcome::Interrupted(_) => Vec::new(),
    };
    Ok(Solved { bound, taken, exact })
}

/// Costs are whole numbers, so a bound is the next one; the solver's own error is taken off first.
fn whole_at_least(bound: f64) -> u64 {
    let slack = 1e-5 + bound.abs() * 1e-9;
    (bound - slack).ceil().max(0.0) as u64
}

struct Model {
    problem: Problem,
    parts: Vec<Variable>,
    /// Every variable with its cost.
    costs: Vec<(Variable, f64)>,
}

impl Model {
    fn new(prices: &Prices<'_>, whole: bool) -> Self {
        let mut slots: BTreeMap<(Verb, u32), Vec<u32>> = BTreeMap::new();
        for (p, part) in prices.parts.iter().enumerate() {
            slots.entry(part.slot()).or_default().push(p as u32);
        }
        let mut out = Self {
            problem: Problem::new(OptimizationDirection::Minimize),
            parts: Vec::new(),
            costs: Vec::new(),
        };
        for part in &prices.parts {
            let alone = slots.get(&part.slot()).is_some_and(|all| all.len() == 1);
            let cost = f64::from(u8::from(alone));
            let x = if whole {
                out.problem.add_binary_var(cost)
            } else {
                out.problem.add_var(cost, (0.0, 1.0))
            };
            out.costs.push((x, cost));
            out.parts.push(x);
        }
        for ((verb, _), all) in slots.into_iter().filter(|(_, all)| all.len() > 1) {
            let taken = out.real(1.0);
            for &p in &all {
                let row = [(taken, 1.0), (out.parts[p as usize], -1.0)];
                out.problem.add_constraint(row, ComparisonOp::Ge, 0.0);
            }
            if verb == Verb::BindContext {
                let row: Vec<(Variable, f64)> = all.iter().map(|&p| (out.parts[p as usize], 1.0)).collect();
                out.problem.add_constraint(row, ComparisonOp::Le, 1.0);
            }
        }
        out
    }

    fn real(&mut self, cost: f64) -> Variable {
        let x = self.problem.add_var(cost, (0.0, 1.0));
        self.costs.push((x, cost));
        x
    }

    /// `broken` is at least the sum of the parts, less one for each but the first, less what restores.
    fn breaks(&mut self, broken: Variable, by: &[u32], restored: &[u32]) {
        let mut row = vec![(broken, 1.0)];
        row.extend(by.iter().map(|&p| (self.parts[p as usize], -1.0)));
        row.extend(restored.iter().map(|&p| (self.parts[p as usize], 1.0)));
        self.problem
            .add_constraint(row, ComparisonOp::Ge, 1.0 - by.len() as f64);
    }

    fn flows(&mut self, prices: &mut Prices<'_>) {
        // What breaks each flow, what breaks it only together with others, and what puts it at risk.
        let mut alone: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut special: BTreeSet<u32> = prices.together.iter().map(|x| x.1).collect();
        let mut unless: Vec<(u32, u32, std::rc::Rc<[u32]>)> = Vec::new();
        let mut risks: Vec<(u32, u32, Option<u32>)> = Vec::new();
        for p in 0..prices.parts.len() as u32 {
            let does = prices.alone(p);
            for (f, restored) in &does.breaks {
                if restored.is_empty() {
                    alone.entry(*f).or_default().push(p);
                } else {
                    special.insert(*f);
                    unless.push((*f, p, restored.clone()));
                }
            }
            for &(f, enforced) in &does.risks {
                special.insert(f);
                risks.push((f, p, enforced));
            }
        }
        let mut groups: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        for (f, by) in &alone {
            if !special.contains(f) {
                *groups.entry(by.clone()).or_default() += prices.flows[*f as usize];
            }
        }
        for (by, cost) in groups {
            let broken = self.real(cost as f64);
            for p in by {
                self.breaks(broken, &[p], &[]);
            }
        }
        let broken: BTreeMap<u32, Variable> = special
            .iter()
            .map(|&f| (f, self.real(prices.flows[f as usize] as f64)))
            .collect();
        for (f, by) in alone.iter().filter(|(f, _)| special.contains(f)) {
            for &p in by {
                self.breaks(broken[f], &[p], &[]);
            }
        }
        for (f, p, restored) in &unless {
            self.breaks(broken[f], &[*p], restored);
        }
        for (by, f, restored) in &prices.together {
            self.breaks(broken[f], by, restored);
        }
        let mut at_risk: BTreeMap<u32, Variable> = BTreeMap::new();
        for (f, p, enforced) in risks {
            let risk = match at_risk.get(&f) {
                Some(&risk) => risk,
                None => {
                    let risk = self.real(AT_RISK as f64);
                    at_risk.insert(f, risk);
                    // A flow counts as broken only where something taken may have broken it.
                    for (n, parts) in prices.instead.get(&f).into_iter().flatten().enumerate() {
                        let mut breakers: BTreeSet<u32> = parts.iter().copied().collect();
                        if n == 0 {
                            breakers.extend(alone.get(&f).into_iter().flatten());
                            breakers.extend(unless.iter().filter(|x| x.0 == f).map(|x| x.1));
                            breakers.extend(prices.together.iter().filter(|x| x.1 == f).flat_map(|x| &x.0));
                        }
                        let mut row = vec![(broken[&f], 1.0)];
                        row.extend(breakers.into_iter().map(|q| (self.parts[q as usize], -1.0)));
                        self.problem.add_constraint(row, ComparisonOp::Le, 0.0);
                    }
                    risk
                }
            };
            let mut row = vec![(risk, 1.0), (broken[&f], 1.0), (self.parts[p as usize], -1.0)];
            row.extend(enforced.map(|e| (self.parts[e as usize], -1.0)));
            let least = -f64::from(u8::from(enforced.is_some()));
            self.problem.add_constraint(row, ComparisonOp::Ge, least);
        }
    }

    /// The price of one set as a whole: whoever takes exactly this pays all of it.
    fn whole(&mut self, set: &BTreeSet<u32>, cost: u64) {
        let cost = cost as f64;
        let mut row: BTreeMap<usize, (Variable, f64)> =
            self.costs.iter().enumerate().map(|(n, &(x, c))| (n, (x, c))).collect();
        for (p, &x) in self.parts.iter().enumerate() {
            let sign = if set.contains(&(p as u32)) { -cost } else { cost };
            // The parts are the first variables.
            row.entry(p).and_modify(|entry| entry.1 += sign).or_insert((x, sign));
        }
        let row: Vec<(Variable, f64)> = row.into_values().filter(|x| x.1 != 0.0).collect();
        let least = cost * (1.0 - set.len() as f64);
        self.problem.add_constraint(row, ComparisonOp::Ge, least);
    }
}
