//! What is written as BPMN XML is in the schema's order, reads back as the same definition, and says by itself what runs.
#![expect(clippy::disallowed_methods, reason = "a test reads the office and the models")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use quick_xml::{Reader, events::Event};
use serde_json::Value;
use tongban_engine::{
    bpmn::{Ids, Read, ReadOptions, check_constraints, read, write},
    definition::{Automatic, Bundle, Process, load_experiment, load_office},
    diagnostic::Severity,
    source::{Kind, Source, Tree, parse},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn gather(folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the office").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            files.insert(name, text);
        }
    }
}

fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), text: text.into() }
}

fn without_spans(tree: &Tree) -> Value {
    match &tree.kind {
        Kind::Scalar { text, plain } => serde_json::json!([text, plain]),
        Kind::List(items) => Value::Array(items.iter().map(without_spans).collect()),
        Kind::Map(entries) => {
            Value::Array(entries.iter().map(|(key, value)| serde_json::json!([key.text, without_spans(value)])).collect())
        }
    }
}

/// Children in the order of BPMN20.xsd; the same number: any order among them.
const ORDER: &[(&str, u8)] = &[
    ("documentation", 0),
    ("extensionElements", 1),
    ("laneSet", 4),
    ("incoming", 5),
    ("outgoing", 6),
    ("standardLoopCharacteristics", 7),
    ("multiInstanceLoopCharacteristics", 7),
    ("loopCardinality", 8),
    ("inputDataItem", 9),
    ("script", 10),
    ("association", 12),
    ("completionCondition", 13),
];

