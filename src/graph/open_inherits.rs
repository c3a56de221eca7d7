//! Inherits without `from`, found by what is allowed and not one by one. An account may have a dozen ways into each of
//! its roles that whoever is allowed the right acts can go: held against what everybody is allowed they would grow
//! with the square of the account. So the patterns they require are kept in order, what one allowance satisfies is
//! looked up once for all who have it, and only what several allowances must prove together is looked at holder by
//! holder.

use super::{Allowances, Csr, FastMap, TrustGraph};
use crate::model::scope::{Allowed, overlaps};
use crate::model::{InheritHow, Text};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

/// The inherits without `from` of a graph, by what proves their requirements.
#[derive(Debug, Default)]
pub struct OpenInherits {
    /// Each pattern that is required at a system, once; those of one system and form stand together, in order.
    needs: Vec<Need>,
    of_system: FastMap<u32, Section>,
    /// The inherits of each need; every inherit is under that of its needs which the fewest others have.
    under: Csr,
    /// The needs of each inherit; those that most others have come first, since they are likely known already.
    wants: Csr,
    /// Which list belongs to an allowance at a system.
    lists: FastMap<(u32, u32), u32>,
    proven: Csr,
    begun: Csr,
    across_systems: bool,
}

#[derive(Debug)]
struct Need {
    system: u32,
    text: Text,
}

/// Where the needs of one system stand.
#[derive(Debug, Default)]
struct Section {
    /// Of the form `act@thing` without a star, by act: ranges in the order of the acts.
    acts: Vec<Range<u32>>,
    /// Others without a star.
    plain: Range<u32>,
    /// With a star.
    loose: Range<u32>,
}

/// What an allowance does for inherits without `from`, each list ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Those of which it satisfies all requirements.
    pub proven: Vec<u32>,
    /// Those of which it satisfies the need that the fewest inherits have but not all needs, or that ask for more than
    /// requirements. An inherit that several allowances prove together is begun by at least one of them.
    pub begun: Vec<u32>,
}

/// Marks of needs that are satisfied, to be used again.
#[derive(Debug, Default)]
pub struct Scratch {
    marks: Vec<bool>,
    met: Vec<u32>,
}

/// The form of a required pattern decides how it is found.
fn form(text: &str) -> u8 {
    if text.contains('*') {
        2
    } else if act_and_thing(text).is_some() {
        0
    } else {
        1
    }
}

/// Both sides of the only `@`. Where two texts have one each, what a star stands for cannot reach across it.
fn act_and_thing(text: &str) -> Option<(&str, &str)> {
    text.split_once('@').filter(|(_, thing)| !thing.contains('@'))
}

/// How many bytes are alike at the beginning, eight at a time: most of what accounts write begins with the same ones.
fn alike(a: &[u8], b: &[u8]) -> usize {
    let words = a.chunks_exact(8).zip(b.chunks_exact(8));
    let from = 8 * words.take_while(|(a, b)| a == b).count();
    from + a[from..].iter().zip(&b[from..]).take_while(|(a, b)| a == b).count()
}

/// By bytes, ASCII case ignored.
fn compare(a: &str, b: &str) -> Ordering {
    let lower = |t: &str| t.bytes().map(|b| b.to_ascii_lowercase()).collect::<Vec<u8>>();
    // Most pairs differ early, and then nothing is copied.
    let same = alike(a.as_bytes(), b.as_bytes());
    match (a.as_bytes().get(same), b.as_bytes().get(same)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(x), Some(y)) if !x.eq_ignore_ascii_case(y) => x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase()),
        _ => lower(&a[same..]).cmp(&lower(&b[same..])),
    }
}

/// What stands before the first star.
fn literal(pattern: &str) -> &str {
    pattern.split('*').next().unwrap_or_default()
}

