//! Good and bad values of every type.

use serde_json::json;

use super::*;
use crate::{
    form::{Class, CodeList, RecordMember, parse_type},
    source::Place,
    text::Text,
};

fn field(of: &str) -> Field {
    Field { label: Text::new("某项", "thing"), ..Field::bare("thing", parse_type(of).unwrap_or(FieldType::Text)) }
}

fn standard() -> FieldStandard {
    let mut standard = FieldStandard::default();
    let codes = [("0", "未知"), ("1", "男"), ("2", "女")].map(|(code, name)| (code.to_owned(), Text::zh(name))).into();
    let list = CodeList { id: "gender".into(), name: Text::zh("性别"), source: None, codes, place: Place::default() };
    standard.codes.insert("gender".into(), list);
    let name = Field { label: Text::new("姓名", "name"), ..Field::bare("person_name", FieldType::Text) };
    let number = Field {
        label: Text::new("身份号码", "identity number"),
        class: Class::P3,
        check: Some(Check::ResidentId),
        ..Field::bare("resident_id", FieldType::Text)
    };
    let members = [("person_name", name, true), ("resident_id", number, false)]
        .map(|(key, field, required)| (key.to_owned(), RecordMember { field, required }))
        .into();
    let record = Record { name: "steward".into(), label: Text::zh("值守人员"), members, place: Place::default() };
    standard.records.insert("steward".into(), record);
    standard
}

fn codes(field: &Field, value: &Value) -> Vec<(String, &'static str)> {
    check_value(&standard(), &field.name, field, value).into_iter().map(|e| (e.path, e.code)).collect()
}

#[test]
fn good_values() {
    for (of, value) in [
        ("text", json!("普通文字 䶮𬭎𠮷")),
        ("text", json!(null)),
        ("integer", json!(0)),
        ("integer", json!(-12)),
        ("decimal", json!("-0.125")),
        ("money", json!("1200.50")),
        ("money", json!("0")),
        ("date", json!("2028-02-29")),
        ("time", json!("23:59")),
        ("datetime", json!("2026-11-15T09:30")),
        ("datetime", json!("2026-11-15T09:30:00+08:00")),
        ("datetime", json!("2026-11-15T01:30:00Z")),
        ("duration", json!("5wd")),
        ("boolean", json!(false)),
        ("code<gender>", json!("1")),
        ("unit", json!("huangpu")),
        ("person", json!("wang")),
        ("file", json!("0192f0c1-1111-7000-8000-000000000000")),
        ("list<text>", json!(["场地证明", "方案"])),
        ("list<code<gender>>", json!([])),
        ("steward", json!({"person_name": "王小明", "resident_id": "310101199001010012"})),
    ] {
        assert_eq!(codes(&field(of), &value), [], "{of} {value}");
    }
}

#[test]
fn bad_values() {
    for (of, value, code) in [
        ("text", json!(12), "wrong-type"),
        ("text", json!("两\n行"), "control-character"),
        ("text", json!("a\u{0}b"), "control-character"),
        ("text", json!("某寺\u{202E}"), "control-character"),
        ("text", json!("字".repeat(201)), "too-long"),
        ("integer", json!("12"), "not-an-integer"),
        ("integer", json!(1.5), "not-an-integer"),
        ("integer", json!(true), "not-an-integer"),
        ("decimal", json!("1e3"), "not-a-number"),
        ("decimal", json!("1,000"), "not-a-number"),
        ("decimal", json!("."), "not-a-number"),
        ("decimal", json!("1_0"), "not-a-number"),
        ("decimal", json!("123456789012345678901234567890"), "not-a-number"),
        ("decimal", json!(1.5), "wrong-type"),
        ("money", json!("1.005"), "too-many-decimals"),
        ("money", json!("一百"), "not-a-number"),
        ("date", json!("2026-02-29"), "not-a-date"),
        ("date", json!("20261115"), "not-a-date"),
        ("date", json!("2026-11-15T00:00"), "not-a-date"),
        ("date", json!("2026年11月15日"), "not-a-date"),
        ("time", json!("24:00"), "not-a-time"),
        ("time", json!("9:30"), "not-a-time"),
        ("datetime", json!("2026-11-15"), "not-a-datetime"),
        ("datetime", json!("2026-11-15T25:00"), "not-a-datetime"),
        ("datetime", json!("2026-11-15T09:30+08:00[Asia/Shanghai]"), "not-a-datetime"),
        ("duration", json!("soon"), "not-a-duration"),
        ("boolean", json!("true"), "wrong-type"),
        ("code<gender>", json!("3"), "not-in-code-list"),
        ("code<gender>", json!("男"), "not-in-code-list"),
        ("unit", json!("a b"), "not-an-id"),
        ("list<text>", json!("单项"), "wrong-type"),
        ("list<text>", json!(vec!["项"; 201]), "too-many"),
        ("steward", json!("王"), "wrong-type"),
    ] {
        assert_eq!(codes(&field(of), &value), [("thing".to_owned(), code)], "{of} {value}");
    }
}

