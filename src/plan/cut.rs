//! A cut of least cost, by hitting sets: every attack found must lose something it leans on, so the parts that would
//! break it are a set to hit. Whoever hits all sets found so far proposes a cut; attacks that survive it give more sets.
//! A greedy proposal comes at once; then a solver proposes what no cut can undercut, until the two meet.

use super::prices::{AT_RISK, Prices};
use super::solver::{Clauses, Solved, Unsolved, solve};
use super::universe::{Part, Universe};
use super::{Progress, Standing, Stopped, Verb};
use crate::analysis::{Attack, Step, attacks};
use crate::graph::{FastMap, Overlay, Settings, Thing, TrustGraph, World};
use crate::scenario::Action;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// What a cut is asked for.
pub(super) struct Ask<'a> {
    pub graph: &'a TrustGraph,
    /// What is done already.
    pub base: &'a Overlay,
    pub settings: Settings,
    pub seeds: &'a [Thing],
    /// Sorted, no seeds among them.
    pub protected: &'a [Thing],
    pub permits: &'a BTreeSet<Verb>,
}

/// A cut, or why there is none.
pub(super) enum Found {
    Cut {
        actions: Vec<Action>,
        overlay: Overlay,
        cost: u64,
        lower_bound: u64,
    },
    Impossible {
        target: Thing,
        path: Vec<Step>,
        /// Kinds of action, not permitted, that would break this path.
        others: Vec<Verb>,
    },
}

/// How many cuts the greedy answer may find dearer than it was said to be before it is left at that.
const DEARER: u32 = 2;
/// With no more parts than this, a better answer than the first takes no time worth speaking of.
const SMALL: usize = 400;
/// How many proposals are made with the relaxed problem before anybody asks for a proof.
const POLISH: u32 = 6;

struct Best {
    set: BTreeSet<u32>,
    cost: u64,
}

/// What came of one proposal by the solver.
struct Round {
    /// Something was learned.
    new: bool,
    /// It is a cut.
    is_cut: bool,
    /// The solver holds it for the best of all.
    exact: bool,
}

struct Search<'a, 'p> {
    ask: &'a Ask<'a>,
    prices: Prices<'a>,
    clauses: Clauses,
    known: HashSet<Vec<u32>>,
    best: Option<Best>,
    bound: u64,
    progress: &'p dyn Progress,
}

/// Finds a cut. Within `progress`' time the greedy answer is made better until it is proved.
pub(super) fn find(ask: &Ask<'_>, progress: &dyn Progress) -> Result<Found, Stopped> {
    let universe = Universe::new(ask.graph, ask.base, ask.settings, ask.permits);
    let mut search = Search::new(ask, universe, progress);
    if let Err(end) = search
        .greedy()
        .and_then(|()| search.polish())
        .and_then(|()| search.exact())
    {
        match end {
            End::Impossible(attack) => return Ok(search.impossible(&attack)),
            End::Cancelled => return Err(Stopped::Cancelled),
            End::Over => {}
        }
    }
    let Some(best) = search.best.take() else {
        return Err(Stopped::TimeOver);
    };
    let overlay = search.prices.overlay(&best.set);
    let parts: Vec<_> = best.set.iter().map(|&p| search.prices.parts[p as usize]).collect();
    Ok(Found::Cut {
        actions: search.prices.universe.actions(parts),
        overlay,
        cost: best.cost,
        lower_bound: search.bound.min(best.cost),
    })
}

/// The parts of which each belongs to a set that breaks one of the attacks as things stand.
pub(super) fn bearing_on_all(ask: &Ask<'_>, progress: &dyn Progress) -> Result<BTreeSet<Part>, Stopped> {
    let universe = Universe::new(ask.graph, ask.base, ask.settings, ask.permits);
    let mut search = Search::new(ask, universe, progress);
    let none = BTreeSet::new();
    let Ok(attacks) = search.attacks(&none) else {
        return Err(Stopped::Cancelled);
    };
    for attack in &attacks {
        // What nothing permitted breaks has no part here.
        let _ = search.learn(std::slice::from_ref(attack), &none);
        if progress.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
    }
    Ok(search.prices.parts.iter().copied().collect())
}