/// The items, in the order of [`compare`] by `key`, that a pattern may overlap: those that begin as it does, or are
/// it where it has no star.
fn narrowed<'t>(range: Range<u32>, pattern: &str, key: impl Fn(u32) -> &'t str) -> Range<u32> {
    let head = literal(pattern);
    let whole = head.len() == pattern.len();
    // Against the beginning of the text only, so that all which begin so are equal.
    let place = |n: u32| {
        let text = key(n).as_bytes();
        let cut = if whole { text.len() } else { text.len().min(head.len()) };
        let text = text[..cut].iter().map(u8::to_ascii_lowercase);
        text.cmp(head.bytes().map(|b| b.to_ascii_lowercase()))
    };
    let first = partition(range.clone(), |n| place(n) == Ordering::Less);
    first..partition(first..range.end, |n| place(n) == Ordering::Equal)
}

/// The first number of a range for which `before` does not hold.
fn partition(range: Range<u32>, before: impl Fn(u32) -> bool) -> u32 {
    let (mut from, mut to) = (range.start, range.end);
    while from < to {
        let mid = from + (to - from) / 2;
        if before(mid) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    from
}

/// What one inherit requires once, while all that is required is put in order.
struct Wanted<'a> {
    /// The number of its group: system, form and act, in order.
    group: u32,
    /// What follows in its text upon what all of its group begin with, in lower case.
    key: u64,
    inherit: u32,
    system: u32,
    text: &'a Text,
}

/// All that is required: by system, form, act, text and inherit. Millions of texts that begin alike are told apart by
/// the first bytes in which they differ.
fn in_order<'a>(graph: &'a TrustGraph, open: &[u32]) -> Vec<Wanted<'a>> {
    type Group = (u32, u8, String);
    let lower = |act: &str| act.to_ascii_lowercase();
    // As they are written first, which is looked up without writing anything, then in lower case.
    let mut written: HashMap<(u32, u8, &str), u32> = HashMap::new();
    let mut groups: HashMap<Group, u32> = HashMap::new();
    let mut first: Vec<&str> = Vec::new();
    let mut shared: Vec<usize> = Vec::new();
    let mut all: Vec<Wanted<'a>> = Vec::with_capacity(open.len());
    for &n in open {
        for p in &graph.inherit_requires[n as usize] {
            let text = p.scope.as_str();
            let form = form(text);
            // What has no act is in the order of its whole text.
            let act = act_and_thing(text).filter(|_| form == 0).map_or("", |x| x.0);
            let group = *written.entry((p.system, form, act)).or_insert_with(|| {
                let next = groups.len() as u32;
                *groups.entry((p.system, form, lower(act))).or_insert(next)
            });
            let at = group as usize;
            if at == first.len() {
                first.push(text);
                shared.push(text.len());
            }
            let (a, b) = (first[at].as_bytes(), text.as_bytes());
            let most = shared[at].min(b.len());
            let same = alike(&a[..most], &b[..most]);
            // The rest is the same text in other letters, or the group shares no more.
            let rest = a[same..most].iter().zip(&b[same..most]);
            shared[at] = same + rest.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
            all.push(Wanted {
                group,
                key: 0,
                inherit: n,
                system: p.system,
                text: &p.scope,
            });
        }
    }
    let mut sorted: Vec<(Group, u32)> = groups.into_iter().collect();
    sorted.sort_unstable();
    let mut place = vec![0; sorted.len()];
    for (at, (_, group)) in sorted.iter().enumerate() {
        place[*group as usize] = at as u32;
    }
    all.par_iter_mut().for_each(|x| {
        let rest = &x.text.as_bytes()[shared[x.group as usize]..];
        let byte = |n: usize| rest.get(n).map_or(0, u8::to_ascii_lowercase);
        x.key = u64::from_be_bytes(std::array::from_fn(byte));
        x.group = place[x.group as usize];
    });
    all.par_sort_unstable_by(|a, b| {
        (a.group, a.key)
            .cmp(&(b.group, b.key))
            .then_with(|| compare(a.text, b.text))
            .then_with(|| a.text.cmp(b.text))
            .then_with(|| a.inherit.cmp(&b.inherit))
    });
    all
}

