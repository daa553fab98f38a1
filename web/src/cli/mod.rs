//! The designer's commands (check, test, graph, run, explain, schema), which read an office's files and run the pure engine;
//! and the operator's (verify, release, migrate), which look after a store.

mod check;
mod diff;
mod docs;
mod exchange;
mod graph;
mod keys;
mod lsp;
mod migrate;
mod records;
mod run;
mod scenarios;
mod simulate;
mod watch;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use tongban_engine::{
    definition::{Bundle, json_schema},
    diagnostic::explain,
    source::Source,
    text::Language,
};

/// What a designer or an operator may ask.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find every mistake in the office's processes and forms, or in files that are named
    Check {
        /// Process files, YAML or BPMN XML, looked at by themselves instead of the office
        files: Vec<PathBuf>,
        #[command(flatten)]
        office: OfficeArgs,
        /// Units and people to check the lanes and the four eyes against; those of the demonstration, if the office has one
        #[arg(long, value_name = "FILE")]
        organisation: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell every scenario on the pure engine, and say what none of them covers
    Test(scenarios::TestArgs),
    /// Step a case by hand, back and forth, and keep it as a scenario
    Simulate(simulate::SimulateArgs),
    /// Draw a process as SVG, or as its text twin
    Graph {
        #[command(flatten)]
        office: OfficeArgs,
        /// Process id
        process: String,
        /// Print the text twin instead of SVG
        #[arg(long)]
        text: bool,
    },
    /// Say what is different between two versions, in words and on the diagram
    Diff(diff::DiffArgs),
    /// Run definitions on the pure engine under a virtual clock, one JSON step a line, one JSON answer a line
    Run(run::RunArgs),
    /// Read BPMN 2.0 XML, Camunda's and Flowable's too, into YAML, and report what maps, what changes and what does not
    Import(exchange::ImportArgs),
    /// Write a process as BPMN 2.0 XML with its diagram
    Export(exchange::ExportArgs),
    /// Print the reference: the dialect, functions, semantics, scenarios, `tongban run`, codes
    Docs(docs::DocsArgs),
    /// Serve an editor over standard input and output: findings, completion, explanation, definition
    Lsp(lsp::LspArgs),
    /// Explain a finding's code
    Explain {
        /// Such as F010
        code: String,
        /// Language of the answer
        #[arg(long, value_enum, default_value_t = Spoken::Zh)]
        lang: Spoken,
    },
    /// Print the JSON Schema of process files, for editors
    Schema,
    /// Check every case against its journal, every journal and the audit against their hashes and the sealed heads
    Verify {
        #[command(flatten)]
        place: records::StoreArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keys of what is sealed: list, check, rotate, destroy
    #[command(subcommand)]
    Keys(Box<keys::KeysCommand>),
    /// Plan what a new version means for the open cases of a process; move some, the rest, or back again
    Migrate(Box<migrate::MigrateArgs>),
    /// Let a case go on that was set aside after a defect
    Release {
        #[command(flatten)]
        place: records::StoreArgs,
        /// The case's identifier
        case: String,
    },
}

/// Which office, and in which language.
#[derive(Debug, Args)]
pub struct OfficeArgs {
    /// The office's folder, with `workflows/` and `forms/` in it
    #[arg(long, default_value = ".")]
    pub office: PathBuf,
    /// Language of messages
    #[arg(long, value_enum, default_value_t = Spoken::Zh)]
    pub lang: Spoken,
}

/// A language, as the command line names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Spoken {
    /// 中文
    Zh,
    /// English
    En,
}

impl From<Spoken> for Language {
    fn from(spoken: Spoken) -> Self {
        match spoken {
            Spoken::Zh => Self::Zh,
            Spoken::En => Self::En,
        }
    }
}

impl OfficeArgs {
    fn read(&self) -> anyhow::Result<Bundle> {
        Ok(tongban_adapters::office::read(&self.office)?)
    }
}

/// Runs a command; what it found is printed.
///
/// # Errors
/// If the office cannot be read, the store does not open, or a name is unknown. Mistakes found are an exit status of 1, not an error.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match carry_out(command) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) => {
            Ok(ExitCode::SUCCESS)
        }
        outcome => outcome,
    }
}

fn carry_out(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check { files, office, organisation, json } if files.is_empty() => {
            let bundle = office.read()?;
            let organisation = check::organisation(&bundle, organisation.as_deref())?;
            check::run(&bundle, organisation.as_ref(), office.lang.into(), *json)
        }
        Command::Check { files, office, json, .. } => check::files(&sources(files)?, office.lang.into(), *json),
        Command::Test(arguments) => scenarios::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Graph { office, process, text } => graph::run(&office.read()?, office.lang.into(), process, *text),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Import(arguments) => exchange::import(arguments),
        Command::Export(arguments) => exchange::export(arguments),
        Command::Lsp(arguments) => lsp::run(arguments),
        Command::Docs(arguments) => docs::run(arguments),
        Command::Explain { code, lang } => {
            let found = explain(code).ok_or_else(|| anyhow::anyhow!("没有代码 {code} / there is no code {code}"))?;
            let language = (*lang).into();
            say(&format!("{code}  {}\n\n{}", found.title().get(language), found.explanation().get(language)))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify { place, json } => records::verify(place, *json),
        Command::Release { place, case } => records::release(place, case),
        Command::Keys(command) => keys::run(command),
        Command::Migrate(asked) => migrate::run(asked),
        Command::Schema => {
            say(&serde_json::to_string_pretty(&json_schema())?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Reads files that were named on the command line.
fn sources(files: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok(Source { name: path.display().to_string().into(), text: text.into() })
    };
    files.iter().map(read).collect()
}

/// Prints a line to standard output; a closed pipe is an error, not a panic.
fn say(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{text}")
}
