//! From `decisions/*.yaml` to a table, with every mistake at its place.

pub(super) mod columns;
mod expressions;
pub(super) mod rows;

use super::{Aggregate, DecisionTable, HitPolicy, Input, Output, analysis};
use crate::{
    diagnostic::{Finding, Severity},
    form::{FieldStandard, Reader, Shape, is_id, near},
    rules::Rules,
    source::{Source, Span, Tree},
    text::Text,
};

pub(in crate::decision) const TABLE: Shape = Shape {
    zh: "决策表",
    en: "a decision table",
    keys: &["decision", "name", "doc", "hitPolicy", "aggregate", "inputs", "outputs", "rules"],
};

/// The words for hit policies; `collect` may have `aggregate` beside it.
pub(super) const POLICIES: [(&str, HitPolicy); 7] = [
    ("unique", HitPolicy::Unique),
    ("first", HitPolicy::First),
    ("priority", HitPolicy::Priority),
    ("any", HitPolicy::Any),
    ("collect", HitPolicy::Collect(None)),
    ("rule order", HitPolicy::RuleOrder),
    ("output order", HitPolicy::OutputOrder),
];

/// The words for aggregates.
pub(super) const AGGREGATES: [(&str, Aggregate); 4] =
    [("sum", Aggregate::Sum), ("min", Aggregate::Min), ("max", Aggregate::Max), ("count", Aggregate::Count)];

/// Reads one decision table over `standard`; `rules` compiles its expressions and knows the zone.
///
/// None: something in it cannot be compiled. Findings: `Y020`–`Y026` shape, `Y040` expressions, `R021`, `R022` types,
/// `R024` a rule's unknown input or output, `D065`–`D067` cells and hit policies; and, if the table could be read,
/// `D060`–`D064` gaps, overlaps and rules that never hold. Names that are neither inputs nor fields of the standard may be
/// data of the process: [`DecisionTable::findings`] looks at them once these are known.
pub fn load_decision(source: &Source, tree: &Tree, standard: &FieldStandard, rules: &Rules) -> (Option<DecisionTable>, Vec<Finding>) {
    load(source, tree, standard, rules, true)
}

/// As [`load_decision`]; names of what was imported may be any that rhai takes.
pub(super) fn load(
    source: &Source,
    tree: &Tree,
    standard: &FieldStandard,
    rules: &Rules,
    strict: bool,
) -> (Option<DecisionTable>, Vec<Finding>) {
    let mut loader = Loader { reader: Reader::new(source), standard, rules, strict };
    let table = loader.table(tree);
    let mut findings = loader.reader.findings;
    let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    let table = table.filter(|_| !broken);
    if let Some(table) = &table {
        findings.extend(expressions::own_findings(table, rules, standard));
        let place = loader_place(source, tree.get("rules").map_or(tree.span, |rules| rules.span));
        findings.extend(analysis::findings(table, rules, standard, &place));
    }
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    (table, findings)
}

/// Only the first line of what is long: a caret under a whole table shows nothing.
fn loader_place(source: &Source, span: Span) -> crate::source::Place {
    let span = if span.end_line > span.line { Span { end_line: span.line, end_column: span.column + 1, ..span } } else { span };
    crate::source::Place { file: source.name.clone(), span }
}

/// Reads one file.
pub(super) struct Loader<'a> {
    reader: Reader<'a>,
    standard: &'a FieldStandard,
    rules: &'a Rules,
    strict: bool,
}

