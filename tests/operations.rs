//! The table operation × construct, none left out: `conformance/operations/*.yaml`, on the pure engine.
//!
//! `table.yaml` lists the operations and the constructs, and tells what holds alike in every construct. Each other file is
//! a construct: a process, the steps `given` until the task `focus` is open, the `rest` after it is done, and the `path`
//! that tokens pass then. Its `cells` are an operation each: steps after the given ones, and the nodes that tokens pass
//! `then`. What it names in `common` goes as the table tells. A construct without a cell for an operation fails.
//!
//! Before each operation the engine is asked what is allowed; its answer, and what it says the operation takes away, must
//! be what then happens. After each command the invariants must hold.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongban_engine::definition::Definition;
use tongban_tests::{
    conformance::{Around, load, read, tell},
    office,
};

/// `table.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    operations: Vec<String>,
    constructs: Vec<String>,
    common: BTreeMap<String, Common>,
}

/// An operation that goes alike in every construct. `FOCUS`, `PREVIOUS` and `LAST` stand for the construct's tasks,
/// `EARLIER` and `CLOSER` for who did the previous and the last one.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    /// After what: `given`, or `end`.
    #[serde(default)]
    after: String,
    steps: Vec<Value>,
    /// How the story ends: `act`: the focus is done, then the rest; `rest`; `again`: from the beginning; `none`.
    finish: String,
    /// Nodes passed before the finish.
    #[serde(default)]
    then: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Construct {
    about: String,
    process: String,
    #[serde(default)]
    story: Map<String, Value>,
    given: Vec<Value>,
    given_passed: Vec<String>,
    focus: String,
    /// The step before the focus.
    #[serde(default)]
    previous: String,
    /// Who did that.
    #[serde(default = "ann")]
    earlier: String,
    /// The last task of the process, where a case that ended goes on.
    last: String,
    rest: Vec<Value>,
    /// Nodes passed after the given ones.
    path: Vec<String>,
    common: Vec<String>,
    cells: BTreeMap<String, Vec<Cell>>,
}

fn ann() -> String {
    "ann".to_owned()
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell {
    #[serde(default)]
    about: String,
    #[serde(default)]
    after: String,
    steps: Vec<Value>,
    then: Vec<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let conformance = office::root().join("tests/conformance");
    let folder = conformance.join("operations");
    let around: Arc<Around> = Arc::new(read(&conformance.join("office.yaml")).unwrap_or_else(|wrong| panic!("office.yaml: {wrong}")));
    let table: Table = read(&folder.join("table.yaml")).unwrap_or_else(|wrong| panic!("table.yaml: {wrong}"));
    let mut trials = Vec::new();
    for name in &table.constructs {
        match construct(&folder.join(format!("{name}.yaml")), name, &table, &around) {
            Ok(cells) => trials.extend(cells),
            Err(wrong) => trials.push(Trial::test(name.clone(), move || Err(Failed::from(wrong)))),
        }
    }
    let files = office::files_below(&folder).into_iter().filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    let unlisted: Vec<String> = files.filter(|name| name != "table" && !table.constructs.contains(name)).collect();
    trials.push(Trial::test("every construct is in the table", move || {
        if unlisted.is_empty() { Ok(()) } else { Err(Failed::from(format!("not in table.yaml: {unlisted:?}"))) }
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

/// The cells of one construct, and one trial that fails if any is missing.
fn construct(path: &Path, name: &str, table: &Table, around: &Arc<Around>) -> Result<Vec<Trial>, String> {
    let construct: Arc<Construct> = Arc::new(read(path)?);
    let definition = load(&construct.process, &BTreeMap::new(), around)?;
    let mut trials = Vec::new();
    for (operation, cells) in &construct.cells {
        for (number, cell) in cells.iter().enumerate() {
            let story = told(&construct, cell);
            let title = format!("{name}/{operation}/{}", number + 1);
            trials.push(trial(title, story, &definition, around));
        }
    }
    for operation in &construct.common {
        let common = table.common.get(operation).ok_or_else(|| format!("`{operation}` is not common"))?;
        let story = told(&construct, &whole(&construct, common));
        trials.push(trial(format!("{name}/{operation}"), story, &definition, around));
    }
    let told = |operation: &&String| {
        construct.common.contains(*operation) || construct.cells.get(*operation).is_some_and(|cells| !cells.is_empty())
    };
    let missing: Vec<String> = table.operations.iter().filter(|operation| !told(operation)).cloned().collect();
    let unknown: Vec<String> = construct.cells.keys().filter(|operation| !table.operations.contains(operation)).cloned().collect();
    let about = construct.about.clone();
    trials.push(Trial::test(format!("{name}: no cell is missing"), move || {
        if missing.is_empty() && unknown.is_empty() {
            return Ok(());
        }
        Err(Failed::from(format!("{about}: missing {missing:?}, unknown {unknown:?}")))
    }));
    Ok(trials)
}

fn trial(title: String, story: Map<String, Value>, definition: &Arc<Definition>, around: &Arc<Around>) -> Trial {
    let (definition, around) = (definition.clone(), around.clone());
    Trial::test(title, move || tell(&story, &definition, &around).map_err(Failed::from))
}

/// A common operation told for a construct.
fn whole(construct: &Construct, common: &Common) -> Cell {
    let act = json!({"act": {"task": construct.focus, "by": "bob"}});
    let mut steps = common.steps.clone();
    let mut then = common.then.clone();
    match common.finish.as_str() {
        "act" => steps.push(act),
        "again" => {
            steps.extend(construct.given.iter().skip(1).cloned());
            steps.push(act);
            then.extend(construct.given_passed.iter().cloned());
        }
        _ => {}
    }
    if common.finish != "none" {
        steps.extend(construct.rest.iter().cloned());
        steps.push(json!({"expect": {"ended": true}}));
        then.extend(construct.path.iter().cloned());
    }
    let text = Value::Array(steps).to_string();
    let text = text.replace("FOCUS", &construct.focus).replace("PREVIOUS", &construct.previous);
    let text = text.replace("EARLIER", &construct.earlier).replace("LAST", &construct.last);
    let text = text.replace("CLOSER", if construct.last == construct.focus { "bob" } else { "ann" });
    let then = then.iter().map(|node| node.replace("PREVIOUS", &construct.previous).replace("LAST", &construct.last)).collect();
    let steps = serde_json::from_str(&text).unwrap_or_default();
    Cell { about: String::new(), after: common.after.clone(), steps, then }
}

/// A cell as a story: what is given comes first.
fn told(construct: &Construct, cell: &Cell) -> Map<String, Value> {
    let mut steps = construct.given.clone();
    let mut passed = construct.given_passed.clone();
    if cell.after == "end" {
        steps.push(json!({"act": {"task": construct.focus, "by": "bob"}}));
        steps.extend(construct.rest.iter().cloned());
        steps.push(json!({"expect": {"ended": true}}));
        passed.extend(construct.path.iter().cloned());
    }
    steps.extend(cell.steps.iter().cloned());
    passed.extend(cell.then.iter().cloned());
    let mut story = construct.story.clone();
    let about = if cell.about.is_empty() { &construct.about } else { &cell.about };
    story.insert("scenario".to_owned(), json!(about));
    story.insert("steps".to_owned(), Value::Array(steps));
    story.insert("passed".to_owned(), json!(passed));
    story
}
