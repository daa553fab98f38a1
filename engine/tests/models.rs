//! Models that others wrote, read and checked: they stand beside the repository and are not part of it; without them these
//! tests say so and pass.
#![expect(clippy::disallowed_methods, reason = "a test reads the models")]

use std::{collections::BTreeSet, path::PathBuf};

use serde_json::Value;
use tongban_engine::{
    bpmn::{Ids, Read, ReadOptions, check_constraints, read},
    diagnostic::Severity,
    source::{Kind, Source, Tree, parse, to_yaml},
};

/// The lines of one file of models; None if the folder is not there.
fn models(file: &str) -> Option<Vec<Value>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    let folder = if folder.is_dir() { folder } else { PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance") };
    let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
        eprintln!("skipped: {file} is not beside the repository");
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a model a line")).collect())
}

/// The XML files of a model.
fn sources(model: &Value) -> Vec<Source> {
    let texts: Vec<&Value> = match &model["xml"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    texts.iter().map(|text| Source { name: "model.bpmn".into(), text: text.as_str().expect("XML").into() }).collect()
}

fn without_spans(tree: &Tree) -> Value {
    match &tree.kind {
        Kind::Scalar { text, plain } => serde_json::json!([text, plain]),
        Kind::List(items) => Value::Array(items.iter().map(without_spans).collect()),
        Kind::Map(entries) => Value::Object(entries.iter().map(|(key, value)| (key.text.clone(), without_spans(value))).collect()),
    }
}

/// Ids of items and ids that flows name, by scope; every named one must be known in its scope.
fn unresolved(items: &Tree, outer: &mut Vec<String>) {
    let (mut known, mut named) = (BTreeSet::new(), BTreeSet::new());
    for item in items.list().unwrap_or_default() {
        let entries = item.map().expect("an item is a mapping");
        known.extend(entries[0].1.scalar().map(str::to_owned));
        let boundary = item.get("boundary").and_then(Tree::list).unwrap_or_default();
        for node in std::iter::once(item).chain(boundary) {
            named.extend(node.get("to").and_then(Tree::scalar).map(str::to_owned));
            let flows = ["flows", "branches"].iter().filter_map(|key| node.get(key)?.list()).flatten();
            named.extend(flows.filter_map(|flow| flow.get("to")?.scalar().map(str::to_owned)));
        }
        inside(item, "do", outer);
    }
    outer.extend(named.difference(&known).cloned());
}

fn inside(scope: &Tree, key: &str, found: &mut Vec<String>) {
    if let Some(items) = scope.get(key) {
        unresolved(items, found);
    }
    for event in scope.get("eventSubProcesses").and_then(Tree::list).unwrap_or_default() {
        inside(event, "do", found);
    }
}

#[test]
fn every_model_is_read_without_loose_ends() {
    let mut looked_at = 0;
    for file in ["bpmn_open.jsonl", "soundness_open.jsonl"] {
        for model in models(file).unwrap_or_default() {
            let solid = model["status"].as_str().is_none_or(|status| status.starts_with("solid"));
            for (source, ids) in sources(&model).iter().flat_map(|source| [(source, Ids::Keep), (source, Ids::Snake)]) {
                let Read { trees, findings, .. } = read(source, ReadOptions { ids });
                let about = format!("{}: {findings:?}", model["id"]);
                assert!(!solid || !trees.is_empty(), "{about}");
                assert!(!solid || findings.iter().all(|finding| finding.severity != Severity::Error), "{about}");
                for tree in &trees {
                    let mut loose = Vec::new();
                    inside(tree, "flow", &mut loose);
                    assert_eq!(loose, Vec::<String>::new(), "{about}");
                    let yaml = to_yaml(tree);
                    let (again, findings) = parse(&Source { name: "a.yaml".into(), text: yaml.as_str().into() });
                    assert_eq!(findings, [], "{yaml}");
                    assert_eq!(without_spans(&again.expect("a tree")), without_spans(tree), "{yaml}");
                }
                looked_at += 1;
            }
        }
    }
    eprintln!("{looked_at} files read");
}

#[test]
fn constraints_are_told_and_valid_models_pass() {
    let mut wrong = Vec::new();
    for model in models("static_open.jsonl").unwrap_or_default() {
        let found: Vec<String> = sources(&model)
            .iter()
            .flat_map(check_constraints)
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| format!("{} {:?} {}", finding.code, finding.help.map(|help| help.zh), finding.message.zh))
            .collect();
        let named = model["constraint"].as_str().expect("a constraint");
        let invalid = model["label"] == "invalid";
        // A model that breaks a constraint is told so by that constraint's number.
        if invalid != found.iter().any(|finding| finding.contains(named)) || !invalid && !found.is_empty() {
            wrong.push(format!("{} ({}, {}): {found:?}", model["id"], model["label"], model["constraint"]));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", wrong.join("\n"));
}
