//! A value as people read it, masked where asked.

use serde_json::Value;

use super::{Check, Choice, Class, Field, FieldStandard, FieldType};
use crate::text::Language;

/// Stands where a value stood whose key was destroyed. No form takes it as a value: `$` begins no name, code or number.
pub const DESTROYED: &str = "$destroyed";

fn destroyed(language: Language) -> &'static str {
    match language {
        Language::Zh => "已销毁",
        Language::En => "destroyed",
    }
}

/// A scalar or list of scalars of `field` as people read it: codes by their name, yes and no in words, yuan with their
/// unit, units and people by their label in `choices`. A record has no one text: its members have. An absent value is
/// the empty text.
pub fn display(standard: &FieldStandard, field: &Field, value: &Value, language: Language, choices: &[Choice]) -> String {
    shown(standard, &field.of, value, language, choices)
}

fn shown(standard: &FieldStandard, of: &FieldType, value: &Value, language: Language, choices: &[Choice]) -> String {
    let zh = language == Language::Zh;
    match (of, value) {
        (_, Value::Null) => String::new(),
        (_, Value::String(text)) if text == DESTROYED => destroyed(language).to_owned(),
        (FieldType::List(item), Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|each| shown(standard, item, each, language, choices)).collect();
            items.join(if zh { "、" } else { ", " })
        }
        (FieldType::Boolean, Value::Bool(flag)) => yes_no(*flag, language).to_owned(),
        (FieldType::Code(id), Value::String(code)) => {
            let name = standard.codes.get(id).and_then(|list| list.codes.get(code));
            name.map_or_else(|| code.clone(), |name| name.get(language).to_owned())
        }
        (FieldType::Money, Value::String(sum)) => {
            if zh {
                format!("{sum} 元")
            } else {
                format!("CNY {sum}")
            }
        }
        (FieldType::DateTime, Value::String(moment)) => moment.replacen('T', " ", 1),
        (FieldType::Unit | FieldType::Person, Value::String(id)) => {
            choices.iter().find(|choice| &choice.id == id).map_or_else(|| id.clone(), |choice| choice.label.clone())
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

pub(super) fn yes_no(flag: bool, language: Language) -> &'static str {
    match (flag, language) {
        (true, Language::Zh) => "是",
        (false, Language::Zh) => "否",
        (true, Language::En) => "yes",
        (false, Language::En) => "no",
    }
}

/// A scalar as it is shown to who may not see it whole: `王*`, `3101**********0012`, `138****5678`, `w***@example.cn`;
/// the last four characters of another number or code of eight and more (GB/T 35273-2020, display masking). Of class P4,
/// of a date, a number, a code or anything not text, nothing is shown. An absent value is the empty text.
pub fn masked(field: &Field, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(|item| masked(field, item)).collect::<Vec<_>>().join("、"),
        Value::String(text) if text.is_empty() || text == DESTROYED => text.clone(),
        Value::String(text) if is_words(&field.of) && field.class < Class::P4 => masked_text(field.check, text),
        _ => "******".to_owned(),
    }
}

fn is_words(of: &FieldType) -> bool {
    match of {
        FieldType::Text => true,
        FieldType::List(item) => is_words(item),
        _ => false,
    }
}

fn masked_text(check: Option<Check>, text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    match check {
        Some(Check::ResidentId | Check::SocialCreditCode) if characters.len() > 8 => keep(&characters, 4, 4),
        Some(Check::Mobile) if characters.len() > 7 => keep(&characters, 3, 4),
        Some(Check::Mail) => match text.split_once('@') {
            Some((user, domain)) => format!("{}***@{domain}", user.chars().next().unwrap_or('*')),
            None => "***".to_owned(),
        },
        None if characters.len() >= 8 && text.is_ascii() && !text.contains(' ') => keep(&characters, 0, 4),
        None => format!("{}*", characters[0]),
        Some(_) => "*".repeat(characters.len()),
    }
}

fn keep(characters: &[char], first: usize, last: usize) -> String {
    let hidden = characters.len() - first - last;
    let (head, tail): (String, String) = (characters[..first].iter().collect(), characters[first + hidden..].iter().collect());
    format!("{head}{}{tail}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn masks_follow_the_convention() {
        let field = |check| Field { check, class: Class::P2, ..Field::bare("x", FieldType::Text) };
        for (check, value, expected) in [
            (None, "王小明", "王*"),
            (Some(Check::ResidentId), "310101199001010012", "3101**********0012"),
            (Some(Check::Mobile), "13800005678", "138****5678"),
            (Some(Check::Mail), "wang@example.cn", "w***@example.cn"),
            (None, "SH20260001", "******0001"),
            (None, "", ""),
            (Some(Check::Mobile), "123", "***"),
        ] {
            assert_eq!(masked(&field(check), &json!(value)), expected);
        }
        assert_eq!(masked(&Field { class: Class::P4, ..field(None) }, &json!("王小明")), "******");
        assert_eq!(masked(&Field::bare("x", FieldType::Date), &json!("1990-01-01")), "******");
        assert_eq!(masked(&field(None), &json!(["王小明", "李秀英"])), "王*、李*");
        assert_eq!(masked(&field(None), &Value::Null), "");
    }
}
