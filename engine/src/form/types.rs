//! The words for types: `text`, `list<material_check>`, `code<gender>`, `event_risk` (a record).

use std::fmt;

use super::{FieldStandard, FieldType};
use crate::{diagnostic::Finding, source::Place, text::Text};

/// The types that are one word.
const WORDS: [(&str, FieldType); 12] = [
    ("text", FieldType::Text),
    ("integer", FieldType::Integer),
    ("decimal", FieldType::Decimal),
    ("money", FieldType::Money),
    ("date", FieldType::Date),
    ("time", FieldType::Time),
    ("datetime", FieldType::DateTime),
    ("duration", FieldType::Duration),
    ("boolean", FieldType::Boolean),
    ("unit", FieldType::Unit),
    ("person", FieldType::Person),
    ("file", FieldType::File),
];
/// Lists in lists deeper than this are refused: no form needs them.
const DEPTH_MAX: usize = 4;

/// Reads the word for a type. A snake_case word that is no type's is a record's name; whether that record and the
/// code list exist, [`type_at`] says.
///
/// # Errors
/// What is wrong, in both languages on one line.
pub fn parse_type(text: &str) -> Result<FieldType, String> {
    read(text.trim(), 0).map_err(|wrong| format!("{} / {}", wrong.zh, wrong.en.as_deref().unwrap_or_default()))
}

/// Reads the word for a type at `place` and resolves records and code lists in `standard`.
///
/// # Errors
/// `Y024` if it is not a type's shape; `R021` for an unknown record or type, `R022` for an unknown code list.
pub fn type_at(standard: &FieldStandard, text: &str, place: &Place) -> Result<FieldType, Finding> {
    let of = read(text.trim(), 0).map_err(|wrong| Finding::error("Y024", place.clone(), wrong).help(words()))?;
    resolve(standard, &of, place)?;
    Ok(of)
}

/// Whether every record and code list that `of` names exists.
pub(super) fn resolve(standard: &FieldStandard, of: &FieldType, place: &Place) -> Result<(), Finding> {
    match of {
        FieldType::List(item) => resolve(standard, item, place),
        FieldType::Record(name) if !standard.records.contains_key(name) => {
            let message = Text::new(format!("没有叫“{name}”的类型或记录"), format!("there is no type or record `{name}`"));
            let known = WORDS.iter().map(|(word, _)| *word).chain(["list", "code"]).chain(standard.records.keys().map(String::as_str));
            Err(Finding::error("R021", place.clone(), message).help(near(name, known).unwrap_or_else(words)))
        }
        FieldType::Code(id) if !standard.codes.contains_key(id) => {
            let message = Text::new(format!("没有叫“{id}”的代码集"), format!("there is no code list `{id}`"));
            let help = near(id, standard.codes.keys().map(String::as_str))
                .unwrap_or_else(|| Text::new("请在 forms/codes/ 下建立该代码集", "declare it under forms/codes/"));
            Err(Finding::error("R022", place.clone(), message).help(help))
        }
        _ => Ok(()),
    }
}

/// "Did you mean …": the known name nearest to `wrong`, if one is near.
pub(crate) fn near<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<Text> {
    let begins = |name: &str| wrong.len() >= 3 && name.starts_with(wrong);
    known
        .map(|name| (if begins(name) { 1 } else { strsim::damerau_levenshtein(wrong, name) }, name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| Text::new(format!("是不是“{name}”？"), format!("did you mean `{name}`?")))
}

fn words() -> Text {
    let all = "text, integer, decimal, money, date, time, datetime, duration, boolean, code<list>, unit, person, file, list<T>";
    Text::new(format!("可用类型：{all}，或记录名"), format!("types: {all}, or a record's name"))
}

fn read(text: &str, depth: usize) -> Result<FieldType, Text> {
    if depth > DEPTH_MAX {
        return Err(Text::new("列表嵌套过深", "lists are nested too deeply"));
    }
    if let Some((_, of)) = WORDS.iter().find(|(word, _)| *word == text) {
        return Ok(of.clone());
    }
    if let Some((outer, rest)) = text.split_once('<') {
        let inner = rest.strip_suffix('>').map(str::trim);
        return match (outer.trim(), inner) {
            (_, None | Some("")) => {
                Err(Text::new(format!("类型“{text}”的尖括号不完整"), format!("the brackets of type `{text}` are incomplete")))
            }
            ("list", Some(inner)) => Ok(FieldType::List(Box::new(read(inner, depth + 1)?))),
            ("code", Some(inner)) => Ok(FieldType::Code(inner.to_owned())),
            (outer, Some(_)) => Err(Text::new(
                format!("“{outer}”后不能带尖括号；只有 list<…> 与 code<…> 可以"),
                format!("`{outer}` takes no brackets; only list<…> and code<…> do"),
            )),
        };
    }
    if matches!(text, "list" | "code") {
        return Err(Text::new(format!("“{text}”须写成 {text}<…>"), format!("`{text}` is written {text}<…>")));
    }
    if is_name(text) {
        return Ok(FieldType::Record(text.to_owned()));
    }
    Err(Text::new(format!("“{text}”不是类型"), format!("`{text}` is not a type")))
}

/// Whether `text` is a data name: snake_case, beginning with a letter.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether `text` is a resource's id: kebab-case, beginning with a letter.
pub(crate) fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(id) => write!(f, "code<{id}>"),
            Self::Record(name) => f.write_str(name),
            Self::List(item) => write!(f, "list<{item}>"),
            plain => f.write_str(WORDS.iter().find(|(_, of)| of == plain).map_or("", |(word, _)| word)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_written_back() {
        for text in
            ["text", "money", "datetime", "boolean", "code<gender>", "list<text>", "list<list<unit>>", "event_risk", "list<material_check>"]
        {
            assert_eq!(parse_type(text).unwrap().to_string(), text);
        }
        assert_eq!(parse_type("list< text >").unwrap(), FieldType::List(Box::new(FieldType::Text)));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["", "list", "code", "list<", "list<>", "Text", "set<text>", "日期", "list<list<list<list<list<list<text>>>>>>"] {
            assert!(parse_type(text).is_err(), "{text}");
        }
    }

    #[test]
    fn unknown_names_are_told_with_the_nearest() {
        let finding = type_at(&FieldStandard::default(), "interger", &Place::default()).unwrap_err();
        assert_eq!(finding.code, "R021");
        assert!(finding.help.unwrap().zh.contains("integer"));
        assert_eq!(type_at(&FieldStandard::default(), "code<gender>", &Place::default()).unwrap_err().code, "R022");
    }
}
