//! What each element of BPMN does, told in tiny processes: `conformance/<area>/*.yaml`, on the pure engine.
//!
//! A file holds a `process` (its head completed from `office.yaml`), `templates` by name, and `stories`: scenarios, each
//! with the ids of the nodes that tokens `passed`, in order, where the order matters. Names with `__` are implied nodes
//! and are not told.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::{Map, Value};
use tongban_tests::{
    conformance::{Around, load, read, tell},
    office,
};

/// One file of `conformance/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    process: String,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    stories: Vec<Map<String, Value>>,
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = office::root().join("tests/conformance");
    let around: Arc<Around> = Arc::new(read(&folder.join("office.yaml")).unwrap_or_else(|wrong| panic!("office.yaml: {wrong}")));
    let mut trials = Vec::new();
    for path in office::files_below(&folder) {
        let name = path.strip_prefix(&folder).map(|path| path.display().to_string()).unwrap_or_default();
        // What stands in these is driven by tests of their own: stories.rs, operations.rs.
        let elsewhere = ["run/", "patterns/", "operations"].iter().any(|folder| name.starts_with(folder));
        if elsewhere || !name.contains(std::path::MAIN_SEPARATOR) || !name.ends_with(".yaml") {
            continue;
        }
        let around = around.clone();
        trials.push(Trial::test(name, move || file(&path, &around).map_err(Failed::from)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs every story of a file.
fn file(path: &Path, around: &Around) -> Result<(), String> {
    let shown: Shown = read(path)?;
    let definition = load(&shown.process, &shown.templates, around)?;
    let mut wrong = Vec::new();
    for story in &shown.stories {
        let title = story.get("scenario").and_then(Value::as_str).unwrap_or("?").to_owned();
        if let Err(what) = tell(story, &definition, around) {
            wrong.push(format!("{title}\n  {what}"));
        }
    }
    if shown.stories.is_empty() {
        wrong.push("there is no story".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
