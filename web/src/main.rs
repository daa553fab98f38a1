//! The `tongban` command.

use std::process::ExitCode;

use clap::Parser;
use tongban_web::cli;

/// 通办: a process platform for public administration
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: cli::Command,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    cli::run(&arguments.command)
}
