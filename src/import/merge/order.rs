//! Lists in the order of their ids and names. Records are big and what they are called lies elsewhere, so it is not the
//! records that are compared and moved about, but numbers that stand for them; each record moves once.

use super::relations::Relation;
use super::*;
use std::cmp::Ordering;

/// Puts records in order: the one at `order[i]` comes to `i`. Every position is in the order once.
fn arrange<R>(records: &mut [R], mut order: Vec<u32>) {
    // Each goes where it belongs, and whoever was there goes on, until the first place of the circle is reached again.
    for first in 0..order.len() {
        let mut here = first;
        loop {
            let there = order[here] as usize;
            order[here] = here as u32;
            if there == first {
                break;
            }
            records.swap(here, there);
            here = there;
        }
    }
}

/// Sorts entities by id; of one id they stay in load order.
pub(super) fn by_id<E: Unite>(records: &mut [E]) {
    let mut order: Vec<(&str, u32)> = records.iter().map(|r| r.id().as_str()).zip(0..).collect();
    order.par_sort_unstable();
    let order = order.into_iter().map(|(_, at)| at).collect();
    arrange(records, order);
}

/// Where entities stand in the order of what names say of them.
pub(super) struct Ranks {
    /// By what stands before the arrow: systems, identities, credentials.
    before: [Vec<u32>; 3],
    /// By what stands behind it.
    behind: [Vec<u32>; 3],
    /// Of who becomes somebody where anybody does.
    anybody: u32,
    /// Of contexts, which are no entities: their names begin alike.
    context: u32,
}

/// How an id that stands before the arrow compares with another.
fn before_arrow(a: &str, b: &str) -> Ordering {
    let n = a.len().min(b.len());
    let (a, b) = (a.as_bytes(), b.as_bytes());
    a[..n].cmp(&b[..n]).then_with(|| {
        let rest = |id: &'_ [u8]| [&id[n..], b"->"].concat();
        if a.len() == b.len() {
            Ordering::Equal
        } else {
            rest(a).cmp(&rest(b))
        }
    })
}

fn kind_and_place(at: EntityIx) -> (usize, usize) {
    match at {
        EntityIx::System(i) => (0, i as usize),
        EntityIx::Identity(i) => (1, i as usize),
        EntityIx::Credential(i) => (2, i as usize),
    }
}

impl Ranks {
    /// Of entities that are sorted by id.
    pub fn of(entities: &Records) -> Self {
        let systems = (0..).zip(&entities.systems);
        let identities = (0..).zip(&entities.identities);
        let credentials = (0..).zip(&entities.credentials);
        let mut all: Vec<(&str, EntityIx)> = Vec::new();
        all.extend(systems.map(|(i, one)| (one.id.as_str(), EntityIx::System(i))));
        all.extend(identities.map(|(i, one)| (one.id.as_str(), EntityIx::Identity(i))));
        all.extend(credentials.map(|(i, one)| (one.id.as_str(), EntityIx::Credential(i))));
        // Sorted already but for the three lists, which this takes into account.
        all.sort_by(|a, b| a.0.cmp(b.0));
        let ranks = |all: &[(&str, EntityIx)]| {
            let mut ranks = [
                vec![0; entities.systems.len()],
                vec![0; entities.identities.len()],
                vec![0; entities.credentials.len()],
            ];
            for (rank, (_, at)) in all.iter().enumerate() {
                let (kind, place) = kind_and_place(*at);
                // Between two of them is room for one more.
                ranks[kind][place] = 2 * rank as u32 + 1;
            }
            ranks
        };
        let behind = ranks(&all);
        let context = 2 * all.partition_point(|(id, _)| *id < "context:") as u32;
        all.sort_by(|a, b| before_arrow(a.0, b.0));
        let anybody = 2 * all.partition_point(|(id, _)| before_arrow(id, "*").is_lt()) as u32;
        Self {
            before: ranks(&all),
            behind,
            anybody,
            context,
        }
    }

    /// A number by which relations of a kind sort as their names do, but for what those have behind.
    pub fn key(&self, (before, behind): (Option<EntityIx>, Option<EntityIx>)) -> u64 {
        let rank = |ranks: &[Vec<u32>; 3], at: Option<EntityIx>, other: u32| {
            at.map_or(other, |at| {
                let (kind, place) = kind_and_place(at);
                ranks[kind][place]
            })
        };
        let before = rank(&self.before, before, self.anybody);
        u64::from(before) << 32 | u64::from(rank(&self.behind, behind, self.context))
    }
}

