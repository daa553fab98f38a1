//! JSON to rhai and back, by type.
//!
//! Integers are `i64`; decimals and money are exact decimals inside and JSON texts outside; dates and moments stay ISO
//! texts, which compare rightly; an absent value is `()`. Declared members of a record that are absent are `()` too, so
//! that reading them is no error.

use std::str::FromStr;

use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::form::{FieldStandard, FieldType};

/// From JSON. A value that does not fit its type stays what JSON says it is: forms are checked elsewhere.
pub(super) fn to_dynamic(value: &Value, of: Option<&FieldType>, standard: &FieldStandard) -> Dynamic {
    match (value, of) {
        (Value::Null, _) => Dynamic::UNIT,
        (Value::Bool(flag), _) => (*flag).into(),
        (Value::String(text), Some(FieldType::Decimal | FieldType::Money)) => match Decimal::from_str(text) {
            Ok(number) => number.into(),
            Err(_) => text.as_str().into(),
        },
        (Value::String(text), _) => text.as_str().into(),
        (Value::Number(number), of) => number_to_dynamic(number, of),
        (Value::Array(items), of) => {
            let inner = match of {
                Some(FieldType::List(inner)) => Some(&**inner),
                _ => None,
            };
            items.iter().map(|item| to_dynamic(item, inner, standard)).collect::<Array>().into()
        }
        (Value::Object(members), of) => {
            let record = match of {
                Some(FieldType::Record(name)) => standard.records.get(name),
                _ => None,
            };
            let mut map = Map::new();
            for (name, _) in record.iter().flat_map(|record| &record.members) {
                map.insert(name.as_str().into(), Dynamic::UNIT);
            }
            for (name, member) in members {
                let of = record.and_then(|record| record.members.get(name)).map(|member| &member.field.of);
                map.insert(name.as_str().into(), to_dynamic(member, of, standard));
            }
            map.into()
        }
    }
}

fn number_to_dynamic(number: &serde_json::Number, of: Option<&FieldType>) -> Dynamic {
    let exact = matches!(of, Some(FieldType::Decimal | FieldType::Money));
    match number.as_i64() {
        Some(whole) if exact => Decimal::from(whole).into(),
        Some(whole) => whole.into(),
        None => {
            let text = number.to_string();
            match Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)) {
                Ok(number) => number.into(),
                Err(_) => text.into(),
            }
        }
    }
}

/// Back to JSON.
///
/// # Errors
/// The name of rhai's type, if the value is none that data can hold (a function, a range).
pub(super) fn to_json(value: &Dynamic) -> Result<Value, String> {
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(flag.into());
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.into());
    }
    if let Ok(number) = value.as_decimal() {
        return Ok(Value::String(number.to_string()));
    }
    if let Ok(letter) = value.as_char() {
        return Ok(Value::String(letter.to_string()));
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(Value::String(text.to_string()));
    }
    if let Ok(items) = value.as_array_ref() {
        return items.iter().map(to_json).collect();
    }
    if let Ok(map) = value.as_map_ref() {
        return map.iter().map(|(name, member)| Ok((name.to_string(), to_json(member)?))).collect();
    }
    Err(value.type_name().to_owned())
}
