//! Places in a table, told in plain words.

use super::axis::Axis;
use crate::decision::{DecisionTable, Input, scale::Point, truth::Test};

/// `risk = 3，date = 2026-01-01`, in Chinese and English.
pub(super) fn witness(table: &DecisionTable, axes: &[Axis], atoms: &[usize]) -> (String, String) {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for ((input, axis), atom) in table.inputs.iter().zip(axes).zip(atoms) {
        let Some(sample) = axis.samples.get(*atom) else { continue };
        let (shown_zh, shown_en) = shown(input, axis, sample);
        zh.push(format!("{} = {shown_zh}", input.name));
        en.push(format!("{} = {shown_en}", input.name));
    }
    (zh.join("，"), en.join(", "))
}

fn shown(input: &Input, axis: &Axis, sample: &Point) -> (String, String) {
    match sample {
        Point::Absent => ("（没有值）".to_owned(), "(absent)".to_owned()),
        sample if axis.other.as_ref() == Some(sample) => ("（其他任何值）".to_owned(), "(anything else)".to_owned()),
        sample => (input.shown(sample), input.shown(sample)),
    }
}

/// The rules with expressions among their cells: `规则 2、5`, `rules 2, 5`.
pub(super) fn opaque_rules(table: &DecisionTable) -> (String, String) {
    let is_opaque = |test: &Test| {
        let mut found = false;
        test.each(&mut |test| found |= matches!(test, Test::Condition(_)));
        found
    };
    let rules = table.rules.iter().enumerate().filter(|(_, rule)| rule.when.iter().any(|cell| is_opaque(&cell.test)));
    let numbers: Vec<String> = rules.map(|(index, _)| (index + 1).to_string()).collect();
    (format!("规则 {}", numbers.join("、")), format!("rule {}", numbers.join(", ")))
}
