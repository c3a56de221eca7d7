//! Computes plans on a worker of its own: a greedy answer at once, then the proof, which can be stopped with the bound it
//! reached. What was found is kept while only the window's other parts change.

use super::derive::known_ids;
use super::plan::{
    BudgetAnswer, BudgetLine, Choice, ChokeAnswer, ChokeLine, ContainmentAnswer, ContainmentLine, CutAnswer, NoCut,
    NoEffectLine, PlanAnswer, PlanQuestion, PlanSpec, Planned, steps, troubles,
};
use super::{PlanSort, Ticket, words};
use crate::analysis::{self, Cancel, ChokePoint, Never};
use crate::export::words as said;
use crate::graph::{Overlay, Thing};
use crate::plan::{self, Impossible, Offer, Plan, Progress, Question, Standing, Stopped};
use crate::scenario::{self, UseCounts};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many answers are kept.
const KEPT: usize = 8;

/// How long other choices wait for the proof, so that what takes longer to prove does not hold them up.
const FIRST_PROOF: Duration = Duration::from_secs(2);

/// How long other choices are looked for.
const OFFERS: Duration = Duration::from_secs(10);

/// How many choke points are looked for.
const MOST_CHOKES: usize = 2_000;
/// So many are waited for; more are listed as far as they are found in [`CHOKES`].
const FEW_CHOKES: usize = 40;
const CHOKES: Duration = Duration::from_secs(5);

/// How many steps a containment has at most.
const MOST_STEPS: usize = 12;

/// What is done already, and the seeds, with the ids that name nothing.
pub(super) fn resolved(q: &PlanQuestion) -> (Overlay, Vec<Thing>, Vec<String>) {
    let mut base = scenario::apply(&q.estate.graph, &q.base).unwrap_or_default();
    let (seeds, unknown) = known_ids(&q.estate, &q.seeds, &mut base);
    (base, seeds, unknown)
}

/// Waits for a proof until a time, or until nobody wants it.
struct Waits<'a, 'b> {
    ticket: &'a Ticket<'b, PlanQuestion, Planned>,
    question: &'a PlanQuestion,
    until: Instant,
}

impl Cancel for Waits<'_, '_> {
    fn is_cancelled(&self) -> bool {
        self.ticket.is_stale()
    }
}

impl Progress for Waits<'_, '_> {
    fn time_left(&self) -> Duration {
        if self.question.is_stopped() {
            return Duration::ZERO;
        }
        self.until.saturating_duration_since(Instant::now())
    }

    fn report(&self, standing: Standing) {
        let best = standing
            .best
            .map_or(String::new(), |best| format!("cost {}, ", words::number(best)));
        let what = format!("{best}none under {} so far", words::number(standing.bound));
        self.ticket.progress(&what, 0, 0);
    }
}

/// What the worker keeps between questions.
#[derive(Default)]
pub struct Planner {
    kept: VecDeque<Planned>,
}

impl Planner {
    /// Answers a question, better and better; returns early where nobody waits for it any more.
    pub fn run(&mut self, q: PlanQuestion, ticket: &Ticket<'_, PlanQuestion, Planned>) {
        if let Some(kept) = self.kept.iter().find(|kept| kept.question == q) {
            return ticket.part(kept.clone());
        }
        let job = Job { q: &q, ticket };
        let Ok(answer) = job.answer() else { return };
        let planned = job.planned(answer, false);
        // What was stopped is not all that can be known.
        if !q.is_stopped() {
            self.kept.push_front(planned.clone());
            self.kept.truncate(KEPT);
        }
        ticket.part(planned);
    }
}

struct Job<'a, 'b> {
    q: &'a PlanQuestion,
    ticket: &'a Ticket<'b, PlanQuestion, Planned>,
}

impl Job<'_, '_> {
    fn planned(&self, answer: PlanAnswer, more: bool) -> Planned {
        Planned {
            question: self.q.clone(),
            answer,
            more,
        }
    }

    fn so_far(&self, answer: PlanAnswer) {
        self.ticket.part(self.planned(answer, true));
    }

    fn waits(&self, time: Duration) -> Waits<'_, '_> {
        Waits {
            ticket: self.ticket,
            question: self.q,
            until: Instant::now() + time,
        }
    }

