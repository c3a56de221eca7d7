//! `trustmap diff`: what changed between two inventories, and what it did to the radii.

use super::{Common, DONE, Io, fail, open, plain};
use crate::analysis::{Diff, KINDS, Never, diff};
use crate::export::diff::{DiffMembers, diff_members};
use crate::export::json::{self, Head};
use crate::export::words;
use crate::graph::{AsOfFrom, Settings, TrustGraph};
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    common: Common,

    /// The new inventories; those before are the old ones
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    to: Vec<PathBuf>,
}

/// The document `trustmap-diff`.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    members: DiffMembers<'a>,
}

pub(super) fn run(args: &DiffArgs, io: &mut Io) -> io::Result<u8> {
    let old = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    let to = Common {
        files: args.to.clone(),
        ..args.common.clone()
    };
    let mut new = match open(&to, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    // One time for both: what expired in between is not what somebody changed.
    let stated = old.loaded.inventory.as_of.max(new.loaded.inventory.as_of);
    let (as_of, as_of_from) = match (args.common.as_of, stated) {
        (Some(time), _) => (time, AsOfFrom::Argument),
        (None, Some(time)) => (time, AsOfFrom::Inventory),
        (None, None) => (io.now, AsOfFrom::Clock),
    };
    let settings = Settings {
        as_of,
        regime: args.common.regime,
    };
    let before = TrustGraph::build(old.loaded.inventory.clone());
    let after = TrustGraph::build(new.loaded.inventory.clone());
    let Ok(found) = diff(&before, &after, settings, &Never) else {
        return fail(io, "The computation was cancelled");
    };
    new.loaded = old.loaded.beside(new.loaded);
    if args.common.json {
        let document = Document {
            head: Head::new("trustmap-diff", &new.loaded, &settings, as_of_from, &[]),
            members: diff_members(&found),
        };
        io.out.write_all(json::to_text(&document).as_bytes())?;
    } else {
        text(&found, settings, io)?;
    }
    new.note_problems(&args.common, io)?;
    Ok(DONE)
}

fn text(found: &Diff, settings: Settings, io: &mut Io) -> io::Result<()> {
    let total = |lists: &[Vec<String>; 7]| lists.iter().map(Vec::len).sum::<usize>() as u64;
    writeln!(
        io.out,
        "{} added, {} removed, {} changed; {} otherwise",
        words::number(total(&found.added)),
        words::number(total(&found.removed)),
        words::number(total(&found.changed)),
        words::counted(found.radii.len() as u64, "credential reaches", "credentials reach")
    )?;
    writeln!(io.out, "As of {}, {}", settings.as_of, words::regime(settings.regime))?;
    for (n, kind) in KINDS.iter().enumerate() {
        let signs = [
            ("+", &found.added[n]),
            ("-", &found.removed[n]),
            ("~", &found.changed[n]),
        ];
        if signs.iter().all(|(_, ids)| ids.is_empty()) {
            continue;
        }
        let first = kind[..1].to_uppercase();
        writeln!(io.out, "\n{first}{}:", &kind[1..])?;
        for (sign, ids) in signs {
            for id in ids {
                writeln!(io.out, "  {sign} {}", plain(id))?;
            }
        }
    }
    if !found.radii.is_empty() {
        writeln!(io.out, "\nSystems that each live credential alone reaches:")?;
    }
    for r in &found.radii {
        let said = |n: Option<u64>| n.map_or("none".to_owned(), words::number);
        writeln!(io.out, "  {}: {} → {}", plain(&r.id), said(r.before), said(r.after))?;
        for (sign, ids) in [("+", &r.gained), ("-", &r.lost)] {
            for id in ids {
                writeln!(io.out, "    {sign} {}", plain(id))?;
            }
        }
    }
    Ok(())
}
