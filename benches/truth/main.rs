//! Compares what is made of published files with what their projects publish, or what was worked out, of them:
//! `cargo run --example truth -- FOLDER`, where the folder has `aws`, `entra`, `k8s` and `oidc` as the modules here say.
//! Prints each comparison and a total; ends with 1 where something is missing or too much.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod aws;
mod entra;
mod k8s;
mod oidc;
mod score;

use score::Score;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: truth FOLDER");
        return ExitCode::from(2);
    };
    match run(&folder) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run(folder: &Path) -> Result<usize, String> {
    let mut score = Score::default();
    k8s::compare(&folder.join("k8s"), &mut score)?;
    aws::compare(&folder.join("aws"), &mut score)?;
    entra::compare(&folder.join("entra"), &mut score)?;
    oidc::compare(&folder.join("oidc"), &mut score)?;
    println!("{} comparisons, {} of them not as published", score.made, score.wrong);
    Ok(score.wrong)
}