/// Sorts relations by name and lets go of those that are not kept.
pub(super) fn by_name<R: Relation>(listed: Listed<R>) -> Vec<R> {
    let Listed {
        mut records,
        kept,
        keys,
        digests,
    } = listed;
    drop(digests);
    let numbered = records.par_iter().zip(&keys).zip(&kept).zip(0..records.len() as u32);
    // Nobody has as many relations of a kind as there are numbers.
    let mut order: Vec<(u64, u32, u32)> = numbered
        .filter(|((_, kept), _)| **kept)
        .map(|(((record, key), _), at)| {
            let (hash, is_long) = behind(record);
            (*key, hash, at | if is_long { LONG } else { 0 })
        })
        .collect();
    drop(keys);
    order.par_sort_unstable();
    let mut order: Vec<u32> = order.into_iter().map(|(_, _, at)| at & !LONG).collect();
    let count = order.len();
    // Behind them who goes.
    order.extend((0..).zip(kept).filter(|(_, kept)| !kept).map(|(at, _)| at));
    arrange(&mut records, order);
    records.truncate(count);
    // Ids that relations state, and what the numbers do not tell of their names.
    let in_order = |pair: &[R]| pair[0].name() < pair[1].name();
    if !records.par_windows(2).all(in_order) {
        records.par_sort_unstable_by(|a, b| a.name().cmp(&b.name()));
    }
    records.shrink_to_fit();
    records
}

/// Of those that have the same number behind, the longer names stand behind the others: they have more of it.
const LONG: u32 = 1 << 31;

/// What a name has behind, as a number that sorts as it does, but for the least, and whether it has more than that.
fn behind<R: Relation>(record: &R) -> (u32, bool) {
    let common = record.common();
    if let Some(hash) = common.own_hash {
        return (u32::from_be_bytes(hash).max(1), false);
    }
    let own = common.rest.get().and_then(|rest| rest.own_name.as_deref());
    let digits = own.and_then(|own| own.rsplit_once('#')?.1.get(..8));
    let hash = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    hash.map_or((0, false), |hash| (hash.max(1), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_where_an_order_says() {
        let mut state = 7_u64;
        for len in 0..40_u32 {
            let mut order: Vec<u32> = (0..len).collect();
            for i in (1..order.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                order.swap(i, (state >> 33) as usize % (i + 1));
            }
            let mut records: Vec<String> = (0..len).map(|n| n.to_string()).collect();
            let expected: Vec<String> = order.iter().map(ToString::to_string).collect();
            arrange(&mut records, order);
            assert_eq!(records, expected);
        }
    }

    #[test]
    fn ranks_are_those_of_the_texts() {
        let ids = [
            "*", "a", "a!", "a#key", "a-", "a->b", "a.b", "aa", "b", "c", "context", "contexts", "é",
        ];
        let mut entities = Records::default();
        for (n, id) in ids.into_iter().enumerate() {
            let id = Text::from(id);
            match n % 3 {
                0 => entities.systems.push(System {
                    id,
                    ..System::default()
                }),
                1 => entities.identities.push(Identity {
                    id,
                    ..Identity::default()
                }),
                _ => entities.credentials.push(Credential {
                    id,
                    ..Credential::default()
                }),
            }
        }
        let at = |n: usize| match n % 3 {
            0 => EntityIx::System(n as u32 / 3),
            1 => EntityIx::Identity(n as u32 / 3),
            _ => EntityIx::Credential(n as u32 / 3),
        };
        let ranks = Ranks::of(&entities);
        let mut keyed = Vec::new();
        for (from, a) in ids.into_iter().enumerate() {
            for (to, b) in ids.into_iter().enumerate() {
                keyed.push((ranks.key((Some(at(from)), Some(at(to)))), format!("{a}->{b}")));
            }
            keyed.push((ranks.key((Some(at(from)), None)), format!("{a}->context:")));
        }
        // Where one end may be mistaken for a part of the other the number does not tell; else it does.
        let clear = |name: &str| name.matches("->").count() == 1 && !name.contains("a->b");
        keyed.retain(|(_, name)| clear(name));
        keyed.sort();
        assert!(keyed.len() > 100 && keyed.is_sorted_by(|a, b| a.1 < b.1), "{keyed:?}");
        let anybody = ranks.key((None, Some(at(8))));
        assert!(ranks.key((Some(at(8)), Some(at(8)))) > anybody);
    }
}