impl Loader<'_> {
    fn table(&mut self, tree: &Tree) -> Option<DecisionTable> {
        if !self.reader.mapping(tree, &TABLE, &["decision", "name", "inputs", "outputs", "rules"]) {
            return None;
        }
        let id = self.reader.name(tree, "decision", if self.strict { is_id } else { |_| true })?;
        let mut table = DecisionTable {
            name: self.reader.label(tree, "name").unwrap_or_else(|| Text::zh(id.clone())),
            doc: self.reader.label(tree, "doc"),
            policy: self.policy(tree),
            inputs: Vec::new(),
            outputs: Vec::new(),
            rules: Vec::new(),
            place: self.reader.place(tree.get("decision").map_or(tree.span, |value| value.span)),
            id,
        };
        for item in self.reader.items(tree, "inputs") {
            let input = self.input(item)?;
            self.admit(&mut table.inputs, input);
        }
        for item in self.reader.items(tree, "outputs") {
            let output = self.output(item)?;
            self.admit(&mut table.outputs, output);
        }
        if table.inputs.is_empty() || table.outputs.is_empty() {
            return None;
        }
        for item in self.reader.items(tree, "rules") {
            let rule = self.rule(item, &table);
            table.rules.extend(rule);
        }
        self.suits(&table, tree);
        Some(table)
    }

    fn policy(&mut self, tree: &Tree) -> HitPolicy {
        let policy = self.reader.word(tree, "hitPolicy", &POLICIES).unwrap_or(HitPolicy::Unique);
        let aggregate = self.reader.word(tree, "aggregate", &AGGREGATES);
        match (policy, aggregate, tree.get("aggregate")) {
            (HitPolicy::Collect(_), aggregate, _) => HitPolicy::Collect(aggregate),
            (policy, Some(_), Some(at)) => {
                let help = Text::new("写 hitPolicy: collect，或删去 aggregate", "write `hitPolicy: collect`, or remove `aggregate`");
                self.reader.error("D067", at.span, "只有 collect 可以汇总", "only collect takes an aggregate", Some(help));
                policy
            }
            (policy, ..) => policy,
        }
    }

    fn admit<C: Column>(&mut self, columns: &mut Vec<C>, column: C) {
        match columns.iter().find(|known| known.heading().0 == column.heading().0) {
            Some(known) => {
                let (name, first) = known.heading();
                self.reader.duplicate(column.heading().1.span, name, first);
            }
            None => columns.push(column),
        }
    }

    /// `D067`: what the hit policy asks of the outputs.
    fn suits(&mut self, table: &DecisionTable, tree: &Tree) {
        let span = tree.get("hitPolicy").map_or(table.place.span, |value| value.span);
        if table.policy.is_ranked() && table.outputs.iter().all(|output| output.values.is_empty()) {
            let help = Text::new("给一个输出写 values，优先的在前", "give an output `values`, highest priority first");
            self.reader.error(
                "D067",
                span,
                "按优先级取结果，但没有输出写明 values",
                "results are ranked, but no output says its `values`",
                Some(help),
            );
        }
        let HitPolicy::Collect(Some(aggregate)) = table.policy else { return };
        let span = tree.get("aggregate").map_or(span, |value| value.span);
        if aggregate != Aggregate::Count && table.outputs.len() > 1 {
            let help = Text::new("只留一个输出，或不要 aggregate", "keep one output, or leave `aggregate` out");
            self.reader.error("D067", span, "有几个输出时不能汇总", "several outputs cannot be aggregated", Some(help));
        }
        let scale = super::scale::Scale::of(&table.outputs[0].of);
        let fits = match aggregate {
            Aggregate::Count => true,
            Aggregate::Min | Aggregate::Max => scale.is_ordered(),
            Aggregate::Sum => matches!(scale, super::scale::Scale::Whole | super::scale::Scale::Cents | super::scale::Scale::Exact),
        };
        if !fits {
            let of = &table.outputs[0].of;
            self.reader.error("D067", span, format!("{of} 不能这样汇总"), format!("{of} cannot be aggregated so"), None);
        }
    }

    /// `R024`: a rule names a column that the table does not have.
    fn unknown_column<'n>(&mut self, name: &str, span: Span, (zh, en): (&str, &str), known: impl Iterator<Item = &'n str> + Clone) {
        let all = known.clone().collect::<Vec<_>>().join(", ");
        let help = near(name, known).unwrap_or_else(|| Text::new(format!("可用：{all}"), format!("use one of {all}")));
        self.reader.error("R024", span, format!("没有{zh}“{name}”"), format!("there is no {en} `{name}`"), Some(help));
    }
}

/// A column with its name and place.
trait Column {
    fn heading(&self) -> (&str, &crate::source::Place);
}

impl Column for Input {
    fn heading(&self) -> (&str, &crate::source::Place) {
        (&self.name, &self.place)
    }
}

impl Column for Output {
    fn heading(&self) -> (&str, &crate::source::Place) {
        (&self.name, &self.place)
    }
}
