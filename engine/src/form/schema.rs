//! A form as JSON Schema (2020-12), for OpenAPI and for whoever sends data by machine.

use serde_json::{Map, Value, json};

use super::{
    Check, Field, FieldStandard, FieldType, Form, ITEMS_MAX, MULTILINE_LENGTH_MAX, ROWS_MAX, TEXT_LENGTH_MAX, published::reachable,
};
use crate::text::Text;

/// The shape of `form`'s data: an object of typed members, with `$defs` for the records in use. What a schema cannot say
/// (check digits, rules across fields, materials) only [`super::check_form`] judges.
pub fn json_schema(form: &Form, standard: &FieldStandard) -> Value {
    let (records, _) = reachable(form, standard);
    let mut definitions = Map::new();
    for record in records {
        let members = record.members.values().map(|m| (&m.field, m.required));
        definitions.insert(record.name.clone(), object(standard, &record.label, members));
    }
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for group in &form.groups {
        match &group.repeat {
            Some(repeat) => {
                let rows = object(standard, &group.name, group.fields.iter().map(|f| (&f.field, f.required)));
                let least = u8::from(group.required);
                properties.insert(
                    repeat.clone(),
                    json!({"title": group.name.zh, "type": "array", "items": rows, "minItems": least, "maxItems": ROWS_MAX}),
                );
                required.extend(group.required.then(|| repeat.clone()));
            }
            None => {
                for used in &group.fields {
                    properties.insert(used.field.name.clone(), field_schema(standard, &used.field));
                    required.extend(used.required.then(|| used.field.name.clone()));
                }
            }
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.name.zh,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn object<'f>(standard: &FieldStandard, title: &Text, members: impl Iterator<Item = (&'f Field, bool)>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (field, must) in members {
        properties.insert(field.name.clone(), field_schema(standard, field));
        required.extend(must.then(|| field.name.clone()));
    }
    json!({"title": title.zh, "type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn field_schema(standard: &FieldStandard, field: &Field) -> Value {
    let mut schema = type_schema(standard, &field.of);
    let Some(members) = schema.as_object_mut() else { return schema };
    members.insert("title".into(), json!(field.label.zh));
    if let Some(hint) = &field.hint {
        members.insert("description".into(), json!(hint.zh));
    }
    let (least, most) = match &field.of {
        FieldType::Integer => ("minimum", "maximum"),
        FieldType::Text => ("minLength", "maxLength"),
        FieldType::List(_) => ("minItems", "maxItems"),
        _ => return schema,
    };
    if field.of == FieldType::Text {
        members.insert(most.into(), json!(if field.multiline { MULTILINE_LENGTH_MAX } else { TEXT_LENGTH_MAX }));
        members.extend(field.check.map(check_schema));
    }
    members.extend(field.min.clone().map(|min| (least.to_owned(), min)));
    members.extend(field.max.clone().map(|max| (most.to_owned(), max)));
    schema
}

fn check_schema(check: Check) -> (String, Value) {
    let pattern = |pattern: &str| ("pattern".to_owned(), json!(pattern));
    match check {
        Check::ResidentId => pattern("^[0-9]{17}[0-9X]$"),
        Check::SocialCreditCode => pattern("^[0-9A-HJ-NP-RTUW-Y]{18}$"),
        Check::Mobile => pattern("^1[3-9][0-9]{9}$"),
        Check::Mail => ("format".to_owned(), json!("email")),
    }
}

fn type_schema(standard: &FieldStandard, of: &FieldType) -> Value {
    match of {
        FieldType::Text | FieldType::Unit | FieldType::Person | FieldType::File => json!({"type": "string"}),
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Decimal => json!({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
        FieldType::Money => json!({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,2})?$"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Time => json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
        FieldType::DateTime => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"}),
        FieldType::Duration => json!({"type": "string", "examples": ["5wd", "15d", "2h"]}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Code(id) => {
            let codes: Vec<&String> = standard.codes.get(id).map_or_else(Vec::new, |list| list.codes.keys().collect());
            json!({"type": "string", "enum": codes})
        }
        FieldType::Record(name) => json!({"$ref": format!("#/$defs/{name}")}),
        FieldType::List(item) => json!({"type": "array", "items": type_schema(standard, item), "maxItems": ITEMS_MAX}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::sample::{filled, sample};

    /// As much of JSON Schema as [`json_schema`] writes, patterns and formats aside.
    fn fits(schema: &Value, value: &Value, root: &Value) -> bool {
        if let Some(name) = schema["$ref"].as_str() {
            return fits(&root["$defs"][name.trim_start_matches("#/$defs/")], value, root);
        }
        let within = |n: i64, least: &str, most: &str| {
            schema[least].as_i64().is_none_or(|least| n >= least) && schema[most].as_i64().is_none_or(|most| n <= most)
        };
        match (schema["type"].as_str(), value) {
            (Some("string"), Value::String(text)) => {
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                within(length, "minLength", "maxLength") && schema["enum"].as_array().is_none_or(|codes| codes.contains(value))
            }
            (Some("integer"), Value::Number(number)) => number.as_i64().is_some_and(|n| within(n, "minimum", "maximum")),
            (Some("boolean"), Value::Bool(_)) => true,
            (Some("array"), Value::Array(items)) => {
                let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
                within(count, "minItems", "maxItems") && items.iter().all(|item| fits(&schema["items"], item, root))
            }
            (Some("object"), Value::Object(members)) => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                required.into_iter().all(|name| members.contains_key(name))
                    && members.iter().all(|(name, value)| schema["properties"].get(name).is_some_and(|schema| fits(schema, value, root)))
            }
            _ => false,
        }
    }

    #[test]
    fn the_schema_takes_what_the_form_takes() {
        let (form, standard, _) = sample();
        let schema = json_schema(&form, &standard);
        assert!(fits(&schema, &Value::Object(filled()), &schema));
        for (name, bad) in [
            ("people", json!(0)),
            ("people", json!("120")),
            ("title", json!("长".repeat(41))),
            ("kind", json!("c")),
            ("body", json!({"name": "寺"})),
            ("stewards", json!([{"person_name": "王", "mobile": "1", "age": 3}])),
            ("outdoor", json!("true")),
            ("unknown", json!(1)),
        ] {
            let mut data = filled();
            data.insert(name.to_owned(), bad.clone());
            assert!(!fits(&schema, &Value::Object(data), &schema), "{name} {bad}");
        }
        let mut data = filled();
        data.shift_remove("title");
        assert!(!fits(&schema, &Value::Object(data), &schema));
    }
}
