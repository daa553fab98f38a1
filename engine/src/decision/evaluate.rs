//! From a case's data to what the table says.

use serde_json::Value;

use super::{
    Cell, DecisionTable, Entry, Input, Outcome, policy,
    scale::{Point, Scale},
    truth::Truth,
};
use crate::{
    form::FieldType,
    rules::{Lookup, RuleError, Rules},
    text::Text,
};

/// Letters of a value that a message shows.
const SHOWN_MAX: usize = 40;

/// The case's data with the inputs before it.
struct Inputs<'a> {
    table: &'a DecisionTable,
    values: Vec<Value>,
    outer: &'a dyn Lookup,
}

impl Inputs<'_> {
    fn position(&self, name: &str) -> Option<usize> {
        self.table.inputs.iter().position(|input| input.name == name)
    }
}

impl Lookup for Inputs<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        self.position(name).map_or_else(|| self.outer.value(name), |at| self.values.get(at).cloned())
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        self.position(name).map_or_else(|| self.outer.type_of(name), |at| Some(self.table.inputs[at].of.clone()))
    }

    fn is_sensitive(&self, name: &str) -> bool {
        self.position(name).map_or_else(|| self.outer.is_sensitive(name), |at| is_sensitive(&self.table.inputs[at], self.outer))
    }
}

fn is_sensitive(input: &Input, outer: &dyn Lookup) -> bool {
    input.expression.variables.iter().any(|name| outer.is_sensitive(name))
}

impl DecisionTable {
    /// What the table says for the data in `lookup`, and which rules said it.
    ///
    /// # Errors
    /// A [`RuleError`] if an expression fails, an input is of another type than declared or none of its `values`, two rules
    /// hold under `unique`, rules that hold disagree under `any`, or a sum grows too large.
    pub fn evaluate(&self, rules: &Rules, lookup: &dyn Lookup) -> Result<Outcome, RuleError> {
        let mut values = Vec::with_capacity(self.inputs.len());
        let mut points = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            let value = rules.evaluate(&input.expression, lookup)?;
            points.push(input.point(&value, rules, lookup)?);
            values.push(value);
        }
        let inputs = Inputs { table: self, values, outer: lookup };
        let mut hits = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            if holds(&rule.when, &points, rules, &inputs)? {
                hits.push(index);
                if self.policy == super::HitPolicy::First {
                    break;
                }
            }
        }
        let outputs = hits
            .into_iter()
            .map(|index| Ok((index, self.entries(&self.rules[index].then, rules, &inputs)?)))
            .collect::<Result<Vec<_>, RuleError>>()?;
        if outputs.is_empty() {
            return self.no_hit(rules, &inputs);
        }
        policy::combine(self, outputs, rules.zone())
    }

    fn entries(&self, entries: &[Entry], rules: &Rules, inputs: &Inputs<'_>) -> Result<Vec<Value>, RuleError> {
        entries.iter().zip(&self.outputs).map(|(entry, output)| entry.value(&output.of, rules, inputs)).collect()
    }

    /// The defaults, if any output has one.
    fn no_hit(&self, rules: &Rules, inputs: &Inputs<'_>) -> Result<Outcome, RuleError> {
        if self.outputs.iter().all(|output| output.default.is_none()) {
            return Ok(Outcome { value: policy::nothing(self.policy), fired: Vec::new() });
        }
        let defaults = self.outputs.iter().map(|output| match &output.default {
            Some(entry) => entry.value(&output.of, rules, inputs),
            None => Ok(Value::Null),
        });
        let value = policy::result(self, defaults.collect::<Result<_, _>>()?);
        Ok(Outcome { value, fired: Vec::new() })
    }
}

/// Whether all cells hold; the first that does not ends it.
fn holds(cells: &[Cell], points: &[Point], rules: &Rules, inputs: &Inputs<'_>) -> Result<bool, RuleError> {
    for (cell, point) in cells.iter().zip(points) {
        let truth = cell.test.truth(point, &mut |expression| Ok::<_, RuleError>(rules.condition(expression, inputs)?.into()))?;
        if truth != Truth::Yes {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Entry {
    /// Numbers of a type that data holds as text become text.
    fn value(&self, of: &FieldType, rules: &Rules, inputs: &Inputs<'_>) -> Result<Value, RuleError> {
        let value = match self {
            Self::Value(value) => value.clone(),
            Self::Expression(expression) => rules.evaluate(expression, inputs)?,
        };
        Ok(match (of, value) {
            (FieldType::Decimal | FieldType::Money, Value::Number(number)) => Value::String(number.to_string()),
            (_, value) => value,
        })
    }
}

impl Input {
    fn point(&self, value: &Value, rules: &Rules, lookup: &dyn Lookup) -> Result<Point, RuleError> {
        let scale = Scale::of(&self.of);
        let shown = || match (is_sensitive(self, lookup), value.to_string()) {
            (true, _) => Text::new("不显示的值", "a value that is not shown"),
            (false, text) => Text::zh(text.chars().take(SHOWN_MAX).collect::<String>()),
        };
        let refused = |zh: String, en: String| RuleError::new(self.expression.place.clone(), Text::new(zh, en));
        let (name, of) = (&self.name, &self.of);
        let Some(point) = scale.point(value, rules.zone()) else {
            let (zh, en) = (shown().zh, shown());
            let en = en.get(crate::text::Language::En);
            return Err(refused(format!("输入“{name}”应为 {of}，却是 {zh}"), format!("input `{name}` must be {of}, but is {en}")));
        };
        // An expression says nothing about what may be: the loader refuses it there.
        let allowed = self.values.as_ref().is_none_or(|values| {
            let mut closed = |_: &_| Ok::<_, std::convert::Infallible>(Truth::Yes);
            values.test.truth(&point, &mut closed) == Ok(Truth::Yes)
        });
        if allowed || point == Point::Absent {
            return Ok(point);
        }
        let wanted = self.values.as_ref().map_or("", |values| &values.text);
        let (zh, en) = (shown().zh, shown());
        let en = en.get(crate::text::Language::En);
        Err(refused(format!("输入“{name}”是 {zh}，只能是 {wanted}"), format!("input `{name}` is {en}, which is none of {wanted}")))
    }
}
