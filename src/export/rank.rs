//! A ranking as members of the `trustmap-rank` document, in the documentation's order.

use crate::analysis::{RankRow, Ranking};
use serde::Serialize;

/// The members after the head.
#[derive(Serialize)]
pub struct RankMembers<'a> {
    exposure: u64,
    credentials: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    id: &'a str,
    systems: u64,
    crown_jewels: u64,
    weight: u64,
    inherited: u64,
    assumed: u64,
}

/// The members after the head, in the ranking's order.
#[must_use]
pub fn rank_members<'a>(ranking: &'a Ranking) -> RankMembers<'a> {
    let row = |r: &'a RankRow| {
        let RankRow {
            id,
            systems,
            crown_jewels,
            weight,
            inherited,
            assumed,
            ..
        } = r;
        RowJson {
            id,
            systems: *systems,
            crown_jewels: *crown_jewels,
            weight: *weight,
            inherited: *inherited,
            assumed: *assumed,
        }
    };
    RankMembers {
        exposure: ranking.exposure,
        credentials: ranking.credentials.iter().map(row).collect(),
    }
}
