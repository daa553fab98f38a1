//! What is found before an expression runs.

use indexmap::IndexMap;

use super::*;
use crate::form::{Class, CodeList, Field, Record, RecordMember};

fn field(name: &str, of: FieldType) -> Field {
    Field {
        name: name.to_owned(),
        label: Text::zh(name),
        of,
        min: None,
        max: None,
        check: None,
        multiline: false,
        hint: None,
        class: Class::P1,
        purpose: None,
        basis: None,
        reported_by: None,
        kept_by: None,
        retention: None,
        place: Place::default(),
    }
}

fn standard() -> FieldStandard {
    let level = RecordMember { field: field("level", FieldType::Code("levels".to_owned())), required: true };
    let members = IndexMap::from([("level".to_owned(), level)]);
    let record = Record { name: "event_risk".to_owned(), label: Text::zh("风险"), members, place: Place::default() };
    let codes = IndexMap::from([("high".to_owned(), Text::zh("高")), ("low".to_owned(), Text::zh("低"))]);
    let list = CodeList { id: "levels".to_owned(), name: Text::zh("级别"), source: None, codes, place: Place::default() };
    FieldStandard {
        fields: IndexMap::from([("expected_people".to_owned(), field("expected_people", FieldType::Integer))]),
        records: IndexMap::from([("event_risk".to_owned(), record)]),
        codes: IndexMap::from([("levels".to_owned(), list)]),
    }
}

fn type_of(name: &str) -> Option<FieldType> {
    match name {
        "expected_people" | "rounds" => Some(FieldType::Integer),
        "fee" => Some(FieldType::Money),
        "event_date" => Some(FieldType::Date),
        "organizer" => Some(FieldType::Text),
        "urgent" => Some(FieldType::Boolean),
        "risk" => Some(FieldType::Record("event_risk".to_owned())),
        "risks" => Some(FieldType::List(Box::new(FieldType::Record("event_risk".to_owned())))),
        _ => None,
    }
}

#[test]
fn told() {
    let (rules, _) = Rules::new(None, Arc::new(standard()));
    for (text, expected) in [
        ("rounds == 0 && fee > 3 && urgent", ""),
        (r#"risk.level == "high" || risk.level in ["low", "high"]"#, ""),
        (r#"event_date > "2026-11-24" && organizer.len() > 3"#, ""),
        ("days_between(event_date, event_date) >= 30", ""),
        ("risks.all(|one| one.level == \"high\")", ""),
        ("is_set(fee) || fee == ()", ""),
        ("expected_peple > 3", "R040 7:11 没有名为“expected_peple”的数据 是否应为“expected_people”？"),
        (r#"rounds == "0""#, "D040 7:18 不能比较数与文字"),
        ("fee > \"100\"", "D040"),
        ("urgent == 1", "D040"),
        ("rounds > ()", "D040"),
        ("urgent > true", "D040"),
        (r#"event_date > "2026/11/24""#, "D040"),
        (r#"risk.level == "hihg""#, "D041 7:25 代码集“levels”没有代码“hihg” 是否应为“high”？"),
        (r#"risk.level in ["low", "medium"]"#, "D041"),
        (r#"risk.levle == "high""#, "R040 7:16 “event_risk”没有成员“levle” 是否应为“level”？"),
        ("day_between(event_date, event_date) > 3", "R041 7:11 没有函数“day_between” 是否应为“days_between”？"),
        ("days_between(event_date) > 3", "R041"),
        ("days_between(event_date, event_date) == \"3\"", "D040"),
        ("rounds + 1", "D042"),
        ("rounds == 0 || oops", "R040"),
        ("risks.all(|one| one.level == other)", "R040"),
    ] {
        let expression = rules.expression(text, place()).unwrap();
        let findings = rules.condition_findings(&expression, &type_of);
        let told = findings.iter().map(|finding| {
            let help = finding.help.as_ref().map(|help| format!(" {help}")).unwrap_or_default();
            let span = finding.place.span;
            format!("{} {}:{} {}{help}", finding.code, span.line, span.column, finding.message)
        });
        let told = told.collect::<Vec<_>>().join("; ");
        assert!(told.starts_with(expected) && (expected.is_empty() == told.is_empty()) && findings.len() < 2, "{text}: {told}");
    }
}
