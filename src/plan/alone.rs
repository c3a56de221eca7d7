//! What each credential alone reaches: how much that weighs, and which things lie on its ways.

use super::{Progress, Stopped};
use crate::analysis::reach::{compile, radii, weight};
use crate::analysis::{Held, close, live, reached_alone};
use crate::graph::{FastMap, Thing, World};
use crate::model::Criticality;
use rayon::prelude::*;

/// More things than these on a credential's ways are marked one by one instead of listed.
const WIDE: usize = 2048;
/// No more marks than these, in words, are kept; whatever would need more counts as if everything lay on its ways.
const MOST_MARKS: usize = 1 << 25;

/// What a credential alone reaches.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    weight: u64,
    /// How many facts.
    size: u32,
}

/// Every credential of an estate, each compromised by itself.
#[derive(Debug, Default)]
pub(super) struct Alone {
    of: Vec<Reach>,
    /// The credentials on whose ways each thing lies, but for the wide ones.
    around: FastMap<Thing, Vec<u32>>,
    /// Credentials that reach a great many things, with a mark for each.
    wide: Vec<(u32, Vec<u64>)>,
    /// Credentials on whose ways everything is taken to lie.
    everywhere: Vec<u32>,
    /// What each thing reaches weighs, by its number.
    behind: Vec<u64>,
    counts: [u32; 4],
}

impl Alone {
    pub fn of(world: World<'_>, progress: &dyn Progress) -> Result<Self, Stopped> {
        let graph = world.graph;
        let records = &graph.inventory().records;
        let counts = [
            records.systems.len() as u32,
            records.identities.len() as u32,
            records.credentials.len() as u32,
            graph.contexts().len() as u32 + world.overlay.extra_contexts.len() as u32,
        ];
        let mut out = Self {
            counts,
            ..Self::default()
        };
        let compiled = compile(world, progress)?;
        let all = radii(&compiled.core, progress)?;
        out.behind = vec![0; counts.iter().sum::<u32>() as usize];
        for node in 0..compiled.core.len() as u32 {
            if let Some(thing) = compiled.thing(node) {
                let at = out.number(thing);
                out.behind[at] = out.behind[at].max(weight(&all.of(node)));
            }
        }
        let one = |c: u32| {
            if progress.is_cancelled() {
                return Err(Stopped::Cancelled);
            }
            if !live(world, c, Held::Copy) {
                return Ok((Reach::default(), Vec::new()));
            }
            let nodes = compiled.core.reach(&compiled.start(world, &[Thing::Credential(c)]));
            let reach = Reach {
                weight: weight(&compiled.core.count(&nodes)),
                size: nodes.len() as u32,
            };
            let mut around: Vec<Thing> = vec![Thing::Credential(c)];
            around.extend(nodes.iter().filter_map(|&node| compiled.thing(node)));
            // Who issued what is held, whose it is, whom that belongs to and where they may go decides too.
            let mut identities: Vec<u32> = Vec::new();
            let mut systems: Vec<u32> = Vec::new();
            for thing in &around {
                match thing {
                    Thing::Credential(c) => {
                        systems.extend(graph.issuer_of[*c as usize]);
                        identities.extend(graph.identity_of[*c as usize]);
                        let grants = graph.grants_of_credential.of(*c).iter();
                        systems.extend(grants.map(|&g| graph.grant_system[g as usize]));
                    }
                    Thing::Identity(i) => identities.push(*i),
                    Thing::System(_) | Thing::Context(_) => {}
                }
            }
            identities.sort_unstable();
            identities.dedup();
            for i in identities {
                for (i, _) in world.groups(i) {
                    around.push(Thing::Identity(i));
                    let grants = graph.grants_of_identity.of(i).iter();
                    systems.extend(grants.map(|&g| graph.grant_system[g as usize]));
                }
            }
            systems.sort_unstable();
            systems.dedup();
            around.extend(systems.into_iter().map(Thing::System));
            around.sort_unstable();
            around.dedup();
            Ok((reach, around))
        };
        // A part of them at a time, so that lists which are marks in the end never stand all at once.
        const PART: u32 = 1024;
        for from in (0..counts[2]).step_by(PART as usize) {
            let part = from..(from + PART).min(counts[2]);
            let found: Vec<(Reach, Vec<Thing>)> = part.clone().into_par_iter().map(one).collect::<Result<_, _>>()?;
            for (c, (reach, around)) in part.zip(found) {
                out.of.push(reach);
                out.note(c, &around);
            }
        }
        Ok(out)
    }

