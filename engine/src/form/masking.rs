//! Masking whole data: what pages do to each value as they draw it, done to what a program is sent.

use serde_json::Value;

use super::{Class, Field, FieldStandard, FieldType, masked};

/// Records in records deeper than this are not looked into; the loader refuses them.
const DEPTH_MAX: usize = 16;
/// What stands for something whose class is not known.
const UNKNOWN: &str = "******";

/// A data name's value with every part of class P2 and up masked; shapes stay as they are. `of` is the type that the process
/// gives the name, for those that the standard does not know. A record or list of which nothing is known is masked whole.
pub fn masked_value(standard: &FieldStandard, name: &str, of: Option<&FieldType>, value: &Value) -> Value {
    let of = of.or_else(|| standard.fields.get(name).map(|field| &field.of));
    if of.is_none() && (value.is_object() || value.is_array()) {
        return UNKNOWN.into();
    }
    let of = of.cloned().unwrap_or(FieldType::Text);
    let known = standard.fields.get(name).map(|field| Field { of: of.clone(), ..field.clone() });
    let field = known.unwrap_or_else(|| Field::bare(name, of));
    walk(standard, &field, value, 0)
}

fn walk(standard: &FieldStandard, field: &Field, value: &Value, depth: usize) -> Value {
    match (&field.of, value) {
        (_, Value::Null) => Value::Null,
        (FieldType::List(item), Value::Array(items)) => {
            let each = Field { of: (**item).clone(), ..field.clone() };
            items.iter().map(|value| walk(standard, &each, value, depth)).collect()
        }
        (FieldType::Record(name), Value::Object(given)) => {
            let record = standard.records.get(name).filter(|_| depth < DEPTH_MAX);
            let member = |name: &String, value: &Value| match record.and_then(|record| record.members.get(name)) {
                Some(member) => {
                    let class = member.field.class.max(field.class);
                    walk(standard, &Field { class, ..member.field.clone() }, value, depth + 1)
                }
                None => UNKNOWN.into(),
            };
            Value::Object(given.iter().map(|(name, value)| (name.clone(), member(name, value))).collect())
        }
        _ if field.class >= Class::P2 => masked(field, value).into(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        form::{Record, RecordMember},
        source::Place,
        text::Text,
    };

    fn standard() -> FieldStandard {
        let member = |name: &str, class| {
            (name.to_owned(), RecordMember { field: Field { class, ..Field::bare(name, FieldType::Text) }, required: true })
        };
        let members = [member("name", Class::P2), member("post", Class::P0)].into_iter().collect();
        let record = Record { name: "contact".into(), label: Text::zh("联系人"), members, place: Place::default() };
        let mut standard = FieldStandard::default();
        standard.records.insert("contact".into(), record);
        standard.fields.insert("belief".into(), Field { class: Class::P3, ..Field::bare("belief", FieldType::Text) });
        standard
    }

    #[test]
    fn what_is_personal_is_masked_wherever_it_stands_and_shapes_stay() {
        let contacts = FieldType::List(Box::new(FieldType::Record("contact".into())));
        let value = json!([{"name": "王小明", "post": "主任", "unknown": "x"}, {"name": null}]);
        let masked = masked_value(&standard(), "contacts", Some(&contacts), &value);
        assert_eq!(masked, json!([{"name": "王*", "post": "主任", "unknown": "******"}, {"name": null}]));
        assert_eq!(masked_value(&standard(), "belief", None, &json!("某教")), json!("某*"));
        assert_eq!(masked_value(&standard(), "note", None, &json!("备注")), json!("备注"));
        assert_eq!(masked_value(&standard(), "x", Some(&FieldType::Record("gone".into())), &json!({"a": 1})), json!({"a": "******"}));
        assert_eq!(masked_value(&standard(), "unknown", None, &json!([{"a": 1}])), json!("******"));
    }
}
