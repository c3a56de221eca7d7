//! Which of two derivations is the better explanation, and the explanation as a list of facts.

use super::closure::{Application, Closure};
use super::fact::{Fact, name};
use crate::graph::World;
use std::cmp::Ordering;

/// A place in a list of steps that is not written out: a fact to explain, or the own step of an application.
enum Pending<'l> {
    Fact(u32),
    Own(Fact, &'l Application),
}

/// Writes an application out: its premises' lists, then its own step.
fn expand<'l>(stack: &mut Vec<Pending<'l>>, fact: Fact, why: &'l Application) {
    stack.push(Pending::Own(fact, why));
    stack.extend(why.premises.iter().rev().map(|&p| Pending::Fact(p)));
}

impl Closure {
    /// Which of two facts is better explained.
    pub(crate) fn compare_facts(&self, world: World<'_>, a: u32, b: u32) -> Ordering {
        let (x, y) = (a as usize, b as usize);
        (self.hops[x], self.steps[x])
            .cmp(&(self.hops[y], self.steps[y]))
            .then_with(|| {
                if a == b {
                    return Ordering::Equal;
                }
                self.compare(world, self.facts[x], &self.why[x], self.facts[y], &self.why[y])
            })
    }

    /// Compares the lists of steps of two derivations with equal hops and steps.
    pub(super) fn compare(&self, world: World<'_>, fa: Fact, a: &Application, fb: Fact, b: &Application) -> Ordering {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        expand(&mut left, fa, a);
        expand(&mut right, fb, b);
        loop {
            match (left.pop(), right.pop()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                // The same fact on both sides is explained alike.
                (Some(Pending::Fact(p)), Some(Pending::Fact(q))) if p == q => {}
                (Some(Pending::Own(fa, a)), Some(Pending::Own(fb, b))) => {
                    let order = a
                        .rule
                        .as_str()
                        .cmp(b.rule.as_str())
                        .then_with(|| {
                            if fa == fb {
                                Ordering::Equal
                            } else {
                                self.text(world, fa).cmp(&self.text(world, fb))
                            }
                        })
                        .then_with(|| {
                            let names = |x: &Application| x.records.iter().map(|&r| name(world, r)).collect::<Vec<_>>();
                            names(a).cmp(&names(b))
                        });
                    if order != Ordering::Equal {
                        return order;
                    }
                }
                // Whichever was settled later is the larger tree, or contains the other: writing out that one alone
                // meets every part the two share as a whole, so a long tree is never walked twice.
                (Some(l), Some(r)) => {
                    let write_left = match (&l, &r) {
                        (Pending::Fact(p), Pending::Fact(q)) => self.order[*p as usize] > self.order[*q as usize],
                        (l, _) => matches!(l, Pending::Fact(_)),
                    };
                    let (stack, larger, other, rest) = if write_left {
                        (&mut left, l, &mut right, r)
                    } else {
                        (&mut right, r, &mut left, l)
                    };
                    other.push(rest);
                    if let Pending::Fact(f) = larger {
                        expand(stack, self.facts[f as usize], &self.why[f as usize]);
                    }
                }
            }
        }
    }

    /// A fact as text.
    pub(crate) fn text(&self, world: World<'_>, fact: Fact) -> String {
        let records = &world.graph.inventory().records;
        let credential = |c: u32| records.credentials[c as usize].id.as_str();
        let system = |s: u32| records.systems[s as usize].id.as_str();
        match fact {
            Fact::Holds(c, v) => format!("Holds({}, {})", credential(c), v.as_str()),
            Fact::ActsAs(i) => format!("ActsAs({})", records.identities[i as usize].id),
            Fact::Accepted(c, v, s) => format!("Accepted({}, {}, {})", credential(c), v.as_str(), system(s)),
            Fact::Access(s, a) => format!("Access({}, {})", system(s), self.allowed(world, a)),
            Fact::InContext(z) => format!("InContext({})", world.context_name(z)),
        }
    }

    /// The facts of a fact's explanation, premises before what they give, depth first, each once.
    pub(crate) fn path(&self, fact: u32) -> Vec<u32> {
        let mut order: Vec<u32> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        // (fact, premises already looked at)
        let mut stack: Vec<(u32, usize)> = vec![(fact, 0)];
        while let Some((f, next)) = stack.pop() {
            if next == 0 && seen.contains(&f) {
                continue;
            }
            match self.why[f as usize].premises.get(next) {
                Some(&p) => {
                    stack.push((f, next + 1));
                    stack.push((p, 0));
                }
                None => {
                    if seen.insert(f) {
                        order.push(f);
                    }
                }
            }
        }
        order
    }
}
