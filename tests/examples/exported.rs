//! Writes BPMN XML to be looked at from outside: `exported FOLDER [MODELS.jsonl]`, a file for every process of the office,
//! for the process of every element, and for every model of others (a JSON object with `xml` a line) that can be executed.

use std::{fs, path::Path};

use tongban_engine::{
    bpmn::{ReadOptions, read, write},
    definition::{Automatic, load_experiment, load_office},
    source::{Source, Tree, parse},
};
use tongban_tests::office;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say where to: exported FOLDER [MODELS.jsonl]")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let bundle = office::bundle();
    let (found, _) = load_office(&bundle);
    for (id, definition) in &found.definitions {
        let written = |text: &&String| text.lines().any(|line| line.trim() == format!("process: {id}"));
        let files = bundle.files.iter().filter(|(path, _)| path.ends_with("process.yaml"));
        let text = files.map(|(_, text)| text).find(written).ok_or_else(|| format!("{id} has no file"))?;
        let tree = parse(&source("process.yaml", text)).0.ok_or_else(|| format!("{id} does not parse"))?;
        fs::write(folder.join(format!("office-{id}.bpmn")), write(&tree, &definition.process))?;
    }
    let elements = fs::read_to_string(office::root().join("tests/browser/bpmn/elements.yaml"))?;
    experiment(folder, "own", &source("elements.yaml", &elements))?;
    if let Some(models) = arguments.next() {
        for line in fs::read_to_string(models)?.lines() {
            models_of(folder, &serde_json::from_str(line)?)?;
        }
    }
    Ok(())
}

fn models_of(folder: &Path, model: &serde_json::Value) -> Result<(), Box<dyn std::error::Error>> {
    let name = model["id"].to_string().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let texts = model["xml"].as_array().cloned().unwrap_or_else(|| vec![model["xml"].clone()]);
    for (at, text) in texts.iter().filter_map(serde_json::Value::as_str).enumerate() {
        // What cannot be executed is told by other tests.
        let _unfit = experiment(folder, &format!("model-{name}-{at}"), &source("a.bpmn", text));
    }
    Ok(())
}

fn experiment(folder: &Path, prefix: &str, file: &Source) -> Result<(), Box<dyn std::error::Error>> {
    let definitions = load_experiment(std::slice::from_ref(file), &Automatic::Nothing).map_err(|findings| format!("{findings:?}"))?;
    let trees = match parse(file).0 {
        Some(tree) if file.name.ends_with(".yaml") => vec![tree],
        _ => read(file, ReadOptions::default()).trees,
    };
    for (at, definition) in definitions.iter().enumerate() {
        let id = definition.process.id.as_str();
        let tree = trees.iter().find(|tree| tree.get("process").and_then(Tree::scalar) == Some(id)).ok_or("its tree")?;
        fs::write(folder.join(format!("{prefix}-{at}.bpmn")), write(tree, &definition.process))?;
    }
    Ok(())
}

fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), text: text.into() }
}
