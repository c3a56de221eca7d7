//! `trustmap convert`: one merged inventory, written.

use super::{Common, DONE, Io, count, fail, open, plain};
use crate::export::{csv, file, graphml, native, opengraph};
use clap::{Args, ValueEnum};
use std::io;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct ConvertArgs {
    #[command(flatten)]
    common: Common,

    /// The file to write; - writes to standard output
    #[arg(short = 'o', long = "output", value_name = "OUT")]
    output: PathBuf,

    /// What to write
    #[arg(long, value_enum, default_value = "native")]
    to: To,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    /// trustmap's own format; read again it gives the same inventory
    Native,
    /// BloodHound OpenGraph; read again it gives the same inventory
    Opengraph,
    /// A graph for Gephi, yEd, Cytoscape
    Graphml,
    /// The relations as one table
    Csv,
}

pub(super) fn run(args: &ConvertArgs, io: &mut Io) -> io::Result<u8> {
    let opened = match open(&args.common, io)? {
        Ok(opened) => opened,
        Err(status) => return Ok(status),
    };
    let inventory = &opened.loaded.inventory;
    let text = match args.to {
        To::Graphml => graphml::graphml(inventory),
        To::Csv => csv::csv(inventory),
        To::Native => native::native(inventory),
        To::Opengraph => opengraph::opengraph(inventory),
    };
    if args.output.as_os_str() == "-" {
        io.out.write_all(text.as_bytes())?;
    } else {
        let name = args.output.to_string_lossy().into_owned();
        if let Err(why) = file::write(&args.output, text.as_bytes()) {
            return fail(io, &format!("Could not write {name}: {why}"));
        }
        if !args.common.quiet {
            let records = count(inventory.records.len() as u64, "record", "records");
            writeln!(io.err, "Wrote {}: {records}", plain(&name))?;
        }
    }
    opened.note_problems(&args.common, io)?;
    Ok(DONE)
}