/// Why a search ends before it is done.
enum End {
    Impossible(Box<Attack>),
    Cancelled,
    Over,
}

impl<'a, 'p> Search<'a, 'p> {
    fn new(ask: &'a Ask<'a>, universe: Universe<'a>, progress: &'p dyn Progress) -> Self {
        Self {
            ask,
            prices: Prices::new(universe),
            clauses: Clauses::default(),
            known: HashSet::new(),
            best: None,
            bound: 0,
            progress,
        }
    }

    fn stop(&self) -> Result<(), End> {
        if self.progress.is_cancelled() {
            Err(End::Cancelled)
        } else if self.progress.time_left().is_zero() && self.best.is_some() {
            Err(End::Over)
        } else {
            Ok(())
        }
    }

    /// Ends the search where its first answer is all that there is time for, unless a better one takes no time at all.
    fn stop_if_large(&self) -> Result<(), End> {
        match self.stop() {
            Err(End::Over) if self.prices.parts.len() <= SMALL => Ok(()),
            other => other,
        }
    }

    fn attacks(&mut self, set: &BTreeSet<u32>) -> Result<Vec<Attack>, End> {
        let overlay = self.prices.overlay(set);
        let world = World::new(self.ask.graph, &overlay, self.ask.settings);
        attacks(world, self.ask.seeds, self.ask.protected, self.progress).map_err(|_| End::Cancelled)
    }

