//! What each fuzz target does with its bytes. Whatever they are, nothing here may panic, hang, or lose what it has read.
//!
//! The tests crate runs the same functions over `inputs/`, where every input that once failed is kept.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;
use serde_json::{Value, json};
use tongban_engine::{
    bpmn::{Ids, ReadOptions, check_constraints, read, write},
    decision::{load_decision, load_dmn},
    definition::{Automatic, Bundle, load_experiment, load_office},
    diagnostic::{Severity, render},
    form::{FieldStandard, FieldType},
    rules::{Lookup, Rules},
    source::{Kind, Place, Source, Tree, parse, to_yaml},
    text::Language,
    time::Moment,
    world::{Step, TaskSelector, World},
};

/// Longer inputs teach nothing that shorter ones do not.
const BYTES_MAX: usize = 8_192;
/// Steps of a case on a definition that loads.
const STEPS_MAX: usize = 12;

/// YAML as a definition: parsed, written and parsed again, loaded as an experiment and as an office's, and run for a few steps.
pub fn definitions(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let file = source("workflows/a/trial/process.yaml", text);
    let (tree, findings) = parse(&file);
    let _shown = render(&findings, &by_name(&file), Language::En);
    let Some(tree) = tree else { return };
    if findings.is_empty() {
        let yaml = to_yaml(&tree);
        let (again, wrong) = parse(&source("again.yaml", &yaml));
        assert!(wrong.is_empty(), "what was written does not parse: {wrong:?}\n{yaml}");
        assert_eq!(again.as_ref().map(meant), Some(meant(&tree)), "written and read again\n{yaml}");
    }
    office(text);
    experiment(&file, &[tree]);
}

/// BPMN XML: read with both kinds of ids, checked, loaded and run for a few steps.
pub fn bpmn(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let file = source("a.bpmn", text);
    let _broken = check_constraints(&file);
    let _snake = read(&file, ReadOptions { ids: Ids::Snake });
    let kept = read(&file, ReadOptions::default());
    let _shown = render(&kept.findings, &by_name(&file), Language::Zh);
    let _tables = load_dmn(&file, &FieldStandard::default(), &rules_of(None));
    experiment(&file, &kept.trees);
}

/// Rhai: as an expression, a script, a pattern, and as functions of a process; whatever compiles is evaluated.
pub fn rules(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let rules = rules_of(None);
    let data = Data(sample());
    if let Ok(expression) = rules.expression(text, Place::default()) {
        let first = rules.evaluate(&expression, &data).map_err(|error| error.message);
        let again = rules.evaluate(&expression, &data).map_err(|error| error.message);
        assert_eq!(first, again, "evaluating twice gives the same");
        let _held = rules.condition(&expression, &data);
    }
    if let Ok(script) = rules.script(text, Place::default()) {
        let _set = rules.run(&script, &data, &["count".to_owned(), "words".to_owned()]);
    }
    if let Ok(pattern) = rules.pattern(text, Place::default()) {
        let _filled = rules.fill(&pattern, &data);
    }
    let functions = source("rules.rhai", text);
    let (_, findings) = Rules::new(Some(&functions), Arc::default());
    let _shown = render(&findings, &by_name(&functions), Language::En);
}

/// Decision tables: a whole one, and one whose cells are the lines; whatever loads decides.
pub fn decisions(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    decide(text);
    let mut lines = text.lines();
    let policies = ["unique", "first", "priority", "any", "collect", "rule order", "output order"];
    let policy = policies[lines.next().unwrap_or_default().len() % policies.len()];
    let cells: Vec<String> = lines.map(|line| Value::from(line).to_string()).collect();
    let rule = |cells: &[String]| {
        let cell = |at: usize| cells.get(at).map_or("\"-\"", String::as_str);
        format!("  - {{when: [{}, {}], then: [{}]}}\n", cell(0), cell(1), cell(2))
    };
    let rules: String = cells.chunks(3).take(6).map(rule).collect();
    decide(&format!(
        "decision: trial\nname: 试\nhitPolicy: {policy}\ninputs:\n  count: {{type: integer}}\n  words: {{type: text}}\n\
         outputs:\n  out: {{type: integer}}\nrules:\n{rules}"
    ));
}

