//! From the rules that hold to one result, by hit policy (DMN 1.3, clause 8.2).

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::{
    Aggregate, DecisionTable, HitPolicy, Outcome, Output,
    scale::{Point, Scale},
};
use crate::{form::FieldType, rules::RuleError};

/// A rule's index with its outputs.
type Hit = (usize, Vec<Value>);

/// One result of the rules that hold, of which there is at least one.
pub(super) fn combine(table: &DecisionTable, mut hits: Vec<Hit>, zone: &TimeZone) -> Result<Outcome, RuleError> {
    match table.policy {
        HitPolicy::Unique => unique(table, &hits)?,
        HitPolicy::First => {}
        HitPolicy::Any => agree(table, &hits, zone)?,
        HitPolicy::Priority | HitPolicy::OutputOrder => hits.sort_by_cached_key(|hit| rank(table, &hit.1, zone)),
        HitPolicy::Collect(None) | HitPolicy::RuleOrder => {}
        HitPolicy::Collect(Some(aggregate)) => {
            let value = aggregated(table, aggregate, &hits, zone)?;
            return Ok(Outcome { value, fired: hits.iter().map(|hit| table.fired(hit.0)).collect() });
        }
    }
    if !matches!(table.policy, HitPolicy::Any) && table.policy.gives_one() {
        hits.truncate(1);
    }
    let fired = hits.iter().map(|hit| table.fired(hit.0)).collect();
    let mut values = hits.into_iter().map(|hit| result(table, hit.1));
    let value = if table.policy.gives_one() { values.next().unwrap_or_default() } else { values.collect() };
    Ok(Outcome { value, fired })
}

/// The result where no rule holds and there is no default.
pub(super) fn nothing(policy: HitPolicy) -> Value {
    match policy {
        HitPolicy::Collect(None) => Value::Array(Vec::new()),
        HitPolicy::Collect(Some(Aggregate::Count)) => 0.into(),
        _ => Value::Null,
    }
}

/// One rule's outputs: the value, if there is one output, else a record.
pub(super) fn result(table: &DecisionTable, mut outputs: Vec<Value>) -> Value {
    if outputs.len() == 1 {
        return outputs.remove(0);
    }
    table.outputs.iter().map(|output| output.name.clone()).zip(outputs).collect::<Map<_, _>>().into()
}

fn unique(table: &DecisionTable, hits: &[Hit]) -> Result<(), RuleError> {
    let [first, second, ..] = hits else { return Ok(()) };
    let (a, b) = (table.rule_text(first.0), table.rule_text(second.0));
    let en = crate::text::Language::En;
    Err(table.error(
        format!("{}与{}同时成立，而命中策略是 unique", a.zh, b.zh),
        format!("{} and {} both hold, but the hit policy is unique", a.get(en), b.get(en)),
    ))
}

fn agree(table: &DecisionTable, hits: &[Hit], zone: &TimeZone) -> Result<(), RuleError> {
    let Some((first, rest)) = hits.split_first() else { return Ok(()) };
    let Some(other) = rest.iter().find(|other| !same_outputs(table, &first.1, &other.1, zone)) else { return Ok(()) };
    let (a, b) = (table.rule_text(first.0), table.rule_text(other.0));
    let en = crate::text::Language::En;
    Err(table.error(
        format!("{}与{}同时成立而结果不同，而命中策略是 any", a.zh, b.zh),
        format!("{} and {} both hold and disagree, but the hit policy is any", a.get(en), b.get(en)),
    ))
}

/// Whether two rules give the same.
pub(super) fn same_outputs(table: &DecisionTable, a: &[Value], b: &[Value], zone: &TimeZone) -> bool {
    table.outputs.iter().zip(a.iter().zip(b)).all(|(output, (a, b))| same(&output.of, a, b, zone))
}

/// Equal values; `1.0` and `1.00` are.
pub(super) fn same(of: &FieldType, a: &Value, b: &Value, zone: &TimeZone) -> bool {
    match Scale::of(of) {
        Scale::Closed => a == b,
        scale => a == b || matches!((scale.point(a, zone), scale.point(b, zone)), (Some(a), Some(b)) if a == b),
    }
}

/// Positions in the outputs' `values`, first output first; an output without `values` ranks nothing.
pub(super) fn rank(table: &DecisionTable, outputs: &[Value], zone: &TimeZone) -> Vec<usize> {
    let ranked = table.outputs.iter().zip(outputs).filter(|(output, _)| !output.values.is_empty());
    ranked.map(|(output, value)| position(output, value, zone).unwrap_or(usize::MAX)).collect()
}

/// Where `value` stands in the output's `values`.
pub(super) fn position(output: &Output, value: &Value, zone: &TimeZone) -> Option<usize> {
    output.values.iter().position(|known| same(&output.of, known, value, zone))
}

fn aggregated(table: &DecisionTable, aggregate: Aggregate, hits: &[Hit], zone: &TimeZone) -> Result<Value, RuleError> {
    if aggregate == Aggregate::Count {
        return Ok(hits.len().into());
    }
    let of = table.outputs.first().map_or(&FieldType::Decimal, |output| &output.of);
    let mut numbers: Vec<(Decimal, &Value)> = Vec::with_capacity(hits.len());
    for (index, outputs) in hits {
        if let Some(value) = outputs.first().filter(|value| !value.is_null()) {
            let Some(Point::Number(number)) = Scale::of(of).point(value, zone) else {
                let rule = table.rule_text(*index);
                let en = rule.get(crate::text::Language::En);
                return Err(table.error(format!("{}的结果不是 {of}", rule.zh), format!("the result of {en} is no {of}")));
            };
            numbers.push((number, value));
        }
    }
    match aggregate {
        Aggregate::Min => Ok(extreme(&numbers, Ordering::Less)),
        Aggregate::Max => Ok(extreme(&numbers, Ordering::Greater)),
        _ if numbers.is_empty() => Ok(Value::Null),
        _ => sum(&numbers, of).ok_or_else(|| table.error("合计太大", "the sum is too large")),
    }
}

/// The first of the values that none of the others is beyond.
fn extreme(numbers: &[(Decimal, &Value)], beyond: Ordering) -> Value {
    let chosen = numbers.iter().reduce(|best, next| if next.0.cmp(&best.0) == beyond { next } else { best });
    chosen.map_or(Value::Null, |(_, value)| (*value).clone())
}

fn sum(numbers: &[(Decimal, &Value)], of: &FieldType) -> Option<Value> {
    let total = numbers.iter().try_fold(Decimal::ZERO, |total, (number, _)| total.checked_add(*number))?;
    match of {
        FieldType::Integer => i64::try_from(total).ok().map(Value::from),
        _ => Some(Value::String(total.to_string())),
    }
}
