//! What every node reaches, counted exactly. Most nodes reach little and are searched one by one; the rest, the core,
//! is a small graph over which five hundred and twelve targets at a time are swept, one in each lane.
//!
//! Doors are settled first. Whoever reaches a node reaches all that it reaches, so a door needs to be opened only by
//! the lowest nodes that can: those that reach it and have a key, while none of their successors does both. For them
//! an edge to the door's head is added, and then doors may be forgotten. The doors too are swept in lanes, each lane
//! for one key and one set of doors, so that the work is bounded however deep the graph is.

use super::core::{Core, Counts, NO_CLASS, NONE};
use super::gates::{Gates, settle};
use super::lists::{Components, Lists, components};
use super::sources::by_sources;
use super::sweep::{Target, Targets, sweep};
use crate::analysis::{Cancel, Cancelled};
use rayon::prelude::*;

/// What every node reaches, itself included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Radii {
    component_of: Vec<u32>,
    counts: Vec<Counts>,
    /// How the work was divided.
    pub work: Work,
}

/// How the work was divided; for those who measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Components that were searched one by one.
    pub small: u32,
    /// Components of the core.
    pub core: u32,
    /// Edges of the core, those that stand for opened doors included.
    pub core_edges: u32,
    /// Edges added for opened doors inside the core.
    pub shortcuts: u32,
    /// How often the core was swept for doors that open others.
    pub passes: u32,
    /// Lanes in which targets were swept.
    pub lanes: u32,
    /// Components of the core that were followed as sources, too many nodes being the first to open their doors.
    pub sources: u32,
}

impl Radii {
    /// The systems that a node reaches, by class; a system reaches itself.
    #[must_use]
    pub fn of(&self, node: u32) -> Counts {
        self.counts[self.component_of[node as usize] as usize]
    }
}

/// The condensed graph.
pub(super) struct Dag {
    pub found: Components,
    /// Plain successors of each component, ascending; all lower than itself.
    pub out: Lists,
    /// Doors behind each component: heads, and in the same place the clauses.
    pub door_heads: Lists,
    pub door_clauses: Vec<u32>,
    door_start: Vec<u32>,
    /// Keys got in each component.
    pub keys: Lists,
    /// Systems in each component.
    pub own: Vec<Counts>,
}

impl Dag {
    fn of(core: &Core) -> Self {
        let found = components(&core.out);
        let count = found.len();
        let mut out = Lists::none();
        let (mut door_heads, mut door_clauses, mut door_start) = (Lists::none(), Vec::new(), vec![0]);
        let mut keys = Lists::none();
        let mut own = Vec::with_capacity(count);
        let mut list: Vec<u32> = Vec::new();
        let mut doors: Vec<(u32, u32)> = Vec::new();
        let mut here: Vec<u32> = Vec::new();
        for c in 0..count as u32 {
            list.clear();
            doors.clear();
            here.clear();
            let mut counts = Counts::default();
            for &node in found.members(c) {
                list.extend(core.successors(node).iter().map(|&to| found.of[to as usize]));
                doors.extend(
                    core.doors_of(node)
                        .iter()
                        .map(|d| (found.of[d.head as usize], d.clause)),
                );
                here.extend(core.key_at(node));
                if core.class[node as usize] != NO_CLASS {
                    counts[core.class[node as usize] as usize] += 1;
                }
            }
            list.retain(|&to| to != c);
            list.sort_unstable();
            list.dedup();
            doors.sort_unstable();
            doors.dedup();
            doors.retain(|d| d.0 != c && list.binary_search(&d.0).is_err());
            out.push(&list);
            list.clear();
            list.extend(doors.iter().map(|d| d.0));
            door_heads.push(&list);
            door_clauses.extend(doors.iter().map(|d| d.1));
            door_start.push(door_clauses.len() as u32);
            keys.push(&here);
            own.push(counts);
        }
        Self {
            found,
            out,
            door_heads,
            door_clauses,
            door_start,
            keys,
            own,
        }
    }

    pub fn len(&self) -> usize {
        self.own.len()
    }

    /// Heads and clauses of the doors behind a component.
    pub fn doors(&self, c: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let heads = self.door_heads.of(c).iter().copied();
        heads.zip(
            self.door_clauses[self.door_start[c as usize] as usize..]
                .iter()
                .copied(),
        )
    }

    pub fn has_doors(&self, c: u32) -> bool {
        !self.door_heads.of(c).is_empty()
    }
}

/// Marks that are forgotten all at once.
#[derive(Default)]
pub(super) struct Marks {
    at: Vec<u32>,
    now: u32,
}

impl Marks {
    /// Forgets all marks; `len` numbers can be marked.
    pub fn clear(&mut self, len: usize) {
        if self.at.len() < len {
            self.at.resize(len, 0);
        }
        self.now = self.now.wrapping_add(1);
        if self.now == 0 {
            self.at.fill(0);
            self.now = 1;
        }
    }

    /// Whether it was not marked before.
    pub fn mark(&mut self, n: u32) -> bool {
        let at = &mut self.at[n as usize];
        let first = *at != self.now;
        *at = self.now;
        first
    }

