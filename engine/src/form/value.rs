//! Checking a value against a field: scalars, records and lists, all mistakes at once.

use serde_json::{Map, Value};

use super::{Check, Field, FieldError, FieldStandard, FieldType, Record, error::Spot, scalar};

/// Items that a list may have where the standard says nothing.
pub const ITEMS_MAX: u64 = 200;

/// Checks `value` against `field`. `path` is where it stands, as in [`FieldError::path`].
///
/// Null, an empty text and an empty list count as absent and are fine here: [`super::check_form`] says what is
/// required; only members of records that are required are told here.
pub fn check_value(standard: &FieldStandard, path: &str, field: &Field, value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_at(standard, &Spot::new(path, &field.label, field.class), field, value, &mut errors);
    errors
}

/// Whether a value counts as not given: null, blank text, an empty list, a record of nothing but such.
pub fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_absent),
        _ => false,
    }
}

pub(super) fn check_at(standard: &FieldStandard, spot: &Spot, field: &Field, value: &Value, errors: &mut Vec<FieldError>) {
    match &field.of {
        _ if is_absent(value) && !matches!(value, Value::Object(_)) => {}
        FieldType::List(item) => match value {
            Value::Array(items) => check_items(standard, spot, field, item, items, errors),
            _ => errors.push(spot.error("wrong-type", "须为列表", "must be a list (a JSON array)")),
        },
        FieldType::Record(name) => match (standard.records.get(name), value) {
            (Some(record), Value::Object(members)) => check_record(standard, spot, record, members, errors),
            (Some(_), _) => errors.push(spot.error("wrong-type", "须为一组数据项", "must be a record (a JSON object)")),
            (None, _) => {
                errors.push(spot.error("no-record", &format!("的记录类型“{name}”不存在"), &format!("its record `{name}` does not exist")));
            }
        },
        _ => scalar::check(standard, spot, field, value, errors),
    }
}

fn check_items(standard: &FieldStandard, spot: &Spot, field: &Field, of: &FieldType, items: &[Value], errors: &mut Vec<FieldError>) {
    let count = items.len() as u64;
    let limit = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64);
    let most = limit(&field.max).unwrap_or(ITEMS_MAX);
    if count > most {
        errors.push(spot.error("too-many", &format!("有 {count} 项，最多 {most} 项"), &format!("has {count} items; at most {most}")));
        return;
    }
    if let Some(least) = limit(&field.min).filter(|least| count < *least) {
        errors.push(spot.error("too-few", &format!("只有 {count} 项，至少 {least} 项"), &format!("has {count} items; at least {least}")));
    }
    let item = item_field(field, of);
    for (index, value) in items.iter().enumerate() {
        let spot = spot.item(index);
        if is_absent(value) && !matches!(value, Value::Object(_)) {
            errors.push(spot.error("empty-item", "为空，请填写或删去", "is empty; fill it in or remove it"));
        } else {
            check_at(standard, &spot, &item, value, errors);
        }
    }
}

/// The field that one item of a list field is: limits are of the list, the named check is of the item.
pub(super) fn item_field(field: &Field, of: &FieldType) -> Field {
    let check: Option<Check> = field.check;
    Field { check, multiline: field.multiline, label: field.label.clone(), class: field.class, ..Field::bare(&field.name, of.clone()) }
}

fn check_record(standard: &FieldStandard, spot: &Spot, record: &Record, given: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    for (name, member) in &record.members {
        let here = spot.member(name, &member.field.label, member.field.class);
        match given.get(name) {
            Some(value) if !is_absent(value) => check_at(standard, &here, &member.field, value, errors),
            _ if member.required => errors.push(here.required()),
            _ => {}
        }
    }
    for name in given.keys().filter(|name| !record.members.contains_key(*name)) {
        errors.push(unknown(&format!("{}.{name}", spot.path), name, record.members.keys().map(String::as_str)));
    }
}

/// A name that the form or record does not have.
pub(super) fn unknown<'a>(path: &str, name: &str, known: impl Iterator<Item = &'a str>) -> FieldError {
    let mut message = crate::text::Text::new(format!("没有数据项“{name}”"), format!("there is no field `{name}`"));
    if let Some(near) = super::types::near(name, known) {
        message = crate::text::Text::new(
            format!("{}，{}", message.zh, near.zh),
            format!("{}; {}", message.en.unwrap_or_default(), near.en.unwrap_or_default()),
        );
    }
    FieldError { path: path.to_owned(), code: "unknown-field", message }
}

#[cfg(test)]
mod tests;
