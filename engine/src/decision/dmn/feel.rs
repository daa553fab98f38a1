//! FEEL's unary tests in the words of the dialect's cells. The expressions in them are translated as those of BPMN are.

use super::{Names, data_name};
use crate::{
    decision::cell::{split, unquoted_letters},
    expression::{Untranslated, feel, feel_compared},
};

/// Calls that are literals.
const LITERALS: [&str; 4] = ["date(", "time(", "date and time(", "duration("];

/// An input entry as a cell of `when`.
pub(super) fn cell(text: &str, names: &Names) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "-".to_owned();
    }
    if let Some(inner) = text.strip_prefix("not(").and_then(|rest| rest.strip_suffix(')')) {
        return format!("not({})", cell(inner, names));
    }
    split(text).into_iter().map(|part| test(part.trim(), names)).collect::<Vec<_>>().join(", ")
}

fn test(text: &str, names: &Names) -> String {
    let is_range = text.starts_with(['[', '(', ']']) && text.contains("..");
    if text == "-" || text == "null" || is_range || is_literal(text) {
        return text.to_owned();
    }
    if text.starts_with(['<', '>', '=']) || text.starts_with("!=") {
        let at = text.find(|letter: char| !"<>=!".contains(letter)).unwrap_or(text.len());
        let rest = text[at..].trim();
        return if is_literal(rest) { text.to_owned() } else { format!("{} {}", &text[..at], compared(rest, names)) };
    }
    if unquoted_letters(text).any(|(_, letter)| letter == '?') {
        return said(text, names, feel);
    }
    format!("? == {}", compared(text, names))
}

/// An output entry as a cell of `then`; None if it says nothing.
pub(super) fn entry(text: &str, names: &Names) -> Option<String> {
    match text.trim() {
        "" | "-" | "null" => None,
        text if is_literal(text) => Some(text.to_owned()),
        text => Some(format!("= {}", expression(text, names))),
    }
}

/// A text, number, boolean, date or the like.
pub(super) fn is_literal(text: &str) -> bool {
    let quoted = crate::decision::scale::unquoted(text).is_some();
    let called = LITERALS.iter().any(|call| text.starts_with(call)) && text.ends_with("\")") && text.matches('"').count() == 2;
    quoted || called || text.starts_with("@\"") || matches!(text, "true" | "false") || text.parse::<rust_decimal::Decimal>().is_ok()
}

/// An expression in rhai's words. What has no counterpart stays as it is, and is told where it is compiled.
pub(super) fn expression(text: &str, names: &Names) -> String {
    said(text, names, feel)
}

/// The same beside a comparison.
fn compared(text: &str, names: &Names) -> String {
    said(text, names, feel_compared)
}

fn said(text: &str, names: &Names, translate: impl Fn(&str) -> Result<String, Untranslated>) -> String {
    let named = with_identifiers(text, names);
    with_input(&translate(&named).unwrap_or(named))
}

/// What stands for `?` while the expression is translated: FEEL has no such name.
const INPUT: &str = "input__";

/// The input is `?` again.
fn with_input(rhai: &str) -> String {
    let mut result = String::with_capacity(rhai.len());
    let outside: Vec<usize> = unquoted_letters(rhai).map(|(at, _)| at).collect();
    let mut rest = 0;
    for (at, _) in rhai.match_indices(INPUT).filter(|(at, _)| outside.contains(at)) {
        result.push_str(&rhai[rest..at]);
        result.push('?');
        rest = at + INPUT.len();
    }
    result.push_str(&rhai[rest..]);
    result
}

/// Names that are no identifiers, and the input, as identifiers.
fn with_identifiers(text: &str, names: &Names) -> String {
    let mut result = String::with_capacity(text.len());
    let outside: Vec<usize> = unquoted_letters(text).map(|(at, _)| at).collect();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let fresh = !result.ends_with(is_part);
        let known = names.0.iter().find(|name| rest.starts_with(name.as_str()) && !rest[name.len()..].starts_with(is_part));
        let word = &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())];
        let (taken, said) = match (letter, known) {
            _ if !outside.contains(&at) => (letter.len_utf8(), letter.to_string()),
            (_, Some(name)) if fresh => (name.len(), data_name(name)),
            ('?', _) => (1, INPUT.to_owned()),
            _ if !fresh || word.is_ascii() => (letter.len_utf8(), letter.to_string()),
            _ => (word.len(), data_name(word)),
        };
        result.push_str(&said);
        at += taken;
    }
    result
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feel_is_said_in_cells() {
        let names = Names(vec!["Risk Category".to_owned(), "Risk".to_owned()]);
        for (feel, said) in [
            ("", "-"),
            ("-", "-"),
            (">=18", ">=18"),
            (r#""Medium","Low""#, r#""Medium", "Low""#),
            (r#"not("Low")"#, r#"not("Low")"#),
            ("[1..10), ]20..30[", "[1..10), ]20..30["),
            (r#"< date("2026-01-01")"#, r#"< date("2026-01-01")"#),
            ("< Risk Category", "< Risk_Category"),
            ("limit + 1", "? == limit + 1"),
            ("if a > 1 then b else 2", "? == (if a > 1 { b } else { 2 })"),
            (r#"starts with(?, "A") and string length(?) < 4"#, r#"?.starts_with("A") && ?.len() < 4"#),
            ("> date(from)", "> from"),
            (r#"? = 3 and Risk Category != null or "a and b" = x"#, r#"? == 3 && Risk_Category != () || "a and b" == x"#),
        ] {
            assert_eq!(cell(feel, &names), said, "{feel}");
        }
        assert_eq!(entry("Risk * 2", &names).as_deref(), Some("= Risk * 2"));
        assert_eq!(entry("\"Risk\"", &names).as_deref(), Some("\"Risk\""));
        assert_eq!(entry("-", &names), None);
    }

    #[test]
    fn names_become_identifiers() {
        for (name, identifier) in
            [("Age", "Age"), ("Risk Category", "Risk_Category"), ("1st", "n_1st"), ("case", "case_"), ("年龄", "u5e74u9f84")]
        {
            assert_eq!(data_name(name), identifier);
        }
    }
}
