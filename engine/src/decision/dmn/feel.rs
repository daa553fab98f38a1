//! FEEL's unary tests and expressions in the words of the dialect's cells.

use super::{Names, data_name};
use crate::decision::cell::{split, unquoted_letters};

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
        return if is_literal(rest) { text.to_owned() } else { format!("{} {}", &text[..at], expression(rest, names)) };
    }
    if unquoted_letters(text).any(|(_, letter)| letter == '?') {
        return expression(text, names);
    }
    format!("? == {}", expression(text, names))
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

/// An expression in rhai's words: `=`, `and`, `or`, `null` and names that are no identifiers are replaced.
pub(super) fn expression(text: &str, names: &Names) -> String {
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
            ('=', _) if !result.ends_with(['<', '>', '!', '=']) && !rest[1..].starts_with('=') => (1, "==".to_owned()),
            _ if !fresh || word.is_empty() => (letter.len_utf8(), letter.to_string()),
            _ => (word.len(), translated(word)),
        };
        result.push_str(&said);
        at += taken;
    }
    result
}

fn translated(word: &str) -> String {
    match word {
        "and" => "&&".to_owned(),
        "or" => "||".to_owned(),
        "null" => "()".to_owned(),
        word if word.is_ascii() => word.to_owned(),
        word => data_name(word),
    }
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