    fn answer(&self) -> Result<PlanAnswer, Stopped> {
        let q = self.q;
        let wrong = troubles(q);
        if !wrong.is_empty() {
            return Ok(PlanAnswer::Wrong(wrong));
        }
        let (base, seeds, _) = resolved(q);
        match q.spec.sort {
            PlanSort::Cut => self.cut(&base, seeds),
            PlanSort::Budget => self.budget(&base),
            PlanSort::Containment => self.containment(&base, &seeds),
            PlanSort::Vendors => {
                let all = plan::vendors(&q.estate.graph, &base, q.settings, &self.waits(q.patience))?;
                Ok(PlanAnswer::Vendors(all))
            }
            PlanSort::Chokes => self.chokes(&base),
        }
    }

    fn chokes(&self, base: &Overlay) -> Result<PlanAnswer, Stopped> {
        let q = self.q;
        let graph = &q.estate.graph;
        let waits = self.waits(q.patience);
        let started = Instant::now();
        let enough = |found: usize| found >= MOST_CHOKES || found >= FEW_CHOKES && started.elapsed() > CHOKES;
        let (points, all) = analysis::choke_points(graph, base, q.settings, &enough, &waits)?;
        let ranking = analysis::rank(graph, base, q.settings, &waits)?;
        let line = |point: ChokePoint| ChokeLine {
            name: match graph.find(&point.id) {
                Some(thing) => graph.display_name(thing).to_owned(),
                None => words::relation(&point.id),
            },
            kind: match graph.find(&point.id) {
                Some(Thing::Credential(c)) => {
                    words::credential_kind(q.estate.inventory().records.credentials[c as usize].kind).to_owned()
                }
                Some(Thing::Identity(i)) => {
                    words::identity_kind(q.estate.inventory().records.identities[i as usize].kind).to_owned()
                }
                _ => words::sentence(point.kind.as_str()),
            },
            on: super::judged::selectable(&q.estate, &point.id),
            point,
        };
        Ok(PlanAnswer::Chokes(ChokeAnswer {
            exposure: ranking.exposure,
            all,
            lines: points.into_iter().map(line).collect(),
        }))
    }

    fn cut(&self, base: &Overlay, seeds: Vec<Thing>) -> Result<PlanAnswer, Stopped> {
        let q = self.q;
        let graph = &q.estate.graph;
        let protect: Vec<Thing> = match &q.spec.protect {
            Some(ids) => ids.iter().filter_map(|id| graph.find(id)).collect(),
            None => plan::crown_jewels(graph),
        };
        let question = Question {
            graph,
            base,
            settings: q.settings,
            seeds,
            protect,
            permits: q.spec.permits(),
        };
        let greedy = match plan::cut(&question, &self.waits(Duration::ZERO))? {
            Plan::Impossible(why) => return Ok(PlanAnswer::None(self.no_cut(&question, &why)?)),
            greedy => greedy,
        };
        self.so_far(self.told(&question, &greedy, None)?);
        let mut best = plan::cut(&question, &self.waits(q.patience.min(FIRST_PROOF)))?;
        let offers = |best: &Plan| -> Result<_, Stopped> {
            let offers = plan::pareto(&question, Some(best), &self.waits(OFFERS))?;
            let told = |offer: Offer| {
                let words = offer.actions.iter().map(|a| said::action(graph, a)).collect();
                (offer, words)
            };
            Ok(Arc::new(offers.into_iter().map(told).collect::<Vec<_>>()))
        };
        let proven = |plan: &Plan| matches!(plan, Plan::Cut(cut) if cut.is_optimal());
        if proven(&best) || q.is_stopped() || q.patience <= FIRST_PROOF {
            return self.told(&question, &best, Some(offers(&best)?));
        }
        let first = offers(&best)?;
        self.so_far(self.told(&question, &best, Some(first))?);
        best = plan::cut(&question, &self.waits(q.patience))?;
        self.told(&question, &best, Some(offers(&best)?))
    }

    fn told(
        &self,
        question: &Question<'_>,
        plan: &Plan,
        offers: Option<Arc<Vec<Choice>>>,
    ) -> Result<PlanAnswer, Stopped> {
        let cut = match plan {
            Plan::Cut(cut) => cut,
            Plan::Impossible(why) => return Ok(PlanAnswer::None(self.no_cut(question, why)?)),
        };
        let before = analysis::radius(
            question.graph,
            question.base,
            &question.seeds,
            question.settings,
            &self.waits(Duration::ZERO),
        )?;
        Ok(PlanAnswer::Cut(CutAnswer {
            steps: steps(self.q, &cut.actions),
            cost: cut.cost,
            lower_bound: cut.lower_bound,
            before: before.summary,
            after: cut.after.summary,
            breaks: UseCounts::of(&cut.broken_flows),
            at_risk: cut.at_risk.len() as u64,
            protected: question.protect.iter().filter(|t| !question.seeds.contains(t)).count() as u64,
            offers,
        }))
    }