    fn note(&mut self, c: u32, around: &[Thing]) {
        if around.len() <= WIDE {
            for &thing in around {
                self.around.entry(thing).or_default().push(c);
            }
            return;
        }
        let words = (self.counts.iter().sum::<u32>() as usize).div_ceil(64);
        if (self.wide.len() + 1) * words > MOST_MARKS {
            self.everywhere.push(c);
            return;
        }
        let mut marks = vec![0u64; words];
        for &thing in around {
            let at = self.number(thing);
            marks[at / 64] |= 1 << (at % 64);
        }
        self.wide.push((c, marks));
    }

    fn number(&self, thing: Thing) -> usize {
        let [systems, identities, credentials, _] = self.counts.map(|n| n as usize);
        match thing {
            Thing::System(s) => s as usize,
            Thing::Identity(i) => systems + i as usize,
            Thing::Credential(c) => systems + identities + c as usize,
            Thing::Context(z) => systems + identities + credentials + z as usize,
        }
    }

    /// How many credentials there are.
    pub fn len(&self) -> u32 {
        self.of.len() as u32
    }

    /// What each alone reaches weighs.
    pub fn weights(&self) -> Vec<u64> {
        self.of.iter().map(|reach| reach.weight).collect()
    }

    /// The credentials on whose ways a thing may lie, added to a list.
    pub fn around(&self, thing: Thing, to: &mut Vec<u32>) {
        let at = self.number(thing);
        to.extend(self.around.get(&thing).into_iter().flatten());
        // An end of a relation that leads nowhere is on nobody's ways.
        let has = |(_, marks): &&(u32, Vec<u64>)| marks.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        to.extend(self.wide.iter().filter(has).map(|x| x.0));
        to.extend_from_slice(&self.everywhere);
    }

    /// What a thing reaches weighs.
    pub fn behind(&self, thing: Thing) -> u64 {
        self.behind.get(self.number(thing)).copied().unwrap_or_default()
    }

    /// What each of some credentials alone reaches in a world that lost something, by its weight.
    pub fn weights_in(&self, world: World<'_>, some: &[u32], progress: &dyn Progress) -> Result<Vec<u64>, Stopped> {
        let live: Vec<u32> = some.iter().copied().filter(|&c| live(world, c, Held::Copy)).collect();
        let facts: u64 = live.iter().map(|&c| u64::from(self.of[c as usize].size)).sum();
        // Following each costs what it reaches and a little; preparing the whole estate costs what that holds.
        let records = world.graph.inventory().records.len() as u64;
        let weights: Vec<u64> = if facts > records / 4 {
            reached_alone(world, &live, progress)?.iter().map(weight).collect()
        } else {
            let one = |&c: &u32| weigh(world, c, progress);
            live.par_iter().map(one).collect::<Result<_, Stopped>>()?
        };
        // Both lists are in the same order; what is dead reaches nothing.
        let mut found = live.into_iter().zip(weights).peekable();
        let of = |&c: &u32| found.next_if(|x| x.0 == c).map_or(0, |x| x.1);
        Ok(some.iter().map(of).collect())
    }
}

/// What one credential alone reaches weighs.
fn weigh(world: World<'_>, c: u32, progress: &dyn Progress) -> Result<u64, Stopped> {
    let systems = &world.graph.inventory().records.systems;
    let closure = close::<false>(world, &[Thing::Credential(c)], progress)?;
    let weight = |s: u32| systems[s as usize].criticality.unwrap_or(Criticality::Medium).weight();
    Ok(closure.systems().into_iter().map(weight).sum())
}