    pub fn is_marked(&self, n: u32) -> bool {
        self.at[n as usize] == self.now
    }
}

/// How to count; whatever is said here, the counts are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// A component is of the core if it reaches more than so many others; by the size of the graph where not said.
    pub cap: Option<usize>,
    /// How many edges may stand for opened doors before sources are followed instead; weighed where not said.
    pub most_openings: Option<u64>,
}

/// What every node of a core reaches. The same on every run, however many threads there are.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn radii(core: &Core, cancel: &dyn Cancel) -> Result<Radii, Cancelled> {
    radii_of(core, None, How::default(), cancel)
}

/// The same for `wanted` nodes alone, where that may be less work: nothing may be asked of the others afterwards.
///
/// # Errors
/// [`Cancelled`], if `cancel` says so.
pub fn radii_of(core: &Core, wanted: Option<&[u32]>, how: How, cancel: &dyn Cancel) -> Result<Radii, Cancelled> {
    // Few nodes are worth little search before they count as part of the core.
    let cap = how.cap.unwrap_or(match core.len() {
        0..20_000 => 64,
        20_000..300_000 => 128,
        _ => 256,
    });
    let dag = Dag::of(core);
    cancel.progress("radii", 1, 6);
    let (mut counts, big) = small(core, &dag, cap, cancel)?;
    cancel.progress("radii", 2, 6);
    let bigs: Vec<u32> = (0..dag.len() as u32).filter(|&c| big[c as usize]).collect();
    let mut work = Work {
        small: (dag.len() - bigs.len()) as u32,
        core: bigs.len() as u32,
        ..Work::default()
    };
    if !bigs.is_empty() {
        let mut place = vec![NONE; dag.len()];
        for (at, &c) in bigs.iter().enumerate() {
            place[c as usize] = at as u32;
        }
        let gates = Gates {
            core,
            dag: &dag,
            bigs: &bigs,
            place: &place,
        };
        let settled = settle(&gates, how.most_openings, &mut work, cancel)?;
        cancel.progress("radii", 4, 6);
        let targets = targets_of(&dag, settled.pieces, settled.out.keys(), cancel)?;
        cancel.progress("radii", 5, 6);
        let found = sweep(&settled.out, &targets, &mut work, cancel)?;
        for (at, &c) in bigs.iter().enumerate() {
            counts[c as usize] = found[settled.merged[at] as usize];
        }
        let mut sources = settled.open;
        if let Some(wanted) = wanted {
            let mut is_wanted = vec![false; dag.len()];
            for &node in wanted {
                is_wanted[dag.found.of[node as usize] as usize] = true;
            }
            sources.retain(|&c| is_wanted[c as usize]);
        }
        sources.sort_unstable_by(|a, b| b.cmp(a));
        work.sources = sources.len() as u32;
        for (&c, found) in sources.iter().zip(by_sources(core, &dag, &sources, cancel)?) {
            counts[c as usize] = found;
        }
    }
    cancel.progress("radii", 6, 6);
    Ok(Radii {
        component_of: dag.found.of,
        counts,
        work,
    })
}

/// Scratch of one search.
#[derive(Default)]
pub(super) struct Search {
    seen: Marks,
    pub found: Vec<u32>,
    key: Marks,
    waiting: Vec<(u32, u32)>,
}

/// Counts of the components that reach no more than `cap`, and which reach more.
fn small(core: &Core, dag: &Dag, cap: usize, cancel: &dyn Cancel) -> Result<(Vec<Counts>, Vec<bool>), Cancelled> {
    /// How many components are searched before what is known of them is written down.
    const ROUND: usize = 16_384;
    const CHUNK: usize = 512;
    let n = dag.len();
    let mut counts = vec![Counts::default(); n];
    let mut big = vec![false; n];
    // Whether a key is below, and how many components; both for those that are settled.
    let mut keyed = vec![false; n];
    let mut reached = vec![0u32; n];
    for from in (0..n).step_by(ROUND) {
        let to = (from + ROUND).min(n);
        for c in from..to {
            keyed[c] = !dag.keys.of(c as u32).is_empty() || dag.out.of(c as u32).iter().any(|&s| keyed[s as usize]);
        }
        let chunks: Vec<usize> = (from..to).step_by(CHUNK).collect();
        let found: Vec<Vec<(bool, u32, Counts)>> = chunks
            .into_par_iter()
            .map_init(Search::default, |search, at| {
                if cancel.is_cancelled() {
                    return Err(Cancelled);
                }
                let mut out: Vec<(bool, u32, Counts)> = Vec::with_capacity(CHUNK);
                for (n, &has_key) in keyed[at..(at + CHUNK).min(to)].iter().enumerate() {
                    // What this chunk has found, and earlier rounds.
                    let known = |s: u32| {
                        let s = s as usize;
                        if s >= at {
                            out.get(s - at).copied()
                        } else if s < from {
                            Some((big[s], reached[s], counts[s]))
                        } else {
                            None
                        }
                    };
                    let here = one(core, dag, (at + n) as u32, has_key, cap, &known, search);
                    out.push(here);
                }
                Ok(out)
            })
            .collect::<Result<_, _>>()?;
        for (c, (is_big, size, count)) in (from..to).zip(found.into_iter().flatten()) {
            big[c] = is_big;
            reached[c] = size;
            counts[c] = count;
        }
    }
    Ok((counts, big))
}