impl OpenInherits {
    pub(super) fn of(graph: &TrustGraph) -> Self {
        let open: Vec<u32> = (0..graph.inherit_from.len() as u32)
            .filter(|&n| graph.inherit_from[n as usize].is_none() && !graph.inherit_requires[n as usize].is_empty())
            .collect();
        if open.is_empty() {
            return Self::default();
        }
        let mut out = Self::default();
        out.find_needs(graph, &open);
        let allowances = graph.allowances();
        let mut pairs: Vec<(u32, u32)> = (0..graph.grant_system.len() as u32)
            .map(|g| (graph.grant_system[g as usize], allowances.set_of(g)))
            .filter(|(system, _)| out.of_system.contains_key(system))
            .collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        let mut asked: Vec<(u32, u32)> = pairs
            .into_iter()
            .flat_map(|(system, set)| allowances.of_set(set).iter().map(move |&a| (system, a)))
            .collect();
        asked.par_sort_unstable();
        asked.dedup();
        out.answer(graph, allowances, &asked);
        out
    }

    /// The distinct needs, numbered in their order, and which inherit has which.
    fn find_needs(&mut self, graph: &TrustGraph, open: &[u32]) {
        let all = in_order(graph, open);
        let mut wants: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        let mut shared: Vec<u32> = Vec::new();
        for same in all.chunk_by(|a, b| a.group == b.group && a.text == b.text) {
            let (system, form, text) = (same[0].system, form(same[0].text), same[0].text);
            let need = self.needs.len() as u32;
            let section = self.of_system.entry(system).or_default();
            let range = match form {
                0 => {
                    let act = |t: &str| act_and_thing(t).map_or("", |x| x.0).to_ascii_lowercase();
                    let last = section.acts.last().map(|r| &self.needs[r.start as usize].text);
                    if last.is_none_or(|last| act(last) != act(text)) {
                        section.acts.push(need..need);
                    }
                    section.acts.last_mut()
                }
                1 => Some(&mut section.plain),
                _ => Some(&mut section.loose),
            };
            if let Some(range) = range {
                if range.start == range.end {
                    range.start = need;
                }
                range.end = need + 1;
            }
            self.needs.push(Need {
                system,
                text: text.clone(),
            });
            shared.push(same.len() as u32);
            wants.extend(same.iter().map(|x| (x.inherit, need)));
        }
        drop(all);
        // Most shared first, within each inherit.
        wants.par_sort_unstable_by_key(|&(n, need)| (n, u32::MAX - shared[need as usize], need));
        let mut under: Vec<(u32, u32)> = Vec::with_capacity(open.len());
        for of_one in wants.chunk_by(|a, b| a.0 == b.0) {
            let system = |x: &(u32, u32)| self.needs[x.1 as usize].system;
            self.across_systems |= of_one.iter().any(|x| system(x) != system(&of_one[0]));
            under.extend(of_one.last().map(|&(n, need)| (need, n)));
        }
        self.under = Csr::from_pairs(self.needs.len(), &under);
        self.wants = Csr::from_pairs(graph.inherit_from.len(), &wants);
    }

    /// Looks up each allowance at each system where somebody has it.
    fn answer(&mut self, graph: &TrustGraph, allowances: &Allowances, asked: &[(u32, u32)]) {
        let found: Vec<(u32, u32, Opened)> = asked
            .par_iter()
            .with_min_len(256)
            .map_init(Scratch::default, |scratch, &(system, a)| {
                let opened = self.opened_by(graph, system, allowances.get(a)?, scratch);
                (opened != Opened::default()).then_some((system, a, opened))
            })
            .flatten()
            .collect();
        let (mut proven, mut begun) = (Vec::new(), Vec::new());
        for (at, (system, a, opened)) in found.iter().enumerate() {
            self.lists.insert((*system, *a), at as u32);
            proven.extend(opened.proven.iter().map(|&n| (at as u32, n)));
            begun.extend(opened.begun.iter().map(|&n| (at as u32, n)));
        }
        self.proven = Csr::from_pairs(found.len(), &proven);
        self.begun = Csr::from_pairs(found.len(), &begun);
    }

