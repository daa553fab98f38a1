//! Texts with `{expression}` in them: titles and document numbers.

use super::{Lookup, RuleError, Rules};
use crate::{
    definition::{Pattern, PatternPart},
    diagnostic::Finding,
    source::{Place, Span},
    text::Text,
};

impl Rules {
    /// Compiles a text in which `{…}` holds an expression; `{{` is refused, so that nobody takes it for a template.
    ///
    /// # Errors
    /// `Y040` if an expression does not parse, `Y042` if a brace has no partner.
    pub fn pattern(&self, text: &str, place: Place) -> Result<Pattern, Finding> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let at = text.len() - rest.len() + open;
            let inside = &rest[open + 1..];
            let close = closing(inside).filter(|_| rest[open..].starts_with('{') && !inside.starts_with('{'));
            let Some(close) = close else {
                let message = Text::new("花括号不成对；写作 {表达式}", "a brace without its partner; write {expression}");
                return Err(Finding::error("Y042", part_place(&place, text, at, at + 1), message));
            };
            if open > 0 {
                parts.push(PatternPart::Literal(rest[..open].to_owned()));
            }
            let inner = part_place(&place, text, at + 1, at + 1 + close);
            parts.push(PatternPart::Expression(self.expression(&inside[..close], inner)?));
            rest = &inside[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(PatternPart::Literal(rest.to_owned()));
        }
        Ok(Pattern { parts, text: text.to_owned(), place })
    }

    /// The text with every expression's value in its place.
    ///
    /// # Errors
    /// As [`Rules::evaluate`]; and if a value is absent, a list or a record, which no text can show.
    pub fn fill(&self, pattern: &Pattern, names: &dyn Lookup) -> Result<String, RuleError> {
        let mut filled = String::new();
        for part in &pattern.parts {
            match part {
                PatternPart::Literal(text) => filled.push_str(text),
                PatternPart::Expression(expression) => match self.evaluate(expression, names)? {
                    serde_json::Value::String(text) => filled.push_str(&text),
                    serde_json::Value::Number(number) => filled.push_str(&number.to_string()),
                    _ => return Err(RuleError::not_text(expression, names)),
                },
            }
        }
        Ok(filled)
    }
}

/// Where the brace closes that was opened before `text`; braces inside the expression and in its texts are skipped.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

/// The place of the bytes `from..to` of `text`, which stands at `place`.
fn part_place(place: &Place, text: &str, from: usize, to: usize) -> Place {
    let (line, column) = super::error::inside(place, text, from);
    let (end_line, end_column) = super::error::inside(place, text, to);
    Place { file: place.file.clone(), span: Span { line, column, end_line, end_column } }
}