fn add(to: &mut Counts, other: &Counts) {
    for (a, b) in to.iter_mut().zip(other) {
        *a += b;
    }
}

/// Whether a component reaches more than `cap`; how many it reaches, and which systems, where it does not.
fn one(
    core: &Core,
    dag: &Dag,
    c: u32,
    keyed: bool,
    cap: usize,
    known: &dyn Fn(u32) -> Option<(bool, u32, Counts)>,
    search: &mut Search,
) -> (bool, u32, Counts) {
    const BIG: (bool, u32, Counts) = (true, 0, [0; 4]);
    let out = dag.out.of(c);
    if out.iter().any(|&s| known(s).is_some_and(|k| k.0)) {
        return BIG;
    }
    // Without a key no door can open, and an only successor reaches all that there is.
    if !keyed {
        if out.is_empty() {
            return (false, 1, dag.own[c as usize]);
        }
        if let [only] = out
            && let Some((_, size, counts)) = known(*only)
        {
            let mut sum = dag.own[c as usize];
            add(&mut sum, &counts);
            return if size as usize + 1 > cap {
                BIG
            } else {
                (false, size + 1, sum)
            };
        }
    }
    let doors = keyed && core.door_count() > 0;
    search.seen.clear(dag.len());
    search.found.clear();
    search.seen.mark(c);
    search.found.push(c);
    search.waiting.clear();
    if doors {
        search.key.clear(core.keys());
    }
    let mut counts = Counts::default();
    let mut at = 0;
    while at < search.found.len() {
        let here = search.found[at];
        at += 1;
        add(&mut counts, &dag.own[here as usize]);
        for &s in dag.out.of(here) {
            if search.seen.mark(s) {
                search.found.push(s);
            }
        }
        if doors {
            let keys = dag.keys.of(here);
            for &k in keys {
                search.key.mark(k);
            }
            search.waiting.extend(dag.doors(here));
            if !keys.is_empty() || dag.has_doors(here) {
                let mut left = 0;
                for n in 0..search.waiting.len() {
                    let (head, clause) = search.waiting[n];
                    if core.clause(clause).iter().any(|&k| search.key.is_marked(k)) {
                        if known(head).is_some_and(|k| k.0) {
                            return BIG;
                        }
                        if search.seen.mark(head) {
                            search.found.push(head);
                        }
                    } else {
                        search.waiting[left] = (head, clause);
                        left += 1;
                    }
                }
                search.waiting.truncate(left);
            }
        }
        if search.found.len() > cap {
            return BIG;
        }
    }
    (false, search.found.len() as u32, counts)
}

impl Search {
    /// The components below `start` that are not of the core, by plain edges, `start` among them where it is not; each
    /// edge into the core is told.
    pub(super) fn below(&mut self, dag: &Dag, place: &[u32], start: &[u32], mut into_core: impl FnMut(u32)) {
        self.seen.clear(dag.len());
        self.found.clear();
        let mut enter = |c: u32, found: &mut Vec<u32>| {
            if self.seen.mark(c) {
                if place[c as usize] == NONE {
                    found.push(c);
                } else {
                    into_core(place[c as usize]);
                }
            }
        };
        for &c in start {
            enter(c, &mut self.found);
        }
        let mut at = 0;
        while at < self.found.len() {
            let here = self.found[at];
            at += 1;
            for &s in dag.out.of(here) {
                enter(s, &mut self.found);
            }
        }
    }
}

/// Targets by who reaches them first.
fn targets_of(
    dag: &Dag,
    pieces: Vec<(u32, Vec<u32>)>,
    nodes: usize,
    cancel: &dyn Cancel,
) -> Result<Targets, Cancelled> {
    let mut owners = Lists::turned_pieces(dag.len(), &pieces);
    drop(pieces);
    if cancel.is_cancelled() {
        return Err(Cancelled);
    }
    owners.sort_each_and_drop_repeats(false);
    let mut alone = vec![Counts::default(); nodes];
    let mut targets: Vec<Target> = Vec::new();
    for c in 0..dag.len() as u32 {
        match owners.of(c) {
            [] => {}
            // All that one node alone reaches first is one target.
            [one] => add(&mut alone[*one as usize], &dag.own[c as usize]),
            [lowest, ..] => targets.push(Target {
                lowest: *lowest,
                list: c,
                counts: dag.own[c as usize],
            }),
        }
    }
    for (node, counts) in alone.into_iter().enumerate() {
        if counts != Counts::default() {
            targets.push(Target {
                lowest: node as u32,
                list: NONE,
                counts,
            });
        }
    }
    // Low ones first: a sweep begins at the lowest owner of its block.
    targets.par_sort_unstable_by_key(|target| (target.lowest, target.list));
    Ok(Targets { owners, targets })
}