/// Every element's children in order; every id used once, every reference known.
fn well_formed(xml: &str, about: &str) {
    let mut reader = Reader::from_str(xml);
    let (mut last, mut ids, mut refers) = (vec![0_u8], BTreeSet::new(), Vec::new());
    loop {
        let event = reader.read_event().unwrap_or_else(|problem| panic!("{about}: {problem}\n{xml}"));
        let tag = match &event {
            Event::Start(tag) | Event::Empty(tag) => tag,
            Event::End(_) => {
                last.pop();
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = tag.local_name().into_inner().to_owned();
        let rank = ORDER.iter().find(|(known, _)| *known == name).map_or(11, |(_, rank)| *rank);
        let before = last.last_mut().expect("a parent");
        assert!(*before <= rank, "{about}: {name} stands too late\n{xml}");
        *before = rank;
        for attribute in tag.attributes().flatten() {
            let (key, value) = (attribute.key.into_inner(), attribute.value.to_string());
            if key == "id" {
                assert!(ids.insert(value.clone()), "{about}: the id {value} is used twice\n{xml}");
            } else if (key.ends_with("Ref") || key == "bpmnElement" || key == "default") && key != "attachedToRef" {
                refers.push(value);
            }
        }
        if matches!(event, Event::Start(_)) {
            last.push(0);
        }
    }
    let unknown: Vec<&String> = refers.iter().filter(|id| !ids.contains(*id)).collect();
    assert!(unknown.is_empty(), "{about}: {unknown:?}\n{xml}");
}

/// Ids of the nodes that the XML's own elements say, without what is kept of the definition.
fn native(xml: &str, about: &str) -> BTreeSet<String> {
    let changed = xml.replacen("fingerprint=\"", "fingerprint=\"changed", 1);
    let read = read(&source("a.bpmn", &changed), ReadOptions::default());
    let wrong: Vec<_> = read.findings.iter().filter(|finding| finding.severity == Severity::Error || finding.code == "R900").collect();
    assert!(wrong.is_empty(), "{about}: {wrong:?}\n{xml}");
    let mut ids = BTreeSet::new();
    read.trees.iter().for_each(|tree| collect(tree, &mut ids));
    ids
}

fn collect(tree: &Tree, ids: &mut BTreeSet<String>) {
    for (at, (key, value)) in tree.map().unwrap_or_default().iter().enumerate() {
        if at == 0 && key.text != "to" && value.scalar().is_some() {
            ids.extend(value.scalar().map(str::to_owned));
        }
        collect(value, ids);
    }
    tree.list().unwrap_or_default().iter().for_each(|item| collect(item, ids));
}

fn check(tree: &Tree, process: &Process, about: &str) {
    let xml = write(tree, process);
    well_formed(&xml, about);
    for ids in [Ids::Keep, Ids::Snake] {
        let again = read(&source("a.bpmn", &xml), ReadOptions { ids });
        assert_eq!(again.findings, [], "{about}");
        assert_eq!(without_spans(&again.trees[0]), without_spans(tree), "{about}");
    }
    let ids = native(&xml, about);
    let missing: Vec<&str> = process.nodes.iter().map(|node| node.id.as_str()).filter(|id| !ids.contains(*id)).collect();
    assert!(missing.is_empty(), "{about}: {missing:?}\n{xml}");
}

#[test]
fn the_office_is_written_and_read_back() {
    let mut files = BTreeMap::new();
    for folder in ["workflows", "forms"] {
        gather(&root().join(folder), &mut files);
    }
    let (office, _) = load_office(&Bundle { files: files.clone() });
    assert!(office.definitions.len() >= 3);
    for (id, definition) in &office.definitions {
        let of_process = |text: &&String| text.lines().any(|line| line.trim() == format!("process: {id}"));
        let text = files.iter().filter(|(path, _)| path.ends_with("process.yaml")).map(|(_, text)| text).find(of_process);
        let tree = parse(&source("process.yaml", text.expect("its file"))).0.expect("a tree");
        check(&tree, &definition.process, id);
        let mut broken = check_constraints(&source("a.bpmn", &write(&tree, &definition.process)));
        // A block whose other branches have ended joins one flow only: that is how it runs.
        broken.retain(|finding| !(finding.code == "F902" && finding.element.as_ref().is_some_and(|id| id.ends_with("__join"))));
        assert_eq!(broken, [], "{id}");
    }
}

#[test]
fn a_changed_graph_is_read_as_it_stands_and_keeps_what_the_dialect_adds() {
    let yaml = "process: small\nname: 小\ndialect: 1\ncalendar: cn\nflow:\n  - startEvent: s\n  - userTask: t\n    name: 审核\n    due: 3wd\n    lane: l\n  - endEvent: e\n";
    let file = source("small.yaml", yaml);
    let definition = load_experiment(std::slice::from_ref(&file), &Automatic::Nothing).expect("it loads").remove(0);
    let xml = write(&parse(&file).0.expect("a tree"), &definition.process);
    let kept = read(&source("a.bpmn", &xml), ReadOptions::default()).trees.remove(0);
    assert_eq!(kept.get("flow").and_then(Tree::list).map(<[Tree]>::len), Some(3));
    assert_eq!(xml.lines().nth(kept.span.line as usize - 1), Some("process: small"), "places point into the XML");
    let edited = xml.replace("name=\"审核\"", "name=\"复核\"").replace("id=\"t__complete\"", "id=\"t__complete\" name=\"on\"");
    assert_ne!(xml, edited);
    let tree = read(&source("a.bpmn", &edited), ReadOptions::default()).trees.remove(0);
    assert_eq!(
        tree.to_json()["flow"][1],
        serde_json::json!({"userTask": "t", "name": "复核", "due": "3wd", "lane": "l", "flows": [{"to": "e", "id": "t__complete", "name": "on"}]})
    );
}

#[test]
fn models_of_others_are_written_and_read_back() {
    let folder = root().join("../shared/conformance");
    let folder = if folder.is_dir() { folder } else { root().join("../../shared/conformance") };
    let Ok(text) = std::fs::read_to_string(folder.join("bpmn_open.jsonl")) else {
        eprintln!("skipped: the models are not beside the repository");
        return;
    };
    let mut written = 0;
    for line in text.lines() {
        let model: Value = serde_json::from_str(line).expect("a model");
        let texts: Vec<&str> = match &model["xml"] {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        for text in texts {
            let file = source("a.bpmn", text);
            let Ok(definitions) = load_experiment(std::slice::from_ref(&file), &Automatic::Nothing) else { continue };
            let Read { trees, findings, .. } = read(&file, ReadOptions::default());
            if findings.iter().any(|finding| finding.code == "R900") {
                continue;
            }
            for definition in definitions {
                let id = definition.process.id.as_str();
                let tree = trees.iter().find(|tree| tree.get("process").and_then(Tree::scalar) == Some(id)).expect("its tree");
                check(tree, &definition.process, &format!("{} {id}", model["id"]));
                written += 1;
            }
        }
    }
    assert!(written > 100, "{written}");
}
