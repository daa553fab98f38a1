//! Posted fields become typed data, and what was typed is kept.

use serde_json::json;

use super::*;
use crate::form::{Class, FormField, Group, Record, RecordMember, parse_type, row_record};
use crate::{source::Place, text::Text};

fn field(name: &str, of: &str) -> Field {
    Field { class: Class::P1, ..Field::bare(name, parse_type(of).unwrap_or(FieldType::Text)) }
}

fn sample() -> (Form, FieldStandard) {
    let resident = Field { check: Some(Check::ResidentId), ..field("resident_id", "text") };
    let fields = [
        field("title", "text"),
        field("people", "integer"),
        field("fee", "money"),
        field("outdoor", "boolean"),
        field("day", "date"),
        field("units", "list<unit>"),
        field("missing", "list<text>"),
        field("organizer", "contact"),
        resident.clone(),
    ];
    let member = |field: Field| (field.name.clone(), RecordMember { field, required: true });
    let contact = Record {
        name: "contact".into(),
        label: Text::zh("联系"),
        members: [member(field("name", "text")), member(field("age", "integer"))].into(),
        place: Place::default(),
    };
    let used = |field: Field| FormField { field, required: true };
    let group = |repeat: Option<&str>, fields: Vec<Field>| Group {
        name: Text::zh("组"),
        repeat: repeat.map(str::to_owned),
        required: false,
        fields: fields.into_iter().map(used).collect(),
        place: Place::default(),
    };
    let groups =
        vec![group(None, fields.into()), group(Some("stewards"), vec![field("name", "text"), field("trained", "boolean"), resident])];
    let form = Form { id: "f".into(), name: Text::zh("表"), groups, materials: vec![], rules: vec![], place: Place::default() };
    let mut standard = FieldStandard::default();
    standard.records.insert("contact".into(), contact);
    assert_eq!(form.type_of("stewards").map(|of| of.to_string()), Some(format!("list<{}>", row_record("f", "stewards"))));
    (form, standard)
}

fn read(fields: &[(&str, &str)]) -> Value {
    let (form, standard) = sample();
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Value::Object(from_fields(&form, &standard, &fields))
}

#[test]
fn fields_become_typed() {
    for (posted, expected) in [
        (vec![("title", " 法会 ")], json!({"title": "法会"})),
        (vec![("title", "  ")], json!({})),
        (vec![("title", "一\r\n二")], json!({"title": "一\n二"})),
        (vec![("people", "120")], json!({"people": 120})),
        (vec![("people", "１２０")], json!({"people": 120})),
        (vec![("people", "一百")], json!({"people": "一百"})),
        (vec![("fee", "１２．５０")], json!({"fee": "12.50"})),
        (vec![("day", "2026-13-01")], json!({"day": "2026-13-01"})),
        (vec![("outdoor", "false")], json!({"outdoor": false})),
        (vec![("outdoor", "false"), ("outdoor", "true")], json!({"outdoor": true})),
        (vec![("units", ""), ("units", "huangpu"), ("units", "jingan")], json!({"units": ["huangpu", "jingan"]})),
        (vec![("units", "")], json!({})),
        (vec![("missing", "场地证明\r\n\r\n方案 \n")], json!({"missing": ["场地证明", "方案"]})),
        (vec![("resident_id", "11010519491231002x")], json!({"resident_id": "11010519491231002X"})),
        (vec![("organizer.name", "某寺"), ("organizer.age", "x")], json!({"organizer": {"name": "某寺", "age": "x"}})),
        (vec![("organizer.name", ""), ("organizer.age", " ")], json!({})),
        (vec![("_csrf", "t"), ("title.x", "y"), ("admin", "true")], json!({})),
    ] {
        assert_eq!(read(&posted), expected, "{posted:?}");
    }
}

#[test]
fn rows_keep_their_order_and_empty_or_removed_ones_fall_away() {
    let posted = [
        ("stewards.10.name", "丁"),
        ("stewards.2.name", "乙"),
        ("stewards.2.trained", "false"),
        ("stewards.2.trained", "true"),
        ("stewards.3.name", "丙"),
        ("stewards.3._remove", "true"),
        ("stewards.4.name", ""),
        ("stewards.4.trained", "false"),
        ("stewards.x.name", "戊"),
        ("_add", "stewards"),
    ];
    assert_eq!(read(&posted), json!({"stewards": [{"name": "乙", "trained": true}, {"name": "丁"}]}));
}

#[test]
fn too_many_rows_are_cut_only_after_the_limit_can_be_told() {
    let names: Vec<String> = (0..5000).map(|n| format!("stewards.{n}.name")).collect();
    let posted: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "甲")).collect();
    assert_eq!(read(&posted)["stewards"].as_array().map(Vec::len), Some(ROWS_MAX + 1));
}

#[test]
fn what_was_left_empty_is_cleared_and_the_pressed_button_is_known() {
    let (form, standard) = sample();
    let fields = [("title", ""), ("people", "3"), ("organizer.name", ""), ("units", ""), ("_add", "stewards")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(cleared(&form, &standard, &fields), ["title", "units", "organizer"]);
    assert_eq!(added_row(&fields), Some("stewards"));
    assert_eq!(added_row(&fields[..2]), None);
}
