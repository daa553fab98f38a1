//! From the fields of an HTML form to typed JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Check, Field, FieldStandard, FieldType, Form, ROWS_MAX, is_absent, value::item_field};

/// Reads posted `fields` (urlencoded or multipart, in order) as `form`'s data. Names are paths as [`super::html`] writes
/// them: `event_date`, `organizer.name`, `stewards.0.mobile`.
///
/// Only names of the form are read. An empty text is absent; a checkbox is true or false; a list is repeated names or one
/// line an item; rows keep their order, and those that are empty or marked `_remove` fall away. Full-width digits become
/// plain ones, identity numbers capital. What cannot be read as its type stays text, so that [`super::check_form`] says
/// so and the page shows what was typed.
pub fn from_fields(form: &Form, standard: &FieldStandard, fields: &[(String, String)]) -> Map<String, Value> {
    let posted = Posted::new(standard, fields);
    let mut data = Map::new();
    for group in &form.groups {
        match &group.repeat {
            Some(repeat) => {
                let rows = posted.rows(repeat, &|path| posted.members(path, group.fields.iter().map(|f| &f.field)));
                data.extend(rows.map(|rows| (repeat.clone(), rows)));
            }
            None => data.extend(group.fields.iter().filter_map(|f| Some((f.field.name.clone(), posted.value(&f.field.name, &f.field)?)))),
        }
    }
    data
}

/// The data names of `form` that were on the page but left empty: a task that edits what the case has already clears
/// them by writing null.
pub fn cleared(form: &Form, standard: &FieldStandard, fields: &[(String, String)]) -> Vec<String> {
    let (posted, data) = (Posted::new(standard, fields), from_fields(form, standard, fields));
    form.types().into_keys().filter(|name| !data.contains_key(name) && posted.mentions(name)).collect()
}

/// The list whose `_add` button was pressed, if one was: the page is drawn again with one more row, nothing is submitted.
pub fn added_row(fields: &[(String, String)]) -> Option<&str> {
    fields.iter().find(|(name, _)| name == "_add").map(|(_, value)| value.as_str())
}

struct Posted<'a> {
    standard: &'a FieldStandard,
    values: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Posted<'a> {
    fn new(standard: &'a FieldStandard, fields: &'a [(String, String)]) -> Self {
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in fields {
            values.entry(name).or_default().push(value);
        }
        Self { standard, values }
    }

    fn at(&self, path: &str) -> &[&'a str] {
        self.values.get(path).map_or(&[], Vec::as_slice)
    }

    fn mentions(&self, name: &str) -> bool {
        let inside = format!("{name}.");
        self.values.contains_key(name) || self.values.range(inside.as_str()..).next().is_some_and(|(next, _)| next.starts_with(&inside))
    }

    fn value(&self, path: &str, field: &Field) -> Option<Value> {
        match &field.of {
            FieldType::Record(name) => {
                let record = self.standard.records.get(name)?;
                self.members(path, record.members.values().map(|member| &member.field))
            }
            FieldType::List(item) => match item.as_ref() {
                FieldType::Record(_) => self.rows(path, &|path| self.value(path, &item_field(field, item))),
                _ => self.items(path, &item_field(field, item)),
            },
            _ => scalar(field, self.at(path).last()?),
        }
    }

    /// A record, unless nothing of it was given. An unticked box alone is nothing.
    fn members<'f>(&self, path: &str, fields: impl Iterator<Item = &'f Field>) -> Option<Value> {
        let members: Map<String, Value> =
            fields.filter_map(|field| Some((field.name.clone(), self.value(&format!("{path}.{}", field.name), field)?))).collect();
        let empty = members.values().all(|value| is_absent(value) || *value == Value::Bool(false));
        (!empty).then_some(Value::Object(members))
    }

    fn rows(&self, path: &str, read: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
        let inside = format!("{path}.");
        let named = self.values.range(inside.as_str()..).map(|(name, _)| *name).take_while(|name| name.starts_with(&inside));
        let numbers: BTreeSet<u32> = named.filter_map(|name| name[inside.len()..].split('.').next()?.parse().ok()).collect();
        let kept = numbers.into_iter().map(|number| format!("{inside}{number}"));
        let kept = kept.filter(|row| self.at(&format!("{row}._remove")).is_empty());
        // one more than may be, so that too many rows are told and not cut off
        let rows: Vec<Value> = kept.filter_map(|row| read(&row)).take(ROWS_MAX + 1).collect();
        (!rows.is_empty()).then_some(Value::Array(rows))
    }

    fn items(&self, path: &str, item: &Field) -> Option<Value> {
        let lines = self.at(path).iter().flat_map(|value| value.lines());
        let items: Vec<Value> = lines.filter_map(|line| scalar(item, line)).collect();
        (!items.is_empty()).then_some(Value::Array(items))
    }
}

/// One posted text as a value of `field`'s type; None if it is blank.
fn scalar(field: &Field, posted: &str) -> Option<Value> {
    let text = posted.trim();
    if text.is_empty() {
        return None;
    }
    let value = match (&field.of, field.check) {
        (FieldType::Text, Some(Check::ResidentId | Check::SocialCreditCode)) => {
            half_width(text).to_ascii_uppercase().replace(' ', "").into()
        }
        (FieldType::Text, Some(_)) => half_width(text).into(),
        (FieldType::Text, None) => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        (FieldType::Boolean, _) => match text {
            "true" | "on" => Value::Bool(true),
            "false" => Value::Bool(false),
            other => other.into(),
        },
        (FieldType::Integer, _) => {
            let plain = half_width(text);
            plain.parse::<i64>().map_or_else(|_| text.into(), Value::from)
        }
        (FieldType::Decimal | FieldType::Money | FieldType::Date | FieldType::Time | FieldType::DateTime, _) => half_width(text).into(),
        _ => text.into(),
    };
    Some(value)
}

/// Full-width forms (！–～ and the ideographic space), which Chinese keyboards type by default, as their ASCII twins.
fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '\u{3000}' => ' ',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests;
