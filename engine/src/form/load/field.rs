//! Reading one field of the standard, at top level or inside a record.

use serde_json::Value;

use super::reader::{Reader, Shape};
use crate::{
    form::{
        Check, Class, Field, FieldStandard, FieldType,
        scalar::{date, limit},
        type_at,
        types::is_name,
    },
    rules::is_reserved,
    source::Tree,
    text::Text,
};

const FIELD: Shape = Shape {
    zh: "数据项",
    en: "a field",
    keys: &[
        "field",
        "name",
        "type",
        "min",
        "max",
        "check",
        "multiline",
        "hint",
        "class",
        "purpose",
        "basis",
        "unverified",
        "reported_by",
        "kept_by",
        "retention",
        "required",
        "optional",
    ],
};
const CLASSES: [(&str, Class); 5] = [("P0", Class::P0), ("P1", Class::P1), ("P2", Class::P2), ("P3", Class::P3), ("P4", Class::P4)];
const CHECKS: [(&str, Check); 4] =
    [("resident-id", Check::ResidentId), ("social-credit-code", Check::SocialCreditCode), ("mobile", Check::Mobile), ("mail", Check::Mail)];
const REPORTERS: [(&str, &str); 2] = [("applicant", "applicant"), ("office", "office")];

/// The word for a check, as designers write it.
pub(in crate::form) fn check_word(check: Check) -> &'static str {
    CHECKS.iter().find(|(_, value)| *value == check).map_or("", |(word, _)| word)
}

/// The check that a word names.
pub(in crate::form) fn check_named(word: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == word).map(|(_, check)| *check)
}

/// Reads a field. A type that cannot be read leaves text in its place, so that the name is known and one mistake is
/// told once.
pub(super) fn read(reader: &mut Reader<'_>, tree: &Tree, standard: &FieldStandard) -> Option<Field> {
    if !reader.mapping(tree, &FIELD, &["field", "name", "type"]) {
        return None;
    }
    let name = reader.name(tree, "field", is_name)?;
    let at = tree.get("field").map_or(tree.span, |value| value.span);
    if is_reserved(&name) {
        let help = Text::new("请换一个名称，如加上前缀", "choose another name, perhaps with a prefix");
        let (zh, en) = (format!("“{name}”是表达式语言的保留字"), format!("`{name}` is a word that expressions reserve"));
        reader.error("D024", at, zh, en, Some(help));
    }
    let field = Field {
        label: reader.label(tree, "name").unwrap_or_else(|| Text::zh(name.clone())),
        of: read_type(reader, tree, standard),
        min: tree.get("min").map(Tree::to_json),
        max: tree.get("max").map(Tree::to_json),
        check: reader.word(tree, "check", &CHECKS),
        multiline: reader.flag(tree, "multiline").unwrap_or(false),
        hint: reader.label(tree, "hint"),
        class: reader.word(tree, "class", &CLASSES).unwrap_or_default(),
        purpose: reader.text(tree, "purpose"),
        basis: reader.basis(tree),
        reported_by: reader.word(tree, "reported_by", &REPORTERS).map(str::to_owned),
        kept_by: reader.text(tree, "kept_by"),
        retention: reader.text(tree, "retention"),
        place: reader.place(at),
        name,
    };
    check_limits(reader, tree, &field);
    check_kind(reader, tree, &field);
    Some(field)
}

fn read_type(reader: &mut Reader<'_>, tree: &Tree, standard: &FieldStandard) -> FieldType {
    let Some(word) = reader.text(tree, "type") else { return FieldType::Text };
    let span = tree.get("type").map_or(tree.span, |value| value.span);
    match type_at(standard, &word, &reader.place(span)) {
        Ok(of) => of,
        Err(finding) => {
            reader.findings.push(finding);
            FieldType::Text
        }
    }
}

/// What limits a type takes; None: it takes none.
fn limit_kind(of: &FieldType) -> Option<(&'static str, &'static str)> {
    match of {
        FieldType::Integer | FieldType::Decimal | FieldType::Money => Some(("数字", "a number")),
        FieldType::Text | FieldType::List(_) => Some(("不小于零的整数（长度）", "a whole number from 0 (a length)")),
        FieldType::Date => Some(("日期，如 2026-01-01", "a date such as 2026-01-01")),
        _ => None,
    }
}

fn limit_fits(of: &FieldType, value: &Value) -> bool {
    match of {
        FieldType::Integer | FieldType::Decimal | FieldType::Money => limit(value).is_some(),
        FieldType::Text | FieldType::List(_) => value.as_u64().is_some(),
        FieldType::Date => value.as_str().and_then(date).is_some(),
        _ => false,
    }
}

fn check_limits(reader: &mut Reader<'_>, tree: &Tree, field: &Field) {
    let of = &field.of;
    for (key, value) in [("min", &field.min), ("max", &field.max)] {
        let (Some(value), Some(at)) = (value, tree.get(key)) else { continue };
        if limit_fits(of, value) {
            continue;
        }
        let (zh, en) = match limit_kind(of) {
            Some((zh, en)) => (format!("类型 {of} 的“{key}”应为{zh}"), format!("`{key}` of type {of} must be {en}")),
            None => (format!("类型 {of} 不能有“{key}”"), format!("type {of} takes no `{key}`")),
        };
        reader.error("D021", at.span, zh, en, None);
    }
    let (Some(min), Some(max)) = (&field.min, &field.max) else { return };
    let above = match of {
        FieldType::Date => min.as_str() > max.as_str(),
        _ => limit(min).zip(limit(max)).is_some_and(|(min, max)| min > max),
    };
    if above {
        let span = tree.get("min").map_or(tree.span, |value| value.span);
        reader.error("Y027", span, "“min”大于“max”", "`min` is above `max`", None);
    }
}

fn check_kind(reader: &mut Reader<'_>, tree: &Tree, field: &Field) {
    let item = match &field.of {
        FieldType::List(item) => item,
        of => of,
    };
    for key in ["check", "multiline"] {
        if let Some(at) = tree.get(key).filter(|_| *item != FieldType::Text) {
            let help = Text::new("只有 text 与 list<text> 可以", "only text and list<text> take it");
            let of = &field.of;
            reader.error("D020", at.span, format!("类型 {of} 不能有“{key}”"), format!("type {of} takes no `{key}`"), Some(help));
        }
    }
}
