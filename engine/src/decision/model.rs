//! A decision table, compiled, and what it decides.

use serde_json::Value;

use super::{scale::Point, truth::Test};
use crate::{
    form::FieldType,
    rules::{Expression, RuleError},
    source::Place,
    text::Text,
};

/// One decision table.
#[derive(Clone, Debug)]
pub struct DecisionTable {
    /// kebab-case id.
    pub id: String,
    /// Shown name.
    pub name: Text,
    /// Explanation.
    pub doc: Option<Text>,
    /// Which of the rules that hold give the result, and how.
    pub policy: HitPolicy,
    /// Columns that are tested, in order; at least one.
    pub inputs: Vec<Input>,
    /// Columns that are given, in order; at least one.
    pub outputs: Vec<Output>,
    /// Rows in order.
    pub rules: Vec<Rule>,
    /// Where its id stands.
    pub place: Place,
}

/// Which of the rules that hold give the result (DMN 1.3, clause 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitPolicy {
    /// One rule at most holds; two are an error.
    Unique,
    /// The first rule that holds.
    First,
    /// The rule that holds whose outputs come first in the outputs' `values`.
    Priority,
    /// Rules that hold agree; if they do not, that is an error.
    Any,
    /// All that hold, as a list or added up.
    Collect(Option<Aggregate>),
    /// All that hold, as a list in the order of the rules.
    RuleOrder,
    /// All that hold, as a list in the order of the outputs' `values`.
    OutputOrder,
}

impl HitPolicy {
    /// Whether the result is one rule's, so that some rule should hold for every input.
    pub fn gives_one(self) -> bool {
        matches!(self, Self::Unique | Self::First | Self::Priority | Self::Any)
    }

    /// Whether rules are ranked by the outputs' `values`.
    pub fn is_ranked(self) -> bool {
        matches!(self, Self::Priority | Self::OutputOrder)
    }
}

/// What `collect` makes of its list. Absent outputs count nothing in `sum`, `min` and `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Their sum (numbers).
    Sum,
    /// The least (numbers, dates, times).
    Min,
    /// The greatest.
    Max,
    /// How many rules hold.
    Count,
}

/// A column that rules test.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name by which cells' expressions read it.
    pub name: String,
    /// Shown name.
    pub label: Text,
    /// What it is: an expression over the case's data; the data name itself if nothing else was written.
    pub expression: Expression,
    /// Its type.
    pub of: FieldType,
    /// What it may be; another value is an error when the table is evaluated.
    pub(super) values: Option<Cell>,
    /// The field standard's limits, which the analysis relies on.
    pub(super) within: Option<Test>,
    /// Where it stands.
    pub place: Place,
}

/// A column that rules give.
#[derive(Clone, Debug)]
pub struct Output {
    /// The member of the result, if there are several outputs.
    pub name: String,
    /// Shown name.
    pub label: Text,
    /// Its type.
    pub of: FieldType,
    /// What it may be, highest priority first; empty: anything of its type.
    pub values: Vec<Value>,
    /// What it is if no rule holds.
    pub default: Option<Entry>,
    /// Where it stands.
    pub place: Place,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// One cell an input.
    pub when: Vec<Cell>,
    /// One cell an output.
    pub then: Vec<Entry>,
    /// Why, or an article.
    pub doc: Option<Text>,
    /// Where it stands.
    pub place: Place,
}

/// A cell that tests an input.
#[derive(Clone, Debug)]
pub struct Cell {
    /// As written; alternatives of a list with commas between them.
    pub text: String,
    /// Where it stands; the rule's place, if it was left out.
    pub place: Place,
    pub(super) test: Test,
}

/// A cell that gives an output.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A value, as data holds it.
    Value(Value),
    /// An expression over the case's data and the inputs.
    Expression(Expression),
}

/// What a table decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The output's value if there is one output, else a record of them; a list of those where the policy gives several;
    /// null if no rule holds and there is no default.
    pub value: Value,
    /// The rules that gave it, in the order of the result.
    pub fired: Vec<Fired>,
}

/// A rule that gave a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Index in [`DecisionTable::rules`], from 0; people count from 1.
    pub index: usize,
    /// The rule's id, if it has one.
    pub id: Option<String>,
    /// Where the rule stands.
    pub place: Place,
}

impl DecisionTable {
    /// The type of the result where there is one output: its own, a list of it, or an integer (`count`). None for several
    /// outputs: then the result is a record with [`DecisionTable::outputs`] as members, or a list of such.
    pub fn result_type(&self) -> Option<FieldType> {
        let [output] = self.outputs.as_slice() else { return None };
        Some(match self.policy {
            HitPolicy::Collect(Some(Aggregate::Count)) => FieldType::Integer,
            HitPolicy::Collect(None) | HitPolicy::RuleOrder | HitPolicy::OutputOrder => FieldType::List(Box::new(output.of.clone())),
            _ => output.of.clone(),
        })
    }

    pub(super) fn fired(&self, index: usize) -> Fired {
        let rule = &self.rules[index];
        Fired { index, id: rule.id.clone(), place: rule.place.clone() }
    }

    /// `rule 2 (risk.yaml:12:5)`, in both languages.
    pub(super) fn rule_text(&self, index: usize) -> Text {
        let (number, place) = (index + 1, &self.rules[index].place);
        Text::new(format!("规则 {number}（{place}）"), format!("rule {number} ({place})"))
    }

    pub(super) fn error(&self, zh: impl Into<String>, en: impl Into<String>) -> RuleError {
        RuleError::new(self.place.clone(), Text::new(zh, en))
    }
}

impl Cell {
    /// A cell that was left out.
    pub(super) fn any(place: Place) -> Self {
        Self { text: "-".to_owned(), place, test: Test::Any }
    }

    /// Whether it says nothing.
    pub fn is_any(&self) -> bool {
        matches!(self.test, Test::Any)
    }
}

impl Input {
    /// A value of the input as people write it.
    pub(super) fn shown(&self, point: &Point) -> String {
        super::scale::Scale::of(&self.of).show(point)
    }
}
