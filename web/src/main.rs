//! The `tongban` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tongban_web::{cli, serve};

/// 通办: a process platform for public administration
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the office: pages, API, timers, deliveries
    Serve(Box<serve::ServeArgs>),
    /// Run the simulator of the One-Net platform, a process of its own
    OneNet(serve::OneNetArgs),
    #[command(flatten)]
    Designer(cli::Command),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::serve(*arguments),
        Command::OneNet(arguments) => serve::one_net(arguments),
        Command::Designer(command) => cli::run(&command),
    }
}
