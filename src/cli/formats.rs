//! `trustmap formats`: the formats that are read, one line each.

use super::{DONE, Io};
use crate::export::json::{self, ToolJson};
use crate::import::IMPORTERS;
use clap::Args;
use serde::Serialize;
use std::io;

#[derive(Args, Debug)]
pub(super) struct FormatsArgs {
    /// Write JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document {
    format: &'static str,
    version: u32,
    tool: ToolJson,
    formats: Vec<Format>,
}

#[derive(Serialize)]
struct Format {
    name: &'static str,
    about: &'static str,
}

pub(super) fn run(args: &FormatsArgs, io: &mut Io) -> io::Result<u8> {
    if args.json {
        let document = Document {
            format: "trustmap-formats",
            version: 1,
            tool: ToolJson::default(),
            formats: IMPORTERS
                .iter()
                .map(|i| Format {
                    name: i.name(),
                    about: i.describe(),
                })
                .collect(),
        };
        io.out.write_all(json::to_text(&document).as_bytes())?;
        return Ok(DONE);
    }
    let width = IMPORTERS.iter().map(|i| i.name().len()).max().unwrap_or(0);
    for importer in IMPORTERS {
        writeln!(io.out, "{:width$}  {}", importer.name(), importer.describe())?;
    }
    Ok(DONE)
}