#[test]
fn limits_are_inclusive() {
    let limited = |of: &str, min: Value, max: Value| Field { min: Some(min), max: Some(max), ..field(of) };
    for (field, value, code) in [
        (limited("integer", json!(1), json!(10)), json!(1), None),
        (limited("integer", json!(1), json!(10)), json!(10), None),
        (limited("integer", json!(1), json!(10)), json!(0), Some("too-small")),
        (limited("integer", json!(1), json!(10)), json!(11), Some("too-large")),
        (limited("money", json!("0.01"), json!(100)), json!("0"), Some("too-small")),
        (limited("money", json!("0.01"), json!(100)), json!("100.00"), None),
        (limited("money", json!("0.01"), json!(100)), json!("100.01"), Some("too-large")),
        (limited("date", json!("2026-01-01"), json!("2026-12-31")), json!("2025-12-31"), Some("too-early")),
        (limited("date", json!("2026-01-01"), json!("2026-12-31")), json!("2026-12-31"), None),
        (limited("date", json!("2026-01-01"), json!("2026-12-31")), json!("2027-01-01"), Some("too-late")),
        (limited("text", json!(2), json!(3)), json!("一"), Some("too-short")),
        (limited("text", json!(2), json!(3)), json!("一二三"), None),
        (limited("text", json!(2), json!(3)), json!("一二三四"), Some("too-long")),
        (limited("list<text>", json!(2), json!(3)), json!(["一"]), Some("too-few")),
        (limited("list<text>", json!(2), json!(3)), json!(["一", "二", "三", "四"]), Some("too-many")),
    ] {
        let expected: Vec<_> = code.map(|code| ("thing".to_owned(), code)).into_iter().collect();
        assert_eq!(codes(&field, &value), expected, "{value}");
    }
}

#[test]
fn lists_of_records_tell_every_mistake_with_its_path() {
    let stewards = Field { name: "stewards".into(), ..field("list<steward>") };
    let given = json!([
        {"person_name": "王小明"},
        {"resident_id": "310101199001010013", "mobil": "1"},
        {"person_name": ""},
    ]);
    let expected = [
        ("stewards.1.person_name", "required"),
        ("stewards.1.resident_id", "resident-id"),
        ("stewards.1.mobil", "unknown-field"),
        ("stewards.2.person_name", "required"),
    ];
    assert_eq!(codes(&stewards, &given), expected.map(|(path, code)| (path.to_owned(), code)));
}

#[test]
fn messages_name_label_value_and_what_would_work_but_never_a_sensitive_value() {
    let public = &check_value(&standard(), "thing", &field("date"), &json!("2026-02-30"))[0].message;
    assert!(public.zh.contains("某项") && public.zh.contains("2026-02-30") && public.zh.contains("2026-11-15"), "{public:?}");
    assert!(public.en.as_deref().is_some_and(|en| en.contains("thing") && en.contains("2026-02-30")), "{public:?}");
    let given = json!([{"person_name": "王", "resident_id": "310101199001010013"}]);
    let sealed = &check_value(&standard(), "stewards", &field("list<steward>"), &given)[0].message;
    assert!(!sealed.zh.contains("310101") && !sealed.en.as_deref().is_some_and(|en| en.contains("310101")), "{sealed:?}");
    let outer = Field { class: Class::P4, ..field("list<steward>") };
    let given = json!([{"person_name": "字".repeat(300)}, {"person_name": 12345}]);
    for error in check_value(&standard(), "stewards", &outer, &given) {
        assert!(!error.message.zh.contains("字字") && !error.message.zh.contains("12345"), "{error:?}");
    }
}
