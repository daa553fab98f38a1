//! The JSON Schema of `decisions/*.yaml`, for editors.

use serde_json::{Value, json};

use super::load::{AGGREGATES, POLICIES};

/// The JSON Schema (draft 2020-12) of a decision table.
pub fn json_schema() -> Value {
    let policies: Vec<&str> = POLICIES.iter().map(|(word, _)| *word).collect();
    let aggregates: Vec<&str> = AGGREGATES.iter().map(|(word, _)| *word).collect();
    let text = json!({"oneOf": [
        {"type": "string"},
        {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}, "required": ["zh"], "additionalProperties": false},
    ]});
    let scalar = json!({"type": ["string", "number", "boolean", "null"]});
    let cell = json!({"anyOf": [scalar, {"type": "array", "items": scalar}]});
    let name = json!({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"});
    let row = |cell: &Value| json!({"anyOf": [{"type": "object", "additionalProperties": cell}, {"type": "array", "items": cell}]});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://tongban.invalid/schema/decision-1.json",
        "title": "Tongban decision table",
        "type": "object",
        "required": ["decision", "name", "inputs", "outputs", "rules"],
        "additionalProperties": false,
        "properties": {
            "decision": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "description": "标识 · id"},
            "name": text,
            "doc": text,
            "hitPolicy": {"enum": policies, "description": "命中策略，缺省 unique · which rules give the result; unique if absent"},
            "aggregate": {"enum": aggregates, "description": "collect 的汇总 · what collect makes of its list"},
            "inputs": {"type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": {
                    "name": name, "label": text, "doc": text,
                    "expression": {"type": "string", "description": "缺省为同名数据 · the data of that name if absent"},
                    "type": {"type": "string"},
                    "values": {"anyOf": [cell], "description": "可取的值或范围 · what it may be"},
                },
            }},
            "outputs": {"type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": {
                    "name": name, "label": text, "doc": text,
                    "type": {"type": "string"},
                    "values": {"type": "array", "items": scalar, "description": "可取的值，优先的在前 · what it may be, highest priority first"},
                    "default": {"description": "没有规则成立时 · if no rule holds"},
                },
            }},
            "rules": {"type": "array", "items": {
                "type": "object", "required": ["then"], "additionalProperties": false,
                "properties": {"id": {"type": "string"}, "when": row(&cell), "then": row(&json!({})), "doc": text},
            }},
        },
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::decision::load::{TABLE, columns::*, rows::RULE};

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = json_schema();
        let shapes = [
            ("", &TABLE),
            ("/properties/inputs/items", &INPUT),
            ("/properties/outputs/items", &OUTPUT),
            ("/properties/rules/items", &RULE),
        ];
        for (at, shape) in shapes {
            let properties = schema.pointer(&format!("{at}/properties")).unwrap().as_object().unwrap();
            let (mut written, mut read): (Vec<&str>, Vec<&str>) = (properties.keys().map(String::as_str).collect(), shape.keys.to_vec());
            written.sort_unstable();
            read.sort_unstable();
            assert_eq!(written, read, "{at}");
        }
    }
}
