//! `tongban diff`: two versions of a process, or of all processes of an office, in words and drawn.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::Args;
use indexmap::IndexMap;
use serde_json::{Value, json};
use tongban_engine::{
    definition::{Automatic, Definition, load_experiment, load_office},
    diagnostic::render,
    diagram::{Mark, Overlay},
    diff::{Change, compare, drawn},
    text::{Language, Text},
};

use super::{Spoken, say};

/// What `tongban diff` is given.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The old version: a process file, its folder, or an office's folder
    old: PathBuf,
    /// The new version, named in the same way
    new: PathBuf,
    /// Write the new diagram with its changes marked to this file (of two offices: PROCESS.svg in this folder)
    #[arg(long)]
    svg: Option<PathBuf>,
    /// Print JSON: a list of {process, mark, what, id, element, file, line, text}
    #[arg(long)]
    json: bool,
    /// Language of the words
    #[arg(long, value_enum, default_value_t = Spoken::Zh)]
    lang: Spoken,
}

type Versions = IndexMap<String, Arc<Definition>>;

/// Prints what is different; exit status 0 whether or not something is.
pub(super) fn run(arguments: &DiffArgs) -> anyhow::Result<ExitCode> {
    let language = arguments.lang.into();
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let pairs = pairs(&old, &new);
    let mut all: Vec<Value> = Vec::new();
    let mut told = 0;
    for (id, before, after) in &pairs {
        let changes = changes(id, *before, *after);
        told += changes.len();
        all.extend(changes.iter().map(|change| as_json(id, change)));
        if !arguments.json {
            print(id, &changes, language)?;
        }
        if let (Some(path), Some(after)) = (&arguments.svg, after) {
            let path = if pairs.len() == 1 { path.clone() } else { path.join(format!("{id}.svg")) };
            write(&path, after, &changes, language)?;
        }
    }
    match (arguments.json, told) {
        (true, _) => say(&serde_json::to_string_pretty(&all)?)?,
        (false, 0) => say(Text::new("没有差别", "no difference").get(language))?,
        (false, _) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The versions at a path. A process in an office is read with its forms and roles; another by itself.
fn read(path: &Path) -> anyhow::Result<Versions> {
    if path.join("workflows").is_dir() {
        let (office, findings) = load_office(&tongban_adapters::office::read(path)?);
        if office.definitions.is_empty() {
            bail!("{}\n{}", path.display(), render(&findings, &office.sources, Language::En));
        }
        return Ok(office.definitions);
    }
    let file = if path.is_dir() { path.join("process.yaml") } else { path.to_path_buf() };
    let file = file.canonicalize().with_context(|| file.display().to_string())?;
    if let Some(root) = file.ancestors().find(|folder| folder.join("workflows").is_dir() && file.starts_with(folder.join("workflows"))) {
        let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        let (office, _) = load_office(&tongban_adapters::office::read(root)?);
        let own: Versions = office.definitions.into_iter().filter(|(_, definition)| *definition.process.place.file == *name).collect();
        if !own.is_empty() {
            return Ok(own);
        }
    }
    // Alone, or with mistakes: whatever can be executed can be compared.
    let sources = super::sources(&[file])?;
    match load_experiment(&sources, &Automatic::Nothing) {
        Ok(definitions) => Ok(definitions.into_iter().map(|definition| (definition.process.id.clone(), definition)).collect()),
        Err(findings) => {
            let named = sources.iter().map(|source| (source.name.to_string(), source.clone())).collect();
            bail!("{}", render(&findings, &named, Language::En))
        }
    }
}

type Pair<'a> = (String, Option<&'a Arc<Definition>>, Option<&'a Arc<Definition>>);

/// Processes by id; where each side has one only, those two, whatever they are called.
fn pairs<'a>(old: &'a Versions, new: &'a Versions) -> Vec<Pair<'a>> {
    if let (Some((_, before)), Some((id, after)), 1, 1) = (old.first(), new.first(), old.len(), new.len()) {
        return vec![(id.clone(), Some(before), Some(after))];
    }
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter().map(|id| (id.clone(), old.get(id), new.get(id))).collect()
}

fn changes(id: &str, old: Option<&Arc<Definition>>, new: Option<&Arc<Definition>>) -> Vec<Change> {
    let whole = |mark: Mark, definition: &Definition| {
        let text = Text::new(format!("流程 {id}：{}", mark.name().zh), format!("process {id}: {}", mark.name().get(Language::En)));
        vec![Change { mark, what: "process", id: id.to_owned(), element: None, place: definition.process.place.clone(), text }]
    };
    match (old, new) {
        (Some(old), Some(new)) => compare(old, new),
        (None, Some(new)) => whole(Mark::Added, new),
        (Some(old), None) => whole(Mark::Removed, old),
        (None, None) => Vec::new(),
    }
}

fn print(id: &str, changes: &[Change], language: Language) -> anyhow::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    say(&format!("{id}:"))?;
    for change in changes {
        say(&format!("  {} {} ({})", change.mark.sign(), change.text.get(language), change.place))?;
    }
    Ok(())
}

fn as_json(process: &str, change: &Change) -> Value {
    json!({
        "process": process, "mark": change.mark, "what": change.what, "id": change.id, "element": change.element,
        "file": &*change.place.file, "line": change.place.span.line, "text": change.text,
    })
}

fn write(path: &Path, new: &Definition, changes: &[Change], language: Language) -> anyhow::Result<()> {
    let roles = new.roles.iter().map(|(id, role)| (id.clone(), role.name.clone())).collect();
    let drawing = drawn(new, changes, Overlay { language, roles, ..Overlay::default() });
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, drawing.svg + "\n").with_context(|| path.display().to_string())
}
