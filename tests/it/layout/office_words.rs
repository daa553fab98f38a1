//! The Rust code is a generic engine: what an office calls its processes, forms, fields and people stays in YAML.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tongban_engine::definition::{json_schema, load_office};
use tongban_tests::office::bundle;

use super::{sources, told};

/// Words of the office that the platform itself also uses, for what it is in every office.
const SHARED: &[(&str, &str)] = &[
    ("administrator", "the role that keeps units, people and accounts; handles no cases"),
    ("auditor", "the role that reads logs; handles no cases"),
    ("district", "a kind of unit"),
    ("mobile", "a check that a field may ask for, and the code of its error"),
    ("operator", "the role that mends incidents; handles no cases"),
    ("outcome", "how a message was taken, in an answer"),
];

/// Every name that the office chose, and what it names.
fn chosen() -> BTreeMap<String, String> {
    let (office, _) = load_office(&bundle());
    assert!(!office.definitions.is_empty(), "no process of the office loads");
    let mut names = BTreeMap::new();
    let mut add = |name: &str, what: String| {
        names.entry(name.to_owned()).or_insert(what);
    };
    for (id, definition) in &office.definitions {
        add(id, "a process".to_owned());
        if let Some(item) = &definition.process.item {
            add(item, format!("the item of {id}"));
        }
        definition.process.data.fields.keys().for_each(|name| add(name, format!("a field of {id}")));
    }
    for (id, form) in &office.forms {
        add(id, "a form".to_owned());
        form.types().keys().for_each(|name| add(name, format!("a field of form {id}")));
        form.materials.iter().for_each(|material| add(&material.id, format!("a material of form {id}")));
    }
    office.standard.fields.keys().for_each(|name| add(name, "a field of the standard".to_owned()));
    office.standard.records.keys().for_each(|name| add(name, "a record of the standard".to_owned()));
    office.standard.codes.keys().for_each(|name| add(name, "a code list".to_owned()));
    office.roles.keys().for_each(|name| add(name, "a role".to_owned()));
    names
}

/// The dialect's own words: keys of its JSON Schema and the values they may take.
fn dialect() -> BTreeSet<String> {
    fn gather(value: &Value, words: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                words.insert(key.clone());
                gather(value, words);
            }),
            Value::Array(list) => list.iter().for_each(|value| gather(value, words)),
            Value::String(text) => drop(words.insert(text.clone())),
            _ => {}
        }
    }
    let mut words = BTreeSet::new();
    gather(&json_schema(), &mut words);
    words
}

#[test]
fn no_word_of_the_office_stands_in_rust() {
    let (chosen, dialect) = (chosen(), dialect());
    let is_shared = |word: &str| dialect.contains(word) || SHARED.iter().any(|(shared, _)| *shared == word);
    let mut wrong = Vec::new();
    for rust in sources(&["engine", "adapters", "web"]) {
        for text in &rust.product.texts {
            if let Some(what) = chosen.get(&text.text).filter(|_| !is_shared(&text.text)) {
                wrong.push(format!("{}:{}: \"{}\" is {what}", rust.path, text.line, text.text));
            }
        }
    }
    told(
        &wrong,
        "names that an office chose stand in Rust; let the YAML say it (a word of the platform goes into SHARED with its meaning):",
    );
}
