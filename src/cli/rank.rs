//! `trustmap rank`: every live credential by what it alone opens.

use super::{Common, DONE, Io, fail, open, plain};
use crate::analysis::{Never, rank};
use crate::export::json::{self, Head};
use crate::export::rank::{RankMembers, rank_members};
use crate::export::words;
use crate::graph::{Overlay, TrustGraph};
use clap::Args;
use serde::Serialize;
use std::io;

#[derive(Args, Debug)]
pub(super) struct RankArgs {
    #[command(flatten)]
    common: Common,
}

/// The document `trustmap-rank`.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    members: RankMembers<'a>,
}

pub(super) fn run(args: &RankArgs, io: &mut Io) -> io::Result<u8> {
    let opened = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    let graph = TrustGraph::build(opened.loaded.inventory.clone());
    let Ok(ranking) = rank(&graph, &Overlay::default(), opened.settings, &Never) else {
        return fail(io, "The computation was cancelled");
    };
    if args.common.json {
        let document = Document {
            head: Head::new(
                "trustmap-rank",
                &opened.loaded,
                &opened.settings,
                opened.as_of_from,
                &[],
            ),
            members: rank_members(&ranking),
        };
        io.out.write_all(json::to_text(&document).as_bytes())?;
    } else {
        writeln!(
            io.out,
            "{}, exposure {}",
            words::counted(ranking.credentials.len() as u64, "live credential", "live credentials"),
            words::number(ranking.exposure)
        )?;
        writeln!(
            io.out,
            "As of {}, {}",
            opened.settings.as_of,
            words::regime(opened.settings.regime)
        )?;
        if !ranking.credentials.is_empty() {
            writeln!(io.out, "\n  weight  systems  crown jewels  credential")?;
        }
        for row in &ranking.credentials {
            writeln!(
                io.out,
                "  {:>6}  {:>7}  {:>12}  {}",
                words::number(row.weight),
                words::number(row.systems),
                words::number(row.crown_jewels),
                plain(&row.id)
            )?;
        }
    }
    opened.note_problems(&args.common, io)?;
    Ok(DONE)
}
