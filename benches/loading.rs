//! How fast big files are read, and with how much memory: `cargo bench --no-default-features --bench loading -- [MB]
//! [FORMAT]` (by default 100 MB of every format), or `-- --write FORMAT FILE MB` for the file alone. Each file is read
//! by a process of its own, so that the memory is that file's alone; only Linux tells it. The native file is an estate
//! of the generator, and its line goes on to the ranked list. `-- --cancel FILE` tells how long it takes until reading
//! stops that is cancelled at one moment or another.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a bench talks to whoever started it

mod exports;
mod generator;
mod memory;

use exports::EXPORTS;
use generator::Estate;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use trustmap::analysis::{Never, rank};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph};
use trustmap::import::{Doing, LoadOptions, Progress, Unheard, load};

const NATIVE: &str = "native";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let done = match arguments.first().map(String::as_str) {
        Some("--measure") => measure(&arguments.split_off(1)),
        Some("--write") => write_file(&arguments.split_off(1)),
        Some("--cancel") => cancel(&arguments.split_off(1)),
        _ => table(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Makes one file and leaves it, for a profiler.
fn write_file(arguments: &[String]) -> io::Result<()> {
    let megabytes = arguments.get(2).and_then(|a| a.parse::<u64>().ok());
    match (arguments, megabytes) {
        ([name, path, _], Some(megabytes)) => write(name, Path::new(path), megabytes * 1_000_000),
        _ => Err(io::Error::other("expected a format, a file and its megabytes")),
    }
}

/// Makes the files and has each read.
fn table(arguments: &[String]) -> io::Result<()> {
    let megabytes: u64 = arguments.first().and_then(|a| a.parse().ok()).unwrap_or(100);
    let only = arguments.iter().find(|a| a.parse::<u64>().is_err());
    let folder = tempfile::tempdir()?;
    println!(
        "{:<34} {:>6} {:>9} {:>7} {:>7} {:>12} {:>9} {:>12}",
        "format", "MB", "records", "s", "MB/s", "memory/file", "and then", "bytes/record"
    );
    for name in [NATIVE].into_iter().chain(EXPORTS.iter().map(|e| e.name)) {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let path = folder.path().join("export.json");
        write(name, &path, megabytes * 1_000_000)?;
        let exe = std::env::current_exe()?;
        let out = Command::new(exe).arg("--measure").arg(name).arg(&path).output()?;
        io::stdout().write_all(&out.stdout)?;
        io::stderr().write_all(&out.stderr)?;
        std::fs::remove_file(&path)?;
    }
    Ok(())
}

fn write(name: &str, path: &Path, bytes: u64) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    match EXPORTS.iter().find(|e| e.name == name) {
        Some(export) => (export.write)(&mut out, bytes)?,
        // An estate of a million nodes is about 460 MB.
        None => out.write_all(Estate::new((bytes / 460) as usize, 42).native().as_bytes())?,
    }
    out.flush()
}

/// Cancels after a time, and knows when it did.
struct Cancels {
    start: Instant,
    after: Duration,
}

impl Progress for Cancels {
    fn report(&self, _: Doing<'_>, _: u64, _: u64) {}

    fn cancelled(&self) -> bool {
        self.start.elapsed() >= self.after
    }
}

/// Reads a file again and again, cancels it later each time, and prints how long it went on.
fn cancel(arguments: &[String]) -> io::Result<()> {
    const MOMENTS: u32 = 20;
    let [path] = arguments else {
        return Err(io::Error::other("expected a file"));
    };
    let paths = [PathBuf::from(path)];
    let read = |after: Duration| {
        let start = Instant::now();
        let done = load(&paths, &LoadOptions::default(), &Cancels { start, after });
        (start.elapsed(), done.is_ok())
    };
    let (whole, _) = read(Duration::MAX);
    let mut waits = Vec::new();
    for moment in 0..MOMENTS {
        let after = whole * moment / MOMENTS;
        let (took, read) = read(after);
        if !read {
            waits.push(took.saturating_sub(after));
            println!("  cancelled after {after:.2?}: {:.2?} more", took.saturating_sub(after));
        }
    }
    waits.sort_unstable();
    println!(
        "{path}: read in {whole:.2?}; cancelled at {} moments it went on for {:.2?} (median), {:.2?} at most",
        waits.len(),
        waits.get(waits.len() / 2).copied().unwrap_or_default(),
        waits.last().copied().unwrap_or_default()
    );
    Ok(())
}

/// Reads one file and prints its line.
fn measure(arguments: &[String]) -> io::Result<()> {
    let [name, path] = arguments else {
        return Err(io::Error::other("expected a format and a file"));
    };
    let path = PathBuf::from(path);
    let megabytes = std::fs::metadata(&path)?.len() as f64 / 1e6;
    let start = Instant::now();
    let loaded = load(&[path], &LoadOptions::default(), &Unheard).map_err(|e| io::Error::other(e.to_string()))?;
    let seconds = start.elapsed().as_secs_f64();
    let read = loaded.inputs.first().and_then(|i| i.importer);
    if read != name.split('/').next() {
        return Err(io::Error::other(format!("{name} was read as {read:?}")));
    }
    let records = loaded.inventory.records.len();
    let peak = memory::peak();
    println!(
        "{name:<34} {megabytes:>6.0} {records:>9} {seconds:>7.2} {:>7.0} {:>12.2} {:>9.2} {:>12.0}",
        megabytes / seconds,
        peak / 1e6 / megabytes,
        memory::now() / 1e6 / megabytes,
        peak / records as f64
    );
    for said in loaded.diagnostics.iter().take(3) {
        println!("  {}: {}", said.code, said.message);
    }
    if name == NATIVE {
        let settings = Settings {
            as_of: loaded
                .inventory
                .as_of
                .ok_or_else(|| io::Error::other("it states its time"))?,
            regime: Regime::WorstCase,
        };
        let inventory = loaded.inventory.clone();
        drop(loaded);
        let start = Instant::now();
        let graph = TrustGraph::build(inventory);
        let built = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let ranking = rank(&graph, &Overlay::default(), settings, &Never).map_err(|_| io::Error::other("cancelled"))?;
        println!(
            "  the graph {built:.2} s, the ranked list of {} {:.2} s, together {:.2} s, {:.0} bytes/record",
            ranking.credentials.len(),
            start.elapsed().as_secs_f64(),
            seconds + built + start.elapsed().as_secs_f64(),
            memory::peak() / records as f64
        );
    }
    Ok(())
}
