//! `tongban run`: definitions on the pure engine under a virtual clock, driven line by line.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use tongban_engine::{
    definition::{Automatic, load_experiment},
    diagnostic::{Finding, render},
    source::Source,
    text::Language,
    time::Moment,
    world::{Step, World},
};

/// The time in a world unless `--now` says otherwise: 2026-01-01T00:00:00Z.
const NOW: &str = "2026-01-01T00:00:00Z";

/// What `tongban run` is given.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Process files, YAML or BPMN XML, deployed together
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// JSON steps, one a line; `-` is standard input
    #[arg(long, default_value = "-")]
    steps: String,
    /// Activities that complete by themselves: all, none, or ids separated by commas
    #[arg(long, default_value = "none")]
    automatic: String,
    /// The time at the beginning (RFC 3339)
    #[arg(long, default_value = NOW)]
    now: String,
}

/// Deploys, then answers each step by one line of JSON.
///
/// # Errors
/// If a file cannot be read, or a step cannot be understood.
pub(super) fn run(arguments: &RunArgs) -> anyhow::Result<ExitCode> {
    let sources = super::sources(&arguments.files)?;
    let definitions = match load_experiment(&sources, &automatic(&arguments.automatic)) {
        Ok(definitions) => definitions,
        Err(findings) => return refuse(&sources, &findings),
    };
    let now: jiff::Timestamp = arguments.now.parse().context("--now")?;
    let mut world = World::new(definitions, Moment(now.as_millisecond()));
    let mut out = std::io::stdout().lock();
    for line in steps(&arguments.steps)?.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Step>(&line) {
            Ok(step) => serde_json::to_writer(&mut out, &world.step(&step))?,
            Err(error) => serde_json::to_writer(&mut out, &world.not_understood(&error.to_string()))?,
        }
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn automatic(given: &str) -> Automatic {
    match given {
        "none" | "" => Automatic::Nothing,
        "all" => Automatic::Everything,
        ids => Automatic::These(ids.split(',').map(|id| id.trim().to_owned()).collect()),
    }
}

fn steps(from: &str) -> anyhow::Result<Box<dyn BufRead>> {
    if from == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = std::fs::File::open(from).with_context(|| from.to_owned())?;
    Ok(Box::new(BufReader::new(file)))
}

fn refuse(sources: &[Source], findings: &[Finding]) -> anyhow::Result<ExitCode> {
    let named = sources.iter().map(|source| (source.name.to_string(), source.clone())).collect();
    writeln!(std::io::stderr(), "{}", render(findings, &named, Language::En))?;
    Ok(ExitCode::FAILURE)
}