fn decide(text: &str) {
    let file = source("workflows/a/trial/decisions/trial.yaml", text);
    let Some(tree) = parse(&file).0 else { return };
    let rules = rules_of(None);
    let (table, findings) = load_decision(&file, &tree, &FieldStandard::default(), &rules);
    let _shown = render(&findings, &by_name(&file), Language::En);
    let Some(table) = table else { return };
    let first = table.evaluate(&rules, &Data(sample())).map_err(|error| error.message);
    let again = table.evaluate(&rules, &Data(sample())).map_err(|error| error.message);
    assert_eq!(first, again, "deciding twice gives the same");
}

/// The text as the process of the smallest office.
fn office(text: &str) {
    let fields = "- {field: words, name: 字, type: list<text>, class: P1, purpose: 试, basis: 试}\n";
    let form = "form: wish\nname: 愿望\ngroups:\n  - {name: 愿望, fields: [{field: words, optional: true}]}\n";
    let calendar = "calendar: cn\nname: 中国\nzone: Asia/Shanghai\nofficeHours: [\"09:00-17:00\"]\nyears: {}\n";
    let files = [
        ("forms/calendars/cn.yaml", calendar),
        ("forms/fields/f.yaml", fields),
        ("forms/wish.yaml", form),
        ("workflows/roles.yaml", "roles:\n  clerk: {name: 经办}\n"),
        ("workflows/a/trial/process.yaml", text),
    ];
    let files: BTreeMap<String, String> = files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    let (office, findings) = load_office(&Bundle { files });
    let _shown = render(&findings, &office.sources, Language::Zh);
}

/// Loads as `tongban run` does, writes what loads as BPMN XML and reads it back, and lets cases take a few steps.
fn experiment(file: &Source, trees: &[Tree]) {
    let Ok(definitions) = load_experiment(std::slice::from_ref(file), &Automatic::Nothing) else { return };
    for definition in &definitions {
        let id = definition.process.id.as_str();
        let Some(tree) = trees.iter().find(|tree| tree.get("process").and_then(Tree::scalar) == Some(id)) else { continue };
        let xml = write(tree, &definition.process);
        let back = read(&source("b.bpmn", &xml), ReadOptions::default());
        let wrong: Vec<_> = back.findings.iter().filter(|finding| finding.code.starts_with("Y90")).collect();
        assert!(wrong.iter().all(|finding| finding.severity != Severity::Error), "what was written is not read: {wrong:?}\n{xml}");
    }
    let start = definitions.iter().map(|definition| definition.process.id.clone()).next().unwrap_or_default();
    let mut world = World::new(definitions, Moment(1_773_021_600_000));
    world.step(&Step::Start { process: start, event: None, data: Default::default() });
    for _ in 0..STEPS_MAX {
        let any = TaskSelector::Any { any: true };
        let done = world.step(&Step::Complete { task: any, case: None, action: None, data: Default::default() });
        if !done.ok && !world.step(&Step::Advance { by: "P1D".to_owned() }).ok {
            return;
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.len() <= BYTES_MAX)
}

fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), text: text.into() }
}

fn by_name(source: &Source) -> IndexMap<String, Source> {
    std::iter::once((source.name.to_string(), source.clone())).collect()
}

fn rules_of(functions: Option<&Source>) -> Rules {
    Rules::new(functions, Arc::default()).0
}

/// A tree without places: each text, and the value that it stands for. Whether quotes hold a text is no difference, unless
/// without them it would be a number, a truth value or nothing.
fn meant(tree: &Tree) -> Value {
    match &tree.kind {
        Kind::Scalar { text, .. } => json!([text, tree.to_json()]),
        Kind::List(items) => items.iter().map(meant).collect(),
        Kind::Map(entries) => entries.iter().map(|(key, value)| json!([key.text, meant(value)])).collect(),
    }
}

fn sample() -> Value {
    json!({"count": 3, "words": "三 words", "list": [1, 2, 3], "map": {"a": {"b": "c"}}, "amount": "10.50", "day": "2026-03-09", "nothing": null})
}

/// Data to evaluate on.
struct Data(Value);

impl Lookup for Data {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        (name == "amount").then_some(FieldType::Money)
    }
}
