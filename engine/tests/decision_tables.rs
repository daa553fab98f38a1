//! Decision tables that others wrote, with what they say these decide; skipped where they are not at hand.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads files")]

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use rust_decimal::Decimal;
use serde_json::Value;
use tongban_engine::{
    decision::{DecisionTable, data_name, load_dmn},
    diagnostic::Severity,
    form::{FieldStandard, FieldType},
    rules::{Lookup, Rules},
    source::Source,
};

/// Where the cases are, if not beside the repository.
const FOLDER: &str = "TONGBAN_CONFORMANCE";

fn cases() -> Option<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    let folder = std::env::var(FOLDER).map_or(beside, PathBuf::from);
    fs::read_to_string(folder.join("dmn_open.jsonl")).ok()
}

struct Inputs(Vec<(String, Value)>);

impl Lookup for Inputs {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn type_of(&self, _name: &str) -> Option<FieldType> {
        Some(FieldType::Text)
    }
}

/// Equal; a decimal number that data holds as text equals the number.
fn equal(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::String(text), Value::Number(number)) => {
            matches!((Decimal::from_str(text), Decimal::from_str(&number.to_string())), (Ok(a), Ok(b)) if a == b)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && b.iter().all(|(name, b)| a.get(name).is_some_and(|a| equal(a, b))),
        _ => actual == expected,
    }
}

fn check(table: &DecisionTable, rules: &Rules, test: &Value) -> Result<(), String> {
    let given = test["inputs"].as_object().unwrap().iter().map(|(name, value)| (data_name(name), value.clone())).collect();
    match table.evaluate(rules, &Inputs(given)) {
        Err(_) if test["error_expected"] == true => Ok(()),
        Ok(outcome) if equal(&outcome.value, &test["expected"]) => Ok(()),
        other => Err(format!("{}: expected {}, got {other:?}", test["id"], test["expected"])),
    }
}

#[test]
fn tables_of_the_technology_compatibility_kit_decide_as_stated() {
    let Some(cases) = cases() else {
        eprintln!("skipped: no dmn_open.jsonl; set {FOLDER} to its folder");
        return;
    };
    let standard = Arc::new(FieldStandard::default());
    let (rules, _) = Rules::new(None, standard.clone());
    let (mut wrong, mut passed) = (Vec::new(), 0);
    for case in cases.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(case).unwrap();
        let id = case["id"].as_str().unwrap();
        let source = Source { name: id.into(), text: case["dmn_xml"].as_str().unwrap().into() };
        let (tables, findings) = load_dmn(&source, &standard, &rules);
        // What these tables leave open is their own business; that they can be read is ours.
        let broken = findings.iter().filter(|finding| finding.severity == Severity::Error && !finding.code.starts_with("D06"));
        wrong.extend(broken.map(|finding| format!("{id}: {} {}", finding.code, finding.message)));
        for test in case["tests"].as_array().unwrap() {
            let decided = tables
                .iter()
                .find(|table| table.name.zh == test["decision"].as_str().unwrap())
                .ok_or_else(|| "no such table".to_owned())
                .and_then(|table| check(table, &rules, test));
            passed += usize::from(decided.is_ok());
            wrong.extend(decided.err().map(|what| format!("{id}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{passed} passed, but\n{}", wrong.join("\n"));
    eprintln!("{passed} tests passed");
    assert!(passed > 0);
}
