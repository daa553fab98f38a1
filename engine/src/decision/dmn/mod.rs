//! DMN 1.x XML: each decision table becomes a tree in the keys of `decisions/*.yaml`, whose places point into the XML, and
//! is compiled as such.
//!
//! Taken are decision tables; boxed expressions, functions and the requirements between decisions are not. Names of data
//! become identifiers ([`data_name`]). FEEL is taken where it is a literal, a comparison, a range, `not(…)`, or an expression
//! that [`crate::expression`] translates; the rest is a finding.

mod element;
mod feel;
mod table;

use super::{DecisionTable, load::load};
use crate::{
    diagnostic::Finding,
    form::FieldStandard,
    rules::{Rules, is_reserved},
    source::{Source, Tree},
    text::Text,
    xml::{self, Node},
};
use element::{all, child};

/// Reads the decision tables of a DMN file.
///
/// Findings: `Y950` XML that is not taken, `Y951` a decision that is no table (a warning), and those of
/// [`super::load_decision`]. A table with an error in its writing is left out; one with a gap or an overlap is not.
pub fn load_dmn(source: &Source, standard: &FieldStandard, rules: &Rules) -> (Vec<DecisionTable>, Vec<Finding>) {
    let (trees, mut findings) = dmn_trees(source);
    let mut tables = Vec::new();
    for tree in trees {
        let (table, found) = load(source, &tree, standard, rules, false);
        tables.extend(table);
        findings.extend(found);
    }
    (tables, findings)
}

/// The decision tables of a DMN file as trees of the dialect, for writing them as YAML.
pub fn dmn_trees(source: &Source) -> (Vec<Tree>, Vec<Finding>) {
    let document = match xml::parse(source) {
        Ok(document) => document,
        Err(finding) => return (Vec::new(), vec![Finding { code: "Y950", ..*finding }]),
    };
    let root = document.root();
    if root.name() != "definitions" {
        let message = Text::new("根元素应为 definitions", "the root must be `definitions`");
        return (Vec::new(), vec![Finding::error("Y950", root.place(), message)]);
    }
    let names = Names::of(root);
    let (mut trees, mut findings) = (Vec::new(), Vec::new());
    for decision in all(root, "decision") {
        match child(decision, "decisionTable") {
            Some(table) => trees.push(table::tree(decision, table, root, &names)),
            None => {
                let name = decision.given("name").unwrap_or_default();
                let message =
                    Text::new(format!("决策“{name}”不是决策表，未读入"), format!("decision `{name}` is no decision table; it is left out"));
                findings.push(Finding::warning("Y951", decision.place(), message));
            }
        }
    }
    (trees, findings)
}

/// The identifier that stands for a name of DMN: what rhai does not take becomes `_`, letters beyond ASCII their number.
pub fn data_name(name: &str) -> String {
    let mut identifier = String::new();
    for letter in name.trim().chars() {
        match letter {
            '_' => identifier.push('_'),
            letter if letter.is_ascii_alphanumeric() => identifier.push(letter),
            letter if letter.is_alphanumeric() => identifier.push_str(&format!("u{:x}", u32::from(letter))),
            _ => identifier.push('_'),
        }
    }
    if identifier.starts_with(|first: char| first.is_ascii_digit()) || !identifier.contains(|c: char| c.is_ascii_alphabetic()) {
        identifier.insert_str(0, "n_");
    }
    if is_reserved(&identifier) {
        identifier.push('_');
    }
    identifier
}

/// Names of input data and decisions that are no identifiers, longest first, so that a longer one is not taken for a
/// shorter.
#[derive(Debug, Default)]
struct Names(Vec<String>);

impl Names {
    fn of(root: Node<'_>) -> Self {
        let named = root.children().filter(|child| ["inputData", "decision", "businessKnowledgeModel"].contains(&child.name()));
        let mut names: Vec<String> =
            named.filter_map(|child| child.given("name")).map(str::to_owned).filter(|name| data_name(name) != *name).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self(names)
    }
}
