//! Tables as designers write them: what they decide, and what is found wrong with them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod dmn;
mod gaps;
mod load;
mod outcomes;
mod random;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::*;
use crate::{
    diagnostic::Finding,
    form::{FieldStandard, FieldType, load_standard},
    rules::{Lookup, Rules},
    source::{Source, parse},
    text::Language,
};

/// Fields that the tables of these tests read.
const FIELDS: &str = "
- {field: people, name: 人数, type: integer, min: 1}
- {field: fee, name: 费用, type: money}
- {field: held_on, name: 日期, type: date}
- {field: level, name: 等级, type: code<level>}
- {field: outdoor, name: 室外, type: boolean}
- {field: kinds, name: 种类, type: list<text>}
";
const CODES: &str = "
code: level
name: 等级
codes: {low: 低, medium: 中, high: 高}
";

static STANDARD: LazyLock<Arc<FieldStandard>> = LazyLock::new(written_standard);
static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::new(None, STANDARD.clone()).0);

fn standard() -> &'static FieldStandard {
    &STANDARD
}

fn rules() -> &'static Rules {
    &RULES
}

fn written_standard() -> Arc<FieldStandard> {
    let sources = [("forms/codes/level.yaml", CODES), ("forms/fields/a.yaml", FIELDS)];
    let files: Vec<_> = sources
        .into_iter()
        .map(|(name, text)| {
            let source = Source { name: name.into(), text: text.into() };
            let tree = parse(&source).0.unwrap();
            (source, tree)
        })
        .collect();
    let (standard, findings) = load_standard(&files);
    assert!(findings.iter().all(|finding| !finding.code.starts_with(['Y', 'R'])), "{findings:#?}");
    Arc::new(standard)
}

fn read(text: &str) -> (Option<DecisionTable>, Vec<Finding>) {
    let source = Source { name: "decisions/t.yaml".into(), text: text.into() };
    let (tree, findings) = parse(&source);
    assert_eq!(findings, [], "{text}");
    load_decision(&source, &tree.unwrap(), standard(), rules())
}

/// Codes and lines of the findings.
fn told(text: &str) -> Vec<(&'static str, u32)> {
    read(text).1.iter().map(|finding| (finding.code, finding.place.span.line)).collect()
}

struct Data(Value);

impl Lookup for Data {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        standard().fields.get(name).map(|field| field.of.clone())
    }

    fn is_sensitive(&self, name: &str) -> bool {
        name == "fee"
    }
}

fn decide(table: &DecisionTable, data: Value) -> Result<(Value, Vec<usize>), String> {
    let outcome = table.evaluate(rules(), &Data(data)).map_err(|error| error.message.get(Language::En).to_owned())?;
    Ok((outcome.value, outcome.fired.iter().map(|fired| fired.index + 1).collect()))
}