    fn no_cut(&self, question: &Question<'_>, why: &Impossible) -> Result<NoCut, Stopped> {
        let (graph, spec) = (question.graph, &self.q.spec);
        let target = graph.id(why.target).into_owned();
        let radius = analysis::radius(graph, question.base, &question.seeds, question.settings, &Never)?;
        let mut instead: Vec<(String, PlanSpec)> = why
            .others
            .iter()
            .map(|&verb| {
                let mut spec = spec.clone();
                spec.barred.remove(&verb);
                spec.this_theft |= verb == plan::Verb::Rotate;
                (format!("Permit {}", verb.as_str()), spec)
            })
            .collect();
        let rest = question.protect.iter().filter(|&&t| t != why.target);
        let rest: Vec<String> = rest.map(|&t| graph.id(t).into_owned()).collect();
        if !rest.is_empty() {
            let words = format!("Do not protect {}", words::name_of(self.q.estate.inventory(), &target));
            let spec = PlanSpec {
                protect: Some(rest),
                ..spec.clone()
            };
            instead.push((words, spec));
        }
        Ok(NoCut {
            path: super::why::planned(&self.q.estate, &radius, &why.path),
            why: why.why.clone(),
            target,
            instead,
        })
    }

    fn budget(&self, base: &Overlay) -> Result<PlanAnswer, Stopped> {
        let q = self.q;
        let (k, permits) = (usize::from(q.spec.budget), q.spec.permits());
        let found = plan::budget(&q.estate.graph, base, q.settings, &permits, k, &self.waits(q.patience))?;
        let actions: Vec<_> = found.steps.iter().map(|s| s.action.clone()).collect();
        let lines = steps(q, &actions).into_iter().zip(&found.steps);
        Ok(PlanAnswer::Budget(BudgetAnswer {
            exposure: found.exposure,
            steps: lines
                .map(|(step, s)| BudgetLine {
                    step,
                    exposure: s.exposure_after,
                })
                .collect(),
            optimal: found.optimal,
            least: found.least_exposure,
            everything: Arc::new(found.everything),
        }))
    }

    fn containment(&self, base: &Overlay, seeds: &[Thing]) -> Result<PlanAnswer, Stopped> {
        let q = self.q;
        let graph = &q.estate.graph;
        let waits = self.waits(q.patience);
        let found = plan::containment(graph, &q.base, seeds, q.settings, MOST_STEPS, &waits)?;
        let before = match found.steps.first() {
            Some(first) => first.before,
            None => analysis::radius(graph, base, seeds, q.settings, &waits)?.summary,
        };
        let actions: Vec<_> = found.steps.iter().map(|s| s.action.clone()).collect();
        let lines = steps(q, &actions).into_iter().zip(&found.steps);
        let no_effect = found.not_effective.iter().map(|x| {
            let until = match (x.until, x.secs_left) {
                (Some(t), Some(left)) => format!(", until it expires {} ({})", words::day(t), time_left(left)),
                _ => String::new(),
            };
            NoEffectLine {
                step: x.step,
                on: super::selectable(&q.estate, &x.at),
                name: words::at(q.estate.inventory(), &x.at),
                why: format!("{}{until}", said::missing(x.missing, false)),
            }
        });
        Ok(PlanAnswer::Containment(ContainmentAnswer {
            before,
            no_effect: no_effect.collect(),
            steps: lines
                .map(|(step, s)| ContainmentLine { step, after: s.after })
                .collect(),
            together: found.together.clone(),
            residue: found.residue.clone(),
        }))
    }
}

/// `3 days left`, `5 hours left`.
fn time_left(secs: i64) -> String {
    let secs = u64::try_from(secs).unwrap_or(0);
    match secs {
        0..3_600 => format!("{} left", words::count(secs.div_ceil(60), "minute", "minutes")),
        3_600..172_800 => format!("{} left", words::count(secs / 3_600, "hour", "hours")),
        _ => format!("{} left", words::count(secs / 86_400, "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use super::time_left;

    #[test]
    fn time_left_reads_as_a_person_would_say_it() {
        for (secs, said) in [
            (-5, "0 minutes left"),
            (1, "1 minute left"),
            (3_599, "60 minutes left"),
            (3_600, "1 hour left"),
            (172_799, "47 hours left"),
            (172_800, "2 days left"),
        ] {
            assert_eq!(time_left(secs), said);
        }
    }
}
