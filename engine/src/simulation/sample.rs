//! Values that fit a field, so that nobody has to invent twenty of them to see what comes next.

use serde_json::{Map, Value};

use crate::form::{Check, Field, FieldStandard, FieldType};

/// Dates lie so many days ahead: most rules want some notice.
pub(super) const AHEAD_DAYS: i64 = 60;
/// Records in records in records: no form goes deeper.
const DEPTH_MAX: usize = 6;

/// What samples are made of besides the field.
pub(super) struct Setting {
    /// A date ahead, `YYYY-MM-DD`.
    pub(super) date: String,
    /// The unit of the story.
    pub(super) unit: String,
}

/// A value that fits a field as far as the field says; rules across fields may want another.
pub(super) fn sample(standard: &FieldStandard, name: &str, of: &FieldType, field: Option<&Field>, setting: &Setting) -> Value {
    of_type(standard, name, of, field, setting, 0)
}

fn of_type(standard: &FieldStandard, name: &str, of: &FieldType, field: Option<&Field>, setting: &Setting, depth: usize) -> Value {
    let least = field.and_then(|field| field.min.clone());
    match of {
        FieldType::Text => Value::from(words(name, field)),
        FieldType::Integer => least.unwrap_or_else(|| Value::from(1)),
        FieldType::Decimal | FieldType::Money => least.map_or_else(|| Value::from("1"), |least| Value::from(plain(&least))),
        FieldType::Date => Value::from(setting.date.clone()),
        FieldType::Time => Value::from("09:00"),
        FieldType::DateTime => Value::from(format!("{}T09:00", setting.date)),
        FieldType::Duration => Value::from("1wd"),
        FieldType::Boolean => Value::Bool(false),
        FieldType::Code(list) => {
            let first = standard.codes.get(list).and_then(|list| list.codes.keys().next());
            Value::from(first.cloned().unwrap_or_default())
        }
        FieldType::Unit => Value::from(setting.unit.clone()),
        FieldType::Person => Value::from("somebody"),
        FieldType::File => Value::from("file-1"),
        FieldType::List(each) if depth < DEPTH_MAX => Value::Array(vec![of_type(standard, name, each, field, setting, depth + 1)]),
        FieldType::Record(record) if depth < DEPTH_MAX => record_of(standard, record, setting, depth),
        FieldType::List(_) | FieldType::Record(_) => Value::Null,
    }
}

fn record_of(standard: &FieldStandard, record: &str, setting: &Setting, depth: usize) -> Value {
    let mut members = Map::new();
    let declared = standard.records.get(record).into_iter().flat_map(|record| &record.members);
    for (name, member) in declared.filter(|(_, member)| member.required) {
        members.insert(name.clone(), of_type(standard, name, &member.field.of, Some(&member.field), setting, depth + 1));
    }
    Value::Object(members)
}

/// The label, as long as the field wants it; or something that passes its check. All of it is invented.
fn words(name: &str, field: Option<&Field>) -> String {
    let checked = field.and_then(|field| field.check).map(|check| match check {
        Check::ResidentId => "11010519491231002X",
        Check::SocialCreditCode => "91350100M000100Y43",
        Check::Mobile => "13800000000",
        Check::Mail => "somebody@example.test",
    });
    if let Some(checked) = checked {
        return checked.to_owned();
    }
    let length = |value: Option<&Value>| value.and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
    let label = field.map_or_else(|| name.to_owned(), |field| field.label.zh.clone());
    let least = length(field.and_then(|field| field.min.as_ref())).unwrap_or(0);
    let most = length(field.and_then(|field| field.max.as_ref())).unwrap_or(usize::MAX);
    label.chars().cycle().take(label.chars().count().max(least).min(most)).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