    /// What an allowance at a system opens.
    #[must_use]
    pub fn opened_by(&self, graph: &TrustGraph, system: u32, allowed: &Allowed, scratch: &mut Scratch) -> Opened {
        let mut out = Opened::default();
        scratch.met.clear();
        self.meet(system, allowed, &mut scratch.met);
        if scratch.met.is_empty() {
            return out;
        }
        scratch.marks.resize(self.needs.len(), false);
        for &need in &scratch.met {
            scratch.marks[need as usize] = true;
        }
        for &need in &scratch.met {
            for &n in self.under.of(need) {
                let inherit = &graph.inventory().records.inherits[n as usize];
                let asks_for_more = inherit.audiences.is_some() || inherit.how == Some(InheritHow::Membership);
                if !asks_for_more && self.wants(n).iter().all(|&other| scratch.marks[other as usize]) {
                    out.proven.push(n);
                } else {
                    out.begun.push(n);
                }
            }
        }
        for &need in &scratch.met {
            scratch.marks[need as usize] = false;
        }
        out.proven.sort_unstable();
        out.begun.sort_unstable();
        out
    }

    /// The needs at a system that an allowance satisfies.
    fn meet(&self, system: u32, allowed: &Allowed, met: &mut Vec<u32>) {
        let Some(section) = self.of_system.get(&system) else {
            return;
        };
        // All patterns must be overlapped, so any one of them narrows; the one that says most is likely the best.
        let patterns = allowed.scope.patterns().iter();
        let Some(pattern) = patterns.max_by_key(|p| literal(p).len()) else {
            return;
        };
        let text = |need: u32| self.needs[need as usize].text.as_str();
        let mut try_all = |range: Range<u32>| met.extend(range.filter(|&need| allowed.satisfies(text(need))));
        let whole = literal(pattern).len() == pattern.len();
        let acts = 0..section.acts.len() as u32;
        let act_of = |at: u32| act_and_thing(text(section.acts[at as usize].start)).map_or("", |x| x.0);
        match act_and_thing(pattern) {
            Some((act, thing)) => {
                for at in narrowed(acts, act, act_of).filter(|&at| overlaps(act, act_of(at))) {
                    let range = section.acts[at as usize].clone();
                    try_all(narrowed(range, thing, |need| {
                        act_and_thing(text(need)).map_or("", |x| x.1)
                    }));
                }
            }
            // A star takes the `@` and what is around it. With two of them in the pattern no text of one is met.
            None if !pattern.contains('@') && !whole => {
                for at in narrowed(acts, pattern, act_of) {
                    try_all(section.acts[at as usize].clone());
                }
            }
            None => {}
        }
        try_all(narrowed(section.plain.clone(), pattern, text));
        try_all(section.loose.clone());
    }

    /// Whether there is no such inherit at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    /// How many allowances at a system open anything; the numbers of their lists are those below.
    #[must_use]
    pub fn lists(&self) -> u32 {
        self.lists.len() as u32
    }

    /// The number of the lists of an allowance at a system, where it has any.
    #[must_use]
    pub fn find(&self, system: u32, allowance: u32) -> Option<u32> {
        self.lists.get(&(system, allowance)).copied()
    }

    /// See [`Opened::proven`].
    #[must_use]
    pub fn proven(&self, list: u32) -> &[u32] {
        self.proven.of(list)
    }

    /// See [`Opened::begun`].
    #[must_use]
    pub fn begun(&self, list: u32) -> &[u32] {
        self.begun.of(list)
    }

    /// The needs of an inherit, as numbers; of the requirements that the inventory states, one each.
    #[must_use]
    pub fn wants(&self, inherit: u32) -> &[u32] {
        self.wants.of(inherit)
    }

    /// The same but for the need that the fewest inherits have: whoever has begun an inherit satisfies that.
    #[must_use]
    pub fn before_last(&self, inherit: u32) -> &[u32] {
        self.wants(inherit).split_last().map_or(&[], |x| x.1)
    }

    /// The system and the pattern of a need.
    #[must_use]
    pub fn need(&self, need: u32) -> (u32, &str) {
        let need = &self.needs[need as usize];
        (need.system, need.text.as_str())
    }

    /// Whether an inherit requires something at several systems.
    #[must_use]
    pub fn across_systems(&self) -> bool {
        self.across_systems
    }
}
