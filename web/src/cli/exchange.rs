//! `tongban import` and `tongban export`: BPMN 2.0 XML read into YAML with an honest report, and written with its picture.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use tongban_engine::{
    bpmn::{self, Ids, Outcome, Read, ReadOptions},
    definition::load_office,
    diagnostic::{Severity, render},
    source::{Source, Tree, parse, to_yaml},
    text::{Language, Text},
};

use super::{OfficeArgs, Spoken, say};

/// What `tongban import` is given.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A BPMN 2.0 XML file
    file: PathBuf,
    /// Write PROCESS/process.yaml and PROCESS/import.md (the report) into this folder; without it, YAML goes to standard output and
    /// the report to standard error
    #[arg(long)]
    out: Option<PathBuf>,
    /// Language of the report
    #[arg(long, value_enum, default_value_t = Spoken::Zh)]
    lang: Spoken,
}

/// What `tongban export` is given.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// Process id
    process: String,
    /// The file to write; standard output if absent
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Reads every process of the file; exit status 1 if it cannot be read.
pub(super) fn import(arguments: &ImportArgs) -> anyhow::Result<ExitCode> {
    let language = arguments.lang.into();
    let sources = super::sources(std::slice::from_ref(&arguments.file))?;
    let Some(source) = sources.first() else { return Ok(ExitCode::FAILURE) };
    let read = bpmn::read(source, ReadOptions { ids: Ids::Snake });
    let report = report(source, &read, language);
    let unreadable = read.findings.iter().any(|finding| finding.severity == Severity::Error);
    if unreadable || read.trees.is_empty() {
        write!(std::io::stderr(), "{report}")?;
        return Ok(ExitCode::FAILURE);
    }
    match &arguments.out {
        Some(folder) => {
            for tree in &read.trees {
                write_process(folder, tree, &report, language)?;
            }
        }
        None => {
            let texts: Vec<String> = read.trees.iter().map(to_yaml).collect();
            say(texts.join("---\n").trim_end())?;
            write!(std::io::stderr(), "{report}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A process in a folder of its own; nothing that is there already is overwritten.
fn write_process(folder: &Path, tree: &Tree, report: &str, language: Language) -> anyhow::Result<()> {
    let id = tree.get("process").and_then(Tree::scalar).context("a process has an id")?;
    let folder = folder.join(id);
    std::fs::create_dir_all(&folder)?;
    for (name, text) in [("process.yaml", to_yaml(tree)), ("import.md", report.to_owned())] {
        let path = folder.join(name);
        if path.exists() {
            bail!("{} 已经存在 / exists already", path.display());
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        say(Text::new(format!("已写 {}", path.display()), format!("wrote {}", path.display())).get(language))?;
    }
    Ok(())
}

/// What maps, what changes its meaning, what is left out, each with its place; then what is wrong with the XML.
fn report(source: &Source, read: &Read, language: Language) -> String {
    let heads = [
        (Outcome::Maps, Text::new("对应", "Maps")),
        (Outcome::Changes, Text::new("含义有变，或须补充", "Means something else, or has to be completed")),
        (Outcome::LeftOut, Text::new("没有对应，略去", "Has no counterpart and is left out")),
    ];
    let mut text = format!("# {}\n", source.name);
    for (outcome, head) in heads {
        let lines: Vec<_> = read.report.iter().filter(|line| line.outcome == outcome).collect();
        text.push_str(&format!("\n## {} ({})\n", head.get(language), lines.len()));
        for line in lines {
            let element = line.element.as_ref().map(|element| format!("`{element}` ")).unwrap_or_default();
            text.push_str(&format!("- {element}{} ({})\n", line.text.get(language), line.place));
        }
    }
    if !read.findings.is_empty() {
        let named = [(source.name.to_string(), source.clone())].into_iter().collect();
        text.push_str(&format!("\n## XML\n{}", render(&read.findings, &named, language)));
    }
    text
}

/// Writes a process as BPMN 2.0 XML with its laid-out diagram.
pub(super) fn export(arguments: &ExportArgs) -> anyhow::Result<ExitCode> {
    let bundle = arguments.office.read()?;
    let (office, _) = load_office(&bundle);
    let id = &arguments.process;
    let Some(definition) = office.definitions.get(id) else {
        let known: Vec<&str> = office.definitions.keys().map(String::as_str).collect();
        bail!("没有流程 {id}，或者它有错误（见 tongban check）；有：{} / no process {id} without errors", known.join("、"));
    };
    let source = bundle.source(&definition.process.place.file).context("a definition has its file")?;
    let tree = parse(&source).0.context("a definition that loaded can be parsed")?;
    let xml = bpmn::write(&tree, &definition.process);
    match &arguments.out {
        Some(path) => std::fs::write(path, xml).with_context(|| path.display().to_string())?,
        None => say(xml.trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}