    /// The parts that bear on an attack: on its relations, and on what its steps depend on.
    fn bearing(universe: &mut Universe<'_>, attack: &Attack) -> Vec<Part> {
        let mut out = Vec::new();
        for &thing in &attack.things {
            universe.of_thing(thing, &mut out);
        }
        for &g in &attack.only.grants {
            universe.of_grant(g, &mut out);
        }
        for &x in &attack.only.exposures {
            universe.of_exposure(x, &mut out);
        }
        for &n in &attack.only.inherits {
            universe.of_inherit(n, &mut out);
        }
        for &t in &attack.only.trusts {
            universe.of_trust(t, &mut out);
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Sets to hit, one for each attack: all parts but a largest choice that leaves the attack standing. Any cut takes one
    /// of them, since fewer parts than that choice leave it standing too. Whether any of the sets is new.
    fn learn(&mut self, attacks: &[Attack], set: &BTreeSet<u32>) -> Result<bool, End> {
        let universe = &mut self.prices.universe;
        let bearing: Vec<Vec<Part>> = attacks.iter().map(|a| Self::bearing(universe, a)).collect();
        let taken: BTreeSet<Part> = set.iter().map(|&p| self.prices.parts[p as usize]).collect();
        let (ask, universe) = (self.ask, &self.prices.universe);
        let found: Vec<Vec<Part>> = attacks
            .par_iter()
            .zip(bearing)
            .map(|(attack, bearing)| breaking(ask, universe, attack, &bearing, &taken))
            .collect();
        let mut new = false;
        for (attack, clause) in attacks.iter().zip(found) {
            if clause.is_empty() {
                return Err(End::Impossible(Box::new(attack.clone())));
            }
            let mut clause: Vec<u32> = clause.into_iter().map(|part| self.prices.part(part)).collect();
            clause.sort_unstable();
            if self.known.insert(clause.clone()) {
                self.clauses.hit.push(clause);
                new = true;
            }
        }
        Ok(new)
    }

    /// Proposals without a solver, until one is a cut that costs what it was said to cost, or has often cost more.
    fn greedy(&mut self) -> Result<(), End> {
        let mut dearer = 0;
        loop {
            self.stop_if_large()?;
            let set = self.cover(&[]);
            let attacks = self.attacks(&set)?;
            if attacks.is_empty() {
                self.take(set.clone());
                self.stop_if_large()?;
                // Parts that alone break nothing may do so together; whoever knows that proposes others.
                dearer += 1;
                if dearer > DEARER || !self.dearer_than_said(&set) {
                    return Ok(());
                }
                continue;
            }
            let new = self.learn(&attacks, &set)?;
            // Choices that exclude each other are left to the solver.
            if !new {
                return Ok(());
            }
        }
    }

    /// A few proposals that lean on the relaxed problem: what costs least as a whole is often not what looks cheapest
    /// part by part. So few that nobody waits for them.
    fn polish(&mut self) -> Result<(), End> {
        self.stop_if_large()?;
        for _ in 0..POLISH {
            if self.is_proved() || self.best.is_none() {
                break;
            }
            if self.progress.is_cancelled() {
                return Err(End::Cancelled);
            }
            let round = match self.round(false, Duration::from_millis(300)) {
                Ok(round) => round,
                // The proof says what there is to say.
                Err(End::Over | End::Impossible(_)) => break,
                Err(cancelled) => return Err(cancelled),
            };
            if !round.new {
                break;
            }
        }
        Ok(())
    }

    /// Whether a cut costs more than was known, and why is known now.
    fn dearer_than_said(&mut self, set: &BTreeSet<u32>) -> bool {
        let (said, true_cost) = (self.prices.estimate(set), self.prices.bill(set).cost);
        true_cost > said && self.prices.learn(set)
    }

    /// Remembers a cut, where it is the best so far.
    fn take(&mut self, set: BTreeSet<u32>) {
        let cost = self.prices.bill(&set).cost;
        if self.best.as_ref().is_none_or(|best| cost < best.cost) {
            self.best = Some(Best { set, cost });
        }
        self.tell();
    }

    fn tell(&self) {
        self.progress.report(Standing {
            best: self.best.as_ref().map(|best| best.cost),
            bound: self.bound,
        });
    }

    /// A set that hits every clause, cheap by what each part costs beside those taken already; `leaning` says which
    /// parts a solver would take.
    fn cover(&mut self, leaning: &[f64]) -> BTreeSet<u32> {
        let count = self.prices.parts.len();
        let mut of_part: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (n, clause) in self.clauses.hit.iter().enumerate() {
            for &p in clause {
                of_part[p as usize].push(n as u32);
            }
        }
        let used: Vec<u32> = (0..count as u32).filter(|&p| !of_part[p as usize].is_empty()).collect();
        let alone: Vec<_> = used.iter().map(|&p| self.prices.alone(p)).collect();
        // What each part costs beside those taken, and which parts pay for each flow.
        let mut costs: Vec<f64> = Vec::with_capacity(used.len());
        let mut payers: FastMap<u32, Vec<usize>> = FastMap::default();
        let mut of_slot: HashMap<(Verb, u32), Vec<usize>> = HashMap::new();
        for (at, does) in alone.iter().enumerate() {
            let mut cost = 1.0 + AT_RISK as f64 * does.risks.iter().filter(|x| x.1.is_none()).count() as f64;
            for (f, _) in does.breaks.iter().filter(|x| x.1.is_empty()) {
                cost += self.prices.flows[*f as usize] as f64;
                payers.entry(*f).or_default().push(at);
            }
            costs.push(cost);
            let part = self.prices.parts[used[at] as usize];
            of_slot.entry(part.slot()).or_default().push(at);
        }
        let mut left: Vec<usize> = used.iter().map(|&p| of_part[p as usize].len()).collect();
        let place: FastMap<u32, usize> = used.iter().enumerate().map(|(at, &p)| (p, at)).collect();
        // Sets that only together break a flow: whoever would complete one pays for it.
        let mut sets_of: FastMap<u32, Vec<usize>> = FastMap::default();
        let mut missing: Vec<usize> = Vec::with_capacity(self.prices.together.len());
        for (n, (by, _, restored)) in self.prices.together.iter().enumerate() {
            let counts = restored.is_empty() && by.iter().all(|p| place.contains_key(p));
            missing.push(if counts { by.len() } else { usize::MAX });
            if counts {
                by.iter().for_each(|p| sets_of.entry(*p).or_default().push(n));
            }
        }
        let mut broken: HashSet<u32> = HashSet::new();
        let mut hit = vec![false; self.clauses.hit.len()];
        let mut set: BTreeSet<u32> = BTreeSet::new();
        let mut order: Vec<(f64, u32)> = Vec::new();
        while hit.iter().any(|&h| !h) {
            let mut best: Option<(f64, u32, usize)> = None;
            for (at, &p) in used.iter().enumerate() {
                if left[at] == 0 || self.prices.excluded(p, &set) {
                    continue;
                }
                let lean = leaning.get(p as usize).copied().unwrap_or(0.0).clamp(0.0, 1.0);
                let rate = (costs[at] * (1.0 - lean) + 1e-3) / left[at] as f64;
                if best.is_none_or(|(least, ..)| rate < least) {
                    best = Some((rate, p, at));
                }
            }
            // What is left can only be hit by a second choice of what excludes one: attacks will say so again.
            let Some((_, p, at)) = best else { break };
            set.insert(p);
            order.push((costs[at], p));
            for &other in &of_slot[&self.prices.parts[p as usize].slot()] {
                costs[other] -= 1.0;
            }
            // The whole slot is paid for once.
            of_slot.insert(self.prices.parts[p as usize].slot(), Vec::new());
            let mut breaks: Vec<u32> = alone[at]
                .breaks
                .iter()
                .filter(|x| x.1.is_empty())
                .map(|x| x.0)
                .collect();
            for &n in sets_of.get(&p).map_or(&[][..], Vec::as_slice) {
                let (by, f, _) = &self.prices.together[n];
                missing[n] -= 1;
                match missing[n] {
                    0 => breaks.push(*f),
                    1 if !broken.contains(f) => {
                        let last = by.iter().filter(|q| !set.contains(q)).map(|q| place[q]);
                        let paying = payers.entry(*f).or_default();
                        for last in last.filter(|last| !paying.contains(last)).collect::<Vec<_>>() {
                            paying.push(last);
                            costs[last] += self.prices.flows[*f as usize] as f64;
                        }
                    }
                    _ => {}
                }
            }
            for f in breaks {
                broken.insert(f);
                for payer in payers.remove(&f).unwrap_or_default() {
                    costs[payer] -= self.prices.flows[f as usize] as f64;
                }
            }
            for &n in &of_part[p as usize] {
                if !std::mem::replace(&mut hit[n as usize], true) {
                    for q in &self.clauses.hit[n as usize] {
                        left[place[q]] -= 1;
                    }
                }
            }
        }
        // What others make superfluous goes, the dearest first.
        let clauses = self.clauses.hit.iter();
        let mut times: Vec<usize> = clauses
            .map(|clause| clause.iter().filter(|p| set.contains(p)).count())
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, p) in order {
            if of_part[p as usize].iter().all(|&n| times[n as usize] > 1) {
                set.remove(&p);
                for &n in &of_part[p as usize] {
                    times[n as usize] -= 1;
                }
            }
        }
        set
    }

    fn is_proved(&self) -> bool {
        self.best.as_ref().is_some_and(|best| best.cost <= self.bound)
    }

    fn raise(&mut self, bound: u64) {
        if bound > self.bound {
            self.bound = bound;
            self.tell();
        }
    }

    /// Proposals by the solver, until one is a cut that costs what it was said to cost.
    fn exact(&mut self) -> Result<(), End> {
        let mut whole = false;
        let mut slice = Duration::from_secs(10);
        while !self.is_proved() {
            self.stop()?;
            let time = self.progress.time_left().min(slice).max(Duration::from_millis(50));
            let Round { new, is_cut, exact } = self.round(whole, time)?;
            if self.is_proved() {
                break;
            }
            if whole && !new && !exact && !self.progress.time_left().is_zero() {
                // The solver was interrupted: once more, for longer.
                slice *= 2;
                continue;
            }
            if whole && !new {
                // Nothing is to be learned from the solver's own best proposal; what is known stands.
                return Err(End::Over);
            }
            // A relaxation that says nothing new is asked again in whole numbers.
            whole = !whole && (!new || is_cut);
        }
        Ok(())
    }

    /// One proposal by the solver, and what is learned from it.
    fn round(&mut self, whole: bool, time: Duration) -> Result<Round, End> {
        let best = self.best.as_ref().map(|best| best.cost);
        let solved = match solve(&mut self.prices, &self.clauses, whole, best, time) {
            Ok(solved) => solved,
            Err(Unsolved::Failed) => return Err(End::Over),
            Err(Unsolved::Infeasible) => {
                let set = self.cover(&[]);
                let left = self.attacks(&set)?.into_iter().next();
                return Err(left.map_or(End::Over, |attack| End::Impossible(Box::new(attack))));
            }
        };
        let exact = solved.exact;
        self.raise(solved.bound);
        if self.is_proved() {
            return Ok(Round {
                new: false,
                is_cut: false,
                exact,
            });
        }
        let set = self.proposal(&solved);
        let attacks = self.attacks(&set)?;
        let mut new = self.learn(&attacks, &set)?;
        let is_cut = attacks.is_empty();
        if is_cut {
            let (said, true_cost) = (self.prices.estimate(&set), self.prices.bill(&set).cost);
            if true_cost > said {
                new = self.prices.learn(&set) || self.price_whole(&set, true_cost);
            }
            self.take(set);
        }
        Ok(Round { new, is_cut, exact })
    }

    /// Remembers the price of one set as a whole. Whether it was not known.
    fn price_whole(&mut self, set: &BTreeSet<u32>, cost: u64) -> bool {
        if self.clauses.whole.iter().any(|(other, _)| other == set) {
            return false;
        }
        self.prices.know_what_saves(set);
        self.clauses.whole.push((set.clone(), cost));
        true
    }

    fn proposal(&mut self, solved: &Solved) -> BTreeSet<u32> {
        if is_whole(&solved.taken) && !solved.taken.is_empty() {
            let all = solved.taken.iter().enumerate().filter(|(_, x)| **x > 0.5);
            return all.map(|(p, _)| p as u32).collect();
        }
        self.cover(&solved.taken)
    }

    fn impossible(mut self, attack: &Attack) -> Found {
        let world = self.prices.universe.before();
        let path = attack.path(world);
        // What else would break it, were it permitted.
        let every = Verb::all_for(true);
        let mut universe = Universe::new(self.ask.graph, self.ask.base, self.ask.settings, &every);
        let bearing = Self::bearing(&mut universe, attack);
        let mut others: Vec<Verb> = Vec::new();
        for part in bearing {
            if others.contains(&part.verb) || self.ask.permits.contains(&part.verb) {
                continue;
            }
            let overlay = universe.overlay([part]);
            let world = World::new(self.ask.graph, &overlay, self.ask.settings);
            if !attack.stands(world) {
                others.push(part.verb);
            }
        }
        others.sort_unstable();
        self.best = None;
        Found::Impossible {
            target: attack.target,
            path,
            others,
        }
    }
}

/// The parts of which each, beside those taken and a largest choice of the others, breaks an attack.
fn breaking(
    ask: &Ask<'_>,
    universe: &Universe<'_>,
    attack: &Attack,
    bearing: &[Part],
    taken: &BTreeSet<Part>,
) -> Vec<Part> {
    // By position, so that what stands is always in order.
    let mut standing: Vec<bool> = bearing.iter().map(|part| taken.contains(part)).collect();
    let open: Vec<usize> = (0..bearing.len()).filter(|&n| !standing[n]).collect();
    let mut clause = Vec::new();
    // Nearly all parts leave the attack standing, so they are tried many at a time: where all of a run leave it standing,
    // each does; where not, its halves are tried.
    let mut runs: Vec<&[usize]> = vec![&open];
    while let Some(run) = runs.pop() {
        run.iter().for_each(|&n| standing[n] = true);
        let parts = bearing.iter().zip(&standing).filter(|(_, stands)| **stands);
        let overlay = universe.overlay_of_known(parts.map(|(part, _)| *part));
        if run.is_empty() || attack.stands(World::new(ask.graph, &overlay, ask.settings)) {
            continue;
        }
        run.iter().for_each(|&n| standing[n] = false);
        match run {
            [n] => clause.push(bearing[*n]),
            _ => {
                let (first, second) = run.split_at(run.len() / 2);
                runs.push(second);
                runs.push(first);
            }
        }
    }
    clause
}

fn is_whole(taken: &[f64]) -> bool {
    taken.iter().all(|x| (x - x.round()).abs() < 1e-6)
}
