//! The shape table as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::{
    Need, Of, Shape,
    elements::{BOUNDARY, ELEMENTS, EVENT_SUB_PROCESS},
    process::PROCESS,
};

/// The JSON Schema (draft 2020-12) of `process.yaml`, generated from the table that the loader checks with.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    let elements: Vec<Value> = ELEMENTS
        .iter()
        .map(|element| {
            definitions.insert(element.shape.name.to_owned(), headed(&element.shape));
            json!({"$ref": format!("#/$defs/{}", element.shape.name)})
        })
        .collect();
    definitions.insert("flow".to_owned(), json!({"type": "array", "items": {"oneOf": elements}}));
    definitions.insert("boundary".to_owned(), json!({"type": "array", "items": headed(&BOUNDARY)}));
    definitions.insert("eventSubProcesses".to_owned(), json!({"type": "array", "items": headed(&EVENT_SUB_PROCESS)}));
    definitions.insert("text".to_owned(), local_text());
    let mut root = shape(&PROCESS);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$id"] = json!("https://tongban.invalid/schema/process-1.json");
    root["title"] = json!("Tongban process");
    root["$defs"] = Value::Object(definitions);
    root
}

fn headed(of: &'static Shape) -> Value {
    let mut schema = shape(of);
    schema["properties"][of.name] = value(&Of::Snake);
    if let Some(required) = schema["required"].as_array_mut() {
        required.insert(0, json!(of.name));
    }
    schema
}

fn shape(of: &'static Shape) -> Value {
    let properties: Map<String, Value> = of
        .all()
        .map(|key| {
            let mut schema = value(&key.of);
            schema["description"] = json!(format!("{} · {}", key.doc.zh, key.doc.en));
            (key.key.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = of.all().filter(|key| key.need == Need::Required).map(|key| key.key).collect();
    json!({
        "type": "object",
        "description": format!("{} · {}", of.doc.zh, of.doc.en),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn local_text() -> Value {
    json!({"oneOf": [
        {"type": "string"},
        {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}, "required": ["zh"], "additionalProperties": false},
    ]})
}

fn value(of: &Of) -> Value {
    match of {
        Of::Text | Of::Expression | Of::Pattern | Of::DurationOrExpression => json!({"type": ["string", "number", "boolean"]}),
        Of::LocalText => json!({"$ref": "#/$defs/text"}),
        Of::Snake => json!({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}),
        Of::Kebab => json!({"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}),
        Of::Name => json!({"type": "string", "pattern": "^[a-z][a-z0-9._-]*$"}),
        Of::Boolean => json!({"type": "boolean"}),
        Of::Integer => json!({"type": "integer", "minimum": 0}),
        Of::Duration => json!({"type": "string", "pattern": "^([0-9]+(d|wd|wh|h|min|s)|P.+)$"}),
        // A word such as `1` reads as a number in YAML.
        Of::Word(words) => {
            json!({"enum": words.iter().map(|word| word.parse::<i64>().map_or_else(|_| json!(word), Value::from)).collect::<Vec<_>>()})
        }
        Of::WordOrExpression(words) => json!({"anyOf": [value(&Of::Word(words)), value(&Of::Expression)]}),
        Of::Any => json!({}),
        Of::List(each) => json!({"type": "array", "items": value(each)}),
        Of::Map(keys, values) => json!({"type": "object", "propertyNames": value(keys), "additionalProperties": value(values)}),
        Of::Shape(of) => shape(of),
        Of::Either(one, other) => json!({"anyOf": [value(one), value(other)]}),
        Of::Flow => json!({"$ref": "#/$defs/flow"}),
        Of::Boundary => json!({"$ref": "#/$defs/boundary"}),
        Of::EventSubProcesses => json!({"$ref": "#/$defs/eventSubProcesses"}),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Every reference of the schema leads somewhere.
    fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
        match schema {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn the_schema_says_what_the_checker_says() {
        let schema = json_schema();
        assert_eq!(schema["required"], json!(["process", "name", "dialect", "calendar", "flow"]));
        assert_eq!(schema["properties"]["dialect"]["enum"], json!([1]));
        let task = &schema["$defs"]["userTask"];
        assert_eq!(task["required"], json!(["userTask"]));
        assert_eq!(task["additionalProperties"], false);
        assert!(
            task["properties"].get("actions").is_some() && task["properties"].get("action").is_none(),
            "what is not a word is not offered"
        );
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}
