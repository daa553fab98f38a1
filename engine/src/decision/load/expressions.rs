//! What can be said about a table's expressions before they run.

use super::columns::kind;
use crate::{
    decision::{DecisionTable, Entry, cell::moved, truth::Test},
    diagnostic::Finding,
    form::{FieldStandard, FieldType},
    rules::{Expression, Rules},
    text::{Language, Text},
};

impl DecisionTable {
    /// The data that the table reads where it is used, each name once: what its inputs read, and what cells read besides
    /// inputs.
    pub fn reads(&self) -> Vec<&str> {
        let mut cells: Vec<&Expression> = Vec::new();
        for rule in &self.rules {
            for cell in &rule.when {
                cell.test.each(&mut |test| {
                    if let Test::Condition(asked) = test {
                        cells.push(&asked.expression);
                    }
                });
            }
        }
        let entries = self.rules.iter().flat_map(|rule| &rule.then).chain(self.outputs.iter().filter_map(|output| output.default.as_ref()));
        cells.extend(entries.filter_map(|entry| match entry {
            Entry::Expression(expression) => Some(expression),
            Entry::Value(_) => None,
        }));
        let of_inputs = self.inputs.iter().flat_map(|input| &input.expression.variables);
        let is_input = |name: &&String| self.inputs.iter().any(|input| input.name == **name);
        let of_cells = cells.into_iter().flat_map(|cell| &cell.variables).filter(|name| !is_input(name));
        let mut names: Vec<&str> = Vec::new();
        for name in of_inputs.chain(of_cells) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Of what it reads, what it cannot do without: names of inputs for which no cell says what holds if there is no value
    /// (`null`), and of which some cell asks something.
    pub fn minds(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (column, input) in self.inputs.iter().enumerate() {
            let mut tests = self.rules.iter().filter_map(|rule| rule.when.get(column)).map(|cell| &cell.test);
            let says_null = tests.clone().any(|test| {
                let mut found = false;
                test.each(&mut |test| found |= matches!(test, Test::Absent));
                found
            });
            if !says_null && tests.any(|test| !matches!(test, Test::Any)) {
                names
                    .extend(input.expression.variables.iter().map(String::as_str).filter(|name| !names.contains(name)).collect::<Vec<_>>());
            }
        }
        names
    }

    /// What is wrong with its expressions, where `names` tells the types of the data that can be read where the table is
    /// used (`None`: no such name). Inputs hide data of the same name from cells.
    ///
    /// Findings: `R040`, `R041`, `D040`–`D042`, as for any expression; `D004`, if an expression gives another type than its
    /// input or output has.
    pub fn findings(&self, rules: &Rules, names: &dyn Fn(&str) -> Option<FieldType>) -> Vec<Finding> {
        let within = |name: &str| self.inputs.iter().find(|input| input.name == name).map(|input| input.of.clone()).or_else(|| names(name));
        let mut findings = Vec::new();
        for input in &self.inputs {
            findings.extend(rules.findings(&input.expression, names));
            findings.extend(mismatch(rules, &input.expression, &input.of, names));
        }
        for rule in &self.rules {
            for (cell, input) in rule.when.iter().zip(&self.inputs) {
                cell.test.each(&mut |test| {
                    if let Test::Condition(asked) = test {
                        let found = rules.condition_findings(&asked.expression, &within);
                        findings.extend(found.into_iter().map(|finding| moved(finding, &asked.place, &asked.written, &input.name)));
                    }
                });
            }
        }
        let defaults = self.outputs.iter().filter_map(|output| Some((output.default.as_ref()?, output)));
        let entries = self.rules.iter().flat_map(|rule| rule.then.iter().zip(&self.outputs)).chain(defaults);
        for (entry, output) in entries {
            if let Entry::Expression(expression) = entry {
                findings.extend(rules.findings(expression, &within));
                findings.extend(mismatch(rules, expression, &output.of, &within));
            }
        }
        findings
    }
}

/// `D004`: the expression gives another type.
fn mismatch(rules: &Rules, expression: &Expression, wanted: &FieldType, names: &dyn Fn(&str) -> Option<FieldType>) -> Option<Finding> {
    let of = rules.type_of(expression, names).filter(|of| kind(of) != kind(wanted))?;
    let message = Text::new(format!("类型不符：需要 {wanted}，却是 {of}"), format!("types differ: {wanted} is wanted, this is {of}"));
    Some(Finding::error("D004", expression.place.clone(), message))
}

/// What is certain without knowing the process: names that are neither inputs nor fields may be its data.
pub(super) fn own_findings(table: &DecisionTable, rules: &Rules, standard: &FieldStandard) -> Vec<Finding> {
    let names = |name: &str| match name {
        "meta" => Some(FieldType::Record("meta".to_owned())),
        name => standard.fields.get(name).map(|field| field.of.clone()),
    };
    // `R040` speaks of members of known records, too: those are certain.
    let certain = |finding: &Finding| finding.code != "R040" || !finding.message.get(Language::En).starts_with("there is no data named");
    table.findings(rules, &names).into_iter().filter(certain).collect()
}
